/* The batch solver once for each instruction set; batch.c chooses. */
#ifndef FE_SOLVE_BATCH_ISA_H
#define FE_SOLVE_BATCH_ISA_H

#include "solve/batch.h"

#define BATCH_ISA(name)                                                                                                          \
    void fe__batch_solve_##name(const batch_ask *ask, void *room, batch_counts *counts);                                         \
    size_t fe__batch_room_##name(void);

BATCH_ISA(baseline)
BATCH_ISA(scalar)
BATCH_ISA(avx2)
BATCH_ISA(avx512)
BATCH_ISA(neon)

#endif
