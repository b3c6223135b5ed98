#include "advise/optimize.h"

#include <math.h>

#include "base/text.h"

enum { DRAWS_FEW = 96, WAYS_MAX = 16 };

const char *fe__criterion_id(const optimization *x, criterion_id c) {
    static const char *const fields[CRITERIA] = {[CRITERION_iron] = "total_mg",
                                                 [CRITERION_visits] = "visits",
                                                 [CRITERION_chair] = "chair_minutes",
                                                 [CRITERION_reaction] = "fishbane",
                                                 [CRITERION_phosphate] = "hypophosphatemia",
                                                 [CRITERION_ferritin] = "ferritin-over-500"};
    return c == CRITERION_goal ? fe__chance_ids[x->goal] : fields[c];
}

/* ---- merits --------------------------------------------------------------------------------------------------------------------------- */

static trade_rules rules_of(const practice *k, double need_mg) {
    return (trade_rules){.enough = {[CRITERION_iron] = isnan(need_mg) ? 0 : need_mg},
                         .much_uncovered = k->phosphate_shortfall_mg,
                         .large_phosphate = k->large_phosphate,
                         .matters = {[CRITERION_goal] = k->tie_goal,
                                     [CRITERION_iron] = k->tie_iron_mg,
                                     [CRITERION_chair] = k->tie_chair_minutes,
                                     [CRITERION_reaction] = k->tie_reaction,
                                     [CRITERION_phosphate] = k->tie_phosphate,
                                     [CRITERION_ferritin] = k->tie_ferritin},
                         .few_visits = k->few_visits_max};
}

/* What every product is held against: the need that was asked for, else Ganzoni's, in whole doses and less what was given in this course. */
static double need_left(facts *f, const plan_ask *ask, const plan *p) {
    const practice *k = &f->k->practice;
    double step = k->need_round_mg, need = !isnan(ask->need_mg)    ? ask->need_mg
                                           : p->ganzoni_mg >= step ? step * floor(p->ganzoni_mg / step + 1e-9)
                                                                   : p->ganzoni_mg;
    size_t n;
    const given_iron *given = fe__given_iron_of(f, &n);
    for (size_t i = 0; i < n; i++)
        if ((double)(f->today - given[i].day) < k->course_window_days) need -= given[i].dose_mg;
    return need < 0 ? 0 : need;
}

/* Few draws take nothing away on chance: half of what matters counts as an advantage. */
static trade_rules half_of(trade_rules r) {
    for (int c = 0; c < CRITERIA; c++) r.matters[c] /= 2;
    return r;
}

static void put_chance(merits *m, criterion_id c, const forecast *x, chance_id id) {
    m->value[c] = x->chances[id].p;
    m->of_draw[c] = x->of_draw[id];
}

static merits merits_of(const optimization *all, const candidate *w, const forecast *x) {
    const option *o = &w->option;
    merits m = {.is_open = o->cautions_n > 0,
                .is_short = w->is_short,
                .is_at_hand = o->method->dose.type == DOSE_PER_SESSION,
                .is_usual = w->is_usual};
    for (int c = 0; c < CRITERIA; c++) m.value[c] = NAN;
    m.uncovered = all->need_mg > o->total_mg ? all->need_mg - o->total_mg : 0;
    m.value[CRITERION_iron] = o->total_mg;
    m.value[CRITERION_visits] = m.is_at_hand ? 0 : (double)o->n;
    m.value[CRITERION_chair] = o->chair_minutes;
    if (x->verdict != FORECAST) return m;
    m.draws = x->draws;
    m.is_whole = x->failed == 0;
    put_chance(&m, CRITERION_goal, x, all->goal);
    put_chance(&m, CRITERION_reaction, x, CHANCE_fishbane);
    put_chance(&m, CRITERION_phosphate, x, CHANCE_hypophosphatemia);
    put_chance(&m, CRITERION_ferritin, x, CHANCE_ferritin_over_500);
    return m;
}

/* The goals of the course; without any, what iron is given for. */
static chance_id goal_of(const forecast *x) {
    static const chance_id told[] = {CHANCE_both_goals,   CHANCE_hb_goal,   CHANCE_ferritin_goal,
                                     CHANCE_rls_response, CHANCE_hb_rise_2, CHANCE_hb_rise_1};
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        if (!isnan(x->chances[told[i]].p)) return told[i];
    return CHANCE_hb_rise_1;
}

/* ---- rounds ----------------------------------------------------------------------------------------------------------------------------- */

typedef struct optimizing {
    facts *f;
    const plan_ask *ask;
    const forecast_ask *look;
    const plan *plan;
    optimization *out;
    candidate_list all;
    merits *merits;               /* [all.n] of the last round that each was in */
    const forecast **ahead;       /* [all.n] */
    size_t known;                 /* of all.list: those with merits */
    bool has_goal;                /* out->goal is chosen */
    size_t *list, *room, *front_; /* [all.n] */
} optimizing;

static void make_room(optimizing *x) {
    arena *a = x->f->a;
    merits *m = FE_NEW_ARRAY(a, merits, x->all.n + 1);
    const forecast **ahead = FE_NEW_ARRAY(a, const forecast *, x->all.n + 1);
    for (size_t i = 0; i < x->known; i++) m[i] = x->merits[i], ahead[i] = x->ahead[i];
    x->merits = m;
    x->ahead = ahead;
    x->list = FE_NEW_ARRAY(a, size_t, x->all.n + 1);
    x->room = FE_NEW_ARRAY(a, size_t, x->all.n + 1);
    x->front_ = FE_NEW_ARRAY(a, size_t, x->all.n + 1);
}

/* Chances look no further than this, so that a first round need not either. */
static double weeks_enough(const facts *f, const forecast_ask *look) {
    const model_numbers *n = &look->m->n;
    const goals *g = &f->c->goals;
    bool has_any = !isnan(g->hemoglobin_g_dl) || !isnan(g->ferritin_ug_l) || !isnan(g->irls) || !isnan(g->fatigue);
    if (has_any && isnan(g->by_weeks)) return look->weeks;
    return ceil(
        fmax(has_any ? g->by_weeks : 0, fmax(fmax(n->ferritin_days, n->rise_days), fmax(n->phosphate_days, n->irls_days)) / 7));
}

static void play(optimizing *x, const size_t *which, size_t n, const forecast_ask *look) {
    option *options = FE_NEW_ARRAY(x->f->a, option, n + 1);
    for (size_t i = 0; i < n; i++) options[i] = x->all.list[which[i]].option;
    const forecast *const *ahead = fe__forecast_options(x->f, look, options, n);
    for (size_t i = 0; i < n && !x->has_goal; i++) {
        x->has_goal = ahead[i]->verdict == FORECAST;
        if (x->has_goal) x->out->goal = goal_of(ahead[i]);
    }
    for (size_t i = 0; i < n; i++) {
        x->ahead[which[i]] = ahead[i];
        x->merits[which[i]] = merits_of(x->out, &x->all.list[which[i]], ahead[i]);
    }
}

/* Those that nobody has looked at yet, with few draws. */
static void first_round(optimizing *x) {
    forecast_ask look = *x->look;
    make_room(x);
    look.draws = look.draws < DRAWS_FEW ? look.draws : DRAWS_FEW;
    look.weeks = weeks_enough(x->f, x->look);
    look.chances_only = true;
    look.progress = NULL;
    x->out->draws_few = look.draws;
    size_t n = 0;
    for (size_t i = x->known; i < x->all.n; i++) x->list[n++] = i;
    play(x, x->list, n, &look);
    x->known = x->all.n;
}

static bool is_modelled(const optimizing *x, size_t i) { return x->ahead[i] && x->ahead[i]->verdict == FORECAST; }

/* Modelled ways into list[]; of one product when it is said. */
static size_t modelled(optimizing *x, const product *p, const bool *among) {
    size_t n = 0;
    for (size_t i = 0; i < x->all.n; i++)
        if (is_modelled(x, i) && (!p || x->all.list[i].option.product == p) && (!among || among[i])) x->list[n++] = i;
    return n;
}

static size_t best_of(optimizing *x, size_t n) { return fe__choose(&x->out->rules, x->merits, x->list, n, x->room).chosen; }

/* The front of those in list[], as indices of ways, into front_[]. by_numbers: chance excuses no difference. */
static size_t front_of(optimizing *x, const trade_rules *r, size_t n, size_t first, bool by_numbers) {
    merits *m = FE_NEW_ARRAY(x->f->a, merits, n + 1);
    bool *beaten = FE_NEW_ARRAY(x->f->a, bool, n + 1);
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        m[i] = x->merits[x->list[i]];
        for (int c = 0; c < CRITERIA && by_numbers; c++) m[i].of_draw[c] = NULL;
        if (x->list[i] == first) at = i;
    }
    size_t kept = fe__front(r, m, n, at, beaten, x->front_);
    for (size_t i = 0; i < kept; i++) x->front_[i] = x->list[x->front_[i]];
    return kept;
}

/* What few draws leave worth a look. */
static size_t front_by_few(optimizing *x) {
    trade_rules r = half_of(x->out->rules);
    size_t n = modelled(x, NULL, NULL), best = best_of(x, n);
    return front_of(x, &r, n, best, true);
}

/* Slower infusions where the usual minutes leave a risk that another time could clearly lower. */
static void add_slower(optimizing *x) {
    size_t n = front_by_few(x);
    for (size_t i = 0; i < n; i++) {
        const candidate *w = &x->all.list[x->front_[i]];
        if (x->merits[x->front_[i]].value[CRITERION_reaction] > x->out->rules.matters[CRITERION_reaction])
            fe__slower_candidates(x->f, x->ask, *w, &x->all);
    }
    if (x->all.n > x->known) first_round(x);
}

/* Of front_[] that is not in yet: of those that tie with the best in one criterion, the one that does best for the goals. all.n: none is left. */
static size_t best_in(const optimizing *x, const bool *in, size_t front, criterion_id c) {
    double least = INFINITY;
    size_t best = x->all.n;
    for (size_t i = 0; i < front; i++)
        if (!in[x->front_[i]]) least = fmin(least, x->merits[x->front_[i]].value[c]);
    for (size_t i = 0; i < front; i++) {
        size_t w = x->front_[i];
        const double *v = x->merits[w].value;
        if (in[w] || !(v[c] <= least + x->out->rules.matters[c])) continue;
        if (best == x->all.n || v[CRITERION_goal] > x->merits[best].value[CRITERION_goal]) best = w;
    }
    return best;
}

/* The front by turns: what is best in each criterion, while there is room. */
static void add_front(optimizing *x, bool *in, size_t n) {
    static const criterion_id turns[] = {CRITERION_visits,    CRITERION_iron,     CRITERION_reaction,
                                         CRITERION_phosphate, CRITERION_ferritin, CRITERION_chair};
    size_t front = front_by_few(x), idle = 0;
    for (size_t turn = 0; n < WAYS_MAX && idle < sizeof turns / sizeof *turns; turn++) {
        size_t w = best_in(x, in, front, turns[turn % (sizeof turns / sizeof *turns)]);
        idle = w == x->all.n ? idle + 1 : 0;
        if (w < x->all.n) in[w] = true, n++;
    }
    for (size_t i = 0; i < front; i++) x->out->left_out += !in[x->front_[i]];
}

/* Who goes into the last round: the usual way and the best two of each product, and the front as far as there is room. */
static void last_round(optimizing *x) {
    bool *in = FE_NEW_ARRAY(x->f->a, bool, x->all.n + 1), *left = FE_NEW_ARRAY(x->f->a, bool, x->all.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < x->all.n; i++) left[i] = true;
    for (size_t turn = 0; turn < 2 * x->plan->options_n; turn++) {
        size_t of_product = modelled(x, x->plan->options[turn / 2].product, left);
        if (of_product == 0) continue;
        size_t best = best_of(x, of_product);
        in[best] = true;
        left[best] = false;
    }
    for (size_t i = 0; i < x->all.n; i++) {
        in[i] = in[i] || x->all.list[i].is_usual;
        n += in[i];
    }
    add_front(x, in, n);
    for (size_t i = n = 0; i < x->all.n; i++)
        if (in[i]) x->list[n++] = i;
    for (size_t i = 0; i < x->all.n; i++)
        if (!in[i]) x->ahead[i] = NULL;
    x->out->compared = n;
    play(x, x->list, n, x->look);
}

/* ---- what is shown -------------------------------------------------------------------------------------------------------------------------- */

static void show(optimizing *x, size_t i) {
    optimization *out = x->out;
    way *w = &out->ways[out->ways_n];
    *w = (way){.option = &x->all.list[i].option,
               .ahead = x->ahead[i],
               .merits = x->merits[i],
               .how = x->all.list[i].how,
               .is_modelled = is_modelled(x, i),
               .instead = out->ways_n};
    out->ways_n++;
}

/* The recommended one first, then the best of each other product, best first; those that the model does not know last. */
static void show_options(optimizing *x) {
    const plan *p = x->plan;
    bool *among = FE_NEW_ARRAY(x->f->a, bool, x->all.n + 1);
    size_t n = modelled(x, NULL, NULL);
    x->out->choice = fe__choose(&x->out->rules, x->merits, x->list, n, x->room);
    size_t first = x->out->choice.chosen;
    show(x, first);
    for (size_t i = 0; i < p->options_n; i++) {
        if (p->options[i].product == x->all.list[first].option.product) continue;
        n = modelled(x, p->options[i].product, NULL);
        if (n) among[best_of(x, n)] = true;
    }
    while ((n = modelled(x, NULL, among)) > 0) {
        size_t best = best_of(x, n);
        show(x, best);
        among[best] = false;
    }
    for (size_t i = 0; i < x->all.n; i++)
        if (x->ahead[i] && !is_modelled(x, i)) show(x, i);
    x->out->options_n = x->out->ways_n;
}

static bool is_shown(const optimization *out, const option *o) {
    for (size_t i = 0; i < out->ways_n; i++)
        if (out->ways[i].option == o) return true;
    return false;
}

/* Beside what a comparison makes of a product stands what its label's method gives by itself. */
static void show_usual(optimizing *x) {
    optimization *out = x->out;
    for (size_t i = 0; i < x->all.n; i++)
        if (x->all.list[i].is_usual && !is_shown(out, &x->all.list[i].option)) show(x, i);
    while (out->ways[out->plain].option != &x->all.list[0].option) out->plain++;
    out->plain_loses = STEPS;
    if (out->plain > 0 && out->ways[out->plain].is_modelled)
        out->plain_loses = fe__deciding_step(&out->rules, &out->ways[0].merits, &out->ways[out->plain].merits);
}

static void show_front(optimizing *x) {
    optimization *out = x->out;
    size_t n = modelled(x, NULL, NULL), kept = front_of(x, &out->rules, n, out->choice.chosen, false);
    for (size_t i = 0; i < kept; i++) {
        if (!is_shown(out, &x->all.list[x->front_[i]].option)) show(x, x->front_[i]);
        for (size_t k = 0; k < out->ways_n; k++)
            if (out->ways[k].option == &x->all.list[x->front_[i]].option) out->ways[k].is_worth_a_look = true;
    }
    for (size_t i = 0; i < out->ways_n; i++)
        for (size_t k = 0; k < out->ways_n && out->ways[i].is_modelled && !out->ways[i].is_worth_a_look; k++)
            if (out->ways[k].is_worth_a_look && !fe__has_advantage(&out->rules, &out->ways[i].merits, &out->ways[k].merits)) {
                out->ways[i].instead = k;
                break;
            }
}

static void put_into(facts *f, const optimization *x, plan *p) {
    p->options = FE_NEW_ARRAY(f->a, option, x->ways_n + 1);
    p->options_n = x->options_n;
    p->options_cap = x->ways_n + 1;
    p->alternatives = p->options + x->options_n;
    p->alternatives_n = x->ways_n - x->options_n;
    p->alternatives_cap = p->alternatives_n;
    for (size_t i = 0; i < x->ways_n; i++) {
        p->options[i] = *x->ways[i].option;
        p->options[i].why = fe__way_why(f, x, i);
        x->ways[i].option = &p->options[i];
    }
    p->chosen = p->options[0].cautions_n == 0 ? &p->options[0] : NULL;
    fe__facts_view(f, p->options[0].product);
}

/* A goal for hemoglobin and one for stores: then less iron is seen for what it costs. */
static bool has_both_goals(const facts *f) { return !isnan(f->c->goals.hemoglobin_g_dl) && !isnan(f->c->goals.ferritin_ug_l); }

optimization *fe__optimize(facts *f, const plan_ask *ask, const forecast_ask *look, plan *p) {
    optimization *out = FE_NEW(f->a, optimization);
    forecast_ask whole = *look;
    optimizing x = {.f = f, .ask = ask, .look = &whole, .plan = p, .out = out};
    whole.keeps_draws = true;
    whole.from = fe__options_begin(f, p->options, p->options_n); /* no variation begins before its plan */
    out->need_mg = need_left(f, ask, p);
    out->rules = rules_of(&f->k->practice, out->need_mg);
    fe__candidates(f, ask, p, has_both_goals(f), &x.all);
    first_round(&x);
    if (modelled(&x, NULL, NULL) == 0) {
        out->why_not = x.ahead[0]->text;
        return out;
    }
    add_slower(&x);
    out->found = x.all.n;
    last_round(&x);
    if (modelled(&x, NULL, NULL) == 0) {
        out->why_not = x.ahead[0]->text;
        return out;
    }
    out->is_done = true;
    out->ways = FE_NEW_ARRAY(f->a, way, x.all.n + 1);
    show_options(&x);
    show_usual(&x);
    show_front(&x);
    put_into(f, out, p);
    return out;
}
