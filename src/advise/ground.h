/* What a forecast, a fit and an interpretation stand on: the course as the model plays it, and the prior that its labs allow. */
#ifndef FE_ADVISE_GROUND_H
#define FE_ADVISE_GROUND_H

#include "advise/facts.h"
#include "course/embody.h"
#include "infer/prior.h"

/* What comes of asking the model: an answer, or why there is none. */
typedef enum forecast_verdict { FORECAST, CANNOT_START, NOT_MODELLED, FORECAST_MISSING_DATA } forecast_verdict;

typedef struct ground_ask {
    const model_data *m;
    const site *site; /* may be NULL */
    double now;       /* instant: later labs are not known; NaN: that of the facts */
    bool plans_iron;  /* as embody_ask has it, with what follows */
    const body_infusion *planned;
    size_t planned_n;
    bool explains_all; /* starts before what happened, where labs allow it */
} ground_ask;

typedef struct ground {
    forecast_verdict verdict;  /* FORECAST: there is a body, and the rest holds */
    const char *reason, *text; /* name and sentence of a refusal */
    const char *item;          /* what is missing or not modelled */
    double counts_from;        /* CANNOT_START: instant from which labs count; NaN */
    embodied *body;            /* NULL for a child */
    const char *population;    /* whose middle stands for what is unknown; NULL: healthy people */
    patient_prior prior;
    double absorption;       /* typical a* as a share of what a gut can do: 1 and more cannot be kept up */
    const char *left_out[2]; /* scores without a usable baseline */
    size_t left_out_n;
} ground;

const ground *fe__ground(facts *f, const ground_ask *ask);

/* Whether a line of these rules holds for the patient. */
bool fe__line_holds(facts *f, const rule_lines *lines, const char *id);

#endif
