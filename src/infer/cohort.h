/* The bodies behind the bands of one patient: drawn once, played as often as a question asks. Playing leaves them as they are. They are draws
 * of the prior, or of the posterior (infer/posterior.h) where results came after the start; each counts the same. */
#ifndef FE_INFER_COHORT_H
#define FE_INFER_COHORT_H

#include "base/arena.h"
#include "base/room.h"
#include "infer/prior.h"

typedef struct cohort_body {
    bool starts; /* false: none was found, and the rest says nothing */
    body b;
    double y[STATES]; /* at hour 0, before events */
} cohort_body;

typedef struct cohort {
    patient_prior prior;
    size_t n;
    const cohort_body *bodies; /* [n]: number k is draw number k */
} cohort;

/* n bodies of the prior, made on `threads` threads, 1 or more: the bodies do not depend on it. They lie in the room and last until its next
 * use; room NULL: in the arena. NULL when memory is out. */
const cohort *fe__cohort(arena *a, large_room *room, const patient_prior *prior, uint64_t seed, size_t n, int threads);

/* The bodies of etas that are known: known(context, k) gives [ETAS + 1] of number k, in any thread. */
const cohort *fe__cohort_of(arena *a, large_room *room, const patient_prior *prior, size_t n, int threads,
                            const double *(*known)(const void *context, size_t k), const void *context);

#endif
