/* One proposal; see propose.h. The steps: what the method asks for -> less what was given in this course -> doses inside the caps ->
 * days inside the windows -> each infusion prepared -> verified. */
#include "advise/propose.h"

#include <math.h>

#include "advise/schedule.h"
#include "base/text.h"

typedef struct proposal {
    facts *f;
    const plan_ask *ask;
    const product *p;
    const method *m;
    const variation *how;
    const route_rules *route;
    prepare_input in;
    double cap_mg;
    given_dose *given;
    size_t given_n;
    double course_mg;     /* any product, in the course window: less is needed */
    double course_own_mg; /* this product: counts against the course limits */
    size_t course_own_n;
    double wanted_mg, unrounded_mg;
    dose_list doses;
    const double *fixed_days, *fixed_minutes;
    double days[SCHEDULE_MAX];
} proposal;

const variation fe__as_the_method_says = {.most_mg = INFINITY, .most_single_mg = INFINITY, .least_interval = 0, .slower = 1};

static void count_given(proposal *x) {
    size_t n;
    given_iron *g = fe__given_iron_of(x->f, &n);
    x->given = FE_NEW_ARRAY(x->f->a, given_dose, n + 1);
    for (size_t i = 0; i < n; i++) {
        bool same = fe__streq(g[i].product, x->p->id) || fe__streq(g[i].molecule, x->p->molecule);
        x->given[x->given_n++] = (given_dose){g[i].day, g[i].dose_mg, same};
        if ((double)(x->f->today - g[i].day) >= x->f->k->practice.course_window_days) continue;
        x->course_mg += g[i].dose_mg;
        if (!same) continue;
        x->course_own_mg += g[i].dose_mg;
        x->course_own_n++;
    }
}

static bool refuse(refusal *why, const char *name, const char *because) {
    why->name = name;
    why->because = because;
    return false;
}

static bool refuse_covered(const proposal *x, double need_mg, refusal *why) {
    const char *given = fe__number_text(x->f->a, x->course_mg, 0);
    why->is_covered = !isnan(need_mg);
    return refuse(why, "max-course",
                  isnan(need_mg)
                      ? fe__printf(x->f->a, "The need is covered by iron already given in this course (%s mg).", given)
                      : fe__printf(x->f->a, "The need is covered by iron already given in this course (%s mg of %s mg).", given,
                                   fe__number_text(x->f->a, need_mg, 0)));
}

static bool lack(refusal *why, const char *field) {
    why->missing = field;
    return refuse(why, "indication", "A value that this method needs is missing.");
}

/* ---- what the method asks for -------------------------------------------------------------------------------------------- */

/* Total by table or formula, or as the user states it; whole doses of practice.need_round_mg where a formula gave it. */
static bool total_needed(proposal *x, option *o, refusal *why) {
    const dose_spec *d = &x->m->dose;
    need_input in = fe__need_input_of(x->f, x->ask);
    if (!isnan(x->ask->need_mg)) {
        o->need_given = o->need_known = true;
        x->wanted_mg = x->unrounded_mg = o->need_mg = x->ask->need_mg;
    } else if (d->type == DOSE_TABLE) {
        const char *word, *reason, *missing = NULL;
        double kg = fe__weight_for(x->f->k,
                                   in.weight_basis    ? in.weight_basis
                                   : *d->weight_basis ? d->weight_basis
                                                      : "caps",
                                   &in, &word, &reason, &missing);
        if (isnan(in.hb_g_dl)) return lack(why, "hemoglobin");
        if (missing) return lack(why, missing);
        o->need = (need_result){.known = true,
                                .weight_kg = kg,
                                .weight_basis = word,
                                .weight_why = reason,
                                .target_hb_g_dl = NAN,
                                .stores_mg = NAN,
                                .stores_included = true,
                                .base_mg = NAN,
                                .extra_mg = NAN,
                                .formula = "label table by hemoglobin and weight"};
        if (!fe__table_total(d, in.hb_g_dl, kg, &o->need))
            return refuse(why, "indication", "The label's table has no row for this hemoglobin and weight.");
        x->wanted_mg = x->unrounded_mg = o->need_mg = o->need.unrounded_mg = o->need.total_mg;
        o->need_known = true;
    } else if (d->need) {
        o->need = fe__need(x->f->a, x->f->k, d->need, &in);
        if (!o->need.known) return lack(why, o->need.missing);
        o->need_known = true;
        o->need_mg = x->unrounded_mg = o->need.total_mg;
        double step = x->f->k->practice.need_round_mg;
        x->wanted_mg = o->need_mg >= step ? step * floor(o->need_mg / step + 1e-9) : floor(o->need_mg);
    } else return refuse(why, "indication", "The text read gives no way to compute the total.");
    return true;
}

static void repeat_dose(proposal *x, double mg, double count, double every_days) {
    x->doses.n = 0;
    while ((double)x->doses.n < count && x->doses.n < SCHEDULE_MAX) {
        if (!isnan(every_days)) x->days[x->doses.n] = (double)x->doses.n * every_days;
        x->doses.mg[x->doses.n++] = floor(fmin(mg, x->cap_mg) + 1e-9);
    }
    if (!isnan(every_days)) x->fixed_days = x->days;
}

static bool doses_by_day(proposal *x, refusal *why) {
    const dose_spec *d = &x->m->dose;
    double hb = fe__facts_lab(x->f, "hemoglobin"), kg = x->in.cap_weight_kg;
    if (isnan(hb)) return lack(why, "hemoglobin");
    if (isnan(kg)) return lack(why, "weight_kg");
    for (size_t i = x->course_own_n; i < d->phases_n; i++) {
        const table_row *r = fe__table_row(d->phases[i].rows, d->phases[i].rows_n, hb, kg);
        if (!r) {
            for (size_t j = 0; j < x->m->limits.n; j++)
                if (x->m->limits.list[j].what == WHAT_hb_g_dl_max_excl) {
                    why->source = x->m->limits.list[j].id;
                    return refuse(why, x->m->limits.list[j].name,
                                  fe__printf(x->f->a, "%s (hemoglobin %s g/dL)", x->m->limits.list[j].text,
                                             fe__number_text(x->f->a, hb, 1)));
                }
            return refuse(why, "indication", "The label's table has no row for this hemoglobin and weight.");
        }
        if (!(r->total_mg > 0)) continue;
        x->days[x->doses.n] = d->phases[i].day - d->phases[x->course_own_n].day;
        x->doses.mg[x->doses.n++] = floor(fmin(r->total_mg, x->cap_mg) + 1e-9);
    }
    x->fixed_days = x->days;
    return true;
}

static void doses_in_sequence(proposal *x) {
    const dose_spec *d = &x->m->dose;
    size_t skip = x->course_own_n < d->sequence_n ? x->course_own_n : d->sequence_n;
    for (size_t i = skip; i < d->sequence_n && x->doses.n < SCHEDULE_MAX; i++) {
        x->days[x->doses.n] = d->sequence_days[i] - d->sequence_days[skip];
        x->doses.mg[x->doses.n++] = floor(fmin(d->sequence_mg[i], x->cap_mg) + 1e-9);
    }
    x->fixed_days = x->days;
    x->fixed_minutes = d->sequence_minutes ? d->sequence_minutes + skip : NULL;
}

static double left_of(double count, size_t used) { return count > (double)used ? count - (double)used : 0; }

static bool doses_from_total(proposal *x, option *o, double cap, refusal *why) {
    const dose_spec *d = &x->m->dose;
    if (!total_needed(x, o, why)) return false;
    x->wanted_mg = fmin(fmax(0, x->wanted_mg - x->course_mg), x->how->most_mg);
    cap = fmin(cap, x->how->most_single_mg);
    if (x->wanted_mg < (x->course_mg > 0 ? x->f->k->practice.least_dose_mg : 1)) return refuse_covered(x, o->need_mg, why);
    bool single = d->doses == 1; /* the regimen gives one dose, whatever the need */
    if (single) repeat_dose(x, fmin(x->wanted_mg, cap), 1, NAN);
    else fe__split_doses(x->f->k, x->wanted_mg, cap, d->per_dose_mg, d->per_dose_n, &x->doses);
    dose_list *l = &x->doses;
    if (l->n > 1 && l->mg[l->n - 1] < x->f->k->practice.least_dose_mg)
        l->n--; /* no visit for so little: it is said as shortfall */
    return true;
}

static bool wanted_doses(proposal *x, option *o, refusal *why) {
    const dose_spec *d = &x->m->dose;
    size_t used = x->course_own_n;
    switch (d->type) {
    case DOSE_FIXED: repeat_dose(x, d->mg, left_of(isnan(d->doses) ? 1 : d->doses, used), NAN); return true;
    case DOSE_MG_PER_KG: {
        if (isnan(x->in.cap_weight_kg)) return lack(why, "weight_kg");
        double mg = d->mg_per_kg * x->in.cap_weight_kg;
        if (!isnan(d->max_mg)) mg = fmin(mg, d->max_mg);
        double count = !isnan(d->doses)                            ? d->doses
                       : !isnan(d->every_days) && !isnan(d->weeks) ? floor(d->weeks * 7 / d->every_days)
                                                                   : 1;
        repeat_dose(x, mg, left_of(count, used), d->every_days);
        return true;
    }
    case DOSE_PER_SESSION: {
        double per = isnan(d->mg) ? d->mg_max : d->mg;
        if (isnan(d->doses)) return doses_from_total(x, o, fmin(per, x->cap_mg), why);
        repeat_dose(x, per, left_of(d->doses, used), NAN);
        return true;
    }
    case DOSE_TABLE_BY_DAY: return doses_by_day(x, why);
    case DOSE_SEQUENCE: doses_in_sequence(x); return true;
    case DOSE_WEEKLY:
        repeat_dose(x, d->options_n ? d->options_mg[0] : d->mg, x->f->k->practice.course_window_days / 7, 7);
        return true;
    case DOSE_MONTHLY: repeat_dose(x, d->per_session_mg_max, ceil(d->mg / d->per_session_mg_max), NAN); return true;
    case DOSE_NEED:
    case DOSE_TABLE: return doses_from_total(x, o, x->cap_mg, why);
    }
    return false;
}

/* By the formula that every product is held against; NaN when it cannot be computed. */
static double ganzoni_of(const proposal *x) {
    need_input in = fe__need_input_of(x->f, x->ask);
    const need_method *g = fe__need_by_method(x->f->k, "ganzoni");
    need_result r = g ? fe__need(x->f->a, x->f->k, g, &in) : (need_result){0};
    return r.known ? r.total_mg : NAN;
}

/* ---- limits of the course --------------------------------------------------------------------------------------------------- */

bool fe__method_divides(const method *m) {
    const dose_spec *d = &m->dose;
    return d->type == DOSE_NEED || d->type == DOSE_TABLE || (d->type == DOSE_PER_SESSION && isnan(d->doses));
}

/* What repeats for as long as losses do, and repairs no need. */
static bool is_upkeep(const dose_spec *d) {
    return d->type == DOSE_WEEKLY || d->type == DOSE_MONTHLY || (d->type == DOSE_MG_PER_KG && !isnan(d->every_days));
}

/* Iron of other products against a regimen of fixed doses, which does not ask for the need: of its doses, given whole, stay those of which enough
 * is still needed. Its own doses count by their number. */
static bool is_covered(proposal *x, double need_mg, refusal *why) {
    if (fe__method_divides(x->m) || is_upkeep(&x->m->dose) || !isnan(x->ask->need_mg) || x->doses.n == 0) return false;
    double other_mg = x->course_mg - x->course_own_mg, left = need_mg - x->course_mg;
    if (!(other_mg > 0)) return false;
    if (isnan(left)) { /* no need can be computed: the regimen stands for it */
        left = -other_mg;
        for (size_t i = 0; i < x->doses.n; i++) left += x->doses.mg[i];
    }
    size_t n = 0;
    for (; n < x->doses.n && x->f->k->practice.whole_dose_share * x->doses.mg[n] <= left; n++) left -= x->doses.mg[n];
    x->doses.n = n;
    if (n == 0) refuse_covered(x, need_mg, why);
    return n == 0;
}

static void limit_course(proposal *x) {
    double most_mg = INFINITY, most_n = INFINITY;
    prepare_input any = x->in;
    any.dose_mg = NAN;
    for (size_t i = 0; i < x->m->limits.n; i++) {
        const limit *l = &x->m->limits.list[i];
        if (!fe__limit_binds(x->p, l, x->route, &any)) continue;
        if (l->what == WHAT_max_course_mg) most_mg = fmin(most_mg, l->value);
        if (l->what == WHAT_max_course_mg_per_kg) most_mg = fmin(most_mg, l->value * x->in.cap_weight_kg);
        if (l->what == WHAT_max_doses) most_n = fmin(most_n, l->value);
    }
    most_mg = floor(most_mg - x->course_own_mg + 1e-9);
    most_n -= (double)x->course_own_n;
    if (!isnan(x->ask->need_mg)) most_mg = fmin(most_mg, x->ask->need_mg - x->course_mg);
    size_t n = 0;
    double sum = 0;
    bool divisible =
        fe__method_divides(x->m) || !isnan(x->ask->need_mg); /* the doses of a fixed regimen are given whole or not */
    while (n < x->doses.n && (double)n < most_n && sum < most_mg) {
        if (!divisible && x->doses.mg[n] > most_mg - sum) break;
        x->doses.mg[n] = floor(fmin(x->doses.mg[n], most_mg - sum) + 1e-9);
        if (x->doses.mg[n] < 1) break;
        sum += x->doses.mg[n++];
    }
    x->doses.n = n;
}

/* ---- to the chair --------------------------------------------------------------------------------------------------------------- */

/* No dose of this product in the course before the first planned day: a test dose is due, where the label has one. */
static bool begins_course(const proposal *x) {
    for (size_t i = 0; i < x->given_n; i++)
        if (x->given[i].same_product && (double)(x->doses.day[0] - x->given[i].day) < x->f->k->practice.course_window_days)
            return false;
    return true;
}

static void prepare_all(proposal *x, option *o) {
    o->infusions = FE_NEW_ARRAY(x->f->a, planned, x->doses.n);
    o->n = x->doses.n;
    for (size_t i = 0; i < o->n; i++) {
        prepare_input in = x->in;
        in.dose_mg = x->doses.mg[i];
        in.first_dose = i == 0 && begins_course(x);
        planned *q = &o->infusions[i];
        q->prep = fe__prepare(x->f->k, x->p, x->m, x->route, x->ask->site, &in);
        double usual = x->fixed_minutes ? fmax(x->fixed_minutes[i], q->prep.minutes) : q->prep.minutes;
        double minutes = ceil(usual * fmax(1, x->how->slower) - 1e-9);
        if (minutes > q->prep.minutes) {
            in.minutes = minutes;
            q->prep = fe__prepare(x->f->k, x->p, x->m, x->route, x->ask->site, &in);
        }
        q->prep.range_max_mg = o->need_known ? o->need.range_max_mg : NAN;
        q->on = x->doses.day[i];
        q->day = (int)(q->on - x->f->today);
        o->total_mg += q->prep.dose_mg;
        o->largest_dose_mg = fmax(o->largest_dose_mg, q->prep.dose_mg);
        o->chair_minutes += q->prep.minutes + (isnan(q->prep.test_wait_minutes) ? 0 : q->prep.test_wait_minutes);
        o->cost += q->prep.cost; /* NaN when one is not priced */
    }
}

static void sum_up(proposal *x, option *o, double ganzoni_mg) {
    o->max_single_mg = x->cap_mg;
    double need = o->need_known ? o->need_mg : ganzoni_mg;
    if (!o->need_known) o->need_mg = need;
    double short_by = need - x->course_mg - o->total_mg;
    o->rounded_mg =
        o->need_known && !o->need_given && x->unrounded_mg > 0 ? fmax(0, x->unrounded_mg - x->course_mg - x->wanted_mg) : 0;
    o->shortfall_mg = fmax(0, isnan(short_by) ? 0 : short_by - o->rounded_mg);
}

static bool broken(proposal *x, const option *o, refusal *why) {
    for (size_t i = 0; i < o->verified->checks_n; i++) {
        const limit_check *c = &o->verified->checks[i];
        if (c->kept || c->kind != LIMIT_LABEL) continue;
        why->source = c->source;
        const cite *s = c->source ? fe__cite_find(x->f->k, c->source) : NULL;
        refuse(why, c->name,
               fe__printf(x->f->a, "The label limit %s would not be kept%s%s.", c->name, s ? ": " : "", s ? s->text : ""));
        return true;
    }
    if (o->verified->broken_n)
        refuse(why, o->verified->broken[0], fe__printf(x->f->a, "The label limit %s would not be kept.", o->verified->broken[0]));
    return o->verified->broken_n > 0;
}

bool fe__propose(facts *f, const plan_ask *ask, const product *p, const method *m, const variation *how, option *o,
                 refusal *why) {
    proposal x = {.f = f, .ask = ask, .p = p, .m = m, .how = how, .unrounded_mg = NAN, .wanted_mg = NAN};
    *o = (option){.product = p, .method = m, .need_mg = NAN};
    x.route = fe__route_of(m, NULL);
    if (!x.route) return refuse(why, "route", "The method names no route.");
    x.in = (prepare_input){.dose_mg = NAN,
                           .bag_ml = NAN,
                           .minutes = NAN,
                           .cap_weight_kg = fe__facts_cap_weight(f),
                           .age_years = fe__facts_field(f, "age_years"),
                           .accepted = ask->accepted,
                           .accepted_n = ask->accepted_n};
    x.cap_mg = fe__single_cap(p, m, x.route, &x.in);
    count_given(&x);
    if (!wanted_doses(&x, o, why)) return false;
    double ganzoni_mg = ganzoni_of(&x);
    if (is_covered(&x, ganzoni_mg, why)) return false;
    limit_course(&x);
    if (x.doses.failed || x.doses.n == 0)
        return refuse(why, x.doses.failed ? x.doses.failed : "max-course",
                      "Nothing is left of what the label allows in this course.");
    schedule_rules rules = fe__schedule_rules_of(p, m, x.route, &x.in);
    if (how->least_interval > 0)
        rules.min_interval = fmax(isnan(rules.min_interval) ? 0 : rules.min_interval, how->least_interval);
    bool dialysis = m->dose.type == DOSE_PER_SESSION || m->dose.type == DOSE_MONTHLY;
    int hd = fe__term_find_kind(f->k, "hemodialysis", TERM_CONDITION);
    dialysis =
        dialysis || (m->dose.type == DOSE_MG_PER_KG && m->dose.doses > 2 && f->c && fe__course_has(f->c, hd, f->now) == TRI_TRUE);
    do {
        x.doses.failed = NULL;
        fe__place_doses(f->k, &rules, dialysis, x.fixed_days, f->today, x.given, x.given_n, &x.doses);
    } while (fe__streq(x.doses.failed, "max-course") && x.doses.n > 1 &&
             x.doses.n--); /* what no longer fits into this course is left out */
    if (x.doses.failed)
        return refuse(why, x.doses.failed, "No day within reach keeps this limit together with the iron already given.");
    prepare_all(&x, o);
    sum_up(&x, o, ganzoni_mg);
    o->verified = fe__verify_option(f, ask, o);
    if (broken(&x, o, why)) return false;
    o->cautions = o->verified->cautions;
    o->cautions_n = o->verified->cautions_n;
    return true;
}
