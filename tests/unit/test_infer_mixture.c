/* What is foreseen of one lab: closed forms where one draw stands alone, a hand-worked mixture, and sampling as another way to the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "base/random.h"
#include "infer/mixture.h"

enum { DRAWS = 200, SAMPLES = 200000 };

static double spare[DRAWS], copy[DRAWS];
static uint16_t bins[DRAWS];
static const quantile_room room = {spare, bins};

static double quantile(const mixture *m, double q) { return fe__mixture_quantile(m, q, &room, copy); }

static void one_draw_is_lognormal_about_its_value(void **state) {
    (void)state;
    const double value[] = {100};
    mixture m = {value, 1, 0.16, 0, 0};
    assert_true(fabs(fe__mixture_below(&m, 100) - 0.5) < 1e-12);
    assert_true(fabs(fe__mixture_below(&m, 100 * exp(0.16)) - 0.8413447460685429) < 1e-9);
    assert_true(fabs(quantile(&m, 0.95) - 100 * exp(0.16 * 1.6448536269514722)) < 1e-5);
    assert_true(fabs(quantile(&m, 0.5) - 100) < 1e-5);
}

/* SD^2 = log^2 + (additive / f)^2: at f = 5 the additive 3 dominates, at 500 it is nothing. */
static void the_additive_error_weighs_by_the_value(void **state) {
    (void)state;
    const double low[] = {5}, high[] = {500};
    mixture a = {low, 1, 0.28, 3, 0}, b = {high, 1, 0.28, 3, 0};
    assert_true(fabs(log(quantile(&a, 0.95) / 5) / 1.6448536269514722 - sqrt(0.28 * 0.28 + 0.36)) < 1e-7);
    assert_true(fabs(fe__mixture_below(&a, 5 * exp(sqrt(0.28 * 0.28 + 0.36))) - 0.8413447460685429) < 1e-9);
    assert_true(fabs(log(quantile(&b, 0.95) / 500) / 1.6448536269514722 - sqrt(0.28 * 0.28 + 0.006 * 0.006)) < 1e-7);
}

static void far_draws_share_the_chance_by_their_number(void **state) {
    (void)state;
    const double value[] = {10, 1000, 1000, 1000};
    mixture m = {value, 4, 0.03, 0, 0};
    assert_true(fabs(fe__mixture_below(&m, 100) - 0.25) < 1e-12);
    assert_true(fabs(fe__mixture_below(&m, 1000) - (0.25 + 0.75 / 2)) < 1e-12);
    assert_true(fabs(quantile(&m, 0.125) - 10) < 1e-6);
    assert_true(fabs(quantile(&m, 0.625) - 1000) < 1e-4);
}

static void nothing_lies_below_zero(void **state) {
    (void)state;
    const double value[] = {2, 3};
    mixture m = {value, 2, 0.5, 0.1, 0};
    assert_true(fe__mixture_below(&m, 0) == 0);
    assert_true(fe__mixture_below(&m, -1) == 0);
}

/* Type 7: the median of 4 numbers lies between the middle two; a value that is drawn counts half. */
static void scores_without_error_are_the_draws_themselves(void **state) {
    (void)state;
    const double value[] = {20, 10, 40, 30};
    mixture m = {value, 4, 0, 0, 0};
    assert_true(quantile(&m, 0.5) == 25);
    assert_true(fe__mixture_below(&m, 30) == 0.625);
    assert_true(fe__mixture_below(&m, 5) == 0 && fe__mixture_below(&m, 41) == 1);
    assert_true(value[0] == 20 && value[3] == 30);
}

/* Normal about each draw, below 0 too: the scale of a score is not the mixture's. */
static void a_score_that_varies_by_itself_is_normal_about_the_draws(void **state) {
    (void)state;
    const double one[] = {18}, two[] = {-1000, 1000};
    mixture m = {one, 1, 0, 0, 7.1}, far = {two, 2, 0, 0, 1};
    assert_true(fabs(fe__mixture_below(&m, 18 + 7.1) - 0.8413447460685429) < 1e-9);
    assert_true(fabs(quantile(&m, 0.05) - (18 - 7.1 * 1.6448536269514722)) < 1e-6);
    assert_true(fabs(quantile(&m, 0.5) - 18) < 1e-6);
    assert_true(fabs(fe__mixture_below(&far, 0) - 0.5) < 1e-12);
    assert_true(fabs(quantile(&far, 0.75) - 1000) < 1e-4);
}

static void it_is_what_sampling_gives(void **state) {
    (void)state;
    random_stream r = fe__random_stream(7, 1, 1);
    double value[DRAWS];
    for (int i = 0; i < DRAWS; i++) value[i] = 60 * exp(0.4 * fe__random_normal(&r));
    mixture m = {value, DRAWS, 0.16, 2, 0};
    const double at = quantile(&m, 0.9);
    size_t below = 0;
    for (int k = 0; k < SAMPLES; k++) {
        double f = value[k % DRAWS];
        below += f * exp(hypot(0.16, 2 / f) * fe__random_normal(&r)) < at;
    }
    double share = (double)below / SAMPLES;
    if (fabs(share - 0.9) > 0.004) print_message("seed 7: %f\n", share); /* six standard errors */
    assert_true(fabs(share - 0.9) < 0.004);
    assert_true(fabs(fe__mixture_below(&m, at) - 0.9) < 1e-6);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_draw_is_lognormal_about_its_value),
        cmocka_unit_test(the_additive_error_weighs_by_the_value),
        cmocka_unit_test(far_draws_share_the_chance_by_their_number),
        cmocka_unit_test(nothing_lies_below_zero),
        cmocka_unit_test(scores_without_error_are_the_draws_themselves),
        cmocka_unit_test(a_score_that_varies_by_itself_is_normal_about_the_draws),
        cmocka_unit_test(it_is_what_sampling_gives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
