/* Site settings: what a hospital decides once. Read from site.json by exchange. */
#ifndef FE_COURSE_SITE_H
#define FE_COURSE_SITE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct site_price {
    const char *product;
    double vial_mg, price;
} site_price;

typedef struct site {
    const char *sha256;           /* of the file; NULL when no site file was given */
    const char *name;             /* NULL */
    const char *region;           /* us, eu, ca; NULL when not set */
    const char *const *formulary; /* product ids; n = 0: all of the region */
    size_t formulary_n;
    const site_price *prices; /* also says which vials are stocked; n = 0: the label's vials, no cost */
    size_t prices_n;
    const char *currency;         /* NULL */
    const char *const *off_label; /* regimen ids product/name that are switched on */
    size_t off_label_n;
    double observe_minutes;             /* at least this long; NaN when not set */
    int on_site_resuscitation;          /* 1 yes, 0 no, -1 not said */
    const char *resuscitation_protocol; /* text or name; NULL */
    double adrenaline_mg;               /* its own dose into the muscle; NaN: by age */
    bool adrenaline_by_weight;          /* by the weight row of the protocol */
    bool prescriber_before_resume;      /* a prescriber agrees before any restart after a symptom */
    double symptom_free_minutes;        /* before a restart, where it is more than the protocol's; NaN */
} site;

#endif
