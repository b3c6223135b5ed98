/* A scenario: one patient's labs, events in hours and output times, as docs/model.md (section 17) has it. For pharmacometricians and
 * for the reference trajectories; a clinical course is course.h. */
#ifndef FE_COURSE_SCENARIO_H
#define FE_COURSE_SCENARIO_H

#include "body/start.h"
#include "course/play.h"

typedef struct scenario {
    start_labs labs;
    const body_event *events; /* sorted; an infuse is its start and its stop */
    size_t events_n;
    const double *times; /* h, ascending */
    size_t times_n;
} scenario;

#endif
