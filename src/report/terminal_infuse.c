/* infuse for a terminal: the state first, then what to do, in order. */
#include <math.h>

#include "report/page.h"

static bool is_true(const json_t *object, const char *key) { return json_is_true(json_object_get(object, key)); }

static ink ink_of_level(const char *word) {
    if (fe__streq(word, "urgent") || fe__streq(word, "refusal") || fe__streq(word, "high")) return INK_RED;
    return fe__streq(word, "caution") || fe__streq(word, "medium") ? INK_YELLOW : INK_PLAIN;
}

static void state_lines(page *p, const json_t *root) {
    const char *state = fe__js(root, "state");
    bool bad = fe__streq(state, "severe") || fe__streq(state, "emergency"), good = fe__streq(state, "fit-to-leave");
    fe__page_paragraph(p, fe__printf(p->a, "Infusion: %s", state), bad ? INK_RED : good ? INK_GREEN : INK_BOLD, "");
    double grade = fe__jn(root, "grade");
    if (grade > 0)
        fe__page_pair(p, "reaction", 12,
                      fe__printf(p->a, "grade %s, now %s", fe__num(p, grade, 0), fe__num(p, fe__jn(root, "grade_now"), 0)));
    fe__page_pair(p, "pump", 12,
                  fe__printf(p->a, "%s mL/h; %s mL (%s mg) given, %s mL left", fe__num(p, fe__jn(root, "rate_ml_per_h"), 0),
                             fe__num(p, fe__jn(root, "given_ml"), 1), fe__num(p, fe__jn(root, "given_mg"), 0),
                             fe__num(p, fe__jn(root, "left_ml"), 1)));
    if (json_array_size(json_object_get(root, "signs")))
        fe__page_pair(p, "signs", 12, fe__list(p, json_object_get(root, "signs")));
    const json_t *next = json_object_get(root, "next");
    const char *item = fe__js(next, "item"), *due = fe__js(next, "due");
    if (*due) fe__page_pair(p, "next", 12, fe__printf(p->a, "%s at %s", *item ? item : "the wait ends", due));
}

static void alarm_lines(page *p, const json_t *root) {
    const json_t *list = json_object_get(root, "alarms");
    if (json_array_size(list)) fe__page_heading(p, "Alarms");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *x = json_array_get(list, i);
        const char *priority = fe__js(x, "priority");
        fe__page_paragraph(p, fe__printf(p->a, "  %-8s", priority), ink_of_level(priority), fe__js(x, "text"));
    }
}

static const char *dose_words(page *p, const json_t *x) {
    double mg = fe__jn(x, "dose_mg"), ml = fe__jn(x, "volume_ml"), rate = fe__jn(x, "rate_ml_per_h"),
           again = fe__jn(x, "repeat_after_min");
    const char *route = fe__js(x, "route"), *drug = fe__js(x, "medication");
    text t;
    fe__text_init(&t, p->a);
    if (!isnan(mg)) fe__text_addf(&t, ": %s%s%s mg", drug, *drug ? " " : "", fe__num(p, mg, 2));
    if (!isnan(ml)) fe__text_addf(&t, "%s%s mL", isnan(mg) ? ": " : ", ", fe__num(p, ml, 2));
    if (*route && t.n) fe__text_addf(&t, ", %s", route);
    if (!isnan(again)) fe__text_addf(&t, ", again after %s min", fe__num(p, again, 0));
    if (!isnan(rate)) fe__text_addf(&t, ": %s mL/h", fe__num(p, rate, 0));
    return t.n ? t.s : "";
}

static void advice_lines(page *p, const json_t *root) {
    const json_t *list = json_object_get(root, "advice");
    if (json_array_size(list)) fe__page_heading(p, "Now, in this order");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *x = json_array_get(list, i);
        fe__page_paragraph(p, fe__printf(p->a, "  %2s. ", fe__num(p, fe__jn(x, "order"), 0)), ink_of_level(fe__js(x, "level")),
                           fe__printf(p->a, "%s%s [%s]", fe__js(x, "text"), dose_words(p, x), fe__js(x, "rule")));
    }
}

static void need_line(page *p, const json_t *root, const char *key, const char *words) {
    const json_t *x = json_object_get(root, key), *needs = json_object_get(x, "needs");
    const char *when = fe__js(x, "not_before");
    double rate = fe__jn(x, "rate_ml_per_h");
    if (is_true(x, "allowed")) {
        fe__page_pair(p, words, 12, isnan(rate) ? "yes" : fe__printf(p->a, "yes, at %s mL/h", fe__num(p, rate, 0)));
        return;
    }
    fe__page_pair(p, words, 12,
                  fe__printf(p->a, "no%s%s%s%s", *when ? ", not before " : "", when, json_array_size(needs) ? "; needs " : "",
                             json_array_size(needs) ? fe__list(p, needs) : ""));
}

static void refused_lines(page *p, const json_t *root) {
    const json_t *list = json_object_get(root, "refused");
    if (json_array_size(list)) fe__page_heading(p, "Refused");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *x = json_array_get(list, i);
        fe__page_paragraph(p, fe__printf(p->a, "  %s %s: ", fe__js(x, "at"), fe__js(x, "event")), INK_RED,
                           fe__printf(p->a, "%s [%s]", fe__js(x, "because"), fe__js(x, "rule")));
    }
}

static void open_checks(page *p, const json_t *root) {
    const json_t *list = json_object_get(root, "checklist");
    bool any = false;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *x = json_array_get(list, i);
        const char *answer = fe__js(x, "answer");
        if (fe__streq(answer, "done")) continue;
        if (!any) fe__page_heading(p, "Checklist");
        any = true;
        fe__page_paragraph(p, fe__printf(p->a, "  %-9s", answer), fe__streq(answer, "open") ? INK_YELLOW : INK_PLAIN,
                           fe__printf(p->a, "%s (%s)", fe__js(x, "text"), fe__js(x, "id")));
    }
    if (is_true(root, "checklist_taken_as_done"))
        fe__page_paragraph(p, "  ", INK_DIM, "The record holds no check: the checklist was taken as done.");
}

static void order_lines(page *p, const json_t *root) {
    const json_t *order = json_object_get(root, "order"), *broken = json_object_get(order, "broken");
    if (!json_array_size(broken)) return;
    fe__page_heading(p, "Order");
    fe__page_paragraph(p, "  ", INK_RED, fe__printf(p->a, "breaks its label: %s", fe__list(p, broken)));
}

/* A session that is kept: its alarm first of all, then what the clocks say. */
static void journal_alarm(page *p, const json_t *root) {
    const char *alarm = fe__js(json_object_get(root, "journal"), "alarm");
    if (*alarm) fe__page_paragraph(p, "", INK_RED, alarm);
}

static void journal_lines(page *p, const json_t *root) {
    const json_t *x = json_object_get(root, "journal"), *clock = json_object_get(x, "clock");
    if (!x) return;
    fe__page_heading(p, fe__printf(p->a, "Session %s", fe__js(x, "session")));
    fe__page_pair(p, "record", 12, fe__printf(p->a, "%s events in %s", fe__num(p, fe__jn(x, "entries"), 0), fe__js(x, "store")));
    fe__page_pair(p, "head", 12, fe__js(x, "head"));
    if (is_true(x, "repeated")) fe__page_paragraph(p, "  ", INK_PLAIN, "This event was there already and is not recorded twice.");
    for (size_t i = 0; i < json_array_size(clock); i++) {
        const json_t *one = json_array_get(clock, i);
        double entry = fe__jn(one, "entry");
        const char *where = isnan(entry) ? "  since then: " : fe__printf(p->a, "  event %s: ", fe__num(p, entry, 0));
        fe__page_paragraph(p, where, INK_YELLOW, fe__js(one, "text"));
    }
}

void fe__page_infuse(page *p, const json_t *root) {
    journal_alarm(p, root);
    state_lines(p, root);
    need_line(p, root, "resume", "may resume");
    need_line(p, root, "leave", "may leave");
    fe__page_pair(p, "observe", 12,
                  isnan(fe__jn(root, "observe_minutes"))
                      ? "until handed over"
                      : fe__printf(p->a, "%s min", fe__num(p, fe__jn(root, "observe_minutes"), 0)));
    alarm_lines(p, root);
    advice_lines(p, root);
    refused_lines(p, root);
    open_checks(p, root);
    order_lines(p, root);
    fe__page_findings(p, root);
    double later = fe__jn(root, "later_events");
    if (later > 0)
        fe__page_paragraph(p, "", INK_DIM, fe__printf(p->a, "%s events after this time were not played.", fe__num(p, later, 0)));
    fe__page_paragraph(p, "", INK_DIM, fe__js(json_object_get(root, "model"), "text"));
    journal_lines(p, root);
    fe__page_stamp(p, root);
}
