/* What a course becomes in the body: which labs start it, which events are played, with which amounts, by hand values. */
#include "test_exchange_reading.h"

#include "course/embody.h"

static const model_data *numbers;

static int open_both(void **state) {
    if (open_bench(state)) return -1;
    bench *b = *state;
    numbers = fe__model_load(NULL, &b->f);
    return numbers ? 0 : -1;
}

static double half_an_hour(void *context, const event *infusion) {
    (void)context, (void)infusion;
    return 30;
}

static embody_ask ask_of(bench *b, const course *c, int population) {
    return (embody_ask){.k = b->k,
                        .m = numbers,
                        .c = c,
                        .now = b->now,
                        .population = population,
                        .covariates = 1.5,
                        .usual_minutes = half_an_hour};
}

#define LABS_AT(at)                                                                                                              \
    "{\"at\":\"" at "\",\"lab\":\"hemoglobin\",\"value\":9,\"unit\":\"g/dL\"},"                                                  \
    "{\"at\":\"" at "\",\"lab\":\"ferritin\",\"value\":12,\"unit\":\"ug/L\"}"
#define LABS LABS_AT("2026-03-02T08:00+01:00")

static const embodied *body_of(bench *b, const char *fields, const char *events, const char *labs, int population) {
    fresh(b);
    const course *c = course_with(b, fields, fe__printf(b->a, "%s%s%s", labs, *labs && *events ? "," : "", events));
    show_faults(b);
    assert_non_null(c);
    embody_ask ask = ask_of(b, c, population);
    return fe__embody(b->a, &ask);
}

/* After the labs of 2 March 8:00. */
static const embodied *played(bench *b, const char *fields, const char *events) { return body_of(b, fields, events, LABS, -1); }

typedef struct expected_event {
    double t;
    body_event_kind kind;
    double amount, bvf;
    int formulation;
} expected_event;

static void assert_events(const embodied *e, const expected_event *want, size_t n) {
    assert_int_equal(e->status, EMBODY_OK);
    assert_int_equal(e->events_n, n);
    for (size_t i = 0; i < n; i++) {
        const body_event *x = &e->events[i];
        assert_near(x->t, want[i].t, 1e-9);
        assert_int_equal(x->kind, want[i].kind);
        assert_near(x->amount, want[i].amount, 1e-9 * (1 + fabs(want[i].amount)));
        if (x->kind == BODY_DELIVERY) assert_near(x->bvf, want[i].bvf, 0);
        if (x->kind == BODY_RATE && x->amount > 0) assert_int_equal(x->formulation, want[i].formulation);
    }
}

#define ASSERT_EVENTS(e, ...)                                                                                                    \
    do {                                                                                                                         \
        const expected_event want[] = {__VA_ARGS__};                                                                             \
        assert_events(e, want, sizeof want / sizeof *want);                                                                      \
    } while (0)

static double assumed_value(const embodied *e, const char *item) {
    for (size_t i = 0; i < e->assumed_n; i++)
        if (fe__streq(e->assumed[i].item, item)) return e->assumed[i].value;
    return NAN;
}

/* ---- the patient -------------------------------------------------------------------------------------------------------------- */

static void the_patient_of_the_start(void **state) {
    const embodied *e = played(*state, "\"height_cm\":165,\"blood_loss_ml_per_day\":3,\"comorbidities_count\":2", "");
    const start_labs *l = &e->labs;
    assert_int_equal(e->status, EMBODY_OK);
    assert_true(l->woman && l->age == 40 && l->wt == 60 && l->ht == 165 && l->bloss == 3 && l->comorb == 2 && l->v == 1.5);
    assert_true(l->Hb == 9 && l->F == 12 && isnan(l->TSAT) && isnan(l->Hbu) && l->bvf == 1 && isnan(l->Hbn) && l->uESA == 0);
    assert_int_equal(l->population, -1);
    assert_int_equal(e->events_n, 0);
    assert_int_equal(e->assumed_n, 0);
    double start;
    int zone;
    assert_true(fe__time_parse("2026-03-02T08:00+01:00", &start, &zone));
    assert_near(e->start, start, 0);
    const embodied *other = body_of(*state, "\"height_cm\":165", "", LABS, POPULATION_ibd);
    assert_near(other->labs.bloss, 5, 0);
    assert_near(assumed_value(other, "blood_loss_ml_per_day"), 5, 0);
    assert_near(played(*state, NULL, "")->labs.bloss, 1.2, 0); /* a healthy woman */
}

static void labs_of_the_start(void **state) {
    static const char more[] =
        ",{\"at\":\"2026-02-20T08:00+01:00\",\"lab\":\"crp\",\"value\":5,\"unit\":\"mg/L\",\"comparator\":\"<\"},"
        "{\"at\":\"2026-02-20T08:00+01:00\",\"lab\":\"tsat\",\"value\":7,\"unit\":\"%\"},"
        "{\"at\":\"2026-03-02T10:00+01:00\",\"lab\":\"tsat\",\"value\":8,\"unit\":\"%\"},"
        "{\"at\":\"2026-02-20T08:00+01:00\",\"lab\":\"transferrin\",\"value\":3,\"unit\":\"g/L\"},"
        "{\"at\":\"2026-02-20T08:00+01:00\",\"lab\":\"egfr\",\"value\":90,\"unit\":\"mL/min/{1.73_m2}\",\"comparator\":\">\"},"
        "{\"at\":\"2026-02-20T08:00+01:00\",\"lab\":\"phosphate\",\"value\":3,\"unit\":\"mg/dL\"},"
        "{\"at\":\"2026-02-20T08:00+01:00\",\"lab\":\"irls\",\"value\":22,\"unit\":\"{score}\"},"
        "{\"at\":\"2026-02-20T08:00+01:00\",\"lab\":\"fatigue\",\"value\":6,\"unit\":\"{score}\"},"
        "{\"at\":\"2026-02-20T08:00+01:00\",\"lab\":\"uibc\",\"value\":350,\"unit\":\"ug/dL\"},"
        "{\"at\":\"2026-02-20T08:00+01:00\",\"lab\":\"tibc\",\"value\":420,\"unit\":\"ug/dL\"},"
        "{\"at\":\"2026-02-20T08:00+01:00\",\"lab\":\"serum-iron\",\"value\":30,\"unit\":\"ug/dL\"}";
    const embodied *e = played(*state, "\"blood_loss_ml_per_day\":3", more + 1);
    const start_labs *l = &e->labs;
    assert_int_equal(e->status, EMBODY_OK);
    assert_true(l->CRP == 2.5 && l->TSAT == 8 && l->transferrin == 3 && l->egfr == 90 && l->PH == 3 && l->IRLS0 == 22 &&
                l->FS0 == 6);
    assert_true(l->UIBC == 350 && l->TIBC == 420 && l->serum_iron == 30);
    const embodied *plain = played(*state, "\"blood_loss_ml_per_day\":3", "");
    assert_near(e->start - plain->start, 7200, 0); /* hour 0 is when the iron labs are complete */
}

/* Labs 90 days before hemoglobin and 14 days after it still make one start. */
static void labs_that_lie_apart(void **state) {
    static const char iron[] = "{\"at\":\"%s\",\"lab\":\"ferritin\",\"value\":12,\"unit\":\"ug/L\"}";
    static const char hb[] = "{\"at\":\"%s\",\"lab\":\"hemoglobin\",\"value\":9,\"unit\":\"g/dL\"}";
    static const struct {
        const char *hemoglobin, *ferritin;
        embody_status status;
    } rows[] = {{"2026-03-01T08:00+01:00", "2025-12-01T08:00+01:00", EMBODY_OK},
                {"2026-03-01T08:00+01:00", "2025-12-01T07:59+01:00", EMBODY_NO_LABS},
                {"2026-02-01T08:00+01:00", "2026-02-15T08:00+01:00", EMBODY_OK},
                {"2026-02-01T08:00+01:00", "2026-02-15T08:01+01:00", EMBODY_NO_LABS}};
    bench *b = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fresh(b);
        const char *one = fe__printf(b->a, hb, rows[i].hemoglobin), *two = fe__printf(b->a, iron, rows[i].ferritin);
        const course *c = course_with(b, NULL, fe__printf(b->a, "%s,%s", one, two));
        assert_non_null(c);
        embody_ask ask = ask_of(b, c, -1);
        assert_int_equal(fe__embody(b->a, &ask)->status, rows[i].status);
    }
}

static void which_labs_count(void **state) {
    static const char iron[] = "{\"at\":\"%s\",\"infusion\":\"fcm-eu\",\"dose_mg\":500,\"minutes\":15}";
    bench *b = *state;
    fresh(b);
    const char *soon = fe__printf(b->a, iron, "2026-01-06T20:00+01:00"), *late = fe__printf(b->a, iron, "2026-01-05T20:00+01:00");
    const embodied *e = body_of(b, NULL, fe__strdup(b->a, soon), LABS, -1);
    assert_int_equal(e->status, EMBODY_TOO_SOON);
    assert_string_equal(fe__date_text(b->a, fe__day_of(e->counts_from, 60)), "2026-03-03");
    assert_int_equal(played(b, NULL, late)->status, EMBODY_OK);
    /* earlier labs start, and what followed is played */
    e = body_of(b, NULL, LABS ",{\"at\":\"2026-02-10T20:00+01:00\",\"infusion\":\"fcm-eu\",\"dose_mg\":500,\"minutes\":15}",
                LABS_AT("2026-02-01T08:00+01:00"), -1);
    ASSERT_EVENTS(e, {228, BODY_RATE, 2000, 0, FORMULATION_fcm}, {228.25, BODY_RATE, 0, 0, 0});
    /* blood loss alone: the usual hemoglobin stands in, never below what was measured */
    static const char bleed[] = "{\"at\":\"2026-02-27T08:00+01:00\",\"bleeding\":800}";
    assert_int_equal(played(b, NULL, bleed)->status, EMBODY_TOO_SOON);
    e = played(b, "\"usual_hemoglobin_g_dl\":12.5", bleed);
    assert_int_equal(e->status, EMBODY_OK);
    assert_near(e->labs.Hbu, 12.5, 0);
    assert_int_equal(e->events_n, 0);
    assert_near(played(b, "\"usual_hemoglobin_g_dl\":8", bleed)->labs.Hbu, 9, 0);
    assert_true(isnan(played(b, "\"usual_hemoglobin_g_dl\":12.5", "")->labs.Hbu)); /* nothing happened: a steady state */
}

/* ---- events --------------------------------------------------------------------------------------------------------------------- */

static void iron_by_vein(void **state) {
    const embodied *e = played(*state, NULL,
                               "{\"at\":\"2026-03-09T08:00+01:00\",\"infusion\":\"is\",\"dose_mg\":200},"
                               "{\"at\":\"2026-03-03T08:00+01:00\",\"infusion\":\"fdi-eu\",\"dose_mg\":1000,\"minutes\":20}");
    ASSERT_EVENTS(e, {24, BODY_RATE, 3000, 0, FORMULATION_fdi}, {24 + 1.0 / 3, BODY_RATE, 0, 0, 0},
                  {168, BODY_RATE, 400, 0, FORMULATION_is}, {168.5, BODY_RATE, 0, 0, 0});
    assert_int_equal(e->infusions_n, 2);
    assert_true(e->infusions[0].formulation == FORMULATION_fdi && e->infusions[0].mg == 1000 && e->infusions[1].minutes == 30);
    assert_near(assumed_value(e, "/events/2"), 30, 0);
    e = played(*state, NULL,
               "{\"at\":\"2026-03-03T08:00+01:00\",\"infusion\":\"lmwid-us\",\"dose_mg\":100,\"route\":\"intramuscular\"}");
    assert_int_equal(e->status, EMBODY_UNKNOWN);
    assert_string_equal(e->item, "intramuscular");
}

static void plans_stand_in_for_the_course(void **state) {
    bench *b = *state;
    fresh(b);
    const course *c = course_with(b, NULL,
                                  LABS ",{\"at\":\"2026-03-02T10:00+01:00\",\"infusion\":\"is\",\"dose_mg\":100,\"minutes\":30},"
                                       "{\"at\":\"2026-03-20T10:00+01:00\",\"infusion\":\"is\",\"dose_mg\":100,\"minutes\":30}");
    assert_non_null(c);
    body_infusion planned = {.product = "fdi-eu", .formulation = FORMULATION_fdi, .at = b->now + 86400, .mg = 500, .minutes = 30};
    embody_ask ask = ask_of(b, c, -1);
    ask.plans_iron = true, ask.planned = &planned, ask.planned_n = 1;
    ASSERT_EVENTS(fe__embody(b->a, &ask), {2, BODY_RATE, 200, 0, FORMULATION_is}, {2.5, BODY_RATE, 0, 0, 0},
                  {28, BODY_RATE, 1000, 0, FORMULATION_fdi}, {28.5, BODY_RATE, 0, 0, 0});
    planned.at = b->now - 2 * 3600 + 900; /* while the first one runs */
    const embodied *e = fe__embody(b->a, &ask);
    assert_int_equal(e->status, EMBODY_OVERLAP);
    assert_string_equal(e->item, "fdi-eu");
    planned.at = b->now - 2 * 3600 + 1800; /* at its very end */
    assert_int_equal(fe__embody(b->a, &ask)->status, EMBODY_OK);
}

static void iron_by_mouth(void **state) {
    const embodied *e = played(*state, NULL,
                               "{\"since\":\"2026-03-03T08:00+01:00\",\"until\":\"2026-03-06T08:00+01:00\",\"oral-iron\":true,"
                               "\"mg_per_dose\":65,\"doses_per_day\":0.5}");
    ASSERT_EVENTS(e, {24, BODY_ORAL, 65, 0, 0}, {72, BODY_ORAL, 65, 0, 0});
    /* taken since before the labs: the next dose after them; one a day unless said */
    e = played(
        *state, NULL,
        "{\"since\":\"2026-02-20T20:00+01:00\",\"until\":\"2026-03-04T20:00+01:00\",\"oral-iron\":true,\"mg_per_dose\":100}");
    ASSERT_EVENTS(e, {12, BODY_ORAL, 100, 0, 0}, {36, BODY_ORAL, 100, 0, 0});
    e = played(*state, NULL, "{\"since\":\"2026-02-20T20:00+01:00\",\"oral-iron\":true}");
    assert_int_equal(e->events_n, 0);
    assert_near(assumed_value(e, "/events/2"), 0, 0);
    e = played(*state, NULL, "{\"since\":\"2026-03-03T08:00+01:00\",\"oral-iron\":true,\"mg_per_dose\":60}");
    assert_int_equal(e->events_n, 61 * 7); /* nothing is played for longer */
}

static void esa_by_dose_and_weight(void **state) {
    const embodied *e =
        played(*state, NULL,
               "{\"since\":\"2026-01-01\",\"until\":\"2026-03-04T08:00+01:00\",\"esa\":\"epoetin\",\"iu_per_week\":9000},"
               "{\"since\":\"2026-03-03T08:00+01:00\",\"until\":\"2026-03-06T08:00+01:00\",\"esa\":\"darbepoetin\"}");
    assert_near(e->labs.uESA, 1.5, 1e-15); /* 9000 IU of 60 kg: 150 IU/kg a week */
    ASSERT_EVENTS(e, {24, BODY_ESA, 3, 0, 0}, {48, BODY_ESA, 1.5, 0, 0}, {96, BODY_ESA, 0, 0, 0});
    assert_near(assumed_value(e, "esa"), 1.5, 0);
    assert_true(isnan(
        assumed_value(played(*state, NULL, "{\"since\":\"2025-01-01\",\"until\":\"2025-03-01\",\"esa\":\"epoetin\"}"), "esa")));
}

static void blood_lost_and_given(void **state) {
    const embodied *e =
        played(*state, "\"blood_loss_ml_per_day\":2",
               "{\"at\":\"2026-03-03T08:00+01:00\",\"transfusion\":2},{\"at\":\"2026-03-04T08:00+01:00\",\"phlebotomy\":450},"
               "{\"at\":\"2026-03-05T08:00+01:00\",\"bleeding\":300},"
               "{\"at\":\"2026-03-06T08:00+01:00\",\"surgery\":\"hip\",\"expected_blood_loss_ml\":700}");
    ASSERT_EVENTS(e, {24, BODY_TRANSFUSE, 2, 0, 0}, {48, BODY_BLEED, 450, 0, 0}, {72, BODY_BLEED, 300, 0, 0},
                  {96, BODY_BLEED, 700, 0, 0}, {96, BODY_INFLAM, 250, 0, 0});
    assert_near(assumed_value(e, "/events/5"), 250, 0);
    /* spans: three that overlap, one of them since before the labs, one open */
    e = played(*state, "\"blood_loss_ml_per_day\":2",
               "{\"since\":\"2026-02-01\",\"until\":\"2026-03-04T08:00+01:00\",\"bleeding_ml_per_day\":10},"
               "{\"since\":\"2026-03-03T08:00+01:00\",\"until\":\"2026-03-06T08:00+01:00\",\"bleeding_ml_per_day\":20},"
               "{\"since\":\"2026-03-05T08:00+01:00\",\"bleeding_ml_per_day\":40}");
    assert_near(e->labs.bloss, 12, 0);
    ASSERT_EVENTS(e, {24, BODY_LOSS, 32, 0, 0}, {48, BODY_LOSS, 22, 0, 0}, {72, BODY_LOSS, 62, 0, 0}, {96, BODY_LOSS, 42, 0, 0});
}

static void pregnancy_and_birth(void **state) {
    static const struct {
        const char *fields;
        double bvf, Hbn;
    } rows[] = {{"\"pregnancy\":{\"gestation_weeks\":13.8,\"on\":\"2026-03-02\"}", 1, NAN},
                {"\"pregnancy\":{\"gestation_weeks\":14,\"on\":\"2026-03-02\"}", 1.25, NAN},
                {"\"pregnancy\":{\"gestation_weeks\":27.8,\"on\":\"2026-03-02\"}", 1.25, NAN},
                {"\"pregnancy\":{\"gestation_weeks\":28,\"on\":\"2026-03-02\"}", 1.35, 12},
                {"\"pregnancy\":{\"gestation_weeks\":24,\"on\":\"2026-02-02\"}", 1.35, 12}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const start_labs *l = &played(*state, rows[i].fields, "")->labs;
        assert_near(l->bvf, rows[i].bvf, 0);
        assert_true(isnan(rows[i].Hbn) ? isnan(l->Hbn) : l->Hbn == rows[i].Hbn);
    }
    /* at the birth and six weeks later, with the loss of that time and what bleeds then */
    const embodied *e =
        played(*state, "\"blood_loss_ml_per_day\":8,\"pregnancy\":{\"gestation_weeks\":38,\"on\":\"2026-03-02\"}",
               "{\"at\":\"2026-03-04T08:00+01:00\",\"delivery\":true},{\"at\":\"2026-03-04T08:00+01:00\",\"bleeding\":500},"
               "{\"since\":\"2026-03-05T08:00+01:00\",\"bleeding_ml_per_day\":20}");
    ASSERT_EVENTS(e, {48, BODY_BLEED, 500, 0, 0}, {48, BODY_DELIVERY, 1.5, 1.1, 0}, {72, BODY_LOSS, 21.5, 0, 0},
                  {48 + 6 * 168, BODY_DELIVERY, 21.5, 1, 0});
    assert_true(isnan(e->events[1].Hbn));
}

static void after_a_birth(void **state) {
    static const char fields[] = "\"blood_loss_ml_per_day\":1,\"usual_hemoglobin_g_dl\":12,\"delivered_on\":\"2026-02-16\"";
    const embodied *e = played(*state, fields, "");
    assert_near(e->labs.bvf, 1.1, 0);
    assert_near(e->labs.CRPb, 3, 0);
    assert_near(e->labs.Hbu, 12, 0);
    ASSERT_EVENTS(e, {28 * 24 + 4, BODY_DELIVERY, 1, 1, 0}); /* noon, six weeks after the birth */
    /* an event tells the hour */
    e = played(*state, "\"blood_loss_ml_per_day\":1,\"usual_hemoglobin_g_dl\":12",
               "{\"at\":\"2026-02-16T02:00+01:00\",\"delivery\":true}");
    assert_near(e->labs.bvf, 1.1, 0);
    ASSERT_EVENTS(e, {28 * 24 - 6, BODY_DELIVERY, 1, 1, 0});
    /* more than six weeks ago */
    e = played(*state, "\"usual_hemoglobin_g_dl\":12,\"delivered_on\":\"2026-01-18\"", "");
    assert_true(e->labs.bvf == 1 && isnan(e->labs.CRPb) && e->events_n == 0);
}

static void what_changes_nothing(void **state) {
    const embodied *e = played(*state, NULL,
                               "{\"since\":\"2026-03-03T08:00+01:00\",\"medication\":\"aspirin\"},"
                               "{\"at\":\"2026-03-03T08:00+01:00\",\"symptom\":\"headache\"},"
                               "{\"at\":\"2026-02-01T08:00+01:00\",\"procedure\":\"mri\"}");
    assert_int_equal(e->status, EMBODY_OK);
    assert_int_equal(e->events_n, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_patient_of_the_start),
        cmocka_unit_test(labs_of_the_start),
        cmocka_unit_test(labs_that_lie_apart),
        cmocka_unit_test(which_labs_count),
        cmocka_unit_test(iron_by_vein),
        cmocka_unit_test(plans_stand_in_for_the_course),
        cmocka_unit_test(iron_by_mouth),
        cmocka_unit_test(esa_by_dose_and_weight),
        cmocka_unit_test(blood_lost_and_given),
        cmocka_unit_test(pregnancy_and_birth),
        cmocka_unit_test(after_a_birth),
        cmocka_unit_test(what_changes_nothing),
    };
    return cmocka_run_group_tests(tests, open_both, close_bench);
}
