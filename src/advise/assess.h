/* Should this patient get iron by vein, and which product? The verdict of the rules. */
#ifndef FE_ADVISE_ASSESS_H
#define FE_ADVISE_ASSESS_H

#include "advise/facts.h"
#include "advise/plan.h"
#include "advise/said.h"

typedef enum assess_verdict {
    ASSESS_INDICATED,
    ASSESS_INDIVIDUAL,
    ASSESS_ORAL_FIRST,
    ASSESS_DEFERRED,
    ASSESS_NOT_INDICATED,
    ASSESS_CONTRAINDICATED,
    ASSESS_MISSING_DATA
} assess_verdict;
const char *fe__assess_word(assess_verdict v);
bool fe__assess_refuses(assess_verdict v);

/* The verdict alone: quick, for asking "what if". */
assess_verdict fe__assess_verdict(facts *f, const plan_ask *ask);

typedef struct indication {
    const char *id, *rule, *strength;
    tri holds;
} indication;

typedef struct contraindication {
    const char *id, *rule;
    const product *product; /* NULL: all */
} contraindication;

typedef struct cause {
    const char *id;
    bool recorded;
    const char *test; /* lab id, NULL */
} cause;

typedef struct product_fit {
    const product *product;
    bool fits;
    const char *rule; /* what decides, NULL when it simply fits */
    const char *because;
} product_fit;

typedef struct assessment {
    assess_verdict verdict;
    const char *routes[2];
    size_t routes_n;
    indication *indications;
    size_t indications_n, indications_cap;
    contraindication *contraindications;
    size_t contraindications_n, contraindications_cap;
    cause *causes;
    size_t causes_n, causes_cap;
    product_fit *products;
    size_t products_n, products_cap;
    bool transfusion_question;
    const char **checklist;
    size_t checklist_n, checklist_cap;
} assessment;

/* The whole assessment; findings are said into l (question: Q_ASSESS, or Q_PLAN for the assessment under a plan). */
assessment *fe__assess(facts *f, const plan_ask *ask, said_list *l, unsigned question);

/* Gives what an answer would be as one number; called on a copy of the facts. */
typedef unsigned long (*what_if)(facts *f, void *context);

/* How the question is asked again when a missing value were known. An item that only the assessment looked at cannot change more than the
 * verdict: it is asked by `verdict`, which is quick; an item in `planned` (may be NULL) is asked by `whole`. */
typedef struct again {
    what_if verdict, whole;
    void *context;
    const bool *planned; /* [terms] items that planning found unknown */
    size_t steps;        /* values tried over each plausible range (the warn range of the vocabulary) */
} again;

/* What is missing, most telling first. */
missing *fe__missing(facts *f, const again *how, size_t *n);

/* Lines of a list of rules.json that hold. */
size_t fe__lines_that_hold(facts *f, const rule_lines *lines, const rule_line ***out);

#endif
