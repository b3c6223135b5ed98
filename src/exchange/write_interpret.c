/* The answer of interpret. */
#include <math.h>

#include "advise/facts_view.h"
#include "advise/interpret.h"
#include "base/date.h"
#include "base/text.h"
#include "exchange/write_forecast.h"

/* A place among these is right to about a point in 100, and each day of labs takes a fit of its own. */
enum { USUAL_DRAWS = 1000 };

static const char nothing_to_read[] = "nothing-to-read";

/* ---- labs ---------------------------------------------------------------------------------------------------------------------- */

static json_t *foreseen_json(asking *q, const lab_reading *r) {
    json_out *o = &q->out;
    if (!r->is_foreseen) return json_null();
    json_t *j = fe__jobject(o);
    fe__jput_num(o, j, "p5", r->foreseen.p5);
    fe__jput_num(o, j, "p50", r->foreseen.p50);
    fe__jput_num(o, j, "p95", r->foreseen.p95);
    fe__jput_num(o, j, "percentile", r->foreseen.percentile);
    return j;
}

static json_t *lab_json(asking *q, const lab_reading *r) {
    json_out *o = &q->out;
    const event *e = r->lab;
    json_t *j = fe__jobject(o);
    fe__jput_str(o, j, "at", fe__time_text(q->a, e->at, q->zone_min));
    fe__jput_str(o, j, "pointer", e->ptr);
    fe__jput_str(o, j, "lab", q->k->terms[e->term].id);
    fe__jput_num(o, j, "value", e->value);
    fe__jput_str(o, j, "unit", q->k->terms[e->term].unit);
    fe__jput_str(o, j, "comparator", e->comparator ? fe__printf(q->a, "%c", e->comparator) : NULL);
    fe__jput_str(o, j, "result", e->result == RESULT_NONE ? NULL : fe__result_word(e->result));
    fe__jput_num(o, j, "days_since_iron", r->days_since_iron);
    fe__jput_bool(o, j, "newest", r->is_newest);
    fe__jput(o, j, "foreseen", foreseen_json(q, r));
    fe__jput_str(o, j, "not_foreseen", r->is_foreseen ? NULL : r->foreseen.why);
    fe__jput_str(o, j, "reading", r->reading);
    fe__jput_str(o, j, "rule", r->rule);
    fe__jput(o, j, "findings", fe__write_strings(q, r->findings, r->findings_n));
    return j;
}

static json_t *labs_json(asking *q, const interpretation *x) {
    json_t *list = fe__jarray(&q->out);
    for (size_t i = 0; i < x->labs_n; i++) fe__jadd(&q->out, list, lab_json(q, &x->labs[i]));
    return list;
}

/* ---- what follows -------------------------------------------------------------------------------------------------------------- */

static json_t *retests_json(asking *q, const interpretation *x) {
    json_out *o = &q->out;
    json_t *list = fe__jarray(o);
    for (size_t i = 0; i < x->retests_n; i++) {
        const retest *r = &x->retests[i];
        json_t *j = fe__jobject(o);
        fe__jput_str(o, j, "lab", r->lab);
        fe__jput_str(o, j, "not_before", fe__date_text(q->a, r->not_before));
        fe__jput_str(o, j, "best", fe__date_text(q->a, r->best));
        fe__jput_str(o, j, "why", r->why);
        fe__jput(o, j, "rules", fe__write_strings(q, r->line->sources, r->line->sources_n));
        fe__jadd(o, list, j);
    }
    return list;
}

static json_t *differential_json(asking *q, const interpretation *x) {
    json_out *o = &q->out;
    json_t *list = fe__jarray(o);
    for (size_t i = 0; i < x->differential_n; i++) {
        const failure_cause *c = &x->differential[i];
        const finding_row *row = fe__finding_find(q->k, c->id);
        json_t *j = fe__jobject(o), *because = fe__jarray(o);
        fe__jput_str(o, j, "id", c->id);
        fe__jput_null(o, j, "probability"); /* no published odds, and the model does not play these causes */
        fe__jput_str(o, j, "text", c->line->text ? c->line->text : row ? row->meaning : NULL);
        fe__jput_bool(o, j, "shown", c->is_shown);
        for (size_t k = 0; k < c->because.n; k++) fe__jadd_str(o, because, c->because.list[k].text);
        fe__jput(o, j, "because", because);
        fe__jput(o, j, "tests", fe__write_strings(q, c->tests, c->tests_n));
        fe__jput(o, j, "rules", fe__write_strings(q, c->line->sources, c->line->sources_n));
        fe__jadd(o, list, j);
    }
    return list;
}

/* ---- restless legs ------------------------------------------------------------------------------------------------------------- */

static const char *legs_words(asking *q) {
    const model_numbers *n = &q->model->n;
    return fe__printf(
        q->a,
        "an IRLS at least %s lower %s days after the iron began; in rls-response are the usual placebo response and what a score "
        "varies from visit to visit, rls-response-drug leaves both out",
        fe__number_text(q->a, n->irls_fall, 1), fe__number_text(q->a, n->irls_days, 0));
}

static void put_legs(asking *q, const interpretation *x) {
    json_out *o = &q->out;
    foreseen_rls legs = fe__foresee_rls(x->sight);
    json_t *j = fe__jobject(o);
    fe__jput(o, j, "rls-response", fe__write_chance(q, &legs.with_placebo));
    fe__jput(o, j, "rls-response-drug", fe__write_chance(q, &legs.drug_alone));
    fe__jput(o, q->root, "chances", j);
    fe__jput_str(o, q->root, "chances_mean", isnan(legs.with_placebo.p) ? NULL : legs_words(q));
    q->facts->number[NUM_forecast_iron_mg] = q->facts->number[NUM_iv_iron_90d_mg]; /* what was published of iron that was given */
    fe__facts_changed(q->facts);
    const rule_line **lines;
    size_t n = fe__lines_that_hold(q->facts, &q->k->expectations, &lines);
    fe__jput(o, q->root, "expectations", fe__write_expectations(q, lines, n));
}

/* ---- windows ------------------------------------------------------------------------------------------------------------------- */

/* When each lab can be read, in days from t0: the start of the iron that runs, else the moment of the answer. */
static void put_windows(asking *q) {
    json_out *o = &q->out;
    const facts *f = q->facts;
    const event *began = fe__facts_iron_began(f, f->now);
    double t0 = began ? began->at : f->now, since = f->number[NUM_days_since_iv_iron];
    long last = began ? f->today - (long)since : 0;
    json_t *list = fe__jarray(o);
    for (size_t i = 0; began && i < q->k->windows.n; i++) {
        const rule_line *w = &q->k->windows.list[i];
        double from = (double)(last - fe__day_of(t0, q->zone_min));
        json_t *j = fe__jobject(o);
        fe__jput_str(o, j, "lab", w->lab);
        fe__jput_num(o, j, "from_day", from + w->from_day);
        fe__jput_num(o, j, "to_day", isinf(w->to_day) ? NAN : from + w->to_day);
        fe__jput_str(o, j, "id", w->id);
        fe__jput(o, j, "rules", fe__write_strings(q, w->sources, w->sources_n));
        fe__jadd(o, list, j);
    }
    fe__jput_str(o, q->root, "t0", fe__time_text(q->a, t0, q->zone_min));
    fe__jput(o, q->root, "windows", list);
}

/* ---- the answer ---------------------------------------------------------------------------------------------------------------- */

void fe__answer_interpret(asking *q) {
    json_out *o = &q->out;
    if (!fe__model_of(q)) return;
    forecast_ask ask = fe__forecast_ask_of(q);
    if (q->request->draws < 0) ask.draws = USUAL_DRAWS;
    const foresight *sight = fe__foresight(q->facts, &ask);
    const interpretation *x = fe__interpret(q->facts, sight, &q->said);
    q->refusal = x->verdict < 0;
    if (!q->refusal) q->missing = fe__interpret_missing(x, &q->missing_n);
    fe__say_end(&q->said, q->facts, Q_INTERPRET);
    fe__write_head(q, q->refusal ? nothing_to_read : fe__interpret_verdict_words[x->verdict]);
    fe__write_findings(q, NULL, 0);
    put_windows(q);
    fe__jput(o, q->root, "labs", labs_json(q, x));
    fe__jput(o, q->root, "retest", retests_json(q, x));
    fe__jput(o, q->root, "differential", differential_json(q, x));
    put_legs(q, x);
    fe__jput(o, q->root, "derived", fe__write_derived(q));
    fe__jput_int(o, q->root, "draws", (long long)fe__foresight_draws(x->sight));
    fe__jput_int(o, q->root, "seed", (long long)ask.seed);
}
