#include "infer/mode.h"

#include <math.h>
#include <nlopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/elementary.h"

/* Random streams of this file. */
enum { STREAM_STARTS = 16 };
enum { STARTS = 64, MORE_STARTS = 5, LOOKS_MAX = 60, AGAIN_MOST = 4 };

static const double step = 0.02;                  /* of eta / omega: far above the noise of integration, far below what bends */
static const double enough = 1e-4, gained = 1e-2; /* of the objective */
static const double no_errors = 1e-12;            /* share of results that are none of this patient: as good as none */
static const double no_course = 1e9;              /* what the search is told of an infinite objective */

typedef struct searching {
    const individual *x;
    trial_eta *around; /* [n + 1]: a point, and a step from it along each eta */
    double center[ETAS];
    matrix root; /* of the curvature at the center: u = center + root^-T v */
    trial_eta *best;
    unsigned looks;
    int threads;
    bool is_out; /* of memory */
} searching;

/* ---- around one point ------------------------------------------------------------------------------------------------------------- */

static void set(const individual *x, trial_eta *t, const double *u) {
    for (size_t i = 0; i < x->n; i++) t->eta[x->etas[i]] = u[i] * x->omega[x->etas[i]];
}

static void keep_best(searching *s) {
    const trial_eta *t = &s->around[0];
    if (!(t->objective < s->best->objective)) return;
    double *ln_f = s->best->ln_f;
    memcpy(ln_f, t->ln_f, s->x->labs_n * sizeof *ln_f);
    *s->best = *t;
    s->best->ln_f = ln_f;
}

/* The point u and its neighbours. */
static void look_around(searching *s, const double *u) {
    const individual *x = s->x;
    for (size_t k = 0; k <= x->n; k++) {
        double v[ETAS];
        memcpy(v, u, x->n * sizeof *v);
        if (k) v[k - 1] += step;
        set(x, &s->around[k], v);
    }
    s->is_out = s->is_out || !fe__individual_look(x, s->around, x->n + 1, fe__shown_rtol, s->threads);
    s->looks += (unsigned)x->n + 1;
    keep_best(s);
}

/* How fast what is foreseen of a result changes along eta i; 0 towards where there is no course. */
static double slope_of(const searching *s, size_t lab, size_t i) {
    const trial_eta *at = &s->around[0], *next = &s->around[i + 1];
    return isinf(next->objective) ? 0 : (next->ln_f[lab] - at->ln_f[lab]) / step;
}

static double slope_solved(const searching *s, int term, size_t i) {
    const trial_eta *at = &s->around[0], *next = &s->around[i + 1];
    return isinf(next->objective) ? 0 : (next->solved[term] - at->solved[term]) / step;
}

/* Of the objective at the point, by eta / omega: its gradient, and half its curvature with what is foreseen taken as linear. */
static void derivatives(const searching *s, double *gradient, matrix *curvature) {
    const individual *x = s->x;
    const trial_eta *at = &s->around[0];
    double center[CLOSURE_TERMS], sd[CLOSURE_TERMS], slope[ETAS];
    fe__prior_closure_terms(x->prior, center, sd);
    *curvature = (matrix){0};
    for (size_t i = 0; i < x->n; i++) {
        gradient[i] = 2 * at->eta[x->etas[i]] / x->omega[x->etas[i]];
        curvature->at[i][i] = 1;
    }
    for (size_t k = 0; k < CLOSURE_TERMS + x->labs_n; k++) {
        bool is_closure = k < CLOSURE_TERMS;
        double first, second;
        if (is_closure) second = 2 / (sd[k] * sd[k]), first = isinf(sd[k]) ? 0 : second * (at->solved[k] - center[k]);
        else fe__lab_slopes(x->prior->m, &x->labs[k - CLOSURE_TERMS], fe__exp(at->ln_f[k - CLOSURE_TERMS]), &first, &second);
        for (size_t i = 0; i < x->n; i++) slope[i] = is_closure ? slope_solved(s, (int)k, i) : slope_of(s, k - CLOSURE_TERMS, i);
        for (size_t i = 0; i < x->n; i++) {
            gradient[i] += first * slope[i];
            for (size_t j = 0; j < x->n; j++) curvature->at[i][j] += second / 2 * slope[i] * slope[j];
        }
    }
}

/* ---- the search --------------------------------------------------------------------------------------------------------------------- */

static void point_of(const individual *x, const trial_eta *t, double *u) {
    for (size_t i = 0; i < x->n; i++) u[i] = t->eta[x->etas[i]] / x->omega[x->etas[i]];
}

static int by_objective(const void *one, const void *two) {
    const trial_eta *a = one, *b = two;
    return (a->objective > b->objective) - (a->objective < b->objective);
}

/* Where searches begin: 0 and draws of the prior, the best first. */
static trial_eta *starts_of(arena *a, searching *s, uint64_t seed) {
    const individual *x = s->x;
    trial_eta *list = fe__trial_etas(a, x, STARTS);
    for (size_t k = 1; k < STARTS; k++) {
        random_stream r = fe__random_stream(seed, k, STREAM_STARTS);
        for (size_t i = 0; i < x->n; i++) list[k].eta[x->etas[i]] = x->omega[x->etas[i]] * fe__random_normal(&r);
    }
    s->is_out = !fe__individual_look(x, list, STARTS, fe__drawn_rtol, s->threads);
    s->looks += STARTS;
    qsort(list, STARTS, sizeof *list, by_objective);
    return list;
}

static double objective(unsigned n, const double *v, double *gradient, void *context) {
    searching *s = context;
    double u[ETAS], by_u[ETAS];
    matrix curvature;
    fe__solve_upper(&s->root, (int)n, v, u);
    for (unsigned i = 0; i < n; i++) u[i] += s->center[i];
    look_around(s, u);
    double value = s->around[0].objective;
    if (isinf(value)) {
        for (unsigned i = 0; gradient && i < n; i++) gradient[i] = v[i];
        return no_course;
    }
    derivatives(s, by_u, &curvature);
    if (gradient) fe__solve_lower(&s->root, (int)n, by_u, gradient);
    return value;
}

static bool search(searching *s) {
    unsigned n = (unsigned)s->x->n;
    double v[ETAS] = {0}, value;
    nlopt_opt opt = nlopt_create(NLOPT_LD_SLSQP, n);
    if (!opt) {
        s->is_out = true;
        return false;
    }
    nlopt_set_min_objective(opt, objective, s);
    nlopt_set_ftol_abs(opt, enough);
    nlopt_set_maxeval(opt, LOOKS_MAX);
    nlopt_result end = nlopt_optimize(opt, v, &value);
    nlopt_destroy(opt);
    return end == NLOPT_FTOL_REACHED || end == NLOPT_XTOL_REACHED || end == NLOPT_SUCCESS;
}

/* From a point, and again from where that ends with the curvature there, until nothing is gained. Whether the last search ended by itself. */
static bool settle(searching *s, const double *from) {
    double u[ETAS], gradient[ETAS];
    matrix curvature;
    bool ended = false;
    memcpy(u, from, s->x->n * sizeof *u);
    for (int i = 0; i < AGAIN_MOST; i++) {
        double before = s->best->objective;
        memcpy(s->center, u, s->x->n * sizeof *u);
        look_around(s, u);
        if (isinf(s->around[0].objective)) return ended;
        derivatives(s, gradient, &curvature);
        if (!fe__cholesky(&curvature, (int)s->x->n, &s->root)) return ended;
        ended = search(s);
        if (!(s->best->objective < before - gained)) break;
        point_of(s->x, s->best, u);
    }
    return ended;
}

static bool fits_badly(const individual *x, const trial_eta *t) {
    bool badly = false;
    for (size_t k = 0; k < x->labs_n; k++) badly = badly || fe__lab_outlier(x->prior->m, &x->labs[k], fe__exp(t->ln_f[k])) > 0.5;
    return badly;
}

/* Where no result may be an error: who fits badly may be one whom all results agree on, far from where most people are. */
static void settle_without_errors(arena *a, searching *s, const double *from) {
    model_data *m = FE_NEW(a, model_data);
    patient_prior prior = *s->x->prior;
    individual plain = *s->x;
    searching t = *s;
    double u[ETAS];
    trial_eta best = {.objective = INFINITY, .ln_f = FE_NEW_ARRAY(a, double, s->x->labs_n + 1)};
    *m = *prior.m;
    m->n.outlier_share = no_errors;
    prior.m = m;
    plain.prior = &prior;
    t.x = &plain;
    t.best = &best;
    settle(&t, from);
    s->looks = t.looks;
    s->is_out = s->is_out || t.is_out;
    point_of(s->x, &best, u);
    if (!isinf(best.objective)) settle(s, u);
}

/* What is told of the best that was found. NULL when memory is out. */
static const mode *finish(searching *s, mode *out) {
    double gradient[ETAS], u[ETAS];
    point_of(s->x, &out->at, u);
    look_around(s, u);
    derivatives(s, gradient, &out->precision);
    out->found = !isinf(out->at.objective) && fe__cholesky(&out->precision, (int)s->x->n, &out->root);
    out->looks = s->looks;
    return s->is_out ? NULL : out;
}

static searching searching_of(arena *a, const individual *x, mode *out, int threads) {
    out->at.ln_f = FE_NEW_ARRAY(a, double, x->labs_n + 1);
    out->at.objective = INFINITY;
    return (searching){.x = x, .around = fe__trial_etas(a, x, x->n + 1), .best = &out->at, .threads = threads};
}

const mode *fe__mode_from(arena *a, const individual *x, const double *eta, int threads) {
    mode *out = FE_NEW(a, mode);
    searching s = searching_of(a, x, out, threads);
    double u[ETAS];
    for (size_t i = 0; i < x->n; i++) u[i] = eta[x->etas[i]] / x->omega[x->etas[i]];
    out->converged = settle(&s, u);
    return finish(&s, out);
}

const mode *fe__mode(arena *a, const individual *x, uint64_t seed, int threads) {
    mode *out = FE_NEW(a, mode);
    searching s = searching_of(a, x, out, threads);
    double u[ETAS];
    const trial_eta *starts = starts_of(a, &s, seed);
    if (s.is_out || isinf(starts[0].objective)) return s.is_out ? NULL : out;
    point_of(x, &starts[0], u);
    out->converged = settle(&s, u);
    if (fits_badly(x, &out->at)) {
        settle_without_errors(a, &s, u);
        for (size_t k = 1; k < MORE_STARTS && !isinf(starts[k].objective); k++) {
            point_of(x, &starts[k], u);
            settle(&s, u);
        }
        point_of(x, &out->at, u);
        out->converged = settle(&s, u); /* the best of them */
    }
    return finish(&s, out);
}
