/* Forecasts in answers: by themselves, and under each option of a plan. */
#ifndef FE_EXCHANGE_WRITE_FORECAST_H
#define FE_EXCHANGE_WRITE_FORECAST_H

#include "advise/forecast.h"
#include "exchange/door.h"

/* The numbers of the model, read once a question; NULL after faults. */
const model_data *fe__model_of(asking *q);

/* How questions of the model are asked: draws, seed, threads, rooms, progress. */
forecast_ask fe__forecast_ask_of(asking *q);

/* A usage fault when --draws is 0. */
bool fe__draws_are_asked(asking *q);

/* One for each processor, up to some. */
int fe__threads(void);

/* Where each option of a plan leads: [options_n], some may be refusals; NULL when none is asked for. Changes what the facts have in view. */
const forecast *const *fe__option_forecasts(asking *q, const plan *p);

/* Series, goals, windows, misses and what they stand on, into j. Only of a forecast that is none of the refusals. */
void fe__write_forecast(asking *q, json_t *j, const forecast *x);

/* The results that bodies explain, and how well their draws can be trusted: a list, empty without any, and an object or null. */
json_t *fe__write_explained(asking *q, const bodies *b);
json_t *fe__write_fit_quality(asking *q, const bodies *b);

/* What happened that no event says, as fe__bodies_unexplained has it; null when nothing did. */
json_t *fe__write_unexplained(asking *q, const bodies *b);

/* What was foreseen of each of these results before it was known. Uses the rooms of q anew: what lies in them is lost. */
json_t *fe__write_foreseen(asking *q, const bodies *b);

/* How a question of the model is asked: what the request says, else what is usual. */
forecast_ask fe__forecast_ask_of(asking *q);

/* A chance with its interval, null when it is none; published words with their sources. */
json_t *fe__write_chance(asking *q, const chance *c);
json_t *fe__write_expectations(asking *q, const rule_line *const *lines, size_t n);

/* Every chance by its id, null where nothing is modelled; x may be NULL. */
json_t *fe__write_chances(asking *q, const forecast *x);

#endif
