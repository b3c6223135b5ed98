/* Chained hashing. A slot's chain runs in the order of rows, so that a word that is there twice gives its first row
 * first. */
#include "knowledge/names.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"

enum { SLOTS_FIRST = 64 };

/* FNV-1a, 32 bits. */
static size_t hash(const char *s) {
    uint32_t h = 2166136261u;
    for (; *s; s++) h = (h ^ (unsigned char)*s) * 16777619u;
    return h;
}

static void hang(names *t, size_t row) {
    int *at = &t->slot[hash(t->word[row]) & (t->slots - 1)];
    while (*at >= 0) at = &t->next[*at];
    *at = (int)row;
    t->next[row] = -1;
}

/* Twice the slots, and every row hung anew. */
static void widen(names *t) {
    t->slots = t->slots ? 2 * t->slots : SLOTS_FIRST;
    t->slot = FE_NEW_ARRAY(t->a, int, t->slots);
    for (size_t i = 0; i < t->slots; i++) t->slot[i] = -1;
    int *next = FE_NEW_ARRAY(t->a, int, t->slots);
    const char **word = FE_NEW_ARRAY(t->a, const char *, t->slots);
    if (t->n) memcpy(word, t->word, t->n * sizeof *word);
    t->next = next;
    t->word = word;
    t->cap = t->slots;
    for (size_t i = 0; i < t->n; i++) hang(t, i);
}

void fe__names_init(names *t, arena *a) {
    *t = (names){.a = a};
    widen(t);
}

void fe__names_add(names *t, const char *word) {
    if (t->n == t->cap) widen(t);
    t->word[t->n] = word;
    hang(t, t->n++);
}

int fe__names_next(const names *t, const char *word, int after) {
    for (int i = t->slot[hash(word) & (t->slots - 1)]; i >= 0; i = t->next[i]) {
        if (i > after && strcmp(t->word[i], word) == 0) return i;
    }
    return -1;
}

int fe__names_find(const names *t, const char *word) {
    if (!word) return -1;
    return fe__names_next(t, word, -1);
}

const char *fe__names_hint(arena *a, const names *t, const char *word) {
    const char *near = fe__nearest(word, t->word, t->n);
    return near ? fe__printf(a, "did you mean \"%s\"?", near) : NULL;
}
