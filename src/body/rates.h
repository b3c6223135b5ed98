/* The equations as C: rates, Jacobian, LU. The functions below are generated (generated.c, from model.py); they compute with lanes,
 * branch on nothing and allocate nothing. Arrays: g[PREPARED], y and f[STATES], j[JACOBIAN], q[QUANTITIES], w[W_ENTRIES]. */
#ifndef FE_BODY_RATES_H
#define FE_BODY_RATES_H

#include "base/lane.h"
#include "body/body.h"

/* A translation unit that holds its own copy, for another instruction set, says static here. */
#ifndef LANE_FUNCTION
#define LANE_FUNCTION
#endif

/* What the rates read of a body and its inputs: anew after every event. */
LANE_FUNCTION void fe__body_prepare(const body *b, double *g);

/* f = dy/dt, per hour. */
LANE_FUNCTION void fe__rates(const lane *g, const lane *y, lane *f);

/* j[k] = d f[row k] / d y[column k]. */
LANE_FUNCTION void fe__jacobian(const lane *g, const lane *y, lane *j);
#ifndef FE_LANES
extern const unsigned char fe__jacobian_rows[JACOBIAN];
extern const unsigned char fe__jacobian_columns[JACOBIAN];
#endif

/* The algebraic quantities of section 3 that are read at output times. */
LANE_FUNCTION void fe__quantities(const lane *g, const lane *y, lane *q);

/* W = d I - J; its LU in place; b := W^-1 b. No pivoting: the caller looks whether the result is finite. */
LANE_FUNCTION void fe__w(const lane *j, lane d, lane *w);
LANE_FUNCTION void fe__w_lu(lane *w);
LANE_FUNCTION void fe__w_solve(const lane *w, lane *b);

#endif
