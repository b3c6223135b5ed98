/* site.json: what a hospital decides once. */
#include <math.h>
#include <setjmp.h>
#include <string.h>

#include "base/hash.h"
#include "base/text.h"
#include "exchange/read_fields.h"

enum { CURRENCY_MAX = 16 };

typedef struct site_reading {
    site site;
    tri resuscitation;
} site_reading;

/* ---- products ---- */

static const product *product_of(reader *r, const json_t *value, const char *at) {
    const char *id = fe__text_of(r, value, at);
    int t = id ? fe__term_of(r, id, at, KIND_BIT(TERM_PRODUCT)) : -1;
    const product *p = t < 0 ? NULL : fe__product_find(r->k, id);
    if (t >= 0 && !p) fe__fault(r->f, at, "a product with a label in the data", id, NULL);
    return p;
}

static void formulary_read(reader *r, void *into, const json_t *value, const char *at) {
    site *s = &((site_reading *)into)->site;
    size_t n;
    const json_t *list = fe__list_of(r, value, at, "product ids", READ_LIST_MAX, &n);
    if (!list) return;
    const char **ids = FE_NEW_ARRAY(r->f->a, const char *, n + 1);
    for (size_t i = 0; i < n; i++) {
        const char *place = fe__ptr_index(r->f->a, at, i);
        const product *p = product_of(r, json_array_get(list, i), place);
        for (size_t j = 0; p && j < s->formulary_n; j++) {
            if (fe__streq(ids[j], p->id)) fe__fault(r->f, place, "each product once", p->id, NULL);
        }
        if (p) ids[s->formulary_n++] = p->id;
    }
    s->formulary = ids;
}

/* ---- vials and prices ---- */

typedef struct vial_reading {
    const product *product;
    double mg, price;
} vial_reading;

static void vial_product(reader *r, void *into, const json_t *value, const char *at) {
    ((vial_reading *)into)->product = product_of(r, value, at);
}

static void vial_mg(reader *r, void *into, const json_t *value, const char *at) {
    double mg = json_number_value(value);
    if (mg > 0) ((vial_reading *)into)->mg = mg;
    else fe__fault_json(r, at, "mg of iron in the vial", value, NULL);
}

static void vial_price(reader *r, void *into, const json_t *value, const char *at) {
    if (json_is_number(value) && json_number_value(value) >= 0) ((vial_reading *)into)->price = json_number_value(value);
    else fe__fault_json(r, at, "a price, 0 or more", value, NULL);
}

static const field vial_fields[] = {
    {.key = "product", .type = FIELD_OTHER, .need = FIELD_REQUIRED, .read = vial_product, .words = "an id of kind product"},
    {.key = "mg", .type = FIELD_OTHER, .need = FIELD_REQUIRED, .read = vial_mg, .words = "mg of iron in the vial"},
    {.key = "price", .type = FIELD_OTHER, .read = vial_price},
};

/* Without its volume from the label a vial cannot be planned with. */
static void judge_vial(reader *r, const vial_reading *v, const char *at) {
    text sizes;
    fe__text_init(&sizes, r->f->a);
    for (size_t i = 0; i < v->product->vials_n; i++) {
        if (fabs(v->product->vials[i].mg - v->mg) < 1e-6) return;
        fe__text_addf(&sizes, "%s%s", i ? ", " : "", fe__number_text(r->f->a, v->product->vials[i].mg, 2));
    }
    fe__fault(r->f, fe__ptr(r->f->a, at, "mg"), fe__printf(r->f->a, "a vial of %s: %s mg", v->product->id, sizes.s),
              fe__number_text(r->f->a, v->mg, 2), NULL);
}

static void vials_read(reader *r, void *into, const json_t *value, const char *at) {
    site *s = &((site_reading *)into)->site;
    size_t n;
    const json_t *list = fe__list_of(r, value, at, "{\"product\",\"mg\",\"price\"}", READ_LIST_MAX, &n);
    if (!list) return;
    site_price *prices = FE_NEW_ARRAY(r->f->a, site_price, n + 1);
    for (size_t i = 0; i < n; i++) {
        const char *place = fe__ptr_index(r->f->a, at, i);
        vial_reading v = {.mg = NAN, .price = NAN};
        fe__fields_read(r, json_array_get(list, i), place, vial_fields, FIELDS_N(vial_fields), &v);
        if (!v.product || isnan(v.mg)) continue;
        judge_vial(r, &v, place);
        for (size_t j = 0; j < s->prices_n; j++) {
            if (fe__streq(prices[j].product, v.product->id) && fabs(prices[j].vial_mg - v.mg) < 1e-6)
                fe__fault(r->f, place, "each vial once", v.product->id, NULL);
        }
        prices[s->prices_n++] = (site_price){v.product->id, v.mg, v.price};
    }
    s->prices = prices;
}

/* ---- regimens outside the label ---- */

static bool has_regimen(const knowledge *k, const char *id) {
    for (size_t i = 0; i < k->products_n; i++) {
        for (size_t j = 0; j < k->products[i].methods_n; j++) {
            if (fe__streq(k->products[i].methods[j].id, id)) return true;
        }
    }
    return false;
}

static void regimen_fault(reader *r, const char *id, const char *at) {
    const char **ids = NULL;
    size_t n = 0, cap = 0;
    for (size_t i = 0; i < r->k->products_n; i++) {
        for (size_t j = 0; j < r->k->products[i].methods_n; j++) *FE_PUSH(r->f->a, ids, n, cap) = r->k->products[i].methods[j].id;
    }
    fe__fault_word(r, at, "a regimen of products.json: product/name", id, ids, n);
}

static void off_label_read(reader *r, void *into, const json_t *value, const char *at) {
    site *s = &((site_reading *)into)->site;
    size_t n;
    const json_t *list = fe__list_of(r, value, at, "regimen ids", READ_LIST_MAX, &n);
    if (!list) return;
    const char **ids = FE_NEW_ARRAY(r->f->a, const char *, n + 1);
    for (size_t i = 0; i < n; i++) {
        const char *place = fe__ptr_index(r->f->a, at, i);
        const char *id = fe__text_of(r, json_array_get(list, i), place);
        if (id && has_regimen(r->k, id)) ids[s->off_label_n++] = id;
        else if (id) regimen_fault(r, id, place);
    }
    s->off_label = ids;
}

/* ---- the site ---- */

/* The protocol knows no larger dose into the muscle. */
static void adrenaline_read(reader *r, void *into, const json_t *value, const char *at) {
    double mg = json_is_number(value) ? json_number_value(value) : NAN, most = r->k->reactions->adrenaline_max_mg;
    if (mg > 0 && mg <= most) ((site_reading *)into)->site.adrenaline_mg = mg;
    else
        fe__fault_json(r, at,
                       fe__printf(r->f->a, "mg into the muscle, above 0 and at most %s", fe__number_text(r->f->a, most, 2)),
                       value, NULL);
}

#define TARGET(member) .offset = offsetof(site_reading, site.member)
static const field site_fields[] = {
    FIELD_VERSION,
    {.key = "region", .type = FIELD_WORD, .words = "us;eu;ca", TARGET(region)},
    {.key = "name", .type = FIELD_TEXT, TARGET(name)},
    {.key = "formulary", .type = FIELD_OTHER, .read = formulary_read},
    {.key = "vials", .type = FIELD_OTHER, .read = vials_read},
    {.key = "currency", .type = FIELD_TEXT, TARGET(currency)},
    {.key = "off_label", .type = FIELD_OTHER, .read = off_label_read},
    {.key = "observe_minutes", .type = FIELD_NUMBER, .term = "minutes", TARGET(observe_minutes)},
    {.key = "on_site_resuscitation", .type = FIELD_TRI, .offset = offsetof(site_reading, resuscitation)},
    {.key = "resuscitation_protocol", .type = FIELD_TEXT, TARGET(resuscitation_protocol)},
    {.key = "adrenaline_mg", .type = FIELD_OTHER, .read = adrenaline_read},
    {.key = "adrenaline_by_weight", .type = FIELD_BOOL, TARGET(adrenaline_by_weight)},
    {.key = "prescriber_before_resume", .type = FIELD_BOOL, TARGET(prescriber_before_resume)},
    {.key = "symptom_free_minutes", .type = FIELD_NUMBER, .term = "minutes", TARGET(symptom_free_minutes)},
};

static void judge_site(reader *r, const site *s, const char *at) {
    for (size_t i = 0; s->region && i < s->formulary_n; i++) {
        const product *p = fe__product_find(r->k, s->formulary[i]);
        if (p && !fe__streq(p->region, s->region))
            fe__fault(r->f, fe__ptr(r->f->a, at, "formulary"), fe__printf(r->f->a, "products of region %s", s->region), p->id,
                      fe__printf(r->f->a, "%s is of region %s", p->id, p->region));
    }
    if (s->currency && strlen(s->currency) > CURRENCY_MAX)
        fe__fault(r->f, fe__ptr(r->f->a, at, "currency"), "a short word such as EUR", s->currency, NULL);
}

static const site *read_fields(reader *r, const json_t *json, const char *at, const field *fields, size_t n) {
    size_t before = r->f->n;
    site_reading *s = FE_NEW(r->f->a, site_reading);
    s->site.observe_minutes = s->site.adrenaline_mg = s->site.symptom_free_minutes = NAN;
    s->resuscitation = TRI_UNKNOWN;
    fe__fields_read(r, json, at, fields, n, s);
    judge_site(r, &s->site, at);
    s->site.on_site_resuscitation = s->resuscitation == TRI_UNKNOWN ? -1 : s->resuscitation == TRI_TRUE;
    return r->f->n > before || r->f->dropped ? NULL : &s->site;
}

static const site *read_json(const knowledge *k, faults *f, const json_t *json) {
    reader r = {.k = k, .f = f};
    return read_fields(&r, json, "", site_fields, FIELDS_N(site_fields));
}

const site *fe__site_read_inside(reader *r, const json_t *json, const char *at) {
    return read_fields(r, json, at, site_fields + 1, FIELDS_N(site_fields) - 1); /* the first is the version */
}

/* The document is Jansson's memory: when the arena ends on the way it is freed before the jump goes on. */
const site *fe__site_read(const knowledge *k, faults *f, const char *s, size_t length) {
    json_t *json = fe__json_read(f, s, length);
    if (!json) return NULL;
    jmp_buf outer, *escape = fe__arena_escape(f->a);
    memcpy(&outer, escape, sizeof outer);
    if (setjmp(*escape)) {
        json_decref(json);
        memcpy(escape, &outer, sizeof outer);
        longjmp(*escape, 1);
    }
    site *read = (site *)read_json(k, f, json);
    if (read) read->sha256 = fe__sha256_hex(f->a, s, length);
    memcpy(escape, &outer, sizeof outer);
    json_decref(json);
    return read;
}
