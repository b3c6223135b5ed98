/* ferrule check. */
#include "cli/command.h"
#include <stdlib.h>

static const char *const own_options[] = {NULL};

static const char help[] = "Usage: ferrule check ORDER [COURSE] [OPTION...]\n"
                           "\n"
                           "Someone else's order against label and course.\n"
                           "\n"
                           "ORDER is a file {\"ferrule\":1,\"infusions\":[{\"product\",\"dose_mg\",...}]}. Without a course the "
                           "limits that need a patient are listed as unchecked.\n"
                           "\n"
                           "Examples:\n"
                           "  ferrule check order.json course.json --region eu\n"
                           "  ferrule check - --region us < order.json\n";

static int run(options *o) {
    char *order = NULL, *course = NULL;
    int status = FE_E_INPUT;
    if (o->files_n > 0) {
        order = fe__slurp(o->files[0], &o->request.order_length);
        if (!order) goto done;
    }
    if (o->files_n > 1) {
        course = fe__slurp(o->files[1], &o->request.input_length);
        if (!course) goto done;
        o->request.input = course;
        o->request.input_name = o->files[1];
    }
    o->request.order = order;
    o->request.order_name = o->files_n ? o->files[0] : NULL;
    status = fe__ask_and_print(o);
done:
    free(order);
    free(course);
    return status;
}

const command fe__command_check = {"check", "Someone else's order against label and course", help, own_options, 2, run, true};
