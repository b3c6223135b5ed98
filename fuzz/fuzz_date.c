/* Any text as an instant, a day, a number: what is accepted comes back from its own text. */
#include <math.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/date.h"
#include "base/text.h"

static void check(int holds) {
    if (!holds) abort();
}

static void check_instant(arena *a, const char *s) {
    double seconds, back;
    int zone, zone_back;
    if (!fe__time_parse(s, &seconds, &zone)) return;
    check(fe__time_parse(fe__time_text(a, seconds, zone), &back, &zone_back));
    check(zone_back == zone && back <= seconds && seconds - back < 60);
    check(fe__day_of(fe__noon_of(fe__day_of(seconds, zone), zone), zone) == fe__day_of(seconds, zone));
}

static void check_day(arena *a, const char *s) {
    long day;
    if (!fe__date_parse(s, &day)) return;
    check(fe__streq(fe__date_text(a, day), s));
    check(fe__weekday(day) >= 0 && fe__weekday(day) <= 6);
    fe__date_words(a, day);
}

static void check_number(arena *a, const char *s) {
    double value, with_unit, back;
    const char *unit;
    if (!fe__number_parse(s, &value)) return;
    check(isfinite(value));
    check(fe__number_unit_parse(a, s, &with_unit, &unit) && fe__streq(unit, ""));
    check(fe__number_parse(fe__printf(a, "%.17g", value), &back) && !(back < value) && !(back > value));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    arena *a = fe__arena_new(0);
    check(a != NULL);
    if (setjmp(*fe__arena_escape(a))) abort(); /* memory ended */
    const char *s = fe__strndup(a, (const char *)data, size);
    check_instant(a, s);
    check_day(a, s);
    check_number(a, s);
    fe__arena_free(a);
    return 0;
}
