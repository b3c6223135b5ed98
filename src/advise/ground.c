#include "advise/ground.h"

#include <limits.h>
#include <math.h>

#include "advise/prepare.h"
#include "base/date.h"
#include "base/text.h"

/* ---- what rules know of the patient ------------------------------------------------------------------------------------------ */

static const char *first_that_holds(facts *f, const rule_lines *lines) {
    for (size_t i = 0; i < lines->n; i++)
        if (fe__facts_holds(f, lines->list[i].when) == TRI_TRUE) return lines->list[i].id;
    return NULL;
}

bool fe__line_holds(facts *f, const rule_lines *lines, const char *id) {
    for (size_t i = 0; i < lines->n; i++)
        if (fe__streq(lines->list[i].id, id) && fe__facts_holds(f, lines->list[i].when) == TRI_TRUE) return true;
    return false;
}

static double covariates(facts *f, const model_data *m) {
#define COVARIATE_WORD(name, word) word,
    static const char *const words[] = {FE_COVARIATES(COVARIATE_WORD)};
    double v = 1;
    for (int i = 0; i < COVARIATE_COUNT; i++)
        if (fe__line_holds(f, &f->k->covariates, words[i])) v *= m->covariate[i];
    return v;
}

/* The minutes that a plan would choose for this dose. */
typedef struct usual {
    facts *f;
    const ground_ask *ask;
} usual;

static double usual_minutes(void *context, const event *e) {
    const usual *u = context;
    const product *p = fe__product_find(u->f->k, e->product);
    for (size_t i = 0; p && i < p->methods_n; i++) {
        const method *m = &p->methods[i];
        const route_rules *r = fe__route_of(m, e->route);
        if (!r || m->off_label) continue;
        prepare_input in = {
            .dose_mg = e->value, .bag_ml = e->bag_ml, .minutes = NAN, .route = e->route, .cap_weight_kg = NAN, .age_years = NAN};
        preparation x = fe__prepare(u->f->k, p, m, r, u->ask->site, &in);
        if (x.minutes > 0) return x.minutes;
    }
    return u->ask->m->n.usual_minutes;
}

/* ---- from course to bodies ------------------------------------------------------------------------------------------------------ */

typedef struct grounding {
    facts *f;
    const ground_ask *ask;
    ground *out;
} grounding;

static void refuse(ground *out, forecast_verdict verdict, const char *reason, const char *words) {
    out->verdict = verdict;
    out->reason = reason;
    out->text = words;
}

static bool refused_body(grounding *x) {
    ground *out = x->out;
    const embodied *e = x->out->body;
    arena *a = x->f->a;
    out->item = e->item;
    switch (e->status) {
    case EMBODY_OK: return false;
    case EMBODY_TOO_SOON:
        out->counts_from = e->counts_from;
        out->item = NULL;
        refuse(out, CANNOT_START, "labs-too-soon",
               fe__printf(
                   a,
                   "Iron, a transfusion, an operation or blood loss lies too shortly before the first labs; labs count from %s, "
                   "or enter labs from before it, or the usual hemoglobin when it was blood loss alone.",
                   fe__date_text(a, fe__day_of(e->counts_from, x->f->zone_min))));
        break;
    case EMBODY_NO_LABS:
        refuse(out, FORECAST_MISSING_DATA, "no-labs",
               fe__printf(a, "A forecast needs hemoglobin, and ferritin or TSAT; %s is missing.", e->item));
        break;
    case EMBODY_UNKNOWN:
        refuse(out, NOT_MODELLED, "unknown-iron",
               fe__printf(a, "%s is not in the model, so no forecast can be made with it.", e->item));
        break;
    case EMBODY_OVERLAP:
        refuse(out, CANNOT_START, "infusions-overlap", "Two infusions run at the same time; give each its own time and minutes.");
        break;
    }
    return true;
}

static bool refused_start(grounding *x, start_status s) {
    if (s == START_OK) return false;
    bool lacks = s == START_NO_WEIGHT || s == START_NO_HEMOGLOBIN || s == START_NO_IRON;
    if (lacks) x->out->item = s == START_NO_WEIGHT ? "weight_kg" : s == START_NO_IRON ? "ferritin" : "hemoglobin";
    refuse(x->out, lacks ? FORECAST_MISSING_DATA : CANNOT_START, fe__start_word(s), fe__start_text(s));
    return true;
}

/* IRLS and fatigue: read off a baseline inside their bounds only; restless legs without a score take the middle of such patients. */
static void baselines(grounding *x, start_labs *labs, bool is_rls) {
    const model_data *m = x->ask->m;
    const variable_spread *rls = m->populations[POPULATION_rls];
    struct {
        const char *item;
        double *value, max, middle;
        bool applies;
    } rows[] = {{"irls", &labs->IRLS0, m->n.irls_max, rls[VARIABLE_IRLS0].median, is_rls},
                {"fatigue", &labs->FS0, m->n.fatigue_max, rls[VARIABLE_FS0].median, true}};
    for (size_t i = 0; i < 2; i++) {
        bool measured = !isnan(*rows[i].value), inside = *rows[i].value > 0 && *rows[i].value < rows[i].max;
        if (measured && !inside) x->out->left_out[x->out->left_out_n++] = rows[i].item;
        if (measured || !rows[i].applies) continue;
        *rows[i].value = rows[i].middle;
        assumption *list = (assumption *)x->out->body->assumed;
        *FE_PUSH(x->f->a, list, x->out->body->assumed_n, x->out->body->assumed_cap) =
            (assumption){rows[i].item, rows[i].middle, "{score}", "not scored: the middle of such patients"};
        x->out->body->assumed = list;
    }
}

static embody_ask embodying_of(facts *f, const ground_ask *ask, usual *u) {
    return (embody_ask){.k = f->k,
                        .m = ask->m,
                        .c = f->c,
                        .now = isnan(ask->now) ? f->now : ask->now,
                        .population = fe__population_find(first_that_holds(f, &f->k->populations)),
                        .covariates = covariates(f, ask->m),
                        .plans_iron = ask->plans_iron,
                        .planned = ask->planned,
                        .planned_n = ask->planned_n,
                        .explains_all = ask->explains_all,
                        .usual_minutes = usual_minutes,
                        .context = u};
}

/* What cannot be explained from the beginning (iron that is not modelled) may still start from the newest labs. */
static embodied *embodied_of(facts *f, const ground_ask *ask) {
    usual u = {f, ask};
    embody_ask e = embodying_of(f, ask, &u);
    embodied *whole = (embodied *)fe__embody(f->a, &e);
    if (!e.explains_all || whole->status == EMBODY_OK) return whole;
    e.explains_all = false;
    embodied *newest = (embodied *)fe__embody(f->a, &e);
    return newest->status == EMBODY_OK ? newest : whole;
}

static void find_body(grounding *x) {
    facts *f = x->f;
    ground *out = x->out;
    const model_data *m = x->ask->m;
    start_labs labs = out->body->labs;
    unsigned filled;
    body typical;
    double y[STATES];
    if (refused_start(x, fe__start_fill(m, &labs, &filled))) return;
    fe__embody_say_filled(f->a, out->body, &labs, filled);
    bool is_rls = fe__streq(out->population, "rls") || fe__line_holds(f, &f->k->miss_populations, "rls-anemic");
    baselines(x, &labs, is_rls || !isnan(labs.IRLS0));
    if (refused_start(x, fe__start(m, &labs, NULL, &typical, y))) return;
    out->prior = (patient_prior){.m = m,
                                 .labs = labs,
                                 .filled = filled,
                                 .population = fe__population_find(out->population),
                                 .without_e = fe__line_holds(f, &f->k->covariates, "marrow-disease"),
                                 .without_closure = !fe__prior_in_domain(m, &typical)};
    out->absorption = typical.a_star / labs.amax;
}

const ground *fe__ground(facts *f, const ground_ask *ask) {
    ground *out = FE_NEW(f->a, ground);
    grounding x = {f, ask, out};
    out->counts_from = NAN;
    if (f->flag[FLAG_child] == TRI_TRUE) {
        refuse(out, NOT_MODELLED, "under-18",
               "The model is of adults: nothing is foreseen for a child; label dosing stands by itself.");
        return out;
    }
    out->population = first_that_holds(f, &f->k->populations);
    out->body = embodied_of(f, ask);
    if (!refused_body(&x)) find_body(&x);
    return out;
}
