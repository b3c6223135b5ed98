#include "exchange/write_trade.h"

#include <math.h>

#include "base/text.h"

static json_t *criterion_json(asking *q, const optimization *x, criterion_id c) {
    static const char *const units[CRITERIA] = {[CRITERION_iron] = "mg", [CRITERION_chair] = "min"};
    json_out *o = &q->out;
    json_t *j = fe__jobject(o);
    fe__jput_str(o, j, "id", fe__criterion_id(x, c));
    fe__jput_str(o, j, "words", fe__criterion_words(x, c));
    fe__jput_str(o, j, "unit", units[c] ? units[c] : "1");
    fe__jput_str(o, j, "better", c == CRITERION_goal ? "more" : "less");
    fe__jput_num(o, j, "ties_up_to", x->rules.matters[c]);
    fe__jput_num(o, j, "enough", x->rules.enough[c] > 0 ? x->rules.enough[c] : NAN);
    return j;
}

static const char *step_id(const optimization *x, choice_step s) {
    static const char *const names[STEPS] = {
        [STEP_caution] = "open-cautions", [STEP_need] = "meets-the-plan",         [STEP_few_visits] = "few-visits",
        [STEP_shortfall] = "shortfall",   [STEP_low_phosphate] = "low-phosphate", [STEP_cover] = "covers-the-need"};
    return names[s] ? names[s] : fe__criterion_id(x, fe__criterion_of_step(s));
}

static json_t *steps_json(asking *q, const optimization *x) {
    json_out *o = &q->out;
    json_t *list = fe__jarray(o);
    for (int s = 0; s < STEPS; s++) {
        json_t *j = fe__jobject(o);
        fe__jput_str(o, j, "step", step_id(x, (choice_step)s));
        fe__jput_int(o, j, "left", (long long)x->choice.left[s]);
        fe__jadd(o, list, j);
    }
    return list;
}

/* Beside the recommended way. */
static json_t *values_json(asking *q, const optimization *x, const way *w) {
    static const char *const stands[] = {[STANDS_BETTER] = "better",
                                         [STANDS_WORSE] = "worse",
                                         [STANDS_EQUAL] = "equal",
                                         [STANDS_TOO_SMALL] = "tie-too-small",
                                         [STANDS_BY_CHANCE] = "tie-by-chance",
                                         [STANDS_UNKNOWN] = "unknown"};
    json_out *o = &q->out;
    json_t *all = fe__jobject(o);
    for (int c = 0; c < CRITERIA; c++) {
        standing s = fe__stand(&x->rules, &w->merits, &x->ways[0].merits, (criterion_id)c);
        json_t *j = fe__jobject(o);
        fe__jput_num(o, j, "value", w->merits.value[c]);
        fe__jput_str(o, j, "stands", stands[s.kind]);
        fe__jput_num(o, j, "difference", s.difference);
        fe__jput_num(o, j, "error", s.kind == STANDS_UNKNOWN ? NAN : s.error);
        fe__jput(o, all, fe__criterion_id(x, (criterion_id)c), j);
    }
    return all;
}

static json_t *how_json(asking *q, const variation *how) {
    json_out *o = &q->out;
    json_t *j = fe__jobject(o);
    fe__jput_num(o, j, "most_mg", isinf(how->most_mg) ? NAN : how->most_mg);
    fe__jput_num(o, j, "most_single_mg", isinf(how->most_single_mg) ? NAN : how->most_single_mg);
    fe__jput_num(o, j, "least_interval_days", how->least_interval > 0 ? how->least_interval : NAN);
    fe__jput_num(o, j, "slower", how->slower);
    return j;
}

static const char *place_of(asking *q, const optimization *x, size_t i) {
    bool is_option = i < x->options_n;
    return fe__printf(q->a, "/%s/%zu", is_option ? "options" : "alternatives", is_option ? i : i - x->options_n);
}

static json_t *ways_json(asking *q, const optimization *x) {
    json_out *o = &q->out;
    json_t *list = fe__jarray(o);
    for (size_t i = 0; i < x->ways_n; i++) {
        const way *w = &x->ways[i];
        json_t *j = fe__jobject(o);
        fe__jput_str(o, j, "at", place_of(q, x, i));
        fe__jput_str(o, j, "product", w->option->product->id);
        fe__jput_bool(o, j, "usual", w->merits.is_usual);
        fe__jput_bool(o, j, "modelled", w->is_modelled);
        fe__jput_bool(o, j, "worth_a_look", w->is_worth_a_look);
        fe__jput_str(o, j, "instead", w->instead == i ? NULL : place_of(q, x, w->instead));
        fe__jput_num(o, j, "uncovered_mg", isnan(x->need_mg) ? NAN : w->merits.uncovered);
        fe__jput(o, j, "varies", how_json(q, &w->how));
        fe__jput(o, j, "values", values_json(q, x, w));
        fe__jadd(o, list, j);
    }
    return list;
}

/* What the plan gives without a comparison, and what decided against it. */
static json_t *plain_json(asking *q, const optimization *x) {
    json_out *o = &q->out;
    json_t *j = fe__jobject(o);
    fe__jput_str(o, j, "at", place_of(q, x, x->plain));
    fe__jput_bool(o, j, "same", x->plain == 0);
    fe__jput_str(o, j, "decided_by", x->plain_loses == STEPS ? NULL : step_id(x, x->plain_loses));
    return j;
}

json_t *fe__write_trade(asking *q, const optimization *x) {
    json_out *o = &q->out;
    if (!x) return json_null();
    json_t *j = fe__jobject(o);
    fe__jput_bool(o, j, "done", x->is_done);
    fe__jput_str(o, j, "why_not", x->why_not);
    if (!x->is_done) return j;
    fe__jput_int(o, j, "found", (long long)x->found);
    fe__jput_int(o, j, "compared", (long long)x->compared);
    fe__jput_int(o, j, "left_out", (long long)x->left_out);
    fe__jput_int(o, j, "draws_few", (long long)x->draws_few);
    fe__jput_int(o, j, "draws", (long long)x->ways[0].merits.draws);
    fe__jput_num(o, j, "need_mg", x->need_mg);
    fe__jput(o, j, "plain", plain_json(q, x));
    json_t *criteria = fe__jarray(o);
    for (int c = 0; c < CRITERIA; c++) fe__jadd(o, criteria, criterion_json(q, x, (criterion_id)c));
    fe__jput(o, j, "criteria", criteria);
    fe__jput(o, j, "steps", steps_json(q, x));
    fe__jput(o, j, "ways", ways_json(q, x));
    return j;
}
