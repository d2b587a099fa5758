/* What a recurrent layer does with its input: x_t W_x + b of all steps as one product,
 * and the way back. Where words come again, with one row for each distinct word. */
#include "bias.h"
#include "distinct.h"
#include "parallel.h"
#include "product.h"
#include "recurrent_states.h"

SQ_LOCAL void sq_input_plan(sq_recurrent *own, sq_arena *arena, seqnn_size batch,
                            seqnn_size rows)
{
    const seqnn_layer *below = own->base.inputs[0];
    size_t size = sizeof(seqnn_real);
    seqnn_size inputs = below->out.features, columns = own->kind->gates * own->units;
    bool drops = own->dropout > 0;
    own->x =
        (seqnn_real *)sq_arena_take(arena, drops ? sq_multiply(rows, inputs) : 0, size);
    own->x_mask =
        (seqnn_real *)sq_arena_take(arena, drops ? sq_multiply(batch, inputs) : 0, size);
    seqnn_size words = sq_min(rows, below->vocabulary);
    seqnn_size weights = below->parameter_count > 0 && words > 0 ? inputs : 0;
    own->dz_of_words =
        (seqnn_real *)sq_arena_take(arena, sq_multiply(words, columns), size);
    own->W_x_then =
        (seqnn_real *)sq_arena_take(arena, sq_multiply(weights, columns), size);
}

/* ---- dropout: one mask per sequence, for all of its steps ---- */

static void sq_sequence_masks(const sq_recurrent *own, const sq_packing *packing,
                              int which, seqnn_real rate, seqnn_size features,
                              seqnn_real *mask)
{
    for (seqnn_size k = 0; k < packing->batch; k++)
        sq_dropout_mask(&own->base, which, rate, packing->order[k] * features, features,
                        mask + k * features);
}

/* values [rows, features] times the mask of their sequence. */
static void sq_mask_rows(const sq_packing *packing, seqnn_size features,
                         const seqnn_real *mask, const seqnn_real *values,
                         seqnn_real *out)
{
    for (seqnn_size s = 0; s < packing->steps; s++)
        for (seqnn_size k = 0; k < sq_active(packing, s); k++) {
            seqnn_size row = (packing->offset[s] + k) * features;
            for (seqnn_size j = 0; j < features; j++)
                out[row + j] = values[row + j] * mask[k * features + j];
        }
}

static void sq_start_dropout(sq_recurrent *own, seqnn_mode mode)
{
    const sq_signal *in = own->base.in;
    own->x_dropped = mode == SEQNN_TRAIN && own->dropout > 0;
    own->input = in->value;
    if (own->x_dropped) {
        sq_sequence_masks(own, in->packing, 1, own->dropout, in->features, own->x_mask);
        sq_mask_rows(in->packing, in->features, own->x_mask, in->value, own->x);
        own->input = own->x;
    }
    own->x_spent = false;
    own->sweep.mask = NULL;
    if (mode == SEQNN_TRAIN && own->recurrent_dropout > 0) {
        sq_sequence_masks(own, in->packing, 2, own->recurrent_dropout, own->units,
                          own->h_mask);
        own->sweep.mask = own->h_mask;
    }
}

/* Masks of sequences make the rows of a word different. */
SQ_LOCAL bool sq_takes_distinct(const seqnn_layer *layer, seqnn_mode mode)
{
    return sq_is_recurrent(layer) &&
           !(mode == SEQNN_TRAIN && ((const sq_recurrent *)layer)->dropout > 0);
}

/* ---- forward ---- */

/* A one-hot vector times W_x is a row of W_x: P[u] = W_x[words[u]] + b. */
static void sq_project_one_hot(const sq_distinct *distinct, seqnn_size columns,
                               const seqnn_real *W_x, const seqnn_real *b, seqnn_real *P)
{
    for (seqnn_size u = 0; u < distinct->count; u++) {
        const seqnn_real *SQ_RESTRICT row = W_x + distinct->words[u] * columns;
        seqnn_real *SQ_RESTRICT p = P + u * columns;
        for (seqnn_size j = 0; j < columns; j++)
            p[j] = b ? row[j] + b[j] : row[j];
    }
}

SQ_LOCAL void sq_input_forward(sq_recurrent *own, seqnn_mode mode)
{
    const sq_signal *in = own->base.in;
    const sq_distinct *distinct = in->distinct;
    const seqnn_parameter *b_of = sq_recurrent_bias(&own->base, "b");
    const seqnn_real *W_x = own->base.parameters[SQ_W_X].view.value;
    const seqnn_real *b = b_of ? b_of->value : NULL;
    seqnn_size columns = own->kind->gates * own->units;
    /* The rows of the distinct words lie in memory that only the way back will use. */
    seqnn_size rows = distinct ? distinct->count : in->rows;
    seqnn_real *P = distinct ? own->sweep.dgates : own->sweep.gates;

    sq_start_dropout(own, mode);
    if (distinct && distinct->one_hot)
        sq_project_one_hot(distinct, columns, W_x, b, P);
    else
        sq_matmul_bias(rows, columns, in->features, own->input, in->features, W_x,
                       columns, b, P, columns);
    if (distinct)
        sq_gather(in->rows, columns, P, distinct->of_row, NULL, own->sweep.gates);
}

/* ---- backward ---- */

/* dx_t = dz_t W_x^T, through the dropout mask of x. */
static void sq_dropped_input_gradient(sq_recurrent *own, const seqnn_real *W_x)
{
    sq_signal *in = own->base.in;
    seqnn_size columns = own->kind->gates * own->units;
    sq_matmul(false, true, in->rows, in->features, columns, own->sweep.dgates, columns,
              W_x, columns, false, own->x, in->features);
    sq_mask_rows(in->packing, in->features, own->x_mask, own->x, own->x);
    sq_signal_add_gradient(in, own->x);
    own->x_spent = true;
}

/* dx_t = dz_t W_x^T. That of each step can still be made from dgates and the W_x of this
 * pass, which an update will change. */
static void sq_input_gradient(sq_recurrent *own, seqnn_size rows, const seqnn_real *dz)
{
    sq_signal *in = own->base.in;
    seqnn_size columns = own->kind->gates * own->units;
    const seqnn_real *W_x = own->base.parameters[SQ_W_X].view.value;
    if (own->x_dropped) {
        sq_dropped_input_gradient(own, W_x);
        return;
    }
    sq_matmul(false, true, rows, in->features, columns, dz, columns, W_x, columns,
              in->gradient_written, in->gradient, in->features);
    in->gradient_written = true;
    if (!in->distinct)
        return;
    memcpy(own->W_x_then, W_x, (size_t)(in->features * columns) * sizeof *W_x);
    own->base.owes_rows = true;
}

SQ_LOCAL void sq_recurrent_settle(seqnn_layer *layer, bool add)
{
    sq_recurrent *own = (sq_recurrent *)layer;
    sq_signal *in = layer->in;
    seqnn_size columns = own->kind->gates * own->units;
    sq_matmul(false, true, in->rows, in->features, columns, own->sweep.dgates, columns,
              own->W_x_then, columns, add, in->gradient, in->features);
    layer->owes_rows = false;
}

/* dW_x += sum_t x_t^T dz_t,  db += sum_t dz_t,  and dx. A word's x_t is the same at all
 * of its steps, so that its dz_t are summed first. */
SQ_LOCAL void sq_input_backward(sq_recurrent *own)
{
    seqnn_layer *layer = &own->base;
    const sq_signal *in = layer->in;
    sq_distinct *distinct = in->distinct;
    seqnn_parameter *W_x = &layer->parameters[SQ_W_X].view;
    const seqnn_parameter *b = sq_recurrent_bias(layer, "b");
    seqnn_size columns = own->kind->gates * own->units, rows = in->rows;
    const seqnn_real *dz = own->sweep.dgates;

    if (own->x_spent) { /* a second way back over the same pass */
        sq_mask_rows(in->packing, in->features, own->x_mask, in->value, own->x);
        own->x_spent = false;
    }
    if (distinct && (!W_x->frozen || in->gradient_wanted)) {
        sq_distinct_sum(distinct, rows, columns, dz, NULL, own->dz_of_words);
        dz = own->dz_of_words;
        rows = distinct->count;
    }
    if (!W_x->frozen && distinct && distinct->one_hot)
        sq_add_rows(rows, columns, dz, distinct->words, W_x->gradient);
    else if (!W_x->frozen)
        sq_matmul(true, false, in->features, columns, rows, own->input, in->features, dz,
                  columns, true, W_x->gradient, columns);
    if (b && !b->frozen)
        sq_bias_gradient(rows, columns, dz, columns, b->gradient);
    if (in->gradient_wanted)
        sq_input_gradient(own, rows, dz);
}
