/* Sessions that are kept: ferrule infuse new, start, event, status, verify, export. */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "cli/desk.h"

/* ---------------------------------------------------------------- new */

static bool read_session_file(desk *d) {
    size_t n;
    const char *file = d->o->files_n ? d->o->files[0] : NULL;
    if (!file) return fe__desk_usage(d, "a file {\"ferrule\":1,\"session\":{\"patient\",\"order\",\"baseline\"},\"events\":[]}");
    char *bytes = fe__slurp(file, &n);
    d->status = FE_E_INPUT;
    if (!bytes) return false;
    d->f.file = file;
    d->record = fe__json_read(&d->f, bytes, n);
    free(bytes);
    d->f.file = d->path;
    if (!d->record) return fe__desk_tell(d, FE_E_INPUT);
    if (json_array_size(json_object_get(d->record, "events"))) {
        fe__fault(&d->f, "/events", "no events: they are entered one by one", "some",
                  "ferrule infuse replay plays a record that is whole");
        return fe__desk_tell(d, FE_E_INPUT);
    }
    return true;
}

/* When nobody gives it one: the second in which it began. */
static const char *own_name(desk *d) {
    const char *iso = fe__desk_clock_text(d);
    return fe__printf(d->a, "%.10s-%.2s%.2s%.2s", iso, iso + 11, iso + 14, iso + 17);
}

static int work_new(desk *d) {
    const options *o = d->o;
    if (!read_session_file(d)) return fe__desk_leave(d);
    d->name = o->files[0];
    if (!fe__desk_play(d, d->record, fe__desk_asked_at(d))) return fe__desk_leave(d); /* what cannot be played is not begun */
    const char *region = json_string_value(json_object_get(json_object_get(d->answer->root, "stamp"), "region"));
    const json_t *session = json_object_get(d->record, "session");
    d->name = fe__desk_value_of(o, "name") ? fe__desk_value_of(o, "name") : own_name(d);
    if (!fe__desk_open_store(d, true)) return fe__desk_leave(d);
    store_status s = fe__journal_begin(d->s, d->name, session, region, d->now, &d->f);
    if (s == STORE_OK) s = fe__journal_read(d->s, d->name, &d->j, &d->f);
    if (s != STORE_OK) {
        fe__desk_tell(d, fe__desk_exit_of(s));
        return fe__desk_leave(d);
    }
    return fe__desk_show(d);
}

/* ---------------------------------------------------------------- event */

/* "sign=back-pain", "systolic_mmhg=118", "done=true" into the event. */
static bool put_word(desk *d, const char *word) {
    static const char *const texts[] = {"sign", "item", "action", "why", "name", "text", "alarm", "at"};
    const char *is = strchr(word, '=');
    double number;
    if (!is || is == word)
        return fe__desk_usage(d, fe__printf(d->a, "FIELD=VALUE, as sign=back-pain, and not %s,", fe__shown(word)));
    char *key = fe__strndup(d->a, word, (size_t)(is - word));
    bool is_text = false;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) is_text = is_text || strcmp(texts[i], key) == 0;
    json_t *value = NULL;
    if (!is_text && (strcmp(is + 1, "true") == 0 || strcmp(is + 1, "false") == 0)) value = json_boolean(is[1] == 't');
    else if (!is_text && fe__number_parse(is + 1, &number)) value = fe__jnumber(&d->out, number);
    else value = json_string(is + 1);
    if (!value || json_object_get(d->event, key)) {
        json_decref(value);
        return fe__desk_usage(d, fe__printf(d->a, "each field once, and %s", key));
    }
    return json_object_set_new(d->event, key, value) == 0;
}

/* The event of the command line: KIND FIELD=VALUE..., or - for one JSON object on standard input. */
static bool read_event(desk *d, const char *kind, size_t first) {
    if (!kind) return fe__desk_usage(d, "an event, as: sign sign=back-pain");
    if (strcmp(kind, "-") == 0) {
        size_t n;
        char *bytes = fe__slurp("-", &n);
        d->status = FE_E_INPUT;
        if (!bytes) return false;
        d->f.file = "-";
        d->event = fe__json_read(&d->f, bytes, n);
        free(bytes);
        if (d->event && !json_is_object(d->event)) fe__fault(&d->f, "", "an object", fe__json_found(d->a, d->event), NULL);
        if (!json_is_object(d->event)) return fe__desk_tell(d, FE_E_INPUT);
        d->f.file = d->path;
        return true;
    }
    d->event = json_pack("{s:s}", "event", kind);
    for (size_t i = first; i < d->o->files_n; i++)
        if (!put_word(d, d->o->files[i])) return false;
    return true;
}

/* Records the event and shows how things stand. */
static int enter(desk *d) {
    double at;
    if (!fe__desk_date_event(d, &at)) return fe__desk_leave(d);
    desk_outcome outcome = fe__desk_record(d, at, fe__desk_value_of(d->o, "key"));
    if (outcome == DESK_REFUSED) return fe__desk_leave(d);
    if (d->not_recorded) fprintf(stderr, "ferrule: %s\n", d->not_recorded);
    if (d->repeated) { /* it was there: the record as it is */
        json_decref(d->record);
        d->record = fe__journal_record(d->a, &d->j, NULL, 0);
        if (!fe__desk_play(d, d->record, fe__desk_answer_at(d, at))) return fe__desk_leave(d);
    }
    return fe__desk_show(d);
}

static int work_event(desk *d) {
    const options *o = d->o;
    if (!fe__desk_open_session(d) || !fe__desk_fit_region(d, d->j.region)) return fe__desk_leave(d);
    if (!read_event(d, o->files_n > 1 ? o->files[1] : NULL, 2)) return fe__desk_leave(d);
    return enter(d);
}

static int work_start(desk *d) {
    if (!fe__desk_open_session(d) || !fe__desk_fit_region(d, d->j.region) || !read_event(d, "start", 1)) return fe__desk_leave(d);
    return enter(d);
}

/* ---------------------------------------------------------------- status */

static const char *time_of_ms(desk *d, int64_t ms) { return fe__journal_time(d->a, (double)ms / 1000, d->zone_min); }

static int list_sessions(desk *d) {
    ledger_session *list = NULL;
    size_t n = 0;
    if (!fe__desk_open_store(d, false)) return fe__desk_leave(d);
    store_status s = fe__ledger_sessions(d->s, &list, &n, &d->f);
    if (s != STORE_OK) {
        fe__desk_tell(d, fe__desk_exit_of(s));
        return fe__desk_leave(d);
    }
    json_t *root = json_pack("{s:i, s:s, s:s}", "ferrule", 1, "question", "infuse-sessions", "store", d->path),
           *all = fe__jarray(&d->out);
    for (size_t i = 0; i < n; i++) {
        json_t *one = fe__jobject(&d->out);
        int64_t events = list[i].entries > 0 ? list[i].entries - 1 : 0; /* the first row is the head */
        fe__jput_str(&d->out, one, "session", list[i].name);
        fe__jput_str(&d->out, one, "made_at", time_of_ms(d, list[i].made_ms));
        fe__jput_int(&d->out, one, "entries", events);
        fe__jput_str(&d->out, one, "head", fe__ledger_hex(d->a, list[i].head));
        fe__jadd(&d->out, all, one);
        if (!d->o->json) printf("%-32s begun %s, %lld events\n", list[i].name, time_of_ms(d, list[i].made_ms), (long long)events);
    }
    fe__jput(&d->out, root, "sessions", all);
    if (d->o->json) fe__desk_print(root);
    else if (n == 0) puts("No session yet; ferrule infuse new begins one.");
    json_decref(root);
    return fe__desk_leave(d);
}

static int work_status(desk *d) {
    const options *o = d->o;
    if (!o->files_n) return list_sessions(d);
    if (!fe__desk_open_session(d) || !fe__desk_fit_region(d, d->j.region)) return fe__desk_leave(d);
    d->record = fe__journal_record(d->a, &d->j, NULL, 0);
    return fe__desk_play(d, d->record, fe__desk_asked_at(d)) ? fe__desk_show(d) : fe__desk_leave(d);
}

/* ---------------------------------------------------------------- watch */

static volatile sig_atomic_t is_over; /* set by the signals that end the program */

static void end_it(int number) {
    (void)number;
    is_over = 1;
}

/* The session as it is now; false after saying why not. */
static bool look(desk *d) {
    d->now = fe__journal_now();
    store_status s = fe__journal_read(d->s, d->name, &d->j, &d->f);
    if (s != STORE_OK) return fe__desk_tell(d, fe__desk_exit_of(s));
    json_decref(d->record);
    d->record = fe__journal_record(d->a, &d->j, NULL, 0);
    return fe__desk_play(d, d->record, fe__desk_clock_text(d));
}

/* On a terminal the whole picture each time; for a program a line when something else than the time has changed. */
static void show_watched(desk *d, json_t **shown) {
    static const char *const telling[] = {"state", "advice", "alarms", "next", "journal"};
    fe__desk_add_journal(d);
    if (!d->o->json) {
        fputs("\033[H\033[2J", stdout);
        fe__print_answer(d->answer, false, false);
        return;
    }
    json_t *now = json_object();
    for (size_t i = 0; i < sizeof telling / sizeof *telling; i++)
        json_object_set(now, telling[i], json_object_get(d->answer->root, telling[i]));
    json_t *head = json_object_get(json_object_get(now, "journal"), "head");
    json_object_set(now, "journal", head); /* its quiet time runs with the clock */
    if (!json_equal(now, *shown)) {
        char *line = json_dumps(d->answer->root, JSON_COMPACT);
        puts(line ? line : "{}");
        free(line);
    }
    json_decref(*shown);
    *shown = now;
}

/* Looks every second until it is ended; what a look needed of the arena is given back. */
static int work_watch(desk *d) {
    struct sigaction end = {.sa_handler = end_it};
    json_t *shown = NULL;
    sigaction(SIGINT, &end, NULL);
    sigaction(SIGTERM, &end, NULL);
    if (!fe__desk_open_session(d) || !fe__desk_fit_region(d, d->j.region)) return fe__desk_leave(d);
    for (bool fine = true; fine && !is_over;) {
        arena_mark mark = fe__arena_mark(d->a);
        faults before = d->f;
        fe__journal_free(&d->j);
        fine = look(d);
        if (fine) show_watched(d, &shown);
        fine = fine && fflush(stdout) == 0;
        fe__journal_free(&d->j);
        d->f = before;
        fe__arena_rewind(d->a, mark);
        if (fine) nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
    }
    json_decref(shown);
    return fe__desk_leave(d);
}

/* ---------------------------------------------------------------- export, verify */

static int work_export(desk *d) {
    if (!fe__desk_open_session(d)) return fe__desk_leave(d);
    d->record = fe__journal_record(d->a, &d->j, NULL, 0);
    if (d->record) fe__desk_print(d->record);
    d->status = d->record ? 0 : FE_E_INTERNAL;
    return fe__desk_leave(d);
}

static const char *harm_word(ledger_harm harm) {
    static const char *const words[] = {"changed", "missing", "elsewhere", "added", "unreadable", "other-record", "damaged"};
    return words[harm];
}

static json_t *damage_json(desk *d, const ledger_damage *x) {
    json_t *one = fe__jobject(&d->out);
    fe__jput_str(&d->out, one, "session", x->session);
    if (x->number) fe__jput_int(&d->out, one, "row", x->number);
    else fe__jput_null(&d->out, one, "row");
    fe__jput_str(&d->out, one, "harm", harm_word(x->harm));
    fe__jput_str(&d->out, one, "text", x->text);
    return one;
}

static void print_verified(desk *d, const ledger_report *r) {
    printf("%s: %lld sessions, %lld rows: %s\n", d->path, (long long)r->sessions, (long long)r->entries,
           r->n ? "NOT as they were written" : "as they were written");
    for (size_t i = 0; i < r->n; i++) printf("  %s: %s\n", r->list[i].session ? r->list[i].session : "the file", r->list[i].text);
    if (r->dropped) printf("  and %zu more\n", r->dropped);
}

static int work_verify(desk *d) {
    const options *o = d->o;
    ledger_report r;
    d->name = o->files_n ? o->files[0] : NULL;
    const char *head = fe__desk_value_of(o, "head");
    if (head && !d->name) {
        fe__desk_usage(d, "the session whose head it is");
        return fe__desk_leave(d);
    }
    if (!fe__desk_open_store(d, false)) return fe__desk_leave(d);
    store_status s = fe__ledger_verify(d->s, d->name, head, &r, &d->f);
    if (s != STORE_OK) {
        fe__desk_tell(d, fe__desk_exit_of(s));
        return fe__desk_leave(d);
    }
    json_t *root = json_pack("{s:i, s:s, s:s, s:s}", "ferrule", 1, "question", "infuse-verify", "verdict",
                             r.n ? "damaged" : "intact", "store", d->path),
           *list = fe__jarray(&d->out);
    for (size_t i = 0; i < r.n; i++) fe__jadd(&d->out, list, damage_json(d, &r.list[i]));
    fe__jput_int(&d->out, root, "sessions", r.sessions);
    fe__jput_int(&d->out, root, "rows", r.entries);
    fe__jput(&d->out, root, "damage", list);
    if (o->json) fe__desk_print(root);
    else print_verified(d, &r);
    json_decref(root);
    d->status = r.n ? 1 : 0;
    return fe__desk_leave(d);
}

int fe__infuse_new(options *o) { return fe__desk_run(o, work_new); }
int fe__infuse_watch(options *o) { return fe__desk_run(o, work_watch); }
int fe__infuse_start(options *o) { return fe__desk_run(o, work_start); }
int fe__infuse_event(options *o) { return fe__desk_run(o, work_event); }
int fe__infuse_status(options *o) { return fe__desk_run(o, work_status); }
int fe__infuse_verify(options *o) { return fe__desk_run(o, work_verify); }
int fe__infuse_export(options *o) { return fe__desk_run(o, work_export); }
