/* ferrule assess. */
#include "cli/command.h"
#include <stdlib.h>

static const char *const own_options[] = {"sex", "age-years", "weight-kg", "weight-lb", "height-cm", "hb", "ferritin", "tsat", "crp", "phosphate", "condition", NULL};

static const char help[] =
    "Usage: ferrule assess [COURSE] [OPTION...]\n"
    "\n"
    "Should this patient get iron by vein, and which product.\n"
    "\n"
    "Without a file (labs then count at --at; a number may carry its unit):\n"
    "  --sex f|m --age-years N --weight-kg N | --weight-lb N --height-cm N\n"
    "  --hb N --ferritin N --tsat N --crp N --phosphate N --condition ID ...\n"
    "\n"
    "Examples:\n"
    "  ferrule assess course.json --region eu\n"
    "  ferrule assess --sex f --age-years 32 --weight-kg 64 --hb 112g/L --ferritin 9 --region us\n"
    "\n"
    "Common options:\n"
    "  --region us|eu|ca    whose labels (eu is EU/UK); no default\n"
    "  --at TIME            now, as 2026-11-02T12:00+01:00 (default: the clock)\n"
    "  --json               the answer as one JSON document\n"
    "  --site FILE          site settings\n"
    "  --data FOLDER        another copy of the knowledge\n"
    "  --off-label ID       switch on one off-label regimen, product/name\n"
    "  --accept RULE --because TEXT   pass one caution limit with its reason\n";

static int run(options *o) {
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

const command fe__command_assess = {"assess", "Should this patient get iron by vein, and which product", help, own_options, 1, run};
