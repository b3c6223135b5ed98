/* The number that generated code computes with. One body a lane; here a lane is one double, and the reference integrator uses it so. */
#ifndef FE_BASE_LANE_H
#define FE_BASE_LANE_H

#include <math.h>

typedef double lane;

static inline lane lane_of(double x) { return x; }
static inline lane lane_exp(lane x) { return exp(x); }
static inline lane lane_ln(lane x) { return log(x); }
static inline lane lane_sqrt(lane x) { return sqrt(x); }

#endif
