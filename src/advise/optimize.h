/* Optimizing a plan: which way to give iron is best in what.
 *
 * Every way inside the label (candidates.h) is played through the same bodies, with few draws at first; those that have an advantage in anything
 * are played again with as many as a forecast of options takes. What is shown is a trade-off (trade.h), not one number: one option a product, and
 * beside them every way that has a clear advantage over all others that are shown. */
#ifndef FE_ADVISE_OPTIMIZE_H
#define FE_ADVISE_OPTIMIZE_H

#include "advise/candidates.h"
#include "advise/forecast.h"
#include "advise/trade.h"

/* One of the ways that are shown. */
typedef struct way {
    const option *option;
    const forecast *ahead;
    merits merits;
    variation how;
    bool is_modelled;
    bool is_worth_a_look; /* has a clear advantage over each other way that is */
    size_t instead;       /* a way over which this one has none; itself when it is worth a look, or not modelled */
} way;

typedef struct optimization {
    bool is_done;
    const char *why_not; /* when it is not: the plan stays as it was */
    chance_id goal;      /* what stands for the goals */
    double need_mg;      /* left of the patient's need, the same for every product; NaN when it cannot be computed */
    trade_rules rules;
    choice choice;    /* among the ways of the last round; `chosen` is ways[0] */
    size_t found;     /* ways inside the label */
    size_t compared;  /* of these, in the last round */
    size_t left_out;  /* worth a look, and not shown for want of room */
    size_t draws_few; /* of the first round */
    way *ways;        /* those of plan.options, then those of plan.alternatives */
    size_t ways_n, options_n;
    size_t plain;            /* of ways: what the plan gives that is not optimized */
    choice_step plain_loses; /* by which step to ways[0]; STEPS when it is not modelled, or is ways[0] */
} optimization;

/* The field of an option, or the chance, that a criterion is. */
const char *fe__criterion_id(const optimization *x, criterion_id c);

/* A criterion in words for people. */
const char *fe__criterion_words(const optimization *x, criterion_id c);

/* Orders the options of the plan and puts the best way of its product into each; alternatives are the other ways worth a look. Every `why` says what
 * speaks for it. look->draws bodies in the last round. */
optimization *fe__optimize(facts *f, const plan_ask *ask, const forecast_ask *look, plan *p);

/* ---- inside ---- */

/* What speaks for a way, for its `why`. i: among the ways. */
const char *fe__way_why(facts *f, const optimization *x, size_t i);

#endif
