/* The rows of a file like build/bench.json: {name, value, unit, ratio_to, ratio}. */
#ifndef FE_BENCH_ROWS_H
#define FE_BENCH_ROWS_H

#include <stdbool.h>
#include <stdio.h>

typedef struct rows {
    FILE *f;
    bool any;
} rows;

/* False, having said so, when the file cannot be written. */
bool rows_open(rows *out, const char *path);
void rows_close(rows *out);

/* ratio is value over the value of ratio_to (NULL: there is none): for rates, how many times faster. A value that is not finite is left
 * out. */
void rows_add(rows *out, const char *name, double value, const char *unit, const char *ratio_to, double ratio);

#endif
