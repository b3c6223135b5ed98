/* report_of ANSWER.json COURSE.json|- [text]: the page, or the text for a terminal, of an answer that is given as a file. For tests: it shows
 * what the report makes of answers that no engine has to give first. */
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include "report/html.h"
#include "report/page.h"

int main(int argc, char **argv) {
    json_error_t error;
    if (argc < 3) return 2;
    json_t *answer = json_load_file(argv[1], 0, &error);
    json_t *course = strcmp(argv[2], "-") != 0 ? json_load_file(argv[2], 0, &error) : NULL;
    arena *a = fe__arena_new(0);
    if (!answer || !a || setjmp(*fe__arena_escape(a))) {
        fprintf(stderr, "report_of: %s\n", error.text);
        return 3;
    }
    const char *words = NULL;
    if (argc > 3) {
        page p = {.a = a, .columns = 100, .colors = strcmp(argv[3], "colors") == 0, .drawn = strcmp(argv[3], "text") != 0};
        fe__text_init(&p.t, a);
        fe__page_forecast(&p, answer);
        words = p.t.s;
    } else words = fe__report_page(a, answer, course);
    if (words) fputs(words, stdout);
    fe__arena_free(a);
    json_decref(answer);
    json_decref(course);
    return words ? 0 : 1;
}
