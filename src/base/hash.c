#include "base/hash.h"

#include <sodium.h>

const char *fe__sha256_hex(arena *a, const void *data, size_t n) {
    unsigned char hash[crypto_hash_sha256_BYTES];
    char *hex = fe__alloc(a, 2 * sizeof hash + 1);
    crypto_hash_sha256(hash, data, n); /* needs no sodium_init: nothing random, nothing chosen by processor */
    return sodium_bin2hex(hex, 2 * sizeof hash + 1, hash, sizeof hash);
}
