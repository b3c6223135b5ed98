/* One panel of a forecast: half and nine in ten of like patients as two bands, the middle as a line, what was measured as discs. */
#include <math.h>
#include <stdlib.h>

#include "report/chart.h"
#include "report/markup.h"
#include "report/page.h"
#include "report/say.h"

enum { GRID_MOST = 3, STRIP = 20, NEAR = 12 };

typedef struct panel {
    drawing *d;
    const fan *f;
    scale y;
    double top, foot; /* of the plot, below the strip of windows */
    double strip;     /* height of that strip; 0 when there is none */
    size_t *kept;     /* the points worth drawing */
    size_t kept_n;
} panel;

static bool is_of(const panel *p, const measured *m) {
    return fe__streq(m->lab, p->f->what->id) && fe__streq(m->unit, p->f->unit) && isfinite(m->value) && m->day >= p->d->l->from &&
           m->day <= p->d->l->to;
}

static void set_range(panel *p) {
    const fan *f = p->f;
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < f->n; i++) {
        low = fmin(low, f->p5[i]);
        high = fmax(high, f->p95[i]);
        if (f->other) low = fmin(low, f->other[i]), high = fmax(high, f->other[i]);
    }
    for (size_t i = 0; i < p->d->l->labs_n; i++) {
        const measured *m = &p->d->l->labs[i];
        if (is_of(p, m)) low = fmin(low, m->value), high = fmax(high, m->value);
    }
    for (size_t i = 0; i < f->bars_n; i++)
        low = fmin(low, f->bars[i].p5), high = fmax(high, f->bars[i].p95); /* fmin passes over NaN */
    if (!isnan(f->goal)) low = fmin(low, f->goal), high = fmax(high, f->goal);
    fe__widen(&low, &high, 0.07);
    if (f->what->most > 0) high = fmin(high, f->what->most);
    p->y = (scale){high, low, p->top, p->foot};
}

/* ---- which points ---------------------------------------------------------------------------------------------------------------- */

/* How far a curve at point k lies from the straight line between i and j, in pixels. */
static double off(const panel *p, const double *v, size_t i, size_t k, size_t j) {
    const double *t = p->f->t;
    double straight = v[i] + (v[j] - v[i]) * (t[k] - t[i]) / (t[j] - t[i]);
    return fabs(fe__lie(&p->y, v[k]) - fe__lie(&p->y, straight));
}

static bool is_straight(const panel *p, size_t i, size_t j) {
    static const double allowed_px = 0.3;
    const double *curves[] = {p->f->p5, p->f->p25, p->f->p50, p->f->p75, p->f->p95, p->f->other};
    if (!(p->f->t[j] > p->f->t[i])) return false;
    for (size_t k = i + 1; k < j; k++)
        for (size_t c = 0; c < sizeof curves / sizeof curves[0]; c++)
            if (curves[c] && off(p, curves[c], i, k, j) > allowed_px) return false;
    return true;
}

/* Points on a straight line between others need no ink: a page stays small, and looks the same. */
static void keep_points(panel *p) {
    size_t n = p->f->n;
    p->kept = FE_NEW_ARRAY(p->d->a, size_t, n);
    for (size_t i = 0; i < n;) {
        p->kept[p->kept_n++] = i;
        size_t j = i + 1;
        while (j + 1 < n && is_straight(p, i, j + 1)) j++;
        i = j;
    }
}

/* ---- lines and bands --------------------------------------------------------------------------------------------------------------- */

/* A path in tenths of a pixel, each point as its way from the one before: half the bytes of places. The ways are between rounded places,
 * so that no error adds up. */
typedef struct way {
    long x, y;
    bool begun;
} way;

static void tenths(text *t, long v) {
    fe__text_addf(t, "%s%ld", v < 0 ? "-" : "", labs(v) / 10);
    if (v % 10) fe__text_addf(t, ".%ld", labs(v) % 10);
}

static void point(panel *p, way *w, const double *v, size_t i) {
    text *t = &p->d->panels;
    long x = lround(10 * fe__lie_within(&p->d->x, p->f->t[i])), y = lround(10 * fe__lie_within(&p->y, v[i]));
    long dx = w->begun ? x - w->x : x, dy = w->begun ? y - w->y : y;
    if (w->begun && dx == 0 && dy == 0) return;
    if (w->begun && dx >= 0) fe__text_add(t, " ");
    tenths(t, dx);
    if (dy >= 0) fe__text_add(t, " ");
    tenths(t, dy);
    if (!w->begun) fe__text_add(t, "l"); /* what follows are ways */
    *w = (way){x, y, true};
}

static void band(panel *p, const char *class, const double *low, const double *high) {
    way w = {0};
    fe__html(&p->d->panels, "<path class=\"%s\" d=\"M", class);
    for (size_t k = 0; k < p->kept_n; k++) point(p, &w, high, p->kept[k]);
    for (size_t k = p->kept_n; k-- > 0;) point(p, &w, low, p->kept[k]);
    fe__html(&p->d->panels, "Z\"/>");
}

static void line(panel *p, const char *class, const double *v, double from, double to) {
    way w = {0};
    for (size_t k = 0; k < p->kept_n; k++) {
        size_t i = p->kept[k];
        bool next_in = k + 1 < p->kept_n && p->f->t[p->kept[k + 1]] > from;
        if (p->f->t[i] < from && !next_in) continue;
        if (!w.begun) fe__html(&p->d->panels, "<path class=\"%s\" d=\"M", class);
        point(p, &w, v, i);
        if (p->f->t[i] >= to) break;
    }
    if (w.begun) fe__html(&p->d->panels, "\"/>");
}

/* Thinner where it tells of what has passed. */
static void middle(panel *p) {
    double now = p->d->l->now;
    if (p->f->t[0] < now) line(p, "med fit", p->f->p50, -INFINITY, now);
    line(p, "med", p->f->p50, now, INFINITY);
    if (p->f->other) line(p, "med alone", p->f->other, -INFINITY, INFINITY);
}

/* ---- grid and goal ------------------------------------------------------------------------------------------------------------------- */

static void goal(panel *p) {
    if (isnan(p->f->goal)) return;
    drawing *d = p->d;
    double y = fe__lie(&p->y, p->f->goal);
    const char *words = fe__printf(d->a, d->above ? "%s" : "goal %s", fe__say_number(d->a, p->f->goal, 1));
    fe__html(&d->panels, "<line class=\"goal\" x1=\"%f\" x2=\"%f\" y1=\"%f\" y2=\"%f\"/>", d->x.x0, d->x.x1, y, y);
    fe__html(&d->panels, "<text class=\"gt\" x=\"%f\" y=\"%f\" text-anchor=\"end\">%s</text>", d->x.x0 - 7, y + 4, words);
}

static void grid(panel *p) {
    drawing *d = p->d;
    ticks t = fe__ticks(p->y.v1, p->y.v0, GRID_MOST);
    for (int i = 0; i < t.count; i++) {
        double v = fe__tick(&t, i), y = fe__lie(&p->y, v);
        if (p->foot - y > 1)
            fe__html(&d->panels, "<line class=\"grid\" x1=\"%f\" x2=\"%f\" y1=\"%f\" y2=\"%f\"/>", d->x.x0, d->x.x1, y, y);
        if (!isnan(p->f->goal) && fabs(y - fe__lie(&p->y, p->f->goal)) < NEAR) continue;
        fe__html(&d->panels, "<text class=\"ax\" x=\"%f\" y=\"%f\" text-anchor=\"end\">%s</text>", d->x.x0 - 7, y + 4,
                 fe__say_fixed(d->a, v, t.decimals));
    }
    fe__html(&d->panels, "<line class=\"tick\" x1=\"%f\" x2=\"%f\" y1=\"%f\" y2=\"%f\"/>", d->x.x0, d->x.x1, p->foot, p->foot);
}

/* ---- what was foreseen of each lab -------------------------------------------------------------------------------------------------- */

static void bars(panel *p) {
    drawing *d = p->d;
    static const double half_px = 6;
    for (size_t i = 0; i < p->f->bars_n; i++) {
        const bar *b = &p->f->bars[i];
        if (isnan(b->p50) || b->day < d->l->from || b->day > d->l->to) continue;
        double x = fe__lie(&d->x, b->day), top = fe__lie_within(&p->y, b->p95), foot = fe__lie_within(&p->y, b->p5),
               y = fe__lie_within(&p->y, b->p50);
        fe__html(&d->panels, "<rect class=\"%s\" x=\"%f\" y=\"%f\" width=\"%f\" height=\"%f\"/>", p->f->n ? "was" : "f90",
                 x - half_px, top, 2 * half_px, foot - top);
        fe__html(&d->panels, "<path class=\"med\" d=\"M%f %fh%f\"/>", x - half_px, y, 2 * half_px);
    }
}

/* Behind the panel: the newest value and what it means. */
static void told_bar(panel *p) {
    drawing *d = p->d;
    const bar *b = &p->f->bars[p->f->bars_n - 1];
    const char *reading = fe__say_id_lower(d->a, b->reading);
    if (d->above) {
        fe__html(&d->panels, "<text class=\"fcb\" x=\"%f\" y=\"%f\" text-anchor=\"end\">%s</text>", d->x.x1,
                 p->top - p->strip - 10, reading);
        return;
    }
    double y = p->top - p->strip + 11;
    fe__html(&d->panels, "<text class=\"xs\" x=\"%f\" y=\"%f\">newest: %s</text>", d->label_x, y, b->value);
    fe__html(&d->panels, "<text class=\"fcb\" x=\"%f\" y=\"%f\">%s</text>", d->label_x, y + 16, reading);
    if (*b->place) fe__html(&d->panels, "<text class=\"fc\" x=\"%f\" y=\"%f\">%s</text>", d->label_x, y + 31, b->place);
}

/* ---- windows of trust ------------------------------------------------------------------------------------------------------------------ */

static const struct {
    const char *id, *words, *brief;
    int hatch; /* 0: clear */
} trusts[] = {{"not-interpretable", "Too early to judge", "Too early", 1},
              {"provisional", "Read with care", "With care", 2},
              {"reliable", "Can be trusted", "Trusted", 0}};

static void window(panel *p, const trust *w) {
    drawing *d = p->d;
    double from = fe__lie_within(&d->x, w->from), to = fe__lie_within(&d->x, w->to), head = p->top - p->strip;
    size_t n = sizeof trusts / sizeof trusts[0], i = 0;
    while (i < n && !fe__streq(trusts[i].id, w->id)) i++;
    if (to - from < 1 || i == n) return;
    if (trusts[i].hatch)
        fe__html(&d->panels, "<rect class=\"hatch\" x=\"%f\" y=\"%f\" width=\"%f\" height=\"%f\" fill=\"url(#%s-h%d)\"/>", from,
                 p->top, to - from, p->foot - p->top, d->ask->key, trusts[i].hatch);
    fe__html(&d->panels, "<path class=\"brace\" d=\"M%f %fv%fH%fv%f\"/>", from, p->top, -p->strip, to, p->strip);
    const char *words = fe__width_of(trusts[i].words, 12.5) + 10 < to - from ? trusts[i].words : trusts[i].brief;
    if (fe__width_of(words, 12.5) + 6 < to - from)
        fe__html(&d->panels, "<text class=\"wt\" x=\"%f\" y=\"%f\" text-anchor=\"middle\">%s</text>", (from + to) / 2, head + 15,
                 words);
}

static bool has_windows(const drawing *d, const fan *f) {
    for (size_t i = 0; i < d->l->windows_n; i++)
        if (fe__streq(d->l->windows[i].lab, f->what->id)) return true;
    return false;
}

static void windows(panel *p) {
    for (size_t i = 0; p->strip > 0 && i < p->d->l->windows_n; i++)
        if (fe__streq(p->d->l->windows[i].lab, p->f->what->id)) window(p, &p->d->l->windows[i]);
}

/* ---- what was measured ------------------------------------------------------------------------------------------------------------------- */

/* The place of a value's words, moved off the line of today, to the side on which the value lies. */
static double beside_today(const drawing *d, double at, double half, double x) {
    double line_x = fe__lie(&d->x, d->l->now);
    if (fabs(at - line_x) > half + 2) return at;
    double before = line_x - half - 4;
    return x < line_x - 1 && before - half >= d->x.x0 ? before : line_x + half + 6;
}

/* All as discs; values from the newest back, while they have room. */
static void discs(panel *p) {
    drawing *d = p->d;
    double free_x = INFINITY;
    for (size_t i = d->l->labs_n; i-- > 0;) {
        const measured *m = &d->l->labs[i];
        if (!is_of(p, m)) continue;
        double x = fe__lie(&d->x, m->day), y = fe__lie_within(&p->y, m->value), half = fe__width_of(m->words, 12.5) / 2 + 2;
        fe__html(&d->panels, "<circle class=\"pt\" cx=\"%f\" cy=\"%f\" r=\"5\"/>", x, y);
        double at = beside_today(d, fmin(fmax(x, d->x.x0 + half), d->x.x1 - half), half, x);
        if (at + half > free_x) continue;
        bool below = y - 22 < p->top - p->strip;
        fe__html(&d->panels, "<text class=\"meas halo\" x=\"%f\" y=\"%f\" text-anchor=\"middle\">%s</text>", at,
                 below ? y + 18 : y - 10, m->words);
        free_x = at - half;
    }
}

/* ---- words around it ----------------------------------------------------------------------------------------------------------------------- */

/* The point that the words behind the line tell of: the last, or the highest where that tells more. */
static size_t told_point(const fan *f) {
    size_t at = f->n - 1;
    for (size_t i = 0; f->what->peaks && i < f->n; i++)
        if (f->p50[i] > f->p50[at]) at = i;
    return at;
}

/* How many turn low, beside the phosphate. */
static double low_chance(const panel *p) {
    return fe__streq(p->f->what->id, "phosphate") ? fe__jn(json_object_get(p->d->ask->chances, "hypophosphatemia"), "p") : NAN;
}

/* Behind the end of the line: where, the nine in ten, the middle. */
static void ending(panel *p) {
    drawing *d = p->d;
    const fan *f = p->f;
    size_t end = told_point(f);
    double low = low_chance(p);
    const char *range = fe__printf(d->a, "%s to %s", fe__quantity_words(d->a, f->what, f->p5[end]),
                                   fe__quantity_words(d->a, f->what, f->p95[end]));
    const char *center = fe__printf(d->a, "middle %s", fe__quantity_words(d->a, f->what, f->p50[end])),
               *when = f->what->peaks ? "highest" : fe__timeline_when(d->l, f->t[end]);
    if (d->above) {
        fe__html(&d->panels, "<text class=\"fcb\" x=\"%f\" y=\"%f\" text-anchor=\"end\">%s</text>", d->x.x1,
                 p->top - p->strip - 10, range);
        return;
    }
    double y = fmin(fmax(fe__lie(&p->y, f->p50[end]) - 10, p->top - p->strip + 11), p->foot - (isnan(low) ? 30 : 46));
    fe__html(&d->panels, "<text class=\"xs\" x=\"%f\" y=\"%f\">9 in 10, %s</text>", d->label_x, y, when);
    fe__html(&d->panels, "<text class=\"fcb\" x=\"%f\" y=\"%f\">%s</text>", d->label_x, y + 16, range);
    fe__html(&d->panels, "<text class=\"fc\" x=\"%f\" y=\"%f\">%s</text>", d->label_x, y + 31, center);
    if (!isnan(low))
        fe__html(&d->panels, "<text class=\"fc\" x=\"%f\" y=\"%f\">low in %s</text>", d->label_x, y + 46,
                 fe__say_chance(d->a, low));
}

static void names(panel *p) {
    drawing *d = p->d;
    const char *misses = fe__miss_numbers(d->a, d->ask->misses, p->f->what->id);
    double y = p->top - p->strip;
    fe__draw_name(d, d->above ? y - 10 : y + 12, p->f->what->title, p->f->unit);
    if (*misses && !d->above) fe__html(&d->panels, "<text class=\"xs\" x=\"0\" y=\"%f\">misses %s</text>", y + 46, misses);
    if (p->f->other && !d->above)
        fe__html(&d->panels, "<text class=\"fc\" x=\"0\" y=\"%f\">dashed line:<tspan x=\"0\" dy=\"15\">drug alone</tspan></text>",
                 y + (*misses ? 62 : 48));
    if (*p->f->unvalidated)
        fe__html(&d->panels, "<text class=\"xs halo\" x=\"%f\" y=\"%f\">%s</text>", fe__lie_within(&d->x, d->l->now) + 8,
                 p->top + 12, p->f->unvalidated);
}

void fe__draw_fan(drawing *d, const fan *f) {
    panel p = {.d = d, .f = f, .strip = has_windows(d, f) ? STRIP : 0};
    p.top = d->y + p.strip;
    p.foot = p.top + f->what->height;
    set_range(&p);
    keep_points(&p);
    fe__html(&d->panels, "<g data-series=\"%s\"", f->what->id);
    fe__text_addf(&d->panels, " data-y0=\"%.1f\" data-y1=\"%.1f\" data-v0=\"%.9g\" data-v1=\"%.9g\">", p.y.x0, p.y.x1, p.y.v0,
                  p.y.v1);
    windows(&p);
    grid(&p);
    if (f->n) {
        band(&p, "f90", f->p5, f->p95);
        band(&p, "f50", f->p25, f->p75);
        middle(&p);
    }
    bars(&p);
    goal(&p);
    discs(&p);
    names(&p);
    if (f->n) ending(&p);
    else told_bar(&p);
    fe__html(&d->panels, "</g>\n");
    d->y = p.foot;
}
