#include "cli/desk.h"

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

enum { TRIES = 50 };

const char *fe__desk_value_of(const options *o, const char *key) {
    for (size_t i = 0; i < o->values_n; i++)
        if (strcmp(o->values[i].key, key) == 0) return o->values[i].value;
    return NULL;
}

static const char *store_path(const options *o) {
    const char *given = fe__desk_value_of(o, "store"), *set = getenv("FERRULE_STORE");
    return given ? given : set && *set ? set : "ferrule.db";
}

int fe__desk_leave(desk *d) {
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

bool fe__desk_usage(desk *d, const char *expected) {
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

void fe__desk_print(const json_t *root) {
    char *plain = fe__json_text(root);
    puts(plain ? plain : "{}");
    free(plain);
}

/* The faults of d->f, as JSON or as lines. */
bool fe__desk_tell(desk *d, int status) {
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
    if (d->o->json) fe__desk_print(root);
    json_decref(root);
    return false;
}

/* What can be set right by another word or file is the input's; the rest is the machine's. */
int fe__desk_exit_of(store_status s) {
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
int fe__desk_run(options *o, int (*work)(desk *d)) {
    desk *d = calloc(1, sizeof *d);
    arena *a = d ? fe__arena_new(0) : NULL;
    if (!a) {
        free(d);
        fputs("ferrule: memory is out\n", stderr);
        return FE_E_INTERNAL;
    }
    d->a = a;
    if (setjmp(*fe__arena_escape(a))) {
        fputs("ferrule: memory is out; ferrule infuse status says what was recorded\n", stderr);
        d->status = FE_E_INTERNAL;
        return fe__desk_leave(d);
    }
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is a fault, not an end */
    d->o = o;
    d->path = store_path(o);
    d->now = fe__journal_now();
    d->zone_min = zone_here((time_t)(d->now.wall_ms / 1000));
    fe__faults_init(&d->f, a, d->path);
    return work(d);
}

/* A store is made by `new` alone: a mistyped name is no empty ward. */
bool fe__desk_open_store(desk *d, bool make) {
    if (!make && access(d->path, F_OK) != 0) {
        fe__fault(&d->f, "", "a store of sessions", "no file of this name",
                  "ferrule infuse new begins one; --store or FERRULE_STORE names it");
        return fe__desk_tell(d, FE_E_INPUT);
    }
    store_status s = fe__store_open(d->path, &d->s, &d->f);
    return s == STORE_OK ? true : fe__desk_tell(d, fe__desk_exit_of(s));
}

bool fe__desk_open_session(desk *d) {
    if (!d->o->files_n) return fe__desk_usage(d, "the name of a session");
    d->name = d->o->files[0];
    if (!fe__desk_open_store(d, false)) return false;
    store_status s = fe__journal_read(d->s, d->name, &d->j, &d->f);
    return s == STORE_OK ? true : fe__desk_tell(d, fe__desk_exit_of(s));
}

/* The region of the session, which nobody can change under it. */
bool fe__desk_fit_region(desk *d, const char *region) {
    const char *given = d->o->request.region;
    if (given && strcmp(given, region) != 0) {
        fe__fault(&d->f, "--region", region, given, "a session keeps the region in which it was begun");
        return fe__desk_tell(d, FE_E_USAGE);
    }
    d->o->request.region = region;
    return true;
}

/* ---------------------------------------------------------------- asking */

/* Plays the record, with `more` behind it; the answer, or its faults, in d->answer. */
bool fe__desk_play(desk *d, const json_t *record, const char *at) {
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

const char *fe__desk_clock_text(desk *d) { return fe__journal_time(d->a, (double)d->now.wall_ms / 1000, d->zone_min); }

const char *fe__desk_asked_at(desk *d) { return d->o->request.at ? d->o->request.at : fe__desk_clock_text(d); }

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
        if (x->seconds < 0) return "The machine was started anew: what happened meanwhile is not recorded.";
        return fe__printf(
            d->a,
            "The machine was started anew, %s %s by its clock after the entry before: what happened meanwhile is not "
            "recorded.",
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

void fe__desk_add_journal(desk *d) { fe__jput(&d->out, d->answer->root, "journal", journal_json(d)); }

int fe__desk_show(desk *d) {
    fe__desk_add_journal(d);
    if (d->out.failed) {
        fputs("ferrule: the answer could not be built\n", stderr);
        d->status = FE_E_INTERNAL;
    } else {
        fe__print_answer(d->answer, d->o->json, false);
        d->status = d->not_recorded ? FE_E_INTERNAL : 0;
    }
    return fe__desk_leave(d);
}

/* ---------------------------------------------------------------- recording */

/* Its time: said in the event, by --at, else now. One far ahead of the clock is a slip that would hold all that follows. */
bool fe__desk_date_event(desk *d, double *at) {
    int zone;
    if (!json_object_get(d->event, "at")) json_object_set_new(d->event, "at", json_string(fe__desk_asked_at(d)));
    if (!fe__time_parse(json_string_value(json_object_get(d->event, "at")), at, &zone)) {
        *at = (double)d->now.wall_ms / 1000;
        return true; /* the reader of the record says what is wrong with it */
    }
    if (*at * 1000 <= (double)d->now.wall_ms + JOURNAL_AHEAD_MS) return true;
    fe__fault(&d->f, "at", fe__printf(d->a, "a time that has come: the clock says %s", fe__desk_clock_text(d)),
              json_string_value(json_object_get(d->event, "at")), "look at the date, and at the clock of this machine");
    return fe__desk_tell(d, FE_E_INPUT);
}

/* The time that is answered for: that of the event when it is said, else now. */
const char *fe__desk_answer_at(desk *d, double at) {
    double last = d->j.n ? d->j.lines[d->j.n - 1].taken_at : at;
    return fe__journal_time(d->a, fmax(at, last), d->zone_min);
}

/* One try: judged upon what was read, then written. False when it must be read anew. */
static bool try_event(desk *d, double at, const char *key, desk_outcome *done) {
    *done = DESK_REFUSED;
    d->repeated = false;
    d->not_recorded = NULL;
    json_decref(d->record);
    d->record = fe__journal_record(d->a, &d->j, d->event, at);
    if (!fe__desk_play(d, d->record, fe__desk_answer_at(d, at))) return true;
    size_t faults_before = d->f.n;
    store_status s = fe__journal_add(d->s, &d->j, d->event, at, key, d->now, &d->repeated, &d->f);
    if (s == STORE_MOVED) {
        d->f.n = faults_before;
        return false;
    }
    if (s == STORE_TAKEN || s == STORE_TOO_LONG || s == STORE_MISSING) {
        fe__desk_tell(d, FE_E_INPUT);
        return true;
    }
    *done = s == STORE_OK ? DESK_RECORDED : DESK_NOT_RECORDED;
    if (s == STORE_OK) return true;
    const fault *why = &d->f.list[d->f.n - 1];
    d->not_recorded =
        fe__printf(d->a, "NOT RECORDED: %s. The answer counts it; %s", why->found, why->hint ? why->hint : "give it again");
    return true;
}

desk_outcome fe__desk_record(desk *d, double at, const char *key) {
    desk_outcome done = DESK_REFUSED;
    bool settled = false;
    for (int i = 0; i < TRIES && !settled; i++) {
        if (i) { /* somebody else was quicker: what they entered counts first */
            fe__journal_free(&d->j);
            store_status s = fe__journal_read(d->s, d->name, &d->j, &d->f);
            if (s != STORE_OK) {
                fe__desk_tell(d, fe__desk_exit_of(s));
                return DESK_REFUSED;
            }
        }
        settled = try_event(d, at, key, &done);
    }
    if (!settled) {
        fe__fault(&d->f, "", "a moment without other entries", "others that are always quicker",
                  "nothing was recorded; give it again");
        fe__desk_tell(d, FE_E_INTERNAL);
    }
    return done;
}
