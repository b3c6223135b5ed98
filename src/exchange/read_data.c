#include "exchange/read_data.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/text.h"

#define WORD_OF(name, word) word,
const char *const fe__dvid_names[OBSERVABLE_COUNT] = {FE_OBSERVABLES(WORD_OF)};

enum { EVENTS_MAX = 10000 };                                     /* of one patient, repeated doses counted */
static const double hours_least = 1.0 / 3600, hours_most = 1000; /* of an infusion */

/* ---- columns ------------------------------------------------------------------------------------------------------------------------- */

/* clang-format off */
#define FE_DATA_COLUMNS(X) X(ID) X(TIME) X(EVID) X(AMT) X(RATE) X(DUR) X(ADDL) X(II) X(SS) X(CMT) X(DVID) X(DV) X(MDV) X(CENS) \
    X(SEX) X(POP) X(BLOSS) X(UESA) X(C)
/* clang-format on */
#define COLUMN_ENUM(name) COLUMN_##name,
#define COLUMN_WORD(name) #name,
typedef enum column { FE_DATA_COLUMNS(COLUMN_ENUM) COLUMNS } column;
static const char *const column_words[COLUMNS] = {FE_DATA_COLUMNS(COLUMN_WORD)};

/* Covariates that stay as they are, with the vocabulary row that bounds them. */
static const struct constant {
    const char *word;
    size_t place; /* in start_labs */
    const char *term;
    double low, high; /* without such a row */
} constants[] = {{"AGE", offsetof(start_labs, age), "age_years", 0, 0},
                 {"WT", offsetof(start_labs, wt), "weight_kg", 0, 0},
                 {"HT", offsetof(start_labs, ht), "height_cm", 0, 0},
                 {"EGFR", offsetof(start_labs, egfr), "egfr", 0, 0},
                 {"HBU", offsetof(start_labs, Hbu), "usual_hemoglobin_g_dl", 0, 0},
                 {"HBN", offsetof(start_labs, Hbn), "hemoglobin", 0, 0},
                 {"CRPB", offsetof(start_labs, CRPb), "crp", 0, 0},
                 {"COMORB", offsetof(start_labs, comorb), "comorbidities_count", 0, 0},
                 {"LS", offsetof(start_labs, LS), NULL, 5, 200},
                 {"BVF", offsetof(start_labs, bvf), NULL, 0.5, 2},
                 {"AMAX", offsetof(start_labs, amax), NULL, 0.01, 20}};
enum { CONSTANTS = sizeof constants / sizeof *constants };

/* What a result at hour 0 gives the start. */
static const struct start_place {
    observable_id what;
    size_t place;
} start_places[] = {{OBSERVABLE_Hb, offsetof(start_labs, Hb)},
                    {OBSERVABLE_ferritin, offsetof(start_labs, F)},
                    {OBSERVABLE_TSAT, offsetof(start_labs, TSAT)},
                    {OBSERVABLE_TIBC, offsetof(start_labs, TIBC)},
                    {OBSERVABLE_serum_iron, offsetof(start_labs, serum_iron)},
                    {OBSERVABLE_transferrin, offsetof(start_labs, transferrin)},
                    {OBSERVABLE_CRP, offsetof(start_labs, CRP)},
                    {OBSERVABLE_phosphate, offsetof(start_labs, PH)}};

/* What a dose row gives, by the word or the number of its CMT. */
static const struct compartment {
    const char *word;
    body_event_kind kind;
    int formulation;
} compartments[] = {{"fcm", BODY_RATE, FORMULATION_fcm},
                    {"fdi", BODY_RATE, FORMULATION_fdi},
                    {"is", BODY_RATE, FORMULATION_is},
                    {"sfg", BODY_RATE, FORMULATION_sfg},
                    {"fmx", BODY_RATE, FORMULATION_fmx},
                    {"lmwid", BODY_RATE, FORMULATION_lmwid},
                    {"oral", BODY_ORAL, KEEP_FORMULATION},
                    {"bleed", BODY_BLEED, KEEP_FORMULATION},
                    {"transfuse", BODY_TRANSFUSE, KEEP_FORMULATION},
                    {"inflam", BODY_INFLAM, KEEP_FORMULATION}};
enum { COMPARTMENTS = sizeof compartments / sizeof *compartments };

typedef struct reading {
    const knowledge *k;
    const model_data *m;
    faults *f;
    csv_table t;
    int at[COLUMNS], constant_at[CONSTANTS], eta_at[ETAS + 1];
    size_t row;
    /* of the patient that is read */
    data_subject *who;
    body_event *events;
    size_t events_n, events_cap;
    data_row *rows;
    size_t rows_n, rows_cap;
    struct span *spans; /* of iron by vein */
    size_t spans_n, spans_cap;
    double loss, drive, last_time;
} reading;

typedef struct span {
    double from, to; /* h */
} span;

/* ---- cells --------------------------------------------------------------------------------------------------------------------------- */

/* "" for an empty cell, and for the dot that stands for one. */
static const char *text_at(const reading *r, int column_at) {
    const char *s = fe__csv_cell(&r->t, r->row, column_at);
    return fe__streq(s, ".") ? "" : s;
}

static const char *cell(const reading *r, column c) { return text_at(r, r->at[c]); }

static void say_fault(const reading *r, const char *word, const char *expected, const char *found, const char *hint) {
    fe__fault(r->f, fe__printf(r->f->a, "line %zu, column %s", r->t.line[r->row], word), expected, *found ? found : "nothing",
              hint);
}

/* NaN for an empty cell and, with a fault, for what is no number. */
static double number_at(const reading *r, int column_at, const char *word) {
    const char *s = text_at(r, column_at);
    double v;
    if (!*s) return NAN;
    if (fe__number_parse(s, &v)) return v;
    say_fault(r, word, "a number", s, NULL);
    return NAN;
}

static double number(const reading *r, column c) { return number_at(r, r->at[c], column_words[c]); }

/* A number that must lie in a range; NaN with a fault otherwise. `need`: empty is a fault too. */
static double number_in(const reading *r, column c, double low, double high, bool need) {
    double v = number(r, c);
    if (isnan(v) && need && !*cell(r, c)) say_fault(r, column_words[c], "a number", "", NULL);
    if (isnan(v) || (v >= low && v <= high)) return v;
    say_fault(r, column_words[c],
              fe__printf(r->f->a, "%s to %s", fe__number_text(r->f->a, low, 6),
                         isinf(high) ? "any" : fe__number_text(r->f->a, high, 6)),
              cell(r, c), NULL);
    return NAN;
}

/* The same of a whole number. */
static double whole_in(const reading *r, column c, double low, double high, bool need) {
    double v = number_in(r, c, low, high, need);
    if (isnan(v) || v == floor(v)) return v;
    say_fault(r, column_words[c], "a whole number", cell(r, c), NULL);
    return NAN;
}

/* In the hard range of a vocabulary row. */
static bool is_plausible(const reading *r, const char *term_id, double v, const char *word) {
    int at = fe__term_find(r->k, term_id);
    const term *t = at >= 0 ? &r->k->terms[at] : NULL;
    if (!t || isnan(t->hard_low) || (v >= t->hard_low && v <= t->hard_high)) return true;
    say_fault(r, word,
              fe__printf(r->f->a, "%s to %s %s", fe__number_text(r->f->a, t->hard_low, 6),
                         fe__number_text(r->f->a, t->hard_high, 6), t->unit),
              fe__number_text(r->f->a, v, 6), NULL);
    return false;
}

/* ---- covariates ------------------------------------------------------------------------------------------------------------------------ */

static void set(start_labs *l, size_t place, double v) { memcpy((char *)l + place, &v, sizeof v); }

static double get(const start_labs *l, size_t place) {
    double v;
    memcpy(&v, (const char *)l + place, sizeof v);
    return v;
}

/* The first value counts; another one later is a fault: what stays is said once. */
static void constant_of(reading *r, size_t i, bool is_first) {
    const char *word = constants[i].word;
    double v = number_at(r, r->constant_at[i], word), before = get(&r->who->labs, constants[i].place);
    if (isnan(v) || (constants[i].term && !is_plausible(r, constants[i].term, v, word))) return;
    if (!constants[i].term && !(v >= constants[i].low && v <= constants[i].high))
        say_fault(r, word,
                  fe__printf(r->f->a, "%s to %s", fe__number_text(r->f->a, constants[i].low, 2),
                             fe__number_text(r->f->a, constants[i].high, 0)),
                  text_at(r, r->constant_at[i]), NULL);
    else if (is_first) set(&r->who->labs, constants[i].place, v);
    else if (v != before)
        say_fault(r, word, "the value of the patient's first row: this covariate does not change in time",
                  fe__number_text(r->f->a, v, 6), "BLOSS and UESA may change");
}

static void sex_of(reading *r, bool is_first) {
    const char *s = cell(r, COLUMN_SEX);
    bool woman = fe__streq(s, "f") || fe__streq(s, "F") || fe__streq(s, "female"),
         man = fe__streq(s, "m") || fe__streq(s, "M") || fe__streq(s, "male");
    if (!*s && !is_first) return;
    if (!woman && !man) say_fault(r, "SEX", "f or m", s, "numbers for sexes differ from file to file");
    else if (is_first) r->who->labs.woman = woman;
    else if (r->who->labs.woman != woman) say_fault(r, "SEX", "the sex of the patient's first row", s, NULL);
}

static void population_of(reading *r, bool is_first) {
    const char *s = cell(r, COLUMN_POP);
    int which = *s ? fe__population_find(s) : -1;
    if (!*s) return;
    if (which < 0)
        say_fault(r, "POP", "a population of data/model/populations.csv", s,
                  fe__nearest(s, fe__population_ids, POPULATION_COUNT));
    else if (is_first) r->who->population = r->who->labs.population = which;
    else if (r->who->population != which) say_fault(r, "POP", "the population of the patient's first row", s, NULL);
}

static void eta_of(reading *r, int i, bool is_first) {
    const char *word = fe__printf(r->f->a, "ETA%d", i);
    double v = number_at(r, r->eta_at[i], word);
    if (isnan(v)) return;
    if (!(fabs(v) <= 5)) say_fault(r, word, "-5 to 5", fe__number_text(r->f->a, v, 6), NULL);
    else if (is_first) r->who->eta[i] = v, r->who->has_eta = true;
    else if (v != r->who->eta[i]) say_fault(r, word, "the eta of the patient's first row", fe__number_text(r->f->a, v, 6), NULL);
}

static body_event *happen(reading *r, double t, body_event_kind kind, double amount) {
    body_event *e = FE_PUSH(r->f->a, r->events, r->events_n, r->events_cap);
    *e = (body_event){.t = t, .kind = kind, .formulation = KEEP_FORMULATION, .amount = amount, .Hbn = NAN, .place = r->events_n};
    return e;
}

/* A value that may change counts from its row on. */
static void changing(reading *r, column c, double high, double *now, body_event_kind kind, double t, bool is_first) {
    double v = number_in(r, c, 0, high, false);
    if (isnan(v)) return;
    if (!is_first && v != *now) happen(r, t, kind, v);
    *now = v;
}

static void covariates(reading *r, double t, bool is_first) {
    for (size_t i = 0; i < CONSTANTS; i++) constant_of(r, i, is_first);
    for (int i = 1; i <= ETAS; i++) eta_of(r, i, is_first);
    sex_of(r, is_first);
    population_of(r, is_first);
    changing(r, COLUMN_BLOSS, 2000, &r->loss, BODY_LOSS, t, is_first);
    changing(r, COLUMN_UESA, 20, &r->drive, BODY_ESA, t, is_first);
    if (!is_first) return;
    r->who->labs.bloss = r->loss;
    if (!isnan(r->drive)) r->who->labs.uESA = r->drive;
}

/* ---- doses ------------------------------------------------------------------------------------------------------------------------------ */

static const struct compartment *compartment_of(const reading *r) {
    const char *words[COMPARTMENTS];
    for (size_t i = 0; i < COMPARTMENTS; i++) words[i] = compartments[i].word;
    const char *s = cell(r, COLUMN_CMT);
    double n;
    for (size_t i = 0; i < COMPARTMENTS; i++)
        if (fe__streq(s, compartments[i].word)) return &compartments[i];
    if (fe__number_parse(s, &n) && n >= 1 && n <= COMPARTMENTS && n == floor(n)) return &compartments[(size_t)n - 1];
    say_fault(r, "CMT", "fcm, fdi, is, sfg, fmx, lmwid, oral, bleed, transfuse, inflam, or 1 to 10 for them", s,
              fe__nearest(s, words, COMPARTMENTS));
    return NULL;
}

/* Hours that iron by vein runs: by RATE or DUR, one of them. NaN with a fault. */
static double hours_of(const reading *r, double mg) {
    double rate = number(r, COLUMN_RATE), hours = number(r, COLUMN_DUR);
    bool by_rate = rate > 0, by_hours = hours > 0;
    if (by_rate == by_hours || rate < 0 || hours < 0) {
        say_fault(r, "RATE", "mg/h above 0, or DUR in hours, one of them", cell(r, COLUMN_RATE),
                  "iron by vein always takes some time");
        return NAN;
    }
    double runs = by_rate ? mg / rate : hours;
    if (runs >= hours_least && runs <= hours_most) return runs;
    say_fault(r, by_rate ? "RATE" : "DUR", "an infusion of a second to a thousand hours",
              cell(r, by_rate ? COLUMN_RATE : COLUMN_DUR), NULL);
    return NAN;
}

static void dose(reading *r, double t) {
    const struct compartment *c = compartment_of(r);
    double amount = number_in(r, COLUMN_AMT, 1e-9, 1e6, true), more = whole_in(r, COLUMN_ADDL, 0, EVENTS_MAX, false),
           every = number_in(r, COLUMN_II, 1e-6, 1e6, more > 0), steady = number(r, COLUMN_SS);
    double hours = c && c->kind == BODY_RATE && !isnan(amount) ? hours_of(r, amount) : NAN;
    if (steady != 0 && !isnan(steady))
        say_fault(r, "SS", "nothing or 0", cell(r, COLUMN_SS), "write the doses out, or ADDL and II");
    if (!c || isnan(amount) || (more > 0 && isnan(every)) || (c->kind == BODY_RATE && isnan(hours))) return;
    size_t times = isnan(more) ? 1 : 1 + (size_t)more;
    if (r->events_n + 2 * times > EVENTS_MAX) {
        say_fault(r, "ADDL", fe__printf(r->f->a, "at most %d events of one patient", EVENTS_MAX), cell(r, COLUMN_ADDL), NULL);
        return;
    }
    for (size_t i = 0; i < times; i++) {
        double at = t + (i ? (double)i * every : 0);
        body_event *e = happen(r, at, c->kind, c->kind == BODY_RATE ? amount / hours : amount);
        e->formulation = c->formulation;
        if (c->kind != BODY_RATE) continue;
        happen(r, at + hours, BODY_RATE, 0);
        *FE_PUSH(r->f->a, r->spans, r->spans_n, r->spans_cap) = (span){at, at + hours};
    }
}

/* ---- results ----------------------------------------------------------------------------------------------------------------------------- */

static int observable_of(const reading *r) {
    const char *s = cell(r, COLUMN_DVID);
    double n;
    for (int i = 0; i < OBSERVABLE_COUNT; i++)
        if (fe__streq(s, fe__dvid_names[i]) || (*r->m->labs[i].lab && fe__streq(s, r->m->labs[i].lab))) return i;
    if (fe__number_parse(s, &n) && n >= 1 && n <= OBSERVABLE_COUNT && n == floor(n)) return (int)n - 1;
    say_fault(r, "DVID", fe__printf(r->f->a, "an observable of data/model/labs.csv, or its number 1 to %d", OBSERVABLE_COUNT), s,
              fe__nearest(s, fe__dvid_names, OBSERVABLE_COUNT));
    return -1;
}

/* At hour 0 the first result of a kind makes the start. */
static bool makes_start(reading *r, const data_row *row) {
    if (row->seen.t > 0 || row->is_missing || row->seen.comparator == '>') return false;
    for (size_t i = 0; i < sizeof start_places / sizeof *start_places; i++) {
        if (start_places[i].what != row->seen.what || !isnan(get(&r->who->labs, start_places[i].place))) continue;
        double share = row->seen.comparator == '<' ? r->m->n.lloq_share : 1;
        set(&r->who->labs, start_places[i].place, share * row->seen.value);
        return true;
    }
    return false;
}

static void observe(reading *r, double t) {
    static const char comparators[] = {'>', 0, '<'};
    int what = observable_of(r);
    double v = number(r, COLUMN_DV), missing = whole_in(r, COLUMN_MDV, 0, 1, false),
           bound = whole_in(r, COLUMN_CENS, -1, 1, false);
    bool is_missing = missing == 1 || isnan(v);
    if (what < 0) return;
    if (!is_missing && *r->m->labs[what].lab && !is_plausible(r, r->m->labs[what].lab, v, "DV")) return;
    if (!is_missing && !(v > 0 || (v == 0 && r->m->labs[what].lloq > 0))) {
        say_fault(r, "DV", "a value above 0", cell(r, COLUMN_DV), "CENS 1 says that a value lies below DV");
        return;
    }
    data_row *row = FE_PUSH(r->f->a, r->rows, r->rows_n, r->rows_cap);
    *row = (data_row){.line = r->t.line[r->row],
                      .seen = {.what = (observable_id)what, .t = t, .value = is_missing ? 1 : v},
                      .is_missing = is_missing};
    row->seen.comparator = isnan(bound) ? 0 : comparators[(int)bound + 1];
    row->is_start = makes_start(r, row);
}

/* ---- rows -------------------------------------------------------------------------------------------------------------------------------- */

/* 0 observation, 1 dose, 2 another event; -1 with a fault. */
static int kind_of_row(const reading *r) {
    double evid = number(r, COLUMN_EVID), amount = number(r, COLUMN_AMT);
    if (isnan(evid)) return *cell(r, COLUMN_EVID) ? -1 : amount > 0 ? 1 : 0;
    if (evid == 0 || evid == 1 || evid == 2) return (int)evid;
    say_fault(r, "EVID", "0 observation, 1 dose, 2 other", cell(r, COLUMN_EVID), "a reset is a new ID");
    return -1;
}

static void read_row(reading *r, bool is_first) {
    double t = number_in(r, COLUMN_TIME, 0, 1e5, true);
    int kind = kind_of_row(r);
    if (isnan(t)) return;
    if (!is_first && t < r->last_time)
        say_fault(r, "TIME", "a time not before that of the row above", cell(r, COLUMN_TIME), "sort each patient by TIME");
    r->last_time = t;
    covariates(r, t, is_first);
    if (kind == 1) dose(r, t);
    if (kind == 0 && (*cell(r, COLUMN_DVID) || *cell(r, COLUMN_DV))) observe(r, t);
}

static int by_start(const void *one, const void *two) {
    const span *a = one, *b = two;
    return (a->from > b->from) - (a->from < b->from);
}

static void refuse_overlaps(reading *r) {
    if (r->spans_n) qsort(r->spans, r->spans_n, sizeof *r->spans, by_start);
    for (size_t i = 1; i < r->spans_n; i++) {
        if (r->spans[i].from >= r->spans[i - 1].to) continue;
        fe__fault(r->f, fe__printf(r->f->a, "line %zu, column TIME", r->who->line), "infusions of one patient one after another",
                  fe__printf(r->f->a, "patient %s: one starts at hour %s while another runs", r->who->id,
                             fe__number_text(r->f->a, r->spans[i].from, 4)),
                  NULL);
    }
}

static void read_subject(reading *r, data_subject *s) {
    const char *id = cell(r, COLUMN_ID);
    *s = (data_subject){.id = id, .line = r->t.line[r->row], .population = -1, .labs = fe__start_labs_none()};
    r->who = s;
    r->events = NULL, r->rows = NULL, r->spans = NULL;
    r->events_n = r->events_cap = r->rows_n = r->rows_cap = r->spans_n = r->spans_cap = 0;
    r->loss = r->drive = NAN;
    for (bool is_first = true; r->row < r->t.rows && fe__streq(cell(r, COLUMN_ID), id); r->row++) {
        if (*cell(r, COLUMN_C)) continue;
        read_row(r, is_first);
        is_first = false;
    }
    fe__events_sort(r->events, r->events_n);
    refuse_overlaps(r);
    s->events = r->events, s->events_n = r->events_n;
    s->rows = r->rows, s->rows_n = r->rows_n;
}

/* ---- the whole ---------------------------------------------------------------------------------------------------------------------------- */

static int eta_column(const reading *r, const char *word) {
    for (int i = 1; i <= ETAS; i++)
        if (fe__streq(word, fe__printf(r->f->a, "ETA%d", i))) return i;
    return 0;
}

static bool is_known(reading *r, const char *word, int at) {
    for (int c = 0; c < COLUMNS; c++)
        if (fe__streq(word, column_words[c])) return r->at[c] = at, true;
    for (int c = 0; c < CONSTANTS; c++)
        if (fe__streq(word, constants[c].word)) return r->constant_at[c] = at, true;
    int eta = eta_column(r, word);
    if (eta) r->eta_at[eta] = at;
    return eta > 0;
}

static void find_columns(reading *r, data_set *out) {
    const char **ignored = FE_NEW_ARRAY(r->f->a, const char *, r->t.columns + 1);
    for (int i = 0; i < COLUMNS; i++) r->at[i] = -1;
    for (int i = 0; i < CONSTANTS; i++) r->constant_at[i] = -1;
    for (int i = 0; i <= ETAS; i++) r->eta_at[i] = -1;
    for (size_t c = 0; c < r->t.columns; c++)
        if (!fe__is_printable(r->t.header[c]))
            fe__fault(r->f, "line 1", "names of columns that can be printed", fe__printf(r->f->a, "another in column %zu", c + 1),
                      NULL);
        else if (!is_known(r, r->t.header[c], (int)c)) ignored[out->ignored_n++] = r->t.header[c];
    out->ignored = ignored;
    static const column needed[] = {COLUMN_ID, COLUMN_TIME, COLUMN_DVID, COLUMN_SEX};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (r->at[needed[i]] < 0)
            fe__fault(r->f, "line 1", fe__printf(r->f->a, "a column %s", column_words[needed[i]]), "none",
                      "ID TIME EVID AMT RATE CMT DVID DV MDV CENS SEX AGE WT ...; docs/data-sets.md has all");
}

static int by_id(const void *one, const void *two) {
    const data_subject *a = *(const data_subject *const *)one, *b = *(const data_subject *const *)two;
    int order = strcmp(a->id, b->id);
    return order ? order : (a->line > b->line) - (a->line < b->line);
}

/* Rows of one patient stand together: an ID that comes back is a fault. */
static void refuse_returning(reading *r, const data_subject *list, size_t n) {
    const data_subject **sorted = FE_NEW_ARRAY(r->f->a, const data_subject *, n + 1);
    for (size_t i = 0; i < n; i++) sorted[i] = &list[i];
    if (n) qsort(sorted, n, sizeof *sorted, by_id);
    for (size_t i = 1; i < n; i++) {
        if (!fe__streq(sorted[i]->id, sorted[i - 1]->id)) continue;
        fe__fault(r->f, fe__printf(r->f->a, "line %zu, column ID", sorted[i]->line), "the rows of a patient together",
                  fe__printf(r->f->a, "%s again, first in line %zu", sorted[i]->id, sorted[i - 1]->line),
                  "sort the file by ID and TIME");
    }
}

const data_set *fe__data_read(const knowledge *k, const model_data *m, faults *f, const char *bytes, size_t length) {
    reading r = {.k = k, .m = m, .f = f, .t = fe__csv_read(f, bytes, length)};
    data_set *out = FE_NEW(f->a, data_set);
    size_t n = 0, cap = 0;
    data_subject *list = NULL;
    if (f->n) return NULL;
    find_columns(&r, out);
    if (f->n) return NULL;
    if (r.t.rows == 0) fe__fault(f, "line 2", "a row", "none", NULL);
    while (r.row < r.t.rows) {
        if (!*cell(&r, COLUMN_ID) || !fe__is_printable(cell(&r, COLUMN_ID))) {
            say_fault(&r, "ID", "a name or number that can be printed", *cell(&r, COLUMN_ID) ? "another character" : "", NULL);
            r.row++;
            continue;
        }
        data_subject *s = FE_PUSH(f->a, list, n, cap);
        read_subject(&r, s);
    }
    refuse_returning(&r, list, n);
    out->subjects = list;
    out->n = n;
    return f->n ? NULL : out;
}

bool fe__is_data_set(const char *bytes, size_t length) {
    size_t i = 0;
    if (length >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) i = 3;
    while (i < length && (bytes[i] == ' ' || bytes[i] == '\t' || bytes[i] == '\r' || bytes[i] == '\n')) i++;
    return i < length && (isalpha((unsigned char)bytes[i]) || bytes[i] == '"'); /* a header, quoted or not */
}
