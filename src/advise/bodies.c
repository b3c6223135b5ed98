#include "advise/bodies.h"

#include <math.h>

#include "base/elementary.h"
#include "base/text.h"

enum { HOUR = 3600, DAY = 24 * HOUR };

/* Fewer draws than these of the prior accepted: it is not drawn by trying. */
static const double accepted_least = 0.01;

/* ---- the results that count --------------------------------------------------------------------------------------------------------- */

static int observable_of(const facts *f, const model_data *m, const event *e) {
    for (int i = 0; i < OBSERVABLE_COUNT; i++)
        if (fe__streq(m->labs[i].lab, f->k->terms[e->term].id)) return i;
    return -1;
}

static bool is_of_start(const embodied *b, const event *e) {
    for (size_t i = 0; i < b->measured_n; i++)
        if (b->measured[i] == e) return true;
    return false;
}

/* Does the result say something that the model can be asked about? */
static bool is_result(const facts *f, const event *e, double before) {
    bool is_number = e->kind == EVENT_LAB && !e->prescribed && !isnan(e->value) && e->at <= f->now && e->at < before;
    return is_number && (e->value > 0 || e->comparator == 0);
}

/* Another measurement of the start: shortly before it, with nothing in between. */
static bool repeats_start(const facts *f, const ground *g, const event *e) {
    const embodied *b = g->body;
    bool is_settled = isnan(b->labs.Hbu) && e->at >= b->start - g->prior.m->n.fit_repeat_days * DAY;
    for (size_t i = 0; i < f->c->events_n && is_settled; i++) {
        const event *other = &f->c->events[i];
        bool is_between = other->at >= e->at && other->at <= b->start;
        is_settled = !(is_between && other->kind != EVENT_LAB && other->kind != EVENT_SYMPTOM);
    }
    return is_settled;
}

static bool measures(const known_lab *l, double t, observable_id what) { return l->seen.t == t && l->seen.what == what; }

/* Section 7: of hemoglobin and hematocrit, of TIBC and transferrin, of TSAT and serum iron of one drawing the first is counted. */
static bool counts(const known_lab *list, size_t n, const known_lab *l) {
    static const struct {
        observable_id what, instead;
    } pairs[] = {
        {OBSERVABLE_Hct, OBSERVABLE_Hb}, {OBSERVABLE_transferrin, OBSERVABLE_TIBC}, {OBSERVABLE_serum_iron, OBSERVABLE_TSAT}};
    for (size_t p = 0; p < sizeof pairs / sizeof *pairs; p++)
        for (size_t i = 0; i < n; i++)
            if (l->seen.what == pairs[p].what && measures(&list[i], l->seen.t, pairs[p].instead)) return false;
    return true;
}

size_t fe__known_labs(const facts *f, const ground *g, double before, const known_lab **list) {
    known_lab *all = FE_NEW_ARRAY(f->a, known_lab, f->c->events_n + 1);
    size_t n = 0, kept = 0;
    for (size_t i = 0; i < f->c->events_n; i++) {
        const event *e = &f->c->events[i];
        if (!is_result(f, e, before) || is_of_start(g->body, e)) continue;
        int what = observable_of(f, g->prior.m, e);
        if (what < 0 || (e->at <= g->body->start && !repeats_start(f, g, e))) continue;
        all[n++] = (known_lab){e, {(observable_id)what, fmax(0, (e->at - g->body->start) / HOUR), e->value, e->comparator}};
    }
    known_lab *out = FE_NEW_ARRAY(f->a, known_lab, n + 1);
    for (size_t i = 0; i < n; i++)
        if (counts(all, n, &all[i])) out[kept++] = all[i];
    *list = out;
    return kept;
}

/* ---- the bodies --------------------------------------------------------------------------------------------------------------------- */

static void fit(const facts *f, const ground *g, const bodies_ask *ask, bodies *out) {
    seen_lab *seen = FE_NEW_ARRAY(f->a, seen_lab, out->labs_n + 1);
    for (size_t i = 0; i < out->labs_n; i++) seen[i] = out->labs[i].seen;
    out->of = fe__individual(f->a, &g->prior, g->body->events, g->body->events_n, seen, out->labs_n);
    out->posterior = fe__fit_individual(f->a, out->of, ask->seed, ask->draws, ask->threads, &out->mode);
    if (out->posterior) out->cohort = fe__cohort_posterior(f->a, ask->room, out->posterior, ask->threads);
}

const bodies *fe__bodies(const facts *f, const ground *g, const bodies_ask *ask) {
    bodies *out = FE_NEW(f->a, bodies);
    out->labs_n = fe__known_labs(f, g, ask->before, &out->labs);
    out->is_unusual = fe__prior_accepted(&g->prior, ask->seed) < accepted_least;
    if (out->labs_n == 0 && !out->is_unusual)
        out->cohort = fe__cohort(f->a, ask->room, &g->prior, ask->seed, ask->draws, ask->threads);
    else fit(f, g, ask, out);
    if (!out->cohort)
        out->why = "No body explains these results, or memory is out: look whether one of them belongs to another patient.";
    return out;
}

/* Which side of what is foreseen a result lies on when it fits badly; 0 when it does not. */
static int side_of(const bodies *b, size_t i) {
    if (fe__posterior_outlier(b->posterior, i) <= 0.5) return 0;
    double foreseen = 0;
    for (size_t k = 0; k < b->posterior->n; k++) foreseen += b->posterior->draws[k].ln_f[i] / (double)b->posterior->n;
    return fe__ln(b->labs[i].seen.value) < foreseen ? -1 : 1;
}

/* How many of the newest results of the lab of number `newest` lie badly on one side, itself the first. */
static unexplained run_of(const bodies *b, size_t newest) {
    unexplained u = {NULL, 0, false};
    int side = side_of(b, newest);
    for (size_t i = newest + 1; i-- > 0 && side != 0;) {
        if (b->labs[i].seen.what != b->labs[newest].seen.what) continue;
        if (side_of(b, i) != side) break;
        u = (unexplained){&b->labs[i], u.n + 1, side < 0};
    }
    return u;
}

const unexplained *fe__bodies_unexplained(arena *a, const bodies *b) {
    bool seen[OBSERVABLE_COUNT] = {false};
    unexplained *out = FE_NEW(a, unexplained);
    for (size_t i = b->posterior ? b->labs_n : 0; i-- > 0;) {
        if (seen[b->labs[i].seen.what]) continue;
        seen[b->labs[i].seen.what] = true;
        unexplained u = run_of(b, i);
        if (u.n > out->n) *out = u;
    }
    return out->n >= 2 ? out : NULL;
}
