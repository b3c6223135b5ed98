/* Every way of playing a case, under one call. */
#ifndef FE_BENCH_METHODS_H
#define FE_BENCH_METHODS_H

#include "cases.h"
#include "isa.h"
#include "peer.h"

typedef enum method_kind { METHOD_FERRULE, METHOD_RIVAL, METHOD_PEER } method_kind;

typedef struct method {
    const char *name, *isa; /* isa: of Ferrule and its rivals */
    method_kind kind;
    rival rival;
    peer *peer;
    const peer_table *peers;
    bool is_native; /* a peer built for this processor */
    size_t jobs;    /* bodies played in one timing; each body of a case equally often */
} method;

enum { METHODS_MAX = 16 };

typedef struct methods {
    method list[METHODS_MAX];
    size_t n;
    const char *widest; /* instruction set */
    bool has_native;
} methods;

/* Ferrule in each instruction set of this processor, its rivals in the widest, and the peers whose shared objects lie in `folder`.
 * `bodies` of a case: jobs are multiples of it. */
void methods_find(methods *all, const char *folder, size_t bodies);
void methods_free(methods *all);

/* False when a body did not come to its end. one: each body alone in its lanes. */
bool method_run(const method *m, case_run *run, size_t n, double rtol, bool one, batch_counts *counts);

/* Most floating-point operations a second of fused multiply-adds in this instruction set, in one try of some milliseconds. */
double method_peak(const char *isa);

#endif
