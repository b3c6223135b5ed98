#include "advise/candidates.h"

#include <math.h>

#include "base/text.h"

/* ---- doubles ------------------------------------------------------------------------------------------------------------------------ */

static bool same_infusions(const option *one, const option *two) {
    if (one->product != two->product || one->n != two->n) return false;
    for (size_t i = 0; i < one->n; i++) {
        const planned *a = &one->infusions[i], *b = &two->infusions[i];
        bool same = a->on == b->on && a->prep.dose_mg == b->prep.dose_mg && a->prep.minutes == b->prep.minutes &&
                    fe__streq(a->prep.route->route, b->prep.route->route);
        if (!same) return false;
    }
    return true;
}

static bool is_known(const candidate_list *l, const option *o) {
    for (size_t i = 0; i < l->n; i++)
        if (same_infusions(&l->list[i].option, o)) return true;
    return false;
}

/* ---- one way ---------------------------------------------------------------------------------------------------------------------------- */

typedef struct trying {
    facts *f;
    const plan_ask *ask;
    const option *usual; /* of the product: nothing gives more iron than it does */
    double need_mg;      /* what is clearly less than the usual way lies under this */
    bool with_less;      /* less is tried too */
    candidate_list *out;
} trying;

static void try_one(const trying *x, const method *m, const variation *how) {
    option o;
    refusal why = {0};
    arena_mark here = fe__arena_mark(x->f->a);
    bool is_legal = fe__propose(x->f, x->ask, x->usual->product, m, how, &o, &why) && o.cautions_n == 0 &&
                    o.total_mg <= x->usual->total_mg + 1e-9 && (x->with_less || o.total_mg >= x->need_mg) &&
                    !is_known(x->out, &o);
    if (!is_legal) {
        fe__arena_rewind(x->f->a, here);
        return;
    }
    o.lowers_phosphate = x->usual->lowers_phosphate;
    *FE_PUSH(x->f->a, x->out->list, x->out->n, x->out->cap) =
        (candidate){.option = o, .how = *how, .is_short = o.total_mg < x->need_mg};
}

/* ---- doses and schedules ------------------------------------------------------------------------------------------------------------------ */

static double whole(const practice *k, double mg) { return floor(mg / k->need_round_mg + 1e-9) * k->need_round_mg; }

static bool takes_few_visits(const trying *x) { return (double)x->usual->n <= x->f->k->practice.few_visits_max; }

/* What follows from one total and one largest dose: the label's intervals, and longer ones. */
static void try_intervals(const trying *x, variation how) {
    const practice *k = &x->f->k->practice;
    how.least_interval = 0;
    try_one(x, x->usual->method, &how);
    for (size_t i = 0; takes_few_visits(x) && i < k->interval_days_n; i++) {
        how.least_interval = k->interval_days[i];
        try_one(x, x->usual->method, &how);
    }
}

static void try_doses(const trying *x, variation how) {
    const practice *k = &x->f->k->practice;
    how.most_single_mg = INFINITY;
    try_intervals(x, how);
    if (!takes_few_visits(x) || !fe__method_divides(x->usual->method)) return;
    for (size_t i = 0; i < k->dose_shares_n; i++) {
        how.most_single_mg = whole(k, k->dose_shares[i] * fmin(x->usual->max_single_mg, x->usual->total_mg));
        if (how.most_single_mg > 0) try_intervals(x, how);
    }
}

static void try_totals(const trying *x) {
    const practice *k = &x->f->k->practice;
    variation how = fe__as_the_method_says;
    try_doses(x, how);
    if (!x->with_less || !fe__method_divides(x->usual->method)) return;
    for (size_t i = 0; i < k->total_shares_n; i++) {
        how.most_mg = whole(k, k->total_shares[i] * x->usual->total_mg);
        if (how.most_mg > 0) try_doses(x, how);
    }
}

void fe__candidates(facts *f, const plan_ask *ask, const plan *p, bool with_less, candidate_list *out) {
    for (size_t i = 0; i < p->options_n; i++) {
        const option *usual = &p->options[i];
        double need = usual->total_mg - f->k->practice.tie_iron_mg;
        trying x = {.f = f, .ask = ask, .usual = usual, .need_mg = need, .with_less = with_less, .out = out};
        const method **methods = FE_NEW_ARRAY(f->a, const method *, usual->product->methods_n + 1);
        fe__facts_view(f, usual->product);
        size_t n = fe__methods_for(f, ask, usual->product, methods);
        *FE_PUSH(f->a, out->list, out->n, out->cap) =
            (candidate){.option = *usual, .how = fe__as_the_method_says, .is_usual = true};
        try_totals(&x);
        for (size_t m = 0; m < n; m++)
            if (methods[m] != usual->method) try_one(&x, methods[m], &fe__as_the_method_says);
    }
}

/* ---- minutes ------------------------------------------------------------------------------------------------------------------------------- */

void fe__slower_candidates(facts *f, const plan_ask *ask, candidate way, candidate_list *out) {
    const practice *k = &f->k->practice;
    double need = way.is_short ? INFINITY : 0; /* as short as the way is */
    const trying x = {.f = f, .ask = ask, .usual = &way.option, .need_mg = need, .with_less = true, .out = out};
    for (size_t i = 0; i < k->slower_n; i++) {
        variation how = way.how;
        how.slower = k->slower[i];
        try_one(&x, way.option.method, &how);
    }
}
