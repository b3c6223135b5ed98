/* ferrule forecast. */
#include "cli/command.h"

static const char *const own_options[] = {COURSE_OPTIONS, "weeks", "draws", "seed", "report", NULL};

static const char help[] =
    "Usage: ferrule forecast [COURSE] [OPTION...]\n"
    "\n"
    "Where this course is going: hemoglobin, ferritin, TSAT, phosphate, hepcidin, drug iron, fatigue, "
    "restless legs and the risk of a\n"
    "reaction, each with its two bands (half of patients like this; 9 in 10), and when each goal is "
    "reached. The infusions of the\n"
    "course are played, planned ones too.\n"
    "\n"
    "  --weeks N            horizon, 1 to 60 (default 24; restless legs 52)\n"
    "  --draws N            bodies behind the bands (default 4000)\n"
    "  --seed N             of these bodies (default 1): another one shows how much chance there is in a band\n"
    "  --report FILE.html   write the forecast as one page with charts, for a screen and for paper\n"
    "\n"
    "Without a file (labs then count at --at; a number may carry its unit):\n"
    "  --sex f|m --age-years N --weight-kg N | --weight-lb N --height-cm N\n"
    "  --hb N --ferritin N --tsat N --crp N --phosphate N --condition ID ...\n"
    "\n"
    "Examples:\n"
    "  ferrule forecast course.json --region eu\n"
    "  ferrule forecast course.json --region eu --weeks 12 --json\n"
    "  ferrule forecast course.json --region eu --report forecast.html\n";

const command fe__command_forecast = {"forecast", "Where this course is going, with bands", help, own_options, 1, fe__ask_course,
                                      true};
