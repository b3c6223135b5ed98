/* What is there now: signs and vitals judged against the table. */
#include "session/machine_inside.h"

static double signal_of(const double *values, unsigned signal) {
    if (signal < SIGNAL_COUNT) return values[signal];
    return values[SIGNAL_DIASTOLIC] + (values[SIGNAL_SYSTOLIC] - values[SIGNAL_DIASTOLIC]) / 3;
}

static bool is_absolute(unsigned op) { return op <= TRIGGER_GE; }

static bool beyond(const session_trigger *r, double v) {
    switch (r->op) {
    case TRIGGER_LT: return v < r->value;
    case TRIGGER_LE: return v <= r->value;
    case TRIGGER_GT: return v > r->value;
    case TRIGGER_GE: return v >= r->value;
    default: return false;
    }
}

/* A change in the direction in which the absolute value is crossed. */
static bool changed_by(const session_trigger *r, double base, double v) {
    bool is_fall = r->op == TRIGGER_LT || r->op == TRIGGER_LE;
    double change = is_fall ? base - v : v - base;
    return change >= r->base_change || change >= r->base_change_or_pct / 100 * base;
}

static bool fires(const session_trigger *r, const session_state *s, bool any_sign) {
    double base = signal_of(s->baseline, r->signal), v = signal_of(s->vitals, r->signal);
    if (!fe__is_known(v) || (r->needs_symptom && !any_sign)) return false;
    if (base - v >= r->or_fall_pct / 100 * base) return true; /* false when either is unknown */
    switch (r->op) {
    case TRIGGER_FALL: return base - v >= r->value;
    case TRIGGER_RISE: return v - base >= r->value;
    case TRIGGER_FALL_PCT: return base - v >= r->value / 100 * base;
    default: return beyond(r, base) ? changed_by(r, base, v) : beyond(r, v);
    }
}

static uint64_t stopping_signs(const session_table *t, const session_state *s) {
    uint64_t found = 0;
    for (unsigned i = 0; i < t->signs_n; i++)
        if ((s->signs >> i & 1) && !t->signs[i].no_stop && !t->signs[i].is_site) found |= FE_BIT(i);
    return found;
}

static uint32_t firing(const session_table *t, const session_state *s) {
    uint32_t found = 0;
    bool any_sign = stopping_signs(t, s) != 0;
    for (unsigned i = 0; i < t->triggers_n; i++)
        if (fires(&t->triggers[i], s, any_sign)) found |= (uint32_t)1 << i;
    return found;
}

static uint8_t grade_of_sign(const session_sign *g, uint64_t others, uint32_t triggers) {
    uint8_t grade = g->min_grade;
    if ((g->minor_signs & others) || (g->minor_triggers & triggers)) grade = g->else_grade;
    bool raised = (g->raises_signs & others) || (g->raises_triggers & triggers) || (g->grade_4_signs & others);
    return raised && grade < 4 ? 4 : grade;
}

uint8_t fe__machine_grade(const session_table *t, const session_state *s, uint32_t *triggers, bool *severe) {
    uint8_t grade = 0;
    uint64_t signs = s->signs | (s->pain >= t->pain_strong ? FE_BIT(t->strong_sign) : 0);
    *triggers = firing(t, s);
    *severe = false;
    for (unsigned i = 0; i < t->signs_n; i++) {
        if (!(signs >> i & 1)) continue;
        uint8_t own = grade_of_sign(&t->signs[i], signs & ~FE_BIT(i), *triggers);
        if (own > grade) grade = own;
        *severe = *severe || t->signs[i].is_severe;
    }
    for (unsigned i = 0; i < t->triggers_n; i++) {
        if (!(*triggers >> i & 1)) continue;
        const session_trigger *r = &t->triggers[i];
        uint8_t own = r->grade_with && (signs & r->with_signs) ? r->grade_with : r->min_grade;
        if (own > grade) grade = own;
        *severe = *severe || r->is_severe;
    }
    if (fe__machine_persists(t, s) && t->signs[t->persist_sign].min_grade > grade) grade = t->signs[t->persist_sign].min_grade;
    *severe = *severe || grade >= 4;
    return grade;
}

bool fe__machine_symptom(const session_table *t, const session_state *s, uint32_t triggers) {
    return triggers != 0 || stopping_signs(t, s) != 0;
}

bool fe__machine_persists(const session_table *t, const session_state *s) {
    if (s->phase != PHASE_PAUSED || !fe__is_known(s->symptom_since) || !stopping_signs(t, s)) return false;
    return s->now - fe__later(s->stopped_at, s->symptom_since) >= t->persist_s;
}

bool fe__machine_baseline_abnormal(const session_table *t, const session_state *s) {
    for (unsigned i = 0; i < t->triggers_n; i++) {
        const session_trigger *r = &t->triggers[i];
        if (is_absolute(r->op) && !r->needs_symptom && beyond(r, signal_of(s->baseline, r->signal))) return true;
    }
    return false;
}

static bool near_one(const session_table *t, unsigned signal, double base, double v) {
    double far = base > v ? base - v : v - base;
    return far <= t->near[signal] || (signal == SIGNAL_SYSTOLIC && far <= t->near_pct / 100 * base);
}

bool fe__machine_near_baseline(const session_table *t, const session_state *s) {
    for (unsigned i = 0; i < SIGNAL_COUNT; i++) {
        if (!fe__is_known(t->near[i])) continue;
        if (!fe__is_known(s->vitals[i])) return false;
        if (fe__is_known(s->baseline[i]) && !near_one(t, i, s->baseline[i], s->vitals[i])) return false;
    }
    return true;
}

bool fe__machine_baseline_unknown(const session_table *t, const session_state *s) {
    for (unsigned i = 0; i < SIGNAL_COUNT; i++)
        if (fe__is_known(t->near[i]) && !fe__is_known(s->baseline[i])) return true;
    return false;
}

double fe__machine_vitals_at(const session_table *t, const session_state *s) {
    double oldest = fe__never;
    for (unsigned i = 0; i < SIGNAL_COUNT; i++) {
        if (!fe__is_known(t->near[i])) continue;
        if (!fe__is_known(s->vitals_at[i])) return fe__never;
        if (!fe__is_known(oldest) || s->vitals_at[i] < oldest) oldest = s->vitals_at[i];
    }
    return oldest;
}
