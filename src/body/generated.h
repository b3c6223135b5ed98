/* clang-format off */
/* Written by src/body/model.py from the equations that stand there: do not edit. */

#ifndef FE_BODY_GENERATED_H
#define FE_BODY_GENERATED_H

enum { ST_D, ST_D2, ST_T, ST_TIBC, ST_ML, ST_M, ST_H, ST_Z, ST_INF, ST_CRP, ST_P, ST_E1, ST_E2, ST_RET, ST_R1, ST_R2, ST_R3, ST_R4, ST_R5, ST_R6, ST_F, ST_FA, ST_A, ST_G, ST_X, ST_PH, ST_B, ST_W, ST_Q, ST_HF, ST_HS, ST_CABS, ST_CLOSS, STATES };
#define FE_STATES(OF) OF(D) OF(D2) OF(T) OF(TIBC) OF(ML) OF(M) OF(H) OF(Z) OF(INF) OF(CRP) OF(P) OF(E1) OF(E2) OF(RET) OF(R1) OF(R2) OF(R3) OF(R4) OF(R5) OF(R6) OF(F) OF(FA) OF(X) OF(PH) OF(B) OF(W) OF(Q) OF(HF) OF(HS) OF(A) OF(G) OF(CABS) OF(CLOSS)

/* What is observed (docs/model.md, section 7): first what a trajectory shows beside its states. */
enum { OBSERVED_Hb, OBSERVED_Hct, OBSERVED_Vp, OBSERVED_TSAT_true, OBSERVED_TSAT_obs, OBSERVED_SI_obs,
    OBSERVED_Hepcidin, OBSERVED_C_drug, OBSERVED_NTBI, OBSERVED_LPI, OBSERVED_RETpct, OBSERVED_UIBC_mgL, OBSERVED_IRLS,
    OBSERVED_fatigue, OBSERVED_iron_total, OBSERVED_JM, OBSERVED_JH, OBSERVED_Jab, OBSERVED_Ue, OBSERVED_IRLS_drug,
    OBSERVED_fatigue_drug, OBSERVED_ferritin, OBSERVED_TIBC, OBSERVED_CRP, OBSERVED_phosphate, OBSERVED_FGF23,
    OBSERVED_PK_iron, OBSERVED_pain_risk, OBSERVED };
#define FE_OBSERVED(OF) OF(Hb) OF(Hct) OF(Vp) OF(TSAT_true) OF(TSAT_obs) OF(SI_obs) OF(Hepcidin) OF(C_drug) OF(NTBI) \
    OF(LPI) OF(RETpct) OF(UIBC_mgL) OF(IRLS) OF(fatigue) OF(iron_total) OF(JM) OF(JH) OF(Jab) OF(Ue) OF(IRLS_drug) \
    OF(fatigue_drug) OF(ferritin) OF(TIBC) OF(CRP) OF(phosphate) OF(FGF23) OF(PK_iron) OF(pain_risk)

/* PREPARED: constants that the rates read, made once for a body and its inputs. JACOBIAN: entries that are not zero by
 * structure. W_ENTRIES: what the LU of W = d I - J leaves for its solutions. PREPARED_OBSERVED: the first of them, which observing reads. */
enum { PREPARED = 220, JACOBIAN = 197, W_ENTRIES = 114, PREPARED_OBSERVED = 38 };

/* States of each part, the first of all. */
enum { STATES_ALL = 33, STATES_LABS = 24 };

/* Floating point operations, a fused one counted as two. */
enum { FLOPS_STAGE_FIRST_ALL = 1412, FLOPS_STAGE_ALL = 963 };
enum { FLOPS_STAGE_FIRST_LABS = 1205, FLOPS_STAGE_LABS = 802 };

#endif
