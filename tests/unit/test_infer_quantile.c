/* Quantiles without sorting are those of sorting, bit for bit; and what columns of draws are worked on with: large rooms and crews. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/crew.h"
#include "base/random.h"
#include "base/room.h"
#include "infer/predict.h"

enum { MOST = 5000, REPEATS = 3 };

static int ascending(const void *one, const void *two) {
    double a = *(const double *)one, b = *(const double *)two;
    return a < b ? -1 : a > b;
}

/* Shapes that a column of draws can have, and some that none has. */
enum {
    EVEN,
    NORMAL,
    HEAVY,
    VERY_HEAVY,
    TIES,
    TWO,
    ONE,
    NEGATIVE,
    RISING,
    FALLING,
    ENDLESS,
    BOTH_ENDLESS,
    TINY,
    HUGE_RANGE,
    STRAY,
    GEOMETRIC,
    SHAPES
};

static double number(int shape, random_stream *r, size_t i) {
    double u = fe__random_uniform(r), z = fe__random_normal(r);
    switch (shape) {
    case EVEN: return u;
    case NORMAL: return 100 + 15 * z;
    case HEAVY: return exp(2 * z);
    case VERY_HEAVY: return exp(40 * z);
    case TIES: return floor(10 * u);
    case TWO: return u < 0.3 ? 2 : 7;
    case ONE: return 4;
    case NEGATIVE: return -exp(z);
    case RISING: return (double)i;
    case FALLING: return -(double)i;
    case ENDLESS: return u < 0.4 ? INFINITY : u;
    case BOTH_ENDLESS: return u < 0.1 ? -INFINITY : u < 0.7 ? INFINITY : u;
    case TINY: return floor(5 * u) * DBL_TRUE_MIN;
    case HUGE_RANGE: return (u - 0.5) * 2 * DBL_MAX;
    case STRAY: return i == 3 ? 1e9 : u;
    default: return ldexp(1, -(int)(i % 1000));
    }
}

static void assert_as_sorted(double *v, size_t n, const double *q, size_t count, int shape) {
    static double sorted[MOST], spare[MOST];
    static uint16_t bins[MOST];
    double out[QUANTILES_MAX];
    memcpy(sorted, v, n * sizeof *v);
    qsort(sorted, n, sizeof *sorted, ascending);
    fe__quantiles_of(v, n, q, count, &(quantile_room){spare, bins}, out);
    for (size_t i = 0; i < count; i++) {
        double want = fe__quantile_sorted(sorted, n, q[i]);
        if (memcmp(&want, &out[i], sizeof want) != 0)
            fail_msg("shape %d, %zu numbers, quantile %g: %.17g, not %.17g", shape, n, q[i], out[i], want);
    }
}

static void quantiles_are_those_of_sorting(void **state) {
    static const double band[] = {0.05, 0.25, 0.5, 0.75, 0.95}, all[] = {0, 0.001, 0.01, 0.5, 0.5001, 0.99, 0.999, 1},
                        one[] = {0.5};
    static const size_t counts[] = {1, 2, 3, 4, 5, 7, 31, 32, 33, 34, 64, 100, 101, 999, 1000, 1024, 4000, 4001, MOST};
    static double v[MOST], again[MOST];
    random_stream r = fe__random_stream(17, 0, 0);
    (void)state;
    for (int shape = 0; shape < SHAPES; shape++) {
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
            for (int repeat = 0; repeat < REPEATS; repeat++) {
                size_t n = counts[c];
                for (size_t i = 0; i < n; i++) v[i] = number(shape, &r, i);
                memcpy(again, v, sizeof v);
                assert_as_sorted(v, n, band, 5, shape);
                assert_as_sorted(again, n, all, 8, shape);
                assert_as_sorted(again, n, one, 1, shape); /* in the order that the last one left */
            }
        }
    }
}

/* ---- bands over threads ------------------------------------------------------------------------------------------------------ */

static void bands_do_not_hang_on_threads(void **state) {
    enum { N = 300, TIMES = 7, STRIDE = 304, Q = 3, OUT = 2 * SERIES_COUNT * TIMES * Q };
    static const double q[Q] = {0.05, 0.5, 0.95};
    static double values[TIMES * SERIES_COUNT * STRIDE], out[4][OUT];
    static const int threads[4] = {1, 2, 5, CREW_MAX + 1};
    bool known[4][2 * SERIES_COUNT];
    prediction p = {.draws = N, .times_n = TIMES, .columns = SERIES_COUNT, .stride = STRIDE, .values = values};
    random_stream r = fe__random_stream(18, 0, 0);
    arena *a = fe__arena_new(0);
    (void)state;
    assert_non_null(a);
    if (setjmp(*fe__arena_escape(a))) fail();
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) values[i] = fe__random_normal(&r);
    for (int s = 0; s < SERIES_COUNT; s++) p.place[s] = s;
    fe__column(&p, 3, SERIES_irls)[5] = NAN;
    for (int k = 0; k < 4; k++) {
        memset(out[k], 0, sizeof out[k]);
        fe__bands(a, &p, q, Q, threads[k], out[k], known[k]);
        for (int s = 0; s < 2 * SERIES_COUNT; s++) assert_int_equal(known[k][s], s % SERIES_COUNT != SERIES_irls);
        if (k) assert_memory_equal(out[k], out[0], sizeof out[0]);
    }
    column_room room = fe__column_room(a, &p);
    for (int change = 0; change < 2; change++) {
        double want[Q];
        assert_true(fe__quantiles(&p, 4, SERIES_ferritin, change, q, Q, &room, want));
        assert_memory_equal(want, &out[0][((change * SERIES_COUNT + SERIES_ferritin) * TIMES + 4) * Q], sizeof want);
    }
    fe__arena_free(a);
}

/* ---- rooms and crews ---------------------------------------------------------------------------------------------------------- */

static void a_room_stays_until_more_is_asked(void **state) {
    static const size_t sizes[] = {1, 1000, 3000000, 9000000};
    large_room r = {0};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char *at = fe__room_of(&r, sizes[i]);
        assert_non_null(at);
        assert_true(r.size >= sizes[i] && (uintptr_t)at % 64 == 0);
        memset(at, 7, r.size);
        assert_ptr_equal(fe__room_of(&r, sizes[i]), at);
        assert_ptr_equal(fe__room_of(&r, r.size), at);
        assert_ptr_equal(fe__room_of(&r, 1), at);
        assert_int_equal(at[r.size - 1], 7);
    }
    assert_null(fe__room_of(&r, SIZE_MAX - 5));
    assert_true(r.at == NULL && r.size == 0);
    fe__room_free(&r);
}

typedef struct tally {
    atomic_int calls[CREW_MAX], tasks;
} tally;

static void count(void *context, int who) {
    tally *t = context;
    atomic_fetch_add(&t->calls[who], 1);
    for (int i = 0; i < 1000; i++) atomic_fetch_add(&t->tasks, 1);
}

static void a_crew_is_of_so_many(void **state) {
    static const int crews[] = {-1, 0, 1, 2, 7, CREW_MAX, CREW_MAX + 10};
    (void)state;
    for (size_t i = 0; i < sizeof crews / sizeof *crews; i++) {
        tally t = {0};
        int n = crews[i] < 1 ? 1 : crews[i] > CREW_MAX ? CREW_MAX : crews[i];
        fe__crew(crews[i], count, &t);
        for (int who = 0; who < CREW_MAX; who++) assert_int_equal(t.calls[who], who < n);
        assert_int_equal(t.tasks, 1000 * n);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_are_those_of_sorting),
        cmocka_unit_test(bands_do_not_hang_on_threads),
        cmocka_unit_test(a_room_stays_until_more_is_asked),
        cmocka_unit_test(a_crew_is_of_so_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
