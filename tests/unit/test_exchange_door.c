/* The public door: what its parameters hold on every way out, and what each question reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "ferrule.h"

static char mark; /* what the parameters held before */

static int open_engine(void **state) {
    fe_engine *engine = NULL;
    *state = NULL;
    if (fe_open(NULL, &engine, NULL) != FE_OK) return -1;
    *state = engine;
    return 0;
}

static int close_engine(void **state) {
    fe_close(*state);
    return 0;
}

static void what_opening_gives_can_always_be_freed(void **state) {
    (void)state;
    fe_engine *engine = (fe_engine *)(void *)&mark;
    fe_answer *why = (fe_answer *)(void *)&mark;
    fe_options bad = {.site = "{\"ferrule\":1,\"region\":\"mars\"}"};
    assert_int_equal(fe_open(&bad, &engine, &why), FE_E_INPUT);
    assert_null(engine);
    assert_non_null(strstr(fe_answer_json(why), "/region"));
    fe_answer_free(why);
    why = (fe_answer *)(void *)&mark;
    assert_int_equal(fe_open(NULL, &engine, &why), FE_OK);
    assert_null(why);
    fe_close(engine);
    engine = (fe_engine *)(void *)&mark;
    assert_int_equal(fe_open(&bad, &engine, NULL), FE_E_INPUT);
    assert_null(engine);
}

static void site_settings_need_no_length(void **state) {
    (void)state;
    fe_engine *engine = NULL;
    fe_options o = {.site = "{\"ferrule\":1,\"region\":\"eu\"}"};
    assert_int_equal(fe_open(&o, &engine, NULL), FE_OK);
    fe_close(engine);
}

static void asked(void **state, const fe_request *r, fe_status status, const char *part) {
    fe_answer *answer = (fe_answer *)(void *)&mark;
    assert_int_equal(fe_ask(*state, r, &answer), status);
    assert_non_null(answer);
    assert_non_null(strstr(fe_answer_json(answer), part));
    fe_answer_free(answer);
}

static void an_input_that_would_be_ignored_is_usage(void **state) {
    const char *const none[] = {"deficit", "prepare", "products", "guidance"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        fe_request r = fe_request_for(none[i]);
        r.input = "{\"ferrule\":1}";
        r.method = "ganzoni";
        r.region = "eu";
        asked(state, &r, FE_E_USAGE, "no course");
    }
}

static void a_value_of_the_deficit_is_taken_once(void **state) {
    fe_request r = fe_request_for("deficit");
    const fe_value values[] = {{"weight-kg", "70"}, {"weight-lb", "300"}, {"hb", "8"}};
    r.values = values;
    r.values_n = 3;
    r.method = "ganzoni";
    asked(state, &r, FE_E_INPUT, "this option once");
}

static void a_reason_must_be_printable(void **state) {
    const char *const bad[] = {"\xff", "a\x1b[2Jb", "a\xC2\x9B", "a\xE2\x80\xAE"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        fe_request r = fe_request_for("prepare");
        fe_acceptance why = {"iron-sucrose-eu/max-weekly", bad[i]};
        r.subject = "iron-sucrose-eu";
        r.region = "eu";
        r.dose_mg = 200;
        r.accepted = &why;
        r.accepted_n = 1;
        asked(state, &r, FE_E_USAGE, "--because");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_opening_gives_can_always_be_freed),
        cmocka_unit_test(site_settings_need_no_length),
        cmocka_unit_test(an_input_that_would_be_ignored_is_usage),
        cmocka_unit_test(a_value_of_the_deficit_is_taken_once),
        cmocka_unit_test(a_reason_must_be_printable),
    };
    return cmocka_run_group_tests(tests, open_engine, close_engine);
}
