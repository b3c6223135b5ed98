/* ferrule fit. */
#include "cli/command.h"

static const char *const own_options[] = {COURSE_OPTIONS, "draws", NULL};

static const char help[] = "Usage: ferrule fit COURSE [OPTION...]\n"
                           "\n"
                           "What the results after the first labs say of this patient: the likeliest etas (MAP), draws of the "
                           "posterior and how far they can be\n"
                           "trusted, every result beside what was foreseen of it. A result that fits badly is named with its "
                           "odds, and is not averaged in.\n"
                           "\n"
                           "  --draws N            draws of the posterior (default 4000)\n"
                           "\n"
                           "Examples:\n"
                           "  ferrule fit course.json\n"
                           "  ferrule fit course.json --json\n";

const command fe__command_fit = {
    "fit", "What the results say of this patient: etas, draws, residuals", help, own_options, 1, fe__ask_course, true};
