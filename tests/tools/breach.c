/* breach N [SEED]: plans of random patients with one seeded breach each; the verifier must find every one and name the limit.
 *
 * A breach is made from the limit's own row of data/: one mg over the cap, one mL over the bag, half a minute too fast, a day too early.
 * Prints how many of each name were made and how many were found; exit status 1 when one was missed. */
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "advise/assess.h"
#include "advise/plan.h"
#include "base/date.h"
#include "base/json.h"
#include "exchange/read.h"
#include "random_patient.h"

enum { NAMES_MAX = 64, ITEMS_MAX = 80 };

typedef struct tally {
    const char *name;
    unsigned long made, found;
} tally;

typedef struct bench {
    arena *a;
    const knowledge *k;
    facts *f;
    tally tallies[NAMES_MAX];
    size_t tallies_n;
    unsigned long made, missed, wanted;
} bench;

static tally *tally_of(bench *b, const char *name) {
    for (size_t i = 0; i < b->tallies_n; i++)
        if (strcmp(b->tallies[i].name, name) == 0) return &b->tallies[i];
    b->tallies[b->tallies_n] = (tally){.name = name};
    return &b->tallies[b->tallies_n++];
}

/* One breached order: a copy of the plan's, changed in place by the maker. */
typedef struct breach {
    order_item items[ITEMS_MAX];
    size_t n;
    verify_patient who;
    const condition *forced; /* a gate's condition that is taken as true */
} breach;

typedef struct forced_context {
    facts *f;
    const condition *forced;
} forced_context;

static tri holds_forced(void *context, const product *p, const condition *c) {
    forced_context *x = context;
    return c == x->forced && c ? TRI_TRUE : fe__holds_for(x->f, p, c);
}

static void judge(bench *b, const breach *x, const char *name) {
    forced_context context = {b->f, x->forced};
    size_t given_n;
    verify_request r = {.k = b->k,
                        .items = x->items,
                        .items_n = x->n,
                        .patient = &x->who,
                        .given = fe__given_iron_of(b->f, &given_n),
                        .holds = holds_forced,
                        .context = &context};
    r.given_n = given_n;
    const verification *v = fe__verify(b->a, &r);
    tally *t = tally_of(b, name);
    bool found = false;
    for (size_t i = 0; i < v->broken_n; i++) found = found || strcmp(v->broken[i], name) == 0;
    t->made++;
    b->made++;
    if (found) {
        t->found++;
        return;
    }
    if (b->missed++ < 10)
        printf("MISSED %s: %s %g mg, %zu infusions, method %s\n", name, x->items[0].product, x->items[0].dose_mg, x->n,
               x->items[0].method);
}

static double bag_for(const product *p, const route_rules *r, double dose, double mg_per_ml) {
    return r->bag_is_final ? dose / mg_per_ml : dose / mg_per_ml - dose / p->mg_per_ml;
}

static void repeat_last(breach *x, size_t n, long step) {
    while (x->n < n && x->n < ITEMS_MAX) {
        x->items[x->n] = x->items[x->n - 1];
        x->items[x->n].day += step;
        x->n++;
    }
}

/* What is given slowly before the rest, which the rate is about: a test dose, a first part. */
static double slow_mg(const breach *x, const route_rules *r) {
    if (r->first) return r->first->mg;
    return isnan(x->items[0].test_dose_mg) ? 0 : x->items[0].test_dose_mg;
}

/* Changes the order so that it breaks this limit; false when the limit does not bear on it. */
static bool break_limit(breach *x, const product *p, const route_rules *r, const limit *l) {
    order_item *i = &x->items[0];
    double kg = x->who.cap_weight_kg;
    bool in_dose = i->dose_mg > l->dose_min_excl && i->dose_mg <= l->dose_max;
    bool by_weight = !isinf(l->weight_min) || !isinf(l->weight_max_excl);
    if (by_weight && !(kg >= l->weight_min && kg < l->weight_max_excl)) return false;
    if (!isinf(l->age_max_excl) && !(x->who.age_years < l->age_max_excl)) return false;
    if (l->route && strcmp(l->route, r->route) != 0) return false;
    switch (l->what) {
    case WHAT_max_single_mg:
    case WHAT_max_daily_mg:
    case WHAT_max_weekly_mg:
    case WHAT_max_course_mg: i->dose_mg = l->value + 1; break;
    case WHAT_max_single_mg_per_kg:
    case WHAT_max_weekly_mg_per_kg:
    case WHAT_max_course_mg_per_kg: i->dose_mg = l->value * kg + 1; break;
    case WHAT_max_doses: repeat_last(x, (size_t)l->value + 1, 7); break;
    case WHAT_max_doses_per_week:
        x->n = 1;
        repeat_last(x, (size_t)l->value + 1, 1);
        break;
    case WHAT_within_days:
        if (x->n < 2) return false;
        x->items[x->n - 1].day = x->items[0].day + (long)l->value + 1;
        break;
    case WHAT_min_interval_days:
        x->n = 1;
        repeat_last(x, 2, (long)l->value - 1);
        break;
    case WHAT_max_interval_days:
        x->n = 1;
        repeat_last(x, 2, (long)l->value + 1);
        break;
    case WHAT_max_maintenance_mg: repeat_last(x, ITEMS_MAX / 2, 84); break;
    case WHAT_max_week:
        x->n = 1;
        repeat_last(x, 2, (long)l->value * 7 + 1);
        break;
    case WHAT_min_minutes:
        if (!in_dose || !(l->value > 0)) return false;
        i->minutes = l->strict ? l->value : l->value - 0.5;
        break;
    case WHAT_max_mg_per_min:
        if (!in_dose) return false;
        i->minutes = (i->dose_mg - slow_mg(x, r)) / (l->value * 1.05);
        break;
    case WHAT_max_ml_per_min: {
        double ml = i->dose_mg / p->mg_per_ml + (isnan(i->bag_ml) ? 0 : i->bag_ml);
        double rest = 1 - (r->first ? r->first->mg / i->dose_mg : 0);
        if (!in_dose || rest <= 0) return false;
        i->minutes = (r->first ? r->first->minutes : 0) + ml * rest / (l->value * 1.05);
        break;
    }
    case WHAT_max_bag_ml:
        if (!in_dose) return false;
        i->bag_ml = l->value + 1;
        break;
    case WHAT_min_bag_ml:
        if (!in_dose || isnan(i->bag_ml)) return false;
        i->bag_ml = l->value - 1;
        break;
    case WHAT_min_conc_mg_per_ml: i->bag_ml = bag_for(p, r, i->dose_mg, l->value) + 1; break;
    case WHAT_max_conc_mg_per_ml:
        if (isnan(i->bag_ml)) return false;
        i->bag_ml = bag_for(p, r, i->dose_mg, l->value * 1.1);
        break;
    case WHAT_min_age_years: x->who.age_years = l->value - 0.1; break;
    case WHAT_hb_g_dl_max_excl: x->who.hb_g_dl = l->value; break;
    case WHAT_routes: i->route = "intramuscular"; break;
    case WHAT_diluents:
        for (size_t d = 0; d < l->values_n; d++)
            if (strcmp(l->values[d], "dextrose-5") == 0) return false;
        if (isnan(i->bag_ml)) return false;
        i->diluent = "dextrose-5";
        break;
    default: return false;
    }
    return true;
}

/* The plan as an order; by another route than its own it is pushed undiluted. */
static void start(bench *b, const option *o, const route_rules *r, breach *x) {
    memset(x, 0, sizeof *x);
    x->who = fe__verify_patient_of(b->f);
    for (size_t i = 0; i < o->n && i < ITEMS_MAX / 2; i++) {
        const preparation *p = &o->infusions[i].prep;
        double bag_ml = r == p->route ? p->bag_ml : NAN;
        x->items[x->n++] = (order_item){.ptr = "",
                                        .product = o->product->id,
                                        .method = o->method->id,
                                        .dose_mg = p->dose_mg,
                                        .day = o->infusions[i].on,
                                        .route = r->route,
                                        .bag_ml = bag_ml,
                                        .drug_ml = p->drug_ml,
                                        .minutes = p->minutes,
                                        .test_dose_mg = p->test_dose_mg,
                                        .diluent = isnan(bag_ml) ? NULL : p->diluent};
    }
}

static void breach_limits(bench *b, const option *o, const route_rules *r, const limits *set) {
    for (size_t i = 0; i < set->n && b->made < b->wanted; i++) {
        breach x;
        if (set->list[i].kind != LIMIT_LABEL) continue;
        start(b, o, r, &x);
        if (break_limit(&x, o->product, r, &set->list[i])) judge(b, &x, set->list[i].name);
    }
}

static void breach_option(bench *b, const option *o) {
    const route_rules *r = o->infusions[0].prep.route;
    breach x;
    breach_limits(b, o, r, &o->method->limits);
    breach_limits(b, o, r, &r->limits);
    breach_limits(b, o, r, &o->product->common);
    for (size_t i = 0; i < o->method->routes_n; i++)
        if (&o->method->routes[i] != r) breach_limits(b, o, &o->method->routes[i], &o->method->routes[i].limits);
    start(b, o, r, &x);
    if (!isnan(x.items[0].test_dose_mg) && b->made < b->wanted) {
        x.items[0].test_dose_mg = NAN;
        judge(b, &x, "test-dose");
    }
    const gate *g = &o->product->gates[draw() % o->product->gates_n];
    if (g->action != GATE_BLOCK || g->kind != LIMIT_LABEL || !g->name || b->made >= b->wanted) return;
    start(b, o, r, &x);
    x.forced = g->condition;
    judge(b, &x, g->name);
}

static void one_patient(bench *b) {
    static const struct site no_site = {.observe_minutes = NAN, .on_site_resuscitation = -1};
    double now;
    int zone;
    faults fs;
    fe__time_parse("2026-03-02T12:00+01:00", &now, &zone);
    fe__faults_init(&fs, b->a, "random");
    const char *words = random_course(b->a, b->k);
    json_t *j = fe__json_read(&fs, words, strlen(words));
    const course *c = j ? fe__course_read(b->k, &fs, j, now) : NULL;
    json_decref(j);
    if (!c) return;
    plan_ask ask = {.need_mg = NAN, .target_hb_g_dl = NAN, .stores_mg = NAN, .stores_mg_per_kg = NAN, .site = &no_site};
    b->f = fe__facts_of(b->a, b->k, c, one_of(regions, 3), now, zone);
    const plan *p = fe__plan(b->f, &ask);
    for (size_t i = 0; i < p->options_n && b->made < b->wanted; i++) breach_option(b, &p->options[i]);
    for (size_t i = 0; i < p->alternatives_n && b->made < b->wanted; i++) breach_option(b, &p->alternatives[i]);
}

int main(int argc, char **argv) {
    unsigned long seed = argc > 2 ? strtoul(argv[2], NULL, 10) : 20261124;
    bench b = {.a = fe__arena_new(0), .wanted = argc > 1 ? strtoul(argv[1], NULL, 10) : 10000};
    faults f;
    if (!b.a) return 2;
    if (setjmp(*fe__arena_escape(b.a))) return 2;
    fe__faults_init(&f, b.a, "data");
    knowledge *k = fe__knowledge_load(NULL, &f);
    if (!k) return 2;
    b.k = k;
    for (unsigned long i = 0; b.made < b.wanted; i++) {
        state = seed * 1000003u + i;
        fe__arena_reset(b.a);
        one_patient(&b);
    }
    for (size_t i = 0; i < b.tallies_n; i++)
        printf("%-24s %6lu made %6lu found\n", b.tallies[i].name, b.tallies[i].made, b.tallies[i].found);
    printf("seed %lu: %lu breaches, %lu missed\n", seed, b.made, b.missed);
    fe__knowledge_free(k);
    fe__arena_free(b.a);
    return b.missed ? 1 : 0;
}
