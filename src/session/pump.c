#include "session/pump.h"

#include <math.h>

pump_judgement fe__pump_judge(pump_stream *stream, const pump_report *r, double now, double late_s, double ahead_s) {
    pump_judgement j = {.standing = PUMP_CURRENT, .age_s = now - r->observed_at};
    if (j.age_s < -ahead_s) {
        j.standing = PUMP_AHEAD;
        j.age_s = NAN;
        return j; /* not taken in: everything that follows would be out of order */
    }
    if (j.age_s < 0) j.age_s = 0;
    if (stream->any && r->observed_at < stream->newest_at) {
        j.standing = PUMP_OUT_OF_ORDER;
        return j;
    }
    if (j.age_s > late_s) j.standing = PUMP_LATE;
    j.given_dropped = stream->any && r->given_ml < stream->given_ml; /* false when one is not known */
    if (!stream->any || !isnan(r->given_ml)) stream->given_ml = r->given_ml;
    stream->newest_at = r->observed_at;
    stream->any = true;
    return j;
}
