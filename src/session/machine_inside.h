/* What the parts of the machine share: grade.c judges what is there, standing.c says how things stand, machine.c moves. */
#ifndef FE_SESSION_MACHINE_INSIDE_H
#define FE_SESSION_MACHINE_INSIDE_H

#include "session/machine.h"

_Static_assert(FACT_COUNT <= 64 && SESSION_EVENT_COUNT <= 32 && PHASE_COUNT <= 32, "bits of the masks of session_when");

static const double fe__never = (double)(0.0f / 0.0f);

static inline bool fe__is_known(double v) { return v == v; }
static inline double fe__later(double a, double b) { return !fe__is_known(a) ? b : !fe__is_known(b) || a > b ? a : b; }

/* Phases in which iron is meant to run. */
#define FE_RUNNING_PHASES (FE_BIT(PHASE_TEST_DOSE) | FE_BIT(PHASE_RUNNING) | FE_BIT(PHASE_REDUCED_RATE))
static inline bool fe__phase_in(const session_state *s, uint64_t phases) { return (phases >> s->phase & 1) != 0; }

/* A sign that stops an infusion is there, or a trigger of the vitals fires. */
bool fe__machine_symptom(const session_table *t, const session_state *s, uint32_t triggers);
/* A sign is there so long after the stop that it counts as one that persists. */
bool fe__machine_persists(const session_table *t, const session_state *s);
/* An absolute trigger is true of the baseline. */
bool fe__machine_baseline_abnormal(const session_table *t, const session_state *s);
/* Signals that are judged against the baseline lie near it; one whose baseline is unknown counts when it is there. */
bool fe__machine_near_baseline(const session_table *t, const session_state *s);
bool fe__machine_baseline_unknown(const session_table *t, const session_state *s);
/* When the last set was taken, of the signals that must be known. NaN when one never was. */
double fe__machine_vitals_at(const session_table *t, const session_state *s);

/* Facts, needs and clocks of a state at its own time. `e` adds what the event itself says; NULL: nothing. */
void fe__machine_look(const session_table *t, const session_state *s, const session_event *e, session_out *out);
bool fe__machine_holds(const session_when *w, const session_state *s, const session_out *out);
/* The most that may run in the phase, and what a resume would run at. */
double fe__machine_rate_allowed(const session_table *t, const session_state *s);
double fe__machine_resume_rate(const session_table *t, const session_state *s);

#endif
