/* Arena: memory for one answer, freed at once.
 *
 * An arena hands out zeroed memory that lives until the arena is reset or freed; nothing is freed singly.
 * When memory ends (the system's, or the arena's own limit) allocation does not return: it jumps to the
 * escape that the public door has set (fe__arena_escape), so that no caller in between needs a check and no
 * half-built answer can be mistaken for a whole one. An arena without an escape must not be used. */
#ifndef FE_BASE_ARENA_H
#define FE_BASE_ARENA_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

typedef struct arena arena;

/* A new arena that gives at most `limit` bytes (0: no limit of its own). NULL when memory is out.
 * Freed by fe__arena_free. */
arena *fe__arena_new(size_t limit);
void fe__arena_free(arena *a);

/* Forget everything handed out, keep the blocks for the next answer. */
void fe__arena_reset(arena *a);

/* A place in the arena, and going back to it: what was handed out since is forgotten. For work that is done many times and keeps nothing. */
typedef struct arena_mark {
    void *block;
    size_t used, given;
} arena_mark;
arena_mark fe__arena_mark(const arena *a);
void fe__arena_rewind(arena *a, arena_mark m);

/* Where to jump when memory ends: `if (setjmp(*fe__arena_escape(a))) { ... out of memory ... }`. */
jmp_buf *fe__arena_escape(arena *a);

/* n bytes of zeroed memory, aligned for any type. Never NULL. */
void *fe__alloc(arena *a, size_t n);

/* As fe__alloc, but NULL when memory ends: for a caller that must close something before it jumps. */
void *fe__alloc_try(arena *a, size_t n);

/* count * size, checked for overflow. */
void *fe__alloc_array(arena *a, size_t count, size_t size);

#define FE_NEW(a, type)              ((type *)fe__alloc((a), sizeof(type)))
#define FE_NEW_ARRAY(a, type, count) ((type *)fe__alloc_array((a), (count), sizeof(type)))

/* Copies into the arena. NULL in gives NULL out. */
char *fe__strdup(arena *a, const char *s);
char *fe__strndup(arena *a, const char *s, size_t n);

/* printf into the arena, in the C locale whatever the process's locale. */
char *fe__printf(arena *a, const char *format, ...);
char *fe__vprintf(arena *a, const char *format, va_list args);

/* The next element (zeroed) of an array that grows in the arena: `item *i = FE_PUSH(a, list, n, cap);` */
#define FE_PUSH(a, list, n, cap) ((list) = fe__grow((a), (list), (n), &(cap), sizeof *(list)), &(list)[(n)++])
void *fe__grow(arena *a, void *list, size_t n, size_t *cap, size_t size);

#endif
