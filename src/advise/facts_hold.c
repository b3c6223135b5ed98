/* What a condition is worth for these facts, and which facts made it so. */
#include <limits.h>
#include <math.h>
#include <string.h>

#include "advise/facts.h"
#include "advise/facts_labs.h"
#include "base/date.h"
#include "base/text.h"

static tri tri_of(bool b) { return b ? TRI_TRUE : TRI_FALSE; }

static bool word_in(const condition *c, const char *word) {
    for (size_t i = 0; i < c->words_n; i++)
        if (fe__streq(c->words[i], word)) return true;
    return false;
}

static bool list_has(const term_list *l, int row) {
    for (size_t i = 0; i < l->n; i++)
        if (l->list[i] == row) return true;
    return false;
}

static tri in_list(const term_list *l, int row) {
    if (list_has(l, row)) return TRI_TRUE;
    return l->given ? TRI_FALSE : TRI_UNKNOWN;
}

static bool span_now(const facts *f, const event *e) { return e->at <= f->now && !(e->until <= f->now); }

/* A medicine is taken now. An ESA counts as its own id and as `esa`. */
static bool taken(const facts *f, int row, bool supplements_only) {
    const char *id = f->k->terms[row].id;
    for (size_t i = 0; i < f->c->events_n; i++) {
        const event *e = &f->c->events[i];
        if (!span_now(f, e)) continue;
        if (e->kind == EVENT_SUPPLEMENT && e->term == row) return true;
        if (supplements_only) continue;
        if (e->kind == EVENT_MEDICATION && e->term == row) return true;
        if (e->kind == EVENT_ESA && (e->term == row || fe__streq(id, "esa"))) return true;
        if (e->kind == EVENT_ORAL_IRON && fe__streq(id, "oral-iron")) return true;
    }
    return !supplements_only && fe__streq(id, "oral-iron") && fe__streq(f->oral_iron, "current");
}

static const event *symptom_of(const facts *f, const condition *c) {
    for (size_t i = f->c->events_n; i-- > 0;) {
        const event *e = &f->c->events[i];
        if (e->kind != EVENT_SYMPTOM || e->term != c->term || e->at > f->now) continue;
        double end = isnan(e->until) ? e->at : e->until < f->now ? e->until : f->now;
        if (isnan(c->within_days) || isinf(c->within_days) || (double)(f->today - fe__day_of(end, f->zone_min)) < c->within_days)
            return e;
    }
    return NULL;
}

static const event *procedure_of(const facts *f, const condition *c) {
    for (size_t i = 0; i < f->c->events_n; i++) {
        const event *e = &f->c->events[i];
        if (e->kind != EVENT_PROCEDURE || e->term != c->term || e->at <= f->now) continue;
        if (isnan(c->within_days) || (double)(fe__day_of(e->at, f->zone_min) - f->today) < c->within_days) return e;
    }
    return NULL;
}

/* A lab, or the value that stands for it where it was not measured itself (NaN: none). "<5" is an interval. */
static tri lab_bounds(const event *e, double computed, const condition *c) {
    if (!e || isnan(e->value)) return isnan(computed) ? TRI_UNKNOWN : fe__condition_bounds(c, computed, computed, 0, 0);
    if (e->comparator == '<') return fe__condition_bounds(c, -INFINITY, e->value, 0, 1);
    if (e->comparator == '>') return fe__condition_bounds(c, e->value, INFINITY, 1, 0);
    return fe__condition_bounds(c, e->value, e->value, 0, 0);
}

static tri lab_note(const facts *f, const condition *c) {
    const event *e = f->lab[c->term];
    const char *word = c->words[0];
    if (!e) return TRI_UNKNOWN;
    if (fe__streq(word, "fasting")) return tri_of(e->fasting == TRI_TRUE); /* what is not said is not documented */
    if (fe__streq(word, "morning")) return tri_of(e->morning == TRI_TRUE);
    if (fe__streq(word, "assay")) return tri_of(e->assay >= 0 || f->c->patient.ferritin_assay >= 0);
    /* no-oral-iron-24h */
    return tri_of(e->at - e->last_oral_iron_at >= 24 * 3600.0); /* false when not said */
}

/* A number that is a lab may be an interval, as labs are. */
static const event *lab_behind(const facts *f, int number) {
    int t = number == NUM_mentzer_index   ? fe__term_find_kind(f->k, "mentzer-index", TERM_LAB)
            : number == NUM_tsat_as_drawn ? fe__term_find_kind(f->k, "tsat", TERM_LAB)
                                          : -1;
    return t < 0 ? NULL : f->drawn[t];
}

static tri number_bounds(facts *f, const condition *c) {
    double v = c->number >= 0 ? f->number[c->number] : f->field[c->term];
    return lab_bounds(lab_behind(f, c->number), v, c);
}

static bool any_event(const facts *f, event_kind a, event_kind b) {
    for (size_t i = 0; i < f->c->events_n; i++)
        if (f->c->events[i].kind == a || f->c->events[i].kind == b) return true;
    return false;
}

static bool given(const facts *f, const char *word) {
    const patient *p = &f->c->patient;
    if (fe__streq(word, "conditions")) return p->conditions.given;
    if (fe__streq(word, "allergies")) return p->allergies_given;
    if (fe__streq(word, "reactions")) return p->reactions_given;
    if (fe__streq(word, "cause")) return p->cause.given && p->cause.n > 0;
    if (fe__streq(word, "family_history")) return p->family_history.given;
    if (fe__streq(word, "pregnancy")) return p->pregnancy_given;
    if (fe__streq(word, "oral_iron")) return f->oral_iron != NULL;
    if (fe__streq(word, "medicines")) return any_event(f, EVENT_MEDICATION, EVENT_ESA);
    if (fe__streq(word, "supplements")) return any_event(f, EVENT_SUPPLEMENT, EVENT_SUPPLEMENT);
    if (fe__streq(word, "oral-iron")) return p->oral_iron != NULL || any_event(f, EVENT_ORAL_IRON, EVENT_ORAL_IRON);
    if (fe__streq(word, "on_site_resuscitation")) return p->on_site_resuscitation != TRI_UNKNOWN;
    int t = fe__term_find_kind(f->k, word, TERM_LAB);
    if (t >= 0) return f->lab[t] != NULL;
    t = fe__term_find_kind(f->k, word, TERM_FIELD);
    return t >= 0 && !isnan(f->field[t]);
}

static tri word_of_field(const facts *f, const condition *c) {
    const char *id = f->k->terms[c->term].id;
    const char *word = fe__streq(id, "oral_iron") ? f->oral_iron : fe__streq(id, "sex") ? f->c->patient.sex : NULL;
    return word ? tri_of(word_in(c, word)) : TRI_UNKNOWN;
}

static tri patient_leaf(facts *f, const condition *c) {
    const patient *p = &f->c->patient;
    switch (c->kind) {
    case COND_HAS: return f->order_indication == c->term ? TRI_TRUE : fe__course_has(f->c, c->term, f->now);
    case COND_FAMILY: return in_list(&p->family_history, c->term);
    case COND_CAUSE: return in_list(&p->cause, c->term);
    case COND_MEDICINE: return tri_of(taken(f, c->term, false));
    case COND_SUPPLEMENT: return tri_of(taken(f, c->term, true));
    case COND_SYMPTOM: return tri_of(symptom_of(f, c) != NULL);
    case COND_PROCEDURE: return tri_of(procedure_of(f, c) != NULL);
    case COND_LAB: {
        bool is_tsat = fe__streq(f->k->terms[c->term].id, "tsat");
        return lab_bounds(f->lab[c->term], is_tsat ? f->number[NUM_tsat] : NAN, c);
    }
    case COND_LAB_RESULT: {
        const event *e = f->lab[c->term];
        if (!e) return TRI_UNKNOWN;
        return tri_of(e->result != RESULT_NONE && word_in(c, fe__result_word(e->result))); /* a number is none of the words */
    }
    case COND_LAB_KNOWN:
        return tri_of(f->lab[c->term] != NULL || (fe__streq(f->k->terms[c->term].id, "tsat") && !isnan(f->number[NUM_tsat])));
    case COND_LAB_NOTE: return lab_note(f, c);
    case COND_IS: return word_of_field(f, c);
    case COND_GIVEN: return tri_of(given(f, c->words[0]));
    default: return TRI_UNKNOWN;
    }
}

static tri leaf_value(facts *f, const condition *c) {
    switch (c->kind) {
    case COND_RULE: return fe__facts_rule(f, c->rule);
    case COND_FLAG: return f->flag[c->flag];
    case COND_NUM: return number_bounds(f, c);
    case COND_MOLECULE: return tri_of(f->product && word_in(c, f->product->molecule));
    case COND_PRODUCT: return tri_of(f->product && word_in(c, f->product->id));
    case COND_REGION: return f->region ? tri_of(word_in(c, f->region)) : TRI_UNKNOWN;
    default: return f->c ? patient_leaf(f, c) : TRI_UNKNOWN;
    }
}

/* Remembers what a leaf would have needed. */
static void note_unknown(facts *f, const condition *c) {
    switch (c->kind) {
    case COND_HAS: f->unknown_list[UNKNOWN_CONDITIONS] = true; break;
    case COND_LAB:
    case COND_LAB_RESULT:
    case COND_IS: f->unknown_term[c->term] = true; break;
    case COND_FLAG:
        if (c->flag == FLAG_pregnant) f->unknown_list[UNKNOWN_PREGNANCY] = true;
        if (c->flag == FLAG_allergy_this || c->flag == FLAG_allergy_any_iron || c->flag == FLAG_serious_iron_allergy)
            f->unknown_list[UNKNOWN_ALLERGIES] = true;
        break;
    case COND_NUM:
        if (c->number < 0) f->unknown_term[c->term] = true;
        if (c->number == NUM_reaction_grade_any || c->number == NUM_reaction_grade_this || c->number == NUM_reaction_grade_other)
            f->unknown_list[UNKNOWN_REACTIONS] = true;
        break;
    default: break;
    }
}

static tri leaf_of(void *context, const condition *c) {
    facts *f = context;
    tri v = leaf_value(f, c);
    if (v == TRI_UNKNOWN) note_unknown(f, c);
    return v;
}

tri fe__facts_holds(facts *f, const condition *c) { return c ? fe__condition_value(c, leaf_of, f) : TRI_TRUE; }

tri fe__facts_rule(facts *f, int index) {
    if (!f->rule_done[index]) {
        f->rule[index] = fe__facts_holds(f, f->k->rules[index].when);
        f->rule_done[index] = true;
    }
    return f->rule[index];
}

/* ---- because --------------------------------------------------------------------------------------------------- */

enum { BECAUSE_MAX = 8 };

static void add_fact(facts *f, fact_list *out, const char *at, const char *words) {
    for (size_t i = 0; i < out->n; i++)
        if (fe__streq(out->list[i].text, words)) return;
    if (out->n >= BECAUSE_MAX) return;
    fact *x = FE_PUSH(f->a, out->list, out->n, out->cap);
    x->at = at;
    x->text = words;
}

static const char *lab_words(facts *f, const event *e) {
    const term *t = &f->k->terms[e->term];
    const char *on = fe__date_text(f->a, fe__day_of(e->at, f->zone_min));
    if (isnan(e->value)) return fe__printf(f->a, "%s %s, %s", t->label, fe__result_word(e->result), on);
    const char *sign = e->comparator == '<' ? "<" : e->comparator == '>' ? ">" : "";
    bool bare = fe__streq(t->unit, "1") || fe__streq(t->unit, "{score}") || !*t->unit;
    return fe__printf(f->a, "%s %s%s%s%s, %s", t->label, sign, fe__number_text(f->a, e->value, 2), bare ? "" : " ",
                      bare ? "" : t->unit, on);
}

static void because_lab(facts *f, const condition *c, fact_list *out) {
    const event *e = f->lab[c->term];
    if (e) add_fact(f, out, e->ptr, lab_words(f, e));
    else if (fe__streq(f->k->terms[c->term].id, "tsat") && !isnan(f->number[NUM_tsat]))
        add_fact(f, out, "",
                 fe__printf(f->a, "transferrin saturation %s %%, computed", fe__number_text(f->a, f->number[NUM_tsat], 1)));
}

static const char *spaced(facts *f, const char *id) {
    char *s = fe__strdup(f->a, id);
    for (char *p = s; *p; p++)
        if (*p == '_') *p = ' ';
    return s;
}

static void because_left_out(facts *f, fact_list *out) {
    for (size_t i = 0; i < f->k->terms_n; i++) {
        const event *e = f->drawn[i];
        if (!e || e == f->lab[i]) continue;
        add_fact(f, out, e->ptr,
                 fe__printf(f->a, "%s: left out, drawn within %s h of iron by vein", lab_words(f, e),
                            fe__number_text(f->a, fe__facts_spoiled_hours(f, e), 0)));
    }
}

/* What the lab in view has done since the iron, and where it lies in what was foreseen. */
static void because_view(facts *f, int number, fact_list *out) {
    const event *e = f->in_view;
    double v = f->number[number];
    if (!e || isnan(v)) return;
    if (number == NUM_this_value) add_fact(f, out, e->ptr, lab_words(f, e));
    else if (number == NUM_this_change && f->before)
        add_fact(f, out, e->ptr,
                 fe__printf(f->a, "%s; %s before the iron: %s%s", lab_words(f, e), fe__number_text(f->a, f->before->value, 2),
                            v < 0 ? "" : "+", fe__number_text(f->a, v, 2)));
    else if (number == NUM_this_percentile)
        add_fact(f, out, e->ptr,
                 fe__printf(f->a, "above %s in 100 of what was foreseen before it was known", fe__number_text(f->a, v, 1)));
    else if (number == NUM_this_ratio)
        add_fact(f, out, e->ptr, fe__printf(f->a, "%s times the middle of what was foreseen", fe__number_text(f->a, v, 2)));
    else if (number == NUM_this_repeat_ratio)
        add_fact(f, out, e->ptr, fe__printf(f->a, "%s times the result before it", fe__number_text(f->a, v, 2)));
    else if (number == NUM_this_fall)
        add_fact(f, out, e->ptr,
                 fe__printf(f->a, "%s; %s before it, %s days earlier", lab_words(f, e), fe__number_text(f->a, e->value + v, 2),
                            fe__number_text(f->a, f->number[NUM_this_fall_days], 0)));
    else if (number == NUM_this_days_ago)
        add_fact(f, out, e->ptr, v < 1 ? "today" : fe__printf(f->a, "%s days ago", fe__number_text(f->a, v, 0)));
}

static bool is_of_view(int number) {
    return number == NUM_this_value || number == NUM_this_change || number == NUM_this_percentile || number == NUM_this_ratio ||
           number == NUM_this_days_ago || number == NUM_this_repeat_ratio || number == NUM_this_fall ||
           number == NUM_this_fall_days;
}

static void because_number(facts *f, const condition *c, fact_list *out) {
    const event *e = lab_behind(f, c->number);
    if (is_of_view(c->number)) {
        because_view(f, c->number, out);
        return;
    }
    if (c->number == NUM_undergiven_mg) {
        add_fact(f, out, "",
                 fe__printf(f->a, "%s mg less than the hemoglobin before the iron asked for (Ganzoni)",
                            fe__number_text(f->a, f->number[c->number], 0)));
        return;
    }
    if (e) {
        add_fact(f, out, e->ptr, lab_words(f, e));
        return;
    }
    if (c->number < 0) {
        const term *t = &f->k->terms[c->term];
        bool bare = fe__streq(t->unit, "1") || !*t->unit;
        add_fact(f, out, fe__printf(f->a, "/patient/%s", t->id),
                 fe__printf(f->a, "%s %s%s%s", t->label, fe__number_text(f->a, f->field[c->term], 1), bare ? "" : " ",
                            bare ? "" : t->unit));
        return;
    }
    add_fact(f, out, "",
             fe__printf(f->a, "%s %s", spaced(f, fe__number_names[c->number]), fe__number_text(f->a, f->number[c->number], 1)));
}

static const char *condition_place(const facts *f, int row) {
    const patient *p = &f->c->patient;
    for (size_t i = 0; i < p->conditions.n; i++)
        if (p->conditions.list[i] == row) return fe__printf(f->a, "/patient/conditions/%zu", i);
    for (size_t i = 0; i < f->c->events_n; i++)
        if (f->c->events[i].kind == EVENT_CONDITION && f->c->events[i].term == row) return f->c->events[i].ptr;
    return "/patient/conditions";
}

static const char *medicine_place(const facts *f, int row) {
    const char *id = f->k->terms[row].id;
    for (size_t i = 0; i < f->c->events_n; i++) {
        const event *e = &f->c->events[i];
        bool own = (e->kind == EVENT_MEDICATION || e->kind == EVENT_SUPPLEMENT || e->kind == EVENT_ESA) && e->term == row;
        if (own || (e->kind == EVENT_ESA && fe__streq(id, "esa")) || (e->kind == EVENT_ORAL_IRON && fe__streq(id, "oral-iron")))
            return e->ptr;
    }
    return "/patient/oral_iron";
}

static void because_patient(facts *f, const condition *c, tri value, fact_list *out) {
    const char *label = c->term >= 0 ? f->k->terms[c->term].label : "";
    const event *e;
    switch (c->kind) {
    case COND_HAS:
        add_fact(f, out, condition_place(f, c->term), value == TRI_TRUE ? label : fe__printf(f->a, "no %s recorded", label));
        break;
    case COND_FAMILY: add_fact(f, out, "/patient/family_history", fe__printf(f->a, "%s in the family", label)); break;
    case COND_CAUSE: add_fact(f, out, "/patient/cause", fe__printf(f->a, "cause: %s", label)); break;
    case COND_MEDICINE:
    case COND_SUPPLEMENT:
        if (value == TRI_TRUE) add_fact(f, out, medicine_place(f, c->term), fe__printf(f->a, "takes %s", label));
        break;
    case COND_SYMPTOM:
        e = symptom_of(f, c);
        if (e) add_fact(f, out, e->ptr, fe__printf(f->a, "%s, %s", label, fe__date_text(f->a, fe__day_of(e->at, f->zone_min))));
        break;
    case COND_PROCEDURE:
        e = procedure_of(f, c);
        if (e) add_fact(f, out, e->ptr, fe__printf(f->a, "%s on %s", label, fe__date_text(f->a, fe__day_of(e->at, f->zone_min))));
        break;
    case COND_LAB:
    case COND_LAB_RESULT:
    case COND_LAB_NOTE: because_lab(f, c, out); break;
    case COND_LAB_KNOWN:
        if (value == TRI_FALSE) add_fact(f, out, "/events", fe__printf(f->a, "no %s", label));
        else because_lab(f, c, out);
        break;
    case COND_IS:
        if (fe__streq(f->k->terms[c->term].id, "oral_iron"))
            add_fact(f, out, "/patient/oral_iron", fe__printf(f->a, "oral iron: %s", f->oral_iron ? f->oral_iron : "unknown"));
        else add_fact(f, out, "/patient/sex", f->c->patient.sex ? f->c->patient.sex : "sex unknown");
        break;
    case COND_GIVEN:
        add_fact(f, out, "/patient",
                 fe__printf(f->a, value == TRI_TRUE ? "%s recorded" : "%s not recorded", spaced(f, c->words[0])));
        break;
    default: break;
    }
}

static void because_leaf(facts *f, const condition *c, tri value, fact_list *out) {
    switch (c->kind) {
    case COND_RULE: fe__facts_because(f, f->k->rules[c->rule].when, out); break;
    case COND_NUM: because_number(f, c, out); break;
    case COND_FLAG:
        if (value != TRI_TRUE) break;
        if (c->flag == FLAG_lab_left_out) because_left_out(f, out);
        else if (c->flag == FLAG_resuscitation_absent)
            add_fact(f, out, f->c && f->c->patient.on_site_resuscitation == TRI_FALSE ? "/patient/on_site_resuscitation" : "",
                     "on_site_resuscitation: false, of the patient or in the site's settings");
        else add_fact(f, out, "", spaced(f, fe__flag_names[c->flag]));
        break;
    case COND_MOLECULE:
    case COND_PRODUCT:
        if (value == TRI_TRUE) add_fact(f, out, "", fe__printf(f->a, "product %s", f->product->id));
        break;
    case COND_REGION: break;
    default:
        if (f->c) because_patient(f, c, value, out);
    }
}

/* Walks only the parts that decided: of a true `any` the first true part, of a false `all` the first false one. */
static void walk(facts *f, const condition *c, tri want, fact_list *out) {
    switch (c->kind) {
    case COND_ALWAYS: return;
    case COND_NOT: walk(f, c->parts[0], want == TRI_TRUE ? TRI_FALSE : TRI_TRUE, out); return;
    case COND_ALL:
    case COND_ANY: {
        bool one_is_enough = (c->kind == COND_ANY) == (want == TRI_TRUE);
        for (size_t i = 0; i < c->parts_n; i++) {
            if (fe__facts_holds(f, c->parts[i]) != want) continue;
            walk(f, c->parts[i], want, out);
            if (one_is_enough) return;
        }
        return;
    }
    default: because_leaf(f, c, want, out);
    }
}

void fe__facts_because(facts *f, const condition *c, fact_list *out) {
    tri v = fe__facts_holds(f, c);
    if (v != TRI_UNKNOWN) walk(f, c, v, out);
}
