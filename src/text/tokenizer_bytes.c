#include "tokenizer_bytes.h"
#include "tokenizer_table.h"

static const char sq_tokenizer_format[] = "seqnn tokenizer 1";

/* ---- writing ---- */

typedef struct sq_strings_out {
    char *bytes;
    seqnn_size length, capacity;
    seqnn_status status; /* sticky */
} sq_strings_out;

static void sq_put_string(sq_strings_out *out, const char *text)
{
    const seqnn_size size = (seqnn_size)strlen(text) + 1;
    void *bytes = out->bytes;
    if (out->status)
        return;
    out->status = sq_grow(&bytes, &out->capacity, out->length + size, 1);
    out->bytes = (char *)bytes;
    if (out->status)
        return;
    memcpy(out->bytes + out->length, text, (size_t)size);
    out->length += size;
}

static void sq_put_number(sq_strings_out *out, int64_t number)
{
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)number);
    sq_put_string(out, text);
}

SQ_LOCAL seqnn_status sq_tokenizer_write(const seqnn_tokenizer *tokenizer, char **bytes,
                                         seqnn_size *count)
{
    sq_strings_out out = {NULL, 0, 0, SEQNN_OK};
    char filters[128];
    int filter_count = 0;
    for (int c = 1; c < 128; c++)
        if (tokenizer->filter[c])
            filters[filter_count++] = (char)c;
    filters[filter_count] = 0;
    sq_put_string(&out, sq_tokenizer_format);
    sq_put_string(&out, "num_words");
    sq_put_number(&out, tokenizer->num_words);
    if (tokenizer->oov_token) {
        sq_put_string(&out, "oov_token");
        sq_put_string(&out, tokenizer->oov_token);
    }
    sq_put_string(&out, "filters");
    sq_put_string(&out, filters);
    sq_put_string(&out, "keep_case");
    sq_put_number(&out, tokenizer->keep_case);
    sq_put_string(&out, "char_level");
    sq_put_number(&out, tokenizer->char_level);
    sq_put_string(&out, "");
    for (seqnn_size i = 0; i < tokenizer->words.count; i++) {
        sq_put_string(&out, tokenizer->words.word[i].text);
        sq_put_number(&out, tokenizer->count[i]);
    }
    if (out.status)
        sq_free(out.bytes);
    *bytes = out.status ? NULL : out.bytes;
    *count = out.status ? 0 : out.length;
    return out.status;
}

/* ---- reading ---- */

typedef struct sq_strings_in {
    const char *at, *end;
} sq_strings_in;

/* The next string; NULL at the end or if there is no NUL behind it. */
static const char *sq_take_string(sq_strings_in *in)
{
    const char *text = in->at;
    const char *end =
        text < in->end ? (const char *)memchr(text, 0, (size_t)(in->end - text)) : NULL;
    in->at = end ? end + 1 : in->end;
    return end ? text : NULL;
}

/* A number of at most 18 digits from text; -1 if it is none. */
static int64_t sq_saved_count(const char *text)
{
    const size_t length = text ? strlen(text) : 0;
    int64_t number = 0;
    if (length < 1 || length > 18)
        return -1;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        number = 10 * number + (text[i] - '0');
    }
    return number;
}

static bool sq_take_options(sq_strings_in *in, seqnn_tokenizer_options *options)
{
    const char *name, *value;
    options->filters = "";
    while ((name = sq_take_string(in)) != NULL && *name) {
        value = sq_take_string(in);
        int64_t number = sq_saved_count(value);
        if (!value)
            return false;
        if (strcmp(name, "oov_token") == 0)
            options->oov_token = value;
        else if (strcmp(name, "filters") == 0)
            options->filters = value;
        else if (number < 0 || number > PTRDIFF_MAX)
            return false;
        else if (strcmp(name, "num_words") == 0)
            options->num_words = (seqnn_size)number;
        else if (strcmp(name, "keep_case") == 0)
            options->keep_case = number != 0;
        else if (strcmp(name, "char_level") == 0)
            options->char_level = number != 0;
        else
            return false;
    }
    return name != NULL;
}

static seqnn_status sq_take_words(sq_strings_in *in, seqnn_tokenizer *tokenizer)
{
    while (in->at < in->end) {
        const char *word = sq_take_string(in);
        const int64_t count = sq_saved_count(sq_take_string(in));
        const seqnn_size known = tokenizer->words.count;
        if (!word || !*word || count < 1 || count > INT64_MAX - tokenizer->tokens)
            return sq_fail(SEQNN_ERROR_FORMAT,
                           "tokenizer: word %td and its count cannot be read", known);
        seqnn_status status =
            sq_tokenizer_see(tokenizer, word, (seqnn_size)strlen(word), count);
        if (status)
            return status;
        if (tokenizer->words.count == known)
            return sq_fail(SEQNN_ERROR_FORMAT, "tokenizer: word %td comes twice", known);
    }
    return sq_tokenizer_rank(tokenizer);
}

SQ_LOCAL seqnn_tokenizer *sq_tokenizer_parse(const char *bytes, seqnn_size count)
{
    sq_strings_in in = {bytes, bytes + count};
    seqnn_tokenizer_options options;
    memset(&options, 0, sizeof options);
    const char *format = sq_take_string(&in);
    if (!format || strcmp(format, sq_tokenizer_format) != 0 ||
        !sq_take_options(&in, &options)) {
        sq_fail(SEQNN_ERROR_FORMAT, "tokenizer: its format or an option is not known");
        return NULL;
    }
    seqnn_tokenizer *tokenizer = seqnn_tokenizer_new(options);
    if (tokenizer && sq_take_words(&in, tokenizer)) {
        seqnn_tokenizer_free(tokenizer);
        return NULL;
    }
    return tokenizer;
}
