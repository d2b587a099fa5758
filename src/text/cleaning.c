#include "cleaning.h"
#include "texts_build.h"
#include "unicode.h"
#include "word_forms.h"

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

/* sq_is_space, quick for most characters. */
static bool sq_is_blank(int32_t point)
{
    return (point <= ' ' || point >= 0x80) && sq_is_space(point);
}

/* The blanks before the next word. */
static seqnn_size sq_blanks(const char *text, seqnn_size length)
{
    seqnn_size i = 0;
    while (i < length) {
        int32_t point;
        seqnn_size size = sq_utf8_step(text + i, length - i, &point);
        if (!sq_is_blank(point))
            break;
        i += size;
    }
    return i;
}

/* The bytes up to the next blank, or behind the next full stop if one ends a word. */
static seqnn_size sq_word_size(const char *text, seqnn_size length, bool full_stops)
{
    seqnn_size i = 0;
    while (i < length) {
        int32_t point;
        seqnn_size size = sq_utf8_step(text + i, length - i, &point);
        if (sq_is_blank(point))
            break;
        i += size;
        if (full_stops && point == '.')
            break;
    }
    return i;
}

static seqnn_size sq_characters(const char *text, seqnn_size length)
{
    seqnn_size characters = 0;
    int32_t point;
    for (seqnn_size i = 0; i < length; characters++)
        i += sq_utf8_step(text + i, length - i, &point);
    return characters;
}

/* What cleaning a list of texts needs. */
typedef struct sq_cleaner {
    seqnn_clean_options options;
    sq_words stop_words;
    seqnn_lemmas *lemmas;   /* NULL: not asked for */
    seqnn_stemmer *stemmer; /* NULL: not asked for */
    void *lower, *out;      /* a text in lower case, and what becomes of it */
    seqnn_size lower_capacity, out_capacity, written;
} sq_cleaner;

/* One more word of the cleaned text. */
static seqnn_status sq_clean_push(sq_cleaner *c, const char *word, seqnn_size size)
{
    seqnn_status status = sq_grow(&c->out, &c->out_capacity, c->written + size + 1, 1);
    if (status != SEQNN_OK)
        return status;
    char *out = (char *)c->out;
    if (c->written > 0)
        out[c->written++] = ' ';
    memcpy(out + c->written, word, (size_t)size);
    c->written += size;
    return SEQNN_OK;
}

static bool sq_is_stop_word(const sq_cleaner *c, const char *word, seqnn_size size)
{
    return sq_words_find(&c->stop_words, word, size) >= 0;
}

/* What is left to be done to a word without punctuation; the stop words, too, if they
 * come late. */
static seqnn_status sq_clean_word(sq_cleaner *c, const char *word, seqnn_size size,
                                  bool stop_words)
{
    if (size > 0 && c->lemmas) {
        const sq_word *lemma =
            sq_lemma(c->lemmas, word, size, SEQNN_PART_OF_SPEECH_DEFAULT);
        if (!lemma)
            return SEQNN_ERROR_MEMORY;
        word = lemma->text;
        size = lemma->length;
    }
    if (size == 0 || (stop_words && sq_is_stop_word(c, word, size)))
        return SEQNN_OK;
    if (c->stemmer) {
        word = sq_stem(c->stemmer, word, &size);
        if (!word)
            return SEQNN_ERROR_MEMORY;
    }
    seqnn_size shortest = c->options.min_length;
    if (size == 0 || (shortest > 1 && sq_characters(word, size) < shortest))
        return SEQNN_OK;
    return sq_clean_push(c, word, size);
}

/* Words between blanks; in titles a full stop ends one, too. */
static seqnn_status sq_clean_title(sq_cleaner *c, char *text, seqnn_size length)
{
    bool titles = c->options.cleaning == SEQNN_CLEAN_TITLES;
    if (!titles)
        length = sq_delete_punctuation(text, length);
    seqnn_status status = SEQNN_OK;
    for (seqnn_size i = 0; i < length && status == SEQNN_OK;) {
        i += sq_blanks(text + i, length - i);
        char *word = text + i;
        seqnn_size size = sq_word_size(word, length - i, titles);
        i += size;
        if (sq_is_stop_word(c, word, size))
            continue;
        size = sq_delete_punctuation(word, size);
        status = sq_clean_word(c, word, size, false);
    }
    return status;
}

/* ---- abstracts ---- */

/* Of the dollar signs of a text: a search that found no end need not be made again. */
typedef struct sq_dollars {
    bool none[3]; /* no more $ (1), no more $$ (2) */
} sq_dollars;

/* Where the equation that begins with the dollar sign at text[begin] ends; -1: it does
 * not. A backslash takes the character behind it along. */
static seqnn_size sq_equation_end(const char *text, seqnn_size length, seqnn_size begin,
                                  sq_dollars *dollars)
{
    seqnn_size signs = begin + 1 < length && text[begin + 1] == '$' ? 2 : 1;
    if (dollars->none[signs])
        return -1;
    for (seqnn_size i = begin + signs; i < length; i++)
        if (text[i] == '\\')
            i++;
        else if (text[i] == '$' && (signs == 1 || (i + 1 < length && text[i + 1] == '$')))
            return i + signs;
    dollars->none[signs] = true;
    return -1;
}

static seqnn_status sq_clean_equation(sq_cleaner *c, char *text, seqnn_size length)
{
    if (!c->options.keep_equations)
        return sq_clean_push(c, SEQNN_EQUATION, (seqnn_size)strlen(SEQNN_EQUATION));
    seqnn_size kept = 0;
    for (seqnn_size i = 0; i < length;) {
        int32_t point;
        seqnn_size size = sq_utf8_step(text + i, length - i, &point);
        if (!sq_is_blank(point)) {
            memmove(text + kept, text + i, (size_t)size);
            kept += size;
        }
        i += size;
    }
    return sq_clean_push(c, text, kept);
}

/* ASCII punctuation, and that of other blocks that texts in English hold. */
static bool sq_is_any_punctuation(int32_t point)
{
    if (point < 0x80)
        return point >= 0 && sq_is_punctuation((char)point);
    return point == 0xA1 || point == 0xA7 || point == 0xAB || point == 0xB6 ||
           point == 0xB7 || point == 0xBB || point == 0xBF ||
           (point >= 0x2010 && point <= 0x2027) || (point >= 0x2030 && point <= 0x205E);
}

static bool sq_ends_word(int32_t point)
{
    return sq_is_blank(point) || sq_is_any_punctuation(point);
}

static bool sq_is_digit(int32_t point)
{
    return point >= '0' && point <= '9';
}

/* A sign that stands within a word: an apostrophe (plain or U+2019), or a full stop or
 * comma between digits. */
static bool sq_within_word(int32_t before, int32_t sign, int32_t after)
{
    if (sign == '\'' || sign == 0x2019)
        return !sq_ends_word(before) && !sq_ends_word(after);
    return (sign == '.' || sign == ',') && sq_is_digit(before) && sq_is_digit(after);
}

/* The word at text[0], not a blank or a sign, without the signs within it: *size bytes in
 * place. How many bytes it took. */
static seqnn_size sq_take_word(char *text, seqnn_size length, seqnn_size *size)
{
    seqnn_size i = 0;
    int32_t before = ' ';
    *size = 0;
    while (i < length) {
        int32_t point, after = ' ';
        seqnn_size bytes = sq_utf8_step(text + i, length - i, &point);
        if (!sq_ends_word(point)) {
            for (seqnn_size k = 0; k < bytes; k++)
                text[(*size)++] = text[i + k];
        } else {
            if (i + bytes < length)
                sq_utf8_step(text + i + bytes, length - i - bytes, &after);
            if (!sq_within_word(before, point, after))
                break;
        }
        before = point;
        i += bytes;
    }
    return i;
}

static seqnn_status sq_clean_abstract(sq_cleaner *c, char *text, seqnn_size length)
{
    sq_dollars dollars = {{false, false, false}};
    seqnn_status status = SEQNN_OK;
    for (seqnn_size i = 0; i < length && status == SEQNN_OK;) {
        int32_t point;
        seqnn_size bytes = sq_utf8_step(text + i, length - i, &point), size;
        if (point == '$') {
            seqnn_size end = sq_equation_end(text, length, i, &dollars);
            if (end < 0) {
                i += i + 1 < length && text[i + 1] == '$' ? 2 : 1;
            } else {
                status = sq_clean_equation(c, text + i, end - i);
                i = end;
            }
        } else if (point == '\\' && i + 1 < length &&
                   (text[i + 1] == '$' || text[i + 1] == '\\')) {
            i += 2;
        } else if (sq_ends_word(point)) {
            i += bytes;
        } else {
            char *word = text + i;
            i += sq_take_word(word, length - i, &size);
            status = sq_clean_word(c, word, size, true);
        }
    }
    return status;
}

/* ---- lists of texts ---- */

static seqnn_status sq_clean_all(const seqnn_texts *texts, sq_cleaner *c,
                                 seqnn_texts *cleaned)
{
    seqnn_status status = SEQNN_OK;
    for (seqnn_size i = 0; i < texts->count && status == SEQNN_OK; i++) {
        seqnn_size length = (seqnn_size)strlen(texts->text[i]);
        if (c->options.cleaning <= SEQNN_CLEAN_NONE) {
            status = sq_texts_add_like(cleaned, texts->text[i], length, texts, i);
            continue;
        }
        status = sq_grow(&c->lower, &c->lower_capacity, length + length / 2 + 1, 1);
        if (status == SEQNN_OK) /* there is something to point at even if no word is */
            status = sq_grow(&c->out, &c->out_capacity, 1, 1);
        if (status != SEQNN_OK)
            break;
        c->written = 0;
        length = sq_lower(texts->text[i], length, (char *)c->lower);
        status = c->options.cleaning == SEQNN_CLEAN_ABSTRACTS
                     ? sq_clean_abstract(c, (char *)c->lower, length)
                     : sq_clean_title(c, (char *)c->lower, length);
        if (status == SEQNN_OK)
            status =
                sq_texts_add_like(cleaned, (const char *)c->out, c->written, texts, i);
    }
    return status;
}

static seqnn_status sq_clean_check(seqnn_clean_options options)
{
    if ((int)options.cleaning < 0 || options.cleaning > SEQNN_CLEAN_ABSTRACTS)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "clean: cleaning is %d, expected a SEQNN_CLEAN_... name",
                       (int)options.cleaning);
    if (options.lemmas && options.stems)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "clean: lemmas and stems: choose one");
    if ((options.lemmas || options.stems) && options.cleaning <= SEQNN_CLEAN_NONE)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "clean: %s need a recipe: set .cleaning to another than "
                       "SEQNN_CLEAN_NONE",
                       options.lemmas ? "lemmas" : "stems");
    return SEQNN_OK;
}

/* Opens what the options ask for. */
static seqnn_status sq_cleaner_begin(sq_cleaner *c)
{
    const char *const *list =
        c->options.stop_words ? c->options.stop_words : seqnn_stop_words();
    for (; *list; list++)
        if (sq_words_add(&c->stop_words, *list, (seqnn_size)strlen(*list)) < 0)
            return SEQNN_ERROR_MEMORY;
    if (c->options.cleaning == SEQNN_CLEAN_ABSTRACTS && c->options.min_length == 0)
        c->options.min_length = 3;
    if (c->options.lemmas)
        c->lemmas = seqnn_lemmas_new();
    if (c->options.stems)
        c->stemmer = seqnn_stemmer_new(NULL);
    return (c->options.lemmas && !c->lemmas) || (c->options.stems && !c->stemmer)
               ? SEQNN_ERROR_ARGUMENT
               : SEQNN_OK;
}

SEQNN_API seqnn_texts *seqnn_clean(const seqnn_texts *texts, seqnn_clean_options options)
{
    if (!texts || sq_clean_check(options) != SEQNN_OK)
        return NULL; /* without texts the reader has left its sentence */
    sq_cleaner cleaner;
    memset(&cleaner, 0, sizeof cleaner);
    cleaner.options = options;
    seqnn_texts *cleaned = seqnn_texts_new();
    seqnn_status status = cleaned ? sq_cleaner_begin(&cleaner) : SEQNN_ERROR_MEMORY;
    if (status == SEQNN_OK)
        status = sq_texts_set_classes(cleaned, texts->class_names, texts->classes);
    if (status == SEQNN_OK)
        status = sq_clean_all(texts, &cleaner, cleaned);
    sq_words_free(&cleaner.stop_words);
    seqnn_lemmas_free(cleaner.lemmas);
    seqnn_stemmer_free(cleaner.stemmer);
    sq_free(cleaner.lower);
    sq_free(cleaner.out);
    if (status != SEQNN_OK) {
        seqnn_texts_free(cleaned);
        return NULL;
    }
    return cleaned;
}
