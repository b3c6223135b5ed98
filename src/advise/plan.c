/* Planning; see plan.h. This file walks products and methods and ranks what they propose; propose.c makes one proposal. */
#include "advise/plan.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#include "advise/propose.h"
#include "base/date.h"
#include "base/text.h"

bool fe__product_offered(const product *p, const char *region, const site *s) {
    if (region && !fe__streq(p->region, region)) return false;
    if (!s || s->formulary_n == 0) return true;
    for (size_t i = 0; i < s->formulary_n; i++)
        if (fe__streq(s->formulary[i], p->id)) return true;
    return false;
}

bool fe__method_open(const method *m, const char *const *off_label, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (fe__streq(off_label[i], m->id)) return true;
    return m->enabled && !m->off_label;
}

static tri both(tri a, tri b) {
    if (a == TRI_FALSE || b == TRI_FALSE) return TRI_FALSE;
    return a == TRI_UNKNOWN || b == TRI_UNKNOWN ? TRI_UNKNOWN : TRI_TRUE;
}

static tri between(double v, double low, double high_excl) {
    if (isinf(low) && isinf(high_excl)) return TRI_TRUE;
    if (isnan(v)) return TRI_UNKNOWN;
    return v >= low && v < high_excl ? TRI_TRUE : TRI_FALSE;
}

tri fe__method_applies(facts *f, const product *p, const method *m) {
    if (f->product != p) fe__facts_view(f, p);
    tri age = between(fe__facts_field(f, "age_years"), m->age_min, m->age_max_excl);
    tri weight = between(fe__facts_cap_weight(f), m->weight_min, m->weight_max_excl);
    return both(both(age, weight), fe__facts_holds(f, m->condition));
}

need_input fe__need_input_of(const facts *f, const plan_ask *ask) {
    need_input in = {.weight_kg = fe__facts_field(f, "weight_kg"),
                     .height_cm = fe__facts_field(f, "height_cm"),
                     .age_years = fe__facts_field(f, "age_years"),
                     .hb_g_dl = fe__facts_lab(f, "hemoglobin"),
                     .hematocrit_pct = fe__facts_lab(f, "hematocrit"),
                     .blood_loss_ml = NAN,
                     .blood_units = NAN,
                     .lbw_kg = NAN,
                     .weight_pre_pregnancy_kg = fe__facts_field(f, "weight_pre_pregnancy_kg"),
                     .weight_ideal_kg = fe__facts_field(f, "weight_ideal_kg"),
                     .sex = f->c ? f->c->patient.sex : NULL,
                     .pregnant = f->flag[FLAG_pregnant] == TRI_TRUE,
                     .target_hb_g_dl = ask->target_hb_g_dl,
                     .stores_mg = ask->stores_mg,
                     .stores_mg_per_kg = ask->stores_mg_per_kg,
                     .weight_basis = ask->weight_basis};
    return in;
}

given_iron *fe__given_iron_of(facts *f, size_t *n) {
    const event **list;
    *n = fe__facts_given(f, &list);
    given_iron *g = FE_NEW_ARRAY(f->a, given_iron, *n + 1);
    for (size_t i = 0; i < *n; i++)
        g[i] = (given_iron){fe__day_of(list[i]->at, f->zone_min), list[i]->value, list[i]->product, list[i]->molecule};
    return g;
}

verify_patient fe__verify_patient_of(const facts *f) {
    int hd = fe__term_find_kind(f->k, "hemodialysis", TERM_CONDITION);
    verify_patient v = {.known = f->c != NULL,
                        .age_years = fe__facts_field(f, "age_years"),
                        .cap_weight_kg = fe__facts_cap_weight(f),
                        .hb_g_dl = fe__facts_lab(f, "hemoglobin"),
                        .on_hemodialysis = f->c && hd >= 0 && fe__course_has(f->c, hd, f->now) == TRI_TRUE};
    return v;
}

tri fe__holds_for(void *context, const product *p, const condition *c) {
    facts *f = context;
    if (f->product != p) fe__facts_view(f, p);
    return fe__facts_holds(f, c);
}

static const char *item_ptr(arena *a, size_t i) { return fe__printf(a, "/infusions/%zu", i); }

const verification *fe__verify_option(facts *f, const plan_ask *ask, const option *o) {
    order_item *items = FE_NEW_ARRAY(f->a, order_item, o->n + 1);
    for (size_t i = 0; i < o->n; i++) {
        const preparation *p = &o->infusions[i].prep;
        items[i] = (order_item){.ptr = item_ptr(f->a, i),
                                .product = o->product->id,
                                .method = o->method->id,
                                .dose_mg = p->dose_mg,
                                .day = o->infusions[i].on,
                                .route = p->route->route,
                                .bag_ml = p->bag_ml,
                                .drug_ml = p->drug_ml,
                                .minutes = p->minutes,
                                .test_dose_mg = p->test_dose_mg,
                                .diluent = p->diluent};
    }
    size_t given_n;
    verify_patient who = fe__verify_patient_of(f);
    verify_request r = {.k = f->k,
                        .items = items,
                        .items_n = o->n,
                        .patient = &who,
                        .given = fe__given_iron_of(f, &given_n),
                        .accepted = ask->accepted,
                        .accepted_n = ask->accepted_n,
                        .off_label = ask->off_label,
                        .off_label_n = ask->off_label_n,
                        .holds = fe__holds_for,
                        .context = f};
    r.given_n = given_n;
    return fe__verify(f->a, &r);
}

/* ---- one product ------------------------------------------------------------------------------------------------------- */

static void exclude(facts *f, plan *out, const product *p, const char *name, const char *source, const char *because) {
    excluded *e = FE_PUSH(f->a, out->excluded, out->excluded_n, out->excluded_cap);
    e->product = p;
    e->rule = fe__printf(f->a, "%s/%s", p->id, name);
    e->source = source;
    e->because = because;
}

static const char *facts_in_words(facts *f, const condition *c) {
    fact_list l = {0};
    text t;
    fe__text_init(&t, f->a);
    fe__facts_because(f, c, &l);
    for (size_t i = 0; i < l.n && i < 3; i++) fe__text_addf(&t, "%s%s", i ? "; " : "", l.list[i].text);
    return t.n ? t.s : "";
}

/* A gate of the label that is true and blocks. */
static bool gated(facts *f, plan *out, const product *p) {
    for (size_t i = 0; i < p->gates_n; i++) {
        const gate *g = &p->gates[i];
        if (g->action != GATE_BLOCK || g->kind != LIMIT_LABEL || !g->name) continue;
        if (fe__facts_holds(f, g->condition) != TRI_TRUE) continue;
        const char *why = facts_in_words(f, g->condition);
        exclude(f, out, p, g->name, g->id, fe__printf(f->a, "%s%s%s%s", g->text, *why ? " (" : "", why, *why ? ")" : ""));
        return true;
    }
    return false;
}

static bool too_young(facts *f, plan *out, const product *p) {
    double age = fe__facts_field(f, "age_years");
    for (size_t i = 0; i < p->common.n; i++) {
        const limit *l = &p->common.list[i];
        if (l->what != WHAT_min_age_years || l->kind != LIMIT_LABEL || !(age < l->value)) continue;
        exclude(f, out, p, "min-age", l->id,
                fe__printf(f->a, "This label begins at %s years; the patient is %s.", fe__number_text(f->a, l->value, 2),
                           fe__number_text(f->a, age, 1)));
        return true;
    }
    return false;
}

size_t fe__methods_for(facts *f, const plan_ask *ask, const product *p, const method **list) {
    size_t n = 0;
    for (int pass = 0; pass < 3; pass++) {
        for (size_t i = 0; i < p->methods_n; i++) {
            const method *m = &p->methods[i];
            if (!fe__method_open(m, ask->off_label, ask->off_label_n) || !fe__method_is(m, ask->method)) continue;
            int rank = m->is_default ? 0 : fe__streq(m->basis, "label") ? 1 : 2;
            if (rank == pass && fe__method_applies(f, p, m) != TRI_FALSE) list[n++] = m;
        }
    }
    return n;
}

/* Options of the first method go to options, those of others to alternatives. */
static void plan_product(facts *f, const plan_ask *ask, plan *out, const product *p) {
    fe__facts_view(f, p);
    if (gated(f, out, p) || too_young(f, out, p)) return;
    const method **list = FE_NEW_ARRAY(f->a, const method *, p->methods_n + 1);
    size_t n = fe__methods_for(f, ask, p, list);
    if (n == 0) {
        const char *asked = ask->method ? fe__printf(f->a, "This product has no method %s for this patient.", ask->method)
                                        : fe__printf(f->a, "No dosing method of this label is for this patient (%s).",
                                                     p->methods_n ? p->methods[0].applies_text : "no method");
        exclude(f, out, p, "indication", NULL, asked);
        return;
    }
    bool have = false;
    for (size_t i = 0; i < (ask->brief && n > 1 ? 1 : n); i++) {
        option o = {0};
        refusal why = {0};
        bool done = fe__propose(f, ask, p, list[i], &fe__as_the_method_says, &o, &why);
        if (!done && why.missing && !out->missing) out->missing = why.missing;
        if (!done && why.is_covered) out->is_covered = true;
        if (!isnan(o.need_mg) && o.need_known) {
            method_total *t = FE_PUSH(f->a, out->methods, out->methods_n, out->methods_cap);
            *t = (method_total){list[i]->method ? list[i]->method : list[i]->id, p, o.need_mg};
        }
        if (done && !have) {
            *FE_PUSH(f->a, out->options, out->options_n, out->options_cap) = o;
            have = true;
        } else if (done) {
            *FE_PUSH(f->a, out->alternatives, out->alternatives_n, out->alternatives_cap) = o;
        } else if (i == 0) {
            exclude(f, out, p, why.name ? why.name : "indication", why.source,
                    why.because ? why.because : "No dose can be given.");
            have = true; /* the preferred method refuses: others are shown only as alternatives */
        }
    }
}

/* ---- ranking ------------------------------------------------------------------------------------------------------------ */

/* A definition of the data says which products do. */
static bool lowers_phosphate(facts *f, const product *p) {
    int lowers = fe__rule_find(f->k, "def-lowers-phosphate");
    fe__facts_view(f, p);
    return lowers >= 0 && fe__facts_rule(f, lowers) == TRI_TRUE;
}

/* Which is better: below 0 a, above 0 b. In this order: no open caution; given at the dialysis sessions of a dialysis patient, which cost no visit
 * (G-118); one or two visits (G-007); little loss of phosphate (G-059, G-118), unless
 * it leaves much more of the need uncovered; the need covered; fewer visits; less time in the chair. */
static int better(const practice *k, const option *a, const option *b) {
    if ((a->cautions_n > 0) != (b->cautions_n > 0)) return a->cautions_n > 0 ? 1 : -1;
    bool dialysis_a = a->method->dose.type == DOSE_PER_SESSION, dialysis_b = b->method->dose.type == DOSE_PER_SESSION;
    if (dialysis_a != dialysis_b) return dialysis_a ? -1 : 1;
    bool few_a = (double)a->n <= k->few_visits_max, few_b = (double)b->n <= k->few_visits_max;
    if (few_a != few_b) return few_a ? -1 : 1;
    double short_a = floor(a->shortfall_mg / k->shortfall_class_mg), short_b = floor(b->shortfall_mg / k->shortfall_class_mg);
    bool low_a = a->lowers_phosphate, low_b = b->lowers_phosphate;
    if (low_a != low_b && fabs(a->shortfall_mg - b->shortfall_mg) < k->phosphate_shortfall_mg) return low_a ? 1 : -1;
    if (short_a != short_b) return short_a < short_b ? -1 : 1;
    if (a->n != b->n) return a->n < b->n ? -1 : 1;
    if (a->chair_minutes != b->chair_minutes) return a->chair_minutes < b->chair_minutes ? -1 : 1;
    return 0;
}

static void rank_options(const practice *k, option *list, size_t n) {
    for (size_t i = 1; i < n; i++) {
        option o = list[i];
        size_t j = i;
        while (j > 0 && better(k, &o, &list[j - 1]) < 0) {
            list[j] = list[j - 1];
            j--;
        }
        list[j] = o;
    }
}

/* What rules say of this product for this patient. */
static void say_rules_why(facts *f, const option *o, text *t) {
    fe__facts_view(f, o->product);
    for (size_t i = 0; i < f->k->rules_n; i++) {
        const rule *r = &f->k->rules[i];
        if (r->why && (r->questions & Q_PLAN) && fe__facts_rule(f, (int)i) == TRI_TRUE) fe__text_addf(t, "; %s", r->why);
    }
}

const char *fe__option_why(facts *f, const option *o) {
    text t;
    fe__text_init(&t, f->a);
    fe__text_addf(&t, "%s mg in %zu %s by %s", fe__number_text(f->a, o->total_mg, 0), o->n, o->n == 1 ? "infusion" : "infusions",
                  o->method->title);
    if ((double)o->n <= f->k->practice.few_visits_max) fe__text_add(&t, "; one or two visits are preferred");
    if (o->shortfall_mg >= 1)
        fe__text_addf(&t, "; %s mg less than the calculated need, which this label does not give at once",
                      fe__number_text(f->a, o->shortfall_mg, 0));
    say_rules_why(f, o, &t);
    if (o->cautions_n) fe__text_add(&t, "; needs a recorded reason for a caution");
    return t.s;
}

static void say_why(facts *f, plan *p) {
    for (size_t i = 0; i < p->options_n; i++) p->options[i].why = fe__option_why(f, &p->options[i]);
    for (size_t i = 0; i < p->alternatives_n; i++) p->alternatives[i].why = fe__option_why(f, &p->alternatives[i]);
    if (p->options_n < 2) return;
    p->options[0].why =
        fe__printf(f->a,
                   "%s; first among the products that fit: no open caution, then few visits (none extra at dialysis), "
                   "little risk of low phosphate, the need covered as far as the label goes, short time in the chair",
                   p->options[0].why);
}

plan *fe__plan(facts *f, const plan_ask *ask) {
    plan *out = FE_NEW(f->a, plan);
    need_input in = fe__need_input_of(f, ask);
    const need_method *g = fe__need_by_method(f->k, "ganzoni");
    need_result r = g ? fe__need(f->a, f->k, g, &in) : (need_result){0};
    out->ganzoni_mg = r.known ? r.total_mg : NAN;
    for (size_t i = 0; i < f->k->products_n; i++) {
        const product *p = &f->k->products[i];
        if (!fe__product_offered(p, f->region, ask->site)) continue;
        if (ask->product && !fe__streq(ask->product, p->id)) continue;
        plan_product(f, ask, out, p);
    }
    if (out->is_covered) out->missing = NULL; /* what another method lacks would ask for no more iron */
    for (size_t i = 0; i < out->options_n; i++) out->options[i].lowers_phosphate = lowers_phosphate(f, out->options[i].product);
    rank_options(&f->k->practice, out->options, out->options_n);
    if (!ask->brief) say_why(f, out);
    if (out->options_n && out->options[0].cautions_n == 0) out->chosen = &out->options[0];
    fe__facts_view(f, out->options_n ? out->options[0].product : NULL);
    return out;
}
