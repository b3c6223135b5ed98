/* The patient of a course: answers.md section 3. */
#include <limits.h>
#include <math.h>

#include "base/date.h"
#include "base/text.h"
#include "exchange/read_fields.h"

#define IRON_KINDS (KIND_BIT(TERM_PRODUCT) | KIND_BIT(TERM_FORMULATION))

/* ---- pregnancy ---- */

static const field pregnancy_fields[] = {
    {.key = "gestation_weeks",
     .type = FIELD_NUMBER,
     .need = FIELD_REQUIRED,
     .term = "gestation_weeks",
     .offset = offsetof(patient, gestation_weeks)},
    {.key = "on", .type = FIELD_DAY, .need = FIELD_REQUIRED, .offset = offsetof(patient, gestation_on)},
};

static void pregnancy_read(reader *r, void *into, const json_t *value, const char *at) {
    patient *p = into;
    if (json_is_false(value)) {
        fe__fault_json(r, at, "{\"gestation_weeks\",\"on\"} or null", value, "null says: not pregnant");
        return;
    }
    p->pregnant = fe__fields_read(r, value, at, pregnancy_fields, FIELDS_N(pregnancy_fields), p);
}

/* ---- allergies ---- */

static void allergy_to(reader *r, void *into, const json_t *value, const char *at) {
    static const term_kind kinds[] = {TERM_PRODUCT, TERM_FORMULATION, TERM_MEDICATION, TERM_CONDITION};
    allergy *y = into;
    y->to = fe__text_of(r, value, at);
    for (size_t i = 0; y->to && y->term < 0 && i < sizeof kinds / sizeof kinds[0]; i++) {
        y->term = fe__term_find_kind(r->k, y->to, kinds[i]);
    }
}

static const field allergy_fields[] = {
    {.key = "to", .type = FIELD_OTHER, .need = FIELD_REQUIRED, .read = allergy_to, .words = "a product, a medicine or text"},
    {.key = "severity", .type = FIELD_WORD, .words = "mild;serious;unknown", .offset = offsetof(allergy, severity)},
};

static void allergies_read(reader *r, void *into, const json_t *value, const char *at) {
    patient *p = into;
    size_t n;
    const json_t *list = fe__list_of(r, value, at, "{\"to\",\"severity\"}", READ_LIST_MAX, &n);
    if (!list) return;
    allergy *all = FE_NEW_ARRAY(r->f->a, allergy, n + 1);
    for (size_t i = 0; i < n; i++) {
        const char *place = fe__ptr_index(r->f->a, at, i);
        all[i] = (allergy){.term = -1, .severity = "unknown"};
        fe__fields_read(r, json_array_get(list, i), place, allergy_fields, FIELDS_N(allergy_fields), &all[i]);
        for (size_t j = 0; j < i && all[i].to; j++) {
            if (fe__streq(all[i].to, all[j].to))
                fe__fault(r->f, place, "each allergy once", all[i].to, fe__printf(r->f->a, "it stands at %s/%zu", at, j));
        }
    }
    p->allergies = all;
    p->allergies_n = n;
    p->allergies_given = true;
}

/* ---- earlier reactions ---- */

static void reaction_infusion(reader *r, void *into, const json_t *value, const char *at) {
    reaction *x = into;
    const char *id = fe__text_of(r, value, at);
    int t = id ? fe__term_of(r, id, at, IRON_KINDS) : -1;
    if (t < 0) return;
    x->infusion = r->k->terms[t].id;
    x->molecule = fe__molecule_of(r->k, x->infusion);
}

static void reaction_grade(reader *r, void *into, const json_t *value, const char *at) {
    json_int_t grade = json_integer_value(value); /* 0 when it is no integer */
    if (grade >= 1 && grade <= 5) ((reaction *)into)->grade = (double)grade;
    else fe__fault_json(r, at, "a grade: 1, 2, 3, 4 or 5", value, NULL);
}

static const field reaction_fields[] = {
    {.key = "on", .type = FIELD_DAY, .offset = offsetof(reaction, on)},
    {.key = "infusion",
     .type = FIELD_OTHER,
     .need = FIELD_REQUIRED,
     .read = reaction_infusion,
     .words = "an id of kind product or formulation"},
    {.key = "grade", .type = FIELD_OTHER, .need = FIELD_REQUIRED, .read = reaction_grade, .words = "a grade: 1, 2, 3, 4 or 5"},
    {.key = "signs", .type = FIELD_TERMS, .kinds = KIND_BIT(TERM_SIGN), .offset = offsetof(reaction, signs)},
};

static void reactions_read(reader *r, void *into, const json_t *value, const char *at) {
    patient *p = into;
    size_t n;
    const json_t *list = fe__list_of(r, value, at, "{\"on\",\"infusion\",\"grade\",\"signs\"}", READ_LIST_MAX, &n);
    if (!list) return;
    reaction *all = FE_NEW_ARRAY(r->f->a, reaction, n + 1);
    for (size_t i = 0; i < n; i++) {
        all[i] = (reaction){.on = LONG_MIN, .molecule = "", .grade = NAN};
        fe__fields_read(r, json_array_get(list, i), fe__ptr_index(r->f->a, at, i), reaction_fields, FIELDS_N(reaction_fields),
                        &all[i]);
    }
    p->reactions = all;
    p->reactions_n = n;
    p->reactions_given = true;
}

/* ---- the patient ---- */

static void last_iv_iron(reader *r, void *into, const json_t *value, const char *at) {
    patient *p = into;
    const char *s = json_string_value(value);
    if (fe__streq(s, "unknown")) p->last_iv_iron_unknown = true;
    else if (s && fe__date_parse(s, &p->last_iv_iron_on)) return;
    else fe__fault_json(r, at, "a date such as 2026-11-02, or \"unknown\"", value, NULL);
}

#define NUMBER(id)                                                                                                               \
    { .key = #id, .type = FIELD_NUMBER, .term = #id, .offset = offsetof(patient, id) }
#define NEEDED(id)                                                                                                               \
    { .key = #id, .type = FIELD_NUMBER, .need = FIELD_REQUIRED, .term = #id, .offset = offsetof(patient, id) }
#define TERMS(id)                                                                                                                \
    { .key = #id, .type = FIELD_TERMS, .kinds = KIND_BIT(TERM_CONDITION), .offset = offsetof(patient, id) }

const field fe__patient_fields[] = {
    {.key = "id", .type = FIELD_TEXT, .offset = offsetof(patient, id)},
    {.key = "sex", .type = FIELD_WORD, .need = FIELD_REQUIRED, .term = "sex", .offset = offsetof(patient, sex)},
    NEEDED(age_years),
    NEEDED(weight_kg),
    NUMBER(weight_pre_pregnancy_kg),
    NUMBER(weight_ideal_kg),
    NUMBER(height_cm),
    TERMS(conditions),
    TERMS(family_history),
    {.key = "pregnancy", .type = FIELD_OTHER, .read = pregnancy_read},
    {.key = "delivered_on", .type = FIELD_DAY, .offset = offsetof(patient, delivered_on)},
    {.key = "breastfeeding", .type = FIELD_TRI, .offset = offsetof(patient, breastfeeding)},
    {.key = "allergies", .type = FIELD_OTHER, .read = allergies_read},
    {.key = "reactions", .type = FIELD_OTHER, .read = reactions_read},
    {.key = "oral_iron", .type = FIELD_WORD, .term = "oral_iron", .offset = offsetof(patient, oral_iron)},
    TERMS(cause),
    NUMBER(blood_loss_ml_per_day),
    NUMBER(usual_hemoglobin_g_dl),
    NUMBER(comorbidities_count),
    NUMBER(nyha_class),
    NUMBER(lvef_pct),
    NUMBER(ckd_stage),
    {.key = "ferritin_assay", .type = FIELD_TERM, .kinds = KIND_BIT(TERM_ASSAY), .offset = offsetof(patient, ferritin_assay)},
    NUMBER(cumulative_iv_iron_mg),
    {.key = "last_iv_iron_on", .type = FIELD_OTHER, .read = last_iv_iron},
    {.key = "on_site_resuscitation", .type = FIELD_TRI, .offset = offsetof(patient, on_site_resuscitation)},
};
const size_t fe__patient_fields_n = FIELDS_N(fe__patient_fields);

void fe__patient_clear(patient *p) {
    *p = (patient){
        .age_years = NAN,
        .weight_kg = NAN,
        .weight_pre_pregnancy_kg = NAN,
        .weight_ideal_kg = NAN,
        .height_cm = NAN,
        .blood_loss_ml_per_day = NAN,
        .usual_hemoglobin_g_dl = NAN,
        .comorbidities_count = NAN,
        .nyha_class = NAN,
        .lvef_pct = NAN,
        .ckd_stage = NAN,
        .cumulative_iv_iron_mg = NAN,
        .gestation_weeks = NAN,
        .gestation_on = LONG_MIN,
        .delivered_on = LONG_MIN,
        .last_iv_iron_on = LONG_MIN,
        .breastfeeding = TRI_UNKNOWN,
        .on_site_resuscitation = TRI_UNKNOWN,
        .ferritin_assay = -1,
    };
}

void fe__read_patient(reader *r, void *into, const json_t *value, const char *at) {
    patient *p = into;
    if (!fe__fields_read(r, value, at, fe__patient_fields, fe__patient_fields_n, p)) return;
    p->pregnancy_given = json_object_get(value, "pregnancy") != NULL;
}
