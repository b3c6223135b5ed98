/* accuracy N [SEED [THREADS]]: the batch solver against CVODE at rtol 1e-12, on N virtual patients of all populations, each on a random
 * regimen of 24 weeks (random_regimen.h).
 *
 * Every observable is compared at every output time; the error of a value is its distance from CVODE's, divided by CVODE's or by the floor of
 * its series (below: its limit of quantification, or what nobody would notice), whichever is more. Prints, for each tolerance and series, the
 * median, the 95th percentile and the largest error over all patients and times, and the largest in the hours after an infusion started or
 * stopped. CVODE itself is checked against its own answer at 1e-11 on one patient in twenty.
 *
 * Exit status 1 when an error passes the bound of its tolerance, when a body ends otherwise than CVODE says, or when too few were played. */
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "course/play_batch.h"
#include "infer/prior.h"
#include "random_regimen.h"

enum { WEEKS = 24, THREADS_MAX = 16, CHECKED_ONE_IN = 20 };

/* Series: what is observed (body/generated.h), then states that add up. The unit of the floor is the series' own. */
enum { SERIES_HF = OBSERVED, SERIES_HS, SERIES_CABS, SERIES_CLOSS, SERIES };
static const struct {
    const char *name;
    double floor;
} series[SERIES] = {
    [OBSERVED_Hb] = {"hemoglobin", 0},
    [OBSERVED_Hct] = {"hematocrit", 0},
    [OBSERVED_Vp] = {"plasma volume", 0},
    [OBSERVED_TSAT_true] = {"TSAT (true)", 0},
    [OBSERVED_TSAT_obs] = {"TSAT (assay)", 0},
    [OBSERVED_SI_obs] = {"serum iron", 0},
    [OBSERVED_Hepcidin] = {"hepcidin", 0},
    [OBSERVED_C_drug] = {"drug iron", 0.2},
    [OBSERVED_NTBI] = {"NTBI", 0.1},
    [OBSERVED_LPI] = {"LPI", 0.1},
    [OBSERVED_RETpct] = {"reticulocytes", 0},
    [OBSERVED_UIBC_mgL] = {"UIBC", 0.1},
    [OBSERVED_IRLS] = {"IRLS", 0},
    [OBSERVED_fatigue] = {"fatigue", 0},
    [OBSERVED_iron_total] = {"iron in all", 0},
    [OBSERVED_JM] = {"macrophage export", 0},
    [OBSERVED_JH] = {"hepatocyte export", 0},
    [OBSERVED_Jab] = {"absorption", 0},
    [OBSERVED_Ue] = {"marrow uptake", 0},
    [OBSERVED_IRLS_drug] = {"IRLS (drug)", 0},
    [OBSERVED_fatigue_drug] = {"fatigue (drug)", 0},
    [OBSERVED_ferritin] = {"ferritin", 0},
    [OBSERVED_TIBC] = {"TIBC", 0},
    [OBSERVED_CRP] = {"CRP", 0},
    [OBSERVED_phosphate] = {"phosphate", 0},
    [OBSERVED_FGF23] = {"FGF23", 0},
    [OBSERVED_PK_iron] = {"PK iron", 0},
    [OBSERVED_pain_risk] = {"pain risk", 1e-3},
    [SERIES_HF] = {"reaction hazard", 1e-3},
    [SERIES_HS] = {"severe hazard", 1e-6},
    [SERIES_CABS] = {"iron absorbed", 1},
    [SERIES_CLOSS] = {"iron lost", 1},
};

/* The tolerance that forecasts work with (fe__draws_rtol), the next one, and the one for an error of 1e-6. */
static const struct { double rtol, bound; } levels[] = {{3e-6, 5e-4}, {1e-6, 2e-4}, {1e-9, 1e-6}};
static const double most_within = 3; /* times rtol: 95 % of all values */
enum { LEVELS = sizeof levels / sizeof *levels };
/* Of CVODE; of its difference from itself; of the patients that must get to the end. */
static const double reference_rtol = 1e-12, check_rtol = 1e-11, check_bound = 1e-7, played_share = 0.97;

typedef struct values {
    double v[REGIMEN_TIMES][SERIES];
    size_t seen; /* outputs */
    solve_status end;
} values;

/* Where one error lies among all. */
typedef struct errors {
    double *of[SERIES]; /* one for each patient and time that was compared */
    size_t n;
    double dense[SERIES]; /* the largest near an edge */
    double worst;
    uint64_t worst_k;
    double worst_t;
    int worst_series;
} errors;

typedef struct worker {
    const struct run *run;
    reference_solver *reference, *check;
    values want, got;
    errors level[LEVELS];
    double checked; /* CVODE against itself, largest */
    size_t played, refused, ended, disagreed, checks;
    batch_counts counts[LEVELS];
} worker;

typedef struct run {
    const model_data *m;
    uint64_t seed, first, step, n;
} run;

/* ---- one patient ------------------------------------------------------------------------------------------------------------------------ */

typedef struct patient_of {
    worker *w;
    uint64_t k;
    const regimen *x;
    values *into;
} patient_of;

static bool start_of(const run *r, uint64_t k, body *b, double *y) {
    start_labs labs;
    double eta[ETAS + 1];
    return fe__virtual_patient(r->m, (int)(k % POPULATION_COUNT), r->seed, k, &labs, eta, b, y);
}

static void keep(values *into, size_t i, const double *o, const double *y) {
    double *v = into->v[i];
    memcpy(v, o, OBSERVED * sizeof *v);
    v[SERIES_HF] = y[ST_HF];
    v[SERIES_HS] = y[ST_HS];
    v[SERIES_CABS] = y[ST_CABS];
    v[SERIES_CLOSS] = y[ST_CLOSS];
    into->seen = i + 1;
}

static bool batch_start(void *context, size_t k, body *b, double *y) {
    const patient_of *p = context;
    (void)k;
    return start_of(p->w->run, p->k, b, y);
}

static void batch_output(void *context, size_t k, size_t i, const double *y, const double *o) {
    (void)k;
    keep(((const patient_of *)context)->into, i, o, y);
}

static void batch_done(void *context, size_t k, solve_status s) {
    (void)k;
    ((patient_of *)context)->into->end = s;
}

static void reference_output(void *context, size_t i, const double *y, const double *o) {
    keep(((const patient_of *)context)->into, i, o, y);
}

static bool batch(patient_of *p, double rtol, batch_counts *counts) {
    p->into->seen = 0;
    return fe__play_batch(&(batch_play){.m = p->w->run->m,
                                        .events = p->x->events,
                                        .events_n = p->x->events_n,
                                        .times = p->x->times,
                                        .times_n = p->x->times_n,
                                        .n = 1,
                                        .rtol = rtol,
                                        .threads = 1,
                                        .context = p,
                                        .body = batch_start,
                                        .output = batch_output,
                                        .done = batch_done},
                          counts);
}

static void reference(patient_of *p, reference_solver *solver, const body *start, const double *y0) {
    body b = *start;
    double y[STATES];
    memcpy(y, y0, sizeof y);
    p->into->seen = 0;
    p->into->end =
        fe__play(p->w->run->m, solver, &b, y, p->x->events, p->x->events_n, p->x->times, p->x->times_n, reference_output, p);
}

static double error_of(const values *got, const values *want, size_t i, int s) {
    double a = got->v[i][s], b = want->v[i][s];
    if (isnan(a) && isnan(b)) return NAN; /* a series that is left out */
    double error = fabs(a - b) / fmax(fabs(b), series[s].floor);
    return a == b ? 0 : isnan(error) ? INFINITY : error;
}

static void compare(worker *w, errors *e, const patient_of *p) {
    for (size_t i = 0; i < p->x->times_n; i++) {
        for (int s = 0; s < SERIES; s++) {
            double error = error_of(&w->got, &w->want, i, s);
            e->of[s][e->n + i] = error;
            if (p->x->dense[i] && error > e->dense[s]) e->dense[s] = error;
            if (!(error > e->worst)) continue;
            e->worst = error, e->worst_k = p->k, e->worst_t = p->x->times[i], e->worst_series = s;
        }
    }
    e->n += p->x->times_n;
}

static void check(worker *w, patient_of *p, const body *b, const double *y) {
    p->into = &w->got;
    reference(p, w->check, b, y);
    w->checks++;
    for (size_t i = 0; i < p->x->times_n && w->got.end == SOLVE_OK; i++)
        for (int s = 0; s < SERIES; s++) w->checked = fmax(w->checked, error_of(&w->got, &w->want, i, s));
}

static void one(worker *w, uint64_t k) {
    body b;
    double y[STATES];
    regimen x;
    if (!start_of(w->run, k, &b, y)) {
        w->refused++;
        return;
    }
    regimen_draw(&x, w->run->seed, k, WEEKS);
    patient_of p = {.w = w, .k = k, .x = &x, .into = &w->want};
    reference(&p, w->reference, &b, y);
    bool ends = w->want.end != SOLVE_OK;
    w->ended += ends;
    w->played += !ends;
    for (int l = 0; l < LEVELS; l++) {
        p.into = &w->got;
        if (!batch(&p, levels[l].rtol, &w->counts[l]) || w->got.end != w->want.end) {
            printf("patient %llu at %g: %s, CVODE: %s\n", (unsigned long long)k, levels[l].rtol, fe__solve_text(w->got.end),
                   fe__solve_text(w->want.end));
            w->disagreed++;
        } else if (!ends) compare(w, &w->level[l], &p);
    }
    if (!ends && (k / w->run->step) % CHECKED_ONE_IN == 0) check(w, &p, &b, y);
}

static void *work(void *context) {
    worker *w = context;
    for (uint64_t k = w->run->first; k < w->run->n; k += w->run->step) one(w, k);
    return NULL;
}

/* ---- all of them --------------------------------------------------------------------------------------------------------------------------- */

static int ascending(const void *one_, const void *two) {
    double a = *(const double *)one_, b = *(const double *)two;
    return (a > b) - (a < b);
}

/* The errors of series first..last of all threads in their order, without what was left out. */
static size_t gather(const worker *w, int threads, int level, int first, int last, double *all) {
    size_t n = 0;
    for (int t = 0; t < threads; t++) {
        const errors *e = &w[t].level[level];
        for (int s = first; s <= last; s++)
            for (size_t i = 0; i < e->n; i++)
                if (!isnan(e->of[s][i])) all[n++] = e->of[s][i];
    }
    qsort(all, n, sizeof *all, ascending);
    return n;
}

static void print_row(const char *name, const double *all, size_t n, double dense) {
    if (n) printf("%-20s %9zu %9.1e %9.1e %9.1e %9.1e\n", name, n, all[n / 2], all[n * 95 / 100], all[n - 1], dense);
}

static bool print_level(const worker *w, int threads, int level, double *all) {
    batch_counts c = {0};
    const errors *worst = &w[0].level[level];
    for (int t = 0; t < threads; t++) {
        c.steps += w[t].counts[level].steps;
        if (w[t].level[level].worst > worst->worst) worst = &w[t].level[level];
    }
    printf("\nrtol %g, %lu steps in all\n%-20s %9s %9s %9s %9s %9s\n", levels[level].rtol, c.steps, "series", "values", "median",
           "95 %", "largest", "near edge");
    double near_edge = 0;
    for (int s = 0; s < SERIES; s++) {
        double dense = 0;
        for (int t = 0; t < threads; t++) dense = fmax(dense, w[t].level[level].dense[s]);
        print_row(series[s].name, all, gather(w, threads, level, s, s, all), dense);
        near_edge = fmax(near_edge, dense);
    }
    size_t n = gather(w, threads, level, 0, SERIES - 1, all);
    print_row("all", all, n, near_edge);
    bool ok = worst->worst <= levels[level].bound, most_ok = n && all[n * 95 / 100] <= most_within * levels[level].rtol;
    printf("largest error %.2e (%s of patient %llu at %g h), bound %g%s\n", worst->worst, series[worst->worst_series].name,
           (unsigned long long)worst->worst_k, worst->worst_t, levels[level].bound, ok ? "" : ": EXCEEDED");
    if (!most_ok) printf("95 %% of all values should err less than %g: EXCEEDED\n", most_within * levels[level].rtol);
    return ok && most_ok;
}

static bool print_all(const worker *w, int threads, size_t n, double *all) {
    worker sum = {.played = 0};
    bool ok = true;
    for (int t = 0; t < threads; t++) {
        sum.played += w[t].played, sum.refused += w[t].refused, sum.ended += w[t].ended, sum.disagreed += w[t].disagreed;
        sum.checks += w[t].checks, sum.checked = fmax(sum.checked, w[t].checked);
    }
    for (int l = 0; l < LEVELS; l++) ok = print_level(w, threads, l, all) && ok;
    printf("\n%zu patients: %zu played, %zu without a start, %zu ended by their own error, %zu disagreements on the end\n", n,
           sum.played, sum.refused, sum.ended, sum.disagreed);
    printf("CVODE at %g against %g on %zu patients: largest difference %.1e, bound %g\n", reference_rtol, check_rtol, sum.checks,
           sum.checked, check_bound);
    return ok && sum.disagreed == 0 && sum.checks > 0 && sum.checked <= check_bound &&
           (double)sum.played >= played_share * (double)n;
}

static bool make_room(worker *w, size_t patients) {
    w->reference = fe__reference_new(w->run->m, reference_rtol, reference_rtol * 1e-2);
    w->check = fe__reference_new(w->run->m, check_rtol, check_rtol * 1e-2);
    for (int l = 0; l < LEVELS; l++)
        for (int s = 0; s < SERIES; s++)
            if (!(w->level[l].of[s] = malloc(patients * REGIMEN_TIMES * sizeof(double)))) return false;
    return w->reference && w->check;
}

static void let_go(worker *w) {
    fe__reference_free(w->reference);
    fe__reference_free(w->check);
    for (int l = 0; l < LEVELS; l++)
        for (int s = 0; s < SERIES; s++) free(w->level[l].of[s]);
}

static bool run_all(const model_data *m, size_t n, uint64_t seed, int threads) {
    static worker workers[THREADS_MAX];
    static run runs[THREADS_MAX];
    pthread_t ids[THREADS_MAX];
    double *all = malloc(SERIES * n * REGIMEN_TIMES * sizeof *all);
    bool ok = all;
    for (int t = 0; t < threads && ok; t++) {
        runs[t] = (run){.m = m, .seed = seed, .first = (uint64_t)t, .step = (uint64_t)threads, .n = n};
        workers[t].run = &runs[t];
        ok = make_room(&workers[t], n / (size_t)threads + 1);
    }
    int started = 0;
    for (int t = 0; t < threads && ok; t++) {
        ok = pthread_create(&ids[t], NULL, work, &workers[t]) == 0;
        started += ok;
    }
    for (int t = 0; t < started; t++) pthread_join(ids[t], NULL);
    ok = ok && print_all(workers, threads, n, all);
    for (int t = 0; t < threads; t++) let_go(&workers[t]);
    free(all);
    return ok;
}

static const model_data *load(arena *a) {
    faults f;
    if (setjmp(*fe__arena_escape(a))) return NULL;
    fe__faults_init(&f, a, NULL);
    return fe__model_load(NULL, &f);
}

int main(int argc, char **argv) {
    size_t n = argc > 1 ? (size_t)strtoull(argv[1], NULL, 10) : 200;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 20261125;
    int threads = argc > 3 ? atoi(argv[3]) : 2;
    if (n < 1 || threads < 1 || threads > THREADS_MAX) return 2;
    printf("%zu patients on regimens of their own, seed %llu, %s\n", n, (unsigned long long)seed, fe__batch_isa());
    arena *a = fe__arena_new(0);
    const model_data *m = a ? load(a) : NULL;
    bool ok = m && run_all(m, n, seed, threads);
    fe__arena_free(a);
    return !ok;
}
