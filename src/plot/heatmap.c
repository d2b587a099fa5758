/* plot/heatmap.c - coloured cells: heat maps and confusion matrices */
#include "charts.h"

#ifdef SEQNN_PLOT

#include "picture.h"
#include "memory.h"
#include "png_file.h"

#define SQ_HEAT_CELL_TEXT 13.0    /* the numbers' size, where cells are large enough */
#define SQ_HEAT_SMALLEST_TEXT 6.5 /* below it they are left out */
#define SQ_HEAT_BAR 16.0          /* width of the colour bar */
#define SQ_HEAT_BAR_GAP 18.0

/* One cell: its place on the colour map (NaN: no colour) and up to two lines of text. */
typedef struct sq_heat_cell {
    double share;
    bool faint; /* nothing to look at: the text is pale */
    char text[SQ_NUMBER], below[SQ_NUMBER];
} sq_heat_cell;

typedef void (*sq_heat_fill)(const void *context, seqnn_size row, seqnn_size column,
                             sq_heat_cell *cell);

/* A table to draw, whatever its numbers mean. */
typedef struct sq_heat {
    const seqnn_heatmap_options *options;
    seqnn_size rows, columns;
    sq_heat_fill fill;
    const void *context;
    double low, high; /* values at the ends of the colour bar */
    bool bar, square;
    seqnn_colour_map map;
} sq_heat;

typedef struct sq_axes {
    double left, top, right, bottom;
} sq_axes;

static void sq_heat_text(sq_picture *figure, double x, double y, double size,
                         double anchor, double width, sq_colour colour, const char *text)
{
    sq_text how = {size, anchor, width, colour, false, false};
    sq_picture_text(figure, x, y, text, how);
}

static void sq_heat_text_up(sq_picture *figure, double x, double y, double size,
                            double anchor, double width, sq_colour colour,
                            const char *text)
{
    sq_text how = {size, anchor, width, colour, false, true};
    sq_picture_text(figure, x, y, text, how);
}

static void sq_heat_power(sq_picture *figure, double x, double y, double anchor,
                          int power)
{
    char text[SQ_NUMBER];
    sq_number_text(text, 'f', 0, power);
    if (power != 0)
        sq_picture_power(figure, x, y, anchor,
                         "\xC3\x97"
                         "10",
                         text);
}

/* The name of row or column i: given, or its number. */
static const char *sq_heat_name(const char *const *names, seqnn_size i,
                                char number[SQ_NUMBER])
{
    if (names != NULL)
        return names[i] != NULL ? names[i] : "";
    sq_number_text(number, 'f', 0, (double)i);
    return number;
}

static double sq_heat_widest(const sq_picture *figure, const char *const *names,
                             seqnn_size count)
{
    char number[SQ_NUMBER];
    double widest = 0;
    for (seqnn_size i = 0; i < count; i++)
        widest = fmax(widest, sq_font_width(figure->font, sq_heat_name(names, i, number),
                                            SQ_TICK_SIZE));
    return widest;
}

/* Every how many names one is written, when a name takes `size` and a cell `cell`. */
static seqnn_size sq_heat_stride(double size, double cell)
{
    static const seqnn_size steps[] = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000};
    for (seqnn_size i = 0; i < SQ_COUNT(steps); i++)
        if ((double)steps[i] * cell >= size)
            return steps[i];
    return 5000;
}

/* The sizes of the cells' texts, 0 where they do not fit. */
typedef struct sq_heat_sizes {
    double text, below;
} sq_heat_sizes;

static sq_heat_sizes sq_heat_text_sizes(const sq_picture *figure, const sq_heat *heat,
                                        double width, double height)
{
    sq_heat_sizes sizes = {0, 0};
    double widest = 0.1, both;
    bool two = false;
    sq_heat_cell cell;
    if (heat->options->no_numbers || heat->options->decimals < 0 ||
        fmin(width, height) < SQ_HEAT_SMALLEST_TEXT)
        return sizes;
    for (seqnn_size i = 0; i < heat->rows; i++) {
        for (seqnn_size j = 0; j < heat->columns; j++) {
            heat->fill(heat->context, i, j, &cell);
            widest = fmax(widest, sq_font_width(figure->font, cell.text, 1));
            two = two || cell.below[0] != '\0';
        }
    }
    sizes.text = fmin(SQ_HEAT_CELL_TEXT, fmin(0.84 * width / widest, height / 1.5));
    if (sizes.text < SQ_HEAT_SMALLEST_TEXT)
        sizes.text = 0;
    both = fmin(sizes.text, height / 2.4);
    if (two && 0.8 * both >= SQ_HEAT_SMALLEST_TEXT && width > 3.4 * both) {
        sizes.text = both;
        sizes.below = 0.8 * both;
    }
    return sizes;
}

static void sq_heat_cells(sq_picture *figure, const sq_heat *heat, const sq_axes *axes)
{
    double width = (axes->right - axes->left) / (double)heat->columns;
    double height = (axes->bottom - axes->top) / (double)heat->rows;
    sq_heat_sizes sizes = sq_heat_text_sizes(figure, heat, width, height);
    double gap = fmin(width, height) >= 12 ? 1 : 0; /* between cells */
    sq_heat_cell cell;
    for (seqnn_size i = 0; i < heat->rows; i++) {
        for (seqnn_size j = 0; j < heat->columns; j++) {
            double left = axes->left + width * (double)j;
            double top = axes->top + height * (double)i;
            double middle = left + width / 2, base = top + height / 2;
            sq_colour colour = SQ_NO_VALUE, ink;
            heat->fill(heat->context, i, j, &cell);
            if (!isnan(cell.share))
                colour = sq_colour_of_map(heat->map, cell.share);
            sq_canvas_rectangle(&figure->canvas, left, top, left + width - gap,
                                top + height - gap);
            sq_canvas_paint(&figure->canvas, colour, 1);
            if (sizes.text <= 0)
                continue;
            ink = cell.faint ? SQ_PALE : sq_colour_of_text(colour);
            if (sizes.below > 0 && cell.below[0] != '\0') {
                base -= 0.08 * sizes.text;
                sq_heat_text(figure, middle, base + 1.25 * sizes.below, sizes.below, 0.5,
                             0, ink, cell.below);
            } else {
                base += sizes.text * SQ_FONT_CAPITALS / 2;
            }
            sq_heat_text(figure, middle, base, sizes.text, 0.5, 0, ink, cell.text);
        }
    }
}

static void sq_heat_colour_bar(sq_picture *figure, const sq_heat *heat, double left,
                               double top, double bottom, sq_axis *values)
{
    sq_canvas *canvas = &figure->canvas;
    int pixels = (int)((bottom - top) * canvas->scale + 0.5);
    double right = left + SQ_HEAT_BAR;
    for (int i = 0; i < pixels; i++) {
        double y = top + i / canvas->scale;
        sq_canvas_rectangle(canvas, left, y, right, y + 1 / canvas->scale);
        sq_canvas_paint(canvas, sq_colour_of_map(heat->map, 1 - (i + 0.5) / pixels), 1);
    }
    for (int i = 0; i < values->ticks; i++) {
        double y = bottom - (bottom - top) * (values->tick[i] - values->low) /
                                (values->high - values->low);
        sq_canvas_hairline(canvas, right, y, right + 3, y, 0.8);
        sq_canvas_paint(canvas, SQ_INK, 1);
        sq_heat_text(figure, right + 7, y + SQ_TICK_SIZE * SQ_FONT_CAPITALS / 2,
                     SQ_TICK_SIZE, 0, 0, SQ_INK, values->text[i]);
    }
    sq_heat_power(figure, left, top - 8, 0, values->power);
}

/* Names beside the rows and below the columns, and the labels of both sides. */
static void sq_heat_names(sq_picture *figure, const sq_heat *heat, const sq_axes *axes,
                          double row_room, double column_room, bool upright)
{
    const seqnn_heatmap_options *options = heat->options;
    double width = (axes->right - axes->left) / (double)heat->columns;
    double height = (axes->bottom - axes->top) / (double)heat->rows;
    double half = SQ_TICK_SIZE * SQ_FONT_CAPITALS / 2, base;
    double widest = sq_heat_widest(figure, options->column_names, heat->columns) + 8;
    double apart = options->row_names != NULL ? 1.15 : 2; /* numbers need not crowd */
    seqnn_size stride = sq_heat_stride(SQ_TICK_SIZE * apart, height);
    char number[SQ_NUMBER];
    for (seqnn_size i = 0; i < heat->rows; i += stride)
        sq_heat_text(figure, axes->left - 8,
                     axes->top + height * ((double)i + 0.5) + half, SQ_TICK_SIZE, 1,
                     row_room, SQ_INK, sq_heat_name(options->row_names, i, number));
    stride = sq_heat_stride(upright ? SQ_TICK_SIZE * 1.15 : widest, width);
    for (seqnn_size j = 0; j < heat->columns; j += stride) {
        double x = axes->left + width * ((double)j + 0.5);
        const char *name = sq_heat_name(options->column_names, j, number);
        if (upright)
            sq_heat_text_up(figure, x + half, axes->bottom + 7, SQ_TICK_SIZE, 1,
                            column_room, SQ_INK, name);
        else
            sq_heat_text(figure, x, axes->bottom + 7 + 2 * half, SQ_TICK_SIZE, 0.5, 0,
                         SQ_INK, name);
    }
    base = axes->bottom + 7 + (upright ? column_room : SQ_TICK_SIZE);
    sq_heat_text(figure, (axes->left + axes->right) / 2,
                 base + 10 + SQ_LABEL_SIZE * SQ_FONT_CAPITALS, SQ_LABEL_SIZE, 0.5,
                 axes->right - axes->left, SQ_INK, options->x_label);
    sq_heat_text_up(figure, axes->left - 8 - row_room - 12,
                    (axes->top + axes->bottom) / 2, SQ_LABEL_SIZE, 0.5,
                    axes->bottom - axes->top, SQ_INK, options->y_label);
}

static void sq_heat_compose(sq_picture *figure, const sq_heat *heat)
{
    const seqnn_heatmap_options *options = heat->options;
    double label = SQ_LABEL_SIZE + 12, side_left, side_right, below, cell, spare;
    double row_room = fmin(sq_heat_widest(figure, options->row_names, heat->rows),
                           0.28 * figure->width);
    double column_widest = sq_heat_widest(figure, options->column_names, heat->columns);
    double column_room = SQ_TICK_SIZE, bar = 0;
    bool upright = false;
    sq_axis values;
    sq_axes axes;
    memset(&axes, 0, sizeof axes);
    memset(&values, 0, sizeof values);

    axes.top = (options->title == NULL ? SQ_MARGIN : SQ_MARGIN + SQ_TITLE_SIZE + 10);
    if (heat->bar) {
        sq_axis_fit(&values, heat->low, heat->high, heat->low, heat->high,
                    figure->height - 150, 50);
        for (int i = 0; i < values.ticks; i++)
            bar = fmax(bar, sq_font_width(figure->font, values.text[i], SQ_TICK_SIZE));
        bar += SQ_HEAT_BAR_GAP + SQ_HEAT_BAR + 7;
        axes.top += (values.power != 0 ? ceil(SQ_TICK_SIZE + 6) : 0);
    }
    side_left = SQ_MARGIN + (options->y_label != NULL ? label : 0) + row_room + 8;
    side_right = SQ_MARGIN + bar;
    axes.left = side_left;
    axes.right = figure->width - side_right;
    cell = (axes.right - axes.left) / (double)heat->columns;
    /* Names that do not fit side by side stand upright; mere numbers are thinned out. */
    if (options->column_names != NULL && column_widest + 8 > cell) {
        upright = true;
        column_room = fmin(column_widest, 0.22 * figure->height);
    }
    below = SQ_MARGIN + (options->x_label != NULL ? label : 0) + column_room + 7;
    axes.bottom = figure->height - below;
    if (heat->square) {
        /* Square cells, and what is left over on both sides of the whole block. */
        double high = (axes.bottom - axes.top) / (double)heat->rows;
        double side = fmin(fmin(cell, high), 150);
        if (!upright && options->column_names != NULL && column_widest + 8 > side)
            side = fmin(fmin(cell, column_widest + 8), high * 1.6);
        spare = axes.right - axes.left - side * (double)heat->columns;
        axes.left += spare / 2;
        axes.right -= spare / 2;
        axes.bottom = axes.top + fmin(high, side) * (double)heat->rows;
    }
    sq_heat_text(figure, figure->width / 2, SQ_MARGIN + SQ_TITLE_SIZE * SQ_FONT_CAPITALS,
                 SQ_TITLE_SIZE, 0.5, figure->width - 2 * SQ_MARGIN, SQ_INK,
                 options->title);
    sq_heat_cells(figure, heat, &axes);
    sq_heat_names(figure, heat, &axes, row_room, column_room, upright);
    if (heat->bar) {
        sq_axis_fit(&values, heat->low, heat->high, heat->low, heat->high,
                    axes.bottom - axes.top, 50);
        sq_heat_colour_bar(figure, heat, axes.right + SQ_HEAT_BAR_GAP, axes.top,
                           axes.bottom - 1, &values);
    }
}

static seqnn_status sq_heat_plot(const char *who, const char *path, const sq_heat *heat)
{
    sq_picture figure;
    seqnn_status status =
        sq_picture_open(&figure, who, heat->options->width, heat->options->height,
                        heat->options->scale, NULL);
    if (status != SEQNN_OK)
        return status;
    sq_heat_compose(&figure, heat);
    status = sq_png_write(&figure.canvas, who, path);
    sq_picture_close(&figure);
    return status;
}

/* --- heat map --- */

typedef struct sq_heat_values {
    const seqnn_real *values;
    seqnn_size columns;
    double low, high;
    char form; /* of the numbers, as sq_number_text has it */
    int digits;
} sq_heat_values;

static void sq_heat_fill_value(const void *context, seqnn_size row, seqnn_size column,
                               sq_heat_cell *cell)
{
    const sq_heat_values *table = (const sq_heat_values *)context;
    double value = (double)table->values[row * table->columns + column];
    double span = table->high - table->low;
    cell->below[0] = '\0';
    cell->faint = false;
    cell->share = (value - table->low) / span;
    if (isnan(value))
        memcpy(cell->text, "NaN", 4);
    else if (isinf(value))
        sq_number_text(cell->text, 'g', 3, value);
    else
        sq_number_text(cell->text, table->form, table->digits, value);
}

/* How many digits the cells' numbers need: none for whole numbers, otherwise three. */
static void sq_heat_digits(sq_heat_values *table, seqnn_size count, seqnn_size decimals)
{
    double largest = 0;
    bool whole = true;
    for (seqnn_size i = 0; i < count; i++) {
        double value = (double)table->values[i];
        if (!isfinite(value))
            continue;
        largest = fmax(largest, fabs(value));
        whole = whole && value == floor(value);
    }
    table->form = 'f';
    table->digits = (int)sq_min(decimals, 12);
    if (decimals > 0)
        return;
    if (whole && largest < 1e7)
        table->digits = 0;
    else if (largest >= 0.1 && largest < 1e4)
        table->digits = largest < 10 ? 2 : largest < 100 ? 1 : 0;
    else {
        table->form = 'g';
        table->digits = 3;
    }
}

static seqnn_status sq_heat_check(const char *who, const void *values, seqnn_size rows,
                                  seqnn_size columns)
{
    enum { LARGEST = 5000 };
    if (values == NULL || rows < 1 || columns < 1 || rows > LARGEST || columns > LARGEST)
        return sq_fail(SEQNN_ERROR_SHAPE,
                       "%s: the table is %s[%td, %td], expected 1 to %d "
                       "rows and columns",
                       who, values == NULL ? "NULL " : "", rows, columns, (int)LARGEST);
    return SEQNN_OK;
}

SEQNN_API seqnn_status seqnn_plot_heatmap(const seqnn_real *values, seqnn_size rows,
                                          seqnn_size columns, const char *path,
                                          seqnn_heatmap_options options)
{
    const char *who = "plot heat map";
    sq_heat_values table = {values, columns, INFINITY, -INFINITY, 'f', 0};
    sq_heat heat = {&options, rows, columns, sq_heat_fill_value, &table, 0,
                    1,        true, false,   options.map};
    seqnn_status status = sq_heat_check(who, values, rows, columns);
    if (status != SEQNN_OK)
        return status;
    if ((int)options.map < 0 || options.map > SEQNN_MAP_GREYS)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "%s: map is %d, expected a SEQNN_MAP_...",
                       who, (int)options.map);
    for (seqnn_size i = 0; i < rows * columns; i++) {
        double value = (double)values[i];
        if (fabs(value) < 1e300) { /* neither NaN nor infinite */
            table.low = fmin(table.low, value);
            table.high = fmax(table.high, value);
        }
    }
    if (table.low > table.high) {
        table.low = 0;
        table.high = 1;
    }
    if (options.map == SEQNN_MAP_DIVERGING && options.low == 0 && options.high == 0) {
        table.high = fmax(fabs(table.low), fabs(table.high));
        table.low = -table.high;
    }
    if (options.low != 0)
        table.low = options.low == SEQNN_ZERO ? 0 : (double)options.low;
    if (options.high != 0)
        table.high = options.high == SEQNN_ZERO ? 0 : (double)options.high;
    if (!(fabs(table.low) < 1e300 && fabs(table.high) < 1e300) ||
        (options.low != 0 && options.high != 0 && table.low >= table.high))
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "%s: the colours run from %g to %g, expected a lower and a higher "
                       "finite number",
                       who, table.low, table.high);
    /* One value, or one limit beyond the data: room for a colour bar. */
    if (table.high - table.low <= 1e-6 * fmax(fabs(table.low), fabs(table.high)) ||
        table.low == table.high) {
        double room = table.low == 0 ? 1 : 0.1 * fabs(table.low);
        double one = options.high != 0 ? table.high : table.low;
        table.low = options.low != 0 ? table.low : one - room;
        table.high = options.high != 0 ? table.high : table.low + 2 * room;
    }
    sq_heat_digits(&table, rows * columns, options.decimals);
    heat.low = table.low;
    heat.high = table.high;
    heat.bar = !options.no_colour_bar;
    return sq_heat_plot(who, path, &heat);
}

/* --- confusion matrix --- */

typedef struct sq_heat_counts {
    const int64_t *counts;
    seqnn_size classes;
    double *row_sums;
} sq_heat_counts;

static void sq_heat_fill_count(const void *context, seqnn_size row, seqnn_size column,
                               sq_heat_cell *cell)
{
    const sq_heat_counts *table = (const sq_heat_counts *)context;
    double count = (double)table->counts[row * table->classes + column];
    double sum = table->row_sums[row];
    cell->share = sum > 0 ? count / sum : 0;
    cell->faint = count == 0;
    sq_number_text(cell->text, 'f', 0, count);
    cell->below[0] = '\0';
    if (sum > 0 && count > 0) {
        sq_number_text(cell->below, 'f', 0, 100 * cell->share);
        strcat(cell->below, " %");
    }
}

SEQNN_API seqnn_status seqnn_plot_confusion(const int64_t *counts, seqnn_size classes,
                                            const char *const *class_names,
                                            const char *path,
                                            seqnn_heatmap_options options)
{
    const char *who = "plot confusion";
    sq_heat_counts table = {counts, classes, NULL};
    sq_heat heat = {&options, classes, classes, sq_heat_fill_count, &table, 0,
                    1,        false,   true,    SEQNN_MAP_BLUES};
    seqnn_status status = sq_heat_check(who, counts, classes, classes);
    if (status != SEQNN_OK)
        return status;
    for (seqnn_size i = 0; i < classes * classes; i++)
        if (counts[i] < 0)
            return sq_fail(SEQNN_ERROR_ARGUMENT,
                           "%s: counts[%td, %td] is negative, expected a count", who,
                           i / classes, i % classes);
    table.row_sums = (double *)sq_allocate(classes, sizeof *table.row_sums);
    if (table.row_sums == NULL)
        return SEQNN_ERROR_MEMORY;
    for (seqnn_size i = 0; i < classes * classes; i++)
        table.row_sums[i / classes] += (double)counts[i];
    options.row_names = options.column_names = class_names;
    if (options.title == NULL)
        options.title = "Confusion matrix";
    if (options.x_label == NULL)
        options.x_label = "predicted class";
    if (options.y_label == NULL)
        options.y_label = "true class";
    status = sq_heat_plot(who, path, &heat);
    sq_free(table.row_sums);
    return status;
}

#endif
