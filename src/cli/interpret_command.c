/* ferrule interpret. */
#include "cli/command.h"

static const char *const own_options[] = {"draws", "seed", "report", NULL};

static const char help[] =
    "Usage: ferrule interpret COURSE [OPTION...]\n"
    "\n"
    "What each lab and symptom of this course means now: its place in what was foreseen before it was known, how it is to\n"
    "be read, what explains it, what to draw again and when. The worst of the newest decides the verdict: act-now, act,\n"
    "watch, as-expected, too-early.\n"
    "\n"
    "  --draws N            bodies behind what was foreseen (default 1000; 0: rules alone)\n"
    "  --seed N             of these bodies (default 1)\n"
    "  --report FILE.html   write it as one page with each lab drawn against what was foreseen\n"
    "\n"
    "Examples:\n"
    "  ferrule interpret course.json --region eu\n"
    "  ferrule interpret course.json --region us --json\n";

const command fe__command_interpret = {"interpret", "What these labs and symptoms mean now", help, own_options, 1, fe__ask_course,
                                       true};
