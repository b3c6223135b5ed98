/* Published studies beside the model: names and notes of observations, people moved to a study's baseline, what is read off a course, and where
 * nine in ten studies lie. Oracles are closed forms: a one-compartment drug, the normal and the binomial distribution. */
#include "test_body_bench.h"

#include "advise/validate_curves.h"
#include "advise/validate_measure.h"
#include "advise/validate_people.h"
#include "advise/validate_reading.h"
#include "advise/validate_study.h"

enum { PEOPLE = 400 };

static arena *room;
static const model_data *model;
static const evidence *published;

static int open_room(void **state) {
    faults f;
    room = fe__arena_new(0);
    if (!room || setjmp(*fe__arena_escape(room)) || open_model(state) != 0) return -1;
    model = *state;
    fe__faults_init(&f, room, "evidence");
    published = fe__evidence_load(NULL, &f);
    return published ? 0 : -1;
}

static int close_room(void **state) {
    fe__arena_free(room);
    return close_model(state);
}

static observation observed(const char *endpoint, double time_h, const char *note) {
    return (observation){.id = "x",
                         .study = "s",
                         .formulation = "fcm",
                         .population = "IDA",
                         .endpoint = endpoint,
                         .note = note,
                         .verified = "",
                         .source = "",
                         .dose_mg = 1000,
                         .n_doses = 1,
                         .interval_days = NAN,
                         .infusion_min = 15,
                         .n = 20,
                         .hb = NAN,
                         .ferritin = NAN,
                         .tsat = NAN,
                         .weight = NAN,
                         .time_h = time_h,
                         .value = 1};
}

static reading read_as(const char *endpoint, double time_h, const char *note) {
    observation of = observed(endpoint, time_h, note);
    unpredicted missing;
    const char *why;
    reading r;
    if (!fe__reading_of(room, published, &of, &r, &missing, &why)) fail_msg("%s: %s", endpoint, why);
    return r;
}

static unpredicted missing_of(const char *endpoint, double time_h, const char **why) {
    observation of = observed(endpoint, time_h, "");
    unpredicted missing;
    reading r;
    assert_false(fe__reading_of(room, published, &of, &r, &missing, why));
    return missing;
}

/* ---- readings ----------------------------------------------------------------------------------------------------------------------- */

static void test_a_name_is_made_of_quantity_change_and_level(void **state) {
    (void)state;
    reading r = read_as("delta_hb_gdl", 672, "");
    assert_int_equal(r.of, OF_CHANGE);
    assert_int_equal(r.what.which, OBSERVED_Hb);
    assert_false(r.share);
    r = read_as("hb_rise_ge2_pct", 672, "");
    assert_true(r.share && r.of == OF_CHANGE && r.relation == RELATION_AT_LEAST && r.level[0] == 2 && r.level[1] == 2);
    r = read_as("irls_fall_gt6_pct", 504, "");
    assert_true(r.share && r.of == OF_CHANGE && r.relation == RELATION_LESS && r.level[1] == -6);
    r = read_as("ferritin_ge800_pct", 504, "");
    assert_true(r.share && r.of == OF_VALUE && r.relation == RELATION_AT_LEAST && r.level[1] == 800);
    r = read_as("phosphate_change_pct", 168, "");
    assert_true(!r.share && r.of == OF_CHANGE_PCT && r.what.which == OBSERVED_phosphate);
    r = read_as("delta_hb_vs_control_gdl", 672, "");
    assert_true(r.against_control && r.of == OF_CHANGE && r.what.which == OBSERVED_Hb);
    r = read_as("ferritin_peak_day", NAN, "");
    assert_int_equal(r.measure, MEASURE_DAY_OF_MOST);
    r = read_as("hb_normal_pct", 672, "");
    assert_true(r.level[0] == 13 && r.level[1] == 12);
}

static void test_a_subgroup_cuts_the_people_not_the_value(void **state) {
    (void)state;
    reading r = read_as("delta_fatigue_ferritin_le15", 1008, "");
    assert_true(r.has_subgroup && r.subgroup.variable == VARIABLE_F && !r.subgroup.low && r.subgroup.value == 15);
    assert_true(r.of == OF_CHANGE && r.what.which == OBSERVED_fatigue && r.relation == RELATION_NONE);
}

static void test_a_note_says_when_and_from_which_level(void **state) {
    (void)state;
    reading r = read_as("delta_hb_gdl", 840, "highest Hb to day 35 (label)");
    assert_int_equal(r.when, WHEN_MOST);
    r = read_as("hypophosphatemia_pct", 840, "<2.0 mg/dL any time to day 35");
    assert_true(r.when == WHEN_LEAST && r.relation == RELATION_LESS && r.level[1] == 2.0);
    r = read_as("hypophosphatemia_pct", 840, "still <2.0 mg/dL at day 35");
    assert_int_equal(r.when, WHEN_AT);
    r = read_as("hypophosphatemia_pct", 672, "<0.6 mmol/L within 28 days");
    assert_true(fabs(r.level[1] - 0.6 * 3.097) < 1e-12 && r.relation == RELATION_LESS);
    r = read_as("severe_hypophosphatemia_pct", 840, "<=1.0 mg/dL; FDI 0%");
    assert_true(r.relation == RELATION_AT_MOST && r.level[1] == 1.0);
    r = read_as("tsat_pct", 24, "baseline to peak");
    assert_int_equal(r.when, WHEN_AT);
}

static void test_what_is_missing_has_its_name(void **state) {
    const char *why;
    (void)state;
    assert_int_equal(missing_of("shoe_size_cm", 24, &why), NO_OBSERVABLE);
    assert_non_null(strstr(why, "shoe_size_cm"));
    assert_int_equal(missing_of("hb_shoe_pct", 24, &why), NO_OBSERVABLE);
    assert_int_equal(missing_of("nausea_pct", 24, &why), NO_OBSERVABLE);
    assert_non_null(strstr(why, "nausea"));
    assert_int_equal(missing_of("delta_hb_vs_oral_gdl", 24, &why), NO_DATUM);
    assert_non_null(strstr(why, "the other arm"));
    assert_int_equal(missing_of("hb_gdl", NAN, &why), NO_DATUM);
    assert_non_null(strstr(why, "time_h"));
}

/* ---- people -------------------------------------------------------------------------------------------------------------------------- */

static people people_with(const population_row *who, people_target *targets, size_t n, const population_bound *subgroup) {
    return fe__people(room, &(people_ask){.m = model,
                                          .who = who,
                                          .subgroup = subgroup,
                                          .targets = targets,
                                          .targets_n = n,
                                          .seed = 7,
                                          .n = PEOPLE,
                                          .threads = 2});
}

static void test_people_meet_the_baseline_that_is_given(void **state) {
    const population_row who = {.text = "", .population = POPULATION_hf, .labs_of = -1};
    people_target given[] = {{.variable = VARIABLE_Hb, .given = 11.0},
                             {.variable = VARIABLE_F, .given = 90},
                             {.variable = VARIABLE_TSAT, .given = 14, .median = true}};
    (void)state;
    people free_of_it = people_with(&who, NULL, 0, NULL), p = people_with(&who, given, 3, NULL);
    assert_true(fabs(fe__people_level(room, &free_of_it, VARIABLE_Hb, false) - 11.0) > 0.5);
    double tolerance[] = {0.02, 0.06, 0.06}; /* of 400 people drawn anew: three standard errors */
    for (size_t i = 0; i < 3; i++) {
        double level = fe__people_level(room, &p, given[i].variable, given[i].median);
        assert_true(fabs(level / given[i].given - 1) < tolerance[i]);
        assert_true(level == given[i].reached);
    }
    for (size_t k = 0; k < p.n; k++) assert_true(p.starts[k] && fabs(p.y[k][ST_F] - p.labs[k].F) < 1e-9 * p.labs[k].F);
}

static void test_people_keep_the_bounds_of_their_text(void **state) {
    const population_row who = {.text = "",
                                .population = POPULATION_hd_ckd,
                                .labs_of = -1,
                                .bounds_n = 2,
                                .bounds = {{VARIABLE_F, true, 500}, {VARIABLE_TSAT, false, 25}}};
    const population_bound subgroup = {VARIABLE_Hb, false, 11};
    people_target given[] = {{.variable = VARIABLE_F, .given = 762}};
    (void)state;
    people p = people_with(&who, given, 1, &subgroup);
    for (size_t k = 0; k < p.n; k++) assert_true(p.labs[k].F >= 500 && p.labs[k].TSAT <= 25 && p.labs[k].Hb <= 11);
    assert_true(fabs(given[0].reached / 762 - 1) < 0.03);
}

static void test_labs_of_another_population_stand_in(void **state) {
    const population_row who = {.text = "", .population = POPULATION_rls, .labs_of = POPULATION_ida_hmb};
    (void)state;
    people p = people_with(&who, NULL, 0, NULL);
    for (size_t k = 0; k < p.n; k++) assert_true(p.labs[k].Hb < 12 && p.labs[k].IRLS0 >= 15);
}

/* ---- what is read off a course -------------------------------------------------------------------------------------------------------- */

/* A drug of one compartment: uptake is linear, nothing is released, nobody differs. */
static model_data one_compartment(double kL) {
    model_data m = *model;
    formulation *f = &m.formulations[FORMULATION_fcm];
    f->Vm = f->k12 = f->krel = f->finst = 0;
    f->kL = kL;
    m.omega[10] = 0;
    return m;
}

static curves played(const model_data *m, const people *p, const reading *const *list, size_t n, double mg, double doses) {
    curves c;
    curves_ask ask = {.m = m,
                      .who = p,
                      .formulation = FORMULATION_fcm,
                      .dose_mg = mg,
                      .n_doses = doses,
                      .interval_days = 7,
                      .infusion_min = 15,
                      .readings = list,
                      .readings_n = n,
                      .threads = 2};
    assert_true(fe__curves(room, &ask, &c));
    return c;
}

static people women_of(const model_data *m) {
    static const population_row who = {.text = "", .population = POPULATION_healthy_f, .labs_of = -1};
    return fe__people(room, &(people_ask){.m = m, .who = &who, .seed = 3, .n = 40, .threads = 2});
}

static void test_the_complex_goes_as_one_compartment_does(void **state) {
    const double kL = 0.2, mg = 500, hours = 0.25;
    model_data m = one_compartment(kL);
    reading half = read_as("half_life_h", NAN, ""), area = read_as("drug_iron_auc_mgh_l", NAN, ""),
            top = read_as("drug_iron_cmax_mg_l", NAN, ""), volume = read_as("vd_l", NAN, ""),
            gone = read_as("iron_available_pct", 24, "");
    top.lab = -1; /* without the error of its measurement */
    const reading *list[] = {&half, &area, &top, &volume, &gone};
    people p = women_of(&m);
    curves c = played(&m, &p, list, 5, mg, 1);
    random_stream r = fe__random_stream(1, 1, 1);
    (void)state;
    for (size_t k = 0; k < p.n; k++) {
        double out = kL + p.bodies[k].c.bloss, v = fe__measure(&c, &volume, 1, k, &r), kML = m.formulations[FORMULATION_fcm].kML;
        assert_true(fabs(fe__measure(&c, &half, 1, k, &r) * out / log(2) - 1) < 0.01);
        assert_true(fabs(fe__measure(&c, &area, 1, k, &r) * out * v / mg - 1) < 0.02);
        double peak = mg / hours / out * (1 - exp(-out * hours)) / v;
        assert_true(fabs(fe__measure(&c, &top, 1, k, &r) / peak - 1) < 0.01);
        /* uptake and processing in a row, the infusion taken as a moment in its middle */
        double t = 24 - hours / 2, left = exp(-kL * t) + kL * (exp(-kML * t) - exp(-kL * t)) / (kL - kML);
        assert_true(fabs(fe__measure(&c, &gone, 1, k, &r) - 100 * (1 - left)) < 0.5);
    }
}

/* Docs/model.md, section 14: fcm 1000 mg in 15 min, Cmax 334 mg/L, AUC 6.24e3 mg h/L, half-life 7.51 h, of the patient that tests/calibration/exposure.py
 * names. Its clearance saturates, so that how the times of a half-life weigh is seen. */
static void test_exposure_is_that_of_the_specification(void **state) {
    start_labs labs = fe__start_labs_none();
    unsigned filled;
    body b;
    double y[1][STATES];
    bool starts = true;
    labs.woman = 1, labs.population = -1, labs.age = 55, labs.wt = 68, labs.ht = 170, labs.Hb = 12.5, labs.F = 30, labs.TSAT = 20;
    labs.CRP = 2, labs.LS = 115, labs.bloss = 2;
    assert_int_equal(fe__start_fill(model, &labs, &filled), START_OK);
    assert_int_equal(fe__start(model, &labs, NULL, &b, y[0]), START_OK);
    const people p = {1, &starts, &labs, &b, (const double(*)[STATES])y};
    reading half = read_as("half_life_h", NAN, ""), area = read_as("drug_iron_auc_mgh_l", NAN, ""),
            top = read_as("drug_iron_cmax_mg_l", NAN, "");
    top.lab = -1;
    const reading *list[] = {&half, &area, &top};
    curves c = played(model, &p, list, 3, 1000, 1);
    random_stream r = fe__random_stream(1, 1, 1);
    (void)state;
    assert_true(fabs(fe__measure(&c, &top, 1, 0, &r) / 334 - 1) < 0.005);
    assert_true(fabs(fe__measure(&c, &area, 1, 0, &r) / 6240 - 1) < 0.005);
    assert_true(fabs(fe__measure(&c, &half, 1, 0, &r) / 7.51 - 1) < 0.01);
}

static void test_no_iron_changes_nothing_but_the_placebo_response(void **state) {
    reading iron = read_as("delta_ferritin_ugl", 1008, ""), legs = read_as("delta_irls", 1008, "");
    iron.lab = -1;
    const reading *list[] = {&iron, &legs};
    const population_row who = {.text = "", .population = POPULATION_rls, .labs_of = -1};
    people p = people_with(&who, NULL, 0, NULL);
    curves c = played(model, &p, list, 2, 0, 1), none = played(model, &p, list, 2, 0, 0);
    random_stream r = fe__random_stream(1, 1, 1);
    double legs_sum = 0;
    (void)state;
    for (size_t k = 0; k < p.n; k++) {
        assert_true(fabs(fe__measure(&c, &iron, 1, k, &r)) < 0.1 * p.labs[k].F);
        assert_true(fabs(fe__measure(&none, &legs, 1, k, &r)) < 0.5);
        legs_sum += fe__measure(&c, &legs, 1, k, &r);
    }
    assert_true(legs_sum / (double)p.n < -3); /* -4.6 in docs/model.md, section 14 */
}

static void test_the_extreme_is_of_the_days_and_a_share_is_0_or_100(void **state) {
    reading most = read_as("ferritin_ugl", 840, "largest value"), at = read_as("ferritin_ugl", 840, ""),
            day = read_as("ferritin_peak_day", NAN, ""), share = read_as("ferritin_ge300_pct", 168, "");
    most.lab = at.lab = share.lab = -1;
    const reading *list[] = {&most, &at, &day, &share};
    people p = women_of(model);
    curves c = played(model, &p, list, 4, 1000, 1);
    random_stream r = fe__random_stream(1, 1, 1);
    (void)state;
    for (size_t k = 0; k < p.n; k++) {
        double d = fe__measure(&c, &day, 1, k, &r), top = fe__measure(&c, &most, 1, k, &r);
        assert_true(top > fe__measure(&c, &at, 1, k, &r));
        assert_true(d >= 4 && d <= 14); /* day 7.8 in docs/model.md, section 14 */
        assert_true(top == fe__curve_at(&c, at.what, fe__curve_time(&c, 24 * d), k));
        double is = fe__measure(&c, &share, 1, k, &r), value = fe__curve_at(&c, at.what, fe__curve_time(&c, 168), k);
        assert_true(is == (value >= 300 ? 100 : 0));
    }
}

static void test_measurements_scatter_as_the_laboratory_does(void **state) {
    enum { MANY = 4000 };
    reading at = read_as("ferritin_ugl", 0, "");
    const reading *list[] = {&at};
    people p = women_of(model);
    curves c = played(model, &p, list, 1, 0, 0);
    double sum = 0, squares = 0;
    (void)state;
    for (uint64_t i = 0; i < MANY; i++) {
        random_stream r = fe__random_stream(5, i, 1);
        double x = log(fe__measure(&c, &at, 1, 0, &r) / p.labs[0].F);
        sum += x;
        squares += x * x;
    }
    assert_true(fabs(sum / MANY) < 3 * 0.16 / sqrt(MANY));
    assert_true(fabs(sqrt(squares / MANY) / 0.16 - 1) < 0.05);
}

/* ---- studies --------------------------------------------------------------------------------------------------------------------------- */

static double *normals(size_t n, double mean, double sd, uint64_t seed) {
    double *v = FE_NEW_ARRAY(room, double, n);
    random_stream r = fe__random_stream(seed, 1, 1);
    for (size_t i = 0; i < n; i++) v[i] = mean + sd * fe__random_normal(&r);
    return v;
}

static study_interval interval(const double *v, const double *control, size_t people_n, double event, study_stat stat, size_t n) {
    return fe__study_interval(room, &(study_ask){v, control, people_n, event, stat, n, 11});
}

static void assert_half_width(study_interval s, double expected) {
    double half = (s.p95 - s.p5) / 2;
    if (fabs(half / expected - 1) > 0.06) fail_msg("half width %g, expected %g", half, expected);
    assert_true(s.p5 < s.all && s.all < s.p95);
}

static void test_studies_scatter_as_theory_has_it(void **state) {
    enum { MANY = 20000 };
    const double z = 1.6449, sd = 5;
    double *v = normals(MANY, 50, sd, 1), *w = normals(MANY, 30, sd, 2), *share = FE_NEW_ARRAY(room, double, MANY);
    (void)state;
    for (size_t i = 0; i < MANY; i++) share[i] = i % 10 < 3 ? 100 : 0;
    assert_half_width(interval(v, NULL, MANY, 0, STAT_MEAN, 25), z * sd / 5);
    assert_half_width(interval(v, NULL, MANY, 0, STAT_MEDIAN, 101), z * sd / sqrt(101) * sqrt(acos(-1) / 2));
    assert_half_width(interval(v, w, MANY, 0, STAT_MEAN, 25), z * sd / 5 * sqrt(2));
    assert_true(fabs(interval(v, w, MANY, 0, STAT_MEAN, 25).all - 20) < 0.2);
    assert_half_width(interval(share, NULL, MANY, 0, STAT_PCT, 400), z * 100 * sqrt(0.3 * 0.7 / 400));
    assert_half_width(interval(v, NULL, MANY, 0, STAT_MEAN, 80000), z * sd / sqrt(80000));
}

static void test_a_risk_is_an_event_in_each_of_the_study(void **state) {
    enum { MANY = 500 };
    double *v = FE_NEW_ARRAY(room, double, MANY);
    (void)state;
    for (size_t i = 0; i < MANY; i++) v[i] = 4; /* 4 percent in everybody: the mean never varies, the count does */
    study_interval s = interval(v, NULL, MANY, 100, STAT_PCT, 200);
    assert_true(fabs(s.all - 4) < 1e-12);
    assert_half_width(s, 1.6449 * 100 * sqrt(0.04 * 0.96 / 200));
}

static void test_who_has_no_value_is_left_out(void **state) {
    double v[] = {1, NAN, 3, NAN}, nobody[] = {NAN, NAN};
    (void)state;
    assert_true(interval(v, NULL, 4, 0, STAT_MEAN, 10).all == 2);
    assert_true(isnan(interval(nobody, NULL, 2, 0, STAT_MEAN, 10).all));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_name_is_made_of_quantity_change_and_level),
        cmocka_unit_test(test_a_subgroup_cuts_the_people_not_the_value),
        cmocka_unit_test(test_a_note_says_when_and_from_which_level),
        cmocka_unit_test(test_what_is_missing_has_its_name),
        cmocka_unit_test(test_people_meet_the_baseline_that_is_given),
        cmocka_unit_test(test_people_keep_the_bounds_of_their_text),
        cmocka_unit_test(test_labs_of_another_population_stand_in),
        cmocka_unit_test(test_the_complex_goes_as_one_compartment_does),
        cmocka_unit_test(test_exposure_is_that_of_the_specification),
        cmocka_unit_test(test_no_iron_changes_nothing_but_the_placebo_response),
        cmocka_unit_test(test_the_extreme_is_of_the_days_and_a_share_is_0_or_100),
        cmocka_unit_test(test_measurements_scatter_as_the_laboratory_does),
        cmocka_unit_test(test_studies_scatter_as_theory_has_it),
        cmocka_unit_test(test_a_risk_is_an_event_in_each_of_the_study),
        cmocka_unit_test(test_who_has_no_value_is_left_out),
    };
    return cmocka_run_group_tests(tests, open_room, close_room);
}
