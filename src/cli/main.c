/* ferrule: the program. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"

static const command *const commands[] = {
    &fe__command_assess,  &fe__command_plan,  &fe__command_forecast, &fe__command_fit,      &fe__command_interpret,
    &fe__command_prepare, &fe__command_check, &fe__command_deficit,  &fe__command_products, &fe__command_guidance,
    &fe__command_infuse,  &fe__command_new,   &fe__command_simulate, &fe__command_validate};

static void print_usage(FILE *out) {
    fputs("Usage: ferrule COMMAND [OPTION...]\n\nDecision support for iron by vein. No medical device; not for use without a "
          "clinician.\n\n",
          out);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        fprintf(out, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
    fputs("\nFor example:\n"
          "  ferrule plan course.json --region eu\n"
          "  ferrule plan --sex f --age-years 39 --weight-kg 64 --height-cm 168 --hb 8.9g/dL --ferritin 7 --tsat 6 --region eu\n"
          "  ferrule prepare fcm-eu --dose-mg 1000 --region eu\n"
          "  ferrule new > course.json\n\n"
          "ferrule COMMAND --help says more. Exit status: 0 answered, 1 the answer is a refusal, 2 usage, 3 bad input, 4 "
          "internal.\n",
          out);
}

static const command *command_of(const char *name) {
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (strcmp(commands[i]->name, name) == 0) return commands[i];
    return NULL;
}

int main(int argc, char **argv) {
    if (argc < 2) {
        print_usage(stderr);
        return FE_E_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        const command *about = argc > 2 ? command_of(argv[2]) : NULL;
        if (about) fe__help_print(about);
        else print_usage(stdout);
        return 0;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("ferrule %s\nsolver on %s\n", fe_version(), fe_instruction_set());
        return 0;
    }
    const command *c = command_of(argv[1]);
    if (!c) {
        fprintf(stderr, "ferrule: there is no command %s; ferrule --help lists them\n", fe__shown(argv[1]));
        return FE_E_USAGE;
    }
    static options o; /* large; one command line a process */
    int status = fe__options_parse(c, argc - 1, argv + 1, &o);
    if (status) return status;
    if (o.help) {
        fe__help_print(c);
        return 0;
    }
    return c->run(&o);
}
