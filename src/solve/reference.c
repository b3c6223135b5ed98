#include "solve/reference.h"

#include <cvode/cvode.h>
#include <math.h>
#include <nvector/nvector_serial.h>
#include <stdlib.h>
#include <string.h>
#include <sunlinsol/sunlinsol_dense.h>
#include <sunmatrix/sunmatrix_dense.h>

#include "body/rates.h"

enum { STEPS_MAX = 200000 }; /* between two events; a usual course takes 500 */

/* CVODE refuses an interval of a few ulps, as between an infuse that stops at 0.1 + 0.2 h and an event at 0.3 h. One Euler step over
 * 4 microseconds errs by less than rounding. */
static const double instant_h = 1e-9;

struct reference_solver {
    const model_data *m;
    const body *b;
    double g[PREPARED];
    double rtol, atol;
    SUNContext context;
    void *cvode;
    N_Vector y;
    SUNMatrix matrix;
    SUNLinearSolver linear;
    double t, t_end;
    long steps;
    bool is_set_up, is_instant;
};

static int rates(double t, N_Vector y, N_Vector f, void *user) {
    (void)t;
    fe__rates_all(((reference_solver *)user)->g, N_VGetArrayPointer(y), N_VGetArrayPointer(f));
    return 0;
}

static int jacobian(double t, N_Vector y, N_Vector f, SUNMatrix matrix, void *user, N_Vector t1, N_Vector t2, N_Vector t3) {
    (void)t, (void)f, (void)t1, (void)t2, (void)t3;
    double j[JACOBIAN];
    fe__jacobian(((reference_solver *)user)->g, N_VGetArrayPointer(y), j);
    SUNMatZero(matrix);
    for (int k = 0; k < JACOBIAN; k++) SM_ELEMENT_D(matrix, fe__jacobian_rows[k], fe__jacobian_columns[k]) = j[k];
    return 0;
}

static void silent(int code, const char *module, const char *function, char *message, void *user) {
    (void)code, (void)module, (void)function, (void)message, (void)user; /* the status says it */
}

void fe__reference_free(reference_solver *r) {
    if (!r) return;
    if (r->cvode) CVodeFree(&r->cvode);
    if (r->linear) SUNLinSolFree(r->linear);
    if (r->matrix) SUNMatDestroy(r->matrix);
    if (r->y) N_VDestroy(r->y);
    if (r->context) SUNContext_Free(&r->context);
    free(r);
}

reference_solver *fe__reference_new(const model_data *m, double rtol, double atol) {
    reference_solver *r = calloc(1, sizeof *r);
    if (!r) return NULL;
    *r = (reference_solver){.m = m, .rtol = rtol, .atol = atol};
    if (SUNContext_Create(NULL, &r->context) == 0) {
        r->y = N_VNew_Serial(STATES, r->context);
        r->matrix = SUNDenseMatrix(STATES, STATES, r->context);
        r->linear = r->y && r->matrix ? SUNLinSol_Dense(r->y, r->matrix, r->context) : NULL;
        r->cvode = CVodeCreate(CV_BDF, r->context);
    }
    if (r->linear && r->cvode) return r;
    fe__reference_free(r);
    return NULL;
}

static solve_status set_up(reference_solver *r, double t0) {
    if (r->is_set_up) return CVodeReInit(r->cvode, t0, r->y) == CV_SUCCESS ? SOLVE_OK : SOLVE_FAILED;
    bool ok = CVodeInit(r->cvode, rates, t0, r->y) == CV_SUCCESS && CVodeSStolerances(r->cvode, r->rtol, r->atol) == CV_SUCCESS &&
              CVodeSetUserData(r->cvode, r) == CV_SUCCESS && CVodeSetLinearSolver(r->cvode, r->linear, r->matrix) == CV_SUCCESS &&
              CVodeSetJacFn(r->cvode, jacobian) == CV_SUCCESS && CVodeSetMaxNumSteps(r->cvode, STEPS_MAX) == CV_SUCCESS &&
              CVodeSetErrHandlerFn(r->cvode, silent, NULL) == CV_SUCCESS;
    r->is_set_up = ok;
    return ok ? SOLVE_OK : SOLVE_MEMORY;
}

solve_status fe__reference_start(reference_solver *r, const body *b, const double *y, double t0, double t_end) {
    fe__body_prepare(b, r->g);
    memcpy(N_VGetArrayPointer(r->y), y, STATES * sizeof *y);
    r->b = b;
    r->t = t0;
    r->t_end = t_end;
    r->is_instant = t_end - t0 <= instant_h;
    if (r->is_instant) return SOLVE_OK;
    solve_status status = set_up(r, t0);
    if (status == SOLVE_OK && CVodeSetStopTime(r->cvode, t_end) != CV_SUCCESS) return SOLVE_FAILED;
    return status;
}

static solve_status look(const reference_solver *r, const double *y) { return fe__solve_look(r->m, r->b, y); }

static solve_status step_once(const reference_solver *r, double t, double *y) {
    double f[STATES];
    const double *from = N_VGetArrayPointer(r->y);
    fe__rates_all(r->g, from, f);
    for (int i = 0; i < STATES; i++) y[i] = from[i] + (t - r->t) * f[i];
    return look(r, y);
}

static solve_status of_flag(int flag) {
    if (flag == CV_SUCCESS || flag == CV_TSTOP_RETURN) return SOLVE_OK;
    return flag == CV_TOO_MUCH_WORK ? SOLVE_STEPS : SOLVE_FAILED;
}

/* Step by step, so that no bad state between two output times is overlooked; then back to t by the method's own interpolant. */
solve_status fe__reference_to(reference_solver *r, double t, double *y) {
    long taken = 0;
    if (r->is_instant) return step_once(r, t, y);
    while (r->t < t) {
        solve_status status = of_flag(CVode(r->cvode, r->t_end, r->y, &r->t, CV_ONE_STEP));
        if (status == SOLVE_OK) status = look(r, N_VGetArrayPointer(r->y));
        if (status == SOLVE_OK && ++taken > STEPS_MAX) status = SOLVE_STEPS;
        if (status != SOLVE_OK) return status;
        r->steps++;
    }
    if (r->t == t) memcpy(y, N_VGetArrayPointer(r->y), STATES * sizeof *y);
    else {
        N_Vector at = N_VMake_Serial(STATES, y, r->context);
        if (!at) return SOLVE_MEMORY;
        int flag = CVodeGetDky(r->cvode, t, 0, at);
        N_VDestroy(at);
        if (flag != CV_SUCCESS) return SOLVE_FAILED;
    }
    return look(r, y);
}

long fe__reference_steps(const reference_solver *r) { return r->steps; }
