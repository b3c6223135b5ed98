/* The numbers of the body model: data/model/, read and checked. Shapes and units are those of docs/model.md, whose sections the
 * comments name.
 *
 * Read when a question needs the model (fe__model_load), into the caller's arena; immutable afterwards. The equations themselves stand in
 * src/body/model.py. */
#ifndef FE_KNOWLEDGE_MODEL_H
#define FE_KNOWLEDGE_MODEL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/fault.h"

/* parameters.csv: every symbol, with its unit there. */
/* clang-format off */
#define FE_PARAMETERS(X)                                                                                         \
    X(kFe) X(MCHC) X(fcell) X(kb) X(kh) X(epsU) X(kT) X(kapE) X(Kc) X(Kr) X(fin) X(kP) X(Pm) X(sHb) X(aPI) X(kE) \
    X(kRet) X(kM) X(kH) X(kbl) X(pphi) X(aS) X(aT) X(aI) X(aE) X(Sref) X(S00) X(t00) X(C00) X(kHep) X(Hep0)      \
    X(kTf) X(gS) X(gI) X(TIBCref) X(Aref) X(KA) X(qA) X(amax) X(kG) X(fO) X(G50) X(Fref) X(Mref) X(gM) X(cFA)    \
    X(kFA) X(wS) X(kF) X(gF) X(kI) X(kC) X(kX) X(gP) X(kPh) X(kB) X(KB) X(kW) X(wH) X(wT) X(kQ) X(L50) X(lamF)   \
    X(RS) X(kA) X(thA) X(Kepo) X(Kren) X(QP) X(gR) X(plR) X(plF) X(tpl1) X(tpl2)
/* clang-format on */

/* formulations.csv: constants of one formulation (section 8). */
#define FE_FORMULATION_CONSTANTS(X) X(fV) X(kL) X(Vm) X(Km) X(k12) X(k21) X(kML) X(finst) X(krel) X(chi) X(sig) X(kapC) X(lamS)

/* numbers.csv: whatever else has a value (sections 2, 5 to 7, 9, 15). */
/* clang-format off */
#define FE_MODEL_NUMBERS(X)                                                                                      \
    X(nadler_men_h3) X(nadler_men_kg) X(nadler_men_l) X(nadler_women_h3) X(nadler_women_kg) X(nadler_women_l)    \
    X(size_bv) X(set_point_men) X(set_point_women) X(height_men) X(height_women) X(egfr_cap) X(egfr_least)       \
    X(age_default) X(phosphate_default) X(phosphate_dialysis) X(transferrin_to_tibc) X(lloq_share)               \
    X(tsat_from_ferritin_base) X(tsat_from_ferritin_slope) X(tsat_from_ferritin_low) X(tsat_from_ferritin_high)  \
    X(tsat_from_ferritin_ug_l) X(tsat_from_ferritin_crp) X(tsat_low) X(tsat_high) X(ferritin_from_tsat_low)      \
    X(ferritin_from_tsat_high) X(start_hb_low) X(start_hb_high) X(start_ferritin_low) X(start_ferritin_high)     \
    X(start_tsat_low) X(start_tsat_high) X(start_crp_low) X(start_crp_high) X(start_e_high) X(start_weeks)       \
    X(domain_e_low) X(domain_e_high) X(domain_hepcidin_low) X(domain_hepcidin_high) X(runaway_hb)                \
    X(transfusion_mg) X(transfusion_cells) X(irls_max) X(fatigue_max) X(irls_age_slope) X(irls_age_ref)          \
    X(irls_comorbidity_factor) X(pain_positional) X(pain_heat) X(severe_onset) X(draw_e_low) X(draw_e_high)      \
    X(draw_hepcidin_low) X(draw_hepcidin_high) X(bvf_second_trimester) X(third_trimester_weeks)                  \
    X(second_trimester_weeks) X(delivery_settles_weeks) X(start_labs_days) X(start_labs_after_days)              \
    X(esa_iu_per_kg_week) X(surgery_inflammation) X(horizon_weeks) X(horizon_weeks_rls) X(horizon_weeks_max)     \
    X(usual_minutes) X(rise_one) X(rise_two) X(rise_days) X(phosphate_low) X(phosphate_severe) X(phosphate_days) \
    X(ferritin_high) X(ferritin_days) X(irls_fall) X(irls_days) X(contradiction_widens)\
    X(fit_weeks) X(fit_repeat_days) X(fit_drug_hours) X(outlier_share) X(outlier_log_sd) X(horizon_weeks_ahead) X(draws_lost_most) X(irls_change_sd)
/* clang-format on */

#define FE_DOUBLE_FIELD(name) double name;
typedef struct parameters {
    FE_PARAMETERS(FE_DOUBLE_FIELD)
} parameters;
typedef struct formulation {
    FE_FORMULATION_CONSTANTS(FE_DOUBLE_FIELD)
} formulation;
typedef struct model_numbers {
    FE_MODEL_NUMBERS(FE_DOUBLE_FIELD)
} model_numbers;

/* The formulations, by their vocabulary id. */
#define FE_FORMULATIONS(X)        X(fcm) X(fdi) X(is) X(sfg) X(fmx) X(lmwid)
#define FE_FORMULATION_ENUM(name) FORMULATION_##name,
typedef enum formulation_id { FE_FORMULATIONS(FE_FORMULATION_ENUM) FORMULATION_COUNT } formulation_id;
extern const char *const fe__formulation_ids[FORMULATION_COUNT];

/* populations.csv (section 9): a variable of an indication. */
typedef enum spread_kind { SPREAD_NONE, SPREAD_CONSTANT, SPREAD_NORMAL, SPREAD_LOGNORMAL, SPREAD_POISSON } spread_kind;
typedef struct variable_spread {
    spread_kind kind;
    double median, sd; /* lognormal: sd of the logarithm; poisson: median is the mean */
    double low, high;  /* -INFINITY, INFINITY where open */
} variable_spread;

/* clang-format off */
#define FE_VARIABLES(X)                                                                                         \
    X(f, "f") X(age, "age") X(wt, "wt") X(Hb, "Hb") X(F, "F") X(TSAT, "TSAT") X(CRP, "CRP") X(egfr, "egfr")     \
    X(bloss, "bloss") X(LS, "LS") X(uESA, "uESA") X(amax, "amax") X(bvf, "bvf") X(ht_m, "ht-m") X(ht_f, "ht-f") \
    X(PH, "PH") X(TIBC, "TIBC") X(IRLS0, "IRLS0") X(FS0, "FS0") X(comorb, "comorb") X(Hbn, "Hbn")               \
    X(CRPb, "CRPb")
/* clang-format on */
#define FE_VARIABLE_ENUM(name, word) VARIABLE_##name,
typedef enum variable_id { FE_VARIABLES(FE_VARIABLE_ENUM) VARIABLE_COUNT } variable_id;

/* clang-format off */
#define FE_POPULATIONS(X)                                                                         \
    X(ida_hmb, "ida-hmb") X(ibd, "ibd") X(nd_ckd, "nd-ckd") X(hd_ckd, "hd-ckd") X(hf, "hf")       \
    X(pregnancy_t3, "pregnancy-t3") X(postpartum, "postpartum") X(pre_op, "pre-op") X(rls, "rls") \
    X(healthy_f, "healthy-f") X(healthy_m, "healthy-m")
/* clang-format on */
#define FE_POPULATION_ENUM(name, word) POPULATION_##name,
typedef enum population_id { FE_POPULATIONS(FE_POPULATION_ENUM) POPULATION_COUNT } population_id;
extern const char *const fe__population_ids[POPULATION_COUNT];

/* The etas of section 9, from 1; eta 13 acts on wH and wT together. */
enum { ETAS = 14 };

/* The correlated vector of section 9, in its order. */
enum { CORRELATED_Hb, CORRELATED_F, CORRELATED_TSAT, CORRELATED_CRP, CORRELATED_wt, CORRELATED_age, CORRELATED_egfr, CORRELATED };

/* closure.csv (section 10). */
typedef struct closure_prior {
    double ln_e_sd, z_sd, ln_a_sd;
    double a_center[POPULATION_COUNT], a_center_any;
} closure_prior;

/* labs.csv (section 7): residual error and LLOQ of one observable. */
/* clang-format off */
#define FE_OBSERVABLES(X)                                                                                     \
    X(Hb, "Hb") X(Hct, "Hct") X(ferritin, "ferritin") X(serum_iron, "serum-iron") X(TSAT, "TSAT")             \
    X(TIBC, "TIBC") X(transferrin, "transferrin") X(CRP, "CRP") X(hepcidin, "hepcidin")                       \
    X(reticulocytes, "reticulocytes") X(phosphate, "phosphate") X(FGF23, "FGF23") X(total_iron, "total-iron") \
    X(drug_iron, "drug-iron") X(NTBI, "NTBI")
/* clang-format on */
#define FE_OBSERVABLE_ENUM(name, word) OBSERVABLE_##name,
typedef enum observable_id { FE_OBSERVABLES(FE_OBSERVABLE_ENUM) OBSERVABLE_COUNT } observable_id;
typedef struct lab_error {
    const char *lab, *unit;           /* vocabulary id, "" when it is none */
    double log_sd, additive_sd, lloq; /* lloq NaN when there is none */
} lab_error;

/* covariates.csv: factors on v. */
/* clang-format off */
#define FE_COVARIATES(X)                                          \
    X(reaction_to_iv_iron, "reaction-to-iv-iron")                 \
    X(two_drug_allergies, "two-drug-allergies")                   \
    X(severe_atopy, "severe-atopy")                               \
    X(inflammatory_disease, "inflammatory-disease")               \
    X(steroid_premedication, "steroid-premedication")             \
    X(antihistamine_premedication, "antihistamine-premedication")
/* clang-format on */
#define FE_COVARIATE_ENUM(name, word) COVARIATE_##name,
typedef enum covariate_id { FE_COVARIATES(FE_COVARIATE_ENUM) COVARIATE_COUNT } covariate_id;

/* misses.csv: where the model is known to be off. */
typedef struct miss {
    const char *endpoint, *formulation, *population, *direction, *size, *evidence;
    const char *weeks; /* as written: "5" or "6-10" */
    double week_first, week_last;
} miss;

typedef struct model_data {
    const char *version, *sha256;
    parameters p;
    formulation formulations[FORMULATION_COUNT];
    model_numbers n;
    variable_spread populations[POPULATION_COUNT][VARIABLE_COUNT]; /* with what stands for any population filled in */
    double omega[ETAS + 1];                                        /* [0] is not used */
    const char *eta_acts_on[ETAS + 1], *eta_note[ETAS + 1];        /* a symbol; what it is, for people */
    double correlation_root[CORRELATED][CORRELATED];               /* lower triangle of the Cholesky factor of correlations.csv */
    closure_prior closure;
    lab_error labs[OBSERVABLE_COUNT];
    double covariate[COVARIATE_COUNT];
    const miss *misses;
    size_t misses_n;
} model_data;

/* Reads data/model/ (folder NULL: what is compiled in) into the arena of f. NULL with faults otherwise. */
const model_data *fe__model_load(const char *folder, faults *f);

/* -1 when there is none. */
int fe__formulation_find(const char *id);
int fe__population_find(const char *id);
int fe__observable_find(const char *id);

#endif
