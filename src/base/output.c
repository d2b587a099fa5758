#include "output.h"

#include <errno.h>
#ifdef _WIN32
#include <io.h>
#ifdef __cplusplus
extern "C"
#endif
    /* Of windows.h, which brings much more. */
    __declspec(dllimport) int __stdcall MoveFileExA(const char *from, const char *to,
                                                    unsigned long flags);
#else
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#ifndef __cplusplus
int fsync(int descriptor); /* strict ISO C hides it */
#endif
#endif

/* The first failure stands. */
static seqnn_status sq_output_fail(sq_output *output, const char *what)
{
    const char *reason = errno != 0 ? strerror(errno) : "the disk took only a part";
    if (output->status == SEQNN_OK)
        output->status =
            sq_fail(SEQNN_ERROR_FILE, "%s: cannot %s: %s", output->path, what, reason);
    return output->status;
}

#ifdef _WIN32
static seqnn_status sq_output_check(sq_output *output)
{
    return output->status;
}

static seqnn_status sq_output_lock(sq_output *output)
{
    return output->status;
}

static seqnn_status sq_output_settle(sq_output *output)
{
    errno = 0;
    if (_commit(_fileno((FILE *)output->file)) != 0)
        sq_output_fail(output, "be written to the disk");
    return output->status;
}

static seqnn_status sq_output_rename(sq_output *output)
{
    enum { REPLACE_EXISTING = 1, WRITE_THROUGH = 8 }; /* rename does not replace there */
    errno = EACCES;
    if (!MoveFileExA(output->part, output->path, REPLACE_EXISTING | WRITE_THROUGH)) {
        sq_output_fail(output, "be replaced");
        remove(output->part);
    }
    return output->status;
}
#else
/* A rename would replace a device as well, if the user may. */
static seqnn_status sq_output_check(sq_output *output)
{
    struct stat there;
    if (stat(output->path, &there) == 0 && !S_ISREG(there.st_mode))
        output->status = sq_fail(SEQNN_ERROR_FILE,
                                 "%s: cannot be replaced: it is a folder, a device or "
                                 "another thing that is no file",
                                 output->path);
    return output->status;
}

/* Locks the part without changing it. Between opening and locking its owner may have
 * renamed it: then there is another part, or none, and it is tried again. */
static seqnn_status sq_output_lock(sq_output *output)
{
    for (int attempt = 0; attempt < 100; attempt++) {
        struct stat locked, named;
        int lock = open(output->part, O_WRONLY | O_CREAT, 0666);
        if (lock < 0)
            return sq_output_fail(output, "be written");
        if (flock(lock, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
            close(lock);
            return output->status = sq_fail(
                       SEQNN_ERROR_FILE,
                       "%s: is being written by another process or thread", output->path);
        }
        if (fstat(lock, &locked) == 0 && stat(output->part, &named) == 0 &&
            locked.st_ino == named.st_ino && locked.st_dev == named.st_dev) {
            output->lock = lock;
            return SEQNN_OK;
        }
        close(lock);
    }
    errno = EBUSY;
    return sq_output_fail(output, "be written");
}

static seqnn_status sq_output_settle(sq_output *output)
{
    /* A device (a full one, in tests) cannot be synced and need not. */
    if (fsync(output->lock) != 0 && errno != EINVAL)
        sq_output_fail(output, "be written to the disk");
    return output->status;
}

/* The new name is safe when the folder is on the disk too. */
static seqnn_status sq_output_rename(sq_output *output)
{
    if (rename(output->part, output->path) != 0) {
        sq_output_fail(output, "be replaced");
        remove(output->part);
        return output->status;
    }
    if (output->unsynced)
        return output->status;
    char *slash = strrchr(output->part, '/');
    if (slash)
        slash[slash == output->part] = '\0';
    int folder = open(slash ? output->part : ".", O_RDONLY);
    /* A folder that may be written but not read, or whose file system has no such
     * thing, is left to the system. */
    if (folder >= 0) {
        if (fsync(folder) != 0 && errno != EINVAL)
            sq_output_fail(output, "be synced with its folder");
        close(folder);
    }
    return output->status;
}
#endif

SQ_LOCAL seqnn_status sq_output_open(sq_output *output, const char *path)
{
    memset(output, 0, sizeof *output);
    output->path = path;
    output->lock = -1;
    size_t length = path ? strlen(path) : 0;
    if (length == 0)
        return output->status =
                   sq_fail(SEQNN_ERROR_ARGUMENT, "no path was given for the file");
    output->part = (char *)sq_allocate((seqnn_size)length + 6, 1);
    if (!output->part)
        return output->status = SEQNN_ERROR_MEMORY;
    memcpy(output->part, path, length);
    memcpy(output->part + length, ".part", 6);
    if (sq_output_check(output) == SEQNN_OK && sq_output_lock(output) == SEQNN_OK) {
        errno = 0;
        output->file = fopen(output->part, "wb");
        if (!output->file)
            sq_output_fail(output, "be written");
    }
    return output->status;
}

SQ_LOCAL seqnn_status sq_output_bytes(sq_output *output, const void *bytes,
                                      seqnn_size count)
{
    if (output->status != SEQNN_OK || count == 0)
        return output->status;
    errno = 0;
    if (fwrite(bytes, 1, (size_t)count, (FILE *)output->file) != (size_t)count)
        sq_output_fail(output, "be written whole");
    return output->status;
}

/* Closes what is open and takes away what was not renamed. */
static seqnn_status sq_output_end(sq_output *output, bool keep)
{
    bool complete = false;
    if (output->file) {
        errno = 0;
        if (fflush((FILE *)output->file) != 0)
            sq_output_fail(output, "be written whole");
        if (keep && output->status == SEQNN_OK && !output->unsynced)
            sq_output_settle(output);
        errno = 0;
        if (fclose((FILE *)output->file) != 0)
            sq_output_fail(output, "be written whole");
        output->file = NULL;
        complete = keep && output->status == SEQNN_OK;
    }
#ifdef _WIN32
    bool ours = output->part != NULL;
#else
    bool ours = output->lock >= 0;
#endif
    if (complete)
        sq_output_rename(output);
    else if (ours)
        remove(output->part);
#ifndef _WIN32
    if (output->lock >= 0)
        close(output->lock); /* and gives the lock back, after the rename */
    output->lock = -1;
#endif
    sq_free(output->part);
    output->part = NULL;
    return output->status;
}

SQ_LOCAL seqnn_status sq_output_close(sq_output *output)
{
    return sq_output_end(output, true);
}

SQ_LOCAL void sq_output_abandon(sq_output *output)
{
    sq_output_end(output, false);
}
