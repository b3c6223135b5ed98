/* MLLP: HL7 messages in a stream of bytes, each between a start byte and two end bytes. */
#ifndef FE_EXCHANGE_MLLP_H
#define FE_EXCHANGE_MLLP_H

#include <stddef.h>

#include "base/arena.h"

enum { MLLP_START = 0x0b, MLLP_END = 0x1c, MLLP_RETURN = 0x0d };

typedef enum mllp_found {
    MLLP_MORE,    /* no whole message yet: read on */
    MLLP_MESSAGE, /* bytes[from, from + n) is one */
    MLLP_GARBAGE, /* bytes that belong to no message: skip `used` */
    MLLP_TOO_LONG /* a message longer than `limit`: nothing behind it can be trusted, close the line */
} mllp_found;

typedef struct mllp_frame {
    size_t from, n; /* the message without its frame */
    size_t used;    /* so many bytes of the buffer are done with */
} mllp_frame;

/* Looks at the bytes that have come in so far. A start byte inside a message means that the first one was broken off: the first is garbage. */
mllp_found fe__mllp_next(const char *bytes, size_t n, size_t limit, mllp_frame *out);

/* The message in its frame. */
const char *fe__mllp_wrap(arena *a, const char *message, size_t n, size_t *length);

#endif
