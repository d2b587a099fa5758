/* Words that come again are multiplied once, and so are one-hot vectors: against the
 * plain way, a row for every step. An input dropout that is too small to drop a number,
 * or to change one, makes a layer go the plain way. */
#include "models.h"
#include "distinct.h"
#include "product.h"

#ifdef _OPENMP
#include <omp.h>
#endif

enum { COUNT = 7, TIME = 9, WORDS = 12, FEATURES = 5, UNITS = 6, CLASSES = 3 };

static const seqnn_real drops_nothing = (seqnn_real)1e-20;

static int32_t words[COUNT * TIME], classes[COUNT], tags[COUNT * TIME];
static const int32_t starts[COUNT] = {0, 1, 0, 3, 0, 2, 4},
                     lengths[COUNT] = {9, 5, 0, 6, 1, 7, 5};

static int make_words(void **state)
{
    (void)state;
    seqnn_random random = {29, 1, 0};
    for (int i = 0; i < COUNT * TIME; i++) {
        words[i] = 1 + seqnn_random_below(&random, WORDS - 1);
        tags[i] = seqnn_random_below(&random, CLASSES);
    }
    for (int b = 0; b < COUNT; b++)
        classes[b] = seqnn_random_below(&random, CLASSES);
    return 0;
}

typedef struct recipe {
    test_cell cell;
    bool mask, both_directions, every_step, frozen_table, frozen_W_x, truncated;
    seqnn_reset reset;
} recipe;

static seqnn_dataset batch_of(const recipe *r)
{
    seqnn_dataset batch = words_of(COUNT, TIME, words);
    if (r->mask) {
        batch.x[0].start = starts;
        batch.x[0].length = lengths;
    }
    batch.y.indices = r->every_step ? tags : classes;
    batch.y.time = r->every_step ? TIME : 0;
    return batch;
}

static seqnn_model *build(const recipe *r, bool plain)
{
    seqnn_model *model = seqnn_model_new(37);
    seqnn_recurrent_options options = {.name = "cell",
                                       .return_sequences = r->every_step,
                                       .dropout = plain ? drops_nothing : 0,
                                       .recurrent_dropout = 0.25f,
                                       .reset = r->reset,
                                       .bptt_window = r->truncated ? 3 : 0};
    options.bidirectional = r->both_directions ? SEQNN_CONCAT : SEQNN_MERGE_DEFAULT;
    seqnn_embedding(model, WORDS, FEATURES,
                    (seqnn_embedding_options){.name = "words",
                                              .mask_zero = r->mask,
                                              .frozen = r->frozen_table,
                                              .initializer = {SEQNN_NORMAL, 1}});
    add_cell(model, r->cell, UNITS, options);
    seqnn_dense(model, CLASSES, (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
    assert_true(seqnn_ok(model));
    for (seqnn_size i = 0; r->frozen_W_x && i < seqnn_model_layers(model); i++)
        if (seqnn_layer_parameter(seqnn_model_layer_at(model, i), "W_x"))
            seqnn_layer_parameter(seqnn_model_layer_at(model, i), "W_x")->frozen = true;
    return model;
}

static void expect_equal(const char *what, seqnn_size count, const seqnn_real *a,
                         const seqnn_real *b)
{
    for (seqnn_size i = 0; i < count; i++)
        if (a[i] != b[i])
            fail_msg("%s: value %td is %.9g, the plain way %.9g", what, i, (double)a[i],
                     (double)b[i]);
}

static void expect_same_gradient_of_rows(seqnn_model *model, seqnn_model *plain)
{
    seqnn_tensor a = seqnn_layer_output_gradient(seqnn_model_layer(model, "words"));
    seqnn_tensor b = seqnn_layer_output_gradient(seqnn_model_layer(plain, "words"));
    assert_int_equal(seqnn_tensor_size(a), COUNT * TIME * FEATURES);
    expect_near(seqnn_tensor_size(b), a.data, b.data, 1e-5);
}

static void compare_steps(const recipe *r, seqnn_size accumulate)
{
    seqnn_model *model = build(r, false), *plain = build(r, true);
    seqnn_dataset batch = batch_of(r);
    seqnn_train_options options = {
        .optimizer = {.kind = SEQNN_SGD, .learning_rate = 0.5f},
        .accumulate = accumulate};
    seqnn_size count;
    seqnn_real *w = seqnn_weights(model, &count), *w_plain = seqnn_weights(plain, NULL);
    expect_equal("initial weights", count, w, w_plain);

    succeeds(seqnn_forward(model, &batch, SEQNN_TRAIN));
    succeeds(seqnn_forward(plain, &batch, SEQNN_TRAIN));
    assert_non_null(seqnn_model_layer(model, "words")->out.distinct);
    assert_null(seqnn_model_layer(plain, "words")->out.distinct);
    seqnn_tensor y = seqnn_output(model), y_plain = seqnn_output(plain);
    expect_equal("output", seqnn_tensor_size(y_plain), y.data, y_plain.data);
    y = seqnn_layer_output(seqnn_model_layer(model, "words"));
    y_plain = seqnn_layer_output(seqnn_model_layer(plain, "words"));
    expect_equal("embedding", seqnn_tensor_size(y_plain), y.data, y_plain.data);

    for (int k = 0; k < 4; k++) {
        seqnn_real loss = seqnn_train_step(model, &batch, options);
        seqnn_real loss_plain = seqnn_train_step(plain, &batch, options);
        assert_true(fabs((double)loss - (double)loss_plain) < 1e-5);
        seqnn_real *g = seqnn_gradients(model, &count);
        expect_near(count, g, seqnn_gradients(plain, NULL), 2e-5);
        /* of the pass that was, though the weights have changed since */
        if (!r->frozen_table)
            expect_same_gradient_of_rows(model, plain);
        expect_near(count, w, w_plain, 1e-5);
    }
    seqnn_free(model);
    seqnn_free(plain);
}

static void test_steps(void **state)
{
    (void)state;
    for (int cell = 0; cell < CELLS; cell++)
        for (int bits = 0; bits < 32; bits++) {
            recipe r = {(test_cell)cell, bits & 1,  bits & 2, bits & 4,
                        bits & 8,        bits & 16, false,    SEQNN_RESET_DEFAULT};
            compare_steps(&r, bits % 3);
        }
    recipe truncated = {LSTM, true, true, true, false, false, true, SEQNN_RESET_DEFAULT};
    compare_steps(&truncated, 1);
    recipe before = {GRU, true, true, true, false, false, false, SEQNN_RESET_BEFORE};
    compare_steps(&before, 2);
}

/* ---- one pass, looked at from outside ---- */

static const recipe usual = {LSTM,  true,  false, false,
                             false, false, false, SEQNN_RESET_DEFAULT};

static void back(seqnn_model *model, const seqnn_dataset *batch)
{
    seqnn_loss_options loss = {.kind = SEQNN_CATEGORICAL_CROSSENTROPY};
    assert_true(isfinite(seqnn_loss(model, batch, loss)));
    succeeds(seqnn_backward(model));
}

/* What was asked for stays, whatever runs alone afterwards; a second way back over one
 * pass adds the same again. */
static void test_asked_late(void **state)
{
    (void)state;
    seqnn_model *model = build(&usual, false), *plain = build(&usual, true);
    seqnn_dataset batch = batch_of(&usual);
    seqnn_real *x = numbers(COUNT * TIME * FEATURES, 5);
    seqnn_array alone = series(COUNT, TIME, FEATURES, x).x[0];
    seqnn_layer *cell = seqnn_model_layer(model, "cell");
    seqnn_size count;
    seqnn_real *gradients = seqnn_gradients(model, &count);
    seqnn_zero_gradients(model);
    for (int k = 0; k < 3; k++) {
        model->pass = plain->pass = 5; /* the same masks */
        succeeds(seqnn_forward(model, &batch, SEQNN_TRAIN));
        succeeds(seqnn_forward(plain, &batch, SEQNN_TRAIN));
        back(model, &batch);
        back(plain, &batch);
        if (k == 1) { /* back again */
            back(model, &batch);
            back(plain, &batch);
        }
        if (k == 2) /* the layer's memory is used for something else */
            succeeds(seqnn_layer_forward(cell, &alone, COUNT, SEQNN_EVALUATE));
        expect_same_gradient_of_rows(model, plain);
        expect_same_gradient_of_rows(model, plain);
        expect_near(count, gradients, seqnn_gradients(plain, NULL), 2e-5);
    }
    /* The embedding alone writes every row, and goes back from every row. */
    seqnn_layer *embedding = seqnn_model_layer(model, "words");
    seqnn_real *table = seqnn_layer_parameter(embedding, "table")->value;
    succeeds(seqnn_layer_forward(embedding, &batch.x[0], COUNT, SEQNN_TRAIN));
    assert_null(embedding->out.distinct);
    seqnn_tensor y = seqnn_layer_output(embedding);
    expect_equal("alone", FEATURES, y.data + 8 * FEATURES, table + words[8] * FEATURES);
    seqnn_zero_gradients(model);
    succeeds(seqnn_layer_backward(embedding, x, NULL));
    double sum = 0, expected = 0;
    for (int b = 0; b < COUNT; b++)
        for (int t = starts[b]; t < starts[b] + lengths[b]; t++)
            if (words[b * TIME + t] == words[0])
                expected += (double)x[(b * TIME + t) * FEATURES];
    sum =
        (double)seqnn_layer_parameter(embedding, "table")->gradient[words[0] * FEATURES];
    assert_true(fabs(sum - expected) < 1e-5);
    free(x);
    seqnn_free(model);
    seqnn_free(plain);
}

/* Evaluation with input dropout drops nothing: words once; training then does not. */
static void test_dropout_of_the_input(void **state)
{
    (void)state;
    seqnn_model *model = build(&usual, true);
    seqnn_dataset batch = batch_of(&usual);
    seqnn_layer *embedding = seqnn_model_layer(model, "words");
    seqnn_tensor y;
    succeeds(seqnn_forward(model, &batch, SEQNN_EVALUATE));
    assert_non_null(embedding->out.distinct);
    y = seqnn_output(model);
    seqnn_real *kept = (seqnn_real *)malloc((size_t)seqnn_tensor_size(y) * sizeof *kept);
    memcpy(kept, y.data, (size_t)seqnn_tensor_size(y) * sizeof *kept);
    succeeds(seqnn_forward(model, &batch, SEQNN_TRAIN));
    assert_null(embedding->out.distinct);
    succeeds(seqnn_forward(model, &batch, SEQNN_EVALUATE));
    y = seqnn_output(model);
    expect_equal("evaluation", seqnn_tensor_size(y), y.data, kept);
    free(kept);
    seqnn_free(model);
}

/* Words that hardly come again, and readers of every row. */
static void test_every_row(void **state)
{
    (void)state;
    seqnn_model *model = build(&usual, false);
    seqnn_dataset batch = batch_of(&usual);
    batch.count = 1; /* 9 steps */
    for (int repeated = 0; repeated < 3; repeated++) {
        int32_t text[TIME] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
        for (int t = 0; t < repeated; t++)
            text[t] = 9;
        batch.x[0].indices = text;
        succeeds(seqnn_forward(model, &batch, SEQNN_TRAIN));
        const bool distinct = seqnn_model_layer(model, "words")->out.distinct != NULL;
        assert_int_equal(distinct, TIME - repeated <= TIME * 9 / 10);
    }
    seqnn_free(model);

    model = seqnn_model_new(1); /* an embedding for its own sake */
    seqnn_layer *embedding =
        seqnn_embedding(model, WORDS, FEATURES, (seqnn_embedding_options){0});
    batch = batch_of(&usual);
    succeeds(seqnn_forward(model, &batch, SEQNN_TRAIN));
    assert_null(embedding->out.distinct);
    seqnn_free(model);
}

/* A word outside the vocabulary leaves nothing behind for the next batch. */
static void test_after_a_bad_word(void **state)
{
    (void)state;
    seqnn_model *model = build(&usual, false), *other = build(&usual, false);
    seqnn_dataset batch = batch_of(&usual), bad = batch;
    int32_t text[COUNT * TIME];
    memcpy(text, words, sizeof text);
    text[6] = WORDS;
    bad.x[0].indices = text;
    assert_int_equal(seqnn_forward(model, &bad, SEQNN_EVALUATE), SEQNN_ERROR_ARGUMENT);
    says("embedding 'words': word 12 at sample 0, step 6; the vocabulary is 0 .. 11");
    succeeds(seqnn_forward(model, &batch, SEQNN_EVALUATE));
    succeeds(seqnn_forward(other, &batch, SEQNN_EVALUATE));
    seqnn_tensor y = seqnn_output(other);
    expect_equal("output", seqnn_tensor_size(y), seqnn_output(model).data, y.data);
    seqnn_free(model);
    seqnn_free(other);
}

/* A weight that is no number is found where it is. */
static void test_not_finite(void **state)
{
    (void)state;
    seqnn_model *model = build(&usual, false);
    seqnn_dataset batch = batch_of(&usual);
    seqnn_layer_parameter(seqnn_model_layer(model, "words"), "table")
        ->value[words[0] * FEATURES] = (seqnn_real)NAN;
    assert_true(isnan(seqnn_train_step(model, &batch, (seqnn_train_options){0})));
    says("the first output that is not finite is that of embedding 'words'");
    seqnn_free(model);
}

/* What makes it the same bits forwards: a row of a product does not depend on how many
 * rows there are, nor on where it stands among them. */
static void test_rows_of_a_product(void **state)
{
    (void)state;
    seqnn_random random = {3, 4, 0};
    for (int k = 0; k < 300; k++) {
        const int most = k % 10 ? 70 : 400;
        const seqnn_size rows = 1 + seqnn_random_below(&random, most);
        const seqnn_size few = 1 + seqnn_random_below(&random, rows);
        const seqnn_size from = seqnn_random_below(&random, rows - few + 1);
        const seqnn_size inner = 1 + seqnn_random_below(&random, k % 3 ? 40 : 300);
        const seqnn_size columns = 1 + seqnn_random_below(&random, k % 5 ? 50 : 420);
        seqnn_real *A = numbers(rows * inner, 1), *B = numbers(inner * columns, 2);
        seqnn_real *b = numbers(columns, 3);
        seqnn_real *all = numbers(rows * columns, 4), *some = numbers(few * columns, 4);
        sq_matmul_bias(rows, columns, inner, A, inner, B, columns, b, all, columns);
        sq_matmul_bias(few, columns, inner, A + from * inner, inner, B, columns, b, some,
                       columns);
        expect_equal("row", few * columns, some, all + from * columns);
        free(A);
        free(B);
        free(b);
        free(all);
        free(some);
    }
}

/* ---- one-hot ---- */

static seqnn_model *hot(const recipe *r, bool as_vectors, seqnn_real dropout)
{
    seqnn_model *model = seqnn_model_new(41);
    seqnn_recurrent_options options = {
        .name = "cell",
        .return_sequences = r->every_step,
        .dropout = dropout,
        .reset = r->reset,
        .no_bias = r->truncated,
        .bidirectional = r->both_directions ? SEQNN_SUM : SEQNN_MERGE_DEFAULT,
        .bias_initializer = {SEQNN_NORMAL, 1}};
    if (as_vectors)
        seqnn_sequences(model, WORDS, (seqnn_source_options){.name = "words"});
    else
        seqnn_one_hot_source(
            model, WORDS, (seqnn_one_hot_options){.name = "words", .mask_zero = r->mask});
    add_cell(model, r->cell, UNITS, options);
    seqnn_dense(model, CLASSES, (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
    assert_true(seqnn_ok(model));
    return model;
}

/* The words as vectors, [COUNT, TIME, WORDS]; zeros at padded steps. */
static void write_vectors(const recipe *r, seqnn_real *vectors)
{
    memset(vectors, 0, COUNT * TIME * WORDS * sizeof *vectors);
    for (int b = 0; b < COUNT; b++)
        for (int t = 0; t < TIME; t++)
            if (!r->mask || (t >= starts[b] && t < starts[b] + lengths[b]))
                vectors[(b * TIME + t) * WORDS + words[b * TIME + t]] = 1;
}

static seqnn_dataset vectors_of(const recipe *r, seqnn_real *vectors)
{
    seqnn_dataset batch = batch_of(r);
    write_vectors(r, vectors);
    batch.x[0].indices = NULL;
    batch.x[0].values = vectors;
    batch.x[0].features = WORDS;
    return batch;
}

static void compare_hot(const recipe *r, seqnn_real dropout, bool expected)
{
    static seqnn_real x[COUNT * TIME * WORDS];
    seqnn_model *model = hot(r, false, dropout), *plain = hot(r, true, dropout);
    seqnn_dataset batch = batch_of(r), vectors = vectors_of(r, x);
    seqnn_train_options options = {
        .optimizer = {.kind = SEQNN_SGD, .learning_rate = 0.5f}};
    seqnn_size count, count_plain;
    seqnn_real *w = seqnn_weights(model, &count);
    seqnn_real *w_plain = seqnn_weights(plain, &count_plain);
    assert_int_equal(count, count_plain);
    for (int mode = 0; mode < 2; mode++) {
        succeeds(seqnn_forward(model, &batch, mode ? SEQNN_TRAIN : SEQNN_EVALUATE));
        succeeds(seqnn_forward(plain, &vectors, mode ? SEQNN_TRAIN : SEQNN_EVALUATE));
        seqnn_tensor y = seqnn_output(plain);
        expect_equal("output", seqnn_tensor_size(y), seqnn_output(model).data, y.data);
        y = seqnn_layer_output(seqnn_model_layer(model, "words"));
        assert_int_equal(seqnn_tensor_size(y), COUNT * TIME * WORDS);
        expect_equal("one-hot", COUNT * TIME * WORDS, y.data, x);
    }
    assert_int_equal(seqnn_model_layer(model, "words")->out.distinct != NULL, expected);
    for (int k = 0; k < 3; k++) {
        assert_true(isfinite(seqnn_train_step(model, &batch, options)));
        assert_true(isfinite(seqnn_train_step(plain, &vectors, options)));
        expect_near(count, w, w_plain, 1e-5);
    }
    assert_null(seqnn_layer_output_gradient(seqnn_model_layer(model, "words")).data);
    says("dL/dy of one_hot 'words' is not computed");
    seqnn_free(model);
    seqnn_free(plain);
}

static void test_one_hot(void **state)
{
    (void)state;
    for (int cell = 0; cell < CELLS; cell++)
        for (int bits = 0; bits < 16; bits++) {
            recipe r = {(test_cell)cell, bits & 1, bits & 2, bits & 4,
                        false,           false,    bits & 8, SEQNN_RESET_DEFAULT};
            compare_hot(&r, 0, true);
        }
    compare_hot(&usual, 0.3f, false);
}

/* Before a layer that reads the vectors. */
static void test_one_hot_dense(void **state)
{
    (void)state;
    static seqnn_real x[COUNT * TIME * WORDS];
    seqnn_dataset batch = batch_of(&usual), vectors = vectors_of(&usual, x);
    seqnn_tensor y[2];
    seqnn_model *models[2] = {seqnn_model_new(3), seqnn_model_new(3)};
    seqnn_one_hot_source(models[0], WORDS, (seqnn_one_hot_options){.mask_zero = true});
    seqnn_sequences(models[1], WORDS, (seqnn_source_options){0});
    seqnn_train_options options = {.optimizer = seqnn_adam(0.1f)};
    for (int k = 0; k < 2; k++) {
        seqnn_dense(models[k], UNITS, (seqnn_dense_options){.activation = SEQNN_TANH});
        seqnn_global_mean_pool(models[k], (seqnn_pooling_options){0});
        seqnn_dense(models[k], CLASSES,
                    (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
        for (int i = 0; i < 3; i++)
            assert_true(
                isfinite(seqnn_train_step(models[k], k ? &vectors : &batch, options)));
        succeeds(seqnn_forward(models[k], k ? &vectors : &batch, SEQNN_EVALUATE));
        y[k] = seqnn_output(models[k]);
    }
    expect_equal("dense", seqnn_tensor_size(y[1]), y[0].data, y[1].data);
    seqnn_free(models[0]);
    seqnn_free(models[1]);
}

static void test_one_hot_alone(void **state)
{
    (void)state;
    static seqnn_real x[COUNT * TIME * WORDS];
    seqnn_model *model = hot(&usual, false, 0);
    seqnn_dataset batch = batch_of(&usual);
    seqnn_layer *layer = seqnn_model_layer(model, "words");
    write_vectors(&usual, x);
    succeeds(seqnn_layer_forward(layer, &batch.x[0], COUNT, SEQNN_EVALUATE));
    expect_equal("alone", COUNT * TIME * WORDS, seqnn_layer_output(layer).data, x);
    succeeds(seqnn_layer_backward(layer, x, NULL));
    succeeds(seqnn_layer_backward(layer, NULL, NULL));
    seqnn_free(model);
}

static void test_one_hot_errors(void **state)
{
    (void)state;
    const seqnn_size wrong[] = {0, -3, (seqnn_size)INT32_MAX + 1};
    for (int i = 0; i < 3; i++) {
        seqnn_model *model = seqnn_model_new(1);
        assert_null(seqnn_one_hot_source(model, wrong[i], (seqnn_one_hot_options){0}));
        says("one_hot 'one_hot_1': a vocabulary of ");
        says(" words, expected 1 to 2147483647");
        seqnn_free(model);
    }
    seqnn_model *model = hot(&usual, false, 0);
    seqnn_dataset batch = batch_of(&usual);
    int32_t text[COUNT * TIME];
    memcpy(text, words, sizeof text);
    batch.x[0].indices = text;
    text[4] = -1;
    assert_int_equal(seqnn_forward(model, &batch, SEQNN_EVALUATE), SEQNN_ERROR_ARGUMENT);
    says("one_hot 'words': word -1 at sample 0, step 4; the vocabulary is 0 .. 11");
    text[4] = 0;
    assert_int_equal(seqnn_forward(model, &batch, SEQNN_EVALUATE), SEQNN_ERROR_ARGUMENT);
    says("one_hot 'words': padding (0) inside the text of sample 0, step 4");
    seqnn_free(model);
}

/* A large vocabulary takes no memory for its vectors: 2e9 of them would not fit. */
static void test_one_hot_memory(void **state)
{
    (void)state;
    seqnn_model *model = seqnn_model_new(1);
    seqnn_one_hot_source(model, 20000000, (seqnn_one_hot_options){0});
    seqnn_simple_rnn(model, 1, (seqnn_rnn_options){0});
    int32_t *text = (int32_t *)calloc(300 * 300, sizeof *text);
    seqnn_dataset batch = words_of(300, 300, text);
    succeeds(seqnn_forward(model, &batch, SEQNN_EVALUATE));
    free(text);
    seqnn_free(model);
}

/* ---- threads ---- */

enum { MANY = 48, LONG = 30, WIDE = 64, VOCABULARY = 300 };

static seqnn_real *trained(bool one_hot, int32_t *text, seqnn_size *count)
{
    seqnn_model *model = seqnn_model_new(43);
    seqnn_dataset batch = words_of(MANY, LONG, text);
    batch.y.indices = text;
    batch.y.time = LONG;
    if (one_hot)
        seqnn_one_hot_source(model, VOCABULARY, (seqnn_one_hot_options){0});
    else
        seqnn_embedding(model, VOCABULARY, WIDE, (seqnn_embedding_options){0});
    seqnn_gru(
        model, WIDE,
        (seqnn_gru_options){.return_sequences = true, .bidirectional = SEQNN_CONCAT});
    seqnn_dense(model, VOCABULARY, (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
    seqnn_train_options options = {
        .optimizer = {.kind = SEQNN_SGD, .learning_rate = 0.5f}};
    for (int k = 0; k < 2; k++)
        assert_true(isfinite(seqnn_train_step(model, &batch, options)));
    assert_non_null(seqnn_model_layer_at(model, 0)->out.distinct);
    seqnn_real *w = seqnn_weights(model, count);
    seqnn_real *kept = (seqnn_real *)malloc((size_t)*count * sizeof *kept);
    memcpy(kept, w, (size_t)*count * sizeof *kept);
    seqnn_free(model);
    return kept;
}

static void test_threads(void **state)
{
    (void)state;
#ifdef _OPENMP
    const int before = omp_get_max_threads();
    int32_t text[MANY * LONG];
    seqnn_random random = {31, 1, 0};
    for (int i = 0; i < MANY * LONG; i++)
        text[i] = seqnn_random_below(&random, VOCABULARY);
    for (int one_hot = 0; one_hot < 2; one_hot++) {
        seqnn_size count;
        omp_set_num_threads(1);
        seqnn_real *first = trained(one_hot, text, &count);
        for (int threads = 2; threads < 4; threads++) {
            omp_set_num_threads(threads);
            seqnn_real *other = trained(one_hot, text, &count);
            assert_memory_equal(first, other, (size_t)count * sizeof *first);
            free(other);
        }
        free(first);
    }
    omp_set_num_threads(before);
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steps),
        cmocka_unit_test(test_asked_late),
        cmocka_unit_test(test_dropout_of_the_input),
        cmocka_unit_test(test_every_row),
        cmocka_unit_test(test_after_a_bad_word),
        cmocka_unit_test(test_not_finite),
        cmocka_unit_test(test_rows_of_a_product),
        cmocka_unit_test(test_one_hot),
        cmocka_unit_test(test_one_hot_dense),
        cmocka_unit_test(test_one_hot_alone),
        cmocka_unit_test(test_one_hot_errors),
        cmocka_unit_test(test_one_hot_memory),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, make_words, NULL);
}
