#include "word_names.h"

#ifdef SEQNN_WORDS

#include "unicode.h"

enum { SQ_RESTRICT_VOCAB = 300000 };

/* text and length become those of the spelling. */
static seqnn_status sq_spell(sq_word_names *names, const char **text, seqnn_size *length)
{
    if (names->case_sensitive)
        return SEQNN_OK;
    void *memory = names->lower;
    seqnn_status status =
        sq_grow(&memory, &names->lower_capacity, *length + *length / 2 + 1, 1);
    if (status != SEQNN_OK)
        return status;
    names->lower = (char *)memory;
    *length = sq_lower(*text, *length, names->lower);
    *text = names->lower;
    return SEQNN_OK;
}

SQ_LOCAL seqnn_status sq_word_names_open(sq_word_names *names,
                                         const seqnn_word_space *space,
                                         const seqnn_evaluation_options *options)
{
    memset(names, 0, sizeof *names);
    if (!space || options->restrict_vocab < 0)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "evaluation: the first %td words of %s, expected a word space",
                       options->restrict_vocab, space ? "a space" : "none");
    names->space = space;
    names->case_sensitive = options->case_sensitive;
    names->count =
        sq_min(space->count, options->restrict_vocab > 0 ? options->restrict_vocab
                                                         : (seqnn_size)SQ_RESTRICT_VOCAB);
    names->spelling_of = (int32_t *)sq_allocate(names->count, sizeof(int32_t));
    names->word_of = (int32_t *)sq_allocate(names->count, sizeof(int32_t));
    if (!names->spelling_of || !names->word_of)
        return SEQNN_ERROR_MEMORY;
    for (seqnn_size i = 0; i < names->count; i++) {
        const char *text = space->word[i];
        seqnn_size length = (seqnn_size)strlen(text), known = names->spellings.count;
        seqnn_status status = sq_spell(names, &text, &length);
        if (status != SEQNN_OK)
            return status;
        int32_t spelling = sq_words_add(&names->spellings, text, length);
        if (spelling < 0)
            return SEQNN_ERROR_MEMORY;
        if (spelling == known)
            names->word_of[spelling] = (int32_t)i;
        names->spelling_of[i] = spelling;
    }
    return SEQNN_OK;
}

SQ_LOCAL void sq_word_names_free(sq_word_names *names)
{
    sq_words_free(&names->spellings);
    sq_free(names->spelling_of);
    sq_free(names->word_of);
    sq_free(names->lower);
    memset(names, 0, sizeof *names);
}

SQ_LOCAL seqnn_status sq_word_names_find(sq_word_names *names, const char *text,
                                         seqnn_size length, int32_t *spelling)
{
    seqnn_status status = sq_spell(names, &text, &length);
    if (status == SEQNN_OK)
        *spelling = sq_words_find(&names->spellings, text, length);
    return status;
}

#endif
