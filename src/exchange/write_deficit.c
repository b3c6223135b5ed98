/* The answer of deficit: the plain calculators, without a course. */
#include <math.h>

#include "advise/context.h"
#include "base/text.h"
#include "exchange/door.h"
#include "exchange/read.h"

typedef struct deficit_ask {
    need_input in;
    const char *method, *product_id, *basis;
    const product *product;
} deficit_ask;

static const struct {
    const char *key, *field; /* option, vocabulary row whose range holds (a lab where it is one) */
    bool lab;
    size_t offset;
} number_options[] = {
    {"weight-kg", "weight_kg", false, offsetof(need_input, weight_kg)},
    {"hb", "hemoglobin", true, offsetof(need_input, hb_g_dl)},
    {"target-hb", "target_hb_g_dl", false, offsetof(need_input, target_hb_g_dl)},
    {"stores-mg", "stores_mg", false, offsetof(need_input, stores_mg)},
    {"stores-mg-per-kg", "stores_mg_per_kg", false, offsetof(need_input, stores_mg_per_kg)},
    {"lbw-kg", "weight_kg", false, offsetof(need_input, lbw_kg)},
    {"height-cm", "height_cm", false, offsetof(need_input, height_cm)},
    {"age-years", "age_years", false, offsetof(need_input, age_years)},
    {"weight-pre-pregnancy-kg", "weight_pre_pregnancy_kg", false, offsetof(need_input, weight_pre_pregnancy_kg)},
    {"blood-loss-ml", "blood_loss_ml", false, offsetof(need_input, blood_loss_ml)},
    {"units", "units", false, offsetof(need_input, blood_units)},
    {"hct", "hematocrit", true, offsetof(need_input, hematocrit_pct)},
};

static void read_value(asking *q, deficit_ask *d, const char *key, const char *value) {
    const char *at = fe__printf(q->a, "--%s", key);
    if (fe__streq(key, "weight-lb")) {
        d->in.weight_kg = fe__pounds_read(q->k, &q->faults, value, at, &q->confirms);
        return;
    }
    if (fe__streq(key, "sex")) {
        d->in.sex = fe__streq(value, "f") || fe__streq(value, "female") ? "female"
                    : fe__streq(value, "m") || fe__streq(value, "male") ? "male"
                                                                        : NULL;
        if (!d->in.sex) fe__fault(&q->faults, at, "female or male", value, NULL);
        return;
    }
    for (size_t i = 0; i < sizeof number_options / sizeof number_options[0]; i++) {
        if (!fe__streq(key, number_options[i].key)) continue;
        int t = fe__term_find_kind(q->k, number_options[i].field, number_options[i].lab ? TERM_LAB : TERM_FIELD);
        double *slot = (double *)(void *)((char *)&d->in + number_options[i].offset);
        *slot = fe__quantity_read(q->k, &q->faults, t, value, at, &q->confirms);
        return;
    }
    fe__fault(&q->faults, at, "an option of deficit, see ferrule deficit --help", value, NULL);
}

static void read_ask(asking *q, deficit_ask *d) {
    need_input none = {.weight_kg = NAN,
                       .height_cm = NAN,
                       .age_years = NAN,
                       .hb_g_dl = NAN,
                       .hematocrit_pct = NAN,
                       .blood_loss_ml = NAN,
                       .blood_units = NAN,
                       .lbw_kg = NAN,
                       .weight_pre_pregnancy_kg = NAN,
                       .weight_ideal_kg = NAN,
                       .target_hb_g_dl = q->ask.target_hb_g_dl,
                       .stores_mg = q->ask.stores_mg,
                       .stores_mg_per_kg = q->ask.stores_mg_per_kg};
    const fe_request *r = q->request;
    d->in = none;
    d->in.weight_basis = r->weight_basis;
    d->method = r->method;
    d->product = r->product ? fe__product_find(q->k, r->product) : NULL;
    q->faults.file = "command line";
    for (size_t i = 0; i < r->values_n; i++) {
        bool is_repeated = false;
        for (size_t j = 0; j < i; j++) is_repeated = is_repeated || fe__option_same(r->values[i].key, r->values[j].key);
        if (is_repeated)
            fe__fault(&q->faults, fe__printf(q->a, "--%s", r->values[i].key), "this option once", r->values[i].value, NULL);
        else read_value(q, d, r->values[i].key, r->values[i].value);
    }
    fe__one_stores_term(q, d->in.stores_mg, d->in.stores_mg_per_kg);
    d->in.pregnant = !isnan(d->in.weight_pre_pregnancy_kg);
    if (!d->method)
        fe__fault(&q->faults, "--method", "a method, for example ganzoni", "nothing", "ferrule deficit --help lists them");
}

static bool is_table(const method *m) { return m->dose.type == DOSE_TABLE || m->dose.type == DOSE_TABLE_BY_DAY; }

static need_result by_label_table(asking *q, const method *m, const need_input *in) {
    need_result r = {.total_mg = NAN,
                     .unrounded_mg = NAN,
                     .target_hb_g_dl = NAN,
                     .stores_mg = NAN,
                     .base_mg = NAN,
                     .extra_mg = NAN,
                     .stores_included = true,
                     .formula = fe__printf(q->a, "%s: table by hemoglobin and weight", m->title)};
    const char *basis = in->weight_basis ? in->weight_basis : *m->dose.weight_basis ? m->dose.weight_basis : "caps";
    r.weight_kg = fe__weight_for(q->k, basis, in, &r.weight_basis, &r.weight_why, &r.missing);
    if (isnan(in->hb_g_dl)) r.missing = "hemoglobin";
    if (r.missing) return r;
    if (!fe__table_total(&m->dose, in->hb_g_dl, r.weight_kg, &r)) {
        r.missing = "hemoglobin";
        return r;
    }
    r.unrounded_mg = r.total_mg;
    r.known = true;
    return r;
}

static need_result compute(asking *q, const deficit_ask *d, const char *name, bool *found) {
    const need_method *n = fe__need_by_method(q->k, name);
    const method *m = d->product ? fe__method_find(d->product, name, 0) : NULL;
    *found = true;
    if (m && is_table(m)) return by_label_table(q, m, &d->in);
    if (m && m->dose.need) return fe__need(q->a, q->k, m->dose.need, &d->in);
    if (n) return fe__need(q->a, q->k, n, &d->in);
    *found = false;
    return (need_result){.total_mg = NAN, .missing = "method"};
}

/* Every other method that the given numbers allow, one a vocabulary id. */
static json_t *cross_checks(asking *q, const deficit_ask *d, double own, double *spread) {
    json_out *o = &q->out;
    json_t *list = fe__jarray(o);
    double low = own, high = own;
    for (size_t i = 0; i < q->k->needs_n; i++) {
        const need_method *n = &q->k->needs[i];
        if (!n->method || fe__streq(n->method, d->method) || fe__need_by_method(q->k, n->method) != n) continue;
        need_result r = fe__need(q->a, q->k, n, &d->in);
        if (!r.known) continue;
        if (n->kind != NEED_HB_ONLY && n->kind != NEED_FIXED && n->kind != NEED_BLOOD_LOSS && n->kind != NEED_BLOOD_UNITS) {
            low = fmin(low, r.total_mg); /* totals only: a part of the need is no rival to a total */
            high = fmax(high, r.total_mg);
        }
        json_t *j = fe__jobject(o);
        fe__jput_str(o, j, "method", n->method);
        fe__jput_num(o, j, "total_mg", r.total_mg);
        fe__jadd(o, list, j);
    }
    *spread = high - low;
    return list;
}

static void say_need(asking *q, const need_result *r, double spread) {
    fe__facts_set_need(q->facts, r, spread);
    q->facts->flag[FLAG_stores_in_formula] = r->stores_included ? TRI_TRUE : TRI_FALSE;
    fe__say_rules(&q->said, q->facts, Q_DEFICIT);
    said *s = NULL;
    for (size_t i = 0; i < q->said.n; i++)
        if (fe__streq(q->said.list[i].id, "weight-basis-used")) s = &q->said.list[i];
    if (s) fe__said_fact(&q->said, s, fe__printf(q->a, "%s: %s kg", r->weight_why, fe__number_text(q->a, r->weight_kg, 1)), "");
}

void fe__answer_deficit(asking *q) {
    deficit_ask d;
    bool found = false;
    read_ask(q, &d);
    if (q->faults.n) return;
    need_result r = compute(q, &d, d.method, &found);
    if (!found) {
        fe__fault(&q->faults, "--method", "a way to compute the need", d.method,
                  d.product ? "this product has no such table" : "a label table needs --product");
        return;
    }
    double spread = NAN;
    json_t *checks = r.known ? cross_checks(q, &d, r.total_mg, &spread) : fe__jarray(&q->out);
    if (r.known) say_need(q, &r, spread);
    else {
        q->missing = FE_NEW(q->a, missing);
        *q->missing = (missing){r.missing, 1, NAN, fe__how_to_get(q->k, r.missing)};
        q->missing_n = 1;
    }
    json_out *o = &q->out;
    fe__say_end(&q->said, q->facts, Q_DEFICIT);
    q->refusal = !r.known;
    fe__write_head(q, r.known ? "calculated" : "refused");
    fe__write_findings(q, NULL, 0);
    fe__jput_str(o, q->root, "method", d.method);
    fe__jput_num(o, q->root, "total_mg", r.total_mg);
    fe__jput_num(o, q->root, "unrounded_mg", r.unrounded_mg);
    const need_method *n = fe__need_by_method(q->k, d.method);
    double mg_per_ml = d.product ? d.product->mg_per_ml : n && n->mg_per_ml > 0 ? n->mg_per_ml : NAN;
    fe__jput_num(o, q->root, "volume_ml", r.total_mg / mg_per_ml);
    fe__jput_str(o, q->root, "formula", r.formula);
    fe__jput_bool(o, q->root, "includes_stores", r.stores_included);
    fe__jput_str(o, q->root, "weight_basis", r.weight_basis);
    fe__jput_num(o, q->root, "weight_used_kg", r.weight_kg);
    fe__jput_num(o, q->root, "target_hb_g_dl", r.target_hb_g_dl);
    fe__jput_num(o, q->root, "stores_mg", r.stores_mg);
    fe__jput_num(o, q->root, "base_mg", r.base_mg);
    fe__jput_num(o, q->root, "extra_mg", r.extra_mg);
    fe__jput(o, q->root, "cross_checks", checks);
}
