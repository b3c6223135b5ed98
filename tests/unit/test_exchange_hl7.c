/* Messages of infusion pumps as IHE PCD-01 has them (the volume pump of the Technical Framework's examples, volume 2, appendix E, and a pump
 * that says what flows beside what is set), each fault of them one field away, and what is answered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "exchange/mllp.h"
#include "exchange/read_hl7.h"

#define MSH                                                                                                                      \
    "MSH|^~\\&|PUMPGATEWAY^0003B10000000001^EUI-64|WARD "                                                                        \
    "4|FERRULE|CLINIC|20261102103000+0100||ORU^R01^ORU_R01|MSG4711|P|2.6|||AL|NE||||"                                            \
    "|IHE_PCD_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.1.1^ISO\r"
#define PID  "PID|||P-17^^^Hospital^PI||Doe^Jane^^^^^L\r"
#define OBR  "OBR|1|P100^PUMPGATEWAY^0003B10000000001^EUI-64|P100^PUMPGATEWAY|999999^Unknown medication|||20261102102955+0100\r"
#define VMD  "OBX|1||69986^MDC_DEV_PUMP_INFUS_VMD^MDC|1.1.0.0|||||||X|||||||PUMP9^^0003B10000000009^EUI-64\r"
#define RATE "OBX|2|NM|157784^MDC_FLOW_FLUID_PUMP^MDC|1.1.1.101|100|265266^MDC_DIM_MILLI_L_PER_HR^MDC^mL/h^mL/h^UCUM|||||R\r"
#define GIVEN                                                                                                                    \
    "OBX|3|NM|157993^MDC_VOL_FLUID_DELIV_TOTAL^MDC|1.1.1.102|41.5|263762^MDC_DIM_MILLI_L^MDC^mL^mL^UCUM|||||R|||20261102102950+" \
    "0100\r"
#define LEFT     "OBX|4|NM|157872^MDC_VOL_FLUID_TBI_REMAIN^MDC|1.1.1.103|208.5|263762^MDC_DIM_MILLI_L^MDC|||||R\r"
#define INFUSING "OBX|5|CWE|184508^MDC_PUMP_STAT^MDC|1.1.1.104|^pump-status-infusing||||||R\r"
#define PAUSED   "OBX|5|CWE|184508^MDC_PUMP_STAT^MDC|1.1.1.104|^pump-status-paused||||||R\r"
#define ALARM    "OBX|6|CWE|68012^MDC_ATTR_AL_COND^MDC|1.1.0.5|196940^MDC_EVT_FLUID_LINE_OCCL^MDC||||||R\r"
#define WHOLE    MSH PID OBR VMD RATE GIVEN LEFT INFUSING

typedef struct bench {
    arena *a;
    faults f;
    hl7_header header;
    pump_report *reports;
    size_t n;
    hl7_read read;
} bench;

static int open_bench(void **state) {
    static bench b;
    b = (bench){.a = fe__arena_new(0)};
    *state = &b;
    return b.a && !setjmp(*fe__arena_escape(b.a)) ? 0 : -1;
}

static int close_bench(void **state) {
    fe__arena_free(((bench *)*state)->a);
    return 0;
}

static void take(bench *b, const char *message) {
    fe__faults_init(&b->f, b->a, "pump");
    b->read = fe__hl7_read(&b->f, message, strlen(message), HL7_NO_ZONE, &b->header, &b->reports, &b->n);
}

/* The message with the first `from` in it written as `to`. */
static const char *with(bench *b, const char *message, const char *from, const char *to) {
    const char *at = strstr(message, from);
    assert_non_null(at);
    return fe__printf(b->a, "%.*s%s%s", (int)(at - message), message, to, at + strlen(from));
}

static double at(const char *iso) {
    double seconds;
    int zone;
    assert_true(fe__time_parse(iso, &seconds, &zone));
    return seconds;
}

static const pump_report *taken(bench *b, const char *message) {
    take(b, message);
    for (size_t i = 0; i < b->f.n; i++)
        print_error("%s: %s, not %s\n", b->f.list[i].at, b->f.list[i].expected, b->f.list[i].found);
    assert_int_equal(b->read, HL7_TAKEN);
    assert_int_equal(b->f.n, 0);
    assert_int_equal(b->n, 1);
    return b->reports;
}

static void assert_faulty(bench *b, const char *message, const char *place, const char *found) {
    take(b, message);
    assert_int_equal(b->read, HL7_FAULTY);
    assert_int_equal(b->n, 0);
    assert_int_equal(b->f.n, 1);
    assert_string_equal(b->f.list[0].at, place);
    assert_non_null(strstr(b->f.list[0].found, found));
}

/* ---------------------------------------------------------------- what a pump says */

static void rate_volume_and_who_are_read(void **state) {
    bench *b = *state;
    const pump_report *r = taken(b, WHOLE);
    assert_string_equal(r->device, "PUMP9");
    assert_string_equal(r->place, "1.1");
    assert_true(r->rate_ml_per_h == 100);
    assert_true(r->set_ml_per_h == 100);
    assert_true(r->given_ml == 41.5);
    assert_true(r->left_ml == 208.5);
    assert_null(r->alarm);
    assert_true(r->observed_at == at("2026-11-02T10:29:55+01:00")); /* of OBR-7, which is later than that of one OBX */
    assert_string_equal(b->header.control_id, "MSG4711");
    assert_string_equal(b->header.patient_id, "P-17");
    assert_string_equal(b->header.sender, "PUMPGATEWAY^0003B10000000001^EUI-64");
    assert_int_equal(b->header.zone_min, 60);
}

static void a_pump_that_pauses_lets_nothing_flow_whatever_is_set(void **state) {
    bench *b = *state;
    const pump_report *r = taken(b, with(b, WHOLE, INFUSING, PAUSED));
    assert_true(r->rate_ml_per_h == 0);
    assert_true(r->set_ml_per_h == 100);
}

static void what_flows_outranks_what_is_set(void **state) {
    bench *b = *state;
    const char *now = "OBX|9|NM|158014^MDC_FLOW_FLUID_PUMP_CURRENT^MDC|1.1.1.2|250|265266^MDC_DIM_MILLI_L_PER_HR^MDC|||||R\r";
    const pump_report *r = taken(b, fe__printf(b->a, "%s%s", with(b, WHOLE, INFUSING, PAUSED), now));
    assert_true(r->rate_ml_per_h == 250); /* even of a pump that calls itself paused */
    assert_true(r->set_ml_per_h == 100);
}

static void units_are_converted(void **state) {
    bench *b = *state;
    const char *per_min =
        with(b, with(b, WHOLE, "265266^MDC_DIM_MILLI_L_PER_HR^MDC^mL/h^mL/h^UCUM", "^^^mL/min^mL/min^UCUM"), "|100|", "|2.5|");
    assert_true(taken(b, per_min)->rate_ml_per_h == 150);
    assert_true(taken(b, with(b, with(b, WHOLE, "263762^MDC_DIM_MILLI_L^MDC^mL^mL^UCUM", "L"), "|41.5|", "|0.25|"))->given_ml ==
                250);
}

static void an_alarm_is_read_and_so_is_its_end(void **state) {
    bench *b = *state;
    const pump_report *r = taken(b, WHOLE ALARM);
    assert_string_equal(r->alarm, "MDC_EVT_FLUID_LINE_OCCL");
    assert_false(r->alarm_over);
    r = taken(b, WHOLE ALARM "OBX|7|ST|68482^MDC_ATTR_ALARM_STATE^MDC|1.1.0.6|inactive||||||R\r");
    assert_true(r->alarm_over);
    r = taken(b, with(b, MSH PID OBR VMD ALARM, "ORU^R01^ORU_R01", "ORU^R40^ORU_R40")); /* PCD-04 */
    assert_string_equal(r->alarm, "MDC_EVT_FLUID_LINE_OCCL");
    assert_true(isnan(r->rate_ml_per_h));
}

static void two_pumps_of_a_rack_are_two_reports(void **state) {
    bench *b = *state;
    take(b, WHOLE "OBX|7||69986^MDC_DEV_PUMP_INFUS_VMD^MDC|1.2.0.0|||||||X|||||||PUMP10\r"
                  "OBX|8|NM|157784^MDC_FLOW_FLUID_PUMP^MDC|1.2.1.1|7|265266^MDC_DIM_MILLI_L_PER_HR^MDC|||||R\r");
    assert_int_equal(b->read, HL7_TAKEN);
    assert_int_equal(b->n, 2);
    assert_string_equal(b->reports[1].device, "PUMP10");
    assert_true(b->reports[0].rate_ml_per_h == 100);
    assert_true(b->reports[1].rate_ml_per_h == 7);
    assert_true(isnan(b->reports[1].given_ml));
}

static void what_a_pump_does_not_know_is_not_known(void **state) {
    bench *b = *state;
    assert_true(isnan(taken(b, with(b, WHOLE, "|41.5|", "|\"\"|"))->given_ml));
    assert_true(isnan(taken(b, with(b, WHOLE, "|41.5|", "||"))->given_ml));
    assert_true(isnan(taken(b, with(b, WHOLE, "|||||R|||20261102102950+0100", "|||||X"))->given_ml));
}

static void other_observations_are_passed_over(void **state) {
    bench *b = *state;
    take(
        b, MSH PID OBR
        "OBX|1|NM|149530^MDC_PULS_OXIM_PULS_RATE^MDC|1.3.1.1|81|264864^MDC_DIM_BEAT_PER_MIN^MDC|||||R\rNTE|1||a note\rZZZ|own\r");
    assert_int_equal(b->read, HL7_TAKEN);
    assert_int_equal(b->n, 0);
}

static void line_ends_and_separators_of_others_are_taken(void **state) {
    bench *b = *state;
    char *lines = fe__strdup(b->a, WHOLE), *bars = fe__strdup(b->a, WHOLE);
    for (char *s = lines; *s; s++)
        if (*s == '\r') *s = '\n';
    assert_true(taken(b, lines)->given_ml == 41.5);
    for (char *s = bars; *s; s++) *s = *s == '|' ? '!' : *s == '^' ? '$' : *s;
    assert_true(taken(b, bars)->given_ml == 41.5);
    assert_string_equal(b->reports->device, "PUMP9");
}

static void escape_sequences_are_resolved(void **state) {
    bench *b = *state;
    static const struct {
        const char *written, *meant;
    } cases[] = {{"PUMP\\T\\9", "PUMP&9"},
                 {"A\\F\\B\\S\\C\\R\\D\\E\\", "A|B^C~D\\"},
                 {"\\X50\\9", "P9"},
                 {"a\\.br\\b", "a\nb"},
                 {"\\H\\loud\\N\\", "loud"},
                 {"open\\", "open\\"},
                 {"\\X5\\x", "x"},
                 {"\\C2842\\y", "y"},
                 {"\\XFF\\", "\xEF\xBF\xBD"},
                 {"x\\X00\\y", "xy"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(taken(b, with(b, WHOLE, "PUMP9", cases[i].written))->device, cases[i].meant);
}

/* ---------------------------------------------------------------- times */

static void times_carry_a_zone_or_take_that_of_the_message(void **state) {
    bench *b = *state;
    const char *without = with(b, WHOLE, "20261102102955+0100", "20261102102955");
    assert_true(taken(b, without)->observed_at == at("2026-11-02T10:29:55+01:00"));
    assert_true(taken(b, with(b, WHOLE, "20261102102955+0100", "20261102052955.1234-0400"))->observed_at ==
                at("2026-11-02T09:29:55Z"));
    assert_true(taken(b, with(b, WHOLE, "20261102102955+0100", "202611021030+0100"))->observed_at ==
                at("2026-11-02T10:30+01:00"));
    const char *none =
        with(b, with(b, without, "20261102103000+0100", "20261102103000"), "20261102102950+0100", "20261102102950");
    take(b, none);
    assert_int_equal(b->read, HL7_FAULTY);
    assert_string_equal(b->f.list[0].at, "MSH[1]-7");
    fe__faults_init(&b->f, b->a, "pump"); /* unless the site says in which zone its pumps live */
    assert_int_equal(fe__hl7_read(&b->f, none, strlen(none), -300, &b->header, &b->reports, &b->n), HL7_TAKEN);
    assert_true(b->reports->observed_at == at("2026-11-02T10:29:55-05:00"));
}

static void what_is_no_time_is_a_fault(void **state) {
    bench *b = *state;
    static const char *const wrong[] = {"20261102",
                                        "20261302103000+0100",
                                        "20260230103000+0100",
                                        "20261102103060+0100",
                                        "20261102253000+0100",
                                        "2026110210300+0100",
                                        "20261102103000+01",
                                        "20261102103000+2500",
                                        "20261102103000.+0100",
                                        "yesterday",
                                        "20261102103000+0100x"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_faulty(b, with(b, WHOLE, "20261102102950+0100", wrong[i]), "OBX[3]-14", wrong[i]);
}

static void a_time_is_written_as_it_is_read(void **state) {
    bench *b = *state;
    double seconds;
    int zone;
    const char *written = fe__hl7_time_text(b->a, at("2026-11-02T10:29:55-03:30"), -210);
    assert_string_equal(written, "20261102102955-0330");
    assert_true(fe__hl7_time((hl7_piece){written, strlen(written)}, HL7_NO_ZONE, &seconds, &zone));
    assert_true(seconds == at("2026-11-02T10:29:55-03:30"));
    assert_int_equal(zone, -210);
}

/* ---------------------------------------------------------------- faults */

static void faults_are_named_with_their_place(void **state) {
    bench *b = *state;
    assert_faulty(b, with(b, WHOLE, "|100|", "|fast|"), "OBX[2]-5", "fast");
    assert_faulty(b, with(b, WHOLE, "|100|", "|-1|"), "OBX[2]-5", "-1");
    assert_faulty(b, with(b, WHOLE, "|100|", "|1e9|"), "OBX[2]-5", "1e9");
    assert_faulty(b, with(b, WHOLE, "|NM|157784", "|ST|157784"), "OBX[2]-2", "ST");
    assert_faulty(b, with(b, WHOLE, "265266^MDC_DIM_MILLI_L_PER_HR^MDC^mL/h^mL/h^UCUM", ""), "OBX[2]-6", "nothing");
    assert_faulty(b, with(b, WHOLE, "265266^MDC_DIM_MILLI_L_PER_HR^MDC^mL/h^mL/h^UCUM", "mL"), "OBX[2]-6",
                  "mL"); /* a volume is no rate */
    assert_faulty(b, with(b, WHOLE, "157784^MDC_FLOW_FLUID_PUMP", "157784^MDC_VOL_FLUID_DELIV_TOTAL"), "OBX[2]-3",
                  "157784^MDC_VOL");
    assert_faulty(b, with(b, WHOLE, "MSG4711", ""), "MSH[1]-10", "nothing");
    assert_faulty(b, with(b, WHOLE, OBR, ""), "OBR[1]", "none");
    assert_faulty(b, with(b, WHOLE, PID, "pid|x\r"), "???[1]", "pid|x");
    assert_faulty(b, with(b, WHOLE, PID, MSH), "MSH[2]", "second MSH");
}

static void two_rates_of_one_pump_are_a_fault(void **state) {
    bench *b = *state;
    const char *second = "OBX|9|NM|157784^MDC_FLOW_FLUID_PUMP^MDC|1.1.2.5|%s|265266^MDC_DIM_MILLI_L_PER_HR^MDC|||||R\r";
    assert_true(taken(b, fe__printf(b->a, fe__printf(b->a, "%s%s", WHOLE, second), "100"))->rate_ml_per_h == 100);
    assert_faulty(b, fe__printf(b->a, fe__printf(b->a, "%s%s", WHOLE, second), "50"), "OBX[6]-5", "50");
}

static void all_faults_come_at_once(void **state) {
    bench *b = *state;
    take(b, with(b, with(b, WHOLE, "|100|", "|fast|"), "|41.5|", "|much|"));
    assert_int_equal(b->f.n, 2);
    assert_string_equal(b->f.list[0].at, "OBX[2]-5");
    assert_string_equal(b->f.list[1].at, "OBX[3]-5");
}

static void what_is_no_message_is_refused(void **state) {
    bench *b = *state;
    static const char *const wrong[] = {"",
                                        "M",
                                        "MSH",
                                        "MSH|^~\\&",
                                        "GET / HTTP/1.1\r\n\r\n",
                                        "MSH|^^\\&|x",
                                        "MSHa^~\\&a",
                                        "MSH|^~|x|y|z",
                                        "PID|1\r",
                                        "MSH|^~\\&|\xff|"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        take(b, wrong[i]);
        assert_int_equal(b->read, HL7_FAULTY);
        assert_true(b->f.n >= 1);
        assert_int_equal(strncmp(b->f.list[0].at, "MSH[1]", 6), 0);
        assert_int_equal(b->n, 0);
    }
}

static void messages_for_others_are_told_apart(void **state) {
    bench *b = *state;
    static const char *const changes[][3] = {
        {"ORU^R01^ORU_R01", "ADT^A01", "MSH[1]-9"}, {"|P|2.6|", "|T|2.6|", "MSH[1]-11"}, {"|P|2.6|", "|P|2.3|", "MSH[1]-12"}};
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        take(b, with(b, WHOLE, changes[i][0], changes[i][1]));
        assert_int_equal(b->read, HL7_NOT_FOR_US);
        assert_int_equal(b->f.n, 1);
        assert_string_equal(b->f.list[0].at, changes[i][2]);
    }
}

static void messages_are_bounded(void **state) {
    bench *b = *state;
    text t;
    fe__text_init(&t, b->a);
    fe__text_add(&t, WHOLE);
    for (int i = 0; i < HL7_SEGMENTS_MAX; i++) fe__text_add(&t, "NTE|1\r");
    assert_faulty(b, t.s, "MSH[1]", "more");
    fe__text_init(&t, b->a);
    fe__text_add(&t, WHOLE "NTE");
    for (int i = 0; i <= HL7_FIELDS_MAX; i++) fe__text_add(&t, "|x");
    assert_faulty(b, t.s, "NTE[1]", "more");
    fe__text_init(&t, b->a);
    fe__text_add(&t, WHOLE "NTE|");
    for (int i = 0; i < HL7_BYTES_MAX / 8; i++) fe__text_add(&t, "12345678");
    assert_faulty(b, t.s, "MSH[1]", "26");
}

/* ---------------------------------------------------------------- answers */

static const char *answer(bench *b, hl7_verdict verdict) {
    return fe__hl7_acknowledge(b->a, &b->header, verdict, &b->f, "F1", at("2026-11-02T10:30:01+01:00"), 60);
}

static void a_message_that_is_safe_is_acknowledged_as_it_asks(void **state) {
    bench *b = *state;
    take(b, WHOLE);
    assert_string_equal(
        answer(b, HL7_ACCEPT),
        "MSH|^~\\&|FERRULE|CLINIC|PUMPGATEWAY^0003B10000000001^EUI-64|WARD 4|20261102103001+0100||ACK^R01^ACK|F1|P|2.6\r"
        "MSA|CA|MSG4711\r");
    take(b, with(b, WHOLE, "|||AL|NE|", "|||||")); /* the original mode */
    assert_non_null(strstr(answer(b, HL7_ACCEPT), "\rMSA|AA|MSG4711\r"));
    take(b, with(b, WHOLE, "|AL|NE|", "|NE|AL|"));
    assert_non_null(strstr(answer(b, HL7_ACCEPT), "\rMSA|AA|MSG4711\r"));
    take(b, with(b, WHOLE, "|AL|NE|", "|NE|NE|"));
    assert_null(answer(b, HL7_ACCEPT));
    take(b, with(b, WHOLE, "|AL|NE|", "|SU|NE|"));
    assert_non_null(answer(b, HL7_ACCEPT));
}

static void faults_are_answered_with_their_place(void **state) {
    bench *b = *state;
    take(b, with(b, WHOLE, "|100|", "|fa&st|"));
    const char *said = answer(b, HL7_REJECT);
    assert_non_null(strstr(said, "\rMSA|CR|MSG4711\r"));
    assert_non_null(
        strstr(said, "\rERR||OBX^2^5|102^Data type error^HL70357|E||||a rate, 0 or more expected, found fa\\T\\st\r"));
    take(b, with(b, WHOLE, "ORU^R01^ORU_R01", "ADT^A01"));
    assert_non_null(strstr(answer(b, HL7_REJECT), "\rERR||MSH^1^9|200^Unsupported message type^HL70357|E||||"));
    take(b, "rubbish");
    said = answer(b, HL7_REJECT);
    assert_int_equal(strncmp(said, "MSH|^~\\&|FERRULE|", 17), 0);
    assert_non_null(strstr(said, "\rMSA|AR|\r"));
}

static void an_answer_can_be_read_as_a_message(void **state) {
    bench *b = *state;
    hl7_message m;
    char *bars = fe__strdup(b->a, with(b, WHOLE, "|100|", "|f!ast|"));
    for (char *s = bars; *s; s++) *s = *s == '|' ? '#' : *s;
    take(b, bars);
    const char *said = answer(b, HL7_ERROR);
    fe__faults_init(&b->f, b->a, "answer");
    assert_true(fe__hl7_split(&b->f, said, strlen(said), &m));
    assert_int_equal(b->f.n, 0);
    assert_int_equal(m.n, 3);
    assert_string_equal(fe__hl7_text(b->a, &m, fe__hl7_component(&m, &m.segments[1], 1, 1)), "CE");
    assert_string_equal(fe__hl7_text(b->a, &m, fe__hl7_component(&m, &m.segments[2], 2, 3)), "5");
    assert_non_null(strstr(fe__hl7_text(b->a, &m, fe__hl7_field(&m.segments[2], 8)), "f!ast"));
}

/* ---------------------------------------------------------------- frames */

static void frames_are_found_in_a_stream(void **state) {
    bench *b = *state;
    mllp_frame x;
    size_t n;
    static const char two[] = "\x0b"
                              "one\x1c\r\x0b"
                              "two\x1c\r";
    assert_int_equal(fe__mllp_next("", 0, 10, &x), MLLP_MORE);
    for (size_t i = 1; i < 6; i++) assert_int_equal(fe__mllp_next(two, i, 10, &x), MLLP_MORE);
    assert_int_equal(fe__mllp_next(two, sizeof two - 1, 10, &x), MLLP_MESSAGE);
    assert_int_equal(x.n, 3);
    assert_int_equal(x.used, 6);
    assert_memory_equal(two + x.from, "one", 3);
    assert_int_equal(fe__mllp_next(two + 6, sizeof two - 7, 10, &x), MLLP_MESSAGE);
    assert_memory_equal(two + 6 + x.from, "two", 3);
    assert_int_equal(fe__mllp_next("noise\x0bone", 9, 10, &x), MLLP_GARBAGE);
    assert_int_equal(x.used, 5);
    assert_int_equal(fe__mllp_next("noise", 5, 10, &x), MLLP_GARBAGE);
    assert_int_equal(x.used, 5);
    assert_int_equal(fe__mllp_next("\x0b"
                                   "half\x0bone\x1c\r",
                                   11, 10, &x),
                     MLLP_GARBAGE);
    assert_int_equal(x.used, 5);
    assert_int_equal(fe__mllp_next("\x0b"
                                   "a\x1c"
                                   "b\x1c\r",
                                   6, 10, &x),
                     MLLP_MESSAGE);
    assert_int_equal(x.n, 3);
    assert_int_equal(fe__mllp_next("\x0b"
                                   "0123456789\x1c\r",
                                   13, 10, &x),
                     MLLP_MESSAGE);
    assert_int_equal(fe__mllp_next("\x0b"
                                   "0123456789a\x1c\r",
                                   14, 10, &x),
                     MLLP_TOO_LONG);
    const char *framed = fe__mllp_wrap(b->a, "one", 3, &n);
    assert_int_equal(n, 6);
    assert_memory_equal(framed, two, 6);
}

/* ---------------------------------------------------------------- late, twice, out of order */

static pump_judgement judge(pump_stream *s, double observed_at, double given_ml, double now) {
    pump_report r = {.observed_at = observed_at, .given_ml = given_ml};
    return fe__pump_judge(s, &r, now, 60, 5);
}

static void reports_are_judged_by_their_age_and_order(void **state) {
    (void)state;
    pump_stream s = {0};
    assert_int_equal(judge(&s, 1000, 10, 1002).standing, PUMP_CURRENT);
    assert_true(judge(&s, 1010, 11, 1012).age_s == 2);
    assert_int_equal(judge(&s, 1005, 10.5, 1013).standing, PUMP_OUT_OF_ORDER);
    assert_int_equal(judge(&s, 1010, 11, 1013).standing, PUMP_CURRENT); /* the same instant again says nothing else */
    pump_judgement late = judge(&s, 1020, 12, 1081);
    assert_int_equal(late.standing, PUMP_LATE);
    assert_true(late.age_s == 61);
    assert_int_equal(judge(&s, 1021, 12, 1081).standing, PUMP_CURRENT);
    assert_int_equal(judge(&s, 1084, 13, 1080).standing, PUMP_CURRENT); /* a clock may be ahead a little */
    assert_true(judge(&s, 1084, 13, 1080).age_s == 0);
    pump_judgement ahead = judge(&s, 5000, 14, 1090);
    assert_int_equal(ahead.standing, PUMP_AHEAD);
    assert_true(isnan(ahead.age_s));
    assert_int_equal(judge(&s, 1091, 14, 1092).standing, PUMP_CURRENT); /* and what follows is not out of order for it */
}

static void a_volume_that_falls_is_said(void **state) {
    (void)state;
    pump_stream s = {0};
    assert_false(judge(&s, 1000, 50, 1000).given_dropped);
    assert_false(judge(&s, 1001, NAN, 1001).given_dropped);
    assert_true(judge(&s, 1002, 3, 1002).given_dropped);
    assert_false(judge(&s, 1003, 3, 1003).given_dropped);
    assert_false(judge(&s, 1001, 1, 1004).given_dropped); /* an old report may say less */
}

#define T(test) cmocka_unit_test_setup_teardown(test, open_bench, close_bench)

int main(void) {
    const struct CMUnitTest tests[] = {
        T(rate_volume_and_who_are_read),
        T(a_pump_that_pauses_lets_nothing_flow_whatever_is_set),
        T(what_flows_outranks_what_is_set),
        T(units_are_converted),
        T(an_alarm_is_read_and_so_is_its_end),
        T(two_pumps_of_a_rack_are_two_reports),
        T(what_a_pump_does_not_know_is_not_known),
        T(other_observations_are_passed_over),
        T(line_ends_and_separators_of_others_are_taken),
        T(escape_sequences_are_resolved),
        T(times_carry_a_zone_or_take_that_of_the_message),
        T(what_is_no_time_is_a_fault),
        T(a_time_is_written_as_it_is_read),
        T(faults_are_named_with_their_place),
        T(two_rates_of_one_pump_are_a_fault),
        T(all_faults_come_at_once),
        T(what_is_no_message_is_refused),
        T(messages_for_others_are_told_apart),
        T(messages_are_bounded),
        T(a_message_that_is_safe_is_acknowledged_as_it_asks),
        T(faults_are_answered_with_their_place),
        T(an_answer_can_be_read_as_a_message),
        T(frames_are_found_in_a_stream),
        T(reports_are_judged_by_their_age_and_order),
        T(a_volume_that_falls_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
