/* Random labs, bodies and states for what is tested over many patients; splitmix64: the same for a seed on any machine. */
#ifndef FE_TESTS_RANDOM_BODY_H
#define FE_TESTS_RANDOM_BODY_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "body/start.h"

static uint64_t random_seed;

static inline uint64_t random_bits(void) {
    uint64_t z = (random_seed += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static inline double uniform(double low, double high) {
    return low + (high - low) * (double)(random_bits() >> 11) / 9007199254740992.0;
}

static inline double log_uniform(double low, double high) { return fmin(fmax(exp(uniform(log(low), log(high))), low), high); }

static inline bool chance(double p) { return uniform(0, 1) < p; }

static inline int one_below(int n) { return (int)(random_bits() % (uint64_t)n); }

/* One value in ten is a corner. */
static inline double cornered(double low, double high, double v) { return chance(0.1) ? (chance(0.5) ? low : high) : v; }

/* Labs over the whole range of a start; unlike people, they may contradict each other. */
static inline start_labs random_labs(void) {
    start_labs x = fe__start_labs_none();
    x.woman = chance(0.5);
    x.population = one_below(POPULATION_COUNT + 1) - 1;
    x.age = uniform(18, 90);
    x.wt = uniform(40, 140);
    x.ht = uniform(145, 200);
    x.Hb = cornered(3, 20, uniform(3, 20));
    x.F = cornered(1, 3000, log_uniform(1, 3000));
    x.TSAT = cornered(1.5, 95, log_uniform(1.5, 95));
    x.CRP = cornered(0, 400, log_uniform(0.2, 200));
    x.egfr = cornered(1, 95, uniform(1, 130));
    x.bloss = cornered(0, 100, log_uniform(0.1, 100));
    x.LS = uniform(60, 130);
    x.uESA = chance(0.3) ? uniform(0, 3) : 0;
    x.PH = uniform(2, 6);
    x.bvf = chance(0.2) ? uniform(1, 1.4) : 1;
    x.amax = uniform(0.5, 5);
    x.capD = uniform(0.5, 2);
    x.v = uniform(0.3, 3);
    x.IRLS0 = uniform(1, 39);
    x.FS0 = uniform(0.5, 9.5);
    x.comorb = one_below(5);
    if (chance(0.5)) x.TIBC = uniform(120, 600);
    if (chance(0.3)) x.Hbu = x.Hb + uniform(0, 4);
    if (chance(0.3)) x.CRPb = uniform(0, 30);
    if (chance(0.3)) x.Hbn = uniform(11, 16);
    return x;
}

/* Of people as they are: most are anemic and iron deficient. */
static inline start_labs random_patient_labs(void) {
    start_labs x = random_labs();
    x.Hb = uniform(7, 13);
    x.F = log_uniform(5, 400);
    x.TSAT = log_uniform(4, 35);
    x.CRP = log_uniform(0.4, 40);
    x.egfr = uniform(20, 120);
    x.bloss = log_uniform(0.5, 15);
    x.Hbu = chance(0.2) ? x.Hb + uniform(0, 2) : NAN;
    return x;
}

/* A body that starts; *refused counts the labs that were thrown away. */
static inline void random_start(const model_data *m, start_labs draw(void), start_labs *x, body *b, double *y, int *refused) {
    unsigned filled;
    for (;; ++*refused) {
        *x = draw();
        if (fe__start_fill(m, x, &filled) == START_OK && fe__start(m, x, NULL, b, y) == START_OK) return;
    }
}

#endif
