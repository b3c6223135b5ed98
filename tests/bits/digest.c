/* digest MODEL FIRST N: makes virtual patients FIRST .. FIRST + N - 1 and plays each through 24 weeks with two infusions, on the instruction
 * set of FERRULE_ISA, and prints what must have the same bits wherever it runs:
 *
 *   isa NAME: in use
 *   start K digest of eta, the constants of the body and its state at hour 0
 *   path K digest of all observables at all times
 *   seen K first and last time: some observables as hexadecimal numbers, to see where a difference begins
 *   endpoints digest of the summary of all patients, played in two threads
 *
 * MODEL is what tests/tools/model_bytes wrote: so this program needs no library beyond C's. Exit 1 when a patient is wanting. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "infer/endpoint.h"
#include "infer/prior.h"

enum { PATIENTS_MOST = 64, EVENTS = 4, TIMES = 24 };
static const uint64_t seed = 20261125;
static const double week = 168;

typedef struct path {
    size_t k; /* number of the patient */
    body b;
    double y[STATES];
    double o[TIMES][OBSERVED];
    solve_status end;
} path;

typedef struct study {
    const model_data *m;
    body_event events[EVENTS];
    double times[TIMES];
    size_t n;
    path *paths; /* [n] */
} study;

/* FNV-1a of the bits of n doubles. All NaN are one: a value that is not there has the bits of its processor. */
static uint64_t digest(uint64_t h, const void *doubles, size_t n) {
    for (size_t i = 0; i < n; i++) {
        double v;
        uint64_t bits = 0x7ff8000000000000;
        memcpy(&v, (const char *)doubles + i * sizeof v, sizeof v);
        if (!isnan(v)) memcpy(&bits, &v, sizeof v);
        for (int shift = 0; shift < 64; shift += 8) h = (h ^ (bits >> shift & 0xff)) * 0x100000001b3;
    }
    return h;
}
static const uint64_t fresh = 0xcbf29ce484222325;
#define DOUBLES(x) (sizeof(x) / sizeof(double)) /* all these structs are made of */

static bool read_model(const char *name, model_data *m) {
    FILE *f = fopen(name, "rb");
    bool all = f && fread(m, sizeof *m, 1, f) == 1 && fgetc(f) == EOF;
    if (f) fclose(f);
    return all;
}

static void plan(study *x) {
    static const double early[] = {0, 0.1, 0.25, 0.5, 1, 4, 24};
    enum { EARLY = sizeof early / sizeof *early, LATE = TIMES - 2 * EARLY };
    static const double hours = 0.25, mg[] = {1000, 500};
    for (int i = 0; i < 2; i++) {
        x->events[2 * i] =
            (body_event){.t = i * week, .kind = BODY_RATE, .formulation = FORMULATION_fcm, .amount = mg[i] / hours};
        x->events[2 * i + 1] = (body_event){.t = i * week + hours, .kind = BODY_RATE, .formulation = KEEP_FORMULATION};
        for (int j = 0; j < EARLY; j++) x->times[i * EARLY + j] = i * week + early[j];
    }
    for (int i = 0; i < LATE; i++) x->times[2 * EARLY + i] = (2 + 22.0 / (LATE - 1) * i) * week;
}

static bool make(study *x, size_t i) {
    path *p = &x->paths[i];
    start_labs labs;
    double eta[ETAS + 1] = {0};
    if (!fe__virtual_patient(x->m, (int)(p->k % POPULATION_COUNT), seed, p->k, &labs, eta, &p->b, p->y)) return false;
    uint64_t h = digest(fresh, eta, DOUBLES(eta));
    h = digest(h, &p->b.p, DOUBLES(p->b.p));
    h = digest(h, &p->b.c, DOUBLES(p->b.c));
    h = digest(h, &p->b.symptoms, DOUBLES(p->b.symptoms));
    h = digest(h, p->y, DOUBLES(p->y));
    printf("start %zu %016" PRIx64 "\n", p->k, h);
    return true;
}

static bool body_of(void *context, size_t k, body *b, double *y) {
    const path *p = &((const study *)context)->paths[k];
    *b = p->b;
    memcpy(y, p->y, sizeof p->y);
    return true;
}

static void output(void *context, size_t k, size_t i, const double *y, const double *o) {
    (void)y;
    memcpy(((const study *)context)->paths[k].o[i], o, OBSERVED * sizeof *o);
}

static void done(void *context, size_t k, solve_status s) { ((const study *)context)->paths[k].end = s; }

static void print_path(const path *p) {
    printf("path %zu %016" PRIx64 "\n", p->k, digest(fresh, p->o, DOUBLES(p->o)));
    for (int i = 0; i < TIMES; i += TIMES - 1)
        printf("seen %zu %d Hb %a ferritin %a NTBI %a pain %a\n", p->k, i, p->o[i][OBSERVED_Hb], p->o[i][OBSERVED_ferritin],
               p->o[i][OBSERVED_NTBI], p->o[i][OBSERVED_pain_risk]);
}

static bool play(study *x) {
    batch_play p = {.m = x->m,
                    .events = x->events,
                    .events_n = EVENTS,
                    .times = x->times,
                    .times_n = TIMES,
                    .n = x->n,
                    .rtol = 1e-4,
                    .threads = 1,
                    .context = x,
                    .body = body_of,
                    .output = output,
                    .done = done};
    if (!fe__play_batch(&p, NULL)) return false;
    for (size_t i = 0; i < x->n; i++) {
        if (x->paths[i].end != SOLVE_OK) {
            fprintf(stderr, "patient %zu: %s\n", x->paths[i].k, fe__solve_text(x->paths[i].end));
            return false;
        }
        print_path(&x->paths[i]);
    }
    return true;
}

static bool summarize(study *x) {
    arena *a = fe__arena_new(0);
    if (!a || setjmp(*fe__arena_escape(a))) return false;
    const double last = x->times[TIMES - 1];
    const endpoint ends[] = {
        {.observed = OBSERVED_Hb, .kind = ENDPOINT_AT, .change = true, .from = last, .scale = {-40, 40, 0.01, 1, false}},
        {.observed = OBSERVED_ferritin, .kind = ENDPOINT_MOST, .to = last, .scale = {0, 1e5, 0.1, 800, false}},
        {.observed = OBSERVED_phosphate, .kind = ENDPOINT_UNDER, .to = last, .level = 2.5, .scale = {0, 1e4, 1, NAN, false}}};
    enum { ENDS = sizeof ends / sizeof *ends };
    const endpoint_plan *plan = fe__endpoint_plan(a, ends, ENDS, x->times, TIMES);
    const summary_ask ask = {.m = x->m,
                             .plan = plan,
                             .events = x->events,
                             .events_n = EVENTS,
                             .n = x->n,
                             .rtol = 1e-4,
                             .threads = 2,
                             .body = body_of,
                             .context = x};
    const summary *s = fe__summarize(a, &ask);
    if (s) printf("endpoints %016" PRIx64 "\n", fe__summary_digest(plan->layout, s));
    fe__arena_free(a);
    return s != NULL;
}

int main(int argc, char **argv) {
    static model_data m;
    static path paths[PATIENTS_MOST];
    study x = {.m = &m, .paths = paths};
    if (argc != 4 || !read_model(argv[1], &m)) {
        fputs("usage: digest MODEL FIRST N, of a MODEL that model_bytes wrote\n", stderr);
        return 2;
    }
    x.n = (size_t)strtoul(argv[3], NULL, 10);
    if (x.n < 1 || x.n > PATIENTS_MOST) return 2;
    plan(&x);
    printf("isa %s\n", fe__batch_isa());
    for (size_t i = 0; i < x.n; i++) {
        paths[i].k = (size_t)strtoul(argv[2], NULL, 10) + i;
        if (!make(&x, i)) return 1;
    }
    return play(&x) && summarize(&x) ? 0 : 1;
}
