/* Round values for axes, and where numbers lie on paper. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report/scale.h"

static void assert_ticks(double low, double high, int most, double first, double step, int count) {
    ticks t = fe__ticks(low, high, most);
    assert_int_equal(t.count, count);
    assert_true(fabs(t.first - first) < 1e-9);
    assert_true(fabs(t.step - step) < 1e-9);
}

static void ticks_are_round(void **state) {
    (void)state;
    assert_ticks(8.4, 14.6, 3, 10, 2, 3);
    assert_ticks(0, 1290, 3, 0, 500, 3);
    assert_ticks(0, 0.31, 3, 0, 0.2, 2);
    assert_ticks(-0.5, 0.5, 3, -0.5, 0.5, 3);
    assert_ticks(0, 1725, 6, 0, 500, 4);
}

static void ticks_are_as_fine_as_allowed_and_lie_inside(void **state) {
    (void)state;
    for (int i = 0; i < 4000; i++) {
        double low = 0.37 * (i % 63) - 9, high = low + pow(1.013, i % 900) * 0.01;
        for (int most = 1; most <= 6; most++) {
            ticks t = fe__ticks(low, high, most);
            assert_true(t.count <= most);
            assert_true(most < 2 || t.count >= 1);
            for (int k = 0; k < t.count; k++) assert_true(fe__tick(&t, k) >= low - 1e-9 && fe__tick(&t, k) <= high + 1e-9);
        }
    }
}

static void zero_is_written_as_zero(void **state) {
    (void)state;
    ticks t = fe__ticks(-0.3, 0.3, 7);
    assert_int_equal(t.count, 7);
    assert_true(fe__tick(&t, 3) == 0 && !signbit(fe__tick(&t, 3)));
}

static void a_range_that_is_none_has_no_ticks(void **state) {
    (void)state;
    assert_int_equal(fe__ticks(3, 3, 3).count, 0);
    assert_int_equal(fe__ticks(NAN, 3, 3).count, 0);
    assert_int_equal(fe__ticks(0, INFINITY, 3).count, 0);
    assert_int_equal(fe__ticks(0, 1, 0).count, 0);
}

static void decimals_are_what_the_step_needs(void **state) {
    (void)state;
    assert_int_equal(fe__ticks(0, 0.05, 3).decimals, 2);
    assert_int_equal(fe__ticks(0, 1.1, 3).decimals, 1);
    assert_int_equal(fe__ticks(0, 1100, 3).decimals, 0);
}

static void a_scale_runs_either_way(void **state) {
    (void)state;
    scale up = {10, 20, 100, 0}; /* as on a screen: the larger value lies higher */
    assert_true(fe__lie(&up, 10) == 100 && fe__lie(&up, 20) == 0 && fe__lie(&up, 15) == 50);
    assert_true(fe__lie(&up, 25) == -50);
    assert_true(fe__lie_within(&up, 25) == 0 && fe__lie_within(&up, 5) == 100);
    scale none = {3, 3, 7, 90};
    assert_true(fe__lie(&none, 3) == 7);
}

static void a_range_is_widened_but_not_below_a_near_zero(void **state) {
    (void)state;
    double low = 10, high = 14;
    fe__widen(&low, &high, 0.1);
    assert_true(fabs(low - 9.6) < 1e-9 && fabs(high - 14.4) < 1e-9);
    low = 7, high = 900;
    fe__widen(&low, &high, 0.1);
    assert_true(low == 0);
    low = high = 5;
    fe__widen(&low, &high, 0.1);
    assert_true(high > low);
    low = high = 0;
    fe__widen(&low, &high, 0.1);
    assert_true(high > low);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticks_are_round),
        cmocka_unit_test(ticks_are_as_fine_as_allowed_and_lie_inside),
        cmocka_unit_test(zero_is_written_as_zero),
        cmocka_unit_test(a_range_that_is_none_has_no_ticks),
        cmocka_unit_test(decimals_are_what_the_step_needs),
        cmocka_unit_test(a_scale_runs_either_way),
        cmocka_unit_test(a_range_is_widened_but_not_below_a_near_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
