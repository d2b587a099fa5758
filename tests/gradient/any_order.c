/* Calls in any order: a model that takes every distinct word once beside one that trains
 * on every step, walked through the same passes, ways back, updates, predictions and
 * layers alone. What is asked for is equal after every call. */
#include "models.h"
#include "distinct.h"

enum { WALKS = 150, CALLS = 25, MOST = 9, LONGEST = 11, WORDS = 13, CLASSES = 3 };
enum { ROOM = MOST * LONGEST * 64 };

static const seqnn_real drops_nothing = 1e-20; /* makes a layer go the plain way */

typedef struct walk {
    int number;
    seqnn_random random;
    bool one_hot, mask, every_step, stateful, frozen;
    seqnn_model *model[2]; /* the second one goes the plain way */
    seqnn_dataset batch;
    int32_t words[MOST * LONGEST], tags[MOST * LONGEST], start[MOST], length[MOST];
    seqnn_real *noise; /* [ROOM] */
} walk;

static int below(walk *w, int n)
{
    return seqnn_random_below(&w->random, n);
}

static void equal(const walk *w, const char *what, seqnn_size count, const seqnn_real *a,
                  const seqnn_real *b)
{
    double largest = 1e-3;
    for (seqnn_size i = 0; i < count; i++)
        largest = fmax(largest, fabs(b[i]));
    for (seqnn_size i = 0; i < count; i++)
        if (!(fabs(a[i] - b[i]) <= 1e-11 * largest))
            fail_msg("walk %d: %s: number %td is %.15g, the plain way %.15g", w->number,
                     what, i, a[i], b[i]);
}

static void add_cells(walk *w, seqnn_model *model, seqnn_real dropout)
{
    const test_cell cell = (test_cell)below(w, CELLS);
    const int shape = below(w, 3), units = 1 + below(w, 20);
    seqnn_layer *source = seqnn_model_layer_at(model, 0), *first;
    seqnn_recurrent_options options = {.dropout = dropout,
                                       .recurrent_dropout = below(w, 2) ? 0.25 : 0,
                                       .bptt_window = below(w, 4) ? 0 : 2,
                                       .stateful = w->stateful && shape < 2,
                                       .return_sequences = shape == 1 || w->every_step};
    if (shape < 2 && below(w, 2))
        options.bidirectional = SEQNN_CONCAT;
    first = add_cell(model, cell, units, options);
    options = (seqnn_recurrent_options){.return_sequences = w->every_step};
    if (shape == 1) /* a stack */
        add_cell(model, cell, 3, options);
    if (shape == 2) { /* the words read twice, by encoder and decoder */
        options.input = source;
        options.initial_state = first;
        options.dropout = dropout;
        add_cell(model, cell, units, options);
    }
    seqnn_dense(model, CLASSES, (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
}

static void start_walk(walk *w, int number)
{
    memset(w, 0, sizeof *w);
    w->number = number;
    w->random.seed = (uint64_t)number;
    w->one_hot = below(w, 3) == 0;
    w->mask = below(w, 2);
    w->every_step = below(w, 2);
    w->stateful = below(w, 5) == 0;
    w->frozen = below(w, 5) == 0;
    w->noise = numbers(ROOM, (uint64_t)number);
    const seqnn_random here = w->random;
    for (int k = 0; k < 2; k++) {
        seqnn_model *model = w->model[k] = seqnn_model_new(77);
        w->random = here;
        if (w->one_hot)
            seqnn_one_hot_source(model, WORDS,
                                 (seqnn_one_hot_options){.mask_zero = w->mask});
        else
            seqnn_embedding(model, WORDS, 5,
                            (seqnn_embedding_options){.mask_zero = w->mask,
                                                      .frozen = w->frozen,
                                                      .initializer = {SEQNN_NORMAL, 1}});
        add_cells(w, model, k ? drops_nothing : 0);
        if (!seqnn_ok(model))
            fail_msg("walk %d: %s", number, seqnn_error());
        shake_weights(model, 0.3);
    }
}

static void next_batch(walk *w)
{
    const int count = w->stateful ? 4 : 1 + below(w, MOST), time = 1 + below(w, LONGEST);
    const int words = 1 + below(w, WORDS - 1);
    for (int i = 0; i < count * time; i++) {
        w->words[i] = 1 + below(w, words);
        w->tags[i] = below(w, CLASSES);
    }
    w->batch = words_of(count, time, w->words);
    for (int b = 0; w->mask && b < count; b++) {
        w->start[b] = below(w, time);
        w->length[b] = below(w, time - w->start[b] + 1);
        for (int t = 0; t < time; t++)
            if (t < w->start[b] || t >= w->start[b] + w->length[b])
                w->words[b * time + t] = 0;
    }
    if (w->mask && below(w, 2)) {
        w->batch.x[0].start = w->start;
        w->batch.x[0].length = w->length;
    }
    w->batch.y.indices = w->tags;
    w->batch.y.time = w->every_step ? time : 0;
}

static void equal_blocks(const walk *w)
{
    seqnn_size count;
    const seqnn_real *weights = seqnn_weights(w->model[0], &count);
    equal(w, "weights", count, weights, seqnn_weights(w->model[1], NULL));
    equal(w, "gradients", count, seqnn_gradients(w->model[0], NULL),
          seqnn_gradients(w->model[1], NULL));
}

static void equal_layers(const walk *w, bool gradient)
{
    const bool source_too = !gradient || !(w->one_hot || w->frozen);
    for (seqnn_size i = !source_too; i < seqnn_model_layers(w->model[0]); i++) {
        seqnn_tensor y[2];
        for (int k = 0; k < 2; k++) {
            seqnn_layer *layer = seqnn_model_layer_at(w->model[k], i);
            y[k] =
                gradient ? seqnn_layer_output_gradient(layer) : seqnn_layer_output(layer);
        }
        assert_non_null(y[0].data);
        assert_int_equal(seqnn_tensor_size(y[0]), seqnn_tensor_size(y[1]));
        equal(w, gradient ? "dL/dy" : "y", seqnn_tensor_size(y[1]), y[0].data, y[1].data);
    }
}

/* One layer, on noise or on the next batch's words, and back. */
static void one_alone(walk *w)
{
    const seqnn_size i = below(w, (int)seqnn_model_layers(w->model[0]));
    const seqnn_mode mode = below(w, 2) ? SEQNN_TRAIN : SEQNN_EVALUATE;
    const bool back = below(w, 2);
    next_batch(w);
    seqnn_real *dx[2] = {numbers(ROOM, 1), numbers(ROOM, 1)};
    for (int k = 0; k < 2; k++) {
        seqnn_layer *layer = seqnn_model_layer_at(w->model[k], i);
        seqnn_array x = w->batch.x[0];
        if (layer->input_count > 1)
            continue;
        if (layer->input_count == 1) {
            const bool steps = seqnn_layer_is_sequence(layer->inputs[0]);
            memset(&x, 0, sizeof x);
            x.values = w->noise;
            x.features = seqnn_layer_features(layer->inputs[0]);
            x.time = steps ? w->batch.x[0].time : 0;
        }
        if (seqnn_layer_forward(layer, &x, w->batch.count, mode))
            continue; /* an encoder's state is of another batch: in both models */
        if (back)
            succeeds(
                seqnn_layer_backward(layer, w->noise, layer->input_count ? dx[k] : NULL));
    }
    assert_int_equal(seqnn_ok(w->model[0]), seqnn_ok(w->model[1]));
    equal(w, "dx", ROOM, dx[0], dx[1]);
    free(dx[0]);
    free(dx[1]);
}

static void backward(walk *w)
{
    const bool anew = below(w, 2), by_hand = below(w, 3) == 0;
    for (int k = 0; k < 2; k++) {
        if (anew)
            seqnn_zero_gradients(w->model[k]);
        if (by_hand)
            succeeds(seqnn_set_output_gradient(w->model[k], w->noise));
        else
            seqnn_loss(w->model[k], &w->batch,
                       (seqnn_loss_options){.kind = SEQNN_CATEGORICAL_CROSSENTROPY});
        succeeds(seqnn_backward(w->model[k]));
    }
}

/* Returns whether a pass stands that one may go back over. */
static bool call(walk *w, bool passed)
{
    const seqnn_mode mode = below(w, 2) ? SEQNN_TRAIN : SEQNN_EVALUATE;
    const seqnn_train_options options = {
        .optimizer = seqnn_sgd(0.1), .clip_global_norm = 1, .accumulate = w->number % 3};
    switch (below(w, 6)) {
    case 0:
        next_batch(w);
        for (int k = 0; k < 2; k++)
            succeeds(seqnn_forward(w->model[k], &w->batch, mode));
        equal_layers(w, false);
        return true;
    case 1:
        if (passed)
            backward(w);
        if (passed && below(w, 2))
            equal_layers(w, true);
        return passed;
    case 2:
        for (int k = 0; k < 2; k++)
            succeeds(seqnn_step(w->model[k], options.optimizer));
        return passed;
    case 3:
        next_batch(w);
        for (int k = 0; k < 2; k++)
            assert_true(isfinite(seqnn_train_step(w->model[k], &w->batch, options)));
        if (below(w, 2))
            equal_layers(w, true); /* of the pass that was: the weights have changed */
        return true;
    case 4:
        if (w->stateful)
            return passed;
        next_batch(w);
        for (int k = 0; k < 2; k++)
            assert_non_null(seqnn_predict(w->model[k], &w->batch,
                                          (seqnn_predict_options){.batch_size = 3})
                                .data);
        return false;
    default:
        one_alone(w);
        return false;
    }
}

static void test_any_order(void **state)
{
    (void)state;
    int once = 0;
    for (int number = 1; number <= WALKS; number++) {
        walk w;
        bool passed = false;
        start_walk(&w, number);
        for (int k = 0; k < CALLS; k++) {
            passed = call(&w, passed);
            equal_blocks(&w);
            once += passed && seqnn_model_layer_at(w.model[0], 0)->out.distinct != NULL;
        }
        for (int k = 0; k < 2; k++)
            seqnn_free(w.model[k]);
        free(w.noise);
    }
    assert_true(once > WALKS * CALLS / 4); /* words were taken once */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_any_order)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
