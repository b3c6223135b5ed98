/* What a chart is drawn from: one course and its forecast as plain arrays, read out of the answer and the course, in days from t0.
 *
 * t0 is the start of the first infusion (of a plan: of the first of all its options), or the moment of the answer where there is none: week 0 of
 * every axis and table.
 * Nothing is computed but differences of dates. What the answer lacks is absent here too, and then is not drawn. */
#ifndef FE_REPORT_TIMELINE_H
#define FE_REPORT_TIMELINE_H

#include <jansson.h>
#include <stdbool.h>

#include "base/arena.h"

/* How the values of a quantity are written: so many decimals, or so many figures when decimals is negative. */
typedef struct quantity {
    const char *id, *title, *brief;
    int decimals, figures;
    double height; /* of its panel, in CSS pixels */
    bool peaks;    /* its highest value tells more than its last */
    bool in_100;   /* a chance, told in 100 */
    double most;   /* the axis ends here and curves beyond are cut; 0: where they end */
} quantity;

/* The quantity of that id; an unknown id gets its own name. */
const quantity *fe__quantity(arena *a, const char *id);
const char *fe__quantity_words(arena *a, const quantity *q, double v);

typedef struct dose {
    double day, mg;
    const char *product;
    bool planned;
} dose;

typedef struct measured {
    double day, value;
    const char *lab, *unit, *words; /* words: the value as it was given */
} measured;

typedef struct due {
    double day;
    const char *take; /* "Hb, TSAT" */
} due;

typedef struct trust {
    const char *lab, *id;
    double from, to;
} trust;

/* What was foreseen of one lab before it was known. */
typedef struct bar {
    double day, p5, p50, p95;
    const char *place, *reading, *value; /* "above 40 in 100" or "", "responding" or "", the value as it was given */
} bar;

/* One series with its bands, all arrays of n; `other` is the middle without the usual placebo response, or NULL. */
typedef struct fan {
    const quantity *what;
    const char *unit, *unvalidated;
    size_t n;
    const double *t, *p5, *p25, *p50, *p75, *p95, *other;
    double goal;     /* NaN when none */
    const bar *bars; /* an interpretation has these, and no bands: n is 0 */
    size_t bars_n;
} fan;

typedef struct timeline {
    arena *a;
    double t0; /* seconds */
    int zone_min;
    double now;      /* the moment of the answer, days from t0 */
    bool begun;      /* has an infusion been given? */
    double from, to; /* what the axis shows */
    size_t early;    /* labs measured before `from` */
    dose *doses;
    size_t doses_n;
    measured *labs;
    size_t labs_n;
    due *dues;
    size_t dues_n;
    trust *windows;
    size_t windows_n;
    fan *fans;
    size_t fans_n;
} timeline;

/* `forecast` holds t0, series, goals, windows; `infusions` (of a plan) or NULL, then those of the course are drawn. NULL when the
 * forecast has no series. */
const timeline *fe__timeline(arena *a, const json_t *root, const json_t *forecast, const json_t *infusions, const json_t *course);

/* Of an interpretation: the labs against what was foreseen of each. NULL when no lab has a value. */
const timeline *fe__timeline_of_labs(arena *a, const json_t *root, const json_t *course);

const fan *fe__fan_of(const timeline *l, const char *id);

/* The calendar day of a moment, and of the moment of the answer. */
long fe__timeline_day(const timeline *l, double day);
long fe__timeline_today(const timeline *l);

/* "week 4", "day 7", "6 h", counted from t0. */
const char *fe__timeline_when(const timeline *l, double day);

/* Seconds of a time or a date alone (noon); false when it is neither. */
bool fe__moment(const char *when, int zone_min, double *seconds);

/* Does the id of a goal ("hemoglobin", "hemoglobin_g_dl", "hb-goal") mean this series? */
bool fe__goal_means(const char *goal, const char *series);

#endif
