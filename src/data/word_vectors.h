/* data/word_vectors.h - word vectors in files: GloVe's, word2vec's, safetensors
 *
 *     seqnn_size rows = seqnn_tokenizer_vocabulary(tokenizer);
 *     seqnn_real *table = calloc((size_t)rows * 100, sizeof *table);
 *     seqnn_word_vectors *vectors = seqnn_word_vectors_read("glove.6B.100d.txt");
 *     seqnn_coverage c = seqnn_word_vectors_fill(tokenizer, vectors, table, 100);
 *     if (c.status)
 *         fprintf(stderr, "%s\n", seqnn_error());
 *     printf("%td of %td words have a vector\n", c.words_covered, c.words);
 *     seqnn_embedding_options start = {.vectors = table};
 *     seqnn_embedding(model, rows, 100, start);
 *
 * (seqnn_word_vectors_into does it from the file, in less memory; the zeros of a word
 * without a vector are better small random numbers.)
 *
 *   GloVe             one word a line, a blank, its numbers with blanks between them
 *   word2vec, text    the same below a line "count dimension"
 *   word2vec, binary  the line "count dimension", then for each word its bytes, a blank
 *                     and float32 numbers (little-endian), with or without a line feed
 *   safetensors       a tensor "vectors" F32 [count, dimension], and a tensor "words" U8:
 *                     the bytes of all words, a line feed behind each
 *
 *     the -0.038194 -0.24487 0.72812 ...
 *
 * The format is found out from the first bytes; a first line of two whole numbers is a
 * header, so one-dimensional GloVe vectors whose first word is a number need one. Files
 * may be gzip-compressed (SEQNN_USE_ZLIB), other than safetensors, which are also read
 * with elements of other types. Words are taken as the bytes they are, in whatever
 * encoding, up to 4096 of them; in the text formats a blank, in the binary one a blank or
 * NUL, in safetensors a line feed or NUL cannot be in a word. In Python:
 *
 *     from safetensors.numpy import load_file
 *     file = load_file("vectors.safetensors")
 *     words, vectors = file["words"].tobytes().decode().split("\n")[:-1], file["vectors"]
 *
 * Pennington, Socher and Manning, "GloVe: global vectors for word representation", 2014;
 * Mikolov, Sutskever, Chen, Corrado and Dean, "Distributed representations of words and
 * phrases and their compositionality", 2013
 */
#ifndef SEQNN_WORD_VECTORS_H
#define SEQNN_WORD_VECTORS_H

#include "tokenizer.h"

typedef struct seqnn_word_vectors {
    seqnn_size count, dimension;
    const char *const *word;  /* [count] */
    const seqnn_real *values; /* [count, dimension] */
} seqnn_word_vectors;

/* The whole file; a word that comes again keeps its first vector. Error: a line whose
 * count of numbers differs from the header's or the first line's, something that is no
 * finite number, a header that says more or fewer vectors than there are (at most 2^31 -
 * 3 of at most 65536 numbers), a file that is empty or cut off. The sentence names the
 * file and the line or, in a binary file, the vector; of safetensors, which tensor is not
 * as above. */
SEQNN_API seqnn_word_vectors *seqnn_word_vectors_read(const char *path);

/* The vector of a word, [dimension], or NULL if there is none (no error is set); of
 * vectors that were read or trained. */
SEQNN_API const seqnn_real *seqnn_word_vectors_find(const seqnn_word_vectors *vectors,
                                                    const char *word);

SEQNN_API void seqnn_word_vectors_free(seqnn_word_vectors *vectors);

typedef enum seqnn_vector_format {
    SEQNN_VECTORS_DEFAULT = 0, /* as SEQNN_VECTORS_WORD2VEC */
    SEQNN_VECTORS_WORD2VEC,    /* text below a header */
    SEQNN_VECTORS_GLOVE,       /* text */
    SEQNN_VECTORS_BINARY,
    SEQNN_VECTORS_SAFETENSORS
} seqnn_vector_format;

/* Writes the four members above, which may be of your own: the words of a tokenizer, the
 * rows of an embedding. Numbers in text read back as the same. The old file stays until
 * the new one is whole. Error: no vector, a word that comes twice, is empty, is longer
 * than 4096 bytes or holds a line feed or (but in safetensors) a blank, a number that is
 * not finite, what the file system says. */
SEQNN_API seqnn_status seqnn_word_vectors_write(const seqnn_word_vectors *vectors,
                                                const char *path,
                                                seqnn_vector_format format);

/* How much of a vocabulary the vectors cover: of its words (padding, oov_token and words
 * beyond num_words do not count), and of their occurrences in the texts it was fitted on.
 */
typedef struct seqnn_coverage {
    seqnn_status status;
    seqnn_size words, words_covered;
    int64_t tokens, tokens_covered;
} seqnn_coverage;

/* Puts the vectors of the tokenizer's words into their rows of table
 * [seqnn_tokenizer_vocabulary(tokenizer), dimension] and leaves the other rows as they
 * are. Only these words' numbers are read; lines of other words are checked for their
 * count of numbers alone. Errors as above, or another dimension. */
SEQNN_API seqnn_coverage seqnn_word_vectors_into(const seqnn_tokenizer *tokenizer,
                                                 const char *path, seqnn_real *table,
                                                 seqnn_size dimension);

/* The same from vectors in memory: read, trained, or of your own (the four members
 * above); of a word that comes twice the first. The table is then what an embedding layer
 * starts from (seqnn_embedding_options.vectors). Error: another dimension, a number that
 * is not finite. */
SEQNN_API seqnn_coverage seqnn_word_vectors_fill(const seqnn_tokenizer *tokenizer,
                                                 const seqnn_word_vectors *vectors,
                                                 seqnn_real *table, seqnn_size dimension);

#endif
