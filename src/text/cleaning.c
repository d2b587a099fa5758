#include "cleaning.h"
#include "texts_build.h"
#include "unicode.h"

static const char *const sq_english_stop_words[] = {
    /* clang-format off */
    "a", "about", "above", "across", "after", "afterwards", "again", "against", "all",
    "almost", "alone", "along", "already", "also", "although", "always", "am", "among",
    "amongst", "amoungst", "amount", "an", "and", "another", "any", "anyhow", "anyone",
    "anything", "anyway", "anywhere", "are", "around", "as", "at", "back", "be", "became",
    "because", "become", "becomes", "becoming", "been", "before", "beforehand", "behind",
    "being", "below", "beside", "besides", "between", "beyond", "bill", "both", "bottom",
    "but", "by", "call", "can", "cannot", "cant", "co", "con", "could", "couldnt", "cry",
    "de", "describe", "detail", "do", "done", "down", "due", "during", "each", "eg",
    "eight", "either", "eleven", "else", "elsewhere", "empty", "enough", "etc", "even",
    "ever", "every", "everyone", "everything", "everywhere", "except", "few", "fifteen",
    "fifty", "fill", "find", "fire", "first", "five", "for", "former", "formerly",
    "forty", "found", "four", "from", "front", "full", "further", "get", "give", "go",
    "had", "has", "hasnt", "have", "he", "hence", "her", "here", "hereafter", "hereby",
    "herein", "hereupon", "hers", "herself", "him", "himself", "his", "how", "however",
    "hundred", "i", "ie", "if", "in", "inc", "indeed", "interest", "into", "is", "it",
    "its", "itself", "keep", "last", "latter", "latterly", "least", "less", "ltd", "made",
    "many", "may", "me", "meanwhile", "might", "mill", "mine", "more", "moreover", "most",
    "mostly", "move", "much", "must", "my", "myself", "name", "namely", "neither",
    "never", "nevertheless", "next", "nine", "no", "nobody", "none", "noone", "nor",
    "not", "nothing", "now", "nowhere", "of", "off", "often", "on", "once", "one", "only",
    "onto", "or", "other", "others", "otherwise", "our", "ours", "ourselves", "out",
    "over", "own", "part", "per", "perhaps", "please", "put", "rather", "re", "same",
    "see", "seem", "seemed", "seeming", "seems", "serious", "several", "she", "should",
    "show", "side", "since", "sincere", "six", "sixty", "so", "some", "somehow",
    "someone", "something", "sometime", "sometimes", "somewhere", "still", "such",
    "system", "take", "ten", "than", "that", "the", "their", "them", "themselves", "then",
    "thence", "there", "thereafter", "thereby", "therefore", "therein", "thereupon",
    "these", "they", "thick", "thin", "third", "this", "those", "though", "three",
    "through", "throughout", "thru", "thus", "to", "together", "too", "top", "toward",
    "towards", "twelve", "twenty", "two", "un", "under", "until", "up", "upon", "us",
    "very", "via", "was", "we", "well", "were", "what", "whatever", "when", "whence",
    "whenever", "where", "whereafter", "whereas", "whereby", "wherein", "whereupon",
    "wherever", "whether", "which", "while", "whither", "who", "whoever", "whole", "whom",
    "whose", "why", "will", "with", "within", "without", "would", "yet", "you", "your",
    "yours", "yourself", "yourselves", NULL
    /* clang-format on */
};

SEQNN_API const char *const *seqnn_stop_words(void)
{
    return sq_english_stop_words;
}

static bool sq_is_punctuation(char c)
{
    return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') ||
           (c >= '{' && c <= '~');
}

/* Without punctuation, in place; the new length. */
static seqnn_size sq_delete_punctuation(char *text, seqnn_size length)
{
    seqnn_size kept = 0;
    for (seqnn_size i = 0; i < length; i++)
        if (!sq_is_punctuation(text[i]))
            text[kept++] = text[i];
    return kept;
}

/* Bytes up to the next blank, or the blanks before the next word. */
static seqnn_size sq_span(const char *text, seqnn_size length, bool blanks)
{
    seqnn_size i = 0;
    while (i < length) {
        int32_t point;
        seqnn_size size = sq_utf8_next(text + i, length - i, &point);
        if (sq_is_space(point) != blanks)
            break;
        i += size;
    }
    return i;
}

static seqnn_size sq_characters(const char *text, seqnn_size length)
{
    seqnn_size characters = 0;
    int32_t point;
    for (seqnn_size i = 0; i < length; characters++)
        i += sq_utf8_next(text + i, length - i, &point);
    return characters;
}

/* text[0..length), which has room for twice its length, becomes its cleaned words with
 * one blank between them; the new length. */
static seqnn_size sq_clean_text(char *text, seqnn_size length, seqnn_cleaning cleaning,
                                const sq_words *stop_words, seqnn_size min_length,
                                char *out)
{
    bool punctuation_first = cleaning == SEQNN_CLEAN_PUNCTUATION_FIRST;
    sq_lower(text, length);
    if (punctuation_first) {
        length = sq_delete_punctuation(text, length);
    } else {
        seqnn_size stops = 0;
        for (seqnn_size i = 0; i < length; i++)
            stops += text[i] == '.';
        for (seqnn_size i = length - 1, to = length + stops - 1; i >= 0; i--) {
            if (text[i] == '.')
                text[to--] = ' ';
            text[to--] = text[i];
        }
        length += stops;
    }
    seqnn_size written = 0;
    for (seqnn_size i = 0; i < length;) {
        i += sq_span(text + i, length - i, true);
        seqnn_size size = sq_span(text + i, length - i, false);
        char *word = text + i;
        i += size;
        if (size == 0 || sq_words_find(stop_words, word, size) >= 0)
            continue;
        if (!punctuation_first)
            size = sq_delete_punctuation(word, size);
        if (size == 0 || sq_characters(word, size) < min_length)
            continue;
        if (written > 0)
            out[written++] = ' ';
        memcpy(out + written, word, (size_t)size);
        written += size;
    }
    return written;
}

static seqnn_status sq_clean_all(const seqnn_texts *texts, seqnn_clean_options options,
                                 const sq_words *stop_words, seqnn_texts *cleaned)
{
    void *scratch = NULL;
    seqnn_size capacity = 0;
    seqnn_status status = SEQNN_OK;
    for (seqnn_size i = 0; i < texts->count && status == SEQNN_OK; i++) {
        seqnn_size length = (seqnn_size)strlen(texts->text[i]);
        if (options.cleaning <= SEQNN_CLEAN_NONE) {
            status = sq_texts_add_like(cleaned, texts->text[i], length, texts, i);
            continue;
        }
        status = sq_grow(&scratch, &capacity, sq_multiply(sq_max(length, 1), 4), 1);
        if (status != SEQNN_OK)
            break;
        char *text = (char *)scratch, *out = text + 2 * length;
        memcpy(text, texts->text[i], (size_t)length);
        length = sq_clean_text(text, length, options.cleaning, stop_words,
                               options.min_length, out);
        status = sq_texts_add_like(cleaned, out, length, texts, i);
    }
    sq_free(scratch);
    return status;
}

SEQNN_API seqnn_texts *seqnn_clean(const seqnn_texts *texts, seqnn_clean_options options)
{
    if (!texts)
        return NULL; /* the reader has left its sentence */
    if ((int)options.cleaning < 0 || options.cleaning > SEQNN_CLEAN_STOP_WORDS_FIRST) {
        sq_fail(SEQNN_ERROR_ARGUMENT,
                "clean: cleaning is %d, expected a SEQNN_CLEAN_... name",
                (int)options.cleaning);
        return NULL;
    }
    sq_words stop_words;
    memset(&stop_words, 0, sizeof stop_words);
    const char *const *list =
        options.stop_words ? options.stop_words : sq_english_stop_words;
    seqnn_texts *cleaned = seqnn_texts_new();
    seqnn_status status = cleaned ? SEQNN_OK : SEQNN_ERROR_MEMORY;
    for (; *list && status == SEQNN_OK; list++)
        if (sq_words_add(&stop_words, *list, (seqnn_size)strlen(*list)) < 0)
            status = SEQNN_ERROR_MEMORY;
    if (status == SEQNN_OK)
        status = sq_texts_set_classes(cleaned, texts->class_names, texts->classes);
    if (status == SEQNN_OK)
        status = sq_clean_all(texts, options, &stop_words, cleaned);
    sq_words_free(&stop_words);
    if (status != SEQNN_OK) {
        seqnn_texts_free(cleaned);
        return NULL;
    }
    return cleaned;
}
