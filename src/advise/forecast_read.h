/* What is read off the draws of a forecast: goals, chances, risks. */
#ifndef FE_ADVISE_FORECAST_READ_H
#define FE_ADVISE_FORECAST_READ_H

#include "advise/forecast.h"

void fe__read_goals(facts *f, forecast *out, const prediction *p);

/* untreated: the same draws without iron, so that what drifts by itself is no benefit, at all times of p at least; NULL when nothing drifts.
 * keeps: what each draw adds to a chance stays in the arena. */
void fe__read_chances(facts *f, const model_numbers *n, forecast *out, const prediction *p, const prediction *untreated,
                      bool keeps);
void fe__read_risks(arena *a, forecast *out, const prediction *p);

/* Wilson's 90% interval of a share of n draws; of a sum of n probabilities. */
chance fe__share(double hits, size_t n);

/* The probability that a score that falls so far by the model falls by the response or more when it is taken: from visit to visit it also
 * falls and rises by itself. */
double fe__irls_responds(const model_numbers *n, double fall);

#endif
