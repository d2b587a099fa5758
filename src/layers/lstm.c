#include "lstm.h"
#include "plain_sweep.h"
#include "recurrent_layer.h"

/* ---- the equations ---- */

/* gates: in z = x_t W_x + h_(t-1) W_h + b, out i, f, C~, o. C may be C_prev, and h may be
 * tanh_C if that is not wanted. */
static void sq_lstm_state(seqnn_size units, seqnn_real *gates, const seqnn_real *C_prev,
                          seqnn_real *C, seqnn_real *tanh_C, seqnn_real *h)
{
    for (seqnn_size j = 0; j < units; j++)
        sq_lstm_unit(units, gates + j, C_prev[j], C + j, tanh_C + j, h + j);
}

SEQNN_API void seqnn_lstm_step(seqnn_size inputs, seqnn_size units, const seqnn_real *W_x,
                               const seqnn_real *W_h, const seqnn_real *b,
                               const seqnn_real *x_t, const seqnn_real *h_prev,
                               const seqnn_real *C_prev, seqnn_real *gates,
                               seqnn_real *C_t, seqnn_real *h_t)
{
    for (seqnn_size j = 0; j < 4 * units; j++)
        gates[j] = b ? b[j] : 0;
    sq_add_product(inputs, 4 * units, x_t, W_x, 4 * units, gates);
    sq_add_product(units, 4 * units, h_prev, W_h, 4 * units, gates);
    sq_lstm_state(units, gates, C_prev, C_t, h_t, h_t);
}

/* ---- the sweep through time ---- */

static void sq_lstm_forward(const sq_sweep *sweep, seqnn_size begin, seqnn_size end)
{
    const sq_packing *packing = sweep->packing;
    const seqnn_size units = sweep->units;
    const size_t bytes = (size_t)units * sizeof(seqnn_real);
    for (seqnn_size n = 0; n < packing->steps; n++) {
        const seqnn_size s = sq_sweep_step(sweep, n);
        for (seqnn_size k = begin; k < sq_sweep_end(sweep, s, end); k++) {
            const seqnn_size row = packing->offset[s] + k;
            const seqnn_real *h_prev = sq_masked_state(sweep, row, k);
            seqnn_real *gates = sweep->gates + row * 4 * units;
            seqnn_real *C_state = sweep->C_state + k * units;
            seqnn_real *h = sweep->h + row * units, *C = sweep->C + row * units;
            sq_add_product(units, 4 * units, h_prev, sweep->W_h, 4 * units, gates);
            sq_lstm_state(units, gates, C_state, C, sweep->tanh_C + row * units, h);
            memcpy(sweep->h_state + k * units, h, bytes);
            memcpy(C_state, C, bytes);
        }
    }
}

static void sq_lstm_backward_step(const sq_sweep *sweep, seqnn_size s, seqnn_size k,
                                  seqnn_size into, seqnn_real *dh, seqnn_real *dC)
{
    const seqnn_size units = sweep->units, row = sweep->packing->offset[s] + k;
    const seqnn_real *gates = sweep->gates + row * 4 * units;
    const seqnn_real *tanh_C = sweep->tanh_C + row * units;
    const seqnn_real *C_prev = sq_state_before(sweep, s, k, sweep->C, sweep->C_0);
    seqnn_real *dz = sweep->dgates + into * 4 * units;

    for (seqnn_size j = 0; j < units; j++) {
        sq_lstm_unit_back(units, gates + j, C_prev[j], tanh_C[j], dh[j], dC + j, dz + j);
        dh[j] = 0;
    }
    /* dh_(t-1) = dz W_h^T */
    sq_add_product_back(units, 4 * units, dz, sweep->W_h, 4 * units, sq_mask_of(sweep, k),
                        dh);
}

static void sq_lstm_backward(const sq_sweep *sweep, seqnn_size begin, seqnn_size end)
{
    sq_plain_backward(sweep, begin, end, 4, true, sq_lstm_backward_step);
}

SQ_LOCAL const sq_cell *sq_lstm_plain(void)
{
    static const sq_cell cell = {sq_lstm_forward, sq_lstm_backward, NULL, NULL, NULL};
    return &cell;
}

/* dW_h = sum_t h_(t-1)^T dz_t. */
static void sq_lstm_recurrent_gradient(const sq_sweep *sweep, seqnn_real *dW_h,
                                       seqnn_real *db_h)
{
    const seqnn_size columns = 4 * sweep->units;
    (void)db_h;
    sq_add_recurrent_gradient(sweep, columns, sweep->dgates, columns, dW_h, columns);
}

/* ---- the layer ---- */

static seqnn_layer *sq_lstm_make(seqnn_model *model, const void *given)
{
    const sq_recurrent_given *from = (const sq_recurrent_given *)given;
    return seqnn_lstm(model, from->units, from->options);
}

static const sq_cell_kind sq_lstm_cell_kind = {
    {"lstm", sizeof(sq_recurrent), sq_recurrent_plan, sq_recurrent_forward,
     sq_recurrent_backward, sq_recurrent_destroy, sizeof(sq_recurrent_given),
     sq_recurrent_options, sq_lstm_make},
    4,    /* gates */
    true, /* has_C */
    sq_lstm_plain,
    sq_lstm_fast,
    sq_lstm_recurrent_gradient};

SQ_LOCAL const sq_layer_type *sq_lstm_kind(void)
{
    return &sq_lstm_cell_kind.type;
}

SEQNN_API seqnn_layer *seqnn_lstm(seqnn_model *model, seqnn_size units,
                                  seqnn_lstm_options options)
{
    return sq_recurrent_new(model, &sq_lstm_cell_kind, units, &options);
}

SEQNN_API seqnn_tensor seqnn_lstm_gates(seqnn_layer *layer)
{
    return sq_recurrent_gates(layer, &sq_lstm_cell_kind);
}
