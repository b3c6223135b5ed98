/* Sessions that are kept: ferrule infuse new, start, event, status, verify, export. An event is judged first (a record that could not be read
 * again is worth nothing), then written, then answered; the answer is that of the record played anew. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/date.h"
#include "base/text.h"
#include "cli/command.h"
#include "exchange/door.h"
#include "session/journal.h"

enum { TRIES = 50 };

/* One command at work; all of it is given back by leave(). */
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
    bool recorded, repeated;
    const char *not_recorded; /* why; NULL: there was nothing to record, or it is */
    int status;
} desk;

static const char *value_of(const options *o, const char *key) {
    for (size_t i = 0; i < o->values_n; i++)
        if (strcmp(o->values[i].key, key) == 0) return o->values[i].value;
    return NULL;
}

static const char *store_path(const options *o) {
    const char *given = value_of(o, "store"), *set = getenv("FERRULE_STORE");
    return given ? given : set && *set ? set : "ferrule.db";
}

static int leave(desk *d) {
    int status = d->status;
    fe_answer_free(d->answer);
    fe_close(d->engine);
    json_decref(d->event);
    json_decref(d->record);
    free(d->record_text);
    fe__journal_free(&d->j);
    fe__store_close(d->s);
    fe__arena_free(d->a);
    free(d);
    return fe__flush_printed() ? status : FE_E_INTERNAL;
}

static bool usage(desk *d, const char *expected) {
    fprintf(stderr, "ferrule infuse: %s is expected; ferrule infuse --help says more\n", expected);
    d->status = FE_E_USAGE;
    return false;
}

/* ---------------------------------------------------------------- faults and answers of our own */

static json_t *fault_json(desk *d, const fault *x) {
    json_t *one = fe__jobject(&d->out);
    fe__jput_str(&d->out, one, "file", x->file);
    fe__jput_str(&d->out, one, "at", x->at);
    fe__jput_str(&d->out, one, "expected", x->expected);
    fe__jput_str(&d->out, one, "found", x->found);
    fe__jput_str(&d->out, one, "hint", x->hint);
    return one;
}

static void print_json(const json_t *root) {
    char *plain = fe__json_text(root);
    puts(plain ? plain : "{}");
    free(plain);
}

/* The faults of d->f, as JSON or as lines. */
static bool tell(desk *d, int status) {
    json_t *root = fe__jobject(&d->out), *list = fe__jarray(&d->out);
    d->status = status;
    fe__jput_int(&d->out, root, "ferrule", 1);
    for (size_t i = 0; i < d->f.n; i++) {
        const fault *x = &d->f.list[i];
        fe__jadd(&d->out, list, fault_json(d, x));
        if (!d->o->json)
            fprintf(stderr, "ferrule: %s%s%s: %s expected, found %s%s%s\n", x->file, *x->at ? ", " : "", x->at, x->expected,
                    x->found, x->hint ? "; " : "", x->hint ? x->hint : "");
    }
    fe__jput(&d->out, root, "faults", list);
    if (d->o->json) print_json(root);
    json_decref(root);
    return false;
}

/* What can be set right by another word or file is the input's; the rest is the machine's. */
static int exit_of(store_status s) {
    return s == STORE_MISSING || s == STORE_TAKEN || s == STORE_TOO_LONG || s == STORE_NEWER || s == STORE_CLOSED ? FE_E_INPUT
                                                                                                                  : FE_E_INTERNAL;
}

/* ---------------------------------------------------------------- beginning */

static int zone_here(time_t at) {
    struct tm here, utc;
    if (!localtime_r(&at, &here) || !gmtime_r(&at, &utc)) return 0;
    int days = here.tm_yday - utc.tm_yday;
    if (days > 1 || days < -1) days = here.tm_year > utc.tm_year ? 1 : -1; /* across a new year */
    return days * 1440 + (here.tm_hour - utc.tm_hour) * 60 + here.tm_min - utc.tm_min;
}

/* Runs one command; memory that ends anywhere in it comes back here. */
static int at_desk(options *o, int (*work)(desk *d)) {
    desk *d = calloc(1, sizeof *d);
    arena *a = d ? fe__arena_new(0) : NULL;
    if (!a || setjmp(*fe__arena_escape(a))) {
        fputs("ferrule: memory is out; whether the event was recorded, ferrule infuse status says\n", stderr);
        return FE_E_INTERNAL;
    }
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is a fault, not an end */
    d->a = a;
    d->o = o;
    d->path = store_path(o);
    d->now = fe__journal_now();
    d->zone_min = zone_here((time_t)(d->now.wall_ms / 1000));
    fe__faults_init(&d->f, a, d->path);
    return work(d);
}

/* A store is made by `new` alone: a mistyped name is no empty ward. */
static bool open_store(desk *d, bool make) {
    if (!make && access(d->path, F_OK) != 0) {
        fe__fault(&d->f, "", "a store of sessions", "no file of this name",
                  "ferrule infuse new begins one; --store or FERRULE_STORE names it");
        return tell(d, FE_E_INPUT);
    }
    store_status s = fe__store_open(d->path, &d->s, &d->f);
    return s == STORE_OK ? true : tell(d, exit_of(s));
}

static bool open_session(desk *d) {
    if (!d->o->files_n) return usage(d, "the name of a session");
    d->name = d->o->files[0];
    if (!open_store(d, false)) return false;
    store_status s = fe__journal_read(d->s, d->name, &d->j, &d->f);
    return s == STORE_OK ? true : tell(d, exit_of(s));
}

/* The region of the session, which nobody can change under it. */
static bool fit_region(desk *d, const char *region) {
    const char *given = d->o->request.region;
    if (given && strcmp(given, region) != 0) {
        fe__fault(&d->f, "--region", region, given, "a session keeps the region in which it was begun");
        return tell(d, FE_E_USAGE);
    }
    d->o->request.region = region;
    return true;
}

/* ---------------------------------------------------------------- asking */

/* Plays the record, with `more` behind it; the answer, or its faults, in d->answer. */
static bool play(desk *d, const json_t *record, const char *at) {
    int status;
    fe_answer_free(d->answer);
    free(d->record_text);
    d->answer = NULL;
    d->record_text = record ? json_dumps(record, JSON_COMPACT) : NULL;
    if (!d->engine && !(d->engine = fe__engine_of(d->o, &status))) {
        d->status = status;
        return false;
    }
    fe_request ask = d->o->request;
    ask.input = d->record_text;
    ask.input_name = d->name;
    ask.at = at;
    fe_status s = d->record_text ? fe_ask(d->engine, &ask, &d->answer) : FE_E_MEMORY;
    if (s == FE_OK) return true;
    if (d->answer) fe__print_answer(d->answer, d->o->json, true);
    else fprintf(stderr, "ferrule: %s\n", fe_status_text(s));
    d->status = d->answer ? fe_answer_exit(d->answer) : FE_E_INTERNAL;
    return false;
}

static const char *clock_text(desk *d) { return fe__journal_time(d->a, (double)d->now.wall_ms / 1000, d->zone_min); }

static const char *asked_at(desk *d) { return d->o->request.at ? d->o->request.at : clock_text(d); }

static const char *sentence_of(desk *d, const journal_note *x) {
    const char *seconds = fe__number_text(d->a, x->seconds, x->seconds < 60 ? 0 : 1), *unit = "s";
    if (x->seconds >= 60) {
        seconds = fe__number_text(d->a, x->seconds / 60, 1);
        unit = "min";
    }
    switch (x->what) {
    case JOURNAL_SET_BACK:
        return fe__printf(d->a, "The clock of this machine was set back by %s %s: times before and after do not compare.",
                          seconds, unit);
    case JOURNAL_SET_AHEAD:
        return fe__printf(d->a, "The clock of this machine jumped ahead by %s %s: waits may look longer than they were.", seconds,
                          unit);
    case JOURNAL_RESTARTED:
        return fe__printf(
            d->a,
            "The machine was started anew, %s %s by its clock after the entry before: what happened meanwhile is not recorded.",
            seconds, unit);
    case JOURNAL_TOLD_LATE: return fe__printf(d->a, "It was entered %s %s after it happened.", seconds, unit);
    default:
        return fe__printf(d->a, "It happened %s %s before an event that was entered earlier, and counts from that one on.",
                          seconds, unit);
    }
}

static json_t *clock_json(desk *d) {
    size_t n;
    json_t *list = fe__jarray(&d->out);
    const journal_note *notes = fe__journal_notes(d->a, &d->j, d->now, &n);
    for (size_t i = 0; i < n; i++) {
        json_t *one = fe__jobject(&d->out);
        if (notes[i].entry > d->j.n) fe__jput_null(&d->out, one, "entry");
        else fe__jput_int(&d->out, one, "entry", (long long)notes[i].entry);
        fe__jput_str(&d->out, one, "what", fe__journal_oddity_word(notes[i].what));
        fe__jput_num(&d->out, one, "seconds", notes[i].seconds);
        fe__jput_str(&d->out, one, "text", sentence_of(d, &notes[i]));
        fe__jadd(&d->out, list, one);
    }
    return list;
}

/* How the record stands, beside how the patient does. */
static json_t *journal_json(desk *d) {
    json_out *o = &d->out;
    json_t *x = fe__jobject(o);
    const journal_clock *last = d->j.n ? &d->j.lines[d->j.n - 1].clock : &d->j.made;
    fe__jput_str(o, x, "session", d->name);
    fe__jput_str(o, x, "store", d->path);
    fe__jput_int(o, x, "entries", (long long)d->j.n);
    fe__jput_str(o, x, "head", fe__ledger_hex(d->a, d->j.head));
    fe__jput_num(o, x, "quiet_s", fmax(0, (double)(d->now.wall_ms - last->wall_ms) / 1000));
    fe__jput_bool(o, x, "recorded", !d->not_recorded);
    fe__jput_bool(o, x, "repeated", d->repeated);
    fe__jput_str(o, x, "alarm", d->not_recorded);
    fe__jput(o, x, "clock", clock_json(d));
    return x;
}

static int show(desk *d) {
    fe__jput(&d->out, d->answer->root, "journal", journal_json(d));
    if (d->out.failed) {
        fputs("ferrule: the answer could not be built\n", stderr);
        d->status = FE_E_INTERNAL;
    } else {
        fe__print_answer(d->answer, d->o->json, false);
        d->status = d->not_recorded ? FE_E_INTERNAL : 0;
    }
    return leave(d);
}

/* ---------------------------------------------------------------- new */

static bool read_session_file(desk *d) {
    size_t n;
    const char *file = d->o->files_n ? d->o->files[0] : NULL;
    if (!file) return usage(d, "a file {\"ferrule\":1,\"session\":{\"patient\",\"order\",\"baseline\"},\"events\":[]}");
    char *bytes = fe__slurp(file, &n);
    d->status = FE_E_INPUT;
    if (!bytes) return false;
    d->f.file = file;
    d->record = fe__json_read(&d->f, bytes, n);
    free(bytes);
    d->f.file = d->path;
    if (!d->record) return tell(d, FE_E_INPUT);
    if (json_array_size(json_object_get(d->record, "events"))) {
        fe__fault(&d->f, "/events", "no events: they are entered one by one", "some",
                  "ferrule infuse replay plays a record that is whole");
        return tell(d, FE_E_INPUT);
    }
    return true;
}

/* When nobody gives it one: the second in which it began. */
static const char *own_name(desk *d) {
    const char *iso = clock_text(d);
    return fe__printf(d->a, "%.10s-%.2s%.2s%.2s", iso, iso + 11, iso + 14, iso + 17);
}

static int work_new(desk *d) {
    const options *o = d->o;
    if (!read_session_file(d)) return leave(d);
    d->name = o->files[0];
    if (!play(d, d->record, asked_at(d))) return leave(d); /* what cannot be played is not begun */
    const char *region = json_string_value(json_object_get(json_object_get(d->answer->root, "stamp"), "region"));
    const json_t *session = json_object_get(d->record, "session");
    d->name = value_of(o, "name") ? value_of(o, "name") : own_name(d);
    if (!open_store(d, true)) return leave(d);
    store_status s = fe__journal_begin(d->s, d->name, session, region, d->now, &d->f);
    if (s == STORE_OK) s = fe__journal_read(d->s, d->name, &d->j, &d->f);
    if (s != STORE_OK) {
        tell(d, exit_of(s));
        return leave(d);
    }
    return show(d);
}

/* ---------------------------------------------------------------- event */

/* "sign=back-pain", "systolic_mmhg=118", "done=true" into the event. */
static bool put_word(desk *d, const char *word) {
    static const char *const texts[] = {"sign", "item", "action", "why", "name", "text", "alarm", "at"};
    const char *is = strchr(word, '=');
    double number;
    if (!is || is == word) return usage(d, fe__printf(d->a, "FIELD=VALUE, as sign=back-pain, and not %s,", fe__shown(word)));
    char *key = fe__strndup(d->a, word, (size_t)(is - word));
    bool is_text = false;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) is_text = is_text || strcmp(texts[i], key) == 0;
    json_t *value = NULL;
    if (!is_text && (strcmp(is + 1, "true") == 0 || strcmp(is + 1, "false") == 0)) value = json_boolean(is[1] == 't');
    else if (!is_text && fe__number_parse(is + 1, &number)) value = fe__jnumber(&d->out, number);
    else value = json_string(is + 1);
    if (!value || json_object_get(d->event, key)) {
        json_decref(value);
        return usage(d, fe__printf(d->a, "each field once, and %s", key));
    }
    return json_object_set_new(d->event, key, value) == 0;
}

/* The event of the command line: KIND FIELD=VALUE..., or - for one JSON object on standard input. */
static bool read_event(desk *d, const char *kind, size_t first) {
    if (!kind) return usage(d, "an event, as: sign sign=back-pain");
    if (strcmp(kind, "-") == 0) {
        size_t n;
        char *bytes = fe__slurp("-", &n);
        d->status = FE_E_INPUT;
        if (!bytes) return false;
        d->f.file = "-";
        d->event = fe__json_read(&d->f, bytes, n);
        free(bytes);
        if (d->event && !json_is_object(d->event)) fe__fault(&d->f, "", "an object", fe__json_found(d->a, d->event), NULL);
        if (!json_is_object(d->event)) return tell(d, FE_E_INPUT);
        d->f.file = d->path;
        return true;
    }
    d->event = json_pack("{s:s}", "event", kind);
    for (size_t i = first; i < d->o->files_n; i++)
        if (!put_word(d, d->o->files[i])) return false;
    return true;
}

/* Its time: said in the event, by --at, else now. One far ahead of the clock is a slip that would hold all that follows. */
static bool date_event(desk *d, double *at) {
    int zone;
    if (!json_object_get(d->event, "at")) json_object_set_new(d->event, "at", json_string(asked_at(d)));
    if (!fe__time_parse(json_string_value(json_object_get(d->event, "at")), at, &zone)) {
        *at = (double)d->now.wall_ms / 1000;
        return true; /* the reader of the record says what is wrong with it */
    }
    if (*at * 1000 <= (double)d->now.wall_ms + JOURNAL_AHEAD_MS) return true;
    fe__fault(&d->f, "at", fe__printf(d->a, "a time that has come: the clock says %s", clock_text(d)),
              json_string_value(json_object_get(d->event, "at")), "look at the date, and at the clock of this machine");
    return tell(d, FE_E_INPUT);
}

/* The time that is answered for: that of the event when it is said, else now. */
static const char *answer_at(desk *d, double at) {
    double last = d->j.n ? d->j.lines[d->j.n - 1].taken_at : at;
    return fe__journal_time(d->a, fmax(at, last), d->zone_min);
}

/* One try: judged upon what was read, then written. False when it must be read anew. */
static bool try_event(desk *d, double at, const char *key, bool *done) {
    *done = false;
    json_decref(d->record);
    d->record = fe__journal_record(d->a, &d->j, d->event, at);
    if (!play(d, d->record, answer_at(d, at))) return true;
    size_t faults_before = d->f.n;
    store_status s = fe__journal_add(d->s, &d->j, d->event, at, key, d->now, &d->repeated, &d->f);
    if (s == STORE_MOVED) {
        d->f.n = faults_before;
        return false;
    }
    *done = true;
    if (s == STORE_OK) return true;
    if (s == STORE_TAKEN || s == STORE_TOO_LONG || s == STORE_MISSING) {
        tell(d, FE_E_INPUT);
        *done = false;
        return true;
    }
    const fault *why = &d->f.list[d->f.n - 1];
    d->not_recorded =
        fe__printf(d->a, "NOT RECORDED: %s. The answer counts it; %s", why->found, why->hint ? why->hint : "give it again");
    return true;
}

static int enter(desk *d) {
    double at;
    bool done = false, settled = false;
    if (!date_event(d, &at)) return leave(d);
    for (int i = 0; i < TRIES && !settled; i++) {
        if (i) { /* somebody else was quicker: what they entered counts first */
            fe__journal_free(&d->j);
            store_status s = fe__journal_read(d->s, d->name, &d->j, &d->f);
            if (s != STORE_OK) {
                tell(d, exit_of(s));
                return leave(d);
            }
        }
        settled = try_event(d, at, value_of(d->o, "key"), &done);
    }
    if (!settled) {
        fe__fault(&d->f, "", "a moment without other entries", "others that are always quicker",
                  "nothing was recorded; give it again");
        tell(d, FE_E_INTERNAL);
    }
    if (done && d->repeated) { /* it was there: the record as it is */
        json_decref(d->record);
        d->record = fe__journal_record(d->a, &d->j, NULL, 0);
        done = play(d, d->record, answer_at(d, at));
    }
    if (d->not_recorded) fprintf(stderr, "ferrule: %s\n", d->not_recorded);
    return done ? show(d) : leave(d);
}

static int work_event(desk *d) {
    const options *o = d->o;
    if (!open_session(d) || !fit_region(d, d->j.region)) return leave(d);
    if (!read_event(d, o->files_n > 1 ? o->files[1] : NULL, 2)) return leave(d);
    return enter(d);
}

static int work_start(desk *d) {
    if (!open_session(d) || !fit_region(d, d->j.region) || !read_event(d, "start", 1)) return leave(d);
    return enter(d);
}

/* ---------------------------------------------------------------- status, export, verify */

static const char *time_of_ms(desk *d, int64_t ms) { return fe__journal_time(d->a, (double)ms / 1000, d->zone_min); }

static int list_sessions(desk *d) {
    ledger_session *list = NULL;
    size_t n = 0;
    if (!open_store(d, false)) return leave(d);
    store_status s = fe__ledger_sessions(d->s, &list, &n, &d->f);
    if (s != STORE_OK) {
        tell(d, exit_of(s));
        return leave(d);
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
    if (d->o->json) print_json(root);
    else if (n == 0) puts("No session yet; ferrule infuse new begins one.");
    json_decref(root);
    return leave(d);
}

static int work_status(desk *d) {
    const options *o = d->o;
    if (!o->files_n) return list_sessions(d);
    if (!open_session(d) || !fit_region(d, d->j.region)) return leave(d);
    d->record = fe__journal_record(d->a, &d->j, NULL, 0);
    return play(d, d->record, asked_at(d)) ? show(d) : leave(d);
}

static int work_export(desk *d) {
    if (!open_session(d)) return leave(d);
    d->record = fe__journal_record(d->a, &d->j, NULL, 0);
    if (d->record) print_json(d->record);
    d->status = d->record ? 0 : FE_E_INTERNAL;
    return leave(d);
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
    const char *head = value_of(o, "head");
    if (head && !d->name) {
        usage(d, "the session whose head it is");
        return leave(d);
    }
    if (!open_store(d, false)) return leave(d);
    store_status s = fe__ledger_verify(d->s, d->name, head, &r, &d->f);
    if (s != STORE_OK) {
        tell(d, exit_of(s));
        return leave(d);
    }
    json_t *root = json_pack("{s:i, s:s, s:s, s:s}", "ferrule", 1, "question", "infuse-verify", "verdict",
                             r.n ? "damaged" : "intact", "store", d->path),
           *list = fe__jarray(&d->out);
    for (size_t i = 0; i < r.n; i++) fe__jadd(&d->out, list, damage_json(d, &r.list[i]));
    fe__jput_int(&d->out, root, "sessions", r.sessions);
    fe__jput_int(&d->out, root, "rows", r.entries);
    fe__jput(&d->out, root, "damage", list);
    if (o->json) print_json(root);
    else print_verified(d, &r);
    json_decref(root);
    d->status = r.n ? 1 : 0;
    return leave(d);
}

int fe__infuse_new(options *o) { return at_desk(o, work_new); }
int fe__infuse_start(options *o) { return at_desk(o, work_start); }
int fe__infuse_event(options *o) { return at_desk(o, work_event); }
int fe__infuse_status(options *o) { return at_desk(o, work_status); }
int fe__infuse_verify(options *o) { return at_desk(o, work_verify); }
int fe__infuse_export(options *o) { return at_desk(o, work_export); }
