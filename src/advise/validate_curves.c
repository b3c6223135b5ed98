#include "advise/validate_curves.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "course/play_batch.h"
#include "infer/predict.h"

enum { DAY_H = 24, WEEK_H = 168, DURING_INFUSION = 4 };

/* ---- when to look ------------------------------------------------------------------------------------------------------------------ */

typedef struct hours {
    arena *a;
    double *list;
    size_t n, cap;
} hours;

static void look(hours *h, double t) {
    if (t >= 0) *FE_PUSH(h->a, h->list, h->n, h->cap) = t;
}

static void look_every(hours *h, double from, double to, double step) {
    for (size_t i = 0; from + step * (double)i < to; i++) look(h, from + step * (double)i);
    look(h, to);
}

/* Densely while the complex goes after the last infusion; less so between two, of which there may be many. */
static void look_at_drug(hours *h, const curves *c, double until) {
    static const struct { double to, fine, coarse; } grid[] = {{2, 0.05, 0.25}, {12, 0.25, 1}, {48, 1, 4}, {400, 4, 24}};
    for (size_t i = 0; i < c->doses_n; i++) {
        double from = c->ends[i], next = i + 1 < c->doses_n ? c->starts[i + 1] : until;
        look_every(h, c->starts[i], c->ends[i], (c->ends[i] - c->starts[i]) / DURING_INFUSION);
        for (size_t g = 0, k = 1; g < sizeof grid / sizeof *grid; k++) {
            double last = g ? grid[g - 1].to : 0, step = i + 1 == c->doses_n ? grid[g].fine : grid[g].coarse,
                   t = last + step * (double)k;
            if (from + t >= next) break;
            look(h, from + t);
            if (t >= grid[g].to) g++, k = 0;
        }
    }
    look(h, until);
}

static void look_for(hours *h, const curves *c, const reading *r) {
    double window = r->row->window_h;
    switch (r->measure) {
    case MEASURE_VALUE:
        if (r->when != WHEN_AT) look_every(h, DAY_H, r->time_h, DAY_H);
        look(h, r->time_h);
        return;
    case MEASURE_SERUM_IRON:
        if (r->timed) look(h, r->time_h);
        else look_at_drug(h, c, fe__last_dose_end(c) + window);
        return;
    case MEASURE_FOLD:
    case MEASURE_HB_RESPONSE:
    case MEASURE_PER_MG: look(h, r->time_h); return;
    case MEASURE_DURATION:
    case MEASURE_ONSET:
    case MEASURE_DAY_OF_MOST:
    case MEASURE_DAY_OF_LEAST:
    case MEASURE_RELAPSE: look_every(h, DAY_H, window, DAY_H); return;
    case MEASURE_DECLINE: look_every(h, r->row->from_h, window, WEEK_H); return;
    case MEASURE_AVAILABLE: look(h, r->time_h); return;
    case MEASURE_RISK: look(h, fe__last_dose_end(c) + window); return;
    case MEASURE_VOLUME:
    case MEASURE_VMAX:
    case MEASURE_NONE:
    case MEASURE_COUNT: return;
    case MEASURE_ELIMINATION:
        look(h, fe__last_dose_end(c));
        look(h, fe__last_dose_end(c) + window);
        return;
    case MEASURE_CMAX:
    case MEASURE_TMAX:
    case MEASURE_AUC:
    case MEASURE_AUC_TOTAL:
    case MEASURE_HALF_LIFE:
    case MEASURE_CLEARANCE:
    case MEASURE_DONATED: look_at_drug(h, c, fe__last_dose_end(c) + window); return;
    }
}

static int ascending(const void *one, const void *two) {
    double a = *(const double *)one, b = *(const double *)two;
    return (a > b) - (a < b);
}

static void set_times(arena *a, const curves_ask *ask, curves *c) {
    hours h = {.a = a};
    look(&h, 0);
    for (size_t i = 0; i < ask->readings_n; i++) look_for(&h, c, ask->readings[i]);
    qsort(h.list, h.n, sizeof *h.list, ascending);
    size_t n = 1;
    for (size_t i = 1; i < h.n; i++)
        if (h.list[i] > h.list[n - 1]) h.list[n++] = h.list[i];
    c->times = h.list;
    c->times_n = n;
}

/* ---- what to keep ------------------------------------------------------------------------------------------------------------------ */

static int code_of(watched w) { return w.state ? OBSERVED + w.which : w.which; }

static void keep(curves *c, bool state, int which) {
    int *place = &c->place[code_of((watched){state, which})];
    if (*place < 0) *place = (int)c->columns_n++;
}

static void keep_for(curves *c, const reading *r) {
    keep(c, r->what.state, r->what.which);
    if (r->measure == MEASURE_SERUM_IRON) keep(c, false, OBSERVED_PK_iron);
    if (r->measure == MEASURE_AUC_TOTAL) keep(c, false, OBSERVED_C_drug);
    if (r->measure == MEASURE_ELIMINATION || r->measure == MEASURE_AVAILABLE || r->measure == MEASURE_DONATED) {
        keep(c, true, ST_D);
        keep(c, true, ST_D2);
        keep(c, true, ST_ML);
    }
}

/* ---- what is given ----------------------------------------------------------------------------------------------------------------- */

/* Iron in so many equal doses. No iron in doses is a placebo: something runs in, so that the usual response to that begins. */
static const body_event *events_of(arena *a, const curves_ask *ask, curves *c, size_t *n) {
    static const double placebo_mg = 1e-9;
    size_t doses = (size_t)ask->n_doses;
    double lasts = ask->infusion_min / 60, mg = doses ? fmax(ask->dose_mg, placebo_mg) / (double)doses : 0;
    double *starts = FE_NEW_ARRAY(a, double, doses + 1), *ends = FE_NEW_ARRAY(a, double, doses + 1);
    body_event *list = FE_NEW_ARRAY(a, body_event, 2 * doses + 1);
    for (size_t i = 0; i < doses; i++) {
        starts[i] = i ? DAY_H * ask->interval_days * (double)i : 0;
        ends[i] = starts[i] + lasts;
        list[2 * i] =
            (body_event){.t = starts[i], .kind = BODY_RATE, .formulation = c->formulation, .amount = mg / lasts, .place = 2 * i};
        list[2 * i + 1] = (body_event){.t = ends[i], .kind = BODY_RATE, .formulation = KEEP_FORMULATION, .place = 2 * i + 1};
    }
    *n = 2 * doses;
    if (ask->esa_drive > 0) {
        list[*n] = (body_event){.kind = BODY_ESA, .amount = ask->esa_drive, .place = *n};
        ++*n;
    }
    fe__events_sort(list, *n);
    c->starts = starts;
    c->ends = ends;
    c->doses_n = doses;
    return list;
}

/* ---- playing ----------------------------------------------------------------------------------------------------------------------- */

typedef struct playing {
    curves *c;
    const curves_ask *ask;
} playing;

static bool start_one(void *context, size_t k, body *b, double *y) {
    const people *p = ((playing *)context)->c->who;
    if (!p->starts[k]) return false;
    *b = p->bodies[k];
    memcpy(y, p->y[k], STATES * sizeof *y);
    return true;
}

static void keep_one(void *context, size_t k, size_t i, const double *y, const double *o) {
    curves *c = ((playing *)context)->c;
    double *at = &c->values[i * c->columns_n * c->who->n + k];
    for (int w = 0; w < CURVES_MAX; w++)
        if (c->place[w] >= 0) at[(size_t)c->place[w] * c->who->n] = w < OBSERVED ? o[w] : y[w - OBSERVED];
}

static void end_one(void *context, size_t k, solve_status s) { ((playing *)context)->c->played[k] = s == SOLVE_OK; }

static void tell(void *context, size_t done) {
    const curves_ask *ask = ((playing *)context)->ask;
    if (ask->progress) ask->progress(ask->context, done);
}

bool fe__curves(arena *a, const curves_ask *ask, curves *c) {
    size_t events_n;
    *c = (curves){.m = ask->m, .who = ask->who, .formulation = ask->formulation, .dose_mg = ask->dose_mg};
    const body_event *events = events_of(a, ask, c, &events_n);
    for (int w = 0; w < CURVES_MAX; w++) c->place[w] = -1;
    for (size_t i = 0; i < ask->readings_n; i++) keep_for(c, ask->readings[i]);
    set_times(a, ask, c);
    c->values = FE_NEW_ARRAY(a, double, c->times_n * c->columns_n * c->who->n + 1);
    c->played = FE_NEW_ARRAY(a, bool, c->who->n);
    playing p = {c, ask};
    bool done = fe__play_batch(&(batch_play){.m = ask->m,
                                             .events = events,
                                             .events_n = events_n,
                                             .times = c->times,
                                             .times_n = c->times_n,
                                             .n = c->who->n,
                                             .part = BATCH_ALL,
                                             .rtol = fe__draws_rtol,
                                             .threads = ask->threads,
                                             .context = &p,
                                             .body = start_one,
                                             .output = keep_one,
                                             .done = end_one,
                                             .progress = tell},
                               NULL);
    for (size_t k = 0; k < c->who->n; k++) c->failed += !c->played[k];
    return done;
}

double fe__curve_at(const curves *c, watched what, size_t time, size_t patient) {
    int place = c->place[code_of(what)];
    assert(place >= 0);
    return c->values[(time * c->columns_n + (size_t)place) * c->who->n + patient];
}

size_t fe__curve_time(const curves *c, double hour) {
    size_t low = 0, high = c->times_n - 1;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (c->times[middle] < hour) low = middle + 1;
        else high = middle;
    }
    assert(c->times[low] == hour);
    return low;
}

double fe__last_dose_end(const curves *c) { return c->doses_n ? c->ends[c->doses_n - 1] : 0; }
