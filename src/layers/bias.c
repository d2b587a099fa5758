#include "bias.h"
#include "parallel.h"

typedef struct sq_bias_work {
    seqnn_size rows, distance;
    const seqnn_real *dy;
    seqnn_real *db;
} sq_bias_work;

/* Four rows at a time, so that db is read and written once for them. */
static void sq_bias_columns(void *context, seqnn_size begin, seqnn_size end)
{
    const sq_bias_work *work = (const sq_bias_work *)context;
    const seqnn_size distance = work->distance;
    seqnn_real *SQ_RESTRICT db = work->db;
    seqnn_size r = 0;
    for (; r + 4 <= work->rows; r += 4) {
        const seqnn_real *SQ_RESTRICT dy = work->dy + r * distance;
        for (seqnn_size j = begin; j < end; j++)
            db[j] = (((db[j] + dy[j]) + dy[distance + j]) + dy[2 * distance + j]) +
                    dy[3 * distance + j];
    }
    for (; r < work->rows; r++) {
        const seqnn_real *SQ_RESTRICT dy = work->dy + r * distance;
        for (seqnn_size j = begin; j < end; j++)
            db[j] += dy[j];
    }
}

SQ_LOCAL void sq_bias_gradient(seqnn_size rows, seqnn_size columns, const seqnn_real *dy,
                               seqnn_size distance, seqnn_real *db)
{
    sq_bias_work work = {rows, distance, dy, db};
    /* Columns are shared out, so that every sum runs over the rows in order. */
    seqnn_size pieces = rows * columns > 100000 ? sq_threads() : 1;
    sq_parallel(columns, sq_max(16, (columns + pieces - 1) / pieces), sq_bias_columns,
                &work);
}
