/* Studies of a given size drawn from an arm's people: where nine in ten of their statistics lie. */
#ifndef FE_ADVISE_VALIDATE_STUDY_H
#define FE_ADVISE_VALIDATE_STUDY_H

#include <stddef.h>
#include <stdint.h>

#include "advise/validate.h"

enum { STUDIES = 2000 };

typedef struct study_ask {
    const double *values; /* [people]: one measurement of each; NaN: this person has none, and is left out of the statistic */
    const double
        *control; /* [people], or NULL: of the same people without iron, another group of as many; its statistic is subtracted */
    size_t people;
    double event; /* above 0: a value is the probability of an event times this, which happens or not in each of the study */
    study_stat stat;
    size_t n; /* of each group of the study */
    uint64_t seed;
} study_ask;

typedef struct study_interval {
    double all, p5, p95; /* of all people; of studies. NaN when nobody has a value */
} study_interval;

/* The arena is left as it was. */
study_interval fe__study_interval(arena *a, const study_ask *ask);

#endif
