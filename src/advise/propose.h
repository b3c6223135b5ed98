/* One proposal: this product, by this method, for this patient. */
#ifndef FE_ADVISE_PROPOSE_H
#define FE_ADVISE_PROPOSE_H

#include "advise/plan.h"

/* Why there is none. */
typedef struct refusal {
    const char *name;   /* of the limit that stands in the way */
    const char *source; /* its row, NULL */
    const char *because;
    const char *missing; /* field without which nothing can be computed; NULL */
} refusal;

/* Fills *o and returns true when the verifier has passed it (cautions may be open). */
bool fe__propose(facts *f, const plan_ask *ask, const product *p, const method *m, option *o, refusal *why);

#endif
