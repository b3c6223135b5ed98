/* Looking at a course: what is newest, what is true now. */
#include "course/course.h"

#include <limits.h>
#include <math.h>

#include "base/date.h"
#include "base/text.h"

enum { DAYS_PER_WEEK = 7 };

const char *fe__result_word(lab_result r) {
    switch (r) {
    case RESULT_NONE: return "";
    case RESULT_LOW: return "low";
    case RESULT_NORMAL: return "normal";
    case RESULT_HIGH: return "high";
    case RESULT_ABSENT: return "absent";
    case RESULT_POSITIVE: return "positive";
    case RESULT_NEGATIVE: return "negative";
    case RESULT_ABNORMAL: return "abnormal";
    }
    return "";
}

const event *fe__lab_newest(const course *c, int lab, double now) {
    for (size_t i = c->events_n; i-- > 0;) {
        const event *e = &c->events[i];
        if (e->kind != EVENT_LAB || e->term != lab || e->prescribed || e->at > now) continue;
        if (!isnan(e->value) || e->result != RESULT_NONE) return e;
    }
    return NULL;
}

const char *fe__molecule_of(const knowledge *k, const char *product_or_formulation) {
    if (!product_or_formulation) return "";
    const product *p = fe__product_find(k, product_or_formulation);
    if (p) return p->molecule;
    int formulation = fe__term_find_kind(k, product_or_formulation, TERM_FORMULATION);
    return formulation < 0 ? "" : k->terms[formulation].id;
}

tri fe__course_has(const course *c, int id, double now) {
    const term_list *list = &c->patient.conditions;
    for (size_t i = 0; i < list->n; i++) {
        if (list->list[i] == id) return TRI_TRUE;
    }
    for (size_t i = 0; i < c->events_n; i++) {
        const event *e = &c->events[i];
        if (e->kind == EVENT_CONDITION && e->term == id && e->at <= now && now < e->until) return TRI_TRUE;
    }
    return list->given ? TRI_FALSE : TRI_UNKNOWN;
}

long fe__delivered(const course *c, double now) {
    long last = c->patient.delivered_on;
    if (last > fe__day_of(now, c->zone_min)) last = LONG_MIN;
    for (size_t i = 0; i < c->events_n; i++) {
        const event *e = &c->events[i];
        if (e->kind != EVENT_DELIVERY || e->at > now) continue;
        long day = fe__day_of(e->at, c->zone_min);
        if (day > last) last = day;
    }
    return last;
}

double fe__gestation_now(const course *c, double now) {
    const patient *p = &c->patient;
    if (!p->pregnant || p->gestation_on == LONG_MIN || p->gestation_on <= fe__delivered(c, now)) return NAN;
    return p->gestation_weeks + (double)(fe__day_of(now, c->zone_min) - p->gestation_on) / DAYS_PER_WEEK;
}
