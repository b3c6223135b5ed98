/* When to draw which lab again: lines of rules.json, the first that holds for each lab. A day that has passed is today. */
#include <limits.h>
#include <math.h>

#include "advise/facts_view.h"
#include "advise/interpret.h"
#include "base/date.h"
#include "base/text.h"

static bool has(const interpretation *x, const char *lab) {
    for (size_t i = 0; i < x->retests_n; i++)
        if (fe__streq(x->retests[i].lab, lab)) return true;
    return false;
}

/* The day that a line counts from; LONG_MIN when it needs iron and the day of the last is not known. */
static long counted_from(const facts *f, const rule_line *line) {
    double days = f->number[NUM_days_since_iv_iron];
    if (fe__streq(line->after, "now")) return f->today;
    return days >= 0 ? f->today - (long)days : LONG_MIN;
}

static long not_past(const facts *f, long day) { return day < f->today ? f->today : day; }

static void sort_by_day(interpretation *x) {
    for (size_t i = 1; i < x->retests_n; i++) { /* insertion keeps the order of equals */
        retest r = x->retests[i];
        size_t at = i;
        for (; at > 0 && x->retests[at - 1].not_before > r.not_before; at--) x->retests[at] = x->retests[at - 1];
        x->retests[at] = r;
    }
}

/* A line is asked with the newest result of its lab in view. */
static void look_at_newest(facts *f, const interpretation *x, const char *lab) {
    const lab_reading *newest = NULL;
    for (size_t i = 0; i < x->labs_n; i++)
        if (x->labs[i].is_newest && fe__streq(f->k->terms[x->labs[i].lab->term].id, lab)) newest = &x->labs[i];
    if (newest) fe__facts_look_at(f, newest->lab, (lab_place){newest->foreseen.percentile, newest->foreseen.p50});
    else fe__facts_look_at(f, NULL, fe__no_place);
}

void fe__interpret_retests(interpreting *x) {
    facts *f = x->now;
    const rule_lines *lines = &f->k->retests;
    for (size_t i = 0; i < lines->n; i++) {
        const rule_line *line = &lines->list[i];
        long from = counted_from(f, line);
        if (has(x->out, line->lab) || from == LONG_MIN) continue;
        look_at_newest(f, x->out, line->lab);
        if (fe__facts_holds(f, line->when) != TRI_TRUE) continue;
        *FE_PUSH(f->a, x->out->retests, x->out->retests_n, x->out->retests_cap) =
            (retest){line->lab, line->why, not_past(f, from + (long)line->days), not_past(f, from + (long)line->best_days), line};
    }
    fe__facts_look_at(f, NULL, fe__no_place);
    sort_by_day(x->out);
}
