/* Facts: what a course says at one instant, in the form in which rules ask for it.
 *
 * Rules of data/ are conditions over facts. Facts are computed once for a course and an instant; a question then sets the product in
 * view and, when there is one, what the plan or order looks like. Evaluating a rule can leave two traces: the facts that made
 * it true (for `because`), and the items that were unknown (for `missing`). */
#ifndef FE_ADVISE_FACTS_H
#define FE_ADVISE_FACTS_H

#include "course/course.h"
#include "course/site.h"

/* One fact in words, with its place in the input. */
typedef struct fact {
    const char *text;
    const char *at; /* JSON pointer, "" when it stands nowhere by itself */
} fact;

typedef struct fact_list {
    fact *list;
    size_t n, cap;
} fact_list;

typedef struct facts {
    arena *a;
    const knowledge *k;
    const course *c;    /* NULL without a course: every patient fact is unknown */
    const char *region; /* us, eu, ca; NULL when not asked */
    double now;
    int zone_min;
    long today;
    const product *product; /* the product in view; NULL when none */

    const event **lab;        /* [terms] newest lab with a value or result that counts, NULL */
    const event **drawn;      /* [terms] newest one whether it counts or not (iron too shortly before), NULL */
    double *field;            /* [terms] numeric patient fields, NaN unknown */
    double number[NUM_COUNT]; /* NaN unknown */
    tri flag[FLAG_COUNT];
    const char *oral_iron; /* NULL unknown */
    tri *rule;             /* [rules] memo of values, valid where rule_done */
    bool *rule_done;

    const event *in_view,
        *before;          /* interpret: the lab or sign that is read, and the lab of its kind from before the iron; NULL */
    int order_indication; /* what an order says it is for: true now; -1 when not said */
    bool *unknown_term;   /* [terms] leaves that were unknown since the last fe__facts_forget */
    bool unknown_list[4]; /* conditions, allergies, reactions, pregnancy */
} facts;

enum { UNKNOWN_CONDITIONS, UNKNOWN_ALLERGIES, UNKNOWN_REACTIONS, UNKNOWN_PREGNANCY };

/* Facts of a course at `now`. `c` may be NULL. */
facts *fe__facts_of(arena *a, const knowledge *k, const course *c, const char *region, double now, int zone_min);

/* What the site says of every patient, where the course does not say it of this one. */
void fe__facts_set_site(facts *f, const site *s);

/* A copy that can be changed without touching the original (for "what if this were known"). */
facts *fe__facts_copy(arena *a, const facts *f);

/* Sets the product in view (NULL: none) and forgets the values of rules. */
void fe__facts_view(facts *f, const product *p);

/* Forgets memoized rules after a number, flag or lab was set by hand; derives what follows from labs (tsat, mentzer). */
void fe__facts_changed(facts *f);

/* Replaces the newest lab by a value (canonical unit). */
void fe__facts_set_lab(facts *f, int term, double value);

/* Value of a condition, of a rule. */
tri fe__facts_holds(facts *f, const condition *c);
tri fe__facts_rule(facts *f, int rule);

/* The facts that make a true condition true (or a false one false), most telling first, each once. */
void fe__facts_because(facts *f, const condition *c, fact_list *out);

/* Newest lab value; NaN when unknown or only qualitative. */
double fe__facts_lab(const facts *f, const char *id);
double fe__facts_field(const facts *f, const char *id);

/* Weight for caps in mg/kg: actual, in pregnancy the smaller of it and the weight before pregnancy. */
double fe__facts_cap_weight(const facts *f);

/* Iron by vein given before `now`, any product, in time order. */
size_t fe__facts_given(const facts *f, const event ***list);

#endif
