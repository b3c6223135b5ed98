#include "infer/cohort.h"

#include <stdatomic.h>

#include "base/crew.h"

enum { AT_ONCE = 16 }; /* bodies that a thread takes: neighbours lie in the same lines of the cache */

typedef struct drawing {
    const patient_prior *prior;
    uint64_t seed;
    const double *(*known)(const void *context, size_t k); /* NULL: drawn from the prior */
    const void *context;
    start_patient patient; /* of known ones */
    cohort_body *bodies;
    size_t n;
    atomic_size_t next;
} drawing;

static bool draw_one(const drawing *x, size_t k, cohort_body *c) {
    double eta[ETAS + 1];
    start_steady s;
    if (!x->known) return fe__prior_draw(x->prior, x->seed, k, eta, &c->b, c->y);
    const double *known = x->known(x->context, k);
    return fe__start_solve(&x->patient, known, &s) == START_OK &&
           fe__start_finish(&x->patient, &s, known, &c->b, c->y) == START_OK;
}

static void draw(void *context, int who) {
    drawing *x = context;
    size_t from;
    (void)who;
    while ((from = atomic_fetch_add(&x->next, AT_ONCE)) < x->n) {
        for (size_t k = from; k < from + AT_ONCE && k < x->n; k++) {
            cohort_body *c = &x->bodies[k];
            c->starts = draw_one(x, k, c);
        }
    }
}

static cohort_body *room_for(arena *a, large_room *room, size_t n) {
    if (!room) return FE_NEW_ARRAY(a, cohort_body, n + 1);
    return n < SIZE_MAX / sizeof(cohort_body) ? fe__room_of(room, (n + 1) * sizeof(cohort_body)) : NULL;
}

/* NULL when memory is out. */
static const cohort *drawn(arena *a, large_room *room, drawing *x, int threads) {
    cohort *out = FE_NEW(a, cohort);
    x->bodies = room_for(a, room, x->n);
    if (!x->bodies) return NULL;
    fe__crew(threads, draw, x);
    *out = (cohort){.prior = *x->prior, .n = x->n, .bodies = x->bodies};
    return out;
}

const cohort *fe__cohort(arena *a, large_room *room, const patient_prior *prior, uint64_t seed, size_t n, int threads) {
    drawing x = {.prior = prior, .seed = seed, .n = n};
    return drawn(a, room, &x, threads);
}

const cohort *fe__cohort_of(arena *a, large_room *room, const patient_prior *prior, size_t n, int threads,
                            const double *(*known)(const void *context, size_t k), const void *context) {
    drawing x = {.prior = prior, .known = known, .context = context, .n = n};
    fe__start_prepare(prior->m, &prior->labs, &x.patient);
    return drawn(a, room, &x, threads);
}
