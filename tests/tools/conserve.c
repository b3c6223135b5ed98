/* conserve N [SEED]: N random patients through random courses of 24 weeks with every kind of event, integrated at tolerances fit for speed.
 *
 * What is in the body must change by what was infused, transfused and absorbed less what was lost, to 1e-9 of the iron in the body
 * (docs/model.md, section 11): the iron balance is a linear invariant, which the integrator keeps whatever its steps. Prints what it saw; exit
 * status 1 when the balance fails, or when so few courses were played that it says nothing. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "course/play.h"
#include "random_body.h"

enum { EVENTS_MAX = 64, TIMES = 25, WEEK_H = 168 };
static const double imbalance_max = 1e-9, refused_share_max = 0.3, ended_share_max = 0.05;

typedef struct sums {
    int refused, ended, unlike_people, kinds[BODY_EVENT_KINDS];
    double worst;
    long steps;
} sums;

typedef struct random_course {
    body_event events[EVENTS_MAX];
    size_t n;
    double times[TIMES];
} random_course;

static body_event *add(random_course *c, double t, body_event_kind kind, double amount) {
    body_event *e = &c->events[c->n];
    *e = (body_event){.t = t, .kind = kind, .formulation = KEEP_FORMULATION, .amount = amount, .Hbn = NAN, .place = c->n};
    c->n++;
    return e;
}

/* Infusions one after another, now and then one that starts as the last one stops, and one that pauses. */
static void add_iron(random_course *c) {
    double t = chance(0.3) ? 0 : uniform(0, WEEK_H);
    for (int i = one_below(4); i >= 0; i--) {
        double dose = uniform(50, 1000), hours = uniform(5, 120) / 60;
        add(c, t, BODY_RATE, dose / hours)->formulation = one_below(FORMULATION_COUNT);
        if (chance(0.2)) {
            add(c, t + hours / 2, BODY_RATE, 0);
            add(c, t + hours, BODY_RATE, dose / hours)->formulation = one_below(FORMULATION_COUNT);
            t += hours / 2;
        }
        add(c, t + hours, BODY_RATE, 0);
        t = chance(0.2) ? t + hours : t + hours + log_uniform(0.1, 8 * WEEK_H);
    }
}

static void add_others(random_course *c) {
    static const struct {
        body_event_kind kind;
        double low, high;
    } kinds[] = {{BODY_BLEED, 0, 800},  {BODY_TRANSFUSE, 0, 2}, {BODY_LOSS, 0, 20},
                 {BODY_INFLAM, 0, 250}, {BODY_ESA, 0, 1},       {BODY_ORAL, 10, 200}};
    for (int i = one_below(12); i > 0; i--) {
        int k = one_below((int)(sizeof kinds / sizeof *kinds));
        /* half of them at an output time, where other events may stand */
        double t = chance(0.5) ? WEEK_H * one_below(TIMES) : uniform(0, WEEK_H * (TIMES - 1));
        add(c, t, kinds[k].kind, uniform(kinds[k].low, kinds[k].high));
    }
    if (chance(0.2)) {
        body_event *e = add(c, WEEK_H * one_below(TIMES), BODY_DELIVERY, uniform(0, 10));
        e->bvf = uniform(0.85, 1.1);
        e->Hbn = chance(0.5) ? NAN : uniform(12, 14);
    }
}

static void draw_course(random_course *c) {
    c->n = 0;
    add_iron(c);
    add_others(c);
    for (int i = 0; i < TIMES; i++) c->times[i] = WEEK_H * i;
    fe__events_sort(c->events, c->n);
}

/* ---- the balance ------------------------------------------------------------------------------------------------------------------ */

/* By the events alone, 200 mg a unit. */
static double given_until(const random_course *c, double t) {
    double mg = 0, inflow = 0, since = 0;
    for (size_t i = 0; i < c->n && c->events[i].t <= t; i++) {
        const body_event *e = &c->events[i];
        if (e->kind == BODY_TRANSFUSE) mg += 200 * e->amount;
        if (e->kind != BODY_RATE) continue;
        mg += inflow * (e->t - since);
        inflow = e->amount, since = e->t;
    }
    return mg + inflow * (t - since);
}

typedef struct balance {
    const random_course *c;
    double before, worst;
} balance;

static void weigh(void *context, size_t i, const double *y, const double *o) {
    balance *x = context;
    double total = o[OBSERVED_iron_total], off = total - given_until(x->c, x->c->times[i]) - y[ST_CABS] + y[ST_CLOSS] - x->before;
    x->worst = fmax(x->worst, fabs(off) / total);
}

static void one_course(const model_data *m, reference_solver *solver, sums *s) {
    start_labs labs;
    random_course c;
    body b;
    double y[STATES], g[PREPARED], o[OBSERVED];
    bool as_people = chance(0.8);
    random_start(m, as_people ? random_patient_labs : random_labs, &labs, &b, y, &s->refused);
    s->unlike_people += !as_people;
    draw_course(&c);
    fe__body_prepare(&b, g);
    fe__observe(g, y, 0, o);
    balance x = {&c, o[OBSERVED_iron_total], 0};
    solve_status end = fe__play(m, solver, &b, y, c.events, c.n, c.times, TIMES, weigh, &x);
    s->ended += end != SOLVE_OK; /* Hb past 25: its iron is counted up to there */
    if (end != SOLVE_OK && end != SOLVE_RUNAWAY) {
        printf("%s\n", fe__solve_text(end));
        s->worst = INFINITY;
    }
    for (size_t i = 0; i < c.n; i++) s->kinds[c.events[i].kind]++;
    if (!(x.worst <= imbalance_max))
        printf("imbalance %.3g: Hb %g F %g TSAT %g CRP %g\n", x.worst, labs.Hb, labs.F, labs.TSAT, labs.CRP);
    s->worst = fmax(s->worst, x.worst);
}

int main(int argc, char **argv) {
    int n = argc > 1 ? atoi(argv[1]) : 100;
    random_seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 20260302;
    printf("%d courses, seed %llu\n", n, (unsigned long long)random_seed);
    arena *a = fe__arena_new(0);
    if (!a || setjmp(*fe__arena_escape(a))) return 1;
    faults f;
    fe__faults_init(&f, a, NULL);
    const model_data *m = fe__model_load(NULL, &f);
    reference_solver *solver = m ? fe__reference_new(m, 1e-5, 1e-7) : NULL;
    if (!solver) return 1;
    sums s = {0};
    for (int i = 0; i < n; i++) one_course(m, solver, &s);
    printf("%d starts refused, %d courses ended early by a runaway, %d from labs unlike people's, %ld steps\n", s.refused,
           s.ended, s.unlike_people, fe__reference_steps(solver));
    for (int k = 0; k < BODY_EVENT_KINDS; k++) printf("%d ", s.kinds[k]);
    printf("events by kind\nlargest imbalance %.3g of the iron in the body\n", s.worst);
    fe__reference_free(solver);
    fe__arena_free(a);
    bool said_enough = s.refused <= n * refused_share_max && s.ended <= n * ended_share_max;
    for (int k = 0; k < BODY_EVENT_KINDS; k++) said_enough = said_enough && s.kinds[k] > n / 20;
    return !(said_enough && s.worst <= imbalance_max);
}
