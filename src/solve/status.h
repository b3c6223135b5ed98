/* How an integration ends, whichever integrator: what each of them reports, and what both look for. */
#ifndef FE_SOLVE_STATUS_H
#define FE_SOLVE_STATUS_H

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

#endif
