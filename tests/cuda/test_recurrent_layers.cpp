/* Several recurrent layers, some of them the CPU's; the same bits whatever the order of
 * the threads; and what becomes of a model whose device fails. */
#define SEQNN_IMPLEMENTATION
#define SEQNN_CUDA
#include "../../seqnn.h"

#include "recurrent_trials.h"

/* ---- several layers ---- */

static void two_layers(seqnn_model *model, const trial &of)
{
    options_of below = of.options;
    below.return_sequences = true;
    add_cell(model, of.cell, 4, below);
    add_cell(model, of.cell, of.units, of.options);
    seqnn_dense(model, 3, {});
}

static void both_directions(seqnn_model *model, const trial &of)
{
    options_of options = of.options;
    options.bidirectional = SEQNN_CONCAT;
    options.return_sequences = true;
    add_cell(model, of.cell, of.units, options);
    options = of.options;
    options.bidirectional = SEQNN_SUM;
    add_cell(model, of.cell, of.units, options);
}

/* An encoder's last state is the first of two decoders over the same words, whose
 * gradients it is to add up. */
static void encoder_and_decoders(seqnn_model *model, const trial &of)
{
    options_of options = of.options;
    seqnn_layer *x = seqnn_model_layer_at(model, 0);
    seqnn_layer *encoder = add_cell(model, of.cell, of.units, options);
    options.initial_state = encoder;
    options.input = x;
    options.return_sequences = true;
    seqnn_layer *one = add_cell(model, of.cell, of.units, options);
    options.go_backwards = true;
    seqnn_layer *other = add_cell(model, of.cell, of.units, options);
    seqnn_add(model, one, other, {});
}

static void layers_on_layers(void **)
{
    trial of;
    for (auto more : {two_layers, both_directions, encoder_and_decoders})
        for (source_kind source : {SERIES, EMBEDDING, ONE_HOT})
            for (int dropped = 0; dropped < 2; dropped++) {
                of.more = more;
                of.source = source;
                of.options.dropout = of.options.recurrent_dropout =
                    (seqnn_real)(0.25 * dropped);
                for (int cell = 0; cell < CELLS; cell++) {
                    of.cell = (cell_name)cell;
                    compare(of);
                }
            }
}

/* ---- what the CPU does ---- */

static void windows_and_skips_are_left(void **)
{
    for (source_kind source : {SERIES, EMBEDDING, ONE_HOT}) {
        trial of;
        of.source = source;
        of.give_state = true;
        of.options.bptt_window = 2;
        for (int cell = 0; cell < CELLS; cell++) {
            of.cell = (cell_name)cell;
            compare_where(of, false);
        }
        of.cell = RNN;
        of.options.bptt_window = 0;
        of.options.skip = 2;
        compare_where(of, false);
    }
}

/* One of the two layers that read the same words is the CPU's. */
static void one_of_each(seqnn_model *model, const trial &of)
{
    options_of options = of.options;
    seqnn_layer *x = seqnn_model_layer_at(model, 0);
    seqnn_layer *encoder = add_cell(model, of.cell, of.units, options);
    options.initial_state = encoder;
    options.input = x;
    options.bptt_window = 2;
    add_cell(model, of.cell, of.units, options);
}

static void one_of_each_turned(seqnn_model *model, const trial &of)
{
    options_of options = of.options;
    seqnn_layer *x = seqnn_model_layer_at(model, 0);
    options.bptt_window = 2;
    seqnn_layer *encoder = add_cell(model, of.cell, of.units, options);
    options.initial_state = encoder;
    options.input = x;
    options.bptt_window = 0;
    add_cell(model, of.cell, of.units, options);
}

static void side_by_side_with_the_cpu(void **)
{
    for (auto more : {one_of_each, one_of_each_turned})
        for (source_kind source : {SERIES, EMBEDDING, ONE_HOT})
            for (int cell = 0; cell < CELLS; cell++) {
                trial of;
                of.more = more;
                of.source = source;
                of.cell = (cell_name)cell;
                compare_where(of, false);
            }
}

/* ---- the same bits ---- */

static void order_of_threads_does_not_matter(void **)
{
    for_each_cell(trial(), [](const trial &like) {
        trial of = like;
        data in;
        of.source = EMBEDDING;
        of.options.recurrent_dropout = (seqnn_real)0.3;
        make_batch(&in, of);
        seqnn_model *one = make(of, true), *other = make(of, true);
        assert_int_equal(SEQNN_OK, run(one, of, in));
        assert_int_equal(SEQNN_OK, run(other, of, in));
        seqnn_size count;
        const seqnn_real *a = seqnn_gradients(one, &count),
                         *b = seqnn_gradients(other, &count);
        assert_memory_equal(a, b, (size_t)count * sizeof *a);
        seqnn_free(one);
        seqnn_free(other);
    });
}

/* ---- failures ---- */

/* The n-th piece of memory is refused, or the n-th launch: an error and nothing lost; and
 * the CPU goes on, the same model's or another's. */
static void failing(long *when, const char *sentence)
{
    data in;
    trial of;
    of.cell = GRU;
    of.source = EMBEDDING;
    of.options.return_sequences = true;
    of.options.recurrent_dropout = (seqnn_real)0.3;
    make_batch(&in, of);
    long failed = 0;
    for (long n = 0;; n++) {
        host_device.absent = false;
        seqnn_model *model = seqnn_model_new(3);
        add_source(model, of);
        add_cell(model, of.cell, of.units, of.options);
        *when = n;
        seqnn_status status = run(model, of, in);
        const bool none_left = *when != 0;
        *when = -1;
        if (status) {
            failed++;
            if (!strstr(seqnn_error(), sentence))
                fail_msg("the error is '%s'", seqnn_error());
        }
        seqnn_free(model);
        assert_int_equal(host_device.open, 0);
        if (!status && none_left)
            break;
    }
    assert_true(failed > 3);
    compare(of);
}

static void memory_that_is_refused(void **)
{
    failing(&host_device.takings, "no memory");
}

static void launches_that_fail(void **)
{
    failing(&host_device.launches, "a launch failed");
}

int main(void)
{
    host_device.late = true; /* who reads what the device writes has to wait */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layers_on_layers),
        cmocka_unit_test(windows_and_skips_are_left),
        cmocka_unit_test(side_by_side_with_the_cpu),
        cmocka_unit_test(order_of_threads_does_not_matter),
        cmocka_unit_test(memory_that_is_refused),
        cmocka_unit_test(launches_that_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
