/* Numbers with units: converted by units.csv, held against the hard and the usual range of the vocabulary. */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "exchange/read_fields.h"

enum { DECIMALS = 4 };

/* A conversion must not push a value over a bound that it only touches. */
static const double TOUCH = 1e-9;

static bool is_inside(double v, double low, double high) {
    double slack = TOUCH * fmax(1.0, fabs(v));
    return !(v < low - slack) && !(v > high + slack); /* a bound that is NaN is no bound */
}

/* UCUM's words for a reader: "a" is years, "1" and "{score}" are nothing. */
static const char *shown(const char *unit) {
    static const char *const words[][2] = {{"a", "years"}, {"wk", "weeks"}, {"1", ""}, {"{score}", ""}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (fe__streq(unit, words[i][0])) return words[i][1];
    }
    return unit;
}

static const char *with_unit(arena *a, const char *number, const char *unit) {
    return *shown(unit) ? fe__printf(a, "%s %s", number, shown(unit)) : number;
}

const char *fe__range_words(const reader *r, int row) {
    arena *a = r->f->a;
    if (row < 0) return "a number";
    const term *t = &r->k->terms[row];
    if (isnan(t->hard_low) || isnan(t->hard_high)) return with_unit(a, "a number", t->unit);
    const char *low = fe__number_text(a, t->hard_low, DECIMALS), *high = fe__number_text(a, t->hard_high, DECIMALS);
    return with_unit(a, fe__printf(a, "%s to %s", low, high), t->unit);
}

/* Accepted units of a row, the canonical one first. */
static const char **units_of(const reader *r, int row, size_t *n) {
    const char **list = NULL;
    size_t count = 0, cap = 0;
    const char *canonical = r->k->terms[row].unit;
    if (*canonical) *FE_PUSH(r->f->a, list, count, cap) = canonical;
    for (size_t i = 0; i < r->k->units_n; i++) {
        const unit_row *u = &r->k->units[i];
        if (u->term == row && !fe__streq(u->unit, canonical)) *FE_PUSH(r->f->a, list, count, cap) = u->unit;
    }
    *n = count;
    return list;
}

const char *fe__unit_words(const reader *r, int row) {
    size_t n;
    const char **units = units_of(r, row, &n);
    text t;
    fe__text_init(&t, r->f->a);
    for (size_t i = 0; i < n; i++) {
        fe__text_add(&t, i == 0 ? "" : i + 1 == n ? " or " : ", ");
        fe__text_add(&t, units[i]);
    }
    return n ? t.s : "no unit";
}

static void unit_fault(reader *r, int row, const char *unit, const char *at) {
    arena *a = r->f->a;
    const term *t = &r->k->terms[row];
    size_t n;
    const char **units = units_of(r, row, &n);
    const char *near = fe__nearest(unit, units, n);
    const char *accepted = fe__printf(a, "accepted: %s", fe__unit_words(r, row));
    if (!*t->unit) accepted = "it has no unit";
    fe__fault(r->f, at, fe__printf(a, "a unit of %s", t->label), fe__printf(a, "\"%s\"", unit),
              near ? fe__printf(a, "did you mean %s? %s", near, accepted) : accepted);
}

/* The unit in which the bare number would be right: one that gives a usual value before one that gives a possible one. */
static const unit_row *likely_unit(const reader *r, int row, double given, const char *unit) {
    const term *t = &r->k->terms[row];
    const unit_row *possible = NULL;
    for (size_t i = 0; i < r->k->units_n; i++) {
        const unit_row *u = &r->k->units[i];
        if (u->term != row || fe__streq(u->unit, unit)) continue;
        double v = given * u->factor + u->offset;
        if (!is_inside(v, t->hard_low, t->hard_high)) continue;
        if (is_inside(v, t->warn_low, t->warn_high)) return u;
        if (!possible) possible = u;
    }
    return possible;
}

static void range_fault(reader *r, int row, double given, const char *unit, const char *at) {
    arena *a = r->f->a;
    const term *t = &r->k->terms[row];
    const char *number = fe__number_text(a, given, DECIMALS), *hint = NULL;
    const unit_row *u = likely_unit(r, row, given, unit ? unit : t->unit);
    if (u) {
        const char *would = fe__number_text(a, given * u->factor + u->offset, 2);
        hint = fe__printf(a, unit ? "%s %s would be %s: is the unit %s?" : "%s %s would be %s: write the unit %s", number,
                          u->unit, with_unit(a, would, t->unit), u->unit);
    }
    fe__fault(r->f, at, fe__printf(a, "%s: %s", t->label, fe__range_words(r, row)), unit ? with_unit(a, number, unit) : number,
              hint);
}

static void ask(reader *r, int row, double v, const char *at) {
    arena *a = r->f->a;
    const term *t = &r->k->terms[row];
    if (!r->confirms || is_inside(v, t->warn_low, t->warn_high)) return;
    confirm_list *c = r->confirms;
    *FE_PUSH(a, c->list, c->n, c->cap) = (confirm){
        .at = fe__strdup(a, at),
        .value = v,
        .usual_low = t->warn_low,
        .usual_high = t->warn_high,
        .text =
            fe__printf(a, "%s %s is outside %s to %s: is it right?", t->label, with_unit(a, fe__number_text(a, v, 2), t->unit),
                       fe__number_text(a, t->warn_low, DECIMALS), fe__number_text(a, t->warn_high, DECIMALS)),
    };
}

double fe__convert(reader *r, int row, double given, const char *unit, const char *at, const char *unit_at) {
    const term *t = &r->k->terms[row];
    double v = given;
    if (unit && !fe__streq(unit, t->unit)) {
        const unit_row *u = fe__unit_find(r->k, row, unit);
        if (!u) {
            unit_fault(r, row, unit, unit_at);
            return NAN;
        }
        v = given * u->factor + u->offset;
    }
    if (!is_inside(v, t->hard_low, t->hard_high)) {
        range_fault(r, row, given, unit, at);
        return NAN;
    }
    ask(r, row, v, at);
    return v;
}

/* "a number, kg, 2 to 350" is said as "a number, 2 to 350 kg". */
static const char *number_expected(const reader *r, int row) {
    const char *range = fe__range_words(r, row);
    return strncmp(range, "a number", 8) == 0 ? range : fe__printf(r->f->a, "a number, %s", range);
}

double fe__number_of(reader *r, int row, const json_t *value, const char *at) {
    if (json_is_number(value)) return fe__convert(r, row, json_number_value(value), NULL, at, at);
    double given;
    const char *unit = "", *s = json_string_value(value), *hint = NULL;
    if (s && fe__number_unit_parse(r->f->a, s, &given, &unit)) {
        if (*unit) return fe__convert(r, row, given, unit, at, at);
        hint = fe__printf(r->f->a, "without quotes: %s", s);
    }
    fe__fault_json(r, at, number_expected(r, row), value, hint);
    return NAN;
}

void fe__quantity_check(const knowledge *k, faults *f, int row, double v, const char *at, confirm_list *confirms) {
    reader r = {.k = k, .f = f, .confirms = confirms};
    fe__convert(&r, row, v, NULL, at, at);
}

double fe__quantity_read(const knowledge *k, faults *f, int row, const char *s, const char *at, confirm_list *confirms) {
    reader r = {.k = k, .f = f, .confirms = confirms};
    double given;
    const char *unit = "";
    if (!fe__number_unit_parse(f->a, s, &given, &unit)) {
        fe__fault(f, at, number_expected(&r, row), fe__printf(f->a, "\"%s\"", s ? s : ""),
                  s && strchr(s, ',') ? "the decimal mark is a point" : NULL);
        return NAN;
    }
    return fe__convert(&r, row, given, *unit ? unit : NULL, at, at);
}
