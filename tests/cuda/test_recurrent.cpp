/* One recurrent layer: every cell and option, lengths, directions, dropout, states,
 * words, sizes. */
#define SEQNN_IMPLEMENTATION
#define SEQNN_CUDA
#include "../../seqnn.h"

#include "recurrent_trials.h"

static void cells_directions_and_lengths(void **)
{
    for_each_cell(trial(), in_every_direction);
}

static void dropout_of_input_and_state(void **)
{
    trial of;
    of.options.recurrent_dropout = (seqnn_real)0.4;
    for_each_cell(of, in_every_direction);
    of.options.dropout = (seqnn_real)0.3;
    for_each_cell(of, in_every_direction);
    of.options.recurrent_dropout = 0;
    of.source = EMBEDDING;
    for_each_cell(of, in_every_direction);
    of.train = false;
    for_each_cell(of, compare);
}

static void states_that_are_given(void **)
{
    trial of;
    of.give_state = of.give_gradient = true;
    for_each_cell(of, in_every_direction);
    of.options.recurrent_dropout = (seqnn_real)0.4;
    for_each_cell(of, in_every_direction);
    of.give_state = false;
    of.options.stateful = true;
    for_each_cell(of, in_every_direction);
}

/* A state that was given on one device is the model's on the other. */
static void states_move_with_the_model(void **)
{
    trial of;
    of.cell = LSTM;
    data in;
    make_batch(&in, of);
    const std::vector<seqnn_real> h = numbers(of.batch * of.units, 21),
                                  C = numbers(of.batch * of.units, 22);
    seqnn_model *models[2];
    for (int there = 0; there < 2; there++) {
        models[there] = make(of, true);
        seqnn_layer *layer = recurrent_in(models[there], 0);
        const seqnn_device from = there ? SEQNN_CPU : SEQNN_GPU;
        assert_int_equal(SEQNN_OK, seqnn_use(models[there], from));
        assert_int_equal(SEQNN_OK, seqnn_set_state(layer, of.batch, h.data(), C.data()));
        assert_int_equal(SEQNN_OK,
                         seqnn_use(models[there], there ? SEQNN_GPU : SEQNN_CPU));
        assert_true(!models[there]->backend == !there);
        assert_int_equal(SEQNN_OK, run(models[there], of, in));
    }
    near_models(of, models[0], models[1]);
    for (seqnn_model *model : models)
        seqnn_free(model);
    assert_int_equal(host_device.open, 0);
}

/* ---- words ---- */

static void words_again_and_again(void **)
{
    trial of;
    of.source = EMBEDDING;
    for_each_cell(of, in_every_direction);
    of.frozen_source = true;
    for_each_cell(of, compare);
    of.source = ONE_HOT;
    for_each_cell(of, in_every_direction);
    of.options.dropout = (seqnn_real)0.3; /* the vectors are written out */
    for_each_cell(of, compare);
}

/* 360 rows of 7 words: their sums are shared by more threads. */
static void words_that_are_frequent(void **)
{
    trial of;
    of.source = EMBEDDING;
    of.lengths = EVEN;
    of.batch = 60;
    of.options.return_sequences = true;
    for_each_cell(of, compare);
    of.options.dropout =
        (seqnn_real)0.3; /* the table's rows are summed by the embedding */
    of.cell = LSTM;
    compare(of);
}

static void without_biases_and_frozen(void **)
{
    trial of;
    of.options.no_bias = true;
    for (source_kind source : {SERIES, EMBEDDING, ONE_HOT}) {
        of.source = source;
        for_each_cell(of, compare);
    }
    of.options.no_bias = false;
    of.options.frozen = true;
    of.source = EMBEDDING; /* which learns through the frozen layer */
    for_each_cell(of, in_every_direction);
}

static void sizes_that_are_odd(void **)
{
    trial of;
    for (seqnn_size units : {1, 33})
        for (seqnn_size batch : {1, 2, 9}) {
            of.units = units;
            of.batch = batch;
            of.options.go_backwards = batch == 2;
            for_each_cell(of, compare);
        }
}

static void batches_without_a_step(void **)
{
    trial of;
    of.lengths = EMPTY;
    of.give_state = of.give_gradient = true;
    for (source_kind source : {SERIES, EMBEDDING, ONE_HOT}) {
        of.source = source;
        for_each_cell(of, compare);
    }
}

int main(void)
{
    host_device.late = true; /* who reads what the device writes has to wait */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_directions_and_lengths),
        cmocka_unit_test(dropout_of_input_and_state),
        cmocka_unit_test(states_that_are_given),
        cmocka_unit_test(states_move_with_the_model),
        cmocka_unit_test(words_again_and_again),
        cmocka_unit_test(words_that_are_frequent),
        cmocka_unit_test(without_biases_and_frozen),
        cmocka_unit_test(sizes_that_are_odd),
        cmocka_unit_test(batches_without_a_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
