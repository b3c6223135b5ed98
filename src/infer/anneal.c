#include "infer/anneal.h"

#include <math.h>
#include <string.h>

#include "base/elementary.h"
#include "infer/matrix.h"

/* Random streams of this file: one for each stage and sweep from the last on. */
enum { STREAM_ANNEAL_START = 31, STREAM_ANNEAL_RESAMPLE = 32, STREAM_ANNEAL_MOVE = 64 };
enum { SWEEPS = 6, STAGES_MAX = 60 };

typedef struct annealing {
    arena *a;
    const individual *x;
    trial_eta *list, *tried, *spare;
    double *weights;
    size_t *chosen, n;
    double beta; /* how much of the closure and the likelihood is in */
    uint64_t seed;
    unsigned stage;
    int threads;
} annealing;

void fe__resample(const double *weights, size_t from, double u, size_t *chosen, size_t n) {
    double sum = 0, at = 0;
    size_t i = 0;
    for (size_t k = 0; k < from; k++) sum += weights[k];
    for (size_t k = 0; k < n; k++) {
        double want = ((double)k + u) / (double)n * sum;
        while (i + 1 < from && at + weights[i] <= want) at += weights[i++];
        chosen[k] = i;
    }
}

/* What is let in by degrees: results and closure. */
static double deviance(const trial_eta *t) { return t->objective - t->spread; }

/* The same draw elsewhere: what is foreseen goes into the other's room. */
static void copy(const individual *x, trial_eta *to, const trial_eta *from) {
    double *ln_f = to->ln_f;
    if (to == from) return;
    memcpy(ln_f, from->ln_f, x->labs_n * sizeof *ln_f);
    *to = *from;
    to->ln_f = ln_f;
}

/* Weights when beta grows to `next`, and what they are worth. */
static double reweigh(annealing *s, double next) {
    double best = INFINITY, sum = 0, squares = 0;
    for (size_t k = 0; k < s->n; k++)
        if (!isinf(s->list[k].objective)) best = fmin(best, deviance(&s->list[k]));
    for (size_t k = 0; k < s->n; k++) {
        double d = isinf(s->list[k].objective) ? INFINITY : deviance(&s->list[k]) - best;
        s->weights[k] = isinf(d) ? 0 : fe__exp(-0.5 * (next - s->beta) * d);
        sum += s->weights[k];
        squares += s->weights[k] * s->weights[k];
    }
    return sum > 0 ? sum * sum / squares : 0;
}

/* As far as leaves half of the particles' worth. */
static void heat(annealing *s) {
    double low = s->beta, high = 1, half = 0.5 * (double)s->n;
    if (reweigh(s, 1) < half) {
        for (int i = 0; i < 40; i++) {
            double middle = 0.5 * (low + high);
            if (reweigh(s, middle) < half) high = middle;
            else low = middle;
        }
    } else low = 1;
    if (!(low > s->beta)) low = fmin(1, high); /* many have no course at all: half is out of reach */
    reweigh(s, low);
    s->beta = low;
}

static void choose(annealing *s) {
    random_stream r = fe__random_stream(s->seed, s->stage, STREAM_ANNEAL_RESAMPLE);
    fe__resample(s->weights, s->n, fe__random_uniform(&r), s->chosen, s->n);
    for (size_t k = 0; k < s->n; k++) copy(s->x, &s->spare[k], &s->list[s->chosen[k]]);
    trial_eta *swap = s->list;
    s->list = s->spare;
    s->spare = swap;
}

/* The spread of the particles, in eta / omega, as the root of their covariance. */
static bool spread_of(const annealing *s, matrix *root) {
    const individual *x = s->x;
    double mean[ETAS] = {0};
    matrix c = {0};
    for (size_t k = 0; k < s->n; k++)
        for (size_t i = 0; i < x->n; i++) mean[i] += s->list[k].eta[x->etas[i]] / x->omega[x->etas[i]] / (double)s->n;
    for (size_t k = 0; k < s->n; k++) {
        double u[ETAS];
        for (size_t i = 0; i < x->n; i++) u[i] = s->list[k].eta[x->etas[i]] / x->omega[x->etas[i]] - mean[i];
        for (size_t i = 0; i < x->n; i++)
            for (size_t j = 0; j < x->n; j++) c.at[i][j] += u[i] * u[j] / (double)s->n;
    }
    for (size_t i = 0; i < x->n; i++) c.at[i][i] += 1e-6;
    return fe__cholesky(&c, (int)x->n, root);
}

/* One step of Metropolis for every particle. */
static bool sweep(annealing *s, const matrix *root, unsigned which) {
    const individual *x = s->x;
    double scale = 2.38 / sqrt((double)x->n) * (which % 2 ? 1 : 0.4); /* long and short steps by turns */
    uint32_t purpose = STREAM_ANNEAL_MOVE + s->stage * SWEEPS + which;
    for (size_t k = 0; k < s->n; k++) {
        random_stream r = fe__random_stream(s->seed, k, purpose);
        double z[ETAS];
        memcpy(s->tried[k].eta, s->list[k].eta, sizeof s->list[k].eta);
        for (size_t i = 0; i < x->n; i++) z[i] = fe__random_normal(&r);
        for (size_t i = 0; i < x->n; i++)
            for (size_t j = 0; j <= i; j++) s->tried[k].eta[x->etas[i]] += scale * root->at[i][j] * z[j] * x->omega[x->etas[i]];
    }
    if (!fe__individual_look(x, s->tried, s->n, fe__drawn_rtol, s->threads)) return false;
    for (size_t k = 0; k < s->n; k++) {
        random_stream r = fe__random_stream(s->seed, k, purpose);
        const trial_eta *from = &s->list[k], *to = &s->tried[k];
        fe__random_skip(&r, (uint32_t)x->n);
        if (isinf(to->objective)) continue;
        double before = from->spread + s->beta * deviance(from), after = to->spread + s->beta * deviance(to);
        if (fe__random_uniform(&r) < fe__exp(-0.5 * (after - before))) copy(x, &s->list[k], to);
    }
    return true;
}

static bool begin(annealing *s) {
    bool any = false;
    for (size_t k = 0; k < s->n; k++) {
        random_stream r = fe__random_stream(s->seed, k, STREAM_ANNEAL_START);
        for (size_t i = 0; i < s->x->n; i++) s->list[k].eta[s->x->etas[i]] = s->x->omega[s->x->etas[i]] * fe__random_normal(&r);
    }
    if (!fe__individual_look(s->x, s->list, s->n, fe__drawn_rtol, s->threads)) return false;
    for (size_t k = 0; k < s->n; k++) any = any || !isinf(s->list[k].objective);
    return any;
}

unsigned fe__anneal(arena *a, const individual *x, trial_eta *list, size_t n, uint64_t seed, int threads) {
    annealing s = {.a = a,
                   .x = x,
                   .list = fe__trial_etas(a, x, n),
                   .tried = fe__trial_etas(a, x, n),
                   .spare = fe__trial_etas(a, x, n),
                   .weights = FE_NEW_ARRAY(a, double, n + 1),
                   .chosen = FE_NEW_ARRAY(a, size_t, n + 1),
                   .n = n,
                   .seed = seed,
                   .threads = threads};
    matrix root;
    if (!begin(&s)) return 0;
    while (s.beta < 1 && s.stage < STAGES_MAX) {
        heat(&s);
        choose(&s);
        if (!spread_of(&s, &root)) return 0;
        for (unsigned i = 0; i < SWEEPS; i++)
            if (!sweep(&s, &root, i)) return 0;
        s.stage++;
    }
    for (size_t k = 0; k < n; k++) copy(x, &list[k], &s.list[k]);
    return s.beta < 1 ? 0 : s.stage;
}
