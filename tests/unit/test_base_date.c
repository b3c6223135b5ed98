/* Instants and days: what is accepted, what is refused, and that days follow each other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"

static int open_arena(void **state) {
    arena *a = fe__arena_new(0);
    *state = a;
    return a ? 0 : -1;
}

static int close_arena(void **state) {
    fe__arena_free(*state);
    return 0;
}

static void instant(const char *s, double expected, int expected_zone) {
    double seconds = -1;
    int zone = -1;
    if (!fe__time_parse(s, &seconds, &zone)) fail_msg("%s was refused", s);
    if (seconds != expected) fail_msg("%s is %.1f", s, seconds);
    assert_int_equal(zone, expected_zone);
}

static void instants_are_read(void **state) {
    (void)state;
    instant("1970-01-01T00:00Z", 0, 0);
    instant("1970-01-01T00:00+00:00", 0, 0);
    instant("1970-01-01T01:00:15.999+01:00", 15, 60);
    instant("1969-12-31T18:30-05:30", 0, -330);
    instant("2026-11-02T08:30+01:00", 1793604600, 60);
    instant("2000-02-29T23:59:59Z", 951868799, 0);
    instant("1900-01-01T00:00Z", -2208988800, 0);
    instant("2200-12-31T23:59:59Z", 7289654399, 0);
    instant("2026-01-01T00:00+14:00", 1767175200, 840);
}

static void anything_else_is_no_instant(void **state) {
    (void)state;
    static const char *const wrong[] = {"",
                                        "2026-11-02",
                                        "2026-11-02T08:30",
                                        "2026-11-02 08:30Z",
                                        "2026-11-02T08:30z",
                                        "2026-11-02T8:30Z",
                                        "2026-11-02T08:30+0100",
                                        "2026-11-02T08:30+01",
                                        "2026-11-02T24:00Z",
                                        "2026-11-02T08:60Z",
                                        "2026-11-02T08:30:60Z",
                                        "2026-11-02T08:30:Z",
                                        "2026-11-02T08:30:15.Z",
                                        "2026-11-02T08:30Z ",
                                        " 2026-11-02T08:30Z",
                                        "2026-11-02T08:30+15:00",
                                        "2026-11-02T08:30+14:01",
                                        "2026-11-02T08:30+01:60",
                                        "2026-02-30T08:30Z",
                                        "1899-12-31T23:59Z",
                                        "2201-01-01T00:00Z",
                                        "2026-11-02T",
                                        "2026-1",
                                        "2026-11-02T08:30ZZ"};
    double seconds = 5;
    int zone = 6;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        if (fe__time_parse(wrong[i], &seconds, &zone)) fail_msg("\"%s\" was read", wrong[i]);
    }
    assert_false(fe__time_parse(NULL, &seconds, &zone));
    assert_true(seconds == 5);
    assert_int_equal(zone, 6);
}

static void days_are_read(void **state) {
    (void)state;
    long day = 0;
    assert_true(fe__date_parse("1970-01-02", &day));
    assert_int_equal(day, 1);
    assert_true(fe__date_parse("2026-11-02", &day));
    assert_int_equal(day, 20759);
    static const char *const wrong[] = {"",           "2026-11-2",  "2026-11-02T", "2026-13-01", "2026-00-01",
                                        "2026-01-00", "2026-04-31", "1900-02-29",  "2100-02-29", "2026-02-29",
                                        "02.11.2026", "2026/11/02", "1899-12-31",  "2201-01-01", "-026-01-01"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        if (fe__date_parse(wrong[i], &day)) fail_msg("\"%s\" was read", wrong[i]);
    }
    assert_false(fe__date_parse(NULL, &day));
    assert_int_equal(day, 20759);
    assert_true(fe__date_parse("2000-02-29", &day));
    assert_true(fe__date_parse("2028-02-29", &day));
}

static void every_day_follows_the_one_before(void **state) {
    (void)state;
    arena *a = fe__arena_new(0);
    long first, last, back;
    assert_true(fe__date_parse("1900-01-01", &first));
    assert_true(fe__date_parse("2200-12-31", &last));
    assert_int_equal(last - first + 1, 301 * 365 + 73); /* 73 leap years: 1904 to 2196 but 2100 */
    char before[16] = "";
    for (long day = first; day <= last; day++) {
        const char *s = fe__date_text(a, day);
        assert_true(strcmp(before, s) < 0);
        assert_true(fe__date_parse(s, &back));
        assert_int_equal(back, day);
        snprintf(before, sizeof before, "%s", s);
        if (day % 1000 == 0) fe__arena_reset(a);
    }
    assert_string_equal(before, "2200-12-31");
    fe__arena_free(a);
}

static void the_day_depends_on_the_zone(void **state) {
    (void)state;
    assert_int_equal(fe__day_of(0, 0), 0);
    assert_int_equal(fe__day_of(-1, 0), -1);
    assert_int_equal(fe__day_of(-1, 60), 0);
    assert_int_equal(fe__day_of(86399.9, 0), 0);
    assert_int_equal(fe__day_of(86399, 1), 1);
    assert_int_equal(fe__day_of(0, -1), -1);
    assert_true(fe__noon_of(0, 0) == 43200);
    assert_true(fe__noon_of(1, 60) == 86400 + 39600);
    for (long day = -400; day < 400; day += 37) {
        for (int zone = -840; zone <= 840; zone += 30) assert_int_equal(fe__day_of(fe__noon_of(day, zone), zone), day);
    }
}

static void instants_are_written(void **state) {
    arena *a = *state;
    assert_string_equal(fe__time_text(a, 1793604600, 60), "2026-11-02T08:30+01:00");
    assert_string_equal(fe__time_text(a, 1793604600, -210), "2026-11-02T04:00-03:30");
    assert_string_equal(fe__time_text(a, 0, 0), "1970-01-01T00:00+00:00");
    assert_string_equal(fe__time_text(a, 59, 0), "1970-01-01T00:00+00:00");
    assert_string_equal(fe__time_text(a, -1, 0), "1969-12-31T23:59+00:00");
    assert_string_equal(fe__time_text(a, 86399.9999, 0), "1970-01-02T00:00+00:00"); /* arithmetic's dust */
}

static void days_are_written(void **state) {
    arena *a = *state;
    assert_string_equal(fe__date_text(a, 20759), "2026-11-02");
    assert_string_equal(fe__date_words(a, 20759), "2 Nov 2026");
    assert_string_equal(fe__date_words(a, -1), "31 Dec 1969");
    assert_string_equal(fe__date_words(a, 0), "1 Jan 1970");
    assert_string_equal(fe__date_text(a, -719528), "0000-01-01");
    assert_string_equal(fe__date_text(a, -719529), "-001-12-31");
}

static void absurd_instants_stay_in_range(void **state) {
    arena *a = *state;
    assert_int_equal(fe__day_of((double)NAN, 0), 0);
    assert_int_equal(fe__day_of((double)INFINITY, 0), 11574074);
    assert_int_equal(fe__day_of(-1e300, 0), -11574075);
    assert_non_null(fe__time_text(a, (double)INFINITY, 840));
    assert_string_equal(fe__time_text(a, (double)NAN, 0), "1970-01-01T00:00+00:00");
}

static void weeks_begin_on_monday(void **state) {
    (void)state;
    assert_int_equal(fe__weekday(0), 3);
    assert_int_equal(fe__weekday(20759), 0); /* 2026-11-02, a Monday */
    assert_int_equal(fe__weekday(20758), 6);
    assert_int_equal(fe__weekday(-1), 2);
    assert_int_equal(fe__weekday(-4), 6);
    assert_int_equal(fe__weekday(-3), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instants_are_read),
        cmocka_unit_test(anything_else_is_no_instant),
        cmocka_unit_test(days_are_read),
        cmocka_unit_test(every_day_follows_the_one_before),
        cmocka_unit_test(the_day_depends_on_the_zone),
        cmocka_unit_test(instants_are_written),
        cmocka_unit_test(days_are_written),
        cmocka_unit_test(absurd_instants_stay_in_range),
        cmocka_unit_test(weeks_begin_on_monday),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
