/* Faults travel into JSON answers and onto terminals, so what is copied here is made valid UTF-8 without control
 * characters: the fault of a broken file must not itself break the answer. */
#include "base/fault.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

enum { FOUND_MAX = 80 };

/* Bytes of the character at s, 0 when the bytes are none. */
static size_t character_size(const char *s, size_t n) {
    for (size_t k = 1; k <= 4 && k <= n; k++) {
        if (fe__utf8_valid(s, k)) return k;
    }
    return 0;
}

/* A copy of at most `max` bytes; a longer text ends in "...". */
static const char *clean_copy(arena *a, const char *s, size_t max) {
    static const char dots[] = "...", unreadable[] = "\xEF\xBF\xBD"; /* U+FFFD */
    text t;
    fe__text_init(&t, a);
    size_t n = strlen(s), fits = 0; /* fits: where the dots still have room */
    for (size_t i = 0; i < n;) {
        size_t size = character_size(s + i, n - i);
        const char *c = size ? s + i : unreadable;
        if (size == 1 && ((unsigned char)*c < 0x20 || *c == 0x7F)) c = " ";
        size_t add = size ? size : strlen(unreadable);
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
        .file = f->file,
        .at = copy(f->a, at ? at : ""),
        .expected = copy(f->a, expected ? expected : ""),
        .found = clean_copy(f->a, found ? found : "nothing", FOUND_MAX),
        .hint = copy(f->a, hint),
    };
    *FE_PUSH(f->a, f->list, f->n, f->cap) = new_fault;
}
