#define FE_LANES     1
#define KERNEL(name) name##_scalar
#include "solve/batch_kernel.h"
