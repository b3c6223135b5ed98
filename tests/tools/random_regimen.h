/* Random regimens with everything else that happens to a patient, and the times at which they are looked at; by counter (base/random.h):
 * regimen k of a seed is the same on any machine. */
#ifndef FE_TESTS_RANDOM_REGIMEN_H
#define FE_TESTS_RANDOM_REGIMEN_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/elementary.h"
#include "base/random.h"
#include "course/play.h"

enum { REGIMEN_EVENTS = 64, REGIMEN_TIMES = 256, REGIMEN_DOSES = 5, STREAM_REGIMEN = 950 };
static const double regimen_week_h = 168;

typedef struct regimen {
    random_stream r;
    body_event events[REGIMEN_EVENTS];
    size_t events_n;
    double times[REGIMEN_TIMES];
    bool dense[REGIMEN_TIMES]; /* in the hour after an infusion started or stopped, or at such an edge */
    size_t times_n;
    double edges[4 * REGIMEN_DOSES]; /* starts and stops of infusions */
    size_t edges_n;
} regimen;

static inline double regimen_uniform(regimen *x, double low, double high) {
    return low + (high - low) * fe__random_uniform(&x->r);
}
static inline double regimen_log_uniform(regimen *x, double low, double high) {
    return fe__exp(regimen_uniform(x, fe__ln(low), fe__ln(high)));
}
static inline bool regimen_chance(regimen *x, double p) { return fe__random_uniform(&x->r) < p; }
static inline int regimen_below(regimen *x, int n) { return (int)(fe__random_uniform(&x->r) * n); }

static inline body_event *regimen_add(regimen *x, double t, body_event_kind kind, double amount) {
    body_event *e = &x->events[x->events_n];
    *e = (body_event){.t = t, .kind = kind, .formulation = KEEP_FORMULATION, .amount = amount, .Hbn = NAN, .place = x->events_n};
    x->events_n++;
    return e;
}

/* One infusion from t; where it ends. */
static inline double regimen_infuse(regimen *x, double t, int formulation_of, double mg, double minutes) {
    double stop = t + minutes / 60;
    regimen_add(x, t, BODY_RATE, mg / (minutes / 60))->formulation = formulation_of;
    regimen_add(x, stop, BODY_RATE, 0);
    x->edges[x->edges_n++] = t;
    x->edges[x->edges_n++] = stop;
    return stop;
}

/* One to five, of one product or of several; some begin as the last one ends, some pause half way. */
static inline void regimen_iron(regimen *x) {
    double t = regimen_chance(x, 0.3) ? 0 : regimen_uniform(x, 0, regimen_week_h);
    int product = regimen_below(x, FORMULATION_COUNT), n = 1 + regimen_below(x, REGIMEN_DOSES);
    bool mixed = regimen_chance(x, 0.25);
    for (int i = 0; i < n; i++) {
        double mg = regimen_uniform(x, 50, 1000), minutes = regimen_log_uniform(x, 5, 240);
        if (mixed) product = regimen_below(x, FORMULATION_COUNT);
        if (regimen_chance(x, 0.15)) {
            t = regimen_infuse(x, t, product, mg / 2, minutes / 2);
            t = regimen_infuse(x, t + regimen_uniform(x, 5, 60) / 60, product, mg / 2, minutes / 2);
        } else t = regimen_infuse(x, t, product, mg, minutes);
        if (!regimen_chance(x, 0.2)) t += regimen_log_uniform(x, 1, 5 * regimen_week_h);
    }
}

/* Half of the others at whole days, where outputs stand; one in ten at an edge of an infusion. */
static inline double regimen_when(regimen *x, int weeks) {
    double u = fe__random_uniform(&x->r);
    if (u < 0.1) return x->edges[regimen_below(x, (int)x->edges_n)];
    if (u < 0.5) return 24.0 * regimen_below(x, 7 * weeks);
    return regimen_uniform(x, 0, regimen_week_h * weeks);
}

static inline void regimen_others(regimen *x, int weeks) {
    static const struct {
        body_event_kind kind;
        double low, high;
    } kinds[] = {{BODY_BLEED, 0, 800},  {BODY_TRANSFUSE, 0, 2}, {BODY_LOSS, 0, 20},
                 {BODY_INFLAM, 0, 250}, {BODY_ESA, 0, 1},       {BODY_ORAL, 10, 200}};
    for (int i = regimen_below(x, 8); i > 0; i--) {
        int k = regimen_below(x, (int)(sizeof kinds / sizeof *kinds));
        double t = regimen_when(x, weeks);
        regimen_add(x, t, kinds[k].kind, regimen_uniform(x, kinds[k].low, kinds[k].high));
    }
    if (regimen_chance(x, 0.05)) {
        body_event *e = regimen_add(x, regimen_when(x, weeks), BODY_DELIVERY, regimen_uniform(x, 0, 10));
        e->bvf = regimen_uniform(x, 0.9, 1.1);
        e->Hbn = regimen_chance(x, 0.5) ? NAN : regimen_uniform(x, 12, 14);
    }
}

static inline int regimen_ascending(const void *one, const void *two) {
    double a = *(const double *)one, b = *(const double *)two;
    return (a > b) - (a < b);
}

static inline void regimen_look(regimen *x, double t, double end) {
    if (t <= end) x->times[x->times_n++] = t;
}

/* At each edge of an infusion and 1, 5, 15, 30 and 60 min after it; days 1 to 3; every week; none of them twice. */
static inline void regimen_times(regimen *x, int weeks) {
    static const double minutes[] = {0, 1, 5, 15, 30, 60};
    double end = weeks * regimen_week_h, late = 1 + 1e-9;
    for (size_t e = 0; e < x->edges_n; e++)
        for (size_t i = 0; i < sizeof minutes / sizeof *minutes; i++) regimen_look(x, x->edges[e] + minutes[i] / 60, end);
    for (int d = 0; d < 4; d++) regimen_look(x, 24 * d, end);
    for (int w = 1; w <= weeks; w++) regimen_look(x, w * regimen_week_h, end);
    qsort(x->times, x->times_n, sizeof *x->times, regimen_ascending);
    size_t n = 0;
    for (size_t i = 0; i < x->times_n; i++)
        if (n == 0 || x->times[i] > x->times[n - 1]) x->times[n++] = x->times[i];
    x->times_n = n;
    for (size_t i = 0; i < n; i++) {
        x->dense[i] = false;
        for (size_t e = 0; e < x->edges_n; e++)
            x->dense[i] = x->dense[i] || (x->times[i] >= x->edges[e] && x->times[i] <= x->edges[e] + late);
    }
}

static inline void regimen_draw(regimen *x, uint64_t seed, uint64_t k, int weeks) {
    *x = (regimen){.r = fe__random_stream(seed, k, STREAM_REGIMEN)};
    regimen_iron(x);
    regimen_others(x, weeks);
    regimen_times(x, weeks);
    fe__events_sort(x->events, x->events_n);
}

#endif
