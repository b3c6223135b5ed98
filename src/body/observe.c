#include "body/observe.h"

#include <math.h>

#include "base/elementary.h"

static const int iron_states[] = {ST_D,   ST_D2, ST_T,  ST_ML, ST_M,  ST_H,  ST_E1, ST_E2,
                                  ST_RET, ST_R1, ST_R2, ST_R3, ST_R4, ST_R5, ST_R6};

double fe__iron_total(const double *y) {
    double sum = 0;
    for (size_t i = 0; i < sizeof iron_states / sizeof *iron_states; i++) sum += y[iron_states[i]];
    return sum;
}

/* A score of 0 to `max` whose logit falls by `fall` from a baseline inside the bounds. */
static double score(double baseline, double max, double fall) {
    if (!(baseline > 0 && baseline < max)) return NAN;
    return max / (1 + fe__exp(-(fe__ln(baseline / (max - baseline)) - fall)));
}

static double placebo(const parameters *p, double tau_h) {
    return tau_h < 0 ? 0 : fe__exp(-tau_h / p->tpl2) - fe__exp(-tau_h / p->tpl1);
}

static void read_outs(const model_data *m, const body *b, const double *y, double tau_h, double *o) {
    const model_numbers *n = &m->n;
    double kR1 = fe__exp(-n->irls_age_slope * (b->age - n->irls_age_ref)) * fe__power(n->irls_comorbidity_factor, b->comorb);
    double brain = b->p.gR * kR1 * (y[ST_B] - b->B0), symptom = y[ST_W] - b->W0, pl = placebo(&b->p, tau_h);
    o[OBSERVED_IRLS_drug] = score(b->IRLS0, n->irls_max, brain);
    o[OBSERVED_IRLS] = score(b->IRLS0, n->irls_max, brain + b->p.plR * pl);
    o[OBSERVED_fatigue_drug] = score(b->FS0, n->fatigue_max, symptom);
    o[OBSERVED_fatigue] = score(b->FS0, n->fatigue_max, symptom + b->p.plF * pl);
}

void fe__observe(const model_data *m, const body *b, const double *g, const double *y, double tau_h, double *o) {
    double q[QUANTITIES];
    fe__quantities(g, y, q);
    fe__observe_from(m, b, q, y, tau_h, o);
}

void fe__observe_from(const model_data *m, const body *b, const double *q, const double *y, double tau_h, double *o) {
    double read_by_assay = q[Q_ct] + b->p.thA * q[Q_C];
    o[OBSERVED_Hb] = q[Q_Hb];
    o[OBSERVED_Hct] = 100 * q[Q_Hb] / b->p.MCHC;
    o[OBSERVED_Vp] = q[Q_Vp];
    o[OBSERVED_TSAT_true] = 100 * q[Q_sat];
    o[OBSERVED_SI_obs] = 100 * read_by_assay;
    o[OBSERVED_TSAT_obs] = 100 * read_by_assay / (0.01 * y[ST_TIBC]);
    o[OBSERVED_Hepcidin] = b->p.Hep0 * fe__exp(y[ST_Z]);
    o[OBSERVED_C_drug] = q[Q_C];
    o[OBSERVED_NTBI] = q[Q_NTBI];
    o[OBSERVED_LPI] = q[Q_LPI];
    o[OBSERVED_RETpct] = 100 * y[ST_RET] / q[Q_circ];
    o[OBSERVED_UIBC_mgL] = q[Q_U];
    o[OBSERVED_iron_total] = fe__iron_total(y);
    o[OBSERVED_JM] = q[Q_JM];
    o[OBSERVED_JH] = q[Q_JH];
    o[OBSERVED_Jab] = q[Q_Jab];
    o[OBSERVED_Ue] = q[Q_Ue];
    read_outs(m, b, y, tau_h, o);
}
