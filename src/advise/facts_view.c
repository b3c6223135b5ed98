#include "advise/facts_view.h"

#include <limits.h>
#include <math.h>

#include "advise/facts_labs.h"
#include "advise/plan.h"
#include "base/date.h"
#include "base/text.h"

const lab_place fe__no_place = {NAN, NAN};

static tri tri_of(bool b) { return b ? TRI_TRUE : TRI_FALSE; }

static bool is_given(const event *e, double at) { return e->kind == EVENT_INFUSION && !e->planned && e->at <= at; }

static long day_of(const facts *f, const event *e) { return fe__day_of(e->at, f->zone_min); }

/* Iron stamped the same as a lab comes after it (answers.md, section 3). */
static bool before_iron(const event *iron, const event *lab) { return lab->at <= iron->at; }

const event *fe__facts_iron_began(const facts *f, double at) {
    const event *first = NULL;
    for (size_t i = f->c->events_n; i-- > 0;) {
        const event *e = &f->c->events[i];
        if (!is_given(e, at)) continue;
        if (first && (double)(day_of(f, first) - day_of(f, e)) >= f->k->practice.course_window_days) break;
        first = e;
    }
    return first;
}

static const event *last_iron(const facts *f) {
    const event *last = NULL;
    for (size_t i = 0; i < f->c->events_n; i++)
        if (is_given(&f->c->events[i], f->now)) last = &f->c->events[i];
    return last;
}

const event *fe__facts_lab_by(const facts *f, int lab, double at) {
    const event *e = fe__lab_newest(f->c, lab, at);
    while (e && (isnan(e->value) || fe__facts_spoiled_hours(f, e) > 0))
        e = fe__lab_newest(f->c, lab, nextafter(e->at, -INFINITY));
    return e;
}

/* ---- what rules of interpretation ask beside ------------------------------------------------------------------------------------- */

/* The first day after iron by vein on which a lab can be read at all: windows of rules.json. */
static double readable_from(const facts *f, const char *lab) {
    const rule_lines *w = &f->k->windows;
    for (size_t i = 0; i < w->n; i++)
        if (fe__streq(w->list[i].lab, lab) && fe__streq(w->list[i].id, "not-interpretable")) return w->list[i].to_day + 1;
    return 0;
}

/* Drawn so soon after iron by vein that this lab cannot be read. */
static bool in_window(const facts *f, const event *lab) {
    double days = readable_from(f, f->k->terms[lab->term].id);
    for (size_t i = 0; i < f->c->events_n; i++) {
        const event *e = &f->c->events[i];
        if (is_given(e, lab->at) && !before_iron(e, lab) && (double)(day_of(f, lab) - day_of(f, e)) < days) return true;
    }
    return false;
}

/* The result of this lab's kind from an earlier day, both outside the days after iron in which it cannot be read. */
static const event *readable_before(const facts *f, const event *newest) {
    if (in_window(f, newest)) return NULL;
    const event *e = newest;
    do e = fe__lab_newest(f->c, newest->term, nextafter(e->at, -INFINITY));
    while (e && (isnan(e->value) || day_of(f, e) >= day_of(f, newest) || in_window(f, e)));
    return e;
}

/* 0 when there is none. */
static double previous_tsat(const facts *f) {
    int tsat = fe__term_find_kind(f->k, "tsat", TERM_LAB);
    const event *e = tsat >= 0 && f->lab[tsat] ? readable_before(f, f->lab[tsat]) : NULL;
    return e ? e->value : 0;
}

/* To an earlier readable result of its kind from after the last iron; 0 when there is none. */
static double repeat_ratio(const facts *f, const event *e, const event *last) {
    const event *earlier = readable_before(f, e);
    return earlier && earlier->value > 0 && !(last && before_iron(last, earlier)) ? e->value / earlier->value : 0;
}

/* A loss that the course tells of, between two instants. */
static bool bled(const facts *f, double from, double to) {
    for (size_t i = 0; i < f->c->events_n; i++) {
        const event *e = &f->c->events[i];
        bool loses =
            e->kind == EVENT_BLEEDING || e->kind == EVENT_SURGERY || e->kind == EVENT_DELIVERY || e->kind == EVENT_PHLEBOTOMY;
        if (loses && e->at >= from && e->at <= to) return true;
    }
    return false;
}

/* How far this lab has fallen since the one before it, and in how many days; 0 when it has not, or a recorded loss lies between. */
static void look_at_fall(facts *f, const event *e) {
    const event *earlier = e ? fe__facts_lab_by(f, e->term, nextafter(e->at, -INFINITY)) : NULL;
    bool fell = earlier && earlier->value > e->value && !bled(f, earlier->at, e->at);
    f->number[NUM_this_fall] = fell ? earlier->value - e->value : 0;
    f->number[NUM_this_fall_days] = fell ? (double)(day_of(f, e) - day_of(f, earlier)) : 0;
}

static bool is_after(const facts *f, const char *lab, const event *iron) {
    int t = fe__term_find_kind(f->k, lab, TERM_LAB);
    return iron && t >= 0 && f->lab[t] && !before_iron(iron, f->lab[t]);
}

static bool drawn_in_window(const facts *f, const char *lab) {
    int t = fe__term_find_kind(f->k, lab, TERM_LAB);
    return t >= 0 && f->lab[t] && in_window(f, f->lab[t]);
}

/* A result of this lab from the day of an event on. */
static bool drawn_since(const facts *f, const char *lab, const event *e) {
    int t = fe__term_find_kind(f->k, lab, TERM_LAB);
    for (size_t i = 0; i < f->c->events_n; i++) {
        const event *l = &f->c->events[i];
        if (l->kind == EVENT_LAB && l->term == t && !l->prescribed && day_of(f, l) >= day_of(f, e)) return true;
    }
    return false;
}

static bool transfused(const facts *f, const event *since) {
    for (size_t i = 0; since && i < f->c->events_n; i++) {
        const event *e = &f->c->events[i];
        if (e->kind == EVENT_TRANSFUSION && e->at >= since->at && e->at < f->now) return true;
    }
    return false;
}

static double iron_since(const facts *f, const event *began) {
    double mg = 0;
    for (size_t i = 0; began && i < f->c->events_n; i++) {
        const event *e = &f->c->events[i];
        if (is_given(e, f->now) && e->at >= began->at) mg += e->value;
    }
    return mg;
}

/* What the hemoglobin before the iron asked for (Ganzoni), less what was given since; NaN when it cannot be said. */
static double undergiven(const facts *f, const event *hb, const event *began) {
    const need_method *m = fe__need_by_method(f->k, "ganzoni");
    plan_ask ask = {.need_mg = NAN, .target_hb_g_dl = NAN, .stores_mg = NAN, .stores_mg_per_kg = NAN};
    if (!hb || !began || !m) return NAN;
    need_input in = fe__need_input_of(f, &ask);
    in.hb_g_dl = hb->value;
    need_result r = fe__need(f->a, f->k, m, &in);
    return r.known ? r.total_mg - iron_since(f, began) : NAN;
}

static bool was_anemic(const facts *f, const event *hb) {
    int anemia = fe__rule_find(f->k, "def-anemia");
    if (!hb || anemia < 0) return false;
    return fe__facts_rule(fe__facts_of(f->a, f->k, f->c, f->region, hb->at, f->zone_min), anemia) == TRI_TRUE;
}

/* The lab of the same kind from before the iron that runs. */
static const event *lab_before(const facts *f, int lab, const event *began) {
    return began && f->k->terms[lab].kind == TERM_LAB ? fe__facts_lab_by(f, lab, began->at) : NULL;
}

/* What was drawn before the last iron says nothing of iron any more, and does not count beside labs from after it. */
static void forget_outdated(facts *f, const event *last) {
    static const char *const of_iron[] = {"ferritin", "tsat", "serum-iron", "tibc", "uibc", "transferrin"};
    for (size_t i = 0; last && i < sizeof of_iron / sizeof *of_iron; i++) {
        int t = fe__term_find_kind(f->k, of_iron[i], TERM_LAB);
        if (t >= 0 && f->lab[t] && before_iron(last, f->lab[t])) f->lab[t] = NULL;
        if (t >= 0 && f->drawn[t] && before_iron(last, f->drawn[t])) f->drawn[t] = NULL;
    }
}

void fe__facts_look_at(facts *f, const event *e, lab_place where) {
    const event *began = fe__facts_iron_began(f, f->now), *last = last_iron(f);
    forget_outdated(f, last);
    int hb_term = fe__term_find_kind(f->k, "hemoglobin", TERM_LAB);
    const event *hb = hb_term < 0 ? NULL : lab_before(f, hb_term, began);
    bool is_lab = e && e->kind == EVENT_LAB;
    f->in_view = e;
    f->before = is_lab ? lab_before(f, e->term, began) : NULL;
    f->number[NUM_this_value] = is_lab ? e->value : NAN;
    f->number[NUM_this_change] = f->before && f->before != e ? e->value - f->before->value : NAN;
    f->number[NUM_this_percentile] = where.percentile;
    f->number[NUM_this_ratio] = is_lab ? e->value / where.middle : NAN;
    f->number[NUM_this_repeat_ratio] = is_lab ? repeat_ratio(f, e, last) : 0;
    look_at_fall(f, is_lab ? e : NULL);
    f->number[NUM_previous_tsat] = previous_tsat(f);
    f->number[NUM_undergiven_mg] = undergiven(f, hb, began);
    f->flag[FLAG_was_anemic] = tri_of(was_anemic(f, hb));
    f->flag[FLAG_transfused_since_iron] = tri_of(transfused(f, hb));
    f->flag[FLAG_ferritin_since_iron] = tri_of(is_after(f, "ferritin", last));
    f->flag[FLAG_ferritin_in_window] = tri_of(drawn_in_window(f, "ferritin"));
    f->flag[FLAG_hemoglobin_since_iron] = tri_of(is_after(f, "hemoglobin", last));
    f->flag[FLAG_phosphate_since_iron] = tri_of(is_after(f, "phosphate", last));
    f->flag[FLAG_phosphate_since_this] = tri_of(e && drawn_since(f, "phosphate", e));
    f->flag[FLAG_this_spoiled] = tri_of(is_lab && fe__facts_spoiled_hours(f, e) > 0);
    fe__facts_changed(f);
}

/* The course as it was when a lab was drawn: iron with the same stamp comes after it. */
static const course *course_at(arena *a, const course *c, const event *e) {
    event *events = FE_NEW_ARRAY(a, event, c->events_n + 1);
    course *then = FE_NEW(a, course);
    *then = *c;
    then->events = events;
    then->events_n = 0;
    for (size_t i = 0; i < c->events_n; i++) {
        bool later = e->kind == EVENT_LAB && c->events[i].kind == EVENT_INFUSION && c->events[i].at == e->at;
        if (!later) events[then->events_n++] = c->events[i];
    }
    return then;
}

facts *fe__facts_as_of(const facts *now, const event *e, lab_place where) {
    facts *f = fe__facts_of(now->a, now->k, course_at(now->a, now->c, e), now->region, e->at, now->zone_min);
    f->number[NUM_this_days_ago] = (double)(now->today - f->today);
    fe__facts_look_at(f, e, where);
    return f;
}
