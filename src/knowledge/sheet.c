#include "knowledge/sheet.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"
#include "knowledge/shape.h"

sheet fe__sheet(faults *f, const char *content, size_t size, const char *const *columns, size_t n) {
    assert(n <= SHEET_COLUMNS_MAX);
    sheet s = {.f = f, .columns = columns};
    size_t before = f->n + f->dropped;
    s.t = fe__csv_read(f, content, size);
    for (size_t i = 0; i < n; i++) {
        s.at[i] = fe__csv_column(&s.t, columns[i]);
        if (s.at[i] < 0 && f->n + f->dropped == before)
            fe__fault(f, "line 1", fe__printf(f->a, "a column \"%s\"", columns[i]), "nothing", NULL);
    }
    for (size_t i = 0; i < s.t.columns; i++) {
        size_t k = 0;
        while (k < n && s.at[k] != (int)i) k++;
        if (k == n)
            fe__fault(f, "line 1", fe__printf(f->a, "only the columns %s", fe__words_text(f->a, columns, n)), s.t.header[i],
                      NULL);
    }
    return s;
}

const char *fe__cell_line(const sheet *s, size_t row) { return fe__printf(s->f->a, "line %zu", s->t.line[row]); }

void fe__cell_fault(const sheet *s, size_t row, size_t column, const char *expected, const char *found, const char *hint) {
    fe__fault(s->f, fe__printf(s->f->a, "line %zu, %s", s->t.line[row], s->columns[column]), expected, found, hint);
}

const char *fe__cell(const sheet *s, size_t row, size_t column) { return fe__csv_cell(&s->t, row, s->at[column]); }

const char *fe__cell_must(const sheet *s, size_t row, size_t column) {
    const char *cell = fe__cell(s, row, column);
    if (!*cell && s->at[column] >= 0) fe__cell_fault(s, row, column, "text", "an empty cell", NULL);
    return cell;
}

double fe__cell_number(const sheet *s, size_t row, size_t column, double absent) {
    const char *cell = fe__cell(s, row, column);
    double v = absent;
    if (*cell && !fe__number_parse(cell, &v)) fe__cell_fault(s, row, column, "number", cell, NULL);
    return v;
}

int fe__cell_word(const sheet *s, size_t row, size_t column, int absent, const char *const *words, size_t n) {
    const char *cell = fe__cell(s, row, column);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(cell, words[i]) == 0) return (int)i;
    }
    if (s->at[column] >= 0) fe__cell_fault(s, row, column, fe__words_text(s->f->a, words, n), cell, NULL);
    return absent;
}

const char *const *fe__cell_list(const sheet *s, size_t row, size_t column, size_t *n) {
    return (const char *const *)fe__split(s->f->a, fe__cell(s, row, column), ';', n);
}
