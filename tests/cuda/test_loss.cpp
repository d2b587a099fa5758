/* Losses on the stand-in of a device beside the CPU's, their gradients, and what is
 * right: every kind, form of targets, weight and reduction. */
#define SEQNN_IMPLEMENTATION
#define SEQNN_CUDA
#include "../../seqnn.h"

#include "both_sides.h"

enum { COUNT = 9, TIME = 4, FEATURES = 3, MOST = 300 };

struct loss_batch {
    numbers x = normal(COUNT * TIME * FEATURES, 1), dense, weights;
    std::vector<int32_t> start, length, y_start, y_length, classes;
    numbers class_weight = normal(MOST, 3);
    seqnn_dataset batch = {};

    loss_batch(seqnn_size outputs, bool sequence, bool binary)
    {
        const seqnn_size positions = COUNT * (sequence ? TIME : 1);
        seqnn_random random = {3, 4, 0};
        for (seqnn_size b = 0; b < COUNT; b++) {
            length.push_back((int32_t)(b % (TIME + 1)));
            start.push_back((int32_t)(b % 2 ? TIME - length[(size_t)b] : 0));
            y_length.push_back(b == 4 ? 1 : TIME);
            y_start.push_back(b == 4 ? 2 : 0);
            weights.push_back((seqnn_real)(b % 3) * (seqnn_real)0.75);
        }
        for (seqnn_size i = 0; i < positions; i++)
            classes.push_back(
                seqnn_random_below(&random, (int32_t)(binary ? 2 : outputs)));
        for (seqnn_size i = 0; i < positions * outputs; i++)
            dense.push_back((seqnn_real)seqnn_random_below(&random, 3) / 2);
        for (seqnn_real &w : class_weight)
            w = (seqnn_real)fabs((double)w);
        batch.count = COUNT;
        batch.classes = outputs;
        batch.x[0].values = x.data();
        batch.x[0].features = FEATURES;
        batch.x[0].time = batch.y.time = sequence ? TIME : 0;
        if (sequence) {
            batch.x[0].start = start.data();
            batch.x[0].length = length.data();
        }
        batch.y.features = outputs;
    }
};

static seqnn_model *loss_model(bool device, bool sequence, seqnn_size outputs,
                               seqnn_activation activation)
{
    seqnn_model *model = new_model(device);
    if (sequence)
        seqnn_sequences(model, FEATURES, {});
    else
        seqnn_vectors(model, FEATURES, {});
    seqnn_dense_options last = {};
    last.activation = activation;
    last.initializer.kind = SEQNN_UNIFORM;
    last.initializer.a = 2;
    seqnn_dense(model, outputs, last);
    succeeds(model);
    return model;
}

/* What a loss leaves behind. */
struct loss_result {
    seqnn_status status = SEQNN_OK;
    double loss = 0, divisor = 0, right = 0, asked = 0;
    bool counts = false;
    std::string sentence;
    numbers dy, dw;
};

static loss_result loss_of(seqnn_model *model, const seqnn_dataset *batch,
                           const seqnn_loss_options &options)
{
    loss_result result;
    assert_int_equal(seqnn_forward(model, batch, SEQNN_TRAIN), SEQNN_OK);
    seqnn_zero_gradients(model);
    result.loss = (double)sq_loss(model, batch, &options, &result.divisor);
    result.status = model->run_status;
    if (result.status) {
        result.sentence = seqnn_error();
        return result;
    }
    result.counts = sq_count_right(model, batch, &options, &result.right, &result.asked);
    const seqnn_tensor dy = seqnn_layer_output_gradient(seqnn_model_layer_at(model, 1));
    result.dy.assign(dy.data, dy.data + seqnn_tensor_size(dy));
    assert_int_equal(seqnn_backward(model), SEQNN_OK);
    seqnn_size count;
    const seqnn_real *dw = seqnn_gradients(model, &count);
    result.dw.assign(dw, dw + count);
    return result;
}

/* Of logits, gradients differ by as much as the outputs, whose sums are in another order
 * (9e-7 of the largest at most). Of probabilities y they are divided by y or 1 - y, which
 * is small beside the rounding of what it comes from (1.8e-6). A card's exp has another
 * last bit than the processor's. */
static void same_loss(const loss_result &cpu, const loss_result &gpu,
                      bool probabilities = false)
{
    const double tolerance = probabilities ? 5e-6 : 2e-6;
    assert_int_equal(cpu.status, gpu.status);
    assert_string_equal(cpu.sentence.c_str(), gpu.sentence.c_str());
    if (cpu.status)
        return;
    near("loss", cpu.loss, gpu.loss, 2e-6);
    assert_true(cpu.divisor == gpu.divisor);
    assert_int_equal(cpu.counts, gpu.counts);
    assert_true(cpu.right == gpu.right && cpu.asked == gpu.asked);
    near("dL/dy", cpu.dy.data(), gpu.dy.data(), (seqnn_size)cpu.dy.size(), tolerance);
    near("dL/dW", cpu.dw.data(), gpu.dw.data(), (seqnn_size)cpu.dw.size(),
         2 * tolerance); /* a sum over positions, in another order again */
}

/* Options number i of a walk that gives every reduction to every kind in turn. */
static seqnn_loss_options reductions(int i)
{
    seqnn_loss_options options = {};
    options.over_outputs = (seqnn_reduction)(i % 3);
    options.over_steps = (seqnn_reduction)(i / 3 % 3);
    options.over_samples = (seqnn_reduction)(i / 9 % 3);
    options.divide_by_weights = i / 27 % 2;
    return options;
}

static void losses_of(bool sequence, seqnn_size outputs, seqnn_activation activation,
                      int *i)
{
    seqnn_model *cpu = loss_model(false, sequence, outputs, activation);
    seqnn_model *gpu = loss_model(true, sequence, outputs, activation);
    for (int kind = 0; kind <= SEQNN_MAE; kind++)
        for (int flags = 0; flags < 32; flags++) {
            const bool binary = outputs == 1;
            loss_batch data(outputs, sequence, binary);
            seqnn_loss_options options = reductions((*i)++);
            options.kind = (seqnn_loss_kind)kind;
            options.probabilities = flags & 1;
            options.class_weight = flags & 2 ? data.class_weight.data() : NULL;
            if (flags & 4)
                data.batch.weight = data.weights.data();
            if (flags & 8)
                data.batch.y.indices = data.classes.data();
            else
                data.batch.y.values = data.dense.data();
            if (flags & 16 && sequence) {
                data.batch.y.start = data.y_start.data();
                data.batch.y.length = data.y_length.data();
            }
            same_loss(loss_of(cpu, &data.batch, options),
                      loss_of(gpu, &data.batch, options), options.probabilities);
        }
    seqnn_free(cpu);
    seqnn_free(gpu);
}

static void every_loss_is_the_cpus(void **)
{
    int i = 0;
    for (seqnn_activation activation :
         {SEQNN_LINEAR, SEQNN_SOFTMAX, SEQNN_LOG_SOFTMAX, SEQNN_SIGMOID, SEQNN_TANH})
        for (seqnn_size outputs : {1, 2, 5}) {
            losses_of(true, outputs, activation, &i);
            losses_of(false, outputs, activation, &i);
        }
    losses_of(true, MOST, SEQNN_SOFTMAX, &i);
}

/* No weight at all, and a whole sample without one. */
static void a_batch_of_no_weight(void **)
{
    for (bool all : {false, true}) {
        loss_batch data(5, true, false);
        for (seqnn_real &weight : data.weights)
            weight = all ? 0 : weight;
        data.batch.weight = data.weights.data();
        data.batch.y.indices = data.classes.data();
        seqnn_model *cpu = loss_model(false, true, 5, SEQNN_SOFTMAX);
        seqnn_model *gpu = loss_model(true, true, 5, SEQNN_SOFTMAX);
        same_loss(loss_of(cpu, &data.batch, {}), loss_of(gpu, &data.batch, {}));
        seqnn_free(cpu);
        seqnn_free(gpu);
    }
}

/* Logits a thousand apart, equal ones, and infinite and missing ones: the same loss, the
 * same class, the same sentence. */
static void extreme_logits(void **)
{
    const seqnn_real bias[][5] = {
        {1000, -1000, 0, 0, 0},
        {2, 7, 7, 7, 1},
        {0, 0, 0, 0, 0},
        {1, (seqnn_real)INFINITY, 0, 0, 0},
        {(seqnn_real)NAN, 3, 0, 0, 0},
        {0, 3, (seqnn_real)NAN, 0, 0},
        {(seqnn_real)-INFINITY, (seqnn_real)-INFINITY, 0, 0, 0}};
    for (seqnn_activation activation : {SEQNN_SOFTMAX, SEQNN_LINEAR, SEQNN_SIGMOID})
        for (const seqnn_real(&b)[5] : bias) {
            loss_batch data(5, true, false);
            if (activation == SEQNN_SIGMOID)
                data.batch.y.values = data.dense.data();
            else
                data.batch.y.indices = data.classes.data();
            seqnn_evaluation found[2];
            int64_t confusion[2][25];
            std::string sentence[2];
            const numbers zero(FEATURES * 5);
            for (int device = 0; device < 2; device++) {
                seqnn_model *model = loss_model(device, true, 5, activation);
                seqnn_layer_set(seqnn_model_layer_at(model, 1), "W", zero.data());
                seqnn_layer_set(seqnn_model_layer_at(model, 1), "b", b);
                found[device] = seqnn_evaluate(model, &data.batch, {});
                memset(confusion[device], 0, sizeof confusion[device]);
                if (activation != SEQNN_SIGMOID)
                    assert_int_equal(
                        seqnn_evaluate_confusion(model, &data.batch, confusion[device]),
                        SEQNN_OK);
                seqnn_train_step(model, &data.batch, {});
                sentence[device] = seqnn_ok(model) ? "" : seqnn_error();
                seqnn_free(model);
            }
            near("loss", (double)found[0].loss, (double)found[1].loss, 2e-6);
            assert_true(found[0].accuracy == found[1].accuracy);
            assert_memory_equal(confusion[0], confusion[1], sizeof confusion[0]);
            assert_string_equal(sentence[0].c_str(), sentence[1].c_str());
        }
}

int main(void)
{
    host_device.late = true;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_loss_is_the_cpus),
        cmocka_unit_test(a_batch_of_no_weight),
        cmocka_unit_test(extreme_logits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
