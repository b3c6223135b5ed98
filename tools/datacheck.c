/* ferrule-datacheck DIR [HASH]: reads a data folder as the program does and prints every fault of it. When it is sound, writes the hash of its
 * files to the file HASH, so that the program need not compute it at every start.
 * Exit 0 and no word when it is sound, 1 when it is not, 2 when it was called wrongly. */
#include <setjmp.h>
#include <stdio.h>

#include "knowledge/evidence.h"
#include "knowledge/knowledge.h"
#include "knowledge/model.h"

static int report(const faults *f) {
    for (size_t i = 0; i < f->n; i++) {
        const fault *x = &f->list[i];
        printf("%s: %s: expected %s, found %s%s%s%s\n", x->file, *x->at ? x->at : "whole file", x->expected, x->found,
               x->hint ? " (" : "", x->hint ? x->hint : "", x->hint ? ")" : "");
    }
    if (f->dropped) printf("and %zu more\n", f->dropped);
    return f->n ? 1 : 0;
}

static int write_hash(const char *path, const knowledge *k) {
    FILE *out = fopen(path, "w");
    if (!out) {
        perror(path);
        return 1;
    }
    fprintf(out, "%s\n", k->sha256);
    return fclose(out) == 0 ? 0 : 1;
}

static int no_memory(arena *a) {
    fputs("ferrule-datacheck: no more memory\n", stderr);
    fe__arena_free(a);
    return 1;
}

int main(int argc, char **argv) {
    if (argc != 2 && argc != 3) {
        fputs("usage: ferrule-datacheck DIR [HASH]\n", stderr);
        return 2;
    }
    arena *a = fe__arena_new(0);
    if (!a) return no_memory(a);
    if (setjmp(*fe__arena_escape(a))) return no_memory(a);
    faults f;
    fe__faults_init(&f, a, argv[1]);
    knowledge *k = fe__knowledge_load(argv[1], &f);
    fe__model_load(argv[1], &f);
    fe__evidence_load(argv[1], &f);
    int code = report(&f);
    if (code == 0 && argc == 3) code = write_hash(argv[2], k);
    fe__knowledge_free(k);
    fe__arena_free(a);
    return code;
}
