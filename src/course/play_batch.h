/* One course played through very many bodies at once (solve/batch.h), on as many threads as are asked for. */
#ifndef FE_COURSE_PLAY_BATCH_H
#define FE_COURSE_PLAY_BATCH_H

#include "course/play.h"
#include "solve/batch.h"

typedef struct batch_play {
    const model_data *m;
    const body_event *events; /* sorted; the same for every body */
    size_t events_n;
    const double *times; /* h, ascending */
    size_t times_n;
    size_t n; /* bodies */
    batch_part part;
    double rtol;
    int threads;   /* 1 or more */
    void *context; /* shared by the threads: each body's values go to a place of its own */
    /* [threads, CREW_MAX at most], or NULL: what each thread's own body, output and done get in its stead. All that one body brings comes in
     * one thread. */
    void *const *own;

    /* Body k and its state at hour 0 before events. False: no start. */
    bool (*body)(void *context, size_t k, body *b, double *y);
    /* The state and what is observed of body k at times[i], after the events of that hour. */
    void (*output)(void *context, size_t k, size_t i, const double *y, const double *o);
    void (*done)(void *context, size_t k, solve_status s);
    /* In the calling thread, now and then, with how many bodies are done; may be NULL. */
    void (*progress)(void *context, size_t done);
} batch_play;

/* False when memory or threads are out; then some bodies may not be done. */
bool fe__play_batch(const batch_play *p, batch_counts *counts);

#endif
