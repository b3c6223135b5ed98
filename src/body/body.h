/* A body: one set of model parameters with the constants of one patient (docs/model.md, sections 2 and 8). Its state is an array
 * double[STATES], in mg of iron, ug/dL, g/dL and so on as section 1 lists them. */
#ifndef FE_BODY_BODY_H
#define FE_BODY_BODY_H

#include "body/generated.h"
#include "knowledge/model.h"

/* Section 2. */
typedef struct patient_constants {
    double BV, s;         /* L; size = BV / 5 */
    double Hbn;           /* g/dL, set point */
    double eps, epsren;   /* EPO capacity, renal phosphate effect */
    double bloss;         /* fraction of the blood lost per hour */
    double kR;            /* 1/h */
    double CRPb, PHb;     /* mg/L, mg/dL: what CRP and phosphate return to */
    double e, z, tibi, a; /* solved from the labs (section 6) */
    double capD, v;       /* factors: uptake of the drug, susceptibility to reactions */
} patient_constants;

/* Of the clinical read-outs (section 7). */
typedef struct symptom_constants {
    double gRk;        /* gR kR1: fall of logit IRLS for each unit of brain iron */
    double B0, W0;     /* at t = 0 */
    double lR, lF;     /* logit of IRLS and fatigue at t = 0; NaN leaves that series out */
    double maxR, maxF; /* of the scores */
} symptom_constants;

typedef struct body {
    parameters p;  /* with this body's etas in them */
    formulation f; /* of the infusion that runs or ran last */
    patient_constants c;
    symptom_constants symptoms;
    double R, uESA; /* inputs, constant between events: mg/h; ESA drive */
    /* beside the rates */
    double chi_factor;               /* eta 9: on chi of whichever formulation is given */
    double nadler;                   /* L, without bvf */
    double Hbn_factor, bloss_factor; /* etas 4 and 5, for what an event brings */
    double set_point;                /* Hbn of sex when none is given, g/dL */
    double a_star;                   /* uncapped absorption factor */
} body;

/* Gives a formulation's constants to the body. */
void fe__body_formulation(body *b, const model_data *m, int which);

#endif
