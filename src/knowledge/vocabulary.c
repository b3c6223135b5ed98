/* vocabulary.csv, units.csv and codes.csv: the words of the program, their units and their codes elsewhere. */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "knowledge/loading.h"

const char *const fe__term_kind_words[] = {"field",      "lab",   "condition", "product", "formulation",
                                           "medication", "event", "sign",      "assay",   "method"};
enum { TERM_KINDS = TERM_METHOD + 1 };

/* ---- vocabulary.csv ---------------------------------------------------------------------------------------------- */

enum { V_ID, V_KIND, V_LABEL, V_UNIT, V_ACCEPTED, V_HARD_LOW, V_HARD_HIGH, V_WARN_LOW, V_WARN_HIGH, V_CODES, V_NOTE, V_COLUMNS };
static const char *const vocabulary_columns[V_COLUMNS] = {
    "id", "kind", "label", "unit", "accepted_units", "hard_low", "hard_high", "warn_low", "warn_high", "codes", "note"};

/* Ranges: all four numbers and a unit, or none of them; warn inside hard. */
static void check_ranges(const sheet *s, size_t row, const term *t) {
    bool has[] = {!isnan(t->hard_low), !isnan(t->hard_high), !isnan(t->warn_low), !isnan(t->warn_high)};
    int n = has[0] + has[1] + has[2] + has[3];
    if (n != 0 && n != 4)
        fe__cell_fault(s, row, V_HARD_LOW, "hard_low, hard_high, warn_low and warn_high, or none of them", "some", NULL);
    if ((n != 0) != (*t->unit != 0))
        fe__cell_fault(s, row, V_UNIT, "a unit where there is a range, and no unit where there is none", t->unit, NULL);
    if (n == 4 && !(t->hard_low <= t->warn_low && t->warn_low <= t->warn_high && t->warn_high <= t->hard_high)) {
        fe__cell_fault(s, row, V_HARD_LOW, "hard_low <= warn_low <= warn_high <= hard_high", fe__cell(s, row, V_HARD_LOW), NULL);
    }
}

static void read_term(loader *l, const sheet *s, size_t row, term *t) {
    t->id = fe__cell_must(s, row, V_ID);
    t->label = fe__cell_must(s, row, V_LABEL);
    t->unit = fe__cell(s, row, V_UNIT);
    t->note = fe__cell(s, row, V_NOTE);
    t->kind = (term_kind)fe__cell_word(s, row, V_KIND, TERM_FIELD, fe__term_kind_words, TERM_KINDS);
    t->hard_low = fe__cell_number(s, row, V_HARD_LOW, NAN);
    t->hard_high = fe__cell_number(s, row, V_HARD_HIGH, NAN);
    t->warn_low = fe__cell_number(s, row, V_WARN_LOW, NAN);
    t->warn_high = fe__cell_number(s, row, V_WARN_HIGH, NAN);
    check_ranges(s, row, t);
    if (!*t->unit) t->words = fe__cell_list(s, row, V_ACCEPTED, &t->words_n);
    if (fe__term_find_kind(l->k, t->id, t->kind) >= 0)
        fe__cell_fault(s, row, V_ID, "an id that no other row of this kind has", t->id, NULL);
    fe__names_add(&l->index->terms, t->id);
}

void fe__load_vocabulary(loader *l) {
    fe__loader_enter(l, FILE_VOCABULARY);
    l->vocabulary = fe__loader_sheet(l, vocabulary_columns, V_COLUMNS);
    sheet s = l->vocabulary;
    term *terms = FE_NEW_ARRAY(l->a, term, s.t.rows);
    l->k->terms = terms;
    for (size_t i = 0; i < s.t.rows; i++) {
        read_term(l, &s, i, &terms[i]);
        l->k->terms_n = i + 1;
    }
}

/* ---- units.csv --------------------------------------------------------------------------------------------------- */

enum { U_ID, U_UNIT, U_FACTOR, U_OFFSET, U_COLUMNS };
static const char *const unit_columns[U_COLUMNS] = {"id", "unit", "factor", "offset"};

static int measured_term(const knowledge *k, const char *id) {
    int t = fe__term_find_kind(k, id, TERM_LAB);
    if (t < 0) t = fe__term_find_kind(k, id, TERM_FIELD);
    return t >= 0 && *k->terms[t].unit ? t : -1;
}

static void read_unit(loader *l, const sheet *s, size_t row, unit_row *u) {
    const char *id = fe__cell_must(s, row, U_ID);
    u->unit = fe__cell_must(s, row, U_UNIT);
    u->term = measured_term(l->k, id);
    u->factor = fe__cell_number(s, row, U_FACTOR, NAN);
    u->offset = fe__cell_number(s, row, U_OFFSET, NAN);
    if (!(u->factor > 0)) fe__cell_fault(s, row, U_FACTOR, "number above 0", fe__cell(s, row, U_FACTOR), NULL);
    if (isnan(u->offset)) fe__cell_fault(s, row, U_OFFSET, "number", fe__cell(s, row, U_OFFSET), "write 0 where there is none");
    if (u->term < 0) {
        fe__cell_fault(s, row, U_ID, "a lab or field of vocabulary.csv with a unit", id,
                       fe__names_hint(l->a, &l->index->terms, id));
    } else {
        if (fe__unit_find(l->k, u->term, u->unit)) fe__cell_fault(s, row, U_UNIT, "each unit of an id once", u->unit, NULL);
        bool is_own = strcmp(u->unit, l->k->terms[u->term].unit) == 0;
        bool is_same = u->factor >= 1 && u->factor <= 1 && u->offset >= 0 && u->offset <= 0;
        if (is_own && !is_same)
            fe__cell_fault(s, row, U_FACTOR, "1 and 0 for the unit of vocabulary.csv itself", fe__cell(s, row, U_FACTOR), NULL);
    }
    fe__names_add(&l->index->units, u->unit);
}

/* Every accepted unit of the vocabulary can be converted, its own unit too. */
static void check_accepted(loader *l) {
    fe__loader_enter(l, FILE_VOCABULARY);
    sheet s = l->vocabulary;
    for (size_t i = 0; i < l->k->terms_n; i++) {
        const char *own = l->k->terms[i].unit;
        if (!*own) continue;
        size_t n;
        const char *const *accepted = fe__cell_list(&s, i, V_ACCEPTED, &n);
        for (size_t j = 0; j < n; j++) {
            if (!fe__unit_find(l->k, (int)i, accepted[j]))
                fe__cell_fault(&s, i, V_ACCEPTED, "units that units.csv converts", accepted[j], NULL);
        }
        if (!fe__unit_find(l->k, (int)i, own)) fe__cell_fault(&s, i, V_UNIT, "a unit that units.csv has", own, NULL);
    }
}

void fe__load_units(loader *l) {
    fe__loader_enter(l, FILE_UNITS);
    sheet s = fe__loader_sheet(l, unit_columns, U_COLUMNS);
    unit_row *units = FE_NEW_ARRAY(l->a, unit_row, s.t.rows);
    l->k->units = units;
    for (size_t i = 0; i < s.t.rows; i++) {
        read_unit(l, &s, i, &units[i]);
        l->k->units_n = i + 1;
    }
    check_accepted(l);
}

/* ---- codes.csv --------------------------------------------------------------------------------------------------- */

void fe__load_codes(loader *l) {
    enum {
        C_KIND,
        C_CONCEPT,
        C_SYSTEM,
        C_CODE,
        C_DISPLAY,
        C_UNIT,
        C_ALT,
        C_FACTOR,
        C_RESOURCE,
        C_ROLE,
        C_VERIFIED,
        C_SOURCE,
        C_NOTE,
        C_COLUMNS
    };
    static const char *const columns[C_COLUMNS] = {"kind",      "concept",       "system",        "code",          "display",
                                                   "unit_ucum", "alt_unit_ucum", "factor_to_alt", "fhir_resource", "role",
                                                   "verified",  "source",        "note"};
    fe__loader_enter(l, FILE_CODES);
    sheet s = fe__loader_sheet(l, columns, C_COLUMNS);
    names seen;
    fe__names_init(&seen, l->a);
    for (size_t i = 0; i < s.t.rows; i++) {
        const char *key = fe__joined(l->a, fe__cell_must(&s, i, C_SYSTEM), "|", fe__cell_must(&s, i, C_CODE));
        fe__cell_must(&s, i, C_CONCEPT);
        fe__cell_verified(&s, i, C_VERIFIED);
        if (!fe__loader_id(&seen, key)) fe__cell_fault(&s, i, C_CODE, "each code of a system once", key, NULL);
    }
}

/* ---- look-ups ---------------------------------------------------------------------------------------------------- */

int fe__term_find(const knowledge *k, const char *id) { return fe__names_find(&k->index->terms, id); }

int fe__term_find_kind(const knowledge *k, const char *id, term_kind kind) {
    int i = fe__names_find(&k->index->terms, id);
    while (i >= 0 && k->terms[i].kind != kind) i = fe__names_next(&k->index->terms, id, i);
    return i;
}

const unit_row *fe__unit_find(const knowledge *k, int term_at, const char *unit) {
    int i = fe__names_find(&k->index->units, unit);
    while (i >= 0 && k->units[i].term != term_at) i = fe__names_next(&k->index->units, unit, i);
    return i < 0 ? NULL : &k->units[i];
}

/* ---- terms named by other files ---------------------------------------------------------------------------------- */

static const char *term_hint(arena *a, const knowledge *k, const char *id, term_kind kind) {
    const char **ids = FE_NEW_ARRAY(a, const char *, k->terms_n);
    size_t n = 0;
    for (size_t i = 0; i < k->terms_n; i++) {
        if (k->terms[i].kind == kind) ids[n++] = k->terms[i].id;
    }
    const char *near = fe__nearest(id, ids, n);
    return near ? fe__printf(a, "did you mean \"%s\"?", near) : NULL;
}

int fe__term_must(arena *a, faults *f, const knowledge *k, const place *at, const char *id, term_kind kind) {
    int t = fe__term_find_kind(k, id, kind);
    if (t >= 0) return t;
    fe__fault(f, fe__place_text(a, at), fe__printf(a, "a %s of vocabulary.csv", fe__term_kind_words[kind]), id,
              term_hint(a, k, id, kind));
    return -1;
}

const char *fe__take_term(loader *l, shape *o, const char *key, take how, term_kind kind) {
    const char *id = fe__take_text(o, key, how);
    place at = fe__place_key(o->at, key);
    if (id && *id) fe__term_must(l->a, &l->f, l->k, &at, id, kind);
    return id;
}

const char *const *fe__take_terms(loader *l, shape *o, const char *key, take how, term_kind kind, size_t *n) {
    const char *const *ids = fe__take_texts(o, key, how, n);
    place list = fe__place_key(o->at, key);
    for (size_t i = 0; i < *n; i++) {
        place at = fe__place_index(&list, i);
        fe__term_must(l->a, &l->f, l->k, &at, ids[i], kind);
    }
    return ids;
}
