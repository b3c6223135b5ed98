/* Instants and calendar days. ISO 8601 outside, seconds since 1970-01-01T00:00Z inside; proleptic Gregorian calendar. */
#ifndef FE_BASE_DATE_H
#define FE_BASE_DATE_H

#include <stdbool.h>

#include "base/arena.h"

/* "2026-11-02T08:30+01:00", also with seconds (":15", fractions cut) and Z; years 1900 to 2200.
 * *zone_min gets the zone as minutes east of UTC. False when it is anything else (no zone is not accepted). */
bool fe__time_parse(const char *text, double *seconds, int *zone_min);

/* "2026-11-02": the number of the day since 1970-01-01. */
bool fe__date_parse(const char *text, long *day);

/* Calendar day of an instant in a zone; noon of a day as an instant. */
long fe__day_of(double seconds, int zone_min);
double fe__noon_of(long day, int zone_min);

/* "2026-11-02", "2026-11-02T08:30+01:00", "2 Nov 2026". */
const char *fe__date_text(arena *a, long day);
const char *fe__time_text(arena *a, double seconds, int zone_min);
const char *fe__date_words(arena *a, long day);

/* 0 = Monday ... 6 = Sunday. */
int fe__weekday(long day);

#endif
