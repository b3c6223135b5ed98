/* Numbers read and written without a locale; splitting, suggestions, UTF-8. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static int open_arena(void **state) {
    arena *a = fe__arena_new(0);
    *state = a;
    return a ? 0 : -1;
}

static int close_arena(void **state) {
    fe__arena_free(*state);
    return 0;
}

static void a_text_grows(void **state) {
    text t;
    fe__text_init(&t, *state);
    assert_string_equal(t.s, "");
    fe__text_addn(&t, "abcdef", 3);
    fe__text_addn(&t, NULL, 0);
    assert_string_equal(t.s, "abc");
    for (int i = 0; i < 1000; i++) fe__text_addf(&t, "<%03d>", i);
    fe__text_add(&t, "end");
    assert_int_equal(t.n, 3 + 5000 + 3);
    assert_int_equal(strlen(t.s), t.n);
    assert_memory_equal(t.s + 3 + 5 * 499, "<499><500>", 10);
    assert_string_equal(t.s + 5003, "end");
}

static void reads(const char *s, double expected) {
    double v = -77;
    if (!fe__number_parse(s, &v)) fail_msg("\"%s\" was refused", s);
    if (memcmp(&v, &expected, sizeof v) != 0) fail_msg("\"%s\" read as %a, not %a", s, v, expected);
}

static void numbers_are_read_to_the_last_bit(void **state) {
    (void)state;
    reads("0", 0.0);
    reads("-0", -0.0);
    reads("80", 80.0);
    reads("+12.5", 12.5);
    reads("0.1", 0.1);
    reads(".5", 0.5);
    reads("5.", 5.0);
    reads("007.50", 7.5);
    reads("1e3", 1000.0);
    reads("1.25E-2", 0.0125);
    reads("6.02e+23", 6.02e23);
    reads("1.7976931348623157e308", 1.7976931348623157e308);
    reads("5e-324", 5e-324);
    reads("1e-400", 0.0);
    reads("0e99999999999999999999", 0.0);
    reads("1e-99999999999999999999", 0.0);
    reads("9007199254740993", 9007199254740992.0);                                 /* a tie goes to the even one ... */
    reads("9007199254740993.0000000000000000000000000000001", 9007199254740994.0); /* ... unless it is none */
}

static void a_tie_is_broken_by_the_thousandth_digit(void **state) {
    arena *a = *state;
    text t;
    fe__text_init(&t, a);
    fe__text_add(&t, "9007199254740993.");
    for (int i = 0; i < 2000; i++) fe__text_add(&t, "0");
    reads(t.s, 9007199254740992.0);
    fe__text_add(&t, "1");
    reads(t.s, 9007199254740994.0);
    fe__text_init(&t, a);
    for (int i = 0; i < 5000; i++) fe__text_add(&t, "1");
    fe__text_add(&t, "e-5000");
    reads(t.s, 1.0 / 9.0);
    fe__text_init(&t, a);
    fe__text_add(&t, "0.");
    for (int i = 0; i < 5000; i++) fe__text_add(&t, "0");
    fe__text_add(&t, "25e5001");
    reads(t.s, 2.5);
}

static void random_numbers_come_back(void **state) {
    uint64_t x = 88172645463325252u; /* the seed */
    for (int i = 0; i < 20000; i++) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        double v;
        memcpy(&v, &x, sizeof v);
        if (isfinite(v)) reads(fe__printf(*state, "%.17g", v), v);
    }
}

static void what_is_no_number_is_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {
        "",    " ",   " 1",  "1 ",  "-",     "+",   ".",    "e5",    "1e",     "1e+", "0x10",
        "inf", "nan", "NaN", "1,5", "1.2.3", "--1", "1e5x", "1e309", "-1e400", "١",   "1e99999999999999999999"};
    double v = 3;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        if (fe__number_parse(wrong[i], &v)) fail_msg("\"%s\" was read", wrong[i]);
    }
    assert_false(fe__number_parse(NULL, &v));
    assert_true(v == 3);
}

static void has_unit(arena *a, const char *s, double expected, const char *expected_unit) {
    double v = 0;
    const char *unit = NULL;
    if (!fe__number_unit_parse(a, s, &v, &unit)) fail_msg("\"%s\" was refused", s);
    assert_true(v == expected);
    assert_string_equal(unit, expected_unit);
}

static void a_number_is_read_with_its_unit(void **state) {
    arena *a = *state;
    has_unit(a, "80g/L", 80, "g/L");
    has_unit(a, "8.9 g/dL", 8.9, "g/dL");
    has_unit(a, "80", 80, "");
    has_unit(a, "  -3.5\t%  ", -3.5, "%");
    has_unit(a, "5 eq", 5, "eq");
    has_unit(a, "5eq", 5, "eq");
    has_unit(a, "300 1e9/L", 300, "1e9/L");
    has_unit(a, "12 µg/L", 12, "µg/L");
    double v = 1;
    const char *unit = "kept";
    static const char *const wrong[] = {"", "g/L", "8,9 g/dL", "5-10 mg", "1.2.3", "5+", "< 5", "1e400 g"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        if (fe__number_unit_parse(a, wrong[i], &v, &unit)) fail_msg("\"%s\" was read", wrong[i]);
    }
    assert_false(fe__number_unit_parse(a, NULL, &v, &unit));
    assert_true(v == 1);
    assert_string_equal(unit, "kept");
}

static void numbers_are_written_for_people(void **state) {
    arena *a = *state;
    assert_string_equal(fe__number_text(a, 12, 2), "12");
    assert_string_equal(fe__number_text(a, 12.5, 2), "12.5");
    assert_string_equal(fe__number_text(a, 0.05, 2), "0.05");
    assert_string_equal(fe__number_text(a, 0.056, 2), "0.06");
    assert_string_equal(fe__number_text(a, 100, 0), "100");
    assert_string_equal(fe__number_text(a, 99.6, -1), "100");
    assert_string_equal(fe__number_text(a, -0.001, 1), "0");
    assert_string_equal(fe__number_text(a, -1.5, 1), "-1.5");
    assert_string_equal(fe__number_text(a, 0.1, 99), "0.10000000000000001");
    assert_string_equal(fe__number_text(a, -(double)NAN, 1), "nan");
    assert_string_equal(fe__number_text(a, (double)INFINITY, 1), "inf");
    assert_int_equal(strlen(fe__number_text(a, 1e300, 3)), 301);
}

static void the_locale_of_the_program_changes_nothing(void **state) {
    static const char *const names[] = {"de_DE.UTF-8", "de_DE", "fr_FR.UTF-8", "ps_AF.UTF-8", "ps_AF"};
    size_t i = 0, n = sizeof names / sizeof *names;
    while (i < n && !setlocale(LC_ALL, names[i])) i++;
    if (i == n) skip(); /* no locale with another decimal point is installed */
    char own[8];
    snprintf(own, sizeof own, "%.1f", 1.5);
    const char *written = fe__number_text(*state, 1.5, 1), *formatted = fe__printf(*state, "%.1f", 1.5);
    double v = 0;
    bool is_read = fe__number_parse("1234567890.12345678901", &v);
    char own_again[8];
    snprintf(own_again, sizeof own_again, "%.1f", 1.5);
    setlocale(LC_ALL, "C");
    assert_string_not_equal(own, "1.5");
    assert_string_equal(own_again, own); /* and the program keeps its own */
    assert_string_equal(written, "1.5");
    assert_string_equal(formatted, "1.5");
    assert_true(is_read);
    assert_true(v == 1234567890.12345678901);
}

static void null_equals_only_null(void **state) {
    (void)state;
    assert_true(fe__streq(NULL, NULL));
    assert_false(fe__streq(NULL, ""));
    assert_false(fe__streq("", NULL));
    assert_true(fe__streq("Hb", "Hb"));
    assert_false(fe__streq("Hb", "hb"));
}

static void lists_are_split_trimmed_and_without_empty_parts(void **state) {
    size_t n = 9;
    char **parts = fe__split(*state, " a, b c ,,\t,d\r\n", ',', &n);
    assert_int_equal(n, 3);
    assert_string_equal(parts[0], "a");
    assert_string_equal(parts[1], "b c");
    assert_string_equal(parts[2], "d");
    fe__split(*state, ",", ',', &n);
    assert_int_equal(n, 0);
    fe__split(*state, NULL, ',', &n);
    assert_int_equal(n, 0);
}

static void the_nearest_word_is_suggested(void **state) {
    (void)state;
    static const char *const words[] = {"ferritin", NULL, "transferrin", "haemoglobin", "weight", "crp"};
    size_t n = sizeof words / sizeof *words;
    assert_string_equal(fe__nearest("feritin", words, n), "ferritin");
    assert_string_equal(fe__nearest("hemoglobin", words, n), "haemoglobin");
    assert_string_equal(fe__nearest("weihgt", words, n), "weight"); /* two edits, a third of six */
    assert_string_equal(fe__nearest("crp", words, n), "crp");
    assert_string_equal(fe__nearest("cpp", words, n), "crp");
    assert_null(fe__nearest("cxx", words, n));    /* two of three letters */
    assert_null(fe__nearest("weixyz", words, n)); /* three of six */
    assert_null(fe__nearest("albumin", words, n));
    assert_null(fe__nearest("", words, n));
    assert_null(fe__nearest(NULL, words, n));
    assert_null(fe__nearest("weight", words, 0));
    static const char *const close[] = {"abcxyf", "abcdxf", "abcdef"};
    assert_string_equal(fe__nearest("abcdef", close, 3), "abcdef");
    char long_word[200] = {0};
    memset(long_word, 'a', 199);
    const char *const long_words[] = {long_word};
    assert_null(fe__nearest(long_word, long_words, 1));
    assert_null(fe__nearest("aaaa", long_words, 1));
}

static void utf8_is_counted_in_characters(void **state) {
    (void)state;
    assert_int_equal(fe__utf8_length(""), 0);
    assert_int_equal(fe__utf8_length("µg/L"), 4);
    assert_int_equal(fe__utf8_length("\xF0\x9F\xA9\xB8"), 1);
}

static void only_valid_utf8_passes(void **state) {
    (void)state;
    static const char *const valid[] = {"",
                                        "abc",
                                        "\xC2\x80",
                                        "\xDF\xBF",
                                        "\xE0\xA0\x80",
                                        "\xED\x9F\xBF",
                                        "\xEE\x80\x80",
                                        "\xEF\xBF\xBF",
                                        "\xF0\x90\x80\x80",
                                        "\xF4\x8F\xBF\xBF"};
    static const char *const wrong[] = {"\x80",
                                        "\xC0\x80",
                                        "\xC1\xBF",
                                        "\xC2",
                                        "\xC2\x41",
                                        "\xE0\x9F\xBF",
                                        "\xED\xA0\x80",
                                        "\xE2\x82",
                                        "\xE2\x82\x41",
                                        "\xF0\x8F\xBF\xBF",
                                        "\xF4\x90\x80\x80",
                                        "\xF5\x80\x80\x80",
                                        "\xF0\x9F\xA9",
                                        "\xF0\x9F\xA9\xC0",
                                        "\xFF",
                                        "ab\xFE"};
    for (size_t i = 0; i < sizeof valid / sizeof *valid; i++) assert_true(fe__utf8_valid(valid[i], strlen(valid[i])));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        if (fe__utf8_valid(wrong[i], strlen(wrong[i]))) fail_msg("wrong[%zu] passed", i);
    }
    assert_true(fe__utf8_valid("a\0b", 3));
}

static void a_screen_shows_letters_and_obeys_marks(void **state) {
    (void)state;
    const char *const shown[] = {
        "", "a b", "\xC2\xA0", "\xC3\xA9", "\xE2\x80\xA7", "\xE2\x80\xAF", "\xE2\x81\xA5", "\xF0\x9F\xA9\xB8"};
    const char *const obeyed[] = {"\x1b[2J",      "\t",           "\x7f",         "\xC2\x80",     "\xC2\x9B",
                                  "\xD8\x9C",     "\xE2\x80\x8E", "\xE2\x80\xA8", "\xE2\x80\xAE", "a\xE2\x81\xA6",
                                  "\xE2\x81\xA9", "\xff",         "a\xC3"};
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) assert_true(fe__is_printable(shown[i]));
    for (size_t i = 0; i < sizeof obeyed / sizeof obeyed[0]; i++) assert_false(fe__is_printable(obeyed[i]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_grows),
        cmocka_unit_test(numbers_are_read_to_the_last_bit),
        cmocka_unit_test(a_tie_is_broken_by_the_thousandth_digit),
        cmocka_unit_test(random_numbers_come_back),
        cmocka_unit_test(what_is_no_number_is_refused),
        cmocka_unit_test(a_number_is_read_with_its_unit),
        cmocka_unit_test(numbers_are_written_for_people),
        cmocka_unit_test(the_locale_of_the_program_changes_nothing),
        cmocka_unit_test(null_equals_only_null),
        cmocka_unit_test(lists_are_split_trimmed_and_without_empty_parts),
        cmocka_unit_test(the_nearest_word_is_suggested),
        cmocka_unit_test(utf8_is_counted_in_characters),
        cmocka_unit_test(only_valid_utf8_passes),
        cmocka_unit_test(a_screen_shows_letters_and_obeys_marks),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
