/* cuda/layers.cuh - the layers without a memory, forward and backward (private)
 *
 * Each does what the function of its kind in layers/ does, on the same struct.
 */
#ifndef SQ_CUDA_LAYERS_H
#define SQ_CUDA_LAYERS_H

#include "model.cuh"

static sq_device *sq_device_of(const seqnn_layer *layer)
{
    return sq_cuda_of(layer)->device;
}

static seqnn_size sq_cells_of(const sq_signal *signal)
{
    return signal->rows * signal->features;
}

/* signal's gradient += gradient, if it is wanted. */
static void sq_cuda_add_gradient(sq_device *device, sq_signal *signal,
                                 const seqnn_real *gradient)
{
    if (!signal->gradient_wanted)
        return;
    if (signal->gradient_written)
        sq_for_each(device, sq_cells_of(signal), sq_add_to{gradient, signal->gradient});
    else
        sq_device_copy(device, signal->gradient, gradient,
                       (size_t)sq_cells_of(signal) * sizeof *gradient);
    signal->gradient_written = true;
}

/* ---- sources ---- */

static seqnn_status sq_cuda_embedding(seqnn_layer *layer, seqnn_mode mode)
{
    sq_distinct *distinct = &((sq_embedding *)layer)->distinct;
    sq_signal *out = &layer->out;
    seqnn_status status = sq_distinct_read(distinct, layer);
    if (status)
        return status;
    if (distinct->count <= out->rows * 9 / 10 && sq_readers_take_distinct(layer, mode))
        out->distinct = distinct;
    sq_cuda_words_up(layer, distinct);
    sq_for_each(
        sq_device_of(layer),
        out->distinct ? sq_cuda_word_rows(layer, distinct) * out->features
                      : sq_cells_of(out),
        sq_gather_rows{out->features, layer->parameters[0].view.value,
                       sq_list(layer->model, distinct->words),
                       out->distinct ? NULL : sq_list(layer->model, distinct->of_row),
                       NULL, out->value});
    return SEQNN_OK;
}

/* Where the rows of each word are, as the CPU lists them; what makes up the rest has
 * none. */
static void sq_cuda_list_rows(const seqnn_layer *layer, sq_distinct *distinct)
{
    const seqnn_size words = sq_cuda_word_rows(layer, distinct);
    sq_list_rows(distinct, layer->out.rows);
    if (distinct->listed_there)
        return;
    distinct->listed_there = true;
    for (seqnn_size u = distinct->count; u < words; u++)
        distinct->begin[u + 1] = distinct->begin[u];
    sq_lists_up(layer->model, distinct->rows, distinct->begin, words + 1);
}

static void sq_cuda_embedding_back(seqnn_layer *layer)
{
    sq_embedding *own = (sq_embedding *)layer;
    sq_distinct *distinct = &own->distinct;
    const sq_signal *out = &layer->out;
    seqnn_real *table = layer->parameters[0].view.gradient;
    if (!sq_trains(layer, 0))
        return;
    sq_touch(&own->touched, distinct->count, distinct->words);
    const int32_t *words = sq_list(layer->model, distinct->words);
    const seqnn_size cells = sq_cuda_word_rows(layer, distinct) * out->features;
    if (out->distinct) {
        sq_for_each(sq_device_of(layer), cells,
                    sq_scatter_rows{out->features, out->gradient, words, table});
        return;
    }
    sq_cuda_list_rows(layer, distinct);
    sq_device_sum_word_rows(
        sq_device_of(layer),
        sq_sum_word_rows{cells / out->features, out->features, out->gradient,
                         sq_list(layer->model, distinct->rows),
                         sq_list(layer->model, distinct->begin), words, true, table});
}

static seqnn_status sq_cuda_one_hot(seqnn_layer *layer, seqnn_mode mode)
{
    sq_distinct *distinct = &((sq_one_hot *)layer)->distinct;
    sq_signal *out = &layer->out;
    seqnn_status status = sq_distinct_read(distinct, layer);
    if (status)
        return status;
    sq_cuda_words_up(layer, distinct);
    if (!out->value || sq_readers_take_distinct(layer, mode))
        out->distinct = distinct;
    else
        sq_for_each(
            sq_device_of(layer), sq_cells_of(out),
            sq_write_one_hot{out->features, sq_list(layer->model, distinct->words),
                             sq_list(layer->model, distinct->of_row), out->value});
    return SEQNN_OK;
}

/* Values given as numbers: packed by the CPU, and copied. */
static seqnn_status sq_cuda_given(seqnn_layer *layer, seqnn_mode mode)
{
    const sq_signal *out = &layer->out;
    sq_cuda *cuda = sq_cuda_of(layer);
    const seqnn_size most =
        out->packing ? out->packing->batch * out->packing->time : out->rows;
    (void)mode;
    seqnn_real *here = (seqnn_real *)sq_cuda_room_for(
        cuda, SQ_OF_HOST, &cuda->given_here[sq_source_number(layer)],
        most * out->features * (seqnn_size)sizeof *here);
    if (!here)
        return sq_device_status(cuda->device);
    sq_source_rows(layer, here);
    sq_device_up(cuda->device, out->value, here, (size_t)sq_cells_of(out) * sizeof *here);
    return SEQNN_OK;
}

static void sq_cuda_nothing_back(seqnn_layer *layer)
{
    (void)layer;
}

/* ---- dense and activation ---- */

/* z = x W + b */
static void sq_cuda_affine(sq_device *device, seqnn_size rows, seqnn_size columns,
                           seqnn_size inputs, const seqnn_real *x, const seqnn_real *W,
                           const seqnn_real *b, seqnn_real *z)
{
    if (b)
        sq_for_each(device, rows * columns, sq_repeat_row{columns, b, z});
    sq_device_product(device, false, false, rows, columns, inputs, x, inputs, W, columns,
                      b != NULL, z, columns);
}

static seqnn_status sq_cuda_dense(seqnn_layer *layer, seqnn_mode mode)
{
    sq_dense *own = (sq_dense *)layer;
    const sq_signal *x = layer->in;
    sq_device *device = sq_device_of(layer);
    const bool has_b = layer->parameter_count > SQ_DENSE_B;
    (void)mode;
    sq_cuda_affine(device, x->rows, layer->out.features, x->features, x->value,
                   layer->parameters[SQ_DENSE_W].view.value,
                   has_b ? layer->parameters[SQ_DENSE_B].view.value : NULL, own->z);
    if (own->activation != SEQNN_LINEAR)
        sq_device_activation(device, own->activation, x->rows, layer->out.features,
                             own->z, layer->out.value);
    layer->out.logits = own->z;
    layer->out.activation = own->activation;
    return SEQNN_OK;
}

static void sq_cuda_dense_back(seqnn_layer *layer)
{
    sq_dense *own = (sq_dense *)layer;
    sq_device *device = sq_device_of(layer);
    sq_signal *x = layer->in;
    const sq_signal *y = &layer->out;
    const seqnn_size units = y->features, inputs = x->features;
    const seqnn_parameter *W = &layer->parameters[SQ_DENSE_W].view;
    const seqnn_real *dz = own->dz;
    if (y->gradient_is_of_logits)
        dz = y->gradient;
    else if (own->activation != SEQNN_LINEAR)
        sq_device_activation_back(device, own->activation, y->rows, units, y->value,
                                  y->gradient, own->dz);
    if (!W->frozen)
        sq_device_product(device, true, false, inputs, units, x->rows, x->value, inputs,
                          dz, units, true, W->gradient, units);
    if (layer->parameter_count > SQ_DENSE_B && sq_trains(layer, SQ_DENSE_B))
        sq_device_column_sums(device, y->rows, units, dz, units,
                              layer->parameters[SQ_DENSE_B].view.gradient);
    if (!x->gradient_wanted)
        return;
    sq_device_product(device, false, true, x->rows, inputs, units, dz, units, W->value,
                      units, x->gradient_written, x->gradient, inputs);
    x->gradient_written = true;
}

static seqnn_status sq_cuda_activation(seqnn_layer *layer, seqnn_mode mode)
{
    const sq_activation_layer *own = (const sq_activation_layer *)layer;
    (void)mode;
    sq_device_activation(sq_device_of(layer), own->activation, layer->out.rows,
                         layer->out.features, layer->in->value, layer->out.value);
    layer->out.logits = layer->in->value;
    layer->out.activation = own->activation;
    return SEQNN_OK;
}

static void sq_cuda_activation_back(seqnn_layer *layer)
{
    const sq_activation_layer *own = (const sq_activation_layer *)layer;
    const sq_signal *out = &layer->out;
    const seqnn_real *dz = out->gradient;
    if (!layer->in->gradient_wanted)
        return;
    if (!out->gradient_is_of_logits) {
        sq_device_activation_back(sq_device_of(layer), own->activation, out->rows,
                                  out->features, out->value, out->gradient, own->dz);
        dz = own->dz;
    }
    sq_cuda_add_gradient(sq_device_of(layer), layer->in, dz);
}

/* ---- dropout ---- */

/* A mask of rows [rows, features], each numbered by `number` (NULL: by itself), or by
 * number / time. */
static void sq_cuda_mask(const seqnn_layer *layer, int which, seqnn_real rate,
                         seqnn_size rows, seqnn_size features, const seqnn_size *number,
                         seqnn_size time, seqnn_real *mask)
{
    const sq_mask_numbers of = sq_dropout_numbers(layer, which, rate);
    sq_for_each(sq_device_of(layer), rows * features,
                sq_draw_mask{features, time, number, layer->model->seed,
                             of.stream - sq_stream_of_pass(layer->model),
                             &sq_cuda_numbers_there(sq_cuda_of(layer))->pass, of.dropped,
                             of.kept, mask});
}

static seqnn_status sq_cuda_dropout(seqnn_layer *layer, seqnn_mode mode)
{
    sq_dropout *own = (sq_dropout *)layer;
    const sq_signal *out = &layer->out;
    sq_device *device = sq_device_of(layer);
    const sq_packing *packing = out->packing;
    own->dropped = mode == SEQNN_TRAIN && own->rate > 0;
    if (!own->dropped) {
        sq_device_copy(device, out->value, layer->in->value,
                       (size_t)sq_cells_of(out) * sizeof *out->value);
        return SEQNN_OK;
    }
    sq_cuda_mask(layer, 0, own->rate, out->rows, out->features,
                 packing ? sq_list(layer->model, packing->source) : NULL,
                 packing && own->per_sequence ? packing->time : 0, own->mask);
    sq_for_each(device, sq_cells_of(out),
                sq_product_of_two{layer->in->value, own->mask, false, out->value});
    return SEQNN_OK;
}

static void sq_cuda_dropout_back(seqnn_layer *layer)
{
    sq_dropout *own = (sq_dropout *)layer;
    sq_signal *in = layer->in;
    if (!own->dropped) {
        sq_cuda_add_gradient(sq_device_of(layer), in, layer->out.gradient);
        return;
    }
    if (!in->gradient_wanted)
        return;
    sq_for_each(sq_device_of(layer), sq_cells_of(in),
                sq_product_of_two{layer->out.gradient, own->mask, in->gradient_written,
                                  in->gradient});
    in->gradient_written = true;
}

/* ---- merges ---- */

static seqnn_status sq_cuda_add(seqnn_layer *layer, seqnn_mode mode)
{
    (void)mode;
    sq_for_each(sq_device_of(layer), sq_cells_of(&layer->out),
                sq_sum_of_two{layer->inputs[0]->out.value, layer->inputs[1]->out.value,
                              layer->out.value});
    return SEQNN_OK;
}

static void sq_cuda_add_back(seqnn_layer *layer)
{
    for (int i = 0; i < 2; i++)
        sq_cuda_add_gradient(sq_device_of(layer), &layer->inputs[i]->out,
                             layer->out.gradient);
}

static seqnn_status sq_cuda_concat(seqnn_layer *layer, seqnn_mode mode)
{
    seqnn_size column = 0;
    (void)mode;
    for (int i = 0; i < 2; i++) {
        const sq_signal *in = &layer->inputs[i]->out;
        sq_for_each(sq_device_of(layer), sq_cells_of(in),
                    sq_columns_in{layer->out.features, column, in->features, in->value,
                                  layer->out.value});
        column += in->features;
    }
    return SEQNN_OK;
}

static void sq_cuda_concat_back(seqnn_layer *layer)
{
    seqnn_real *part = ((sq_merge_layer *)layer)->part;
    seqnn_size column = 0;
    for (int i = 0; i < 2; i++) {
        sq_signal *in = &layer->inputs[i]->out;
        sq_for_each(sq_device_of(layer), sq_cells_of(in),
                    sq_columns_out{layer->out.features, column, in->features,
                                   layer->out.gradient, part});
        sq_cuda_add_gradient(sq_device_of(layer), in, part);
        column += in->features;
    }
}

/* ---- over time ---- */

static seqnn_status sq_cuda_max(seqnn_layer *layer, seqnn_mode mode)
{
    const sq_signal *in = layer->in;
    (void)mode;
    sq_for_each(sq_device_of(layer), in->packing->batch * in->features,
                sq_max_over_time{sq_packed_of(layer->model, in->packing), in->features,
                                 in->value, layer->out.value,
                                 ((sq_max_pool *)layer)->winner});
    return SEQNN_OK;
}

static void sq_cuda_max_back(seqnn_layer *layer)
{
    sq_signal *in = layer->in;
    if (!in->gradient_wanted)
        return;
    sq_for_each(sq_device_of(layer), in->packing->batch * in->features,
                sq_max_over_time_back{sq_packed_of(layer->model, in->packing),
                                      in->features, layer->out.gradient,
                                      ((sq_max_pool *)layer)->winner,
                                      in->gradient_written, in->gradient});
    in->gradient_written = true;
}

static seqnn_status sq_cuda_mean(seqnn_layer *layer, seqnn_mode mode)
{
    const sq_signal *in = layer->in;
    (void)mode;
    sq_for_each(sq_device_of(layer), in->packing->batch * in->features,
                sq_mean_over_time{sq_packed_of(layer->model, in->packing), in->features,
                                  in->value, layer->out.value});
    return SEQNN_OK;
}

static void sq_cuda_mean_back(seqnn_layer *layer)
{
    sq_signal *in = layer->in;
    if (!in->gradient_wanted)
        return;
    sq_for_each(sq_device_of(layer), in->packing->batch * in->features,
                sq_mean_over_time_back{sq_packed_of(layer->model, in->packing),
                                       in->features, layer->out.gradient,
                                       in->gradient_written, in->gradient});
    in->gradient_written = true;
}

static seqnn_status sq_cuda_flatten(seqnn_layer *layer, seqnn_mode mode)
{
    const sq_packing *packing = layer->in->packing;
    (void)mode;
    seqnn_status status = sq_check_flatten(layer);
    if (status)
        return status;
    sq_for_each(sq_device_of(layer), sq_cells_of(layer->in),
                sq_unpack_row{layer->in->features, sq_list(layer->model, packing->source),
                              layer->in->value, layer->out.value});
    return SEQNN_OK;
}

static void sq_cuda_flatten_back(seqnn_layer *layer)
{
    sq_signal *in = layer->in;
    if (!in->gradient_wanted)
        return;
    sq_for_each(sq_device_of(layer), sq_cells_of(in),
                sq_pack_row{in->features, sq_list(layer->model, in->packing->source),
                            layer->out.gradient, in->gradient_written, in->gradient});
    in->gradient_written = true;
}

#endif
