/* population [--typical] [--seed N] [--data FOLDER] POPULATION [PRODUCT MG MINUTES [HOUR]]...: 250 virtual patients (docs/model.md, section 9)
 * under a regimen, as one JSON object of statistics. No product: untreated. HOUR: when the infusion starts, else 0.
 *
 *     population ida-hmb fcm 750 15 fcm 750 15 168
 *
 * --typical: the same labs with all etas zero, as the redraw rule of section 9 sees them, and CRP kept where it starts.
 * Hemoglobin, ferritin and TSAT (as an assay reads it) are true values; phosphate as measured has the residual error of section 7, a new one
 * each day. */
#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/elementary.h"
#include "course/play_batch.h"
#include "infer/prior.h"

enum { PATIENTS = 250, DAYS = 169, DAY_H = 24, DOSES_MAX = 32, STREAM_PHOSPHATE = 901 };
enum { READ_Hb, READ_F, READ_TSAT, READ_PH, READ };
enum { PHOSPHATE_TO = 35 };
static const double rtol = 1e-5, phosphate_error = 0.09, capped_share = 0.95;
static const int read_days[] = {7, 14, 28, 56, 84};
enum { READ_DAYS = sizeof read_days / sizeof *read_days };

typedef struct run {
    const model_data *m;
    int population;
    bool typical;
    const char *folder;
    uint64_t seed;
    body_event events[2 * DOSES_MAX];
    size_t events_n;
    double e[PATIENTS], hepcidin[PATIENTS]; /* hepcidin: exp(z) */
    bool capped[PATIENTS], ok[PATIENTS];
    double read[PATIENTS][DAYS][READ];
} run;

static bool start_one(void *context, size_t k, body *b, double *y) {
    run *r = context;
    start_labs labs;
    double eta[ETAS + 1];
    if (!fe__virtual_patient(r->m, r->population, r->seed, k, &labs, eta, b, y)) return false;
    if (r->typical) labs.CRPb = labs.CRP;
    if (r->typical && fe__start(r->m, &labs, NULL, b, y) != START_OK) return false;
    r->e[k] = b->c.e;
    r->hepcidin[k] = fe__exp(b->c.z);
    r->capped[k] = b->c.a < capped_share * b->a_star;
    return true;
}

static void read_one(void *context, size_t k, size_t i, const double *y, const double *o) {
    run *r = context;
    double *v = r->read[k][i];
    (void)y;
    v[READ_Hb] = o[OBSERVED_Hb];
    v[READ_F] = o[OBSERVED_ferritin];
    v[READ_TSAT] = o[OBSERVED_TSAT_obs];
    v[READ_PH] = o[OBSERVED_phosphate];
}

static void end_one(void *context, size_t k, solve_status s) { ((run *)context)->ok[k] = s == SOLVE_OK; }

/* ---- statistics -------------------------------------------------------------------------------------------------------------------- */

/* The values of those patients that were played to the end. */
typedef struct sample {
    double v[PATIENTS];
    size_t n;
} sample;

static sample sample_of(const run *r, double (*value)(const run *r, size_t k, int day), int day) {
    sample s = {.n = 0};
    for (size_t k = 0; k < PATIENTS; k++)
        if (r->ok[k]) s.v[s.n++] = value(r, k, day);
    return s;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile(const sample *s, double p) {
    double at = p * (double)(s->n - 1);
    size_t i = (size_t)at, next = i + 1 < s->n ? i + 1 : i;
    return s->v[i] + (at - (double)i) * (s->v[next] - s->v[i]);
}

static double mean(const sample *s) {
    double sum = 0;
    for (size_t i = 0; i < s->n; i++) sum += s->v[i];
    return sum / (double)s->n;
}

static double sd(const sample *s) {
    double center = mean(s), sum = 0;
    for (size_t i = 0; i < s->n; i++) sum += (s->v[i] - center) * (s->v[i] - center);
    return sqrt(sum / (double)(s->n - 1));
}

/* ---- what is read off one patient -------------------------------------------------------------------------------------------------- */

static double marrow(const run *r, size_t k, int day) { return (void)day, r->e[k]; }
static double hepcidin(const run *r, size_t k, int day) { return (void)day, r->hepcidin[k]; }
static double capped(const run *r, size_t k, int day) { return (void)day, r->capped[k]; }
static double ferritin(const run *r, size_t k, int day) { return r->read[k][day][READ_F]; }
static double tsat(const run *r, size_t k, int day) { return r->read[k][day][READ_TSAT]; }
static double above_50(const run *r, size_t k, int day) { return tsat(r, k, day) > 50; }
static double rise(const run *r, size_t k, int day) { return r->read[k][day][READ_Hb] - r->read[k][0][READ_Hb]; }

/* The largest distance of Hb from its start. */
static double drift(const run *r, size_t k, int day) {
    double most = 0;
    for (int d = 1; d <= day; d++) most = fmax(most, fabs(rise(r, k, d)));
    return most;
}

static double measured(const run *r, size_t k, int day) {
    random_stream s = fe__random_stream(r->seed, k, STREAM_PHOSPHATE);
    double n = 0;
    for (int d = 1; d <= day; d++) n = fe__random_normal(&s);
    return r->read[k][day][READ_PH] * fe__exp(phosphate_error * n);
}

static double truth(const run *r, size_t k, int day) { return r->read[k][day][READ_PH]; }

static double lowest(const run *r, size_t k, double (*value)(const run *r, size_t k, int day)) {
    double low = INFINITY;
    for (int d = 1; d <= PHOSPHATE_TO; d++) low = fmin(low, value(r, k, d));
    return low;
}

static double daily_below_2(const run *r, size_t k, int day) { return (void)day, lowest(r, k, measured) < 2; }
static double daily_to_1(const run *r, size_t k, int day) { return (void)day, lowest(r, k, measured) <= 1; }
static double truly_below_2(const run *r, size_t k, int day) { return (void)day, lowest(r, k, truth) < 2; }
static double truly_to_1(const run *r, size_t k, int day) { return (void)day, lowest(r, k, truth) <= 1; }
/* The lowest true value, once measured. */
static double once(const run *r, size_t k) { return lowest(r, k, truth) * measured(r, k, 1) / truth(r, k, 1); }
static double once_below_2(const run *r, size_t k, int day) { return (void)day, once(r, k) < 2; }
static double once_to_1(const run *r, size_t k, int day) { return (void)day, once(r, k) <= 1; }
static double that_day_below_2(const run *r, size_t k, int day) { return measured(r, k, day) < 2; }
static double that_day_to_1(const run *r, size_t k, int day) { return measured(r, k, day) <= 1; }

/* ---- printing ---------------------------------------------------------------------------------------------------------------------- */

static void print_quantiles(const char *name, sample s) {
    qsort(s.v, s.n, sizeof *s.v, ascending);
    printf(",\"%s_median\":%.6g,\"%s_5\":%.6g,\"%s_95\":%.6g,\"%s_max\":%.6g", name, quantile(&s, 0.5), name, quantile(&s, 0.05),
           name, quantile(&s, 0.95), name, s.v[s.n - 1]);
}

static void print_mean(const char *name, sample s) { printf(",\"%s\":%.6g", name, mean(&s)); }

static void print_moments(const run *r, const char *name, double (*value)(const run *r, size_t k, int day)) {
    for (int i = 0; i < READ_DAYS; i++) {
        sample s = sample_of(r, value, read_days[i]);
        printf(",\"%s_%d\":%.6g,\"%s_%d_sd\":%.6g", name, read_days[i], mean(&s), name, read_days[i], sd(&s));
    }
}

static void print_all(const run *r, const char *population) {
    size_t n = 0;
    for (size_t k = 0; k < PATIENTS; k++) n += r->ok[k];
    printf("{\"population\":\"%s\",\"seed\":%llu,\"patients\":%d,\"played\":%zu", population, (unsigned long long)r->seed,
           PATIENTS, n);
    if (n > 1) {
        print_quantiles("e", sample_of(r, marrow, 0));
        print_quantiles("exp_z", sample_of(r, hepcidin, 0));
        print_mean("capped", sample_of(r, capped, 0));
        print_quantiles("drift", sample_of(r, drift, DAYS - 1));
        print_moments(r, "ferritin", ferritin);
        print_moments(r, "tsat", tsat);
        print_moments(r, "tsat_above_50", above_50);
        print_moments(r, "rise", rise);
        print_mean("phosphate_daily_below_2", sample_of(r, daily_below_2, 0));
        print_mean("phosphate_daily_to_1", sample_of(r, daily_to_1, 0));
        print_mean("phosphate_lowest_below_2", sample_of(r, once_below_2, 0));
        print_mean("phosphate_lowest_to_1", sample_of(r, once_to_1, 0));
        print_mean("phosphate_true_below_2", sample_of(r, truly_below_2, 0));
        print_mean("phosphate_true_to_1", sample_of(r, truly_to_1, 0));
        print_mean("phosphate_35_below_2", sample_of(r, that_day_below_2, PHOSPHATE_TO));
        print_mean("phosphate_35_to_1", sample_of(r, that_day_to_1, PHOSPHATE_TO));
    }
    puts("}");
}

/* ---- words ------------------------------------------------------------------------------------------------------------------------- */

static bool number(const char *word, double *v) {
    char *end;
    *v = strtod(word, &end);
    return end != word && *end == '\0' && isfinite(*v) && *v >= 0;
}

/* The doses of words[0..n). */
static bool regimen(run *r, int n, char **words) {
    for (int i = 0; i < n;) {
        int which = fe__formulation_find(words[i]);
        double mg, minutes, at = 0;
        if (which < 0 || n - i < 3 || !number(words[i + 1], &mg) || !number(words[i + 2], &minutes) || minutes <= 0) return false;
        i += 3;
        if (i < n && number(words[i], &at)) i++;
        if (r->events_n == 2 * DOSES_MAX) return false;
        double hours = minutes / 60;
        r->events[r->events_n++] = (body_event){.t = at, .kind = BODY_RATE, .formulation = which, .amount = mg / hours};
        r->events[r->events_n++] = (body_event){.t = at + hours, .kind = BODY_RATE, .formulation = KEEP_FORMULATION};
    }
    fe__events_sort(r->events, r->events_n);
    return true;
}

static bool play(run *r) {
    double times[DAYS];
    for (int i = 0; i < DAYS; i++) times[i] = DAY_H * i;
    return fe__play_batch(&(batch_play){.m = r->m,
                                        .events = r->events,
                                        .events_n = r->events_n,
                                        .times = times,
                                        .times_n = DAYS,
                                        .n = PATIENTS,
                                        .rtol = rtol,
                                        .threads = 1,
                                        .context = r,
                                        .body = start_one,
                                        .output = read_one,
                                        .done = end_one},
                          NULL);
}

int main(int argc, char **argv) {
    static run r = {.seed = 20260302};
    int i = 1;
    for (; i + 1 < argc && argv[i][0] == '-'; i++) {
        if (strcmp(argv[i], "--typical") == 0) r.typical = true;
        else if (strcmp(argv[i], "--seed") == 0) r.seed = strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--data") == 0) r.folder = argv[++i];
        else break;
    }
    r.population = i < argc ? fe__population_find(argv[i]) : -1;
    if (r.population < 0 || !regimen(&r, argc - i - 1, argv + i + 1)) {
        fputs("population [--typical] [--seed N] [--data FOLDER] POPULATION [PRODUCT MG MINUTES [HOUR]]...\n", stderr);
        return 2;
    }
    arena *a = fe__arena_new(0);
    if (!a || setjmp(*fe__arena_escape(a))) return 1;
    faults f;
    fe__faults_init(&f, a, r.folder);
    r.m = fe__model_load(r.folder, &f);
    bool ok = r.m && play(&r);
    if (ok) print_all(&r, argv[i]);
    fe__arena_free(a);
    return !ok;
}
