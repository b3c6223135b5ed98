/* Charts of a course as SVG: panels under each other on one axis of time. Drawn here once, for screen, print and reading without
 * script; colors are the custom properties of assets/tokens.css alone. The numbers drawn stand in tables beside (chart_table.h). */
#ifndef FE_REPORT_CHART_H
#define FE_REPORT_CHART_H

#include <jansson.h>

#include "report/scale.h"
#include "report/timeline.h"

#include "base/text.h"

/* For a wide window, for a tablet or a sheet of paper, for a phone. */
typedef enum look { LOOK_WIDE, LOOK_MIDDLE, LOOK_PHONE } look;

typedef struct chart_ask {
    const char *key; /* begins the ids inside this SVG, so that two drawings on a page do not share them */
    look look;
    bool rows; /* iron given and labs above the fans */
    const fan *const *fans;
    size_t fans_n;
    const json_t *misses, *chances; /* of the forecast; may be NULL */
    const char *label;              /* the sentence of the whole drawing */
} chart_ask;

void fe__chart(text *t, const timeline *l, const chart_ask *ask);

/* "Hemoglobin: middle 8.9 at week 0, 13.2 at week 12 (9 in 10: 12.3 to 14.1 g/dL)." */
const char *fe__chart_sentence(const timeline *l, const fan *f);

/* The misses that touch a quantity are numbered as they stand in the answer, from 1: "1, 4"; "" when none. */
const char *fe__miss_numbers(arena *a, const json_t *misses, const char *id);

/* ---- inside the charts ---- */

/* A drawing under way. */
typedef struct drawing {
    arena *a;
    const timeline *l;
    const chart_ask *ask;
    text under, panels, over; /* grid; the panels; what lies on everything */
    scale x;                  /* days to places */
    double width, y;          /* y: where the next panel begins */
    double label_x;           /* of what stands behind the end of a line */
    bool above;               /* names stand above their panel, not beside */
} drawing;

void fe__draw_doses(drawing *d);
void fe__draw_labs(drawing *d);
void fe__draw_fan(drawing *d, const fan *f);
void fe__draw_name(drawing *d, double y, const char *name, const char *second);

/* About how wide a text is. */
double fe__width_of(const char *words, double size);

#endif
