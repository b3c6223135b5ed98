/* Faults travel into JSON answers and onto terminals, so what is copied here is made valid UTF-8 without signs
 * that a screen obeys: the fault of a broken file must not itself break the answer. */
#include "base/fault.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

enum { FOUND_MAX = 80 };

/* A copy of at most `max` bytes; a longer text ends in "...". */
static const char *clean_copy(arena *a, const char *s, size_t max) {
    static const char dots[] = "...", unreadable[] = "\xEF\xBF\xBD"; /* U+FFFD */
    text t;
    fe__text_init(&t, a);
    size_t n = strlen(s), fits = 0; /* fits: where the dots still have room */
    for (size_t i = 0; i < n;) {
        bool is_shown;
        size_t size = fe__character(s + i, n - i, &is_shown), add = size;
        const char *c = s + i;
        if (!is_shown) {
            c = size ? " " : unreadable;
            add = strlen(c);
        }
        if (t.n + add > max) {
            t.n = fits;
            fe__text_add(&t, dots);
            break;
        }
        fe__text_addn(&t, c, add);
        if (t.n + strlen(dots) <= max) fits = t.n;
        i += size ? size : 1;
    }
    return t.s;
}

static const char *copy(arena *a, const char *s) { return s ? clean_copy(a, s, (size_t)-1 / 2) : NULL; }

void fe__faults_init(faults *f, arena *a, const char *file) { *f = (faults){.a = a, .file = copy(a, file ? file : "-")}; }

void fe__fault(faults *f, const char *at, const char *expected, const char *found, const char *hint) {
    if (f->n >= FAULTS_MAX) {
        f->dropped++;
        return;
    }
    fault new_fault = {
        .file = copy(f->a, f->file),
        .at = copy(f->a, at ? at : ""),
        .expected = copy(f->a, expected ? expected : ""),
        .found = clean_copy(f->a, found ? found : "nothing", FOUND_MAX),
        .hint = copy(f->a, hint),
    };
    *FE_PUSH(f->a, f->list, f->n, f->cap) = new_fault;
}
