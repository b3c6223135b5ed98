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
static inline lane lane_fma(lane a, lane b, lane c) { return a * b + c; }

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
static inline lane lane_max(lane a, lane b) { return a < b ? b : a; }
static inline lane lane_min(lane a, lane b) { return b < a ? b : a; }
static inline lane lane_where_positive(lane x, lane a) { return x > 0 ? a : (double)NAN; }
#define LANE_HAS_EXTREMES

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

#if FE_LANES == 8 && defined(__AVX512F__)
static inline lane lane_sqrt(lane x) { return (lane)_mm512_sqrt_pd((__m512d)x); }
static inline lane lane_fma(lane a, lane b, lane c) { return (lane)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c); }
static inline lane lane_max(lane a, lane b) { return (lane)_mm512_max_pd((__m512d)b, (__m512d)a); }
static inline lane lane_min(lane a, lane b) { return (lane)_mm512_min_pd((__m512d)b, (__m512d)a); }
static inline lane lane_where_positive(lane x, lane a) {
    const __m512d nan = _mm512_set1_pd(NAN);
    return (lane)_mm512_mask_mov_pd(nan, _mm512_cmp_pd_mask((__m512d)x, _mm512_setzero_pd(), _CMP_GT_OQ), (__m512d)a);
}
#define LANE_HAS_EXTREMES
#elif FE_LANES == 4 && defined(__AVX2__)
static inline lane lane_sqrt(lane x) { return (lane)_mm256_sqrt_pd((__m256d)x); }
static inline lane lane_fma(lane a, lane b, lane c) { return (lane)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c); }
static inline lane lane_max(lane a, lane b) { return (lane)_mm256_max_pd((__m256d)b, (__m256d)a); }
static inline lane lane_min(lane a, lane b) { return (lane)_mm256_min_pd((__m256d)b, (__m256d)a); }
static inline lane lane_where_positive(lane x, lane a) {
    const __m256d nan = _mm256_set1_pd(NAN);
    return (lane)_mm256_blendv_pd(nan, (__m256d)a, _mm256_cmp_pd((__m256d)x, _mm256_setzero_pd(), _CMP_GT_OQ));
}
#define LANE_HAS_EXTREMES
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

/* One of the numbers of *x, in memory: gcc would store a whole register first to take one out of it. */
static inline double lane_get(const lane *x, int i) {
    double v;
    memcpy(&v, (const char *)x + sizeof v * (size_t)i, sizeof v);
    return v;
}
static inline void lane_set(lane *x, int i, double v) { memcpy((char *)x + sizeof v * (size_t)i, &v, sizeof v); }

/* x in a register, for what uses it more than once: gcc would load it from memory each time. */
static inline lane lane_held(lane x) {
#if defined(__x86_64__) && FE_LANES > 1
    __asm__("" : "+v"(x));
#elif defined(__x86_64__)
    __asm__("" : "+x"(x));
#elif defined(__aarch64__)
    __asm__("" : "+w"(x));
#endif
    return x;
}

/* a where the mask is true, else b. */
static inline lane lane_select(lane_bits mask, lane a, lane b) {
    return lane_of_bits((mask & lane_to_bits(a)) | (~mask & lane_to_bits(b)));
}
#ifndef LANE_HAS_EXTREMES
static inline lane lane_max(lane a, lane b) { return lane_select(lane_less(a, b), b, a); } /* a when either is NaN */
static inline lane lane_min(lane a, lane b) { return lane_select(lane_less(b, a), b, a); }
static inline lane lane_where_positive(lane x, lane a) { /* a, NaN where x is not above 0 */
    return lane_select(lane_less(lane_of(0.0), x), a, lane_of(NAN));
}
#endif
static inline lane lane_abs(lane a) {
    return lane_of_bits(lane_to_bits(a) & (lane_bits)(lane_to_bits(lane_of(0.0)) + INT64_MAX));
}

/* Sums of powers below go in pairs (Estrin), not one after the other (Horner): an instruction or two more, half the wait. Coefficients
 * interpolate the functions at Chebyshev nodes, to 2e-17.
 *
 * e^x: x = k ln 2 + r, e^r = 1 + r + r^2 p(r), then the exponent. Below 1 ulp and a half; beyond +-700 it stays there. */
static inline lane lane_exp(lane x) {
    const lane limit = lane_of(700.0), magic = lane_of(0x1.8p52);
    x = lane_max(lane_min(x, limit), -limit);
    lane shifted = lane_fma(x, lane_of(0x1.71547652b82fep0), magic), k = shifted - magic;
    lane r = lane_fma(k, lane_of(-0x1.62e42fefa39efp-1), x);
    r = lane_fma(k, lane_of(-0x1.abc9e3b39803fp-56), r);
    lane r2 = r * r, r4 = r2 * r2;
    lane p01 = lane_fma(r, lane_of(0.16666666666666669), lane_of(0.5000000000000001));
    lane p23 = lane_fma(r, lane_of(0.008333333333330062), lane_of(0.04166666666662413));
    lane p45 = lane_fma(r, lane_of(0.00019841269863053618), lane_of(0.0013888888917213717));
    lane p67 = lane_fma(r, lane_of(2.7557268459997064e-06), lane_of(2.4801521295954376e-05));
    lane p89 = lane_fma(r, lane_of(2.510038549551032e-08), lane_of(2.7620088445409746e-07));
    lane low = lane_fma(p23, r2, p01), high = lane_fma(p89, r4, lane_fma(p67, r2, p45));
    lane e = lane_fma(lane_fma(high, r4, low), r2, r) + 1.0;
    return lane_of_bits((lane_bits)((lane_words)lane_to_bits(e) + ((lane_words)lane_to_bits(shifted) << 52)));
}

/* ln x: x = 2^e m with m in [sqrt(1/2), sqrt 2), ln m = 2 atanh s = 2 (s + s^3 p(s^2)), s = (m-1)/(m+1). NaN at 0 and below, and what is not
 * finite is NaN. */
static inline lane lane_ln(lane x) {
    const lane_bits root_half = lane_to_bits(lane_of(0x1.6a09e667f3bcdp-1)), low52 = lane_to_bits(lane_of(0.0)) + 0xfffffffffffff;
    const lane_bits magic = lane_to_bits(lane_of(0x1.8p52));
    lane_bits shifted = (lane_bits)((lane_words)lane_to_bits(x) - (lane_words)root_half);
    lane m = lane_of_bits((shifted & low52) + root_half),
         k = lane_of_bits(magic + (shifted >> 52)) - 0x1.8p52; /* e as a double */
    lane s = (m - 1.0) / (m + 1.0), z = s * s, z2 = z * z;
    lane p01 = lane_fma(z, lane_of(0.19999999999949722), lane_of(0.3333333333333335));
    lane p23 = lane_fma(z, lane_of(0.11111105565129939), lane_of(0.14285714313001635));
    lane p45 = lane_fma(z, lane_of(0.07665855309105386), lane_of(0.09091444727837474));
    lane high = lane_fma(lane_fma(lane_of(0.07308292712444311), z2, p45), z2, p23);
    lane twice = s + s, series = twice * z * lane_fma(high, z2, p01); /* 2 (s^3/3 + s^5/5 + ...) */
    lane out = lane_fma(k, lane_of(0x1.62e42fefa39efp-1), lane_fma(k, lane_of(0x1.abc9e3b39803fp-56), series) + twice);
    return lane_where_positive(x, out) + (x - x);
}

#endif
#endif
