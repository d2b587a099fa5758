/* The same bits with any number of threads: models large enough that every parallel path
 * is taken; and two models that are trained in two threads of the user's. */
/* flags: -pthread */
#define _POSIX_C_SOURCE 200809L
#include "models.h"
#include "team.h"

#include <pthread.h>
#ifdef _OPENMP
#include <omp.h>
#endif

enum { COUNT = 64, TIME = 40, WORDS = 500, FEATURES = 70, UNITS = 64, CLASSES = 4 };

static int32_t words[COUNT * TIME], starts[COUNT], lengths[COUNT], classes[COUNT],
    tags[COUNT * TIME];

static int make_text(void **state)
{
    (void)state;
    seqnn_random random = {23, 1, 0};
    for (int b = 0; b < COUNT; b++) {
        lengths[b] = b < COUNT / 2 ? TIME : seqnn_random_below(&random, TIME + 1);
        starts[b] = seqnn_random_below(&random, TIME - lengths[b] + 1);
        classes[b] = seqnn_random_below(&random, CLASSES);
        for (int t = 0; t < TIME; t++) {
            words[b * TIME + t] = 1 + seqnn_random_below(&random, WORDS - 1);
            tags[b * TIME + t] = seqnn_random_below(&random, CLASSES);
        }
    }
    return 0;
}

static seqnn_dataset text(bool every_step)
{
    seqnn_dataset batch = words_of(COUNT, TIME, words);
    batch.x[0].start = starts;
    batch.x[0].length = lengths;
    batch.y.indices = every_step ? tags : classes;
    batch.y.time = every_step ? TIME : 0;
    return batch;
}

/* What a run is: the kinds of models, and how they are trained. */
typedef struct recipe {
    test_cell cell;
    bool both_directions, pooled, every_step, truncated;
    seqnn_optimizer_kind optimizer;
    int steps;
} recipe;

static const recipe recipes[] = {
    {RNN, false, false, false, false, SEQNN_ADAM, 5},
    {LSTM, false, false, false, false, SEQNN_RMSPROP, 5},
    {GRU, false, false, false, false, SEQNN_ADAMW, 5},
    {RNN, true, true, false, false, SEQNN_SGD, 2},
    {LSTM, true, true, false, false, SEQNN_ADAGRAD, 2},
    {GRU, true, false, true, false, SEQNN_ADAM, 2},
    {LSTM, false, false, true, true, SEQNN_SGD, 2},
};

static seqnn_model *build(const recipe *r)
{
    seqnn_model *model = seqnn_model_new(31);
    seqnn_recurrent_options options = {.return_sequences = r->pooled || r->every_step,
                                       .dropout = 0.2f,
                                       .recurrent_dropout = 0.2f,
                                       .bptt_window = r->truncated ? 5 : 0};
    options.bidirectional = r->both_directions ? SEQNN_CONCAT : SEQNN_MERGE_DEFAULT;
    seqnn_embedding(model, WORDS, FEATURES, (seqnn_embedding_options){.mask_zero = true});
    seqnn_dropout(model, 0.2f, (seqnn_dropout_options){0});
    add_cell(model, r->cell, UNITS, options);
    if (r->pooled)
        seqnn_global_max_pool(model, (seqnn_pooling_options){0});
    seqnn_dense(model, 200, (seqnn_dense_options){.activation = SEQNN_TANH});
    seqnn_dense(model, CLASSES, (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
    return model;
}

/* Weights after a few steps, the caller's to free; the losses stand behind them. */
static seqnn_real *train(const recipe *r, seqnn_size *count)
{
    seqnn_model *model = build(r);
    seqnn_dataset batch = text(r->every_step);
    seqnn_train_options options = {
        .optimizer = {.kind = r->optimizer}, .clip_norm = 0.4f, .clip_global_norm = 0.5f};
    seqnn_real *w = seqnn_weights(model, count);
    seqnn_real *result =
        (seqnn_real *)malloc((size_t)(*count + r->steps) * sizeof *result);
    for (int k = 0; k < r->steps; k++)
        result[*count + k] = seqnn_train_step(model, &batch, options);
    memcpy(result, w, (size_t)*count * sizeof *w);
    *count += r->steps;
    seqnn_free(model);
    return result;
}

static void same_bits_with_any_number_of_threads(void **state)
{
    (void)state;
#ifdef _OPENMP
    const int threads[] = {1, 2, 7};
    const int before = omp_get_max_threads();
    for (int i = 0; i < SQ_COUNT(recipes); i++) {
        seqnn_real *first = NULL;
        for (int k = 0; k < SQ_COUNT(threads); k++) {
            seqnn_size count;
            omp_set_num_threads(threads[k]);
            seqnn_real *result = train(&recipes[i], &count);
            for (seqnn_size j = 0; j < count; j++)
                if (!isfinite(result[j]))
                    fail_msg("recipe %d: value %td is %g", i, j, (double)result[j]);
            if (k == 0)
                first = result;
            else if (memcmp(result, first, (size_t)count * sizeof *first) != 0)
                fail_msg("recipe %d: %d threads give other bits than one", i, threads[k]);
            if (k > 0)
                free(result);
        }
        free(first);
    }
    omp_set_num_threads(before);
#else
    skip();
#endif
}

/* Evaluation, prediction and the loss too. */
static void same_predictions(void **state)
{
    (void)state;
#ifdef _OPENMP
    const int before = omp_get_max_threads();
    const recipe r = {GRU, true, false, true, false, SEQNN_ADAM, 2};
    seqnn_dataset data = text(true);
    seqnn_real *first = NULL, loss = 0;
    for (int threads = 1; threads <= 7; threads += 3) {
        omp_set_num_threads(threads);
        seqnn_model *model = build(&r);
        seqnn_tensor y = seqnn_predict(model, &data, (seqnn_predict_options){0});
        assert_non_null(y.data);
        seqnn_real *result = kept(y);
        seqnn_evaluation e = seqnn_evaluate(model, &data, (seqnn_evaluate_options){0});
        if (threads == 1) {
            first = result;
            loss = e.loss;
        } else {
            assert_memory_equal(result, first,
                                (size_t)seqnn_tensor_size(y) * sizeof *result);
            assert_memory_equal(&loss, &e.loss, sizeof loss);
            free(result);
        }
        seqnn_free(model);
    }
    free(first);
    omp_set_num_threads(before);
#else
    skip();
#endif
}

typedef struct job {
    const recipe *recipe;
    seqnn_real *result;
    seqnn_size count;
    bool told_its_own; /* each thread has its own sentence */
} job;

static void *work(void *argument)
{
    job *own = (job *)argument;
    char sentence[64];
    seqnn_model *bad = seqnn_model_new(1);
    snprintf(sentence, sizeof sentence, "dropout 'of_%d'", (int)own->recipe->cell);
    seqnn_vectors(bad, 2, (seqnn_source_options){0});
    seqnn_dropout(bad, 2, (seqnn_dropout_options){.name = sentence + 9});
    seqnn_free(bad);
    own->result = train(own->recipe, &own->count);
    own->told_its_own = strstr(seqnn_error(), sentence + 9) != NULL;
    return NULL;
}

static void two_models_in_two_threads(void **state)
{
    (void)state;
    job jobs[2] = {{&recipes[1], NULL, 0, false}, {&recipes[5], NULL, 0, false}};
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, &jobs[i]), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (int i = 0; i < 2; i++) {
        seqnn_size count;
        seqnn_real *alone = train(jobs[i].recipe, &count);
        assert_int_equal(count, jobs[i].count);
        assert_memory_equal(alone, jobs[i].result, (size_t)count * sizeof *alone);
        assert_true(jobs[i].told_its_own);
        free(alone);
        free(jobs[i].result);
    }
}

enum { MEMBERS = 4, STEPS = 2000 };

/* Odd steps write one number for each member, even ones look at those of the others. */
typedef struct rounds {
    int step, written[MEMBERS], taken[MEMBERS], wrong[MEMBERS];
    seqnn_size members;
} rounds;

static void round_of_team(void *context, seqnn_size member, seqnn_size members)
{
    rounds *r = (rounds *)context;
    r->taken[member]++;
    if (member == 0)
        r->members = members;
    if (r->step % 2 == 1)
        r->written[member] = r->step;
    for (seqnn_size m = 0; m < members && r->step % 2 == 0; m++)
        r->wrong[member] += r->written[m] != r->step - 1;
}

static seqnn_status lead_rounds(sq_team *team, void *context)
{
    rounds *r = (rounds *)context;
    for (r->step = 1; r->step <= STEPS; r->step++)
        sq_team_step(team, round_of_team, r);
    return SEQNN_ERROR_NUMBER; /* is handed through */
}

static void a_step_is_over_when_all_are_done(void **state)
{
    (void)state;
    for (int members = 0; members <= MEMBERS; members++) {
        rounds r;
        memset(&r, 0, sizeof r);
        assert_int_equal(sq_team_run(members, lead_rounds, &r), SEQNN_ERROR_NUMBER);
        assert_in_range(r.members, 1, members > 1 ? members : 1);
#ifdef _OPENMP
        assert_int_equal(r.members, members > 1 ? members : 1);
#endif
        for (int m = 0; m < MEMBERS; m++) {
            assert_int_equal(r.taken[m], m < r.members ? STEPS : 0);
            assert_int_equal(r.wrong[m], 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_bits_with_any_number_of_threads),
        cmocka_unit_test(same_predictions),
        cmocka_unit_test(two_models_in_two_threads),
        cmocka_unit_test(a_step_is_over_when_all_are_done),
    };
    return cmocka_run_group_tests(tests, make_text, NULL);
}
