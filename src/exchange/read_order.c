/* An order (answers.md section 4). An infusion copied from a plan is an order too. What follows from other fields there must agree
 * with them here: an order that says one thing twice, in two ways, is two orders. */
#include <limits.h>
#include <math.h>

#include "base/date.h"
#include "base/text.h"
#include "exchange/read_fields.h"

enum { INFUSIONS_MAX = 1000, DAYS_MAX = 3650, STAGES_MAX = 10 };

/* A pump is set in whole mL/h: cut off, as a plan says it, or rounded. Ratios are written with two digits at least. */
static const double rate_cut_ml_per_h = 1, rate_rounded_ml_per_h = 0.5, ratio_slack = 0.05;

/* One infusion as written: what the order keeps, first, and what only has to agree with it. NaN when not said. */
typedef struct item_reading {
    order_item item;
    double ml_per_h, final_mg_per_ml, mg_per_min;
    double stages_mg, stages_ml, stages_minutes;
} item_reading;

static void product_read(reader *r, void *into, const json_t *value, const char *at) {
    order_item *i = into;
    const char *id = fe__text_of(r, value, at);
    int t = id ? fe__term_of(r, id, at, KIND_BIT(TERM_PRODUCT)) : -1;
    if (t >= 0) i->product = r->k->terms[t].id;
}

static void diluent_read(reader *r, void *into, const json_t *value, const char *at) {
    order_item *i = into;
    const char *id = fe__text_of(r, value, at);
    int t = id ? fe__term_of(r, id, at, KIND_BIT(TERM_MEDICATION)) : -1;
    if (t >= 0) i->diluent = r->k->terms[t].id;
}

static double positive(reader *r, const json_t *value, const char *at) {
    if (json_is_number(value) && json_number_value(value) > 0) return json_number_value(value);
    fe__fault_json(r, at, "a number above 0", value, NULL);
    return NAN;
}

static void ml_per_h_read(reader *r, void *into, const json_t *value, const char *at) {
    ((item_reading *)into)->ml_per_h = positive(r, value, at);
}

static void final_read(reader *r, void *into, const json_t *value, const char *at) {
    ((item_reading *)into)->final_mg_per_ml = positive(r, value, at);
}

static void mg_per_min_read(reader *r, void *into, const json_t *value, const char *at) {
    ((item_reading *)into)->mg_per_min = positive(r, value, at);
}

#define STAGE(name)                                                                                                              \
    { .key = name, .type = FIELD_LATER, .need = FIELD_REQUIRED, .words = "a number above 0" }
static const field stage_fields[] = {STAGE("mg"), STAGE("ml"), STAGE("minutes"), {.key = "ml_per_h", .type = FIELD_LATER}};

static double stage_number(reader *r, const json_t *stage, const char *ptr, const char *key) {
    const json_t *value = fe__member(stage, key);
    return value ? positive(r, value, fe__ptr(r->f->a, ptr, key)) : NAN;
}

static void judge_rate(reader *r, const char *at, double ml_per_h, double ml, double minutes) {
    double exact = ml / minutes * 60;
    if (isnan(ml_per_h) || isnan(exact)) return;
    if (ml_per_h > exact - rate_cut_ml_per_h - 1e-6 && ml_per_h <= exact + rate_rounded_ml_per_h + 1e-6) return;
    arena *a = r->f->a;
    fe__fault(r->f, at,
              fe__printf(a, "%s mL/h, which is %s mL in %s min", fe__number_text(a, exact, 1), fe__number_text(a, ml, 1),
                         fe__number_text(a, minutes, 1)),
              fe__printf(a, "%s mL/h", fe__number_text(a, ml_per_h, 1)),
              "rate, volume and minutes contradict each other: ask which was meant");
}

static void stages_read(reader *r, void *into, const json_t *value, const char *at) {
    item_reading *x = into;
    size_t n;
    const json_t *list = fe__list_of(r, value, at, "stages", STAGES_MAX, &n);
    if (!list || n == 0) return;
    x->stages_mg = x->stages_ml = x->stages_minutes = 0;
    for (size_t i = 0; i < n; i++) {
        const json_t *stage = json_array_get(list, i);
        const char *ptr = fe__ptr_index(r->f->a, at, i);
        if (!fe__fields_read(r, stage, ptr, stage_fields, FIELDS_N(stage_fields), NULL)) continue;
        double ml = stage_number(r, stage, ptr, "ml"), minutes = stage_number(r, stage, ptr, "minutes");
        x->stages_mg += stage_number(r, stage, ptr, "mg");
        x->stages_ml += ml;
        x->stages_minutes += minutes;
        judge_rate(r, fe__ptr(r->f->a, ptr, "ml_per_h"), stage_number(r, stage, ptr, "ml_per_h"), ml, minutes);
    }
}

#define NUMBER(name)                                                                                                             \
    { .key = #name, .type = FIELD_NUMBER, .term = #name, .offset = offsetof(order_item, name) }
#define DERIVED(name)                                                                                                            \
    { .key = name, .type = FIELD_LATER }
static const field item_fields[] = {
    {.key = "product", .type = FIELD_OTHER, .need = FIELD_REQUIRED, .read = product_read, .words = "an id of kind product"},
    {.key = "dose_mg", .type = FIELD_NUMBER, .need = FIELD_REQUIRED, .term = "dose_mg", .offset = offsetof(order_item, dose_mg)},
    {.key = "at", .type = FIELD_LATER},
    {.key = "on", .type = FIELD_LATER},
    {.key = "day", .type = FIELD_LATER},
    {.key = "method", .type = FIELD_LATER},
    {.key = "route", .type = FIELD_WORD, .words = "infusion;injection;intramuscular", .offset = offsetof(order_item, route)},
    NUMBER(bag_ml),
    NUMBER(drug_ml),
    {.key = "diluent", .type = FIELD_OTHER, .read = diluent_read},
    NUMBER(minutes),
    {.key = "test_dose_mg", .type = FIELD_NUMBER, .term = "dose_mg", .offset = offsetof(order_item, test_dose_mg)},
    {.key = "site", .type = FIELD_TEXT, .offset = offsetof(order_item, site)},
    DERIVED("vials"),
    DERIVED("discard_mg"),
    {.key = "final_mg_per_ml", .type = FIELD_OTHER, .read = final_read},
    {.key = "ml_per_h", .type = FIELD_OTHER, .read = ml_per_h_read},
    {.key = "stages", .type = FIELD_OTHER, .read = stages_read},
    {.key = "mg_per_min", .type = FIELD_OTHER, .read = mg_per_min_read},
    DERIVED("test_dose_ml"),
    DERIVED("test_seconds"),
    DERIVED("test_wait_minutes"),
    DERIVED("observe_minutes"),
    DERIVED("vitals"),
    DERIVED("checks"),
    DERIVED("timing"),
    DERIVED("bag_is_final"),
    DERIVED("cost"),
    DERIVED("currency"),
    DERIVED("notes"),
};

/* The calendar day: of `at`, else `on`, else `day` as a date, else `day` as the number of days from today. */
static void item_day(reader *r, const json_t *json, const char *ptr, order_item *i) {
    const json_t *at = fe__member(json, "at"), *on = fe__member(json, "on"), *day = fe__member(json, "day");
    arena *a = r->f->a;
    double instant;
    bool is_day;
    if (at && day) fe__fault_json(r, fe__ptr(a, ptr, "day"), "at or day, not both", day, NULL);
    else if (at) {
        if (fe__instant_of(r, at, fe__ptr(a, ptr, "at"), &instant, &is_day)) i->day = fe__day_of(instant, r->zone_min);
    } else if (on) {
        fe__day_read(r, on, fe__ptr(a, ptr, "on"), &i->day);
    } else if (json_is_integer(day) && json_integer_value(day) >= 0 && json_integer_value(day) <= DAYS_MAX) {
        i->day = fe__day_of(r->now, r->zone_min) + (long)json_integer_value(day);
    } else if (json_is_string(day)) {
        fe__day_read(r, day, fe__ptr(a, ptr, "day"), &i->day);
    } else if (day) {
        fe__fault_json(r, fe__ptr(a, ptr, "day"), "a date such as 2026-11-02, or days from now", day, NULL);
    }
}

static void item_method(reader *r, const json_t *json, const char *ptr, order_item *i) {
    const json_t *value = fe__member(json, "method");
    const product *p = i->product ? fe__product_find(r->k, i->product) : NULL;
    const char *at = fe__ptr(r->f->a, ptr, "method");
    const char *id = value ? fe__text_of(r, value, at) : NULL;
    if (!id || !p) return;
    if (fe__method_find(p, id, 0)) {
        i->method = id;
        return;
    }
    const char **ids = FE_NEW_ARRAY(r->f->a, const char *, p->methods_n + 1);
    for (size_t m = 0; m < p->methods_n; m++) ids[m] = p->methods[m].method ? p->methods[m].method : p->methods[m].id;
    fe__fault_word(r, at, fe__printf(r->f->a, "a method of %s", p->id), id, ids, p->methods_n);
}

/* ---- one infusion, said in several ways ---- */

static void disagree(reader *r, const order_item *i, const char *key, double exact, const char *unit, const char *because,
                     double found) {
    arena *a = r->f->a;
    fe__fault(r->f, fe__ptr(a, i->ptr, key), fe__printf(a, "%s %s, which is %s", fe__number_text(a, exact, 2), unit, because),
              fe__printf(a, "%s %s", fe__number_text(a, found, 2), unit),
              "two parts of the order contradict each other: ask which was meant");
}

static bool is_near(double given, double exact, double slack) {
    return isnan(given) || isnan(exact) || fabs(given - exact) <= slack + 1e-9;
}

/* mL that run in; NaN when it depends on a bag that is not said. */
static double volume_of(const product *p, const order_item *i, double drug_ml) {
    const char *route = i->route ? i->route : "infusion";
    bool is_final = false, may_be_neat = false, has_route = false;
    for (size_t m = 0; m < p->methods_n; m++) {
        for (size_t k = 0; k < p->methods[m].routes_n; k++) {
            const route_rules *rules = &p->methods[m].routes[k];
            is_final = is_final || rules->bag_is_final;
            if (!fe__streq(rules->route, route)) continue;
            has_route = true;
            may_be_neat = may_be_neat || !rules->dilution_required;
        }
    }
    if (i->bag_ml > 0) return is_final ? i->bag_ml : i->bag_ml + drug_ml;
    bool is_neat = i->bag_ml <= 0 || ((may_be_neat || !has_route) && (!i->diluent || fe__streq(i->diluent, "none")));
    return is_neat ? drug_ml : NAN;
}

/* Minutes that are not said follow from the parts, the rate of the pump or the mg a minute. */
static void derive_minutes(reader *r, item_reading *x, double volume) {
    order_item *i = &x->item;
    const char *key = "stages";
    double minutes = x->stages_minutes;
    if (isnan(minutes)) minutes = volume / x->ml_per_h * 60, key = "ml_per_h";
    if (isnan(minutes)) minutes = i->dose_mg / x->mg_per_min, key = "mg_per_min";
    if (!isnan(minutes))
        i->minutes =
            fe__convert(r, fe__term_find_kind(r->k, "minutes", TERM_FIELD), minutes, NULL, fe__ptr(r->f->a, i->ptr, key), "");
}

static void judge_item(reader *r, item_reading *x) {
    arena *a = r->f->a;
    order_item *i = &x->item;
    const product *p = i->product ? fe__product_find(r->k, i->product) : NULL;
    if (!p || isnan(i->dose_mg)) return;
    double drug_ml = i->dose_mg / p->mg_per_ml, volume = volume_of(p, i, drug_ml);
    const char *dose = fe__printf(a, "%s mg of %s", fe__number_text(a, i->dose_mg, 1), p->id);
    if (!is_near(i->drug_ml, drug_ml, r->k->practice.drug_ml_step)) disagree(r, i, "drug_ml", drug_ml, "mL", dose, i->drug_ml);
    if (isnan(i->minutes)) derive_minutes(r, x, volume);
    bool needs_bag = isnan(volume) && (!isnan(x->final_mg_per_ml) || (!isnan(x->ml_per_h) && isnan(i->minutes)));
    if (needs_bag)
        fe__fault(r->f, fe__ptr(a, i->ptr, "bag_ml"), "the bag, which mL/h and mg/mL speak of", "nothing",
                  "write bag_ml, or minutes in place of mL/h");
    double mg_per_min = i->dose_mg / i->minutes, final = i->dose_mg / volume;
    judge_rate(r, fe__ptr(a, i->ptr, "ml_per_h"), x->ml_per_h, volume, i->minutes);
    if (!is_near(x->mg_per_min, mg_per_min, ratio_slack * mg_per_min))
        disagree(r, i, "mg_per_min", mg_per_min, "mg/min", fe__printf(a, "%s in %s min", dose, fe__number_text(a, i->minutes, 1)),
                 x->mg_per_min);
    if (!is_near(x->final_mg_per_ml, final, ratio_slack * final))
        disagree(r, i, "final_mg_per_ml", final, "mg/mL", fe__printf(a, "%s in %s mL", dose, fe__number_text(a, volume, 1)),
                 x->final_mg_per_ml);
    if (!is_near(x->stages_mg, i->dose_mg, ratio_slack)) disagree(r, i, "stages", i->dose_mg, "mg", "the dose", x->stages_mg);
    if (!is_near(x->stages_ml, volume, r->k->practice.drug_ml_step))
        disagree(r, i, "stages", volume, "mL", "bag and drug", x->stages_ml);
    if (!is_near(x->stages_minutes, i->minutes, ratio_slack))
        disagree(r, i, "stages", i->minutes, "min", "the minutes of the infusion", x->stages_minutes);
}

order_item fe__infusion_read(reader *r, const json_t *json, const char *at) {
    item_reading x = {
        .item = {.ptr = at, .dose_mg = NAN, .day = LONG_MIN, .bag_ml = NAN, .drug_ml = NAN, .minutes = NAN, .test_dose_mg = NAN},
        .ml_per_h = NAN,
        .final_mg_per_ml = NAN,
        .mg_per_min = NAN,
        .stages_mg = NAN,
        .stages_ml = NAN,
        .stages_minutes = NAN};
    if (fe__fields_read(r, json, at, item_fields, FIELDS_N(item_fields), &x)) {
        item_day(r, json, at, &x.item);
        item_method(r, json, at, &x.item);
        judge_item(r, &x);
    }
    return x.item;
}

static void infusions_read(reader *r, void *into, const json_t *value, const char *at) {
    order *o = into;
    size_t n;
    const json_t *list = fe__list_of(r, value, at, "infusions", INFUSIONS_MAX, &n);
    if (list && n == 0) fe__fault(r->f, at, "at least one infusion", "none", NULL);
    if (!list) return;
    order_item *items = FE_NEW_ARRAY(r->f->a, order_item, n + 1);
    for (size_t i = 0; i < n; i++) items[i] = fe__infusion_read(r, json_array_get(list, i), fe__ptr_index(r->f->a, at, i));
    o->items = items;
    o->items_n = n;
}

static const field order_fields[] = {
    FIELD_VERSION,
    {.key = "infusions", .type = FIELD_OTHER, .need = FIELD_REQUIRED, .read = infusions_read, .words = "a list of infusions"},
    {.key = "premedication", .type = FIELD_TERMS, .kinds = KIND_BIT(TERM_MEDICATION), .offset = offsetof(order, premedication)},
    {.key = "with", .type = FIELD_TERMS, .kinds = KIND_BIT(TERM_MEDICATION), .offset = offsetof(order, with)},
    {.key = "indication", .type = FIELD_TERM, .kinds = KIND_BIT(TERM_CONDITION), .offset = offsetof(order, indication)},
};

const order *fe__order_read(const knowledge *k, faults *f, const json_t *json, double now, int zone_min) {
    size_t before = f->n;
    confirm_list confirms = {0};
    reader r = {.k = k, .f = f, .confirms = &confirms, .now = now, .zone_min = zone_min};
    order *o = FE_NEW(f->a, order);
    o->indication = -1;
    fe__fields_read(&r, json, "", order_fields, FIELDS_N(order_fields), o);
    o->confirms = confirms.list;
    o->confirms_n = confirms.n;
    return f->n > before || f->dropped ? NULL : o;
}
