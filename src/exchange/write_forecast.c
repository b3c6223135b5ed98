/* The answer of forecast, and the forecast of each option of a plan. */
#include <math.h>
#include <unistd.h>

#include "base/date.h"
#include "base/text.h"
#include "exchange/door.h"
#include "exchange/write_forecast.h"

enum { USUAL_DRAWS = 4000, DRAWS_OF_MANY = 1000, THREADS_MAX = 8 };
static const uint64_t usual_seed = 1;

static const char *const quantile_names[QUANTILES] = {"p5", "p25", "p50", "p75", "p95"};
static const char reaction_words[] = "model estimate, no published dose-response";

int fe__threads(void) {
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > THREADS_MAX ? THREADS_MAX : (int)n;
}

forecast_ask fe__forecast_ask_of(asking *q) {
    size_t usual = q->request->optimize ? DRAWS_OF_MANY : USUAL_DRAWS;
    return (forecast_ask){.m = q->model,
                          .site = q->engine->site,
                          .weeks = q->request->weeks,
                          .draws = q->request->draws >= 0 ? (size_t)q->request->draws : usual,
                          .seed = q->request->seed >= 0 ? (uint64_t)q->request->seed : usual_seed,
                          .threads = fe__threads(),
                          .rooms = &q->rooms,
                          .progress = q->request->progress,
                          .context = q->request->progress_context};
}

/* Reads the numbers of the model once a question; NULL after faults. */
const model_data *fe__model_of(asking *q) {
    if (!q->model) q->model = fe__model_load(q->engine->data_folder, &q->faults);
    return q->model;
}

/* ---- series -------------------------------------------------------------------------------------------------------------------------- */

static json_t *band_json(asking *q, const forecast *x, const band *b, int s) {
    json_out *o = &q->out;
    json_t *j = fe__jobject(o), *days = fe__jarray(o);
    fe__jput_str(o, j, "unit", fe__series_units[s]);
    for (size_t t = 0; t < x->times_n; t++) fe__jadd_num(o, days, x->t_days[t]);
    fe__jput(o, j, "t_days", days);
    for (int i = 0; i < QUANTILES; i++) {
        json_t *list = fe__jarray(o);
        for (size_t t = 0; t < x->times_n; t++) fe__jadd_num(o, list, b->at[t][i]);
        fe__jput(o, j, quantile_names[i], list);
    }
    if (s == SERIES_reaction_risk) fe__jput_str(o, j, "unvalidated", reaction_words);
    return j;
}

static json_t *bands_json(asking *q, const forecast *x, const band *bands) {
    json_t *all = fe__jobject(&q->out);
    for (int s = 0; s < SERIES_COUNT; s++)
        if (bands[s].known) fe__jput(&q->out, all, fe__series_ids[s], band_json(q, x, &bands[s], s));
    return all;
}

/* ---- chances, goals, windows ---------------------------------------------------------------------------------------------------------- */

json_t *fe__write_chance(asking *q, const chance *c) {
    json_out *o = &q->out;
    if (isnan(c->p)) return json_null();
    json_t *j = fe__jobject(o);
    fe__jput_num(o, j, "p", c->p);
    fe__jput_num(o, j, "p5", c->p5);
    fe__jput_num(o, j, "p95", c->p95);
    return j;
}

json_t *fe__write_chances(asking *q, const forecast *x) {
    json_t *all = fe__jobject(&q->out);
    for (int i = 0; i < CHANCE_COUNT; i++)
        fe__jput(&q->out, all, fe__chance_ids[i],
                 x && x->verdict == FORECAST ? fe__write_chance(q, &x->chances[i]) : json_null());
    return all;
}

static void put_week(asking *q, json_t *j, const char *key, double week) {
    fe__jput_num(&q->out, j, key, isinf(week) ? NAN : week);
}

static json_t *goals_json(asking *q, const forecast *x) {
    json_out *o = &q->out;
    json_t *list = fe__jarray(o);
    for (size_t i = 0; i < x->goals_n; i++) {
        const goal_reached *g = &x->goals[i];
        json_t *j = fe__jobject(o);
        fe__jput_str(o, j, "id", g->id);
        fe__jput_num(o, j, "value", g->value);
        put_week(q, j, "week_p5", g->week_p5);
        put_week(q, j, "week_p50", g->week_p50);
        put_week(q, j, "week_p95", g->week_p95);
        fe__jput_num(o, j, "by_week", x->goal_weeks);
        fe__jput_num(o, j, "p_by_horizon", g->p_by_horizon);
        fe__jadd(o, list, j);
    }
    return list;
}

static json_t *windows_json(asking *q, const forecast *x) {
    json_out *o = &q->out;
    json_t *list = fe__jarray(o);
    for (size_t i = 0; i < x->windows_n; i++) {
        const window *w = &x->windows[i];
        json_t *j = fe__jobject(o);
        fe__jput_str(o, j, "lab", w->lab);
        fe__jput_num(o, j, "from_day", w->from_day);
        fe__jput_num(o, j, "to_day", isinf(w->to_day) ? NAN : w->to_day);
        fe__jput_str(o, j, "id", w->id);
        fe__jput_bool(o, j, "planned", w->is_planned);
        fe__jput(o, j, "rules", fe__write_strings(q, w->line->sources, w->line->sources_n));
        fe__jadd(o, list, j);
    }
    return list;
}

json_t *fe__write_expectations(asking *q, const rule_line *const *lines, size_t n) {
    json_out *o = &q->out;
    json_t *list = fe__jarray(o);
    for (size_t i = 0; i < n; i++) {
        const rule_line *l = lines[i];
        const finding_row *row = fe__finding_find(q->k, l->id);
        const cite *c = l->sources_n ? fe__cite_find(q->k, l->sources[0]) : NULL;
        json_t *j = fe__jobject(o);
        fe__jput_str(o, j, "id", l->id);
        fe__jput_str(o, j, "text", row ? row->meaning : NULL);
        fe__jput_str(o, j, "source", c ? c->text : NULL);
        fe__jput(o, j, "rules", fe__write_strings(q, l->sources, l->sources_n));
        fe__jadd(o, list, j);
    }
    return list;
}

static json_t *misses_json(asking *q, const forecast *x) {
    json_out *o = &q->out;
    json_t *list = fe__jarray(o);
    for (size_t i = 0; i < x->misses_n; i++) {
        const miss *m = x->misses[i];
        json_t *j = fe__jobject(o);
        fe__jput_str(o, j, "endpoint", m->endpoint);
        fe__jput_str(o, j, "formulation", m->formulation);
        fe__jput_str(o, j, "population", m->population);
        fe__jput_str(o, j, "weeks", m->weeks);
        fe__jput_str(o, j, "direction", m->direction);
        fe__jput_str(o, j, "size", *m->size ? m->size : NULL);
        fe__jput_str(o, j, "evidence", m->evidence);
        fe__jadd(o, list, j);
    }
    return list;
}

static json_t *infusions_json(asking *q, const forecast *x) {
    json_out *o = &q->out;
    json_t *list = fe__jarray(o);
    for (size_t i = 0; i < x->risks_n; i++) {
        const infusion_risk *r = &x->risks[i];
        json_t *j = fe__jobject(o);
        fe__jput_str(o, j, "product", r->infusion->product);
        fe__jput_str(o, j, "on", fe__date_text(q->a, fe__day_of(r->infusion->at, q->zone_min)));
        fe__jput_num(o, j, "day", r->day);
        fe__jput_num(o, j, "dose_mg", r->infusion->mg);
        fe__jput_num(o, j, "minutes", r->infusion->minutes);
        fe__jput(o, j, "fishbane", fe__write_chance(q, &r->fishbane));
        fe__jput_str(o, j, "unvalidated", reaction_words);
        fe__jadd(o, list, j);
    }
    return list;
}

/* ---- what it stands on ------------------------------------------------------------------------------------------------------------------ */

static json_t *assumed_json(asking *q, const forecast *x) {
    json_out *o = &q->out;
    json_t *list = fe__jarray(o);
    for (size_t i = 0; x->body && i < x->body->assumed_n; i++) {
        const assumption *a = &x->body->assumed[i];
        json_t *j = fe__jobject(o);
        fe__jput_str(o, j, "item", a->item);
        fe__jput_num(o, j, "value", a->value);
        fe__jput_str(o, j, "unit", a->unit);
        fe__jput_str(o, j, "why", a->why);
        fe__jadd(o, list, j);
    }
    return list;
}

static json_t *drift_json(asking *q, const forecast *x) {
    json_t *j = fe__jobject(&q->out);
    for (int s = 0; s < SERIES_COUNT; s++)
        if (!isnan(x->drift[s])) fe__jput_num(&q->out, j, fe__series_ids[s], x->drift[s]);
    return j;
}

static json_t *basis_json(asking *q, const forecast *x) {
    json_out *o = &q->out;
    json_t *j = fe__jobject(o);
    fe__jput_str(o, j, "population", x->population);
    fe__jput_str(o, j, "start", fe__time_text(q->a, x->body->start, q->zone_min));
    fe__jput_int(o, j, "draws", (long long)x->draws);
    fe__jput_int(o, j, "draws_failed", (long long)x->failed);
    fe__jput_str(o, j, "failure", x->failed ? fe__solve_text(x->failure) : NULL);
    fe__jput_int(o, j, "seed", (long long)fe__forecast_ask_of(q).seed);
    fe__jput_int(o, j, "infusions_beyond", (long long)x->beyond);
    fe__jput_bool(o, j, "labs_contradict", x->contradictory);
    fe__jput_bool(o, j, "labs_unusual", x->is_unusual);
    fe__jput_bool(o, j, "leaves_range", x->leaves_range);
    fe__jput_bool(o, j, "loses_faster_than_absorbed", x->capped);
    fe__jput(o, j, "left_out", fe__write_strings(q, x->left_out, x->left_out_n));
    fe__jput(o, j, "explains", fe__write_explained(q, x->bodies));
    fe__jput(o, j, "unexplained", fe__write_unexplained(q, x->bodies));
    fe__jput(o, j, "fit", fe__write_fit_quality(q, x->bodies));
    return j;
}

void fe__write_forecast(asking *q, json_t *j, const forecast *x) {
    json_out *o = &q->out;
    fe__jput_str(o, j, "t0", fe__time_text(q->a, x->t0, q->zone_min));
    fe__jput_num(o, j, "weeks", x->weeks);
    fe__jput(o, j, "series", bands_json(q, x, x->series));
    fe__jput(o, j, "change", bands_json(q, x, x->change));
    fe__jput(o, j, "goals", goals_json(q, x));
    fe__jput(o, j, "windows", windows_json(q, x));
    fe__jput(o, j, "infusions", infusions_json(q, x));
    fe__jput(o, j, "expectations", fe__write_expectations(q, x->expectations, x->expectations_n));
    fe__jput(o, j, "misses", misses_json(q, x));
    fe__jput(o, j, "drift", drift_json(q, x));
    fe__jput(o, j, "assumed", assumed_json(q, x));
    fe__jput(o, j, "basis", basis_json(q, x));
}

/* ---- the answer ---------------------------------------------------------------------------------------------------------------------------- */

/* A refusal stands among the findings too, and what is missing among the missing. */
static void say_refusal(asking *q, const forecast *x) {
    if (x->verdict == FORECAST_MISSING_DATA) {
        q->missing = FE_NEW(q->a, missing);
        *q->missing = (missing){.item = x->item, .changes = 1, .turning_value = NAN, .how_to_get = fe__how_to_get(q->k, x->item)};
        q->missing_n = 1;
        fe__say(&q->said, "data-missing", "S000-16", NULL);
    }
}

bool fe__draws_are_asked(asking *q) {
    if (q->request->draws != 0) return true;
    q->faults.file = "request";
    fe__fault(&q->faults, "--draws", "1 or more bodies behind the bands", "0", "leave --draws out for the usual number");
    return false;
}

void fe__answer_forecast(asking *q) {
    const model_data *m = fe__model_of(q);
    double weeks = q->request->weeks;
    if (!m) return;
    if (!isnan(weeks) && !(weeks >= 1 && weeks <= m->n.horizon_weeks_max)) {
        q->faults.file = "request";
        fe__fault(&q->faults, "--weeks", fe__printf(q->a, "1 to %s weeks", fe__number_text(q->a, m->n.horizon_weeks_max, 0)),
                  fe__number_text(q->a, weeks, 2), NULL);
        return;
    }
    if (!fe__draws_are_asked(q)) return;
    forecast_ask ask = fe__forecast_ask_of(q);
    const forecast *x = fe__forecast(q->facts, &ask);
    q->refusal = x->verdict != FORECAST;
    fe__say_rules(&q->said, q->facts, Q_FORECAST);
    if (q->refusal) say_refusal(q, x);
    fe__say_end(&q->said, q->facts, Q_FORECAST);
    fe__write_head(q, fe__forecast_words[x->verdict]);
    if (x->reason) {
        fe__jput_str(&q->out, q->root, "reason", x->reason);
        fe__jput_str(&q->out, q->root, "why", x->text);
        fe__jput_str(&q->out, q->root, "item", x->item);
        fe__jput_str(&q->out, q->root, "labs_count_from",
                     isnan(x->counts_from) ? NULL : fe__date_text(q->a, fe__day_of(x->counts_from, q->zone_min)));
    } else {
        fe__write_forecast(q, q->root, x);
        fe__jput(&q->out, q->root, "chances", fe__write_chances(q, x));
        fe__jput(&q->out, q->root, "foreseen", fe__write_foreseen(q, x->bodies));
    }
    fe__write_findings(q, NULL, 0);
}

const forecast *const *fe__option_forecasts(asking *q, const plan *p) {
    forecast_ask ask = fe__forecast_ask_of(q);
    return ask.draws ? fe__forecast_options(q->facts, &ask, p->options, p->options_n) : NULL;
}
