/* Ledger: sessions of entries that are added and never changed, each bound by a hash to the one before it.
 *
 * An entry is opaque bytes with the time of what happened and the time at which it came in. Its hash is
 *
 *     SHA-256( hash of the entry before | event_ms | arrival_ms | length of key | key | length of bytes | bytes )
 *
 * numbers as 8 bytes, most significant first, a missing key as length -1. Before the first entry stands the opening of the session,
 *
 *     SHA-256( "ferrule session 1" | opening of the session made before it, or 32 zero bytes | made_ms | length of name | name )
 *
 * so that sessions are a chain too. The session keeps the number and the hash of its last entry, by which cut-off ends are seen. Who can
 * write the file can still make all of it anew: a head that was printed or sent elsewhere shows that (fe__ledger_verify). */
#ifndef FE_STORE_LEDGER_H
#define FE_STORE_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

enum { LEDGER_HASH_BYTES = 32, LEDGER_NAME_MAX = 64, LEDGER_KEY_MAX = 200, LEDGER_BYTES_MAX = 1024 * 1024 };

typedef struct ledger_session {
    const char *name;
    int64_t made_ms; /* since 1970 */
    int64_t entries;
    uint8_t head[LEDGER_HASH_BYTES];
} ledger_session;

typedef struct ledger_entry {
    int64_t number; /* from 1, without a gap */
    int64_t event_ms, arrival_ms;
    const char *key; /* what makes a second delivery known as one; NULL: none. UTF-8, at most LEDGER_KEY_MAX bytes */
    const void *bytes;
    size_t n;
    uint8_t hash[LEDGER_HASH_BYTES];
} ledger_entry;

/* All of these answer anything but STORE_OK with one fault in f, and then set nothing. What is read lives in the arena of f. */

/* A session without entries. `name`: letters, digits, '-', '_', '.', at most LEDGER_NAME_MAX. STORE_TAKEN when it is there. */
store_status fe__ledger_create(store *s, const char *name, int64_t made_ms, faults *f);

/* Every session, in the order in which they were made. */
store_status fe__ledger_sessions(store *s, ledger_session **list, size_t *n, faults *f);

/* One session. */
store_status fe__ledger_session(store *s, const char *name, ledger_session *out, faults *f);

enum { LEDGER_ANY = -1 };

/* Adds an entry and returns when it is on the disk. Of *e number and hash are set, the rest is the caller's.
 * `after`: how many entries the caller has seen, STORE_MOVED when there are more; or LEDGER_ANY.
 * When an entry of that key is there already nothing is added: *repeated is true and *e the one that is there. Whether it says the same is
 * for the caller to judge. */
store_status fe__ledger_append(store *s, const char *name, int64_t after, ledger_entry *e, bool *repeated, faults *f);

/* At most `max` entries from number `from` on (1: all). */
store_status fe__ledger_read(store *s, const char *name, int64_t from, size_t max, ledger_entry **list, size_t *n, faults *f);

/* What is wrong with a session. `number` is the entry, 0 the session itself. */
typedef enum ledger_harm {
    LEDGER_CHANGED,     /* what it says, or its hash, is not what was written */
    LEDGER_GONE,        /* an entry is missing */
    LEDGER_ELSEWHERE,   /* an entry stands in another place than it was written in */
    LEDGER_ADDED,       /* more entries than were written */
    LEDGER_UNREADABLE,  /* the file is damaged here and nothing can be read from there on */
    LEDGER_OTHER_CHAIN, /* whole in itself, but not what ends in the head that was given */
    LEDGER_ODD          /* a damage of the file that no session shows */
} ledger_harm;

typedef struct ledger_damage {
    const char *session; /* NULL: the file */
    int64_t number;
    ledger_harm harm;
    const char *text; /* a sentence */
} ledger_damage;

enum { LEDGER_DAMAGES_MAX = 100 }; /* more are counted only */

typedef struct ledger_report {
    int64_t sessions, entries; /* that were looked at */
    ledger_damage *list;
    size_t n, cap, dropped;
} ledger_report;

/* Looks at every byte that counts of one session (name) or of the whole file (NULL). `head`: 64 hex digits that the session must hold as
 * the hash of an entry, or NULL. STORE_OK when it could look, whatever it found. */
store_status fe__ledger_verify(store *s, const char *name, const char *head, ledger_report *out, faults *f);

const char *fe__ledger_hex(arena *a, const uint8_t hash[LEDGER_HASH_BYTES]);

#endif
