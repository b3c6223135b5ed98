/* The journal of a session: its head (who, what order, baseline, site) and then every event, each a row of the ledger that stands before it
 * is acknowledged. The state is what the machine makes of the record; nothing else is kept, so a program that starts anew knows what the
 * last one knew. Corrections are new events (undo, and what was meant); nothing is changed.
 *
 * A row is JSON: {"session":{...},"region":"eu","clock":{...}} first, then {"event":{...},"clock":{...}}. The clock of a row is what the
 * machine's clocks showed when it came in, by which jumps of the wall clock are seen. */
#ifndef FE_SESSION_JOURNAL_H
#define FE_SESSION_JOURNAL_H

#include <jansson.h>

#include "store/ledger.h"

enum {
    JOURNAL_JUMP_MS = 2000,  /* the wall clock moved so much against the other: said */
    JOURNAL_LATE_MS = 60000, /* an event that came in so long after it happened: said */
    JOURNAL_AHEAD_MS = 60000 /* an event may lie so far ahead of the clock: people's watches differ */
};

/* What the clocks of this machine show. */
typedef struct journal_clock {
    int64_t wall_ms; /* since 1970 */
    int64_t up_ms;   /* since the start of the machine, sleep included; nobody can set it */
    char boot[9];    /* which start of the machine; "" unknown */
} journal_clock;
journal_clock fe__journal_now(void);

typedef struct journal_line {
    double at;           /* seconds; when it happened, as it was said */
    double taken_at;     /* when the machine is told that it happened: never before the line above */
    const json_t *event; /* belongs to the journal */
    const char *key;
    journal_clock clock;
} journal_line;

typedef struct journal {
    const char *name, *region;
    const json_t *session;
    journal_clock made;
    journal_line *lines;
    size_t n, cap;
    uint8_t head[LEDGER_HASH_BYTES];
    json_t *owned; /* what to free */
} journal;

/* A new session. `session` is the object of the key "session" of a record. */
store_status fe__journal_begin(store *s, const char *name, const json_t *session, const char *region, journal_clock now,
                               faults *f);

/* Reads all of it. *out is to be freed by fe__journal_free when STORE_OK. A row that is no row of a journal is STORE_CORRUPT. */
store_status fe__journal_read(store *s, const char *name, journal *out, faults *f);
void fe__journal_free(journal *j);

/* Adds an event upon what was read: durable when STORE_OK, and in j. STORE_MOVED: others have added, read again. `key`: NULL, or what makes
 * a second delivery known; *repeated then says that it was there and j is as it was, STORE_TAKEN that the key is another event's. */
store_status fe__journal_add(store *s, journal *j, const json_t *event, double at, const char *key, journal_clock now,
                             bool *repeated, faults *f);

/* The record {"ferrule":1,"kept":true,"session":{...},"events":[...]} that `ferrule infuse replay` reads, with one event more when `more` is not
 * NULL (at `more_at`). The caller owns it; NULL when memory is out. Times of events are those at which the machine is told of them. */
json_t *fe__journal_record(arena *a, const journal *j, const json_t *more, double more_at);

/* What the clocks say about the record: the wall clock set back or ahead, the machine started anew, events told late or out of order. */
typedef enum journal_oddity {
    JOURNAL_SET_BACK,
    JOURNAL_SET_AHEAD,
    JOURNAL_RESTARTED,
    JOURNAL_TOLD_LATE,
    JOURNAL_OUT_OF_ORDER
} journal_oddity;
typedef struct journal_note {
    journal_oddity what;
    size_t entry; /* event, from 1; n + 1: since the last one */
    double seconds;
} journal_note;
journal_note *fe__journal_notes(arena *a, const journal *j, journal_clock now, size_t *n);
const char *fe__journal_oddity_word(journal_oddity what);

/* "2026-11-02T10:15:30+01:00": to the second, which base/date.h does not write. */
const char *fe__journal_time(arena *a, double seconds, int zone_min);

#endif
