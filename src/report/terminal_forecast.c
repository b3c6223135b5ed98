/* A forecast for a terminal: the sentence, small fan plots, tables at telling times, goals, windows, and where the model is known to be off. */
#include <math.h>
#include <string.h>

#include "report/chart_table.h"
#include "report/html.h"
#include "report/page.h"
#include "report/say.h"
#include "report/scale.h"

enum { PLOT_WIDE = 72, PLOT_HIGH = 9, LABEL = 8, CELL = 24, FIRST = 10 };

/* ---- fan plots ------------------------------------------------------------------------------------------------------------------------ */

typedef struct marks {
    const char *none, *outer, *inner, *middle, *goal, *side;
} marks;
static const marks plain = {" ", ".", ":", "#", "-", "|"},
                   blocks = {" ", "\xE2\x96\x91", "\xE2\x96\x92", "\xE2\x96\x88", "\xE2\x94\x80", "\xE2\x94\x82"};

/* A curve at a day between its points. */
static double at_day(const fan *f, const double *v, double day) {
    size_t i = 1;
    while (i + 1 < f->n && f->t[i] < day) i++;
    double span = f->t[i] - f->t[i - 1], part = span > 0 ? (day - f->t[i - 1]) / span : 0;
    return v[i - 1] + (v[i] - v[i - 1]) * fmin(fmax(part, 0), 1);
}

static bool holds(double low, double high, double a, double b) { return fmin(low, high) < b && fmax(low, high) >= a; }

/* The cell that spans values a to b at a day. */
static const char *cell(const marks *m, const fan *f, double day, double a, double b) {
    double low = at_day(f, f->p5, day), high = at_day(f, f->p95, day), middle = at_day(f, f->p50, day);
    if (middle >= a && middle < b) return m->middle;
    if (holds(at_day(f, f->p25, day), at_day(f, f->p75, day), a, b)) return m->inner;
    if (holds(low, high, a, b)) return m->outer;
    return f->goal >= a && f->goal < b ? m->goal : m->none;
}

static void plot_range(const fan *f, double *low, double *high) {
    *low = INFINITY, *high = -INFINITY;
    for (size_t i = 0; i < f->n; i++) *low = fmin(*low, f->p5[i]), *high = fmax(*high, f->p95[i]);
    if (!isnan(f->goal)) *low = fmin(*low, f->goal), *high = fmax(*high, f->goal);
    fe__widen(low, high, 0.05);
}

static void plot_weeks(page *p, double from, double to) {
    char line[PLOT_WIDE + LABEL + 24];
    memset(line, ' ', sizeof line);
    size_t end = 0;
    int step = to - from > 7 * 40 ? 12 : to - from > 7 * 16 ? 4 : 2;
    for (int week = 0; 7.0 * week <= to; week += step) {
        double x = (7.0 * week - from) / (to - from) * (PLOT_WIDE - 1);
        const char *words = fe__printf(p->a, week ? "%d" : "week %d", week);
        if (x < 0) continue;
        size_t at = LABEL + 3 + (size_t)x;
        if (at < end + 1) continue;
        memcpy(line + at, words, strlen(words));
        end = at + strlen(words);
    }
    fe__text_addn(&p->t, line, end);
    fe__text_add(&p->t, "\n");
}

static void plot(page *p, const fan *f) {
    const marks *m = p->drawn ? &blocks : &plain;
    double low, high, from = f->t[0], to = f->t[f->n - 1];
    plot_range(f, &low, &high);
    double step = (high - low) / PLOT_HIGH;
    fe__page_heading(p, fe__printf(p->a, "%s%s%s%s", f->what->title, *f->unit ? ", " : "", f->unit,
                                   isnan(f->goal) ? "" : fe__printf(p->a, ", goal %s", fe__say_number(p->a, f->goal, 1))));
    for (int row = PLOT_HIGH - 1; row >= 0; row--) {
        double a = low + row * step, b = a + step;
        bool told = row % 4 == 0;
        fe__text_addf(&p->t, "  %*s %s", LABEL - 1, told ? fe__quantity_words(p->a, f->what, (a + b) / 2) : "", m->side);
        for (int x = 0; x < PLOT_WIDE; x++) fe__text_add(&p->t, cell(m, f, from + (to - from) * x / (PLOT_WIDE - 1), a, b));
        fe__text_add(&p->t, "\n");
    }
    plot_weeks(p, from, to);
}

/* ---- tables ------------------------------------------------------------------------------------------------------------------------------ */

/* Columns are counted in characters, which printf does not do. */
static void padded(page *p, const char *words, size_t width) {
    size_t n = fe__utf8_length(words);
    fe__text_add(&p->t, words);
    for (; n < width; n++) fe__text_add(&p->t, " ");
}

static const char *cell_words(page *p, const fan *f, double day) {
    size_t i = fe__point_at(f, day);
    if (i == f->n) return "-";
    return fe__printf(p->a, "%s (%s to %s)", fe__quantity_words(p->a, f->what, f->p50[i]),
                      fe__quantity_words(p->a, f->what, f->p5[i]), fe__quantity_words(p->a, f->what, f->p95[i]));
}

static void end_line(page *p) {
    while (p->t.n && p->t.s[p->t.n - 1] == ' ') p->t.s[--p->t.n] = '\0';
    fe__text_add(&p->t, "\n");
}

static void table(page *p, const timeline *l, const fan *fans, size_t n) {
    double days[16];
    size_t rows = fe__telling_days(l->to, days);
    fe__page_blank(p);
    padded(p, "", FIRST + 2);
    for (size_t c = 0; c < n; c++)
        padded(p, fe__printf(p->a, "%s%s%s", fans[c].what->title, *fans[c].unit ? ", " : "", fans[c].unit), CELL);
    end_line(p);
    for (size_t i = 0; i < rows; i++) {
        padded(p, fe__printf(p->a, "  %s", fe__timeline_when(l, days[i])), FIRST + 2);
        for (size_t c = 0; c < n; c++) padded(p, cell_words(p, &fans[c], days[i]), CELL);
        end_line(p);
    }
}

/* One row of tables holds what a plan is read for; a forecast shows all. */
static void tables(page *p, const timeline *l, bool brief) {
    size_t room = (size_t)(p->columns > FIRST + 2 + CELL ? (p->columns - FIRST - 2) / CELL : 1);
    fe__page_heading(p, "Middle (9 in 10)");
    for (size_t i = 0; i < (brief ? 1 : l->fans_n); i += room)
        table(p, l, &l->fans[i], l->fans_n - i < room ? l->fans_n - i : room);
    for (size_t i = 0; i < l->fans_n && !brief; i++)
        if (*l->fans[i].unvalidated)
            fe__page_paragraph(p, fe__printf(p->a, "  %s: ", l->fans[i].what->title), INK_DIM, l->fans[i].unvalidated);
}

/* ---- words --------------------------------------------------------------------------------------------------------------------------------- */

static const char *week(page *p, const json_t *g, const char *key, const char *never) {
    double v = fe__jn(g, key);
    return isnan(v) ? never : fe__say_number(p->a, v, 0);
}

static void goals_lines(page *p, const json_t *list) {
    if (json_array_size(list)) fe__page_heading(p, "Goals");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *g = json_array_get(list, i);
        double value = fe__jn(g, "value");
        fe__page_paragraph(
            p,
            fe__printf(p->a, "  %s %s  ", fe__say_id(p->a, fe__js(g, "id")), isnan(value) ? "" : fe__say_number(p->a, value, 1)),
            INK_BOLD,
            fe__printf(p->a, "middle week %s, 9 in 10 between week %s and %s; %s reach it in this time",
                       week(p, g, "week_p50", "beyond"), week(p, g, "week_p5", "beyond"), week(p, g, "week_p95", "beyond"),
                       fe__say_chance(p->a, fe__jn(g, "p_by_horizon"))));
    }
}

static void windows_lines(page *p, const timeline *l) {
    if (l->windows_n) fe__page_heading(p, "When a lab can be judged");
    for (size_t i = 0; i < l->windows_n; i++) {
        const trust *w = &l->windows[i];
        fe__page_paragraph(p, fe__printf(p->a, "  %-12s ", fe__quantity(p->a, w->lab)->title), INK_PLAIN,
                           fe__printf(p->a, "%s from %s", fe__say_id_lower(p->a, w->id),
                                      fe__say_day(p->a, fe__timeline_day(l, w->from), fe__timeline_today(l))));
    }
}

static void misses_lines(page *p, const json_t *list) {
    if (json_array_size(list)) fe__page_heading(p, "Where the model is known to be off");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *m = json_array_get(list, i);
        fe__page_paragraph(
            p,
            fe__printf(p->a, "  %s reads %s, %s  ", fe__quantity(p->a, fe__js(m, "endpoint"))->title, fe__js(m, "direction"),
                       fe__js(m, "size")),
            INK_YELLOW, fe__printf(p->a, "%s, %s: %s", fe__js(m, "population"), fe__js(m, "formulation"), fe__js(m, "evidence")));
    }
}

static void expectations_lines(page *p, const json_t *list) {
    if (json_array_size(list)) fe__page_heading(p, "Published, not computed");
    for (size_t i = 0; i < json_array_size(list); i++)
        fe__page_paragraph(p, "  - ", INK_PLAIN, fe__js(json_array_get(list, i), "text"));
}

static void curves(page *p, const timeline *l, bool brief) {
    static const char *const plotted[] = {"hemoglobin", "ferritin"};
    const marks *m = p->drawn ? &blocks : &plain;
    size_t shown = 0;
    for (size_t i = 0; i < sizeof plotted / sizeof plotted[0]; i++) {
        const fan *f = fe__fan_of(l, plotted[i]);
        if (f) plot(p, f), shown++;
    }
    if (shown)
        fe__page_paragraph(p, "  ", INK_DIM,
                           fe__printf(p->a, "%s middle   %s half fall here   %s 9 in 10 fall here   %s goal", m->middle, m->inner,
                                      m->outer, m->goal));
    tables(p, l, brief);
}

/* The forecast that an answer or an option of a plan holds, ready to be told. */
static report telling(page *p, const json_t *root, const json_t *holder, const json_t *option) {
    const timeline *l = fe__timeline(p->a, root, holder, option ? json_object_get(option, "infusions") : NULL, NULL);
    return (report){.a = p->a,
                    .root = root,
                    .forecast = holder,
                    .chosen = option,
                    .l = l,
                    .today = l ? fe__timeline_today(l) : 0,
                    .zone_min = l ? l->zone_min : 0};
}

/* What nobody measured or said, and the forecast needs all the same. */
static void assumed_lines(page *p, const json_t *holder) {
    const json_t *list = json_object_get(holder, "assumed"), *out = json_object_get(json_object_get(holder, "basis"), "left_out");
    if (json_array_size(list) + json_array_size(out)) fe__page_heading(p, "Assumed");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *x = json_array_get(list, i);
        fe__page_paragraph(p,
                           fe__printf(p->a, "  %s %s %s  ", fe__js(x, "item"), fe__say_figures(p->a, fe__jn(x, "value"), 3),
                                      fe__say_unit(p->a, fe__js(x, "unit"))),
                           INK_PLAIN, fe__js(x, "why"));
    }
    for (size_t i = 0; i < json_array_size(out); i++)
        fe__page_paragraph(p, fe__printf(p->a, "  %s  ", json_string_value(json_array_get(out, i))), INK_PLAIN,
                           "left out: its first score lies at a bound");
}

/* A result that the model cannot explain is named, with its odds. */
static void impossible_lines(page *p, const json_t *explains, const json_t *unexplained) {
    for (size_t i = 0; i < json_array_size(explains); i++) {
        const json_t *e = json_array_get(explains, i);
        double odds = fe__jn(e, "impossible");
        bool is_said = fe__streq(fe__js(e, "lab"), fe__js(unexplained, "lab")) &&
                       strcmp(fe__js(e, "drawn"), fe__js(unexplained, "since")) >= 0;
        if (odds < 0.5 || is_said) continue;
        fe__page_paragraph(
            p, "  caution ", INK_YELLOW,
            fe__printf(
                p->a,
                "%s %s %s of %.10s fits this patient's course badly: a chance of %s that it is a mix-up or a slip of the pen, or "
                "that something happened which the course does not say. It is not averaged in; look at it again.",
                fe__js(e, "lab"), fe__number_text(p->a, fe__jn(e, "value"), 1), fe__say_unit(p->a, fe__js(e, "unit")),
                fe__js(e, "drawn"), fe__say_chance(p->a, odds)));
    }
}

static void unexplained_line(page *p, const json_t *u) {
    if (json_is_object(u))
        fe__page_paragraph(
            p, "  caution ", INK_RED,
            fe__printf(p->a,
                       "The last %.0f results of %s, from %.10s on, lie %s what this course explains, and agree with each other: "
                       "something happened that it does not say (a bleed, an infection, another cause). Until it is found and "
                       "written down this forecast does not hold.",
                       fe__jn(u, "results"), fe__js(u, "lab"), fe__js(u, "since"), fe__js(u, "side")));
}

/* What the bands stand on, and what weakens them. */
static void basis_lines(page *p, const json_t *holder) {
    const json_t *b = json_object_get(holder, "basis"), *explains = json_object_get(b, "explains");
    static const char *const cautions[][2] = {
        {"labs_contradict", "These labs contradict each other or a steady state: the bands are made wider."},
        {"labs_unusual", "These labs are hardly ever seen together in such patients: look whether one of them is wrong."},
        {"leaves_range", "Hemoglobin may fall below what the model knows: such a loss calls for more than iron."},
        {"loses_faster_than_absorbed",
         "This patient loses iron faster than a gut can absorb it: values drift without treatment."}};
    double failed = fe__jn(b, "draws_failed"), draws = fe__jn(b, "draws");
    for (size_t i = 0; i < sizeof cautions / sizeof *cautions; i++)
        if (json_is_true(json_object_get(b, cautions[i][0]))) fe__page_paragraph(p, "  caution ", INK_YELLOW, cautions[i][1]);
    if (json_array_size(explains))
        fe__page_paragraph(p, "  based on ", INK_PLAIN,
                           fe__printf(p->a, "the labs of the start, and %zu later result%s: %.0f bodies fitted to them.",
                                      json_array_size(explains), json_array_size(explains) == 1 ? "" : "s", draws));
    unexplained_line(p, json_object_get(b, "unexplained"));
    impossible_lines(p, explains, json_object_get(b, "unexplained"));
    if (fe__jn(b, "infusions_beyond") > 0)
        fe__page_paragraph(
            p, "  caution ", INK_YELLOW,
            fe__printf(p->a, "%.0f of the infusions of this course lie behind the end of the forecast: more --weeks show them.",
                       fe__jn(b, "infusions_beyond")));
    if (failed > 0)
        fe__page_paragraph(p, "  caution ", INK_YELLOW,
                           fe__printf(p->a, "%.0f of %.0f bodies could not be played and are left out: %s.", failed,
                                      failed + draws, fe__js(b, "failure")));
}

/* One line for each option: what a reader compares. */
static void chances_lines(page *p, const json_t *options) {
    static const char *const shown[][2] = {{"both-goals", "both goals"},    {"hb-goal", "Hb goal"},
                                           {"hb-rise-2", "Hb 2 g/dL up"},   {"hypophosphatemia", "low phosphate"},
                                           {"rls-response", "legs better"}, {"fishbane", "reaction (model estimate)"}};
    fe__page_heading(p, "Chances");
    for (size_t i = 0; i < json_array_size(options); i++) {
        const json_t *o = json_array_get(options, i);
        text t;
        fe__text_init(&t, p->a);
        for (size_t k = 0; k < sizeof shown / sizeof shown[0]; k++) {
            double chance = fe__jn(json_object_get(json_object_get(o, "chances"), shown[k][0]), "p");
            if (!isnan(chance)) fe__text_addf(&t, "%s%s %s", t.n ? "; " : "", shown[k][1], fe__say_chance(p->a, chance));
            if (!isnan(chance) && fe__streq(shown[k][0], "fishbane")) fe__text_add(&t, fe__say_of_infusions(p->a, o));
        }
        fe__page_paragraph(p, fe__printf(p->a, "  %-16s ", fe__js(o, "product")), INK_BOLD, t.n ? t.s : "not modelled");
    }
}

void fe__page_plan_forecast(page *p, const json_t *root) {
    const json_t *options = json_object_get(root, "options"), *o = json_array_get(options, 0),
                 *x = json_object_get(o, "forecast");
    double chance;
    if (!x) return;
    fe__page_heading(p, fe__printf(p->a, "Forecast with %s", fe__js(o, "product")));
    if (!fe__streq(fe__js(x, "verdict"), "forecast")) {
        fe__page_paragraph(p, "  none: ", INK_YELLOW, fe__js(x, "why"));
        return;
    }
    report r = telling(p, root, x, o);
    const char *sentence = fe__goal_sentence(&r, &chance);
    if (*sentence) fe__page_paragraph(p, "  ", INK_PLAIN, sentence);
    basis_lines(p, x);
    if (r.l) curves(p, r.l, true);
    goals_lines(p, json_object_get(x, "goals"));
    chances_lines(p, options);
    assumed_lines(p, x);
    fe__page_paragraph(p, "  ", INK_DIM,
                       fe__printf(p->a,
                                  "%zu places where the model is known to be off stand in the page (--report) and in --json.",
                                  json_array_size(json_object_get(x, "misses"))));
}

void fe__page_forecast(page *p, const json_t *root) {
    report r = telling(p, root, root, NULL);
    const timeline *l = r.l;
    double chance;
    if (l) {
        const char *headline = fe__goal_headline(&r);
        if (*headline) fe__page_paragraph(p, fe__printf(p->a, "%s ", headline), INK_BOLD, fe__goal_sentence(&r, &chance));
        basis_lines(p, root);
        curves(p, l, false);
        goals_lines(p, json_object_get(root, "goals"));
        windows_lines(p, l);
        assumed_lines(p, root);
        misses_lines(p, json_object_get(root, "misses"));
        expectations_lines(p, json_object_get(root, "expectations"));
    } else {
        fe__page_paragraph(p, fe__printf(p->a, "Forecast: %s", fe__js(root, "verdict")), INK_RED, "");
        fe__page_paragraph(p, "  ", INK_PLAIN, fe__js(root, "why"));
    }
    fe__page_findings(p, root);
    fe__page_missing(p, root);
    fe__page_stamp(p, root);
}
