#include "bias.h"
#include "parallel.h"

typedef struct sq_bias_work {
    seqnn_size rows, distance;
    const seqnn_real *dy;
    seqnn_real *db;
} sq_bias_work;

static void sq_bias_columns(void *context, seqnn_size begin, seqnn_size end)
{
    const sq_bias_work *work = (const sq_bias_work *)context;
    seqnn_real *SQ_RESTRICT db = work->db;
    for (seqnn_size r = 0; r < work->rows; r++) {
        const seqnn_real *SQ_RESTRICT dy = work->dy + r * work->distance;
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
