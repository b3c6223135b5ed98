/* The spread of the etas annealed into the posterior: particles that follow closure and likelihood as they are let in by degrees. */
#ifndef FE_INFER_ANNEAL_H
#define FE_INFER_ANNEAL_H

#include "infer/individual.h"

/* list[n]: in anything, out draws of the posterior, equally likely. The number of stages; 0 when memory is out or no particle has a
 * course. */
unsigned fe__anneal(arena *a, const individual *x, trial_eta *list, size_t n, uint64_t seed, int threads);

/* Which of `from` come how often when n are drawn by their weights (of any sum above 0), evenly: chosen[n], ascending. 0 <= u < 1. */
void fe__resample(const double *weights, size_t from, double u, size_t *chosen, size_t n);

#endif
