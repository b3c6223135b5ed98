/* Numbers, chances and days in words, and text from outside in markup. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/date.h"
#include "report/markup.h"
#include "report/say.h"
#include "report/timeline.h"

static arena *a;

static int open_arena(void **state) {
    (void)state;
    a = fe__arena_new(0);
    return a ? 0 : 1;
}

static int close_arena(void **state) {
    (void)state;
    fe__arena_free(a);
    return 0;
}

#define OUT_OF_MEMORY_FAILS()                                                                                                    \
    if (setjmp(*fe__arena_escape(a))) fail()

static void chances_are_counts(void **state) {
    (void)state;
    OUT_OF_MEMORY_FAILS();
    static const struct {
        double p;
        const char *words;
    } said[] = {{0.61, "6 in 10"},       {0.45, "4 to 5 in 10"},
                {0.54, "5 to 6 in 10"},  {0.53, "5 in 10"},
                {0.1, "1 in 10"},        {0.03, "3 in 100"},
                {0.094, "9 in 100"},     {0.0032, "1 in 300"},
                {0.0001, "1 in 10,000"}, {0, "under 1 in 100"},
                {0.97, "97 in 100"},     {1, "over 99 in 100"},
                {0.9, "9 in 10"},        {NAN, ""}};
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++) assert_string_equal(fe__say_chance(a, said[i].p), said[i].words);
}

static void discs_never_leave_ten(void **state) {
    (void)state;
    assert_int_equal(fe__say_tenths(0.61), 6);
    assert_int_equal(fe__say_tenths(1.2), 10);
    assert_int_equal(fe__say_tenths(-1), 0);
    assert_int_equal(fe__say_tenths(NAN), 0);
}

static void numbers_are_told_as_finely_as_they_are_known(void **state) {
    (void)state;
    OUT_OF_MEMORY_FAILS();
    assert_string_equal(fe__say_number(a, 1500, 1), "1,500");
    assert_string_equal(fe__say_number(a, 1234567.5, 1), "1,234,567.5");
    assert_string_equal(fe__say_number(a, NAN, 1), "-");
    assert_string_equal(fe__say_fixed(a, 12, 1), "12.0");
    assert_string_equal(fe__say_fixed(a, -0.04, 1), "0.0");
    assert_string_equal(fe__say_fixed(a, -1.5, 1), "\xE2\x88\x92"
                                                   "1.5");
    assert_string_equal(fe__say_figures(a, 147, 2), "150");
    assert_string_equal(fe__say_figures(a, 1234, 2), "1,200");
    assert_string_equal(fe__say_figures(a, 3.42, 2), "3.4");
    assert_string_equal(fe__say_figures(a, 0.0567, 2), "0.057");
    assert_string_equal(fe__say_figures(a, 1e-7, 2), "0");
}

static void a_day_has_its_year_only_when_it_is_another(void **state) {
    (void)state;
    OUT_OF_MEMORY_FAILS();
    long today = 0, other = 0;
    assert_true(fe__date_parse("2026-11-20", &today) && fe__date_parse("2027-02-01", &other));
    assert_string_equal(fe__say_day(a, today, today), "20 Nov");
    assert_string_equal(fe__say_day(a, other, today), "1 Feb 2027");
    assert_string_equal(fe__say_weekday(a, today, today), "Fri 20 Nov");
}

static void ids_and_units_become_words(void **state) {
    (void)state;
    OUT_OF_MEMORY_FAILS();
    assert_string_equal(fe__say_id(a, "heavy-menstrual-bleeding"), "Heavy menstrual bleeding");
    assert_string_equal(fe__say_unit(a, "ug/L"), "\xC2\xB5g/L");
    assert_string_equal(fe__say_unit(a, "mg/dL"), "mg/dL");
    assert_string_equal(fe__say_unit(a, "U/L"), "U/L");
    assert_string_equal(fe__say_unit(a, "1"), "");
    assert_string_equal(fe__say_unit(a, "u"), "u");
}

static void hostile_text_stays_text(void **state) {
    (void)state;
    OUT_OF_MEMORY_FAILS();
    text t;
    fe__text_init(&t, a);
    fe__escape(&t, "<script>alert('x')</script> & \"y\"\x01\x7f\r");
    assert_string_equal(t.s, "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;y&quot;");
}

static void a_format_escapes_unless_it_is_told_not_to(void **state) {
    (void)state;
    OUT_OF_MEMORY_FAILS();
    text t;
    fe__text_init(&t, a);
    fe__html(&t, "<a b=\"%s\">%S %d %f %f %f 9%%</a>%s", "\"><i>", "<br/>", 7, 2.0, -1.25, (double)NAN, (const char *)NULL);
    assert_string_equal(t.s, "<a b=\"&quot;&gt;&lt;i&gt;\"><br/> 7 2 -1.2 0 9%</a>");
}

static void a_goal_finds_its_series(void **state) {
    (void)state;
    assert_true(fe__goal_means("hemoglobin", "hemoglobin"));
    assert_true(fe__goal_means("hemoglobin_g_dl", "hemoglobin"));
    assert_true(fe__goal_means("hb-goal", "hemoglobin"));
    assert_true(fe__goal_means("ferritin-goal", "ferritin"));
    assert_false(fe__goal_means("hemoglobin", "ferritin"));
    assert_false(fe__goal_means("irlsx", "irls"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(chances_are_counts, open_arena, close_arena),
        cmocka_unit_test(discs_never_leave_ten),
        cmocka_unit_test_setup_teardown(numbers_are_told_as_finely_as_they_are_known, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(a_day_has_its_year_only_when_it_is_another, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(ids_and_units_become_words, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(hostile_text_stays_text, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(a_format_escapes_unless_it_is_told_not_to, open_arena, close_arena),
        cmocka_unit_test(a_goal_finds_its_series),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
