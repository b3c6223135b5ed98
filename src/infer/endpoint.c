#include "infer/endpoint.h"

#include <assert.h>
#include <math.h>

#include "base/crew.h"

/* ---- the plan ---------------------------------------------------------------------------------------------------------------------- */

/* The endpoints that look at one output time; some only for where they began. */
typedef struct endpoint_visit {
    const size_t *endpoints;
    size_t n;
} endpoint_visit;

static bool in_window(const endpoint *e, double t) { return e->kind == ENDPOINT_AT ? t == e->from : t >= e->from && t <= e->to; }

static bool looks_at(const endpoint *e, const double *times, size_t i) { return in_window(e, times[i]) || (e->change && i == 0); }

static endpoint_visit visit_of(arena *a, const endpoint *endpoints, size_t n, const double *times, size_t i) {
    size_t *list = FE_NEW_ARRAY(a, size_t, n + 1), count = 0;
    for (size_t e = 0; e < n; e++)
        if (looks_at(&endpoints[e], times, i)) list[count++] = e;
    return (endpoint_visit){list, count};
}

static size_t times_in_window(const endpoint *e, const double *times, size_t n) {
    size_t in = 0;
    for (size_t i = 0; i < n; i++) in += in_window(e, times[i]);
    return in;
}

const endpoint_plan *fe__endpoint_plan(arena *a, const endpoint *endpoints, size_t n, const double *times, size_t times_n) {
    endpoint_plan *p = FE_NEW(a, endpoint_plan);
    endpoint_visit *visits = FE_NEW_ARRAY(a, endpoint_visit, times_n + 1);
    summary_scale *scales = FE_NEW_ARRAY(a, summary_scale, n + 1);
    for (size_t e = 0; e < n; e++) {
        size_t least = endpoints[e].kind == ENDPOINT_OVER || endpoints[e].kind == ENDPOINT_UNDER ? 2 : 1;
        assert(times_in_window(&endpoints[e], times, times_n) >= least);
        scales[e] = endpoints[e].scale;
    }
    for (size_t i = 0; i < times_n; i++) visits[i] = visit_of(a, endpoints, n, times, i);
    *p = (endpoint_plan){endpoints, n, times, times_n, visits, fe__summary_layout(a, scales, n)};
    return p;
}

/* ---- one patient --------------------------------------------------------------------------------------------------------------------- */

void fe__endpoints_begin(const endpoint_plan *p, endpoint_track *tracks) {
    for (size_t e = 0; e < p->n; e++) tracks[e] = (endpoint_track){.since = NAN};
}

/* Hours above 0 on the straight line from a to b. */
static double hours_above(double a, double b, double hours) {
    if (isnan(a) || isnan(b)) return NAN;
    double high = a > b ? a : b, low = a > b ? b : a;
    if (high <= 0) return 0;
    return low >= 0 ? hours : hours * (high / (high - low));
}

/* NaN stays. */
static double larger(double a, double b) { return isnan(a) || a > b ? a : b; }

static void see(const endpoint *e, endpoint_track *x, double t, double v) {
    bool is_first = isnan(x->since);
    double sign = e->kind == ENDPOINT_UNDER ? -1 : 1, over = sign * (v - e->level);
    switch (e->kind) {
    case ENDPOINT_AT: x->value = v; break;
    case ENDPOINT_LEAST: x->value = is_first ? v : -larger(-x->value, -v); break;
    case ENDPOINT_MOST: x->value = is_first ? v : larger(x->value, v); break;
    case ENDPOINT_OVER:
    case ENDPOINT_UNDER:
        if (!is_first) x->value += hours_above(x->before, over, t - x->since);
        break;
    }
    x->before = over;
    x->since = t;
}

void fe__endpoints_see(const endpoint_plan *p, endpoint_track *tracks, size_t time, const double *o) {
    const endpoint_visit *visit = &p->visits[time];
    double t = p->times[time];
    for (size_t i = 0; i < visit->n; i++) {
        const endpoint *e = &p->endpoints[visit->endpoints[i]];
        endpoint_track *x = &tracks[visit->endpoints[i]];
        double v = o[e->observed];
        if (e->change && time == 0) x->first = v;
        if (in_window(e, t)) see(e, x, t, v - x->first);
    }
}

void fe__endpoints_values(const endpoint_plan *p, const endpoint_track *tracks, double *values) {
    for (size_t e = 0; e < p->n; e++) values[e] = tracks[e].value;
}

/* ---- all of them ------------------------------------------------------------------------------------------------------------------------ */

/* A thread plays as many patients at once as its vectors have lanes. */
enum { IN_FLIGHT = 16 };

/* One thread's: the patients in flight, each with its tracks, and the summary of those that have landed. */
typedef struct flight {
    const summary_ask *ask;
    summary *s;
    double *values; /* [n] */
    size_t ids[IN_FLIGHT];
    bool busy[IN_FLIGHT];
    endpoint_track *tracks; /* [IN_FLIGHT][n] */
} flight;

static endpoint_track *tracks_in(const flight *x, int slot) { return &x->tracks[(size_t)slot * x->ask->plan->n]; }

/* IN_FLIGHT when the patient is not among them. */
static int slot_of(const flight *x, size_t k) {
    int slot = 0;
    while (slot < IN_FLIGHT && !(x->busy[slot] && x->ids[slot] == k)) slot++;
    return slot;
}

static bool take_off(void *context, size_t k, body *b, double *y) {
    flight *x = context;
    int slot = 0;
    if (!x->ask->body(x->ask->context, k, b, y)) return false;
    while (slot < IN_FLIGHT && x->busy[slot]) slot++;
    assert(slot < IN_FLIGHT);
    x->busy[slot] = true;
    x->ids[slot] = k;
    fe__endpoints_begin(x->ask->plan, tracks_in(x, slot));
    return true;
}

static void look(void *context, size_t k, size_t i, const double *y, const double *o) {
    flight *x = context;
    (void)y;
    int slot = slot_of(x, k);
    assert(slot < IN_FLIGHT);
    fe__endpoints_see(x->ask->plan, tracks_in(x, slot), i, o);
}

/* Whoever never took off had no body. */
static void land(void *context, size_t k, solve_status end) {
    flight *x = context;
    const endpoint_plan *p = x->ask->plan;
    int slot = slot_of(x, k);
    if (slot == IN_FLIGHT) {
        fe__summary_add_unmade(x->s);
        return;
    }
    fe__endpoints_values(p, tracks_in(x, slot), x->values);
    fe__summary_add(p->layout, x->s, end, x->values);
    x->busy[slot] = false;
}

static flight flight_of(arena *a, const summary_ask *ask) {
    size_t n = ask->plan->n;
    return (flight){.ask = ask,
                    .s = fe__summary_new(a, ask->plan->layout),
                    .values = FE_NEW_ARRAY(a, double, n + 1),
                    .tracks = FE_NEW_ARRAY(a, endpoint_track, IN_FLIGHT * n + 1)};
}

const summary *fe__summarize(arena *a, const summary_ask *ask) {
    int threads = ask->threads < 1 ? 1 : ask->threads > CREW_MAX ? CREW_MAX : ask->threads;
    flight *flights = FE_NEW_ARRAY(a, flight, (size_t)threads);
    void *own[CREW_MAX];
    assert(ask->n <= SUMMARY_PATIENTS_MAX);
    for (int i = 0; i < threads; i++) {
        flights[i] = flight_of(a, ask);
        own[i] = &flights[i];
    }
    batch_play play = {.m = ask->m,
                       .events = ask->events,
                       .events_n = ask->events_n,
                       .times = ask->plan->times,
                       .times_n = ask->plan->times_n,
                       .n = ask->n,
                       .part = ask->part,
                       .rtol = ask->rtol,
                       .threads = threads,
                       .context = ask->context,
                       .own = own,
                       .body = take_off,
                       .output = look,
                       .done = land,
                       .progress = ask->progress};
    if (!fe__play_batch(&play, NULL)) return NULL;
    for (int i = 1; i < threads; i++) fe__summary_merge(ask->plan->layout, flights[0].s, flights[i].s);
    return flights[0].s;
}
