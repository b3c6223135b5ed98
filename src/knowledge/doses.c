/* The doses of a method of products.json. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "knowledge/loading.h"

static const char *const dose_types[] = {"fixed",       "mg_per_kg", "need",   "table",  "table_by_day",
                                         "per_session", "sequence",  "weekly", "monthly"};

static const need_method *need_named(loader *l, shape *o, const char *key, const char *id) {
    const need_method *n = fe__need_find(l->k, id);
    if (!n) fe__shape_fault(o, key, "an id of need_methods", id, fe__names_hint(l->a, &l->index->needs, id));
    return n;
}

static void take_needs(loader *l, shape *o, dose_spec *d) {
    const char *id = fe__take_text(o, "need", d->type == DOSE_NEED ? MUST : MAY);
    if (id && *id) d->need = need_named(l, o, "need", id);
    const char *const *ids = fe__take_texts(o, "alternatives", MAY, &d->alternatives_n);
    const need_method **list = FE_NEW_ARRAY(l->a, const need_method *, d->alternatives_n);
    for (size_t i = 0; i < d->alternatives_n; i++) list[i] = need_named(l, o, "alternatives", ids[i]);
    d->alternatives = list;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* One number, or several; in ascending order. */
static const double *take_doses(loader *l, shape *o, const char *key, take how, size_t *n) {
    double *list = NULL;
    *n = 0;
    const tree *json = o->json ? fe__tree_get(o->json, key) : NULL;
    if (fe__tree_is(json, TREE_ARRAY)) {
        const double *given = fe__take_numbers(o, key, how, n, 0.1, MG_MAX);
        list = FE_NEW_ARRAY(l->a, double, *n);
        if (*n) memcpy(list, given, *n * sizeof *list);
        if (*n) qsort(list, *n, sizeof *list, by_size);
        return list;
    }
    double one = fe__take_number(o, key, how, NAN, 0.1, MG_MAX);
    if (isnan(one)) return NULL;
    list = FE_NEW_ARRAY(l->a, double, 1);
    list[0] = one;
    *n = 1;
    return list;
}

static void take_sequence(shape *o, dose_spec *d) {
    size_t days, minutes;
    d->sequence_mg = fe__take_numbers(o, "mg", SOME, &d->sequence_n, 1, MG_MAX);
    d->sequence_days = fe__take_numbers(o, "days", SOME, &days, 0, DAYS_MAX);
    d->sequence_minutes = fe__take_numbers(o, "minutes", MAY, &minutes, 0, MINUTES_MAX);
    if (days != d->sequence_n) fe__shape_fault(o, "days", "as many days as doses", "another number of them", NULL);
    if (d->sequence_minutes && minutes != d->sequence_n)
        fe__shape_fault(o, "minutes", "as many times as doses", "another number of them", NULL);
    for (size_t i = 1; i < days; i++) {
        if (d->sequence_days[i] <= d->sequence_days[i - 1])
            fe__shape_fault(o, "days", "days in ascending order", "a day that is not after the one before", NULL);
    }
}

static void take_phases(loader *l, shape *o, dose_spec *d) {
    const tree *json = fe__take_list(o, "phases", SOME);
    dose_phase *phases = FE_NEW_ARRAY(l->a, dose_phase, fe__tree_length(json));
    place list = fe__place_key(o->at, "phases");
    d->phases = phases;
    d->phases_n = fe__tree_length(json);
    for (size_t i = 0; i < d->phases_n; i++) {
        place at = fe__place_index(&list, i), rows_at = fe__place_key(&at, "rows");
        shape p = fe__shape(&l->f, fe__tree_element(json, i), &at);
        phases[i].day = fe__take_number(&p, "day", MUST, NAN, 0, DAYS_MAX);
        const tree *rows = fe__take_list(&p, "rows", SOME);
        if (rows) phases[i].rows = fe__load_table(l, rows, &rows_at, &phases[i].rows_n);
        fe__shape_done(&p);
    }
}

static void take_numbers_of_dose(shape *o, dose_spec *d) {
    d->mg = d->type == DOSE_SEQUENCE
                ? NAN
                : fe__take_number(o, "mg", d->type == DOSE_FIXED || d->type == DOSE_MONTHLY ? MUST : MAY, NAN, 1, MG_MAX);
    d->mg_per_kg = fe__take_number(o, "mg_per_kg", d->type == DOSE_MG_PER_KG ? MUST : MAY, NAN, 0.1, 50);
    d->max_mg = fe__take_number(o, "max_mg", MAY, NAN, 1, MG_MAX);
    d->mg_max = fe__take_number(o, "mg_max", MAY, NAN, 1, MG_MAX);
    d->doses = fe__take_number(o, "doses", d->type == DOSE_FIXED ? MUST : MAY, NAN, 1, 100);
    d->every_days = fe__take_number(o, "every_days", MAY, NAN, 1, DAYS_MAX);
    d->weeks = fe__take_number(o, "weeks", MAY, NAN, 1, 520);
    d->reassess_days = fe__take_number(o, "reassess_days", MAY, NAN, 1, DAYS_MAX);
    d->per_session_mg_max = fe__take_number(o, "per_session_mg_max", MAY, NAN, 1, MG_MAX);
    if (d->type == DOSE_PER_SESSION && isnan(d->mg) && isnan(d->mg_max))
        fe__shape_fault(o, "mg", "mg or mg_max of a session", "neither", NULL);
    if (d->type == DOSE_PER_SESSION && isnan(d->doses) && !d->need) fe__shape_fault(o, "doses", "doses or need", "neither", NULL);
}

/* What the label says in words beside the numbers; shown nowhere by itself. */
static void ignore_words_of_dose(shape *o) {
    static const char *const keys[] = {"hb_used",       "no_data_if", "weight_basis_text", "hb_mmol_l_breaks",
                                       "hb_14_or_more", "note",       "range_rule"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) fe__take_none(o, keys[i]);
}

static void read_due(loader *l, const tree *json, const place *at, iron_status *s) {
    shape o = fe__shape(&l->f, json, at);
    s->ferritin_min = fe__take_number(&o, "ferritin_ug_l_min", MAY, NAN, 0, FERRITIN_MAX);
    s->ferritin_max = fe__take_number(&o, "ferritin_ug_l_max", isnan(s->ferritin_min) ? MAY : MUST, NAN, 0, FERRITIN_MAX);
    s->ferritin_max_excl =
        fe__take_number(&o, "ferritin_ug_l_max_excl", isnan(s->ferritin_min) ? MUST : MAY, NAN, 0, FERRITIN_MAX);
    s->tsat_max_excl = fe__take_number(&o, "tsat_pct_max_excl", MAY, NAN, 0, 100);
    fe__shape_done(&o);
}

static void read_maintenance(loader *l, const tree *json, const place *at, maintenance *m) {
    shape o = fe__shape(&l->f, json, at);
    m->mg = fe__take_number(&o, "mg", MUST, NAN, 1, MG_MAX);
    m->weeks = fe__take_numbers(&o, "weeks", SOME, &m->weeks_n, 1, 520);
    const tree *rows = fe__take_list(&o, "if_any", SOME);
    iron_status *due = FE_NEW_ARRAY(l->a, iron_status, fe__tree_length(rows));
    place list = fe__place_key(at, "if_any");
    for (size_t i = 0; i < fe__tree_length(rows); i++) {
        place row_at = fe__place_index(&list, i);
        read_due(l, fe__tree_element(rows, i), &row_at, &due[i]);
    }
    m->due = due;
    m->due_n = fe__tree_length(rows);
    fe__shape_done(&o);
}

void fe__load_dose(loader *l, const tree *json, const place *at, dose_spec *d) {
    shape o = fe__shape(&l->f, json, at);
    place rows_at = fe__place_key(at, "rows");
    d->type = (dose_type)fe__take_word(&o, "type", MUST, DOSE_FIXED, dose_types, DOSE_MONTHLY + 1);
    take_needs(l, &o, d);
    take_numbers_of_dose(&o, d);
    if (d->type == DOSE_SEQUENCE) take_sequence(&o, d);
    if (d->type == DOSE_TABLE_BY_DAY) take_phases(l, &o, d);
    const tree *rows = d->type == DOSE_TABLE ? fe__take_list(&o, "rows", SOME) : NULL;
    if (rows) d->rows = fe__load_table(l, rows, &rows_at, &d->rows_n);
    d->per_dose_mg = take_doses(l, &o, "per_dose_mg", MAY, &d->per_dose_n);
    d->options_mg = take_doses(l, &o, "mg_options", d->type == DOSE_WEEKLY ? MUST : MAY, &d->options_n);
    d->weight_basis = fe__take_text_or(&o, "weight_basis", "");
    if (*d->weight_basis && !fe__basis_find(l->k, d->weight_basis)) {
        fe__shape_fault(&o, "weight_basis", "an id of weight_bases", d->weight_basis,
                        fe__names_hint(l->a, &l->index->bases, d->weight_basis));
    }
    d->when = fe__take_text_or(&o, "when", "");
    const tree *then = fe__take(&o, "maintenance", MAY, NULL);
    place then_at = fe__place_key(at, "maintenance");
    if (then) read_maintenance(l, then, &then_at, &d->maintenance);
    ignore_words_of_dose(&o);
    fe__shape_done(&o);
}
