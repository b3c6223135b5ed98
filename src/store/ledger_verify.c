/* The ledger read as a stranger would: every hash anew, every number in its place, every page of the file. */
#include <sodium.h>
#include <string.h>

#include "base/text.h"
#include "store/chain.h"
#include "store/store_inside.h"

typedef uint8_t digest[LEDGER_HASH_BYTES];

/* One session under verification. */
typedef struct walk {
    store *s;
    arena *a;
    ledger_report *out;
    const char *name;
    int64_t id, made_ms, entries;
    digest opening, head;
    digest *hashes; /* of the entries as they stand in the file */
    size_t n, cap;
    digest before;        /* what the next entry must follow */
    int64_t next;         /* its number */
    bool holds_wanted;    /* the head that was asked for was met */
    const digest *wanted; /* or NULL */
} walk;

static void damage(ledger_report *out, arena *a, const char *session, int64_t number, ledger_harm harm, const char *said) {
    if (out->n >= LEDGER_DAMAGES_MAX) {
        out->dropped++;
        return;
    }
    *FE_PUSH(a, out->list, out->n, out->cap) =
        (ledger_damage){.session = fe__strdup(a, session), .number = number, .harm = harm, .text = said};
}

static void harm(walk *w, int64_t number, ledger_harm kind, const char *said) {
    damage(w->out, w->a, w->name, number, kind, said);
}

/* ---------------------------------------------------------------- entries */

/* An entry that does not follow the one before it: does it follow another one of the session? */
static bool follows_another(const walk *w, const ledger_entry *e) {
    digest made;
    fe__chain_entry(w->opening, e, made);
    if (memcmp(made, e->hash, sizeof made) == 0) return true;
    for (size_t i = 0; i < w->n; i++) {
        fe__chain_entry(w->hashes[i], e, made);
        if (memcmp(made, e->hash, sizeof made) == 0) return true;
    }
    return false;
}

static void check_number(walk *w, const ledger_entry *e) {
    if (e->number > w->next) {
        int64_t last = e->number - 1;
        harm(w, w->next, LEDGER_GONE,
             last == w->next ? fe__printf(w->a, "entry %lld is missing", (long long)last)
                             : fe__printf(w->a, "entries %lld to %lld are missing", (long long)w->next, (long long)last));
    } else if (e->number < w->next) {
        harm(w, e->number, LEDGER_ADDED, fe__printf(w->a, "entry %lld has a number that no entry has", (long long)e->number));
    }
}

static void check_hash(walk *w, const ledger_entry *e) {
    digest made;
    fe__chain_entry(w->before, e, made);
    if (memcmp(made, e->hash, sizeof made) == 0) return;
    if (e->number > w->next) return; /* what it followed is missing, which is said */
    if (follows_another(w, e))
        harm(w, e->number, LEDGER_ELSEWHERE,
             fe__printf(w->a, "entry %lld stood in another place when it was written", (long long)e->number));
    else
        harm(w, e->number, LEDGER_CHANGED,
             fe__printf(w->a, "entry %lld is not as it was written, or does not follow the entry before it",
                        (long long)e->number));
}

static void take_row(sqlite3_stmt *q, ledger_entry *e) {
    *e = (ledger_entry){.number = sqlite3_column_int64(q, 0),
                        .event_ms = sqlite3_column_int64(q, 1),
                        .arrival_ms = sqlite3_column_int64(q, 2),
                        .key = (const char *)sqlite3_column_text(q, 3),
                        .bytes = sqlite3_column_blob(q, 4),
                        .n = (size_t)sqlite3_column_bytes(q, 4)};
    const void *hash = sqlite3_column_blob(q, 5);
    if (hash && sqlite3_column_bytes(q, 5) == LEDGER_HASH_BYTES) memcpy(e->hash, hash, LEDGER_HASH_BYTES);
}

static void check_entry(walk *w, const ledger_entry *e) {
    check_number(w, e);
    check_hash(w, e);
    memcpy(w->before, e->hash, sizeof w->before);
    if (w->wanted && memcmp(*w->wanted, e->hash, sizeof w->before) == 0) w->holds_wanted = true;
    w->next = e->number + 1;
    w->out->entries++;
}

/* Calls `each` for every entry of the session in order; SQLITE_OK when all could be read. */
static int each_entry(walk *w, void (*each)(walk *w, const ledger_entry *e)) {
    int code;
    sqlite3_stmt *q = fe__query(w->s, QUERY_ENTRIES, &code);
    if (!q) return code;
    sqlite3_bind_int64(q, 1, w->id);
    sqlite3_bind_int64(q, 2, INT64_MIN);
    sqlite3_bind_int64(q, 3, INT64_MAX);
    while ((code = sqlite3_step(q)) == SQLITE_ROW) {
        ledger_entry e;
        take_row(q, &e);
        each(w, &e);
    }
    fe__query_done(q);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

static void keep_hash(walk *w, const ledger_entry *e) {
    digest *kept = FE_PUSH(w->a, w->hashes, w->n, w->cap);
    memcpy(*kept, e->hash, sizeof *kept);
}

/* ---------------------------------------------------------------- a session */

static void check_end(walk *w) {
    if (w->entries >= w->next) {
        harm(w, w->next, LEDGER_GONE,
             fe__printf(w->a, "entries %lld to %lld are missing", (long long)w->next, (long long)w->entries));
    } else if (w->entries < w->next - 1) {
        harm(w, w->entries + 1, LEDGER_ADDED,
             fe__printf(w->a, "the session has %lld entries, and more stand there", (long long)w->entries));
    } else if (memcmp(w->head, w->before, sizeof w->head) != 0) {
        harm(w, w->next - 1, LEDGER_CHANGED, "the last entry, or what the session keeps of it, is not as it was written");
    }
    if (w->wanted && !w->holds_wanted) harm(w, 0, LEDGER_OTHER_CHAIN, "no entry has the hash that was given: another record");
}

static void check_entries(walk *w) {
    memcpy(w->before, w->opening, sizeof w->before);
    w->next = 1;
    w->out->sessions++;
    int code = each_entry(w, keep_hash);
    if (code == SQLITE_OK) code = each_entry(w, check_entry);
    if (code == SQLITE_OK) {
        check_end(w);
        return;
    }
    harm(w, (int64_t)w->n + 1, LEDGER_UNREADABLE,
         fe__printf(w->a, "behind entry %zu nothing can be read (SQLite %d)", w->n, code));
}

static bool take_hash(sqlite3_stmt *q, int column, digest out) {
    const void *bytes = sqlite3_column_blob(q, column);
    if (!bytes || sqlite3_column_bytes(q, column) != LEDGER_HASH_BYTES) return false;
    memcpy(out, bytes, LEDGER_HASH_BYTES);
    return true;
}

/* The session under the query against the one before it; `opening` goes on to the next. */
static void check_opening(walk *w, digest opening) {
    digest made;
    fe__chain_opening(opening, w->name, w->made_ms, made);
    if (memcmp(made, w->opening, sizeof made) != 0)
        harm(w, 0, LEDGER_CHANGED, "the name or the time of the session is not as written, or a session before it is missing");
    memcpy(opening, w->opening, sizeof made);
}

/* Every session of the file; those of another name are only read as links of the chain. */
static int check_sessions(store *s, const char *name, const digest *wanted, ledger_report *out, arena *a, bool *met) {
    int code;
    digest opening = {0};
    sqlite3_stmt *q = fe__query(s, QUERY_SESSIONS, &code);
    if (!q) return code;
    while ((code = sqlite3_step(q)) == SQLITE_ROW) {
        walk w = {.s = s, .a = a, .out = out, .wanted = wanted, .made_ms = sqlite3_column_int64(q, 1)};
        const char *own = (const char *)sqlite3_column_text(q, 0);
        w.name = fe__strdup(a, own ? own : "");
        w.entries = sqlite3_column_int64(q, 2);
        w.id = sqlite3_column_int64(q, 5);
        if (!take_hash(q, 3, w.opening) || !take_hash(q, 4, w.head)) {
            harm(&w, 0, LEDGER_CHANGED, "the hashes of the session are not as they were written");
            continue;
        }
        check_opening(&w, opening);
        if (name && !fe__streq(name, w.name)) continue;
        *met = true;
        check_entries(&w);
    }
    fe__query_done(q);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* ---------------------------------------------------------------- the file */

/* What SQLite itself finds: pages, indexes, entries without a session. */
static void check_file(store *s, ledger_report *out, arena *a) {
    static const char *const checks[] = {"PRAGMA integrity_check(20)",
                                         "SELECT 'entries of a session that is not there' FROM entry "
                                         "WHERE session NOT IN (SELECT id FROM session) LIMIT 1"};
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        sqlite3_stmt *q = NULL;
        int code = sqlite3_prepare_v2(s->db, checks[i], -1, &q, NULL);
        while (code == SQLITE_OK && (code = sqlite3_step(q)) == SQLITE_ROW) {
            const char *said = (const char *)sqlite3_column_text(q, 0);
            if (said && strcmp(said, "ok") != 0) damage(out, a, NULL, 0, LEDGER_ODD, fe__printf(a, "the file: %s", said));
            code = SQLITE_OK;
        }
        if (code != SQLITE_DONE && code != SQLITE_OK)
            damage(out, a, NULL, 0, LEDGER_UNREADABLE, fe__printf(a, "the file cannot be read whole (SQLite %d)", code));
        sqlite3_finalize(q);
    }
}

static bool read_head(const char *hex, digest out) {
    size_t n = 0;
    return sodium_hex2bin(out, LEDGER_HASH_BYTES, hex, strlen(hex), NULL, &n, NULL) == 0 && n == LEDGER_HASH_BYTES;
}

store_status fe__ledger_verify(store *s, const char *name, const char *head, ledger_report *out, faults *f) {
    ledger_report report = {0};
    digest wanted;
    bool met = false;
    if (head && !read_head(head, wanted)) {
        fe__fault(f, "head", "64 hex digits", head, NULL);
        return STORE_TOO_LONG;
    }
    int code = fe__query_run(s, QUERY_LOOK); /* one state of the file, whoever writes meanwhile */
    if (code != SQLITE_OK) return fe__store_failed(s, code, "", f);
    check_file(s, &report, f->a);
    code = check_sessions(s, name, head ? (const digest *)&wanted : NULL, &report, f->a, &met);
    fe__query_run(s, QUERY_COMMIT);
    if (code != SQLITE_OK)
        damage(&report, f->a, NULL, 0, LEDGER_UNREADABLE,
               fe__printf(f->a, "the sessions cannot be read whole (SQLite %d)", code));
    if (name && !met && code == SQLITE_OK && report.n == 0) {
        fe__fault(f, fe__printf(f->a, "session %s", name), "a session of this store", "none of this name", NULL);
        return STORE_MISSING;
    }
    *out = report;
    return STORE_OK;
}
