/* The numbers behind a chart, as HTML tables: one for iron given, one for labs, one for each fan with a row a point. */
#ifndef FE_REPORT_CHART_TABLE_H
#define FE_REPORT_CHART_TABLE_H

#include "report/timeline.h"

#include "base/text.h"

void fe__table_doses(text *t, const timeline *l);
void fe__table_labs(text *t, const timeline *l);
void fe__table_fan(text *t, const timeline *l, const fan *f);

/* A row each lab: its value, what was foreseen before it was known, its place in that, how it reads. */
void fe__table_bars(text *t, const timeline *l, const fan *f);

/* Rows are fans, columns a few telling times: what paper shows of panels that are opened on a screen only. */
void fe__table_brief(text *t, const timeline *l, const fan *const *fans, size_t n);

/* Index of the point nearest to a day, within half a day; n when there is none. */
size_t fe__point_at(const fan *f, double day);

/* Days worth telling of a forecast that ends on `to`: 0, 1, 7, 14, then weeks 4, 8, 12, 24, ... Returns how many (at most 16). */
size_t fe__telling_days(double to, double days[16]);

#endif
