/* How far importance weights can be trusted: the largest are taken for a tail of a generalized Pareto distribution, whose shape k says
 * whether a mean over them settles (Vehtari, Simpson, Gelman, Yao and Gabry, "Pareto smoothed importance sampling", Journal of Machine
 * Learning Research 25 (2024) 72; the fit: Zhang and Stephens, Technometrics 51 (2009) 316). */
#ifndef FE_INFER_PARETO_H
#define FE_INFER_PARETO_H

#include "base/arena.h"

/* Shape of a generalized Pareto distribution above 0, and its scale, for x[n] ascending, n >= 5; x[n - 1] > 0. */
double fe__pareto_fit(const double *x, size_t n, double *scale);

/* Smooths the tail of n logarithms of weights in place (-INFINITY: weight 0) and gives k: below 0.7 they can be trusted. INFINITY, and nothing
 * is smoothed, when so few weights are above 0 that nothing can be said. */
double fe__pareto_smooth(arena *a, double *log_weights, size_t n);

#endif
