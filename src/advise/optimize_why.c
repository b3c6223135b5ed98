/* What speaks for one of the ways that an optimization shows, in words. */
#include <math.h>

#include "advise/optimize.h"
#include "base/text.h"

const char *fe__criterion_words(const optimization *x, criterion_id c) {
    static const char *const of_goal[CHANCE_COUNT] = {
        [CHANCE_both_goals] = "both goals",          [CHANCE_hb_goal] = "hemoglobin goal",
        [CHANCE_ferritin_goal] = "ferritin goal",    [CHANCE_rls_response] = "restless legs better",
        [CHANCE_hb_rise_2] = "hemoglobin 2 g/dL up", [CHANCE_hb_rise_1] = "hemoglobin 1 g/dL up"};
    static const char *const words[CRITERIA] = {[CRITERION_iron] = "iron",
                                                [CRITERION_visits] = "visits",
                                                [CRITERION_chair] = "time in the chair",
                                                [CRITERION_reaction] = "reaction (model estimate)",
                                                [CRITERION_phosphate] = "low phosphate",
                                                [CRITERION_ferritin] = "ferritin over the ceiling"};
    return c == CRITERION_goal ? of_goal[x->goal] : words[c];
}

/* A chance, and of how many infusions it is when of more than one. */
static const char *value_words(arena *a, const way *w, criterion_id c) {
    double v = w->merits.value[c];
    const char *of = c == CRITERION_reaction && w->option->n > 1 ? fe__printf(a, " in any of %zu infusions", w->option->n) : "";
    if (isnan(v)) return "unknown";
    switch (c) {
    case CRITERION_iron: return fe__printf(a, "%s mg", fe__number_text(a, v, 0));
    case CRITERION_visits: return fe__number_text(a, v, 0);
    case CRITERION_chair: return fe__printf(a, "%s min", fe__number_text(a, v, 0));
    default: break;
    }
    if (v < 0.01) return fe__printf(a, "under 1 in 100%s", of);
    if (v > 0.99) return fe__printf(a, "over 99 in 100%s", of);
    return fe__printf(a, "%s in 100%s", fe__number_text(a, 100 * v, v < 0.1 ? 1 : 0), of);
}

/* ---- how it differs from the usual way -------------------------------------------------------------------------------------------- */

static void say_how(const way *w, arena *a, text *t) {
    if (!isinf(w->how.most_mg)) fe__text_add(t, "; less iron than the need, on purpose");
    if (!isinf(w->how.most_single_mg)) fe__text_add(t, "; smaller doses than the label allows");
    if (w->how.least_interval > 0)
        fe__text_addf(t,
                      "; at least %s days from dose to dose: tried by this comparison (PR-33), no rule of the label, whose way "
                      "is shown too",
                      fe__number_text(a, w->how.least_interval, 0));
    if (w->how.slower > 1)
        fe__text_addf(t, "; %s times the usual minutes (no dose-response of reactions to the rate is published)",
                      fe__number_text(a, w->how.slower, 2));
}

/* ---- the recommended one ------------------------------------------------------------------------------------------------------------- */

static const char *cover_words(arena *a, const optimization *x, const way *w) {
    return fe__printf(a, "%s of %s mg", fe__number_text(a, fmin(w->option->total_mg, x->need_mg), 0),
                      fe__number_text(a, x->need_mg, 0));
}

static const char *step_words(arena *a, const optimization *x, choice_step s) {
    criterion_id c = fe__criterion_of_step(s);
    if (s == STEP_caution) return "no open caution";
    if (s == STEP_need) return "as much iron as the plan gives";
    if (s == STEP_few_visits) return x->ways[0].merits.is_at_hand ? "no extra visit" : "few visits";
    if (s == STEP_shortfall || s == STEP_cover) return fe__printf(a, "need covered %s", cover_words(a, x, &x->ways[0]));
    return fe__printf(a, "%s %s", fe__criterion_words(x, c), value_words(a, &x->ways[0], c));
}

/* Where no way does well for the goals they decide nothing, and that is said. */
static void say_goals_out_of_reach(const optimization *x, text *t) {
    for (size_t i = 0; i < x->ways_n; i++)
        if (!(x->ways[i].merits.value[CRITERION_goal] <= x->rules.matters[CRITERION_goal]) && x->ways[i].is_modelled) return;
    fe__text_addf(t, "; hardly anyone reaches this in time by any of these ways: %s", fe__criterion_words(x, CRITERION_goal));
}

/* Which step left how many. */
static void say_choice(arena *a, const optimization *x, text *t) {
    size_t left = x->compared;
    fe__text_addf(t, "; recommended of %zu ways inside the label, %zu of them compared closely", x->found, x->compared);
    for (int s = 0; s < STEPS; s++) {
        if (x->choice.left[s] < left)
            fe__text_addf(t, ", %s (%zu do as well)", step_words(a, x, (choice_step)s), x->choice.left[s]);
        left = x->choice.left[s];
    }
    if (left > 1)
        fe__text_addf(t, "; the last %zu tie in everything%s", left, x->ways[0].merits.is_usual ? ": the usual way stays" : "");
}

/* A comparison that chooses otherwise than the plan says so, and by what. */
static void say_plain(arena *a, const optimization *x, text *t) {
    const way *w = &x->ways[x->plain];
    choice_step s = x->plain_loses;
    criterion_id c = fe__criterion_of_step(s);
    if (x->plain == 0) return;
    fe__text_addf(t, "; without this comparison the plan gives %s (%s mg, day", w->option->product->id,
                  fe__number_text(a, w->option->total_mg, 0));
    for (size_t i = 0; i < w->option->n; i++) fe__text_addf(t, "%s %d", i ? "," : "", w->option->infusions[i].day);
    fe__text_add(t, ")");
    if (!w->is_modelled) fe__text_add(t, ", which the model does not know");
    else if (s == STEP_shortfall || s == STEP_cover) fe__text_addf(t, ", which covers %s of the need", cover_words(a, x, w));
    else if (s == STEP_few_visits) fe__text_add(t, ", which takes more visits");
    else if (c < CRITERIA) fe__text_addf(t, ", which is worse in %s (%s)", fe__criterion_words(x, c), value_words(a, w, c));
}

/* ---- another one ---------------------------------------------------------------------------------------------------------------------- */

static void say_those(arena *a, const optimization *x, size_t i, standing_kind kind, const char *opening, text *t) {
    const merits *one = &x->ways[i].merits, *first = &x->ways[0].merits;
    size_t n = 0;
    for (int c = 0; c < CRITERIA; c++) {
        standing s = fe__stand(&x->rules, one, first, (criterion_id)c);
        bool told = kind == STANDS_EQUAL ? fe__is_tie(s.kind) : s.kind == kind;
        if (!told) continue;
        fe__text_addf(t, "%s%s",
                      n++                     ? ", "
                      : t->s[t->n - 1] == ':' ? opening
                                              : fe__printf(a, ";%s", opening),
                      fe__criterion_words(x, (criterion_id)c));
        if (kind != STANDS_EQUAL)
            fe__text_addf(t, " (%s, not %s)", value_words(a, &x->ways[i], (criterion_id)c),
                          value_words(a, &x->ways[0], (criterion_id)c));
    }
}

static void say_beside(arena *a, const optimization *x, size_t i, text *t) {
    if (!x->ways[i].is_modelled) {
        fe__text_add(t, "; not compared: the model does not know it");
        return;
    }
    if (x->ways[i].merits.uncovered > x->rules.matters[CRITERION_iron])
        fe__text_addf(t, "; covers %s of the need", cover_words(a, x, &x->ways[i]));
    fe__text_add(t, "; beside the recommended:");
    say_those(a, x, i, STANDS_BETTER, " better in ", t);
    say_those(a, x, i, STANDS_WORSE, " worse in ", t);
    say_those(a, x, i, STANDS_EQUAL, " a tie in ", t);
}

const char *fe__way_why(facts *f, const optimization *x, size_t i) {
    const way *w = &x->ways[i];
    text t;
    fe__text_init(&t, f->a);
    fe__text_add(&t, fe__option_why(f, w->option));
    say_how(w, f->a, &t);
    if (i == 0) say_choice(f->a, x, &t);
    if (i == 0) say_plain(f->a, x, &t);
    if (i == 0) say_goals_out_of_reach(x, &t);
    else say_beside(f->a, x, i, &t);
    return t.s;
}
