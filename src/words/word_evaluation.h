/* words/word_evaluation.h - how good word vectors are: analogy questions, similarity sets
 *
 *     seqnn_analogy_scores *scores = seqnn_analogies_evaluate(
 *         space, "questions-words.txt", (seqnn_evaluation_options){0});
 *     seqnn_analogies_print(scores, stdout);
 *     seqnn_analogy_scores_free(scores);
 *
 *     seqnn_similarity_score score = seqnn_similarities_evaluate(
 *         space, "EN-SIMLEX-999.txt", (seqnn_evaluation_options){0});
 *     printf("Spearman %.4f of %td pairs\n", score.spearman, score.pairs);
 *
 * Both agree with gensim's evaluate_word_analogies and evaluate_word_pairs
 * (dummy4unknown=False): a line with a word that is not among the first restrict_vocab
 * words of the space is left out. Letters of either case are the same unless
 * case_sensitive: a word of the file is then the first of the space that is spelled so
 * (gensim compares by upper case, here it is Unicode's lower case: they differ for
 * letters like the dotless i and the German sharp s).
 *
 * Mikolov, Chen, Corrado and Dean, "Efficient estimation of word representations in
 * vector space", 2013 (the questions); Finkelstein, Gabrilovich, Matias, Rivlin, Solan,
 * Wolfman and Ruppin, "Placing search in context: the concept revisited", 2002
 * (WordSim-353); Hill, Reichart and Korhonen, "SimLex-999", 2015
 */
#ifndef SEQNN_WORD_EVALUATION_H
#define SEQNN_WORD_EVALUATION_H
#ifdef SEQNN_WORDS

#include "word_space.h"

#include <stdio.h>

typedef struct seqnn_evaluation_options {
    seqnn_size restrict_vocab; /* the first words only: 300000, as gensim */
    bool case_sensitive;
    seqnn_analogy_method method; /* of analogies; 3CosMul with epsilon 1e-6 */
} seqnn_evaluation_options;

/* Of a section, or of several: accuracy = correct / seen. */
typedef struct seqnn_analogy_score {
    const char *section;
    seqnn_size questions; /* in the file */
    seqnn_size seen;      /* all four words are known: these were asked */
    seqnn_size correct;   /* the first answer is the fourth word */
    double accuracy;      /* 0 if none was seen */
} seqnn_analogy_score;

typedef struct seqnn_analogy_scores {
    seqnn_size count;
    const seqnn_analogy_score *score; /* [count] sections, in the order of the file */
    seqnn_analogy_score total;
    /* Sections whose name begins with "gram" are syntactic, the others semantic. */
    seqnn_analogy_score semantic, syntactic;
} seqnn_analogy_scores;

/* Asks the questions of a file:
 *
 *     : capital-common-countries
 *     Athens Greece Baghdad Iraq
 *
 * a line with ": " and a name begins a section; below it each line is a question of four
 * words, a is to b as c is to d; empty lines are none. Right is an answer that is d, in
 * any case unless case_sensitive; words that are a, b or c, in any case, are no answers.
 *
 * Cost: words in the questions x words in the space x dimension multiply-adds, and
 * questions x words additions, on all threads; memory for some megabytes.
 *
 * Error: a file that is not there or has no question, a line of fewer or more words, a
 * question before the first section. */
SEQNN_API seqnn_analogy_scores *
seqnn_analogies_evaluate(const seqnn_word_space *space, const char *path,
                         seqnn_evaluation_options options);
SEQNN_API void seqnn_analogy_scores_free(seqnn_analogy_scores *scores);

/* The sections as a table, with semantic, syntactic and total below it; NULL scores:
 * the error.
 *
 *     section          accuracy  correct     seen  questions
 *     family             53.2 %      269      506        506
 *     ...
 *     total              31.8 %     2107     6621      19544
 */
SEQNN_API void seqnn_analogies_print(const seqnn_analogy_scores *scores, FILE *file);

typedef struct seqnn_similarity_score {
    seqnn_status status;
    seqnn_size pairs;     /* both words are known: compared */
    seqnn_size unknown;   /* left out */
    double unknown_ratio; /* unknown / (pairs + unknown) */
    /* Between the cosines of the pairs and their scores by people: Pearson's correlation
     * coefficient, and Spearman's, which is Pearson's of the ranks, equal ones having
     * their mean rank. In [-1, 1]; NaN for a single pair, or where all scores are equal
     * or no two cosines differ by more than 1e-6, which is rounding. */
    double spearman, pearson;
} seqnn_similarity_score;

/* Compares with the judgements of people. A line is
 *
 *     word, separator, word, separator, score
 *
 * where the separator is a tab if the line holds one, else a comma if it holds one, else
 * blanks. Lines that begin with # and empty ones are left out, and so is a first line
 * whose score is no number, a heading.
 *
 * Error: a file that is not there or holds no pair, a line of fewer or more fields or
 * without a finite number, no pair of known words. */
SEQNN_API seqnn_similarity_score seqnn_similarities_evaluate(
    const seqnn_word_space *space, const char *path, seqnn_evaluation_options options);

#endif
#endif
