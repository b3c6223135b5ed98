/* The parts of products.json that compute how much iron is needed: sources, weight bases, need methods, tables.
 *
 * Every need method carries a worked example; one that its own formula does not give is a fault of the data. */
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "knowledge/loading.h"

/* ---- sources ----------------------------------------------------------------------------------------------------- */

void fe__load_sources(loader *l, const tree *sources, const place *root) {
    place at = fe__place_key(root, "sources");
    l->sources = FE_NEW_ARRAY(l->a, source_row, fe__tree_size(sources));
    for (size_t i = 0; i < fe__tree_size(sources); i++) {
        const char *key = fe__strdup(l->a, sources->items[i].key);
        place row_at = fe__place_key(&at, key);
        shape o = fe__shape(&l->f, &sources->items[i], &row_at);
        source_row *s = &l->sources[l->source_names.n];
        s->cite = fe__take_text(&o, "cite", MUST);
        s->verified = fe__take_verified(&o);
        fe__shape_done(&o);
        fe__names_add(&l->source_names, key);
        fe__loader_cite(l, "/sources", key, s->cite, s->verified);
    }
}

/* ---- weight bases ------------------------------------------------------------------------------------------------ */

static void basis_numbers(loader *l, shape *o, weight_basis *b) {
    const tree *json = fe__take(o, "parameters", MAY, "object");
    place at = fe__place_key(o->at, "parameters");
    b->obese_bmi = b->bmi = b->devine_men_kg = b->devine_women_kg = b->devine_kg_per_inch = b->devine_inches =
        b->children_from_kg = b->children_to_kg = NAN;
    if (!json) return;
    shape p = fe__shape(&l->f, json, &at);
    size_t n;
    b->obese_bmi = fe__take_number(&p, "obese_bmi", MAY, NAN, 20, 60);
    b->bmi = fe__take_number(&p, "bmi", MAY, NAN, 15, 40);
    b->devine_men_kg = fe__take_number(&p, "men_kg", MAY, NAN, 20, 100);
    b->devine_women_kg = fe__take_number(&p, "women_kg", MAY, NAN, 20, 100);
    b->devine_kg_per_inch = fe__take_number(&p, "kg_per_inch", MAY, NAN, 0.1, 10);
    b->devine_inches = fe__take_number(&p, "inches", MAY, NAN, 20, 100);
    const double *children = fe__take_numbers(&p, "children_kg", MAY, &n, 1, 50);
    if (n == 2 && children[0] < children[1]) {
        b->children_from_kg = children[0];
        b->children_to_kg = children[1];
    } else if (n) fe__shape_fault(&p, "children_kg", "two weights, ascending", "other numbers", NULL);
    fe__shape_done(&p);
}

/* The bases that the program computes by itself, and the numbers without which it cannot. */
static void check_bases(loader *l, const place *at) {
    static const char *const needed[] = {"auto",          "actual", "ideal-bmi25",   "ideal-devine", "lean-infed",
                                         "pre-pregnancy", "caps",   "lean-if-obese", "none"};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        const weight_basis *b = fe__basis_find(l->k, needed[i]);
        bool has_bmi = i == 0 || i == 7, is_ideal = i == 2, is_devine = i == 3 || i == 4;
        bool is_whole = b && !(has_bmi && isnan(b->obese_bmi)) && !(is_ideal && isnan(b->bmi)) &&
                        !(is_devine && isnan(b->devine_men_kg + b->devine_women_kg + b->devine_kg_per_inch + b->devine_inches));
        if (!is_whole)
            fe__fault(&l->f, fe__place_text(l->a, at), fe__printf(l->a, "a basis \"%s\" with its numbers", needed[i]),
                      b ? "numbers missing" : "none", NULL);
    }
}

void fe__load_bases(loader *l, const tree *rows, const place *root) {
    static const char *const options[] = {"actual", "pre-pregnancy", "ideal", "lean"};
    place list = fe__place_key(root, "weight_bases");
    weight_basis *bases = FE_NEW_ARRAY(l->a, weight_basis, fe__tree_length(rows));
    for (size_t i = 0; i < fe__tree_length(rows); i++) {
        place at = fe__place_index(&list, i);
        shape o = fe__shape(&l->f, fe__tree_element(rows, i), &at);
        weight_basis *b = &bases[i];
        b->id = fe__take_text(&o, "id", MUST);
        b->rule = fe__take_text(&o, "rule", MUST);
        b->source = fe__take_source(l, &o, MUST);
        b->verified = fe__take_verified(&o);
        int option = fe__take_word(&o, "option", MAY, -1, options, sizeof options / sizeof *options);
        b->option = option < 0 ? NULL : options[option];
        basis_numbers(l, &o, b);
        fe__take_none(&o, "note");
        fe__shape_done(&o);
        if (!fe__loader_id(&l->index->bases, b->id)) fe__shape_fault(&o, "id", "an id that no other basis has", b->id, NULL);
    }
    l->k->bases = bases;
    l->k->bases_n = fe__tree_length(rows);
    check_bases(l, &list);
}

/* ---- tables by hemoglobin and weight ----------------------------------------------------------------------------- */

static double low_of(double a, double b) { return a > b ? a : b; }
static double high_of(double a, double b) { return a < b ? a : b; }

static bool lies_over(const table_row *a, const table_row *b) {
    double low = low_of(low_of(a->hb_min, a->hb_min_excl), low_of(b->hb_min, b->hb_min_excl));
    double high = high_of(high_of(a->hb_max, a->hb_max_excl), high_of(b->hb_max, b->hb_max_excl));
    return low < high && low_of(a->weight_min, b->weight_min) < high_of(a->weight_max_excl, b->weight_max_excl);
}

static void read_table_row(loader *l, shape *o, table_row *r) {
    r->hb_min = fe__take_number(o, "hb_g_dl_min", MAY, -INFINITY, 0, HB_MAX);
    r->hb_min_excl = fe__take_number(o, "hb_g_dl_min_excl", MAY, -INFINITY, 0, HB_MAX);
    r->hb_max = fe__take_number(o, "hb_g_dl_max", MAY, INFINITY, 0, HB_MAX);
    r->hb_max_excl = fe__take_number(o, "hb_g_dl_max_excl", MAY, INFINITY, 0, HB_MAX);
    r->weight_min = fe__take_number(o, "weight_kg_min", MAY, -INFINITY, 0, KG_MAX);
    r->weight_max_excl = fe__take_number(o, "weight_kg_max_excl", MAY, INFINITY, 0, KG_MAX);
    r->total_mg = fe__take_number(o, "total_mg", MAY, NAN, 0, MG_MAX);
    double mg = fe__take_number(o, "mg", MAY, NAN, 0, MG_MAX);
    if (isnan(r->total_mg)) r->total_mg = mg;
    r->mg_per_kg = fe__take_number(o, "mg_per_kg", MAY, NAN, 0.1, 50);
    r->total_mg_min = fe__take_number(o, "total_mg_min", MAY, NAN, 0, MG_MAX);
    r->total_mg_max = fe__take_number(o, "total_mg_max", MAY, NAN, 0, MG_MAX);
    double extra = fe__take_number(o, "of_which_extra_mg", MAY, NAN, 0, r->total_mg);
    if (!isnan(extra)) r->total_mg_min = extra;
    fe__take_none(o, "hb_text");
    fe__shape_done(o);
    int forms = !isnan(r->total_mg) + !isnan(r->mg_per_kg) + (!isnan(r->total_mg_max) && !isnan(r->total_mg_min));
    if (forms != 1)
        fe__shape_fault(o, NULL, "one of total_mg (mg), mg_per_kg, total_mg_min with total_mg_max", fe__printf(l->a, "%d", forms),
                        NULL);
    if (r->total_mg_min > r->total_mg_max)
        fe__shape_fault(o, "total_mg_min", "a number up to total_mg_max", "a larger one", NULL);
    if (!(r->weight_min < r->weight_max_excl))
        fe__shape_fault(o, "weight_kg_min", "a weight below weight_kg_max_excl", "no such", NULL);
    if (low_of(r->hb_min, r->hb_min_excl) > high_of(r->hb_max, r->hb_max_excl))
        fe__shape_fault(o, NULL, "a lower hemoglobin below the upper", "none", NULL);
}

const table_row *fe__load_table(loader *l, const tree *rows, const place *list, size_t *n) {
    table_row *table = FE_NEW_ARRAY(l->a, table_row, fe__tree_length(rows));
    *n = fe__tree_length(rows);
    for (size_t i = 0; i < *n; i++) {
        place at = fe__place_index(list, i);
        shape o = fe__shape(&l->f, fe__tree_element(rows, i), &at);
        read_table_row(l, &o, &table[i]);
        for (size_t j = 0; j < i; j++) {
            if (lies_over(&table[i], &table[j]))
                fe__shape_fault(&o, NULL, "a part of the table that no other row has",
                                fe__printf(l->a, "row %zu lies over it", j), NULL);
        }
    }
    return table;
}

/* Printed cells: weights down, hemoglobins across, both ascending. */
static void read_weight_table(loader *l, shape *o, need_method *m) {
    const tree *json = fe__take(o, "table_by_weight", MUST, "object");
    place at = fe__place_key(o->at, "table_by_weight"), list = fe__place_key(&at, "rows");
    if (!json) return;
    shape t = fe__shape(&l->f, json, &at);
    m->table_hb = fe__take_numbers(&t, "hb_g_dl", SOME, &m->table_hbs_n, 1, HB_MAX);
    const tree *rows = fe__take_list(&t, "rows", SOME);
    fe__shape_done(&t);
    m->table_weights_n = fe__tree_length(rows);
    double *weights = FE_NEW_ARRAY(l->a, double, m->table_weights_n);
    double *mg = FE_NEW_ARRAY(l->a, double, m->table_weights_n * m->table_hbs_n);
    m->table_weight = weights;
    m->table_mg = mg;
    for (size_t i = 0; i < m->table_weights_n; i++) {
        place row_at = fe__place_index(&list, i);
        shape r = fe__shape(&l->f, fe__tree_element(rows, i), &row_at);
        size_t n;
        weights[i] = fe__take_number(&r, "weight_kg", MUST, NAN, 1, KG_MAX);
        const double *cells = fe__take_numbers(&r, "mg", MUST, &n, 1, MG_MAX);
        fe__shape_done(&r);
        if (i && !(weights[i] > weights[i - 1]))
            fe__shape_fault(&r, "weight_kg", "weights in ascending order", "a weight that is not above the one before", NULL);
        if (n != m->table_hbs_n)
            fe__shape_fault(&r, "mg", fe__printf(l->a, "%zu numbers, one for each hemoglobin", m->table_hbs_n),
                            fe__printf(l->a, "%zu", n), NULL);
        else if (n) memcpy(mg + i * n, cells, n * sizeof *mg);
    }
    for (size_t i = 1; i < m->table_hbs_n; i++) {
        if (m->table_hb[i] <= m->table_hb[i - 1])
            fe__shape_fault(&t, "hb_g_dl", "numbers in ascending order", "a number that is not above the one before", NULL);
    }
}

/* ---- parameters -------------------------------------------------------------------------------------------------- */

static const char *const kinds[] = {"ganzoni",     "hb-only",  "infed",        "pounds", "blood-loss",
                                    "blood-units", "hb-table", "weight-table", "fixed"};
enum { KINDS = NEED_FIXED + 1 };

static void small_patients(loader *l, shape *p, need_method *m) {
    const tree *json = fe__take(p, "below_35_kg", MAY, "object");
    place at = fe__place_key(p->at, "below_35_kg");
    m->below_kg = fe__take_number(p, "below_kg", json ? MUST : MAY, NAN, 1, 100);
    if (!json) return;
    shape s = fe__shape(&l->f, json, &at);
    m->below_35_target_hb_g_dl = fe__take_number(&s, "target_hb_g_dl", MUST, NAN, 8, 18);
    m->below_35_stores_mg_per_kg = fe__take_number(&s, "stores_mg_per_kg", MUST, NAN, 0, 25);
    fe__shape_done(&s);
}

static void read_parameters(loader *l, shape *o, need_method *m) {
    bool is_ganzoni = m->kind == NEED_GANZONI || m->kind == NEED_HB_ONLY, is_infed = m->kind == NEED_INFED;
    bool has_desired = is_infed || m->kind == NEED_POUNDS, is_table = m->kind == NEED_HB_TABLE;
    bool needs_any = is_ganzoni || has_desired || is_table || m->kind == NEED_BLOOD_UNITS || m->kind == NEED_FIXED;
    place at = fe__place_key(o->at, "parameters");
    const tree *json = fe__take(o, "parameters", needs_any ? MUST : MAY, "object");
    if (!json) return;
    shape p = fe__shape(&l->f, json, &at);
    if (is_ganzoni) {
        m->target_hb_g_dl = fe__take_number(&p, "target_hb_g_dl", MAY, NAN, 8, 18); /* null: the user gives it */
        m->factor = fe__take_number(&p, "factor", MUST, NAN, 1, 5);
        m->stores_mg = fe__take_number(&p, "stores_mg", MAY, NAN, 0, 2000);
        m->stores_mg_per_kg = fe__take_number(&p, "stores_mg_per_kg", MAY, NAN, 0, 25);
        small_patients(l, &p, m);
        m->round_mg = fe__take_number(&p, "round_mg", MAY, NAN, 1, 500);
        m->round_down_to_kg = fe__take_number(&p, "round_down_to_kg", isnan(m->round_mg) ? MAY : MUST, NAN, 1, KG_MAX);
    }
    if (has_desired) m->desired_hb_g_dl = fe__take_number(&p, "desired_hb_g_dl", MUST, NAN, 8, 18);
    if (is_infed) {
        m->desired_hb_g_dl_small = fe__take_number(&p, "desired_hb_g_dl_at_15_kg_or_less", MUST, NAN, 8, 18);
        m->small_kg = fe__take_number(&p, "small_kg", MUST, NAN, 1, 100);
        m->mg_per_ml = fe__take_number(&p, "mg_per_ml", MUST, NAN, 1, 200);
        m->lower_weight_kg = fe__take_number(&p, "lower_weight_kg", MUST, NAN, 0, 100);
        m->hb_coefficient = fe__take_number(&p, "hb_coefficient", MUST, NAN, 0.001, 1);
        m->stores_coefficient = fe__take_number(&p, "stores_coefficient", MUST, NAN, 0.01, 1);
    }
    if (m->kind == NEED_POUNDS) {
        m->lb_per_kg = fe__take_number(&p, "lb_per_kg", MUST, NAN, 2, 3);
        m->pound_coefficient = fe__take_number(&p, "pound_coefficient", MUST, NAN, 0.01, 1);
    }
    if (m->kind == NEED_BLOOD_UNITS) m->mg_per_unit = fe__take_number(&p, "mg_per_unit", MUST, NAN, 50, 500);
    if (m->kind == NEED_FIXED) m->mg = fe__take_number(&p, "mg", MUST, NAN, 1, MG_MAX);
    if (is_table) {
        m->normal_hb_female = fe__take_number(&p, "normal_hb_g_dl_female", MUST, NAN, 8, 18);
        m->normal_hb_male = fe__take_number(&p, "normal_hb_g_dl_male", MUST, NAN, 8, 18);
    }
    fe__shape_done(&p);
}

/* ---- worked examples --------------------------------------------------------------------------------------------- */

typedef struct example {
    double kg, lb, lbw_kg, hb, target, stores, blood_ml, hct, units, need_mg, need_ml;
} example;

/* weight x (target - Hb) x factor + stores (Ganzoni 1970), with the method's own numbers for small patients. */
static double example_ganzoni(const need_method *m, const example *e) {
    bool is_small = e->kg < m->below_kg;
    double target = !isnan(e->target) ? e->target : is_small ? m->below_35_target_hb_g_dl : m->target_hb_g_dl;
    double per_kg = is_small ? m->below_35_stores_mg_per_kg : m->stores_mg_per_kg;
    double stores = !isnan(e->stores) ? e->stores : !isnan(per_kg) ? per_kg * e->kg : m->stores_mg;
    if (isnan(stores) && m->kind == NEED_HB_ONLY) stores = 0;
    double mg = e->kg * fmax(0, target - e->hb) * m->factor + stores;
    if (isnan(m->round_mg)) return mg;
    double steps = mg / m->round_mg;
    return m->round_mg * (e->kg <= m->round_down_to_kg ? floor(steps) : ceil(steps));
}

static double example_table(const need_method *m, const example *e) {
    for (size_t i = 0; i < m->rows_n; i++) {
        const table_row *r = &m->rows[i];
        bool is_in = e->hb >= r->hb_min && e->hb < r->hb_max_excl && e->kg >= r->weight_min && e->kg < r->weight_max_excl;
        if (is_in) return r->total_mg;
    }
    return NAN;
}

/* The printed cell itself. */
static double example_cell(const need_method *m, const example *e) {
    for (size_t i = 0; i < m->table_weights_n * m->table_hbs_n; i++) {
        double kg = m->table_weight[i / m->table_hbs_n], hb = m->table_hb[i % m->table_hbs_n];
        if (fabs(kg - e->kg) < 1e-9 && fabs(hb - e->hb) < 1e-9) return m->table_mg[i];
    }
    return NAN;
}

static double example_mg(const need_method *m, const example *e) {
    double desired = isnan(e->target) ? m->desired_hb_g_dl : e->target;
    switch (m->kind) {
    case NEED_GANZONI:
    case NEED_HB_ONLY: return example_ganzoni(m, e);
    case NEED_INFED:
        return (m->hb_coefficient * (desired - e->hb) * e->lbw_kg + m->stores_coefficient * e->lbw_kg) * m->mg_per_ml;
    case NEED_POUNDS: return m->pound_coefficient * e->lb * 100 * (desired - e->hb) / desired;
    case NEED_BLOOD_LOSS: return e->blood_ml * e->hct;
    case NEED_BLOOD_UNITS: return e->units * m->mg_per_unit;
    case NEED_HB_TABLE: return example_table(m, e);
    case NEED_WEIGHT_TABLE: return example_cell(m, e);
    case NEED_FIXED: return m->mg;
    }
    return NAN;
}

static void check_example(loader *l, shape *o, const need_method *m) {
    const tree *json = fe__take(o, "example", MUST, "object");
    place at = fe__place_key(o->at, "example");
    if (!json) return;
    shape s = fe__shape(&l->f, json, &at);
    example e = {0};
    e.kg = fe__take_number(&s, "weight_kg", MAY, NAN, 1, KG_MAX);
    e.lb = fe__take_number(&s, "weight_lb", MAY, NAN, 2, 800);
    e.lbw_kg = fe__take_number(&s, "lbw_kg", MAY, NAN, 1, KG_MAX);
    e.hb = fe__take_number(&s, "hb_g_dl", MAY, NAN, 1, HB_MAX);
    e.target = fe__take_number(&s, "target_hb_g_dl", MAY, NAN, 8, 18);
    double desired = fe__take_number(&s, "desired_hb_g_dl", MAY, NAN, 8, 18);
    if (isnan(e.target)) e.target = desired;
    e.stores = fe__take_number(&s, "stores_mg", MAY, NAN, 0, 2000);
    e.blood_ml = fe__take_number(&s, "blood_loss_ml", MAY, NAN, 1, 8000);
    e.hct = fe__take_number(&s, "hematocrit_fraction", MAY, NAN, 0.01, 1);
    e.units = fe__take_number(&s, "units_lost", MAY, NAN, 1, 20);
    e.need_ml = fe__take_number(&s, "need_ml", MAY, NAN, 0, 1000);
    e.need_mg = fe__take_number(&s, "need_mg", MUST, NAN, 0, MG_MAX);
    fe__take_none(&s, "label_rounds_to");
    fe__shape_done(&s);
    double mg = example_mg(m, &e);
    if (!isnan(e.need_mg) && !(fabs(mg - e.need_mg) <= 0.5)) { /* printed examples are whole mg */
        fe__shape_fault(&s, "need_mg", fe__printf(l->a, "%s mg, as the formula gives", fe__number_text(l->a, mg, 2)),
                        fe__number_text(l->a, e.need_mg, 2), NULL);
    }
}

/* ---- need methods ------------------------------------------------------------------------------------------------ */

static const need_method no_numbers = {.target_hb_g_dl = NAN,
                                       .factor = NAN,
                                       .stores_mg = NAN,
                                       .stores_mg_per_kg = NAN,
                                       .below_35_target_hb_g_dl = NAN,
                                       .below_35_stores_mg_per_kg = NAN,
                                       .below_kg = NAN,
                                       .desired_hb_g_dl = NAN,
                                       .desired_hb_g_dl_small = NAN,
                                       .small_kg = NAN,
                                       .mg_per_ml = NAN,
                                       .lower_weight_kg = NAN,
                                       .lb_per_kg = NAN,
                                       .mg_per_unit = NAN,
                                       .mg = NAN,
                                       .hb_coefficient = NAN,
                                       .stores_coefficient = NAN,
                                       .pound_coefficient = NAN,
                                       .round_mg = NAN,
                                       .round_down_to_kg = NAN,
                                       .normal_hb_female = NAN,
                                       .normal_hb_male = NAN};

static void read_need(loader *l, const tree *json, const place *at, need_method *m) {
    shape o = fe__shape(&l->f, json, at);
    *m = no_numbers;
    m->id = fe__take_text(&o, "id", MUST);
    m->method = fe__take_term(l, &o, "method", MAY, TERM_METHOD);
    m->kind = (need_kind)fe__take_word(&o, "kind", MUST, NEED_FIXED, kinds, KINDS);
    m->title = fe__take_text(&o, "title", MUST);
    m->formula = fe__take_text_or(&o, "formula", "");
    m->note = fe__take_text_or(&o, "note", "");
    m->source = fe__take_source(l, &o, MUST);
    m->verified = fe__take_verified(&o);
    m->weight_basis = fe__take_text(&o, "weight_basis", MUST);
    if (*m->weight_basis && !fe__basis_find(l->k, m->weight_basis)) {
        fe__shape_fault(&o, "weight_basis", "an id of weight_bases", m->weight_basis,
                        fe__names_hint(l->a, &l->index->bases, m->weight_basis));
    }
    fe__take_none(&o, "weight_basis_text");
    fe__take_none(&o, "verified_parts");
    read_parameters(l, &o, m);
    const tree *table = m->kind == NEED_HB_TABLE ? fe__take_list(&o, "table", SOME) : NULL;
    place table_at = fe__place_key(at, "table");
    if (table) m->rows = fe__load_table(l, table, &table_at, &m->rows_n);
    if (m->kind == NEED_WEIGHT_TABLE) read_weight_table(l, &o, m);
    check_example(l, &o, m);
    fe__shape_done(&o);
    if (!fe__loader_id(&l->index->needs, m->id)) fe__shape_fault(&o, "id", "an id that no other need method has", m->id, NULL);
    else fe__loader_cite_row(l, at, m->id, m->source, m->title, m->verified);
}

void fe__load_needs(loader *l, const tree *rows, const place *root) {
    place list = fe__place_key(root, "need_methods");
    need_method *needs = FE_NEW_ARRAY(l->a, need_method, fe__tree_length(rows));
    l->k->needs = needs;
    for (size_t i = 0; i < fe__tree_length(rows); i++) {
        place at = fe__place_index(&list, i);
        read_need(l, fe__tree_element(rows, i), &at, &needs[i]);
    }
    l->k->needs_n = fe__tree_length(rows);
}
