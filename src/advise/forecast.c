#include "advise/forecast.h"

#include <assert.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "advise/assess.h"
#include "advise/forecast_read.h"
#include "base/date.h"
#include "base/text.h"

const char *const fe__forecast_words[4] = {"forecast", "cannot-start", "not-modelled", "missing-data"};
#define CHANCE_WORD(name, id) id,
const char *const fe__chance_ids[CHANCE_COUNT] = {FE_CHANCES(CHANCE_WORD)};

static const double quantiles[QUANTILES] = {0.05, 0.25, 0.5, 0.75, 0.95};
enum { HOUR = 3600, DAY = 24 * HOUR };

/* ---- from course to bodies ------------------------------------------------------------------------------------------------------ */

typedef struct forecasting {
    facts *f;
    const forecast_ask *ask;
    const option *option; /* NULL: the course's own iron */
    double from;          /* with an option: day 0 */
    forecast *out;
    const ground *ground;
    const embodied *body; /* of the ground */
    double *hours;        /* times from the start */
} forecasting;

static double begins_at(const facts *f, const planned *p) { return fmax(fe__noon_of(p->on, f->zone_min), f->now); }

double fe__options_begin(const facts *f, const option *options, size_t n) {
    double at = INFINITY;
    for (size_t i = 0; i < n; i++)
        if (options[i].n) at = fmin(at, begins_at(f, &options[i].infusions[0]));
    return isinf(at) ? f->now : at;
}

static body_infusion *planned_infusions(facts *f, const option *o) {
    body_infusion *list = FE_NEW_ARRAY(f->a, body_infusion, o->n + 1);
    for (size_t i = 0; i < o->n; i++) {
        const planned *p = &o->infusions[i];
        list[i] = (body_infusion){.product = p->prep.product->id,
                                  .formulation = fe__formulation_find(p->prep.product->molecule),
                                  .at = begins_at(f, p),
                                  .mg = p->prep.dose_mg,
                                  .minutes = p->prep.minutes};
    }
    return list;
}

/* False with a verdict when there is no body. */
static bool find_body(forecasting *x) {
    facts *f = x->f;
    forecast *out = x->out;
    ground_ask ask = {.m = x->ask->m,
                      .site = x->ask->site,
                      .now = NAN,
                      .explains_all = true,
                      .plans_iron = x->option != NULL,
                      .planned = x->option ? planned_infusions(f, x->option) : NULL,
                      .planned_n = x->option ? x->option->n : 0};
    const ground *g = x->ground = fe__ground(f, &ask);
    x->body = out->body = g->body;
    out->verdict = g->verdict;
    out->reason = g->reason;
    out->text = g->text;
    out->item = g->item;
    out->counts_from = g->counts_from;
    out->population = g->population;
    if (g->verdict != FORECAST) return false;
    for (; out->left_out_n < g->left_out_n; out->left_out_n++) out->left_out[out->left_out_n] = g->left_out[out->left_out_n];
    out->contradictory = g->prior.without_closure;
    out->capped = g->absorption >= 1;
    return true;
}

/* ---- times ------------------------------------------------------------------------------------------------------------------------ */

static int ascending(const void *one, const void *two) {
    double a = *(const double *)one, b = *(const double *)two;
    return a < b ? -1 : a > b;
}

/* What all options share; else the first infusion of all; else now. */
static double origin_of(const forecasting *x) {
    const embodied *e = x->body;
    if (x->option) return x->from;
    return e->infusions_n ? e->infusions[0].at : fmax(x->f->now, e->start);
}

static const double moment = 1e-6; /* h */

/* Daily to day 14, then weekly; each infusion's start, the last moment of it, and 1, 6 and 12 h after its start. The first time is a moment before
 * the first infusion: what changes with the pump is a change from there. */
static size_t list_times(const forecasting *x, double origin, double *t) {
    const embodied *e = x->body;
    const forecast *out = x->out;
    size_t n = 0;
    for (int day = 0; day <= 14; day++) t[n++] = origin + day * 24.0;
    for (int week = 3; week <= (int)out->weeks; week++) t[n++] = origin + week * 7 * 24.0;
    for (size_t i = 0; i < e->infusions_n; i++) {
        double at = (e->infusions[i].at - e->start) / HOUR, minutes = e->infusions[i].minutes;
        const double after[] = {0, minutes / 60 - moment, 1, 6, 12};
        for (size_t k = 0; k < sizeof after / sizeof *after; k++) t[n++] = at + after[k];
    }
    return n;
}

static void choose_times(forecasting *x) {
    forecast *out = x->out;
    const embodied *e = x->body;
    double origin = (out->t0 - e->start) / HOUR, end = origin + out->weeks * 7 * 24;
    double *t = FE_NEW_ARRAY(x->f->a, double, 16 + (size_t)out->weeks + 5 * e->infusions_n);
    size_t n = list_times(x, origin, t), kept = 0;
    qsort(t, n, sizeof *t, ascending);
    for (size_t i = 0; i < n; i++)
        if (t[i] >= origin && t[i] <= end && (kept == 0 || t[i] > t[kept - 1])) t[kept++] = t[i];
    double *days = FE_NEW_ARRAY(x->f->a, double, kept + 1);
    for (size_t i = 0; i < kept; i++) days[i] = (t[i] - origin) / 24;
    if (t[0] > moment) t[0] -= moment;
    x->hours = t;
    out->t_days = days;
    out->times_n = kept;
}

/* As asked; else the usual weeks, and so many that some lie ahead of now. */
static double weeks_of(const forecasting *x) {
    const model_numbers *n = &x->ask->m->n;
    double usual = fe__streq(x->out->population, "rls") ? n->horizon_weeks_rls : n->horizon_weeks;
    double ahead = ceil((x->f->now - x->out->t0) / (7.0 * DAY)) + n->horizon_weeks_ahead;
    return isnan(x->ask->weeks) ? fmin(fmax(usual, ahead), n->horizon_weeks_max) : x->ask->weeks;
}

/* ---- playing, and bands --------------------------------------------------------------------------------------------------------- */

/* The forecasts of one question, and what they share. */
typedef struct together {
    facts *f;
    const forecast_ask *ask;
    forecasting **list;
    size_t n, times_most, done;
    const bodies *bodies;        /* of every option: they hang on what was given and measured; NULL: not drawn yet */
    const prediction *untreated; /* for `played` and those like it; NULL: not played yet */
    const forecasting *played;
} together;

/* Forecasts follow each other, each with a share of the whole. */
static void tell(void *context, double done) {
    const together *all = context;
    if (all->ask->progress) all->ask->progress(all->ask->context, ((double)all->done + done) / (double)all->n);
}

static const uint32_t series_of_chances =
    1u << SERIES_hemoglobin | 1u << SERIES_ferritin | 1u << SERIES_phosphate | 1u << SERIES_irls | 1u << SERIES_reaction_risk;

static const prediction *play_treated(together *all, const forecasting *x) {
    prediction_ask ask = {.cohort = all->bodies->cohort,
                          .events = x->body->events,
                          .events_n = x->body->events_n,
                          .times = x->hours,
                          .times_n = x->out->times_n,
                          .times_most = all->times_most,
                          .rtol = fe__draws_rtol,
                          .part = BATCH_ALL,
                          .series = all->ask->chances_only ? series_of_chances : 0,
                          .threads = all->ask->threads,
                          .values = &all->ask->rooms->treated,
                          .progress = tell,
                          .context = all};
    return fe__predict(all->f->a, &ask);
}

static double end_of(const forecasting *x) { return x->hours[x->out->times_n - 1]; }

/* Whether one play without iron serves both: events other than iron are the course's, whatever is planned. */
static bool same_untreated(const forecasting *one, const forecasting *two) {
    return end_of(one) == end_of(two) && one->hours[0] == two->hours[0];
}

/* The times of all forecasts that this play serves. The solver's steps do not hang on them but for the last. */
static size_t times_of_all(const together *all, const forecasting *x, double **times) {
    size_t n = 0, kept = 0;
    for (size_t i = 0; i < all->n; i++) n += all->list[i]->out->times_n;
    double *t = FE_NEW_ARRAY(all->f->a, double, n + 1);
    n = 0;
    for (size_t i = 0; i < all->n; i++)
        for (size_t k = 0; k < all->list[i]->out->times_n && same_untreated(all->list[i], x); k++)
            t[n++] = all->list[i]->hours[k];
    qsort(t, n, sizeof *t, ascending);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || t[i] > t[kept - 1]) t[kept++] = t[i];
    *times = t;
    return kept;
}

/* Only hemoglobin, ferritin and TSAT are looked at. */
static const prediction *play_untreated(together *all, const forecasting *x) {
    const embodied *e = x->body;
    body_event *events = FE_NEW_ARRAY(all->f->a, body_event, e->events_n + 1);
    double *times;
    size_t n = 0, times_n = times_of_all(all, x, &times);
    for (size_t i = 0; i < e->events_n; i++)
        if (e->events[i].kind != BODY_RATE) events[n++] = e->events[i];
    prediction_ask ask = {.cohort = all->bodies->cohort,
                          .events = events,
                          .events_n = n,
                          .times = times,
                          .times_n = times_n,
                          .rtol = fe__draws_rtol,
                          .part = BATCH_LABS,
                          .series = 1u << SERIES_hemoglobin | 1u << SERIES_ferritin | 1u << SERIES_tsat,
                          .threads = all->ask->threads,
                          .values = &all->ask->rooms->untreated};
    return fe__predict(all->f->a, &ask);
}

/* Does anything change without iron? A start is a steady state but for what section 6 of the model says, and for the course's events. */
static bool drifts(const forecasting *x) {
    const double still = 0.1; /* a draw's a* is within ten times the typical one */
    const start_labs *l = &x->ground->prior.labs;
    bool events = false;
    for (size_t i = 0; i < x->body->events_n; i++) events = events || x->body->events[i].kind != BODY_RATE;
    return events || x->ground->absorption > still || l->Hbu > l->Hb || l->CRPb < l->CRP;
}

static void put_bands(forecasting *x, const prediction *p) {
    arena *a = x->f->a;
    forecast *out = x->out;
    bool known[2][SERIES_COUNT];
    double(*at)[QUANTILES] = (double(*)[QUANTILES])FE_NEW_ARRAY(a, double, 2 * SERIES_COUNT * p->times_n * QUANTILES + 1);
    fe__bands(a, p, quantiles, QUANTILES, x->ask->threads, at[0], known[0]);
    for (int s = 0; s < SERIES_COUNT; s++) {
        out->series[s] = (band){known[0][s], at + (size_t)s * p->times_n};
        out->change[s] = (band){known[1][s], at + (size_t)(SERIES_COUNT + s) * p->times_n};
    }
}

/* What hemoglobin, ferritin and TSAT do by themselves. */
static void put_drift(forecasting *x, const prediction *treated, const prediction *untreated) {
    static const series_id looked[] = {SERIES_hemoglobin, SERIES_ferritin, SERIES_tsat};
    forecast *out = x->out;
    const prediction *by_itself = out->body->infusions_n ? untreated : treated;
    column_room room = fe__column_room(x->f->a, treated);
    for (int s = 0; s < SERIES_COUNT; s++) out->drift[s] = NAN;
    for (size_t i = 0; i < sizeof looked / sizeof *looked; i++) {
        double median[1] = {0}; /* a steady state */
        if (treated->place[looked[i]] < 0) continue;
        bool known =
            !by_itself || fe__quantiles(by_itself, by_itself->times_n - 1, looked[i], true, &quantiles[2], 1, &room, median);
        if (known) out->drift[looked[i]] = median[0];
    }
}

static void sum_up(forecasting *x, const prediction *treated, const prediction *untreated) {
    put_bands(x, treated);
    put_drift(x, treated, untreated);
    fe__read_goals(x->f, x->out, treated);
    fe__read_chances(x->f, &x->ask->m->n, x->out, treated, untreated, x->ask->keeps_draws);
    fe__read_risks(x->f->a, x->out, treated);
}

/* ---- rules of the forecast ---------------------------------------------------------------------------------------------------------- */

static double iron_mg(const embodied *e, int which) {
    double sum = 0;
    for (size_t i = 0; i < e->infusions_n; i++)
        if (which < 0 || e->infusions[i].formulation == which) sum += e->infusions[i].mg;
    return sum;
}

static void put_windows(forecasting *x) {
    forecast *out = x->out;
    const rule_lines *lines = &x->f->k->windows;
    const embodied *e = x->body;
    if (!e->infusions_n) return;
    const body_infusion *last = &e->infusions[e->infusions_n - 1];
    double day = (double)(fe__day_of(last->at, x->f->zone_min) - fe__day_of(out->t0, x->f->zone_min));
    out->windows = FE_NEW_ARRAY(x->f->a, window, lines->n + 1);
    for (size_t i = 0; i < lines->n; i++)
        out->windows[out->windows_n++] =
            (window){lines->list[i].lab,          lines->list[i].id,    day + lines->list[i].from_day,
                     day + lines->list[i].to_day, last->at > x->f->now, &lines->list[i]};
}

static bool touches(forecasting *x, const miss *m) {
    const embodied *e = x->body;
    bool any = fe__streq(m->formulation, "any"), none = fe__streq(m->formulation, "none"), given = false;
    for (size_t i = 0; i < e->infusions_n; i++)
        given = given || fe__streq(fe__formulation_ids[e->infusions[i].formulation], m->formulation);
    if (!(given || (any && e->infusions_n) || (none && !e->infusions_n)) || m->week_first > x->out->weeks) return false;
    return fe__streq(m->population, "any") || fe__streq(m->population, x->out->population) ||
           fe__line_holds(x->f, &x->f->k->miss_populations, m->population);
}

static void put_rules(forecasting *x) {
    forecast *out = x->out;
    const model_data *m = x->ask->m;
    out->expectations_n = fe__lines_that_hold(x->f, &x->f->k->expectations, &out->expectations);
    out->misses = FE_NEW_ARRAY(x->f->a, const miss *, m->misses_n + 1);
    for (size_t i = 0; i < m->misses_n; i++)
        if (touches(x, &m->misses[i])) out->misses[out->misses_n++] = &m->misses[i];
    put_windows(x);
}

/* ---- the whole ---------------------------------------------------------------------------------------------------------------------- */

/* Body and times. False with a verdict when there is nothing to play. */
static bool begin(forecasting *x) {
    if (!find_body(x)) return false;
    x->out->t0 = origin_of(x);
    x->out->weeks = weeks_of(x);
    for (size_t i = 0; i < x->body->infusions_n; i++)
        x->out->beyond += x->body->infusions[i].at > x->out->t0 + x->out->weeks * 7 * DAY;
    choose_times(x);
    return true;
}

/* The bodies cannot be played. */
static void refuse(forecast *out, const char *why) {
    out->verdict = CANNOT_START;
    out->reason = "solver";
    out->text = why;
}

/* Once for all options, which differ in what is planned alone: in nothing that was before the last result. */
static void find_bodies(together *all, const forecasting *x) {
    const forecast_ask *ask = x->ask;
    const bodies_ask want = {
        .before = INFINITY, .draws = ask->draws, .seed = ask->seed, .threads = ask->threads, .room = &ask->rooms->bodies};
    all->bodies = fe__bodies(x->f, x->ground, &want);
}

/* Those that can be played may be another kind of patients than those that cannot. */
static bool refused_play(forecast *out, const model_data *m, const prediction *p) {
    size_t all = p->draws + p->failed;
    out->draws = p->draws;
    out->failed = p->failed;
    out->failure = p->failure;
    if (p->draws && (double)p->failed <= m->n.draws_lost_most * (double)all) return false;
    refuse(out, fe__solve_text(p->failure));
    return true;
}

static bool leaves_range(const prediction *p, double g_dl) {
    for (size_t t = 0; t < p->times_n; t++) {
        const double *v = fe__column(p, t, SERIES_hemoglobin);
        size_t n = 0;
        for (size_t d = 0; d < p->draws; d++) n += v[d] < g_dl;
        if (20 * n > p->draws) return true;
    }
    return false;
}

static void look_ahead(together *all, forecasting *x) {
    facts *f = x->f;
    forecast *out = x->out;
    const embodied *e = x->body;
    if (!all->bodies) find_bodies(all, x);
    out->bodies = all->bodies;
    if (!all->bodies->cohort) {
        refuse(out, all->bodies->why);
        return;
    }
    assert(memcmp(&all->bodies->cohort->prior.labs, &x->ground->prior.labs, sizeof x->ground->prior.labs) == 0);
    const prediction *treated = play_treated(all, x), *untreated = NULL;
    if (refused_play(out, x->ask->m, treated)) return;
    if (e->infusions_n && drifts(x)) {
        if (!all->untreated || !same_untreated(all->played, x)) {
            all->untreated = play_untreated(all, x);
            all->played = x;
        }
        untreated = all->untreated;
        if (untreated->draws == 0) {
            refuse(out, fe__solve_text(untreated->failure));
            return;
        }
    }
    out->is_unusual = all->bodies->is_unusual;
    out->leaves_range = leaves_range(treated, x->ask->m->n.start_hb_low);
    f->number[NUM_forecast_iron_mg] = iron_mg(e, -1);
    f->number[NUM_forecast_fcm_mg] = iron_mg(e, FORMULATION_fcm);
    fe__facts_view(f, NULL);
    put_rules(x);
    sum_up(x, treated, untreated);
}

/* options: NULL and n 1 for the course's own iron. Who the patient is does not hang on the product that was looked at last. */
static const forecast *const *look_ahead_all(facts *f, const forecast_ask *ask, const option *options, size_t n) {
    const forecast **out = FE_NEW_ARRAY(f->a, const forecast *, n + 1);
    together all = {.f = f, .ask = ask, .list = FE_NEW_ARRAY(f->a, forecasting *, n + 1)};
    double from = !options ? NAN : ask->from > 0 ? ask->from : fe__options_begin(f, options, n);
    fe__facts_view(f, NULL);
    for (size_t i = 0; i < n; i++) {
        forecasting *x = FE_NEW(f->a, forecasting);
        *x = (forecasting){
            .f = f, .ask = ask, .option = options ? &options[i] : NULL, .from = from, .out = FE_NEW(f->a, forecast)};
        out[i] = x->out;
        if (!begin(x)) continue;
        all.list[all.n++] = x;
        if (x->out->times_n > all.times_most) all.times_most = x->out->times_n;
    }
    for (; all.done < all.n; all.done++) look_ahead(&all, all.list[all.done]);
    return out;
}

const forecast *fe__forecast(facts *f, const forecast_ask *ask) { return look_ahead_all(f, ask, NULL, 1)[0]; }

const forecast *const *fe__forecast_options(facts *f, const forecast_ask *ask, const option *options, size_t n) {
    return look_ahead_all(f, ask, options, n);
}
