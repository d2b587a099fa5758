/* The layers on the stand-in of a device beside the CPU's: outputs and gradients. */
#define SEQNN_IMPLEMENTATION
#define SEQNN_CUDA
#include "../../seqnn.h"

#include "host_device.h"

#include "../../src/cuda/backend.cuh"

enum { COUNT = 7, TIME = 5, WORDS = 11, CLASSES = 3 };
static int32_t words[COUNT * TIME], lengths[COUNT], starts[COUNT], classes[COUNT];

typedef void (*build)(seqnn_model *model);

static void build_bag(seqnn_model *model)
{
    seqnn_embedding_options table = {};
    table.mask_zero = true;
    seqnn_layer *x = seqnn_embedding(model, WORDS, 6, table);
    seqnn_dropout(model, 0.3f, {});
    seqnn_layer *pooled = seqnn_global_max_pool(model, {});
    seqnn_pooling_options mean = {};
    mean.input = x;
    seqnn_layer *other = seqnn_global_mean_pool(model, mean);
    seqnn_concat(model, pooled, other, {});
    seqnn_dense_options tanh = {};
    tanh.activation = SEQNN_TANH;
    seqnn_layer *a = seqnn_dense(model, 37, tanh);
    tanh.input = model->layers[model->layer_count - 2];
    tanh.activation = SEQNN_RELU;
    seqnn_layer *b = seqnn_dense(model, 37, tanh);
    seqnn_add(model, a, b, {});
    seqnn_dense_options last = {};
    last.activation = SEQNN_SOFTMAX;
    seqnn_dense(model, CLASSES, last);
}

static void build_steps(seqnn_model *model)
{
    seqnn_embedding_options table = {};
    table.mask_zero = true;
    seqnn_embedding(model, WORDS, 6, table);
    seqnn_dropout_options per = {};
    per.per_sequence = true;
    seqnn_dropout(model, 0.5f, per);
    seqnn_dense(model, 4, {});
    seqnn_activate(model, SEQNN_SIGMOID, {});
    seqnn_dense_options last = {};
    last.activation = SEQNN_LOG_SOFTMAX;
    seqnn_dense(model, CLASSES, last);
}

static seqnn_model *run(build how, bool device)
{
    host_device.absent = !device;
    seqnn_model *model = seqnn_model_new(3);
    how(model);
    seqnn_dataset batch = {};
    batch.count = COUNT;
    batch.x[0].indices = words;
    batch.x[0].time = TIME;
    batch.x[0].start = starts;
    batch.x[0].length = lengths;
    for (int pass = 0; pass < 2; pass++) {
        if (seqnn_forward(model, &batch, SEQNN_TRAIN))
            return printf("%s\n", seqnn_error()), model;
        const seqnn_tensor y = seqnn_output(model);
        std::vector<seqnn_real> dy;
        for (seqnn_size i = 0; i < seqnn_tensor_size(y); i++)
            dy.push_back((seqnn_real)((i * 7919) % 13) / 13 - (seqnn_real)0.4);
        seqnn_set_output_gradient(model, dy.data());
        if (pass == 0)
            seqnn_backward(model);
        seqnn_zero_gradients(model);
        seqnn_set_output_gradient(model, dy.data());
        seqnn_backward(model);
    }
    return model;
}

static double apart(seqnn_tensor a, seqnn_tensor b)
{
    double most = 0;
    for (seqnn_size i = 0; i < seqnn_tensor_size(a); i++)
        most = fmax(most, fabs((double)a.data[i] - (double)b.data[i]));
    return most;
}

int main(void)
{
    for (int b = 0; b < COUNT; b++) {
        lengths[b] = b % (TIME + 1);
        starts[b] = (TIME - lengths[b]) / 2;
        for (int t = 0; t < TIME; t++)
            words[b * TIME + t] = 1 + (b * 5 + t * 3) % (WORDS - 1);
    }
    for (build how : {build_bag, build_steps}) {
        seqnn_model *cpu = run(how, false), *gpu = run(how, true);
        printf("backend %s\n", gpu->backend ? gpu->backend->name(gpu) : "none");
        for (seqnn_size i = 0; i < seqnn_model_layers(cpu); i++) {
            seqnn_layer *a = seqnn_model_layer_at(cpu, i), *b = seqnn_model_layer_at(gpu, i);
            printf("%-20s output %.2g", seqnn_layer_name(a),
                   apart(seqnn_layer_output(a), seqnn_layer_output(b)));
            printf(" gradient %.2g\n", apart(seqnn_layer_output_gradient(a),
                                             seqnn_layer_output_gradient(b)));
        }
        seqnn_size n;
        seqnn_real *p = seqnn_gradients(cpu, &n), *q = seqnn_gradients(gpu, &n);
        double most = 0, size = 0;
        for (seqnn_size i = 0; i < n; i++) {
            most = fmax(most, fabs((double)p[i] - (double)q[i]));
            size = fmax(size, fabs((double)p[i]));
        }
        printf("gradients of %td weights apart by %.2g of %.2g\n", n, most, size);
        seqnn_free(cpu);
        seqnn_free(gpu);
    }
    printf("devices open: %ld\n", host_device.open);
}
