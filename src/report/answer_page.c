/* fe_answer_page of include/ferrule.h. */
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "exchange/door.h"
#include "report/html.h"

const char *fe_answer_page(fe_answer *x) {
    if (x->page) return x->page;
    arena *a = fe__arena_new(0);
    if (!a || setjmp(*fe__arena_escape(a))) {
        fe__arena_free(a);
        return NULL;
    }
    const char *whole = fe__report_page(a, x->root, x->course);
    x->page = whole ? malloc(strlen(whole) + 1) : NULL;
    if (x->page) memcpy(x->page, whole, strlen(whole) + 1);
    fe__arena_free(a);
    return x->page;
}
