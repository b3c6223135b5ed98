/* What is missing, in the order in which it would change the answer; see fe__missing in assess.h.
 *
 * Evaluating rules has left a trace of the leaves that were unknown. Each such lab or number is set to values spread evenly over its
 * warn range (no population prior yet, and the answer says so), the question is asked again, and the share of values that change
 * the answer is counted. The turning value is where the answer first changes. */
#include <math.h>
#include <stdlib.h>

#include "advise/assess.h"
#include "base/text.h"

static int by_changes(const void *a, const void *b) {
    const missing *x = a, *y = b;
    if (x->changes != y->changes) return x->changes > y->changes ? -1 : 1;
    return 0;
}

static void set_item(facts *g, int row, double value) {
    if (g->k->terms[row].kind == TERM_LAB) {
        fe__facts_set_lab(g, row, value);
        return;
    }
    g->field[row] = value;
    fe__facts_changed(g);
}

/* Each "what if" leaves nothing behind but its number. */
static unsigned long key_at(facts *f, what_if key, void *context, int row, double value) {
    arena_mark before = fe__arena_mark(f->a);
    facts *g = fe__facts_copy(f->a, f);
    set_item(g, row, value);
    unsigned long k = key(g, context);
    fe__arena_rewind(f->a, before);
    return k;
}

/* The boundary between two values with different answers, to a 64th of the step between them. */
static double bisect(facts *f, what_if key, void *context, int row, double low, double high, unsigned long low_key) {
    double least = (high - low) / 64;
    while (high - low > least) {
        double mid = (low + high) / 2;
        if (key_at(f, key, context, row, mid) == low_key) low = mid;
        else high = mid;
    }
    return high;
}

static double tidy(double v) {
    double unit = pow(10, floor(log10(fabs(v) > 0 ? fabs(v) : 1)) - 1);
    return round(v / unit) * unit;
}

static void try_number(facts *f, what_if key, void *context, size_t steps, unsigned long now, int row, missing *out) {
    const struct term *t = &f->k->terms[row];
    double low = t->warn_low, high = t->warn_high, before = NAN;
    unsigned long last = 0;
    size_t changed = 0;
    out->item = t->id;
    out->turning_value = NAN;
    for (size_t i = 0; i < steps; i++) {
        double v = low + (high - low) * ((double)i + 0.5) / (double)steps;
        unsigned long k = key_at(f, key, context, row, v);
        if (k != now) changed++;
        if (i > 0 && k != last && isnan(out->turning_value))
            out->turning_value = tidy(bisect(f, key, context, row, before, v, last));
        last = k;
        before = v;
    }
    out->changes = (double)changed / (double)steps;
}

/* Oral iron: each word of the vocabulary once. */
static void try_words(facts *f, what_if key, void *context, unsigned long now, int row, missing *out) {
    const struct term *t = &f->k->terms[row];
    size_t changed = 0;
    out->item = t->id;
    out->turning_value = NAN;
    for (size_t i = 0; i < t->words_n; i++) {
        arena_mark before = fe__arena_mark(f->a);
        facts *g = fe__facts_copy(f->a, f);
        g->oral_iron = t->words[i];
        if (key(g, context) != now) changed++;
        fe__arena_rewind(f->a, before);
    }
    out->changes = t->words_n ? (double)changed / (double)t->words_n : 0;
}

/* The conditions, allergies or reactions nobody wrote down, and a pregnancy nobody spoke of: listed, with the change where one flag tells it. */
static void try_lists(facts *f, what_if key, void *context, unsigned long now, missing *list, size_t *n) {
    static const char *const names[] = {"conditions", "allergies", "reactions", "pregnancy"};
    for (int i = 0; i < 4; i++) {
        if (!f->unknown_list[i]) continue;
        facts *g = fe__facts_copy(f->a, f);
        if (i == UNKNOWN_PREGNANCY) {
            g->flag[FLAG_pregnant] = TRI_TRUE;
            g->number[NUM_gestation_weeks] = f->k->practice.what_if_gestation_weeks;
        } else if (i == UNKNOWN_ALLERGIES)
            g->flag[FLAG_allergy_any_iron] = g->flag[FLAG_allergy_this] = g->flag[FLAG_serious_iron_allergy] = TRI_TRUE;
        else if (i == UNKNOWN_REACTIONS)
            g->number[NUM_reaction_grade_any] = g->number[NUM_reaction_grade_other] = f->k->practice.what_if_reaction_grade;
        list[(*n)++] = (missing){names[i], key(g, context) != now ? 0.5 : 0, NAN, fe__how_to_get(f->k, names[i])};
    }
}

missing *fe__missing(facts *f, const again *how, size_t *n) {
    const knowledge *k = f->k;
    missing *list = FE_NEW_ARRAY(f->a, missing, k->terms_n + 8);
    bool *unknown = FE_NEW_ARRAY(f->a, bool, k->terms_n);
    for (size_t i = 0; i < k->terms_n; i++) unknown[i] = f->unknown_term[i];
    unsigned long verdict = how->verdict(fe__facts_copy(f->a, f), how->context),
                  whole = how->whole(fe__facts_copy(f->a, f), how->context);
    *n = 0;
    for (size_t i = 0; i < k->terms_n; i++) {
        const term *t = &k->terms[i];
        if (!unknown[i]) continue;
        missing m = {0};
        bool deep = how->planned && how->planned[i];
        what_if key = deep ? how->whole : how->verdict;
        unsigned long now = deep ? whole : verdict;
        if (t->words_n && fe__streq(t->id, "oral_iron")) try_words(f, key, how->context, now, (int)i, &m);
        else if (!isnan(t->warn_low) && !isnan(t->warn_high)) try_number(f, key, how->context, how->steps, now, (int)i, &m);
        else continue;
        m.how_to_get = fe__how_to_get(k, t->id);
        bool telling = m.changes > 0 || fe__streq(t->id, "hemoglobin") || fe__streq(t->id, "ferritin");
        if (telling) list[(*n)++] = m;
    }
    try_lists(f, how->whole, how->context, whole, list, n);
    qsort(list, *n, sizeof *list, by_changes);
    return list;
}
