/* Looking at a course: newest labs, conditions, weeks of pregnancy. */
#include "test_exchange_reading.h"

static void the_newest_lab_has_come_back_and_is_not_ahead(void **state) {
    bench *b = *state;
    const course *c = course_with(b, NULL,
                                  "{\"at\":\"2026-02-01\",\"lab\":\"crp\",\"value\":1,\"unit\":\"mg/L\"},"
                                  "{\"at\":\"2026-02-10\",\"lab\":\"crp\",\"result\":\"high\"},"
                                  "{\"at\":\"2026-03-01\",\"lab\":\"crp\",\"prescribed\":true}");
    assert_non_null(c);
    int crp = term_of(b, "crp", TERM_LAB);
    assert_string_equal(fe__lab_newest(c, crp, b->now)->ptr, "/events/1");
    assert_string_equal(fe__lab_newest(c, crp, c->events[0].at)->ptr, "/events/0");
    assert_null(fe__lab_newest(c, crp, c->events[0].at - 1));
    assert_null(fe__lab_newest(c, term_of(b, "tsat", TERM_LAB), b->now));
}

static void molecules_of_products_and_formulations(void **state) {
    const knowledge *k = ((bench *)*state)->k;
    assert_string_equal(fe__molecule_of(k, "iron-sucrose-eu"), "is");
    assert_string_equal(fe__molecule_of(k, "iron-polymaltose"), "iron-polymaltose");
    assert_string_equal(fe__molecule_of(k, "nsaid"), "");
    assert_string_equal(fe__molecule_of(k, NULL), "");
}

static void a_condition_holds_from_its_start_to_just_before_its_end(void **state) {
    bench *b = *state;
    const course *c = course_with(b, "\"conditions\":[\"asthma\"]",
                                  "{\"since\":\"2026-02-01\",\"until\":\"2026-02-10\",\"condition\":\"active-infection\"},"
                                  "{\"since\":\"2026-02-20\",\"condition\":\"active-infection\"}");
    assert_non_null(c);
    int infection = term_of(b, "active-infection", TERM_CONDITION);
    const event *e = c->events;
    assert_int_equal(fe__course_has(c, term_of(b, "asthma", TERM_CONDITION), b->now), TRI_TRUE);
    assert_int_equal(fe__course_has(c, infection, e[0].at - 1), TRI_FALSE);
    assert_int_equal(fe__course_has(c, infection, e[0].at), TRI_TRUE);
    assert_int_equal(fe__course_has(c, infection, e[0].until), TRI_FALSE);
    assert_int_equal(fe__course_has(c, infection, b->now), TRI_TRUE);
}

static void a_condition_is_unknown_only_without_the_list(void **state) {
    bench *b = *state;
    int asthma = term_of(b, "asthma", TERM_CONDITION), infection = term_of(b, "active-infection", TERM_CONDITION);
    const course *c = course_with(b, NULL, "{\"since\":\"2026-02-20\",\"condition\":\"active-infection\"}");
    assert_int_equal(fe__course_has(c, asthma, b->now), TRI_UNKNOWN);
    assert_int_equal(fe__course_has(c, infection, b->now), TRI_TRUE);
    c = course_with(b, "\"conditions\":[]", NULL);
    assert_int_equal(fe__course_has(c, asthma, b->now), TRI_FALSE);
}

#define WEEKS "\"pregnancy\":{\"gestation_weeks\":30,\"on\":\"2026-02-16\"}"

static void weeks_count_by_calendar_days_of_the_zone(void **state) {
    bench *b = *state;
    double t;
    int zone;
    const course *c = course_with(b, WEEKS, "{\"at\":\"2026-02-01T08:00+01:00\",\"symptom\":\"nausea\"}");
    assert_non_null(c);
    assert_near(fe__gestation_now(c, b->now), 32, 1e-12);
    assert_true(fe__time_parse("2026-03-02T23:30Z", &t, &zone)); /* the 3rd in the zone of the course */
    assert_near(fe__gestation_now(c, t), 32 + 1.0 / 7, 1e-12);
    assert_true(isnan(fe__gestation_now(course_with(b, "\"pregnancy\":null", NULL), b->now)));
}

static void a_pregnancy_ends_with_the_delivery(void **state) {
    bench *b = *state;
    const course *c = course_with(b, WEEKS, "{\"at\":\"2026-03-01\",\"delivery\":true}");
    assert_non_null(c);
    assert_true(isnan(fe__gestation_now(c, b->now)));
    assert_near(fe__gestation_now(c, c->events[0].at - 86400), 31 + 5.0 / 7, 1e-12);
    assert_true(isnan(fe__gestation_now(course_with(b, WEEKS ",\"delivered_on\":\"2026-02-20\"", NULL), b->now)));
    c = course_with(b, WEEKS, "{\"at\":\"2026-04-01\",\"delivery\":true}"); /* planned */
    assert_near(fe__gestation_now(c, b->now), 32, 1e-12);
    c = course_with(b, WEEKS ",\"delivered_on\":\"2024-02-20\"", NULL); /* the child before */
    assert_near(fe__gestation_now(c, b->now), 32, 1e-12);
}

static void every_result_has_its_word(void **state) {
    (void)state;
    assert_string_equal(fe__result_word(RESULT_NONE), "");
    assert_string_equal(fe__result_word(RESULT_LOW), "low");
    assert_string_equal(fe__result_word(RESULT_ABNORMAL), "abnormal");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_newest_lab_has_come_back_and_is_not_ahead),
        cmocka_unit_test(molecules_of_products_and_formulations),
        cmocka_unit_test(a_condition_holds_from_its_start_to_just_before_its_end),
        cmocka_unit_test(a_condition_is_unknown_only_without_the_list),
        cmocka_unit_test(weeks_count_by_calendar_days_of_the_zone),
        cmocka_unit_test(a_pregnancy_ends_with_the_delivery),
        cmocka_unit_test(every_result_has_its_word),
    };
    return cmocka_run_group_tests(tests, open_bench, close_bench);
}
