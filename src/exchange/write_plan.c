/* The answer of plan. */
#include <math.h>

#include "advise/context.h"
#include "base/date.h"
#include "base/text.h"
#include "exchange/door.h"
#include "exchange/write_forecast.h"
#include "exchange/write_trade.h"

enum { MISSING_STEPS = 9 };

static unsigned long verdict_key(facts *f, void *context) {
    fe__facts_view(f, NULL);
    return (unsigned long)fe__assess_verdict(f, context);
}

/* Verdict, chosen product and its total as one number. */
static unsigned long plan_key(facts *f, void *context) {
    const plan_ask *ask = context;
    fe__facts_view(f, NULL);
    assess_verdict v = fe__assess_verdict(f, ask);
    if (fe__assess_refuses(v)) return (unsigned long)v;
    plan_ask brief = *ask;
    brief.brief = true;
    plan *p = fe__plan(f, &brief);
    if (!p->chosen) return 100 + (unsigned long)v;
    unsigned long index = (unsigned long)(p->chosen->product - f->k->products);
    return 1000 + 100000 * index + (unsigned long)p->chosen->total_mg + 10000000 * (unsigned long)v;
}

static json_t *infusions_json(asking *q, const option *o) {
    json_t *list = fe__jarray(&q->out);
    for (size_t i = 0; i < o->n; i++)
        fe__jadd(&q->out, list, fe__write_infusion(q, &o->infusions[i].prep, o->infusions[i].on, o->infusions[i].day, true));
    return list;
}

static json_t *option_forecast_json(asking *q, const forecast *x) {
    json_t *j = fe__jobject(&q->out);
    fe__jput_str(&q->out, j, "verdict", fe__forecast_words[x->verdict]);
    fe__jput_str(&q->out, j, "why", x->text);
    if (x->verdict == FORECAST) fe__write_forecast(q, j, x);
    return j;
}

/* x: where it leads, NULL when that was not asked for. with_bands: its series too. */
static json_t *option_json(asking *q, const option *o, const forecast *x, bool with_bands) {
    json_out *out = &q->out;
    json_t *j = fe__jobject(out);
    fe__jput_str(out, j, "product", o->product->id);
    fe__jput_str(out, j, "brand", o->product->brand);
    fe__jput_str(out, j, "generic", o->product->generic);
    fe__jput_str(out, j, "method", o->method->method ? o->method->method : o->method->id);
    fe__jput_str(out, j, "regimen", o->method->id);
    fe__jput_str(out, j, "title", o->method->title);
    fe__jput(out, j, "infusions", infusions_json(q, o));
    fe__jput_num(out, j, "total_mg", o->total_mg);
    fe__jput_num(out, j, "need_mg", o->need_mg);
    fe__jput_num(out, j, "rounded_mg", o->rounded_mg);
    fe__jput_num(out, j, "shortfall_mg", o->shortfall_mg);
    fe__jput_str(out, j, "weight_basis", o->need.weight_basis);
    fe__jput_num(out, j, "weight_used_kg", o->need_known && !o->need_given ? o->need.weight_kg : NAN);
    fe__jput_str(out, j, "formula", o->need.formula);
    fe__jput_int(out, j, "visits", (long long)o->n);
    fe__jput_num(out, j, "chair_minutes", o->chair_minutes);
    fe__jput_num(out, j, "max_single_mg", isinf(o->max_single_mg) ? NAN : o->max_single_mg);
    fe__jput_num(out, j, "cost", o->cost);
    fe__jput_str(out, j, "currency", isnan(o->cost) ? NULL : q->engine->site->currency);
    fe__jput_bool(out, j, "off_label", o->method->off_label);
    fe__jput(out, j, "limits", fe__write_limits(q, o->verified));
    fe__jput(out, j, "cautions", fe__write_strings(q, o->cautions, o->cautions_n));
    fe__jput(out, j, "chances", fe__write_chances(q, x));
    fe__jput_str(out, j, "why", o->why);
    if (x && with_bands) fe__jput(out, j, "forecast", option_forecast_json(q, x));
    return j;
}

static json_t *excluded_json(asking *q, const plan *p) {
    json_out *o = &q->out;
    json_t *list = fe__jarray(o);
    for (size_t i = 0; i < p->excluded_n; i++) {
        json_t *j = fe__jobject(o);
        fe__jput_str(o, j, "product", p->excluded[i].product->id);
        fe__jput_str(o, j, "rule", p->excluded[i].rule);
        fe__jput_str(o, j, "because", p->excluded[i].because);
        fe__jput_str(o, j, "source", p->excluded[i].source);
        fe__jadd(o, list, j);
    }
    return list;
}

static json_t *methods_json(asking *q, const plan *p) {
    json_out *o = &q->out;
    json_t *list = fe__jarray(o);
    for (size_t i = 0; i < p->methods_n; i++) {
        json_t *j = fe__jobject(o);
        fe__jput_str(o, j, "method", p->methods[i].method);
        fe__jput_str(o, j, "product", p->methods[i].product->id);
        fe__jput_num(o, j, "total_mg", p->methods[i].total_mg);
        fe__jadd(o, list, j);
    }
    return list;
}

/* When to look again, in order of time, from the first or last infusion of the option in view. */
static json_t *calendar_json(asking *q, const option *o) {
    json_out *out = &q->out;
    json_t *list = fe__jarray(out);
    const rule_line **lines;
    size_t n = fe__lines_that_hold(q->facts, &q->k->calendar, &lines);
    for (size_t done = 0; done < n; done++) {
        size_t next = n;
        long best = 0;
        for (size_t i = 0; i < n; i++) {
            if (!lines[i]) continue;
            long day =
                (fe__streq(lines[i]->after, "first") ? o->infusions[0].on : o->infusions[o->n - 1].on) + (long)lines[i]->days;
            if (next == n || day < best) {
                next = i;
                best = day;
            }
        }
        const rule_line *l = lines[next];
        json_t *j = fe__jobject(out);
        fe__jput_str(out, j, "on", fe__date_text(q->a, best));
        fe__jput_int(out, j, "day", best - q->facts->today);
        fe__jput(out, j, "take", fe__write_strings(q, l->take, l->take_n));
        fe__jput_str(out, j, "why", l->why);
        fe__jput_str(out, j, "rule", l->sources_n ? l->sources[0] : NULL);
        fe__jadd(out, list, j);
        lines[next] = NULL;
    }
    return list;
}

static json_t *sheet_json(asking *q) {
    json_out *o = &q->out;
    json_t *list = fe__jarray(o);
    const rule_line **lines;
    size_t n = fe__lines_that_hold(q->facts, &q->k->sheet, &lines);
    for (size_t i = 0; i < n; i++) {
        const finding_row *row = fe__finding_find(q->k, lines[i]->id);
        json_t *j = fe__jobject(o);
        fe__jput_str(o, j, "id", lines[i]->id);
        fe__jput_str(o, j, "text", lines[i]->text ? lines[i]->text : row ? row->meaning : NULL);
        fe__jadd(o, list, j);
    }
    return list;
}

static json_t *ids_json(asking *q, const rule_lines *lines) {
    const rule_line **list;
    size_t n = fe__lines_that_hold(q->facts, lines, &list);
    json_t *j = fe__jarray(&q->out);
    for (size_t i = 0; i < n; i++) fe__jadd_str(&q->out, j, list[i]->id);
    return j;
}

static json_t *premedication_options(asking *q) {
    json_out *o = &q->out;
    json_t *list = fe__jarray(o);
    const rule_line **lines;
    size_t n = fe__lines_that_hold(q->facts, &q->k->premedication, &lines);
    for (size_t i = 0; i < n; i++) {
        json_t *j = fe__jobject(o);
        fe__jput_str(o, j, "id", lines[i]->id);
        fe__jput_str(o, j, "text", lines[i]->text);
        fe__jput_str(o, j, "rule", lines[i]->sources_n ? lines[i]->sources[0] : NULL);
        fe__jadd(o, list, j);
    }
    return list;
}

/* The sentences of findings.csv behind the ids of setup, vitals and checks, for people. */
static json_t *words_json(asking *q) {
    const rule_lines *sets[] = {&q->k->setup, &q->k->vitals, &q->k->checks};
    json_t *j = fe__jobject(&q->out);
    for (size_t s = 0; s < sizeof sets / sizeof sets[0]; s++)
        for (size_t i = 0; i < sets[s]->n; i++) {
            const finding_row *row = fe__finding_find(q->k, sets[s]->list[i].id);
            if (row) fe__jput_str(&q->out, j, row->id, row->meaning);
        }
    const char *protocol = q->engine->site->resuscitation_protocol;
    const finding_row *kit = fe__finding_find(q->k, "check-emergency-kit"); /* what must be at hand, and by which protocol here */
    if (protocol && kit)
        fe__jput_str(&q->out, j, kit->id, fe__printf(q->a, "%s; protocol of this site: %s", kit->meaning, protocol));
    return j;
}

static void write_need(asking *q, const plan *p, const option *o) {
    json_out *out = &q->out;
    double deficit = o ? o->need_mg : isnan(q->ask.need_mg) ? p->ganzoni_mg : q->ask.need_mg;
    fe__jput_num(out, q->root, "deficit_mg", deficit);
    const char *name = o && o->need_given ? "given" : o ? (o->method->method ? o->method->method : o->method->id) : "ganzoni";
    fe__jput_str(out, q->root, "method", name);
    fe__jput(out, q->root, "methods", methods_json(q, p));
    json_t *x = fe__jobject(out);
    fe__jput_str(out, x, "method", "ganzoni");
    fe__jput_num(out, x, "total_mg", p->ganzoni_mg);
    fe__jput_num(out, x, "differs_mg", o ? fabs(p->ganzoni_mg - o->total_mg) : NAN);
    fe__jput(out, q->root, "cross_check", x);
}

static void write_verified(asking *q, const option *o) {
    json_t *v = fe__jobject(&q->out);
    fe__jput_int(&q->out, v, "limits", o ? (long long)o->verified->checks_n : 0);
    fe__jput(&q->out, v, "broken", o ? fe__write_strings(q, o->verified->broken, o->verified->broken_n) : fe__jarray(&q->out));
    fe__jput(&q->out, q->root, "verified", v);
}

/* best: the optimization behind the plan; NULL when none was asked for. */
static void write_options(asking *q, const plan *p, const optimization *best) {
    json_t *options = fe__jarray(&q->out), *others = fe__jarray(&q->out);
    bool is_done = best && best->is_done;
    const forecast *const *ahead = is_done ? NULL : fe__option_forecasts(q, p);
    for (size_t i = 0; i < p->options_n; i++) {
        fe__facts_set_option(q->facts, p, &p->options[i]);
        fe__jadd(&q->out, options, option_json(q, &p->options[i], is_done ? best->ways[i].ahead : ahead ? ahead[i] : NULL, true));
    }
    for (size_t i = 0; i < p->alternatives_n; i++) {
        fe__facts_set_option(q->facts, p, &p->alternatives[i]);
        fe__jadd(&q->out, others,
                 option_json(q, &p->alternatives[i], is_done ? best->ways[p->options_n + i].ahead : NULL, false));
    }
    fe__jput(&q->out, q->root, "options", options);
    fe__jput(&q->out, q->root, "alternatives", others);
    fe__jput_str(&q->out, q->root, "chosen", p->chosen ? p->chosen->product->id : NULL);
    fe__jput(&q->out, q->root, "excluded", excluded_json(q, p));
}

static const char *plan_verdict(const assessment *s, const plan *p) {
    if (fe__assess_refuses(s->verdict)) return fe__assess_word(s->verdict);
    if (p->chosen) return "planned";
    if (p->options_n) return "needs-acceptance";
    return p->missing ? "missing-data" : "no-legal-plan";
}

/* What the assessment found unknown, set aside while the plan is made; afterwards both together, and what planning alone looked at. */
static bool *forget_unknown(asking *q) {
    bool *seen = q->facts->unknown_term;
    q->facts->unknown_term = FE_NEW_ARRAY(q->a, bool, q->k->terms_n);
    return seen;
}

static bool *remember_unknown(asking *q, const bool *seen) {
    bool *looked_at = q->facts->unknown_term;
    q->facts->unknown_term = FE_NEW_ARRAY(q->a, bool, q->k->terms_n);
    for (size_t i = 0; i < q->k->terms_n; i++) q->facts->unknown_term[i] = seen[i] || looked_at[i];
    return looked_at;
}

/* Compares ways when that is asked for. False after faults. */
static bool optimize(asking *q, plan *p, const optimization **out) {
    *out = NULL;
    if (!q->request->optimize || !p->options_n) return true;
    if (!fe__model_of(q)) return false;
    forecast_ask look = fe__forecast_ask_of(q);
    *out = fe__optimize(q->facts, &q->ask, &look, p);
    return true;
}

void fe__answer_plan(asking *q) {
    plan *p = &(plan){.ganzoni_mg = NAN};
    const optimization *best;
    if (q->request->optimize && !fe__draws_are_asked(q)) return;
    assessment *s = fe__assess(q->facts, &q->ask, &q->said, Q_PLAN);
    bool refused = fe__assess_refuses(s->verdict), *seen = forget_unknown(q);
    if (!refused) p = fe__plan(q->facts, &q->ask);
    if (!optimize(q, p, &best)) return;
    bool *looked_at = remember_unknown(q, seen);
    const option *o = p->options_n ? &p->options[0] : NULL;
    if (!refused && p->missing && !p->options_n) fe__say_by_its_rows(&q->said, "data-missing");
    if (o) {
        fe__facts_set_option(q->facts, p, o);
        fe__say_gates(&q->said, q->facts, o->product, "plan");
        fe__say_rules(&q->said, q->facts, Q_PLAN);
    }
    const char *verdict = plan_verdict(s, p);
    q->refusal = !fe__streq(verdict, "planned");
    again how = {verdict_key, plan_key, &q->ask, looked_at, MISSING_STEPS};
    q->missing = fe__missing(q->facts, &how, &q->missing_n);
    fe__say_end(&q->said, q->facts, Q_PLAN);
    if (o && q->request->draws != 0 && !fe__model_of(q)) return;
    fe__write_head(q, verdict);
    fe__write_findings(q, NULL, 0);
    write_need(q, p, o);
    write_options(q, p, best);
    if (q->request->optimize) fe__jput(&q->out, q->root, "optimize", fe__write_trade(q, best));
    fe__write_assessment(q, s);
    if (o) fe__facts_set_option(q->facts, p, o);
    fe__jput(&q->out, q->root, "calendar", o ? calendar_json(q, o) : fe__jarray(&q->out));
    fe__jput(&q->out, q->root, "premedication", fe__jarray(&q->out));
    fe__jput(&q->out, q->root, "premedication_options", o ? premedication_options(q) : fe__jarray(&q->out));
    fe__jput(&q->out, q->root, "patient_sheet", o ? sheet_json(q) : fe__jarray(&q->out));
    fe__jput(&q->out, q->root, "setup", o ? ids_json(q, &q->k->setup) : fe__jarray(&q->out));
    fe__jput(&q->out, q->root, "words", words_json(q));
    write_verified(q, o);
}
