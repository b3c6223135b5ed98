#include "advise/interpret.h"

#include <math.h>

#include "advise/facts_view.h"
#include "base/random.h"
#include "base/text.h"

/* The worst is the smallest; what says nothing is none of them. */
int fe__worse(int a, int b) { return a < 0 ? b : b < 0 ? a : a < b ? a : b; }

/* A rule that names no verdict speaks by its level: what is only for information decides nothing, nor does a caution that is about no lab or
 * sign. */
static int verdict_of(const rule *r) {
    level l = r->level >= 0 ? (level)r->level : r->finding->level;
    if (r->verdict >= 0) return r->verdict;
    switch (l) {
    case LEVEL_URGENT: return INTERPRET_ACT_NOW;
    case LEVEL_REFUSAL: return INTERPRET_ACT;
    case LEVEL_CAUTION: return r->of_n ? INTERPRET_WATCH : -1;
    case LEVEL_INFO: break;
    }
    return -1;
}

static bool reads(const rule *r, const event *e) {
    for (size_t i = 0; i < r->of_n; i++)
        if (r->of[i] == e->term) return true;
    return false;
}

static void add_finding(arena *a, lab_reading *r, const char *id) {
    for (size_t i = 0; i < r->findings_n; i++)
        if (fe__streq(r->findings[i], id)) return;
    *FE_PUSH(a, r->findings, r->findings_n, r->findings_cap) = id;
}

static bool iron_since(const facts *f, const event *e) {
    for (size_t i = 0; i < f->c->events_n; i++) {
        const event *iron = &f->c->events[i];
        if (iron->kind == EVENT_INFUSION && !iron->planned && iron->at >= e->at && iron->at <= f->now) return true;
    }
    return false;
}

/* Whether a rule would hold too, had the lab in view another value. */
static bool holds_at(facts *then, size_t which, double value) {
    arena_mark before = fe__arena_mark(then->a);
    facts *f = fe__facts_copy(then->a, then);
    event *e = FE_NEW(then->a, event);
    *e = *then->in_view;
    e->value = value;
    if (f->lab[e->term] && f->lab[e->term]->at == e->at) f->lab[e->term] = e;
    if (f->drawn[e->term] && f->drawn[e->term]->at == e->at) f->drawn[e->term] = e;
    lab_place where = {f->number[NUM_this_percentile], then->in_view->value / f->number[NUM_this_ratio]};
    fe__facts_look_at(f, e, where);
    bool holds = fe__facts_rule(f, (int)which) == TRI_TRUE;
    fe__arena_rewind(then->a, before);
    return holds;
}

/* How sure: the share of true values, spread about the measured one by the residual error of the lab, for which the finding stands. NaN
 * where the lab has no error, or the value is only a bound. */
static double chance_of(interpreting *x, facts *then, size_t which) {
    enum { POINTS = 39 };
    const event *e = then->in_view;
    const lab_error *error = x->sight ? fe__foresight_error(x->sight, x->now->k->terms[e->term].id) : NULL;
    size_t hits = 0;
    if (!error || isnan(e->value) || e->comparator) return NAN;
    double sd = hypot(error->log_sd, error->additive_sd / e->value);
    for (int i = 0; i < POINTS; i++) hits += holds_at(then, which, e->value * exp(sd * fe__normal_quantile((i + 0.5) / POINTS)));
    return (double)hits / POINTS;
}

static const char *place_words(arena *a, double percentile) {
    if (isnan(percentile)) return "";
    if (percentile < 0.1) return "; this lies below 99.9 in 100";
    if (percentile > 99.9) return "; this lies above 99.9 in 100";
    return fe__printf(a, "; this lies above %s in 100", fe__number_text(a, percentile, 1));
}

/* What the band of a score has in it beside the model. */
static const char *score_words(const interpreting *x, const char *lab) {
    double sd = fe__foresight_score_sd(x->sight, lab);
    if (!(sd > 0)) return "";
    return fe__printf(x->now->a, "; in this is what scores vary by themselves from visit to visit (SD %s)",
                      fe__number_text(x->now->a, sd, 1));
}

static void foreseen_fact(interpreting *x, said *s, const lab_reading *r) {
    const char *unit = x->now->k->terms[r->lab->term].unit;
    arena *a = x->now->a;
    bool bare = !*unit || fe__streq(unit, "1") || fe__streq(unit, "{score}");
    if (!r->is_foreseen) return;
    fe__said_fact(x->l, s,
                  fe__printf(a, "foreseen before it was known: %s, 9 in 10 from %s to %s%s%s%s%s",
                             fe__number_text(a, r->foreseen.p50, 1), fe__number_text(a, r->foreseen.p5, 1),
                             fe__number_text(a, r->foreseen.p95, 1), bare ? "" : " ", bare ? "" : unit,
                             place_words(a, r->foreseen.percentile), score_words(x, x->now->k->terms[r->lab->term].id)),
                  r->lab->ptr);
}

static void say(interpreting *x, facts *then, size_t which, const lab_reading *lab) {
    const rule *r = &x->now->k->rules[which];
    said *s = fe__say_rule(x->l, then, r);
    if (!lab) return;
    foreseen_fact(x, s, lab);
    if (r->tells_chance) s->probability = chance_of(x, then, which);
}

int fe__interpret_event(interpreting *x, facts *then, bool decides, lab_reading *r) {
    const knowledge *k = x->now->k;
    int worst = -1;
    for (size_t i = 0; i < k->rules_n; i++) {
        const rule *says = &k->rules[i];
        if (!(says->questions & Q_INTERPRET) || !reads(says, then->in_view) || fe__facts_rule(then, (int)i) != TRI_TRUE) continue;
        if (r) add_finding(x->now->a, r, says->finding->id);
        if (!decides || (says->lapses && iron_since(x->now, then->in_view))) continue;
        say(x, then, i, r);
        worst = fe__worse(worst, verdict_of(says));
    }
    return worst;
}

/* ---- the patient as things stand now ------------------------------------------------------------------------------------------- */

static int interpret_patient(interpreting *x) {
    const knowledge *k = x->now->k;
    int worst = -1;
    for (size_t i = 0; i < k->rules_n; i++) {
        const rule *r = &k->rules[i];
        if (!r->finding || r->of_n || !(r->questions & Q_INTERPRET) || fe__facts_rule(x->now, (int)i) != TRI_TRUE) continue;
        worst = fe__worse(worst, verdict_of(r));
    }
    fe__say_rules(x->l, x->now, Q_INTERPRET);
    return worst;
}

static bool has_examination(const facts *f) {
    for (size_t i = 0; i < f->c->events_n; i++) {
        const event *e = &f->c->events[i];
        if (e->kind == EVENT_PROCEDURE && e->at <= f->now && e->text) return true;
    }
    return false;
}

static bool has_symptom(const facts *f) {
    for (size_t i = 0; i < f->c->events_n; i++)
        if (f->c->events[i].kind == EVENT_SYMPTOM && f->c->events[i].at <= f->now) return true;
    return false;
}

interpretation *fe__interpret(facts *f, const foresight *sight, said_list *l) {
    interpreting x = {.now = fe__facts_copy(f->a, f), .sight = sight, .l = l, .out = FE_NEW(f->a, interpretation)};
    x.out->sight = sight;
    x.out->now = x.now;
    fe__facts_view(x.now, NULL);
    fe__facts_look_at(x.now, NULL, fe__no_place);
    int worst = fe__worse(fe__interpret_labs(&x), fe__interpret_symptoms(&x));
    worst = fe__worse(worst, interpret_patient(&x));
    if (x.out->labs_n == 0 && !has_symptom(f) && !has_examination(f)) {
        x.out->verdict = -1;
        return x.out;
    }
    x.out->verdict = worst < 0 ? INTERPRET_AS_EXPECTED : worst;
    fe__interpret_differential(&x);
    fe__interpret_retests(&x);
    return x.out;
}
