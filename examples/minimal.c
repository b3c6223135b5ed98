/* A course in, a plan out: cc minimal.c $(pkg-config --cflags --libs ferrule) */
#include <ferrule.h>
#include <stdio.h>

int main(void) {
    const char *course = "{\"ferrule\":1,\"patient\":{\"sex\":\"female\",\"age_years\":39,\"weight_kg\":64,\"height_cm\":168,"
                         "\"conditions\":[\"heavy-menstrual-bleeding\"],\"oral_iron\":\"intolerant\"},\"events\":["
                         "{\"at\":\"2026-11-02T08:30+01:00\",\"lab\":\"hemoglobin\",\"value\":8.9,\"unit\":\"g/dL\"},"
                         "{\"at\":\"2026-11-02T08:30+01:00\",\"lab\":\"ferritin\",\"value\":7,\"unit\":\"ug/L\"}]}";
    fe_engine *engine = NULL;
    fe_answer *answer = NULL;
    if (fe_open(NULL, &engine, NULL) != FE_OK) return 1;
    fe_request ask = fe_request_for("plan");
    ask.input = course;
    ask.region = "eu";
    ask.at = "2026-11-02T12:00+01:00";
    fe_status status = fe_ask(engine, &ask, &answer);
    if (status == FE_OK) puts(fe_answer_text(answer, 100, 0));
    else fprintf(stderr, "%s\n", fe_status_text(status));
    fe_answer_free(answer);
    fe_close(engine);
    return status == FE_OK ? 0 : 1;
}
