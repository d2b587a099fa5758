/* plot/heatmap.c - the numbers of a heat map: their colours' scale and their digits */
#include "cells.h"

#ifdef SEQNN_PLOT

/* Finite values that have a place on the scale. */
static void sq_heat_range(const seqnn_real *values, seqnn_size count, bool log,
                          double *low, double *high)
{
    for (seqnn_size i = 0; i < count; i++) {
        double value = (double)values[i];
        if (!(fabs(value) < 1e300) || (log && value <= 0))
            continue;
        if (value < *low)
            *low = value;
        if (value > *high)
            *high = value;
    }
    if (*low > *high) {
        *low = log ? 0.1 : 0;
        *high = 1;
    }
}

/* The values at the ends of the map; on a log scale their logarithms. */
static seqnn_status sq_heat_scale(seqnn_axes *axes, const seqnn_real *values,
                                  seqnn_size count, const seqnn_heatmap_options *options,
                                  sq_colour_bar *scale)
{
    double low = INFINITY, high = -INFINITY;
    bool given_low = options->low != 0, given_high = options->high != 0;
    if ((int)options->map < 0 || options->map > SEQNN_MAP_GREYS)
        return sq_axes_fail(axes, SEQNN_ERROR_ARGUMENT,
                            "map is %d, expected a SEQNN_MAP_...", (int)options->map);
    sq_heat_range(values, count, options->log, &low, &high);
    if (options->map == SEQNN_MAP_DIVERGING && !options->log && !given_low &&
        !given_high) {
        high = fmax(fabs(low), fabs(high));
        low = -high;
    }
    if (given_low)
        low = options->low == SEQNN_ZERO ? 0 : (double)options->low;
    if (given_high)
        high = options->high == SEQNN_ZERO ? 0 : (double)options->high;
    if (!(fabs(low) < 1e300 && fabs(high) < 1e300) ||
        (given_low && given_high && low >= high) ||
        (options->log && (low <= 0 || high <= 0)))
        return sq_axes_fail(axes, SEQNN_ERROR_ARGUMENT,
                            "the colours run from %g to %g, expected a lower and a "
                            "higher finite number%s",
                            low, high, options->log ? " above 0" : "");
    if (options->log) {
        low = log10(low);
        high = log10(high);
    }
    /* One value, or one limit beyond the data: room for a colour bar. */
    if (high - low <= 1e-6 * fmax(fabs(low), fabs(high)) || low == high) {
        double room = options->log ? 0.5 : low == 0 ? 1 : 0.1 * fabs(low);
        double one = given_high ? high : low;
        low = given_low ? low : one - room;
        high = given_high ? high : low + 2 * room;
    }
    scale->shown = !options->no_colour_bar;
    scale->map = options->map;
    scale->log = options->log;
    scale->low = low;
    scale->high = high;
    scale->label = options->bar_label;
    return SEQNN_OK;
}

static void sq_heat_write(const sq_cells *cells, seqnn_size row, seqnn_size column,
                          sq_cell_text *text)
{
    double value = (double)cells->values[row * cells->columns + column];
    text->below[0] = '\0';
    text->faint = false;
    if (isnan(value))
        memcpy(text->text, "NaN", 4);
    else if (isinf(value))
        memcpy(text->text, value > 0 ? "\xE2\x88\x9E" : "\xE2\x88\x92\xE2\x88\x9E",
               value > 0 ? 4 : 7);
    else
        sq_number_text(text->text, cells->form, cells->digits, value);
}

/* How many digits the cells' numbers need: none for whole numbers, otherwise three. */
static void sq_heat_digits(sq_cells *cells, const seqnn_real *values, seqnn_size decimals)
{
    double largest = 0;
    bool whole = true;
    for (seqnn_size i = 0; i < cells->rows * cells->columns; i++) {
        double value = (double)values[i];
        if (!isfinite(value))
            continue;
        largest = fmax(largest, fabs(value));
        whole = whole && value == floor(value);
    }
    cells->form = 'f';
    cells->digits = (int)sq_min(sq_max(decimals, 0), 12);
    if (decimals != 0)
        return;
    if (whole && largest < 1e7)
        cells->digits = 0;
    else if (largest >= 0.1 && largest < 1e4 && !cells->scale.log)
        cells->digits = largest < 10 ? 2 : largest < 100 ? 1 : 0;
    else {
        cells->form = 'g';
        cells->digits = 3;
    }
}

/* Copies the values, or borrows them for a figure that is saved before they go. */
static seqnn_status sq_heat_add(seqnn_axes *axes, const seqnn_real *values,
                                seqnn_size rows, seqnn_size columns,
                                const seqnn_heatmap_options *options, bool borrow)
{
    sq_colour_bar scale;
    sq_cells *cells;
    seqnn_status status = sq_cells_check(axes, values, rows, columns);
    memset(&scale, 0, sizeof scale);
    if (status == SEQNN_OK && options->decimals < -1)
        status = sq_axes_fail(axes, SEQNN_ERROR_ARGUMENT,
                              "decimals is %td, expected 0 or more, or -1 for none",
                              options->decimals);
    if (status == SEQNN_OK)
        status = sq_heat_scale(axes, values, rows * columns, options, &scale);
    if (status != SEQNN_OK)
        return status;
    cells = sq_cells_add(axes, rows, columns, options->row_names, options->column_names,
                         &scale);
    if (cells == NULL)
        return sq_axes_status(axes);
    cells->values = borrow
                        ? values
                        : (const seqnn_real *)sq_axes_keep(axes, values, rows * columns,
                                                           (seqnn_size)sizeof *values);
    cells->peaks = options->peaks;
    /* Where so many cells are as small as a number or smaller nobody counts digits. */
    if (!options->no_numbers && rows * columns <= 100000) {
        cells->write = sq_heat_write;
        sq_heat_digits(cells, values, options->decimals);
    }
    if (options->square)
        axes->aspect = 1;
    return sq_axes_status(axes);
}

SEQNN_API seqnn_status seqnn_axes_heatmap(seqnn_axes *axes, const seqnn_real *values,
                                          seqnn_size rows, seqnn_size columns,
                                          seqnn_heatmap_options options)
{
    return sq_heat_add(axes, values, rows, columns, &options, false);
}

SEQNN_API seqnn_status seqnn_plot_heatmap(const seqnn_real *values, seqnn_size rows,
                                          seqnn_size columns, const char *path,
                                          seqnn_heatmap_options options)
{
    seqnn_axes *axes;
    seqnn_figure *figure = sq_cells_figure(
        "plot heat map", &axes, options.title, options.x_label, options.y_label,
        options.width, options.height, options.scale, options.font);
    sq_heat_add(axes, values, rows, columns, &options, true);
    return sq_cells_finish(figure, path);
}

#endif
