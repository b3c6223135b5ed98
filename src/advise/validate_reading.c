#include "advise/validate_reading.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "base/text.h"

#define NAME_OF(name)  #name,
#define PLACE_OF(name) ST_##name,
static const char *const state_names[STATES] = {FE_STATES(NAME_OF)};
static const int state_places[STATES] = {FE_STATES(PLACE_OF)};
static const char *const observed_names[OBSERVED] = {FE_OBSERVED(NAME_OF)};

bool fe__watched_find(const char *name, watched *out) {
    for (int i = 0; i < OBSERVED; i++) {
        if (strcmp(observed_names[i], name) != 0) continue;
        *out = (watched){.state = false, .which = i};
        return true;
    }
    for (int i = 0; i < STATES; i++) {
        if (strcmp(state_names[i], name) != 0) continue;
        *out = (watched){.state = true, .which = state_places[i]};
        return true;
    }
    return false;
}

/* ---- names of endpoints ------------------------------------------------------------------------------------------------------------
 *
 * A name that has no row of its own is made of one that has: delta_X (change), X_vs_control and X_vs_placebo (difference to the same people
 * without iron), STEM_ge2_pct, STEM_rise_ge2_pct, STEM_fall_ge6_pct (share of patients), STEM_change_pct, STEM_peak_day, STEM_nadir_day,
 * and X_STEM_le15 (of those whose baseline is so). */

static const endpoint_row *row_of(const evidence *e, const char *id) {
    for (size_t i = 0; i < e->endpoints_n; i++)
        if (strcmp(e->endpoints[i].id, id) == 0) return &e->endpoints[i];
    return NULL;
}

/* The row whose stem begins the name, up to an underscore; *rest is what follows it. */
static const endpoint_row *stem_of(const evidence *e, const char *id, const char **rest) {
    for (size_t i = 0; i < e->endpoints_n; i++) {
        size_t n = strlen(e->endpoints[i].stem);
        if (n == 0 || strncmp(id, e->endpoints[i].stem, n) != 0 || id[n] != '_') continue;
        *rest = id + n + 1;
        return &e->endpoints[i];
    }
    return NULL;
}

/* "ge2" and what follows; the number may have a decimal point. */
static bool relation_of(const char *word, measure_relation *relation, double *level, const char **rest) {
    static const struct {
        const char *word;
        measure_relation relation;
    } words[] = {{"ge", RELATION_AT_LEAST}, {"gt", RELATION_MORE}, {"le", RELATION_AT_MOST}, {"lt", RELATION_LESS}};
    char number[24];
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strncmp(word, words[i].word, 2) != 0) continue;
        size_t n = strspn(word + 2, "0123456789.");
        if (n == 0 || n >= sizeof number) return false;
        memcpy(number, word + 2, n);
        number[n] = '\0';
        *relation = words[i].relation;
        *rest = word + 2 + n;
        return fe__number_parse(number, level);
    }
    return false;
}

static measure_relation turned(measure_relation r) {
    static const measure_relation other[] = {RELATION_NONE, RELATION_MORE, RELATION_AT_LEAST, RELATION_AT_MOST, RELATION_LESS};
    return other[r];
}

/* "ge2_pct", "rise_ge2_pct", "fall_ge6_pct". */
static bool share_of(const char *rest, reading *r) {
    bool rise = strncmp(rest, "rise_", 5) == 0, fall = strncmp(rest, "fall_", 5) == 0;
    double level;
    measure_relation relation;
    if (!relation_of(rise || fall ? rest + 5 : rest, &relation, &level, &rest) || strcmp(rest, "_pct") != 0) return false;
    if (rise || fall) r->of = OF_CHANGE;
    r->relation = fall ? turned(relation) : relation;
    r->level[0] = r->level[1] = fall ? -level : level;
    r->unit = "%";
    return true;
}

/* What follows a stem. */
static bool made_of_stem(const char *rest, reading *r) {
    if (share_of(rest, r)) return true;
    if (strcmp(rest, "change_pct") == 0) {
        r->of = OF_CHANGE_PCT;
        r->unit = "%";
        return true;
    }
    bool most = strcmp(rest, "peak_day") == 0, least = strcmp(rest, "nadir_day") == 0;
    if (most || least) {
        r->measure = most ? MEASURE_DAY_OF_MOST : MEASURE_DAY_OF_LEAST;
        r->unit = "days";
    }
    return most || least;
}

static void take_row(const endpoint_row *row, reading *r) {
    *r = (reading){.measure = row->measure,
                   .when = row->when,
                   .of = row->of,
                   .lab = row->lab,
                   .factor = row->factor,
                   .relation = row->relation,
                   .level = {isnan(row->level_men) ? row->level : row->level_men, row->level},
                   .against_control = r->against_control,
                   .unit = row->unit,
                   .row = row};
}

/* "fatigue_ferritin_le15": a name, and who of the people. */
static bool subgroup_of(arena *a, const evidence *e, const char *id, reading *r) {
    static const struct {
        const char *stem, *words;
        variable_id variable;
    } who[] = {{"ferritin", "ferritin", VARIABLE_F},
               {"hb", "hemoglobin", VARIABLE_Hb},
               {"tsat", "TSAT", VARIABLE_TSAT},
               {"crp", "CRP", VARIABLE_CRP}};
    for (size_t i = 0; i < sizeof who / sizeof *who; i++) {
        const char *mark = fe__printf(a, "_%s_", who[i].stem), *at = strstr(id, mark), *rest;
        measure_relation relation;
        double level;
        if (!at || !relation_of(at + strlen(mark), &relation, &level, &rest) || *rest) continue;
        const endpoint_row *row = row_of(e, fe__strndup(a, id, (size_t)(at - id)));
        if (!row) continue;
        take_row(row, r);
        bool low = relation == RELATION_AT_LEAST || relation == RELATION_MORE;
        r->has_subgroup = true;
        r->subgroup = (population_bound){who[i].variable, low, level};
        r->subgroup_words = fe__printf(a, "%s %s %s", who[i].words, low ? "at least" : "at most", fe__number_text(a, level, 2));
        return true;
    }
    return false;
}

/* Without the part that names the other arm; NULL when it names none. */
static const char *without_control(arena *a, const char *id) {
    static const char *const marks[] = {"_vs_control", "_vs_placebo"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        const char *at = strstr(id, marks[i]);
        if (at) return fe__printf(a, "%.*s%s", (int)(at - id), id, at + strlen(marks[i]));
    }
    return NULL;
}

static bool endpoint_of(arena *a, const evidence *e, const char *id, reading *r) {
    const endpoint_row *row = row_of(e, id);
    const char *plain = without_control(a, id), *rest = "";
    if (plain) {
        r->against_control = true;
        id = plain;
        row = row_of(e, id);
    }
    bool change = !row && strncmp(id, "delta_", 6) == 0;
    if (change) id += 6;
    if (!row) row = row_of(e, id);
    if (row) take_row(row, r);
    else if (!subgroup_of(a, e, id, r)) {
        row = stem_of(e, id, &rest);
        if (!row) return false;
        take_row(row, r);
        if (row->measure != MEASURE_NONE && !made_of_stem(rest, r)) return false;
    }
    if (change && r->of == OF_VALUE) r->of = OF_CHANGE;
    return true;
}

/* ---- what a note says -------------------------------------------------------------------------------------------------------------- */

static const char *lower(arena *a, const char *s) {
    char *copy = fe__strdup(a, s);
    for (char *c = copy; *c; c++) *c = (char)tolower((unsigned char)*c);
    return copy;
}

/* Phosphate falls: its extreme is the least. So is any that is held against a level from above. */
static measure_when extreme_of(const reading *r) {
    bool falls = r->what.which == OBSERVED_phosphate && !r->what.state;
    if (r->relation != RELATION_NONE) falls = r->relation == RELATION_LESS || r->relation == RELATION_AT_MOST;
    return falls ? WHEN_LEAST : WHEN_MOST;
}

static const char *stem_shown(const evidence *e, const reading *r) {
    if (*r->row->stem) return r->row->stem;
    for (size_t i = 0; i < e->endpoints_n; i++)
        if (*e->endpoints[i].stem && strcmp(e->endpoints[i].observed, r->row->observed) == 0) return e->endpoints[i].stem;
    return "";
}

static void read_phrases(arena *a, const evidence *e, const observation *of, reading *r) {
    const char *note = lower(a, of->note), *stem = stem_shown(e, r);
    if (r->measure != MEASURE_VALUE) return;
    for (size_t i = 0; i < e->notes_n; i++) {
        const note_row *x = &e->notes[i];
        if ((*x->stem && strcmp(x->stem, stem) != 0) || !strstr(note, x->phrase)) continue;
        r->when = x->extreme ? extreme_of(r) : WHEN_AT;
        r->words = x->why;
        return;
    }
}

/* "<0.6 mmol/L", "<=1.0 mg/dL" of phosphate in a note goes before the usual threshold. */
static void read_threshold(arena *a, const evidence *e, const observation *of, reading *r) {
    const assumed_row *factor = fe__evidence_assumed(e, "phosphate_mg_dl", -1, 0);
    if (!factor || r->what.state || r->what.which != OBSERVED_phosphate || r->relation == RELATION_NONE || r->of != OF_VALUE)
        return;
    for (const char *s = strchr(of->note, '<'); s; s = strchr(s + 1, '<')) {
        bool or_equal = s[1] == '=';
        const char *number = s + 1 + or_equal, *unit;
        double level;
        if (!fe__number_unit_parse(a, fe__strndup(a, number, strcspn(number, " ")), &level, &unit)) continue;
        unit = number + strcspn(number, " ");
        while (*unit == ' ') unit++;
        bool mmol = strncmp(unit, "mmol/L", 6) == 0;
        if (!mmol && strncmp(unit, "mg/dL", 5) != 0) continue;
        r->relation = or_equal ? RELATION_AT_MOST : RELATION_LESS;
        r->level[0] = r->level[1] = mmol ? factor->value * level : level;
        return;
    }
}

/* ---- words ------------------------------------------------------------------------------------------------------------------------- */

static const char *words_of(arena *a, const reading *r) {
    static const char *const relations[] = {"", "under", "at most", "at least", "over"};
    static const char *const of[] = {"", "change from the start ", "change from the start in % "};
    text t;
    fe__text_init(&t, a);
    if (r->has_subgroup) fe__text_addf(&t, "of those with %s: ", r->subgroup_words);
    if (r->relation != RELATION_NONE && r->measure == MEASURE_VALUE) {
        fe__text_addf(&t, "share with %s%s %s", of[r->of], relations[r->relation], fe__number_text(a, r->level[1], 3));
        if (r->level[0] != r->level[1]) fe__text_addf(&t, " (men %s)", fe__number_text(a, r->level[0], 3));
        fe__text_add(&t, ", ");
    } else if (r->measure == MEASURE_VALUE && r->of != OF_VALUE)
        fe__text_addf(&t, "%s, ", fe__strndup(a, of[r->of], strlen(of[r->of]) - 1));
    if (r->words) fe__text_add(&t, r->words);
    else if (r->measure != MEASURE_VALUE) fe__text_add(&t, r->row->why);
    else if (r->when == WHEN_AT) fe__text_addf(&t, "at hour %s", fe__number_text(a, r->time_h, 2));
    else
        fe__text_addf(&t, "%s true value of each day up to hour %s, measured once", r->when == WHEN_LEAST ? "lowest" : "highest",
                      fe__number_text(a, r->time_h, 2));
    if (r->against_control) fe__text_add(&t, "; minus the same people without iron");
    return t.s;
}

/* ---- the whole --------------------------------------------------------------------------------------------------------------------- */

/* Without a time only what happens at any time can be told: a share, then of its usual window, or a whole curve. */
static bool time_of(const observation *of, reading *r) {
    r->timed = !isnan(of->time_h);
    r->time_h = r->timed ? of->time_h : r->row->window_h;
    if (r->timed || r->measure != MEASURE_VALUE) return r->timed || r->measure != MEASURE_FOLD;
    if (r->relation == RELATION_NONE) return false;
    r->when = extreme_of(r);
    return true;
}

bool fe__reading_of(arena *a, const evidence *e, const observation *of, reading *r, unpredicted *missing, const char **why) {
    *r = (reading){.lab = -1};
    *missing = NO_OBSERVABLE;
    bool known = endpoint_of(a, e, of->endpoint, r);
    if (!known && strstr(of->endpoint, "_vs_")) {
        *missing = NO_DATUM;
        *why = fe__printf(a, "datum: what the other arm of %s was given", of->endpoint);
        return false;
    }
    if (!known) {
        *why = fe__printf(a, "observable: no state or observable of the model is read as %s", of->endpoint);
        return false;
    }
    if (r->measure == MEASURE_NONE) {
        *why = r->row->why;
        return false;
    }
    if (!fe__watched_find(r->row->observed, &r->what)) {
        *why = fe__printf(a, "observable: %s, which the model does not have", r->row->observed);
        return false;
    }
    const endpoint_row *normal = row_of(e, "nonanemic_pct");
    if (normal) r->normal[0] = normal->level_men, r->normal[1] = normal->level;
    *missing = NO_DATUM;
    if (!time_of(of, r)) {
        *why = "datum: time_h, the hour of the value";
        return false;
    }
    read_phrases(a, e, of, r);
    read_threshold(a, e, of, r);
    r->baseline =
        r->timed && r->time_h == 0 && r->of == OF_VALUE && (r->measure == MEASURE_VALUE || r->measure == MEASURE_SERUM_IRON);
    if (r->measure == MEASURE_FOLD && r->time_h == 0) {
        *missing = NO_OBSERVABLE;
        *why = r->row->why;
        return false;
    }
    r->share = r->relation != RELATION_NONE && (r->measure == MEASURE_VALUE || r->measure == MEASURE_HB_RESPONSE);
    r->words = words_of(a, r);
    *missing = PREDICTED;
    return true;
}
