#define FE_LANES     2
#define KERNEL(name) name##_neon
#include "solve/batch_kernel.h"
