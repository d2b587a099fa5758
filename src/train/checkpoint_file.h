/* train/checkpoint_file.h - what a checkpoint is made of (private)
 *
 *     counters   I64 [4]   passes, kind of optimiser, steps, batches gathered
 *     divisor    F64 [1]   of the gathered batches
 *     weights, m, v, gradients    the flat blocks; gradients while some are gathered
 *     touched/<layer>.<parameter>   I32   rows of a table's gradient, in their order
 *     h/<layer>, C/<layer>   [samples, units]   a recurrent layer's last states
 *
 * and what its writer adds. The metadata has a description, lines of a word and its
 * value, which is the same in the run that reads it, and the checksum.
 */
#ifndef SQ_CHECKPOINT_FILE_H
#define SQ_CHECKPOINT_FILE_H

#include "checkpoint.h"
#include "json.h"
#include "safetensors.h"
#include "training.h"

/* The first line, "architecture ...". */
SQ_LOCAL seqnn_status sq_describe_architecture(sq_buffer *lines,
                                               const seqnn_model *model);

/* An array of the writer's own. */
SQ_LOCAL seqnn_named_array sq_checkpoint_array(const char *name, seqnn_dtype dtype,
                                               const void *data, seqnn_size count);
SQ_LOCAL seqnn_dtype sq_real_dtype(void);

SQ_LOCAL seqnn_status sq_checkpoint_write(seqnn_model *model, const char *path,
                                          const char *description,
                                          const seqnn_named_array *more,
                                          seqnn_size more_count);

/* The file, if it is whole and its description begins with these lines; otherwise an
 * error that begins with who and names the first line that differs. */
SQ_LOCAL seqnn_status sq_checkpoint_read(const char *who, const char *path,
                                         const char *description,
                                         seqnn_safetensors **file);

/* The data of an array; an error if it is not there as `count` elements of this type. */
SQ_LOCAL seqnn_status sq_checkpoint_data(const char *path, const seqnn_safetensors *file,
                                         const char *name, seqnn_dtype dtype,
                                         seqnn_size count, const void **data);

/* Puts the model's own arrays into it, all or, with an error, none. States are of at most
 * so many samples. */
SQ_LOCAL seqnn_status sq_checkpoint_restore(seqnn_model *model, const char *path,
                                            const seqnn_safetensors *file,
                                            seqnn_size most_samples);

#endif
