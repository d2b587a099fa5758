#include "partition.h"
#include "random.h"
#include "words.h"

#define SQ_PARTS_STREAM ((uint64_t)0x73706C69 << 32)

/* What is cut into parts: rows of a data set, or texts. */
typedef struct sq_samples {
    seqnn_size count, classes;
    const int32_t *label; /* [count], or NULL */
    const seqnn_dataset *data;
    const seqnn_texts *texts; /* one of the two */
} sq_samples;

static sq_samples sq_samples_of_data(const seqnn_dataset *data)
{
    sq_samples samples = {data->count, data->classes, NULL, data, NULL};
    if (data->y.time == 0)
        samples.label = data->y.indices;
    return samples;
}

static sq_samples sq_samples_of_texts(const seqnn_texts *texts)
{
    sq_samples samples = {texts->count, texts->classes, texts->label, NULL, texts};
    return samples;
}

/* The bytes that duplicates of sample i share; NULL if it has none. */
static const char *sq_sample_bytes(const sq_samples *samples, seqnn_size i,
                                   seqnn_size *size)
{
    if (samples->texts) {
        *size = (seqnn_size)strlen(samples->texts->text[i]);
        return samples->texts->text[i];
    }
    const seqnn_array *x = &samples->data->x[0];
    const seqnn_size time = sq_max(x->time, 1), start = x->start ? x->start[i] : 0;
    const seqnn_size step = x->indices ? (seqnn_size)sizeof(int32_t)
                                       : x->features * (seqnn_size)sizeof(seqnn_real);
    const char *bytes = x->indices ? (const char *)(const void *)x->indices
                                   : (const char *)(const void *)x->values;
    *size = (x->length ? x->length[i] : time) * step;
    return bytes ? bytes + (i * time + start) * step : NULL;
}

/* Equal samples: sample i is of group of[i], which has size[of[i]] samples. */
typedef struct sq_groups {
    int32_t *of; /* NULL: every sample by itself */
    int32_t *size;
} sq_groups;

static seqnn_status sq_group_duplicates(const sq_samples *samples, sq_groups *groups)
{
    groups->of = (int32_t *)sq_allocate(samples->count, sizeof(int32_t));
    groups->size = (int32_t *)sq_allocate(samples->count, sizeof(int32_t));
    seqnn_status status = groups->of && groups->size ? SEQNN_OK : SEQNN_ERROR_MEMORY;
    sq_words known;
    memset(&known, 0, sizeof known);
    for (seqnn_size i = 0; i < samples->count && status == SEQNN_OK; i++) {
        seqnn_size size;
        const char *bytes = sq_sample_bytes(samples, i, &size);
        int32_t group = bytes ? sq_words_add(&known, bytes, size) : -1;
        if (!bytes)
            status =
                sq_fail(SEQNN_ERROR_SHAPE, "split: duplicates of samples without x[0]");
        else if (group < 0)
            status = SEQNN_ERROR_MEMORY;
        else
            groups->size[groups->of[i] = group]++;
    }
    sq_words_free(&known);
    return status;
}

/* How many samples of each class (of all, as one class) validation and test are to get:
 * left[class][SQ_PARTS], zeroed before. */
static void sq_part_sizes(const sq_samples *samples, seqnn_partition_options options,
                          seqnn_size classes, seqnn_size (*left)[SQ_PARTS])
{
    for (seqnn_size i = 0; i < samples->count; i++)
        left[options.stratified ? samples->label[i] : 0][SQ_TRAIN]++;
    for (seqnn_size c = 0; c < classes; c++) {
        double count = (double)left[c][SQ_TRAIN];
        left[c][SQ_VALIDATION] = (seqnn_size)floor(count * options.validation + 0.5);
        left[c][SQ_TEST] = (seqnn_size)floor(count * options.test + 0.5);
    }
}

/* Gives every sample, the last of the order first, to the part that still wants some of
 * its class: at least half of it and its duplicates, which go with it. */
static void sq_give_parts(const sq_samples *samples, const int32_t *rows,
                          const sq_groups *groups, bool stratified,
                          seqnn_size (*left)[SQ_PARTS], unsigned char *part)
{
    for (seqnn_size i = samples->count - 1; i >= 0; i--) {
        int32_t row = rows[i], group = groups->of ? groups->of[row] : 0;
        seqnn_size *wanted = left[stratified ? samples->label[row] : 0];
        seqnn_size size = 1;
        if (groups->of) {
            if (groups->size[group] < 0) { /* given already: -1 - part */
                part[row] = (unsigned char)(-1 - groups->size[group]);
                continue;
            }
            size = groups->size[group];
        }
        int p = 2 * wanted[SQ_TEST] >= size         ? SQ_TEST
                : 2 * wanted[SQ_VALIDATION] >= size ? SQ_VALIDATION
                                                    : SQ_TRAIN;
        wanted[p] -= size;
        part[row] = (unsigned char)p;
        if (groups->of)
            groups->size[group] = -1 - p;
    }
}

static seqnn_status sq_check_partition(const sq_samples *samples,
                                       seqnn_partition_options options)
{
    double v = options.validation, t = options.test;
    if (!(v >= 0 && t >= 0 && v + t > 0 && v + t < 1))
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "split: the fractions are %g and %g, expected between 0 and 1, "
                       "and their sum, too",
                       v, t);
    if (samples->count > INT32_MAX)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "split: more than %d samples",
                       (int)INT32_MAX);
    if (!options.stratified)
        return SEQNN_OK;
    if (!samples->label || samples->classes < 1)
        return sq_fail(SEQNN_ERROR_SHAPE,
                       "split: stratified, but the samples have no class each");
    for (seqnn_size i = 0; i < samples->count; i++)
        if (samples->label[i] < 0 || samples->label[i] >= samples->classes)
            return sq_fail(SEQNN_ERROR_ARGUMENT,
                           "split: sample %td is of class %d of %td", i,
                           (int)samples->label[i], samples->classes);
    return SEQNN_OK;
}

/* An error if a part that was asked for has no sample. */
static seqnn_status sq_check_parts(const unsigned char *part, seqnn_size samples,
                                   seqnn_partition_options options)
{
    seqnn_size count[SQ_PARTS] = {0, 0, 0};
    for (seqnn_size i = 0; i < samples; i++)
        count[part[i]]++;
    if (count[SQ_TRAIN] > 0 && (count[SQ_VALIDATION] > 0 || options.validation == 0) &&
        (count[SQ_TEST] > 0 || options.test == 0))
        return SEQNN_OK;
    return sq_fail(SEQNN_ERROR_ARGUMENT,
                   "split: %td samples to train, %td to validate and %td to test leave a "
                   "part empty",
                   count[SQ_TRAIN], count[SQ_VALIDATION], count[SQ_TEST]);
}

/* The order of the samples, and the part of each; NULL with the status set on error. */
typedef struct sq_partition {
    seqnn_status status;
    int32_t *rows;
    unsigned char *part;
} sq_partition;

static void sq_partition_free(sq_partition *partition)
{
    sq_free(partition->rows);
    sq_free(partition->part);
}

static sq_partition sq_partition_samples(const sq_samples *samples,
                                         seqnn_partition_options options)
{
    sq_partition p = {sq_check_partition(samples, options), NULL, NULL};
    if (p.status != SEQNN_OK)
        return p;
    seqnn_size classes = options.stratified ? samples->classes : 1;
    sq_groups groups = {NULL, NULL};
    seqnn_size(*left)[SQ_PARTS] =
        (seqnn_size(*)[SQ_PARTS])sq_allocate(classes, sizeof(seqnn_size[SQ_PARTS]));
    p.rows = (int32_t *)sq_allocate(samples->count, sizeof(int32_t));
    p.part = (unsigned char *)sq_allocate(samples->count, 1);
    if (!left || !p.rows || !p.part)
        p.status = SEQNN_ERROR_MEMORY;
    if (p.status == SEQNN_OK && options.duplicates_together)
        p.status = sq_group_duplicates(samples, &groups);
    if (p.status == SEQNN_OK) {
        for (seqnn_size i = 0; i < samples->count; i++)
            p.rows[i] = (int32_t)i;
        seqnn_random random = {options.seed, SQ_PARTS_STREAM, 0};
        seqnn_random_shuffle(&random, p.rows, samples->count);
        sq_part_sizes(samples, options, classes, left);
        sq_give_parts(samples, p.rows, &groups, options.stratified, left, p.part);
        p.status = sq_check_parts(p.part, samples->count, options);
    }
    sq_free(groups.of);
    sq_free(groups.size);
    sq_free((void *)left);
    return p;
}

/* Those rows that go to part p, in their order; how many. */
static seqnn_size sq_choose_rows(const int32_t *rows, const unsigned char *part,
                                 seqnn_size count, int p, int32_t *chosen)
{
    seqnn_size taken = 0;
    for (seqnn_size i = 0; i < count; i++)
        if (part[rows[i]] == p)
            chosen[taken++] = rows[i];
    return taken;
}

SQ_LOCAL seqnn_parts sq_take_parts(const seqnn_dataset *data, const int32_t *rows,
                                   const unsigned char *part)
{
    seqnn_parts parts = {SEQNN_OK, NULL, NULL, NULL};
    seqnn_dataset **into[] = {&parts.train, &parts.validation, &parts.test};
    int32_t *chosen = (int32_t *)sq_allocate(data->count, sizeof(int32_t));
    if (!chosen)
        parts.status = SEQNN_ERROR_MEMORY;
    for (int p = 0; p < SQ_PARTS && parts.status == SEQNN_OK; p++) {
        seqnn_size count = sq_choose_rows(rows, part, data->count, p, chosen);
        if (count > 0 && (*into[p] = seqnn_dataset_take(data, chosen, count)) == NULL)
            parts.status = SEQNN_ERROR_MEMORY;
    }
    sq_free(chosen);
    if (parts.status != SEQNN_OK)
        seqnn_parts_free(&parts);
    return parts;
}

SEQNN_API seqnn_parts seqnn_partition(const seqnn_dataset *data,
                                      seqnn_partition_options options)
{
    seqnn_parts parts = {SEQNN_ERROR_ARGUMENT, NULL, NULL, NULL};
    if (!data)
        return parts; /* what made it has left its sentence */
    sq_samples samples = sq_samples_of_data(data);
    sq_partition partition = sq_partition_samples(&samples, options);
    parts.status = partition.status;
    if (parts.status == SEQNN_OK)
        parts = sq_take_parts(data, partition.rows, partition.part);
    sq_partition_free(&partition);
    return parts;
}

SEQNN_API seqnn_text_parts seqnn_partition_texts(const seqnn_texts *texts,
                                                 seqnn_partition_options options)
{
    seqnn_text_parts parts = {SEQNN_ERROR_ARGUMENT, NULL, NULL, NULL};
    if (!texts)
        return parts; /* the reader has left its sentence */
    seqnn_texts **into[] = {&parts.train, &parts.validation, &parts.test};
    sq_samples samples = sq_samples_of_texts(texts);
    sq_partition partition = sq_partition_samples(&samples, options);
    int32_t *chosen = NULL;
    parts.status = partition.status;
    if (parts.status == SEQNN_OK &&
        (chosen = (int32_t *)sq_allocate(texts->count, sizeof(int32_t))) == NULL)
        parts.status = SEQNN_ERROR_MEMORY;
    for (int p = 0; p < SQ_PARTS && parts.status == SEQNN_OK; p++) {
        seqnn_size count =
            sq_choose_rows(partition.rows, partition.part, texts->count, p, chosen);
        if (count > 0 && (*into[p] = seqnn_texts_take(texts, chosen, count)) == NULL)
            parts.status = SEQNN_ERROR_MEMORY;
    }
    sq_free(chosen);
    sq_partition_free(&partition);
    if (parts.status != SEQNN_OK)
        seqnn_text_parts_free(&parts);
    return parts;
}

SEQNN_API seqnn_parts seqnn_split(const seqnn_dataset *data, double fraction,
                                  uint64_t seed)
{
    seqnn_partition_options options = {fraction, 0, seed, false, false};
    return seqnn_partition(data, options);
}

SEQNN_API void seqnn_parts_free(seqnn_parts *parts)
{
    seqnn_dataset_free(parts->train);
    seqnn_dataset_free(parts->validation);
    seqnn_dataset_free(parts->test);
    parts->train = parts->validation = parts->test = NULL;
}

SEQNN_API void seqnn_text_parts_free(seqnn_text_parts *parts)
{
    seqnn_texts_free(parts->train);
    seqnn_texts_free(parts->validation);
    seqnn_texts_free(parts->test);
    parts->train = parts->validation = parts->test = NULL;
}
