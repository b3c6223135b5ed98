#include "advise/validate.h"

#include <math.h>
#include <string.h>

#include "advise/validate_curves.h"
#include "advise/validate_measure.h"
#include "advise/validate_people.h"
#include "advise/validate_reading.h"
#include "advise/validate_study.h"
#include "base/text.h"
#include "infer/quantile.h"

enum { STREAM_MEASURED = 11, STREAM_MEASURED_CONTROL = 12 };

const char *const fe__study_stats[STAT_COUNT] = {"mean", "median", "pct", "gmean", "point"};
const char *const fe__unpredicted_words[NO_START + 1] = {"predicted", "population", "indication", "formulation",
                                                         "datum",     "observable", "start"};

typedef struct validating {
    arena *a;
    const validation_ask *ask;
    validation *v;
    reading *readings; /* [rows] */
    size_t arms_cap;
    size_t arms_done;
} validating;

/* ---- which rows can be predicted -------------------------------------------------------------------------------------------------- */

static bool fails(validation_row *row, unpredicted missing, const char *why) {
    row->missing = missing;
    row->why = why;
    return false;
}

/* An indication and a formulation; then it counts. */
static bool counts(validating *x, validation_row *row) {
    const population_row *who = fe__evidence_population(x->ask->e, row->of->population);
    bool modelled = fe__formulation_find(row->of->formulation) >= 0;
    row->counts = who && who->population >= 0 && modelled;
    if (!who)
        return fails(row, NO_POPULATION,
                     fe__printf(x->a, "population: \"%s\" is not in the map (--population-map adds it)", row->of->population));
    if (who->population < 0)
        return fails(row, NO_INDICATION,
                     fe__printf(x->a, "population: \"%s\" is mapped to none: %s", row->of->population, who->reason));
    if (!modelled)
        return fails(row, NO_FORMULATION,
                     *row->of->formulation ? fe__printf(x->a, "formulation: %s is not modelled", row->of->formulation)
                                           : "datum: formulation, which the row does not name");
    return true;
}

static bool can_predict(validating *x, validation_row *row, reading *r) {
    if (!counts(x, row)) return false;
    if (!fe__reading_of(x->a, x->ask->e, row->of, r, &row->missing, &row->why)) return false;
    row->unit = r->unit;
    row->read_as = r->words;
    row->baseline = r->baseline;
    const variable_spread *irls =
        &x->ask->m->populations[fe__evidence_population(x->ask->e, row->of->population)->population][VARIABLE_IRLS0];
    if (!r->what.state && r->what.which == OBSERVED_IRLS && irls->kind == SPREAD_NONE)
        return fails(row, NO_DATUM, "datum: IRLS at the start, which the population does not have");
    if (isnan(row->of->dose_mg)) return fails(row, NO_DATUM, "datum: dose_mg, the iron that was given");
    bool of_iron = r->measure >= MEASURE_PER_MG && r->measure <= MEASURE_DONATED;
    if (of_iron && !(row->of->dose_mg > 0))
        return fails(row, NO_DATUM, "datum: iron that was given, for something read off the drug");
    return true;
}

/* ---- arms --------------------------------------------------------------------------------------------------------------------------- */

static bool same(double a, double b) { return a == b || (isnan(a) && isnan(b)); }

static bool same_arm(const observation *a, const observation *b) {
    return strcmp(a->study, b->study) == 0 && strcmp(a->formulation, b->formulation) == 0 && same(a->dose_mg, b->dose_mg) &&
           same(a->n_doses, b->n_doses) && same(a->interval_days, b->interval_days) && same(a->infusion_min, b->infusion_min) &&
           strcmp(a->population, b->population) == 0 && same(a->n, b->n);
}

static double assume(validating *x, validation_arm *arm, const char *item, double mg) {
    const assumed_row *row = fe__evidence_assumed(x->ask->e, item, fe__formulation_find(arm->of->formulation), mg);
    if (!row) return NAN;
    arm->assumed[arm->assumed_n++] = (arm_assumption){row->item, row->unit, row->why, row->value};
    return row->value;
}

/* What is not given takes what is assumed for it, which the arm says. */
static void complete(validating *x, validation_arm *arm) {
    const observation *of = arm->of;
    double doses = isnan(of->n_doses) ? 1 : of->n_doses, mg = doses > 0 ? of->dose_mg / doses : 0;
    const circumstance_row *beside = fe__evidence_circumstance(x->ask->e, of->study);
    arm->n = of->n > 0 ? of->n : assume(x, arm, "n", 0);
    arm->interval_days = of->interval_days > 0 || doses <= 1 ? of->interval_days : assume(x, arm, "interval_days", 0);
    arm->infusion_min = of->infusion_min > 0 || doses < 1 ? of->infusion_min : assume(x, arm, "infusion_min", mg);
    arm->esa_factor = beside ? beside->esa_factor : 1;
    if (beside) arm->assumed[arm->assumed_n++] = (arm_assumption){"esa_factor", "1", beside->why, beside->esa_factor};
}

static size_t arm_of(validating *x, const observation *of, const reading *r) {
    const char *subgroup = r->has_subgroup ? r->subgroup_words : "";
    validation *v = x->v;
    for (size_t i = 0; i < v->arms_n; i++) {
        const validation_arm *arm = &v->arms[i];
        if (same_arm(arm->of, of) && arm->untouched == r->baseline && strcmp(arm->subgroup, subgroup) == 0) return i;
    }
    validation_arm *arm = FE_PUSH(x->a, v->arms, v->arms_n, x->arms_cap);
    *arm = (validation_arm){
        .of = of, .who = fe__evidence_population(x->ask->e, of->population), .untouched = r->baseline, .subgroup = subgroup};
    complete(x, arm);
    return v->arms_n - 1;
}

/* ---- the baseline of an arm ----------------------------------------------------------------------------------------------------------- */

typedef struct baseline_item {
    const char *item, *endpoint; /* endpoint: whose value at hour 0 says the same */
    variable_id variable;
    size_t column; /* of the observation */
} baseline_item;

#define COLUMN(name) offsetof(observation, name)
static const baseline_item baseline_items[] = {{"hemoglobin", "hb_gdl", VARIABLE_Hb, COLUMN(hb)},
                                               {"ferritin", "ferritin_ugl", VARIABLE_F, COLUMN(ferritin)},
                                               {"tsat", "tsat_pct", VARIABLE_TSAT, COLUMN(tsat)},
                                               {"weight", "", VARIABLE_wt, COLUMN(weight)},
                                               {"phosphate", "phosphate_mgdl", VARIABLE_PH, 0},
                                               {"crp", "crp_mg_l", VARIABLE_CRP, 0},
                                               {"irls", "irls", VARIABLE_IRLS0, 0},
                                               {"fatigue", "fatigue", VARIABLE_FS0, 0}};
enum { BASELINE_ITEMS = sizeof baseline_items / sizeof *baseline_items };
_Static_assert((int)BASELINE_ITEMS <= (int)ARM_BASELINES_MAX, "an arm has room for each");

/* What the study gives for an item: a column of any of the arm's rows, or its value at hour 0. */
static double given(const validating *x, const validation_arm *arm, const baseline_item *item, bool *median) {
    double found = NAN;
    *median = false;
    for (size_t i = 0; i < x->v->rows_n; i++) {
        const observation *of = x->v->rows[i].of;
        if (!same_arm(arm->of, of)) continue;
        double column = NAN;
        if (item->column) memcpy(&column, (const char *)of + item->column, sizeof column);
        if (!isnan(column)) return column;
        bool at_start = of->time_h == 0 && strcmp(of->endpoint, item->endpoint) == 0;
        if (!at_start || !isnan(found)) continue;
        found = of->value;
        *median = of->stat == STAT_MEDIAN;
    }
    return found;
}

/* A variable that the population does not have (IRLS where nobody has restless legs) cannot be moved. */
static bool has_variable(const validating *x, const validation_arm *arm, variable_id v) {
    return x->ask->m->populations[arm->who->population][v].kind != SPREAD_NONE;
}

static people people_of(validating *x, validation_arm *arm, const reading *r) {
    people_target targets[BASELINE_ITEMS];
    size_t n = 0, at[BASELINE_ITEMS];
    for (size_t i = 0; i < BASELINE_ITEMS; i++) {
        const baseline_item *item = &baseline_items[i];
        people_target t = {.variable = item->variable};
        if (!has_variable(x, arm, item->variable)) continue;
        t.given = arm->untouched ? NAN : given(x, arm, item, &t.median);
        arm->baselines[arm->baselines_n] = (arm_baseline){item->item, t.given, NAN};
        at[n] = arm->baselines_n++;
        if (!isnan(t.given)) targets[n++] = t;
    }
    people p = fe__people(x->a, &(people_ask){.m = x->ask->m,
                                              .who = arm->who,
                                              .subgroup = r->has_subgroup ? &r->subgroup : NULL,
                                              .targets = targets,
                                              .targets_n = n,
                                              .seed = x->ask->seed,
                                              .n = x->ask->patients,
                                              .threads = x->ask->threads});
    for (size_t i = 0, k = 0; i < BASELINE_ITEMS; i++)
        if (has_variable(x, arm, baseline_items[i].variable))
            arm->baselines[k++].mean = fe__people_level(x->a, &p, baseline_items[i].variable, false);
    for (size_t i = 0; i < n; i++) arm->baselines[at[i]].mean = targets[i].reached;
    return p;
}

/* ---- predicting ------------------------------------------------------------------------------------------------------------------------ */

/* The rows' own numbers, whatever stands beside them in the file: FNV-1a of the id. */
static uint64_t seed_of(const validating *x, const observation *of) {
    uint64_t h = 0xcbf29ce484222325u;
    for (const char *s = of->id; *s; s++) h = (h ^ (unsigned char)*s) * 0x100000001b3u;
    return h ^ x->ask->seed;
}

/* The level at hour 0 that a ratio is multiplied with; NaN when the arm has none. */
static double base_of(const validating *x, const observation *of) {
    for (size_t i = 0; i < x->v->rows_n; i++) {
        const observation *other = x->v->rows[i].of;
        if (same_arm(of, other) && other->time_h == 0 && strcmp(of->endpoint, other->endpoint) == 0) return other->value;
    }
    return NAN;
}

/* One measurement of each of the people. Who did not respond, where a text speaks of those who did, has none. */
static double *measure_all(validating *x, const curves *c, const reading *r, const reading *responds, const observation *of,
                           uint32_t purpose) {
    double *values = FE_NEW_ARRAY(x->a, double, c->who->n), base = r->measure == MEASURE_FOLD ? base_of(x, of) : 1;
    for (size_t k = 0; k < c->who->n; k++) {
        random_stream errors = fe__random_stream(seed_of(x, of), k, purpose), other = errors;
        bool in = !responds || fe__measure(c, responds, 1, k, &other) > 0;
        values[k] = in ? fe__measure(c, r, base, k, &errors) : NAN;
    }
    return values;
}

/* Whoever has no value is no patient of the study, but where that is what the endpoint asks: who responds at all. */
static size_t with_value(double *values, size_t n) {
    size_t there = 0;
    for (size_t k = 0; k < n; k++)
        if (!isnan(values[k])) values[there++] = values[k];
    return there;
}

static bool asks_who(const reading *r) { return r->measure == MEASURE_ONSET || r->measure == MEASURE_RELAPSE; }

static void predict(validating *x, size_t row, const curves *c, const curves *control, const reading *responds) {
    validation_row *out = &x->v->rows[row];
    const reading *r = &x->readings[row];
    const observation *of = out->of;
    double *values = measure_all(x, c, r, responds, of, STREAM_MEASURED),
           *other = control ? measure_all(x, control, r, responds, of, STREAM_MEASURED_CONTROL) : NULL;
    study_ask ask = {.values = values,
                     .control = other,
                     .people = c->who->n,
                     .event = r->measure == MEASURE_RISK ? r->factor : 0,
                     .stat = r->share ? STAT_MEAN : of->stat,
                     .n = (size_t)x->v->arms[out->arm].n,
                     .seed = seed_of(x, of)};
    if (r->measure == MEASURE_FOLD && isnan(base_of(x, of))) {
        fails(out, NO_DATUM, "datum: the level at hour 0 of the same arm, which the ratio of the model is multiplied with");
        return;
    }
    if (!control && !asks_who(r)) ask.people = with_value(values, c->who->n);
    if (ask.people == 0) {
        fails(out, NO_START,
              "start: virtual patients of this population with the baseline that is given: their labs contradict each other, or "
              "their course ends early");
        return;
    }
    study_interval s = fe__study_interval(x->a, &ask);
    if (isnan(s.all) || isnan(s.p5)) {
        fails(out, NO_START, "start: the arm's people have no such value");
        return;
    }
    out->predicted = s.all;
    out->p5 = s.p5;
    out->p95 = s.p95;
    out->inside = of->value >= s.p5 && of->value <= s.p95;
}

/* ---- playing an arm --------------------------------------------------------------------------------------------------------------------- */

static void tell(void *context, size_t done) {
    const validating *x = (validating *)context;
    double arm = (double)done / (double)x->ask->patients;
    if (x->ask->progress) x->ask->progress(x->ask->context, ((double)x->arms_done + arm) / (double)x->v->arms_n);
}

/* Without iron the doses are a placebo's. */
static bool play(validating *x, const validation_arm *arm, const people *p, bool iron, const reading *const *list, size_t n,
                 curves *c) {
    const observation *of = arm->of;
    double drive = x->ask->m->populations[arm->who->population][VARIABLE_uESA].median;
    curves_ask ask = {.m = x->ask->m,
                      .who = p,
                      .formulation = fe__formulation_find(of->formulation),
                      .dose_mg = iron ? of->dose_mg : 0,
                      .n_doses = isnan(of->n_doses) ? 1 : of->n_doses,
                      .interval_days = arm->interval_days,
                      .infusion_min = arm->infusion_min,
                      .esa_drive = arm->esa_factor == 1 ? 0 : drive * arm->esa_factor,
                      .readings = list,
                      .readings_n = n,
                      .threads = x->ask->threads,
                      .progress = tell,
                      .context = x};
    return fe__curves(x->a, &ask, c);
}

/* The reading that says who responded; NULL when the text speaks of everybody. */
static const reading *responders(validating *x, const validation_arm *arm, reading *r) {
    const population_row *who = arm->who;
    unpredicted missing;
    const char *why;
    if (!who->responders_endpoint) return NULL;
    observation *of = FE_NEW(x->a, observation);
    *of = *arm->of;
    of->endpoint = who->responders_endpoint;
    of->time_h = who->responders_h;
    of->note = "";
    return fe__reading_of(x->a, x->ask->e, of, r, &missing, &why) ? r : NULL;
}

static void predict_arm(validating *x, size_t which) {
    validation_arm *arm = &x->v->arms[which];
    const reading **list = FE_NEW_ARRAY(x->a, const reading *, x->v->rows_n + 1);
    size_t n = 0;
    reading respond;
    bool against = false;
    for (size_t i = 0; i < x->v->rows_n; i++)
        if (x->v->rows[i].missing == PREDICTED && x->v->rows[i].arm == which) {
            list[n++] = &x->readings[i];
            against = against || x->readings[i].against_control;
        }
    const reading *responds = responders(x, arm, &respond);
    people p = people_of(x, arm, list[0]);
    if (responds) list[n++] = responds;
    curves c, control;
    bool played = play(x, arm, &p, true, list, n, &c) && (!against || play(x, arm, &p, false, list, n, &control));
    arm->patients = p.n;
    arm->failed = c.failed;
    for (size_t i = 0; i < x->v->rows_n; i++) {
        validation_row *row = &x->v->rows[i];
        if (row->missing != PREDICTED || row->arm != which) continue;
        if (played) predict(x, i, &c, x->readings[i].against_control ? &control : NULL, responds);
        else fails(row, NO_START, "start: memory is out");
    }
}

/* ---- groups ------------------------------------------------------------------------------------------------------------------------------ */

static double median_of(arena *a, double *v, size_t n) {
    static const double half = 0.5;
    quantile_room room = {FE_NEW_ARRAY(a, double, n), FE_NEW_ARRAY(a, uint16_t, n)};
    double out;
    fe__quantiles_of(v, n, &half, 1, &room, &out);
    return out;
}

static bool in_group(const validation_row *row, const validation_group *g) {
    return row->missing == PREDICTED && strcmp(row->of->endpoint, g->endpoint) == 0 &&
           strcmp(row->of->formulation, g->formulation) == 0;
}

static void sum_up(validating *x, validation_group *g) {
    size_t n = x->v->rows_n, inside = 0;
    double *error = FE_NEW_ARRAY(x->a, double, n), *absolute = FE_NEW_ARRAY(x->a, double, n),
           *width = FE_NEW_ARRAY(x->a, double, n);
    for (size_t i = 0; i < n; i++) {
        const validation_row *row = &x->v->rows[i];
        if (!in_group(row, g)) continue;
        error[g->n] = row->predicted - row->of->value;
        absolute[g->n] = fabs(error[g->n]);
        width[g->n++] = row->p95 - row->p5;
        inside += row->inside;
    }
    g->share_in_90 = (double)inside / (double)g->n;
    g->median_error = median_of(x->a, error, g->n);
    g->median_absolute_error = median_of(x->a, absolute, g->n);
    g->median_width = median_of(x->a, width, g->n);
}

static void group_rows(validating *x) {
    validation *v = x->v;
    size_t cap = 0;
    for (size_t i = 0; i < v->rows_n; i++) {
        const validation_row *row = &v->rows[i];
        bool known = row->missing != PREDICTED;
        for (size_t g = 0; g < v->groups_n && !known; g++) known = in_group(row, &v->groups[g]);
        if (known) continue;
        validation_group *g = FE_PUSH(x->a, v->groups, v->groups_n, cap);
        *g = (validation_group){.endpoint = row->of->endpoint, .formulation = row->of->formulation, .unit = row->unit};
    }
    for (size_t g = 0; g < v->groups_n; g++) sum_up(x, &v->groups[g]);
}

/* ---- the whole ------------------------------------------------------------------------------------------------------------------------- */

const validation *fe__validate(arena *a, const validation_ask *ask) {
    validation *v = FE_NEW(a, validation);
    validating x = {.a = a, .ask = ask, .v = v, .readings = FE_NEW_ARRAY(a, reading, ask->n + 1)};
    v->rows = FE_NEW_ARRAY(a, validation_row, ask->n + 1);
    v->rows_n = ask->n;
    v->patients = ask->patients;
    v->studies = STUDIES;
    for (size_t i = 0; i < ask->n; i++) {
        v->rows[i] = (validation_row){.of = &ask->observations[i], .unit = "", .predicted = NAN, .p5 = NAN, .p95 = NAN};
        if (can_predict(&x, &v->rows[i], &x.readings[i])) v->rows[i].arm = arm_of(&x, v->rows[i].of, &x.readings[i]);
    }
    for (; x.arms_done < v->arms_n; x.arms_done++) {
        arena_mark mark = fe__arena_mark(a);
        predict_arm(&x, x.arms_done);
        fe__arena_rewind(a, mark);
    }
    group_rows(&x);
    if (ask->progress) ask->progress(ask->context, 1);
    return v;
}
