/* Checkpoints. If the first byte is even, the rest is the file; otherwise it is a list of
 * changes, four bytes each, to the arrays of a real one, which gets a right checksum
 * again: they reach what a random file never does. The first byte's second bit chooses
 * between a loop by hand and fit. */
/* max_len: 256 */
#include "fuzz.h"

#include "checksum.h"
#include "fit.h"
#include "checkpoint.h"
#include "graph.h"
#include "dense.h"
#include "embedding.h"
#include "lstm.h"

enum { TEXTS = 6, TIME = 4, WORDS = 6, MOST_ARRAYS = 40, MOST_BYTES = 4096 };
static const int32_t words[TEXTS][TIME] = {{1, 2, 3, 0}, {4, 5, 0, 0}, {1, 4, 2, 2},
                                           {3, 0, 0, 0}, {5, 5, 1, 0}, {2, 3, 0, 0}};
static const int32_t targets[TEXTS][TIME] = {{1, 0, 1, 0}, {0, 1, 0, 0}, {1, 0, 0, 0},
                                             {1, 0, 0, 0}, {1, 1, 1, 0}, {0, 1, 0, 0}};

static seqnn_dataset data_of(void)
{
    seqnn_dataset data;
    memset(&data, 0, sizeof data);
    data.count = TEXTS;
    data.x[0].indices = &words[0][0];
    data.y.indices = &targets[0][0];
    data.x[0].time = data.y.time = TIME;
    return data;
}

static seqnn_model *model_of(void)
{
    seqnn_model *model = seqnn_model_new(1);
    seqnn_embedding(model, WORDS, 2, (seqnn_embedding_options){.mask_zero = true});
    seqnn_lstm(model, 2,
               (seqnn_lstm_options){.return_sequences = true, .stateful = true});
    seqnn_dense(model, 2, (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
    return model;
}

static const seqnn_fit_options options = {
    .epochs = 2, .batch_size = 2, .bptt_chunk = 2, .restore_best = true};

/* Two batches, of three that make an update. */
static void save_loop(const char *path)
{
    seqnn_dataset data = data_of();
    seqnn_model *model = model_of();
    seqnn_size numbers[2] = {7, -1};
    seqnn_train_options step = {.accumulate = 3};
    for (int i = 0; i < 5; i++) {
        seqnn_dataset batch = seqnn_dataset_slice(&data, 0, 2);
        seqnn_train_step(model, &batch, step);
    }
    fuzz_must(!seqnn_checkpoint_save(model, path, numbers, 2), "not saved");
    seqnn_free(model);
}

static bool stop(seqnn_model *model, const seqnn_history *history, void *context)
{
    (void)model;
    (void)context;
    return history->epochs < 1;
}

static void save_run(const char *path)
{
    seqnn_dataset data = data_of();
    seqnn_model *model = model_of();
    seqnn_fit_options one = options;
    one.checkpoint = path;
    one.on_epoch = stop;
    remove(path);
    fuzz_must(!seqnn_fit(model, &data, one).status, "not fitted");
    seqnn_free(model);
}

/* ---- a real one, with changes ---- */

static char path[FUZZ_PATH];

static void remove_path(void)
{
    remove(path);
}

static seqnn_safetensors *real_one(bool fit)
{
    static seqnn_safetensors *kept[2];
    if (!path[0]) {
        snprintf(path, sizeof path, "%s/seqnn_fuzz_%ld",
                 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp", (long)getpid());
        atexit(remove_path);
    }
    if (!kept[fit]) {
        if (fit)
            save_run(path);
        else
            save_loop(path);
        kept[fit] = seqnn_safetensors_read(path);
        fuzz_must(kept[fit] && kept[fit]->count <= MOST_ARRAYS, "no real checkpoint");
    }
    return kept[fit];
}

static void change(seqnn_named_array *array, unsigned char *bytes, const uint8_t *how)
{
    seqnn_size size = seqnn_dtype_size(array->dtype), at = how[2] * 8;
    switch (how[1] % 8) {
    case 0:
        array->dtype = (seqnn_dtype)(1 + how[2] % SEQNN_BOOL);
        break;
    case 1:
        array->rank = how[2] % 3;
        break;
    case 2:
        array->shape[how[2] % 2] = how[3];
        break;
    case 3: /* a whole number, small or of either sign */
        at = sq_min(at / size * size, MOST_BYTES - 8);
        for (seqnn_size i = 0; i < size; i++)
            bytes[at + i] = i == 0 ? how[3] : how[3] > 127 ? 255 : 0;
        break;
    default:
        bytes[(how[1] / 8 * 256 + how[2]) % MOST_BYTES] ^= how[3];
        break;
    }
    for (int k = array->rank; k < 2; k++)
        array->shape[k] = array->rank ? array->shape[k] : 1;
    if (array->rank == 2 && array->shape[0] * array->shape[1] * 8 > MOST_BYTES)
        array->shape[1] = 2;
    if (array->rank > 0)
        array->shape[0] = sq_min(array->shape[0], MOST_BYTES / 16);
}

static void write_changed(bool fit, const uint8_t *bytes, size_t count)
{
    static unsigned char contents[MOST_ARRAYS][MOST_BYTES];
    const seqnn_safetensors *real = real_one(fit);
    seqnn_named_array arrays[MOST_ARRAYS];
    char checksum[SQ_CHECKSUM_SIZE];
    seqnn_size used = 0;
    bool left_out[MOST_ARRAYS] = {false};
    for (seqnn_size i = 0; i < real->count; i++) {
        arrays[i] = real->array[i];
        seqnn_size size =
            seqnn_named_array_count(&arrays[i]) * seqnn_dtype_size(arrays[i].dtype);
        fuzz_must(size <= MOST_BYTES, "a large array");
        memset(contents[i], 0, MOST_BYTES);
        memcpy(contents[i], arrays[i].data, (size_t)size);
        arrays[i].data = contents[i];
    }
    for (size_t at = 0; at + 4 <= count; at += 4) {
        seqnn_size which = bytes[at] % real->count;
        if (bytes[at + 1] == 255)
            left_out[which] = true;
        else
            change(&arrays[which], contents[which], bytes + at);
    }
    for (seqnn_size i = 0; i < real->count; i++)
        if (!left_out[i])
            arrays[used++] = arrays[i];
    seqnn_metadata metadata[2] = {
        {"seqnn_checkpoint", seqnn_safetensors_metadata(real, "seqnn_checkpoint")},
        {"seqnn_checksum", checksum}};
    sq_checksum(arrays, used, metadata[0].value, checksum);
    fuzz_must(!seqnn_safetensors_write(path, arrays, used, metadata, 2), "not written");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    const int first = count ? bytes[0] : 0;
    const bool fit = first & 2;
    const char *file = path;
    count = count ? count - 1 : 0;
    if (first & 1)
        write_changed(fit, bytes + 1, count);
    else
        file = fuzz_file(bytes + 1, count);
    sq_fail(SEQNN_OK, "%s", "");
    seqnn_dataset data = data_of();
    seqnn_model *model = model_of();
    seqnn_size numbers[2] = {0, 0}, weights;
    const seqnn_real *w = seqnn_weights(model, &weights);
    seqnn_real before[512];
    memcpy(before, w, (size_t)weights * sizeof *w);
    seqnn_status status;
    if (fit) {
        seqnn_fit_options again = options;
        again.checkpoint = file;
        status = seqnn_fit(model, &data, again).status;
    } else {
        status = seqnn_checkpoint_load(model, file, numbers, 2);
    }
    fuzz_outcome(!status);
    if (status && !(fit && (first & 1))) /* else it may have begun to train */
        fuzz_must(memcmp(w, before, (size_t)weights * sizeof *w) == 0,
                  "refused, and yet the model has changed");
    if (!status && !fit) {
        seqnn_dataset batch = seqnn_dataset_slice(&data, 0, 2);
        seqnn_train_options step = {.accumulate = 3};
        for (int i = 0; i < 3; i++)
            seqnn_train_step(model, &batch, step);
    }
    seqnn_free(model);
    return 0;
}
