/* Names are those of Zhang and Stephens: theta = -k / scale, of which the likelihood is a function of one variable. */
#include "infer/pareto.h"

#include <math.h>
#include <stdlib.h>

/* k that belongs to theta. */
static double shape_at(const double *x, size_t n, double theta) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += log1p(-theta * x[i]);
    return sum / (double)n;
}

/* Mean of theta over a grid, weighted by the likelihood of each. */
static double mean_theta(const double *x, size_t n) {
    enum { POINTS_MAX = 256 };
    double theta[POINTS_MAX], like[POINTS_MAX], best = -INFINITY, sum = 0, mean = 0;
    size_t m = 30 + (size_t)sqrt((double)n), quarter = (size_t)((double)n / 4 + 0.5);
    if (m > POINTS_MAX) m = POINTS_MAX;
    for (size_t j = 0; j < m; j++) {
        theta[j] = 1 / x[n - 1] + (1 - sqrt((double)m / ((double)j + 0.5))) / 3 / x[quarter - 1];
        double k = shape_at(x, n, theta[j]);
        like[j] = (double)n * (log(-theta[j] / k) - k - 1);
        if (like[j] > best) best = like[j];
    }
    for (size_t j = 0; j < m; j++) {
        double w = isnan(like[j]) ? 0 : exp(like[j] - best);
        sum += w;
        mean += w * theta[j];
    }
    return mean / sum;
}

double fe__pareto_fit(const double *x, size_t n, double *scale) {
    const double weak = 10, center = 0.5; /* a prior worth ten numbers holds k of a short tail near a half */
    double theta = mean_theta(x, n), k = shape_at(x, n, theta);
    *scale = -k / theta;
    return (k * (double)n + center * weak) / ((double)n + weak);
}

typedef struct placed {
    double log_weight;
    size_t place;
} placed;

static int ascending(const void *one, const void *two) {
    const placed *a = one, *b = two;
    if (a->log_weight != b->log_weight) return a->log_weight < b->log_weight ? -1 : 1;
    return a->place < b->place ? -1 : a->place > b->place;
}

/* The value below which the share p of the tail lies, above its beginning. */
static double quantile(double p, double k, double scale) {
    return fabs(k) < 1e-12 ? -scale * log1p(-p) : scale / k * expm1(-k * log1p(-p));
}

double fe__pareto_smooth(arena *a, double *log_weights, size_t n) {
    placed *list = FE_NEW_ARRAY(a, placed, n + 1);
    double *x = FE_NEW_ARRAY(a, double, n + 1), scale;
    size_t tail = (size_t)ceil(fmin(0.2 * (double)n, 3 * sqrt((double)n))), first;
    for (size_t i = 0; i < n; i++) list[i] = (placed){log_weights[i], i};
    qsort(list, n, sizeof *list, ascending);
    if (tail < 5 || tail >= n) return INFINITY;
    first = n - tail;
    double top = list[n - 1].log_weight, cut = exp(list[first - 1].log_weight - top);
    if (!(cut > 0)) return INFINITY;
    for (size_t i = 0; i < tail; i++) x[i] = exp(list[first + i].log_weight - top) - cut;
    if (!(x[(size_t)((double)tail / 4 + 0.5) - 1] > 0))
        return x[tail - 1] > 0 ? INFINITY : 0; /* a tail of equal weights is none */
    double k = fe__pareto_fit(x, tail, &scale);
    for (size_t i = 0; i < tail; i++) {
        double w = cut + quantile(((double)i + 0.5) / (double)tail, k, scale);
        log_weights[list[first + i].place] = top + log(fmin(w, 1));
    }
    return k;
}
