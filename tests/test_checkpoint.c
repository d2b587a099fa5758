/* Checkpoints by brute force: a run is taken up again from every checkpoint that it wrote
 * and must end with the bits of the run that wrote none. */
/* flags: -Wl,--wrap=malloc -Wl,--wrap=rename */
#define _POSIX_C_SOURCE 200809L
#include "models.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "training.h"

/* ---- files ---- */

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    /* Thousands of syncs: in memory where there is a place for it. */
    bool memory = access("/dev/shm", W_OK) == 0;
    strcpy(folder,
           memory ? "/dev/shm/seqnn_checkpoint_XXXXXX" : "/tmp/seqnn_checkpoint_XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

static const char *in_folder(const char *name, int number)
{
    static char paths[8][128];
    static int next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s%d", folder, name, number);
    return path;
}

enum { ROOM = 1 << 20 };

static size_t read_file(const char *path, char *bytes)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("%s is not there", path);
    size_t size = fread(bytes, 1, ROOM, file);
    fclose(file);
    assert_true(size < ROOM);
    return size;
}

static void write_file(const char *path, const char *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

static void copy_file(const char *from, const char *to)
{
    static char bytes[ROOM];
    size_t size = read_file(from, bytes);
    write_file(to, bytes, size);
}

/* The linker leads rename and malloc here: every checkpoint that is put in its place is
 * kept under a number, and one allocation fails on demand. */
static int renamed;
static bool keep_all;
static long allocations, failing = -1;
int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

int __wrap_rename(const char *from, const char *to)
{
    int status = __real_rename(from, to);
    if (keep_all && status == 0) {
        char kept_as[128];
        snprintf(kept_as, sizeof kept_as, "%s/kept%d", folder, renamed);
        copy_file(to, kept_as);
    }
    renamed++;
    return status;
}

void *__wrap_malloc(size_t size)
{
    return allocations++ == failing ? NULL : __real_malloc(size);
}

/* ---- data ---- */

enum { TEXTS = 22, TIME = 6, WORDS = 20, CLASSES = 3 };
static int32_t words[TEXTS * TIME], tags[TEXTS * TIME], classes[TEXTS], starts[TEXTS],
    lengths[TEXTS];

static seqnn_dataset texts(bool tagged)
{
    seqnn_random random = {4, 1, 0};
    seqnn_dataset data;
    memset(words, 0, sizeof words);
    for (int i = 0; i < TEXTS; i++) {
        lengths[i] = 1 + seqnn_random_below(&random, TIME);
        starts[i] = 0;
        classes[i] = seqnn_random_below(&random, CLASSES);
        for (int t = 0; t < lengths[i]; t++)
            words[i * TIME + t] = 1 + seqnn_random_below(&random, WORDS - 1);
    }
    for (int i = 0; i < TEXTS * TIME; i++)
        tags[i] = words[i] % CLASSES;
    memset(&data, 0, sizeof data);
    data.count = TEXTS;
    data.x[0].indices = words;
    data.x[0].time = TIME;
    data.x[0].start = starts;
    data.x[0].length = lengths;
    data.y.indices = tagged ? tags : classes;
    data.y.time = tagged ? TIME : 0;
    data.vocabulary = WORDS;
    data.classes = CLASSES;
    return data;
}

/* ---- runs ---- */

typedef struct run_kind {
    const char *name;
    test_cell cell;
    bool tagged, stateful, both_ways;
    seqnn_fit_options options;
} run_kind;

static bool stop_after_two(seqnn_model *model, const seqnn_history *history,
                           void *context)
{
    (void)model;
    (void)context;
    return history->epochs < 2;
}

static const run_kind kinds[] = {
    {"plain",
     LSTM,
     false,
     false,
     false,
     {.epochs = 3,
      .batch_size = 4,
      .validation_split = 0.3f,
      .restore_best = true,
      .patience = 2}},
    {"momentum, gathered",
     GRU,
     false,
     false,
     true,
     {.epochs = 2,
      .batch_size = 3,
      .accumulate = 3,
      .clip_global_norm = 0.05f,
      .optimizer = {.kind = SEQNN_SGD, .learning_rate = 0.1f, .momentum = 0.9f}}},
    {"stateful",
     LSTM,
     false,
     true,
     false,
     {.epochs = 2,
      .batch_size = 4,
      .keep_order = true,
      .drop_last = true,
      .optimizer = {.kind = SEQNN_ADAGRAD}}},
    {"chunks",
     LSTM,
     true,
     false,
     false,
     {.epochs = 2,
      .batch_size = 5,
      .bptt_chunk = 2,
      .accumulate = 2,
      .max_length = 5,
      .optimizer = {.kind = SEQNN_RMSPROP, .momentum = 0.5f}}},
    {"stateful chunks",
     GRU,
     true,
     true,
     false,
     {.epochs = 2,
      .batch_size = 11,
      .bptt_chunk = 1,
      .restore_best = true,
      .validation_split = 0}},
    {"by length",
     RNN,
     false,
     false,
     false,
     {.epochs = 3,
      .batch_size = 4,
      .sortagrad = true,
      .buckets = 2,
      .max_length = 4,
      .optimizer = {.kind = SEQNN_ADAMW}}},
    {"stopped",
     RNN,
     false,
     false,
     false,
     {.epochs = 4, .batch_size = 8, .on_epoch = stop_after_two}},
};

enum { KINDS = sizeof kinds / sizeof kinds[0] };

static seqnn_model *build(const run_kind *kind)
{
    seqnn_model *model = seqnn_model_new(8);
    seqnn_embedding_options embedding = {.mask_zero = true};
    seqnn_recurrent_options recurrent = {.recurrent_dropout = 0.2f,
                                         .return_sequences = kind->tagged,
                                         .stateful = kind->stateful,
                                         .bidirectional = kind->both_ways};
    seqnn_dropout_options dropout = {0};
    seqnn_dense_options dense = {.activation = SEQNN_SOFTMAX};
    seqnn_embedding(model, WORDS, 3, embedding);
    add_cell(model, kind->cell, 4, recurrent);
    seqnn_dropout(model, (seqnn_real)0.3, dropout);
    seqnn_dense(model, CLASSES, dense);
    return model;
}

static void same_bits(const char *what, const void *a, const void *b, size_t size)
{
    if (!a != !b || (a && memcmp(a, b, size) != 0))
        fail_msg("%s differ", what);
}

static void same_runs(seqnn_model *a, const seqnn_history *ah, seqnn_model *b,
                      const seqnn_history *bh)
{
    const sq_training *at = (sq_training *)a->training, *bt = (sq_training *)b->training;
    size_t weights = (size_t)a->weight_count * sizeof(seqnn_real);
    size_t epochs = (size_t)ah->epochs * sizeof(seqnn_real);
    same_bits("weights", a->weights, b->weights, weights);
    same_bits("m", at->m, bt->m, weights);
    same_bits("v", at->v, bt->v, weights);
    assert_int_equal(at->kind, bt->kind);
    assert_int_equal(at->step, bt->step);
    assert_true(a->pass == b->pass);
    assert_int_equal(ah->epochs, bh->epochs);
    assert_int_equal(ah->best_epoch, bh->best_epoch);
    same_bits("losses", ah->loss, bh->loss, epochs);
    same_bits("accuracies", ah->accuracy, bh->accuracy, epochs);
    same_bits("validation losses", ah->val_loss, bh->val_loss, epochs);
    same_bits("validation accuracies", ah->val_accuracy, bh->val_accuracy, epochs);
    for (seqnn_size e = 0; e < bh->epochs; e++)
        assert_true(bh->seconds[e] >= 0 && bh->seconds[e] < 60);
}

/* A fit that must succeed. */
static seqnn_history fitted(seqnn_model *model, const seqnn_dataset *data,
                            seqnn_fit_options options)
{
    seqnn_history history = seqnn_fit(model, data, options);
    if (history.status)
        fail_msg("%s", seqnn_error());
    return history;
}

/* Every checkpoint of a run, each taken up by a model that knows nothing; and the run
 * that wrote them is as the one that wrote none. */
static void every_checkpoint_ends_the_same(void **state)
{
    (void)state;
    for (int k = 0; k < KINDS; k++) {
        seqnn_dataset data = texts(kinds[k].tagged);
        seqnn_fit_options options = kinds[k].options;
        seqnn_model *without = build(&kinds[k]), *with = build(&kinds[k]);
        seqnn_history expected = fitted(without, &data, options);
        renamed = 0;
        keep_all = true;
        options.checkpoint = in_folder(kinds[k].name, 0);
        options.checkpoint_steps = 1;
        seqnn_history history = fitted(with, &data, options);
        keep_all = false;
        same_runs(without, &expected, with, &history);
        int kept_files = renamed;
        assert_true(kept_files > (int)seqnn_steps(with));
        for (int i = 0; i < kept_files; i++) {
            seqnn_model *again = build(&kinds[k]);
            options.checkpoint = in_folder("kept", i);
            options.checkpoint_steps = i % 3;
            history = fitted(again, &data, options);
            same_runs(without, &expected, again, &history);
            seqnn_free(again);
        }
        print_message("# %s: %d checkpoints\n", kinds[k].name, kept_files);
        seqnn_free(without);
        seqnn_free(with);
    }
}

/* A path is one run. */
static void complete_runs(void **state)
{
    (void)state;
    seqnn_dataset data = texts(false);
    seqnn_fit_options options = kinds[0].options;
    options.patience = 0;
    options.checkpoint = in_folder("complete", 0);
    seqnn_model *first = build(&kinds[0]), *second = build(&kinds[0]);
    seqnn_history expected = fitted(first, &data, options);
    renamed = 0;
    seqnn_history history = fitted(second, &data, options);
    assert_int_equal(renamed, 0);
    same_runs(first, &expected, second, &history);
    assert_memory_equal(history.seconds, expected.seconds, 3 * sizeof(double));

    options.epochs = 2; /* fewer */
    assert_int_equal(seqnn_fit(second, &data, options).status, SEQNN_ERROR_ARGUMENT);
    says("has 3 epochs, and only 2 are asked for");
    options.epochs = 5; /* more: as if asked for at once */
    history = fitted(second, &data, options);
    seqnn_model *long_run = build(&kinds[0]);
    options.checkpoint = NULL;
    expected = fitted(long_run, &data, options);
    same_runs(long_run, &expected, second, &history);
    seqnn_free(long_run);
    seqnn_free(first);
    seqnn_free(second);
}

static void next_step(seqnn_model *model, const seqnn_fit_step *step, void *context)
{
    seqnn_size *last = (seqnn_size *)context;
    assert_true(model && step->step == *last + 1);
    *last = step->step;
}

/* Where a run in chunks goes on, so do the numbers that on_step gets. */
static void steps_are_numbered_through(void **state)
{
    (void)state;
    seqnn_dataset data = texts(true);
    seqnn_fit_options options = {.epochs = 2, .batch_size = 8, .bptt_chunk = 3};
    const run_kind *kind = &kinds[0];
    while (!kind->tagged || kind->both_ways)
        kind++;
    seqnn_model *model = build(kind);
    seqnn_size last = 0, before;
    options.checkpoint = in_folder("numbered", 0);
    options.on_step = next_step;
    options.context = &last;
    fitted(model, &data, options);
    assert_true(last > 6);
    before = last;
    options.epochs = 3;
    fitted(model, &data, options);
    assert_int_equal(2 * last, 3 * before);
    seqnn_free(model);
}

/* With verbose it says where it goes on, with stdout in a file for a while. */
static void resuming_is_said(void **state)
{
    (void)state;
    static char text[ROOM];
    seqnn_dataset data = texts(false);
    seqnn_fit_options options = {.epochs = 2, .batch_size = 8};
    seqnn_model *model = build(&kinds[0]);
    options.checkpoint = in_folder("said", 0);
    fitted(model, &data, options);
    options.epochs = 3;
    options.verbose = 1;
    const char *name = in_folder("screen", 0);
    FILE *file = fopen(name, "wb");
    fflush(stdout);
    int screen = dup(1);
    dup2(fileno(file), 1);
    seqnn_history history = seqnn_fit(model, &data, options);
    fflush(stdout);
    dup2(screen, 1);
    close(screen);
    fclose(file);
    assert_int_equal(history.epochs, 3);
    text[read_file(name, text)] = '\0';
    if (strncmp(text, "Resumed from ", 13) != 0 ||
        !strstr(text, "said0: 2 of 3 epochs, and 0 of 3 batches\nEpoch 3/3\n"))
        fail_msg("%s", text);
    seqnn_free(model);
}

/* ---- other runs ---- */

static void other_runs_are_refused(void **state)
{
    (void)state;
    static char before[ROOM], after[ROOM];
    seqnn_dataset data = texts(false);
    seqnn_model *model = build(&kinds[0]);
    seqnn_fit_options options = kinds[0].options, other;
    const char *path = options.checkpoint = in_folder("others", 0);
    fitted(model, &data, options);
    size_t size = read_file(path, before);
    static seqnn_real weights[4096];
    memcpy(weights, model->weights, (size_t)model->weight_count * sizeof *weights);
#define REFUSED(change, words_of_it)                                                     \
    do {                                                                                 \
        other = options;                                                                 \
        change;                                                                          \
        assert_int_equal(seqnn_fit(model, &data, other).status, SEQNN_ERROR_ARGUMENT);   \
        says("is of another run");                                                       \
        says(words_of_it);                                                               \
    } while (0)
    REFUSED(other.batch_size = 5, "'batch_size 4' there, 'batch_size 5' here");
    REFUSED(other.optimizer.kind = SEQNN_SGD, "optimizer.kind 1");
    REFUSED(other.optimizer.learning_rate = 0.25f, "'learning_rate 0.25' here");
    REFUSED(other.clip_norm = 1, "clip_norm");
    REFUSED(other.accumulate = 2, "accumulate");
    REFUSED(other.max_length = 3, "max_length");
    REFUSED(other.buckets = 3, "buckets");
    REFUSED(other.restore_best = false, "restore_best");
    REFUSED(other.validation_split = 0.4f, "data 15 samples");
    REFUSED(words[3] ^= 1, "7 samples fnv1a64:");
    words[3] ^= 1;
    seqnn_model *larger = seqnn_model_new(8);
    seqnn_embedding_options embedding = {.mask_zero = true};
    seqnn_rnn_options rnn = {0};
    seqnn_dense_options dense = {.activation = SEQNN_SOFTMAX};
    seqnn_embedding(larger, WORDS, 3, embedding);
    seqnn_simple_rnn(larger, 4, rnn);
    seqnn_dense(larger, CLASSES, dense);
    assert_int_equal(seqnn_fit(larger, &data, options).status, SEQNN_ERROR_ARGUMENT);
    says("lstm");
    says("simple_rnn");
    seqnn_free(larger);
    assert_int_equal(read_file(path, after), size);
    assert_memory_equal(after, before, size);
    same_bits("weights", weights, model->weights,
              (size_t)model->weight_count * sizeof *weights);
    seqnn_free(model);
}

static void settings_of_checkpoints(void **state)
{
    (void)state;
    seqnn_dataset data = texts(false);
    seqnn_model *model = build(&kinds[0]);
    seqnn_fit_options options = kinds[0].options;
    options.checkpoint_steps = 3;
    assert_int_equal(seqnn_fit(model, &data, options).status, SEQNN_ERROR_ARGUMENT);
    says("checkpoint_steps is 3, and checkpoint names no file");
    options.checkpoint = in_folder("missing/run", 0); /* known before the first update */
    assert_int_equal(seqnn_fit(model, &data, options).status, SEQNN_ERROR_FILE);
    says("missing/run");
    assert_int_equal(seqnn_steps(model), 0);
    seqnn_free(model);
}

/* ---- damage ---- */

/* Cut after every byte, or with any byte changed, it is refused: model and file stay. */
static void damaged_checkpoints_are_refused(void **state)
{
    (void)state;
    static char bytes[ROOM], after[ROOM];
    seqnn_dataset data = texts(false);
    const run_kind *kind = &kinds[0];
    seqnn_model *model = build(kind);
    seqnn_fit_options options = kind->options;
    options.checkpoint = in_folder("whole", 0);
    options.epochs = 1;
    fitted(model, &data, options);
    size_t size = read_file(options.checkpoint, bytes);
    seqnn_free(model);
    model = build(kind);
    seqnn_size count;
    seqnn_real weights[2048], *w = seqnn_weights(model, &count);
    memcpy(weights, w, (size_t)count * sizeof *w);
    const char *path = options.checkpoint = in_folder("damaged", 0);
    for (size_t at = 0; at < 2 * size; at++) {
        size_t length = at < size ? at : size;
        if (at >= size)
            bytes[at - size] ^= 0x20;
        write_file(path, bytes, length);
        if (!seqnn_fit(model, &data, options).status)
            fail_msg("%zu of %zu bytes were enough", at, size);
        if (!strstr(seqnn_error(), "damaged0"))
            fail_msg("byte %zu: '%s'", at, seqnn_error());
        if (read_file(path, after) != length || memcmp(after, bytes, length) != 0)
            fail_msg("the file has changed");
        if (at >= size)
            bytes[at - size] ^= 0x20;
    }
    assert_memory_equal(w, weights, (size_t)count * sizeof *w);
    assert_int_equal(seqnn_steps(model), 0);
    print_message("# a file of %zu bytes\n", size);
    seqnn_free(model);
}

/* A disk that takes no more, here by a limit on the size of files: fit says so, the
 * checkpoint before stands, and the run goes on from it when there is room again. */
static void a_full_disk_costs_nothing(void **state)
{
    (void)state;
    static char before[ROOM], after[ROOM];
    seqnn_dataset data = texts(false);
    const run_kind *kind = &kinds[0];
    seqnn_fit_options options = kind->options;
    seqnn_model *without = build(kind);
    seqnn_history expected = fitted(without, &data, options);
    options.checkpoint_steps = 1;
    struct rlimit old, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    signal(SIGXFSZ, SIG_IGN);
    for (int limit = 0; limit < 4000; limit += 777) {
        seqnn_model *model = build(kind);
        options.checkpoint = in_folder("full", limit);
        options.epochs = 1;
        fitted(model, &data, options);
        seqnn_free(model);
        model = build(kind);
        options.epochs = kind->options.epochs;
        size_t size = read_file(options.checkpoint, before);
        small = old;
        small.rlim_cur = (rlim_t)limit;
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
        seqnn_history history = seqnn_fit(model, &data, options);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
        assert_int_equal(history.status, SEQNN_ERROR_FILE);
        says("fit: epoch 2: ");
        says("full");
        assert_int_equal(read_file(options.checkpoint, after), size);
        assert_memory_equal(before, after, size);
        history = fitted(model, &data, options);
        same_runs(without, &expected, model, &history);
        seqnn_free(model);
    }
    seqnn_free(without);
}

/* ---- loops by hand ---- */

/* Eleven batches, three to an update, from batch *at; saved after each. */
static void train_by_hand(seqnn_model *model, const seqnn_dataset *data, seqnn_size *at,
                          const char *path, seqnn_size end)
{
    seqnn_train_options options = {.optimizer = {.momentum = 0.5f}, .accumulate = 3};
    for (; at[0] < end; at[0]++) {
        seqnn_size begin = at[0] * 2 % TEXTS;
        seqnn_dataset batch = seqnn_dataset_slice(data, begin, begin + 2);
        if (path)
            succeeds(seqnn_checkpoint_save(model, path, at, 2));
        if (isnan(seqnn_train_step(model, &batch, options)))
            fail_msg("%s", seqnn_error());
        at[1] += batch.y.indices[0];
    }
}

static void same_gathered(const seqnn_model *a, const seqnn_model *b)
{
    const sq_touched *at = a->layers[0]->parameters[0].touched;
    const sq_touched *bt = b->layers[0]->parameters[0].touched;
    same_bits("gradients", a->gradients, b->gradients,
              (size_t)a->weight_count * sizeof(seqnn_real));
    assert_true(at->count > 0);
    assert_int_equal(at->count, bt->count);
    same_bits("rows", at->rows, bt->rows, (size_t)at->count * sizeof(int32_t));
    same_bits("marks", at->mark, bt->mark, WORDS);
}

static void loops_by_hand_go_on(void **state)
{
    (void)state;
    seqnn_dataset data = texts(false);
    const run_kind *kind = &kinds[2]; /* stateful */
    seqnn_model *without = build(kind), *model;
    const char *path = in_folder("by_hand", 0);
    seqnn_history none;
    memset(&none, 0, sizeof none);
    seqnn_size at[2] = {0, 0}, expected[2] = {0, 0};
    assert_false(seqnn_checkpoint_exists(path));
    assert_false(seqnn_checkpoint_exists(NULL));
    model = build(kind);
    assert_int_equal(seqnn_checkpoint_load(model, path, at, 2), SEQNN_ERROR_FILE);
    seqnn_free(model);
    train_by_hand(without, &data, expected, NULL, 20);
    for (seqnn_size stop = 1; stop < 20; stop++) {
        seqnn_model *killed = build(kind);
        at[0] = at[1] = 0;
        train_by_hand(killed, &data, at, path, stop);
        succeeds(seqnn_checkpoint_save(killed, path, at, 2));
        model = build(kind);
        at[0] = at[1] = -1;
        if (stop % 2) { /* a model that was trained forgets all of it */
            seqnn_size other[2] = {0, 0};
            train_by_hand(model, &data, other, NULL, stop / 2);
        }
        succeeds(seqnn_checkpoint_load(model, path, at, 2));
        assert_int_equal(at[0], stop);
        same_runs(killed, &none, model, &none);
        if (stop % 3) /* some are gathered */
            same_gathered(killed, model);
        seqnn_free(killed);
        train_by_hand(model, &data, at, NULL, 20);
        same_runs(without, &none, model, &none);
        assert_int_equal(at[1], expected[1]);
        seqnn_free(model);
    }
    model = build(kind);
    assert_int_equal(seqnn_checkpoint_load(model, path, at, 1), SEQNN_ERROR_FORMAT);
    says("numbers has 2 elements of 8 bytes, expected 1 of 8");
    assert_int_equal(seqnn_checkpoint_load(model, path, NULL, 2), SEQNN_ERROR_ARGUMENT);
    assert_int_equal(seqnn_checkpoint_save(model, NULL, at, 2), SEQNN_ERROR_ARGUMENT);
    succeeds(seqnn_checkpoint_save(model, path, NULL, 0));
    succeeds(seqnn_checkpoint_load(model, path, NULL, 0));
    seqnn_fit_options options = kind->options; /* fit goes on from no loop */
    options.checkpoint = path;
    assert_int_equal(seqnn_fit(model, &data, options).status, SEQNN_ERROR_ARGUMENT);
    says("is of another run: 'nothing more' there, 'data 22 samples");
    seqnn_free(model);
    seqnn_free(without);
}

/* ---- memory ---- */

/* Every allocation of saving and loading fails once: the file and the model stay. */
static void no_memory(void **state)
{
    (void)state;
    static char before[ROOM], after[ROOM];
    seqnn_dataset data = texts(false);
    const char *path = in_folder("memory", 0);
    for (int loading = 0; loading < 2; loading++) {
        seqnn_model *trained = build(&kinds[2]), *fresh = build(&kinds[2]);
        seqnn_size at[2] = {0, 0}, count;
        train_by_hand(trained, &data, at, path, 8);
        size_t size = read_file(path, before);
        seqnn_real weights[2048], *w = seqnn_weights(fresh, &count);
        memcpy(weights, w, (size_t)count * sizeof *w);
        for (long n = 0;; n++) {
            allocations = 0;
            failing = n;
            seqnn_status status = loading ? seqnn_checkpoint_load(fresh, path, at, 2)
                                          : seqnn_checkpoint_save(trained, path, at, 2);
            failing = -1;
            if (!status) {
                assert_true(n > 5);
                break;
            }
            assert_string_not_equal(seqnn_error(), "");
            assert_memory_equal(w, weights, (size_t)count * sizeof *w);
            assert_int_equal(seqnn_steps(fresh), 0);
            assert_int_equal(read_file(path, after), size);
            assert_memory_equal(before, after, size);
        }
        seqnn_free(trained);
        seqnn_free(fresh);
    }
}

/* ---- batches by length, in fit ---- */

/* Without padding the network has the same rows: cutting to the longest changes no bit.
 */
static void cut_padding_changes_nothing(void **state)
{
    (void)state;
    for (int k = 0; k < 2; k++) {
        seqnn_dataset data = texts(false);
        seqnn_fit_options options = kinds[k].options;
        seqnn_model *whole = build(&kinds[k]), *cut = build(&kinds[k]);
        seqnn_history expected = fitted(whole, &data, options);
        options.max_length = TIME;
        seqnn_history history = fitted(cut, &data, options);
        same_runs(whole, &expected, cut, &history);
        seqnn_free(whole);
        seqnn_free(cut);
    }
}

/* Cut to three words in fit, or by hand beforehand. */
static void cut_texts_are_short_texts(void **state)
{
    (void)state;
    static int32_t few[TEXTS * 3], short_lengths[TEXTS];
    seqnn_dataset data = texts(false), cut = data;
    for (int i = 0; i < TEXTS; i++) {
        memcpy(few + 3 * i, words + TIME * i, 3 * sizeof *few);
        short_lengths[i] = lengths[i] < 3 ? lengths[i] : 3;
    }
    cut.x[0].indices = few;
    cut.x[0].time = 3;
    cut.x[0].length = short_lengths;
    seqnn_fit_options options = {.epochs = 2, .batch_size = 4};
    seqnn_model *by_hand = build(&kinds[0]), *by_fit = build(&kinds[0]);
    seqnn_history expected = fitted(by_hand, &cut, options);
    options.max_length = 3;
    seqnn_history history = fitted(by_fit, &data, options);
    same_runs(by_hand, &expected, by_fit, &history);
    seqnn_free(by_hand);
    seqnn_free(by_fit);
}

/* Batches that grow in length do not plan the activations anew. */
static void growing_batches_are_planned_once(void **state)
{
    (void)state;
    seqnn_dataset data = texts(false);
    long needed[2];
    for (int cut = 0; cut < 2; cut++) {
        seqnn_model *model = build(&kinds[0]);
        seqnn_fit_options options = {.batch_size = 1, .by_length = true};
        options.max_length = cut ? TIME : 0;
        options.validation_split = 0.3f;
        allocations = 0;
        fitted(model, &data, options);
        needed[cut] = allocations;
        seqnn_free(model);
    }
    assert_int_equal(needed[0], needed[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_checkpoint_ends_the_same),
        cmocka_unit_test(complete_runs),
        cmocka_unit_test(steps_are_numbered_through),
        cmocka_unit_test(resuming_is_said),
        cmocka_unit_test(other_runs_are_refused),
        cmocka_unit_test(settings_of_checkpoints),
        cmocka_unit_test(damaged_checkpoints_are_refused),
        cmocka_unit_test(a_full_disk_costs_nothing),
        cmocka_unit_test(loops_by_hand_go_on),
        cmocka_unit_test(no_memory),
        cmocka_unit_test(cut_padding_changes_nothing),
        cmocka_unit_test(cut_texts_are_short_texts),
        cmocka_unit_test(growing_batches_are_planned_once),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
