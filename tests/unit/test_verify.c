/* The label verifier: each limit at its edge and one step beyond, windows over iron already given, the choice of the method, what cannot
 * be tried. The product is made up here, so that the numbers of data/ may change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "advise/verify.h"
#include "base/text.h"

enum { TODAY = 20000 };

static int open_arena(void **state) {
    *state = fe__arena_new(0);
    return *state ? 0 : -1;
}

static int close_arena(void **state) {
    fe__arena_free(*state);
    return 0;
}

/* ---- a made-up product --------------------------------------------------------------------------------------------------- */

typedef struct world {
    limit method_limits[8], route_limits[8], common[4];
    route_rules routes[2];
    method methods[4];
    gate gates[4];
    product product;
    term terms[4];
    knowledge k;
    verify_patient patient;
    given_iron given[8];
    order_item items[8];
    int with[2];
    term_list with_list;
    verify_request r;
} world;

static limit limit_of(limit_what what, const char *name, double value) {
    return (limit){.id = "X-L01",
                   .name = name,
                   .what = what,
                   .kind = LIMIT_LABEL,
                   .value = value,
                   .unit = "1",
                   .text = "",
                   .source = "X",
                   .dose_min_excl = -INFINITY,
                   .dose_max = INFINITY,
                   .weight_min = -INFINITY,
                   .weight_max_excl = INFINITY,
                   .age_max_excl = INFINITY,
                   .minutes_max = NAN};
}

static method method_of(world *w, const char *id) {
    return (method){.id = id,
                    .name = id + strlen("iron/"),
                    .title = id,
                    .basis = "label",
                    .note = "",
                    .enabled = true,
                    .is_default = false,
                    .age_min = -INFINITY,
                    .age_max_excl = INFINITY,
                    .weight_min = -INFINITY,
                    .weight_max_excl = INFINITY,
                    .applies_text = "everybody",
                    .limits = {w->method_limits, 0},
                    .routes = w->routes,
                    .routes_n = 2};
}

/* One product, 50 mg/mL, one method with two routes and no limit; an adult of 60 kg; nothing ordered. */
static world *new_world(arena *a) {
    world *w = FE_NEW(a, world);
    w->routes[0] = (route_rules){.route = "infusion", .limits = {w->route_limits, 0}, .dilution_required = true};
    w->routes[1] = (route_rules){.route = "injection", .limits = {w->route_limits, 0}};
    w->methods[0] = method_of(w, "iron/usual");
    w->methods[0].is_default = true;
    w->product = (product){.id = "iron",
                           .molecule = "molecule",
                           .mg_per_ml = 50,
                           .common = {w->common, 0},
                           .gates = w->gates,
                           .methods = w->methods,
                           .methods_n = 1};
    w->terms[0] = (term){.id = "sodium-chloride-0.9", .note = "diluent", .kind = TERM_MEDICATION};
    w->terms[1] = (term){.id = "none", .note = "undiluted", .kind = TERM_MEDICATION};
    w->terms[2] = (term){.id = "antibiotic-iv", .note = "", .kind = TERM_MEDICATION};
    w->k = (knowledge){
        .products = &w->product, .products_n = 1, .terms = w->terms, .terms_n = 3, .practice = {.course_window_days = 90}};
    w->patient = (verify_patient){true, 40, 60, 10, false};
    w->with_list = (term_list){w->with, 0, true};
    w->r = (verify_request){.k = &w->k, .items = w->items, .patient = &w->patient, .given = w->given, .with = &w->with_list};
    return w;
}

static void add_limit(world *w, limit l) { w->method_limits[w->methods[0].limits.n++] = l; }
static void add_route_limit(world *w, limit l) {
    w->route_limits[w->routes[0].limits.n++] = l;
    w->routes[1].limits.n++;
}
static void add_common(world *w, limit l) { w->common[w->product.common.n++] = l; }

static order_item *add_item(world *w, double mg, long day) {
    order_item *x = &w->items[w->r.items_n++];
    *x = (order_item){.ptr = "",
                      .product = "iron",
                      .dose_mg = mg,
                      .day = TODAY + day,
                      .route = "infusion",
                      .bag_ml = 100,
                      .drug_ml = NAN,
                      .minutes = 15,
                      .test_dose_mg = NAN,
                      .diluent = "sodium-chloride-0.9"};
    return x;
}

static void add_given(world *w, double mg, long day, const char *name, const char *molecule) {
    w->given[w->r.given_n++] = (given_iron){TODAY + day, mg, name, molecule};
}

static bool has(const char *const *list, size_t n, const char *name) {
    for (size_t i = 0; i < n; i++)
        if (fe__streq(list[i], name)) return true;
    return false;
}

typedef enum outcome { KEPT, BROKEN, CAUTION, UNCHECKED, NOTHING } outcome;

/* What became of one name. */
static outcome outcome_of(arena *a, world *w, const char *name) {
    const verification *v = fe__verify(a, &w->r);
    assert_non_null(v);
    if (has(v->broken, v->broken_n, name)) return BROKEN;
    if (has(v->cautions, v->cautions_n, name)) return CAUTION;
    if (has(v->unchecked, v->unchecked_n, name)) return UNCHECKED;
    for (size_t i = 0; i < v->checks_n; i++)
        if (fe__streq(v->checks[i].name, name) && v->checks[i].kept) return KEPT;
    return NOTHING;
}

/* ---- one infusion -------------------------------------------------------------------------------------------------------- */

typedef enum field { DOSE, MINUTES, BAG, AGE, WEIGHT, HB } field;

static void set_field(world *w, field f, double v) {
    switch (f) {
    case DOSE: w->items[0].dose_mg = v; break;
    case MINUTES: w->items[0].minutes = v; break;
    case BAG: w->items[0].bag_ml = v; break;
    case AGE: w->patient.age_years = v; break;
    case WEIGHT: w->patient.cap_weight_kg = v; break;
    case HB: w->patient.hb_g_dl = v; break;
    }
}

/* 500 mg (10 mL) in 100 mL over 15 min for 60 kg, 40 years, Hb 10; the field is set to the edge, then beyond. */
static const struct edge {
    limit_what what;
    double value;
    bool strict;
    field field;
    double edge, beyond;
} edges[] = {
    {WHAT_max_single_mg, 500, false, DOSE, 500, 501},
    {WHAT_max_single_mg_per_kg, 15, false, DOSE, 900, 901},
    {WHAT_max_single_mg_per_kg, 15, false, WEIGHT, 500.0 / 15, 33},
    {WHAT_max_daily_mg, 500, false, DOSE, 500, 501},
    {WHAT_max_weekly_mg, 500, false, DOSE, 500, 501},
    {WHAT_max_weekly_mg_per_kg, 20, false, DOSE, 1200, 1201},
    {WHAT_max_monthly_mg, 500, false, DOSE, 500, 501},
    {WHAT_max_course_mg, 500, false, DOSE, 500, 501},
    {WHAT_max_course_mg_per_kg, 15, false, DOSE, 900, 901},
    {WHAT_min_minutes, 15, false, MINUTES, 15, 14.5},
    {WHAT_min_minutes, 15, true, MINUTES, 15.5, 15},
    {WHAT_max_mg_per_min, 50, false, MINUTES, 10, 9.5},
    {WHAT_max_mg_per_h, 500, false, MINUTES, 60, 59.5},
    {WHAT_max_ml_per_min, 5, false, MINUTES, 22, 21.5},
    {WHAT_max_bag_ml, 100, false, BAG, 100, 101},
    {WHAT_min_bag_ml, 100, false, BAG, 100, 99},
    {WHAT_min_conc_mg_per_ml, 2, false, BAG, 240, 241},
    {WHAT_min_conc_mg_per_ml, 2, true, BAG, 239, 240},
    {WHAT_max_conc_mg_per_ml, 8, false, BAG, 52.5, 52},
    {WHAT_min_age_years, 18, false, AGE, 18, 17.9},
    {WHAT_hb_g_dl_max_excl, 15, false, HB, 14.9, 15},
};

static void a_limit_is_kept_at_its_edge_and_broken_beyond(void **state) {
    for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++) {
        const struct edge *e = &edges[i];
        for (int beyond = 0; beyond < 2; beyond++) {
            world *w = new_world(*state);
            limit l = limit_of(e->what, "limit", e->value);
            l.strict = e->strict;
            add_limit(w, l);
            add_item(w, 500, 0);
            set_field(w, e->field, beyond ? e->beyond : e->edge);
            outcome found = outcome_of(*state, w, "limit");
            if (found != (beyond ? BROKEN : KEPT)) fail_msg("row %zu, beyond %d: outcome %d", i, beyond, found);
        }
    }
}

static void the_same_limit_as_a_caution_is_a_caution_until_accepted(void **state) {
    for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++) {
        world *w = new_world(*state);
        limit l = limit_of(edges[i].what, "limit", edges[i].value);
        l.strict = edges[i].strict;
        l.kind = LIMIT_CAUTION;
        add_limit(w, l);
        add_item(w, 500, 0);
        set_field(w, edges[i].field, edges[i].beyond);
        assert_int_equal(outcome_of(*state, w, "limit"), CAUTION);
        const char *accepted[] = {"iron/limit"};
        w->r.accepted = accepted;
        w->r.accepted_n = 1;
        const verification *v = fe__verify(*state, &w->r);
        assert_int_equal(v->cautions_n, 0);
        assert_false(v->checks[0].kept); /* it stays in sight */
    }
}

static void a_label_limit_cannot_be_accepted(void **state) {
    world *w = new_world(*state);
    add_limit(w, limit_of(WHAT_max_single_mg, "max-single-dose", 500));
    add_item(w, 501, 0);
    const char *accepted[] = {"iron/max-single-dose"};
    w->r.accepted = accepted;
    w->r.accepted_n = 1;
    assert_int_equal(outcome_of(*state, w, "max-single-dose"), BROKEN);
}

static void a_check_says_rule_row_limit_and_value(void **state) {
    world *w = new_world(*state);
    add_limit(w, limit_of(WHAT_max_single_mg_per_kg, "max-single-mg-per-kg", 15));
    add_item(w, 1200, 0);
    const verification *v = fe__verify(*state, &w->r);
    assert_int_equal(v->checks_n, 1);
    assert_string_equal(v->checks[0].rule, "iron/max-single-mg-per-kg");
    assert_string_equal(v->checks[0].source, "X-L01");
    assert_true(v->checks[0].limit == 15 && v->checks[0].value == 20);
    assert_ptr_equal(v->methods[0], &w->methods[0]);
}

static void arithmetic_in_the_last_bits_does_not_break_a_limit(void **state) {
    world *w = new_world(*state);
    add_limit(w, limit_of(WHAT_max_single_mg_per_kg, "limit", 15));
    add_item(w, 951, 0);
    w->patient.cap_weight_kg = 63.4;
    assert_int_equal(outcome_of(*state, w, "limit"), KEPT);
}

static void a_limit_without_value_is_none(void **state) {
    world *w = new_world(*state);
    limit l = limit_of(WHAT_max_single_mg, "limit", NAN);
    l.kind = LIMIT_NONE;
    add_limit(w, l);
    add_item(w, 5000, 0);
    assert_int_equal(outcome_of(*state, w, "limit"), NOTHING);
}

static void a_minimum_of_zero_minutes_asks_for_none(void **state) {
    world *w = new_world(*state);
    add_limit(w, limit_of(WHAT_min_minutes, "limit", 0));
    add_item(w, 500, 0)->minutes = NAN;
    assert_int_equal(outcome_of(*state, w, "limit"), NOTHING);
}

static void a_limit_binds_only_in_its_range(void **state) {
    static const struct {
        double dose, weight, age;
        outcome expected;
    } rows[] = {{200, 60, 40, NOTHING},    {201, 60, 40, BROKEN},    {500, 60, 40, BROKEN},  {501, 60, 40, NOTHING},
                {500, 10, 40, BROKEN},     {500, 9.9, 40, NOTHING},  {500, 70, 40, NOTHING}, {500, 60, 50, NOTHING},
                {500, NAN, 40, UNCHECKED}, {500, 60, NAN, UNCHECKED}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        world *w = new_world(*state);
        limit l = limit_of(WHAT_max_single_mg, "limit", 1);
        l.dose_min_excl = 200;
        l.dose_max = 500;
        l.weight_min = 10;
        l.weight_max_excl = 70;
        l.age_max_excl = 50;
        add_limit(w, l);
        add_item(w, rows[i].dose, 0);
        w->patient.cap_weight_kg = rows[i].weight;
        w->patient.age_years = rows[i].age;
        assert_int_equal(outcome_of(*state, w, "limit"), rows[i].expected);
    }
}

static void limits_of_method_route_and_product_apply_together(void **state) {
    world *w = new_world(*state);
    add_limit(w, limit_of(WHAT_max_single_mg, "one", 400));
    add_route_limit(w, limit_of(WHAT_max_single_mg, "two", 300));
    add_common(w, limit_of(WHAT_max_single_mg, "three", 200));
    add_item(w, 500, 0);
    const verification *v = fe__verify(*state, &w->r);
    assert_int_equal(v->broken_n, 3);
    assert_string_equal(v->broken[2], "three");
}

/* ---- bags and rates ------------------------------------------------------------------------------------------------------ */

static void a_final_bag_holds_the_drug(void **state) {
    world *w = new_world(*state);
    add_route_limit(w, limit_of(WHAT_min_conc_mg_per_ml, "min", 1));
    add_route_limit(w, limit_of(WHAT_max_ml_per_min, "rate", 5));
    add_item(w, 100, 0)->minutes = 20;
    assert_int_equal(outcome_of(*state, w, "min"), BROKEN); /* 100 mg in 102 mL */
    assert_int_equal(outcome_of(*state, w, "rate"), BROKEN);
    w->routes[0].bag_is_final = true;
    assert_int_equal(outcome_of(*state, w, "min"), KEPT);
    assert_int_equal(outcome_of(*state, w, "rate"), KEPT);
}

static void an_undiluted_injection_has_no_bag(void **state) {
    world *w = new_world(*state);
    add_route_limit(w, limit_of(WHAT_max_bag_ml, "bag", 20));
    add_route_limit(w, limit_of(WHAT_min_conc_mg_per_ml, "conc", 2));
    limit d = limit_of(WHAT_diluents, "diluent", NAN);
    static const char *const saline[] = {"sodium-chloride-0.9"};
    d.values = saline;
    d.values_n = 1;
    add_common(w, d);
    order_item *x = add_item(w, 100, 0);
    x->route = "injection";
    x->bag_ml = NAN;
    x->diluent = NULL;
    assert_int_equal(outcome_of(*state, w, "bag"), NOTHING);
    assert_int_equal(outcome_of(*state, w, "conc"), NOTHING);
    assert_int_equal(outcome_of(*state, w, "diluent"), NOTHING);
    x->route = "infusion"; /* must be diluted, and is not said in what */
    assert_int_equal(outcome_of(*state, w, "bag"), UNCHECKED);
    assert_int_equal(outcome_of(*state, w, "conc"), UNCHECKED);
    assert_int_equal(outcome_of(*state, w, "diluent"), UNCHECKED);
    x->diluent = "none";
    assert_int_equal(outcome_of(*state, w, "diluent"), BROKEN);
    x->diluent = "dextrose-5";
    assert_int_equal(outcome_of(*state, w, "diluent"), BROKEN);
    x->diluent = "sodium-chloride-0.9";
    assert_int_equal(outcome_of(*state, w, "diluent"), KEPT);
}

static void after_a_slow_first_part_the_rest_keeps_the_rate(void **state) {
    static const first_part first = {.id = "X-F", .mg = 25, .minutes = 15, .minutes_max = NAN, .wait_minutes = NAN};
    world *w = new_world(*state);
    w->routes[0].first = &first;
    add_route_limit(w, limit_of(WHAT_max_ml_per_min, "flow", 3.33));
    add_route_limit(w, limit_of(WHAT_max_mg_per_min, "rate", 10));
    order_item *x = add_item(w, 200, 0); /* 104 mL, of which 13 slowly; 175 mg in the rest */
    x->minutes = 43;
    assert_int_equal(outcome_of(*state, w, "flow"), KEPT); /* 91 mL in 28 min */
    x->minutes = 42;
    assert_int_equal(outcome_of(*state, w, "flow"), BROKEN);
    x->minutes = 32.5;
    assert_int_equal(outcome_of(*state, w, "rate"), KEPT);
    x->minutes = 32;
    assert_int_equal(outcome_of(*state, w, "rate"), BROKEN);
    x->minutes = 15; /* nothing is left for the rest */
    assert_int_equal(outcome_of(*state, w, "rate"), BROKEN);
    const verification *v = fe__verify(*state, &w->r);
    assert_true(isnan(v->checks[1].value));
    assert_non_null(v->checks[1].value_words);
    x->dose_mg = 25; /* the first part is all */
    assert_int_equal(outcome_of(*state, w, "rate"), KEPT);
}

static void a_test_dose_counts_apart_in_the_rate_of_the_rest(void **state) {
    static const test_dose test = {.id = "X-T", .mg = 25, .kind = LIMIT_LABEL};
    world *w = new_world(*state);
    w->product.test_dose = &test;
    add_limit(w, limit_of(WHAT_max_mg_per_h, "rate", 500));
    order_item *x = add_item(w, 1525, 0);
    x->test_dose_mg = 25;
    x->minutes = 180;
    assert_int_equal(outcome_of(*state, w, "rate"), KEPT);
    x->minutes = 179.5;
    assert_int_equal(outcome_of(*state, w, "rate"), BROKEN);
    x->test_dose_mg = 500; /* more than the test dose is not a test dose */
    assert_int_equal(outcome_of(*state, w, "rate"), BROKEN);
}

/* ---- routes, drugs, dialysis, reasons ------------------------------------------------------------------------------------ */

static void a_route_must_be_of_the_product_and_of_the_method(void **state) {
    static const char *const routes[] = {"infusion"};
    world *w = new_world(*state);
    limit l = limit_of(WHAT_routes, "route", NAN);
    l.values = routes;
    l.values_n = 1;
    add_common(w, l);
    order_item *x = add_item(w, 100, 0);
    assert_int_equal(outcome_of(*state, w, "route"), KEPT);
    x->route = NULL; /* an infusion when nothing is said */
    assert_int_equal(outcome_of(*state, w, "route"), KEPT);
    x->route = "injection";
    assert_int_equal(outcome_of(*state, w, "route"), BROKEN);
    w->product.common.n = 0;
    assert_int_equal(outcome_of(*state, w, "route"), NOTHING);
    w->methods[0].routes_n = 1;
    assert_int_equal(outcome_of(*state, w, "route"), BROKEN);
}

static void the_label_routes_do_not_bind_an_off_label_regimen_that_has_the_route(void **state) {
    static const char *const routes[] = {"injection"};
    world *w = new_world(*state);
    limit l = limit_of(WHAT_routes, "route", NAN);
    l.values = routes;
    l.values_n = 1;
    add_common(w, l);
    add_item(w, 100, 0);
    w->methods[1] = method_of(w, "iron/fast");
    w->methods[1].off_label = true;
    w->methods[1].enabled = false;
    w->product.methods_n = 2;
    assert_int_equal(outcome_of(*state, w, "route"), BROKEN);
    const char *on[] = {"iron/fast"};
    w->r.off_label = on;
    w->r.off_label_n = 1;
    assert_int_equal(outcome_of(*state, w, "route"), NOTHING);
    assert_int_equal(outcome_of(*state, w, "off-label-regimen"), KEPT);
    assert_ptr_equal(fe__verify(*state, &w->r)->methods[0], &w->methods[1]);
}

static void other_drugs_are_kept_apart(void **state) {
    world *w = new_world(*state);
    add_common(w, limit_of(WHAT_min_minutes_apart, "separation-from-drugs", 30));
    add_item(w, 500, 0);
    assert_int_equal(outcome_of(*state, w, "separation-from-drugs"), NOTHING);
    w->with_list.n = 1; /* a diluent, then no drug, then a drug */
    assert_int_equal(outcome_of(*state, w, "separation-from-drugs"), NOTHING);
    w->with[0] = 1;
    assert_int_equal(outcome_of(*state, w, "separation-from-drugs"), NOTHING);
    w->with[0] = 2;
    assert_int_equal(outcome_of(*state, w, "separation-from-drugs"), BROKEN);
    w->with_list.given = false;
    assert_int_equal(outcome_of(*state, w, "separation-from-drugs"), UNCHECKED);
    w->r.with = NULL;
    assert_int_equal(outcome_of(*state, w, "separation-from-drugs"), UNCHECKED);
}

static void dialysis_before_is_untried_on_dialysis_only(void **state) {
    world *w = new_world(*state);
    add_common(w, limit_of(WHAT_min_minutes_of_dialysis_before, "hemodialysis-timing", 60));
    add_item(w, 500, 0);
    assert_int_equal(outcome_of(*state, w, "hemodialysis-timing"), NOTHING);
    w->patient.on_hemodialysis = true;
    assert_int_equal(outcome_of(*state, w, "hemodialysis-timing"), UNCHECKED);
}

static void a_regimen_that_needs_a_reason_is_a_caution(void **state) {
    world *w = new_world(*state);
    limit l = limit_of(WHAT_needs_reason, "max-single-soft", 1);
    l.kind = LIMIT_CAUTION;
    l.text = "limited experience";
    add_limit(w, l);
    add_item(w, 500, 0);
    assert_int_equal(outcome_of(*state, w, "max-single-soft"), CAUTION);
    assert_string_equal(fe__verify(*state, &w->r)->checks[0].limit_words, "limited experience");
}

/* ---- windows ------------------------------------------------------------------------------------------------------------- */

static void windows_are_half_open_and_count_every_iron_by_vein(void **state) {
    static const struct {
        limit_what what;
        long ago;
        outcome expected;
    } rows[] = {{WHAT_max_daily_mg, 0, BROKEN}, {WHAT_max_daily_mg, 1, KEPT},      {WHAT_max_weekly_mg, 6, BROKEN},
                {WHAT_max_weekly_mg, 7, KEPT},  {WHAT_max_monthly_mg, 27, BROKEN}, {WHAT_max_monthly_mg, 28, KEPT}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        world *w = new_world(*state);
        add_limit(w, limit_of(rows[i].what, "limit", 1000));
        add_item(w, 600, 0);
        add_given(w, 500, -rows[i].ago, "other-iron", "other");
        assert_int_equal(outcome_of(*state, w, "limit"), rows[i].expected);
        w->given[0].day = TODAY;
        w->r.given_n = 0;
        add_item(w, 500, rows[i].ago); /* the same within the order */
        assert_int_equal(outcome_of(*state, w, "limit"), rows[i].expected);
    }
}

static void the_fullest_week_counts(void **state) {
    world *w = new_world(*state);
    add_limit(w, limit_of(WHAT_max_weekly_mg, "limit", 600));
    add_given(w, 200, -6, "iron", "molecule");
    for (long day = 0; day <= 6; day += 2) add_item(w, 200, day);
    const verification *v = fe__verify(*state, &w->r);
    assert_true(v->checks[0].value == 800); /* day 0 to 6; the week before holds 400 */
    assert_int_equal(v->broken_n, 1);
    w->items[3].day = TODAY + 7;
    assert_int_equal(outcome_of(*state, w, "limit"), KEPT);
}

static void three_doses_a_week_are_counted_for_this_drug(void **state) {
    world *w = new_world(*state);
    add_route_limit(w, limit_of(WHAT_max_doses_per_week, "limit", 3));
    add_given(w, 200, -4, "iron", "molecule");
    add_given(w, 200, -3, "other-iron", "other");
    add_item(w, 200, 0);
    add_item(w, 200, 2);
    assert_int_equal(outcome_of(*state, w, "limit"), KEPT);
    add_given(w, 200, -2, "molecule", "molecule"); /* given elsewhere: the molecule alone is known */
    assert_int_equal(outcome_of(*state, w, "limit"), BROKEN);
}

static void intervals_look_back_at_the_same_drug(void **state) {
    world *w = new_world(*state);
    add_limit(w, limit_of(WHAT_min_interval_days, "min-interval", 7));
    add_limit(w, limit_of(WHAT_max_interval_days, "max-interval", 8));
    add_item(w, 500, 0);
    assert_int_equal(outcome_of(*state, w, "min-interval"), NOTHING); /* no dose before */
    add_given(w, 500, -1, "other-iron", "other");
    assert_int_equal(outcome_of(*state, w, "min-interval"), NOTHING);
    add_given(w, 500, -7, "other-brand", "molecule");
    assert_int_equal(outcome_of(*state, w, "min-interval"), KEPT);
    w->given[1].day = TODAY - 6;
    assert_int_equal(outcome_of(*state, w, "min-interval"), BROKEN);
    w->given[1].day = TODAY - 8;
    assert_int_equal(outcome_of(*state, w, "max-interval"), KEPT);
    w->given[1].day = TODAY - 9;
    assert_int_equal(outcome_of(*state, w, "max-interval"), BROKEN);
    w->given[1].day = TODAY - 90; /* another course */
    assert_int_equal(outcome_of(*state, w, "max-interval"), NOTHING);
    add_item(w, 500, 6);
    assert_int_equal(outcome_of(*state, w, "min-interval"), BROKEN);
    w->items[1].day = TODAY + 7;
    assert_int_equal(outcome_of(*state, w, "min-interval"), KEPT);
    w->items[1].day = TODAY; /* two on one day */
    assert_int_equal(outcome_of(*state, w, "min-interval"), BROKEN);
}

static void an_interval_of_one_route_binds_that_route(void **state) {
    world *w = new_world(*state);
    limit l = limit_of(WHAT_min_interval_days, "min-interval", 7);
    l.route = "infusion";
    add_limit(w, l);
    add_item(w, 500, 0)->route = "injection";
    add_item(w, 500, 2)->route = "injection";
    assert_int_equal(outcome_of(*state, w, "min-interval"), NOTHING);
    w->items[1].route = "infusion"; /* looks back at infusions only */
    assert_int_equal(outcome_of(*state, w, "min-interval"), NOTHING);
    w->items[0].route = "infusion";
    assert_int_equal(outcome_of(*state, w, "min-interval"), BROKEN);
}

/* ---- courses ------------------------------------------------------------------------------------------------------------- */

static void a_course_counts_what_this_drug_gave_in_the_window_before(void **state) {
    static const struct {
        limit_what what;
        double value;
    } rows[] = {{WHAT_max_course_mg, 1500}, {WHAT_max_course_mg_per_kg, 25}, {WHAT_max_doses, 2}, {WHAT_within_days, 88}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        world *w = new_world(*state);
        add_limit(w, limit_of(rows[i].what, "max-course", rows[i].value));
        add_item(w, 750, 0);
        add_given(w, 750, -30, "other-iron", "other");
        add_item(w, 750, 7);
        assert_int_equal(outcome_of(*state, w, "max-course"), KEPT);
        add_given(w, 750, -89, "iron", "molecule");
        assert_int_equal(outcome_of(*state, w, "max-course"), BROKEN);
        w->given[1].day = TODAY - 90;
        assert_int_equal(outcome_of(*state, w, "max-course"), KEPT);
    }
}

static void five_doses_within_fourteen_days(void **state) {
    world *w = new_world(*state);
    add_limit(w, limit_of(WHAT_within_days, "max-course", 14));
    for (long day = 0; day < 5; day++) add_item(w, 200, day * 3);
    w->items[4].day = TODAY + 14;
    assert_int_equal(outcome_of(*state, w, "max-course"), KEPT);
    w->items[4].day = TODAY + 15;
    assert_int_equal(outcome_of(*state, w, "max-course"), BROKEN);
}

static void maintenance_is_counted_apart_from_repletion(void **state) {
    static const double weeks[] = {12, 24, 36};
    world *w = new_world(*state);
    w->methods[0].dose.maintenance = (maintenance){.mg = 500, .weeks = weeks, .weeks_n = 3};
    add_limit(w, limit_of(WHAT_max_course_mg, "repletion", 2000));
    add_limit(w, limit_of(WHAT_max_maintenance_mg, "maintenance", 1000));
    add_limit(w, limit_of(WHAT_max_week, "week", 36));
    add_item(w, 1000, 0);
    add_item(w, 1000, 42);
    add_item(w, 500, 84);
    add_item(w, 500, 252);
    assert_int_equal(outcome_of(*state, w, "repletion"), KEPT);
    assert_int_equal(outcome_of(*state, w, "maintenance"), KEPT);
    assert_int_equal(outcome_of(*state, w, "week"), KEPT);
    w->items[2].day = TODAY + 83;
    assert_int_equal(outcome_of(*state, w, "repletion"), BROKEN);
    w->items[2].day = TODAY + 84;
    w->items[2].dose_mg = 501;
    assert_int_equal(outcome_of(*state, w, "maintenance"), BROKEN);
    w->items[3].day = TODAY + 253;
    assert_int_equal(outcome_of(*state, w, "week"), BROKEN);
}

static void a_test_dose_comes_before_the_first_dose_of_a_course(void **state) {
    static const test_dose of_product = {.id = "X-T", .mg = 25, .kind = LIMIT_LABEL},
                           of_method = {.id = "X-M", .mg = 20, .kind = LIMIT_CAUTION};
    world *w = new_world(*state);
    w->product.test_dose = &of_product;
    order_item *first = add_item(w, 500, 0);
    add_item(w, 500, 1);
    assert_int_equal(outcome_of(*state, w, "test-dose"), BROKEN);
    first->test_dose_mg = 24;
    assert_int_equal(outcome_of(*state, w, "test-dose"), BROKEN);
    first->test_dose_mg = 25;
    assert_int_equal(outcome_of(*state, w, "test-dose"), KEPT);
    first->test_dose_mg = NAN;
    w->methods[0].test_dose = &of_method;
    assert_int_equal(outcome_of(*state, w, "test-dose"), CAUTION);
    add_given(w, 500, -89, "iron", "molecule");
    assert_int_equal(outcome_of(*state, w, "test-dose"), NOTHING);
    w->given[0].day = TODAY - 90;
    assert_int_equal(outcome_of(*state, w, "test-dose"), CAUTION);
}

/* ---- what cannot be tried ------------------------------------------------------------------------------------------------ */

static void without_a_patient_what_needs_one_is_untried(void **state) {
    static const limit_what needs[] = {WHAT_max_single_mg_per_kg,
                                       WHAT_max_weekly_mg,
                                       WHAT_max_weekly_mg_per_kg,
                                       WHAT_max_monthly_mg,
                                       WHAT_max_course_mg,
                                       WHAT_max_course_mg_per_kg,
                                       WHAT_max_doses,
                                       WHAT_min_age_years,
                                       WHAT_hb_g_dl_max_excl,
                                       WHAT_max_maintenance_mg,
                                       WHAT_within_days,
                                       WHAT_max_week,
                                       WHAT_max_doses_per_week,
                                       WHAT_min_interval_days,
                                       WHAT_max_interval_days,
                                       WHAT_min_minutes_of_dialysis_before};
    for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++) {
        world *w = new_world(*state);
        add_limit(w, limit_of(needs[i], "limit", 5000));
        add_item(w, 500, 0);
        w->patient = (verify_patient){false, NAN, NAN, NAN, false};
        assert_int_equal(outcome_of(*state, w, "limit"), UNCHECKED);
    }
}

static void what_the_order_alone_breaks_is_broken_without_a_patient(void **state) {
    world *w = new_world(*state);
    add_limit(w, limit_of(WHAT_max_single_mg, "single", 500));
    add_limit(w, limit_of(WHAT_max_daily_mg, "daily", 500));
    add_limit(w, limit_of(WHAT_max_course_mg, "course", 500));
    add_limit(w, limit_of(WHAT_min_interval_days, "interval", 7));
    add_item(w, 501, 0);
    add_item(w, 100, 6);
    w->patient = (verify_patient){false, NAN, NAN, NAN, false};
    const verification *v = fe__verify(*state, &w->r);
    assert_int_equal(v->broken_n, 4);
}

static void a_field_not_given_leaves_its_limits_untried(void **state) {
    world *w = new_world(*state);
    add_limit(w, limit_of(WHAT_min_minutes, "minutes", 15));
    add_limit(w, limit_of(WHAT_max_mg_per_min, "rate", 50));
    add_limit(w, limit_of(WHAT_max_bag_ml, "bag", 250));
    add_limit(w, limit_of(WHAT_min_conc_mg_per_ml, "conc", 2));
    order_item *x = add_item(w, 500, 0);
    x->minutes = x->bag_ml = NAN;
    const verification *v = fe__verify(*state, &w->r);
    assert_int_equal(v->checks_n, 0);
    assert_int_equal(v->unchecked_n, 4);
}

static void days_not_given_leave_the_limits_between_doses_untried(void **state) {
    static const limit_what between[] = {WHAT_max_daily_mg,      WHAT_max_weekly_mg,     WHAT_max_monthly_mg,
                                         WHAT_min_interval_days, WHAT_max_interval_days, WHAT_max_doses_per_week,
                                         WHAT_within_days,       WHAT_max_week};
    for (size_t i = 0; i < sizeof between / sizeof between[0]; i++) {
        world *w = new_world(*state);
        add_limit(w, limit_of(between[i], "limit", 700));
        add_item(w, 500, 0)->day = LONG_MIN;
        add_item(w, 500, 0)->day = LONG_MIN;
        assert_int_equal(outcome_of(*state, w, "limit"), UNCHECKED);
    }
}

/* ---- choosing the method ------------------------------------------------------------------------------------------------- */

/* Two methods, each with its own limits; the second takes more at once. */
static world *two_methods(arena *a) {
    world *w = new_world(a);
    limit *second = &w->method_limits[4];
    add_limit(w, limit_of(WHAT_max_single_mg, "max-single-dose", 500));
    second[0] = limit_of(WHAT_max_single_mg, "max-single-dose", 1000);
    second[1] = limit_of(WHAT_max_doses, "max-course", 1);
    w->methods[1] = method_of(w, "iron/single");
    w->methods[1].limits = (limits){second, 2};
    w->product.methods_n = 2;
    return w;
}

static void the_method_under_which_least_is_broken_judges(void **state) {
    world *w = two_methods(*state);
    add_item(w, 500, 0);
    assert_ptr_equal(fe__verify(*state, &w->r)->methods[0], &w->methods[0]); /* nothing broken: the default */
    w->items[0].dose_mg = 1000;
    assert_ptr_equal(fe__verify(*state, &w->r)->methods[0], &w->methods[1]);
    w->items[0].dose_mg = 500;
    w->items[1] = w->items[0];
    w->items[1].day++;
    w->r.items_n = 2;
    const verification *v = fe__verify(*state, &w->r);
    assert_ptr_equal(v->methods[0], &w->methods[0]);
    assert_ptr_equal(v->methods[1], &w->methods[0]);
    w->method_limits[0].kind = LIMIT_CAUTION; /* a caution weighs less than a broken label limit */
    w->items[0].dose_mg = 1000;
    assert_ptr_equal(fe__verify(*state, &w->r)->methods[0], &w->methods[0]);
}

static void one_product_is_judged_by_one_method(void **state) {
    world *w = two_methods(*state);
    add_item(w, 1000, 0); /* the second method would take this one, the first the pair */
    add_item(w, 400, 7);
    const verification *v = fe__verify(*state, &w->r);
    assert_ptr_equal(v->methods[0], v->methods[1]);
    assert_int_equal(v->broken_n, 1);
}

static void a_method_that_is_named_judges(void **state) {
    world *w = two_methods(*state);
    add_item(w, 500, 0)->method = "iron/single";
    assert_ptr_equal(fe__verify(*state, &w->r)->methods[0], &w->methods[1]);
    w->items[0].method = "single";
    assert_ptr_equal(fe__verify(*state, &w->r)->methods[0], &w->methods[1]);
    w->items[0].dose_mg = 1001;
    assert_int_equal(outcome_of(*state, w, "max-single-dose"), BROKEN);
}

static void a_method_for_others_does_not_judge(void **state) {
    world *w = two_methods(*state);
    add_item(w, 1000, 0);
    w->methods[1].weight_min = 60.1;
    assert_ptr_equal(fe__verify(*state, &w->r)->methods[0], &w->methods[0]);
    w->methods[1].weight_min = 60;
    assert_ptr_equal(fe__verify(*state, &w->r)->methods[0], &w->methods[1]);
    w->methods[1].age_max_excl = 40;
    assert_ptr_equal(fe__verify(*state, &w->r)->methods[0], &w->methods[0]);
    w->methods[1].age_max_excl = 41;
    w->methods[1].enabled = false;
    assert_ptr_equal(fe__verify(*state, &w->r)->methods[0], &w->methods[0]);
}

static void a_patient_outside_every_method_is_said(void **state) {
    world *w = new_world(*state);
    add_item(w, 500, 0);
    w->methods[0].age_min = 41;
    assert_int_equal(outcome_of(*state, w, "min-age"), BROKEN);
    assert_ptr_equal(fe__verify(*state, &w->r)->methods[0], &w->methods[0]);
    w->methods[0].age_min = 40;
    assert_int_equal(outcome_of(*state, w, "min-age"), NOTHING);
    w->methods[0].weight_max_excl = 60;
    assert_int_equal(outcome_of(*state, w, "indication"), BROKEN);
    w->patient.known = false; /* nothing is known: the method may apply */
    assert_int_equal(outcome_of(*state, w, "indication"), NOTHING);
}

static void an_off_label_regimen_judges_only_when_switched_on(void **state) {
    world *w = two_methods(*state);
    w->methods[1].off_label = true;
    add_item(w, 1000, 0);
    assert_ptr_equal(fe__verify(*state, &w->r)->methods[0], &w->methods[0]);
    w->items[0].method = "iron/single"; /* named, not switched on */
    assert_int_equal(outcome_of(*state, w, "off-label-regimen"), BROKEN);
    const char *on[] = {"iron/single"};
    w->r.off_label = on;
    w->r.off_label_n = 1;
    assert_int_equal(outcome_of(*state, w, "off-label-regimen"), KEPT);
    w->items[0].method = NULL;
    assert_ptr_equal(fe__verify(*state, &w->r)->methods[0], &w->methods[1]);
}

static void a_product_without_an_open_method_keeps_what_is_common(void **state) {
    world *w = new_world(*state);
    w->methods[0].enabled = false;
    add_common(w, limit_of(WHAT_min_age_years, "min-age", 41));
    add_item(w, 500, 0);
    const verification *v = fe__verify(*state, &w->r);
    assert_null(v->methods[0]);
    assert_int_equal(v->broken_n, 1);
}

/* ---- each once ------------------------------------------------------------------------------------------------------------ */

static size_t checks_of(const verification *v, const char *name) {
    size_t n = 0;
    for (size_t i = 0; i < v->checks_n; i++) n += fe__streq(v->checks[i].name, name) ? 1 : 0;
    return n;
}

static void a_limit_of_the_course_is_tried_once_and_others_for_each_infusion(void **state) {
    static const limit_what of_course[] = {WHAT_max_course_mg, WHAT_max_course_mg_per_kg, WHAT_max_maintenance_mg,
                                           WHAT_max_doses,     WHAT_within_days,          WHAT_max_week};
    for (size_t i = 0; i < sizeof of_course / sizeof of_course[0]; i++) {
        world *w = new_world(*state);
        add_limit(w, limit_of(of_course[i], "course", 5000));
        add_limit(w, limit_of(WHAT_max_single_mg, "single", 5000));
        for (long day = 0; day < 3; day++) add_item(w, 500, day);
        const verification *v = fe__verify(*state, &w->r);
        assert_int_equal(checks_of(v, "course"), 1);
        assert_int_equal(v->checks[v->checks_n - 2].item, 2);
        assert_int_equal(checks_of(v, "single"), 3);
    }
}

static void of_two_doses_on_one_day_the_second_is_too_early(void **state) {
    world *w = new_world(*state);
    add_limit(w, limit_of(WHAT_min_interval_days, "min-interval", 1));
    add_item(w, 500, 0);
    add_item(w, 500, 0);
    const verification *v = fe__verify(*state, &w->r);
    assert_int_equal(v->checks_n, 1);
    assert_int_equal(v->checks[0].item, 1);
}

static void too_young_is_said_once(void **state) {
    world *w = new_world(*state);
    w->methods[0].age_min = 41;
    add_common(w, limit_of(WHAT_min_age_years, "min-age", 41));
    add_item(w, 500, 0);
    assert_int_equal(checks_of(fe__verify(*state, &w->r), "min-age"), 1);
    w->product.common.n = 0; /* the method says it for every infusion */
    add_item(w, 500, 7);
    assert_int_equal(checks_of(fe__verify(*state, &w->r), "min-age"), 2);
}

static void two_products_are_judged_apart_and_share_the_windows(void **state) {
    world *w = two_methods(*state);
    method other = method_of(w, "other/usual");
    limit week = limit_of(WHAT_max_weekly_mg, "max-weekly", 900);
    other.limits = (limits){&week, 1};
    product products[2] = {w->product, {.id = "other", .molecule = "else", .mg_per_ml = 20, .methods = &other, .methods_n = 1}};
    w->k.products = products;
    w->k.products_n = 2;
    add_item(w, 500, 0);
    add_item(w, 401, 6)->product = "other";
    add_item(w, 500, 7);
    const verification *v = fe__verify(*state, &w->r);
    assert_ptr_equal(v->methods[0], &w->methods[0]);
    assert_ptr_equal(v->methods[1], &other);
    assert_ptr_equal(v->methods[2], &w->methods[0]);
    assert_int_equal(checks_of(v, "max-single-dose"), 2);
    assert_int_equal(checks_of(v, "max-weekly"), 1);
    assert_string_equal(v->checks[v->checks_n - 1].rule, "other/max-weekly");
    assert_true(v->checks[v->checks_n - 1].value == 901);
    assert_int_equal(v->broken_n, 1);
}

/* ---- gates --------------------------------------------------------------------------------------------------------------- */

static tri always(void *context, const product *p, const condition *c) {
    (void)p, (void)c;
    return *(tri *)context;
}

static void gates_bar_or_ask(void **state) {
    static const condition c = {.kind = COND_ALWAYS};
    static const struct {
        gate_action action;
        limit_kind kind;
        tri holds;
        const char *name;
        outcome expected;
    } rows[] = {
        {GATE_BLOCK, LIMIT_LABEL, TRI_TRUE, "gate", BROKEN},       {GATE_BLOCK, LIMIT_LABEL, TRI_FALSE, "gate", KEPT},
        {GATE_BLOCK, LIMIT_LABEL, TRI_UNKNOWN, "gate", UNCHECKED}, {GATE_BLOCK, LIMIT_CAUTION, TRI_TRUE, "gate", CAUTION},
        {GATE_ASK, LIMIT_CAUTION, TRI_TRUE, "gate", CAUTION},      {GATE_ASK, LIMIT_LABEL, TRI_TRUE, "gate", CAUTION},
        {GATE_ASK, LIMIT_LABEL, TRI_TRUE, NULL, NOTHING},          {GATE_WARN, LIMIT_LABEL, TRI_TRUE, "gate", NOTHING},
        {GATE_INSTRUCT, LIMIT_LABEL, TRI_TRUE, "gate", NOTHING},   {GATE_IGNORE_LAB, LIMIT_LABEL, TRI_TRUE, "gate", NOTHING}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        world *w = new_world(*state);
        tri holds = rows[i].holds;
        w->gates[0] = (gate){.id = "X-G",
                             .name = rows[i].name,
                             .action = rows[i].action,
                             .kind = rows[i].kind,
                             .when = "so",
                             .text = "not so",
                             .condition = &c};
        w->product.gates_n = 1;
        add_item(w, 500, 0);
        add_item(w, 500, 7); /* tried once for the product */
        w->r.holds = always;
        w->r.context = &holds;
        assert_int_equal(outcome_of(*state, w, "gate"), rows[i].expected);
        assert_true(fe__verify(*state, &w->r)->checks_n <= 1);
        w->r.holds = NULL; /* no course */
        bool is_limit = rows[i].name && (rows[i].action == GATE_BLOCK || rows[i].action == GATE_ASK);
        assert_int_equal(outcome_of(*state, w, "gate"), is_limit ? UNCHECKED : NOTHING);
    }
}

static void a_condition_of_a_method_is_asked(void **state) {
    static const condition c = {.kind = COND_ALWAYS};
    world *w = two_methods(*state);
    tri holds = TRI_FALSE;
    add_item(w, 1000, 0);
    w->methods[1].condition = &c;
    w->r.holds = always;
    w->r.context = &holds;
    assert_ptr_equal(fe__verify(*state, &w->r)->methods[0], &w->methods[0]);
    holds = TRI_UNKNOWN;
    assert_ptr_equal(fe__verify(*state, &w->r)->methods[0], &w->methods[1]);
    holds = TRI_FALSE;
    w->methods[0].condition = &c;
    assert_int_equal(outcome_of(*state, w, "indication"), BROKEN);
}

static void a_test_dose_that_is_not_asked_for_does_not_slow_the_rate(void **state) {
    world *w = new_world(*state);
    add_limit(w, limit_of(WHAT_max_mg_per_min, "rate", 50));
    order_item *x = add_item(w, 500, 0);
    x->minutes = 9.5;
    x->test_dose_mg = 400;
    assert_int_equal(outcome_of(*state, w, "rate"), BROKEN);
}

static void a_test_dose_is_part_of_the_volume(void **state) {
    static const test_dose test = {.id = "X-T", .mg = 25, .kind = LIMIT_LABEL};
    world *w = new_world(*state);
    w->product.test_dose = &test;
    add_limit(w, limit_of(WHAT_max_ml_per_min, "flow", 5));
    order_item *x = add_item(w, 500, 0); /* 110 mL */
    x->test_dose_mg = 25;
    x->minutes = 21.5;
    assert_int_equal(outcome_of(*state, w, "flow"), BROKEN);
}

static void a_band_with_one_end_needs_the_weight_too(void **state) {
    world *w = new_world(*state);
    limit low = limit_of(WHAT_max_single_mg, "limit", 1);
    low.weight_min = 10;
    add_limit(w, low);
    add_item(w, 500, 0);
    w->patient.cap_weight_kg = NAN;
    assert_int_equal(outcome_of(*state, w, "limit"), UNCHECKED);
}

static void history_that_is_not_known_leaves_intervals_untried(void **state) {
    world *w = new_world(*state);
    add_limit(w, limit_of(WHAT_min_interval_days, "min-interval", 7));
    add_item(w, 500, 0);
    add_item(w, 500, 7);
    w->patient = (verify_patient){false, NAN, NAN, NAN, false};
    const verification *v = fe__verify(*state, &w->r);
    assert_int_equal(v->checks_n, 0);
    assert_int_equal(v->unchecked_n, 1);
}

static void doses_without_a_day_add_up_in_the_course(void **state) {
    world *w = new_world(*state);
    add_limit(w, limit_of(WHAT_max_course_mg, "max-course", 999));
    add_item(w, 500, 0)->day = LONG_MIN;
    add_item(w, 500, 0)->day = LONG_MIN;
    assert_int_equal(outcome_of(*state, w, "max-course"), BROKEN);
    w->items[0].dose_mg = 400;
    assert_int_equal(outcome_of(*state, w, "max-course"), UNCHECKED);
}

static void of_methods_that_break_as_little_the_one_with_fewer_cautions_judges(void **state) {
    world *w = new_world(*state);
    limit *second = &w->method_limits[4];
    add_limit(w, limit_of(WHAT_max_single_mg, "max-single-dose", 1000));
    add_limit(w, limit_of(WHAT_max_single_mg, "max-single-soft", 500));
    w->method_limits[1].kind = LIMIT_CAUTION;
    second[0] = limit_of(WHAT_max_single_mg, "max-single-dose", 1000);
    w->methods[1] = method_of(w, "iron/second");
    w->methods[1].limits = (limits){second, 1};
    w->methods[2] = w->methods[1];
    w->methods[2].id = "iron/third";
    w->product.methods_n = 3;
    add_item(w, 500, 0);
    assert_ptr_equal(fe__verify(*state, &w->r)->methods[0], &w->methods[0]); /* the default */
    w->items[0].dose_mg = 600;
    assert_ptr_equal(fe__verify(*state, &w->r)->methods[0], &w->methods[1]); /* the first without a caution */
    w->methods[2].is_default = true;
    assert_ptr_equal(fe__verify(*state, &w->r)->methods[0], &w->methods[2]);
    const char *accepted[] = {"iron/max-single-soft"};
    w->r.accepted = accepted;
    w->r.accepted_n = 1;
    assert_ptr_equal(fe__verify(*state, &w->r)->methods[0], &w->methods[0]);
}

/* Even when the method for others would break less. */
static void a_method_for_others_is_not_a_way_out(void **state) {
    static const condition c = {.kind = COND_ALWAYS};
    for (int why = 0; why < 3; why++) {
        world *w = two_methods(*state);
        tri holds = TRI_FALSE;
        add_limit(w, limit_of(WHAT_min_minutes, "min-minutes", 60));
        add_limit(w, limit_of(WHAT_max_bag_ml, "max-volume", 50));
        add_item(w, 1000, 0);
        if (why == 0) w->methods[1].age_min = 41;
        if (why == 1) w->methods[1].weight_min = 61;
        if (why == 2) w->methods[1].condition = &c;
        w->r.holds = always;
        w->r.context = &holds;
        assert_ptr_equal(fe__verify(*state, &w->r)->methods[0], &w->methods[0]);
    }
}

static void a_regimen_that_is_not_switched_on_keeps_the_label_routes(void **state) {
    static const char *const routes[] = {"injection"};
    world *w = new_world(*state);
    limit l = limit_of(WHAT_routes, "route", NAN);
    l.values = routes;
    l.values_n = 1;
    add_common(w, l);
    w->methods[0].off_label = true;
    add_item(w, 100, 0)->method = "iron/usual";
    assert_int_equal(outcome_of(*state, w, "route"), BROKEN);
}

#define T(name) cmocka_unit_test_setup_teardown(name, open_arena, close_arena)

int main(void) {
    const struct CMUnitTest tests[] = {
        T(a_limit_is_kept_at_its_edge_and_broken_beyond),
        T(the_same_limit_as_a_caution_is_a_caution_until_accepted),
        T(a_label_limit_cannot_be_accepted),
        T(a_check_says_rule_row_limit_and_value),
        T(arithmetic_in_the_last_bits_does_not_break_a_limit),
        T(a_limit_without_value_is_none),
        T(a_minimum_of_zero_minutes_asks_for_none),
        T(a_limit_binds_only_in_its_range),
        T(limits_of_method_route_and_product_apply_together),
        T(a_final_bag_holds_the_drug),
        T(an_undiluted_injection_has_no_bag),
        T(after_a_slow_first_part_the_rest_keeps_the_rate),
        T(a_test_dose_counts_apart_in_the_rate_of_the_rest),
        T(a_route_must_be_of_the_product_and_of_the_method),
        T(the_label_routes_do_not_bind_an_off_label_regimen_that_has_the_route),
        T(other_drugs_are_kept_apart),
        T(dialysis_before_is_untried_on_dialysis_only),
        T(a_regimen_that_needs_a_reason_is_a_caution),
        T(windows_are_half_open_and_count_every_iron_by_vein),
        T(the_fullest_week_counts),
        T(three_doses_a_week_are_counted_for_this_drug),
        T(intervals_look_back_at_the_same_drug),
        T(an_interval_of_one_route_binds_that_route),
        T(a_course_counts_what_this_drug_gave_in_the_window_before),
        T(five_doses_within_fourteen_days),
        T(maintenance_is_counted_apart_from_repletion),
        T(a_test_dose_comes_before_the_first_dose_of_a_course),
        T(without_a_patient_what_needs_one_is_untried),
        T(what_the_order_alone_breaks_is_broken_without_a_patient),
        T(a_field_not_given_leaves_its_limits_untried),
        T(days_not_given_leave_the_limits_between_doses_untried),
        T(the_method_under_which_least_is_broken_judges),
        T(one_product_is_judged_by_one_method),
        T(a_method_that_is_named_judges),
        T(a_method_for_others_does_not_judge),
        T(a_patient_outside_every_method_is_said),
        T(an_off_label_regimen_judges_only_when_switched_on),
        T(a_product_without_an_open_method_keeps_what_is_common),
        T(gates_bar_or_ask),
        T(a_condition_of_a_method_is_asked),
        T(a_limit_of_the_course_is_tried_once_and_others_for_each_infusion),
        T(of_two_doses_on_one_day_the_second_is_too_early),
        T(too_young_is_said_once),
        T(two_products_are_judged_apart_and_share_the_windows),
        T(a_test_dose_that_is_not_asked_for_does_not_slow_the_rate),
        T(a_test_dose_is_part_of_the_volume),
        T(a_band_with_one_end_needs_the_weight_too),
        T(history_that_is_not_known_leaves_intervals_untried),
        T(doses_without_a_day_add_up_in_the_course),
        T(of_methods_that_break_as_little_the_one_with_fewer_cautions_judges),
        T(a_method_for_others_is_not_a_way_out),
        T(a_regimen_that_is_not_switched_on_keeps_the_label_routes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
