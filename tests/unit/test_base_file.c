/* Whole files: read with a bound, and a fault in plain words when they cannot be. */
#define _POSIX_C_SOURCE 200809L /* getrlimit */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/file.h"

static const char NAME[] = "test_base_file.tmp";

static int open_arena(void **state) {
    arena *a = fe__arena_new(0);
    *state = a;
    return a ? 0 : -1;
}

static int close_arena(void **state) {
    fe__arena_free(*state);
    remove(NAME);
    return 0;
}

static void write_file(const char *bytes, size_t n) {
    FILE *file = fopen(NAME, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

static void a_file_is_read_whole(void **state) {
    faults f;
    fe__faults_init(&f, *state, NAME);
    static const size_t sizes[] = {0, 1, 16 * 1024 - 2, 16 * 1024 - 1, 16 * 1024, 32 * 1024 - 1, 300001};
    char *bytes = malloc(300001);
    assert_non_null(bytes);
    for (size_t i = 0; i < 300001; i++) bytes[i] = (char)(i % 253);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        write_file(bytes, sizes[i]);
        size_t n = 99;
        char *s = fe__file_read(&f, NAME, sizes[i], &n); /* the bound itself is allowed */
        assert_non_null(s);
        assert_int_equal(n, sizes[i]);
        assert_memory_equal(s, bytes, n);
        assert_int_equal(s[n], 0);
    }
    size_t n = 0;
    assert_non_null(fe__file_read(&f, NAME, SIZE_MAX, &n));
    assert_int_equal(n, 300001);
    assert_int_equal(f.n, 0);
    free(bytes);
}

static void a_longer_file_is_refused(void **state) {
    faults f;
    char bytes[40000];
    memset(bytes, 'x', sizeof bytes);
    static const size_t limits[] = {0, 100, 16 * 1024 - 1, 16 * 1024, sizeof bytes - 1};
    write_file(bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        size_t n = 7;
        fe__faults_init(&f, *state, NAME);
        assert_null(fe__file_read(&f, NAME, limits[i], &n));
        assert_int_equal(f.n, 1);
        assert_string_equal(f.list[0].expected, fe__printf(*state, "at most %zu bytes", limits[i]));
        assert_int_equal(n, 7);
    }
}

static void a_file_past_the_bound_is_not_read_to_its_end(void **state) {
    (void)state;
    enum { LONG = 1000000 };
    char *bytes = calloc(LONG, 1);
    assert_non_null(bytes);
    write_file(bytes, LONG);
    free(bytes);
    arena *a = fe__arena_new(64 * 1024); /* would jump */
    faults f;
    size_t n;
    if (setjmp(*fe__arena_escape(a))) fail_msg("the whole file was read");
    fe__faults_init(&f, a, NAME);
    assert_null(fe__file_read(&f, NAME, 100, &n));
    assert_string_equal(f.list[0].found, "a longer file");
    fe__arena_free(a);
}

static void a_missing_file_and_a_folder_are_told_apart(void **state) {
    faults f;
    size_t n = 7;
    fe__faults_init(&f, *state, "x");
    assert_null(fe__file_read(&f, "no/such/file.csv", 10, &n));
    assert_null(fe__file_read(&f, ".", 10, &n));
    assert_int_equal(f.n, 2);
    assert_string_equal(f.list[0].found, "no file of this name");
    assert_string_equal(f.list[1].found, "a folder");
    assert_int_equal(n, 7);
}

static void standard_input_is_a_dash(void **state) {
    faults f;
    size_t n = 0;
    write_file("Hb\n", 3);
    assert_non_null(freopen(NAME, "rb", stdin));
    fe__faults_init(&f, *state, "-");
    assert_string_equal(fe__file_read(&f, "-", 10, &n), "Hb\n");
    assert_int_equal(n, 3);
}

/* LeakSanitizer does not see an open FILE, but fopen ends with a small table of files. */
static void memory_that_ends_leaves_no_file_open(void **state) {
    (void)state;
    char bytes[40000];
    memset(bytes, 'x', sizeof bytes);
    write_file(bytes, sizeof bytes);
    arena *a = fe__arena_new(40000);
    struct rlimit own, few;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &own), 0);
    few = own;
    few.rlim_cur = 64;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    volatile int jumps = 0;
    for (volatile int i = 0; i < 100; i++) {
        faults f;
        size_t n;
        fe__arena_reset(a);
        if (setjmp(*fe__arena_escape(a))) {
            jumps++;
            continue;
        }
        fe__faults_init(&f, a, NAME);
        assert_null(fe__file_read(&f, NAME, 100000, &n));
        fail_msg("%s", f.n ? f.list[0].found : "read");
    }
    assert_int_equal(jumps, 100);
    FILE *file = fopen(NAME, "rb");
    assert_non_null(file);
    fclose(file);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &own), 0);
    fe__arena_free(a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_read_whole),
        cmocka_unit_test(a_longer_file_is_refused),
        cmocka_unit_test(a_file_past_the_bound_is_not_read_to_its_end),
        cmocka_unit_test(a_missing_file_and_a_folder_are_told_apart),
        cmocka_unit_test(standard_input_is_a_dash),
        cmocka_unit_test(memory_that_ends_leaves_no_file_open),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
