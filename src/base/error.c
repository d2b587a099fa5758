#include "error.h"
#include "private.h"

static SQ_THREAD_LOCAL char sq_error_text[512];

SEQNN_API const char *seqnn_error(void)
{
    return sq_error_text;
}

SEQNN_API const char *seqnn_status_name(seqnn_status status)
{
    static const char *const names[] = {"ok",   "argument", "shape", "memory",
                                        "file", "format",   "number", "device"};
    int i = (int)status;
    return i >= 0 && i < SQ_COUNT(names) ? names[i] : "unknown";
}

SQ_LOCAL seqnn_status sq_fail(seqnn_status status, const char *format, ...)
{
    /* The arguments may point into the old sentence: write beside it, then copy. */
    char text[sizeof sq_error_text];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    memcpy(sq_error_text, text, sizeof text);
    return status;
}
