/* ferrule prepare. */
#include "cli/command.h"

static const char *const own_options[] = {"dose-mg", "bag-ml", "minutes", "route", "method", NULL};

static const char help[] = "Usage: ferrule prepare PRODUCT --dose-mg N [OPTION...]\n"
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
                           "  ferrule prepare sfg-us --dose-mg 125 --route injection --region us\n";

const command fe__command_prepare = {
    "prepare", "One infusion: mL, bag, minutes, mL/h, inside the label", help, own_options, 1, fe__ask_subject, true};
