/* sbc [--loose] [--chains] [--threads N] FIRST COUNT SEED: simulation-based calibration (Talts, Betancourt, Simpson, Vehtari and Gelman, arXiv
 * 1804.06788). Patients are drawn from the joint prior that the fit uses, with 3 to 6 results after the start, and fitted. One CSV line a patient:
 * how the fit went, then for each eta and each reported quantity the share of draws below the truth.
 *
 * --loose: the truth is drawn without the closure. --chains: instead of the truth, each share is that of the draws of a reference Markov chain
 * (Metropolis, adapted in its first half) below quantiles 5, 50 and 95% of the draws, three columns each. */
#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/elementary.h"
#include "infer/posterior.h"
#include "infer/predict.h"

enum { DRAWS = 4000, LABS_MAX = 6, QUANTITIES = 6, READ = ETAS + QUANTITIES, WEEK_H = 168 };
enum { STREAM_COURSE = 901, STREAM_TRUTH, STREAM_LABS, STREAM_CHAIN, STREAM_TIES };
enum { CHAINS = 48, CHAIN_STEPS = 4000, EVERY = 20 /* steps from one kept draw of a chain to its next */ };
enum { KEEP = CHAINS * (CHAIN_STEPS / 2 / EVERY) };

static const struct {
    const char *name;
    series_id series;
    double week;
} quantities[QUANTITIES] = {{"hb-4", SERIES_hemoglobin, 4},       {"hb-24", SERIES_hemoglobin, 24},
                            {"ferritin-12", SERIES_ferritin, 12}, {"ferritin-24", SERIES_ferritin, 24},
                            {"tsat-8", SERIES_tsat, 8},           {"phosphate-2", SERIES_phosphate, 2}};
static const double times[] = {2 * WEEK_H, 4 * WEEK_H, 8 * WEEK_H, 12 * WEEK_H, 24 * WEEK_H};
enum { TIMES = sizeof times / sizeof *times };

typedef struct run {
    arena *a;
    const model_data *m;
    uint64_t seed;
    bool loose, chains;
    int threads;
    large_room bodies, values;
} run;

typedef struct subject {
    patient_prior prior;
    body_event events[8];
    size_t events_n;
    seen_lab labs[LABS_MAX];
    size_t labs_n;
    double truth[ETAS + 1];
} subject;

/* ---- a patient, a course, a truth, results ---------------------------------------------------------------------------------------- */

static int ascending(const void *one, const void *two) {
    double a = *(const double *)one, b = *(const double *)two;
    return (a > b) - (a < b);
}

static size_t below(random_stream *r, size_t n) { return (size_t)(fe__random_uniform(r) * (double)n); }

/* Two weekly doses at most; one patient in eight has none. */
static void give_iron(subject *s, random_stream *r) {
    int which = (int)below(r, FORMULATION_COUNT);
    double mg = 100 * (double)(3 + below(r, 8)), minutes = (double)(15 + below(r, 45));
    size_t doses = below(r, 8) == 0 ? 0 : 1 + below(r, 2);
    for (size_t i = 0; i < doses; i++) {
        double t = 1 + (double)i * WEEK_H;
        s->events[s->events_n++] =
            (body_event){.t = t, .kind = BODY_RATE, .formulation = which, .amount = mg / (minutes / 60), .Hbn = NAN};
        s->events[s->events_n++] =
            (body_event){.t = t + minutes / 60, .kind = BODY_RATE, .formulation = KEEP_FORMULATION, .Hbn = NAN};
    }
}

/* What is measured when: values come once the truth is known. */
static void order_labs(subject *s, random_stream *r) {
    static const observable_id often[] = {OBSERVABLE_Hb,       OBSERVABLE_Hb,       OBSERVABLE_Hb,
                                          OBSERVABLE_ferritin, OBSERVABLE_ferritin, OBSERVABLE_TSAT,
                                          OBSERVABLE_TSAT,     OBSERVABLE_TIBC,     OBSERVABLE_phosphate};
    double at[LABS_MAX];
    s->labs_n = 3 + below(r, 4);
    for (size_t i = 0; i < s->labs_n; i++) at[i] = 24 * (double)(1 + below(r, 112)) + 2;
    qsort(at, s->labs_n, sizeof *at, ascending);
    for (size_t i = 0; i < s->labs_n; i++) {
        seen_lab l = {.what = often[below(r, sizeof often / sizeof *often)], .t = at[i]};
        bool is_twice = i && s->labs[i - 1].what == l.what && s->labs[i - 1].t == l.t;
        if (is_twice) l.t += 1;
        s->labs[i] = l;
    }
}

static bool has_truth(const run *x, subject *s, uint64_t k) {
    body b;
    double y[STATES], omega[ETAS + 1];
    if (!x->loose) return fe__prior_draw(&s->prior, x->seed + 1, k, s->truth, &b, y);
    fe__prior_omega(&s->prior, omega);
    random_stream r = fe__random_stream(x->seed, k, STREAM_TRUTH);
    for (int tries = 0; tries < 100; tries++) {
        for (int i = 1; i <= ETAS; i++) s->truth[i] = omega[i] * fe__random_normal(&r);
        if (fe__start(x->m, &s->prior.labs, s->truth, &b, y) == START_OK) return true;
    }
    return false;
}

static bool measure(const run *x, subject *s, uint64_t k) {
    const individual *all = fe__individual(x->a, &s->prior, s->events, s->events_n, s->labs, s->labs_n);
    trial_eta *t = fe__trial_etas(x->a, all, 1);
    random_stream r = fe__random_stream(x->seed, k, STREAM_LABS);
    for (size_t i = 0; i < s->labs_n; i++) s->labs[i].value = 1; /* whatever: only what is foreseen is read */
    memcpy(t->eta, s->truth, sizeof t->eta);
    if (!fe__individual_look(all, t, 1, fe__shown_rtol, 1) || isinf(t->objective)) return false;
    for (size_t i = 0; i < s->labs_n; i++) {
        double f = fe__exp(t->ln_f[i]), z = fe__random_normal(&r);
        bool is_outlier = fe__random_uniform(&r) < x->m->n.outlier_share;
        s->labs[i].value = is_outlier ? f * fe__exp(x->m->n.outlier_log_sd * z) : fe__lab_drawn(x->m, s->labs[i].what, f, z);
    }
    return true;
}

static bool make(const run *x, subject *s, uint64_t k) {
    random_stream r = fe__random_stream(x->seed, k, STREAM_COURSE);
    start_labs labs;
    body b;
    double y[STATES], eta[ETAS + 1];
    int population = (int)(k % POPULATION_COUNT);
    *s = (subject){0};
    if (!fe__virtual_patient(x->m, population, x->seed, k, &labs, eta, &b, y)) return false;
    labs.TIBCref_factor = 1;
    if (below(&r, 5) == 0) labs.TSAT = NAN;
    s->prior = (patient_prior){.m = x->m, .population = population};
    if (fe__start_fill(x->m, &labs, &s->prior.filled) != START_OK || fe__start(x->m, &labs, NULL, &b, y) != START_OK)
        return false;
    s->prior.labs = labs;
    s->prior.without_closure = !fe__prior_in_domain(x->m, &b);
    give_iron(s, &r);
    order_labs(s, &r);
    return has_truth(x, s, k) && measure(x, s, k);
}

/* ---- what is compared ----------------------------------------------------------------------------------------------------------------- */

/* Etas and quantities of n draws: v[READ][n]. The number that could be played. */
static size_t read_all(run *x, const subject *s, const trial_eta *draws, const cohort *c, double *v) {
    const prediction_ask ask = {.cohort = c,
                                .events = s->events,
                                .events_n = s->events_n,
                                .times = times,
                                .times_n = TIMES,
                                .part = BATCH_ALL,
                                .rtol = fe__draws_rtol,
                                .series =
                                    1u << SERIES_hemoglobin | 1u << SERIES_ferritin | 1u << SERIES_tsat | 1u << SERIES_phosphate,
                                .threads = x->threads,
                                .values = &x->values};
    const prediction *p = fe__predict(x->a, &ask);
    for (size_t d = 0; d < c->n; d++)
        for (int i = 0; i < ETAS; i++) v[(size_t)i * c->n + d] = draws[d].eta[i + 1];
    for (int q = 0; q < QUANTITIES; q++)
        for (size_t d = 0; d < p->draws; d++)
            v[(size_t)(ETAS + q) * c->n + d] =
                fe__predicted(p, d, fe__predicted_at(p, quantities[q].week * WEEK_H), quantities[q].series);
    return p->draws;
}

static const double *truth_of(const void *context, size_t k) { return (void)k, ((const subject *)context)->truth; }

/* `tie`: where the truth lies among equals, 0 to 1. Without iron phosphate stays what it was in every draw. */
static double share_below(const double *v, size_t n, double truth, double tie) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += v[i] < truth ? 1 : v[i] == truth ? tie : 0;
    return sum / (double)n;
}

/* ---- the reference: Metropolis --------------------------------------------------------------------------------------------------------- */

/* The spread of all that the chains have seen, in eta / omega. */
typedef struct seen_spread {
    double sum[ETAS], two[ETAS][ETAS], n;
} seen_spread;

static void see(seen_spread *s, const individual *of, const trial_eta *t) {
    double u[ETAS];
    for (size_t i = 0; i < of->n; i++) u[i] = t->eta[of->etas[i]] / of->omega[of->etas[i]];
    for (size_t i = 0; i < of->n; i++) {
        s->sum[i] += u[i];
        for (size_t j = 0; j < of->n; j++) s->two[i][j] += u[i] * u[j];
    }
    s->n++;
}

static bool root_of(const seen_spread *s, size_t n, matrix *root) {
    matrix c = {0};
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) c.at[i][j] = s->two[i][j] / s->n - s->sum[i] * s->sum[j] / (s->n * s->n);
        c.at[i][i] += 1e-6;
    }
    return fe__cholesky(&c, (int)n, root);
}

/* The etas that no result tells of, as they always are. */
static void draw_rest(const run *x, const individual *of, trial_eta *kept, size_t n) {
    for (size_t d = 0; d < n; d++) {
        random_stream rest = fe__random_stream(x->seed + 3, d, STREAM_CHAIN);
        for (int i = 1; i <= ETAS; i++) {
            bool is_estimated = false;
            double z = fe__random_normal(&rest);
            for (size_t j = 0; j < of->n; j++) is_estimated = is_estimated || of->etas[j] == i;
            if (!is_estimated) kept[d].eta[i] = of->omega[i] * z;
        }
    }
}

/* Chains side by side from draws of the prior; of the second half of each every so many-th is kept, kept[KEEP]. Until then the steps follow
 * the spread of what all have seen. */
static void run_chains(run *x, const individual *of, uint64_t k, trial_eta *kept) {
    trial_eta *at = fe__trial_etas(x->a, of, CHAINS), *to = fe__trial_etas(x->a, of, CHAINS);
    seen_spread spread = {{0}, {{0}}, 0};
    matrix root = {0};
    size_t n = of->n, have = 0;
    random_stream r = fe__random_stream(x->seed, k, STREAM_CHAIN);
    for (size_t c = 0; c < CHAINS; c++) {
        body b;
        double y[STATES];
        if (!fe__prior_draw(of->prior, x->seed + 2, c, at[c].eta, &b, y)) exit(1);
        see(&spread, of, &at[c]);
    }
    fe__individual_look(of, at, CHAINS, fe__shown_rtol, x->threads);
    for (int step = 0; step < CHAIN_STEPS; step++) {
        if (step == CHAIN_STEPS / 10) spread = (seen_spread){{0}, {{0}}, 0}; /* what led here is forgotten */
        for (size_t c = 0; c < CHAINS && step <= CHAIN_STEPS / 2; c++) see(&spread, of, &at[c]);
        if (step <= CHAIN_STEPS / 2 && step % 50 == 0 && !root_of(&spread, n, &root)) exit(1);
        double scale = (step % 3 == 2 ? 0.3 : 1) * 2.38 / sqrt((double)n);
        for (size_t c = 0; c < CHAINS; c++) {
            double z[ETAS];
            memcpy(to[c].eta, at[c].eta, sizeof at[c].eta);
            for (size_t i = 0; i < n; i++) z[i] = fe__random_normal(&r);
            for (size_t i = 0; i < n; i++)
                for (size_t j = 0; j <= i; j++) to[c].eta[of->etas[i]] += scale * root.at[i][j] * z[j] * of->omega[of->etas[i]];
        }
        fe__individual_look(of, to, CHAINS, fe__shown_rtol, x->threads);
        for (size_t c = 0; c < CHAINS; c++) {
            bool goes = fe__random_uniform(&r) < exp(-0.5 * (to[c].objective - at[c].objective));
            if (goes) at[c] = to[c]; /* what is foreseen is not read */
            if (step >= CHAIN_STEPS / 2 && step % EVERY == 0) memcpy(kept[have++].eta, at[c].eta, sizeof at[c].eta);
        }
    }
    draw_rest(x, of, kept, have);
}

static const double *kept_of(const void *context, size_t k) { return ((const trial_eta *)context)[k].eta; }

static void compare_chains(run *x, const subject *s, const individual *of, uint64_t k, double *v, size_t n) {
    trial_eta *kept = fe__trial_etas(x->a, of, KEEP);
    double *w = FE_NEW_ARRAY(x->a, double, READ *KEEP);
    run_chains(x, of, k, kept);
    const cohort *c = fe__cohort_of(x->a, &x->bodies, &s->prior, KEEP, x->threads, kept_of, kept);
    size_t played = read_all(x, s, kept, c, w);
    for (int i = 0; i < READ; i++) {
        static const double q[] = {0.05, 0.5, 0.95};
        double *mine = &v[(size_t)i * n];
        qsort(mine, n, sizeof *mine, ascending);
        for (int j = 0; j < 3; j++)
            printf(",%.5f", share_below(&w[(size_t)i * KEEP], i < ETAS ? KEEP : played, fe__quantile_sorted(mine, n, q[j]), 0.5));
    }
}

/* ---- one patient -------------------------------------------------------------------------------------------------------------------------- */

static double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static void one(run *x, uint64_t k) {
    subject s;
    double *v = FE_NEW_ARRAY(x->a, double, READ *DRAWS), truth[READ];
    if (!make(x, &s, k)) {
        printf("%llu,unmade\n", (unsigned long long)k);
        return;
    }
    double from = now_ms();
    const individual *of = fe__individual(x->a, &s.prior, s.events, s.events_n, s.labs, s.labs_n);
    uint64_t fit_seed = x->seed + 1000 + k; /* chance of its own for every fit: what one draws badly the next does not */
    const mode *at = NULL;
    const posterior *p = fe__fit_individual(x->a, of, fit_seed, DRAWS, x->threads, &at);
    double to = now_ms();
    if (!p) {
        printf("%llu,failed\n", (unsigned long long)k);
        return;
    }
    printf("%llu,%s,%zu,%zu,%d,%.3f,%.0f,%u,%u,%.2f", (unsigned long long)k, fe__population_ids[s.prior.population], of->labs_n,
           of->n, at->converged, p->k_hat, p->effective, p->stages, at->looks, to - from);
    const cohort *c = fe__cohort_posterior(x->a, &x->bodies, p, x->threads);
    size_t played = read_all(x, &s, p->draws, c, v);
    if (x->chains) compare_chains(x, &s, of, k, v, DRAWS);
    else {
        trial_eta t = {.ln_f = NULL};
        memcpy(t.eta, s.truth, sizeof t.eta);
        read_all(x, &s, &t, fe__cohort_of(x->a, &x->bodies, &s.prior, 1, 1, truth_of, &s), truth);
        random_stream r = fe__random_stream(x->seed, k, STREAM_TIES);
        for (int i = 0; i < READ; i++)
            printf(",%.5f", share_below(&v[(size_t)i * DRAWS], i < ETAS ? DRAWS : played, truth[i], fe__random_uniform(&r)));
    }
    printf("\n");
}

static void head(bool chains) {
    printf("k,population,labs,etas,converged,k_hat,effective,stages,looks,ms");
    for (int i = 0; i < READ; i++) {
        const char *ends[] = {"-5", "-50", "-95"};
        for (int j = 0; j < (chains ? 3 : 1); j++) {
            if (i < ETAS) printf(",eta-%d%s", i + 1, chains ? ends[j] : "");
            else printf(",%s%s", quantities[i - ETAS].name, chains ? ends[j] : "");
        }
    }
    printf("\n");
}

int main(int argc, char **argv) {
    run x = {.threads = 1};
    int i = 1;
    for (; i < argc && argv[i][0] == '-'; i++) {
        if (strcmp(argv[i], "--loose") == 0) x.loose = true;
        else if (strcmp(argv[i], "--chains") == 0) x.chains = true;
        else if (strcmp(argv[i], "--threads") == 0 && i + 1 < argc) x.threads = atoi(argv[++i]);
        else break;
    }
    if (argc - i != 3) {
        fputs("Usage: sbc [--loose] [--chains] [--threads N] FIRST COUNT SEED\n", stderr);
        return 2;
    }
    uint64_t first = strtoull(argv[i], NULL, 10), count = strtoull(argv[i + 1], NULL, 10);
    x.seed = strtoull(argv[i + 2], NULL, 10);
    x.a = fe__arena_new(0);
    if (!x.a || setjmp(*fe__arena_escape(x.a))) return 4;
    faults f = {.a = x.a};
    x.m = fe__model_load(NULL, &f);
    if (!x.m) return 3;
    head(x.chains);
    arena_mark mark = fe__arena_mark(x.a);
    for (uint64_t k = first; k < first + count; k++) {
        one(&x, k);
        fflush(stdout);
        fe__arena_rewind(x.a, mark);
    }
    fe__room_free(&x.bodies);
    fe__room_free(&x.values);
    fe__arena_free(x.a);
    return 0;
}
