/* The most that fused multiply-adds of one instruction set reach on this core: the roof that a share of the peak is taken of. Included by
 * peak_<isa>.c, which sets FE_LANES and PEAK(name). */
#include "base/lane.h"
#include "isa.h"

/* Enough independent sums to fill the latency of the units, few enough for sixteen registers. */
enum { PEAK_SUMS = 12 };

double PEAK(bench_peak)(long rounds, double *sink) {
    lane sum[PEAK_SUMS];
    const lane x = lane_of(*sink), y = lane_of(1e-9);
    for (int i = 0; i < PEAK_SUMS; i++) sum[i] = lane_of(i);
    for (long r = 0; r < rounds; r++)
        for (int i = 0; i < PEAK_SUMS; i++) sum[i] = lane_fma(sum[i], x, y);
    for (int i = 0; i < PEAK_SUMS; i++)
        for (int l = 0; l < FE_LANES; l++) *sink += 1e-300 * lane_get(&sum[i], l);
    return 2.0 * PEAK_SUMS * FE_LANES * (double)rounds; /* operations done */
}
