#include "exchange/mllp.h"

#include <string.h>

mllp_found fe__mllp_next(const char *bytes, size_t n, size_t limit, mllp_frame *out) {
    const char *start = memchr(bytes, MLLP_START, n);
    *out = (mllp_frame){0};
    if (n == 0) return MLLP_MORE;
    if (start != bytes) {
        out->used = start ? (size_t)(start - bytes) : n;
        return MLLP_GARBAGE;
    }
    for (size_t i = 1; i < n; i++) {
        if (bytes[i] == MLLP_START) {
            out->used = i;
            return MLLP_GARBAGE;
        }
        if (i - 1 > limit) return MLLP_TOO_LONG;
        if (bytes[i] != MLLP_END || i + 1 == n) continue;
        if (bytes[i + 1] != MLLP_RETURN) continue;
        *out = (mllp_frame){.from = 1, .n = i - 1, .used = i + 2};
        return MLLP_MESSAGE;
    }
    return MLLP_MORE;
}

const char *fe__mllp_wrap(arena *a, const char *message, size_t n, size_t *length) {
    char *framed = fe__alloc(a, n + 4);
    framed[0] = MLLP_START;
    memcpy(framed + 1, message, n);
    framed[n + 1] = MLLP_END;
    framed[n + 2] = MLLP_RETURN;
    *length = n + 3;
    return framed;
}
