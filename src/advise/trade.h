/* The trade-off between ways to give iron: what is better in what, what is a tie, and which ways are worth a look.
 *
 * Every way is judged by the same criteria through the same draws. A difference is clear when it is larger than what matters to a patient
 * (practice.json) and larger than chance makes it: 90% of what the draws, taken in pairs, leave open. Everything else is a tie, and is said as
 * one. Nothing here knows of iron: it compares numbers. */
#ifndef FE_ADVISE_TRADE_H
#define FE_ADVISE_TRADE_H

#include <stdbool.h>
#include <stddef.h>

typedef enum criterion_id {
    CRITERION_goal,      /* chance to reach the goals: more is better; of all others less */
    CRITERION_iron,      /* mg in all */
    CRITERION_visits,    /* that the patient would not make anyway */
    CRITERION_chair,     /* minutes */
    CRITERION_reaction,  /* chance, in any infusion */
    CRITERION_phosphate, /* chance of low phosphate */
    CRITERION_ferritin,  /* chance of ferritin over the ceiling */
    CRITERIA
} criterion_id;

/* What makes a difference matter. */
typedef struct trade_rules {
    double matters[CRITERIA]; /* a difference up to this does not */
    double enough[CRITERIA];  /* less than this is no better than this; 0: there is none */
    double few_visits;        /* so many visits count as few */
    double much_uncovered;    /* so much more of the need left uncovered is much */
    double large_phosphate;   /* a difference beyond this goes before what is left of the need, goals and time */
} trade_rules;

/* How one way does. NaN: not known. */
typedef struct merits {
    double value[CRITERIA];
    const double *of_draw[CRITERIA]; /* [draws]: what the value is the mean of; NULL: no chance is in it */
    size_t draws;
    double uncovered; /* of the need, in the unit of the iron; of the patient, so that it can be compared across products */
    bool is_whole;    /* every draw was played: draws of the same number are the same body in every way that is whole */
    bool is_open;     /* a caution is not accepted */
    bool is_short;    /* less iron than the plan of its product gives: shown, and never chosen over one that is not */
    bool is_at_hand;  /* given where the patient comes anyway: costs no visit */
    bool is_usual;    /* what a plan gives that is not optimized */
} merits;

typedef enum standing_kind {
    STANDS_BETTER,
    STANDS_WORSE,
    STANDS_EQUAL,     /* the same number */
    STANDS_TOO_SMALL, /* a tie: the difference matters to nobody */
    STANDS_BY_CHANCE, /* a tie: the draws do not tell it from none */
    STANDS_UNKNOWN    /* one of the two is not known */
} standing_kind;

typedef struct standing {
    standing_kind kind;
    double difference; /* value less that of the other */
    double error;      /* half of the 90% interval of the difference, by the draws */
} standing;

/* How `one` stands to `other`. */
standing fe__stand(const trade_rules *r, const merits *one, const merits *other, criterion_id c);
bool fe__is_tie(standing_kind k);

/* Has `one` a clear advantage over `other` in anything, the cover of the need as well? */
bool fe__has_advantage(const trade_rules *r, const merits *one, const merits *other);

/* The steps of a choice, in their order: what is decided, and how many ways are left. */
typedef enum choice_step {
    STEP_caution,
    STEP_need,
    STEP_few_visits,    /* guidance goes before the model */
    STEP_shortfall,     /* much of the need left uncovered */
    STEP_low_phosphate, /* a large difference alone */
    STEP_cover,         /* any clear part of the need left uncovered */
    STEP_goal,
    STEP_phosphate,
    STEP_visits,
    STEP_chair,
    STEP_ferritin,
    STEP_reaction, /* late: no dose-response is published, so that it tells slower from usual and not product from product */
    STEP_iron,
    STEPS
} choice_step;

/* CRITERIA for the steps that are about none: open cautions, whether the plan's iron is given, whether the visits are few, what is uncovered. */
criterion_id fe__criterion_of_step(choice_step s);

typedef struct choice {
    size_t chosen;
    size_t left[STEPS]; /* ways that do as well as the best up to and with this step */
} choice;

/* Of n ways (1 or more) those named by list[]: at each step stay those that are not clearly worse than the best that is left; of what ties in
 * everything the usual way, else the first. `room` holds n numbers. */
choice fe__choose(const trade_rules *r, const merits *ways, const size_t *list, size_t n, size_t *room);

/* The step that decides between two ways; STEPS when none does. */
choice_step fe__deciding_step(const trade_rules *r, const merits *one, const merits *other);

/* The ways worth a look, `first` before all others: a way is left out when it has no clear advantage over one that is kept. What another way
 * beats without a clear disadvantage of its own is kept only where that one is not. Puts them into out[] (room for n) and returns how many. The
 * order: the steps of a choice, by the numbers as they are; of what ties in everything the first comes first. beaten: room for n. */
size_t fe__front(const trade_rules *r, const merits *ways, size_t n, size_t first, bool *beaten, size_t *out);

#endif
