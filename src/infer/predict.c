#include "infer/predict.h"

#include <assert.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/crew.h"

#define ID_OF(name, id, unit)   id,
#define UNIT_OF(name, id, unit) unit,
const char *const fe__series_ids[SERIES_COUNT] = {FE_SERIES(ID_OF)};
const char *const fe__series_units[SERIES_COUNT] = {FE_SERIES(UNIT_OF)};

/* No series that is shown errs by more than 5e-5 of its value (tests/unit/test_infer_predict.c), nor any observable by more than 3e-4 over a
 * thousand random regimens (make accuracy), where 1e-5 errs by 2e-3 while labile iron peaks. */
const double fe__draws_rtol = 3e-6;

enum { LINE = 8 }; /* numbers in a cache line: threads write beside each other, not into one another's lines */

typedef struct predicting {
    const prediction_ask *ask;
    prediction *p;
    solve_status *ends; /* [draws] */
} predicting;

static bool draw_body(void *context, size_t k, body *b, double *y) {
    const cohort_body *c = &((const predicting *)context)->ask->cohort->bodies[k];
    *b = c->b;
    memcpy(y, c->y, sizeof c->y);
    return c->starts;
}

/* Into the columns of one time, each at the place of the draw. */
static void keep(void *context, size_t draw, size_t i, const double *y, const double *o) {
    const predicting *x = context;
    double v[SERIES_COUNT];
    (void)y;
    v[SERIES_hemoglobin] = o[OBSERVED_Hb];
    v[SERIES_hematocrit] = o[OBSERVED_Hct];
    v[SERIES_reticulocytes] = o[OBSERVED_RETpct];
    v[SERIES_ferritin] = o[OBSERVED_ferritin];
    v[SERIES_tsat] = o[OBSERVED_TSAT_obs];
    v[SERIES_serum_iron] = o[OBSERVED_SI_obs];
    v[SERIES_tibc] = o[OBSERVED_TIBC];
    v[SERIES_transferrin] = o[OBSERVED_TIBC] / x->ask->cohort->prior.m->n.transferrin_to_tibc;
    v[SERIES_phosphate] = o[OBSERVED_phosphate];
    v[SERIES_crp] = o[OBSERVED_CRP];
    v[SERIES_hepcidin] = o[OBSERVED_Hepcidin];
    v[SERIES_drug_iron] = fmax(o[OBSERVED_C_drug], 0); /* washed out, it is rounding of either sign */
    v[SERIES_labile_iron] = o[OBSERVED_NTBI];
    v[SERIES_irls] = o[OBSERVED_IRLS];
    v[SERIES_irls_drug] = o[OBSERVED_IRLS_drug];
    v[SERIES_fatigue] = o[OBSERVED_fatigue];
    v[SERIES_fatigue_drug] = o[OBSERVED_fatigue_drug];
    v[SERIES_reaction_risk] = o[OBSERVED_pain_risk];
    for (int s = 0; s < SERIES_COUNT; s++)
        if (x->p->place[s] >= 0) fe__column(x->p, i, (series_id)s)[draw] = v[s];
}

static void end(void *context, size_t draw, solve_status s) { ((predicting *)context)->ends[draw] = s; }

static void tell(void *context, size_t done) {
    const prediction_ask *ask = ((predicting *)context)->ask;
    if (ask->progress) ask->progress(ask->context, (double)done / (double)ask->cohort->n);
}

/* How most of those that could not be played ended. */
static solve_status usual_failure(const predicting *x) {
    size_t count[SOLVE_STATUSES] = {0}, n = x->ask->cohort->n;
    solve_status most = SOLVE_OK;
    for (size_t i = 0; i < n; i++)
        if (x->ends[i] != SOLVE_OK && ++count[x->ends[i]] > count[most]) most = x->ends[i];
    return most;
}

/* Draws that could be played, moved together in their order. */
static void close_ranks(arena *a, prediction *p, const predicting *x) {
    size_t n = x->ask->cohort->n, columns = p->times_n * p->columns, *number = FE_NEW_ARRAY(a, size_t, n + 1);
    for (size_t i = 0; i < n; i++) {
        if (x->ends[i] == SOLVE_OK) number[p->draws++] = i;
        else p->failed++;
    }
    p->number = number;
    p->failure = usual_failure(x);
    for (size_t c = 0; c < columns && p->failed; c++) {
        double *v = &p->values[c * p->stride];
        for (size_t d = 0; d < p->draws; d++) v[d] = v[number[d]];
    }
}

static int by_number(const void *one, const void *two) {
    size_t a = *(const size_t *)one, b = *(const size_t *)two;
    return a < b ? -1 : a > b;
}

size_t fe__same_draw(const prediction *p, const prediction *of, size_t draw) {
    size_t number = of->number[draw];
    if (p->failed == 0) return number;
    const size_t *at = bsearch(&number, p->number, p->draws, sizeof number, by_number);
    return at ? (size_t)(at - p->number) : p->draws;
}

/* Scores that nobody took leave their series out. */
static void choose_columns(prediction *p, const prediction_ask *ask) {
    const start_labs *labs = &ask->cohort->prior.labs;
    for (int s = 0; s < SERIES_COUNT; s++) {
        bool irls = s == SERIES_irls || s == SERIES_irls_drug, fatigue = s == SERIES_fatigue || s == SERIES_fatigue_drug;
        bool is_out = (ask->series && !(ask->series >> s & 1)) || (irls && isnan(labs->IRLS0)) || (fatigue && isnan(labs->FS0));
        p->place[s] = is_out ? -1 : (int)p->columns++;
    }
}

/* NULL when memory is out. */
static double *values_of(arena *a, const prediction_ask *ask, size_t per_time, size_t stride) {
    size_t times = ask->times_most > ask->times_n ? ask->times_most : ask->times_n, columns = times * per_time;
    if (!ask->values) return FE_NEW_ARRAY(a, double, columns *stride + 1);
    if (stride > SIZE_MAX / sizeof(double) / (columns + 1)) return NULL;
    return fe__room_of(ask->values, (columns * stride + 1) * sizeof(double));
}

const prediction *fe__predict(arena *a, const prediction_ask *ask) {
    prediction *p = FE_NEW(a, prediction);
    predicting x = {.ask = ask, .p = p, .ends = FE_NEW_ARRAY(a, solve_status, ask->cohort->n + 1)};
    p->times_n = ask->times_n;
    p->times = ask->times;
    choose_columns(p, ask);
    p->stride = (ask->cohort->n + LINE - 1) / LINE * LINE;
    p->values = values_of(a, ask, p->columns, p->stride);
    batch_play play = {.m = ask->cohort->prior.m,
                       .events = ask->events,
                       .events_n = ask->events_n,
                       .times = ask->times,
                       .times_n = ask->times_n,
                       .n = ask->cohort->n,
                       .part = ask->part,
                       .rtol = ask->rtol,
                       .threads = ask->threads,
                       .context = &x,
                       .body = draw_body,
                       .output = keep,
                       .done = end,
                       .progress = tell};
    if (p->values && fe__play_batch(&play, NULL)) close_ranks(a, p, &x);
    else p->failure = SOLVE_MEMORY;
    tell(&x, ask->cohort->n);
    return p;
}

static int by_hour(const void *one, const void *two) {
    double a = *(const double *)one, b = *(const double *)two;
    return a < b ? -1 : a > b;
}

size_t fe__predicted_at(const prediction *p, double hour) {
    const double *at = bsearch(&hour, p->times, p->times_n, sizeof hour, by_hour);
    assert(at);
    return (size_t)(at - p->times);
}

/* ---- bands ------------------------------------------------------------------------------------------------------------------------ */

column_room fe__column_room(arena *a, const prediction *p) {
    return (column_room){FE_NEW_ARRAY(a, double, p->draws + LINE),
                         {FE_NEW_ARRAY(a, double, p->draws + LINE), FE_NEW_ARRAY(a, uint16_t, p->draws + 4 * LINE)}};
}

bool fe__quantiles(const prediction *p, size_t time, series_id s, bool change, const double *q, size_t n, const column_room *room,
                   double *out) {
    if (p->draws == 0 || p->place[s] < 0) return false;
    const double *v = fe__column(p, time, s), *first = fe__column(p, 0, s);
    bool known = true;
    for (size_t d = 0; d < p->draws; d++) {
        room->column[d] = change ? v[d] - first[d] : v[d];
        known = known && !isnan(room->column[d]);
    }
    if (known) fe__quantiles_of(room->column, p->draws, q, n, &room->more, out);
    return known;
}

typedef struct banding {
    const prediction *p;
    const double *q;
    size_t n;
    double *out;
    bool *known; /* [2][SERIES_COUNT][times] */
    column_room *rooms;
    atomic_size_t next;
} banding;

/* A task is one series at one time, both as it is and as its change; the tasks of a series follow each other. */
static void band_columns(void *context, int who) {
    banding *x = context;
    size_t times = x->p->times_n, tasks = times * SERIES_COUNT, task;
    while ((task = atomic_fetch_add(&x->next, 1)) < tasks) {
        for (size_t change = 0; change < 2; change++) {
            size_t place = change * tasks + task;
            x->known[place] = fe__quantiles(x->p, task % times, (series_id)(task / times), change, x->q, x->n, &x->rooms[who],
                                            &x->out[place * x->n]);
        }
    }
}

void fe__bands(arena *a, const prediction *p, const double *q, size_t n, int threads, double *out, bool *known) {
    size_t columns = 2 * SERIES_COUNT * p->times_n;
    column_room rooms[CREW_MAX];
    int hands = threads < 1 ? 1 : threads > CREW_MAX ? CREW_MAX : threads;
    banding x = {.p = p, .q = q, .n = n, .out = out, .known = FE_NEW_ARRAY(a, bool, columns + 1), .rooms = rooms};
    for (int i = 0; i < hands; i++) rooms[i] = fe__column_room(a, p);
    fe__crew(hands, band_columns, &x);
    for (size_t i = 0; i < 2 * SERIES_COUNT; i++) {
        known[i] = p->times_n > 0;
        for (size_t t = 0; t < p->times_n; t++) known[i] = known[i] && x.known[i * p->times_n + t];
    }
}
