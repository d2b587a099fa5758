#include "stream.h"
#include "dataset_rows.h"

/* How the words of a text become rows: row r begins at sq_window_begin(r). */
typedef struct sq_windows {
    seqnn_size count, time;
    seqnn_size stride;             /* independent windows */
    seqnn_size streams, of_stream; /* contiguous: words of one stream; streams 0 if not */
} sq_windows;

static seqnn_size sq_window_begin(const sq_windows *w, seqnn_size row)
{
    if (w->streams == 0)
        return row * w->stride;
    return row % w->streams * w->of_stream + row / w->streams * w->time;
}

static seqnn_status sq_plan_windows(sq_windows *w, seqnn_size words, seqnn_size time,
                                    seqnn_stream_options options)
{
    seqnn_size guesses = words - 1; /* the last word has none behind it */
    if (time < 1 || time > INT32_MAX || options.stride < 0 || options.batch_size < 0 ||
        (options.stride > 0 && options.batch_size > 0))
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "stream: time %td, stride %td, batch_size %td; expected a time of "
                       "at least 1 and one of the two others, or none",
                       time, options.stride, options.batch_size);
    w->time = time;
    w->streams = options.batch_size;
    w->stride = options.stride > 0 ? options.stride : time;
    seqnn_size batches = 0;
    if (w->streams > 0) {
        batches = guesses / w->streams / time;
        w->of_stream = batches * time;
        w->count = batches * w->streams;
    } else if (guesses >= time) {
        w->count = (guesses - time) / w->stride + 1;
    }
    if (w->count < 1)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "stream: the text has %td tokens, expected at least %td (%td rows "
                       "of %td, and the token behind them)",
                       words, sq_multiply(sq_max(w->streams, 1), time) + 1,
                       sq_max(w->streams, 1), time);
    return SEQNN_OK;
}

/* Words [*begin, *end) of `words` are those between the two shares. */
static seqnn_status sq_stream_part(seqnn_size words, seqnn_stream_options options,
                                   seqnn_size *begin, seqnn_size *end)
{
    const double to = options.to == 0 ? 1 : options.to;
    if (!(options.from >= 0 && options.from < to && to <= 1))
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "stream: from %g to %g of the text, expected 0 <= from < to <= 1",
                       options.from, to);
    *begin = (seqnn_size)((double)words * options.from);
    *end = (seqnn_size)((double)words * to);
    return SEQNN_OK;
}

SEQNN_API seqnn_dataset *seqnn_encode_stream(const char *text, seqnn_tokenizer *tokenizer,
                                             seqnn_size time,
                                             seqnn_stream_options options)
{
    static const int32_t some = 0; /* only the shape is asked of `like` */
    if (!text || !tokenizer)
        return NULL; /* what made it has left its sentence */
    if (seqnn_tokenizer_words(tokenizer) == 0 &&
        seqnn_tokenizer_fit(tokenizer, &text, 1) != SEQNN_OK)
        return NULL;
    seqnn_token_sequences *words = seqnn_tokenizer_sequences(tokenizer, &text, 1);
    if (!words)
        return NULL;
    sq_windows windows;
    memset(&windows, 0, sizeof windows);
    seqnn_dataset *data = NULL, like;
    memset(&like, 0, sizeof like);
    like.x[0].indices = like.y.indices = &some;
    like.x[0].time = like.y.time = time;
    like.vocabulary = like.classes = seqnn_tokenizer_vocabulary(tokenizer);
    seqnn_size begin = 0, end = 0;
    if (sq_stream_part(words->begin[1], options, &begin, &end) == SEQNN_OK &&
        sq_plan_windows(&windows, end - begin, time, options) == SEQNN_OK)
        data = sq_dataset_new(&like, windows.count);
    for (seqnn_size row = 0; data && row < windows.count; row++) {
        const int32_t *from = words->indices + begin + sq_window_begin(&windows, row);
        size_t size = (size_t)time * sizeof(int32_t);
        memcpy((int32_t *)data->x[0].indices + row * time, from, size);
        memcpy((int32_t *)data->y.indices + row * time, from + 1, size);
    }
    seqnn_token_sequences_free(words);
    return data;
}
