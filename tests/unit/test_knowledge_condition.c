/* The little language of conditions: three values, bounds over intervals, and a fault with a hint for every name that
 * is not known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "knowledge/loading.h"

/* ---- values ------------------------------------------------------------------------------------------------------ */

static condition leaf_worth(tri v) { return (condition){.kind = COND_FLAG, .flag = (int)v}; }

static tri own_value(void *asked, const condition *leaf) {
    if (asked) ++*(int *)asked;
    return (tri)leaf->flag;
}

static tri of_two(condition_kind kind, tri a, tri b) {
    condition one = leaf_worth(a), two = leaf_worth(b);
    const condition *parts[] = {&one, &two};
    condition c = {.kind = kind, .parts = parts, .parts_n = 2};
    return fe__condition_value(&c, own_value, NULL);
}

static void all_is_false_before_it_is_unknown(void **state) {
    (void)state;
    const tri table[3][3] = {
        {TRI_FALSE, TRI_FALSE, TRI_FALSE}, {TRI_FALSE, TRI_TRUE, TRI_UNKNOWN}, {TRI_FALSE, TRI_UNKNOWN, TRI_UNKNOWN}};
    for (int a = 0; a < 3; a++) {
        for (int b = 0; b < 3; b++) assert_int_equal(of_two(COND_ALL, (tri)a, (tri)b), table[a][b]);
    }
}

static void any_is_true_before_it_is_unknown(void **state) {
    (void)state;
    const tri table[3][3] = {
        {TRI_FALSE, TRI_TRUE, TRI_UNKNOWN}, {TRI_TRUE, TRI_TRUE, TRI_TRUE}, {TRI_UNKNOWN, TRI_TRUE, TRI_UNKNOWN}};
    for (int a = 0; a < 3; a++) {
        for (int b = 0; b < 3; b++) assert_int_equal(of_two(COND_ANY, (tri)a, (tri)b), table[a][b]);
    }
}

static void not_keeps_unknown(void **state) {
    (void)state;
    const tri turned[] = {TRI_TRUE, TRI_FALSE, TRI_UNKNOWN};
    for (int v = 0; v < 3; v++) {
        condition leaf = leaf_worth((tri)v);
        const condition *part = &leaf;
        condition c = {.kind = COND_NOT, .parts = &part, .parts_n = 1};
        assert_int_equal(fe__condition_value(&c, own_value, NULL), turned[v]);
    }
}

static void always_asks_nobody(void **state) {
    (void)state;
    int asked = 0;
    condition c = {.kind = COND_ALWAYS};
    assert_int_equal(fe__condition_value(&c, own_value, &asked), TRI_TRUE);
    assert_int_equal(asked, 0);
}

/* ---- bounds ------------------------------------------------------------------------------------------------------ */

static condition no_bounds(void) { return (condition){.kind = COND_NUM, .lt = NAN, .le = NAN, .gt = NAN, .ge = NAN, .eq = NAN}; }

static void exact_numbers_keep_or_break_a_bound(void **state) {
    (void)state;
    condition c = no_bounds();
    c.lt = 30;
    assert_int_equal(fe__condition_bounds(&c, 29.9, 29.9, 0, 0), TRI_TRUE);
    assert_int_equal(fe__condition_bounds(&c, 30, 30, 0, 0), TRI_FALSE);
    c = no_bounds();
    c.le = 30;
    assert_int_equal(fe__condition_bounds(&c, 30, 30, 0, 0), TRI_TRUE);
    c = no_bounds();
    c.gt = 30;
    assert_int_equal(fe__condition_bounds(&c, 30, 30, 0, 0), TRI_FALSE);
    assert_int_equal(fe__condition_bounds(&c, 31, 31, 0, 0), TRI_TRUE);
    c = no_bounds();
    c.ge = 30;
    assert_int_equal(fe__condition_bounds(&c, 30, 30, 0, 0), TRI_TRUE);
    assert_int_equal(fe__condition_bounds(&c, 29, 29, 0, 0), TRI_FALSE);
    c = no_bounds();
    c.eq = 2;
    assert_int_equal(fe__condition_bounds(&c, 2, 2, 0, 0), TRI_TRUE);
    assert_int_equal(fe__condition_bounds(&c, 3, 3, 0, 0), TRI_FALSE);
}

/* A lab "<5" is [0, 5): below 5 for certain, not known to be below 4, and certainly not 5. */
static void a_lab_below_its_detection_limit_is_an_interval(void **state) {
    (void)state;
    condition c = no_bounds();
    c.lt = 5;
    assert_int_equal(fe__condition_bounds(&c, 0, 5, 0, 1), TRI_TRUE);
    assert_int_equal(fe__condition_bounds(&c, 0, 5, 0, 0), TRI_UNKNOWN);
    c.lt = 4;
    assert_int_equal(fe__condition_bounds(&c, 0, 5, 0, 1), TRI_UNKNOWN);
    c = no_bounds();
    c.ge = 5;
    assert_int_equal(fe__condition_bounds(&c, 0, 5, 0, 1), TRI_FALSE);
    assert_int_equal(fe__condition_bounds(&c, 0, 5, 0, 0), TRI_UNKNOWN);
    c = no_bounds();
    c.eq = 5;
    assert_int_equal(fe__condition_bounds(&c, 0, 5, 0, 1), TRI_FALSE);
    c.eq = 3;
    assert_int_equal(fe__condition_bounds(&c, 0, 5, 0, 1), TRI_UNKNOWN);
    c = no_bounds();
    c.ge = 0;
    assert_int_equal(fe__condition_bounds(&c, 0, 5, 0, 1), TRI_TRUE);
}

/* ">1000" is (1000, inf). */
static void a_lab_above_its_range_is_an_interval(void **state) {
    (void)state;
    condition c = no_bounds();
    c.gt = 1000;
    assert_int_equal(fe__condition_bounds(&c, 1000, INFINITY, 1, 0), TRI_TRUE);
    assert_int_equal(fe__condition_bounds(&c, 1000, INFINITY, 0, 0), TRI_UNKNOWN);
    c = no_bounds();
    c.le = 1000;
    assert_int_equal(fe__condition_bounds(&c, 1000, INFINITY, 1, 0), TRI_FALSE);
    c.le = 2000;
    assert_int_equal(fe__condition_bounds(&c, 1000, INFINITY, 1, 0), TRI_UNKNOWN);
    c = no_bounds();
    c.lt = 300;
    assert_int_equal(fe__condition_bounds(&c, 1000, INFINITY, 1, 0), TRI_FALSE);
}

static void several_bounds_hold_together(void **state) {
    (void)state;
    condition c = no_bounds();
    c.ge = 100;
    c.le = 300;
    assert_int_equal(fe__condition_bounds(&c, 300, 300, 0, 0), TRI_TRUE);
    assert_int_equal(fe__condition_bounds(&c, 301, 301, 0, 0), TRI_FALSE);
    assert_int_equal(fe__condition_bounds(&c, 200, 400, 0, 0), TRI_UNKNOWN);
    assert_int_equal(fe__condition_bounds(&c, 400, 500, 0, 0), TRI_FALSE); /* one bound fails, whatever the other */
    c = no_bounds();
    assert_int_equal(fe__condition_bounds(&c, -INFINITY, INFINITY, 0, 0), TRI_TRUE);
}

/* ---- compiling --------------------------------------------------------------------------------------------------- */

typedef struct bench {
    arena *a;
    faults f;
    knowledge *k;
} bench;

static int open_bench(void **state) {
    static bench b;
    b.a = fe__arena_new(0);
    if (!b.a) return -1;
    if (setjmp(*fe__arena_escape(b.a))) return -1;
    fe__faults_init(&b.f, b.a, "rules.json");
    b.k = fe__knowledge_load(NULL, &b.f);
    for (size_t i = 0; i < b.f.n; i++) print_error("%s: %s: %s\n", b.f.list[i].file, b.f.list[i].at, b.f.list[i].expected);
    *state = &b;
    return b.k ? 0 : -1;
}

static int close_bench(void **state) {
    bench *b = *state;
    fe__knowledge_free(b->k);
    fe__arena_free(b->a);
    return 0;
}

/* Single quotes stand for double ones. */
static const condition *compiled(bench *b, const char *expression, size_t rules_known) {
    char json[512];
    assert_true((size_t)snprintf(json, sizeof json, "%s", expression) < sizeof json);
    for (char *p = json; *p; p++) {
        if (*p == '\'') *p = '"';
    }
    fe__faults_init(&b->f, b->a, "rules.json");
    json_t *sound = fe__json_read(&b->f, json, strlen(json));
    assert_non_null(sound);
    json_decref(sound);
    place root = fe__place("/when");
    return fe__condition_at(b->a, &b->f, b->k, fe__tree_parse(b->a, json), &root, rules_known);
}

static const condition *good(bench *b, const char *expression) {
    const condition *c = compiled(b, expression, b->k->rules_n);
    for (size_t i = 0; i < b->f.n; i++)
        print_error("%s: %s, found %s\n", b->f.list[i].at, b->f.list[i].expected, b->f.list[i].found);
    assert_non_null(c);
    assert_int_equal(b->f.n, 0);
    return c;
}

static void bad(bench *b, const char *expression, const char *at, const char *found, const char *hint) {
    assert_null(compiled(b, expression, 0));
    assert_true(b->f.n > 0);
    const fault *x = &b->f.list[0];
    assert_string_equal(x->at, at);
    if (!strstr(x->found, found)) fail_msg("%s: found %s", expression, x->found);
    if (hint && (!x->hint || !strstr(x->hint, hint))) fail_msg("%s: hint %s", expression, x->hint ? x->hint : "none");
}

static void every_form_names_its_term(void **state) {
    bench *b = *state;
    static const struct {
        const char *expression;
        condition_kind kind;
        term_kind of;
        const char *id;
    } forms[] = {
        {"{'has':'celiac-disease'}", COND_HAS, TERM_CONDITION, "celiac-disease"},
        {"{'family':'thalassemia'}", COND_FAMILY, TERM_CONDITION, "thalassemia"},
        {"{'cause':'celiac-disease'}", COND_CAUSE, TERM_CONDITION, "celiac-disease"},
        {"{'medicine':'nsaid'}", COND_MEDICINE, TERM_MEDICATION, "nsaid"},
        {"{'medicine':'oral-iron'}", COND_MEDICINE, TERM_MEDICATION, "oral-iron"},
        {"{'supplement':'iron-supplement'}", COND_SUPPLEMENT, TERM_MEDICATION, "iron-supplement"},
        {"{'symptom':'syncope'}", COND_SYMPTOM, TERM_SIGN, "syncope"},
        {"{'procedure_planned':'mri','within_days':90}", COND_PROCEDURE, TERM_EVENT, "mri"},
        {"{'lab':'ferritin','lt':30}", COND_LAB, TERM_LAB, "ferritin"},
        {"{'lab':'haptoglobin','result':['low','absent']}", COND_LAB_RESULT, TERM_LAB, "haptoglobin"},
        {"{'lab':'ferritin','known':true}", COND_LAB_KNOWN, TERM_LAB, "ferritin"},
        {"{'lab':'ferritin','note':'fasting'}", COND_LAB_NOTE, TERM_LAB, "ferritin"},
        {"{'num':'age_years','lt':18}", COND_NUM, TERM_FIELD, "age_years"},
        {"{'is':'oral_iron','in':['failed']}", COND_IS, TERM_FIELD, "oral_iron"},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        const condition *c = good(b, forms[i].expression);
        assert_int_equal(c->kind, forms[i].kind);
        assert_int_equal(c->term, fe__term_find_kind(b->k, forms[i].id, forms[i].of));
        assert_int_equal(c->number, -1);
        assert_int_equal(c->rule, -1);
    }
}

static void forms_without_a_term_name_what_they_ask(void **state) {
    bench *b = *state;
    assert_int_equal(good(b, "{'num':'days_to_surgery','le':42}")->number, NUM_days_to_surgery);
    assert_int_equal(good(b, "{'flag':'pregnant'}")->flag, FLAG_pregnant);
    assert_string_equal(good(b, "{'given':'allergies'}")->words[0], "allergies");
    assert_string_equal(good(b, "{'given':'medicines'}")->words[0], "medicines");
    assert_string_equal(good(b, "{'molecule':['fcm']}")->words[0], "fcm");
    assert_string_equal(good(b, "{'product':['lmwid-us']}")->words[0], "lmwid-us");
    assert_string_equal(good(b, "{'region':['eu']}")->words[0], "eu");
    assert_int_equal(good(b, "{'always':true}")->kind, COND_ALWAYS);
    const condition *all = good(b, "{'all':[{'always':true},{'not':{'flag':'child'}}]}");
    assert_int_equal(all->parts_n, 2);
    assert_int_equal(all->parts[1]->kind, COND_NOT);
    assert_int_equal(all->parts[1]->parts[0]->flag, FLAG_child);
}

static void numbers_of_a_leaf_are_nan_or_infinite_when_absent(void **state) {
    bench *b = *state;
    const condition *c = good(b, "{'lab':'ferritin','ge':100,'le':299}");
    assert_true(isnan(c->lt) && isnan(c->gt) && isnan(c->eq));
    assert_float_equal(c->ge, 100, 0);
    assert_float_equal(c->le, 299, 0);
    assert_true(isinf(good(b, "{'symptom':'syncope'}")->within_days));
    assert_float_equal(good(b, "{'symptom':'syncope','within_days':2}")->within_days, 2, 0);
}

static void an_unknown_name_is_a_fault_with_a_hint(void **state) {
    bench *b = *state;
    bad(b, "{'has':'celiac-diseas'}", "/when/has", "celiac-diseas", "celiac-disease");
    bad(b, "{'medicine':'nsaids'}", "/when/medicine", "nsaids", "nsaid");
    bad(b, "{'has':'nsaid'}", "/when/has", "nsaid", NULL); /* a medication is no condition */
    bad(b, "{'symptom':'syncop'}", "/when/symptom", "syncop", "syncope");
    bad(b, "{'lab':'feritin','lt':30}", "/when/lab", "feritin", "ferritin");
    bad(b, "{'num':'days_to_surgry','lt':30}", "/when/num", "days_to_surgry", "days_to_surgery");
    bad(b, "{'num':'oral_iron','lt':30}", "/when/num", "oral_iron", NULL); /* a field of words is no number */
    bad(b, "{'flag':'pregnent'}", "/when/flag", "pregnent", "pregnant");
    bad(b, "{'is':'oral_iron','in':['fialed']}", "/when/in", "fialed", "failed");
    bad(b, "{'is':'age_years','in':['old']}", "/when/is", "age_years", NULL);
    bad(b, "{'given':'allergys'}", "/when/given", "allergys", "allergies");
    bad(b, "{'molecule':['fmc']}", "/when/molecule/0", "fmc", NULL);
    bad(b, "{'product':['fcm-us','fcm-uk']}", "/when/product/1", "fcm-uk", "fcm-");
    bad(b, "{'region':['uk']}", "/when/region", "uk", NULL);
    bad(b, "{'rule':'def-nothing'}", "/when/rule", "def-nothing", NULL);
    bad(b, "{'lab':'ferritin','note':'fastin'}", "/when/note", "fastin", "fasting");
    bad(b, "{'lab':'haptoglobin','result':['normel']}", "/when/result", "normel", "normal");
    bad(b, "{'hass':'celiac-disease'}", "/when", "hass", "has");
}

static void a_misshapen_expression_is_a_fault(void **state) {
    bench *b = *state;
    bad(b, "[]", "/when", "array", NULL);
    bad(b, "{}", "/when", "empty object", NULL);
    bad(b, "{'all':[]}", "/when/all", "empty array", NULL);
    bad(b, "{'any':{'always':true}}", "/when/any", "object", NULL);
    bad(b, "{'all':[{'always':true},{'any':[{'has':'nothing'}]}]}", "/when/all/1/any/0/has", "nothing", NULL);
    bad(b, "{'not':null}", "/when/not", "null", NULL);
    bad(b, "{'always':false}", "/when/always", "false", NULL);
    bad(b, "{'lab':'ferritin'}", "/when", "none", NULL);
    bad(b, "{'lab':'ferritin','lt':'30'}", "/when/lt", "\"30\"", NULL);
    bad(b, "{'lab':'ferritin','known':false}", "/when/known", "false", NULL);
    bad(b, "{'lab':'hb-electrophoresis','lt':3}", "/when/lab", "hb-electrophoresis", NULL);
    bad(b, "{'lab':'ferritin','ge':300,'lt':100}", "/when", "lower bound", NULL);
    bad(b, "{'lab':'ferritin','gt':100,'lt':100}", "/when", "lower bound", NULL);
    bad(b, "{'flag':'child','lt':3}", "/when/lt", "3", NULL);
    bad(b, "{'has':'asthma','flag':'child'}", "/when/flag", "child", NULL);
    bad(b, "{'symptom':'syncope','within_days':-1}", "/when/within_days", "-1", NULL);
    bad(b, "{'region':[]}", "/when/region", "empty array", NULL);
}

static void a_condition_names_only_rules_above_it(void **state) {
    bench *b = *state;
    assert_true(b->k->rules_n > 1);
    char expression[200];
    snprintf(expression, sizeof expression, "{'rule':'%s'}", b->k->rules[1].id);
    const condition *c = compiled(b, expression, 2);
    assert_non_null(c);
    assert_int_equal(c->rule, 1);
    assert_null(compiled(b, expression, 1));
    assert_string_equal(b->f.list[0].at, "/when/rule");
}

static void all_faults_of_an_expression_come_at_once(void **state) {
    bench *b = *state;
    assert_null(compiled(b, "{'any':[{'has':'a'},{'flag':'b'},{'lab':'ferritin','lt':1}]}", 0));
    assert_int_equal(b->f.n, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_is_false_before_it_is_unknown),
        cmocka_unit_test(any_is_true_before_it_is_unknown),
        cmocka_unit_test(not_keeps_unknown),
        cmocka_unit_test(always_asks_nobody),
        cmocka_unit_test(exact_numbers_keep_or_break_a_bound),
        cmocka_unit_test(a_lab_below_its_detection_limit_is_an_interval),
        cmocka_unit_test(a_lab_above_its_range_is_an_interval),
        cmocka_unit_test(several_bounds_hold_together),
        cmocka_unit_test(every_form_names_its_term),
        cmocka_unit_test(forms_without_a_term_name_what_they_ask),
        cmocka_unit_test(numbers_of_a_leaf_are_nan_or_infinite_when_absent),
        cmocka_unit_test(an_unknown_name_is_a_fault_with_a_hint),
        cmocka_unit_test(a_misshapen_expression_is_a_fault),
        cmocka_unit_test(a_condition_names_only_rules_above_it),
        cmocka_unit_test(all_faults_of_an_expression_come_at_once),
    };
    return cmocka_run_group_tests(tests, open_bench, close_bench);
}
