/* data/partition.h - parts of samples (private) */
#ifndef SQ_PARTITION_H
#define SQ_PARTITION_H

#include "memory.h"
#include "split.h"

enum { SQ_TRAIN, SQ_VALIDATION, SQ_TEST, SQ_PARTS };

/* The rows of data, in this order, as the parts that part[row] says. */
SQ_LOCAL seqnn_parts sq_take_parts(const seqnn_dataset *data, const int32_t *rows,
                                   const unsigned char *part);

#endif
