/* ferrule new: answers in, a course out. The dialogue belongs to the program, so its source is taken in here. */
#include "test_exchange_reading.h"

#include "../../src/cli/new.c"

typedef struct talk {
    char *said, *written;
    size_t said_n, written_n;
    int status;
} talk;

static talk talk_with(bench *b, const char *answers) {
    talk t = {0};
    FILE *in = fmemopen((char *)answers, strlen(answers), "r");
    FILE *out = open_memstream(&t.said, &t.said_n), *file = open_memstream(&t.written, &t.written_n);
    assert_true(in && out && file);
    t.status = fe__new_run(b->k, b->now + 30, b->zone_min, in, out, file);
    fclose(in);
    fclose(out);
    fclose(file);
    return t;
}

static void forget(talk *t) {
    free(t->said);
    free(t->written);
}

static void answers_become_a_course(void **state) {
    bench *b = *state;
    talk t = talk_with(b, "f\n39\n154 "
                          "lb\n168\ncrohn\nheavy-menstrual-bleeding\n\nfailed\npenicillin\nmild\n\nlmwid-"
                          "eu\n2024-05-06\n3\nnausea\n\n\n"
                          "12\n89 g/L\n<5\n6\n\n\n");
    assert_int_equal(t.status, 0);
    const course *c = course_of(b, t.written);
    assert_no_fault(b);
    const patient *p = &c->patient;
    assert_string_equal(p->sex, "female");
    assert_near(p->weight_kg, 69.853, 1e-3);
    assert_int_equal(p->conditions.n, 2);
    assert_string_equal(p->oral_iron, "failed");
    assert_string_equal(p->allergies[0].to, "penicillin");
    assert_near(p->reactions[0].grade, 3, 0);
    assert_int_equal(p->reactions[0].signs.n, 1);
    assert_near(p->gestation_weeks, 12, 0);
    assert_int_equal(c->events_n, 3);
    assert_near(c->events[0].value, 8.9, 1e-9);
    assert_near(c->events[0].at, b->now, 0);
    assert_int_equal(c->events[1].comparator, '<');
    forget(&t);
}

static void empty_answers_are_unknown_and_none_is_none(void **state) {
    bench *b = *state;
    talk t = talk_with(b, "m\n40\n80\n\n\n\n\n\n\n\n\n\n\n");
    assert_int_equal(t.status, 0);
    const course *c = course_of(b, t.written);
    assert_non_null(c);
    assert_false(c->patient.conditions.given || c->patient.allergies_given || c->patient.reactions_given);
    assert_int_equal(c->events_n, 0);
    forget(&t);
    t = talk_with(b, "f\n40\n80\n\nnone\n\nnone\nnone\nno\n\n\n\n\n\n");
    assert_int_equal(t.status, 0);
    c = course_of(b, t.written);
    assert_non_null(c);
    assert_true(c->patient.conditions.given && c->patient.allergies_given && c->patient.reactions_given &&
                c->patient.pregnancy_given);
    forget(&t);
}

static void a_wrong_answer_is_asked_again_with_the_reason(void **state) {
    bench *b = *state;
    talk t = talk_with(b, "x\n\nf\n400\n40\n\n80\n\nzzzz\n\n\n\n\n\n80\n8.5\n\n\n\n\n");
    assert_int_equal(t.status, 0);
    assert_non_null(strstr(t.said, "one of these words is expected"));
    assert_non_null(strstr(t.said, "this is asked of every course"));
    assert_non_null(strstr(t.said, "expected age: 0 to 120 years, not 400"));
    assert_non_null(strstr(t.said, "nothing is found"));
    assert_non_null(strstr(t.said, "80 g/L would be 8 g/dL: write the unit g/L"));
    assert_near(course_of(b, t.written)->events[0].value, 8.5, 0);
    forget(&t);
}

static void an_unusual_answer_is_kept_when_it_is_meant(void **state) {
    bench *b = *state;
    talk t = talk_with(b, "m\n40\n25\nn\n26\ny\n\n\n\n\n\n\n\n\n\n\n");
    assert_int_equal(t.status, 0);
    assert_near(course_of(b, t.written)->patient.weight_kg, 26, 0);
    forget(&t);
}

static void a_search_shows_its_finds_and_a_number_chooses(void **state) {
    bench *b = *state;
    talk t = talk_with(b, "m\n40\n80\n\ncolitis\nheart\n2\n\n\n\n\n\n\n\n\n\n");
    assert_int_equal(t.status, 0);
    assert_non_null(strstr(t.said, "noted: ulcerative-colitis"));
    assert_non_null(strstr(t.said, "1  heart-failure: heart failure"));
    assert_int_equal(course_of(b, t.written)->patient.conditions.n, 2);
    forget(&t);
}

static void answers_that_end_early_write_nothing(void **state) {
    static const char *const early[] = {"\0", "f\n", "f\n39\n64\n168\ncrohn\n", "f\n39\n64\n\n\n\n\n\n\n\n\n\n"};
    for (size_t i = 0; i < 4; i++) {
        talk t = talk_with(*state, i ? early[i] : "\n");
        assert_int_equal(t.status, 2);
        assert_int_equal(t.written_n, 0);
        forget(&t);
    }
}

static void the_example_is_a_course_with_labs_of_now(void **state) {
    bench *b = *state;
    char *s = NULL;
    size_t n = 0;
    FILE *file = open_memstream(&s, &n);
    assert_int_equal(fe__new_example(b->k, b->now, b->zone_min, file), 0);
    fclose(file);
    const course *c = course_of(b, s);
    assert_no_fault(b);
    assert_int_equal(c->events_n, 5);
    assert_int_equal(c->confirms_n, 0);
    assert_near(c->events[0].at, b->now, 0);
    free(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_become_a_course),
        cmocka_unit_test(empty_answers_are_unknown_and_none_is_none),
        cmocka_unit_test(a_wrong_answer_is_asked_again_with_the_reason),
        cmocka_unit_test(an_unusual_answer_is_kept_when_it_is_meant),
        cmocka_unit_test(a_search_shows_its_finds_and_a_number_chooses),
        cmocka_unit_test(answers_that_end_early_write_nothing),
        cmocka_unit_test(the_example_is_a_course_with_labs_of_now),
    };
    return cmocka_run_group_tests(tests, open_bench, close_bench);
}
