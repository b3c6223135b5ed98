/* A desk: one command at work on a session that is kept. An event is judged first (a record that could not be read again is worth nothing),
 * then written, then answered; the answer is that of the record played anew. */
#ifndef FE_CLI_DESK_H
#define FE_CLI_DESK_H

#include "cli/command.h"
#include "exchange/door.h"
#include "session/journal.h"

/* One command at work; all of it is given back by fe__desk_leave. */
typedef struct desk {
    options *o;
    const char *path, *name;
    arena *a;
    faults f;
    store *s;
    journal j;
    fe_engine *engine;
    fe_answer *answer;
    json_t *event, *record;
    char *record_text;
    json_out out;
    journal_clock now;
    int zone_min;
    bool repeated;
    const char *not_recorded; /* why; NULL: there was nothing to record, or it is */
    int status;
} desk;

/* Runs one command; memory that ends anywhere in it comes back here. `work` ends in fe__desk_leave, whose status it gives on. */
int fe__desk_run(options *o, int (*work)(desk *d));
int fe__desk_leave(desk *d);

/* Each false after having said why, d->status set. A store is made only when `make` says so. fe__desk_open_session takes the first word. */
bool fe__desk_usage(desk *d, const char *expected);
bool fe__desk_tell(desk *d, int status); /* the faults of d->f */
bool fe__desk_open_store(desk *d, bool make);
bool fe__desk_open_session(desk *d);
bool fe__desk_fit_region(desk *d, const char *region); /* which nobody can change under a session */

/* The exit status of what the store said. */
int fe__desk_exit_of(store_status s);

/* Plays a record; the answer in d->answer, or false after its faults. */
bool fe__desk_play(desk *d, const json_t *record, const char *at);

/* Gives d->event its time when it has none (--at, else now). False when it lies ahead of the clock. */
bool fe__desk_date_event(desk *d, double *at);

typedef enum desk_outcome {
    DESK_REFUSED,     /* it could not be judged; said, nothing recorded */
    DESK_RECORDED,    /* on the disk; d->repeated: it was there before, and d->answer counts it twice */
    DESK_NOT_RECORDED /* d->not_recorded says why; d->answer counts it */
} desk_outcome;
desk_outcome fe__desk_record(desk *d, double at, const char *key);

/* How the record stands, into d->answer. */
void fe__desk_add_journal(desk *d);

/* Prints d->answer with how the record stands, and leaves. */
int fe__desk_show(desk *d);
void fe__desk_print(const json_t *root);

const char *fe__desk_value_of(const options *o, const char *key); /* of an option; NULL when it was not given */
const char *fe__desk_clock_text(desk *d);
const char *fe__desk_asked_at(desk *d);             /* --at, else the clock */
const char *fe__desk_answer_at(desk *d, double at); /* not before the last event */

#endif
