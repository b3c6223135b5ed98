/* A course played through a body: events at their times in the order that docs/model.md (section 5) writes, and what is observed in between.
 *
 * Times are hours from the start. Two times are the same when their doubles are equal. A value asked for exactly at an event time is the
 * value after every event of that time. */
#ifndef FE_COURSE_PLAY_H
#define FE_COURSE_PLAY_H

#include "body/rates.h"
#include "solve/reference.h"

typedef enum body_event_kind {
    BODY_RATE,      /* amount mg/h of formulation (KEEP: whichever is active) */
    BODY_BLEED,     /* mL, acute */
    BODY_TRANSFUSE, /* units */
    BODY_DELIVERY,  /* bvf; Hbn g/dL or NaN; mL_d */
    BODY_LOSS,      /* mL/day from now on */
    BODY_INFLAM,    /* mg/L */
    BODY_ESA,       /* drive */
    BODY_ORAL,      /* mg elemental */
    BODY_EVENT_KINDS
} body_event_kind;

enum { KEEP_FORMULATION = -1 };

typedef struct body_event {
    double t;
    body_event_kind kind;
    int formulation; /* BODY_RATE */
    double amount;   /* in the unit of its kind */
    double bvf, Hbn; /* BODY_DELIVERY; amount is mL_d */
    size_t place;    /* in the file: decides among equals */
} body_event;

/* Which of two events of one time comes first: 1 to 9, the smaller first. */
int fe__event_rank(const body_event *e);

/* By time, rank, place. */
void fe__events_sort(body_event *list, size_t n);

/* Changes the body and its state as one event says. */
void fe__event_apply(const model_data *m, body *b, double *y, const body_event *e);

/* Called at each output time, in order, with the state y[STATES] and what is observed, o[OBSERVED], after the events of that time. */
typedef void (*play_output)(void *context, size_t i, const double *y, const double *o);

/* From t = 0 through all events up to the last output time. `times` ascend; events are sorted. The body and y end as they are then. */
solve_status fe__play(const model_data *m, reference_solver *solver, body *b, double *y, const body_event *events,
                      size_t events_n, const double *times, size_t times_n, play_output output, void *context);

#endif
