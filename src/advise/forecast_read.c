#include "advise/forecast_read.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "base/text.h"

static const double normal_95 = 1.6448536269514722; /* 95% quantile: a 90% interval */

chance fe__share(double hits, size_t n) {
    double m = (double)n, p = hits / m, z2 = normal_95 * normal_95;
    double center = (p + z2 / (2 * m)) / (1 + z2 / m), half = normal_95 * sqrt(p * (1 - p) / m + z2 / (4 * m * m)) / (1 + z2 / m);
    return (chance){p, fmax(0, center - half), fmin(1, center + half)};
}

/* Mean, 5% and 95% of a column of draws; reorders it. */
static chance mean_of(const column_room *room, size_t n) {
    static const double ends[] = {0.05, 0.95};
    double sum = 0, at[2];
    for (size_t i = 0; i < n; i++) sum += room->column[i];
    fe__quantiles_of(room->column, n, ends, 2, &room->more, at);
    return (chance){sum / (double)n, at[0], at[1]};
}

/* ---- goals -------------------------------------------------------------------------------------------------------------------------- */

typedef struct goal {
    const char *id;
    double value;
    series_id series;
    bool upward;     /* reached from below */
    double from_day; /* counts from here: a ferritin spike reaches nothing */
} goal;

static bool reached(const goal *g, double v) { return g->upward ? v >= g->value : v <= g->value; }

/* Week in which each draw first reaches the goal, interpolated; INFINITY when it does not. */
static void weeks_of(const forecast *out, const prediction *p, const goal *g, double *weeks) {
    size_t from = 0;
    for (size_t d = 0; d < p->draws; d++) weeks[d] = INFINITY;
    while (from < p->times_n && out->t_days[from] < g->from_day) from++;
    for (size_t t = from; t < p->times_n; t++) {
        const double *v = fe__column(p, t, g->series), *before = t > from ? fe__column(p, t - 1, g->series) : v;
        double day = out->t_days[t], day_before = t > from ? out->t_days[t - 1] : day;
        for (size_t d = 0; d < p->draws; d++) {
            if (!isinf(weeks[d]) || !reached(g, v[d])) continue;
            double share = t > from ? (g->value - before[d]) / (v[d] - before[d]) : 0;
            weeks[d] = (day_before + share * (day - day_before)) / 7;
        }
    }
}

/* The first day on which a lab means something again after the last iron. */
static double readable_from(const forecast *out, const char *lab) {
    double from = 0;
    for (size_t i = 0; i < out->windows_n; i++)
        if (fe__streq(out->windows[i].lab, lab) && fe__streq(out->windows[i].id, "not-interpretable"))
            from = out->windows[i].to_day + 1;
    return from;
}

static size_t goals_of(const facts *f, const forecast *out, goal *list) {
    const goals *g = &f->c->goals;
    const goal all[] = {{"hemoglobin_g_dl", g->hemoglobin_g_dl, SERIES_hemoglobin, true, 0},
                        {"ferritin_ug_l", g->ferritin_ug_l, SERIES_ferritin, true, readable_from(out, "ferritin")},
                        {"irls", g->irls, SERIES_irls, false, 0},
                        {"fatigue", g->fatigue, SERIES_fatigue, false, 0}};
    size_t n = 0;
    for (size_t i = 0; i < 4; i++)
        if (!isnan(all[i].value) && out->series[all[i].series].known) list[n++] = all[i];
    return n;
}

/* The horizon of goals: by_weeks when it is said and inside the forecast. */
static double goal_weeks(const facts *f, const forecast *out) {
    double by = f->c->goals.by_weeks;
    return isnan(by) || by > out->weeks ? out->weeks : by;
}

void fe__read_goals(facts *f, forecast *out, const prediction *p) {
    static const double shares[] = {0.05, 0.5, 0.95};
    goal list[4];
    size_t n = goals_of(f, out, list);
    column_room room = fe__column_room(f->a, p);
    out->goal_weeks = goal_weeks(f, out);
    for (size_t i = 0; i < n; i++) {
        size_t in_time = 0;
        double week[3];
        weeks_of(out, p, &list[i], room.column);
        for (size_t d = 0; d < p->draws; d++) in_time += room.column[d] <= out->goal_weeks;
        fe__quantiles_of(room.column, p->draws, shares, 3, &room.more, week);
        out->goals[out->goals_n++] =
            (goal_reached){list[i].id, list[i].value, week[0], week[1], week[2], (double)in_time / (double)p->draws};
    }
}

/* ---- chances --------------------------------------------------------------------------------------------------------------------------- */

static size_t time_at(const forecast *out, double day) {
    size_t best = 0;
    for (size_t t = 0; t < out->times_n; t++)
        if (out->t_days[t] <= day + 1e-9) best = t;
    return best;
}

static bool reaches(const forecast *out, double day) { return out->times_n && out->t_days[out->times_n - 1] >= day - 1e-9; }

/* What every draw adds to each chance, one row a chance; NULL rows say nothing. */
typedef struct seen_rows {
    double *of[CHANCE_COUNT];
    const prediction *p;
    const forecast *out;
} seen_rows;

static double *row_of(arena *a, seen_rows *x, chance_id c) { return x->of[c] = FE_NEW_ARRAY(a, double, x->p->draws + 1); }

/* Goals hold at their week, not only once before it. */
static void see_goals(facts *f, seen_rows *x) {
    goal list[4];
    const goal *h = NULL, *fe = NULL;
    const forecast *out = x->out;
    const prediction *p = x->p;
    size_t n = goals_of(f, out, list), t = time_at(out, out->goal_weeks * 7);
    for (size_t i = 0; i < n; i++) {
        if (list[i].series == SERIES_hemoglobin) h = &list[i];
        if (list[i].series == SERIES_ferritin) fe = &list[i];
    }
    if (fe && out->t_days[t] < fe->from_day) fe = NULL; /* a ferritin that means nothing yet reaches no goal */
    double *one = h ? row_of(f->a, x, CHANCE_hb_goal) : NULL, *two = fe ? row_of(f->a, x, CHANCE_ferritin_goal) : NULL,
           *both = h && fe ? row_of(f->a, x, CHANCE_both_goals) : NULL;
    const double *g_dl = fe__column(p, t, SERIES_hemoglobin), *ug_l = fe__column(p, t, SERIES_ferritin);
    for (size_t d = 0; d < p->draws; d++) {
        if (one) one[d] = reached(h, g_dl[d]);
        if (two) two[d] = reached(fe, ug_l[d]);
        if (both) both[d] = one[d] * two[d];
    }
}

/* What hemoglobin is without iron at an hour, body by body; NaN for one that cannot be played so. */
static void by_itself(const prediction *p, const prediction *untreated, double hour, double *v) {
    const double *first = fe__column(p, 0, SERIES_hemoglobin),
                 *other = untreated ? fe__column(untreated, fe__predicted_at(untreated, hour), SERIES_hemoglobin) : NULL;
    for (size_t d = 0; d < p->draws; d++) {
        size_t same = untreated ? fe__same_draw(untreated, p, d) : d;
        v[d] = !untreated ? first[d] : same < untreated->draws ? other[same] : NAN;
    }
}

/* The largest rise by the day beyond the baseline and beyond what happens without iron; NaN for a body that cannot be played both ways. */
static void see_rise(arena *a, double *row, const seen_rows *x, const prediction *untreated, double g_dl, double day) {
    const forecast *out = x->out;
    const prediction *p = x->p;
    double *alone = FE_NEW_ARRAY(a, double, p->draws + 1);
    const double *first = fe__column(p, 0, SERIES_hemoglobin);
    for (size_t t = 0; t < p->times_n && out->t_days[t] <= day + 1e-9; t++) {
        const double *v = fe__column(p, t, SERIES_hemoglobin);
        by_itself(p, untreated, p->times[t], alone);
        for (size_t d = 0; d < p->draws; d++)
            if (v[d] - fmax(first[d], alone[d]) >= g_dl) row[d] = 1;
    }
    for (size_t d = 0; d < p->draws; d++)
        if (isnan(alone[d])) row[d] = NAN;
}

static void see_under(double *row, const seen_rows *x, series_id s, double bound, double day) {
    for (size_t t = 0; t < x->p->times_n && x->out->t_days[t] <= day + 1e-9; t++) {
        const double *v = fe__column(x->p, t, s);
        for (size_t d = 0; d < x->p->draws; d++)
            if (v[d] < bound) row[d] = 1;
    }
}

static void see_over(double *row, const seen_rows *x, series_id s, double day, double bound) {
    const double *v = fe__column(x->p, time_at(x->out, day), s);
    for (size_t d = 0; d < x->p->draws; d++) row[d] = v[d] > bound;
}

double fe__irls_responds(const model_numbers *n, double fall) {
    return fe__normal_cdf((fall - n->irls_fall) / n->irls_change_sd);
}

static void see_response(double *row, const model_numbers *n, const seen_rows *x) {
    const double *first = fe__column(x->p, 0, SERIES_irls), *v = fe__column(x->p, time_at(x->out, n->irls_days), SERIES_irls);
    for (size_t d = 0; d < x->p->draws; d++) row[d] = fe__irls_responds(n, first[d] - v[d]);
}

/* The risk of what came between, of those whom nothing befell before. A risk so near to certain has no digits left to tell it: it came of few
 * infusions of which each was likely to end so, and counts as certain in the next. */
static double risk_between(double before, double after) {
    static const double certain = 1 - 1e-9;
    return before < certain ? 1 - (1 - after) / (1 - before) : 1;
}

static void see_iron(facts *f, const model_numbers *n, seen_rows *x, const prediction *untreated) {
    const forecast *out = x->out;
    const prediction *p = x->p;
    arena *a = f->a;
    if (reaches(out, n->rise_days)) {
        see_rise(a, row_of(a, x, CHANCE_hb_rise_1), x, untreated, n->rise_one, n->rise_days);
        see_rise(a, row_of(a, x, CHANCE_hb_rise_2), x, untreated, n->rise_two, n->rise_days);
    }
    if (reaches(out, n->phosphate_days)) {
        see_under(row_of(a, x, CHANCE_hypophosphatemia), x, SERIES_phosphate, n->phosphate_low, n->phosphate_days);
        see_under(row_of(a, x, CHANCE_hypophosphatemia_severe), x, SERIES_phosphate, n->phosphate_severe, n->phosphate_days);
    }
    if (reaches(out, n->ferritin_days))
        see_over(row_of(a, x, CHANCE_ferritin_over_500), x, SERIES_ferritin, n->ferritin_days, n->ferritin_high);
    if (out->series[SERIES_irls].known && reaches(out, n->irls_days)) see_response(row_of(a, x, CHANCE_rls_response), n, x);
    double *reacts = row_of(a, x, CHANCE_fishbane);
    const double *before = fe__column(p, 0, SERIES_reaction_risk), *after = fe__column(p, p->times_n - 1, SERIES_reaction_risk);
    for (size_t d = 0; d < p->draws; d++) reacts[d] = risk_between(before[d], after[d]); /* of iron to come, not of iron given */
}

static chance share_of(const double *row, size_t n) {
    double hits = 0;
    size_t known = 0;
    for (size_t d = 0; d < n; d++) {
        known += isnan(row[d]) ? 0 : 1;
        hits += isnan(row[d]) ? 0 : row[d];
    }
    return known ? fe__share(hits, known) : (chance){NAN, NAN, NAN};
}

/* Meanings and days are numbers of the model's data (answers.md, section 6, plan). */
void fe__read_chances(facts *f, const model_numbers *n, forecast *out, const prediction *p, const prediction *untreated,
                      bool keeps) {
    seen_rows x = {.p = p, .out = out};
    see_goals(f, &x);
    if (out->body->infusions_n) see_iron(f, n, &x, untreated);
    for (int i = 0; i < CHANCE_COUNT; i++) {
        out->chances[i] = (chance){NAN, NAN, NAN};
        if (x.of[i] && i != CHANCE_fishbane) out->chances[i] = share_of(x.of[i], p->draws);
        if (keeps) out->of_draw[i] = x.of[i];
    }
    if (!x.of[CHANCE_fishbane]) return;
    column_room room = fe__column_room(f->a, p);
    memcpy(room.column, x.of[CHANCE_fishbane], p->draws * sizeof *room.column);
    out->chances[CHANCE_fishbane] = mean_of(&room, p->draws);
}

/* ---- risks ------------------------------------------------------------------------------------------------------------------------------- */

void fe__read_risks(arena *a, forecast *out, const prediction *p) {
    const embodied *e = out->body;
    column_room room = fe__column_room(a, p);
    out->risks = FE_NEW_ARRAY(a, infusion_risk, e->infusions_n + 1);
    for (size_t i = 0; i < e->infusions_n; i++) {
        double day = (e->infusions[i].at - out->t0) / 86400;
        if (!reaches(out, day) || day < 0) continue;
        size_t from = time_at(out, day),
               to = time_at(out, i + 1 < e->infusions_n ? (e->infusions[i + 1].at - out->t0) / 86400 : day + 1);
        const double *before = fe__column(p, from, SERIES_reaction_risk), *after = fe__column(p, to, SERIES_reaction_risk);
        for (size_t d = 0; d < p->draws; d++) room.column[d] = risk_between(before[d], after[d]);
        out->risks[out->risks_n++] = (infusion_risk){&e->infusions[i], day, mean_of(&room, p->draws)};
    }
}
