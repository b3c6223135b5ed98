#include "methods.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine.h"

typedef struct isa {
    const char *name;
    rival_solve *solve;
    size_t (*room)(void);
    peak_run *peak;
} isa;

static const isa isas[] = {
#if defined(__x86_64__)
    {"avx512", bench_rival_avx512, bench_rival_room_avx512, bench_peak_avx512},
    {"avx2", bench_rival_avx2, bench_rival_room_avx2, bench_peak_avx2},
#else
    {"neon", bench_rival_neon, bench_rival_room_neon, bench_peak_neon},
#endif
    {"scalar", bench_rival_scalar, bench_rival_room_scalar, bench_peak_scalar},
};
enum { ISAS = sizeof isas / sizeof *isas };

static void force(const char *name) { setenv("FERRULE_ISA", name, 1); }

static bool has(const char *name) {
    force(name);
    return strcmp(fe__batch_isa(), name) == 0;
}

static const isa *find(const char *name) {
    for (int i = 0; i < ISAS; i++)
        if (strcmp(isas[i].name, name) == 0) return &isas[i];
    return &isas[ISAS - 1];
}

static void *room_of(size_t size) {
    void *room = aligned_alloc(BATCH_ALIGN, (size + BATCH_ALIGN - 1) / BATCH_ALIGN * BATCH_ALIGN);
    if (room) return room;
    fputs("bench: memory is out\n", stderr);
    exit(1);
}

/* ---- which there are ------------------------------------------------------------------------------------------------------------- */

static void add(methods *all, method m) {
    if (all->n < METHODS_MAX) all->list[all->n++] = m;
}

static void add_peers(methods *all, const char *folder, const char *file, bool is_native, const char *const *names, size_t jobs) {
    char path[4096];
    double scale[STATES];
    const peer_table *table = NULL;
    snprintf(path, sizeof path, "%s/%s", folder, file);
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL); /* stays open */
    if (object) table = dlsym(object, PEER_SYMBOL);
    if (!table) return;
    fe__batch_scales(scale);
    for (int matrix = 0; matrix < PEER_MATRICES; matrix++) {
        peer *p = table->make((peer_matrix)matrix, scale);
        if (p)
            add(all,
                (method){
                    .name = names[matrix], .kind = METHOD_PEER, .peer = p, .peers = table, .is_native = is_native, .jobs = jobs});
    }
    all->has_native = all->has_native || is_native;
}

void methods_find(methods *all, const char *folder, size_t bodies) {
    static const char *const native[] = {"cvode-klu-native", "cvode-dense-native"}, *const debian[] = {"cvode-klu-debian",
                                                                                                       "cvode-dense-debian"};
    *all = (methods){0};
    for (int i = 0; i < ISAS; i++) {
        if (!has(isas[i].name)) continue;
        if (!all->widest) all->widest = isas[i].name;
        bool is_scalar = i == ISAS - 1;
        add(all,
            (method){.name = isas[i].name, .isa = isas[i].name, .kind = METHOD_FERRULE, .jobs = is_scalar ? bodies : 4 * bodies});
    }
    if (all->widest) {
        add(all,
            (method){.name = "rodas4p", .isa = all->widest, .kind = METHOD_RIVAL, .rival = RIVAL_RODAS4P, .jobs = 4 * bodies});
        add(all, (method){.name = "explicit", .isa = all->widest, .kind = METHOD_RIVAL, .rival = RIVAL_PAIR, .jobs = bodies});
    }
    add_peers(all, folder, "peer-native.so", true, native, bodies);
    add_peers(all, folder, "peer-debian.so", false, debian, bodies);
}

void methods_free(methods *all) {
    for (size_t i = 0; i < all->n; i++)
        if (all->list[i].kind == METHOD_PEER) all->list[i].peers->let_go(all->list[i].peer);
}

/* ---- running ------------------------------------------------------------------------------------------------------------------------ */

static void one_by_one(case_run *run, size_t n, double rtol, batch_counts *counts) {
    void *room = room_of(fe__batch_room());
    batch_ask ask = bench_ask(run, 1, rtol);
    for (size_t k = 0; k < n; k++) {
        run->next = k;
        run->end = k + 1;
        fe__batch_solve(&ask, room, counts);
    }
    free(room);
}

bool method_run(const method *m, case_run *run, size_t n, double rtol, bool one, batch_counts *counts) {
    batch_counts none;
    run->ended = 0;
    if (!counts) counts = &none;
    *counts = (batch_counts){0};
    if (m->isa) force(m->isa);
    batch_ask ask = bench_ask(run, n, rtol);
    if (m->kind == METHOD_PEER) m->peers->solve(m->peer, &ask, counts);
    else if (m->kind == METHOD_RIVAL) {
        const isa *i = find(m->isa);
        double scale[STATES];
        void *room = room_of(i->room());
        fe__batch_scales(scale);
        i->solve(m->rival, scale, &ask, room, counts);
        free(room);
    } else if (one) one_by_one(run, n, rtol, counts);
    else {
        batch_play play = bench_play(run, n, rtol, 1);
        if (!fe__play_batch(&play, counts)) return false;
    }
    return run->ended == n;
}

double method_peak(const char *name) {
    enum { ROUNDS = 1000000 };
    double sink = 1, start = machine_seconds(), done = find(name)->peak(ROUNDS, &sink);
    double seconds = machine_seconds() - start;
    return sink > 0 ? done / seconds : 0;
}
