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

/* ---- what rules know of the patient ------------------------------------------------------------------------------------------ */

static const char *first_that_holds(facts *f, const rule_lines *lines) {
    for (size_t i = 0; i < lines->n; i++)
        if (fe__facts_holds(f, lines->list[i].when) == TRI_TRUE) return lines->list[i].id;
    return NULL;
}

static bool line_holds(facts *f, const rule_lines *lines, const char *id) {
    for (size_t i = 0; i < lines->n; i++)
        if (fe__streq(lines->list[i].id, id) && fe__facts_holds(f, lines->list[i].when) == TRI_TRUE) return true;
    return false;
}

static double covariates(facts *f, const model_data *m) {
#define COVARIATE_WORD(name, word) word,
    static const char *const words[] = {FE_COVARIATES(COVARIATE_WORD)};
    double v = 1;
    for (int i = 0; i < COVARIATE_COUNT; i++)
        if (line_holds(f, &f->k->covariates, words[i])) v *= m->covariate[i];
    return v;
}

/* The minutes that a plan would choose for this dose. */
typedef struct usual {
    facts *f;
    const forecast_ask *ask;
} usual;

static double usual_minutes(void *context, const event *e) {
    const usual *u = context;
    const product *p = fe__product_find(u->f->k, e->product);
    for (size_t i = 0; p && i < p->methods_n; i++) {
        const method *m = &p->methods[i];
        const route_rules *r = fe__route_of(m, e->route);
        if (!r || m->off_label) continue;
        prepare_input in = {
            .dose_mg = e->value, .bag_ml = e->bag_ml, .minutes = NAN, .route = e->route, .cap_weight_kg = NAN, .age_years = NAN};
        preparation x = fe__prepare(u->f->k, p, m, r, u->ask->site, &in);
        if (x.minutes > 0) return x.minutes;
    }
    return u->ask->m->n.usual_minutes;
}

/* ---- from course to bodies ------------------------------------------------------------------------------------------------------ */

typedef struct forecasting {
    facts *f;
    const forecast_ask *ask;
    const option *option; /* NULL: the course's own iron */
    forecast *out;
    embodied *body;
    patient_prior prior;
    double absorption; /* typical a* as a share of what a gut can do */
    double *hours;     /* times from the start */
} forecasting;

static body_infusion *planned_infusions(facts *f, const option *o) {
    body_infusion *list = FE_NEW_ARRAY(f->a, body_infusion, o->n + 1);
    for (size_t i = 0; i < o->n; i++) {
        const planned *p = &o->infusions[i];
        list[i] = (body_infusion){.product = p->prep.product->id,
                                  .formulation = fe__formulation_find(p->prep.product->molecule),
                                  .at = fmax(fe__noon_of(p->on, f->zone_min), f->now),
                                  .mg = p->prep.dose_mg,
                                  .minutes = p->prep.minutes};
    }
    return list;
}

static void refuse(forecast *out, forecast_verdict verdict, const char *reason, const char *words) {
    out->verdict = verdict;
    out->reason = reason;
    out->text = words;
}

static bool refused_body(forecasting *x) {
    forecast *out = x->out;
    const embodied *e = x->body;
    arena *a = x->f->a;
    out->item = e->item;
    switch (e->status) {
    case EMBODY_OK: return false;
    case EMBODY_TOO_SOON:
        out->counts_from = e->counts_from;
        out->item = NULL;
        refuse(out, CANNOT_START, "labs-too-soon",
               fe__printf(
                   a,
                   "Iron, a transfusion, an operation or blood loss lies too shortly before the first labs; labs count from %s, "
                   "or enter labs from before it, or the usual hemoglobin when it was blood loss alone.",
                   fe__date_text(a, fe__day_of(e->counts_from, x->f->zone_min))));
        break;
    case EMBODY_NO_LABS:
        refuse(out, FORECAST_MISSING_DATA, "no-labs",
               fe__printf(a, "A forecast needs hemoglobin, and ferritin or TSAT; %s is missing.", e->item));
        break;
    case EMBODY_UNKNOWN:
        refuse(out, NOT_MODELLED, "unknown-iron",
               fe__printf(a, "%s is not in the model, so no forecast can be made with it.", e->item));
        break;
    case EMBODY_OVERLAP:
        refuse(out, CANNOT_START, "infusions-overlap", "Two infusions run at the same time; give each its own time and minutes.");
        break;
    }
    return true;
}

static bool refused_start(forecasting *x, start_status s) {
    if (s == START_OK) return false;
    bool lacks = s == START_NO_WEIGHT || s == START_NO_HEMOGLOBIN || s == START_NO_IRON;
    if (lacks) x->out->item = s == START_NO_WEIGHT ? "weight_kg" : s == START_NO_IRON ? "ferritin" : "hemoglobin";
    refuse(x->out, lacks ? FORECAST_MISSING_DATA : CANNOT_START, fe__start_word(s), fe__start_text(s));
    return true;
}

/* IRLS and fatigue: read off a baseline inside their bounds only; restless legs without a score take the middle of such patients. */
static void baselines(forecasting *x, start_labs *labs, bool is_rls) {
    const model_data *m = x->ask->m;
    const variable_spread *rls = m->populations[POPULATION_rls];
    struct {
        const char *item;
        double *value, max, middle;
        bool applies;
    } rows[] = {{"irls", &labs->IRLS0, m->n.irls_max, rls[VARIABLE_IRLS0].median, is_rls},
                {"fatigue", &labs->FS0, m->n.fatigue_max, rls[VARIABLE_FS0].median, true}};
    for (size_t i = 0; i < 2; i++) {
        bool measured = !isnan(*rows[i].value), inside = *rows[i].value > 0 && *rows[i].value < rows[i].max;
        if (measured && !inside) x->out->left_out[x->out->left_out_n++] = rows[i].item;
        if (measured || !rows[i].applies) continue;
        *rows[i].value = rows[i].middle;
        assumption *list = (assumption *)x->body->assumed;
        *FE_PUSH(x->f->a, list, x->body->assumed_n, x->body->assumed_cap) =
            (assumption){rows[i].item, rows[i].middle, "{score}", "not scored: the middle of such patients"};
        x->body->assumed = list;
    }
}

/* Results after the first thing that changed the body: those before it may have started it. */
static size_t labs_after(const facts *f, const model_data *m, const embodied *e0) {
    double start = e0->start + (e0->events_n ? e0->events[0].t * HOUR : m->n.start_labs_after_days * DAY);
    size_t n = 0;
    for (size_t i = 0; i < f->c->events_n; i++) {
        const event *e = &f->c->events[i];
        n += e->kind == EVENT_LAB && !e->prescribed && !isnan(e->value) && e->at > start;
    }
    return n;
}

/* False with a verdict when there is no body. */
static bool find_body(forecasting *x) {
    facts *f = x->f;
    const model_data *m = x->ask->m;
    const char *population = first_that_holds(f, &f->k->populations);
    usual u = {f, x->ask};
    embody_ask ask = {.k = f->k,
                      .m = m,
                      .c = f->c,
                      .now = f->now,
                      .population = fe__population_find(population),
                      .covariates = covariates(f, m),
                      .plans_iron = x->option != NULL,
                      .usual_minutes = usual_minutes,
                      .context = &u,
                      .planned = x->option ? planned_infusions(f, x->option) : NULL,
                      .planned_n = x->option ? x->option->n : 0};
    x->body = (embodied *)fe__embody(f->a, &ask);
    x->out->body = x->body;
    x->out->population = population;
    if (refused_body(x)) return false;
    start_labs labs = x->body->labs;
    unsigned filled;
    if (refused_start(x, fe__start_fill(m, &labs, &filled))) return false;
    fe__embody_say_filled(f->a, x->body, &labs, filled);
    baselines(x, &labs,
              fe__streq(population, "rls") || line_holds(f, &f->k->miss_populations, "rls-anemic") || !isnan(labs.IRLS0));
    body typical;
    double y[STATES];
    if (refused_start(x, fe__start(m, &labs, NULL, &typical, y))) return false;
    x->prior = (patient_prior){.m = m,
                               .labs = labs,
                               .filled = filled,
                               .population = ask.population,
                               .without_e = line_holds(f, &f->k->covariates, "marrow-disease"),
                               .without_closure = !fe__prior_in_domain(m, &typical)};
    x->out->contradictory = x->prior.without_closure;
    x->out->later_labs = labs_after(f, m, x->body);
    x->absorption = typical.a_star / labs.amax;
    x->out->capped = typical.a_star >= labs.amax;
    return true;
}

/* ---- times ------------------------------------------------------------------------------------------------------------------------ */

static int ascending(const void *one, const void *two) {
    double a = *(const double *)one, b = *(const double *)two;
    return a < b ? -1 : a > b;
}

/* Daily to day 14, then weekly; each infusion's start and 1, 6 and 12 h after it. */
static void choose_times(forecasting *x) {
    static const double after[] = {0, 1, 6, 12};
    forecast *out = x->out;
    const embodied *e = x->body;
    size_t n = 0, most = 15 + (size_t)out->weeks + 4 * e->infusions_n;
    double *t = FE_NEW_ARRAY(x->f->a, double, most + 1), origin = (out->t0 - e->start) / HOUR, end = origin + out->weeks * 7 * 24;
    for (int day = 0; day <= 14; day++) t[n++] = origin + day * 24.0;
    for (int week = 3; week <= (int)out->weeks; week++) t[n++] = origin + week * 7 * 24.0;
    for (size_t i = 0; i < e->infusions_n; i++)
        for (size_t k = 0; k < 4; k++) t[n++] = (e->infusions[i].at - e->start) / HOUR + after[k];
    qsort(t, n, sizeof *t, ascending);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (t[i] >= origin && t[i] <= end && (kept == 0 || t[i] > t[kept - 1])) t[kept++] = t[i];
    double *days = FE_NEW_ARRAY(x->f->a, double, kept + 1);
    for (size_t i = 0; i < kept; i++) days[i] = (t[i] - origin) / 24;
    x->hours = t;
    out->t_days = days;
    out->times_n = kept;
}

/* ---- playing, and bands --------------------------------------------------------------------------------------------------------- */

/* The forecasts of one question, and what they share. */
typedef struct together {
    facts *f;
    const forecast_ask *ask;
    forecasting **list;
    size_t n, times_most, done;
    const cohort *cohort;        /* of every option: a prior hangs on labs alone; NULL: not drawn yet */
    const prediction *untreated; /* for `played` and those like it; NULL: not played yet */
    const forecasting *played;
} together;

/* Forecasts follow each other, each with a share of the whole. */
static void tell(void *context, double done) {
    const together *all = context;
    if (all->ask->progress) all->ask->progress(all->ask->context, ((double)all->done + done) / (double)all->n);
}

static const prediction *play_treated(together *all, const forecasting *x) {
    prediction_ask ask = {.cohort = all->cohort,
                          .events = x->body->events,
                          .events_n = x->body->events_n,
                          .times = x->hours,
                          .times_n = x->out->times_n,
                          .times_most = all->times_most,
                          .rtol = fe__draws_rtol,
                          .part = BATCH_ALL,
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
    prediction_ask ask = {.cohort = all->cohort,
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
    const start_labs *l = &x->prior.labs;
    bool events = false;
    for (size_t i = 0; i < x->body->events_n; i++) events = events || x->body->events[i].kind != BODY_RATE;
    return events || x->absorption > still || l->Hbu > l->Hb || l->CRPb < l->CRP;
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
        bool known =
            !by_itself || fe__quantiles(by_itself, by_itself->times_n - 1, looked[i], true, &quantiles[2], 1, &room, median);
        if (known) out->drift[looked[i]] = median[0];
    }
}

static void sum_up(forecasting *x, const prediction *treated, const prediction *untreated) {
    put_bands(x, treated);
    put_drift(x, treated, untreated);
    fe__read_goals(x->f, x->out, treated);
    fe__read_chances(x->f, &x->ask->m->n, x->out, treated, untreated);
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
           line_holds(x->f, &x->f->k->miss_populations, m->population);
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
    const facts *f = x->f;
    const forecast_ask *ask = x->ask;
    forecast *out = x->out;
    out->counts_from = NAN;
    if (f->flag[FLAG_child] == TRI_TRUE) {
        refuse(out, NOT_MODELLED, "under-18",
               "The model is of adults: nothing is foreseen for a child; label dosing stands by itself.");
        return false;
    }
    if (!find_body(x)) return false;
    const embodied *e = x->body;
    bool is_rls = fe__streq(out->population, "rls");
    out->weeks = !isnan(ask->weeks) ? ask->weeks : is_rls ? ask->m->n.horizon_weeks_rls : ask->m->n.horizon_weeks;
    out->t0 = e->infusions_n ? e->infusions[0].at : fmax(f->now, e->start);
    choose_times(x);
    return true;
}

static void look_ahead(together *all, forecasting *x) {
    facts *f = x->f;
    forecast *out = x->out;
    const embodied *e = x->body;
    const forecast_ask *ask = x->ask;
    if (!all->cohort) all->cohort = fe__cohort(f->a, &ask->rooms->bodies, &x->prior, ask->seed, ask->draws, ask->threads);
    if (!all->cohort) {
        refuse(out, CANNOT_START, "solver", fe__solve_text(SOLVE_MEMORY));
        return;
    }
    assert(memcmp(&all->cohort->prior.labs, &x->prior.labs, sizeof x->prior.labs) == 0);
    const prediction *treated = play_treated(all, x), *untreated = NULL;
    if (e->infusions_n && drifts(x)) {
        if (!all->untreated || !same_untreated(all->played, x)) {
            all->untreated = play_untreated(all, x);
            all->played = x;
        }
        untreated = all->untreated;
    }
    out->draws = treated->draws;
    out->failed = treated->failed;
    if (treated->draws == 0 || (untreated && untreated->draws != treated->draws)) {
        refuse(out, CANNOT_START, "solver", fe__solve_text(treated->failure));
        return;
    }
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
    fe__facts_view(f, NULL);
    for (size_t i = 0; i < n; i++) {
        forecasting *x = FE_NEW(f->a, forecasting);
        *x = (forecasting){.f = f, .ask = ask, .option = options ? &options[i] : NULL, .out = FE_NEW(f->a, forecast)};
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
