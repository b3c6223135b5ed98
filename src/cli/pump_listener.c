/* ferrule infuse listen: what a pump sends by HL7 (IHE PCD-01 over MLLP) becomes events of a session that is kept.
 *
 * A message is acknowledged when it is on the disk and not before. What tells how the pump is becomes a pump event; what is late, out of
 * order, from a clock that is ahead, or cannot be read is recorded as a note, which changes nothing but is there. A message that is sent
 * again (the same sender and control id) is acknowledged again and recorded once. */
#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/date.h"
#include "base/hash.h"
#include "base/text.h"
#include "cli/desk.h"
#include "exchange/mllp.h"
#include "exchange/read_hl7.h"

enum {
    LINES_MAX = 16,
    LINE_BYTES = HL7_BYTES_MAX + 16,
    PUMP_LATE_S = 60,  /* older when it comes: how the pump was, not how it is */
    PUMP_AHEAD_S = 60, /* so much may its clock be ahead */
    SEND_MS = 2000
};

typedef struct line {
    int socket; /* -1: free */
    char *bytes;
    size_t n;
} line;

typedef struct listener {
    desk *d;
    const char *device; /* the pump of this session; NULL: the only one in a message */
    int socket;
    line lines[LINES_MAX];
    unsigned long answers;
} listener;

static volatile sig_atomic_t is_over; /* set by the signals that end the program */

static void end_it(int number) {
    (void)number;
    is_over = 1;
}

/* ---------------------------------------------------------------- one report */

/* What is known of the pump in this session: the newest of its reports that became an event. */
static pump_stream stream_of(const journal *j) {
    pump_stream s = {0};
    for (size_t i = 0; i < j->n; i++) {
        const json_t *entry = j->lines[i].event, *given = json_object_get(entry, "given_ml");
        if (!fe__streq(json_string_value(json_object_get(entry, "event")), "pump") || (s.any && j->lines[i].at < s.newest_at))
            continue;
        s.any = true;
        s.newest_at = j->lines[i].at;
        s.given_ml = given ? json_number_value(given) : NAN;
    }
    return s;
}

static const char *numbers_of(arena *a, const pump_report *r) {
    text t;
    fe__text_init(&t, a);
    if (!isnan(r->rate_ml_per_h)) fe__text_addf(&t, " rate %s mL/h;", fe__number_text(a, r->rate_ml_per_h, 3));
    if (!isnan(r->given_ml)) fe__text_addf(&t, " given %s mL;", fe__number_text(a, r->given_ml, 3));
    if (r->alarm) fe__text_addf(&t, " alarm %s%s;", r->alarm, r->alarm_over ? " over" : "");
    return t.s ? t.s : "";
}

/* Why a report is no event of the machine; NULL when it is one. */
static const char *why_note(listener *l, const pump_report *r, pump_judgement j) {
    arena *a = l->d->a;
    const char *when = fe__journal_time(a, r->observed_at, l->d->zone_min);
    switch (j.standing) {
    case PUMP_LATE:
        return fe__printf(a, "pump report of %s came %s s late:%s", when, fe__number_text(a, j.age_s, 0), numbers_of(a, r));
    case PUMP_OUT_OF_ORDER: return fe__printf(a, "pump report of %s came out of order:%s", when, numbers_of(a, r));
    case PUMP_AHEAD:
        return fe__printf(a, "pump report of %s is ahead of the clock here, its age is not known:%s", when, numbers_of(a, r));
    default: return isnan(r->rate_ml_per_h) && isnan(r->given_ml) && !r->alarm ? "pump report that says nothing" : NULL;
    }
}

static json_t *note_event(const char *words) { return json_pack("{s:s, s:s}", "event", "note", "text", words); }

static json_t *pump_event(json_out *o, const pump_report *r) {
    json_t *entry = json_pack("{s:s}", "event", "pump");
    if (!isnan(r->given_ml)) fe__jput_num(o, entry, "given_ml", r->given_ml);
    if (!isnan(r->rate_ml_per_h)) fe__jput_num(o, entry, "rate_ml_per_h", r->rate_ml_per_h);
    if (r->alarm && !r->alarm_over) fe__jput_str(o, entry, "alarm", r->alarm_text ? r->alarm_text : r->alarm);
    return entry;
}

/* Sender, control id and pump, as short as a key must be. */
static const char *key_of(listener *l, const hl7_header *h, const char *place) {
    const char *whole = fe__printf(l->d->a, "%s|%s|%s", h->sender ? h->sender : "", h->control_id ? h->control_id : "", place);
    return fe__printf(l->d->a, "hl7/%s", fe__sha256_hex(l->d->a, whole, strlen(whole)));
}

/* The journal as it is now; false after saying why not. */
static bool look_again(desk *d) {
    fe__journal_free(&d->j);
    d->now = fe__journal_now();
    store_status s = fe__journal_read(d->s, d->name, &d->j, &d->f);
    return s == STORE_OK ? true : fe__desk_tell(d, fe__desk_exit_of(s));
}

/* Takes d->event, dated `at` (NaN: now), into the session. */
static hl7_verdict record(desk *d, double at, const char *key) {
    if (isnan(at)) at = floor((double)d->now.wall_ms / 1000);
    json_object_set_new(d->event, "at", json_string(fe__journal_time(d->a, at, d->zone_min)));
    desk_outcome outcome = fe__desk_record(d, floor(at), key);
    if (outcome == DESK_NOT_RECORDED) fprintf(stderr, "ferrule: %s\n", d->not_recorded);
    return outcome == DESK_RECORDED ? HL7_ACCEPT : outcome == DESK_REFUSED ? HL7_REJECT : HL7_ERROR;
}

/* Whether a row of this key is there: then it was taken before, however it was judged then. */
static bool was_taken(const journal *j, const char *key) {
    for (size_t i = 0; i < j->n; i++)
        if (fe__streq(j->lines[i].key, key)) return true;
    return false;
}

static hl7_verdict take_report(listener *l, const hl7_header *h, const pump_report *r) {
    desk *d = l->d;
    const char *key = key_of(l, h, r->place);
    if (!look_again(d)) return HL7_ERROR;
    if (was_taken(&d->j, key)) return HL7_ACCEPT;
    pump_stream stream = stream_of(&d->j);
    double now = (double)d->now.wall_ms / 1000;
    const char *note = why_note(l, r, fe__pump_judge(&stream, r, now, PUMP_LATE_S, PUMP_AHEAD_S));
    json_decref(d->event);
    d->event = note ? note_event(note) : pump_event(&d->out, r);
    return record(d, note ? NAN : r->observed_at, key);
}

/* The report of this session's pump; NULL after a fault when it is not known which. */
static const pump_report *choose(listener *l, faults *f, const pump_report *list, size_t n) {
    const pump_report *found = NULL;
    size_t fits = 0;
    for (size_t i = 0; i < n; i++) {
        if (l->device && !fe__streq(l->device, list[i].device)) continue;
        found = &list[i];
        fits++;
    }
    if (fits == 1) return found;
    fe__fault(f, "OBX[1]-18", l->device ? fe__printf(f->a, "pump %s", l->device) : "one pump in a message",
              fits ? "several"
              : n  ? list[0].device
                   : "none",
              "--device names the pump of this session");
    return NULL;
}

/* ---------------------------------------------------------------- one message */

static hl7_verdict note_fault(listener *l, const hl7_header *h, const faults *f) {
    desk *d = l->d;
    const fault *x = &f->list[0];
    const char *key = key_of(l, h, "faulty");
    if (!look_again(d)) return HL7_ERROR;
    if (h->control_id && was_taken(&d->j, key)) return HL7_REJECT;
    json_decref(d->event);
    d->event = note_event(
        fe__printf(d->a, "message of a pump that could not be used: %s: %s expected, found %s", x->at, x->expected, x->found));
    return record(d, NAN, h->control_id ? key : NULL) == HL7_ERROR ? HL7_ERROR : HL7_REJECT;
}

static hl7_verdict take_message(listener *l, faults *f, hl7_header *h, const char *bytes, size_t n) {
    pump_report *list;
    size_t count;
    hl7_read read = fe__hl7_read(f, bytes, n, HL7_NO_ZONE, h, &list, &count);
    if (read == HL7_NOT_FOR_US) return HL7_REJECT;
    const pump_report *mine = read == HL7_TAKEN ? choose(l, f, list, count) : NULL;
    return mine ? take_report(l, h, mine) : note_fault(l, h, f);
}

static bool send_all(int socket, const char *bytes, size_t n) {
    while (n) {
        struct pollfd ready = {.fd = socket, .events = POLLOUT};
        if (poll(&ready, 1, SEND_MS) <= 0) return false;
        ssize_t sent = send(socket, bytes, n, MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes += sent;
        n -= (size_t)sent;
    }
    return true;
}

/* Reads, records, answers; false when the line is to be closed. What it needed of the arena is given back. */
static bool serve_message(listener *l, line *x, const char *bytes, size_t n) {
    static const char *const words[] = {"taken", "not taken now", "refused"};
    desk *d = l->d;
    arena_mark mark = fe__arena_mark(d->a);
    faults f, before = d->f;
    hl7_header h;
    fe__faults_init(&f, d->a, "pump");
    hl7_verdict verdict = take_message(l, &f, &h, bytes, n);
    const char *id = fe__printf(d->a, "F%ld-%lu", (long)getpid(), ++l->answers);
    const char *answer = fe__hl7_acknowledge(d->a, &h, verdict, &f, id, (double)d->now.wall_ms / 1000, d->zone_min);
    fprintf(stderr, "%s message %s %s\n", fe__desk_clock_text(d), h.control_id ? fe__shown(h.control_id) : "-", words[verdict]);
    bool fine = true;
    if (answer) {
        size_t length;
        const char *framed = fe__mllp_wrap(d->a, answer, strlen(answer), &length);
        fine = send_all(x->socket, framed, length);
    }
    fe__journal_free(&d->j);
    d->f = before;
    fe__arena_rewind(d->a, mark);
    return fine;
}

/* ---------------------------------------------------------------- lines */

static void hang_up(line *x) {
    close(x->socket);
    free(x->bytes);
    *x = (line){.socket = -1};
}

/* Everything that is whole among the bytes of a line. */
static bool serve_bytes(listener *l, line *x) {
    mllp_frame frame;
    size_t at = 0;
    for (;;) {
        mllp_found found = fe__mllp_next(x->bytes + at, x->n - at, HL7_BYTES_MAX, &frame);
        if (found == MLLP_TOO_LONG) return false;
        if (found == MLLP_MESSAGE && !serve_message(l, x, x->bytes + at + frame.from, frame.n)) return false;
        if (found == MLLP_MORE) break;
        at += frame.used;
    }
    memmove(x->bytes, x->bytes + at, x->n - at);
    x->n -= at;
    return true;
}

static void read_line(listener *l, line *x) {
    ssize_t got = recv(x->socket, x->bytes + x->n, LINE_BYTES - x->n, 0);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (got > 0) x->n += (size_t)got;
    if (got <= 0 || !serve_bytes(l, x) || x->n == LINE_BYTES) hang_up(x);
}

static void accept_line(listener *l) {
    int socket = accept(l->socket, NULL, NULL);
    if (socket < 0) return;
    for (size_t i = 0; i < LINES_MAX; i++) {
        if (l->lines[i].socket >= 0) continue;
        char *bytes = malloc(LINE_BYTES);
        if (!bytes) break;
        l->lines[i] = (line){.socket = socket, .bytes = bytes};
        return;
    }
    close(socket);
}

static void wait_for_lines(listener *l) {
    struct pollfd list[LINES_MAX + 1] = {{.fd = l->socket, .events = POLLIN}};
    for (size_t i = 0; i < LINES_MAX; i++) list[i + 1] = (struct pollfd){.fd = l->lines[i].socket, .events = POLLIN};
    if (poll(list, LINES_MAX + 1, -1) <= 0) return;
    for (size_t i = 0; i < LINES_MAX; i++)
        if (list[i + 1].revents) read_line(l, &l->lines[i]);
    if (list[0].revents) accept_line(l);
}

/* ---------------------------------------------------------------- the socket */

/* Loopback unless another address is said: HL7 over MLLP has neither names nor locks. */
static bool open_socket(listener *l) {
    desk *d = l->d;
    double port = 0;
    const char *said_port = fe__desk_value_of(d->o, "port"), *address = fe__desk_value_of(d->o, "address");
    struct sockaddr_in at = {.sin_family = AF_INET};
    if (!said_port || !fe__number_parse(said_port, &port) || !(port >= 0 && port <= 65535) || port != floor(port))
        return fe__desk_usage(d, "--port N, 0 for any that is free,");
    if (inet_pton(AF_INET, address ? address : "127.0.0.1", &at.sin_addr) != 1)
        return fe__desk_usage(d, "--address as 127.0.0.1");
    at.sin_port = htons((uint16_t)port);
    socklen_t size = sizeof at;
    int yes = 1;
    l->socket = socket(AF_INET, SOCK_STREAM, 0);
    if (l->socket >= 0) setsockopt(l->socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (l->socket < 0 || bind(l->socket, (struct sockaddr *)&at, size) != 0 || listen(l->socket, LINES_MAX) != 0 ||
        getsockname(l->socket, (struct sockaddr *)&at, &size) != 0) {
        fe__fault(&d->f, "--port", "a port that is free here", strerror(errno), NULL);
        return fe__desk_tell(d, FE_E_INPUT);
    }
    printf("listening on port %d\n", ntohs(at.sin_port));
    return fe__flush_printed();
}

static int work_listen(desk *d) {
    listener l = {.d = d, .device = fe__desk_value_of(d->o, "device"), .socket = -1};
    struct sigaction end = {.sa_handler = end_it};
    for (size_t i = 0; i < LINES_MAX; i++) l.lines[i].socket = -1;
    if (!fe__desk_open_session(d) || !fe__desk_fit_region(d, d->j.region)) return fe__desk_leave(d);
    fe__journal_free(&d->j);
    d->o->json = false; /* faults go to standard error as lines */
    sigaction(SIGINT, &end, NULL);
    sigaction(SIGTERM, &end, NULL);
    if (open_socket(&l)) {
        while (!is_over) wait_for_lines(&l);
    }
    for (size_t i = 0; i < LINES_MAX; i++)
        if (l.lines[i].socket >= 0) hang_up(&l.lines[i]);
    if (l.socket >= 0) close(l.socket);
    return fe__desk_leave(d);
}

int fe__infuse_listen(options *o) { return fe__desk_run(o, work_listen); }
