/* The equations as C: rates, Jacobian, LU. The functions below are generated (generated.c, from model.py); they compute with lanes,
 * branch on nothing and allocate nothing. Arrays: g[PREPARED], y, f and b[STATES], j[JACOBIAN], o[OBSERVED], w[W_ENTRIES].
 *
 * Rates and W stand twice: for all states, and for the first of them (STATES_LABS), which routine labs read and the others only
 * follow. A part leaves the places of other states as they are. */
#ifndef FE_BODY_RATES_H
#define FE_BODY_RATES_H

#include "base/lane.h"
#include "body/body.h"

/* A translation unit that holds its own copy, for another instruction set, says static here. */
#ifndef LANE_FUNCTION
#define LANE_FUNCTION
#define LANE_TABLE
#endif

/* What the rates read of a body and its inputs: anew after every event. */
LANE_FUNCTION void fe__body_prepare(const body *b, double *restrict g);

/* f = dy/dt, per hour. */
LANE_FUNCTION void fe__rates_all(const lane *restrict g, const lane *restrict y, lane *restrict f);
LANE_FUNCTION void fe__rates_labs(const lane *restrict g, const lane *restrict y, lane *restrict f);

/* The stages of a Rosenbrock method: W k = f(y) + ih push, with W = d I - J. The first has no push and leaves in w what the later ones read
 * of W's LU; they find push in k and leave k there. No pivoting: the caller looks whether what comes of it is finite. */
LANE_FUNCTION void fe__stage_first_all(const lane *restrict g, const lane *restrict y, lane d, lane *restrict w,
                                       lane *restrict k);
LANE_FUNCTION void fe__stage_first_labs(const lane *restrict g, const lane *restrict y, lane d, lane *restrict w,
                                        lane *restrict k);
LANE_FUNCTION void fe__stage_all(const lane *restrict g, const lane *restrict y, const lane *restrict w, lane ih,
                                 lane *restrict k);
LANE_FUNCTION void fe__stage_labs(const lane *restrict g, const lane *restrict y, const lane *restrict w, lane ih,
                                  lane *restrict k);

/* j[k] = d f[row k] / d y[column k]. */
LANE_FUNCTION void fe__jacobian(const lane *restrict g, const lane *restrict y, lane *restrict j);

/* What a laboratory or a person would read off a body (docs/model.md, section 7): o[OBSERVED]. tau: hours since iron first ran, 0 before. IRLS
 * and fatigue are NaN where they are left out (no baseline, or one at a bound); what a part does not solve is NaN where its states are. Reads
 * the first PREPARED_OBSERVED of g alone. */
LANE_FUNCTION void fe__observe(const lane *restrict g, const lane *restrict y, lane tau, lane *restrict o);

#ifndef FE_LANES
extern const unsigned char fe__jacobian_rows[JACOBIAN];
extern const unsigned char fe__jacobian_columns[JACOBIAN];
#endif

#endif
