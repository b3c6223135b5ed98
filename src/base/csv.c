/* One pass over the text. All cells lie in one buffer: a cell is never longer than its text, and its NUL takes the
 * place of the separator behind it, so the buffer is as long as the file and one byte. */
#include "base/csv.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

typedef struct reader {
    faults *f;
    const char *s, *end;
    char *out;
    size_t line;
} reader;

typedef enum cell_end { CELL_MORE, CELL_LAST, CELL_BROKEN } cell_end;

/* A row under way: the first cells, and how many there were. */
typedef struct row {
    const char *cells[CSV_MAX_COLUMNS];
    size_t n, line;
    bool is_blank; /* a line with nothing on it */
} row;

static void fault_at(faults *f, size_t line, const char *expected, const char *found, const char *hint) {
    fe__fault(f, fe__printf(f->a, "line %zu", line), expected, found, hint);
}

/* CR, LF or both; true when one was there. */
static bool line_end(reader *r) {
    const char *from = r->s;
    if (r->s < r->end && *r->s == '\r') r->s++;
    if (r->s < r->end && *r->s == '\n') r->s++;
    if (r->s == from) return false;
    r->line++;
    return true;
}

/* What stands behind a cell. */
static cell_end separator(reader *r) {
    if (r->s == r->end) return CELL_LAST;
    if (*r->s == ',') {
        r->s++;
        return CELL_MORE;
    }
    return line_end(r) ? CELL_LAST : CELL_BROKEN;
}

static cell_end plain_cell(reader *r) {
    const char *from = r->s;
    while (r->s < r->end && *r->s != ',' && *r->s != '\r' && *r->s != '\n') r->s++;
    size_t n = (size_t)(r->s - from);
    memcpy(r->out, from, n);
    r->out += n;
    *r->out++ = 0;
    return separator(r);
}

static cell_end quoted_cell(reader *r) {
    size_t begin = r->line;
    for (r->s++; r->s < r->end;) {
        if (*r->s == '"') {
            r->s++;
            if (r->s == r->end || *r->s != '"') {
                *r->out++ = 0;
                cell_end end = separator(r);
                if (end == CELL_BROKEN) {
                    fault_at(r->f, r->line, "a comma or the end of the line behind a closing quote",
                             fe__strndup(r->f->a, r->s, 1), "double a quote that belongs to the text");
                }
                return end;
            }
        } else if (*r->s == '\n' || (*r->s == '\r' && (r->s + 1 == r->end || r->s[1] != '\n'))) {
            r->line++;
        }
        *r->out++ = *r->s++;
    }
    fault_at(r->f, begin, "a closing quote", "an open quote", "close it, or double a quote that belongs to the text");
    return CELL_BROKEN;
}

/* The next row; false at the end of the text or when it cannot be read on. */
static bool next_row(reader *r, row *out) {
    if (r->s == r->end) return false;
    out->n = 0;
    out->line = r->line;
    out->is_blank = *r->s == '\n' || *r->s == '\r';
    for (cell_end end = CELL_MORE; end == CELL_MORE; out->n++) {
        const char *cell = r->out;
        end = r->s < r->end && *r->s == '"' ? quoted_cell(r) : plain_cell(r);
        if (end == CELL_BROKEN) return false;
        if (out->n < CSV_MAX_COLUMNS) out->cells[out->n] = cell;
    }
    return true;
}

/* Whether the bytes may be read at all. */
static bool is_readable(faults *f, const char *s, size_t length) {
    if (length > CSV_MAX_BYTES) {
        fault_at(f, 1, fe__printf(f->a, "at most %d bytes", CSV_MAX_BYTES), fe__printf(f->a, "%zu bytes", length), NULL);
        return false;
    }
    size_t line = 1;
    for (size_t i = 0, n; i < length; i += n, line++) { /* line by line, to tell which */
        const char *end = memchr(s + i, '\n', length - i);
        n = end ? (size_t)(end - (s + i)) + 1 : length - i;
        if (memchr(s + i, 0, n)) {
            fault_at(f, line, "text", "a NUL byte", "save the file as CSV in UTF-8");
            return false;
        }
        if (!fe__utf8_valid(s + i, n)) {
            fault_at(f, line, "UTF-8", fe__strndup(f->a, s + i, n < 80 ? n : 80), "save the file as CSV in UTF-8");
            return false;
        }
    }
    return true;
}

static bool read_header(reader *r, row *one, csv_table *t) {
    arena *a = r->f->a;
    size_t before = r->f->n + r->f->dropped;
    do {
        if (!next_row(r, one)) {
            if (r->f->n + r->f->dropped == before) fault_at(r->f, r->line, "a header row", NULL, NULL);
            return false;
        }
    } while (one->is_blank);
    if (one->n > CSV_MAX_COLUMNS) {
        fault_at(r->f, one->line, fe__printf(a, "at most %d columns", CSV_MAX_COLUMNS), fe__printf(a, "%zu columns", one->n),
                 NULL);
        return false;
    }
    t->header = FE_NEW_ARRAY(a, const char *, one->n);
    for (size_t i = 0; i < one->n; i++) {
        const char *name = one->cells[i];
        const char *place = fe__printf(a, "line %zu, column %zu", one->line, i + 1);
        if (!*name) fe__fault(r->f, place, "a column name", NULL, NULL);
        else if (fe__csv_column(t, name) >= 0) fe__fault(r->f, place, "a column name that is not there yet", name, NULL);
        t->header[i] = name;
        t->columns = i + 1;
    }
    return true;
}

static void read_rows(reader *r, row *one, csv_table *t) {
    arena *a = r->f->a;
    size_t n = 0, cap = 0, rows = 0, rows_cap = 0;
    while (next_row(r, one)) {
        if (one->is_blank) continue;
        if (one->n != t->columns) {
            fault_at(r->f, one->line, fe__printf(a, "%zu cells, as the header has", t->columns), fe__printf(a, "%zu", one->n),
                     "put a cell with a comma in double quotes");
            continue;
        }
        if (rows == CSV_MAX_ROWS) {
            fault_at(r->f, one->line, fe__printf(a, "at most %d rows", CSV_MAX_ROWS), "more rows", NULL);
            break;
        }
        *FE_PUSH(a, t->line, rows, rows_cap) = one->line;
        for (size_t i = 0; i < one->n; i++) *FE_PUSH(a, t->cells, n, cap) = one->cells[i];
    }
    t->rows = rows;
}

csv_table fe__csv_read(faults *f, const char *s, size_t length) {
    static const char mark[] = "\xEF\xBB\xBF"; /* spreadsheets write it before UTF-8 */
    csv_table t = {0};
    if (!is_readable(f, s, length)) return t;
    reader r = {.f = f, .s = s, .end = s + length, .line = 1};
    if (length >= 3 && memcmp(s, mark, 3) == 0) r.s += 3;
    r.out = fe__alloc(f->a, length + 1);
    row one;
    if (read_header(&r, &one, &t)) read_rows(&r, &one, &t);
    return t;
}

int fe__csv_column(const csv_table *t, const char *name) {
    for (size_t i = 0; i < t->columns; i++) {
        if (fe__streq(t->header[i], name)) return (int)i;
    }
    return -1;
}

const char *fe__csv_cell(const csv_table *t, size_t at, int column) {
    return column < 0 ? "" : t->cells[at * t->columns + (size_t)column];
}
