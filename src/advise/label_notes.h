/* What the regimen says beside its limits, in words made of its numbers: usual times, other doses it names, when to look again. */
#ifndef FE_ADVISE_LABEL_NOTES_H
#define FE_ADVISE_LABEL_NOTES_H

#include "advise/prepare.h"

typedef struct label_note {
    const char *id; /* of the row, or of the regimen (product/name) */
    const char *text;
} label_note;

typedef struct label_note_list {
    label_note *list;
    size_t n, cap;
} label_note_list;

label_note_list fe__label_notes(arena *a, const preparation *p);

#endif
