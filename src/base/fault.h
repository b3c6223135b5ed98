/* Faults of an input: every one with its place, all at once.
 *
 * A reader goes on after a fault and collects; the caller refuses the input when there is any. */
#ifndef FE_BASE_FAULT_H
#define FE_BASE_FAULT_H

#include <stddef.h>

#include "base/arena.h"

typedef struct fault {
    const char *file;     /* name of the input, "-" for standard input */
    const char *at;       /* JSON pointer, or "line 3" / "line 3, column 9" */
    const char *expected; /* what would have been right, with range and unit */
    const char *found;    /* the offending value, shortened */
    const char *hint;     /* what to do next, or NULL */
} fault;

/* At most FAULTS_MAX are kept; `dropped` counts the rest. */
enum { FAULTS_MAX = 200 };

typedef struct faults {
    arena *a;
    const char *file; /* name put into new faults */
    fault *list;
    size_t n, cap, dropped;
} faults;

void fe__faults_init(faults *f, arena *a, const char *file);

/* Strings are copied. `hint` may be NULL. `found` is shortened to 80 bytes at a character border. */
void fe__fault(faults *f, const char *at, const char *expected, const char *found, const char *hint);

#endif
