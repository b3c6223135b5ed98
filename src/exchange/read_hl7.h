/* What an infusion pump sends: IHE PCD-01 (Communicate PCD Data), HL7 v2.6 ORU^R01; the alarms of PCD-04 (ORU^R40) and the events of PCD-10
 * (ORU^R42) are built alike and are read too.
 *
 * Rate, volume and alarm become a pump_report each for every pump (VMD) in the message. Everything else is passed over: a message of a
 * monitor is no fault. What is asked for and cannot be read is a fault with its place (HL7 wants it named in ERR), and a report is then
 * none: half of what a pump says may be the wrong half. */
#ifndef FE_EXCHANGE_READ_HL7_H
#define FE_EXCHANGE_READ_HL7_H

#include "exchange/hl7.h"
#include "session/pump.h"

/* Who sends, and what it wants to hear. Texts live in the arena of the faults. */
typedef struct hl7_header {
    hl7_message message;
    const hl7_segment *msh;               /* NULL: nothing of the message could be taken */
    const char *control_id;               /* NULL: none, and no acknowledgement can name it */
    const char *sender;                   /* MSH-3, its components with ^; NULL when empty */
    const char *patient_id;               /* PID-3, the first; NULL when empty */
    double sent_at;                       /* NaN when not said */
    int zone_min;                         /* of MSH-7; HL7_NO_ZONE */
    bool enhanced;                        /* MSH-15 or MSH-16 is there: accept and application acknowledgements are told apart */
    bool wants_accept, wants_application; /* of them, as MSH-15 and MSH-16 ask; each looks at whether there were faults */
} hl7_header;

typedef enum hl7_read {
    HL7_TAKEN,     /* reports, perhaps none */
    HL7_FAULTY,    /* faults say what is wrong with it */
    HL7_NOT_FOR_US /* another kind of message, a version before 2.5, a training message */
} hl7_read;

/* Reads one message without its frame. `zone_min`: of times that carry none when MSH-7 carries none either (a setting of the site), or
 * HL7_NO_ZONE: such times are faults. *header is always set as far as it could be read. */
hl7_read fe__hl7_read(faults *f, const char *bytes, size_t n, int zone_min, hl7_header *header, pump_report **reports,
                      size_t *reports_n);

/* What is answered: taken and safe (CA or AA), cannot be taken now (CE, AE: try again), not to be sent again (CR, AR). */
typedef enum hl7_verdict { HL7_ACCEPT, HL7_ERROR, HL7_REJECT } hl7_verdict;

/* The acknowledgement, without frame, with an ERR for each fault of f; in the separators of the message that it answers. NULL when the
 * sender asked for none. `id`: MSH-10 of the answer. */
const char *fe__hl7_acknowledge(arena *a, const hl7_header *header, hl7_verdict verdict, const faults *f, const char *id,
                                double now, int zone_min);

#endif
