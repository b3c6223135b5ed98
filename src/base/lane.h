/* The number that generated code computes with: FE_LANES doubles side by side, one body in each.
 *
 * Without FE_LANES a lane is one double with the C library's functions: so the reference integrator uses it. With FE_LANES (1, 2, 4, 8: the
 * batch solver, one translation unit for each instruction set) a lane is a vector of that many, and exp and ln are written here from + - * /,
 * sqrt, fma and bits alone: the same bits whatever the width, the compiler, the instruction set. The only place with compiler-specific code. */
#ifndef FE_BASE_LANE_H
#define FE_BASE_LANE_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#ifndef FE_LANES

typedef double lane;
static inline lane lane_of(double x) { return x; }
static inline lane lane_exp(lane x) { return exp(x); }
static inline lane lane_ln(lane x) { return log(x); }
static inline lane lane_sqrt(lane x) { return sqrt(x); }

#else

#if FE_LANES == 1

typedef double lane;
typedef int64_t lane_bits; /* a mask: all ones is true, 0 false */
typedef uint64_t lane_words;
static inline lane lane_of(double x) { return x; }
static inline lane_bits lane_to_bits(lane x) {
    lane_bits b;
    memcpy(&b, &x, sizeof b);
    return b;
}
static inline lane lane_of_bits(lane_bits b) {
    lane x;
    memcpy(&x, &b, sizeof x);
    return x;
}
static inline lane_bits lane_less(lane a, lane b) { return -(lane_bits)(a < b); }
static inline lane lane_sqrt(lane x) { return sqrt(x); }
static inline lane lane_fma(lane a, lane b, lane c) { return fma(a, b, c); }
static inline double lane_get(lane x, int i) {
    (void)i;
    return x;
}
static inline void lane_set(lane *x, int i, double v) {
    (void)i;
    *x = v;
}

#else

#if defined(__AVX2__) || defined(__AVX512F__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

typedef double lane __attribute__((vector_size(8 * FE_LANES)));
typedef int64_t lane_bits __attribute__((vector_size(8 * FE_LANES)));
typedef uint64_t lane_words __attribute__((vector_size(8 * FE_LANES))); /* where a sum may wrap */
static inline lane lane_of(double x) { return x - (lane){0}; }
static inline lane_bits lane_to_bits(lane x) { return (lane_bits)x; }
static inline lane lane_of_bits(lane_bits b) { return (lane)b; }
static inline lane_bits lane_less(lane a, lane b) { return a < b; }
static inline double lane_get(lane x, int i) { return x[i]; }
static inline void lane_set(lane *x, int i, double v) { (*x)[i] = v; }

#if FE_LANES == 8 && defined(__AVX512F__)
static inline lane lane_sqrt(lane x) { return (lane)_mm512_sqrt_pd((__m512d)x); }
static inline lane lane_fma(lane a, lane b, lane c) { return (lane)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c); }
#elif FE_LANES == 4 && defined(__AVX2__)
static inline lane lane_sqrt(lane x) { return (lane)_mm256_sqrt_pd((__m256d)x); }
static inline lane lane_fma(lane a, lane b, lane c) { return (lane)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c); }
#elif FE_LANES == 2 && defined(__aarch64__)
static inline lane lane_sqrt(lane x) { return (lane)vsqrtq_f64((float64x2_t)x); }
static inline lane lane_fma(lane a, lane b, lane c) { return (lane)vfmaq_f64((float64x2_t)c, (float64x2_t)a, (float64x2_t)b); }
#else
static inline lane lane_sqrt(lane x) {
    for (int i = 0; i < FE_LANES; i++) x[i] = sqrt(x[i]);
    return x;
}
static inline lane lane_fma(lane a, lane b, lane c) { /* exact without the instruction, and slow */
    for (int i = 0; i < FE_LANES; i++) c[i] = fma(a[i], b[i], c[i]);
    return c;
}
#endif
#endif

/* a where the mask is true, else b. */
static inline lane lane_select(lane_bits mask, lane a, lane b) {
    return lane_of_bits((mask & lane_to_bits(a)) | (~mask & lane_to_bits(b)));
}
static inline lane lane_max(lane a, lane b) { return lane_select(lane_less(a, b), b, a); }
static inline lane lane_min(lane a, lane b) { return lane_select(lane_less(b, a), b, a); }
static inline lane lane_abs(lane a) {
    return lane_of_bits(lane_to_bits(a) & (lane_bits)(lane_to_bits(lane_of(0.0)) + INT64_MAX));
}

/* e^x: x = k ln 2 + r, a polynomial of r, then the exponent. Below 1 ulp and a half; beyond +-700 it stays there. */
static inline lane lane_exp(lane x) {
    const lane limit = lane_of(700.0), magic = lane_of(0x1.8p52);
    x = lane_max(lane_min(x, limit), -limit);
    lane shifted = lane_fma(x, lane_of(0x1.71547652b82fep0), magic), k = shifted - magic;
    lane r = lane_fma(k, lane_of(-0x1.62e42fefa39efp-1), x);
    r = lane_fma(k, lane_of(-0x1.abc9e3b39803fp-56), r);
    lane p = lane_of(2.08767569878681e-09); /* 1/12! and so on down to 1/2! */
    p = lane_fma(p, r, lane_of(2.505210838544172e-08));
    p = lane_fma(p, r, lane_of(2.755731922398589e-07));
    p = lane_fma(p, r, lane_of(2.7557319223985893e-06));
    p = lane_fma(p, r, lane_of(2.48015873015873e-05));
    p = lane_fma(p, r, lane_of(1.984126984126984e-04));
    p = lane_fma(p, r, lane_of(1.388888888888889e-03));
    p = lane_fma(p, r, lane_of(8.333333333333333e-03));
    p = lane_fma(p, r, lane_of(4.1666666666666664e-02));
    p = lane_fma(p, r, lane_of(1.6666666666666666e-01));
    p = lane_fma(p, r, lane_of(0.5));
    p = lane_fma(p * r, r, r);
    p = p + 1.0;
    return lane_of_bits((lane_bits)((lane_words)lane_to_bits(p) + ((lane_words)lane_to_bits(shifted) << 52)));
}

/* ln x: x = 2^e m with m near 1, ln m by the series of atanh((m-1)/(m+1)). NaN at 0 and below, and what is not finite stays so. */
static inline lane lane_ln(lane x) {
    const lane_bits root_half = lane_to_bits(lane_of(0x1.6a09e667f3bcdp-1));
    const lane_bits zero = root_half ^ root_half, low52 = zero + 0xfffffffffffff;
    lane_bits shifted = (lane_bits)((lane_words)lane_to_bits(x) - (lane_words)root_half);
    lane_bits e = shifted >> 52; /* arithmetic */
    lane m = lane_of_bits((shifted & low52) + root_half);
    lane k = lane_of_bits(lane_to_bits(lane_of(0x1.8p52)) + e) - 0x1.8p52; /* e as a double */
    lane s = (m - 1.0) / (m + 1.0), z = s * s;
    lane p = lane_of(1.0 / 21);
    p = lane_fma(p, z, lane_of(1.0 / 19));
    p = lane_fma(p, z, lane_of(1.0 / 17));
    p = lane_fma(p, z, lane_of(1.0 / 15));
    p = lane_fma(p, z, lane_of(1.0 / 13));
    p = lane_fma(p, z, lane_of(1.0 / 11));
    p = lane_fma(p, z, lane_of(1.0 / 9));
    p = lane_fma(p, z, lane_of(1.0 / 7));
    p = lane_fma(p, z, lane_of(1.0 / 5));
    p = lane_fma(p, z, lane_of(1.0 / 3));
    lane series = 2.0 * s * z * p; /* 2 (s^3/3 + s^5/5 + ...) */
    lane twice = 2.0 * s;
    lane out = lane_fma(k, lane_of(0x1.62e42fefa39efp-1), lane_fma(k, lane_of(0x1.abc9e3b39803fp-56), series) + twice);
    lane_bits good = lane_less(lane_of(0.0), x) & lane_less(x, lane_of(INFINITY));
    return lane_select(good, out, lane_of(NAN));
}

#endif
#endif
