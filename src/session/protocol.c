/* From the rows of reactions.json to the table of the machine; see protocol.h. */
#include "session/protocol.h"

#include <math.h>
#include <string.h>

#include "base/text.h"

typedef struct maker {
    arena *a;
    faults *f;
    const reactions *r;
    session_protocol *p;
    const session_case *c;
    const char *list; /* of the rows that are being read */
    size_t row;
} maker;

static void unknown(maker *m, const char *key, const char *expected, const char *found) {
    m->f->file = "reactions.json";
    fe__fault(m->f, fe__printf(m->a, "/session/%s/%zu/%s", m->list, m->row, key), expected, found ? found : "nothing", NULL);
}

static double minutes(double v) { return v * 60; }

/* ---- numbers of ids -------------------------------------------------------------------------------------------------------- */

int fe__session_sign(const session_protocol *p, const char *id) {
    const reactions *r = p->k->reactions;
    for (size_t i = 0; i < r->signs_n; i++)
        if (fe__streq(r->signs[i].sign, id)) return (int)i;
    return -1;
}

static int id_in(const char *const *list, size_t n, const char *id) {
    for (size_t i = 0; i < n; i++)
        if (fe__streq(list[i], id)) return (int)i;
    return -1;
}

int fe__session_check(const session_protocol *p, const char *id) { return id_in(p->checks, p->checks_n, id); }

int fe__session_action(const session_protocol *p, const char *id) {
    int i = id_in(p->actions, p->actions_n, id);
    return i < 0 ? ACTION_OTHER : i;
}

/* ---- masks -------------------------------------------------------------------------------------------------------------------- */

static uint64_t signs_of(maker *m, word_list words) {
    uint64_t found = 0;
    for (size_t i = 0; i < words.n; i++) {
        int s = fe__session_sign(m->p, words.list[i]);
        if (s >= 0) found |= FE_BIT(s);
        else unknown(m, "signs", "a sign of the protocol", words.list[i]);
    }
    return found;
}

/* Signs of a group that no protocol row grades (after discharge alone) are left out. */
static uint64_t groups_of(maker *m, word_list names) {
    uint64_t found = 0;
    for (size_t i = 0; i < names.n; i++) {
        for (size_t g = 0; g < m->r->groups_n; g++) {
            const reaction_group *group = &m->r->groups[g];
            for (size_t j = 0; fe__streq(group->name, names.list[i]) && j < group->signs.n; j++) {
                int s = fe__session_sign(m->p, group->signs.list[j]);
                if (s >= 0) found |= FE_BIT(s);
            }
        }
    }
    return found;
}

static uint32_t triggers_of(maker *m, word_list ids) {
    uint32_t found = 0;
    for (size_t i = 0; i < ids.n; i++) {
        size_t t = 0;
        while (t < m->r->triggers_n && !fe__streq(m->r->triggers[t].id, ids.list[i])) t++;
        if (t < m->r->triggers_n) found |= (uint32_t)FE_BIT(t);
        else unknown(m, "triggers", "a row of vital_triggers", ids.list[i]);
    }
    return found;
}

static uint64_t facts_of(maker *m, word_list words, const char *key) {
    uint64_t found = 0;
    for (size_t i = 0; i < words.n; i++) {
        int fact = fe__fact_of(words.list[i]);
        if (fact >= 0) found |= FE_BIT(fact);
        else unknown(m, key, "a fact of the machine", words.list[i]);
    }
    return found;
}

static session_when when_of(maker *m, const reaction_when *w) {
    session_when out = {.all = facts_of(m, w->when, "when"),
                        .no = facts_of(m, w->unless, "unless"),
                        .any_signs = signs_of(m, w->signs),
                        .any_triggers = triggers_of(m, w->triggers)};
    for (size_t i = 0; i < w->phases.n; i++) {
        int phase = fe__phase_of(w->phases.list[i]);
        if (phase >= 0) out.phases |= (uint32_t)FE_BIT(phase);
        else unknown(m, "phases", "a state of the session", w->phases.list[i]);
    }
    return out;
}

/* ---- signs and triggers ------------------------------------------------------------------------------------------------------- */

static void set_signs(maker *m) {
    session_table *t = &m->p->table;
    t->signs_n = (uint16_t)m->r->signs_n;
    for (size_t i = 0; i < m->r->signs_n; i++) {
        const reaction_sign *x = &m->r->signs[i];
        t->signs[i] =
            (session_sign){.raises_signs = signs_of(m, x->raises_to_4.signs) | groups_of(m, x->raises_to_4.groups),
                           .raises_triggers = triggers_of(m, x->raises_to_4.triggers),
                           .minor_signs = signs_of(m, x->minor_only_without.signs) | groups_of(m, x->minor_only_without.groups),
                           .minor_triggers = triggers_of(m, x->minor_only_without.triggers),
                           .grade_4_signs = groups_of(m, x->grade_4_groups),
                           .min_grade = (uint8_t)x->min_grade,
                           .else_grade = (uint8_t)(isnan(x->else_grade) ? x->min_grade : x->else_grade),
                           .is_severe = x->is_severe,
                           .is_site = x->is_site,
                           .no_stop = x->no_stop};
        if (fe__streq(x->sign, m->r->persist_sign)) t->persist_sign = (uint8_t)i;
        if (fe__streq(x->sign, m->r->strong_sign)) t->strong_sign = (uint8_t)i;
    }
}

static uint8_t op_of(maker *m, const reaction_trigger *x) {
    static const struct {
        const char *word;
        trigger_op op;
    } ops[] = {{"<", TRIGGER_LT},  {"<=", TRIGGER_LE},        {">", TRIGGER_GT},
               {">=", TRIGGER_GE}, {"fall >=", TRIGGER_FALL}, {"rise >=", TRIGGER_RISE}};
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
        if (!fe__streq(ops[i].word, x->op)) continue;
        return (uint8_t)(ops[i].op == TRIGGER_FALL && fe__streq(x->unit, "%") ? TRIGGER_FALL_PCT : ops[i].op);
    }
    unknown(m, "op", "< <= > >= fall >= or rise >=", x->op);
    return TRIGGER_LT;
}

static uint8_t signal_of(maker *m, const char *word) {
    for (unsigned i = 0; i < SIGNAL_COUNT; i++)
        if (fe__streq(fe__signal_word(i), word)) return (uint8_t)i;
    if (!fe__streq(word, "map_mmhg")) unknown(m, "signal", "a signal of the vitals", word);
    return SIGNAL_MAP;
}

static void set_triggers(maker *m) {
    static const char *const any[] = {"airway", "breathing", "skin", "mental"};
    static const char *const breathing[] = {"breathing"};
    session_table *t = &m->p->table;
    double age = m->c->patient->age_years;
    t->triggers_n = (uint16_t)m->r->triggers_n;
    m->list = "vital_triggers";
    for (size_t i = 0; i < m->r->triggers_n; i++) {
        const reaction_trigger *x = &m->r->triggers[i];
        bool applies = (isinf(x->age_min) || age >= x->age_min) && (isinf(x->age_max_excl) || age < x->age_max_excl);
        bool by_group = !isnan(x->grade_with_group);
        double with = by_group ? x->grade_with_group : x->grade_with_breathing;
        m->row = i;
        t->triggers[i] =
            (session_trigger){.signal = signal_of(m, x->signal),
                              .op = op_of(m, x),
                              .min_grade = (uint8_t)x->min_grade,
                              .grade_with = (uint8_t)(isnan(with) ? 0 : with),
                              .is_severe = x->is_severe,
                              .needs_symptom = x->with_symptoms,
                              .value = applies ? x->value + x->value_per_year * (x->value_per_year > 0 ? floor(age) : 0) : NAN,
                              .or_fall_pct = applies ? x->or_fall_pct : NAN,
                              .base_change = x->base_change,
                              .base_change_or_pct = x->base_or_pct,
                              .with_signs = groups_of(m, by_group ? (word_list){any, 4} : (word_list){breathing, 1})};
    }
}

/* ---- rows ------------------------------------------------------------------------------------------------------------------------ */

static uint16_t bounded(maker *m, const char *list, size_t n) {
    m->list = list;
    m->row = 0;
    if (n <= SESSION_ROWS_MAX) return (uint16_t)n;
    unknown(m, "", fe__printf(m->a, "at most %d rows", SESSION_ROWS_MAX), fe__printf(m->a, "%zu", n));
    return SESSION_ROWS_MAX;
}

static uint16_t set_lines(maker *m, const char *list, const reaction_rows *rows, session_line *lines) {
    uint16_t n = bounded(m, list, rows->n);
    for (m->row = 0; m->row < n; m->row++) lines[m->row].when = when_of(m, &rows->list[m->row].when);
    return n;
}

static void set_transitions(maker *m) {
    session_table *t = &m->p->table;
    t->transitions_n = bounded(m, "transitions", m->r->transitions.n);
    for (m->row = 0; m->row < t->transitions_n; m->row++) {
        const reaction_row *x = &m->r->transitions.list[m->row];
        session_transition *y = &t->transitions[m->row];
        y->when = when_of(m, &x->when);
        for (size_t i = 0; i < x->on.n; i++) {
            int kind = fe__session_event_of(x->on.list[i]);
            if (kind >= 0) y->on |= (uint32_t)FE_BIT(kind);
            else unknown(m, "on", "a kind of event", x->on.list[i]);
        }
        int to = fe__phase_of(x->to);
        y->to = (uint8_t)(fe__streq(x->to, "refuse") ? SESSION_REFUSE : fe__streq(x->to, "stay") ? SESSION_STAY : to);
        if (to < 0 && y->to < SESSION_STAY) unknown(m, "to", "a state, stay or refuse", x->to);
    }
}

static uint64_t actions_of(maker *m, word_list ids) {
    session_protocol *p = m->p;
    uint64_t found = 0;
    for (size_t i = 0; i < ids.n; i++) {
        int at = id_in(p->actions, p->actions_n, ids.list[i]);
        if (at < 0 && p->actions_n < ACTION_OTHER) {
            at = (int)p->actions_n;
            p->actions[p->actions_n++] = ids.list[i];
        }
        if (at >= 0) found |= FE_BIT(at);
        else unknown(m, "actions", "fewer actions", ids.list[i]);
    }
    return found;
}

static void set_intents(maker *m) {
    session_table *t = &m->p->table;
    t->emergency_actions = actions_of(m, m->r->emergency_actions);
    t->adrenaline_actions = actions_of(m, m->r->adrenaline_actions);
    t->premedication_actions = actions_of(m, m->r->premedication_actions);
    t->intents_n = bounded(m, "intents", m->r->intents.n);
    for (m->row = 0; m->row < t->intents_n; m->row++) {
        const reaction_row *x = &m->r->intents.list[m->row];
        t->intents[m->row] = (session_intent){actions_of(m, x->actions), when_of(m, &x->when), x->is_refused};
    }
}

/* ---- the checklist ------------------------------------------------------------------------------------------------------------------ */

/* The pregnancy week is asked where there can be one. */
static bool is_asked(const maker *m, const char *item) {
    const patient *who = m->c->patient;
    const practice *usual = &m->p->k->practice;
    if (fe__finding_find(m->p->k, item) == NULL) return false; /* the prescriber, who is asked by the baseline */
    if (!fe__streq(item, "check-not-first-trimester")) return true;
    return fe__streq(who->sex, "female") && !(who->age_years < usual->fertile_age_from_years) &&
           !(who->age_years > usual->fertile_age_to_years);
}

static void add_check(maker *m, const reaction_check *x, const char *item) {
    session_protocol *p = m->p;
    int at = fe__session_check(p, item);
    if (at < 0) {
        if (!is_asked(m, item) || p->checks_n == SESSION_CHECKS_MAX) return;
        at = (int)p->checks_n++;
        p->checks[at] = item;
        p->check_rules[at] = x->id;
        p->check_texts[at] = x->text;
    }
    uint32_t bit = (uint32_t)FE_BIT(at);
    p->table.checks |= bit;
    if (x->takes_vitals) p->table.vitals_checks |= bit;
    if (id_in(m->r->identity_items.list, m->r->identity_items.n, item) >= 0) p->table.identity_checks |= bit;
}

static void set_checks(maker *m) {
    for (size_t i = 0; i < m->r->checks_n; i++)
        for (size_t j = 0; j < m->r->checks[i].items.n; j++) add_check(m, &m->r->checks[i], m->r->checks[i].items.list[j]);
}

/* ---- numbers -------------------------------------------------------------------------------------------------------------------------- */

static void set_grades(maker *m) {
    session_table *t = &m->p->table;
    double site_free = m->c->site->symptom_free_minutes;
    for (size_t g = 0; g < SESSION_GRADES; g++) {
        const reaction_restart *x = &m->r->restart[g ? g : 1]; /* grade 0: a severe sign that was taken back */
        double free_min = site_free > x->symptom_free_min ? site_free : x->symptom_free_min;
        t->restart[g] = (session_restart){x->allowed, x->needs_prescriber, (uint8_t)x->times, minutes(free_min), x->fraction};
        t->observe_s[g] = minutes(m->r->observe_min[g]);
    }
}

static void set_watch(maker *m) {
    session_table *t = &m->p->table;
    const reactions *r = m->r;
    for (size_t i = 0; i < SESSION_DUE_MAX; i++) t->vitals_due_s[i] = i < r->vitals_due_n ? minutes(r->vitals_due_min[i]) : NAN;
    t->vitals_every_s = minutes(r->vitals_every_min);
    t->vitals_symptom_s = minutes(r->vitals_symptom_min);
    t->resume_vitals_s = minutes(r->resume_vitals_min);
    for (size_t i = 0; i < SIGNAL_COUNT; i++) t->near[i] = NAN;
    t->near_pct = r->near_systolic_pct;
    t->near[SIGNAL_SYSTOLIC] = r->near_systolic;
    t->near[SIGNAL_HEART_RATE] = r->near_heart_rate;
    t->near[SIGNAL_SPO2] = r->near_spo2;
    t->near[SIGNAL_RESPIRATORY_RATE] = r->near_respiratory_rate;
    t->undo_s = r->undo_s;
    t->persist_s = minutes(r->persist_min);
    t->pain_strong = r->strong_pain;
    t->over_ml = r->over_ml;
    t->adrenaline_repeat_s = minutes(r->adrenaline_repeat_min);
    t->adrenaline_doses = (uint8_t)r->refractory_doses;
}

/* The rate of the order, and never above what the label's least minutes come to. */
static void set_order(maker *m) {
    session_table *t = &m->p->table;
    const preparation *x = m->c->prepared;
    double label = x->volume_ml / m->c->least_minutes * 60;
    t->volume_ml = x->volume_ml;
    t->final_mg_per_ml = x->final_mg_per_ml;
    t->rate_ml_per_h = x->stages_n == 2 ? x->stages[1].ml_per_h : x->ml_per_h;
    if (x->stages_n < 2 && label < t->rate_ml_per_h) t->rate_ml_per_h = floor(label + 1e-9);
    t->test_ml = NAN;
    if (x->stages_n == 2) {
        t->test_ml = x->stages[0].ml;
        t->test_s = minutes(x->stages[0].minutes);
        t->test_rate_ml_per_h = x->stages[0].ml_per_h;
    } else if (!isnan(x->test_dose_ml)) {
        t->test_ml = x->test_dose_ml;
        t->test_s = isnan(x->test_seconds) ? 0 : x->test_seconds;
        t->test_rate_ml_per_h = t->test_s > 0 ? x->test_dose_ml / t->test_s * 3600 : t->rate_ml_per_h;
    }
    t->wait_s = isnan(x->test_wait_minutes) ? 0 : minutes(x->test_wait_minutes);
    double observe = x->observe_minutes, of_site = m->c->site->observe_minutes;
    t->observe_product_s = minutes(of_site > observe ? of_site : observe);
}

static void set_patient(maker *m) {
    session_table *t = &m->p->table;
    t->pregnant = m->c->pregnant;
    t->nsaid_flag = m->c->nsaid_flag;
    t->adult = m->c->patient->age_years >= m->p->k->practice.adult_years;
    t->prescriber_by_site = m->c->site->prescriber_before_resume;
}

const session_protocol *fe__session_protocol(arena *a, const knowledge *k, faults *f, const session_case *c) {
    size_t before = f->n;
    session_protocol *p = FE_NEW(a, session_protocol);
    maker m = {.a = a, .f = f, .r = k->reactions, .p = p, .c = c, .list = "signs"};
    p->k = k;
    p->site = c->site;
    p->patient = c->patient;
    if (m.r->signs_n > SESSION_SIGNS_MAX || m.r->triggers_n > SESSION_TRIGGERS_MAX) {
        unknown(&m, "", fe__printf(a, "at most %d signs and %d triggers", SESSION_SIGNS_MAX, SESSION_TRIGGERS_MAX), "more");
        return NULL;
    }
    set_signs(&m);
    set_triggers(&m);
    set_transitions(&m);
    p->table.advice_n = set_lines(&m, "advice", &m.r->advice, p->table.advice);
    p->table.findings_n = set_lines(&m, "findings", &m.r->findings, p->table.findings);
    p->table.alarms_n = set_lines(&m, "alarms", &m.r->alarms, p->table.alarms);
    set_intents(&m);
    set_checks(&m);
    set_grades(&m);
    set_watch(&m);
    set_order(&m);
    set_patient(&m);
    return f->n > before || f->dropped ? NULL : p;
}

/* ---- what an advice gives --------------------------------------------------------------------------------------------------------- */

/* Adrenaline: the site's own dose, else by weight where the site says so, else by age in completed years. */
static void set_adrenaline(const session_protocol *p, session_dose *d) {
    const reactions *r = p->k->reactions;
    double age = p->patient->age_years;
    d->medication = "adrenaline";
    d->route = r->adrenaline_route;
    d->repeat_after_min = r->adrenaline_repeat_min;
    if (!isnan(p->site->adrenaline_mg)) d->dose_mg = p->site->adrenaline_mg;
    else if (p->site->adrenaline_by_weight)
        d->dose_mg = fmin(r->adrenaline_mg_per_kg * p->patient->weight_kg, r->adrenaline_max_mg);
    else {
        for (size_t i = 0; i < r->bands_n && isnan(d->dose_mg); i++)
            if ((isinf(r->bands[i].age_min) || age >= r->bands[i].age_min) &&
                (isinf(r->bands[i].age_max_excl) || age < r->bands[i].age_max_excl))
                d->dose_mg = r->bands[i].mg;
    }
    d->volume_ml = d->dose_mg / r->adrenaline_mg_per_ml;
}

session_dose fe__session_dose(const session_protocol *p, const char *finding, const char *row) {
    session_dose d = {NAN, NAN, NAN, NULL, NULL};
    const reactions *r = p->k->reactions;
    if (fe__streq(finding, "adrenaline-im") || fe__streq(finding, "adrenaline-repeat-5-min")) {
        set_adrenaline(p, &d);
        return d;
    }
    bool adult = p->table.adult;
    for (size_t i = 0; i < r->actions_n; i++) {
        const reaction_action *x = &r->actions[i];
        if (!fe__streq(x->id, row) || !(p->patient->age_years >= x->age_min || isinf(x->age_min))) continue;
        d.medication = x->medication;
        d.route = x->route;
        d.repeat_after_min = x->repeat_after_min;
        d.dose_mg =
            adult || isnan(x->child_ug_per_kg) ? x->dose_mg : fmin(x->dose_mg, x->child_ug_per_kg * p->patient->weight_kg / 1000);
        d.volume_ml = adult || isnan(x->child_ml_per_kg) ? x->volume_ml : x->child_ml_per_kg * p->patient->weight_kg;
    }
    return d;
}
