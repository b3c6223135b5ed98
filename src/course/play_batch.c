#include "course/play_batch.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/crew.h"

/* What the threads share: bodies are taken in order, results go to places of their own, so that nothing depends on who works. */
typedef struct shared {
    const batch_play *p;
    atomic_size_t next, done;
} shared;

typedef struct worker {
    shared *s;
    void *context; /* of body, output and done */
    void *room;
    batch_counts counts;
    bool reports; /* this thread tells of progress */
} worker;

/* ---- the events of one body ---------------------------------------------------------------------------------------------------- */

static void apply_at(const batch_play *p, batch_body *x, double t) {
    for (; x->next < p->events_n && p->events[x->next].t == t; x->next++) {
        fe__event_apply(p->m, &x->b, x->y, &p->events[x->next]);
        if (x->b.R > 0 && isinf(x->first_iron)) x->first_iron = t;
    }
}

static bool take(void *context, size_t *k) {
    shared *s = ((worker *)context)->s;
    *k = atomic_fetch_add_explicit(&s->next, 1, memory_order_relaxed);
    return *k < s->p->n;
}

static bool load(void *context, size_t k, batch_body *x) {
    const worker *w = context;
    const batch_play *p = w->s->p;
    if (!p->body(w->context, k, &x->b, x->y)) return false;
    x->next = 0;
    x->first_iron = INFINITY;
    apply_at(p, x, 0);
    return true;
}

static double edge(void *context, size_t k, const batch_body *x) {
    const batch_play *p = ((const worker *)context)->s->p;
    (void)k;
    return x->next < p->events_n ? p->events[x->next].t : INFINITY;
}

static void change(void *context, size_t k, batch_body *x, double t) {
    (void)k;
    apply_at(((const worker *)context)->s->p, x, t);
}

static void output(void *context, size_t k, size_t i, const double *y, const double *o) {
    const worker *w = context;
    w->s->p->output(w->context, k, i, y, o);
}

static void done(void *context, size_t k, solve_status s) {
    worker *w = context;
    const batch_play *p = w->s->p;
    p->done(w->context, k, s);
    size_t all = atomic_fetch_add(&w->s->done, 1) + 1;
    if (w->reports && p->progress) p->progress(p->context, all);
}

/* ---- threads -------------------------------------------------------------------------------------------------------------------------- */

static void work(void *context, int who) {
    worker *w = &((worker *)context)[who];
    const batch_play *p = w->s->p;
    const batch_ask ask = {.m = p->m,
                           .part = p->part,
                           .times = p->times,
                           .times_n = p->times_n,
                           .rtol = p->rtol,
                           .context = w,
                           .take = take,
                           .load = load,
                           .edge = edge,
                           .change = change,
                           .output = output,
                           .done = done};
    fe__batch_solve(&ask, w->room, &w->counts);
}

static void add_counts(batch_counts *sum, const batch_counts *x) {
    sum->steps += x->steps;
    sum->rejected += x->rejected;
    sum->lane_steps += x->lane_steps;
}

bool fe__play_batch(const batch_play *p, batch_counts *counts) {
    size_t room = (fe__batch_room() + BATCH_ALIGN - 1) / BATCH_ALIGN * BATCH_ALIGN;
    int threads = p->threads < 1 ? 1 : p->threads > CREW_MAX ? CREW_MAX : p->threads;
    worker workers[CREW_MAX];
    shared s = {.p = p};
    void *rooms = aligned_alloc(BATCH_ALIGN, room * (size_t)threads);
    if (!rooms) return false;
    for (int i = 0; i < threads; i++)
        workers[i] = (worker){
            .s = &s, .context = p->own ? p->own[i] : p->context, .room = (char *)rooms + room * (size_t)i, .reports = i == 0};
    fe__crew(threads, work, workers);
    for (int i = 0; counts && i < threads; i++) add_counts(counts, &workers[i].counts);
    free(rooms);
    return true;
}
