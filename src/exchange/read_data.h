/* NONMEM-style data sets (docs/data-sets.md): one CSV file of many patients. */
#ifndef FE_EXCHANGE_READ_DATA_H
#define FE_EXCHANGE_READ_DATA_H

#include "infer/data_set.h"
#include "knowledge/knowledge.h"

/* Into the arena of f; NULL with every fault at its line and column. */
const data_set *fe__data_read(const knowledge *k, const model_data *m, faults *f, const char *bytes, size_t length);

/* Whether a text is a data set rather than JSON: its first character that is not blank says so. */
bool fe__is_data_set(const char *bytes, size_t length);

/* The name that a data set and its tables have for an observable. */
extern const char *const fe__dvid_names[OBSERVABLE_COUNT];

#endif
