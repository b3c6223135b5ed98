/* ferrule new: a course file from questions and answers. */
#ifndef FE_CLI_NEW_H
#define FE_CLI_NEW_H

#include <stdio.h>

#include "knowledge/knowledge.h"

/* Asks on `out`, reads answers from `in`, one a line, and writes a valid course to `file`. An empty answer is unknown; a wrong
 * one is asked again, with the reason. Labs count at `now`. 0 when written; 2 when the answers ended before the questions
 * (nothing is written); 4 when memory is out or `file` cannot be written. */
int fe__new_run(const knowledge *k, double now, int zone_min, FILE *in, FILE *out, FILE *file);

/* Writes a filled course to start from, its labs at `now`. 0 or 4. */
int fe__new_example(const knowledge *k, double now, int zone_min, FILE *file);

#endif
