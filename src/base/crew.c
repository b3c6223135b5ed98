#include "base/crew.h"

#include <pthread.h>

typedef struct hand {
    void (*work)(void *context, int who);
    void *context;
    int who;
} hand;

static void *start(void *context) {
    const hand *h = context;
    h->work(h->context, h->who);
    return NULL;
}

void fe__crew(int threads, void (*work)(void *context, int who), void *context) {
    hand hands[CREW_MAX];
    pthread_t ids[CREW_MAX];
    int started = 1;
    for (; started < threads && started < CREW_MAX; started++) {
        hands[started] = (hand){work, context, started};
        if (pthread_create(&ids[started], NULL, start, &hands[started]) != 0) break;
    }
    work(context, 0);
    for (int i = 1; i < started; i++) pthread_join(ids[i], NULL);
}
