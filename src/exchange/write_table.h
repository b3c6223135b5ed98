/* A table of an answer that may be long: rows go out as CSV while the work goes on, or stand in the answer as arrays, a column each. */
#ifndef FE_EXCHANGE_WRITE_TABLE_H
#define FE_EXCHANGE_WRITE_TABLE_H

#include "base/text.h"
#include "exchange/door.h"

enum { TABLE_COLUMNS_MAX = 64 };

typedef struct table_out {
    asking *q;
    int which; /* as ferrule.h numbers tables */
    const char *const *names;
    size_t n, at; /* columns; the next cell of the row */
    text csv;     /* of the rows since the last fe__table_send; NULL buffer when the answer holds the table */
    json_t *columns[TABLE_COLUMNS_MAX];
} table_out;

/* names[n]: the header, which goes out at once. */
void fe__table_begin(table_out *t, asking *q, int which, const char *const *names, size_t n);

/* The cells of a row, in the order of the names; NaN and NULL are empty cells. */
void fe__table_number(table_out *t, double v);
void fe__table_text(table_out *t, const char *s);

/* Sends the rows so far; what they were made of may be forgotten. */
void fe__table_send(table_out *t);

/* Puts the table into the answer when nobody took it as CSV. */
void fe__table_end(table_out *t, const char *key);

#endif
