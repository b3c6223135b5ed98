#include "course/embody.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"

enum { HOUR = 3600, DAY = 24 * HOUR, WEEK = 7 * DAY };

typedef struct embodying {
    arena *a;
    const embody_ask *ask;
    embodied *e;
    body_event *events;
    size_t events_n, events_cap;
    body_infusion *infusions;
    size_t infusions_n, infusions_cap;
    assumption *assumed;
    double base_loss; /* mL/day, without what the events say */
    double settles;   /* instant at which the volume after a birth before the start is the usual one; -INFINITY */
} embodying;

static void assume(embodying *x, const char *item, double value, const char *unit, const char *why) {
    *FE_PUSH(x->a, x->assumed, x->e->assumed_n, x->e->assumed_cap) = (assumption){item, value, unit, why};
    x->e->assumed = x->assumed;
}

/* ---- which labs start it ----------------------------------------------------------------------------------------------------- */

/* Does this event leave a body that is not in steady state, and is it blood loss alone (which a usual hemoglobin can explain)? */
static bool disturbs(const event *e, bool *is_bleed) {
    *is_bleed = e->kind == EVENT_PHLEBOTOMY || e->kind == EVENT_SURGERY || e->kind == EVENT_DELIVERY ||
                (e->kind == EVENT_BLEEDING && !isnan(e->value));
    return *is_bleed || e->kind == EVENT_INFUSION || e->kind == EVENT_TRANSFUSION;
}

/* Whether labs at t lie within the weeks after an instant. Days count, not hours. */
static bool soon_after(const embody_ask *ask, double at, double t) {
    double days = (double)(fe__day_of(t, ask->c->zone_min) - fe__day_of(at, ask->c->zone_min));
    return at < t && days < ask->m->n.start_weeks * 7;
}

/* The last disturbance in the weeks before t: its instant, or -INFINITY. bleeds_count: whether blood loss alone counts. */
static double disturbed_before(const embody_ask *ask, double t, bool bleeds_count) {
    double last = -INFINITY;
    const patient *p = &ask->c->patient;
    for (size_t i = 0; i < ask->c->events_n; i++) {
        const event *e = &ask->c->events[i];
        bool is_bleed;
        if (e->at > ask->now || !disturbs(e, &is_bleed) || !soon_after(ask, e->at, t)) continue;
        if (!is_bleed || bleeds_count) last = fmax(last, e->at);
    }
    double iron = p->last_iv_iron_on == LONG_MIN ? -INFINITY : fe__noon_of(p->last_iv_iron_on, ask->c->zone_min);
    double birth = p->delivered_on == LONG_MIN ? -INFINITY : fe__noon_of(p->delivered_on, ask->c->zone_min);
    if (!isinf(iron) && soon_after(ask, iron, t)) last = fmax(last, iron);
    if (bleeds_count && !isinf(birth) && soon_after(ask, birth, t)) last = fmax(last, birth);
    return last;
}

static bool disturbance_between(const embody_ask *ask, double t1, double t2) {
    bool is_bleed;
    for (size_t i = 0; i < ask->c->events_n; i++) {
        const event *e = &ask->c->events[i];
        if (e->at >= fmin(t1, t2) && e->at < fmax(t1, t2) && disturbs(e, &is_bleed)) return true;
    }
    return false;
}

static bool is_result(const event *e, int lab) {
    return e->kind == EVENT_LAB && e->term == lab && !e->prescribed && !isnan(e->value);
}

/* The newest result of a lab that belongs to a start with hemoglobin drawn at t; NULL when there is none. */
static const event *lab_near(const embody_ask *ask, const char *id, double t, bool bleeds_count) {
    int lab = fe__term_find_kind(ask->k, id, TERM_LAB);
    const event *found = NULL;
    for (size_t i = 0; i < ask->c->events_n; i++) {
        const event *e = &ask->c->events[i];
        bool near = e->at >= t - ask->m->n.start_labs_days * DAY && e->at <= t + ask->m->n.start_labs_after_days * DAY &&
                    e->at <= ask->now;
        if (!is_result(e, lab) || !near || disturbance_between(ask, e->at, t)) continue;
        if (isinf(disturbed_before(ask, e->at, bleeds_count))) found = e;
    }
    return found;
}

/* A result below a limit counts as half of it (section 6). */
static double lab_value(const embody_ask *ask, const event *e) {
    if (!e) return NAN;
    return e->comparator == '<' ? e->value * ask->m->n.lloq_share : e->value;
}

static bool has_iron_lab(const embody_ask *ask, double t, bool bleeds_count) {
    return lab_near(ask, "ferritin", t, bleeds_count) || lab_near(ask, "tsat", t, bleeds_count) ||
           (lab_near(ask, "serum-iron", t, bleeds_count) &&
            (lab_near(ask, "tibc", t, bleeds_count) || lab_near(ask, "transferrin", t, bleeds_count) ||
             lab_near(ask, "uibc", t, bleeds_count)));
}

/* The newest hemoglobin up to `last` that can start, or the first one from `last` on; -INFINITY when there is none. */
static double startable(const embody_ask *ask, bool bleeds_count, double last, bool first) {
    int lab = fe__term_find_kind(ask->k, "hemoglobin", TERM_LAB);
    double best = -INFINITY;
    for (size_t i = 0; i < ask->c->events_n; i++) {
        const event *e = &ask->c->events[i];
        if (!is_result(e, lab) || e->at > ask->now || (first ? e->at < last : e->at > last)) continue;
        if (isinf(disturbed_before(ask, e->at, bleeds_count)) && has_iron_lab(ask, e->at, bleeds_count)) best = e->at;
        if (first && !isinf(best)) break;
    }
    return best;
}

/* The hemoglobin that starts; -INFINITY when there is none. What explains all begins with the last labs before the first disturbance that
 * follows any labs of the last year. */
static double start_hemoglobin(const embody_ask *ask, bool bleeds_count) {
    double newest = startable(ask, bleeds_count, ask->now, false);
    if (!ask->explains_all) return newest;
    double oldest = startable(ask, bleeds_count, ask->now - ask->m->n.fit_weeks * WEEK, true);
    bool is_bleed;
    for (size_t i = 0; i < ask->c->events_n && !isinf(oldest); i++) {
        const event *e = &ask->c->events[i];
        if (e->at < oldest || e->at > ask->now || !disturbs(e, &is_bleed)) continue;
        return startable(ask, bleeds_count, e->at, false);
    }
    return newest;
}

static bool has_result(const embody_ask *ask, const char *id) {
    int lab = fe__term_find_kind(ask->k, id, TERM_LAB);
    for (size_t i = 0; i < ask->c->events_n; i++)
        if (is_result(&ask->c->events[i], lab)) return true;
    return false;
}

/* Why nothing starts: no lab at all, or labs too soon after something. */
static void no_start(embodying *x) {
    const embody_ask *ask = x->ask;
    bool has_hb = has_result(ask, "hemoglobin"),
         has_tibc = has_result(ask, "tibc") || has_result(ask, "transferrin") || has_result(ask, "uibc");
    bool has_iron = has_result(ask, "ferritin") || has_result(ask, "tsat") || (has_result(ask, "serum-iron") && has_tibc);
    double last = disturbed_before(ask, ask->now + 1, true);
    x->e->status = EMBODY_NO_LABS;
    x->e->item = has_hb ? "ferritin" : "hemoglobin";
    if (!has_hb || !has_iron || isinf(last)) return;
    x->e->status = EMBODY_TOO_SOON;
    x->e->counts_from = fe__noon_of(fe__day_of(last, ask->c->zone_min) + (long)(ask->m->n.start_weeks * 7), ask->c->zone_min);
}

/* ---- the patient of the start ----------------------------------------------------------------------------------------------------- */

typedef struct used_lab {
    const char *id;
    size_t at; /* in start_labs */
} used_lab;

static const used_lab used_labs[] = {{"ferritin", offsetof(start_labs, F)},
                                     {"tsat", offsetof(start_labs, TSAT)},
                                     {"tibc", offsetof(start_labs, TIBC)},
                                     {"serum-iron", offsetof(start_labs, serum_iron)},
                                     {"transferrin", offsetof(start_labs, transferrin)},
                                     {"uibc", offsetof(start_labs, UIBC)},
                                     {"crp", offsetof(start_labs, CRP)},
                                     {"egfr", offsetof(start_labs, egfr)},
                                     {"phosphate", offsetof(start_labs, PH)},
                                     {"irls", offsetof(start_labs, IRLS0)},
                                     {"fatigue", offsetof(start_labs, FS0)}};

static void measured(embodying *x, double hb_at, bool bleeds_count) {
    const embody_ask *ask = x->ask;
    embodied *out = x->e;
    start_labs *l = &out->labs;
    out->measured = FE_NEW_ARRAY(x->a, const event *, sizeof used_labs / sizeof *used_labs + 1);
    out->measured[out->measured_n++] = lab_near(ask, "hemoglobin", hb_at, bleeds_count);
    l->Hb = lab_value(ask, out->measured[0]);
    x->e->start = hb_at;
    for (size_t i = 0; i < sizeof used_labs / sizeof *used_labs; i++) {
        const event *e = lab_near(ask, used_labs[i].id, hb_at, bleeds_count);
        double v = lab_value(ask, e);
        if (isnan(v)) continue;
        out->measured[out->measured_n++] = e;
        memcpy((char *)l + used_labs[i].at, &v, sizeof v);
        if (i < 6) x->e->start = fmax(x->e->start, e->at); /* hour 0 is when the iron labs are complete */
    }
}

/* The instant of the last birth up to t, -INFINITY when there is none. */
static double birth_before(const embody_ask *ask, double t) {
    long day = fe__delivered(ask->c, t);
    double noon = day == LONG_MIN ? -INFINITY : fe__noon_of(day, ask->c->zone_min), last = fmin(noon, t);
    for (size_t i = 0; i < ask->c->events_n; i++) {
        const event *e = &ask->c->events[i];
        if (e->kind == EVENT_DELIVERY && e->at <= t && fe__day_of(e->at, ask->c->zone_min) == day) last = e->at;
    }
    return last;
}

/* Weeks of gestation, and time since a birth, at the start. */
static void pregnant_or_not(embodying *x) {
    const embody_ask *ask = x->ask;
    const variable_spread *third = ask->m->populations[POPULATION_pregnancy_t3],
                          *after = ask->m->populations[POPULATION_postpartum];
    start_labs *l = &x->e->labs;
    double weeks = fe__gestation_now(ask->c, x->e->start);
    if (weeks >= ask->m->n.third_trimester_weeks) {
        l->bvf = third[VARIABLE_bvf].median;
        l->Hbn = third[VARIABLE_Hbn].median;
    } else if (weeks >= ask->m->n.second_trimester_weeks) {
        l->bvf = ask->m->n.bvf_second_trimester;
    }
    double settles = birth_before(ask, x->e->start) + ask->m->n.delivery_settles_weeks * WEEK;
    if (!(settles > x->e->start)) return;
    x->settles = settles;
    l->bvf = after[VARIABLE_bvf].median;
    if (after[VARIABLE_CRPb].kind == SPREAD_NONE) return;
    l->CRPb = after[VARIABLE_CRPb].median;
    if (!isnan(l->CRP)) return;
    /* The arm that the model was calibrated on begins without inflammation; one that nobody measured, taken as passing, would let hemoglobin
     * overshoot by 2 g/dL as it passes. */
    l->CRP = l->CRPb;
    assume(x, "crp", l->CRP, "mg/L", "not measured: what it falls to after a birth");
}

static double usual_drive(const embody_ask *ask) { return ask->m->populations[POPULATION_hd_ckd][VARIABLE_uESA].median; }

/* Of all that run at t. */
static double esa_drive(const embody_ask *ask, double t) {
    double drive = 0, kg = ask->c->patient.weight_kg;
    for (size_t i = 0; i < ask->c->events_n; i++) {
        const event *e = &ask->c->events[i];
        if (e->kind != EVENT_ESA || e->at > t || !(e->until > t)) continue;
        drive += isnan(e->iu_per_week) ? usual_drive(ask) : e->iu_per_week / kg / ask->m->n.esa_iu_per_kg_week;
    }
    return drive;
}

/* mL/day at t: what is usual for the patient, after a birth what is usual then, and the bleeding that runs. */
static double loss_at(const embodying *x, double t) {
    const embody_ask *ask = x->ask;
    double usual = x->base_loss, bleeding = 0;
    for (size_t i = 0; i < ask->c->events_n; i++) {
        const event *e = &ask->c->events[i];
        if (e->kind == EVENT_DELIVERY && e->at >= x->e->start && e->at <= t)
            usual = ask->m->populations[POPULATION_postpartum][VARIABLE_bloss].median;
        if (e->kind == EVENT_BLEEDING && !isnan(e->per_day) && e->at <= t && e->until > t) bleeding += e->per_day;
    }
    return usual + bleeding;
}

static void patient_of(embodying *x) {
    const embody_ask *ask = x->ask;
    const patient *p = &ask->c->patient;
    start_labs *l = &x->e->labs;
    l->woman = fe__streq(p->sex, "female");
    l->population = ask->population;
    l->age = p->age_years;
    l->wt = p->weight_kg;
    l->ht = p->height_cm;
    l->bloss = p->blood_loss_ml_per_day;
    l->comorb = isnan(p->comorbidities_count) ? 0 : p->comorbidities_count;
    l->v = ask->covariates;
    pregnant_or_not(x);
    if (isnan(l->bloss)) {
        l->bloss = ask->m->populations[fe__start_population(l)][VARIABLE_bloss].median;
        assume(x, "blood_loss_ml_per_day", l->bloss, "mL/d", "not recorded: the middle of patients with this condition");
    }
    x->base_loss = l->bloss;
    l->bloss = loss_at(x, x->e->start);
    l->uESA = esa_drive(ask, x->e->start);
}

/* ---- what happens --------------------------------------------------------------------------------------------------------------------- */

static body_event *push(embodying *x, double at, body_event_kind kind, double amount) {
    body_event *e = FE_PUSH(x->a, x->events, x->events_n, x->events_cap);
    *e = (body_event){.t = (at - x->e->start) / HOUR,
                      .kind = kind,
                      .formulation = KEEP_FORMULATION,
                      .amount = amount,
                      .Hbn = NAN,
                      .place = x->events_n};
    return e;
}

static void push_infusion(embodying *x, body_infusion i) {
    push(x, i.at, BODY_RATE, i.mg / (i.minutes / 60))->formulation = i.formulation;
    push(x, i.at + i.minutes * 60, BODY_RATE, 0);
    *FE_PUSH(x->a, x->infusions, x->infusions_n, x->infusions_cap) = i;
}

static void unknown(embodying *x, const char *item) {
    x->e->status = EMBODY_UNKNOWN;
    x->e->item = item;
}

static void infuse(embodying *x, const event *e) {
    const embody_ask *ask = x->ask;
    int which = fe__formulation_find(e->molecule);
    double minutes = e->minutes;
    if (which < 0) unknown(x, e->product);
    else if (fe__streq(e->route, "intramuscular")) unknown(x, "intramuscular");
    if (x->e->status != EMBODY_OK) return;
    if (isnan(minutes)) {
        minutes = ask->usual_minutes(ask->context, e);
        assume(x, e->ptr, minutes, "min", "the minutes of this infusion are not recorded: the usual ones of its label");
    }
    push_infusion(
        x, (body_infusion){
               .product = e->product, .formulation = which, .at = e->at, .mg = e->value, .minutes = minutes, .ptr = e->ptr});
}

/* One dose at each of its times of the day, evenly. */
static void take_oral(embodying *x, const event *e, double end) {
    if (isnan(e->mg_per_dose)) {
        assume(x, e->ptr, 0, "mg", "mg_per_dose is not recorded: this oral iron is left out");
        return;
    }
    double per_day = isnan(e->doses_per_day) ? 1 : e->doses_per_day, step = DAY / per_day;
    double from = e->at >= x->e->start ? e->at : e->at + ceil((x->e->start - e->at) / step) * step;
    for (double t = from; t < fmin(e->until, end); t += step) push(x, t, BODY_ORAL, e->mg_per_dose);
}

/* The volume shrinks at a birth, and is the usual one some weeks later. */
static void shrink(embodying *x, double at, double bvf) { push(x, at, BODY_DELIVERY, loss_at(x, at))->bvf = bvf; }

static void give_birth(embodying *x, double at) {
    const model_data *m = x->ask->m;
    assume(x, "delivery", 0, "mL", "blood lost at birth is what bleeding events say; none is added");
    shrink(x, at, m->populations[POPULATION_postpartum][VARIABLE_bvf].median);
    shrink(x, at + m->n.delivery_settles_weeks * WEEK, 1);
}

static void operate(embodying *x, const event *e) {
    if (!isnan(e->value)) push(x, e->at, BODY_BLEED, e->value);
    push(x, e->at, BODY_INFLAM, x->ask->m->n.surgery_inflammation);
    assume(x, e->ptr, x->ask->m->n.surgery_inflammation, "mg/L", "inflammation after an operation: that of major joint surgery");
}

/* Ongoing losses and ESAs from each of their edges on. */
static void run(embodying *x, const event *e) {
    double edges[] = {e->at, e->until};
    for (int i = 0; i < 2; i++) {
        if (!(edges[i] > x->e->start) || isinf(edges[i])) continue;
        if (e->kind == EVENT_ESA) push(x, edges[i], BODY_ESA, esa_drive(x->ask, edges[i]));
        else push(x, edges[i], BODY_LOSS, loss_at(x, edges[i]));
    }
    if (e->kind == EVENT_ESA && isnan(e->iu_per_week) && e->until > x->e->start)
        assume(x, "esa", usual_drive(x->ask), "1", "the dose of the ESA is not recorded: the usual drive on dialysis");
}

static void happen(embodying *x, const event *e, double end) {
    bool later = e->at >= x->e->start;
    switch (e->kind) {
    case EVENT_INFUSION:
        if (later && !(x->ask->plans_iron && e->at > x->ask->now)) infuse(x, e);
        break;
    case EVENT_ORAL_IRON:
        if (e->until > x->e->start) take_oral(x, e, end);
        break;
    case EVENT_TRANSFUSION:
        if (later) push(x, e->at, BODY_TRANSFUSE, e->value);
        break;
    case EVENT_PHLEBOTOMY:
        if (later) push(x, e->at, BODY_BLEED, e->value);
        break;
    case EVENT_BLEEDING:
        if (later && !isnan(e->value)) push(x, e->at, BODY_BLEED, e->value);
        if (!isnan(e->per_day)) run(x, e);
        break;
    case EVENT_SURGERY:
        if (later) operate(x, e);
        break;
    case EVENT_DELIVERY:
        if (later) give_birth(x, e->at);
        break;
    case EVENT_ESA: run(x, e); break;
    default: break; /* labs, symptoms, drugs, conditions change nothing in the model */
    }
}

static int by_time(const void *one, const void *two) {
    const body_infusion *a = one, *b = two;
    return a->at < b->at ? -1 : a->at > b->at;
}

static void refuse_overlaps(embodying *x) {
    for (size_t i = 1; i < x->infusions_n; i++) {
        const body_infusion *one = &x->infusions[i - 1], *two = &x->infusions[i];
        if (two->at >= one->at + one->minutes * 60) continue;
        x->e->status = EMBODY_OVERLAP;
        x->e->item = two->ptr ? two->ptr : two->product;
    }
}

/* ---- the whole ----------------------------------------------------------------------------------------------------------------------------- */

static const double horizon_max = 61 * 7 * 24 * 3600.0; /* nothing is played for longer after now */

const embodied *fe__embody(arena *a, const embody_ask *ask) {
    embodying x = {.a = a, .ask = ask, .e = FE_NEW(a, embodied), .settles = -INFINITY};
    x.e->labs = fe__start_labs_none();
    double hb = start_hemoglobin(ask, true);
    bool with_usual = isinf(hb) && !isnan(ask->c->patient.usual_hemoglobin_g_dl);
    if (with_usual) hb = start_hemoglobin(ask, false);
    if (isinf(hb)) {
        no_start(&x);
        return x.e;
    }
    measured(&x, hb, !with_usual);
    patient_of(&x);
    if (with_usual) x.e->labs.Hbu = fmax(ask->c->patient.usual_hemoglobin_g_dl, x.e->labs.Hb);
    for (size_t i = 0; i < ask->c->events_n; i++) happen(&x, &ask->c->events[i], ask->now + horizon_max);
    if (!isinf(x.settles)) shrink(&x, x.settles, 1);
    for (size_t i = 0; i < ask->planned_n; i++) push_infusion(&x, ask->planned[i]);
    if (x.infusions_n) qsort(x.infusions, x.infusions_n, sizeof *x.infusions, by_time);
    if (x.e->status == EMBODY_OK) refuse_overlaps(&x);
    fe__events_sort(x.events, x.events_n);
    x.e->events = x.events;
    x.e->events_n = x.events_n;
    x.e->infusions = x.infusions;
    x.e->infusions_n = x.infusions_n;
    return x.e;
}

void fe__embody_say_filled(arena *a, embodied *e, const start_labs *full, unsigned filled) {
    const struct {
        unsigned what;
        const char *item, *unit, *why;
        double value;
    } rows[] = {
        {FILLED_HEIGHT, "height_cm", "cm", "not entered: the middle of this sex", full->ht},
        {FILLED_CRP, "crp", "mg/L", "not measured: the middle of patients with this condition", full->CRP},
        {FILLED_TSAT, "tsat", "%", "not measured: what ferritin, CRP and hemoglobin make likely; its band is wide", full->TSAT},
        {FILLED_FERRITIN, "ferritin", "ug/L", "not measured: what TSAT, CRP and hemoglobin make likely; its band is wide",
         full->F},
        {FILLED_EGFR, "egfr", "mL/min/{1.73_m2}", "not measured: the middle of patients with this condition", full->egfr},
        {FILLED_LOSS, "blood_loss_ml_per_day", "mL/d", "not recorded: the middle of patients with this condition", full->bloss},
        {FILLED_PHOSPHATE, "phosphate", "mg/dL", "not measured: the usual value", full->PH},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!(filled & rows[i].what)) continue;
        assumption *list = (assumption *)e->assumed;
        *FE_PUSH(a, list, e->assumed_n, e->assumed_cap) = (assumption){rows[i].item, rows[i].value, rows[i].unit, rows[i].why};
        e->assumed = list;
    }
}
