#include "split.h"
#include "files.h"
#include "random.h"
#include "words.h"

#define SQ_PARTS_STREAM ((uint64_t)0x73706C69 << 32)

enum { SQ_TRAIN, SQ_VALIDATION, SQ_TEST, SQ_PARTS };

/* Row i of the order goes to part[rows[i]]; parts keep the order. */
static seqnn_parts sq_take_parts(const seqnn_dataset *data, const int32_t *rows,
                                 const unsigned char *part)
{
    seqnn_parts parts = {SEQNN_OK, NULL, NULL, NULL};
    seqnn_dataset **taken[] = {&parts.train, &parts.validation, &parts.test};
    int32_t *chosen = (int32_t *)sq_allocate(data->count, sizeof(int32_t));
    if (!chosen)
        parts.status = SEQNN_ERROR_MEMORY;
    for (int p = 0; p < SQ_PARTS && parts.status == SEQNN_OK; p++) {
        seqnn_size count = 0;
        for (seqnn_size i = 0; i < data->count; i++)
            if (part[rows[i]] == p)
                chosen[count++] = rows[i];
        if (count > 0 && (*taken[p] = seqnn_dataset_take(data, chosen, count)) == NULL)
            parts.status = SEQNN_ERROR_MEMORY;
    }
    sq_free(chosen);
    if (parts.status != SEQNN_OK)
        seqnn_parts_free(&parts);
    return parts;
}

/* Samples of equal x[0]: sample i is of group of[i], which has size[of[i]] samples. */
typedef struct sq_groups {
    int32_t *of; /* NULL: every sample by itself */
    int32_t *size;
} sq_groups;

static seqnn_status sq_group_duplicates(const seqnn_dataset *data, sq_groups *groups)
{
    const seqnn_array *x = &data->x[0];
    const seqnn_size time = sq_max(x->time, 1);
    const seqnn_size step = x->indices ? (seqnn_size)sizeof(int32_t)
                                       : x->features * (seqnn_size)sizeof(seqnn_real);
    const char *bytes = x->indices ? (const char *)(const void *)x->indices
                                   : (const char *)(const void *)x->values;
    if (!bytes)
        return sq_fail(SEQNN_ERROR_SHAPE, "split: duplicates of samples without x[0]");
    sq_words known;
    memset(&known, 0, sizeof known);
    for (seqnn_size i = 0; i < data->count; i++) {
        seqnn_size start = x->start ? x->start[i] : 0;
        seqnn_size length = x->length ? x->length[i] : time;
        int32_t group =
            sq_words_add(&known, bytes + (i * time + start) * step, length * step);
        if (group < 0) {
            sq_words_free(&known);
            return SEQNN_ERROR_MEMORY;
        }
        groups->of[i] = group;
        groups->size[group]++;
    }
    sq_words_free(&known);
    return SEQNN_OK;
}

/* How many samples of each class (of all, as one class) are left to be given to
 * validation and test: left[class][SQ_PARTS]. */
static void sq_part_sizes(const seqnn_dataset *data, seqnn_partition_options options,
                          seqnn_size classes, seqnn_size (*left)[SQ_PARTS])
{
    for (seqnn_size i = 0; i < data->count; i++)
        left[options.stratified ? data->y.indices[i] : 0][SQ_TRAIN]++;
    for (seqnn_size c = 0; c < classes; c++) {
        double count = (double)left[c][SQ_TRAIN];
        left[c][SQ_VALIDATION] = (seqnn_size)floor(count * options.validation + 0.5);
        left[c][SQ_TEST] = (seqnn_size)floor(count * options.test + 0.5);
    }
}

/* Gives every sample, the last of the order first, to the part that still wants some of
 * its class: at least half of it and its duplicates, which go with it. */
static void sq_give_parts(const seqnn_dataset *data, const int32_t *rows,
                          const sq_groups *groups, bool stratified,
                          seqnn_size (*left)[SQ_PARTS], unsigned char *part)
{
    for (seqnn_size i = data->count - 1; i >= 0; i--) {
        int32_t row = rows[i], group = groups->of ? groups->of[row] : 0;
        seqnn_size *wanted = left[stratified ? data->y.indices[row] : 0];
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

static seqnn_status sq_check_partition(const seqnn_dataset *data,
                                       seqnn_partition_options options)
{
    double v = options.validation, t = options.test;
    if (!(v >= 0 && t >= 0 && v + t > 0 && v + t < 1))
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "split: the fractions are %g and %g, expected between 0 and 1, "
                       "and their sum, too",
                       v, t);
    if (data->count > INT32_MAX)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "split: more than %d samples",
                       (int)INT32_MAX);
    if (!options.stratified)
        return SEQNN_OK;
    if (!data->y.indices || data->y.time != 0 || data->classes < 1)
        return sq_fail(SEQNN_ERROR_SHAPE,
                       "split: stratified, but the samples have no class each");
    for (seqnn_size i = 0; i < data->count; i++)
        if (data->y.indices[i] < 0 || data->y.indices[i] >= data->classes)
            return sq_fail(SEQNN_ERROR_ARGUMENT,
                           "split: sample %td is of class %d of %td", i,
                           (int)data->y.indices[i], data->classes);
    return SEQNN_OK;
}

/* Decides on part[row] of every sample; rows becomes their order. */
static seqnn_status sq_partition_rows(const seqnn_dataset *data,
                                      seqnn_partition_options options, int32_t *rows,
                                      unsigned char *part)
{
    seqnn_size classes = options.stratified ? data->classes : 1;
    sq_groups groups = {NULL, NULL};
    seqnn_size(*left)[SQ_PARTS] =
        (seqnn_size(*)[SQ_PARTS])sq_allocate(classes, sizeof(seqnn_size[SQ_PARTS]));
    seqnn_status status = left ? SEQNN_OK : SEQNN_ERROR_MEMORY;
    if (status == SEQNN_OK && options.duplicates_together) {
        groups.of = (int32_t *)sq_allocate(data->count, sizeof(int32_t));
        groups.size = (int32_t *)sq_allocate(data->count, sizeof(int32_t));
        status = groups.of && groups.size ? sq_group_duplicates(data, &groups)
                                          : SEQNN_ERROR_MEMORY;
    }
    if (status == SEQNN_OK) {
        for (seqnn_size i = 0; i < data->count; i++)
            rows[i] = (int32_t)i;
        seqnn_random random = {options.seed, SQ_PARTS_STREAM, 0};
        seqnn_random_shuffle(&random, rows, data->count);
        sq_part_sizes(data, options, classes, left);
        sq_give_parts(data, rows, &groups, options.stratified, left, part);
    }
    sq_free(groups.of);
    sq_free(groups.size);
    sq_free((void *)left);
    return status;
}

SEQNN_API seqnn_parts seqnn_partition(const seqnn_dataset *data,
                                      seqnn_partition_options options)
{
    seqnn_parts parts = {SEQNN_ERROR_ARGUMENT, NULL, NULL, NULL};
    if (!data || (parts.status = sq_check_partition(data, options)) != SEQNN_OK)
        return parts; /* without data what made it has left its sentence */
    int32_t *rows = (int32_t *)sq_allocate(data->count, sizeof(int32_t));
    unsigned char *part = (unsigned char *)sq_allocate(data->count, 1);
    parts.status =
        rows && part ? sq_partition_rows(data, options, rows, part) : SEQNN_ERROR_MEMORY;
    if (parts.status == SEQNN_OK) {
        seqnn_size count[SQ_PARTS] = {0, 0, 0};
        for (seqnn_size i = 0; i < data->count; i++)
            count[part[i]]++;
        if (count[SQ_TRAIN] == 0 ||
            (options.validation > 0 && count[SQ_VALIDATION] == 0) ||
            (options.test > 0 && count[SQ_TEST] == 0))
            parts.status = sq_fail(SEQNN_ERROR_ARGUMENT,
                                   "split: %td samples to train, %td to validate and %td "
                                   "to test leave a part empty",
                                   count[SQ_TRAIN], count[SQ_VALIDATION], count[SQ_TEST]);
    }
    if (parts.status == SEQNN_OK)
        parts = sq_take_parts(data, rows, part);
    sq_free(rows);
    sq_free(part);
    return parts;
}

SEQNN_API seqnn_parts seqnn_split(const seqnn_dataset *data, double fraction,
                                  uint64_t seed)
{
    seqnn_partition_options options = {fraction, 0, seed, false, false};
    return seqnn_partition(data, options);
}

/* A line id<TAB>class of the file: marks its text. */
static seqnn_status sq_split_line(const sq_reader *reader, char *line,
                                  const sq_words *ids, const seqnn_texts *texts,
                                  bool *validates)
{
    size_t size = strcspn(line, "\t");
    const char *class_name = line[size] == '\t' ? line + size + 1 : NULL;
    line[size] = '\0';
    int32_t text = sq_words_find(ids, line, (seqnn_size)size);
    if (text < 0)
        return sq_fail(SEQNN_ERROR_FORMAT, "%s:%td: no text has the id '%s'",
                       reader->path, reader->line, line);
    if (validates[text])
        return sq_fail(SEQNN_ERROR_FORMAT, "%s:%td: the id '%s' comes a second time",
                       reader->path, reader->line, line);
    const char *own = texts->label ? texts->class_names[texts->label[text]] : NULL;
    if (class_name && own && strcmp(class_name, own) != 0)
        return sq_fail(
            SEQNN_ERROR_FORMAT,
            "%s:%td: the text '%s' is of class %s, expected %s: another data set",
            reader->path, reader->line, line, own, class_name);
    validates[text] = true;
    return SEQNN_OK;
}

/* The counts in "# documents N validation M"; false if it is another comment. */
static bool sq_split_counts(const char *line, seqnn_size *documents,
                            seqnn_size *validation)
{
    static const char first[] = "# documents ", second[] = " validation ";
    char *end;
    if (strncmp(line, first, sizeof first - 1) != 0)
        return false;
    *documents = (seqnn_size)strtol(line + sizeof first - 1, &end, 10);
    if (strncmp(end, second, sizeof second - 1) != 0)
        return false;
    *validation = (seqnn_size)strtol(end + sizeof second - 1, &end, 10);
    return true;
}

static seqnn_status sq_split_lines(sq_reader *reader, const sq_words *ids,
                                   const seqnn_texts *texts, bool *validates,
                                   seqnn_size *chosen)
{
    char *line;
    seqnn_size length, documents = texts->count, expected = -1;
    seqnn_status status;
    while ((status = sq_reader_line(reader, &line, &length)) == SEQNN_OK && line) {
        if (length == 0 || line[0] == '#') {
            sq_split_counts(line, &documents, &expected);
            continue;
        }
        if (documents != texts->count)
            return sq_fail(SEQNN_ERROR_FORMAT, "%s: is for %td documents, these are %td",
                           reader->path, documents, texts->count);
        status = sq_split_line(reader, line, ids, texts, validates);
        if (status != SEQNN_OK)
            return status;
        ++*chosen;
    }
    if (status == SEQNN_OK && expected >= 0 && *chosen != expected)
        status =
            sq_fail(SEQNN_ERROR_FORMAT, "%s: lists %td documents, expected %td: cut off?",
                    reader->path, *chosen, expected);
    if (status == SEQNN_OK && (*chosen == 0 || *chosen == texts->count))
        status =
            sq_fail(SEQNN_ERROR_FORMAT, "%s: lists %td of %td documents: a part is empty",
                    reader->path, *chosen, texts->count);
    return status;
}

static seqnn_status sq_split_read(const char *path, const seqnn_texts *texts,
                                  bool *validates, seqnn_size *chosen)
{
    sq_words ids;
    memset(&ids, 0, sizeof ids);
    seqnn_status status = SEQNN_OK;
    for (seqnn_size i = 0; i < texts->count && status == SEQNN_OK; i++) {
        int32_t number =
            sq_words_add(&ids, texts->id[i], (seqnn_size)strlen(texts->id[i]));
        if (number < 0)
            status = SEQNN_ERROR_MEMORY;
        else if (number != i)
            status = sq_fail(SEQNN_ERROR_ARGUMENT, "split: two texts have the id '%s'",
                             texts->id[i]);
    }
    sq_reader reader;
    if (status == SEQNN_OK) {
        status = sq_reader_open(&reader, path);
        if (status == SEQNN_OK)
            status = sq_split_lines(&reader, &ids, texts, validates, chosen);
        sq_reader_close(&reader);
    }
    sq_words_free(&ids);
    return status;
}

SEQNN_API seqnn_parts seqnn_split_file(const seqnn_dataset *data,
                                       const seqnn_texts *texts, const char *path)
{
    seqnn_parts parts = {SEQNN_ERROR_ARGUMENT, NULL, NULL, NULL};
    if (!data || !texts || !path)
        return parts; /* what made it has left its sentence */
    if (data->count != texts->count) {
        parts.status = sq_fail(SEQNN_ERROR_SHAPE,
                               "split: %td samples, expected one for each of %td texts",
                               data->count, texts->count);
        return parts;
    }
    bool *validates = (bool *)sq_allocate(texts->count, sizeof(bool));
    unsigned char *part = (unsigned char *)sq_allocate(texts->count, 1);
    int32_t *rows = (int32_t *)sq_allocate(texts->count, sizeof(int32_t));
    seqnn_size chosen = 0;
    parts.status = SEQNN_ERROR_MEMORY;
    if (validates && part && rows)
        parts.status = sq_split_read(path, texts, validates, &chosen);
    if (parts.status == SEQNN_OK) {
        for (seqnn_size i = 0; i < texts->count; i++) {
            part[i] = validates[i] ? SQ_VALIDATION : SQ_TRAIN;
            rows[i] = (int32_t)i;
        }
        parts = sq_take_parts(data, rows, part);
    }
    sq_free(validates);
    sq_free(part);
    sq_free(rows);
    return parts;
}

SEQNN_API void seqnn_parts_free(seqnn_parts *parts)
{
    seqnn_dataset_free(parts->train);
    seqnn_dataset_free(parts->validation);
    seqnn_dataset_free(parts->test);
    parts->train = parts->validation = parts->test = NULL;
}
