/* HL7 v2 as text: segments, fields, components, escape sequences, times. What they mean stands in read_hl7.h.
 *
 * Bounded: at most HL7_BYTES_MAX bytes, HL7_SEGMENTS_MAX segments, HL7_FIELDS_MAX fields in one. Segments end in CR; LF and CR LF are taken
 * too, as many senders write them. Places of faults are "OBX[3]-5.2": the third OBX, field 5, component 2. */
#ifndef FE_EXCHANGE_HL7_H
#define FE_EXCHANGE_HL7_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/fault.h"

enum { HL7_BYTES_MAX = 256 * 1024, HL7_SEGMENTS_MAX = 2000, HL7_FIELDS_MAX = 128, HL7_NO_ZONE = 100000 };

/* A piece of the message as it is written. */
typedef struct hl7_piece {
    const char *s;
    size_t n;
} hl7_piece;

typedef struct hl7_segment {
    char id[4];       /* "OBX" */
    size_t nth;       /* from 1, among those of this id */
    hl7_piece *field; /* [1 .. fields]; of MSH the first is the separator itself */
    size_t fields;
} hl7_segment;

typedef struct hl7_message {
    char field, component, repetition, escape, subcomponent;
    hl7_segment *segments;
    size_t n, cap;
} hl7_message;

/* Splits a message. False with a fault when nothing of it can be taken (no MSH, not text, too long); the pieces point into `bytes`, which
 * must live as long. */
bool fe__hl7_split(faults *f, const char *bytes, size_t n, hl7_message *out);

/* Field of a segment; empty when there is none. Component c (from 1) of its first repetition. */
hl7_piece fe__hl7_field(const hl7_segment *s, size_t field);
hl7_piece fe__hl7_component(const hl7_message *m, const hl7_segment *s, size_t field, size_t c);

/* Nothing there, or "" (two quotes: known to be nothing). */
bool fe__hl7_is_empty(hl7_piece p);

/* The text of a piece, escape sequences resolved, as valid UTF-8; NULL when it is empty. */
const char *fe__hl7_text(arena *a, const hl7_message *m, hl7_piece p);

/* "YYYYMMDDHHMM[SS[.SSSS]][+/-ZZZZ]" as seconds since 1970; without a zone the one that is given, HL7_NO_ZONE: none. A date alone is no
 * instant. False when it is anything else. */
bool fe__hl7_time(hl7_piece p, int zone_min, double *seconds, int *zone);

/* The instant as HL7 writes it, to the second. */
const char *fe__hl7_time_text(arena *a, double seconds, int zone_min);

/* "OBX[3]-5", "OBX[3]-5.2" with c, "OBX[3]" with field 0. */
const char *fe__hl7_place(arena *a, const hl7_segment *s, size_t field, size_t c);

#endif
