/* The commands of the program: one file each. Options stand in options.c, the way to an answer in ask.c. */
#ifndef FE_CLI_COMMAND_H
#define FE_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "ferrule.h"

enum { OPTIONS_MAX = 256, WORDS_MAX = 16 };

/* A patient without a file: what assess, plan and forecast take. */
#define COURSE_OPTIONS                                                                                                           \
    "sex", "age-years", "weight-kg", "weight-lb", "height-cm", "hb", "ferritin", "tsat", "crp", "phosphate", "condition"

/* What the command line says. Pointers lead into argv or into memory freed by fe__options_free. */
typedef struct options {
    fe_request request;
    const char *data_folder, *site_file, *scenario_file, *report_file, *etas_file, *observations_file, *map_file;
    double draws, seed; /* NaN: not said */
    bool json, help;
    const char *files[WORDS_MAX]; /* positional words: COURSE, ORDER, PRODUCT, ... */
    size_t files_n;
    fe_value values[OPTIONS_MAX];
    size_t values_n;
    fe_acceptance accepted[OPTIONS_MAX];
    size_t accepted_n;
    const char *off_label[OPTIONS_MAX];
    size_t off_label_n;
} options;

typedef struct command {
    const char *name, *summary, *help;
    const char *const *options; /* long options beside the common ones, NULL-terminated */
    size_t words_max;           /* positional words */
    int (*run)(options *o);     /* exit status */
    bool asks;                  /* takes the common options: it asks the library */
} command;

extern const command fe__command_assess, fe__command_plan, fe__command_prepare, fe__command_check, fe__command_deficit,
    fe__command_products, fe__command_guidance, fe__command_new, fe__command_simulate, fe__command_forecast, fe__command_fit,
    fe__command_interpret, fe__command_validate, fe__command_infuse;

/* Parses the words after the command. 0, or 2 after a message on standard error. */
int fe__options_parse(const command *c, int argc, char **argv, options *o);

/* Whole file or standard input ("-"); malloc'd, NUL-terminated; NULL after a message. */
char *fe__slurp(const char *path, size_t *length);

/* Opens the engine as the options say. NULL after printing why; *status is then the exit status. */
fe_engine *fe__engine_of(const options *o, int *status);

/* Opens, asks o->request, prints the answer as the options say; the exit status. */
int fe__ask_and_print(options *o);

/* An answer, or its faults, as the options say. */
void fe__print_answer(fe_answer *a, bool json, bool faults);

/* The same with the first word as the file of a course, or as the subject (a product, a topic). */
int fe__ask_course(options *o);
int fe__ask_subject(options *o);

/* Whether two names are one file that exists; either may be NULL. */
bool fe__is_same_file(const char *a, const char *b);

/* Everything printed has left for where it goes; false after a message. */
bool fe__flush_printed(void);

/* The same of a data set: tables as they come, the summary to standard error. */
int fe__ask_data_set(options *o);
bool fe__is_data_file(const char *bytes);

/* Writes the page of an answer, whole or not at all: a file that stands there stays until the new one is safe on the disk. False after
 * a message that says what to do. */
bool fe__write_page(fe_answer *answer, const char *path);

/* A word of the command line fit for a terminal: what a screen would obey, or cannot read, becomes a question mark. In memory of
 * its own, until the next call. */
const char *fe__shown(const char *word);

/* Sessions that are kept: `ferrule infuse new`, start, event, status, verify, export. The words behind the name are o->files. */
int fe__infuse_new(options *o);
int fe__infuse_start(options *o);
int fe__infuse_event(options *o);
int fe__infuse_status(options *o);
int fe__infuse_verify(options *o);
int fe__infuse_export(options *o);
int fe__infuse_listen(options *o);
int fe__infuse_watch(options *o);

/* The help of a command, common options included. */
void fe__help_print(const command *c);

#endif
