#include "imdb.h"
#include "files.h"
#include "folders.h"
#include "json.h"
#include "sequences_build.h"
#include "tokenizer_lookup.h"
#include "unicode.h"

static seqnn_status sq_add_review(seqnn_texts *texts, const sq_document *document)
{
    seqnn_size length =
        sq_latin1_to_utf8(document->bytes, document->length, true, document->utf8);
    return sq_texts_add(texts, document->utf8, length, document->class_name,
                        document->id);
}

static seqnn_status sq_add_review_without_breaks(seqnn_texts *texts,
                                                 const sq_document *document)
{
    static const char line_break[] = "<br />";
    seqnn_size size = (seqnn_size)strlen(line_break);
    char *out = document->utf8, *in = out, *found;
    seqnn_size length = sq_latin1_to_utf8(document->bytes, document->length, true, in);
    in[length] = '\0';
    while ((found = strstr(in, line_break)) != NULL) {
        memmove(out, in, (size_t)(found - in));
        out += found - in;
        *out++ = ' ';
        in = found + size;
    }
    memmove(out, in, strlen(in));
    out += strlen(in);
    return sq_texts_add(texts, document->utf8, out - document->utf8, document->class_name,
                        document->id);
}

/* The classes of one part. */
static seqnn_status sq_read_imdb_part(seqnn_texts *texts, const char *folder,
                                      const char *part, sq_add_document add)
{
    static const char *const classes[] = {"neg", "pos"};
    char path[SQ_PATH_SIZE], prefix[16];
    seqnn_status status = SEQNN_OK;
    snprintf(prefix, sizeof prefix, "%s/", part);
    for (int i = 0; i < 2 && status == SEQNN_OK; i++) {
        seqnn_size before = texts->count;
        if (!sq_join_path(path, sizeof path, folder, classes[i]))
            return sq_fail(SEQNN_ERROR_FILE, "%s: a path in it is too long", folder);
        status = sq_read_class_folder(texts, path, classes[i], prefix, add);
        if (status == SEQNN_OK && texts->count == before)
            status = sq_fail(SEQNN_ERROR_FORMAT, "%s: there is no review in it", path);
    }
    return status;
}

static seqnn_status sq_read_imdb(seqnn_texts *texts, const char *directory,
                                 seqnn_imdb_options options)
{
    static const char *const parts[] = {"test", "train"};
    char inside[SQ_PATH_SIZE], path[SQ_PATH_SIZE];
    seqnn_size length = (seqnn_size)strlen(directory);
    bool found = false;
    if (length > 4 && strcmp(directory + length - 4, ".npz") == 0)
        return sq_fail(
            SEQNN_ERROR_FORMAT,
            "%s: holds pickled Python objects, which are not read; imdb.h shows "
            "how to turn them into text",
            directory);
    if (options.part < SEQNN_IMDB_DEFAULT || options.part > SEQNN_IMDB_TEST)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "IMDB: .part is %d, expected a part",
                       (int)options.part);
    if (sq_join_path(inside, sizeof inside, directory, "aclImdb") && sq_is_folder(inside))
        directory = inside;
    for (int i = 0; i < 2; i++) {
        if (options.part == (i == 0 ? SEQNN_IMDB_TRAIN : SEQNN_IMDB_TEST) ||
            !sq_join_path(path, sizeof path, directory, parts[i]) || !sq_is_folder(path))
            continue;
        found = true;
        seqnn_status status = sq_read_imdb_part(
            texts, path, parts[i],
            options.break_to_blank ? sq_add_review_without_breaks : sq_add_review);
        if (status != SEQNN_OK)
            return status;
    }
    if (found)
        return SEQNN_OK;
    if (!sq_is_folder(directory))
        return sq_fail(SEQNN_ERROR_FILE, "%s: is no folder", directory);
    return sq_fail(SEQNN_ERROR_FILE, "%s: %s is in it", directory,
                   options.part == SEQNN_IMDB_TRAIN  ? "no folder train"
                   : options.part == SEQNN_IMDB_TEST ? "no folder test"
                                                     : "neither test nor train");
}

SEQNN_API seqnn_texts *seqnn_read_imdb(const char *directory, seqnn_imdb_options options)
{
    if (!directory)
        return NULL;
    seqnn_texts *texts = seqnn_texts_new();
    if (!texts || sq_read_imdb(texts, directory, options) == SEQNN_OK)
        return texts;
    seqnn_texts_free(texts);
    return NULL;
}

/* ---- Keras' numbers ---- */

/* The words of an index in the order of their numbers, 1 to n. */
static seqnn_status sq_index_order(const sq_json_value *object, const char **word,
                                   const char *path)
{
    for (const sq_json_value *member = object->first; member; member = member->next) {
        seqnn_size number = sq_json_size(member, object->count);
        if (number < 1 || word[number - 1])
            return sq_fail(SEQNN_ERROR_FORMAT,
                           "%s: the number of the word '%.40s' %s, expected 1 to %td",
                           path, member->key,
                           number < 1 ? "is something else" : "has come before",
                           object->count);
        word[number - 1] = member->key;
    }
    return SEQNN_OK;
}

/* Words of equal frequency are numbered as they appear: one after the other, each once,
 * they get their numbers back. */
static seqnn_status sq_index_fit(seqnn_tokenizer *tokenizer, const char *const *word,
                                 seqnn_size count, const char *path)
{
    seqnn_status status = seqnn_tokenizer_fit(tokenizer, word, count);
    for (seqnn_size i = 0; i < count && status == SEQNN_OK; i++)
        if (sq_tokenizer_number(tokenizer, word[i], (seqnn_size)strlen(word[i])) != i + 2)
            status = sq_fail(SEQNN_ERROR_FORMAT,
                             "%s: '%.40s' is no word as the tokenizer finds it in texts",
                             path, word[i]);
    return status;
}

static seqnn_status sq_read_index(seqnn_tokenizer *tokenizer, sq_json *json,
                                  sq_reader *reader)
{
    char *text;
    seqnn_size length;
    seqnn_status status = sq_reader_all(reader, &text, &length);
    if (status == SEQNN_OK)
        status = sq_json_parse(json, reader->path, text, length);
    if (status != SEQNN_OK)
        return status;
    const sq_json_value *object = json->value;
    if (object->kind != SQ_JSON_OBJECT || object->count < 1)
        return sq_fail(SEQNN_ERROR_FORMAT,
                       "%s: no words, expected {\"word\": number, ...}", reader->path);
    const char **word = (const char **)sq_allocate(object->count, sizeof(char *));
    if (!word)
        return SEQNN_ERROR_MEMORY;
    status = sq_index_order(object, word, reader->path);
    if (status == SEQNN_OK)
        status = sq_index_fit(tokenizer, word, object->count, reader->path);
    sq_free((void *)word);
    return status;
}

SEQNN_API seqnn_tokenizer *seqnn_read_word_index(const char *path)
{
    seqnn_tokenizer_options options;
    memset(&options, 0, sizeof options);
    options.oov_token = "<unk>";
    if (!path)
        return NULL;
    seqnn_tokenizer *tokenizer = seqnn_tokenizer_new(options);
    if (!tokenizer)
        return NULL;
    sq_reader reader;
    sq_json json;
    memset(&json, 0, sizeof json);
    seqnn_status status = sq_reader_open(&reader, path);
    if (status == SEQNN_OK)
        status = sq_read_index(tokenizer, &json, &reader);
    sq_json_free(&json);
    sq_reader_close(&reader);
    if (status == SEQNN_OK)
        return tokenizer;
    seqnn_tokenizer_free(tokenizer);
    return NULL;
}

/* One number by imdb.load_data's rules. */
static seqnn_status sq_imdb_push(seqnn_token_sequences *out, int32_t number,
                                 const seqnn_imdb_index_options *options)
{
    bool kept = number != 2 && number >= options->skip_top &&
                (options->num_words == 0 || number < options->num_words);
    if (!kept && options->no_oov)
        return SEQNN_OK;
    return sq_sequences_push(out, kept ? number : 2);
}

SEQNN_API seqnn_token_sequences *seqnn_imdb_index(const seqnn_tokenizer *words,
                                                  const char *const *texts,
                                                  seqnn_size count,
                                                  seqnn_imdb_index_options options)
{
    if (!words || options.num_words < 0 || options.skip_top < 0) {
        sq_fail(SEQNN_ERROR_ARGUMENT,
                "IMDB index: expected a tokenizer, num_words and skip_top of at least 0");
        return NULL;
    }
    seqnn_token_sequences *in = seqnn_tokenizer_sequences(words, texts, count);
    seqnn_token_sequences *out = in ? sq_sequences_new(count) : NULL;
    seqnn_status status = out ? SEQNN_OK : SEQNN_ERROR_MEMORY;
    /* A blank is no word: 1 is the oov_token, 0 says that there is none. */
    const int32_t oov = sq_tokenizer_number(words, " ", 1);
    for (seqnn_size i = 0; i < count && status == SEQNN_OK; i++) {
        if (!options.no_start)
            status = sq_imdb_push(out, 1, &options);
        for (seqnn_size k = in->begin[i]; k < in->begin[i + 1] && status == SEQNN_OK; k++)
            status = sq_imdb_push(
                out, in->indices[k] == oov ? 2 : in->indices[k] - oov + 3, &options);
        if (status == SEQNN_OK)
            sq_sequences_end(out);
    }
    seqnn_token_sequences_free(in);
    if (status == SEQNN_OK)
        return out;
    seqnn_token_sequences_free(out);
    return NULL;
}
