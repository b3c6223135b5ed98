#include "infer/prior.h"

#include <math.h>
#include <string.h>

#include "base/elementary.h"

/* Purposes of random streams: what is drawn for one reason never shifts what is drawn for another. */
enum { STREAM_ETAS = 1, STREAM_ACCEPT = 2, STREAM_VIRTUAL = 3, STREAM_VIRTUAL_ETAS = 4, STREAM_PROBE = 5 };
enum { PRIOR_TRIES = 2000, VIRTUAL_TRIES = 10000 };

/* ---- one patient --------------------------------------------------------------------------------------------------------------- */

void fe__prior_omega(const patient_prior *p, double *omega) {
    const variable_spread *who = p->m->populations[fe__start_population(&p->labs)];
    memcpy(omega, p->m->omega, (ETAS + 1) * sizeof *omega);
    if (p->filled & FILLED_FERRITIN) omega[2] = who[VARIABLE_F].sd;
    if (p->filled & FILLED_TSAT) omega[3] = who[VARIABLE_TSAT].sd;
    for (int i = 1; i <= ETAS && p->without_closure; i++) omega[i] *= p->m->n.contradiction_widens;
}

static double square(double x) { return x * x; }

void fe__prior_solved(double e, double z, double a_star, double *solved) {
    solved[0] = fe__ln(e);
    solved[1] = z;
    solved[2] = fe__ln(a_star);
}

void fe__prior_closure_terms(const patient_prior *p, double *center, double *sd) {
    const closure_prior *c = &p->m->closure;
    bool is_rebuilding = !isnan(p->labs.Hbu) && p->labs.Hbu > p->labs.Hb;
    center[0] = center[1] = 0;
    center[2] = fe__ln(p->population < 0 ? c->a_center_any : c->a_center[p->population]);
    sd[0] = p->without_e ? INFINITY : c->ln_e_sd;
    sd[1] = c->z_sd;
    sd[2] = is_rebuilding ? INFINITY : c->ln_a_sd;
    for (int i = 0; i < CLOSURE_TERMS && p->without_closure; i++) sd[i] = INFINITY;
}

double fe__prior_closure(const patient_prior *p, const double *solved) {
    double center[CLOSURE_TERMS], sd[CLOSURE_TERMS], sum = 0;
    fe__prior_closure_terms(p, center, sd);
    for (int i = 0; i < CLOSURE_TERMS; i++)
        if (!isinf(sd[i])) sum += square((solved[i] - center[i]) / sd[i]);
    return sum;
}

bool fe__prior_in_domain(const model_data *m, const body *b) {
    const model_numbers *n = &m->n;
    double hepcidin = fe__exp(b->c.z);
    return b->c.e > n->domain_e_low && b->c.e < n->domain_e_high && hepcidin > n->domain_hepcidin_low &&
           hepcidin < n->domain_hepcidin_high;
}

static void draw_etas(random_stream *r, const double *omega, int from, int to, double *eta) {
    for (int j = from; j <= to; j++) eta[j] = omega[j] * fe__random_normal(r);
}

static double closure_of(const patient_prior *p, const start_steady *x) {
    double solved[CLOSURE_TERMS];
    fe__prior_solved(x->e, x->z, x->a_star, solved);
    return fe__prior_closure(p, solved);
}

enum { READ = 8 }; /* etas that solving reads */

/* One draw of them, and whether it is accepted. */
static bool try_once(const patient_prior *p, const start_patient *who, const double *omega, random_stream *etas,
                     random_stream *accept, double *eta, start_steady *x) {
    draw_etas(etas, omega, 1, READ, eta);
    double u = fe__random_uniform(accept);
    return fe__start_solve(who, eta, x) == START_OK && u < fe__exp(-closure_of(p, x) / 2);
}

/* Only the etas that the closure hangs on are drawn for a try. An accepted one gets the rest, and its body. */
bool fe__prior_draw(const patient_prior *p, uint64_t seed, uint64_t k, double *eta, body *b, double *y) {
    random_stream etas = fe__random_stream(seed, k, STREAM_ETAS), accept = fe__random_stream(seed, k, STREAM_ACCEPT);
    double omega[ETAS + 1];
    start_patient patient;
    start_steady x;
    fe__prior_omega(p, omega);
    fe__start_prepare(p->m, &p->labs, &patient);
    eta[0] = 0;
    for (int i = 0; i < PRIOR_TRIES; i++) {
        bool is_accepted = try_once(p, &patient, omega, &etas, &accept, eta, &x);
        if (!is_accepted) {
            fe__random_skip(&etas, ETAS - READ);
            continue;
        }
        draw_etas(&etas, omega, READ + 1, ETAS, eta);
        if (fe__start_finish(&patient, &x, eta, b, y) == START_OK) return true;
    }
    return false;
}

double fe__prior_accepted(const patient_prior *p, uint64_t seed) {
    enum { TRIES = 400 };
    random_stream etas = fe__random_stream(seed, 0, STREAM_PROBE), accept = fe__random_stream(seed, 1, STREAM_PROBE);
    double omega[ETAS + 1], eta[ETAS + 1];
    start_patient patient;
    start_steady x;
    int accepted = 0;
    fe__prior_omega(p, omega);
    fe__start_prepare(p->m, &p->labs, &patient);
    for (int i = 0; i < TRIES; i++) accepted += try_once(p, &patient, omega, &etas, &accept, eta, &x);
    return (double)accepted / TRIES;
}

/* ---- virtual patients ------------------------------------------------------------------------------------------------------------ */

static double within(random_stream *r, const variable_spread *x) {
    enum { REDRAWS = 10000 };
    for (int i = 0; i < REDRAWS; i++) {
        double v = x->median;
        if (x->kind == SPREAD_NORMAL) v += x->sd * fe__random_normal(r);
        if (x->kind == SPREAD_LOGNORMAL) v *= fe__exp(x->sd * fe__random_normal(r));
        if (x->kind == SPREAD_POISSON) v = fe__random_poisson(r, x->median);
        if (v >= x->low && v <= x->high) return v;
    }
    return x->median;
}

/* The seven correlated variables; the whole vector again when one lies outside its range. */
static bool correlated(const model_data *m, const variable_spread *who, random_stream *r, double *v) {
    static const variable_id variables[CORRELATED] = {VARIABLE_Hb, VARIABLE_F,   VARIABLE_TSAT, VARIABLE_CRP,
                                                      VARIABLE_wt, VARIABLE_age, VARIABLE_egfr};
    double n[CORRELATED];
    for (int i = 0; i < VIRTUAL_TRIES; i++) {
        bool inside = true;
        for (int j = 0; j < CORRELATED; j++) n[j] = fe__random_normal(r);
        for (int j = 0; j < CORRELATED; j++) {
            const variable_spread *x = &who[variables[j]];
            double z = 0;
            for (int k = 0; k <= j; k++) z += m->correlation_root[j][k] * n[k];
            v[j] = x->kind == SPREAD_LOGNORMAL ? x->median * fe__exp(x->sd * z) : x->median + x->sd * z;
            inside = inside && v[j] >= x->low && v[j] <= x->high;
        }
        if (inside) return true;
    }
    return false;
}

static bool baseline(const model_data *m, int population, random_stream *r, start_labs *x) {
    const variable_spread *who = m->populations[population];
    double v[CORRELATED];
    *x = fe__start_labs_none();
    x->population = population;
    x->woman = fe__random_uniform(r) < who[VARIABLE_f].median;
    if (!correlated(m, who, r, v)) return false;
    x->Hb = v[CORRELATED_Hb];
    x->F = v[CORRELATED_F];
    x->TSAT = v[CORRELATED_TSAT];
    x->CRP = v[CORRELATED_CRP];
    x->wt = v[CORRELATED_wt];
    x->age = v[CORRELATED_age];
    x->egfr = v[CORRELATED_egfr];
    x->ht = within(r, &who[x->woman ? VARIABLE_ht_f : VARIABLE_ht_m]);
    x->bloss = within(r, &who[VARIABLE_bloss]);
    x->PH = within(r, &who[VARIABLE_PH]);
    x->TIBCref_factor = within(r, &who[VARIABLE_TIBC]);
    if (who[VARIABLE_IRLS0].kind != SPREAD_NONE) x->IRLS0 = within(r, &who[VARIABLE_IRLS0]);
    x->FS0 = within(r, &who[VARIABLE_FS0]);
    x->comorb = within(r, &who[VARIABLE_comorb]);
    x->LS = who[VARIABLE_LS].median;
    x->uESA = who[VARIABLE_uESA].median;
    x->amax = who[VARIABLE_amax].median;
    x->bvf = who[VARIABLE_bvf].median;
    if (who[VARIABLE_Hbn].kind != SPREAD_NONE) x->Hbn = who[VARIABLE_Hbn].median;
    if (who[VARIABLE_CRPb].kind != SPREAD_NONE) x->CRPb = who[VARIABLE_CRPb].median;
    return true;
}

static bool plausible(const model_data *m, const start_steady *typical) {
    double hepcidin = fe__exp(typical->z);
    return typical->e >= m->n.draw_e_low && typical->e <= m->n.draw_e_high && hepcidin >= m->n.draw_hepcidin_low &&
           hepcidin <= m->n.draw_hepcidin_high;
}

bool fe__virtual_patient_within(const model_data *m, int population, uint64_t seed, uint64_t k, int tries, start_labs *labs,
                                double *eta, body *b, double *y) {
    random_stream r = fe__random_stream(seed, k, STREAM_VIRTUAL), etas = fe__random_stream(seed, k, STREAM_VIRTUAL_ETAS);
    start_patient patient;
    start_steady x;
    for (int i = 0; i < tries; i++) {
        if (!baseline(m, population, &r, labs)) return false;
        fe__start_prepare(m, labs, &patient);
        if (fe__start_solve(&patient, NULL, &x) != START_OK || !plausible(m, &x)) continue;
        memset(eta, 0, (ETAS + 1) * sizeof *eta);
        for (int j = 4; j <= ETAS; j++)
            if (j != 5) eta[j] = m->omega[j] * fe__random_normal(&etas);
        if (fe__start_solve(&patient, eta, &x) == START_OK && fe__start_finish(&patient, &x, eta, b, y) == START_OK) return true;
    }
    return false;
}

bool fe__virtual_patient(const model_data *m, int population, uint64_t seed, uint64_t k, start_labs *labs, double *eta, body *b,
                         double *y) {
    return fe__virtual_patient_within(m, population, seed, k, VIRTUAL_TRIES, labs, eta, b, y);
}
