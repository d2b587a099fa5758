//%% [markdown]
/*
# 11 · An RNN language model

A vanilla RNN reads a text, character by character, and says at every step which one comes
next. It learns spelling, quotation marks and the shape of a story; and it can write.

    cc -O3 -march=native -fopenmp examples/11_rnn_language_model.c -o 11 -lm && ./11

It prints what n-grams reach on held-out text and the memory they take, then the RNN's
loss and perplexity per epoch, and what it writes at three temperatures before training,
during and after; draws perplexity over training,
`11_rnn_language_model.png`.

The stories in `datasets/charlm` are generated. `--data ../shared/data`, or any folder
with `charlm/tinyshakespeare.txt`, trains on that.
*/
//%%
#define SEQNN_IMPLEMENTATION
#define SEQNN_PLOT
#include "../seqnn.h"
#include "options.h"

enum { UNITS = 128, STREAMS = 16, TIME = 50, EPOCHS = 10, LONGEST = 8, LETTERS = 66 };

//%% [markdown]
/*
## The model

$x_t$ is the one-hot vector of character $w_t$, and there is an output at *every* step, to
guess $k_t = w_{t+1}$:

$$h_t = \tanh(x_t W_x + h_{t-1} W_h + b), \qquad y_t = \mathrm{softmax}(h_t W_y + b_y),
\qquad L_t = -\ln y_{t,k_t}$$

`stateful`: a batch goes on in the state in which the one before ended, so that $h_t$
knows more than the 50 steps that the gradient sees.
*/
//%%
static seqnn_model *language_model(seqnn_size vocabulary, long seed)
{
    seqnn_model *model = seqnn_model_new((uint64_t)seed);
    seqnn_one_hot_source(model, vocabulary, (seqnn_one_hot_options){0});
    seqnn_simple_rnn(model, UNITS,
                     (seqnn_rnn_options){.return_sequences = true, .stateful = true});
    seqnn_dense(model, vocabulary, (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
    return model;
}

//%% [markdown]
/*
## Perplexity

$e^{\bar L}$ with $\bar L$ the mean of $L_t$ over the held-out text, read once from
beginning to end: among so many equally likely characters the model is in doubt.
*/
//%%
static double perplexity(seqnn_model *model, const seqnn_dataset *text)
{
    seqnn_reset_states(model);
    seqnn_evaluate_options in_order = {.batch_size = 1};
    return seqnn_perplexity((double)seqnn_evaluate(model, text, in_order).loss);
}

//%% [markdown]
/*
## Writing

The model reads the first 50 held-out characters and goes on by itself: character $k$ is
drawn by $q_k \propto y_{t,k}^{1/\tau}$ and becomes the next $x_t$. The temperature $\tau$
sharpens ($\tau < 1$) or flattens ($\tau > 1$) what softmax said.
*/
//%%
static int write_sample(seqnn_model *model, const seqnn_dataset *held_out,
                        const seqnn_tokenizer *letters, double tau, seqnn_random *random)
{
    seqnn_size vocabulary = held_out->vocabulary;
    seqnn_dataset read = seqnn_dataset_slice(held_out, 0, 1);
    seqnn_reset_states(model);
    if (seqnn_forward(model, &read, SEQNN_EVALUATE))
        return example_fail();
    const seqnn_real *y = seqnn_output(model).data + (TIME - 1) * vocabulary;
    printf("  sample %.1f  ", tau);
    for (int t = 0; t < LETTERS; t++) {
        int32_t next = 1 + seqnn_sample(y + 1, vocabulary - 1, tau, random);
        const char *letter = seqnn_tokenizer_word(letters, next);
        printf("%s", *letter == '\n' ? " / " : letter);
        seqnn_dataset one = {.count = 1, .x[0] = {.indices = &next, .time = 1}};
        if (seqnn_forward(model, &one, SEQNN_EVALUATE))
            return example_fail();
        y = seqnn_output(model).data;
    }
    printf("\n");
    return 0;
}

//%% [markdown]
/*
## What counting costs

An n-gram model keeps every sequence of $n$ characters it has seen. Half of the text
first, then the other half: the memory grows with $n$ and with the text.
*/
//%%
static int count_ngrams(const seqnn_dataset *text, const seqnn_dataset *held_out,
                        seqnn_axes *axes)
{
    const int32_t *letters = text->x[0].indices, *unseen = held_out->x[0].indices;
    seqnn_size half = text->count / 2;
    char label[40];
    printf("     n     n-grams   half text, kB   all of it, kB    perplexity\n");
    for (int n = 1; n <= LONGEST; n++) {
        seqnn_ngram *model = seqnn_ngram_new(n, text->vocabulary);
        seqnn_status wrong = seqnn_ngram_fit(model, letters, half);
        double of_half = (double)seqnn_ngram_memory(model) / 1000;
        if (wrong || seqnn_ngram_fit(model, letters + half, text->count - half))
            return example_fail();
        double of_all = (double)seqnn_ngram_memory(model) / 1000;
        seqnn_ngram_evaluation of = seqnn_ngram_evaluate(
            model, unseen, held_out->count * TIME, (seqnn_ngram_options){0});
        printf("%6d%12td%16.1f%16.1f%14.2f\n", n, seqnn_ngram_different(model, n),
               of_half, of_all, of.perplexity);
        snprintf(label, sizeof label, "%d-gram, %.0f kB", n, of_all);
        if (n < 5 || n == LONGEST)
            seqnn_axes_horizontal(axes, (seqnn_real)of.perplexity,
                                  (seqnn_reference_options){.label = label});
        seqnn_ngram_free(model);
    }
    return 0;
}

//%% [markdown]
/*
## The text

One text in two parts: nine tenths to learn from, the last tenth to be judged on. The
first part is cut into 16 streams which are read side by side, 50 characters at a time.
*/
//%%
int main(int argc, char **argv)
{
    example_options options = example_read_options(argc, argv, NULL, EXAMPLE_EPOCHS);
    char path[SEQNN_PATH_SIZE];
    seqnn_texts *book = seqnn_read_text(seqnn_find_data(
        path, options.data, "charlm/tinyshakespeare.txt|charlm/stories.txt"));
    if (!book)
        return example_fail();
    seqnn_tokenizer *letters = seqnn_tokenizer_new(
        (seqnn_tokenizer_options){.char_level = true, .keep_case = true});
    seqnn_stream_options side_by_side = {.batch_size = STREAMS, .to = 0.9};
    seqnn_stream_options in_a_row = {.to = 0.9}, rest = {.batch_size = 1, .from = 0.9};
    seqnn_dataset *text = seqnn_encode_stream(book->text[0], letters, TIME, side_by_side);
    seqnn_dataset *row = seqnn_encode_stream(book->text[0], letters, 1, in_a_row);
    seqnn_dataset *held_out = seqnn_encode_stream(book->text[0], letters, TIME, rest);
    if (!text || !held_out || !row)
        return example_fail();
    seqnn_texts_free(book);
    printf("%s: %td characters to learn from, %td held out, %td different ones\n", path,
           text->count * TIME, held_out->count * TIME, text->vocabulary - 1);
    seqnn_model *model = language_model(text->vocabulary, options.seed);
    if (options.grad_check) {
        seqnn_dataset batch = seqnn_dataset_slice(text, 0, 1);
        int status = example_gradient_check(model, &batch, (seqnn_loss_options){0});
        seqnn_free(model);
        seqnn_dataset_free(row);
        seqnn_dataset_free(held_out);
        seqnn_dataset_free(text);
        seqnn_tokenizer_free(letters);
        return status;
    }

    //%% [markdown]
    /*
    ## n-grams first

    They are the standard to be measured against, and are counted in no time.
    */
    //%%
    seqnn_figure *figure = seqnn_figure_new((seqnn_figure_options){0});
    seqnn_axes_options labels = {
        .x_label = "epoch", .y_label = "perplexity", .log_y = true};
    seqnn_axes *axes = seqnn_figure_axes(figure, 0, 0, labels);
    if (count_ngrams(row, held_out, axes))
        return 1;
    double kilobytes = (double)seqnn_model_parameters(model) * sizeof(seqnn_real) / 1000;
    printf("   RNN: %td parameters, %.1f kB, whatever the text and the context\n",
           seqnn_model_parameters(model), kilobytes);

    //%% [markdown]
    /*
    ## Train, and listen

    Before training the perplexity is near the number of characters: the model knows
    nothing. Then an epoch is one reading of the text.
    */
    //%%
    seqnn_size epochs = options.epochs ? options.epochs : options.quick ? 1 : EPOCHS;
    seqnn_real *training = example_memory((size_t)epochs, sizeof *training);
    seqnn_real *judged = example_memory((size_t)epochs + 1, sizeof *judged);
    seqnn_random random = {(uint64_t)options.seed, 11, 0};
    seqnn_fit_options how = {.batch_size = STREAMS, .keep_order = true};
    how.optimizer = seqnn_adam(0.003f), how.clip_global_norm = 5;
    for (seqnn_size epoch = 0; epoch <= epochs; epoch++) {
        printf("epoch %2td: ", epoch);
        if (epoch > 0) {
            seqnn_history history = seqnn_fit(model, text, how);
            if (history.status)
                return example_fail();
            training[epoch - 1] = (seqnn_real)seqnn_perplexity((double)history.loss[0]);
            printf("training loss %.3f, ", (double)history.loss[0]);
        }
        judged[epoch] = (seqnn_real)perplexity(model, held_out);
        printf("held-out perplexity %.2f\n", (double)judged[epoch]);
        if (epoch < 2 || epoch == 4 || epoch == epochs)
            for (int half = 1; half <= 3; half++)
                if (write_sample(model, held_out, letters, 0.5 * half, &random))
                    return 1;
    }

    //%% [markdown]
    /*
    ## The picture

    Perplexity over training, on a log axis; dashed, what n-grams reach.
    */
    //%%
    seqnn_plot_series learnt = {.label = "RNN, training", .y = training, .x_first = 1};
    seqnn_plot_series unseen = {.label = "RNN, held out", .y = judged};
    learnt.count = epochs, unseen.count = epochs + 1, unseen.marker = SEQNN_MARKER_CIRCLE;
    seqnn_axes_line(axes, learnt);
    seqnn_axes_line(axes, unseen);
    const char *picture = example_path(&options, "11_rnn_language_model.png");
    if (seqnn_figure_save(figure, picture))
        return example_fail();
    printf("perplexity over training: %s\n", picture);

    free(training);
    free(judged);
    seqnn_figure_free(figure);
    seqnn_free(model);
    seqnn_dataset_free(row);
    seqnn_dataset_free(held_out);
    seqnn_dataset_free(text);
    seqnn_tokenizer_free(letters);
    return 0;
}
