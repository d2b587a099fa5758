#include "dropout.h"
#include "graph.h"
#include "parallel.h"
#include "random_block.h"

typedef struct sq_dropout {
    seqnn_layer base;
    seqnn_real rate;
    bool per_sequence;
    bool dropped;     /* the last forward pass was a training pass */
    seqnn_real *mask; /* [rows, features] */
} sq_dropout;

static void sq_dropout_plan(seqnn_layer *layer, sq_arena *arena, seqnn_size batch,
                            seqnn_size rows)
{
    (void)batch;
    ((sq_dropout *)layer)->mask = (seqnn_real *)sq_arena_take(
        arena, sq_multiply(rows, layer->out.features), sizeof(seqnn_real));
}

SQ_LOCAL void sq_dropout_mask(const seqnn_layer *layer, int which, seqnn_real rate,
                              seqnn_size first, seqnn_size count, seqnn_real *mask)
{
    enum { MOST = 4 * SQ_RANDOM_BLOCKS };
    const seqnn_model *model = layer->model;
    const sq_mask_numbers of = sq_dropout_numbers(layer, which, rate);
    uint32_t numbers[MOST];
    for (seqnn_size done = 0; done < count;) {
        const seqnn_size at = first + done;
        const bool many = count - done > MOST / 2; /* a narrow row needs one block */
        const seqnn_size n = sq_min(count - done, (many ? MOST : 4) - at % 4);
        if (many)
            sq_random_blocks(model->seed, of.stream, (uint64_t)at / 4, numbers);
        else
            sq_random_block(model->seed, of.stream, (uint64_t)at / 4, numbers);
        for (seqnn_size i = 0; i < n; i++)
            mask[done + i] = numbers[at % 4 + i] < of.dropped ? (seqnn_real)0 : of.kept;
        done += n;
    }
}

/* y = x * mask of some rows. The mask of a row is numbered by the user's sample and step,
 * not by its place in the packed batch. */
static void sq_dropout_rows(void *context, seqnn_size begin, seqnn_size end)
{
    sq_dropout *own = (sq_dropout *)context;
    const sq_signal *out = &own->base.out;
    const seqnn_size features = out->features;
    for (seqnn_size r = begin; r < end; r++) {
        seqnn_size at = r;
        if (out->packing) {
            at = out->packing->source[r];
            if (own->per_sequence)
                at /= out->packing->time;
        }
        sq_dropout_mask(&own->base, 0, own->rate, at * features, features,
                        own->mask + r * features);
    }
    const seqnn_real *x = own->base.in->value;
    for (seqnn_size i = begin * features; i < end * features; i++)
        out->value[i] = x[i] * own->mask[i];
}

static seqnn_status sq_dropout_forward(seqnn_layer *layer, seqnn_mode mode)
{
    sq_dropout *own = (sq_dropout *)layer;
    const sq_signal *out = &layer->out;
    own->dropped = mode == SEQNN_TRAIN && own->rate > 0;
    if (own->dropped)
        sq_parallel(out->rows, sq_piece_rows(out->features), sq_dropout_rows, own);
    else
        memcpy(out->value, layer->in->value,
               (size_t)(out->rows * out->features) * sizeof *out->value);
    return SEQNN_OK;
}

/* dx = dy * mask of some rows */
static void sq_dropout_gradient_rows(void *context, seqnn_size begin, seqnn_size end)
{
    const sq_dropout *own = (const sq_dropout *)context;
    const seqnn_size features = own->base.out.features;
    const seqnn_real *dy = own->base.out.gradient, *mask = own->mask;
    const bool add = own->base.in->gradient_written;
    seqnn_real *dx = own->base.in->gradient;
    for (seqnn_size i = begin * features; i < end * features; i++)
        dx[i] = (add ? dx[i] : 0) + mask[i] * dy[i];
}

static void sq_dropout_backward(seqnn_layer *layer)
{
    sq_dropout *own = (sq_dropout *)layer;
    sq_signal *in = layer->in;
    if (!own->dropped) {
        sq_signal_add_gradient(in, layer->out.gradient);
        return;
    }
    if (!in->gradient_wanted)
        return;
    sq_parallel(layer->out.rows, sq_piece_rows(layer->out.features),
                sq_dropout_gradient_rows, own);
    in->gradient_written = true;
}

/* ---- construction ---- */

typedef struct sq_dropout_given {
    seqnn_real rate;
    seqnn_dropout_options options;
} sq_dropout_given;

static const sq_layer_option *sq_dropout_options(void)
{
#define SQ_FIELD(field) offsetof(sq_dropout_given, field)
    static const sq_layer_option options[] = {
        {"rate", SQ_OPTION_REAL, SQ_FIELD(rate), NULL},
        {"name", SQ_OPTION_NAME, SQ_FIELD(options.name), NULL},
        {"input", SQ_OPTION_LAYER, SQ_FIELD(options.input), NULL},
        {"per_sequence", SQ_OPTION_BOOL, SQ_FIELD(options.per_sequence), NULL},
        {NULL, SQ_OPTION_NAME, 0, NULL}};
#undef SQ_FIELD
    return options;
}

static seqnn_layer *sq_dropout_make(seqnn_model *model, const void *given)
{
    const sq_dropout_given *from = (const sq_dropout_given *)given;
    return seqnn_dropout(model, from->rate, from->options);
}

static const sq_layer_type sq_dropout_type = {"dropout",
                                              sizeof(sq_dropout),
                                              sq_dropout_plan,
                                              sq_dropout_forward,
                                              sq_dropout_backward,
                                              NULL,
                                              sizeof(sq_dropout_given),
                                              sq_dropout_options,
                                              sq_dropout_make};

SQ_LOCAL const sq_layer_type *sq_dropout_kind(void)
{
    return &sq_dropout_type;
}

SEQNN_API seqnn_layer *seqnn_dropout(seqnn_model *model, seqnn_real rate,
                                     seqnn_dropout_options options)
{
    sq_dropout_given given = {rate, options};
    seqnn_layer *layer =
        sq_layer_new(model, &sq_dropout_type, options.name, options.input, &given);
    if (!layer)
        return NULL;
    if (!(rate >= 0 && rate < 1)) {
        sq_model_fail(model, SEQNN_ERROR_ARGUMENT,
                      "dropout '%s': rate %g, expected 0 <= rate < 1", layer->name,
                      (double)rate);
        return NULL;
    }
    sq_dropout *own = (sq_dropout *)layer;
    own->rate = rate;
    own->per_sequence = options.per_sequence;
    sq_layer_shape(layer, layer->in->features, layer->inputs[0], true);
    return layer;
}
