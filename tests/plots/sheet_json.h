/* The contact sheet's numbers as JSON, for matplotlib. */
#ifndef SHEET_JSON_H
#define SHEET_JSON_H

#include <stdio.h>

#include "sheet_data.h"

static void json_numbers(FILE *file, const seqnn_real *numbers, int count)
{
    for (int i = 0; i < count; i++) {
        fputs(i == 0 ? "[" : ", ", file);
        if (isfinite(numbers[i]))
            fprintf(file, "%.9g", (double)numbers[i]);
        else
            fputs("NaN", file); /* Python reads it */
    }
    fputs("]", file);
}

static void json_row(FILE *file, const char *name, const seqnn_real *numbers, int count)
{
    fprintf(file, ",\n\"%s\": ", name);
    json_numbers(file, numbers, count);
}

static void json_rows(FILE *file, const char *name, const seqnn_real *numbers, int rows,
                      int count)
{
    fprintf(file, ",\n\"%s\": [", name);
    for (int i = 0; i < rows; i++) {
        fputs(i == 0 ? "" : ", ", file);
        json_numbers(file, numbers + i * count, count);
    }
    fputs("]", file);
}

static void json_names(FILE *file, const char *name, const char *const *texts, int count)
{
    fprintf(file, ",\n\"%s\": [", name);
    for (int i = 0; i < count; i++)
        fprintf(file, "%s\"%s\"", i == 0 ? "" : ", ", texts[i]);
    fputs("]", file);
}

static void sheet_json(FILE *file, const sheet_data *d)
{
    seqnn_real counts[CLASSES * CLASSES];
    for (int i = 0; i < CLASSES * CLASSES; i++)
        counts[i] = (seqnn_real)d->confusion[i];
    fputs("{\"known\": 72", file);
    json_names(file, "cell_names", cell_names, CELLS);
    json_rows(file, "epoch_mean", d->epoch_mean[0], CELLS, EPOCHS);
    json_rows(file, "epoch_deviation", d->epoch_deviation[0], CELLS, EPOCHS);
    json_names(file, "flow_names", flow_names, FLOWS);
    json_rows(file, "flow", d->flow[0], FLOWS, STEPS);
    json_names(file, "group_names", group_names, GROUPS);
    json_names(file, "group_words", group_words, GROUPS * GROUP_WORDS);
    json_row(file, "word_x", d->word_x, GROUPS * GROUP_WORDS);
    json_row(file, "word_y", d->word_y, GROUPS * GROUP_WORDS);
    json_row(file, "weights_before", d->weights_before, WEIGHTS);
    json_row(file, "weights_after", d->weights_after, WEIGHTS);
    json_names(file, "news_names", news_names, NEWS);
    json_row(file, "f_score", d->f_score, NEWS);
    json_names(file, "feature_names", feature_names, FEATURES);
    json_row(file, "correlation", d->correlation, FEATURES * FEATURES);
    json_names(file, "class_names", class_names, CLASSES);
    json_row(file, "confusion", counts, CLASSES * CLASSES);
    json_names(file, "cloud_names", cloud_names, CLOUD_GROUPS);
    json_names(file, "cloud_words", cloud_words, CLOUD_GROUPS * CLOUD_WORDS);
    json_row(file, "cloud", d->cloud, CLOUD_GROUPS * CLOUD_WORDS);
    json_row(file, "real", d->real, EIGENVALUES);
    json_row(file, "imaginary", d->imaginary, EIGENVALUES);
    json_row(file, "loss", d->loss, EPOCHS);
    json_row(file, "val_loss", d->val_loss, EPOCHS);
    json_row(file, "accuracy", d->accuracy, EPOCHS);
    json_row(file, "val_accuracy", d->val_accuracy, EPOCHS);
    json_row(file, "month", d->month, MONTHS);
    json_row(file, "series", d->series, MONTHS);
    json_row(file, "predicted", d->predicted, MONTHS);
    json_names(file, "source_words", source_words, SOURCE);
    json_names(file, "target_words", target_words, TARGET);
    json_row(file, "attention", d->attention, TARGET * SOURCE);
    fputs("}\n", file);
}

#endif
