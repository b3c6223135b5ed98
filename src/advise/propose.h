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
    bool is_covered;     /* a need that is known, by iron already given */
} refusal;

/* Another shape of the same regimen. Each can only ask for less iron, smaller doses, longer intervals and slower infusions than the method
 * by itself; what a method gives in fixed doses keeps them. */
typedef struct variation {
    double most_mg;        /* of the whole course now planned; INFINITY: what the method asks for */
    double most_single_mg; /* of one dose; INFINITY: the caps alone */
    double least_interval; /* days from dose to dose; 0: the label alone */
    double slower;         /* 1 or more: times the minutes that a plan gives */
} variation;
extern const variation fe__as_the_method_says;

/* Fills *o and returns true when the verifier has passed it (cautions may be open). */
bool fe__propose(facts *f, const plan_ask *ask, const product *p, const method *m, const variation *how, option *o, refusal *why);

/* Whether the method gives a total that may be split, and cut, into any doses. */
bool fe__method_divides(const method *m);

#endif
