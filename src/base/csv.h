/* Bounded CSV reading (RFC 4180: quotes, doubled quotes, line ends inside quotes; a header row). */
#ifndef FE_BASE_CSV_H
#define FE_BASE_CSV_H

#include <stddef.h>

#include "base/arena.h"
#include "base/fault.h"

enum { CSV_MAX_BYTES = 64 * 1024 * 1024, CSV_MAX_COLUMNS = 128, CSV_MAX_ROWS = 2000000 };

typedef struct csv_table {
    size_t columns, rows; /* rows without the header */
    const char **header;  /* [columns] */
    const char **cells;   /* [rows * columns], "" when empty */
    size_t *line;         /* [rows]: line on which the row begins, from 1 */
} csv_table;

/* Reads into the arena of f. Faults: a ragged row, an open quote, a NUL byte, invalid UTF-8, a bound passed,
 * a duplicate or empty header. Returns a table (perhaps of no rows) in any case. */
csv_table fe__csv_read(faults *f, const char *text, size_t length);

/* Column by name, or -1. */
int fe__csv_column(const csv_table *t, const char *name);

/* Cell by row and column; "" when column is -1. */
const char *fe__csv_cell(const csv_table *t, size_t row, int column);

#endif
