/* Arrays on their way into files, where Python is not needed to tell: what is refused,
 * alignment, the old file, a comma locale. Beside Python: test_safetensors.py. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "comma_locale.h"
#include "npy.h"
#include "outcomes.h"

static char path[64];

static int make_file(void **state)
{
    (void)state;
    /* In memory where that is possible: hundreds of files are written. */
    bool shared = access("/dev/shm", W_OK) == 0;
    strcpy(path, shared ? "/dev/shm/seqnn_arrays_XXXXXX" : "/tmp/seqnn_arrays_XXXXXX");
    int file = mkstemp(path);
    return file < 0 ? -1 : close(file);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static size_t bytes_of(unsigned char *bytes, size_t size)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t count = fread(bytes, 1, size, file);
    fclose(file);
    return count;
}

static const float six[6] = {1.5f, -2, 3, 4, 5, 1e-7f};
static const uint8_t three[3] = {7, 0, 255};

static void names_and_shapes_are_checked(void **state)
{
    (void)state;
    const seqnn_named_array good = {.name = "w", .rank = 1, .shape = {6}, .data = six};
    const struct {
        seqnn_named_array array;
        const char *said;
    } bad[] = {
        {{.name = NULL, .data = six}, "an array is named ''"},
        {{.name = "", .data = six}, "an array is named ''"},
        {{.name = "__metadata__", .data = six}, "is named '__metadata__'"},
        {{.name = "w", .data = six}, "the key 'w' comes twice"},
        {{.name = "a\xFF", .data = six}, "is not UTF-8"},
        {{.name = "a", .dtype = (seqnn_dtype)11, .data = six}, "'a' has dtype 11"},
        {{.name = "a", .dtype = (seqnn_dtype)-1, .data = six}, "'a' has dtype -1"},
        {{.name = "a", .rank = 9, .data = six}, "rank 9"},
        {{.name = "a", .rank = -1, .data = six}, "rank -1"},
        {{.name = "a", .rank = 1, .shape = {-1}, .data = six}, "a shape that is no size"},
        {{.name = "a", .rank = 2, .shape = {PTRDIFF_MAX, 2}, .data = six},
         "a shape that is no size"},
        {{.name = "a", .rank = 1, .shape = {6}}, "'a' has no data"},
    };
    assert_int_equal(seqnn_safetensors_write(path, &good, 1, NULL, 0), SEQNN_OK);
    unsigned char before[512], after[512];
    size_t size = bytes_of(before, sizeof before);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        seqnn_named_array both[2] = {good, bad[i].array};
        assert_int_equal(seqnn_safetensors_write(path, both, 2, NULL, 0),
                         SEQNN_ERROR_ARGUMENT);
        assert_error(bad[i].said);
        assert_int_equal(bytes_of(after, sizeof after), size);
        assert_memory_equal(before, after, size);
    }
    const seqnn_metadata twice[] = {{"k", "1"}, {"k", "2"}}, half = {"k", NULL};
    assert_int_equal(seqnn_safetensors_write(path, &good, 1, twice, 2),
                     SEQNN_ERROR_ARGUMENT);
    assert_error("the key 'k' comes twice");
    assert_int_equal(seqnn_safetensors_write(path, &good, 1, &half, 1),
                     SEQNN_ERROR_ARGUMENT);
    assert_int_equal(seqnn_safetensors_write("", &good, 1, NULL, 0),
                     SEQNN_ERROR_ARGUMENT);
    assert_int_equal(seqnn_safetensors_write(NULL, &good, 1, NULL, 0),
                     SEQNN_ERROR_ARGUMENT);
    assert_int_equal(seqnn_safetensors_write("/no/such/x", &good, 1, NULL, 0),
                     SEQNN_ERROR_FILE);
    assert_error("/no/such/x: cannot be written: ");
    assert_int_equal(bytes_of(after, sizeof after), size);
    seqnn_named_array npy = {.dtype = SEQNN_BF16, .rank = 1, .shape = {6}, .data = six};
    assert_int_equal(seqnn_npy_write(path, &npy), SEQNN_ERROR_ARGUMENT);
    assert_error("a seqnn_dtype that NumPy has");
    npy.dtype = SEQNN_F32;
    npy.shape[0] = -6;
    assert_int_equal(seqnn_npy_write(path, &npy), SEQNN_ERROR_ARGUMENT);
    assert_int_equal(seqnn_npy_write("", &good), SEQNN_ERROR_ARGUMENT);
}

/* Whatever the order and sizes, each array comes back at a multiple of 8 bytes. */
static void arrays_come_back_aligned(void **state)
{
    (void)state;
    const double two[2] = {1e300, -0.5};
    const int64_t whole = -5;
    const seqnn_named_array arrays[] = {
        {.name = "bytes", .dtype = SEQNN_U8, .rank = 1, .shape = {3}, .data = three},
        {.name = "w", .rank = 2, .shape = {2, 3}, .data = six},
        {.name = "flag", .dtype = SEQNN_BOOL, .rank = 1, .shape = {3}, .data = three},
        {.name = "d", .dtype = SEQNN_F64, .rank = 1, .shape = {2}, .data = two},
        {.name = "none", .dtype = SEQNN_I16, .rank = 3, .shape = {4, 0, 2}},
        {.name = "one", .dtype = SEQNN_I64, .data = &whole},
    };
    static const char *const order[] = {"d", "one", "w", "none", "bytes", "flag"};
    assert_int_equal(seqnn_safetensors_write(path, arrays, 6, NULL, 0), SEQNN_OK);
    seqnn_safetensors *file = seqnn_safetensors_read(path);
    assert_non_null(file);
    assert_int_equal(file->count, 6);
    assert_int_equal(file->metadata_count, 0);
    seqnn_real values[6];
    for (int i = 0; i < 6; i++) {
        const seqnn_named_array *found = seqnn_safetensors_find(file, arrays[i].name);
        assert_non_null(found);
        assert_string_equal(file->array[i].name, order[i]);
        assert_int_equal((uintptr_t)found->data % 8, 0);
        assert_int_equal(found->dtype, arrays[i].dtype ? arrays[i].dtype : SEQNN_F32);
        assert_int_equal(found->rank, arrays[i].rank);
        assert_memory_equal(found->shape, arrays[i].shape, sizeof found->shape);
        seqnn_size bytes =
            seqnn_named_array_count(found) * seqnn_dtype_size(found->dtype);
        if (bytes > 0)
            assert_memory_equal(found->data, arrays[i].data, (size_t)bytes);
    }
    seqnn_named_array_read(seqnn_safetensors_find(file, "flag"), values);
    assert_true(values[0] == 1 && values[1] == 0 && values[2] == 1);
    assert_null(seqnn_safetensors_find(file, "W"));
    assert_null(seqnn_safetensors_metadata(file, "format"));
    seqnn_safetensors_free(file);
    seqnn_safetensors_free(NULL);
    assert_int_equal(seqnn_dtype_size((seqnn_dtype)99), 0);

    /* A foreign file may have them at any byte. */
    FILE *out = fopen(path, "wb");
    static const char header[] =
        "{\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
        "\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[1,9]}}";
    const unsigned char length[8] = {sizeof header - 1};
    fwrite(length, 1, 8, out);
    fwrite(header, 1, sizeof header - 1, out);
    fwrite("x", 1, 1, out);
    fwrite(six, 4, 2, out);
    fclose(out);
    file = seqnn_safetensors_read(path);
    assert_non_null(file);
    assert_string_equal(file->array[1].name, "w");
    assert_int_equal((uintptr_t)file->array[1].data % 8, 0);
    assert_memory_equal(file->array[1].data, six, 8);
    seqnn_safetensors_free(file);
}

static void what_errors_say(void **state)
{
    (void)state;
    assert_null(seqnn_safetensors_read("/no/such/file"));
    assert_error("/no/such/file: cannot be opened: No such file");
    assert_null(seqnn_safetensors_read("/tmp"));
    assert_error("/tmp: is a folder, expected a file");
    assert_null(seqnn_safetensors_read(NULL));
    assert_error("no path was given");
    assert_null(seqnn_npy_read("/no/such/file"));
    assert_error("/no/such/file: cannot be opened: No such file");
}

/* Each file is refused at every length but its own. */
static void cut_at_every_byte(void **state)
{
    (void)state;
    const seqnn_named_array array = {.name = "w", .rank = 1, .shape = {6}, .data = six};
    const seqnn_metadata metadata = {"format", "pt"};
    for (int npy = 0; npy < 2; npy++) {
        unsigned char bytes[512];
        if (npy)
            assert_int_equal(seqnn_npy_write(path, &array), SEQNN_OK);
        else
            assert_int_equal(seqnn_safetensors_write(path, &array, 1, &metadata, 1),
                             SEQNN_OK);
        size_t size = bytes_of(bytes, sizeof bytes);
        for (size_t cut = 0; cut <= size; cut++) {
            FILE *out = fopen(path, "wb");
            fwrite(bytes, 1, cut, out);
            fclose(out);
            seqnn_safetensors *file =
                npy ? seqnn_npy_read(path) : seqnn_safetensors_read(path);
            if ((file != NULL) != (cut == size))
                fail_msg("cut at %zu of %zu: %s", cut, size, seqnn_error());
            if (!file)
                assert_error(path);
            seqnn_safetensors_free(file);
        }
    }
}

static void a_comma_locale_changes_nothing(void **state)
{
    (void)state;
    const seqnn_named_array array = {
        .name = "1.5", .rank = 2, .shape = {2, 3}, .data = six};
    const seqnn_metadata metadata = {"rate", "0.5"};
    for (int npy = 0; npy < 2; npy++) {
        unsigned char plain[512], comma[512];
        size_t size[2];
        for (int german = 0; german < 2; german++) {
            if (german && !set_comma_locale())
                skip();
            if (npy)
                assert_int_equal(seqnn_npy_write(path, &array), SEQNN_OK);
            else
                assert_int_equal(seqnn_safetensors_write(path, &array, 1, &metadata, 1),
                                 SEQNN_OK);
            size[german] = bytes_of(german ? comma : plain, sizeof plain);
            seqnn_safetensors *file =
                npy ? seqnn_npy_read(path) : seqnn_safetensors_read(path);
            assert_non_null(file);
            seqnn_safetensors_free(file);
            setlocale(LC_ALL, "C");
        }
        assert_int_equal(size[0], size[1]);
        assert_memory_equal(plain, comma, size[0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_shapes_are_checked),
        cmocka_unit_test(arrays_come_back_aligned),
        cmocka_unit_test(what_errors_say),
        cmocka_unit_test(cut_at_every_byte),
        cmocka_unit_test(a_comma_locale_changes_nothing),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
