/* optimize_property N [SEED]: the ways that an optimization would compare, for random patients until N ways were tried.
 *
 * Each must keep every label limit by the verifier, give no more iron than the plan of its product and than the need left of its formula, and
 * take at least the minutes that a plan gives its doses. Slower ones are slower and else the same. Prints what it saw; exit status 1 when
 * anything was violated. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "advise/candidates.h"
#include "base/date.h"
#include "base/json.h"
#include "base/text.h"
#include "exchange/read.h"
#include "random_patient.h"

typedef struct count {
    unsigned long patients, ways, varied, shorter, slower, violations;
} count;

static void complain(count *c, const char *what, const candidate *w, const char *json) {
    c->violations++;
    if (c->violations <= 10) printf("VIOLATION: %s: %s\n  course %s\n", what, w->option.method->id, json);
}

/* What the chair would take for this dose if nobody asked for more time. */
static double usual_minutes(facts *f, const option *o, const planned *x) {
    prepare_input in = {.dose_mg = x->prep.dose_mg,
                        .bag_ml = NAN,
                        .minutes = NAN,
                        .cap_weight_kg = fe__facts_cap_weight(f),
                        .age_years = fe__facts_field(f, "age_years")};
    return fe__prepare(f->k, o->product, o->method, x->prep.route, NULL, &in).minutes;
}

static void try_way(facts *f, const plan_ask *ask, const plan *p, const candidate *w, const char *json, count *c) {
    const option *o = &w->option, *usual = NULL;
    const verification *v = fe__verify_option(f, ask, o);
    double given = 0;
    size_t n;
    given_iron *before = fe__given_iron_of(f, &n);
    for (size_t i = 0; i < n; i++)
        if ((double)(f->today - before[i].day) < f->k->practice.course_window_days) given += before[i].dose_mg;
    for (size_t i = 0; i < p->options_n; i++)
        if (p->options[i].product == o->product) usual = &p->options[i];
    if (v->broken_n) complain(c, v->broken[0], w, json);
    if (!w->is_usual && v->cautions_n) complain(c, "a caution is open", w, json);
    if (!usual || o->total_mg > usual->total_mg) complain(c, "more iron than the plan", w, json);
    if (o->need_known && o->total_mg > o->need_mg - given + 1e-9) complain(c, "more iron than the need", w, json);
    for (size_t i = 0; i < o->n; i++)
        if (o->infusions[i].prep.minutes < usual_minutes(f, o, &o->infusions[i])) complain(c, "faster than usual", w, json);
    bool is_short = usual && o->total_mg < usual->total_mg - f->k->practice.tie_iron_mg;
    if (w->is_short != is_short) complain(c, "short is not said", w, json);
    c->ways++;
    c->varied += !w->is_usual;
    c->shorter += is_short;
}

static void try_slower(facts *f, const plan_ask *ask, const plan *p, const candidate *w, const char *json, count *c) {
    candidate_list more = {0};
    fe__slower_candidates(f, ask, *w, &more);
    for (size_t k = 0; k < more.n; k++) {
        const option *o = &more.list[k].option;
        try_way(f, ask, p, &more.list[k], json, c);
        c->slower++;
        if (o->n != w->option.n || o->total_mg != w->option.total_mg) complain(c, "slower gives other doses", w, json);
        for (size_t i = 0; i < o->n && i < w->option.n; i++)
            if (o->infusions[i].on != w->option.infusions[i].on ||
                !(o->infusions[i].prep.minutes > w->option.infusions[i].prep.minutes))
                complain(c, "slower is not slower", w, json);
    }
}

static void one_patient(arena *a, const knowledge *k, count *c) {
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
    if (!read) return;
    plan_ask ask = {.need_mg = NAN, .target_hb_g_dl = NAN, .stores_mg = NAN, .stores_mg_per_kg = NAN, .site = &no_site};
    facts *f = fe__facts_of(a, k, read, one_of(regions, 3), now, zone);
    plan *p = fe__plan(f, &ask);
    candidate_list all = {0};
    bool with_less = chance(0.5);
    fe__candidates(f, &ask, p, with_less, &all);
    c->patients++;
    for (size_t i = 0; i < all.n; i++) {
        if (!with_less && all.list[i].is_short) complain(c, "less iron that nobody asked for", &all.list[i], course_text);
        try_way(f, &ask, p, &all.list[i], course_text, c);
        try_slower(f, &ask, p, &all.list[i], course_text, c);
    }
}

int main(int argc, char **argv) {
    unsigned long wanted = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000, seed = argc > 2 ? strtoul(argv[2], NULL, 10) : 20261125;
    arena *a = fe__arena_new(0);
    faults f;
    count c = {0};
    if (!a) return 2;
    if (setjmp(*fe__arena_escape(a))) return 2;
    fe__faults_init(&f, a, "data");
    knowledge *k = fe__knowledge_load(NULL, &f);
    if (!k) return 2;
    for (unsigned long i = 0; c.ways < wanted; i++) {
        state = seed * 1000003u + i;
        fe__arena_reset(a);
        one_patient(a, k, &c);
    }
    printf("seed %lu: %lu patients, %lu ways (%lu varied, %lu with less iron, %lu slower), %lu violations\n", seed, c.patients,
           c.ways, c.varied, c.shorter, c.slower, c.violations);
    fe__knowledge_free(k);
    fe__arena_free(a);
    return c.violations ? 1 : 0;
}
