#define FE_LANES 1
#include "base/elementary.h"

#include "base/lane.h"

/* Half the work is fused multiply-adds. A program for any x86-64 calls the C library for each; the processor's own instruction gives the
 * same bits in a third of the time of the whole. */
#if defined(__x86_64__) && !defined(__FMA__)
#define FUSED __attribute__((target("fma"), flatten))
FUSED static double exp_fused(double x) { return lane_exp(x); }
FUSED static double ln_fused(double x) { return lane_ln(x); }
static int is_fused(void) { return __builtin_cpu_supports("fma"); }

double fe__exp(double x) { return is_fused() ? exp_fused(x) : lane_exp(x); }
double fe__ln(double x) { return is_fused() ? ln_fused(x) : lane_ln(x); }
#else
double fe__exp(double x) { return lane_exp(x); }
double fe__ln(double x) { return lane_ln(x); }
#endif
double fe__power(double base, double exponent) { return fe__exp(exponent * fe__ln(base)); }
