/* The answer of fit: what of a patient the results after the start have taught, for those who want to see it. */
#include <math.h>

#include "base/date.h"
#include "base/elementary.h"
#include "exchange/write_forecast.h"

typedef struct fitting {
    asking *q;
    const ground *ground;
    const bodies *bodies;
    trial_eta *typical; /* etas 0 */
    double *column;     /* [draws] */
    quantile_room room;
} fitting;

/* ---- etas ----------------------------------------------------------------------------------------------------------------------------- */

static bool is_estimated(const individual *x, int eta) {
    for (size_t i = 0; i < x->n; i++)
        if (x->etas[i] == eta) return true;
    return false;
}

static void spread_of(const posterior *p, int eta, double *mean, double *sd) {
    double sum = 0, squares = 0;
    for (size_t k = 0; k < p->n; k++) sum += p->draws[k].eta[eta];
    *mean = sum / (double)p->n;
    for (size_t k = 0; k < p->n; k++) squares += (p->draws[k].eta[eta] - *mean) * (p->draws[k].eta[eta] - *mean);
    *sd = sqrt(squares / (double)p->n);
}

/* Shrinkage: the share of the prior's variance that the results leave; 1 when they say nothing. */
static json_t *eta_json(const fitting *x, int eta) {
    json_out *o = &x->q->out;
    json_t *j = fe__jobject(o);
    const bodies *b = x->bodies;
    double mean, sd, omega = b->of->omega[eta];
    spread_of(b->posterior, eta, &mean, &sd);
    fe__jput_int(o, j, "eta", eta);
    fe__jput_str(o, j, "acts_on", x->q->model->eta_acts_on[eta]);
    fe__jput_str(o, j, "what", x->q->model->eta_note[eta]);
    fe__jput_bool(o, j, "estimated", is_estimated(b->of, eta));
    fe__jput_num(o, j, "map", b->mode->at.eta[eta]);
    fe__jput_num(o, j, "factor", fe__exp(b->mode->at.eta[eta]));
    fe__jput_num(o, j, "mean", mean);
    fe__jput_num(o, j, "sd", sd);
    fe__jput_num(o, j, "omega", omega);
    fe__jput_num(o, j, "shrinkage", sd * sd / (omega * omega));
    return j;
}

/* ---- results -------------------------------------------------------------------------------------------------------------------------- */

static json_t *lab_json(const fitting *x, size_t i) {
    static const double ends[] = {0.05, 0.5, 0.95};
    asking *q = x->q;
    json_out *o = &q->out;
    json_t *j = fe__jobject(o);
    const bodies *b = x->bodies;
    const event *e = b->labs[i].event;
    const seen_lab *l = &b->labs[i].seen;
    double foreseen = fe__exp(b->mode->at.ln_f[i]), middle[3], bound = fe__lab_bound(q->model, l);
    for (size_t k = 0; k < b->posterior->n; k++) x->column[k] = fe__exp(b->posterior->draws[k].ln_f[i]);
    fe__quantiles_of(x->column, b->posterior->n, ends, 3, &x->room, middle);
    fe__jput_str(o, j, "at", e->ptr);
    fe__jput_str(o, j, "drawn", fe__time_text(q->a, e->at, q->zone_min));
    fe__jput_str(o, j, "lab", q->k->terms[e->term].id);
    fe__jput_num(o, j, "t_h", l->t);
    fe__jput_num(o, j, "value", l->value);
    fe__jput_str(o, j, "unit", q->k->terms[e->term].unit);
    fe__jput_str(o, j, "bound", isnan(bound) ? NULL : l->comparator == '>' ? "above" : "below");
    fe__jput_num(o, j, "pred", isinf(x->typical->objective) ? NAN : fe__exp(x->typical->ln_f[i]));
    fe__jput_num(o, j, "ipred", foreseen);
    fe__jput_num(o, j, "ipred_p5", middle[0]);
    fe__jput_num(o, j, "ipred_p50", middle[1]);
    fe__jput_num(o, j, "ipred_p95", middle[2]);
    fe__jput_num(o, j, "iwres", fe__lab_residual(q->model, l, foreseen));
    fe__jput_num(o, j, "impossible", fe__posterior_outlier(b->posterior, i));
    return j;
}

static json_t *objective_json(const fitting *x) {
    json_out *o = &x->q->out;
    json_t *j = fe__jobject(o);
    const trial_eta *t = &x->bodies->mode->at;
    fe__jput_num(o, j, "total", t->objective);
    fe__jput_num(o, j, "etas", t->spread);
    fe__jput_num(o, j, "closure", t->closure);
    fe__jput_num(o, j, "results", t->objective - t->spread - t->closure);
    return j;
}

static json_t *solved_json(const fitting *x) {
    json_out *o = &x->q->out;
    json_t *j = fe__jobject(o);
    const double *s = x->bodies->mode->at.solved;
    fe__jput_num(o, j, "e", fe__exp(s[0]));
    fe__jput_num(o, j, "z", s[1]);
    fe__jput_num(o, j, "a_star", fe__exp(s[2]));
    return j;
}

static void write_fitted(const fitting *x) {
    asking *q = x->q;
    json_out *o = &q->out;
    json_t *etas = fe__jarray(o), *labs = fe__jarray(o);
    for (int i = 1; i <= ETAS; i++) fe__jadd(o, etas, eta_json(x, i));
    for (size_t i = 0; i < x->bodies->labs_n; i++) fe__jadd(o, labs, lab_json(x, i));
    fe__jput_str(o, q->root, "start", fe__time_text(q->a, x->ground->body->start, q->zone_min));
    fe__jput_str(o, q->root, "population", x->ground->population);
    fe__jput_int(o, q->root, "draws", (long long)x->bodies->posterior->n);
    fe__jput_int(o, q->root, "seed", (long long)fe__forecast_ask_of(q).seed);
    fe__jput(o, q->root, "fit", fe__write_fit_quality(q, x->bodies));
    fe__jput(o, q->root, "unexplained", fe__write_unexplained(q, x->bodies));
    fe__jput(o, q->root, "objective", objective_json(x));
    fe__jput(o, q->root, "etas", etas);
    fe__jput(o, q->root, "labs", labs);
    fe__jput(o, q->root, "solved", solved_json(x));
}

/* ---- the answer ----------------------------------------------------------------------------------------------------------------------- */

static void refuse(asking *q, const char *verdict, const char *reason, const char *why, const char *item) {
    q->refusal = true;
    fe__write_head(q, verdict);
    fe__jput_str(&q->out, q->root, "reason", reason);
    fe__jput_str(&q->out, q->root, "why", why);
    fe__jput_str(&q->out, q->root, "item", item);
}

static void fit(asking *q, const ground *g) {
    forecast_ask ask = fe__forecast_ask_of(q);
    const bodies_ask want = {
        .before = INFINITY, .draws = ask.draws, .seed = ask.seed, .threads = ask.threads, .room = &ask.rooms->bodies};
    const bodies *b = fe__bodies(q->facts, g, &want);
    if (b->labs_n == 0) {
        refuse(q, "nothing-to-fit", "no-results",
               "Every result of this course is one of its start: there is nothing after it to fit.", NULL);
        return;
    }
    if (!b->posterior || !b->mode->found) {
        refuse(q, "cannot-start", "solver", b->why ? b->why : "No body explains these results.", NULL);
        return;
    }
    fitting x = {.q = q,
                 .ground = g,
                 .bodies = b,
                 .typical = fe__trial_etas(q->a, b->of, 1),
                 .column = FE_NEW_ARRAY(q->a, double, b->posterior->n + 8)};
    x.room = (quantile_room){FE_NEW_ARRAY(q->a, double, b->posterior->n + 8), FE_NEW_ARRAY(q->a, uint16_t, b->posterior->n + 32)};
    fe__individual_look(b->of, x.typical, 1, fe__shown_rtol, 1);
    fe__write_head(q, "fitted");
    write_fitted(&x);
}

void fe__answer_fit(asking *q) {
    const model_data *m = fe__model_of(q);
    if (!m || !fe__draws_are_asked(q)) return;
    const ground_ask ask = {.m = m, .site = q->engine->site, .now = NAN, .explains_all = true};
    const ground *g = fe__ground(q->facts, &ask);
    if (g->verdict != FORECAST) refuse(q, fe__forecast_words[g->verdict], g->reason, g->text, g->item);
    else fit(q, g);
    fe__write_findings(q, NULL, 0);
}
