/* A page of text for a terminal: wrapped, at most so wide, with or without colors. */
#ifndef FE_REPORT_PAGE_H
#define FE_REPORT_PAGE_H

#include <jansson.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/text.h"

typedef struct page {
    text t;
    arena *a;
    int columns;
    bool colors;
    bool drawn; /* small pictures out of block characters: the terminal shows UTF-8 */
} page;

typedef enum ink { INK_PLAIN, INK_BOLD, INK_DIM, INK_RED, INK_YELLOW, INK_GREEN } ink;

void fe__page_heading(page *p, const char *words);
void fe__page_blank(page *p);

/* A paragraph: the first line begins with `first` (its own color), the others are indented by its width. Wraps at blanks. */
void fe__page_paragraph(page *p, const char *first, ink color, const char *words);

/* "  name   value" with the name padded to `width` characters. */
void fe__page_pair(page *p, const char *name, int width, const char *value);

/* Reading answers: members that may be absent. "" and NAN when they are. */
const char *fe__js(const json_t *object, const char *key);
double fe__jn(const json_t *object, const char *key);
const char *fe__num(page *p, double v, int decimals); /* "-" for NaN */

/* "a, b, c" of a list of strings. */
const char *fe__list(page *p, const json_t *array);

/* The questions. */
void fe__page_assess(page *p, const json_t *root);
void fe__page_plan(page *p, const json_t *root);
void fe__page_forecast(page *p, const json_t *root);
void fe__page_fit(page *p, const json_t *root);
void fe__page_data(page *p, const json_t *root); /* of fit and simulate, when they were asked of a data set */
void fe__page_interpret(page *p, const json_t *root);
void fe__page_infuse(page *p, const json_t *root);
void fe__page_check(page *p, const json_t *root);
void fe__page_prepare(page *p, const json_t *root);
void fe__page_deficit(page *p, const json_t *root);
void fe__page_products(page *p, const json_t *root);
void fe__page_guidance(page *p, const json_t *root);
void fe__page_simulate(page *p, const json_t *root);
void fe__page_validate(page *p, const json_t *root);

/* What an optimized plan was chosen from; nothing for another plan. */
void fe__page_trade(page *p, const json_t *root);

/* Where the first option of a plan leads, when the plan has a forecast. */
void fe__page_plan_forecast(page *p, const json_t *root);
void fe__page_faults(page *p, const json_t *root);

/* Findings with reasons and sources; missing; values to confirm; the stamp. */
void fe__page_findings(page *p, const json_t *root);
void fe__page_missing(page *p, const json_t *root);
void fe__page_stamp(page *p, const json_t *root);

/* One infusion at the chair. */
void fe__page_infusion(page *p, const json_t *infusion);

#endif
