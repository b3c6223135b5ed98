/* ferrule guidance. */
#include "cli/command.h"

static const char *const own_options[] = {NULL};

static const char help[] = "Usage: ferrule guidance [ID|TOPIC] [OPTION...]\n"
                           "\n"
                           "The statements behind the answers, with sources.\n"
                           "\n"
                           "Examples:\n"
                           "  ferrule guidance G-014\n"
                           "  ferrule guidance pregnancy\n";

const command fe__command_guidance = {
    "guidance", "The statements behind the answers, with sources", help, own_options, 1, fe__ask_subject, true};
