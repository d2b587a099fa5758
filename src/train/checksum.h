/* train/checksum.h - a checksum over what a file holds (private)
 *
 * FNV-1a (Fowler, Noll and Vo), 64 bits: every byte changes it. Of arrays it is the sum
 * of each one's, names included, so that their order in the file does not matter.
 */
#ifndef SQ_CHECKSUM_H
#define SQ_CHECKSUM_H

#include "private.h"
#include "safetensors.h"

enum { SQ_CHECKSUM_SIZE = 32 };

/* "fnv1a64:0123456789abcdef" of the arrays and a text into out. */
SQ_LOCAL void sq_checksum(const seqnn_named_array *arrays, seqnn_size count,
                          const char *text, char out[SQ_CHECKSUM_SIZE]);

#endif
