/* Only stdio, so that the same code reads a file, a pipe and standard input. */
#include "base/file.h"

#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { FIRST_BYTES = 16 * 1024 };

/* Own words: strerror speaks the process's language. */
static void cannot_read(faults *f, int error) {
    const char *found = "a file that cannot be read";
    const char *hint = NULL;
    if (error == ENOENT || error == ENOTDIR) {
        found = "no file of this name";
        hint = "check the spelling and the folder";
    } else if (error == EACCES || error == EPERM) {
        found = "a file that may not be read";
        hint = "check its permissions";
    } else if (error == EISDIR) {
        found = "a folder";
        hint = "name a file in it";
    }
    fe__fault(f, "", "a file that can be read", found, hint);
}

/* The whole file, or the beginning of one that is longer than `limit` (then *length is too). NULL when memory is
 * out; *error is errno of a failed read, or 0. */
static char *read_all(FILE *file, arena *a, size_t limit, size_t *length, int *error) {
    size_t cap = FIRST_BYTES, n = 0;
    char *s = fe__alloc_try(a, cap);
    *error = 0;
    errno = 0;
    while (s) {
        size_t room = cap - 1 - n; /* a byte for the NUL */
        size_t got = fread(s + n, 1, room, file);
        n += got;
        if (got < room || n > limit) break;
        char *bigger = fe__alloc_try(a, 2 * cap);
        if (bigger) memcpy(bigger, s, n);
        s = bigger;
        cap *= 2;
    }
    if (ferror(file)) *error = errno ? errno : EIO;
    if (s) s[n] = 0;
    *length = n;
    return s;
}

char *fe__file_read(faults *f, const char *path, size_t limit, size_t *length) {
    bool is_stdin = fe__streq(path, "-");
    errno = 0;
    FILE *file = is_stdin ? stdin : fopen(path, "rb");
    if (!file) {
        cannot_read(f, errno);
        return NULL;
    }
    size_t n;
    int error;
    char *s = read_all(file, f->a, limit, &n, &error);
    if (!is_stdin) fclose(file);
    if (!s) longjmp(*fe__arena_escape(f->a), 1); /* memory is out, and the file is closed */
    if (error) {
        cannot_read(f, error);
        return NULL;
    }
    if (n > limit) {
        fe__fault(f, "", fe__printf(f->a, "at most %zu bytes", limit), "a longer file", NULL);
        return NULL;
    }
    *length = n;
    return s;
}
