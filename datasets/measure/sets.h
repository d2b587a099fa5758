/* datasets/measure/sets.h - every set of the table, learnt once; see measure.c */
#ifndef MEASURE_SETS_H
#define MEASURE_SETS_H

#include "models.h"

enum { WINDOW = 24, LETTERS = 60 };

/* ---- classes: accuracy ---- */

static double accuracy_of(const seqnn_real *scores, const seqnn_dataset *test)
{
    double accuracy;
    if (seqnn_accuracy(scores, test->y.indices, NULL, test->count, test->classes,
                       &accuracy))
        stop("accuracy");
    return accuracy;
}

static double trained_accuracy(seqnn_model *model, const seqnn_dataset *data,
                               const seqnn_dataset *test, seqnn_size epochs)
{
    train(model, data, epochs, SEQNN_LOSS_DEFAULT);
    double accuracy =
        (double)seqnn_evaluate(model, test, (seqnn_evaluate_options){0}).accuracy;
    seqnn_free(model);
    return accuracy;
}

static void measure_classes(seqnn_parts parts, seqnn_size epochs, uint64_t seed,
                            double score[MODELS])
{
    const seqnn_dataset *learn = parts.train, *test = parts.validation;
    const int32_t usual = most_frequent(learn->y.indices, learn->count, learn->classes);
    seqnn_size right = 0;
    for (seqnn_size i = 0; i < test->count; i++)
        right += test->y.indices[i] == usual;
    score[MAJORITY] = (double)right / (double)test->count;

    seqnn_dataset bag = bag_of(learn), test_bag = bag_of(test);
    seqnn_real *scores = naive_bayes(&bag, bag.y.indices, bag.classes, &test_bag);
    score[NAIVE_BAYES] = accuracy_of(scores, test);
    score[BAG] = trained_accuracy(bag_network(&bag, bag.classes, SEQNN_SOFTMAX, seed),
                                  &bag, &test_bag, epochs);
    free(scores);
    free((void *)bag.x[0].values);
    free((void *)test_bag.x[0].values);

    for (int kind = RNN; kind <= LSTM; kind++) {
        seqnn_model *model = text_network(learn, kind, false, seed);
        seqnn_dense(model, learn->classes,
                    (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
        score[kind] = trained_accuracy(model, learn, test, epochs);
    }
    seqnn_parts_free(&parts);
}

static void titles(uint64_t seed, double score[MODELS])
{
    seqnn_texts *texts = seqnn_read_bbc_titles(bundled("bbc"));
    measure_classes(split(encode(texts, (seqnn_encode_options){0}), seed), 20, seed,
                    score);
}

static void posts(uint64_t seed, double score[MODELS])
{
    seqnn_texts *texts = seqnn_read_newsgroups(bundled("20news"));
    measure_classes(split(encode(texts, (seqnn_encode_options){.length = 100}), seed), 20,
                    seed, score);
}

static void agreement(uint64_t seed, double score[MODELS])
{
    seqnn_texts *texts = seqnn_read_tsv(bundled("agreement/agreement.tsv"));
    measure_classes(split(encode(texts, (seqnn_encode_options){0}), seed), 20, seed,
                    score);
}

/* The reviews have a test part of their own. */
static void reviews(uint64_t seed, double score[MODELS])
{
    seqnn_encode_options options = {
        .tokenizer = seqnn_tokenizer_new((seqnn_tokenizer_options){0})};
    seqnn_parts parts = {0};
    parts.train = encode(
        seqnn_read_imdb(bundled("imdb"), (seqnn_imdb_options){.part = SEQNN_IMDB_TRAIN}),
        options);
    options.length = parts.train->x[0].time;
    parts.validation = encode(
        seqnn_read_imdb(bundled("imdb"), (seqnn_imdb_options){.part = SEQNN_IMDB_TEST}),
        options);
    seqnn_tokenizer_free(options.tokenizer);
    measure_classes(parts, 20, seed, score);
}

/* ---- tags: F1 over all words that are, or are taken for, part of a name ---- */

static double name_f1(const int32_t *predicted, const int32_t *truth, seqnn_size count,
                      int32_t outside)
{
    double right = 0, named = 0;
    for (seqnn_size i = 0; i < count; i++) {
        right += predicted[i] == truth[i] && truth[i] != outside;
        named += (predicted[i] != outside) + (truth[i] != outside);
    }
    return named > 0 ? 2 * right / named : 0;
}

static double f1_of_scores(const seqnn_real *scores, const seqnn_dataset *bag,
                           int32_t outside)
{
    int32_t *predicted = memory(bag->count, sizeof *predicted);
    if (seqnn_predicted_classes(scores, bag->count, bag->classes, predicted))
        stop("tags");
    double f1 = name_f1(predicted, bag->y.indices, bag->count, outside);
    free(predicted);
    return f1;
}

/* The scores of the real steps alone, one after the other as in bag_of_tagged_words. */
static seqnn_real *real_steps(seqnn_tensor scores, const seqnn_dataset *sentences,
                              seqnn_size words)
{
    const seqnn_size classes = sentences->classes, time = sentences->x[0].time;
    seqnn_real *packed = memory(words * classes, sizeof *packed), *to = packed;
    for (seqnn_size i = 0; i < sentences->count; i++) {
        const seqnn_size length = sentences->x[0].length[i] * classes;
        memcpy(to, scores.data + i * time * classes, (size_t)length * sizeof *to);
        to += length;
    }
    return packed;
}

static void tags(uint64_t seed, double score[MODELS])
{
    seqnn_tagged *tagged = seqnn_read_tagged_csv(bundled("ner-gmb/ner_dataset.csv"));
    seqnn_dataset *data = seqnn_encode_tagged(
        tagged,
        (seqnn_encode_tagged_options){.padding = SEQNN_POST, .truncating = SEQNN_POST});
    if (!data)
        stop("tagged sentences");
    int32_t outside = 0;
    while (strcmp(data->class_names[outside], "O") != 0)
        outside++;
    seqnn_tagged_free(tagged);
    seqnn_parts parts = split(data, seed);

    seqnn_dataset bag = bag_of_tagged_words(parts.train);
    seqnn_dataset test_bag = bag_of_tagged_words(parts.validation);
    const int32_t usual = most_frequent(bag.y.indices, bag.count, bag.classes);
    int32_t *predicted = memory(test_bag.count, sizeof *predicted);
    for (seqnn_size i = 0; i < test_bag.count; i++)
        predicted[i] = usual;
    score[MAJORITY] = name_f1(predicted, test_bag.y.indices, test_bag.count, outside);
    free(predicted);

    seqnn_real *scores = naive_bayes(&bag, bag.y.indices, bag.classes, &test_bag);
    score[NAIVE_BAYES] = f1_of_scores(scores, &test_bag, outside);
    free(scores);
    seqnn_model *model = bag_network(&bag, bag.classes, SEQNN_SOFTMAX, seed);
    train(model, &bag, 10, SEQNN_LOSS_DEFAULT);
    score[BAG] =
        f1_of_scores(seqnn_predict(model, &test_bag, (seqnn_predict_options){0}).data,
                     &test_bag, outside);
    seqnn_free(model);

    for (int kind = RNN; kind <= LSTM; kind++) {
        model = text_network(parts.train, kind, true, seed);
        seqnn_dense(model, bag.classes,
                    (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
        train(model, parts.train, 60, SEQNN_LOSS_DEFAULT);
        scores =
            real_steps(seqnn_predict(model, parts.validation, (seqnn_predict_options){0}),
                       parts.validation, test_bag.count);
        score[kind] = f1_of_scores(scores, &test_bag, outside);
        free(scores);
        seqnn_free(model);
    }
    free((void *)bag.x[0].values);
    free((void *)bag.y.indices);
    free((void *)test_bag.x[0].values);
    free((void *)test_bag.y.indices);
    seqnn_parts_free(&parts);
}

/* ---- several labels: the mean over texts of each one's F-score ---- */

static double f_score(const seqnn_real *probabilities, const seqnn_dataset *test)
{
    double score;
    if (seqnn_labeling_f_score(probabilities, test->y.values, test->count, test->classes,
                               (seqnn_real)0.5, &score))
        stop("F-score");
    return score;
}

static double trained_f_score(seqnn_model *model, const seqnn_dataset *data,
                              const seqnn_dataset *test, seqnn_size epochs)
{
    train(model, data, epochs, SEQNN_BINARY_CROSSENTROPY);
    double score =
        f_score(seqnn_predict(model, test, (seqnn_predict_options){0}).data, test);
    seqnn_free(model);
    return score;
}

static void abstracts(uint64_t seed, double score[MODELS])
{
    const seqnn_size epochs = 30;
    seqnn_texts *texts =
        seqnn_read_arxiv(bundled("arxiv/arxiv_data.csv"), (seqnn_arxiv_options){0});
    seqnn_parts parts = split(encode(texts, (seqnn_encode_options){0}), seed);
    seqnn_dataset bag = bag_of(parts.train), test = bag_of(parts.validation);
    const seqnn_size labels = bag.classes;

    /* A label is a question of two classes to naive Bayes, and to the majority. */
    seqnn_real *bayes = memory(test.count * labels, sizeof *bayes);
    seqnn_real *usual = memory(test.count * labels, sizeof *usual);
    int32_t *has = memory(bag.count, sizeof *has);
    seqnn_size most = 0, best = 0;
    for (seqnn_size c = 0; c < labels; c++) {
        seqnn_size often = 0;
        for (seqnn_size i = 0; i < bag.count; i++)
            often += has[i] = bag.y.values[i * labels + c] > 0;
        if (often > most)
            most = often, best = c;
        seqnn_real *scores = naive_bayes(&bag, has, 2, &test);
        for (seqnn_size i = 0; i < test.count; i++)
            bayes[i * labels + c] = scores[2 * i + 1] > scores[2 * i];
        free(scores);
    }
    for (seqnn_size i = 0; i < test.count; i++)
        usual[i * labels + best] = 1;
    score[MAJORITY] = f_score(usual, &test);
    score[NAIVE_BAYES] = f_score(bayes, &test);
    free(has);
    free(bayes);
    free(usual);

    score[BAG] = trained_f_score(bag_network(&bag, labels, SEQNN_SIGMOID, seed), &bag,
                                 &test, epochs);
    for (int kind = RNN; kind <= LSTM; kind++) {
        seqnn_model *model = text_network(parts.train, kind, true, seed);
        seqnn_global_max_pool(model, (seqnn_pooling_options){0});
        seqnn_dense(model, labels, (seqnn_dense_options){.activation = SEQNN_SIGMOID});
        score[kind] = trained_f_score(model, parts.train, parts.validation, epochs);
    }
    free((void *)bag.x[0].values);
    free((void *)test.x[0].values);
    seqnn_parts_free(&parts);
}
/* ---- sentence pairs: the share of right next words, the words before being right ----
 */

static void pairs(uint64_t seed, double score[MODELS])
{
    const seqnn_tokenizer_options words = {0};
    seqnn_text_pairs *read = seqnn_read_pairs_tsv(bundled("pairs/pairs.tsv"));
    seqnn_encode_pairs_options options = {.padding = SEQNN_POST};
    options.source_tokenizer = seqnn_tokenizer_new(words);
    options.target_tokenizer = seqnn_tokenizer_new(words);
    seqnn_dataset *data = seqnn_encode_pairs(read, options);
    if (!data)
        stop("pairs");
    seqnn_tokenizer_free(options.source_tokenizer);
    seqnn_tokenizer_free(options.target_tokenizer);
    seqnn_text_pairs_free(read);
    seqnn_parts parts = split(data, seed);

    const seqnn_dataset *learn = parts.train, *test = parts.validation;
    double *often = memory(learn->classes, sizeof *often), all = 0;
    seqnn_size usual = 0;
    for (seqnn_size i = 0; i < learn->count; i++)
        for (seqnn_size t = 0; t < learn->y.length[i]; t++)
            often[learn->y.indices[i * learn->y.time + t]]++;
    for (seqnn_size c = 1; c < learn->classes; c++)
        if (often[c] > often[usual])
            usual = c;
    free(often);
    score[MAJORITY] = 0;
    for (seqnn_size i = 0; i < test->count; i++)
        for (seqnn_size t = 0; t < test->y.length[i]; t++, all++)
            score[MAJORITY] += test->y.indices[i * test->y.time + t] == usual;
    score[MAJORITY] /= all;

    for (int kind = RNN; kind <= LSTM; kind++) {
        seqnn_model *model = seqnn_model_new(seed);
        seqnn_embedding_options masked = {.mask_zero = true};
        seqnn_embedding(model, learn->vocabulary, 16, masked);
        seqnn_layer *encoder = recurrent(model, kind, 64, (seqnn_recurrent_options){0});
        seqnn_layer *before = seqnn_embedding(model, learn->classes, 16, masked);
        recurrent(model, kind, 64,
                  (seqnn_recurrent_options){.input = before,
                                            .initial_state = encoder,
                                            .return_sequences = true});
        seqnn_dense(model, learn->classes,
                    (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
        score[kind] = trained_accuracy(model, learn, test, 30);
    }
    seqnn_parts_free(&parts);
}

/* ---- stories: perplexity of the next letter ---- */

/* That of the letters' frequencies (order 0), or of those behind each letter (order 1),
 * with add-one smoothing. */
static double counted_perplexity(const seqnn_dataset *learn, const seqnn_dataset *test,
                                 int order)
{
    const seqnn_size V = learn->classes;
    double *often = memory(V * V, sizeof *often), *behind = memory(V, sizeof *behind);
    for (seqnn_size i = 0; i < learn->count * LETTERS; i++) {
        const seqnn_size before = order ? learn->x[0].indices[i] : 0;
        often[before * V + learn->y.indices[i]]++;
        behind[before]++;
    }
    double loss = 0;
    for (seqnn_size i = 0; i < test->count * LETTERS; i++) {
        const seqnn_size before = order ? test->x[0].indices[i] : 0;
        loss -= log((often[before * V + test->y.indices[i]] + 1) /
                    (behind[before] + (double)(V - 1)));
    }
    free(often);
    free(behind);
    return seqnn_perplexity(loss / (double)(test->count * LETTERS));
}

static void stories(uint64_t seed, double score[MODELS])
{
    seqnn_texts *text = seqnn_read_text(bundled("charlm/stories.txt"));
    seqnn_tokenizer *letters = seqnn_tokenizer_new(
        (seqnn_tokenizer_options){.char_level = true, .keep_case = true});
    seqnn_dataset *data = text ? seqnn_encode_stream(text->text[0], letters, LETTERS,
                                                     (seqnn_stream_options){0})
                               : NULL;
    if (!data)
        stop("stories");
    seqnn_texts_free(text);
    seqnn_tokenizer_free(letters);
    /* the last quarter of the text */
    const seqnn_dataset learn = seqnn_dataset_slice(data, 0, data->count * 3 / 4);
    const seqnn_dataset test = seqnn_dataset_slice(data, learn.count, data->count);
    score[MAJORITY] = counted_perplexity(&learn, &test, 0);
    score[NAIVE_BAYES] = counted_perplexity(&learn, &test, 1);
    for (int kind = RNN; kind <= LSTM; kind++) {
        seqnn_model *model = text_network(&learn, kind, true, seed);
        seqnn_dense(model, learn.classes,
                    (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
        train(model, &learn, 20, SEQNN_LOSS_DEFAULT);
        score[kind] = seqnn_perplexity(
            (double)seqnn_evaluate(model, &test, (seqnn_evaluate_options){0}).loss);
        seqnn_free(model);
    }
    seqnn_dataset_free(data);
}

/* ---- weather: mean absolute error of the next hour's temperature, in degrees ---- */

static seqnn_model *weather_network(int kind, uint64_t seed)
{
    seqnn_model *model = seqnn_model_new(seed);
    seqnn_sequences(model, 2, (seqnn_source_options){.time = WINDOW});
    if (kind == BAG)
        seqnn_flatten(model, (seqnn_pooling_options){0});
    else if (kind == RNN)
        seqnn_simple_rnn(model, 32, (seqnn_rnn_options){0});
    else
        seqnn_lstm(model, 32, (seqnn_lstm_options){0});
    seqnn_dense(model, 1, (seqnn_dense_options){0});
    return model;
}

static void weather(uint64_t seed, double score[MODELS])
{
    const char *columns[] = {"TEMP", "IRRADIANCE", NULL}, *target[] = {"TEMP", NULL};
    seqnn_series *series = seqnn_read_series(
        bundled("weather/weather.csv"),
        (seqnn_series_options){.columns = columns, .missing = SEQNN_MISSING_INTERPOLATE});
    if (!series)
        stop("weather");
    const seqnn_size year = series->count, autumn = year * 3 / 4;
    if (seqnn_series_scale(series, SEQNN_STANDARDIZE, autumn))
        stop("weather");
    const seqnn_windows_options before = {.targets = target, .end = autumn};
    const seqnn_windows_options after = {.targets = target, .begin = autumn};
    seqnn_dataset *learn = seqnn_series_windows(series, WINDOW, before);
    seqnn_dataset *test = seqnn_series_windows(series, WINDOW, after);
    if (!learn || !test)
        stop("windows");

    score[MAJORITY] = 0;
    for (seqnn_size i = 0; i < test->count; i++) {
        const double last = (double)test->x[0].values[(i * WINDOW + WINDOW - 1) * 2];
        score[MAJORITY] += fabs(last - (double)test->y.values[i]) * series->scale[0];
    }
    score[MAJORITY] /= (double)test->count;
    for (int kind = BAG; kind <= LSTM; kind++) {
        seqnn_model *model = weather_network(kind, seed);
        train(model, learn, 10, SEQNN_MAE);
        score[kind] =
            (double)seqnn_evaluate(model, test,
                                   (seqnn_evaluate_options){.loss = {.kind = SEQNN_MAE}})
                .loss *
            series->scale[0];
        seqnn_free(model);
    }
    seqnn_dataset_free(learn);
    seqnn_dataset_free(test);
    seqnn_series_free(series);
}

/* ---- summaries: which sentence of the article says the same? ---- */

/* ROUGE-1: F1 of the words that two texts share, each as often as in both. */
static double rouge_1(const seqnn_token_sequences *words, seqnn_size a, seqnn_size b)
{
    seqnn_size shared = 0;
    const seqnn_size end = words->begin[b + 1], first = words->begin[b];
    bool *taken = memory(end - first, sizeof *taken);
    for (seqnn_size i = words->begin[a]; i < words->begin[a + 1]; i++)
        for (seqnn_size j = first; j < end; j++)
            if (!taken[j - first] && words->indices[i] == words->indices[j]) {
                taken[j - first] = true;
                shared++;
                break;
            }
    free(taken);
    return 2 * (double)shared /
           (double)(words->begin[a + 1] - words->begin[a] + end - first);
}

/* Means over all articles, of the first sentence and of the last against the summary. */
static void measure_summaries(double *first, double *last)
{
    seqnn_text_pairs *news = seqnn_read_news_summary(
        bundled("news-summary/news_summary.csv"), (seqnn_news_options){0});
    if (!news)
        stop("summaries");
    const seqnn_size count = news->source->count;
    seqnn_texts *texts = seqnn_texts_new(); /* summary, first, last sentence of each */
    for (seqnn_size i = 0; i < count; i++) {
        const char *article = news->source->text[i], *end = article, *begin = article;
        while (*end && !(end[0] == '.' && (end[1] == ' ' || end[1] == '\n')))
            end++;
        for (const char *at = article; *at && at[1]; at++)
            if (at[0] == '.' && (at[1] == ' ' || at[1] == '\n') && at[2])
                begin = at + 1;
        char *sentence = memory(end - article, 1);
        memcpy(sentence, article, (size_t)(end - article));
        if (seqnn_texts_add(texts, news->target->text[i], NULL, NULL) ||
            seqnn_texts_add(texts, sentence, NULL, NULL) ||
            seqnn_texts_add(texts, begin, NULL, NULL))
            stop("summaries");
        free(sentence);
    }
    seqnn_tokenizer *tokenizer = seqnn_tokenizer_new((seqnn_tokenizer_options){0});
    if (seqnn_tokenizer_fit(tokenizer, texts->text, texts->count))
        stop("summaries");
    seqnn_token_sequences *words =
        seqnn_tokenizer_sequences(tokenizer, texts->text, texts->count);
    if (!words)
        stop("summaries");
    *first = *last = 0;
    for (seqnn_size i = 0; i < count; i++) {
        *first += rouge_1(words, 3 * i, 3 * i + 1) / (double)count;
        *last += rouge_1(words, 3 * i, 3 * i + 2) / (double)count;
    }
    seqnn_token_sequences_free(words);
    seqnn_tokenizer_free(tokenizer);
    seqnn_texts_free(texts);
    seqnn_text_pairs_free(news);
}

#endif
