#include "gru.h"
#include "bias.h"
#include "plain_sweep.h"
#include "product.h"
#include "recurrent_layer.h"

/* ---- the equations ----
 *
 * Where h_(t-1) meets W_h it is h_prev, with the mask of the recurrent dropout on it; in
 * h_t = z_t * h_(t-1) + (1 - z_t) * h~_t it is the state itself. */

/* gates: in x_t W_x + b, out z, r, h~. inner [units] receives r * h_prev (reset before)
 * or h_prev W_h^h + b_h^h (reset after). inner may be h. */
static void sq_gru_state(seqnn_size units, seqnn_reset reset, const seqnn_real *W_h,
                         const seqnn_real *b_h, const seqnn_real *h_prev,
                         const seqnn_real *h_before, seqnn_real *gates, seqnn_real *inner,
                         seqnn_real *h)
{
    seqnn_real *r = gates + units, *h_tilde = r + units;
    const seqnn_real *W_h_h = W_h + 2 * units;

    for (seqnn_size j = 0; b_h && j < 2 * units; j++)
        gates[j] += b_h[j];
    sq_add_product(units, 2 * units, h_prev, W_h, 3 * units, gates);
    for (seqnn_size j = 0; j < 2 * units; j++)
        gates[j] = sq_logistic(gates[j]);

    if (reset == SEQNN_RESET_BEFORE) {
        for (seqnn_size j = 0; j < units; j++)
            inner[j] = r[j] * h_prev[j];
        sq_add_product(units, units, inner, W_h_h, 3 * units, h_tilde);
    } else {
        for (seqnn_size j = 0; j < units; j++)
            inner[j] = b_h ? b_h[2 * units + j] : 0;
        sq_add_product(units, units, h_prev, W_h_h, 3 * units, inner);
        for (seqnn_size j = 0; j < units; j++)
            h_tilde[j] += r[j] * inner[j];
    }

    for (seqnn_size j = 0; j < units; j++)
        h[j] = sq_gru_unit(units, gates + j, h_before[j]);
}

SEQNN_API void seqnn_gru_step(seqnn_size inputs, seqnn_size units, seqnn_reset reset,
                              const seqnn_real *W_x, const seqnn_real *W_h,
                              const seqnn_real *b, const seqnn_real *b_h,
                              const seqnn_real *x_t, const seqnn_real *h_prev,
                              seqnn_real *gates, seqnn_real *h_t)
{
    if (reset == SEQNN_RESET_DEFAULT)
        reset = SEQNN_RESET_AFTER_RECURRENT_BIAS;
    if (reset != SEQNN_RESET_AFTER_RECURRENT_BIAS)
        b_h = NULL;
    for (seqnn_size j = 0; j < 3 * units; j++)
        gates[j] = b ? b[j] : 0;
    sq_add_product(inputs, 3 * units, x_t, W_x, 3 * units, gates);
    sq_gru_state(units, reset, W_h, b_h, h_prev, h_prev, gates, h_t, h_t);
}

/* ---- the sweep through time ---- */

static void sq_gru_forward(const sq_sweep *sweep, seqnn_size begin, seqnn_size end)
{
    const sq_packing *packing = sweep->packing;
    const seqnn_size units = sweep->units;
    for (seqnn_size i = 0; i < packing->steps; i++) {
        const seqnn_size s = sq_sweep_step(sweep, i);
        for (seqnn_size k = begin; k < sq_sweep_end(sweep, s, end); k++) {
            const seqnn_size row = packing->offset[s] + k;
            const seqnn_real *h_prev = sq_masked_state(sweep, row, k);
            seqnn_real *h_state = sweep->h_state + k * units;
            seqnn_real *h = sweep->h + row * units;
            sq_gru_state(units, sweep->reset, sweep->W_h, sweep->b_h, h_prev, h_state,
                         sweep->gates + row * 3 * units, sweep->inner + row * units, h);
            memcpy(h_state, h, (size_t)units * sizeof *h);
        }
    }
}

static void sq_gru_backward_step(const sq_sweep *sweep, seqnn_size s, seqnn_size k,
                                 seqnn_size into, seqnn_real *dh, seqnn_real *dC)
{
    (void)dC;
    const seqnn_size units = sweep->units, row = sweep->packing->offset[s] + k;
    const seqnn_real *gates = sweep->gates + row * 3 * units, *r = gates + units;
    const seqnn_real *h_before = sq_state_before(sweep, s, k, sweep->h, sweep->h_0);
    const seqnn_real *h_prev = sweep->h_prev + row * units;
    const seqnn_real *inner = sweep->inner + row * units;
    const seqnn_real *mask = sq_mask_of(sweep, k);
    const seqnn_real *W_h = sweep->W_h, *W_h_h = W_h + 2 * units;
    seqnn_real *dz = sweep->dgates + into * 3 * units, *dr = dz + units;
    seqnn_real *dh_tilde = dr + units;

    for (seqnn_size j = 0; j < units; j++) {
        dh[j] = sq_gru_unit_back(units, gates + j, h_before[j], dh[j], dz + j);
        dr[j] = 0;
    }

    if (sweep->reset == SEQNN_RESET_BEFORE) {
        sq_add_product_back(units, units, dh_tilde, W_h_h, 3 * units, NULL, dr);
        for (seqnn_size j = 0; j < units; j++) {
            const seqnn_real d_inner = dr[j]; /* of r * h_prev */
            dh[j] += (mask ? mask[j] : 1) * d_inner * r[j];
            dr[j] = sq_gru_reset_back(r[j], h_prev[j], d_inner);
        }
    } else {
        seqnn_real *d_inner = sweep->dinner + into * units;
        for (seqnn_size j = 0; j < units; j++) {
            d_inner[j] = dh_tilde[j] * r[j];
            dr[j] = sq_gru_reset_back(r[j], inner[j], dh_tilde[j]);
        }
        sq_add_product_back(units, units, d_inner, W_h_h, 3 * units, mask, dh);
    }
    sq_add_product_back(units, 2 * units, dz, W_h, 3 * units, mask, dh); /* z and r */
}

static void sq_gru_backward(const sq_sweep *sweep, seqnn_size begin, seqnn_size end)
{
    sq_plain_backward(sweep, begin, end, 3, false, sq_gru_backward_step);
}

SQ_LOCAL const sq_cell *sq_gru_plain(void)
{
    static const sq_cell cell = {sq_gru_forward, sq_gru_backward, NULL, NULL, NULL};
    return &cell;
}

/* The columns z and r of W_h have met h_prev; those of h~ have met r * h_prev (reset
 * before), or h_prev too, with the gradient of their product in dinner (reset after). */
static void sq_gru_recurrent_gradient(const sq_sweep *sweep, seqnn_real *dW_h,
                                      seqnn_real *db_h)
{
    const seqnn_size units = sweep->units, rows = sweep->packing->rows;
    const bool before = sweep->reset == SEQNN_RESET_BEFORE;
    const seqnn_real *dgates_h = sweep->dgates + 2 * units;

    sq_add_recurrent_gradient(sweep, 2 * units, sweep->dgates, 3 * units, dW_h,
                              3 * units);
    if (before)
        sq_matmul(true, false, units, units, rows, sweep->inner, units, dgates_h,
                  3 * units, true, dW_h + 2 * units, 3 * units);
    else
        sq_add_recurrent_gradient(sweep, units, sweep->dinner, units, dW_h + 2 * units,
                                  3 * units);

    if (db_h) {
        sq_bias_gradient(rows, 2 * units, sweep->dgates, 3 * units, db_h);
        sq_bias_gradient(rows, units, sweep->dinner, units, db_h + 2 * units);
    }
}

/* ---- the layer ---- */

static seqnn_layer *sq_gru_make(seqnn_model *model, const void *given)
{
    const sq_recurrent_given *from = (const sq_recurrent_given *)given;
    return seqnn_gru(model, from->units, from->options);
}

static const sq_cell_kind sq_gru_cell_kind = {
    {"gru", sizeof(sq_recurrent), sq_recurrent_plan, sq_recurrent_forward,
     sq_recurrent_backward, sq_recurrent_destroy, sizeof(sq_recurrent_given),
     sq_recurrent_options, sq_gru_make},
    3,     /* gates */
    false, /* has_C */
    sq_gru_plain,
    sq_gru_fast,
    sq_gru_recurrent_gradient};

SQ_LOCAL const sq_layer_type *sq_gru_kind(void)
{
    return &sq_gru_cell_kind.type;
}

SEQNN_API seqnn_layer *seqnn_gru(seqnn_model *model, seqnn_size units,
                                 seqnn_gru_options options)
{
    return sq_recurrent_new(model, &sq_gru_cell_kind, units, &options);
}

SEQNN_API seqnn_tensor seqnn_gru_gates(seqnn_layer *layer)
{
    return sq_recurrent_gates(layer, &sq_gru_cell_kind);
}
