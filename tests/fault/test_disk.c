/* Every call that opens, reads, writes, syncs or renames a file fails once, at every
 * place there is one, in every reader and writer. Each job ends with a status and a
 * sentence, or has got all it wanted; handles and memory are given back, the old file
 * stands. */
/* flags: -Wl,--wrap=malloc,--wrap=free,--wrap=fopen,--wrap=fread,--wrap=fwrite */
/* flags: -Wl,--wrap=fflush,--wrap=fclose,--wrap=ferror,--wrap=fseek,--wrap=ftell */
/* flags: -Wl,--wrap=fsync,--wrap=open,--wrap=close,--wrap=flock,--wrap=rename */
/* flags: -Wl,--wrap=opendir,--wrap=readdir,--wrap=closedir,--wrap=gzopen */
/* flags: -Wl,--wrap=gzread,--wrap=gzclose */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>

#include "jobs.h"

static long calls, handles, living, failing = -1;
static bool counting;
static FILE *failed_stream; /* its error indicator is set */

#define WRAP(type, name, ...)                                                            \
    type __real_##name(__VA_ARGS__);                                                     \
    type __wrap_##name(__VA_ARGS__);                                                     \
    type __wrap_##name(__VA_ARGS__)

/* Counts a call; true if it is the one that fails. */
static bool fails(int reason)
{
    if (!counting || calls++ != failing)
        return false;
    errno = reason;
    return true;
}

static void *opened(void *handle)
{
    handles += counting && handle;
    return handle;
}

WRAP(void *, malloc, size_t size)
{
    void *memory = __real_malloc(size);
    living += counting && memory;
    return memory;
}

WRAP(void, free, void *memory)
{
    living -= counting && memory;
    __real_free(memory);
}

WRAP(FILE *, fopen, const char *path, const char *mode)
{
    return fails(EACCES) ? NULL : (FILE *)opened(__real_fopen(path, mode));
}

WRAP(size_t, fread, void *bytes, size_t size, size_t count, FILE *file)
{
    if (fails(EIO)) {
        failed_stream = file;
        return 0;
    }
    return __real_fread(bytes, size, count, file);
}

WRAP(int, ferror, FILE *file)
{
    return file == failed_stream || __real_ferror(file);
}

/* Half of it finds room. */
WRAP(size_t, fwrite, const void *bytes, size_t size, size_t count, FILE *file)
{
    if (fails(ENOSPC)) {
        failed_stream = file;
        return __real_fwrite(bytes, size, count / 2, file);
    }
    return __real_fwrite(bytes, size, count, file);
}

WRAP(int, fflush, FILE *file)
{
    return fails(ENOSPC) ? EOF : __real_fflush(file);
}

WRAP(int, fclose, FILE *file)
{
    bool failed = fails(EIO);
    handles -= counting;
    if (file == failed_stream)
        failed_stream = NULL;
    int result = __real_fclose(file);
    if (failed)
        errno = EIO;
    return failed ? EOF : result;
}

WRAP(int, fseek, FILE *file, long offset, int whence)
{
    return fails(EIO) ? -1 : __real_fseek(file, offset, whence);
}

WRAP(long, ftell, FILE *file)
{
    return fails(EIO) ? -1 : __real_ftell(file);
}

WRAP(int, fsync, int descriptor)
{
    return fails(EIO) ? -1 : __real_fsync(descriptor);
}

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
    int descriptor = fails(EACCES) ? -1 : __real_open(path, flags, 0666);
    handles += counting && descriptor >= 0;
    return descriptor;
}

WRAP(int, close, int descriptor)
{
    bool failed = fails(EIO);
    handles -= counting;
    return __real_close(descriptor) != 0 || failed ? -1 : 0;
}

WRAP(int, flock, int descriptor, int operation)
{
    return fails(ENOLCK) ? -1 : __real_flock(descriptor, operation);
}

WRAP(int, rename, const char *from, const char *to)
{
    return fails(EACCES) ? -1 : __real_rename(from, to);
}

WRAP(DIR *, opendir, const char *path)
{
    return fails(EMFILE) ? NULL : (DIR *)opened(__real_opendir(path));
}

WRAP(struct dirent *, readdir, DIR *folder)
{
    return fails(EIO) ? NULL : __real_readdir(folder);
}

WRAP(int, closedir, DIR *folder)
{
    handles -= counting;
    return __real_closedir(folder);
}

WRAP(gzFile, gzopen, const char *path, const char *mode)
{
    return fails(EACCES) ? NULL : (gzFile)opened(__real_gzopen(path, mode));
}

WRAP(int, gzread, gzFile file, void *bytes, unsigned size)
{
    return fails(EIO) ? -1 : __real_gzread(file, bytes, size);
}

WRAP(int, gzclose, gzFile file)
{
    handles -= counting;
    return __real_gzclose(file);
}

static void run_sweep(const file_job *job)
{
    long told = 0, replaced = 0;
    uint64_t whole = 0;
    for (long n = -1;; n++) { /* at first nothing fails */
        sq_fail(SEQNN_OK, "%s", "");
        put_old(job);
        calls = handles = living = 0;
        signature = 14695981039346656037u;
        failing = n;
        counting = true;
        seqnn_status status = job->run();
        counting = false;
        failed_stream = NULL;
        if (n < 0) {
            if (status)
                fail_msg("%s: nothing fails, but: %s", job->name, seqnn_error());
            whole = signature;
        }
        if (living != 0 || handles != 0)
            fail_msg("%s: call %ld fails: %ld blocks and %ld handles are lost", job->name,
                     n, living, handles);
        if (!status && signature != whole)
            fail_msg("%s: call %ld fails: half is taken for the whole", job->name, n);
        if (status) {
            told++;
            if (!seqnn_error()[0])
                fail_msg("%s: call %ld fails without a sentence", job->name, n);
            replaced += !old_is_there(job);
        } else if (job->old && old_is_there(job)) {
            fail_msg("%s: call %ld fails: nothing was written", job->name, n);
        }
        if (n >= 0 && calls <= n)
            break;
    }
    if (told < 2 || replaced > 1)
        fail_msg("%s: %ld failures are told, the old file is lost in %ld", job->name,
                 told, replaced);
    print_message("%-20s %ld calls, %ld failures are told\n", job->name, calls, told);
}

static void each_call_fails_once(void **state)
{
    run_sweep((const file_job *)*state);
}

int main(void)
{
    struct CMUnitTest tests[sizeof file_jobs / sizeof file_jobs[0]];
    memset(tests, 0, sizeof tests);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
        tests[i].name = file_jobs[i].name;
        tests[i].test_func = each_call_fails_once;
        tests[i].initial_state = (void *)(uintptr_t)&file_jobs[i];
    }
    return cmocka_run_group_tests(tests, prepare_files, remove_files);
}
