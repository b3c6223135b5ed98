/* Very many bodies at once: one in each lane of the processor's vectors, with its own step, its own events and its own place in time. When
 * one is done the next takes its lane. Rodas5P (Steinebach, BIT Numerical Mathematics 63 (2023) 27): L-stable, order 5, eight stages of one
 * Jacobian and one LU, error estimate and interpolant of its own. docs/performance.md shows what it was chosen from.
 *
 * The result of a body is the same bits whatever its neighbours, the width of the vectors, the order, the number of threads, the compiler and
 * the instruction set: nothing that one body decides looks at another. */
#ifndef FE_SOLVE_BATCH_H
#define FE_SOLVE_BATCH_H

#include <stddef.h>

#include "body/body.h"
#include "solve/status.h"

/* What happens to a body between two stretches of smooth equations. The solver asks for edges and lets the caller change the body. */
typedef struct batch_body {
    body b;
    double y[STATES];
    size_t next;       /* of its events: the caller's */
    double first_iron; /* h; INFINITY before */
} batch_body;

/* What is solved: everything, or without the states that routine labs do not read (phosphate and its stimulus, brain iron, symptoms,
 * reactions, ledgers), which are NaN in every output then. */
typedef enum batch_part { BATCH_ALL, BATCH_LABS } batch_part;

typedef struct batch_ask {
    const model_data *m;
    batch_part part;
    const double *times; /* output times in h from 0, ascending; the last one ends a body */
    size_t times_n;
    double rtol;   /* atol follows: rtol x fe__batch_scales */
    void *context; /* one for each thread that solves */

    /* The number of the next body, in any order; false when there is none left. */
    bool (*take)(void *context, size_t *k);
    /* Body k at hour 0 after the events of hour 0. False: it has no start, and is left out. */
    bool (*load)(void *context, size_t k, batch_body *x);
    /* The next hour at which something changes the body k, INFINITY when nothing does; and the change of all events of that hour. */
    double (*edge)(void *context, size_t k, const batch_body *x);
    void (*change)(void *context, size_t k, batch_body *x, double t);
    /* Values at times[i], after the events of that hour: y[STATES] and what is observed, o[OBSERVED]. The outputs of a body come in their
     * order, all of them before its `done`. */
    void (*output)(void *context, size_t k, size_t i, const double *y, const double *o);
    /* Its end, once; anything but SOLVE_OK is that body's error. */
    void (*done)(void *context, size_t k, solve_status s);
} batch_ask;

/* What the solver did, for benchmarks. */
typedef struct batch_counts {
    unsigned long steps, rejected, lane_steps; /* lane_steps: steps x lanes that could have worked */
} batch_counts;

/* Absolute tolerances, per unit of rtol: scale[STATES]. 1 for iron and laboratory quantities in their units, 0.01 for logarithms and
 * indices, which are of the order of 1. */
void fe__batch_scales(double *scale);

/* Bytes of working room for one solver, and the alignment it needs. No allocation happens inside. */
size_t fe__batch_room(void);
enum { BATCH_ALIGN = 64 };

void fe__batch_solve(const batch_ask *ask, void *room, batch_counts *counts);

/* The instruction set in use: "avx512", "avx2", "neon", "scalar" (with fma) or "baseline" (without: the same bits, slowly). FERRULE_ISA
 * forces one that the machine has. */
const char *fe__batch_isa(void);

#endif
