/* Sessions and entries: made, added, read. */
#include "store/ledger.h"

#include <sodium.h>
#include <string.h>

#include "base/text.h"
#include "store/chain.h"
#include "store/store_inside.h"

const char *fe__ledger_hex(arena *a, const uint8_t hash[LEDGER_HASH_BYTES]) {
    char *hex = fe__alloc(a, 2 * LEDGER_HASH_BYTES + 1);
    return sodium_bin2hex(hex, 2 * LEDGER_HASH_BYTES + 1, hash, LEDGER_HASH_BYTES);
}

static const char *place(faults *f, const char *name) { return fe__printf(f->a, "session %s", name); }

static store_status refuse(faults *f, store_status status, const char *at, const char *expected, const char *found,
                           const char *hint) {
    fe__fault(f, at, expected, found, hint);
    return status;
}

static bool is_name(const char *name) {
    static const char fine[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    size_t n = name ? strlen(name) : 0;
    return n > 0 && n <= LEDGER_NAME_MAX && strspn(name, fine) == n;
}

/* A hash of a row; false when the file is damaged there. */
static bool hash_of(sqlite3_stmt *q, int column, uint8_t out[LEDGER_HASH_BYTES]) {
    const void *bytes = sqlite3_column_blob(q, column);
    if (!bytes || sqlite3_column_bytes(q, column) != LEDGER_HASH_BYTES) return false;
    memcpy(out, bytes, LEDGER_HASH_BYTES);
    return true;
}

/* ---------------------------------------------------------------- one session */

typedef struct found_session {
    int64_t id, made_ms, entries;
    uint8_t head[LEDGER_HASH_BYTES];
} found_session;

/* SQLITE_ROW: *out is it. SQLITE_DONE: there is none. Anything else went wrong. */
static int find_session(store *s, const char *name, found_session *out) {
    int code;
    sqlite3_stmt *q = fe__query(s, QUERY_SESSION, &code);
    if (!q) return code;
    sqlite3_bind_text(q, 1, name, -1, SQLITE_STATIC);
    code = sqlite3_step(q);
    if (code == SQLITE_ROW) {
        out->id = sqlite3_column_int64(q, 0);
        out->made_ms = sqlite3_column_int64(q, 1);
        out->entries = sqlite3_column_int64(q, 3);
        if (!hash_of(q, 4, out->head)) code = SQLITE_CORRUPT;
    }
    fe__query_done(q);
    return code;
}

static store_status no_session(store *s, int code, const char *name, faults *f) {
    if (code != SQLITE_DONE) return fe__store_failed(s, code, place(f, name), f);
    return refuse(f, STORE_MISSING, place(f, name), "a session of this store", "none of this name",
                  "ferrule infuse status lists the sessions");
}

store_status fe__ledger_session(store *s, const char *name, ledger_session *out, faults *f) {
    found_session found = {0};
    int code = find_session(s, name, &found);
    if (code != SQLITE_ROW) return no_session(s, code, name, f);
    *out = (ledger_session){.name = fe__strdup(f->a, name), .made_ms = found.made_ms, .entries = found.entries};
    memcpy(out->head, found.head, LEDGER_HASH_BYTES);
    return STORE_OK;
}

static int opening_before(store *s, uint8_t out[LEDGER_HASH_BYTES]) {
    int code;
    sqlite3_stmt *q = fe__query(s, QUERY_LAST_SESSION, &code);
    if (!q) return code;
    memset(out, 0, LEDGER_HASH_BYTES);
    code = sqlite3_step(q);
    if (code == SQLITE_ROW && !hash_of(q, 0, out)) code = SQLITE_CORRUPT;
    fe__query_done(q);
    return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

/* Inside a transaction. */
static int insert_session(store *s, const char *name, int64_t made_ms) {
    uint8_t before[LEDGER_HASH_BYTES], opening[LEDGER_HASH_BYTES];
    int code = opening_before(s, before);
    if (code != SQLITE_OK) return code;
    sqlite3_stmt *q = fe__query(s, QUERY_CREATE, &code);
    if (!q) return code;
    fe__chain_opening(before, name, made_ms, opening);
    sqlite3_bind_text(q, 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_int64(q, 2, made_ms);
    sqlite3_bind_blob(q, 3, opening, LEDGER_HASH_BYTES, SQLITE_STATIC);
    code = sqlite3_step(q);
    fe__query_done(q);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* Ends the transaction: with a commit when all went well. What failed is still the reason after the rollback, whose own failure adds
 * nothing. */
static store_status finish(store *s, int code, const char *name, faults *f) {
    if (code == SQLITE_OK) code = fe__query_run(s, QUERY_COMMIT);
    if (code == SQLITE_OK) return STORE_OK;
    store_status status = fe__store_failed(s, code, place(f, name), f);
    if (!sqlite3_get_autocommit(s->db)) fe__query_run(s, QUERY_ROLLBACK);
    return status;
}

store_status fe__ledger_create(store *s, const char *name, int64_t made_ms, faults *f) {
    if (!is_name(name)) {
        return refuse(f, STORE_TOO_LONG, "session", "a name of letters, digits, '-', '_' and '.', at most 64", name, NULL);
    }
    int code = fe__query_run(s, QUERY_BEGIN);
    if (code != SQLITE_OK) return fe__store_failed(s, code, place(f, name), f);
    code = insert_session(s, name, made_ms);
    if ((code & 0xff) == SQLITE_CONSTRAINT) {
        fe__query_run(s, QUERY_ROLLBACK);
        return refuse(f, STORE_TAKEN, place(f, name), "a name that is free", "a session of this name", NULL);
    }
    return finish(s, code, name, f);
}

static int read_sessions(store *s, arena *a, ledger_session **list, size_t *n) {
    int code;
    size_t cap = 0;
    sqlite3_stmt *q = fe__query(s, QUERY_SESSIONS, &code);
    if (!q) return code;
    while ((code = sqlite3_step(q)) == SQLITE_ROW) {
        ledger_session one = {.made_ms = sqlite3_column_int64(q, 1), .entries = sqlite3_column_int64(q, 2)};
        const char *name = (const char *)sqlite3_column_text(q, 0);
        if (!name || !hash_of(q, 4, one.head)) {
            code = SQLITE_CORRUPT;
            break;
        }
        one.name = fe__strdup(a, name);
        *FE_PUSH(a, *list, *n, cap) = one;
    }
    fe__query_done(q);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

store_status fe__ledger_sessions(store *s, ledger_session **list, size_t *n, faults *f) {
    ledger_session *read = NULL;
    size_t count = 0;
    int code = read_sessions(s, f->a, &read, &count);
    if (code != SQLITE_OK) return fe__store_failed(s, code, "sessions", f);
    *list = read;
    *n = count;
    return STORE_OK;
}

/* ---------------------------------------------------------------- entries read */

/* The row under the query as an entry whose texts live as long as the row; false when the file is damaged there. */
static bool borrow_entry(sqlite3_stmt *q, ledger_entry *e) {
    *e = (ledger_entry){.number = sqlite3_column_int64(q, 0),
                        .event_ms = sqlite3_column_int64(q, 1),
                        .arrival_ms = sqlite3_column_int64(q, 2),
                        .key = (const char *)sqlite3_column_text(q, 3),
                        .bytes = sqlite3_column_blob(q, 4),
                        .n = (size_t)sqlite3_column_bytes(q, 4)};
    return hash_of(q, 5, e->hash);
}

/* The same with texts of its own, a NUL behind the bytes. */
static void keep_entry(arena *a, ledger_entry *e) {
    e->key = fe__strdup(a, e->key);
    char *copy = fe__alloc(a, e->n + 1);
    if (e->n) memcpy(copy, e->bytes, e->n);
    e->bytes = copy;
}

static int read_entries(store *s, int64_t session, int64_t from, size_t max, arena *a, ledger_entry **list, size_t *n) {
    int code;
    size_t cap = 0;
    sqlite3_stmt *q = fe__query(s, QUERY_ENTRIES, &code);
    if (!q) return code;
    sqlite3_bind_int64(q, 1, session);
    sqlite3_bind_int64(q, 2, from);
    sqlite3_bind_int64(q, 3, max > INT64_MAX ? INT64_MAX : (int64_t)max);
    while ((code = sqlite3_step(q)) == SQLITE_ROW) {
        ledger_entry e;
        if (!borrow_entry(q, &e)) {
            code = SQLITE_CORRUPT;
            break;
        }
        keep_entry(a, &e);
        *FE_PUSH(a, *list, *n, cap) = e;
    }
    fe__query_done(q);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

store_status fe__ledger_read(store *s, const char *name, int64_t from, size_t max, ledger_entry **list, size_t *n, faults *f) {
    found_session found = {0};
    ledger_entry *read = NULL;
    size_t count = 0;
    int code = find_session(s, name, &found);
    if (code != SQLITE_ROW) return no_session(s, code, name, f);
    code = read_entries(s, found.id, from, max, f->a, &read, &count);
    if (code != SQLITE_OK) return fe__store_failed(s, code, place(f, name), f);
    *list = read;
    *n = count;
    return STORE_OK;
}

/* ---------------------------------------------------------------- entries added */

/* An entry on its way in. */
typedef struct adding {
    const char *name;
    int64_t after;
    ledger_entry e;
    bool repeated;
    store_status refused; /* STORE_OK, or why it is not added */
} adding;

/* SQLITE_ROW: an entry of this key is there, in *out. */
static int find_key(store *s, int64_t session, const char *key, arena *a, ledger_entry *out) {
    int code;
    sqlite3_stmt *q = fe__query(s, QUERY_KEY, &code);
    if (!q) return code;
    sqlite3_bind_int64(q, 1, session);
    sqlite3_bind_text(q, 2, key, -1, SQLITE_STATIC);
    code = sqlite3_step(q);
    if (code == SQLITE_ROW) {
        if (borrow_entry(q, out)) keep_entry(a, out);
        else code = SQLITE_CORRUPT;
    }
    fe__query_done(q);
    return code;
}

static int insert_entry(store *s, int64_t session, const ledger_entry *e) {
    int code;
    sqlite3_stmt *q = fe__query(s, QUERY_INSERT, &code);
    if (!q) return code;
    sqlite3_bind_int64(q, 1, session);
    sqlite3_bind_int64(q, 2, e->number);
    sqlite3_bind_int64(q, 3, e->event_ms);
    sqlite3_bind_int64(q, 4, e->arrival_ms);
    if (e->key) sqlite3_bind_text(q, 5, e->key, -1, SQLITE_STATIC);
    sqlite3_bind_blob(q, 6, e->n ? e->bytes : "", (int)e->n, SQLITE_STATIC);
    sqlite3_bind_blob(q, 7, e->hash, LEDGER_HASH_BYTES, SQLITE_STATIC);
    code = sqlite3_step(q);
    fe__query_done(q);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int move_head(store *s, int64_t session, const ledger_entry *e) {
    int code;
    sqlite3_stmt *q = fe__query(s, QUERY_HEAD, &code);
    if (!q) return code;
    sqlite3_bind_int64(q, 1, session);
    sqlite3_bind_int64(q, 2, e->number);
    sqlite3_bind_blob(q, 3, e->hash, LEDGER_HASH_BYTES, SQLITE_STATIC);
    code = sqlite3_step(q);
    fe__query_done(q);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* Inside a transaction. SQLITE_OK, and add says what became of it. */
static int add_entry(store *s, adding *add, faults *f) {
    found_session found = {0};
    ledger_entry there = {0};
    int code = find_session(s, add->name, &found);
    if (code == SQLITE_DONE) add->refused = no_session(s, code, add->name, f);
    if (code != SQLITE_ROW) return code == SQLITE_DONE ? SQLITE_OK : code;
    code = add->e.key ? find_key(s, found.id, add->e.key, f->a, &there) : SQLITE_DONE;
    if (code == SQLITE_ROW) {
        add->repeated = true;
        add->e = there;
        return SQLITE_OK;
    }
    if (code != SQLITE_DONE) return code;
    if (add->after != LEDGER_ANY && add->after != found.entries) {
        add->refused = refuse(f, STORE_MOVED, place(f, add->name), fe__printf(f->a, "%lld entries", (long long)add->after),
                              fe__printf(f->a, "%lld", (long long)found.entries), "look at what was added, then give it again");
        return SQLITE_OK;
    }
    add->e.number = found.entries + 1;
    fe__chain_entry(found.head, &add->e, add->e.hash);
    code = insert_entry(s, found.id, &add->e);
    return code == SQLITE_OK ? move_head(s, found.id, &add->e) : code;
}

/* Before anything is locked: what no row may be. */
static store_status refuse_shape(const adding *add, faults *f) {
    const char *key = add->e.key;
    if (add->e.n > LEDGER_BYTES_MAX)
        return refuse(f, STORE_TOO_LONG, place(f, add->name), "an entry of at most 1 MiB", "a longer one", NULL);
    if (key && (strlen(key) > LEDGER_KEY_MAX || !fe__utf8_valid(key, strlen(key))))
        return refuse(f, STORE_TOO_LONG, place(f, add->name), "a key of at most 200 bytes of UTF-8", key, NULL);
    return STORE_OK;
}

store_status fe__ledger_append(store *s, const char *name, int64_t after, ledger_entry *e, bool *repeated, faults *f) {
    adding add = {.name = name, .after = after, .e = *e};
    store_status shape = refuse_shape(&add, f);
    if (shape != STORE_OK) return shape;
    int code = fe__query_run(s, QUERY_BEGIN);
    if (code != SQLITE_OK) return fe__store_failed(s, code, place(f, name), f);
    code = add_entry(s, &add, f);
    if (code == SQLITE_OK && (add.refused != STORE_OK || add.repeated)) {
        fe__query_run(s, QUERY_ROLLBACK); /* nothing was written */
        if (add.refused != STORE_OK) return add.refused;
    } else {
        store_status status = finish(s, code, name, f);
        if (status != STORE_OK) return status;
    }
    *e = add.e;
    *repeated = add.repeated;
    return STORE_OK;
}
