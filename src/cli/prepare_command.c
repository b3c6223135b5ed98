/* ferrule prepare. */
#include "cli/command.h"

static const char *const own_options[] = {"dose-mg", "bag-ml", "minutes", "route", "method", NULL};

static const char help[] =
    "Usage: ferrule prepare PRODUCT --dose-mg N [OPTION...]\n"
    "\n"
    "One infusion: mL, bag, minutes, mL/h, inside the label.\n"
    "\n"
    "  --dose-mg N          elemental iron\n"
    "  --bag-ml N           bag (default: one that the label allows)\n"
    "  --minutes N          duration (default: the least that the label allows)\n"
    "  --route infusion|injection\n"
    "  --method ID          one dosing method of the product\n"
    "\n"
    "Examples:\n"
    "  ferrule prepare fcm-eu --dose-mg 1000 --region eu\n"
    "  ferrule prepare sfg-us --dose-mg 125 --route injection --region us\n"
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
    o->request.subject = o->files_n ? o->files[0] : NULL;
    return fe__ask_and_print(o);
}

const command fe__command_prepare = {"prepare", "One infusion: mL, bag, minutes, mL/h, inside the label", help, own_options, 1, run};
