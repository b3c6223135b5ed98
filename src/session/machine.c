/* The machine: time passes, an event happens, rows of the table are tried in order; see machine.h. */
#include "session/machine_inside.h"

enum { SETTLE_MAX = 6 }; /* standing rows that follow one another at one instant */

#define INTENTIONS                                                                                                               \
    (FE_BIT(SESSION_RESUME) | FE_BIT(SESSION_SET_RATE) | FE_BIT(SESSION_INTEND) | FE_BIT(SESSION_UNDO) | FE_BIT(SESSION_LEAVE))

void fe__machine_begin(const session_table *t, session_state *s, const double *baseline, double at) {
    static const session_state empty = {0};
    *s = empty;
    s->phase = PHASE_CHECKLIST;
    for (unsigned i = 0; i < SIGNAL_COUNT; i++) {
        s->baseline[i] = s->vitals[i] = baseline ? baseline[i] : fe__never;
        s->vitals_at[i] = s->back_vitals[i] = s->back_vitals_at[i] = fe__never;
        if (fe__is_known(s->baseline[i])) s->vitals_at[i] = at;
    }
    s->now = at;
    s->started_at = s->stopped_at = s->test_ends_at = s->ended_at = s->symptom_at = s->symptom_since = fe__never;
    s->severe_at = s->undone_at = s->agreed_at = s->adrenaline_at = s->back_symptom_at = s->back_ended_at = fe__never;
    s->back_symptom_since = s->back_stopped_at = s->before_ml_per_h = s->reduced_ml_per_h = fe__never;
    (void)t;
}

void fe__machine_take_checks(const session_table *t, session_state *s) { s->checked |= t->checks; }

/* ---- moving -------------------------------------------------------------------------------------------------------------------- */

/* What changes with the phase. Where iron no longer runs the pump is taken as standing until it says otherwise. */
static void enter(const session_table *t, session_state *s, uint8_t to, bool symptom) {
    bool ran = fe__phase_in(s, FE_RUNNING_PHASES), runs = FE_RUNNING_PHASES >> to & 1;
    if (ran && s->phase != PHASE_TEST_DOSE) {
        double allowed = fe__machine_rate_allowed(t, s);
        s->before_ml_per_h = s->rate_ml_per_h > 0 && s->rate_ml_per_h < allowed ? s->rate_ml_per_h : allowed;
    }
    if (s->phase == PHASE_TEST_DOSE && !(s->test_ends_at < s->now)) s->test_ends_at = s->now;
    if (ran && !runs) {
        s->stopped_at = s->phase == PHASE_TEST_DOSE ? s->test_ends_at : s->now;
        s->rate_ml_per_h = 0;
    }
    if (runs) s->stopped_at = fe__never;
    if (to == PHASE_PAUSED) {
        s->paused_for_symptom = symptom;
        s->agreed = false; /* a prescriber agrees to this restart, not to an earlier one */
    }
    if (to == PHASE_REDUCED_RATE) {
        s->reduced_ml_per_h = fe__machine_resume_rate(t, s);
        s->restarts = (uint8_t)(s->restarts + (s->paused_for_symptom ? 1 : 0));
        s->was_reduced = true;
        s->paused_for_symptom = s->agreed = false;
    }
    if (to == PHASE_SEVERE) s->severe_at = s->now;
    bool ends = FE_BIT(to) & (FE_BIT(PHASE_STOPPED) | FE_BIT(PHASE_OBSERVATION) | FE_BIT(PHASE_SEVERE) | FE_BIT(PHASE_EMERGENCY) |
                              FE_BIT(PHASE_ENDED));
    if (ends && !fe__is_known(s->ended_at)) s->ended_at = s->now;
    s->phase = to;
}

/* The first row for this kind of event whose condition holds; transitions_n when none does. */
static uint8_t row_for(const session_table *t, const session_state *s, const session_out *out, unsigned kind) {
    for (uint8_t i = 0; i < t->transitions_n; i++)
        if ((t->transitions[i].on >> kind & 1) && fe__machine_holds(&t->transitions[i].when, s, out)) return i;
    return (uint8_t)t->transitions_n;
}

/* The worst grade, since when a symptom is there, and until when it was. */
static void note_symptoms(const session_table *t, session_state *s) {
    uint32_t triggers;
    bool severe;
    uint8_t grade = fe__machine_grade(t, s, &triggers, &severe);
    if (grade > s->grade) s->grade = grade;
    for (unsigned i = 0; i < t->signs_n; i++) s->site_seen = s->site_seen || ((s->signs >> i & 1) && t->signs[i].is_site);
    if (!fe__machine_symptom(t, s, triggers)) {
        s->symptom_since = fe__never;
        return;
    }
    if (!fe__is_known(s->symptom_since)) s->symptom_since = s->now;
    s->symptom_at = s->now;
    if (s->phase == PHASE_PAUSED && !s->paused_for_symptom) {
        s->paused_for_symptom = true;
        s->agreed = false;
    }
}

/* Rows that hold by themselves, whatever happened: until none leads elsewhere. */
static void settle(const session_table *t, session_state *s, session_out *out) {
    for (unsigned i = 0; i < SETTLE_MAX; i++) {
        note_symptoms(t, s);
        fe__machine_look(t, s, NULL, out);
        uint8_t row = row_for(t, s, out, SESSION_TIME);
        if (row == t->transitions_n || t->transitions[row].to >= PHASE_COUNT) return;
        out->transition = row;
        enter(t, s, t->transitions[row].to, (out->facts & FE_BIT(FACT_SYMPTOM)) != 0);
    }
}

/* ---- time ------------------------------------------------------------------------------------------------------------------------ */

static void pass(const session_table *t, session_state *s, double at) {
    double past = at - s->now;
    if (!(past > 0)) return;
    if (fe__is_known(s->symptom_since)) s->symptom_at = at;
    if (s->rate_ml_per_h > 0 && s->given_ml < t->volume_ml) {
        double more = s->given_ml + s->rate_ml_per_h * past / 3600;
        s->given_ml = more < t->volume_ml ? more : t->volume_ml; /* above the bag it is only ever reported */
    }
    if (fe__phase_in(s, FE_RUNNING_PHASES)) s->running_s += past;
    if (s->phase == PHASE_PAUSED) s->paused_s += past;
    s->now = at;
}

static void pass_and_settle(const session_table *t, session_state *s, double at, session_out *out) {
    if (s->phase == PHASE_TEST_DOSE && s->test_ends_at > s->now && s->test_ends_at < at) {
        pass(t, s, s->test_ends_at);
        settle(t, s, out);
    }
    pass(t, s, at);
    settle(t, s, out);
}

/* ---- observations ------------------------------------------------------------------------------------------------------------------ */

static void take_check(const session_table *t, session_state *s, const session_event *e) {
    uint32_t bit = (uint32_t)FE_BIT(e->number);
    s->checked = e->yes ? s->checked | bit : s->checked & ~bit;
    s->declined = e->yes ? s->declined & ~bit : s->declined | bit;
    if (t->identity_checks & bit) s->bag_wrong = !e->yes;
}

static void take_vitals(const session_table *t, session_state *s, const session_event *e) {
    bool is_full = true;
    for (unsigned i = 0; i < SIGNAL_COUNT; i++) {
        is_full = is_full && fe__is_known(e->vitals[i]);
        if (!fe__is_known(e->vitals[i])) continue;
        s->vitals[i] = e->vitals[i];
        s->vitals_at[i] = s->now;
        if (s->phase == PHASE_CHECKLIST) s->baseline[i] = e->vitals[i];
    }
    if (is_full && s->phase == PHASE_CHECKLIST) s->checked |= t->vitals_checks;
}

static void take_prescriber(session_state *s, const session_event *e) {
    bool agrees = e->yes && e->is_named;
    s->agreed = agrees;
    s->agreed_at = s->now;
    if (s->phase == PHASE_CHECKLIST || s->started_early) s->agreed_start = agrees;
}

static void take_action(const session_table *t, session_state *s, const session_event *e) {
    s->premedicated = s->premedicated || (s->phase == PHASE_CHECKLIST && (t->premedication_actions >> e->number & 1));
    if (!(t->adrenaline_actions >> e->number & 1)) return;
    if (s->adrenaline < UINT8_MAX) s->adrenaline++;
    s->adrenaline_at = s->now;
}

/* The pump as it says; a start says so too, whatever the machine makes of it. */
static void take_pump(const session_table *t, session_state *s, const session_event *e) {
    bool test = fe__is_known(t->test_ml) && !fe__is_known(s->test_ends_at);
    double usual = test ? t->test_rate_ml_per_h : t->rate_ml_per_h;
    if (fe__is_known(e->rate_ml_per_h)) s->rate_ml_per_h = e->rate_ml_per_h;
    else if (e->kind == SESSION_START) s->rate_ml_per_h = usual;
    if (fe__is_known(e->given_ml)) s->given_ml = e->given_ml;
    if (e->kind == SESSION_PUMP) s->pump_alarm = e->yes;
}

/* Pain at the cannula is no pain of a reaction. Said again of the same sign, the new score counts. */
static void take_pain(const session_table *t, session_state *s, const session_event *e) {
    if (t->signs[e->number].is_site || !fe__is_known(e->pain)) return;
    if (e->pain < s->pain && e->number != s->pain_sign) return;
    s->pain = e->pain;
    s->pain_sign = e->number;
}

static void observe(const session_table *t, session_state *s, const session_event *e) {
    switch (e->kind) {
    case SESSION_CHECK: take_check(t, s, e); break;
    case SESSION_VITALS: take_vitals(t, s, e); break;
    case SESSION_SIGN:
        s->signs |= FE_BIT(e->number);
        s->signs_seen |= FE_BIT(e->number);
        take_pain(t, s, e);
        break;
    case SESSION_SIGN_GONE:
        s->signs &= ~FE_BIT(e->number);
        if (s->pain_sign == e->number) s->pain = 0;
        break;
    case SESSION_PAUSE:
    case SESSION_STOP:
    case SESSION_END: s->rate_ml_per_h = 0; break;
    case SESSION_START:
    case SESSION_PUMP: take_pump(t, s, e); break;
    case SESSION_PRESCRIBER: take_prescriber(s, e); break;
    case SESSION_ACTION: take_action(t, s, e); break;
    default: break;
    }
}

/* ---- undo ---------------------------------------------------------------------------------------------------------------------------- */

static void remember(session_state *s, const session_state *before) {
    s->back_signs = before->signs;
    s->back_seen = before->signs_seen;
    for (unsigned i = 0; i < SIGNAL_COUNT; i++) {
        s->back_vitals[i] = before->vitals[i];
        s->back_vitals_at[i] = before->vitals_at[i];
    }
    s->back_symptom_at = before->symptom_at;
    s->back_symptom_since = before->symptom_since;
    s->back_ended_at = before->ended_at;
    s->back_stopped_at = before->stopped_at;
    s->back_grade = before->grade;
    s->back_phase = before->phase;
}

/* Without the sign or the vitals of the entry: what else was recorded stays. */
static void take_back(session_state *s, const session_event *e) {
    if (e->undone == SESSION_SIGN) {
        s->signs &= ~FE_BIT(e->undone_number);
        if (e->undone_severe) s->signs_seen &= ~FE_BIT(e->undone_number) | s->back_seen;
    }
    for (unsigned i = 0; e->undone == SESSION_VITALS && i < SIGNAL_COUNT; i++) {
        s->vitals[i] = e->undone_severe ? s->back_vitals[i] : fe__never;
        s->vitals_at[i] = e->undone_severe ? s->back_vitals_at[i] : fe__never;
    }
}

static void go_back(session_state *s) {
    s->grade = s->back_grade;
    s->symptom_at = s->back_symptom_at;
    s->symptom_since = s->back_symptom_since;
    s->ended_at = s->back_ended_at;
    for (unsigned i = 0; i < SIGNAL_COUNT; i++) s->vitals_at[i] = fe__never; /* what was measured before must be measured anew */
    s->was_undone = true;
    s->undone_at = s->now;
    s->agreed = false;
}

/* Whether what would be left is still severe. */
static bool stays_severe(const session_table *t, const session_state *s, const session_event *e) {
    session_state left = *s;
    uint32_t triggers;
    bool severe;
    take_back(&left, e);
    fe__machine_grade(t, &left, &triggers, &severe);
    return severe;
}

/* ---- one event -------------------------------------------------------------------------------------------------------------------------- */

static uint8_t intent_for(const session_table *t, const session_state *s, const session_out *out, unsigned action) {
    for (uint8_t i = 0; i < t->intents_n; i++)
        if ((t->intents[i].actions >> action & 1) && fe__machine_holds(&t->intents[i].when, s, out)) return i;
    return (uint8_t)t->intents_n;
}

/* What an intention or an observation that moves does beside the phase. */
static void follow(const session_table *t, session_state *s, const session_event *e, uint8_t to, const session_out *out) {
    bool early = e->kind == SESSION_START && s->phase == PHASE_CHECKLIST && (out->facts & FE_BIT(FACT_CHECKS_OPEN));
    double rate = e->rate_ml_per_h;
    if (e->kind == SESSION_UNDO) {
        take_back(s, e);
        if (e->undone_severe) go_back(s);
    }
    if (to < PHASE_COUNT) {
        if (e->kind == SESSION_RESUME && !fe__is_known(rate)) rate = out->resume.rate_ml_per_h;
        enter(t, s, to, e->kind == SESSION_UNDO || (out->facts & FE_BIT(FACT_SYMPTOM)) != 0);
    }
    if (e->kind == SESSION_RESUME || e->kind == SESSION_SET_RATE) s->rate_ml_per_h = rate;
    if (e->kind != SESSION_START || fe__is_known(s->started_at)) return;
    s->started_at = s->now;
    s->started_early = early;
    s->grade = 0; /* what was there before the start is no reaction to it; what still is, is graded anew */
    s->symptom_at = s->symptom_since = fe__never;
    s->site_seen = false;
    if (s->phase == PHASE_TEST_DOSE) s->test_ends_at = s->now + t->test_s;
}

static void move(const session_table *t, session_state *s, const session_event *e, session_out *out) {
    fe__machine_look(t, s, e, out);
    if (e->kind == SESSION_UNDO && e->undone_severe && stays_severe(t, s, e)) out->facts &= ~FE_BIT(FACT_UNDO_OPEN);
    if (e->kind == SESSION_INTEND || e->kind == SESSION_ACTION) {
        out->intent = intent_for(t, s, out, e->number);
        bool against = out->intent < t->intents_n && t->intents[out->intent].is_refused;
        out->refused = against && e->kind == SESSION_INTEND;
        s->against = against && e->kind == SESSION_ACTION;
        if (e->kind == SESSION_INTEND) return;
    }
    uint8_t row = row_for(t, s, out, e->kind);
    bool found = row < t->transitions_n;
    if (found) out->transition = row;
    if (INTENTIONS >> e->kind & 1) out->refused = !found || t->transitions[row].to == SESSION_REFUSE;
    if (found && !out->refused) follow(t, s, e, t->transitions[row].to, out);
}

static void list_lines(const session_line *lines, uint16_t n, const session_state *s, const session_out *out, uint8_t *list,
                       uint16_t *list_n) {
    *list_n = 0;
    for (uint16_t i = 0; i < n; i++)
        if (fe__machine_holds(&lines[i].when, s, out)) list[(*list_n)++] = (uint8_t)i;
}

void fe__machine_step(const session_table *t, session_state *s, const session_event *e, session_out *out) {
    static const session_out nothing = {0};
    *out = nothing;
    out->transition = (uint8_t)t->transitions_n;
    out->intent = (uint8_t)t->intents_n;
    s->against = false;
    pass_and_settle(t, s, e->at, out);
    if (e->kind != SESSION_TIME) {
        session_state before = *s;
        out->transition = (uint8_t)t->transitions_n;
        observe(t, s, e);
        note_symptoms(t, s);
        move(t, s, e, out);
        uint8_t decided = out->transition;
        settle(t, s, out);
        if (decided < t->transitions_n) out->transition = decided;
        out->entered_severe = before.phase != PHASE_SEVERE && s->phase == PHASE_SEVERE;
        if (out->entered_severe) remember(s, &before);
    }
    fe__machine_look(t, s, e->kind == SESSION_TIME ? NULL : e, out);
    list_lines(t->advice, t->advice_n, s, out, out->advice, &out->advice_n);
    list_lines(t->alarms, t->alarms_n, s, out, out->alarms, &out->alarms_n);
    list_lines(t->findings, t->findings_n, s, out, out->findings, &out->findings_n);
}
