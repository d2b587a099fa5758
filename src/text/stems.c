#include "stems.h"
#include "unicode.h"
#include "word_forms.h"

#ifdef SEQNN_USE_SNOWBALL
#include <libstemmer.h>

struct seqnn_stemmer {
    struct sb_stemmer *snowball;
};

SEQNN_API seqnn_stemmer *seqnn_stemmer_new(const char *language)
{
    seqnn_stemmer *stemmer = (seqnn_stemmer *)sq_allocate(1, sizeof(seqnn_stemmer));
    if (!stemmer)
        return NULL;
    stemmer->snowball = sb_stemmer_new(language ? language : "english", NULL);
    if (stemmer->snowball)
        return stemmer;
    sq_fail(SEQNN_ERROR_ARGUMENT, "stems: Snowball has no language '%s'",
            language ? language : "english");
    sq_free(stemmer);
    return NULL;
}

SQ_LOCAL const char *sq_stem(seqnn_stemmer *stemmer, const char *word, seqnn_size *size)
{
    int32_t point;
    for (seqnn_size i = 0; i < *size;) {
        i += sq_utf8_next(word + i, *size - i, &point);
        if (point < 0)
            return word;
    }
    if (*size > INT_MAX / 2)
        return word;
    const sb_symbol *stem = sb_stemmer_stem(
        stemmer->snowball, (const sb_symbol *)(const void *)word, (int)*size);
    if (!stem) {
        sq_fail(SEQNN_ERROR_MEMORY, "stems: no memory for a word of %td bytes", *size);
        return NULL;
    }
    *size = sb_stemmer_length(stemmer->snowball);
    return (const char *)(const void *)stem;
}

SEQNN_API const char *seqnn_stem(seqnn_stemmer *stemmer, const char *word)
{
    if (!stemmer || !word) {
        sq_fail(SEQNN_ERROR_ARGUMENT, "stem: the %s is NULL",
                stemmer ? "word" : "stemmer");
        return NULL;
    }
    seqnn_size size = (seqnn_size)strlen(word);
    return sq_stem(stemmer, word, &size); /* Snowball puts a NUL behind it */
}

SEQNN_API void seqnn_stemmer_free(seqnn_stemmer *stemmer)
{
    if (!stemmer)
        return;
    sb_stemmer_delete(stemmer->snowball);
    sq_free(stemmer);
}

#else

struct seqnn_stemmer {
    int none;
};

static void sq_no_snowball(void)
{
    sq_fail(SEQNN_ERROR_ARGUMENT,
            "stems: compiled without Snowball; define SEQNN_USE_SNOWBALL and link with "
            "-lstemmer (Debian: libstemmer-dev)");
}

SEQNN_API seqnn_stemmer *seqnn_stemmer_new(const char *language)
{
    (void)language;
    sq_no_snowball();
    return NULL;
}

SQ_LOCAL const char *sq_stem(seqnn_stemmer *stemmer, const char *word, seqnn_size *size)
{
    (void)stemmer, (void)word, (void)size;
    sq_no_snowball();
    return NULL;
}

SEQNN_API const char *seqnn_stem(seqnn_stemmer *stemmer, const char *word)
{
    (void)stemmer, (void)word;
    sq_no_snowball();
    return NULL;
}

SEQNN_API void seqnn_stemmer_free(seqnn_stemmer *stemmer)
{
    (void)stemmer;
}

#endif
