/* Plan, order and need as facts; see context.h. */
#include "advise/context.h"

#include <math.h>

#include "base/text.h"

static tri tri_of(bool b) { return b ? TRI_TRUE : TRI_FALSE; }

static bool needs_reason(const method *m) {
    for (size_t i = 0; m && i < m->limits.n; i++)
        if (m->limits.list[i].what == WHAT_needs_reason) return true;
    return false;
}

static bool is_broken(const verification *v, const char *name) {
    for (size_t i = 0; i < v->checks_n; i++)
        if (!v->checks[i].kept && fe__streq(v->checks[i].name, name)) return true;
    return false;
}

static void set_infusion(facts *f, const preparation *p) {
    f->number[NUM_minutes] = p->minutes;
    f->number[NUM_bag_ml] = p->bag_ml;
    f->number[NUM_final_mg_per_ml] = p->final_mg_per_ml;
    f->number[NUM_test_dose_mg] = p->test_dose_mg;
    f->flag[FLAG_test_dose_in_plan] = tri_of(!isnan(p->test_dose_mg));
    f->flag[FLAG_slower_than_minimum] = tri_of(p->slower_than_minimum);
    f->flag[FLAG_limited_experience] = tri_of(needs_reason(p->method));
    f->flag[FLAG_off_label_regimen] = tri_of(p->method && p->method->off_label);
}

void fe__facts_set_need(facts *f, const need_result *n, double spread_mg) {
    f->number[NUM_deficit_mg] = n->total_mg;
    f->number[NUM_methods_spread_mg] = spread_mg;
    f->flag[FLAG_weight_not_actual] =
        tri_of(!fe__streq(n->weight_basis, "actual") && !fe__streq(n->weight_basis, "none") && n->weight_basis);
    f->flag[FLAG_stores_assumed] = tri_of(n->stores_assumed);
    f->flag[FLAG_stores_in_formula] = tri_of(n->stores_included);
    fe__facts_changed(f);
}

/* Largest less smallest need over the methods of this product and Ganzoni. */
static double spread(const plan *p, const option *o) {
    double low = p->ganzoni_mg, high = p->ganzoni_mg;
    for (size_t i = 0; i < p->methods_n; i++) {
        if (p->methods[i].product != o->product) continue;
        low = fmin(low, p->methods[i].total_mg);
        high = fmax(high, p->methods[i].total_mg);
    }
    return high - low;
}

void fe__facts_set_option(facts *f, const plan *p, const option *o) {
    fe__facts_view(f, o->product);
    fe__facts_set_need(f, &o->need, spread(p, o));
    f->number[NUM_deficit_mg] = o->need_mg;
    f->number[NUM_total_mg] = o->total_mg;
    f->number[NUM_shortfall_mg] = o->shortfall_mg;
    f->number[NUM_largest_dose_mg] = o->largest_dose_mg;
    f->number[NUM_visits] = (double)o->n;
    f->number[NUM_rounded_mg] = o->rounded_mg;
    f->flag[FLAG_more_than_one_dose] = tri_of(o->n > 1);
    f->flag[FLAG_cautions_open] = tri_of(o->cautions_n > 0);
    f->flag[FLAG_over_diluted] = TRI_FALSE;
    if (o->n) set_infusion(f, &o->infusions[0].prep);
    fe__facts_changed(f);
}

void fe__facts_set_preparation(facts *f, const preparation *p, const verification *v) {
    fe__facts_view(f, p->product);
    set_infusion(f, p);
    f->number[NUM_largest_dose_mg] = f->number[NUM_total_mg] = p->dose_mg;
    f->number[NUM_visits] = 1;
    f->flag[FLAG_over_diluted] = tri_of(is_broken(v, "min-concentration"));
    f->flag[FLAG_cautions_open] = tri_of(v->cautions_n > 0);
    fe__facts_changed(f);
}

static bool names(const facts *f, const term_list *l, const char *id) {
    for (size_t i = 0; i < l->n; i++)
        if (fe__streq(f->k->terms[l->list[i]].id, id)) return true;
    return false;
}

void fe__facts_set_order(facts *f, const order *o) {
    double total = 0, largest = 0;
    for (size_t i = 0; i < o->items_n; i++) {
        total += o->items[i].dose_mg;
        largest = fmax(largest, o->items[i].dose_mg);
    }
    f->number[NUM_total_mg] = total;
    f->number[NUM_largest_dose_mg] = largest;
    f->number[NUM_visits] = (double)o->items_n;
    f->flag[FLAG_more_than_one_dose] = tri_of(o->items_n > 1);
    f->flag[FLAG_premedication_ordered] = tri_of(o->premedication.n > 0);
    f->flag[FLAG_diphenhydramine_ordered] = tri_of(names(f, &o->premedication, "diphenhydramine"));
    f->order_indication = o->indication;
    fe__facts_changed(f);
}
