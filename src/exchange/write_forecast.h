/* Forecasts in answers: by themselves, and under each option of a plan. */
#ifndef FE_EXCHANGE_WRITE_FORECAST_H
#define FE_EXCHANGE_WRITE_FORECAST_H

#include "advise/forecast.h"
#include "exchange/door.h"

/* The numbers of the model, read once a question; NULL after faults. */
const model_data *fe__model_of(asking *q);

/* One for each processor, up to some. */
int fe__threads(void);

/* Where each option of a plan leads: [options_n], some may be refusals; NULL when none is asked for. Changes what the facts have in view. */
const forecast *const *fe__option_forecasts(asking *q, const plan *p);

/* Series, goals, windows, misses and what they stand on, into j. Only of a forecast that is none of the refusals. */
void fe__write_forecast(asking *q, json_t *j, const forecast *x);

/* The results that bodies explain, and how well their draws can be trusted: a list, empty without any, and an object or null. */
json_t *fe__write_explained(asking *q, const bodies *b);
json_t *fe__write_fit_quality(asking *q, const bodies *b);

/* Every chance by its id, null where nothing is modelled; x may be NULL. */
json_t *fe__write_chances(asking *q, const forecast *x);

#endif
