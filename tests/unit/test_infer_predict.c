/* The draws of a forecast are solved finely enough: far under the last digit that any series is told with (two figures; hemoglobin one
 * decimal), at every time that a forecast looks at. */
#include "test_body_bench.h"

#include <stdlib.h>

#include "infer/predict.h"

enum { DRAWS = 3, SEED = 11, DOSES = 2, TIMES_MOST = 64 };
static const double fine_rtol = 1e-8, first_h = 5.5, week_h = 7 * 24;

static int ascending(const void *one, const void *two) {
    double a = *(const double *)one, b = *(const double *)two;
    return a < b ? -1 : a > b;
}

/* Daily, weekly, and 0, 1, 6 and 12 h after each of two infusions. */
static size_t times_of(double *t) {
    static const double after[] = {0, 1, 6, 12};
    size_t n = 0, kept = 0;
    for (int day = 0; day <= 14; day++) t[n++] = first_h + 24 * day;
    for (int week = 3; week <= 24; week++) t[n++] = first_h + week * week_h;
    for (int i = 0; i < DOSES; i++)
        for (int k = 0; k < 4; k++) t[n++] = first_h + i * week_h + after[k];
    qsort(t, n, sizeof *t, ascending);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || t[i] > t[kept - 1]) t[kept++] = t[i];
    return kept;
}

static size_t infusions(int which, body_event *e) {
    static const double mg[FORMULATION_COUNT] = {1000, 1000, 300, 300, 510, 1000},
                        minutes[FORMULATION_COUNT] = {15, 30, 90, 60, 15, 120};
    for (int i = 0; i < DOSES; i++) {
        double start = first_h + i * week_h, h = minutes[which] / 60;
        e[2 * i] = (body_event){.t = start, .kind = BODY_RATE, .formulation = which, .amount = mg[which] / h};
        e[2 * i + 1] = (body_event){.t = start + h, .kind = BODY_RATE, .formulation = which};
    }
    return 2 * DOSES;
}

/* Error in units of the value, or of a thousandth of the largest where that is more. */
static double worst_of(const prediction *p, const prediction *fine_one, series_id s) {
    double most = 0, worst = 0;
    for (size_t t = 0; t < p->times_n; t++)
        for (size_t d = 0; d < p->draws; d++) most = fmax(most, fabs(fe__predicted(fine_one, d, t, s)));
    for (size_t t = 0; t < p->times_n; t++)
        for (size_t d = 0; d < p->draws; d++) {
            double v = fe__predicted(fine_one, d, t, s), error = fabs(fe__predicted(p, d, t, s) - v);
            assert_true(isfinite(error));
            worst = fmax(worst, error / (fabs(v) + 1e-3 * most + 1e-12));
        }
    return worst;
}

static void draws_err_less_than_is_shown(void **state) {
    const model_data *m = *state;
    double t[TIMES_MOST], worst[SERIES_COUNT] = {0};
    size_t times = times_of(t);
    for (int k = 0; k < POPULATION_COUNT * FORMULATION_COUNT; k++) {
        int population = k % POPULATION_COUNT;
        body_event events[2 * DOSES];
        patient_prior prior = {.m = m, .population = population};
        double eta[ETAS + 1], y[STATES];
        body b;
        assert_true(fe__virtual_patient(m, population, SEED, (uint64_t)k, &prior.labs, eta, &b, y));
        prior.labs.IRLS0 = 25;
        prediction_ask ask = {.prior = &prior,
                              .events = events,
                              .events_n = infusions(k / POPULATION_COUNT, events),
                              .times = t,
                              .times_n = times,
                              .draws = DRAWS,
                              .seed = SEED,
                              .rtol = fe__draws_rtol,
                              .threads = 1};
        arena_mark here = fe__arena_mark(model_arena);
        const prediction *p = fe__predict(model_arena, &ask);
        ask.rtol = fine_rtol;
        const prediction *fine_one = fe__predict(model_arena, &ask);
        assert_int_equal(p->draws, DRAWS);
        assert_int_equal(fine_one->draws, DRAWS);
        for (int s = 0; s < SERIES_COUNT; s++) worst[s] = fmax(worst[s], worst_of(p, fine_one, (series_id)s));
        fe__arena_rewind(model_arena, here);
    }
    for (int s = 0; s < SERIES_COUNT; s++) {
        print_message("%-16s %.1e\n", fe__series_ids[s], worst[s]);
        if (!(worst[s] < 1e-4)) fail_msg("%s errs by %g", fe__series_ids[s], worst[s]);
    }
    assert_true(worst[SERIES_hemoglobin] < 1e-5 &&
                worst[SERIES_hemoglobin] > 1e-8); /* it is another tolerance that is compared */
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(draws_err_less_than_is_shown)};
    return cmocka_run_group_tests(tests, open_model, close_model);
}
