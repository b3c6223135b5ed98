/* The likeliest etas of one patient (MAP), and how sharply the results and the prior hold them there.
 *
 * Found by sequential quadratic programming (NLopt's SLSQP) in coordinates in which the objective is nearly round: the curvature at the
 * start, of what the results foresee linearly (Gauss and Newton). The start is the best of some draws of the prior; where a result then fits badly,
 * searches from other starts, and from where no result may be an error, look for a better one. */
#ifndef FE_INFER_MODE_H
#define FE_INFER_MODE_H

#include "infer/individual.h"
#include "infer/matrix.h"

typedef struct mode {
    bool found;       /* false: no set of etas that was tried has a course */
    bool converged;   /* the search ended by itself */
    trial_eta at;     /* etas that are not estimated are 0 */
    matrix precision; /* [n][n]: inverse covariance of eta / omega of the estimated ones, at the mode */
    matrix root;      /* its Cholesky factor */
    unsigned looks;   /* courses played to find it */
} mode;

/* The same search from etas that are known to be good, as those of a draw. */
const mode *fe__mode_from(arena *a, const individual *x, const double *eta, int threads);

/* Nothing depends on `threads`. NULL when memory is out. */
const mode *fe__mode(arena *a, const individual *x, uint64_t seed, int threads);

#endif
