/* Saving and loading while allocations, reads and writes fail, each in its turn: a
 * sentence, nothing lost, and the old file stays. */
/* flags: -Wl,--wrap=malloc -Wl,--wrap=free -Wl,--wrap=fwrite -Wl,--wrap=fread */
#define WRAP_ALLOCATIONS
#include "reader_files.h"

#include "models.h"
#include "model_file.h"
#include "safetensors.h"
#include "weights_file.h"

static long transfers, failing_transfer = -1;
size_t __real_fwrite(const void *from, size_t size, size_t count, FILE *file);
size_t __real_fread(void *to, size_t size, size_t count, FILE *file);
size_t __wrap_fwrite(const void *from, size_t size, size_t count, FILE *file);
size_t __wrap_fread(void *to, size_t size, size_t count, FILE *file);

size_t __wrap_fwrite(const void *from, size_t size, size_t count, FILE *file)
{
    if (!counting || transfers++ != failing_transfer)
        return __real_fwrite(from, size, count, file);
    return count / 2 ? __real_fwrite(from, size, count / 2, file) : 0;
}

size_t __wrap_fread(void *to, size_t size, size_t count, FILE *file)
{
    if (!counting || transfers++ != failing_transfer)
        return __real_fread(to, size, count, file);
    return count / 2 ? __real_fread(to, size, count / 2, file) : 0;
}

static seqnn_model *saved_model, *other_model;
static seqnn_encode_options encoding = {.padding = SEQNN_PRE, .truncating = SEQNN_PRE};
static const char *const class_names[] = {"left", "right"};
static const seqnn_dataset names = {.classes = 2, .class_names = class_names};
static char path[256], weights_path[256];

static seqnn_model *make(void)
{
    seqnn_model *model = seqnn_model_new(5);
    seqnn_embedding(model, 9, 3, (seqnn_embedding_options){.mask_zero = true});
    seqnn_gru(model, 2, (seqnn_gru_options){.bidirectional = SEQNN_CONCAT});
    seqnn_dense(model, 2, (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
    return model;
}

static bool save(void)
{
    return seqnn_save(saved_model, path,
                      (seqnn_save_options){.encoding = &encoding, .data = &names}) ==
           SEQNN_OK;
}

static bool load(void)
{
    seqnn_model *model = seqnn_load(path);
    seqnn_free(model);
    return model != NULL;
}

static bool load_encoding(void)
{
    seqnn_encoding *loaded = seqnn_load_encoding(path);
    seqnn_encoding_free(loaded);
    return loaded != NULL;
}

static bool export_weights(void)
{
    return seqnn_export_weights(
               saved_model, weights_path,
               (seqnn_weights_options){.framework = SEQNN_PYTORCH}) == SEQNN_OK;
}

static bool import_weights(void)
{
    return seqnn_import_weights(
               other_model, weights_path,
               (seqnn_weights_options){.framework = SEQNN_PYTORCH}) == SEQNN_OK;
}

/* What counts is the file that is there: it can be loaded, before and after. */
static void expect_whole(void)
{
    counting = false;
    seqnn_model *model = seqnn_load(path);
    if (!model)
        fail_msg("the old file is lost: %s", seqnn_error());
    seqnn_free(model);
}

static void each_transfer(bool (*job)(void), long at_least)
{
    failing = -1;
    for (long n = 0;; n++) {
        transfers = living = 0;
        failing_transfer = n;
        counting = true;
        sq_fail(SEQNN_OK, "%s", "");
        const bool succeeded = job();
        counting = false;
        failing_transfer = -1;
        assert_int_equal(living, 0);
        expect_whole();
        if (transfers <= n) {
            assert_true(succeeded && n >= at_least);
            return;
        }
        if (succeeded)
            fail_msg("transfer %ld fails, and nobody says so", n);
        says(job == export_weights || job == import_weights ? weights_path : path);
    }
}

static void test_memory(void **state)
{
    (void)state;
    each_allocation(save, 8);
    expect_whole();
    each_allocation(load, 10);
    each_allocation(load_encoding, 10);
    each_allocation(export_weights, 12);
    each_allocation(import_weights, 10);
}

static void test_transfers(void **state)
{
    (void)state;
    each_transfer(save, 2);
    each_transfer(load, 1);
    each_transfer(load_encoding, 1);
    each_transfer(export_weights, 2);
    each_transfer(import_weights, 1);
}

static int setup(void **state)
{
    static const char *const texts[] = {"to be or not to be", "that is"};
    if (make_folder(state))
        return -1;
    strcpy(path, in_folder("model.safetensors"));
    strcpy(weights_path, in_folder("weights.safetensors"));
    encoding.tokenizer = seqnn_tokenizer_new((seqnn_tokenizer_options){0});
    seqnn_tokenizer_fit(encoding.tokenizer, texts, 2);
    saved_model = make();
    other_model = make();
    seqnn_weights(saved_model, NULL); /* their own memory is not what is counted */
    seqnn_weights(other_model, NULL);
    return save() && export_weights() ? 0 : -1;
}

static int teardown(void **state)
{
    seqnn_free(saved_model);
    seqnn_free(other_model);
    seqnn_tokenizer_free(encoding.tokenizer);
    return remove_folder(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_memory),
                                       cmocka_unit_test(test_transfers)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
