/* The simulator's rules in plain C, as the yardstick of benchmarks/simulation.py.
 *
 * Sessions in lanes: blocks of LANES sessions in lockstep, arrays of state, choices by selects, no division and
 * no intrinsics; the compiler vectorises the inner loop. Same generator (splitmix64 from a hashed start a
 * session), same 64-bit integers, same figures a session as bot/simulation/kernel_text.py, threads that take
 * blocks of sessions in turn. The target is 2.00x or another whole multiple, so that a payout is a product.
 *
 *   gcc -O3 -march=native -pthread lanes.c -o lanes
 *   lanes flat|martingale SESSIONS ROUNDS THREADS SEED_KEY UNDER BANKROLL STEPS
 *
 * Prints seconds, processor seconds, and sums of the figures.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LANES = 256, BLOCK = 4096, BASE = 100, TARGET = 200 };
static const uint64_t GOLDEN = 0x9E3779B97F4A7C15u, SESSION_STEP = 0xD1B54A32D192ED03u;
static const int64_t MOST = 9000000000000;

struct run {
    int martingale;
    int64_t sessions, rounds, under, bankroll, steps;
    uint64_t key;
    int64_t *final, *lowest, *highest, *drawdown, *turnover, *bets, *longest;
    int64_t next;
    pthread_mutex_t lock;
};

static inline uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

static inline int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }

/* One block of LANES sessions from `first`; `martingale` is a constant where it is called. */
static inline __attribute__((always_inline)) void play(
    struct run *r, int64_t first, const int martingale)
{
    int64_t balance[LANES], low[LANES], high[LANES], fall[LANES], turned[LANES], placed[LANES], run[LANES];
    int64_t longest[LANES], losses[LANES], next[LANES];
    uint64_t key[LANES];
    const int64_t under = r->under, steps = r->steps, times = TARGET / 100;

    for (int l = 0; l < LANES; l++) {
        balance[l] = low[l] = high[l] = r->bankroll;
        fall[l] = turned[l] = placed[l] = run[l] = longest[l] = losses[l] = 0;
        next[l] = BASE;
        key[l] = mix(r->key + (uint64_t)(first + l + 1) * SESSION_STEP);
    }
    for (int64_t n = 0; n < r->rounds; n++) {
        for (int l = 0; l < LANES; l++) {
            uint64_t place = key[l] + GOLDEN;
            int64_t drawn = (int64_t)(mix(place) >> 11), had = balance[l];
            int64_t wanted = martingale ? next[l] : BASE;
            int going = (wanted <= had) & (had <= MOST);
            int won = drawn < under;
            int64_t stake = going ? wanted : 0;
            int64_t now = had - stake + (won ? stake * times : 0);
            int64_t top = most(high[l], now);
            key[l] = place;
            balance[l] = now;
            high[l] = top;
            fall[l] = most(fall[l], top - now);
            int64_t losing = going ? (won ? 0 : run[l] + 1) : run[l];
            low[l] = least(low[l], now);
            turned[l] += stake;
            placed[l] += going;
            run[l] = losing;
            longest[l] = most(longest[l], losing);
            if (martingale) { /* at 2x the next stake is twice the last */
                int again = won | (losses[l] + 1 >= steps);
                int64_t after = again ? 0 : losses[l] + 1, doubled = again ? BASE : 2 * stake;
                losses[l] = going ? after : losses[l];
                next[l] = going ? doubled : wanted;
            }
        }
    }
    for (int l = 0; l < LANES && first + l < r->sessions; l++) {
        r->final[first + l] = balance[l];
        r->lowest[first + l] = low[l];
        r->highest[first + l] = high[l];
        r->drawdown[first + l] = fall[l];
        r->turnover[first + l] = turned[l];
        r->bets[first + l] = placed[l];
        r->longest[first + l] = longest[l];
    }
}

static __attribute__((noinline)) void flat(struct run *r, int64_t first) { play(r, first, 0); }
static __attribute__((noinline)) void martingale(struct run *r, int64_t first) { play(r, first, 1); }

static void *work(void *given)
{
    struct run *r = given;
    for (;;) {
        pthread_mutex_lock(&r->lock);
        int64_t start = r->next;
        r->next += BLOCK;
        pthread_mutex_unlock(&r->lock);
        if (start >= r->sessions)
            return NULL;
        int64_t end = least(start + BLOCK, r->sessions);
        for (int64_t first = start; first < end; first += LANES) {
            if (r->martingale)
                martingale(r, first);
            else
                flat(r, first);
        }
    }
}

static int64_t sum(const int64_t *values, int64_t count)
{
    int64_t total = 0;
    for (int64_t n = 0; n < count; n++)
        total += values[n];
    return total;
}

int main(int count, char **words)
{
    if (count != 9) {
        fprintf(stderr, "lanes flat|martingale SESSIONS ROUNDS THREADS SEED_KEY UNDER BANKROLL STEPS\n");
        return 2;
    }
    struct run r = {.martingale = !strcmp(words[1], "martingale")};
    int threads = atoi(words[4]);
    pthread_t made[64];
    struct timespec begun, ended;

    r.sessions = atoll(words[2]);
    r.rounds = atoll(words[3]);
    r.key = strtoull(words[5], NULL, 10);
    r.under = atoll(words[6]);
    r.bankroll = atoll(words[7]);
    r.steps = atoll(words[8]);
    if (threads < 1 || threads > 64 || r.sessions < 1)
        return 2;
    pthread_mutex_init(&r.lock, NULL);
    clock_gettime(CLOCK_MONOTONIC, &begun);
    int64_t **figures[] = {&r.final, &r.lowest, &r.highest, &r.drawdown, &r.turnover, &r.bets, &r.longest};
    for (int n = 0; n < 7; n++)
        *figures[n] = malloc((size_t)r.sessions * sizeof(int64_t));
    for (int n = 0; n < threads; n++)
        pthread_create(&made[n], NULL, work, &r);
    for (int n = 0; n < threads; n++)
        pthread_join(made[n], NULL);
    clock_gettime(CLOCK_MONOTONIC, &ended);
    printf("%.6f", (double)(ended.tv_sec - begun.tv_sec) + 1e-9 * (double)(ended.tv_nsec - begun.tv_nsec));
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ended);
    printf(" %.6f", (double)ended.tv_sec + 1e-9 * (double)ended.tv_nsec);
    for (int n = 0; n < 7; n++)
        printf(" %lld", (long long)sum(*figures[n], r.sessions));
    printf("\n");
    return 0;
}
