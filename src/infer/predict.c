#include "infer/predict.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ID_OF(name, id, unit)   id,
#define UNIT_OF(name, id, unit) unit,
const char *const fe__series_ids[SERIES_COUNT] = {FE_SERIES(ID_OF)};
const char *const fe__series_units[SERIES_COUNT] = {FE_SERIES(UNIT_OF)};

typedef struct keeping {
    const model_data *m;
    double *values; /* of one draw */
} keeping;

static void keep(void *context, size_t i, const body *b, const double *g, const double *y, double tau_h) {
    const keeping *k = context;
    double o[OBSERVED], *v = &k->values[i * SERIES_COUNT];
    fe__observe(k->m, b, g, y, tau_h, o);
    v[SERIES_hemoglobin] = o[OBSERVED_Hb];
    v[SERIES_hematocrit] = o[OBSERVED_Hct];
    v[SERIES_reticulocytes] = o[OBSERVED_RETpct];
    v[SERIES_ferritin] = y[ST_F];
    v[SERIES_tsat] = o[OBSERVED_TSAT_obs];
    v[SERIES_serum_iron] = o[OBSERVED_SI_obs];
    v[SERIES_tibc] = y[ST_TIBC];
    v[SERIES_transferrin] = y[ST_TIBC] / k->m->n.transferrin_to_tibc;
    v[SERIES_phosphate] = y[ST_PH];
    v[SERIES_crp] = y[ST_CRP];
    v[SERIES_hepcidin] = o[OBSERVED_Hepcidin];
    v[SERIES_drug_iron] = o[OBSERVED_C_drug];
    v[SERIES_labile_iron] = o[OBSERVED_NTBI];
    v[SERIES_irls] = o[OBSERVED_IRLS];
    v[SERIES_irls_drug] = o[OBSERVED_IRLS_drug];
    v[SERIES_fatigue] = o[OBSERVED_fatigue];
    v[SERIES_fatigue_drug] = o[OBSERVED_fatigue_drug];
    v[SERIES_reaction_risk] = -expm1(-y[ST_HF]);
}

static solve_status play_draw(const prediction_ask *ask, reference_solver *solver, uint64_t draw, keeping *k) {
    double eta[ETAS + 1], y[STATES];
    body b;
    if (!fe__prior_draw(ask->prior, ask->seed, draw, eta, &b, y)) return SOLVE_FAILED;
    return fe__play(ask->prior->m, solver, &b, y, ask->events, ask->events_n, ask->times, ask->times_n, keep, k);
}

const prediction *fe__predict(arena *a, const prediction_ask *ask) {
    prediction *p = FE_NEW(a, prediction);
    size_t size = ask->times_n * SERIES_COUNT;
    p->times_n = ask->times_n;
    p->values = FE_NEW_ARRAY(a, double, ask->draws *size + 1);
    reference_solver *solver = fe__reference_new(ask->prior->m, ask->rtol, ask->atol);
    for (size_t i = 0; solver && i < ask->draws; i++) {
        keeping k = {ask->prior->m, &p->values[p->draws * size]};
        solve_status status = play_draw(ask, solver, i, &k);
        if (status == SOLVE_OK) p->draws++;
        else {
            p->failed++;
            p->failure = status;
        }
        if (ask->progress) ask->progress(ask->context, (double)(i + 1) / (double)ask->draws);
    }
    if (!solver) p->failure = SOLVE_MEMORY;
    fe__reference_free(solver);
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
