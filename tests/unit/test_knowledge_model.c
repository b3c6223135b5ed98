/* The numbers of the model as a folder: what a copy of data/model/ with a fault in it says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "knowledge/model.h"

static const char *const files[] = {"closure.csv",    "correlations.csv", "covariates.csv", "formulations.csv",
                                    "labs.csv",       "manifest.json",    "misses.csv",     "numbers.csv",
                                    "parameters.csv", "populations.csv",  "variability.csv"};
enum { FILES = sizeof files / sizeof *files };

static char folder[64], where[128];

static void path_of(const char *name) { snprintf(where, sizeof where, "%s/model/%s", folder, name); }

static void write_file(const char *name, const char *content) {
    path_of(name);
    FILE *f = fopen(where, "w");
    assert_non_null(f);
    assert_true(fputs(content, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

/* Into a folder of its own, one file as given. */
static void copy_but_for(arena *a, const char *name, const char *content) {
    faults f;
    strcpy(folder, "/tmp/ferrule-model-XXXXXX");
    assert_non_null(mkdtemp(folder));
    path_of("");
    assert_int_equal(mkdir(where, 0700), 0);
    for (int i = 0; i < FILES; i++) {
        size_t size;
        fe__faults_init(&f, a, files[i]);
        write_file(files[i], fe__file_read(&f, fe__printf(a, "data/model/%s", files[i]), 1 << 20, &size));
    }
    write_file(name, content);
}

static void drop(void) {
    for (int i = 0; i < FILES; i++) path_of(files[i]), unlink(where);
    path_of(""), rmdir(where);
    rmdir(folder);
}

/* l l' is what the file says. */
static void the_root_of_the_correlations_gives_them_back(void **state) {
    arena *a = *state;
    faults f;
    copy_but_for(a, "correlations.csv", "one,two,correlation,source\nHb,F,0.5,x\nF,TSAT,-0.25,x\negfr,Hb,0.125,x\n");
    fe__faults_init(&f, a, "data");
    const model_data *m = fe__model_load(folder, &f);
    drop();
    assert_non_null(m);
    for (int i = 0; i < CORRELATED; i++) {
        for (int j = 0; j <= i; j++) {
            double sum = 0, want = i == j;
            for (int k = 0; k < CORRELATED; k++) sum += m->correlation_root[i][k] * m->correlation_root[j][k];
            if (i == CORRELATED_F && j == CORRELATED_Hb) want = 0.5;
            if (i == CORRELATED_TSAT && j == CORRELATED_F) want = -0.25;
            if (i == CORRELATED_egfr && j == CORRELATED_Hb) want = 0.125;
            assert_true(fabs(sum - want) < 1e-15);
        }
    }
}

static void correlations_that_contradict_each_other_are_told(void **state) {
    arena *a = *state;
    faults f;
    copy_but_for(a, "correlations.csv", "one,two,correlation,source\nHb,F,0.9,x\nHb,TSAT,0.9,x\nF,TSAT,-0.9,x\n");
    fe__faults_init(&f, a, "data");
    const model_data *m = fe__model_load(folder, &f);
    drop();
    assert_null(m);
    assert_int_equal(f.n, 1);
    assert_non_null(strstr(f.list[0].file, "correlations.csv"));
}

static int open_arena(void **state) {
    arena *a = fe__arena_new(0);
    *state = a;
    return a && setjmp(*fe__arena_escape(a)) == 0 ? 0 : -1;
}

static int close_arena(void **state) {
    fe__arena_free(*state);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_root_of_the_correlations_gives_them_back),
        cmocka_unit_test(correlations_that_contradict_each_other_are_told),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
