/* Scales: numbers to places on paper, and the few round values worth a grid line. */
#ifndef FE_REPORT_SCALE_H
#define FE_REPORT_SCALE_H

#include <stddef.h>

/* v0 lies at x0, v1 at x1; either may be the larger. */
typedef struct scale {
    double v0, v1, x0, x1;
} scale;

double fe__lie(const scale *s, double v);        /* where v lies; outside the range too */
double fe__lie_within(const scale *s, double v); /* the same, held between x0 and x1 */

enum { TICKS_MAX = 24 };

/* Round values: first, first + step, ... count of them, all within the range; `decimals` is what step needs when written. */
typedef struct ticks {
    double first, step;
    int count, decimals;
} ticks;

/* The finest round step (1, 2 or 5 times a power of ten) with at most `most` values in [low, high]; count is 0 when the range is
 * empty or not finite. */
ticks fe__ticks(double low, double high, int most);
double fe__tick(const ticks *t, int i);

/* Widens [*low, *high] by a part of its length, so that no line runs along the edge; starts at zero when zero is near and nothing is
 * below it; an empty range becomes one of length 1. */
void fe__widen(double *low, double *high, double part);

#endif
