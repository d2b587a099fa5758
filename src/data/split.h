/* data/split.h - one part of the samples to train on, another to validate */
#ifndef SEQNN_SPLIT_H
#define SEQNN_SPLIT_H

#include "dataset.h"
#include "texts.h"

/* Both NULL if status is not SEQNN_OK. */
typedef struct seqnn_parts {
    seqnn_status status;
    seqnn_dataset *train, *validation;
} seqnn_parts;

/* Shuffles the samples by the seed and gives the last round(count * fraction) of them to
 * validation. Error: a fraction outside (0, 1), or a part without a sample. */
SEQNN_API seqnn_parts seqnn_split(const seqnn_dataset *data, double fraction,
                                  uint64_t seed);

/* The fixed split of datasets/splits/README.md: the texts whose ids the file lists go to
 * validation, all others train, both in the order of data (which seqnn_encode made of
 * texts). Error: an id that is not among the texts or comes twice, another class, or a
 * "# documents N validation M" line that does not fit. */
SEQNN_API seqnn_parts seqnn_split_file(const seqnn_dataset *data,
                                       const seqnn_texts *texts, const char *path);

SEQNN_API void seqnn_parts_free(seqnn_parts *parts);

#endif
