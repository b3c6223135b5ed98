/* Bounded JSON reading, and building answers without a check at every step.
 *
 * Reading: Jansson, with a size bound, a depth bound, UTF-8 checked, duplicate keys refused.
 * Building: the put functions take ownership of what they are given and remember in `json_out.failed` that one
 * call failed; the door looks once at the end. */
#ifndef FE_BASE_JSON_H
#define FE_BASE_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/fault.h"

enum { JSON_MAX_BYTES = 8 * 1024 * 1024, JSON_MAX_DEPTH = 64 };

/* The document, or NULL with a fault ("line 3, column 9"). The caller owns it (json_decref). */
json_t *fe__json_read(faults *f, const char *text, size_t length);

/* A short description of a value for the `found` of a fault: `"80"`, `object`, `null`, `12.5`. */
const char *fe__json_found(arena *a, const json_t *value);

/* base + "/" + key, escaped as RFC 6901 says; and with an index. */
const char *fe__ptr(arena *a, const char *base, const char *key);
const char *fe__ptr_index(arena *a, const char *base, size_t index);

/* The door's flag: a failed insertion (out of memory, not UTF-8, number not finite) makes the answer invalid. */
typedef struct json_out {
    bool failed;
} json_out;

json_t *fe__jobject(json_out *o);
json_t *fe__jarray(json_out *o);
void fe__jput(json_out *o, json_t *object, const char *key, json_t *value);     /* takes value; NULL fails */
void fe__jadd(json_out *o, json_t *array, json_t *value);                       /* takes value; NULL fails */
void fe__jput_str(json_out *o, json_t *object, const char *key, const char *s); /* NULL s writes null */
void fe__jput_num(json_out *o, json_t *object, const char *key, double v);      /* NaN writes null */
void fe__jput_int(json_out *o, json_t *object, const char *key, long long v);
void fe__jput_bool(json_out *o, json_t *object, const char *key, bool v);
void fe__jput_null(json_out *o, json_t *object, const char *key);
void fe__jadd_str(json_out *o, json_t *array, const char *s);
void fe__jadd_num(json_out *o, json_t *array, double v);

/* A number as JSON: integers without a point, others with the fewest digits that read back the same. */
json_t *fe__jnumber(json_out *o, double v);

/* Pretty, two blanks, keys in the order of insertion; malloc'd text, freed by free(). NULL when memory is out. */
char *fe__json_text(const json_t *value);

#endif
