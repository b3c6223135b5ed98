/* Patients of a data set as pharmacometricians keep them (docs/data-sets.md): rows of doses, results and covariates, turned into a start, events
 * and what was observed. Times are hours from the patient's own hour 0. */
#ifndef FE_INFER_DATA_SET_H
#define FE_INFER_DATA_SET_H

#include "body/start.h"
#include "course/play.h"
#include "infer/likelihood.h"

/* A row that is observed, or asked for. */
typedef struct data_row {
    size_t line; /* of the file */
    seen_lab seen;
    bool is_start;   /* it made the start: not counted again */
    bool is_missing; /* nothing was measured: it is foreseen alone */
} data_row;

typedef struct data_subject {
    const char *id; /* as written */
    size_t line;    /* of its first row */
    int population;
    start_labs labs;
    double eta[ETAS + 1]; /* given ones (columns ETA1 to ETA14); 0 where not */
    bool has_eta;
    const body_event *events; /* sorted */
    size_t events_n;
    const data_row *rows; /* in time order */
    size_t rows_n;
} data_subject;

typedef struct data_set {
    const data_subject *subjects;
    size_t n;
    const char *const *ignored; /* columns that mean nothing here */
    size_t ignored_n;
} data_set;

#endif
