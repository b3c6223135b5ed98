#include "infer/likelihood.h"

#include <math.h>

#include "base/elementary.h"
#include "base/random.h"

static const double log_two_pi = 1.8378770664093453;

double fe__lab_sd(const model_data *m, observable_id what, double f) {
    const lab_error *e = &m->labs[what];
    double additive = e->additive_sd / f;
    return sqrt(e->log_sd * e->log_sd + additive * additive);
}

double fe__lab_drawn(const model_data *m, observable_id what, double f, double z) {
    return f * fe__exp(fe__lab_sd(m, what, f) * z);
}

double fe__lab_bound(const model_data *m, const seen_lab *l) {
    double lloq = m->labs[l->what].lloq;
    if (l->comparator) return l->value;
    return l->value < lloq ? lloq : NAN;
}

/* The density of the result, or the probability of what bounds it, with a spread of sd about ln f. */
static double density(const seen_lab *l, double bound, double ln_f, double sd) {
    if (!isnan(bound)) return fe__normal_cdf((l->comparator == '>' ? ln_f - fe__ln(bound) : fe__ln(bound) - ln_f) / sd);
    double z = (fe__ln(l->value) - ln_f) / sd;
    return fe__exp(-0.5 * (z * z + log_two_pi)) / sd;
}

/* The two kinds of results at f: measured well, and not at all. */
static void kinds(const model_data *m, const seen_lab *l, double ln_f, double *well, double *not_at_all) {
    double bound = fe__lab_bound(m, l), share = m->n.outlier_share;
    *well = (1 - share) * density(l, bound, ln_f, fe__lab_sd(m, l->what, fe__exp(ln_f)));
    *not_at_all = share * density(l, bound, ln_f, m->n.outlier_log_sd);
}

static double deviance_at(const model_data *m, const seen_lab *l, double ln_f) {
    double well, not_at_all;
    kinds(m, l, ln_f, &well, &not_at_all);
    return -2 * fe__ln(fmax(well + not_at_all, 1e-300));
}

double fe__lab_deviance(const model_data *m, const seen_lab *l, double f) {
    return f > 0 && isfinite(f) ? deviance_at(m, l, fe__ln(f)) : INFINITY;
}

void fe__lab_slopes(const model_data *m, const seen_lab *l, double f, double *first, double *second) {
    const double h = 1e-4; /* of the logarithm: errors are 1e-2 and more */
    double at = fe__ln(f), low = deviance_at(m, l, at - h), here = deviance_at(m, l, at), high = deviance_at(m, l, at + h);
    *first = (high - low) / (2 * h);
    *second = fmax(0, (high - 2 * here + low) / (h * h));
}

double fe__lab_outlier(const model_data *m, const seen_lab *l, double f) {
    double well, not_at_all;
    if (!(f > 0 && isfinite(f))) return NAN;
    kinds(m, l, fe__ln(f), &well, &not_at_all);
    return well + not_at_all > 0 ? not_at_all / (well + not_at_all) : 1;
}

double fe__lab_residual(const model_data *m, const seen_lab *l, double f) {
    if (!isnan(fe__lab_bound(m, l))) return NAN;
    return (fe__ln(l->value) - fe__ln(f)) / fe__lab_sd(m, l->what, f);
}

/* Drug iron that is washed out is of the order of rounding, below 0 at times; its logarithm is asked for. */
static const double washed_out = 1e-9;

double fe__lab_foreseen(const model_data *m, observable_id what, const double *o) {
    switch (what) {
    case OBSERVABLE_Hb: return o[OBSERVED_Hb];
    case OBSERVABLE_Hct: return o[OBSERVED_Hct];
    case OBSERVABLE_ferritin: return o[OBSERVED_ferritin];
    case OBSERVABLE_serum_iron: return o[OBSERVED_SI_obs];
    case OBSERVABLE_TSAT: return o[OBSERVED_TSAT_obs];
    case OBSERVABLE_TIBC: return o[OBSERVED_TIBC];
    case OBSERVABLE_transferrin: return o[OBSERVED_TIBC] / m->n.transferrin_to_tibc;
    case OBSERVABLE_CRP: return o[OBSERVED_CRP];
    case OBSERVABLE_hepcidin: return o[OBSERVED_Hepcidin];
    case OBSERVABLE_reticulocytes: return o[OBSERVED_RETpct];
    case OBSERVABLE_phosphate: return o[OBSERVED_phosphate];
    case OBSERVABLE_FGF23: return o[OBSERVED_FGF23];
    case OBSERVABLE_total_iron: return o[OBSERVED_PK_iron];
    case OBSERVABLE_drug_iron: return fmax(o[OBSERVED_C_drug], washed_out);
    case OBSERVABLE_NTBI: return o[OBSERVED_NTBI];
    case OBSERVABLE_COUNT: break;
    }
    return NAN;
}

bool fe__lab_needs_all(observable_id what) { return what == OBSERVABLE_phosphate || what == OBSERVABLE_FGF23; }
