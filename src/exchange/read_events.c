/* The events of a course: every kind with exactly its fields (answers.md section 3). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "exchange/read_fields.h"

#define IRON_KINDS     (KIND_BIT(TERM_PRODUCT) | KIND_BIT(TERM_FORMULATION))
#define TARGET(member) .offset = offsetof(event, member)
#define AT                                                                                                                       \
    { .key = "at", .type = FIELD_INSTANT, .need = FIELD_REQUIRED, TARGET(at) }
#define SINCE                                                                                                                    \
    {.key = "since", .type = FIELD_INSTANT, .need = FIELD_REQUIRED, TARGET(at)}, {                                               \
        .key = "until", .type = FIELD_INSTANT, TARGET(until)                                                                     \
    }
#define NUMBER(name, row, member)                                                                                                \
    { .key = name, .type = FIELD_NUMBER, .term = row, TARGET(member) }
#define NEEDED(name, row, member)                                                                                                \
    { .key = name, .type = FIELD_NUMBER, .need = FIELD_REQUIRED, .term = row, TARGET(member) }
#define TERM(name, bits)                                                                                                         \
    { .key = name, .type = FIELD_TERM, .need = FIELD_REQUIRED, .kinds = (bits), TARGET(term) }

/* ---- readers of single fields ---- */

static void comparator_read(reader *r, void *into, const json_t *value, const char *at) {
    const char *s = json_string_value(value);
    if (fe__streq(s, "<") || fe__streq(s, ">")) ((event *)into)->comparator = s[0];
    else fe__fault_json(r, at, "\"<\" or \">\"", value, NULL);
}

static void result_read(reader *r, void *into, const json_t *value, const char *at) {
    const char *words[RESULT_ABNORMAL];
    for (int i = RESULT_LOW; i <= RESULT_ABNORMAL; i++) words[i - 1] = fe__result_word((lab_result)i);
    const char *s = json_string_value(value);
    if (!s) {
        fe__fault_json(r, at, "a word such as \"low\"", value, NULL);
        return;
    }
    const char *word = fe__word_of(r, s, at, words, RESULT_ABNORMAL);
    for (int i = 0; word && i < RESULT_ABNORMAL; i++) {
        if (words[i] == word) ((event *)into)->result = (lab_result)(i + 1);
    }
}

static void esa_read(reader *r, void *into, const json_t *value, const char *at) {
    static const char *const ids[] = {"epoetin", "darbepoetin", "esa"};
    const char *s = json_string_value(value);
    const char *id = s ? fe__word_of(r, s, at, ids, 3) : NULL;
    if (id) ((event *)into)->term = fe__term_of(r, id, at, KIND_BIT(TERM_MEDICATION));
    else if (!s) fe__fault_json(r, at, "epoetin, darbepoetin or esa", value, NULL);
}

static void procedure_read(reader *r, void *into, const json_t *value, const char *at) {
    static const char *const ids[] = {"mri", "dialysis"};
    const char *s = json_string_value(value);
    const char *id = s ? fe__word_of(r, s, at, ids, 2) : NULL;
    if (id) ((event *)into)->term = fe__term_of(r, id, at, KIND_BIT(TERM_EVENT));
    else if (!s) fe__fault_json(r, at, "mri or dialysis", value, NULL);
}

static void onset_read(reader *r, void *into, const json_t *value, const char *at) {
    enum { HOURS_MAX = 10000 };
    double h = json_is_number(value) ? json_number_value(value) : NAN;
    if (h >= 0 && h <= HOURS_MAX) ((event *)into)->onset_h = h;
    else fe__fault_json(r, at, fe__printf(r->f->a, "hours, 0 to %d", HOURS_MAX), value, NULL);
}

/* ---- the kinds ---- */

static const field lab_fields[] = {
    AT,
    TERM("lab", KIND_BIT(TERM_LAB)),
    {.key = "value", .type = FIELD_LATER},
    {.key = "unit", .type = FIELD_LATER},
    {.key = "result", .type = FIELD_OTHER, .read = result_read},
    {.key = "comparator", .type = FIELD_OTHER, .read = comparator_read},
    {.key = "fasting", .type = FIELD_TRI, TARGET(fasting)},
    {.key = "morning", .type = FIELD_TRI, TARGET(morning)},
    {.key = "last_oral_iron_at", .type = FIELD_INSTANT, TARGET(last_oral_iron_at)},
    {.key = "assay", .type = FIELD_TERM, .kinds = KIND_BIT(TERM_ASSAY), TARGET(assay)},
    {.key = "prescribed", .type = FIELD_BOOL, TARGET(prescribed)},
};
static const field infusion_fields[] = {
    AT,
    TERM("infusion", IRON_KINDS),
    NEEDED("dose_mg", "dose_mg", value),
    NUMBER("minutes", "minutes", minutes),
    NUMBER("bag_ml", "bag_ml", bag_ml),
    {.key = "route", .type = FIELD_WORD, .words = "infusion;injection;intramuscular", TARGET(route)},
    NUMBER("test_dose_mg", "dose_mg", test_dose_mg),
    NUMBER("prescribed_mg", "prescribed_mg", prescribed_mg),
    {.key = "planned", .type = FIELD_BOOL, TARGET(planned)},
    {.key = "lot", .type = FIELD_TEXT, TARGET(text)},
};
static const field oral_iron_fields[] = {
    SINCE,
    {.key = "oral-iron", .type = FIELD_MARK, .need = FIELD_REQUIRED},
    NUMBER("mg_per_dose", "mg_per_dose", mg_per_dose),
    NUMBER("doses_per_day", "doses_per_day", doses_per_day),
};
static const field medication_fields[] = {SINCE, TERM("medication", KIND_BIT(TERM_MEDICATION))};
static const field supplement_fields[] = {SINCE, TERM("supplement", KIND_BIT(TERM_MEDICATION))};
static const field symptom_fields[] = {
    AT,
    {.key = "until", .type = FIELD_INSTANT, TARGET(until)},
    TERM("symptom", KIND_BIT(TERM_SIGN)),
    NUMBER("pain_nrs", "pain_nrs", pain_nrs),
    {.key = "onset_h_after_infusion", .type = FIELD_OTHER, .read = onset_read},
};
static const field transfusion_fields[] = {AT, NEEDED("transfusion", "units", value)};
static const field phlebotomy_fields[] = {AT, NEEDED("phlebotomy", "blood_loss_ml", value)};
static const field bleeding_fields[] = {AT, NEEDED("bleeding", "blood_loss_ml", value)};
static const field bleeding_span_fields[] = {SINCE, NEEDED("bleeding_ml_per_day", "blood_loss_ml_per_day", per_day)};
static const field surgery_fields[] = {
    AT,
    {.key = "surgery", .type = FIELD_TEXT, .need = FIELD_REQUIRED, TARGET(text)},
    {.key = "expected_blood_loss_ml",
     .type = FIELD_NUMBER,
     .need = FIELD_REQUIRED_OR_NULL,
     .term = "expected_blood_loss_ml",
     TARGET(value)},
    {.key = "deferrable", .type = FIELD_TRI, TARGET(deferrable)},
};
static const field esa_fields[] = {
    SINCE,
    {.key = "esa", .type = FIELD_OTHER, .need = FIELD_REQUIRED, .read = esa_read},
    NUMBER("iu_per_week", "iu_per_week", iu_per_week),
};
static const field condition_fields[] = {SINCE, TERM("condition", KIND_BIT(TERM_CONDITION))};
static const field procedure_fields[] = {
    AT,
    {.key = "procedure", .type = FIELD_OTHER, .need = FIELD_REQUIRED, .read = procedure_read},
    {.key = "result", .type = FIELD_TEXT, TARGET(text)},
};
static const field delivery_fields[] = {AT, {.key = "delivery", .type = FIELD_MARK, .need = FIELD_REQUIRED}};

typedef struct kind_row {
    const char *key; /* the member that tells the kind */
    event_kind kind;
    bool is_span; /* since .. until */
    const field *fields;
    size_t fields_n;
} kind_row;

#define KIND(key, kind, is_span, fields)                                                                                         \
    { key, kind, is_span, fields, FIELDS_N(fields) }
static const kind_row kinds[] = {
    KIND("lab", EVENT_LAB, false, lab_fields),
    KIND("infusion", EVENT_INFUSION, false, infusion_fields),
    KIND("oral-iron", EVENT_ORAL_IRON, true, oral_iron_fields),
    KIND("medication", EVENT_MEDICATION, true, medication_fields),
    KIND("supplement", EVENT_SUPPLEMENT, true, supplement_fields),
    KIND("symptom", EVENT_SYMPTOM, false, symptom_fields),
    KIND("transfusion", EVENT_TRANSFUSION, false, transfusion_fields),
    KIND("phlebotomy", EVENT_PHLEBOTOMY, false, phlebotomy_fields),
    KIND("bleeding", EVENT_BLEEDING, false, bleeding_fields),
    KIND("bleeding_ml_per_day", EVENT_BLEEDING, true, bleeding_span_fields),
    KIND("surgery", EVENT_SURGERY, false, surgery_fields),
    KIND("esa", EVENT_ESA, true, esa_fields),
    KIND("condition", EVENT_CONDITION, true, condition_fields),
    KIND("procedure", EVENT_PROCEDURE, false, procedure_fields),
    KIND("delivery", EVENT_DELIVERY, false, delivery_fields),
};
enum { KINDS_N = sizeof kinds / sizeof kinds[0] };

void fe__event_clear(event *e) {
    *e = (event){
        .ptr = "",
        .at = NAN,
        .until = NAN,
        .term = -1,
        .value = NAN,
        .fasting = TRI_UNKNOWN,
        .morning = TRI_UNKNOWN,
        .last_oral_iron_at = NAN,
        .assay = -1,
        .molecule = "",
        .minutes = NAN,
        .bag_ml = NAN,
        .test_dose_mg = NAN,
        .prescribed_mg = NAN,
        .mg_per_dose = NAN,
        .doses_per_day = NAN,
        .iu_per_week = NAN,
        .per_day = NAN,
        .pain_nrs = NAN,
        .onset_h = NAN,
        .deferrable = TRI_UNKNOWN,
    };
}

/* ---- what a kind needs beyond its fields ---- */

/* Units are explicit: only a lab that has none may leave it out. The unit of an assay without a standard is kept beside the value. */
static void lab_value(reader *r, const json_t *json, event *e) {
    arena *a = r->f->a;
    const json_t *value = fe__member(json, "value"), *unit = fe__member(json, "unit");
    const term *t = &r->k->terms[e->term];
    const char *at = fe__ptr(a, e->ptr, "value"), *unit_at = fe__ptr(a, e->ptr, "unit");
    bool has_none = fe__streq(t->unit, "1") || fe__streq(t->unit, "{score}");
    if (!*t->unit) {
        fe__fault_json(r, at, fe__printf(a, "no value: %s has a result", t->label), value,
                       "write \"result\" with one of low, normal, high, absent, positive, negative, abnormal");
    } else if (!json_is_number(value)) {
        fe__fault_json(r, at, fe__printf(a, "a number, %s", fe__range_words(r, e->term)), value,
                       json_is_string(value) ? "the unit stands beside it: \"value\": 8.9, \"unit\": \"g/dL\"" : NULL);
    } else if (unit ? !json_is_string(unit) : !has_none) {
        fe__fault_json(r, unit_at, fe__printf(a, "the unit: %s", fe__unit_words(r, e->term)), unit,
                       fe__printf(a, "units are explicit: \"unit\": \"%s\"", t->unit));
    } else {
        const char *written = unit ? json_string_value(unit) : t->unit;
        e->value = fe__convert(r, e->term, json_number_value(value), written, at, unit_at);
        if (fe__streq(t->unit, "1") && !fe__streq(written, "1")) e->unit_text = fe__strdup(a, written);
    }
}

static void judge_lab_time(reader *r, event *e, bool is_day) {
    if (e->prescribed || !(e->at > r->now)) return;
    if (is_day && fe__day_of(e->at, r->zone_min) == fe__day_of(r->now, r->zone_min)) {
        e->at = r->now; /* "today", asked before noon */
        return;
    }
    fe__fault(r->f, fe__ptr(r->f->a, e->ptr, "at"),
              fe__printf(r->f->a, "a time not after now, %s", fe__time_text(r->f->a, r->now, r->zone_min)),
              fe__time_text(r->f->a, e->at, r->zone_min),
              "a lab that is ordered and not back says \"prescribed\": true; --at sets now");
}

static void finish_lab(reader *r, const json_t *json, event *e) {
    arena *a = r->f->a;
    const json_t *value = fe__member(json, "value"), *result = fe__member(json, "result");
    if (e->prescribed && (value || result))
        fe__fault_json(r, fe__ptr(a, e->ptr, "prescribed"), "a lab that is not back yet, or its value",
                       fe__member(json, "prescribed"), "leave prescribed out");
    if (!e->prescribed && !value && !result)
        fe__fault_json(r, fe__ptr(a, e->ptr, "value"), "value with unit, or result", NULL,
                       "ordered and not back yet: \"prescribed\": true");
    if (!value && e->comparator)
        fe__fault_json(r, fe__ptr(a, e->ptr, "comparator"), "a value to compare with", fe__member(json, "comparator"), NULL);
    if (!value && fe__member(json, "unit"))
        fe__fault_json(r, fe__ptr(a, e->ptr, "unit"), "a value for this unit", fe__member(json, "unit"), NULL);
    if (value && e->term >= 0) lab_value(r, json, e);
    const char *at = json_string_value(json_object_get(json, "at"));
    long day;
    judge_lab_time(r, e, at && fe__date_parse(at, &day));
    if (e->last_oral_iron_at > e->at)
        fe__fault_json(r, fe__ptr(a, e->ptr, "last_oral_iron_at"), "a time not after the lab",
                       fe__member(json, "last_oral_iron_at"), NULL);
}

static void finish(reader *r, const kind_row *kind, const json_t *json, event *e) {
    e->kind = kind->kind;
    if (e->until < e->at)
        fe__fault_json(r, fe__ptr(r->f->a, e->ptr, "until"), "a time not before its start", fe__member(json, "until"), NULL);
    if (kind->is_span && isnan(e->until)) e->until = INFINITY;
    if (kind->kind == EVENT_LAB) finish_lab(r, json, e);
    if (kind->kind == EVENT_ORAL_IRON) e->term = fe__term_find_kind(r->k, "oral-iron", TERM_MEDICATION);
    if (kind->kind != EVENT_INFUSION) return;
    if (e->term >= 0) e->product = r->k->terms[e->term].id;
    e->molecule = fe__molecule_of(r->k, e->product);
    if (e->at > r->now) e->planned = true;
}

/* ---- one event ---- */

static const kind_row *kind_of(reader *r, const json_t *json, const char *at) {
    const kind_row *found = NULL;
    const char *keys[KINDS_N], *near = NULL;
    for (size_t i = 0; i < KINDS_N; i++) {
        keys[i] = kinds[i].key;
        if (!json_object_get(json, keys[i])) continue;
        if (found) {
            fe__fault(r->f, at, "one kind an event", fe__printf(r->f->a, "%s and %s", found->key, keys[i]), "write two events");
            return NULL;
        }
        found = &kinds[i];
    }
    if (found) return found;
    const char *key, *first = NULL;
    json_t *value;
    json_object_foreach((json_t *)json, key, value) {
        if (!first && !fe__streq(key, "at") && !fe__streq(key, "since") && !fe__streq(key, "until")) first = key;
        if (!near && r->f->n < FAULTS_MAX) near = fe__nearest(key, keys, KINDS_N);
    }
    fe__fault(r->f, at,
              "one of lab, infusion, oral-iron, medication, supplement, symptom, transfusion, phlebotomy, "
              "bleeding, "
              "bleeding_ml_per_day, surgery, esa, condition, procedure, delivery",
              first ? fe__printf(r->f->a, "\"%s\"", first) : "none of them",
              near ? fe__printf(r->f->a, "did you mean %s?", near) : NULL);
    return NULL;
}

static void event_read(reader *r, const json_t *json, const char *at, event *e) {
    fe__event_clear(e);
    e->ptr = at;
    if (!json_is_object(json)) {
        fe__fault_json(r, at, "an event: an object", json, NULL);
        return;
    }
    const kind_row *kind = kind_of(r, json, at);
    if (!kind) return;
    fe__fields_read(r, json, at, kind->fields, kind->fields_n, e);
    finish(r, kind, json, e);
}

/* ---- all of them ---- */

int fe__zone_of(const json_t *list, int otherwise) {
    double earliest = INFINITY, t;
    int zone;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *e = json_array_get(list, i);
        const char *s = json_string_value(json_object_get(e, "at"));
        if (!s) s = json_string_value(json_object_get(e, "since"));
        if (!s || !fe__time_parse(s, &t, &zone) || !(t < earliest)) continue;
        earliest = t;
        otherwise = zone;
    }
    return otherwise;
}

typedef struct placed {
    const event *e;
    size_t index; /* in the file */
} placed;

static int by_number(double a, double b) { return (a > b) - (a < b) + (isnan(a) != 0) - (isnan(b) != 0); /* NaN last */ }

static int by_index(const placed *a, const placed *b) { return (a->index > b->index) - (a->index < b->index); }

/* Labs were drawn before anything else of the same stamp; spans begin before what happens in them. An end is no event of its own:
 * spans are half-open, so that what ends at an instant has ended for all that stands there. */
static int rank(const event *e) {
    bool is_span = !isnan(e->until) && e->kind != EVENT_SYMPTOM;
    return e->kind == EVENT_LAB ? 0 : is_span ? 1 : 2;
}

static int by_time(const void *left, const void *right) {
    const placed *a = left, *b = right;
    int c = by_number(a->e->at, b->e->at);
    if (c == 0) c = rank(a->e) - rank(b->e);
    return c ? c : by_index(a, b);
}

static int by_text(const char *a, const char *b) { return strcmp(a ? a : "", b ? b : ""); }

/* Equal when the one can only be the other written twice: the same thing at the same instant. What has no id of its own must
 * agree in its amount too. */
static int by_identity(const event *a, const event *b) {
    int c = (a->kind > b->kind) - (a->kind < b->kind);
    if (c == 0) c = by_number(a->at, b->at);
    if (c == 0) c = (a->term > b->term) - (a->term < b->term);
    if (c || a->term >= 0) return c;
    c = by_number(a->value, b->value);
    if (c == 0) c = by_number(a->per_day, b->per_day);
    return c ? c : by_text(a->text, b->text);
}

static int by_identity_then_index(const void *left, const void *right) {
    const placed *a = left, *b = right;
    int c = by_identity(a->e, b->e);
    return c ? c : by_index(a, b);
}

static void find_duplicates(reader *r, placed *all, size_t n) {
    qsort(all, n, sizeof *all, by_identity_then_index);
    for (size_t i = 1; i < n; i++) {
        const event *e = all[i].e, *before = all[i - 1].e;
        if (by_identity(e, before) != 0) continue;
        fe__fault(r->f, e->ptr, "each event once", "the same again", fe__printf(r->f->a, "the same stands at %s", before->ptr));
    }
}

void fe__read_events(reader *r, course *c, const json_t *list, const char *at) {
    arena *a = r->f->a;
    size_t n, timed = 0;
    if (!list || !fe__list_of(r, list, at, "events", READ_EVENTS_MAX, &n)) return;
    c->zone_min = r->zone_min = fe__zone_of(list, r->zone_min);
    event *read = FE_NEW_ARRAY(a, event, n + 1), *sorted = FE_NEW_ARRAY(a, event, n + 1);
    placed *all = FE_NEW_ARRAY(a, placed, n + 1);
    for (size_t i = 0; i < n; i++) {
        event_read(r, json_array_get(list, i), fe__ptr_index(a, at, i), &read[i]);
        if (!isnan(read[i].at)) all[timed++] = (placed){&read[i], i};
    }
    find_duplicates(r, all, timed);
    qsort(all, timed, sizeof *all, by_time);
    for (size_t i = 0; i < timed; i++) sorted[i] = *all[i].e;
    c->events = sorted;
    c->events_n = timed;
}
