/* Reads what record.py wrote, and compares.
 *
 *     case NAME key=value ...
 *     TENSOR 3,5,4 0.1 -0.25 ...
 */
#ifndef GOLDEN_H
#define GOLDEN_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "seqnn.h"

#define GOLDEN_TOLERANCE 1e-5

enum { GOLDEN_TENSORS = 64 };

typedef struct golden_tensor {
    char *name;
    seqnn_size rank, shape[3], size;
    float *values;
} golden_tensor;

typedef struct golden_case {
    char *name, *options;
    golden_tensor tensors[GOLDEN_TENSORS];
    int count;
    double worst; /* largest difference so far, and where */
    const char *worst_name;
} golden_case;

typedef struct golden_record {
    char *text;
    golden_case *cases;
    int count;
} golden_record;

/* The whole file, which stands beside this one, zero-terminated. */
static inline char *golden_text(const char *file)
{
    char path[512];
    const char *end = strrchr(__FILE__, '/');
    snprintf(path, sizeof path, "%.*s%s", end ? (int)(end - __FILE__ + 1) : 0, __FILE__,
             file);
    FILE *in = fopen(path, "rb");
    if (!in)
        fail_msg("cannot open %s: run from the repository's root", path);
    fseek(in, 0, SEEK_END);
    size_t size = (size_t)ftell(in);
    rewind(in);
    char *text = (char *)calloc(size + 1, 1);
    assert_int_equal(fread(text, 1, size, in), size);
    fclose(in);
    return text;
}

static inline void golden_read_tensor(golden_tensor *tensor, char *line)
{
    tensor->name = line;
    char *at = strchr(line, ' ');
    *at++ = 0;
    tensor->rank = 0;
    tensor->size = 1;
    for (bool more = true; more; at++) {
        tensor->shape[tensor->rank] = strtol(at, &at, 10);
        tensor->size *= tensor->shape[tensor->rank++];
        more = *at == ',';
    }
    tensor->values = (float *)calloc((size_t)tensor->size + 1, sizeof(float));
    for (seqnn_size i = 0; i < tensor->size; i++) {
        char *before = at;
        tensor->values[i] = strtof(at, &at);
        assert_true(at > before);
    }
}

static inline golden_record golden_read(const char *file)
{
    golden_record record = {golden_text(file), NULL, 0};
    for (char *line = record.text, *next; *line; line = next) {
        next = line + strcspn(line, "\n");
        if (*next)
            *next++ = 0;
        if (*line == '#')
            continue;
        if (strncmp(line, "case ", 5) != 0) {
            golden_case *last = &record.cases[record.count - 1];
            assert_true(last->count < GOLDEN_TENSORS);
            golden_read_tensor(&last->tensors[last->count++], line);
            continue;
        }
        record.cases = (golden_case *)realloc(record.cases, (size_t)(record.count + 1) *
                                                                sizeof(golden_case));
        golden_case *here = &record.cases[record.count++];
        memset(here, 0, sizeof *here);
        here->name = line + 5;
        here->options = line + 5 + strcspn(line + 5, " ");
        if (*here->options)
            *here->options++ = 0;
        here->worst_name = "";
    }
    return record;
}

static inline void golden_free(golden_record *record)
{
    for (int i = 0; i < record->count; i++)
        for (int k = 0; k < record->cases[i].count; k++)
            free(record->cases[i].tensors[k].values);
    free(record->cases);
    free(record->text);
}

static inline golden_case *golden_find(const golden_record *record, const char *name)
{
    for (int i = 0; i < record->count; i++)
        if (strcmp(record->cases[i].name, name) == 0)
            return &record->cases[i];
    fail_msg("no case %s in the record", name);
    return NULL;
}

/* NULL if the case has none. */
static inline const golden_tensor *golden_look(const golden_case *c, const char *name)
{
    for (int i = 0; i < c->count; i++)
        if (strcmp(c->tensors[i].name, name) == 0)
            return &c->tensors[i];
    return NULL;
}

static inline const golden_tensor *golden_get(const golden_case *c, const char *name)
{
    const golden_tensor *tensor = golden_look(c, name);
    if (!tensor)
        fail_msg("%s: no %s in the record", c->name, name);
    return tensor;
}

static inline const float *golden_values(const golden_case *c, const char *name)
{
    const golden_tensor *tensor = golden_look(c, name);
    return tensor ? tensor->values : NULL;
}

/* The indices in a tensor, in memory to free; NULL if there is none. */
static inline int32_t *golden_indices(const golden_case *c, const char *name)
{
    const golden_tensor *tensor = golden_look(c, name);
    if (!tensor)
        return NULL;
    int32_t *indices = (int32_t *)calloc((size_t)tensor->size + 1, sizeof *indices);
    for (seqnn_size i = 0; i < tensor->size; i++)
        indices[i] = (int32_t)tensor->values[i];
    return indices;
}

/* What stands after "key=", or NULL. */
static inline const char *golden_option(const golden_case *c, const char *key)
{
    size_t length = strlen(key);
    for (const char *at = c->options; *at; at += strcspn(at, " "), at += *at == ' ')
        if (strncmp(at, key, length) == 0 && at[length] == '=')
            return at + length + 1;
    return NULL;
}

static inline bool golden_is(const golden_case *c, const char *key, const char *value)
{
    const char *at = golden_option(c, key);
    return at && strcspn(at, " ") == strlen(value) &&
           strncmp(at, value, strlen(value)) == 0;
}

/* Where none is given, 0; where 0 is given, `zero`. */
static inline float golden_real(const golden_case *c, const char *key, float zero)
{
    const char *at = golden_option(c, key);
    float value = at ? strtof(at, NULL) : 0;
    return at && value == 0 ? zero : value;
}

static inline int golden_number(const golden_case *c, const char *key)
{
    return (int)golden_real(c, key, 0);
}

/* max |a - b| / max |b|; where b is all zero, max |a|. Infinite for a NaN. */
static inline double golden_difference(seqnn_size size, const float *a, const float *b)
{
    double difference = 0, largest = 0;
    for (seqnn_size i = 0; i < size; i++) {
        double d = fabs((double)a[i] - (double)b[i]);
        difference = d <= difference ? difference : d == d ? d : INFINITY;
        largest = fmax(largest, fabs((double)b[i]));
    }
    return largest > 0 ? difference / largest : difference;
}

/* Notes the difference; golden_report says which case and tensor was the worst. */
static inline void golden_note(golden_case *c, const char *name, double difference)
{
    if (difference > GOLDEN_TOLERANCE)
        print_message("    %s: %s differs by %.2e\n", c->name, name, difference);
    if (difference >= c->worst) {
        c->worst = difference;
        c->worst_name = name;
    }
}

/* Holds `size` numbers to a tensor of the record. name must be a literal or the case's.
 */
static inline void golden_compare(golden_case *c, const char *name, const float *a,
                                  seqnn_size size)
{
    const golden_tensor *b = golden_get(c, name);
    if (!a || size != b->size)
        fail_msg("%s: %s has %td numbers, recorded were %td (%s)", c->name, name, size,
                 b->size, seqnn_error());
    golden_note(c, b->name, golden_difference(size, a, b->values));
}

/* One line for the cases that begin so, and the test fails if one is too far off. */
static inline void golden_report(const golden_record *record, const char *beginning)
{
    const golden_case *worst = NULL;
    int cases = 0;
    for (int i = 0; i < record->count; i++) {
        const golden_case *c = &record->cases[i];
        if (strncmp(c->name, beginning, strlen(beginning)) != 0)
            continue;
        cases++;
        if (!worst || c->worst > worst->worst)
            worst = c;
    }
    assert_non_null(worst);
    print_message("    %-28s %3d cases, largest difference %.2e (%s: %s)\n", beginning,
                  cases, worst->worst, worst->name, worst->worst_name);
    assert_true(worst->worst <= GOLDEN_TOLERANCE);
}

#endif
