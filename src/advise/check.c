/* Checking and preparing; see check.h. */
#include "advise/check.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#include "advise/context.h"
#include "advise/schedule.h"
#include "base/text.h"

static const char *verdict_of(const verification *v) {
    return v->broken_n ? "breaks-label" : v->cautions_n ? "needs-acceptance" : "within-label";
}

static const verification *verify(facts *f, const plan_ask *ask, const order_item *items, size_t n, const order *o) {
    size_t given_n;
    verify_patient who = fe__verify_patient_of(f);
    verify_request r = {.k = f->k,
                        .items = items,
                        .items_n = n,
                        .patient = &who,
                        .given = fe__given_iron_of(f, &given_n),
                        .accepted = ask->accepted,
                        .accepted_n = ask->accepted_n,
                        .off_label = ask->off_label,
                        .off_label_n = ask->off_label_n,
                        .holds = f->c ? fe__holds_for : NULL,
                        .context = f};
    r.given_n = given_n;
    if (o) {
        r.premedication = &o->premedication;
        r.with = &o->with;
    }
    return fe__verify(f->a, &r);
}

/* Which words of findings.csv say a limit that was not kept. */
static const struct {
    const char *name, *finding;
} limit_findings[] = {{"min-concentration", "over-diluted"},
                      {"min-age", "below-label-age"},
                      {"hemodialysis-timing", "after-one-hour-of-dialysis"},
                      {"separation-from-drugs", "separate-from-reactive-drugs"},
                      {"test-dose", "test-dose-required"}};

void fe__say_checks(said_list *l, const verification *v) {
    for (size_t i = 0; i < v->checks_n; i++) {
        const limit_check *c = &v->checks[i];
        for (size_t j = 0; !c->kept && j < sizeof limit_findings / sizeof limit_findings[0]; j++) {
            if (!fe__streq(c->name, limit_findings[j].name)) continue;
            said *s = fe__say(l, limit_findings[j].finding, c->source, NULL);
            fe__said_fact(l, s,
                          fe__printf(l->a, "%s: limit %s, here %s %s", c->rule, fe__number_text(l->a, c->limit, 3),
                                     fe__number_text(l->a, c->value, 3), c->unit),
                          fe__printf(l->a, "/infusions/%zu", c->item));
        }
    }
}

static prepare_input input_of(const facts *f, const plan_ask *ask, const order_item *x) {
    prepare_input in = {.dose_mg = x->dose_mg,
                        .bag_ml = x->bag_ml,
                        .minutes = x->minutes,
                        .route = x->route,
                        .diluent = x->diluent,
                        .cap_weight_kg = fe__facts_cap_weight(f),
                        .age_years = fe__facts_field(f, "age_years"),
                        .first_dose = true,
                        .accepted = ask->accepted,
                        .accepted_n = ask->accepted_n};
    return in;
}

static preparation prepare_item(facts *f, const plan_ask *ask, const order_item *x, const method *m, bool first) {
    const product *p = fe__product_find(f->k, x->product);
    const route_rules *r = m ? fe__route_of(m, x->route) : NULL;
    preparation none = {.product = p,
                        .method = m,
                        .dose_mg = x->dose_mg,
                        .bag_ml = x->bag_ml,
                        .minutes = x->minutes,
                        .test_dose_mg = x->test_dose_mg,
                        .final_mg_per_ml = NAN};
    if (m && !r) r = fe__route_of(m, NULL); /* the route asked for is broken; show the label's own */
    if (!r) return none;
    prepare_input in = input_of(f, ask, x);
    in.first_dose = first;
    return fe__prepare(f->k, p, m, r, ask->site, &in);
}

/* ---- the nearest order that keeps every limit ----------------------------------------------------------------------------- */

static bool pull_inside(facts *f, const plan_ask *ask, order_item *x, const method *m, bool first) {
    const product *p = fe__product_find(f->k, x->product);
    const route_rules *r = fe__route_of(m, x->route);
    if (!r) r = fe__route_of(m, NULL);
    if (!r) return false;
    bool rerouted = x->route && !fe__streq(x->route, r->route);
    x->route = r->route;
    x->method = m->id;
    prepare_input in = input_of(f, ask, x);
    double cap = fe__single_cap(p, m, r, &in);
    if (x->dose_mg > cap) x->dose_mg = cap;
    if (x->dose_mg < 1) return false;
    in = input_of(f, ask, x);
    in.first_dose = first;
    allowed al = fe__allowed(p, m, r, &in);
    bool bag_out = x->bag_ml > al.bag_ml_max + 1e-9 || x->bag_ml < al.bag_ml_min - 1e-9 || (!r->dilution_required && rerouted);
    if (bag_out || (isnan(x->bag_ml) && r->dilution_required)) in.bag_ml = NAN;
    bool diluent_ok = false;
    for (size_t i = 0; i < r->diluents_n; i++) diluent_ok = diluent_ok || fe__streq(r->diluents[i], x->diluent);
    if (!diluent_ok) in.diluent = NULL;
    in.minutes = NAN;
    preparation q = fe__prepare(f->k, p, m, r, ask->site, &in);
    x->bag_ml = q.bag_ml;
    x->diluent = isnan(q.bag_ml) ? NULL : q.diluent;
    x->drug_ml = q.drug_ml;
    x->minutes = isnan(x->minutes) ? q.minutes : fmax(x->minutes, q.minutes);
    x->test_dose_mg = q.test_dose_mg;
    return true;
}

static void move_days(facts *f, const plan_ask *ask, order_item *items, size_t n) {
    size_t given_n;
    given_iron *g = fe__given_iron_of(f, &given_n);
    given_dose *given = FE_NEW_ARRAY(f->a, given_dose, given_n + n + 1);
    size_t m = 0;
    for (size_t i = 0; i < given_n; i++)
        given[m++] = (given_dose){g[i].day, g[i].dose_mg, fe__streq(g[i].molecule, fe__molecule_of(f->k, items[0].product))};
    for (size_t i = 0; i < n; i++) {
        const product *p = fe__product_find(f->k, items[i].product);
        const method *d = fe__method_find(p, items[i].method, 0);
        const route_rules *r = fe__route_of(d, items[i].route);
        prepare_input in = input_of(f, ask, &items[i]);
        schedule_rules rules = fe__schedule_rules_of(p, d, r, &in);
        dose_list one = {.n = 1, .mg = {items[i].dose_mg}};
        fe__place_doses(f->k, &rules, false, NULL, items[i].day, given, m, &one);
        if (!one.failed) items[i].day = one.day[0];
        given[m++] = (given_dose){items[i].day, items[i].dose_mg, fe__streq(items[i].product, items[0].product)};
    }
}

static bool same_drug(const facts *f, const char *id, const char *other, const char *other_molecule) {
    return fe__streq(id, other) || fe__streq(fe__molecule_of(f->k, id), other_molecule);
}

/* No dose of the drug stands before this one: neither in the order nor, within the window of a course, given already. */
static bool first_of_drug(facts *f, const order *o, size_t i) {
    const order_item *x = &o->items[i];
    for (size_t j = 0; j < i; j++)
        if (same_drug(f, x->product, o->items[j].product, fe__molecule_of(f->k, o->items[j].product))) return false;
    size_t n;
    given_iron *g = fe__given_iron_of(f, &n);
    long start = x->day == LONG_MIN ? f->today : x->day;
    for (size_t j = 0; j < n; j++) {
        bool is_in_course = (double)(start - g[j].day) < f->k->practice.course_window_days;
        if (is_in_course && same_drug(f, x->product, g[j].product, g[j].molecule)) return false;
    }
    return true;
}

/* By the method of the label under which least has to change: the one it was judged by first, then the others. */
static void correct(facts *f, const plan_ask *ask, const order *o, checked *out) {
    const product *p = fe__product_find(f->k, o->items[0].product);
    for (size_t try = 0; try <= p->methods_n; try++) {
        const method *m = try == 0 ? out->verified->methods[0] : &p->methods[try - 1];
        if (!m || !fe__method_open(m, ask->off_label, ask->off_label_n) || fe__method_applies(f, p, m) == TRI_FALSE) continue;
        order_item *items = FE_NEW_ARRAY(f->a, order_item, o->items_n);
        bool possible = true, dated = true;
        for (size_t i = 0; i < o->items_n && possible; i++) {
            items[i] = o->items[i];
            const method *own = fe__streq(items[i].product, p->id) ? m : out->verified->methods[i];
            possible = own && pull_inside(f, ask, &items[i], own, first_of_drug(f, o, i));
            dated = dated && items[i].day != LONG_MIN;
        }
        if (!possible) continue;
        if (dated) move_days(f, ask, items, o->items_n);
        const verification *v = verify(f, ask, items, o->items_n, o);
        if (v->broken_n || v->cautions_n) continue;
        out->corrected = items;
        out->corrected_n = o->items_n;
        return;
    }
}

checked *fe__check(facts *f, const plan_ask *ask, const order *o, said_list *l) {
    checked *out = FE_NEW(f->a, checked);
    out->verified = verify(f, ask, o->items, o->items_n, o);
    out->verdict = verdict_of(out->verified);
    out->preparations = FE_NEW_ARRAY(f->a, preparation, o->items_n);
    for (size_t i = 0; i < o->items_n; i++)
        out->preparations[i] = prepare_item(f, ask, &o->items[i], out->verified->methods[i], first_of_drug(f, o, i));
    const preparation *first = &out->preparations[0];
    out->product = first->product;
    out->route = first->route;
    if (o->items_n == 1 && first->route) {
        prepare_input in = input_of(f, ask, &o->items[0]);
        out->allowed = fe__allowed(first->product, first->method, first->route, &in);
        out->allowed_known = true;
    }
    if (out->verified->broken_n || out->verified->cautions_n) correct(f, ask, o, out);
    if (f->c) fe__say_gates(l, f, out->product, "check");
    fe__facts_set_preparation(f, first, out->verified);
    fe__facts_set_order(f, o);
    fe__say_rules(l, f, Q_CHECK);
    fe__say_checks(l, out->verified);
    return out;
}

/* ---- prepare ---------------------------------------------------------------------------------------------------------------- */

static order_item item_of(facts *f, const prepare_ask *ask, const method *m, const preparation *q) {
    order_item x = {.ptr = "/preparation",
                    .product = ask->product->id,
                    .method = m->id,
                    .dose_mg = ask->dose_mg,
                    .day = f->today,
                    .route = ask->route ? ask->route : "infusion",
                    .bag_ml = q->bag_ml,
                    .drug_ml = q->drug_ml,
                    .minutes = q->minutes,
                    .test_dose_mg = q->test_dose_mg,
                    .diluent = isnan(q->bag_ml) ? NULL : q->diluent};
    if (!ask->route && !fe__route_of(m, "infusion")) x.route = isnan(ask->bag_ml) ? q->route->route : "infusion";
    return x;
}

checked *fe__prepare_question(facts *f, const plan_ask *ask, const prepare_ask *p, said_list *l) {
    checked *best = NULL;
    bool best_switched = false, any_route = false;
    const char *wanted = p->route ? p->route : "infusion";
    for (size_t i = 0; i < p->product->methods_n; i++) {
        const method *m = &p->product->methods[i];
        bool open = fe__method_open(m, ask->off_label, ask->off_label_n) && fe__method_is(m, p->method);
        any_route = any_route || (open && fe__route_of(m, wanted));
    }
    for (size_t i = 0; i < p->product->methods_n; i++) {
        const method *m = &p->product->methods[i];
        if (!fe__method_open(m, ask->off_label, ask->off_label_n) || !fe__method_is(m, p->method)) continue;
        const route_rules *r = fe__route_of(m, wanted);
        if (!r && !any_route) r = fe__route_of(m, NULL); /* no method has the route: show one all the same */
        if (!r) continue;
        prepare_input in = {.dose_mg = p->dose_mg,
                            .bag_ml = p->bag_ml,
                            .minutes = p->minutes,
                            .route = p->route,
                            .cap_weight_kg = NAN,
                            .age_years = NAN,
                            .first_dose = true,
                            .accepted = ask->accepted,
                            .accepted_n = ask->accepted_n};
        checked *c = FE_NEW(f->a, checked);
        c->preparations = FE_NEW(f->a, preparation);
        c->preparations[0] = fe__prepare(f->k, p->product, m, r, ask->site, &in);
        order_item x = item_of(f, p, m, &c->preparations[0]);
        c->verified = verify(f, ask, &x, 1, NULL);
        c->verdict = verdict_of(c->verified);
        c->product = p->product;
        c->route = r;
        c->allowed = fe__allowed(p->product, m, r, &in);
        c->allowed_known = true;
        bool better =
            !best || c->verified->broken_n < best->verified->broken_n ||
            (c->verified->broken_n == best->verified->broken_n && c->verified->cautions_n < best->verified->cautions_n) ||
            (c->verified->broken_n == best->verified->broken_n && m->off_label && !best_switched);
        if (better) {
            best = c;
            best_switched = m->off_label;
        }
    }
    if (!best) return NULL;
    fe__facts_set_preparation(f, &best->preparations[0], best->verified);
    fe__say_rules(l, f, Q_PREPARE);
    fe__say_checks(l, best->verified);
    return best;
}
