/* Each kind of limit: what is measured, and on which side of the value it must lie.
 *
 * A measure may be known, may not concern the infusion, may be unknown, or may be a bound: the truth can only be worse (a weekly sum
 * while a day is not said, or while nothing is known of iron given before). A bound that breaks the limit breaks it for certain; one that
 * keeps it says nothing, and the limit is left untried. */
#include "advise/verify_limits.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#include "base/text.h"

enum { DAYS_OF_WEEK = 7, DAYS_OF_MONTH = 28 };

typedef enum certainty { KNOWN, BOUND, UNKNOWN, NO_CONCERN } certainty;

typedef struct measure {
    certainty certainty;
    double value;
    const char *words; /* instead of a number */
    bool kept;         /* limits in words only */
} measure;

static measure known(double value) { return (measure){KNOWN, value, NULL, false}; }
static measure unknown(void) { return (measure){UNKNOWN, NAN, NULL, false}; }
static measure no_concern(void) { return (measure){NO_CONCERN, NAN, NULL, false}; }
static measure in_words(const char *words, bool kept) { return (measure){KNOWN, NAN, words, kept}; }
static measure known_or_not(double value) { return isnan(value) ? unknown() : known(value); }
static measure at_worst(const judged *j, double value) { return (measure){j->iron->whole ? KNOWN : BOUND, value, NULL, false}; }

/* ---- the dose and the patient -------------------------------------------------------------------------------------------- */

static measure per_kg(const judged *j, double mg) {
    return j->r->patient->known ? known_or_not(mg / j->r->patient->cap_weight_kg) : unknown();
}

static measure single_mg(const judged *j) { return known(j->x->dose_mg); }
static measure single_mg_per_kg(const judged *j) { return per_kg(j, j->x->dose_mg); }
static measure age_years(const judged *j) { return j->r->patient->known ? known_or_not(j->r->patient->age_years) : unknown(); }
static measure hemoglobin(const judged *j) { return j->r->patient->known ? known_or_not(j->r->patient->hb_g_dl) : unknown(); }

/* ---- windows ------------------------------------------------------------------------------------------------------------- */

/* Same molecule is the same drug, whatever its brand, region or place. */
static bool same_drug(const product *p, const iron_dose *d) {
    return fe__streq(d->product, p->id) || fe__streq(d->molecule, p->molecule);
}

static double in_window(const judged *j, long from, long days, bool counted) {
    double sum = 0;
    for (size_t i = 0; i < j->iron->n; i++) {
        const iron_dose *d = &j->iron->list[i];
        if (d->day == LONG_MIN || d->day < from || d->day >= from + days) continue;
        if (!counted) sum += d->mg;
        else if (same_drug(j->p, d)) sum += 1;
    }
    return sum;
}

/* Largest sum (or count of this drug) over the half-open windows that hold this infusion. */
static measure fullest_window(const judged *j, long days, bool counted) {
    double most = counted ? 1 : j->x->dose_mg;
    for (long back = 0; j->x->day != LONG_MIN && back < days; back++)
        most = fmax(most, in_window(j, j->x->day - back, days, counted));
    return at_worst(j, most);
}

static measure daily_mg(const judged *j) { return fullest_window(j, 1, false); }
static measure weekly_mg(const judged *j) { return fullest_window(j, DAYS_OF_WEEK, false); }
static measure monthly_mg(const judged *j) { return fullest_window(j, DAYS_OF_MONTH, false); }
static measure doses_per_week(const judged *j) { return fullest_window(j, DAYS_OF_WEEK, true); }

static measure weekly_mg_per_kg(const judged *j) {
    measure week = weekly_mg(j), m = per_kg(j, week.value);
    if (m.certainty == KNOWN) m.certainty = week.certainty;
    return m;
}

/* ---- the course: this drug in the order, and given within the course window before it ------------------------------------- */

static long first_ordered_day(const judged *j) {
    long first = LONG_MAX;
    for (size_t i = j->iron->given_n; i < j->iron->n; i++) {
        const iron_dose *d = &j->iron->list[i];
        if (same_drug(j->p, d) && d->day != LONG_MIN && d->day < first) first = d->day;
    }
    return first;
}

static bool in_course(const judged *j, const iron_dose *d, long first_ordered) {
    if (!same_drug(j->p, d)) return false;
    if (d->ordered) return true;
    return first_ordered != LONG_MAX && (double)(first_ordered - d->day) < j->r->k->practice.course_window_days;
}

typedef struct course_sum {
    double mg, maintenance_mg, doses;
    long first, last; /* LONG_MAX, LONG_MIN while no day is said */
} course_sum;

/* The day of the course from which doses are maintenance. */
static double maintenance_from(const method *m) {
    return m && m->dose.maintenance.weeks_n ? m->dose.maintenance.weeks[0] * DAYS_OF_WEEK : INFINITY;
}

static course_sum sum_course(const judged *j) {
    course_sum c = {.first = LONG_MAX, .last = LONG_MIN};
    long ordered = first_ordered_day(j);
    for (size_t i = 0; i < j->iron->n; i++) {
        const iron_dose *d = &j->iron->list[i];
        if (!in_course(j, d, ordered) || d->day == LONG_MIN) continue;
        if (d->day < c.first) c.first = d->day;
        if (d->day > c.last) c.last = d->day;
    }
    for (size_t i = 0; i < j->iron->n; i++) {
        const iron_dose *d = &j->iron->list[i];
        if (!in_course(j, d, ordered)) continue;
        c.mg += d->mg;
        c.doses += 1;
        if (d->day != LONG_MIN && (double)(d->day - c.first) >= maintenance_from(j->m)) c.maintenance_mg += d->mg;
    }
    return c;
}

static bool counts_maintenance_apart(const method *m) {
    for (size_t i = 0; m && i < m->limits.n; i++)
        if (m->limits.list[i].what == WHAT_max_maintenance_mg && m->limits.list[i].kind != LIMIT_NONE) return true;
    return false;
}

static double repletion_mg(const judged *j) {
    course_sum c = sum_course(j);
    return counts_maintenance_apart(j->m) ? c.mg - c.maintenance_mg : c.mg;
}

static measure course_mg(const judged *j) { return at_worst(j, repletion_mg(j)); }
static measure maintenance_mg(const judged *j) { return at_worst(j, sum_course(j).maintenance_mg); }
static measure course_doses(const judged *j) { return at_worst(j, sum_course(j).doses); }

static measure course_mg_per_kg(const judged *j) {
    measure m = per_kg(j, repletion_mg(j));
    if (m.certainty == KNOWN && !j->iron->whole) m.certainty = BOUND;
    return m;
}

static measure course_days(const judged *j) {
    course_sum c = sum_course(j);
    return c.last == LONG_MIN ? unknown() : at_worst(j, (double)(c.last - c.first));
}

static measure course_weeks(const judged *j) {
    course_sum c = sum_course(j);
    return c.last == LONG_MIN ? unknown() : at_worst(j, (double)(c.last - c.first) / DAYS_OF_WEEK);
}

/* ---- intervals ----------------------------------------------------------------------------------------------------------- */

/* Days since this drug was given last, LONG_MIN when it was not. A limit of one route looks back at that route; iron whose route is not
 * known counts. */
static long days_since_last(const judged *j, const limit *l, bool course_only) {
    long least = LONG_MIN, ordered = first_ordered_day(j);
    size_t self = j->iron->given_n + j->item;
    for (size_t i = 0; i < j->iron->n; i++) {
        const iron_dose *d = &j->iron->list[i];
        if (i == self || d->day == LONG_MIN || !same_drug(j->p, d)) continue;
        if (d->day > j->x->day || (d->day == j->x->day && i > self)) continue;
        if (course_only && !in_course(j, d, ordered)) continue;
        if (l->route && d->route && !fe__streq(l->route, d->route)) continue;
        long days = j->x->day - d->day;
        if (least == LONG_MIN || days < least) least = days;
    }
    return least;
}

static measure interval_days(const judged *j, const limit *l) {
    if (j->x->day == LONG_MIN) return unknown();
    bool longest = l->what == WHAT_max_interval_days;
    long days = days_since_last(j, l, longest);
    if (days == LONG_MIN) return j->iron->whole ? no_concern() : unknown();
    return longest ? known((double)days) : at_worst(j, (double)days);
}

/* ---- bag, minutes, rates ------------------------------------------------------------------------------------------------- */

static bool undiluted(const judged *j) {
    bool none_said = j->x->diluent == NULL || fe__streq(j->x->diluent, "none");
    return isnan(j->x->bag_ml) && none_said && !(j->rules && j->rules->dilution_required);
}

static measure bag_ml(const judged *j) { return undiluted(j) ? no_concern() : known_or_not(j->x->bag_ml); }

/* What runs in, mL: bag and drug together, or the bag alone where the drug volume is withdrawn first. NaN when the bag is not said. */
static double volume_ml(const judged *j) {
    double drug_ml = j->x->dose_mg / j->p->mg_per_ml;
    if (undiluted(j)) return drug_ml;
    return j->rules && j->rules->bag_is_final ? j->x->bag_ml : j->x->bag_ml + drug_ml;
}

static measure final_mg_per_ml(const judged *j) {
    return undiluted(j) ? no_concern() : known_or_not(j->x->dose_mg / volume_ml(j));
}

static measure minutes(const judged *j, const limit *l) { return l->value <= 0 ? no_concern() : known_or_not(j->x->minutes); }

/* So much of a quantity in so many minutes; what is left over no time at all has no rate and is too fast. */
static measure rate(double amount, double minutes) {
    if (isnan(amount) || isnan(minutes)) return unknown();
    if (amount <= 0) return known(0);
    return minutes > 0 ? known(amount / minutes) : in_words("no time left for it", false);
}

static const test_dose *test_dose_of(const judged *j) { return j->m && j->m->test_dose ? j->m->test_dose : j->p->test_dose; }

/* After the slow first part (or the test dose that is asked for) the rest keeps the rate; the first part has its own minutes. */
static double part_mg(const judged *j) {
    if (j->rules && j->rules->first) return fmin(j->rules->first->mg, j->x->dose_mg);
    const test_dose *t = test_dose_of(j);
    return t && !isnan(j->x->test_dose_mg) ? fmin(j->x->test_dose_mg, t->mg) : 0;
}

static double rest_minutes(const judged *j) {
    return j->rules && j->rules->first ? j->x->minutes - j->rules->first->minutes : j->x->minutes;
}

static measure mg_per_min(const judged *j) { return rate(j->x->dose_mg - part_mg(j), rest_minutes(j)); }
static measure mg_per_h(const judged *j) { return rate((j->x->dose_mg - part_mg(j)) * 60, rest_minutes(j)); }

static measure ml_per_min(const judged *j) {
    double rest = j->rules && j->rules->first ? 1 - part_mg(j) / j->x->dose_mg : 1;
    return rate(volume_ml(j) * rest, rest_minutes(j));
}

/* ---- limits in words ----------------------------------------------------------------------------------------------------- */

static bool listed(const limit *l, const char *word) {
    for (size_t i = 0; i < l->values_n; i++)
        if (fe__streq(l->values[i], word)) return true;
    return false;
}

static measure diluent(const judged *j, const limit *l) {
    if (undiluted(j)) return no_concern();
    return j->x->diluent ? in_words(j->x->diluent, listed(l, j->x->diluent)) : unknown();
}

/* The routes of the label do not bind an off-label regimen that is switched on and has the route itself. */
static measure route(const judged *j, const limit *l) {
    if (j->m && j->m->off_label && j->switched_on && j->rules) return no_concern();
    return in_words(j->route, listed(l, j->route));
}

static bool is_diluent(const term *t) { return fe__streq(t->note, "diluent") || fe__streq(t->note, "undiluted"); }

static measure other_drug(const judged *j) {
    const term_list *with = j->r->with;
    if (!with || !with->given) return unknown();
    for (size_t i = 0; i < with->n; i++) {
        const term *t = &j->r->k->terms[with->list[i]];
        if (!is_diluent(t)) return in_words(t->id, false);
    }
    return no_concern();
}

/* An instruction for the chair: untried where it may matter. */
static measure dialysis_before(const judged *j) {
    return j->r->patient->known && !j->r->patient->on_hemodialysis ? no_concern() : unknown();
}

static measure reason(void) { return in_words("a recorded reason is needed", false); }

/* ---- all of them --------------------------------------------------------------------------------------------------------- */

static measure measure_of(const judged *j, const limit *l) {
    switch (l->what) {
    case WHAT_max_single_mg: return single_mg(j);
    case WHAT_max_single_mg_per_kg: return single_mg_per_kg(j);
    case WHAT_max_daily_mg: return daily_mg(j);
    case WHAT_max_weekly_mg: return weekly_mg(j);
    case WHAT_max_weekly_mg_per_kg: return weekly_mg_per_kg(j);
    case WHAT_max_monthly_mg: return monthly_mg(j);
    case WHAT_max_doses_per_week: return doses_per_week(j);
    case WHAT_max_course_mg: return course_mg(j);
    case WHAT_max_course_mg_per_kg: return course_mg_per_kg(j);
    case WHAT_max_maintenance_mg: return maintenance_mg(j);
    case WHAT_max_doses: return course_doses(j);
    case WHAT_within_days: return course_days(j);
    case WHAT_max_week: return course_weeks(j);
    case WHAT_min_interval_days:
    case WHAT_max_interval_days: return interval_days(j, l);
    case WHAT_min_minutes: return minutes(j, l);
    case WHAT_max_mg_per_min: return mg_per_min(j);
    case WHAT_max_mg_per_h: return mg_per_h(j);
    case WHAT_max_ml_per_min: return ml_per_min(j);
    case WHAT_max_bag_ml:
    case WHAT_min_bag_ml: return bag_ml(j);
    case WHAT_min_conc_mg_per_ml:
    case WHAT_max_conc_mg_per_ml: return final_mg_per_ml(j);
    case WHAT_min_age_years: return age_years(j);
    case WHAT_hb_g_dl_max_excl: return hemoglobin(j);
    case WHAT_diluents: return diluent(j, l);
    case WHAT_routes: return route(j, l);
    case WHAT_min_minutes_of_dialysis_before: return dialysis_before(j);
    case WHAT_min_minutes_apart: return other_drug(j);
    case WHAT_needs_reason: return reason();
    case WHAT_COUNT: break;
    }
    return no_concern();
}

static bool is_of_course(limit_what w) {
    return w == WHAT_max_course_mg || w == WHAT_max_course_mg_per_kg || w == WHAT_max_maintenance_mg || w == WHAT_max_doses ||
           w == WHAT_within_days || w == WHAT_max_week;
}

static bool is_least(limit_what w) {
    return w == WHAT_min_interval_days || w == WHAT_min_minutes || w == WHAT_min_bag_ml || w == WHAT_min_conc_mg_per_ml ||
           w == WHAT_min_age_years;
}

/* Within the last bits of arithmetic the value is the limit: 951 mg for 63.4 kg is 15 mg/kg. */
static bool keeps(const limit *l, double value) {
    double slack = 1e-9 * fmax(1, fabs(l->value));
    bool strict = l->strict || l->what == WHAT_hb_g_dl_max_excl;
    double inside = is_least(l->what) ? value - l->value : l->value - value;
    return strict ? inside > slack : inside >= -slack;
}

/* Whether the limit's own range of dose, weight, age and route holds for this infusion. */
static tri concerns(const judged *j, const limit *l) {
    const verify_patient *v = j->r->patient;
    if (l->route && !fe__streq(l->route, j->route)) return TRI_FALSE;
    if (!(j->x->dose_mg > l->dose_min_excl && j->x->dose_mg <= l->dose_max)) return TRI_FALSE;
    bool by_weight = !isinf(l->weight_min) || !isinf(l->weight_max_excl), by_age = !isinf(l->age_max_excl);
    if ((by_weight && !(v->known && !isnan(v->cap_weight_kg))) || (by_age && !(v->known && !isnan(v->age_years))))
        return TRI_UNKNOWN;
    if (by_weight && !(v->cap_weight_kg >= l->weight_min && v->cap_weight_kg < l->weight_max_excl)) return TRI_FALSE;
    return by_age && !(v->age_years < l->age_max_excl) ? TRI_FALSE : TRI_TRUE;
}

static const char *joined(arena *a, const char *const *words, size_t n) {
    text t;
    fe__text_init(&t, a);
    for (size_t i = 0; i < n; i++) fe__text_addf(&t, "%s%s", i ? ", " : "", words[i]);
    return t.s;
}

static const char *limit_words(const limit *l, arena *a) {
    if (l->values_n) return joined(a, l->values, l->values_n);
    return isnan(l->value) || l->what == WHAT_needs_reason ? l->text : NULL;
}

void fe__verify_limit(const judged *j, const limit *l, tally *out) {
    if (l->kind == LIMIT_NONE || (is_of_course(l->what) && !j->closes_course)) return;
    tri concern = concerns(j, l);
    if (concern == TRI_FALSE) return;
    measure m = concern == TRI_TRUE ? measure_of(j, l) : unknown();
    if (m.certainty == NO_CONCERN) return;
    bool kept = m.words ? m.kept : keeps(l, m.value);
    if (m.certainty == UNKNOWN || (m.certainty == BOUND && kept)) {
        fe__verify_untried(out, l->name);
        return;
    }
    limit_check c = {.rule = fe__printf(out->a, "%s/%s", j->p->id, l->name),
                     .source = l->id,
                     .name = l->name,
                     .limit = l->value,
                     .value = m.value,
                     .limit_words = limit_words(l, out->a),
                     .value_words = m.words,
                     .unit = l->unit,
                     .kept = kept,
                     .kind = l->kind,
                     .item = j->item};
    if (c.limit_words) c.limit = NAN;
    fe__verify_add(out, &c);
}

/* ---- test dose ----------------------------------------------------------------------------------------------------------- */

/* Was this drug given before this infusion, in this course? */
static bool given_before(const judged *j) {
    long ordered = first_ordered_day(j);
    for (size_t i = 0; i < j->iron->given_n + j->item; i++)
        if (in_course(j, &j->iron->list[i], ordered)) return true;
    return false;
}

void fe__verify_test_dose(const judged *j, tally *out) {
    const test_dose *t = test_dose_of(j);
    if (!t || t->kind == LIMIT_NONE || given_before(j)) return;
    double mg = isnan(j->x->test_dose_mg) ? 0 : j->x->test_dose_mg;
    bool kept = mg >= t->mg - 1e-9;
    if (!kept && !j->iron->whole) {
        fe__verify_untried(out, "test-dose");
        return;
    }
    limit_check c = {.rule = fe__printf(out->a, "%s/test-dose", j->p->id),
                     .source = t->id,
                     .name = "test-dose",
                     .limit = t->mg,
                     .value = mg,
                     .unit = "mg",
                     .kept = kept,
                     .kind = t->kind,
                     .item = j->item};
    fe__verify_add(out, &c);
}

/* ---- the tally ----------------------------------------------------------------------------------------------------------- */

void fe__verify_add(tally *out, const limit_check *c) { *FE_PUSH(out->a, out->checks, out->checks_n, out->checks_cap) = *c; }

void fe__verify_untried(tally *out, const char *name) {
    for (size_t i = 0; i < out->unchecked_n; i++)
        if (fe__streq(out->unchecked[i], name)) return;
    *FE_PUSH(out->a, out->unchecked, out->unchecked_n, out->unchecked_cap) = name;
}
