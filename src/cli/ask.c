/* From the command line to a printed answer. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/command.h"

enum { COLUMNS_MAX = 100 };

/* As wide as the terminal, at most 100; 100 when piped. */
static int columns(void) {
    struct winsize w;
    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) != 0 || w.ws_col < 40) return COLUMNS_MAX;
    return w.ws_col < COLUMNS_MAX ? w.ws_col : COLUMNS_MAX;
}

/* Does the locale write UTF-8? The first of the three that is set decides. */
static int speaks_utf8(void) {
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv(names[i]);
        if (value && *value) return strstr(value, "UTF-8") || strstr(value, "utf8") || strstr(value, "utf-8");
    }
    return 0;
}

/* Plain when piped; no colors when they are not wanted. */
static int style(void) {
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    if (!isatty(STDOUT_FILENO) || !term || strcmp(term, "dumb") == 0) return 0;
    return (no && *no ? 0 : FE_COLORS) | (speaks_utf8() ? FE_BLOCKS : 0);
}

/* Faults go to standard output as JSON with --json (and so can be read by a program), else as text to standard error. */
void fe__print_answer(fe_answer *a, bool json, bool faults) {
    const char *text = json ? fe_answer_json(a) : fe_answer_text(a, columns(), style());
    fputs(text ? text : "ferrule: memory is out\n", faults && !json ? stderr : stdout);
}

fe_engine *fe__engine_of(const options *o, int *status) {
    fe_options opt = {.data_folder = o->data_folder, .site_name = o->site_file};
    fe_engine *engine = NULL;
    fe_answer *why = NULL;
    char *site = o->site_file ? fe__slurp(o->site_file, &opt.site_length) : NULL;
    *status = FE_E_INPUT;
    if (o->site_file && !site) return NULL;
    opt.site = site;
    fe_status s = fe_open(&opt, &engine, &why);
    free(site);
    if (s == FE_OK) return engine;
    if (why) fe__print_answer(why, o->json, true);
    else fprintf(stderr, "ferrule: %s\n", fe_status_text(s));
    fe_answer_free(why);
    *status = s == FE_E_MEMORY ? FE_E_INTERNAL : FE_E_INPUT;
    return NULL;
}

/* One line on a terminal that is rewritten; nothing for work of less than a second. */
typedef struct progress {
    time_t began;
    const char *what;
} progress;

static void show_progress(void *context, double done) {
    progress *p = context;
    if (!p->began) p->began = time(NULL);
    if (time(NULL) - p->began < 1) return;
    if (done < 1) fprintf(stderr, "\r%s: %3.0f%%", p->what, 100 * done);
    else fprintf(stderr, "\r%*s\r", (int)strlen(p->what) + 8, "");
}

/* The page must not be written over what it is made from. */
bool fe__is_same_file(const char *a, const char *b) {
    struct stat one, two;
    return a && b && stat(a, &one) == 0 && stat(b, &two) == 0 && one.st_dev == two.st_dev && one.st_ino == two.st_ino;
}

static bool report_is_input(const options *o) {
    bool same = fe__is_same_file(o->report_file, o->site_file) || fe__is_same_file(o->report_file, o->observations_file) ||
                fe__is_same_file(o->report_file, o->map_file);
    for (size_t i = 0; i < o->files_n; i++) same = same || fe__is_same_file(o->report_file, o->files[i]);
    return same;
}

static bool forecasts(const fe_request *r) {
    static const char *const asking[] = {"forecast", "plan", "fit", "interpret", "validate"};
    bool plays = false;
    for (size_t i = 0; i < sizeof asking / sizeof *asking; i++) plays = plays || strcmp(r->question, asking[i]) == 0;
    return plays && r->draws != 0;
}

/* Not faults, and nothing that a program would read: but who forces an instruction set wants it, and who waits may want to know why. */
static void say_of_solver(const options *o) {
    const char *forced = getenv("FERRULE_ISA");
    if (forecasts(&o->request) && forced && *forced && strcmp(forced, fe_instruction_set()) != 0)
        fprintf(stderr,
                "ferrule: FERRULE_ISA=%s is none that this machine has; the solver runs with %s (avx512, avx2, neon, scalar or "
                "baseline can be forced)\n",
                fe__shown(forced), fe_instruction_set());
    if (forecasts(&o->request) && strcmp(fe_instruction_set(), "baseline") == 0)
        fputs("ferrule: the solver runs without fused multiply-add: the same forecast, in tens of times the time; fewer --draws "
              "take less\n",
              stderr);
}

bool fe__flush_printed(void) {
    if (fflush(stdout) == 0 && !ferror(stdout)) return true;
    fprintf(stderr, "ferrule: the answer could not be written: %s\n", strerror(errno));
    return false;
}

int fe__ask_and_print(options *o) {
    int status;
    progress shown = {.what = strcmp(o->request.question, "validate") == 0 ? "studies" : "forecast"};
    say_of_solver(o);
    if (isatty(STDERR_FILENO)) {
        o->request.progress = show_progress;
        o->request.progress_context = &shown;
    }
    if (report_is_input(o)) {
        fprintf(stderr, "ferrule: --report %s is a file that is read here; give the page another name\n", o->report_file);
        return FE_E_USAGE;
    }
    fe_engine *engine = fe__engine_of(o, &status);
    if (!engine) return status;
    fe_answer *answer = NULL;
    fe_status s = fe_ask(engine, &o->request, &answer);
    if (answer) {
        status = fe_answer_exit(answer);
        fe__print_answer(answer, o->json, s != FE_OK);
        if (s == FE_OK && o->report_file && !fe__write_page(answer, o->report_file)) status = FE_E_INTERNAL;
    } else {
        fprintf(stderr, "ferrule: %s\n", fe_status_text(s));
        status = FE_E_INTERNAL;
    }
    fe_answer_free(answer);
    fe_close(engine);
    return fe__flush_printed() ? status : FE_E_INTERNAL;
}

int fe__ask_course(options *o) {
    char *course = NULL;
    if (o->files_n) {
        course = fe__slurp(o->files[0], &o->request.input_length);
        if (!course) return FE_E_INPUT;
        o->request.input = course;
        o->request.input_name = o->files[0];
    }
    int status = fe__ask_and_print(o);
    free(course);
    return status;
}

int fe__ask_subject(options *o) {
    o->request.subject = o->files_n ? o->files[0] : NULL;
    return fe__ask_and_print(o);
}
