/* The frame of a chart: the axis of time, the day of today, panels in order; see chart.h. */
#include "report/chart.h"

#include <math.h>
#include <string.h>

#include "report/markup.h"
#include "report/page.h"
#include "report/say.h"

enum { WEEK = 7, AXIS_HEIGHT = 54, GAP = 20, HEAD_ABOVE = 22 };

double fe__width_of(const char *words, double size) {
    static const double mean_letter = 0.55; /* of Plex Sans, in its size */
    return mean_letter * size * (double)fe__utf8_length(words);
}

void fe__draw_name(drawing *d, double y, const char *name, const char *second) {
    fe__html(&d->panels, "<text class=\"lb\" x=\"0\" y=\"%f\">%s", y, name);
    if (d->above) fe__html(&d->panels, "<tspan class=\"sm\" dx=\"6\">%s</tspan></text>", second);
    else fe__html(&d->panels, "</text><text class=\"sm\" x=\"0\" y=\"%f\">%s</text>", y + 17, second);
}

/* ---- the axis ------------------------------------------------------------------------------------------------------------------ */

/* Weeks between two labels: as few as leave each its room; a label with a date needs more. */
static int week_step(const drawing *d) {
    static const int steps[] = {1, 2, 4, 8, 13, 26, 52, 104};
    double week = fe__lie(&d->x, WEEK) - fe__lie(&d->x, 0);
    size_t last = sizeof steps / sizeof steps[0] - 1;
    for (size_t i = 0; i < last; i++)
        if (steps[i] * week >= (steps[i] < 4 ? 60 : 62)) return steps[i];
    return steps[last];
}

static void axis_label(drawing *d, double x, int week, int step) {
    long today = fe__timeline_today(d->l), day = fe__timeline_day(d->l, WEEK * week);
    bool dated = step >= 4 || week % 4 == 0;
    const char *words = week == 0 && d->l->doses_n == 0 ? "today" : fe__printf(d->a, dated ? "week %d" : "%d", week);
    fe__html(&d->under, "<line class=\"grid\" x1=\"%f\" x2=\"%f\" y1=\"%d\" y2=\"%f\"/>", x, x, AXIS_HEIGHT, d->y);
    fe__html(&d->under, "<text class=\"%s\" x=\"%f\" y=\"32\" text-anchor=\"middle\">%s</text>", dated ? "axb" : "ax", x, words);
    if (dated)
        fe__html(&d->under, "<text class=\"ax\" x=\"%f\" y=\"46\" text-anchor=\"middle\">%s</text>", x,
                 fe__say_day(d->a, day, today));
}

static void axis(drawing *d) {
    int step = week_step(d), first = (int)ceil(d->l->from / WEEK / step);
    for (int week = first * step;; week += step) {
        double day = WEEK * week, x = fe__lie(&d->x, day);
        if (day > d->l->to + 0.5) break;
        if (x > d->x.x1 - 4 && d->above) x = d->x.x1; /* the last label of a phone ends at the edge */
        axis_label(d, x, week, step);
    }
    fe__html(&d->under, "<line class=\"tick\" x1=\"%f\" x2=\"%f\" y1=\"%d\" y2=\"%d\"/>", d->x.x0, d->x.x1, AXIS_HEIGHT,
             AXIS_HEIGHT);
}

/* From each bar down through all panels: when iron came. */
static void dose_lines(drawing *d, double from) {
    for (size_t i = 0; i < d->l->doses_n; i++) {
        double day = d->l->doses[i].day, x = fe__lie(&d->x, day);
        if (day >= d->l->from && day <= d->l->to)
            fe__html(&d->under, "<line class=\"ironl\" x1=\"%f\" x2=\"%f\" y1=\"%f\" y2=\"%f\"/>", x, x, from, d->y);
    }
}

/* Would a line at x run through a label of the axis? */
static bool is_near_label(const drawing *d, double x) {
    static const double half_label = 28;
    int step = week_step(d), week = (int)lround(d->l->now / WEEK / step) * step;
    return fabs(fe__lie(&d->x, WEEK * week) - x) < half_label;
}

/* The flag lies in a row of its own, so that it covers no label. */
static void today(drawing *d) {
    if (d->l->now < d->l->from || d->l->now > d->l->to) return;
    double x = fe__lie(&d->x, d->l->now);
    const char *words = fe__printf(d->a, "today %s", fe__say_day(d->a, fe__timeline_today(d->l), fe__timeline_today(d->l)));
    double width = fe__width_of(words, 12) + 14, left = fmin(fmax(x - width / 2, 0), d->width - width);
    fe__html(&d->over, "<line class=\"now\" x1=\"%f\" x2=\"%f\" y1=\"%d\" y2=\"%f\"/>", x, x,
             is_near_label(d, x) ? AXIS_HEIGHT : 18, d->y);
    fe__html(&d->over, "<rect class=\"flag\" x=\"%f\" y=\"0\" width=\"%f\" height=\"18\"/>", left, width);
    fe__html(&d->over, "<text class=\"flagt\" x=\"%f\" y=\"13\" text-anchor=\"middle\">%s</text>", left + width / 2, words);
}

/* ---- the sentence -------------------------------------------------------------------------------------------------------------- */

/* "Hemoglobin, g/dL: 9.3 at day 7 (foreseen 9.4, 9 in 10 from 8.8 to 10.1); ..." */
static const char *bars_sentence(const timeline *l, const fan *f) {
    text t;
    fe__text_init(&t, l->a);
    fe__text_addf(&t, "%s%s%s:", f->what->title, *f->unit ? ", " : "", f->unit);
    for (size_t i = 0; i < f->bars_n; i++) {
        const bar *b = &f->bars[i];
        fe__text_addf(&t, "%s %s at %s", i ? ";" : "", b->value, fe__timeline_when(l, b->day));
        if (!isnan(b->p50))
            fe__text_addf(&t, " (foreseen %s, 9 in 10 from %s to %s)", fe__quantity_words(l->a, f->what, b->p50),
                          fe__quantity_words(l->a, f->what, b->p5), fe__quantity_words(l->a, f->what, b->p95));
    }
    fe__text_add(&t, ".");
    return t.s;
}

const char *fe__chart_sentence(const timeline *l, const fan *f) {
    arena *a = l->a;
    if (f->n == 0) return bars_sentence(l, f);
    size_t end = f->n - 1;
    return fe__printf(a, "%s, forecast: middle %s at %s and %s at %s, where 9 in 10 fall between %s and %s%s%s.", f->what->title,
                      fe__quantity_words(a, f->what, f->p50[0]), fe__timeline_when(l, f->t[0]),
                      fe__quantity_words(a, f->what, f->p50[end]), fe__timeline_when(l, f->t[end]),
                      fe__quantity_words(a, f->what, f->p5[end]), fe__quantity_words(a, f->what, f->p95[end]),
                      *f->unit ? " " : "", f->unit);
}

const char *fe__miss_numbers(arena *a, const json_t *misses, const char *id) {
    text t;
    fe__text_init(&t, a);
    for (size_t i = 0; i < json_array_size(misses); i++) {
        const char *endpoint = fe__js(json_array_get(misses, i), "endpoint");
        if (fe__streq(endpoint, id) || fe__goal_means(endpoint, id)) fe__text_addf(&t, "%s%zu", t.n ? ", " : "", i + 1);
    }
    return t.n ? t.s : "";
}

/* ---- the whole ------------------------------------------------------------------------------------------------------------------ */

static void set_look(drawing *d) {
    static const struct {
        double width, left, right;
        bool above;
    } looks[] = {
        [LOOK_WIDE] = {1004, 132, 122, false}, [LOOK_MIDDLE] = {728, 124, 112, false}, [LOOK_PHONE] = {340, 46, 4, true}};
    d->width = looks[d->ask->look].width;
    d->above = looks[d->ask->look].above;
    d->x = (scale){d->l->from, d->l->to, looks[d->ask->look].left, d->width - looks[d->ask->look].right};
    d->label_x = d->x.x1 + 12;
}

/* Hatching: denser means believe it less. */
static void patterns(text *t, const char *key) {
    static const int gaps[] = {5, 11};
    fe__html(t, "<defs>");
    for (int i = 0; i < 2; i++)
        fe__html(
            t,
            "<pattern id=\"%s-h%d\" width=\"%d\" height=\"%d\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">"
            "<line class=\"hl\" x1=\"0\" y1=\"0\" x2=\"0\" y2=\"%d\"/></pattern>",
            key, i + 1, gaps[i], gaps[i], gaps[i]);
    fe__html(t, "</defs>");
}

static void opening(text *t, const drawing *d) {
    static const char *const names[] = {[LOOK_WIDE] = "wide", [LOOK_MIDDLE] = "middle", [LOOK_PHONE] = "phone"};
    fe__html(t,
             "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart %s\" role=\"img\" aria-label=\"%s\" viewBox=\"0 0 %f %f\" "
             "width=\"%f\" height=\"%f\"",
             names[d->ask->look], d->ask->label, d->width, d->y + 2, d->width, d->y + 2);
    /* What a script needs to lay a hairline over the drawing: days at both ends of the axis, and their places. */
    fe__text_addf(t, " data-t0=\"%.0f\" data-day0=\"%.4f\" data-day1=\"%.4f\" data-x0=\"%.1f\" data-x1=\"%.1f\">", d->l->t0,
                  d->x.v0, d->x.v1, d->x.x0, d->x.x1);
}

void fe__chart(text *t, const timeline *l, const chart_ask *ask) {
    drawing d = {.a = l->a, .l = l, .ask = ask, .y = AXIS_HEIGHT};
    fe__text_init(&d.under, l->a);
    fe__text_init(&d.panels, l->a);
    fe__text_init(&d.over, l->a);
    set_look(&d);
    double foot = AXIS_HEIGHT;
    if (ask->rows) {
        fe__draw_doses(&d);
        foot = d.y;
        fe__draw_labs(&d);
    }
    for (size_t i = 0; i < ask->fans_n; i++) {
        d.y += GAP + (d.above ? HEAD_ABOVE : 0);
        fe__draw_fan(&d, ask->fans[i]);
    }
    axis(&d);
    dose_lines(&d, foot);
    today(&d);
    opening(t, &d);
    patterns(t, ask->key);
    fe__html(t, "%S%S%S</svg>\n", d.under.n ? d.under.s : "", d.panels.n ? d.panels.s : "", d.over.n ? d.over.s : "");
}
