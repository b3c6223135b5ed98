/* The trade-off behind an optimized plan, in its answer. */
#ifndef FE_EXCHANGE_WRITE_TRADE_H
#define FE_EXCHANGE_WRITE_TRADE_H

#include "advise/optimize.h"
#include "exchange/door.h"

/* x: NULL when there was nothing to compare; the answer is then null. */
json_t *fe__write_trade(asking *q, const optimization *x);

#endif
