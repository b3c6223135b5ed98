/* Playing a record through the machine; see record.h. */
#include "session/record.h"

#include <math.h>
#include <string.h>

/* The entry that an undo speaks of: by its number, else the last that says something of the patient or the pump. */
static const session_step *undone_of(const session_entry *e, const session_step *before, size_t n) {
    if (e->undo > 0) return (size_t)e->undo <= n ? &before[e->undo - 1] : NULL;
    for (size_t i = n; i-- > 0;)
        if (before[i].entry->kind != SESSION_UNDO && before[i].entry->kind != SESSION_NOTE) return &before[i];
    return NULL;
}

static int number_of(const session_protocol *p, const session_entry *e) {
    switch (e->kind) {
    case SESSION_CHECK: return fe__session_check(p, e->id);
    case SESSION_SIGN:
    case SESSION_SIGN_GONE: return fe__session_sign(p, e->id);
    case SESSION_INTEND:
    case SESSION_ACTION: return fe__session_action(p, e->id);
    default: return 0;
    }
}

session_event fe__session_event(const session_protocol *p, const session_entry *e, const session_step *before, size_t before_n) {
    int number = number_of(p, e);
    session_event out = {.at = e->at,
                         .kind = (uint8_t)(number < 0 ? SESSION_NOTE : e->kind), /* a check that is on no list is a note */
                         .number = (uint8_t)(number < 0 ? 0 : number),
                         .yes = e->kind == SESSION_PUMP ? e->alarm != NULL : e->yes,
                         .is_named = e->name != NULL && *e->name,
                         .rate_ml_per_h = e->rate_ml_per_h,
                         .given_ml = e->given_ml,
                         .pain = e->pain_nrs};
    memcpy(out.vitals, e->vitals, sizeof out.vitals);
    const session_step *undone = e->kind == SESSION_UNDO ? undone_of(e, before, before_n) : NULL;
    out.undone = SESSION_NOTE;
    if (undone) {
        int sign = undone->entry->kind == SESSION_SIGN ? fe__session_sign(p, undone->entry->id) : 0;
        out.undone = (uint8_t)undone->entry->kind;
        out.undone_number = (uint8_t)(sign < 0 ? 0 : sign);
        out.undone_severe = undone->entered_severe;
    }
    return out;
}

const char *fe__session_rule(const session_protocol *p, const session_out *out) {
    const reactions *r = p->k->reactions;
    if (out->intent < p->table.intents_n) return r->intents.list[out->intent].rule;
    return out->transition < p->table.transitions_n ? r->transitions.list[out->transition].rule : NULL;
}

static bool holds_check(const session_record *r) {
    for (size_t i = 0; i < r->entries_n; i++)
        if (r->entries[i].kind == SESSION_CHECK) return true;
    return false;
}

static session_step step_of(const session_protocol *p, const session_entry *e, const session_state *s, const session_out *out) {
    session_step step = {.entry = e,
                         .phase = (session_phase)s->phase,
                         .refused = out->refused,
                         .entered_severe = out->entered_severe,
                         .rule = fe__session_rule(p, out)};
    for (size_t i = 0; i < out->alarms_n; i++) step.alarms |= FE_BIT(out->alarms[i]);
    return step;
}

session_play *fe__session_play(arena *a, const session_protocol *p, const session_record *r, double until) {
    session_play *x = FE_NEW(a, session_play);
    session_step *steps = FE_NEW_ARRAY(a, session_step, r->entries_n + 1);
    double begin = r->entries_n && r->entries[0].at < until ? r->entries[0].at : until;
    x->protocol = p;
    x->steps = steps;
    fe__machine_begin(&p->table, &x->state, r->baseline, begin);
    x->checks_taken = r->entries_n && !r->is_kept && !holds_check(r);
    if (x->checks_taken) fe__machine_take_checks(&p->table, &x->state);
    for (size_t i = 0; i < r->entries_n && r->entries[i].at <= until; i++) {
        session_event e = fe__session_event(p, &r->entries[i], steps, x->steps_n);
        fe__machine_step(&p->table, &x->state, &e, &x->out);
        steps[x->steps_n++] = step_of(p, &r->entries[i], &x->state, &x->out);
    }
    x->later_n = r->entries_n - x->steps_n;
    session_event now = {.at = until, .kind = SESSION_TIME, .rate_ml_per_h = NAN, .given_ml = NAN, .pain = NAN};
    fe__machine_step(&p->table, &x->state, &now, &x->out);
    x->given_mg = x->state.given_ml * p->table.final_mg_per_ml;
    return x;
}
