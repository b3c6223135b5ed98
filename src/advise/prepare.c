/* Preparing one infusion inside the label; see prepare.h. mL/h is rounded down and minutes up, so that rounding never makes an
 * infusion faster than its label; mg is never rounded above a cap. */
#include "advise/prepare.h"

#include <math.h>
#include <string.h>

#include "base/text.h"

static bool listed(const char *const *list, size_t n, const char *product_id, const char *name) {
    size_t p = strlen(product_id);
    for (size_t i = 0; i < n; i++)
        if (strncmp(list[i], product_id, p) == 0 && list[i][p] == '/' && fe__streq(list[i] + p + 1, name)) return true;
    return false;
}

bool fe__limit_binds(const product *p, const limit *l, const route_rules *r, const prepare_input *in) {
    if (l->kind == LIMIT_NONE) return false;
    if (l->kind == LIMIT_CAUTION && listed(in->accepted, in->accepted_n, p->id, l->name)) return false;
    if (l->route && r && !fe__streq(l->route, r->route)) return false;
    if (in->dose_mg <= l->dose_min_excl || in->dose_mg > l->dose_max) return false;
    bool by_weight = !isinf(l->weight_min) || !isinf(l->weight_max_excl); /* an unknown weight meets no weight band */
    if (by_weight && !(in->cap_weight_kg >= l->weight_min && in->cap_weight_kg < l->weight_max_excl)) return false;
    return isinf(l->age_max_excl) || in->age_years < l->age_max_excl;
}

void fe__each_binding_limit(const product *p, const method *m, const route_rules *r, const prepare_input *asked,
                            limit_visit visit, void *context) {
    const limits *sets[3] = {&m->limits, r ? &r->limits : NULL, &p->common};
    prepare_input banded = *asked, *in = &banded;
    double top =
        -INFINITY; /* a dose over every band of the label is judged by the highest: it is never freer than a smaller one */
    for (size_t i = 0; r && i < r->limits.n; i++)
        if (r->limits.list[i].what == WHAT_min_minutes) top = fmax(top, r->limits.list[i].dose_max);
    if (top > 0 && asked->dose_mg > top) banded.dose_mg = top;
    for (size_t s = 0; s < 3; s++)
        for (size_t i = 0; sets[s] && i < sets[s]->n; i++)
            if (fe__limit_binds(p, &sets[s]->list[i], r, in)) visit(context, &sets[s]->list[i]);
}

/* ---- caps --------------------------------------------------------------------------------------------------------- */

typedef struct cap_context {
    double cap, weight_kg;
} cap_context;

static void take_cap(void *context, const limit *l) {
    cap_context *c = context;
    double v = INFINITY;
    if (l->what == WHAT_max_single_mg || l->what == WHAT_max_daily_mg || l->what == WHAT_max_weekly_mg) v = l->value;
    if (l->what == WHAT_max_single_mg_per_kg || l->what == WHAT_max_weekly_mg_per_kg) v = l->value * c->weight_kg;
    if (v < c->cap) c->cap = v; /* an unknown weight gives NaN and leaves the cap */
}

double fe__single_cap(const product *p, const method *m, const route_rules *r, const prepare_input *in) {
    prepare_input any_dose = *in;
    any_dose.dose_mg = NAN; /* dose ranges do not narrow caps: comparisons with NaN are false */
    cap_context c = {INFINITY, in->cap_weight_kg};
    fe__each_binding_limit(p, m, r, &any_dose, take_cap, &c);
    return isinf(c.cap) ? c.cap : floor(c.cap + 1e-9);
}

/* ---- what a dose allows --------------------------------------------------------------------------------------------- */

typedef struct allow_context {
    allowed *out;
    const product *p;
    const route_rules *r;
    double dose_mg, drug_ml;
} allow_context;

static double bag_at(const allow_context *c, double mg_per_ml) {
    double total = c->dose_mg / mg_per_ml;
    return c->r->bag_is_final ? total : total - c->drug_ml;
}

static void take_allowed(void *context, const limit *l) {
    allow_context *c = context;
    allowed *o = c->out;
    switch (l->what) {
    case WHAT_max_bag_ml: o->bag_ml_max = fmin(o->bag_ml_max, l->value); break;
    case WHAT_min_bag_ml: o->bag_ml_min = fmax(o->bag_ml_min, l->value); break;
    case WHAT_min_conc_mg_per_ml: {
        double bag = bag_at(c, l->value);
        double whole = floor(bag + 1e-9);
        if (l->strict && whole >= bag - 1e-9) whole -= 1;
        o->bag_ml_max = fmin(o->bag_ml_max, whole);
        o->final_mg_per_ml_min = fmax(isnan(o->final_mg_per_ml_min) ? 0 : o->final_mg_per_ml_min, l->value);
        break;
    }
    case WHAT_max_conc_mg_per_ml:
        o->bag_ml_min = fmax(o->bag_ml_min, ceil(bag_at(c, l->value) - 1e-9));
        o->final_mg_per_ml_max = isnan(o->final_mg_per_ml_max) ? l->value : fmin(o->final_mg_per_ml_max, l->value);
        break;
    case WHAT_min_minutes:
        if (l->value > o->minutes_min || (l->value == o->minutes_min && l->strict)) o->minutes_strict = l->strict;
        o->minutes_min = fmax(o->minutes_min, l->value);
        break;
    case WHAT_max_mg_per_min: o->mg_per_min_max = fmin(isnan(o->mg_per_min_max) ? INFINITY : o->mg_per_min_max, l->value); break;
    case WHAT_max_mg_per_h: {
        double test = c->r->first ? c->r->first->mg : 0; /* the remainder at so much an hour */
        o->minutes_min = fmax(o->minutes_min, (c->dose_mg - test) / l->value * 60.0);
        break;
    }
    default: break;
    }
}

allowed fe__allowed(const product *p, const method *m, const route_rules *r, const prepare_input *in) {
    allowed o = {.bag_ml_min = 0,
                 .bag_ml_max = INFINITY,
                 .minutes_min = 0,
                 .final_mg_per_ml_min = NAN,
                 .final_mg_per_ml_max = NAN,
                 .mg_per_min_max = NAN};
    allow_context c = {&o, p, r, in->dose_mg, in->dose_mg / p->mg_per_ml};
    o.dose_mg_max = fe__single_cap(p, m, r, in);
    fe__each_binding_limit(p, m, r, in, take_allowed, &c);
    if (!isnan(o.mg_per_min_max)) o.minutes_min = fmax(o.minutes_min, in->dose_mg / o.mg_per_min_max);
    return o;
}

const route_rules *fe__route_of(const method *m, const char *route) {
    const char *wanted[2] = {route ? route : "infusion", NULL};
    for (size_t i = 0; i < m->routes_n; i++)
        if (fe__streq(m->routes[i].route, wanted[0])) return &m->routes[i];
    return route || m->routes_n == 0 ? NULL : &m->routes[0];
}

/* ---- vials ----------------------------------------------------------------------------------------------------------- */

typedef struct vial_search {
    double sizes[8], prices[8];
    size_t n;
    double dose;
    int count[8], best[8];
    double best_discard;
    int best_vials;
} vial_search;

static void try_vials(vial_search *v, size_t i, double left, int used) {
    if (i + 1 == v->n) { /* the smallest size fills what is left */
        v->count[i] = left > 1e-9 ? (int)ceil(left / v->sizes[i] - 1e-9) : 0;
        double discard = v->count[i] * v->sizes[i] - left;
        int vials = used + v->count[i];
        bool better = discard < v->best_discard - 1e-9 || (discard < v->best_discard + 1e-9 && vials < v->best_vials);
        if (!better) return;
        v->best_discard = discard;
        v->best_vials = vials;
        memcpy(v->best, v->count, sizeof v->best);
        return;
    }
    int most = left > 1e-9 ? (int)ceil(left / v->sizes[i] - 1e-9) : 0;
    for (int c = most; c >= 0; c--) {
        v->count[i] = c;
        double rest = left - c * v->sizes[i];
        if (rest > -1e-9) try_vials(v, i + 1, rest, used + c);
        else if (-rest < v->best_discard - 1e-9 || (-rest < v->best_discard + 1e-9 && used + c < v->best_vials)) {
            v->best_discard = -rest;
            v->best_vials = used + c;
            for (size_t j = i + 1; j < v->n; j++) v->count[j] = 0;
            memcpy(v->best, v->count, sizeof v->best);
        }
    }
}

static double price_of(const site *s, const char *product_id, double mg) {
    for (size_t i = 0; s && i < s->prices_n; i++)
        if (fe__streq(s->prices[i].product, product_id) && s->prices[i].vial_mg == mg) return s->prices[i].price;
    return NAN;
}

/* Vials to open: least drug discarded, then fewest vials. A site that names vials of the product stocks only those. */
static void choose_vials(const product *p, const site *s, preparation *out) {
    vial_search v = {.dose = out->dose_mg, .best_discard = INFINITY, .best_vials = 1 << 20};
    bool stocked = false;
    for (size_t i = 0; s && i < s->prices_n; i++) stocked = stocked || fe__streq(s->prices[i].product, p->id);
    for (size_t i = p->vials_n; i-- > 0 && v.n < 8;) {
        double price = price_of(s, p->id, p->vials[i].mg);
        bool in_stock = false;
        for (size_t j = 0; s && j < s->prices_n; j++)
            in_stock = in_stock || (fe__streq(s->prices[j].product, p->id) && s->prices[j].vial_mg == p->vials[i].mg);
        if (stocked && !in_stock) continue;
        v.sizes[v.n] = p->vials[i].mg;
        v.prices[v.n++] = price;
    }
    if (v.n == 0) return;
    try_vials(&v, 0, out->dose_mg, 0);
    out->discard_mg = v.best_discard;
    out->cost = 0;
    for (size_t i = 0; i < v.n; i++) {
        if (v.best[i] == 0) continue;
        out->vials[out->vials_n++] = (vial_use){v.sizes[i], v.best[i]};
        out->cost += v.best[i] * v.prices[i];
    }
}

/* ---- bag, minutes, stages --------------------------------------------------------------------------------------------- */

/* A bag on the shelf inside the label, not larger than preferred; where none fits, exactly what the label allows. A dose too small
 * for any bag gets the smallest one, which breaks the label's concentration and says so. */
static double choose_bag(const knowledge *k, const allowed *o) {
    double best = NAN;
    for (size_t i = 0; i < k->practice.standard_bags_n; i++) {
        double b = k->practice.standard_bags_ml[i];
        bool fits = b >= o->bag_ml_min - 1e-9 && b <= o->bag_ml_max + 1e-9;
        if (fits && (isnan(best) || b <= k->practice.preferred_bag_ml_max)) best = b;
    }
    if (!isnan(best)) return best;
    if (o->bag_ml_max < 1 && k->practice.standard_bags_n) return k->practice.standard_bags_ml[0];
    return isinf(o->bag_ml_max) ? k->practice.preferred_bag_ml_max : fmax(o->bag_ml_max, o->bag_ml_min);
}

static double up(double v) { return ceil(v - 1e-9); }
static double down(double v) { return floor(v + 1e-9); }

static void flow_context_limit(void *context, const limit *l) {
    double *max_ml_per_min = context;
    if (l->what == WHAT_max_ml_per_min) *max_ml_per_min = fmin(*max_ml_per_min, l->value);
}

/* Least minutes inside label and pump; with a slow first part the rest must keep its own rate. */
static double least_minutes(const knowledge *k, const preparation *o, const allowed *al, double first_ml, double max_ml_per_min) {
    double least = al->minutes_min;
    if (al->minutes_strict && up(least) <= least + 1e-9) least += 1;
    if (o->route->dilution_required) least = fmax(least, o->volume_ml / k->practice.max_pump_rate_ml_per_h * 60.0);
    const first_part *f = o->route->first;
    if (f && !isinf(max_ml_per_min)) least = fmax(least, f->minutes + (o->volume_ml - first_ml) / max_ml_per_min);
    else if (!isinf(max_ml_per_min)) least = fmax(least, o->volume_ml / max_ml_per_min);
    if (f) least = fmax(least, f->minutes + 1);
    if (!(al->minutes_min > 0)) least = fmax(least, o->dose_mg / k->practice.unset_mg_per_min); /* the label sets no time: ours */
    return fmax(1, up(least));
}

static void set_stages(preparation *o, double first_ml) {
    const first_part *f = o->route->first;
    if (!f || o->dose_mg <= f->mg ||
        o->minutes <= f->minutes) { /* too short for a slow first part: shown whole, and broken elsewhere */
        o->stages[0] = (stage){o->dose_mg, o->volume_ml, o->minutes, o->ml_per_h};
        o->stages_n = 1;
        return;
    }
    double rest_ml = o->volume_ml - first_ml, rest_min = o->minutes - f->minutes;
    o->stages[0] = (stage){f->mg, first_ml, f->minutes, down(first_ml / f->minutes * 60.0 * 10.0) / 10.0};
    o->stages[1] = (stage){o->dose_mg - f->mg, rest_ml, rest_min, down(rest_ml / rest_min * 60.0)};
    o->stages_n = 2;
}

static void set_test_dose(const product *p, const method *m, const prepare_input *in, preparation *o) {
    const test_dose *t = m->test_dose ? m->test_dose : p->test_dose;
    o->test_dose_mg = o->test_dose_ml = o->test_seconds = o->test_wait_minutes = NAN;
    if (o->route->first) o->test_wait_minutes = o->route->first->wait_minutes; /* the slow first part is waited out, every time */
    if (!t || !in->first_dose) return;
    o->test_dose_mg = t->mg;
    o->test_dose_ml = isnan(t->ml) ? t->mg / p->mg_per_ml : t->ml;
    o->test_seconds = t->seconds_min;
    o->test_wait_minutes = t->wait_minutes;
    if (p->test_dose && p->test_dose->wait_minutes > o->test_wait_minutes) o->test_wait_minutes = p->test_dose->wait_minutes;
}

preparation fe__prepare(const knowledge *k, const product *p, const method *m, const route_rules *r, const site *s,
                        const prepare_input *in) {
    preparation o = {.product = p,
                     .method = m,
                     .route = r,
                     .dose_mg = in->dose_mg,
                     .drug_ml = in->dose_mg / p->mg_per_ml,
                     .cost = NAN,
                     .bag_ml = NAN,
                     .diluent = "none",
                     .discard_mg = NAN,
                     .range_max_mg = NAN};
    allowed al = fe__allowed(p, m, r, in);
    double max_ml_per_min = INFINITY;
    fe__each_binding_limit(p, m, r, in, flow_context_limit, &max_ml_per_min);
    if (in->bag_ml > 0) o.bag_ml = in->bag_ml;
    else if (r->dilution_required) o.bag_ml = choose_bag(k, &al);
    o.volume_ml = isnan(o.bag_ml) ? o.drug_ml : r->bag_is_final ? o.bag_ml : o.bag_ml + o.drug_ml;
    if (!isnan(o.bag_ml)) o.diluent = in->diluent ? in->diluent : r->diluents_n ? r->diluents[0] : k->practice.usual_diluent;
    o.final_mg_per_ml = o.dose_mg / o.volume_ml;
    double first_ml = r->first ? r->first->mg / o.final_mg_per_ml : 0;
    double least = least_minutes(k, &o, &al, first_ml, max_ml_per_min);
    o.minutes = isnan(in->minutes) ? least : in->minutes;
    o.slower_than_minimum = in->minutes > al.minutes_min;
    o.ml_per_h = o.minutes > 0 ? down(o.volume_ml / o.minutes * 60.0) : NAN;
    o.mg_per_min = o.minutes > 0 ? o.dose_mg / o.minutes : NAN;
    choose_vials(p, s, &o);
    set_stages(&o, first_ml);
    set_test_dose(p, m, in, &o);
    bool later = !in->first_dose && !isnan(p->observe_later_minutes);
    o.observe_minutes = later ? p->observe_later_minutes : p->observe_minutes;
    if (s && s->observe_minutes > o.observe_minutes) o.observe_minutes = s->observe_minutes;
    o.timing = *m->dose.when ? m->dose.when : NULL;
    return o;
}
