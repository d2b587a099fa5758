/* What tests of readers share: files of their own, the public sets, allocations that
 * fail. */
#ifndef READER_FILES_H
#define READER_FILES_H

#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "files.h"
#include "find.h"
#include "outcomes.h"

static char folder[64];

static inline int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/seqnn_test_XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static inline int remove_folder(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

/* The path of a name below the folder; it stands until the next but three. */
static inline const char *in_folder(const char *name)
{
    static char paths[4][256];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static inline const char *write_bytes(const char *name, const char *bytes, size_t size)
{
    const char *path = in_folder(name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
    return path;
}

static inline const char *write_text(const char *name, const char *text)
{
    return write_bytes(name, text, strlen(text));
}

/* A file of size bytes: head, then the filling over and over. */
static inline const char *write_large(const char *name, const char *head,
                                      const char *filling, size_t size)
{
    const char *path = in_folder(name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    static char block[1 << 16];
    size_t piece = strlen(filling), used = 0;
    while (used + piece <= sizeof block) {
        memcpy(block + used, filling, piece);
        used += piece;
    }
    assert_true(fputs(head, file) >= 0);
    for (size_t written = 0; written < size; written += used)
        assert_int_equal(fwrite(block, 1, used, file), used);
    fclose(file);
    return path;
}

/* A file of a public data set, packed or not; skips the test where it is not there. */
static inline const char *public_file(char path[SEQNN_PATH_SIZE], const char *name)
{
    const bool found = seqnn_find_data(path, "../shared/data", name) ||
                       seqnn_find_data(path, NULL, name);
    const bool bundled = found && strncmp(path, "datasets/", 9) == 0 &&
                         strncmp(path, "datasets/cache/", 15) != 0;
    if (found && !bundled)
        return path;
    print_message("%s is not there: skipped\n", name);
    skip();
    return NULL;
}

/* With -Wl,--wrap=malloc,--wrap=free: fails the n-th allocation for n = 0, 1, ... until
 * the job gets through; each time it must say so and give everything back. */
#ifdef WRAP_ALLOCATIONS
#include "failing_malloc.h"

static inline void each_allocation(bool (*job)(void), long at_least)
{
    for (long n = 0;; n++) {
        begin_failing(n);
        sq_fail(SEQNN_OK, "%s", "");
        bool succeeded = job();
        if (!end_failing()) {
            assert_true(succeeded);
            assert_true(n >= at_least);
            return;
        }
        if (succeeded)
            fail_msg("allocation %ld fails, and nobody says so", n);
        assert_true(seqnn_error()[0] != '\0');
    }
}
#endif

#endif
