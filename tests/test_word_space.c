/* Word spaces and their evaluation: beside gensim, beside plain loops, bad input. */
/* flags: -Wl,--wrap=malloc -Wl,--wrap=free */
#define WRAP_ALLOCATIONS
#include "reader_files.h"

#include <math.h>

#include "comma_locale.h"
#include "random.h"
#include "word_evaluation.h"
#include "word_space_record.h"

#define assert_near(value, expected, by)                                                 \
    do {                                                                                 \
        if (!(fabs((value) - (expected)) <= (by)))                                       \
            fail_msg("%.9g, expected %.9g", (double)(value), (double)(expected));        \
    } while (0)

static const seqnn_evaluation_options plain = {0};

static seqnn_word_space *read_space(const char *path)
{
    seqnn_word_vectors *vectors = seqnn_word_vectors_read(path);
    seqnn_word_space *space = seqnn_word_space_new(vectors);
    seqnn_word_vectors_free(vectors);
    return space;
}

static seqnn_word_space *recorded_space(void)
{
    seqnn_word_space *space = read_space(write_text("v", recorded_vectors));
    assert_non_null(space);
    return space;
}

/* ---- similar words ---- */

static void test_space(void **state)
{
    (void)state;
    static const char *const words[] = {"north", "east", "none", "far north",
                                        "north-east"};
    static const seqnn_real values[] = {0, 2, 3, 0, 0, 0, 0, (seqnn_real)3e38, 1, 1};
    const seqnn_word_vectors ours = {5, 2, words, values};
    seqnn_word_space *space = seqnn_word_space_new(&ours);
    assert_non_null(space);
    assert_int_equal(seqnn_word_space_find(space, "none"), 2);
    assert_int_equal(seqnn_word_space_find(space, "west"), -1);
    double similarity = 0;
    assert_int_equal(seqnn_word_similarity(space, "north", "north-east", &similarity), 0);
    assert_near(similarity, sqrt(0.5), 1e-7);
    assert_int_equal(seqnn_word_similarity(space, "north", "far north", &similarity), 0);
    assert_near(similarity, 1, 0);
    assert_int_equal(seqnn_word_similarity(space, "none", "none", &similarity), 0);
    assert_near(similarity, 0, 0);

    seqnn_neighbour found[7];
    assert_int_equal(seqnn_word_neighbours(space, "north", 7, found), SEQNN_OK);
    static const int order[] = {3, 4, 1, 2, -1, -1, -1}; /* equal ones by number */
    for (int i = 0; i < 7; i++) {
        assert_int_equal(found[i].number, order[i]);
        assert_ptr_equal(found[i].word, order[i] < 0 ? NULL : space->word[order[i]]);
    }
    static const seqnn_real south[] = {0, (seqnn_real)-1e-30};
    assert_int_equal(seqnn_vector_neighbours(space, south, 5, found), SEQNN_OK);
    static const int from_south[] = {1, 2, 4, 0, 3};
    for (int i = 0; i < 5; i++)
        assert_int_equal(found[i].number, from_south[i]);
    assert_near(found[4].similarity, -1, 0);
    seqnn_word_space_free(space);
    seqnn_word_space_free(NULL);
}

/* n answers of many words are the n first of all of them sorted. */
static void test_many(void **state)
{
    (void)state;
    enum { COUNT = 3000, DIMENSION = 3 };
    static char names[COUNT][8];
    static const char *words[COUNT];
    static seqnn_real values[COUNT][DIMENSION];
    static seqnn_neighbour all[COUNT], some[COUNT];
    for (int i = 0; i < COUNT; i++) {
        snprintf(names[i], sizeof names[i], "w%d", i);
        words[i] = names[i];
        for (int k = 0; k < DIMENSION; k++) /* many of them equal */
            values[i][k] = (seqnn_real)((i / 2 * (k + 3) * 7919 % 23) - 11);
    }
    const seqnn_word_vectors ours = {COUNT, DIMENSION, words, values[0]};
    seqnn_word_space *space = seqnn_word_space_new(&ours);
    assert_non_null(space);
    assert_int_equal(seqnn_word_neighbours(space, "w7", COUNT, all), SEQNN_OK);
    assert_null(all[COUNT - 1].word);
    bool seen[COUNT] = {false};
    for (int i = 0; i + 1 < COUNT; i++) {
        assert_false(seen[all[i].number]);
        seen[all[i].number] = true;
        double dot = 0;
        for (int k = 0; k < DIMENSION; k++)
            dot += (double)space->unit[7 * DIMENSION + k] *
                   (double)space->unit[all[i].number * DIMENSION + k];
        assert_near(all[i].similarity, fmax(-1, fmin(1, dot)), 1e-12);
        assert_true(i == 0 || all[i - 1].similarity > all[i].similarity ||
                    (all[i - 1].similarity == all[i].similarity &&
                     all[i - 1].number < all[i].number));
    }
    assert_false(seen[7]);
    for (int n = 1; n < COUNT; n = 2 * n + 1) {
        assert_int_equal(seqnn_word_neighbours(space, "w7", n, some), SEQNN_OK);
        for (int i = 0; i < n; i++)
            assert_int_equal(some[i].number, all[i].number);
    }
    seqnn_word_space_free(space);
}

static void test_searches(void **state)
{
    (void)state;
    seqnn_word_space *space = recorded_space();
    for (size_t i = 0; i < sizeof recorded_searches / sizeof recorded_searches[0]; i++) {
        const struct recorded_search *search = &recorded_searches[i];
        seqnn_neighbour found[6];
        seqnn_size positive = 0, negative = 0;
        while (positive < 3 && search->positive[positive])
            positive++;
        while (negative < 2 && search->negative[negative])
            negative++;
        seqnn_analogy_options options = {.method =
                                             search->mul ? SEQNN_COS_MUL : SEQNN_COS_ADD};
        assert_int_equal(seqnn_most_similar(space, search->positive, positive,
                                            search->negative, negative, 6, found,
                                            options),
                         SEQNN_OK);
        for (int k = 0; k < 6; k++) {
            assert_string_equal(found[k].word, search->word[k]);
            assert_near(found[k].similarity, search->similarity[k],
                        2e-6 * fmax(1, search->similarity[k]));
        }
        if (positive == 2 && negative == 1) {
            seqnn_neighbour again[6];
            assert_int_equal(seqnn_word_analogy(space, search->negative[0],
                                                search->positive[0], search->positive[1],
                                                6, again, options),
                             SEQNN_OK);
            for (int k = 0; k < 6; k++)
                assert_int_equal(again[k].number, found[k].number);
        }
    }
    /* the first words only, and the paper's epsilon */
    seqnn_neighbour found[3], paper[3];
    seqnn_analogy_options options = {.method = SEQNN_COS_MUL, .restrict_vocab = 8};
    assert_int_equal(seqnn_word_analogy(space, "Vanor", "Sild", "cat", 3, found, options),
                     SEQNN_OK);
    for (int k = 0; k < 3; k++)
        assert_in_range(found[k].number, 2, 7);
    options.epsilon = 1e-3;
    assert_int_equal(seqnn_word_analogy(space, "Vanor", "Sild", "cat", 3, paper, options),
                     SEQNN_OK);
    assert_true(paper[0].similarity < found[0].similarity);
    assert_near(paper[0].similarity, found[0].similarity, 1e-2);
    seqnn_word_space_free(space);
}

static void test_bad_searches(void **state)
{
    (void)state;
    seqnn_word_space *space = recorded_space();
    const char *const words[] = {"river", "unheard"};
    const seqnn_analogy_options none = {0};
    seqnn_neighbour found[2];
    double similarity;
    assert_int_equal(seqnn_word_similarity(space, "river", "unheard", &similarity),
                     SEQNN_ERROR_ARGUMENT);
    assert_error("word space: 'unheard' is none of its 30 words");
    assert_int_equal(seqnn_word_neighbours(space, "unheard", 2, found),
                     SEQNN_ERROR_ARGUMENT);
    assert_error("'unheard'");
    assert_int_equal(seqnn_word_neighbours(space, NULL, 2, found), SEQNN_ERROR_ARGUMENT);
    assert_int_equal(seqnn_word_neighbours(NULL, "river", 2, found),
                     SEQNN_ERROR_ARGUMENT);
    assert_int_equal(seqnn_most_similar(space, words, 1, words + 1, 1, 2, found, none),
                     SEQNN_ERROR_ARGUMENT);
    assert_error("'unheard'");
    assert_int_equal(seqnn_most_similar(space, words, 0, words, 1, 2, found, none),
                     SEQNN_ERROR_ARGUMENT);
    assert_error("0 positive and 1 negative words, expected a space and at least one");
    assert_int_equal(seqnn_word_neighbours(space, "river", 0, found),
                     SEQNN_ERROR_ARGUMENT);
    assert_error("0 answers");
    seqnn_analogy_options wrong = {.restrict_vocab = -1};
    assert_int_equal(seqnn_most_similar(space, words, 1, NULL, 0, 2, found, wrong),
                     SEQNN_ERROR_ARGUMENT);
    wrong = (seqnn_analogy_options){.method = (seqnn_analogy_method)3};
    assert_int_equal(seqnn_most_similar(space, words, 1, NULL, 0, 2, found, wrong),
                     SEQNN_ERROR_ARGUMENT);
    assert_error("method 3");
    wrong = (seqnn_analogy_options){.epsilon = -1};
    assert_int_equal(seqnn_most_similar(space, words, 1, NULL, 0, 2, found, wrong),
                     SEQNN_ERROR_ARGUMENT);
    seqnn_real vector[6] = {1, 2, (seqnn_real)NAN};
    assert_int_equal(seqnn_vector_neighbours(space, vector, 2, found),
                     SEQNN_ERROR_NUMBER);
    assert_int_equal(seqnn_vector_neighbours(space, NULL, 2, found),
                     SEQNN_ERROR_ARGUMENT);
    seqnn_word_space_free(space);

    static const char *const twice[] = {"a", "b", "a"}, *const missing[] = {"a", NULL};
    seqnn_word_vectors ours = {3, 2, twice, vector};
    vector[2] = 3;
    assert_null(seqnn_word_space_new(&ours));
    assert_error("word 2 is 'a', which is word 0 already");
    ours.count = 2;
    ours.word = missing;
    assert_null(seqnn_word_space_new(&ours));
    assert_error("word 1 is missing");
    ours.word = twice;
    vector[3] = (seqnn_real)INFINITY;
    assert_null(seqnn_word_space_new(&ours));
    assert_error("the vector of 'b' holds a number that is not finite");
    ours.count = 0;
    assert_null(seqnn_word_space_new(&ours));
    assert_error("0 vectors of 2 numbers");
    assert_null(seqnn_word_space_new(NULL));
}

/* ---- analogy questions ---- */

static void test_analogies(void **state)
{
    (void)state;
    seqnn_word_space *space = recorded_space();
    const char *path = write_text("q", recorded_questions);
    for (size_t i = 0; i < sizeof recorded_analogies / sizeof recorded_analogies[0];
         i++) {
        const struct recorded_analogies *record = &recorded_analogies[i];
        seqnn_evaluation_options options = {
            .restrict_vocab =
                record->restrict_vocab == 300000 ? 0 : record->restrict_vocab,
            .case_sensitive = record->case_sensitive,
            .method = record->mul ? SEQNN_COS_MUL : SEQNN_ANALOGY_DEFAULT};
        seqnn_analogy_scores *scores = seqnn_analogies_evaluate(space, path, options);
        assert_non_null(scores);
        assert_int_equal(scores->count, 4);
        seqnn_size correct = 0, seen = 0;
        for (int k = 0; k < 4; k++) {
            assert_int_equal(scores->score[k].correct, record->correct[k]);
            assert_int_equal(scores->score[k].seen, record->seen[k]);
            correct += record->correct[k];
            seen += record->seen[k];
        }
        assert_string_equal(scores->score[0].section, "capitals of countries");
        assert_int_equal(scores->score[0].questions, 43);
        assert_int_equal(scores->total.questions, 76);
        assert_int_equal(scores->total.correct, correct);
        assert_int_equal(scores->total.seen, seen);
        assert_near(scores->total.accuracy, (double)correct / (double)seen, 0);
        assert_int_equal(scores->semantic.questions, 44);
        assert_int_equal(scores->syntactic.correct, record->correct[1]);
        assert_near(scores->score[2].accuracy, 0, 0);
        seqnn_analogy_scores_free(scores);
    }
    seqnn_word_space_free(space);
    seqnn_analogy_scores_free(NULL);
}

/* In many tiles, beside one search a question. */
static void test_tiles(void **state)
{
    (void)state;
    enum { COUNT = 1500, ASKED = 60, DIMENSION = 5 };
    static char names[COUNT][8];
    static const char *words[COUNT];
    static seqnn_real values[COUNT][DIMENSION];
    seqnn_random random = {.seed = 3};
    for (int i = 0; i < COUNT; i++) {
        snprintf(names[i], sizeof names[i], "%s%d", i % 2 ? "w" : "W", i / 2);
        words[i] = names[i];
        for (int k = 0; k < DIMENSION; k++)
            values[i][k] = (seqnn_real)(seqnn_random_uniform(&random) - 0.5);
    }
    const seqnn_word_vectors ours = {COUNT, DIMENSION, words, values[0]};
    seqnn_word_space *space = seqnn_word_space_new(&ours);
    assert_non_null(space);
    for (int method = SEQNN_COS_ADD; method <= SEQNN_COS_MUL; method++) {
        /* Each question's fourth word is the answer of a search: all must be right. */
        FILE *file = fopen(in_folder("q"), "wb");
        assert_non_null(file);
        fprintf(file, ": all\n");
        for (int i = 0; i < ASKED; i++) {
            const char *asked[3];
            for (int k = 0; k < 3; k++)
                asked[k] =
                    words[2 * (int)(seqnn_random_uniform(&random) * (COUNT / 2 - 1))];
            seqnn_neighbour found[8];
            seqnn_analogy_options options = {.method = (seqnn_analogy_method)method};
            assert_int_equal(seqnn_word_analogy(space, asked[0], asked[1], asked[2], 8,
                                                found, options),
                             SEQNN_OK);
            int best = 0;
            while (strcmp(found[best].word + 1, asked[0] + 1) == 0 ||
                   strcmp(found[best].word + 1, asked[1] + 1) == 0 ||
                   strcmp(found[best].word + 1, asked[2] + 1) == 0)
                best++;
            fprintf(file, "%s %s %s %s\n", asked[0], asked[1], asked[2],
                    found[best].word);
        }
        fclose(file);
        seqnn_evaluation_options options = {.method = (seqnn_analogy_method)method};
        seqnn_analogy_scores *scores =
            seqnn_analogies_evaluate(space, in_folder("q"), options);
        assert_non_null(scores);
        assert_int_equal(scores->total.seen, ASKED);
        assert_int_equal(scores->total.correct, ASKED);
        seqnn_analogy_scores_free(scores);
    }
    seqnn_word_space_free(space);
}

static void test_print(void **state)
{
    (void)state;
    if (!set_comma_locale())
        print_message("in the C locale\n");
    seqnn_word_space *space = recorded_space();
    seqnn_analogy_scores *scores =
        seqnn_analogies_evaluate(space, write_text("q", recorded_questions), plain);
    FILE *file = tmpfile();
    assert_non_null(file);
    seqnn_analogies_print(scores, file);
    seqnn_analogies_print(NULL, file);
    rewind(file);
    char text[2000] = "";
    assert_true(fread(text, 1, sizeof text - 1, file) > 0);
    fclose(file);
    static const char expected[] =
        "section                accuracy  correct     seen  questions\n"
        "capitals of countries    66.7 %       28       42         43\n"
        "gram-plural              61.3 %       19       31         32\n"
        "gram-empty                0.0 %        0        0          0\n"
        "one                       0.0 %        0        1          1\n"
        "semantic                 65.1 %       28       43         44\n"
        "syntactic                61.3 %       19       31         32\n"
        "total                    63.5 %       47       74         76\n";
    assert_memory_equal(text, expected, sizeof expected - 1);
    seqnn_analogy_scores_free(scores);
    seqnn_word_space_free(space);
    setlocale(LC_ALL, "C");
}

static void test_bad_questions(void **state)
{
    (void)state;
    seqnn_word_space *space = recorded_space();
    static const char *const bad[][2] = {
        {"", "q: the file holds no question"},
        {"\n\n", "q: the file holds no question"},
        {": a\n\n: b\n", "q: the file holds no question"},
        {"cat cats song songs\n", "q:1: a question before the first section"},
        {": a\ncat cats song\n", "q:2: 3 words, expected the four of a question"},
        {": a\ncat cats song songs\ncat cats song songs cat\n", "q:3: 5 words"},
        {": a\n:b\n", "q:2: 1 words"},
        {":\ncat cats song songs\n", "q:1: a section without a name"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_null(seqnn_analogies_evaluate(space, write_text("q", bad[i][0]), plain));
        assert_error(bad[i][1]);
    }
    assert_null(seqnn_analogies_evaluate(space, write_bytes("q", ": a\nb\0", 6), plain));
    assert_error("q:2: the line holds a NUL byte");
    assert_null(seqnn_analogies_evaluate(space, in_folder("missing"), plain));
    assert_error("missing: cannot be opened");
    const char *path = write_text("q", ":  odd \t\r\n\tcat  cats song\tsongs \r\n");
    assert_null(seqnn_analogies_evaluate(NULL, path, plain));
    assert_error("expected a word space");
    seqnn_evaluation_options wrong = {.restrict_vocab = -1};
    assert_null(seqnn_analogies_evaluate(space, path, wrong));
    wrong = (seqnn_evaluation_options){.method = (seqnn_analogy_method)7};
    assert_null(seqnn_analogies_evaluate(space, path, wrong));
    assert_error("analogies: method 7");
    seqnn_analogy_scores *scores = seqnn_analogies_evaluate(space, path, plain);
    assert_non_null(scores);
    assert_string_equal(scores->score[0].section, "odd");
    assert_int_equal(scores->total.seen, 1);
    seqnn_analogy_scores_free(scores);
    seqnn_word_space_free(space);
}

/* ---- similarity sets ---- */

static void test_similarities(void **state)
{
    (void)state;
    if (!set_comma_locale())
        print_message("in the C locale\n");
    seqnn_word_space *space = recorded_space();
    /* tabs, commas, blanks: the same set */
    for (const char *separator = "\t, "; *separator; separator++) {
        static char text[sizeof recorded_pairs_text];
        memcpy(text, recorded_pairs_text, sizeof text);
        for (char *at = text; *at; at++)
            if (*at == '\t')
                *at = *separator;
        const char *path = write_text("p", text);
        for (size_t i = 0; i < sizeof recorded_pairs / sizeof recorded_pairs[0]; i++) {
            const struct recorded_pairs *record = &recorded_pairs[i];
            seqnn_evaluation_options options = {.restrict_vocab = record->restrict_vocab,
                                                .case_sensitive = record->case_sensitive};
            seqnn_similarity_score score =
                seqnn_similarities_evaluate(space, path, options);
            assert_int_equal(score.status, SEQNN_OK);
            assert_near(score.spearman, record->spearman, 1e-7);
            assert_near(score.pearson, record->pearson, 1e-6);
            assert_near(score.unknown_ratio, record->unknown_ratio, 1e-7);
            assert_int_equal(score.pairs + score.unknown, 40);
        }
    }
    seqnn_word_space_free(space);
    setlocale(LC_ALL, "C");
}

static void test_bad_sets(void **state)
{
    (void)state;
    seqnn_word_space *space = recorded_space();
    static const char *const bad[][2] = {
        {"", "p: the file holds 0 pairs of words"},
        {"# nothing\n\n", "p: the file holds 0 pairs of words"},
        {"word 1\tword 2\tscore\n", "p: the file holds 0 pairs"},
        {"cat\tunheard\t1\nunheard\tof\t2\n",
         "p: none of the 2 pairs has both words among those of the space"},
        {"cat\tcats\n", "p:1: 2 fields, expected two words and a score"},
        {"cat\tcats\t1\tx\n", "p:1: 4 fields"},
        {"cat cats\t1\n", "p:1: 2 fields"},
        {"a,b,score\ncat,cats,1\nsong,songs,high\n",
         "p:3: the score 'high' is no finite number"},
        {"cat,cats,1\nsong,songs,\n", "p:2: the score '' is no finite number"},
        {"cat cats 1\nsong songs nan\n", "p:2: the score 'nan'"},
        {"cat cats 1\nsong songs 1,5\n", "p:2: 2 fields"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        seqnn_similarity_score score =
            seqnn_similarities_evaluate(space, write_text("p", bad[i][0]), plain);
        assert_int_equal(score.status, SEQNN_ERROR_FORMAT);
        assert_error(bad[i][1]);
    }
    /* what has no correlation */
    static const char *const undefined[] = {"cat cats 1\n", "cat cats 3\nsong songs 3\n",
                                            "cat cat 1\ncats cats 2\nsong song 3\n"};
    for (int i = 0; i < 3; i++) {
        seqnn_similarity_score score =
            seqnn_similarities_evaluate(space, write_text("p", undefined[i]), plain);
        assert_int_equal(score.status, SEQNN_OK);
        assert_true(isnan(score.spearman) && isnan(score.pearson));
        assert_int_equal(score.pairs, i + 1);
    }
    /* every word beside itself: the cosines are 1 but for rounding, here not always */
    FILE *file = fopen(in_folder("p"), "wb");
    assert_non_null(file);
    seqnn_size rounded = 0;
    for (seqnn_size i = 0; i < space->count; i++) {
        double square = 0;
        for (seqnn_size k = 0; k < space->dimension; k++)
            square += (double)space->unit[i * space->dimension + k] *
                      (double)space->unit[i * space->dimension + k];
        rounded += square != 1;
        fprintf(file, "%s\t%s\t%td\n", space->word[i], space->word[i], i);
    }
    fclose(file);
    assert_true(rounded > 0);
    const seqnn_evaluation_options exact = {.case_sensitive = true};
    seqnn_similarity_score same =
        seqnn_similarities_evaluate(space, in_folder("p"), exact);
    assert_int_equal(same.status, SEQNN_OK);
    assert_int_equal(same.pairs, space->count);
    assert_true(isnan(same.spearman) && isnan(same.pearson));
    const char *path = write_text(
        "p", "word,other,score\n#x\nice cream , cat,1\r\n\r\n cat ,cats, 2 \r\n"
             "cat\tsong\t1e0\nSONG  songs   .5 \n");
    seqnn_similarity_score score = seqnn_similarities_evaluate(space, path, plain);
    assert_int_equal(score.status, SEQNN_OK);
    assert_int_equal(score.pairs, 3);
    assert_int_equal(score.unknown, 1);
    score = seqnn_similarities_evaluate(NULL, path, plain);
    assert_int_equal(score.status, SEQNN_ERROR_ARGUMENT);
    score = seqnn_similarities_evaluate(space, in_folder("missing"), plain);
    assert_int_equal(score.status, SEQNN_ERROR_FILE);
    score = seqnn_similarities_evaluate(space, NULL, plain);
    assert_true(score.status);
    seqnn_word_space_free(space);
}

/* ---- no memory ---- */

static seqnn_word_space *shared_space;

static bool make_space(void)
{
    seqnn_word_space *space = read_space(in_folder("v"));
    bool made = space != NULL;
    seqnn_word_space_free(space);
    return made;
}

static bool ask(void)
{
    seqnn_neighbour found[4];
    const seqnn_analogy_options none = {0};
    return seqnn_word_analogy(shared_space, "cat", "cats", "song", 4, found, none) ==
               SEQNN_OK &&
           seqnn_vector_neighbours(shared_space, shared_space->unit, 4, found) ==
               SEQNN_OK;
}

static bool evaluate(void)
{
    seqnn_analogy_scores *scores =
        seqnn_analogies_evaluate(shared_space, in_folder("q"), plain);
    bool done = scores != NULL;
    seqnn_analogy_scores_free(scores);
    return done &&
           seqnn_similarities_evaluate(shared_space, in_folder("p"), plain).status ==
               SEQNN_OK;
}

static void test_no_memory(void **state)
{
    (void)state;
    shared_space = recorded_space();
    write_text("q", recorded_questions);
    write_text("p", recorded_pairs_text);
    each_allocation(make_space, 10);
    each_allocation(ask, 4);
    each_allocation(evaluate, 15);
    seqnn_word_space_free(shared_space);
}

/* ---- the public files ---- */

static void check_public(const struct public_figures *figures)
{
    char path[SEQNN_PATH_SIZE];
    seqnn_word_space *space = read_space(public_file(path, figures->vectors));
    assert_non_null(space);
    for (int mul = 0; mul < 2; mul++) {
        seqnn_evaluation_options options = {.method =
                                                mul ? SEQNN_COS_MUL : SEQNN_COS_ADD};
        seqnn_analogy_scores *scores = seqnn_analogies_evaluate(
            space, public_file(path, "wordvec/questions-words.txt"), options);
        assert_non_null(scores);
        assert_int_equal(scores->count, 14);
        assert_int_equal(scores->total.questions, 19544);
        for (int i = 0; i < 14; i++) {
            assert_int_equal(scores->score[i].seen, figures->seen[i]);
            assert_int_equal(scores->score[i].correct,
                             (mul ? figures->correct_mul : figures->correct)[i]);
        }
        seqnn_analogy_scores_free(scores);
    }
    for (int i = 0; i < 9; i++) {
        const struct public_set *set = &figures->set[i];
        seqnn_similarity_score score =
            seqnn_similarities_evaluate(space, public_file(path, set->name), plain);
        assert_int_equal(score.status, SEQNN_OK);
        assert_near(score.spearman, set->spearman, 1e-5);
        assert_near(score.pearson, set->pearson, 1e-5);
        assert_near(score.unknown_ratio, set->unknown_ratio, 1e-7);
    }
    seqnn_word_space_free(space);
}

static void test_public_binary(void **state)
{
    (void)state;
    check_public(&public_figures[0]);
}

static void test_public_text(void **state)
{
    (void)state;
    check_public(&public_figures[1]);
    check_public(&public_figures[2]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_space),        cmocka_unit_test(test_many),
        cmocka_unit_test(test_searches),     cmocka_unit_test(test_bad_searches),
        cmocka_unit_test(test_analogies),    cmocka_unit_test(test_tiles),
        cmocka_unit_test(test_print),        cmocka_unit_test(test_bad_questions),
        cmocka_unit_test(test_similarities), cmocka_unit_test(test_bad_sets),
        cmocka_unit_test(test_no_memory),    cmocka_unit_test(test_public_binary),
        cmocka_unit_test(test_public_text),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
