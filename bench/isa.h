/* What the benchmark has once for each instruction set. */
#ifndef FE_BENCH_ISA_H
#define FE_BENCH_ISA_H

#include "solve/batch.h"

/* Methods that the batch solver could be made of: lanes, refill and steps as there, for the comparison of work and error only. */
typedef enum rival { RIVAL_RODAS4P, RIVAL_PAIR, RIVALS } rival;

/* scale as in fe__batch_scales. */
typedef void rival_solve(rival which, const double *scale, const batch_ask *ask, void *room, batch_counts *counts);
/* Runs `rounds` rounds of fused multiply-adds by *sink, near 1; how many floating-point operations that was. */
typedef double peak_run(long rounds, double *sink);

rival_solve bench_rival_avx512, bench_rival_avx2, bench_rival_neon, bench_rival_scalar;
size_t bench_rival_room_avx512(void), bench_rival_room_avx2(void), bench_rival_room_neon(void), bench_rival_room_scalar(void);
peak_run bench_peak_avx512, bench_peak_avx2, bench_peak_neon, bench_peak_scalar;

#endif
