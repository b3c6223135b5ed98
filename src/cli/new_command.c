/* ferrule new, the command; the dialogue stands in new.c. */
#include <setjmp.h>
#include <stdio.h>
#include <time.h>

#include "base/date.h"
#include "cli/command.h"
#include "cli/new.h"

static const char *const own_options[] = {"example", NULL};

static const char help[] = "Usage: ferrule new [--example] [FILE]\n"
                           "\n"
                           "Asks for one patient and writes a course: to FILE, which must not exist yet, or to standard output.\n"
                           "An empty answer is unknown. --example asks nothing and writes a filled course to start from.\n"
                           "\n"
                           "Examples:\n"
                           "  ferrule new course.json\n"
                           "  ferrule new --example > course.json\n"
                           "\n"
                           "Options:\n"
                           "  --at TIME       when the labs were drawn, as 2026-11-02T08:30+01:00 (default: now)\n"
                           "  --data FOLDER   another copy of the knowledge\n";

/* Minutes east of UTC of the clock's zone. */
static int local_zone(time_t now) {
    struct tm l, g;
    if (!localtime_r(&now, &l) || !gmtime_r(&now, &g)) return 0;
    int days = l.tm_year != g.tm_year ? (l.tm_year > g.tm_year ? 1 : -1) : l.tm_yday - g.tm_yday;
    return (days * 24 + l.tm_hour - g.tm_hour) * 60 + l.tm_min - g.tm_min;
}

static int run_with(const knowledge *k, const options *o, double now, int zone_min) {
    bool is_example = o->values_n > 0; /* the only own option */
    const char *path = o->files_n ? o->files[0] : NULL;
    FILE *file = path ? fopen(path, "wx") : stdout;
    if (!file) {
        fprintf(stderr, "ferrule new: %s cannot be made, or is there already\n", fe__shown(path));
        return FE_E_USAGE;
    }
    int status = is_example ? fe__new_example(k, now, zone_min, file) : fe__new_run(k, now, zone_min, stdin, stderr, file);
    if (path && fclose(file) != 0) status = FE_E_INTERNAL;
    if (path && status) remove(path);
    return status;
}

static int load_and_run(arena *a, const options *o) {
    faults f;
    time_t clock = time(NULL);
    double now = (double)clock;
    int zone_min = local_zone(clock);
    if (o->request.at && !fe__time_parse(o->request.at, &now, &zone_min)) {
        fprintf(stderr, "ferrule new: --at: a time with zone such as 2026-11-02T08:30+01:00 is expected\n");
        return FE_E_USAGE;
    }
    if (setjmp(*fe__arena_escape(a))) return FE_E_INTERNAL;
    fe__faults_init(&f, a, o->data_folder);
    knowledge *k = fe__knowledge_load(o->data_folder, &f);
    if (!k) fprintf(stderr, "ferrule new: the knowledge cannot be read; ferrule products says why\n");
    int status = k ? run_with(k, o, now, zone_min) : FE_E_INPUT;
    fe__knowledge_free(k);
    return status;
}

static int run(options *o) {
    arena *a = fe__arena_new(0);
    int status = a ? load_and_run(a, o) : FE_E_INTERNAL;
    fe__arena_free(a);
    return status;
}

const command fe__command_new = {"new", "Ask for a patient and write the course", help, own_options, 1, run, false};
