/* Putting a plan, an order or a computed need into view, so that rules can speak about it. */
#ifndef FE_ADVISE_CONTEXT_H
#define FE_ADVISE_CONTEXT_H

#include "advise/plan.h"

/* The chosen option (or the first) of a plan. */
void fe__facts_set_option(facts *f, const plan *p, const option *o);

/* One infusion as it would be given, and how the verifier judged it. */
void fe__facts_set_preparation(facts *f, const preparation *p, const verification *v);

/* What an order carries beside its infusions. */
void fe__facts_set_order(facts *f, const order *o);

/* A computed need and the other methods beside it. */
void fe__facts_set_need(facts *f, const need_result *n, double spread_mg);

#endif
