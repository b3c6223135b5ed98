/* The reference integrator: CVODE (BDF, variable order, analytic Jacobian) over one body. Slow and trusted; every other way of
 * integrating the model is held against it. */
#ifndef FE_SOLVE_REFERENCE_H
#define FE_SOLVE_REFERENCE_H

#include "solve/status.h"

typedef struct reference_solver reference_solver;

/* rtol, and atol in the unit of the state. NULL when memory is out. Freed by fe__reference_free. */
reference_solver *fe__reference_new(const model_data *m, double rtol, double atol);
void fe__reference_free(reference_solver *r);

/* Starts at t0 from y with the body's inputs as they are; nothing changes them before t_end, which is never stepped over. */
solve_status fe__reference_start(reference_solver *r, const body *b, const double *y, double t0, double t_end);

/* The state at t, t0 <= t <= t_end, ascending from call to call. */
solve_status fe__reference_to(reference_solver *r, double t, double *y);

/* Steps taken since the solver was made. */
long fe__reference_steps(const reference_solver *r);

#endif
