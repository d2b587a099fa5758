/* plot/confusion.c - confusion matrices: their order and their shares */
#include "confusion.h"

#ifdef SEQNN_PLOT

#include "cells.h"
#include "layout.h"
#include "memory.h"

/* With so many classes there is no number in a cell to read its share from. */
enum { SQ_CONFUSION_BAR = 24, SQ_CONFUSION_STEPS = 13 };

/* What a character of the smallest numbers needs of a cell, and the part of the picture
 * that the cells have at least. */
#define SQ_CONFUSION_CHARACTER 5.0
#define SQ_CONFUSION_PART 0.5

/* What one matrix is about: one class for each text, or several labels. */
typedef struct sq_confusion_kind {
    const char *title, *x_label, *y_label;
    bool labels;
} sq_confusion_kind;

static const sq_confusion_kind sq_confusion_of_classes = {
    "Confusion matrix", "predicted class", "true class", false};
static const sq_confusion_kind sq_confusion_of_labels = {
    "True positives, false positives", "label given instead", "label missed", true};

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
            classes[i].key = sum > 0 ? classes[i].diagonal / sum : -1; /* last */
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
    if (isnan(share)) /* of nothing */
        snprintf(text->text, SQ_NUMBER, "%s", rates ? "\xE2\x80\x93" : "0");
    else if (rates)
        sq_confusion_percent(text->text, share);
    else
        sq_number_text(text->text, 'f', 0, (double)cells->counts[i]);
    if (shares && !rates && cells->counts[i] > 0)
        sq_confusion_percent(text->below, share);
}

static seqnn_status sq_confusion_check(seqnn_axes *axes, const int64_t *counts,
                                       seqnn_size classes, const sq_confusion_kind *kind,
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
        return sq_axes_fail(axes, SEQNN_ERROR_ARGUMENT,
                            "rates with SEQNN_SHARES_NONE, expected shares to write");
    if (options->order == SEQNN_ORDER_RATE && kind->labels)
        return sq_axes_fail(axes, SEQNN_ERROR_ARGUMENT,
                            "order is SEQNN_ORDER_RATE, but counts of labels have no "
                            "rates; expected SEQNN_ORDER_COUNT or SEQNN_ORDER_GIVEN");
    for (seqnn_size i = 0; i < classes * classes; i++)
        if (counts[i] < 0)
            return sq_axes_fail(axes, SEQNN_ERROR_ARGUMENT,
                                "counts[%td, %td] is negative, expected a count",
                                i / classes, i % classes);
    return SEQNN_OK;
}

/* The counts of the chosen classes. */
static void sq_confusion_pick(const int64_t *counts, seqnn_size all,
                              const sq_confused *classes, seqnn_size shown,
                              int64_t *table)
{
    for (seqnn_size i = 0; i < shown; i++)
        for (seqnn_size j = 0; j < shown; j++)
            table[i * shown + j] =
                counts[classes[i].class_index * all + classes[j].class_index];
}

/* The largest of the counts on the diagonal, or off it. */
static double sq_confusion_largest(const int64_t *table, seqnn_size shown, bool diagonal)
{
    int64_t largest = 0;
    for (seqnn_size i = 0; i < shown; i++)
        for (seqnn_size j = 0; j < shown; j++)
            if ((i == j) == diagonal && table[i * shown + j] > largest)
                largest = table[i * shown + j];
    return (double)largest;
}

static double sq_confusion_ratio(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

/* What a cell's colour stands for: its share, NaN of a class without examples, or its
 * count; of labels, whose map has two sides, the share of the largest count of its side.
 */
static void sq_confusion_fill(const int64_t *table, const sq_confused *classes,
                              seqnn_size shown, const sq_confusion_kind *kind,
                              seqnn_confusion_shares shares, seqnn_real *values)
{
    const double right = sq_confusion_largest(table, shown, true);
    const double wrong = sq_confusion_largest(table, shown, false);
    for (seqnn_size i = 0; i < shown; i++) {
        for (seqnn_size j = 0; j < shown; j++) {
            double value = (double)table[i * shown + j];
            if (kind->labels)
                value = i == j ? -sq_confusion_ratio(value, right)
                               : sq_confusion_ratio(value, wrong);
            else if (shares != SEQNN_SHARES_NONE)
                value /=
                    shares == SEQNN_SHARES_PREDICTED ? classes[j].column : classes[i].row;
            values[i * shown + j] = (seqnn_real)value;
        }
    }
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

/* Is it sure that cells have room for their numbers? Where the frame lies is not known
 * before the figure is drawn. */
static bool sq_confusion_readable(const seqnn_axes *axes, double largest,
                                  seqnn_size shown,
                                  const seqnn_confusion_options *options)
{
    const seqnn_figure_options *whole = &axes->figure->options;
    const double width = whole->width ? (double)whole->width : 800;
    const double height = whole->height ? (double)whole->height : 600;
    const double wide = width * (double)axes->column_span / (double)whole->columns;
    const double high = height * (double)axes->row_span / (double)whole->rows;
    char number[SQ_NUMBER] = "100 %";
    if (!options->rates)
        sq_number_text(number, 'f', 0, largest);
    return !options->no_numbers && shown <= SQ_CONFUSION_BAR &&
           SQ_CONFUSION_CHARACTER * (double)(strlen(number) * (size_t)shown) <=
               SQ_CONFUSION_PART * fmin(wide, high);
}

static sq_colour_bar sq_confusion_bar(const seqnn_axes *axes, const int64_t *table,
                                      seqnn_size shown, const sq_confusion_kind *kind,
                                      const seqnn_confusion_options *options)
{
    const double largest = fmax(sq_confusion_largest(table, shown, true),
                                sq_confusion_largest(table, shown, false));
    sq_colour_bar bar;
    memset(&bar, 0, sizeof bar);
    bar.shown = !kind->labels && !sq_confusion_readable(axes, largest, shown, options);
    bar.map = options->map == SEQNN_MAP_DEFAULT ? SEQNN_MAP_BLUES : options->map;
    bar.high = 1;
    bar.label = "share of the true class";
    if (options->shares == SEQNN_SHARES_PREDICTED)
        bar.label = "share of the predicted class";
    if (options->shares == SEQNN_SHARES_NONE) {
        bar.label = "count";
        bar.high = fmax(1, largest);
    }
    if (kind->labels) {
        bar.map = SEQNN_MAP_DIVERGING;
        bar.low = -1;
        bar.high = 1;
    }
    return bar;
}

/* --- of labels: what the two colours mean --- */

typedef struct sq_confusion_side {
    sq_mark mark;
    double end; /* of the diverging map: 0 or 1 */
} sq_confusion_side;

/* The frame is full of cells: the legend goes above it. */
static bool sq_confusion_everywhere(const sq_mark *mark, const seqnn_axes *axes,
                                    const double box[4])
{
    (void)mark;
    (void)axes;
    (void)box;
    return true;
}

/* From white, nothing, to the side's colour. */
static void sq_confusion_sample(const sq_mark *mark, sq_picture *picture, double x,
                                double y)
{
    const double steps = SQ_CONFUSION_STEPS;
    const double end = ((const sq_confusion_side *)mark)->end, wide = SQ_SAMPLE / steps;
    for (int i = 0; i < SQ_CONFUSION_STEPS; i++) {
        const double share = 0.5 + (end - 0.5) * (i + 0.5) / steps;
        sq_canvas_rectangle(&picture->canvas, x + i * wide, y - 5, x + (i + 1) * wide,
                            y + 5);
        sq_canvas_paint(&picture->canvas, sq_colour_of_map(SEQNN_MAP_DIVERGING, share),
                        1);
    }
}

static void sq_confusion_explain(seqnn_axes *axes, const char *what, double largest,
                                 double end)
{
    static const sq_mark_kind kind = {NULL, NULL, sq_confusion_everywhere,
                                      sq_confusion_sample};
    char text[SQ_NUMBER + 80], number[SQ_NUMBER];
    sq_confusion_side *side = (sq_confusion_side *)sq_axes_add(axes, &kind, sizeof *side);
    if (side == NULL)
        return;
    sq_number_text(number, 'f', 0, largest);
    snprintf(text, sizeof text, "%s, 0 to %s", what, number);
    side->end = end;
    side->mark.label = sq_axes_keep_text(axes, text);
}

static void sq_confusion_cells(seqnn_axes *axes, seqnn_size shown,
                               const char *const *names, const int64_t *table,
                               const seqnn_real *values, const sq_confusion_kind *kind,
                               const seqnn_confusion_options *options)
{
    const sq_colour_bar bar = sq_confusion_bar(axes, table, shown, kind, options);
    sq_cells *cells;
    cells = sq_cells_add(axes, shown, shown, names, names, &bar);
    if (cells == NULL)
        return;
    cells->values = (const seqnn_real *)sq_axes_keep(axes, values, shown * shown,
                                                     (seqnn_size)sizeof *values);
    cells->counts = (const int64_t *)sq_axes_keep(axes, table, shown * shown,
                                                  (seqnn_size)sizeof *table);
    cells->form = options->shares == SEQNN_SHARES_NONE ? 'n' : options->rates ? '%' : 'f';
    cells->peaks = true;
    if (!options->no_numbers)
        cells->write = sq_confusion_write;
    axes->aspect = 1;
    if (kind->labels) {
        sq_confusion_explain(axes, "true positives",
                             sq_confusion_largest(table, shown, true), 0);
        sq_confusion_explain(axes, "false positives given a false negative",
                             sq_confusion_largest(table, shown, false), 1);
    }
    if (axes->options.x_label == NULL)
        axes->options.x_label = kind->x_label;
    if (axes->options.y_label == NULL)
        axes->options.y_label = kind->y_label;
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
                                     const sq_confusion_kind *kind,
                                     seqnn_confusion_options options)
{
    seqnn_status status = sq_confusion_check(axes, counts, classes, kind, &options);
    sq_confused *sums;
    const char **names;
    int64_t *table;
    seqnn_real *values;
    char(*numbers)[SQ_NUMBER];
    if (status != SEQNN_OK)
        return status;
    if (kind->labels) {
        options.shares = SEQNN_SHARES_NONE;
        if (options.order == SEQNN_ORDER_DEFAULT)
            options.order = SEQNN_ORDER_COUNT;
    }
    sums = (sq_confused *)sq_allocate(classes, sizeof *sums);
    names = (const char **)sq_allocate(classes, sizeof *names);
    table = (int64_t *)sq_allocate(classes * classes, sizeof *table);
    values = (seqnn_real *)sq_allocate(classes * classes, sizeof *values);
    numbers = (char(*)[SQ_NUMBER])sq_allocate(classes, sizeof *numbers);
    if (numbers == NULL || sums == NULL || names == NULL || table == NULL ||
        values == NULL)
        sq_axes_fail(axes, SEQNN_ERROR_MEMORY, "no memory for %td classes", classes);
    else {
        seqnn_size shown;
        sq_confusion_sums(counts, classes, sums);
        shown = sq_confusion_choose(sums, classes, &options);
        sq_confusion_pick(counts, classes, sums, shown, table);
        sq_confusion_fill(table, sums, shown, kind, options.shares, values);
        sq_confusion_names(class_names, sums, shown, names, numbers);
        sq_confusion_cells(axes, shown, names, table, values, kind, &options);
    }
    sq_free(sums);
    sq_free(names);
    sq_free(numbers);
    sq_free(table);
    sq_free(values);
    return sq_axes_status(axes);
}

static seqnn_status sq_confusion_plot(const char *who, const int64_t *counts,
                                      seqnn_size classes, const char *const *class_names,
                                      const sq_confusion_kind *kind, const char *path,
                                      const seqnn_confusion_options *o)
{
    seqnn_axes *axes;
    seqnn_figure *figure =
        sq_cells_figure(who, &axes, o->title != NULL ? o->title : kind->title, o->x_label,
                        o->y_label, o->width, o->height, o->scale, o->font);
    sq_confusion_add(axes, counts, classes, class_names, kind, *o);
    return sq_cells_finish(figure, path);
}

SEQNN_API seqnn_status seqnn_axes_confusion(seqnn_axes *axes, const int64_t *counts,
                                            seqnn_size classes,
                                            const char *const *class_names,
                                            seqnn_confusion_options options)
{
    return sq_confusion_add(axes, counts, classes, class_names, &sq_confusion_of_classes,
                            options);
}

SEQNN_API seqnn_status seqnn_plot_confusion(const int64_t *counts, seqnn_size classes,
                                            const char *const *class_names,
                                            const char *path,
                                            seqnn_confusion_options options)
{
    return sq_confusion_plot("plot confusion", counts, classes, class_names,
                             &sq_confusion_of_classes, path, &options);
}

SEQNN_API seqnn_status seqnn_axes_labeling_confusion(seqnn_axes *axes,
                                                     const int64_t *counts,
                                                     seqnn_size labels,
                                                     const char *const *names,
                                                     seqnn_confusion_options options)
{
    return sq_confusion_add(axes, counts, labels, names, &sq_confusion_of_labels,
                            options);
}

SEQNN_API seqnn_status seqnn_plot_labeling_confusion(const int64_t *counts,
                                                     seqnn_size labels,
                                                     const char *const *names,
                                                     const char *path,
                                                     seqnn_confusion_options options)
{
    return sq_confusion_plot("plot labeling confusion", counts, labels, names,
                             &sq_confusion_of_labels, path, &options);
}

#endif
