#include "report/scale.h"

#include <math.h>

double fe__lie(const scale *s, double v) {
    return s->v1 == s->v0 ? s->x0 : s->x0 + (v - s->v0) / (s->v1 - s->v0) * (s->x1 - s->x0);
}

double fe__lie_within(const scale *s, double v) {
    double x = fe__lie(s, v), low = fmin(s->x0, s->x1), high = fmax(s->x0, s->x1);
    return fmin(fmax(x, low), high);
}

/* How many multiples of step lie in the range; the slack keeps 0.3 a multiple of 0.1. */
static double multiples(double low, double high, double step, double *first) {
    double slack = 1e-9 * step, from = ceil((low - slack) / step), to = floor((high + slack) / step);
    *first = from * step;
    return to - from + 1;
}

ticks fe__ticks(double low, double high, int most) {
    static const double parts[] = {1, 2, 5};
    if (!isfinite(low) || !isfinite(high) || !(high > low) || most < 1) return (ticks){0, 1, 0, 0};
    if (most > TICKS_MAX) most = TICKS_MAX;
    int power = (int)floor(log10((high - low) / most)) - 1;
    for (int i = 0;; i++) {
        int p = power + i / 3;
        double step = parts[i % 3] * pow(10, p), first;
        double n = multiples(low, high, step, &first);
        if (n <= most) return (ticks){first, step, (int)n, p < 0 ? -p : 0};
    }
}

double fe__tick(const ticks *t, int i) {
    double v = t->first + i * t->step;
    return fabs(v) < t->step * 1e-9 ? 0 : v;
}

void fe__widen(double *low, double *high, double part) {
    static const double zero_is_near = 0.4; /* of the highest value */
    double room = (*high - *low) * part;
    if (!(room > 0)) room = part > 0 && *high != 0 ? fabs(*high) * part : 0.5;
    if (*low >= 0 && *low < zero_is_near * *high) *low = 0;
    else *low -= room;
    *high += room;
}
