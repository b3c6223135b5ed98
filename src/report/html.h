/* An answer as one HTML page: no network, no script, everything inside, for a screen by day and night and for paper. Nothing medical is
 * computed: what is shown stands in the answer, or in the course that it was asked of. */
#ifndef FE_REPORT_HTML_H
#define FE_REPORT_HTML_H

#include <jansson.h>

#include "base/arena.h"
#include "base/text.h"
#include "report/timeline.h"

/* The page of an answer of plan, forecast, interpret or validate, in the arena; NULL for another question. `course`: as fe__write_course of exchange/door.h
 * gives it (a course file in canonical units, with `words` for its ids); NULL when there is none. */
const char *fe__report_page(arena *a, const json_t *answer, const json_t *course);

/* ---- inside ---- */

/* A page under way. */
typedef struct report {
    arena *a;
    text t;
    const json_t *root, *course;
    const json_t *chosen;   /* plan: the option that stands first; else NULL */
    const json_t *forecast; /* where series stand: the answer itself, or the chosen option's forecast; NULL when none */
    const timeline *l;      /* NULL when there is nothing to draw */
    int zone_min;
    long today;
} report;

/* The pages between head and foot. */
void fe__html_plan(report *r);
void fe__html_forecast(report *r);
void fe__html_interpret(report *r);
void fe__html_refusal(report *r);
void fe__html_validate(report *r);
void fe__html_arms(report *r);

/* Words of an id as the course's `words` have them, else the id itself. */
const char *fe__word(const report *r, const char *id);

/* "14 Dec" of a date or time in the answer; the text itself when it is neither. */
const char *fe__day_words(const report *r, const char *when);

/* Parts that pages share. A drawing stands in three looks: for a wide window, a sheet of paper, a phone. */
void fe__part_drawings(report *r, const fan *const *fans, size_t n, const char *key, bool rows, const char *label);
void fe__part_windows(report *r);
void fe__part_cuts(report *r, const fan *const *fans, size_t n);
const char *fe__label_of(const report *r, const fan *const *fans, size_t n, const char *opening);
void fe__part_answer(report *r, const char *headline, const char *sentence, double chance);
/* What weakens the bands, before they are looked at. */
void fe__part_cautions(report *r);
void fe__part_charts(report *r);
void fe__part_next(report *r);
void fe__part_findings(report *r);
void fe__part_missing(report *r);
void fe__part_given(report *r);
void fe__part_misses(report *r);
void fe__part_expect(report *r);
void fe__part_goals(report *r);

/* "About 6 in 10 reach both goals by 1 Feb." and its chance, from chances and goals; "" and NaN when the model says nothing. */
const char *fe__goal_sentence(const report *r, double *chance);

/* "Hemoglobin 13 is likeliest near week 10."; "" when no goal is told. */
const char *fe__goal_headline(const report *r);

/* Plan: the scale of mg, the options on shared scales, the trade-off between ways, what is given to the mL, and the sheet for the patient. */
void fe__plan_need(report *r);
void fe__plan_options(report *r);
void fe__plan_tags(report *r, const json_t *option); /* off-label, open cautions */
void fe__plan_trade(report *r);
void fe__plan_give(report *r);
void fe__plan_sheet(report *r);

/* "1,000 mg, then 500 mg 7 days later". */
const char *fe__doses_words(arena *a, const json_t *infusions);

/* " in any of 5 infusions" of an option, after the chance of what may happen in each; "" for one infusion. */
const char *fe__say_of_infusions(arena *a, const json_t *option);

/* A drawing of the mark. */
extern const char fe__mark_svg[];

/* Said on every page and in every foot. */
extern const char fe__disclaimer[];

#endif
