/* plot/cells.c - coloured cells: one by one where there is room, blended where not */
#include "cells.h"

#ifdef SEQNN_PLOT

#include "memory.h"

#define SQ_CELL_TEXT 13.0         /* the numbers' size, where cells are large enough */
#define SQ_CELL_SMALLEST_TEXT 6.5 /* below it they are left out */
#define SQ_CELL_GAPS 12.0         /* cells of at least this size stand apart */
#define SQ_CELL_CRISP 4.0     /* in pixels: smaller cells share the pixels between them */
#define SQ_CELL_LARGEST 150.0 /* units */

seqnn_status sq_cells_check(seqnn_axes *axes, const void *values, seqnn_size rows,
                            seqnn_size columns)
{
    seqnn_status status = sq_axes_status(axes);
    if (status != SEQNN_OK)
        return status;
    if (values == NULL || rows < 1 || columns < 1 || rows > SQ_CELLS_MOST ||
        columns > SQ_CELLS_MOST)
        return sq_axes_fail(axes, SEQNN_ERROR_SHAPE,
                            "the table is %s[%td, %td], expected 1 to %d rows and "
                            "columns",
                            values == NULL ? "NULL " : "", rows, columns,
                            (int)SQ_CELLS_MOST);
    if (axes->options.log_x || axes->options.log_y)
        return sq_axes_fail(axes, SEQNN_ERROR_ARGUMENT,
                            "a table on log axes, expected log_x and log_y false");
    if (axes->bare || axes->x_names.count + axes->y_names.count > 0)
        return sq_axes_fail(axes, SEQNN_ERROR_ARGUMENT,
                            "a table on axes that already %s, expected axes of its own",
                            axes->options.bare               ? "are bare"
                            : axes->bare                     ? "hold a word cloud"
                            : axes->table                    ? "hold another"
                            : axes->options.x_name_count > 0 ? "have names"
                                                             : "hold bars");
    return SEQNN_OK;
}

double sq_cells_share(const sq_colour_bar *scale, seqnn_real value)
{
    double place = (double)value;
    if (scale->log)
        place = (double)SQ_MATH(log10)(value); /* -inf for 0, NaN below it */
    place = (place - scale->low) / (scale->high - scale->low);
    if (place < 0)
        return 0;
    return place > 1 ? 1 : place;
}

/* --- cells with room between them --- */

static sq_colour sq_cells_colour(const sq_cells *cells, seqnn_size row, seqnn_size column)
{
    double share =
        sq_cells_share(&cells->scale, cells->values[row * cells->columns + column]);
    return isnan(share) ? SQ_NO_VALUE : sq_colour_of_map(cells->scale.map, share);
}

static void sq_cells_apart(const sq_cells *cells, const seqnn_axes *axes,
                           sq_picture *picture)
{
    for (seqnn_size i = 0; i < cells->rows; i++) {
        double top = sq_axes_y(axes, (double)i - 0.5);
        double bottom = sq_axes_y(axes, (double)i + 0.5) - 1;
        for (seqnn_size j = 0; j < cells->columns; j++) {
            sq_canvas_rectangle(&picture->canvas, sq_axes_x(axes, (double)j - 0.5), top,
                                sq_axes_x(axes, (double)j + 0.5) - 1, bottom);
            sq_canvas_paint(&picture->canvas, sq_cells_colour(cells, i, j), 1);
        }
    }
}

/* --- cells that meet, or of which a pixel covers many --- */

enum { SQ_SHADES = 1024 };

/* Where cells begin along one side, in pixels: [count + 1]. */
typedef struct sq_cell_edges {
    seqnn_size count;
    double *at;
    int first, last; /* pixels that show something: [first, last) */
} sq_cell_edges;

static bool sq_cell_edges_make(sq_cell_edges *edges, seqnn_size count, double from,
                               double to, int lowest, int highest)
{
    double size = (to - from) / (double)count;
    edges->count = count;
    edges->at = (double *)sq_allocate(count + 1, sizeof *edges->at);
    if (edges->at == NULL)
        return false;
    for (seqnn_size i = 0; i <= count; i++) {
        double at = from + size * (double)i;
        edges->at[i] =
            size >= SQ_CELL_CRISP || i == 0 || i == count ? floor(at + 0.5) : at;
    }
    edges->first = (int)fmax(edges->at[0], lowest);
    edges->last = (int)fmin(edges->at[count], highest);
    return true;
}

/* The part of a pixel that cell i covers. */
static double sq_cell_edges_part(const sq_cell_edges *edges, seqnn_size i, int pixel)
{
    return fmin(edges->at[i + 1], pixel + 1) - fmax(edges->at[i], pixel);
}

/* The first cell at or after `from` that reaches into a pixel. */
static seqnn_size sq_cell_edges_find(const sq_cell_edges *edges, seqnn_size from,
                                     int pixel)
{
    while (from + 1 < edges->count && edges->at[from + 1] <= pixel)
        from++;
    return from;
}

/* Does a pixel see nothing but cell i? */
static bool sq_cell_edges_fill(const sq_cell_edges *edges, seqnn_size i, int pixel)
{
    return edges->at[i] <= pixel && edges->at[i + 1] >= pixel + 1;
}

/* What one row of pixels covers of the cells above each other, for each column: by peaks
 * the strongest share, NaN without any; otherwise the sum of shares, and of weights. */
typedef struct sq_cell_row {
    seqnn_real *shares; /* of the row of cells `current` */
    seqnn_size current;
    double *sums, *weights;
    double height; /* that a column with no NaN would weigh */
} sq_cell_row;

/* How far a share is from what the eye passes over. */
static double sq_cells_strength(const sq_cells *cells, double share)
{
    return cells->scale.map == SEQNN_MAP_DIVERGING ? fabs(share - 0.5) : share;
}

static void sq_cells_gather(const sq_cells *cells, const sq_cell_edges *down,
                            seqnn_size first, int y, sq_cell_row *row)
{
    const seqnn_size columns = cells->columns;
    row->height = 0;
    for (seqnn_size j = 0; j < columns; j++)
        row->sums[j] = row->weights[j] = 0;
    for (seqnn_size i = first; i < cells->rows && down->at[i] < y + 1; i++) {
        double part = sq_cell_edges_part(down, i, y);
        if (part <= 0)
            continue;
        if (row->current != i) {
            const seqnn_real *values = cells->values + i * columns;
            for (seqnn_size j = 0; j < columns; j++)
                row->shares[j] = (seqnn_real)sq_cells_share(&cells->scale, values[j]);
            row->current = i;
        }
        row->height += part;
        for (seqnn_size j = 0; j < columns; j++) {
            double share = (double)row->shares[j];
            if (!(share >= 0)) /* NaN */
                continue;
            if (!cells->peaks)
                row->sums[j] += part * share;
            else if (row->weights[j] == 0 || sq_cells_strength(cells, share) >
                                                 sq_cells_strength(cells, row->sums[j]))
                row->sums[j] = share;
            row->weights[j] += part;
        }
    }
}

/* The colour of a pixel of the row, from column *first on. */
static sq_colour sq_cells_blend(const sq_cells *cells, const sq_cell_edges *across,
                                seqnn_size *first, int x, const sq_cell_row *row,
                                const sq_colour *shades)
{
    double sum = 0, weight = 0, area = 0, grey;
    sq_colour colour, mixed = 0;
    *first = sq_cell_edges_find(across, *first, x);
    for (seqnn_size j = *first; j < cells->columns && across->at[j] < x + 1; j++) {
        double part = sq_cell_edges_part(across, j, x);
        if (part <= 0)
            continue;
        area += part * row->height;
        if (row->weights[j] == 0)
            continue;
        if (!cells->peaks)
            sum += part * row->sums[j];
        else if (weight == 0 ||
                 sq_cells_strength(cells, row->sums[j]) > sq_cells_strength(cells, sum))
            sum = row->sums[j];
        weight += part * row->weights[j];
    }
    if (weight == 0)
        return SQ_NO_VALUE;
    if (!cells->peaks)
        sum /= weight;
    colour = shades[(int)(sum * (int)SQ_SHADES + 0.5)];
    grey = cells->peaks ? 0 : 1 - weight / area;
    if (grey < 1e-6)
        return colour;
    for (int shift = 0; shift <= 16; shift += 8)
        mixed |= (sq_colour)((1 - grey) * (colour >> shift & 255) +
                             grey * (SQ_NO_VALUE >> shift & 255) + 0.5)
                 << shift;
    return mixed;
}

static void sq_cells_together(const sq_cells *cells, const seqnn_axes *axes,
                              sq_picture *picture)
{
    sq_canvas *canvas = &picture->canvas;
    const sq_box *clip = &canvas->clip;
    const double s = canvas->scale;
    const seqnn_size columns = cells->columns;
    sq_colour shades[SQ_SHADES + 1];
    sq_cell_edges across, down = {0, NULL, 0, 0};
    sq_cell_row row = {NULL, -1, NULL, NULL, 0};
    seqnn_size first_row = 0;
    row.shares = (seqnn_real *)sq_allocate(columns, sizeof *row.shares);
    row.sums = (double *)sq_allocate(columns, sizeof *row.sums);
    row.weights = (double *)sq_allocate(columns, sizeof *row.weights);
    if (!sq_cell_edges_make(&across, columns, s * sq_axes_x(axes, -0.5),
                            s * sq_axes_x(axes, (double)columns - 0.5), clip->left,
                            clip->right) ||
        !sq_cell_edges_make(&down, cells->rows, s * sq_axes_y(axes, -0.5),
                            s * sq_axes_y(axes, (double)cells->rows - 0.5), clip->top,
                            clip->bottom) ||
        row.shares == NULL || row.sums == NULL || row.weights == NULL) {
        picture->status = SEQNN_ERROR_MEMORY;
        across.first = across.last = down.last = down.first = 0;
    }
    for (int i = 0; i <= SQ_SHADES; i++)
        shades[i] = sq_colour_of_map(cells->scale.map, i / (double)SQ_SHADES);
    for (int y = down.first; y < down.last; y++) {
        unsigned char *pixel =
            canvas->pixels +
            ((size_t)y * (size_t)canvas->width + (size_t)across.first) * 3;
        seqnn_size first_column = 0;
        first_row = sq_cell_edges_find(&down, first_row, y);
        if (y > down.first && sq_cell_edges_fill(&down, first_row, y - 1) &&
            sq_cell_edges_fill(&down, first_row, y)) {
            memcpy(pixel, pixel - (size_t)canvas->width * 3,
                   (size_t)(across.last - across.first) * 3);
            continue;
        }
        sq_cells_gather(cells, &down, first_row, y, &row);
        for (int x = across.first; x < across.last; x++) {
            sq_colour colour =
                sq_cells_blend(cells, &across, &first_column, x, &row, shades);
            for (int i = 0; i < 3; i++)
                *pixel++ = (unsigned char)(colour >> (16 - 8 * i) & 255);
        }
    }
    sq_free(across.at);
    sq_free(down.at);
    sq_free(row.shares);
    sq_free(row.sums);
    sq_free(row.weights);
}

/* Pale cells at the edge end where the table does. */
static void sq_cells_outline(const seqnn_axes *axes, sq_canvas *canvas)
{
    sq_canvas_unclip(canvas);
    sq_canvas_outline(canvas, axes->left, axes->top, axes->right, axes->bottom, 0.6);
    sq_canvas_paint(canvas, SQ_OUTLINE, 1);
}

/* --- numbers in cells --- */

/* The sizes of the cells' texts, 0 where they do not fit. */
typedef struct sq_cell_sizes {
    double text, below;
} sq_cell_sizes;

static sq_cell_sizes sq_cells_text_sizes(const sq_cells *cells, const sq_picture *picture,
                                         double width, double height)
{
    sq_cell_sizes sizes = {0, 0};
    double widest = 0.1, both;
    bool two = false;
    sq_cell_text text;
    sq_text one;
    if (cells->write == NULL || fmin(width, height) < SQ_CELL_SMALLEST_TEXT)
        return sizes;
    memset(&one, 0, sizeof one);
    one.size = 1;
    for (seqnn_size i = 0; i < cells->rows; i++) {
        for (seqnn_size j = 0; j < cells->columns; j++) {
            cells->write(cells, i, j, &text);
            widest = fmax(widest, sq_picture_width(picture, text.text, one));
            two = two || text.below[0] != '\0';
        }
    }
    sizes.text = fmin(SQ_CELL_TEXT, fmin(0.84 * width / widest, height / 1.5));
    if (sizes.text < SQ_CELL_SMALLEST_TEXT)
        sizes.text = 0;
    both = fmin(sizes.text, height / 2.4);
    if (two && 0.8 * both >= SQ_CELL_SMALLEST_TEXT && width > 3.4 * both) {
        sizes.text = both;
        sizes.below = 0.8 * both;
    }
    return sizes;
}

static void sq_cells_numbers(const sq_cells *cells, const seqnn_axes *axes,
                             sq_picture *picture, double width, double height)
{
    sq_cell_sizes sizes = sq_cells_text_sizes(cells, picture, width, height);
    sq_cell_text text;
    sq_text how, small;
    if (sizes.text <= 0)
        return;
    memset(&how, 0, sizeof how);
    how.anchor = 0.5;
    how.size = sizes.text;
    small = how;
    small.size = sizes.below;
    for (seqnn_size i = 0; i < cells->rows; i++) {
        for (seqnn_size j = 0; j < cells->columns; j++) {
            double x = sq_axes_x(axes, (double)j), y = sq_axes_y(axes, (double)i);
            sq_colour colour = sq_cells_colour(cells, i, j);
            cells->write(cells, i, j, &text);
            how.colour = sq_colour_of_text(colour);
            if (text.faint && sq_colour_contrast(colour, SQ_FAINT) >= SQ_CONTRAST)
                how.colour = SQ_FAINT;
            small.colour = how.colour;
            if (sizes.below > 0 && text.below[0] != '\0') {
                y -= 0.08 * sizes.text;
                sq_picture_text(picture, x, y + 1.25 * sizes.below, text.below, small);
                sq_picture_text(picture, x, y, text.text, how);
            } else
                sq_picture_text_middle(picture, x, y, text.text, how);
        }
    }
}

/* --- the mark --- */

static void sq_cells_range(const sq_mark *mark, const seqnn_axes *axes, sq_range *range)
{
    const sq_cells *cells = (const sq_cells *)mark;
    sq_range_point(range, axes, -0.5, -0.5);
    sq_range_point(range, axes, (double)cells->columns - 0.5, (double)cells->rows - 0.5);
    range->tight = true;
}

static void sq_cells_draw(const sq_mark *mark, const seqnn_axes *axes,
                          sq_picture *picture, sq_layer layer)
{
    const sq_cells *cells = (const sq_cells *)mark;
    double width = fabs(sq_axes_x(axes, 1) - sq_axes_x(axes, 0));
    double height = fabs(sq_axes_y(axes, 1) - sq_axes_y(axes, 0));
    sq_canvas_clip(&picture->canvas, axes->left, axes->top, axes->right, axes->bottom);
    if (layer == SQ_LAYER_TEXT)
        sq_cells_numbers(cells, axes, picture, width, height);
    else if (layer == SQ_LAYER_FILL && fmin(width, height) >= SQ_CELL_GAPS)
        sq_cells_apart(cells, axes, picture);
    else if (layer == SQ_LAYER_FILL) {
        sq_cells_together(cells, axes, picture);
        if (sq_map_is_pale(cells->scale.map))
            sq_cells_outline(axes, &picture->canvas);
    }
}

sq_cells *sq_cells_add(seqnn_axes *axes, seqnn_size rows, seqnn_size columns,
                       const char *const *row_names, const char *const *column_names,
                       const sq_colour_bar *scale)
{
    static const sq_mark_kind kind = {sq_cells_range, sq_cells_draw, NULL, NULL};
    sq_cells *cells = (sq_cells *)sq_axes_add(axes, &kind, (seqnn_size)sizeof *cells);
    if (cells == NULL)
        return NULL;
    cells->rows = rows;
    cells->columns = columns;
    cells->scale = axes->bar = *scale;
    axes->bar.label = sq_axes_keep_text(axes, scale->label);
    axes->x_names.names = sq_axes_keep_names(axes, column_names, columns);
    axes->x_names.count = columns;
    axes->y_names.names = sq_axes_keep_names(axes, row_names, rows);
    axes->y_names.count = rows;
    axes->y.reversed = true;
    axes->table = true;
    axes->largest = SQ_CELL_LARGEST;
    return cells;
}

seqnn_figure *sq_cells_figure(const char *who, seqnn_axes **axes, const char *title,
                              const char *x_label, const char *y_label, seqnn_size width,
                              seqnn_size height, seqnn_size scale, const char *font)
{
    seqnn_figure_options whole;
    seqnn_axes_options texts;
    seqnn_figure *figure;
    memset(&whole, 0, sizeof whole);
    memset(&texts, 0, sizeof texts);
    whole.width = width;
    whole.height = height;
    whole.scale = scale;
    whole.font = font;
    texts.title = title;
    texts.x_label = x_label;
    texts.y_label = y_label;
    figure = sq_figure_new(who, whole);
    *axes = seqnn_figure_axes(figure, 0, 0, texts);
    return figure;
}

seqnn_status sq_cells_finish(seqnn_figure *figure, const char *path)
{
    seqnn_status status = seqnn_figure_save(figure, path);
    seqnn_figure_free(figure);
    return status;
}

#endif
