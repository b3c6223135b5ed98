/* Readers of files from outside: course, order, site. Every fault with its place, all at once; nothing is half-read.
 *
 * Units are converted here and nowhere else, by units.csv. A bare number is in the unit of the vocabulary. Outside the hard range:
 * a fault with the range and a hint at the likely unit (80 as hemoglobin: "80 g/L is 8 g/dL; write the unit").
 * Outside the warn range: used, and returned as a question (confirms). Unknown fields, ids and units are faults with the nearest
 * known word as hint. What is read lives in the arena of f. */
#ifndef FE_EXCHANGE_READ_H
#define FE_EXCHANGE_READ_H

#include "course/course.h"
#include "course/site.h"

/* Minutes east of UTC of the earliest of these events or infusions that carries a time with a zone: the same whatever their order in
 * the file. `otherwise` when none does. */
int fe__zone_of(const json_t *list, int otherwise);

/* A course file (answers.md section 3). `now`: labs after it are faults. NULL with faults. */
const course *fe__course_read(const knowledge *k, faults *f, const json_t *json, double now);

/* The order file (section 4). Order and time of its infusions as written; `zone_min` of the course or of its own first time. */
const order *fe__order_read(const knowledge *k, faults *f, const json_t *json, double now, int zone_min);

/* site.json: {"ferrule":1,"region","name","formulary":[ids],"vials":[{"product","mg","price"}],"currency","off_label":[ids],
 * "observe_minutes","on_site_resuscitation","resuscitation_protocol","adrenaline_mg","adrenaline_by_weight","prescriber_before_resume",
 * "symptom_free_minutes"}. */
const site *fe__site_read(const knowledge *k, faults *f, const char *text, size_t length);

/* Values of the command line as a course: key/value pairs such as {"hb","8.9g/dL"}, {"sex","f"}; labs count at `now`.
 * `at` of a fault is the option. Keys are the options of answers.md section 1 without the dashes; condition may repeat. */
typedef struct option_value {
    const char *key, *value;
} option_value;
const course *fe__course_from_options(const knowledge *k, faults *f, const option_value *options, size_t n, double now,
                                      int zone_min);

/* Two names of one thing: weight-kg and weight-lb, hb and hemoglobin. Said twice they are a fault, whoever reads them. */
bool fe__option_same(const char *key, const char *other);

/* One number with an optional unit ("80g/L"), checked against the ranges of a vocabulary row, in its canonical unit.
 * NaN with a fault at `at`. Outside the warn range a confirm is appended when `confirms` is not NULL. */
typedef struct confirm_list {
    confirm *list;
    size_t n, cap;
} confirm_list;
double fe__quantity_read(const knowledge *k, faults *f, int term, const char *text, const char *at, confirm_list *confirms);

/* The same for a weight whose bare number is pounds; in kg. */
double fe__pounds_read(const knowledge *k, faults *f, const char *text, const char *at, confirm_list *confirms);

/* The same judgement of a number that is there already, in the canonical unit. */
void fe__quantity_check(const knowledge *k, faults *f, int term, double v, const char *at, confirm_list *confirms);

#endif
