/* fit and simulate of a data set: one patient after another, each patient's rows out as soon as they are there. */
#include <math.h>
#include <string.h>

#include "base/elementary.h"
#include "base/hash.h"
#include "base/text.h"
#include "exchange/read_data.h"
#include "exchange/write_forecast.h"
#include "exchange/write_table.h"
#include "infer/posterior.h"

enum { DRAWS_OF_DATA = 1000, STREAM_ERRORS = 48 };

/* What went on while the patients were worked through. */
typedef struct working {
    asking *q;
    const data_set *set;
    forecast_ask ask;
    table_out rows, etas;
    json_t *failed;
    size_t done, failed_n;
    double sums[ETAS + 1], squares[ETAS + 1]; /* of the likeliest etas */
    size_t fitted[ETAS + 1];                  /* patients whose results tell of an eta */
    bool is_interrupted;
} working;

/* ---- one patient -------------------------------------------------------------------------------------------------------------------------- */

/* NULL and the prior, or why there is none. */
static const char *prior_of(const model_data *m, const data_subject *s, patient_prior *prior) {
    start_labs labs = s->labs;
    body typical;
    double y[STATES];
    *prior = (patient_prior){.m = m, .population = s->population};
    start_status status = fe__start_fill(m, &labs, &prior->filled);
    if (status == START_OK) status = fe__start(m, &labs, NULL, &typical, y);
    if (status != START_OK) return fe__start_text(status);
    prior->labs = labs;
    prior->without_closure = !fe__prior_in_domain(m, &typical);
    return NULL;
}

/* All rows, for foreseeing; `counted`: those that a fit explains. */
static seen_lab *labs_of(arena *a, const data_subject *s, bool counted, size_t *n) {
    seen_lab *list = FE_NEW_ARRAY(a, seen_lab, s->rows_n + 1);
    *n = 0;
    for (size_t i = 0; i < s->rows_n; i++)
        if (!counted || (!s->rows[i].is_start && !s->rows[i].is_missing)) list[(*n)++] = s->rows[i].seen;
    return list;
}

static void fail(working *w, const data_subject *s, const char *why) {
    json_out *o = &w->q->out;
    json_t *j = fe__jobject(o);
    fe__jput_str(o, j, "id", s->id);
    fe__jput_int(o, j, "line", (long long)s->line);
    fe__jput_str(o, j, "why", why);
    fe__jadd(o, w->failed, j);
    w->failed_n++;
}

static void row_head(table_out *t, const data_subject *s, const data_row *r) {
    fe__table_text(t, s->id);
    fe__table_number(t, r->seen.t);
    fe__table_text(t, fe__dvid_names[r->seen.what]);
}

/* ---- fitting ------------------------------------------------------------------------------------------------------------------------------- */

static const char *const fit_columns[] = {"ID",   "TIME",  "DVID", "DV",    "CENS",       "MDV",
                                          "PRED", "IPRED", "IRES", "IWRES", "IMPOSSIBLE", "STATUS"};

/* pred, ipred: [rows], logarithms; NULL where there are none. post: of the counted rows; NULL without a fit. */
static void write_rows(working *w, const data_subject *s, const double *pred, const double *ipred, const posterior *post,
                       const char *why) {
    static const double censored[] = {[0] = 0, ['<'] = 1, ['>'] = -1};
    table_out *t = &w->rows;
    size_t counted = 0;
    for (size_t i = 0; i < s->rows_n; i++) {
        const data_row *r = &s->rows[i];
        bool is_counted = !r->is_start && !r->is_missing;
        double f = ipred ? fe__exp(ipred[i]) : NAN;
        row_head(t, s, r);
        fe__table_number(t, r->is_missing ? NAN : r->seen.value);
        fe__table_number(t, censored[(int)r->seen.comparator]);
        fe__table_number(t, r->is_missing);
        fe__table_number(t, pred ? fe__exp(pred[i]) : NAN);
        fe__table_number(t, f);
        fe__table_number(t, r->is_missing || r->seen.comparator ? NAN : r->seen.value - f);
        fe__table_number(t, r->is_missing || !ipred ? NAN : fe__lab_residual(w->q->model, &r->seen, f));
        fe__table_number(t, is_counted && post ? fe__posterior_outlier(post, counted) : NAN);
        fe__table_text(t, why ? why : r->is_start ? "start" : r->is_missing ? "foreseen" : "fitted");
        counted += is_counted;
    }
}

static void eta_spread(const posterior *p, int eta, double *sd) {
    double sum = 0, squares = 0, n = (double)p->n;
    for (size_t k = 0; k < p->n; k++) sum += p->draws[k].eta[eta];
    for (size_t k = 0; k < p->n; k++) squares += (p->draws[k].eta[eta] - sum / n) * (p->draws[k].eta[eta] - sum / n);
    *sd = sqrt(squares / n);
}

static void write_etas(working *w, const data_subject *s, const mode *at, const posterior *p, const char *why) {
    table_out *t = &w->etas;
    fe__table_text(t, s->id);
    fe__table_text(t, why ? why : "fitted");
    fe__table_number(t, p ? at->at.objective : NAN);
    for (int i = 1; i <= ETAS; i++) fe__table_number(t, p ? at->at.eta[i] : NAN);
    for (int i = 1; i <= ETAS; i++) {
        double sd = NAN;
        if (p) eta_spread(p, i, &sd);
        fe__table_number(t, sd);
    }
    fe__table_number(t, p ? fe__exp(at->at.solved[0]) : NAN);
    fe__table_number(t, p ? at->at.solved[1] : NAN);
    fe__table_number(t, p ? fe__exp(at->at.solved[2]) : NAN);
    fe__table_number(t, p && isfinite(p->k_hat) ? p->k_hat : NAN);
    fe__table_number(t, p ? p->effective : NAN);
    fe__table_text(t, !p ? NULL : p->annealed ? "annealed" : "importance");
}

static void count_etas(working *w, const individual *x, const mode *at) {
    for (size_t i = 0; i < x->n; i++) {
        int eta = x->etas[i];
        w->fitted[eta]++;
        w->sums[eta] += at->at.eta[eta];
        w->squares[eta] += at->at.eta[eta] * at->at.eta[eta];
    }
}

/* What is foreseen of every row with these etas: [rows] logarithms, NULL when it cannot be played. */
static const double *foresee(working *w, const individual *rows, const double *eta) {
    trial_eta *t = fe__trial_etas(w->q->a, rows, 1);
    memcpy(t->eta, eta, sizeof t->eta);
    return fe__individual_look(rows, t, 1, fe__shown_rtol, 1) && !isinf(t->objective) ? t->ln_f : NULL;
}

static void fit_one(working *w, const data_subject *s) {
    arena *a = w->q->a;
    patient_prior prior;
    size_t labs_n, all_n;
    const double zero[ETAS + 1] = {0};
    const char *why = prior_of(w->q->model, s, &prior);
    seen_lab *labs = labs_of(a, s, true, &labs_n), *all = labs_of(a, s, false, &all_n);
    const individual *x = why ? NULL : fe__individual(a, &prior, s->events, s->events_n, labs, labs_n),
                     *rows = why ? NULL : fe__individual(a, &prior, s->events, s->events_n, all, all_n);
    const mode *at = NULL;
    const posterior *p = x ? fe__fit_individual(a, x, w->ask.seed, w->ask.draws, w->ask.threads, &at) : NULL;
    if (p && !at->found) p = NULL;
    if (!why && !p) why = "no body explains these results";
    if (why) fail(w, s, why);
    else count_etas(w, x, at);
    write_rows(w, s, rows ? foresee(w, rows, zero) : NULL, p ? foresee(w, rows, at->at.eta) : NULL, p, why);
    write_etas(w, s, at, p, why);
}

/* 1 - sd(likeliest etas) / omega: how far they are drawn towards the typical patient. */
static json_t *shrinkage_json(const working *w) {
    json_out *o = &w->q->out;
    json_t *list = fe__jarray(o);
    for (int i = 1; i <= ETAS; i++) {
        double n = (double)w->fitted[i];
        if (w->fitted[i] < 2) continue;
        double variance = (w->squares[i] - w->sums[i] * w->sums[i] / n) / (n - 1);
        json_t *j = fe__jobject(o);
        fe__jput_int(o, j, "eta", i);
        fe__jput_str(o, j, "acts_on", w->q->model->eta_acts_on[i]);
        fe__jput_int(o, j, "patients", (long long)w->fitted[i]);
        fe__jput_num(o, j, "mean", w->sums[i] / n);
        fe__jput_num(o, j, "shrinkage", 1 - sqrt(fmax(variance, 0)) / w->q->model->omega[i]);
        fe__jadd(o, list, j);
    }
    return list;
}

/* ---- simulating ----------------------------------------------------------------------------------------------------------------------------- */

static const char *const simulate_columns[] = {"REP", "ID", "TIME", "DVID", "IPRED", "DV", "STATUS"};

/* Replicate 0 is the typical patient, or the one of the given etas, without errors. */
static void write_replicate(working *w, const data_subject *s, size_t rep, const trial_eta *t, uint64_t number, const char *why) {
    random_stream r = fe__random_stream(w->ask.seed, number, STREAM_ERRORS);
    for (size_t i = 0; i < s->rows_n; i++) {
        double f = t ? fe__exp(t->ln_f[i]) : NAN, z = fe__random_normal(&r);
        fe__table_number(&w->rows, (double)rep);
        row_head(&w->rows, s, &s->rows[i]);
        fe__table_number(&w->rows, f);
        fe__table_number(&w->rows, t && rep ? fe__lab_drawn(w->q->model, s->rows[i].seen.what, f, z) : NAN);
        fe__table_text(&w->rows, why ? why : "simulated");
    }
}

/* Etas of the replicates. False when the prior cannot be drawn. */
static bool draw_replicates(const working *w, const data_subject *s, const patient_prior *prior, trial_eta *list, size_t n) {
    for (size_t k = 0; k < n; k++) {
        body b;
        double y[STATES];
        memcpy(list[k].eta, s->eta, sizeof list[k].eta);
        if (w->ask.draws == 0 || s->has_eta) continue;
        if (!fe__prior_draw(prior, w->ask.seed, w->done * n + k, list[k].eta, &b, y)) return false;
    }
    return true;
}

static void simulate_one(working *w, const data_subject *s) {
    arena *a = w->q->a;
    patient_prior prior;
    size_t n, many = w->ask.draws ? w->ask.draws : 1, lost = 0;
    const char *why = prior_of(w->q->model, s, &prior);
    seen_lab *labs = labs_of(a, s, false, &n);
    const individual *x = why ? NULL : fe__individual(a, &prior, s->events, s->events_n, labs, n);
    trial_eta *list = x ? fe__trial_etas(a, x, many) : NULL;
    if (!why && !draw_replicates(w, s, &prior, list, many))
        why = "the labs of the start contradict each other: no body is drawn for them";
    if (!why && !fe__individual_look(x, list, many, fe__shown_rtol, w->ask.threads)) why = fe__solve_text(SOLVE_MEMORY);
    for (size_t k = 0; k < many; k++) {
        bool is_lost = !why && isinf(list[k].objective);
        lost += is_lost;
        write_replicate(w, s, w->ask.draws ? k + 1 : 0, why || is_lost ? NULL : &list[k], w->done * many + k,
                        why       ? why
                        : is_lost ? "this body cannot be played"
                                  : NULL);
        fe__table_send(&w->rows);
    }
    if (!why && lost) why = fe__printf(a, "%zu of %zu bodies cannot be played", lost, many);
    if (why) fail(w, s, why);
}

/* ---- the whole ------------------------------------------------------------------------------------------------------------------------------- */

static bool is_stopped(const asking *q) { return q->request->stopped && q->request->stopped(q->request->table_context); }

static void work(working *w, void (*one)(working *w, const data_subject *s)) {
    asking *q = w->q;
    for (; w->done < w->set->n && !w->is_interrupted; w->done++) {
        arena_mark here = fe__arena_mark(q->a);
        one(w, &w->set->subjects[w->done]);
        fe__table_send(&w->rows);
        fe__table_send(&w->etas);
        fe__arena_rewind(q->a, here);
        if (q->request->progress) q->request->progress(q->request->progress_context, (double)(w->done + 1) / (double)w->set->n);
        w->is_interrupted = w->done + 1 < w->set->n && is_stopped(q);
    }
}

/* words: when all went well, when some patients failed. */
static void write_end(working *w, const char *all, const char *some) {
    asking *q = w->q;
    json_out *o = &q->out;
    q->refusal = w->is_interrupted || w->failed_n;
    fe__jput_str(o, q->root, "verdict", w->is_interrupted ? "interrupted" : w->failed_n ? some : all);
    fe__jput_int(o, q->root, "patients", (long long)w->set->n);
    fe__jput_int(o, q->root, "done", (long long)w->done);
    fe__jput(o, q->root, "failed", w->failed);
    fe__jput(o, q->root, "ignored", fe__write_strings(q, w->set->ignored, w->set->ignored_n));
    fe__jput_int(o, q->root, "draws", (long long)w->ask.draws);
    fe__jput_int(o, q->root, "seed", (long long)w->ask.seed);
}

static bool begin(working *w, asking *q, size_t usual_draws) {
    const fe_request *r = q->request;
    size_t length = r->input_length ? r->input_length : strlen(r->input);
    if (!fe__model_of(q)) return false;
    *w = (working){.q = q, .ask = fe__forecast_ask_of(q)};
    if (r->draws < 0) w->ask.draws = usual_draws;
    q->faults.file = r->input_name ? r->input_name : "-";
    w->set = fe__data_read(q->k, q->model, &q->faults, r->input, length);
    if (!w->set) return false;
    q->input_sha256 = fe__sha256_hex(q->a, r->input, length);
    w->failed = fe__jarray(&q->out);
    fe__write_head(q, NULL);
    return true;
}

void fe__answer_fit_data(asking *q) {
    enum { HEAD = 3, TAIL = 6, COLUMNS = HEAD + 2 * ETAS + TAIL };
    static const char *const head[HEAD] = {"ID", "STATUS", "OBJ"}, *const tail[TAIL] = {"E",    "Z",   "ASTAR",
                                                                                        "KHAT", "ESS", "METHOD"};
    const char *names[COLUMNS];
    working w;
    if (!fe__model_of(q) || !fe__draws_are_asked(q) || !begin(&w, q, DRAWS_OF_DATA)) return;
    memcpy(names, head, sizeof head);
    memcpy(names + HEAD + 2 * ETAS, tail, sizeof tail);
    for (int i = 1; i <= ETAS; i++) {
        names[HEAD - 1 + i] = fe__printf(q->a, "ETA%d", i);
        names[HEAD - 1 + ETAS + i] = fe__printf(q->a, "SD%d", i);
    }
    fe__table_begin(&w.rows, q, FE_TABLE_ROWS, fit_columns, sizeof fit_columns / sizeof *fit_columns);
    fe__table_begin(&w.etas, q, FE_TABLE_ETAS, names, COLUMNS);
    work(&w, fit_one);
    write_end(&w, "fitted", "partly-fitted");
    fe__jput(&q->out, q->root, "shrinkage", shrinkage_json(&w));
    fe__table_end(&w.rows, "rows");
    fe__table_end(&w.etas, "etas");
}

void fe__answer_simulate_data(asking *q) {
    working w;
    if (!begin(&w, q, 0)) return;
    fe__table_begin(&w.rows, q, FE_TABLE_ROWS, simulate_columns, sizeof simulate_columns / sizeof *simulate_columns);
    w.etas = (table_out){.q = q};
    fe__text_init(&w.etas.csv, q->a);
    work(&w, simulate_one);
    write_end(&w, "simulated", "partly-simulated");
    fe__table_end(&w.rows, "rows");
}
