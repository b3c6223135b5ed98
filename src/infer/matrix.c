#include "infer/matrix.h"

#include <math.h>

bool fe__cholesky(const matrix *a, int n, matrix *l) {
    *l = (matrix){0};
    for (int i = 0; i < n; i++) {
        for (int j = 0; j <= i; j++) {
            double sum = a->at[i][j];
            for (int k = 0; k < j; k++) sum -= l->at[i][k] * l->at[j][k];
            if (i == j && !(sum > 0)) return false;
            l->at[i][j] = i == j ? sqrt(sum) : sum / l->at[j][j];
        }
    }
    return true;
}

void fe__solve_lower(const matrix *l, int n, const double *b, double *x) {
    for (int i = 0; i < n; i++) {
        double sum = b[i];
        for (int k = 0; k < i; k++) sum -= l->at[i][k] * x[k];
        x[i] = sum / l->at[i][i];
    }
}

void fe__solve_upper(const matrix *l, int n, const double *b, double *x) {
    for (int i = n - 1; i >= 0; i--) {
        double sum = b[i];
        for (int k = i + 1; k < n; k++) sum -= l->at[k][i] * x[k];
        x[i] = sum / l->at[i][i];
    }
}
