/* reactions.json into the structs of reaction.h. Ids, sources and words of the vocabulary were checked by reactions.c wherever they
 * stand; here what a row needs to be used is checked: rules that exist, findings that exist, signs and triggers of the file. */
#include <math.h>
#include <string.h>

#include "knowledge/loading.h"

typedef struct row_reader {
    loader *l;
    reactions *r;
} row_reader;

/* ---- values ---- */

static double number(const tree *row, const char *key) {
    const tree *v = fe__tree_get(row, key);
    return fe__tree_is(v, TREE_NUMBER) ? v->number : NAN;
}

static double number_or(const tree *row, const char *key, double otherwise) {
    double v = number(row, key);
    return isnan(v) ? otherwise : v;
}

static bool yes(const tree *row, const char *key) { return fe__tree_is(fe__tree_get(row, key), TREE_TRUE); }

static const char *words_at(const tree *row, const char *key) { return fe__tree_text(fe__tree_get(row, key)); }

static word_list words_of(arena *a, const tree *list) {
    word_list out = {.n = fe__tree_length(list)};
    const char **words = FE_NEW_ARRAY(a, const char *, out.n + 1);
    for (size_t i = 0; i < out.n; i++) {
        const char *word = fe__tree_text(fe__tree_element(list, i));
        words[i] = word ? word : "";
    }
    out.list = words;
    return out;
}

static word_list list_at(row_reader *x, const tree *row, const char *key) { return words_of(x->l->a, fe__tree_get(row, key)); }

static void wrong(row_reader *x, const place *at, const char *expected, const char *found) {
    fe__fault(&x->l->f, fe__place_text(x->l->a, at), expected, found ? found : "nothing", NULL);
}

/* A number that the machine cannot do without. */
static double must(row_reader *x, const tree *row, const char *key, const char *where) {
    double v = number(row, key);
    place root = fe__place(where), at = fe__place_key(&root, key);
    if (isnan(v)) wrong(x, &at, "a number", NULL);
    return v;
}

/* ---- signs and triggers ---- */

static reaction_any any_of(row_reader *x, const tree *row, const char *key) {
    const tree *any = fe__tree_get(row, key);
    return (reaction_any){list_at(x, any, "signs"), list_at(x, any, "groups"), list_at(x, any, "triggers")};
}

static void read_signs(row_reader *x, const tree *list) {
    size_t n = fe__tree_length(list);
    reaction_sign *out = FE_NEW_ARRAY(x->l->a, reaction_sign, n + 1);
    for (size_t i = 0; i < n; i++) {
        const tree *row = fe__tree_element(list, i);
        const char *branch = words_at(row, "branch");
        out[i] = (reaction_sign){.id = words_at(row, "id"),
                                 .sign = words_at(row, "sign"),
                                 .min_grade = must(x, row, "min_grade", "/signs"),
                                 .else_grade = number(row, "else_grade"),
                                 .is_severe = yes(row, "severe_sign") || words_at(row, "severe_with"),
                                 .is_site = branch && strcmp(branch, "site") == 0,
                                 .no_stop = yes(row, "no_stop"),
                                 .raises_to_4 = any_of(x, row, "raises_to_4_when"),
                                 .minor_only_without = any_of(x, row, "minor_only_when_none_of"),
                                 .grade_4_groups = list_at(x, row, "grade_4_with_groups")};
    }
    x->r->signs = out;
    x->r->signs_n = n;
}

static void read_triggers(row_reader *x, const tree *list) {
    size_t n = fe__tree_length(list);
    reaction_trigger *out = FE_NEW_ARRAY(x->l->a, reaction_trigger, n + 1);
    for (size_t i = 0; i < n; i++) {
        const tree *row = fe__tree_element(list, i), *base = fe__tree_get(row, "if_true_at_baseline");
        out[i] = (reaction_trigger){.id = words_at(row, "id"),
                                    .signal = words_at(row, "signal"),
                                    .op = words_at(row, "op"),
                                    .unit = words_at(row, "unit"),
                                    .value = must(x, row, "value", "/vital_triggers"),
                                    .value_per_year = number_or(row, "value_per_year", 0),
                                    .age_min = number_or(row, "age_years_min", -INFINITY),
                                    .age_max_excl = number_or(row, "age_years_max_excl", INFINITY),
                                    .or_fall_pct = number(row, "or_fall_percent"),
                                    .min_grade = must(x, row, "min_grade", "/vital_triggers"),
                                    .grade_with_group = number(row, "grade_if_airway_breathing_skin_or_mental_sign"),
                                    .grade_with_breathing = number(row, "grade_if_breathing_sign"),
                                    .base_change = number(base, "value"),
                                    .base_or_pct = number(base, "or_percent"),
                                    .is_severe = words_at(row, "severe_sign") != NULL,
                                    .with_symptoms = words_at(row, "with") != NULL};
    }
    x->r->triggers = out;
    x->r->triggers_n = n;
}

static void read_groups(row_reader *x, const tree *groups) {
    size_t n = fe__tree_size(groups), kept = 0;
    reaction_group *out = FE_NEW_ARRAY(x->l->a, reaction_group, n + 1);
    for (size_t i = 0; i < n; i++) {
        const tree *list = &groups->items[i];
        if (fe__tree_is(list, TREE_ARRAY)) out[kept++] = (reaction_group){list->key, words_of(x->l->a, list)};
    }
    x->r->groups = out;
    x->r->groups_n = kept;
}

/* ---- grades ---- */

static reaction_action action_of(const tree *row) {
    const tree *repeat = fe__tree_get(row, "repeat_after_min");
    double after =
        fe__tree_is(repeat, TREE_ARRAY) ? fe__tree_number(fe__tree_element(repeat, 0)) : number(row, "repeat_after_min");
    return (reaction_action){.id = words_at(row, "id"),
                             .text = words_at(row, "text"),
                             .medication = words_at(row, "medication"),
                             .route = words_at(row, "route"),
                             .dose_mg = number(row, "dose_mg"),
                             .volume_ml = number_or(row, "volume_ml", number(row, "volume_ml_min")),
                             .child_ml_per_kg = number(row, "child_ml_per_kg"),
                             .child_ug_per_kg = number(row, "child_ug_per_kg"),
                             .age_min = number_or(row, "age_years_min", -INFINITY),
                             .repeat_after_min = after};
}

static void read_grades(row_reader *x, const tree *root) {
    const tree *grades = fe__tree_get(root, "grades");
    const tree *site = fe__tree_get(fe__tree_get(fe__tree_get(root, "branches"), "site"), "actions");
    reaction_action *actions = NULL;
    size_t cap = 0, n = 0;
    for (size_t i = 0; i < fe__tree_length(site); i++) *FE_PUSH(x->l->a, actions, n, cap) = action_of(fe__tree_element(site, i));
    for (size_t g = 0; g < fe__tree_length(grades); g++) {
        const tree *row = fe__tree_element(grades, g), *list = fe__tree_get(row, "actions"),
                   *again = fe__tree_get(row, "restart");
        size_t grade = (size_t)fe__tree_number(fe__tree_get(row, "grade"));
        for (size_t i = 0; i < fe__tree_length(list); i++) {
            const tree *action = fe__tree_element(list, i);
            double every = number(action, "every_min");
            *FE_PUSH(x->l->a, actions, n, cap) = action_of(action);
            if (!isnan(every)) x->r->vitals_symptom_min = every;
        }
        if (grade >= REACTION_GRADES) continue;
        x->r->restart[grade] = (reaction_restart){.id = words_at(again, "id"),
                                                  .allowed = yes(again, "allowed"),
                                                  .needs_prescriber = yes(again, "needs_prescriber"),
                                                  .times = number_or(again, "times_per_visit", 0),
                                                  .symptom_free_min = number(again, "symptom_free_minutes"),
                                                  .fraction = number(again, "rate_fraction_of_previous")};
    }
    x->r->actions = actions;
    x->r->actions_n = n;
}

static void read_observation(row_reader *x, const tree *list) {
    for (size_t i = 0; i < REACTION_GRADES; i++) x->r->observe_min[i] = NAN;
    for (size_t i = 0; i < fe__tree_length(list); i++) {
        const tree *row = fe__tree_element(list, i);
        size_t grade = (size_t)fe__tree_number(fe__tree_get(row, "grade"));
        if (grade >= REACTION_GRADES) continue;
        x->r->observe_min[grade] = number(row, "minutes");
        x->r->observe_rule[grade] = words_at(row, "id");
    }
}

static void read_adrenaline(row_reader *x, const tree *json) {
    reactions *r = x->r;
    const tree *bands = fe__tree_get(json, "bands"), *weight = fe__tree_get(json, "weight_row");
    size_t n = fe__tree_length(bands), kept = 0;
    reaction_band *out = FE_NEW_ARRAY(x->l->a, reaction_band, n + 1);
    for (size_t i = 0; i < n; i++) {
        const tree *row = fe__tree_element(bands, i);
        if (words_at(row, "only_if")) continue;
        out[kept++] = (reaction_band){.id = words_at(row, "id"),
                                      .age_min = number_or(row, "age_years_min", -INFINITY),
                                      .age_max_excl = number_or(row, "age_years_max_excl", INFINITY),
                                      .mg = number(row, "mg"),
                                      .ml = number(row, "ml")};
    }
    r->bands = out;
    r->bands_n = kept;
    r->adrenaline_rule = words_at(json, "id");
    r->adrenaline_route = words_at(json, "route");
    r->adrenaline_repeat_min = must(x, json, "repeat_after_min", "/adrenaline");
    r->adrenaline_mg_per_ml = must(x, json, "concentration_mg_per_ml", "/adrenaline");
    r->adrenaline_mg_per_kg = number(weight, "mg_per_kg");
    r->adrenaline_max_mg = number(weight, "max_mg");
}

/* ---- before the start, and watching ---- */

static bool is_check(const knowledge *k, const char *id) {
    const finding_row *row = fe__finding_find(k, id);
    return row && strcmp(row->kind, "check") == 0;
}

static void read_checks(row_reader *x, const tree *json) {
    static const char *const parts[] = {"checklist", "procedure_steps"};
    reaction_check *out = NULL;
    size_t n = 0, cap = 0;
    for (size_t p = 0; p < 2; p++) {
        const tree *list = fe__tree_get(json, parts[p]);
        for (size_t i = 0; i < fe__tree_length(list); i++) {
            const tree *row = fe__tree_element(list, i), *also = fe__tree_get(row, "also_findings");
            const char *first = words_at(row, "id_finding"), *item = words_at(row, "item"), *only = words_at(row, "only_if");
            reaction_check *c = FE_PUSH(x->l->a, out, n, cap);
            const char **items = FE_NEW_ARRAY(x->l->a, const char *, fe__tree_length(also) + 2);
            size_t items_n = 0;
            if (first && is_check(x->l->k, first)) items[items_n++] = first;
            else if (item) items[items_n++] = item;
            for (size_t j = 0; j < fe__tree_length(also); j++) {
                const char *more = fe__tree_text(fe__tree_element(also, j));
                if (more && is_check(x->l->k, more)) items[items_n++] = more;
            }
            *c = (reaction_check){.id = words_at(row, "id"),
                                  .text = words_at(row, "text"),
                                  .items = {items, items_n},
                                  .takes_vitals = fe__tree_length(fe__tree_get(row, "records")) >= 6,
                                  .is_of_test_dose = only != NULL};
        }
    }
    x->r->checks = out;
    x->r->checks_n = n;
}

static void read_monitoring(row_reader *x, const tree *list) {
    for (size_t i = 0; i < fe__tree_length(list); i++) {
        const tree *row = fe__tree_element(list, i), *due = fe__tree_get(row, "due_min");
        double every = number(row, "every_min");
        if (!isnan(every)) x->r->vitals_every_min = every;
        if (!due) continue;
        double *minutes = FE_NEW_ARRAY(x->l->a, double, fe__tree_length(due) + 1);
        for (size_t j = 0; j < fe__tree_length(due); j++) minutes[j] = fe__tree_number(fe__tree_element(due, j));
        x->r->vitals_due_min = minutes;
        x->r->vitals_due_n = fe__tree_length(due);
    }
}

static void read_near(row_reader *x, const tree *json) {
    reactions *r = x->r;
    r->near_systolic_pct = must(x, json, "systolic_pct", "/at_baseline_means");
    r->near_systolic = must(x, json, "systolic_mmhg", "/at_baseline_means");
    r->near_heart_rate = must(x, json, "heart_rate_per_min", "/at_baseline_means");
    r->near_spo2 = must(x, json, "spo2_pct", "/at_baseline_means");
    r->near_respiratory_rate = must(x, json, "respiratory_rate_per_min", "/at_baseline_means");
}

/* ---- the session ---- */

static void check_rule(row_reader *x, const place *at, const char *id) {
    place here = fe__place_key(at, "rule");
    if (!id || fe__names_find(&x->l->row_names, id) < 0) wrong(x, &here, "the id of a row that can be cited", id);
}

static void check_finding(row_reader *x, const place *at, const char *id) {
    place here = fe__place_key(at, "finding");
    if (!id || !fe__finding_find(x->l->k, id)) wrong(x, &here, "an id of findings.csv", id);
}

static reaction_when when_of(row_reader *x, const tree *row) {
    const char *phases = fe__tree_get(row, "from") ? "from" : "phases";
    return (reaction_when){list_at(x, row, phases), list_at(x, row, "when"), list_at(x, row, "unless"), list_at(x, row, "signs"),
                           list_at(x, row, "triggers")};
}

static void check_signs(row_reader *x, const place *at, const reaction_when *w) {
    place here = fe__place_key(at, "signs"), there = fe__place_key(at, "triggers");
    for (size_t i = 0; i < w->signs.n; i++) {
        bool found = false;
        for (size_t j = 0; j < x->r->signs_n; j++) found = found || strcmp(x->r->signs[j].sign, w->signs.list[i]) == 0;
        if (!found) wrong(x, &here, "a sign of /signs", w->signs.list[i]);
    }
    for (size_t i = 0; i < w->triggers.n; i++) {
        bool found = false;
        for (size_t j = 0; j < x->r->triggers_n; j++) found = found || strcmp(x->r->triggers[j].id, w->triggers.list[i]) == 0;
        if (!found) wrong(x, &there, "a row of /vital_triggers", w->triggers.list[i]);
    }
}

static reaction_rows rows_of(row_reader *x, const tree *session, const place *up, const char *key) {
    const tree *list = fe__tree_get(session, key);
    place under = fe__place_key(up, key);
    reaction_row *out = FE_NEW_ARRAY(x->l->a, reaction_row, fe__tree_length(list) + 1);
    if (!fe__tree_length(list)) wrong(x, &under, "a list of rows", NULL);
    for (size_t i = 0; i < fe__tree_length(list); i++) {
        const tree *row = fe__tree_element(list, i);
        place at = fe__place_index(&under, i);
        const char *id = words_at(row, "id"), *finding = words_at(row, "finding"), *name = words_at(row, "name");
        out[i] = (reaction_row){.rule = id ? id : words_at(row, "rule"),
                                .name = finding ? finding : name,
                                .text = words_at(row, "text"),
                                .priority = words_at(row, "priority"),
                                .to = words_at(row, "to"),
                                .on = list_at(x, row, "on"),
                                .actions = list_at(x, row, "actions"),
                                .shows = list_at(x, row, "in"),
                                .is_refused = yes(row, "refused"),
                                .when = when_of(x, row)};
        check_rule(x, &at, out[i].rule);
        if (finding) check_finding(x, &at, finding);
        check_signs(x, &at, &out[i].when);
    }
    return (reaction_rows){out, fe__tree_length(list)};
}

static void read_limits(row_reader *x, const tree *bounds) {
    reactions *r = x->r;
    const tree *persist = fe__tree_get(bounds, "persist"), *strong = fe__tree_get(bounds, "strong_pain");
    r->undo_s = must(x, fe__tree_get(bounds, "undo"), "seconds", "/session/limits/undo");
    r->persist_min = must(x, persist, "minutes", "/session/limits/persist");
    r->persist_sign = words_at(persist, "sign");
    r->strong_pain = must(x, strong, "nrs", "/session/limits/strong_pain");
    r->strong_sign = words_at(strong, "sign");
    r->resume_vitals_min = must(x, fe__tree_get(bounds, "resume_vitals"), "minutes", "/session/limits/resume_vitals");
    r->over_ml = must(x, fe__tree_get(bounds, "over_delivery"), "ml", "/session/limits/over_delivery");
    r->refractory_doses = must(x, fe__tree_get(bounds, "refractory"), "doses", "/session/limits/refractory");
    r->identity_items = list_at(x, fe__tree_get(bounds, "wrong_bag"), "items");
}

static void read_session(row_reader *x, const tree *session) {
    reactions *r = x->r;
    place root = fe__place(""), at = fe__place_key(&root, "session");
    read_limits(x, fe__tree_get(session, "limits"));
    r->nsaid_rule = words_at(session, "nsaid_flags");
    r->emergency_actions = list_at(x, session, "emergency_actions");
    r->adrenaline_actions = list_at(x, session, "adrenaline_actions");
    r->premedication_actions = list_at(x, session, "premedication_actions");
    r->transitions = rows_of(x, session, &at, "transitions");
    r->advice = rows_of(x, session, &at, "advice");
    r->findings = rows_of(x, session, &at, "findings");
    r->alarms = rows_of(x, session, &at, "alarms");
    r->intents = rows_of(x, session, &at, "intents");
}

void fe__load_reaction_rows(loader *l, const tree *json) {
    reactions *r = FE_NEW(l->a, reactions);
    row_reader x = {l, r};
    const tree *risk = fe__tree_get(json, "risk_estimate");
    read_signs(&x, fe__tree_get(json, "signs"));
    read_triggers(&x, fe__tree_get(json, "vital_triggers"));
    read_groups(&x, fe__tree_get(json, "sign_groups"));
    read_grades(&x, json);
    read_observation(&x, fe__tree_get(json, "observation_by_grade"));
    read_adrenaline(&x, fe__tree_get(json, "adrenaline"));
    read_checks(&x, fe__tree_get(json, "pre_infusion"));
    read_monitoring(&x, fe__tree_get(json, "monitoring"));
    read_near(&x, fe__tree_get(json, "at_baseline_means"));
    read_session(&x, fe__tree_get(json, "session"));
    r->risk_rule = words_at(risk, "id");
    r->risk_text = words_at(risk, "text");
    l->k->reactions = r;
}
