/* Reading JSON objects whose keys are known: a missing key, an unknown one, a wrong type and a number out of range are
 * faults with their place; reading goes on with a harmless value.
 *
 *     shape o = fe__shape(f, json, at);
 *     row->id = fe__take_text(&o, "id", MUST);
 *     fe__shape_done(&o);                       // every other key is unknown
 *
 * A key is taken at most once. With MAY, null and absent are the same; SOME is a list that must be there and not empty. */
#ifndef FE_KNOWLEDGE_SHAPE_H
#define FE_KNOWLEDGE_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/fault.h"
#include "base/tree.h"

/* Where something stands: a chain on the stack, written out only when there is a fault. */
typedef struct place {
    const struct place *up; /* NULL: the root */
    const char *key;        /* root: the pointer so far; NULL: an element */
    size_t index;
} place;

place fe__place(const char *pointer);
place fe__place_key(const place *up, const char *key);
place fe__place_index(const place *up, size_t index);
const char *fe__place_text(arena *a, const place *p);

typedef enum take { MAY, MUST, SOME } take;

enum { SHAPE_KEYS_MAX = 48 };

typedef struct shape {
    faults *f;
    const tree *json; /* NULL when it is no object: then nothing more is reported of it */
    const place *at;
    size_t present; /* how many of the asked keys were there */
    const char *asked[SHAPE_KEYS_MAX];
    size_t asked_n;
} shape;

shape fe__shape(faults *f, const tree *json, const place *at);
void fe__shape_done(shape *o);

/* A fault at a key of the object (NULL: at the object). */
void fe__shape_fault(shape *o, const char *key, const char *expected, const char *found, const char *hint);

/* The value, NULL when absent or null. */
const tree *fe__take(shape *o, const char *key, take how, const char *expected);
const tree *fe__take_list(shape *o, const char *key, take how);

/* A copy; NULL when absent (MUST: "" after the fault). An empty text is a fault. */
const char *fe__take_text(shape *o, const char *key, take how);
const char *fe__take_text_or(shape *o, const char *key, const char *absent);

/* From low to high; `absent` when it is not there or faulty. */
double fe__take_number(shape *o, const char *key, take how, double absent, double low, double high);
bool fe__take_yes(shape *o, const char *key, take how, bool absent);

/* Index in a list of words; `absent` when it is not there or faulty. */
int fe__take_word(shape *o, const char *key, take how, int absent, const char *const *words, size_t n);

const char *const *fe__take_texts(shape *o, const char *key, take how, size_t *n);
const double *fe__take_numbers(shape *o, const char *key, take how, size_t *n, double low, double high);

/* A key that may be there and is not used by the program (notes, codes). */
void fe__take_none(shape *o, const char *key);

/* "a | b | c", for the expected of a fault. */
const char *fe__words_text(arena *a, const char *const *words, size_t n);

#endif
