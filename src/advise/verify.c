/* Judging an order: which method each infusion stands under, then every limit of it; see verify.h.
 *
 * Infusions of one product that name no method are judged by one and the same: each method that may apply is tried on them in full,
 * and the one under which least is broken is kept with what was found under it. */
#include "advise/verify.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#include "advise/verify_limits.h"
#include "base/text.h"

typedef struct judging {
    arena *a;
    const verify_request *r;
    iron_record iron;
    tally found;
    const method **methods; /* [items] */
} judging;

/* Infusions of one product judged together: those that name this method (NULL: none named). */
typedef struct group {
    const product *p;
    const char *named;
} group;

/* ---- does a method apply ------------------------------------------------------------------------------------------------- */

static bool switched_on(const verify_request *r, const method *m) {
    for (size_t i = 0; i < r->off_label_n; i++)
        if (fe__streq(r->off_label[i], m->id)) return true;
    return false;
}

static bool is_open(const verify_request *r, const method *m) { return switched_on(r, m) || (m->enabled && !m->off_label); }

static tri within(bool is_known, double v, double low, double high_excl) {
    if (isinf(low) && isinf(high_excl)) return TRI_TRUE;
    if (!is_known || isnan(v)) return TRI_UNKNOWN;
    return v >= low && v < high_excl ? TRI_TRUE : TRI_FALSE;
}

static tri age_fits(const verify_request *r, const method *m) {
    return within(r->patient->known, r->patient->age_years, m->age_min, m->age_max_excl);
}

static tri weight_fits(const verify_request *r, const method *m) {
    return within(r->patient->known, r->patient->cap_weight_kg, m->weight_min, m->weight_max_excl);
}

static tri condition_holds(const verify_request *r, const product *p, const method *m) {
    if (!m->condition) return TRI_TRUE;
    return r->holds ? r->holds(r->context, p, m->condition) : TRI_UNKNOWN;
}

static bool may_apply(const verify_request *r, const product *p, const method *m) {
    return age_fits(r, m) != TRI_FALSE && weight_fits(r, m) != TRI_FALSE && condition_holds(r, p, m) != TRI_FALSE;
}

static bool is_named(const method *m, const char *name) {
    return fe__streq(m->id, name) || fe__streq(m->method, name) || fe__streq(m->name, name);
}

/* ---- one infusion under one method ---------------------------------------------------------------------------------------- */

static limit_check in_words(const judged *j, arena *a, const char *name, const char *source, limit_kind kind, bool kept) {
    return (limit_check){.rule = fe__printf(a, "%s/%s", j->p->id, name),
                         .source = source,
                         .name = name,
                         .limit = NAN,
                         .value = NAN,
                         .unit = "1",
                         .kept = kept,
                         .kind = kind,
                         .item = j->item};
}

static bool is_broken(const tally *t, const char *name, size_t item) {
    for (size_t i = 0; i < t->checks_n; i++)
        if (!t->checks[i].kept && t->checks[i].item == item && fe__streq(t->checks[i].name, name)) return true;
    return false;
}

/* The method itself: its route, whether it is for this patient, and whether it may be used at all. */
static void verify_method(const judged *j, tally *out) {
    if (!j->rules) {
        limit_check c = in_words(j, out->a, "route", j->m->id, LIMIT_LABEL, false);
        c.limit_words = fe__printf(out->a, "a route of %s", j->m->id);
        c.value_words = j->route;
        fe__verify_add(out, &c);
    }
    bool age_out = age_fits(j->r, j->m) == TRI_FALSE;
    bool other_out = weight_fits(j->r, j->m) == TRI_FALSE || condition_holds(j->r, j->p, j->m) == TRI_FALSE;
    if (age_out && !is_broken(out, "min-age", j->item)) {
        limit_check c = in_words(j, out->a, "min-age", j->m->id, LIMIT_LABEL, false);
        c.limit_words = j->m->applies_text;
        c.value_words = fe__printf(out->a, "%s years", fe__number_text(out->a, j->r->patient->age_years, 1));
        fe__verify_add(out, &c);
    }
    if (other_out) {
        limit_check c = in_words(j, out->a, "indication", j->m->id, LIMIT_LABEL, false);
        c.limit_words = j->m->applies_text;
        c.value_words = "not this patient";
        fe__verify_add(out, &c);
    }
    bool open = is_open(j->r, j->m);
    if (open && !j->m->off_label) return;
    limit_check c = in_words(j, out->a, "off-label-regimen", j->m->id, open ? LIMIT_CAUTION : LIMIT_LABEL, open);
    c.limit_words = "only when switched on by its id";
    c.value_words = open ? "switched on" : "not switched on";
    fe__verify_add(out, &c);
}

static void verify_all(const judged *j, const limits *l, tally *out) {
    for (size_t i = 0; i < l->n; i++) fe__verify_limit(j, &l->list[i], out);
}

static const route_rules *rules_of(const method *m, const char *route) {
    for (size_t i = 0; m && i < m->routes_n; i++)
        if (fe__streq(m->routes[i].route, route)) return &m->routes[i];
    return NULL;
}

static bool in_group(const verify_request *r, const group *g, size_t item) {
    return fe__streq(r->items[item].product, g->p->id) && fe__streq(r->items[item].method, g->named);
}

static size_t last_of(const verify_request *r, const group *g) {
    size_t last = 0;
    for (size_t i = 0; i < r->items_n; i++)
        if (in_group(r, g, i)) last = i;
    return last;
}

/* Everything found when this group is judged by this method (NULL: by what is common to the product alone). */
static tally judge_by(const judging *v, const group *g, const method *m) {
    tally found = {.a = v->a};
    size_t last = last_of(v->r, g);
    for (size_t i = 0; i <= last; i++) {
        if (!in_group(v->r, g, i)) continue;
        const order_item *x = &v->r->items[i];
        judged j = {.r = v->r,
                    .iron = &v->iron,
                    .p = g->p,
                    .m = m,
                    .route = x->route ? x->route : "infusion",
                    .closes_course = i == last,
                    .switched_on = m && switched_on(v->r, m),
                    .item = i,
                    .x = x};
        j.rules = rules_of(m, j.route);
        if (m) verify_all(&j, &m->limits, &found);
        if (j.rules) verify_all(&j, &j.rules->limits, &found);
        verify_all(&j, &g->p->common, &found);
        fe__verify_test_dose(&j, &found);
        if (m) verify_method(&j, &found);
    }
    return found;
}

/* ---- choosing the method -------------------------------------------------------------------------------------------------- */

static bool is_accepted(const verify_request *r, const char *name) {
    for (size_t i = 0; i < r->accepted_n; i++)
        if (fe__streq(r->accepted[i], name)) return true;
    return false;
}

static bool counts(const verify_request *r, const limit_check *c, limit_kind kind) {
    return !c->kept && c->kind == kind && !(kind == LIMIT_CAUTION && is_accepted(r, c->rule));
}

/* Names of this kind that are not kept (nor accepted), each once. */
static const char **names_of(const verify_request *r, const tally *t, limit_kind kind, size_t *n) {
    const char **names = FE_NEW_ARRAY(t->a, const char *, t->checks_n + 1);
    *n = 0;
    for (size_t i = 0; i < t->checks_n; i++) {
        size_t seen = 0;
        while (seen < *n && !fe__streq(names[seen], t->checks[i].name)) seen++;
        if (seen == *n && counts(r, &t->checks[i], kind)) names[(*n)++] = t->checks[i].name;
    }
    return names;
}

typedef struct trial {
    const method *m;
    tally found;
    size_t broken, cautions;
} trial;

static bool better(const trial *a, const trial *b) {
    if (a->broken != b->broken) return a->broken < b->broken;
    if (a->cautions != b->cautions) return a->cautions < b->cautions;
    return a->m->is_default && !b->m->is_default;
}

typedef enum pool { POOL_APPLIES, POOL_OPEN, POOL_ANY } pool;

static bool in_pool(const verify_request *r, const group *g, const method *m, pool from) {
    if (g->named && !is_named(m, g->named)) return false;
    if (from == POOL_ANY) return g->named != NULL;
    if (from == POOL_OPEN) return g->named ? is_open(r, m) : m->enabled && !m->off_label;
    return is_open(r, m) && may_apply(r, g->p, m);
}

/* The methods that may apply; when none does, those that are open (the patient breaks something: it is said); a method that was
 * named is judged even when it is not open. */
static trial choose(const judging *v, const group *g) {
    trial best = {0};
    for (pool from = POOL_APPLIES; from <= POOL_ANY && !best.m; from++) {
        for (size_t i = 0; i < g->p->methods_n; i++) {
            const method *m = &g->p->methods[i];
            if (!in_pool(v->r, g, m, from)) continue;
            trial t = {.m = m, .found = judge_by(v, g, m)};
            names_of(v->r, &t.found, LIMIT_LABEL, &t.broken);
            names_of(v->r, &t.found, LIMIT_CAUTION, &t.cautions);
            if (!best.m || better(&t, &best)) best = t;
        }
    }
    if (!best.m) best.found = judge_by(v, g, NULL);
    return best;
}

/* ---- gates ---------------------------------------------------------------------------------------------------------------- */

/* A block of the label bars; every other gate that stops or asks is passed only with a recorded reason. */
static void verify_gate(judging *v, const product *p, const gate *g, size_t item) {
    if (!g->name || (g->action != GATE_BLOCK && g->action != GATE_ASK)) return;
    tri holds = v->r->holds && g->condition ? v->r->holds(v->r->context, p, g->condition) : TRI_UNKNOWN;
    if (holds == TRI_UNKNOWN) {
        fe__verify_untried(&v->found, g->name);
        return;
    }
    judged j = {.p = p, .item = item};
    bool bars = g->action == GATE_BLOCK && g->kind == LIMIT_LABEL;
    limit_check c = in_words(&j, v->a, g->name, g->id, bars ? LIMIT_LABEL : LIMIT_CAUTION, holds == TRI_FALSE);
    c.limit_words = g->text;
    c.value_words = holds == TRI_TRUE ? g->when : "not so";
    fe__verify_add(&v->found, &c);
}

static bool is_first_of_product(const verify_request *r, size_t item) {
    for (size_t i = 0; i < item; i++)
        if (fe__streq(r->items[i].product, r->items[item].product)) return false;
    return true;
}

/* ---- the whole ------------------------------------------------------------------------------------------------------------ */

static bool is_first_of_group(const verify_request *r, const group *g, size_t item) {
    for (size_t i = 0; i < item; i++)
        if (in_group(r, g, i)) return false;
    return true;
}

static void judge_group(judging *v, const group *g) {
    trial t = choose(v, g);
    for (size_t i = 0; i < t.found.checks_n; i++) fe__verify_add(&v->found, &t.found.checks[i]);
    for (size_t i = 0; i < t.found.unchecked_n; i++) fe__verify_untried(&v->found, t.found.unchecked[i]);
    for (size_t i = 0; i < v->r->items_n; i++)
        if (in_group(v->r, g, i)) v->methods[i] = t.m;
}

static const product *product_of(const knowledge *k, const char *id) {
    for (size_t i = 0; i < k->products_n; i++)
        if (fe__streq(k->products[i].id, id)) return &k->products[i];
    return NULL;
}

static iron_record record_of(arena *a, const verify_request *r) {
    iron_dose *list = FE_NEW_ARRAY(a, iron_dose, r->given_n + r->items_n + 1);
    iron_record record = {.list = list, .n = r->given_n + r->items_n, .given_n = r->given_n, .whole = r->patient->known};
    for (size_t i = 0; i < r->given_n; i++)
        list[i] = (iron_dose){r->given[i].day, r->given[i].dose_mg, r->given[i].product, r->given[i].molecule, NULL, false};
    for (size_t i = 0; i < r->items_n; i++) {
        const order_item *x = &r->items[i];
        const product *p = product_of(r->k, x->product);
        list[r->given_n + i] =
            (iron_dose){x->day, x->dose_mg, x->product, p ? p->molecule : "", x->route ? x->route : "infusion", true};
        record.whole = record.whole && x->day != LONG_MIN;
    }
    return record;
}

const verification *fe__verify(arena *a, const verify_request *r) {
    judging v = {
        .a = a, .r = r, .iron = record_of(a, r), .found = {.a = a}, .methods = FE_NEW_ARRAY(a, const method *, r->items_n + 1)};
    for (size_t i = 0; i < r->items_n; i++) {
        group g = {product_of(r->k, r->items[i].product), r->items[i].method};
        if (!g.p) continue;
        if (is_first_of_group(r, &g, i)) judge_group(&v, &g);
        if (!is_first_of_product(r, i)) continue;
        for (size_t j = 0; j < g.p->gates_n; j++) verify_gate(&v, g.p, &g.p->gates[j], i);
    }
    verification *out = FE_NEW(a, verification);
    out->checks = v.found.checks;
    out->checks_n = v.found.checks_n;
    out->broken = names_of(r, &v.found, LIMIT_LABEL, &out->broken_n);
    out->cautions = names_of(r, &v.found, LIMIT_CAUTION, &out->cautions_n);
    out->unchecked = v.found.unchecked;
    out->unchecked_n = v.found.unchecked_n;
    out->methods = v.methods;
    return out;
}
