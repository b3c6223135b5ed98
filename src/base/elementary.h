/* exp and ln with the same bits on every machine: those of base/lane.h, one number at a time. What a body or its random draws are made
 * with, so that patient k of a seed is the same patient anywhere. Their error is under 5e-16 relative. */
#ifndef FE_BASE_ELEMENTARY_H
#define FE_BASE_ELEMENTARY_H

double fe__exp(double x);                       /* stays at exp(+-700) beyond */
double fe__ln(double x);                        /* NaN at 0 and below */
double fe__power(double base, double exponent); /* base > 0 */

#endif
