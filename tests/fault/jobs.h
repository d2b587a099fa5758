/* tests/fault/jobs.h - everything that reads or writes a file, each as a job that may
 * fail. What a job got is summed into `signature`: a job that succeeds although something
 * failed must have got the same. */
#ifndef FAULT_JOBS_H
#define FAULT_JOBS_H

#include <errno.h>
#include <unistd.h>
#include <sys/stat.h>
#include <zlib.h>

#include "corpus.h"
#include "huffman.h"
#include "models.h"
#include "noise.h"

static char job_folder[64];
static uint64_t signature;

/* The path of a name in the folder; it stands until the next call but seven. */
static const char *in(const char *name)
{
    static char paths[8][256];
    static int next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", job_folder, name);
    return path;
}

static void sum(const void *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        signature = (signature ^ ((const unsigned char *)bytes)[i]) * 1099511628211u;
}

static void sum_strings(const char *const *strings, seqnn_size count)
{
    for (seqnn_size i = 0; i < count; i++)
        sum(strings[i], strlen(strings[i]) + 1);
}

/* The status of what gives NULL when it fails. */
static seqnn_status status_of(const void *result)
{
    if (result)
        return SEQNN_OK;
    return strstr(seqnn_error(), "memory") ? SEQNN_ERROR_MEMORY : SEQNN_ERROR_FILE;
}

static seqnn_status texts_end(seqnn_texts *texts)
{
    seqnn_status status = status_of(texts);
    if (texts) {
        sum_strings(texts->text, texts->count);
        sum_strings(texts->class_names, texts->classes);
    }
    seqnn_texts_free(texts);
    return status;
}

static seqnn_status pairs_end(seqnn_text_pairs *pairs)
{
    seqnn_status status = status_of(pairs);
    if (pairs) {
        sum_strings(pairs->source->text, pairs->source->count);
        sum_strings(pairs->target->text, pairs->target->count);
    }
    seqnn_text_pairs_free(pairs);
    return status;
}

static seqnn_status tagged_end(seqnn_tagged *tagged)
{
    seqnn_status status = status_of(tagged);
    if (tagged) {
        size_t numbers = (size_t)tagged->begin[tagged->count] * sizeof(int32_t);
        sum(tagged->word, numbers);
        sum(tagged->tag, numbers);
        sum_strings(tagged->word_names, tagged->words);
        sum_strings(tagged->tag_names, tagged->tags);
    }
    seqnn_tagged_free(tagged);
    return status;
}

static seqnn_status arrays_end(seqnn_safetensors *file)
{
    seqnn_status status = status_of(file);
    for (seqnn_size i = 0; file && i < file->count; i++)
        sum(file->array[i].data, (size_t)(seqnn_named_array_count(&file->array[i]) *
                                          seqnn_dtype_size(file->array[i].dtype)));
    seqnn_safetensors_free(file);
    return status;
}

static seqnn_status vectors_end(seqnn_word_vectors *vectors)
{
    seqnn_status status = status_of(vectors);
    if (vectors) {
        sum_strings(vectors->word, vectors->count);
        sum(vectors->values,
            (size_t)(vectors->count * vectors->dimension) * sizeof *vectors->values);
    }
    seqnn_word_vectors_free(vectors);
    return status;
}

/* ---- readers ---- */

static seqnn_status tsv(void)
{
    return texts_end(seqnn_read_tsv(in("t.tsv")));
}

static seqnn_status tsv_compressed(void)
{
    return texts_end(seqnn_read_tsv(in("t.tsv.gz")));
}

static seqnn_status stories(void)
{
    return texts_end(seqnn_read_bbc(in("bbc")));
}

static seqnn_status posts(void)
{
    return texts_end(seqnn_read_newsgroups(in("20news")));
}

static seqnn_status reviews(void)
{
    return texts_end(seqnn_read_imdb(in("aclImdb"), (seqnn_imdb_options){0}));
}

static seqnn_status word_index(void)
{
    seqnn_tokenizer *words = seqnn_read_word_index(in("index.json"));
    seqnn_status status = status_of(words);
    for (int32_t i = 0; words && i < seqnn_tokenizer_vocabulary(words); i++)
        if (seqnn_tokenizer_word(words, i))
            sum(seqnn_tokenizer_word(words, i), 1);
    seqnn_tokenizer_free(words);
    return status;
}

static seqnn_status papers_csv(void)
{
    return texts_end(seqnn_read_arxiv(in("papers.csv"), (seqnn_arxiv_options){0}));
}

static seqnn_status papers_json(void)
{
    return texts_end(seqnn_read_arxiv(in("papers.jsonl"), (seqnn_arxiv_options){0}));
}

static seqnn_status papers_xml(void)
{
    return texts_end(seqnn_read_arxiv(in("pages"), (seqnn_arxiv_options){0}));
}

static seqnn_status tagged_csv(void)
{
    return tagged_end(seqnn_read_tagged_csv(in("gmb.csv")));
}

static seqnn_status tagged_lines(void)
{
    return tagged_end(seqnn_read_tagged_lines(in("words"), in("tags")));
}

static seqnn_status tagged_encoded(void)
{
    seqnn_encode_tagged_options options = {.padding = SEQNN_POST,
                                           .truncating = SEQNN_POST};
    seqnn_tagged *tagged = seqnn_read_conll(in("conll"), (seqnn_conll_options){0});
    seqnn_dataset *data = tagged ? seqnn_encode_tagged(tagged, options) : NULL;
    seqnn_status status = status_of(data);
    if (data)
        sum(data->x[0].indices,
            (size_t)(data->count * data->x[0].time) * sizeof(int32_t));
    seqnn_dataset_free(data);
    seqnn_tagged_free(tagged);
    return status;
}

static seqnn_status pairs_tsv(void)
{
    return pairs_end(seqnn_read_pairs_tsv(in("pairs.tsv")));
}

static seqnn_status pairs_encoded(void)
{
    seqnn_encode_pairs_options options = {.padding = SEQNN_POST};
    options.source_tokenizer = seqnn_tokenizer_new((seqnn_tokenizer_options){0});
    options.target_tokenizer = seqnn_tokenizer_new((seqnn_tokenizer_options){0});
    bool made = options.source_tokenizer && options.target_tokenizer;
    seqnn_text_pairs *pairs = made ? seqnn_read_pairs(in("words"), in("tags")) : NULL;
    seqnn_dataset *data = pairs ? seqnn_encode_pairs(pairs, options) : NULL;
    seqnn_status status = status_of(data);
    if (data)
        sum(data->x[0].indices,
            (size_t)(data->count * data->x[0].time) * sizeof(int32_t));
    seqnn_dataset_free(data);
    seqnn_text_pairs_free(pairs);
    seqnn_tokenizer_free(options.source_tokenizer);
    seqnn_tokenizer_free(options.target_tokenizer);
    return status;
}

static seqnn_status news(void)
{
    return pairs_end(seqnn_read_news_summary(in("news.csv"), (seqnn_news_options){0}));
}

static seqnn_status weather(void)
{
    seqnn_series_options options = {.missing = SEQNN_MISSING_CARRY};
    seqnn_series *read = seqnn_read_series(in("jena.csv"), options);
    seqnn_dataset *data = NULL;
    seqnn_status status = status_of(read);
    if (!status)
        status = seqnn_series_scale(read, SEQNN_STANDARDIZE, 0);
    if (!status) {
        data = seqnn_series_windows(read, 1, (seqnn_windows_options){0});
        status = status_of(data);
    }
    if (!status)
        sum(read->values, (size_t)(read->count * read->columns) * sizeof *read->values);
    seqnn_dataset_free(data);
    seqnn_series_free(read);
    return status;
}

static seqnn_status plain_text(void)
{
    seqnn_status status = texts_end(seqnn_read_text(in("words")));
    if (!status)
        status = texts_end(seqnn_read_lines(in("words")));
    return status ? status : texts_end(seqnn_read_paragraphs(in("words")));
}

static seqnn_status vectors_text(void)
{
    return vectors_end(seqnn_word_vectors_read(in("v.txt")));
}

static seqnn_status vectors_binary(void)
{
    return vectors_end(seqnn_word_vectors_read(in("v.bin")));
}

static seqnn_status vectors_table(void)
{
    static const char *const text[] = {"the cat"};
    seqnn_real table[8][2] = {{0}};
    seqnn_tokenizer *words = seqnn_tokenizer_new((seqnn_tokenizer_options){0});
    seqnn_status status = words ? seqnn_tokenizer_fit(words, text, 1) : status_of(words);
    if (!status)
        status = seqnn_word_vectors_into(words, in("v.txt.gz"), &table[0][0], 2).status;
    sum(table, sizeof table);
    seqnn_tokenizer_free(words);
    return status;
}

static seqnn_status segments(const sq_corpus *corpus, const sq_vocabulary *vocabulary)
{
    sq_segment segment;
    seqnn_status status = SEQNN_OK;
    memset(&segment, 0, sizeof segment);
    for (seqnn_size i = 0; i < corpus->segments && !status; i++) {
        status = sq_segment_read(&segment, corpus, vocabulary, i);
        sum(segment.number, (size_t)segment.count * sizeof(int32_t));
    }
    sq_segment_free(&segment);
    return status;
}

static seqnn_status trees(const sq_vocabulary *vocabulary)
{
    sq_noise noise;
    sq_huffman tree;
    seqnn_status status =
        sq_noise_new(&noise, vocabulary->occurrences, vocabulary->count);
    if (!status)
        status = sq_huffman_new(&tree, vocabulary->occurrences, vocabulary->count);
    if (status) {
        sq_noise_free(&noise);
        return status;
    }
    sum(noise.column, (size_t)noise.count * sizeof *noise.column);
    sum(tree.node, (size_t)tree.begin[tree.count] * sizeof *tree.node);
    sq_noise_free(&noise);
    sq_huffman_free(&tree);
    return status;
}

/* Counted, and then read in three segments. */
static seqnn_status corpus_read(void)
{
    sq_corpus corpus;
    sq_vocabulary vocabulary;
    memset(&vocabulary, 0, sizeof vocabulary);
    seqnn_status status = sq_corpus_open(&corpus, in("corpus"), true);
    if (!status) {
        corpus.segment_bytes = corpus.bytes / 3 + 1;
        corpus.segments = 3;
        status = sq_corpus_vocabulary(&corpus, 1, 0, &vocabulary);
    }
    if (!status)
        status = segments(&corpus, &vocabulary);
    if (!status)
        status = trees(&vocabulary);
    sq_vocabulary_free(&vocabulary);
    return status;
}

static seqnn_status vectors_arrays(void)
{
    return vectors_end(seqnn_word_vectors_read(in("v.safetensors")));
}

/* Questions and a similarity set, of vectors from a file. */
static seqnn_status evaluations(void)
{
    seqnn_evaluation_options options = {0};
    seqnn_similarity_score score = {SEQNN_OK, 0, 0, 0, 0, 0};
    seqnn_analogy_scores *scores = NULL;
    seqnn_word_vectors *vectors = seqnn_word_vectors_read(in("v.txt"));
    seqnn_word_space *space = seqnn_word_space_new(vectors);
    seqnn_status status = status_of(space);
    if (!status) {
        scores = seqnn_analogies_evaluate(space, in("questions"), options);
        status = status_of(scores);
    }
    if (!status) {
        sum(&scores->total.correct, sizeof scores->total.correct);
        score = seqnn_similarities_evaluate(space, in("people.csv"), options);
        status = score.status;
        sum(&score.spearman, sizeof score.spearman);
    }
    seqnn_analogy_scores_free(scores);
    seqnn_word_space_free(space);
    seqnn_word_vectors_free(vectors);
    return status;
}

static seqnn_status split_file(void)
{
    seqnn_encode_options options = {.padding = SEQNN_POST, .truncating = SEQNN_POST};
    seqnn_texts *texts = seqnn_read_tsv(in("t.tsv"));
    seqnn_dataset *data = texts ? seqnn_encode(texts, options) : NULL;
    seqnn_status status = status_of(data);
    if (!status) {
        seqnn_parts parts = seqnn_split_file(data, texts, in("split"));
        status = parts.status;
        if (!status)
            sum(parts.train->x[0].indices, sizeof(int32_t));
        seqnn_parts_free(&parts);
    }
    seqnn_dataset_free(data);
    seqnn_texts_free(texts);
    return status;
}

static seqnn_status safetensors_read(void)
{
    return arrays_end(seqnn_safetensors_read(in("a.safetensors")));
}

static seqnn_status npy_read(void)
{
    return arrays_end(seqnn_npy_read(in("fortran.npy")));
}

/* ---- writers: all write the file "out" ---- */

static const float sample[6] = {1.5f, -2, 3, 4, 5, 6};

static seqnn_status safetensors_write(void)
{
    const seqnn_named_array arrays[] = {
        {.name = "w", .rank = 2, .shape = {2, 3}, .data = sample},
        {.name = "b", .dtype = SEQNN_U8, .rank = 1, .shape = {3}, .data = sample}};
    const seqnn_metadata metadata = {"format", "pt"};
    return seqnn_safetensors_write(in("out"), arrays, 2, &metadata, 1);
}

static seqnn_status vectors_write(void)
{
    static const char *const words[] = {"the", "cat"};
    static const seqnn_real values[] = {1, 2, 3, 4};
    const seqnn_word_vectors vectors = {2, 2, words, values};
    return seqnn_word_vectors_write(&vectors, in("out"), SEQNN_VECTORS_SAFETENSORS);
}

static seqnn_status npy_write(void)
{
    const seqnn_named_array array = {.rank = 2, .shape = {2, 3}, .data = sample};
    return seqnn_npy_write(in("out"), &array);
}

static seqnn_status picture(void)
{
    static const seqnn_real values[4] = {0, 1, 2, 3};
    return seqnn_plot_heatmap(values, 2, 2, in("out"), (seqnn_heatmap_options){0});
}

static seqnn_model *small_model(uint64_t seed)
{
    seqnn_model *model = seqnn_model_new(seed);
    if (!model)
        return NULL;
    seqnn_embedding(model, 8, 2, (seqnn_embedding_options){.mask_zero = true});
    seqnn_lstm(model, 2, (seqnn_lstm_options){0});
    seqnn_dense(model, 2, (seqnn_dense_options){.activation = SEQNN_SOFTMAX});
    return model;
}

/* Ends a job: the status of the first failure, a sticky one before all. */
static seqnn_status model_end(seqnn_model *model, seqnn_status status)
{
    if (!model)
        return status_of(model);
    if (model->status)
        status = model->status;
    seqnn_size count = 0;
    const seqnn_real *weights = status ? NULL : seqnn_weights(model, &count);
    if (!status && !weights)
        status = status_of(weights);
    sum(weights, weights ? (size_t)count * sizeof *weights : 0);
    seqnn_free(model);
    return status;
}

static seqnn_status model_save(void)
{
    seqnn_texts *texts = seqnn_texts_new();
    seqnn_encode_options encoding = {.padding = SEQNN_POST, .truncating = SEQNN_POST};
    seqnn_model *model = NULL;
    seqnn_dataset *data = NULL;
    seqnn_status status = status_of(texts);
    encoding.tokenizer = seqnn_tokenizer_new((seqnn_tokenizer_options){0});
    if (!status && !encoding.tokenizer)
        status = status_of(NULL);
    if (!status)
        status = seqnn_texts_add(texts, "a large dog", "dogs", NULL);
    if (!status)
        status = seqnn_texts_add(texts, "a cat", "cats", NULL);
    if (!status) {
        data = seqnn_encode(texts, encoding);
        status = status_of(data);
    }
    if (!status) {
        model = small_model(1);
        status = status_of(model);
    }
    if (!status)
        status = seqnn_save(model, in("out"),
                            (seqnn_save_options){.encoding = &encoding, .data = data});
    if (model && model->status)
        status = model->status;
    seqnn_free(model);
    seqnn_dataset_free(data);
    seqnn_tokenizer_free(encoding.tokenizer);
    seqnn_texts_free(texts);
    return status;
}

static seqnn_status model_load(void)
{
    return model_end(seqnn_load(in("model")), SEQNN_OK);
}

static seqnn_status encoding_load(void)
{
    seqnn_encoding *encoding = seqnn_load_encoding(in("model"));
    seqnn_status status = status_of(encoding);
    if (encoding)
        sum_strings(encoding->class_names, encoding->classes);
    seqnn_encoding_free(encoding);
    return status;
}

static const seqnn_weights_options pytorch = {.framework = SEQNN_PYTORCH};

static seqnn_status weights_export(void)
{
    seqnn_model *model = small_model(1);
    seqnn_status status =
        model ? seqnn_export_weights(model, in("out"), pytorch) : SEQNN_OK;
    return model_end(model, status);
}

static seqnn_status weights_import(void)
{
    seqnn_model *model = small_model(2);
    seqnn_status status =
        model ? seqnn_import_weights(model, in("weights"), pytorch) : SEQNN_OK;
    return model_end(model, status);
}

static seqnn_status fit_to(const char *path, seqnn_size epochs)
{
    static const int32_t words[3 * 2] = {1, 2, 3, 0, 4, 5}, classes[3] = {0, 1, 0};
    seqnn_dataset data = words_of(3, 2, words);
    data.y.indices = classes;
    seqnn_model *model = small_model(3);
    seqnn_fit_options options = {.epochs = epochs, .batch_size = 2, .checkpoint = path};
    seqnn_history history = {0};
    if (model)
        history = seqnn_fit(model, &data, options);
    return model_end(model, history.status);
}

/* A run from its beginning: its last checkpoint is that of the first epoch. */
static seqnn_status checkpoint_write(void)
{
    unlink(in("fresh"));
    return fit_to(in("fresh"), 1);
}

/* A run that goes on from the first epoch to the second. */
static seqnn_status checkpoint_resume(void)
{
    return fit_to(in("out"), 2);
}

typedef struct file_job {
    const char *name;
    seqnn_status (*run)(void);
    const char *old; /* the file that is copied to "out" before */
} file_job;

static const file_job file_jobs[] = {
    {"tsv", tsv, NULL},
    {"tsv, compressed", tsv_compressed, NULL},
    {"stories", stories, NULL},
    {"posts", posts, NULL},
    {"reviews", reviews, NULL},
    {"word index", word_index, NULL},
    {"papers, csv", papers_csv, NULL},
    {"papers, json", papers_json, NULL},
    {"papers, xml", papers_xml, NULL},
    {"tagged, csv", tagged_csv, NULL},
    {"tagged, lines", tagged_lines, NULL},
    {"tagged, encoded", tagged_encoded, NULL},
    {"pairs, tsv", pairs_tsv, NULL},
    {"pairs, encoded", pairs_encoded, NULL},
    {"news", news, NULL},
    {"weather", weather, NULL},
    {"plain text", plain_text, NULL},
    {"vectors, text", vectors_text, NULL},
    {"vectors, binary", vectors_binary, NULL},
    {"vectors, safetensors", vectors_arrays, NULL},
    {"vectors, table", vectors_table, NULL},
    {"vectors, evaluated", evaluations, NULL},
    {"split file", split_file, NULL},
    {"corpus", corpus_read, NULL},
    {"safetensors, read", safetensors_read, NULL},
    {"npy, read", npy_read, NULL},
    {"safetensors, write", safetensors_write, "t.tsv"},
    {"vectors, write", vectors_write, "t.tsv"},
    {"npy, write", npy_write, "t.tsv"},
    {"picture", picture, "t.tsv"},
    {"model, save", model_save, "t.tsv"},
    {"model, load", model_load, NULL},
    {"encoding, load", encoding_load, NULL},
    {"weights, export", weights_export, "t.tsv"},
    {"weights, import", weights_import, NULL},
    {"checkpoint, write", checkpoint_write, NULL},
    {"checkpoint, resume", checkpoint_resume, "first"},
};

/* ---- their files ---- */

static void put_bytes(const char *name, const void *bytes, size_t size)
{
    FILE *file = fopen(in(name), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

static void put(const char *name, const char *text)
{
    put_bytes(name, text, strlen(text));
}

static void put_compressed(const char *name, const char *text)
{
    gzFile file = gzopen(in(name), "wb");
    assert_true(gzputs(file, text) > 0);
    gzclose(file);
}

static size_t get(const char *name, char *bytes, size_t size)
{
    FILE *file = fopen(in(name), "rb");
    assert_non_null(file);
    size_t count = fread(bytes, 1, size, file);
    fclose(file);
    return count;
}

static void copy(const char *from, const char *to)
{
    static char bytes[1 << 16];
    put_bytes(to, bytes, get(from, bytes, sizeof bytes));
}

static void make_folders(const char *const *names)
{
    for (; *names; names++)
        assert_int_equal(mkdir(in(*names), 0700), 0);
}

static int prepare_files(void **state)
{
    (void)state;
    static const char *const folders[] = {"bbc",
                                          "bbc/art",
                                          "bbc/tech",
                                          "20news",
                                          "20news/20news-bydate-train",
                                          "20news/20news-bydate-train/a",
                                          "20news/20news-bydate-test",
                                          "20news/20news-bydate-test/a",
                                          "aclImdb",
                                          "aclImdb/train",
                                          "aclImdb/train/neg",
                                          "aclImdb/train/pos",
                                          "pages",
                                          NULL};
    static const char titles[] = "tech\tOne two\r\nart\tCaf\xC3\xA9\ntech\tlast";
    static const char vectors[] = "the 1 2\ncat 3 4\n";
    static const char page[] =
        "<OAI><record><id>1</id><title>A</title><categories>cs.LG</categories>"
        "<abstract>B &amp; C</abstract></record></OAI>";
    static const char description[] =
        "{'descr': '>i2', 'fortran_order': True, 'shape': (2, 3), }\n";
    char fortran[128] = "\x93NUMPY\1\0";
    static const char binary[] = "2 2\nthe \0\0\200?\0\0\0@\ncat \0\0\200?\0\0\0@\n";
    strcpy(job_folder, access("/dev/shm", W_OK) == 0 ? "/dev/shm/seqnn_fault_XXXXXX"
                                                     : "/tmp/seqnn_fault_XXXXXX");
    if (!mkdtemp(job_folder))
        return -1;
    make_folders(folders);
    put("t.tsv", titles);
    put_compressed("t.tsv.gz", titles);
    put("bbc/art/001.txt", "First\n\nstory");
    put("bbc/tech/001.txt", "Second\n\nstory");
    put("20news/20news-bydate-train/a/1", "From: x\n\na post\n");
    put("20news/20news-bydate-test/a/2", "From: y\n\nanother\n");
    put("aclImdb/train/neg/0_1.txt", "bad<br />film");
    put("aclImdb/train/pos/0_9.txt", "good film");
    put("index.json", "{\"the\": 1, \"film\": 3, \"a\": 2}");
    put("papers.csv", "titles,summaries,terms\nA,\"B\nC\",\"['cs.LG', 'cs.CV']\"\n");
    put("papers.jsonl", "{\"id\":\"1\",\"title\":\"A\",\"abstract\":\"Caf\\u00e9\","
                        "\"categories\":\"cs.LG\"}\n");
    put("pages/1.xml", page);
    put("pages/2.xml", page);
    put("gmb.csv", "Sentence #,Word,POS,Tag\r\nSentence: 1,Citro\xEBn,NNP,B-org\r\n"
                   ",of,IN,O\r\nSentence: 2,x,NN,O\r\n");
    put("words", "the cat saw\n\nb c\n");
    put("tags", "O B-x I-x\n\nO O\n");
    put("conll", "EU NNP I-ORG\nrejects VBZ O\n\nA NN B-LOC\n");
    put("pairs.tsv", "Go.\tGeh.\nHi!\tHallo!\n");
    put("news.csv", "headlines,read_more,text,ctext\nA,x,\"Short\",\"Long\ntext\"\n");
    put("jena.csv", "\"Date Time\",\"p (mbar)\",T\r\n01.01.2009,996.52,-8\r\n"
                    "02.01.2009,,-9\r\n03.01.2009,990,1e-3\r\n");
    put("v.txt", vectors);
    put_compressed("v.txt.gz", vectors);
    put_bytes("v.bin", binary, sizeof binary - 1);
    put("questions", ": one\nthe cat the cat\nthe cat cat the\n");
    put("people.csv", "word,word,score\nthe,cat,1\ncat,cat,3\n");
    put("split", "1\tart\n");
    put("corpus", "Surf big waves, drive fast cars: big waves and fast cars");
    fortran[8] = sizeof description - 1;
    memcpy(fortran + 10, description, sizeof description - 1);
    memcpy(fortran + 10 + fortran[8], "\0\1\0\2\0\3\0\4\0\5\0\6", 12);
    put_bytes("fortran.npy", fortran, (size_t)(22 + fortran[8]));
    succeeds(safetensors_write());
    copy("out", "a.safetensors");
    succeeds(vectors_write());
    copy("out", "v.safetensors");
    succeeds(model_save());
    copy("out", "model");
    succeeds(weights_export());
    copy("out", "weights");
    succeeds(fit_to(in("first"), 1));
    return 0;
}

static int remove_files(void **state)
{
    (void)state;
    char command[96];
    snprintf(command, sizeof command, "rm -r %s", job_folder);
    return system(command);
}

/* Before a job: the old file is in its place. After one that failed, it still is; or the
 * new one, whole, if only the last sync of its folder failed. Nothing else is left. */
static void put_old(const file_job *job)
{
    if (job->old)
        copy(job->old, "out");
}

static bool old_is_there(const file_job *job)
{
    static char before[1 << 16], after[1 << 16];
    assert_int_not_equal(access(in("out.part"), F_OK), 0);
    assert_int_not_equal(access(in("fresh.part"), F_OK), 0);
    if (!job->old)
        return true;
    size_t size = get(job->old, before, sizeof before);
    return get("out", after, sizeof after) == size && memcmp(before, after, size) == 0;
}

#endif
