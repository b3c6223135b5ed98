/* Memory of one answer: zeroed, apart from each other, bounded, and a jump when it ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"

static bool is_zero(const char *p, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (p[i]) return false;
    }
    return true;
}

static void memory_is_zeroed_aligned_and_apart(void **state) {
    (void)state;
    arena *a = fe__arena_new(0);
    char *last = NULL;
    for (int round = 0; round < 3; round++) {
        for (size_t n = 0; n < 3000; n += 7) {
            char *p = fe__alloc(a, n);
            assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
            assert_true(is_zero(p, n));
            assert_ptr_not_equal(p, last);
            memset(p, 0x5A, n); /* ASan sees a place outside a block; the next round sees what is not zeroed */
            last = p;
        }
        fe__arena_reset(a);
    }
    fe__arena_free(a);
}

static void writing_one_place_leaves_the_others(void **state) {
    (void)state;
    enum { PLACES = 500 };
    arena *a = fe__arena_new(0);
    unsigned char *places[PLACES];
    for (size_t i = 0; i < PLACES; i++) {
        places[i] = fe__alloc(a, i + 1);
        memset(places[i], (int)(i % 251), i + 1);
    }
    for (size_t i = 0; i < PLACES; i++) {
        for (size_t k = 0; k <= i; k++) assert_int_equal(places[i][k], i % 251);
    }
    fe__arena_free(a);
}

static void a_reset_keeps_the_blocks(void **state) {
    (void)state;
    arena *a = fe__arena_new(0);
    char *first = fe__alloc(a, 100);
    char *big = fe__alloc(a, 3000000);
    big[2999999] = 1;
    fe__arena_reset(a);
    assert_ptr_equal(fe__alloc(a, 100), first);
    char *again = fe__alloc(a, 3000000);
    assert_ptr_equal(again, big);
    assert_int_equal(again[2999999], 0);
    fe__arena_free(a);
}

static void a_bigger_answer_after_a_reset_takes_a_new_block(void **state) {
    (void)state;
    arena *a = fe__arena_new(0);
    for (size_t n = 1; n < 4000000; n = 3 * n) {
        memset(fe__alloc(a, n), 1, n);
        memset(fe__alloc(a, 2 * n), 1, 2 * n);
        fe__arena_reset(a);
    }
    fe__arena_free(a);
    fe__arena_free(NULL);
}

static void past_the_limit_it_jumps(void **state) {
    (void)state;
    arena *a = fe__arena_new(4096);
    volatile int given = 0;
    if (setjmp(*fe__arena_escape(a)) == 0) {
        for (; given < 1000; given++) fe__alloc(a, 64);
        fail_msg("the limit did not hold");
    }
    assert_int_equal(given, 4096 / 64);
    assert_null(fe__alloc_try(a, 1));
    fe__arena_reset(a);
    assert_non_null(fe__alloc_try(a, 4096));
    fe__arena_free(a);
}

static void sizes_that_overflow_jump(void **state) {
    (void)state;
    arena *a = fe__arena_new(0);
    volatile int jumps = 0;
    if (setjmp(*fe__arena_escape(a)) == 0) fe__alloc_array(a, SIZE_MAX / 2 + 1, 2);
    else jumps++;
    if (setjmp(*fe__arena_escape(a)) == 0) fe__alloc(a, SIZE_MAX);
    else jumps++;
    if (setjmp(*fe__arena_escape(a)) == 0) fe__alloc(a, SIZE_MAX - 4 * sizeof(max_align_t));
    else jumps++;
    assert_int_equal(jumps, 3);
    assert_non_null(fe__alloc_array(a, 0, 8));
    fe__arena_free(a);
}

static void strings_are_copied(void **state) {
    (void)state;
    arena *a = fe__arena_new(0);
    char source[] = "haemoglobin";
    char *copy = fe__strdup(a, source);
    char *part = fe__strndup(a, source, 4);
    source[0] = 'x';
    assert_string_equal(copy, "haemoglobin");
    assert_string_equal(part, "haem");
    assert_string_equal(fe__strndup(a, "ab", 100), "ab");
    assert_string_equal(fe__strndup(a, "ab", 0), "");
    assert_null(fe__strdup(a, NULL));
    assert_null(fe__strndup(a, NULL, 3));
    fe__arena_free(a);
}

static void printf_writes_texts_of_any_length(void **state) {
    (void)state;
    arena *a = fe__arena_new(0);
    assert_string_equal(fe__printf(a, "%d %s", 7, "days"), "7 days");
    assert_string_equal(fe__printf(a, "%s", ""), "");
    for (int n = 250; n < 262; n++) { /* around the size of the stack's buffer */
        const char *s = fe__printf(a, "%0*d", n, 1);
        assert_int_equal(strlen(s), n);
        assert_int_equal(s[n - 1], '1');
    }
    fe__arena_free(a);
}

static void a_list_grows_and_its_new_elements_are_zero(void **state) {
    (void)state;
    typedef struct pair {
        int a, b;
    } pair;
    arena *a = fe__arena_new(0);
    pair *list = NULL;
    size_t n = 0, cap = 0;
    for (int i = 0; i < 1000; i++) {
        pair *p = FE_PUSH(a, list, n, cap);
        assert_int_equal(p->a, 0);
        assert_int_equal(p->b, 0);
        p->a = i;
    }
    assert_int_equal(n, 1000);
    for (int i = 0; i < 1000; i++) assert_int_equal(list[i].a, i);
    n = 10; /* cut shorter: what was there does not come back */
    assert_int_equal(FE_PUSH(a, list, n, cap)->a, 0);
    assert_int_equal(list[9].a, 9);
    fe__arena_free(a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_aligned_and_apart),
        cmocka_unit_test(writing_one_place_leaves_the_others),
        cmocka_unit_test(a_reset_keeps_the_blocks),
        cmocka_unit_test(a_bigger_answer_after_a_reset_takes_a_new_block),
        cmocka_unit_test(past_the_limit_it_jumps),
        cmocka_unit_test(sizes_that_overflow_jump),
        cmocka_unit_test(strings_are_copied),
        cmocka_unit_test(printf_writes_texts_of_any_length),
        cmocka_unit_test(a_list_grows_and_its_new_elements_are_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
