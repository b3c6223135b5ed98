#include "report/timeline.h"

#include <math.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "report/page.h"
#include "report/say.h"

enum { DAY_S = 86400 };

/* ---- quantities -------------------------------------------------------------------------------------------------------------- */

/* What is drawn, in the order in which panels stand: other series of an answer follow from these and stand in its JSON. Titles, how finely a
 * value is told, and how tall its panel is. */
static const quantity quantities[] = {
    {"hemoglobin", "Hemoglobin", "Hb", 1, 0, 118, false, false, 0},
    {"ferritin", "Ferritin", "ferritin", -1, 2, 178, false, false, 0},
    {"tsat", "TSAT", "TSAT", -1, 2, 92, false, false, 100}, /* drug iron in the assay reads as several hundred % */
    {"phosphate", "Phosphate", "phosphate", -1, 2, 76, false, false, 0},
    {"drug-iron", "Drug iron", "drug iron", -1, 2, 92, true, false, 0},
    {"labile-iron", "Labile iron", "labile iron", -1, 2, 92, true, false, 0},
    {"hepcidin", "Hepcidin", "hepcidin", -1, 2, 92, false, false, 0},
    {"reticulocytes", "Reticulocytes", "reticulocytes", -1, 2, 92, false, false, 0},
    {"crp", "CRP", "CRP", -1, 2, 92, false, false, 0},
    {"irls", "Restless legs", "IRLS", -1, 2, 92, false, false, 0},
    {"fatigue", "Fatigue", "fatigue", -1, 2, 92, false, false, 0},
    {"reaction-risk", "Reaction risk", "reaction risk", -1, 2, 92, true, true, 0},
};
enum { QUANTITIES = sizeof quantities / sizeof quantities[0] };

const quantity *fe__quantity(arena *a, const char *id) {
    for (size_t i = 0; i < QUANTITIES; i++)
        if (fe__streq(quantities[i].id, id)) return &quantities[i];
    quantity *q = FE_NEW(a, quantity);
    *q = (quantity){id, fe__say_id(a, id), fe__say_id_lower(a, id), -1, 2, 92, false, false, 0};
    return q;
}

const char *fe__quantity_words(arena *a, const quantity *q, double v) {
    if (q->most > 0 && v > q->most) return fe__printf(a, "over %s", fe__say_number(a, q->most, 0));
    return q->decimals >= 0 ? fe__say_fixed(a, v, q->decimals) : fe__say_figures(a, v, q->figures);
}

/* ---- time ---------------------------------------------------------------------------------------------------------------------- */

bool fe__moment(const char *when, int zone_min, double *seconds) {
    int zone;
    long day;
    if (fe__time_parse(when, seconds, &zone)) return true;
    if (!fe__date_parse(when, &day)) return false;
    *seconds = fe__noon_of(day, zone_min);
    return true;
}

static double days_from(const timeline *l, const json_t *object, const char *key) {
    double s;
    return fe__moment(fe__js(object, key), l->zone_min, &s) ? (s - l->t0) / DAY_S : NAN;
}

long fe__timeline_day(const timeline *l, double day) { return fe__day_of(l->t0 + day * DAY_S, l->zone_min); }
long fe__timeline_today(const timeline *l) { return fe__timeline_day(l, l->now); }

const char *fe__timeline_when(const timeline *l, double day) {
    double whole = floor(day + 1e-6), hours = round((day - whole) * 24);
    if (hours == 24) whole++, hours = 0;
    if (hours > 0 && whole <= 0) return fe__printf(l->a, "%.0f h", whole * 24 + hours);
    if (hours > 0) return fe__printf(l->a, "day %.0f and %.0f h", whole, hours);
    if (whole > 14 && fmod(whole, 7) == 0) return fe__printf(l->a, "week %.0f", whole / 7);
    return fe__printf(l->a, "day %s", fe__say_number(l->a, whole, 0));
}

/* ---- series -------------------------------------------------------------------------------------------------------------------- */

bool fe__goal_means(const char *goal, const char *series) {
    if (fe__streq(goal, "hb-goal")) return fe__streq(series, "hemoglobin");
    size_t n = strlen(series);
    return strncmp(goal, series, n) == 0 && (!goal[n] || goal[n] == '_' || goal[n] == '-');
}

/* The value that a goal asks for: as the answer says it, else as the course does. */
static double goal_value(const json_t *forecast, const json_t *course, const char *id) {
    size_t i;
    const char *key;
    json_t *g;
    json_array_foreach(json_object_get(forecast, "goals"), i, g) {
        double v = fe__jn(g, "value");
        if (!isnan(v) && fe__goal_means(fe__js(g, "id"), id)) return v;
    }
    json_object_foreach(json_object_get(course, "goals"), key,
                        g) if (json_is_number(g) && fe__goal_means(key, id)) return json_number_value(g);
    return NAN;
}

/* An array of numbers, each so many times; *n shrinks to what it holds. */
static double *numbers(arena *a, const json_t *array, double times, size_t *n) {
    size_t have = json_array_size(array);
    if (have < *n) *n = have;
    double *v = FE_NEW_ARRAY(a, double, *n + 1);
    for (size_t i = 0; i < *n; i++) {
        const json_t *x = json_array_get(array, i);
        if (!json_is_number(x)) *n = i;
        else v[i] = times * json_number_value(x);
    }
    return v;
}

static bool read_fan(timeline *l, fan *f, const char *id, const json_t *series) {
    size_t n = json_array_size(json_object_get(series, "t_days"));
    *f = (fan){.what = fe__quantity(l->a, id), .unit = fe__say_unit(l->a, fe__js(series, "unit"))};
    double times = f->what->in_100 ? 100 : 1;
    if (f->what->in_100) f->unit = "in 100";
    f->t = numbers(l->a, json_object_get(series, "t_days"), 1, &n);
    f->p5 = numbers(l->a, json_object_get(series, "p5"), times, &n);
    f->p25 = numbers(l->a, json_object_get(series, "p25"), times, &n);
    f->p50 = numbers(l->a, json_object_get(series, "p50"), times, &n);
    f->p75 = numbers(l->a, json_object_get(series, "p75"), times, &n);
    f->p95 = numbers(l->a, json_object_get(series, "p95"), times, &n);
    f->n = n;
    f->unvalidated = fe__js(series, "unvalidated");
    return n >= 2;
}

/* The middle of "irls-drug" beside "irls", when both are told at the same times. */
static void read_other(timeline *l, fan *f, const json_t *all) {
    const json_t *drug = json_object_get(all, fe__printf(l->a, "%s-drug", f->what->id));
    size_t n = f->n;
    const double *t = drug ? numbers(l->a, json_object_get(drug, "t_days"), 1, &n) : NULL;
    const double *middle = drug ? numbers(l->a, json_object_get(drug, "p50"), 1, &n) : NULL;
    if (middle && n == f->n && memcmp(t, f->t, n * sizeof *t) == 0) f->other = middle;
}

static size_t place_of(const quantity *q) {
    return q >= quantities && q < quantities + QUANTITIES ? (size_t)(q - quantities) : QUANTITIES;
}

static void read_series(timeline *l, const json_t *forecast, const json_t *course) {
    json_t *all = json_object_get(forecast, "series"), *series;
    const char *id;
    l->fans = FE_NEW_ARRAY(l->a, fan, json_object_size(all) + 1);
    json_object_foreach(all, id, series) {
        fan f;
        if (place_of(fe__quantity(l->a, id)) == QUANTITIES || !read_fan(l, &f, id, series)) continue;
        read_other(l, &f, all);
        f.goal = goal_value(forecast, course, id);
        size_t at = l->fans_n++;
        for (; at > 0 && place_of(l->fans[at - 1].what) > place_of(f.what); at--) l->fans[at] = l->fans[at - 1];
        l->fans[at] = f;
    }
}

const fan *fe__fan_of(const timeline *l, const char *id) {
    for (size_t i = 0; l && i < l->fans_n; i++)
        if (fe__streq(l->fans[i].what->id, id)) return &l->fans[i];
    return NULL;
}

/* ---- events -------------------------------------------------------------------------------------------------------------------- */

static void read_doses(timeline *l, const json_t *list, bool of_plan) {
    l->doses = FE_NEW_ARRAY(l->a, dose, json_array_size(list) + 1);
    double first = of_plan ? fe__jn(json_array_get(list, 0), "day") : 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *e = json_array_get(list, i);
        const char *product = fe__js(e, of_plan ? "product" : "infusion");
        double mg = fe__jn(e, "dose_mg"), day = of_plan ? fe__jn(e, "day") - first : days_from(l, e, "at");
        if (!*product || isnan(mg) || isnan(day)) continue;
        bool planned = of_plan || day > l->now || json_is_true(json_object_get(e, "planned"));
        l->doses[l->doses_n++] = (dose){day, mg, product, planned};
        l->begun = l->begun || !planned;
    }
}

static void read_labs(timeline *l, const json_t *events) {
    l->labs = FE_NEW_ARRAY(l->a, measured, json_array_size(events) + 1);
    for (size_t i = 0; i < json_array_size(events); i++) {
        const json_t *e = json_array_get(events, i);
        const char *lab = fe__js(e, "lab"), *mark = fe__js(e, "comparator"), *result = fe__js(e, "result");
        double day = days_from(l, e, "at"), v = fe__jn(e, "value");
        if (!*lab || isnan(day) || json_is_true(json_object_get(e, "prescribed"))) continue;
        const char *words = *result ? result : fe__printf(l->a, "%s%s", mark, fe__say_number(l->a, v, 3));
        l->labs[l->labs_n++] = (measured){day, v, lab, fe__say_unit(l->a, fe__js(e, "unit")), words};
    }
}

static void add_due(timeline *l, double day, const char *take) {
    due *last = l->dues_n ? &l->dues[l->dues_n - 1] : NULL;
    if (last && last->day == day) {
        if (!strstr(last->take, take)) last->take = fe__printf(l->a, "%s, %s", last->take, take);
    } else l->dues[l->dues_n++] = (due){day, take};
}

static void read_calendar(timeline *l, const json_t *calendar) {
    size_t i, j;
    json_t *row, *take;
    size_t most = 1;
    json_array_foreach(calendar, i, row) most += json_array_size(json_object_get(row, "take"));
    l->dues = FE_NEW_ARRAY(l->a, due, most);
    json_array_foreach(calendar, i, row) {
        double day = days_from(l, row, "on");
        json_array_foreach(json_object_get(row, "take"), j, take) if (!isnan(day) && json_is_string(take))
            add_due(l, day, fe__quantity(l->a, json_string_value(take))->brief);
    }
}

static void read_windows(timeline *l, const json_t *windows) {
    l->windows = FE_NEW_ARRAY(l->a, trust, json_array_size(windows) + 1);
    for (size_t i = 0; i < json_array_size(windows); i++) {
        const json_t *w = json_array_get(windows, i);
        double from = fe__jn(w, "from_day"), to = fe__jn(w, "to_day");
        if (!isnan(from))
            l->windows[l->windows_n++] = (trust){fe__js(w, "lab"), fe__js(w, "id"), from, isnan(to) ? INFINITY : to};
    }
}

/* ---- an interpretation ----------------------------------------------------------------------------------------------------------- */

static bool is_of(const json_t *x, const char *id) { return fe__streq(fe__js(x, "lab"), id) && !isnan(fe__jn(x, "value")); }

static const char *place_words(arena *a, double percentile) {
    if (isnan(percentile)) return "";
    if (percentile < 0.1) return "below 999 in 1,000";
    if (percentile > 99.9) return "above 999 in 1,000";
    return fe__printf(a, "above %s in 100", fe__say_figures(a, percentile, percentile > 99 ? 3 : 2));
}

/* Every value of a lab, and what was foreseen of it where something was. */
static void add_bars(timeline *l, fan *f, const char *id, const json_t *labs) {
    bar *bars = FE_NEW_ARRAY(l->a, bar, json_array_size(labs) + 1);
    size_t i;
    json_t *x;
    f->bars = bars;
    json_array_foreach(labs, i, x) {
        const json_t *seen = json_object_get(x, "foreseen");
        if (!is_of(x, id)) continue;
        if (f->n == 0) f->unit = fe__say_unit(l->a, fe__js(x, "unit"));
        bars[f->bars_n++] = (bar){days_from(l, x, "at"),
                                  fe__jn(seen, "p5"),
                                  fe__jn(seen, "p50"),
                                  fe__jn(seen, "p95"),
                                  place_words(l->a, fe__jn(seen, "percentile")),
                                  fe__js(x, "reading"),
                                  fe__printf(l->a, "%s%s", fe__js(x, "comparator"), fe__say_number(l->a, fe__jn(x, "value"), 3))};
    }
}

/* A panel of its own. */
static bool read_bars(timeline *l, fan *f, const char *id, const json_t *labs) {
    *f = (fan){.what = fe__quantity(l->a, id), .unit = "", .unvalidated = "", .goal = NAN};
    add_bars(l, f, id, labs);
    return f->bars_n > 0;
}

/* Labs of more than a year before would squeeze the rest into a corner. */
static void set_axis_of_labs(timeline *l) {
    static const double year = 364, margin = 0.04;
    double first = fmin(0, l->now), last = fmax(0, l->now);
    for (size_t i = 0; i < l->labs_n; i++)
        if (l->labs[i].day >= fmin(0, l->now) - year) first = fmin(first, l->labs[i].day);
    for (size_t i = 0; i < l->doses_n; i++)
        if (l->doses[i].day >= fmin(0, l->now) - year) first = fmin(first, l->doses[i].day);
    double span = fmax(last - first, 7);
    l->from = first - margin * span;
    l->to = last + margin * span;
    for (size_t i = 0; i < l->labs_n; i++) l->early += l->labs[i].day < l->from;
}

const timeline *fe__timeline_of_labs(arena *a, const json_t *root, const json_t *course) {
    timeline *l = FE_NEW(a, timeline);
    const json_t *labs = json_object_get(root, "labs"), *events = json_object_get(course, "events");
    double now;
    int zone;
    l->a = a;
    if (!fe__time_parse(fe__js(json_object_get(root, "stamp"), "at"), &now, &l->zone_min)) return NULL;
    if (!fe__time_parse(fe__js(root, "t0"), &l->t0, &zone)) return NULL;
    l->now = (now - l->t0) / DAY_S;
    l->fans = FE_NEW_ARRAY(a, fan, QUANTITIES + 1);
    for (size_t i = 0; i < QUANTITIES; i++) l->fans_n += read_bars(l, &l->fans[l->fans_n], quantities[i].id, labs);
    if (l->fans_n == 0) return NULL;
    read_doses(l, events, false);
    read_labs(l, events);
    read_windows(l, json_object_get(root, "windows"));
    set_axis_of_labs(l);
    return l;
}

/* ---- the whole ------------------------------------------------------------------------------------------------------------------- */

/* The axis: from the labs that led here to the end of the forecast. Labs of long ago would squeeze the forecast into a corner: the
 * part before week 0 is at most a quarter of the rest. */
static void set_axis(timeline *l) {
    static const double before_part = 0.25, margin = 0.025;
    double first = fmin(0, l->now), last = 1;
    for (size_t i = 0; i < l->fans_n; i++) {
        first = fmin(first, l->fans[i].t[0]);
        last = fmax(last, l->fans[i].t[l->fans[i].n - 1]);
    }
    double reach = -before_part * last;
    for (size_t i = 0; i < l->labs_n; i++)
        if (l->labs[i].day >= reach) first = fmin(first, l->labs[i].day);
    for (size_t i = 0; i < l->doses_n; i++)
        if (l->doses[i].day >= reach) first = fmin(first, l->doses[i].day);
    l->from = first - margin * (last - first);
    l->to = last;
    for (size_t i = 0; i < l->labs_n; i++) l->early += l->labs[i].day < l->from;
}

const timeline *fe__timeline(arena *a, const json_t *root, const json_t *forecast, const json_t *infusions,
                             const json_t *course) {
    timeline *l = FE_NEW(a, timeline);
    double now;
    int zone;
    l->a = a;
    if (!fe__time_parse(fe__js(json_object_get(root, "stamp"), "at"), &now, &l->zone_min)) return NULL;
    if (!fe__time_parse(fe__js(forecast, "t0"), &l->t0, &zone)) return NULL;
    l->now = (now - l->t0) / DAY_S;
    read_series(l, forecast, course);
    if (l->fans_n == 0) return NULL;
    const json_t *events = json_object_get(course, "events");
    read_doses(l, infusions ? infusions : events, infusions != NULL);
    read_labs(l, events);
    read_calendar(l, json_object_get(root, "calendar"));
    read_windows(l, json_object_get(forecast, "windows"));
    for (size_t i = 0; i < l->fans_n; i++) add_bars(l, &l->fans[i], l->fans[i].what->id, json_object_get(root, "foreseen"));
    set_axis(l);
    return l;
}
