/* What bodies explain: the results that a fit took in, each with the odds that it is no measurement of this patient. */
#include <math.h>

#include "advise/foreseen.h"
#include "base/date.h"
#include "exchange/door.h"
#include "exchange/write_forecast.h"

enum { DRAWS_OF_BARS = 500 }; /* a bar is looked at, and each day of labs takes a fit of its own */

static json_t *explained_json(asking *q, const bodies *b, size_t i) {
    json_out *o = &q->out;
    json_t *j = fe__jobject(o);
    const event *e = b->labs[i].event;
    const term *t = &q->k->terms[e->term];
    fe__jput_str(o, j, "at", e->ptr);
    fe__jput_str(o, j, "drawn", fe__time_text(q->a, e->at, q->zone_min));
    fe__jput_str(o, j, "lab", t->id);
    fe__jput_num(o, j, "value", e->value);
    fe__jput_str(o, j, "unit", t->unit);
    fe__jput_num(o, j, "impossible", fe__posterior_outlier(b->posterior, i));
    return j;
}

json_t *fe__write_explained(asking *q, const bodies *b) {
    json_t *list = fe__jarray(&q->out);
    for (size_t i = 0; b->posterior && i < b->labs_n; i++) fe__jadd(&q->out, list, explained_json(q, b, i));
    return list;
}

json_t *fe__write_unexplained(asking *q, const bodies *b) {
    const unexplained *u = fe__bodies_unexplained(q->a, b);
    if (!u) return json_null();
    json_out *o = &q->out;
    json_t *j = fe__jobject(o);
    fe__jput_str(o, j, "lab", q->k->terms[u->since->event->term].id);
    fe__jput_str(o, j, "since", fe__time_text(q->a, u->since->event->at, q->zone_min));
    fe__jput_int(o, j, "results", (long long)u->n);
    fe__jput_str(o, j, "side", u->below ? "below" : "above");
    return j;
}

json_t *fe__write_fit_quality(asking *q, const bodies *b) {
    json_out *o = &q->out;
    const posterior *p = b->posterior;
    if (!p) return json_null();
    json_t *j = fe__jobject(o);
    fe__jput_str(o, j, "method", p->annealed ? "annealed" : "importance");
    fe__jput_num(o, j, "k_hat", isinf(p->k_hat) ? NAN : p->k_hat);
    fe__jput_num(o, j, "effective_draws", p->effective);
    fe__jput_int(o, j, "estimated", (long long)b->of->n);
    fe__jput_bool(o, j, "converged", b->mode->converged);
    return j;
}

json_t *fe__write_foreseen(asking *q, const bodies *b) {
    json_out *o = &q->out;
    json_t *list = fe__jarray(o);
    forecast_ask ask = fe__forecast_ask_of(q);
    if (ask.draws > DRAWS_OF_BARS) ask.draws = DRAWS_OF_BARS;
    ask.progress = NULL;
    const foresight *x = b->labs_n ? fe__foresight(q->facts, &ask) : NULL;
    for (size_t i = 0; i < b->labs_n; i++) {
        const event *e = b->labs[i].event;
        foreseen f;
        if (!fe__foresee(x, (size_t)(e - q->course->events), &f)) continue;
        json_t *j = fe__jobject(o), *seen = fe__jobject(o);
        fe__jput_str(o, j, "at", fe__time_text(q->a, e->at, q->zone_min));
        fe__jput_str(o, j, "pointer", e->ptr);
        fe__jput_str(o, j, "lab", q->k->terms[e->term].id);
        fe__jput_num(o, j, "value", e->value);
        fe__jput_str(o, j, "unit", q->k->terms[e->term].unit);
        fe__jput_str(o, j, "comparator", e->comparator ? fe__printf(q->a, "%c", e->comparator) : NULL);
        fe__jput_num(o, seen, "p5", f.p5);
        fe__jput_num(o, seen, "p50", f.p50);
        fe__jput_num(o, seen, "p95", f.p95);
        fe__jput_num(o, seen, "percentile", f.percentile);
        fe__jput(o, j, "foreseen", seen);
        fe__jadd(o, list, j);
    }
    return list;
}
