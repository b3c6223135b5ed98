/* Writing HTML and SVG. What comes from outside this program is escaped unless the writer says otherwise, never the other way round. */
#ifndef FE_REPORT_MARKUP_H
#define FE_REPORT_MARKUP_H

#include "base/text.h"

/* Adds s with & < > " ' as entities and control characters left out: safe between tags and in quoted attributes. NULL adds nothing. */
void fe__escape(text *t, const char *s);

/* Adds a format. Only these: %s a string, escaped; %S markup made by this program, as it is; %d an int; %f a coordinate (double, one
 * decimal, ".0" cut; 0 when not finite); %% a percent sign. */
void fe__html(text *t, const char *format, ...);

#endif
