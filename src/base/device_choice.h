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
/* A program that was built for a GPU says where it computes, and why not there: when a
 * device is chosen, if it was built with SEQNN_SAY_DEVICE, or else when training says
 * what it does. */
typedef enum sq_device_news { SQ_DEVICE_CHOSEN, SQ_DEVICE_TRAINS } sq_device_news;
SQ_LOCAL void sq_say_device(sq_device_news news, const char *name,
                            const char *why_not_gpu);

#endif
