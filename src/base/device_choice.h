/* base/device_choice.h - which device is meant, and why there is none (private) */
#ifndef SQ_DEVICE_CHOICE_H
#define SQ_DEVICE_CHOICE_H

#include "device.h"
#include "private.h"

/* What the user asks for, or else the environment. */
SQ_LOCAL seqnn_device sq_device_asked(seqnn_device asked);
/* Nobody asked for a GPU: why there is none is no error but a reason to keep, and
 * seqnn_error() is what it was before. */
SQ_LOCAL void sq_keep_reason(const char *before, char *reason, size_t size);

#endif
