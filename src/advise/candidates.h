/* The ways to give iron that an optimization compares: products x methods x doses x schedules x minutes, inside the label.
 *
 * Each is a proposal (propose.h) that the verifier has passed without an open caution. None gives more iron than the plan of its product, and
 * none is faster than the label's usual minutes: a variation can only ask for less, smaller, later and slower. */
#ifndef FE_ADVISE_CANDIDATES_H
#define FE_ADVISE_CANDIDATES_H

#include "advise/propose.h"

typedef struct candidate {
    option option;
    variation how;
    bool is_short; /* clearly less iron than the usual way of the product: not what its need asks for */
    bool is_usual; /* what the plan gives for its product; a caution may be open in these alone */
} candidate;

typedef struct candidate_list {
    candidate *list; /* one product after the other, in the order of the plan's options; the usual way first */
    size_t n, cap;
} candidate_list;

/* The plan's options, and other doses, schedules and methods of their products; with_less: less iron too, else as much as the plan gives but for
 * what is a tie. */
void fe__candidates(facts *f, const plan_ask *ask, const plan *p, bool with_less, candidate_list *out);

/* The same way in more minutes: one candidate for each factor that the label allows. */
void fe__slower_candidates(facts *f, const plan_ask *ask, candidate way, candidate_list *out);

#endif
