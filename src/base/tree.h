/* A JSON document as a tree in an arena, for reading only.
 *
 * Jansson checks every JSON text that comes from outside. What it has checked already (the knowledge, at build time) is read again at every
 * start of the program; there its hash tables and allocations are most of the time that an answer takes (docs/performance.md). This reader
 * does nothing but follow text that is known to be sound. */
#ifndef FE_BASE_TREE_H
#define FE_BASE_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

typedef enum tree_kind { TREE_NULL, TREE_FALSE, TREE_TRUE, TREE_NUMBER, TREE_TEXT, TREE_ARRAY, TREE_OBJECT } tree_kind;

typedef struct tree tree;
struct tree {
    const char *key;  /* of a member; NULL otherwise */
    unsigned kind, n; /* tree_kind; elements or members */
    union {
        const char *text; /* TREE_TEXT; NUL-terminated */
        double number;
        const tree *items; /* TREE_ARRAY, TREE_OBJECT: in the order of the text */
    };
};

/* `json` must be text that fe__json_read accepts. The tree lives as long as the arena. */
const tree *fe__tree_parse(arena *a, const char *json);

/* All of these take NULL, and answer for the wrong kind with NULL, 0 or false. */
const tree *fe__tree_get(const tree *object, const char *key);
const tree *fe__tree_element(const tree *array, size_t i);
size_t fe__tree_length(const tree *array);
size_t fe__tree_size(const tree *object);
const char *fe__tree_text(const tree *t);
double fe__tree_number(const tree *t); /* 0 when it is none */
bool fe__tree_is(const tree *t, tree_kind kind);

/* A short description for the `found` of a fault, as fe__json_found gives it. */
const char *fe__tree_found(arena *a, const tree *t);

#endif
