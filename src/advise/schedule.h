/* Splitting a total into doses and placing them on days. */
#ifndef FE_ADVISE_SCHEDULE_H
#define FE_ADVISE_SCHEDULE_H

#include "advise/facts.h"
#include "advise/prepare.h"

enum { SCHEDULE_MAX = 64, SCHEDULE_DAYS = 400 };

typedef struct given_dose {
    long day;
    double mg;
    bool same_product;
} given_dose;

typedef struct dose_list {
    double mg[SCHEDULE_MAX];
    long day[SCHEDULE_MAX]; /* calendar days */
    size_t n;
    const char *failed; /* name of the limit that left no day or dose; NULL */
} dose_list;

typedef struct schedule_rules {
    double weekly_mg, weekly_count, daily_mg, monthly_mg; /* infinite when none; daily count is one */
    double min_interval, max_interval, within_days;       /* NaN when none */
} schedule_rules;

/* The windows that bind, for this patient. */
schedule_rules fe__schedule_rules_of(const product *p, const method *m, const route_rules *r, const prepare_input *in);

/* total_mg into doses of at most cap_mg: as few as can be; the first is the typical dose where the caps leave the choice.
 * per_dose: allowed single doses ascending (n = 0: any). */
void fe__split_doses(const knowledge *k, double total_mg, double cap_mg, const double *per_dose, size_t per_dose_n,
                     dose_list *out);

/* Days for out->mg, from `first` on, in the pattern of the method, keeping every window together with what was given. */
void fe__place_doses(const knowledge *k, const schedule_rules *rules, bool dialysis, const double *fixed_days, long first,
                     const given_dose *given, size_t given_n, dose_list *out);

#endif
