#include "infer/proposal.h"

#include <math.h>

#include "base/elementary.h"

enum { FREEDOM = 5 };                     /* of Student's t */
static const double share_of_prior = 0.1; /* of the proposals */
static const double counting = 0.1;       /* share of draws that tempered weights are worth */
static const double ln_two_pi = 1.8378770664093453, ln_pi = 1.1447298858494002;

/* ln of the gamma function at n / 2. */
static double ln_gamma_half(int n) {
    double sum = n % 2 ? 0.5 * ln_pi : 0;
    for (int k = n % 2 ? 1 : 2; k < n; k += 2) sum += fe__ln(0.5 * k);
    return sum;
}

static void set_ln_t(proposal *p) {
    int n = (int)p->x->n;
    p->ln_t = ln_gamma_half(FREEDOM + n) - ln_gamma_half(FREEDOM) - 0.5 * n * (fe__ln(FREEDOM) + ln_pi);
    for (int i = 0; i < n; i++) p->ln_t -= fe__ln(p->spread.at[i][i]);
}

proposal fe__proposal_at(const individual *x, const mode *at) {
    proposal p = {.x = x};
    int n = (int)x->n;
    matrix covariance = {0};
    for (int j = 0; j < n; j++) { /* column by column, of the precision's inverse */
        double column[ETAS] = {0};
        column[j] = 1;
        fe__solve_lower(&at->root, n, column, column);
        fe__solve_upper(&at->root, n, column, column);
        for (int i = 0; i < n; i++) covariance.at[i][j] = column[i];
        p.middle[j] = at->at.eta[x->etas[j]] / x->omega[x->etas[j]];
    }
    if (!fe__cholesky(&covariance, n, &p.spread))
        for (int i = 0; i < n; i++) p.spread.at[i][i] = 1; /* rounding alone: the weights then say that it does not do */
    set_ln_t(&p);
    return p;
}

void fe__proposal_draw(const proposal *p, random_stream *r, double *u) {
    int n = (int)p->x->n;
    double chi2 = 0, z[ETAS];
    bool of_prior = fe__random_uniform(r) < share_of_prior;
    for (int i = 0; i < n; i++) z[i] = fe__random_normal(r);
    for (int i = 0; i < FREEDOM && !of_prior; i++) {
        double v = fe__random_normal(r);
        chi2 += v * v;
    }
    for (int i = 0; i < n; i++) {
        double v = 0;
        for (int k = 0; k <= i; k++) v += p->spread.at[i][k] * z[k];
        u[i] = of_prior ? z[i] : p->middle[i] + v * sqrt(FREEDOM / chi2);
    }
}

double fe__proposal_ln(const proposal *p, const double *u) {
    int n = (int)p->x->n;
    double square = 0, length = 0, v[ETAS] = {0};
    for (int i = 0; i < n; i++) v[i] = u[i] - p->middle[i];
    fe__solve_lower(&p->spread, n, v, v);
    for (int i = 0; i < n; i++) square += v[i] * v[i], length += u[i] * u[i];
    double t = fe__ln(1 - share_of_prior) + p->ln_t - 0.5 * (FREEDOM + n) * fe__ln(1 + square / FREEDOM);
    double prior = fe__ln(share_of_prior) - 0.5 * (length + n * ln_two_pi);
    return fmax(t, prior) + fe__ln(1 + fe__exp(-fabs(t - prior)));
}

/* w = exp(beta (ln_w - top)); how many draws they are worth. */
static double temper(const double *ln_w, double top, double beta, double *w, size_t n) {
    double sum = 0, squares = 0;
    for (size_t k = 0; k < n; k++) {
        w[k] = isinf(ln_w[k]) ? 0 : fe__exp(beta * (ln_w[k] - top));
        sum += w[k];
        squares += w[k] * w[k];
    }
    return sum * sum / squares;
}

static void tempered(const double *ln_w, double *w, size_t n) {
    double top = -INFINITY, low = 0, high = 1, want = counting * (double)n;
    for (size_t k = 0; k < n; k++) top = fmax(top, ln_w[k]);
    if (temper(ln_w, top, 1, w, n) >= want) return;
    for (int i = 0; i < 40; i++) {
        double middle = 0.5 * (low + high);
        if (temper(ln_w, top, middle, w, n) < want) high = middle;
        else low = middle;
    }
    temper(ln_w, top, low, w, n);
}

bool fe__proposal_move(proposal *p, const trial_eta *list, const double *ln_w, double *w, size_t n) {
    const individual *x = p->x;
    double sum = 0, mean[ETAS] = {0};
    size_t known = 0;
    matrix c = {0}, root;
    for (size_t k = 0; k < n; k++) known += !isinf(ln_w[k]);
    if (known < 10 * x->n) return false;
    tempered(ln_w, w, n);
    for (size_t k = 0; k < n; k++) {
        sum += w[k];
        for (size_t i = 0; i < x->n; i++) mean[i] += w[k] * list[k].eta[x->etas[i]] / x->omega[x->etas[i]];
    }
    for (size_t i = 0; i < x->n; i++) mean[i] /= sum;
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < x->n; i++)
            for (size_t j = 0; j < x->n; j++)
                c.at[i][j] += w[k] / sum * (list[k].eta[x->etas[i]] / x->omega[x->etas[i]] - mean[i]) *
                              (list[k].eta[x->etas[j]] / x->omega[x->etas[j]] - mean[j]);
    if (!fe__cholesky(&c, (int)x->n, &root)) return false;
    p->spread = root;
    for (size_t i = 0; i < x->n; i++) p->middle[i] = mean[i];
    set_ln_t(p);
    return true;
}
