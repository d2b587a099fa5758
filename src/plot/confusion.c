/* plot/confusion.c - confusion matrices: their order and their shares */
#include "confusion.h"

#ifdef SEQNN_PLOT

#include "cells.h"
#include "memory.h"

/* With so many classes there is no number in a cell to read its share from. */
enum { SQ_CONFUSION_BAR = 24 };

/* What a class is judged by. */
typedef struct sq_confused {
    seqnn_size class_index;
    double row, column, diagonal;
    double key; /* classes are sorted by it, the largest first */
} sq_confused;

static int sq_confused_compare(const void *a, const void *b)
{
    const sq_confused *one = (const sq_confused *)a, *other = (const sq_confused *)b;
    if (one->key != other->key)
        return one->key > other->key ? -1 : 1;
    return one->class_index < other->class_index ? -1 : 1;
}

static void sq_confused_sort(sq_confused *classes, seqnn_size count)
{
    qsort(classes, (size_t)count, sizeof *classes, sq_confused_compare);
}

/* Leaves the classes to draw at the front, in their order, and says how many. */
static seqnn_size sq_confusion_choose(sq_confused *classes, seqnn_size count,
                                      const seqnn_confusion_options *options)
{
    bool predicted = options->shares == SEQNN_SHARES_PREDICTED;
    if (options->most > 0 && options->most < count) {
        for (seqnn_size i = 0; i < count; i++)
            classes[i].key = classes[i].row + classes[i].column - 2 * classes[i].diagonal;
        sq_confused_sort(classes, count);
        count = options->most;
    }
    for (seqnn_size i = 0; i < count; i++) {
        double sum = predicted ? classes[i].column : classes[i].row;
        classes[i].key = -(double)classes[i].class_index;
        if (options->order == SEQNN_ORDER_COUNT)
            classes[i].key = classes[i].diagonal;
        else if (options->order == SEQNN_ORDER_RATE)
            classes[i].key = sum > 0 ? classes[i].diagonal / sum : 0;
    }
    sq_confused_sort(classes, count);
    return count;
}

/* In percent; what is not quite nothing or all is not called so. */
static void sq_confusion_percent(char text[SQ_NUMBER], double share)
{
    double percent = 100 * share;
    const char *sign = "";
    if (share > 0 && percent < 0.5) {
        sign = "<";
        percent = 1;
    } else if (share < 1 && percent >= 99.5) {
        sign = ">";
        percent = 99;
    }
    snprintf(text, SQ_NUMBER, "%s%.0f %%", sign, percent);
}

static void sq_confusion_write(const sq_cells *cells, seqnn_size row, seqnn_size column,
                               sq_cell_text *text)
{
    seqnn_size i = row * cells->columns + column;
    double share = (double)cells->values[i];
    bool shares = cells->form != 'n', rates = cells->form == '%';
    text->faint = cells->counts[i] == 0;
    text->below[0] = '\0';
    if (rates)
        sq_confusion_percent(text->text, share);
    else
        sq_number_text(text->text, 'f', 0, (double)cells->counts[i]);
    if (shares && !rates && cells->counts[i] > 0)
        sq_confusion_percent(text->below, share);
}

static seqnn_status sq_confusion_check(seqnn_axes *axes, const int64_t *counts,
                                       seqnn_size classes,
                                       const seqnn_confusion_options *options)
{
    seqnn_status status = sq_cells_check(axes, counts, classes, classes);
    if (status != SEQNN_OK)
        return status;
    if ((int)options->shares < 0 || options->shares > SEQNN_SHARES_NONE ||
        (int)options->order < 0 || options->order > SEQNN_ORDER_COUNT ||
        (int)options->map < 0 || options->map > SEQNN_MAP_GREYS)
        return sq_axes_fail(axes, SEQNN_ERROR_ARGUMENT,
                            "shares are %d, order %d and map %d, expected a "
                            "SEQNN_SHARES_..., a SEQNN_ORDER_... and a SEQNN_MAP_...",
                            (int)options->shares, (int)options->order, (int)options->map);
    if (options->most < 0)
        return sq_axes_fail(axes, SEQNN_ERROR_ARGUMENT,
                            "most is %td, expected at least 0", options->most);
    if (options->rates && options->shares == SEQNN_SHARES_NONE)
        return sq_axes_fail(axes, SEQNN_ERROR_ARGUMENT, "rates are wanted of no shares");
    for (seqnn_size i = 0; i < classes * classes; i++)
        if (counts[i] < 0)
            return sq_axes_fail(axes, SEQNN_ERROR_ARGUMENT,
                                "counts[%td, %td] is negative, expected a count",
                                i / classes, i % classes);
    return SEQNN_OK;
}

/* Counts and shares of the chosen classes; gives the largest count. */
static double sq_confusion_fill(const int64_t *counts, seqnn_size all,
                                const sq_confused *classes, seqnn_size shown,
                                seqnn_confusion_shares kind, int64_t *table,
                                seqnn_real *shares)
{
    double largest = 0;
    for (seqnn_size i = 0; i < shown; i++) {
        for (seqnn_size j = 0; j < shown; j++) {
            int64_t count = counts[classes[i].class_index * all + classes[j].class_index];
            double sum = kind == SEQNN_SHARES_NONE        ? 1
                         : kind == SEQNN_SHARES_PREDICTED ? classes[j].column
                                                          : classes[i].row;
            table[i * shown + j] = count;
            shares[i * shown + j] = (seqnn_real)(sum > 0 ? (double)count / sum : 0);
            if ((double)count > largest)
                largest = (double)count;
        }
    }
    return largest;
}

/* Sums and the diagonal of every class. */
static void sq_confusion_sums(const int64_t *counts, seqnn_size classes,
                              sq_confused *sums)
{
    for (seqnn_size i = 0; i < classes; i++) {
        sums[i].class_index = i;
        sums[i].diagonal = (double)counts[i * classes + i];
        for (seqnn_size j = 0; j < classes; j++) {
            sums[i].row += (double)counts[i * classes + j];
            sums[j].column += (double)counts[i * classes + j];
        }
    }
}

static void sq_confusion_cells(seqnn_axes *axes, seqnn_size shown,
                               const char *const *names, const int64_t *table,
                               const seqnn_real *shares, double largest,
                               const seqnn_confusion_options *options)
{
    bool counted = options->shares == SEQNN_SHARES_NONE;
    sq_colour_bar bar;
    sq_cells *cells;
    memset(&bar, 0, sizeof bar);
    bar.shown = shown > SQ_CONFUSION_BAR;
    bar.map = options->map == SEQNN_MAP_DEFAULT ? SEQNN_MAP_BLUES : options->map;
    bar.high = counted && largest > 0 ? largest : 1;
    bar.label = counted ? "count"
                : options->shares == SEQNN_SHARES_PREDICTED
                    ? "share of the predicted class"
                    : "share of the true class";
    cells = sq_cells_add(axes, shown, shown, names, names, &bar);
    if (cells == NULL)
        return;
    cells->values = (const seqnn_real *)sq_axes_keep(axes, shares, shown * shown,
                                                     (seqnn_size)sizeof *shares);
    cells->counts = (const int64_t *)sq_axes_keep(axes, table, shown * shown,
                                                  (seqnn_size)sizeof *table);
    cells->form = counted ? 'n' : options->rates ? '%' : 'f';
    cells->peaks = true;
    if (!options->no_numbers)
        cells->write = sq_confusion_write;
    axes->aspect = 1;
    if (axes->options.x_label == NULL)
        axes->options.x_label = "predicted class";
    if (axes->options.y_label == NULL)
        axes->options.y_label = "true class";
}

/* Names of the chosen classes; a class without one is called by its number, which
 * `numbers` has room for. */
static void sq_confusion_names(const char *const *class_names, const sq_confused *classes,
                               seqnn_size shown, const char **names,
                               char (*numbers)[SQ_NUMBER])
{
    for (seqnn_size i = 0; i < shown; i++) {
        seqnn_size c = classes[i].class_index;
        names[i] = numbers[i];
        if (class_names != NULL)
            names[i] = class_names[c];
        else
            snprintf(numbers[i], SQ_NUMBER, "%td", c);
    }
}

static seqnn_status sq_confusion_add(seqnn_axes *axes, const int64_t *counts,
                                     seqnn_size classes, const char *const *class_names,
                                     const seqnn_confusion_options *options)
{
    seqnn_status status = sq_confusion_check(axes, counts, classes, options);
    sq_confused *sums;
    const char **names;
    int64_t *table;
    seqnn_real *shares;
    char(*numbers)[SQ_NUMBER];
    if (status != SEQNN_OK)
        return status;
    sums = (sq_confused *)sq_allocate(classes, sizeof *sums);
    names = (const char **)sq_allocate(classes, sizeof *names);
    table = (int64_t *)sq_allocate(classes * classes, sizeof *table);
    shares = (seqnn_real *)sq_allocate(classes * classes, sizeof *shares);
    numbers = (char(*)[SQ_NUMBER])sq_allocate(classes, sizeof *numbers);
    if (numbers == NULL || sums == NULL || names == NULL || table == NULL ||
        shares == NULL)
        sq_axes_fail(axes, SEQNN_ERROR_MEMORY, "no memory for %td classes", classes);
    else {
        double largest;
        seqnn_size shown;
        sq_confusion_sums(counts, classes, sums);
        shown = sq_confusion_choose(sums, classes, options);
        largest = sq_confusion_fill(counts, classes, sums, shown, options->shares, table,
                                    shares);
        sq_confusion_names(class_names, sums, shown, names, numbers);
        sq_confusion_cells(axes, shown, names, table, shares, largest, options);
    }
    sq_free(sums);
    sq_free(names);
    sq_free(numbers);
    sq_free(table);
    sq_free(shares);
    return sq_axes_status(axes);
}

SEQNN_API seqnn_status seqnn_axes_confusion(seqnn_axes *axes, const int64_t *counts,
                                            seqnn_size classes,
                                            const char *const *class_names,
                                            seqnn_confusion_options options)
{
    return sq_confusion_add(axes, counts, classes, class_names, &options);
}

SEQNN_API seqnn_status seqnn_plot_confusion(const int64_t *counts, seqnn_size classes,
                                            const char *const *class_names,
                                            const char *path,
                                            seqnn_confusion_options options)
{
    seqnn_axes *axes;
    seqnn_figure *figure = sq_cells_figure(
        "plot confusion", &axes,
        options.title != NULL ? options.title : "Confusion matrix", options.x_label,
        options.y_label, options.width, options.height, options.scale);
    sq_confusion_add(axes, counts, classes, class_names, &options);
    return sq_cells_finish(figure, path);
}

#endif
