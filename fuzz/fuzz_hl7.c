/* Any bytes as a message of a pump, and as a stream of frames; what is answered to it is a message again. */
#include "reading.h"

#include <math.h>

#include "exchange/mllp.h"
#include "exchange/read_hl7.h"

static void check_answer(faults *f, const hl7_header *h, hl7_verdict verdict) {
    faults none;
    hl7_message m;
    const char *answer = fe__hl7_acknowledge(f->a, h, verdict, f, "F1", 1793612401, 60);
    if (!answer) return;
    fe__faults_init(&none, f->a, "answer");
    if (!fe__hl7_split(&none, answer, strlen(answer), &m) || none.n || m.n < 2 || strcmp(m.segments[1].id, "MSA") != 0) abort();
    if (verdict != HL7_ACCEPT && m.n != 2 + f->n) abort();
}

static void check_frames(const char *bytes, size_t n) {
    mllp_frame x;
    for (size_t at = 0; at < n; at += x.used) {
        mllp_found found = fe__mllp_next(bytes + at, n - at, HL7_BYTES_MAX, &x);
        if (found == MLLP_MORE || found == MLLP_TOO_LONG) return;
        if (x.used == 0 || x.used > n - at || x.from + x.n > x.used) abort();
    }
}

static void read_message(const knowledge *k, faults *f, const char *bytes, size_t n, text *outcome) {
    hl7_header h;
    pump_report *list;
    size_t count;
    (void)k;
    hl7_read read = fe__hl7_read(f, bytes, n, HL7_NO_ZONE, &h, &list, &count);
    if ((read == HL7_TAKEN) != (f->n + f->dropped == 0) || (read != HL7_TAKEN && count)) abort();
    for (size_t i = 0; i < count; i++) {
        if (isnan(list[i].observed_at) || list[i].rate_ml_per_h < 0 || list[i].given_ml < 0) abort();
        fe__text_addf(outcome, "%s %.17g %.17g %s\n", list[i].place, list[i].rate_ml_per_h, list[i].given_ml,
                      list[i].alarm ? list[i].alarm : "-");
    }
    check_answer(f, &h, read == HL7_TAKEN ? HL7_ACCEPT : HL7_REJECT);
    check_frames(bytes, n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) { return fuzz_twice(read_message, data, n); }
