/* What to test next: what the causes of a failure ask for, and the lines `tests` of rules.json, as far as it is not known.
 *
 * How telling each is, is tried: a result is added to the course, now, and the whole is read again; the share of results that change the
 * verdict is counted. Values lie evenly over the warn range of the lab, words are those that a laboratory writes. */
#include <math.h>

#include "advise/assess.h"
#include "advise/interpret.h"
#include "base/date.h"
#include "base/text.h"

enum { STEPS = 9 };

typedef struct trying {
    const facts *f;
    const interpretation *x;
    int row; /* of the vocabulary */
} trying;

static int verdict_with(const trying *t, const course *c) {
    arena *a = t->f->a;
    arena_mark before = fe__arena_mark(a);
    facts *f = fe__facts_of(a, t->f->k, c, t->f->region, t->f->now, t->f->zone_min);
    said_list l = {.a = a, .k = t->f->k};
    int verdict = fe__interpret(f, t->x->sight, &l)->verdict;
    fe__arena_rewind(a, before);
    return verdict;
}

static int verdict_of_result(const trying *t, double value, lab_result word) {
    const course *c = t->f->c;
    event *events = FE_NEW_ARRAY(t->f->a, event, c->events_n + 1);
    course with = *c;
    for (size_t i = 0; i < c->events_n; i++) events[i] = c->events[i];
    size_t at = c->events_n;
    while (at > 0 && events[at - 1].at > t->f->now) at--; /* what is planned stays behind it */
    for (size_t i = c->events_n; i > at; i--) events[i] = events[i - 1];
    events[at] = (event){.kind = EVENT_LAB,
                         .ptr = "",
                         .at = t->f->now,
                         .until = NAN,
                         .term = t->row,
                         .value = value,
                         .result = word,
                         .fasting = TRI_UNKNOWN,
                         .morning = TRI_UNKNOWN,
                         .last_oral_iron_at = NAN,
                         .assay = -1};
    with.events = events;
    with.events_n = c->events_n + 1;
    return verdict_with(t, &with);
}

static int verdict_at(const trying *t, double value) { return verdict_of_result(t, value, RESULT_NONE); }

/* The boundary between two values with different verdicts, to a 64th of the way. */
static double turning(const trying *t, double low, double high, int low_verdict) {
    double least = (high - low) / 64;
    while (high - low > least) {
        double middle = (low + high) / 2;
        if (verdict_at(t, middle) == low_verdict) low = middle;
        else high = middle;
    }
    double unit = pow(10, floor(log10(fabs(high) > 0 ? fabs(high) : 1)) - 1);
    return round(high / unit) * unit;
}

static void try_numbers(const trying *t, missing *out) {
    const term *lab = &t->f->k->terms[t->row];
    double before = NAN;
    int last = -1;
    size_t changed = 0;
    for (size_t i = 0; i < STEPS; i++) {
        double v = lab->warn_low + (lab->warn_high - lab->warn_low) * ((double)i + 0.5) / STEPS;
        int verdict = verdict_at(t, v);
        changed += verdict != t->x->verdict;
        if (i > 0 && verdict != last && isnan(out->turning_value)) out->turning_value = turning(t, before, v, last);
        last = verdict;
        before = v;
    }
    out->changes = (double)changed / STEPS;
}

static void try_words(const trying *t, missing *out) {
    static const lab_result words[] = {RESULT_NORMAL, RESULT_ABNORMAL, RESULT_NEGATIVE, RESULT_POSITIVE};
    size_t changed = 0, n = sizeof words / sizeof *words;
    for (size_t i = 0; i < n; i++) changed += verdict_of_result(t, NAN, words[i]) != t->x->verdict;
    out->changes = (double)changed / (double)n;
}

/* The day of the last iron by vein, unknown: in each of the windows of ferritin. */
static void try_last_iron(const trying *t, missing *out) {
    const rule_lines *w = &t->f->k->windows;
    size_t changed = 0, n = 0;
    for (size_t i = 0; i < w->n; i++) {
        if (!fe__streq(w->list[i].lab, "ferritin")) continue;
        course with = *t->f->c;
        with.patient.last_iv_iron_on = t->f->today - (long)w->list[i].from_day;
        changed += verdict_with(t, &with) != t->x->verdict;
        n++;
    }
    out->changes = n ? (double)changed / (double)n : 0;
}

static void add(missing *list, size_t *n, const trying *t, const char *item) {
    const term *what = &t->f->k->terms[t->row];
    for (size_t i = 0; i < *n; i++)
        if (fe__streq(list[i].item, item)) return;
    missing *m = &list[(*n)++];
    *m = (missing){.item = item, .turning_value = NAN, .how_to_get = fe__how_to_get(t->f->k, item)};
    if (what->kind != TERM_LAB) {
        if (fe__streq(item, "last_iv_iron_on")) try_last_iron(t, m);
    } else if (isnan(what->warn_low) || isnan(what->warn_high)) try_words(t, m);
    else try_numbers(t, m);
}

static int row_of(const knowledge *k, const char *item) {
    int lab = fe__term_find_kind(k, item, TERM_LAB);
    return lab >= 0 ? lab : fe__term_find_kind(k, item, TERM_FIELD);
}

/* Stable: what is as telling stays in the order in which it was asked for. */
static void sort(missing *list, size_t n) {
    for (size_t i = 1; i < n; i++) {
        missing m = list[i];
        size_t at = i;
        for (; at > 0 && list[at - 1].changes < m.changes; at--) list[at] = list[at - 1];
        list[at] = m;
    }
}

missing *fe__interpret_missing(const interpretation *x, size_t *n) {
    facts *f = x->now;
    const rule_lines *lines = &f->k->tests;
    size_t most = lines->n + 1;
    for (size_t i = 0; i < x->differential_n; i++) most += x->differential[i].tests_n;
    missing *list = FE_NEW_ARRAY(f->a, missing, most);
    trying t = {f, x, -1};
    *n = 0;
    for (size_t i = 0; i < lines->n; i++) {
        t.row = row_of(f->k, lines->list[i].id);
        if (fe__facts_holds(f, lines->list[i].when) == TRI_TRUE) add(list, n, &t, lines->list[i].id);
    }
    for (size_t i = 0; i < x->differential_n; i++)
        for (size_t k = 0; k < x->differential[i].tests_n; k++) {
            t.row = row_of(f->k, x->differential[i].tests[k]);
            add(list, n, &t, x->differential[i].tests[k]);
        }
    sort(list, *n);
    return list;
}
