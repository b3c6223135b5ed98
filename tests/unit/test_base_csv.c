/* CSV as RFC 4180 says, and a fault with its line for everything else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"

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
static csv_table read_bytes(faults *f, arena *a, const char *s, size_t n) {
    char *exact = malloc(n ? n : 1);
    assert_non_null(exact);
    memcpy(exact, s, n);
    fe__faults_init(f, a, "x.csv");
    csv_table t = fe__csv_read(f, exact, n);
    memset(exact, '#', n); /* the table holds copies */
    free(exact);
    return t;
}

static csv_table table(arena *a, const char *s) {
    faults f;
    csv_table t = read_bytes(&f, a, s, strlen(s));
    if (f.n) fail_msg("%s: expected %s, found %s", f.list[0].at, f.list[0].expected, f.list[0].found);
    return t;
}

static void is_fault(arena *a, const char *s, const char *at, const char *expected, const char *found) {
    faults f;
    read_bytes(&f, a, s, strlen(s));
    assert_int_equal(f.n, 1);
    assert_string_equal(f.list[0].at, at);
    assert_string_equal(f.list[0].expected, expected);
    assert_string_equal(f.list[0].found, found);
}

static void rows_and_columns_are_read(void **state) {
    csv_table t = table(*state, "id,hb,crp\n1,80,\n2,,5\n");
    assert_int_equal(t.columns, 3);
    assert_int_equal(t.rows, 2);
    assert_string_equal(t.header[2], "crp");
    assert_int_equal(fe__csv_column(&t, "hb"), 1);
    assert_int_equal(fe__csv_column(&t, "HB"), -1);
    assert_string_equal(fe__csv_cell(&t, 0, 1), "80");
    assert_string_equal(fe__csv_cell(&t, 0, 2), "");
    assert_string_equal(fe__csv_cell(&t, 1, 1), "");
    assert_string_equal(fe__csv_cell(&t, 1, 2), "5");
    assert_string_equal(fe__csv_cell(&t, 1, -1), "");
    assert_int_equal(t.line[0], 2);
    assert_int_equal(t.line[1], 3);
}

static void quotes_hold_commas_quotes_and_line_ends(void **state) {
    csv_table t = table(*state, "a,\"b,\"\"c\"\"\"\r\n\"x\r\ny\nz\",\"\"\r\n1,say \"hi\"\r\n");
    assert_string_equal(t.header[1], "b,\"c\"");
    assert_string_equal(fe__csv_cell(&t, 0, 0), "x\r\ny\nz");
    assert_string_equal(fe__csv_cell(&t, 0, 1), "");
    assert_string_equal(fe__csv_cell(&t, 1, 1), "say \"hi\"");
    assert_int_equal(t.line[0], 2);
    assert_int_equal(t.line[1], 5); /* the quoted cell spans three lines */
}

static void every_kind_of_line_end_is_read(void **state) {
    static const char *const kinds[] = {"a,b\n1,2\n3,4", "a,b\r\n1,2\r\n3,4\r\n", "a,b\r1,2\r3,4\r",
                                        "\n\na,b\n\n1,2\n\r\n3,4\n\n"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        csv_table t = table(*state, kinds[i]);
        assert_int_equal(t.rows, 2);
        assert_string_equal(fe__csv_cell(&t, 0, 1), "2");
        assert_string_equal(fe__csv_cell(&t, 1, 0), "3");
        assert_string_equal(fe__csv_cell(&t, 1, 1), "4");
    }
    csv_table t = table(*state, "a\r\"x\ry\"\rz\r");
    assert_int_equal(t.line[1], 4);
}

static void a_header_alone_is_a_table_without_rows(void **state) {
    csv_table t = table(*state, "a,b");
    assert_int_equal(t.columns, 2);
    assert_int_equal(t.rows, 0);
    t = table(*state, "a,b\n");
    assert_int_equal(t.rows, 0);
    t = table(*state, "a\n\"\"\n"); /* a quoted empty cell is a row, a blank line is none */
    assert_int_equal(t.rows, 1);
}

static void a_byte_order_mark_is_no_part_of_the_header(void **state) {
    csv_table t = table(*state, "\xEF\xBB\xBFid,b\n1,2\n");
    assert_int_equal(fe__csv_column(&t, "id"), 0);
    t = table(*state, "\xEF\xBB\xBF\"id\",b\n1,2\n");
    assert_int_equal(fe__csv_column(&t, "id"), 0);
}

static void a_ragged_row_is_a_fault_and_reading_goes_on(void **state) {
    faults f;
    const char *s = "a,b\n1\n2,3\n4,5,6\n\"7\n\",8\n9,\n";
    csv_table t = read_bytes(&f, *state, s, strlen(s));
    assert_int_equal(f.n, 2);
    assert_string_equal(f.list[0].at, "line 2");
    assert_string_equal(f.list[0].found, "1");
    assert_string_equal(f.list[1].at, "line 4");
    assert_string_equal(f.list[1].found, "3");
    assert_string_equal(f.list[1].expected, "2 cells, as the header has");
    assert_int_equal(t.rows, 3);
    assert_string_equal(fe__csv_cell(&t, 2, 0), "9");
    assert_int_equal(t.line[2], 7);
}

static void an_open_quote_is_a_fault_where_it_begins(void **state) {
    is_fault(*state, "a,b\n1,\"x\ny\n2,3\n", "line 2", "a closing quote", "an open quote");
    is_fault(*state, "\"", "line 1", "a closing quote", "an open quote");
    is_fault(*state, "\"\"\"", "line 1", "a closing quote", "an open quote");
    is_fault(*state, "a\n\"b\"c\n", "line 2", "a comma or the end of the line behind a closing quote", "c");
}

static void bytes_that_are_no_text_are_faults(void **state) {
    faults f;
    read_bytes(&f, *state, "a\nb\n\0\n", 6);
    assert_int_equal(f.n, 1);
    assert_string_equal(f.list[0].at, "line 3");
    assert_string_equal(f.list[0].found, "a NUL byte");
    is_fault(*state, "a\n\xE9t\xE9\n", "line 2", "UTF-8", "\xEF\xBF\xBDt\xEF\xBF\xBD ");
}

static void a_header_is_needed_whole_and_once(void **state) {
    is_fault(*state, "", "line 1", "a header row", "nothing");
    is_fault(*state, "\n\n", "line 3", "a header row", "nothing");
    is_fault(*state, "a,,b\n", "line 1, column 2", "a column name", "nothing");
    is_fault(*state, "a,b,a\n", "line 1, column 3", "a column name that is not there yet", "a");
}

static void the_bound_of_columns_holds(void **state) {
    char s[4 * (CSV_MAX_COLUMNS + 1) + 1] = "";
    size_t n = 0;
    for (int i = 0; i <= CSV_MAX_COLUMNS; i++) n += (size_t)snprintf(s + n, sizeof s - n, "%s%d", i ? "," : "", i);
    is_fault(*state, s, "line 1", "at most 128 columns", "129 columns");
    *strrchr(s, ',') = 0;
    assert_int_equal(table(*state, s).columns, CSV_MAX_COLUMNS);
}

static void the_bounds_of_rows_and_bytes_hold(void **state) {
    (void)state;
    arena *a = fe__arena_new(0);
    faults f;
    size_t n = 2 * (CSV_MAX_ROWS + 2);
    char *s = malloc(CSV_MAX_BYTES + 1);
    assert_non_null(s);
    for (size_t i = 0; i < n; i += 2) memcpy(s + i, "7\n", 2);
    csv_table t = read_bytes(&f, a, s, n);
    assert_int_equal(t.rows, CSV_MAX_ROWS);
    assert_int_equal(f.n, 1);
    assert_string_equal(f.list[0].expected, "at most 2000000 rows");
    assert_string_equal(f.list[0].at, "line 2000002");
    t = read_bytes(&f, a, s, n - 2);
    assert_int_equal(t.rows, CSV_MAX_ROWS);
    assert_int_equal(f.n, 0);
    memset(s, 'x', CSV_MAX_BYTES + 1);
    t = read_bytes(&f, a, s, CSV_MAX_BYTES + 1);
    assert_int_equal(f.n, 1);
    assert_string_equal(f.list[0].expected, "at most 67108864 bytes");
    assert_int_equal(t.columns, 0);
    free(s);
    fe__arena_free(a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_and_columns_are_read),
        cmocka_unit_test(quotes_hold_commas_quotes_and_line_ends),
        cmocka_unit_test(every_kind_of_line_end_is_read),
        cmocka_unit_test(a_header_alone_is_a_table_without_rows),
        cmocka_unit_test(a_byte_order_mark_is_no_part_of_the_header),
        cmocka_unit_test(a_ragged_row_is_a_fault_and_reading_goes_on),
        cmocka_unit_test(an_open_quote_is_a_fault_where_it_begins),
        cmocka_unit_test(bytes_that_are_no_text_are_faults),
        cmocka_unit_test(a_header_is_needed_whole_and_once),
        cmocka_unit_test(the_bound_of_columns_holds),
        cmocka_unit_test(the_bounds_of_rows_and_bytes_hold),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
