/* How likely a result is when the model foresees f (docs/model.md, section 7): its logarithm is normal about ln f, with the assay's and the
 * day's error of its observable. A small share of results is no measurement of this patient at all; those lie anywhere about f, so that one
 * absurd result cannot drag a fit along (outlier_share, outlier_log_sd). */
#ifndef FE_INFER_LIKELIHOOD_H
#define FE_INFER_LIKELIHOOD_H

#include "body/body.h"

/* A result as the model reads it. Below the observable's LLOQ, or with a comparator, it says on which side of `value` the truth lies. */
typedef struct seen_lab {
    observable_id what;
    double t;        /* h from the start; up to 0: a measurement of the start itself */
    double value;    /* in the unit of the observable, above 0 */
    char comparator; /* '<', '>'; 0: measured */
} seen_lab;

/* -2 ln likelihood of the result; INFINITY when f is not a positive number. */
double fe__lab_deviance(const model_data *m, const seen_lab *l, double f);

/* Its first derivative by ln f, and its second where that is positive, else 0. */
void fe__lab_slopes(const model_data *m, const seen_lab *l, double f, double *first, double *second);

/* The chance that the result is no measurement of this patient, when f is right. */
double fe__lab_outlier(const model_data *m, const seen_lab *l, double f);

/* The distance of a measured result from f in residual standard deviations (of the log); NaN for one that is only bounded. */
double fe__lab_residual(const model_data *m, const seen_lab *l, double f);

/* Standard deviation of the logarithm of a result where f is foreseen. */
double fe__lab_sd(const model_data *m, observable_id what, double f);

/* A result drawn where f is foreseen: no outlier. `z`: a standard normal number. */
double fe__lab_drawn(const model_data *m, observable_id what, double f, double z);

/* Is the result one of those that only bound the truth? Then this is the bound; else NaN. */
double fe__lab_bound(const model_data *m, const seen_lab *l);

/* What of o[OBSERVED] an observable is, with the factor that brings it to the unit of the observable. */
double fe__lab_foreseen(const model_data *m, observable_id what, const double *o);

/* Whether the observable reads states that the part BATCH_LABS leaves out. */
bool fe__lab_needs_all(observable_id what);

#endif
