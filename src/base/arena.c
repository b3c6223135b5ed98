/* A chain of blocks, filled one after the other. A reset goes back to the first block and keeps the chain, so a
 * later answer of the same size asks the system for nothing. */
#include "base/arena.h"

#include <assert.h>
#include <locale.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_MIN = 64 * 1024, BLOCK_MAX = 1024 * 1024, GROW_FIRST = 8 };

typedef struct block {
    struct block *next;
    size_t size, used;
    max_align_t data[];
} block;

struct arena {
    jmp_buf escape;
    bool has_escape;
    size_t limit, given;
    size_t next_size; /* doubles up to BLOCK_MAX, so that small answers stay small */
    block *first, *current;
};

arena *fe__arena_new(size_t limit) {
    arena *a = calloc(1, sizeof *a);
    if (!a) return NULL;
    a->limit = limit ? limit : SIZE_MAX;
    a->next_size = BLOCK_MIN;
    return a;
}

void fe__arena_free(arena *a) {
    if (!a) return;
    for (block *b = a->first, *next; b; b = next) {
        next = b->next;
        free(b);
    }
    free(a);
}

void fe__arena_reset(arena *a) {
    a->current = a->first;
    if (a->first) a->first->used = 0;
    a->given = 0;
}

arena_mark fe__arena_mark(const arena *a) { return (arena_mark){a->current, a->current ? a->current->used : 0, a->given}; }

void fe__arena_rewind(arena *a, arena_mark m) {
    if (!m.block) {
        fe__arena_reset(a);
        return;
    }
    a->current = m.block;
    a->current->used = m.used;
    a->given = m.given;
}

jmp_buf *fe__arena_escape(arena *a) {
    a->has_escape = true;
    return &a->escape;
}

static _Noreturn void out_of_memory(arena *a) {
    assert(a->has_escape);
    longjmp(a->escape, 1);
}

/* A block with room for n bytes becomes the current one: the next that was kept at a reset, or a new one put
 * before it. False leaves the arena as it was. */
static bool advance(arena *a, size_t n) {
    block *kept = a->current ? a->current->next : NULL;
    if (kept && kept->size >= n) {
        kept->used = 0;
        a->current = kept;
        return true;
    }
    size_t size = n > a->next_size ? n : a->next_size;
    if (size > PTRDIFF_MAX - sizeof(block)) return false; /* no object may be larger */
    block *b = malloc(sizeof *b + size);
    if (!b) return false;
    *b = (block){.next = kept, .size = size};
    if (a->current) a->current->next = b;
    else a->first = b;
    a->current = b;
    if (a->next_size < BLOCK_MAX) a->next_size *= 2;
    return true;
}

void *fe__alloc_try(arena *a, size_t n) {
    const size_t unit = sizeof(max_align_t);
    if (n == 0) n = 1; /* every answer is a place of its own */
    if (n > SIZE_MAX - unit) return NULL;
    n = (n + unit - 1) / unit * unit;
    if (n > a->limit - a->given) return NULL;
    if (!a->current || n > a->current->size - a->current->used) {
        if (!advance(a, n)) return NULL;
    }
    void *p = (char *)a->current->data + a->current->used;
    a->current->used += n;
    a->given += n;
    return memset(p, 0, n);
}

void *fe__alloc(arena *a, size_t n) {
    void *p = fe__alloc_try(a, n);
    if (!p) out_of_memory(a);
    return p;
}

void *fe__alloc_array(arena *a, size_t count, size_t size) {
    if (size && count > SIZE_MAX / size) out_of_memory(a);
    return fe__alloc(a, count * size);
}

char *fe__strdup(arena *a, const char *s) { return s ? fe__strndup(a, s, strlen(s)) : NULL; }

char *fe__strndup(arena *a, const char *s, size_t n) {
    if (!s) return NULL;
    const char *end = n ? memchr(s, 0, n) : NULL;
    if (end) n = (size_t)(end - s);
    if (n == SIZE_MAX) out_of_memory(a);
    char *copy = fe__alloc(a, n + 1);
    if (n) memcpy(copy, s, n);
    return copy;
}

/* The decimal point must not follow the host program's setlocale. The thread is back in its own locale before
 * anything can jump. */
static int format_in_c(char *to, size_t size, const char *format, va_list args) {
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!c) return -1;
    locale_t own = uselocale(c);
    int n = vsnprintf(to, size, format, args);
    uselocale(own);
    freelocale(c);
    return n;
}

char *fe__vprintf(arena *a, const char *format, va_list args) {
    char small[256];
    va_list again;
    va_copy(again, args);
    int n = format_in_c(small, sizeof small, format, args);
    if (n >= 0 && (size_t)n < sizeof small) {
        va_end(again);
        return fe__strndup(a, small, (size_t)n);
    }
    char *s = n < 0 ? NULL : fe__alloc_try(a, (size_t)n + 1);
    if (s && format_in_c(s, (size_t)n + 1, format, again) != n) s = NULL;
    va_end(again);
    if (!s) out_of_memory(a);
    return s;
}

char *fe__printf(arena *a, const char *format, ...) {
    va_list args;
    va_start(args, format);
    char *s = fe__vprintf(a, format, args);
    va_end(args);
    return s;
}

void *fe__grow(arena *a, void *list, size_t n, size_t *cap, size_t size) {
    if (n >= *cap) {
        if (*cap > SIZE_MAX / 2) out_of_memory(a);
        size_t more = *cap ? *cap * 2 : GROW_FIRST;
        void *bigger = fe__alloc_array(a, more, size);
        if (n) memcpy(bigger, list, n * size);
        list = bigger;
        *cap = more;
    }
    /* A list that was cut shorter would give the old element again. */
    memset((char *)list + n * size, 0, size);
    return list;
}
