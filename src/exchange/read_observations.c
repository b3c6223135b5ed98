#include "exchange/read_observations.h"

#include <math.h>
#include <string.h>

#include "base/csv.h"
#include "base/text.h"
#include "knowledge/names.h"

enum { MINUTES_PER_DAY = 1440, ROWS_MAX = 5000 };

/* The columns that must stand in the first line. Of a number: what it may be, and whether it is a whole one. */
static const struct number_column {
    const char *name;
    size_t place; /* in an observation */
    double low, high;
    bool whole;
} numbers[] = {{"dose_mg", offsetof(observation, dose_mg), 0, 10000, false},
               {"n_doses", offsetof(observation, n_doses), 0, 100, true},
               {"interval_days", offsetof(observation, interval_days), 0, 3660, false},
               {"infusion_min", offsetof(observation, infusion_min), 0.1, 2880, false},
               {"n", offsetof(observation, n), 1, 10000000, true},
               {"baseline_hb_gdl", offsetof(observation, hb), 3, 20, false},
               {"baseline_ferritin_ugl", offsetof(observation, ferritin), 1, 3000, false},
               {"baseline_tsat_pct", offsetof(observation, tsat), 1.5, 95, false},
               {"weight_kg", offsetof(observation, weight), 20, 300, false},
               {"time_h", offsetof(observation, time_h), 0, 17544, false},
               {"value", offsetof(observation, value), -1e9, 1e9, false}};
static const struct text_column {
    const char *name;
    size_t place;
    bool must;
} texts[] = {{"id", offsetof(observation, id), true},
             {"study", offsetof(observation, study), true},
             {"formulation", offsetof(observation, formulation), false},
             {"population", offsetof(observation, population), true},
             {"endpoint", offsetof(observation, endpoint), true}};
static const char *const may[] = {"source", "verified", "note"};

typedef struct reading_row {
    faults *f;
    const csv_table *t;
    size_t row;
} reading_row;

static void fault_of(const reading_row *r, const char *column, const char *expected, const char *found) {
    fe__fault(r->f, fe__printf(r->f->a, "line %zu, %s", r->t->line[r->row], column), expected, *found ? found : "an empty cell",
              NULL);
}

static const char *cell(const reading_row *r, const char *column) {
    return fe__csv_cell(r->t, r->row, fe__csv_column(r->t, column));
}

static double number(const reading_row *r, const struct number_column *c) {
    const char *word = cell(r, c->name);
    double v = NAN;
    if (!*word) return NAN;
    if (fe__number_parse(word, &v) && v >= c->low && v <= c->high && (!c->whole || v == floor(v))) return v;
    fault_of(r, c->name,
             fe__printf(r->f->a, "a %snumber from %s to %s", c->whole ? "whole " : "", fe__number_text(r->f->a, c->low, 1),
                        fe__number_text(r->f->a, c->high, 1)),
             word);
    return NAN;
}

static study_stat stat_of(const reading_row *r) {
    const char *word = cell(r, "stat");
    for (int i = 0; i < STAT_COUNT; i++)
        if (strcmp(word, fe__study_stats[i]) == 0) return (study_stat)i;
    fault_of(r, "stat", "mean, median, pct, gmean or point", word);
    return STAT_POINT;
}

static observation read_row(const reading_row *r) {
    observation x = {.stat = stat_of(r), .source = cell(r, may[0]), .verified = cell(r, may[1]), .note = cell(r, may[2])};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        double v = number(r, &numbers[i]);
        memcpy((char *)&x + numbers[i].place, &v, sizeof v);
    }
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *word = cell(r, texts[i].name);
        if (texts[i].must && !*word) fault_of(r, texts[i].name, "text", word);
        memcpy((char *)&x + texts[i].place, &word, sizeof word);
    }
    if (!*cell(r, "value")) fault_of(r, "value", "the number that was observed", "");
    if (x.n_doses > 1 && x.infusion_min > x.interval_days * MINUTES_PER_DAY)
        fault_of(r, "infusion_min", "no longer than the interval between doses", cell(r, "infusion_min"));
    return x;
}

static void check_columns(faults *f, const csv_table *t) {
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (fe__csv_column(t, numbers[i].name) < 0)
            fe__fault(f, "line 1", fe__printf(f->a, "a column \"%s\"", numbers[i].name), "nothing", NULL);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (fe__csv_column(t, texts[i].name) < 0)
            fe__fault(f, "line 1", fe__printf(f->a, "a column \"%s\"", texts[i].name), "nothing", NULL);
    if (fe__csv_column(t, "stat") < 0) fe__fault(f, "line 1", "a column \"stat\"", "nothing", NULL);
}

const observation *fe__observations_read(faults *f, const char *csv, size_t length, size_t *n) {
    csv_table t = fe__csv_read(f, csv, length);
    observation *list = FE_NEW_ARRAY(f->a, observation, t.rows + 1);
    names seen;
    fe__names_init(&seen, f->a);
    *n = t.rows;
    check_columns(f, &t);
    if (t.rows > ROWS_MAX)
        fe__fault(f, "", fe__printf(f->a, "at most %d observations", ROWS_MAX), fe__printf(f->a, "%zu", t.rows),
                  "ask of parts of the file");
    bool whole = f->n == 0;
    for (size_t row = 0; row < t.rows && whole; row++) {
        const reading_row r = {f, &t, row};
        list[row] = read_row(&r);
        if (fe__names_find(&seen, list[row].id) >= 0) fault_of(&r, "id", "each id once", list[row].id);
        fe__names_add(&seen, list[row].id);
    }
    if (t.rows == 0 && f->n == 0) fe__fault(f, "", "rows of observations", "none", NULL);
    return list;
}
