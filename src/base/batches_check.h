/* base/batches_check.h - what seqnn_batches_new asks of its arguments (private) */
#ifndef SQ_BATCHES_CHECK_H
#define SQ_BATCHES_CHECK_H

#include "batches.h"
#include "private.h"

/* After this only memory can be missing. */
SQ_LOCAL seqnn_status sq_check_batches(const seqnn_dataset *data, seqnn_size batch_size,
                                       const seqnn_batches_options *options);

#endif
