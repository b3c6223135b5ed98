/* The people of an arm: virtual patients of the population that the study's text is mapped to (docs/model.md, section 9).
 *
 * What the study says of its baseline goes before the population: the median of that variable is moved (a normal one with its range, a lognormal
 * one by a factor) until the mean of the patients who come of it is the number given, or their median where the study gives one. Spread and
 * correlations stay the population's, and so does the rule that patients are drawn again whose labs contradict each other. */
#ifndef FE_ADVISE_VALIDATE_PEOPLE_H
#define FE_ADVISE_VALIDATE_PEOPLE_H

#include "advise/validate.h"
#include "body/start.h"

typedef struct people {
    size_t n;
    const bool *starts; /* [n]; where false the rest says nothing */
    const start_labs *labs;
    const body *bodies;
    const double (*y)[STATES]; /* at hour 0 */
} people;

/* A baseline that a study gives. */
typedef struct people_target {
    variable_id variable;
    double given;
    bool median; /* of the people; else their mean */
    double reached;
} people_target;

typedef struct people_ask {
    const model_data *m;
    const population_row *who;
    const population_bound *subgroup; /* of the endpoint; NULL: everybody */
    people_target *targets;           /* `reached` is set */
    size_t targets_n;
    uint64_t seed;
    size_t n;
    int threads;
} people_ask;

/* In the arena. Nobody starts where what is asked of their labs contradicts itself. */
people fe__people(arena *a, const people_ask *ask);

/* Mean, or median, of a baseline variable over people. */
double fe__people_level(arena *a, const people *p, variable_id v, bool median);

#endif
