/* Which instruction set: the widest that the processor has, or the one that FERRULE_ISA names. */
#include "solve/batch.h"

#include <stdlib.h>
#include <string.h>

#include "solve/batch_isa.h"

typedef struct isa {
    const char *name;
    void (*solve)(const batch_ask *ask, void *room, batch_counts *counts);
    size_t (*room)(void);
    bool (*present)(void);
} isa;

static bool always(void) { return true; }

#if defined(__x86_64__)
static bool has_fma(void) { return __builtin_cpu_supports("fma"); }
static bool has_avx2(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
static bool has_avx512(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
#endif

static const isa all[] = {
#if defined(__x86_64__)
    {"avx512", fe__batch_solve_avx512, fe__batch_room_avx512, has_avx512},
    {"avx2", fe__batch_solve_avx2, fe__batch_room_avx2, has_avx2},
    {"scalar", fe__batch_solve_scalar, fe__batch_room_scalar, has_fma},
#elif defined(__aarch64__)
    {"neon", fe__batch_solve_neon, fe__batch_room_neon, always},
    {"scalar", fe__batch_solve_scalar, fe__batch_room_scalar, always},
#endif
    {"baseline", fe__batch_solve_baseline, fe__batch_room_baseline, always},
};

static const isa *chosen(void) {
    const char *forced = getenv("FERRULE_ISA");
    const isa *best = NULL;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (!all[i].present()) continue;
        if (forced && strcmp(forced, all[i].name) == 0) return &all[i];
        if (!best) best = &all[i];
    }
    return best;
}

/* Enough for whichever is chosen when the room is used: the environment may change in between. */
size_t fe__batch_room(void) {
    size_t most = 0;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].present() && all[i].room() > most) most = all[i].room();
    return most;
}

void fe__batch_solve(const batch_ask *ask, void *room, batch_counts *counts) { chosen()->solve(ask, room, counts); }
const char *fe__batch_isa(void) { return chosen()->name; }

void fe__batch_scales(double *scale) {
    static const int small[] = {ST_Z, ST_P, ST_B, ST_W, ST_Q, ST_X, ST_A, ST_HF, ST_HS};
    for (int i = 0; i < STATES; i++) scale[i] = 1;
    for (size_t i = 0; i < sizeof small / sizeof *small; i++) scale[small[i]] = 0.01;
}
