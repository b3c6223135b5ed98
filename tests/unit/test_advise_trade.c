/* The trade-off between ways: what is better, what is a tie, which ways are kept; held against the definitions tried in full. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>

#include "advise/trade.h"

enum { WAYS = 14, ROUNDS = 4000, DRAWS = 200 };

static const trade_rules rules = {.matters = {[CRITERION_goal] = 0.05,
                                              [CRITERION_iron] = 100,
                                              [CRITERION_chair] = 15,
                                              [CRITERION_reaction] = 0.02,
                                              [CRITERION_phosphate] = 0.05,
                                              [CRITERION_ferritin] = 0.05},
                                  .enough = {[CRITERION_iron] = 121},
                                  .few_visits = 2,
                                  .much_uncovered = 750,
                                  .large_phosphate = 0.07};

static uint64_t state = 20261125;
static double uniform(void) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (double)(state >> 11) / 9007199254740992.0;
}

static merits a_way(void) {
    return (merits){.value = {[CRITERION_goal] = 0.5,
                              [CRITERION_iron] = 1000,
                              [CRITERION_visits] = 2,
                              [CRITERION_chair] = 30,
                              [CRITERION_reaction] = 0.05,
                              [CRITERION_phosphate] = 0.2,
                              [CRITERION_ferritin] = 0.1}};
}

/* Values lie on a grid about as wide as what matters, so that ties, dominance and equality all happen. */
static void random_ways(merits *w, size_t n) {
    for (size_t i = 0; i < n; i++) {
        w[i] = a_way();
        for (int c = 0; c < CRITERIA; c++) {
            double step = rules.matters[c] > 0 ? rules.matters[c] * 0.6 : 1;
            w[i].value[c] = 1 + step * floor(4 * uniform());
        }
        w[i].uncovered = 90 * floor(10 * uniform());
        w[i].is_open = uniform() < 0.1;
        w[i].is_short = uniform() < 0.2;
        w[i].is_usual = uniform() < 0.2;
    }
}

/* ---- two ways ------------------------------------------------------------------------------------------------------------------- */

static void a_difference_is_clear_beyond_what_matters(void **unused) {
    (void)unused;
    merits one = a_way(), other = a_way();
    assert_int_equal(fe__stand(&rules, &one, &other, CRITERION_iron).kind, STANDS_EQUAL);
    one.value[CRITERION_iron] = 1100;
    assert_int_equal(fe__stand(&rules, &one, &other, CRITERION_iron).kind, STANDS_TOO_SMALL);
    one.value[CRITERION_iron] = 1101;
    assert_int_equal(fe__stand(&rules, &one, &other, CRITERION_iron).kind, STANDS_WORSE);
    assert_int_equal(fe__stand(&rules, &other, &one, CRITERION_iron).kind, STANDS_BETTER);
    one.value[CRITERION_goal] = 0.56;
    assert_int_equal(fe__stand(&rules, &one, &other, CRITERION_goal).kind, STANDS_BETTER);
    one.value[CRITERION_visits] = 3;
    assert_int_equal(fe__stand(&rules, &one, &other, CRITERION_visits).kind, STANDS_WORSE);
    one.value[CRITERION_ferritin] = NAN;
    assert_int_equal(fe__stand(&rules, &one, &other, CRITERION_ferritin).kind, STANDS_UNKNOWN);
    assert_false(fe__is_tie(STANDS_UNKNOWN));
}

/* Draws of two ways that both reach the goal together but for a few: in pairs they differ clearly, as strangers they do not. */
static void the_same_bodies_tell_more_than_strangers(void **unused) {
    (void)unused;
    double a[DRAWS], b[DRAWS], sum_a = 0, sum_b = 0, error = 0;
    for (int i = 0; i < DRAWS; i++) {
        a[i] = i % 2;
        b[i] = i < 28 ? 0 : a[i];
        sum_a += a[i], sum_b += b[i];
    }
    merits one = a_way(), other = a_way();
    one.value[CRITERION_goal] = sum_a / DRAWS, other.value[CRITERION_goal] = sum_b / DRAWS;
    one.of_draw[CRITERION_goal] = a, other.of_draw[CRITERION_goal] = b;
    one.draws = other.draws = DRAWS;
    one.is_whole = other.is_whole = true;
    double p = (sum_a - sum_b) / DRAWS; /* the difference of a draw is 0 or 1 */
    error = 1.6448536269514722 * sqrt(p * (1 - p) / (DRAWS - 1));
    standing s = fe__stand(&rules, &one, &other, CRITERION_goal);
    assert_true(fabs(s.difference - p) < 1e-12 && fabs(s.error - error) < 1e-12);
    assert_int_equal(s.kind, STANDS_BETTER);
    other.is_whole = false; /* numbers of the draws no longer name the same bodies */
    s = fe__stand(&rules, &one, &other, CRITERION_goal);
    double pa = sum_a / DRAWS, pb = sum_b / DRAWS;
    error = 1.6448536269514722 * sqrt((pa * (1 - pa) + pb * (1 - pb)) / (DRAWS - 1));
    assert_true(fabs(s.error - error) < 1e-12);
    assert_int_equal(s.kind, STANDS_BY_CHANCE);
    assert_true(fe__is_tie(s.kind));
}

/* ---- a choice --------------------------------------------------------------------------------------------------------------------- */

/* What a step asks for, written once more: a number of which less is better, and how much of it does not matter. */
static double asked(const merits *w, int step, double *slack) {
    static const int in_order[STEPS] = {-1,
                                        -2,
                                        -3,
                                        -4,
                                        -5,
                                        -6,
                                        CRITERION_goal,
                                        CRITERION_phosphate,
                                        CRITERION_visits,
                                        CRITERION_chair,
                                        CRITERION_ferritin,
                                        CRITERION_reaction,
                                        CRITERION_iron};
    int c = in_order[step];
    double v = c >= 0 ? w->value[c] : c == -5 ? w->value[CRITERION_phosphate] : w->uncovered;
    *slack = c >= 0 ? rules.matters[c] + 1e-9 : c == -4 ? 749.9 : c == -5 ? 0.07 + 1e-9 : c == -6 ? 100 : 0;
    if (c == -1) return w->is_open;
    if (c == -2) return w->is_short;
    if (c == -3) return w->value[CRITERION_visits] <= rules.few_visits ? 0 : 1;
    if (c == CRITERION_iron) return fmax(v, 121);
    return c == CRITERION_goal ? -v : v;
}

static void a_choice_keeps_at_each_step_what_ties_with_the_best(void **unused) {
    (void)unused;
    for (int round = 0; round < ROUNDS; round++) {
        merits w[WAYS];
        size_t list[WAYS], room[WAYS], n = 1 + (size_t)(uniform() * WAYS), first = WAYS;
        bool in[WAYS] = {false};
        random_ways(w, n);
        for (size_t i = 0; i < n; i++) list[i] = i, in[i] = true;
        choice x = fe__choose(&rules, w, list, n, room);
        for (int s = 0; s < STEPS; s++) {
            double least = INFINITY, slack;
            size_t left = 0;
            for (size_t i = 0; i < n; i++)
                if (in[i]) least = fmin(least, asked(&w[i], s, &slack));
            for (size_t i = 0; i < n; i++) left += in[i] = in[i] && asked(&w[i], s, &slack) <= least + slack;
            assert_int_equal(x.left[s], left);
        }
        for (size_t i = n; i-- > 0;)
            if (in[i]) first = i;
        for (size_t i = n; i-- > 0;)
            if (in[i] && w[i].is_usual) first = i;
        assert_int_equal(x.chosen, first);
    }
}

/* Guidance before the model, and the model's risk of a reaction after everything that patients and guidance weigh. */
static void few_visits_go_before_the_goals_and_minutes_before_reactions(void **unused) {
    (void)unused;
    merits w[3] = {a_way(), a_way(), a_way()};
    size_t list[3] = {0, 1, 2}, room[3];
    w[0].value[CRITERION_visits] = 7, w[0].value[CRITERION_goal] = 0.9;
    w[1].value[CRITERION_chair] = 240, w[1].value[CRITERION_reaction] = 0.001;
    assert_int_equal(fe__choose(&rules, w, list, 3, room).chosen, 2);
    w[0].is_at_hand = true; /* at dialysis they are no extra visits */
    assert_int_equal(fe__choose(&rules, w, list, 3, room).chosen, 0);
    w[1].value[CRITERION_chair] = 45; /* a tie, as 15 minutes are here */
    w[0].is_at_hand = false;
    assert_int_equal(fe__choose(&rules, w, list, 3, room).chosen, 1);
}

static void less_iron_than_the_plan_is_never_chosen(void **unused) {
    (void)unused;
    merits w[2] = {a_way(), a_way()};
    size_t list[2] = {0, 1}, room[2];
    w[0].is_short = true;
    w[0].value[CRITERION_iron] = 500;
    w[0].value[CRITERION_visits] = 1;
    assert_int_equal(fe__choose(&rules, w, list, 2, room).chosen, 1);
    w[0].is_short = false;
    assert_int_equal(fe__choose(&rules, w, list, 2, room).chosen, 0);
}

/* As much iron as the need is worth more than a visit, and is never too much of it. */
static void the_need_goes_before_visits_and_iron_up_to_it_is_never_worse(void **unused) {
    (void)unused;
    merits w[2] = {a_way(), a_way()};
    size_t list[2] = {0, 1}, room[2];
    trade_rules r = rules;
    r.enough[CRITERION_iron] = 1000;
    w[0].value[CRITERION_iron] = 720, w[0].uncovered = 280, w[0].value[CRITERION_visits] = 1, w[0].value[CRITERION_chair] = 10;
    w[1].value[CRITERION_iron] = 1080;
    assert_int_equal(fe__choose(&r, w, list, 2, room).chosen, 1);
    assert_int_equal(fe__deciding_step(&r, &w[1], &w[0]), STEP_cover);
    assert_int_equal(fe__stand(&r, &w[1], &w[0], CRITERION_iron).kind, STANDS_TOO_SMALL);
    assert_true(fe__has_advantage(&r, &w[1], &w[0]));
    w[1].value[CRITERION_iron] = 1101;
    assert_int_equal(fe__stand(&r, &w[1], &w[0], CRITERION_iron).kind, STANDS_WORSE);
    w[0].uncovered = 100;
    assert_int_equal(fe__choose(&r, w, list, 2, room).chosen, 0);
}

/* A large difference in low phosphate goes before goals and what is left of the need, unless much of it is. */
static void a_large_risk_of_low_phosphate_goes_before_goals_and_the_rest_of_the_need(void **unused) {
    (void)unused;
    merits w[2] = {a_way(), a_way()};
    size_t list[2] = {0, 1}, room[2];
    w[0].value[CRITERION_phosphate] = 0.28, w[0].value[CRITERION_goal] = 0.9;
    w[1].uncovered = 749;
    assert_int_equal(fe__choose(&rules, w, list, 2, room).chosen, 1);
    assert_int_equal(fe__deciding_step(&rules, &w[1], &w[0]), STEP_low_phosphate);
    w[1].uncovered = 750;
    assert_int_equal(fe__choose(&rules, w, list, 2, room).chosen, 0);
    assert_int_equal(fe__deciding_step(&rules, &w[0], &w[1]), STEP_shortfall);
    w[1].uncovered = 0, w[0].value[CRITERION_phosphate] = 0.26; /* no large one */
    assert_int_equal(fe__choose(&rules, w, list, 2, room).chosen, 0);
    assert_int_equal(fe__deciding_step(&rules, &w[0], &w[1]), STEP_goal);
    assert_int_equal(fe__deciding_step(&rules, &w[0], &w[0]), STEPS);
}

/* An unknown chance is no good chance. */
static void what_is_known_goes_before_what_is_not(void **unused) {
    (void)unused;
    merits w[2] = {a_way(), a_way()};
    size_t list[2] = {0, 1}, room[2];
    w[0].value[CRITERION_goal] = NAN;
    w[1].value[CRITERION_goal] = 0.01;
    assert_int_equal(fe__choose(&rules, w, list, 2, room).left[STEP_goal], 2);
    size_t out[2];
    bool beaten[2];
    assert_int_equal(fe__front(&rules, w, 2, 1, beaten, out), 1);
    assert_int_equal(out[0], 1);
}

/* ---- what is worth a look -------------------------------------------------------------------------------------------------------------- */

static bool clear(const merits *one, const merits *other) {
    if (!one->is_open && other->is_open) return true;
    if (other->uncovered - one->uncovered > 100) return true;
    for (int c = 0; c < CRITERIA; c++) {
        double gain = other->value[c] - one->value[c];
        if (c == CRITERION_iron) gain = fmax(other->value[c], 121) - fmax(one->value[c], 121);
        if (c == CRITERION_goal) gain = -gain;
        if (gain > rules.matters[c] + 1e-9) return true;
    }
    return false;
}

static bool holds(const size_t *list, size_t n, size_t x) {
    for (size_t i = 0; i < n; i++)
        if (list[i] == x) return true;
    return false;
}

static void what_is_left_out_has_no_clear_advantage_over_something_kept(void **unused) {
    (void)unused;
    unsigned long kept_in_all = 0, left_out = 0;
    for (int round = 0; round < ROUNDS; round++) {
        merits w[WAYS];
        size_t out[WAYS], n = 1 + (size_t)(uniform() * WAYS), first = (size_t)(uniform() * (double)n);
        bool beaten[WAYS];
        random_ways(w, n);
        size_t kept = fe__front(&rules, w, n, first, beaten, out);
        assert_int_equal(out[0], first);
        for (size_t i = 0; i < n; i++) {
            bool covered = false, unrivalled = true;
            for (size_t k = 0; k < kept; k++) covered = covered || (out[k] != i && !clear(&w[i], &w[out[k]]));
            for (size_t k = 0; k < n; k++) unrivalled = unrivalled && (k == i || clear(&w[i], &w[k]));
            if (!holds(out, kept, i)) assert_true(covered);
            if (unrivalled) assert_true(holds(out, kept, i)); /* an advantage over every other way */
        }
        for (size_t k = 1; k < kept; k++)
            for (size_t j = 0; j < k; j++) assert_true(clear(&w[out[k]], &w[out[j]]));
        kept_in_all += kept;
        left_out += n - kept;
    }
    assert_true(kept_in_all > ROUNDS && left_out > ROUNDS); /* both happen */
}

/* In a chain of ties, each a little cheaper and slower, the ends are not the same. */
static void ties_do_not_add_up(void **unused) {
    (void)unused;
    merits w[5];
    size_t out[5];
    bool beaten[5];
    for (int i = 0; i < 5; i++) {
        w[i] = a_way();
        w[i].value[CRITERION_iron] = 1000 - 80.0 * i;
        w[i].value[CRITERION_goal] = 0.5 - 0.04 * i;
    }
    size_t kept = fe__front(&rules, w, 5, 0, beaten, out);
    assert_true(kept > 1);
    assert_true(holds(out, kept, 0) && !holds(out, kept, 1));
}

/* The same way in more minutes goes where it gains nothing, whatever its number. */
static void a_slower_way_that_gains_nothing_is_left_out(void **unused) {
    (void)unused;
    for (size_t slow = 1; slow < 3; slow++) {
        merits w[3] = {a_way(), a_way(), a_way()};
        size_t out[3];
        bool beaten[3];
        w[0].value[CRITERION_phosphate] = 0.9;
        w[slow].value[CRITERION_chair] = 90;
        w[slow].value[CRITERION_reaction] = 0.045;
        assert_int_equal(fe__front(&rules, w, 3, 0, beaten, out), 2);
        assert_int_equal(out[1], 3 - slow);
    }
}

int main(void) {
    printf("seed %llu\n", (unsigned long long)state);
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_difference_is_clear_beyond_what_matters),
                                       cmocka_unit_test(the_same_bodies_tell_more_than_strangers),
                                       cmocka_unit_test(a_choice_keeps_at_each_step_what_ties_with_the_best),
                                       cmocka_unit_test(few_visits_go_before_the_goals_and_minutes_before_reactions),
                                       cmocka_unit_test(less_iron_than_the_plan_is_never_chosen),
                                       cmocka_unit_test(the_need_goes_before_visits_and_iron_up_to_it_is_never_worse),
                                       cmocka_unit_test(a_large_risk_of_low_phosphate_goes_before_goals_and_the_rest_of_the_need),
                                       cmocka_unit_test(what_is_known_goes_before_what_is_not),
                                       cmocka_unit_test(what_is_left_out_has_no_clear_advantage_over_something_kept),
                                       cmocka_unit_test(ties_do_not_add_up),
                                       cmocka_unit_test(a_slower_way_that_gains_nothing_is_left_out)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
