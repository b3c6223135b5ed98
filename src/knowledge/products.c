/* The products of products.json: vials, limits, gates, dosing methods. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "knowledge/loading.h"

#define NAME(name) #name,
const char *const fe__what_names[WHAT_COUNT] = {FE_WHATS(NAME)};
#undef NAME

const char *const fe__limit_kind_words[LIMIT_KINDS] = {"none", "caution", "label"};
const char *const fe__gate_action_words[GATE_ACTIONS] = {"block", "ask", "warn", "instruct", "ignore-lab"};

static const char *const route_words[] = {"infusion", "injection"};
enum { ROUTES = 2 };

/* The unit that a limit of each kind is stated in, so that no row can mean another one. */
static const char *const units_of_what[WHAT_COUNT] = {[WHAT_max_single_mg] = "mg",
                                                      [WHAT_max_single_mg_per_kg] = "mg/kg",
                                                      [WHAT_max_daily_mg] = "mg",
                                                      [WHAT_max_weekly_mg] = "mg",
                                                      [WHAT_max_weekly_mg_per_kg] = "mg/kg",
                                                      [WHAT_max_monthly_mg] = "mg",
                                                      [WHAT_max_course_mg] = "mg",
                                                      [WHAT_max_course_mg_per_kg] = "mg/kg",
                                                      [WHAT_max_maintenance_mg] = "mg",
                                                      [WHAT_max_doses] = "1",
                                                      [WHAT_max_doses_per_week] = "1",
                                                      [WHAT_within_days] = "d",
                                                      [WHAT_max_week] = "wk",
                                                      [WHAT_min_interval_days] = "d",
                                                      [WHAT_max_interval_days] = "d",
                                                      [WHAT_min_minutes] = "min",
                                                      [WHAT_max_mg_per_min] = "mg/min",
                                                      [WHAT_max_mg_per_h] = "mg/h",
                                                      [WHAT_max_ml_per_min] = "mL/min",
                                                      [WHAT_max_bag_ml] = "mL",
                                                      [WHAT_min_bag_ml] = "mL",
                                                      [WHAT_min_conc_mg_per_ml] = "mg/mL",
                                                      [WHAT_max_conc_mg_per_ml] = "mg/mL",
                                                      [WHAT_min_age_years] = "a",
                                                      [WHAT_hb_g_dl_max_excl] = "g/dL",
                                                      [WHAT_diluents] = "1",
                                                      [WHAT_routes] = "1",
                                                      [WHAT_min_minutes_of_dialysis_before] = "min",
                                                      [WHAT_min_minutes_apart] = "min",
                                                      [WHAT_needs_reason] = "1"};

static const char *const limit_names[] = {"max-single-dose",
                                          "max-single-mg-per-kg",
                                          "max-single-soft",
                                          "max-single-hemodialysis",
                                          "max-daily",
                                          "max-weekly",
                                          "max-course",
                                          "min-interval",
                                          "max-interval",
                                          "max-doses-per-week",
                                          "min-concentration",
                                          "max-concentration",
                                          "min-volume",
                                          "max-volume",
                                          "diluent",
                                          "min-minutes",
                                          "max-minutes",
                                          "route",
                                          "injection-max-dose",
                                          "injection-max-rate",
                                          "min-age",
                                          "pregnancy",
                                          "contraindication",
                                          "indication",
                                          "phosphate",
                                          "hemodialysis-timing",
                                          "separation-from-drugs",
                                          "test-dose",
                                          "premedication",
                                          "off-label-regimen",
                                          "overload",
                                          "infection"};
enum { LIMIT_NAMES = sizeof limit_names / sizeof *limit_names };

static const char *take_limit_name(shape *o, take how) {
    int i = fe__take_word(o, "name", how, -1, limit_names, LIMIT_NAMES);
    return i < 0 ? NULL : limit_names[i];
}

static limit_kind take_kind(shape *o) {
    return (limit_kind)fe__take_word(o, "kind", MUST, LIMIT_NONE, fe__limit_kind_words, LIMIT_KINDS);
}

/* ---- limits ------------------------------------------------------------------------------------------------------ */

/* Limits from several lists of a route are put into one. */
typedef struct limit_list {
    limit *list;
    size_t n, cap;
} limit_list;

/* A number; a list of words for diluents and routes; true for a reason that is needed. Nothing where no limit is set. */
static void take_value(loader *l, shape *o, limit *x) {
    x->value = NAN;
    bool is_set = x->kind != LIMIT_NONE;
    if (!is_set) {
        const tree *value = fe__take(o, "value", MAY, NULL);
        if (value) fe__shape_fault(o, "value", "null where kind is none", fe__tree_found(l->a, value), NULL);
    } else if (x->what == WHAT_diluents) {
        x->values = fe__take_terms(l, o, "value", MUST, TERM_MEDICATION, &x->values_n);
    } else if (x->what == WHAT_routes) {
        x->values = fe__take_texts(o, "value", SOME, &x->values_n);
        for (size_t i = 0; i < x->values_n; i++) {
            bool is_known = strcmp(x->values[i], route_words[0]) == 0 || strcmp(x->values[i], route_words[1]) == 0;
            if (!is_known) fe__shape_fault(o, "value", fe__words_text(l->a, route_words, ROUTES), x->values[i], NULL);
        }
    } else if (x->what == WHAT_needs_reason) {
        x->value = fe__take_yes(o, "value", MUST, true) ? 1 : 0;
    } else {
        x->value = fe__take_number(o, "value", MUST, NAN, 0, 1e5);
    }
}

static void take_range(shape *o, double low, double high, const char *key) {
    if (!(low < high)) fe__shape_fault(o, key, "a lower end below the upper one", "a range that holds nothing", NULL);
}

static void read_limit(loader *l, const tree *json, const place *at, limit *x) {
    shape o = fe__shape(&l->f, json, at);
    x->id = fe__take_text(&o, "id", MUST);
    int what = fe__take_word(&o, "what", MUST, -1, fe__what_names, WHAT_COUNT);
    x->what = what < 0 ? WHAT_max_single_mg : (limit_what)what;
    x->name = take_limit_name(&o, MUST);
    if (!x->name) x->name = "";
    x->kind = take_kind(&o);
    x->unit = fe__take_text(&o, "unit", MUST);
    if (what >= 0 && *x->unit && strcmp(x->unit, units_of_what[what]) != 0)
        fe__shape_fault(&o, "unit", units_of_what[what], x->unit, NULL);
    take_value(l, &o, x);
    bool strictly_more = fe__take_yes(&o, "strictly_more", MAY, false), exclusive = fe__take_yes(&o, "exclusive", MAY, false);
    x->strict = strictly_more || exclusive;
    x->text = fe__take_text_or(&o, "text", "");
    x->source = fe__take_source(l, &o, MUST);
    x->verified = fe__take_verified(&o);
    x->dose_min_excl = fe__take_number(&o, "dose_mg_min_excl", MAY, -INFINITY, 0, MG_MAX);
    x->dose_max = fe__take_number(&o, "dose_mg_max", MAY, INFINITY, 0, MG_MAX);
    x->weight_min = fe__take_number(&o, "weight_kg_min", MAY, -INFINITY, 0, KG_MAX);
    x->weight_max_excl = fe__take_number(&o, "weight_kg_max_excl", MAY, INFINITY, 0, KG_MAX);
    x->age_max_excl = fe__take_number(&o, "age_years_max_excl", MAY, INFINITY, 0, AGE_MAX);
    int route = fe__take_word(&o, "route", MAY, -1, route_words, ROUTES);
    x->route = route < 0 ? NULL : route_words[route];
    x->minutes_max = fe__take_number(&o, "minutes_max", MAY, NAN, 0, MINUTES_MAX);
    fe__take_none(&o, "note");
    fe__shape_done(&o);
    take_range(&o, x->dose_min_excl, x->dose_max, "dose_mg_min_excl");
    take_range(&o, x->weight_min, x->weight_max_excl, "weight_kg_min");
    if (x->minutes_max < x->value) fe__shape_fault(&o, "minutes_max", "a number from value on", "a smaller one", NULL);
    fe__loader_cite_row(l, at, x->id, x->source, x->text, x->verified);
}

static void read_limits(loader *l, shape *o, const char *key, limit_list *out) {
    const tree *rows = fe__take_list(o, key, MUST);
    place list = fe__place_key(o->at, key);
    for (size_t i = 0; i < fe__tree_length(rows); i++) {
        place at = fe__place_index(&list, i);
        read_limit(l, fe__tree_element(rows, i), &at, FE_PUSH(l->a, out->list, out->n, out->cap));
    }
}

static limits limits_of(const limit_list *list) { return (limits){.list = list->list, .n = list->n}; }

/* ---- gates ------------------------------------------------------------------------------------------------------- */

/* Labs that iron of this drug spoils, and for how many hours. */
static void read_ignored_labs(loader *l, shape *o, gate *g) {
    take how = g->action == GATE_IGNORE_LAB ? MUST : MAY;
    size_t n;
    const char *const *ids = fe__take_terms(l, o, "labs", how, TERM_LAB, &n);
    int *terms = FE_NEW_ARRAY(l->a, int, n);
    for (size_t i = 0; i < n; i++) {
        int t = fe__term_find_kind(l->k, ids[i], TERM_LAB);
        if (t >= 0) terms[g->labs_n++] = t; /* an unknown id has its fault already */
    }
    g->labs = terms;
    g->hours = fe__take_number(o, "hours", how, NAN, 1, 8760);
}

static void read_gate(loader *l, const tree *json, const place *at, gate *g) {
    shape o = fe__shape(&l->f, json, at);
    g->id = fe__take_text(&o, "id", MUST);
    g->name = take_limit_name(&o, MAY);
    g->finding = fe__take_text(&o, "finding", MAY);
    if (g->finding && !fe__finding_find(l->k, g->finding)) {
        fe__shape_fault(&o, "finding", "an id of findings.csv", g->finding,
                        fe__names_hint(l->a, &l->index->findings, g->finding));
    }
    g->action = (gate_action)fe__take_word(&o, "action", MUST, GATE_WARN, fe__gate_action_words, GATE_ACTIONS);
    g->kind = take_kind(&o);
    if (g->kind == LIMIT_NONE) fe__shape_fault(&o, "kind", "label | caution", "none", NULL);
    g->when = fe__take_text(&o, "when", MUST);
    g->condition = fe__take_condition(l, &o, "condition", MUST, l->k->rules_n);
    g->text = fe__take_text(&o, "text", MUST);
    g->source = fe__take_source(l, &o, MUST);
    g->verified = fe__take_verified(&o);
    fe__take_none(&o, "note");
    read_ignored_labs(l, &o, g);
    fe__shape_done(&o);
    fe__loader_cite_row(l, at, g->id, g->source, g->text, g->verified);
}

static void read_gates(loader *l, shape *o, product *p) {
    const tree *rows = fe__take_list(o, "gates", MUST);
    gate *gates = FE_NEW_ARRAY(l->a, gate, fe__tree_length(rows));
    place list = fe__place_key(o->at, "gates");
    for (size_t i = 0; i < fe__tree_length(rows); i++) {
        place at = fe__place_index(&list, i);
        read_gate(l, fe__tree_element(rows, i), &at, &gates[i]);
    }
    p->gates = gates;
    p->gates_n = fe__tree_length(rows);
}

/* ---- test doses and first parts ---------------------------------------------------------------------------------- */

/* The test dose of a product, or one of a method with its own times; minutes are a range, its lower end counts. */
static const test_dose *read_test_dose(loader *l, const tree *json, const place *at) {
    test_dose *t = FE_NEW(l->a, test_dose);
    shape o = fe__shape(&l->f, json, at);
    size_t n;
    t->id = fe__take_text(&o, "id", MUST);
    t->mg = fe__take_number(&o, "mg", MUST, NAN, 1, 100);
    t->ml = fe__take_number(&o, "ml", MAY, NAN, 0.01, 100);
    t->seconds_min = fe__take_number(&o, "over_seconds_min", MAY, NAN, 1, 3600);
    const double *minutes = fe__take_numbers(&o, "minutes", MAY, &n, 0.1, MINUTES_MAX);
    if (n && isnan(t->seconds_min)) t->seconds_min = minutes[0] * 60;
    t->minutes_max = n ? minutes[n - 1] : NAN;
    t->wait_minutes = fe__take_number(&o, "wait_minutes", MUST, NAN, 0, MINUTES_MAX);
    t->when = fe__take_text_or(&o, "when", "");
    t->note = fe__take_text_or(&o, "note", "");
    t->kind = take_kind(&o);
    t->source = fe__take_source(l, &o, MUST);
    t->verified = fe__take_verified(&o);
    t->bag_ml = fe__take_number(&o, "bag_ml", MAY, NAN, 1, ML_MAX);
    fe__take_none(&o, "wait_minutes_of_protocol");
    fe__shape_done(&o);
    fe__loader_cite_row(l, at, t->id, t->source, t->when, t->verified);
    return t;
}

/* A method names the test dose of its product by id, or has one of its own. */
static const test_dose *take_method_test_dose(loader *l, shape *o, const product *p) {
    const tree *json = fe__take(o, "test_dose", MAY, NULL);
    place at = fe__place_key(o->at, "test_dose");
    if (!json) return NULL;
    if (!fe__tree_is(json, TREE_TEXT)) return read_test_dose(l, json, &at);
    if (p->test_dose && strcmp(fe__tree_text(json), p->test_dose->id) == 0) return p->test_dose;
    fe__shape_fault(o, "test_dose", p->test_dose ? p->test_dose->id : "null, because the product has no test dose",
                    fe__tree_text(json), NULL);
    return NULL;
}

static const first_part *read_first_part(loader *l, const tree *json, const place *at) {
    first_part *x = FE_NEW(l->a, first_part);
    shape o = fe__shape(&l->f, json, at);
    x->id = fe__take_text(&o, "id", MUST);
    x->mg = fe__take_number(&o, "mg", MUST, NAN, 1, 100);
    x->minutes = fe__take_number(&o, "minutes", MUST, NAN, 0, MINUTES_MAX);
    x->minutes_max = fe__take_number(&o, "minutes_max", MAY, NAN, x->minutes, MINUTES_MAX);
    x->wait_minutes = fe__take_number(&o, "wait_minutes", MAY, NAN, 0, MINUTES_MAX);
    take_kind(&o);
    x->source = fe__take_source(l, &o, MUST);
    x->verified = fe__take_verified(&o);
    fe__shape_done(&o);
    fe__loader_cite_row(l, at, x->id, x->source, NULL, x->verified);
    return x;
}

/* ---- routes of a method ------------------------------------------------------------------------------------------ */

static void read_dilution(loader *l, const tree *json, const place *at, route_rules *r, limit_list *all) {
    static const char *const meanings[] = {"diluent", "final"};
    shape o = fe__shape(&l->f, json, at);
    r->dilution_required = fe__take_yes(&o, "required", MUST, false);
    r->diluents = fe__take_terms(l, &o, "diluents", MUST, TERM_MEDICATION, &r->diluents_n);
    r->bag_is_final = fe__take_word(&o, "bag_volume_means", MUST, 0, meanings, 2) == 1;
    read_limits(l, &o, "bags", all);
    read_limits(l, &o, "concentration", all);
    fe__take_none(&o, "note");
    fe__shape_done(&o);
    if (r->dilution_required && r->diluents_n == 0)
        fe__shape_fault(&o, "diluents", "a diluent, because dilution is required", "none", NULL);
}

static void read_route(loader *l, const tree *json, const place *at, route_rules *r) {
    shape o = fe__shape(&l->f, json, at);
    limit_list all = {NULL, 0, 0};
    int route = fe__take_word(&o, "route", MUST, 0, route_words, ROUTES);
    r->route = route_words[route];
    read_limits(l, &o, "limits", &all);
    read_limits(l, &o, "minutes", &all);
    const tree *dilution = fe__take(&o, "dilution", MUST, "object"), *first = fe__take(&o, "first_part", MAY, NULL);
    place dilution_at = fe__place_key(at, "dilution"), first_at = fe__place_key(at, "first_part");
    if (dilution) read_dilution(l, dilution, &dilution_at, r, &all);
    if (first) r->first = read_first_part(l, first, &first_at);
    fe__shape_done(&o);
    r->limits = limits_of(&all);
}

static void read_routes(loader *l, shape *o, const product *p, method *m) {
    const tree *rows = fe__take_list(o, "routes", SOME);
    route_rules *routes = FE_NEW_ARRAY(l->a, route_rules, fe__tree_length(rows));
    place list = fe__place_key(o->at, "routes");
    m->routes_n = fe__tree_length(rows);
    m->routes = routes;
    for (size_t i = 0; i < m->routes_n; i++) {
        place at = fe__place_index(&list, i);
        read_route(l, fe__tree_element(rows, i), &at, &routes[i]);
        bool is_allowed = false, is_twice = false;
        for (size_t j = 0; j < p->routes_n; j++) is_allowed = is_allowed || strcmp(p->routes[j], routes[i].route) == 0;
        for (size_t j = 0; j < i; j++) is_twice = is_twice || strcmp(routes[j].route, routes[i].route) == 0;
        if (!is_allowed) fe__fault(&l->f, fe__place_text(l->a, &at), "a route of routes_allowed", routes[i].route, NULL);
        if (is_twice) fe__fault(&l->f, fe__place_text(l->a, &at), "each route once", routes[i].route, NULL);
    }
}

/* ---- methods ----------------------------------------------------------------------------------------------------- */

static void read_applies(loader *l, const tree *json, const place *at, method *m) {
    shape o = fe__shape(&l->f, json, at);
    m->age_min = fe__take_number(&o, "age_years_min", MAY, -INFINITY, 0, AGE_MAX);
    m->age_max_excl = fe__take_number(&o, "age_years_max_excl", MAY, INFINITY, 0, AGE_MAX);
    m->weight_min = fe__take_number(&o, "weight_kg_min", MAY, -INFINITY, 0, KG_MAX);
    m->weight_max_excl = fe__take_number(&o, "weight_kg_max_excl", MAY, INFINITY, 0, KG_MAX);
    m->applies_text = fe__take_text(&o, "text", MUST);
    m->condition = fe__take_condition(l, &o, "condition", MAY, l->k->rules_n);
    fe__shape_done(&o);
    take_range(&o, m->age_min, m->age_max_excl, "age_years_min");
    take_range(&o, m->weight_min, m->weight_max_excl, "weight_kg_min");
}

static void read_method(loader *l, const tree *json, const place *at, const product *p, method *m) {
    shape o = fe__shape(&l->f, json, at);
    m->id = fe__take_text(&o, "id", MUST);
    m->name = fe__take_text(&o, "name", MUST);
    const char *whole = fe__joined(l->a, p->id, "/", m->name);
    if (strcmp(whole, m->id) != 0) fe__shape_fault(&o, "id", whole, m->id, "product, a slash, and the name");
    m->method = fe__take_term(l, &o, "method", MAY, TERM_METHOD);
    m->title = fe__take_text(&o, "title", MUST);
    m->basis = fe__take_text(&o, "basis", MUST);
    m->note = fe__take_text_or(&o, "note", "");
    m->off_label = fe__take_yes(&o, "off_label", MUST, true);
    m->is_default = fe__take_yes(&o, "default", MUST, false);
    m->enabled = fe__take_yes(&o, "enabled", MUST, false);
    const tree *applies = fe__take(&o, "applies", MUST, "object"), *dose = fe__take(&o, "dose", MUST, "object");
    place applies_at = fe__place_key(at, "applies"), dose_at = fe__place_key(at, "dose");
    if (applies) read_applies(l, applies, &applies_at, m);
    if (dose) fe__load_dose(l, dose, &dose_at, &m->dose);
    limit_list all = {NULL, 0, 0};
    read_limits(l, &o, "limits", &all);
    m->limits = limits_of(&all);
    read_routes(l, &o, p, m);
    m->test_dose = take_method_test_dose(l, &o, p);
    fe__take_none(&o, "forecast_below_18");
    fe__take_none(&o, "hemodialysis");
    fe__shape_done(&o);
    if (m->off_label && m->is_default) fe__shape_fault(&o, "default", "false where off_label is true", "true", NULL);
}

static void read_methods(loader *l, shape *o, product *p) {
    const tree *rows = fe__take_list(o, "methods", SOME);
    method *methods = FE_NEW_ARRAY(l->a, method, fe__tree_length(rows));
    place list = fe__place_key(o->at, "methods");
    p->methods = methods;
    p->methods_n = fe__tree_length(rows);
    for (size_t i = 0; i < p->methods_n; i++) {
        place at = fe__place_index(&list, i);
        read_method(l, fe__tree_element(rows, i), &at, p, &methods[i]);
        for (size_t j = 0; j < i; j++) {
            if (strcmp(methods[i].id, methods[j].id) == 0)
                fe__fault(&l->f, fe__place_text(l->a, &at), "an id that no other method has", methods[i].id, NULL);
        }
    }
}

/* ---- products ---------------------------------------------------------------------------------------------------- */

static int by_mg(const void *a, const void *b) {
    double x = ((const vial *)a)->mg, y = ((const vial *)b)->mg;
    return (x > y) - (x < y);
}

/* A vial holds what its volume says. */
static void read_vials(loader *l, shape *o, product *p) {
    const tree *rows = fe__take_list(o, "vials", SOME);
    vial *vials = FE_NEW_ARRAY(l->a, vial, fe__tree_length(rows));
    place list = fe__place_key(o->at, "vials");
    p->vials = vials;
    p->vials_n = fe__tree_length(rows);
    for (size_t i = 0; i < p->vials_n; i++) {
        place at = fe__place_index(&list, i);
        shape v = fe__shape(&l->f, fe__tree_element(rows, i), &at);
        vials[i].mg = fe__take_number(&v, "mg", MUST, NAN, 1, MG_MAX);
        vials[i].ml = fe__take_number(&v, "ml", MUST, NAN, 0.1, 100);
        vials[i].verified = fe__take_verified(&v);
        fe__shape_done(&v);
        double mg = vials[i].ml * p->mg_per_ml;
        if (fabs(mg - vials[i].mg) > 1e-6 * mg)
            fe__shape_fault(&v, "mg", fe__printf(l->a, "%s mg, as volume and concentration give", fe__number_text(l->a, mg, 3)),
                            fe__number_text(l->a, vials[i].mg, 3), NULL);
    }
    if (p->vials_n) qsort(vials, p->vials_n, sizeof *vials, by_mg);
}

/* A statement with an id at product level; `words` gets its text, the id can be cited. */
static shape open_statement(loader *l, const tree *json, const place *at, const char **id, const char **words) {
    shape o = fe__shape(&l->f, json, at);
    *id = fe__take_text(&o, "id", MUST);
    *words = fe__take_text_or(&o, "text", "");
    const char *source = fe__take_source(l, &o, MUST);
    fe__loader_cite_row(l, at, *id, source, *words, fe__take_verified(&o));
    take_kind(&o);
    return o;
}

static void read_observation(loader *l, shape *o, product *p) {
    const tree *json = fe__take(o, "observation", MUST, "object");
    place at = fe__place_key(o->at, "observation");
    p->observe_id = p->observe_text = "";
    if (!json) return;
    shape s = open_statement(l, json, &at, &p->observe_id, &p->observe_text);
    p->observe_minutes = fe__take_number(&s, "minutes", MUST, NAN, 0, MINUTES_MAX);
    p->observe_later_minutes = NAN;
    const tree *later = fe__take(&s, "after_each_later_dose", MAY, NULL);
    place later_at = fe__place_key(&at, "after_each_later_dose");
    if (later) {
        shape x = fe__shape(&l->f, later, &later_at);
        p->observe_later_minutes = fe__take_number(&x, "minutes", MUST, NAN, 0, MINUTES_MAX);
        take_kind(&x);
        fe__take_source(l, &x, MUST);
        fe__shape_done(&x);
    }
    fe__shape_done(&s);
}

static void read_discard(loader *l, shape *o, product *p) {
    const tree *json = fe__take(o, "discard", MUST, "object");
    place at = fe__place_key(o->at, "discard");
    p->discard_id = p->discard_text = "";
    if (!json) return;
    shape s = open_statement(l, json, &at, &p->discard_id, &p->discard_text);
    static const char *const keys[] = {"what", "value", "unit", "name"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) fe__take_none(&s, keys[i]);
    fe__shape_done(&s);
}

static void read_storage(loader *l, shape *o) {
    const tree *json = fe__take(o, "storage_after_dilution", MAY, NULL);
    place at = fe__place_key(o->at, "storage_after_dilution");
    if (!json) return;
    const char *id, *words;
    shape s = open_statement(l, json, &at, &id, &words);
    static const char *const keys[] = {"hours", "at", "conc_mg_per_ml", "hours_refrigerated", "stability_study", "syringe"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) fe__take_none(&s, keys[i]);
    fe__shape_done(&s);
}

/* The first brand is the one that users know; the others are generics and makers. */
static const char *take_brand(shape *o) {
    size_t n;
    const char *const *brands = fe__take_texts(o, "brand", SOME, &n);
    return n ? brands[0] : "";
}

static void take_product_routes(loader *l, shape *o, product *p) {
    p->routes = fe__take_texts(o, "routes_allowed", SOME, &p->routes_n);
    for (size_t i = 0; i < p->routes_n; i++) {
        bool is_known = strcmp(p->routes[i], route_words[0]) == 0 || strcmp(p->routes[i], route_words[1]) == 0;
        if (!is_known) fe__shape_fault(o, "routes_allowed", fe__words_text(l->a, route_words, ROUTES), p->routes[i], NULL);
    }
}

static void ignore_facts(shape *o) {
    static const char *const keys[] = {"single_use",
                                       "age_note",
                                       "test_dose_note",
                                       "routes_note",
                                       "hemodialysis_indicated",
                                       "half_life_h",
                                       "molecular_weight_kda",
                                       "rxcui",
                                       "unii",
                                       "atc",
                                       "note"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) fe__take_none(o, keys[i]);
}

static void read_product(loader *l, const tree *json, const place *at, product *p) {
    static const char *const regions[] = {"us", "eu", "ca"};
    shape o = fe__shape(&l->f, json, at);
    p->id = fe__take_term(l, &o, "id", MUST, TERM_PRODUCT);
    p->generic = fe__take_text(&o, "generic", MUST);
    p->brand = take_brand(&o);
    p->region = regions[fe__take_word(&o, "region", MUST, 0, regions, 3)];
    p->molecule = fe__take_term(l, &o, "molecule", MUST, TERM_FORMULATION);
    p->mg_per_ml = fe__take_number(&o, "concentration_mg_per_ml", MUST, NAN, 1, 200);
    read_vials(l, &o, p);
    p->indications = fe__take_texts(&o, "indications", MUST, &p->indications_n);
    limit_list common = {NULL, 0, 0};
    read_limits(l, &o, "common_limits", &common);
    p->common = limits_of(&common);
    take_product_routes(l, &o, p);
    const tree *test = fe__take(&o, "test_dose", MAY, NULL);
    place test_at = fe__place_key(at, "test_dose");
    if (test) p->test_dose = read_test_dose(l, test, &test_at);
    read_observation(l, &o, p);
    read_discard(l, &o, p);
    read_storage(l, &o);
    p->label_revision = fe__take_text(&o, "label_revision", MUST);
    p->recheck = fe__take_text_or(&o, "recheck", "");
    read_gates(l, &o, p);
    read_methods(l, &o, p);
    ignore_facts(&o);
    fe__shape_done(&o);
    if (!fe__loader_id(&l->index->products, p->id)) fe__shape_fault(&o, "id", "an id that no other product has", p->id, NULL);
}

void fe__load_products(loader *l, const tree *rows, const place *root) {
    place list = fe__place_key(root, "products");
    product *products = FE_NEW_ARRAY(l->a, product, fe__tree_length(rows));
    l->k->products = products;
    for (size_t i = 0; i < fe__tree_length(rows); i++) {
        place at = fe__place_index(&list, i);
        read_product(l, fe__tree_element(rows, i), &at, &products[i]);
    }
    l->k->products_n = fe__tree_length(rows);
}
