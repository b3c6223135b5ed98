/* The start of a body: a steady state that reproduces the labs of a patient (docs/model.md, section 6). */
#ifndef FE_BODY_START_H
#define FE_BODY_START_H

#include "body/body.h"

/* What is known of a patient at the start, in the units of section 17; NaN is unknown. */
typedef struct start_labs {
    int woman;                            /* 1 or 0 */
    int population;                       /* population_id whose medians stand for what is unknown; -1: healthy of this sex */
    double age, wt, ht;                   /* years, kg, cm */
    double Hb, Hbu;                       /* g/dL: first, usual */
    double F, TSAT, TIBC;                 /* ug/L, %, ug/dL */
    double serum_iron, transferrin, UIBC; /* ug/dL, g/L, ug/dL: stand in for TSAT and TIBC */
    double CRP, CRPb;                     /* mg/L: first, what it falls to */
    double egfr, bloss, LS, uESA, PH;     /* mL/min/1.73 m2, mL/day, days, drive, mg/dL */
    double bvf, Hbn, amax, capD, v;
    double IRLS0, FS0, comorb;
    double TIBCref_factor; /* 1, but for virtual patients */
} start_labs;

start_labs fe__start_labs_none(void);

/* Which of the labs were filled in. */
typedef enum filled_lab {
    FILLED_HEIGHT = 1,
    FILLED_CRP = 2,
    FILLED_TSAT = 4,
    FILLED_FERRITIN = 8,
    FILLED_EGFR = 16,
    FILLED_LOSS = 32,
    FILLED_LIFESPAN = 64,
    FILLED_PHOSPHATE = 128,
    FILLED_AGE = 256,
    FILLED_TIBC_FROM_PARTS = 512,
    FILLED_TSAT_FROM_PARTS = 1024
} filled_lab;

/* Why a body cannot start; the sentences are for people. */
/* clang-format off */
#define FE_STARTS(X)                                                                                        \
    X(OK, "a start")                                                                                        \
    X(NO_WEIGHT, "the weight is missing")                                                                   \
    X(NO_HEMOGLOBIN, "hemoglobin is missing")                                                               \
    X(NO_IRON, "ferritin and TSAT are both missing")                                                        \
    X(HEMOGLOBIN, "hemoglobin lies outside the range of a start")                                           \
    X(FERRITIN, "ferritin lies outside the range of a start")                                               \
    X(TSAT, "TSAT lies outside the range of a start")                                                       \
    X(CRP, "CRP lies outside the range of a start")                                                         \
    X(EGFR, "eGFR lies below the range of a start")                                                         \
    X(USUAL_HEMOGLOBIN, "the usual hemoglobin lies below the first one")                                    \
    X(CONTRADICTION, "the labs contradict each other: the marrow would have to respond more than any does") \
    X(NOT_FINITE, "the labs allow no steady state")
/* clang-format on */
#define FE_START_ENUM(name, sentence) START_##name,
typedef enum start_status { FE_STARTS(FE_START_ENUM) START_STATUSES } start_status;
const char *fe__start_text(start_status s);
const char *fe__start_word(start_status s); /* "no-weight": the name for machines */

/* Fills in what is missing by the rules of section 6; *filled is a set of filled_lab. */
start_status fe__start_fill(const model_data *m, start_labs *x, unsigned *filled);

/* What a start takes of a patient whatever the etas: once for many of them. Symbols of sections 2 and 6; FrefC = Fref exp(gF lC), drC =
 * exp(-aPI lC), bloss, Hbn and the effect on IRLS without their etas. */
typedef struct start_patient {
    const model_data *m;
    start_labs labs;
    start_status refused; /* by what no eta touches */
    double nadler, BV, s, Hbn, eps, epsren, bloss, kR, lC, FrefC, drC;
    symptom_constants symptoms;
} start_patient;

/* The steady state of one set of etas, lines 1 to 8: what says whether there is a body, and how likely it is. */
typedef struct start_steady {
    double Hb0, Hbu, F0, TS0, Hbn, Hbn_factor, bloss, bloss_factor, Mref, kM; /* with their etas */
    double Vp, M, Ue, JM, phi, Z, psi, RET, R[6];
    double TIBC, T, ct, H, lS, fc, P;
    double e, z, a_star, a;
} start_steady;

/* A start in three parts. Solving reads etas 1 to 5, 7 and 8 and no others; finishing makes the body of a steady state and reads all. */
void fe__start_prepare(const model_data *m, const start_labs *x, start_patient *s);
start_status fe__start_solve(const start_patient *s, const double *eta, start_steady *x);
start_status fe__start_finish(const start_patient *s, const start_steady *x, const double *eta, body *b, double *y);

/* All three: the body and its state y[STATES] at t = 0 before any event. `eta` is [ETAS + 1] (section 9), NULL for the typical body. x is filled.
 * Hb0, F0 and TS0 are the labs times exp of their etas, so that the start may be refused for a draw although it is right for the labs.
 * START_CONTRADICTION leaves the body too. */
start_status fe__start(const model_data *m, const start_labs *x, const double *eta, body *b, double *y);

/* Fishbane-type pain and the closure of section 10 read these. */
int fe__start_population(const start_labs *x); /* population_id, healthy when there is none */

#endif
