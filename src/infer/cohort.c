#include "infer/cohort.h"

#include <stdatomic.h>

#include "base/crew.h"

enum { AT_ONCE = 16 }; /* bodies that a thread takes: neighbours lie in the same lines of the cache */

typedef struct drawing {
    const patient_prior *prior;
    uint64_t seed;
    cohort_body *bodies;
    size_t n;
    atomic_size_t next;
} drawing;

static void draw(void *context, int who) {
    drawing *x = context;
    size_t from;
    (void)who;
    while ((from = atomic_fetch_add(&x->next, AT_ONCE)) < x->n) {
        for (size_t k = from; k < from + AT_ONCE && k < x->n; k++) {
            cohort_body *c = &x->bodies[k];
            double eta[ETAS + 1];
            c->starts = fe__prior_draw(x->prior, x->seed, k, eta, &c->b, c->y);
        }
    }
}

static cohort_body *room_for(arena *a, large_room *room, size_t n) {
    if (!room) return FE_NEW_ARRAY(a, cohort_body, n + 1);
    return n < SIZE_MAX / sizeof(cohort_body) ? fe__room_of(room, (n + 1) * sizeof(cohort_body)) : NULL;
}

const cohort *fe__cohort(arena *a, large_room *room, const patient_prior *prior, uint64_t seed, size_t n, int threads) {
    cohort *out = FE_NEW(a, cohort);
    drawing x = {.prior = prior, .seed = seed, .bodies = room_for(a, room, n), .n = n};
    if (!x.bodies) return NULL;
    fe__crew(threads, draw, &x);
    *out = (cohort){.prior = *prior, .n = n, .bodies = x.bodies};
    return out;
}
