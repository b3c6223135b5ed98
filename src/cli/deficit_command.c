/* ferrule deficit. */
#include "cli/command.h"

static const char *const own_options[] = {"method",
                                          "product",
                                          "weight-basis",
                                          "weight-kg",
                                          "weight-lb",
                                          "hb",
                                          "target-hb",
                                          "stores-mg",
                                          "stores-mg-per-kg",
                                          "lbw-kg",
                                          "height-cm",
                                          "sex",
                                          "age-years",
                                          "weight-pre-pregnancy-kg",
                                          "blood-loss-ml",
                                          "hct",
                                          "units",
                                          NULL};

static const char help[] =
    "Usage: ferrule deficit --method ID [VALUE...]\n"
    "\n"
    "The plain calculators of the iron need.\n"
    "\n"
    "Methods: ganzoni, ganzoni-rounded, hb-deficit-only, simplified-table (with --product), hf-table (with --product), "
    "ibd-consensus-table,\n"
    "infed-formula, pound-formula, blood-loss, blood-units, fixed.\n"
    "\n"
    "  --weight-kg N | --weight-lb N --hb N --target-hb N --stores-mg N | --stores-mg-per-kg N --lbw-kg N --height-cm N\n"
    "  --sex f|m --age-years N --weight-pre-pregnancy-kg N --blood-loss-ml N --hct N --units N\n"
    "  --weight-basis actual|ideal|lean|pre-pregnancy --product ID\n"
    "\n"
    "Examples:\n"
    "  ferrule deficit --method ganzoni --weight-kg 70 --hb 80g/L\n"
    "  ferrule deficit --method infed-formula --sex f --height-cm 165 --weight-kg 60 --hb 7\n";

static int run(options *o) { return fe__ask_and_print(o); }

const command fe__command_deficit = {"deficit", "The plain calculators of the iron need", help, own_options, 0, run, true};
