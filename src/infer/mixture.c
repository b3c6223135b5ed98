#include "infer/mixture.h"

#include <math.h>
#include <string.h>

#include "base/random.h"

static bool has_error(const mixture *m) { return m->log_sd > 0 || m->additive_sd > 0; }

static bool is_score(const mixture *m) { return m->score_sd > 0; }

/* Of one draw. */
static double below(const mixture *m, size_t i, double y) {
    double f = m->value[i];
    if (is_score(m)) return fe__normal_cdf((y - f) / m->score_sd);
    if (!has_error(m)) return f < y ? 1 : f > y ? 0 : 0.5;
    if (y <= 0) return 0;
    return fe__normal_cdf((log(y) - log(f)) / hypot(m->log_sd, m->additive_sd / f));
}

double fe__mixture_below(const mixture *m, double y) {
    double sum = 0;
    for (size_t i = 0; i < m->n; i++) sum += below(m, i, y);
    return sum / (double)m->n;
}

/* ---- quantiles -------------------------------------------------------------------------------------------------------------------- */

/* Where the error lets one draw alone have its quantile: of a lab on the logarithm. */
static double alone(const mixture *m, size_t i, double z) {
    if (is_score(m)) return m->value[i] + z * m->score_sd;
    return log(m->value[i]) + z * hypot(m->log_sd, m->additive_sd / m->value[i]);
}

static double plain(const mixture *m, double at) { return is_score(m) ? at : exp(at); }

/* Halving. The quantile lies between the least and the largest that any draw alone would have. */
static double of_mixture(const mixture *m, double q) {
    double z = fe__normal_quantile(q), low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < m->n; i++) {
        double at = alone(m, i, z);
        low = fmin(low, at);
        high = fmax(high, at);
    }
    for (int k = 0; k < 40 && high - low > 1e-9; k++) {
        double middle = (low + high) / 2;
        if (fe__mixture_below(m, plain(m, middle)) < q) low = middle;
        else high = middle;
    }
    return plain(m, (low + high) / 2);
}

double fe__mixture_quantile(const mixture *m, double q, const quantile_room *room, double *copy) {
    double at;
    if (has_error(m) || is_score(m)) return of_mixture(m, q);
    memcpy(copy, m->value, m->n * sizeof *copy);
    fe__quantiles_of(copy, m->n, &q, 1, room, &at);
    return at;
}
