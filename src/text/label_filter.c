#include "label_filter.h"
#include "texts_build.h"

/* The labels of text i: labels[0..*count). */
static const int32_t *sq_labels_of(const seqnn_texts *texts, seqnn_size i,
                                   seqnn_size *count)
{
    *count = 1;
    if (texts->label)
        return texts->label + i;
    *count = texts->labels_begin[i + 1] - texts->labels_begin[i];
    return texts->labels + texts->labels_begin[i];
}

/* kept[c]: class c stays. holding[c], all 0: becomes the number of its texts. */
static void sq_choose_classes(const seqnn_texts *texts,
                              seqnn_label_filter_options options, seqnn_size *holding,
                              bool *kept)
{
    seqnn_size count, prefix = options.prefix ? (seqnn_size)strlen(options.prefix) : 0;
    for (seqnn_size i = 0; i < texts->count; i++) {
        const int32_t *labels = sq_labels_of(texts, i, &count);
        for (seqnn_size k = 0; k < count; k++)
            holding[labels[k]]++;
    }
    for (seqnn_size c = 0; c < texts->classes; c++)
        kept[c] = strncmp(texts->class_names[c], prefix > 0 ? options.prefix : "",
                          (size_t)prefix) == 0 &&
                  holding[c] >= sq_max(options.min_texts, 1);
}

/* Adds text i with those of its labels that are kept. names: room for all classes. */
static seqnn_status sq_filter_text(const seqnn_texts *texts, seqnn_size i,
                                   const bool *kept, const char **names,
                                   seqnn_texts *filtered)
{
    seqnn_size count, left = 0;
    const int32_t *labels = sq_labels_of(texts, i, &count);
    for (seqnn_size k = 0; k < count; k++)
        if (kept[labels[k]])
            names[left++] = texts->class_names[labels[k]];
    if (left == 0)
        return SEQNN_OK;
    seqnn_size length = (seqnn_size)strlen(texts->text[i]);
    return texts->label
               ? sq_texts_add(filtered, texts->text[i], length, names[0], texts->id[i])
               : sq_texts_add_labels(filtered, texts->text[i], length, names, left,
                                     texts->id[i]);
}

SEQNN_API seqnn_texts *seqnn_filter_labels(const seqnn_texts *texts,
                                           seqnn_label_filter_options options)
{
    if (!texts)
        return NULL; /* the reader has left its sentence */
    if (texts->classes == 0 || options.min_texts < 0) {
        sq_fail(SEQNN_ERROR_ARGUMENT, texts->classes == 0
                                          ? "label filter: the texts have no classes"
                                          : "label filter: .min_texts is below 0");
        return NULL;
    }
    seqnn_size *holding = (seqnn_size *)sq_allocate(texts->classes, sizeof(seqnn_size));
    bool *kept = (bool *)sq_allocate(texts->classes, sizeof(bool));
    const char **names = (const char **)sq_allocate(texts->classes, sizeof(char *));
    seqnn_texts *filtered = seqnn_texts_new();
    seqnn_status status = SEQNN_ERROR_MEMORY;
    if (holding && kept && names && filtered) {
        status = SEQNN_OK;
        sq_choose_classes(texts, options, holding, kept);
        for (seqnn_size i = 0; i < texts->count && status == SEQNN_OK; i++)
            status = sq_filter_text(texts, i, kept, names, filtered);
        if (status == SEQNN_OK && filtered->count == 0)
            status = sq_fail(SEQNN_ERROR_ARGUMENT,
                             "label filter: of %td texts none has a class that begins "
                             "with '%s' and has %td texts",
                             texts->count, options.prefix ? options.prefix : "",
                             sq_max(options.min_texts, 1));
        if (status == SEQNN_OK)
            status = sq_texts_sort_classes(filtered);
    }
    sq_free(holding);
    sq_free(kept);
    sq_free((void *)names);
    if (status == SEQNN_OK)
        return filtered;
    seqnn_texts_free(filtered);
    return NULL;
}
