/* ask_many [DATA]: many questions through the public header, one JSON object a line in, one line out.
 *
 * A line {"open":"FOLDER"} ("" is the knowledge compiled in) takes another copy of data/ from there on and is answered with
 * {"open":true}, or with the faults of the folder. Every other line is a request: the fields of fe_request by their names, `input` and
 * `order` as JSON, `accepted` a list of rules, `site` a site.json. It is answered with the whole answer, or, when it has "digest":true, with
 * {"digest":"..."}: a hash of the answer, numbers to nine digits, without its stamp and without what only repeats a number of data/ (the value of a limit, what is
 * allowed, sentences and their facts), so that a thousand answers can be compared cheaply; "faults":true stands there too when the answer
 * is a list of faults. A line {"virtual":"POPULATION","draws":N} is answered with such a digest of N virtual patients of the folder. */
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ferrule.h"
#include "infer/prior.h"

enum { LIST_MAX = 64 };

static const char *const echoes[] = {"stamp",    "allowed", "limit",      "max_single_mg", "because",   "text",
                                     "sources",  "formula", "why",        "how_to_get",    "usual_low", "usual_high",
                                     "expected", "hint",    "ties_up_to", "varies"};

/* Takes out of an answer what repeats the data. */
static void strip(json_t *j) {
    size_t i;
    json_t *part;
    const char *key;
    void *next;
    if (json_is_array(j)) {
        json_array_foreach(j, i, part) strip(part);
        return;
    }
    for (i = 0; json_is_object(j) && i < sizeof echoes / sizeof *echoes; i++) json_object_del(j, echoes[i]);
    json_object_foreach_safe(j, next, key, part) if (strcmp(key, "notes") != 0)
        strip(part); /* the words of a note are what the user gets of its numbers */
}

static uint64_t fnv(const char *s) {
    uint64_t h = 14695981039346656037u;
    for (; *s; s++) h = (h ^ (unsigned char)*s) * 1099511628211u;
    return h;
}

static void print_answer(const char *answer, bool digest) {
    json_t *j = json_loads(answer, 0, NULL);
    if (digest) strip(j);
    const size_t digits = digest ? 9 : 17; /* what only rounds anew is no change */
    char *text = json_dumps(j, JSON_SORT_KEYS | JSON_COMPACT | JSON_REAL_PRECISION(digits));
    if (digest)
        printf("{\"digest\":\"%016" PRIx64 "\"%s}\n", text ? fnv(text) : 0,
               json_object_get(j, "faults") ? ",\"faults\":true" : "");
    else printf("%s\n", text ? text : "{}");
    free(text);
    json_decref(j);
}

static fe_engine *engine;
static const char *engine_folder;
static char engine_room[4096];

static void open_engine(const char *folder, const char *site) {
    fe_options opt = {.data_folder = folder && *folder ? folder : NULL, .site = site, .site_length = site ? strlen(site) : 0};
    fe_answer *why = NULL;
    fe_close(engine);
    engine = NULL;
    snprintf(engine_room, sizeof engine_room, "%s", folder ? folder : "");
    engine_folder = *engine_room ? engine_room : NULL;
    fe_status s = fe_open(&opt, &engine, &why);
    if (s == FE_OK) printf("{\"open\":true}\n");
    else if (why) print_answer(fe_answer_json(why), false);
    else printf("{\"open\":\"%s\"}\n", fe_status_text(s));
    fe_answer_free(why);
}

static uint64_t mix(uint64_t h, const void *bytes, size_t n) {
    const unsigned char *c = bytes;
    for (size_t i = 0; i < n; i++) h = (h ^ c[i]) * 1099511628211u;
    return h;
}

/* Virtual patients are no answer yet, but the numbers of populations bear on them. */
static void draw_virtual(const char *population, uint64_t draws) {
    faults f;
    arena *a = fe__arena_new(0);
    if (!a || setjmp(*fe__arena_escape(a))) exit(2);
    fe__faults_init(&f, a, NULL);
    const model_data *m = fe__model_load(engine_folder, &f);
    uint64_t h = 14695981039346656037u;
    int who = fe__population_find(population);
    for (uint64_t k = 0; m && who >= 0 && k < draws; k++) {
        start_labs labs;
        body b;
        double eta[ETAS + 1], y[STATES];
        bool drawn = fe__virtual_patient(m, who, 1, k, &labs, eta, &b, y);
        h = mix(h, &drawn, sizeof drawn);
        if (drawn)
            h = mix(mix(mix(h, &labs.age, sizeof labs - offsetof(start_labs, age)), eta, sizeof eta), &labs.woman,
                    sizeof labs.woman);
    }
    printf("{\"digest\":\"%016" PRIx64 "\"%s}\n", h, m ? "" : ",\"faults\":true");
    fe__arena_free(a);
}

static const char *word(const json_t *j, const char *key) { return json_string_value(json_object_get(j, key)); }
static double number(const json_t *j, const char *key) {
    const json_t *v = json_object_get(j, key);
    return json_is_number(v) ? json_number_value(v) : NAN;
}

static size_t words(const json_t *list, const char **out) {
    size_t n = json_array_size(list) < LIST_MAX ? json_array_size(list) : LIST_MAX;
    for (size_t i = 0; i < n; i++) out[i] = json_string_value(json_array_get(list, i));
    return n;
}

static void answer(const json_t *j) {
    const char *accepted[LIST_MAX], *off_label[LIST_MAX], *question = word(j, "question"), *key;
    fe_acceptance passed[LIST_MAX];
    fe_value values[LIST_MAX];
    fe_request r = fe_request_for(question ? question : "");
    json_t *value;
    char *input = json_dumps(json_object_get(j, "input"), 0), *order = json_dumps(json_object_get(j, "order"), 0);
    r.input = input;
    r.order = order;
    json_object_foreach(json_object_get(j, "values"), key, value) {
        if (r.values_n < LIST_MAX) values[r.values_n++] = (fe_value){key, json_string_value(value)};
    }
    r.values = values;
    r.accepted_n = words(json_object_get(j, "accepted"), accepted);
    for (size_t i = 0; i < r.accepted_n; i++) passed[i] = (fe_acceptance){accepted[i], "a test"};
    r.accepted = passed;
    r.off_label_n = words(json_object_get(j, "off_label"), off_label);
    r.off_label = off_label;
    r.region = word(j, "region");
    r.at = word(j, "at");
    r.subject = word(j, "subject");
    r.product = word(j, "product");
    r.method = word(j, "method");
    r.route = word(j, "route");
    r.weight_basis = word(j, "weight_basis");
    r.dose_mg = number(j, "dose_mg");
    r.bag_ml = number(j, "bag_ml");
    r.minutes = number(j, "minutes");
    r.need_mg = number(j, "need_mg");
    r.target_hb_g_dl = number(j, "target_hb_g_dl");
    r.stores_mg = number(j, "stores_mg");
    r.stores_mg_per_kg = number(j, "stores_mg_per_kg");
    r.weeks = number(j, "weeks");
    r.draws = (int)json_integer_value(json_object_get(j, "draws")); /* none unless said */
    r.optimize = json_is_true(json_object_get(j, "optimize"));
    fe_answer *a = NULL;
    fe_status s = fe_ask(engine, &r, &a);
    if (!a) printf("{\"status\":\"%s\"}\n", fe_status_text(s));
    else print_answer(fe_answer_json(a), json_is_true(json_object_get(j, "digest")));
    fe_answer_free(a);
    free(input);
    free(order);
}

int main(int argc, char **argv) {
    char *line = NULL;
    size_t size = 0;
    fe_options first = {.data_folder = argc > 1 ? argv[1] : NULL};
    engine_folder = first.data_folder;
    if (fe_open(&first, &engine, NULL) != FE_OK) return 2;
    while (getline(&line, &size, stdin) > 0) {
        json_t *j = json_loads(line, 0, NULL);
        const char *folder = word(j, "open");
        char *site = json_dumps(json_object_get(j, "site"), 0);
        if (folder) open_engine(folder, site);
        else if (word(j, "virtual")) draw_virtual(word(j, "virtual"), (uint64_t)number(j, "draws"));
        else if (engine && j) answer(j);
        else printf("{\"status\":\"no engine, or no JSON\"}\n");
        fflush(stdout);
        free(site);
        json_decref(j);
    }
    free(line);
    fe_close(engine);
    return 0;
}
