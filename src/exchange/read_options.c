/* Values of the command line as a course. Options are the patient's fields with dashes, and labs by id, counted at now. */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "exchange/read_fields.h"

/* Short names of answers.md section 1. */
static const char *const short_names[][2] = {{"hb", "hemoglobin"}, {"condition", "conditions"}};

static const char *full_name(const char *key) {
    for (size_t i = 0; i < sizeof short_names / sizeof short_names[0]; i++) {
        if (fe__streq(key, short_names[i][0])) return short_names[i][1];
    }
    return key;
}

static const field *patient_field(reader *r, const char *key) {
    char *name = fe__strdup(r->f->a, key);
    for (char *p = name; *p; p++) {
        if (*p == '-') *p = '_';
    }
    for (size_t i = 0; i < fe__patient_fields_n; i++) {
        field_type type = fe__patient_fields[i].type;
        bool is_plain = type == FIELD_NUMBER || type == FIELD_WORD || type == FIELD_TERM || type == FIELD_TERMS;
        if (is_plain && fe__streq(name, fe__patient_fields[i].key)) return &fe__patient_fields[i];
    }
    return NULL;
}

static const char *sex_word(const char *s) { return fe__streq(s, "f") ? "female" : fe__streq(s, "m") ? "male" : s; }

static void word_option(reader *r, const field *m, const char *value, const char *at, patient *p) {
    int t = fe__term_find_kind(r->k, m->term, TERM_FIELD);
    if (t < 0) return;
    const char *word = fe__streq(m->key, "sex") ? sex_word(value) : value;
    *(const char **)(void *)((char *)p + m->offset) = fe__word_of(r, word, at, r->k->terms[t].words, r->k->terms[t].words_n);
}

static void patient_option(reader *r, const field *m, const char *value, const char *at, patient *p) {
    void *target = (char *)p + m->offset;
    double v;
    switch (m->type) {
    case FIELD_NUMBER:
        v = fe__quantity_read(r->k, r->f, fe__term_find_kind(r->k, m->term, TERM_FIELD), value, at, r->confirms);
        if (!isnan(v)) *(double *)target = v;
        break;
    case FIELD_WORD: word_option(r, m, value, at, p); break;
    case FIELD_TERM: *(int *)target = fe__term_of(r, value, at, m->kinds); break;
    default: ((term_list *)target)->given = true; fe__term_add(r, target, value, at, m->kinds);
    }
}

double fe__pounds_read(const knowledge *k, faults *f, const char *value, const char *at, confirm_list *confirms) {
    reader r = {.k = k, .f = f, .confirms = confirms};
    double given;
    const char *unit = "";
    if (fe__number_unit_parse(f->a, value, &given, &unit))
        return fe__convert(&r, fe__term_find_kind(k, "weight_kg", TERM_FIELD), given, *unit ? unit : "lb", at, at);
    fe__fault(f, at, "a number of pounds", fe__printf(f->a, "\"%s\"", value), NULL);
    return NAN;
}

static void lab_option(reader *r, int lab, const char *value, const char *at, event *e) {
    fe__event_clear(e);
    e->kind = EVENT_LAB;
    e->ptr = at;
    e->at = r->now;
    e->term = lab;
    e->value = fe__quantity_read(r->k, r->f, lab, value, at, r->confirms);
}

static void unknown_option(reader *r, const char *key, const char *at) {
    const char **names = NULL;
    size_t n = 0, cap = 0;
    *FE_PUSH(r->f->a, names, n, cap) = "hb";
    *FE_PUSH(r->f->a, names, n, cap) = "condition";
    *FE_PUSH(r->f->a, names, n, cap) = "weight-lb";
    for (size_t i = 0; i < r->k->terms_n; i++) {
        if (r->k->terms[i].kind == TERM_LAB) *FE_PUSH(r->f->a, names, n, cap) = r->k->terms[i].id;
    }
    for (size_t i = 0; i < fe__patient_fields_n; i++) {
        char *name = fe__strdup(r->f->a, fe__patient_fields[i].key);
        for (char *p = name; *p; p++) *p = *p == '_' ? '-' : *p;
        *FE_PUSH(r->f->a, names, n, cap) = name;
    }
    const char *near = fe__nearest(key, names, n);
    fe__fault(r->f, at, "a field of the patient or a lab", at, near ? fe__printf(r->f->a, "did you mean --%s?", near) : NULL);
}

static bool is_list(const field *m) { return m && m->type == FIELD_TERMS; }

static void option_read(reader *r, course *c, event *labs, const char *key, const char *value, bool is_repeated) {
    const char *at = fe__printf(r->f->a, "--%s", key), *name = full_name(key);
    const field *m = patient_field(r, name);
    int lab = m ? -1 : fe__term_find_kind(r->k, name, TERM_LAB);
    if (is_repeated && !is_list(m)) fe__fault(r->f, at, "this option once", value, NULL);
    else if (fe__streq(key, "weight-lb")) c->patient.weight_kg = fe__pounds_read(r->k, r->f, value, at, r->confirms);
    else if (m) patient_option(r, m, value, at, &c->patient);
    else if (lab >= 0) lab_option(r, lab, value, at, &labs[c->events_n++]);
    else unknown_option(r, key, at);
}

/* Two names of one thing are one option. */
static const char *sameness(const char *key) { return fe__streq(key, "weight-lb") ? "weight-kg" : full_name(key); }

bool fe__option_same(const char *key, const char *other) { return fe__streq(sameness(key), sameness(other)); }

static void judge_needed(reader *r, const option_value *options, size_t n) {
    static const struct {
        const char *key, *row, *hint;
    } needed[] = {{"sex", "sex", NULL}, {"age-years", "age_years", NULL}, {"weight-kg", "weight_kg", "or --weight-lb"}};
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        bool is_given = false;
        for (size_t j = 0; j < n; j++) is_given = is_given || fe__option_same(options[j].key, needed[i].key);
        if (is_given) continue;
        const char *range = i == 0 ? "female or male" : fe__range_words(r, fe__term_find_kind(r->k, needed[i].row, TERM_FIELD));
        fe__fault(r->f, fe__printf(r->f->a, "--%s", needed[i].key), i == 0 ? range : fe__printf(r->f->a, "a number, %s", range),
                  "nothing", needed[i].hint);
    }
}

const course *fe__course_from_options(const knowledge *k, faults *f, const option_value *options, size_t n, double now,
                                      int zone_min) {
    size_t before = f->n;
    confirm_list confirms = {0};
    reader r = {.k = k, .f = f, .confirms = &confirms, .now = now, .zone_min = zone_min};
    course *c = FE_NEW(f->a, course);
    event *labs = FE_NEW_ARRAY(f->a, event, n + 1);
    fe__patient_clear(&c->patient);
    c->goals = (goals){NAN, NAN, NAN, NAN, NAN};
    c->zone_min = zone_min;
    for (size_t i = 0; i < n; i++) {
        bool is_repeated = false;
        for (size_t j = 0; j < i; j++) is_repeated = is_repeated || fe__option_same(options[i].key, options[j].key);
        option_read(&r, c, labs, options[i].key, options[i].value, is_repeated);
    }
    judge_needed(&r, options, n);
    fe__ask_build(&r, &c->patient, "--weight-kg");
    c->events = labs;
    c->confirms = confirms.list;
    c->confirms_n = confirms.n;
    return f->n > before || f->dropped ? NULL : c;
}
