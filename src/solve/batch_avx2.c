#define FE_LANES     4
#define KERNEL(name) name##_avx2
#include "solve/batch_kernel.h"
