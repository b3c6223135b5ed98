#ifndef FE_EXCHANGE_READ_SCENARIO_H
#define FE_EXCHANGE_READ_SCENARIO_H

#include "base/json.h"
#include "course/scenario.h"
#include "knowledge/knowledge.h"

/* The scenario in the arena of f, or NULL with every fault at its JSON pointer. */
const scenario *fe__scenario_read(const knowledge *k, faults *f, const json_t *json);

#endif
