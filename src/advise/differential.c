/* Why hemoglobin does not respond: the causes of rules.json. Those that something in the course speaks for stand before those that nothing
 * rules out; what something speaks against is left out. */
#include <math.h>

#include "advise/facts_view.h"
#include "advise/interpret.h"
#include "base/text.h"

/* The newest hemoglobin, when it is late or does not respond. */
static const lab_reading *failing(const facts *f, const interpretation *x) {
    int hb = fe__term_find_kind(f->k, "hemoglobin", TERM_LAB);
    for (size_t i = 0; i < x->labs_n; i++) {
        const lab_reading *r = &x->labs[i];
        if (r->lab->term != hb || !r->is_newest) continue;
        return fe__streq(r->reading, "late") || fe__streq(r->reading, "not-responding") ? r : NULL;
    }
    return NULL;
}

/* Labs that would tell, and are not known since that hemoglobin's iron. */
static void take_tests(const facts *f, failure_cause *c, const event *began) {
    c->tests = FE_NEW_ARRAY(f->a, const char *, c->line->take_n + 1);
    for (size_t i = 0; i < c->line->take_n; i++) {
        int t = fe__term_find_kind(f->k, c->line->take[i], TERM_LAB);
        bool known = t >= 0 && f->lab[t] && began && f->lab[t]->at > began->at;
        if (!known) c->tests[c->tests_n++] = c->line->take[i];
    }
}

static void add_causes(interpreting *x, const event *began, bool shown) {
    facts *f = x->now;
    const rule_lines *lines = &f->k->differential;
    for (size_t i = 0; i < lines->n; i++) {
        const rule_line *line = &lines->list[i];
        bool holds = fe__facts_holds(f, line->when) == TRI_TRUE,
             ruled_out = line->against && fe__facts_holds(f, line->against) == TRI_TRUE;
        if (holds != shown || (!holds && ruled_out)) continue;
        failure_cause *c = FE_PUSH(f->a, x->out->differential, x->out->differential_n, x->out->differential_cap);
        *c = (failure_cause){.id = line->id, .is_shown = shown, .line = line};
        if (shown) fe__facts_because(f, line->when, &c->because);
        take_tests(f, c, began);
    }
}

/* A cause that something speaks for is a finding too. */
static void say_causes(interpreting *x) {
    for (size_t i = 0; i < x->out->differential_n; i++) {
        const failure_cause *c = &x->out->differential[i];
        if (!c->is_shown) continue;
        said *s = fe__say(x->l, c->id, c->line->sources[0], c->line->text);
        for (size_t k = 0; k < c->line->sources_n; k++) fe__said_source(x->l, s, c->line->sources[k]);
        for (size_t k = 0; k < c->because.n; k++) fe__said_fact(x->l, s, c->because.list[k].text, c->because.list[k].at);
    }
}

void fe__interpret_differential(interpreting *x) {
    const lab_reading *r = failing(x->now, x->out);
    if (!r) return;
    fe__facts_look_at(x->now, r->lab, (lab_place){r->foreseen.percentile, r->foreseen.p50});
    const event *began = fe__facts_iron_began(x->now, r->lab->at);
    add_causes(x, began, true);
    add_causes(x, began, false);
    say_causes(x);
}
