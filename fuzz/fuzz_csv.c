/* Any bytes as a CSV file: whatever comes of it, every cell that the table promises is a text. */
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/text.h"

static void check(int holds) {
    if (!holds) abort();
}

static void check_table(const csv_table *t, const faults *f) {
    check(t->columns <= CSV_MAX_COLUMNS && t->rows <= CSV_MAX_ROWS);
    check(t->columns > 0 || f->n > 0);
    for (size_t i = 0; i < t->columns; i++) check(f->n > 0 || fe__csv_column(t, t->header[i]) == (int)i);
    for (size_t row = 0; row < t->rows; row++) {
        check(row == 0 ? t->line[0] > 1 : t->line[row] > t->line[row - 1]);
        for (size_t i = 0; i < t->columns; i++) {
            const char *cell = fe__csv_cell(t, row, (int)i);
            check(fe__utf8_valid(cell, strlen(cell)));
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    arena *a = fe__arena_new(0);
    check(a != NULL);
    if (setjmp(*fe__arena_escape(a))) abort(); /* memory ended */
    faults f;
    fe__faults_init(&f, a, "-");
    csv_table t = fe__csv_read(&f, (const char *)data, size);
    check_table(&t, &f);
    fe__arena_free(a);
    return 0;
}
