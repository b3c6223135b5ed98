/* reactions.json as structs: the protocol of an infusion. Words stay words here; what they mean to the machine is decided by
 * session/protocol.c. Everything lives in the knowledge's arena; numbers that are absent are NaN, texts NULL. */
#ifndef FE_KNOWLEDGE_REACTION_H
#define FE_KNOWLEDGE_REACTION_H

#include <stdbool.h>
#include <stddef.h>

enum { REACTION_GRADES = 6 }; /* 0 to 5 */

typedef struct word_list {
    const char *const *list;
    size_t n;
} word_list;

/* Signs, groups of signs and triggers, any of which is meant. */
typedef struct reaction_any {
    word_list signs, groups, triggers;
} reaction_any;

typedef struct reaction_sign {
    const char *id, *sign;
    double min_grade, else_grade; /* else: when it is not alone; NaN */
    bool is_severe, is_site, no_stop;
    reaction_any raises_to_4, minor_only_without;
    word_list grade_4_groups;
} reaction_sign;

typedef struct reaction_trigger {
    const char *id, *signal, *op; /* op: "<=", "fall >=" */
    const char *unit;
    double value, value_per_year, age_min, age_max_excl, or_fall_pct;
    double min_grade, grade_with_group, grade_with_breathing;
    double base_change, base_or_pct;
    bool is_severe, with_symptoms;
} reaction_trigger;

/* What an action of the protocol gives: doses in mg, volumes in mL. */
typedef struct reaction_action {
    const char *id, *text, *medication, *route;
    double dose_mg, volume_ml, child_ml_per_kg, child_ug_per_kg, age_min, repeat_after_min;
} reaction_action;

typedef struct reaction_band { /* adrenaline by age; a band that needs a judgment is not taken by itself */
    const char *id;
    double age_min, age_max_excl, mg, ml;
} reaction_band;

typedef struct reaction_restart {
    const char *id;
    bool allowed, needs_prescriber;
    double times, symptom_free_min, fraction;
} reaction_restart;

typedef struct reaction_when {
    word_list phases, when, unless, signs, triggers;
} reaction_when;

/* One row of the section "session": a transition, an advice, a finding, an alarm or an intention. */
typedef struct reaction_row {
    const char *rule;             /* the row it rests on */
    const char *name;             /* finding, or name of the alarm; NULL */
    const char *text, *priority;  /* alarm */
    const char *to;               /* transition */
    word_list on, actions, shows; /* transition; intention; finding: "findings", "aftercare", "report" */
    bool is_refused;              /* intention */
    reaction_when when;
} reaction_row;

typedef struct reaction_rows {
    const reaction_row *list;
    size_t n;
} reaction_rows;

typedef struct reaction_group {
    const char *name;
    word_list signs;
} reaction_group;

typedef struct reaction_check {
    const char *id, *text;
    word_list items;   /* ids of findings.csv of kind check, or "prescriber" */
    bool takes_vitals; /* a full set of vitals answers it */
    bool is_of_test_dose;
} reaction_check;

typedef struct reactions {
    const reaction_sign *signs;
    size_t signs_n;
    const reaction_trigger *triggers;
    size_t triggers_n;
    const reaction_group *groups;
    size_t groups_n;
    const reaction_action *actions;
    size_t actions_n;
    const reaction_band *bands;
    size_t bands_n;
    const reaction_check *checks;
    size_t checks_n;
    reaction_restart restart[REACTION_GRADES];
    double observe_min[REACTION_GRADES]; /* NaN: not by time */
    const char *observe_rule[REACTION_GRADES];
    const char *adrenaline_rule, *adrenaline_route;
    double adrenaline_repeat_min, adrenaline_mg_per_kg, adrenaline_max_mg,
        adrenaline_mg_per_ml; /* per kg only where the site says so */
    double near_systolic_pct, near_systolic, near_heart_rate, near_spo2, near_respiratory_rate;
    const double *vitals_due_min;
    size_t vitals_due_n;
    double vitals_every_min, vitals_symptom_min;
    double undo_s, persist_min, resume_vitals_min, strong_pain, over_ml, refractory_doses;
    const char *persist_sign, *strong_sign, *nsaid_rule, *risk_rule, *risk_text;
    word_list identity_items, emergency_actions, adrenaline_actions, premedication_actions;
    reaction_rows transitions, advice, findings, alarms, intents;
} reactions;

#endif
