/* Files on the way out: whole or not at all, whatever happens to the disk. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "outcomes.h"
#include "output.h"

static char folder[64], path[128], part[160];

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/seqnn_files_XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/file", folder);
    snprintf(part, sizeof part, "%s.part", path);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

static void put(const char *where, const char *text)
{
    FILE *file = fopen(where, "wb");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    fclose(file);
}

static void holds(const char *where, const char *text)
{
    char found[64];
    FILE *file = fopen(where, "rb");
    assert_non_null(file);
    size_t count = fread(found, 1, sizeof found - 1, file);
    fclose(file);
    found[count] = '\0';
    assert_string_equal(found, text);
}

static bool exists(const char *where)
{
    struct stat status;
    return lstat(where, &status) == 0;
}

/* Writes so many bytes in pieces; the status of the end. */
static seqnn_status write_many(const char *where, seqnn_size count)
{
    static char zeros[1000];
    sq_output output;
    sq_output_open(&output, where);
    for (; count > 0; count -= 1000)
        sq_output_bytes(&output, zeros, sq_min(count, 1000));
    return sq_output_close(&output);
}

static void a_file_appears_whole(void **state)
{
    (void)state;
    sq_output output;
    put(path, "old");
    assert_int_equal(sq_output_open(&output, path), SEQNN_OK);
    assert_int_equal(sq_output_bytes(&output, "ne", 2), SEQNN_OK);
    holds(path, "old");
    assert_true(exists(part));
    assert_int_equal(sq_output_bytes(&output, "w", 1), SEQNN_OK);
    assert_int_equal(sq_output_close(&output), SEQNN_OK);
    holds(path, "new");
    assert_false(exists(part));

    assert_int_equal(sq_output_open(&output, path), SEQNN_OK);
    assert_int_equal(sq_output_bytes(&output, "half", 4), SEQNN_OK);
    sq_output_abandon(&output);
    holds(path, "new");
    assert_false(exists(part));

    /* in the current folder, whose name the path does not hold */
    char here[512];
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(chdir(folder), 0);
    assert_int_equal(write_many("plain", 5), SEQNN_OK);
    assert_int_equal(chdir(here), 0);
    snprintf(part, sizeof part, "%s/plain", folder);
    assert_true(exists(part));
    snprintf(part, sizeof part, "%s.part", path);
}

static void a_path_that_cannot_be_written(void **state)
{
    (void)state;
    sq_output output;
    assert_int_equal(sq_output_open(&output, ""), SEQNN_ERROR_ARGUMENT);
    assert_int_equal(sq_output_close(&output), SEQNN_ERROR_ARGUMENT);
    assert_int_equal(sq_output_open(&output, NULL), SEQNN_ERROR_ARGUMENT);
    assert_int_equal(sq_output_bytes(&output, "x", 1), SEQNN_ERROR_ARGUMENT);
    assert_int_equal(sq_output_close(&output), SEQNN_ERROR_ARGUMENT);
    assert_error("no path was given");
    assert_int_equal(write_many("/no/such/folder/file", 1), SEQNN_ERROR_FILE);
    assert_error("/no/such/folder/file: cannot be written: No such file");
    assert_int_equal(write_many(folder, 1), SEQNN_ERROR_FILE);
    assert_error("cannot be replaced: ");
    snprintf(part, sizeof part, "%s.part", folder);
    assert_false(exists(part));
    snprintf(part, sizeof part, "%s.part", path);
}

/* What a killed process left is written over; what a living one writes is not. */
static void two_writers_do_not_meet(void **state)
{
    (void)state;
    sq_output first, second;
    put(path, "old");
    put(part, "the rest of a killed process, longer than what comes");
    assert_int_equal(sq_output_open(&first, path), SEQNN_OK);
    sq_output_bytes(&first, "fi", 2);
    assert_int_equal(sq_output_open(&second, path), SEQNN_ERROR_FILE);
    assert_error("is being written by another process");
    assert_int_equal(sq_output_bytes(&second, "second", 6), SEQNN_ERROR_FILE);
    assert_int_equal(sq_output_close(&second), SEQNN_ERROR_FILE);
    pid_t child = fork();
    if (child == 0)
        _exit(sq_output_open(&second, path) == SEQNN_ERROR_FILE ? 0 : 1);
    int ended;
    assert_int_equal(waitpid(child, &ended, 0), child);
    assert_int_equal(ended, 0);
    sq_output_bytes(&first, "rst", 3);
    assert_int_equal(sq_output_close(&first), SEQNN_OK);
    holds(path, "first");
    assert_int_equal(write_many(path, 0), SEQNN_OK);
    holds(path, "");
}

/* Many processes write one path at once: it is always one of theirs, whole. */
static void a_crowd_of_writers(void **state)
{
    (void)state;
    enum { WRITERS = 4, TIMES = 50 };
    for (int i = 0; i < WRITERS; i++)
        if (fork() == 0) {
            for (int k = 0; k < TIMES; k++) {
                char letters[40];
                sq_output output;
                memset(letters, 'a' + i, sizeof letters);
                if (sq_output_open(&output, path) == SEQNN_OK)
                    for (int half = 0; half < 2; half++) {
                        sq_output_bytes(&output, letters, 20);
                        fflush((FILE *)output.file);
                    }
                if (sq_output_close(&output) != SEQNN_OK &&
                    !strstr(seqnn_error(), "another process"))
                    _exit(2);
                FILE *file = fopen(path, "rb");
                size_t count = file ? fread(letters, 1, sizeof letters, file) : 0;
                if (file)
                    fclose(file);
                for (size_t c = 1; c < count; c++)
                    if (letters[c] != letters[0])
                        _exit(3);
                if (count != 40 && count != 0) /* none was written yet */
                    _exit(4);
            }
            _exit(0);
        }
    for (int i = 0; i < WRITERS; i++) {
        int ended;
        assert_true(wait(&ended) > 0);
        assert_int_equal(ended, 0);
    }
    assert_false(exists(part));
}

/* Killed in the midst of writing: the old file stands, and the next writer goes on. */
static void killed_while_writing(void **state)
{
    (void)state;
    put(path, "old");
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0) {
        sq_output output;
        sq_output_open(&output, path);
        sq_output_bytes(&output, "half of it", 10);
        fflush((FILE *)output.file);
        if (write(pipes[1], "x", 1) == 1)
            pause();
        _exit(1);
    }
    char byte;
    assert_int_equal(read(pipes[0], &byte, 1), 1);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    close(pipes[0]);
    close(pipes[1]);
    holds(path, "old");
    assert_true(exists(part));
    assert_int_equal(write_many(path, 0), SEQNN_OK);
    assert_false(exists(part));
}

/* A rename would take the place of anything, for a user who may. */
static void what_is_no_file_stays(void **state)
{
    (void)state;
    struct stat there;
    remove(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(write_many(path, 10), SEQNN_ERROR_FILE);
    assert_error("/file: cannot be replaced: it is a folder, a device");
    assert_int_equal(stat(path, &there), 0);
    assert_true(S_ISFIFO(there.st_mode));
    assert_false(exists(part));
    remove(path);
}

/* ---- a disk that fills ---- */

static void a_full_device(void **state)
{
    (void)state;
    if (access("/dev/full", W_OK) != 0)
        skip();
    for (int i = 0; i < 2; i++) { /* in the flush at the end, and in a write */
        put(path, "old");
        assert_int_equal(symlink("/dev/full", part), 0);
        assert_int_equal(write_many(path, i == 0 ? 10 : 100000), SEQNN_ERROR_FILE);
        assert_error("/file: cannot be written whole: No space left on device");
        holds(path, "old");
        assert_false(exists(part));
    }
}

/* Some bytes find room, the next do not. */
static void a_file_grows_too_large(void **state)
{
    (void)state;
    struct rlimit old, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = old;
    small.rlim_cur = 10000;
    signal(SIGXFSZ, SIG_IGN);
    put(path, "old");
    for (seqnn_size count = 9000; count < 40000; count += 1000) {
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
        seqnn_status status = write_many(path, count);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
        assert_int_equal(status, count <= 10000 ? SEQNN_OK : SEQNN_ERROR_FILE);
        assert_false(exists(part));
        struct stat found;
        assert_int_equal(stat(path, &found), 0);
        assert_int_equal(found.st_size, sq_min(count, 10000));
    }
    assert_error("cannot be written whole: File too large");
    signal(SIGXFSZ, SIG_DFL);
}

/* A real, small disk; who may not mount one skips this. */
static void a_small_disk_fills(void **state)
{
    (void)state;
    char disk[160], file[176];
    snprintf(disk, sizeof disk, "%s/disk", folder);
    snprintf(file, sizeof file, "%s/file", disk);
    assert_int_equal(mkdir(disk, 0700), 0);
    if (mount("tmpfs", disk, "tmpfs", 0, "size=64k") != 0) {
        print_message("a small tmpfs cannot be mounted here: %s\n", strerror(errno));
        skip();
    }
    seqnn_status first = write_many(file, 40000), second = write_many(file, 40000);
    bool told = strstr(seqnn_error(), "No space left on device") != NULL;
    struct stat found = {0};
    stat(file, &found);
    umount(disk);
    assert_int_equal(first, SEQNN_OK);
    assert_int_equal(second, SEQNN_ERROR_FILE);
    assert_true(told);
    assert_int_equal(found.st_size, 40000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_appears_whole),
        cmocka_unit_test(a_path_that_cannot_be_written),
        cmocka_unit_test(two_writers_do_not_meet),
        cmocka_unit_test(a_crowd_of_writers),
        cmocka_unit_test(killed_while_writing),
        cmocka_unit_test(what_is_no_file_stays),
        cmocka_unit_test(a_full_device),
        cmocka_unit_test(a_file_grows_too_large),
        cmocka_unit_test(a_small_disk_fills),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
