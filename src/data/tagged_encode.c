#include "dataset_rows.h"
#include "tagged.h"
#include "words.h"

/* Fits the tokenizer on the words in their order. */
static seqnn_status sq_fit_words(const seqnn_tagged *tagged, seqnn_tokenizer *tokenizer)
{
    seqnn_size words = tagged->begin[tagged->count];
    const char **texts = (const char **)sq_allocate(words, sizeof(char *));
    if (!texts)
        return SEQNN_ERROR_MEMORY;
    for (seqnn_size i = 0; i < words; i++)
        texts[i] = tagged->word_names[tagged->word[i]];
    seqnn_status status = seqnn_tokenizer_fit(tokenizer, texts, words);
    sq_free((void *)texts);
    return status;
}

/* What the tokenizer numbers each of the different words; NULL if one has no number. */
static int32_t *sq_number_words(const seqnn_tagged *tagged, seqnn_tokenizer *tokenizer)
{
    if (seqnn_tokenizer_words(tokenizer) == 0 &&
        sq_fit_words(tagged, tokenizer) != SEQNN_OK)
        return NULL;
    /* Each word is a text of its own: one number, unless it holds a blank. */
    seqnn_token_sequences *each =
        seqnn_tokenizer_sequences(tokenizer, tagged->word_names, tagged->words);
    int32_t *numbers =
        each ? (int32_t *)sq_allocate(tagged->words, sizeof(int32_t)) : NULL;
    for (seqnn_size i = 0; numbers && i < tagged->words; i++) {
        numbers[i] = each->begin[i + 1] - each->begin[i] == 1
                         ? each->indices[each->begin[i]]
                         : seqnn_tokenizer_index(tokenizer, tagged->word_names[i]);
        if (numbers[i] > 0)
            continue;
        sq_fail(SEQNN_ERROR_ARGUMENT,
                "encode tagged: '%.40s' has no number: make the tokenizer with an "
                ".oov_token, and .filters \"\"",
                tagged->word_names[i]);
        sq_free(numbers);
        numbers = NULL;
    }
    seqnn_token_sequences_free(each);
    return numbers;
}

/* The number of each of the different tags among the names; NULL if one is not there. */
static int32_t *sq_number_tags(const seqnn_tagged *tagged, const char *const *names,
                               seqnn_size classes)
{
    sq_words table;
    memset(&table, 0, sizeof table);
    bool full = true;
    for (seqnn_size i = 0; i < classes && full; i++)
        full = sq_words_add(&table, names[i], (seqnn_size)strlen(names[i])) >= 0;
    int32_t *numbers =
        full ? (int32_t *)sq_allocate(tagged->tags, sizeof(int32_t)) : NULL;
    for (seqnn_size i = 0; numbers && i < tagged->tags; i++) {
        const char *tag = tagged->tag_names[i];
        numbers[i] = sq_words_find(&table, tag, (seqnn_size)strlen(tag));
        if (numbers[i] >= 0)
            continue;
        sq_fail(SEQNN_ERROR_ARGUMENT,
                "encode tagged: the tag '%.40s' is not among the %td of .tags_of", tag,
                classes);
        sq_free(numbers);
        numbers = NULL;
    }
    sq_words_free(&table);
    return numbers;
}

/* The sentences, each of their words or tags by its number. */
static seqnn_dataset *sq_pad_numbers(const seqnn_tagged *tagged, const int32_t *each,
                                     const int32_t *numbers,
                                     const seqnn_encode_tagged_options *options)
{
    seqnn_size words = tagged->begin[tagged->count];
    int32_t *all = (int32_t *)sq_allocate(words, sizeof(int32_t));
    if (!all)
        return NULL;
    for (seqnn_size i = 0; i < words; i++)
        all[i] = numbers[each[i]];
    seqnn_token_sequences sequences = {tagged->count, tagged->begin, all};
    seqnn_pad_options pad = {options->padding, options->truncating, options->length};
    seqnn_dataset *data = seqnn_pad_sequences(&sequences, pad);
    sq_free(all);
    return data;
}

/* Words and tags, padded alike, in one data set. */
static seqnn_dataset *sq_join_tagged(const seqnn_dataset *words,
                                     const seqnn_dataset *tags, seqnn_size vocabulary,
                                     const char *const *names, seqnn_size classes)
{
    seqnn_dataset both = *words;
    both.y = tags->x[0];
    both.vocabulary = vocabulary;
    both.classes = classes;
    both.class_names = names;
    seqnn_dataset *data = sq_dataset_new(&both, both.count);
    for (seqnn_size i = 0; data && i < both.count; i++)
        sq_dataset_copy_row(data, i, &both, i);
    return data;
}

static seqnn_status sq_check_tagged_options(const seqnn_encode_tagged_options *o)
{
    if (o->tokenizer && (o->num_words != 0 || o->oov_token || o->lower_case))
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "encode tagged: with a .tokenizer, .num_words, .oov_token and "
                       ".lower_case are its own: leave them out");
    if (o->tags_of && !o->tags_of->class_names)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "encode tagged: the data set of .tags_of has no class names");
    return SEQNN_OK;
}

SEQNN_API seqnn_dataset *seqnn_encode_tagged(const seqnn_tagged *tagged,
                                             seqnn_encode_tagged_options options)
{
    if (!tagged || sq_check_tagged_options(&options) != SEQNN_OK)
        return NULL; /* the reader has left its sentence */
    seqnn_tokenizer_options own;
    memset(&own, 0, sizeof own);
    own.num_words = options.num_words;
    own.oov_token = options.oov_token ? options.oov_token : "[UNK]";
    own.filters = "";
    own.keep_case = !options.lower_case;
    seqnn_tokenizer *tokenizer =
        options.tokenizer ? options.tokenizer : seqnn_tokenizer_new(own);
    if (!tokenizer)
        return NULL;
    const char *const *names =
        options.tags_of ? options.tags_of->class_names : tagged->tag_names;
    seqnn_size classes = options.tags_of ? options.tags_of->classes : tagged->tags;
    int32_t *word_numbers = sq_number_words(tagged, tokenizer);
    int32_t *tag_numbers = word_numbers ? sq_number_tags(tagged, names, classes) : NULL;
    seqnn_dataset *words =
        tag_numbers ? sq_pad_numbers(tagged, tagged->word, word_numbers, &options) : NULL;
    seqnn_dataset *tags =
        words ? sq_pad_numbers(tagged, tagged->tag, tag_numbers, &options) : NULL;
    seqnn_dataset *data = NULL;
    if (tags)
        data = sq_join_tagged(words, tags, seqnn_tokenizer_vocabulary(tokenizer), names,
                              classes);
    seqnn_dataset_free(words);
    seqnn_dataset_free(tags);
    sq_free(word_numbers);
    sq_free(tag_numbers);
    if (!options.tokenizer)
        seqnn_tokenizer_free(tokenizer);
    return data;
}
