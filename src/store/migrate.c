/* The tables, step by step: user_version counts the steps that are done. A step is one transaction, so that a process that dies in one
 * leaves the version before, and two processes that open an old file at once do it once. */
#include "store/store_inside.h"

enum { FERRULE_APPLICATION = 0x46657275 /* "Feru": which program a SQLite file belongs to */ };

/* Entries are added, never changed and never taken away, by SQL neither. */
static const char *const steps[] = {
    "CREATE TABLE session("
    " id INTEGER PRIMARY KEY,"
    " name TEXT NOT NULL UNIQUE,"
    " made_ms INTEGER NOT NULL,"
    " opening BLOB NOT NULL CHECK(length(opening) = 32)," /* the hash that its chain begins with */
    " entries INTEGER NOT NULL DEFAULT 0,"
    " head BLOB NOT NULL CHECK(length(head) = 32)" /* the hash of its last entry */
    ") STRICT;"
    "CREATE TABLE entry("
    " session INTEGER NOT NULL REFERENCES session(id),"
    " number INTEGER NOT NULL,"
    " event_ms INTEGER NOT NULL,"
    " arrival_ms INTEGER NOT NULL,"
    " key TEXT,"
    " bytes BLOB NOT NULL,"
    " hash BLOB NOT NULL CHECK(length(hash) = 32),"
    " PRIMARY KEY(session, number)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE UNIQUE INDEX entry_key ON entry(session, key) WHERE key IS NOT NULL;"
    "CREATE TRIGGER entry_stands BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'an entry stands'); END;"
    "CREATE TRIGGER entry_stays BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'an entry stays'); END;"
    "CREATE TRIGGER session_stays BEFORE DELETE ON session BEGIN SELECT RAISE(ABORT, 'a session stays'); END;"
    "PRAGMA application_id = 0x46657275;"
    "PRAGMA user_version = 1;",
};
enum { VERSION = sizeof steps / sizeof *steps };

static int number_of(sqlite3 *db, const char *sql, int *value) {
    sqlite3_stmt *q = NULL;
    int code = sqlite3_prepare_v2(db, sql, -1, &q, NULL);
    if (code == SQLITE_OK) code = sqlite3_step(q);
    if (code == SQLITE_ROW) *value = sqlite3_column_int(q, 0);
    sqlite3_finalize(q);
    return code == SQLITE_ROW ? SQLITE_OK : code;
}

/* Is it ours, and how far is it? An empty file is anybody's. Inside a transaction: another process may be making it. */
static int look_inside(sqlite3 *db, int *version) {
    int application = 0, tables = 0;
    int code = number_of(db, "PRAGMA user_version", version);
    if (code == SQLITE_OK) code = number_of(db, "PRAGMA application_id", &application);
    if (code == SQLITE_OK) code = number_of(db, "SELECT count(*) FROM sqlite_schema", &tables);
    if (code != SQLITE_OK) return code;
    if (application == FERRULE_APPLICATION && *version > 0) return *version > VERSION ? SQLITE_MISMATCH : SQLITE_OK;
    return application == 0 && *version == 0 && tables == 0 ? SQLITE_OK : SQLITE_NOTADB;
}

static int look(sqlite3 *db, int *version) {
    int code = sqlite3_exec(db, "BEGIN", NULL, NULL, NULL);
    if (code == SQLITE_OK) code = look_inside(db, version);
    int ended = sqlite3_get_autocommit(db) ? SQLITE_OK : sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
    return code == SQLITE_OK ? ended : code;
}

int fe__migrate(sqlite3 *db, int *version) {
    int code = look(db, version);
    while (code == SQLITE_OK && *version < VERSION) {
        code = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
        if (code != SQLITE_OK) break;
        code = look_inside(db, version); /* another process may have been here in between */
        if (code == SQLITE_OK && *version < VERSION) code = sqlite3_exec(db, steps[*version], NULL, NULL, NULL);
        if (code == SQLITE_OK) code = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
        if (code != SQLITE_OK) sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
        if (code == SQLITE_OK) code = look(db, version);
    }
    return code;
}
