/* What is read off a body, by hand values (docs/model.md, section 7). */
#include "test_body_bench.h"

/* Every state a round number, so that the formulas can be followed with a pencil. */
typedef struct pencil {
    body b;
    double y[STATES], o[OBSERVED];
} pencil;

static pencil with_scores(const model_data *m, double irls, double fatigue) {
    pencil x;
    start_labs labs = plain_labs();
    labs.IRLS0 = irls, labs.FS0 = fatigue;
    assert_int_equal(start_of(m, &labs, NULL, &x.b, x.y), START_OK);
    x.b.c.BV = 5, x.b.c.s = 1;
    for (int i = 0; i < STATES; i++) x.y[i] = 0;
    for (int i = ST_R1; i <= ST_R6; i++) x.y[i] = 284.1;
    x.y[ST_RET] = 1735 - 6 * 284.1; /* circ 1735 = 10 kFe BV Hb, Hb 10 */
    x.y[ST_T] = 3, x.y[ST_TIBC] = 400, x.y[ST_M] = 200, x.y[ST_H] = 300, x.y[ST_ML] = 50, x.y[ST_D] = 70, x.y[ST_D2] = 7;
    x.y[ST_E1] = 11, x.y[ST_E2] = 12, x.y[ST_Z] = 0.5, x.y[ST_CRP] = 2, x.y[ST_P] = 1.5, x.y[ST_G] = 60;
    x.y[ST_F] = 88, x.y[ST_PH] = 3, x.y[ST_X] = 0.75, x.y[ST_HF] = 0.02, x.y[ST_B] = x.b.symptoms.B0, x.y[ST_W] = x.b.symptoms.W0;
    return x;
}

static pencil round_numbers(const model_data *m) { return with_scores(m, 25, 6); }

static void look(pencil *x, double tau_h) {
    double g[PREPARED];
    fe__body_prepare(&x->b, g);
    fe__observe(g, x->y, tau_h, x->o);
}

static void labs_by_hand(void **state) {
    pencil x = round_numbers(*state);
    look(&x, 0);
    const fine Vp = 5 * (1 - 0.91L * 10 / 33.5L), ct = 3 / Vp, C = 70 / (1.074L * Vp), read = ct + 0.1L * C;
    assert_close(x.o[OBSERVED_Hb], 10);
    assert_close(x.o[OBSERVED_Hct], 1000 / 33.5L);
    assert_close(x.o[OBSERVED_Vp], Vp);
    assert_close(x.o[OBSERVED_TSAT_true], 100 * 3 / (4 * Vp));
    assert_close(x.o[OBSERVED_SI_obs], 100 * read);
    assert_close(x.o[OBSERVED_TSAT_obs], 100 * read / 4);
    assert_close(x.o[OBSERVED_Hepcidin], 8.572L * expl(0.5L));
    assert_close(x.o[OBSERVED_C_drug], C);
    assert_close(x.o[OBSERVED_RETpct], 100 * (1735 - 6 * 284.1L) / 1735);
    assert_close(x.o[OBSERVED_ferritin], 88);
    assert_close(x.o[OBSERVED_TIBC], 400);
    assert_close(x.o[OBSERVED_CRP], 2);
    assert_close(x.o[OBSERVED_phosphate], 3);
    assert_close(x.o[OBSERVED_FGF23], 1.75L);
    assert_close(x.o[OBSERVED_PK_iron], ct + C);
    assert_close(x.o[OBSERVED_pain_risk], 1 - expl(-0.02L));
    assert_close(x.o[OBSERVED_iron_total], 1735 + 3 + 200 + 300 + 50 + 70 + 7 + 11 + 12);
}

static void fluxes_by_hand(void **state) {
    pencil x = round_numbers(*state);
    x.b.R = 1000, x.b.c.a = 2;
    look(&x, 0);
    const fine Vp = 5 * (1 - 0.91L * 10 / 33.5L), ct = 3 / Vp, gap = 4 - ct, U = (gap + sqrtl(gap * gap + 1e-4L)) / 2;
    const fine phi = expl(-0.815L * 0.5L), psi = 1.3L / (expl(0.5L) + 0.3L), JM = 0.002502L * phi * 200,
               JH = 0.0005791L * phi * 300;
    const fine Jab = 2 * 0.05L * psi + 0.5L * 60 * 0.06L * psi / 1.5L, rel = 0.0007L * 70 + 3, den = 20 * U + 3;
    assert_close(x.o[OBSERVED_UIBC_mgL], U);
    assert_close(x.o[OBSERVED_JM], JM);
    assert_close(x.o[OBSERVED_JH], JH);
    assert_close(x.o[OBSERVED_Jab], Jab);
    assert_close(x.o[OBSERVED_Ue], 0.9474L * 1.5L * 1.6414L * ct / (0.6414L + ct));
    assert_close(x.o[OBSERVED_NTBI], 17.9067L * (JM + JH + Jab + rel) / den / Vp);
    assert_close(x.o[OBSERVED_LPI], 17.9067L * rel / den / Vp);
}

static fine logit(fine share) { return logl(share / (1 - share)); }

static void irls_by_hand(void **state) {
    pencil x = round_numbers(*state);
    const fine kR1 = expl(0.012L * 15) * 0.64L; /* 40 years old, two comorbidities */
    x.y[ST_B] = x.b.symptoms.B0 + 0.1;
    look(&x, 0);
    assert_close(logit(x.o[OBSERVED_IRLS] / 40.0L), logit(25 / 40.0L) - 2.7L * kR1 * 0.1L);
    assert_true(x.o[OBSERVED_IRLS_drug] == x.o[OBSERVED_IRLS]);
    look(&x, 340);
    const fine pl = expl(-340 / 5000.0L) - expl(-2.0L);
    assert_close(logit(x.o[OBSERVED_IRLS] / 40.0L), logit(25 / 40.0L) - 2.7L * kR1 * 0.1L - 0.68L * pl);
    assert_close(logit(x.o[OBSERVED_IRLS_drug] / 40.0L), logit(25 / 40.0L) - 2.7L * kR1 * 0.1L);
}

static void fatigue_by_hand(void **state) {
    pencil x = round_numbers(*state);
    x.y[ST_W] = x.b.symptoms.W0 + 0.4;
    look(&x, 0);
    assert_close(logit(x.o[OBSERVED_fatigue] / 10.0L), logit(0.6L) - 0.4L);
    look(&x, 170);
    const fine pl = expl(-170 / 5000.0L) - expl(-1.0L);
    assert_close(logit(x.o[OBSERVED_fatigue] / 10.0L), logit(0.6L) - 0.4L - 0.45L * pl);
    assert_close(logit(x.o[OBSERVED_fatigue_drug] / 10.0L), logit(0.6L) - 0.4L);
}

static void a_placebo_begins_with_the_first_infusion(void **state) {
    pencil x = round_numbers(*state);
    look(&x, 0);
    assert_close(x.o[OBSERVED_IRLS], 25);
    look(&x, 1);
    assert_true(x.o[OBSERVED_IRLS] < 24.99 && x.o[OBSERVED_fatigue] < 5.999);
}

/* Bit for bit, NaN included. */
static void only_these_are_nan(const pencil *x, const pencil *whole, int one, int other) {
    for (int i = 0; i < OBSERVED; i++) {
        if (i == one || i == other) assert_true(isnan(x->o[i]));
        else assert_true(isfinite(x->o[i]) && x->o[i] == whole->o[i]);
    }
}

static void a_score_missing_or_at_a_bound_leaves_that_series_out_alone(void **state) {
    pencil whole = round_numbers(*state);
    static const double irls[] = {0, 40, -1, 41, NAN}, fatigue[] = {0, 10, -1, 11, NAN};
    look(&whole, 5);
    for (size_t i = 0; i < sizeof irls / sizeof *irls; i++) {
        pencil x = with_scores(*state, irls[i], 6);
        look(&x, 5);
        only_these_are_nan(&x, &whole, OBSERVED_IRLS, OBSERVED_IRLS_drug);
        x = with_scores(*state, 25, fatigue[i]);
        look(&x, 5);
        only_these_are_nan(&x, &whole, OBSERVED_fatigue, OBSERVED_fatigue_drug);
    }
}

static void scores_stay_inside_their_bounds(void **state) {
    pencil x = round_numbers(*state);
    for (double by = -50; by <= 50; by += 5) {
        x.y[ST_B] = x.b.symptoms.B0 + by, x.y[ST_W] = x.b.symptoms.W0 + by;
        look(&x, 0);
        assert_true(x.o[OBSERVED_IRLS] >= 0 && x.o[OBSERVED_IRLS] <= 40);
        assert_true(x.o[OBSERVED_fatigue] >= 0 && x.o[OBSERVED_fatigue] <= 10);
    }
}

static void iron_that_is_no_stock_is_not_counted(void **state) {
    pencil x = round_numbers(*state);
    look(&x, 0);
    const double before = x.o[OBSERVED_iron_total];
    static const int outside[] = {ST_TIBC, ST_Z, ST_INF, ST_CRP, ST_P,  ST_F, ST_FA, ST_X,    ST_PH,
                                  ST_B,    ST_W, ST_Q,   ST_HF,  ST_HS, ST_A, ST_G,  ST_CABS, ST_CLOSS};
    assert_int_equal(sizeof outside / sizeof *outside + IRON_STATES, STATES);
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) x.y[outside[i]] += 100;
    look(&x, 0);
    assert_true(x.o[OBSERVED_iron_total] == before);
    for (int i = 0; i < IRON_STATES; i++) x.y[iron_list[i]] += 1;
    look(&x, 0);
    assert_close(x.o[OBSERVED_iron_total], before + IRON_STATES);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labs_by_hand),
        cmocka_unit_test(fluxes_by_hand),
        cmocka_unit_test(irls_by_hand),
        cmocka_unit_test(fatigue_by_hand),
        cmocka_unit_test(a_placebo_begins_with_the_first_infusion),
        cmocka_unit_test(a_score_missing_or_at_a_bound_leaves_that_series_out_alone),
        cmocka_unit_test(scores_stay_inside_their_bounds),
        cmocka_unit_test(iron_that_is_no_stock_is_not_counted),
    };
    return cmocka_run_group_tests(tests, open_model, close_model);
}
