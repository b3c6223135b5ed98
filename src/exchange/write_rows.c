/* The knowledge itself: products and guidance, as rows. */
#include <math.h>

#include "base/date.h"
#include "base/text.h"
#include "exchange/door.h"

static json_t *limits_json(asking *q, const limits *l) {
    json_out *o = &q->out;
    json_t *list = fe__jarray(o);
    for (size_t i = 0; i < l->n; i++) {
        const limit *x = &l->list[i];
        json_t *j = fe__jobject(o);
        fe__jput_str(o, j, "id", x->id);
        fe__jput_str(o, j, "name", x->name);
        fe__jput_str(o, j, "what", fe__what_names[x->what]);
        if (x->values_n) fe__jput(o, j, "value", fe__write_strings(q, x->values, x->values_n));
        else fe__jput_num(o, j, "value", x->value);
        fe__jput_str(o, j, "unit", x->unit);
        fe__jput_str(o, j, "kind", fe__limit_kind_words[x->kind]);
        fe__jput_str(o, j, "text", *x->text ? x->text : NULL);
        fe__jput_num(o, j, "dose_mg_above", isinf(x->dose_min_excl) ? NAN : x->dose_min_excl);
        fe__jput_num(o, j, "dose_mg_max", isinf(x->dose_max) ? NAN : x->dose_max);
        const cite *c = fe__cite_find(q->k, x->id);
        fe__jput_str(o, j, "cite", c ? c->text : x->source);
        fe__jput_str(o, j, "verified", fe__verified_word(x->verified));
        fe__jadd(o, list, j);
    }
    return list;
}

static json_t *method_json(asking *q, const method *m) {
    json_out *o = &q->out;
    json_t *j = fe__jobject(o), *routes = fe__jarray(o);
    fe__jput_str(o, j, "id", m->id);
    fe__jput_str(o, j, "method", m->method);
    fe__jput_str(o, j, "title", m->title);
    fe__jput_str(o, j, "basis", m->basis);
    fe__jput_bool(o, j, "off_label", m->off_label);
    fe__jput_bool(o, j, "default", m->is_default);
    fe__jput_bool(o, j, "enabled", m->enabled);
    fe__jput_str(o, j, "applies", *m->applies_text ? m->applies_text : NULL);
    fe__jput_str(o, j, "note", *m->note ? m->note : NULL);
    fe__jput(o, j, "limits", limits_json(q, &m->limits));
    for (size_t i = 0; i < m->routes_n; i++) {
        json_t *r = fe__jobject(o);
        fe__jput_str(o, r, "route", m->routes[i].route);
        fe__jput_bool(o, r, "dilution_required", m->routes[i].dilution_required);
        fe__jput_str(o, r, "bag_volume_means", m->routes[i].bag_is_final ? "final" : "diluent");
        fe__jput(o, r, "diluents", fe__write_strings(q, m->routes[i].diluents, m->routes[i].diluents_n));
        fe__jput(o, r, "limits", limits_json(q, &m->routes[i].limits));
        fe__jadd(o, routes, r);
    }
    fe__jput(o, j, "routes", routes);
    return j;
}

static json_t *gates_json(asking *q, const product *p) {
    json_out *o = &q->out;
    json_t *list = fe__jarray(o);
    for (size_t i = 0; i < p->gates_n; i++) {
        const gate *g = &p->gates[i];
        json_t *j = fe__jobject(o);
        fe__jput_str(o, j, "id", g->id);
        fe__jput_str(o, j, "name", g->name);
        fe__jput_str(o, j, "action", fe__gate_action_words[g->action]);
        fe__jput_str(o, j, "kind", fe__limit_kind_words[g->kind]);
        fe__jput_str(o, j, "when", g->when);
        fe__jput_str(o, j, "text", g->text);
        fe__jput_str(o, j, "verified", fe__verified_word(g->verified));
        fe__jadd(o, list, j);
    }
    return list;
}

static json_t *product_json(asking *q, const product *p, bool whole) {
    json_out *o = &q->out;
    json_t *j = fe__jobject(o), *vials = fe__jarray(o), *methods = fe__jarray(o);
    fe__jput_str(o, j, "id", p->id);
    fe__jput_str(o, j, "brand", p->brand);
    fe__jput_str(o, j, "generic", p->generic);
    fe__jput_str(o, j, "region", p->region);
    fe__jput_str(o, j, "molecule", p->molecule);
    fe__jput_num(o, j, "mg_per_ml", p->mg_per_ml);
    for (size_t i = 0; i < p->vials_n; i++) fe__jadd_num(o, vials, p->vials[i].mg);
    fe__jput(o, j, "vials_mg", vials);
    fe__jput_num(o, j, "observe_minutes", p->observe_minutes);
    fe__jput_str(o, j, "label_revision", p->label_revision);
    if (!whole) {
        for (size_t i = 0; i < p->methods_n; i++) fe__jadd_str(o, methods, p->methods[i].id);
        fe__jput(o, j, "methods", methods);
        return j;
    }
    fe__jput(o, j, "indications", fe__write_strings(q, p->indications, p->indications_n));
    fe__jput_str(o, j, "recheck", *p->recheck ? p->recheck : NULL);
    fe__jput(o, j, "limits", limits_json(q, &p->common));
    fe__jput(o, j, "gates", gates_json(q, p));
    for (size_t i = 0; i < p->methods_n; i++) fe__jadd(o, methods, method_json(q, &p->methods[i]));
    fe__jput(o, j, "methods", methods);
    return j;
}

static void not_found(asking *q, const char *at, const char *expected, const char *const *ids, size_t n) {
    const char *near = fe__nearest(q->request->subject, ids, n);
    q->faults.file = "request";
    fe__fault(&q->faults, at, expected, q->request->subject, near ? fe__printf(q->a, "did you mean %s?", near) : NULL);
}

void fe__answer_products(asking *q) {
    const char *id = q->request->subject;
    const char **ids = FE_NEW_ARRAY(q->a, const char *, q->k->products_n + 1);
    json_t *list = fe__jarray(&q->out);
    size_t shown = 0;
    for (size_t i = 0; i < q->k->products_n; i++) {
        const product *p = &q->k->products[i];
        ids[i] = p->id;
        if (id ? !fe__streq(id, p->id) : q->region && !fe__streq(q->region, p->region)) continue;
        fe__jadd(&q->out, list, product_json(q, p, id != NULL));
        shown++;
    }
    fe__write_head(q, NULL);
    fe__jput(&q->out, q->root, "products", list);
    if (id && !shown) not_found(q, "ID", "a product id, see ferrule products", ids, q->k->products_n);
}

static json_t *guidance_json(asking *q, const guidance *g) {
    json_out *o = &q->out;
    json_t *j = fe__jobject(o);
    const cite *c = fe__cite_find(q->k, g->id);
    fe__jput_str(o, j, "id", g->id);
    fe__jput_str(o, j, "topic", g->topic);
    fe__jput_str(o, j, "statement", g->statement);
    fe__jput_str(o, j, "applies_when", g->applies_when);
    fe__jput_str(o, j, "strength", g->strength);
    fe__jput_str(o, j, "rule_kind", g->rule_kind);
    fe__jput_str(o, j, "cite", g->user_source);
    fe__jput_str(o, j, "verified", fe__verified_word(g->verified));
    if (c) fe__jput_str(o, j, "last_read", fe__date_text(q->a, c->as_of));
    fe__jput_bool(o, j, "weak", c && fe__cite_weak(q->k, c, fe__day_of(q->now, q->zone_min)));
    return j;
}

void fe__answer_guidance(asking *q) {
    const char *word = q->request->subject;
    const char **ids = FE_NEW_ARRAY(q->a, const char *, 2 * q->k->guidance_n + 1);
    json_t *list = fe__jarray(&q->out);
    size_t shown = 0, n = 0;
    for (size_t i = 0; i < q->k->guidance_n; i++) {
        const guidance *g = &q->k->guidance[i];
        ids[n++] = g->id;
        ids[n++] = g->topic;
        if (word && !fe__streq(word, g->id) && !fe__streq(word, g->topic)) continue;
        fe__jadd(&q->out, list, guidance_json(q, g));
        shown++;
    }
    fe__write_head(q, NULL);
    fe__jput(&q->out, q->root, "guidance", list);
    if (word && !shown) not_found(q, "ID", "a row id or topic, see ferrule guidance", ids, n);
}
