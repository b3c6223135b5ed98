#include "store/chain.h"

#include <sodium.h>
#include <string.h>

static void add_number(crypto_hash_sha256_state *h, int64_t v) {
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++) bytes[i] = (uint8_t)((uint64_t)v >> (56 - 8 * i));
    crypto_hash_sha256_update(h, bytes, sizeof bytes);
}

static void add_bytes(crypto_hash_sha256_state *h, const void *bytes, size_t n) {
    if (n) crypto_hash_sha256_update(h, bytes, n);
}

void fe__chain_opening(const uint8_t before[LEDGER_HASH_BYTES], const char *name, int64_t made_ms,
                       uint8_t out[LEDGER_HASH_BYTES]) {
    static const char kind[] = "ferrule session 1";
    crypto_hash_sha256_state h;
    crypto_hash_sha256_init(&h);
    add_bytes(&h, kind, strlen(kind));
    add_bytes(&h, before, LEDGER_HASH_BYTES);
    add_number(&h, made_ms);
    add_number(&h, (int64_t)strlen(name));
    add_bytes(&h, name, strlen(name));
    crypto_hash_sha256_final(&h, out);
}

void fe__chain_entry(const uint8_t before[LEDGER_HASH_BYTES], const ledger_entry *e, uint8_t out[LEDGER_HASH_BYTES]) {
    crypto_hash_sha256_state h;
    crypto_hash_sha256_init(&h);
    add_bytes(&h, before, LEDGER_HASH_BYTES);
    add_number(&h, e->event_ms);
    add_number(&h, e->arrival_ms);
    add_number(&h, e->key ? (int64_t)strlen(e->key) : -1);
    if (e->key) add_bytes(&h, e->key, strlen(e->key));
    add_number(&h, (int64_t)e->n);
    add_bytes(&h, e->bytes, e->n);
    crypto_hash_sha256_final(&h, out);
}
