/* Reading whole files with a bound. */
#ifndef FE_BASE_FILE_H
#define FE_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/fault.h"

/* The whole file ("-" is standard input) into the arena of f, NUL-terminated. NULL with a fault when it cannot be
 * read, is a folder, or is longer than `limit` bytes. */
char *fe__file_read(faults *f, const char *path, size_t limit, size_t *length);

#endif
