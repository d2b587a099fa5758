//%% [markdown]
/*
# 26 · Two LSTMs, one on top of the other

The posts of example 25, read twice: the second LSTM reads what the first one thought at
every word.

    cc -O3 -march=native -fopenmp examples/26_stacked_lstm.c -o 26 -lm && ./26

It prints the model and the accuracy epoch by epoch, and draws loss and accuracy as
`26_stacked_lstm.png`.
*/
//%%
#define SEQNN_IMPLEMENTATION
#define SEQNN_PLOT
#include "../seqnn.h"
#include "newsgroups.h"

//%% [markdown]
/*
## A sequence for the second one

The upper layer's input at step $t$ is the lower layer's state at step $t$, not only its
last:

$$\begin{aligned}
h_t^{(1)} &= \mathrm{LSTM}^{(1)}\big(x_t,\ h_{t-1}^{(1)}\big)\\
h_t^{(2)} &= \mathrm{LSTM}^{(2)}\big(h_t^{(1)},\ h_{t-1}^{(2)}\big)
\end{aligned}$$

So the lower layer must hand on all its states: `return_sequences`. Without it the upper
layer would get one vector where it expects 150.

## Recurrent dropout

Dropout sets some numbers to zero in training, so that no unit can rely on another. On
$h_{t-1}$ there is a trap. With a fresh draw at each step, a number survives 150 steps
with the probability $0.6^{150}$, which is nothing: the memory itself would be dropped.
Therefore one mask $m$ is drawn for the whole sequence and stands at every step:

$$\begin{aligned}
z_t &= x_t W_x + (m * h_{t-1})\, W_h + b\\
m_k &= \begin{cases} 0 & \text{with probability } p\\
1/(1-p) & \text{otherwise}\end{cases}
\end{aligned}$$

The division keeps the expected size, so nothing needs to be scaled when the network is
used.
*/
//%%
static seqnn_model *stack(const newsgroups *set, seqnn_activation dense, uint64_t seed)
{
    seqnn_model *model = seqnn_model_new(seed);
    seqnn_embedding(model, set->data->vocabulary, VECTOR,
                    (seqnn_embedding_options){.vectors = set->vectors});
    seqnn_lstm(model, 32,
               (seqnn_lstm_options){.return_sequences = true, .recurrent_dropout = 0.4f});
    seqnn_lstm(model, 64, (seqnn_lstm_options){.recurrent_dropout = 0.1f});
    seqnn_dense(model, 32, (seqnn_dense_options){.activation = dense});
    seqnn_dense(model, set->data->classes,
                (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
    return model;
}

//%% [markdown]
/*
## The data

Posts, vectors and split are those of examples 07 and 25, so the three can be compared.
*/
//%%
int main(int argc, char **argv)
{
    example_options options =
        example_read_options(argc, argv, NULL, EXAMPLE_SEEDS EXAMPLE_EPOCHS);
    newsgroups set;
    int status = newsgroups_load(&set, &options, SEQNN_PRE);

    //%% [markdown]
    /*
    ## Train

    In the summary, `(None, None, 32)` is [batch, time, units]: the lower layer gives a
    sequence. Its weights are $4\,(100 \cdot 32 + 32 \cdot 32 + 32) = 17024$; the upper
    one's, with 32 inputs, $4\,(32 \cdot 64 + 64 \cdot 64 + 64) = 24832$. Together they
    are no more than the single LSTM of example 25 has.
    */
    //%%
    if (!status)
        status = newsgroups_train(&set, "stacked lstm", "26_stacked_lstm.png", stack,
                                  &options);
    newsgroups_free(&set);
    return status;
}

//%% [markdown]
/*
## What the curves say

Training and validation run side by side, for two reasons. The network is far from
knowing its posts by heart; and recurrent dropout works in training only, so `accuracy` is
that of a network in which the lower layer lacks four tenths of its memory and the upper
one a tenth, `val_accuracy` that of the whole one.

Two layers learn more slowly than one. On the generated posts ten epochs are too few for
either. On the public ones the stack reaches 0.729 ± 0.014 (3 seeds), the single LSTM
0.775 ± 0.008: deeper is not better here. The lecture's figures say so too (0.75 beside
0.77, on other amounts of data), and depth has its price: the upper layer cannot begin a
step before the lower one has finished it.

A misunderstanding to avoid: stacking does not give a longer memory. Both layers walk over
the same 150 steps. What a second layer adds is a second look at each of them.

## Try it

1. Set both `recurrent_dropout` to 0. Which curve changes, training or validation?
2. Leave `.return_sequences` away, and read what the error says.
3. `--epochs 40`: does the stack catch up with example 25?
4. Put a third LSTM on top, of 64 units. What does an epoch cost, and what is it worth?
*/
