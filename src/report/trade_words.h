/* The trade-off of an optimized plan in the few words that a table has room for. */
#ifndef FE_REPORT_TRADE_WORDS_H
#define FE_REPORT_TRADE_WORDS_H

#include <jansson.h>

#include "base/arena.h"

/* The optimization of an answer when there is one to show; else NULL. */
const json_t *fe__trade_of(const json_t *root);

/* The option that a way is, by its place in the answer; NULL when it is not there. */
const json_t *fe__trade_option(const json_t *root, const json_t *way);

/* A criterion as the head of a column, and what stands under it: "33 in 100", "1,500 mg". "-" for what is not known. */
const char *fe__trade_head(const json_t *criterion);
const char *fe__trade_value(arena *a, const json_t *criterion, double v);

/* The value of a way, with the number of infusions where it is a chance in any of several: "33 in 100, any of 5". */
const char *fe__trade_cell(arena *a, const json_t *root, const json_t *way, const json_t *criterion);

/* What is to be said of a way beside its doses: "; recommended", "; no clear advantage", the label's own way. */
const char *fe__trade_remark(arena *a, const json_t *way, size_t i);

/* How a value stands to that of the first way: "better", "worse", "tie", "" for the same way or what cannot be compared. */
const char *fe__trade_stand(const json_t *value);

/* "53 ways inside the label were found, 11 of them compared closely." and what is not shown. */
const char *fe__trade_sentence(arena *a, const json_t *trade);

#endif
