/* Small dense matrices of one fit, at most ETAS x ETAS. */
#ifndef FE_INFER_MATRIX_H
#define FE_INFER_MATRIX_H

#include <stdbool.h>

#include "knowledge/model.h"

typedef struct matrix {
    double at[ETAS][ETAS];
} matrix;

/* L of A = L L^T, A symmetric; the upper half of L is 0. False when A is not positive definite. */
bool fe__cholesky(const matrix *a, int n, matrix *l);

/* L x = b, and L^T x = b; x may be b. */
void fe__solve_lower(const matrix *l, int n, const double *b, double *x);
void fe__solve_upper(const matrix *l, int n, const double *b, double *x);

#endif
