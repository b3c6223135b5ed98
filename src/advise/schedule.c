/* Splitting and placing doses; see schedule.h. Windows are half-open calendar days: within 7 days of day d means d .. d+6. */
#include "advise/schedule.h"

#include <limits.h>
#include <math.h>

#include "base/text.h"

/* ---- windows that bind ------------------------------------------------------------------------------------------------ */

static void take_rule(schedule_rules *s, const limit *l, double weight_kg) {
    switch (l->what) {
    case WHAT_max_weekly_mg: s->weekly_mg = fmin(s->weekly_mg, l->value); break;
    case WHAT_max_weekly_mg_per_kg: s->weekly_mg = fmin(s->weekly_mg, l->value * weight_kg); break;
    case WHAT_max_monthly_mg: s->monthly_mg = fmin(s->monthly_mg, l->value); break;
    case WHAT_max_daily_mg: s->daily_mg = fmin(s->daily_mg, l->value); break;
    case WHAT_max_doses_per_week: s->weekly_count = fmin(s->weekly_count, l->value); break;
    case WHAT_min_interval_days: s->min_interval = fmax(isnan(s->min_interval) ? 0 : s->min_interval, l->value); break;
    case WHAT_max_interval_days: s->max_interval = isnan(s->max_interval) ? l->value : fmin(s->max_interval, l->value); break;
    case WHAT_within_days: s->within_days = isnan(s->within_days) ? l->value : fmin(s->within_days, l->value); break;
    default: break;
    }
}

schedule_rules fe__schedule_rules_of(const product *p, const method *m, const route_rules *r, const prepare_input *in) {
    schedule_rules s = {INFINITY, INFINITY, INFINITY, INFINITY, NAN, NAN, NAN};
    prepare_input any_dose = *in;
    any_dose.dose_mg = NAN;
    const limits *sets[3] = {&m->limits, &r->limits, &p->common};
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < sets[i]->n; j++)
            if (fe__limit_binds(p, &sets[i]->list[j], r, &any_dose)) take_rule(&s, &sets[i]->list[j], in->cap_weight_kg);
    return s;
}

/* ---- splitting --------------------------------------------------------------------------------------------------------- */

static bool push_dose(dose_list *out, double mg) {
    if (out->n == SCHEDULE_MAX) {
        out->failed = "max-course";
        return false;
    }
    out->mg[out->n++] = mg;
    return true;
}

/* The last dose is not below the least of the regimen: the one before gives what is lacking. */
static void raise_last(dose_list *out, double least) {
    double *last = &out->mg[out->n - 1], *before = &out->mg[out->n - 2], lacks = least - *last;
    if (lacks <= 0 || *before - lacks < least) return;
    *last += lacks;
    *before -= lacks;
}

void fe__split_doses(const knowledge *k, double total, double cap, const double *per_dose, size_t per_dose_n, dose_list *out) {
    out->n = 0;
    out->failed = NULL;
    if (per_dose_n) cap = fmin(cap, per_dose[per_dose_n - 1]);
    if (!(cap >= 1)) {
        out->failed = "max-single-dose";
        return;
    }
    double left = floor(total + 1e-9), typical = k->practice.typical_dose_mg;
    while (left > 0) {
        double doses = ceil(left / cap - 1e-9);
        double mg = fmin(cap, left);
        bool typical_fits = typical <= cap && doses > 1 && left - typical <= (doses - 1) * cap + 1e-9;
        if (typical_fits) mg = typical;
        if (!push_dose(out, mg)) return;
        left -= mg;
    }
    if (per_dose_n && out->n > 1) raise_last(out, per_dose[0]);
}

/* ---- placing ----------------------------------------------------------------------------------------------------------- */

typedef struct placing {
    const schedule_rules *rules;
    const given_dose *given;
    size_t given_n;
    const dose_list *out;
    size_t placed;
} placing;

static double dose_day(const placing *p, size_t i, long *day, bool *same) {
    if (i < p->given_n) {
        *day = p->given[i].day;
        *same = p->given[i].same_product;
        return p->given[i].mg;
    }
    *day = p->out->day[i - p->given_n];
    *same = true;
    return p->out->mg[i - p->given_n];
}

/* Does one more dose on `day` keep every window? Windows that end on `day` suffice: doses are placed in order of time, and none
 * given lies after the first. The name of the first broken one, or NULL. */
static const char *breaks(const placing *p, double mg, long day) {
    double week = mg, month = mg, today = mg, count = 1;
    const schedule_rules *r = p->rules;
    for (size_t i = 0; i < p->given_n + p->placed; i++) {
        long d;
        bool same;
        double given = dose_day(p, i, &d, &same);
        long ago = day - d;
        if (ago < 0) continue;
        if (ago == 0) today += given;
        if (ago < 7) week += given;
        if (ago < 7 && same) count += 1;
        if (ago < 28) month += given;
        if (same && (double)ago < r->min_interval) return "min-interval";
        if (same && ago == 0) return "min-interval"; /* one infusion a day */
    }
    if (today > r->daily_mg + 1e-9) return "max-daily";
    if (week > r->weekly_mg + 1e-9) return "max-weekly";
    if (count > r->weekly_count) return "max-doses-per-week";
    if (month > r->monthly_mg + 1e-9) return "max-course";
    return NULL;
}

/* How many of these doses a week allows, and the days of the week on which they are usually given. */
static const double *pattern_of(const knowledge *k, const schedule_rules *r, bool dialysis, double mg, size_t *n) {
    *n = 0;
    if (dialysis) {
        *n = k->practice.dialysis_days_n;
        return k->practice.dialysis_days;
    }
    double per_week = fmin(r->weekly_count, floor(r->weekly_mg / mg + 1e-9));
    if (isinf(r->weekly_count)) return NULL; /* no rule of so many a week: the intervals decide */
    if (per_week >= 3) {
        *n = k->practice.days_3_n;
        return k->practice.days_3_per_week;
    }
    if (per_week >= 2) {
        *n = k->practice.days_2_n;
        return k->practice.days_2_per_week;
    }
    return NULL;
}

static bool in_pattern(const double *days, size_t n, long since_first) {
    if (n == 0) return true;
    for (size_t i = 0; i < n; i++)
        if (since_first % 7 == (long)days[i]) return true;
    return false;
}

/* The course under way: the first and last dose of this product within the course window before `first`. False when there is none. */
static bool course_before(const knowledge *k, const given_dose *given, size_t n, long first, long *begin, long *last) {
    bool any = false;
    for (size_t i = 0; i < n; i++) {
        long ago = first - given[i].day;
        if (!given[i].same_product || ago < 0 || (double)ago >= k->practice.course_window_days) continue;
        *begin = any && *begin < given[i].day ? *begin : given[i].day;
        *last = any && *last > given[i].day ? *last : given[i].day;
        any = true;
    }
    return any;
}

void fe__place_doses(const knowledge *k, const schedule_rules *rules, bool dialysis, const double *fixed_days, long first,
                     const given_dose *given, size_t given_n, dose_list *out) {
    placing p = {rules, given, given_n, out, 0};
    long start = first, even = 0, begin = first, before = LONG_MIN;
    bool under_way = course_before(k, given, given_n, first, &begin, &before);
    double left = rules->within_days - (double)(first - begin); /* days of the course that remain; NaN when it has no end */
    if (left < 0) {
        out->failed = "max-course";
        return;
    }
    if ((double)(out->n - 1) > left) out->n = (size_t)left + 1; /* one a day is the most */
    if (!isnan(left) && out->n > 1 && !dialysis) even = (long)(left / (double)(out->n - 1));
    for (size_t i = 0; i < out->n; i++) {
        size_t pattern_n;
        const double *pattern = pattern_of(k, rules, dialysis, out->mg[i], &pattern_n);
        long from = i == 0 ? first : fixed_days ? start + (long)fixed_days[i] : out->day[i - 1] + (even > 1 ? even : 1);
        long day = from, last = from + SCHEDULE_DAYS;
        const char *why = NULL;
        for (; day < last; day++) {
            why = breaks(&p, out->mg[i], day);
            if (!why && (i == 0 || fixed_days || in_pattern(pattern, pattern_n, day - start))) break;
        }
        if (day == last) {
            out->failed = why ? why : "min-interval";
            return;
        }
        long previous = i > 0 ? out->day[i - 1] : before;
        if ((i > 0 || under_way) && (double)(day - previous) > rules->max_interval) {
            out->failed = "max-interval";
            return;
        }
        if (i == 0) start = day;
        out->day[i] = day;
        p.placed++;
    }
    if (out->n > 0 && (double)(out->day[out->n - 1] - begin) > rules->within_days) out->failed = "max-course";
}
