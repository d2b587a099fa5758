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

#ifdef SEQNN_CUDA
static void sq_print_device(sq_device_news news, const char *line)
{
#ifdef SEQNN_SAY_DEVICE
    static char said[512]; /* the same is said once */
    if (news == SQ_DEVICE_CHOSEN && strcmp(said, line) != 0)
        printf("%s\n", line);
    if (news == SQ_DEVICE_CHOSEN)
        snprintf(said, sizeof said, "%s", line);
#else
    if (news == SQ_DEVICE_TRAINS)
        printf("%s\n", line);
#endif
}
#endif

SQ_LOCAL void sq_say_device(sq_device_news news, const char *name,
                            const char *why_not_gpu)
{
#ifdef SEQNN_CUDA
    char line[512];
    if (*why_not_gpu)
        snprintf(line, sizeof line, "Device: %s (%s)", name, why_not_gpu);
    else
        snprintf(line, sizeof line, "Device: %s", name);
    sq_print_device(news, line);
#else
    (void)news, (void)name, (void)why_not_gpu;
#endif
}
