/* fit and simulate of a data set: tables to standard output and a file as they come, the summary to standard error; an interruption keeps the
 * patients that are done. */
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/command.h"

enum { INTERRUPTED = 130 }; /* as a shell says of SIGINT */

static volatile sig_atomic_t stop_wanted;

static void want_stop(int signal_number) {
    (void)signal_number;
    stop_wanted = 1;
}

typedef struct tables {
    const char *etas_name; /* NULL: not asked for */
    FILE *etas;            /* NULL: not open */
    bool failed;
    time_t began;
} tables;

static int is_stopped(void *context) {
    (void)context;
    return stop_wanted;
}

/* "fit: 40%, 2 min left", rewritten in place; nothing for work of less than a second. */
static void show_progress(void *context, double done) {
    tables *t = context;
    double seconds = difftime(time(NULL), t->began), left = done > 0 ? seconds / done - seconds : 0;
    if (seconds < 1) return;
    if (done >= 1) fputs("\r                                  \r", stderr);
    else if (left > 90) fprintf(stderr, "\r%3.0f%%, %.0f min left      ", 100 * done, left / 60);
    else fprintf(stderr, "\r%3.0f%%, %.0f s left        ", 100 * done, left);
}

/* Opened when there is something to write: faults of the data leave a file that stands there as it is. */
static FILE *etas_of(tables *t) {
    if (t->etas || !t->etas_name) return t->etas;
    t->etas = fopen(t->etas_name, "w");
    if (t->etas) return t->etas;
    fprintf(stderr, "ferrule: %s: %s\n", fe__shown(t->etas_name), strerror(errno));
    t->failed = true;
    stop_wanted = 1;
    return NULL;
}

static void write_table(void *context, int which, const char *csv) {
    tables *t = context;
    FILE *to = which == FE_TABLE_ROWS ? stdout : etas_of(t);
    if (!to) return;
    if (fputs(csv, to) == EOF || fflush(to) == EOF) {
        t->failed = true;
        stop_wanted = 1; /* a full disk, or nobody who reads: the rest would be lost */
    }
}

static bool close_etas(tables *t) {
    FILE *f = t->etas;
    t->etas = NULL;
    return !f || fclose(f) == 0;
}

static void print_end(fe_answer *a, const options *o) {
    const char *said = o->json ? fe_answer_json(a) : fe_answer_text(a, 0, 0);
    fputs(said ? said : "ferrule: memory is out\n", o->json ? stdout : stderr);
}

/* What the process says at last. */
static int status_of(fe_answer *a, const tables *t) {
    if (t->failed) {
        fputs("ferrule: a table could not be written; what stands there is not all\n", stderr);
        return FE_E_INTERNAL;
    }
    return a && stop_wanted ? INTERRUPTED : a ? fe_answer_exit(a) : FE_E_INTERNAL;
}

static bool etas_are_possible(const options *o) {
    bool same = fe__is_same_file(o->etas_file, o->files[0]) || fe__is_same_file(o->etas_file, o->site_file);
    if (same)
        fprintf(stderr, "ferrule: --etas %s is a file that is read here; give the table another name\n", fe__shown(o->etas_file));
    else if (o->etas_file && o->json)
        fputs("ferrule: --etas and --json: the JSON has the table of etas in it; leave one out\n", stderr);
    return !same && !(o->etas_file && o->json);
}

int fe__ask_data_set(options *o) {
    tables t = {.etas_name = o->etas_file, .began = time(NULL)};
    struct sigaction on = {.sa_handler = want_stop}, off = {.sa_handler = SIG_IGN};
    int status;
    if (!etas_are_possible(o)) return FE_E_USAGE;
    fe_engine *engine = fe__engine_of(o, &status);
    if (!engine) return status;
    sigaction(SIGINT, &on, NULL);
    sigaction(SIGTERM, &on, NULL);
    sigaction(SIGPIPE, &off, NULL);
    if (!o->json) o->request.table = write_table;
    o->request.stopped = is_stopped;
    o->request.table_context = &t;
    if (isatty(STDERR_FILENO)) {
        o->request.progress = show_progress;
        o->request.progress_context = &t;
    }
    fe_answer *answer = NULL;
    fe_status s = fe_ask(engine, &o->request, &answer);
    if (!close_etas(&t)) t.failed = true;
    if (answer) print_end(answer, o);
    else fprintf(stderr, "ferrule: %s\n", fe_status_text(s));
    status = fe__flush_printed() ? status_of(answer, &t) : FE_E_INTERNAL;
    fe_answer_free(answer);
    fe_close(engine);
    return status;
}

bool fe__is_data_file(const char *bytes) {
    bytes += strspn(bytes, "\xEF\xBB\xBF \t\r\n");
    return isalpha((unsigned char)*bytes) || *bytes == '"';
}
