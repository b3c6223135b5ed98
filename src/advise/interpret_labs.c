/* Each lab read as things stood when it was drawn. */
#include <math.h>

#include "advise/facts_view.h"
#include "advise/interpret.h"
#include "base/text.h"

static bool is_result(const facts *f, const event *e) {
    return e->kind == EVENT_LAB && !e->prescribed && e->at <= f->now && (!isnan(e->value) || e->result != RESULT_NONE);
}

static bool line_reads(const rule_line *line, const event *e) {
    for (size_t i = 0; i < line->of_n; i++)
        if (line->of[i] == e->term) return true;
    return line->of_n == 0;
}

/* The first line of rules.json that holds. */
static const rule_line *reading_of(facts *then) {
    const rule_lines *lines = &then->k->readings;
    for (size_t i = 0; i < lines->n; i++)
        if (line_reads(&lines->list[i], then->in_view) && fe__facts_holds(then, lines->list[i].when) == TRI_TRUE)
            return &lines->list[i];
    return NULL;
}

/* What a laboratory calls its own result. */
static const char *reading_of_result(lab_result result, int *verdict) {
    *verdict = INTERPRET_WATCH;
    switch (result) {
    case RESULT_LOW:
    case RESULT_ABSENT: return "low";
    case RESULT_HIGH:
    case RESULT_POSITIVE:
    case RESULT_ABNORMAL: return "high";
    case RESULT_NORMAL:
    case RESULT_NEGATIVE: *verdict = INTERPRET_AS_EXPECTED; return "expected";
    case RESULT_NONE: break;
    }
    *verdict = -1;
    return NULL;
}

static void read_lab(facts *then, lab_reading *r) {
    const rule_line *line = reading_of(then);
    if (line) {
        r->reading = line->id;
        r->rule = line->sources_n ? line->sources[0] : NULL;
        r->verdict = line->verdict;
    } else r->reading = reading_of_result(r->lab->result, &r->verdict);
}

static bool is_newest(const facts *f, const event *e) {
    for (const event *later = e + 1; later < f->c->events + f->c->events_n; later++)
        if (is_result(f, later) && later->term == e->term) return false;
    return true;
}

/* Iron given since has answered a lab from before it, but for what rules of findings say of it. */
static bool answered(const facts *f, const event *e) {
    return fe__facts_iron_began(f, f->now) && e->at <= fe__facts_iron_began(f, f->now)->at;
}

int fe__interpret_labs(interpreting *x) {
    const facts *f = x->now;
    int worst = -1;
    for (size_t i = 0; i < f->c->events_n; i++) {
        const event *e = &f->c->events[i];
        if (!is_result(f, e)) continue;
        lab_reading *r = FE_PUSH(f->a, x->out->labs, x->out->labs_n, x->out->labs_cap);
        *r = (lab_reading){
            .lab = e, .which = i, .is_newest = is_newest(f, e), .foreseen = {NAN, NAN, NAN, NAN, NULL}, .verdict = -1};
        r->is_foreseen = x->sight && fe__foresee(x->sight, i, &r->foreseen);
        facts *then = fe__facts_as_of(f, e, (lab_place){r->foreseen.percentile, r->foreseen.p50});
        r->days_since_iron = then->number[NUM_days_since_iv_iron];
        read_lab(then, r);
        int rules = fe__interpret_event(x, then, r->is_newest, r);
        if (r->is_newest) worst = fe__worse(worst, fe__worse(rules, answered(f, e) ? -1 : r->verdict));
    }
    return worst;
}
