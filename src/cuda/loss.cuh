/* cuda/loss.cuh - losses, their gradients, and what was right, on a device (private)
 *
 * Targets, weights and the factors of the rows are laid out by the CPU in one piece of
 * memory (train/loss.c has worked them out) and go up together; two numbers come back.
 */
#ifndef SQ_CUDA_LOSS_H
#define SQ_CUDA_LOSS_H

#include "model.cuh"

/* ---- what goes up, and what is worked on ---- */

struct sq_loss_pieces {
    double *factor;           /* [rows] of the gradient; 0: of no weight */
    seqnn_real *class_weight; /* as in loss.h, or NULL */
    int32_t *target;          /* [rows] -1: not counted. Else the class; of a binary loss
                                 whose targets are `values`, 0 */
    seqnn_real *values;       /* [rows, outputs] or NULL */
    double *row_loss;         /* from here on of the device alone */
    int32_t *right;           /* [rows] */
};

/* Cuts them out of an arena; *up: the bytes that go up. */
static sq_loss_pieces sq_cut_loss(sq_arena *arena, const sq_positions *positions,
                                  seqnn_size *up)
{
    const seqnn_size rows = positions->rows, n = positions->loss.outputs;
    sq_loss_pieces pieces;
    memset(&pieces, 0, sizeof pieces);
    pieces.factor = (double *)sq_arena_take(arena, rows, sizeof(double));
    pieces.target = (int32_t *)sq_arena_take(arena, rows, sizeof(int32_t));
    if (positions->loss.class_weight)
        pieces.class_weight =
            (seqnn_real *)sq_arena_take(arena, sq_max(n, 2), sizeof(seqnn_real));
    if (positions->y->values)
        pieces.values =
            (seqnn_real *)sq_arena_take(arena, sq_multiply(rows, n), sizeof(seqnn_real));
    *up = arena->used;
    pieces.row_loss = (double *)sq_arena_take(arena, rows, sizeof(double));
    pieces.right = (int32_t *)sq_arena_take(arena, rows, sizeof(int32_t));
    return pieces;
}

/* The CPU's part of them. */
static void sq_write_loss(const sq_positions *positions, const sq_loss_pieces *to)
{
    const sq_position_loss *loss = &positions->loss;
    const bool categorical = loss->kind == SEQNN_CATEGORICAL_CROSSENTROPY;
    const seqnn_size n = loss->outputs;
    memcpy(to->factor, positions->factor, (size_t)positions->rows * sizeof(double));
    if (to->class_weight) {
        const bool single = n == 1 && loss->kind == SEQNN_BINARY_CROSSENTROPY;
        memcpy(to->class_weight, loss->class_weight,
               (size_t)(single ? 2 : n) * sizeof(seqnn_real));
    }
    for (seqnn_size r = 0; r < positions->rows; r++) {
        const sq_target target = sq_target_at(positions, r);
        if (target.values)
            memcpy(to->values + r * n, target.values, (size_t)n * sizeof(seqnn_real));
        if (!sq_is_counted(positions, r))
            to->target[r] = -1;
        else if (target.values)
            to->target[r] = categorical ? (int32_t)sq_best_class(n, target.values) : 0;
        else
            to->target[r] = target.index;
    }
}

/* ---- rows ---- */

/* Rows share a block: each has `lanes` threads, a power of two. */
struct sq_rows_of_lanes {
    enum { THREADS = 256 };
    seqnn_size rows, lanes;

    SQ_BOTH seqnn_size row(const sq_place &at) const
    {
        return at.block * (at.threads / lanes) + at.thread / lanes;
    }
    /* The lane as if it were a thread of a block of its row's own. */
    SQ_BOTH sq_place lane(const sq_place &at, size_t size) const
    {
        sq_place own = at;
        own.thread = at.thread % lanes;
        own.threads = lanes;
        own.shared = at.shared + (size_t)(at.thread - own.thread) * size;
        return own;
    }
};

static sq_rows_of_lanes sq_lanes_for(seqnn_size rows, seqnn_size columns)
{
    sq_rows_of_lanes of = {rows, 1};
    while (of.lanes < columns && of.lanes < sq_rows_of_lanes::THREADS)
        of.lanes *= 2;
    return of;
}

static sq_grid sq_grid_of_lanes(const sq_rows_of_lanes &of, size_t size)
{
    const seqnn_size threads = sq_rows_of_lanes::THREADS, at_once = threads / of.lanes;
    return sq_grid{(of.rows + at_once - 1) / at_once, threads, (size_t)threads * size, 0};
}

/* The loss of every row and its gradient: loss_position.c's equations, the outputs shared
 * out among the lanes. A softmax needs the largest logit first, then the sum of the
 * exponentials, which wait in the place of the gradient, and the weight of the targets.
 */
struct sq_loss_rows {
    sq_position_loss loss;
    sq_rows_of_lanes of;
    const seqnn_real *z;
    const double *factor;
    const int32_t *target;
    const seqnn_real *values;
    seqnn_real *gradient;
    double *row_loss;
    struct state {
        double largest, sum, weight;
    };
    enum { LARGEST, SUM, WEIGHT, LOSS, STAGES };

    SQ_BOTH bool softmax() const
    {
        return loss.kind == SEQNN_CATEGORICAL_CROSSENTROPY && !loss.probabilities;
    }
    SQ_BOTH seqnn_size first() const
    {
        return softmax() ? LARGEST : LOSS;
    }
    SQ_BOTH seqnn_size steps() const /* of a stage: to combine, and to read */
    {
        return sq_block_phases(of.lanes) + 1;
    }
    SQ_BOTH seqnn_size phases() const
    {
        return (STAGES - first()) * steps();
    }
    SQ_BOTH sq_target target_of(seqnn_size row) const
    {
        sq_target own = {target[row], values ? values + row * loss.outputs : NULL};
        return own;
    }
    SQ_BOTH double weighted_target(sq_target own, seqnn_size c) const
    {
        if (!own.values && c != own.index)
            return 0;
        return sq_class_weight(&loss, c) * sq_target_of(own, c);
    }

    /* What this lane adds to a stage. */
    SQ_BOTH double part(seqnn_size stage, seqnn_size row, const sq_place &lane,
                        const state &own) const
    {
        const seqnn_size n = loss.outputs;
        const seqnn_real *x = z + row * n;
        seqnn_real *dx = gradient + row * n;
        const sq_target t = target_of(row);
        const bool ends = stage == LOSS && softmax();
        const double log_sum = ends ? log(own.sum) : 0;
        const seqnn_real to_share =
            (seqnn_real)(ends ? factor[row] * own.weight / own.sum : 0);
        double sum = stage == LARGEST ? -INFINITY : 0;
        for (seqnn_size c = lane.thread; c < n; c += lane.threads) {
            if (stage == LARGEST) {
                if (!((double)x[c] <= sum)) /* NaN too, which stays */
                    sum = sum != sum ? sum : (double)x[c];
            } else if (stage == SUM) {
                dx[c] = sq_device_exp(x[c] - (seqnn_real)own.largest);
                sum += (double)dx[c];
            } else if (stage == WEIGHT) {
                sum += weighted_target(t, c);
            } else if (!softmax()) {
                const bool logits =
                    loss.kind == SEQNN_BINARY_CROSSENTROPY && !loss.probabilities;
                double slope;
                sum += sq_loss_of_output(
                    &loss, c, x[c], logits ? sq_device_logistic(x[c]) : 0, t, &slope);
                dx[c] = (seqnn_real)(factor[row] * slope);
            } else {
                const double share = weighted_target(t, c);
                seqnn_real slope = dx[c] * to_share;
                if (share != 0) {
                    sum -= share * ((double)x[c] - own.largest - log_sum);
                    slope -= (seqnn_real)(factor[row] * share);
                }
                dx[c] = slope;
            }
        }
        return sum;
    }

    /* Of no weight: no loss, no gradient. */
    SQ_BOTH void pass_by(seqnn_size row, const sq_place &lane) const
    {
        for (seqnn_size c = lane.thread; c < loss.outputs; c += lane.threads)
            gradient[row * loss.outputs + c] = 0;
        if (lane.thread == 0)
            row_loss[row] = 0;
    }

    SQ_BOTH void phase(seqnn_size p, const sq_place &at, state &own) const
    {
        const seqnn_size row = of.row(at), stage = first() + p / steps(), q = p % steps();
        const sq_place lane = of.lane(at, sizeof(double));
        double *shared = (double *)lane.shared;
        if (row >= of.rows)
            return;
        if (factor[row] == 0) {
            if (p == 0)
                pass_by(row, lane);
            return;
        }
        if (q < steps() - 1)
            sq_block_combine(q, lane, q == 0 ? part(stage, row, lane, own) : 0,
                             stage == LARGEST, shared);
        else if (stage == LARGEST)
            own.largest = shared[0];
        else if (stage == SUM)
            own.sum = shared[0];
        else if (stage == WEIGHT)
            own.weight = shared[0];
        else if (lane.thread == 0)
            row_loss[row] = factor[row] * shared[0];
    }
};

/* best[r] = the first of the largest of a row; or, with targets, whether it is the
 * target. A NaN is the largest if it comes first, else it is none: as sq_best_class. */
struct sq_best_of_rows {
    struct found {
        seqnn_real most;
        int32_t where;
    };
    seqnn_size columns;
    sq_rows_of_lanes of;
    const seqnn_real *y;
    const int32_t *target; /* or NULL */
    int32_t *best;
    struct state {
    };

    SQ_BOTH seqnn_size phases() const
    {
        return sq_block_phases(of.lanes) + 1;
    }
    SQ_BOTH static bool better(const found &a, const found &b)
    {
        return a.most > b.most || (a.most == b.most && a.where < b.where);
    }
    SQ_BOTH found look(seqnn_size row, const sq_place &lane) const
    {
        found most = {(seqnn_real)-INFINITY, INT32_MAX};
        for (seqnn_size c = lane.thread; c < columns; c += lane.threads) {
            seqnn_real here = y[row * columns + c];
            if (here != here)
                here = (seqnn_real)(c == 0 ? INFINITY : -INFINITY);
            const found one = {here, (int32_t)c};
            if (better(one, most))
                most = one;
        }
        return most;
    }
    SQ_BOTH void phase(seqnn_size p, const sq_place &at, state &) const
    {
        const seqnn_size row = of.row(at);
        const sq_place lane = of.lane(at, sizeof(found));
        found *shared = (found *)lane.shared;
        const seqnn_size half = lane.threads >> p;
        if (row >= of.rows)
            return;
        if (p == 0)
            shared[lane.thread] = look(row, lane);
        else if (p == phases() - 1 && lane.thread == 0)
            best[row] = target ? shared[0].where == target[row] : shared[0].where;
        else if (p < phases() - 1 && lane.thread < half &&
                 better(shared[lane.thread + half], shared[lane.thread]))
            shared[lane.thread] = shared[lane.thread + half];
    }
};

/* right[r] = the labels of a row on the right side. */
struct sq_labels_of_row {
    seqnn_size columns;
    const seqnn_real *y, *values;
    const int32_t *target;
    double middle;
    int32_t *right;
    SQ_BOTH void operator()(seqnn_size row) const
    {
        const sq_target own = {target[row], values ? values + row * columns : NULL};
        right[row] = own.index < 0 ? 0
                                   : (int32_t)sq_right_labels(columns, y + row * columns,
                                                              own, (seqnn_real)middle);
    }
};

/* sums = the losses of all rows, and how many were right. One block. */
struct sq_sum_rows {
    enum { THREADS = 1024, MOST_THREADS = THREADS };
    seqnn_size rows;
    const double *row_loss;
    const int32_t *right; /* or NULL: the kind of loss knows no right */
    double *sums;
    struct state {
    };
    SQ_BOTH seqnn_size phases() const
    {
        return 2 * (sq_block_phases(THREADS) + 1);
    }
    SQ_BOTH void phase(seqnn_size p, const sq_place &at, state &) const
    {
        const seqnn_size steps = phases() / 2, which = p / steps, q = p % steps;
        double *shared = (double *)at.shared;
        double sum = 0;
        if (q == steps - 1) {
            if (at.thread == 0)
                sums[which] = shared[0];
            return;
        }
        for (seqnn_size r = at.thread; q == 0 && r < rows; r += at.threads)
            sum += which == 0 ? row_loss[r] : right ? (double)right[r] : 0;
        sq_block_combine(q, at, sum, false, shared);
    }
};

/* ---- the loss of a batch ---- */

static void sq_run_loss(sq_device *device, const sq_positions *positions,
                        const sq_loss_pieces &there, double *sums)
{
    const seqnn_size rows = positions->rows, n = positions->loss.outputs;
    const sq_rows_of_lanes of = sq_lanes_for(rows, n);
    sq_position_loss loss = positions->loss;
    const bool categorical = loss.kind == SEQNN_CATEGORICAL_CROSSENTROPY;
    const bool asks = categorical || loss.kind == SEQNN_BINARY_CROSSENTROPY;
    loss.class_weight = there.class_weight;
    if (rows > 0)
        sq_device_run(device, sq_grid_of_lanes(of, sizeof(double)),
                      sq_loss_rows{loss, of, positions->z, there.factor, there.target,
                                   there.values, positions->gradient, there.row_loss});
    if (categorical && rows > 0)
        sq_device_run(
            device, sq_grid_of_lanes(of, sizeof(sq_best_of_rows::found)),
            sq_best_of_rows{n, of, positions->output, there.target, there.right});
    else if (asks)
        sq_for_each(device, rows,
                    sq_labels_of_row{n, positions->output, there.values, there.target,
                                     positions->middle, there.right});
    const seqnn_size threads = sq_sum_rows::THREADS;
    sq_device_run(device, sq_grid{1, threads, (size_t)threads * sizeof(double), 0},
                  sq_sum_rows{rows, there.row_loss, asks ? there.right : NULL, sums});
}

static seqnn_status sq_cuda_loss(seqnn_model *model, const sq_positions *positions,
                                 sq_loss_sums *sums)
{
    sq_cuda *cuda = (sq_cuda *)model->device;
    sq_arena plan, here, there;
    sq_cuda_judged judged;
    seqnn_size up = 0;
    memset(&plan, 0, sizeof plan);
    sq_cut_loss(&plan, positions, &up);
    if (plan.overflow)
        return sq_fail(SEQNN_ERROR_MEMORY, "loss: too many numbers");
    here = there = sq_arena{};
    here.memory =
        (char *)sq_cuda_room_for(cuda, SQ_OF_HOST, &cuda->targets_here, plan.used);
    there.memory =
        (char *)sq_cuda_room_for(cuda, SQ_OF_DEVICE, &cuda->targets, plan.used);
    if (!here.memory || !there.memory || !sq_cuda_judged_there(model, &judged))
        return sq_device_status(cuda->device);
    const sq_loss_pieces written = sq_cut_loss(&here, positions, &up);
    const sq_loss_pieces copied = sq_cut_loss(&there, positions, &up);
    sq_write_loss(positions, &written);
    sq_device_up(cuda->device, there.memory, here.memory, (size_t)up);
    sq_run_loss(cuda->device, positions, copied, judged.sums);
    if (!sums)
        return SEQNN_OK;
    const double *found =
        (const double *)sq_cuda_down(cuda, judged.sums, 2 * (seqnn_size)sizeof(double));
    if (!found)
        return sq_device_status(cuda->device);
    sums->loss = found[0];
    sums->right = found[1];
    return SEQNN_OK;
}

static const int32_t *sq_cuda_best_classes(seqnn_model *model, const sq_signal *out)
{
    sq_cuda *cuda = (sq_cuda *)model->device;
    const seqnn_size bytes = sq_multiply(out->rows, (seqnn_size)sizeof(int32_t));
    int32_t *here =
        (int32_t *)sq_cuda_room_for(cuda, SQ_OF_HOST, &cuda->targets_here, bytes);
    int32_t *there =
        (int32_t *)sq_cuda_room_for(cuda, SQ_OF_DEVICE, &cuda->targets, bytes);
    if (!here || !there)
        return NULL;
    const sq_rows_of_lanes of = sq_lanes_for(out->rows, out->features);
    if (out->rows > 0)
        sq_device_run(cuda->device, sq_grid_of_lanes(of, sizeof(sq_best_of_rows::found)),
                      sq_best_of_rows{out->features, of, out->value, NULL, there});
    return sq_device_down(cuda->device, here, there, (size_t)bytes) ? NULL : here;
}

#endif
