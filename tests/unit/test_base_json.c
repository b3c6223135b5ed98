/* JSON: read within bounds, described, built without a check at every step, written with the fewest digits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"

static int open_arena(void **state) {
    arena *a = fe__arena_new(0);
    *state = a;
    return a ? 0 : -1;
}

static int close_arena(void **state) {
    fe__arena_free(*state);
    return 0;
}

/* From a copy without a byte to spare, so that ASan sees reading past the end. */
static json_t *read_bytes(faults *f, arena *a, const char *s, size_t n) {
    char *exact = malloc(n ? n : 1);
    assert_non_null(exact);
    memcpy(exact, s, n);
    fe__faults_init(f, a, "x.json");
    json_t *value = fe__json_read(f, exact, n);
    free(exact);
    return value;
}

static json_t *document(arena *a, const char *s) {
    faults f;
    json_t *value = read_bytes(&f, a, s, strlen(s));
    if (!value) fail_msg("%s: expected %s, found %s", f.list[0].at, f.list[0].expected, f.list[0].found);
    assert_int_equal(f.n, 0);
    return value;
}

static void is_fault(arena *a, const char *s, const char *at, const char *expected) {
    faults f;
    assert_null(read_bytes(&f, a, s, strlen(s)));
    assert_int_equal(f.n, 1);
    assert_string_equal(f.list[0].at, at);
    assert_string_equal(f.list[0].expected, expected);
    assert_true(f.list[0].found[0]);
}

static void writes(const json_t *value, const char *expected) {
    char *s = fe__json_text(value);
    assert_non_null(s);
    assert_string_equal(s, expected);
    free(s);
}

static void a_document_is_read_and_written(void **state) {
    json_t *v = document(*state, "{\"b\":[1,-2.50,1e2,true,false,null],\"a\":{\"µ\":\"g\\/L\\u00e9\"},\"e\":{},\"l\":[ ]}");
    writes(v, "{\n  \"b\": [\n    1,\n    -2.5,\n    100.0,\n    true,\n    false,\n    null\n  ],\n"
              "  \"a\": {\n    \"µ\": \"g/Lé\"\n  },\n  \"e\": {},\n  \"l\": []\n}");
    json_decref(v);
    v = document(*state, "\xEF\xBB\xBF[]");
    writes(v, "[]");
    json_decref(v);
}

static void a_broken_document_is_a_fault_with_its_place(void **state) {
    arena *a = *state;
    is_fault(a, "", "line 1, column 0", "the rest of the document");
    is_fault(a, "7", "line 1, column 1", "JSON");
    is_fault(a, "{\"a\": 1,\n \"b\": x}", "line 2, column 7", "JSON");
    is_fault(a, "[1] 2", "line 1, column 5", "nothing behind the document");
    is_fault(a, "{}{}", "line 1, column 3", "nothing behind the document");
    is_fault(a, "{\"a\":1,\"a\":2}", "line 1, column 10", "each key once");
    is_fault(a, "[1e400]", "line 1, column 6", "a number that a computer can hold");
    is_fault(a, "[123456789012345678901234567890]", "line 1, column 31", "a number that a computer can hold");
    is_fault(a, "[1", "line 1, column 2", "the rest of the document");
    is_fault(a, "[\"\xFF\"]", "line 1, column 2", "UTF-8");
    is_fault(a, "[NaN]", "line 1, column 4", "JSON");
    is_fault(a, "[1,]", "line 1, column 4", "JSON");
    faults f;
    assert_null(read_bytes(&f, a, "[\"a\0b\"]", 7));
    assert_int_equal(f.n, 1);
    assert_null(read_bytes(&f, a, "[\"\\u0000\"]", 10));
    assert_int_equal(f.n, 1);
    assert_null(read_bytes(&f, a, "[1]\0", 4));
    assert_int_equal(f.n, 1);
}

static void the_found_is_what_stands_there(void **state) {
    faults f;
    read_bytes(&f, *state, "[1, blue]", 9);
    assert_string_equal(f.list[0].found, "'blue'");
    assert_string_equal(f.list[0].hint, "invalid token");
    read_bytes(&f, *state, "[\"\xFF\"]", 5);
    assert_string_equal(f.list[0].found, "unable to decode byte 0xff near '\"'");
    assert_null(f.list[0].hint);
}

/* [[[...]]] of so many levels, with brackets in strings that do not count. */
static char *nested(arena *a, int depth) {
    text t;
    fe__text_init(&t, a);
    fe__text_add(&t, "[\"[[[[\\\"{{\\\\\",\n");
    for (int i = 1; i < depth; i++) fe__text_add(&t, i % 2 ? "{\"k\":" : "[");
    fe__text_add(&t, "1");
    for (int i = depth - 1; i >= 1; i--) fe__text_add(&t, i % 2 ? "}" : "]");
    fe__text_add(&t, "]");
    return t.s;
}

static void nesting_is_bounded(void **state) {
    json_t *v = document(*state, nested(*state, JSON_MAX_DEPTH));
    char *s = fe__json_text(v);
    assert_non_null(s);
    free(s);
    json_decref(v);
    is_fault(*state, nested(*state, JSON_MAX_DEPTH + 1), "line 2, column 192", "at most 64 levels of nesting");
    is_fault(*state, nested(*state, 100000), "line 2, column 192", "at most 64 levels of nesting");
    v = document(*state, "[[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],"
                         "[],[],"
                         "[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[]]");
    json_decref(v); /* many, but side by side */
}

static void size_is_bounded(void **state) {
    faults f;
    size_t n = JSON_MAX_BYTES + 1;
    char *s = malloc(n);
    assert_non_null(s);
    memset(s, ' ', n);
    memcpy(s, "[]", 2);
    json_t *v = read_bytes(&f, *state, s, n - 1);
    assert_non_null(v);
    json_decref(v);
    assert_null(read_bytes(&f, *state, s, n));
    assert_string_equal(f.list[0].expected, "at most 8388608 bytes");
    free(s);
}

static void a_value_is_described(void **state) {
    arena *a = *state;
    json_t *v = document(a, "[{}, [1], \"80\", 12, 12.5, true, false, null, 0.1]");
    static const char *const expected[] = {"object", "array", "\"80\"", "12", "12.5", "true", "false", "null", "0.1"};
    for (size_t i = 0; i < 9; i++) assert_string_equal(fe__json_found(a, json_array_get(v, i)), expected[i]);
    assert_string_equal(fe__json_found(a, NULL), "nothing");
    json_decref(v);
}

static void pointers_are_escaped(void **state) {
    arena *a = *state;
    assert_string_equal(fe__ptr(a, "", "labs"), "/labs");
    assert_string_equal(fe__ptr(a, "/labs", "a/b~c"), "/labs/a~1b~0c");
    assert_string_equal(fe__ptr(a, "/x", ""), "/x/");
    assert_string_equal(fe__ptr_index(a, "/labs", 12), "/labs/12");
}

static void an_answer_is_built(void **state) {
    (void)state;
    json_out o = {false};
    json_t *object = fe__jobject(&o), *list = fe__jarray(&o);
    fe__jadd_str(&o, list, "a");
    fe__jadd_str(&o, list, NULL);
    fe__jadd_num(&o, list, 0.1);
    fe__jadd_num(&o, list, (double)NAN);
    fe__jadd(&o, list, json_true());
    fe__jput_str(&o, object, "z", "é\"\\\n\x01");
    fe__jput_str(&o, object, "none", NULL);
    fe__jput_num(&o, object, "n", 12.50);
    fe__jput_num(&o, object, "nan", (double)NAN);
    fe__jput_int(&o, object, "i", -9000000000LL);
    fe__jput_bool(&o, object, "t", true);
    fe__jput_bool(&o, object, "f", false);
    fe__jput_null(&o, object, "null");
    fe__jput(&o, object, "a", list);
    assert_false(o.failed);
    writes(object, "{\n  \"z\": \"é\\\"\\\\\\n\\u0001\",\n  \"none\": null,\n  \"n\": 12.5,\n  \"nan\": null,\n"
                   "  \"i\": -9000000000,\n  \"t\": true,\n  \"f\": false,\n  \"null\": null,\n"
                   "  \"a\": [\n    \"a\",\n    null,\n    0.1,\n    null,\n    true\n  ]\n}");
    json_decref(object);
}

static bool fails(void (*step)(json_out *, json_t *, json_t *)) {
    json_out o = {false};
    json_t *object = fe__jobject(&o), *list = fe__jarray(&o);
    assert_false(o.failed);
    step(&o, object, list);
    bool failed = o.failed;
    fe__jput_int(&o, object, "after", 1);
    assert_int_equal(o.failed, failed); /* what follows does not wash it off */
    json_decref(object);
    json_decref(list);
    return failed;
}

static void put_nothing(json_out *o, json_t *object, json_t *list) { (void)list, fe__jput(o, object, "k", NULL); }
static void add_nothing(json_out *o, json_t *object, json_t *list) { (void)object, fe__jadd(o, list, NULL); }
static void put_broken(json_out *o, json_t *object, json_t *list) { (void)list, fe__jput_str(o, object, "k", "\xFF"); }
static void add_broken(json_out *o, json_t *object, json_t *list) { (void)object, fe__jadd_str(o, list, "\xFF"); }
static void put_key(json_out *o, json_t *object, json_t *list) { (void)list, fe__jput_int(o, object, "\xFF", 1); }
static void put_endless(json_out *o, json_t *object, json_t *list) { (void)list, fe__jput_num(o, object, "k", (double)INFINITY); }
static void add_endless(json_out *o, json_t *object, json_t *list) { (void)object, fe__jadd_num(o, list, -(double)INFINITY); }
static void put_in_list(json_out *o, json_t *object, json_t *list) { (void)object, fe__jput_int(o, list, "k", 1); }
static void put_in_none(json_out *o, json_t *object, json_t *list) { (void)object, (void)list, fe__jput_int(o, NULL, "k", 1); }
static void add_to_none(json_out *o, json_t *object, json_t *list) { (void)object, (void)list, fe__jadd_num(o, NULL, 1); }
static void no_number(json_out *o, json_t *object, json_t *list) {
    (void)object, (void)list;
    assert_null(fe__jnumber(o, (double)NAN));
}

static void a_failed_step_is_remembered(void **state) {
    (void)state;
    assert_true(fails(put_nothing));
    assert_true(fails(add_nothing));
    assert_true(fails(put_broken));
    assert_true(fails(add_broken));
    assert_true(fails(put_key));
    assert_true(fails(put_endless));
    assert_true(fails(add_endless));
    assert_true(fails(put_in_list));
    assert_true(fails(put_in_none));
    assert_true(fails(add_to_none));
    assert_true(fails(no_number));
}

static void *no_memory(size_t n) {
    (void)n;
    return NULL;
}

static void memory_that_ends_is_a_failed_step_or_a_jump(void **state) {
    json_malloc_t own_malloc;
    json_free_t own_free;
    json_get_alloc_funcs(&own_malloc, &own_free);
    json_out o = {false};
    json_set_alloc_funcs(no_memory, own_free);
    json_t *object = fe__jobject(&o), *list = fe__jarray(&o);
    json_set_alloc_funcs(own_malloc, own_free);
    assert_null(object);
    assert_null(list);
    assert_true(o.failed);

    faults f;
    fe__faults_init(&f, *state, "x");
    volatile bool jumped = false;
    if (setjmp(*fe__arena_escape(*state)) == 0) {
        json_set_alloc_funcs(no_memory, own_free);
        fe__json_read(&f, "[1]", 3);
    } else {
        jumped = true;
    }
    json_set_alloc_funcs(own_malloc, own_free);
    assert_true(jumped); /* no fault of the input */
    assert_int_equal(f.n, 0);
}

static void number(double v, const char *expected) {
    json_out o = {false};
    json_t *n = fe__jnumber(&o, v);
    assert_false(o.failed);
    char *s = fe__json_text(n);
    assert_non_null(s);
    assert_string_equal(s, expected);
    free(s);
    json_decref(n);
}

static void numbers_have_the_fewest_digits(void **state) {
    (void)state;
    number(0, "0");
    number(-0.0, "0");
    number(80, "80");
    number(-3, "-3");
    number(999999999999999, "999999999999999");
    number(1e15, "1e15");
    number(1e20, "1e20");
    number(0.1, "0.1");
    number(-0.05, "-0.05");
    number(12.5, "12.5");
    number(123456.789, "123456.789");
    number(0.1 + 0.2, "0.30000000000000004");
    number(1.0 / 3.0, "0.3333333333333333");
    number(0.00001, "0.00001");
    number(0.000012345, "0.000012345");
    number(0.000001, "1e-6");
    number(1.5e-7, "1.5e-7");
    number(1.7976931348623157e308, "1.7976931348623157e308");
    number(2.2250738585072014e-308, "2.2250738585072014e-308");
    number(5e-324, "5e-324");
    number(-1.2345678901234568e-300, "-1.2345678901234568e-300");
    number(9007199254740993.0, "9.007199254740992e15");
}

static void every_number_comes_back(void **state) {
    faults f;
    uint64_t x = 88172645463325252u; /* the seed */
    json_out o = {false};
    json_t *list = fe__jarray(&o);
    enum { COUNT = 20000 };
    static double values[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        memcpy(&values[i], &x, sizeof x);
        if (!isfinite(values[i])) values[i] = 1;
        if (i % 2) values[i] = (double)(x % 100000000) / 1000; /* as people write them */
        fe__jadd_num(&o, list, values[i]);
    }
    char *s = fe__json_text(list);
    json_t *again = read_bytes(&f, *state, s, strlen(s));
    assert_non_null(again);
    for (size_t i = 0; i < COUNT; i++) assert_true(json_number_value(json_array_get(again, i)) == values[i]);
    writes(again, s);
    free(s);
    json_decref(again);
    json_decref(list);
}

static void strings_come_back(void **state) {
    faults f;
    char all[0x80 + 8] = "";
    for (int i = 1; i < 0x80; i++) all[i - 1] = (char)i;
    strcpy(all + 0x7F, "µ€");
    json_t *list = json_pack("[s, s#]", all, "a\0b", 3);
    char *s = fe__json_text(list);
    assert_non_null(strstr(s, "\"a\\u0000b\""));
    assert_non_null(strstr(s, "\\u0007\\b\\t\\n\\u000b\\f\\r\\u000e"));
    assert_non_null(strstr(s, "~\x7Fµ€\""));
    json_array_remove(list, 1); /* NUL is not read */
    free(s);
    s = fe__json_text(list);
    json_t *again = read_bytes(&f, *state, s, strlen(s));
    assert_true(json_equal(list, again));
    free(s);
    json_decref(again);
    json_decref(list);
}

static void a_cycle_or_nothing_is_not_written(void **state) {
    (void)state;
    json_t *a = json_array(), *b = json_array();
    json_array_append(a, b);
    json_array_append(b, a);
    assert_null(fe__json_text(a));
    json_array_clear(b);
    json_decref(a);
    json_decref(b);
    assert_null(fe__json_text(NULL));
}

static void the_locale_of_the_program_changes_nothing(void **state) {
    static const char *const names[] = {"ps_AF.UTF-8", "ps_AF", "de_DE.UTF-8", "de_DE", "fr_FR.UTF-8"};
    size_t i = 0, n = sizeof names / sizeof *names;
    while (i < n && !setlocale(LC_ALL, names[i])) i++;
    if (i == n) skip(); /* no locale with another decimal point is installed */
    json_t *v = document(*state, "[1.5, 1e-7]");
    char *s = fe__json_text(v);
    setlocale(LC_ALL, "C");
    assert_true(json_real_value(json_array_get(v, 0)) == 1.5);
    assert_string_equal(s, "[\n  1.5,\n  1e-7\n]");
    free(s);
    json_decref(v);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_document_is_read_and_written),
        cmocka_unit_test(a_broken_document_is_a_fault_with_its_place),
        cmocka_unit_test(the_found_is_what_stands_there),
        cmocka_unit_test(nesting_is_bounded),
        cmocka_unit_test(size_is_bounded),
        cmocka_unit_test(a_value_is_described),
        cmocka_unit_test(pointers_are_escaped),
        cmocka_unit_test(an_answer_is_built),
        cmocka_unit_test(a_failed_step_is_remembered),
        cmocka_unit_test(memory_that_ends_is_a_failed_step_or_a_jump),
        cmocka_unit_test(numbers_have_the_fewest_digits),
        cmocka_unit_test(every_number_comes_back),
        cmocka_unit_test(strings_come_back),
        cmocka_unit_test(a_cycle_or_nothing_is_not_written),
        cmocka_unit_test(the_locale_of_the_program_changes_nothing),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
