/* What the files of this floor share: the open database, and SQLite's answers as ours. */
#ifndef FE_STORE_STORE_INSIDE_H
#define FE_STORE_STORE_INSIDE_H

#include <sqlite3.h>
#include <stdint.h>
#include <time.h>

#include "store/store.h"

typedef enum store_query {
    QUERY_BEGIN,
    QUERY_LOOK, /* a transaction that only reads: one state of the file through several queries */
    QUERY_COMMIT,
    QUERY_ROLLBACK,
    QUERY_SESSION,
    QUERY_LAST_SESSION,
    QUERY_CREATE,
    QUERY_KEY,
    QUERY_INSERT,
    QUERY_HEAD,
    QUERY_ENTRIES,
    QUERY_SESSIONS,
    STORE_QUERIES
} store_query;

struct store {
    sqlite3 *db;
    struct timespec waiting_since;        /* who else writes is waited for */
    sqlite3_stmt *queries[STORE_QUERIES]; /* prepared at first use */
};

/* What an answer of SQLite means; the fault of it in f at `at`. */
store_status fe__store_failed(store *s, int code, const char *at, faults *f);

/* The query, ready to be bound and stepped; NULL (then *code says why) when it cannot be prepared. Hand back with fe__query_done. */
sqlite3_stmt *fe__query(store *s, store_query which, int *code);
void fe__query_done(sqlite3_stmt *q);

/* Runs a query that gives no rows; SQLITE_OK or what went wrong. */
int fe__query_run(store *s, store_query which);

/* Brings the tables to this version; SQLITE_OK, or SQLITE_MISMATCH when the file belongs to another program or a newer version. */
int fe__migrate(sqlite3 *db, int *version);

#endif
