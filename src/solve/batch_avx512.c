#define FE_LANES     8
#define KERNEL(name) name##_avx512
#include "solve/batch_kernel.h"
