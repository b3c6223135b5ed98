#include "infer/predict.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/elementary.h"
#include "course/play_batch.h"

#define ID_OF(name, id, unit)   id,
#define UNIT_OF(name, id, unit) unit,
const char *const fe__series_ids[SERIES_COUNT] = {FE_SERIES(ID_OF)};
const char *const fe__series_units[SERIES_COUNT] = {FE_SERIES(UNIT_OF)};

typedef struct predicting {
    const prediction_ask *ask;
    double *values;     /* [draws][times][SERIES_COUNT] */
    solve_status *ends; /* [draws] */
} predicting;

static bool draw_body(void *context, size_t k, body *b, double *y) {
    const predicting *x = context;
    double eta[ETAS + 1];
    return fe__prior_draw(x->ask->prior, x->ask->seed, k, eta, b, y);
}

static void keep(void *context, size_t draw, size_t i, const body *b, const double *y, const double *q, double tau_h) {
    const predicting *x = context;
    const model_data *m = x->ask->prior->m;
    double o[OBSERVED], *v = &x->values[(draw * x->ask->times_n + i) * SERIES_COUNT];
    fe__observe_from(m, b, q, y, tau_h, o);
    v[SERIES_hemoglobin] = o[OBSERVED_Hb];
    v[SERIES_hematocrit] = o[OBSERVED_Hct];
    v[SERIES_reticulocytes] = o[OBSERVED_RETpct];
    v[SERIES_ferritin] = y[ST_F];
    v[SERIES_tsat] = o[OBSERVED_TSAT_obs];
    v[SERIES_serum_iron] = o[OBSERVED_SI_obs];
    v[SERIES_tibc] = y[ST_TIBC];
    v[SERIES_transferrin] = y[ST_TIBC] / m->n.transferrin_to_tibc;
    v[SERIES_phosphate] = y[ST_PH];
    v[SERIES_crp] = y[ST_CRP];
    v[SERIES_hepcidin] = o[OBSERVED_Hepcidin];
    v[SERIES_drug_iron] = o[OBSERVED_C_drug];
    v[SERIES_labile_iron] = o[OBSERVED_NTBI];
    v[SERIES_irls] = o[OBSERVED_IRLS];
    v[SERIES_irls_drug] = o[OBSERVED_IRLS_drug];
    v[SERIES_fatigue] = o[OBSERVED_fatigue];
    v[SERIES_fatigue_drug] = o[OBSERVED_fatigue_drug];
    v[SERIES_reaction_risk] = 1 - fe__exp(-y[ST_HF]);
}

static void end(void *context, size_t draw, solve_status s) { ((predicting *)context)->ends[draw] = s; }

static void tell(void *context, size_t done) {
    const prediction_ask *ask = ((predicting *)context)->ask;
    if (ask->progress) ask->progress(ask->context, (double)done / (double)ask->draws);
}

/* Draws that could be played, moved together in their order. */
static void close_ranks(prediction *p, const predicting *x) {
    size_t size = x->ask->times_n * SERIES_COUNT;
    for (size_t i = 0; i < x->ask->draws; i++) {
        if (x->ends[i] != SOLVE_OK) {
            p->failed++;
            p->failure = x->ends[i];
            continue;
        }
        if (i != p->draws) memcpy(&p->values[p->draws * size], &p->values[i * size], size * sizeof *p->values);
        p->draws++;
    }
}

const prediction *fe__predict(arena *a, const prediction_ask *ask) {
    prediction *p = FE_NEW(a, prediction);
    predicting x = {.ask = ask,
                    .values = FE_NEW_ARRAY(a, double, ask->draws * ask->times_n * SERIES_COUNT + 1),
                    .ends = FE_NEW_ARRAY(a, solve_status, ask->draws + 1)};
    p->times_n = ask->times_n;
    p->values = x.values;
    batch_play play = {.m = ask->prior->m,
                       .events = ask->events,
                       .events_n = ask->events_n,
                       .times = ask->times,
                       .times_n = ask->times_n,
                       .n = ask->draws,
                       .rtol = ask->rtol,
                       .threads = ask->threads,
                       .context = &x,
                       .body = draw_body,
                       .output = keep,
                       .done = end,
                       .progress = tell};
    if (fe__play_batch(&play, NULL)) close_ranks(p, &x);
    else p->failure = SOLVE_MEMORY;
    tell(&x, ask->draws);
    return p;
}

/* ---- bands ------------------------------------------------------------------------------------------------------------------------ */

static int ascending(const void *one, const void *two) {
    double a = *(const double *)one, b = *(const double *)two;
    return a < b ? -1 : a > b;
}

double fe__quantile_sorted(const double *sorted, size_t n, double q) {
    double at = q * (double)(n - 1);
    size_t i = (size_t)at;
    if (i + 1 >= n) return sorted[n - 1];
    if (isinf(sorted[i + 1])) return at > (double)i ? sorted[i + 1] : sorted[i];
    return sorted[i] + (at - (double)i) * (sorted[i + 1] - sorted[i]);
}

bool fe__quantiles(const prediction *p, size_t time, series_id s, bool change, const double *q, size_t n, double *room,
                   double *out) {
    for (size_t d = 0; d < p->draws; d++) {
        room[d] = fe__predicted(p, d, time, s) - (change ? fe__predicted(p, d, 0, s) : 0);
        if (isnan(room[d])) return false;
    }
    if (!p->draws) return false;
    qsort(room, p->draws, sizeof *room, ascending);
    for (size_t i = 0; i < n; i++) out[i] = fe__quantile_sorted(room, p->draws, q[i]);
    return true;
}
