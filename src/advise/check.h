/* Someone else's order against label and course; and one infusion prepared without a patient. Both show the verifier. */
#ifndef FE_ADVISE_CHECK_H
#define FE_ADVISE_CHECK_H

#include "advise/plan.h"
#include "advise/said.h"

typedef struct checked {
    const char *verdict; /* within-label, needs-acceptance, breaks-label */
    const verification *verified;
    bool allowed_known;
    allowed allowed; /* of the first infusion, by the method it was judged by */
    const route_rules *route;
    const product *product;
    preparation *preparations; /* [items], as they would run; route NULL where the method lacks the route */
    order_item *corrected;     /* NULL when no order near this one keeps every limit */
    size_t corrected_n;
} checked;

/* `f` holds the course (or none). Findings are said into l. */
checked *fe__check(facts *f, const plan_ask *ask, const order *o, said_list *l);

typedef struct prepare_ask {
    const product *product;
    const char *method, *route;
    double dose_mg, bag_ml, minutes;
} prepare_ask;

/* The method of the label that fits dose and route best, unless one is named. */
checked *fe__prepare_question(facts *f, const plan_ask *ask, const prepare_ask *p, said_list *l);

/* Raises what the verifier found as findings where the list of findings has words for it. */
void fe__say_checks(said_list *l, const verification *v);

#endif
