/* The hashes of the ledger; what they are made of stands in ledger.h. */
#ifndef FE_STORE_CHAIN_H
#define FE_STORE_CHAIN_H

#include "store/ledger.h"

void fe__chain_opening(const uint8_t before[LEDGER_HASH_BYTES], const char *name, int64_t made_ms,
                       uint8_t out[LEDGER_HASH_BYTES]);
void fe__chain_entry(const uint8_t before[LEDGER_HASH_BYTES], const ledger_entry *e, uint8_t out[LEDGER_HASH_BYTES]);

#endif
