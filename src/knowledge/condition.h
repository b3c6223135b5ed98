/* Conditions of rules, gates and methods: the small expression language of data/README.md, compiled.
 *
 * A condition has three values. This file knows the language and not the patient: what a leaf is worth is asked of
 * the caller, who also may note which leaves were unknown and which made a rule true. */
#ifndef FE_KNOWLEDGE_CONDITION_H
#define FE_KNOWLEDGE_CONDITION_H

#include <stddef.h>

#include "base/arena.h"
#include "base/fault.h"
#include "base/tree.h"

typedef enum tri { TRI_FALSE = 0, TRI_TRUE = 1, TRI_UNKNOWN = 2 } tri;

typedef enum condition_kind {
    COND_ALL,
    COND_ANY,
    COND_NOT,
    COND_ALWAYS,
    /* leaves */
    COND_HAS,        /* term: condition */
    COND_FAMILY,     /* term: condition */
    COND_CAUSE,      /* term: condition */
    COND_MEDICINE,   /* term: medication */
    COND_SUPPLEMENT, /* term: medication */
    COND_SYMPTOM,    /* term: sign; within_days, INFINITY when any time */
    COND_PROCEDURE,  /* term: event id (mri, dialysis); within_days ahead */
    COND_LAB,        /* term: lab; bounds */
    COND_LAB_RESULT, /* term: lab; words: results */
    COND_LAB_KNOWN,  /* term: lab */
    COND_LAB_NOTE,   /* term: lab; word: fasting, morning, no-oral-iron-24h, assay */
    COND_NUM,        /* number: a derived number, or term >= 0: a numeric field; bounds */
    COND_IS,         /* term: field; words */
    COND_GIVEN,      /* word: field, lab, medicines, supplements, oral-iron */
    COND_FLAG,       /* flag */
    COND_RULE,       /* rule: index into the definitions and findings of rules.json, in file order */
    COND_MOLECULE,   /* words */
    COND_PRODUCT,    /* words */
    COND_REGION      /* words */
} condition_kind;

/* Derived numbers and flags of data/README.md; one list, so that names and indices cannot drift. */
/* clang-format off */
#define FE_NUMBERS(X)                                                                                         \
    X(bmi) X(gestation_weeks) X(days_postpartum) X(days_to_surgery) X(surgery_blood_loss_ml)                  \
    X(days_since_iv_iron) X(last_iv_iron_mg) X(iv_iron_7d_mg) X(iv_iron_28d_mg) X(iv_iron_90d_mg)             \
    X(days_since_fcm) X(fcm_90d_mg) X(cumulative_iv_iron_mg) X(reaction_grade_any) X(reaction_grade_this)     \
    X(reaction_grade_other) X(drug_allergies) X(mentzer_index) X(tsat) X(irls) X(conditions_count)            \
    X(medicines_count) X(days_since_lab_hemoglobin) X(days_since_lab_ferritin) X(deficit_mg) X(total_mg)      \
    X(shortfall_mg) X(methods_spread_mg) X(largest_dose_mg) X(visits) X(minutes) X(bag_ml) X(final_mg_per_ml) \
    X(test_dose_mg) X(rounded_mg) X(tsat_as_drawn) X(days_since_lab_phosphate) X(forecast_iron_mg)            \
    X(forecast_fcm_mg) X(days_since_fmx) X(overdose_mg) X(undergiven_mg) X(previous_tsat) X(this_value)      \
    X(this_change) X(this_ratio) X(this_percentile) X(this_days_ago) X(this_repeat_ratio) X(this_fall) X(this_fall_days)
/* clang-format on */

/* clang-format off */
#define FE_FLAGS(X)                                                                                            \
    X(pregnant) X(postpartum) X(surgery_planned) X(surgery_deferrable) X(allergy_this) X(allergy_any_iron)     \
    X(adult) X(child) X(off_label_regimen) X(weight_not_actual) X(stores_assumed) X(stores_in_formula)         \
    X(test_dose_in_plan) X(slower_than_minimum) X(over_diluted) X(more_than_one_dose) X(premedication_ordered) \
    X(diphenhydramine_ordered) X(cautions_open) X(limited_experience) X(repeat_course)      \
    X(serious_iron_allergy) X(lab_left_out) X(resuscitation_absent) X(had_iv_iron) X(iv_iron_undated) X(ferritin_since_iron)        \
    X(ferritin_in_window) X(hemoglobin_since_iron) X(phosphate_since_iron) X(phosphate_since_this) X(transfused_since_iron) X(was_anemic) X(this_spoiled)
/* clang-format on */

#define FE_NUMBER_ENUM(name) NUM_##name,
#define FE_FLAG_ENUM(name)   FLAG_##name,
typedef enum number_id { FE_NUMBERS(FE_NUMBER_ENUM) NUM_COUNT } number_id;
typedef enum flag_id { FE_FLAGS(FE_FLAG_ENUM) FLAG_COUNT } flag_id;

extern const char *const fe__number_names[NUM_COUNT];
extern const char *const fe__flag_names[FLAG_COUNT];

typedef struct condition condition;
struct condition {
    condition_kind kind;
    const condition *const *parts; /* ALL, ANY, NOT */
    size_t parts_n;
    int term;                  /* index of a vocabulary row, -1 when none */
    int number, flag, rule;    /* number_id, flag_id, rule index; -1 when none */
    double lt, le, gt, ge, eq; /* bounds; NaN when absent */
    double within_days;
    const char *const *words;
    size_t words_n;
};

/* Asked for each leaf. */
typedef tri (*condition_leaf)(void *context, const condition *leaf);

tri fe__condition_value(const condition *c, condition_leaf leaf, void *context);

/* The bounds of a leaf against an interval [low, high] (equal when exactly known; an end may be infinite).
 * open_low / open_high: the end itself is excluded (a lab "<5" is [0, 5) ). */
tri fe__condition_bounds(const condition *leaf, double low, double high, int open_low, int open_high);

#endif
