/* Internal to the verifier: one infusion held against one limit. Used by verify.c alone. */
#ifndef FE_ADVISE_VERIFY_LIMITS_H
#define FE_ADVISE_VERIFY_LIMITS_H

#include "advise/verify.h"

/* Iron by vein as windows and courses see it: what was given first, then the order, each in its own order of time. */
typedef struct iron_dose {
    long day; /* LONG_MIN: not said */
    double mg;
    const char *product, *molecule;
    const char *route; /* NULL for given iron: not known */
    bool ordered;
} iron_dose;

typedef struct iron_record {
    const iron_dose *list; /* [given_n] given, then the items of the order */
    size_t n, given_n;
    bool whole; /* every dose has its day, and what was given before is known */
} iron_record;

/* What was found, growing in the arena. */
typedef struct tally {
    arena *a;
    limit_check *checks;
    size_t checks_n, checks_cap;
    const char **unchecked;
    size_t unchecked_n, unchecked_cap;
} tally;

/* One infusion under one method. */
typedef struct judged {
    const verify_request *r;
    const iron_record *iron;
    const product *p;
    const method *m;          /* NULL: the product has none that is open */
    const route_rules *rules; /* NULL: the method lacks the route */
    const char *route;
    bool switched_on;   /* off-label, and switched on by its id */
    bool closes_course; /* the last infusion of the group: limits of the course are tried here */
    size_t item;
    const order_item *x;
} judged;

/* Tries a limit; adds a check, or its name to unchecked, or nothing where it does not concern this infusion. */
void fe__verify_limit(const judged *j, const limit *l, tally *out);

/* The test dose of the method, else of the product, before the first infusion of a course. */
void fe__verify_test_dose(const judged *j, tally *out);

void fe__verify_add(tally *out, const limit_check *c);
void fe__verify_untried(tally *out, const char *name);

#endif
