/* explore_session [--mutants]: the machine of an infusion explored to a fixed point, and held to what must never happen.
 *
 * The transition function is the shipped one, on the shipped table of data/reactions.json. The clock is abstracted: each duration of the table
 * becomes a few ticks, in the order of the real ones, a time event lets one tick pass, and ages beyond the longest duration are one age; so a
 * state is what is due and what is overdue. A set of events (an alphabet) is explored until no new state appears, several alphabets one after
 * another. What must hold is judged beside the machine by a shadow that knows the events and nothing of the table.
 *
 * Then (or, with --mutants, at once) the table is broken in one place at a time: each mutant must be caught, by the invariant that speaks of it.
 * Prints states, transitions and mutants. Exit 0 when all holds and every mutant is caught. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "session/protocol.h"

enum { TICK = 60, AGES_MAX = 4, AGES_BAG = 3, PATH_MAX_STEPS = 40, EVENTS_MAX = 40, EXIT_STEPS = 40 };
static const double volume = 8, rate = 240; /* 4 mL in a tick, 2 at half rate */

/* Spec in ticks: what the shadow judges by, whatever the table says. */
enum { UNDO = 1, FREE = 2, WAIT = 2, PERSIST = 3, OBSERVE_0 = 1, OBSERVE_MINOR = 2, OBSERVE_3 = 3, OBSERVE_4 = 4 };

/* ---- alphabets ----------------------------------------------------------------------------------------------------------- */

typedef struct letter {
    const char *name;
    session_event e;
    int grade; /* of the sign or vitals alone; 0: none */
    bool severe, site, sign, at_baseline, full;
} letter;

typedef struct alphabet {
    const char *name;
    letter letters[EVENTS_MAX];
    size_t n;
    bool has_test;
    double systolic_base;
    int ages; /* more than the longest duration that can matter here */
} alphabet;

/* What happened, as the shadow sees it. Times in ticks before now. NAN: never. */
typedef struct shadow {
    int worst, back_worst, restarts;
    double end_age, symptom_age, severe_age, undone_age, vitals_age, full_age, agreed_age, test_age, since_age, paused_age,
        back_end_age, back_symptom_age;
    bool vitals_near, ended, site, emergency, wrong_bag, undone_since_restart, started;
    int vitals_grade;
    bool vitals_severe;
    uint64_t signs;
} shadow;

typedef struct node {
    session_state s;
    shadow h;
    int severe_letter;                          /* that led to severe; -1 */
    unsigned char path[PATH_MAX_STEPS], path_n; /* the letters so far, for people */
} node;

typedef struct explorer {
    arena *a;
    const session_protocol *p;
    session_table t;
    const alphabet *abc;
    /* visited: two hashes each */
    uint64_t (*seen)[2];
    size_t seen_n, seen_cap;
    node *queue;
    size_t queue_n, queue_cap, queue_at;
    unsigned long moves;
    bool has_no_way_out;
    node stuck;
    const char *broken; /* name of the invariant; NULL */
    char where[1200];
} explorer;

static int grade_of[SESSION_SIGNS_MAX];
static bool severe_of[SESSION_SIGNS_MAX], site_of[SESSION_SIGNS_MAX];

static session_event event_of(session_event_kind kind) {
    session_event e = {.kind = (uint8_t)kind, .rate_ml_per_h = NAN, .given_ml = NAN, .pain = NAN};
    for (unsigned i = 0; i < SIGNAL_COUNT; i++) e.vitals[i] = NAN;
    return e;
}

static letter *add(alphabet *x, const char *name, session_event_kind kind) {
    letter *l = &x->letters[x->n++];
    *l = (letter){.name = name, .e = event_of(kind)};
    return l;
}

/* The grades here are the oracle: typed from the protocol's text, not read from the table. */
static void add_sign(const session_protocol *p, alphabet *x, const char *sign, int grade, bool severe, bool at_cannula) {
    int number = fe__session_sign(p, sign);
    letter *l = add(x, sign, SESSION_SIGN);
    l->e.number = (uint8_t)number;
    l->grade = grade;
    l->severe = severe;
    l->site = at_cannula;
    l->sign = true;
    grade_of[number] = grade;
    severe_of[number] = severe;
    site_of[number] = at_cannula;
    letter *gone = add(x, "gone", SESSION_SIGN_GONE);
    gone->e.number = (uint8_t)number;
}

static void add_vitals(alphabet *x, const char *name, double systolic, double diastolic, int grade, bool severe, bool full) {
    letter *l = add(x, name, SESSION_VITALS);
    static const double usual[SIGNAL_COUNT] = {126, 78, 76, 98, 14, 36.7};
    memcpy(l->e.vitals, usual, sizeof usual);
    l->e.vitals[SIGNAL_SYSTOLIC] = systolic;
    l->e.vitals[SIGNAL_DIASTOLIC] = diastolic;
    if (!full) l->e.vitals[SIGNAL_TEMPERATURE] = NAN;
    l->grade = grade;
    l->severe = severe;
    l->full = full;
    l->at_baseline = grade == 0;
}

static void add_pump(alphabet *x, const char *name, double given, double ml_per_h) {
    letter *l = add(x, name, SESSION_PUMP);
    l->e.given_ml = given;
    l->e.rate_ml_per_h = ml_per_h;
}

static void add_common(alphabet *x) {
    static const session_event_kind plain[] = {SESSION_TIME, SESSION_START, SESSION_PAUSE, SESSION_RESUME,
                                               SESSION_STOP, SESSION_END,   SESSION_LEAVE, SESSION_UNDO};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) add(x, fe__session_event_word(plain[i]), plain[i]);
    add_vitals(x, "vitals-usual", 126, 78, 0, false, true);
}

static void add_action(const session_protocol *p, alphabet *x, session_event_kind kind, const char *id) {
    letter *l = add(x, id, kind);
    l->e.number = (uint8_t)fe__session_action(p, id);
}

static void add_prescriber(alphabet *x, bool named) {
    letter *l = add(x, named ? "prescriber" : "prescriber-unnamed", SESSION_PRESCRIBER);
    l->e.yes = true;
    l->e.is_named = named;
}

/* ---- the shadow ------------------------------------------------------------------------------------------------------------- */

static bool shadow_symptom(const shadow *h) {
    for (unsigned i = 0; i < SESSION_SIGNS_MAX; i++)
        if ((h->signs >> i & 1) && !site_of[i] && grade_of[i] > 0) return true;
    return h->vitals_grade > 0;
}

static bool shadow_has_sign(const shadow *h) {
    for (unsigned i = 0; i < SESSION_SIGNS_MAX; i++)
        if ((h->signs >> i & 1) && !site_of[i]) return true;
    return false;
}

static int shadow_grade(const shadow *h) {
    int grade = h->vitals_grade;
    for (unsigned i = 0; i < SESSION_SIGNS_MAX; i++)
        if ((h->signs >> i & 1) && grade_of[i] > grade) grade = grade_of[i];
    return grade;
}

static bool shadow_at_cannula(const shadow *h) {
    bool found = false;
    for (unsigned i = 0; i < SESSION_SIGNS_MAX; i++) found = found || ((h->signs >> i & 1) && site_of[i]);
    return found;
}

static bool shadow_severe(const shadow *h) {
    bool severe = h->vitals_severe;
    for (unsigned i = 0; i < SESSION_SIGNS_MAX; i++) severe = severe || ((h->signs >> i & 1) && severe_of[i]);
    return severe;
}

static void grow_old(double *age, int ages) {
    if (!isnan(*age) && *age < ages) *age += 1;
}

static void shadow_see(shadow *h, const letter *l, int oldest) {
    double *ages[] = {&h->end_age,    &h->symptom_age, &h->severe_age,   &h->undone_age,       &h->vitals_age, &h->full_age,
                      &h->agreed_age, &h->test_age,    &h->back_end_age, &h->back_symptom_age, &h->since_age,  &h->paused_age};
    switch (l->e.kind) {
    case SESSION_TIME:
        for (size_t i = 0; i < sizeof ages / sizeof *ages; i++) grow_old(ages[i], oldest);
        if (shadow_symptom(h)) h->symptom_age = 0;
        break;
    case SESSION_SIGN: h->signs |= FE_BIT(l->e.number); break;
    case SESSION_SIGN_GONE: h->signs &= ~FE_BIT(l->e.number); break;
    case SESSION_VITALS:
        h->vitals_age = 0;
        h->vitals_near = l->at_baseline;
        h->vitals_grade = l->grade;
        h->vitals_severe = l->severe;
        if (l->full) h->full_age = 0;
        break;
    case SESSION_CHECK: h->wrong_bag = !l->e.yes; break;
    case SESSION_PRESCRIBER: h->agreed_age = l->e.is_named ? 0 : NAN; break;
    default: break;
    }
    if (shadow_symptom(h)) h->symptom_age = 0;
    if (!shadow_symptom(h)) h->since_age = NAN;
    else if (isnan(h->since_age)) h->since_age = 0;
    h->site = h->site || (l->e.kind == SESSION_SIGN && l->site);
}

/* ---- what must hold ---------------------------------------------------------------------------------------------------------- */

static bool runs(unsigned phase);
static bool runs(unsigned phase) { return phase == PHASE_RUNNING || phase == PHASE_REDUCED_RATE || phase == PHASE_TEST_DOSE; }
static bool active(unsigned phase) { return phase != PHASE_SEVERE && phase != PHASE_EMERGENCY && phase != PHASE_ENDED; }

static void must(explorer *x, bool holds, const char *invariant, const node *from, const letter *l, const node *to) {
    if (holds || x->broken) return;
    x->broken = invariant;
    int n = snprintf(x->where, sizeof x->where,
                     "%s (worst %d, grade %d) on %s leads to %s (worst %d, grade %d), after:", fe__phase_word(from->s.phase),
                     from->h.worst, from->s.grade, l->name, fe__phase_word(to->s.phase), to->h.worst, to->s.grade);
    for (unsigned i = 0; i < from->path_n && n < (int)sizeof x->where; i++)
        n += snprintf(x->where + n, sizeof x->where - (size_t)n, " %s", x->abc->letters[from->path[i]].name);
}

static bool alarmed(const explorer *x, const session_out *out, const char *name) {
    for (unsigned i = 0; i < out->alarms_n; i++)
        if (fe__streq(x->p->k->reactions->alarms.list[out->alarms[i]].name, name)) return true;
    return false;
}

static bool advised(const explorer *x, const session_out *out, const char *id) {
    for (unsigned i = 0; i < out->advice_n; i++)
        if (fe__streq(x->p->k->reactions->advice.list[out->advice[i]].name, id)) return true;
    return false;
}

static int observe_ticks(int grade) {
    return grade >= 4 ? OBSERVE_4 : grade == 3 ? OBSERVE_3 : grade >= 1 ? OBSERVE_MINOR : OBSERVE_0;
}

static bool vitals_stand(const shadow *h) {
    return h->vitals_near && !isnan(h->vitals_age) && !(h->vitals_age > h->symptom_age) && !(h->vitals_age > h->undone_age);
}

static void judge_severe(explorer *x, const node *from, const letter *l, const node *to) {
    bool severe_now = shadow_severe(&to->h), was = from->s.phase == PHASE_SEVERE, is = to->s.phase == PHASE_SEVERE;
    must(x, !severe_now || !active(to->s.phase), "severe-within-one-event", from, l, to);
    must(x, !is || !(to->h.severe_age > UNDO), "emergency-when-time-is-up", from, l, to);
    must(x,
         from->s.phase != PHASE_EMERGENCY || to->s.phase == PHASE_EMERGENCY ||
             (l->e.kind == SESSION_END && to->s.phase == PHASE_ENDED),
         "emergency-is-irrevocable", from, l, to);
    must(x, !was || is || to->s.phase == PHASE_EMERGENCY || (l->e.kind == SESSION_UNDO && !(from->h.severe_age > UNDO)),
         "severe-is-left-by-undo-in-time-alone", from, l, to);
    must(x, !was || l->e.kind != SESSION_UNDO || !runs(to->s.phase), "undo-never-runs", from, l, to);
    must(x,
         l->e.kind != SESSION_ACTION || !fe__streq(l->name, "call-resuscitation-team") || !(was || active(from->s.phase)) ||
             to->s.phase == PHASE_EMERGENCY,
         "an-emergency-action-is-an-emergency", from, l, to);
}

static void judge_running(explorer *x, const node *from, const letter *l, const node *to) {
    bool begins = runs(to->s.phase) && !runs(from->s.phase), restarts = begins && from->s.phase == PHASE_PAUSED;
    bool for_symptom = from->s.paused_for_symptom;
    must(x, !begins || !to->h.emergency, "never-running-after-emergency", from, l, to);
    must(x, !runs(to->s.phase) || !shadow_symptom(&to->h), "a-symptom-stops-at-once", from, l, to);
    must(x, !runs(to->s.phase) || !to->h.wrong_bag || to->s.started_early, "a-wrong-bag-never-runs", from, l, to);
    must(x, !runs(to->s.phase) || !to->h.site, "never-through-a-cannula-that-leaks", from, l, to);
    must(x, !begins || to->h.worst < 3, "no-restart-from-grade-3", from, l, to);
    must(x, !begins || !from->h.ended, "what-has-ended-never-runs", from, l, to);
    must(x, !(restarts && for_symptom) || from->h.restarts == 0, "one-restart-in-a-visit", from, l, to);
    must(x, !(restarts && for_symptom) || from->h.symptom_age >= FREE || isnan(from->h.symptom_age), "nothing-shortens-a-wait",
         from, l, to);
    must(x, !(restarts && for_symptom) || vitals_stand(&from->h), "a-restart-asks-for-vitals", from, l, to);
    must(x, !(restarts && for_symptom) || to->s.phase == PHASE_REDUCED_RATE, "a-restart-is-at-half-rate", from, l, to);
    must(x, !(restarts && for_symptom && from->h.worst == 2) || from->h.agreed_age <= from->h.paused_age,
         "a-restart-after-grade-2-is-agreed", from, l, to);
    must(x,
         !(restarts && from->h.undone_since_restart) ||
             (from->h.full_age <= from->h.undone_age && from->h.agreed_age <= from->h.undone_age),
         "after-an-undo-vitals-and-a-name", from, l, to);
    bool full_rate = begins && to->s.phase == PHASE_RUNNING && !isnan(from->h.test_age);
    must(x, !full_rate || from->h.test_age >= WAIT, "the-wait-after-a-test-dose-is-kept", from, l, to);
}

static void judge_out(explorer *x, const node *from, const letter *l, const node *to, const session_out *out) {
    must(x, out->rate_allowed <= rate && out->resume.rate_ml_per_h <= rate, "never-above-the-order", from, l, to);
    must(x, to->s.phase != PHASE_REDUCED_RATE || !(out->rate_allowed > rate / 2) || !to->h.restarts, "a-restart-is-at-half-rate",
         from, l, to);
    must(x, !(to->s.given_ml > volume + 1) || alarmed(x, out, "over-delivery"), "over-delivery-alarms-at-once", from, l, to);
    must(x,
         runs(to->s.phase) || !(l->e.kind == SESSION_PUMP && l->e.rate_ml_per_h > 0) || alarmed(x, out, "runs-against-the-state"),
         "flow-against-the-state-alarms-at-once", from, l, to);
    must(x,
         !(runs(to->s.phase) && l->e.kind == SESSION_PUMP && l->e.rate_ml_per_h > rate + 1) ||
             alarmed(x, out, "rate-above-order"),
         "too-fast-alarms-at-once", from, l, to);
    must(x,
         !(from->s.phase == PHASE_CHECKLIST && runs(to->s.phase) && x->t.checks & ~to->s.checked & ~to->s.declined) ||
             alarmed(x, out, "started-early"),
         "an-early-start-alarms-at-once", from, l, to);
    must(x, to->h.worst >= 3 || !(advised(x, out, "adrenaline-im") || advised(x, out, "adrenaline-iv-arrest")),
         "no-adrenaline-for-minor-signs", from, l, to);
    must(x, to->s.phase != PHASE_SEVERE || advised(x, out, "call-resuscitation-team"), "severe-calls-for-help", from, l, to);
    must(x, !(to->s.phase == PHASE_SEVERE && to->h.worst == 4) || advised(x, out, "adrenaline-im") || to->s.adrenaline,
         "grade-4-gets-adrenaline", from, l, to);
    must(x, !(advised(x, out, "resume-half-rate") && (to->h.worst >= 3 || to->h.site)), "no-restart-is-advised-from-grade-3",
         from, l, to);
    must(x, !(l->e.kind == SESSION_INTEND && fe__streq(l->name, "adrenaline") && from->h.worst < 3) || out->refused,
         "no-reflex-adrenaline", from, l, to);
    must(x, !(l->e.kind == SESSION_INTEND && fe__streq(l->name, "diphenhydramine")) || out->refused, "never-diphenhydramine",
         from, l, to);
    bool asks =
        l->e.kind == SESSION_RESUME || l->e.kind == SESSION_SET_RATE || l->e.kind == SESSION_LEAVE || l->e.kind == SESSION_UNDO;
    must(x, !asks || out->transition < x->t.transitions_n, "every-intention-has-a-rule", from, l, to);
}

static void judge_leave(explorer *x, const node *from, const letter *l, const node *to, const session_out *out) {
    const shadow *h = &to->h;
    bool fit = to->s.phase == PHASE_FIT_TO_LEAVE || out->leave.allowed ||
               (l->e.kind == SESSION_LEAVE && to->s.phase == PHASE_ENDED && from->s.phase != PHASE_ENDED);
    double since = isnan(h->symptom_age) || h->end_age < h->symptom_age ? h->end_age : h->symptom_age;
    must(x, !fit || (h->ended && since >= observe_ticks(h->worst)), "never-fit-to-leave-early", from, l, to);
    must(x, !fit || (vitals_stand(h) && h->vitals_age <= h->end_age && !shadow_symptom(h)), "fit-to-leave-asks-for-vitals", from,
         l, to);
    must(x, to->s.grade >= from->s.grade || l->e.kind == SESSION_UNDO || from->s.phase == PHASE_CHECKLIST,
         "the-worst-grade-stays", from, l, to);
    must(x, to->s.grade >= h->worst, "no-grade-is-too-low", from, l, to);
}

/* ---- one step ------------------------------------------------------------------------------------------------------------------ */

static void shadow_after(shadow *h, const node *from, const letter *l, const node *to) {
    int grade = shadow_grade(h);
    unsigned phase = to->s.phase, before = from->s.phase;
    bool undone = before == PHASE_SEVERE && l->e.kind == SESSION_UNDO && active(phase);
    if (undone) {
        h->worst = h->back_worst;
        h->undone_age = 0;
        h->vitals_age = h->full_age = h->agreed_age = NAN;
        h->undone_since_restart = true;
        h->end_age = h->back_end_age;
        h->ended = !isnan(h->end_age);
        if (!shadow_symptom(h)) h->symptom_age = h->back_symptom_age;
    }
    if (before != PHASE_SEVERE && phase == PHASE_SEVERE) {
        h->severe_age = 0;
        h->back_worst = from->h.worst;
        h->back_end_age = from->h.end_age;
        h->back_symptom_age = from->h.symptom_age;
    }
    if (phase == PHASE_PAUSED && before != PHASE_PAUSED) h->paused_age = 0;
    if (phase != PHASE_PAUSED) h->paused_age = NAN;
    bool persists = before == PHASE_PAUSED && shadow_has_sign(h) && h->since_age >= PERSIST &&
                    from->h.paused_age >= PERSIST - (l->e.kind == SESSION_TIME);
    if (persists && h->worst < 3) h->worst = 3;
    if (grade > h->worst) h->worst = grade;
    h->emergency = h->emergency || phase == PHASE_EMERGENCY;
    bool ends = phase == PHASE_STOPPED || phase == PHASE_OBSERVATION || phase == PHASE_ENDED || phase == PHASE_EMERGENCY;
    if (ends && !h->ended) {
        h->ended = true;
        h->end_age = 0;
    }
    if (before == PHASE_CHECKLIST && l->e.kind == SESSION_START) { /* what was before the start is no reaction to it */
        h->worst = grade;
        h->site = shadow_at_cannula(h);
        if (!shadow_symptom(h)) h->symptom_age = NAN;
    }
    if (before == PHASE_PAUSED && phase == PHASE_REDUCED_RATE && from->s.paused_for_symptom) h->restarts++;
    if (before == PHASE_PAUSED && runs(phase)) h->undone_since_restart = false;
    if (before == PHASE_TEST_DOSE && phase != PHASE_TEST_DOSE) h->test_age = 0;
}

static node step(explorer *x, const node *from, const letter *l, session_out *out) {
    node to = *from;
    session_event e = l->e;
    e.at = from->s.now + (l->e.kind == SESSION_TIME ? TICK : 0);
    e.undone = SESSION_NOTE;
    if (l->e.kind == SESSION_UNDO && from->severe_letter >= 0) {
        const letter *back = &x->abc->letters[from->severe_letter];
        e.undone = back->e.kind;
        e.undone_number = back->e.number;
        e.undone_severe = true;
    }
    fe__machine_step(&x->t, &to.s, &e, out);
    shadow_see(&to.h, l, x->abc->ages);
    if (l->e.kind == SESSION_UNDO && !out->refused && from->severe_letter >= 0) { /* what was taken back is not there */
        const letter *back = &x->abc->letters[from->severe_letter];
        if (back->sign) to.h.signs &= ~FE_BIT(back->e.number);
        else to.h.vitals_grade = 0, to.h.vitals_severe = false, to.h.vitals_near = false, to.h.vitals_age = to.h.full_age = NAN;
    }
    shadow_after(&to.h, from, l, &to);
    if (out->entered_severe) to.severe_letter = (int)(l - x->abc->letters);
    if (to.s.phase != PHASE_SEVERE) to.severe_letter = -1;
    if (to.path_n < PATH_MAX_STEPS) to.path[to.path_n++] = (unsigned char)(l - x->abc->letters);
    return to;
}

/* Ages instead of times, what no rule reads left out: states that behave alike become one. */
static void clamp(double *at, double now, int ages) {
    if (isnan(*at)) return;
    double age = (now - *at) / TICK;
    *at = age > ages ? -ages * TICK : -age * TICK;
}

static void at_most(double *at, double age) {
    if (*at < -age) *at = -age;
}

/* Times that no rule reads in this state, each with its reason. */
static void forget_the_dead(node *n, int ages) {
    session_state *s = &n->s;
    shadow *h = &n->h;
    bool paused = s->phase == PHASE_PAUSED, severe = s->phase == PHASE_SEVERE;
    if (!paused && !severe) { /* persisting symptoms, agreement and a full set are judged in a pause */
        s->stopped_at = h->since_age = h->paused_age = NAN;
        if (!isnan(s->symptom_since)) s->symptom_since = 0;
    }
    if (!paused) h->agreed_age = NAN;
    if (!h->undone_since_restart) h->full_age = NAN;
    if (!severe && s->phase != PHASE_EMERGENCY) s->adrenaline_at = NAN;
    if (s->phase == PHASE_EMERGENCY || s->phase == PHASE_ENDED) { /* others have taken over, or it is over */
        s->symptom_at = s->symptom_since = s->undone_at = s->ended_at = NAN;
        h->end_age = h->symptom_age = h->undone_age = h->vitals_age = h->test_age = h->severe_age = NAN;
        for (unsigned i = 0; i < SIGNAL_COUNT; i++) s->vitals_at[i] = NAN;
    }
    if (severe) { /* an undo asks for all vitals anew */
        s->symptom_at = s->symptom_since = NAN;
        h->symptom_age = h->vitals_age = h->full_age = NAN;
        for (unsigned i = 0; i < SIGNAL_COUNT; i++) s->vitals_at[i] = s->back_vitals_at[i] = NAN;
    }
    if (!isnan(s->undone_at)) s->undone_at = -ages * TICK; /* what is known since is newer: it was forgotten then */
    if (!isnan(h->undone_age)) h->undone_age = ages;
    if (!runs(s->phase) && s->phase != PHASE_CHECKLIST) return;
    for (unsigned i = 0; i < SIGNAL_COUNT; i++)
        at_most(&s->vitals_at[i], 3 * TICK); /* a later stop asks for newer ones: now or before is all */
    at_most(&s->symptom_at, 3 * TICK);
    if (h->vitals_age > 3) h->vitals_age = 3;
    if (h->full_age > 3) h->full_age = 3;
    if (h->symptom_age > 3) h->symptom_age = 3;
}

static void settle_state(node *n, int ages) {
    session_state *s = &n->s;
    double now = s->now;
    double *times[] = {&s->started_at,         &s->stopped_at,    &s->test_ends_at,   &s->ended_at,      &s->symptom_at,
                       &s->symptom_since,      &s->severe_at,     &s->undone_at,      &s->adrenaline_at, &s->back_symptom_at,
                       &s->back_symptom_since, &s->back_ended_at, &s->back_stopped_at};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) clamp(times[i], now, ages);
    for (unsigned i = 0; i < SIGNAL_COUNT; i++) {
        clamp(&s->vitals_at[i], now, ages);
        clamp(&s->back_vitals_at[i], now, ages);
    }
    forget_the_dead(n, ages);
    if (!isnan(s->started_at)) s->started_at = -ages * TICK; /* only sets when vitals are due first */
    s->now = 0;
    s->agreed_at = NAN;
    s->running_s = s->paused_s = 0;
    s->signs_seen = s->back_seen = 0;
    s->against = s->pump_alarm = false;
    if (s->adrenaline > 1) s->adrenaline = 1;
    if (s->phase == PHASE_SEVERE) return;
    s->severe_at = NAN;
    s->back_signs = 0;
    for (unsigned i = 0; i < SIGNAL_COUNT; i++) s->back_vitals[i] = s->back_vitals_at[i] = NAN;
    s->back_symptom_at = s->back_symptom_since = s->back_ended_at = s->back_stopped_at = NAN;
    s->back_grade = s->back_phase = 0;
    n->h.severe_age = NAN;
    n->h.back_worst = 0;
    n->h.back_end_age = n->h.back_symptom_age = NAN;
}

static uint64_t mix(uint64_t h, uint64_t v) {
    h ^= v + 0x9e3779b97f4a7c15ull + (h << 6) + (h >> 2);
    h *= 0xff51afd7ed558ccdull;
    return h ^ (h >> 32);
}

static uint64_t bits_of(double v) {
    uint64_t b;
    if (isnan(v)) return 0x7ff8;
    v += 0.0; /* -0 is 0 */
    memcpy(&b, &v, sizeof b);
    return b;
}

/* Every member that is left, one by one: padding has no meaning. */
static void hash_node(const node *n, uint64_t out[2]) {
    const session_state *s = &n->s;
    const shadow *h = &n->h;
    const double d[] = {s->pain,
                        s->started_at,
                        s->stopped_at,
                        s->test_ends_at,
                        s->ended_at,
                        s->symptom_at,
                        s->symptom_since,
                        s->severe_at,
                        s->undone_at,
                        s->adrenaline_at,
                        s->rate_ml_per_h,
                        s->before_ml_per_h,
                        s->reduced_ml_per_h,
                        s->given_ml,
                        s->back_symptom_at,
                        s->back_symptom_since,
                        s->back_ended_at,
                        s->back_stopped_at,
                        h->end_age,
                        h->symptom_age,
                        h->severe_age,
                        h->undone_age,
                        h->vitals_age,
                        h->full_age,
                        h->agreed_age,
                        h->test_age,
                        h->since_age,
                        h->paused_age,
                        h->back_end_age,
                        h->back_symptom_age};
    const uint64_t u[] = {s->phase,
                          s->grade,
                          s->restarts,
                          s->adrenaline,
                          s->paused_for_symptom,
                          s->was_reduced,
                          s->site_seen,
                          s->was_undone,
                          s->agreed,
                          s->agreed_start,
                          s->bag_wrong,
                          s->started_early,
                          s->premedicated,
                          s->checked,
                          s->declined,
                          s->signs,
                          s->pain_sign,
                          s->back_signs,
                          s->back_grade,
                          s->back_phase,
                          (uint64_t)h->worst,
                          (uint64_t)h->back_worst,
                          (uint64_t)h->restarts,
                          h->vitals_near,
                          h->ended,
                          h->site,
                          h->emergency,
                          h->wrong_bag,
                          h->undone_since_restart,
                          (uint64_t)h->vitals_grade,
                          h->vitals_severe,
                          h->signs,
                          (uint64_t)(n->severe_letter + 1)};
    out[0] = 1;
    out[1] = 2;
    for (int k = 0; k < 2; k++) {
        for (size_t i = 0; i < sizeof d / sizeof *d; i++) out[k] = mix(out[k], bits_of(d[i]) * (uint64_t)(2 * k + 1));
        for (size_t i = 0; i < sizeof u / sizeof *u; i++) out[k] = mix(out[k], u[i] + (uint64_t)k * 77);
        for (unsigned i = 0; i < SIGNAL_COUNT; i++) {
            out[k] = mix(mix(out[k], bits_of(s->vitals[i])), bits_of(s->vitals_at[i]));
            out[k] = mix(mix(out[k], bits_of(s->back_vitals[i])), bits_of(s->back_vitals_at[i]));
            out[k] = mix(out[k], bits_of(s->baseline[i]));
        }
    }
}

static bool is_new(explorer *x, const uint64_t h[2]) {
    if (2 * x->seen_n >= x->seen_cap) {
        size_t cap = x->seen_cap ? 2 * x->seen_cap : 1 << 16;
        uint64_t(*more)[2] = calloc(cap, sizeof *more);
        if (!more) exit(2);
        for (size_t i = 0; i < x->seen_cap; i++) {
            if (!x->seen[i][0] && !x->seen[i][1]) continue;
            size_t at = x->seen[i][0] & (cap - 1);
            while (more[at][0] || more[at][1]) at = (at + 1) & (cap - 1);
            memcpy(more[at], x->seen[i], sizeof *more);
        }
        free(x->seen);
        x->seen = more;
        x->seen_cap = cap;
    }
    size_t at = h[0] & (x->seen_cap - 1);
    while (x->seen[at][0] || x->seen[at][1]) {
        if (x->seen[at][0] == h[0] && x->seen[at][1] == h[1]) return false;
        at = (at + 1) & (x->seen_cap - 1);
    }
    memcpy(x->seen[at], h, sizeof *x->seen);
    x->seen_n++;
    return true;
}

static void enqueue(explorer *x, node n) {
    uint64_t h[2];
    settle_state(&n, x->abc->ages);
    hash_node(&n, h);
    if (!is_new(x, h)) return;
    if (x->queue_n == x->queue_cap) {
        if (x->queue_at > x->queue_cap / 2) { /* what was looked at is not needed again */
            memmove(x->queue, x->queue + x->queue_at, (x->queue_n - x->queue_at) * sizeof *x->queue);
            x->queue_n -= x->queue_at;
            x->queue_at = 0;
        } else {
            x->queue_cap = x->queue_cap ? 2 * x->queue_cap : 4096;
            x->queue = realloc(x->queue, x->queue_cap * sizeof *x->queue);
            if (!x->queue) exit(2);
        }
    }
    x->queue[x->queue_n++] = n;
}

/* The way out of any state: signs gone, a usual set of vitals, the end, then time with vitals until the patient may leave. */
static void judge_exit(explorer *x, const node *from) {
    session_state s = from->s;
    session_out out;
    session_event e = event_of(SESSION_END);
    double base[SIGNAL_COUNT] = {126, 78, 76, 98, 14, 36.7};
    for (unsigned i = 0; i < SESSION_SIGNS_MAX; i++) {
        if (!(s.signs >> i & 1)) continue;
        session_event gone = event_of(SESSION_SIGN_GONE);
        gone.number = (uint8_t)i;
        gone.at = s.now;
        fe__machine_step(&x->t, &s, &gone, &out);
    }
    for (int i = 0; i < EXIT_STEPS && s.phase != PHASE_ENDED; i++) {
        session_event vitals = event_of(SESSION_VITALS), leave = event_of(SESSION_LEAVE), action = event_of(SESSION_TIME);
        memcpy(vitals.vitals, base, sizeof base);
        vitals.at = e.at = leave.at = s.now;
        fe__machine_step(&x->t, &s, &e, &out);
        fe__machine_step(&x->t, &s, &vitals, &out);
        fe__machine_step(&x->t, &s, &leave, &out);
        action.at = s.now + TICK;
        fe__machine_step(&x->t, &s, &action, &out);
    }
    if (s.phase == PHASE_ENDED || x->has_no_way_out) return;
    x->has_no_way_out = true; /* said when nothing else is wrong: what never ends may be the smaller fault */
    x->stuck = *from;
}

/* Vitals before the start are the baseline, which an alphabet leaves as it is. */
static bool is_other_baseline(const node *from, const letter *l) {
    return from->s.phase == PHASE_CHECKLIST && l->e.kind == SESSION_VITALS && strcmp(l->name, "vitals-usual") != 0;
}

static void explore(explorer *x) {
    node first = {.severe_letter = -1};
    static const double base[SIGNAL_COUNT] = {126, 78, 76, 98, 14, 36.7};
    double own[SIGNAL_COUNT];
    memcpy(own, base, sizeof own);
    own[SIGNAL_SYSTOLIC] = x->abc->systolic_base;
    fe__machine_begin(&x->t, &first.s, own, 0);
    first.h = (shadow){.end_age = NAN,
                       .symptom_age = NAN,
                       .severe_age = NAN,
                       .undone_age = NAN,
                       .vitals_age = 0,
                       .full_age = 0,
                       .agreed_age = NAN,
                       .test_age = NAN,
                       .since_age = NAN,
                       .paused_age = NAN,
                       .back_end_age = NAN,
                       .back_symptom_age = NAN,
                       .vitals_near = true};
    enqueue(x, first);
    while (x->queue_at < x->queue_n && !x->broken) {
        node from = x->queue[x->queue_at++];
        if (!x->has_no_way_out) judge_exit(x, &from);
        for (size_t i = 0; i < x->abc->n && !x->broken; i++) {
            session_out out;
            const letter *l = &x->abc->letters[i];
            if (is_other_baseline(&from, l)) continue;
            node to = step(x, &from, l, &out);
            x->moves++;
            judge_severe(x, &from, l, &to);
            judge_running(x, &from, l, &to);
            judge_leave(x, &from, l, &to, &out);
            judge_out(x, &from, l, &to, &out);
            enqueue(x, to);
        }
    }
    static const letter way = {.name = "the way out"};
    if (x->has_no_way_out) must(x, false, "every-state-reaches-an-end", &x->stuck, &way, &x->stuck);
}

/* ---- the table, with its clock in ticks ---------------------------------------------------------------------------------------------- */

static void to_ticks(session_table *t, bool has_test) {
    t->undo_s = UNDO * TICK;
    t->persist_s = PERSIST * TICK;
    for (unsigned g = 0; g < SESSION_GRADES; g++)
        if (!isnan(t->restart[g].symptom_free_s)) t->restart[g].symptom_free_s = FREE * TICK;
    t->observe_product_s = OBSERVE_0 * TICK;
    t->observe_s[0] = OBSERVE_0 * TICK;
    t->observe_s[1] = t->observe_s[2] = OBSERVE_MINOR * TICK;
    t->observe_s[3] = OBSERVE_3 * TICK;
    t->observe_s[4] = OBSERVE_4 * TICK;
    t->vitals_due_s[0] = TICK;
    t->vitals_due_s[1] = 2 * TICK;
    t->vitals_every_s = 2 * TICK;
    t->vitals_symptom_s = t->resume_vitals_s = TICK;
    t->adrenaline_repeat_s = TICK;
    t->volume_ml = volume;
    t->rate_ml_per_h = rate;
    t->final_mg_per_ml = 4;
    t->test_ml = has_test ? 1 : NAN;
    t->test_s = TICK;
    t->test_rate_ml_per_h = 60;
    t->wait_s = WAIT * TICK;
    t->checks = t->identity_checks;
    t->vitals_checks = 0;
}

/* ---- mutants ------------------------------------------------------------------------------------------------------------------------------ */

static const reaction_row *row_of(const session_protocol *p, unsigned i) { return &p->k->reactions->transitions.list[i]; }

/* Rows of a rule, from a phase, on a kind of event, that lead somewhere. */
static void drop_rows(const session_protocol *p, session_table *t, const char *of, int from, int on, int to) {
    for (unsigned i = 0; i < t->transitions_n; i++) {
        session_transition *x = &t->transitions[i];
        if (of && !fe__streq(row_of(p, i)->rule, of)) continue;
        if (on >= 0 && !(x->on >> on & 1)) continue;
        if (to >= 0 && x->to != to) continue;
        if (from >= 0 && x->when.phases) x->when.phases &= ~(uint32_t)FE_BIT(from);
        else x->on = 0;
        if (from >= 0 && !x->when.phases) x->on = 0;
    }
}

static void drop_line(const reaction_rows *rows, session_line *lines, const char *name) {
    for (size_t i = 0; i < rows->n; i++)
        if (fe__streq(rows->list[i].name, name)) lines[i].when.all = lines[i].when.no = FE_BIT(FACT_STARTED); /* never holds */
}

typedef void mutation(const session_protocol *p, session_table *t);

static void m_severe_row(const session_protocol *p, session_table *t) { drop_rows(p, t, "R-SE01", -1, -1, -1); }
static void m_severe_stopped(const session_protocol *p, session_table *t) { drop_rows(p, t, "R-SE01", PHASE_STOPPED, -1, -1); }
static void m_severe_sign(const session_protocol *p, session_table *t) {
    t->signs[fe__session_sign(p, "chest-pain")].is_severe = false;
}
static void m_severe_value(const session_protocol *p, session_table *t) {
    (void)p;
    for (unsigned i = 0; i < t->triggers_n; i++) {
        if (!t->triggers[i].is_severe) continue;
        t->triggers[i].value = 20;
        t->triggers[i].or_fall_pct = NAN;
    }
}
static void m_time_up(const session_protocol *p, session_table *t) { drop_rows(p, t, NULL, -1, SESSION_TIME, PHASE_EMERGENCY); }
static void m_undo_long(const session_protocol *p, session_table *t) {
    (void)p;
    t->undo_s = 3 * TICK;
}
static void m_emergency_ends(const session_protocol *p, session_table *t) {
    for (unsigned i = 0; i < t->transitions_n; i++)
        if ((t->transitions[i].on >> SESSION_END & 1) && t->transitions[i].to == PHASE_ENDED)
            t->transitions[i].to = PHASE_OBSERVATION;
    (void)p;
}
static void m_severe_resumes(const session_protocol *p, session_table *t) {
    for (unsigned i = 0; i < t->transitions_n; i++)
        if (fe__streq(row_of(p, i)->rule, "R-R04") && (t->transitions[i].on >> SESSION_RESUME & 1))
            t->transitions[i].to = PHASE_RUNNING;
}
static void m_undo_runs(const session_protocol *p, session_table *t) {
    for (unsigned i = 0; i < t->transitions_n; i++)
        if (fe__streq(row_of(p, i)->rule, "R-SM01") && t->transitions[i].to == PHASE_PAUSED) t->transitions[i].to = PHASE_RUNNING;
}
static void m_actions(const session_protocol *p, session_table *t) {
    (void)p;
    t->emergency_actions = 0;
}
static void m_free_short(const session_protocol *p, session_table *t) {
    (void)p;
    for (unsigned g = 0; g < 3; g++) t->restart[g].symptom_free_s = 0;
}
static void m_full_rate(const session_protocol *p, session_table *t) {
    (void)p;
    for (unsigned g = 0; g < 3; g++) t->restart[g].fraction = 1;
}
static void m_twice(const session_protocol *p, session_table *t) {
    for (unsigned g = 0; g < 3; g++) t->restart[g].times = 9;
    for (unsigned i = 0; i < t->transitions_n; i++)
        if (fe__streq(row_of(p, i)->rule, "R-P07") && t->transitions[i].to == PHASE_STOPPED) t->transitions[i].to = PHASE_PAUSED;
}
static void m_grade_3(const session_protocol *p, session_table *t) {
    t->restart[3] = t->restart[1];
    drop_rows(p, t, "R-R03", -1, -1, -1);
}
static void m_leak(const session_protocol *p, session_table *t) { drop_rows(p, t, "R-X02", -1, SESSION_TIME, -1); }
static void m_symptom_runs(const session_protocol *p, session_table *t) { drop_rows(p, t, "R-P01", -1, SESSION_TIME, -1); }
static void m_no_prescriber(const session_protocol *p, session_table *t) { drop_rows(p, t, "R-R02", -1, SESSION_RESUME, -1); }
static void m_no_full_vitals(const session_protocol *p, session_table *t) {
    drop_rows(p, t, "R-SM01", -1, SESSION_RESUME, SESSION_REFUSE);
}
static void m_no_vitals(const session_protocol *p, session_table *t) { drop_rows(p, t, "R-B02", -1, SESSION_RESUME, -1); }
static void m_wait_short(const session_protocol *p, session_table *t) {
    (void)p;
    t->wait_s = 0;
}
static void m_observe_short(const session_protocol *p, session_table *t) {
    (void)p;
    t->observe_s[2] = t->observe_s[0];
}
static void m_leave_any(const session_protocol *p, session_table *t) {
    for (unsigned i = 0; i < t->transitions_n; i++)
        if (fe__streq(row_of(p, i)->rule, "R-L01") && t->transitions[i].to == PHASE_FIT_TO_LEAVE) t->transitions[i].when.all = 0;
}
static void m_near_wide(const session_protocol *p, session_table *t) {
    (void)p;
    t->near[SIGNAL_SYSTOLIC] = 500;
}
static void m_over(const session_protocol *p, session_table *t) {
    (void)p;
    t->over_ml = 100;
}
static void m_flow(const session_protocol *p, session_table *t) {
    drop_line(&p->k->reactions->alarms, t->alarms, "runs-against-the-state");
}
static void m_early(const session_protocol *p, session_table *t) {
    drop_line(&p->k->reactions->alarms, t->alarms, "started-early");
}
static void m_reflex(const session_protocol *p, session_table *t) {
    for (unsigned i = 0; i < t->intents_n; i++)
        if (fe__streq(p->k->reactions->intents.list[i].rule, "R-D02")) t->intents[i].is_refused = false;
}
static void m_adrenaline_for_all(const session_protocol *p, session_table *t) {
    for (unsigned i = 0; i < t->advice_n; i++)
        if (fe__streq(p->k->reactions->advice.list[i].name, "adrenaline-im"))
            t->advice[i].when = (session_when){.all = FE_BIT(FACT_SYMPTOM)};
}
static void m_no_help(const session_protocol *p, session_table *t) {
    drop_line(&p->k->reactions->advice, t->advice, "call-resuscitation-team");
}
static void m_bag(const session_protocol *p, session_table *t) {
    for (unsigned i = 0; i < t->transitions_n; i++) {
        if (t->transitions[i].on >> SESSION_START & 1) t->transitions[i].when.no &= ~FE_BIT(FACT_BAG_WRONG);
        if (fe__streq(row_of(p, i)->rule, "R-SM04")) t->transitions[i].on = 0;
    }
}
static void m_no_end(const session_protocol *p, session_table *t) { drop_rows(p, t, "R-SM07", -1, SESSION_END, PHASE_ENDED); }
static void m_no_rule(const session_protocol *p, session_table *t) {
    drop_rows(p, t, "R-L01", -1, SESSION_LEAVE, SESSION_REFUSE);
}

static const struct mutant {
    const char *name;
    mutation *make;
    const char *invariant;
    int first; /* the alphabet that is likeliest to show it; the others follow */
} mutants[] = {
    {"no row leads to severe", m_severe_row, "severe-within-one-event", 1},
    {"not after a stop", m_severe_stopped, "severe-within-one-event", 1},
    {"chest pain is not severe", m_severe_sign, "severe-within-one-event", 1},
    {"no pressure is severe", m_severe_value, "severe-within-one-event", 2},
    {"severe never becomes emergency by time", m_time_up, "emergency-when-time-is-up", 1},
    {"undo for three times as long", m_undo_long, "emergency-when-time-is-up", 1},
    {"an emergency ends in observation", m_emergency_ends, "emergency-is-irrevocable", 1},
    {"severe and emergency can resume", m_severe_resumes, "emergency-is-irrevocable", 1},
    {"undo runs on", m_undo_runs, "undo-never-runs", 1},
    {"no action is an emergency", m_actions, "an-emergency-action-is-an-emergency", 1},
    {"no time without symptoms", m_free_short, "nothing-shortens-a-wait", 0},
    {"restart at the full rate", m_full_rate, "a-restart-is-at-half-rate", 0},
    {"a second restart", m_twice, "one-restart-in-a-visit", 0},
    {"a restart from grade 3", m_grade_3, "no-restart-is-advised-from-grade-3", 0},
    {"a leak does not stop", m_leak, "never-through-a-cannula-that-leaks", 5},
    {"a symptom does not stop", m_symptom_runs, "a-symptom-stops-at-once", 0},
    {"no prescriber after grade 2", m_no_prescriber, "a-restart-after-grade-2-is-agreed", 0},
    {"no full vitals after an undo", m_no_full_vitals, "after-an-undo-vitals-and-a-name", 2},
    {"no vitals before a restart", m_no_vitals, "a-restart-asks-for-vitals", 0},
    {"no wait after a test dose", m_wait_short, "the-wait-after-a-test-dose-is-kept", 4},
    {"grade 2 is watched as no reaction", m_observe_short, "never-fit-to-leave-early", 0},
    {"fit without being ready", m_leave_any, "never-fit-to-leave-early", 0},
    {"any pressure is the baseline", m_near_wide, "fit-to-leave-asks-for-vitals", 2},
    {"100 mL too much is nothing", m_over, "over-delivery-alarms-at-once", 3},
    {"no alarm of a pump that runs on", m_flow, "flow-against-the-state-alarms-at-once", 3},
    {"no alarm of an early start", m_early, "an-early-start-alarms-at-once", 0},
    {"adrenaline for a flush is not refused", m_reflex, "no-reflex-adrenaline", 0},
    {"adrenaline is advised for any symptom", m_adrenaline_for_all, "no-adrenaline-for-minor-signs", 0},
    {"severe calls nobody", m_no_help, "severe-calls-for-help", 1},
    {"a wrong bag may run", m_bag, "a-wrong-bag-never-runs", 5},
    {"nothing ends an emergency", m_no_end, "every-state-reaches-an-end", 1},
    {"a leave that no rule speaks of", m_no_rule, "every-intention-has-a-rule", 0},
};
enum { MUTANTS = sizeof mutants / sizeof *mutants };

/* ---- all of it ------------------------------------------------------------------------------------------------------------------------------ */

enum { ALPHABETS = 6 };

static void make_alphabets(const session_protocol *p, alphabet *all) {
    static const char *const names[ALPHABETS] = {"minor signs", "severe signs", "vitals",
                                                 "the bag",     "a test dose",  "cannula and checks"};
    for (int i = 0; i < ALPHABETS; i++) {
        all[i] = (alphabet){.name = names[i], .has_test = i == 4, .systolic_base = 126, .ages = i == 3 ? AGES_BAG : AGES_MAX};
        add_common(&all[i]);
    }
    add_sign(p, &all[0], "flushing", 1, false, false);
    add_sign(p, &all[0], "localized-itch", 2, false, false);
    add_sign(p, &all[0], "cough", 3, false, false);
    add_prescriber(&all[0], true);
    add_prescriber(&all[0], false);
    add_action(p, &all[0], SESSION_INTEND, "adrenaline");
    add_action(p, &all[0], SESSION_INTEND, "diphenhydramine");
    add_sign(p, &all[1], "chest-pain", 3, true, false);
    add_sign(p, &all[1], "stridor", 4, true, false);
    add_action(p, &all[1], SESSION_ACTION, "call-resuscitation-team");
    add_prescriber(&all[1], true);
    add_vitals(&all[2], "vitals-fallen", 94, 70, 3, false, true);
    add_vitals(&all[2], "vitals-severe", 70, 40, 4, true, true);
    add_vitals(&all[2], "vitals-away", 108, 78, 0, false, true);
    all[2].letters[all[2].n - 1].at_baseline = false;
    add_vitals(&all[2], "vitals-without-temperature", 126, 78, 0, false, false);
    add_prescriber(&all[2], true);
    add_pump(&all[3], "pump-half", 4, 240);
    add_pump(&all[3], "pump-over", 10, 240);
    add_pump(&all[3], "pump-fast", 2, 480);
    add_pump(&all[3], "pump-stands", 4, 0);
    letter *slow = add(&all[3], "set-rate-slow", SESSION_SET_RATE), *fast = add(&all[3], "set-rate-fast", SESSION_SET_RATE);
    letter *zero = add(&all[3], "set-rate-zero", SESSION_SET_RATE), *quick = add(&all[3], "resume-fast", SESSION_RESUME);
    slow->e.rate_ml_per_h = 120;
    fast->e.rate_ml_per_h = quick->e.rate_ml_per_h = 480;
    zero->e.rate_ml_per_h = 0;
    add_sign(p, &all[4], "flushing", 1, false, false);
    add_sign(p, &all[4], "stridor", 4, true, false);
    add_sign(p, &all[5], "pain-at-cannula", 0, false, true);
    letter *right = add(&all[5], "check-identity", SESSION_CHECK);
    right->e.number = (uint8_t)fe__session_check(p, "check-identity");
    right->e.yes = true;
    letter *wrong = add(&all[5], "identity-denied", SESSION_CHECK);
    wrong->e.number = (uint8_t)fe__session_check(p, "check-identity");
}

static void run(explorer *x, const session_protocol *p, const alphabet *abc, mutation *make) {
    explorer fresh = {.p = p, .abc = abc, .t = p->table};
    *x = fresh;
    to_ticks(&x->t, abc->has_test);
    if (make) make(p, &x->t);
    explore(x);
    free(x->seen);
    free(x->queue);
}

static const session_protocol *shipped(arena *a, knowledge **k) {
    static const site no_site = {
        .observe_minutes = NAN, .on_site_resuscitation = -1, .adrenaline_mg = NAN, .symptom_free_minutes = NAN};
    faults f;
    fe__faults_init(&f, a, "explore");
    *k = fe__knowledge_load(NULL, &f);
    if (!*k) exit(2);
    patient *who = FE_NEW(a, patient);
    who->sex = "female";
    who->age_years = 40;
    who->weight_kg = 65;
    preparation *prepared = FE_NEW(a, preparation);
    *prepared = (preparation){.volume_ml = volume,
                              .ml_per_h = rate,
                              .final_mg_per_ml = 4,
                              .test_dose_ml = NAN,
                              .test_seconds = NAN,
                              .test_wait_minutes = NAN,
                              .observe_minutes = 30};
    session_case c = {.patient = who, .prepared = prepared, .least_minutes = NAN, .site = &no_site};
    const session_protocol *p = fe__session_protocol(a, *k, &f, &c);
    for (size_t i = 0; i < f.n; i++) printf("%s: %s, not %s\n", f.list[i].at, f.list[i].expected, f.list[i].found);
    return p;
}

static int show_mutant(const session_protocol *p, const alphabet *all, const struct mutant *m) {
    explorer x;
    fflush(stdout);
    for (int i = 0; i < ALPHABETS; i++) {
        run(&x, p, &all[(m->first + i) % ALPHABETS], m->make);
        if (!x.broken) continue;
        bool right = strcmp(x.broken, m->invariant) == 0;
        printf("mutant: %s: %s by %s%s%s\n", m->name, right ? "caught" : "MISNAMED", x.broken, right ? "" : ": ",
               right ? "" : x.where);
        return right ? 0 : 1;
    }
    printf("mutant: %s: MISSED\n", m->name);
    return 1;
}

int main(int argc, char **argv) {
    arena *a = fe__arena_new(0);
    knowledge *k;
    int wrong = 0;
    unsigned long states = 0, moves = 0;
    static alphabet all[ALPHABETS];
    if (!a || setjmp(*fe__arena_escape(a))) return 2;
    const session_protocol *p = shipped(a, &k);
    if (!p) return 2;
    make_alphabets(p, all);
    bool mutants_alone = argc > 1 && strcmp(argv[1], "--mutants") == 0;
    for (int i = 0; i < ALPHABETS && !mutants_alone; i++) {
        explorer x;
        run(&x, p, &all[i], NULL);
        printf("%s: %zu states, %lu moves%s%s%s%s\n", all[i].name, x.seen_n, x.moves, x.broken ? ": BROKEN " : "",
               x.broken ? x.broken : "", x.broken ? " " : "", x.broken ? x.where : "");
        fflush(stdout);
        wrong += x.broken != NULL;
        states += x.seen_n;
        moves += x.moves;
    }
    printf("total: %lu states, %lu moves\n", states, moves);
    int base = wrong;
    for (int i = 0; i < MUTANTS && !base; i++) wrong += show_mutant(p, all, &mutants[i]);
    fe__knowledge_free(k);
    fe__arena_free(a);
    return wrong ? 1 : 0;
}
