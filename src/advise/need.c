/* The ways to compute the need; see need.h. Formulas and their sources stand in data/products.json (need_methods); the letters
 * here are theirs. */
#include "advise/need.h"

#include <math.h>

#include "base/text.h"

/* ---- weights ----------------------------------------------------------------------------------------------------- */

static double ideal_weight(const knowledge *k, const need_input *in, const char **missing) {
    if (!isnan(in->weight_ideal_kg)) return in->weight_ideal_kg;
    const weight_basis *b = fe__basis_find(k, "ideal-bmi25");
    if (isnan(in->height_cm)) {
        *missing = "height_cm";
        return NAN;
    }
    double m = in->height_cm / 100.0;
    return fmin(b->bmi * m * m, in->weight_kg);
}

/* Devine: a base and so much for each inch over five feet; never more than actual. Small children: actual. */
static double lean_weight(const weight_basis *b, const need_input *in, const char **missing) {
    if (in->weight_kg >= b->children_from_kg && in->weight_kg <= b->children_to_kg) return in->weight_kg;
    if (isnan(in->height_cm)) *missing = "height_cm";
    else if (!in->sex) *missing = "sex";
    if (*missing) return NAN;
    double inches = in->height_cm / 2.54 - b->devine_inches;
    double base = fe__streq(in->sex, "male") ? b->devine_men_kg : b->devine_women_kg;
    return fmin(base + b->devine_kg_per_inch * fmax(0, inches), in->weight_kg);
}

static bool is_obese(const weight_basis *b, const need_input *in) {
    double m = in->height_cm / 100.0;
    return in->weight_kg / (m * m) >= b->obese_bmi; /* unknown height: false */
}

double fe__weight_for(const knowledge *k, const char *basis, const need_input *in, const char **word, const char **why,
                      const char **missing) {
    *word = "actual";
    *why = "measured weight";
    if (fe__streq(basis, "none") || !basis) {
        *word = "none";
        *why = "no weight is used";
        return NAN;
    }
    bool lean = fe__streq(basis, "lean") || fe__streq(basis, "lean-infed") || fe__streq(basis, "ideal-devine");
    bool lean_obese = fe__streq(basis, "lean-if-obese") && is_obese(fe__basis_find(k, basis), in);
    bool by_infed = fe__streq(basis, "lean-infed") || lean_obese;
    if (!isnan(in->lbw_kg) && (lean || lean_obese)) {
        *word = "lean";
        *why = "lean weight as given";
        return in->lbw_kg;
    }
    if (isnan(in->weight_kg)) {
        *missing = "weight_kg";
        return NAN;
    }
    if (lean || lean_obese) {
        *word = "lean";
        *why = "lean weight by height and sex, never more than actual";
        return lean_weight(fe__basis_find(k, by_infed ? "lean-infed" : "ideal-devine"), in, missing);
    }
    bool by_rule = fe__streq(basis, "auto") || fe__streq(basis, "caps");
    if (fe__streq(basis, "pre-pregnancy") || (by_rule && in->pregnant)) {
        if (isnan(in->weight_pre_pregnancy_kg)) {
            if (by_rule) {
                *why = "measured weight, because the weight before pregnancy is not given";
                return in->weight_kg;
            }
            *missing = "weight_pre_pregnancy_kg";
            return NAN;
        }
        *word = "pre-pregnancy";
        *why = "weight before pregnancy";
        return fe__streq(basis, "caps") ? fmin(in->weight_pre_pregnancy_kg, in->weight_kg) : in->weight_pre_pregnancy_kg;
    }
    bool ideal = fe__streq(basis, "ideal") || fe__streq(basis, "ideal-bmi25");
    if (ideal || (fe__streq(basis, "auto") && is_obese(fe__basis_find(k, "auto"), in))) {
        *word = "ideal";
        *why = isnan(in->weight_ideal_kg) ? "ideal weight at BMI 25, because of obesity" : "ideal weight as the site has it";
        return ideal_weight(k, in, missing);
    }
    return in->weight_kg;
}

/* ---- tables ------------------------------------------------------------------------------------------------------ */

const table_row *fe__table_row(const table_row *rows, size_t n, double hb, double kg) {
    for (size_t i = 0; i < n; i++) {
        const table_row *r = &rows[i];
        bool hb_in = hb >= r->hb_min && hb > r->hb_min_excl && hb <= r->hb_max && hb < r->hb_max_excl;
        if (hb_in && kg >= r->weight_min && kg < r->weight_max_excl) return r;
    }
    return NULL;
}

static double row_total(const table_row *r, double kg) {
    if (!isnan(r->total_mg)) return r->total_mg;
    if (!isnan(r->mg_per_kg)) return r->mg_per_kg * kg;
    return r->total_mg_min;
}

bool fe__table_total(const dose_spec *d, double hb, double kg, need_result *o) {
    o->range_max_mg = NAN;
    if (d->type == DOSE_TABLE) {
        const table_row *r = fe__table_row(d->rows, d->rows_n, hb, kg);
        if (!r) return false;
        o->total_mg = row_total(r, kg);
        o->range_max_mg = r->total_mg_max;
        return true;
    }
    double sum = 0;
    bool any = false;
    for (size_t i = 0; i < d->phases_n; i++) {
        const table_row *r = fe__table_row(d->phases[i].rows, d->phases[i].rows_n, hb, kg);
        if (r) sum += row_total(r, kg);
        any = any || r;
    }
    o->total_mg = sum;
    return any;
}

/* ---- methods ------------------------------------------------------------------------------------------------------ */

static bool lacks(need_result *r, double v, const char *field) {
    if (!isnan(v)) return false;
    if (!r->missing) r->missing = field;
    return true;
}

/* weight x (target - Hb) x factor + stores; small patients have a target and stores of their own. */
static void ganzoni(arena *a, const need_method *m, const need_input *in, need_result *r) {
    bool small = r->weight_kg < m->below_kg;
    double target = !isnan(in->target_hb_g_dl) ? in->target_hb_g_dl : small ? m->below_35_target_hb_g_dl : m->target_hb_g_dl;
    double per_kg = small ? m->below_35_stores_mg_per_kg : m->stores_mg_per_kg;
    double stores = !isnan(in->stores_mg)                            ? in->stores_mg
                    : !isnan(in->stores_mg_per_kg)                   ? in->stores_mg_per_kg * r->weight_kg
                    : !isnan(per_kg)                                 ? per_kg * r->weight_kg
                    : m->kind == NEED_HB_ONLY && isnan(m->stores_mg) ? 0
                                                                     : m->stores_mg;
    if (lacks(r, in->hb_g_dl, "hemoglobin") || lacks(r, target, "target_hb_g_dl") || lacks(r, stores, "stores_mg")) return;
    r->target_hb_g_dl = target;
    r->stores_mg = stores;
    r->stores_included = stores > 0;
    r->stores_assumed = stores > 0 && isnan(in->stores_mg) && isnan(in->stores_mg_per_kg);
    r->unrounded_mg = r->weight_kg * fmax(0, target - in->hb_g_dl) * m->factor + stores;
    r->total_mg = r->unrounded_mg;
    r->formula =
        fe__printf(a, "%s kg x (%s - %s) x %s + %s mg", fe__number_text(a, r->weight_kg, 1), fe__number_text(a, target, 1),
                   fe__number_text(a, in->hb_g_dl, 1), fe__number_text(a, m->factor, 3), fe__number_text(a, stores, 0));
    if (isnan(m->round_mg)) return;
    double steps = r->unrounded_mg / m->round_mg;
    r->total_mg = m->round_mg * (r->weight_kg <= m->round_down_to_kg ? floor(steps + 1e-9) : ceil(steps - 1e-9));
}

/* mL = 0.0442 x (desired - Hb) x LBW + 0.26 x LBW */
static void infed(arena *a, const need_method *m, const need_input *in, need_result *r) {
    double target = !isnan(in->target_hb_g_dl)    ? in->target_hb_g_dl
                    : r->weight_kg <= m->small_kg ? m->desired_hb_g_dl_small
                                                  : m->desired_hb_g_dl;
    if (lacks(r, in->hb_g_dl, "hemoglobin")) return;
    if (r->weight_kg < m->lower_weight_kg) { /* the label's table begins here */
        r->missing = "weight_kg";
        return;
    }
    double ml = m->hb_coefficient * fmax(0, target - in->hb_g_dl) * r->weight_kg + m->stores_coefficient * r->weight_kg;
    r->target_hb_g_dl = target;
    r->stores_mg = m->stores_coefficient * r->weight_kg * m->mg_per_ml;
    r->stores_included = r->stores_assumed = true;
    r->total_mg = r->unrounded_mg = ml * m->mg_per_ml;
    r->formula = fe__printf(a, "(%s x (%s - %s) x %s + %s x %s) mL x %s mg/mL", fe__number_text(a, m->hb_coefficient, 4),
                            fe__number_text(a, target, 1), fe__number_text(a, in->hb_g_dl, 1),
                            fe__number_text(a, r->weight_kg, 1), fe__number_text(a, m->stores_coefficient, 2),
                            fe__number_text(a, r->weight_kg, 1), fe__number_text(a, m->mg_per_ml, 0));
}

/* 0.3 x lb x 100 x (desired - Hb) / desired */
static void pounds(arena *a, const need_method *m, const need_input *in, need_result *r) {
    double target = isnan(in->target_hb_g_dl) ? m->desired_hb_g_dl : in->target_hb_g_dl;
    if (lacks(r, in->hb_g_dl, "hemoglobin")) return;
    double lb = r->weight_kg * m->lb_per_kg;
    r->target_hb_g_dl = target;
    r->total_mg = r->unrounded_mg = m->pound_coefficient * lb * 100.0 * fmax(0, target - in->hb_g_dl) / target;
    r->formula =
        fe__printf(a, "%s x %s lb x 100 x (%s - %s) / %s", fe__number_text(a, m->pound_coefficient, 2), fe__number_text(a, lb, 1),
                   fe__number_text(a, target, 1), fe__number_text(a, in->hb_g_dl, 1), fe__number_text(a, target, 1));
}

static void hb_table(arena *a, const need_method *m, const need_input *in, need_result *r) {
    if (lacks(r, in->hb_g_dl, "hemoglobin")) return;
    double normal = fe__streq(in->sex, "male") ? m->normal_hb_male : m->normal_hb_female;
    if (!in->sex) normal = m->normal_hb_female;
    const table_row *row = in->hb_g_dl < normal ? fe__table_row(m->rows, m->rows_n, in->hb_g_dl, r->weight_kg) : NULL;
    if (!row) {
        r->missing = "hemoglobin";
        return;
    }
    bool extra = !isnan(row->total_mg_min);
    r->total_mg = r->unrounded_mg = row->total_mg;
    r->base_mg = row->total_mg - (extra ? row->total_mg_min : 0);
    r->extra_mg = extra ? row->total_mg_min : 0;
    r->stores_included = true;
    r->formula =
        fe__printf(a, "table: Hb %s g/dL, %s kg", fe__number_text(a, in->hb_g_dl, 1), fe__number_text(a, r->weight_kg, 1));
}

/* A printed grid, between its lines the smaller dose: the row of the next lower weight, the column of the next higher Hb.
 * Below its weights and above its hemoglobins it says nothing. */
static void weight_table(arena *a, const need_method *m, const need_input *in, need_result *r) {
    if (lacks(r, in->hb_g_dl, "hemoglobin")) return;
    size_t w = m->table_weights_n, h = m->table_hbs_n;
    for (size_t i = 0; i < m->table_weights_n; i++)
        if (r->weight_kg >= m->table_weight[i]) w = i;
    for (size_t i = m->table_hbs_n; i-- > 0;)
        if (in->hb_g_dl <= m->table_hb[i]) h = i;
    if (w == m->table_weights_n || h == m->table_hbs_n) {
        r->missing = w == m->table_weights_n ? "weight_kg" : "hemoglobin";
        return;
    }
    r->total_mg = r->unrounded_mg = m->table_mg[w * m->table_hbs_n + h];
    r->stores_included = true;
    r->formula = fe__printf(a, "table: Hb %s g/dL, %s kg", fe__number_text(a, m->table_hb[h], 1),
                            fe__number_text(a, m->table_weight[w], 0));
}

static void blood(arena *a, const need_method *m, const need_input *in, need_result *r) {
    if (m->kind == NEED_BLOOD_UNITS) {
        if (lacks(r, in->blood_units, "units")) return;
        r->total_mg = r->unrounded_mg = in->blood_units * m->mg_per_unit;
        r->formula =
            fe__printf(a, "%s units x %s mg", fe__number_text(a, in->blood_units, 0), fe__number_text(a, m->mg_per_unit, 0));
        return;
    }
    if (lacks(r, in->blood_loss_ml, "blood_loss_ml") || lacks(r, in->hematocrit_pct, "hematocrit")) return;
    r->total_mg = r->unrounded_mg = in->blood_loss_ml * in->hematocrit_pct / 100.0;
    r->formula =
        fe__printf(a, "%s mL x %s", fe__number_text(a, in->blood_loss_ml, 0), fe__number_text(a, in->hematocrit_pct / 100.0, 3));
}

static void fixed(arena *a, const need_method *m, need_result *r) {
    r->total_mg = r->unrounded_mg = m->mg;
    r->formula = fe__printf(a, "%s mg", fe__number_text(a, m->mg, 0));
}

need_result fe__need(arena *a, const knowledge *k, const need_method *m, const need_input *in) {
    need_result r = {.total_mg = NAN,
                     .unrounded_mg = NAN,
                     .target_hb_g_dl = NAN,
                     .stores_mg = NAN,
                     .base_mg = NAN,
                     .extra_mg = NAN,
                     .range_max_mg = NAN,
                     .formula = m->formula};
    bool uses_weight = m->kind != NEED_BLOOD_LOSS && m->kind != NEED_BLOOD_UNITS && m->kind != NEED_FIXED;
    const char *basis = in->weight_basis && uses_weight ? in->weight_basis : m->weight_basis;
    r.weight_kg = fe__weight_for(k, basis, in, &r.weight_basis, &r.weight_why, &r.missing);
    if (uses_weight && r.missing) return r;
    switch (m->kind) {
    case NEED_GANZONI:
    case NEED_HB_ONLY: ganzoni(a, m, in, &r); break;
    case NEED_INFED: infed(a, m, in, &r); break;
    case NEED_POUNDS: pounds(a, m, in, &r); break;
    case NEED_HB_TABLE: hb_table(a, m, in, &r); break;
    case NEED_WEIGHT_TABLE: weight_table(a, m, in, &r); break;
    case NEED_BLOOD_LOSS:
    case NEED_BLOOD_UNITS: blood(a, m, in, &r); break;
    case NEED_FIXED: fixed(a, m, &r); break;
    }
    r.known = !r.missing;
    return r;
}

const need_method *fe__need_by_method(const knowledge *k, const char *name) {
    for (size_t i = 0; i < k->needs_n; i++)
        if (fe__streq(k->needs[i].method, name)) return &k->needs[i];
    return fe__need_find(k, name);
}
