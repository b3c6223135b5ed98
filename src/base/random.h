/* Random streams by counter (Philox 4x32-10 of Random123): number n of stream (seed, body, purpose) is the same on every machine and in
 * whatever order streams are asked. A stream is a value; copying it copies its place. */
#ifndef FE_BASE_RANDOM_H
#define FE_BASE_RANDOM_H

#include <stdint.h>

typedef struct random_stream {
    uint64_t seed, body;
    uint32_t purpose, block;
    double kept; /* the second number of a block; NaN when there is none */
} random_stream;

random_stream fe__random_stream(uint64_t seed, uint64_t body, uint32_t purpose);

/* Above 0 and below 1, 52 bits. */
double fe__random_uniform(random_stream *r);

/* Leaves out the next n numbers. */
void fe__random_skip(random_stream *r, uint32_t n);

/* Standard normal, by the inverse of its distribution: one uniform each. */
double fe__random_normal(random_stream *r);

/* Poisson of a mean up to some tens, by inversion: one uniform each. */
double fe__random_poisson(random_stream *r, double mean);

/* The standard normal quantile at 0 < p < 1 (Wichura, Applied Statistics 37 (1988) 477, algorithm AS 241, PPND16; about 1e-16). */
double fe__normal_quantile(double p);

/* The standard normal distribution function. */
double fe__normal_cdf(double x);

#endif
