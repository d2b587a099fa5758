/* examples/long_memory.h - tasks that need a long memory, for the sections on exploding
 * gradients, truncation and initialisation
 */
#ifndef EXAMPLE_LONG_MEMORY_H
#define EXAMPLE_LONG_MEMORY_H

/* The adding problem (Hochreiter and Schmidhuber 1997). Each step has two numbers: u_t,
 * uniform in [0, 1), and a mark that is 1 at two steps, one in each half of the sequence,
 * and 0 elsewhere. The answer is the sum of the two u_t that are marked. Who knows
 * nothing best answers 1, the mean; the squared error is then the variance of two uniform
 * numbers, 2/12 = 1/6.
 *
 * count samples of `time` steps, x [count, time, 2] and y [count, 1], drawn anew; they
 * take the place of those that this function gave before. */
static inline seqnn_dataset adding_problem(seqnn_random *random, int count, int time)
{
    static seqnn_real *x, *y;
    static int room;
    if (count * time > room) {
        free(x);
        free(y);
        room = count * time;
        x = example_memory((size_t)room * 2, sizeof *x);
        y = example_memory((size_t)room, sizeof *y);
    }
    for (int n = 0; n < count; n++) {
        int i = seqnn_random_below(random, time / 2);
        int j = time / 2 + seqnn_random_below(random, time - time / 2);
        seqnn_real *row = x + (size_t)n * (size_t)time * 2;
        for (int t = 0; t < time; t++) {
            row[2 * t] = (seqnn_real)seqnn_random_uniform(random);
            row[2 * t + 1] = t == i || t == j;
        }
        y[n] = row[2 * i] + row[2 * j];
    }
    return (seqnn_dataset){.count = count,
                           .x = {{.values = x, .time = time, .features = 2}},
                           .y = {.values = y, .features = 1}};
}

/* Reads [time, features] and answers with one number: y = h_T W_y + b_y. */
static inline seqnn_model *one_number(seqnn_size features, seqnn_size units,
                                      seqnn_rnn_options options, long seed)
{
    seqnn_model *model = seqnn_model_new((uint64_t)seed);
    seqnn_sequences(model, features, (seqnn_source_options){0});
    seqnn_simple_rnn(model, units, options);
    seqnn_dense(model, 1, (seqnn_dense_options){0});
    return model;
}

/* The echo: rows of `time` words, out of `words` ones and at random; asked at each step
 * is the word of `lag` steps before, which is y. The first `lag` steps are asked nothing.
 * Who guesses is right once in `words` times. What this gave before is gone. */
static inline seqnn_dataset echo(uint64_t seed, int rows, int time, int words, int lag)
{
    static int32_t *memory;
    seqnn_random random = {seed, 18, 0};
    free(memory);
    memory = example_memory((size_t)(rows * (2 * time + 2)), sizeof *memory);
    int32_t *x = memory, *y = x + rows * time, *start = y + rows * time;
    for (int i = 0; i < rows * time; i++) {
        x[i] = seqnn_random_below(&random, words);
        y[i] = i % time < lag ? 0 : x[i - lag];
    }
    for (int n = 0; n < rows; n++) {
        start[n] = lag;
        start[rows + n] = time - lag;
    }
    seqnn_array given = {.indices = x, .time = time};
    seqnn_array asked = {
        .indices = y, .time = time, .start = start, .length = start + rows};
    return (seqnn_dataset){.count = rows, .x = {given}, .y = asked, .classes = words};
}

#endif
