/* data/evidence/ as tables; see evidence.h. */
#include "knowledge/evidence.h"

#include <math.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "knowledge/embedded.h"
#include "knowledge/sheet.h"

#define WORD_OF_PAIR(name, word) word,
static const char *const measure_words[MEASURE_COUNT] = {FE_MEASURES(WORD_OF_PAIR)};
static const char *const when_words[] = {"at", "least", "most"}, *const of_words[] = {"value", "change", "change-pct"};
static const char *const relation_words[] = {"", "<", "<=", ">=", ">"}, *const note_words[] = {"at", "extreme"};
#define COUNT(list) (sizeof(list) / sizeof *(list))

/* ---- files ------------------------------------------------------------------------------------------------------------- */

typedef struct source {
    faults *f;
    const char *folder;
} source;

static bool open_sheet(const source *s, const char *name, const char *const *columns, size_t n, sheet *out) {
    faults *f = s->f;
    const char *path = fe__printf(f->a, "evidence/%s", name), *content = NULL;
    size_t size = 0;
    f->file = s->folder ? fe__printf(f->a, "%s/%s", s->folder, path) : path;
    if (s->folder) content = fe__file_read(f, f->file, CSV_MAX_BYTES, &size);
    for (size_t i = 0; !s->folder && i < fe__embedded_count; i++) {
        if (strcmp(fe__embedded[i].name, path) != 0) continue;
        content = (const char *)fe__embedded[i].data;
        size = fe__embedded[i].size;
    }
    if (!content && !s->folder)
        fe__fault(f, "", "a file of the built-in evidence", "no file of this name", "build again, or give a folder with --data");
    if (content) *out = fe__sheet(f, content, size, columns, n);
    return content != NULL;
}

/* -1 for an empty cell; a fault for a word that is no such id. */
static int id_or_none(const sheet *s, size_t row, size_t column, int (*find)(const char *id), const char *expected) {
    const char *word = fe__cell(s, row, column);
    int id = *word ? find(word) : -1;
    if (*word && id < 0) fe__cell_fault(s, row, column, expected, word, NULL);
    return id;
}

/* ---- endpoints, notes ----------------------------------------------------------------------------------------------------- */

static void read_endpoints(evidence *e, const source *from) {
    static const char *const columns[] = {"endpoint", "stem",  "measure",   "when",   "of",       "observed", "lab", "factor",
                                          "relation", "level", "level_men", "from_h", "window_h", "unit",     "why"};
    sheet s;
    if (!open_sheet(from, "endpoints.csv", columns, COUNT(columns), &s)) return;
    endpoint_row *list = FE_NEW_ARRAY(from->f->a, endpoint_row, s.t.rows + 1);
    for (size_t row = 0; row < s.t.rows; row++) {
        int measure = fe__cell_word(&s, row, 2, MEASURE_NONE, measure_words, COUNT(measure_words));
        bool none = measure == MEASURE_NONE;
        list[row] =
            (endpoint_row){.id = fe__cell_must(&s, row, 0),
                           .stem = fe__cell(&s, row, 1),
                           .measure = (measure_kind)measure,
                           .when = none ? WHEN_AT : (measure_when)fe__cell_word(&s, row, 3, 0, when_words, COUNT(when_words)),
                           .of = none ? OF_VALUE : (measure_of)fe__cell_word(&s, row, 4, 0, of_words, COUNT(of_words)),
                           .observed = none ? "" : fe__cell_must(&s, row, 5),
                           .lab = id_or_none(&s, row, 6, fe__observable_find, "an observable of model/labs.csv"),
                           .factor = fe__cell_number(&s, row, 7, 1),
                           .relation = (measure_relation)fe__cell_word(&s, row, 8, 0, relation_words, COUNT(relation_words)),
                           .level = fe__cell_number(&s, row, 9, NAN),
                           .level_men = fe__cell_number(&s, row, 10, NAN),
                           .from_h = fe__cell_number(&s, row, 11, 0),
                           .window_h = fe__cell_number(&s, row, 12, 0),
                           .unit = fe__cell(&s, row, 13),
                           .why = fe__cell_must(&s, row, 14)};
        if (list[row].relation != RELATION_NONE && isnan(list[row].level))
            fe__cell_fault(&s, row, 9, "the level of the relation", "an empty cell", NULL);
    }
    e->endpoints = list;
    e->endpoints_n = s.t.rows;
}

static void read_notes(evidence *e, const source *from) {
    static const char *const columns[] = {"phrase", "stem", "reading", "why"};
    sheet s;
    if (!open_sheet(from, "notes.csv", columns, COUNT(columns), &s)) return;
    note_row *list = FE_NEW_ARRAY(from->f->a, note_row, s.t.rows + 1);
    for (size_t row = 0; row < s.t.rows; row++)
        list[row] = (note_row){.phrase = fe__cell_must(&s, row, 0),
                               .stem = fe__cell(&s, row, 1),
                               .extreme = fe__cell_word(&s, row, 2, 0, note_words, COUNT(note_words)) == 1,
                               .why = fe__cell_must(&s, row, 3)};
    e->notes = list;
    e->notes_n = s.t.rows;
}

/* ---- what stands for what is not given; what happened beside iron ------------------------------------------------------------- */

static void read_assumed(evidence *e, const source *from) {
    static const char *const columns[] = {"item", "formulation", "up_to_mg", "value", "unit", "why"};
    sheet s;
    if (!open_sheet(from, "assumed.csv", columns, COUNT(columns), &s)) return;
    assumed_row *list = FE_NEW_ARRAY(from->f->a, assumed_row, s.t.rows + 1);
    for (size_t row = 0; row < s.t.rows; row++) {
        list[row] = (assumed_row){.item = fe__cell_must(&s, row, 0),
                                  .formulation = id_or_none(&s, row, 1, fe__formulation_find, "a formulation that is modelled"),
                                  .up_to_mg = fe__cell_number(&s, row, 2, INFINITY),
                                  .value = fe__cell_number(&s, row, 3, NAN),
                                  .unit = fe__cell(&s, row, 4),
                                  .why = fe__cell_must(&s, row, 5)};
        if (!(list[row].value > 0)) fe__cell_fault(&s, row, 3, "a number above 0", fe__cell(&s, row, 3), NULL);
    }
    e->assumed = list;
    e->assumed_n = s.t.rows;
}

static void read_circumstances(evidence *e, const source *from) {
    static const char *const columns[] = {"study", "event", "value", "why"}, *const events[] = {"esa-factor"};
    sheet s;
    if (!open_sheet(from, "circumstances.csv", columns, COUNT(columns), &s)) return;
    circumstance_row *list = FE_NEW_ARRAY(from->f->a, circumstance_row, s.t.rows + 1);
    for (size_t row = 0; row < s.t.rows; row++) {
        fe__cell_word(&s, row, 1, 0, events, COUNT(events));
        list[row] = (circumstance_row){
            .study = fe__cell_must(&s, row, 0), .esa_factor = fe__cell_number(&s, row, 2, 1), .why = fe__cell_must(&s, row, 3)};
    }
    e->circumstances = list;
    e->circumstances_n = s.t.rows;
}

/* ---- whom a text speaks of -------------------------------------------------------------------------------------------------------- */

typedef struct map_row {
    faults *f;
    const csv_table *t;
    size_t row;
} map_row;

static void map_fault(const map_row *m, const char *column, const char *expected, const char *found) {
    fe__fault(m->f, fe__printf(m->f->a, "line %zu, %s", m->t->line[m->row], column), expected, found, NULL);
}

static const char *map_cell(const map_row *m, const char *column) {
    return fe__csv_cell(m->t, m->row, fe__csv_column(m->t, column));
}

static int map_population(const map_row *m, const char *column, const char *nobody) {
    const char *word = map_cell(m, column);
    int id = fe__population_find(word);
    if (id < 0 && strcmp(word, nobody) != 0) map_fault(m, column, "an indication of model/populations.csv, or none", word);
    return id;
}

/* "F<=35". */
static void read_bound(const map_row *m, const char *part, population_row *x) {
    static const char expected[] = "bounds of Hb, F, TSAT, CRP or egfr, such as F>=500;F<=1200";
    static const struct {
        const char *word;
        variable_id variable;
    } variables[] = {
        {"Hb", VARIABLE_Hb}, {"F", VARIABLE_F}, {"TSAT", VARIABLE_TSAT}, {"CRP", VARIABLE_CRP}, {"egfr", VARIABLE_egfr}};
    size_t length = strcspn(part, "<>");
    population_bound b = {.low = part[length] == '>'};
    bool known = false;
    for (size_t i = 0; i < COUNT(variables); i++) {
        if (strlen(variables[i].word) != length || strncmp(variables[i].word, part, length) != 0) continue;
        b.variable = variables[i].variable;
        known = true;
    }
    known = known && part[length] && part[length + 1] == '=' && fe__number_parse(part + length + 2, &b.value);
    if (!known || x->bounds_n == POPULATION_BOUNDS_MAX) map_fault(m, "restrict", expected, part);
    else x->bounds[x->bounds_n++] = b;
}

/* "irls_responder_pct@504": endpoint and hour. */
static void read_responders(const evidence *e, const map_row *m, population_row *x) {
    enum { HOURS_MAX = 17544 };
    const char *word = map_cell(m, "responders"), *hour = strchr(word, '@');
    if (!*word) return;
    bool known = hour && fe__number_parse(hour + 1, &x->responders_h) && x->responders_h >= 0 && x->responders_h <= HOURS_MAX;
    const char *endpoint = hour ? fe__strndup(m->f->a, word, (size_t)(hour - word)) : "";
    bool share = false;
    for (size_t i = 0; i < e->endpoints_n; i++)
        share = share || (strcmp(e->endpoints[i].id, endpoint) == 0 && e->endpoints[i].relation != RELATION_NONE);
    if (!known || !share) {
        map_fault(m, "responders", "a share of endpoints.csv and an hour, such as irls_responder_pct@504", word);
        return;
    }
    x->responders_endpoint = endpoint;
}

static population_row read_population(const evidence *e, const map_row *m, bool given) {
    population_row x = {.text = map_cell(m, "population"),
                        .reason = map_cell(m, "reason"),
                        .population = map_population(m, "indication", "none"),
                        .labs_of = map_population(m, "labs_of", ""),
                        .given = given};
    size_t n;
    char **parts = fe__split(m->f->a, map_cell(m, "restrict"), ';', &n);
    for (size_t i = 0; i < n; i++) read_bound(m, parts[i], &x);
    read_responders(e, m, &x);
    if (!*x.text) map_fault(m, "population", "the text of a study", "an empty cell");
    return x;
}

static void add_map(evidence *e, faults *f, const char *map, size_t length, bool given) {
    static const char *const known[] = {"population", "indication", "reason", "labs_of", "restrict", "responders"};
    csv_table t = fe__csv_read(f, map, length);
    for (size_t i = 0; i < 2; i++)
        if (fe__csv_column(&t, known[i]) < 0)
            fe__fault(f, "line 1", fe__printf(f->a, "a column \"%s\"", known[i]), "nothing",
                      "columns: population,indication,reason");
    for (size_t row = 0; row < t.rows; row++) {
        population_row x = read_population(e, &(map_row){f, &t, row}, given), *at = NULL;
        for (size_t i = 0; i < e->populations_n && !at; i++)
            if (strcmp(e->populations[i].text, x.text) == 0) at = &e->populations[i];
        if (!at) at = FE_PUSH(f->a, e->populations, e->populations_n, e->populations_cap);
        *at = x;
    }
}

void fe__evidence_add_map(evidence *e, faults *f, const char *map, size_t length) { add_map(e, f, map, length, true); }

static void read_map(evidence *e, const source *from) {
    static const char *const columns[] = {"population", "indication", "reason", "labs_of", "restrict", "responders"};
    sheet s;
    if (!open_sheet(from, "population_map.csv", columns, COUNT(columns), &s)) return;
    for (size_t row = 0; row < s.t.rows; row++) {
        population_row *x = FE_PUSH(from->f->a, e->populations, e->populations_n, e->populations_cap);
        *x = read_population(e, &(map_row){from->f, &s.t, row}, false);
        for (size_t i = 0; i + 1 < e->populations_n; i++)
            if (strcmp(e->populations[i].text, x->text) == 0) fe__cell_fault(&s, row, 0, "each text once", x->text, NULL);
    }
}

/* ---- the whole --------------------------------------------------------------------------------------------------------------------- */

evidence *fe__evidence_load(const char *folder, faults *f) {
    size_t before = f->n + f->dropped;
    const char *file = f->file;
    evidence *e = FE_NEW(f->a, evidence);
    const source from = {f, folder};
    read_endpoints(e, &from);
    read_notes(e, &from);
    read_assumed(e, &from);
    read_circumstances(e, &from);
    read_map(e, &from);
    f->file = file;
    return f->n + f->dropped == before ? e : NULL;
}

const population_row *fe__evidence_population(const evidence *e, const char *words) {
    for (size_t i = 0; i < e->populations_n; i++)
        if (strcmp(e->populations[i].text, words) == 0) return &e->populations[i];
    return NULL;
}

const circumstance_row *fe__evidence_circumstance(const evidence *e, const char *study) {
    for (size_t i = 0; i < e->circumstances_n; i++)
        if (strcmp(e->circumstances[i].study, study) == 0) return &e->circumstances[i];
    return NULL;
}

const assumed_row *fe__evidence_assumed(const evidence *e, const char *item, int of, double mg) {
    for (size_t i = 0; i < e->assumed_n; i++) {
        const assumed_row *x = &e->assumed[i];
        if (strcmp(x->item, item) == 0 && (x->formulation < 0 || x->formulation == of) && mg <= x->up_to_mg) return x;
    }
    return NULL;
}
