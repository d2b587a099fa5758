/* words/word_space.h - word vectors as a space: similar words, analogies
 *
 *     seqnn_word_vectors *vectors = seqnn_word_vectors_read("vectors.bin");
 *     seqnn_word_space *space = seqnn_word_space_new(vectors);
 *     seqnn_neighbour found[10];
 *     if (seqnn_word_neighbours(space, "river", 10, found))
 *         fprintf(stderr, "%s\n", seqnn_error());
 *     for (int i = 0; i < 10 && found[i].word; i++)
 *         printf("%-20s %.3f\n", found[i].word, found[i].similarity);
 *
 * Words are compared by the angle between their vectors, not by the distance:
 *
 *     cos(x, y) = x . y / (|x| |y|)
 *
 * for the length of a vector says how often a word was trained rather than what it means.
 * The space keeps a copy of every vector at length 1, so that a cosine is one product; a
 * vector of zeros stays one, and its cosine with any other is 0.
 *
 * AN ANALOGY, a is to b as c is to ?, is answered by the words x that are
 *
 *     3CosAdd   closest to b - a + c:    argmax_x cos(x, b - a + c),
 *               which is                 argmax_x cos(x, b) - cos(x, a) + cos(x, c)
 *     3CosMul   closest to b and c and   argmax_x cos'(x, b) cos'(x, c)
 *               far from a:                       / (cos'(x, a) + epsilon)
 *
 * all vectors at length 1, cos' = (1 + cos) / 2. A sum of three is easily decided by one
 * large cosine, a product is not. The words asked for are never among the answers: with
 * vectors of real text the first would often be b or c (Linzen, "Issues in evaluating
 * semantic spaces using word analogies", 2016).
 *
 * Cost: one question compares with all words, words x dimension multiply-adds on all
 * threads (3CosMul: that for each word asked for). No index: the answers are exact, and
 * the same to the bit for any number of threads.
 *
 * Mikolov, Yih and Zweig, "Linguistic regularities in continuous space word
 * representations", 2013; Levy and Goldberg, "Linguistic regularities in sparse and
 * explicit word representations", 2014
 */
#ifndef SEQNN_WORD_SPACE_H
#define SEQNN_WORD_SPACE_H
#ifdef SEQNN_WORDS

#include "word_vectors.h"

typedef struct seqnn_word_space {
    seqnn_size count, dimension;
    const char *const *word; /* [count] */
    const seqnn_real *unit;  /* [count, dimension]: vectors of length 1 */
} seqnn_word_space;

/* Of vectors that were read, trained, or are of your own (the four members of
 * seqnn_word_vectors). Words and numbers are copied: the vectors may be freed. Error: no
 * vectors, a word that is missing or comes twice, a number that is not finite. */
SEQNN_API seqnn_word_space *seqnn_word_space_new(const seqnn_word_vectors *vectors);
SEQNN_API void seqnn_word_space_free(seqnn_word_space *space);

/* The number of a word; -1 if there is none of this name (no error is set). */
SEQNN_API seqnn_size seqnn_word_space_find(const seqnn_word_space *space,
                                           const char *word);

/* cos(a, b), in [-1, 1]. Error: an unknown word, here and below, is named. */
SEQNN_API seqnn_status seqnn_word_similarity(const seqnn_word_space *space, const char *a,
                                             const char *b, double *similarity);

/* One answer. The most similar comes first; of equally similar words the lower number. An
 * array of n answers is always filled: where there are fewer words the rest has word NULL
 * and number -1. */
typedef struct seqnn_neighbour {
    const char *word; /* of the space */
    seqnn_size number;
    double similarity;
} seqnn_neighbour;

/* The n words nearest to a word, without itself; nearest to any vector [dimension]. */
SEQNN_API seqnn_status seqnn_word_neighbours(const seqnn_word_space *space,
                                             const char *word, seqnn_size n,
                                             seqnn_neighbour *found);
SEQNN_API seqnn_status seqnn_vector_neighbours(const seqnn_word_space *space,
                                               const seqnn_real *vector, seqnn_size n,
                                               seqnn_neighbour *found);

typedef enum seqnn_analogy_method {
    SEQNN_ANALOGY_DEFAULT = 0, /* SEQNN_COS_ADD */
    SEQNN_COS_ADD,
    SEQNN_COS_MUL
} seqnn_analogy_method;

typedef struct seqnn_analogy_options {
    seqnn_analogy_method method;
    seqnn_size restrict_vocab; /* answer by the first words only; 0: by all */
    double epsilon;            /* of 3CosMul: 1e-6, as in gensim; the paper has 1e-3 */
} seqnn_analogy_options;

/* a is to b as c is to found[0..n): "man", "king", "woman". */
SEQNN_API seqnn_status seqnn_word_analogy(const seqnn_word_space *space, const char *a,
                                          const char *b, const char *c, seqnn_size n,
                                          seqnn_neighbour *found,
                                          seqnn_analogy_options options);

/* The same with any number of words: similar to each positive one, not to the negative
 * ones (gensim's most_similar and most_similar_cosmul).
 *
 *     3CosAdd   cos(x, sum of the positive - sum of the negative)
 *     3CosMul   product of cos'(x, positive) / (product of cos'(x, negative) + epsilon)
 *
 * Error: no positive word. */
SEQNN_API seqnn_status seqnn_most_similar(
    const seqnn_word_space *space, const char *const *positive, seqnn_size positive_count,
    const char *const *negative, seqnn_size negative_count, seqnn_size n,
    seqnn_neighbour *found, seqnn_analogy_options options);

#endif
#endif
