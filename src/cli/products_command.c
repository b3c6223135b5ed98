/* ferrule products. */
#include "cli/command.h"

static const char *const own_options[] = {NULL};

static const char help[] = "Usage: ferrule products [ID] [OPTION...]\n"
                           "\n"
                           "Products, their limits and methods, with sources.\n"
                           "\n"
                           "Examples:\n"
                           "  ferrule products --region eu\n"
                           "  ferrule products fdi-eu\n";

const command fe__command_products = {
    "products", "Products, their limits and methods, with sources", help, own_options, 1, fe__ask_subject, true};
