#define FE_LANES 1
#include "base/elementary.h"

#include "base/lane.h"

double fe__exp(double x) { return lane_exp(x); }
double fe__ln(double x) { return lane_ln(x); }
double fe__power(double base, double exponent) { return fe__exp(exponent * fe__ln(base)); }
