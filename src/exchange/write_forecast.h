/* Forecasts in answers: by themselves, and under each option of a plan. */
#ifndef FE_EXCHANGE_WRITE_FORECAST_H
#define FE_EXCHANGE_WRITE_FORECAST_H

#include "advise/forecast.h"
#include "exchange/door.h"

/* The numbers of the model, read once a question; NULL after faults. */
const model_data *fe__model_of(asking *q);

/* Where an option of a plan leads; NULL when none is asked for. May be a refusal. Changes what the facts have in view. */
const forecast *fe__option_forecast(asking *q, const option *o);

/* Series, goals, windows, misses and what they stand on, into j. Only of a forecast that is none of the refusals. */
void fe__write_forecast(asking *q, json_t *j, const forecast *x);

/* Every chance by its id, null where nothing is modelled; x may be NULL. */
json_t *fe__write_chances(asking *q, const forecast *x);

#endif
