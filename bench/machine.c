#define _GNU_SOURCE /* sched_setaffinity */
#include "machine.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static cpu_set_t before;
static int pinned;

double machine_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int machine_cores(void) {
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

/* The last one: interrupts like the first. */
int machine_pin(void) {
    cpu_set_t one;
    int core = CPU_SETSIZE - 1;
    if (sched_getaffinity(0, sizeof before, &before) != 0) return -1;
    while (core >= 0 && !CPU_ISSET((size_t)core, &before)) core--;
    if (core < 0) return -1;
    CPU_ZERO(&one);
    CPU_SET((size_t)core, &one);
    pinned = sched_setaffinity(0, sizeof one, &one) == 0;
    return pinned ? core : -1;
}

void machine_unpin(void) {
    if (pinned) sched_setaffinity(0, sizeof before, &before);
    pinned = 0;
}

/* The text after the first line that begins with `key` and a colon, into out. */
static const char *line_of(const char *path, const char *key, char *out, size_t size) {
    FILE *f = fopen(path, "r");
    const char *found = NULL;
    size_t n = strlen(key);
    while (f && !found && fgets(out, (int)size, f)) {
        if (strncmp(out, key, n) != 0) continue;
        found = out + n + strspn(out + n, " \t:");
        out[strcspn(out, "\n")] = 0;
    }
    if (f) fclose(f);
    return found;
}

long machine_peak_kib(void) {
    char line[256];
    const char *text = line_of("/proc/self/status", "VmHWM", line, sizeof line);
    long kib = -1;
    return text && sscanf(text, "%ld", &kib) == 1 ? kib : -1;
}

const char *machine_model(void) {
    static char line[256];
    const char *text = line_of("/proc/cpuinfo", "model name", line, sizeof line);
    return text ? text : "unknown processor";
}
