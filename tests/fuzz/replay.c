/* A fuzz target without libFuzzer: feeds it what once found something, and its seeds,
 * whole and cut at every byte. Built once for each target, with FUZZ_NAME and the folder
 * lists given by the Makefile. Reports in TAP. */
#include <glob.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STRING_OF(name) #name
#define STRING(name) STRING_OF(name)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

enum { SEED_BYTES = 300, FILE_BYTES = 1 << 20 };

/* A copy of its own size, so that a sanitizer sees the byte behind the end. */
static void feed(const uint8_t *bytes, size_t count)
{
    uint8_t *copy = (uint8_t *)malloc(count ? count : 1);
    if (!copy)
        exit(2);
    memcpy(copy, bytes, count);
    LLVMFuzzerTestOneInput(copy, count);
    free(copy);
}

/* The first `size` bytes of each file, and with cut every beginning of them too. */
static long feed_files(const char *pattern, size_t size, int cut)
{
    static uint8_t bytes[FILE_BYTES];
    glob_t files;
    if (glob(pattern, 0, NULL, &files) != 0)
        return 0;
    for (size_t i = 0; i < files.gl_pathc; i++) {
        FILE *file = fopen(files.gl_pathv[i], "rb");
        size_t count = file ? fread(bytes, 1, size, file) : 0;
        if (file)
            fclose(file);
        feed(bytes, count);
        for (size_t end = 0; cut && end < count; end++)
            feed(bytes, end);
    }
    long fed = (long)files.gl_pathc;
    globfree(&files);
    return fed;
}

int main(void)
{
    static const char *const always[] = {
        "", "\n", "\xEF\xBB\xBF", "\r\n\r", "\xFF\xFE", "\"", "{", "[", "0"};
    char patterns[] = FUZZ_SEEDS;
    printf("1..1\n");
    fflush(stdout);
    for (size_t i = 0; i < sizeof always / sizeof always[0]; i++)
        feed((const uint8_t *)always[i], strlen(always[i]));
    feed((const uint8_t *)"\0\0\0\0\0\0\0\0", 8);
    long found = feed_files("tests/fuzz/found/" STRING(FUZZ_NAME) "/*", FILE_BYTES, 0);
    long seeds = feed_files("tests/fuzz/seeds/" STRING(FUZZ_NAME) "/*", FILE_BYTES, 1);
    for (char *pattern = strtok(patterns, " "); pattern; pattern = strtok(NULL, " "))
        seeds += feed_files(pattern, SEED_BYTES, 1);
    printf("ok 1 - %s: %ld seeds, %ld findings\n", STRING(FUZZ_NAME), seeds, found);
    return 0;
}
