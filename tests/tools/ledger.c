/* The ledger as a program, for tests that end it at any moment:
 *
 *     ledger write STORE SESSION FROM TO [MODE AT EXTRA SEED]   entries FROM to TO of a session (made when it is not there), on a disk that
 *                                                               fails (faulty_disk.h). Prints "ack NUMBER HASH" behind each, "fault STATUS
 *                                                               FOUND" for each refusal (it tries again, at most TRIES times), and at the end
 *                                                               "calls N", how many calls of the disk there were
 *     ledger verify STORE                                       "damage SESSION NUMBER HARM TEXT" for each, then "looked SESSIONS ENTRIES" */
#include <setjmp.h>
#include <time.h>

#include "faulty_disk.h"
#include "store/ledger.h"

enum { TRIES = 8, NO_STORE = 3 };

static int64_t now_us(clockid_t which) {
    struct timespec t;
    clock_gettime(which, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Whole lines by one call each: what is printed is out before the next step. */
static void say(arena *a, const char *format, ...) {
    va_list args;
    va_start(args, format);
    const char *line = fe__vprintf(a, format, args);
    va_end(args);
    if (write(STDOUT_FILENO, line, strlen(line)) < 0) abort();
}

static void say_fault(faults *f, store_status status) {
    for (size_t i = 0; i < f->n; i++) say(f->a, "fault %d %s\n", status, f->list[i].found);
    *f = (faults){.a = f->a, .file = f->file};
}

/* Opened as a user would: tried again. */
static store *opened(const char *path, faults *f) {
    store *s = NULL;
    for (int i = 0; i < TRIES && !s; i++) {
        store_status status = fe__store_open(path, &s, f);
        if (status != STORE_OK) say_fault(f, status);
    }
    return s;
}

static bool with_session(store *s, const char *name, faults *f) {
    for (int i = 0; i < TRIES; i++) {
        store_status status = fe__ledger_create(s, name, 1767225600000, f);
        say_fault(f, status);
        if (status == STORE_OK || status == STORE_TAKEN) return true;
    }
    return false;
}

static bool append(store *s, const char *name, ledger_entry *e, faults *f) {
    for (int i = 0; i < TRIES; i++) {
        bool repeated;
        store_status status = fe__ledger_append(s, name, LEDGER_ANY, e, &repeated, f);
        if (status == STORE_OK) return true;
        say_fault(f, status);
    }
    return false;
}

static bool add(store *s, const char *name, long i, faults *f) {
    char *key = fe__printf(f->a, "k%ld", i),
         *bytes = fe__printf(f->a, "{\"event\":%ld,\"note\":\"%*s\"}", i, (int)(i * 37 % 900), "");
    ledger_entry e = {
        .event_ms = 1000 * i, .arrival_ms = now_us(CLOCK_REALTIME) / 1000, .key = key, .bytes = bytes, .n = strlen(bytes)};
    if (!append(s, name, &e, f)) return false;
    say(f->a, "ack %lld %s\n", (long long)e.number, fe__ledger_hex(f->a, e.hash));
    return true;
}

static int write_entries(char **words, faults *f) {
    store *s = opened(words[0], f);
    if (!s) return NO_STORE;
    bool fine = with_session(s, words[1], f);
    for (long i = atol(words[2]); fine && i <= atol(words[3]); i++) fine = add(s, words[1], i, f);
    fe__store_close(s);
    say(f->a, "calls %ld\n", disk.calls);
    return fine ? 0 : 1;
}

static int verify(const char *path, faults *f) {
    ledger_report r;
    store *s = NULL;
    store_status status = fe__store_open(path, &s, f);
    if (status == STORE_OK) status = fe__ledger_verify(s, NULL, NULL, &r, f);
    fe__store_close(s);
    say_fault(f, status);
    if (status != STORE_OK) return NO_STORE;
    for (size_t i = 0; i < r.n; i++)
        say(f->a, "damage %s %lld %d %s\n", r.list[i].session ? r.list[i].session : "-", (long long)r.list[i].number,
            r.list[i].harm, r.list[i].text);
    say(f->a, "looked %lld %lld\n", (long long)r.sessions, (long long)r.entries);
    return r.n ? 1 : 0;
}

int main(int argc, char **argv) {
    faults f;
    arena *a = fe__arena_new(0);
    signal(SIGXFSZ, SIG_IGN);
    if (!a || setjmp(*fe__arena_escape(a)) || argc < 3) return 2;
    fe__faults_init(&f, a, argv[2]);
    int status = 2;
    if (strcmp(argv[1], "write") == 0 && argc >= 6) {
        disk_begin(argc > 9 ? argv[6] : "", argc > 9 ? atol(argv[7]) : 0, argc > 9 ? atol(argv[8]) : 0,
                   argc > 9 ? strtoull(argv[9], NULL, 10) : 0);
        status = write_entries(argv + 2, &f);
    } else if (strcmp(argv[1], "verify") == 0) {
        status = verify(argv[2], &f);
    }
    fe__arena_free(a);
    return status;
}
