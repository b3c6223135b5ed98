/* The machine of an infusion on the shipped protocol: grades, waits, undo, rates. What must hold of every state is explored by
 * tests/tools/explore_session.c; here stand the numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "session/protocol.h"

enum { MINUTE = 60 };
static const double usual[SIGNAL_COUNT] = {126, 78, 76, 98, 14, 36.7};

typedef struct chair {
    arena *a;
    knowledge *k;
    patient who;
    preparation order;
    site place;
    const session_protocol *p;
    session_state s;
    session_out out;
} chair;

static void seat(chair *c) {
    faults f;
    fe__faults_init(&f, c->a, "");
    session_case about = {
        .patient = &c->who, .prepared = &c->order, .least_minutes = 15, .site = &c->place, .pregnant = c->who.pregnant};
    c->p = fe__session_protocol(c->a, c->k, &f, &about);
    for (size_t i = 0; i < f.n; i++) print_error("%s: %s, not %s\n", f.list[i].at, f.list[i].expected, f.list[i].found);
    assert_non_null(c->p);
    fe__machine_begin(&c->p->table, &c->s, usual, 0);
    fe__machine_take_checks(&c->p->table, &c->s);
}

static int open_chair(void **state) {
    chair *c = calloc(1, sizeof *c);
    c->a = fe__arena_new(0);
    if (setjmp(*fe__arena_escape(c->a))) return -1;
    faults f;
    fe__faults_init(&f, c->a, "knowledge");
    c->k = fe__knowledge_load(NULL, &f);
    *state = c;
    return c->k ? 0 : -1;
}

static int close_chair(void **state) {
    chair *c = *state;
    fe__knowledge_free(c->k);
    fe__arena_free(c->a);
    free(c);
    return 0;
}

/* A woman of 40; 1000 mg in 270 mL over 15 minutes, 1080 mL/h. */
static chair *fresh(void **state) {
    chair *c = *state;
    c->who = (patient){.sex = "female", .age_years = 40, .weight_kg = 65};
    c->order = (preparation){.volume_ml = 270,
                             .ml_per_h = 1080,
                             .final_mg_per_ml = 1000.0 / 270,
                             .test_dose_ml = NAN,
                             .test_seconds = NAN,
                             .test_wait_minutes = NAN,
                             .observe_minutes = 30};
    c->place = (site){.observe_minutes = NAN, .on_site_resuscitation = -1, .adrenaline_mg = NAN, .symptom_free_minutes = NAN};
    seat(c);
    return c;
}

static session_event event_at(double minute, session_event_kind kind) {
    session_event e = {.at = minute * MINUTE, .kind = (uint8_t)kind, .rate_ml_per_h = NAN, .given_ml = NAN, .pain = NAN};
    for (unsigned i = 0; i < SIGNAL_COUNT; i++) e.vitals[i] = NAN;
    return e;
}

static void happen(chair *c, session_event e) { fe__machine_step(&c->p->table, &c->s, &e, &c->out); }
static void plain(chair *c, double minute, session_event_kind kind) { happen(c, event_at(minute, kind)); }

static void sign(chair *c, double minute, const char *id) {
    session_event e = event_at(minute, SESSION_SIGN);
    int number = fe__session_sign(c->p, id);
    assert_true(number >= 0);
    e.number = (uint8_t)number;
    happen(c, e);
}

static void gone(chair *c, double minute, const char *id) {
    session_event e = event_at(minute, SESSION_SIGN_GONE);
    e.number = (uint8_t)fe__session_sign(c->p, id);
    happen(c, e);
}

static void vitals(chair *c, double minute, unsigned signal, double value) {
    session_event e = event_at(minute, SESSION_VITALS);
    memcpy(e.vitals, usual, sizeof usual);
    if (signal < SIGNAL_COUNT) e.vitals[signal] = value;
    if (e.vitals[SIGNAL_DIASTOLIC] > e.vitals[SIGNAL_SYSTOLIC]) e.vitals[SIGNAL_DIASTOLIC] = e.vitals[SIGNAL_SYSTOLIC];
    happen(c, e);
}

static void usual_vitals(chair *c, double minute) { vitals(c, minute, SIGNAL_COUNT, 0); }

static void prescriber(chair *c, double minute, bool named) {
    session_event e = event_at(minute, SESSION_PRESCRIBER);
    e.yes = true;
    e.is_named = named;
    happen(c, e);
}

static bool alarms(const chair *c, const char *name) {
    for (unsigned i = 0; i < c->out.alarms_n; i++)
        if (fe__streq(c->k->reactions->alarms.list[c->out.alarms[i]].name, name)) return true;
    return false;
}

/* ---- grades: each row of the protocol's text, and one step beside it --------------------------------------------------- */

static void every_sign_of_the_vocabulary_has_a_grade(void **state) {
    chair *c = fresh(state);
    for (size_t i = 0; i < c->k->terms_n; i++) {
        if (c->k->terms[i].kind != TERM_SIGN) continue;
        int number = fe__session_sign(c->p, c->k->terms[i].id);
        if (number < 0) fail_msg("%s has no row in reactions.json", c->k->terms[i].id);
    }
}

static void each_vital_sign_has_its_edge(void **state) {
    static const struct {
        unsigned signal;
        double inside, beyond;
        int grade;
        session_phase phase;
    } edges[] = {
        {SIGNAL_SYSTOLIC, 97, 96, 3, PHASE_STOPPED},     /* fall of 30 */
        {SIGNAL_SYSTOLIC, 80, 75, 4, PHASE_SEVERE},      /* under 80, and fall of 40% */
        {SIGNAL_SYSTOLIC, 165, 166, 2, PHASE_PAUSED},    /* rise of 40 */
        {SIGNAL_HEART_RATE, 105, 106, 3, PHASE_STOPPED}, /* rise of 30 */
        {SIGNAL_SPO2, 96, 95, 3, PHASE_STOPPED},         /* fall of 3 points */
        {SIGNAL_SPO2, 92, 91, 4, PHASE_SEVERE},          {SIGNAL_RESPIRATORY_RATE, 25, 26, 3, PHASE_STOPPED},
        {SIGNAL_TEMPERATURE, 37.9, 38, 2, PHASE_PAUSED},
    };
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
        chair *c = fresh(state);
        plain(c, 0, SESSION_START);
        vitals(c, 5, edges[i].signal, edges[i].inside);
        assert_true(c->s.grade < edges[i].grade);
        vitals(c, 6, edges[i].signal, edges[i].beyond);
        assert_int_equal(c->s.grade, edges[i].grade);
        assert_int_equal(c->s.phase, edges[i].phase);
    }
}

static void an_abnormal_baseline_is_judged_by_change_and_asks_for_a_prescriber(void **state) {
    chair *c = fresh(state);
    double low[SIGNAL_COUNT] = {88, 58, 76, 98, 14, 36.7};
    fe__machine_begin(&c->p->table, &c->s, low, 0);
    fe__machine_take_checks(&c->p->table, &c->s);
    plain(c, 0, SESSION_TIME);
    assert_int_equal(c->out.next_item, ITEM_PRESCRIBER);
    plain(c, 1, SESSION_START);
    assert_true(alarms(c, "started-early"));
    prescriber(c, 2, true);
    assert_false(alarms(c, "started-early"));
    vitals(c, 5, SIGNAL_SYSTOLIC, 86); /* 90 or less, and no change */
    assert_int_equal(c->s.grade, 0);
    assert_int_equal(c->s.phase, PHASE_RUNNING);
}

static void chest_tightness_is_minor_only_alone(void **state) {
    chair *c = fresh(state);
    plain(c, 0, SESSION_START);
    sign(c, 1, "chest-tightness");
    assert_int_equal(c->s.grade, 1);
    c = fresh(state);
    plain(c, 0, SESSION_START);
    sign(c, 1, "chest-tightness");
    vitals(c, 2, SIGNAL_SPO2, 95);
    assert_int_equal(c->s.grade, 3);
    c = fresh(state);
    plain(c, 0, SESSION_START);
    sign(c, 1, "localized-itch");
    sign(c, 1, "chest-tightness");
    assert_int_equal(c->s.grade, 4);
}

static void a_slow_pulse_counts_with_symptoms_alone(void **state) {
    chair *c = fresh(state);
    plain(c, 0, SESSION_START);
    vitals(c, 5, SIGNAL_HEART_RATE, 48);
    assert_int_equal(c->s.grade, 0);
    sign(c, 6, "dizziness");
    assert_int_equal(c->s.grade, 3);
}

static void strong_pain_is_intense_pain(void **state) {
    for (int score = 6; score <= 7; score++) {
        chair *c = fresh(state);
        session_event e = event_at(3, SESSION_SIGN);
        plain(c, 0, SESSION_START);
        e.number = (uint8_t)fe__session_sign(c->p, "back-pain");
        e.pain = score;
        happen(c, e);
        assert_int_equal(c->s.grade, score >= 7 ? 3 : 1);
    }
}

static void a_symptom_that_lasts_15_minutes_stops(void **state) {
    chair *c = fresh(state);
    plain(c, 0, SESSION_START);
    sign(c, 3, "back-pain");
    plain(c, 17.9, SESSION_TIME);
    assert_int_equal(c->s.phase, PHASE_PAUSED);
    plain(c, 18, SESSION_TIME);
    assert_int_equal(c->s.phase, PHASE_STOPPED);
    assert_int_equal(c->s.grade, 3);
    c = fresh(state); /* a pause of another kind before the sign does not count */
    plain(c, 0, SESSION_START);
    plain(c, 1, SESSION_PAUSE);
    sign(c, 17, "back-pain");
    assert_int_equal(c->s.phase, PHASE_PAUSED);
}

static void constipation_stops_nothing(void **state) {
    chair *c = fresh(state);
    plain(c, 0, SESSION_START);
    sign(c, 1, "constipation");
    assert_int_equal(c->s.phase, PHASE_RUNNING);
    assert_int_equal(c->s.grade, 1);
}

/* ---- restart ---------------------------------------------------------------------------------------------------------------- */

static void a_restart_waits_15_minutes_and_halves_the_rate(void **state) {
    chair *c = fresh(state);
    plain(c, 0, SESSION_START);
    sign(c, 3, "flushing");
    assert_true(fabs(c->s.given_ml - 54) < 1e-9); /* 1080 mL/h for 3 minutes */
    gone(c, 9, "flushing");
    usual_vitals(c, 23);
    plain(c, 23.9, SESSION_RESUME);
    assert_true(c->out.refused);
    assert_int_equal(c->s.phase, PHASE_PAUSED);
    assert_true(c->out.resume.not_before == 24 * MINUTE);
    plain(c, 24, SESSION_RESUME);
    assert_false(c->out.refused);
    assert_int_equal(c->s.phase, PHASE_REDUCED_RATE);
    assert_true(c->s.rate_ml_per_h == 540);
    sign(c, 30, "flushing"); /* it returns */
    assert_int_equal(c->s.phase, PHASE_STOPPED);
}

static void a_site_can_ask_for_longer_never_for_less(void **state) {
    for (int ask = 5; ask <= 20; ask += 15) {
        chair *c = fresh(state);
        c->place.symptom_free_minutes = ask;
        seat(c);
        plain(c, 0, SESSION_START);
        sign(c, 3, "flushing");
        gone(c, 9, "flushing");
        plain(c, 10, SESSION_TIME);
        assert_true(c->out.resume.not_before == (9 + (ask > 15 ? ask : 15)) * MINUTE);
    }
}

static void grade_2_asks_for_a_named_prescriber(void **state) {
    chair *c = fresh(state);
    plain(c, 0, SESSION_START);
    sign(c, 3, "localized-itch");
    gone(c, 9, "localized-itch");
    usual_vitals(c, 24);
    prescriber(c, 24, false);
    plain(c, 24, SESSION_RESUME);
    assert_true(c->out.refused);
    assert_true(c->out.resume.prescriber);
    prescriber(c, 24, true);
    plain(c, 24, SESSION_RESUME);
    assert_int_equal(c->s.phase, PHASE_REDUCED_RATE);
}

static void vitals_before_a_restart_are_near_and_new(void **state) {
    for (int i = 0; i < 3; i++) {
        chair *c = fresh(state);
        plain(c, 0, SESSION_START);
        sign(c, 3, "flushing");
        gone(c, 9, "flushing");
        if (i == 0) usual_vitals(c, 13);                 /* 11 minutes old */
        if (i == 1) vitals(c, 24, SIGNAL_SYSTOLIC, 109); /* 17 lower: more than 15 and more than 10% */
        if (i == 2) usual_vitals(c, 14);                 /* 10 minutes old */
        plain(c, 24, SESSION_RESUME);
        assert_int_equal(c->out.refused, i < 2);
    }
}

static void a_faster_rate_is_refused_a_slower_one_is_not(void **state) {
    chair *c = fresh(state);
    plain(c, 0, SESSION_START);
    session_event e = event_at(1, SESSION_SET_RATE);
    e.rate_ml_per_h = 1081;
    happen(c, e);
    assert_true(c->out.refused);
    assert_true(c->s.rate_ml_per_h == 1080);
    e.rate_ml_per_h = 600;
    happen(c, e);
    assert_false(c->out.refused);
    sign(c, 2, "flushing");
    gone(c, 3, "flushing");
    plain(c, 4, SESSION_TIME);
    assert_true(c->out.resume.rate_ml_per_h == 300); /* half of what ran */
}

static void the_label_bounds_the_order(void **state) {
    chair *c = fresh(state);
    c->order.ml_per_h = 2000;
    seat(c);
    assert_true(c->p->table.rate_ml_per_h == 1080); /* 270 mL in the label's 15 minutes */
}

/* ---- severe ------------------------------------------------------------------------------------------------------------------- */

static void severe_becomes_emergency_after_60_seconds(void **state) {
    chair *c = fresh(state);
    plain(c, 0, SESSION_START);
    sign(c, 5, "widespread-rash");
    assert_int_equal(c->s.phase, PHASE_SEVERE);
    assert_true(c->out.entered_severe);
    plain(c, 6, SESSION_TIME);
    assert_int_equal(c->s.phase, PHASE_SEVERE);
    plain(c, 6.02, SESSION_TIME);
    assert_int_equal(c->s.phase, PHASE_EMERGENCY);
    plain(c, 7, SESSION_UNDO);
    assert_true(c->out.refused);
}

static void undo(chair *c, double minute, const char *id) {
    session_event e = event_at(minute, SESSION_UNDO);
    e.undone = SESSION_SIGN;
    e.undone_number = (uint8_t)fe__session_sign(c->p, id);
    e.undone_severe = true;
    happen(c, e);
}

static void an_undo_in_time_pauses_and_asks_for_all(void **state) {
    chair *c = fresh(state);
    plain(c, 0, SESSION_START);
    sign(c, 5, "widespread-rash");
    undo(c, 5.5, "widespread-rash");
    assert_false(c->out.refused);
    assert_int_equal(c->s.phase, PHASE_PAUSED);
    assert_int_equal(c->s.grade, 0);
    session_event part = event_at(6, SESSION_VITALS);
    memcpy(part.vitals, usual, sizeof usual);
    part.vitals[SIGNAL_TEMPERATURE] = NAN;
    happen(c, part);
    prescriber(c, 7, true);
    plain(c, 7, SESSION_RESUME);
    assert_true(c->out.refused); /* no full set */
    usual_vitals(c, 8);
    plain(c, 8, SESSION_RESUME);
    assert_false(c->out.refused);
}

static void an_action_ends_the_undo(void **state) {
    chair *c = fresh(state);
    plain(c, 0, SESSION_START);
    sign(c, 5, "stridor");
    session_event e = event_at(5.1, SESSION_ACTION);
    e.number = (uint8_t)fe__session_action(c->p, "adrenaline-im");
    happen(c, e);
    assert_int_equal(c->s.phase, PHASE_EMERGENCY);
    undo(c, 5.2, "stridor");
    assert_true(c->out.refused);
    plain(c, 10.1, SESSION_TIME);
    assert_true(alarms(c, "adrenaline-repeat-due"));
}

static void two_severe_signs_are_no_slip(void **state) {
    chair *c = fresh(state);
    plain(c, 0, SESSION_START);
    sign(c, 5, "stridor");
    sign(c, 5, "widespread-rash");
    undo(c, 5.5, "stridor");
    assert_true(c->out.refused);
}

static void adrenaline_follows_age_and_site(void **state) {
    static const struct { double age, mg; } bands[] = {{40, 0.5}, {13, 0.5}, {12.9, 0.3}, {6, 0.3}, {5.9, 0.15}, {0.5, 0.15}};
    for (size_t i = 0; i < sizeof bands / sizeof *bands; i++) {
        chair *c = fresh(state);
        c->who.age_years = bands[i].age;
        seat(c);
        session_dose d = fe__session_dose(c->p, "adrenaline-im", "R-A23");
        assert_true(fabs(d.dose_mg - bands[i].mg) < 1e-9);
        assert_true(fabs(d.volume_ml - bands[i].mg) < 1e-9); /* 1 mg/mL */
    }
    chair *c = fresh(state);
    c->place.adrenaline_mg = 0.3;
    seat(c);
    assert_true(fe__session_dose(c->p, "adrenaline-im", "R-A23").dose_mg == 0.3);
    c->place.adrenaline_mg = NAN;
    c->place.adrenaline_by_weight = true;
    c->who.weight_kg = 20;
    seat(c);
    assert_true(fabs(fe__session_dose(c->p, "adrenaline-im", "R-A23").dose_mg - 0.2) < 1e-9);
}

/* ---- bag, test dose, end -------------------------------------------------------------------------------------------------------- */

static void over_delivery_alarms_with_the_report(void **state) {
    for (int ml = 271; ml <= 272; ml++) {
        chair *c = fresh(state);
        plain(c, 0, SESSION_START);
        session_event e = event_at(14, SESSION_PUMP);
        e.given_ml = ml;
        e.rate_ml_per_h = 1080;
        happen(c, e);
        assert_int_equal(alarms(c, "over-delivery"), ml > 271);
    }
}

static void a_reckoned_volume_never_passes_the_bag(void **state) {
    chair *c = fresh(state);
    plain(c, 0, SESSION_START);
    plain(c, 60, SESSION_TIME);
    assert_true(c->s.given_ml == 270);
    assert_true(alarms(c, "bag-empty"));
    assert_false(alarms(c, "over-delivery"));
}

static void time_never_runs_back(void **state) {
    chair *c = fresh(state);
    plain(c, 10, SESSION_START);
    sign(c, 12, "flushing");
    gone(c, 13, "flushing");
    plain(c, 2, SESSION_TIME);
    assert_true(c->s.now == 13 * MINUTE);
    assert_true(c->out.resume.not_before == 28 * MINUTE);
}

static void a_test_dose_is_waited_out(void **state) {
    chair *c = fresh(state);
    c->order.test_dose_ml = 0.5;
    c->order.test_seconds = 30;
    c->order.test_wait_minutes = 60;
    seat(c);
    plain(c, 0, SESSION_START);
    assert_int_equal(c->s.phase, PHASE_TEST_DOSE);
    plain(c, 30, SESSION_TIME); /* the wait counts from the end of the test dose, whenever it is looked at */
    assert_int_equal(c->s.phase, PHASE_WAITING);
    assert_true(c->out.resume.not_before == 60.5 * MINUTE);
    plain(c, 60, SESSION_START);
    assert_int_equal(c->s.phase, PHASE_WAITING);
    assert_true(alarms(c, "runs-against-the-state"));
    plain(c, 60.5, SESSION_RESUME);
    assert_int_equal(c->s.phase, PHASE_RUNNING);
    chair *d = fresh(state);
    d->order.test_dose_ml = 0.5;
    d->order.test_seconds = 30;
    d->order.test_wait_minutes = 60;
    seat(d);
    plain(d, 0, SESSION_START);
    sign(d, 20, "flushing");
    assert_int_equal(d->s.phase, PHASE_STOPPED);
}

static void fit_to_leave_after_the_longest_observation(void **state) {
    static const struct {
        const char *sign;
        double site_min, minutes, from;
    } rows[] = {{NULL, NAN, 30, 20},
                {NULL, 45, 45, 20},
                {"flushing", NAN, 60, 20},
                {"localized-itch", NAN, 60, 20},
                {"cough", NAN, 240, 10}}; /* that one stopped at 5, and the cough went at 10 */
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        chair *c = fresh(state);
        c->place.observe_minutes = rows[i].site_min;
        seat(c);
        plain(c, 0, SESSION_START);
        if (rows[i].sign) {
            sign(c, 5, rows[i].sign);
            gone(c, 10, rows[i].sign);
        }
        plain(c, 20, SESSION_END);
        usual_vitals(c, rows[i].from + rows[i].minutes - 1);
        assert_int_equal(c->s.phase, PHASE_OBSERVATION);
        plain(c, rows[i].from + rows[i].minutes - 0.1, SESSION_LEAVE);
        assert_true(c->out.refused);
        plain(c, rows[i].from + rows[i].minutes, SESSION_TIME);
        assert_int_equal(c->s.phase, PHASE_FIT_TO_LEAVE);
        plain(c, rows[i].from + rows[i].minutes, SESSION_LEAVE);
        assert_int_equal(c->s.phase, PHASE_ENDED);
    }
}

static void the_end_of_symptoms_counts_when_it_is_later(void **state) {
    chair *c = fresh(state);
    plain(c, 0, SESSION_START);
    plain(c, 15, SESSION_END);
    sign(c, 20, "headache");
    gone(c, 40, "headache");
    plain(c, 41, SESSION_TIME);
    assert_true(c->out.leave.not_before == 100 * MINUTE);
}

static void a_wrong_bag_stops(void **state) {
    chair *c = fresh(state);
    plain(c, 0, SESSION_START);
    session_event e = event_at(2, SESSION_CHECK);
    e.number = (uint8_t)fe__session_check(c->p, "check-identity");
    happen(c, e);
    assert_int_equal(c->s.phase, PHASE_STOPPED);
    assert_true(alarms(c, "wrong-bag"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sign_of_the_vocabulary_has_a_grade),
        cmocka_unit_test(each_vital_sign_has_its_edge),
        cmocka_unit_test(an_abnormal_baseline_is_judged_by_change_and_asks_for_a_prescriber),
        cmocka_unit_test(chest_tightness_is_minor_only_alone),
        cmocka_unit_test(a_slow_pulse_counts_with_symptoms_alone),
        cmocka_unit_test(strong_pain_is_intense_pain),
        cmocka_unit_test(a_symptom_that_lasts_15_minutes_stops),
        cmocka_unit_test(constipation_stops_nothing),
        cmocka_unit_test(a_restart_waits_15_minutes_and_halves_the_rate),
        cmocka_unit_test(a_site_can_ask_for_longer_never_for_less),
        cmocka_unit_test(grade_2_asks_for_a_named_prescriber),
        cmocka_unit_test(vitals_before_a_restart_are_near_and_new),
        cmocka_unit_test(a_faster_rate_is_refused_a_slower_one_is_not),
        cmocka_unit_test(the_label_bounds_the_order),
        cmocka_unit_test(severe_becomes_emergency_after_60_seconds),
        cmocka_unit_test(an_undo_in_time_pauses_and_asks_for_all),
        cmocka_unit_test(an_action_ends_the_undo),
        cmocka_unit_test(two_severe_signs_are_no_slip),
        cmocka_unit_test(adrenaline_follows_age_and_site),
        cmocka_unit_test(over_delivery_alarms_with_the_report),
        cmocka_unit_test(a_reckoned_volume_never_passes_the_bag),
        cmocka_unit_test(time_never_runs_back),
        cmocka_unit_test(a_test_dose_is_waited_out),
        cmocka_unit_test(fit_to_leave_after_the_longest_observation),
        cmocka_unit_test(the_end_of_symptoms_counts_when_it_is_later),
        cmocka_unit_test(a_wrong_bag_stops),
    };
    return cmocka_run_group_tests(tests, open_chair, close_chair);
}
