/* What was foreseen of each lab before it was known: the bodies that the labs known until then allow, played with what the course says, and
 * the residual error of the lab around them. Labs with an earlier instant are known; labs at the same instant are not. */
#ifndef FE_ADVISE_FORESEEN_H
#define FE_ADVISE_FORESEEN_H

#include "advise/facts.h"
#include "advise/forecast.h"

typedef struct foreseen {
    double p5, p50, p95; /* in the unit of the lab; NaN when nothing was foreseen */
    double percentile;   /* of the value, 0 to 100; NaN when it is none, or only a bound */
    const char *why;     /* why there is none, or no percentile; NULL */
} foreseen;

/* Restless legs: an IRLS at least so much lower in the third week of the first iron, as answers.md means it. */
typedef struct foreseen_rls {
    chance with_placebo, drug_alone; /* p NaN when nothing is modelled */
} foreseen_rls;

typedef struct foresight foresight;

/* Plays what is needed for every lab of the course up to the instant of the facts. ask->draws 0: nothing is foreseen. */
const foresight *fe__foresight(facts *f, const forecast_ask *ask);

/* Of event number `which` of the course; of one behind the last: a lab that is only thought of. False when nothing was foreseen: then why is
 * said. */
bool fe__foresee(const foresight *x, size_t which, foreseen *out);

foreseen_rls fe__foresee_rls(const foresight *x);

/* The residual error of a lab (docs/model.md, section 7) where this patient is modelled; NULL when there is none. */
const lab_error *fe__foresight_error(const foresight *x, const char *lab);

/* How much a score varies by itself from one visit to another: in what is foreseen of it. 0 where it is no such score. */
double fe__foresight_score_sd(const foresight *x, const char *lab);

/* The bodies behind it that could be played, 0 when none was asked for. */
size_t fe__foresight_draws(const foresight *x);

#endif
