/* A session as it was written down: who, what order, and every event in order; and playing it through the machine. */
#ifndef FE_SESSION_RECORD_H
#define FE_SESSION_RECORD_H

#include "session/protocol.h"

/* One event as written. Ids are those of the vocabulary and of findings.csv. */
typedef struct session_entry {
    const char *ptr; /* JSON pointer, /events/3 */
    double at;
    session_event_kind kind;
    const char *id;                        /* item of a check, sign, action; NULL */
    bool yes;                              /* check: done; prescriber: agrees */
    const char *why, *name, *text, *alarm; /* check; prescriber; note; pump: NULL when none */
    double rate_ml_per_h, given_ml, pain_nrs, dose_mg;
    double vitals[SIGNAL_COUNT];
    long undo; /* number of the entry, from 1; 0: the last */
} session_entry;

typedef struct session_record {
    const patient *patient;
    order_item order;
    const site *site; /* NULL: none in the record */
    double baseline[SIGNAL_COUNT];
    const session_entry *entries; /* in the order of time */
    size_t entries_n;
    bool is_kept; /* event by event while it happened: no check is no answer, and none is taken as done */
    int zone_min;
    const confirm *confirms;
    size_t confirms_n;
} session_record;

/* What came of one entry. */
typedef struct session_step {
    const session_entry *entry;
    session_phase phase; /* behind it */
    bool refused, entered_severe;
    const char *rule; /* that refused, or moved it, or is broken by it; NULL */
    uint64_t alarms;  /* bits of the rows of alarms */
} session_step;

typedef struct session_play {
    const session_protocol *protocol;
    session_state state;
    session_out out;
    const session_step *steps;
    size_t steps_n, later_n; /* played; dated after the instant that was asked for */
    bool checks_taken;       /* the record holds no check: the list was taken as done */
    double given_mg;
} session_play;

/* An entry as the machine takes it. `before`: the steps so far, for undo. */
session_event fe__session_event(const session_protocol *p, const session_entry *e, const session_step *before, size_t before_n);

/* Plays the entries up to an instant and lets time pass until then. */
session_play *fe__session_play(arena *a, const session_protocol *p, const session_record *r, double until);

/* The rule behind a step of the machine; NULL when nothing decided. */
const char *fe__session_rule(const session_protocol *p, const session_out *out);

#endif
