/* A clinical course as the body model plays it: which labs start it, what happens to it in hours from there.
 *
 * A start is a steady state, so labs within some weeks after iron, a transfusion, an operation or an acute bleed start nothing
 * (docs/model.md, section 6): the latest undisturbed labs do, and what happened since is played. */
#ifndef FE_COURSE_EMBODY_H
#define FE_COURSE_EMBODY_H

#include "body/start.h"
#include "course/course.h"
#include "course/play.h"

/* An infusion as it is played. */
typedef struct body_infusion {
    const char *product; /* product or formulation id, as in the course */
    int formulation;
    double at; /* instant */
    double mg, minutes;
    const char *ptr; /* JSON pointer in the course; NULL when planned here */
} body_infusion;

/* What the body stands on that nobody measured or said. */
typedef struct assumption {
    const char *item; /* lab or field id */
    double value;
    const char *unit, *why;
} assumption;

typedef enum embody_status {
    EMBODY_OK,
    EMBODY_TOO_SOON, /* labs count from `counts_from` */
    EMBODY_NO_LABS,  /* `item` is missing */
    EMBODY_UNKNOWN,  /* `item` is a product, or a route, that is not modelled */
    EMBODY_OVERLAP   /* two infusions at once; `item` is the second's pointer */
} embody_status;

/* What only rules can tell of the patient (advise), and what the caller plays instead of the course's own plans. */
typedef struct embody_ask {
    const knowledge *k;
    const model_data *m;
    const course *c;
    double now;
    int population;    /* -1: none */
    double covariates; /* their product, of v */
    bool plans_iron;   /* `planned` stands in for the infusions of the course after now */
    const body_infusion *planned;
    size_t planned_n;
    bool
        explains_all; /* starts before the first iron or blood loss of the last year, where labs allow it, not from the newest labs */
    double (*usual_minutes)(void *context, const event *infusion); /* of an infusion whose minutes are not said */
    void *context;
} embody_ask;

typedef struct embodied {
    embody_status status;
    const char *item;
    double counts_from;     /* instant */
    double start;           /* instant of hour 0 */
    start_labs labs;        /* as measured; fe__start_fill completes them */
    const event **measured; /* the results that they are */
    size_t measured_n;
    const body_event *events; /* sorted */
    size_t events_n;
    const body_infusion *infusions; /* in time order */
    size_t infusions_n;
    const assumption *assumed;
    size_t assumed_n, assumed_cap;
} embodied;

const embodied *fe__embody(arena *a, const embody_ask *ask);

/* Adds what fe__start_fill filled in to the assumptions. */
void fe__embody_say_filled(arena *a, embodied *e, const start_labs *full, unsigned filled);

#endif
