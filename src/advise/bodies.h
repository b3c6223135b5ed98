/* The bodies that everything known of a patient allows: those of the labs of the start, and where results came later, those that explain
 * them. */
#ifndef FE_ADVISE_BODIES_H
#define FE_ADVISE_BODIES_H

#include "advise/ground.h"
#include "infer/posterior.h"

/* A result that a fit explains, and the event that it is. */
typedef struct known_lab {
    const event *event;
    seen_lab seen;
} known_lab;

typedef struct bodies_ask {
    double before; /* instant: results from it on are not known; INFINITY: all are */
    size_t draws;
    uint64_t seed;
    int threads;      /* 1 or more: nothing depends on it */
    large_room *room; /* the bodies last until its next use; NULL: in the arena */
} bodies_ask;

typedef struct bodies {
    const known_lab *labs; /* in time order */
    size_t labs_n;
    const individual *of;       /* NULL without results, where the prior is drawn as it is */
    const mode *mode;           /* of `of` */
    const posterior *posterior; /* of `of` */
    bool is_unusual;            /* the labs of the start are hardly ever seen together in such patients */
    const cohort *cohort;       /* NULL: `why` */
    const char *why;            /* sentence */
} bodies;

/* The newest results of one lab that agree with each other and with nothing that the course says: from which on, and how many. NULL when there
 * are none. One alone may be a mix-up; several on one side are something that happened. */
typedef struct unexplained {
    const known_lab *since;
    size_t n;
    bool below; /* what is foreseen */
} unexplained;
const unexplained *fe__bodies_unexplained(arena *a, const bodies *b);

/* The results after the start that count, each measurement once (docs/model.md, section 7); in time order. */
size_t fe__known_labs(const facts *f, const ground *g, double before, const known_lab **list);

/* g->verdict is FORECAST. */
const bodies *fe__bodies(const facts *f, const ground *g, const bodies_ask *ask);

#endif
