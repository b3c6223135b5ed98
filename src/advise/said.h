/* What an answer says: findings with their reasons and sources, and the envelope that every answer shares. */
#ifndef FE_ADVISE_SAID_H
#define FE_ADVISE_SAID_H

#include "advise/facts.h"

typedef struct said {
    const char *id;   /* of findings.csv */
    const char *rule; /* the row that decided */
    level level;
    const char *text;
    fact_list because;
    const char **sources;
    size_t sources_n, sources_cap;
    double probability; /* from the patient's own body; NaN: a rule alone */
} said;

typedef struct said_list {
    arena *a;
    const knowledge *k;
    said *list;
    size_t n, cap;
} said_list;

/* Adds a finding, or adds to the one of this id that stands already (because and sources are joined; sources-differ stands once a
 * contradiction). `rule` is the deciding row; text NULL: the meaning of findings.csv. Returns it. */
said *fe__say(said_list *l, const char *id, const char *rule, const char *text);
/* The finding alone, resting on the rows that findings.csv names for it. */
said *fe__say_by_its_rows(said_list *l, const char *id);
void fe__said_source(said_list *l, said *s, const char *source);
void fe__said_fact(said_list *l, said *s, const char *text, const char *at);
bool fe__said_has(const said_list *l, const char *id);

/* Both sides of a contradiction, and the side taken. */
void fe__say_differ(said_list *l, const contradiction *x, const char *const *more, size_t more_n);

/* Raises every finding rule of a question that holds, with because, sources and, where sources differ, both sides; but for the rules that
 * read one lab or sign. */
void fe__say_rules(said_list *l, facts *f, unsigned question);
/* One rule that holds; returns its finding. */
said *fe__say_rule(said_list *l, facts *f, const rule *r);

/* Raises the findings of the gates of a product that hold, where the finding belongs to the question. */
void fe__say_gates(said_list *l, facts *f, const product *p, const char *question);

/* The last two: not-a-device where the question has it, unverified-rule when a row behind a finding is from memory or older than
 * practice.knowledge_max_age_days; then sorts, most urgent first. */
void fe__say_end(said_list *l, const facts *f, unsigned question);

/* A source row that is from memory, or was last read too long before `today`. */
bool fe__cite_weak(const knowledge *k, const cite *c, long today);

/* One line of `missing`. */
typedef struct missing {
    const char *item;
    double changes;       /* chance that knowing it changes verdict or chosen plan */
    double turning_value; /* NaN when none */
    const char *how_to_get;
} missing;

#endif
