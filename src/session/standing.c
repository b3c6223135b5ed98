/* How things stand in a state at its own time: facts for the rows of the table, needs, clocks, what is due next. */
#include "session/machine_inside.h"

static const double rate_slack_ml_per_h = 0.5; /* pumps are set in whole mL/h */

static double down(double v) { return (double)(int64_t)(v + 1e-9); }
static double least(double a, double b) { return a < b ? a : b; }

bool fe__machine_holds(const session_when *w, const session_state *s, const session_out *out) {
    if (w->phases && !(w->phases >> s->phase & 1)) return false;
    if ((out->facts & w->all) != w->all || (out->facts & w->no)) return false;
    if (!w->any_signs && !w->any_triggers) return true;
    return (s->signs & w->any_signs) || (out->triggers & w->any_triggers);
}

/* ---- rates ------------------------------------------------------------------------------------------------------------------ */

double fe__machine_resume_rate(const session_table *t, const session_state *s) {
    double most = s->was_reduced ? s->reduced_ml_per_h : t->rate_ml_per_h;
    if (!s->paused_for_symptom) return least(most, t->rate_ml_per_h);
    if (!fe__is_known(t->restart[s->grade].fraction)) return 0;
    double before = fe__is_known(s->before_ml_per_h) ? least(s->before_ml_per_h, most) : most;
    return down(before * t->restart[s->grade].fraction);
}

double fe__machine_rate_allowed(const session_table *t, const session_state *s) {
    switch (s->phase) {
    case PHASE_TEST_DOSE: return t->test_rate_ml_per_h;
    case PHASE_RUNNING: return t->rate_ml_per_h;
    case PHASE_REDUCED_RATE: return least(s->reduced_ml_per_h, t->rate_ml_per_h);
    default: return 0;
    }
}

/* ---- waits -------------------------------------------------------------------------------------------------------------------- */

static bool test_is_due(const session_table *t, const session_state *s) {
    return fe__is_known(t->test_ml) && !fe__is_known(s->test_ends_at);
}

static double wait_until(const session_table *t, const session_state *s) { return s->test_ends_at + t->wait_s; }

static bool wait_is_over(const session_table *t, const session_state *s) {
    return !fe__is_known(t->test_ml) || (s->phase != PHASE_TEST_DOSE && s->now >= wait_until(t, s));
}

static double observe_of(const session_table *t, const session_state *s) {
    double of_grade = t->observe_s[s->grade];
    return !fe__is_known(of_grade) ? of_grade : of_grade > t->observe_product_s ? of_grade : t->observe_product_s;
}

static double observe_from(const session_state *s) {
    return fe__is_known(s->ended_at) ? fe__later(s->ended_at, s->symptom_at) : fe__never;
}

/* ---- vitals --------------------------------------------------------------------------------------------------------------------- */

/* Near the baseline, taken since the last symptom (and since the end, when it has ended), and not too old. */
static bool vitals_serve(const session_table *t, const session_state *s, bool symptom) {
    double taken = fe__machine_vitals_at(t, s);
    double most_s = s->phase == PHASE_PAUSED ? t->resume_vitals_s : t->vitals_every_s;
    if (symptom || !fe__is_known(taken) || !fe__machine_near_baseline(t, s)) return false;
    if (taken < s->symptom_at || taken < s->ended_at || taken < s->undone_at) return false;
    return s->now - taken <= most_s;
}

static bool vitals_are_full(const session_state *s) {
    for (unsigned i = 0; i < SIGNAL_COUNT; i++)
        if (!(s->vitals_at[i] >= s->undone_at)) return false;
    return true;
}

static double last_vitals(const session_state *s) {
    double last = fe__never;
    for (unsigned i = 0; i < SIGNAL_COUNT; i++) last = fe__later(last, s->vitals_at[i]);
    return last;
}

static double due_while_running(const session_table *t, const session_state *s, double last) {
    for (unsigned i = 0; i < SESSION_DUE_MAX && fe__is_known(t->vitals_due_s[i]); i++) {
        double due = s->started_at + t->vitals_due_s[i];
        if (!(last >= due)) return due;
    }
    return last + t->vitals_every_s;
}

/* NaN when none are due: before the start the checklist asks for them. */
static double vitals_due(const session_table *t, const session_state *s, bool symptom) {
    double last = last_vitals(s);
    if (s->phase == PHASE_CHECKLIST || s->phase == PHASE_ENDED) return fe__never;
    bool is_watched = symptom || fe__phase_in(s, FE_BIT(PHASE_STOPPED) | FE_BIT(PHASE_SEVERE) | FE_BIT(PHASE_EMERGENCY)) ||
                      (s->phase == PHASE_PAUSED && s->paused_for_symptom);
    if (is_watched) {
        double since = fe__is_known(s->symptom_since) ? s->symptom_since : s->stopped_at;
        return last >= since ? last + t->vitals_symptom_s : fe__later(since, s->symptom_at);
    }
    if (!fe__is_known(s->ended_at)) return due_while_running(t, s, last);
    if (!(last >= s->ended_at)) return s->ended_at;
    double over = observe_from(s) + observe_of(t, s);
    return last < over ? least(over, last + t->vitals_every_s) : last + t->vitals_every_s;
}

/* ---- needs ------------------------------------------------------------------------------------------------------------------------ */

static bool prescriber_is_needed(const session_table *t, const session_state *s) {
    if (!fe__is_known(s->started_at)) return fe__machine_baseline_abnormal(t, s);
    if (s->phase != PHASE_PAUSED) return s->started_early && fe__machine_baseline_abnormal(t, s) && !s->agreed_start;
    return s->was_undone || (s->paused_for_symptom && (t->restart[s->grade].needs_prescriber || t->prescriber_by_site ||
                                                       fe__machine_baseline_unknown(t, s)));
}

static void judge_resume(const session_table *t, const session_state *s, session_out *out) {
    session_need *n = &out->resume;
    *n = (session_need){.not_before = fe__never};
    const session_restart *rule = &t->restart[s->grade];
    if (s->phase == PHASE_WAITING) {
        n->not_before = wait_until(t, s);
        n->allowed = wait_is_over(t, s);
        n->rate_ml_per_h = t->rate_ml_per_h;
        return;
    }
    bool for_symptom = s->paused_for_symptom;
    if (s->phase != PHASE_PAUSED || s->site_seen || s->bag_wrong ||
        (for_symptom && (!rule->allowed || s->restarts >= rule->times)))
        return;
    n->rate_ml_per_h = fe__machine_resume_rate(t, s);
    n->signs = (out->facts & FE_BIT(FACT_SYMPTOM)) != 0;
    n->prescriber = (out->facts & FE_BIT(FACT_PRESCRIBER_NEEDED)) && !s->agreed;
    bool must_be_near = for_symptom || s->was_undone;
    n->vitals = (must_be_near && !(out->facts & FE_BIT(FACT_VITALS_AT_BASELINE))) ||
                (s->was_undone && !(out->facts & FE_BIT(FACT_VITALS_FULL)));
    if (!n->signs) {
        n->not_before = fe__later(for_symptom ? s->symptom_at + rule->symptom_free_s : s->stopped_at,
                                  fe__is_known(t->test_ml) ? wait_until(t, s) : fe__never);
        n->allowed = !n->prescriber && !n->vitals && s->now >= n->not_before;
    }
}

static void judge_leave(const session_table *t, const session_state *s, session_out *out) {
    session_need *n = &out->leave;
    *n = (session_need){.not_before = fe__never};
    out->observe_s = observe_of(t, s);
    out->observed_s = 0;
    if (!fe__phase_in(s, FE_BIT(PHASE_OBSERVATION) | FE_BIT(PHASE_FIT_TO_LEAVE) | FE_BIT(PHASE_STOPPED))) return;
    n->signs = (out->facts & FE_BIT(FACT_SYMPTOM)) != 0;
    n->vitals = !(out->facts & FE_BIT(FACT_VITALS_AT_BASELINE));
    if (n->signs) return;
    out->observed_s = s->now - observe_from(s);
    n->not_before = observe_from(s) + out->observe_s;
    n->allowed = s->phase != PHASE_STOPPED && !n->vitals && s->now >= n->not_before;
}

/* What is due next: what the phase waits for, else the vitals. */
static void judge_next(const session_table *t, const session_state *s, session_out *out) {
    uint32_t open = t->checks & ~(s->checked | s->declined);
    bool asks = (out->facts & FE_BIT(FACT_PRESCRIBER_NEEDED)) && !(out->facts & FE_BIT(FACT_PRESCRIBER_AGREES));
    bool before = s->phase == PHASE_CHECKLIST || s->started_early;
    out->next_item = ITEM_NONE;
    out->next_due = fe__never;
    for (unsigned i = 0; before && open && i < SESSION_CHECKS_MAX; i++) {
        if (!(open >> i & 1)) continue;
        out->next_item = (uint8_t)(ITEM_CHECK + i);
        out->next_due = s->now;
        return;
    }
    double due = vitals_due(t, s, (out->facts & FE_BIT(FACT_SYMPTOM)) != 0);
    if (asks) {
        out->next_item = ITEM_PRESCRIBER;
        out->next_due = s->now;
    } else if (fe__is_known(due)) {
        out->next_item = ITEM_VITALS;
        out->next_due = due;
    }
    double wait = s->phase == PHASE_WAITING ? out->resume.not_before : fe__never;
    if (fe__is_known(wait) && !(out->next_due <= wait)) {
        out->next_item = ITEM_TIME;
        out->next_due = wait;
    }
}

/* ---- facts -------------------------------------------------------------------------------------------------------------------------- */

static void put(session_out *out, session_fact fact, bool holds) {
    if (holds) out->facts |= FE_BIT(fact);
}

static void facts_of_reaction(const session_table *t, const session_state *s, session_out *out) {
    bool severe;
    uint8_t now = out->grade_now = fe__machine_grade(t, s, &out->triggers, &severe), worst = s->grade;
    bool symptom = fe__machine_symptom(t, s, out->triggers), site = false;
    for (unsigned i = 0; i < t->signs_n; i++) site = site || ((s->signs >> i & 1) && t->signs[i].is_site);
    put(out, FACT_SYMPTOM, symptom);
    put(out, FACT_SITE, site);
    put(out, FACT_SITE_SEEN, s->site_seen);
    put(out, FACT_SEVERE, severe);
    put(out, FACT_NOW_MINOR, now == 1 || now == 2);
    put(out, FACT_NOW_1, now == 1);
    put(out, FACT_NOW_2, now == 2);
    put(out, FACT_NOW_3_UP, now >= 3);
    put(out, FACT_WORST_2, worst == 2);
    put(out, FACT_WORST_3_UP, worst >= 3);
    put(out, FACT_WORST_4_UP, worst >= 4);
    put(out, FACT_WORST_5, worst >= 5);
    put(out, FACT_PERSISTS, fe__machine_persists(t, s));
    put(out, FACT_PAIN_STRONG, s->pain >= t->pain_strong);
    double since = s->symptom_at;
    out->symptom_free_s = symptom || !fe__is_known(since) ? 0 : s->now - since;
    put(out, FACT_SYMPTOM_FREE, !symptom && (!fe__is_known(since) || s->now - since >= t->restart[worst].symptom_free_s));
    put(out, FACT_ADRENALINE_GIVEN, s->adrenaline > 0);
    put(out, FACT_ADRENALINE_AGAIN, s->adrenaline > 0 && symptom && s->now - s->adrenaline_at >= t->adrenaline_repeat_s);
    put(out, FACT_REFRACTORY, s->adrenaline >= t->adrenaline_doses && symptom);
}

static void facts_of_state(const session_table *t, const session_state *s, session_out *out) {
    bool symptom = (out->facts & FE_BIT(FACT_SYMPTOM)) != 0, abnormal = fe__machine_baseline_abnormal(t, s);
    uint32_t open = t->checks & ~(s->checked | s->declined);
    put(out, FACT_PAUSED_FOR_SYMPTOM, s->phase == PHASE_PAUSED && s->paused_for_symptom);
    put(out, FACT_RESTART_USED, s->restarts >= t->restart[s->grade].times);
    put(out, FACT_WAS_REDUCED, s->was_reduced);
    put(out, FACT_VITALS_AT_BASELINE, vitals_serve(t, s, symptom));
    put(out, FACT_VITALS_FULL, vitals_are_full(s));
    put(out, FACT_VITALS_OVERDUE, s->now > vitals_due(t, s, symptom));
    put(out, FACT_PRESCRIBER_NEEDED, prescriber_is_needed(t, s));
    put(out, FACT_PRESCRIBER_AGREES, fe__is_known(s->started_at) && s->phase == PHASE_PAUSED ? s->agreed : s->agreed_start);
    put(out, FACT_BASELINE_ABNORMAL, abnormal);
    put(out, FACT_BASELINE_UNKNOWN, fe__machine_baseline_unknown(t, s));
    put(out, FACT_CHECKS_OPEN, open != 0 || (abnormal && !s->agreed_start));
    put(out, FACT_BAG_WRONG, s->bag_wrong);
    put(out, FACT_TEST_KNOWN, fe__is_known(t->test_ml));
    put(out, FACT_TEST_DUE, test_is_due(t, s));
    put(out, FACT_TEST_OVER, s->now >= s->test_ends_at);
    put(out, FACT_WAIT_OVER, wait_is_over(t, s));
    put(out, FACT_WAS_UNDONE, s->was_undone);
    put(out, FACT_UNDO_OPEN, s->phase == PHASE_SEVERE && s->now - s->severe_at <= t->undo_s);
    put(out, FACT_BACK_INFUSING,
        s->phase == PHASE_SEVERE && (FE_RUNNING_PHASES | FE_BIT(PHASE_WAITING) | FE_BIT(PHASE_PAUSED)) >> s->back_phase & 1);
    put(out, FACT_BACK_CHECKLIST, s->phase == PHASE_SEVERE && s->back_phase == PHASE_CHECKLIST);
    put(out, FACT_STARTED, fe__is_known(s->started_at));
    put(out, FACT_STARTED_EARLY, s->started_early && (open != 0 || (abnormal && !s->agreed_start)));
}

static void facts_of_bag(const session_table *t, const session_state *s, session_out *out) {
    out->rate_allowed = fe__machine_rate_allowed(t, s);
    bool runs = fe__phase_in(s, FE_RUNNING_PHASES);
    put(out, FACT_FLOWS, s->rate_ml_per_h > 0);
    put(out, FACT_FLOWS_TOO_FAST, runs && s->rate_ml_per_h > out->rate_allowed + rate_slack_ml_per_h);
    put(out, FACT_OVER_DELIVERED, s->given_ml > t->volume_ml + t->over_ml);
    put(out, FACT_BAG_EMPTY, s->given_ml >= t->volume_ml - t->over_ml);
    put(out, FACT_PUMP_ALARM, s->pump_alarm);
    put(out, FACT_AGAINST_PROTOCOL, s->against);
    put(out, FACT_PREGNANT, t->pregnant);
    put(out, FACT_ADULT, t->adult);
    put(out, FACT_NSAID_FLAG, t->nsaid_flag);
    put(out, FACT_PREMEDICATED, s->premedicated);
}

static void facts_of_event(const session_table *t, const session_event *e, session_out *out) {
    bool asks_rate = e->kind == SESSION_RESUME || e->kind == SESSION_SET_RATE;
    double most = e->kind == SESSION_RESUME ? out->resume.rate_ml_per_h : out->rate_allowed;
    put(out, FACT_RATE_ZERO, e->rate_ml_per_h <= 0);
    put(out, FACT_PUMP_STANDS, e->kind == SESSION_PUMP && e->rate_ml_per_h <= 0);
    put(out, FACT_RATE_TOO_FAST, asks_rate && e->rate_ml_per_h > most);
    put(out, FACT_EMERGENCY_ACTION, e->kind == SESSION_ACTION && (t->emergency_actions >> e->number & 1));
    if (e->kind != SESSION_UNDO) return;
    bool is_judged = e->undone == SESSION_SIGN || e->undone == SESSION_VITALS;
    put(out, FACT_UNDO_OF_SEVERE, is_judged && e->undone_severe);
    put(out, FACT_UNDO_OF_SIGN, is_judged && !e->undone_severe);
}

void fe__machine_look(const session_table *t, const session_state *s, const session_event *e, session_out *out) {
    out->facts = 0;
    facts_of_reaction(t, s, out);
    facts_of_state(t, s, out);
    facts_of_bag(t, s, out);
    judge_resume(t, s, out);
    judge_leave(t, s, out);
    put(out, FACT_RESUME_READY, out->resume.allowed);
    put(out, FACT_LEAVE_READY, out->leave.allowed);
    if (e) facts_of_event(t, e, out);
    judge_next(t, s, out);
}
