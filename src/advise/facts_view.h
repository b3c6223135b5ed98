/* Facts as they stood when a lab was drawn or a symptom noted, with that event in view: what an interpretation reads it by. */
#ifndef FE_ADVISE_FACTS_VIEW_H
#define FE_ADVISE_FACTS_VIEW_H

#include "advise/facts.h"

/* Where a lab lies in what was foreseen of it before it was known. */
typedef struct lab_place {
    double percentile; /* 0 to 100; NaN when nothing was foreseen */
    double middle;     /* of what was foreseen, in the unit of the lab; NaN */
} lab_place;
extern const lab_place fe__no_place;

/* A copy of the facts as of an event of the course: what came later is not known, and a lab is drawn before iron that is stamped the same.
 * The event is in view. */
facts *fe__facts_as_of(const facts *now, const event *e, lab_place where);

/* Puts a lab or sign of the course into view (NULL: none), read with all that these facts know: sets in_view, before, and the numbers and
 * flags of interpretation. Labs of iron from before the last iron by vein no longer count. */
void fe__facts_look_at(facts *f, const event *e, lab_place where);

/* The first infusion of the course of iron by vein that runs at an instant: infusions with no longer pause between them than
 * practice.course_window_days. NULL when none was given. */
const event *fe__facts_iron_began(const facts *f, double at);

/* The newest number of a lab that counts, drawn no later than an instant; NULL when none. */
const event *fe__facts_lab_by(const facts *f, int lab, double at);

#endif
