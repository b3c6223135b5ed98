/* The population prior (docs/model.md, sections 9 and 10): bodies that a patient's labs allow, and whole virtual patients. */
#ifndef FE_INFER_PRIOR_H
#define FE_INFER_PRIOR_H

#include "base/random.h"
#include "body/start.h"

/* What one patient's prior is: the filled labs, which of them were measured, which closure terms apply. */
typedef struct patient_prior {
    const model_data *m;
    start_labs labs;      /* filled */
    unsigned filled;      /* filled_lab: a filled ferritin or TSAT has the spread of its condition, not of an assay */
    int population;       /* of the closure; -1: unknown */
    bool without_e;       /* marrow disease is known */
    bool without_closure; /* the labs contradict each other: bands are wide on purpose */
} patient_prior;

/* Sets the standard deviations of the etas, omega[ETAS + 1]. */
void fe__prior_omega(const patient_prior *p, double *omega);

/* closure of section 10: its prior density is exp(-closure / 2). It is the sum of ((solved - center) / sd)^2 over what a start solves, ln e,
 * z and ln a*; a term that is left out has the sd INFINITY, and none is in when the labs contradict each other. */
enum { CLOSURE_TERMS = 3 };
void fe__prior_closure_terms(const patient_prior *p, double *center, double *sd);
double fe__prior_closure(const patient_prior *p, const double *solved);
void fe__prior_solved(double e, double z, double a_star, double *solved);

/* Does the typical body of these labs lie in the domain of section 15? */
bool fe__prior_in_domain(const model_data *m, const body *typical);

/* Body number k of the prior of a patient: etas drawn, accepted with probability exp(-closure / 2). The same k and seed give the same
 * body anywhere. False when none of many draws was accepted: such labs need another way (infer/posterior.h, without results). */
bool fe__prior_draw(const patient_prior *p, uint64_t seed, uint64_t k, double *eta, body *b, double *y);

/* The share of draws that is accepted, from some hundreds of them. */
double fe__prior_accepted(const patient_prior *p, uint64_t seed);

/* Virtual patient number k of a population (section 9, "Order of drawing"). labs: the truth of its baseline. False when 10,000 tries fail. */
bool fe__virtual_patient(const model_data *m, int population, uint64_t seed, uint64_t k, start_labs *labs, double *eta, body *b,
                         double *y);

/* The same, and false when so many tries fail: for populations that somebody has moved, in which labs may contradict each other almost always. */
bool fe__virtual_patient_within(const model_data *m, int population, uint64_t seed, uint64_t k, int tries, start_labs *labs,
                                double *eta, body *b, double *y);

#endif
