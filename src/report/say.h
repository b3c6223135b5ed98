/* Numbers, chances, dates and ids as a person reads them. Nothing is computed here but the rounding that a reader needs. */
#ifndef FE_REPORT_SAY_H
#define FE_REPORT_SAY_H

#include "base/arena.h"

/* A chance as a count: "6 in 10", "4 to 5 in 10" near a half step, "3 in 100" under one in ten, "97 in 100" over nine, "1 in 300";
 * never 0 and never all. "" for NaN. */
const char *fe__say_chance(arena *a, double p);

/* How many of ten discs are filled. */
int fe__say_tenths(double p);

/* 1,500 or 12.5: at most `decimals` decimals, zeros cut, thousands apart. "-" for NaN. */
const char *fe__say_number(arena *a, double v, int decimals);

/* 12.0: exactly so many decimals, so that a column of them lines up. */
const char *fe__say_fixed(arena *a, double v, int decimals);

/* To so many figures: 147 to 2 is 150, 3.42 is 3.4, 1,234 is 1,200. */
const char *fe__say_figures(arena *a, double v, int figures);

/* "one", "two" ... "twelve", then figures. */
const char *fe__say_count(arena *a, long n);

/* "14 Dec", with the year when it is not the one of `today`. "Mon 14 Dec" with the weekday. */
const char *fe__say_day(arena *a, long day, long today);
const char *fe__say_weekday(arena *a, long day, long today);

/* "heavy-menstrual-bleeding" as "Heavy menstrual bleeding"; lower leaves the first letter small. */
const char *fe__say_id(arena *a, const char *id);
const char *fe__say_id_lower(arena *a, const char *id);

/* First letter large; all letters large. */
const char *fe__say_capitals(arena *a, const char *words);
const char *fe__say_first_large(arena *a, const char *words);

/* The unit of an answer as it is printed: "ug/L" with a real micro sign, "" for the unit 1. */
const char *fe__say_unit(arena *a, const char *unit);

#endif
