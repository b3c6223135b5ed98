/* The model held against published studies: each observation beside what a study of that size would see of the model's own people.
 *
 * An arm is what one study gave to one group: (study, formulation, dose, number of doses, interval, minutes, population, n). Its people are
 * virtual patients of the population that its text is mapped to (docs/model.md, section 9), moved so that the mean of what the study says of
 * its baseline is met (validate_people.h). They are played through its doses, measured with the residual errors of section 7, and a study of n
 * of them is drawn many times over: the 90% interval is that of its statistic. Nothing else widens it: the specification knows no spread
 * between studies. */
#ifndef FE_ADVISE_VALIDATE_H
#define FE_ADVISE_VALIDATE_H

#include <stdint.h>

#include "knowledge/evidence.h"

typedef enum study_stat { STAT_MEAN, STAT_MEDIAN, STAT_PCT, STAT_GMEAN, STAT_POINT, STAT_COUNT } study_stat;
extern const char *const fe__study_stats[STAT_COUNT];

/* A published number, as its file has it. Numbers that are not given are NaN, texts "". */
typedef struct observation {
    const char *id, *study, *formulation, *population, *endpoint, *verified, *note, *source;
    double dose_mg, n_doses, interval_days, infusion_min, n, hb, ferritin, tsat, weight, time_h, value;
    study_stat stat;
} observation;

/* Why an observation is not predicted. */
typedef enum unpredicted {
    PREDICTED,
    NO_POPULATION,
    NO_INDICATION,
    NO_FORMULATION,
    NO_DATUM,
    NO_OBSERVABLE,
    NO_START
} unpredicted;
extern const char *const fe__unpredicted_words[NO_START + 1];

typedef struct validation_row {
    const observation *of;
    unpredicted missing;
    const char *why; /* when not predicted */
    size_t arm;      /* when predicted */
    bool baseline;   /* of the population before iron, and before anything of the study was imposed on it */
    bool counts;     /* its population is mapped to an indication, and its formulation is modelled */
    const char *unit, *read_as;
    double predicted, p5, p95;
    bool inside;
} validation_row;

/* Where a number of an arm's people comes from. */
typedef struct arm_baseline {
    const char *item;
    double given, mean; /* given NaN: from the population; mean: of the people who are played (the statistic that was given) */
} arm_baseline;

typedef struct arm_assumption {
    const char *item, *unit, *why;
    double value;
} arm_assumption;

enum { ARM_BASELINES_MAX = 10, ARM_ASSUMED_MAX = 6 };

typedef struct validation_arm {
    const observation *of; /* its first row */
    const population_row *who;
    double n, interval_days, infusion_min; /* as played */
    double esa_factor;
    size_t patients, failed;
    bool untouched;       /* its baselines are the population's: for rows of hour 0 */
    const char *subgroup; /* of the endpoint: "ferritin <= 15"; "" for all */
    arm_baseline baselines[ARM_BASELINES_MAX];
    size_t baselines_n;
    arm_assumption assumed[ARM_ASSUMED_MAX];
    size_t assumed_n;
} validation_arm;

typedef struct validation_group {
    const char *endpoint, *formulation, *unit;
    size_t n;
    double median_error, median_absolute_error, share_in_90,
        median_width; /* predicted minus observed; width of the 90% interval */
} validation_group;

typedef struct validation {
    validation_row *rows; /* as given */
    size_t rows_n;
    validation_arm *arms;
    size_t arms_n;
    validation_group *groups; /* by endpoint and formulation, as they first come */
    size_t groups_n;
    size_t patients, studies; /* people of an arm; studies drawn for an interval */
} validation;

typedef struct validation_ask {
    const model_data *m;
    const evidence *e;
    const observation *observations;
    size_t n;
    uint64_t seed;
    size_t patients;                              /* people of an arm */
    int threads;                                  /* 1 or more: the answer does not depend on it */
    void (*progress)(void *context, double done); /* may be NULL */
    void *context;
} validation_ask;

/* The answer in the arena. */
const validation *fe__validate(arena *a, const validation_ask *ask);

#endif
