/* The infusion in progress as a pure state machine: state + event + time -> state + what is advised, refused and alarmed.
 *
 * Freestanding C: no input or output, no clock, no allocation, no libc. What it knows stands in a session_table, made from data/ for one
 * patient and one order (protocol.h): numbers, masks and rows that are tried in order. Texts, ids and sources stay outside; rows are
 * numbers here. The same bytes in give the same bytes out.
 *
 * Times are seconds since 1970 (double) and come with the event. They never run back: an event that is stamped earlier than the last one
 * happens at the time of the last. NaN is "not known" or "never".
 * Volumes mL, rates mL/h, doses mg of iron unless said. */
#ifndef FE_SESSION_MACHINE_H
#define FE_SESSION_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- words: one list each, so that names outside cannot drift from numbers here ------------------------------------------ */

/* clang-format off */
#define FE_PHASES(X)                                                                                              \
    X(CHECKLIST, "checklist") X(TEST_DOSE, "test-dose") X(WAITING, "waiting") X(RUNNING, "running")               \
    X(PAUSED, "paused") X(REDUCED_RATE, "reduced-rate") X(OBSERVATION, "observation")                             \
    X(FIT_TO_LEAVE, "fit-to-leave") X(STOPPED, "stopped") X(SEVERE, "severe") X(EMERGENCY, "emergency") X(ENDED, "ended")

/* "time" is no event of a person: it asks how things stand at a time. */
#define FE_SESSION_EVENTS(X)                                                                                      \
    X(TIME, "time") X(CHECK, "check") X(START, "start") X(VITALS, "vitals") X(SIGN, "sign")                       \
    X(SIGN_GONE, "sign-gone") X(PAUSE, "pause") X(RESUME, "resume") X(SET_RATE, "set-rate") X(STOP, "stop")       \
    X(INTEND, "intend") X(ACTION, "action") X(PUMP, "pump") X(PRESCRIBER, "prescriber") X(UNDO, "undo")           \
    X(END, "end") X(LEAVE, "leave") X(NOTE, "note")

/* What rows of the table can ask. "now" is what is there now, "worst" the highest grade of this visit. */
#define FE_SESSION_FACTS(X)                                                                                       \
    X(SYMPTOM, "symptom")               /* a sign that stops an infusion, or a trigger of the vitals */           \
    X(SITE, "site")                     /* a sign at the cannula */                                               \
    X(SITE_SEEN, "site-seen")           /* one was seen in this visit */                                          \
    X(SEVERE, "severe")                 /* a severe sign, or grade 4 or 5 */                                      \
    X(NOW_MINOR, "now-minor")           /* grade 1 or 2 */                                                        \
    X(NOW_1, "now-1") X(NOW_2, "now-2")                                                                           \
    X(NOW_3_UP, "now-3-up")             /* grade 3 or above */                                                    \
    X(WORST_2, "worst-2")                                              \
    X(WORST_3_UP, "worst-3-up") X(WORST_4_UP, "worst-4-up") X(WORST_5, "worst-5")     \
    X(PERSISTS, "persists")             /* a symptom is there long after the stop */                              \
    X(PAUSED_FOR_SYMPTOM, "paused-for-symptom")                                                                   \
    X(RESTART_USED, "restart-used")     /* as often as one visit allows */                                        \
    X(WAS_REDUCED, "was-reduced")                                                                                 \
    X(SYMPTOM_FREE, "symptom-free")     /* for as long as a restart asks */                                       \
    X(VITALS_AT_BASELINE, "vitals-at-baseline") /* the last set, taken since the last symptom, not too old */     \
    X(VITALS_FULL, "vitals-full")       /* every signal, since the severe sign that was undone */                 \
    X(VITALS_OVERDUE, "vitals-overdue")                                                                           \
    X(PRESCRIBER_NEEDED, "prescriber-needed") X(PRESCRIBER_AGREES, "prescriber-agrees")                           \
    X(BASELINE_ABNORMAL, "baseline-abnormal")                                                                     \
    X(CHECKS_OPEN, "checks-open")                                                                                 \
    X(BAG_WRONG, "bag-wrong")           /* identity of patient or bag denied */                                   \
    X(TEST_KNOWN, "test-known")         /* the order has a test dose or slow first part */                        \
    X(TEST_DUE, "test-due")             /* and it was not given yet */         \
    X(TEST_OVER, "test-over") X(WAIT_OVER, "wait-over")                                                           \
    X(UNDO_OPEN, "undo-open")           /* the severe sign may still be taken back */                             \
    X(UNDO_OF_SEVERE, "undo-of-severe") /* this event takes back what led to severe */                            \
    X(UNDO_OF_SIGN, "undo-of-sign")     /* this event takes back a sign or vitals that led to nothing severe */   \
    X(BACK_INFUSING, "back-infusing")   /* before severe the bag was running, paused or waited for, */            \
    X(BACK_CHECKLIST, "back-checklist") /* or not started */                                                      \
    X(WAS_UNDONE, "was-undone")         /* a severe sign was taken back in this visit */                          \
    X(EMERGENCY_ACTION, "emergency-action") /* this event records one */                                          \
    X(ADRENALINE_GIVEN, "adrenaline-given") X(ADRENALINE_AGAIN, "adrenaline-again")                               \
    X(REFRACTORY, "refractory")         /* no better after two doses of adrenaline */                             \
    X(RATE_TOO_FAST, "rate-too-fast")   /* the rate of this event is above what is allowed */                     \
    X(PUMP_STANDS, "pump-stands")       /* this report says so */                                                 \
    X(RATE_ZERO, "rate-zero")                                                                                     \
    X(LEAVE_READY, "leave-ready")                                                                                 \
    X(RESUME_READY, "resume-ready")                                                                               \
    X(FLOWS, "flows")                   /* the pump is known or reported to run */                                \
    X(FLOWS_TOO_FAST, "flows-too-fast") X(OVER_DELIVERED, "over-delivered") X(BAG_EMPTY, "bag-empty")             \
    X(PUMP_ALARM, "pump-alarm")                                                                                   \
    X(AGAINST_PROTOCOL, "against-protocol") /* what was done is what an intention would be refused for */         \
    X(PREGNANT, "pregnant") X(ADULT, "adult") X(NSAID_FLAG, "nsaid-flag")                                         \
    X(PAIN_STRONG, "pain-strong")       /* pain scored high */                                                    \
    X(BASELINE_UNKNOWN, "baseline-unknown")                                                                       \
    X(STARTED, "started") X(STARTED_EARLY, "started-early") /* with open checks, or without the prescriber */     \
    X(PREMEDICATED, "premedicated")

#define FE_SIGNALS(X)                                                                                             \
    X(SYSTOLIC, "systolic_mmhg") X(DIASTOLIC, "diastolic_mmhg") X(HEART_RATE, "heart_rate_per_min")               \
    X(SPO2, "spo2_pct") X(RESPIRATORY_RATE, "respiratory_rate_per_min") X(TEMPERATURE, "temperature_c")
/* clang-format on */

#define FE_PHASE_ENUM(name, word)  PHASE_##name,
#define FE_SEVENT_ENUM(name, word) SESSION_##name,
#define FE_FACT_ENUM(name, word)   FACT_##name,
#define FE_SIGNAL_ENUM(name, word) SIGNAL_##name,
typedef enum session_phase { FE_PHASES(FE_PHASE_ENUM) PHASE_COUNT } session_phase;
typedef enum session_event_kind { FE_SESSION_EVENTS(FE_SEVENT_ENUM) SESSION_EVENT_COUNT } session_event_kind;
typedef enum session_fact { FE_SESSION_FACTS(FE_FACT_ENUM) FACT_COUNT } session_fact;
typedef enum session_signal { FE_SIGNALS(FE_SIGNAL_ENUM) SIGNAL_COUNT } session_signal;
enum { SIGNAL_MAP = SIGNAL_COUNT }; /* mean pressure, of the two; triggers alone speak of it */

#define FE_BIT(n) ((uint64_t)1 << (n))

/* Items of `needs` and `next`; a check's own number is CHECK_ITEM + its number. */
typedef enum session_item { ITEM_NONE, ITEM_VITALS, ITEM_PRESCRIBER, ITEM_TIME, ITEM_CHECK } session_item;
enum { ITEM_SIGN = 64 };

enum {
    SESSION_SIGNS_MAX = 64,
    SESSION_TRIGGERS_MAX = 32,
    SESSION_CHECKS_MAX = 32,
    SESSION_ROWS_MAX = 96, /* of each kind */
    SESSION_ACTIONS_MAX = 64,
    SESSION_GRADES = 6, /* 0 to 5 */
    SESSION_DUE_MAX = 4,
    SESSION_STAY = 254, /* `to` of a transition: recorded, the phase stays */
    SESSION_REFUSE = 255
};

/* ---- the table ------------------------------------------------------------------------------------------------------------ */

typedef struct session_sign {
    uint64_t raises_signs; /* grade 4 with any of these signs, */
    uint32_t raises_triggers;
    uint64_t minor_signs; /* or: the least grade only with none of these, else else_grade */
    uint32_t minor_triggers;
    uint64_t grade_4_signs; /* grade 4 with any of these */
    uint8_t min_grade, else_grade;
    bool is_severe, is_site, no_stop;
} session_sign;

typedef enum trigger_op {
    TRIGGER_LT,
    TRIGGER_LE,
    TRIGGER_GT,
    TRIGGER_GE,
    TRIGGER_FALL,
    TRIGGER_RISE,
    TRIGGER_FALL_PCT
} trigger_op;

typedef struct session_trigger {
    uint8_t signal, op; /* session_signal or SIGNAL_MAP; trigger_op */
    uint8_t min_grade;
    uint8_t grade_with; /* with any of with_signs; 0: none */
    bool is_severe, needs_symptom;
    double value;       /* absolute, or change against the baseline */
    double or_fall_pct; /* NaN when none */
    double
        base_change; /* when the baseline is beyond the absolute value already: a change in its direction; NaN: it never fires then */
    double base_change_or_pct; /* NaN when none */
    uint64_t with_signs;
} session_trigger;

/* One condition of a row. any_*: with either given at least one must be there. */
typedef struct session_when {
    uint32_t phases;  /* bits; 0: any */
    uint64_t all, no; /* bits of session_fact */
    uint64_t any_signs;
    uint32_t any_triggers;
} session_when;

typedef struct session_transition {
    session_when when;
    uint32_t on; /* bits of session_event_kind */
    uint8_t to;  /* session_phase, SESSION_STAY, SESSION_REFUSE */
} session_transition;

/* An advice, a finding or an alarm that shows while its condition holds. */
typedef struct session_line {
    session_when when;
} session_line;

/* An action that may be refused, or is alarmed when done. The first row that matches decides. */
typedef struct session_intent {
    uint64_t actions; /* bits of the actions of the table */
    session_when when;
    bool is_refused;
} session_intent;

/* Rules of a restart after the worst grade of the visit. */
typedef struct session_restart {
    bool allowed, needs_prescriber;
    uint8_t times;         /* in one visit */
    double symptom_free_s; /* without a symptom */
    double fraction;       /* of the rate before */
} session_restart;

typedef struct session_table {
    /* the protocol */
    session_sign signs[SESSION_SIGNS_MAX];
    session_trigger triggers[SESSION_TRIGGERS_MAX];
    session_transition transitions[SESSION_ROWS_MAX];
    session_line advice[SESSION_ROWS_MAX], alarms[SESSION_ROWS_MAX], findings[SESSION_ROWS_MAX];
    session_intent intents[SESSION_ROWS_MAX];
    session_restart restart[SESSION_GRADES];
    double observe_s[SESSION_GRADES]; /* after the end; NaN: until handed over, never by time */
    uint16_t signs_n, triggers_n, transitions_n, advice_n, alarms_n, findings_n, intents_n;
    double undo_s;                        /* a severe sign may be taken back for so long */
    double persist_s;                     /* a symptom that is there so long after the stop counts as persist_sign */
    uint8_t persist_sign;                 /* number of a sign */
    double vitals_due_s[SESSION_DUE_MAX]; /* after the start: 5 and 15 min; NaN behind the last */
    double vitals_every_s;                /* then, and until the patient leaves */
    double vitals_symptom_s;              /* while something is wrong */
    double resume_vitals_s;               /* no older than this for a restart */
    double near_pct, near[SIGNAL_COUNT];  /* at baseline: systolic within pct or near; NaN: the signal is not asked */
    double over_ml;                       /* so much above the bag is over-delivery */
    double adrenaline_repeat_s;
    uint8_t adrenaline_doses; /* that many without getting better: refractory */
    uint64_t emergency_actions, adrenaline_actions;
    uint64_t premedication_actions;
    double pain_strong;       /* of 10: counts as strong_sign, */
    uint8_t strong_sign;      /* a number of a sign */
    uint32_t checks;          /* bits that must be answered before the start */
    uint32_t identity_checks; /* denied: the bag or the patient is wrong */
    uint32_t vitals_checks;   /* answered by a full set of vitals */
    /* this patient and order */
    double volume_ml, rate_ml_per_h; /* what runs in, and how fast at most */
    double final_mg_per_ml;
    double test_ml, test_rate_ml_per_h, test_s, wait_s; /* the test dose or slow first part; test_ml NaN: none */
    double observe_product_s;                           /* of product, test dose and site */
    bool pregnant, adult, nsaid_flag, prescriber_by_site;
} session_table;

/* ---- state and event -------------------------------------------------------------------------------------------------------- */

typedef struct session_state {
    uint8_t phase;
    uint8_t grade;      /* the worst of the visit, without what was undone */
    uint8_t restarts;   /* after a reaction */
    uint8_t adrenaline; /* doses recorded */
    bool paused_for_symptom, was_reduced, site_seen, was_undone, agreed, agreed_start, bag_wrong, pump_alarm, started_early,
        against, premedicated;
    uint32_t checked, declined; /* bits of checks */
    uint64_t signs, signs_seen; /* there now; ever, without what was undone */
    double pain;                /* of the worst pain that is there now; 0 */
    uint8_t pain_sign;          /* whose it is */
    double baseline[SIGNAL_COUNT], vitals[SIGNAL_COUNT], vitals_at[SIGNAL_COUNT];
    double now, started_at, stopped_at; /* stopped_at: since when it has not been running, NaN while it does */
    double test_ends_at;                /* of the test dose */
    double ended_at;                    /* the infusion, for good */
    double symptom_at;                  /* when it was last there; NaN: never */
    double symptom_since;               /* of what is there now; NaN when nothing is */
    double severe_at, undone_at, agreed_at, adrenaline_at;
    double running_s, paused_s;
    double rate_ml_per_h;    /* of the pump as last known; 0 when it stands */
    double before_ml_per_h;  /* the last rate that ran, never above what was allowed */
    double reduced_ml_per_h; /* after a restart; NaN before */
    double given_ml;         /* reported, and reckoned since */
    /* what undo goes back to */
    uint64_t back_signs, back_seen;
    double back_vitals[SIGNAL_COUNT], back_vitals_at[SIGNAL_COUNT];
    double back_symptom_at, back_symptom_since, back_ended_at, back_stopped_at;
    uint8_t back_grade, back_phase;
} session_state;

typedef struct session_event {
    double at;
    uint8_t kind;          /* session_event_kind */
    uint8_t number;        /* sign, check or action of the table */
    bool yes;              /* check: done; prescriber: agrees; pump: has an alarm */
    bool is_named;         /* prescriber: has a name */
    uint8_t undone;        /* undo: the kind of the entry that it takes back, */
    uint8_t undone_number; /* its sign, */
    bool undone_severe;    /* and whether that entry led to severe */
    double rate_ml_per_h;  /* start, resume, set-rate, pump; NaN when not said */
    double given_ml;       /* pump; NaN when not said */
    double pain;           /* sign: 0 to 10; NaN when not said */
    double vitals[SIGNAL_COUNT];
} session_event;

/* What an event leads to, and how things stand behind it. */
typedef struct session_need {
    bool allowed;
    double not_before;                      /* NaN: no time by itself allows it */
    bool vitals, prescriber, signs, checks; /* what is wanting besides */
    double rate_ml_per_h;
} session_need;

typedef struct session_out {
    bool refused;
    bool entered_severe; /* this event led to severe: the entry that undo may take back */
    uint8_t transition;  /* row that decided; transitions_n when none did */
    uint8_t intent;      /* row of intents that refused or is alarmed; intents_n when none */
    uint64_t facts;
    uint32_t triggers; /* bits that fire now */
    uint8_t grade_now;
    uint16_t advice_n, alarms_n, findings_n;
    uint8_t advice[SESSION_ROWS_MAX], alarms[SESSION_ROWS_MAX], findings[SESSION_ROWS_MAX];
    session_need resume, leave;
    double observe_s; /* that the visit asks for; NaN: not by time */
    double observed_s, symptom_free_s;
    double rate_allowed; /* the most that may run now, mL/h; 0 when none may */
    uint8_t next_item;   /* session_item; ITEM_CHECK + check */
    double next_due;     /* NaN when none */
} session_out;

/* The state before the first event: the checklist is open, nothing is known. `baseline`: SIGNAL_COUNT values, NaN unknown. */
void fe__machine_begin(const session_table *t, session_state *s, const double *baseline, double at);

/* All checks as answered before the session began (a record that holds none). The prescriber's agreement is not among them. */
void fe__machine_take_checks(const session_table *t, session_state *s);

/* One event. `out` is always written. A refused intention leaves the state as time alone would. */
void fe__machine_step(const session_table *t, session_state *s, const session_event *e, session_out *out);

/* The grade of what is there now, 0 to 5; the triggers that fire go into *triggers. */
uint8_t fe__machine_grade(const session_table *t, const session_state *s, uint32_t *triggers, bool *severe);

#endif
