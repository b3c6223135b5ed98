/* Faults are copied, shortened, cleaned and counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/fault.h"
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

static void a_fault_keeps_copies(void **state) {
    faults f;
    char name[] = "p.json", at[] = "/hb", expected[] = "g/L", found[] = "80", hint[] = "give a unit";
    fe__faults_init(&f, *state, name);
    fe__fault(&f, at, expected, found, hint);
    name[0] = at[1] = expected[0] = found[0] = hint[0] = 'X';
    assert_int_equal(f.n, 1);
    assert_string_equal(f.list[0].file, "p.json");
    assert_string_equal(f.list[0].at, "/hb");
    assert_string_equal(f.list[0].expected, "g/L");
    assert_string_equal(f.list[0].found, "80");
    assert_string_equal(f.list[0].hint, "give a unit");
}

static void what_is_missing_is_nothing(void **state) {
    faults f;
    fe__faults_init(&f, *state, NULL);
    fe__fault(&f, NULL, NULL, NULL, NULL);
    assert_string_equal(f.list[0].file, "-");
    assert_string_equal(f.list[0].at, "");
    assert_string_equal(f.list[0].expected, "");
    assert_string_equal(f.list[0].found, "nothing");
    assert_null(f.list[0].hint);
}

static const char *found_of(arena *a, const char *found) {
    faults f;
    fe__faults_init(&f, a, "-");
    fe__fault(&f, "", "", found, NULL);
    return f.list[0].found;
}

static void a_long_value_is_shortened_at_a_character(void **state) {
    char value[400];
    memset(value, 'a', sizeof value);
    value[80] = 0;
    assert_string_equal(found_of(*state, value), value); /* 80 bytes fit */
    value[80] = 'a';
    value[81] = 0;
    const char *found = found_of(*state, value);
    assert_int_equal(strlen(found), 80);
    assert_string_equal(found + 75, "aa...");
    for (size_t shift = 0; shift < 3; shift++) { /* characters of three bytes, cut at every place */
        for (size_t i = shift; i + 3 < sizeof value; i += 3) memcpy(value + i, "\xE2\x82\xAC", 3);
        value[333 + shift] = 0;
        found = found_of(*state, value);
        assert_in_range(strlen(found), 78, 80);
        assert_true(fe__utf8_valid(found, strlen(found)));
        assert_string_equal(found + strlen(found) - 3, "...");
    }
}

static void only_the_found_is_shortened(void **state) {
    faults f;
    char value[400];
    memset(value, 'b', sizeof value);
    value[399] = 0;
    fe__faults_init(&f, *state, value);
    fe__fault(&f, value, value, "", value);
    assert_string_equal(f.list[0].file, value);
    assert_string_equal(f.list[0].at, value);
    assert_string_equal(f.list[0].expected, value);
    assert_string_equal(f.list[0].hint, value);
}

static void broken_bytes_and_controls_do_not_travel(void **state) {
    assert_string_equal(found_of(*state, "a\xFF"
                                         "b\xC3"),
                        "a\xEF\xBF\xBD"
                        "b\xEF\xBF\xBD");
    assert_string_equal(found_of(*state, "a\x1B[31m\n\x7F"), "a [31m  ");
    assert_string_equal(found_of(*state, "\xED\xA0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    faults f;
    fe__faults_init(&f, *state, "\xFF.csv");
    fe__fault(&f, "/\xFF", "", "", NULL);
    assert_string_equal(f.list[0].file, "\xEF\xBF\xBD.csv");
    assert_string_equal(f.list[0].at, "/\xEF\xBF\xBD");
}

static void past_the_bound_faults_are_counted(void **state) {
    faults f;
    fe__faults_init(&f, *state, "-");
    for (int i = 0; i < FAULTS_MAX + 7; i++) fe__fault(&f, fe__printf(*state, "/%d", i), "", "", NULL);
    assert_int_equal(f.n, FAULTS_MAX);
    assert_int_equal(f.dropped, 7);
    assert_string_equal(f.list[FAULTS_MAX - 1].at, "/199");
}

static void a_fault_shows_nothing_that_a_screen_obeys(void **state) {
    assert_string_equal(found_of(*state, "a\x1b"
                                         "b\xC2\x9B"
                                         "c\xE2\x80\xAE"
                                         "d\xE2\x81\xA6"
                                         "e"),
                        "a b c d e");
    faults f;
    fe__faults_init(&f, *state, "-");
    f.file = "x\xC2\x9Bm.json";
    fe__fault(&f, "", "", "", NULL);
    assert_string_equal(f.list[0].file, "x m.json");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fault_keeps_copies),
        cmocka_unit_test(what_is_missing_is_nothing),
        cmocka_unit_test(a_long_value_is_shortened_at_a_character),
        cmocka_unit_test(only_the_found_is_shortened),
        cmocka_unit_test(broken_bytes_and_controls_do_not_travel),
        cmocka_unit_test(past_the_bound_faults_are_counted),
        cmocka_unit_test(a_fault_shows_nothing_that_a_screen_obeys),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
