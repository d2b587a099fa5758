#include "simple_rnn.h"
#include "plain_sweep.h"
#include "product.h"
#include "recurrent_layer.h"

/* ---- the equations ---- */

/* h_t = g(z_t); h may be z. */
static void sq_simple_rnn_state(seqnn_activation activation, seqnn_size units,
                                const seqnn_real *z, seqnn_real *h)
{
    for (seqnn_size j = 0; j < units; j++)
        h[j] = sq_simple_rnn_unit(activation, z[j]);
}

SEQNN_API void seqnn_simple_rnn_step(seqnn_size inputs, seqnn_size units,
                                     seqnn_activation activation, const seqnn_real *W_x,
                                     const seqnn_real *W_h, const seqnn_real *b,
                                     const seqnn_real *x_t, const seqnn_real *h_prev,
                                     seqnn_real *h_t)
{
    for (seqnn_size j = 0; j < units; j++) {
        seqnn_real z = b ? b[j] : 0;
        for (seqnn_size i = 0; i < inputs; i++)
            z += x_t[i] * W_x[i * units + j];
        for (seqnn_size i = 0; i < units; i++)
            z += h_prev[i] * W_h[i * units + j];
        h_t[j] = z;
    }
    sq_simple_rnn_state(activation, units, h_t, h_t);
}

/* ---- the sweep through time ---- */

static void sq_simple_rnn_forward(const sq_sweep *sweep, seqnn_size begin, seqnn_size end)
{
    const sq_packing *packing = sweep->packing;
    const seqnn_size units = sweep->units;
    for (seqnn_size i = 0; i < packing->steps; i++) {
        const seqnn_size s = sq_sweep_step(sweep, i);
        for (seqnn_size k = begin; k < sq_sweep_end(sweep, s, end); k++) {
            const seqnn_size row = packing->offset[s] + k;
            const seqnn_real *h_prev = sq_masked_state(sweep, row, k);
            seqnn_real *z = sweep->gates + row * units;
            seqnn_real *h = sweep->h + row * units;
            sq_add_product(units, units, h_prev, sweep->W_h, units, z);
            sq_add_skipped(sweep, s, k, z);
            sq_simple_rnn_state(sweep->activation, units, z, h);
            memcpy(sweep->h_state + k * units, h, (size_t)units * sizeof *h);
        }
    }
}

/* dz_t = dh_t * g'(z_t),  dh_(t-1) = dz_t W_h^T. */
static void sq_simple_rnn_backward_step(const sq_sweep *sweep, seqnn_size s, seqnn_size k,
                                        seqnn_size into, seqnn_real *dh, seqnn_real *dC)
{
    (void)dC;
    const seqnn_size units = sweep->units;
    const seqnn_real *h = sweep->h + (sweep->packing->offset[s] + k) * units;
    seqnn_real *dz = sweep->dgates + into * units;
    for (seqnn_size j = 0; j < units; j++) {
        dz[j] = dh[j] * sq_simple_rnn_slope(sweep->activation, h[j]);
        dh[j] = 0;
    }
    sq_add_product_back(units, units, dz, sweep->W_h, units, sq_mask_of(sweep, k), dh);
}

static void sq_simple_rnn_backward(const sq_sweep *sweep, seqnn_size begin,
                                   seqnn_size end)
{
    sq_plain_backward(sweep, begin, end, 1, false, sq_simple_rnn_backward_step);
}

SQ_LOCAL const sq_cell *sq_simple_rnn_plain(void)
{
    static const sq_cell cell = {sq_simple_rnn_forward, sq_simple_rnn_backward, NULL,
                                 NULL, NULL};
    return &cell;
}

/* dW_h = sum_t h_(t-1)^T dz_t. */
static void sq_simple_rnn_recurrent_gradient(const sq_sweep *sweep, seqnn_real *dW_h,
                                             seqnn_real *db_h)
{
    const seqnn_size units = sweep->units;
    (void)db_h;
    sq_add_recurrent_gradient(sweep, units, sweep->dgates, units, dW_h, units);
}

/* ---- the layer ---- */

static seqnn_layer *sq_simple_rnn_make(seqnn_model *model, const void *given)
{
    const sq_recurrent_given *from = (const sq_recurrent_given *)given;
    return seqnn_simple_rnn(model, from->units, from->options);
}

static const sq_cell_kind sq_simple_rnn_cell_kind = {
    {"simple_rnn", sizeof(sq_recurrent), sq_recurrent_plan, sq_recurrent_forward,
     sq_recurrent_backward, sq_recurrent_destroy, sizeof(sq_recurrent_given),
     sq_recurrent_options, sq_simple_rnn_make},
    1,     /* gates */
    false, /* has_C */
    sq_simple_rnn_plain,
    sq_simple_rnn_fast,
    sq_simple_rnn_recurrent_gradient};

SQ_LOCAL const sq_layer_type *sq_simple_rnn_kind(void)
{
    return &sq_simple_rnn_cell_kind.type;
}

SEQNN_API seqnn_layer *seqnn_simple_rnn(seqnn_model *model, seqnn_size units,
                                        seqnn_rnn_options options)
{
    return sq_recurrent_new(model, &sq_simple_rnn_cell_kind, units, &options);
}
