#ifndef FE_EXCHANGE_READ_OBSERVATIONS_H
#define FE_EXCHANGE_READ_OBSERVATIONS_H

#include "advise/validate.h"

/* Published observations (the columns of data/evidence/observations.csv; other columns are left alone), in the arena of f. Every fault with its
 * line and column; the list is whole only when there is none. */
const observation *fe__observations_read(faults *f, const char *csv, size_t length, size_t *n);

#endif
