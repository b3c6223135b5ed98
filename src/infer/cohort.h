/* The bodies behind the bands of one patient: drawn once, played as often as a question asks. Playing leaves them as they are.
 *
 * Before any lab that was taken after the start the draws are those of the prior, each of weight 1. */
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
    const cohort_body *bodies; /* [n]: number k is number k of the prior */
} cohort;

/* n bodies of the prior, made on `threads` threads, 1 or more: the bodies do not depend on it. They lie in the room and last until its next
 * use; room NULL: in the arena. NULL when memory is out. */
const cohort *fe__cohort(arena *a, large_room *room, const patient_prior *prior, uint64_t seed, size_t n, int threads);

#endif
