/* A working room: large memory that is used again and again and keeps nothing between uses. Unlike an arena's it is not zeroed, so
 * that a page costs its first touch only, and it is made of large pages where the system gives them. */
#ifndef FE_BASE_ROOM_H
#define FE_BASE_ROOM_H

#include <stddef.h>

/* {0} is an empty one. */
typedef struct large_room {
    void *at;
    size_t size;
} large_room;

/* At least n bytes, aligned to 64; what was in it is lost when it grows. NULL when memory is out, and the room is empty then. */
void *fe__room_of(large_room *r, size_t n);

void fe__room_free(large_room *r);

#endif
