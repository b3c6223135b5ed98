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
        arena_mark here = fe__arena_mark(model_arena);
        prediction_ask ask = {.cohort = fe__cohort(model_arena, NULL, &prior, SEED, DRAWS, 1),
                              .events = events,
                              .events_n = infusions(k / POPULATION_COUNT, events),
                              .times = t,
                              .times_n = times,
                              .rtol = fe__draws_rtol,
                              .threads = 1};
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

/* ---- the bodies behind them ---------------------------------------------------------------------------------------------------- */

enum { MANY = 70 };

static patient_prior plain_prior(const model_data *m) {
    patient_prior p = {.m = m, .labs = plain_labs(), .population = POPULATION_ida_hmb};
    assert_int_equal(fe__start_fill(m, &p.labs, &p.filled), START_OK);
    return p;
}

/* Byte by byte, padding aside. */
static void assert_same_body(const cohort_body *c, const body *b, const double *y) {
    assert_true(c->starts);
    assert_memory_equal(c->y, y, sizeof c->y);
    assert_memory_equal(&c->b.p, &b->p, sizeof b->p);
    assert_memory_equal(&c->b.f, &b->f, sizeof b->f);
    assert_memory_equal(&c->b.c, &b->c, sizeof b->c);
    assert_memory_equal(&c->b.R, &b->R, sizeof *b - offsetof(body, R));
}

static void a_cohort_is_the_prior_on_any_number_of_threads(void **state) {
    static const int threads[] = {1, 2, 7};
    patient_prior prior = plain_prior(*state);
    arena_mark here = fe__arena_mark(model_arena);
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
        const cohort *c = fe__cohort(model_arena, NULL, &prior, SEED, MANY, threads[i]);
        assert_int_equal(c->n, MANY);
        for (uint64_t k = 0; k < MANY; k++) {
            double eta[ETAS + 1], y[STATES];
            body b;
            assert_true(fe__prior_draw(&prior, SEED, k, eta, &b, y));
            assert_same_body(&c->bodies[k], &b, y);
        }
    }
    prior.labs.egfr = 0.5; /* nothing starts */
    const cohort *none = fe__cohort(model_arena, NULL, &prior, SEED, MANY, 2);
    for (size_t k = 0; k < MANY; k++) assert_false(none->bodies[k].starts);
    fe__arena_rewind(model_arena, here);
}

/* The reference: each draw found anew, and played alone. */
typedef struct alone {
    const patient_prior *prior;
    uint64_t k;
    double hb[TIMES_MOST], ferritin[TIMES_MOST];
} alone;

static bool body_alone(void *context, size_t k, body *b, double *y) {
    const alone *x = context;
    double eta[ETAS + 1];
    (void)k;
    return fe__prior_draw(x->prior, SEED, x->k, eta, b, y);
}

static void keep_alone(void *context, size_t k, size_t i, const double *y, const double *o) {
    alone *x = context;
    (void)k;
    x->hb[i] = o[OBSERVED_Hb];
    x->ferritin[i] = y[ST_F];
}

static void end_alone(void *context, size_t k, solve_status s) {
    (void)context, (void)k;
    assert_int_equal(s, SOLVE_OK);
}

static void assert_as_found_anew(const prediction *p, const patient_prior *prior, const batch_play *how) {
    for (uint64_t k = 0; k < MANY; k++) {
        alone x = {.prior = prior, .k = k};
        batch_play play = *how;
        play.context = &x;
        assert_true(fe__play_batch(&play, NULL));
        for (size_t t = 0; t < p->times_n; t++) {
            assert_true(fe__predicted(p, k, t, SERIES_hemoglobin) == x.hb[t]);
            assert_true(fe__predicted(p, k, t, SERIES_ferritin) == x.ferritin[t]);
        }
    }
}

/* One cohort, played with one iron, with another, and with the first again. */
static void a_kept_cohort_plays_as_the_prior_does(void **state) {
    patient_prior prior = plain_prior(*state);
    double t[TIMES_MOST];
    size_t times = times_of(t);
    arena_mark here = fe__arena_mark(model_arena);
    const cohort *c = fe__cohort(model_arena, NULL, &prior, SEED, MANY, 2);
    static const int irons[] = {FORMULATION_fcm, FORMULATION_is, FORMULATION_fcm};
    for (size_t i = 0; i < sizeof irons / sizeof *irons; i++) {
        body_event events[2 * DOSES];
        batch_play how = {.m = prior.m,
                          .events = events,
                          .events_n = infusions(irons[i], events),
                          .times = t,
                          .times_n = times,
                          .n = 1,
                          .rtol = fe__draws_rtol,
                          .threads = 1,
                          .body = body_alone,
                          .output = keep_alone,
                          .done = end_alone};
        prediction_ask ask = {.cohort = c,
                              .events = events,
                              .events_n = how.events_n,
                              .times = t,
                              .times_n = times,
                              .rtol = fe__draws_rtol,
                              .threads = 2};
        const prediction *p = fe__predict(model_arena, &ask);
        assert_int_equal(p->draws, MANY);
        assert_as_found_anew(p, &prior, &how);
    }
    fe__arena_rewind(model_arena, here);
}

/* A prediction at some of the hours, of some of the series, is the other one without the rest. */
static void what_else_is_asked_changes_nothing(void **state) {
    patient_prior prior = plain_prior(*state);
    prior.labs.IRLS0 = NAN;
    double t[TIMES_MOST], some[TIMES_MOST];
    size_t times = times_of(t), some_n = 0;
    for (size_t i = 0; i < times; i++)
        if (i % 3 == 0 || i == times - 1) some[some_n++] = t[i];
    arena_mark here = fe__arena_mark(model_arena);
    prediction_ask ask = {.cohort = fe__cohort(model_arena, NULL, &prior, SEED, MANY, 1),
                          .times = t,
                          .times_n = times,
                          .rtol = fe__draws_rtol,
                          .part = BATCH_LABS,
                          .threads = 1};
    const prediction *all = fe__predict(model_arena, &ask);
    ask.times = some, ask.times_n = some_n, ask.times_most = times + 5, ask.series = 1u << SERIES_tsat | 1u << SERIES_irls;
    const prediction *p = fe__predict(model_arena, &ask);
    column_room room = fe__column_room(model_arena, all);
    double median;
    static const double half = 0.5;
    for (size_t i = 0; i < some_n; i++) {
        size_t at = fe__predicted_at(all, some[i]);
        assert_true(all->times[at] == some[i]);
        for (size_t d = 0; d < MANY; d++)
            assert_true(fe__predicted(p, d, i, SERIES_tsat) == fe__predicted(all, d, at, SERIES_tsat));
    }
    for (int s = 0; s < SERIES_COUNT; s++) {
        bool is_lab = s != SERIES_phosphate && s != SERIES_fatigue && s != SERIES_fatigue_drug && s != SERIES_reaction_risk;
        bool is_scored = s != SERIES_irls && s != SERIES_irls_drug;
        assert_int_equal(fe__quantiles(p, 1, (series_id)s, false, &half, 1, &room, &median), s == SERIES_tsat);
        assert_int_equal(fe__quantiles(all, 1, (series_id)s, false, &half, 1, &room, &median), is_lab && is_scored);
    }
    fe__arena_rewind(model_arena, here);
}

/* Bodies that cannot be played are left out, each for its reason, and touch no other; those that are left keep their numbers. */
static void a_body_that_fails_is_left_out_alone(void **state) {
    patient_prior prior = plain_prior(*state);
    const double t[] = {0, week_h, 4 * week_h};
    arena_mark here = fe__arena_mark(model_arena);
    const cohort *c = fe__cohort(model_arena, NULL, &prior, SEED, MANY, 1);
    cohort_body *bodies = (cohort_body *)c->bodies;
    prediction_ask ask = {.cohort = c, .times = t, .times_n = 3, .rtol = fe__draws_rtol, .part = BATCH_ALL, .threads = 1};
    const prediction *whole = fe__predict(model_arena, &ask);
    assert_int_equal(whole->failed, 0);
    bodies[2].y[ST_H] = -1;
    bodies[MANY - 2].y[ST_H] = -1;
    bodies[5].y[ST_CLOSS] = NAN;
    const prediction *p = fe__predict(model_arena, &ask);
    assert_int_equal(p->failed, 3);
    assert_int_equal(p->draws, MANY - 3);
    assert_int_equal(p->failure, SOLVE_EMPTY); /* two of the three */
    for (size_t d = 0; d < p->draws; d++) {
        size_t number = d < 2 ? d : d < 4 ? d + 1 : d < MANY - 4 ? d + 2 : d + 3;
        assert_int_equal(p->number[d], number);
        assert_int_equal(fe__same_draw(p, whole, number), d);
        assert_int_equal(fe__same_draw(whole, p, d), number);
        for (size_t i = 0; i < 3; i++)
            assert_true(fe__predicted(p, d, i, SERIES_ferritin) == fe__predicted(whole, number, i, SERIES_ferritin));
    }
    assert_int_equal(fe__same_draw(p, whole, 2), p->draws);
    bodies[2].y[ST_H] = bodies[MANY - 2].y[ST_H] = 300;
    assert_int_equal(fe__predict(model_arena, &ask)->failure, SOLVE_NOT_FINITE);
    fe__arena_rewind(model_arena, here);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(draws_err_less_than_is_shown), cmocka_unit_test(a_cohort_is_the_prior_on_any_number_of_threads),
        cmocka_unit_test(a_kept_cohort_plays_as_the_prior_does), cmocka_unit_test(what_else_is_asked_changes_nothing),
        cmocka_unit_test(a_body_that_fails_is_left_out_alone)};
    return cmocka_run_group_tests(tests, open_model, close_model);
}
