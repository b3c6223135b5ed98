/* ferrule plan. */
#include "cli/command.h"

static const char *const own_options[] = {COURSE_OPTIONS, "draws",     "seed",      "product",          "method",
                                          "need-mg",      "target-hb", "stores-mg", "stores-mg-per-kg", "weight-basis",
                                          "report",       "optimize",  NULL};

static const char help[] =
    "Usage: ferrule plan [COURSE] [OPTION...]\n"
    "\n"
    "What dose, in which infusions, how fast, watched how.\n"
    "\n"
    "  --product ID         only this product\n"
    "  --method ID          this way to the dose (ganzoni, simplified-table, fdi-eu/ganzoni, ...)\n"
    "  --need-mg N          the total is known\n"
    "  --target-hb N --stores-mg N --weight-basis actual|ideal|lean|pre-pregnancy\n"
    "  --optimize           compare products, doses, schedules and minutes inside the label: chance to reach the goals, iron, "
    "visits,\n"
    "                       time in the chair, risks; what is a tie is called one\n"
    "  --draws N            bodies behind the forecast of each option (default 4000, with --optimize 1000; 0: no forecast)\n"
    "  --seed N             of these bodies (default 1)\n"
    "  --report FILE.html   write the plan as one page with charts, for a screen and for paper\n"
    "\n"
    "Without a file (labs then count at --at; a number may carry its unit):\n"
    "  --sex f|m --age-years N --weight-kg N | --weight-lb N --height-cm N\n"
    "  --hb N --ferritin N --tsat N --crp N --phosphate N --condition ID ...\n"
    "\n"
    "Examples:\n"
    "  ferrule plan course.json --region eu\n"
    "  ferrule plan course.json --region eu --product fdi-eu --method ganzoni\n"
    "  ferrule plan --sex f --age-years 39 --weight-kg 64 --height-cm 168 --hb 8.9g/dL --ferritin 7 --tsat 6 --region eu\n"
    "  ferrule plan course.json --region eu --optimize\n"
    "  ferrule plan course.json --region eu --report plan.html\n";

const command fe__command_plan = {
    "plan", "What dose, in which infusions, how fast, watched how", help, own_options, 1, fe__ask_course, true};
