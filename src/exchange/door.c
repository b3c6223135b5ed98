/* The door: opening an engine, reading what a question brings, answering; see door.h and include/ferrule.h. */
#include "exchange/door.h"
#include "exchange/read_data.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/date.h"
#include "base/hash.h"
#include "base/text.h"
#include "exchange/read.h"
#include "ferrule_version.h"
#include "solve/batch.h"

const char *fe_status_text(fe_status status) {
    switch (status) {
#define FE_STATUS_CASE(name, value, sentence)                                                                                    \
    case name: return sentence;
        FE_STATUSES(FE_STATUS_CASE)
#undef FE_STATUS_CASE
    }
    return "unknown status";
}

const char *fe_version(void) { return FERRULE_VERSION; }

const char *fe_instruction_set(void) { return fe__batch_isa(); }

/* ---- faults as an answer ------------------------------------------------------------------------------------------------ */

static json_t *fault_json(json_out *o, const fault *x) {
    json_t *j = fe__jobject(o);
    fe__jput_str(o, j, "file", x->file);
    fe__jput_str(o, j, "at", x->at);
    fe__jput_str(o, j, "expected", x->expected);
    fe__jput_str(o, j, "found", x->found);
    fe__jput_str(o, j, "hint", x->hint);
    return j;
}

static json_t *faults_json(json_out *o, const faults *f) {
    json_t *root = fe__jobject(o), *list = fe__jarray(o);
    fe__jput_int(o, root, "ferrule", 1);
    for (size_t i = 0; i < f->n; i++) fe__jadd(o, list, fault_json(o, &f->list[i]));
    fe__jput(o, root, "faults", list);
    if (f->dropped) fe__jput_int(o, root, "faults_not_shown", (long long)f->dropped);
    return root;
}

static fe_answer *answer_new(arena *a) {
    fe_answer *x = calloc(1, sizeof *x);
    if (x) x->a = a;
    return x;
}

void fe_answer_free(fe_answer *x) {
    if (!x) return;
    json_decref(x->root);
    json_decref(x->course);
    free(x->page);
    free(x->json);
    free(x->text);
    fe__arena_free(x->a);
    free(x);
}

int fe_answer_exit(const fe_answer *x) { return x->exit; }

const char *fe_answer_json(fe_answer *x) {
    if (!x->json) {
        char *plain = fe__json_text(x->root);
        size_t n = plain ? strlen(plain) : 0;
        char *line = plain ? realloc(plain, n + 2) : NULL;
        if (!line) {
            free(plain);
            return NULL;
        }
        line[n] = '\n';
        line[n + 1] = '\0';
        x->json = line;
    }
    return x->json;
}

/* ---- engine --------------------------------------------------------------------------------------------------------------- */

void fe_close(fe_engine *e) {
    if (!e) return;
    fe__knowledge_free(e->k);
    fe__arena_free(e->a);
    free(e);
}

/* Gives the faults to the caller as an answer; the arena goes with it. */
static void explain(arena *a, const faults *f, int status, fe_answer **why) {
    fe_answer *x = why ? answer_new(a) : NULL;
    json_out o = {0};
    if (!x) {
        fe__arena_free(a);
        return;
    }
    x->root = faults_json(&o, f);
    x->exit = status;
    *why = x;
}

static const site *site_of(fe_engine *e, const fe_options *opt, faults *f) {
    if (opt->site) return fe__site_read(e->k, f, opt->site, opt->site_length ? opt->site_length : strlen(opt->site));
    site *empty = FE_NEW(e->a, site);
    empty->observe_minutes = empty->adrenaline_mg = empty->symptom_free_minutes = NAN;
    empty->on_site_resuscitation = -1;
    return empty;
}

static fe_status memory_out(fe_engine *e, arena *scratch) {
    fe_close(e);
    fe__arena_free(scratch);
    return FE_E_MEMORY;
}

static fe_status open_engine(const fe_options *opt, fe_engine **engine, fe_answer **why) {
    fe_engine *e = calloc(1, sizeof *e);
    arena *scratch = fe__arena_new(0);
    faults f;
    if (e) e->a = fe__arena_new(0);
    if (!e || !e->a || !scratch) return memory_out(e, scratch);
    if (setjmp(*fe__arena_escape(scratch))) return memory_out(e, scratch);
    if (setjmp(*fe__arena_escape(e->a))) return memory_out(e, scratch);
    fe__faults_init(&f, scratch, opt->data_folder ? opt->data_folder : "built-in data");
    e->data_folder = fe__strdup(e->a, opt->data_folder);
    e->k = fe__knowledge_load(opt->data_folder, &f);
    if (!e->k) {
        fe_close(e);
        explain(scratch, &f, FE_E_INPUT, why);
        return FE_E_KNOWLEDGE;
    }
    faults g;
    fe__faults_init(&g, e->a, opt->site_name ? opt->site_name : "site.json");
    e->site = site_of(e, opt, &g);
    if (!e->site || g.n) {
        fe__faults_init(&f, scratch, g.file); /* the faults must outlive the engine */
        for (size_t i = 0; i < g.n; i++) fe__fault(&f, g.list[i].at, g.list[i].expected, g.list[i].found, g.list[i].hint);
        fe_close(e);
        explain(scratch, &f, FE_E_INPUT, why);
        return FE_E_INPUT;
    }
    fe__arena_free(scratch);
    *engine = e;
    return FE_OK;
}

fe_status fe_open(const fe_options *options, fe_engine **engine, fe_answer **why) {
    static const fe_options none = {0};
    *engine = NULL;
    if (why) *why = NULL;
    return open_engine(options ? options : &none, engine, why);
}

/* ---- a question: its settings ------------------------------------------------------------------------------------------------ */

fe_request fe_request_for(const char *question) {
    fe_request r = {.question = question,
                    .dose_mg = NAN,
                    .bag_ml = NAN,
                    .minutes = NAN,
                    .need_mg = NAN,
                    .target_hb_g_dl = NAN,
                    .stores_mg = NAN,
                    .stores_mg_per_kg = NAN,
                    .weeks = NAN,
                    .draws = -1,
                    .seed = -1};
    return r;
}

typedef void (*answerer)(asking *q);
static const struct question {
    const char *name;
    bool needs_region, needs_course;
    answerer answer;
    bool reads_input; /* by itself: the input is no course */
    answerer of_data; /* of an input that is a data set; NULL: there is none */
} questions[] = {
    {"assess", true, true, fe__answer_assess, false, NULL},
    {"plan", true, true, fe__answer_plan, false, NULL},
    {"check", true, false, NULL, false, NULL},
    {"prepare", true, false, fe__answer_prepare, false, NULL},
    {"deficit", false, false, fe__answer_deficit, false, NULL},
    {"products", false, false, fe__answer_products, false, NULL},
    {"guidance", false, false, fe__answer_guidance, false, NULL},
    {"forecast", true, true, fe__answer_forecast, false, NULL},
    {"fit", false, true, fe__answer_fit, false, fe__answer_fit_data},
    {"interpret", true, true, fe__answer_interpret, false, NULL},
    {"simulate", false, false, fe__answer_simulate, true, fe__answer_simulate_data},
    {"validate", false, false, fe__answer_validate, true, NULL},
    {"infuse", true, false, fe__answer_infuse, true, NULL},
};

/* The same question asked of a data set. */
static struct question of_data_set(const struct question *q) {
    return (struct question){.name = q->name, .answer = q->of_data, .reads_input = true};
}

static bool is_of_data_set(const struct question *q, const fe_request *r) {
    return q && q->of_data && r->input && fe__is_data_set(r->input, r->input_length ? r->input_length : strlen(r->input));
}

static const struct question *question_of(const char *name) {
    for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++)
        if (fe__streq(questions[i].name, name)) return &questions[i];
    return NULL;
}

static void usage(asking *q, const char *at, const char *expected, const char *found, const char *hint) {
    q->faults.file = "request";
    fe__fault(&q->faults, at, expected, found, hint);
}

static void set_time(asking *q) {
    const char *at = q->request->at;
    if (!at) {
        q->clock = true;
        q->now = (double)time(NULL);
        return;
    }
    if (fe__time_parse(at, &q->now, &q->zone_min)) return;
    if (fe__date_parse(at, &q->now_day)) q->now = fe__noon_of(q->now_day, q->zone_min);
    else usage(q, "--at", "a time with zone such as 2026-11-02T12:00+01:00", at, NULL);
}

static void set_region(asking *q, const struct question *which) {
    q->region = q->request->region ? q->request->region : q->engine->site->region;
    if (!q->region) {
        if (which->needs_region)
            usage(q, "--region", "us, eu (EU/UK) or ca", "nothing",
                  "labels differ by region and there is no default: add --region, or region to site.json");
        return;
    }
    const char *of_site = q->engine->site->region;
    if (which->needs_region && of_site && !fe__streq(q->region, of_site))
        usage(q, "--region", fe__printf(q->a, "%s, the region of site.json", of_site), q->region,
              "leave out --region, or ask without that site.json");
    if (!fe__streq(q->region, "us") && !fe__streq(q->region, "eu") && !fe__streq(q->region, "ca"))
        usage(q, "--region", "us, eu (EU/UK) or ca", q->region, NULL);
}

/* product/name must exist: as a caution of some product for --accept, as a regimen for --off-label. */
static bool names_limit(const knowledge *k, const char *named, bool *label) {
    const char *slash = strchr(named, '/');
    *label = false;
    if (!slash) return false;
    bool caution = false;
    for (size_t i = 0; i < k->products_n; i++) {
        const product *p = &k->products[i];
        if (strncmp(p->id, named, (size_t)(slash - named)) != 0 || strlen(p->id) != (size_t)(slash - named)) continue;
        for (size_t g = 0; g < p->gates_n; g++) {
            if (!fe__streq(p->gates[g].name, slash + 1)) continue;
            if (p->gates[g].kind == LIMIT_CAUTION || p->gates[g].action == GATE_ASK) caution = true;
            else *label = true;
        }
        for (size_t m = 0; m < p->methods_n; m++) {
            const method *d = &p->methods[m];
            for (size_t r = 0; r <= d->routes_n; r++) {
                const limits *l = r == 0 ? &d->limits : &d->routes[r - 1].limits;
                for (size_t j = 0; j < l->n; j++) {
                    if (!fe__streq(l->list[j].name, slash + 1)) continue;
                    if (l->list[j].kind == LIMIT_CAUTION) caution = true;
                    if (l->list[j].kind == LIMIT_LABEL) *label = true;
                }
            }
        }
    }
    return caution;
}

static void set_accepted(asking *q) {
    const fe_request *r = q->request;
    const char **list = FE_NEW_ARRAY(q->a, const char *, r->accepted_n + 1);
    for (size_t i = 0; i < r->accepted_n; i++) {
        bool label;
        list[i] = r->accepted[i].rule;
        if (!r->accepted[i].because || !*r->accepted[i].because)
            usage(q, "--because", "the reason for passing the caution", "nothing", "write --accept RULE --because TEXT");
        else if (!fe__is_printable(r->accepted[i].because))
            usage(q, "--because", "printable text in UTF-8", r->accepted[i].because,
                  "the reason is kept, and shown on every page");
        if (names_limit(q->k, list[i], &label)) continue;
        if (label) usage(q, "--accept", "a caution limit", list[i], "this is a label limit: it cannot be accepted");
        else usage(q, "--accept", "product/name of a caution limit, such as fcm-eu/min-interval", list[i], NULL);
    }
    q->ask.accepted = list;
    q->ask.accepted_n = r->accepted_n;
}

static void set_off_label(asking *q) {
    const fe_request *r = q->request;
    const site *s = q->engine->site;
    const char **list = FE_NEW_ARRAY(q->a, const char *, r->off_label_n + s->off_label_n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s->off_label_n; i++) list[n++] = s->off_label[i];
    for (size_t i = 0; i < r->off_label_n; i++) {
        bool found = false;
        for (size_t p = 0; p < q->k->products_n && !found; p++)
            for (size_t m = 0; m < q->k->products[p].methods_n && !found; m++)
                found = fe__streq(q->k->products[p].methods[m].id, r->off_label[i]);
        if (!found) usage(q, "--off-label", "product/name of a regimen, see ferrule products ID", r->off_label[i], NULL);
        list[n++] = r->off_label[i];
    }
    q->ask.off_label = list;
    q->ask.off_label_n = n;
}

static void check_product(asking *q, const char *at, const char *id) {
    if (!id || fe__product_find(q->k, id)) return;
    const char **ids = FE_NEW_ARRAY(q->a, const char *, q->k->products_n);
    for (size_t i = 0; i < q->k->products_n; i++) ids[i] = q->k->products[i].id;
    const char *near = fe__nearest(id, ids, q->k->products_n);
    usage(q, at, "a product id, see ferrule products", id, near ? fe__printf(q->a, "did you mean %s?", near) : NULL);
}

static void check_method(asking *q) {
    const char *m = q->request->method;
    if (!m || fe__need_by_method(q->k, m) || fe__term_find_kind(q->k, m, TERM_METHOD) >= 0) return;
    for (size_t i = 0; i < q->k->products_n; i++)
        if (fe__method_find(&q->k->products[i], m, 0)) return;
    usage(q, "--method", "a method id such as ganzoni, simplified-table or fdi-eu/ganzoni", m,
          "ferrule products ID lists the methods of a product");
}

/* A number of the request, in its canonical unit. */
static void check_range(asking *q, const char *at, const char *field, double v) {
    int t = fe__term_find_kind(q->k, field, TERM_FIELD);
    if (isnan(v) || t < 0) return;
    q->faults.file = "command line";
    fe__quantity_check(q->k, &q->faults, t, v, at, &q->confirms);
}

void fe__one_stores_term(asking *q, double mg, double mg_per_kg) {
    if (!isnan(mg) && !isnan(mg_per_kg))
        usage(q, "--stores-mg", "--stores-mg or --stores-mg-per-kg", "both", "they say the same term of the formula in two ways");
}

static void set_ask(asking *q) {
    const fe_request *r = q->request;
    plan_ask *a = &q->ask;
    a->product = r->product;
    a->method = r->method;
    a->weight_basis = r->weight_basis;
    a->need_mg = r->need_mg;
    a->target_hb_g_dl = r->target_hb_g_dl;
    a->stores_mg = r->stores_mg;
    a->stores_mg_per_kg = r->stores_mg_per_kg;
    a->site = q->engine->site;
    for (size_t i = 0; i < r->values_n && !fe__streq(r->question, "deficit"); i++) {
        if (!fe__streq(r->values[i].key, "target-hb")) continue;
        int t = fe__term_find_kind(q->k, "target_hb_g_dl", TERM_FIELD);
        q->faults.file = "command line";
        a->target_hb_g_dl = fe__quantity_read(q->k, &q->faults, t, r->values[i].value, "--target-hb", NULL);
    }
    set_accepted(q);
    set_off_label(q);
    check_product(q, "--product", r->product);
    check_method(q);
    check_range(q, "--need-mg", "need_mg", r->need_mg);
    check_range(q, "--target-hb", "target_hb_g_dl", r->target_hb_g_dl);
    check_range(q, "--stores-mg", "stores_mg", r->stores_mg);
    check_range(q, "--stores-mg-per-kg", "stores_mg_per_kg", r->stores_mg_per_kg);
    fe__one_stores_term(q, r->stores_mg, r->stores_mg_per_kg);
    check_range(q, "--dose-mg", "dose_mg", r->dose_mg);
    check_range(q, "--bag-ml", "bag_ml", r->bag_ml);
    check_range(q, "--minutes", "minutes", r->minutes);
    static const char *const bases[] = {"actual", "ideal", "lean", "pre-pregnancy"};
    bool known = !r->weight_basis;
    for (size_t i = 0; i < 4; i++) known = known || fe__streq(bases[i], r->weight_basis);
    if (!known) usage(q, "--weight-basis", "actual, ideal, lean or pre-pregnancy", r->weight_basis, NULL);
}

/* ---- a question: its files ----------------------------------------------------------------------------------------------------- */

static json_t *read_json(asking *q, const char *bytes, size_t length, const char *name) {
    q->faults.file = name ? name : "-";
    return fe__json_read(&q->faults, bytes, length ? length : strlen(bytes));
}

/* The zone that days are counted in. A question dated by a day alone is asked at noon there. */
static void set_zone(asking *q, int zone_min) {
    q->zone_min = zone_min;
    if (q->now_day != LONG_MIN) q->now = fe__noon_of(q->now_day, zone_min);
}

static void read_course(asking *q) {
    const fe_request *r = q->request;
    if (r->input) {
        json_t *j = read_json(q, r->input, r->input_length, r->input_name);
        if (j) set_zone(q, fe__zone_of(json_object_get(j, "events"), q->zone_min));
        if (j) q->course = fe__course_read(q->k, &q->faults, j, q->now);
        json_decref(j);
        q->input_sha256 = fe__sha256_hex(q->a, r->input, r->input_length ? r->input_length : strlen(r->input));
    } else if (r->values_n) {
        option_value *v = FE_NEW_ARRAY(q->a, option_value, r->values_n);
        size_t n = 0;
        text t;
        fe__text_init(&t, q->a);
        for (size_t i = 0; i < r->values_n; i++) {
            if (fe__streq(r->values[i].key, "target-hb")) continue; /* a setting, not of the patient */
            v[n++] = (option_value){r->values[i].key, r->values[i].value};
            fe__text_addf(&t, "%s=%s\n", r->values[i].key, r->values[i].value);
        }
        q->faults.file = "command line";
        q->course = fe__course_from_options(q->k, &q->faults, v, n, q->now, q->zone_min);
        q->input_sha256 = fe__sha256_hex(q->a, t.s, t.n);
    }
    if (q->course && q->course->events_n) q->zone_min = q->course->zone_min;
}

static const order *read_order(asking *q) {
    const fe_request *r = q->request;
    if (!r->order) {
        usage(q, "ORDER", "an order file", "nothing", NULL);
        return NULL;
    }
    json_t *j = read_json(q, r->order, r->order_length, r->order_name);
    if (j && !(q->course && q->course->events_n)) set_zone(q, fe__zone_of(json_object_get(j, "infusions"), q->zone_min));
    const order *o = j ? fe__order_read(q->k, &q->faults, j, q->now, q->zone_min) : NULL;
    json_decref(j);
    return o;
}

static void answer(asking *q, const struct question *which) {
    bool values_are_course = which->needs_course, reads_course = which->needs_course || fe__streq(which->name, "check");
    if (q->request->input && !reads_course && !which->reads_input)
        usage(q, "input", fe__printf(q->a, "no course: %s reads none", which->name), "a course", "it would be ignored here");
    set_time(q);
    set_region(q, which);
    set_ask(q);
    for (size_t i = 0; q->request->input && which->needs_course && i < q->request->values_n; i++) {
        const char *key = q->request->values[i].key;
        if (!fe__streq(key, "target-hb"))
            usage(q, fe__printf(q->a, "--%s", key), "a course file, or options about the patient", "both",
                  "write it into the course: it would be ignored here");
    }
    if (q->faults.n == 0 && !which->reads_input && (q->request->input || (values_are_course && q->request->values_n)))
        read_course(q);
    if (which->needs_course && !q->course && q->faults.n == 0)
        usage(q, "COURSE", "a course file, or --sex --age-years --weight-kg and labs", "nothing",
              "ferrule new writes a course file");
    const order *o = fe__streq(which->name, "check") && q->faults.n == 0 ? read_order(q) : NULL;
    if (q->faults.n) return;
    q->facts = fe__facts_of(q->a, q->k, q->course, q->region, q->now, q->zone_min);
    fe__facts_set_site(q->facts, q->engine->site);
    q->said = (said_list){.a = q->a, .k = q->k};
    q->root = fe__jobject(&q->out);
    if (o) fe__answer_check(q, o);
    else which->answer(q);
}

static bool only_usage(const faults *f) {
    for (size_t i = 0; i < f->n; i++)
        if (!fe__streq(f->list[i].file, "request")) return false;
    return true;
}

static void forget(asking *q) {
    if (!q) return;
    fe__room_free(&q->rooms.bodies);
    fe__room_free(&q->rooms.treated);
    fe__room_free(&q->rooms.untreated);
    free(q);
}

static fe_status give_up(arena *a, fe_answer *x, asking *q) {
    if (q) json_decref(q->root);
    forget(q);
    if (x) fe_answer_free(x);
    else fe__arena_free(a);
    return FE_E_MEMORY;
}

fe_status fe_ask(const fe_engine *engine, const fe_request *request, fe_answer **out) {
    arena *a = fe__arena_new(0);
    fe_answer *x = a ? answer_new(a) : NULL;
    asking *q = x ? calloc(1, sizeof *q) : NULL;
    *out = NULL;
    if (!q) return give_up(a, x, q);
    if (setjmp(*fe__arena_escape(a))) return give_up(a, x, q);
    const struct question *which = question_of(request->question);
    *q = (asking){.engine = engine, .request = request, .a = a, .k = engine->k, .now_day = LONG_MIN};
    fe__faults_init(&q->faults, a, "request");
    struct question of_data;
    if (is_of_data_set(which, request)) {
        of_data = of_data_set(which);
        which = &of_data;
    }
    if (which) answer(q, which);
    else
        usage(q, "question",
              "assess, plan, forecast, fit, interpret, check, prepare, deficit, products, guidance, simulate, validate or infuse",
              request->question, NULL);
    fe_status status = FE_OK;
    if (q->faults.n) {
        json_decref(q->root);
        q->root = faults_json(&q->out, &q->faults);
        status = only_usage(&q->faults) ? FE_E_USAGE : FE_E_INPUT;
    } else if (q->course) x->course = fe__write_course(q);
    x->root = q->root;
    x->exit = q->faults.n ? (int)status : q->refusal ? 1 : 0;
    if (q->out.failed) status = FE_E_INTERNAL;
    forget(q);
    if (status == FE_E_INTERNAL) fe_answer_free(x);
    else *out = x;
    return status;
}
