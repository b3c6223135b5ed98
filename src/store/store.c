/* Opening and closing, and SQLite's answers in our words. */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "store/store_inside.h"

static const char *const sql[STORE_QUERIES] = {
    [QUERY_BEGIN] = "BEGIN IMMEDIATE",
    [QUERY_LOOK] = "BEGIN",
    [QUERY_COMMIT] = "COMMIT",
    [QUERY_ROLLBACK] = "ROLLBACK",
    [QUERY_SESSION] = "SELECT id, made_ms, opening, entries, head FROM session WHERE name = ?1",
    [QUERY_LAST_SESSION] = "SELECT opening FROM session ORDER BY id DESC LIMIT 1",
    [QUERY_CREATE] = "INSERT INTO session(name, made_ms, opening, head) VALUES(?1, ?2, ?3, ?3)",
    [QUERY_KEY] = "SELECT number, event_ms, arrival_ms, key, bytes, hash FROM entry WHERE session = ?1 AND key = ?2",
    [QUERY_INSERT] =
        "INSERT INTO entry(session, number, event_ms, arrival_ms, key, bytes, hash) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [QUERY_HEAD] = "UPDATE session SET entries = ?2, head = ?3 WHERE id = ?1",
    [QUERY_ENTRIES] = ("SELECT number, event_ms, arrival_ms, key, bytes, hash FROM entry WHERE session = ?1 AND number >= ?2 "
                       "ORDER BY number LIMIT ?3"),
    [QUERY_SESSIONS] = "SELECT name, made_ms, entries, opening, head, id FROM session ORDER BY id",
};

/* ---------------------------------------------------------------- SQLite's answers */

/* The system's reason decides where SQLite only knows that a write failed: a limit on the size of files, or a quota, is a full disk. */
static bool is_no_room(int code, int error) {
    if ((code & 0xff) == SQLITE_FULL || code == SQLITE_IOERR_SHMSIZE) return true;
    return (code & 0xff) == SQLITE_IOERR && (error == ENOSPC || error == EFBIG || error == EDQUOT);
}

/* What the system last said of a file; SQLite keeps it for its own files, and forgets on the connection what a commit met. */
static int error_of(sqlite3 *db) {
    sqlite3_file *log = NULL;
    int error = db ? sqlite3_system_errno(db) : 0, of_log = 0;
    if (!db || error) return error;
    sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, (void *)&log);
    if (log && log->pMethods) log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &of_log);
    return of_log;
}

static store_status status_of(sqlite3 *db, int code) {
    if (is_no_room(code, error_of(db))) return STORE_FULL;
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL: return STORE_LOCKED;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return STORE_CORRUPT;
    case SQLITE_MISMATCH: return STORE_NEWER;
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH: return STORE_CLOSED;
    case SQLITE_TOOBIG: return STORE_TOO_LONG;
    case SQLITE_NOMEM: return STORE_MEMORY;
    default: return STORE_BROKEN;
    }
}

static void say(store_status status, int code, const char *at, faults *f) {
    static const struct {
        const char *expected, *found, *hint;
    } words[] = {
        [STORE_FULL] = {"room on the disk for the entry", "a full disk, or a file that may not grow",
                        "nothing of it was recorded; make room, then give it again"},
        [STORE_LOCKED] = {"the store within 5 seconds", "a store that another program keeps locked",
                          "nothing of it was recorded; give it again, and look for a backup or a program that hangs"},
        [STORE_CORRUPT] = {"a store of Ferrule", "a file that is damaged or something else",
                           "leave it as it is, keep a copy, and go on in a new one"},
        [STORE_NEWER] = {"a store of this version or an older one", "a store of a newer version of Ferrule",
                         "use the newer program"},
        [STORE_CLOSED] = {"a store that can be opened and written", "one that cannot",
                          "check the folder, its permissions and the mount"},
        [STORE_BROKEN] = {"a disk that takes the entry", "a failure of the disk or of its file system",
                          "nothing of it counts as recorded; write on paper, and have the disk looked at"},
        [STORE_TOO_LONG] = {"a row of at most 1 MiB", "a longer one", NULL},
        [STORE_MEMORY] = {"memory", "none left", NULL},
    };
    const char *found =
        status == STORE_BROKEN ? fe__printf(f->a, "%s (SQLite %d)", words[status].found, code) : words[status].found;
    fe__fault(f, at, words[status].expected, found, words[status].hint);
}

store_status fe__store_failed(store *s, int code, const char *at, faults *f) {
    store_status status = status_of(s->db, code);
    say(status, code, at, f);
    return status;
}

/* ---------------------------------------------------------------- queries */

sqlite3_stmt *fe__query(store *s, store_query which, int *code) {
    *code = SQLITE_OK;
    if (!s->queries[which])
        *code = sqlite3_prepare_v3(s->db, sql[which], -1, SQLITE_PREPARE_PERSISTENT, &s->queries[which], NULL);
    return *code == SQLITE_OK ? s->queries[which] : NULL;
}

void fe__query_done(sqlite3_stmt *q) {
    if (!q) return;
    sqlite3_reset(q);
    sqlite3_clear_bindings(q);
}

int fe__query_run(store *s, store_query which) {
    int code;
    sqlite3_stmt *q = fe__query(s, which, &code);
    if (!q) return code;
    code = sqlite3_step(q);
    fe__query_done(q);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* ---------------------------------------------------------------- open and close */

/* SQLite's own waiting grows to 100 ms a time, which with fifty writers leaves the disk idle. An entry takes about a millisecond:
 * short waits first, then longer ones. */
static int wait_turn(void *context, int times) {
    store *s = context;
    struct timespec now;
    enum { SHORT_TIMES = 100, SHORT_US = 500, LONG_US = 5000 };
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (times == 0) s->waiting_since = now;
    long waited_ms = (long)(now.tv_sec - s->waiting_since.tv_sec) * 1000 + (now.tv_nsec - s->waiting_since.tv_nsec) / 1000000;
    if (waited_ms >= STORE_WAIT_MS) return 0;
    nanosleep(&(struct timespec){.tv_nsec = 1000L * (times < SHORT_TIMES ? SHORT_US : LONG_US)}, NULL);
    return 1;
}

/* Turning a new file to WAL asks for it alone and does not wait by itself. */
static int turn_to_wal(store *s) {
    for (int times = 0;; times++) {
        sqlite3_stmt *q = NULL;
        int code = sqlite3_prepare_v2(s->db, "PRAGMA journal_mode = WAL", -1, &q, NULL);
        if (code == SQLITE_OK) code = sqlite3_step(q);
        bool is_wal = code == SQLITE_ROW && strcmp((const char *)sqlite3_column_text(q, 0), "wal") == 0;
        int closing = sqlite3_finalize(q);
        if (is_wal) return SQLITE_OK;
        if (code == SQLITE_ROW) code = closing == SQLITE_OK ? SQLITE_READONLY : closing; /* a file system without shared memory */
        if ((code & 0xff) != SQLITE_BUSY || !wait_turn(s, times)) return code;
    }
}

static int prepare_file(store *s, int *version) {
    static const char settings[] = "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;"
                                   "PRAGMA cell_size_check = ON;";
    int code = sqlite3_busy_handler(s->db, wait_turn, s);
    if (code == SQLITE_OK) code = sqlite3_exec(s->db, settings, NULL, NULL, NULL);
    if (code == SQLITE_OK) code = turn_to_wal(s);
    return code == SQLITE_OK ? fe__migrate(s->db, version) : code;
}

static int open_database(store *s, const char *path) {
    int version = 0;
    int code = sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    return code == SQLITE_OK ? prepare_file(s, &version) : code;
}

static int close_database(store *s) {
    for (int i = 0; i < STORE_QUERIES; i++) {
        sqlite3_finalize(s->queries[i]);
        s->queries[i] = NULL;
    }
    int code = sqlite3_close(s->db);
    s->db = NULL;
    return code;
}

/* ---------------------------------------------------------------- a new store */

static void remove_made(arena *a, const char *path) {
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) unlink(fe__printf(a, "%s%s", path, ends[i]));
}

/* An empty file of a name of its own beside `path`. Patients will stand in it: readable by the owner alone, and so is what SQLite makes
 * beside it. NULL with errno. */
static char *empty_file(arena *a, const char *path) {
    char *name = fe__printf(a, "%s.new-XXXXXX", path);
    int file = mkstemp(name);
    return file >= 0 && close(file) == 0 ? name : NULL;
}

/* Makes the store whole under another name and gives it its own when it is: two that make it at once make one, and nobody meets half of
 * it. (The file is never opened but by SQLite: closing it anywhere in the process would drop the locks of all its connections.)
 * SQLITE_OK when a file of the name is there then, whoever made it. */
static int make_store(store *s, arena *a, const char *path) {
    char *name = access(path, F_OK) == 0 ? NULL : empty_file(a, path);
    if (!name) return access(path, F_OK) == 0 ? SQLITE_OK : SQLITE_CANTOPEN;
    int code = open_database(s, name);
    /* All of it into the file itself: closing would, but does not say when it could not. */
    if (code == SQLITE_OK) code = sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    int closed = close_database(s);
    if (code == SQLITE_OK) code = closed;
    if (code == SQLITE_OK && link(name, path) != 0 && errno != EEXIST) code = SQLITE_CANTOPEN;
    int error = errno;
    remove_made(a, name);
    errno = error;
    return code;
}

static void cannot_open(int error, faults *f) {
    bool none = error == ENOENT || error == ENOTDIR;
    fe__fault(f, "", "a store that can be opened and written", none ? "no folder of this name" : "one that may not be",
              none ? "make the folder first, or check the spelling" : "check the folder, its permissions and the mount");
}

static store_status open_failed(store *s, int code, faults *f) {
    int error = errno;
    store_status status = status_of(s->db, code);
    if (status == STORE_CLOSED && (error == ENOSPC || error == EDQUOT)) status = STORE_FULL;
    fe__store_close(s);
    if (status == STORE_CLOSED) cannot_open(error, f);
    else say(status, code, "", f);
    return status;
}

store_status fe__store_open(const char *path, store **out, faults *f) {
    *out = NULL;
    /* "./" keeps SQLite from reading a name as its own words (":memory:", "file:..."). */
    const char *plain = path[0] == '/' ? path : fe__printf(f->a, "./%s", path);
    store *s = calloc(1, sizeof *s);
    if (!s) {
        say(STORE_MEMORY, SQLITE_NOMEM, "", f);
        return STORE_MEMORY;
    }
    int code = make_store(s, f->a, plain);
    if (code == SQLITE_OK) code = open_database(s, plain);
    if (code != SQLITE_OK) return open_failed(s, code, f);
    *out = s;
    return STORE_OK;
}

void fe__store_close(store *s) {
    if (!s) return;
    close_database(s);
    free(s);
}
