#include "distinct.h"
#include "parallel.h"
#include "recurrent_states.h"

SQ_LOCAL void sq_distinct_plan(sq_distinct *distinct, sq_arena *arena, seqnn_size rows,
                               seqnn_size vocabulary)
{
    seqnn_size most = sq_min(rows, vocabulary);
    /* A backend copies `words` and `of_row` in one piece, and `rows` and `begin`. */
    distinct->words = (int32_t *)sq_arena_take(arena, most, sizeof(int32_t));
    distinct->of_row = (int32_t *)sq_arena_take(arena, rows, sizeof(int32_t));
    distinct->place = (int32_t *)sq_arena_take(arena, vocabulary, sizeof(int32_t));
    distinct->rows = (seqnn_size *)sq_arena_take(arena, rows, sizeof(seqnn_size));
    distinct->begin = (seqnn_size *)sq_arena_take(arena, most + 1, sizeof(seqnn_size));
}

/* ---- which words there are ---- */

static seqnn_status sq_read_words(const seqnn_layer *source, int32_t *words)
{
    const seqnn_model *model = source->model;
    const sq_packing *packing = source->out.packing;
    const int32_t *given = model->batch->x[source->source].indices;
    bool mask_zero = model->sources[source->source].mask_zero;
    for (seqnn_size r = 0; r < packing->rows; r++) {
        seqnn_size at = packing->source[r];
        int32_t word = given[at];
        if (word < 0 || word >= source->vocabulary)
            return sq_fail(SEQNN_ERROR_ARGUMENT,
                           "%s '%s': word %d at sample %td, step %td; the vocabulary is "
                           "0 .. %td",
                           source->type->kind, source->name, (int)word,
                           at / packing->time, at % packing->time,
                           source->vocabulary - 1);
        if (mask_zero && word == 0)
            return sq_fail(SEQNN_ERROR_ARGUMENT,
                           "%s '%s': padding (0) inside the text of sample %td, step "
                           "%td; mask_zero takes it at the front or the end",
                           source->type->kind, source->name, at / packing->time,
                           at % packing->time);
        words[r] = word;
    }
    return SEQNN_OK;
}

SQ_LOCAL seqnn_status sq_distinct_read(sq_distinct *distinct, const seqnn_layer *source)
{
    int32_t *of_row = distinct->of_row, *place = distinct->place;
    seqnn_size count = 0;
    seqnn_status status = sq_read_words(source, of_row);
    if (status)
        return status;
    for (seqnn_size r = 0; r < source->out.rows; r++) {
        int32_t word = of_row[r];
        if (place[word] == 0) {
            distinct->words[count++] = word;
            place[word] = (int32_t)count;
        }
        of_row[r] = place[word] - 1;
    }
    for (seqnn_size u = 0; u < count; u++)
        place[distinct->words[u]] = 0;
    distinct->count = count;
    distinct->listed = distinct->listed_there = false;
    return SEQNN_OK;
}

/* The rows of each word: a counting sort. */
static void sq_list_rows(sq_distinct *distinct, seqnn_size rows)
{
    seqnn_size *begin = distinct->begin, count = distinct->count;
    if (distinct->listed)
        return;
    memset(begin, 0, (size_t)(count + 1) * sizeof *begin);
    for (seqnn_size r = 0; r < rows; r++)
        begin[distinct->of_row[r]]++;
    for (seqnn_size u = 0; u < count; u++) /* where each one's rows end ... */
        begin[u + 1] += begin[u];
    for (seqnn_size r = rows - 1; r >= 0; r--) /* ... and, walked down, begin */
        distinct->rows[--begin[distinct->of_row[r]]] = r;
    distinct->listed = true;
}

SQ_LOCAL bool sq_readers_take_distinct(const seqnn_layer *source, seqnn_mode mode)
{
    const seqnn_model *model = source->model;
    if (source->index == model->layer_count - 1)
        return false;
    for (seqnn_size i = 0; i < model->layer_count; i++)
        for (int k = 0; k < model->layers[i]->input_count; k++)
            if (model->layers[i]->inputs[k] == source &&
                !sq_takes_distinct(model->layers[i], mode))
                return false;
    return true;
}

/* ---- from words to rows ---- */

typedef struct sq_gather_work {
    seqnn_size columns;
    const seqnn_real *from;
    const int32_t *index, *of_row;
    seqnn_real *out;
} sq_gather_work;

static void sq_gather_some(void *context, seqnn_size begin, seqnn_size end)
{
    const sq_gather_work *work = (const sq_gather_work *)context;
    const int32_t *index = work->index, *of_row = work->of_row;
    seqnn_size columns = work->columns, ahead = SQ_PREFETCH_ROWS;
    for (seqnn_size r = begin; r < end; r++) {
        if (r + ahead < end)
            sq_prefetch_row(work->from +
                                index[of_row ? of_row[r + ahead] : r + ahead] * columns,
                            columns);
        memcpy(work->out + r * columns,
               work->from + index[of_row ? of_row[r] : r] * columns,
               (size_t)columns * sizeof *work->out);
    }
}

SQ_LOCAL void sq_gather(seqnn_size rows, seqnn_size columns, const seqnn_real *from,
                        const int32_t *index, const int32_t *of_row, seqnn_real *out)
{
    sq_gather_work work = {columns, from, index, of_row, out};
    sq_parallel(rows, sq_copied_rows(columns), sq_gather_some, &work);
}

SQ_LOCAL void sq_distinct_unpack(const sq_signal *signal, const seqnn_real *rows,
                                 seqnn_real *values)
{
    const sq_packing *packing = signal->packing;
    const sq_distinct *distinct = signal->distinct;
    seqnn_size features = signal->features;
    memset(values, 0,
           (size_t)(packing->batch * packing->time * features) * sizeof *values);
    for (seqnn_size r = 0; r < packing->rows; r++) {
        seqnn_real *to = values + packing->source[r] * features;
        if (distinct->one_hot)
            to[distinct->words[distinct->of_row[r]]] = 1;
        else
            memcpy(to, rows + distinct->of_row[r] * features,
                   (size_t)features * sizeof *to);
    }
}

/* ---- from rows to words ---- */

typedef struct sq_sum_work {
    const sq_distinct *distinct;
    seqnn_size columns;
    const seqnn_real *values;
    const int32_t *into;
    seqnn_real *sums;
} sq_sum_work;

static void sq_sum_columns(void *context, seqnn_size begin, seqnn_size end)
{
    const sq_sum_work *work = (const sq_sum_work *)context;
    const sq_distinct *distinct = work->distinct;
    const seqnn_size *rows = distinct->rows, all = distinct->begin[distinct->count];
    seqnn_size columns = work->columns, ahead = SQ_PREFETCH_ROWS;
    for (seqnn_size u = 0; u < distinct->count; u++) {
        seqnn_size i = distinct->begin[u], last = distinct->begin[u + 1];
        if (work->into && u + ahead < distinct->count)
            sq_prefetch_row(work->sums + work->into[u + ahead] * columns + begin,
                            end - begin);
        seqnn_real *SQ_RESTRICT sum =
            work->sums + (work->into ? work->into[u] : u) * columns;
        if (!work->into)
            memcpy(sum + begin, work->values + rows[i++] * columns + begin,
                   (size_t)(end - begin) * sizeof *sum);
        for (; i < last; i++) {
            if (i + ahead < all)
                sq_prefetch_row(work->values + rows[i + ahead] * columns + begin,
                                end - begin);
            const seqnn_real *SQ_RESTRICT row = work->values + rows[i] * columns;
            for (seqnn_size j = begin; j < end; j++)
                sum[j] += row[j];
        }
    }
}

/* The columns are shared out among threads, so that every sum runs over the rows in
 * order. */
SQ_LOCAL void sq_distinct_sum(sq_distinct *distinct, seqnn_size rows, seqnn_size columns,
                              const seqnn_real *values, const int32_t *into,
                              seqnn_real *sums)
{
    sq_sum_work work = {distinct, columns, values, into, sums};
    seqnn_size pieces = rows < sq_copied_rows(columns) ? 1 : sq_threads();
    sq_list_rows(distinct, rows);
    sq_parallel(columns, sq_max(16, (columns + pieces - 1) / pieces), sq_sum_columns,
                &work);
}

typedef struct sq_add_rows_work {
    seqnn_size columns;
    const seqnn_real *from;
    const int32_t *into;
    seqnn_real *to;
} sq_add_rows_work;

static void sq_add_some_rows(void *context, seqnn_size begin, seqnn_size end)
{
    const sq_add_rows_work *work = (const sq_add_rows_work *)context;
    seqnn_size columns = work->columns, ahead = SQ_PREFETCH_ROWS;
    for (seqnn_size u = begin; u < end; u++) {
        if (u + ahead < end)
            sq_prefetch_row(work->to + work->into[u + ahead] * columns, columns);
        const seqnn_real *SQ_RESTRICT from = work->from + u * columns;
        seqnn_real *SQ_RESTRICT to = work->to + work->into[u] * columns;
        for (seqnn_size j = 0; j < columns; j++)
            to[j] += from[j];
    }
}

SQ_LOCAL void sq_add_rows(seqnn_size count, seqnn_size columns, const seqnn_real *from,
                          const int32_t *into, seqnn_real *to)
{
    sq_add_rows_work work = {columns, from, into, to};
    sq_parallel(count, sq_copied_rows(columns), sq_add_some_rows, &work);
}

SQ_LOCAL void sq_settle_rows(seqnn_layer *source)
{
    const seqnn_model *model = source->model;
    bool add = false;
    for (seqnn_size i = model->layer_count - 1; i >= 0; i--)
        if (model->layers[i]->owes_rows && model->layers[i]->inputs[0] == source) {
            sq_recurrent_settle(model->layers[i], add);
            add = true;
        }
}
