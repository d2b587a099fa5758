//%% [markdown]
/*
# 14 · Architectures: what goes in when, and what is asked when

One recurrent network, five shapes: one-to-one, one-to-many, many-to-one, many-to-many
step by step and many-to-many delayed. They differ in two lists only: the steps that have
an input and the steps that have a target.

    cc -O3 -march=native -fopenmp examples/14_architectures.c -o 14 -lm && ./14

It prints, for a small task in each shape, the accuracy of a stated baseline and of the
vanilla RNN on samples held out, and the RNN's at every step; draws the five graphs and
both accuracies, `14_architectures.png`.

Its data is made by the program: points in the plane, so that every task is seen at once.
*/
//%%
#define SEQNN_IMPLEMENTATION
#define SEQNN_PLOT
#include "../seqnn.h"
#include "options.h"

enum { FEATURES = 2, UNITS = 32, CLASSES = 4, STEPS = 6, TRAIN = 2000, TEST = 1000 };

//%% [markdown]
/*
## Five shapes

$T$ steps; the first `inputs` of them are given an $x_t$ (the others read zeros); targets
begin at step `first` (before it nothing is asked, and nothing counts in the loss).
*/
//%%
typedef struct architecture {
    const char *name, *task, *baseline;
    seqnn_size T, inputs, first;
} architecture;

enum { ONE_TO_ONE, ONE_TO_MANY, MANY_TO_ONE, ALIGNED, DELAYED, KINDS };

static const architecture KIND[KINDS] = {
    {"one-to-one", "do the signs of x agree?", "always no", 1, 1, 1},
    {"one-to-many", "x circles: its quadrant at every step", "stays", STEPS, 1, 1},
    {"many-to-one", "quadrant where a walk ends", "last x", STEPS, STEPS, STEPS},
    {"many-to-many, aligned", "quadrant at every step", "this x", STEPS, STEPS, 1},
    {"many-to-many, delayed", "quadrants of all x, backwards", "last x", STEPS, 3, 4}};

//%% [markdown]
/*
## Five tasks

The quadrants of the plane are classes 0 to 3. A circling point turns by 50 degrees a
step. The guess is the baseline's, which sees one input, the newest, and has no memory.
*/
//%%
static int32_t quadrant(double x, double y)
{
    return (x < 0) + 2 * (y < 0);
}

static void make_sample(int kind, seqnn_random *random, seqnn_real (*x)[FEATURES],
                        int32_t *y, int32_t *guess)
{
    const seqnn_size T = KIND[kind].T, inputs = KIND[kind].inputs;
    double place[FEATURES] = {0, 0}; /* of the walk */
    for (seqnn_size t = 0; t < T; t++)
        for (int f = 0; f < FEATURES; f++)
            x[t][f] = t < inputs ? (seqnn_real)seqnn_random_normal(random) : 0;
    for (seqnn_size t = 0; t < T; t++) {
        const seqnn_real *now = x[t < inputs ? t : inputs - 1], *back = x[T - 1 - t];
        const double turned = atan2((double)x[0][1], (double)x[0][0]) + 0.873 * (double)t;
        place[0] += (double)now[0], place[1] += (double)now[1];
        y[t] = kind == ONE_TO_ONE    ? x[0][0] * x[0][1] > 0
               : kind == ONE_TO_MANY ? quadrant(cos(turned), sin(turned))
               : kind == DELAYED     ? quadrant((double)back[0], (double)back[1])
                                     : quadrant(place[0], place[1]);
        guess[t] = kind == ONE_TO_ONE ? 0 : quadrant((double)now[0], (double)now[1]);
    }
}

typedef struct samples {
    seqnn_real x[TRAIN * STEPS][FEATURES];
    int32_t y[TRAIN * STEPS], guess[TRAIN * STEPS], answer[TRAIN * STEPS];
    int32_t start[TRAIN], length[TRAIN];
} samples;

static seqnn_dataset make_data(samples *all, int kind, seqnn_size n, seqnn_random *random)
{
    const architecture *a = &KIND[kind];
    for (seqnn_size i = 0; i < n; i++) {
        const seqnn_size at = i * a->T;
        make_sample(kind, random, all->x + at, all->y + at, all->guess + at);
        all->start[i] = (int32_t)a->first - 1;
        all->length[i] = (int32_t)(a->T - a->first) + 1;
    }
    seqnn_dataset data = {.count = n, .classes = CLASSES};
    data.x[0] = (seqnn_array){.values = all->x[0], .time = a->T, .features = FEATURES};
    data.y = (seqnn_array){.indices = all->y, .time = a->T};
    data.y.start = all->start, data.y.length = all->length;
    return data;
}

/* The share of answers that are right at the steps from first to last, of T. */
static seqnn_real right(const samples *test, const int32_t *answer, seqnn_size T,
                        seqnn_size first, seqnn_size last)
{
    seqnn_size count = 0;
    for (seqnn_size i = 0; i < TEST * T; i++)
        count += i % T >= first - 1 && i % T < last && answer[i] == test->y[i];
    return (seqnn_real)count / (seqnn_real)(TEST * (last - first + 1));
}

//%% [markdown]
/*
## One network

$$h_t = \tanh(x_t W_x + h_{t-1} W_h + b) \qquad y_t = \mathrm{softmax}(h_t W_y + b_y)$$

gives a $y_t$ at every step. Which of them are asked is the data's affair.
*/
//%%
static seqnn_model *new_network(long seed)
{
    seqnn_model *model = seqnn_model_new((uint64_t)seed);
    seqnn_sequences(model, FEATURES, (seqnn_source_options){0});
    seqnn_simple_rnn(model, UNITS, (seqnn_rnn_options){.return_sequences = true});
    seqnn_dense(model, CLASSES, (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
    return model;
}

//%% [markdown]
/*
## The picture

Boxes and arrows from the same two lists: an $x_t$ where there is an input, a $y_t$ where
something is asked.
*/
//%%
static void draw_graph(seqnn_figure *figure, int kind)
{
    const architecture *a = &KIND[kind];
    static const uint32_t colour[3] = {0x6E6E6E, 0x0072B2, 0xD55E00};
    seqnn_axes_options o = {.bare = true, .title = a->name, .x_min = 0.4f, .x_max = 6.6f};
    seqnn_axes *axes = seqnn_figure_axes(figure, kind / 3, kind % 3, o);
    for (int t = 1; t <= a->T; t++)
        for (int row = t <= a->inputs ? 0 : 1; row <= (t >= a->first ? 2 : 1); row++) {
            const seqnn_real at = a->T == 1 ? 3.5f : (seqnn_real)t, up = (seqnn_real)row;
            char text[32];
            snprintf(text, sizeof text, "$%c_%d$", "xhy"[row], t);
            seqnn_axes_box(axes, at, up, text,
                           (seqnn_box_options){.colour = colour[row]});
            if (row == 1 && t > 1) /* from the state before */
                seqnn_axes_arrow(axes, at - 1, 1, at, 1, (seqnn_arrow_options){0});
            if (row != 1)
                seqnn_axes_arrow(axes, at, up / 2, at, 1 + up / 2,
                                 (seqnn_arrow_options){0});
        }
}

//%% [markdown]
/*
## Every shape learns its task
*/
//%%
int main(int argc, char **argv)
{
    example_options options = example_read_options(argc, argv, NULL, EXAMPLE_EPOCHS);
    static samples all_train, all_test;
    seqnn_random random = {(uint64_t)options.seed, 1, 0};
    const char *names[KINDS];
    seqnn_real base[KINDS], network[KINDS];
    seqnn_figure_options grid = {.rows = 2, .columns = 3, .width = 1000, .height = 520};
    seqnn_figure *figure = seqnn_figure_new(grid);
    int status = 0;
    for (int kind = 0; kind < KINDS; kind++) {
        const architecture *a = &KIND[kind];
        seqnn_dataset train = make_data(&all_train, kind, TRAIN, &random);
        seqnn_dataset test = make_data(&all_test, kind, TEST, &random);
        seqnn_model *model = new_network(options.seed);
        if (options.grad_check) {
            seqnn_dataset few = seqnn_dataset_slice(&train, 0, 5);
            printf("%s\n", a->name);
            status |= example_gradient_check(model, &few, (seqnn_loss_options){0});
            seqnn_free(model);
            continue;
        }
        seqnn_fit_options how = {.batch_size = 32, .optimizer = seqnn_adam(0.005f)};
        how.epochs = options.epochs ? options.epochs : options.quick ? 3 : 40;
        seqnn_fit(model, &train, how);
        seqnn_tensor y = seqnn_predict(model, &test, (seqnn_predict_options){0});
        if (!seqnn_ok(model) ||
            seqnn_predicted_classes(y.data, TEST * a->T, CLASSES, all_test.answer))
            return example_fail();
        names[kind] = a->name;
        base[kind] = right(&all_test, all_test.guess, a->T, a->first, a->T);
        network[kind] = right(&all_test, all_test.answer, a->T, a->first, a->T);
        printf("%-21s  %-37s  %-9s %.3f  RNN %.3f\n    at step", a->name, a->task,
               a->baseline, (double)base[kind], (double)network[kind]);
        for (seqnn_size t = a->first; t <= a->T; t++)
            printf("  %td: %.3f", t,
                   (double)right(&all_test, all_test.answer, a->T, t, t));
        printf("\n");
        draw_graph(figure, kind);
        seqnn_free(model);
    }
    if (options.grad_check)
        return seqnn_figure_free(figure), status;
    seqnn_axes_options held_out = {.title = "accuracy, held out", .x_max = 1};
    seqnn_axes *axes = seqnn_figure_axes(figure, 1, 2, held_out);
    seqnn_axes_bars(axes, names, base, KINDS, (seqnn_bars_options){.label = "baseline"});
    seqnn_axes_bars(axes, names, network, KINDS, (seqnn_bars_options){.label = "RNN"});
    const char *picture = example_path(&options, "14_architectures.png");
    if (seqnn_figure_save(figure, picture))
        return example_fail();
    printf("graphs and bars: %s\n", picture);
    seqnn_figure_free(figure);
    return 0;
}
