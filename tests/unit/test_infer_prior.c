/* The population prior: the draws that a patient's labs allow, virtual patients, and what is read off many draws. */
#include "test_body_bench.h"

#include <stdlib.h>

#include "infer/predict.h"
#include "infer/prior.h"

static double closure_of(const patient_prior *p, const body *b) {
    double solved[CLOSURE_TERMS];
    fe__prior_solved(b->c.e, b->c.z, b->a_star, solved);
    return fe__prior_closure(p, solved);
}

enum { DRAWS = 2500, WEIGHTED = 20000, VIRTUAL = 1000, PUBLISHED = 250 };

static patient_prior prior_of(const model_data *m, const start_labs *labs, int population) {
    patient_prior p = {.m = m, .labs = *labs, .population = population};
    p.labs.population = population;
    assert_int_equal(fe__start_fill(m, &p.labs, &p.filled), START_OK);
    return p;
}

/* ---- one patient ------------------------------------------------------------------------------------------------------------- */

static void the_same_number_is_the_same_body_in_any_order(void **state) {
    start_labs labs = plain_labs();
    patient_prior p = prior_of(*state, &labs, POPULATION_ida_hmb);
    enum { N = 20 };
    static double eta[N][ETAS + 1], y[N][STATES];
    static body b[N];
    for (uint64_t k = 0; k < N; k++) assert_true(fe__prior_draw(&p, 3, k, eta[k], &b[k], y[k]));
    for (uint64_t k = N; k-- > 0;) {
        double eta2[ETAS + 1], y2[STATES];
        body b2;
        assert_true(fe__prior_draw(&p, 3, k, eta2, &b2, y2));
        assert_memory_equal(eta2, eta[k], sizeof eta2);
        assert_memory_equal(y2, y[k], sizeof y2);
        assert_true(b2.c.e == b[k].c.e && b2.c.z == b[k].c.z && b2.a_star == b[k].a_star);
        assert_true(k == 0 || eta[k][1] != eta[k - 1][1]);
        assert_true(fe__prior_draw(&p, 4, k, eta2, &b2, y2) && eta2[1] != eta[k][1]); /* another seed */
    }
    labs.Hb = 9; /* what is drawn does not hang on the labs but by what is accepted */
    patient_prior q = prior_of(*state, &labs, POPULATION_ida_hmb);
    q.without_closure = p.without_closure = true;
    for (uint64_t k = 0; k < N; k++) {
        double eta2[ETAS + 1], y2[STATES];
        body b2;
        assert_true(fe__prior_draw(&p, 3, k, eta[0], &b2, y2) && fe__prior_draw(&q, 3, k, eta2, &b2, y2));
        assert_memory_equal(eta2, eta[0], sizeof eta2);
    }
}

static void spreads_are_those_of_assays_or_of_the_condition(void **state) {
    const model_data *m = *state;
    start_labs labs = plain_labs();
    double omega[ETAS + 1];
    labs.TSAT = NAN;
    patient_prior p = prior_of(m, &labs, POPULATION_ida_hmb);
    fe__prior_omega(&p, omega);
    assert_within(omega[3], 0.55, 1e-15L);
    assert_within(omega[2], sqrtl(logl(1 + 0.2L * 0.2L)), 1e-15L);
    labs.TSAT = 12, labs.F = NAN;
    p = prior_of(m, &labs, -1);
    fe__prior_omega(&p, omega);
    assert_within(omega[2], 0.65, 1e-15L); /* a healthy woman */
    assert_within(omega[3], sqrtl(logl(1 + 0.28L * 0.28L)), 1e-15L);
    assert_within(omega[12], 0.8, 1e-15L);
    for (int i = 4; i <= ETAS; i++) assert_true(omega[i] == m->omega[i]);
}

static fine square(fine x) { return x * x; }

/* Section 10 by hand, with each of its exceptions. */
static void closure_is_that_of_section_10(void **state) {
    const model_data *m = *state;
    start_labs labs = plain_labs();
    body b;
    double y[STATES];
    static const struct {
        int population;
        fine center;
    } rows[] = {{-1, 0.6L}, {POPULATION_ida_hmb, 0.43L}, {POPULATION_hd_ckd, 9.7L}, {POPULATION_postpartum, 0.16L}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        patient_prior p = prior_of(m, &labs, rows[i].population);
        assert_int_equal(fe__start(m, &p.labs, NULL, &b, y), START_OK);
        fine e = square(logl(b.c.e) / 0.30L), z = square(b.c.z / 0.40L), a = square(logl(b.a_star / rows[i].center) / 0.80L);
        assert_within(closure_of(&p, &b), e + z + a, 1e-12L * (e + z + a));
        p.without_e = true;
        assert_within(closure_of(&p, &b), z + a, 1e-12L * (e + z + a));
        p.labs.Hbu = p.labs.Hb + 1;
        assert_within(closure_of(&p, &b), z, 1e-12L * (e + z + a));
        p.labs.Hbu = p.labs.Hb;
        p.without_e = false;
        assert_within(closure_of(&p, &b), e + z + a, 1e-12L * (e + z + a));
    }
}

static void the_domain_is_that_of_section_15(void **state) {
    static const struct {
        double e, hepcidin;
        bool inside;
    } rows[] = {{1, 1, true},     {0.301, 1, true},  {0.299, 1, false}, {2.99, 1, true}, {3.01, 1, false},
                {1, 0.201, true}, {1, 0.199, false}, {1, 4.99, true},   {1, 5.01, false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        body b = {.c = {.e = rows[i].e, .z = log(rows[i].hepcidin)}};
        assert_int_equal(fe__prior_in_domain(*state, &b), rows[i].inside);
    }
}

typedef struct sums {
    fine weight, squares, mean[ETAS + 1], two[ETAS + 1];
} sums;

static void add(sums *s, fine w, const double *eta, const double *omega) {
    s->weight += w, s->squares += w * w;
    for (int i = 1; i <= ETAS; i++) {
        fine x = eta[i] / omega[i];
        s->mean[i] += w * x, s->two[i] += w * x * x;
    }
}

/* The same law: means and second moments of every eta, in units of its spread, within 4.5 standard errors. */
static void assert_same_law(const sums *a, const sums *b) {
    fine error = sqrtl(a->squares / square(a->weight) + b->squares / square(b->weight));
    for (int i = 1; i <= ETAS; i++) {
        assert_within(a->mean[i] / a->weight, b->mean[i] / b->weight, 4.5L * error);
        assert_within(a->two[i] / a->weight, b->two[i] / b->weight, 4.5L * sqrtl(2) * error);
    }
}

static void sum_accepted(const patient_prior *p, sums *s) {
    double omega[ETAS + 1], eta[ETAS + 1], y[STATES];
    body b;
    fe__prior_omega(p, omega);
    memset(s, 0, sizeof *s);
    for (uint64_t k = 0; k < DRAWS; k++) {
        assert_true(fe__prior_draw(p, 21, k, eta, &b, y));
        add(s, 1, eta, omega);
    }
}

/* Etas from the prior, weighted by exp(-closure / 2): what accepting must amount to. */
static void sum_weighted(const patient_prior *p, sums *s) {
    double omega[ETAS + 1], eta[ETAS + 1] = {0}, y[STATES];
    random_stream r = fe__random_stream(99, 0, 77);
    body b;
    fe__prior_omega(p, omega);
    memset(s, 0, sizeof *s);
    for (int n = 0; n < WEIGHTED; n++) {
        for (int i = 1; i <= ETAS; i++) eta[i] = omega[i] * fe__random_normal(&r);
        if (fe__start(p->m, &p->labs, eta, &b, y) == START_OK) add(s, expl(-closure_of(p, &b) / 2), eta, omega);
    }
}

static void accepted_etas_are_the_weighted_prior(void **state) {
    start_labs labs = plain_labs();
    for (int i = 0; i < 3; i++) {
        sums accepted, weighted;
        if (i == 1) labs.TSAT = NAN;                          /* wide */
        if (i == 2) labs.TSAT = 6, labs.Hb = 12, labs.F = 40; /* pulled */
        patient_prior p = prior_of(*state, &labs, i == 2 ? POPULATION_hf : POPULATION_ida_hmb);
        sum_accepted(&p, &accepted);
        sum_weighted(&p, &weighted);
        assert_same_law(&accepted, &weighted);
        if (i == 2) assert_true(accepted.mean[3] / accepted.weight > 0.3L); /* a TSAT that makes no sense is pulled up */
        for (int j = 9; j <= ETAS; j++)                                     /* nothing reads these at a start */
            assert_within(accepted.mean[j] / accepted.weight, 0, 4.5L / sqrtl(DRAWS));
    }
}

static void without_closure_the_prior_is_plain(void **state) {
    start_labs labs = plain_labs();
    patient_prior p = prior_of(*state, &labs, POPULATION_ida_hmb);
    sums s;
    p.without_closure = true;
    sum_accepted(&p, &s);
    for (int i = 1; i <= ETAS; i++) {
        assert_within(s.mean[i] / s.weight, 0, 4.5L / sqrtl(DRAWS));
        assert_within(s.two[i] / s.weight, 1, 4.5L * sqrtl(2.0L / DRAWS));
    }
}

/* A start that no eta allows gives no draw, and one that is hardly ever accepted gives none either: never the likeliest of those tried. */
static void a_hopeless_start_gives_none(void **state) {
    const model_data *m = *state;
    start_labs labs = plain_labs();
    double eta[ETAS + 1], y[STATES];
    body b;
    patient_prior p = prior_of(m, &labs, POPULATION_ida_hmb);
    assert_true(fe__prior_accepted(&p, 1) > 0.02);
    p.labs.egfr = 0.5;
    assert_false(fe__prior_draw(&p, 1, 0, eta, &b, y));
    assert_true(fe__prior_accepted(&p, 1) == 0);
    labs.Hb = 7, labs.F = 1500, labs.TSAT = 60, labs.CRP = 0.5, labs.bloss = 60;
    p = prior_of(m, &labs, POPULATION_ida_hmb);
    assert_false(fe__prior_draw(&p, 1, 0, eta, &b, y));
    assert_true(fe__prior_accepted(&p, 1) == 0);
}

/* ---- virtual patients -------------------------------------------------------------------------------------------------------- */

static int ascending(const void *one, const void *two) {
    double a = *(const double *)one, b = *(const double *)two;
    return a < b ? -1 : a > b;
}

static double at_share(double *v, size_t n, double q) {
    qsort(v, n, sizeof *v, ascending);
    return fe__quantile_sorted(v, n, q);
}

/* A published median or quantile of n patients, and ours of many more: within 4.5 standard errors, and the half of a printed digit. */
static void assert_published(double v, double published, double spread, double factor, const char *who, const char *what) {
    double error = factor * spread * sqrt(1.0 / PUBLISHED + 1.0 / VIRTUAL);
    if (!(fabs(v - published) <= 4.5 * error + 0.005)) fail_msg("%s, %s: %.3f, published %.3f", who, what, v, published);
}

/* Section 14: closure rows, median (5-95%) of e and exp(z), share of patients who lose faster than they absorb (a < 0.95 a*). */
static void virtual_populations_are_the_published_ones(void **state) {
    static const double rows[POPULATION_COUNT][7] = {
        {0.93, 0.63, 1.57, 1.29, 0.61, 2.51, 0.03}, {1.07, 0.68, 1.54, 0.90, 0.44, 2.03, 0.27},
        {1.05, 0.67, 1.57, 1.32, 0.73, 2.33, 0.18}, {1.17, 0.89, 1.60, 1.14, 0.49, 1.90, 1.00},
        {1.03, 0.65, 1.46, 0.98, 0.53, 1.92, 0.08}, {1.04, 0.67, 1.59, 0.77, 0.46, 1.58, 0},
        {0.94, 0.62, 1.38, 0.66, 0.36, 1.41, 0},    {0.96, 0.63, 1.59, 1.31, 0.54, 2.37, 0.18},
        {1.04, 0.67, 1.53, 0.84, 0.51, 1.48, 0},    {0.98, 0.69, 1.52, 0.71, 0.44, 1.22, 0.04},
        {1.08, 0.74, 1.54, 0.92, 0.51, 1.55, 0.26}};
    static double e[VIRTUAL], hepcidin[VIRTUAL];
    for (int who = 0; who < POPULATION_COUNT; who++) {
        const char *name = fe__population_ids[who];
        const double *row = rows[who];
        double capped = 0;
        for (uint64_t k = 0; k < VIRTUAL; k++) {
            start_labs x;
            body b;
            double y[STATES], eta[ETAS + 1];
            assert_true(fe__virtual_patient(*state, who, 5, k, &x, eta, &b, y));
            assert_int_equal(fe__start(*state, &x, NULL, &b, y), START_OK); /* the rows are of bodies without etas */
            assert_true(b.c.e >= 0.6 && b.c.e <= 1.7 && exp(b.c.z) >= 0.33 && exp(b.c.z) <= 3);
            e[k] = b.c.e, hepcidin[k] = exp(b.c.z), capped += b.c.a < 0.95 * b.a_star;
        }
        static const double shares[] = {0.5, 0.05, 0.95}, factors[] = {1.25, 2.1, 2.1};
        for (int i = 0; i < 3; i++) {
            assert_published(at_share(e, VIRTUAL, shares[i]), row[i], (row[2] - row[1]) / 3.29, factors[i], name, "e");
            assert_published(at_share(hepcidin, VIRTUAL, shares[i]), row[3 + i], (row[5] - row[4]) / 3.29, factors[i], name,
                             "exp(z)");
        }
        double share = fmax(row[6], 0.01);
        assert_published(capped / VIRTUAL, row[6], sqrt(share * fmax(1 - share, 0.01)), 1, name, "capped");
    }
}

static double truncated(const variable_spread *x, double v) {
    double low = fe__normal_cdf((x->low - x->median) / x->sd), high = fe__normal_cdf((x->high - x->median) / x->sd);
    return (fe__normal_cdf((v - x->median) / x->sd) - low) / (high - low);
}

static void assert_law(double *v, size_t n, const variable_spread *x, const char *what) {
    double worst = 0;
    qsort(v, n, sizeof *v, ascending);
    for (size_t i = 0; i < n; i++) {
        double p = truncated(x, v[i]);
        worst = fmax(worst, fmax(p - (double)i / (double)n, (double)(i + 1) / (double)n - p));
    }
    if (!(worst < 1.95 / sqrt((double)n))) fail_msg("%s: distance %g", what, worst);
}

/* What no lab touches keeps its law: the truncated normal, the log-normal, the Poisson, the coin. */
static void what_stands_apart_has_its_law(void **state) {
    const model_data *m = *state;
    static double ht[VIRTUAL], ph[VIRTUAL], fatigue[VIRTUAL], irls[VIRTUAL];
    const variable_spread *who = m->populations[POPULATION_rls];
    double women = 0, comorbid = 0, tibc = 0, tibc2 = 0, two[ETAS + 1] = {0};
    size_t heights = 0;
    for (uint64_t k = 0; k < VIRTUAL; k++) {
        start_labs x;
        body b;
        double y[STATES], eta[ETAS + 1];
        assert_true(fe__virtual_patient(m, POPULATION_rls, 6, k, &x, eta, &b, y));
        women += x.woman, comorbid += x.comorb, tibc += log(x.TIBCref_factor),
            tibc2 += log(x.TIBCref_factor) * log(x.TIBCref_factor);
        if (x.woman) ht[heights++] = x.ht;
        ph[k] = x.PH, fatigue[k] = x.FS0, irls[k] = x.IRLS0;
        for (int i = 0; i <= ETAS; i++) two[i] += eta[i] * eta[i];
        assert_true(x.LS == 120 && x.uESA == 0 && x.amax == 3 && x.bvf == 1 && isnan(x.Hbn) && isnan(x.CRPb) && isnan(x.Hbu));
    }
    fine n = VIRTUAL;
    assert_within(women / n, 0.65, 4.5L * sqrtl(0.65L * 0.35L / n) + 0.03L); /* women and men are not refused alike */
    assert_within(comorbid / n, 0.8, 4.5L * sqrtl(0.8L / n));
    assert_within(tibc2 / n - square(tibc / n), 0.0064, 5 * 0.0064L * sqrtl(2 / n));
    assert_law(ht, heights, &who[VARIABLE_ht_f], "height");
    assert_law(ph, VIRTUAL, &who[VARIABLE_PH], "phosphate");
    assert_law(fatigue, VIRTUAL, &who[VARIABLE_FS0], "fatigue");
    assert_law(irls, VIRTUAL, &who[VARIABLE_IRLS0], "IRLS");
    assert_true(two[1] == 0 && two[2] == 0 && two[3] == 0 && two[5] == 0);
    for (int i = 4; i <= ETAS; i++)
        if (i != 5) assert_within(two[i] / n, square(m->omega[i]), 5 * square(m->omega[i]) * sqrtl(2 / n));
}

/* With its ranges opened the correlated vector is the normal one: means, spreads and correlations of sections 9. */
static void the_correlated_vector_is_normal(void **state) {
    static model_data m;
    static double v[VIRTUAL][CORRELATED];
    static const variable_id ids[CORRELATED] = {VARIABLE_Hb, VARIABLE_F,   VARIABLE_TSAT, VARIABLE_CRP,
                                                VARIABLE_wt, VARIABLE_age, VARIABLE_egfr};
    static const double want[CORRELATED][CORRELATED] = {
        {1}, {0.35, 1}, {0.45, 0.5, 1}, {-0.2, 0.35, -0.25, 1}, {0, 0, 0, 0.15, 1}, {0, 0, 0, 0, 0, 1}, {0, 0, 0, 0, 0, -0.4, 1}};
    m = *(const model_data *)*state;
    variable_spread *who = m.populations[POPULATION_healthy_f];
    for (int i = 0; i < CORRELATED; i++) who[ids[i]].low = -INFINITY, who[ids[i]].high = INFINITY;
    m.n.draw_e_low = m.n.draw_hepcidin_low = 0, m.n.draw_e_high = m.n.draw_hepcidin_high = m.n.start_e_high = INFINITY;
    m.n.start_ferritin_low = m.n.start_tsat_low = 0, m.n.start_ferritin_high = m.n.start_tsat_high = INFINITY;
    fine mean[CORRELATED] = {0}, n = VIRTUAL;
    for (uint64_t k = 0; k < VIRTUAL; k++) {
        start_labs x;
        body b;
        double y[STATES], eta[ETAS + 1];
        assert_true(fe__virtual_patient(&m, POPULATION_healthy_f, 7, k, &x, eta, &b, y));
        double raw[CORRELATED] = {x.Hb, x.F, x.TSAT, x.CRP, x.wt, x.age, x.egfr};
        for (int i = 0; i < CORRELATED; i++) {
            const variable_spread *s = &who[ids[i]];
            v[k][i] = (s->kind == SPREAD_LOGNORMAL ? log(raw[i] / s->median) : raw[i] - s->median) / s->sd;
            mean[i] += v[k][i] / n;
        }
    }
    for (int i = 0; i < CORRELATED; i++) {
        assert_within(mean[i], 0, 4.5L / sqrtl(n));
        for (int j = 0; j <= i; j++) {
            fine sum = 0;
            for (int k = 0; k < VIRTUAL; k++) sum += v[k][i] * v[k][j] / n;
            assert_within(sum, want[i][j], 4.5L * sqrtl((1 + square(want[i][j])) / n));
        }
    }
}

/* Section 6: the rule for a missing TSAT over the drawn one has medians of 0.79 to 1.08 over the indications. */
static void a_missing_tsat_is_near_the_middle(void **state) {
    static double ratio[VIRTUAL];
    for (int who = 0; who < POPULATION_COUNT; who++) {
        for (uint64_t k = 0; k < VIRTUAL; k++) {
            start_labs x;
            body b;
            double y[STATES], eta[ETAS + 1];
            unsigned filled;
            assert_true(fe__virtual_patient(*state, who, 8, k, &x, eta, &b, y));
            double drawn = x.TSAT;
            x.TSAT = NAN;
            assert_int_equal(fe__start_fill(*state, &x, &filled), START_OK);
            assert_int_equal(filled, FILLED_TSAT);
            ratio[k] = x.TSAT / drawn;
        }
        assert_within(at_share(ratio, VIRTUAL, 0.5), 0.935, 0.145L + 0.06L);
    }
}

static void virtual_patients_are_numbered(void **state) {
    start_labs x, again;
    body b;
    double y[STATES], eta[ETAS + 1], eta2[ETAS + 1];
    assert_true(fe__virtual_patient(*state, POPULATION_ibd, 9, 31, &x, eta, &b, y));
    for (uint64_t k = 0; k < 5; k++)
        assert_true(fe__virtual_patient(*state, POPULATION_ibd, 9, k, &again, eta2, &b, y) && again.Hb != x.Hb);
    assert_true(fe__virtual_patient(*state, POPULATION_ibd, 9, 31, &again, eta2, &b, y));
    assert_memory_equal(&x, &again, sizeof x);
    assert_memory_equal(eta, eta2, sizeof eta);
    assert_true(fe__virtual_patient(*state, POPULATION_ibd, 10, 31, &again, eta2, &b, y) && again.Hb != x.Hb);
}

/* ---- what is read off draws ----------------------------------------------------------------------------------------------------- */

static void quantiles_interpolate(void **state) {
    static const double v[] = {1, 2, 4, 8, 16}, ends[] = {3, INFINITY, INFINITY};
    (void)state;
    assert_within(fe__quantile_sorted(v, 5, 0), 1, 0);
    assert_within(fe__quantile_sorted(v, 5, 1), 16, 0);
    assert_within(fe__quantile_sorted(v, 5, 0.5), 4, 0);
    assert_within(fe__quantile_sorted(v, 5, 0.05), 1.2L, 1e-15L);
    assert_within(fe__quantile_sorted(v, 5, 0.95), 14.4L, 1e-14L);
    assert_within(fe__quantile_sorted(v, 5, 0.6), 5.6L, 1e-14L);
    assert_within(fe__quantile_sorted(v, 1, 0.7), 1, 0);
    assert_within(fe__quantile_sorted(ends, 3, 0), 3, 0);
    assert_true(isinf(fe__quantile_sorted(ends, 3, 0.05)) &&
                isinf(fe__quantile_sorted(ends, 3, 0.5))); /* not reached by so many */
}

static void bands_are_of_draws(void **state) {
    enum { N = 4, TIMES = 2, STRIDE = 5 };
    static double values[TIMES * SERIES_COUNT * STRIDE];
    prediction p = {.draws = N, .times_n = TIMES, .columns = SERIES_COUNT, .stride = STRIDE, .values = values};
    double column[N], spare[N], out[2];
    uint16_t bins[N];
    column_room room = {column, {spare, bins}};
    static const double q[] = {0.25, 0.5};
    (void)state;
    for (int s = 0; s < SERIES_COUNT; s++) p.place[s] = s;
    for (int d = 0; d < N; d++)
        for (int t = 0; t < TIMES; t++)
            for (int s = 0; s < SERIES_COUNT; s++) values[(t * SERIES_COUNT + s) * STRIDE + d] = s + (N - d) * (t ? 10 : 1);
    assert_within(fe__predicted(&p, 1, 1, SERIES_tsat), SERIES_tsat + 30, 0);
    assert_true(fe__quantiles(&p, 1, SERIES_ferritin, false, q, 2, &room, out));
    assert_within(out[0], SERIES_ferritin + 17.5L, 1e-14L);
    assert_within(out[1], SERIES_ferritin + 25, 1e-14L);
    assert_true(fe__quantiles(&p, 1, SERIES_ferritin, true, q, 2, &room, out));
    assert_within(out[1], 22.5L, 1e-14L); /* within each draw: 9, 18, 27, 36 */
    fe__column(&p, 0, SERIES_irls)[0] = NAN;
    assert_false(fe__quantiles(&p, 0, SERIES_irls, false, q, 2, &room, out));
    assert_false(fe__quantiles(&p, 1, SERIES_irls, true, q, 2, &room, out));
    p.draws = 0;
    assert_false(fe__quantiles(&p, 0, SERIES_ferritin, false, q, 2, &room, out));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_number_is_the_same_body_in_any_order),
        cmocka_unit_test(spreads_are_those_of_assays_or_of_the_condition),
        cmocka_unit_test(closure_is_that_of_section_10),
        cmocka_unit_test(the_domain_is_that_of_section_15),
        cmocka_unit_test(accepted_etas_are_the_weighted_prior),
        cmocka_unit_test(without_closure_the_prior_is_plain),
        cmocka_unit_test(a_hopeless_start_gives_none),
        cmocka_unit_test(virtual_populations_are_the_published_ones),
        cmocka_unit_test(what_stands_apart_has_its_law),
        cmocka_unit_test(the_correlated_vector_is_normal),
        cmocka_unit_test(a_missing_tsat_is_near_the_middle),
        cmocka_unit_test(virtual_patients_are_numbered),
        cmocka_unit_test(quantiles_interpolate),
        cmocka_unit_test(bands_are_of_draws),
    };
    return cmocka_run_group_tests(tests, open_model, close_model);
}
