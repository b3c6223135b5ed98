/* The record of an infusion (answers.md section 4): who, the order, the baseline, the site, and what happened. */
#ifndef FE_EXCHANGE_READ_SESSION_H
#define FE_EXCHANGE_READ_SESSION_H

#include "exchange/read_fields.h"
#include "session/record.h"

/* {"ferrule":1,"session":{...},"events":[...]}. Every fault with its place; NULL when there is any. */
const session_record *fe__session_read(const knowledge *k, faults *f, const json_t *json, double now, int zone_min);

/* The object of the key "session" alone, into a record without entries; and one event, as it is written in a file or sent by itself.
 * False with faults. */
bool fe__session_head_read(reader *r, session_record *record, const json_t *json, const char *at);
bool fe__session_entry_read(reader *r, session_entry *e, const json_t *json, const char *at);

#endif
