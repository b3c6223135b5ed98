/* The answers of check and prepare. */
#include <limits.h>
#include <math.h>

#include "base/date.h"
#include "base/text.h"
#include "exchange/door.h"

static json_t *number_or_null(asking *q, double v) { return isnan(v) || isinf(v) ? json_null() : fe__jnumber(&q->out, v); }

static json_t *allowed_json(asking *q, const checked *c) {
    json_out *o = &q->out;
    const allowed *a = &c->allowed;
    json_t *j = fe__jobject(o), *routes = fe__jarray(o);
    const method *m = c->preparations[0].method;
    for (size_t i = 0; m && i < m->routes_n; i++) fe__jadd_str(o, routes, m->routes[i].route);
    double minutes = a->minutes_strict ? floor(a->minutes_min) + 1 : ceil(a->minutes_min - 1e-9);
    fe__jput(o, j, "dose_mg_max", number_or_null(q, a->dose_mg_max));
    fe__jput(o, j, "bag_ml_min", number_or_null(q, c->route->dilution_required || a->bag_ml_min > 0 ? a->bag_ml_min : NAN));
    fe__jput(o, j, "bag_ml_max", number_or_null(q, a->bag_ml_max));
    fe__jput(o, j, "minutes_min", number_or_null(q, minutes));
    fe__jput(o, j, "final_mg_per_ml_min", number_or_null(q, a->final_mg_per_ml_min));
    fe__jput(o, j, "final_mg_per_ml_max", number_or_null(q, a->final_mg_per_ml_max));
    fe__jput(o, j, "diluents", fe__write_strings(q, c->route->diluents, c->route->diluents_n));
    fe__jput(o, j, "routes", routes);
    fe__jput(o, j, "mg_per_min_max", number_or_null(q, a->mg_per_min_max));
    return j;
}

static void put_ids(asking *q, json_t *j, const char *key, const term_list *ids) {
    if (!ids->given) return;
    json_t *list = fe__jarray(&q->out);
    for (size_t i = 0; i < ids->n; i++) fe__jadd_str(&q->out, list, q->k->terms[ids->list[i]].id);
    fe__jput(&q->out, j, key, list);
}

/* A whole order, to be checked again: what stands beside the infusions is as it was ordered. */
static json_t *corrected_json(asking *q, const checked *c, const order *ordered) {
    json_out *o = &q->out;
    if (!c->corrected) return json_null();
    json_t *j = fe__jobject(o), *list = fe__jarray(o);
    for (size_t i = 0; i < c->corrected_n; i++) {
        const order_item *x = &c->corrected[i];
        json_t *y = fe__jobject(o);
        fe__jput_str(o, y, "product", x->product);
        fe__jput_num(o, y, "dose_mg", x->dose_mg);
        if (x->day != LONG_MIN) {
            fe__jput_str(o, y, "on", fe__date_text(q->a, x->day));
            fe__jput_int(o, y, "day", x->day - q->facts->today);
        }
        fe__jput_str(o, y, "route", x->route);
        if (!isnan(x->bag_ml)) fe__jput_num(o, y, "bag_ml", x->bag_ml);
        if (!isnan(x->drug_ml)) fe__jput_num(o, y, "drug_ml", x->drug_ml);
        if (x->diluent) fe__jput_str(o, y, "diluent", x->diluent);
        if (!isnan(x->minutes)) fe__jput_num(o, y, "minutes", x->minutes);
        if (!isnan(x->test_dose_mg)) fe__jput_num(o, y, "test_dose_mg", x->test_dose_mg);
        fe__jadd(o, list, y);
    }
    fe__jput_int(o, j, "ferrule", 1);
    fe__jput(o, j, "infusions", list);
    put_ids(q, j, "premedication", &ordered->premedication);
    put_ids(q, j, "with", &ordered->with);
    if (ordered->indication >= 0) fe__jput_str(o, j, "indication", q->k->terms[ordered->indication].id);
    return j;
}

static const char *judged_by(const checked *c) {
    const method *m = c->verified->methods[0];
    return m ? m->id : NULL;
}

void fe__answer_check(asking *q, const order *ordered) {
    checked *c = fe__check(q->facts, &q->ask, ordered, &q->said);
    json_t *list = fe__jarray(&q->out);
    q->refusal = !fe__streq(c->verdict, "within-label");
    fe__say_end(&q->said, q->facts, Q_CHECK);
    fe__write_head(q, c->verdict);
    fe__write_findings(q, ordered->confirms, ordered->confirms_n);
    fe__jput_str(&q->out, q->root, "regimen", judged_by(c));
    fe__write_verification(q, c->verified);
    for (size_t i = 0; i < ordered->items_n; i++) {
        long on = ordered->items[i].day;
        bool dated = on != LONG_MIN;
        fe__jadd(&q->out, list, fe__write_infusion(q, &c->preparations[i], on, dated ? (int)(on - q->facts->today) : 0, dated));
    }
    fe__jput(&q->out, q->root, "infusions", list);
    if (c->allowed_known) fe__jput(&q->out, q->root, "allowed", allowed_json(q, c));
    fe__jput(&q->out, q->root, "corrected", corrected_json(q, c, ordered));
}

static void refuse_usage(asking *q, const char *at, const char *expected, const char *found, const char *hint) {
    q->faults.file = "request";
    fe__fault(&q->faults, at, expected, found, hint);
}

void fe__answer_prepare(asking *q) {
    const fe_request *r = q->request;
    const product *p = r->subject ? fe__product_find(q->k, r->subject) : NULL;
    if (!p) refuse_usage(q, "PRODUCT", "a product id, see ferrule products", r->subject, NULL);
    if (isnan(r->dose_mg)) refuse_usage(q, "--dose-mg", "mg of elemental iron", "nothing", NULL);
    if (r->bag_ml <= 0)
        refuse_usage(q, "--bag-ml", "mL of the bag, above 0", fe__number_text(q->a, r->bag_ml, 2),
                     "without it the bag is chosen; undiluted is --route injection, where the label has it");
    if (r->route && !fe__streq(r->route, "infusion") && !fe__streq(r->route, "injection"))
        refuse_usage(q, "--route", "infusion or injection", r->route, NULL);
    if (p && q->region && !fe__streq(p->region, q->region))
        refuse_usage(q, "PRODUCT", fe__printf(q->a, "a product of region %s", q->region), p->id,
                     "ferrule products lists them by region");
    if (q->faults.n) return;
    prepare_ask ask = {p, r->method, r->route, r->dose_mg, r->bag_ml, r->minutes};
    checked *c = fe__prepare_question(q->facts, &q->ask, &ask, &q->said);
    if (!c) {
        refuse_usage(q, "--method", "a method of this product that is open", r->method,
                     "ferrule products ID lists its methods; --off-label opens one");
        return;
    }
    q->refusal = !fe__streq(c->verdict, "within-label");
    fe__say_end(&q->said, q->facts, Q_PREPARE);
    fe__write_head(q, c->verdict);
    fe__write_findings(q, NULL, 0);
    fe__jput_str(&q->out, q->root, "regimen", judged_by(c));
    fe__jput(&q->out, q->root, "preparation", fe__write_infusion(q, &c->preparations[0], 0, 0, false));
    fe__jput(&q->out, q->root, "allowed", allowed_json(q, c));
    fe__write_verification(q, c->verified);
}
