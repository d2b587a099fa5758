//%% [markdown]
/*
# 25 · An LSTM reads newsgroup posts

The posts and the vectors of example 07, and an LSTM in place of the dense layer: it reads
a post word by word, with the same weights at every word.

    cc -O3 -march=native -fopenmp examples/25_lstm_newsgroups.c -o 25 -lm && ./25

It prints the model and the accuracy epoch by epoch, for padding in front of the words
(`./25 pre`, the default), behind them (`./25 post`), or behind them and masked
(`./25 mask`), and draws loss and accuracy as `25_pre.png`, `25_post.png` or
`25_mask.png`.
*/
//%%
#define SEQNN_IMPLEMENTATION
#define SEQNN_PLOT
#include "../seqnn.h"
#include "newsgroups.h"

//%% [markdown]
/*
## One step of the LSTM

The vanilla RNN writes over its memory at every step. The LSTM keeps a second one, the
cell state $C_t$, and three gates, numbers between 0 and 1, that say what is done to it:

$$\begin{aligned}
i_t &= \sigma(x_t W_x^i + h_{t-1} W_h^i + b^i)\\
f_t &= \sigma(x_t W_x^f + h_{t-1} W_h^f + b^f)\\
\tilde C_t &= \tanh(x_t W_x^C + h_{t-1} W_h^C + b^C)\\
o_t &= \sigma(x_t W_x^o + h_{t-1} W_h^o + b^o)\\
C_t &= f_t * C_{t-1} + i_t * \tilde C_t\\
h_t &= o_t * \tanh(C_t)
\end{aligned}$$

| | | |
|:--|:--|:--|
| $i_t$ | input gate | what is let in |
| $f_t$ | forget gate | what is kept |
| $\tilde C_t$ | candidate | what could be written |
| $o_t$ | output gate | what is shown |

The line for $C_t$ is the point of it all. It adds, where the RNN multiplies by $W_h$ and
squashes; from one step to the one before, the gradient along that line is multiplied by
$f_t$ alone, and $f_t$ can be close to 1. `src/layers/lstm.c` has these lines as loops,
forward and backward.

Count the weights: four times $F \cdot H + H \cdot H + H$ with $F = 100$ inputs and
$H = 64$ units is $42240$.
*/
//%%
static seqnn_model *lstm(const newsgroups *set, bool mask, seqnn_activation dense,
                         uint64_t seed)
{
    seqnn_model *model = seqnn_model_new(seed);
    seqnn_embedding(
        model, set->data->vocabulary, VECTOR,
        (seqnn_embedding_options){.vectors = set->vectors, .mask_zero = mask});
    seqnn_lstm(model, 64, (seqnn_lstm_options){0});
    seqnn_dropout(model, 0.2f, (seqnn_dropout_options){0});
    seqnn_dense(model, 32, (seqnn_dense_options){.activation = dense});
    seqnn_dropout(model, 0.2f, (seqnn_dropout_options){0});
    seqnn_dense(model, set->data->classes,
                (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
    return model;
}

static seqnn_model *unmasked(const newsgroups *set, seqnn_activation dense, uint64_t seed)
{
    return lstm(set, false, dense, seed);
}

static seqnn_model *masked(const newsgroups *set, seqnn_activation dense, uint64_t seed)
{
    return lstm(set, true, dense, seed);
}

//%% [markdown]
/*
## Where does the padding go?

Posts that are shorter than 150 words are filled up with zeros. In front, an LSTM starts
with nothing, reads zeros, then words, and is asked at once. Behind, it reads the words
first and must carry what it understood through a hundred zeros before it is asked; every
zero is a step like another, through all gates. A mask leaves those steps out.
*/
//%%
int main(int argc, char **argv)
{
    example_options options =
        example_read_options(argc, argv, "pre|post|mask", EXAMPLE_SEEDS EXAMPLE_EPOCHS);
    const char *padding = options.variant ? options.variant : "pre";
    bool mask = strcmp(padding, "mask") == 0, pre = strcmp(padding, "pre") == 0;
    newsgroups set;
    int status = newsgroups_load(&set, &options, pre ? SEQNN_PRE : SEQNN_POST);

    //%% [markdown]
    /*
    ## Train

    Twenty groups: guessing has the accuracy $1/20$ and the loss $\ln 20 \approx 3.0$. For
    the first epochs the LSTM is hardly better. It has to find out what to keep before it
    can find out what that means.
    */
    //%%
    char title[64], picture[64];
    snprintf(title, sizeof title, "lstm, padding %s%s", pre ? "pre" : "post",
             mask ? ", mask" : "");
    snprintf(picture, sizeof picture, "25_%s.png", padding);
    if (!status)
        status =
            newsgroups_train(&set, title, picture, mask ? masked : unmasked, &options);
    newsgroups_free(&set);
    return status;
}

//%% [markdown]
/*
## What the curves say

Training and validation climb together, and neither has levelled off after ten epochs:
this network is not overfitting, it is not finished. Compare the dense classifier of
example 07, which was perfect in training after four epochs and no better than this one in
validation.

What the padding does, in the last epoch; on the generated posts one seed, on the public
ones mean and standard deviation of three:

| | generated | public 20 Newsgroups |
|:--|:-:|:-:|
| `./25 pre`: in front | 0.36 | 0.775 ± 0.008 |
| `./25 post`: behind | 0.00 | 0.538 ± 0.002 |
| `./25 mask`: behind, masked | 0.44 | 0.769 ± 0.007 |
| dense (example 07) | 0.35 | 0.470 ± 0.007 |

Behind and not masked, the generated posts are not learnt at all: the loss stays at
$\ln 20$, every post gets the same answer, and that answer happens to be wrong for all 80.
With 15,000 public posts the LSTM learns in part to wait through the zeros. With the mask
nothing has to be waited for, and an epoch is a third shorter, since what is masked is not
computed. The lecture reports 0.77, on other amounts of data.

A misunderstanding to avoid: an LSTM does not keep everything. $f_t$ is learnt like any
weight, and a hundred steps with $f_t = 0.95$ leave $0.95^{100} \approx 0.006$ of a
memory.

## Try it

1. `./25 post --epochs 40`: does it learn to wait, given time?
2. Set `LENGTH` in `newsgroups.h` to 50 and to 300. The last words of a post, or more of
   them: which helps?
3. Replace `seqnn_lstm` by `seqnn_gru`, then by `seqnn_simple_rnn`, with the same 64
units. Which of them still gets through?
4. `--epochs 30`: where does validation stop, and where does training?
*/
