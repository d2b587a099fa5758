/* tests/fuzz/fuzz.h - what a fuzz target needs
 *
 * A target is one file, tests/fuzz/fuzz_<name>.c, and registers itself by its name:
 *
 *     // seeds: datasets/bbc/bbc-titles.tsv datasets/x/?*.tsv
 *     // max_len: 4096
 *     #include "bbc.h"
 *     #include "fuzz.h"
 *
 *     int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
 *     {
 *         seqnn_texts *texts = seqnn_read_tsv(fuzz_file(bytes, count));
 *         fuzz_outcome(texts != NULL);
 *         if (texts)
 *             for (seqnn_size i = 0; i < texts->count; i++)
 *                 fuzz_text(texts->text[i]);
 *         seqnn_texts_free(texts);
 *         return 0;
 *     }
 *
 * "seeds:" names files of the repository by shell patterns: the first 300 bytes of each
 * are a seed. More seeds lie in tests/fuzz/seeds/<name>/, and what once found something
 * in tests/fuzz/found/<name>/. Inputs grow up to max_len bytes (400 if it is not said).
 * Both lines are C comments, one a line and optional: see fuzz_tsv.c.
 *
 * `make fuzz FUZZ_SECONDS=60 T=<name>` runs it under libFuzzer with the sanitizers;
 * `make test` replays seeds (whole, and cut at every byte) and findings with replay.c.
 * fuzz_file is a file in memory: nothing touches the disk.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "private.h"
#include "unicode.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

enum { FUZZ_FILES = 3, FUZZ_PATH = 64 };

static inline void fuzz_must(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "fuzz: %s; the error is '%s'\n", what, seqnn_error());
        abort();
    }
}

/* The path of file `which` of FUZZ_FILES with these bytes; it stands until the next call
 * for the same one. Takes the old error sentence away. */
static inline const char *fuzz_file_number(int which, const uint8_t *bytes, size_t count)
{
    static int files[FUZZ_FILES];
    static char paths[FUZZ_FILES][FUZZ_PATH];
    if (!files[which]) {
        files[which] = memfd_create("fuzz", 0);
        fuzz_must(files[which] > 0, "no file in memory");
        snprintf(paths[which], FUZZ_PATH, "/proc/self/fd/%d", files[which]);
    }
    fuzz_must(ftruncate(files[which], 0) == 0 && lseek(files[which], 0, SEEK_SET) == 0 &&
                  write(files[which], bytes, count) == (ssize_t)count,
              "the file in memory was not written");
    sq_fail(SEQNN_OK, "%s", "");
    return paths[which];
}

static inline const char *fuzz_file(const uint8_t *bytes, size_t count)
{
    return fuzz_file_number(0, bytes, count);
}

/* A folder that holds the bytes as the file "business/001.txt", or whatever is named at
 * the first call: for readers of folders. */
static char fuzz_root[FUZZ_PATH];

static inline void fuzz_remove_folder(void)
{
    char command[FUZZ_PATH + 8];
    snprintf(command, sizeof command, "rm -r %s", fuzz_root);
    if (system(command) != 0)
        fprintf(stderr, "fuzz: %s stays\n", fuzz_root);
}

static inline const char *fuzz_folder(const char *name, const uint8_t *bytes,
                                      size_t count)
{
    const char *file = fuzz_file(bytes, count);
    if (!fuzz_root[0]) {
        char path[FUZZ_PATH + 256];
        snprintf(fuzz_root, FUZZ_PATH, "%s/seqnn_fuzz_XXXXXX",
                 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
        fuzz_must(mkdtemp(fuzz_root) != NULL, "no folder");
        atexit(fuzz_remove_folder);
        snprintf(path, sizeof path, "%s/%s", fuzz_root, name);
        for (char *slash = path + strlen(fuzz_root) + 1; (slash = strchr(slash, '/'));
             *slash++ = '/') {
            *slash = '\0';
            fuzz_must(mkdir(path, 0700) == 0, "no folder");
        }
        fuzz_must(symlink(file, path) == 0, "no link in the folder");
    }
    return fuzz_root;
}

/* Who fails says why. */
static inline void fuzz_outcome(bool succeeded)
{
    fuzz_must(succeeded || seqnn_error()[0], "a failure without a sentence");
}

/* Reads memory, so that the sanitizers see whether it is there. */
static inline void fuzz_bytes(const void *memory, size_t count)
{
    const volatile unsigned char *byte = (const volatile unsigned char *)memory;
    for (size_t i = 0; i < count; i++)
        (void)byte[i];
}

/* A text that came out is there up to its NUL. */
static inline void fuzz_text(const char *text)
{
    fuzz_must(text != NULL, "a text is missing");
    fuzz_bytes(text, strlen(text) + 1);
}

/* ... and valid UTF-8, where a reader promises that. */
static inline void fuzz_utf8(const char *text)
{
    fuzz_text(text);
    seqnn_size length = (seqnn_size)strlen(text), at = 0;
    while (at < length) {
        int32_t point;
        at += sq_utf8_next(text + at, length - at, &point);
        fuzz_must(point >= 0, "a text is not UTF-8");
    }
}

#endif
