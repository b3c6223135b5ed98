/* The courses of an arm's people, kept for what its observations are read from. */
#ifndef FE_ADVISE_VALIDATE_CURVES_H
#define FE_ADVISE_VALIDATE_CURVES_H

#include "advise/validate_people.h"
#include "advise/validate_reading.h"

enum { CURVES_MAX = OBSERVED + STATES };

typedef struct curves {
    const model_data *m;
    const people *who;
    int formulation;
    double dose_mg;
    const double *starts, *ends; /* h: of each dose */
    size_t doses_n;
    const double *times; /* h, ascending, the first is 0 */
    size_t times_n;
    int place[CURVES_MAX]; /* of a watched quantity among the columns; -1: none */
    size_t columns_n;
    double *values; /* [time][column][patient] */
    bool *played;   /* [patient] */
    size_t failed;  /* patients who were not played to the end */
} curves;

typedef struct curves_ask {
    const model_data *m;
    const people *who;
    int formulation;
    double dose_mg, n_doses, interval_days, infusion_min; /* dose_mg: of all doses */
    double esa_drive;                                     /* from the first dose on; 0: as before */
    const reading *const *readings;
    size_t readings_n;
    int threads;
    void (*progress)(void *context, size_t done); /* patients */
    void *context;
} curves_ask;

/* In the arena. False when memory is out. */
bool fe__curves(arena *a, const curves_ask *ask, curves *c);

double fe__curve_at(const curves *c, watched what, size_t time, size_t patient);
/* The place of an hour; asserted to be among the times. */
size_t fe__curve_time(const curves *c, double hour);

/* h; 0 when nothing was given. */
double fe__last_dose_end(const curves *c);

#endif
