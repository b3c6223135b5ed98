/* Store: one SQLite file with rows that survive.
 *
 * What was committed is on the disk (WAL, synchronous=FULL) whatever becomes of the process or the power. Many processes may have the
 * file open at once; who must wait for another waits at most STORE_WAIT_MS. A store belongs to one thread at a time. The file and what
 * SQLite lays beside it (-wal, -shm) are readable by their owner alone; who is killed while it makes a new store leaves a NAME.new-XXXXXX
 * behind, in which nothing is. When memory ends the functions of this floor jump to the escape of
 * the arena of their faults; the store can then only be closed, and what was not committed is not there.
 *
 * A process whose files are limited in size (ulimit -f) must ignore SIGXFSZ, or the system ends it where a fault would say so. */
#ifndef FE_STORE_STORE_H
#define FE_STORE_STORE_H

#include "base/fault.h"

enum { STORE_WAIT_MS = 5000 };

typedef struct store store;

typedef enum store_status {
    STORE_OK,
    STORE_FULL,     /* no room on the disk, or the file may not grow; what was committed stands, later writes may succeed */
    STORE_LOCKED,   /* another process held it for STORE_WAIT_MS */
    STORE_CORRUPT,  /* the file is damaged, or is no store of Ferrule */
    STORE_NEWER,    /* written by a newer version of Ferrule */
    STORE_CLOSED,   /* cannot be opened: no such folder, no permission, read only */
    STORE_BROKEN,   /* the disk or its file system failed */
    STORE_MISSING,  /* no session of that name */
    STORE_TAKEN,    /* a session of that name is there */
    STORE_MOVED,    /* the session has grown since the caller looked */
    STORE_TOO_LONG, /* longer than a row may be */
    STORE_MEMORY
} store_status;

/* Opens the file, made when it is not there and brought to this version's tables. Anything but STORE_OK leaves *out NULL and one fault
 * in f, which says what to do. Closed by fe__store_close. */
store_status fe__store_open(const char *path, store **out, faults *f);

/* NULL is fine. Nothing is lost when the last words of it fail. */
void fe__store_close(store *s);

#endif
