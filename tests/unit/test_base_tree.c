/* The tree reader against Jansson: the same text gives the same values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/file.h"
#include "base/json.h"
#include "base/tree.h"

static void same(const tree *t, const json_t *j) {
    switch (json_typeof(j)) {
    case JSON_OBJECT: {
        size_t i = 0;
        assert_int_equal(fe__tree_size(t), json_object_size(j));
        for (void *m = json_object_iter((json_t *)j); m; m = json_object_iter_next((json_t *)j, m), i++) {
            assert_string_equal(t->items[i].key, json_object_iter_key(m));
            assert_ptr_equal(fe__tree_get(t, t->items[i].key), &t->items[i]);
            same(&t->items[i], json_object_iter_value(m));
        }
        return;
    }
    case JSON_ARRAY:
        assert_int_equal(fe__tree_length(t), json_array_size(j));
        for (size_t i = 0; i < json_array_size(j); i++) same(fe__tree_element(t, i), json_array_get(j, i));
        return;
    case JSON_STRING: assert_string_equal(fe__tree_text(t), json_string_value(j)); return;
    case JSON_INTEGER:
    case JSON_REAL:
        assert_true(fe__tree_is(t, TREE_NUMBER));
        assert_true(fe__tree_number(t) == json_number_value(j));
        return;
    case JSON_TRUE: assert_true(fe__tree_is(t, TREE_TRUE)); return;
    case JSON_FALSE: assert_true(fe__tree_is(t, TREE_FALSE)); return;
    case JSON_NULL: assert_true(fe__tree_is(t, TREE_NULL)); return;
    }
}

static void agrees(const char *text) {
    arena *a = fe__arena_new(0);
    faults f;
    fe__faults_init(&f, a, "text");
    json_t *j = fe__json_read(&f, text, strlen(text));
    assert_non_null(j);
    same(fe__tree_parse(a, text), j);
    json_decref(j);
    fe__arena_free(a);
}

static void every_kind_of_value_is_read_as_jansson_reads_it(void **state) {
    (void)state;
    agrees("{}");
    agrees(" [ ] ");
    agrees("{\"a\":[1,-2.5e3,0.1,1e-7,12345678901],\"b\":{\"c\":null,\"d\":true,\"e\":false},\"f\":\"\"}");
    agrees("[\"plain\",\"q\\\"uote\",\"b\\\\ack\",\"\\/\\b\\f\\n\\r\\t\",\"\\u00e9\\u20ac\\ud83d\\ude00x\",\"é€😀\"]");
    agrees("\t{ \"a\" :\n [ 1 ,\r 2 ] , \"b\" : \"\\\\\" }\n");
}

static void the_knowledge_is_read_as_jansson_reads_it(void **state) {
    (void)state;
    static const char *const files[] = {"data/products.json", "data/rules.json", "data/reactions.json", "data/practice.json",
                                        "data/manifest.json"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        arena *a = fe__arena_new(0);
        faults f;
        size_t n;
        fe__faults_init(&f, a, files[i]);
        const char *text = fe__file_read(&f, files[i], JSON_MAX_BYTES, &n);
        assert_non_null(text);
        agrees(text);
        fe__arena_free(a);
    }
}

static void the_wrong_kind_gives_nothing(void **state) {
    (void)state;
    arena *a = fe__arena_new(0);
    const tree *t = fe__tree_parse(a, "[1]");
    assert_null(fe__tree_get(t, "a"));
    assert_null(fe__tree_element(t, 1));
    assert_null(fe__tree_element(NULL, 0));
    assert_null(fe__tree_text(t));
    assert_int_equal(fe__tree_size(t), 0);
    assert_true(fe__tree_number(NULL) == 0);
    assert_string_equal(fe__tree_found(a, NULL), "nothing");
    assert_string_equal(fe__tree_found(a, t), "array");
    assert_string_equal(fe__tree_found(a, fe__tree_element(t, 0)), "1");
    fe__arena_free(a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_value_is_read_as_jansson_reads_it),
        cmocka_unit_test(the_knowledge_is_read_as_jansson_reads_it),
        cmocka_unit_test(the_wrong_kind_gives_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
