/* What an observation reads off one patient's course, as a study would have measured it. */
#ifndef FE_ADVISE_VALIDATE_MEASURE_H
#define FE_ADVISE_VALIDATE_MEASURE_H

#include "advise/validate_curves.h"
#include "base/random.h"

/* Of one patient, in the unit of the endpoint; a share is 0 or 100; a risk is the probability times the factor of the endpoint. NaN when this
 * patient has none. `base` is what a ratio is multiplied with. Draws the errors of measurement from the stream. */
double fe__measure(const curves *c, const reading *r, double base, size_t patient, random_stream *errors);

#endif
