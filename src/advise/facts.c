/* Building the facts of a course; see facts.h. Evaluation stands in facts_hold.c. */
#include "advise/facts.h"
#include "advise/facts_labs.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"

/* Patient fields that rules may ask for by their vocabulary id. */
static const struct {
    const char *id;
    size_t offset;
} patient_fields[] = {
    {"age_years", offsetof(patient, age_years)},
    {"weight_kg", offsetof(patient, weight_kg)},
    {"weight_pre_pregnancy_kg", offsetof(patient, weight_pre_pregnancy_kg)},
    {"weight_ideal_kg", offsetof(patient, weight_ideal_kg)},
    {"height_cm", offsetof(patient, height_cm)},
    {"blood_loss_ml_per_day", offsetof(patient, blood_loss_ml_per_day)},
    {"usual_hemoglobin_g_dl", offsetof(patient, usual_hemoglobin_g_dl)},
    {"comorbidities_count", offsetof(patient, comorbidities_count)},
    {"nyha_class", offsetof(patient, nyha_class)},
    {"lvef_pct", offsetof(patient, lvef_pct)},
    {"ckd_stage", offsetof(patient, ckd_stage)},
    {"cumulative_iv_iron_mg", offsetof(patient, cumulative_iv_iron_mg)},
};

static tri tri_of(bool b) { return b ? TRI_TRUE : TRI_FALSE; }

double fe__facts_lab(const facts *f, const char *id) {
    int t = fe__term_find_kind(f->k, id, TERM_LAB);
    if (t < 0 || !f->lab[t]) return NAN;
    return f->lab[t]->value;
}

double fe__facts_field(const facts *f, const char *id) {
    int t = fe__term_find_kind(f->k, id, TERM_FIELD);
    return t < 0 ? NAN : f->field[t];
}

double fe__facts_cap_weight(const facts *f) {
    double actual = fe__facts_field(f, "weight_kg"), before = fe__facts_field(f, "weight_pre_pregnancy_kg");
    if (f->flag[FLAG_pregnant] == TRI_TRUE && before < actual) return before;
    return actual;
}

size_t fe__facts_given(const facts *f, const event ***list) {
    size_t n = 0;
    *list = NULL;
    if (!f->c) return 0;
    *list = FE_NEW_ARRAY(f->a, const event *, f->c->events_n + 1);
    for (size_t i = 0; i < f->c->events_n; i++) {
        const event *e = &f->c->events[i];
        if (e->kind == EVENT_INFUSION && !e->planned && e->at <= f->now) (*list)[n++] = e;
    }
    return n;
}

/* Sums over iron by vein already given; windows are half-open calendar days, [today - N + 1, today]. */
static void derive_given_iron(facts *f) {
    const event **given;
    size_t n = fe__facts_given(f, &given);
    double total = f->c->patient.cumulative_iv_iron_mg, sum7 = 0, sum28 = 0, sum90 = 0, fcm90 = 0, all = 0;
    long last = f->c->patient.last_iv_iron_on, last_fcm = LONG_MIN, last_fmx = LONG_MIN;
    for (size_t i = 0; i < n; i++) {
        long day = fe__day_of(given[i]->at, f->zone_min);
        double mg = given[i]->value;
        long ago = f->today - day;
        all += mg;
        if (ago < 7) sum7 += mg;
        if (ago < 28) sum28 += mg;
        if (ago < 90) sum90 += mg;
        bool fcm = fe__streq(given[i]->molecule, "fcm");
        if (fcm && ago < 90) fcm90 += mg;
        if (fcm && day > last_fcm) last_fcm = day;
        if (fe__streq(given[i]->molecule, "fmx") && day > last_fmx) last_fmx = day;
        if (day >= last) {
            last = day;
            f->number[NUM_last_iv_iron_mg] = mg;
            f->number[NUM_overdose_mg] = fmax(mg - given[i]->prescribed_mg, 0); /* NaN is passed over: 0 where it is not said */
        }
    }
    f->number[NUM_iv_iron_7d_mg] = sum7;
    f->number[NUM_iv_iron_28d_mg] = sum28;
    f->number[NUM_iv_iron_90d_mg] = sum90;
    f->number[NUM_fcm_90d_mg] = fcm90;
    if (!isnan(total) || n > 0) f->number[NUM_cumulative_iv_iron_mg] = (isnan(total) ? 0 : total) + all;
    if (last != LONG_MIN) f->number[NUM_days_since_iv_iron] = (double)(f->today - last);
    if (last_fcm != LONG_MIN) f->number[NUM_days_since_fcm] = (double)(f->today - last_fcm);
    if (last_fmx != LONG_MIN) f->number[NUM_days_since_fmx] = (double)(f->today - last_fmx);
    f->flag[FLAG_iv_iron_undated] = tri_of(last == LONG_MIN && f->c->patient.last_iv_iron_unknown);
    f->flag[FLAG_had_iv_iron] = tri_of(last != LONG_MIN || f->c->patient.last_iv_iron_unknown);
    f->flag[FLAG_repeat_course] = tri_of(last != LONG_MIN && (double)(f->today - last) < f->k->practice.repeat_course_days);
}

static void derive_reactions(facts *f) {
    const patient *p = &f->c->patient;
    double any = 0, same = 0, other = 0;
    if (!p->reactions_given) return;
    for (size_t i = 0; i < p->reactions_n; i++) {
        const reaction *r = &p->reactions[i];
        bool is_this = f->product && (fe__streq(r->infusion, f->product->id) || fe__streq(r->molecule, f->product->molecule));
        if (r->grade > any) any = r->grade;
        if (is_this && r->grade > same) same = r->grade;
        if (!is_this && r->grade > other) other = r->grade;
    }
    f->number[NUM_reaction_grade_any] = any;
    f->number[NUM_reaction_grade_this] = same;
    f->number[NUM_reaction_grade_other] = other;
}

static bool allergy_is(const knowledge *k, const allergy *y, const product *p) {
    if (y->term < 0) return fe__streq(y->to, p->brand) || fe__streq(y->to, p->generic);
    const char *id = k->terms[y->term].id;
    return fe__streq(id, p->id) || fe__streq(id, p->molecule);
}

static void derive_allergies(facts *f) {
    const patient *p = &f->c->patient;
    int any_iron = fe__term_find_kind(f->k, "iron-product-allergy", TERM_CONDITION);
    tri stated = any_iron < 0 ? TRI_UNKNOWN : fe__course_has(f->c, any_iron, f->now);
    bool to_this = false, to_iron = stated == TRI_TRUE, serious = false;
    double drugs = 0;
    for (size_t i = 0; i < p->allergies_n; i++) {
        const allergy *y = &p->allergies[i];
        term_kind kind = y->term < 0 ? TERM_FIELD : f->k->terms[y->term].kind;
        if (f->product && allergy_is(f->k, y, f->product)) to_this = true;
        bool iron = kind == TERM_PRODUCT || kind == TERM_FORMULATION || y->term == any_iron;
        to_iron = to_iron || iron;
        serious = serious || (iron && fe__streq(y->severity, "serious"));
        if (iron || kind == TERM_MEDICATION || y->term < 0) drugs += 1; /* text may name any drug: counted */
    }
    if (!p->allergies_given && !to_iron) return;
    f->flag[FLAG_allergy_any_iron] = tri_of(to_iron);
    if (p->allergies_given || to_this)
        f->flag[FLAG_allergy_this] = tri_of(to_this); /* an allergy to some iron does not say to which */
    if (p->allergies_given || serious) f->flag[FLAG_serious_iron_allergy] = tri_of(serious);
    if (p->allergies_given) f->number[NUM_drug_allergies] = drugs;
}

static void derive_pregnancy(facts *f) {
    const patient *p = &f->c->patient;
    const practice *usual = &f->k->practice;
    bool cannot =
        fe__streq(p->sex, "male") || p->age_years < usual->fertile_age_from_years || p->age_years > usual->fertile_age_to_years;
    f->number[NUM_gestation_weeks] = fe__gestation_now(f->c, f->now);
    f->flag[FLAG_pregnant] = p->pregnant ? TRI_TRUE : p->pregnancy_given || cannot ? TRI_FALSE : TRI_UNKNOWN;
    long delivered = fe__delivered(f->c, f->now);
    f->flag[FLAG_postpartum] = TRI_FALSE;
    if (delivered == LONG_MIN) return;
    f->number[NUM_days_postpartum] = (double)(f->today - delivered);
    f->flag[FLAG_postpartum] = tri_of((double)(f->today - delivered) < usual->postpartum_days);
    if (!p->pregnant || p->gestation_on <= delivered) f->flag[FLAG_pregnant] = TRI_FALSE;
}

static void derive_surgery(facts *f) {
    const event *next = NULL;
    for (size_t i = 0; i < f->c->events_n; i++) {
        const event *e = &f->c->events[i];
        if (e->kind == EVENT_SURGERY && e->at > f->now && (!next || e->at < next->at)) next = e;
    }
    f->flag[FLAG_surgery_planned] = tri_of(next != NULL);
    f->flag[FLAG_surgery_deferrable] = next ? next->deferrable : TRI_FALSE;
    if (!next) return;
    f->number[NUM_days_to_surgery] = (double)(fe__day_of(next->at, f->zone_min) - f->today);
    f->number[NUM_surgery_blood_loss_ml] = next->value;
}

static void derive_counts(facts *f) {
    double conditions = (double)f->c->patient.conditions.n, medicines = 0;
    for (size_t i = 0; i < f->c->events_n; i++) {
        const event *e = &f->c->events[i];
        bool now = e->at <= f->now && !(e->until <= f->now);
        if (now && e->kind == EVENT_CONDITION) conditions += 1;
        if (now && (e->kind == EVENT_MEDICATION || e->kind == EVENT_ESA)) medicines += 1;
    }
    f->number[NUM_conditions_count] = conditions;
    f->number[NUM_medicines_count] = medicines;
}

static void derive_patient(facts *f) {
    const patient *p = &f->c->patient;
    double m = p->height_cm / 100.0;
    f->number[NUM_bmi] = p->weight_kg / (m * m);
    f->flag[FLAG_adult] = tri_of(p->age_years >= f->k->practice.adult_years);
    f->flag[FLAG_child] = tri_of(p->age_years < f->k->practice.adult_years);
    f->flag[FLAG_resuscitation_absent] = tri_of(p->on_site_resuscitation == TRI_FALSE);
    f->oral_iron = p->oral_iron;
    derive_pregnancy(f);
    derive_surgery(f);
    derive_counts(f);
    derive_given_iron(f);
    derive_reactions(f);
    derive_allergies(f);
}

/* Oral iron as it is taken now: how much, how often. */
static void fill_oral_iron(facts *f) {
    int dose = fe__term_find_kind(f->k, "mg_per_dose", TERM_FIELD), often = fe__term_find_kind(f->k, "doses_per_day", TERM_FIELD);
    for (size_t i = 0; i < f->c->events_n; i++) {
        const event *e = &f->c->events[i];
        if (e->kind != EVENT_ORAL_IRON || e->at > f->now) continue;
        if (dose >= 0) f->field[dose] = e->mg_per_dose;
        if (often >= 0) f->field[often] = e->doses_per_day;
    }
}

static void fill_fields(facts *f) {
    const patient *p = &f->c->patient;
    for (size_t i = 0; i < sizeof patient_fields / sizeof patient_fields[0]; i++) {
        int t = fe__term_find_kind(f->k, patient_fields[i].id, TERM_FIELD);
        if (t >= 0) f->field[t] = *(const double *)(const void *)((const char *)p + patient_fields[i].offset);
    }
}

facts *fe__facts_of(arena *a, const knowledge *k, const course *c, const char *region, double now, int zone_min) {
    facts *f = FE_NEW(a, facts);
    f->a = a;
    f->k = k;
    f->c = c;
    f->region = region;
    f->now = now;
    f->zone_min = zone_min;
    f->order_indication = -1;
    f->today = fe__day_of(now, zone_min);
    f->lab = FE_NEW_ARRAY(a, const event *, k->terms_n);
    f->drawn = FE_NEW_ARRAY(a, const event *, k->terms_n);
    f->field = FE_NEW_ARRAY(a, double, k->terms_n);
    f->rule = FE_NEW_ARRAY(a, tri, k->rules_n + 1);
    f->rule_done = FE_NEW_ARRAY(a, bool, k->rules_n + 1);
    f->unknown_term = FE_NEW_ARRAY(a, bool, k->terms_n);
    for (size_t i = 0; i < k->terms_n; i++) f->field[i] = NAN;
    for (int i = 0; i < NUM_COUNT; i++) f->number[i] = NAN;
    for (int i = 0; i < FLAG_COUNT; i++) f->flag[i] = c ? TRI_FALSE : TRI_UNKNOWN;
    if (!c) return f;
    f->flag[FLAG_allergy_this] = f->flag[FLAG_allergy_any_iron] = f->flag[FLAG_serious_iron_allergy] = TRI_UNKNOWN;
    fe__facts_find_labs(f);
    fill_fields(f);
    fill_oral_iron(f);
    derive_patient(f);
    fe__facts_derive_labs(f);
    return f;
}

void fe__facts_set_site(facts *f, const site *s) {
    bool is_said = f->c && f->c->patient.on_site_resuscitation != TRI_UNKNOWN; /* for this patient: the place may be another */
    if (!is_said) f->flag[FLAG_resuscitation_absent] = tri_of(s->on_site_resuscitation == 0);
}

facts *fe__facts_copy(arena *a, const facts *f) {
    const knowledge *k = f->k;
    facts *g = FE_NEW(a, facts);
    *g = *f;
    g->a = a;
    g->lab = FE_NEW_ARRAY(a, const event *, k->terms_n);
    g->drawn = FE_NEW_ARRAY(a, const event *, k->terms_n);
    g->field = FE_NEW_ARRAY(a, double, k->terms_n);
    g->rule = FE_NEW_ARRAY(a, tri, k->rules_n + 1);
    g->rule_done = FE_NEW_ARRAY(a, bool, k->rules_n + 1);
    g->unknown_term = FE_NEW_ARRAY(a, bool, k->terms_n);
    memcpy(g->lab, f->lab, k->terms_n * sizeof *g->lab);
    memcpy(g->drawn, f->drawn, k->terms_n * sizeof *g->drawn);
    memcpy(g->field, f->field, k->terms_n * sizeof *g->field);
    return g;
}

void fe__facts_changed(facts *f) {
    memset(f->rule_done, 0, f->k->rules_n * sizeof *f->rule_done);
    if (f->c) fe__facts_derive_labs(f);
}

void fe__facts_view(facts *f, const product *p) {
    f->product = p;
    memset(f->rule_done, 0, f->k->rules_n * sizeof *f->rule_done);
    if (!f->c) return;
    derive_reactions(f);
    derive_allergies(f);
}

void fe__facts_set_lab(facts *f, int lab, double value) {
    event *e = FE_NEW(f->a, event);
    e->kind = EVENT_LAB;
    e->ptr = "";
    e->at = f->now;
    e->until = NAN;
    e->term = lab;
    e->value = value;
    e->fasting = e->morning = TRI_UNKNOWN;
    e->last_oral_iron_at = NAN;
    e->assay = -1;
    f->lab[lab] = f->drawn[lab] = e;
    fe__facts_changed(f);
}
