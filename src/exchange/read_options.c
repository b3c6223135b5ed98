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

/* One value of an option under way. */
typedef struct options_reading {
    reader r;
    course *c;
    event *labs;
    size_t labs_n, labs_cap;
    size_t caps[2]; /* room of the lists of conditions and of causes, family history */
    const char *at;
} options_reading;

static const char *sex_word(const char *s) {
    return fe__streq(s, "f") ? "female" : fe__streq(s, "m") ? "male" : s;
}

static void word_option(reader *r, const field *m, const char *value, const char *at, patient *p) {
    int t = fe__term_find_kind(r->k, m->term, TERM_FIELD);
    if (t < 0) return;
    const char *word = fe__streq(m->key, "sex") ? sex_word(value) : value;
    *(const char **)(void *)((char *)p + m->offset) = fe__word_of(r, word, at, r->k->terms[t].words, r->k->terms[t].words_n);
}

static void patient_option(reader *r, const field *m, const char *value, const char *at, patient *p) {
    void *target = (char *)p + m->offset;
    size_t cap = 0;
    double v;
    switch (m->type) {
    case FIELD_NUMBER:
        v = fe__quantity_read(r->k, r->f, fe__term_find_kind(r->k, m->term, TERM_FIELD), value, at, r->confirms);
        if (!isnan(v)) *(double *)target = v;
        break;
    case FIELD_WORD: word_option(r, m, value, at, p); break;
    case FIELD_TERM: *(int *)target = fe__term_of(r, value, at, m->kinds); break;
    default:
        cap = ((term_list *)target)->n; /* exactly full: a repeated option makes the list anew */
        ((term_list *)target)->given = true;
        fe__term_add(r, target, &cap, value, at, m->kinds);
    }
}
