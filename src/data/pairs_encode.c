#include "dataset_rows.h"
#include "pairs.h"
#include "sequences_build.h"
#include "texts_build.h"

/* The words and the marks of the targets. */
typedef struct sq_marked {
    const char *begin_mark, *end_mark;
    seqnn_token_sequences *words;    /* of the marked targets */
    seqnn_token_sequences *in, *out; /* without the last and without the first of them */
} sq_marked;

/* "begin_mark text end_mark" of each text. */
static seqnn_texts *sq_mark_texts(const seqnn_texts *texts, const sq_marked *marked)
{
    seqnn_texts *copies = seqnn_texts_new();
    void *memory = NULL;
    seqnn_size capacity = 0;
    seqnn_status status = copies ? SEQNN_OK : SEQNN_ERROR_MEMORY;
    for (seqnn_size i = 0; i < texts->count && status == SEQNN_OK; i++) {
        seqnn_size size =
            (seqnn_size)(strlen(texts->text[i]) + strlen(marked->begin_mark) +
                         strlen(marked->end_mark)) +
            3;
        status = sq_grow(&memory, &capacity, size, 1);
        if (status != SEQNN_OK)
            break;
        snprintf((char *)memory, (size_t)size, "%s %s %s", marked->begin_mark,
                 texts->text[i], marked->end_mark);
        status = sq_texts_add(copies, (const char *)memory, size - 1, NULL, texts->id[i]);
    }
    sq_free(memory);
    if (status == SEQNN_OK)
        return copies;
    seqnn_texts_free(copies);
    return NULL;
}

static seqnn_token_sequences *sq_pair_sequences(const seqnn_texts *texts,
                                                seqnn_tokenizer *tokenizer)
{
    if (seqnn_tokenizer_words(tokenizer) == 0 &&
        seqnn_tokenizer_fit(tokenizer, texts->text, texts->count) != SEQNN_OK)
        return NULL;
    return seqnn_tokenizer_sequences(tokenizer, texts->text, texts->count);
}

/* Every sequence must begin and end with its mark, and a mark must be one word. */
static seqnn_status sq_check_marks(const sq_marked *marked,
                                   const seqnn_tokenizer *tokenizer)
{
    const seqnn_token_sequences *words = marked->words;
    int32_t begin_mark = seqnn_tokenizer_index(tokenizer, marked->begin_mark),
            end_mark = seqnn_tokenizer_index(tokenizer, marked->end_mark);
    bool known = seqnn_tokenizer_count(tokenizer, begin_mark) > 0 &&
                 seqnn_tokenizer_count(tokenizer, end_mark) > 0 && begin_mark != end_mark;
    for (seqnn_size i = 0; i < words->count && known; i++) {
        seqnn_size first = words->begin[i], last = words->begin[i + 1] - 1;
        known = first < last && words->indices[first] == begin_mark &&
                words->indices[last] == end_mark;
    }
    return known ? SEQNN_OK
                 : sq_fail(SEQNN_ERROR_ARGUMENT,
                           "encode pairs: '%s' and '%s' are not two words of the target "
                           "tokenizer: was it fitted without them, or do its filters or "
                           ".num_words take them away?",
                           marked->begin_mark, marked->end_mark);
}

static seqnn_status sq_too_long(const char *which, seqnn_size longest, seqnn_size length)
{
    return sq_fail(
        SEQNN_ERROR_ARGUMENT,
        "encode pairs: a %s is %td steps long, .%s_length is %td: name the side "
        ".truncating",
        which, longest, which, length);
}

/* What goes into the decoder and what comes out, of at most `length` steps (0: all). */
static seqnn_status sq_shift_targets(sq_marked *marked, seqnn_size length,
                                     seqnn_side side)
{
    const seqnn_token_sequences *words = marked->words;
    marked->in = sq_sequences_new(words->count);
    marked->out = sq_sequences_new(words->count);
    seqnn_status status = marked->in && marked->out ? SEQNN_OK : SEQNN_ERROR_MEMORY;
    for (seqnn_size i = 0; i < words->count && status == SEQNN_OK; i++) {
        seqnn_size first = words->begin[i], last = words->begin[i + 1] - 1;
        seqnn_size begin = first + 1, end = last; /* the words between the marks */
        if (length > 0 && last - first > length) {
            if (side == SEQNN_SIDE_DEFAULT)
                return sq_too_long("target", last - first, length);
            if (side == SEQNN_PRE)
                begin = end - (length - 1);
            else
                end = begin + (length - 1);
        }
        status = sq_sequences_push(marked->in, words->indices[first]);
        for (seqnn_size k = begin; k < end && status == SEQNN_OK; k++) {
            status = sq_sequences_push(marked->in, words->indices[k]);
            if (status == SEQNN_OK)
                status = sq_sequences_push(marked->out, words->indices[k]);
        }
        if (status == SEQNN_OK)
            status = sq_sequences_push(marked->out, words->indices[last]);
        sq_sequences_end(marked->in);
        sq_sequences_end(marked->out);
    }
    return status;
}

static seqnn_dataset *sq_pad_side(const seqnn_token_sequences *sequences,
                                  const seqnn_encode_pairs_options *options,
                                  seqnn_size length)
{
    seqnn_pad_options pad = {
        options->padding,
        options->truncating == SEQNN_SIDE_DEFAULT ? SEQNN_POST : options->truncating,
        length};
    return seqnn_pad_sequences(sequences, pad);
}

/* Sources, and targets in and out, in one data set. */
static seqnn_dataset *sq_join_pairs(const seqnn_token_sequences *sources,
                                    const sq_marked *marked,
                                    const seqnn_encode_pairs_options *options)
{
    seqnn_size length = options->target_length;
    seqnn_dataset *source = sq_pad_side(sources, options, options->source_length),
                  *in = source ? sq_pad_side(marked->in, options, length) : NULL,
                  *out = in ? sq_pad_side(marked->out, options, length) : NULL;
    seqnn_dataset *data = NULL;
    if (out) {
        seqnn_dataset whole = *source;
        whole.x[1] = in->x[0];
        whole.y = out->x[0];
        whole.vocabulary = seqnn_tokenizer_vocabulary(options->source_tokenizer);
        whole.classes = seqnn_tokenizer_vocabulary(options->target_tokenizer);
        data = sq_dataset_new(&whole, whole.count);
        for (seqnn_size i = 0; data && i < whole.count; i++)
            sq_dataset_copy_row(data, i, &whole, i);
    }
    seqnn_dataset_free(source);
    seqnn_dataset_free(in);
    seqnn_dataset_free(out);
    return data;
}

static seqnn_status sq_check_pairs(const seqnn_text_pairs *pairs,
                                   const seqnn_encode_pairs_options *options)
{
    if (!options->source_tokenizer || !options->target_tokenizer)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "encode pairs: .source_tokenizer and .target_tokenizer are to be "
                       "given");
    if (options->source_length < 0 || options->target_length < 0)
        return sq_fail(
            SEQNN_ERROR_ARGUMENT,
            "encode pairs: .source_length is %td, .target_length %td; expected "
            "0 (the longest) or more",
            options->source_length, options->target_length);
    if (pairs->source->count != pairs->target->count || pairs->source->count == 0)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "encode pairs: %td sources and %td targets, expected as many of "
                       "both, and at least one",
                       pairs->source->count, pairs->target->count);
    return SEQNN_OK;
}

static seqnn_status sq_check_sources(const seqnn_token_sequences *sources,
                                     const seqnn_encode_pairs_options *options)
{
    seqnn_size length = options->source_length;
    for (seqnn_size i = 0; i < sources->count && length > 0 && !options->truncating; i++)
        if (sources->begin[i + 1] - sources->begin[i] > length)
            return sq_too_long("source", sources->begin[i + 1] - sources->begin[i],
                               length);
    return SEQNN_OK;
}

SEQNN_API seqnn_dataset *seqnn_encode_pairs(const seqnn_text_pairs *pairs,
                                            seqnn_encode_pairs_options options)
{
    if (!pairs || sq_check_pairs(pairs, &options) != SEQNN_OK)
        return NULL; /* the reader has left its sentence */
    sq_marked marked;
    memset(&marked, 0, sizeof marked);
    marked.begin_mark = options.begin_mark ? options.begin_mark : "startseq";
    marked.end_mark = options.end_mark ? options.end_mark : "endseq";
    seqnn_dataset *data = NULL;
    seqnn_texts *targets = sq_mark_texts(pairs->target, &marked);
    seqnn_token_sequences *sources = NULL;
    if (targets)
        sources = sq_pair_sequences(pairs->source, options.source_tokenizer);
    if (sources)
        marked.words = sq_pair_sequences(targets, options.target_tokenizer);
    if (marked.words && sq_check_sources(sources, &options) == SEQNN_OK &&
        sq_check_marks(&marked, options.target_tokenizer) == SEQNN_OK &&
        sq_shift_targets(&marked, options.target_length, options.truncating) == SEQNN_OK)
        data = sq_join_pairs(sources, &marked, &options);
    seqnn_token_sequences_free(sources);
    seqnn_token_sequences_free(marked.words);
    seqnn_token_sequences_free(marked.in);
    seqnn_token_sequences_free(marked.out);
    seqnn_texts_free(targets);
    return data;
}
