/* The start from labs: a steady state that gives the labs back, the filling of what is missing, refusals, etas. */
#include "test_body_bench.h"

enum { LAB_SETS = 1000 };

/* ---- the steady state ------------------------------------------------------------------------------------------------------------ */

/* Random labs always give a state; when they contradict each other it is refused, but it stands there. */
static int any_start(const model_data *m, start_labs *x, body *b, double *y) {
    *x = random_labs();
    unsigned filled;
    assert_int_equal(fe__start_fill(m, x, &filled), START_OK);
    start_status s = fe__start(m, x, NULL, b, y);
    if (s != START_OK && s != START_CONTRADICTION)
        fail_msg("%s: Hb %g F %g TSAT %g CRP %g", fe__start_word(s), x->Hb, x->F, x->TSAT, x->CRP);
    assert_true((b->c.e > 4) == (s == START_CONTRADICTION));
    return s == START_CONTRADICTION;
}

/* What section 6 leaves open, by hand; zero for every other state. */
static void expected_rates(const body *b, const start_labs *x, const fine *y, double Hb0, fine *want) {
    const parameters *p = &b->p;
    plain q = plain_quantities(b, y);
    fine Hbu = isnan(x->Hbu) ? Hb0 : fmax(x->Hbu, Hb0), rho = Hb0 / Hbu, Ueff = (1 - (fine)p->fin) * q.Ue;
    fine usual = p->Pm / (1 + (p->Pm - 1.0L) * expl(p->sHb * (Hbu - b->c.Hbn)));
    fine dr = b->c.eps * usual * expl(-p->aPI * q.lC) + y[ST_A];
    memset(want, 0, STATES * sizeof *want);
    want[ST_H] = -((fine)b->a_star - b->c.a) * p->Aref * b->c.s * q.psi * (1 + p->kbl / (q.phi * p->kH));
    want[ST_CABS] = q.Jab;
    want[ST_CLOSS] = p->kbl * y[ST_H] + b->c.bloss * (q.circ + y[ST_T]);
    want[ST_RET] = Ueff * (1 - rho);
    want[ST_Z] = (fine)p->kHep * p->aE * logl(dr / q.dr);
    want[ST_P] = p->kP * b->c.e * q.rc * (q.dr - dr);
    want[ST_INF] = -p->kI * y[ST_INF];
}

static void assert_steady(const body *b, const start_labs *x, const double *y, double Hb0) {
    double g[PREPARED], f[STATES];
    fine at[STATES], want[STATES], same[STATES], gross[STATES];
    to_fine(y, at);
    fe__body_prepare(b, g);
    fe__rates_all(g, y, f);
    plain_rates(b, at, same, gross);
    expected_rates(b, x, at, Hb0, want);
    for (int i = 0; i < STATES; i++)
        if (!(fabsl(f[i] - want[i]) <= 1e-12L * gross[i]))
            fail_msg("d %s/dt = %.17g, not %.17Lg (gross %Lg); Hb %g Hbu %g F %g TSAT %g CRP %g", state_names[i], f[i], want[i],
                     gross[i], x->Hb, x->Hbu, x->F, x->TSAT, x->CRP);
}

static void a_start_is_a_steady_state(void **state) {
    int refused = 0, diluted = 0, capped = 0, passing = 0;
    seed(11);
    for (int n = 0; n < LAB_SETS; n++) {
        start_labs x;
        body b;
        double y[STATES];
        refused += any_start(*state, &x, &b, y);
        diluted += x.Hbu > x.Hb, capped += b.c.a<0.9 * b.a_star, passing += y[ST_INF]> 0;
        assert_steady(&b, &x, y, x.Hb);
    }
    print_message("%d lab sets contradict each other, %d diluted, %d capped, %d with a passing rise of CRP\n", refused, diluted,
                  capped, passing);
    assert_true(refused < 2 * LAB_SETS / 3 && diluted > 100 && capped > 100 && passing > 100);
}

static void a_start_with_etas_is_a_steady_state_of_its_body(void **state) {
    const model_data *m = *state;
    int played = 0;
    seed(12);
    for (int n = 0; n < LAB_SETS; n++) {
        start_labs x = random_labs();
        body b;
        double y[STATES], eta[ETAS + 1] = {0};
        for (int i = 1; i <= ETAS; i++) eta[i] = uniform(-0.6, 0.6);
        if (start_of(m, &x, eta, &b, y) != START_OK) continue;
        played++;
        assert_steady(&b, &x, y, x.Hb * exp(eta[1]));
    }
    assert_true(played > LAB_SETS / 3);
}

static void nothing_is_below_zero_at_the_start(void **state) {
    seed(13);
    for (int n = 0; n < LAB_SETS; n++) {
        start_labs x;
        body b;
        double y[STATES];
        any_start(*state, &x, &b, y);
        for (int i = 0; i < STATES; i++)
            if (i != ST_Z && !(y[i] >= 0)) fail_msg("%s = %g", state_names[i], y[i]);
        assert_true(b.a_star > 0 && b.c.a > 0 && b.c.a <= b.a_star && y[ST_H] > 0);
        assert_within(b.c.a, b.a_star / powl(1 + powl((fine)b.a_star / x.amax, 4), 0.25L), 1e-14L * b.c.a);
    }
}

static void the_labs_come_back(void **state) {
    const model_data *m = *state;
    seed(14);
    for (int n = 0; n < LAB_SETS; n++) {
        start_labs x;
        body b;
        double y[STATES], g[PREPARED], o[OBSERVED];
        any_start(m, &x, &b, y);
        fe__body_prepare(&b, g);
        fe__observe(g, y, 0, o);
        assert_within(o[OBSERVED_Hb], x.Hb, 1e-13L * x.Hb);
        assert_within(o[OBSERVED_TSAT_obs], x.TSAT, 1e-13L * x.TSAT);
        assert_true(y[ST_F] == x.F && y[ST_CRP] == x.CRP && y[ST_PH] == x.PH && (isnan(x.TIBC) || y[ST_TIBC] == x.TIBC));
    }
}

/* ---- what is missing ------------------------------------------------------------------------------------------------------------- */

static start_labs filled_of(const model_data *m, start_labs x, unsigned *filled) {
    assert_int_equal(fe__start_fill(m, &x, filled), START_OK);
    return x;
}

static void what_is_known_stays(void **state) {
    unsigned filled;
    start_labs x = plain_labs(), y = filled_of(*state, x, &filled);
    assert_int_equal(filled, 0);
    x.amax = 3; /* of no condition */
    assert_memory_equal(&x, &y, sizeof x);
}

static void tsat_is_filled_from_ferritin(void **state) {
    unsigned filled;
    start_labs x = plain_labs();
    x.TSAT = NAN;
    /* (0.02 + 0.066 ln 10) (5/7)^0.25 10/13.5 */
    assert_close(filled_of(*state, x, &filled).TSAT, 11.710851390113117);
    assert_int_equal(filled, FILLED_TSAT);
    x.F = 3000, x.CRP = 0, x.Hb = 20; /* 0.45 (5/3)^0.25 20/13.5 */
    assert_close(filled_of(*state, x, &filled).TSAT, 75.74795776449996);
    x.F = 1, x.CRP = 400, x.Hb = 3; /* kept above 1.5 */
    assert_close(filled_of(*state, x, &filled).TSAT, 1.5);
    x.F = 3000, x.CRP = 0, x.Hb = 20, x.Hbn = 6; /* and below 95 */
    assert_close(filled_of(*state, x, &filled).TSAT, 95);
    x.F = 1, x.CRP = 2, x.Hb = 12, x.Hbn = 12; /* 0.04, the least of the slope */
    assert_close(filled_of(*state, x, &filled).TSAT, 4);
}

static void ferritin_is_filled_from_tsat(void **state) {
    unsigned filled;
    start_labs x = plain_labs();
    x.F = NAN;
    /* 2 exp((0.12 (7/5)^0.25 1.35 - 0.02)/0.066) */
    assert_close(filled_of(*state, x, &filled).F, 21.32897823179816);
    assert_int_equal(filled, FILLED_FERRITIN);
    x.TSAT = 60;
    assert_close(filled_of(*state, x, &filled).F, 500);
    x.TSAT = 1.5;
    assert_close(filled_of(*state, x, &filled).F, 3);
}

static void tsat_and_tibc_come_from_their_parts(void **state) {
    unsigned filled;
    start_labs x = plain_labs();
    x.TSAT = NAN, x.serum_iron = 60, x.TIBC = 400;
    assert_close(filled_of(*state, x, &filled).TSAT, 15);
    assert_int_equal(filled, FILLED_TSAT_FROM_PARTS);
    x.TIBC = NAN, x.UIBC = 300;
    assert_close(filled_of(*state, x, &filled).TIBC, 360);
    assert_close(filled_of(*state, x, &filled).TSAT, 100 * 60.0 / 360);
    assert_int_equal(filled, FILLED_TSAT_FROM_PARTS | FILLED_TIBC_FROM_PARTS);
    x.transferrin = 2.5; /* goes before UIBC */
    assert_close(filled_of(*state, x, &filled).TIBC, 350.5);
    x.TIBC = 410, x.TSAT = 9; /* what is measured stays */
    assert_true(filled_of(*state, x, &filled).TIBC == 410 && filled_of(*state, x, &filled).TSAT == 9);
    assert_int_equal(filled, 0);
}

static void serum_iron_alone_is_not_used(void **state) {
    unsigned filled;
    start_labs x = plain_labs();
    x.TSAT = NAN, x.serum_iron = 60;
    assert_close(filled_of(*state, x, &filled).TSAT, 11.710851390113117);
    assert_int_equal(filled, FILLED_TSAT);
    x.F = NAN;
    assert_int_equal(fe__start_fill(*state, &x, &filled), START_NO_IRON);
}

static void conditions_and_defaults_fill_the_rest(void **state) {
    unsigned filled;
    start_labs x = plain_labs(), dialysis;
    x.CRP = x.egfr = x.bloss = x.LS = x.PH = x.ht = x.age = NAN;
    dialysis = x;
    dialysis.population = POPULATION_hd_ckd;
    dialysis.woman = 0;
    x = filled_of(*state, x, &filled);
    assert_int_equal(filled,
                     FILLED_HEIGHT | FILLED_CRP | FILLED_EGFR | FILLED_LOSS | FILLED_LIFESPAN | FILLED_PHOSPHATE | FILLED_AGE);
    assert_true(x.CRP == 1.2 && x.egfr == 100 && x.bloss == 1.2 && x.LS == 120 && x.PH == 3.4 && x.ht == 163 && x.age == 55);
    assert_true(x.amax == 3 && isnan(x.TIBC) && isnan(x.Hbu) && isnan(x.CRPb) && isnan(x.Hbn));
    x = filled_of(*state, dialysis, &filled);
    assert_true(x.CRP == 7 && x.egfr == 7 && x.bloss == 7 && x.LS == 75 && x.PH == 5 && x.ht == 176 && x.amax == 0.8);
    assert_int_equal(fe__start_population(&x), POPULATION_hd_ckd);
    x.population = -1;
    assert_int_equal(fe__start_population(&x), POPULATION_healthy_m);
    x.woman = 1;
    assert_int_equal(fe__start_population(&x), POPULATION_healthy_f);
}

static void men_without_a_condition_lose_what_healthy_men_lose(void **state) {
    unsigned filled;
    start_labs x = plain_labs();
    x.woman = 0, x.bloss = x.egfr = NAN;
    x = filled_of(*state, x, &filled);
    assert_true(x.bloss == 0.1 && x.egfr == 98);
}

static void an_unknown_tibc_follows_the_stores(void **state) {
    const model_data *m = *state;
    const parameters *p = &m->p;
    start_labs x = plain_labs();
    body b;
    double y[STATES];
    assert_int_equal(start_of(m, &x, NULL, &b, y), START_OK);
    fine lS = logl(((y[ST_M] + y[ST_H]) / b.c.s + p->S00) / ((fine)p->Sref + p->S00)), lC = logl(7.0L / 5);
    assert_close(y[ST_TIBC], 293.3L * expl(-p->gS * lS - p->gI * lC));
    assert_close(b.c.tibi, 293.3);
    x.TIBCref_factor = 1.1;
    assert_int_equal(start_of(m, &x, NULL, &b, y), START_OK);
    assert_close(b.c.tibi, 293.3 * 1.1);
}

/* ---- section 2 ------------------------------------------------------------------------------------------------------------------- */

static void constants_of_a_patient_by_hand(void **state) {
    start_labs x = plain_labs();
    body b;
    double y[STATES];
    x.bvf = 1.1, x.capD = 1.3, x.v = 2.5;
    assert_int_equal(start_of(*state, &x, NULL, &b, y), START_OK);
    assert_close(b.nadler, 3.8425990067); /* 0.3561 1.63^3 + 0.03308 64 + 0.1833 */
    assert_close(b.c.BV, 4.22685890737);
    assert_close(b.c.s, 0.845371781474);
    assert_close(b.c.eps, 0.974122889167102); /* 80^2/(80^2 + 25^2) (1 + 25^2/95^2) */
    assert_close(b.c.epsren, 0.9418282548476455);
    assert_close(b.c.bloss, 3.0L / 1000 / 4.22685890737L / 24);
    assert_close(b.c.kR, 6.0L / (24 * 115));
    assert_true(b.c.Hbn == 13.5 && b.c.CRPb == 4 && b.c.PHb == 3.4 && b.c.capD == 1.3 && b.c.v == 2.5 && b.R == 0 && b.uESA == 0);
    x.woman = 0, x.ht = 176, x.wt = 80, x.bvf = 1, x.egfr = 130, x.CRPb = 9;
    assert_int_equal(start_of(*state, &x, NULL, &b, y), START_OK);
    assert_close(b.c.BV, 5.1795566144); /* 0.3669 1.76^3 + 0.03219 80 + 0.6041 */
    assert_close(b.c.eps, 1);
    assert_true(b.c.Hbn == 15 && b.c.CRPb == 4); /* a given baseline above the first CRP is no rise */
    x.Hbn = 12, x.CRPb = 1, x.uESA = 0.5;
    assert_int_equal(start_of(*state, &x, NULL, &b, y), START_OK);
    assert_true(b.c.Hbn == 12 && b.c.CRPb == 1 && y[ST_INF] == 3 && y[ST_A] == 0.5 && b.uESA == 0.5);
}

/* ---- refusals -------------------------------------------------------------------------------------------------------------------- */

static void what_is_missing_refuses_by_name(void **state) {
    body b;
    double y[STATES];
    start_labs x = plain_labs();
    x.wt = NAN;
    assert_int_equal(start_of(*state, &x, NULL, &b, y), START_NO_WEIGHT);
    x = plain_labs();
    x.Hb = NAN;
    assert_int_equal(start_of(*state, &x, NULL, &b, y), START_NO_HEMOGLOBIN);
    x = plain_labs();
    x.F = x.TSAT = NAN;
    assert_int_equal(start_of(*state, &x, NULL, &b, y), START_NO_IRON);
}

static void every_boundary_of_a_start(void **state) {
    static const struct {
        size_t at;
        double inside, outside;
        start_status status;
    } cases[] = {
        {offsetof(start_labs, Hb), 3, 2.9999, START_HEMOGLOBIN},
        {offsetof(start_labs, Hb), 20, 20.0001, START_HEMOGLOBIN},
        {offsetof(start_labs, F), 1, 0.9999, START_FERRITIN},
        {offsetof(start_labs, F), 3000, 3000.1, START_FERRITIN},
        {offsetof(start_labs, TSAT), 1.5, 1.4999, START_TSAT},
        {offsetof(start_labs, TSAT), 95, 95.001, START_TSAT},
        {offsetof(start_labs, CRP), 0, -0.0001, START_CRP},
        {offsetof(start_labs, CRP), 400, 400.1, START_CRP},
        {offsetof(start_labs, egfr), 1, 0.9999, START_EGFR},
        {offsetof(start_labs, Hbu), 10, 9.9999, START_USUAL_HEMOGLOBIN},
        {offsetof(start_labs, Hb), 10, INFINITY, START_HEMOGLOBIN},
        {offsetof(start_labs, F), 20, -1, START_FERRITIN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        start_labs x = plain_labs();
        body b;
        double y[STATES];
        if (cases[i].status == START_EGFR || cases[i].inside == 20 || cases[i].inside == 1.5) x.uESA = 5; /* or e passes 4 */
        *(double *)((char *)&x + cases[i].at) = cases[i].inside;
        assert_int_equal(start_of(*state, &x, NULL, &b, y), START_OK);
        *(double *)((char *)&x + cases[i].at) = cases[i].outside;
        assert_int_equal(start_of(*state, &x, NULL, &b, y), cases[i].status);
    }
}

static void an_eta_that_carries_a_lab_out_of_its_range_is_refused(void **state) {
    static const start_status status[] = {0, START_HEMOGLOBIN, START_FERRITIN, START_TSAT};
    for (int i = 1; i <= 3; i++) {
        start_labs x = plain_labs();
        body b;
        double y[STATES], eta[ETAS + 1] = {0};
        x.Hb = 3.1, x.F = 2900, x.TSAT = 94;
        assert_int_equal(start_of(*state, &x, eta, &b, y), START_OK);
        eta[i] = i == 1 ? -0.05 : 0.05;
        assert_int_equal(start_of(*state, &x, eta, &b, y), status[i]);
        eta[i] = i == 1 ? 0.05 : -0.05;
        assert_int_equal(start_of(*state, &x, eta, &b, y), START_OK);
    }
}

static void a_marrow_that_would_respond_more_than_any_is_refused(void **state) {
    int started = 0, refused = 0;
    for (double egfr = 60; egfr >= 1; egfr -= 0.25) {
        start_labs x = plain_labs();
        body b;
        double y[STATES];
        x.Hb = 12, x.TSAT = 8, x.egfr = egfr;
        start_status s = start_of(*state, &x, NULL, &b, y);
        started += s == START_OK, refused += s == START_CONTRADICTION;
        if (s != (b.c.e > 4 ? START_CONTRADICTION : START_OK)) fail_msg("e = %g: %s", b.c.e, fe__start_word(s));
    }
    assert_true(started > 10 && refused > 10);
}

static void every_status_has_a_word_and_a_sentence(void **state) {
    (void)state;
    for (int i = 0; i < START_STATUSES; i++) {
        assert_true(strlen(fe__start_text((start_status)i)) > 5 && strlen(fe__start_word((start_status)i)) > 1);
        for (int j = 0; j < i; j++) assert_string_not_equal(fe__start_word((start_status)i), fe__start_word((start_status)j));
    }
    assert_string_equal(fe__start_word(START_NO_WEIGHT), "no-weight");
    assert_string_equal(fe__start_word(START_USUAL_HEMOGLOBIN), "usual-hemoglobin");
    assert_string_equal(fe__start_word(START_CONTRADICTION), "contradiction");
    assert_string_equal(fe__start_word(START_NOT_FINITE), "not-finite");
}

/* ---- etas ------------------------------------------------------------------------------------------------------------------------ */

typedef struct pair {
    body b;
    double y[STATES];
} pair;

static pair with_eta(const model_data *m, int i, double value) {
    pair out;
    double eta[ETAS + 1] = {0};
    start_labs x = plain_labs();
    if (i) eta[i] = value;
    assert_int_equal(start_of(m, &x, eta, &out.b, out.y), START_OK);
    return out;
}

static void etas_of_the_labs_act_on_the_labs(void **state) {
    double Hb, up = exp(0.2);
    start_labs x = plain_labs(), scaled = x;
    for (int i = 1; i <= 3; i++) {
        pair got = with_eta(*state, i, 0.2), want;
        scaled = x;
        *(i == 1 ? &scaled.Hb : i == 2 ? &scaled.F : &scaled.TSAT) *= up;
        assert_int_equal(start_of(*state, &scaled, NULL, &want.b, want.y), START_OK);
        for (int k = 0; k < STATES; k++) assert_close(got.y[k], want.y[k]);
        assert_close(got.b.c.e, want.b.c.e);
    }
    Hb = with_eta(*state, 1, 0.2).y[ST_R1] / with_eta(*state, 0, 0).y[ST_R1];
    assert_close(Hb, up);
}

#define SCALED(i, field) assert_close(with_eta(m, (i), 0.3).b.field, expl(0.3L) * typical.b.field)

static void every_other_eta_acts_on_its_own(void **state) {
    const model_data *m = *state;
    const pair typical = with_eta(m, 0, 0);
    SCALED(4, c.Hbn);
    SCALED(5, c.bloss);
    SCALED(6, p.cFA);
    SCALED(7, p.Mref);
    SCALED(8, p.kM);
    SCALED(9, f.chi);
    SCALED(10, c.capD);
    SCALED(11, symptoms.gRk);
    SCALED(12, c.v);
    SCALED(13, p.wH);
    SCALED(13, p.wT);
    SCALED(14, p.Hep0);
}

static void an_eta_leaves_every_other_parameter_alone(void **state) {
    const model_data *m = *state;
    static const int changed[ETAS + 1] = {[6] = 1, [7] = 1, [8] = 1, [13] = 2, [14] = 1};
    const double *typical = (const double *)&m->p;
    for (int i = 1; i <= ETAS; i++) {
        pair one = with_eta(m, i, 0.2);
        const double *own = (const double *)&one.b.p;
        int n = 0;
        for (size_t k = 0; k < sizeof(parameters) / sizeof(double); k++) n += own[k] != typical[k];
        assert_int_equal(n, changed[i]);
    }
}

static void eta_9_follows_the_formulation(void **state) {
    const model_data *m = *state;
    pair one = with_eta(m, 9, 0.3);
    for (int i = 0; i < FORMULATION_COUNT; i++) {
        fe__body_formulation(&one.b, m, i);
        assert_close(one.b.f.chi, expl(0.3L) * m->formulations[i].chi);
        one.b.f.chi = m->formulations[i].chi;
        assert_memory_equal(&one.b.f, &m->formulations[i], sizeof one.b.f);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_start_is_a_steady_state),
        cmocka_unit_test(a_start_with_etas_is_a_steady_state_of_its_body),
        cmocka_unit_test(nothing_is_below_zero_at_the_start),
        cmocka_unit_test(the_labs_come_back),
        cmocka_unit_test(what_is_known_stays),
        cmocka_unit_test(tsat_is_filled_from_ferritin),
        cmocka_unit_test(ferritin_is_filled_from_tsat),
        cmocka_unit_test(tsat_and_tibc_come_from_their_parts),
        cmocka_unit_test(serum_iron_alone_is_not_used),
        cmocka_unit_test(conditions_and_defaults_fill_the_rest),
        cmocka_unit_test(men_without_a_condition_lose_what_healthy_men_lose),
        cmocka_unit_test(an_unknown_tibc_follows_the_stores),
        cmocka_unit_test(constants_of_a_patient_by_hand),
        cmocka_unit_test(what_is_missing_refuses_by_name),
        cmocka_unit_test(every_boundary_of_a_start),
        cmocka_unit_test(an_eta_that_carries_a_lab_out_of_its_range_is_refused),
        cmocka_unit_test(a_marrow_that_would_respond_more_than_any_is_refused),
        cmocka_unit_test(every_status_has_a_word_and_a_sentence),
        cmocka_unit_test(etas_of_the_labs_act_on_the_labs),
        cmocka_unit_test(every_other_eta_acts_on_its_own),
        cmocka_unit_test(an_eta_leaves_every_other_parameter_alone),
        cmocka_unit_test(eta_9_follows_the_formulation),
    };
    return cmocka_run_group_tests(tests, open_model, close_model);
}
