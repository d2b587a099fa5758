/* What bench_gpu.c asks of a GPU, and of the library's inside. card.cu answers with a
 * card's events; counted.cpp is there without a card: it computes nothing and counts what
 * a card would be given to do. */
#ifndef BENCH_CARD_H
#define BENCH_CARD_H

#include "../../seqnn.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { CARD_MARKS = 4096 };

typedef struct card_facts {
    char name[256];
    int major, minor, multiprocessors;
    double clock;     /* cycles a second, at most */
    double bandwidth; /* bytes a second of its memory */
    double shared;    /* bytes of a multiprocessor's */
} card_facts;

/* False if there is none; seqnn_error() says why. */
bool card_find(card_facts *facts);

/* Marks on the stream of the model's work, and the milliseconds from each of the first
 * `count` to the one after it. */
void card_mark(const seqnn_model *model, int mark);
bool card_between(int count, double *milliseconds);

/* Whether recurrent layers take the persistent sweep where they can, and how many of them
 * do: after a pass of the model. */
void card_persist(bool wanted);
void card_recurrent(seqnn_model *model, int *layers, int *persistent);

/* Milliseconds of all recurrent sweeps alone, forward and backward, of so many runs each.
 * The model is worth nothing afterwards. */
bool card_sweeps(seqnn_model *model, int runs, double milliseconds[2]);

/* What the device was given to do since the last call. False: this device does not
 * count. */
typedef struct card_counts {
    long launches, products, copies, clears; /* a graph would hold these */
    long up, down, waits, takings;
    double bytes_up;
} card_counts;
bool card_count(card_counts *counts);

/* Whether steps that repeat are recorded (cuda/graph.cuh); and a number that is equal for
 * two steps if, and only if, the one may be replayed for the other: of the last step. */
void card_record(bool wanted);
uint64_t card_work(const seqnn_model *model);

/* The persistent sweeps, forward and backward, in cycles, as their plans guess. */
void card_guess(seqnn_model *model, double cycles[2]);
/* Guesses of one step of an rnn, lstm or gru: cycles forward and backward by the
 * persistent sweep (0: it does not fit), and one way by the plain one. */
bool card_plan(const char *cell, int units, int batch, seqnn_precision precision,
               double cycles[3]);

#ifdef __cplusplus
}
#endif

#endif
