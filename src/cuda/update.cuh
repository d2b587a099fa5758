/* cuda/update.cuh - norms, clips and updates on a device (private)
 *
 * What train/clip.c and train/optimizer.c do, for all gradients at once: a launch takes a
 * list of tensors by value, cut into pieces of equal size, and each block has one piece.
 * Of an embedding's table only the rows that the batch has touched are in the list.
 */
#ifndef SQ_CUDA_UPDATE_H
#define SQ_CUDA_UPDATE_H

#include "model.cuh"

/* ---- touched rows of a table ---- */

/* The list of them on the device, to which the CPU only appends until the gradients are
 * cleared. */
static const int32_t *sq_cuda_touched(const sq_cuda *cuda, sq_touched *touched)
{
    const seqnn_size more = touched->count - touched->copied;
    if (more > 0)
        sq_device_up(cuda->device, touched->copy + touched->copied,
                     touched->rows + touched->copied, (size_t)more * sizeof(int32_t));
    touched->copied = touched->count;
    return touched->copy;
}

struct sq_clear_rows {
    seqnn_size columns;
    const int32_t *rows;
    seqnn_real *table;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        table[rows[i / columns] * columns + i % columns] = 0;
    }
};

static void sq_cuda_clear_rows(seqnn_model *model, const sq_parameter *parameter)
{
    const sq_cuda *cuda = (const sq_cuda *)model->device;
    const seqnn_size columns = parameter->view.columns;
    const int32_t *rows = sq_cuda_touched(cuda, parameter->touched);
    sq_for_each(cuda->device, parameter->touched->count * columns,
                sq_clear_rows{columns, rows, parameter->view.gradient});
}

/* ---- all trained gradients ---- */

struct sq_gradient_tensor {
    seqnn_real *g;
    const int32_t *rows;              /* of a table, or NULL: all of it */
    seqnn_size columns, count, block; /* elements; the first of its blocks */
    double factor;                    /* of a change */
};

struct sq_gradient_tensors {
    enum { MOST = 32, PIECE = 4096, THREADS = 256 };
    int count;
    seqnn_size blocks;
    sq_gradient_tensor tensor[MOST];

    SQ_BOTH const sq_gradient_tensor &of_block(seqnn_size block) const
    {
        int k = count - 1;
        while (tensor[k].block > block)
            k--;
        return tensor[k];
    }
};

/* Element i of a tensor. */
SQ_BOTH static inline seqnn_real *sq_gradient_at(const sq_gradient_tensor &tensor,
                                                 seqnn_size i)
{
    if (!tensor.rows)
        return tensor.g + i;
    return tensor.g + tensor.rows[i / tensor.columns] * tensor.columns +
           i % tensor.columns;
}

/* The next of the model's trained parameters, as many as a launch takes; none: the end.
 */
static sq_gradient_tensors sq_next_tensors(const seqnn_model *model, seqnn_size *layer,
                                           int *number)
{
    sq_gradient_tensors list;
    memset(&list, 0, sizeof list);
    while (list.count < sq_gradient_tensors::MOST) {
        const sq_parameter *p = sq_next_trained(model, layer, number);
        if (!p)
            break;
        sq_gradient_tensor *tensor = &list.tensor[list.count++];
        tensor->g = p->view.gradient;
        tensor->columns = p->view.columns;
        tensor->count = sq_tensor_items(p);
        tensor->block = list.blocks;
        if (p->touched) {
            tensor->rows = sq_cuda_touched((const sq_cuda *)model->device, p->touched);
            tensor->count *= p->view.columns;
        }
        list.blocks +=
            (tensor->count + sq_gradient_tensors::PIECE - 1) / sq_gradient_tensors::PIECE;
    }
    return list;
}

/* sums[block] = the sum of squares of its piece. */
struct sq_sum_squares_of_pieces {
    sq_gradient_tensors list;
    double *sums;
    struct state {
    };
    SQ_BOTH seqnn_size phases() const
    {
        return sq_block_phases(sq_gradient_tensors::THREADS) + 1;
    }
    SQ_BOTH void phase(seqnn_size p, const sq_place &at, state &) const
    {
        double *shared = (double *)at.shared;
        if (p == phases() - 1) {
            if (at.thread == 0)
                sums[at.block] = shared[0];
            return;
        }
        double sum = 0;
        if (p == 0) {
            const sq_gradient_tensor &tensor = list.of_block(at.block);
            const seqnn_size piece = sq_gradient_tensors::PIECE;
            const seqnn_size begin = (at.block - tensor.block) * piece;
            const seqnn_size end = sq_min(tensor.count, begin + piece);
            for (seqnn_size i = begin + at.thread; i < end; i += at.threads) {
                const double g = (double)*sq_gradient_at(tensor, i);
                sum += g * g;
            }
        }
        sq_block_combine(p, at, sum, false, shared);
    }
};

/* squares[tensor] = the sum of the sums of its pieces. A block for each tensor. */
struct sq_sum_pieces {
    sq_gradient_tensors list;
    const double *sums;
    double *squares;
    struct state {
    };
    SQ_BOTH seqnn_size phases() const
    {
        return sq_block_phases(sq_gradient_tensors::THREADS) + 1;
    }
    SQ_BOTH void phase(seqnn_size p, const sq_place &at, state &) const
    {
        double *shared = (double *)at.shared;
        if (p == phases() - 1) {
            if (at.thread == 0)
                squares[at.block] = shared[0];
            return;
        }
        const bool last = at.block == list.count - 1;
        const seqnn_size end = last ? list.blocks : list.tensor[at.block + 1].block;
        double sum = 0;
        for (seqnn_size i = list.tensor[at.block].block + at.thread; p == 0 && i < end;
             i += at.threads)
            sum += sums[i];
        sq_block_combine(p, at, sum, false, shared);
    }
};

static sq_grid sq_grid_of_sums(seqnn_size blocks)
{
    const seqnn_size threads = sq_gradient_tensors::THREADS;
    return sq_grid{blocks, threads, (size_t)threads * sizeof(double), 0};
}

static seqnn_status sq_cuda_squares(seqnn_model *model, double *squares)
{
    sq_cuda *cuda = (sq_cuda *)model->device;
    seqnn_size layer = 0, tensors = 0, pieces = 0;
    int number = 0;
    for (const sq_parameter *p; (p = sq_next_trained(model, &layer, &number)) != NULL;) {
        tensors++;
        pieces += p->view.rows * p->view.columns / sq_gradient_tensors::PIECE + 1;
    }
    double *there = (double *)sq_cuda_room_for(
        cuda, SQ_OF_DEVICE, &cuda->squares,
        sq_multiply(tensors + pieces, (seqnn_size)sizeof(double)));
    if (!there)
        return sq_device_status(cuda->device);
    double *sums = there + tensors;
    layer = 0;
    number = 0;
    for (seqnn_size done = 0; done < tensors;) {
        const sq_gradient_tensors list = sq_next_tensors(model, &layer, &number);
        if (list.blocks > 0)
            sq_device_run(cuda->device, sq_grid_of_sums(list.blocks),
                          sq_sum_squares_of_pieces{list, sums});
        sq_device_run(cuda->device, sq_grid_of_sums(list.count),
                      sq_sum_pieces{list, sums, there + done});
        done += list.count;
    }
    return sq_device_down(cuda->device, squares, there,
                          (size_t)tensors * sizeof *squares);
}

struct sq_change_pieces {
    sq_gradient_tensors list;
    bool clamps;
    seqnn_real least, most;
    struct state {
    };
    SQ_BOTH seqnn_size phases() const
    {
        return 1;
    }
    SQ_BOTH void phase(seqnn_size, const sq_place &at, state &) const
    {
        const sq_gradient_tensor &tensor = list.of_block(at.block);
        const seqnn_size piece = sq_gradient_tensors::PIECE;
        const seqnn_size begin = (at.block - tensor.block) * piece;
        const seqnn_size end = sq_min(tensor.count, begin + piece);
        if (!clamps && tensor.factor == 1)
            return;
        for (seqnn_size i = begin + at.thread; i < end; i += at.threads) {
            seqnn_real *g = sq_gradient_at(tensor, i);
            *g = clamps ? sq_clamped(*g, least, most) : sq_scaled(*g, tensor.factor);
        }
    }
};

static void sq_cuda_change(seqnn_model *model, const sq_gradient_change *change)
{
    const sq_cuda *cuda = (const sq_cuda *)model->device;
    const double *factors = change->factors;
    seqnn_size layer = 0;
    int number = 0;
    for (;;) {
        sq_gradient_tensors list = sq_next_tensors(model, &layer, &number);
        if (list.count == 0)
            return;
        for (int k = 0; k < list.count; k++)
            list.tensor[k].factor = factors ? *factors++ : change->factor;
        if (list.blocks > 0)
            sq_device_run(
                cuda->device, sq_grid{list.blocks, sq_gradient_tensors::THREADS, 0, 0},
                sq_change_pieces{list, change->clamps, (seqnn_real)change->least,
                                 (seqnn_real)change->most});
    }
}

static void sq_cuda_scale(seqnn_model *model, seqnn_real *x, seqnn_size count,
                          double factor)
{
    sq_for_each(((const sq_cuda *)model->device)->device, count, sq_scale_by{factor, x});
}

/* ---- updates ---- */

/* Weight i by the equations of train/optimizer_kernels.inc, for one number. */
struct sq_update_weight {
    sq_update update;
    seqnn_optimizer_kind kind;
    double factor; /* what the gradient is taken times */
    seqnn_real *w;
    const seqnn_real *g;
    seqnn_real *m, *v; /* or NULL */

    SQ_BOTH void apply(seqnn_size i, bool gradient) const
    {
        seqnn_real scaled = 0;
        if (gradient)
            scaled = factor == 1 ? g[i] : sq_scaled(g[i], factor);
        const seqnn_real *from = gradient ? &scaled : NULL;
        seqnn_real *own_m = m ? m + i : NULL, *own_v = v ? v + i : NULL;
        switch (kind) {
        case SEQNN_SGD:
            sq_update_sgd_plain(&update, 1, w + i, from, own_m, own_v);
            break;
        case SEQNN_RMSPROP:
            sq_update_rmsprop_plain(&update, 1, w + i, from, own_m, own_v);
            break;
        case SEQNN_ADAGRAD:
            sq_update_adagrad_plain(&update, 1, w + i, from, own_m, own_v);
            break;
        default:
            sq_update_adam_plain(&update, 1, w + i, from, own_m, own_v);
        }
    }
    SQ_BOTH void operator()(seqnn_size i) const
    {
        apply(i, true);
    }
};

/* Touched rows alone. */
struct sq_update_touched {
    sq_update_weight weight;
    seqnn_size columns;
    const int32_t *rows;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        weight.apply(rows[i / columns] * columns + i % columns, true);
    }
};

/* While a table is updated, what a row's `moved` says of it. */
enum { SQ_RESTS = 0, SQ_MOVED = 1, SQ_TOUCHED = 2 };

struct sq_mark_rows {
    const int32_t *rows;
    uint8_t mark;
    uint8_t *moved;
    SQ_BOTH void operator()(seqnn_size t) const
    {
        moved[rows[t]] = mark;
    }
};

struct sq_update_table_rows {
    sq_update_weight weight;
    seqnn_size columns;
    bool skip_unmoved;
    const uint8_t *moved;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        const uint8_t mark = moved[i / columns];
        if (mark != SQ_RESTS || !skip_unmoved)
            weight.apply(i, mark == SQ_TOUCHED);
    }
};

/* Touched rows have moved, and if none is left to rest, all have. */
struct sq_settle_marks {
    bool all;
    uint8_t *moved;
    SQ_BOTH void operator()(seqnn_size row) const
    {
        if (all || moved[row] == SQ_TOUCHED)
            moved[row] = SQ_MOVED;
    }
};

/* Which rows are updated, and how, is what optimizer.c's sq_update_of_row says. */
static void sq_cuda_update_table(const sq_cuda *cuda, const sq_update_range *range,
                                 const sq_update_weight &weight)
{
    sq_touched *touched = range->table->touched;
    const seqnn_size columns = range->table->view.columns, rows = range->table->view.rows;
    const int32_t *list = sq_cuda_touched(cuda, touched);
    const uint8_t mark = range->skip_untouched ? SQ_MOVED : SQ_TOUCHED;
    sq_for_each(cuda->device, touched->count, sq_mark_rows{list, mark, touched->moved});
    if (range->skip_untouched) {
        sq_for_each(cuda->device, touched->count * columns,
                    sq_update_touched{weight, columns, list});
        return;
    }
    sq_for_each(
        cuda->device, rows * columns,
        sq_update_table_rows{weight, columns, range->skip_unmoved, touched->moved});
    sq_for_each(cuda->device, rows,
                sq_settle_marks{!range->skip_unmoved, touched->moved});
}

static void sq_cuda_update(seqnn_model *model, const sq_update_range *range,
                           seqnn_size count)
{
    const sq_cuda *cuda = (const sq_cuda *)model->device;
    const sq_update_weight weight = {*range->update, range->kind, range->factor, range->w,
                                     range->g,       range->m,    range->v};
    if (range->table)
        sq_cuda_update_table(cuda, range, weight);
    else
        sq_for_each(cuda->device, count, weight);
}

#endif
