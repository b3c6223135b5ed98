#include "advise/foreseen.h"

#include <math.h>
#include <string.h>

#include "advise/facts_view.h"
#include "advise/forecast_read.h"
#include "advise/ground.h"
#include "base/text.h"
#include "infer/mixture.h"

enum { DRAWINGS_MAX = 12 };
enum { HOUR = 3600 };

struct foresight {
    const foreseen *of; /* [events of the course + 1] */
    foreseen_rls rls;
    size_t draws;
    const model_data *m; /* NULL: this patient is not modelled */
};

/* What is known just before an instant, and the bodies that it allows, each as likely as another. */
typedef struct basis {
    const ground *ground;
    size_t known;         /* results after the start that the bodies explain */
    const cohort *cohort; /* NULL: `why` says why there is none */
    const char *why;
} basis;

typedef struct foreseeing {
    facts *f;
    const forecast_ask *ask;
    foreseen *of;
    foresight *out;
} foreseeing;

static const foreseen nothing = {NAN, NAN, NAN, NAN, NULL};

/* ---- what was known ------------------------------------------------------------------------------------------------------------ */

/* The ground of the labs known before an instant; their number is what a fit would explain. */
static basis known_before(foreseeing *x, double at) {
    ground_ask ask = {
        .m = x->ask->m, .site = x->ask->site, .now = fmin(nextafter(at, -INFINITY), x->f->now), .explains_all = true};
    basis b = {.ground = fe__ground(x->f, &ask)};
    const known_lab *list;
    if (b.ground->verdict == FORECAST) b.known = fe__known_labs(x->f, b.ground, at, &list);
    else b.why = b.ground->text;
    return b;
}

/* Whether one play serves the labs of two instants: the same is known before them. */
static bool same_basis(const basis *a, const basis *b) {
    const ground *one = a->ground, *two = b->ground;
    if (a->why || b->why || a->known != b->known || one->body->start != two->body->start) return false;
    return one->prior.population == two->prior.population &&
           memcmp(&one->prior.labs, &two->prior.labs, sizeof one->prior.labs) == 0;
}

/* The bodies that what is known before an instant allows: the one place that says what earlier labs have taught. They last until the next are
 * asked for. */
static void find_bodies(foreseeing *x, basis *b, double at) {
    const bodies_ask ask = {
        .before = at, .draws = x->ask->draws, .seed = x->ask->seed, .threads = x->ask->threads, .room = &x->ask->rooms->bodies};
    if (b->why) return;
    const bodies *found = fe__bodies(x->f, b->ground, &ask);
    b->cohort = found->cohort;
    b->why = found->why;
}

/* ---- one lab ------------------------------------------------------------------------------------------------------------------- */

static int series_of(const char *lab) {
    for (int s = 0; s < SERIES_COUNT; s++)
        if (fe__streq(fe__series_ids[s], lab)) return s;
    return -1;
}

/* IRLS and fatigue have no error of their own (section 7); a score of restless legs varies by itself from visit to visit. */
static const lab_error *error_of(const model_data *m, const char *lab) {
    for (int i = 0; i < OBSERVABLE_COUNT; i++)
        if (fe__streq(m->labs[i].lab, lab)) return &m->labs[i];
    return NULL;
}

static double score_sd(const model_data *m, const char *lab) { return fe__streq(lab, "irls") ? m->n.irls_change_sd : 0; }

/* No score lies beyond its scale. */
static double on_scale(const model_data *m, const char *lab, double v) {
    return fe__streq(lab, "irls") ? fmin(fmax(v, 0), m->n.irls_max) : v;
}

static bool all_usable(const mixture *m) {
    for (size_t i = 0; i < m->n; i++)
        if (isnan(m->value[i]) || (m->log_sd > 0 && !(m->value[i] > 0))) return false;
    return true;
}

static foreseen read_lab(foreseeing *x, const prediction *p, size_t time, const event *e) {
    const char *lab = x->f->k->terms[e->term].id;
    const lab_error *error = error_of(x->ask->m, lab);
    int s = series_of(lab);
    foreseen out = nothing;
    if (p->place[s] < 0) {
        out.why = "No score before the iron to start from.";
        return out;
    }
    mixture m = {.value = fe__column(p, time, (series_id)s),
                 .n = p->draws,
                 .log_sd = error ? error->log_sd : 0,
                 .additive_sd = error ? error->additive_sd : 0,
                 .score_sd = score_sd(x->ask->m, lab)};
    if (!all_usable(&m)) {
        out.why = "The model says nothing of it here.";
        return out;
    }
    column_room room = fe__column_room(x->f->a, p);
    out.p5 = on_scale(x->ask->m, lab, fe__mixture_quantile(&m, 0.05, &room.more, room.column));
    out.p50 = fe__mixture_quantile(&m, 0.5, &room.more, room.column);
    out.p95 = on_scale(x->ask->m, lab, fe__mixture_quantile(&m, 0.95, &room.more, room.column));
    if (e->comparator) out.why = "The result is a bound: it has no one place.";
    else out.percentile = 100 * fe__mixture_below(&m, e->value);
    return out;
}

/* ---- the labs of one basis ----------------------------------------------------------------------------------------------------- */

static bool is_read(const foreseeing *x, const event *e) {
    return e->kind == EVENT_LAB && !e->prescribed && !isnan(e->value) && e->at <= x->f->now;
}

/* Hours from the start. A lab is drawn before anything else that is stamped the same: a second earlier. */
static double hour_of(const basis *b, const event *e) {
    double t = (e->at - b->ground->body->start) / HOUR;
    for (size_t i = 0; i < b->ground->body->events_n; i++)
        if (b->ground->body->events[i].t == t) return t - 1.0 / HOUR;
    return t;
}

static bool began_before(const basis *b, const event *e) { return b->cohort && e->at > b->ground->body->start; }

static size_t times_of(const foreseeing *x, const basis *b, size_t from, size_t to, double *times) {
    size_t n = 0;
    for (size_t i = from; i < to; i++) {
        const event *e = &x->f->c->events[i];
        double t = hour_of(b, e);
        if (is_read(x, e) && began_before(b, e) && t >= 0 && (n == 0 || t > times[n - 1])) times[n++] = t;
    }
    return n;
}

static uint32_t series_wanted(const foreseeing *x, size_t from, size_t to) {
    uint32_t bits = 0;
    for (size_t i = from; i < to; i++) {
        const event *e = &x->f->c->events[i];
        int s = is_read(x, e) ? series_of(x->f->k->terms[e->term].id) : -1;
        if (s >= 0) bits |= 1u << s;
    }
    return bits;
}

static const prediction *play(foreseeing *x, const basis *b, const double *times, size_t n, uint32_t series) {
    const uint32_t beyond = 1u << SERIES_phosphate | 1u << SERIES_irls | 1u << SERIES_irls_drug | 1u << SERIES_fatigue;
    prediction_ask ask = {.cohort = b->cohort,
                          .events = b->ground->body->events,
                          .events_n = b->ground->body->events_n,
                          .times = times,
                          .times_n = n,
                          .rtol = fe__draws_rtol,
                          .part = series & beyond ? BATCH_ALL : BATCH_LABS,
                          .series = series,
                          .threads = x->ask->threads,
                          .values = &x->ask->rooms->treated,
                          .progress = x->ask->progress,
                          .context = x->ask->context};
    return fe__predict(x->f->a, &ask);
}

/* Those that can be played may be another kind of patients than those that cannot. */
static const char *unplayable(const foreseeing *x, const prediction *p) {
    bool too_many = (double)p->failed > x->ask->m->n.draws_lost_most * (double)(p->draws + p->failed);
    return p->draws == 0 || too_many ? fe__solve_text(p->failure) : NULL;
}

static bool is_first(const foreseeing *x, const event *e) {
    for (const event *earlier = x->f->c->events; earlier < e && earlier->at < e->at; earlier++)
        if (is_read(x, earlier)) return false;
    return true;
}

static void say_why(foreseeing *x, const basis *b, const event *e, foreseen *out, const char *why) {
    *out = nothing;
    if (series_of(x->f->k->terms[e->term].id) < 0) out->why = "This lab is not in the model.";
    else if (is_first(x, e)) out->why = "No lab was known before it.";
    else if (b->why) out->why = b->why;
    else out->why = why ? why : "It is one of the labs that the patient's body starts from, or older.";
}

/* Events from .. to - 1 were foreseen from one basis. */
static void foresee_some(foreseeing *x, const basis *b, size_t from, size_t to) {
    double *times = FE_NEW_ARRAY(x->f->a, double, to - from + 1);
    uint32_t series = series_wanted(x, from, to);
    size_t n = b->cohort && series ? times_of(x, b, from, to, times) : 0;
    const prediction *p = n ? play(x, b, times, n, series) : NULL;
    const char *why = p ? unplayable(x, p) : NULL;
    for (size_t i = from; i < to; i++) {
        const event *e = &x->f->c->events[i];
        if (!is_read(x, e)) continue;
        bool can = p && !why && began_before(b, e) && series_of(x->f->k->terms[e->term].id) >= 0 && hour_of(b, e) >= 0;
        if (can) x->of[i] = read_lab(x, p, fe__predicted_at(p, hour_of(b, e)), e);
        else say_why(x, b, e, &x->of[i], why);
        if (p && p->draws > x->out->draws) x->out->draws = p->draws;
    }
}

/* The instant of the oldest drawing that is looked at: each takes a fit of its own, and a course may hold hundreds. */
static double looked_at_since(const foreseeing *x) {
    double at = INFINITY;
    size_t drawings = 0;
    for (size_t i = x->f->c->events_n; i-- > 0 && drawings < DRAWINGS_MAX;) {
        const event *e = &x->f->c->events[i];
        if (!is_read(x, e) || e->at == at) continue;
        at = e->at;
        drawings++;
    }
    return at;
}

static void foresee_labs(foreseeing *x) {
    const course *c = x->f->c;
    double since = looked_at_since(x);
    for (size_t from = 0, to; from < c->events_n; from = to) {
        to = from + 1;
        if (!is_read(x, &c->events[from])) continue;
        if (c->events[from].at < since) {
            x->of[from].why = "Only the newest twelve drawings are held against what was foreseen.";
            continue;
        }
        basis b = known_before(x, c->events[from].at);
        for (; to < c->events_n; to++) {
            if (!is_read(x, &c->events[to]) || c->events[to].at == c->events[from].at) continue;
            basis later = known_before(x, c->events[to].at);
            if (!same_basis(&b, &later)) break;
        }
        find_bodies(x, &b, c->events[from].at);
        foresee_some(x, &b, from, to);
    }
}

/* ---- restless legs ------------------------------------------------------------------------------------------------------------- */

/* The chance that the score has fallen as far as a response by the second time; of the drug alone without what a score varies by itself. */
static chance fall_chance(const prediction *p, series_id s, const model_numbers *n) {
    double hits = 0;
    const double *first = fe__column(p, 0, s), *then = fe__column(p, 1, s);
    for (size_t d = 0; d < p->draws; d++) {
        double fall = first[d] - then[d];
        hits += s == SERIES_irls ? fe__irls_responds(n, fall) : fall >= n->irls_fall;
    }
    return fe__share(hits, p->draws);
}

/* Of the iron that runs, known all that is known now. */
static void foresee_legs(foreseeing *x) {
    const model_numbers *n = &x->ask->m->n;
    const event *iron = fe__facts_iron_began(x->f, x->f->now);
    if (!iron) return;
    basis b = known_before(x, INFINITY);
    if (b.why || isnan(b.ground->prior.labs.IRLS0)) return;
    double t = (iron->at - b.ground->body->start) / HOUR, times[] = {t, t + n->irls_days * 24};
    if (t < 0) return;
    find_bodies(x, &b, INFINITY);
    const prediction *p = b.cohort ? play(x, &b, times, 2, 1u << SERIES_irls | 1u << SERIES_irls_drug) : NULL;
    if (!p || unplayable(x, p)) return;
    x->out->rls.with_placebo = fall_chance(p, SERIES_irls, n);
    x->out->rls.drug_alone = fall_chance(p, SERIES_irls_drug, n);
}

/* ---- the whole ----------------------------------------------------------------------------------------------------------------- */

static void nobody(foreseeing *x, const char *why) {
    for (size_t i = 0; i < x->f->c->events_n; i++) x->of[i].why = why;
}

const foresight *fe__foresight(facts *f, const forecast_ask *ask) {
    foresight *out = FE_NEW(f->a, foresight);
    foreseeing x = {.f = f, .ask = ask, .of = FE_NEW_ARRAY(f->a, foreseen, f->c->events_n + 1), .out = out};
    out->of = x.of;
    out->rls = (foreseen_rls){{NAN, NAN, NAN}, {NAN, NAN, NAN}};
    for (size_t i = 0; i <= f->c->events_n; i++) x.of[i] = nothing; /* the last is of a lab that nobody has drawn */
    if (ask->draws == 0) nobody(&x, "Not asked for: --draws 0.");
    else if (f->flag[FLAG_child] == TRI_TRUE) nobody(&x, "The model is of adults.");
    else {
        out->m = ask->m;
        foresee_labs(&x);
        foresee_legs(&x);
    }
    return out;
}

bool fe__foresee(const foresight *x, size_t which, foreseen *out) {
    *out = x->of[which];
    return !isnan(out->p50);
}

foreseen_rls fe__foresee_rls(const foresight *x) { return x->rls; }

const lab_error *fe__foresight_error(const foresight *x, const char *lab) { return x->m ? error_of(x->m, lab) : NULL; }

double fe__foresight_score_sd(const foresight *x, const char *lab) { return x->m ? score_sd(x->m, lab) : 0; }

size_t fe__foresight_draws(const foresight *x) { return x->draws; }
