/* Summaries of very many patients, of whom none is kept: a patient's values go into counts and sums, and are forgotten.
 *
 * Nothing that is added up is rounded: a value is a whole number of steps of its scale, 2^32 of them from one end to the other, and sums of
 * steps and of their squares are integers. So the same patients give the same bytes in whatever order they come and however they were shared
 * among threads or machines. Quantiles come from counts in bins whose width follows the value, 128 of them from a number to its double:
 * their error is at most 1/256 of the value.
 *
 * A summary is one block without pointers: its bytes can be copied, sent and compared. */
#ifndef FE_INFER_SUMMARY_H
#define FE_INFER_SUMMARY_H

#include <stdint.h>

#include "base/arena.h"
#include "solve/status.h"

/* Patients of one summary, merged ones included: no count or sum overflows. */
#define SUMMARY_PATIENTS_MAX UINT32_MAX

/* What the values of one endpoint can be, in its unit. */
typedef struct summary_scale {
    double low, high; /* low < high, their difference finite: a value outside is left out of everything but its count */
    double least;     /* above 0, up to the larger of |low| and |high|: nearer to 0 than this, quantiles take a value for 0 */
    double threshold; /* how many reach it is counted; NaN: there is none */
    bool falls;       /* it is reached from above: at or below it */
} summary_scale;

typedef struct summary_layout {
    size_t n; /* endpoints */
    const summary_scale *scales;
    const struct summary_bins *bins;
    size_t size; /* bytes of a summary */
} summary_layout;

typedef struct summary_cell {
    uint64_t n, missing, below, above; /* values: on the scale, NaN, too low and too high for it */
    uint64_t reached;                  /* of the n */
    uint64_t steps, squares[2];        /* sums from `low` on; of squares: the low 64 bits, then the high */
    double min, max;                   /* INFINITY and -INFINITY while n == 0 */
} summary_cell;

typedef struct summary {
    uint64_t ends[SOLVE_STATUSES]; /* patients by how they ended; values are of those under SOLVE_OK alone */
    uint64_t unmade;               /* patients that had no body to begin with */
    summary_cell cells[];          /* [n], then the counts of the bins */
} summary;

/* The scales are copied; they must be as their comments say (asserted). */
const summary_layout *fe__summary_layout(arena *a, const summary_scale *scales, size_t n);

/* Nobody yet. */
summary *fe__summary_new(arena *a, const summary_layout *of);

/* A patient who came to the end: values[n], NaN for what is missing. One who did not: values is not read. */
void fe__summary_add(const summary_layout *of, summary *s, solve_status end, const double *values);
void fe__summary_add_unmade(summary *s);

/* What is in `from` as well. The patients of both are at most SUMMARY_PATIENTS_MAX. */
void fe__summary_merge(const summary_layout *of, summary *into, const summary *from);

/* Whether two summaries are the same, at a glance: FNV-1a of their bytes. */
uint64_t fe__summary_digest(const summary_layout *of, const summary *s);

/* Of the values on the scale. Mean and standard deviation (over n - 1) are exact but for half a step, (high - low) / 2^33; NaN when there
 * are too few. */
double fe__summary_mean(const summary_layout *of, const summary *s, size_t which);
double fe__summary_sd(const summary_layout *of, const summary *s, size_t which);

/* As fe__quantile_sorted, of values that are off by at most 1/256 of each, `least` where they are nearer to 0; never beyond min and max. NaN
 * when there are none. */
double fe__summary_quantile(const summary_layout *of, const summary *s, size_t which, double q);

#endif
