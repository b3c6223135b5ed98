/* What is played: 24 weeks with two infusions and 60 output times, through draws of one patient or through virtual patients; and how far two
 * ways of playing it are apart. */
#ifndef FE_BENCH_CASES_H
#define FE_BENCH_CASES_H

#include <stdatomic.h>

#include "course/play_batch.h"
#include "infer/prior.h"

enum { CASE_EVENTS = 4, CASE_TIMES = 60 };

typedef struct bench_course {
    const model_data *m;
    body_event events[CASE_EVENTS];
    double times[CASE_TIMES];
} bench_course;

/* Bodies made beforehand, so that no method's time holds their making. */
typedef struct bench_case {
    const char *name;
    const bench_course *course;
    batch_body *bodies;
    size_t n;
} bench_case;

/* A run over some bodies of a case. */
typedef struct case_run {
    const bench_case *c;
    double *values;      /* [n][CASE_TIMES][OBSERVED], or NULL */
    atomic_size_t ended; /* bodies that came to the end */
    size_t next, end;    /* bodies that are still to be taken: next .. end - 1 */
} case_run;

void bench_course_init(bench_course *c, const model_data *m);

/* n draws from the prior of one patient with heavy menstrual bleeding; n virtual patients, all populations in turn. Each ends the
 * program when memory is out. */
bench_case bench_draws(const bench_course *c, size_t n);
bench_case bench_virtual(const bench_course *c, size_t n);
bool bench_virtual_body(const model_data *m, size_t k, body *b, double *y);
/* Stills the fastest state, the mediator Q, for what it costs an explicit method. */
void bench_still(bench_case *c);
void bench_case_free(bench_case *c);

/* n bodies at rtol, over and over the case's own; ask->context is the run. With values, at most as many as the case has. */
batch_ask bench_ask(case_run *run, size_t n, double rtol);
/* The same through course/play_batch.h. */
batch_play bench_play(case_run *run, size_t n, double rtol, int threads);

/* The largest error of a body over times and values. A value counts against a thousandth of the largest of its column of that body. */
typedef struct body_error {
    double error;
    int value, time; /* where: of OBSERVED; of the output times */
} body_error;

const char *bench_value_name(int value);

/* Of n bodies, sorted: the last is the largest of all. */
void bench_errors(const double *got, const double *want, size_t n, body_error *errors);

#endif
