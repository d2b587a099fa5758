#include "device_choice.h"

SQ_LOCAL seqnn_device sq_device_asked(seqnn_device asked)
{
    const char *name = asked ? NULL : getenv("SEQNN_DEVICE");
    if (name && strcmp(name, "cpu") == 0)
        return SEQNN_CPU;
    if (name && strcmp(name, "gpu") == 0)
        return SEQNN_GPU;
    return asked;
}

SQ_LOCAL void sq_keep_reason(const char *before, char *reason, size_t size)
{
    const char *why = seqnn_error(), *who = "device: ";
    if (strncmp(why, who, strlen(who)) == 0)
        why += strlen(who);
    snprintf(reason, size, "%.*s", (int)size - 1, why);
    sq_fail(SEQNN_OK, "%s", before);
}
