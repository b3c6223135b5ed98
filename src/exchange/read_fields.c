/* Reading one object by its table of fields; the values that fields can have. */
#include "exchange/read_fields.h"

#include <math.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"

enum { LABEL_PART = 4 }; /* so many bytes of a label are enough to guess the id */

#define TIME_EXPECTED "a time with zone such as 2026-11-02T08:30+01:00, or a date"

/* ---- faults ---- */

void fe__fault_json(reader *r, const char *at, const char *expected, const json_t *found, const char *hint) {
    fe__fault(r->f, at, expected, fe__json_found(r->f->a, found), hint);
}

void fe__fault_word(reader *r, const char *at, const char *expected, const char *found, const char *const *candidates, size_t n) {
    const char *near = r->f->n < FAULTS_MAX ? fe__nearest(found, candidates, n) : NULL;
    fe__fault(r->f, at, expected, fe__printf(r->f->a, "\"%s\"", found),
              near ? fe__printf(r->f->a, "did you mean %s?", near) : NULL);
}

/* ---- texts and words ---- */

const char *fe__text_of(reader *r, const json_t *value, const char *at) {
    const char *s = json_string_value(value);
    if (s && strlen(s) <= READ_TEXT_MAX && fe__is_printable(s)) return fe__strdup(r->f->a, s);
    fe__fault_json(r, at, s ? fe__printf(r->f->a, "printable text of at most %d bytes", READ_TEXT_MAX) : "text", value, NULL);
    return NULL;
}

const char *fe__word_of(reader *r, const char *word, const char *at, const char *const *words, size_t n) {
    text expected;
    for (size_t i = 0; i < n; i++) {
        if (fe__streq(word, words[i])) return words[i];
    }
    fe__text_init(&expected, r->f->a);
    for (size_t i = 0; i < n; i++) {
        fe__text_add(&expected, i == 0 ? "" : i + 1 == n ? " or " : ", ");
        fe__text_add(&expected, words[i]);
    }
    fe__fault_word(r, at, expected.s, word, words, n);
    return NULL;
}

static const char *word_read(reader *r, const field *m, const json_t *value, const char *at) {
    size_t n = 0;
    const char *const *words = NULL;
    if (m->words) {
        words = (const char *const *)fe__split(r->f->a, m->words, ';', &n);
    } else {
        int t = fe__term_find_kind(r->k, m->term, TERM_FIELD);
        if (t >= 0) words = r->k->terms[t].words, n = r->k->terms[t].words_n;
    }
    if (json_is_string(value)) return fe__word_of(r, json_string_value(value), at, words, n);
    fe__fault_json(r, at, "a word", value, n ? fe__printf(r->f->a, "such as \"%s\"", words[0]) : NULL);
    return NULL;
}

/* ---- ids ---- */

static const char *kind_word(term_kind kind) {
    switch (kind) {
    case TERM_FIELD: return "field";
    case TERM_LAB: return "lab";
    case TERM_CONDITION: return "condition";
    case TERM_PRODUCT: return "product";
    case TERM_FORMULATION: return "formulation";
    case TERM_MEDICATION: return "medication";
    case TERM_EVENT: return "event";
    case TERM_SIGN: return "sign";
    case TERM_ASSAY: return "assay";
    case TERM_METHOD: return "method";
    }
    return "";
}

static bool is_of_kinds(term_kind kind, unsigned kinds) { return (kinds & KIND_BIT(kind)) != 0; }

static const char *kinds_words(reader *r, unsigned kinds) {
    text t;
    fe__text_init(&t, r->f->a);
    fe__text_add(&t, "an id of kind ");
    bool is_first = true;
    for (int kind = TERM_FIELD; kind <= TERM_METHOD; kind++) {
        if (!is_of_kinds((term_kind)kind, kinds)) continue;
        if (!is_first) fe__text_add(&t, " or ");
        fe__text_add(&t, kind_word((term_kind)kind));
        is_first = false;
    }
    return t.s;
}

static const char *id_hint(reader *r, const char *id, unsigned kinds) {
    size_t n = 0;
    if (r->f->n >= FAULTS_MAX) return NULL;
    int other = fe__term_find(r->k, id);
    if (other >= 0) return fe__printf(r->f->a, "%s is an id of kind %s", id, kind_word(r->k->terms[other].kind));
    const char **ids = FE_NEW_ARRAY(r->f->a, const char *, r->k->terms_n);
    for (size_t i = 0; i < r->k->terms_n; i++) {
        if (!is_of_kinds(r->k->terms[i].kind, kinds)) continue;
        if (fe__streq(id, r->k->terms[i].label)) return fe__printf(r->f->a, "write %s", r->k->terms[i].id);
        ids[n++] = r->k->terms[i].id;
    }
    const char *near = fe__nearest(id, ids, n);
    for (size_t i = 0; i < r->k->terms_n && !near && strlen(id) >= LABEL_PART; i++) {
        if (is_of_kinds(r->k->terms[i].kind, kinds) && strstr(r->k->terms[i].label, id)) near = r->k->terms[i].id;
    }
    return near ? fe__printf(r->f->a, "did you mean %s?", near) : NULL;
}

int fe__term_of(reader *r, const char *id, const char *at, unsigned kinds) {
    for (int kind = TERM_FIELD; kind <= TERM_METHOD; kind++) {
        int t = is_of_kinds((term_kind)kind, kinds) ? fe__term_find_kind(r->k, id, (term_kind)kind) : -1;
        if (t >= 0) return t;
    }
    fe__fault(r->f, at, kinds_words(r, kinds), fe__printf(r->f->a, "\"%s\"", id), id_hint(r, id, kinds));
    return -1;
}

void fe__term_add(reader *r, term_list *list, const char *id, const char *at, unsigned kinds) {
    int t = fe__term_of(r, id, at, kinds);
    if (t < 0) return;
    for (size_t i = 0; i < list->n; i++) {
        if (list->list[i] != t) continue;
        fe__fault(r->f, at, "each id once", fe__printf(r->f->a, "\"%s\"", id), "it stands in the list already");
        return;
    }
    int *own = (int *)list->list; /* made here, by the line below; no longer than the vocabulary */
    size_t cap = list->n;
    *FE_PUSH(r->f->a, own, list->n, cap) = t;
    list->list = own;
}

const json_t *fe__list_of(reader *r, const json_t *value, const char *at, const char *what, size_t most, size_t *n) {
    *n = json_array_size(value);
    if (!json_is_array(value)) {
        fe__fault_json(r, at, fe__printf(r->f->a, "a list of %s", what), value, "in square brackets; [] when asked, and none");
        return NULL;
    }
    if (*n <= most) return value;
    fe__fault(r->f, at, fe__printf(r->f->a, "at most %zu %s", most, what), fe__printf(r->f->a, "%zu", *n), NULL);
    return NULL;
}

static void terms_read(reader *r, term_list *list, const json_t *value, const char *at, unsigned kinds) {
    size_t n;
    const json_t *ids = fe__list_of(r, value, at, "ids", READ_LIST_MAX, &n);
    list->given = ids != NULL;
    for (size_t i = 0; ids && i < n; i++) {
        const json_t *id = json_array_get(ids, i);
        const char *place = fe__ptr_index(r->f->a, at, i);
        if (json_is_string(id)) fe__term_add(r, list, json_string_value(id), place, kinds);
        else fe__fault_json(r, place, kinds_words(r, kinds), id, NULL);
    }
}

/* ---- times ---- */

bool fe__instant_of(reader *r, const json_t *value, const char *at, double *instant, bool *is_day) {
    const char *s = json_string_value(value);
    int zone;
    long day;
    double t;
    if (s && fe__time_parse(s, &t, &zone)) {
        *instant = t;
        *is_day = false;
        return true;
    }
    if (s && fe__date_parse(s, &day)) {
        *instant = fe__noon_of(day, r->zone_min);
        *is_day = true;
        return true;
    }
    bool lacks_zone = s && strlen(s) <= READ_TEXT_MAX && fe__time_parse(fe__printf(r->f->a, "%sZ", s), &t, &zone);
    fe__fault_json(r, at, TIME_EXPECTED, value,
                   lacks_zone ? fe__printf(r->f->a, "the zone is missing: %s+01:00, or Z for universal time", s) : NULL);
    return false;
}

bool fe__day_read(reader *r, const json_t *value, const char *at, long *day) {
    const char *s = json_string_value(value);
    int zone;
    double t;
    if (s && fe__date_parse(s, day)) return true;
    const char *hint = NULL;
    if (s && fe__time_parse(s, &t, &zone))
        hint = fe__printf(r->f->a, "the date alone: %s", fe__date_text(r->f->a, fe__day_of(t, zone)));
    fe__fault_json(r, at, "a date such as 2026-11-02", value, hint);
    return false;
}

/* ---- fields ---- */

/* A member of the struct that a table describes. */
static void *place_of(void *into, const field *m) { return (char *)into + m->offset; }

static void bool_read(reader *r, const field *m, const json_t *value, const char *at, void *target) {
    bool is = json_is_true(value);
    if (m->type == FIELD_MARK ? !is : !json_is_boolean(value)) {
        fe__fault_json(r, at, m->type == FIELD_MARK ? "true" : "true or false", value, NULL);
    } else if (m->type == FIELD_TRI) {
        *(tri *)target = is ? TRI_TRUE : TRI_FALSE;
    } else if (m->type == FIELD_BOOL) {
        *(bool *)target = is;
    }
}

static int number_row(const reader *r, const char *id) {
    int t = fe__term_find_kind(r->k, id, TERM_FIELD);
    return t >= 0 ? t : fe__term_find_kind(r->k, id, TERM_LAB);
}

static void number_read(reader *r, const field *m, const json_t *value, const char *at, double *target) {
    int t = number_row(r, m->term);
    double v = t < 0 ? NAN : fe__number_of(r, t, value, at);
    if (!isnan(v)) *target = v;
}

void fe__field_read_one(reader *r, const field *m, const json_t *value, const char *at, void *into) {
    void *target = place_of(into, m);
    bool is_day;
    switch (m->type) {
    case FIELD_NUMBER: number_read(r, m, value, at, target); break;
    case FIELD_WORD: *(const char **)target = word_read(r, m, value, at); break;
    case FIELD_TEXT: *(const char **)target = fe__text_of(r, value, at); break;
    case FIELD_TRI:
    case FIELD_BOOL:
    case FIELD_MARK: bool_read(r, m, value, at, target); break;
    case FIELD_TERM:
        if (json_is_string(value)) *(int *)target = fe__term_of(r, json_string_value(value), at, m->kinds);
        else fe__fault_json(r, at, kinds_words(r, m->kinds), value, NULL);
        break;
    case FIELD_TERMS: terms_read(r, target, value, at, m->kinds); break;
    case FIELD_DAY: fe__day_read(r, value, at, target); break;
    case FIELD_INSTANT: fe__instant_of(r, value, at, target, &is_day); break;
    case FIELD_OTHER: m->read(r, into, value, at); break;
    case FIELD_LATER: break;
    }
}

const json_t *fe__member(const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);
    return json_is_null(value) ? NULL : value;
}

static const char *missing_expected(reader *r, const field *m) {
    switch (m->type) {
    case FIELD_NUMBER: return fe__printf(r->f->a, "a number, %s", fe__range_words(r, number_row(r, m->term)));
    case FIELD_TERM: return kinds_words(r, m->kinds);
    case FIELD_DAY: return "a date such as 2026-11-02";
    case FIELD_INSTANT: return TIME_EXPECTED;
    case FIELD_WORD: return m->words ? m->words : fe__streq(m->term, "sex") ? "female or male" : "a word";
    default: return m->words ? m->words : fe__printf(r->f->a, "the field %s", m->key);
    }
}

static bool is_known(const char *key, const field *fields, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (fe__streq(fields[i].key, key)) return true;
    }
    return false;
}

/* What lasts has since and until, what happens has at. */
static const char *time_hint(const char *key, const field *fields, size_t n) {
    if (fe__streq(key, "at") && is_known("since", fields, n)) return "it lasts: write since, and until when it has ended";
    bool is_span = fe__streq(key, "since") || fe__streq(key, "until");
    return is_span && is_known("at", fields, n) ? "it happens once: write at" : NULL;
}

static void unknown_key(reader *r, const char *key, const char *at, const field *fields, size_t n) {
    const char **keys = FE_NEW_ARRAY(r->f->a, const char *, n), *hint = time_hint(key, fields, n);
    text expected;
    fe__text_init(&expected, r->f->a);
    fe__text_add(&expected, "a known field:");
    for (size_t i = 0; i < n; i++) {
        keys[i] = fields[i].key;
        fe__text_addf(&expected, " %s", keys[i]);
    }
    if (hint) fe__fault(r->f, fe__ptr(r->f->a, at, key), expected.s, fe__printf(r->f->a, "\"%s\"", key), hint);
    else fe__fault_word(r, fe__ptr(r->f->a, at, key), expected.s, key, keys, n);
}

bool fe__fields_read(reader *r, const json_t *object, const char *at, const field *fields, size_t n, void *into) {
    if (!json_is_object(object)) {
        fe__fault_json(r, at, "an object", object, NULL);
        return false;
    }
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value) { /* Jansson's loop takes no const, and changes nothing */
        if (!is_known(key, fields, n)) unknown_key(r, key, at, fields, n);
    }
    for (size_t i = 0; i < n; i++) {
        const field *m = &fields[i];
        const json_t *given = json_object_get(object, m->key);
        bool is_absent = !given || json_is_null(given);
        if (!is_absent) fe__field_read_one(r, m, given, fe__ptr(r->f->a, at, m->key), into);
        else if (m->need == FIELD_REQUIRED || (m->need == FIELD_REQUIRED_OR_NULL && !given))
            fe__fault_json(r, fe__ptr(r->f->a, at, m->key), missing_expected(r, m), given, NULL);
    }
    return true;
}

void fe__read_version(reader *r, void *into, const json_t *value, const char *at) {
    (void)into;
    if (!json_is_integer(value) || json_integer_value(value) != 1) fe__fault_json(r, at, FIELD_VERSION_IS, value, NULL);
}
