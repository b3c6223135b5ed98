#include "advise/trade.h"

#include <math.h>

static const double normal_95 = 1.6448536269514722; /* 95% quantile: a 90% interval */

/* ---- two ways ------------------------------------------------------------------------------------------------------------------- */

/* Of the mean of v, or of v less the other: draws of which one is not known say nothing. */
static double variance_of_mean(const double *v, const double *less, size_t n) {
    double sum = 0, squares = 0, known = 0;
    for (size_t i = 0; i < n; i++) {
        double d = v[i] - (less ? less[i] : 0);
        if (isnan(d)) continue;
        known++;
        sum += d;
        squares += d * d;
    }
    if (known < 2) return 0;
    return fmax(0, squares - sum * sum / known) / (known - 1) / known;
}

/* In pairs where both ways were played by the same bodies, else as if by strangers. */
static double error_of(const merits *one, const merits *other, criterion_id c) {
    const double *a = one->of_draw[c], *b = other->of_draw[c];
    if (!a || !b) return 0;
    if (one->is_whole && other->is_whole && one->draws == other->draws)
        return normal_95 * sqrt(variance_of_mean(a, b, one->draws));
    return normal_95 * sqrt(variance_of_mean(a, NULL, one->draws) + variance_of_mean(b, NULL, other->draws));
}

/* Where enough is enough, less is no better. */
static double counted(const trade_rules *r, const merits *w, criterion_id c) {
    return w->value[c] < r->enough[c] ? r->enough[c] : w->value[c];
}

standing fe__stand(const trade_rules *r, const merits *one, const merits *other, criterion_id c) {
    standing s = {STANDS_UNKNOWN, one->value[c] - other->value[c], 0};
    double counts = counted(r, one, c) - counted(r, other, c), size = fabs(counts);
    if (isnan(size)) return s;
    bool is_better = c == CRITERION_goal ? counts > 0 : counts < 0;
    s.error = error_of(one, other, c);
    if (s.difference == 0) s.kind = STANDS_EQUAL;
    else if (size > 0 && size <= s.error) s.kind = STANDS_BY_CHANCE;
    else if (size <= r->matters[c] + 1e-9) s.kind = STANDS_TOO_SMALL;
    else s.kind = is_better ? STANDS_BETTER : STANDS_WORSE;
    return s;
}

bool fe__is_tie(standing_kind k) { return k == STANDS_EQUAL || k == STANDS_TOO_SMALL || k == STANDS_BY_CHANCE; }

bool fe__has_advantage(const trade_rules *r, const merits *one, const merits *other) {
    if (!one->is_open && other->is_open) return true;
    if (one->uncovered + r->matters[CRITERION_iron] + 1e-9 < other->uncovered) return true;
    for (int c = 0; c < CRITERIA; c++)
        if (fe__stand(r, one, other, (criterion_id)c).kind == STANDS_BETTER) return true;
    return false;
}

/* ---- a choice --------------------------------------------------------------------------------------------------------------------- */

criterion_id fe__criterion_of_step(choice_step s) {
    switch (s) {
    case STEP_goal: return CRITERION_goal;
    case STEP_low_phosphate:
    case STEP_phosphate: return CRITERION_phosphate;
    case STEP_visits: return CRITERION_visits;
    case STEP_reaction: return CRITERION_reaction;
    case STEP_ferritin: return CRITERION_ferritin;
    case STEP_iron: return CRITERION_iron;
    case STEP_chair: return CRITERION_chair;
    case STEP_caution:
    case STEP_need:
    case STEP_few_visits:
    case STEP_shortfall:
    case STEP_cover:
    case STEPS: break;
    }
    return CRITERIA;
}

/* What a step looks at; less is better. */
static double rank_at(const trade_rules *r, const merits *w, choice_step s) {
    if (s == STEP_caution) return w->is_open;
    if (s == STEP_need) return w->is_short;
    if (s == STEP_few_visits) return w->is_at_hand ? 0 : w->value[CRITERION_visits] <= r->few_visits ? 1 : 2;
    if (s == STEP_shortfall || s == STEP_cover) return w->uncovered;
    criterion_id c = fe__criterion_of_step(s);
    if (c == CRITERIA) return 0;
    return c == CRITERION_goal ? -w->value[c] : counted(r, w, c);
}

static bool stays(const trade_rules *r, const merits *w, const merits *best, choice_step s) {
    criterion_id c = fe__criterion_of_step(s);
    if (s == STEP_shortfall) return w->uncovered < best->uncovered + r->much_uncovered;
    if (s == STEP_cover) return w->uncovered <= best->uncovered + r->matters[CRITERION_iron] + 1e-9;
    if (s == STEP_low_phosphate) {
        trade_rules large = *r;
        large.matters[c] = r->large_phosphate;
        return fe__stand(&large, w, best, c).kind != STANDS_WORSE;
    }
    return c == CRITERIA ? rank_at(r, w, s) <= rank_at(r, best, s) : fe__stand(r, w, best, c).kind != STANDS_WORSE;
}

static size_t best_at(const trade_rules *r, const merits *ways, const size_t *list, size_t n, choice_step s) {
    size_t best = list[0];
    for (size_t i = 1; i < n; i++) {
        double v = rank_at(r, &ways[list[i]], s), least = rank_at(r, &ways[best], s);
        if (v < least || (isnan(least) && !isnan(v))) best = list[i];
    }
    return best;
}

choice fe__choose(const trade_rules *r, const merits *ways, const size_t *list, size_t n, size_t *left) {
    choice x = {0};
    for (size_t i = 0; i < n; i++) left[i] = list[i];
    for (int s = 0; s < STEPS; s++) {
        const merits *best = &ways[best_at(r, ways, left, n, (choice_step)s)];
        size_t kept = 0;
        for (size_t i = 0; i < n; i++)
            if (stays(r, &ways[left[i]], best, (choice_step)s)) left[kept++] = left[i];
        x.left[s] = n = kept;
    }
    x.chosen = left[0];
    for (size_t i = n; i-- > 0;)
        if (ways[left[i]].is_usual) x.chosen = left[i];
    return x;
}

choice_step fe__deciding_step(const trade_rules *r, const merits *one, const merits *other) {
    const merits both[] = {*one, *other};
    const size_t list[] = {0, 1};
    size_t room[2];
    choice x = fe__choose(r, both, list, 2, room);
    int s = 0;
    while (s < STEPS && x.left[s] == 2) s++;
    return (choice_step)s;
}

/* ---- what is worth a look -------------------------------------------------------------------------------------------------------------- */

/* What nobody beats first; what ties in everything as it came; else by the numbers as they are. */
static bool comes_before(const trade_rules *r, const merits *ways, const bool *beaten, size_t one, size_t other) {
    if (beaten[one] != beaten[other]) return beaten[other];
    if (!fe__has_advantage(r, &ways[one], &ways[other]) && !fe__has_advantage(r, &ways[other], &ways[one])) return one < other;
    for (int s = 0; s < STEPS; s++) {
        double a = rank_at(r, &ways[one], (choice_step)s), b = rank_at(r, &ways[other], (choice_step)s);
        if (isnan(a) != isnan(b)) return isnan(b);
        if (a != b && !isnan(a)) return a < b;
    }
    return one < other;
}

static void sort(const trade_rules *r, const merits *ways, const bool *beaten, size_t *list, size_t n) {
    for (size_t i = 1; i < n; i++) {
        size_t x = list[i], j = i;
        for (; j > 0 && comes_before(r, ways, beaten, x, list[j - 1]); j--) list[j] = list[j - 1];
        list[j] = x;
    }
}

static bool is_beaten(const trade_rules *r, const merits *ways, size_t n, size_t one) {
    for (size_t i = 0; i < n; i++)
        if (i != one && !fe__has_advantage(r, &ways[one], &ways[i]) && fe__has_advantage(r, &ways[i], &ways[one])) return true;
    return false;
}

size_t fe__front(const trade_rules *r, const merits *ways, size_t n, size_t first, bool *beaten, size_t *out) {
    size_t kept = 1;
    for (size_t i = 0; i < n; i++) {
        out[i] = i;
        beaten[i] = is_beaten(r, ways, n, i);
    }
    out[0] = first;
    if (first > 0) out[first] = 0;
    sort(r, ways, beaten, out + 1, n - 1);
    for (size_t i = 1; i < n; i++) {
        bool covered = false;
        for (size_t k = 0; k < kept && !covered; k++) covered = !fe__has_advantage(r, &ways[out[i]], &ways[out[k]]);
        if (!covered) out[kept++] = out[i];
    }
    return kept;
}
