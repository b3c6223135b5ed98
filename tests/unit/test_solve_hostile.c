/* The batch solver on bodies and courses that no clinic will see: right, or an error of that body; never a plausible wrong number.
 *
 * Each body is played by CVODE too. One that the batch solver takes to its end must agree with CVODE in every state and quantity; one that it
 * gives up must be one that CVODE gives up as well. */
#include "test_body_bench.h"

#include <stdlib.h>

#include "course/play_batch.h"
#include "infer/prior.h"

enum { BODIES_MAX = 160, TIMES_MAX = 120, EVENTS_MAX = 32, VALUES = STATES + OBSERVED, WEEK_H = 168 };
static const uint64_t patients_seed = 20261126;
static const double rtol = 1e-5, bound = 1e-3;

static const model_data *given; /* what is compiled in */
static model_data changed;      /* a copy that a test may change */
static double times[TIMES_MAX];
static size_t times_n;
static body_event events[EVENTS_MAX];
static size_t events_n;
static bool (*make)(size_t k, body *b, double *y);

static int set_up(void **state) {
    if (open_model(state) != 0) return -1;
    given = *state;
    return 0;
}

static void start_over(void) {
    changed = *given;
    events_n = times_n = 0;
}

/* ---- courses ------------------------------------------------------------------------------------------------------------------- */

static void happen(double t, body_event_kind kind, double amount, int formulation_of) {
    events[events_n] = (body_event){
        .t = t, .kind = kind, .amount = amount, .formulation = formulation_of, .bvf = 1, .Hbn = NAN, .place = events_n};
    events_n++;
}

static double infuse(double t, int formulation_of, double mg, double minutes) {
    happen(t, BODY_RATE, mg / (minutes / 60), formulation_of);
    happen(t + minutes / 60, BODY_RATE, 0, KEEP_FORMULATION);
    return t + minutes / 60;
}

static int ascending(const void *one, const void *two) {
    double a = *(const double *)one, b = *(const double *)two;
    return (a > b) - (a < b);
}

/* At every event, one ulp before and after it, and some minutes later; every fourth week; the end. */
static void look_until(double end) {
    static const double minutes[] = {1, 5, 30, 60, 600};
    fe__events_sort(events, events_n);
    times[times_n++] = 0;
    for (size_t i = 0; i < events_n; i++) {
        double t = events[i].t;
        if (t > 0) times[times_n++] = nextafter(t, 0);
        times[times_n++] = t;
        times[times_n++] = t; /* asked twice, answered twice */
        times[times_n++] = nextafter(t, INFINITY);
        for (size_t j = 0; j < sizeof minutes / sizeof *minutes && i < 8; j++) times[times_n++] = t + minutes[j] / 60;
    }
    for (double t = 4 * WEEK_H; t < end; t += 4 * WEEK_H) times[times_n++] = t;
    times[times_n++] = end;
    assert_true(times_n <= TIMES_MAX && events_n <= EVENTS_MAX);
    qsort(times, times_n, sizeof *times, ascending);
    while (times[times_n - 1] > end) times_n--;
}

static void two_infusions_and_a_year(void) {
    infuse(0, FORMULATION_fcm, 1000, 15);
    infuse(WEEK_H, FORMULATION_is, 500, 30);
    happen(2 * WEEK_H, BODY_BLEED, 500, KEEP_FORMULATION);
    look_until(52 * WEEK_H);
}

/* ---- playing ------------------------------------------------------------------------------------------------------------------- */

typedef struct played {
    double (*values)[TIMES_MAX][VALUES];
    size_t seen[BODIES_MAX];
    solve_status ends[BODIES_MAX];
} played;

static played room_for(size_t n) { return (played){.values = calloc(n, sizeof(double[TIMES_MAX][VALUES]))}; }

static bool batch_body_of(void *context, size_t k, body *b, double *y) {
    (void)context;
    return make(k, b, y);
}

static void keep(played *p, size_t k, size_t i, const double *y, const double *o) {
    memcpy(p->values[k][i], y, STATES * sizeof *y);
    memcpy(p->values[k][i] + STATES, o, OBSERVED * sizeof *o);
    assert_int_equal(p->seen[k], i); /* in order, none left out */
    p->seen[k]++;
}

static void batch_output(void *context, size_t k, size_t i, const double *y, const double *o) { keep(context, k, i, y, o); }

static void batch_done(void *context, size_t k, solve_status s) { ((played *)context)->ends[k] = s; }

typedef struct one_of {
    played *p;
    size_t k;
} one_of;

static void reference_output(void *context, size_t i, const double *y, const double *o) {
    const one_of *x = context;
    keep(x->p, x->k, i, y, o);
}

static void play_both(size_t n, played *got, played *want) {
    batch_play play = {.m = &changed,
                       .events = events,
                       .events_n = events_n,
                       .times = times,
                       .times_n = times_n,
                       .n = n,
                       .rtol = rtol,
                       .threads = 1,
                       .context = got,
                       .body = batch_body_of,
                       .output = batch_output,
                       .done = batch_done};
    assert_true(fe__play_batch(&play, NULL));
    reference_solver *solver = fe__reference_new(&changed, 1e-10, 1e-12);
    assert_non_null(solver);
    for (size_t k = 0; k < n; k++) {
        body b;
        double y[STATES];
        one_of x = {want, k};
        assert_true(make(k, &b, y));
        want->ends[k] = fe__play(&changed, solver, &b, y, events, events_n, times, times_n, reference_output, &x);
    }
    fe__reference_free(solver);
}

/* What an error of value v is measured against where the value itself is small: Z is a logarithm; unsaturated capacity, mg/L, has an assay that
 * ends above 0.1; X is read as 1 + X; a hazard under 0.1 % is none that anybody tells. */
static double floor_of(int v, double most) {
    if (v == ST_Z || v == ST_X) return 1;
    if (v == STATES + OBSERVED_UIBC_mgL) return 0.1;
    if (v == ST_HF || v == STATES + OBSERVED_pain_risk) return 1e-3;
    return 1e-3 * most;
}

static double error_of(const played *got, const played *want, size_t k) {
    double worst = 0;
    for (int v = 0; v < VALUES; v++) {
        double most = 0;
        for (size_t i = 0; i < times_n; i++) most = fmax(most, fabs(want->values[k][i][v]));
        for (size_t i = 0; i < times_n && most > 1e-9; i++) {
            double is = got->values[k][i][v], should = want->values[k][i][v];
            if (isnan(is) && isnan(should)) continue; /* a score that the body has not */
            double error = fabs(is - should) / fmax(fabs(should), floor_of(v, most));
            worst = isnan(error) ? INFINITY : fmax(worst, error);
        }
    }
    return worst;
}

/* Plays n bodies; at least so many of them to the end. */
static void right_or_an_error(size_t n, size_t at_least) {
    played got = room_for(n), want = room_for(n);
    size_t ended[SOLVE_STATUSES] = {0};
    double worst = 0;
    assert_true(n <= BODIES_MAX && got.values && want.values);
    play_both(n, &got, &want);
    for (size_t k = 0; k < n; k++) {
        ended[got.ends[k]]++;
        if ((got.ends[k] == SOLVE_OK) != (want.ends[k] == SOLVE_OK))
            fail_msg("body %zu: %s; CVODE: %s", k, fe__solve_text(got.ends[k]), fe__solve_text(want.ends[k]));
        if (got.ends[k] != SOLVE_OK) continue;
        assert_int_equal(got.seen[k], times_n);
        double error = error_of(&got, &want, k);
        if (!(error <= bound)) fail_msg("body %zu is wrong by %.2e", k, error);
        worst = fmax(worst, error);
    }
    print_message("%zu of %zu played, largest error %.1e", ended[SOLVE_OK], n, worst);
    for (int s = SOLVE_OK + 1; s < SOLVE_STATUSES; s++)
        if (ended[s]) print_message("; %zu: %s", ended[s], fe__solve_text((solve_status)s));
    print_message("\n");
    assert_true(ended[SOLVE_OK] >= at_least);
    free(got.values);
    free(want.values);
}

/* ---- bodies ---------------------------------------------------------------------------------------------------------------------- */

static bool a_virtual_patient(size_t k, body *b, double *y) {
    start_labs labs;
    double eta[ETAS + 1];
    return fe__virtual_patient(&changed, (int)(k % POPULATION_COUNT), patients_seed, k, &labs, eta, b, y);
}

/* Every rate constant of the equations, one at a time and all together, ten times faster and ten times slower: the state is no longer a steady
 * one, and the spread of the eigenvalues is up to a hundred times that of a patient. */
#define RATE(name) offsetof(parameters, name)
static const size_t rates[] = {RATE(kb), RATE(kh),  RATE(kT),   RATE(kapE), RATE(kP), RATE(kE),  RATE(kRet), RATE(kM),
                               RATE(kH), RATE(kbl), RATE(kHep), RATE(kTf),  RATE(kG), RATE(kFA), RATE(kF),   RATE(kI),
                               RATE(kC), RATE(kX),  RATE(kPh),  RATE(kB),   RATE(kW), RATE(kQ),  RATE(kA)};
enum { RATES = sizeof rates / sizeof *rates, CHANGES = 2 * (RATES + 1) };

static void multiply(parameters *p, size_t offset, double by) {
    double v;
    memcpy(&v, (char *)p + offset, sizeof v);
    v *= by;
    memcpy((char *)p + offset, &v, sizeof v);
}

static bool with_other_rates(size_t k, body *b, double *y) {
    size_t which = k % CHANGES / 2;
    double by = k % 2 ? 10 : 0.1;
    if (!a_virtual_patient(k / CHANGES + k, b, y)) return false;
    for (size_t i = 0; i < RATES; i++)
        if (which == i || which == RATES) multiply(&b->p, rates[i], by);
    return true;
}

static void rate_constants_ten_times_faster_and_slower(void **state) {
    (void)state;
    start_over();
    make = with_other_rates;
    two_infusions_and_a_year();
    right_or_an_error(2 * CHANGES, 2 * CHANGES - 12);
}

static void change_formulations(double by) {
    for (int i = 0; i < FORMULATION_COUNT; i++) {
        formulation *f = &changed.formulations[i];
        f->Vm *= by, f->kL *= by, f->k12 *= by, f->k21 *= by, f->kML *= by, f->krel *= by;
    }
}

static void rate_constants_of_the_drug_ten_times_faster_and_slower(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++) {
        start_over();
        make = a_virtual_patient;
        change_formulations(i ? 10 : 0.1);
        two_infusions_and_a_year();
        right_or_an_error(22, 20);
    }
}

static void infusions_that_begin_as_the_last_one_ends(void **state) {
    (void)state;
    start_over();
    make = a_virtual_patient;
    double t = 24;
    for (int i = 0; i < 5; i++) t = infuse(t, i % FORMULATION_COUNT, 800, 15);
    look_until(52 * WEEK_H);
    right_or_an_error(33, 25);
}

static bool with_full_transferrin(size_t k, body *b, double *y) {
    start_labs labs;
    unsigned filled;
    double eta[ETAS + 1];
    if (!fe__virtual_patient(&changed, (int)(k % POPULATION_COUNT), patients_seed, k, &labs, eta, b, y)) return false;
    labs.TSAT = 95 - 0.5 * (double)(k % 8);
    labs.F = k % 2 ? 2900 : 300;
    labs.CRP = 3;
    labs.TIBC = k % 3 ? 180 : 90;
    return fe__start_fill(&changed, &labs, &filled) == START_OK && fe__start(&changed, &labs, NULL, b, y) <= START_CONTRADICTION;
}

static void transferrin_that_is_nearly_full(void **state) {
    (void)state;
    start_over();
    make = with_full_transferrin;
    infuse(0, FORMULATION_is, 1000, 5);
    infuse(1, FORMULATION_sfg, 1500, 10);
    look_until(24 * WEEK_H);
    right_or_an_error(44, 30);
}

/* 0.1 + 0.2 is not 0.3: an infusion that ends an ulp after something else happens. */
static void events_an_ulp_apart(void **state) {
    (void)state;
    start_over();
    make = a_virtual_patient;
    happen(0, BODY_RATE, 2000, FORMULATION_fcm);
    happen(0.3, BODY_BLEED, 300, KEEP_FORMULATION);
    happen(0.1 + 0.2, BODY_RATE, 0, KEEP_FORMULATION);
    happen(nextafter(0.1 + 0.2, 1), BODY_TRANSFUSE, 2, KEEP_FORMULATION);
    happen(nextafter(4032, 0), BODY_ORAL, 100, KEEP_FORMULATION);
    happen(4032, BODY_INFLAM, 200, KEEP_FORMULATION);
    happen(nextafter(4032, 5000), BODY_ESA, 1, KEEP_FORMULATION);
    look_until(52 * WEEK_H);
    right_or_an_error(22, 18);
}

/* Ten units of blood, a dose of 20 g, an ESA at ten times the drive, blood lost by the liter. */
static bool a_little_ill(size_t k, body *b, double *y) {
    bool ok = a_virtual_patient(k, b, y);
    if (k % 3 == 1) b->uESA = y[ST_A] = 10;
    if (k % 3 == 2) b->c.e *= 5;
    return ok;
}

static void amounts_beyond_reason(void **state) {
    (void)state;
    start_over();
    make = a_little_ill;
    infuse(10, FORMULATION_is, 20000, 1);
    happen(20, BODY_TRANSFUSE, 10, KEEP_FORMULATION);
    happen(30, BODY_BLEED, 20000, KEEP_FORMULATION);
    happen(40, BODY_LOSS, 1000, KEEP_FORMULATION);
    happen(50, BODY_ORAL, 1e6, KEEP_FORMULATION);
    happen(60, BODY_INFLAM, 1e4, KEEP_FORMULATION);
    look_until(52 * WEEK_H);
    right_or_an_error(33, 0);
}

int main(void) {
    print_message("seed %llu\n", (unsigned long long)patients_seed);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rate_constants_ten_times_faster_and_slower),
        cmocka_unit_test(rate_constants_of_the_drug_ten_times_faster_and_slower),
        cmocka_unit_test(infusions_that_begin_as_the_last_one_ends),
        cmocka_unit_test(transferrin_that_is_nearly_full),
        cmocka_unit_test(events_an_ulp_apart),
        cmocka_unit_test(amounts_beyond_reason),
    };
    return cmocka_run_group_tests(tests, set_up, close_model);
}
