/* cuda/rows.cuh - what is done to the elements and rows of matrices (private)
 *
 * Nothing here depends on the order in which threads run: an element is written by one
 * thread, and a sum is added up in an order that is fixed by its shape. There are no
 * atomic operations.
 */
#ifndef SQ_CUDA_ROWS_H
#define SQ_CUDA_ROWS_H

#include "graph.cuh"

/* body(i) for every i below count. */
template <class Body> struct sq_each {
    seqnn_size count;
    Body body;
    struct state {
    };
    SQ_BOTH seqnn_size phases() const
    {
        return 1;
    }
    SQ_BOTH void phase(seqnn_size, const sq_place &at, state &) const
    {
        for (seqnn_size i = sq_first(at); i < count; i += sq_stride(at))
            body(i);
    }
};

template <class Body>
static void sq_for_each(sq_device *device, seqnn_size count, const Body &body)
{
    if (count > 0)
        sq_device_run(device, sq_grid_of(count), sq_each<Body>{count, body});
}

/* The length of a list, rounded up by less than a quarter: lists of about one length are
 * the same work, which may then be recorded (graph.cuh). */
static inline seqnn_size sq_rounded_up(seqnn_size count, seqnn_size most)
{
    seqnn_size grain = 1;
    while (8 * grain <= count)
        grain *= 2;
    return sq_min(most, (count + grain - 1) / grain * grain);
}

/* ---- rows that move ---- */

/* A negative index, here and below, is that of no row: lists are filled up with them
 * (sq_rounded_up). out[r] = from[index[r]] (+ b), or from[index[of_row[r]]] (+ b); rows
 * of so many columns. */
struct sq_gather_rows {
    seqnn_size columns;
    const seqnn_real *from;
    const int32_t *index, *of_row; /* of_row: or NULL */
    const seqnn_real *b;           /* [columns] or NULL */
    seqnn_real *out;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        const seqnn_size r = i / columns, j = i % columns;
        const int32_t row = index[of_row ? of_row[r] : r];
        const seqnn_real value = row < 0 ? 0 : from[row * columns + j];
        out[i] = value + (b ? b[j] : 0);
    }
};

/* to[into[u]] += from[u], each row of `to` at most once. */
struct sq_scatter_rows {
    seqnn_size columns;
    const seqnn_real *from;
    const int32_t *into;
    seqnn_real *to;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        const int32_t row = into[i / columns];
        if (row >= 0)
            to[row * columns + i % columns] += from[i];
    }
};

/* Every row of z is b. */
struct sq_repeat_row {
    seqnn_size columns;
    const seqnn_real *b;
    seqnn_real *z;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        z[i] = b[i % columns];
    }
};

/* out[r] = the one-hot vector of word index[of_row[r]]. */
struct sq_write_one_hot {
    seqnn_size columns;
    const int32_t *index, *of_row;
    seqnn_real *out;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        out[i] =
            index[of_row[i / columns]] == i % columns ? (seqnn_real)1 : (seqnn_real)0;
    }
};

/* Columns [at, at + narrow) of `wide` columns out of, or into, a matrix of `narrow`. */
struct sq_columns_out {
    seqnn_size wide, at, narrow;
    const seqnn_real *from;
    seqnn_real *to;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        to[i] = from[i / narrow * wide + at + i % narrow];
    }
};
struct sq_columns_in {
    seqnn_size wide, at, narrow;
    const seqnn_real *from;
    seqnn_real *to;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        to[i / narrow * wide + at + i % narrow] = from[i];
    }
};

/* ---- sums ---- */

/* y = a + b; y += a; y *= factor; y = a * b (+ y). */
struct sq_sum_of_two {
    const seqnn_real *a, *b;
    seqnn_real *y;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        y[i] = a[i] + b[i];
    }
};
struct sq_add_to {
    const seqnn_real *a;
    seqnn_real *y;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        y[i] += a[i];
    }
};
struct sq_scale_by {
    double factor;
    seqnn_real *y;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        y[i] = (seqnn_real)((double)y[i] * factor);
    }
};
struct sq_product_of_two {
    const seqnn_real *a, *b;
    sq_wide<bool> add;
    seqnn_real *y;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        y[i] = (add ? y[i] : 0) + a[i] * b[i];
    }
};

/* to[word[u]] += (add) or to[u] = (word NULL) the sum of values[row] over the rows of
 * distinct word u: rows[begin[u]] ... rows[begin[u + 1] - 1]. A word below 0 is none.
 *
 * A block has 16 words and 32 columns. The 32 threads of a word take its first 32 rows;
 * the others of a word that is frequent (a padding, an article) are shared by all. */
struct sq_sum_word_rows {
    enum { COLUMNS = 32, WORDS = 16, FEW = 32, MOST_THREADS = COLUMNS * WORDS };
    seqnn_size words, columns;
    const seqnn_real *values;
    const seqnn_size *rows, *begin;
    const int32_t *word;
    sq_wide<bool> add;
    seqnn_real *to;
    struct state {
        seqnn_real sum;
    };
    SQ_BOTH seqnn_size phases() const
    {
        return 2;
    }
    SQ_BOTH void phase(seqnn_size p, const sq_place &at, state &own) const
    {
        const seqnn_size across = (columns + COLUMNS - 1) / COLUMNS;
        const seqnn_size lane = at.thread % COLUMNS, group = at.thread / COLUMNS;
        const seqnn_size j = at.block % across * COLUMNS + lane;
        const seqnn_size first = at.block / across * WORDS, u = first + group;
        seqnn_real *sums = (seqnn_real *)at.shared; /* [WORDS, WORDS, COLUMNS] */
        if (j >= columns)
            return;
        if (p == 0) {
            own.sum = u < words
                          ? sum_of(j, begin[u], 1, sq_min(begin[u] + FEW, begin[u + 1]))
                          : 0;
            for (int w = 0; w < WORDS; w++)
                if (is_frequent(first + w))
                    sums[(w * WORDS + group) * COLUMNS + lane] = sum_of(
                        j, begin[first + w] + FEW + group, WORDS, begin[first + w + 1]);
            return;
        }
        if (u >= words || (word && word[u] < 0))
            return;
        for (int g = 0; g < WORDS && is_frequent(u); g++)
            own.sum += sums[(group * WORDS + g) * COLUMNS + lane];
        seqnn_real *sum = to + (word ? word[u] : u) * columns + j;
        *sum = add ? *sum + own.sum : own.sum;
    }

  private:
    SQ_BOTH bool is_frequent(seqnn_size u) const
    {
        return u < words && begin[u + 1] - begin[u] > FEW;
    }

    SQ_BOTH seqnn_real sum_of(seqnn_size j, seqnn_size r, seqnn_size step,
                              seqnn_size end) const
    {
        seqnn_real sum = 0;
        for (; r < end; r += step)
            sum += values[rows[r] * columns + j];
        return sum;
    }
};

static inline void sq_device_sum_word_rows(sq_device *device,
                                           const sq_sum_word_rows &sums)
{
    const seqnn_size wide = sq_sum_word_rows::COLUMNS, words = sq_sum_word_rows::WORDS;
    const seqnn_size across = (sums.columns + wide - 1) / wide;
    if (sums.words > 0)
        sq_device_run(device,
                      sq_grid{(sums.words + words - 1) / words * across, wide * words,
                              (size_t)(words * words * wide) * sizeof(seqnn_real), 0},
                      sums);
}

/* db[j] += sum_r dz[r, j]. A block has 8 columns; its 128 groups of 8 threads take every
 * 128th row. The sums of the groups are added in order, those of every 16th first. */
struct sq_column_sums {
    enum { COLUMNS = 8, GROUPS = 128, FIRST = 16, MOST_THREADS = COLUMNS * GROUPS };
    seqnn_size rows, columns, row;
    const seqnn_real *dz;
    seqnn_real *db;
    struct state {
    };
    SQ_BOTH seqnn_size phases() const
    {
        return 3;
    }
    SQ_BOTH void phase(seqnn_size p, const sq_place &at, state &) const
    {
        seqnn_real *sums = (seqnn_real *)at.shared; /* [GROUPS, COLUMNS] */
        const seqnn_size lane = at.thread % COLUMNS, group = at.thread / COLUMNS;
        const seqnn_size j = at.block * COLUMNS + lane;
        seqnn_real sum = 0;
        if (j >= columns)
            return;
        if (p == 0) {
            for (seqnn_size r = group; r < rows; r += GROUPS)
                sum += dz[r * row + j];
            sums[at.thread] = sum;
        } else if (p == 1 && group < FIRST) {
            for (seqnn_size g = group; g < GROUPS; g += FIRST)
                sum += sums[g * COLUMNS + lane];
            sums[at.thread] = sum;
        } else if (p == 2 && group == 0) {
            for (seqnn_size g = 0; g < FIRST; g++)
                sum += sums[g * COLUMNS + lane];
            db[j] += sum;
        }
    }
};

static inline void sq_device_column_sums(sq_device *device, seqnn_size rows,
                                         seqnn_size columns, const seqnn_real *dz,
                                         seqnn_size row, seqnn_real *db)
{
    const seqnn_size wide = sq_column_sums::COLUMNS,
                     threads = wide * sq_column_sums::GROUPS;
    if (rows > 0)
        sq_device_run(device,
                      sq_grid{(columns + wide - 1) / wide, threads,
                              (size_t)threads * sizeof(seqnn_real), 0},
                      sq_column_sums{rows, columns, row, dz, db});
}

/* ---- random masks ---- */

/* y = x * mask, the mask that dropout.c's sq_dropout_mask gives: value i of a row that is
 * number `at` of the user's is Philox number at * features + i of the stream. */
struct sq_draw_mask {
    seqnn_size features, time; /* time > 0: one mask for a whole sequence */
    const seqnn_size *number;  /* [rows] row -> the user's, or NULL: the same */
    uint64_t seed, stream;     /* of pass 0: that of a pass is *pass later */
    const uint64_t *pass;
    uint32_t dropped;
    seqnn_real kept;
    seqnn_real *mask;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        const seqnn_size r = i / features, j = i % features;
        seqnn_size at = number ? number[r] : r;
        if (time > 0)
            at /= time;
        const uint64_t n = (uint64_t)(at * features + j);
        uint32_t numbers[4];
        sq_random_block(seed, stream + *pass, n / 4, numbers);
        mask[i] = numbers[n % 4] < dropped ? (seqnn_real)0 : kept;
    }
};

/* ---- over time ---- */

/* A packed batch on the device (layers/packing.h). */
struct sq_packed {
    seqnn_size batch, time, steps, rows;
    const int32_t *order, *length; /* [batch] */
    const seqnn_size *offset;      /* [steps + 1] */
    const seqnn_size *source;      /* [rows] */
};

/* y and winner of sequence k, feature j: the largest x over its steps and where it is. */
struct sq_max_over_time {
    sq_packed packing;
    seqnn_size features;
    const seqnn_real *x;
    seqnn_real *y;
    int32_t *winner;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        const seqnn_size k = i / features, j = i % features;
        seqnn_real most = 0;
        int32_t where = 0;
        for (int32_t s = 0; s < packing.length[k]; s++) {
            const seqnn_real here = x[(packing.offset[s] + k) * features + j];
            if (s == 0 || here > most) {
                most = here;
                where = s;
            }
        }
        y[packing.order[k] * features + j] = most;
        winner[i] = where;
    }
};

struct sq_max_over_time_back {
    sq_packed packing;
    seqnn_size features;
    const seqnn_real *dy;
    const int32_t *winner;
    sq_wide<bool> add;
    seqnn_real *dx;
    SQ_BOTH void operator()(seqnn_size i) const /* of [batch, features] */
    {
        const seqnn_size k = i / features, j = i % features;
        for (int32_t s = 0; s < packing.length[k]; s++) {
            seqnn_real *to = dx + (packing.offset[s] + k) * features + j;
            const seqnn_real here =
                winner[i] == s ? dy[packing.order[k] * features + j] : (seqnn_real)0;
            *to = add ? *to + here : here;
        }
    }
};

struct sq_mean_over_time {
    sq_packed packing;
    seqnn_size features;
    const seqnn_real *x;
    seqnn_real *y;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        const seqnn_size k = i / features, j = i % features;
        seqnn_real sum = 0;
        for (int32_t s = 0; s < packing.length[k]; s++)
            sum += x[(packing.offset[s] + k) * features + j];
        y[packing.order[k] * features + j] =
            packing.length[k] > 0 ? sum / (seqnn_real)packing.length[k] : sum;
    }
};

struct sq_mean_over_time_back {
    sq_packed packing;
    seqnn_size features;
    const seqnn_real *dy;
    sq_wide<bool> add;
    seqnn_real *dx;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        const seqnn_size k = i / features, j = i % features;
        for (int32_t s = 0; s < packing.length[k]; s++) {
            seqnn_real *to = dx + (packing.offset[s] + k) * features + j;
            const seqnn_real here =
                dy[packing.order[k] * features + j] / (seqnn_real)packing.length[k];
            *to = add ? *to + here : here;
        }
    }
};

/* rows [rows, features] of a packed batch <-> the user's order [batch, time, features].
 */
struct sq_unpack_row {
    seqnn_size features;
    const seqnn_size *source;
    const seqnn_real *rows;
    seqnn_real *values;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        values[source[i / features] * features + i % features] = rows[i];
    }
};
struct sq_pack_row {
    seqnn_size features;
    const seqnn_size *source;
    const seqnn_real *values;
    sq_wide<bool> add;
    seqnn_real *rows;
    SQ_BOTH void operator()(seqnn_size i) const
    {
        rows[i] =
            (add ? rows[i] : 0) + values[source[i / features] * features + i % features];
    }
};

#endif
