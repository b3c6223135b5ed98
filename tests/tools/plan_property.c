/* plan_property N [SEED]: plans for N random plausible patients x products x regions.
 *
 * Every option must keep every label limit by the verifier; nothing may crash; the planner may refuse a product only when an exhaustive
 * search over a coarse grid of doses, days, routes, bags and minutes finds no dose that the verifier would pass (tried for one patient in
 * SEARCH_EVERY). While a course of the product is under way the search ends with it: whether a next course is due is judged by new labs, and the
 * planner does not plan it ahead. Prints what it saw; exit status 1 when anything was violated. */
#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "advise/assess.h"
#include "advise/context.h"
#include "base/date.h"
#include "base/json.h"
#include "base/text.h"
#include "exchange/read.h"
#include "random_patient.h"

enum { SEARCH_EVERY = 10 };

typedef struct count {
    unsigned long patients, plans, options, refused_products, searched, violations, unread;
} count;

static void complain(count *c, const char *what, const char *json, const char *region, const char *detail) {
    c->violations++;
    if (c->violations <= 10) printf("VIOLATION: %s: %s\n  region %s, course %s\n", what, detail, region, json);
}

static bool passes(facts *f, const plan_ask *ask, const order_item *x) {
    size_t given_n;
    verify_patient who = fe__verify_patient_of(f);
    verify_request r = {.k = f->k,
                        .items = x,
                        .items_n = 1,
                        .patient = &who,
                        .given = fe__given_iron_of(f, &given_n),
                        .off_label = ask->off_label,
                        .off_label_n = ask->off_label_n,
                        .holds = fe__holds_for,
                        .context = f};
    r.given_n = given_n;
    const verification *v = fe__verify(f->a, &r);
    return v->broken_n == 0 && v->cautions_n == 0;
}

/* The day on which the course of this product that is under way no longer counts; far away when there is none. */
static long course_ends(facts *f, const product *p) {
    size_t n;
    given_iron *g = fe__given_iron_of(f, &n);
    long end = LONG_MAX;
    for (size_t i = 0; i < n; i++) {
        long until = g[i].day + (long)f->k->practice.course_window_days;
        bool same = fe__streq(g[i].product, p->id) || fe__streq(g[i].molecule, p->molecule);
        if (same && until > f->today && until < end) end = until;
    }
    return end;
}

/* The doses of a fixed regimen are given whole or not; a total may be split into any. */
static bool of_the_regimen(const facts *f, const method *m, double mg) {
    double own = m->dose.mg_per_kg * fe__facts_cap_weight(f);
    switch (m->dose.type) {
    case DOSE_FIXED: return mg == m->dose.mg;
    case DOSE_MG_PER_KG: return mg == floor(isnan(m->dose.max_mg) ? own : fmin(own, m->dose.max_mg));
    case DOSE_PER_SESSION: return isnan(m->dose.mg) || mg == m->dose.mg;
    default: return true;
    }
}

/* Is there any dose, day, route, bag and time that the label would let this patient have by this method? */
static bool legal_dose_exists(facts *f, const plan_ask *ask, const product *p, const method *m, order_item *found) {
    static const double doses[] = {12.5, 25, 50, 62.5, 100, 125, 200, 250, 300, 500, 510, 750, 1000};
    static const int days[] = {0, 1, 3, 7, 14, 28, 42, 60};
    static const double bags[] = {NAN, 25, 40, 50, 100, 200, 250, 500}, minutes[] = {5, 16, 30, 90, 150, 240};
    for (size_t r = 0; r < m->routes_n; r++)
        for (size_t d = 0; d < sizeof doses / sizeof *doses; d++)
            for (size_t b = 0; b < sizeof bags / sizeof *bags; b++)
                for (size_t t = 0; t < sizeof minutes / sizeof *minutes; t++)
                    for (size_t day = 0; day < sizeof days / sizeof *days; day++) {
                        const test_dose *test = m->test_dose ? m->test_dose : p->test_dose;
                        order_item x = {.ptr = "",
                                        .product = p->id,
                                        .method = m->id,
                                        .dose_mg = doses[d],
                                        .day = f->today + days[day],
                                        .route = m->routes[r].route,
                                        .bag_ml = bags[b],
                                        .drug_ml = doses[d] / p->mg_per_ml,
                                        .minutes = minutes[t],
                                        .test_dose_mg = test ? test->mg : NAN,
                                        .diluent = isnan(bags[b]) ? NULL : "sodium-chloride-0.9"};
                        if (isnan(bags[b]) == m->routes[r].dilution_required) continue;
                        if (x.day >= course_ends(f, p)) continue;
                        if (!of_the_regimen(f, m, doses[d])) continue;
                        if (day > 0 && t > 0 && !passes(f, ask, &x)) break; /* the day is not what is wrong */
                        if (!passes(f, ask, &x)) continue;
                        *found = x;
                        return true;
                    }
    return false;
}

static void search(facts *f, const plan_ask *ask, const plan *p, const char *json, count *c) {
    for (size_t i = 0; i < p->excluded_n; i++) {
        const product *q = p->excluded[i].product;
        bool later =
            strstr(p->excluded[i].because, "covered by iron already given") || strstr(p->excluded[i].because, "is missing");
        if (later) continue; /* nothing more is needed, or nothing can be computed */
        fe__facts_view(f, q);
        for (size_t m = 0; m < q->methods_n; m++) {
            const method *d = &q->methods[m];
            order_item x;
            if (!d->is_default || !fe__method_open(d, NULL, 0) || fe__method_applies(f, q, d) == TRI_FALSE) continue;
            if (!legal_dose_exists(f, ask, q, d, &x)) continue;
            complain(c, "refused although a legal dose exists", json, f->region,
                     fe__printf(f->a, "%s %s mg day %ld bag %g minutes %g; said: %s", d->id, fe__number_text(f->a, x.dose_mg, 1),
                                x.day - f->today, x.bag_ml, x.minutes, p->excluded[i].because));
            break;
        }
        c->searched++;
    }
}

static void one_patient(arena *a, const knowledge *k, unsigned long index, count *c) {
    static const struct site no_site = {.observe_minutes = NAN, .on_site_resuscitation = -1};
    double now;
    int zone;
    faults fs;
    fe__time_parse("2026-03-02T12:00+01:00", &now, &zone);
    fe__faults_init(&fs, a, "random");
    const char *course_text = random_course(a, k);
    json_t *j = fe__json_read(&fs, course_text, strlen(course_text));
    const course *read = j ? fe__course_read(k, &fs, j, now) : NULL;
    json_decref(j);
    if (!read) {
        c->unread++;
        if (c->unread <= 3 && fs.n)
            printf("not read: %s: expected %s, found %s\n%s\n", fs.list[0].at, fs.list[0].expected, fs.list[0].found,
                   course_text);
        return;
    }
    const char *region = one_of(regions, 3);
    plan_ask ask = {.need_mg = NAN, .target_hb_g_dl = NAN, .stores_mg = NAN, .stores_mg_per_kg = NAN, .site = &no_site};
    facts *f = fe__facts_of(a, k, read, region, now, zone);
    said_list list = {.a = a, .k = k};
    fe__assess(f, &ask, &list, Q_PLAN);
    plan *p = fe__plan(f, &ask);
    c->patients++;
    c->refused_products += p->excluded_n;
    c->plans += p->options_n + p->excluded_n;
    for (size_t i = 0; i < p->options_n; i++) {
        const option *o = &p->options[i];
        const verification *v = fe__verify_option(f, &ask, o);
        c->options++;
        if (v->broken_n) complain(c, "a plan breaks its label", course_text, region, v->broken[0]);
        if (o->n == 0 || !(o->total_mg > 0)) complain(c, "an empty plan", course_text, region, o->product->id);
    }
    for (size_t i = 0; i < p->excluded_n; i++)
        if (strstr(p->excluded[i].because, "would not be kept"))
            complain(c, "the planner proposed what the verifier refuses", course_text, region, p->excluded[i].because);
    if (index % SEARCH_EVERY == 0) search(f, &ask, p, course_text, c);
}

int main(int argc, char **argv) {
    unsigned long wanted = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000, seed = argc > 2 ? strtoul(argv[2], NULL, 10) : 20261124;
    arena *a = fe__arena_new(0);
    faults f;
    count c = {0};
    if (!a) return 2;
    if (setjmp(*fe__arena_escape(a))) return 2;
    fe__faults_init(&f, a, "data");
    knowledge *k = fe__knowledge_load(argc > 3 ? argv[3] : NULL, &f);
    if (!k) return 2;
    for (unsigned long i = 0; c.plans < wanted; i++) {
        state = seed * 1000003u + i;
        fe__arena_reset(a);
        one_patient(a, k, i, &c);
        if (i > 0 && i % 50000 == 0) fprintf(stderr, "%lu plans of %lu\n", c.plans, wanted);
    }
    printf("seed %lu: %lu patients, %lu patient x product plans (%lu options, %lu refusals, %lu of them searched exhaustively), "
           "%lu courses not read, %lu violations\n",
           seed, c.patients, c.plans, c.options, c.refused_products, c.searched, c.unread, c.violations);
    fe__knowledge_free(k);
    fe__arena_free(a);
    return c.violations || c.unread ? 1 : 0;
}
