/* ferrule plan. */
#include "cli/command.h"
#include <stdlib.h>

static const char *const own_options[] = {"sex", "age-years", "weight-kg", "weight-lb", "height-cm", "hb", "ferritin", "tsat", "crp", "phosphate", "condition", "product", "method", "need-mg", "target-hb", "stores-mg", "stores-mg-per-kg", "weight-basis", NULL};

static const char help[] =
    "Usage: ferrule plan [COURSE] [OPTION...]\n"
    "\n"
    "What dose, in which infusions, how fast, watched how.\n"
    "\n"
    "  --product ID         only this product\n"
    "  --method ID          this way to the dose (ganzoni, simplified-table, fdi-eu/ganzoni, ...)\n"
    "  --need-mg N          the total is known\n"
    "  --target-hb N --stores-mg N --weight-basis actual|ideal|lean|pre-pregnancy\n"
    "\n"
    "Without a file (labs then count at --at; a number may carry its unit):\n"
    "  --sex f|m --age-years N --weight-kg N | --weight-lb N --height-cm N\n"
    "  --hb N --ferritin N --tsat N --crp N --phosphate N --condition ID ...\n"
    "\n"
    "Examples:\n"
    "  ferrule plan course.json --region eu\n"
    "  ferrule plan course.json --region eu --product fdi-eu --method ganzoni\n"
    "  ferrule plan --sex f --age-years 39 --weight-kg 64 --height-cm 168 --hb 8.9g/dL --ferritin 7 --tsat 6 --region eu\n"
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

const command fe__command_plan = {"plan", "What dose, in which infusions, how fast, watched how", help, own_options, 1, run};
