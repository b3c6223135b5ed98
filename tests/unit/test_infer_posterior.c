/* The fit of one patient, piece by piece: likelihood against its formulas, Pareto's shape against known tails, the draws against the prior where
 * no result says anything. Whole fits are held against their own prior and against long Markov chains by tests/sbc_test.py. */
#include "test_body_bench.h"

#include <stdlib.h>

#include "base/elementary.h"
#include "infer/anneal.h"
#include "infer/pareto.h"
#include "infer/posterior.h"

enum { DRAWS = 4000, SEED = 20261127 };

static patient_prior prior_of(const model_data *m, start_labs labs, int population) {
    patient_prior p = {.m = m, .labs = labs, .population = population};
    p.labs.population = population;
    assert_int_equal(fe__start_fill(m, &p.labs, &p.filled), START_OK);
    return p;
}

/* ---- the likelihood -------------------------------------------------------------------------------------------------------------- */

static fine normal(fine x, fine sd) { return expl(-x * x / (2 * sd * sd)) / (sd * sqrtl(2 * 3.14159265358979323846L)); }
static fine below(fine z) { return erfcl(-z / sqrtl(2)) / 2; }

static void a_result_is_as_likely_as_section_7_says(void **state) {
    const model_data *m = *state;
    const fine share = 0.01L, wide = 1;
    const struct {
        observable_id what;
        fine log_sd, additive, y, f;
    } rows[] = {{OBSERVABLE_Hb, 0.03L, 0, 11.2L, 10.9L},
                {OBSERVABLE_ferritin, 0.16L, 0, 250, 310},
                {OBSERVABLE_TSAT, 0.28L, 1, 14, 22},
                {OBSERVABLE_serum_iron, 0.28L, 3, 40, 31},
                {OBSERVABLE_Hb, 0.03L, 0, 6, 10.9L}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fine y = rows[i].y, f = rows[i].f, sd = sqrtl(rows[i].log_sd * rows[i].log_sd + powl(rows[i].additive / f, 2));
        fine well = (1 - share) * normal(logl(y / f), sd), not_at_all = share * normal(logl(y / f), wide);
        seen_lab l = {.what = rows[i].what, .value = (double)y};
        assert_within(fe__lab_deviance(m, &l, (double)f), -2 * logl(well + not_at_all), 1e-9L);
        assert_within(fe__lab_outlier(m, &l, (double)f), not_at_all / (well + not_at_all), 1e-9L);
        assert_within(fe__lab_residual(m, &l, (double)f), logl(y / f) / sd, 1e-9L);
    }
    assert_true(isinf(fe__lab_deviance(m, &(seen_lab){.what = OBSERVABLE_Hb, .value = 10}, NAN)));
    assert_true(isinf(fe__lab_deviance(m, &(seen_lab){.what = OBSERVABLE_Hb, .value = 10}, 0)));
}

/* Below the LLOQ, or with a comparator, a result says only on which side the truth lies. */
static void a_bound_is_counted_as_a_bound(void **state) {
    const model_data *m = *state;
    const fine share = 0.01L;
    const struct {
        seen_lab l;
        fine bound, side;
    } rows[] = {{{.what = OBSERVABLE_ferritin, .value = 2}, 3, 1},
                {{.what = OBSERVABLE_ferritin, .value = 8, .comparator = '<'}, 8, 1},
                {{.what = OBSERVABLE_ferritin, .value = 1500, .comparator = '>'}, 1500, -1},
                {{.what = OBSERVABLE_CRP, .value = 0}, 0.6L, 1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fine f = rows[i].bound * 1.1L, sd = m->labs[rows[i].l.what].log_sd, z = rows[i].side * logl(rows[i].bound / f);
        fine p = (1 - share) * below(z / sd) + share * below(z);
        assert_within(fe__lab_deviance(m, &rows[i].l, (double)f), -2 * logl(p), 1e-9L);
        assert_within(fe__lab_bound(m, &rows[i].l), rows[i].bound, 1e-15L * rows[i].bound);
        assert_true(isnan(fe__lab_residual(m, &rows[i].l, (double)f)));
    }
    assert_true(isnan(fe__lab_bound(m, &(seen_lab){.what = OBSERVABLE_ferritin, .value = 3})));
}

static void slopes_are_those_of_the_deviance(void **state) {
    const model_data *m = *state;
    const seen_lab l = {.what = OBSERVABLE_TSAT, .value = 18};
    for (double f = 10; f < 40; f *= 1.3) {
        const double h = 1e-3;
        double first, second, low = fe__lab_deviance(m, &l, f * exp(-h)), high = fe__lab_deviance(m, &l, f * exp(h));
        fe__lab_slopes(m, &l, f, &first, &second);
        assert_within(first, (high - low) / (2 * h), 1e-4L * (1 + fabs(first)));
        assert_true(second >= 0);
    }
    const seen_lab exact = {.what = OBSERVABLE_Hb, .value = 10};
    double first, second;
    fe__lab_slopes(m, &exact, 10.1, &first, &second);
    assert_within(second, 2 / (0.03L * 0.03L), 20); /* but for the share of errors */
}

/* ---- weights ---------------------------------------------------------------------------------------------------------------------- */

static int ascending(const void *one, const void *two) {
    double a = *(const double *)one, b = *(const double *)two;
    return (a > b) - (a < b);
}

/* Numbers that lie exactly as a Pareto tail of shape k does. */
static void the_shape_of_a_known_tail_is_found(void **state) {
    enum { N = 1000 };
    static double x[N];
    (void)state;
    for (double k = -0.3; k < 1.2; k += 0.3) {
        double scale;
        for (size_t i = 0; i < N; i++) {
            double p = ((double)i + 0.5) / N;
            x[i] = fabs(k) < 1e-9 ? -2 * log1p(-p) : 2 * (pow(1 - p, -k) - 1) / k;
        }
        qsort(x, N, sizeof *x, ascending);
        double found = fe__pareto_fit(x, N, &scale);
        assert_within(found, (k * N + 0.5 * 10) / (N + 10), 0.03L);
        assert_within(scale, 2, 0.15L);
    }
}

static void equal_weights_stay_and_a_single_one_is_not_trusted(void **state) {
    enum { N = 1000 };
    static double w[N];
    (void)state;
    for (size_t i = 0; i < N; i++) w[i] = -3;
    assert_true(fe__pareto_smooth(model_arena, w, N) < 0.7);
    for (size_t i = 0; i < N; i++) assert_true(w[i] == -3);
    for (size_t i = 0; i < N; i++) w[i] = i == 7 ? 0 : -INFINITY;
    assert_true(isinf(fe__pareto_smooth(model_arena, w, N)));
    random_stream r = fe__random_stream(SEED, 0, 900);
    for (size_t i = 0; i < N; i++) w[i] = 6 * fe__random_normal(&r);
    assert_true(fe__pareto_smooth(model_arena, w, N) > 0.7);
}

static void draws_come_as_often_as_their_weights_say(void **state) {
    enum { N = 5, MANY = 1000 };
    const double w[N] = {0, 1, 4, 0, 5};
    size_t chosen[MANY], count[N] = {0};
    (void)state;
    fe__resample(w, N, 0.25, chosen, MANY);
    for (size_t i = 0; i < MANY; i++) count[chosen[i]]++;
    for (size_t i = 0; i < N; i++) assert_within(count[i], w[i] * 100, 1);
}

/* ---- without results the posterior is the prior ------------------------------------------------------------------------------------ */

typedef struct moments {
    double mean[ETAS + 1], sd[ETAS + 1];
} moments;

static moments moments_of(const double *omega, const double (*eta)[ETAS + 1], size_t n) {
    moments m = {{0}, {0}};
    for (int i = 1; i <= ETAS; i++) {
        for (size_t k = 0; k < n; k++) m.mean[i] += eta[k][i] / omega[i] / (double)n;
        for (size_t k = 0; k < n; k++) m.sd[i] += pow(eta[k][i] / omega[i] - m.mean[i], 2) / (double)n;
        m.sd[i] = sqrt(m.sd[i]);
    }
    return m;
}

static double (*etas_of(const trial_eta *list, size_t n))[ETAS + 1] {
    double(*eta)[ETAS + 1] = (double(*)[ETAS + 1]) FE_NEW_ARRAY(model_arena, double, n *(ETAS + 1));
    for (size_t k = 0; k < n; k++) memcpy(eta[k], list[k].eta, sizeof eta[k]);
    return eta;
}

static void assert_same_law(const moments *a, const moments *b, double worth, int to) {
    for (int i = 1; i <= to; i++) {
        assert_within(a->mean[i], b->mean[i], 4.5L * b->sd[i] * sqrtl(1 / (fine)worth + 1 / (fine)DRAWS));
        assert_within(a->sd[i], b->sd[i], 4.5L * b->sd[i] * sqrtl(1 / (fine)worth + 1 / (fine)DRAWS));
    }
}

static void without_results_it_is_the_prior(void **state) {
    const model_data *m = *state;
    for (int which = 0; which < 3; which++) {
        start_labs labs = plain_labs();
        if (which == 1) labs.TSAT = NAN;
        if (which == 2) labs.TSAT = 6, labs.Hb = 12, labs.F = 40;
        patient_prior p = prior_of(m, labs, which == 2 ? POPULATION_hf : POPULATION_ida_hmb);
        arena_mark here = fe__arena_mark(model_arena);
        double(*eta)[ETAS + 1] = (double(*)[ETAS + 1]) FE_NEW_ARRAY(model_arena, double, DRAWS *(ETAS + 1)), omega[ETAS + 1],
                            y[STATES];
        body b;
        fe__prior_omega(&p, omega);
        for (uint64_t k = 0; k < DRAWS; k++) assert_true(fe__prior_draw(&p, SEED, k, eta[k], &b, y));
        const individual *x = fe__individual(model_arena, &p, NULL, 0, NULL, 0);
        const mode *at = fe__mode(model_arena, x, SEED, 1);
        const posterior *post = fe__posterior(model_arena, x, at, SEED, DRAWS, 1);
        assert_true(at->found && at->converged && !post->annealed);
        moments want = moments_of(omega, (const double(*)[ETAS + 1]) eta, DRAWS),
                got = moments_of(omega, (const double(*)[ETAS + 1]) etas_of(post->draws, DRAWS), DRAWS);
        assert_same_law(&got, &want, post->effective, ETAS);
        trial_eta *list = fe__trial_etas(model_arena, x, DRAWS);
        assert_true(fe__anneal(model_arena, x, list, DRAWS, SEED, 1) > 0);
        got = moments_of(omega, (const double(*)[ETAS + 1]) etas_of(list, DRAWS), DRAWS);
        assert_same_law(&got, &want, DRAWS / 4.0, 8);
        fe__arena_rewind(model_arena, here);
    }
}

/* What draws are weighed by errs by less than a twentieth in -2 ln: nothing to who weighs thousands of them. */
static void draws_are_played_finely_enough(void **state) {
    enum { MANY = 300 };
    static const body_event iron[] = {{.t = 24, .kind = BODY_RATE, .formulation = FORMULATION_fcm, .amount = 4000, .Hbn = NAN},
                                      {.t = 24.25, .kind = BODY_RATE, .formulation = KEEP_FORMULATION, .Hbn = NAN}};
    static const seen_lab labs[] = {{OBSERVABLE_TSAT, 60, 30, 0},   {OBSERVABLE_phosphate, 340, 2.1, 0},
                                    {OBSERVABLE_Hb, 700, 11.5, 0},  {OBSERVABLE_ferritin, 700, 230, 0},
                                    {OBSERVABLE_Hb, 2000, 12.4, 0}, {OBSERVABLE_TSAT, 2000, 22, 0}};
    patient_prior p = prior_of(*state, plain_labs(), POPULATION_ida_hmb);
    arena_mark here = fe__arena_mark(model_arena);
    const individual *x = fe__individual(model_arena, &p, iron, 2, labs, sizeof labs / sizeof *labs);
    trial_eta *one = fe__trial_etas(model_arena, x, MANY), *two = fe__trial_etas(model_arena, x, MANY),
              *exact = fe__trial_etas(model_arena, x, MANY);
    for (size_t k = 0; k < MANY; k++) {
        double y[STATES];
        body b;
        assert_true(fe__prior_draw(&p, SEED, k, one[k].eta, &b, y));
        memcpy(two[k].eta, one[k].eta, sizeof one[k].eta);
        memcpy(exact[k].eta, one[k].eta, sizeof one[k].eta);
    }
    assert_true(fe__individual_look(x, one, MANY, fe__drawn_rtol, 1) && fe__individual_look(x, two, MANY, fe__shown_rtol, 2) &&
                fe__individual_look(x, exact, MANY, 1e-9, 2));
    for (size_t k = 0; k < MANY; k++) {
        assert_within(one[k].objective, exact[k].objective, 0.05L + 1e-3L * fabs(exact[k].objective));
        for (size_t i = 0; i < x->labs_n; i++) assert_within(two[k].ln_f[i], exact[k].ln_f[i], 2e-4L);
    }
    fe__arena_rewind(model_arena, here);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_result_is_as_likely_as_section_7_says),
                                       cmocka_unit_test(a_bound_is_counted_as_a_bound),
                                       cmocka_unit_test(slopes_are_those_of_the_deviance),
                                       cmocka_unit_test(the_shape_of_a_known_tail_is_found),
                                       cmocka_unit_test(equal_weights_stay_and_a_single_one_is_not_trusted),
                                       cmocka_unit_test(draws_come_as_often_as_their_weights_say),
                                       cmocka_unit_test(without_results_it_is_the_prior),
                                       cmocka_unit_test(draws_are_played_finely_enough)};
    return cmocka_run_group_tests(tests, open_model, close_model);
}
