#include "word_forms.h"

SEQNN_API seqnn_part_of_speech seqnn_part_of_speech_of_tag(const char *tag)
{
    static const struct {
        const char *begin;
        seqnn_part_of_speech part;
    } tags[] = {{"NN", SEQNN_NOUN},
                {"VB", SEQNN_VERB},
                {"MD", SEQNN_VERB},
                {"JJ", SEQNN_ADJECTIVE},
                {"RB", SEQNN_ADVERB}};
    for (int i = 0; tag && i < (int)SQ_COUNT(tags); i++)
        if (strncmp(tag, tags[i].begin, 2) == 0)
            return tags[i].part;
    return SEQNN_PART_OF_SPEECH_DEFAULT;
}

#ifdef SEQNN_USE_WORDNET

/* Of WordNet's library only these two: its header defines macros such as NOUN and bit. */
#ifdef __cplusplus
extern "C" {
#endif
extern int wninit(void);
extern char *morphstr(char *word, int part_of_speech);
#ifdef __cplusplus
}
#endif

/* The library copies words and paths into arrays of 256 bytes without asking. */
enum { SQ_LONGEST_LEMMA = 64, SQ_LONGEST_WORDNET_PATH = 200, SQ_PARTS_OF_SPEECH = 5 };

struct seqnn_lemmas {
    sq_words asked, answers;
    /* [asked.count][SQ_PARTS_OF_SPEECH]: the number of the answer + 1; 0: not asked yet
     */
    int32_t (*answer)[SQ_PARTS_OF_SPEECH];
    seqnn_size capacity;
};

SEQNN_API seqnn_lemmas *seqnn_lemmas_new(void)
{
    static const char *const places[] = {"WNSEARCHDIR", "WNHOME"};
    for (int i = 0; i < 2; i++) {
        const char *path = getenv(places[i]);
        if (path && strlen(path) > SQ_LONGEST_WORDNET_PATH) {
            sq_fail(SEQNN_ERROR_FILE, "lemmas: $%s has %zu characters, expected up to %d",
                    places[i], strlen(path), (int)SQ_LONGEST_WORDNET_PATH);
            return NULL;
        }
    }
    if (wninit() != 0) {
        sq_fail(SEQNN_ERROR_FILE,
                "lemmas: WordNet's dictionary is not there (Debian: wordnet-base; "
                "elsewhere set WNSEARCHDIR to the folder of index.noun)");
        return NULL;
    }
    return (seqnn_lemmas *)sq_allocate(1, sizeof(seqnn_lemmas));
}

static bool sq_has_lemma(const char *word, seqnn_size size)
{
    for (seqnn_size i = 0; i < size; i++) {
        unsigned char c = (unsigned char)word[i];
        bool known = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
                     c == '\'' || c == '.';
        if (!known)
            return false;
    }
    return size > 0 && size <= SQ_LONGEST_LEMMA;
}

/* What morphy says of one part of speech; NULL if that is the word itself. */
static const char *sq_morphy(const char *word, seqnn_size size, int part)
{
    char copy[256] = {0};
    for (seqnn_size i = 0; i < size; i++)
        copy[i] = (char)(word[i] >= 'A' && word[i] <= 'Z' ? word[i] + 0x20 : word[i]);
    char lower[256];
    memcpy(lower, copy, sizeof lower);
    const char *lemma = morphstr(copy, part);
    return lemma && *lemma && strcmp(lemma, lower) != 0 ? lemma : NULL;
}

static const char *sq_ask_wordnet(const char *word, seqnn_size size,
                                  seqnn_part_of_speech part)
{
    if (part != SEQNN_PART_OF_SPEECH_DEFAULT)
        return sq_morphy(word, size, (int)part);
    for (int p = SEQNN_NOUN; p <= SEQNN_ADVERB; p++) {
        const char *lemma = sq_morphy(word, size, p);
        if (lemma && (p == SEQNN_VERB || strlen(lemma) > 2))
            return lemma;
    }
    return NULL;
}

SQ_LOCAL const sq_word *sq_lemma(seqnn_lemmas *lemmas, const char *word, seqnn_size size,
                                 seqnn_part_of_speech part)
{
    seqnn_size known = lemmas->asked.count;
    void *answer = (void *)lemmas->answer;
    if (sq_grow(&answer, &lemmas->capacity, known + 1, sizeof lemmas->answer[0]) !=
        SEQNN_OK)
        return NULL;
    lemmas->answer = (int32_t(*)[SQ_PARTS_OF_SPEECH])answer;
    int32_t number = sq_words_add(&lemmas->asked, word, size);
    if (number < 0)
        return NULL;
    int32_t *row = lemmas->answer[number];
    if (number >= known)
        memset(row, 0, sizeof lemmas->answer[0]);
    if (row[part] == 0) {
        const char *lemma =
            sq_has_lemma(word, size) ? sq_ask_wordnet(word, size, part) : NULL;
        int32_t found =
            lemma ? sq_words_add(&lemmas->answers, lemma, (seqnn_size)strlen(lemma))
                  : sq_words_add(&lemmas->answers, word, size);
        if (found < 0)
            return NULL;
        row[part] = found + 1;
    }
    return &lemmas->answers.word[row[part] - 1];
}

SEQNN_API const char *seqnn_lemma(seqnn_lemmas *lemmas, const char *word,
                                  seqnn_part_of_speech part_of_speech)
{
    if (!lemmas || !word || (int)part_of_speech < 0 || part_of_speech > SEQNN_ADVERB) {
        sq_fail(SEQNN_ERROR_ARGUMENT, "lemma: %s",
                !lemmas ? "there is no dictionary"
                : !word ? "the word is NULL"
                        : "an unknown part of speech");
        return NULL;
    }
    const sq_word *lemma =
        sq_lemma(lemmas, word, (seqnn_size)strlen(word), part_of_speech);
    return lemma ? lemma->text : NULL;
}

SEQNN_API void seqnn_lemmas_free(seqnn_lemmas *lemmas)
{
    if (!lemmas)
        return;
    sq_words_free(&lemmas->asked);
    sq_words_free(&lemmas->answers);
    sq_free((void *)lemmas->answer);
    sq_free(lemmas);
}

#else

struct seqnn_lemmas {
    int none;
};

static void sq_no_wordnet(void)
{
    sq_fail(SEQNN_ERROR_ARGUMENT,
            "lemmas: compiled without WordNet; define SEQNN_USE_WORDNET and link with "
            "-lwordnet (Debian: wordnet-dev, wordnet-base)");
}

SEQNN_API seqnn_lemmas *seqnn_lemmas_new(void)
{
    sq_no_wordnet();
    return NULL;
}

SQ_LOCAL const sq_word *sq_lemma(seqnn_lemmas *lemmas, const char *word, seqnn_size size,
                                 seqnn_part_of_speech part)
{
    (void)lemmas, (void)word, (void)size, (void)part;
    sq_no_wordnet();
    return NULL;
}

SEQNN_API const char *seqnn_lemma(seqnn_lemmas *lemmas, const char *word,
                                  seqnn_part_of_speech part_of_speech)
{
    (void)lemmas, (void)word, (void)part_of_speech;
    sq_no_wordnet();
    return NULL;
}

SEQNN_API void seqnn_lemmas_free(seqnn_lemmas *lemmas)
{
    (void)lemmas;
}

#endif
