/* What an observation's endpoint, time and note say that is to be read off a patient's course. */
#ifndef FE_ADVISE_VALIDATE_READING_H
#define FE_ADVISE_VALIDATE_READING_H

#include "advise/validate.h"
#include "body/generated.h"

/* What a course is read for: a state, or what is observed. */
typedef struct watched {
    bool state;
    int which; /* ST_x or OBSERVED_x */
} watched;

typedef struct reading {
    measure_kind measure;
    measure_when when;
    measure_of of;
    watched what;
    int lab; /* -1: without residual error */
    double factor;
    measure_relation relation;
    double level[2];       /* of men, of women */
    double normal[2];      /* hemoglobin from which nobody is anemic: of men, of women */
    double time_h, from_h; /* at, or until; the window of an extreme begins at from_h */
    bool timed;            /* the observation has a time */
    bool against_control;  /* difference to the same people without iron */
    bool baseline;         /* at hour 0 */
    bool share;            /* a percentage of patients */
    population_bound subgroup;
    bool has_subgroup;
    const char *subgroup_words;
    const char *unit, *words; /* what was read, for people */
    const endpoint_row *row;
} reading;

/* False when nothing of the model is read as this endpoint, or a datum is missing: *missing and *why say which. */
bool fe__reading_of(arena *a, const evidence *e, const observation *of, reading *r, unpredicted *missing, const char **why);

/* The value in a state or in what is observed, by name; false when there is none of this name. */
bool fe__watched_find(const char *name, watched *out);

#endif
