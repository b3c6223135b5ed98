/* The assessment; see assess.h. What each rule means for the verdict stands in data/rules.json (`effect`); the order in which effects
 * decide stands here. */
#include "advise/assess.h"

#include <math.h>
#include <string.h>

#include "base/text.h"

static const char *const verdict_words[] = {"indicated",     "individual-decision", "oral-first",  "deferred",
                                            "not-indicated", "contraindicated",     "missing-data"};

const char *fe__assess_word(assess_verdict v) { return verdict_words[v]; }
bool fe__assess_refuses(assess_verdict v) { return v != ASSESS_INDICATED && v != ASSESS_INDIVIDUAL; }

/* ---- verdict ------------------------------------------------------------------------------------------------------------- */

/* A product is shut when a label gate that blocks is true. */
static bool shut(facts *f, const product *p, const gate **why) {
    fe__facts_view(f, p);
    for (size_t i = 0; i < p->gates_n; i++) {
        const gate *g = &p->gates[i];
        if (g->action != GATE_BLOCK || g->kind != LIMIT_LABEL) continue;
        if (fe__facts_holds(f, g->condition) != TRI_TRUE) continue;
        *why = g;
        return true;
    }
    return false;
}

static bool is_contraindication(const gate *g) {
    return fe__streq(g->name, "contraindication") || fe__streq(g->name, "overload");
}

/* Every product offered is shut by a contraindication of its own label. */
static bool all_contraindicated(facts *f, const plan_ask *ask) {
    const product *before = f->product;
    bool any = false, all = true;
    for (size_t i = 0; i < f->k->products_n && all; i++) {
        const product *p = &f->k->products[i];
        if (!fe__product_offered(p, f->region, ask->site)) continue;
        const gate *why;
        any = true;
        all = shut(f, p, &why) && is_contraindication(why);
    }
    fe__facts_view(f, before);
    return any && all;
}

typedef struct tally {
    bool contraindicated, deferred, not_deficient, strong, weak, weak_unknown, strong_unknown, individual, not_indicated, missing;
} tally;

static bool is_strong(const rule *r) { return fe__streq(r->strength, "strong") || fe__streq(r->strength, "usual"); }

static tally count_effects(facts *f) {
    tally t = {0};
    for (size_t i = 0; i < f->k->rules_n; i++) {
        const rule *r = &f->k->rules[i];
        if (!r->finding || r->effect == EFFECT_NONE || !(r->questions & Q_ASSESS)) continue;
        tri v = fe__facts_rule(f, (int)i);
        if (r->effect == EFFECT_INDICATES && v == TRI_UNKNOWN && (!r->about || fe__facts_holds(f, r->about) == TRI_TRUE)) {
            if (is_strong(r)) t.strong_unknown = true;
            else t.weak_unknown = true;
        }
        if (v != TRI_TRUE) continue;
        switch (r->effect) {
        case EFFECT_CONTRAINDICATES: t.contraindicated = true; break;
        case EFFECT_DEFERS: t.deferred = true; break;
        case EFFECT_NOT_DEFICIENCY: t.not_deficient = true; break;
        case EFFECT_INDICATES: *(is_strong(r) ? &t.strong : &t.weak) = true; break;
        case EFFECT_INDIVIDUAL: t.individual = true; break;
        case EFFECT_NOT_INDICATED: t.not_indicated = true; break;
        case EFFECT_MISSING: t.missing = true; break;
        case EFFECT_NONE:
        case EFFECT_ORAL:
        case EFFECT_URGENT: break;
        }
    }
    return t;
}

assess_verdict fe__assess_verdict(facts *f, const plan_ask *ask) {
    tally t = count_effects(f);
    if (t.contraindicated || all_contraindicated(f, ask)) return ASSESS_CONTRAINDICATED;
    if (t.deferred) return ASSESS_DEFERRED;
    if (t.not_deficient) return ASSESS_NOT_INDICATED;
    if (t.strong) return t.individual ? ASSESS_INDIVIDUAL : ASSESS_INDICATED;
    if (t.weak || t.individual) return ASSESS_INDIVIDUAL;
    int deficient = fe__rule_find(f->k, "def-iron-deficient");
    tri lack = deficient >= 0 ? fe__facts_rule(f, deficient) : TRI_UNKNOWN;
    if (t.missing || lack == TRI_UNKNOWN) return ASSESS_MISSING_DATA;
    if (t.not_indicated && lack != TRI_TRUE) return ASSESS_NOT_INDICATED;
    return lack == TRI_TRUE ? ASSESS_ORAL_FIRST : ASSESS_NOT_INDICATED;
}

/* ---- the whole ------------------------------------------------------------------------------------------------------------ */

static void add_route(assessment *out, const char *route) {
    for (size_t i = 0; i < out->routes_n; i++)
        if (fe__streq(out->routes[i], route)) return;
    if (out->routes_n < 2) out->routes[out->routes_n++] = route;
}

static void list_indications(facts *f, assessment *out) {
    for (size_t i = 0; i < f->k->rules_n; i++) {
        const rule *r = &f->k->rules[i];
        if (!r->finding || r->effect != EFFECT_INDICATES || !(r->questions & Q_ASSESS)) continue;
        tri v = fe__facts_rule(f, (int)i);
        bool about = r->about && fe__facts_holds(f, r->about) == TRI_TRUE;
        if (v != TRI_TRUE && !about) continue;
        *FE_PUSH(f->a, out->indications, out->indications_n, out->indications_cap) =
            (indication){r->indication, r->sources_n ? r->sources[0] : r->id, r->strength, v};
    }
}

/* Routes: those of the indications that hold and of the rules for oral iron, none by vein where the verdict refuses iron by vein. */
static void list_routes(facts *f, assessment *out) {
    bool by_vein = !fe__assess_refuses(out->verdict);
    if (out->verdict == ASSESS_ORAL_FIRST) add_route(out, "oral");
    for (size_t i = 0; i < f->k->rules_n && by_vein; i++) {
        const rule *r = &f->k->rules[i];
        bool speaks = r->effect == EFFECT_INDICATES || r->effect == EFFECT_INDIVIDUAL || r->effect == EFFECT_ORAL;
        if (!r->finding || !speaks || !(r->questions & Q_ASSESS) || fe__facts_rule(f, (int)i) != TRI_TRUE) continue;
        for (size_t j = 0; j < r->routes_n; j++) add_route(out, r->routes[j]);
    }
    if (by_vein && out->routes_n == 0) add_route(out, "iv");
}

static void add_contraindication(facts *f, assessment *out, const char *id, const char *row, const product *p) {
    for (size_t i = 0; i < out->contraindications_n; i++)
        if (fe__streq(out->contraindications[i].rule, row) && out->contraindications[i].product == p) return;
    *FE_PUSH(f->a, out->contraindications, out->contraindications_n, out->contraindications_cap) = (contraindication){id, row, p};
}

static void list_contraindications(facts *f, assessment *out) {
    for (size_t i = 0; i < f->k->rules_n; i++) {
        const rule *r = &f->k->rules[i];
        if (!r->finding || r->effect != EFFECT_CONTRAINDICATES || !(r->questions & Q_ASSESS)) continue;
        if (fe__facts_rule(f, (int)i) == TRI_TRUE)
            add_contraindication(f, out, r->finding->id, r->sources_n ? r->sources[0] : r->id, NULL);
    }
}

static bool any_method(facts *f, const plan_ask *ask, const product *p) {
    for (size_t i = 0; i < p->methods_n; i++)
        if (fe__method_open(&p->methods[i], ask->off_label, ask->off_label_n) &&
            fe__method_applies(f, p, &p->methods[i]) != TRI_FALSE)
            return true;
    return false;
}

static const char *gate_words(facts *f, const gate *g) {
    fact_list l = {0};
    fe__facts_because(f, g->condition, &l);
    return l.n ? fe__printf(f->a, "%s (%s)", g->text, l.list[0].text) : g->text;
}

static void fit_product(facts *f, const plan_ask *ask, assessment *out, const product *p) {
    product_fit *fit = FE_PUSH(f->a, out->products, out->products_n, out->products_cap);
    const gate *why;
    fit->product = p;
    fit->fits = false;
    if (shut(f, p, &why)) {
        fit->rule = why->id;
        fit->because = gate_words(f, why);
        if (is_contraindication(why))
            add_contraindication(f, out, why->finding ? why->finding : "contraindicated-product-allergy", why->id, p);
        return;
    }
    double age = fe__facts_field(f, "age_years");
    for (size_t i = 0; i < p->common.n; i++) {
        const limit *l = &p->common.list[i];
        if (l->what != WHAT_min_age_years || !(age < l->value)) continue;
        fit->rule = l->id;
        fit->because = fe__printf(f->a, "This label begins at %s years.", fe__number_text(f->a, l->value, 2));
        return;
    }
    if (!any_method(f, ask, p)) {
        fit->because = "No dosing method of this label is for this patient.";
        return;
    }
    fit->fits = true;
    fit->because = "fits";
    for (size_t i = 0; i < p->gates_n; i++) {
        const gate *g = &p->gates[i];
        bool reason = g->action == GATE_ASK || (g->action == GATE_BLOCK && g->kind == LIMIT_CAUTION);
        if (!reason || fe__facts_holds(f, g->condition) != TRI_TRUE) continue;
        fit->rule = g->id;
        fit->because = fe__printf(f->a, "fits with a recorded reason: %s", gate_words(f, g));
        return;
    }
}

static void list_causes(facts *f, assessment *out) {
    const term_list *known = &f->c->patient.cause;
    for (size_t i = 0; i < known->n; i++)
        *FE_PUSH(f->a, out->causes, out->causes_n, out->causes_cap) = (cause){f->k->terms[known->list[i]].id, true, NULL};
    if (known->n) return;
    const rule_line **lines;
    size_t n = fe__lines_that_hold(f, &f->k->causes, &lines);
    for (size_t i = 0; i < n; i++)
        *FE_PUSH(f->a, out->causes, out->causes_n, out->causes_cap) = (cause){lines[i]->id, false, lines[i]->test};
}

size_t fe__lines_that_hold(facts *f, const rule_lines *lines, const rule_line ***out) {
    size_t n = 0;
    *out = FE_NEW_ARRAY(f->a, const rule_line *, lines->n + 1);
    for (size_t i = 0; i < lines->n; i++)
        if (fe__facts_holds(f, lines->list[i].when) == TRI_TRUE) (*out)[n++] = &lines->list[i];
    return n;
}

static bool below_every_label(const assessment *a, const facts *f) {
    double age = fe__facts_field(f, "age_years");
    bool any = false;
    for (size_t i = 0; i < a->products_n; i++) {
        const product *p = a->products[i].product;
        for (size_t j = 0; j < p->common.n; j++)
            if (p->common.list[j].what == WHAT_min_age_years && age < p->common.list[j].value) any = true;
    }
    return any;
}

static void say_below_age(facts *f, const assessment *a, said_list *l) {
    if (!below_every_label(a, f)) return;
    said *s = NULL;
    for (size_t i = 0; i < a->products_n; i++) {
        const product *p = a->products[i].product;
        for (size_t j = 0; j < p->common.n; j++) {
            const limit *x = &p->common.list[j];
            if (x->what != WHAT_min_age_years || !(fe__facts_field(f, "age_years") < x->value)) continue;
            if (!s) s = fe__say(l, "below-label-age", x->id, NULL);
            fe__said_source(l, s, x->id);
            fe__said_fact(l, s, fe__printf(f->a, "%s: from %s years", p->id, fe__number_text(f->a, x->value, 2)),
                          "/patient/age_years");
        }
    }
}

assessment *fe__assess(facts *f, const plan_ask *ask, said_list *l, unsigned question) {
    assessment *out = FE_NEW(f->a, assessment);
    fe__facts_view(f, NULL);
    out->verdict = fe__assess_verdict(f, ask);
    list_indications(f, out);
    list_routes(f, out);
    list_contraindications(f, out);
    list_causes(f, out);
    for (size_t i = 0; i < f->k->products_n; i++) {
        const product *p = &f->k->products[i];
        if (!fe__product_offered(p, f->region, ask->site) || (ask->product && !fe__streq(ask->product, p->id))) continue;
        fit_product(f, ask, out, p);
        if (question & Q_ASSESS) fe__say_gates(l, f, p, "assess");
    }
    fe__facts_view(f, NULL);
    fe__say_rules(l, f, question);
    say_below_age(f, out, l);
    if (out->verdict == ASSESS_MISSING_DATA) fe__say_by_its_rows(l, "data-missing");
    out->transfusion_question = fe__said_has(l, "urgent-anemia-transfusion-question") || fe__said_has(l, "unstable-now");
    const rule_line **lines;
    size_t n = fe__lines_that_hold(f, &f->k->checklist, &lines);
    for (size_t i = 0; i < n; i++) *FE_PUSH(f->a, out->checklist, out->checklist_n, out->checklist_cap) = lines[i]->id;
    return out;
}
