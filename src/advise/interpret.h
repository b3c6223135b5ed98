/* What do these labs and symptoms mean now? Each is read as things stood when it was drawn or noted: by its place in what was foreseen
 * before it was known, and by the rules of data/rules.json, where every threshold, window and sentence stands. */
#ifndef FE_ADVISE_INTERPRET_H
#define FE_ADVISE_INTERPRET_H

#include "advise/foreseen.h"
#include "advise/said.h"

typedef struct lab_reading {
    const event *lab;
    size_t which;           /* event of the course */
    double days_since_iron; /* NaN: none before it */
    bool is_newest;         /* the newest of its kind: older ones are read too, and decide nothing */
    bool is_foreseen;
    foreseen foreseen;
    const char *reading; /* a word of answers.md; NULL: nothing reads this lab */
    const char *rule;    /* the row that gave the reading; NULL */
    const char **findings;
    size_t findings_n, findings_cap;
    int verdict; /* interpret_verdict; -1: none */
} lab_reading;

typedef struct retest {
    const char *lab, *why;
    long not_before, best; /* days */
    const rule_line *line;
} retest;

typedef struct failure_cause {
    const char *id;    /* of findings.csv */
    bool is_shown;     /* something in the course speaks for it; else it is only not ruled out */
    fact_list because; /* what speaks for it */
    const char **tests;
    size_t tests_n;
    const rule_line *line;
} failure_cause;

typedef struct interpretation {
    int verdict; /* interpret_verdict; -1: nothing to read */
    lab_reading *labs;
    size_t labs_n, labs_cap;
    retest *retests;
    size_t retests_n, retests_cap;
    failure_cause *differential; /* likeliest first; only when hemoglobin does not respond */
    size_t differential_n, differential_cap;
    const foresight *sight;
    facts *now; /* a copy of the facts, as interpretation sees them */
} interpretation;

/* Findings are said into l. sight may be NULL: nothing is foreseen. */
interpretation *fe__interpret(facts *f, const foresight *sight, said_list *l);

/* What to test next, most telling first: what rules ask for and nobody knows. */
missing *fe__interpret_missing(const interpretation *x, size_t *n);

/* ---- inside ---- */

/* One that is under way. */
typedef struct interpreting {
    facts *now;
    const foresight *sight;
    said_list *l;
    interpretation *out;
} interpreting;

/* The rules that read this event, as it stood then. Says those that hold when `decides`; adds their ids to `r` when it is not NULL. Returns
 * the worst verdict, -1 when there is none. */
int fe__interpret_event(interpreting *x, facts *then, bool decides, lab_reading *r);
int fe__worse(int a, int b);

int fe__interpret_labs(interpreting *x);
int fe__interpret_symptoms(interpreting *x);
void fe__interpret_differential(interpreting *x);
void fe__interpret_retests(interpreting *x);

#endif
