#define FE_LANES     1
#define KERNEL(name) name##_baseline
#include "solve/batch_kernel.h"
