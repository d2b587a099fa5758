/* The bundled sets, read by the readers of the public sets: how much is in each. The
 * numbers were counted by Python's csv, json and collections. */
#include "seqnn.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

static seqnn_size count_of(const seqnn_texts *texts, int32_t label)
{
    seqnn_size count = 0;
    for (seqnn_size i = 0; i < texts->count; i++)
        count += texts->label[i] == label;
    return count;
}

static void reviews(void **state)
{
    (void)state;
    const seqnn_imdb_part parts[] = {SEQNN_IMDB_TRAIN, SEQNN_IMDB_TEST};
    for (int i = 0; i < 2; i++) {
        seqnn_texts *texts =
            seqnn_read_imdb("datasets/imdb", (seqnn_imdb_options){.part = parts[i]});
        assert_non_null(texts);
        assert_int_equal(texts->count, i == 0 ? 800 : 400);
        assert_int_equal(texts->classes, 2);
        assert_string_equal(texts->class_names[1], "pos");
        assert_int_equal(count_of(texts, 1), texts->count / 2);
        seqnn_size broken = 0;
        for (seqnn_size k = 0; k < texts->count; k++)
            broken += strstr(texts->text[k], "<br />") != NULL;
        assert_int_equal(broken, i == 0 ? 52 + 69 : 18 + 24);
        seqnn_texts_free(texts);
    }
}

static void agreement(void **state)
{
    (void)state;
    seqnn_texts *texts = seqnn_read_tsv("datasets/agreement/agreement.tsv");
    assert_non_null(texts);
    assert_int_equal(texts->count, 3600);
    assert_int_equal(texts->classes, 2);
    assert_string_equal(texts->class_names[0], "plural");
    assert_int_equal(count_of(texts, 0), 1800);
    seqnn_texts_free(texts);
}

static void tagged_sentences(void **state)
{
    (void)state;
    static const char *const names[] = {"B-geo", "B-gpe", "B-org", "B-per",
                                        "B-tim", "I-per", "I-tim", "O"};
    static const seqnn_size counts[] = {734, 264, 600, 784, 341, 154, 103, 13226};
    seqnn_tagged *tagged = seqnn_read_tagged_csv("datasets/ner-gmb/ner_dataset.csv");
    assert_non_null(tagged);
    assert_int_equal(tagged->count, 900);
    assert_int_equal(tagged->begin[900], 16206);
    assert_int_equal(tagged->tags, 8);
    bool umlaut = false, quotes = false;
    for (int c = 0; c < 8; c++) {
        assert_string_equal(tagged->tag_names[c], names[c]);
        seqnn_size count = 0;
        for (seqnn_size i = 0; i < tagged->begin[900]; i++) {
            const char *word = tagged->word_names[tagged->word[i]];
            count += tagged->tag[i] == c;
            umlaut |= strcmp(word, "B\xC3\xB6hm") == 0;
            quotes |= strcmp(word, "\"") == 0;
        }
        assert_int_equal(count, counts[c]);
    }
    assert_true(umlaut);
    assert_true(quotes);
    seqnn_tagged_free(tagged);
}

static void news(void **state)
{
    (void)state;
    seqnn_text_pairs *all =
        seqnn_read_news_summary("datasets/news-summary/news_summary.csv",
                                (seqnn_news_options){.keep_empty = true});
    seqnn_text_pairs *whole = seqnn_read_news_summary(
        "datasets/news-summary/news_summary.csv", (seqnn_news_options){0});
    assert_non_null(all);
    assert_non_null(whole);
    assert_int_equal(all->source->count, 150);
    assert_int_equal(whole->source->count, 145);
    seqnn_size broken = 0;
    for (seqnn_size i = 0; i < whole->source->count; i++)
        broken += strchr(whole->source->text[i], '\n') != NULL;
    assert_int_equal(broken, 144);
    seqnn_text_pairs_free(all);
    seqnn_text_pairs_free(whole);
}

/* The three formats hold the same papers. */
static void abstracts(void **state)
{
    (void)state;
    static const char *const paths[] = {"datasets/arxiv/arxiv_data.csv",
                                        "datasets/arxiv/arxiv_sample.jsonl",
                                        "datasets/arxiv/oai"};
    seqnn_texts *papers[3];
    for (int i = 0; i < 3; i++) {
        papers[i] = seqnn_read_arxiv(paths[i], (seqnn_arxiv_options){0});
        assert_non_null(papers[i]);
        assert_int_equal(papers[i]->count, i == 0 ? 360 : 24);
    }
    assert_int_equal(papers[0]->classes, 10);
    assert_int_equal(papers[0]->labels_begin[360], 180 + 2 * 170 + 3 * 9 + 4);
    for (int i = 1; i < 3; i++) {
        for (seqnn_size k = 0; k < 24; k++) {
            assert_string_equal(papers[i]->text[k], papers[0]->text[k]);
            const seqnn_size begin = papers[i]->labels_begin[k];
            const seqnn_size labels = papers[i]->labels_begin[k + 1] - begin;
            const seqnn_size like = papers[0]->labels_begin[k];
            assert_int_equal(labels, papers[0]->labels_begin[k + 1] - like);
            for (seqnn_size l = 0; l < labels; l++)
                assert_string_equal(papers[i]->class_names[papers[i]->labels[begin + l]],
                                    papers[0]->class_names[papers[0]->labels[like + l]]);
        }
        seqnn_texts_free(papers[i]);
    }
    seqnn_texts_free(papers[0]);
}

static void sentence_pairs(void **state)
{
    (void)state;
    seqnn_text_pairs *pairs = seqnn_read_pairs_tsv("datasets/pairs/pairs.tsv");
    assert_non_null(pairs);
    assert_int_equal(pairs->source->count, 1400);
    assert_int_equal(pairs->target->count, 1400);
    seqnn_text_pairs_free(pairs);
}

static void weather(void **state)
{
    (void)state;
    const char *columns[] = {"TEMP", "IRRADIANCE", NULL};
    seqnn_series *series = seqnn_read_series(
        "datasets/weather/weather.csv",
        (seqnn_series_options){.columns = columns, .missing = SEQNN_MISSING_INTERPOLATE});
    assert_non_null(series);
    assert_int_equal(series->count, 365 * 24);
    assert_int_equal(series->missing[0], 166);
    assert_int_equal(series->missing[1], 156);
    seqnn_series_free(series);
}

static void stories(void **state)
{
    (void)state;
    seqnn_texts *whole = seqnn_read_text("datasets/charlm/stories.txt");
    seqnn_texts *each = seqnn_read_paragraphs("datasets/charlm/stories.txt");
    assert_non_null(whole);
    assert_non_null(each);
    assert_int_equal(strlen(whole->text[0]), 83657);
    assert_int_equal(each->count, 230);
    seqnn_tokenizer *letters = seqnn_tokenizer_new(
        (seqnn_tokenizer_options){.char_level = true, .keep_case = true});
    assert_int_equal(seqnn_tokenizer_fit(letters, whole->text, 1), SEQNN_OK);
    assert_int_equal(seqnn_tokenizer_words(letters), 47);
    seqnn_tokenizer_free(letters);
    seqnn_texts_free(whole);
    seqnn_texts_free(each);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reviews),   cmocka_unit_test(agreement),
        cmocka_unit_test(news),      cmocka_unit_test(tagged_sentences),
        cmocka_unit_test(abstracts), cmocka_unit_test(sentence_pairs),
        cmocka_unit_test(weather),   cmocka_unit_test(stories),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
