#include "infer/mixture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"

static bool has_error(const mixture *m) { return m->log_sd > 0 || m->additive_sd > 0; }

static double weight_of(const mixture *m, size_t i) { return m->weight ? m->weight[i] : 1; }

static double sum_of_weights(const mixture *m) {
    double sum = 0;
    for (size_t i = 0; i < m->n; i++) sum += weight_of(m, i);
    return sum;
}

/* Of one draw. */
static double below(const mixture *m, size_t i, double y) {
    double f = m->value[i];
    if (!has_error(m)) return f < y ? 1 : f > y ? 0 : 0.5;
    if (y <= 0) return 0;
    return fe__normal_cdf((log(y) - log(f)) / hypot(m->log_sd, m->additive_sd / f));
}

double fe__mixture_below(const mixture *m, double y) {
    double sum = 0;
    for (size_t i = 0; i < m->n; i++) sum += weight_of(m, i) * below(m, i, y);
    return sum / sum_of_weights(m);
}

/* ---- quantiles -------------------------------------------------------------------------------------------------------------------- */

static int ascending(const void *one, const void *two) {
    double a = *(const double *)one, b = *(const double *)two;
    return a < b ? -1 : a > b;
}

/* The smallest value with at least a share q of the weight at or below it. */
static double of_points(const mixture *m, double q, double *room) {
    memcpy(room, m->value, m->n * sizeof *room);
    qsort(room, m->n, sizeof *room, ascending);
    size_t low = 0, high = m->n - 1;
    double wanted = q * sum_of_weights(m);
    while (low < high) {
        size_t middle = (low + high) / 2;
        double under = 0;
        for (size_t i = 0; i < m->n; i++) under += m->value[i] <= room[middle] ? weight_of(m, i) : 0;
        if (under >= wanted) high = middle;
        else low = middle + 1;
    }
    return room[low];
}

/* Halving on the logarithm. The quantile lies between the least and the largest that any draw alone would have. */
static double of_mixture(const mixture *m, double q) {
    double z = fe__normal_quantile(q), low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < m->n; i++) {
        double at = log(m->value[i]) + z * hypot(m->log_sd, m->additive_sd / m->value[i]);
        low = fmin(low, at);
        high = fmax(high, at);
    }
    for (int k = 0; k < 40 && high - low > 1e-9; k++) {
        double middle = (low + high) / 2;
        if (fe__mixture_below(m, exp(middle)) < q) low = middle;
        else high = middle;
    }
    return exp((low + high) / 2);
}

double fe__mixture_quantile(const mixture *m, double q, double *room) {
    return has_error(m) ? of_mixture(m, q) : of_points(m, q, room);
}
