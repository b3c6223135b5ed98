/* What a pump says, and what of it still tells how things are: reports come late, twice, in another order and with a wrong clock. */
#ifndef FE_SESSION_PUMP_H
#define FE_SESSION_PUMP_H

#include <stdbool.h>

enum { PUMP_NAME_MAX = 64 };

/* One pump in one message. Numbers are NaN and texts NULL when the pump does not say; texts live in the arena of the reader. */
typedef struct pump_report {
    const char *device;     /* what the pump calls itself; NULL: the message names none */
    const char *place;      /* its place in the message ("1.1") */
    double observed_at;     /* seconds since 1970, by the pump's clock: the latest of what is said */
    double rate_ml_per_h;   /* what flows now; 0 when the pump says that it does not deliver */
    double set_ml_per_h;    /* what is set */
    double given_ml;        /* since the start of this infusion */
    double left_ml;         /* of what is to be infused */
    const char *alarm;      /* name of the condition that alarms now */
    const char *alarm_text; /* the words on the pump's screen */
    bool alarm_over;        /* the report says that `alarm` has ended */
} pump_report;

/* What is known of one pump in one session. Zero is "nothing yet". */
typedef struct pump_stream {
    bool any;
    double newest_at; /* the latest observed_at that was taken, by the pump's clock */
    double given_ml;  /* of that; NaN when not said */
} pump_stream;

typedef enum pump_standing {
    PUMP_CURRENT,      /* newer than all before: how things are */
    PUMP_LATE,         /* the newest, but old when it came: how things were */
    PUMP_OUT_OF_ORDER, /* older than one that was taken before */
    PUMP_AHEAD         /* from the future: one of the clocks is wrong, its age is not known */
} pump_standing;

typedef struct pump_judgement {
    pump_standing standing;
    double age_s;       /* at arrival; NaN when the pump's clock is ahead */
    bool given_dropped; /* the pump has given less than it had before: a new infusion, or another pump */
} pump_judgement;

/* Judges a report that came in at `now` and takes it in unless it is out of order. `late_s`: older is late; `ahead_s`: so much may the
 * pump's clock be ahead. */
pump_judgement fe__pump_judge(pump_stream *stream, const pump_report *r, double now, double late_s, double ahead_s);

#endif
