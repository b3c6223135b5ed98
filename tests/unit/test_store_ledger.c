/* The ledger: what is added stands, once and in order; what is not as it was written is found; every failure says what to do. The hashes
 * are held by store_test.py, which makes them anew without this code. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/ledger.h"

typedef struct bench {
    arena *a;
    faults f;
    store *s;
    char folder[32], path[64];
} bench;

static void fresh(bench *b) { fe__faults_init(&b->f, b->a, "ward.db"); }

static int open_bench(void **state) {
    bench *b = calloc(1, sizeof *b);
    strcpy(b->folder, "test_store.XXXXXX");
    b->a = fe__arena_new(0);
    if (!b->a || !mkdtemp(b->folder) || setjmp(*fe__arena_escape(b->a))) return -1;
    snprintf(b->path, sizeof b->path, "%s/ward.db", b->folder);
    fresh(b);
    *state = b;
    return fe__store_open(b->path, &b->s, &b->f) == STORE_OK ? 0 : -1;
}

static int close_bench(void **state) {
    bench *b = *state;
    static const char *const ends[] = {"", "-wal", "-shm"};
    fe__store_close(b->s);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) remove(fe__printf(b->a, "%s%s", b->path, ends[i]));
    rmdir(b->folder);
    fe__arena_free(b->a);
    free(b);
    return 0;
}

static store_status add(bench *b, store *s, const char *session, const char *key, const char *bytes, ledger_entry *e) {
    ledger_entry made = {.event_ms = 1000, .arrival_ms = 2000, .key = key, .bytes = bytes, .n = strlen(bytes)};
    fresh(b);
    bool repeated;
    store_status status = fe__ledger_append(s, session, LEDGER_ANY, &made, &repeated, &b->f);
    if (e) *e = made;
    return status;
}

static void add_some(bench *b, const char *session, int n) {
    assert_int_equal(fe__ledger_create(b->s, session, 500, &b->f), STORE_OK);
    for (int i = 1; i <= n; i++) assert_int_equal(add(b, b->s, session, NULL, fe__printf(b->a, "event %d", i), NULL), STORE_OK);
}

static void assert_fault(const bench *b, const char *at, const char *found) {
    assert_int_equal(b->f.n, 1);
    assert_string_equal(b->f.list[0].at, at);
    assert_non_null(strstr(b->f.list[0].found, found));
}

/* SQL past the ledger, as a hand with an editor would. */
static void tamper(const char *path, const char *sql) {
    sqlite3 *db;
    char *why = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK) fail_msg("%s: %s", sql, why);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

#define LOOSE "DROP TRIGGER entry_stands; DROP TRIGGER entry_stays; DROP TRIGGER session_stays; PRAGMA foreign_keys = OFF;"

static ledger_report verified(bench *b, const char *session, const char *head) {
    ledger_report r;
    fresh(b);
    assert_int_equal(fe__ledger_verify(b->s, session, head, &r, &b->f), STORE_OK);
    return r;
}

/* ---------------------------------------------------------------- written and read */

static void what_is_added_is_read_in_order(void **state) {
    bench *b = *state;
    ledger_entry *list = NULL;
    size_t n = 0;
    add_some(b, "chair-1", 40);
    assert_int_equal(fe__ledger_read(b->s, "chair-1", 1, SIZE_MAX, &list, &n, &b->f), STORE_OK);
    assert_int_equal(n, 40);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(list[i].number, i + 1);
        assert_string_equal(list[i].bytes, fe__printf(b->a, "event %zu", i + 1));
        assert_int_equal(list[i].event_ms, 1000);
        assert_int_equal(list[i].arrival_ms, 2000);
    }
    assert_int_equal(fe__ledger_read(b->s, "chair-1", 31, 4, &list, &n, &b->f), STORE_OK);
    assert_int_equal(n, 4);
    assert_int_equal(list[0].number, 31);
    assert_int_equal(fe__ledger_read(b->s, "chair-1", 41, 4, &list, &n, &b->f), STORE_OK);
    assert_int_equal(n, 0);
}

static void bytes_are_opaque(void **state) {
    bench *b = *state;
    static const char bytes[] = {0, 1, (char)0xff, 0, '\n', 'x'};
    bool repeated;
    ledger_entry e = {.event_ms = -5, .arrival_ms = INT64_MAX, .bytes = bytes, .n = sizeof bytes}, none = {.n = 0};
    ledger_entry *list = NULL;
    size_t n = 0;
    add_some(b, "s", 0);
    assert_int_equal(fe__ledger_append(b->s, "s", LEDGER_ANY, &e, &repeated, &b->f), STORE_OK);
    assert_int_equal(fe__ledger_append(b->s, "s", LEDGER_ANY, &none, &repeated, &b->f), STORE_OK);
    assert_int_equal(fe__ledger_read(b->s, "s", 1, SIZE_MAX, &list, &n, &b->f), STORE_OK);
    assert_int_equal(n, 2);
    assert_int_equal(list[0].n, sizeof bytes);
    assert_memory_equal(list[0].bytes, bytes, sizeof bytes);
    assert_int_equal(list[0].event_ms, -5);
    assert_true(list[0].arrival_ms == INT64_MAX);
    assert_int_equal(list[1].n, 0);
    assert_int_equal(verified(b, "s", NULL).n, 0);
}

static void another_connection_sees_what_was_acknowledged(void **state) {
    bench *b = *state;
    store *other = NULL;
    ledger_session seen;
    add_some(b, "s", 3);
    assert_int_equal(fe__store_open(b->path, &other, &b->f), STORE_OK);
    assert_int_equal(fe__ledger_session(other, "s", &seen, &b->f), STORE_OK);
    assert_int_equal(seen.entries, 3);
    ledger_entry e;
    assert_int_equal(add(b, other, "s", NULL, "from elsewhere", &e), STORE_OK);
    assert_int_equal(e.number, 4);
    fe__store_close(other);
    assert_int_equal(fe__ledger_session(b->s, "s", &seen, &b->f), STORE_OK);
    assert_memory_equal(seen.head, e.hash, sizeof e.hash);
}

static void the_second_delivery_of_one_key_is_the_first(void **state) {
    bench *b = *state;
    ledger_entry first, again = {.event_ms = 1000, .arrival_ms = 9999, .key = "pump/17", .bytes = "alarm", .n = 5};
    bool repeated = false;
    add_some(b, "s", 2);
    assert_int_equal(add(b, b->s, "s", "pump/17", "alarm", &first), STORE_OK);
    assert_int_equal(add(b, b->s, "s", NULL, "later", NULL), STORE_OK);
    assert_int_equal(fe__ledger_append(b->s, "s", 2, &again, &repeated, &b->f),
                     STORE_OK); /* wherever the session stands by now */
    assert_true(repeated);
    assert_int_equal(again.number, first.number);
    assert_int_equal(again.arrival_ms, 2000);
    assert_memory_equal(again.hash, first.hash, sizeof first.hash);
    assert_int_equal(verified(b, "s", NULL).entries, 4);
    assert_int_equal(add(b, b->s, "s", "pump/17", "another alarm", &again), STORE_OK);
    assert_int_equal(again.n, 5); /* what is there, for the caller to compare */
    assert_memory_equal(again.bytes, "alarm", 5);
    assert_int_equal(verified(b, "s", NULL).entries, 4);
    add_some(b, "t", 0); /* a key belongs to its session */
    assert_int_equal(add(b, b->s, "t", "pump/17", "another alarm", &first), STORE_OK);
    assert_int_equal(first.number, 1);
}

static void an_entry_upon_what_was_seen_is_refused_when_more_is_there(void **state) {
    bench *b = *state;
    bool repeated;
    ledger_entry e = {.bytes = "x", .n = 1};
    add_some(b, "s", 2);
    assert_int_equal(fe__ledger_append(b->s, "s", 1, &e, &repeated, &b->f), STORE_MOVED);
    assert_fault(b, "session s", "2");
    assert_int_equal(e.number, 0);
    fresh(b);
    assert_int_equal(fe__ledger_append(b->s, "s", 2, &e, &repeated, &b->f), STORE_OK);
    assert_int_equal(e.number, 3);
}

static void sessions_are_listed(void **state) {
    bench *b = *state;
    ledger_session *list = NULL;
    size_t n = 9;
    assert_int_equal(fe__ledger_sessions(b->s, &list, &n, &b->f), STORE_OK);
    assert_int_equal(n, 0);
    add_some(b, "b", 1);
    add_some(b, "a", 2);
    assert_int_equal(fe__ledger_sessions(b->s, &list, &n, &b->f), STORE_OK);
    assert_int_equal(n, 2);
    assert_string_equal(list[0].name, "b");
    assert_string_equal(list[1].name, "a");
    assert_int_equal(list[1].entries, 2);
    assert_int_equal(list[1].made_ms, 500);
}

static void what_no_session_or_entry_may_be_is_refused(void **state) {
    bench *b = *state;
    static char large[LEDGER_BYTES_MAX + 1];
    static const char *const names[] = {"", "a b", "../x", "a/b", "\xc3\xa4", "x;y", NULL};
    char longest[LEDGER_NAME_MAX + 2];
    bool repeated;
    memset(longest, 'n', sizeof longest - 1);
    longest[sizeof longest - 1] = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_int_equal(fe__ledger_create(b->s, names[i], 0, &b->f), STORE_TOO_LONG);
    assert_int_equal(fe__ledger_create(b->s, longest, 0, &b->f), STORE_TOO_LONG);
    assert_int_equal(fe__ledger_create(b->s, longest + 1, 0, &b->f), STORE_OK);
    assert_int_equal(fe__ledger_create(b->s, longest + 1, 0, &b->f), STORE_TAKEN);
    ledger_entry e = {.bytes = large, .n = sizeof large};
    assert_int_equal(fe__ledger_append(b->s, longest + 1, LEDGER_ANY, &e, &repeated, &b->f), STORE_TOO_LONG);
    e.n--;
    assert_int_equal(fe__ledger_append(b->s, longest + 1, LEDGER_ANY, &e, &repeated, &b->f), STORE_OK);
    assert_int_equal(add(b, b->s, longest + 1, "\xff", "x", NULL), STORE_TOO_LONG);
    assert_int_equal(add(b, b->s, "nobody", NULL, "x", NULL), STORE_MISSING);
    assert_fault(b, "session nobody", "none of this name");
}

/* ---------------------------------------------------------------- harm */

/* One harm at one place, found by the session alone and by the whole file. */
static void assert_harm(bench *b, const char *sql, ledger_harm kind, int64_t number) {
    tamper(b->path, fe__printf(b->a, LOOSE "%s", sql));
    ledger_report one = verified(b, "s", NULL), all = verified(b, NULL, NULL);
    assert_true(one.n >= 1);
    assert_int_equal(one.list[0].harm, kind);
    assert_int_equal(one.list[0].number, number);
    assert_string_equal(one.list[0].session, "s");
    assert_true(all.n >= one.n);
    assert_true(strlen(one.list[0].text) > 10);
}

static void an_untouched_record_verifies(void **state) {
    bench *b = *state;
    add_some(b, "s", 10);
    add_some(b, "t", 5);
    ledger_report all = verified(b, NULL, NULL);
    assert_int_equal(all.n, 0);
    assert_int_equal(all.sessions, 2);
    assert_int_equal(all.entries, 15);
    assert_int_equal(verified(b, "t", NULL).entries, 5);
    ledger_report r;
    assert_int_equal(fe__ledger_verify(b->s, "u", NULL, &r, &b->f), STORE_MISSING);
}

static void a_changed_entry_is_located(void **state) {
    bench *b = *state;
    add_some(b, "s", 10);
    assert_harm(b, "UPDATE entry SET bytes = x'657665' WHERE number = 7", LEDGER_CHANGED, 7);
    assert_int_equal(verified(b, "s", NULL).n, 1); /* and nothing else is called harmed */
}

static void a_changed_time_is_located(void **state) {
    bench *b = *state;
    add_some(b, "s", 10);
    assert_harm(b, "UPDATE entry SET event_ms = event_ms + 1 WHERE number = 1", LEDGER_CHANGED, 1);
}

static void a_changed_arrival_is_located(void **state) {
    bench *b = *state;
    add_some(b, "s", 10);
    assert_harm(b, "UPDATE entry SET arrival_ms = 0 WHERE number = 10", LEDGER_CHANGED, 10);
}

static void a_changed_key_is_located(void **state) {
    bench *b = *state;
    add_some(b, "s", 4);
    assert_harm(b, "UPDATE entry SET key = '' WHERE number = 2", LEDGER_CHANGED, 2); /* an empty key is not no key */
}

static void a_missing_entry_is_located(void **state) {
    bench *b = *state;
    add_some(b, "s", 10);
    assert_harm(b, "DELETE FROM entry WHERE number = 4", LEDGER_GONE, 4);
    assert_int_equal(verified(b, "s", NULL).n, 1);
}

static void a_missing_entry_that_was_closed_over_is_located(void **state) {
    bench *b = *state;
    add_some(b, "s", 10);
    assert_harm(b,
                "DELETE FROM entry WHERE number = 4; UPDATE entry SET number = -number WHERE number > 4;"
                "UPDATE entry SET number = -number - 1 WHERE number < 0;",
                LEDGER_CHANGED, 4);
}

static void a_missing_last_entry_is_located(void **state) {
    bench *b = *state;
    add_some(b, "s", 10);
    assert_harm(b, "DELETE FROM entry WHERE number > 8", LEDGER_GONE, 9);
}

static void entries_in_another_order_are_located(void **state) {
    bench *b = *state;
    add_some(b, "s", 10);
    assert_harm(b,
                "UPDATE entry SET number = 99 WHERE number = 3; UPDATE entry SET number = 3 WHERE number = 4;"
                "UPDATE entry SET number = 4 WHERE number = 99;",
                LEDGER_ELSEWHERE, 3);
}

static void an_added_entry_is_located(void **state) {
    bench *b = *state;
    add_some(b, "s", 5);
    assert_harm(b, "INSERT INTO entry SELECT session, 6, event_ms, arrival_ms, key, bytes, hash FROM entry WHERE number = 5",
                LEDGER_ELSEWHERE, 6);
}

static void a_moved_session_is_found(void **state) {
    bench *b = *state;
    add_some(b, "s", 3);
    assert_harm(b, "UPDATE session SET name = 's', made_ms = 501", LEDGER_CHANGED, 0);
}

static void a_missing_session_is_found(void **state) {
    bench *b = *state;
    add_some(b, "r", 3);
    add_some(b, "s", 3);
    assert_harm(b, "DELETE FROM entry WHERE session = 1; DELETE FROM session WHERE name = 'r'", LEDGER_CHANGED, 0);
}

static void a_record_made_anew_is_known_by_a_head_kept_elsewhere(void **state) {
    bench *b = *state;
    ledger_entry third, last;
    add_some(b, "s", 2);
    assert_int_equal(add(b, b->s, "s", NULL, "kept", &third), STORE_OK);
    assert_int_equal(add(b, b->s, "s", NULL, "last", &last), STORE_OK);
    assert_int_equal(verified(b, "s", fe__ledger_hex(b->a, third.hash)).n, 0);
    assert_int_equal(verified(b, "s", fe__ledger_hex(b->a, last.hash)).n, 0);
    last.hash[31] ^= 1;
    ledger_report r = verified(b, "s", fe__ledger_hex(b->a, last.hash));
    assert_int_equal(r.n, 1);
    assert_int_equal(r.list[0].harm, LEDGER_OTHER_CHAIN);
    assert_int_equal(fe__ledger_verify(b->s, "s", "12", &r, &b->f), STORE_TOO_LONG);
}

static void no_sql_changes_an_entry(void **state) {
    bench *b = *state;
    sqlite3 *db;
    add_some(b, "s", 2);
    assert_int_equal(sqlite3_open(b->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "UPDATE entry SET bytes = x'00'", NULL, NULL, NULL), SQLITE_CONSTRAINT);
    assert_int_equal(sqlite3_exec(db, "DELETE FROM entry", NULL, NULL, NULL), SQLITE_CONSTRAINT);
    assert_int_equal(sqlite3_exec(db, "DELETE FROM session", NULL, NULL, NULL), SQLITE_CONSTRAINT);
    sqlite3_close(db);
    assert_int_equal(verified(b, NULL, NULL).entries, 2);
}

/* ---------------------------------------------------------------- files */

static void assert_not_opened(bench *b, const char *path, store_status wanted, const char *found) {
    store *s = b->s;
    fresh(b);
    assert_int_equal(fe__store_open(path, &s, &b->f), wanted);
    assert_null(s);
    assert_fault(b, "", found);
    assert_non_null(b->f.list[0].hint);
}

static void write_bytes(const char *path, const char *bytes) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    for (int i = 0; i < 200; i++) fputs(bytes, file);
    assert_int_equal(fclose(file), 0);
}

static void other_files_are_refused(void **state) {
    bench *b = *state;
    const char *other = fe__printf(b->a, "%s/other", b->folder);
    assert_not_opened(b, fe__printf(b->a, "%s/none/ward.db", b->folder), STORE_CLOSED, "no folder");
    assert_not_opened(b, b->folder, STORE_CLOSED, "may not be");
    write_bytes(other, "a letter to the ward\n");
    assert_not_opened(b, other, STORE_CORRUPT, "damaged or something else");
    remove(other);
    tamper(other, "CREATE TABLE recipes(name)");
    assert_not_opened(b, other, STORE_CORRUPT, "damaged or something else");
    remove(other);
}

static void a_newer_store_is_refused_and_left_as_it_is(void **state) {
    bench *b = *state;
    add_some(b, "s", 1);
    tamper(b->path, "PRAGMA user_version = 1000");
    assert_not_opened(b, b->path, STORE_NEWER, "newer version");
    tamper(b->path, "PRAGMA user_version = 1");
    assert_int_equal(verified(b, NULL, NULL).entries, 1);
}

static void names_that_mean_something_to_sqlite_are_files(void **state) {
    bench *b = *state;
    store *s = NULL;
    const char *names[] = {":memory:", "file:odd?mode=memory"};
    char *home = getcwd(fe__alloc(b->a, 4096), 4096);
    assert_non_null(home);
    assert_int_equal(chdir(b->folder), 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct stat about;
        assert_int_equal(fe__store_open(names[i], &s, &b->f), STORE_OK);
        assert_int_equal(stat(names[i], &about), 0);
        assert_int_equal(about.st_mode & 0777, 0600);
        fe__store_close(s);
        remove(names[i]);
    }
    assert_int_equal(chdir(home), 0);
}

static void a_store_that_stays_locked_says_so_and_recovers(void **state) {
    bench *b = *state;
    sqlite3 *db;
    add_some(b, "s", 1);
    assert_int_equal(sqlite3_open(b->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(add(b, b->s, "s", NULL, "x", NULL), STORE_LOCKED);
    assert_fault(b, "session s", "locked");
    assert_int_equal(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    ledger_entry e;
    assert_int_equal(add(b, b->s, "s", NULL, "x", &e), STORE_OK);
    assert_int_equal(e.number, 2);
}

#define IN_A_STORE(test) cmocka_unit_test_setup_teardown(test, open_bench, close_bench)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_A_STORE(what_is_added_is_read_in_order),
        IN_A_STORE(bytes_are_opaque),
        IN_A_STORE(another_connection_sees_what_was_acknowledged),
        IN_A_STORE(the_second_delivery_of_one_key_is_the_first),
        IN_A_STORE(an_entry_upon_what_was_seen_is_refused_when_more_is_there),
        IN_A_STORE(sessions_are_listed),
        IN_A_STORE(what_no_session_or_entry_may_be_is_refused),
        IN_A_STORE(an_untouched_record_verifies),
        IN_A_STORE(a_changed_entry_is_located),
        IN_A_STORE(a_changed_time_is_located),
        IN_A_STORE(a_changed_arrival_is_located),
        IN_A_STORE(a_changed_key_is_located),
        IN_A_STORE(a_missing_entry_is_located),
        IN_A_STORE(a_missing_entry_that_was_closed_over_is_located),
        IN_A_STORE(a_missing_last_entry_is_located),
        IN_A_STORE(entries_in_another_order_are_located),
        IN_A_STORE(an_added_entry_is_located),
        IN_A_STORE(a_moved_session_is_found),
        IN_A_STORE(a_missing_session_is_found),
        IN_A_STORE(a_record_made_anew_is_known_by_a_head_kept_elsewhere),
        IN_A_STORE(no_sql_changes_an_entry),
        IN_A_STORE(other_files_are_refused),
        IN_A_STORE(a_newer_store_is_refused_and_left_as_it_is),
        IN_A_STORE(names_that_mean_something_to_sqlite_are_files),
        IN_A_STORE(a_store_that_stays_locked_says_so_and_recovers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
