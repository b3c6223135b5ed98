/* What is sought for one patient: the etas that explain all results after the start (docs/model.md, section 10). Its objective is -2 ln of
 * prior times likelihood, but for a constant. */
#ifndef FE_INFER_INDIVIDUAL_H
#define FE_INFER_INDIVIDUAL_H

#include "base/arena.h"
#include "course/play_batch.h"
#include "infer/likelihood.h"
#include "infer/prior.h"

typedef struct individual {
    const patient_prior *prior;
    const body_event *events; /* sorted */
    size_t events_n;
    const seen_lab *labs; /* by time */
    size_t labs_n;
    int etas[ETAS + 1]; /* [n] the estimated ones, ascending; the others keep their prior */
    size_t n;
    double omega[ETAS + 1];
    const double *times; /* h, ascending: when results were drawn */
    size_t times_n;
    const size_t *first; /* [times_n + 1]: the first result of each time; those before first[0] read the start */
    batch_part part;
} individual;

/* The prior, events and results (by time) last as long as it does. */
const individual *fe__individual(arena *a, const patient_prior *prior, const body_event *events, size_t events_n,
                                 const seen_lab *labs, size_t labs_n);

/* One set of etas, looked at. */
typedef struct trial_eta {
    double eta[ETAS + 1]; /* in; [0] is not used */
    double objective;     /* INFINITY: no start, or no course */
    double spread;        /* its part of the etas: the sum of eta^2 / omega^2 over the estimated ones */
    double closure;       /* its part of the closure; 0 without one */
    double solved[CLOSURE_TERMS];
    double *ln_f; /* [labs_n] logarithms of what is foreseen of each result: the caller's */
} trial_eta;

/* How finely a course is to be played that is shown or searched along, and one among thousands of draws: a result errs by 3% and more, what is
 * foreseen of it by ten times these. */
extern const double fe__shown_rtol, fe__drawn_rtol;

/* Looks at n of them on `threads` threads, 1 or more: nothing depends on how many. False when memory is out. */
bool fe__individual_look(const individual *x, trial_eta *list, size_t n, double rtol, int threads);

/* [n] with room for what is foreseen; etas 0. */
trial_eta *fe__trial_etas(arena *a, const individual *x, size_t n);

#endif
