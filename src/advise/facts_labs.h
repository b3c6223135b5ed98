/* The labs among the facts: which one counts, what follows from them. */
#ifndef FE_ADVISE_FACTS_LABS_H
#define FE_ADVISE_FACTS_LABS_H

#include "advise/facts.h"

/* Fills `drawn` and `lab` of a course that is there, and the flag lab_left_out. */
void fe__facts_find_labs(facts *f);

/* The numbers that follow from labs: tsat, tsat_as_drawn, mentzer_index, irls, days_since_lab_*. */
void fe__facts_derive_labs(facts *f);

/* Hours for which iron given before this lab spoils it, 0 when the lab counts. */
double fe__facts_spoiled_hours(const facts *f, const event *lab);

#endif
