/* See say.h. The rules are those of a page read in a minute: no chance finer than can be felt, no date without need of a year. */
#include "report/say.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"

/* A comma before every third digit of the whole part. */
static const char *thousands(arena *a, const char *s) {
    const char *digits = *s == '-' ? s + 1 : s;
    size_t whole = strcspn(digits, ".");
    text t;
    fe__text_init(&t, a);
    if (*s == '-') fe__text_add(&t, "\xE2\x88\x92"); /* a real minus */
    for (size_t i = 0; i < whole; i++) {
        if (i && (whole - i) % 3 == 0) fe__text_add(&t, ",");
        fe__text_addn(&t, digits + i, 1);
    }
    fe__text_add(&t, digits + whole);
    return t.s;
}

const char *fe__say_number(arena *a, double v, int decimals) {
    return isfinite(v) ? thousands(a, fe__number_text(a, v, decimals)) : "-";
}

const char *fe__say_fixed(arena *a, double v, int decimals) {
    if (!isfinite(v)) return "-";
    const char *s = fe__printf(a, "%.*f", decimals, v);
    bool zero = strspn(s, "-0.") == strlen(s);
    return thousands(a, zero && *s == '-' ? s + 1 : s);
}

const char *fe__say_figures(arena *a, double v, int figures) {
    if (!isfinite(v)) return "-";
    double size = fabs(v);
    static const int finest = 4; /* decimals; what is smaller reads as nothing */
    if (size < 0.5 * pow(10, -finest)) return "0";
    int decimals = figures - 1 - (int)floor(log10(size));
    if (decimals > 0) return fe__say_fixed(a, v, decimals > finest ? finest : decimals);
    double step = pow(10, -decimals);
    return fe__say_fixed(a, round(v / step) * step, 0);
}

/* "3 in 100", "1 in 300". */
static const char *rare(arena *a, double p) {
    double hundredths = round(p * 100);
    if (hundredths >= 1) return fe__printf(a, "%.0f in 100", hundredths);
    if (p < 1e-6) return "under 1 in 100";
    return fe__printf(a, "1 in %s", fe__say_figures(a, 1 / p, 1));
}

const char *fe__say_chance(arena *a, double p) {
    if (isnan(p)) return "";
    if (p < 0.095) return rare(a, p);
    if (p > 0.905) return p > 0.995 ? "over 99 in 100" : fe__printf(a, "%.0f in 100", round(p * 100));
    double tenths = p * 10, low = floor(tenths), part = tenths - low;
    if (low >= 1 && low < 9 && part >= 0.4 && part <= 0.6) return fe__printf(a, "%.0f to %.0f in 10", low, low + 1);
    return fe__printf(a, "%.0f in 10", round(tenths));
}

int fe__say_tenths(double p) { return isnan(p) ? 0 : (int)fmin(10, fmax(0, round(p * 10))); }

const char *fe__say_count(arena *a, long n) {
    static const char *const words[] = {"no",    "one",   "two",  "three", "four",   "five",  "six",
                                        "seven", "eight", "nine", "ten",   "eleven", "twelve"};
    return n >= 0 && n <= 12 ? words[n] : fe__printf(a, "%ld", n);
}

const char *fe__say_day(arena *a, long day, long today) {
    const char *whole = fe__date_words(a, day), *now = fe__date_words(a, today);
    const char *year = strrchr(whole, ' ');
    if (!year || !fe__streq(year, strrchr(now, ' '))) return whole;
    return fe__strndup(a, whole, (size_t)(year - whole));
}

const char *fe__say_weekday(arena *a, long day, long today) {
    static const char *const names[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    return fe__printf(a, "%s %s", names[fe__weekday(day)], fe__say_day(a, day, today));
}

const char *fe__say_id_lower(arena *a, const char *id) {
    char *s = fe__strdup(a, id ? id : "");
    for (char *c = s; *c; c++)
        if (*c == '-' || *c == '_') *c = ' ';
    return s;
}

const char *fe__say_first_large(arena *a, const char *words) {
    char *s = fe__strdup(a, words ? words : "");
    *s = (char)toupper((unsigned char)*s);
    return s;
}

const char *fe__say_capitals(arena *a, const char *words) {
    char *s = fe__strdup(a, words ? words : "");
    for (char *c = s; *c; c++) *c = (char)toupper((unsigned char)*c);
    return s;
}

const char *fe__say_id(arena *a, const char *id) { return fe__say_first_large(a, fe__say_id_lower(a, id)); }

const char *fe__say_unit(arena *a, const char *unit) {
    if (!unit || fe__streq(unit, "1")) return "";
    if (fe__streq(unit, "{score}")) return "points";
    if (fe__streq(unit, "mL/min/{1.73_m2}")) return "mL/min/1.73 m\xC2\xB2";
    if (unit[0] == 'u' && strchr("gmkL", unit[1]) && unit[1]) return fe__printf(a, "\xC2\xB5%s", unit + 1);
    return unit;
}
