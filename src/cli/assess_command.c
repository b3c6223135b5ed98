/* ferrule assess. */
#include "cli/command.h"

static const char *const own_options[] = {COURSE_OPTIONS, NULL};

static const char help[] = "Usage: ferrule assess [COURSE] [OPTION...]\n"
                           "\n"
                           "Should this patient get iron by vein, and which product.\n"
                           "\n"
                           "Without a file (labs then count at --at; a number may carry its unit):\n"
                           "  --sex f|m --age-years N --weight-kg N | --weight-lb N --height-cm N\n"
                           "  --hb N --ferritin N --tsat N --crp N --phosphate N --condition ID ...\n"
                           "\n"
                           "Examples:\n"
                           "  ferrule assess course.json --region eu\n"
                           "  ferrule assess --sex f --age-years 32 --weight-kg 64 --hb 112g/L --ferritin 9 --region us\n";

const command fe__command_assess = {
    "assess", "Should this patient get iron by vein, and which product", help, own_options, 1, fe__ask_course, true};
