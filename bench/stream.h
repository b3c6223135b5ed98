/* Endpoint summaries of very many virtual patients in a stream: what a trial does. */
#ifndef FE_BENCH_STREAM_H
#define FE_BENCH_STREAM_H

#include "cases.h"

/* Makes and plays n virtual patients of all populations through the course of cases.h and prints the table of their endpoints, how long it
 * took, and the most memory held; progress on standard error; figures to `path` as rows.h writes them. An exit status: also 1 when more than
 * 64 MiB were resident. */
int bench_endpoints(arena *a, const model_data *m, size_t n, double rtol, int threads, const char *path);

#endif
