/* ferrule-datacheck DIR: reads a data folder as the program does and prints every fault of it.
 * Exit 0 and no word when it is sound, 1 when it is not, 2 when it was called wrongly. */
#include <setjmp.h>
#include <stdio.h>

#include "knowledge/knowledge.h"

static int report(const faults *f) {
    for (size_t i = 0; i < f->n; i++) {
        const fault *x = &f->list[i];
        printf("%s: %s: expected %s, found %s%s%s%s\n", x->file, *x->at ? x->at : "whole file", x->expected,
               x->found, x->hint ? " (" : "", x->hint ? x->hint : "", x->hint ? ")" : "");
    }
    if (f->dropped) printf("and %zu more\n", f->dropped);
    return f->n ? 1 : 0;
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fputs("usage: ferrule-datacheck DIR\n", stderr);
        return 2;
    }
    arena *a = fe__arena_new(0);
    if (!a || setjmp(*fe__arena_escape(a)) != 0) {
        fputs("ferrule-datacheck: no more memory\n", stderr);
        fe__arena_free(a);
        return 1;
    }
    faults f;
    fe__faults_init(&f, a, argv[1]);
    knowledge *k = fe__knowledge_load(argv[1], &f);
    int code = report(&f);
    fe__knowledge_free(k);
    fe__arena_free(a);
    return code;
}
