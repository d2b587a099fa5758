/* layers/recurrent_states.h - the states a recurrent layer keeps (private) */
#ifndef SQ_RECURRENT_STATES_H
#define SQ_RECURRENT_STATES_H

#include "recurrent_layer.h"

/* Room for count samples; the content is kept. */
SQ_LOCAL seqnn_status sq_states_reserve(sq_states *states, const sq_recurrent *own,
                                        seqnn_size count);
SQ_LOCAL void sq_states_free(sq_states *states);

/* The memory of a model's backend is about to go: what lies there goes to the heap. */
SQ_LOCAL seqnn_status sq_states_to_heap(seqnn_model *model);

/* Copies h and C (NULL: zeros) of count samples. */
SQ_LOCAL seqnn_status sq_states_copy_in(sq_recurrent *own, sq_states *states,
                                        seqnn_size count, const seqnn_real *h,
                                        const seqnn_real *C);

/* Rows by packed position from rows by sample (NULL: zeros), and back. */
SQ_LOCAL void sq_states_pack(const sq_packing *packing, seqnn_size units,
                             const seqnn_real *samples, seqnn_real *packed);
SQ_LOCAL void sq_states_unpack(const sq_packing *packing, seqnn_size units,
                               const seqnn_real *packed, seqnn_real *samples);

SQ_LOCAL bool sq_is_recurrent(const seqnn_layer *layer);

/* The layer as what it is, or NULL and an error that begins with who. */
SQ_LOCAL const sq_recurrent *sq_recurrent_or_fail(const seqnn_layer *layer,
                                                  const char *who);

#endif
