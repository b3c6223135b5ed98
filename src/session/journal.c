#include "session/journal.h"

#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/date.h"
#include "base/text.h"

const char *fe__journal_time(arena *a, double seconds, int zone_min) {
    double whole = floor(seconds), minute = 60 * floor(whole / 60);
    const char *iso = fe__time_text(a, minute, zone_min);
    return fe__printf(a, "%.16s:%02d%s", iso, (int)(whole - minute), iso + 16);
}

/* ---------------------------------------------------------------- clocks */

static int64_t milliseconds(clockid_t which) {
    struct timespec t = {0};
    clock_gettime(which, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

journal_clock fe__journal_now(void) {
    journal_clock c = {.wall_ms = milliseconds(CLOCK_REALTIME), .up_ms = milliseconds(CLOCK_BOOTTIME)};
    int file = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    if (file >= 0 && read(file, c.boot, sizeof c.boot - 1) != (ssize_t)sizeof c.boot - 1) c.boot[0] = 0;
    if (file >= 0) close(file);
    return c;
}

static json_t *clock_json(journal_clock c) { return json_pack("{s:s, s:I}", "boot", c.boot, "up_ms", (json_int_t)c.up_ms); }

static journal_clock clock_of(const json_t *row, int64_t wall_ms) {
    journal_clock c = {.wall_ms = wall_ms};
    const json_t *clock = json_object_get(row, "clock");
    const char *boot = json_string_value(json_object_get(clock, "boot"));
    c.up_ms = json_integer_value(json_object_get(clock, "up_ms"));
    if (boot && strlen(boot) < sizeof c.boot) memcpy(c.boot, boot, strlen(boot));
    return c;
}

/* ---------------------------------------------------------------- rows */

/* Adds a row; takes `row`, NULL is memory that is out. */
static store_status add_row(store *s, const char *name, int64_t after, json_t *row, double at, const char *key, journal_clock now,
                            ledger_entry *e, bool *repeated, faults *f) {
    char *bytes = row ? json_dumps(row, JSON_COMPACT) : NULL;
    json_decref(row);
    if (!bytes) {
        fe__fault(f, fe__printf(f->a, "session %s", name), "memory", "none left", NULL);
        return STORE_MEMORY;
    }
    const char *kept = fe__strdup(f->a, bytes); /* the arena may jump: nothing is held then */
    free(bytes);
    bool was_there;
    *e = (ledger_entry){
        .event_ms = (int64_t)floor(at * 1000), .arrival_ms = now.wall_ms, .key = key, .bytes = kept, .n = strlen(kept)};
    return fe__ledger_append(s, name, after, e, repeated ? repeated : &was_there, f);
}

store_status fe__journal_begin(store *s, const char *name, const json_t *session, const char *region, journal_clock now,
                               faults *f) {
    ledger_entry e;
    store_status status = fe__ledger_create(s, name, now.wall_ms, f);
    if (status != STORE_OK) return status;
    json_t *row = json_pack("{s:O, s:s, s:o}", "session", session, "region", region, "clock", clock_json(now));
    return add_row(s, name, 0, row, (double)now.wall_ms / 1000, NULL, now, &e, NULL, f);
}

static store_status odd_row(faults *f, const char *name, int64_t number) {
    fe__fault(f, fe__printf(f->a, "session %s, entry %lld", name, (long long)number), "a row of a journal", "something else",
              "ferrule infuse verify says whether the record is as it was written");
    return STORE_CORRUPT;
}

static double later(double a, double b) { return a > b ? a : b; }

/* One row into the journal; false when it is none. The JSON of it goes to j->owned. */
static bool take_row(journal *j, arena *a, const ledger_entry *e) {
    json_t *row = json_loadb(e->bytes, e->n, 0, NULL);
    if (!row || json_array_append_new(j->owned, row) != 0) return false;
    journal_clock clock = clock_of(row, e->arrival_ms);
    if (e->number == 1) {
        j->session = json_object_get(row, "session");
        j->region = fe__strdup(a, json_string_value(json_object_get(row, "region")));
        j->made = clock;
        return json_is_object(j->session) && j->region;
    }
    const json_t *event = json_object_get(row, "event");
    double at = (double)e->event_ms / 1000;
    double taken_at = j->n ? later(at, j->lines[j->n - 1].taken_at) : at;
    *FE_PUSH(a, j->lines, j->n, j->cap) =
        (journal_line){.at = at, .taken_at = taken_at, .event = event, .key = e->key, .clock = clock};
    return json_is_object(event);
}

store_status fe__journal_read(store *s, const char *name, journal *out, faults *f) {
    ledger_entry *rows;
    size_t n;
    store_status status = fe__ledger_read(s, name, 1, SIZE_MAX, &rows, &n, f);
    if (status != STORE_OK) return status;
    if (n == 0) { /* the process that made it ended between the two rows: it was never acknowledged */
        fe__fault(f, fe__printf(f->a, "session %s", name), "a session that was begun", "one without patient and order",
                  "begin it under another name");
        return STORE_MISSING;
    }
    journal j = {.name = fe__strdup(f->a, name), .owned = json_array()};
    for (size_t i = 0; i < n; i++) {
        if (take_row(&j, f->a, &rows[i])) continue;
        fe__journal_free(&j);
        return odd_row(f, name, rows[i].number);
    }
    memcpy(j.head, rows[n - 1].hash, sizeof j.head);
    *out = j;
    return STORE_OK;
}

void fe__journal_free(journal *j) {
    json_decref(j->owned);
    *j = (journal){0};
}

/* A key that is there: the same event again, or another one that was given the key by mistake. */
static store_status judge_repeated(const journal *j, const ledger_entry *there, const json_t *event, double at, faults *f) {
    json_t *row = json_loadb(there->bytes, there->n, 0, NULL);
    bool same = there->event_ms == (int64_t)floor(at * 1000) && json_equal(json_object_get(row, "event"), event);
    json_decref(row);
    if (same) return STORE_OK;
    fe__fault(f, fe__printf(f->a, "session %s", j->name), "a key that is new, or the same event again",
              fe__printf(f->a, "another event of key %s, number %lld", there->key, (long long)there->number - 1),
              "give the second one a key of its own");
    return STORE_TAKEN;
}

store_status fe__journal_add(store *s, journal *j, const json_t *event, double at, const char *key, journal_clock now,
                             bool *repeated, faults *f) {
    ledger_entry e;
    json_t *row = json_pack("{s:O, s:o}", "event", event, "clock", clock_json(now));
    store_status status = add_row(s, j->name, (int64_t)j->n + 1, row, at, key, now, &e, repeated, f);
    if (status != STORE_OK) return status;
    if (*repeated) return judge_repeated(j, &e, event, at, f);
    memcpy(j->head, e.hash, sizeof j->head);
    return take_row(j, f->a, &e) ? STORE_OK : STORE_MEMORY;
}

/* ---------------------------------------------------------------- the record */

/* The event as it was said, but for a time before the line above. */
static json_t *event_for(arena *a, const json_t *event, double at, double taken_at, int zone_min) {
    json_t *copy = json_deep_copy(event);
    if (copy && taken_at > at) json_object_set_new(copy, "at", json_string(fe__journal_time(a, taken_at, zone_min)));
    return copy;
}

static int zone_of(const json_t *event) {
    double seconds;
    int zone = 0;
    return fe__time_parse(json_string_value(json_object_get(event, "at")), &seconds, &zone) ? zone : 0;
}

json_t *fe__journal_record(arena *a, const journal *j, const json_t *more, double more_at) {
    json_t *events = json_array();
    double last = -INFINITY;
    for (size_t i = 0; i < j->n; i++) {
        const journal_line *line = &j->lines[i];
        json_array_append_new(events, event_for(a, line->event, line->at, line->taken_at, zone_of(line->event)));
        last = line->taken_at;
    }
    if (more) json_array_append_new(events, event_for(a, more, more_at, later(more_at, last), zone_of(more)));
    return json_pack("{s:i, s:b, s:O, s:o}", "ferrule", 1, "kept", 1, "session", j->session, "events", events);
}

/* ---------------------------------------------------------------- what the clocks say */

typedef struct notes {
    arena *a;
    journal_note *list;
    size_t n, cap;
} notes;

static void add_note(notes *to, journal_oddity what, size_t entry, double ms) {
    *FE_PUSH(to->a, to->list, to->n, to->cap) = (journal_note){what, entry, ms / 1000};
}

static void compare_clocks(notes *to, size_t entry, journal_clock before, journal_clock after) {
    double wall = (double)(after.wall_ms - before.wall_ms), up = (double)(after.up_ms - before.up_ms);
    bool same = before.boot[0] && strcmp(before.boot, after.boot) == 0;
    double jump = same ? wall - up : wall < 0 ? wall : 0;
    if (!same) add_note(to, JOURNAL_RESTARTED, entry, wall);
    if (jump <= -JOURNAL_JUMP_MS) add_note(to, JOURNAL_SET_BACK, entry, -jump);
    if (jump >= JOURNAL_JUMP_MS) add_note(to, JOURNAL_SET_AHEAD, entry, jump);
}

journal_note *fe__journal_notes(arena *a, const journal *j, journal_clock now, size_t *n) {
    notes to = {.a = a};
    journal_clock before = j->made;
    for (size_t i = 0; i < j->n; i++) {
        const journal_line *line = &j->lines[i];
        double late = (double)line->clock.wall_ms - 1000 * line->at;
        compare_clocks(&to, i + 1, before, line->clock);
        if (line->taken_at > line->at) add_note(&to, JOURNAL_OUT_OF_ORDER, i + 1, 1000 * (line->taken_at - line->at));
        else if (late >= JOURNAL_LATE_MS) add_note(&to, JOURNAL_TOLD_LATE, i + 1, late);
        before = line->clock;
    }
    compare_clocks(&to, j->n + 1, before, now);
    *n = to.n;
    return to.list;
}

const char *fe__journal_oddity_word(journal_oddity what) {
    static const char *const words[] = {"set-back", "set-ahead", "restarted", "told-late", "out-of-order"};
    return words[what];
}
