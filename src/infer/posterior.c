#include "infer/posterior.h"

#include <math.h>
#include <string.h>

#include "base/elementary.h"
#include "infer/anneal.h"
#include "infer/pareto.h"
#include "infer/proposal.h"

/* Random streams of this file. */
enum { STREAM_RESAMPLE = 20, STREAM_REST, STREAM_PROPOSE = 24 /* and one for each round behind it */ };

enum { FEWEST = 1000 /* proposals or particles, however few draws are wanted */, ROUNDS = 4 };
static const double clearly_better = 0.5; /* of the objective */
static const double k_trusted = 0.7;      /* Vehtari et al., section 3 */
static const double worth_trusted = 0.05; /* effective share of the draws */

/* ---- proposals ----------------------------------------------------------------------------------------------------------------------- */

/* Proposals looked at, and the logarithms of their weights. False when memory is out. */
static bool propose(const proposal *p, trial_eta *list, double *ln_w, size_t n, uint64_t seed, uint32_t round, int threads) {
    const individual *x = p->x;
    for (size_t k = 0; k < n; k++) {
        random_stream r = fe__random_stream(seed, k, STREAM_PROPOSE + round);
        double u[ETAS];
        fe__proposal_draw(p, &r, u);
        for (size_t i = 0; i < x->n; i++) list[k].eta[x->etas[i]] = u[i] * x->omega[x->etas[i]];
        ln_w[k] = -fe__proposal_ln(p, u);
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

/* Draws by the weights of `many` proposals, which move to where the weights lie while these are not to be trusted; false when they never are. */
static bool by_importance(arena *a, posterior *out, const mode *at, trial_eta *draws, size_t many, uint64_t seed, int threads) {
    const individual *x = out->of;
    size_t *chosen = FE_NEW_ARRAY(a, size_t, out->n + 1);
    trial_eta *proposed = fe__trial_etas(a, x, many);
    double *w = FE_NEW_ARRAY(a, double, many + 1), *raw = FE_NEW_ARRAY(a, double, many + 1),
           *room = FE_NEW_ARRAY(a, double, many + 1);
    proposal p = fe__proposal_at(x, at);
    random_stream r = fe__random_stream(seed, 0, STREAM_RESAMPLE);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        if (!propose(&p, proposed, raw, many, seed, round, threads)) return false;
        memcpy(w, raw, many * sizeof *w);
        out->k_hat = fe__pareto_smooth(a, w, many);
        out->effective = weigh(w, many);
        out->rounds = round + 1;
        if (out->k_hat < k_trusted && out->effective >= worth_trusted * (double)many) {
            fe__resample(w, many, fe__random_uniform(&r), chosen, out->n);
            for (size_t k = 0; k < out->n; k++) copy(x, &draws[k], &proposed[chosen[k]]);
            return true;
        }
        if (!fe__proposal_move(&p, proposed, raw, room, many)) return false;
    }
    return false;
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

static const trial_eta *best_draw(const posterior *p) {
    const trial_eta *best = &p->draws[0];
    for (size_t k = 1; k < p->n; k++)
        if (p->draws[k].objective < best->objective) best = &p->draws[k];
    return best;
}

const posterior *fe__fit_individual(arena *a, const individual *x, uint64_t seed, size_t n, int threads, const mode **at) {
    *at = fe__mode(a, x, seed, threads);
    const posterior *p = *at ? fe__posterior(a, x, *at, seed, n, threads) : NULL;
    if (!p || best_draw(p)->objective > (*at)->at.objective - clearly_better) return p;
    const mode *better = fe__mode_from(a, x, best_draw(p)->eta, threads);
    if (!better || !better->found) return p;
    const posterior *again = fe__posterior(a, x, better, seed, n, threads);
    *at = better;
    return again ? again : p;
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
