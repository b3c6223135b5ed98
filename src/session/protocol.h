/* The table of the machine (machine.h), made from data/ for one patient, one order and one site; and the words of what it counts. */
#ifndef FE_SESSION_PROTOCOL_H
#define FE_SESSION_PROTOCOL_H

#include "advise/prepare.h"
#include "course/course.h"
#include "course/site.h"
#include "session/machine.h"

/* What a session is about. */
typedef struct session_case {
    const patient *patient;
    const preparation *prepared; /* the order as it is set at the chair */
    double least_minutes;        /* of the label for this dose; NaN when it sets none */
    const site *site;
    bool pregnant, nsaid_flag;
} session_case;

typedef struct session_protocol {
    const knowledge *k;
    const site *site;
    const patient *patient;
    session_table table;
    const char *checks[SESSION_CHECKS_MAX]; /* ids of the checklist, by number */
    const char *check_rules[SESSION_CHECKS_MAX], *check_texts[SESSION_CHECKS_MAX];
    size_t checks_n;
    const char *actions[SESSION_ACTIONS_MAX];
    size_t actions_n;
} session_protocol;

enum { ACTION_OTHER = SESSION_ACTIONS_MAX - 1 }; /* one that no rule speaks of */

/* NULL with faults when a row of the data names what the machine does not know. */
const session_protocol *fe__session_protocol(arena *a, const knowledge *k, faults *f, const session_case *c);

/* Numbers of ids; -1 when there is none (of an action: ACTION_OTHER). */
int fe__session_sign(const session_protocol *p, const char *id);
int fe__session_check(const session_protocol *p, const char *id);
int fe__session_action(const session_protocol *p, const char *id);

/* Words of numbers, numbers of words (-1 when it is none). */
const char *fe__phase_word(unsigned phase);
const char *fe__session_event_word(unsigned kind);
const char *fe__fact_word(unsigned fact);
const char *fe__signal_word(unsigned signal);
int fe__phase_of(const char *word);
int fe__session_event_of(const char *word);
int fe__fact_of(const char *word);

/* What an advice gives this patient: dose in mg, volume in mL, minutes until it may be repeated. NaN and NULL: nothing. */
typedef struct session_dose {
    double dose_mg, volume_ml, repeat_after_min;
    const char *route, *medication;
} session_dose;
session_dose fe__session_dose(const session_protocol *p, const char *finding, const char *row);

#endif
