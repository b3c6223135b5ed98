/* The journal of a session: what stands in it is what is read, and what clocks that nobody can set say about those that somebody did. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "session/journal.h"

typedef struct bench {
    arena *a;
    faults f;
    store *s;
    json_t *session, *note;
    char folder[32], path[64];
} bench;

static int open_bench(void **state) {
    bench *b = calloc(1, sizeof *b);
    strcpy(b->folder, "test_journal.XXXXXX");
    b->a = fe__arena_new(0);
    if (!b->a || !mkdtemp(b->folder) || setjmp(*fe__arena_escape(b->a))) return -1;
    snprintf(b->path, sizeof b->path, "%s/ward.db", b->folder);
    fe__faults_init(&b->f, b->a, "ward.db");
    b->session = json_pack("{s:{s:s}}", "patient", "id", "p");
    b->note = json_pack("{s:s, s:s, s:s}", "at", "1970-01-01T01:16:40+01:00", "event", "note", "text", "x");
    *state = b;
    return fe__store_open(b->path, &b->s, &b->f) == STORE_OK ? 0 : -1;
}

static int close_bench(void **state) {
    bench *b = *state;
    static const char *const ends[] = {"", "-wal", "-shm"};
    fe__store_close(b->s);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) remove(fe__printf(b->a, "%s%s", b->path, ends[i]));
    rmdir(b->folder);
    json_decref(b->session);
    json_decref(b->note);
    fe__arena_free(b->a);
    free(b);
    return 0;
}

static journal_clock clock_at(double wall_s, double up_s, const char *boot) {
    journal_clock c = {.wall_ms = (int64_t)(1000 * wall_s), .up_ms = (int64_t)(1000 * up_s)};
    strcpy(c.boot, boot);
    return c;
}

static journal read_again(bench *b, const char *name) {
    journal j;
    assert_int_equal(fe__journal_read(b->s, name, &j, &b->f), STORE_OK);
    return j;
}

/* A session begun at 1000 s by the wall, 50 s after the start "aaaa" of the machine. */
static journal begun(bench *b) {
    assert_int_equal(fe__journal_begin(b->s, "s", b->session, "eu", clock_at(1000, 50, "aaaa"), &b->f), STORE_OK);
    return read_again(b, "s");
}

static void add(bench *b, journal *j, double at, journal_clock now) {
    bool repeated;
    assert_int_equal(fe__journal_add(b->s, j, b->note, at, NULL, now, &repeated, &b->f), STORE_OK);
    assert_false(repeated);
}

static void assert_note(const journal_note *x, journal_oddity what, size_t entry, double seconds) {
    assert_int_equal(x->what, what);
    assert_int_equal(x->entry, entry);
    assert_true(x->seconds == seconds);
}

static void what_was_added_is_read_by_another(void **state) {
    bench *b = *state;
    journal j = begun(b);
    add(b, &j, 1000, clock_at(1001, 51, "aaaa"));
    add(b, &j, 1002.5, clock_at(1003, 53, "aaaa"));
    journal again = read_again(b, "s");
    assert_int_equal(again.n, 2);
    assert_string_equal(again.region, "eu");
    assert_true(json_equal(again.session, b->session));
    assert_true(json_equal(again.lines[1].event, b->note));
    assert_true(again.lines[1].at == 1002.5);
    assert_int_equal(again.lines[1].clock.up_ms, 53000);
    assert_string_equal(again.lines[1].clock.boot, "aaaa");
    assert_memory_equal(again.head, j.head, sizeof j.head);
    fe__journal_free(&again);
    fe__journal_free(&j);
}

static void who_looked_before_others_added_must_look_again(void **state) {
    bench *b = *state;
    bool repeated;
    journal j = begun(b), other = read_again(b, "s");
    add(b, &other, 1000, clock_at(1001, 51, "aaaa"));
    assert_int_equal(fe__journal_add(b->s, &j, b->note, 1000, NULL, clock_at(1002, 52, "aaaa"), &repeated, &b->f), STORE_MOVED);
    assert_int_equal(j.n, 0);
    fe__journal_free(&j);
    j = read_again(b, "s");
    add(b, &j, 1000, clock_at(1002, 52, "aaaa"));
    assert_int_equal(j.n, 2);
    fe__journal_free(&j);
    fe__journal_free(&other);
}

static void a_key_belongs_to_one_event_at_one_time(void **state) {
    bench *b = *state;
    bool repeated;
    journal j = begun(b);
    journal_clock now = clock_at(1001, 51, "aaaa"), later = clock_at(1009, 59, "aaaa");
    json_t *other = json_pack("{s:s, s:s}", "event", "note", "text", "y");
    assert_int_equal(fe__journal_add(b->s, &j, b->note, 1000, "k", now, &repeated, &b->f), STORE_OK);
    assert_int_equal(fe__journal_add(b->s, &j, b->note, 1000, "k", later, &repeated, &b->f), STORE_OK);
    assert_true(repeated);
    assert_int_equal(j.n, 1);
    assert_int_equal(fe__journal_add(b->s, &j, b->note, 1001, "k", later, &repeated, &b->f), STORE_TAKEN);
    assert_int_equal(fe__journal_add(b->s, &j, other, 1000, "k", later, &repeated, &b->f), STORE_TAKEN);
    json_decref(other);
    fe__journal_free(&j);
    j = read_again(b, "s");
    assert_int_equal(j.n, 1);
    fe__journal_free(&j);
}

static void even_clocks_say_nothing(void **state) {
    bench *b = *state;
    size_t n = 9;
    journal j = begun(b);
    add(b, &j, 1010, clock_at(1010, 60, "aaaa"));
    add(b, &j, 1020, clock_at(1025.5, 74, "aaaa")); /* 1.5 s apart: clocks are corrected all the time */
    fe__journal_notes(b->a, &j, clock_at(1100, 149, "aaaa"), &n);
    assert_int_equal(n, 0);
    fe__journal_free(&j);
}

static void clocks_that_were_set_are_said(void **state) {
    bench *b = *state;
    size_t n;
    journal j = begun(b);
    add(b, &j, 1010, clock_at(1010, 60, "aaaa"));
    add(b, &j, 4610, clock_at(4620, 70, "aaaa")); /* an hour ahead within ten seconds */
    add(b, &j, 4610, clock_at(1030, 80, "aaaa")); /* and back */
    const journal_note *list = fe__journal_notes(b->a, &j, clock_at(1090, 100, "aaaa"), &n);
    assert_int_equal(n, 3);
    assert_note(&list[0], JOURNAL_SET_AHEAD, 2, 3600);
    assert_note(&list[1], JOURNAL_SET_BACK, 3, 3600);
    assert_note(&list[2], JOURNAL_SET_AHEAD, 4, 40); /* since the last entry */
    fe__journal_free(&j);
}

static void a_machine_that_was_started_anew_is_said(void **state) {
    bench *b = *state;
    size_t n;
    journal j = begun(b);
    add(b, &j, 1300, clock_at(1300, 10, "bbbb"));
    add(b, &j, 1300, clock_at(1250, 5, "cccc")); /* with a clock that came up wrong */
    const journal_note *list = fe__journal_notes(b->a, &j, clock_at(1260, 15, "cccc"), &n);
    assert_int_equal(n, 3);
    assert_note(&list[0], JOURNAL_RESTARTED, 1, 300);
    assert_note(&list[1], JOURNAL_RESTARTED, 2, -50);
    assert_note(&list[2], JOURNAL_SET_BACK, 2, 50);
    fe__journal_free(&j);
}

static void late_and_disordered_events_count_from_where_they_came_in(void **state) {
    bench *b = *state;
    size_t n;
    journal j = begun(b);
    add(b, &j, 1100, clock_at(1100, 150, "aaaa"));
    add(b, &j, 1000, clock_at(1110, 160, "aaaa")); /* before the one above */
    add(b, &j, 1120, clock_at(1200, 250, "aaaa")); /* 80 s late */
    const journal_note *list = fe__journal_notes(b->a, &j, clock_at(1200, 250, "aaaa"), &n);
    assert_int_equal(n, 2);
    assert_note(&list[0], JOURNAL_OUT_OF_ORDER, 2, 100);
    assert_note(&list[1], JOURNAL_TOLD_LATE, 3, 80);
    json_t *record = fe__journal_record(b->a, &j, b->note, 900);
    const json_t *events = json_object_get(record, "events");
    assert_int_equal(json_array_size(events), 4);
    assert_true(json_is_true(json_object_get(record, "kept")));
    const char *at = json_string_value(json_object_get(json_array_get(events, 1), "at"));
    assert_string_equal(at, "1970-01-01T01:18:20+01:00"); /* 1100 s, in its own zone */
    assert_string_equal(json_string_value(json_object_get(json_array_get(events, 3), "at")), "1970-01-01T01:18:40+01:00");
    assert_string_equal(json_string_value(json_object_get(j.lines[1].event, "at")),
                        "1970-01-01T01:16:40+01:00"); /* as it was said */
    json_decref(record);
    fe__journal_free(&j);
}

static void rows_that_are_none_of_a_journal_are_refused(void **state) {
    bench *b = *state;
    journal j;
    bool repeated;
    ledger_entry e = {.bytes = "{\"event\":3}", .n = 11};
    assert_int_equal(fe__ledger_create(b->s, "half", 0, &b->f), STORE_OK); /* whoever made it ended before it had a head */
    assert_int_equal(fe__journal_read(b->s, "half", &j, &b->f), STORE_MISSING);
    assert_int_equal(fe__ledger_append(b->s, "half", 0, &e, &repeated, &b->f), STORE_OK);
    assert_int_equal(fe__journal_read(b->s, "half", &j, &b->f), STORE_CORRUPT);
    journal whole = begun(b);
    e = (ledger_entry){.bytes = "no JSON", .n = 7};
    assert_int_equal(fe__ledger_append(b->s, "s", 1, &e, &repeated, &b->f), STORE_OK);
    assert_int_equal(fe__journal_read(b->s, "s", &j, &b->f), STORE_CORRUPT);
    fe__journal_free(&whole);
}

static void the_clocks_of_this_machine_run(void **state) {
    (void)state;
    journal_clock one = fe__journal_now(), two = fe__journal_now();
    assert_true(two.up_ms >= one.up_ms && two.up_ms - one.up_ms < 5000);
    assert_true(one.wall_ms > 1700000000000);
    assert_string_equal(one.boot, two.boot);
}

#define T(test) cmocka_unit_test_setup_teardown(test, open_bench, close_bench)

int main(void) {
    const struct CMUnitTest tests[] = {
        T(what_was_added_is_read_by_another),
        T(who_looked_before_others_added_must_look_again),
        T(a_key_belongs_to_one_event_at_one_time),
        T(even_clocks_say_nothing),
        T(clocks_that_were_set_are_said),
        T(a_machine_that_was_started_anew_is_said),
        T(late_and_disordered_events_count_from_where_they_came_in),
        T(rows_that_are_none_of_a_journal_are_refused),
        T(the_clocks_of_this_machine_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
