/* Courses: what is read of each field and kind, and every fault with its place and hint. */
#include <limits.h>

#include "test_exchange_reading.h"

/* ---- faults ---- */

typedef struct wrong {
    const char *json, *at, *expected, *found, *hint;
} wrong;

static void wrong_fields_of_the_patient_are_named_with_a_hint(void **state) {
    static const wrong cases[] = {
        {"\"hieght_cm\":168", "/patient/hieght_cm", "height_cm", "\"hieght_cm\"", "did you mean height_cm?"},
        {"\"id\":5", "/patient/id", "text", "5", NULL},
        {"\"id\":\"a\\u0007b\"", "/patient/id", "printable text of at most 1000 bytes", NULL, NULL},
        {"\"id\":\"a\\u202eb\"", "/patient/id", "printable", NULL, NULL},
        {"\"height_cm\":true", "/patient/height_cm", "a number, 40 to 250 cm", "true", NULL},
        {"\"height_cm\":\"66\"", "/patient/height_cm", "a number, 40 to 250 cm", "\"66\"", "without quotes: 66"},
        {"\"height_cm\":\"1.7 ft\"", "/patient/height_cm", "a unit of height", "\"ft\"", "accepted: cm, m, [in_i] or in"},
        {"\"height_cm\":1.7", "/patient/height_cm", "40 to 250 cm", "1.7", "1.7 m would be 170 cm: write the unit m"},
        {"\"usual_hemoglobin_g_dl\":130", "/patient/usual_hemoglobin_g_dl", "4 to 22 g/dL", "130",
         "130 g/L would be 13 g/dL: write the unit g/L"},
        {"\"conditions\":\"crohn-disease\"", "/patient/conditions", "a list of ids", "\"crohn-disease\"", "[]"},
        {"\"conditions\":[\"chron-disease\"]", "/patient/conditions/0", "an id of kind condition", "\"chron-disease\"",
         "did you mean crohn-disease?"},
        {"\"conditions\":[\"Crohn disease\"]", "/patient/conditions/0", "an id of kind condition", NULL, "write crohn-disease"},
        {"\"conditions\":[\"wheeze\"]", "/patient/conditions/0", "condition", "\"wheeze\"", "wheeze is an id of kind sign"},
        {"\"conditions\":[7]", "/patient/conditions/0", "an id of kind condition", "7", NULL},
        {"\"conditions\":[\"asthma\",\"asthma\"]", "/patient/conditions/1", "each id once", "\"asthma\"", NULL},
        {"\"oral_iron\":\"fialed\"", "/patient/oral_iron", "not-tried, current, worked", "\"fialed\"", "did you mean failed?"},
        {"\"breastfeeding\":\"yes\"", "/patient/breastfeeding", "true or false", "\"yes\"", NULL},
        {"\"ferritin_assay\":\"rosche\"", "/patient/ferritin_assay", "an id of kind assay", NULL, "did you mean roche?"},
        {"\"last_iv_iron_on\":\"2026-02-30\"", "/patient/last_iv_iron_on", "or \"unknown\"", "\"2026-02-30\"", NULL},
        {"\"last_iv_iron_on\":\"2026-03-03\"", "/patient/last_iv_iron_on", "a date not after today, 2026-03-02", "2026-03-03",
         NULL},
        {"\"delivered_on\":\"2026-04-01\"", "/patient/delivered_on", "a date not after today", NULL, NULL},
        {"\"delivered_on\":\"2026-01-01T08:00Z\"", "/patient/delivered_on", "a date such as", NULL, "the date alone: 2026-01-01"},
        {"\"pregnancy\":false", "/patient/pregnancy", "null", "false", "not pregnant"},
        {"\"pregnancy\":{\"gestation_weeks\":20}", "/patient/pregnancy/on", "a date such as", "nothing", NULL},
        {"\"pregnancy\":{\"gestation_weeks\":44,\"on\":\"2026-03-02\"}", "/patient/pregnancy/gestation_weeks", "0 to 43 weeks",
         "44", NULL},
        {"\"pregnancy\":{\"gestation_weeks\":40,\"on\":\"2026-02-01\"}", "/patient/pregnancy", "0 to 43 weeks now", "44.1 weeks",
         "delivered_on"},
        {"\"allergies\":[{\"severity\":\"mild\"}]", "/patient/allergies/0/to", NULL, "nothing", NULL},
        {"\"allergies\":[{\"to\":\"nuts\",\"severity\":\"milt\"}]", "/patient/allergies/0/severity", "mild, serious or unknown",
         NULL, "did you mean mild?"},
        {"\"allergies\":[{\"to\":\"nuts\"},{\"to\":\"nuts\"}]", "/patient/allergies/1", "each allergy once", "nuts",
         "/patient/allergies/0"},
        {"\"reactions\":[{\"infusion\":\"fcm-us\",\"grade\":6}]", "/patient/reactions/0/grade", "1, 2, 3, 4 or 5", "6", NULL},
        {"\"reactions\":[{\"infusion\":\"nsaid\",\"grade\":2}]", "/patient/reactions/0/infusion", "product or formulation",
         "\"nsaid\"", "of kind medication"},
        {"\"reactions\":[{\"infusion\":\"fcm\",\"grade\":2,\"signs\":[\"naussea\"]}]", "/patient/reactions/0/signs/0",
         "an id of kind sign", NULL, "did you mean nausea?"},
        {"\"reactions\":[{\"infusion\":\"fcm\",\"grade\":2,\"on\":\"2026-03-09\"}]", "/patient/reactions/0/on", "not after today",
         NULL, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const wrong *w = &cases[i];
        assert_null(course_with(*state, w->json, NULL));
        assert_fault(*state, w->at, w->expected, w->found, w->hint);
    }
}

static void wrong_events_are_named_with_a_hint(void **state) {
#define AT    "\"at\":\"2026-03-01T08:00+01:00\","
#define SINCE "\"since\":\"2026-03-01\","
    static const wrong cases[] = {
        {"7", "/events/0", "an event", "7", NULL},
        {"{" AT "\"labb\":\"crp\"}", "/events/0", "one of lab, infusion", "\"labb\"", "did you mean lab?"},
        {"{" AT "\"lab\":\"crp\",\"infusion\":\"fcm\"}", "/events/0", "one kind", "lab and infusion", "two events"},
        {"{\"lab\":\"crp\",\"value\":1,\"unit\":\"mg/L\"}", "/events/0/at", "a time with zone", "nothing", NULL},
        {"{\"at\":\"2026-03-01T08:00\",\"lab\":\"crp\",\"value\":1,\"unit\":\"mg/L\"}", "/events/0/at", "a time with zone",
         "\"2026-03-01T08:00\"", "the zone is missing: 2026-03-01T08:00+01:00"},
        {"{\"at\":\"2026-03-02T12:01+01:00\",\"lab\":\"crp\",\"value\":1,\"unit\":\"mg/L\"}", "/events/0/at",
         "a time not after now, 2026-03-02T12:00+01:00", "2026-03-02T12:01+01:00", "\"prescribed\": true"},
        {"{" AT "\"lab\":\"ferritine\",\"value\":1,\"unit\":\"ug/L\"}", "/events/0/lab", "an id of kind lab", "\"ferritine\"",
         "did you mean ferritin?"},
        {"{" AT "\"lab\":\"crp\"}", "/events/0/value", "value with unit, or result", "nothing", "prescribed"},
        {"{" AT "\"lab\":\"crp\",\"value\":7}", "/events/0/unit", "the unit: mg/L or mg/dL", "nothing", "units are explicit"},
        {"{" AT "\"lab\":\"crp\",\"value\":7,\"unit\":\"mg/l\"}", "/events/0/unit", "a unit of C-reactive protein", "\"mg/l\"",
         "did you mean mg/L? accepted: mg/L or mg/dL"},
        {"{" AT "\"lab\":\"transferrin-receptor\",\"value\":30,\"unit\":\"nmol/L\"}", "/events/0/unit", NULL, "\"nmol/L\"",
         "accepted: mg/L"},
        {"{" AT "\"lab\":\"crp\",\"value\":\"7 mg/L\"}", "/events/0/value", "a number", NULL, "beside it"},
        {"{" AT "\"lab\":\"crp\",\"result\":\"low\",\"unit\":\"mg/L\"}", "/events/0/unit", "a value for this unit", NULL, NULL},
        {"{" AT "\"lab\":\"hemoglobin\",\"value\":80,\"unit\":\"g/dL\"}", "/events/0/value", "hemoglobin: 1 to 25 g/dL",
         "80 g/dL", "80 g/L would be 8 g/dL: is the unit g/L?"},
        {"{" AT "\"lab\":\"phosphate\",\"value\":20,\"unit\":\"mmol/L\"}", "/events/0/value", "0.2 to 15 mg/dL", "20 mmol/L",
         NULL},
        {"{" AT "\"lab\":\"crp\",\"result\":\"higt\"}", "/events/0/result", "low, normal, high", "\"higt\"",
         "did you mean high?"},
        {"{" AT "\"lab\":\"crp\",\"result\":\"high\",\"comparator\":\"<\"}", "/events/0/comparator", "a value", NULL, NULL},
        {"{" AT "\"lab\":\"crp\",\"value\":5,\"unit\":\"mg/L\",\"comparator\":\"<=\"}", "/events/0/comparator", "\"<\" or \">\"",
         NULL, NULL},
        {"{" AT "\"lab\":\"endoscopy\",\"value\":5}", "/events/0/value", "no value", "5", "\"result\""},
        {"{" AT "\"lab\":\"crp\",\"value\":5,\"unit\":\"mg/L\",\"prescribed\":true}", "/events/0/prescribed", "not back yet",
         "true", NULL},
        {"{" AT "\"lab\":\"crp\",\"value\":5,\"unit\":\"mg/L\",\"last_oral_iron_at\":\"2026-03-01T09:00+01:00\"}",
         "/events/0/last_oral_iron_at", "not after the lab", NULL, NULL},
        {"{" AT "\"lab\":\"crp\",\"value\":5,\"unit\":\"mg/L\",\"assay\":\"roche-x\"}", "/events/0/assay", "an id of kind assay",
         NULL, "roche"},
        {"{" AT "\"infusion\":\"fcm\"}", "/events/0/dose_mg", "a number, 0.5 to 5000 mg", "nothing", NULL},
        {"{" AT "\"infusion\":\"fcm\",\"dose_mg\":500,\"since\":\"2026-03-01\"}", "/events/0/since", "a known field", "\"since\"",
         "it happens once: write at"},
        {"{\"at\":\"2026-03-01\",\"since\":\"2026-03-01\",\"condition\":\"asthma\"}", "/events/0/at", "a known field", NULL,
         "it lasts: write since"},
        {"{" AT "\"infusion\":\"ganzoni\",\"dose_mg\":500}", "/events/0/infusion", "product or formulation", NULL,
         "of kind method"},
        {"{" AT "\"infusion\":\"fcm\",\"dose_mg\":500,\"route\":\"oral\"}", "/events/0/route",
         "infusion, injection or intramuscular", NULL, NULL},
        {"{\"oral-iron\":true}", "/events/0/since", "a time", "nothing", NULL},
        {"{" SINCE "\"oral-iron\":false}", "/events/0/oral-iron", "true", "false", NULL},
        {"{" SINCE "\"until\":\"2026-02-28\",\"medication\":\"nsaid\"}", "/events/0/until", "not before its start",
         "\"2026-02-28\"", NULL},
        {"{" SINCE "\"medication\":\"asprin\"}", "/events/0/medication", "an id of kind medication", NULL,
         "did you mean aspirin?"},
        {"{" SINCE "\"supplement\":\"crp\"}", "/events/0/supplement", "an id of kind medication", NULL,
         "crp is an id of kind lab"},
        {"{" AT "\"symptom\":\"headahce\"}", "/events/0/symptom", "an id of kind sign", NULL, "did you mean headache?"},
        {"{" AT "\"symptom\":\"headache\",\"pain_nrs\":11}", "/events/0/pain_nrs", "0 to 10", "11", NULL},
        {"{" AT "\"symptom\":\"headache\",\"onset_h_after_infusion\":-1}", "/events/0/onset_h_after_infusion", "hours", "-1",
         NULL},
        {"{" AT "\"transfusion\":0}", "/events/0/transfusion", "1 to 20", "0", NULL},
        {"{" AT "\"phlebotomy\":0}", "/events/0/phlebotomy", "1 to 8000 mL", "0", NULL},
        {"{" AT "\"bleeding\":9000}", "/events/0/bleeding", "1 to 8000 mL", "9000", NULL},
        {"{" SINCE "\"bleeding_ml_per_day\":501}", "/events/0/bleeding_ml_per_day", "0 to 500 mL/d", "501", NULL},
        {"{" AT "\"surgery\":\"hip\"}", "/events/0/expected_blood_loss_ml", "a number, 0 to 8000 mL", "nothing", NULL},
        {"{" SINCE "\"esa\":\"epo\"}", "/events/0/esa", "epoetin, darbepoetin or esa", "\"epo\"", NULL},
        {"{" SINCE "\"condition\":\"nsaid\"}", "/events/0/condition", "an id of kind condition", NULL, "of kind medication"},
        {"{" AT "\"procedure\":\"mri-scan\"}", "/events/0/procedure", "mri or dialysis", NULL, NULL},
        {"{" AT "\"delivery\":1}", "/events/0/delivery", "true", "1", NULL},
        {"{" AT "\"symptom\":\"nausea\"},{" AT "\"symptom\":\"nausea\"}", "/events/1", "each event once", NULL, "/events/0"},
        {"{" AT "\"bleeding\":300},{\"at\":\"2026-03-01T07:00Z\",\"bleeding\":300}", "/events/1", "each event once", NULL,
         "/events/0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const wrong *w = &cases[i];
        assert_null(course_with(*state, NULL, w->json));
        assert_fault(*state, w->at, w->expected, w->found, w->hint);
    }
}

static void wrong_wholes_are_named(void **state) {
#define MAN "{\"ferrule\":1,\"patient\":{\"sex\":\"male\",\"age_years\":40,\"weight_kg\":60"
    static const wrong cases[] = {
        {"[]", "", "an object", "array", NULL},
        {"{\"ferrule\":2,\"patient\":{\"sex\":\"male\",\"age_years\":40,\"weight_kg\":60}}", "/ferrule", "1,", "2", NULL},
        {"{\"ferrule\":1}", "/patient", "the patient", "nothing", NULL},
        {"{\"ferrule\":1,\"patient\":{\"age_years\":40,\"weight_kg\":60}}", "/patient/sex", "female or male", "nothing", NULL},
        {"{\"ferrule\":1,\"patient\":{\"sex\":\"f\",\"age_years\":40,\"weight_kg\":60}}", "/patient/sex", "female or male",
         "\"f\"", NULL},
        {"{\"ferrule\":1,\"patient\":{\"sex\":\"male\",\"weight_kg\":60}}", "/patient/age_years", "a number, 0 to 120 years",
         "nothing", NULL},
        {"{\"ferrule\":1,\"patient\":{\"sex\":\"male\",\"age_years\":40,\"weight_kg\":null}}", "/patient/weight_kg",
         "a number, 2 to 350 kg", "null", NULL},
        {MAN "},\"evens\":[]}", "/evens", "events", "\"evens\"", "did you mean events?"},
        {MAN "},\"events\":{}}", "/events", "a list of events", "object", NULL},
        {MAN "},\"goals\":{\"hemoglobin\":12}}", "/goals/hemoglobin", "hemoglobin_g_dl", NULL, NULL},
        {MAN "},\"goals\":{\"ferritin_ug_l\":5}}", "/goals/ferritin_ug_l", "10 to 800 ug/L", "5", NULL},
        {MAN ",\"pregnancy\":{\"gestation_weeks\":20,\"on\":\"2026-03-01\"}}}", "/patient/pregnancy", "null when the sex is male",
         NULL, "/patient/sex"},
        {MAN ",\"delivered_on\":\"2026-01-01\"}}", "/patient/delivered_on", "male", "2026-01-01", NULL},
        {MAN ",\"breastfeeding\":true}}", "/patient/breastfeeding", "male", "true", NULL},
        {MAN "},\"events\":[{\"at\":\"2026-01-01\",\"delivery\":true}]}", "/events/0", "male", "delivery", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const wrong *w = &cases[i];
        assert_null(course_of(*state, w->json));
        assert_fault(*state, w->at, w->expected, w->found, w->hint);
    }
}

static void all_faults_are_told_at_once(void **state) {
    bench *b = *state;
    assert_null(
        course_with(b, "\"height_cm\":1,\"oral_iron\":\"x\"", "{\"at\":\"2026\",\"lab\":\"crp\",\"value\":1,\"unit\":\"x\"}"));
    assert_int_equal(b->f.n, 4);
}

static void a_thousand_faults_give_no_course(void **state) {
    bench *b = *state;
    text events;
    fresh(b);
    fe__text_init(&events, b->a);
    for (int i = 0; i < 1000; i++) fe__text_add(&events, i ? ",1" : "1");
    assert_null(course_with(b, NULL, events.s));
    assert_int_equal(b->f.n, FAULTS_MAX);
    assert_int_equal(b->f.dropped, 1000 - FAULTS_MAX);
}

static void more_than_20000_events_are_refused(void **state) {
    bench *b = *state;
    text events;
    fresh(b);
    fe__text_init(&events, b->a);
    for (int i = 0; i <= 20000; i++) fe__text_add(&events, i ? ",1" : "1");
    assert_null(course_with(b, NULL, events.s));
    assert_fault(b, "/events", "at most 20000 events", "20001", NULL);
}

static void a_text_of_1000_bytes_is_the_longest(void **state) {
    bench *b = *state;
    char s[1002];
    memset(s, 'a', sizeof s);
    s[1000] = '\0';
    fresh(b);
    assert_non_null(course_with(b, fe__printf(b->a, "\"id\":\"%s\"", s), NULL));
    s[1000] = 'a';
    s[1001] = '\0';
    fresh(b);
    assert_null(course_with(b, fe__printf(b->a, "\"id\":\"%s\"", s), NULL));
    assert_fault(b, "/patient/id", "at most 1000 bytes", NULL, NULL);
}

/* ---- what is read ---- */

static const course *course_file(bench *b, const char *name) {
    size_t n;
    fresh(b);
    const char *s = fe__file_read(&b->f, fe__printf(b->a, "fuzz/corpus/course/%s", name), JSON_MAX_BYTES, &n);
    assert_non_null(s);
    const course *c = course_of(b, s);
    assert_no_fault(b);
    assert_non_null(c);
    return c;
}

static void every_field_of_the_patient_is_read(void **state) {
    bench *b = *state;
    const patient *p = &course_file(b, "kinds.json")->patient;
    assert_string_equal(p->id, "p1");
    assert_string_equal(p->sex, "female");
    assert_near(p->age_years, 39, 1e-9);
    assert_near(p->weight_kg, 69.85322498, 1e-9);
    assert_true(isnan(p->weight_pre_pregnancy_kg));
    assert_near(p->weight_ideal_kg, 60, 0);
    assert_near(p->height_cm, 168, 1e-9);
    assert_true(p->conditions.given);
    assert_int_equal(p->conditions.n, 0);
    assert_int_equal(p->family_history.list[0], term_of(b, "thalassemia", TERM_CONDITION));
    assert_true(p->pregnancy_given && !p->pregnant);
    assert_string_equal(fe__date_text(b->a, p->delivered_on), "2026-01-01");
    assert_int_equal(p->breastfeeding, TRI_TRUE);
    assert_int_equal(p->allergies_n, 2);
    assert_int_equal(p->allergies[0].term, -1);
    assert_string_equal(p->allergies[0].severity, "mild");
    assert_int_equal(p->allergies[1].term, term_of(b, "fcm-us", TERM_PRODUCT));
    assert_string_equal(p->allergies[1].severity, "unknown");
    assert_int_equal(p->reactions_n, 1);
    assert_true(p->reactions[0].on == LONG_MIN);
    assert_string_equal(p->reactions[0].molecule, "lmwid");
    assert_near(p->reactions[0].grade, 2, 0);
    assert_int_equal(p->reactions[0].signs.n, 1);
    assert_string_equal(p->oral_iron, "failed");
    assert_true(p->cause.given && p->cause.n == 0);
    assert_near(p->blood_loss_ml_per_day, 4, 0);
    assert_near(p->usual_hemoglobin_g_dl, 13, 1e-9);
    assert_near(p->comorbidities_count + p->nyha_class + p->lvef_pct + p->ckd_stage, 2 + 2 + 40 + 3, 0);
    assert_int_equal(p->ferritin_assay, term_of(b, "roche", TERM_ASSAY));
    assert_near(p->cumulative_iv_iron_mg, 1000, 0);
    assert_true(p->last_iv_iron_unknown && p->last_iv_iron_on == LONG_MIN);
    assert_int_equal(p->on_site_resuscitation, TRI_TRUE);
}

static void what_is_not_said_is_unknown(void **state) {
    const course *c = course_with(*state, "\"height_cm\":null,\"conditions\":null", NULL);
    assert_non_null(c);
    const patient *p = &c->patient;
    assert_true(isnan(p->height_cm) && isnan(p->nyha_class) && isnan(c->goals.by_weeks));
    assert_false(p->conditions.given || p->allergies_given || p->reactions_given || p->pregnancy_given || p->cause.given);
    assert_true(p->breastfeeding == TRI_UNKNOWN && p->on_site_resuscitation == TRI_UNKNOWN);
    assert_true(p->delivered_on == LONG_MIN && p->last_iv_iron_on == LONG_MIN && p->ferritin_assay == -1);
    assert_true(!p->id && !p->oral_iron && c->zone_min == 0);
}

static const event *event_at(const course *c, const char *ptr) {
    for (size_t i = 0; i < c->events_n; i++) {
        if (fe__streq(c->events[i].ptr, ptr)) return &c->events[i];
    }
    fail_msg("no event %s", ptr);
    return NULL;
}

static void every_field_of_a_lab_is_read(void **state) {
    bench *b = *state;
    const course *c = course_file(b, "kinds.json");
    const event *hb = event_at(c, "/events/0"), *ordered = event_at(c, "/events/1"), *troponin = event_at(c, "/events/2");
    assert_near(hb->value, 8.862975, 1e-9);
    assert_int_equal(hb->fasting, TRI_TRUE);
    assert_int_equal(hb->morning, TRI_FALSE);
    assert_int_equal(hb->assay, term_of(b, "abbott", TERM_ASSAY));
    assert_near(hb->at - hb->last_oral_iron_at, 2 * 86400, 0);
    assert_null(hb->unit_text);
    assert_true(ordered->prescribed && isnan(ordered->value));
    assert_string_equal(troponin->unit_text, "ng/L");
    assert_near(troponin->value, 3, 0);
    assert_int_equal(event_at(c, "/events/3")->comparator, '<');
}

static void every_kind_of_event_is_read(void **state) {
    bench *b = *state;
    const course *c = course_file(b, "kinds.json");
    const event *e = event_at(c, "/events/4");
    assert_int_equal(e->kind, EVENT_INFUSION);
    assert_string_equal(e->product, "fcm-eu");
    assert_string_equal(e->molecule, "fcm");
    assert_near(e->value, 1000, 0);
    assert_near(e->bag_ml, 100, 0);
    assert_near(e->minutes + e->test_dose_mg + e->prescribed_mg, 15 + 25 + 1000, 0);
    assert_string_equal(e->route, "infusion");
    assert_string_equal(e->text, "A1");
    assert_false(e->planned);
    e = event_at(c, "/events/5");
    assert_int_equal(e->term, term_of(b, "oral-iron", TERM_MEDICATION));
    assert_true(isinf(e->until));
    assert_near(e->mg_per_dose * e->doses_per_day, 32.5, 1e-9);
    assert_near(event_at(c, "/events/6")->until - event_at(c, "/events/6")->at, 31 * 86400.0, 0);
    assert_int_equal(event_at(c, "/events/7")->kind, EVENT_SUPPLEMENT);
    e = event_at(c, "/events/8");
    assert_near(e->pain_nrs + e->onset_h, 6, 0);
    assert_near(event_at(c, "/events/9")->value, 2, 0);
    assert_near(event_at(c, "/events/10")->value, 450, 0);
    assert_near(event_at(c, "/events/11")->value, 300, 0);
    assert_near(event_at(c, "/events/12")->per_day, 10, 0);
    e = event_at(c, "/events/13");
    assert_string_equal(e->text, "hip");
    assert_true(isnan(e->value) && e->deferrable == TRI_TRUE);
    e = event_at(c, "/events/14");
    assert_near(e->iu_per_week, 8000, 0);
    assert_int_equal(e->term, term_of(b, "darbepoetin", TERM_MEDICATION));
    assert_int_equal(event_at(c, "/events/15")->kind, EVENT_CONDITION);
    assert_string_equal(event_at(c, "/events/16")->text, "none");
    assert_int_equal(event_at(c, "/events/17")->kind, EVENT_DELIVERY);
    assert_near(c->goals.hemoglobin_g_dl, 13, 1e-9);
    assert_near(c->goals.ferritin_ug_l + c->goals.irls + c->goals.fatigue + c->goals.by_weeks, 100 + 10 + 3 + 12, 0);
}

static void courses_of_the_corpus_are_read(void **state) {
    static const char *const names[] = {"c01.json", "c02.json", "c15.json", "c23.json", "c32.json",
                                        "d09.json", "e03.json", "f07.json", "f17.json", "g15.json"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) course_file(*state, names[i]);
}

static void a_value_wins_over_a_result(void **state) {
    const course *c =
        course_with(*state, NULL, "{\"at\":\"2026-03-01\",\"lab\":\"crp\",\"value\":7,\"unit\":\"mg/L\",\"result\":\"high\"}");
    assert_non_null(c);
    assert_near(c->events[0].value, 7, 0);
    assert_int_equal(c->events[0].result, RESULT_HIGH);
}

static void a_lab_without_a_unit_may_leave_it_out(void **state) {
    const course *c = course_with(*state, NULL,
                                  "{\"at\":\"2026-03-01\",\"lab\":\"irls\",\"value\":24.8},"
                                  "{\"at\":\"2026-03-01\",\"lab\":\"mentzer-index\",\"value\":12},"
                                  "{\"at\":\"2026-03-01\",\"lab\":\"fgf23\",\"value\":300}");
    assert_no_fault(*state);
    assert_near(c->events[0].value, 24.8, 0);
    assert_null(c->events[2].unit_text);
}

static void values_outside_the_usual_are_asked_about(void **state) {
    const course *c = course_with(*state, NULL, "{\"at\":\"2026-03-01\",\"lab\":\"hemoglobin\",\"value\":42,\"unit\":\"g/L\"}");
    assert_non_null(c);
    assert_int_equal(c->confirms_n, 1);
    assert_string_equal(c->confirms[0].at, "/events/0/value");
    assert_string_equal(c->confirms[0].text, "hemoglobin 4.2 g/dL is outside 5 to 18: is it right?");
    assert_near(c->confirms[0].value, 4.2, 1e-9);
    assert_near(c->confirms[0].usual_low, 5, 0);
    assert_near(c->confirms[0].usual_high, 18, 0);
}

/* ---- time ---- */

static void a_date_alone_is_noon_in_the_zone_of_the_earliest_event(void **state) {
    bench *b = *state;
    const course *c = course_with(b, NULL,
                                  "{\"at\":\"2026-02-01\",\"transfusion\":1},{\"at\":\"2026-02-20T08:00Z\",\"transfusion\":1},"
                                  "{\"since\":\"2026-02-10T08:00-05:00\",\"medication\":\"nsaid\"}");
    assert_non_null(c);
    assert_int_equal(c->zone_min, -300);
    assert_string_equal(fe__time_text(b->a, c->events[0].at, 0), "2026-02-01T17:00+00:00");
}

static void a_lab_of_today_is_good_before_noon(void **state) {
    bench *b = *state;
    double noon = b->now;
    b->now -= 3 * 3600;
    const course *c = course_with(b, NULL,
                                  "{\"at\":\"2026-02-01T08:00+01:00\",\"transfusion\":1},"
                                  "{\"at\":\"2026-03-02\",\"lab\":\"crp\",\"value\":1,\"unit\":\"mg/L\"}");
    double at = c ? c->events[1].at : NAN, now = b->now;
    b->now = noon;
    assert_no_fault(b);
    assert_near(at, now, 0);
}

static void an_infusion_ahead_is_planned(void **state) {
    const course *c = course_with(*state, NULL,
                                  "{\"at\":\"2026-03-02T12:00+01:00\",\"infusion\":\"fcm\",\"dose_mg\":500},"
                                  "{\"at\":\"2026-03-09\",\"infusion\":\"fcm\",\"dose_mg\":500},"
                                  "{\"at\":\"2026-03-01\",\"infusion\":\"fcm\",\"dose_mg\":500,\"planned\":true}");
    assert_non_null(c);
    assert_true(c->events[0].planned); /* said so */
    assert_false(c->events[1].planned);
    assert_true(c->events[2].planned);
}

static void at_one_instant_labs_come_first_then_starts_then_the_rest(void **state) {
    const course *c = course_with(*state, NULL,
                                  "{\"at\":\"2026-03-01\",\"transfusion\":2},{\"at\":\"2026-03-01\","
                                  "\"infusion\":\"fcm\",\"dose_mg\":500},"
                                  "{\"since\":\"2026-03-01\",\"esa\":\"esa\"},{\"at\":\"2026-03-01\","
                                  "\"symptom\":\"nausea\",\"until\":\"2026-03-02\"},"
                                  "{\"at\":\"2026-03-01\",\"lab\":\"crp\",\"value\":1,\"unit\":\"mg/L\"},"
                                  "{\"at\":\"2026-02-01\",\"phlebotomy\":400},{\"at\":\"2026-03-01\",\"lab\":"
                                  "\"alt\",\"value\":9,\"unit\":\"U/L\"}");
    static const char *const expected[] = {"/events/5", "/events/4", "/events/6", "/events/2",
                                           "/events/0", "/events/1", "/events/3"};
    assert_non_null(c);
    assert_int_equal(c->events_n, 7);
    for (size_t i = 0; i < 7; i++) assert_string_equal(c->events[i].ptr, expected[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_fields_of_the_patient_are_named_with_a_hint),
        cmocka_unit_test(wrong_events_are_named_with_a_hint),
        cmocka_unit_test(wrong_wholes_are_named),
        cmocka_unit_test(all_faults_are_told_at_once),
        cmocka_unit_test(a_thousand_faults_give_no_course),
        cmocka_unit_test(more_than_20000_events_are_refused),
        cmocka_unit_test(a_text_of_1000_bytes_is_the_longest),
        cmocka_unit_test(every_field_of_the_patient_is_read),
        cmocka_unit_test(what_is_not_said_is_unknown),
        cmocka_unit_test(every_field_of_a_lab_is_read),
        cmocka_unit_test(every_kind_of_event_is_read),
        cmocka_unit_test(courses_of_the_corpus_are_read),
        cmocka_unit_test(a_value_wins_over_a_result),
        cmocka_unit_test(a_lab_without_a_unit_may_leave_it_out),
        cmocka_unit_test(values_outside_the_usual_are_asked_about),
        cmocka_unit_test(a_date_alone_is_noon_in_the_zone_of_the_earliest_event),
        cmocka_unit_test(a_lab_of_today_is_good_before_noon),
        cmocka_unit_test(an_infusion_ahead_is_planned),
        cmocka_unit_test(at_one_instant_labs_come_first_then_starts_then_the_rest),
    };
    return cmocka_run_group_tests(tests, open_bench, close_bench);
}
