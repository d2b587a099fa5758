/* What a call returned, and what it said. Before it: cmocka.h and what that needs. */
#ifndef OUTCOMES_H
#define OUTCOMES_H

#include "error.h"

#include <string.h>

/* A macro, so that a failure names the line of the test. */
#define assert_error(words)                                                              \
    do {                                                                                 \
        if (strstr(seqnn_error(), words) == NULL)                                        \
            fail_msg("'%s' does not say '%s'", seqnn_error(), words);                    \
    } while (0)

static inline void says(seqnn_status status, seqnn_status expected, const char *words)
{
    assert_int_equal(status, expected);
    assert_error(words);
}

static inline void fine(seqnn_status status)
{
    if (status != SEQNN_OK)
        fail_msg("%s", seqnn_error());
}

#endif
