/* The batch solver against CVODE, and against itself in every other shape: instruction sets, threads, neighbours. */
#include "test_body_bench.h"

#include <stdlib.h>

#include "base/elementary.h"
#include "course/play_batch.h"
#include "infer/prior.h"

enum { BODIES = 110, TIMES_MAX = 40, VALUES = STATES + OBSERVED };
static const uint64_t patients_seed = 20261125;

static const model_data *m;
static double times[TIMES_MAX];
static size_t times_n;
static body_event events[8];
static size_t events_n;
static batch_part part;
static size_t offset; /* body k of the batch is virtual patient k + offset */

static int set_up(void **state) {
    static const double hours[] = {0,   0.1,    0.25, 0.5, 1,   2,   6,   12,   24,   72,
                                   168, 168.25, 169,  180, 240, 336, 672, 1344, 2688, 4032};
    times_n = sizeof hours / sizeof *hours;
    memcpy(times, hours, sizeof hours);
    if (open_model(state) != 0) return -1;
    m = *state;
    return 0;
}

static void infuse(double at, int formulation_of, double mg, double minutes) {
    events[events_n++] = (body_event){.t = at, .kind = BODY_RATE, .formulation = formulation_of, .amount = mg / (minutes / 60)};
    events[events_n++] = (body_event){.t = at + minutes / 60, .kind = BODY_RATE, .formulation = KEEP_FORMULATION};
}

static void course_of(int formulation_of) {
    events_n = 0;
    infuse(0, formulation_of, 500, 15);
    infuse(168, formulation_of, 300, 30);
    events[events_n++] = (body_event){.t = 672, .kind = BODY_BLEED, .amount = 400, .formulation = KEEP_FORMULATION, .Hbn = NAN};
    fe__events_sort(events, events_n);
}

/* ---- playing ---------------------------------------------------------------------------------------------------------------- */

typedef struct played {
    double *values; /* [bodies][times][VALUES] */
    solve_status *ends;
} played;

static played room_for(size_t n) {
    return (played){calloc(n * TIMES_MAX * VALUES, sizeof(double)), calloc(n, sizeof(solve_status))};
}

static void let_go(played p) {
    free(p.values);
    free(p.ends);
}

static bool body_of(void *context, size_t k, body *b, double *y) {
    (void)context;
    start_labs labs;
    double eta[ETAS + 1];
    size_t id = k + offset;
    return fe__virtual_patient(m, (int)(id % POPULATION_COUNT), patients_seed, id, &labs, eta, b, y);
}

static double *place(const played *p, size_t k, size_t i) { return &p->values[(k * TIMES_MAX + i) * VALUES]; }

static void keep(double *v, const double *y, const double *o) {
    memcpy(v, y, STATES * sizeof *v);
    memcpy(v + STATES, o, OBSERVED * sizeof *v);
}

static void output(void *context, size_t k, size_t i, const double *y, const double *o) { keep(place(context, k, i), y, o); }

static void done(void *context, size_t k, solve_status s) { ((played *)context)->ends[k] = s; }

static batch_counts batch(played *p, size_t n, double rtol, int threads) {
    batch_counts counts = {0};
    batch_play play = {.m = m,
                       .events = events,
                       .events_n = events_n,
                       .times = times,
                       .times_n = times_n,
                       .n = n,
                       .part = part,
                       .rtol = rtol,
                       .threads = threads,
                       .context = p,
                       .body = body_of,
                       .output = output,
                       .done = done};
    assert_true(fe__play_batch(&play, &counts));
    return counts;
}

static size_t playing; /* the body that CVODE plays */

static void reference_output(void *context, size_t i, const double *y, const double *o) {
    keep(place(context, playing, i), y, o);
}

static void reference(played *p, size_t n) {
    reference_solver *solver = fe__reference_new(m, 1e-11, 1e-13);
    assert_non_null(solver);
    for (playing = 0; playing < n; playing++) {
        body b;
        double y[STATES];
        assert_true(body_of(NULL, playing, &b, y));
        p->ends[playing] = fe__play(m, solver, &b, y, events, events_n, times, times_n, reference_output, p);
    }
    fe__reference_free(solver);
}

/* Largest error over all bodies, times and values; a value counts against a thousandth of its column's largest of that body. */
static double distance(const played *got, const played *want, size_t n) {
    double worst = 0;
    for (size_t k = 0; k < n; k++) {
        for (size_t v = 0; v < VALUES; v++) {
            double most = 0;
            for (size_t i = 0; i < times_n; i++) most = fmax(most, fabs(place(want, k, i)[v]));
            for (size_t i = 0; i < times_n && most > 1e-9; i++) {
                double is = place(got, k, i)[v], should = place(want, k, i)[v];
                if (isnan(is) && isnan(should)) continue; /* a score that the body has not */
                double error = fabs(is - should) / fmax(fabs(should), 1e-3 * most);
                worst = isnan(error) ? INFINITY : fmax(worst, error);
            }
        }
    }
    return worst;
}

/* ---- tests ---------------------------------------------------------------------------------------------------------------------- */

static void it_agrees_with_cvode_for_every_formulation(void **state) {
    (void)state;
    enum { FEW = 22 };
    for (int which = 0; which < FORMULATION_COUNT; which++) {
        played got = room_for(FEW), want = room_for(FEW);
        course_of(which);
        batch(&got, FEW, 1e-6, 1);
        reference(&want, FEW);
        for (size_t k = 0; k < FEW; k++) assert_int_equal(got.ends[k], SOLVE_OK);
        double worst = distance(&got, &want, FEW);
        print_message("%s: largest error %.1e at rtol 1e-6\n", fe__formulation_ids[which], worst);
        assert_true(worst < 1e-4);
        let_go(got);
        let_go(want);
    }
}

/* Order 4: a tolerance a hundred times tighter is an error about a hundred times smaller. */
static void the_error_falls_with_the_tolerance(void **state) {
    (void)state;
    enum { FEW = 11 };
    played want = room_for(FEW);
    double error[3];
    course_of(FORMULATION_fcm);
    reference(&want, FEW);
    for (int i = 0; i < 3; i++) {
        played got = room_for(FEW);
        batch(&got, FEW, pow(10, -4 - 2 * i), 1);
        error[i] = distance(&got, &want, FEW);
        let_go(got);
    }
    print_message("errors %.1e %.1e %.1e at rtol 1e-4, 1e-6, 1e-8\n", error[0], error[1], error[2]);
    assert_true(error[1] < error[0] / 20 && error[2] < error[1] / 20);
    let_go(want);
}

static bool same(const played *a, size_t from_a, const played *b, size_t from_b, size_t n) {
    return memcmp(place(a, from_a, 0), place(b, from_b, 0), n * TIMES_MAX * VALUES * sizeof(double)) == 0;
}

static void the_same_bits_whatever_the_shape(void **state) {
    (void)state;
    static const char *const isas[] = {"avx512", "avx2", "neon", "scalar", "baseline"};
    played first = room_for(BODIES);
    course_of(FORMULATION_is);
    batch(&first, BODIES, 1e-4, 1);
    for (size_t i = 0; i < sizeof isas / sizeof *isas; i++) {
        played other = room_for(BODIES);
        setenv("FERRULE_ISA", isas[i], 1);
        bool present = strcmp(fe__batch_isa(), isas[i]) == 0; /* another machine's falls back to the widest */
        batch(&other, BODIES, 1e-4, 1);
        if (!same(&first, 0, &other, 0, BODIES))
            fail_msg("%s (%s) gives other bits", isas[i], present ? "present" : "fallen back");
        let_go(other);
    }
    unsetenv("FERRULE_ISA");
    for (int threads = 2; threads <= 5; threads += 3) {
        played other = room_for(BODIES);
        batch(&other, BODIES, 1e-4, threads);
        assert_true(same(&first, 0, &other, 0, BODIES));
        let_go(other);
    }
    played later = room_for(BODIES);
    offset = 13; /* the same bodies beside other neighbours, in other lanes */
    batch(&later, BODIES - 13, 1e-4, 1);
    offset = 0;
    assert_true(same(&first, 13, &later, 0, BODIES - 13));
    let_go(later);
    let_go(first);
}

/* A body with three times its red cells, and one whose equations give nothing finite, end as their own errors; neighbours do not notice. */
static size_t broken;
static bool with_nan;
static bool one_broken(void *context, size_t k, body *b, double *y) {
    if (!body_of(context, k, b, y)) return false;
    if (k == broken && with_nan) b->c.tibi = NAN;
    for (int i = ST_R1; k == broken && !with_nan && i <= ST_R6; i++) y[i] *= 3;
    return true;
}

static void a_body_that_fails_is_its_own_error(void **state) {
    (void)state;
    enum { FEW = 24 };
    played first = room_for(FEW);
    course_of(FORMULATION_fcm);
    batch(&first, FEW, 1e-4, 1);
    broken = 5;
    for (int i = 0; i < 2; i++) {
        played other = room_for(FEW);
        with_nan = i == 1;
        batch_play play = {.m = m,
                           .events = events,
                           .events_n = events_n,
                           .times = times,
                           .times_n = times_n,
                           .n = FEW,
                           .rtol = 1e-4,
                           .threads = 1,
                           .context = &other,
                           .body = one_broken,
                           .output = output,
                           .done = done};
        assert_true(fe__play_batch(&play, NULL));
        for (size_t k = 0; k < FEW; k++) {
            if (k == broken) assert_int_equal(other.ends[k], with_nan ? SOLVE_STEPS : SOLVE_RUNAWAY);
            else assert_true(other.ends[k] == SOLVE_OK && same(&first, k, &other, k, 1));
        }
        let_go(other);
    }
    let_go(first);
}

static bool never(void *context, size_t k, body *b, double *y) { return k % 2 == 0 && body_of(context, k, b, y); }

static void a_body_without_a_start_is_left_out(void **state) {
    (void)state;
    enum { FEW = 9 };
    played p = room_for(FEW);
    course_of(FORMULATION_fcm);
    batch_play play = {.m = m,
                       .events = events,
                       .events_n = events_n,
                       .times = times,
                       .times_n = times_n,
                       .n = FEW,
                       .rtol = 1e-4,
                       .threads = 1,
                       .context = &p,
                       .body = never,
                       .output = output,
                       .done = done};
    assert_true(fe__play_batch(&play, NULL));
    for (size_t k = 0; k < FEW; k++) assert_true((p.ends[k] == SOLVE_OK) == (k % 2 == 0));
    let_go(p);
}

/* What routine labs read is the same without the rest; the rest has no value. */
static void a_part_is_solved_alone(void **state) {
    (void)state;
    enum { FEW = 22 };
    played all = room_for(FEW), labs = room_for(FEW);
    course_of(FORMULATION_fcm);
    batch(&all, FEW, 1e-8, 1);
    part = BATCH_LABS;
    batch_counts counts = batch(&labs, FEW, 1e-8, 1);
    part = BATCH_ALL;
    assert_true(counts.steps > 0);
    for (size_t k = 0; k < FEW; k++) {
        for (int v = 0; v < VALUES; v++) {
            static const int rest[] = {ST_X,
                                       ST_PH,
                                       ST_B,
                                       ST_W,
                                       ST_Q,
                                       ST_HF,
                                       ST_HS,
                                       ST_CABS,
                                       ST_CLOSS,
                                       STATES + OBSERVED_IRLS,
                                       STATES + OBSERVED_IRLS_drug,
                                       STATES + OBSERVED_fatigue,
                                       STATES + OBSERVED_fatigue_drug,
                                       STATES + OBSERVED_phosphate,
                                       STATES + OBSERVED_FGF23,
                                       STATES + OBSERVED_pain_risk};
            bool in_rest = false;
            for (size_t i = 0; i < sizeof rest / sizeof *rest; i++) in_rest = in_rest || v == rest[i];
            for (size_t i = 0; i < times_n; i++) {
                double alone = place(&labs, k, i)[v], with = place(&all, k, i)[v];
                if (in_rest) assert_true(isnan(alone));
                else assert_within(alone, with, 3e-6L * fmaxl(fabsl(with), 1e-2L));
            }
        }
    }
    let_go(all);
    let_go(labs);
}

static void every_lane_is_at_work(void **state) {
    (void)state;
    played p = room_for(BODIES);
    course_of(FORMULATION_fcm);
    batch_counts c = batch(&p, BODIES, 1e-4, 1);
    double use = (double)c.steps / (double)c.lane_steps;
    print_message("%s: %.0f steps a body, %.1f rejected, lanes in use %.3f\n", fe__batch_isa(), (double)c.steps / BODIES,
                  (double)c.rejected / BODIES, use);
    assert_true(use > 0.85);
    let_go(p);
}

/* exp and ln against the long double of the C library. */
static void exp_and_ln_are_right_to_the_last_places(void **state) {
    (void)state;
    double worst_exp = 0, worst_ln = 0;
    random_stream r = fe__random_stream(patients_seed, 0, 77);
    for (int i = 0; i < 200000; i++) {
        double x = 60 * (fe__random_uniform(&r) - 0.5), z = fe__exp(x);
        worst_exp = fmax(worst_exp, (double)fabsl((long double)fe__exp(x) / expl((long double)x) - 1));
        long double exact = logl((long double)z);
        if (fabsl(exact) > 1e-3L) worst_ln = fmax(worst_ln, (double)fabsl((long double)fe__ln(z) / exact - 1));
        double near_one = 1 + 1e-3 * (fe__random_uniform(&r) - 0.5);
        if (near_one != 1)
            worst_ln = fmax(worst_ln, (double)fabsl((long double)fe__ln(near_one) / logl((long double)near_one) - 1));
    }
    print_message("largest relative error: exp %.2e, ln %.2e\n", worst_exp, worst_ln);
    assert_true(worst_exp < 5e-16 && worst_ln < 5e-16);
    assert_true(isnan(fe__ln(0)) && isnan(fe__ln(-1)) && isnan(fe__ln(NAN)) && fe__exp(0) == 1 && fe__ln(1) == 0);
}

/* Section 11: what is in the body is what was there, came and went, whatever the step: the tolerance is coarse on purpose. */
static void iron_is_conserved(void **state) {
    (void)state;
    course_of(FORMULATION_fcm);
    for (size_t i = 0; i < 2; i++) {
        played p = room_for(BODIES);
        batch(&p, BODIES, i ? 1e-2 : 3e-6, 2);
        for (size_t k = 0; k < BODIES; k++) {
            const double *first = place(&p, k, 0);
            if (p.ends[k] != SOLVE_OK) continue;
            for (size_t t = 0; t < times_n; t++) {
                const double *v = place(&p, k, t);
                double h = times[t], infused = 500 * fmin(h / 0.25, 1) + 300 * fmin(fmax(h - 168, 0) / 0.5, 1);
                double change = v[STATES + OBSERVED_iron_total] - first[STATES + OBSERVED_iron_total];
                assert_within(change, infused + v[ST_CABS] - v[ST_CLOSS], 1e-9L * first[STATES + OBSERVED_iron_total]);
            }
        }
        let_go(p);
    }
}

int main(void) {
    print_message("seed %llu\n", (unsigned long long)patients_seed);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_agrees_with_cvode_for_every_formulation),
        cmocka_unit_test(the_error_falls_with_the_tolerance),
        cmocka_unit_test(the_same_bits_whatever_the_shape),
        cmocka_unit_test(a_body_that_fails_is_its_own_error),
        cmocka_unit_test(a_body_without_a_start_is_left_out),
        cmocka_unit_test(every_lane_is_at_work),
        cmocka_unit_test(a_part_is_solved_alone),
        cmocka_unit_test(iron_is_conserved),
        cmocka_unit_test(exp_and_ln_are_right_to_the_last_places),
    };
    return cmocka_run_group_tests(tests, set_up, close_model);
}
