/* Where draws of a posterior are proposed: Student's t about a middle, with a share of the spread of the etas themselves, so that no weight is
 * without bound. In eta / omega of the estimated etas. */
#ifndef FE_INFER_PROPOSAL_H
#define FE_INFER_PROPOSAL_H

#include "base/random.h"
#include "infer/mode.h"

typedef struct proposal {
    const individual *x;
    double middle[ETAS];
    matrix spread; /* lower root of the covariance of t's normal */
    double ln_t;   /* what of the density of t hangs on nothing */
} proposal;

/* About a mode that was found, with the curvature there. */
proposal fe__proposal_at(const individual *x, const mode *at);

/* One draw, u[n]; and the logarithm of the density that it is drawn with. */
void fe__proposal_draw(const proposal *p, random_stream *r, double *u);
double fe__proposal_ln(const proposal *p, const double *u);

/* Moves to where the weights of n draws lie (logarithms, -INFINITY for none), tempered so that some share of the draws counts. False, and
 * nothing is moved, when so few have weight that no spread comes of them. */
bool fe__proposal_move(proposal *p, const trial_eta *list, const double *ln_w, double *room, size_t n);

#endif
