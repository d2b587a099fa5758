//%% [markdown]
/*
# 19 · Weight initialisation

Before the first update a network is nothing but its initial weights. They decide whether
a signal reaches the last step and a gradient the first: whether learning can begin.

    cc -O3 -march=native -fopenmp examples/19_weight_initialization.c -o 19 -lm && ./19

It prints what Xavier's and He's weights do to signals and gradients from layer to layer,
beside the formula, then the eigenvalues of six recurrent matrices, and the losses of
eight networks that have a long memory to learn; draws losses and eigenvalues,
`19_weight_initialization.png`.
*/
//%%
#define SEQNN_IMPLEMENTATION
#define SEQNN_PLOT
#include "../seqnn.h"
#include "options.h"
#include "long_memory.h"

enum { LAYERS = 10, WIDTH = 256, SAMPLES = 64 };            /* of the deep stack */
enum { T = 50, H = 32, N = 16, BATCHES = 1000, MEAN = 50 }; /* of the adding problem */

typedef struct setting {
    const char *name;
    seqnn_activation activation;
    seqnn_initializer initializer;
} setting;

//%% [markdown]
/*
## From layer to layer

Ten layers of 256 units. With weights of variance $\sigma^2$ each layer multiplies the
size of a signal by $\sigma \sqrt{n}$ if it is linear, by $\sigma \sqrt{n/2}$ if it is
ReLU.
*/
//%%
static double root_mean_square(seqnn_tensor x)
{
    double sum = 0;
    for (seqnn_size i = 0; i < seqnn_tensor_size(x); i++)
        sum += (double)x.data[i] * (double)x.data[i];
    return sqrt(sum / (double)seqnn_tensor_size(x));
}

static double factor(seqnn_tensor from, seqnn_tensor to)
{
    return pow(root_mean_square(to) / root_mean_square(from), 1.0 / (LAYERS - 1));
}

/* scale is the n sigma^2 that the initialiser is made for. */
static void stack(const setting *of, double scale, uint64_t seed)
{
    static seqnn_real x[SAMPLES * WIDTH];
    seqnn_random random = {seed, 19, 0};
    for (int i = 0; i < SAMPLES * WIDTH; i++)
        x[i] = (seqnn_real)seqnn_random_normal(&random);
    seqnn_model *model = seqnn_model_new(seed);
    seqnn_dense_options options = {.activation = of->activation};
    options.initializer = of->initializer;
    seqnn_vectors(model, WIDTH, (seqnn_source_options){0});
    for (int i = 0; i < LAYERS; i++)
        seqnn_dense(model, WIDTH, options);
    seqnn_dataset batch = {.count = SAMPLES, .x = {{.values = x, .features = WIDTH}}};
    seqnn_forward(model, &batch, SEQNN_TRAIN);
    seqnn_set_output_gradient(model, x); /* random numbers as good as any */
    seqnn_backward(model);
    seqnn_layer *first = seqnn_model_layer_at(model, 1);
    seqnn_layer *last = seqnn_model_layer_at(model, LAYERS);
    seqnn_real *W = seqnn_layer_parameter(first, "W")->value;
    double half = of->activation == SEQNN_RELU ? 0.5 : 1;
    printf("%-22s %8.4f %8.4f %11.3f %8.3f %8.3f\n", of->name,
           root_mean_square(seqnn_tensor_1d(W, WIDTH * WIDTH)), sqrt(scale / WIDTH),
           sqrt(half * scale),
           factor(seqnn_layer_output(first), seqnn_layer_output(last)),
           factor(seqnn_layer_output_gradient(last), seqnn_layer_output_gradient(first)));
    seqnn_free(model);
}

//%% [markdown]
/*
## From step to step

In an RNN the layers are steps and share one matrix: its eigenvalues decide.
*/
//%%
static void draw_eigenvalues(seqnn_figure *figure, int column, const setting *of)
{
    static seqnn_real W_h[H * H], x[H], y[H];
    double real[H], imaginary[H];
    seqnn_initialize(of->initializer, W_h, H, H, 1, 19, 0);
    seqnn_eigenvalues(seqnn_tensor_2d(W_h, H, H), real, imaginary);
    for (int i = 0; i < H; i++) {
        x[i] = (seqnn_real)real[i];
        y[i] = (seqnn_real)imaginary[i];
    }
    seqnn_axes_options plane = {of->name, "real", column ? NULL : "imaginary",
                                .equal_aspect = true};
    plane.x_max = plane.y_max = 1.8f;
    plane.x_min = plane.y_min = -1.8f;
    seqnn_axes *axes = seqnn_figure_axes(figure, 1, column, plane);
    seqnn_axes_unit_circle(axes, (seqnn_reference_options){0});
    seqnn_axes_scatter(axes, x, y, H, (seqnn_scatter_options){.size = 5});
    printf("%-22s %8.3f %8.3f\n", of->name, hypot(real[0], imaginary[0]),
           hypot(real[H - 1], imaginary[H - 1]));
}

/* Adds a run's losses times weight, of MEAN batches each, to curve. */
static void train(const setting *of, long seed, int points, double weight,
                  seqnn_real *curve)
{
    seqnn_rnn_options rnn = {.activation = of->activation,
                             .recurrent_initializer = of->initializer,
                             .input_initializer = {SEQNN_NORMAL, 0.1f, 0}};
    seqnn_model *model = one_number(2, H, rnn, seed);
    seqnn_random random = {(uint64_t)seed, 19, 0};
    seqnn_train_options options = {.optimizer = seqnn_adam(0.003f),
                                   .clip_global_norm = 1};
    for (int k = 0; k < points * MEAN; k++) {
        seqnn_dataset batch = adding_problem(&random, N, T);
        curve[k / MEAN] += seqnn_train_step(model, &batch, options) * (seqnn_real)weight;
    }
    seqnn_free(model);
}

int main(int argc, char **argv)
{
    static const setting weights[] = {
        {"normal 0.01, ReLU", SEQNN_RELU, {SEQNN_GAUSSIAN, 0, 0}},
        {"Xavier uniform, linear", SEQNN_LINEAR, {SEQNN_GLOROT_UNIFORM, 0, 0}},
        {"Xavier normal, linear", SEQNN_LINEAR, {SEQNN_GLOROT_NORMAL, 0, 0}},
        {"Xavier normal, ReLU", SEQNN_RELU, {SEQNN_GLOROT_NORMAL, 0, 0}},
        {"He uniform, ReLU", SEQNN_RELU, {SEQNN_HE_UNIFORM, 0, 0}},
        {"He normal, ReLU", SEQNN_RELU, {SEQNN_HE_NORMAL, 0, 0}},
    };
    const double scales[] = {WIDTH * 0.0001, 1, 1, 1, 2, 2}; /* n sigma^2 */
    static const setting runs[] = {
        {"tanh, Xavier", SEQNN_TANH, {SEQNN_GLOROT_UNIFORM, 0, 0}},
        {"tanh, orthogonal", SEQNN_TANH, {SEQNN_ORTHOGONAL, 0, 0}},
        {"ReLU, normal 0.01", SEQNN_RELU, {SEQNN_GAUSSIAN, 0, 0}},
        {"ReLU, Xavier", SEQNN_RELU, {SEQNN_GLOROT_UNIFORM, 0, 0}},
        {"ReLU, He", SEQNN_RELU, {SEQNN_HE_NORMAL, 0, 0}},
        {"ReLU, orthogonal", SEQNN_RELU, {SEQNN_ORTHOGONAL, 0, 0}},
        {"np-RNN", SEQNN_RELU, {SEQNN_NP_RNN, 0, 0}},
        {"IRNN", SEQNN_RELU, {SEQNN_IDENTITY, 0, 0}},
    };
    example_options options = example_read_options(argc, argv, NULL, EXAMPLE_SEEDS);
    const int points = options.quick ? 4 : BATCHES / MEAN;
    if (options.grad_check) {
        seqnn_dataset batch = adding_problem(&(seqnn_random){19, 0, 0}, 4, 10);
        seqnn_model *model = one_number(2, H, (seqnn_rnn_options){0}, options.seed);
        int status = example_gradient_check(model, &batch, (seqnn_loss_options){0});
        seqnn_free(model);
        return status;
    }
    printf("%-22s  sd of W  formula | a layer: formula  forward  back\n", "weights");
    for (int i = 0; i < 6; i++)
        stack(&weights[i], scales[i], (uint64_t)options.seed);

    //%% [markdown]
    /*
    ## The adding problem

    Two numbers of 50 are to be added; section 17 has it. Knowing nothing costs 1/6.
    */
    //%%
    seqnn_figure_options wide = {.rows = 2, .columns = 6, .width = 960, .height = 580};
    wide.row_heights = (const seqnn_real[]){2, 1};
    seqnn_figure *figure = seqnn_figure_new(wide);
    seqnn_axes_options top = {.x_label = "batch", .log_y = true, .column_span = 6};
    top.y_label = "squared error";
    seqnn_axes *axes = seqnn_figure_axes(figure, 0, 0, top);
    seqnn_axes_horizontal(axes, (seqnn_real)(1 / 6.0),
                          (seqnn_reference_options){.label = "1/6: knows nothing"});
    printf("\n%-22s  largest smallest\n", "|eigenvalues| of W_h");
    for (int i = 2; i < 8; i++)
        draw_eigenvalues(figure, i - 2, &runs[i]);
    printf("\nsquared error, mean of 50 batches\n");
    for (int i = 0; i < 8; i++) {
        seqnn_real curve[BATCHES / MEAN] = {0}, x[BATCHES / MEAN];
        for (long run = 0; run < options.seeds; run++)
            train(&runs[i], options.seed + run, points,
                  1.0 / (double)(options.seeds * MEAN), curve);
        for (int k = 0; k < points; k++)
            x[k] = (seqnn_real)((k + 0.5) * MEAN);
        seqnn_plot_series line = {runs[i].name, curve, x, points, .line = 0};
        seqnn_axes_line(axes, line);
        printf("%-18s first %.3f  halfway %.3f  in the end %.3f%s\n", runs[i].name,
               (double)curve[0], (double)curve[points / 2 - 1], (double)curve[points - 1],
               curve[points - 1] < 0.15f ? "  learns" : "");
    }
    if (seqnn_figure_save(figure, example_path(&options, "19_weight_initialization.png")))
        return example_fail();
    seqnn_figure_free(figure);
    return 0;
}
