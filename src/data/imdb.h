/* data/imdb.h - the IMDB film reviews (A. Maas and others, "Learning word vectors for
 * sentiment analysis", 2011), and the numbers that Keras gives their words
 *
 *     DIR/aclImdb/{test,train}/{neg,pos}/<number>_<rating>.txt     or without aclImdb
 *
 * One review a file; the rating, 1 to 4 or 7 to 10 stars, is kept in the id,
 * "train/pos/127_7.txt". Reviews come in the byte order of their ids; neg is class 0, pos
 * is class 1. Bytes that are not UTF-8 are taken as Latin-1. What lies beside neg and pos
 * (the reviews without a class in train/unsup) is left out.
 *
 * The 10,000 most frequent words as a row of 0 and 1 for each review, 40 kB a row or 2 GB
 * in all (encode.h; to fit the words on the training part alone, see there):
 *
 *     seqnn_texts *reviews = seqnn_read_imdb(directory, (seqnn_imdb_options){0});
 *     seqnn_dataset *data = seqnn_encode(
 *         reviews, (seqnn_encode_options){.n_hot = SEQNN_BINARY, .num_words = 10000});
 *
 * keras.datasets.imdb comes as two files. imdb_word_index.json is read below. imdb.npz
 * holds pickled Python objects, which are programs: it is not read. This turns it into
 * imdb_train.tsv and imdb_test.tsv for seqnn_read_tsv, whose texts give the same numbers
 * again with that index:
 *
 *     import json, numpy
 *     index = json.load(open("imdb_word_index.json"))
 *     word = {number: text for text, number in index.items()}
 *     reviews = numpy.load("imdb.npz", allow_pickle=True)
 *     for part in ("train", "test"):
 *         with open(f"imdb_{part}.tsv", "w", encoding="utf-8", newline="\n") as out:
 *             for x, y in zip(reviews["x_" + part], reviews["y_" + part]):
 *                 text = " ".join(word[number] for number in x)
 *                 print(("neg", "pos")[y], text, sep="\t", file=out)
 */
#ifndef SEQNN_IMDB_H
#define SEQNN_IMDB_H

#include "texts.h"
#include "tokenizer.h"

typedef enum seqnn_imdb_part {
    SEQNN_IMDB_DEFAULT = 0, /* test and train, or the one that is there */
    SEQNN_IMDB_TRAIN,
    SEQNN_IMDB_TEST
} seqnn_imdb_part;

typedef struct seqnn_imdb_options {
    seqnn_imdb_part part;
    /* The line breaks of the web page, "<br />", become a blank each; else they stay, and
     * br becomes a frequent word, as in Keras. */
    bool break_to_blank;
} seqnn_imdb_options;

/* Error: neither part is there, a class of a part is missing or empty, a file that cannot
 * be read or holds a NUL byte. directory NULL: NULL, and the error of what should have
 * given it stands. */
SEQNN_API seqnn_texts *seqnn_read_imdb(const char *directory, seqnn_imdb_options options);

/* ---- Keras' numbers ----
 *
 * keras.datasets.imdb numbers words by how frequent they are: 1, 2, 3, ... A review is
 * the number of each word + 3 behind a number 1 that says where it starts; 2 stands for
 * words that are left out; 0 is the padding. */

/* A tokenizer that knows the words of an index {"the": 1, "and": 2, ...}: a JSON object
 * as imdb_word_index.json, or Keras' Tokenizer.word_index, which numbers its n words 1 to
 * n. It has the oov_token "<unk>", so that seqnn_tokenizer_index gives the number + 1,
 * and counts every word once. Error: no such object, a number that comes twice or beyond
 * n, a word that the tokenizer would not find in a text (upper case, punctuation). */
SEQNN_API seqnn_tokenizer *seqnn_read_word_index(const char *path);

/* imdb.load_data's arguments, and what 0 means here. */
typedef struct seqnn_imdb_index_options {
    seqnn_size num_words; /* numbers are below it, others become 2; 0: all words */
    seqnn_size skip_top;  /* numbers below it become 2 (the start's too, as in Keras) */
    bool no_start;        /* start_char=None: nothing in front */
    bool no_oov;          /* oov_char=None: such words are left out */
} seqnn_imdb_index_options;

/* Texts in Keras' numbers, by a tokenizer of all words (no num_words): from
 * seqnn_read_word_index, or fitted on the reviews. It may have an oov_token: then words
 * it does not know become 2, otherwise they are left out. The numbers are below
 * num_words, or without it below seqnn_tokenizer_words(words) + 4. (Keras without
 * num_words also makes its largest number a 2: num_words = seqnn_tokenizer_words(words) +
 * 3 does so here.) */
SEQNN_API seqnn_token_sequences *seqnn_imdb_index(const seqnn_tokenizer *words,
                                                  const char *const *texts,
                                                  seqnn_size count,
                                                  seqnn_imdb_index_options options);

#endif
