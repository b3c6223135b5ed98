/* Days are counted with years that begin in March, so that the leap day is the last of its year
 * (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"). */
#include "base/date.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

enum {
    YEAR_MIN = 1900,
    YEAR_MAX = 2200,
    DAY_SECONDS = 86400,
    ERA_DAYS = 146097,  /* 400 years */
    ERA_SHIFT = 719468, /* days from 0000-03-01 to 1970-01-01 */
    ZONE_MAX_MIN = 14 * 60
};

/* Instants past this (some 30000 years) are nobody's, and would not fit a 32-bit day. */
static const double SECONDS_MAX = 1e12;

typedef struct civil {
    long year;
    int month, day;
} civil;

static long days_from_civil(civil c) {
    long year = c.month <= 2 ? c.year - 1 : c.year;
    long era = (year >= 0 ? year : year - 399) / 400;
    long year_of_era = year - era * 400;
    long day_of_year = (153 * (c.month + (c.month > 2 ? -3 : 9)) + 2) / 5 + c.day - 1;
    long day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * ERA_DAYS + day_of_era - ERA_SHIFT;
}

static civil civil_from_days(long days) {
    days += ERA_SHIFT;
    long era = (days >= 0 ? days : days - ERA_DAYS + 1) / ERA_DAYS;
    long day_of_era = days - era * ERA_DAYS;
    long year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    long day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int month_from_march = (int)((5 * day_of_year + 2) / 153);
    civil c = {
        .year = year_of_era + era * 400,
        .month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9,
        .day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1),
    };
    if (c.month <= 2) c.year++;
    return c;
}

static int days_of_month(int year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && is_leap);
}

/* `count` digits between low and high; *s moves behind them. */
static bool number(const char **s, int count, int low, int high, int *value) {
    int v = 0;
    for (int i = 0; i < count; i++, (*s)++) {
        if (**s < '0' || **s > '9') return false;
        v = 10 * v + (**s - '0');
    }
    *value = v;
    return v >= low && v <= high;
}

static bool sign(const char **s, char c) {
    if (**s != c) return false;
    (*s)++;
    return true;
}

static bool scan_date(const char **s, long *day) {
    int year, month, date;
    if (!number(s, 4, YEAR_MIN, YEAR_MAX, &year) || !sign(s, '-')) return false;
    if (!number(s, 2, 1, 12, &month) || !sign(s, '-')) return false;
    if (!number(s, 2, 1, days_of_month(year, month), &date)) return false;
    *day = days_from_civil((civil){year, month, date});
    return true;
}

/* "08:30", "08:30:15", "08:30:15.25" */
static bool scan_clock(const char **s, int *seconds) {
    int hour, minute, second = 0, digit;
    if (!number(s, 2, 0, 23, &hour) || !sign(s, ':') || !number(s, 2, 0, 59, &minute)) return false;
    if (sign(s, ':')) {
        if (!number(s, 2, 0, 59, &second)) return false;
        if (sign(s, '.')) {
            if (!number(s, 1, 0, 9, &digit)) return false;
            while (**s >= '0' && **s <= '9') (*s)++;
        }
    }
    *seconds = hour * 3600 + minute * 60 + second;
    return true;
}

static bool scan_zone(const char **s, int *zone_min) {
    int hour, minute;
    if (sign(s, 'Z')) {
        *zone_min = 0;
        return true;
    }
    bool is_west = sign(s, '-');
    if (!is_west && !sign(s, '+')) return false;
    if (!number(s, 2, 0, 14, &hour) || !sign(s, ':') || !number(s, 2, 0, 59, &minute)) return false;
    int zone = 60 * hour + minute;
    *zone_min = is_west ? -zone : zone;
    return zone <= ZONE_MAX_MIN;
}

bool fe__time_parse(const char *text, double *seconds, int *zone_min) {
    long day;
    int clock, zone;
    if (!text || !scan_date(&text, &day) || !sign(&text, 'T')) return false;
    if (!scan_clock(&text, &clock) || !scan_zone(&text, &zone) || *text) return false;
    *seconds = (double)day * DAY_SECONDS + clock - 60.0 * zone;
    *zone_min = zone;
    return true;
}

bool fe__date_parse(const char *text, long *day) {
    long d;
    if (!text || !scan_date(&text, &d) || *text) return false;
    *day = d;
    return true;
}

/* An instant that any arithmetic below can hold; not a number becomes 0. */
static double bounded(double seconds) {
    if (isnan(seconds)) return 0;
    return fmin(fmax(seconds, -SECONDS_MAX), SECONDS_MAX);
}

long fe__day_of(double seconds, int zone_min) { return (long)floor((bounded(seconds) + 60.0 * zone_min) / DAY_SECONDS); }

double fe__noon_of(long day, int zone_min) { return (double)day * DAY_SECONDS + DAY_SECONDS / 2.0 - 60.0 * zone_min; }

const char *fe__date_text(arena *a, long day) {
    civil c = civil_from_days(day);
    return fe__printf(a, "%04ld-%02d-%02d", c.year, c.month, c.day);
}

const char *fe__time_text(arena *a, double seconds, int zone_min) {
    /* To the second first: arithmetic that ends a microsecond before 08:30 means 08:30. */
    double whole = floor(bounded(seconds) + 0.5);
    long day = fe__day_of(whole, zone_min);
    int minute = (int)((whole + 60.0 * zone_min - (double)day * DAY_SECONDS) / 60);
    int zone = abs(zone_min);
    return fe__printf(a, "%sT%02d:%02d%c%02d:%02d", fe__date_text(a, day), minute / 60, minute % 60, zone_min < 0 ? '-' : '+',
                      zone / 60, zone % 60);
}

const char *fe__date_words(arena *a, long day) {
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    civil c = civil_from_days(day);
    return fe__printf(a, "%d %s %ld", c.day, months[c.month - 1], c.year);
}

int fe__weekday(long day) { return (int)((day % 7 + 7 + 3) % 7); /* 1970-01-01 was a Thursday */ }
