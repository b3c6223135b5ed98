/* The reference integrator: CVODE (BDF, variable order, analytic Jacobian) over one body. Slow and trusted; every other way of
 * integrating the model is held against it. */
#ifndef FE_SOLVE_REFERENCE_H
#define FE_SOLVE_REFERENCE_H

#include "body/body.h"

/* How an integration ended. Anything but OK is that patient's error, never a number. */
/* clang-format off */
#define FE_SOLVES(X)                                                                      \
    X(OK, "integrated")                                                                   \
    X(STEPS, "too many steps: the integrator gets nowhere")                               \
    X(FAILED, "the integrator cannot keep its tolerance")                                 \
    X(RUNAWAY, "hemoglobin runs away: these labs and this course do not belong together") \
    X(EMPTY, "an iron pool ran empty")                                                    \
    X(NOT_FINITE, "a state is not finite")                                                \
    X(MEMORY, "memory is out")
/* clang-format on */
#define FE_SOLVE_ENUM(name, sentence) SOLVE_##name,
typedef enum solve_status { FE_SOLVES(FE_SOLVE_ENUM) SOLVE_STATUSES } solve_status;
const char *fe__solve_text(solve_status s);

/* Section 15 on one state: hemoglobin that ran away, a pool that ran empty and what is not finite are no valid course. */
solve_status fe__solve_look(const model_data *m, const body *b, const double *y);

/* Iron in red cells, mg, at the hemoglobin that ran away. */
double fe__solve_red_most(const model_data *m, const body *b);

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
