#include "advise/validate_measure.h"

#include <math.h>

#include "base/elementary.h"

enum { DAY_H = 24, WEEK_H = 168 };
static const double half_life_high = 0.25, half_life_low = 0.03; /* of the largest concentration: docs/model.md, section 14 */

/* One patient's course, for one reading. */
typedef struct course_read {
    const curves *c;
    const reading *r;
    size_t k;
    random_stream *errors;
} course_read;

static double seen(const course_read *x, size_t time) { return fe__curve_at(x->c, x->r->what, time, x->k); }
static double observed(const course_read *x, int which, size_t time) {
    return fe__curve_at(x->c, (watched){false, which}, time, x->k);
}
static double state(const course_read *x, int which, size_t time) {
    return fe__curve_at(x->c, (watched){true, which}, time, x->k);
}

/* Section 7: ln y is normal about ln f. */
static double measured_as(const course_read *x, int lab, double f) {
    if (lab < 0 || !(f > 0)) return f;
    const lab_error *e = &x->c->m->labs[lab];
    double additive = e->additive_sd / f, sd = sqrt(e->log_sd * e->log_sd + additive * additive);
    return f * fe__exp(sd * fe__random_normal(x->errors));
}

static double measured(const course_read *x, double f) { return x->r->factor * measured_as(x, x->r->lab, f); }

static bool holds(measure_relation relation, double v, double level) {
    switch (relation) {
    case RELATION_LESS: return v < level;
    case RELATION_AT_MOST: return v <= level;
    case RELATION_AT_LEAST: return v >= level;
    case RELATION_MORE: return v > level;
    case RELATION_NONE: break;
    }
    return false;
}

static double level_of(const course_read *x) { return x->r->level[x->c->who->labs[x->k].woman ? 1 : 0]; }

/* ---- a value ----------------------------------------------------------------------------------------------------------------------- */

/* The true value at the reading's time, or the extreme of those that the reading looks at up to it. */
static double true_value(const course_read *x) {
    const reading *r = x->r;
    size_t end = fe__curve_time(x->c, r->time_h);
    double best = seen(x, end);
    for (size_t i = 0; r->when != WHEN_AT && i < end; i++) {
        if (x->c->times[i] < DAY_H || fmod(x->c->times[i], DAY_H) != 0) continue;
        double v = seen(x, i);
        best = r->when == WHEN_LEAST ? fmin(best, v) : fmax(best, v);
    }
    return best;
}

static double of_start(const course_read *x, double value, double start) {
    if (x->r->of == OF_CHANGE) return value - start;
    if (x->r->of == OF_CHANGE_PCT) return 100 * (value / start - 1);
    return value;
}

static double value(const course_read *x) {
    double after = measured(x, true_value(x)), start = x->r->of == OF_VALUE ? 0 : measured(x, seen(x, 0));
    double v = of_start(x, after, start);
    if (x->r->relation == RELATION_NONE || isnan(v)) return v;
    return holds(x->r->relation, v, level_of(x)) ? 100 : 0;
}

static double serum_iron(const course_read *x) {
    const reading *r = x->r;
    if (r->timed && !(r->time_h > 0 && r->time_h < r->row->window_h))
        return measured(x, seen(x, fe__curve_time(x->c, r->time_h)));
    double most = 0;
    if (r->timed) most = observed(x, OBSERVED_PK_iron, fe__curve_time(x->c, r->time_h));
    for (size_t i = 0; !r->timed && i < x->c->times_n; i++) most = fmax(most, observed(x, OBSERVED_PK_iron, i));
    return measured_as(x, OBSERVABLE_total_iron, most);
}

static double hb_response(const course_read *x) {
    double after = measured(x, seen(x, fe__curve_time(x->c, x->r->time_h))), start = measured(x, seen(x, 0));
    double normal = x->r->normal[x->c->who->labs[x->k].woman ? 1 : 0];
    return after >= normal || holds(x->r->relation, after - start, level_of(x)) ? 100 : 0;
}

/* ---- when something is so ------------------------------------------------------------------------------------------------------------ */

static double change_at(const course_read *x, size_t i) { return seen(x, i) - seen(x, 0); }

static bool is_so(const course_read *x, size_t i) {
    double v = x->r->of == OF_VALUE ? seen(x, i) : change_at(x, i);
    return holds(x->r->relation, v, level_of(x));
}

/* Days by days: the other times of the arm are not looked at. */
static bool is_day(const course_read *x, size_t i) {
    double t = x->c->times[i];
    return t > 0 && t <= x->r->row->window_h && fmod(t, DAY_H) == 0;
}

static double onset(const course_read *x) {
    for (size_t i = 0; i < x->c->times_n; i++)
        if (is_day(x, i) && is_so(x, i)) return x->r->factor * x->c->times[i];
    return NAN;
}

static double relapse(const course_read *x) {
    bool responded = false;
    for (size_t i = 0; i < x->c->times_n; i++) {
        double t = x->c->times[i];
        if (!is_day(x, i)) continue;
        bool now = is_so(x, i);
        if (responded && !now) return x->r->factor * t;
        responded = responded || (now && t <= x->r->row->from_h);
        if (!responded && t > x->r->row->from_h) return NAN;
    }
    return responded ? x->r->factor * x->r->row->window_h : NAN;
}

static double duration(const course_read *x) {
    double hours = 0;
    for (size_t i = 0; i < x->c->times_n; i++)
        if (is_day(x, i) && is_so(x, i)) hours += DAY_H;
    return x->r->factor * hours;
}

static double day_of(const course_read *x, bool most) {
    double best = NAN, at = NAN;
    for (size_t i = 0; i < x->c->times_n; i++) {
        if (!is_day(x, i)) continue;
        double v = seen(x, i);
        if (!isnan(best) && (most ? v <= best : v >= best)) continue;
        best = v;
        at = x->c->times[i];
    }
    return at / DAY_H;
}

/* ---- slopes -------------------------------------------------------------------------------------------------------------------------- */

typedef struct line_fit {
    double w, x, y, xx, xy;
} line_fit;

static void fit(line_fit *f, double weight, double x, double y) {
    f->w += weight;
    f->x += weight * x;
    f->y += weight * y;
    f->xx += weight * x * x;
    f->xy += weight * x * y;
}

static double slope_of(const line_fit *f) { return (f->w * f->xy - f->x * f->y) / (f->w * f->xx - f->x * f->x); }

static double decline(const course_read *x) {
    double from = x->r->row->from_h;
    line_fit f = {0};
    for (size_t i = 0; i < x->c->times_n; i++) {
        double t = x->c->times[i];
        if (t >= from && t <= x->r->row->window_h && fmod(t - from, WEEK_H) == 0) fit(&f, 1, t / WEEK_H, measured(x, seen(x, i)));
    }
    return -slope_of(&f);
}

static double per_mg(const course_read *x) {
    double after = measured(x, seen(x, fe__curve_time(x->c, x->r->time_h))), start = measured(x, seen(x, 0));
    return (after - start) / x->c->dose_mg;
}

/* ---- the complex in plasma ------------------------------------------------------------------------------------------------------------- */

static double end_of_curve(const course_read *x) { return fe__last_dose_end(x->c) + x->r->row->window_h; }

static size_t place_of_largest(const course_read *x) {
    size_t best = 0;
    for (size_t i = 0; i < x->c->times_n && x->c->times[i] <= end_of_curve(x); i++)
        if (seen(x, i) > seen(x, best)) best = i;
    return best;
}

static double area(const course_read *x) {
    double sum = 0;
    for (size_t i = 1; i < x->c->times_n && x->c->times[i] <= end_of_curve(x); i++)
        sum += (x->c->times[i] - x->c->times[i - 1]) * (seen(x, i) + seen(x, i - 1)) / 2;
    return sum;
}

static double area_total(const course_read *x) {
    double lloq = x->c->m->labs[OBSERVABLE_drug_iron].lloq, sum = 0, start = observed(x, OBSERVED_PK_iron, 0);
    for (size_t i = 1; i < x->c->times_n && x->c->times[i] <= end_of_curve(x); i++) {
        if (x->c->times[i] > fe__last_dose_end(x->c) && observed(x, OBSERVED_C_drug, i) < lloq) break;
        double both = observed(x, OBSERVED_PK_iron, i) + observed(x, OBSERVED_PK_iron, i - 1) - 2 * start;
        sum += (x->c->times[i] - x->c->times[i - 1]) * both / 2;
    }
    return sum;
}

/* Each time weighs as the stretch it stands for, so that where the grid is dense does not count more. */
static double half_life(const course_read *x) {
    size_t top = place_of_largest(x);
    double most = seen(x, top);
    line_fit f = {0};
    for (size_t i = top + 1; i + 1 < x->c->times_n && x->c->times[i] <= end_of_curve(x); i++) {
        double v = seen(x, i), weight = x->c->times[i + 1] - x->c->times[i - 1];
        if (v < half_life_high * most && v > half_life_low * most) fit(&f, weight, x->c->times[i], fe__ln(v));
    }
    return -fe__ln(2) / slope_of(&f);
}

static double volume(const course_read *x) {
    const formulation *f = &x->c->m->formulations[x->c->formulation];
    return f->fV * seen(x, 0) * (1 + f->k12 / f->k21);
}

static double vmax(const course_read *x) {
    const body *b = &x->c->who->bodies[x->k];
    return b->c.s * b->c.capD * x->c->m->formulations[x->c->formulation].Vm;
}

static double elimination(const course_read *x) {
    double from = fe__last_dose_end(x->c), to = end_of_curve(x);
    size_t i = fe__curve_time(x->c, from), j = fe__curve_time(x->c, to);
    return (state(x, ST_D, i) + state(x, ST_D2, i) - state(x, ST_D, j) - state(x, ST_D2, j)) / (to - from);
}

static double available(const course_read *x) {
    size_t i = fe__curve_time(x->c, x->r->time_h);
    return 100 * (1 - (state(x, ST_D, i) + state(x, ST_D2, i) + state(x, ST_ML, i)) / x->c->dose_mg);
}

static double donated(const course_read *x) {
    const formulation *f = &x->c->m->formulations[x->c->formulation];
    return 100 * (f->finst + f->krel * area(x) / x->c->dose_mg);
}

static double risk(const course_read *x) {
    size_t i = fe__curve_time(x->c, fe__last_dose_end(x->c) + x->r->row->window_h);
    return x->r->factor * (1 - fe__exp(-seen(x, i)));
}

/* ---- the whole ------------------------------------------------------------------------------------------------------------------------- */

double fe__measure(const curves *c, const reading *r, double base, size_t patient, random_stream *errors) {
    const course_read x = {c, r, patient, errors};
    if (!c->played[patient]) return NAN;
    switch (r->measure) {
    case MEASURE_VALUE: return value(&x);
    case MEASURE_SERUM_IRON: return serum_iron(&x);
    case MEASURE_FOLD: return base * measured(&x, seen(&x, fe__curve_time(c, r->time_h))) / seen(&x, 0);
    case MEASURE_DURATION: return duration(&x);
    case MEASURE_HB_RESPONSE: return hb_response(&x);
    case MEASURE_ONSET: return onset(&x);
    case MEASURE_RELAPSE: return relapse(&x);
    case MEASURE_DECLINE: return decline(&x);
    case MEASURE_PER_MG: return per_mg(&x);
    case MEASURE_CMAX: return measured(&x, seen(&x, place_of_largest(&x)));
    case MEASURE_TMAX: return c->times[place_of_largest(&x)];
    case MEASURE_AUC: return area(&x);
    case MEASURE_AUC_TOTAL: return area_total(&x);
    case MEASURE_HALF_LIFE: return half_life(&x);
    case MEASURE_CLEARANCE: return c->dose_mg / area(&x);
    case MEASURE_VOLUME: return volume(&x);
    case MEASURE_VMAX: return vmax(&x);
    case MEASURE_ELIMINATION: return elimination(&x);
    case MEASURE_AVAILABLE: return available(&x);
    case MEASURE_DONATED: return donated(&x);
    case MEASURE_RISK: return risk(&x);
    case MEASURE_DAY_OF_MOST: return day_of(&x, true);
    case MEASURE_DAY_OF_LEAST: return day_of(&x, false);
    case MEASURE_NONE:
    case MEASURE_COUNT: break;
    }
    return NAN;
}
