/* An order (answers.md section 4). An infusion copied from a plan is an order too: what was derived there is not read again. */
#include <limits.h>
#include <math.h>

#include "base/date.h"
#include "base/text.h"
#include "exchange/read_fields.h"

enum { INFUSIONS_MAX = 1000, DAYS_MAX = 3650 };

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
    DERIVED("final_mg_per_ml"),
    DERIVED("ml_per_h"),
    DERIVED("stages"),
    DERIVED("mg_per_min"),
    DERIVED("test_dose_ml"),
    DERIVED("test_seconds"),
    DERIVED("test_wait_minutes"),
    DERIVED("observe_minutes"),
    DERIVED("vitals"),
    DERIVED("checks"),
    DERIVED("timing"),
    DERIVED("bag_is_final"),
    DERIVED("cost"),
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

static void infusions_read(reader *r, void *into, const json_t *value, const char *at) {
    order *o = into;
    size_t n;
    const json_t *list = fe__list_of(r, value, at, "infusions", INFUSIONS_MAX, &n);
    if (list && n == 0) fe__fault(r->f, at, "at least one infusion", "none", NULL);
    if (!list) return;
    order_item *items = FE_NEW_ARRAY(r->f->a, order_item, n + 1);
    for (size_t i = 0; i < n; i++) {
        const json_t *json = json_array_get(list, i);
        items[i] = (order_item){.ptr = fe__ptr_index(r->f->a, at, i),
                                .dose_mg = NAN,
                                .day = LONG_MIN,
                                .bag_ml = NAN,
                                .drug_ml = NAN,
                                .minutes = NAN,
                                .test_dose_mg = NAN};
        if (!fe__fields_read(r, json, items[i].ptr, item_fields, FIELDS_N(item_fields), &items[i])) continue;
        item_day(r, json, items[i].ptr, &items[i]);
        item_method(r, json, items[i].ptr, &items[i]);
    }
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
