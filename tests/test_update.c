/* The update's short cuts, each to the bit beside the long way: rows without a gradient
 * beside rows whose gradient is zero, the clip inside the update beside the clip before
 * it, and any number of threads. */
#include "models.h"
#include "training.h"

#ifdef _OPENMP
#include <omp.h>
#endif

/* More than one piece of a parallel loop, rows that do not fill vectors, and a second
 * table that is small. */
enum { WORDS = 900, FEATURES = 37, TAGS = 7, TIME = 20, SAMPLES = 48, STEPS = 6 };

typedef struct recipe {
    const char *name;
    seqnn_optimizer optimizer;
} recipe;

static const recipe recipes[] = {
    {"sgd", {.kind = SEQNN_SGD}},
    {"momentum", {.kind = SEQNN_SGD, .momentum = (seqnn_real)0.9}},
    {"nesterov", {.kind = SEQNN_SGD, .momentum = (seqnn_real)0.9, .nesterov = true}},
    {"sgd, l2", {.kind = SEQNN_SGD, .l2 = (seqnn_real)0.01}},
    {"rmsprop", {.kind = SEQNN_RMSPROP}},
    {"rmsprop, PyTorch's epsilon", {.kind = SEQNN_RMSPROP, .pytorch_epsilon = true}},
    {"rmsprop, momentum", {.kind = SEQNN_RMSPROP, .momentum = (seqnn_real)0.5}},
    {"rmsprop, l2", {.kind = SEQNN_RMSPROP, .l2 = (seqnn_real)0.01}},
    {"rmsprop, decay", {.kind = SEQNN_RMSPROP, .weight_decay = (seqnn_real)0.1}},
    {"adam", {.kind = SEQNN_ADAM}},
    {"adam, exponential after warm-up",
     {.kind = SEQNN_ADAM,
      .schedule = {.kind = SEQNN_SCHEDULE_EXPONENTIAL, .steps = 3, .warm_up = 2}}},
    {"adamw", {.kind = SEQNN_ADAMW}},
    {"adagrad", {.kind = SEQNN_ADAGRAD}},
    {"adagrad, decay", {.kind = SEQNN_ADAGRAD, .weight_decay = (seqnn_real)0.1}},
};

static int32_t words[STEPS][SAMPLES * TIME], tags[STEPS][SAMPLES * TIME];
static int32_t classes[STEPS][SAMPLES];

/* Words of the next step are others, some of them again. */
static int make_text(void **state)
{
    (void)state;
    seqnn_random random = {31, 7, 0};
    for (int s = 0; s < STEPS; s++)
        for (int b = 0; b < SAMPLES; b++) {
            classes[s][b] = seqnn_random_below(&random, 3);
            for (int t = 0; t < TIME; t++) {
                words[s][b * TIME + t] =
                    seqnn_random_below(&random, s % 2 ? WORDS : WORDS / 8);
                tags[s][b * TIME + t] = seqnn_random_below(&random, TAGS);
            }
        }
    return 0;
}

static seqnn_dataset batch_of(int step)
{
    seqnn_dataset batch = words_of(SAMPLES, TIME, words[step]);
    batch.x[1].indices = tags[step];
    batch.x[1].time = TIME;
    batch.y.indices = classes[step];
    return batch;
}

static seqnn_model *new_model(void)
{
    seqnn_model *model = seqnn_model_new(5);
    seqnn_layer *pooled[2];
    for (int k = 0; k < 2; k++) {
        seqnn_layer *table = seqnn_embedding(model, k ? TAGS : WORDS, k ? 3 : FEATURES,
                                             (seqnn_embedding_options){0});
        pooled[k] =
            seqnn_global_mean_pool(model, (seqnn_pooling_options){.input = table});
    }
    seqnn_concat(model, pooled[0], pooled[1], (seqnn_merge_options){0});
    seqnn_dense(model, 3, (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
    if (!seqnn_ok(model))
        fail_msg("%s", seqnn_error());
    return model;
}

/* The gradients of a batch, large enough that the weights move. */
static void gradients_of(seqnn_model *model, int step)
{
    seqnn_dataset batch = batch_of(step);
    seqnn_zero_gradients(model);
    succeeds(seqnn_forward(model, &batch, SEQNN_TRAIN));
    seqnn_loss(model, &batch, (seqnn_loss_options){.over_samples = SEQNN_REDUCE_SUM});
    succeeds(seqnn_backward(model));
}

static void same_block(const char *what, const recipe *r, const seqnn_real *a,
                       const seqnn_real *b, seqnn_size count)
{
    if (!a != !b || (a && memcmp(a, b, (size_t)count * sizeof *a)))
        fail_msg("%s: %s differ", r->name, what);
}

static void same_training(const recipe *r, seqnn_model *a, seqnn_model *b)
{
    const sq_training *of_a = sq_training_of(a), *of_b = sq_training_of(b);
    same_block("weights", r, a->weights, b->weights, a->weight_count);
    same_block("m", r, of_a->m, of_b->m, a->weight_count);
    same_block("v", r, of_a->v, of_b->v, a->weight_count);
}

static void an_untouched_row_is_one_whose_gradient_is_zero(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof recipes / sizeof *recipes; i++) {
        seqnn_model *short_way = new_model(), *long_way = new_model();
        for (int s = 0; s < STEPS; s++) {
            gradients_of(short_way, s);
            gradients_of(long_way, s);
            seqnn_mark_gradients(long_way);
            succeeds(seqnn_step(short_way, recipes[i].optimizer));
            succeeds(seqnn_step(long_way, recipes[i].optimizer));
            same_training(&recipes[i], short_way, long_way);
        }
        seqnn_free(short_way);
        seqnn_free(long_way);
    }
}

/* Rows that no batch has touched rest, until something else moves them: l2, for a step or
 * for good. A new start lets them rest again. */
static void what_moved_once_moves_on(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof recipes / sizeof *recipes; i++) {
        seqnn_model *short_way = new_model(), *long_way = new_model();
        for (int s = 0; s < 3 * STEPS; s++) {
            seqnn_optimizer optimizer = recipes[i].optimizer;
            if (s == STEPS / 2)
                optimizer.l2 = (seqnn_real)0.1;
            if (s == 2 * STEPS) {
                seqnn_reset_optimizer(short_way);
                seqnn_reset_optimizer(long_way);
            }
            gradients_of(short_way, s % STEPS);
            gradients_of(long_way, s % STEPS);
            seqnn_mark_gradients(long_way);
            succeeds(seqnn_step(short_way, optimizer));
            succeeds(seqnn_step(long_way, optimizer));
            same_training(&recipes[i], short_way, long_way);
        }
        seqnn_free(short_way);
        seqnn_free(long_way);
    }
}

/* Below, between and above: scaled down, left alone, scaled up. */
static void clipped_inside_the_update_as_before_it(void **state)
{
    (void)state;
    const struct {
        seqnn_real threshold, lower;
    } clips[] = {{(seqnn_real)0.01, 0}, {100, 0}, {100, 50}};
    for (size_t i = 0; i < sizeof recipes / sizeof *recipes; i++)
        for (size_t c = 0; c < 3; c++) {
            seqnn_model *inside = new_model(), *before = new_model();
            const seqnn_train_options options = {.optimizer = recipes[i].optimizer,
                                                 .clip_global_norm = clips[c].threshold,
                                                 .clip_global_norm_lower =
                                                     clips[c].lower};
            for (int s = 0; s < STEPS; s++) {
                seqnn_dataset batch = batch_of(s);
                seqnn_train_step(inside, &batch, options);
                assert_true(seqnn_ok(inside));
                seqnn_zero_gradients(before);
                succeeds(seqnn_forward(before, &batch, SEQNN_TRAIN));
                seqnn_loss(before, &batch, options.loss);
                succeeds(seqnn_backward(before));
                if (clips[c].lower == 0) /* what stands in them is not clipped */
                    same_block("gradients", &recipes[i], inside->gradients,
                               before->gradients, inside->weight_count);
                seqnn_clip_by_global_norm(before, clips[c].threshold, clips[c].lower);
                if (clips[c].lower > 0) /* scaled up, it is */
                    same_block("gradients", &recipes[i], inside->gradients,
                               before->gradients, inside->weight_count);
                succeeds(seqnn_step(before, options.optimizer));
                same_training(&recipes[i], inside, before);
            }
            seqnn_free(inside);
            seqnn_free(before);
        }
}

/* Rows that one batch touched and the next did not are zero again. */
static void gradients_are_zero_where_no_batch_was(void **state)
{
    (void)state;
    seqnn_model *model = new_model();
    gradients_of(model, 1);
    gradients_of(model, 2);
    const seqnn_parameter *table =
        seqnn_layer_parameter(seqnn_model_layer_at(model, 0), "table");
    bool touched[WORDS] = {false};
    for (int k = 0; k < SAMPLES * TIME; k++)
        touched[words[2][k]] = true;
    for (int row = 0; row < WORDS; row++) {
        double sum = 0;
        for (int j = 0; j < FEATURES; j++)
            sum += fabs((double)table->gradient[row * FEATURES + j]);
        assert_true((sum > 0) == touched[row]);
    }
    seqnn_zero_gradients(model);
    for (seqnn_size i = 0; i < model->weight_count; i++)
        assert_true(model->gradients[i] == 0);
    seqnn_free(model);
}

static void any_number_of_threads(void **state)
{
    (void)state;
#ifdef _OPENMP
    const int most = omp_get_max_threads();
    for (size_t i = 0; i < sizeof recipes / sizeof *recipes; i++) {
        seqnn_model *model[3];
        for (int k = 0; k < 3; k++) {
            omp_set_num_threads(k + 1);
            model[k] = new_model();
            for (int s = 0; s < STEPS; s++) {
                seqnn_dataset batch = batch_of(s);
                seqnn_train_step(
                    model[k], &batch,
                    (seqnn_train_options){.optimizer = recipes[i].optimizer,
                                          .clip_global_norm = (seqnn_real)0.01});
            }
            same_training(&recipes[i], model[0], model[k]);
        }
        for (int k = 0; k < 3; k++)
            seqnn_free(model[k]);
    }
    omp_set_num_threads(most);
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_untouched_row_is_one_whose_gradient_is_zero),
        cmocka_unit_test(what_moved_once_moves_on),
        cmocka_unit_test(clipped_inside_the_update_as_before_it),
        cmocka_unit_test(gradients_are_zero_where_no_batch_was),
        cmocka_unit_test(any_number_of_threads),
    };
    return cmocka_run_group_tests(tests, make_text, NULL);
}
