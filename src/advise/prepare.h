/* One infusion at the chair: vials, bag, minutes, mL/h, stages, test dose. */
#ifndef FE_ADVISE_PREPARE_H
#define FE_ADVISE_PREPARE_H

#include "course/course.h"
#include "course/site.h"

typedef struct vial_use {
    double mg;
    int count;
} vial_use;

typedef struct stage {
    double mg, ml, minutes, ml_per_h;
} stage;

typedef struct preparation {
    const product *product;
    const method *method;
    const route_rules *route;
    double dose_mg, drug_ml;
    vial_use vials[8];
    size_t vials_n;
    double discard_mg, cost; /* cost NaN when not priced */
    const char *diluent;     /* id; "none" when undiluted */
    double bag_ml;           /* NaN when undiluted */
    double volume_ml;        /* what runs in */
    double final_mg_per_ml;
    double minutes, ml_per_h, mg_per_min;
    stage stages[2];
    size_t stages_n;
    double test_dose_mg, test_dose_ml, test_seconds, test_wait_minutes; /* NaN when none */
    double observe_minutes;
    const char *timing;       /* NULL when none */
    double range_max_mg;      /* the total of the course may go so far, by the range of a table; NaN when there is no range */
    bool slower_than_minimum; /* the minutes were given, and are more than the label's least */
} preparation;

/* What is given; NaN / NULL lets the label decide. */
typedef struct prepare_input {
    double dose_mg, bag_ml, minutes;
    const char *route, *diluent;
    double cap_weight_kg, age_years; /* NaN when unknown */
    bool first_dose;                 /* no dose of this product in the course before: a test dose is due */
    const char *const *accepted;     /* caution rules passed */
    size_t accepted_n;
} prepare_input;

/* Limits of a dose by one method and route; NaN / infinite where the label sets none. Cautions bind unless accepted. */
typedef struct allowed {
    double dose_mg_max, bag_ml_min, bag_ml_max, minutes_min, final_mg_per_ml_min, final_mg_per_ml_max, mg_per_min_max;
    bool minutes_strict;
} allowed;

allowed fe__allowed(const product *p, const method *m, const route_rules *r, const prepare_input *in);

/* The route's rules of a method: the one asked for, else infusion, else its first. NULL when the method lacks the route asked for. */
const route_rules *fe__route_of(const method *m, const char *route);

preparation fe__prepare(const knowledge *k, const product *p, const method *m, const route_rules *r, const site *s,
                        const prepare_input *in);

/* Whether a limit applies to this dose and patient, and binds (a label limit, or a caution not accepted). */
bool fe__limit_binds(const product *p, const limit *l, const route_rules *r, const prepare_input *in);

/* Visits the limits of method, route and product that bind. */
typedef void (*limit_visit)(void *context, const limit *l);
void fe__each_binding_limit(const product *p, const method *m, const route_rules *r, const prepare_input *in, limit_visit visit,
                            void *context);

/* The largest single dose that method and route allow this patient, whole mg, never above a cap. Infinite when none is set. */
double fe__single_cap(const product *p, const method *m, const route_rules *r, const prepare_input *in);

#endif
