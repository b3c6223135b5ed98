/* Endpoints of very many patients, played in a stream: each patient is made, played, measured and forgotten, so that memory does not grow with
 * their number. */
#ifndef FE_INFER_ENDPOINT_H
#define FE_INFER_ENDPOINT_H

#include "course/play_batch.h"
#include "infer/summary.h"

/* How the values of one observable over a window become one number. Between two output times a value is taken to go straight. */
typedef enum endpoint_kind {
    ENDPOINT_AT,    /* the value at `from` */
    ENDPOINT_LEAST, /* of the output times in the window */
    ENDPOINT_MOST,
    ENDPOINT_OVER, /* hours that the value is above `level` */
    ENDPOINT_UNDER /* or below it */
} endpoint_kind;

/* Missing (NaN) when any value that it needs is. */
typedef struct endpoint {
    int observed; /* OBSERVED_x of body/generated.h */
    endpoint_kind kind;
    bool change;     /* of the difference to the value at the first output time */
    double from, to; /* h, both in the window; ENDPOINT_AT reads no `to` */
    double level;    /* of ENDPOINT_OVER and ENDPOINT_UNDER */
    summary_scale scale;
} endpoint;

typedef struct endpoint_plan {
    const endpoint *endpoints;
    size_t n;
    const double *times;
    size_t times_n;
    const struct endpoint_visit *visits; /* [times_n]: what is looked at there */
    const summary_layout *layout;
} endpoint_plan;

/* The output times, ascending, and the endpoints last as long as the plan. Asserted: there is an output time in each window, two for hours, and
 * one at `from` of ENDPOINT_AT. */
const endpoint_plan *fe__endpoint_plan(arena *a, const endpoint *endpoints, size_t n, const double *times, size_t times_n);

/* What is known so far of one endpoint of one patient. */
typedef struct endpoint_track {
    double first, before, value; /* at the first time; at the time before; of the endpoint */
    double since;                /* h: the time before */
} endpoint_track;

/* tracks[n] of one patient: before the first output, at each output in turn, after the last. values[n] is what fe__summary_add takes. */
void fe__endpoints_begin(const endpoint_plan *p, endpoint_track *tracks);
void fe__endpoints_see(const endpoint_plan *p, endpoint_track *tracks, size_t time, const double *o);
void fe__endpoints_values(const endpoint_plan *p, const endpoint_track *tracks, double *values);

typedef struct summary_ask {
    const model_data *m;
    const endpoint_plan *plan;
    const body_event *events; /* sorted; the same for every patient */
    size_t events_n;
    size_t n; /* patients, at most SUMMARY_PATIENTS_MAX */
    batch_part part;
    double rtol;
    int threads; /* 1 or more: the summary does not depend on it */
    /* Patient k, called in any thread: body and state at hour 0 before events. False: there is none, which is counted. */
    bool (*body)(void *context, size_t k, body *b, double *y);
    /* In the calling thread, now and then, with how many patients are done; may be NULL. */
    void (*progress)(void *context, size_t done);
    void *context;
} summary_ask;

/* In the arena, which holds one summary for each thread beside it. NULL when memory is out. */
const summary *fe__summarize(arena *a, const summary_ask *ask);

#endif
