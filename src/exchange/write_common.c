/* What every answer shares: stamp, findings, missing, confirm; and the pieces that several answers show. */
#include <math.h>

#include "advise/label_notes.h"
#include "base/date.h"
#include "base/text.h"
#include "exchange/door.h"

static json_t *accepted_json(asking *q) {
    json_t *list = fe__jarray(&q->out);
    for (size_t i = 0; i < q->request->accepted_n; i++) {
        json_t *x = fe__jobject(&q->out);
        fe__jput_str(&q->out, x, "rule", q->request->accepted[i].rule);
        fe__jput_str(&q->out, x, "because", q->request->accepted[i].because);
        fe__jadd(&q->out, list, x);
    }
    return list;
}

json_t *fe__write_strings(asking *q, const char *const *list, size_t n) {
    json_t *j = fe__jarray(&q->out);
    for (size_t i = 0; i < n; i++) fe__jadd_str(&q->out, j, list[i]);
    return j;
}

/* Version and content of the knowledge; another copy than the one compiled in says so. */
static const char *knowledge_stamp(asking *q) {
    const char *from = fe__streq(q->k->origin, "built-in") ? "" : " (not the built-in copy: --data)";
    return fe__printf(q->a, "%s+%.12s%s", q->k->version, q->k->sha256, from);
}

static json_t *stamp_json(asking *q) {
    json_out *o = &q->out;
    json_t *s = fe__jobject(o);
    fe__jput_str(o, s, "program", fe_version());
    if (q->model) fe__jput_str(o, s, "model", fe__printf(q->a, "%s+%.12s", q->model->version, q->model->sha256));
    else fe__jput_null(o, s, "model");
    fe__jput_str(o, s, "knowledge", knowledge_stamp(q));
    fe__jput_str(o, s, "site", q->engine->site->sha256);
    fe__jput_str(o, s, "site_name", q->engine->site->name);
    fe__jput_str(o, s, "region", q->region);
    fe__jput_str(o, s, "input_sha256", q->input_sha256);
    fe__jput_str(o, s, "at", fe__time_text(q->a, q->now, q->zone_min));
    fe__jput_bool(o, s, "at_from_clock", q->clock);
    fe__jput(o, s, "accepted", accepted_json(q));
    fe__jput(o, s, "off_label", fe__write_strings(q, q->ask.off_label, q->ask.off_label_n));
    return s;
}

void fe__write_head(asking *q, const char *verdict) {
    fe__jput_int(&q->out, q->root, "ferrule", 1);
    fe__jput_str(&q->out, q->root, "question", q->request->question);
    if (verdict) fe__jput_str(&q->out, q->root, "verdict", verdict);
    fe__jput(&q->out, q->root, "stamp", stamp_json(q));
}

json_t *fe__write_source(asking *q, const char *id) {
    const cite *c = fe__cite_find(q->k, id);
    json_t *j = fe__jobject(&q->out);
    fe__jput_str(&q->out, j, "id", id);
    fe__jput_str(&q->out, j, "cite", c ? c->text : NULL);
    fe__jput_str(&q->out, j, "verified", c ? fe__verified_word(c->verified) : NULL);
    if (c && (double)(fe__day_of(q->now, q->zone_min) - c->as_of) > q->k->practice.knowledge_max_age_days)
        fe__jput_str(&q->out, j, "last_read", fe__date_text(q->a, c->as_of));
    return j;
}

static json_t *finding_json(asking *q, const said *s) {
    json_out *o = &q->out;
    json_t *j = fe__jobject(o), *because = fe__jarray(o), *sources = fe__jarray(o);
    for (size_t i = 0; i < s->because.n; i++) {
        json_t *b = fe__jobject(o);
        fe__jput_str(o, b, "fact", s->because.list[i].text);
        fe__jput_str(o, b, "at", s->because.list[i].at);
        fe__jadd(o, because, b);
    }
    for (size_t i = 0; i < s->sources_n; i++) fe__jadd(o, sources, fe__write_source(q, s->sources[i]));
    fe__jput_str(o, j, "id", s->id);
    fe__jput_str(o, j, "rule", s->rule);
    fe__jput_str(o, j, "level", fe__level_word(s->level));
    fe__jput_str(o, j, "text", s->text);
    fe__jput(o, j, "because", because);
    fe__jput(o, j, "sources", sources);
    fe__jput_num(o, j, "probability", s->probability);
    return j;
}

static json_t *missing_json(asking *q) {
    json_out *o = &q->out;
    json_t *list = fe__jarray(o);
    for (size_t i = 0; i < q->missing_n; i++) {
        const missing *m = &q->missing[i];
        json_t *j = fe__jobject(o);
        fe__jput_str(o, j, "item", m->item);
        fe__jput_num(o, j, "changes", m->changes);
        fe__jput_num(o, j, "turning_value", m->turning_value);
        fe__jput_str(o, j, "how_to_get", m->how_to_get);
        fe__jadd(o, list, j);
    }
    return list;
}

static void add_confirms(asking *q, json_t *list, const confirm *c, size_t n) {
    json_out *o = &q->out;
    for (size_t i = 0; i < n; i++) {
        json_t *j = fe__jobject(o);
        fe__jput_str(o, j, "at", c[i].at);
        fe__jput_num(o, j, "value", c[i].value);
        fe__jput_num(o, j, "usual_low", c[i].usual_low);
        fe__jput_num(o, j, "usual_high", c[i].usual_high);
        fe__jput_str(o, j, "text", c[i].text);
        fe__jadd(o, list, j);
    }
}

void fe__write_findings(asking *q, const confirm *more, size_t more_n) {
    json_out *o = &q->out;
    json_t *findings = fe__jarray(o), *confirms = fe__jarray(o);
    for (size_t i = 0; i < q->said.n; i++) fe__jadd(o, findings, finding_json(q, &q->said.list[i]));
    fe__jput(o, q->root, "findings", findings);
    fe__jput(o, q->root, "missing", missing_json(q));
    if (q->missing_n)
        fe__jput_str(o, q->root, "missing_assumes",
                     "each value equally likely over its usual range: no population prior is used yet");
    if (q->course) add_confirms(q, confirms, q->course->confirms, q->course->confirms_n);
    add_confirms(q, confirms, q->confirms.list, q->confirms.n);
    add_confirms(q, confirms, more, more_n);
    fe__jput(o, q->root, "confirm", confirms);
}

/* ---- one infusion ------------------------------------------------------------------------------------------------------------ */

static json_t *vials_json(asking *q, const preparation *p) {
    json_t *list = fe__jarray(&q->out);
    for (size_t i = 0; i < p->vials_n; i++) {
        json_t *v = fe__jobject(&q->out);
        fe__jput_num(&q->out, v, "mg", p->vials[i].mg);
        fe__jput_int(&q->out, v, "count", p->vials[i].count);
        fe__jadd(&q->out, list, v);
    }
    return list;
}

static json_t *stages_json(asking *q, const preparation *p) {
    json_t *list = fe__jarray(&q->out);
    for (size_t i = 0; i < p->stages_n; i++) {
        json_t *s = fe__jobject(&q->out);
        fe__jput_num(&q->out, s, "mg", p->stages[i].mg);
        fe__jput_num(&q->out, s, "ml", p->stages[i].ml);
        fe__jput_num(&q->out, s, "minutes", p->stages[i].minutes);
        fe__jput_num(&q->out, s, "ml_per_h", p->stages[i].ml_per_h);
        fe__jadd(&q->out, list, s);
    }
    return list;
}

static json_t *lines_json(asking *q, const rule_lines *lines) {
    const rule_line **list;
    size_t n = fe__lines_that_hold(q->facts, lines, &list);
    json_t *j = fe__jarray(&q->out);
    for (size_t i = 0; i < n; i++) fe__jadd_str(&q->out, j, list[i]->id);
    return j;
}

static void add_note(asking *q, json_t *list, const char *id, const char *words) {
    json_t *j = fe__jobject(&q->out);
    fe__jput_str(&q->out, j, "id", id);
    fe__jput_str(&q->out, j, "text", words);
    fe__jadd(&q->out, list, j);
}

/* What the label asks of this patient that is neither a limit nor a finding: instructions, warnings, labs that cannot be read. */
static json_t *notes_json(asking *q, const preparation *x) {
    const product *p = x->product;
    json_t *list = fe__jarray(&q->out);
    label_note_list regimen = fe__label_notes(q->a, x);
    for (size_t i = 0; i < regimen.n; i++) add_note(q, list, regimen.list[i].id, regimen.list[i].text);
    for (size_t i = 0; i < p->gates_n; i++) {
        const gate *g = &p->gates[i];
        bool silent = !g->finding && !g->name;
        if (!(silent || g->action == GATE_INSTRUCT) || fe__facts_holds(q->facts, g->condition) != TRI_TRUE) continue;
        add_note(q, list, g->id, g->text);
    }
    return list;
}

json_t *fe__write_infusion(asking *q, const preparation *p, long on, int day, bool with_days) {
    json_out *o = &q->out;
    json_t *j = fe__jobject(o);
    if (with_days) {
        fe__jput_str(o, j, "on", fe__date_text(q->a, on));
        fe__jput_int(o, j, "day", day);
    }
    fe__jput_str(o, j, "product", p->product->id);
    fe__jput_num(o, j, "dose_mg", p->dose_mg);
    fe__jput_num(o, j, "drug_ml", p->route ? p->drug_ml : p->dose_mg / p->product->mg_per_ml);
    fe__jput(o, j, "vials", vials_json(q, p));
    fe__jput_num(o, j, "discard_mg", p->discard_mg);
    fe__jput_str(o, j, "diluent", p->diluent);
    fe__jput_num(o, j, "bag_ml", p->bag_ml);
    fe__jput_bool(o, j, "bag_is_final", p->route && p->route->bag_is_final);
    fe__jput_num(o, j, "final_mg_per_ml", p->final_mg_per_ml);
    fe__jput_num(o, j, "minutes", p->minutes);
    fe__jput_num(o, j, "ml_per_h", p->route ? p->ml_per_h : NAN);
    fe__jput(o, j, "stages", stages_json(q, p));
    fe__jput_str(o, j, "route", p->route ? p->route->route : NULL);
    fe__jput_num(o, j, "mg_per_min", p->route ? p->mg_per_min : NAN);
    fe__jput_num(o, j, "test_dose_mg", p->test_dose_mg);
    fe__jput_num(o, j, "test_dose_ml", p->route ? p->test_dose_ml : NAN);
    fe__jput_num(o, j, "test_seconds", p->route ? p->test_seconds : NAN);
    fe__jput_num(o, j, "test_wait_minutes", p->route ? p->test_wait_minutes : NAN);
    fe__jput_num(o, j, "observe_minutes", p->route ? p->observe_minutes : p->product->observe_minutes);
    fe__jput_num(o, j, "cost", p->cost);
    fe__jput_str(o, j, "currency", isnan(p->cost) ? NULL : q->engine->site->currency);
    fe__jput(o, j, "vitals", lines_json(q, &q->k->vitals));
    fe__jput(o, j, "checks", lines_json(q, &q->k->checks));
    fe__jput_str(o, j, "timing", p->timing);
    fe__jput(o, j, "notes", notes_json(q, p));
    return j;
}

/* ---- limits -------------------------------------------------------------------------------------------------------------------- */

static json_t *limit_json(asking *q, const limit_check *c) {
    json_out *o = &q->out;
    json_t *j = fe__jobject(o);
    fe__jput_str(o, j, "rule", c->rule);
    if (c->limit_words) fe__jput_str(o, j, "limit", c->limit_words);
    else fe__jput_num(o, j, "limit", c->limit);
    if (c->value_words) fe__jput_str(o, j, "value", c->value_words);
    else fe__jput_num(o, j, "value", c->value);
    fe__jput_str(o, j, "unit", c->unit);
    fe__jput_bool(o, j, "kept", c->kept);
    fe__jput_str(o, j, "kind", fe__limit_kind_words[c->kind]);
    fe__jput_int(o, j, "infusion", (long long)c->item);
    fe__jput_str(o, j, "source", c->source);
    return j;
}

json_t *fe__write_limits(asking *q, const verification *v) {
    json_t *list = fe__jarray(&q->out);
    for (size_t i = 0; i < v->checks_n; i++) fe__jadd(&q->out, list, limit_json(q, &v->checks[i]));
    return list;
}

void fe__write_verification(asking *q, const verification *v) {
    fe__jput(&q->out, q->root, "limits", fe__write_limits(q, v));
    fe__jput(&q->out, q->root, "broken", fe__write_strings(q, v->broken, v->broken_n));
    fe__jput(&q->out, q->root, "cautions", fe__write_strings(q, v->cautions, v->cautions_n));
    fe__jput(&q->out, q->root, "unchecked", fe__write_strings(q, v->unchecked, v->unchecked_n));
}
