/* Every call that opens, reads, writes, syncs or renames a file fails once, and so does
 * every allocation, at every place there is one, in every reader and writer. Each job
 * ends with a status and a sentence, or has got all it wanted; handles and memory are
 * given back, the old file stands. */
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
static bool counting, memory_fails; /* memory_fails: allocations do, calls do not */
static FILE *failed_stream;         /* its error indicator is set */

#define WRAP(type, name, ...)                                                            \
    type __real_##name(__VA_ARGS__);                                                     \
    type __wrap_##name(__VA_ARGS__);                                                     \
    type __wrap_##name(__VA_ARGS__)

/* Counts a call; true if it is the one that fails. */
static bool fails(int reason)
{
    if (!counting || memory_fails || calls++ != failing)
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
    bool full = counting && memory_fails && calls++ == failing;
    void *memory = full ? NULL : __real_malloc(size);
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

/* One run in which call n fails; none if n < 0. */
static seqnn_status run_once(const file_job *job, long n)
{
    sq_fail(SEQNN_OK, "%s", "");
    put_old(job);
    calls = handles = living = 0;
    signature = 14695981039346656037u;
    failing = n;
    counting = true;
    seqnn_status status = job->run();
    counting = false;
    failed_stream = NULL;
    if (living != 0 || handles != 0)
        fail_msg("call %ld fails: %ld blocks and %ld handles are lost", n, living,
                 handles);
    if (status && !seqnn_error()[0])
        fail_msg("call %ld fails without a sentence", n);
    return status;
}

static uint64_t run_whole(const file_job *job)
{
    if (run_once(job, -1))
        fail_msg("nothing fails, but: %s", seqnn_error());
    return signature;
}

static void each_call_fails_once(void **state)
{
    const file_job *job = (const file_job *)*state;
    long told = 0, replaced = 0;
    memory_fails = false;
    uint64_t whole = run_whole(job);
    for (long n = 0; n == 0 || calls > failing; n++) {
        seqnn_status status = run_once(job, n);
        if (!status && signature != whole)
            fail_msg("call %ld fails: half is taken for the whole", n);
        if (!status && job->old && old_is_there(job))
            fail_msg("call %ld fails: nothing was written", n);
        told += status != SEQNN_OK;
        replaced += status && !old_is_there(job);
    }
    /* The new file is there after one failure, that of the last sync. */
    if (told < 2 || replaced > 1)
        fail_msg("%ld failures are told, the old file is lost in %ld", told, replaced);
    print_message("%-20s %ld calls, %ld failures are told\n", job->name, calls, told);
}

/* A font that finds no memory is done without. */
static void each_allocation_fails_once(void **state)
{
    const file_job *job = (const file_job *)*state;
    memory_fails = true;
    uint64_t whole = run_whole(job);
    /* Each of the first 100, then fewer: the encoder of pictures takes thousands. */
    for (long n = 0; n == 0 || calls > failing; n += 1 + n / 100 * (n / 10)) {
        seqnn_status status = run_once(job, n);
        if (status && status != SEQNN_ERROR_MEMORY)
            fail_msg("allocation %ld fails: the status is %s, '%s'", n,
                     seqnn_status_name(status), seqnn_error());
        if (status)
            says("memory");
        if (!status && (signature != whole || (job->old && old_is_there(job))))
            fail_msg("allocation %ld fails: half is taken for the whole", n);
        if (status && !old_is_there(job))
            fail_msg("allocation %ld fails: the old file is lost", n);
    }
    assert_true(calls > 0);
}

int main(void)
{
    enum { JOBS = sizeof file_jobs / sizeof file_jobs[0] };
    struct CMUnitTest tests[2 * JOBS];
    memset(tests, 0, sizeof tests);
    for (int i = 0; i < 2 * JOBS; i++) {
        tests[i].name = file_jobs[i / 2].name;
        tests[i].test_func = i % 2 ? each_allocation_fails_once : each_call_fails_once;
        tests[i].initial_state = (void *)(uintptr_t)&file_jobs[i / 2];
    }
    return cmocka_run_group_tests(tests, prepare_files, remove_files);
}
