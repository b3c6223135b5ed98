/* SHA-256 (libsodium) as 64 hex digits. */
#ifndef FE_BASE_HASH_H
#define FE_BASE_HASH_H

#include <stddef.h>

#include "base/arena.h"

const char *fe__sha256_hex(arena *a, const void *data, size_t n);

#endif
