/* model_bytes FILE: the model's numbers as they lie in memory, without its texts, for tests/bits/digest.c. Processors of 64 bits that store the
 * lowest byte first read the same. */
#include <setjmp.h>
#include <stdio.h>

#include "knowledge/model.h"

int main(int argc, char **argv) {
    arena *a = fe__arena_new(0);
    if (argc != 2 || !a || setjmp(*fe__arena_escape(a))) return 2;
    faults f;
    fe__faults_init(&f, a, "data");
    const model_data *m = fe__model_load(NULL, &f);
    if (!m) return 1;
    model_data plain = *m;
    plain.version = plain.sha256 = NULL;
    plain.misses = NULL;
    plain.misses_n = 0;
    for (int i = 0; i < OBSERVABLE_COUNT; i++) plain.labs[i].lab = plain.labs[i].unit = NULL;
    FILE *out = fopen(argv[1], "wb");
    if (!out) return 1;
    bool whole = fwrite(&plain, sizeof plain, 1, out) == 1;
    fe__arena_free(a);
    return fclose(out) == 0 && whole ? 0 : 1;
}
