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

/* Wilson's 90% interval of a share of n draws. */
chance fe__share(size_t hits, size_t n);

#endif
