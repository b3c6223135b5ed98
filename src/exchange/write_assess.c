/* The answer of assess. */
#include <math.h>

#include "base/text.h"
#include "exchange/door.h"

static unsigned long verdict_key(facts *f, void *context) {
    const plan_ask *ask = context;
    fe__facts_view(f, NULL);
    return (unsigned long)fe__assess_verdict(f, ask);
}

/* Steps over each plausible range when asking what a missing value would change. */
enum { MISSING_STEPS = 17 };

static json_t *indications_json(asking *q, const assessment *s) {
    json_out *o = &q->out;
    json_t *list = fe__jarray(o);
    for (size_t i = 0; i < s->indications_n; i++) {
        const indication *x = &s->indications[i];
        json_t *j = fe__jobject(o);
        fe__jput_str(o, j, "id", x->id);
        fe__jput_str(o, j, "rule", x->rule);
        fe__jput_str(o, j, "strength", x->strength);
        if (x->holds == TRI_UNKNOWN) fe__jput_null(o, j, "holds");
        else fe__jput_bool(o, j, "holds", x->holds == TRI_TRUE);
        fe__jadd(o, list, j);
    }
    return list;
}

static json_t *contraindications_json(asking *q, const assessment *s) {
    json_out *o = &q->out;
    json_t *list = fe__jarray(o);
    for (size_t i = 0; i < s->contraindications_n; i++) {
        json_t *j = fe__jobject(o);
        fe__jput_str(o, j, "id", s->contraindications[i].id);
        fe__jput_str(o, j, "rule", s->contraindications[i].rule);
        fe__jput_str(o, j, "product", s->contraindications[i].product ? s->contraindications[i].product->id : NULL);
        fe__jadd(o, list, j);
    }
    return list;
}

static json_t *causes_json(asking *q, const assessment *s) {
    json_out *o = &q->out;
    json_t *list = fe__jarray(o);
    for (size_t i = 0; i < s->causes_n; i++) {
        json_t *j = fe__jobject(o);
        fe__jput_str(o, j, "id", s->causes[i].id);
        fe__jput_bool(o, j, "recorded", s->causes[i].recorded);
        fe__jput_str(o, j, "test", s->causes[i].test);
        fe__jadd(o, list, j);
    }
    return list;
}

static json_t *products_json(asking *q, const assessment *s) {
    json_out *o = &q->out;
    json_t *list = fe__jarray(o);
    for (size_t i = 0; i < s->products_n; i++) {
        json_t *j = fe__jobject(o);
        fe__jput_str(o, j, "product", s->products[i].product->id);
        fe__jput_bool(o, j, "fits", s->products[i].fits);
        fe__jput_str(o, j, "rule", s->products[i].rule);
        fe__jput_str(o, j, "because", s->products[i].because);
        fe__jadd(o, list, j);
    }
    return list;
}

json_t *fe__write_derived(asking *q) {
    json_out *o = &q->out;
    const facts *f = q->facts;
    need_input in = fe__need_input_of(f, &q->ask);
    const char *word, *why, *lack = NULL;
    double ideal = fe__weight_for(q->k, "ideal", &in, &word, &why, &lack);
    double lean = fe__weight_for(q->k, "lean", &in, &word, &why, &lack);
    json_t *j = fe__jobject(o);
    fe__jput_num(o, j, "tsat_pct", f->number[NUM_tsat]);
    fe__jput_num(o, j, "mentzer_index", f->number[NUM_mentzer_index]);
    fe__jput_num(o, j, "bmi", f->number[NUM_bmi]);
    fe__jput_num(o, j, "ideal_weight_kg", ideal);
    fe__jput_num(o, j, "lean_weight_kg", lean);
    fe__jput_num(o, j, "gestation_weeks", f->number[NUM_gestation_weeks]);
    fe__jput_num(o, j, "days_since_iv_iron", f->number[NUM_days_since_iv_iron]);
    fe__jput_num(o, j, "iv_iron_90d_mg", f->number[NUM_iv_iron_90d_mg]);
    return j;
}

void fe__write_assessment(asking *q, const assessment *s) {
    json_out *o = &q->out;
    fe__jput(o, q->root, "routes", fe__write_strings(q, s->routes, s->routes_n));
    fe__jput(o, q->root, "indications", indications_json(q, s));
    fe__jput(o, q->root, "contraindications", contraindications_json(q, s));
    fe__jput(o, q->root, "causes", causes_json(q, s));
    fe__jput(o, q->root, "products", products_json(q, s));
    fe__jput(o, q->root, "derived", fe__write_derived(q));
    fe__jput_bool(o, q->root, "transfusion_question", s->transfusion_question);
    fe__jput(o, q->root, "checklist", fe__write_strings(q, s->checklist, s->checklist_n));
}

void fe__answer_assess(asking *q) {
    assessment *s = fe__assess(q->facts, &q->ask, &q->said, Q_ASSESS);
    again how = {verdict_key, verdict_key, &q->ask, NULL, MISSING_STEPS};
    q->missing = fe__missing(q->facts, &how, &q->missing_n);
    fe__facts_view(q->facts, NULL);
    fe__say_end(&q->said, q->facts, Q_ASSESS);
    q->refusal = fe__assess_refuses(s->verdict);
    fe__write_head(q, fe__assess_word(s->verdict));
    fe__write_findings(q, NULL, 0);
    fe__write_assessment(q, s);
}
