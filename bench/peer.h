/* The peer: CVODE (BDF, analytic Jacobian) over the same bodies, events and output times as the batch solver, one body after another.
 *
 * peer.c is compiled into a shared object for each build of SUNDIALS that is compared: natively built, as Debian packages it. Each holds its
 * archives and its own copy of the generated equations, and the benchmark opens both in one process. */
#ifndef FE_BENCH_PEER_H
#define FE_BENCH_PEER_H

#include "solve/batch.h"

typedef enum peer_matrix { PEER_KLU, PEER_DENSE, PEER_MATRICES } peer_matrix;

typedef struct peer peer;

typedef struct peer_table {
    /* scale[STATES]: atol is rtol x scale. NULL when memory is out. */
    peer *(*make)(peer_matrix matrix, const double *scale);
    /* Plays ask's bodies; ask->m is not read. Counts: lane_steps is what steps is. */
    void (*solve)(peer *p, const batch_ask *ask, batch_counts *counts);
    void (*let_go)(peer *p);
} peer_table;

/* The one symbol that a peer's shared object shows. */
#define PEER_SYMBOL "fe__peer_table"
extern const peer_table fe__peer_table;

#endif
