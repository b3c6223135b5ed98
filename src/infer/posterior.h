/* Bodies that explain the results of one patient: equally likely draws of the posterior, and how far they can be trusted.
 *
 * Proposals about the mode (Student's t with the curvature there, and a share of the prior, so that no weight is without bound) are weighted
 * by what they explain; Pareto's k and the effective sample size say whether that is enough. Where it is not, the prior is annealed into the
 * posterior step by step (sequential Monte Carlo; Del Moral, Doucet and Jasra, Journal of the Royal Statistical Society B 68 (2006) 411), which
 * needs no mode and finds more than one. */
#ifndef FE_INFER_POSTERIOR_H
#define FE_INFER_POSTERIOR_H

#include "infer/cohort.h"
#include "infer/mode.h"

typedef struct posterior {
    const individual *of;
    size_t n;
    const trial_eta *draws; /* [n], equally likely; etas that are not estimated are drawn from their prior */
    double k_hat;           /* of the weights of the proposals; INFINITY when they said nothing */
    double effective;       /* how many independent draws those weights are worth */
    unsigned rounds;        /* of proposals */
    bool annealed;   /* the proposals were not enough: k_hat and effective tell why, and the draws are of the other method */
    unsigned stages; /* of annealing */
} posterior;

/* The draws do not depend on `threads`. The mode may be one that was not found. NULL when memory is out or no set of etas has a course. */
const posterior *fe__posterior(arena *a, const individual *x, const mode *at, uint64_t seed, size_t n, int threads);

/* Mode and draws of one patient: the mode is looked for again from the best draw where that lies clearly better, and the draws are drawn again
 * about it. *at is NULL when memory is out; NULL as fe__posterior has it. */
const posterior *fe__fit_individual(arena *a, const individual *x, uint64_t seed, size_t n, int threads, const mode **at);

/* The chance that a result is no measurement of this patient, over the draws. */
double fe__posterior_outlier(const posterior *p, size_t lab);

/* The bodies of the draws, for playing on; see fe__cohort. */
const cohort *fe__cohort_posterior(arena *a, large_room *room, const posterior *p, int threads);

#endif
