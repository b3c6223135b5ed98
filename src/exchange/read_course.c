/* A course from its file (answers.md section 3), and what only the whole of it can tell to be wrong. */
#include <limits.h>
#include <math.h>

#include "base/date.h"
#include "base/text.h"
#include "exchange/read_fields.h"

static void patient_member(reader *r, void *into, const json_t *value, const char *at) {
    fe__read_patient(r, &((course *)into)->patient, value, at);
}

#define GOAL(id, row)                                                                                                            \
    { .key = #id, .type = FIELD_NUMBER, .term = row, .offset = offsetof(goals, id) }
static const field goal_fields[] = {
    GOAL(hemoglobin_g_dl, "hemoglobin_g_dl"),
    GOAL(ferritin_ug_l, "ferritin_ug_l"),
    GOAL(irls, "irls"),
    GOAL(fatigue, "fatigue"),
    GOAL(by_weeks, "by_weeks"),
};

static void goals_member(reader *r, void *into, const json_t *value, const char *at) {
    fe__fields_read(r, value, at, goal_fields, FIELDS_N(goal_fields), &((course *)into)->goals);
}

static const field course_fields[] = {
    FIELD_VERSION,
    {.key = "patient", .type = FIELD_OTHER, .need = FIELD_REQUIRED, .read = patient_member, .words = "the patient: an object"},
    {.key = "events", .type = FIELD_LATER}, /* before the patient's dates are judged, whose zone they set */
    {.key = "goals", .type = FIELD_OTHER, .read = goals_member},
};

/* ---- the whole ---- */

static void judge_sex(reader *r, const course *c) {
    const patient *p = &c->patient;
    if (!fe__streq(p->sex, "male")) return;
    const char *expected = "null when the sex is male", *hint = "one of the two is wrong: /patient/sex or this";
    if (p->pregnant) fe__fault(r->f, "/patient/pregnancy", expected, "a pregnancy", hint);
    if (p->delivered_on != LONG_MIN)
        fe__fault(r->f, "/patient/delivered_on", expected, fe__date_text(r->f->a, p->delivered_on), hint);
    if (p->breastfeeding == TRI_TRUE) fe__fault(r->f, "/patient/breastfeeding", expected, "true", hint);
    for (size_t i = 0; i < c->events_n; i++) {
        if (c->events[i].kind == EVENT_DELIVERY)
            fe__fault(r->f, c->events[i].ptr, "no delivery when the sex is male", "delivery", hint);
    }
}

static void judge_day(reader *r, const char *at, long day, long today) {
    if (day == LONG_MIN || day <= today) return;
    fe__fault(r->f, at, fe__printf(r->f->a, "a date not after today, %s", fe__date_text(r->f->a, today)),
              fe__date_text(r->f->a, day), NULL);
}

static void judge_gestation(reader *r, const course *c) {
    int row = fe__term_find_kind(r->k, "gestation_weeks", TERM_FIELD);
    double high = row < 0 ? NAN : r->k->terms[row].hard_high, weeks = fe__gestation_now(c, r->now);
    if (!(weeks < 0 || weeks > high)) return; /* unknown weeks, or no bound in the vocabulary, are no fault */
    fe__fault(r->f, "/patient/pregnancy", fe__printf(r->f->a, "0 to %s weeks now", fe__number_text(r->f->a, high, 1)),
              fe__printf(r->f->a, "%s weeks", fe__number_text(r->f->a, weeks, 1)),
              weeks < 0 ? "the date lies too far ahead" : "after the birth: delivered_on, and pregnancy null");
}

void fe__ask_build(reader *r, const patient *p, const char *at) {
    const practice *usual = &r->k->practice;
    double m = p->height_cm / 100, bmi = p->weight_kg / (m * m);
    if (!(p->age_years >= usual->adult_years) || isnan(bmi) || (bmi >= usual->usual_bmi_low && bmi <= usual->usual_bmi_high))
        return;
    arena *a = r->f->a;
    confirm_list *c = r->confirms;
    *FE_PUSH(a, c->list, c->n, c->cap) = (confirm){
        .at = at,
        .value = p->weight_kg,
        .usual_low = usual->usual_bmi_low * m * m,
        .usual_high = usual->usual_bmi_high * m * m,
        .text = fe__printf(a, "%s kg at %s cm is a BMI of %s: is the weight in kg, and is the height right?",
                           fe__number_text(a, p->weight_kg, 1), fe__number_text(a, p->height_cm, 1), fe__number_text(a, bmi, 0)),
    };
}

void fe__course_judge(reader *r, const course *c) {
    const patient *p = &c->patient;
    long today = fe__day_of(r->now, c->zone_min);
    judge_sex(r, c);
    judge_day(r, "/patient/delivered_on", p->delivered_on, today);
    judge_day(r, "/patient/last_iv_iron_on", p->last_iv_iron_on, today);
    for (size_t i = 0; i < p->reactions_n; i++) {
        judge_day(r, fe__printf(r->f->a, "/patient/reactions/%zu/on", i), p->reactions[i].on, today);
    }
    if (p->pregnant && p->gestation_on != LONG_MIN) judge_gestation(r, c);
    fe__ask_build(r, p, "/patient/weight_kg");
}

const course *fe__course_read(const knowledge *k, faults *f, const json_t *json, double now) {
    size_t before = f->n;
    confirm_list confirms = {0};
    reader r = {.k = k, .f = f, .confirms = &confirms, .now = now};
    course *c = FE_NEW(f->a, course);
    fe__patient_clear(&c->patient);
    c->goals = (goals){NAN, NAN, NAN, NAN, NAN};
    if (!fe__fields_read(&r, json, "", course_fields, FIELDS_N(course_fields), c)) return NULL;
    fe__read_events(&r, c, fe__member(json, "events"), "/events");
    fe__course_judge(&r, c);
    c->confirms = confirms.list;
    c->confirms_n = confirms.n;
    return f->n > before || f->dropped ? NULL : c;
}
