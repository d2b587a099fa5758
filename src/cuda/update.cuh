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

/* How many there are; those that are no rows (-1) make up the rest. */
static seqnn_size sq_cuda_touched_rows(const sq_parameter *table)
{
    return sq_rounded_up(table->touched->count, table->view.rows);
}

/* The list of them on the device, to which the CPU only appends until the gradients are
 * cleared. */
static const int32_t *sq_cuda_touched(const sq_cuda *cuda, const sq_parameter *table)
{
    sq_touched *touched = table->touched;
    const seqnn_size rows = sq_cuda_touched_rows(table), first = touched->copied;
    for (seqnn_size t = touched->count; t < rows && first < touched->count; t++)
        touched->rows[t] = -1;
    if (first < touched->count)
        sq_device_up(cuda->device, touched->copy + first, touched->rows + first,
                     (size_t)(rows - first) * sizeof(int32_t));
    touched->copied = touched->count;
    return touched->copy;
}

struct sq_clear_rows {
    seqnn_size columns;
    const int32_t *rows;
    seqnn_real *table;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        const int32_t row = rows[i / columns];
        if (row >= 0)
            table[row * columns + i % columns] = 0;
    }
};

static void sq_cuda_clear_rows(seqnn_model *model, const sq_parameter *parameter)
{
    const sq_cuda *cuda = (const sq_cuda *)model->device;
    const seqnn_size columns = parameter->view.columns;
    const bool copied = parameter->touched->copied == parameter->touched->count;
    const int32_t *rows = sq_cuda_touched(cuda, parameter);
    sq_for_each(cuda->device, sq_cuda_touched_rows(parameter) * columns,
                sq_clear_rows{columns, rows, parameter->view.gradient});
    if (!copied) /* the CPU begins the list anew */
        sq_device_status(cuda->device);
}

/* ---- all trained gradients ---- */

struct sq_gradient_tensor {
    seqnn_real *g;
    const int32_t *rows;              /* of a table, or NULL: all of it */
    seqnn_size columns, count, block; /* elements; the first of its blocks */
    double factor;                    /* of a change */
};

struct sq_gradient_tensors {
    enum { MOST = 32, PIECE = SQ_GRADIENT_PIECE, THREADS = 256 };
    seqnn_size count, blocks;
    sq_gradient_tensor tensor[MOST];

    SQ_BOTH int of_block(seqnn_size block) const
    {
        int k = (int)count - 1;
        while (tensor[k].block > block)
            k--;
        return k;
    }
};

/* Element i of a tensor; NULL: it is none. */
SQ_BOTH static inline seqnn_real *sq_gradient_at(const sq_gradient_tensor &tensor,
                                                 seqnn_size i)
{
    if (!tensor.rows)
        return tensor.g + i;
    const int32_t row = tensor.rows[i / tensor.columns];
    return row < 0 ? NULL : tensor.g + row * tensor.columns + i % tensor.columns;
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
        tensor->count = p->view.rows * p->view.columns;
        tensor->block = list.blocks;
        if (p->touched) {
            tensor->rows = sq_cuda_touched((const sq_cuda *)model->device, p);
            tensor->count = sq_cuda_touched_rows(p) * p->view.columns;
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
            const sq_gradient_tensor &tensor = list.tensor[list.of_block(at.block)];
            const seqnn_size piece = sq_gradient_tensors::PIECE;
            const seqnn_size begin = (at.block - tensor.block) * piece;
            const seqnn_size end = sq_min(tensor.count, begin + piece);
            for (seqnn_size i = begin + at.thread; i < end; i += at.threads) {
                const seqnn_real *g = sq_gradient_at(tensor, i);
                sum += g ? (double)*g * (double)*g : 0;
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

/* squares = the sums of squares of the trained parameters; returns how many they are. */
static seqnn_size sq_run_squares(const seqnn_model *model, double *pieces,
                                 double *squares)
{
    sq_device *device = ((const sq_cuda *)model->device)->device;
    seqnn_size layer = 0, tensors = 0;
    int number = 0;
    for (;;) {
        const sq_gradient_tensors list = sq_next_tensors(model, &layer, &number);
        if (list.count == 0)
            return tensors;
        if (list.blocks > 0)
            sq_device_run(device, sq_grid_of_sums(list.blocks),
                          sq_sum_squares_of_pieces{list, pieces});
        sq_device_run(device, sq_grid_of_sums(list.count),
                      sq_sum_pieces{list, pieces, squares + tensors});
        tensors += list.count;
    }
}

static seqnn_status sq_cuda_squares(seqnn_model *model, double *squares)
{
    sq_cuda *cuda = (sq_cuda *)model->device;
    const void *found = NULL;
    sq_cuda_judged judged;
    if (sq_cuda_judged_there(model, &judged)) {
        const seqnn_size tensors = sq_run_squares(model, judged.pieces, judged.squares);
        const seqnn_size bytes = tensors * (seqnn_size)sizeof *squares;
        found = sq_cuda_down(cuda, judged.squares, bytes);
        if (found)
            memcpy(squares, found, (size_t)bytes);
    }
    return found ? SEQNN_OK : sq_device_status(cuda->device);
}

struct sq_change_pieces {
    sq_gradient_tensors list;
    sq_wide<bool> clamps;
    double least, most;
    const double *factors; /* of each tensor; NULL: those of the list */
    const sq_cuda_go *go;  /* or NULL */
    struct state {
    };
    SQ_BOTH seqnn_size phases() const
    {
        return 1;
    }
    SQ_BOTH void phase(seqnn_size, const sq_place &at, state &) const
    {
        const int k = list.of_block(at.block);
        const sq_gradient_tensor &tensor = list.tensor[k];
        const seqnn_size piece = sq_gradient_tensors::PIECE;
        const seqnn_size begin = (at.block - tensor.block) * piece;
        const seqnn_size end = sq_min(tensor.count, begin + piece);
        const double factor = factors ? factors[k] : tensor.factor;
        if ((!clamps && factor == 1) || (go && go->stop != 0))
            return;
        for (seqnn_size i = begin + at.thread; i < end; i += at.threads) {
            seqnn_real *g = sq_gradient_at(tensor, i);
            if (g)
                *g = clamps ? sq_clamped(*g, (seqnn_real)least, (seqnn_real)most)
                            : sq_scaled(*g, factor);
        }
    }
};

/* The change by the CPU's factors, or (judged) by those that were judged. */
static void sq_run_change(const seqnn_model *model, const sq_gradient_change *change,
                          const sq_cuda_judged *judged)
{
    const double *factors = change->factors, *there = judged ? judged->factors : NULL;
    seqnn_size layer = 0;
    int number = 0;
    for (;;) {
        sq_gradient_tensors list = sq_next_tensors(model, &layer, &number);
        if (list.count == 0)
            return;
        for (int k = 0; k < list.count; k++)
            list.tensor[k].factor = factors ? *factors++ : change->factor;
        if (list.blocks > 0)
            sq_device_run(((const sq_cuda *)model->device)->device,
                          sq_grid{list.blocks, sq_gradient_tensors::THREADS, 0, 0},
                          sq_change_pieces{list, change->clamps, change->least,
                                           change->most, there,
                                           judged ? judged->go : NULL});
        if (there)
            there += list.count;
    }
}

static void sq_cuda_change(seqnn_model *model, const sq_gradient_change *change)
{
    sq_run_change(model, change, NULL);
}

static void sq_cuda_scale(seqnn_model *model, seqnn_real *x, seqnn_size count,
                          double factor)
{
    sq_for_each(((const sq_cuda *)model->device)->device, count, sq_scale_by{factor, x});
}

/* ---- a step that is judged here ---- */

/* What clip.c and train.c decide from the loss and the sums of squares: whether the step
 * is to stop, and what the gradients are taken times. One block. */
struct sq_judge_step {
    sq_clip clip;
    sq_wide<bool> first; /* of the step */
    seqnn_size tensors;
    const double *loss, *squares;
    double *factors;
    sq_cuda_go *go;
    struct state {
    };
    SQ_BOTH seqnn_size phases() const
    {
        return 3;
    }
    SQ_BOTH void decide() const
    {
        bool stop = first ? !isfinite((seqnn_real)*loss) : go->stop != 0;
        double total = 0;
        for (seqnn_size k = 0; k < tensors; k++) {
            stop = stop || !isfinite(squares[k]);
            total += squares[k];
        }
        go->stop = stop;
        if (clip.kind == SQ_CLIP_NORM)
            go->factor = sq_clip_factor(sqrt(total), clip.threshold, clip.lower);
        else if (first)
            go->factor = 1;
    }
    SQ_BOTH void phase(seqnn_size p, const sq_place &at, state &) const
    {
        if (p == 0 && at.thread == 0)
            decide();
        for (seqnn_size k = at.thread; p == 1 && k < tensors; k += at.threads)
            factors[k] =
                clip.kind == SQ_CLIP_NORMS
                    ? sq_clip_factor(sqrt(squares[k]), clip.threshold, clip.lower)
                    : go->factor;
        /* What grows has grown in memory. */
        if (p == 2 && at.thread == 0 && clip.kind == SQ_CLIP_NORM && go->factor > 1)
            go->factor = 1;
    }
};

static void sq_cuda_begin(seqnn_model *model)
{
    sq_device_begin(((sq_cuda *)model->device)->device);
}

static void sq_cuda_judge(seqnn_model *model, const sq_clip *clip, int number)
{
    sq_cuda_judged judged;
    if (!sq_cuda_judged_there(model, &judged))
        return;
    double *squares = judged.squares + number * judged.parameters;
    const seqnn_size tensors = sq_run_squares(model, judged.pieces, squares);
    sq_device_run(((sq_cuda *)model->device)->device, sq_grid{1, 64, 0, 0},
                  sq_judge_step{*clip, number == 0, tensors, judged.sums, squares,
                                judged.factors, judged.go});
    sq_gradient_change change = {false, 0, 0, 1, NULL};
    if (clip->kind == SQ_CLIP_VALUES)
        change = sq_change_of_values(clip->threshold, clip->lower);
    if (clip->kind == SQ_CLIP_VALUES || clip->kind == SQ_CLIP_NORMS ||
        (clip->kind == SQ_CLIP_NORM && clip->lower > 0))
        sq_run_change(model, &change, &judged);
}

static seqnn_status sq_cuda_judged_down(seqnn_model *model, int clips, sq_loss_sums *sums,
                                        double *squares)
{
    sq_cuda *cuda = (sq_cuda *)model->device;
    sq_cuda_judged there;
    sq_arena arena = {};
    if (sq_cuda_judged_there(model, &there))
        arena.memory = (char *)sq_cuda_down(cuda, there.sums,
                                            (char *)there.factors - (char *)there.sums);
    if (!arena.memory)
        return sq_device_status(cuda->device);
    const sq_cuda_judged here = sq_cut_judged(model, &arena);
    sums->loss = here.sums[0];
    sums->right = here.sums[1];
    seqnn_size layer = 0, tensors = 0;
    int number = 0;
    while (sq_next_trained(model, &layer, &number))
        tensors++;
    for (int i = 0; i < clips; i++)
        memcpy(squares + i * tensors, here.squares + i * here.parameters,
               (size_t)tensors * sizeof *squares);
    return SEQNN_OK;
}

/* ---- updates ---- */

/* Weight i by the equations of train/optimizer_kernels.inc, for one number. */
struct sq_update_weight {
    const sq_update *numbers;
    const sq_cuda_go *go;
    sq_wide<seqnn_optimizer_kind> kind;
    seqnn_real *w;
    const seqnn_real *g;
    seqnn_real *m, *v; /* or NULL */

    SQ_BOTH void apply(seqnn_size i, bool gradient) const
    {
        const sq_update update = *numbers;
        seqnn_real scaled = 0;
        if (go->stop != 0)
            return;
        if (gradient)
            scaled = go->factor == 1 ? g[i] : sq_scaled(g[i], go->factor);
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
        const int32_t row = rows[i / columns];
        if (row >= 0)
            weight.apply(row * columns + i % columns, true);
    }
};

/* While a table is updated, what a row's `moved` says of it. */
enum { SQ_RESTS = 0, SQ_MOVED = 1, SQ_TOUCHED = 2 };

struct sq_mark_rows {
    const int32_t *rows;
    const sq_cuda_go *go;
    uint8_t *moved;
    sq_wide<uint8_t> mark;
    SQ_BOTH void operator()(seqnn_size t) const
    {
        if (rows[t] >= 0 && go->stop == 0)
            moved[rows[t]] = mark;
    }
};

struct sq_update_table_rows {
    sq_update_weight weight;
    seqnn_size columns;
    sq_wide<bool> skip_unmoved;
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
    const sq_cuda_go *go;
    uint8_t *moved;
    sq_wide<bool> all;
    SQ_BOTH void operator()(seqnn_size row) const
    {
        if (go->stop == 0 && (all || moved[row] == SQ_TOUCHED))
            moved[row] = SQ_MOVED;
    }
};

/* Which rows are updated, and how, is what optimizer.c's sq_update_of_row says. */
static void sq_cuda_update_table(const sq_cuda *cuda, const sq_update_range *range,
                                 const sq_update_weight &weight)
{
    const sq_parameter *table = range->table;
    uint8_t *moved = table->touched->moved;
    const seqnn_size columns = table->view.columns, rows = table->view.rows;
    const seqnn_size count = sq_cuda_touched_rows(table);
    const int32_t *list = sq_cuda_touched(cuda, table);
    const uint8_t mark = range->skip_untouched ? SQ_MOVED : SQ_TOUCHED;
    sq_for_each(cuda->device, count, sq_mark_rows{list, weight.go, moved, mark});
    if (range->skip_untouched) {
        sq_for_each(cuda->device, count * columns,
                    sq_update_touched{weight, columns, list});
        return;
    }
    sq_for_each(cuda->device, rows * columns,
                sq_update_table_rows{weight, columns, range->skip_unmoved, moved});
    sq_for_each(cuda->device, rows,
                sq_settle_marks{weight.go, moved, !range->skip_unmoved});
}

static void sq_cuda_numbers_up(seqnn_model *model, const sq_update *update,
                               const double *factor)
{
    sq_cuda *cuda = (sq_cuda *)model->device;
    cuda->judges = !factor;
    if (!sq_cuda_has_numbers(cuda))
        return;
    sq_cuda_numbers *here = (sq_cuda_numbers *)cuda->numbers_here.memory;
    here->update = *update;
    here->go = sq_cuda_go{0, factor ? *factor : 1};
    sq_device_up(cuda->device, &sq_cuda_numbers_there(cuda)->update, &here->update,
                 sizeof *here - offsetof(sq_cuda_numbers, update));
}

static void sq_cuda_update(seqnn_model *model, const sq_update_range *range,
                           seqnn_size count)
{
    const sq_cuda *cuda = (const sq_cuda *)model->device;
    const sq_cuda_numbers *numbers = sq_cuda_numbers_there(cuda);
    sq_cuda_judged judged;
    if (!numbers || !sq_cuda_judged_there(model, &judged))
        return; /* the device is in error */
    const sq_update_weight weight = {
        &numbers->update, cuda->judges ? judged.go : &numbers->go,
        range->kind,      range->w,
        range->g,         range->m,
        range->v};
    if (range->table)
        sq_cuda_update_table(cuda, range, weight);
    else
        sq_for_each(cuda->device, count, weight);
}

#endif
