#include "base/room.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { PAGE_LARGE = 2 * 1024 * 1024, ALIGN = 64 };

/* A quarter more than is asked for: untouched pages cost nothing, and the next use may need a little more. */
void *fe__room_of(large_room *r, size_t n) {
    if (r->at && n <= r->size) return r->at;
    fe__room_free(r);
    if (n > SIZE_MAX / 2 - PAGE_LARGE) return NULL;
    size_t unit = n < PAGE_LARGE ? ALIGN : PAGE_LARGE, size = (n + n / 4 + unit) / unit * unit;
    r->at = aligned_alloc(unit, size);
    if (!r->at) return NULL;
    r->size = size;
#if defined(MADV_HUGEPAGE)
    if (unit == PAGE_LARGE) (void)madvise(r->at, size, MADV_HUGEPAGE); /* a wish */
#endif
    return r->at;
}

void fe__room_free(large_room *r) {
    free(r->at);
    *r = (large_room){0};
}
