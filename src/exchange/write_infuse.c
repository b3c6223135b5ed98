/* The answer of infuse: a record played through the machine, and how things stand. */
#include <limits.h>
#include <math.h>
#include <string.h>

#include "advise/check.h"
#include "base/date.h"
#include "base/hash.h"
#include "base/text.h"
#include "exchange/door.h"
#include "exchange/read_session.h"
#include "session/record.h"

typedef struct writer {
    asking *q;
    const session_record *record;
    const session_protocol *protocol;
    const session_play *play;
    const checked *checked; /* held against the label */
} writer;

/* ---- small ------------------------------------------------------------------------------------------------------------------ */

/* To the second where there are seconds: a minute is long here. */
static const char *moment(const writer *w, double at) {
    if (isnan(at)) return NULL;
    double whole = floor(at + 0.5);
    int second = (int)(whole - floor(whole / 60) * 60);
    const char *minute = fe__time_text(w->q->a, whole - second, w->q->zone_min);
    return second ? fe__printf(w->q->a, "%.16s:%02d%s", minute, second, minute + 16) : minute;
}

static void put_moment(const writer *w, json_t *j, const char *key, double at) {
    fe__jput_str(&w->q->out, j, key, moment(w, at));
}

/* mL, mg and mL/h as they are read at a pump. */
static double shown(double v) { return isnan(v) ? v : floor(v * 10 + 0.5) / 10; }

static const reactions *rules_of(const writer *w) { return w->q->k->reactions; }

/* ---- advice ------------------------------------------------------------------------------------------------------------------- */

static json_t *sources_json(const writer *w, const char *row, const char *finding) {
    json_t *list = fe__jarray(&w->q->out);
    const finding_row *f = fe__finding_find(w->q->k, finding);
    bool is_there = false;
    for (size_t i = 0; f && i < f->rule_ids_n; i++) is_there = is_there || fe__streq(f->rule_ids[i], row);
    if (row && !is_there) fe__jadd(&w->q->out, list, fe__write_source(w->q, row));
    for (size_t i = 0; f && i < f->rule_ids_n; i++) fe__jadd(&w->q->out, list, fe__write_source(w->q, f->rule_ids[i]));
    for (size_t i = 0; f && i < f->seeds_n; i++) { /* the patient's own texts, where they are not among the rules */
        bool is_rule = fe__streq(f->seeds[i], row);
        for (size_t j = 0; j < f->rule_ids_n; j++) is_rule = is_rule || fe__streq(f->rule_ids[j], f->seeds[i]);
        if (!is_rule) fe__jadd(&w->q->out, list, fe__write_source(w->q, f->seeds[i]));
    }
    return list;
}

static bool is_of_vitals(const char *id) {
    static const char *const ids[] = {"vitals-now", "vitals-every-5-min", "re-grade-5-min"};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        if (fe__streq(ids[i], id)) return true;
    return false;
}

/* Now, but for what has its own time. */
static double due_of(const writer *w, const char *id) {
    const session_state *s = &w->play->state;
    const session_table *t = &w->protocol->table;
    if (is_of_vitals(id) && w->play->out.next_item == ITEM_VITALS) return fmax(s->now, w->play->out.next_due);
    if (fe__streq(id, "adrenaline-repeat-5-min"))
        return isnan(s->adrenaline_at) ? NAN : fmax(s->now, s->adrenaline_at + t->adrenaline_repeat_s);
    if (fe__streq(id, "observe-before-leaving")) return w->play->out.leave.not_before;
    return s->now;
}

static json_t *one_advice(const writer *w, const reaction_row *row, size_t place) {
    json_out *o = &w->q->out;
    json_t *j = fe__jobject(o);
    const finding_row *f = fe__finding_find(w->q->k, row->name);
    session_dose d = fe__session_dose(w->protocol, row->name, row->rule);
    bool resumes = fe__streq(row->name, "resume-half-rate");
    fe__jput_str(o, j, "id", row->name);
    fe__jput_str(o, j, "rule", row->rule);
    fe__jput_str(o, j, "level", f ? fe__level_word(f->level) : "info");
    fe__jput_str(o, j, "text", f ? f->meaning : "");
    fe__jput_int(o, j, "order", (long long)place);
    put_moment(w, j, "due", due_of(w, row->name));
    fe__jput_str(o, j, "medication", d.medication);
    fe__jput_num(o, j, "dose_mg", d.dose_mg);
    fe__jput_num(o, j, "volume_ml", d.volume_ml);
    fe__jput_str(o, j, "route", d.route);
    fe__jput_num(o, j, "repeat_after_min", d.repeat_after_min);
    fe__jput_num(o, j, "rate_ml_per_h", resumes ? w->play->out.resume.rate_ml_per_h : NAN);
    fe__jput(o, j, "sources", sources_json(w, row->rule, row->name));
    return j;
}

/* Each advice once, by the first row that gives it. The first medicine among them is the first drug. */
static void write_advice(const writer *w) {
    const session_out *out = &w->play->out;
    const reaction_row *rows = rules_of(w)->advice.list;
    json_t *list = fe__jarray(&w->q->out);
    const char *first_drug = NULL;
    for (uint16_t i = 0; i < out->advice_n; i++) {
        const reaction_row *row = &rows[out->advice[i]];
        bool is_there = false;
        for (uint16_t j = 0; j < i; j++) is_there = is_there || fe__streq(rows[out->advice[j]].name, row->name);
        if (is_there) continue;
        session_dose d = fe__session_dose(w->protocol, row->name, row->rule);
        if (!first_drug) first_drug = d.medication;
        fe__jadd(&w->q->out, list, one_advice(w, row, json_array_size(list) + 1));
    }
    fe__jput_str(&w->q->out, w->q->root, "first_drug", first_drug);
    fe__jput(&w->q->out, w->q->root, "advice", list);
}

/* ---- alarms, refusals, the log -------------------------------------------------------------------------------------------------- */

static void write_alarms(const writer *w) {
    const session_out *out = &w->play->out;
    json_out *o = &w->q->out;
    json_t *list = fe__jarray(o);
    for (uint16_t i = 0; i < out->alarms_n; i++) {
        const reaction_row *row = &rules_of(w)->alarms.list[out->alarms[i]];
        json_t *j = fe__jobject(o);
        fe__jput_str(o, j, "id", row->name);
        fe__jput_str(o, j, "rule", row->rule);
        fe__jput_str(o, j, "priority", row->priority);
        fe__jput_str(o, j, "text", row->text);
        fe__jadd(o, list, j);
    }
    fe__jput(o, w->q->root, "alarms", list);
}

static json_t *alarms_of(const writer *w, uint64_t bits) {
    json_t *list = fe__jarray(&w->q->out);
    for (size_t i = 0; i < rules_of(w)->alarms.n && i < 64; i++)
        if (bits >> i & 1) fe__jadd_str(&w->q->out, list, rules_of(w)->alarms.list[i].name);
    return list;
}

static void write_steps(const writer *w) {
    json_out *o = &w->q->out;
    json_t *refused = fe__jarray(o), *log = fe__jarray(o);
    for (size_t i = 0; i < w->play->steps_n; i++) {
        const session_step *x = &w->play->steps[i];
        json_t *j = fe__jobject(o);
        fe__jput_int(o, j, "entry", (long long)i + 1);
        put_moment(w, j, "at", x->entry->at);
        fe__jput_str(o, j, "event", fe__session_event_word(x->entry->kind));
        fe__jput_str(o, j, "id", x->entry->id);
        fe__jput_str(o, j, "state", fe__phase_word(x->phase));
        fe__jput_str(o, j, "rule", x->rule);
        fe__jput_bool(o, j, "refused", x->refused);
        fe__jput(o, j, "alarms", alarms_of(w, x->alarms));
        fe__jadd(o, log, j);
        if (!x->refused) continue;
        json_t *no = fe__jobject(o);
        const cite *c = x->rule ? fe__cite_find(w->q->k, x->rule) : NULL;
        put_moment(w, no, "at", x->entry->at);
        fe__jput_str(o, no, "event", fe__session_event_word(x->entry->kind));
        fe__jput_str(o, no, "rule", x->rule);
        fe__jput_str(o, no, "because", c ? c->text : NULL);
        fe__jadd(o, refused, no);
    }
    fe__jput(o, w->q->root, "refused", refused);
    fe__jput(o, w->q->root, "log", log);
}

/* ---- what is needed ----------------------------------------------------------------------------------------------------------------- */

static json_t *needs_json(const writer *w, const session_need *n) {
    json_out *o = &w->q->out;
    json_t *list = fe__jarray(o);
    for (size_t i = 0; n->signs && i < rules_of(w)->signs_n; i++) {
        bool is_there =
            (w->play->state.signs >> i & 1) && !w->protocol->table.signs[i].no_stop && !w->protocol->table.signs[i].is_site;
        if (is_there) fe__jadd_str(o, list, rules_of(w)->signs[i].sign);
    }
    if (n->vitals || (n->signs && w->play->out.triggers)) fe__jadd_str(o, list, "vitals");
    if (n->prescriber) fe__jadd_str(o, list, "prescriber");
    return list;
}

static json_t *need_json(const writer *w, const session_need *n) {
    json_t *j = fe__jobject(&w->q->out);
    fe__jput_bool(&w->q->out, j, "allowed", n->allowed);
    put_moment(w, j, "not_before", n->not_before);
    fe__jput(&w->q->out, j, "needs", needs_json(w, n));
    return j;
}

static void write_needs(const writer *w) {
    const session_out *out = &w->play->out;
    json_out *o = &w->q->out;
    json_t *resume = need_json(w, &out->resume), *observation = fe__jobject(o);
    fe__jput_num(o, resume, "rate_ml_per_h", out->resume.rate_ml_per_h > 0 ? out->resume.rate_ml_per_h : NAN);
    fe__jput(o, w->q->root, "resume", resume);
    fe__jput(o, w->q->root, "leave", need_json(w, &out->leave));
    const session_state *s = &w->play->state;
    const session_table *t = &w->protocol->table;
    bool by_product = t->observe_product_s > t->observe_s[s->grade];
    fe__jput_num(o, observation, "minutes", out->observe_s / 60);
    fe__jput_str(o, observation, "rule", by_product ? w->checked->product->observe_id : rules_of(w)->observe_rule[s->grade]);
    put_moment(w, observation, "from",
               isnan(s->ended_at) ? NAN : fmax(s->ended_at, isnan(s->symptom_at) ? s->ended_at : s->symptom_at));
    put_moment(w, observation, "until", out->leave.not_before);
    fe__jput(o, w->q->root, "observation", observation);
}

static void write_next(const writer *w) {
    const session_out *out = &w->play->out;
    json_out *o = &w->q->out;
    json_t *j = fe__jobject(o), *clocks = fe__jobject(o);
    const char *item = out->next_item >= ITEM_CHECK        ? w->protocol->checks[out->next_item - ITEM_CHECK]
                       : out->next_item == ITEM_VITALS     ? "vitals"
                       : out->next_item == ITEM_PRESCRIBER ? "prescriber"
                                                           : NULL;
    fe__jput_num(o, clocks, "running_s", w->play->state.running_s);
    fe__jput_num(o, clocks, "paused_s", w->play->state.paused_s);
    fe__jput_num(o, clocks, "symptom_free_s", out->symptom_free_s);
    fe__jput_num(o, clocks, "observed_s", out->observed_s);
    fe__jput(o, w->q->root, "clocks", clocks);
    fe__jput_str(o, j, "item", item);
    put_moment(w, j, "due", out->next_due);
    fe__jput(o, w->q->root, "next", j);
}

static void write_bag(const writer *w) {
    json_out *o = &w->q->out;
    const session_state *s = &w->play->state;
    double left = w->protocol->table.volume_ml - s->given_ml;
    fe__jput_num(o, w->q->root, "rate_ml_per_h", shown(s->rate_ml_per_h));
    fe__jput_num(o, w->q->root, "given_ml", shown(s->given_ml));
    fe__jput_num(o, w->q->root, "given_mg", shown(w->play->given_mg));
    fe__jput_num(o, w->q->root, "left_ml", shown(left > 0 ? left : 0));
    fe__jput_num(o, w->q->root, "observe_minutes", w->play->out.observe_s / 60);
}

/* ---- the checklist ---------------------------------------------------------------------------------------------------------------------- */

static const session_entry *answer_of(const writer *w, const char *item) {
    const session_entry *last = NULL;
    for (size_t i = 0; i < w->play->steps_n; i++) {
        const session_entry *e = w->play->steps[i].entry;
        if (e->kind == SESSION_CHECK && fe__streq(e->id, item)) last = e;
    }
    return last;
}

static void write_checklist(const writer *w) {
    json_out *o = &w->q->out;
    json_t *list = fe__jarray(o);
    for (size_t i = 0; i < w->protocol->checks_n; i++) {
        const char *id = w->protocol->checks[i];
        const session_entry *e = answer_of(w, id);
        json_t *j = fe__jobject(o);
        bool done = (w->play->state.checked >> i & 1) != 0;
        fe__jput_str(o, j, "id", id);
        fe__jput_str(o, j, "rule", w->protocol->check_rules[i]);
        fe__jput_str(o, j, "text", w->protocol->check_texts[i]);
        fe__jput_str(o, j, "answer", done ? "done" : w->play->state.declined >> i & 1 ? "declined" : "open");
        fe__jput_str(o, j, "why", e ? e->why : NULL);
        put_moment(w, j, "at", e ? e->at : NAN);
        fe__jput(o, j, "sources", sources_json(w, w->protocol->check_rules[i], id));
        fe__jadd(o, list, j);
    }
    fe__jput(o, w->q->root, "checklist", list);
    fe__jput_bool(o, w->q->root, "checklist_taken_as_done", w->play->checks_taken);
}

/* ---- findings, aftercare, report ------------------------------------------------------------------------------------------------------------ */

static bool shows_in(const reaction_row *row, const char *where) {
    for (size_t i = 0; i < row->shows.n; i++)
        if (fe__streq(row->shows.list[i], where)) return true;
    return false;
}

static void say_findings(const writer *w) {
    const session_out *out = &w->play->out;
    for (uint16_t i = 0; i < out->findings_n; i++) {
        const reaction_row *row = &rules_of(w)->findings.list[out->findings[i]];
        const contradiction *sides = fe__contradiction_find(w->q->k, row->rule);
        if (!shows_in(row, "findings")) continue;
        if (sides) {
            fe__say_differ(&w->q->said, sides, NULL, 0);
            continue;
        }
        const finding_row *f = fe__finding_find(w->q->k, row->name);
        fe__say(&w->q->said, row->name, row->rule, NULL);
        for (size_t r = 0; f && r < f->rule_ids_n; r++)
            fe__said_source(&w->q->said, fe__say(&w->q->said, row->name, NULL, NULL), f->rule_ids[r]);
    }
}

static void write_ids(const writer *w, const char *where) {
    const session_out *out = &w->play->out;
    json_t *list = fe__jarray(&w->q->out);
    for (uint16_t i = 0; i < out->findings_n; i++) {
        const reaction_row *row = &rules_of(w)->findings.list[out->findings[i]];
        bool is_there = false;
        for (size_t k = 0; k < json_array_size(list); k++)
            is_there = is_there || fe__streq(json_string_value(json_array_get(list, k)), row->name);
        if (shows_in(row, where) && !is_there) fe__jadd_str(&w->q->out, list, row->name);
    }
    fe__jput(&w->q->out, w->q->root, where, list);
}

/* ---- signs, vitals, order, model ---------------------------------------------------------------------------------------------------------------- */

static void write_patient_now(const writer *w) {
    json_out *o = &w->q->out;
    const session_state *s = &w->play->state;
    json_t *signs = fe__jarray(o), *vitals = fe__jobject(o), *triggers = fe__jarray(o);
    for (size_t i = 0; i < rules_of(w)->signs_n; i++)
        if (s->signs >> i & 1) fe__jadd_str(o, signs, rules_of(w)->signs[i].sign);
    for (unsigned i = 0; i < SIGNAL_COUNT; i++) {
        json_t *one = fe__jobject(o);
        fe__jput_num(o, one, "value", s->vitals[i]);
        fe__jput_num(o, one, "baseline", s->baseline[i]);
        put_moment(w, one, "at", s->vitals_at[i]);
        fe__jput(o, vitals, fe__signal_word(i), one);
    }
    for (size_t i = 0; i < rules_of(w)->triggers_n; i++)
        if (w->play->out.triggers >> i & 1) fe__jadd_str(o, triggers, rules_of(w)->triggers[i].id);
    fe__jput(o, w->q->root, "signs", signs);
    fe__jput(o, w->q->root, "vitals", vitals);
    fe__jput(o, w->q->root, "triggers", triggers);
}

static void write_order(const writer *w) {
    json_out *o = &w->q->out;
    const verification *v = w->checked->verified;
    json_t *j = fe__jobject(o);
    fe__jput_str(o, j, "verdict", w->checked->verdict);
    fe__jput(o, j, "broken", fe__write_strings(w->q, v->broken, v->broken_n));
    fe__jput(o, j, "cautions", fe__write_strings(w->q, v->cautions, v->cautions_n));
    fe__jput(o, j, "unchecked", fe__write_strings(w->q, v->unchecked, v->unchecked_n));
    fe__jput_num(o, j, "rate_ml_per_h_max", w->protocol->table.rate_ml_per_h);
    fe__jput(o, j, "infusion", fe__write_infusion(w->q, &w->checked->preparations[0], 0, 0, false));
    fe__jput(o, w->q->root, "order", j);
}

/* A record holds no labs, and a body is made of labs: there is nothing to estimate from, and that is said. */
static void write_model(const writer *w) {
    json_out *o = &w->q->out;
    json_t *j = fe__jobject(o);
    fe__jput_null(o, j, "reaction_risk");
    fe__jput_str(
        o, j, "text",
        fe__printf(w->q->a,
                   "No estimate: the record holds no labs. %s A risk by rate is a model estimate, no published dose-response.",
                   rules_of(w)->risk_text));
    fe__jput_str(o, j, "rule", rules_of(w)->risk_rule);
    fe__jput(o, w->q->root, "model", j);
}

/* ---- the answer -------------------------------------------------------------------------------------------------------------------------------------- */

static void write_all(const writer *w) {
    asking *q = w->q;
    const char *state = fe__phase_word(w->play->state.phase);
    say_findings(w);
    fe__say_end(&q->said, q->facts, Q_INFUSE);
    fe__write_head(q, state);
    fe__jput_str(&q->out, q->root, "state", state);
    fe__jput_int(&q->out, q->root, "grade", w->play->state.grade);
    fe__jput_int(&q->out, q->root, "grade_now", w->play->out.grade_now);
    write_advice(w);
    write_alarms(w);
    fe__write_findings(q, w->record->confirms, w->record->confirms_n);
    write_steps(w);
    fe__jput_int(&q->out, q->root, "later_events", (long long)w->play->later_n);
    write_needs(w);
    write_next(w);
    write_bag(w);
    write_ids(w, "aftercare");
    write_ids(w, "report");
    write_checklist(w);
    write_patient_now(w);
    write_order(w);
    write_model(w);
}

/* The record as a course without events, so that rules can speak of the patient and the verifier of the order. */
static void see_patient(asking *q, const session_record *r) {
    course *c = FE_NEW(q->a, course);
    c->patient = *r->patient;
    c->goals = (goals){NAN, NAN, NAN, NAN, NAN};
    c->zone_min = r->zone_min;
    q->facts = fe__facts_of(q->a, q->k, c, q->region, q->now, q->zone_min);
    fe__facts_set_site(q->facts, r->site ? r->site : q->engine->site);
}

static bool order_fits(asking *q, const session_record *r) {
    const product *p = fe__product_find(q->k, r->order.product);
    if (p && fe__streq(p->region, q->region)) return true;
    fe__fault(&q->faults, "/session/order/product", fe__printf(q->a, "a product of region %s", q->region), r->order.product,
              "ferrule products lists them by region");
    return false;
}

static const session_protocol *protocol_of(asking *q, const session_record *r, const checked *c) {
    int flags = q->k->reactions->nsaid_rule ? fe__rule_find(q->k, q->k->reactions->nsaid_rule) : -1;
    session_case about = {.patient = r->patient,
                          .prepared = &c->preparations[0],
                          .least_minutes = c->allowed_known ? c->allowed.minutes_min : NAN,
                          .site = r->site ? r->site : q->engine->site,
                          .pregnant = r->patient->pregnant,
                          .nsaid_flag = flags >= 0 && fe__facts_rule(q->facts, flags) == TRI_TRUE};
    return fe__session_protocol(q->a, q->k, &q->faults, &about);
}

static const session_record *read_record(asking *q) {
    const fe_request *r = q->request;
    size_t length = r->input_length ? r->input_length : strlen(r->input);
    q->faults.file = r->input_name ? r->input_name : "-";
    json_t *json = fe__json_read(&q->faults, r->input, length);
    if (json) q->zone_min = fe__zone_of(json_object_get(json, "events"), q->zone_min);
    if (q->now_day != LONG_MIN) q->now = fe__noon_of(q->now_day, q->zone_min);
    const session_record *record = json ? fe__session_read(q->k, &q->faults, json, q->now, q->zone_min) : NULL;
    json_decref(json);
    q->input_sha256 = fe__sha256_hex(q->a, r->input, length);
    return record;
}

void fe__answer_infuse(asking *q) {
    if (!q->request->input) {
        q->faults.file = "request";
        fe__fault(&q->faults, "EVENTS", "a file of events", "nothing", "ferrule infuse replay EVENTS");
        return;
    }
    const session_record *record = read_record(q);
    if (!record || !order_fits(q, record)) return;
    see_patient(q, record);
    said_list aside = {.a = q->a, .k = q->k}; /* what check says of an order stands in `order` */
    const order ordered = {.items = &record->order, .items_n = 1, .indication = -1};
    const checked *c = fe__check(q->facts, &q->ask, &ordered, &aside);
    if (!c->preparations[0].route) {
        fe__fault(&q->faults, "/session/order", "an infusion that the label has a method for", record->order.product, NULL);
        return;
    }
    fe__facts_view(q->facts, c->product);
    const session_protocol *p = protocol_of(q, record, c);
    if (!p) return;
    fe__say_rules(&q->said, q->facts, Q_INFUSE);
    writer w = {q, record, p, fe__session_play(q->a, p, record, q->now), c};
    write_all(&w);
}
