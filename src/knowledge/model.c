/* data/model/ as one struct. Every file is a table whose rows the program knows by name: a row too many, too few or twice is a fault. */
#include "knowledge/model.h"

#include <math.h>
#include <string.h>

#include "base/elementary.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"
#include "knowledge/embedded.h"
#include "knowledge/shape.h"
#include "knowledge/sheet.h"

#define WORD_OF_NAME(name)       #name,
#define WORD_OF_PAIR(name, word) word,
const char *const fe__formulation_ids[FORMULATION_COUNT] = {FE_FORMULATIONS(WORD_OF_NAME)};
const char *const fe__population_ids[POPULATION_COUNT] = {FE_POPULATIONS(WORD_OF_PAIR)};
static const char *const parameter_names[] = {FE_PARAMETERS(WORD_OF_NAME)};
static const char *const constant_names[] = {FE_FORMULATION_CONSTANTS(WORD_OF_NAME)};
static const char *const number_names[] = {FE_MODEL_NUMBERS(WORD_OF_NAME)};
static const char *const variable_names[] = {FE_VARIABLES(WORD_OF_PAIR)};
static const char *const observable_names[] = {FE_OBSERVABLES(WORD_OF_PAIR)};
static const char *const covariate_names[] = {FE_COVARIATES(WORD_OF_PAIR)};
static const char *const correlated_names[] = {"Hb", "F", "TSAT", "CRP", "wt", "age", "egfr"};
#define COUNT(list) (sizeof(list) / sizeof *(list))

/* The structs of doubles are filled by the place of a name in its list. */
_Static_assert(sizeof(parameters) == COUNT(parameter_names) * sizeof(double), "only doubles");
_Static_assert(sizeof(formulation) == COUNT(constant_names) * sizeof(double), "only doubles");
_Static_assert(sizeof(model_numbers) == COUNT(number_names) * sizeof(double), "only doubles");

enum { MODEL_FILES = 9 };
static const char *const file_names[MODEL_FILES] = {"closure.csv",      "correlations.csv", "covariates.csv",
                                                    "formulations.csv", "labs.csv",         "misses.csv",
                                                    "numbers.csv",      "parameters.csv",   "populations.csv"};
enum { CLOSURE, CORRELATIONS, COVARIATES, FORMULATIONS, LABS, MISSES, NUMBERS, PARAMETERS, POPULATIONS };

typedef struct reading {
    faults *f;
    const char *folder;
    model_data *m;
    text listing; /* "hash  name" of every file */
} reading;

static int word_in(const char *word, const char *const *words, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (strcmp(word, words[i]) == 0) return (int)i;
    return -1;
}

int fe__formulation_find(const char *id) { return id ? word_in(id, fe__formulation_ids, FORMULATION_COUNT) : -1; }
int fe__population_find(const char *id) { return id ? word_in(id, fe__population_ids, POPULATION_COUNT) : -1; }
int fe__observable_find(const char *id) { return id ? word_in(id, observable_names, OBSERVABLE_COUNT) : -1; }

/* ---- files ------------------------------------------------------------------------------------------------------------- */

static const char *read_file(reading *r, const char *name, size_t *size) {
    faults *f = r->f;
    const char *path = fe__printf(f->a, "model/%s", name), *content = NULL;
    if (r->folder) {
        f->file = fe__printf(f->a, "%s/%s", r->folder, path);
        content = fe__file_read(f, f->file, CSV_MAX_BYTES, size);
    } else {
        f->file = path;
        for (size_t i = 0; i < fe__embedded_count; i++) {
            if (strcmp(fe__embedded[i].name, path) != 0) continue;
            content = (const char *)fe__embedded[i].data;
            *size = fe__embedded[i].size;
        }
        if (!content)
            fe__fault(f, "", "a file of the built-in model", "no file of this name", "build again, or give a folder with --data");
    }
    if (content) fe__text_addf(&r->listing, "%s  %s\n", fe__sha256_hex(f->a, content, *size), path);
    return content;
}

static bool open_sheet(reading *r, int file, const char *const *columns, size_t n, sheet *s) {
    size_t size = 0;
    const char *content = read_file(r, file_names[file], &size);
    if (content) *s = fe__sheet(r->f, content, size, columns, n);
    return content != NULL;
}

/* ---- tables of name and value ------------------------------------------------------------------------------------------------ */

static bool *marks(reading *r, size_t n) { return FE_NEW_ARRAY(r->f->a, bool, n); }

/* The place of the row's name, each once; -1 with a fault. */
static int known_row(const sheet *s, size_t row, size_t column, const char *const *names, size_t n, bool *seen) {
    const char *name = fe__cell(s, row, column);
    int i = word_in(name, names, n);
    if (i < 0) fe__cell_fault(s, row, column, "a name that the program knows", name, NULL);
    else if (seen[i]) fe__cell_fault(s, row, column, "each name once", name, NULL);
    if (i >= 0) seen[i] = true;
    return i;
}

static void all_seen(reading *r, const char *const *names, size_t n, const bool *seen) {
    for (size_t i = 0; i < n; i++)
        if (!seen[i]) fe__fault(r->f, "rows", "a row of every name that the program needs", "none", names[i]);
}

static double must_number(const sheet *s, size_t row, size_t column) {
    if (!*fe__cell(s, row, column)) fe__cell_fault(s, row, column, "number", "an empty cell", NULL);
    return fe__cell_number(s, row, column, 0);
}

static void read_parameters(reading *r) {
    static const char *const columns[] = {"name", "symbol", "value", "unit", "low", "high", "omega_cv_pct", "source", "how"};
    sheet s;
    bool *seen = marks(r, COUNT(parameter_names));
    double *values = (double *)&r->m->p;
    if (!open_sheet(r, PARAMETERS, columns, COUNT(columns), &s)) return;
    for (size_t row = 0; row < s.t.rows; row++) {
        int i = known_row(&s, row, 1, parameter_names, COUNT(parameter_names), seen);
        double v = must_number(&s, row, 2), low = must_number(&s, row, 4), high = must_number(&s, row, 5);
        if (!(v >= low && v <= high)) fe__cell_fault(&s, row, 2, "low <= value <= high", fe__cell(&s, row, 2), NULL);
        if (i >= 0) values[i] = v;
    }
    all_seen(r, parameter_names, COUNT(parameter_names), seen);
}

static void read_numbers(reading *r) {
    static const char *const columns[] = {"name", "value", "unit", "source", "note"};
    sheet s;
    bool *seen = marks(r, COUNT(number_names));
    double *values = (double *)&r->m->n;
    if (!open_sheet(r, NUMBERS, columns, COUNT(columns), &s)) return;
    for (size_t row = 0; row < s.t.rows; row++) {
        int i = known_row(&s, row, 0, number_names, COUNT(number_names), seen);
        double v = must_number(&s, row, 1);
        if (i >= 0) values[i] = v;
    }
    all_seen(r, number_names, COUNT(number_names), seen);
}

static void read_formulations(reading *r) {
    static const char *const columns[] = {"formulation", "symbol", "value", "unit", "meaning", "source", "how"};
    sheet s;
    bool *seen[FORMULATION_COUNT];
    for (int k = 0; k < FORMULATION_COUNT; k++) seen[k] = marks(r, COUNT(constant_names));
    if (!open_sheet(r, FORMULATIONS, columns, COUNT(columns), &s)) return;
    for (size_t row = 0; row < s.t.rows; row++) {
        int k = fe__formulation_find(fe__cell(&s, row, 0));
        if (k < 0) {
            fe__cell_fault(&s, row, 0, "a formulation that is modelled", fe__cell(&s, row, 0), NULL);
            continue;
        }
        int i = known_row(&s, row, 1, constant_names, COUNT(constant_names), seen[k]);
        double v = must_number(&s, row, 2);
        if (v < 0) fe__cell_fault(&s, row, 2, "0 or more", fe__cell(&s, row, 2), NULL);
        if (i >= 0) ((double *)&r->m->formulations[k])[i] = v;
    }
    for (int k = 0; k < FORMULATION_COUNT; k++) all_seen(r, constant_names, COUNT(constant_names), seen[k]);
}

static void read_covariates(reading *r) {
    static const char *const columns[] = {"id", "factor", "source", "note"};
    sheet s;
    bool *seen = marks(r, COVARIATE_COUNT);
    if (!open_sheet(r, COVARIATES, columns, COUNT(columns), &s)) return;
    for (size_t row = 0; row < s.t.rows; row++) {
        int i = known_row(&s, row, 0, covariate_names, COVARIATE_COUNT, seen);
        double v = must_number(&s, row, 1);
        if (!(v > 0)) fe__cell_fault(&s, row, 1, "a factor above 0", fe__cell(&s, row, 1), NULL);
        if (i >= 0) r->m->covariate[i] = v;
    }
    all_seen(r, covariate_names, COVARIATE_COUNT, seen);
}

static void read_labs(reading *r) {
    static const char *const columns[] = {"observable", "lab", "unit", "log_sd_pct", "additive_sd", "lloq", "source"};
    sheet s;
    bool *seen = marks(r, OBSERVABLE_COUNT);
    if (!open_sheet(r, LABS, columns, COUNT(columns), &s)) return;
    for (size_t row = 0; row < s.t.rows; row++) {
        int i = known_row(&s, row, 0, observable_names, OBSERVABLE_COUNT, seen);
        lab_error e = {.lab = fe__cell(&s, row, 1),
                       .unit = fe__cell(&s, row, 2),
                       .log_sd = must_number(&s, row, 3) / 100,
                       .additive_sd = must_number(&s, row, 4),
                       .lloq = fe__cell_number(&s, row, 5, NAN)};
        if (i >= 0) r->m->labs[i] = e;
    }
    all_seen(r, observable_names, OBSERVABLE_COUNT, seen);
}

/* ---- spread between people ---------------------------------------------------------------------------------------------------- */

static variable_spread read_spread(const sheet *s, size_t row) {
    static const char *const kinds[] = {"constant", "normal", "lognormal", "poisson"};
    int kind = fe__cell_word(s, row, 2, 0, kinds, COUNT(kinds));
    variable_spread x = {.kind = (spread_kind)(kind + 1),
                         .median = must_number(s, row, 3),
                         .sd = fe__cell_number(s, row, 4, 0),
                         .low = fe__cell_number(s, row, 5, -INFINITY),
                         .high = fe__cell_number(s, row, 6, INFINITY)};
    if (x.kind == SPREAD_LOGNORMAL && !(x.median > 0)) fe__cell_fault(s, row, 3, "a median above 0", fe__cell(s, row, 3), NULL);
    if (x.sd < 0) fe__cell_fault(s, row, 4, "0 or more", fe__cell(s, row, 4), NULL);
    if (x.median < x.low || x.median > x.high) fe__cell_fault(s, row, 3, "low <= median <= high", fe__cell(s, row, 3), NULL);
    return x;
}

/* What stands for any population comes first into those that have no row of their own. */
static void read_populations(reading *r) {
    static const char *const columns[] = {"indication", "variable", "kind", "median", "sd", "low", "high", "unit"};
    sheet s;
    variable_spread any[VARIABLE_COUNT] = {0};
    if (!open_sheet(r, POPULATIONS, columns, COUNT(columns), &s)) return;
    for (size_t row = 0; row < s.t.rows; row++) {
        const char *who = fe__cell(&s, row, 0);
        int k = fe__population_find(who), v = word_in(fe__cell(&s, row, 1), variable_names, VARIABLE_COUNT);
        if (k < 0 && strcmp(who, "any") != 0)
            fe__cell_fault(&s, row, 0, "a population that the program knows, or any", who, NULL);
        if (v < 0) fe__cell_fault(&s, row, 1, "a variable that the program knows", fe__cell(&s, row, 1), NULL);
        if (v < 0 || (k < 0 && strcmp(who, "any") != 0)) continue;
        variable_spread *x = k < 0 ? &any[v] : &r->m->populations[k][v];
        if (x->kind != SPREAD_NONE) fe__cell_fault(&s, row, 1, "each variable of a population once", fe__cell(&s, row, 1), NULL);
        *x = read_spread(&s, row);
    }
    for (int k = 0; k < POPULATION_COUNT; k++) {
        for (int v = 0; v < VARIABLE_COUNT; v++) {
            variable_spread *x = &r->m->populations[k][v];
            if (x->kind == SPREAD_NONE) *x = any[v];
            if (x->kind == SPREAD_NONE && v <= VARIABLE_bvf)
                fe__fault(r->f, "rows", fe__printf(r->f->a, "a row %s of every population", variable_names[v]), "none",
                          fe__population_ids[k]);
        }
    }
}

static void read_variability(reading *r) {
    static const char *const columns[] = {"eta", "acts_on", "omega", "cv_pct", "source", "note"};
    size_t size = 0;
    const char *content = read_file(r, "variability.csv", &size);
    if (!content) return;
    sheet s = fe__sheet(r->f, content, size, columns, COUNT(columns));
    for (size_t row = 0; row < s.t.rows; row++) {
        double eta = must_number(&s, row, 0), omega = fe__cell_number(&s, row, 2, NAN),
               cv = fe__cell_number(&s, row, 3, NAN) / 100;
        bool is_known = eta >= 1 && eta <= ETAS && eta == floor(eta);
        if (!is_known) fe__cell_fault(&s, row, 0, "the number of an eta, each once", fe__cell(&s, row, 0), NULL);
        else if (isnan(omega) == isnan(cv))
            fe__cell_fault(&s, row, 2, "omega or cv_pct, one of them", fe__cell(&s, row, 2), NULL);
        else {
            r->m->omega[(int)eta] = isnan(omega) ? sqrt(fe__ln(1 + cv * cv)) : omega;
            r->m->eta_acts_on[(int)eta] = fe__strdup(r->f->a, fe__cell(&s, row, 1));
            r->m->eta_note[(int)eta] = fe__strdup(r->f->a, fe__cell(&s, row, 5));
        }
    }
    for (int i = 1; i <= ETAS; i++)
        if (!(r->m->omega[i] > 0)) fe__fault(r->f, "rows", "a row of every eta", "none", fe__printf(r->f->a, "eta %d", i));
}

/* Lower triangle; false when the correlations contradict each other. */
static bool cholesky(const double c[CORRELATED][CORRELATED], double l[CORRELATED][CORRELATED]) {
    for (int i = 0; i < CORRELATED; i++) {
        for (int j = 0; j <= i; j++) {
            double sum = c[i][j];
            for (int k = 0; k < j; k++) sum -= l[i][k] * l[j][k];
            if (i == j && !(sum > 0)) return false;
            l[i][j] = i == j ? sqrt(sum) : sum / l[j][j];
        }
    }
    return true;
}

static void read_correlations(reading *r) {
    static const char *const columns[] = {"one", "two", "correlation", "source"};
    sheet s;
    if (!open_sheet(r, CORRELATIONS, columns, COUNT(columns), &s)) return;
    double c[CORRELATED][CORRELATED] = {{0}};
    for (int i = 0; i < CORRELATED; i++) c[i][i] = 1;
    for (size_t row = 0; row < s.t.rows; row++) {
        int a = word_in(fe__cell(&s, row, 0), correlated_names, CORRELATED),
            b = word_in(fe__cell(&s, row, 1), correlated_names, CORRELATED);
        double v = must_number(&s, row, 2);
        if (a < 0 || b < 0 || a == b)
            fe__cell_fault(&s, row, 0, "two variables of the correlated vector", fe__cell(&s, row, 0), NULL);
        else if (!(fabs(v) < 1)) fe__cell_fault(&s, row, 2, "above -1 and below 1", fe__cell(&s, row, 2), NULL);
        else c[a][b] = c[b][a] = v;
    }
    if (!cholesky(c, r->m->correlation_root))
        fe__fault(r->f, "rows", "correlations that hold together", "a matrix that is not positive definite", NULL);
}

static void read_closure(reading *r) {
    static const char *const columns[] = {"quantity", "population", "center", "sd", "source"};
    static const char *const quantities[] = {"ln e", "z", "a*"};
    sheet s;
    closure_prior *c = &r->m->closure;
    if (!open_sheet(r, CLOSURE, columns, COUNT(columns), &s)) return;
    for (size_t row = 0; row < s.t.rows; row++) {
        int q = fe__cell_word(&s, row, 0, 0, quantities, COUNT(quantities)), k = fe__population_find(fe__cell(&s, row, 1));
        double center = must_number(&s, row, 2), sd = must_number(&s, row, 3);
        if (!(sd > 0)) fe__cell_fault(&s, row, 3, "above 0", fe__cell(&s, row, 3), NULL);
        double *known = q == 0 ? &c->ln_e_sd : q == 1 ? &c->z_sd : &c->ln_a_sd;
        if (*known > 0 && *known != sd) fe__cell_fault(&s, row, 3, "one spread for every population", fe__cell(&s, row, 3), NULL);
        if (q < 2 && center != 0) fe__cell_fault(&s, row, 2, "0: the logarithm of a usual response", fe__cell(&s, row, 2), NULL);
        *known = sd;
        if (q == 2) *(k < 0 ? &c->a_center_any : &c->a_center[k]) = center;
    }
    for (int k = 0; k < POPULATION_COUNT; k++)
        if (!(c->a_center[k] > 0)) fe__fault(r->f, "rows", "a row a* of every population", "none", fe__population_ids[k]);
    if (!(c->ln_e_sd > 0 && c->z_sd > 0 && c->a_center_any > 0))
        fe__fault(r->f, "rows", "rows of ln e, z and a* of any population", "none", NULL);
}

/* ---- known misses -------------------------------------------------------------------------------------------------------------- */

static bool read_weeks(const char *words, double *first, double *last) {
    size_t dash = strcspn(words, "-");
    char one[16] = "";
    if (dash == 0 || dash >= sizeof one) return false;
    memcpy(one, words, dash);
    if (!fe__number_parse(one, first)) return false;
    *last = *first;
    return !words[dash] || fe__number_parse(words + dash + 1, last);
}

static void read_misses(reading *r) {
    static const char *const columns[] = {"endpoint", "formulation", "population", "weeks", "direction", "size", "evidence"};
    sheet s;
    if (!open_sheet(r, MISSES, columns, COUNT(columns), &s)) return;
    miss *list = FE_NEW_ARRAY(r->f->a, miss, s.t.rows + 1);
    for (size_t row = 0; row < s.t.rows; row++) {
        miss *x = &list[row];
        *x = (miss){.endpoint = fe__cell_must(&s, row, 0),
                    .formulation = fe__cell_must(&s, row, 1),
                    .population = fe__cell_must(&s, row, 2),
                    .weeks = fe__cell_must(&s, row, 3),
                    .direction = fe__cell_must(&s, row, 4),
                    .size = fe__cell(&s, row, 5),
                    .evidence = fe__cell_must(&s, row, 6)};
        if (!read_weeks(x->weeks, &x->week_first, &x->week_last))
            fe__cell_fault(&s, row, 3, "a week, or a range such as 6-10", x->weeks, NULL);
    }
    r->m->misses = list;
    r->m->misses_n = s.t.rows;
}

/* ---- the whole ------------------------------------------------------------------------------------------------------------------- */

static void read_manifest(reading *r) {
    size_t size = 0;
    const char *content = read_file(r, "manifest.json", &size);
    json_t *json = content ? fe__json_read(r->f, content, size) : NULL;
    const char *version = json_string_value(json_object_get(json, "version"));
    if (json && !version) fe__fault(r->f, "/version", "the version of the model", "none", NULL);
    r->m->version = fe__strdup(r->f->a, version);
    json_decref(json);
}

const model_data *fe__model_load(const char *folder, faults *f) {
    size_t before = f->n + f->dropped;
    const char *file = f->file;
    reading r = {.f = f, .folder = folder, .m = FE_NEW(f->a, model_data)};
    fe__text_init(&r.listing, f->a);
    read_manifest(&r);
    read_parameters(&r);
    read_formulations(&r);
    read_numbers(&r);
    read_populations(&r);
    read_variability(&r);
    read_correlations(&r);
    read_closure(&r);
    read_labs(&r);
    read_covariates(&r);
    read_misses(&r);
    r.m->sha256 = fe__sha256_hex(f->a, r.listing.s, r.listing.n);
    f->file = file;
    return f->n + f->dropped == before ? r.m : NULL;
}
