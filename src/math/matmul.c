#include "matmul.h"
#include "product.h"
#include "shape.h"

SEQNN_API seqnn_status seqnn_matmul(bool transpose_a, bool transpose_b, seqnn_tensor a,
                                    seqnn_tensor b, bool accumulate, seqnn_tensor c)
{
    const seqnn_size lda = seqnn_tensor_columns(a), ldb = seqnn_tensor_columns(b);
    const seqnn_size rows_a = seqnn_tensor_rows(a), rows_b = seqnn_tensor_rows(b);
    const seqnn_size m = transpose_a ? lda : rows_a, k = transpose_a ? rows_a : lda;
    const seqnn_size n = transpose_b ? rows_b : ldb, k_b = transpose_b ? ldb : rows_b;
    if (k != k_b || seqnn_tensor_rows(c) != m || seqnn_tensor_columns(c) != n)
        return sq_fail(SEQNN_ERROR_SHAPE, "matmul: %s%s times %s%s does not give %s",
                       sq_shape_text(a.shape, a.rank).text, transpose_a ? "^T" : "",
                       sq_shape_text(b.shape, b.rank).text, transpose_b ? "^T" : "",
                       sq_shape_text(c.shape, c.rank).text);
    sq_matmul(transpose_a, transpose_b, m, n, k, a.data, lda, b.data, ldb, accumulate,
              c.data, n);
    return SEQNN_OK;
}
