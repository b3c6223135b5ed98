/* The course as it was read, for the report: the shape of a course file, but in canonical units whatever the file or the command line used,
 * and with the words of the vocabulary for the ids in it. What was not given is absent. */
#include <limits.h>
#include <math.h>

#include "base/date.h"
#include "exchange/door.h"

static void put_given(asking *q, json_t *j, const char *key, double v) {
    if (!isnan(v)) fe__jput_num(&q->out, j, key, v);
}

static json_t *terms_json(asking *q, const term_list *l) {
    json_t *j = fe__jarray(&q->out);
    for (size_t i = 0; i < l->n; i++) fe__jadd_str(&q->out, j, q->k->terms[l->list[i]].id);
    return j;
}

static json_t *allergies_json(asking *q, const patient *p) {
    json_t *list = fe__jarray(&q->out);
    for (size_t i = 0; i < p->allergies_n; i++) {
        json_t *j = fe__jobject(&q->out);
        fe__jput_str(&q->out, j, "to", p->allergies[i].to);
        fe__jadd(&q->out, list, j);
    }
    return list;
}

static void put_pregnancy(asking *q, json_t *j, const patient *p) {
    if (!p->pregnancy_given) return;
    if (!p->pregnant) {
        fe__jput_null(&q->out, j, "pregnancy");
        return;
    }
    json_t *x = fe__jobject(&q->out);
    put_given(q, x, "gestation_weeks", p->gestation_weeks);
    if (p->gestation_on != LONG_MIN) fe__jput_str(&q->out, x, "on", fe__date_text(q->a, p->gestation_on));
    fe__jput(&q->out, j, "pregnancy", x);
}

static json_t *patient_json(asking *q, const patient *p) {
    json_out *o = &q->out;
    json_t *j = fe__jobject(o);
    if (p->id) fe__jput_str(o, j, "id", p->id);
    if (p->sex) fe__jput_str(o, j, "sex", p->sex);
    put_given(q, j, "age_years", p->age_years);
    put_given(q, j, "weight_kg", p->weight_kg);
    put_given(q, j, "height_cm", p->height_cm);
    put_given(q, j, "blood_loss_ml_per_day", p->blood_loss_ml_per_day);
    put_given(q, j, "usual_hemoglobin_g_dl", p->usual_hemoglobin_g_dl);
    if (p->conditions.given) fe__jput(o, j, "conditions", terms_json(q, &p->conditions));
    if (p->allergies_given) fe__jput(o, j, "allergies", allergies_json(q, p));
    if (p->oral_iron) fe__jput_str(o, j, "oral_iron", p->oral_iron);
    put_pregnancy(q, j, p);
    return j;
}

static void put_lab(asking *q, json_t *j, const event *e) {
    const term *t = &q->k->terms[e->term];
    const char mark[2] = {e->comparator, '\0'};
    fe__jput_str(&q->out, j, "lab", t->id);
    if (e->result != RESULT_NONE) fe__jput_str(&q->out, j, "result", fe__result_word(e->result));
    if (isnan(e->value)) return;
    fe__jput_num(&q->out, j, "value", e->value);
    fe__jput_str(&q->out, j, "unit", e->unit_text ? e->unit_text : t->unit);
    if (e->comparator) fe__jput_str(&q->out, j, "comparator", mark);
}

/* What a page draws: labs that are back, and infusions. */
static json_t *events_json(asking *q) {
    json_t *list = fe__jarray(&q->out);
    for (size_t i = 0; i < q->course->events_n; i++) {
        const event *e = &q->course->events[i];
        if ((e->kind != EVENT_LAB && e->kind != EVENT_INFUSION) || e->prescribed) continue;
        json_t *j = fe__jobject(&q->out);
        fe__jput_str(&q->out, j, "at", fe__time_text(q->a, e->at, q->course->zone_min));
        if (e->kind == EVENT_LAB) put_lab(q, j, e);
        else {
            fe__jput_str(&q->out, j, "infusion", e->product);
            put_given(q, j, "dose_mg", e->value);
            fe__jput_bool(&q->out, j, "planned", e->planned);
        }
        fe__jadd(&q->out, list, j);
    }
    return list;
}

static json_t *goals_json(asking *q) {
    const goals *g = &q->course->goals;
    json_t *j = fe__jobject(&q->out);
    put_given(q, j, "hemoglobin_g_dl", g->hemoglobin_g_dl);
    put_given(q, j, "ferritin_ug_l", g->ferritin_ug_l);
    put_given(q, j, "irls", g->irls);
    put_given(q, j, "fatigue", g->fatigue);
    put_given(q, j, "by_weeks", g->by_weeks);
    return j;
}

static json_t *words_json(asking *q) {
    json_t *j = fe__jobject(&q->out);
    for (size_t i = 0; i < q->k->terms_n; i++) {
        const term *t = &q->k->terms[i];
        if (t->label && *t->label) fe__jput_str(&q->out, j, t->id, t->label);
    }
    return j;
}

json_t *fe__write_course(asking *q) {
    json_t *j = fe__jobject(&q->out);
    fe__jput_int(&q->out, j, "ferrule", 1);
    fe__jput(&q->out, j, "patient", patient_json(q, &q->course->patient));
    fe__jput(&q->out, j, "events", events_json(q));
    fe__jput(&q->out, j, "goals", goals_json(q));
    fe__jput(&q->out, j, "words", words_json(q));
    return j;
}
