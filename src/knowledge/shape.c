#include "knowledge/shape.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"

/* ---- places ---- */

place fe__place(const char *pointer) { return (place){.key = pointer}; }

place fe__place_key(const place *up, const char *key) { return (place){.up = up, .key = key}; }

place fe__place_index(const place *up, size_t index) { return (place){.up = up, .index = index}; }

const char *fe__place_text(arena *a, const place *p) {
    if (!p->up) return p->key;
    const char *up = fe__place_text(a, p->up);
    return p->key ? fe__ptr(a, up, p->key) : fe__ptr_index(a, up, p->index);
}

/* ---- objects ---- */

static void fault_at(faults *f, const place *at, const char *expected, const char *found, const char *hint) {
    fe__fault(f, fe__place_text(f->a, at), expected, found, hint);
}

shape fe__shape(faults *f, const tree *json, const place *at) {
    shape o = {.f = f, .json = json, .at = at};
    if (!fe__tree_is(json, TREE_OBJECT)) {
        fault_at(f, at, "object", fe__tree_found(f->a, json), NULL);
        o.json = NULL;
    }
    return o;
}

void fe__shape_fault(shape *o, const char *key, const char *expected, const char *found, const char *hint) {
    place at = fe__place_key(o->at, key);
    fault_at(o->f, key ? &at : o->at, expected, found, hint);
}

static void wrong(shape *o, const char *key, const char *expected, const tree *value) {
    fe__shape_fault(o, key, expected, fe__tree_found(o->f->a, value), NULL);
}

void fe__shape_done(shape *o) {
    if (!o->json || o->present == fe__tree_size(o->json)) return;
    for (size_t i = 0; i < fe__tree_size(o->json); i++) {
        const char *key = o->json->items[i].key;
        size_t k = 0;
        while (k < o->asked_n && strcmp(key, o->asked[k]) != 0) k++;
        if (k < o->asked_n) continue;
        const char *near = fe__nearest(key, o->asked, o->asked_n);
        fe__shape_fault(o, key, "no such key here", fe__tree_found(o->f->a, &o->json->items[i]),
                        near ? fe__printf(o->f->a, "did you mean \"%s\"?", near) : NULL);
    }
}

const tree *fe__take(shape *o, const char *key, take how, const char *expected) {
    assert(o->asked_n < SHAPE_KEYS_MAX);
    o->asked[o->asked_n++] = key;
    if (!o->json) return NULL;
    const tree *value = fe__tree_get(o->json, key);
    if (value) o->present++;
    if (value && !fe__tree_is(value, TREE_NULL)) return value;
    if (how != MAY) fe__shape_fault(o, key, expected, value ? "null" : "nothing", NULL);
    return NULL;
}

void fe__take_none(shape *o, const char *key) { fe__take(o, key, MAY, NULL); }

const tree *fe__take_list(shape *o, const char *key, take how) {
    const tree *value = fe__take(o, key, how, "array");
    if (!value) return NULL;
    if (!fe__tree_is(value, TREE_ARRAY)) {
        wrong(o, key, "array", value);
        return NULL;
    }
    if (how == SOME && fe__tree_length(value) == 0) {
        fe__shape_fault(o, key, "at least one element", "an empty array", NULL);
    }
    return value;
}

static const char *text_of(shape *o, const char *key, const tree *value) {
    if (!fe__tree_is(value, TREE_TEXT)) {
        wrong(o, key, "text", value);
        return NULL;
    }
    const char *s = fe__tree_text(value);
    if (*s) return s;
    fe__shape_fault(o, key, "text that is not empty", "\"\"", "write null where there is none");
    return NULL;
}

const char *fe__take_text(shape *o, const char *key, take how) {
    const tree *value = fe__take(o, key, how, "text");
    const char *s = value ? text_of(o, key, value) : NULL;
    return s || how == MAY ? s : "";
}

const char *fe__take_text_or(shape *o, const char *key, const char *absent) {
    const char *s = fe__take_text(o, key, MAY);
    return s ? s : absent;
}

static const char *range_text(arena *a, double low, double high) {
    if (isinf(low) && isinf(high)) return "number";
    if (isinf(high)) return fe__printf(a, "number from %g", low);
    return fe__printf(a, "number from %g to %g", low, high);
}

static bool number_of(shape *o, const char *key, const tree *value, double low, double high, double *number) {
    double v = fe__tree_number(value);
    if (!fe__tree_is(value, TREE_NUMBER) || v < low || v > high) {
        wrong(o, key, range_text(o->f->a, low, high), value);
        return false;
    }
    *number = v;
    return true;
}

double fe__take_number(shape *o, const char *key, take how, double absent, double low, double high) {
    const tree *value = fe__take(o, key, how, "number");
    double v = absent;
    if (value) number_of(o, key, value, low, high, &v);
    return v;
}

bool fe__take_yes(shape *o, const char *key, take how, bool absent) {
    const tree *value = fe__take(o, key, how, "true | false");
    if (!value) return absent;
    if (!(fe__tree_is(value, TREE_TRUE) || fe__tree_is(value, TREE_FALSE))) wrong(o, key, "true | false", value);
    return fe__tree_is(value, TREE_TRUE);
}

const char *fe__words_text(arena *a, const char *const *words, size_t n) {
    text t;
    fe__text_init(&t, a);
    for (size_t i = 0; i < n; i++) {
        if (i) fe__text_add(&t, " | ");
        fe__text_add(&t, words[i]);
    }
    return t.s;
}

int fe__take_word(shape *o, const char *key, take how, int absent, const char *const *words, size_t n) {
    const tree *value = fe__take(o, key, how, "word");
    if (!value) return absent;
    const char *s = fe__tree_text(value);
    for (size_t i = 0; s && i < n; i++) {
        if (strcmp(s, words[i]) == 0) return (int)i;
    }
    arena *a = o->f->a;
    const char *near = s ? fe__nearest(s, words, n) : NULL;
    fe__shape_fault(o, key, fe__words_text(a, words, n), fe__tree_found(a, value),
                    near ? fe__printf(a, "did you mean \"%s\"?", near) : NULL);
    return absent;
}

/* Element i of a list, for faults of its own place. */
static shape element(shape *o, const place *list, size_t i, place *at) {
    *at = fe__place_index(list, i);
    return (shape){.f = o->f, .at = at};
}

const char *const *fe__take_texts(shape *o, const char *key, take how, size_t *n) {
    const tree *list = fe__take_list(o, key, how);
    place list_at = fe__place_key(o->at, key), at;
    *n = 0;
    if (!list) return NULL;
    const char **words = FE_NEW_ARRAY(o->f->a, const char *, fe__tree_length(list));
    for (size_t i = 0; i < fe__tree_length(list); i++) {
        shape one = element(o, &list_at, i, &at);
        const char *s = text_of(&one, NULL, fe__tree_element(list, i));
        if (s) words[(*n)++] = s;
    }
    return words;
}

const double *fe__take_numbers(shape *o, const char *key, take how, size_t *n, double low, double high) {
    const tree *list = fe__take_list(o, key, how);
    place list_at = fe__place_key(o->at, key), at;
    *n = 0;
    if (!list) return NULL;
    double *numbers = FE_NEW_ARRAY(o->f->a, double, fe__tree_length(list));
    for (size_t i = 0; i < fe__tree_length(list); i++) {
        shape one = element(o, &list_at, i, &at);
        if (number_of(&one, NULL, fe__tree_element(list, i), low, high, &numbers[*n])) ++*n;
    }
    return numbers;
}
