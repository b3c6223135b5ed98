/* Orders and site settings. */
#include <limits.h>

#include "test_exchange_reading.h"

static const order *order_of(bench *b, const char *s) {
    fresh(b);
    json_t *json = parsed(b, s);
    const order *o = fe__order_read(b->k, &b->f, json, b->now, b->zone_min);
    json_decref(json);
    return o;
}

static const order *order_with(bench *b, const char *more, const char *rest) {
    fresh(b);
    return order_of(
        b, fe__printf(b->a, "{\"ferrule\":1,\"infusions\":[{\"product\":\"fcm-eu\",\"dose_mg\":1000%s}]%s}", more, rest));
}

static void every_field_of_an_order_is_read(void **state) {
    bench *b = *state;
    const order *o = order_with(b,
                                ",\"at\":\"2026-03-03T00:30+01:00\",\"route\":\"infusion\",\"bag_ml\":\"0.25 L\",\"drug_ml\":20,"
                                "\"diluent\":\"sodium-chloride-0.9\",\"minutes\":15,\"test_dose_mg\":25,\"site\":\"left arm\"",
                                ",\"premedication\":[\"cetirizine\"],\"with\":[],\"indication\":\"anemia-of-ckd\"");
    assert_no_fault(b);
    const order_item *i = &o->items[0];
    assert_string_equal(i->ptr, "/infusions/0");
    assert_string_equal(i->product, "fcm-eu");
    assert_string_equal(fe__date_text(b->a, i->day), "2026-03-03");
    assert_near(i->dose_mg + i->bag_ml + i->drug_ml + i->minutes + i->test_dose_mg, 1000 + 250 + 20 + 15 + 25, 0);
    assert_string_equal(i->route, "infusion");
    assert_string_equal(i->diluent, "sodium-chloride-0.9");
    assert_string_equal(i->site, "left arm");
    assert_int_equal(o->premedication.list[0], term_of(b, "cetirizine", TERM_MEDICATION));
    assert_true(o->with.given && o->with.n == 0);
    assert_int_equal(o->indication, term_of(b, "anemia-of-ckd", TERM_CONDITION));
}

static void what_an_order_does_not_say_is_open(void **state) {
    const order *o = order_with(*state, "", "");
    assert_no_fault(*state);
    const order_item *i = &o->items[0];
    assert_true(i->day == LONG_MIN && !i->route && !i->diluent && !i->method && !i->site);
    assert_true(isnan(i->bag_ml) && isnan(i->drug_ml) && isnan(i->minutes) && isnan(i->test_dose_mg));
    assert_true(!o->premedication.given && !o->with.given && o->indication == -1);
}

static void a_day_is_a_date_or_counts_from_today(void **state) {
    bench *b = *state;
    assert_string_equal(fe__date_text(b->a, order_with(b, ",\"day\":\"2026-03-09\"", "")->items[0].day), "2026-03-09");
    assert_string_equal(fe__date_text(b->a, order_with(b, ",\"day\":7", "")->items[0].day), "2026-03-09");
    assert_string_equal(fe__date_text(b->a, order_with(b, ",\"day\":7,\"on\":\"2026-04-01\"", "")->items[0].day), "2026-04-01");
}

static void an_infusion_of_a_plan_is_an_order(void **state) {
    assert_non_null(order_with(*state,
                               ",\"on\":\"2026-03-02\",\"day\":0,\"vials\":[{\"mg\":1000,\"count\":1}],"
                               "\"discard_mg\":0,\"stages\":[]",
                               ""));
}

static const char with_bag[] = ",\"bag_ml\":250,\"diluent\":\"sodium-chloride-0.9\",\"route\":\"infusion\"";

/* 1000 mg are 20 mL, 270 mL with the bag. */
static void minutes_follow_from_rate_parts_or_mg_a_minute(void **state) {
    bench *b = *state;
    static const struct {
        const char *more;
        double minutes;
    } cases[] = {
        {"\"ml_per_h\":5000", 270.0 / 5000 * 60},
        {"\"ml_per_h\":1080", 15},
        {"\"mg_per_min\":50", 20},
        {"\"stages\":[{\"mg\":100,\"ml\":27,\"minutes\":10},{\"mg\":900,\"ml\":243,\"minutes\":20,\"ml_per_h\":729}]", 30},
        {"\"minutes\":17,\"ml_per_h\":952,\"mg_per_min\":58.8,\"final_mg_per_ml\":3.7", 17},
        {"\"minutes\":17,\"ml_per_h\":953", 17},
        {"\"minutes\":null,\"ml_per_h\":null,\"stages\":[]", NAN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const order *o = order_with(b, fe__printf(b->a, "%s,%s", with_bag, cases[i].more), "");
        assert_no_fault(b);
        if (isnan(cases[i].minutes)) assert_true(isnan(o->items[0].minutes));
        else assert_near(o->items[0].minutes, cases[i].minutes, 1e-9);
    }
    const order *o = order_with(b, ",\"route\":\"injection\",\"ml_per_h\":80", ""); /* undiluted, as the label allows */
    assert_no_fault(b);
    assert_near(o->items[0].minutes, 15, 1e-9);
}

static void what_an_order_says_twice_must_agree(void **state) {
    bench *b = *state;
    static const struct {
        const char *more, *at, *expected;
    } cases[] = {
        {"\"minutes\":15,\"ml_per_h\":5000", "/infusions/0/ml_per_h", "1080 mL/h, which is 270 mL in 15 min"},
        {"\"minutes\":17,\"ml_per_h\":951", "/infusions/0/ml_per_h", "952.9 mL/h"},
        {"\"minutes\":17,\"ml_per_h\":954", "/infusions/0/ml_per_h", "952.9 mL/h"},
        {"\"minutes\":15,\"mg_per_min\":71", "/infusions/0/mg_per_min", "66.67 mg/min"},
        {"\"final_mg_per_ml\":2", "/infusions/0/final_mg_per_ml", "3.7 mg/mL"},
        {"\"minutes\":15,\"drug_ml\":20.2", "/infusions/0/drug_ml", "20 mL, which is 1000 mg of fcm-eu"},
        {"\"minutes\":15,\"stages\":[{\"mg\":900,\"ml\":270,\"minutes\":15}]", "/infusions/0/stages", "1000 mg"},
        {"\"minutes\":15,\"stages\":[{\"mg\":1000,\"ml\":250,\"minutes\":15}]", "/infusions/0/stages", "270 mL"},
        {"\"minutes\":15,\"stages\":[{\"mg\":1000,\"ml\":270,\"minutes\":10}]", "/infusions/0/stages", "15 min"},
        {"\"stages\":[{\"mg\":1000,\"ml\":270,\"minutes\":15,\"ml_per_h\":5000}]", "/infusions/0/stages/0/ml_per_h", "1080 mL/h"},
        {"\"stages\":[{\"mg\":1000,\"ml\":270}]", "/infusions/0/stages/0/minutes", "a number above 0"},
        {"\"stages\":15", "/infusions/0/stages", "a list of stages"},
        {"\"ml_per_h\":\"fast\"", "/infusions/0/ml_per_h", "a number above 0"},
        {"\"mg_per_min\":0", "/infusions/0/mg_per_min", "a number above 0"},
        {"\"final_mg_per_ml\":[]", "/infusions/0/final_mg_per_ml", "a number above 0"},
        {"\"ml_per_h\":1", "/infusions/0/ml_per_h", "0.1 to 1440 min"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_null(order_with(b, fe__printf(b->a, "%s,%s", with_bag, cases[i].more), ""));
        assert_fault(b, cases[i].at, cases[i].expected, NULL, NULL);
    }
    assert_null(order_with(b, ",\"route\":\"infusion\",\"ml_per_h\":500", ""));
    assert_fault(b, "/infusions/0/bag_ml", "the bag", NULL, NULL);
    assert_null(order_with(b, ",\"minutes\":15,\"final_mg_per_ml\":1", ""));
    assert_fault(b, "/infusions/0/bag_ml", "the bag", NULL, NULL);
}

static void wrong_orders_are_named_with_a_hint(void **state) {
    static const struct {
        const char *more, *rest, *at, *expected, *found, *hint;
    } cases[] = {
        {",\"rute\":\"infusion\"", "", "/infusions/0/rute", "a known field", NULL, "did you mean route?"},
        {",\"route\":\"oral\"", "", "/infusions/0/route", "infusion, injection or intramuscular", NULL, NULL},
        {",\"at\":\"2026-03-03T00:30+01:00\",\"day\":1", "", "/infusions/0/day", "at or day, not both", "1", NULL},
        {",\"day\":-1", "", "/infusions/0/day", "a date", "-1", NULL},
        {",\"diluent\":\"dextrose5\"", "", "/infusions/0/diluent", "medication", NULL, "did you mean dextrose-5?"},
        {",\"method\":\"no-such-method\"", "", "/infusions/0/method", "a method of fcm-eu", "\"no-such-method\"", NULL},
        {",\"test_dose_mg\":0.4", "", "/infusions/0/test_dose_mg", "0.5 to 5000 mg", "0.4", NULL},
        {",\"minutes\":1441", "", "/infusions/0/minutes", "0.1 to 1440 min", "1441", "unit s"},
        {"", ",\"with\":[\"cetirizin\"]", "/with/0", "medication", NULL, "did you mean cetirizine?"},
        {"", ",\"indication\":\"nsaid\"", "/indication", "condition", NULL, NULL},
        {"", ",\"infusion\":[]", "/infusion", "infusions", NULL, "did you mean infusions?"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_null(order_with(*state, cases[i].more, cases[i].rest));
        assert_fault(*state, cases[i].at, cases[i].expected, cases[i].found, cases[i].hint);
    }
    assert_null(order_of(*state, "{\"ferrule\":1,\"infusions\":[]}"));
    assert_fault(*state, "/infusions", "at least one infusion", NULL, NULL);
    assert_null(order_of(*state, "{\"ferrule\":1,\"infusions\":[{\"product\":\"fcm\",\"dose_mg\":1}]}"));
    assert_fault(*state, "/infusions/0/product", "an id of kind product", "\"fcm\"", "of kind formulation");
}

/* ---- site ---- */

static const site *site_of(bench *b, const char *s) {
    fresh(b);
    return fe__site_read(b->k, &b->f, s, strlen(s));
}

static void every_setting_of_a_site_is_read(void **state) {
    bench *b = *state;
    const site *s =
        site_of(b, "{\"ferrule\":1,\"region\":\"eu\",\"name\":\"Day unit\",\"formulary\":[\"fcm-eu\",\"fdi-eu\"],"
                   "\"vials\":[{\"product\":\"fcm-eu\",\"mg\":500,\"price\":95.5},{\"product\":\"fcm-eu\",\"mg\":1000}],"
                   "\"currency\":\"EUR\",\"off_label\":[\"fcm-us/fixed-two-dose\"],\"observe_minutes\":45,"
                   "\"on_site_resuscitation\":false,\"resuscitation_protocol\":\"protocol 7\"}");
    assert_no_fault(b);
    assert_string_equal(s->region, "eu");
    assert_string_equal(s->name, "Day unit");
    assert_int_equal(s->formulary_n, 2);
    assert_string_equal(s->formulary[1], "fdi-eu");
    assert_int_equal(s->prices_n, 2);
    assert_near(s->prices[0].vial_mg + s->prices[0].price, 595.5, 0);
    assert_true(isnan(s->prices[1].price));
    assert_string_equal(s->currency, "EUR");
    assert_string_equal(s->off_label[0], "fcm-us/fixed-two-dose");
    assert_near(s->observe_minutes, 45, 0);
    assert_int_equal(s->on_site_resuscitation, 0);
    assert_string_equal(s->resuscitation_protocol, "protocol 7");
    assert_int_equal(strlen(s->sha256), 64);
}

static void what_a_site_does_not_say_is_open(void **state) {
    const site *s = site_of(*state, "{\"ferrule\":1}");
    assert_no_fault(*state);
    assert_true(!s->region && !s->name && !s->formulary_n && !s->prices_n && !s->off_label_n && !s->currency);
    assert_true(isnan(s->observe_minutes) && s->on_site_resuscitation == -1 && !s->resuscitation_protocol);
}

static void wrong_settings_are_named_with_a_hint(void **state) {
    bench *b = *state;
    static const struct {
        const char *json, *at, *expected, *found, *hint;
    } cases[] = {
        {"\"regoin\":\"eu\"", "/regoin", "a known field", NULL, "did you mean region?"},
        {"\"region\":\"uk\"", "/region", "us, eu or ca", "\"uk\"", NULL},
        {"\"formulary\":[\"fcm-uss\"]", "/formulary/0", "an id of kind product", NULL, "did you mean fcm-us?"},
        {"\"formulary\":[\"fcm-us\",\"fcm-us\"]", "/formulary/1", "each product once", "fcm-us", NULL},
        {"\"region\":\"eu\",\"formulary\":[\"fcm-us\"]", "/formulary", "products of region eu", "fcm-us",
         "fcm-us is of region us"},
        {"\"vials\":[{\"product\":\"fcm-eu\",\"mg\":700,\"price\":1}]", "/vials/0/mg", "a vial of fcm-eu: 100, 500", "700", NULL},
        {"\"vials\":[{\"product\":\"fcm-eu\",\"mg\":500,\"price\":-1}]", "/vials/0/price", "0 or more", "-1", NULL},
        {"\"vials\":[{\"mg\":500}]", "/vials/0/product", "product", "nothing", NULL},
        {"\"vials\":[{\"product\":\"fcm-eu\",\"mg\":500},{\"product\":\"fcm-eu\",\"mg\":500}]", "/vials/1", "each vial once",
         NULL, NULL},
        {"\"off_label\":[\"fcm-us/fixed-two-dos\"]", "/off_label/0", "product/name", NULL, "did you mean fcm-us/fixed-two-dose?"},
        {"\"observe_minutes\":1441", "/observe_minutes", "0.1 to 1440 min", "1441", NULL},
        {"\"on_site_resuscitation\":\"yes\"", "/on_site_resuscitation", "true or false", "\"yes\"", NULL},
        {"\"currency\":\"the money of this land\"", "/currency", "a short word", NULL, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_null(site_of(b, fe__printf(b->a, "{\"ferrule\":1,%s}", cases[i].json)));
        assert_fault(b, cases[i].at, cases[i].expected, cases[i].found, cases[i].hint);
    }
    assert_null(site_of(b, "{\"ferrule\":1,"));
    assert_fault(b, "line 1, column 13", NULL, NULL, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_of_an_order_is_read),
        cmocka_unit_test(what_an_order_does_not_say_is_open),
        cmocka_unit_test(a_day_is_a_date_or_counts_from_today),
        cmocka_unit_test(an_infusion_of_a_plan_is_an_order),
        cmocka_unit_test(minutes_follow_from_rate_parts_or_mg_a_minute),
        cmocka_unit_test(what_an_order_says_twice_must_agree),
        cmocka_unit_test(wrong_orders_are_named_with_a_hint),
        cmocka_unit_test(every_setting_of_a_site_is_read),
        cmocka_unit_test(what_a_site_does_not_say_is_open),
        cmocka_unit_test(wrong_settings_are_named_with_a_hint),
    };
    return cmocka_run_group_tests(tests, open_bench, close_bench);
}
