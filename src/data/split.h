/* data/split.h - one part of the samples to train on, others to validate and to test */
#ifndef SEQNN_SPLIT_H
#define SEQNN_SPLIT_H

#include "dataset.h"
#include "texts.h"

/* NULL: a part that was not asked for; all of them if status is not SEQNN_OK. */
typedef struct seqnn_parts {
    seqnn_status status;
    seqnn_dataset *train, *validation, *test;
} seqnn_parts;

/* Shuffles the samples by the seed and gives the last round(count * fraction) of them to
 * validation. Error: a fraction outside (0, 1), or a part without a sample. */
SEQNN_API seqnn_parts seqnn_split(const seqnn_dataset *data, double fraction,
                                  uint64_t seed);

typedef struct seqnn_partition_options {
    double validation, test; /* fractions; 0: no such part */
    uint64_t seed;
    bool stratified; /* every part has its share of each class of y.indices [count]: the
                        counts above for each class by itself */
    bool duplicates_together; /* samples of equal x[0] are in one part, so that none is
                                 trained on and tested, too; the counts are then those
                                 above as nearly as the duplicates allow */
} seqnn_partition_options;

/* Three parts: shuffles the samples by the seed; of the order the last round(count *
 * test) are for the test, round(count * validation) before them validate, the others
 * train. With test = 0 and no further options that is seqnn_split. Error: a fraction
 * outside [0, 1), both 0, or a part that is asked for without a sample; stratified
 * without classes. */
SEQNN_API seqnn_parts seqnn_partition(const seqnn_dataset *data,
                                      seqnn_partition_options options);

/* The same of texts, before a tokenizer sees them: it is fitted on those that train, and
 * the others are encoded with it. Duplicates are texts of the same bytes; classes are
 * numbered as in texts; labels are not stratified. */
typedef struct seqnn_text_parts {
    seqnn_status status;
    seqnn_texts *train, *validation, *test;
} seqnn_text_parts;

SEQNN_API seqnn_text_parts seqnn_partition_texts(const seqnn_texts *texts,
                                                 seqnn_partition_options options);
SEQNN_API void seqnn_text_parts_free(seqnn_text_parts *parts);

/* The fixed split of datasets/splits/README.md: the texts whose ids the file lists go to
 * validation, all others train, both in the order of data (which seqnn_encode made of
 * texts). Error: an id that is not among the texts or comes twice, another class, or a
 * "# documents N validation M" line that does not fit. */
SEQNN_API seqnn_parts seqnn_split_file(const seqnn_dataset *data,
                                       const seqnn_texts *texts, const char *path);

SEQNN_API void seqnn_parts_free(seqnn_parts *parts);

#endif
