#include "word_space.h"

#ifdef SEQNN_WORDS

#include "functions.h"
#include "parallel.h"
#include "row_length.h"
#include "words.h"

enum { SQ_SPACE_GRAIN = 512 }; /* words of a piece of work */

/* What stands behind the public struct, which comes first. */
typedef struct sq_word_space {
    seqnn_word_space public_part;
    sq_words words;
    const char **word;
    seqnn_real *unit;
} sq_word_space;

/* ---- the space ---- */

/* from at length 1, or zeros as they are; false if a number is not finite. */
static bool sq_to_unit(const seqnn_real *from, seqnn_size dimension, seqnn_real *to)
{
    double largest;
    const double length = sq_row_length(from, dimension, &largest);
    for (seqnn_size k = 0; k < dimension; k++)
        to[k] = largest > 0 ? (seqnn_real)((double)from[k] / largest / length) : 0;
    return largest >= 0;
}

static seqnn_status sq_space_fill(sq_word_space *s, const seqnn_word_vectors *vectors)
{
    const seqnn_size dimension = vectors->dimension;
    s->word = (const char **)sq_allocate(vectors->count, sizeof(char *));
    s->unit = (seqnn_real *)sq_allocate(sq_multiply(vectors->count, dimension),
                                        sizeof(seqnn_real));
    if (!s->word || !s->unit)
        return SEQNN_ERROR_MEMORY;
    for (seqnn_size i = 0; i < vectors->count; i++) {
        const char *word = vectors->word[i];
        if (!word)
            return sq_fail(SEQNN_ERROR_ARGUMENT, "word space: word %td is missing", i);
        int32_t number = sq_words_add(&s->words, word, (seqnn_size)strlen(word));
        if (number < 0)
            return SEQNN_ERROR_MEMORY;
        if (number < i)
            return sq_fail(SEQNN_ERROR_ARGUMENT,
                           "word space: word %td is '%.40s', which is word %d already", i,
                           word, (int)number);
        s->word[i] = s->words.word[i].text;
        if (!sq_to_unit(vectors->values + i * dimension, dimension,
                        s->unit + i * dimension))
            return sq_fail(SEQNN_ERROR_NUMBER,
                           "word space: the vector of '%.40s' holds a number that is not "
                           "finite",
                           word);
    }
    s->public_part.count = vectors->count;
    s->public_part.dimension = dimension;
    s->public_part.word = s->word;
    s->public_part.unit = s->unit;
    return SEQNN_OK;
}

SEQNN_API seqnn_word_space *seqnn_word_space_new(const seqnn_word_vectors *vectors)
{
    if (!vectors)
        return NULL; /* what should have made them has left its sentence */
    if (vectors->count < 1 || vectors->dimension < 1 || !vectors->word ||
        !vectors->values) {
        sq_fail(SEQNN_ERROR_ARGUMENT,
                "word space: %td vectors of %td numbers, expected at least one",
                vectors->count, vectors->dimension);
        return NULL;
    }
    sq_word_space *s = (sq_word_space *)sq_allocate(1, sizeof *s);
    if (!s)
        return NULL;
    if (sq_space_fill(s, vectors) == SEQNN_OK)
        return &s->public_part;
    seqnn_word_space_free(&s->public_part);
    return NULL;
}

SEQNN_API void seqnn_word_space_free(seqnn_word_space *space)
{
    sq_word_space *s = (sq_word_space *)space;
    if (!s)
        return;
    sq_words_free(&s->words);
    sq_free((void *)s->word);
    sq_free(s->unit);
    sq_free(s);
}

SEQNN_API seqnn_size seqnn_word_space_find(const seqnn_word_space *space,
                                           const char *word)
{
    const sq_word_space *s = (const sq_word_space *)space;
    return s && word ? sq_words_find(&s->words, word, (seqnn_size)strlen(word)) : -1;
}

static seqnn_status sq_space_number(const seqnn_word_space *space, const char *word,
                                    seqnn_size *number)
{
    *number = seqnn_word_space_find(space, word);
    if (*number >= 0)
        return SEQNN_OK;
    if (!space)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "word space: there is none");
    return sq_fail(SEQNN_ERROR_ARGUMENT, "word space: '%.40s' is none of its %td words",
                   word ? word : "", space->count);
}

static const seqnn_real *sq_unit_of(const seqnn_word_space *space, seqnn_size number)
{
    return space->unit + number * space->dimension;
}

static double sq_cosine(const seqnn_word_space *space, const seqnn_real *x,
                        const seqnn_real *y)
{
    return fmax(-1, fmin(1, sq_dot(space->dimension, x, y)));
}

SEQNN_API seqnn_status seqnn_word_similarity(const seqnn_word_space *space, const char *a,
                                             const char *b, double *similarity)
{
    seqnn_size x, y;
    seqnn_status status = sq_space_number(space, a, &x);
    if (status == SEQNN_OK)
        status = sq_space_number(space, b, &y);
    if (status == SEQNN_OK)
        *similarity = sq_cosine(space, sq_unit_of(space, x), sq_unit_of(space, y));
    return status;
}

/* ---- the best n ---- */

static bool sq_is_nearer(const seqnn_neighbour *x, const seqnn_neighbour *y)
{
    return x->similarity > y->similarity ||
           (x->similarity == y->similarity && x->number < y->number);
}

/* heap[0..count) with the least near at the top: lets `item` sink from place `at`. */
static void sq_heap_sink(seqnn_neighbour *heap, seqnn_size count, seqnn_size at,
                         seqnn_neighbour item)
{
    for (seqnn_size child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && sq_is_nearer(&heap[child], &heap[child + 1]))
            child++;
        if (!sq_is_nearer(&item, &heap[child]))
            break;
        heap[at] = heap[child];
    }
    heap[at] = item;
}

/* The n best of score[0..count) into found, without the `asked` ones. A word that is not
 * there is farther than any that is. */
static void sq_nearest(const seqnn_word_space *space, const double *score,
                       seqnn_size count, const seqnn_size *asked, seqnn_size asked_count,
                       seqnn_size n, seqnn_neighbour *found)
{
    const seqnn_neighbour nobody = {NULL, -1, -HUGE_VAL};
    for (seqnn_size i = 0; i < n; i++)
        found[i] = nobody;
    for (seqnn_size i = 0; i < count; i++) {
        const seqnn_neighbour word = {space->word[i], i, score[i]};
        bool wanted = found[0].number < 0 || sq_is_nearer(&word, &found[0]);
        for (seqnn_size k = 0; wanted && k < asked_count; k++)
            wanted = asked[k] != i;
        if (wanted)
            sq_heap_sink(found, n, 0, word);
    }
    for (seqnn_size left = n - 1; left > 0; left--) {
        const seqnn_neighbour last = found[left];
        found[left] = found[0];
        sq_heap_sink(found, left, 0, last);
    }
}

/* ---- questions to all words ---- */

typedef struct sq_space_query {
    const seqnn_word_space *space;
    seqnn_analogy_method method;
    seqnn_real *vector;  /* 3CosAdd: [dimension], of length 1 */
    seqnn_size *asked;   /* positive words, then */
    seqnn_size positive; /* so many of them, and negative ones */
    seqnn_size asked_count;
    double epsilon;
    double *score; /* [count] */
} sq_space_query;

static void sq_query_add(void *context, seqnn_size begin, seqnn_size end)
{
    const sq_space_query *q = (const sq_space_query *)context;
    for (seqnn_size i = begin; i < end; i++)
        q->score[i] = sq_cosine(q->space, sq_unit_of(q->space, i), q->vector);
}

static void sq_query_multiply(void *context, seqnn_size begin, seqnn_size end)
{
    const sq_space_query *q = (const sq_space_query *)context;
    for (seqnn_size i = begin; i < end; i++) {
        double product[2] = {1, 1};
        for (seqnn_size k = 0; k < q->asked_count; k++)
            product[k >= q->positive] *=
                (1 + sq_cosine(q->space, sq_unit_of(q->space, i),
                               sq_unit_of(q->space, q->asked[k]))) /
                2;
        q->score[i] = product[0] / (product[1] + q->epsilon);
    }
}

static seqnn_status sq_query_answer(sq_space_query *q, seqnn_size restrict_vocab,
                                    seqnn_size n, seqnn_neighbour *found)
{
    const seqnn_size count =
        restrict_vocab > 0 ? sq_min(restrict_vocab, q->space->count) : q->space->count;
    if (n < 1 || !found || restrict_vocab < 0)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "word space: %td answers among the first %td words, expected an "
                       "array of at least one",
                       n, restrict_vocab);
    q->score = (double *)sq_allocate(count, sizeof(double));
    if (!q->score)
        return SEQNN_ERROR_MEMORY;
    sq_parallel(count, SQ_SPACE_GRAIN,
                q->method == SEQNN_COS_MUL ? sq_query_multiply : sq_query_add, q);
    sq_nearest(q->space, q->score, count, q->asked, q->asked_count, n, found);
    sq_free(q->score);
    return SEQNN_OK;
}

/* vector = the sum of the positive words less that of the negative ones, at length 1. */
static void sq_query_sum(sq_space_query *q)
{
    const seqnn_size dimension = q->space->dimension;
    for (seqnn_size k = 0; k < q->asked_count; k++)
        sq_axpy(dimension, k < q->positive ? 1 : -1, sq_unit_of(q->space, q->asked[k]),
                q->vector);
    sq_to_unit(q->vector, dimension, q->vector);
}

static seqnn_status sq_query_words(sq_space_query *q, const char *const *positive,
                                   const char *const *negative)
{
    for (seqnn_size k = 0; k < q->asked_count; k++) {
        const char *word = k < q->positive ? positive[k] : negative[k - q->positive];
        seqnn_status status = sq_space_number(q->space, word, &q->asked[k]);
        if (status != SEQNN_OK)
            return status;
    }
    return SEQNN_OK;
}

SEQNN_API seqnn_status seqnn_most_similar(
    const seqnn_word_space *space, const char *const *positive, seqnn_size positive_count,
    const char *const *negative, seqnn_size negative_count, seqnn_size n,
    seqnn_neighbour *found, seqnn_analogy_options options)
{
    if (!space || positive_count < 1 || !positive || negative_count < 0 ||
        (negative_count > 0 && !negative))
        return sq_fail(
            SEQNN_ERROR_ARGUMENT,
            "word space: %td positive and %td negative words, expected a space "
            "and at least one positive word",
            positive_count, negative_count);
    if ((int)options.method < 0 || options.method > SEQNN_COS_MUL ||
        !(options.epsilon >= 0))
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "word space: method %d with epsilon %g, expected SEQNN_COS_ADD or "
                       "SEQNN_COS_MUL and a number of at least 0",
                       (int)options.method, options.epsilon);
    sq_space_query q;
    memset(&q, 0, sizeof q);
    q.space = space;
    q.method = options.method;
    q.epsilon = options.epsilon > 0 ? options.epsilon : 1e-6;
    q.positive = positive_count;
    q.asked_count = positive_count + negative_count;
    q.asked = (seqnn_size *)sq_allocate(q.asked_count, sizeof(seqnn_size));
    q.vector = (seqnn_real *)sq_allocate(space->dimension, sizeof(seqnn_real));
    seqnn_status status = q.asked && q.vector ? SEQNN_OK : SEQNN_ERROR_MEMORY;
    if (status == SEQNN_OK)
        status = sq_query_words(&q, positive, negative);
    if (status == SEQNN_OK) {
        sq_query_sum(&q);
        status = sq_query_answer(&q, options.restrict_vocab, n, found);
    }
    sq_free(q.asked);
    sq_free(q.vector);
    return status;
}

SEQNN_API seqnn_status seqnn_word_analogy(const seqnn_word_space *space, const char *a,
                                          const char *b, const char *c, seqnn_size n,
                                          seqnn_neighbour *found,
                                          seqnn_analogy_options options)
{
    const char *positive[2] = {b, c}, *negative[1] = {a};
    return seqnn_most_similar(space, positive, 2, negative, 1, n, found, options);
}

SEQNN_API seqnn_status seqnn_word_neighbours(const seqnn_word_space *space,
                                             const char *word, seqnn_size n,
                                             seqnn_neighbour *found)
{
    seqnn_analogy_options options;
    memset(&options, 0, sizeof options);
    return seqnn_most_similar(space, &word, 1, NULL, 0, n, found, options);
}

SEQNN_API seqnn_status seqnn_vector_neighbours(const seqnn_word_space *space,
                                               const seqnn_real *vector, seqnn_size n,
                                               seqnn_neighbour *found)
{
    if (!space || !vector)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "word space: expected a space and a vector of its dimension");
    sq_space_query q;
    memset(&q, 0, sizeof q);
    q.space = space;
    q.vector = (seqnn_real *)sq_allocate(space->dimension, sizeof(seqnn_real));
    if (!q.vector)
        return SEQNN_ERROR_MEMORY;
    seqnn_status status =
        sq_to_unit(vector, space->dimension, q.vector)
            ? sq_query_answer(&q, 0, n, found)
            : sq_fail(SEQNN_ERROR_NUMBER,
                      "word space: the vector holds a number that is not finite");
    sq_free(q.vector);
    return status;
}

#endif
