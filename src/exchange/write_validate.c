/* The answer of validate. */
#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "base/text.h"
#include "exchange/door.h"
#include "exchange/read_observations.h"
#include "exchange/write_forecast.h"

enum { USUAL_PATIENTS = 2000 };
static const uint64_t usual_seed = 1;

static uint64_t seed_of(const asking *q) { return q->request->seed >= 0 ? (uint64_t)q->request->seed : usual_seed; }

static const char *indication_of(const observation *of, const evidence *e) {
    const population_row *who = fe__evidence_population(e, of->population);
    return who && who->population >= 0 ? fe__population_ids[who->population] : NULL;
}

/* What both lists say of an observation. */
static json_t *observation_json(asking *q, const evidence *e, const observation *of) {
    json_out *o = &q->out;
    json_t *j = fe__jobject(o);
    fe__jput_str(o, j, "id", of->id);
    fe__jput_str(o, j, "study", of->study);
    fe__jput_str(o, j, "endpoint", of->endpoint);
    fe__jput_str(o, j, "formulation", of->formulation);
    fe__jput_str(o, j, "population", of->population);
    fe__jput_str(o, j, "indication", indication_of(of, e));
    fe__jput_num(o, j, "dose_mg", of->dose_mg);
    fe__jput_num(o, j, "time_h", of->time_h);
    fe__jput_str(o, j, "stat", fe__study_stats[of->stat]);
    fe__jput_str(o, j, "verified", *of->verified ? of->verified : NULL);
    fe__jput_num(o, j, "observed", of->value);
    return j;
}

static json_t *row_json(asking *q, const evidence *e, const validation_row *row) {
    json_out *o = &q->out;
    json_t *j = observation_json(q, e, row->of);
    fe__jput_str(o, j, "unit", row->unit);
    fe__jput_num(o, j, "predicted", row->predicted);
    fe__jput_num(o, j, "p5", row->p5);
    fe__jput_num(o, j, "p95", row->p95);
    fe__jput_bool(o, j, "inside", row->inside);
    fe__jput_bool(o, j, "baseline", row->baseline);
    fe__jput_int(o, j, "arm", (long long)row->arm);
    fe__jput_str(o, j, "read_as", row->read_as);
    return j;
}

static json_t *unpredicted_json(asking *q, const evidence *e, const validation_row *row) {
    json_t *j = observation_json(q, e, row->of);
    fe__jput_str(&q->out, j, "missing", fe__unpredicted_words[row->missing]);
    fe__jput_bool(&q->out, j, "counts", row->counts);
    fe__jput_str(&q->out, j, "why", row->why);
    return j;
}

static json_t *group_json(asking *q, const validation_group *g) {
    json_out *o = &q->out;
    json_t *j = fe__jobject(o);
    fe__jput_str(o, j, "endpoint", g->endpoint);
    fe__jput_str(o, j, "formulation", g->formulation);
    fe__jput_str(o, j, "unit", g->unit);
    fe__jput_int(o, j, "n", (long long)g->n);
    fe__jput_num(o, j, "median_error", g->median_error);
    fe__jput_num(o, j, "median_absolute_error", g->median_absolute_error);
    fe__jput_num(o, j, "share_in_90", g->share_in_90);
    fe__jput_num(o, j, "median_width", g->median_width);
    return j;
}

/* ---- arms --------------------------------------------------------------------------------------------------------------------------- */

static json_t *baselines_json(asking *q, const validation_arm *arm) {
    json_out *o = &q->out;
    json_t *list = fe__jarray(o);
    for (size_t i = 0; i < arm->baselines_n; i++) {
        const arm_baseline *b = &arm->baselines[i];
        json_t *j = fe__jobject(o);
        fe__jput_str(o, j, "item", b->item);
        fe__jput_str(o, j, "from", isnan(b->given) ? "population" : "study");
        fe__jput_num(o, j, "given", b->given);
        fe__jput_num(o, j, "played", b->mean);
        fe__jadd(o, list, j);
    }
    return list;
}

static json_t *assumed_arm_json(asking *q, const validation_arm *arm) {
    json_out *o = &q->out;
    json_t *list = fe__jarray(o);
    for (size_t i = 0; i < arm->assumed_n; i++) {
        json_t *j = fe__jobject(o);
        fe__jput_str(o, j, "item", arm->assumed[i].item);
        fe__jput_num(o, j, "value", arm->assumed[i].value);
        fe__jput_str(o, j, "unit", arm->assumed[i].unit);
        fe__jput_str(o, j, "why", arm->assumed[i].why);
        fe__jadd(o, list, j);
    }
    return list;
}

static json_t *arm_json(asking *q, const validation_arm *arm) {
    json_out *o = &q->out;
    json_t *j = fe__jobject(o);
    fe__jput_str(o, j, "study", arm->of->study);
    fe__jput_str(o, j, "formulation", arm->of->formulation);
    fe__jput_num(o, j, "dose_mg", arm->of->dose_mg);
    fe__jput_num(o, j, "n_doses", arm->of->n_doses);
    fe__jput_num(o, j, "interval_days", arm->interval_days);
    fe__jput_num(o, j, "infusion_min", arm->infusion_min);
    fe__jput_str(o, j, "population", arm->of->population);
    fe__jput_str(o, j, "indication", fe__population_ids[arm->who->population]);
    fe__jput_str(o, j, "mapped_by", arm->who->given ? "population-map" : "data");
    fe__jput_str(o, j, "mapped_because", *arm->who->reason ? arm->who->reason : NULL);
    fe__jput_str(o, j, "subgroup", *arm->subgroup ? arm->subgroup : NULL);
    fe__jput_num(o, j, "n", arm->n);
    fe__jput_bool(o, j, "before_iron", arm->untouched);
    fe__jput(o, j, "baselines", baselines_json(q, arm));
    fe__jput(o, j, "assumed", assumed_arm_json(q, arm));
    fe__jput_int(o, j, "patients", (long long)arm->patients);
    fe__jput_int(o, j, "patients_failed", (long long)arm->failed);
    return j;
}

/* ---- the whole ----------------------------------------------------------------------------------------------------------------------- */

static json_t *counts_json(asking *q, const validation *v) {
    json_out *o = &q->out;
    json_t *j = fe__jobject(o);
    size_t predicted = 0, inside = 0, counted = 0, counted_not = 0, by[NO_START + 1] = {0};
    for (size_t i = 0; i < v->rows_n; i++) {
        const validation_row *row = &v->rows[i];
        bool is = row->missing == PREDICTED;
        predicted += is;
        inside += is && row->inside;
        counted += row->counts;
        counted_not += row->counts && !is;
        by[row->missing]++;
    }
    fe__jput_int(o, j, "rows", (long long)v->rows_n);
    fe__jput_int(o, j, "predicted", (long long)predicted);
    fe__jput_int(o, j, "inside", (long long)inside);
    fe__jput_num(o, j, "share_in_90", predicted ? (double)inside / (double)predicted : NAN);
    fe__jput_int(o, j, "mapped_and_modelled", (long long)counted);
    fe__jput_int(o, j, "mapped_and_modelled_not_predicted", (long long)counted_not);
    fe__jput_int(o, j, "mapped_to_none", (long long)by[NO_INDICATION]);
    fe__jput_int(o, j, "not_in_the_map", (long long)by[NO_POPULATION]);
    fe__jput_int(o, j, "formulation_not_modelled", (long long)by[NO_FORMULATION]);
    return j;
}

static json_t *basis_of(asking *q, const validation *v) {
    json_t *j = fe__jobject(&q->out);
    fe__jput_int(&q->out, j, "patients", (long long)v->patients);
    fe__jput_int(&q->out, j, "studies", (long long)v->studies);
    fe__jput_int(&q->out, j, "seed", (long long)seed_of(q));
    return j;
}

static void write_validation(asking *q, const evidence *e, const validation *v) {
    json_out *o = &q->out;
    json_t *groups = fe__jarray(o), *rows = fe__jarray(o), *others = fe__jarray(o), *arms = fe__jarray(o);
    for (size_t i = 0; i < v->groups_n; i++) fe__jadd(o, groups, group_json(q, &v->groups[i]));
    for (size_t i = 0; i < v->rows_n; i++) {
        const validation_row *row = &v->rows[i];
        bool is = row->missing == PREDICTED;
        fe__jadd(o, is ? rows : others, is ? row_json(q, e, row) : unpredicted_json(q, e, row));
    }
    for (size_t i = 0; i < v->arms_n; i++) fe__jadd(o, arms, arm_json(q, &v->arms[i]));
    fe__jput(o, q->root, "counts", counts_json(q, v));
    fe__jput(o, q->root, "groups", groups);
    fe__jput(o, q->root, "rows", rows);
    fe__jput(o, q->root, "not_predicted", others);
    fe__jput(o, q->root, "arms", arms);
    fe__jput(o, q->root, "basis", basis_of(q, v));
}

static size_t length_of(const char *s, size_t told) { return told ? told : strlen(s); }

void fe__answer_validate(asking *q) {
    const fe_request *r = q->request;
    const model_data *m = fe__model_of(q);
    evidence *e = m ? fe__evidence_load(q->engine->data_folder, &q->faults) : NULL;
    size_t n = 0;
    if (!r->input) {
        q->faults.file = "request";
        fe__fault(&q->faults, "--observations", "a CSV file of published observations", "nothing",
                  "data/evidence/observations.csv is one");
    }
    if (!e || !r->input) return;
    if (r->population_map) {
        q->faults.file = r->population_map_name ? r->population_map_name : "population map";
        fe__evidence_add_map(e, &q->faults, r->population_map, length_of(r->population_map, r->population_map_length));
    }
    q->faults.file = r->input_name ? r->input_name : "-";
    const observation *list = fe__observations_read(&q->faults, r->input, length_of(r->input, r->input_length), &n);
    if (q->faults.n) return;
    q->input_sha256 = fe__sha256_hex(q->a, r->input, length_of(r->input, r->input_length));
    const validation *v = fe__validate(q->a, &(validation_ask){.m = m,
                                                               .e = e,
                                                               .observations = list,
                                                               .n = n,
                                                               .seed = seed_of(q),
                                                               .patients = r->draws > 0 ? (size_t)r->draws : USUAL_PATIENTS,
                                                               .threads = fe__threads(),
                                                               .progress = r->progress,
                                                               .context = r->progress_context});
    fe__write_head(q, "validated");
    write_validation(q, e, v);
    fe__write_findings(q, NULL, 0);
}
