/* Compiles the expressions of data/README.md and computes their value.
 *
 * Every form is an object with one leading key; the table below says how each is read. */
#include "knowledge/condition.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "knowledge/loading.h"

#define NAME(name) #name,
const char *const fe__number_names[NUM_COUNT] = {FE_NUMBERS(NAME)};
const char *const fe__flag_names[FLAG_COUNT] = {FE_FLAGS(NAME)};
#undef NAME

typedef struct compiler {
    arena *a;
    faults *f;
    const knowledge *k;
    size_t rules_known;
} compiler;

static const condition *compile(const compiler *x, const tree *json, const place *at);

static condition *new_condition(const compiler *x, condition_kind kind) {
    condition *c = FE_NEW(x->a, condition);
    *c = (condition){.kind = kind,
                     .term = -1,
                     .number = -1,
                     .flag = -1,
                     .rule = -1,
                     .lt = NAN,
                     .le = NAN,
                     .gt = NAN,
                     .ge = NAN,
                     .eq = NAN,
                     .within_days = INFINITY};
    return c;
}

static const char *hint_of(const compiler *x, const char *word, const char *const *words, size_t n) {
    const char *near = fe__nearest(word, words, n);
    return near ? fe__printf(x->a, "did you mean \"%s\"?", near) : NULL;
}

static int index_of(const char *word, const char *const *words, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (strcmp(word, words[i]) == 0) return (int)i;
    }
    return -1;
}

/* ---- leaves ------------------------------------------------------------------------------------------------------ */

/* A term of the vocabulary named by the leading key. */
static condition *term_leaf(const compiler *x, shape *o, const char *key, condition_kind kind, term_kind of) {
    condition *c = new_condition(x, kind);
    const char *id = fe__take_text(o, key, MUST);
    place at = fe__place_key(o->at, key);
    if (*id) c->term = fe__term_must(x->a, x->f, x->k, &at, id, of);
    return c;
}

static void within_days(shape *o, condition *c) { c->within_days = fe__take_number(o, "within_days", MAY, INFINITY, 0, 36525); }

/* At least one of lt le gt ge eq. Bounds that nothing can keep are a fault. */
static void bounds(shape *o, condition *c) {
    c->lt = fe__take_number(o, "lt", MAY, NAN, -INFINITY, INFINITY);
    c->le = fe__take_number(o, "le", MAY, NAN, -INFINITY, INFINITY);
    c->gt = fe__take_number(o, "gt", MAY, NAN, -INFINITY, INFINITY);
    c->ge = fe__take_number(o, "ge", MAY, NAN, -INFINITY, INFINITY);
    c->eq = fe__take_number(o, "eq", MAY, NAN, -INFINITY, INFINITY);
    if (isnan(c->lt) && isnan(c->le) && isnan(c->gt) && isnan(c->ge) && isnan(c->eq)) {
        fe__shape_fault(o, NULL, "one of lt, le, gt, ge, eq", "none", NULL);
    }
    double high = fmin(c->lt, c->le), low = fmax(c->gt, c->ge);
    bool is_open = high <= c->lt || low >= c->gt;
    if (low > high || (low >= high && is_open)) {
        fe__shape_fault(o, NULL, "bounds that a number can keep", "a lower bound that is not below the upper one", NULL);
    }
}

static bool has_bounds(const shape *o) {
    static const char *const keys[] = {"lt", "le", "gt", "ge", "eq"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (fe__tree_get(o->json, keys[i])) return true;
    }
    return false;
}

/* A list of words, at least one, each one of `known` (n = 0: any). */
static void words(const compiler *x, shape *o, const char *key, condition *c, const char *const *known, size_t n) {
    c->words = fe__take_texts(o, key, SOME, &c->words_n);
    for (size_t i = 0; n && i < c->words_n; i++) {
        if (index_of(c->words[i], known, n) >= 0) continue;
        fe__shape_fault(o, key, fe__words_text(x->a, known, n), c->words[i], hint_of(x, c->words[i], known, n));
    }
}

/* One word under a key. */
static void word(const compiler *x, shape *o, const char *key, condition *c, const char *const *known, size_t n) {
    const char **list = FE_NEW_ARRAY(x->a, const char *, 1);
    int i = fe__take_word(o, key, MUST, -1, known, n);
    list[0] = i < 0 ? "" : known[i];
    c->words = list;
    c->words_n = 1;
}

static condition *lab_leaf(const compiler *x, shape *o, const char *key) {
    static const char *const notes[] = {"fasting", "morning", "no-oral-iron-24h", "assay"};
    condition *c = term_leaf(x, o, key, COND_LAB, TERM_LAB);
    if (fe__tree_get(o->json, "result")) {
        static const char *const results[] = {"normal", "low", "high", "absent", "positive", "negative", "abnormal"};
        c->kind = COND_LAB_RESULT;
        words(x, o, "result", c, results, sizeof results / sizeof *results);
    } else if (fe__tree_get(o->json, "known")) {
        c->kind = COND_LAB_KNOWN;
        if (!fe__take_yes(o, "known", MUST, true)) fe__shape_fault(o, "known", "true", "false", "put it into {\"not\":...}");
    } else if (fe__tree_get(o->json, "note")) {
        c->kind = COND_LAB_NOTE;
        word(x, o, "note", c, notes, sizeof notes / sizeof *notes);
    } else {
        if (has_bounds(o) && c->term >= 0 && !*x->k->terms[c->term].unit) {
            fe__shape_fault(o, key, "a lab with a unit", x->k->terms[c->term].id, "it has words: use \"result\"");
        }
        bounds(o, c);
    }
    return c;
}

static bool is_numeric_field(const term *t) { return t->kind == TERM_FIELD && *t->unit; }

static condition *number_leaf(const compiler *x, shape *o, const char *key) {
    condition *c = new_condition(x, COND_NUM);
    const char *name = fe__take_text(o, key, MUST);
    c->number = index_of(name, fe__number_names, NUM_COUNT);
    if (c->number < 0) {
        int t = fe__term_find_kind(x->k, name, TERM_FIELD);
        if (t >= 0 && is_numeric_field(&x->k->terms[t])) c->term = t;
    }
    if (c->number < 0 && c->term < 0 && *name) {
        const char *hint = hint_of(x, name, fe__number_names, NUM_COUNT);
        if (!hint) hint = fe__names_hint(x->a, &x->k->index->terms, name);
        fe__shape_fault(o, key, "a numeric field of vocabulary.csv or a derived number of data/README.md", name, hint);
    }
    bounds(o, c);
    return c;
}

static condition *is_leaf(const compiler *x, shape *o, const char *key) {
    condition *c = term_leaf(x, o, key, COND_IS, TERM_FIELD);
    const term *t = c->term >= 0 ? &x->k->terms[c->term] : NULL;
    if (t && t->words_n == 0) fe__shape_fault(o, key, "a field with words", t->id, NULL);
    words(x, o, "in", c, t ? t->words : NULL, t ? t->words_n : 0);
    return c;
}

static condition *given_leaf(const compiler *x, shape *o, const char *key) {
    static const char *const lists[] = {"medicines", "supplements", "oral-iron"};
    condition *c = new_condition(x, COND_GIVEN);
    const char *name = fe__take_text(o, key, MUST), **list = FE_NEW_ARRAY(x->a, const char *, 1);
    bool is_known = index_of(name, lists, sizeof lists / sizeof *lists) >= 0 || fe__term_find_kind(x->k, name, TERM_FIELD) >= 0 ||
                    fe__term_find_kind(x->k, name, TERM_LAB) >= 0;
    if (!is_known && *name) {
        fe__shape_fault(o, key, "a field, a lab, or medicines | supplements | oral-iron", name,
                        fe__names_hint(x->a, &x->k->index->terms, name));
    }
    list[0] = name;
    c->words = list;
    c->words_n = 1;
    return c;
}

static condition *flag_leaf(const compiler *x, shape *o, const char *key) {
    condition *c = new_condition(x, COND_FLAG);
    const char *name = fe__take_text(o, key, MUST);
    c->flag = index_of(name, fe__flag_names, FLAG_COUNT);
    if (c->flag < 0 && *name) {
        fe__shape_fault(o, key, "a derived flag of data/README.md", name, hint_of(x, name, fe__flag_names, FLAG_COUNT));
    }
    return c;
}

static condition *rule_leaf(const compiler *x, shape *o, const char *key) {
    condition *c = new_condition(x, COND_RULE);
    const char *id = fe__take_text(o, key, MUST);
    c->rule = fe__rule_find(x->k, id);
    if (c->rule >= 0 && (size_t)c->rule < x->rules_known) return c;
    if (*id)
        fe__shape_fault(o, key, "a definition or finding rule that stands above", id,
                        fe__names_hint(x->a, &x->k->index->rules, id));
    return c;
}

/* Products and molecules are vocabulary words, but many and compared as words. */
static condition *terms_leaf(const compiler *x, shape *o, const char *key, condition_kind kind, term_kind of) {
    condition *c = new_condition(x, kind);
    words(x, o, key, c, NULL, 0);
    place list = fe__place_key(o->at, key);
    for (size_t i = 0; i < c->words_n; i++) {
        place at = fe__place_index(&list, i);
        fe__term_must(x->a, x->f, x->k, &at, c->words[i], of);
    }
    return c;
}

static condition *region_leaf(const compiler *x, shape *o, const char *key) {
    static const char *const regions[] = {"us", "eu", "ca"};
    condition *c = new_condition(x, COND_REGION);
    words(x, o, key, c, regions, sizeof regions / sizeof *regions);
    return c;
}

/* ---- combinations ------------------------------------------------------------------------------------------------ */

static condition *parts(const compiler *x, shape *o, const char *key, condition_kind kind) {
    condition *c = new_condition(x, kind);
    const tree *list = fe__take_list(o, key, SOME);
    if (!list) return c;
    const condition **part = FE_NEW_ARRAY(x->a, const condition *, fe__tree_length(list));
    place list_at = fe__place_key(o->at, key);
    for (size_t i = 0; i < fe__tree_length(list); i++) {
        place at = fe__place_index(&list_at, i);
        part[i] = compile(x, fe__tree_element(list, i), &at);
    }
    c->parts = part;
    c->parts_n = fe__tree_length(list);
    return c;
}

static condition *negation(const compiler *x, shape *o, const char *key) {
    condition *c = new_condition(x, COND_NOT);
    const condition **part = FE_NEW_ARRAY(x->a, const condition *, 1);
    const tree *json = fe__take(o, key, MUST, "a condition");
    place at = fe__place_key(o->at, key);
    if (json) part[0] = compile(x, json, &at);
    c->parts = part;
    c->parts_n = 1;
    return c;
}

static condition *always(const compiler *x, shape *o, const char *key) {
    if (!fe__take_yes(o, key, MUST, true)) fe__shape_fault(o, key, "true", "false", NULL);
    return new_condition(x, COND_ALWAYS);
}

/* ---- forms ------------------------------------------------------------------------------------------------------- */

/* The leading keys. No object has two of them. */
static const char *const forms[] = {
    "all", "any", "not", "always", "has",  "family", "cause",    "medicine", "supplement", "symptom", "procedure_planned",
    "lab", "num", "is",  "given",  "flag", "rule",   "molecule", "product",  "region"};
enum { FORMS = sizeof forms / sizeof *forms };

static condition *form(const compiler *x, shape *o, const char *key) {
    condition *c = NULL;
    switch (index_of(key, forms, FORMS)) {
    case 0: return parts(x, o, key, COND_ALL);
    case 1: return parts(x, o, key, COND_ANY);
    case 2: return negation(x, o, key);
    case 3: return always(x, o, key);
    case 4: return term_leaf(x, o, key, COND_HAS, TERM_CONDITION);
    case 5: return term_leaf(x, o, key, COND_FAMILY, TERM_CONDITION);
    case 6: return term_leaf(x, o, key, COND_CAUSE, TERM_CONDITION);
    case 7: return term_leaf(x, o, key, COND_MEDICINE, TERM_MEDICATION);
    case 8: return term_leaf(x, o, key, COND_SUPPLEMENT, TERM_MEDICATION);
    case 9: c = term_leaf(x, o, key, COND_SYMPTOM, TERM_SIGN); break;
    case 10: c = term_leaf(x, o, key, COND_PROCEDURE, TERM_EVENT); break;
    case 11: return lab_leaf(x, o, key);
    case 12: return number_leaf(x, o, key);
    case 13: return is_leaf(x, o, key);
    case 14: return given_leaf(x, o, key);
    case 15: return flag_leaf(x, o, key);
    case 16: return rule_leaf(x, o, key);
    case 17: return terms_leaf(x, o, key, COND_MOLECULE, TERM_FORMULATION);
    case 18: return terms_leaf(x, o, key, COND_PRODUCT, TERM_PRODUCT);
    default: return region_leaf(x, o, key);
    }
    within_days(o, c);
    return c;
}

/* The leading key of an object: the first of the forms that it has. */
static const char *leading_key(const tree *json) {
    for (size_t i = 0; i < fe__tree_size(json); i++) {
        const char *key = json->items[i].key;
        if (index_of(key, forms, FORMS) >= 0) return key;
    }
    return NULL;
}

static const condition *compile(const compiler *x, const tree *json, const place *at) {
    shape o = fe__shape(x->f, json, at);
    if (!o.json) return NULL;
    const char *key = leading_key(json);
    if (!key) {
        const char *first = fe__tree_size(json) ? json->items[0].key : "an empty object";
        fe__shape_fault(&o, NULL, fe__words_text(x->a, forms, FORMS), first, hint_of(x, first, forms, FORMS));
        return NULL;
    }
    const condition *c = form(x, &o, key);
    fe__shape_done(&o);
    return c;
}

const condition *fe__condition_at(arena *a, faults *f, const knowledge *k, const tree *json, const place *at,
                                  size_t rules_known) {
    compiler x = {.a = a, .f = f, .k = k, .rules_known = rules_known};
    size_t before = f->n + f->dropped;
    const condition *c = compile(&x, json, at);
    return f->n + f->dropped == before ? c : NULL;
}

/* ---- values ------------------------------------------------------------------------------------------------------ */

static tri not_of(tri v) { return v == TRI_UNKNOWN ? TRI_UNKNOWN : v == TRI_TRUE ? TRI_FALSE : TRI_TRUE; }

/* `all`: the first false decides; `any`: the first true. All parts are asked even then when nothing decides. */
static tri value_of_parts(const condition *c, tri decides, condition_leaf leaf, void *context) {
    tri v = not_of(decides);
    for (size_t i = 0; i < c->parts_n; i++) {
        tri part = fe__condition_value(c->parts[i], leaf, context);
        if (part == decides) return decides;
        if (part == TRI_UNKNOWN) v = TRI_UNKNOWN;
    }
    return v;
}

tri fe__condition_value(const condition *c, condition_leaf leaf, void *context) {
    switch (c->kind) {
    case COND_ALL: return value_of_parts(c, TRI_FALSE, leaf, context);
    case COND_ANY: return value_of_parts(c, TRI_TRUE, leaf, context);
    case COND_NOT: return not_of(fe__condition_value(c->parts[0], leaf, context));
    case COND_ALWAYS: return TRI_TRUE;
    default: return leaf(context, c);
    }
}

/* "x < bound" over an interval: true when its upper end says so, false when its lower end does. */
static tri below(double bound, bool or_equal, double low, double high, bool open_low, bool open_high) {
    if (high < bound || (high <= bound && (or_equal || open_high))) return TRI_TRUE;
    if (low > bound || (low >= bound && (!or_equal || open_low))) return TRI_FALSE;
    return TRI_UNKNOWN;
}

static tri equal(double bound, double low, double high, bool open_low, bool open_high) {
    if (low > bound || high < bound || (low >= bound && open_low) || (high <= bound && open_high)) return TRI_FALSE;
    return low >= bound && high <= bound ? TRI_TRUE : TRI_UNKNOWN;
}

static tri both(tri a, tri b) {
    if (a == TRI_FALSE || b == TRI_FALSE) return TRI_FALSE;
    return a == TRI_UNKNOWN ? a : b;
}

tri fe__condition_bounds(const condition *c, double low, double high, int open_low, int open_high) {
    bool ol = open_low, oh = open_high;
    tri v = TRI_TRUE;
    if (!isnan(c->lt)) v = both(v, below(c->lt, false, low, high, ol, oh));
    if (!isnan(c->le)) v = both(v, below(c->le, true, low, high, ol, oh));
    if (!isnan(c->gt)) v = both(v, not_of(below(c->gt, true, low, high, ol, oh)));
    if (!isnan(c->ge)) v = both(v, not_of(below(c->ge, false, low, high, ol, oh)));
    if (!isnan(c->eq)) v = both(v, equal(c->eq, low, high, ol, oh));
    return v;
}
