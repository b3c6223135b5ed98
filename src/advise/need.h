/* How much iron: every published way to compute the need, with the weight it uses. */
#ifndef FE_ADVISE_NEED_H
#define FE_ADVISE_NEED_H

#include "knowledge/knowledge.h"

/* What is known of the patient, and what the user sets. NaN: not given. */
typedef struct need_input {
    double weight_kg, height_cm, age_years, hb_g_dl, hematocrit_pct, blood_loss_ml, blood_units, lbw_kg, weight_pre_pregnancy_kg,
        weight_ideal_kg;
    const char *sex; /* female, male, NULL */
    bool pregnant;
    double target_hb_g_dl, stores_mg, stores_mg_per_kg; /* set by the user */
    const char *weight_basis;                           /* actual, ideal, lean, pre-pregnancy; NULL: the method's own */
} need_input;

typedef struct need_result {
    bool known;          /* false: `missing` says what is lacking */
    const char *missing; /* field id */
    double total_mg;     /* as the method gives it, rounded where the method rounds */
    double unrounded_mg;
    double weight_kg;         /* NaN when the method uses none */
    const char *weight_basis; /* actual, ideal, lean, pre-pregnancy, none */
    const char *weight_why;
    double target_hb_g_dl, stores_mg;     /* NaN when the method has none */
    bool stores_included, stores_assumed; /* assumed: the method's default, not said by the user */
    double base_mg, extra_mg;             /* table with an addition; NaN otherwise */
    double range_max_mg;                  /* the upper end where a table gives a range; NaN otherwise */
    const char *formula;                  /* with the numbers filled in */
} need_result;

need_result fe__need(arena *a, const knowledge *k, const need_method *m, const need_input *in);

/* The total of a label table (simplified table, heart failure table by day: the sum) for Hb and weight into r->total_mg; the lower end
 * of a range, whose upper end is range_max_mg. False when no row holds. */
bool fe__table_total(const dose_spec *d, double hb_g_dl, double weight_kg, need_result *r);
const table_row *fe__table_row(const table_row *rows, size_t n, double hb_g_dl, double weight_kg);

/* Need method by vocabulary id or own id: the first of the list, which is the label's default; with target or stores set by the user
 * the same formula serves. NULL when none. */
const need_method *fe__need_by_method(const knowledge *k, const char *method);

/* The weight a basis stands for; `word` and `why` are for the answer. NaN with *missing when something is lacking. */
double fe__weight_for(const knowledge *k, const char *basis, const need_input *in, const char **word, const char **why,
                      const char **missing);

#endif
