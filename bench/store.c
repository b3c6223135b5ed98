/* How long until an entry is on the disk, with fifty sessions at once: fifty processes, each with a session of its own in one store.
 *
 *     store-bench FOLDER OUT.json     FOLDER lies on the disk that is measured
 *
 * An event a second in each chair, spread over the second: more than any ward has. Beside it the disk alone: a write of 4 KiB and its
 * fdatasync, by one process. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include <fcntl.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "rows.h"
#include "store/ledger.h"

enum { SESSIONS = 50, EVENTS = 20, ALONE = 200, SECOND_US = 1000000 };

static int64_t now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * SECOND_US + t.tv_nsec / 1000;
}

static void wait_until(int64_t us) {
    int64_t left = us - now_us();
    if (left > 0) nanosleep(&(struct timespec){.tv_sec = left / SECOND_US, .tv_nsec = left % SECOND_US * 1000}, NULL);
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The events of one session, milliseconds of each into `took`; false when one was not recorded. */
static bool session(store *s, int which, int64_t every_us, double *took, faults *f) {
    const char *name = fe__printf(f->a, "chair-%d", which);
    static const char event[] =
        "{\"at\":\"2026-11-02T10:15:00+01:00\",\"event\":\"vitals\",\"systolic_mmhg\":118,\"diastolic_mmhg\":74}";
    int64_t due = now_us() + every_us * (which + 1) / SESSIONS;
    for (int i = 0; i < EVENTS; i++, due += every_us) {
        ledger_entry e = {.event_ms = i, .arrival_ms = i, .bytes = event, .n = sizeof event - 1};
        wait_until(due);
        bool repeated;
        int64_t begin = now_us();
        if (fe__ledger_append(s, name, LEDGER_ANY, &e, &repeated, f) != STORE_OK) return false;
        took[i] = (double)(now_us() - begin) / 1000;
    }
    return true;
}

static int child(const char *path, int which, int64_t every_us, double *took) {
    arena *a = fe__arena_new(0);
    store *s = NULL;
    faults f;
    if (!a || setjmp(*fe__arena_escape(a))) return 1;
    fe__faults_init(&f, a, path);
    bool fine = fe__store_open(path, &s, &f) == STORE_OK && session(s, which, every_us, took, &f);
    for (size_t i = 0; i < f.n; i++) fprintf(stderr, "store-bench: %s: %s\n", f.list[i].at, f.list[i].found);
    fe__store_close(s);
    fe__arena_free(a);
    return fine ? 0 : 1;
}

/* Before the clock runs: the sessions of one ward do not begin in one instant. */
static bool begin(const char *path) {
    arena *a = fe__arena_new(0);
    store *s = NULL;
    faults f;
    if (!a || setjmp(*fe__arena_escape(a))) return false;
    fe__faults_init(&f, a, path);
    bool fine = fe__store_open(path, &s, &f) == STORE_OK;
    for (int i = 0; fine && i < SESSIONS; i++) fine = fe__ledger_create(s, fe__printf(a, "chair-%d", i), 0, &f) == STORE_OK;
    fe__store_close(s);
    fe__arena_free(a);
    return fine;
}

/* All sessions at once; false when one failed. */
static bool run(const char *path, int64_t every_us, double *took) {
    bool fine = begin(path);
    fflush(NULL);
    for (int i = 0; fine && i < SESSIONS; i++) {
        pid_t pid = fork();
        if (pid == 0) _exit(child(path, i, every_us, took + i * EVENTS));
        fine = fine && pid > 0;
    }
    for (int status; wait(&status) > 0;) fine = fine && status == 0;
    return fine;
}

static void add(rows *out, const char *name, double *took, int n, const char *to, double of) {
    qsort(took, (size_t)n, sizeof *took, by_size);
    double median = took[n / 2], p99 = took[n - 1 - n / 100];
    rows_add(out, name, median, "ms", to, to ? median / of : 0);
    printf("%-36s median %7.2f ms   p99 %7.2f ms   (%d)\n", name, median, p99, n);
    fflush(stdout);
}

/* The disk alone: what no store that keeps its word can be faster than. */
static bool disk_alone(const char *path, double *took) {
    char page[4096] = {0};
    int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    bool fine = file >= 0;
    for (int i = 0; fine && i < ALONE; i++) {
        int64_t begin = now_us();
        fine = pwrite(file, page, sizeof page, (off_t)sizeof page * i) == (ssize_t)sizeof page && fdatasync(file) == 0;
        took[i] = (double)(now_us() - begin) / 1000;
    }
    if (file >= 0) close(file);
    return fine;
}

static bool measure(const char *folder, rows *out, double *took) {
    char path[4096];
    snprintf(path, sizeof path, "%s/disk", folder);
    bool fine = disk_alone(path, took);
    remove(path);
    if (!fine) return false;
    add(out, "disk-sync", took, ALONE, NULL, 0);
    double alone = took[ALONE / 2];
    snprintf(path, sizeof path, "%s/ward.db", folder);
    remove(path);
    fine = run(path, SECOND_US, took);
    if (fine) add(out, "store-append-50-sessions", took, SESSIONS * EVENTS, "disk-sync", alone);
    return fine;
}

int main(int argc, char **argv) {
    rows out;
    if (argc != 3 || !rows_open(&out, argv[2])) return 2;
    double *took = mmap(NULL, SESSIONS * EVENTS * sizeof *took, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    bool fine = took != MAP_FAILED && measure(argv[1], &out, took);
    rows_close(&out);
    return fine ? 0 : 1;
}
