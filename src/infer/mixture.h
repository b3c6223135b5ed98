/* What is foreseen of one lab: the values that the draws give it, each as likely as another, and around each the residual error of the lab
 * (docs/model.md, section 7): ln y is normal about ln f with SD^2 = log_sd^2 + (additive_sd / f)^2. A score varies by itself: y is normal about f
 * with score_sd. Without an error the values themselves.
 *
 * The mixture is summed, not sampled: the same draws give the same numbers. */
#ifndef FE_INFER_MIXTURE_H
#define FE_INFER_MIXTURE_H

#include <stdbool.h>
#include <stddef.h>

#include "infer/quantile.h"

typedef struct mixture {
    const double *value; /* [n], n >= 1, none NaN; with the error of a lab all above 0 */
    size_t n;
    double log_sd, additive_sd;
    double score_sd; /* above 0: of a score, and the two others are not used */
} mixture;

/* The chance of a value below y. A draw that gives y itself counts half. */
double fe__mixture_below(const mixture *m, double y);

/* The value at a chance 0 < q < 1; the room and copy[n] are used. */
double fe__mixture_quantile(const mixture *m, double q, const quantile_room *room, double *copy);

#endif
