/* Words and the rows they name: one hash table for every look-up of the knowledge. */
#ifndef FE_KNOWLEDGE_NAMES_H
#define FE_KNOWLEDGE_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* Row i is the i-th word that was added. Words are kept, not copied. */
typedef struct names {
    arena *a;
    const char **word;
    int *next; /* [rows]: the next row in the same slot, -1 */
    int *slot; /* [slots]: first row, -1 */
    size_t n, cap, slots;
} names;

void fe__names_init(names *t, arena *a);

/* Adds a word as the next row; a word may be there more than once. */
void fe__names_add(names *t, const char *word);

/* Lowest row of the word after row `after` (-1: the first of all), or -1. */
int fe__names_next(const names *t, const char *word, int after);

/* The only or first row of the word, or -1. */
int fe__names_find(const names *t, const char *word);

/* The nearest of the words, as a hint ("did you mean"), or NULL. */
const char *fe__names_hint(arena *a, const names *t, const char *word);

#endif
