/* Units and ranges: conversions against values worked by hand, hints at the likely unit. */
#include "test_exchange_reading.h"

static double quantity(bench *b, const char *id, term_kind kind, const char *s) {
    fresh(b);
    return fe__quantity_read(b->k, &b->f, term_of(b, id, kind), s, "--x", NULL);
}

static void conversions_agree_with_hand_values(void **state) {
    static const struct {
        const char *id;
        term_kind kind;
        const char *text;
        double value;
    } cases[] = {
        {"hemoglobin", TERM_LAB, "8.9", 8.9},           {"hemoglobin", TERM_LAB, "8.9g/dL", 8.9},
        {"hemoglobin", TERM_LAB, " 89 g/L ", 8.9},      {"hemoglobin", TERM_LAB, "5.5 mmol/L", 8.862975},
        {"hematocrit", TERM_LAB, "0.27 L/L", 27},       {"ferritin", TERM_LAB, "100 ng/mL", 100},
        {"ferritin", TERM_LAB, "100 pmol/L", 44.5},     {"tsat", TERM_LAB, "18 %", 18},
        {"serum-iron", TERM_LAB, "10 umol/L", 55.845},  {"tibc", TERM_LAB, "60 umol/L", 335.07},
        {"transferrin", TERM_LAB, "250 mg/dL", 2.5},    {"crp", TERM_LAB, "1.2 mg/dL", 12},
        {"phosphate", TERM_LAB, "0.8 mmol/L", 2.47792}, {"calcium", TERM_LAB, "2.2 mmol/L", 8.8176},
        {"creatinine", TERM_LAB, "90 umol/L", 1.0179},  {"vitamin-d-25oh", TERM_LAB, "50 nmol/L", 20.03},
        {"hepcidin", TERM_LAB, "10 ng/mL", 3.585},      {"weight_kg", TERM_FIELD, "154 lb", 69.85322498},
        {"weight_kg", TERM_FIELD, "3500 g", 3.5},       {"height_cm", TERM_FIELD, "66 in", 167.64},
        {"height_cm", TERM_FIELD, "1.68 m", 168},       {"age_years", TERM_FIELD, "18 mo", 1.5},
        {"dose_mg", TERM_FIELD, "1 g", 1000},           {"minutes", TERM_FIELD, "1.5 h", 90},
        {"minutes", TERM_FIELD, "30 s", 0.5},           {"bag_ml", TERM_FIELD, "0.25 L", 250},
        {"iu_per_week", TERM_FIELD, "40 ug/wk", 8000},  {"temperature_c", TERM_FIELD, "98.6 [degF]", 37},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double v = quantity(*state, cases[i].id, cases[i].kind, cases[i].text);
        assert_no_fault(*state);
        assert_near(v, cases[i].value, 1e-3 * fabs(cases[i].value)); /* constants carry four digits or more */
    }
}

static void bounds_themselves_are_inside_in_every_unit(void **state) {
    static const char *const good[] = {"1", "25", "10 g/L", "250 g/L"};
    for (size_t i = 0; i < 4; i++) {
        double v = quantity(*state, "hemoglobin", TERM_LAB, good[i]);
        assert_true(v > 0);
    }
    assert_true(isnan(quantity(*state, "hemoglobin", TERM_LAB, "25.01")));
    assert_true(isnan(quantity(*state, "hemoglobin", TERM_LAB, "9.99 g/L")));
}

static void a_bare_value_of_another_unit_gets_its_unit_as_hint(void **state) {
    assert_true(isnan(quantity(*state, "hemoglobin", TERM_LAB, "80")));
    assert_fault(*state, "--x", "1 to 25 g/dL", "80", "80 g/L would be 8 g/dL: write the unit g/L");
    assert_true(isnan(quantity(*state, "height_cm", TERM_FIELD, "1.7")));
    assert_fault(*state, "--x", "40 to 250 cm", "1.7", "1.7 m would be 170 cm: write the unit m");
}

static void a_value_that_fits_no_unit_gets_no_hint(void **state) {
    bench *b = *state;
    assert_true(isnan(quantity(b, "hemoglobin", TERM_LAB, "900")));
    assert_fault(b, "--x", "1 to 25 g/dL", "900", NULL);
    assert_null(b->f.list[0].hint);
}

static void what_is_no_number_is_refused(void **state) {
    static const char *const bad[] = {"", "abc", "8,9", "5-10", "g/dL", "inf", "nan", "0x10"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_true(isnan(quantity(*state, "hemoglobin", TERM_LAB, bad[i])));
        assert_int_equal(((bench *)*state)->f.n, 1);
    }
    quantity(*state, "hemoglobin", TERM_LAB, "8,9");
    assert_fault(*state, "--x", "a number, 1 to 25 g/dL", "\"8,9\"", "the decimal mark is a point");
}

static void an_unusual_value_is_used_and_asked_about(void **state) {
    bench *b = *state;
    confirm_list confirms = {0};
    fresh(b);
    assert_near(fe__quantity_read(b->k, &b->f, term_of(b, "weight_kg", TERM_FIELD), "26", "--weight-kg", &confirms), 26, 0);
    assert_no_fault(b);
    assert_int_equal(confirms.n, 1);
    assert_string_equal(confirms.list[0].at, "--weight-kg");
}

/* ---- options ---- */

static const course *options(bench *b, const option_value *list, size_t n) {
    fresh(b);
    return fe__course_from_options(b->k, &b->f, list, n, b->now, b->zone_min);
}
#define OPTIONS(b, ...)                                                                                                          \
    options(b, (const option_value[]){__VA_ARGS__}, sizeof((const option_value[]){__VA_ARGS__}) / sizeof(option_value))
#define WOMAN                                                                                                                    \
    {"sex", "f"}, {"age-years", "39"}, { "weight-kg", "64" }

static void options_make_a_course_whose_labs_count_now(void **state) {
    bench *b = *state;
    const course *c = OPTIONS(b, {"sex", "f"}, {"age-years", "39"}, {"weight-lb", "150"}, {"height-cm", "66in"}, {"hb", "89g/L"},
                              {"ferritin", "7"}, {"egfr", "70"}, {"condition", "crohn-disease"}, {"condition", "asthma"},
                              {"oral-iron", "failed"}, {"nyha-class", "2"});
    assert_no_fault(b);
    assert_string_equal(c->patient.sex, "female");
    assert_near(c->patient.weight_kg, 68.0388555, 1e-6);
    assert_near(c->patient.height_cm, 167.64, 1e-9);
    assert_near(c->patient.nyha_class, 2, 0);
    assert_string_equal(c->patient.oral_iron, "failed");
    assert_true(c->patient.conditions.given);
    assert_int_equal(c->patient.conditions.n, 2);
    assert_int_equal(c->events_n, 3);
    assert_string_equal(c->events[0].ptr, "--hb");
    assert_near(c->events[0].value, 8.9, 1e-9);
    assert_near(c->events[0].at, b->now, 0);
    assert_int_equal(c->zone_min, b->zone_min);
    assert_ptr_equal(fe__lab_newest(c, term_of(b, "egfr", TERM_LAB), b->now), &c->events[2]);
}

static void without_a_condition_conditions_are_unknown(void **state) {
    const course *c = OPTIONS(*state, WOMAN);
    assert_non_null(c);
    assert_false(c->patient.conditions.given);
}

static void faults_of_options_stand_at_the_option(void **state) {
    bench *b = *state;
    assert_null(OPTIONS(b, WOMAN, {"hb", "80"}));
    assert_fault(b, "--hb", "1 to 25 g/dL", "80", "write the unit g/L");
    assert_null(OPTIONS(b, WOMAN, {"condition", "crohns-disease"}));
    assert_fault(b, "--condition", "condition", "\"crohns-disease\"", "crohn-disease");
    assert_null(OPTIONS(b, WOMAN, {"ferritn", "7"}));
    assert_fault(b, "--ferritn", NULL, NULL, "did you mean --ferritin?");
    assert_null(OPTIONS(b, WOMAN, {"weight-lb", "150"}));
    assert_fault(b, "--weight-lb", "this option once", "150", NULL);
    assert_null(OPTIONS(b, WOMAN, {"hb", "9"}, {"hemoglobin", "9"}));
    assert_fault(b, "--hemoglobin", "once", NULL, NULL);
    assert_null(OPTIONS(b, {"sex", "x"}, {"age-years", "39"}, {"weight-lb", "heavy"}));
    assert_int_equal(b->f.n, 2);
}

static void what_every_course_is_asked_is_missed_at_its_option(void **state) {
    bench *b = *state;
    assert_null(OPTIONS(b, {"sex", "m"}, {"age-years", "39"}));
    assert_fault(b, "--weight-kg", "a number, 2 to 350 kg", "nothing", "--weight-lb");
    assert_null(OPTIONS(b, {"hb", "9"}));
    assert_int_equal(b->f.n, 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conversions_agree_with_hand_values),
        cmocka_unit_test(bounds_themselves_are_inside_in_every_unit),
        cmocka_unit_test(a_bare_value_of_another_unit_gets_its_unit_as_hint),
        cmocka_unit_test(a_value_that_fits_no_unit_gets_no_hint),
        cmocka_unit_test(what_is_no_number_is_refused),
        cmocka_unit_test(an_unusual_value_is_used_and_asked_about),
        cmocka_unit_test(options_make_a_course_whose_labs_count_now),
        cmocka_unit_test(without_a_condition_conditions_are_unknown),
        cmocka_unit_test(faults_of_options_stand_at_the_option),
        cmocka_unit_test(what_every_course_is_asked_is_missed_at_its_option),
    };
    return cmocka_run_group_tests(tests, open_bench, close_bench);
}
