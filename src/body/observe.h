/* What a laboratory or a person would read off a body (docs/model.md, section 7). */
#ifndef FE_BODY_OBSERVE_H
#define FE_BODY_OBSERVE_H

#include "body/rates.h"

/* Name, and the column of a trajectory file. */
/* clang-format off */
#define FE_OBSERVED(X)                                                                                          \
    X(Hb, "Hb") X(Hct, "Hct") X(Vp, "Vp") X(TSAT_true, "TSAT_true") X(TSAT_obs, "TSAT_obs") X(SI_obs, "SI_obs") \
    X(Hepcidin, "Hepcidin") X(C_drug, "C_drug") X(NTBI, "NTBI") X(LPI, "LPI") X(RETpct, "RETpct")               \
    X(UIBC_mgL, "UIBC_mgL") X(IRLS, "IRLS") X(fatigue, "fatigue") X(iron_total, "iron_total") X(JM, "JM")       \
    X(JH, "JH") X(Jab, "Jab") X(Ue, "Ue") X(IRLS_drug, NULL) X(fatigue_drug, NULL)
/* clang-format on */
#define FE_OBSERVED_ENUM(name, column) OBSERVED_##name,
enum { FE_OBSERVED(FE_OBSERVED_ENUM) OBSERVED };

/* o[OBSERVED] from the state y of a body prepared into g. tau_h: hours since iron first ran, below 0 before. NaN where IRLS or fatigue
 * is left out (no baseline, or one at a bound). */
void fe__observe(const model_data *m, const body *b, const double *g, const double *y, double tau_h, double *o);

/* The same from quantities that are computed already, q[QUANTITIES]. */
void fe__observe_from(const model_data *m, const body *b, const double *q, const double *y, double tau_h, double *o);

/* Iron in the body, mg (section 11): what changes only by what is given, absorbed and lost. */
double fe__iron_total(const double *y);

#endif
