#include "word_evaluation.h"

#ifdef SEQNN_WORDS

#include "files.h"
#include "parallel.h"
#include "product.h"
#include "word_names.h"

/* a is to b as c is to d: spellings, and the best answer so far. */
typedef struct sq_question {
    int32_t a, b, c, d;
    int32_t section, answer; /* a word; -1: none */
    seqnn_real score;
} sq_question;

/* What stands behind the public struct, which comes first. */
typedef struct sq_analogy_scores {
    seqnn_analogy_scores public_part;
    seqnn_analogy_score *score;
    seqnn_size capacity;
    sq_pool names;
} sq_analogy_scores;

typedef struct sq_questions {
    sq_reader reader;
    sq_word_names names;
    sq_question *question; /* [count]: those whose words are known */
    seqnn_size count, capacity;
    sq_analogy_scores *scores;
    /* The words asked for, each once, and their cosines with some words of the space, or
     * with 3CosMul (1 + cosine) / 2. */
    seqnn_analogy_method method;
    int32_t *row_of;        /* [spellings] */
    seqnn_size rows;        /* words asked for */
    seqnn_real *vector;     /* [rows, dimension] */
    seqnn_real *cosine;     /* [rows, tile] */
    seqnn_size begin, tile; /* with words begin, begin + 1, ..., tile of them */
} sq_questions;

/* ---- the file ---- */

static bool sq_is_white(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static seqnn_status sq_begin_section(sq_questions *q, const char *name)
{
    sq_analogy_scores *scores = q->scores;
    seqnn_size length = (seqnn_size)strlen(name);
    while (length > 0 && sq_is_white(name[length - 1]))
        length--;
    if (length == 0)
        return sq_fail(SEQNN_ERROR_FORMAT, "%s:%td: a section without a name",
                       q->reader.path, q->reader.line);
    void *memory = scores->score;
    seqnn_status status = sq_grow(&memory, &scores->capacity,
                                  scores->public_part.count + 1, sizeof *scores->score);
    if (status != SEQNN_OK)
        return status;
    scores->score = (seqnn_analogy_score *)memory;
    char *copy = sq_pool_copy(&scores->names, name, length);
    if (!copy)
        return SEQNN_ERROR_MEMORY;
    seqnn_analogy_score *score = &scores->score[scores->public_part.count++];
    memset(score, 0, sizeof *score);
    score->section = copy;
    return SEQNN_OK;
}

static seqnn_status sq_add_question(sq_questions *q, const int32_t *spelling)
{
    const seqnn_size section = q->scores->public_part.count - 1;
    q->scores->score[section].questions++;
    for (int k = 0; k < 4; k++)
        if (spelling[k] < 0)
            return SEQNN_OK;
    q->scores->score[section].seen++;
    void *memory = q->question;
    seqnn_status status =
        sq_grow(&memory, &q->capacity, q->count + 1, sizeof(sq_question));
    if (status != SEQNN_OK)
        return status;
    q->question = (sq_question *)memory;
    sq_question *question = &q->question[q->count++];
    question->a = spelling[0];
    question->b = spelling[1];
    question->c = spelling[2];
    question->d = spelling[3];
    question->section = (int32_t)section;
    question->answer = -1;
    question->score = -(seqnn_real)HUGE_VAL;
    return SEQNN_OK;
}

static seqnn_status sq_read_question(sq_questions *q, const char *line)
{
    int32_t spelling[4];
    seqnn_size words = 0;
    for (const char *at = line;;) {
        while (sq_is_white(*at))
            at++;
        const char *end = at;
        while (*end && !sq_is_white(*end))
            end++;
        if (end == at)
            break;
        if (words == 0 && *at == ':' && end == at + 1)
            return sq_begin_section(q, end + strspn(end, " \t"));
        if (words < 4) {
            seqnn_status status =
                sq_word_names_find(&q->names, at, end - at, &spelling[words]);
            if (status != SEQNN_OK)
                return status;
        }
        words++;
        at = end;
    }
    if (words == 0)
        return SEQNN_OK;
    if (words != 4)
        return sq_fail(SEQNN_ERROR_FORMAT,
                       "%s:%td: %td words, expected the four of a question, or ': ' and "
                       "the name of a section",
                       q->reader.path, q->reader.line, words);
    if (q->scores->public_part.count == 0)
        return sq_fail(SEQNN_ERROR_FORMAT,
                       "%s:%td: a question before the first section, expected ': ' and "
                       "its name",
                       q->reader.path, q->reader.line);
    return sq_add_question(q, spelling);
}

static seqnn_status sq_read_questions(sq_questions *q, const char *path)
{
    char *line;
    seqnn_size length, questions = 0;
    seqnn_status status = sq_reader_open(&q->reader, path);
    if (status != SEQNN_OK)
        return status;
    while ((status = sq_reader_line(&q->reader, &line, &length)) == SEQNN_OK && line) {
        status = sq_read_question(q, line);
        if (status != SEQNN_OK)
            return status;
    }
    for (seqnn_size i = 0; i < q->scores->public_part.count; i++)
        questions += q->scores->score[i].questions;
    if (status == SEQNN_OK && questions == 0)
        status = sq_fail(SEQNN_ERROR_FORMAT, "%s: the file holds no question", path);
    return status;
}

/* ---- the answers ---- */

/* The words of the space go by in tiles. All questions share few words, so the cosines of
 * those with a tile are one small matrix product, and a question adds three rows of it.
 */
enum { SQ_TILE_NUMBERS = 1 << 18, SQ_LEAST_TILE = 64, SQ_TILE_LANES = 16 };

static inline seqnn_real sq_analogy_value(bool multiply, seqnn_real a, seqnn_real b,
                                          seqnn_real c)
{
    return multiply ? b * c / (a + (seqnn_real)1e-6) : b - a + c;
}

/* The largest value in a tile, in lanes side by side. */
static inline seqnn_real sq_tile_largest(bool multiply, const seqnn_real *a,
                                         const seqnn_real *b, const seqnn_real *c,
                                         seqnn_size count)
{
    seqnn_real best[SQ_TILE_LANES];
    seqnn_size i = 0;
    for (int lane = 0; lane < SQ_TILE_LANES; lane++)
        best[lane] = -(seqnn_real)HUGE_VAL;
    for (; i + SQ_TILE_LANES <= count; i += SQ_TILE_LANES)
        for (int lane = 0; lane < SQ_TILE_LANES; lane++) {
            seqnn_real value =
                sq_analogy_value(multiply, a[i + lane], b[i + lane], c[i + lane]);
            best[lane] = value > best[lane] ? value : best[lane];
        }
    for (int lane = 0; i < count; i++, lane++) {
        seqnn_real value = sq_analogy_value(multiply, a[i], b[i], c[i]);
        best[lane] = value > best[lane] ? value : best[lane];
    }
    for (int lane = 1; lane < SQ_TILE_LANES; lane++)
        best[0] = best[lane] > best[0] ? best[lane] : best[0];
    return best[0];
}

/* Each question looks through the tile. Only where something is better than the answer so
 * far it looks again, word by word: it may be a, b or c. */
static void sq_ask_tile(void *context, seqnn_size begin, seqnn_size end)
{
    const sq_questions *q = (const sq_questions *)context;
    const bool multiply = q->method == SEQNN_COS_MUL;
    const int32_t *spelling_of = q->names.spelling_of + q->begin;
    for (seqnn_size k = begin; k < end; k++) {
        sq_question *question = &q->question[k];
        const seqnn_real *a = q->cosine + q->row_of[question->a] * q->tile;
        const seqnn_real *b = q->cosine + q->row_of[question->b] * q->tile;
        const seqnn_real *c = q->cosine + q->row_of[question->c] * q->tile;
        seqnn_real largest = multiply ? sq_tile_largest(true, a, b, c, q->tile)
                                      : sq_tile_largest(false, a, b, c, q->tile);
        if (!(largest > question->score))
            continue;
        for (seqnn_size i = 0; i < q->tile; i++) {
            seqnn_real value = sq_analogy_value(multiply, a[i], b[i], c[i]);
            const int32_t spelling = spelling_of[i];
            if (value > question->score && spelling != question->a &&
                spelling != question->b && spelling != question->c) {
                question->score = value;
                question->answer = (int32_t)(q->begin + i);
            }
        }
    }
}

/* Gathers the vectors of the words that are asked for. */
static seqnn_status sq_gather_question_rows(sq_questions *q)
{
    const seqnn_word_space *space = q->names.space;
    const seqnn_size spellings = q->names.spellings.count, dimension = space->dimension;
    q->row_of = (int32_t *)sq_allocate(spellings, sizeof(int32_t));
    if (!q->row_of)
        return SEQNN_ERROR_MEMORY;
    for (seqnn_size k = 0; k < q->count; k++) {
        q->row_of[q->question[k].a] = 1;
        q->row_of[q->question[k].b] = 1;
        q->row_of[q->question[k].c] = 1;
    }
    for (seqnn_size i = 0; i < spellings; i++)
        q->rows += q->row_of[i];
    q->vector =
        (seqnn_real *)sq_allocate(sq_multiply(q->rows, dimension), sizeof(seqnn_real));
    if (!q->vector)
        return SEQNN_ERROR_MEMORY;
    int32_t row = 0;
    for (seqnn_size i = 0; i < spellings; i++) {
        if (!q->row_of[i])
            continue;
        memcpy(q->vector + row * dimension, space->unit + q->names.word_of[i] * dimension,
               (size_t)dimension * sizeof(seqnn_real));
        q->row_of[i] = row++;
    }
    return SEQNN_OK;
}

static seqnn_status sq_ask_questions(sq_questions *q)
{
    const seqnn_word_space *space = q->names.space;
    const seqnn_size count = q->names.count, dimension = space->dimension;
    if (q->count == 0)
        return SEQNN_OK;
    seqnn_status status = sq_gather_question_rows(q);
    if (status != SEQNN_OK)
        return status;
    const seqnn_size most =
        sq_min(count, sq_max(SQ_LEAST_TILE,
                             SQ_TILE_NUMBERS / q->rows / SQ_TILE_LANES * SQ_TILE_LANES));
    q->cosine = (seqnn_real *)sq_allocate(sq_multiply(q->rows, most), sizeof(seqnn_real));
    if (!q->cosine)
        return SEQNN_ERROR_MEMORY;
    for (q->begin = 0; q->begin < count; q->begin += most) {
        q->tile = sq_min(most, count - q->begin);
        sq_matmul(false, true, q->rows, q->tile, dimension, q->vector, dimension,
                  space->unit + q->begin * dimension, dimension, false, q->cosine,
                  q->tile);
        if (q->method == SEQNN_COS_MUL)
            for (seqnn_size i = 0; i < q->rows * q->tile; i++)
                q->cosine[i] = (1 + q->cosine[i]) / 2;
        sq_parallel(q->count, 64, sq_ask_tile, q);
    }
    return SEQNN_OK;
}

/* ---- the scores ---- */

static void sq_add_score(seqnn_analogy_score *sum, const seqnn_analogy_score *score)
{
    sum->questions += score->questions;
    sum->seen += score->seen;
    sum->correct += score->correct;
    sum->accuracy = sum->seen > 0 ? (double)sum->correct / (double)sum->seen : 0;
}

static void sq_sum_scores(const sq_questions *q)
{
    const seqnn_analogy_score nothing = {NULL, 0, 0, 0, 0};
    sq_analogy_scores *scores = q->scores;
    seqnn_analogy_scores *shown = &scores->public_part;
    for (seqnn_size k = 0; k < q->count; k++) {
        const sq_question *question = &q->question[k];
        scores->score[question->section].correct +=
            question->answer >= 0 &&
            q->names.spelling_of[question->answer] == question->d;
    }
    shown->total.section = "total";
    shown->semantic.section = "semantic";
    shown->syntactic.section = "syntactic";
    for (seqnn_size i = 0; i < shown->count; i++) {
        seqnn_analogy_score *score = &scores->score[i];
        sq_add_score(score, &nothing);
        sq_add_score(&shown->total, score);
        sq_add_score(strncmp(score->section, "gram", 4) == 0 ? &shown->syntactic
                                                             : &shown->semantic,
                     score);
    }
    shown->score = scores->score;
}

SEQNN_API seqnn_analogy_scores *seqnn_analogies_evaluate(const seqnn_word_space *space,
                                                         const char *path,
                                                         seqnn_evaluation_options options)
{
    sq_questions q;
    memset(&q, 0, sizeof q);
    q.method = options.method;
    if ((int)options.method < 0 || options.method > SEQNN_COS_MUL) {
        sq_fail(SEQNN_ERROR_ARGUMENT,
                "analogies: method %d, expected SEQNN_COS_ADD or SEQNN_COS_MUL",
                (int)options.method);
        return NULL;
    }
    q.scores = (sq_analogy_scores *)sq_allocate(1, sizeof *q.scores);
    seqnn_status status =
        q.scores ? sq_word_names_open(&q.names, space, &options) : SEQNN_ERROR_MEMORY;
    if (status == SEQNN_OK)
        status = sq_read_questions(&q, path);
    if (status == SEQNN_OK)
        status = sq_ask_questions(&q);
    if (status == SEQNN_OK)
        sq_sum_scores(&q);
    else if (q.scores)
        seqnn_analogy_scores_free(&q.scores->public_part);
    sq_reader_close(&q.reader);
    sq_word_names_free(&q.names);
    sq_free(q.question);
    sq_free(q.row_of);
    sq_free(q.vector);
    sq_free(q.cosine);
    return status == SEQNN_OK ? &q.scores->public_part : NULL;
}

SEQNN_API void seqnn_analogy_scores_free(seqnn_analogy_scores *scores)
{
    sq_analogy_scores *s = (sq_analogy_scores *)scores;
    if (!s)
        return;
    sq_pool_free(&s->names);
    sq_free(s->score);
    sq_free(s);
}

static void sq_print_score(const seqnn_analogy_score *score, int width, FILE *file)
{
    const int thousandths = (int)(score->accuracy * 1000 + 0.5); /* no decimal comma */
    fprintf(file, "%-*s  %4d.%d %%  %7td  %7td  %9td\n", width, score->section,
            thousandths / 10, thousandths % 10, score->correct, score->seen,
            score->questions);
}

SEQNN_API void seqnn_analogies_print(const seqnn_analogy_scores *scores, FILE *file)
{
    if (!scores) {
        fprintf(file, "%s\n", seqnn_error());
        return;
    }
    seqnn_size width = 10;
    for (seqnn_size i = 0; i < scores->count; i++)
        width = sq_max(width, sq_min(60, (seqnn_size)strlen(scores->score[i].section)));
    fprintf(file, "%-*s  accuracy  correct     seen  questions\n", (int)width, "section");
    for (seqnn_size i = 0; i < scores->count; i++)
        sq_print_score(&scores->score[i], (int)width, file);
    sq_print_score(&scores->semantic, (int)width, file);
    sq_print_score(&scores->syntactic, (int)width, file);
    sq_print_score(&scores->total, (int)width, file);
}

#endif
