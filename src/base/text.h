/* Small text helpers: a growing buffer, number formatting and reading, string tables. */
#ifndef FE_BASE_TEXT_H
#define FE_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

typedef struct text {
    arena *a;
    char *s; /* always NUL-terminated once something was added; "" before */
    size_t n, cap;
} text;

void fe__text_init(text *t, arena *a);
void fe__text_add(text *t, const char *s);
void fe__text_addn(text *t, const char *s, size_t n);
void fe__text_addf(text *t, const char *format, ...);

/* A finite decimal number, whole text, C locale whatever the process's locale; no hex, inf, nan. */
bool fe__number_parse(const char *s, double *value);

/* "80g/L", "8.9 g/dL", "80": the leading number and the rest (unit, "" when none). False when there is no number. */
bool fe__number_unit_parse(arena *a, const char *s, double *value, const char **unit);

/* A number for people: at most `decimals` decimals, trailing zeros cut: 12, 12.5, 0.05. */
const char *fe__number_text(arena *a, double v, int decimals);

bool fe__streq(const char *a, const char *b); /* NULL equals only NULL */

/* Splits at a separator, trims blanks, drops empty parts. */
char **fe__split(arena *a, const char *s, char separator, size_t *n);

/* The candidate nearest to `word` by edit distance (at most a third of its length), or NULL: "did you mean". */
const char *fe__nearest(const char *word, const char *const *candidates, size_t n);

/* Characters (not bytes) of a UTF-8 text; whether the bytes are valid UTF-8. */
size_t fe__utf8_length(const char *s);
bool fe__utf8_valid(const char *s, size_t n);

/* Bytes of the character that begins at s (n bytes remain), 0 when the bytes are none. *is_shown: whether a screen shows it rather than
 * obeys it; control characters, line ends and changes of direction are obeyed. */
size_t fe__character(const char *s, size_t n, bool *is_shown);
/* Valid UTF-8, every character shown. */
bool fe__is_printable(const char *s);

#endif
