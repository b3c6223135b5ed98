#include "cases.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t seed = 20261125;

/* ---- the course ----------------------------------------------------------------------------------------------------------------- */

static int ascending(const void *one, const void *two) {
    double a = *(const double *)one, b = *(const double *)two;
    return (a > b) - (a < b);
}

void bench_course_init(bench_course *c, const model_data *m) {
    static const double early[] = {0, 0.1, 0.25, 0.5, 1, 2, 4, 8, 12, 24};
    enum { EARLY = sizeof early / sizeof *early, LATE = CASE_TIMES - 2 * EARLY };
    static const double weeks = 24 * 168, second = 168, hours = 0.25, mg[] = {1000, 500};
    *c = (bench_course){.m = m};
    for (int i = 0; i < 2; i++) {
        c->events[2 * i] =
            (body_event){.t = i * second, .kind = BODY_RATE, .formulation = FORMULATION_fcm, .amount = mg[i] / hours};
        c->events[2 * i + 1] = (body_event){.t = i * second + hours, .kind = BODY_RATE, .formulation = KEEP_FORMULATION};
    }
    for (int i = 0; i < EARLY; i++) {
        c->times[i] = early[i];
        c->times[EARLY + i] = second + early[i];
    }
    for (int i = 0; i < LATE; i++) c->times[2 * EARLY + i] = weeks / LATE * (i + 1);
    qsort(c->times, CASE_TIMES, sizeof *c->times, ascending);
}

/* ---- the bodies ------------------------------------------------------------------------------------------------------------------ */

static bench_case case_of(const char *name, const bench_course *c, size_t n) {
    batch_body *bodies = calloc(n, sizeof *bodies);
    if (!bodies) {
        fputs("bench: memory is out\n", stderr);
        exit(1);
    }
    return (bench_case){name, c, bodies, n};
}

void bench_case_free(bench_case *c) { free(c->bodies); }

/* A draw that has no start is left out, and the next takes its place. */
bench_case bench_draws(const bench_course *c, size_t n) {
    bench_case made = case_of("draws", c, n);
    patient_prior prior = {.m = c->m, .labs = fe__start_labs_none(), .population = POPULATION_ida_hmb};
    start_labs *x = &prior.labs;
    double eta[ETAS + 1];
    x->woman = 1;
    x->population = POPULATION_ida_hmb;
    x->age = 39;
    x->wt = 64;
    x->ht = 168;
    x->Hb = 8.9;
    x->F = 7;
    x->TSAT = 6;
    x->CRP = 2;
    x->bloss = 4;
    if (fe__start_fill(c->m, x, &prior.filled) != START_OK) made.n = 0;
    size_t kept = 0;
    for (uint64_t k = 0; kept < made.n && k < 2 * n; k++)
        kept += fe__prior_draw(&prior, seed, k, eta, &made.bodies[kept].b, made.bodies[kept].y);
    made.n = kept;
    return made;
}

bool bench_virtual_body(const model_data *m, size_t k, body *b, double *y) {
    start_labs labs;
    double eta[ETAS + 1];
    return fe__virtual_patient(m, (int)(k % POPULATION_COUNT), seed, k, &labs, eta, b, y);
}

bench_case bench_virtual(const bench_course *c, size_t n) {
    bench_case made = case_of("virtual", c, n);
    size_t kept = 0;
    for (size_t k = 0; kept < n && k < 2 * n; k++) kept += bench_virtual_body(c->m, k, &made.bodies[kept].b, made.bodies[kept].y);
    made.n = kept;
    return made;
}

void bench_still(bench_case *c) {
    for (size_t k = 0; k < c->n; k++) c->bodies[k].b.p.kQ = 0;
}

/* ---- playing ---------------------------------------------------------------------------------------------------------------------- */

static void apply_at(const bench_course *c, batch_body *x, double t) {
    for (; x->next < CASE_EVENTS && c->events[x->next].t == t; x->next++) fe__event_apply(c->m, &x->b, x->y, &c->events[x->next]);
}

static bool load(void *context, size_t k, batch_body *x) {
    const bench_case *c = ((const case_run *)context)->c;
    *x = c->bodies[k % c->n];
    x->next = 0;
    x->first_iron = 0;
    apply_at(c->course, x, 0);
    return true;
}

static double edge(void *context, size_t k, const batch_body *x) {
    (void)k;
    return x->next < CASE_EVENTS ? ((const case_run *)context)->c->course->events[x->next].t : INFINITY;
}

static void change(void *context, size_t k, batch_body *x, double t) {
    (void)k;
    apply_at(((const case_run *)context)->c->course, x, t);
}

static void output(void *context, size_t k, size_t i, const double *y, const double *o) {
    const case_run *run = context;
    (void)y;
    if (run->values) memcpy(&run->values[(k * CASE_TIMES + i) * OBSERVED], o, OBSERVED * sizeof *o);
}

static void done(void *context, size_t k, solve_status s) {
    (void)k;
    atomic_fetch_add(&((case_run *)context)->ended, s == SOLVE_OK);
}

static bool take(void *context, size_t *k) {
    case_run *run = context;
    *k = run->next;
    return run->next < run->end && ++run->next;
}

batch_ask bench_ask(case_run *run, size_t n, double rtol) {
    const bench_course *c = run->c->course;
    run->next = 0;
    run->end = n;
    return (batch_ask){.m = c->m,
                       .times = c->times,
                       .times_n = CASE_TIMES,
                       .rtol = rtol,
                       .context = run,
                       .take = take,
                       .load = load,
                       .edge = edge,
                       .change = change,
                       .output = output,
                       .done = done};
}

static bool body_of_play(void *context, size_t k, body *b, double *y) {
    const bench_case *c = ((const case_run *)context)->c;
    const batch_body *x = &c->bodies[k % c->n];
    *b = x->b;
    memcpy(y, x->y, sizeof x->y);
    return true;
}

batch_play bench_play(case_run *run, size_t n, double rtol, int threads) {
    const bench_course *c = run->c->course;
    return (batch_play){.m = c->m,
                        .events = c->events,
                        .events_n = CASE_EVENTS,
                        .times = c->times,
                        .times_n = CASE_TIMES,
                        .n = n,
                        .rtol = rtol,
                        .threads = threads,
                        .context = run,
                        .body = body_of_play,
                        .output = output,
                        .done = done};
}

const char *bench_value_name(int value) {
#define NAME_OF(name) #name,
    static const char *const names[OBSERVED] = {FE_OBSERVED(NAME_OF)};
    return names[value];
}

/* ---- errors ------------------------------------------------------------------------------------------------------------------------ */

static body_error error_of(const double *got, const double *want) {
    body_error worst = {0};
    for (int v = 0; v < OBSERVED; v++) {
        double most = 0;
        for (int i = 0; i < CASE_TIMES; i++) most = fmax(most, fabs(want[i * OBSERVED + v]));
        for (int i = 0; i < CASE_TIMES && most > 1e-9; i++) {
            double w = want[i * OBSERVED + v], e = fabs(got[i * OBSERVED + v] - w) / fmax(fabs(w), 1e-3 * most);
            if (isnan(e)) return (body_error){INFINITY, v, i};
            if (e > worst.error) worst = (body_error){e, v, i};
        }
    }
    return worst;
}

static int by_error(const void *one, const void *two) {
    return ascending(&((const body_error *)one)->error, &((const body_error *)two)->error);
}

void bench_errors(const double *got, const double *want, size_t n, body_error *errors) {
    for (size_t k = 0; k < n; k++) {
        size_t from = k * CASE_TIMES * OBSERVED;
        errors[k] = error_of(got + from, want + from);
    }
    qsort(errors, n, sizeof *errors, by_error);
}
