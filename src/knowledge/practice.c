/* practice.json: project choices with a name. The program knows the names; the values stand in the data. */
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "knowledge/loading.h"

typedef struct named_number {
    const char *name;
    size_t at; /* of a double in practice */
} named_number;

typedef struct named_list {
    const char *name;
    size_t at, n_at; /* of a const double * and its size_t */
} named_list;

#define NUMBER(field)                                                                                                            \
    { #field, offsetof(practice, field) }

static const named_number numbers[] = {
    NUMBER(preferred_bag_ml_max),
    NUMBER(max_pump_rate_ml_per_h),
    NUMBER(course_window_days),
    NUMBER(need_round_mg),
    NUMBER(typical_dose_mg),
    NUMBER(knowledge_max_age_days),
    NUMBER(drug_ml_step),
    NUMBER(tibc_ug_dl_per_transferrin_g_l),
    NUMBER(few_visits_max),
    NUMBER(shortfall_class_mg),
    NUMBER(phosphate_shortfall_mg),
    NUMBER(unset_mg_per_min),
    NUMBER(least_dose_mg),
    NUMBER(whole_dose_share),
    NUMBER(usual_bmi_low),
    NUMBER(usual_bmi_high),
    NUMBER(fertile_age_from_years),
    NUMBER(fertile_age_to_years),
    NUMBER(postpartum_days),
    NUMBER(repeat_course_days),
    NUMBER(adult_years),
    NUMBER(what_if_gestation_weeks),
    NUMBER(what_if_reaction_grade),
    NUMBER(tie_goal),
    NUMBER(tie_phosphate),
    NUMBER(tie_ferritin),
    NUMBER(tie_reaction),
    NUMBER(tie_iron_mg),
    NUMBER(tie_chair_minutes),
    NUMBER(large_phosphate),
};
enum { NUMBERS = sizeof numbers / sizeof *numbers };

static const named_list lists[] = {
    {"standard_bags_ml", offsetof(practice, standard_bags_ml), offsetof(practice, standard_bags_n)},
    {"dialysis_days_of_week_pattern", offsetof(practice, dialysis_days), offsetof(practice, dialysis_days_n)},
    {"days_pattern_3_per_week", offsetof(practice, days_3_per_week), offsetof(practice, days_3_n)},
    {"days_pattern_2_per_week", offsetof(practice, days_2_per_week), offsetof(practice, days_2_n)},
    {"optimize_total_shares", offsetof(practice, total_shares), offsetof(practice, total_shares_n)},
    {"optimize_dose_shares", offsetof(practice, dose_shares), offsetof(practice, dose_shares_n)},
    {"optimize_interval_days", offsetof(practice, interval_days), offsetof(practice, interval_days_n)},
    {"optimize_slower", offsetof(practice, slower), offsetof(practice, slower_n)},
};
enum { LISTS = sizeof lists / sizeof *lists };

/* The numbers, the lists, and the one that is an id. */
enum { DILUENT = NUMBERS + LISTS, NAMES };

static const char *name_of(int i) {
    if (i == DILUENT) return "usual_diluent";
    return i < NUMBERS ? numbers[i].name : lists[i - NUMBERS].name;
}

static int known_name(const char *name) {
    for (int i = 0; i < NAMES; i++) {
        if (strcmp(name, name_of(i)) == 0) return i;
    }
    return -1;
}

/* Above 0 and ascending; days of a week from 0. */
static void take_list(shape *o, practice *p, const named_list *list) {
    size_t n;
    const double *values = fe__take_numbers(o, "value", SOME, &n, 0, 1e6);
    for (size_t i = 1; i < n; i++) {
        if (values[i] <= values[i - 1])
            fe__shape_fault(o, "value", "numbers in ascending order", "a number that is not above the one before", NULL);
    }
    memcpy((char *)p + list->at, &values, sizeof values);
    memcpy((char *)p + list->n_at, &n, sizeof n);
}

static void read_row(loader *l, practice *p, bool seen[NAMES], const tree *json, const place *at) {
    shape o = fe__shape(&l->f, json, at);
    const char *id = fe__take_text(&o, "id", MUST), *name = fe__take_text(&o, "name", MUST);
    int known = known_name(name);
    if (known < 0) {
        fe__take_none(&o, "value");
        if (*name) fe__shape_fault(&o, "name", "a name that the program knows", name, NULL);
    } else if (known < NUMBERS) {
        double v = fe__take_number(&o, "value", MUST, NAN, 1e-9, 1e9);
        memcpy((char *)p + numbers[known].at, &v, sizeof v);
    } else if (known < DILUENT) {
        take_list(&o, p, &lists[known - NUMBERS]);
    } else {
        p->usual_diluent = fe__take_term(l, &o, "value", MUST, TERM_MEDICATION);
    }
    if (known >= 0 && seen[known]) fe__shape_fault(&o, "name", "each name once", name, NULL);
    if (known >= 0) seen[known] = true;
    fe__take_text(&o, "unit", MUST);
    const char *words = fe__take_text(&o, "text", MUST), *source = fe__take_source(l, &o, MUST);
    fe__loader_cite_row(l, at, id, source, words, fe__take_verified(&o));
    fe__shape_done(&o);
}

void fe__load_practice(loader *l) {
    fe__loader_enter(l, FILE_PRACTICE);
    place root = fe__place(""), rows_at = fe__place_key(&root, "rows");
    shape o = fe__shape(&l->f, l->files[FILE_PRACTICE].json, &root);
    fe__take_text(&o, "schema", MUST);
    fe__take_text(&o, "as_of", MUST);
    const tree *rows = fe__take_list(&o, "rows", MUST);
    bool seen[NAMES] = {false};
    for (size_t i = 0; i < fe__tree_length(rows); i++) {
        place at = fe__place_index(&rows_at, i);
        read_row(l, &l->k->practice, seen, fe__tree_element(rows, i), &at);
    }
    for (int i = 0; i < NAMES; i++) {
        if (!seen[i]) fe__shape_fault(&o, "rows", "a row of every name that the program needs", "none", name_of(i));
    }
    fe__shape_done(&o);
}
