/* Reading a CSV file of data/ whose columns are known: missing and unknown columns and faulty cells are faults with their
 * line and column; reading goes on with a harmless value. */
#ifndef FE_KNOWLEDGE_SHEET_H
#define FE_KNOWLEDGE_SHEET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/csv.h"
#include "base/fault.h"

enum { SHEET_COLUMNS_MAX = 24 };

typedef struct sheet {
    faults *f;
    csv_table t;
    const char *const *columns;
    int at[SHEET_COLUMNS_MAX]; /* column of the file, -1 when missing */
} sheet;

/* The columns are those of the file, all of them, in any order. Rows: s.t.rows. */
sheet fe__sheet(faults *f, const char *content, size_t size, const char *const *columns, size_t n);

void fe__cell_fault(const sheet *s, size_t row, size_t column, const char *expected, const char *found, const char *hint);
const char *fe__cell_line(const sheet *s, size_t row); /* "line 3" */

const char *fe__cell(const sheet *s, size_t row, size_t column);
const char *fe__cell_must(const sheet *s, size_t row, size_t column); /* not empty */
double fe__cell_number(const sheet *s, size_t row, size_t column, double absent);
int fe__cell_word(const sheet *s, size_t row, size_t column, int absent, const char *const *words, size_t n);
const char *const *fe__cell_list(const sheet *s, size_t row, size_t column, size_t *n); /* parted by ";" */

#endif
