/* Quantiles of many numbers: type 7 of Hyndman and Fan, "Sample quantiles in statistical packages", The American Statistician 50 (1996)
 * 361. Nothing here is NaN. */
#ifndef FE_INFER_QUANTILE_H
#define FE_INFER_QUANTILE_H

#include <stddef.h>
#include <stdint.h>

/* Quantile of sorted numbers, 1 or more. Between a number and an infinity it is the infinity. */
double fe__quantile_sorted(const double *sorted, size_t n, double q);

/* Room to find quantiles of n numbers in: [n] each. */
typedef struct quantile_room {
    double *spare;
    uint16_t *bins;
} quantile_room;

enum { QUANTILES_MAX = 8 };

/* Quantiles q[count] (ascending, at most QUANTILES_MAX) of v[n], n >= 1: the same bits as of v sorted. v is left in another order. */
void fe__quantiles_of(double *v, size_t n, const double *q, size_t count, const quantile_room *room, double *out);

#endif
