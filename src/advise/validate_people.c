#include "advise/validate_people.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "base/crew.h"
#include "infer/prior.h"
#include "infer/quantile.h"

enum { MATCH_PEOPLE = 1000, MATCH_ROUNDS = 30, TRIES = 200 };
static const double match_within = 0.001; /* of the number given */

/* ---- drawing ------------------------------------------------------------------------------------------------------------------------ */

typedef struct draw {
    const model_data *m;
    int population;
    uint64_t seed;
    size_t n;
    atomic_size_t next;
    bool *starts;
    start_labs *labs;
    body *bodies;
    double (*y)[STATES];
} draw;

static void draw_some(void *context, int who) {
    draw *d = context;
    double eta[ETAS + 1];
    (void)who;
    for (size_t k; (k = atomic_fetch_add_explicit(&d->next, 1, memory_order_relaxed)) < d->n;)
        d->starts[k] =
            fe__virtual_patient_within(d->m, d->population, d->seed, k, TRIES, &d->labs[k], eta, &d->bodies[k], d->y[k]);
}

static people draw_people(arena *a, const people_ask *ask, const model_data *m, size_t n) {
    draw d = {.m = m,
              .population = ask->who->population,
              .seed = ask->seed,
              .n = n,
              .starts = FE_NEW_ARRAY(a, bool, n),
              .labs = FE_NEW_ARRAY(a, start_labs, n),
              .bodies = FE_NEW_ARRAY(a, body, n)};
    d.y = fe__alloc_array(a, n, sizeof *d.y);
    atomic_init(&d.next, 0);
    fe__crew(ask->threads, draw_some, &d);
    return (people){n, d.starts, d.labs, d.bodies, (const double(*)[STATES])d.y};
}

/* ---- what is known of them ---------------------------------------------------------------------------------------------------------- */

static double lab_of(const start_labs *x, variable_id v) {
    switch (v) {
    case VARIABLE_Hb: return x->Hb;
    case VARIABLE_F: return x->F;
    case VARIABLE_TSAT: return x->TSAT;
    case VARIABLE_CRP: return x->CRP;
    case VARIABLE_wt: return x->wt;
    case VARIABLE_PH: return x->PH;
    case VARIABLE_IRLS0: return x->IRLS0;
    case VARIABLE_FS0: return x->FS0;
    default: return NAN;
    }
}

double fe__people_level(arena *a, const people *p, variable_id v, bool median) {
    double *values = FE_NEW_ARRAY(a, double, p->n + 1), sum = 0, level;
    size_t n = 0;
    for (size_t k = 0; k < p->n; k++)
        if (p->starts[k]) sum += values[n++] = lab_of(&p->labs[k], v);
    if (n == 0) return NAN;
    if (!median) return sum / (double)n;
    static const double half = 0.5;
    quantile_room room = {FE_NEW_ARRAY(a, double, n), FE_NEW_ARRAY(a, uint16_t, n)};
    fe__quantiles_of(values, n, &half, 1, &room, &level);
    return level;
}

/* ---- moving a population ------------------------------------------------------------------------------------------------------------- */

/* Scores have ends of their own; other ranges go with the median. */
static bool range_moves(variable_id v) { return v != VARIABLE_IRLS0 && v != VARIABLE_FS0; }

static void move(variable_spread *x, variable_id v, double given, double reached) {
    if (x->kind == SPREAD_LOGNORMAL) {
        double factor = given / reached;
        x->median *= factor;
        if (range_moves(v)) x->low *= factor, x->high *= factor;
    } else {
        x->median += given - reached;
        if (range_moves(v)) x->low += given - reached, x->high += given - reached;
    }
}

/* What the text or the endpoint says of the people is no spread: it cuts. */
static void cut(variable_spread *who, const population_bound *b) {
    variable_spread *x = &who[b->variable];
    if (b->low) x->low = fmax(x->low, b->value);
    else x->high = fmin(x->high, b->value);
}

static void cut_all(variable_spread *who, const people_ask *ask) {
    for (size_t i = 0; i < ask->who->bounds_n; i++) cut(who, &ask->who->bounds[i]);
    if (ask->subgroup) cut(who, ask->subgroup);
}

/* The model with the population as the text has it. */
static void take_labs_of(variable_spread *who, const model_data *m, int other) {
    static const variable_id labs[] = {VARIABLE_Hb, VARIABLE_F, VARIABLE_TSAT};
    for (size_t i = 0; other >= 0 && i < sizeof labs / sizeof *labs; i++) who[labs[i]] = m->populations[other][labs[i]];
}

static bool measure_targets(arena *a, const people *p, people_target *targets, size_t n) {
    bool met = true;
    for (size_t i = 0; i < n; i++) {
        people_target *t = &targets[i];
        t->reached = fe__people_level(a, p, t->variable, t->median);
        met = met && fabs(t->reached - t->given) <= match_within * fabs(t->given);
    }
    return met;
}

/* Where more than half of the tries at people fail, what is asked of their labs contradicts itself: nobody is better than the few who are left. */
static bool contradict(const people *p) {
    size_t start = 0;
    for (size_t k = 0; k < p->n; k++) start += p->starts[k];
    return 2 * start < p->n;
}

static people nobody(arena *a, size_t n) { return (people){.n = n, .starts = FE_NEW_ARRAY(a, bool, n)}; }

/* The moved population is cut anew each time, so that a bound stays where the text has it. */
people fe__people(arena *a, const people_ask *ask) {
    model_data *moved = FE_NEW(a, model_data), *played = FE_NEW(a, model_data);
    variable_spread *who = moved->populations[ask->who->population];
    *moved = *ask->m;
    take_labs_of(who, ask->m, ask->who->labs_of);
    for (int round = 0; ask->targets_n && round < MATCH_ROUNDS; round++) {
        arena_mark mark = fe__arena_mark(a);
        *played = *moved;
        cut_all(played->populations[ask->who->population], ask);
        people p = draw_people(a, ask, played, MATCH_PEOPLE);
        bool met = measure_targets(a, &p, ask->targets, ask->targets_n), none = contradict(&p);
        fe__arena_rewind(a, mark);
        if (none) return nobody(a, ask->n);
        for (size_t i = 0; !met && i < ask->targets_n; i++) {
            const people_target *t = &ask->targets[i];
            if (!isnan(t->reached)) move(&who[t->variable], t->variable, t->given, t->reached);
        }
        if (met) break;
    }
    *played = *moved;
    cut_all(played->populations[ask->who->population], ask);
    people p = draw_people(a, ask, played, ask->n);
    if (contradict(&p)) return nobody(a, ask->n);
    measure_targets(a, &p, ask->targets, ask->targets_n);
    return p;
}
