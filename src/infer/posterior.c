#include "infer/posterior.h"

#include <math.h>
#include <string.h>

#include "base/elementary.h"
#include "infer/anneal.h"
#include "infer/pareto.h"

/* Random streams of this file. */
enum { STREAM_PROPOSE = 24, STREAM_RESAMPLE, STREAM_REST };

enum { FREEDOM = 5 /* of Student's t */, FEWEST = 1000 /* proposals or particles, however few draws are wanted */ };
static const double share_of_prior = 0.1; /* of the proposals */
static const double k_trusted = 0.7;      /* Vehtari et al., section 3 */
static const double worth_trusted = 0.05; /* effective share of the draws */
static const double ln_two_pi = 1.8378770664093453, ln_pi = 1.1447298858494002;

/* ---- proposals ----------------------------------------------------------------------------------------------------------------------- */

/* ln of the gamma function at n / 2. */
static double ln_gamma_half(int n) {
    double sum = n % 2 ? 0.5 * ln_pi : 0;
    for (int k = n % 2 ? 1 : 2; k < n; k += 2) sum += fe__ln(0.5 * k);
    return sum;
}

typedef struct proposing {
    const individual *x;
    const mode *at;
    double middle[ETAS]; /* eta / omega at the mode */
    double ln_t;         /* what of the density of t hangs on nothing */
} proposing;

static void propose_t(const proposing *p, random_stream *r, double *u) {
    int n = (int)p->x->n;
    double chi2 = 0, z[ETAS];
    for (int i = 0; i < n; i++) z[i] = fe__random_normal(r);
    for (int i = 0; i < FREEDOM; i++) {
        double v = fe__random_normal(r);
        chi2 += v * v;
    }
    fe__solve_upper(&p->at->root, n, z, u);
    for (int i = 0; i < n; i++) u[i] = p->middle[i] + u[i] * sqrt(FREEDOM / chi2);
}

/* Logarithm of the density that proposals are drawn with, at u = eta / omega. */
static double ln_proposed(const proposing *p, const double *u) {
    int n = (int)p->x->n;
    double square = 0, length = 0;
    for (int i = 0; i < n; i++) {
        double v = 0; /* of root^T (u - middle) */
        for (int k = i; k < n; k++) v += p->at->root.at[k][i] * (u[k] - p->middle[k]);
        square += v * v;
        length += u[i] * u[i];
    }
    double t = fe__ln(1 - share_of_prior) + p->ln_t - 0.5 * (FREEDOM + n) * fe__ln(1 + square / FREEDOM);
    double prior = fe__ln(share_of_prior) - 0.5 * (length + n * ln_two_pi);
    return fmax(t, prior) + fe__ln(1 + fe__exp(-fabs(t - prior)));
}

static proposing proposing_of(const individual *x, const mode *at) {
    proposing p = {.x = x, .at = at};
    int n = (int)x->n;
    p.ln_t = ln_gamma_half(FREEDOM + n) - ln_gamma_half(FREEDOM) - 0.5 * n * (fe__ln(FREEDOM) + ln_pi);
    for (int i = 0; i < n; i++) {
        p.middle[i] = at->at.eta[x->etas[i]] / x->omega[x->etas[i]];
        p.ln_t += fe__ln(at->root.at[i][i]);
    }
    return p;
}

/* Proposals looked at, and the logarithms of their weights. False when memory is out. */
static bool propose(const proposing *p, trial_eta *list, double *ln_w, size_t n, uint64_t seed, int threads) {
    const individual *x = p->x;
    for (size_t k = 0; k < n; k++) {
        random_stream r = fe__random_stream(seed, k, STREAM_PROPOSE);
        double u[ETAS];
        if (fe__random_uniform(&r) < share_of_prior)
            for (size_t i = 0; i < x->n; i++) u[i] = fe__random_normal(&r);
        else propose_t(p, &r, u);
        for (size_t i = 0; i < x->n; i++) list[k].eta[x->etas[i]] = u[i] * x->omega[x->etas[i]];
        ln_w[k] = -ln_proposed(p, u);
    }
    if (!fe__individual_look(x, list, n, fe__drawn_rtol, threads)) return false;
    for (size_t k = 0; k < n; k++) ln_w[k] -= 0.5 * list[k].objective;
    return true;
}

/* Turns logarithms into weights whose largest is 1, and tells how many draws they are worth. */
static double weigh(double *w, size_t n) {
    double top = -INFINITY, sum = 0, squares = 0;
    for (size_t k = 0; k < n; k++) top = fmax(top, w[k]);
    for (size_t k = 0; k < n; k++) {
        w[k] = isinf(w[k]) ? 0 : fe__exp(w[k] - top);
        sum += w[k];
        squares += w[k] * w[k];
    }
    return sum > 0 ? sum * sum / squares : 0;
}

/* ---- draws --------------------------------------------------------------------------------------------------------------------------- */

/* The etas that no result tells of, anew for every draw. */
static void draw_the_rest(const individual *x, trial_eta *list, size_t n, uint64_t seed) {
    bool estimated[ETAS + 1] = {false};
    for (size_t i = 0; i < x->n; i++) estimated[x->etas[i]] = true;
    for (size_t k = 0; k < n; k++) {
        random_stream r = fe__random_stream(seed, k, STREAM_REST);
        for (int i = 1; i <= ETAS; i++) {
            double z = fe__random_normal(&r);
            if (!estimated[i]) list[k].eta[i] = x->omega[i] * z;
        }
    }
}

static void copy(const individual *x, trial_eta *to, const trial_eta *from) {
    double *ln_f = to->ln_f;
    memcpy(ln_f, from->ln_f, x->labs_n * sizeof *ln_f);
    *to = *from;
    to->ln_f = ln_f;
}

/* Draws by the weights of `many` proposals; false when these are not to be trusted. */
static bool by_importance(arena *a, posterior *out, const mode *at, trial_eta *draws, size_t many, uint64_t seed, int threads) {
    const individual *x = out->of;
    size_t *chosen = FE_NEW_ARRAY(a, size_t, out->n + 1);
    trial_eta *proposed = fe__trial_etas(a, x, many);
    double *w = FE_NEW_ARRAY(a, double, many + 1);
    proposing p = proposing_of(x, at);
    random_stream r = fe__random_stream(seed, 0, STREAM_RESAMPLE);
    if (!propose(&p, proposed, w, many, seed, threads)) return false;
    out->k_hat = fe__pareto_smooth(a, w, many);
    out->effective = weigh(w, many);
    if (!(out->k_hat < k_trusted && out->effective >= worth_trusted * (double)many)) return false;
    fe__resample(w, many, fe__random_uniform(&r), chosen, out->n);
    for (size_t k = 0; k < out->n; k++) copy(x, &draws[k], &proposed[chosen[k]]);
    return true;
}

/* Particles, spread evenly over the draws that are wanted. False when there are none. */
static bool by_annealing(arena *a, posterior *out, trial_eta *draws, size_t many, uint64_t seed, int threads) {
    trial_eta *particles = fe__trial_etas(a, out->of, many);
    out->annealed = true;
    out->stages = fe__anneal(a, out->of, particles, many, seed, threads);
    for (size_t k = 0; k < out->n && out->stages; k++) copy(out->of, &draws[k], &particles[k * many / out->n]);
    return out->stages > 0;
}

const posterior *fe__posterior(arena *a, const individual *x, const mode *at, uint64_t seed, size_t n, int threads) {
    posterior *out = FE_NEW(a, posterior);
    size_t many = n < FEWEST ? FEWEST : n;
    trial_eta *draws = fe__trial_etas(a, x, n);
    *out = (posterior){.of = x, .n = n, .draws = draws, .k_hat = INFINITY};
    bool is_done = at->found && by_importance(a, out, at, draws, many, seed, threads);
    if (!is_done && !by_annealing(a, out, draws, many, seed, threads)) return NULL;
    draw_the_rest(x, draws, n, seed);
    return out;
}

double fe__posterior_outlier(const posterior *p, size_t lab) {
    double sum = 0;
    for (size_t k = 0; k < p->n; k++) sum += fe__lab_outlier(p->of->prior->m, &p->of->labs[lab], fe__exp(p->draws[k].ln_f[lab]));
    return sum / (double)p->n;
}

static const double *etas_of(const void *context, size_t k) { return ((const posterior *)context)->draws[k].eta; }

const cohort *fe__cohort_posterior(arena *a, large_room *room, const posterior *p, int threads) {
    return fe__cohort_of(a, room, p->of->prior, p->n, threads, etas_of, p);
}
