#include "infer/individual.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/elementary.h"

/* ---- what is estimated ---------------------------------------------------------------------------------------------------------- */

/* Hours since a dose began or ended last, up to t; INFINITY before the first. */
static double since_iron(const individual *x, double t) {
    double since = INFINITY;
    for (size_t i = 0; i < x->events_n && x->events[i].t < t; i++)
        if (x->events[i].kind == BODY_RATE) since = t - x->events[i].t;
    return since;
}

static bool tells_of(const individual *x, const seen_lab *l, int eta) {
    bool is_iron = l->what == OBSERVABLE_serum_iron || l->what == OBSERVABLE_TSAT || l->what == OBSERVABLE_drug_iron ||
                   l->what == OBSERVABLE_total_iron;
    double since = since_iron(x, l->t);
    if (eta == 9) return (l->what == OBSERVABLE_phosphate || l->what == OBSERVABLE_FGF23) && !isinf(since);
    if (eta == 10) return is_iron && since <= x->prior->m->n.fit_drug_hours;
    return eta == 14 && l->what == OBSERVABLE_hepcidin;
}

/* Section 10: etas 1 to 8 always, three more when a result tells of them. */
static void choose_etas(individual *x) {
    for (int i = 1; i <= ETAS; i++) {
        bool is_estimated = i <= 8;
        for (size_t k = 0; k < x->labs_n; k++) is_estimated = is_estimated || tells_of(x, &x->labs[k], i);
        if (is_estimated) x->etas[x->n++] = i;
    }
}

static bool event_at(const individual *x, double t) {
    for (size_t i = 0; i < x->events_n; i++)
        if (x->events[i].t == t) return true;
    return false;
}

/* A result is drawn before whatever else happens at its instant, and an output is the value after it: so it is read a moment before. */
static double read_at(const individual *x, double t) {
    const double moment = 1e-6; /* h */
    return event_at(x, t) && t > moment ? t - moment : t;
}

const individual *fe__individual(arena *a, const patient_prior *prior, const body_event *events, size_t events_n,
                                 const seen_lab *labs, size_t labs_n) {
    individual *x = FE_NEW(a, individual);
    double *times = FE_NEW_ARRAY(a, double, labs_n + 1);
    size_t *first = FE_NEW_ARRAY(a, size_t, labs_n + 2), n = 0;
    *x = (individual){.prior = prior, .events = events, .events_n = events_n, .labs = labs, .labs_n = labs_n, .part = BATCH_LABS};
    fe__prior_omega(prior, x->omega);
    choose_etas(x);
    for (size_t k = 0; k < labs_n; k++) {
        double t = read_at(x, labs[k].t);
        assert(k == 0 || labs[k].t >= labs[k - 1].t);
        if (fe__lab_needs_all(labs[k].what)) x->part = BATCH_ALL;
        if (labs[k].t <= 0 || (n && times[n - 1] == t)) continue;
        first[n] = k;
        times[n++] = t;
    }
    first[n] = labs_n;
    x->times = times;
    x->times_n = n;
    x->first = first;
    return x;
}

/* ---- looking ------------------------------------------------------------------------------------------------------------------------ */

trial_eta *fe__trial_etas(arena *a, const individual *x, size_t n) {
    trial_eta *list = FE_NEW_ARRAY(a, trial_eta, n + 1);
    double *ln_f = FE_NEW_ARRAY(a, double, n * x->labs_n + 1);
    for (size_t i = 0; i < n; i++) list[i].ln_f = ln_f + i * x->labs_n;
    return list;
}

typedef struct looking {
    const individual *x;
    trial_eta *list;
    start_patient patient;
} looking;

const double fe__shown_rtol = 1e-5, fe__drawn_rtol = 1e-4;

static double square(double v) { return v * v; }

/* What a result adds, and what was foreseen of it. */
static double deviance(const individual *x, trial_eta *t, size_t lab, const double *o) {
    double f = fe__lab_foreseen(x->prior->m, x->labs[lab].what, o);
    t->ln_f[lab] = fe__ln(f);
    return fe__lab_deviance(x->prior->m, &x->labs[lab], f);
}

/* The prior's part, and of the results what reads the start. */
static void begin(const individual *x, trial_eta *t, const body *b, const double *y) {
    double g[PREPARED], o[OBSERVED];
    fe__prior_solved(b->c.e, b->c.z, b->a_star, t->solved);
    t->spread = 0;
    for (size_t i = 0; i < x->n; i++) t->spread += square(t->eta[x->etas[i]] / x->omega[x->etas[i]]);
    t->closure = fe__prior_closure(x->prior, t->solved);
    t->objective = t->spread + t->closure;
    if (x->labs_n == 0 || x->first[0] == 0) return;
    fe__body_prepare(b, g);
    fe__observe(g, y, 0, o);
    for (size_t k = 0; k < x->first[0]; k++) t->objective += deviance(x, t, k, o);
}

static bool load(void *context, size_t k, body *b, double *y) {
    const looking *l = context;
    trial_eta *t = &l->list[k];
    start_steady s;
    t->objective = INFINITY;
    if (fe__start_solve(&l->patient, t->eta, &s) != START_OK || fe__start_finish(&l->patient, &s, t->eta, b, y) != START_OK)
        return false;
    begin(l->x, t, b, y);
    return true;
}

static void output(void *context, size_t k, size_t i, const double *y, const double *o) {
    const looking *l = context;
    (void)y;
    for (size_t lab = l->x->first[i]; lab < l->x->first[i + 1]; lab++)
        l->list[k].objective += deviance(l->x, &l->list[k], lab, o);
}

static void done(void *context, size_t k, solve_status s) {
    const looking *l = context;
    if (s != SOLVE_OK || isnan(l->list[k].objective)) l->list[k].objective = INFINITY;
}

bool fe__individual_look(const individual *x, trial_eta *list, size_t n, double rtol, int threads) {
    looking l = {.x = x, .list = list};
    fe__start_prepare(x->prior->m, &x->prior->labs, &l.patient);
    batch_play play = {.m = x->prior->m,
                       .events = x->events,
                       .events_n = x->events_n,
                       .times = x->times,
                       .times_n = x->times_n,
                       .n = n,
                       .part = x->part,
                       .rtol = rtol,
                       .threads = threads,
                       .context = &l,
                       .body = load,
                       .output = output,
                       .done = done};
    if (x->times_n) return fe__play_batch(&play, NULL);
    for (size_t k = 0; k < n; k++) { /* the start says it all */
        body b;
        double y[STATES];
        if (load(&l, k, &b, y)) done(&l, k, SOLVE_OK);
    }
    return true;
}
