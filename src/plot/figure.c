/* plot/figure.c - figures, their axes, and the marks these hold */
#include "figure.h"

#ifdef SEQNN_PLOT

#include "layout.h"
#include "memory.h"
#include "png_file.h"

/* A block that the figure owns; what is kept follows it. */
struct sq_kept {
    sq_kept *next;
    double aligned[7]; /* 64 bytes with the pointer: what follows is aligned as well */
};

/* --- errors --- */

static seqnn_status sq_figure_fail(seqnn_figure *figure, seqnn_status status,
                                   const char *sentence)
{
    if (figure->status == SEQNN_OK) {
        figure->status = status;
        snprintf(figure->sentence, sizeof figure->sentence, "%s", sentence);
    }
    return sq_fail(figure->status, "%s: %s", figure->who, figure->sentence);
}

seqnn_status sq_axes_fail(seqnn_axes *axes, seqnn_status status, const char *format, ...)
{
    char sentence[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    return sq_figure_fail(axes->figure, status, sentence);
}

seqnn_status sq_axes_status(const seqnn_axes *axes)
{
    return axes == NULL ? SEQNN_ERROR_ARGUMENT : axes->figure->status;
}

/* --- memory --- */

static void *sq_figure_keep(seqnn_figure *figure, seqnn_size count, seqnn_size size)
{
    seqnn_size bytes = sq_multiply(count, size);
    sq_kept *block = bytes < 0 || bytes > PTRDIFF_MAX / 2
                         ? (sq_kept *)sq_allocate(PTRDIFF_MAX, 2) /* says no */
                         : (sq_kept *)sq_allocate(bytes + (seqnn_size)sizeof *block, 1);
    if (block == NULL) {
        sq_figure_fail(figure, SEQNN_ERROR_MEMORY, "no memory");
        return NULL;
    }
    block->next = figure->kept;
    figure->kept = block;
    return block + 1;
}

static void *sq_figure_copy(seqnn_figure *figure, const void *source, seqnn_size count,
                            seqnn_size size)
{
    void *copy = source == NULL ? NULL : sq_figure_keep(figure, count, size);
    if (copy != NULL)
        memcpy(copy, source, (size_t)count * (size_t)size);
    return copy;
}

static const char *sq_figure_copy_text(seqnn_figure *figure, const char *text)
{
    return text == NULL ? NULL
                        : (const char *)sq_figure_copy(figure, text,
                                                       (seqnn_size)strlen(text) + 1, 1);
}

void *sq_axes_keep(seqnn_axes *axes, const void *source, seqnn_size count,
                   seqnn_size size)
{
    return sq_figure_copy(axes->figure, source, count, size);
}

const char *sq_axes_keep_text(seqnn_axes *axes, const char *text)
{
    return sq_figure_copy_text(axes->figure, text);
}

const char *const *sq_axes_keep_names(seqnn_axes *axes, const char *const *names,
                                      seqnn_size count)
{
    const char **copies;
    if (names == NULL)
        return NULL;
    copies = (const char **)sq_figure_keep(axes->figure, count, sizeof *copies);
    for (seqnn_size i = 0; copies != NULL && i < count; i++) {
        copies[i] = sq_axes_keep_text(axes, names[i] != NULL ? names[i] : "");
        if (copies[i] == NULL)
            return NULL;
    }
    return copies;
}

/* --- figures --- */

SEQNN_API seqnn_figure *seqnn_figure_new(seqnn_figure_options options)
{
    return sq_figure_new("figure", options);
}

seqnn_figure *sq_figure_new(const char *who, seqnn_figure_options options)
{
    seqnn_figure *figure = (seqnn_figure *)sq_allocate(1, sizeof *figure);
    seqnn_size *rows, *columns;
    if (figure == NULL)
        return NULL;
    figure->who = who;
    figure->options = options;
    rows = &figure->options.rows;
    columns = &figure->options.columns;
    *rows = *rows == 0 ? 1 : *rows;
    *columns = *columns == 0 ? 1 : *columns;
    if (*rows < 1 || *columns < 1 || *rows > SQ_FIGURE_GRID ||
        *columns > SQ_FIGURE_GRID) {
        char sentence[128];
        snprintf(sentence, sizeof sentence,
                 "%td rows and %td columns of axes, expected 1 to %d", *rows, *columns,
                 (int)SQ_FIGURE_GRID);
        sq_figure_fail(figure, SEQNN_ERROR_ARGUMENT, sentence);
        *rows = *columns = 1;
    }
    for (seqnn_size i = 0; i < *rows + *columns; i++) {
        const seqnn_real *shares =
            i < *rows ? options.row_heights : options.column_widths;
        seqnn_size at = i < *rows ? i : i - *rows;
        if (shares != NULL && !(shares[at] > 0 && isfinite(shares[at])))
            sq_figure_fail(figure, SEQNN_ERROR_ARGUMENT,
                           "a row height or column width is not above 0");
    }
    figure->options.title = sq_figure_copy_text(figure, options.title);
    figure->options.font = sq_figure_copy_text(figure, options.font);
    figure->options.row_heights = (const seqnn_real *)sq_figure_copy(
        figure, options.row_heights, *rows, sizeof(seqnn_real));
    figure->options.column_widths = (const seqnn_real *)sq_figure_copy(
        figure, options.column_widths, *columns, sizeof(seqnn_real));
    return figure;
}

SEQNN_API void seqnn_figure_free(seqnn_figure *figure)
{
    if (figure == NULL)
        return;
    while (figure->kept != NULL) {
        sq_kept *next = figure->kept->next;
        sq_free(figure->kept);
        figure->kept = next;
    }
    sq_free(figure);
}

static bool sq_axes_overlap(const seqnn_axes *a, const seqnn_axes *b)
{
    return a->row < b->row + b->row_span && b->row < a->row + a->row_span &&
           a->column < b->column + b->column_span &&
           b->column < a->column + a->column_span;
}

/* What is wrong with the place and limits of new axes; NULL: nothing. */
static const char *sq_axes_fault(const seqnn_axes *axes)
{
    const seqnn_figure *figure = axes->figure;
    const seqnn_axes_options *o = &axes->options;
    const struct {
        seqnn_real low, high;
        bool log;
    } limits[2] = {{o->x_min, o->x_max, o->log_x}, {o->y_min, o->y_max, o->log_y}};
    if (axes->row < 0 || axes->column < 0 || axes->row_span < 1 ||
        axes->column_span < 1 || axes->row_span > figure->options.rows ||
        axes->column_span > figure->options.columns ||
        axes->row > figure->options.rows - axes->row_span ||
        axes->column > figure->options.columns - axes->column_span)
        return "they leave the grid";
    for (const seqnn_axes *other = figure->axes; other != NULL; other = other->next)
        if (sq_axes_overlap(axes, other))
            return "there are axes already";
    if (o->x_name_count < 0 || (o->x_name_count > 0) != (o->x_names != NULL))
        return "x_names and their number do not go together";
    if (o->x_name_count > 0 && (o->log_x || o->x_min != 0 || o->x_max != 0))
        return "names below x, which are at 0, 1, 2, ..., leave no log axis and no "
               "limits";
    if (o->equal_aspect && (o->log_x || o->log_y))
        return "an equal aspect has no meaning on a log axis";
    for (int i = 0; i < 2; i++) {
        double low = sq_axis_given(limits[i].low, limits[i].log);
        double high = sq_axis_given(limits[i].high, limits[i].log);
        if (!(fabs((double)limits[i].low) < 1e300 &&
              fabs((double)limits[i].high) < 1e300))
            return "a limit is not a finite number";
        if (limits[i].log &&
            ((limits[i].low != 0 && isnan(low)) || (limits[i].high != 0 && isnan(high))))
            return "a limit of a log axis is not above 0";
        if (low >= high) /* not if one is NaN */
            return "a lower limit is not below the upper one";
    }
    return NULL;
}

SEQNN_API seqnn_axes *seqnn_figure_axes(seqnn_figure *figure, seqnn_size row,
                                        seqnn_size column, seqnn_axes_options options)
{
    seqnn_axes *axes;
    const char *fault;
    if (figure == NULL || figure->status != SEQNN_OK)
        return NULL;
    axes = (seqnn_axes *)sq_figure_keep(figure, 1, sizeof *axes);
    if (axes == NULL)
        return NULL;
    axes->figure = figure;
    axes->row = row;
    axes->column = column;
    axes->row_span = options.row_span == 0 ? 1 : options.row_span;
    axes->column_span = options.column_span == 0 ? 1 : options.column_span;
    axes->options = options;
    axes->options.title = sq_figure_copy_text(figure, options.title);
    axes->options.x_label = sq_figure_copy_text(figure, options.x_label);
    axes->options.y_label = sq_figure_copy_text(figure, options.y_label);
    axes->aspect = options.equal_aspect ? 1 : 0;
    axes->bare = options.bare;
    fault = sq_axes_fault(axes);
    if (fault != NULL)
        sq_axes_fail(
            axes, SEQNN_ERROR_ARGUMENT,
            "axes at row %td, column %td, x_min %g, x_max %g, y_min %g, y_max %g: "
            "%s",
            row, column, (double)options.x_min, (double)options.x_max,
            (double)options.y_min, (double)options.y_max, fault);
    else if (options.x_name_count > 0) {
        axes->x_names.names =
            sq_axes_keep_names(axes, options.x_names, options.x_name_count);
        axes->x_names.count = options.x_name_count;
    }
    if (figure->status != SEQNN_OK)
        return NULL;
    if (figure->last != NULL)
        figure->last->next = axes;
    else
        figure->axes = axes;
    figure->last = axes;
    return axes;
}

/* --- marks --- */

sq_mark *sq_axes_add(seqnn_axes *axes, const sq_mark_kind *kind, seqnn_size size)
{
    sq_mark *mark;
    if (sq_axes_status(axes) != SEQNN_OK)
        return NULL;
    mark = (sq_mark *)sq_figure_keep(axes->figure, 1, size);
    if (mark == NULL)
        return NULL;
    mark->kind = kind;
    if (axes->last != NULL)
        axes->last->next = mark;
    else
        axes->marks = mark;
    axes->last = mark;
    return mark;
}

sq_colour sq_axes_colour(seqnn_axes *axes, uint32_t given)
{
    axes->series++;
    return given != 0 ? given : sq_colour_of_series(axes->colours++);
}

sq_range sq_range_none(void)
{
    sq_range none;
    memset(&none, 0, sizeof none);
    none.x_low = none.y_low = INFINITY;
    none.x_high = none.y_high = -INFINITY;
    return none;
}

void sq_range_merge(sq_range *range, const sq_range *other)
{
    range->x_low = fmin(range->x_low, other->x_low);
    range->x_high = fmax(range->x_high, other->x_high);
    range->y_low = fmin(range->y_low, other->y_low);
    range->y_high = fmax(range->y_high, other->y_high);
    range->fractions = range->fractions || other->fractions;
}

void sq_range_point(sq_range *range, const seqnn_axes *axes, double x, double y)
{
    const double at_x = axes->options.log_x ? (x > 0 ? log10(x) : (double)NAN) : x;
    const double at_y = axes->options.log_y ? (y > 0 ? log10(y) : (double)NAN) : y;
    if ((!isnan(x) && !(fabs(at_x) < 1e300)) || (!isnan(y) && !(fabs(at_y) < 1e300)))
        return;
    if (!isnan(x)) {
        range->x_low = fmin(range->x_low, at_x);
        range->x_high = fmax(range->x_high, at_x);
        range->fractions = range->fractions || x != floor(x);
    }
    if (!isnan(y)) {
        range->y_low = fmin(range->y_low, at_y);
        range->y_high = fmax(range->y_high, at_y);
    }
}

double sq_axes_x(const seqnn_axes *axes, double value)
{
    return axes->left + sq_axis_share(&axes->x, value) * (axes->right - axes->left);
}

double sq_axes_y(const seqnn_axes *axes, double value)
{
    return axes->bottom - sq_axis_share(&axes->y, value) * (axes->bottom - axes->top);
}

bool sq_axes_covered(const seqnn_axes *axes, const double box[4])
{
    for (const sq_mark *mark = axes->marks; mark != NULL; mark = mark->next)
        if (mark->kind->covers != NULL && mark->kind->covers(mark, axes, box))
            return true;
    return false;
}

/* --- drawing --- */

static void sq_axes_draw(const seqnn_axes *axes, sq_picture *picture)
{
    sq_frame_draw_grid(axes, picture);
    for (int layer = 0; layer < SQ_LAYERS; layer++) {
        if (layer == SQ_LAYER_TEXT) { /* their labels make way for the frame's texts */
            sq_frame_draw(axes, picture);
            sq_legend_draw(axes, picture);
        }
        for (const sq_mark *mark = axes->marks; mark != NULL; mark = mark->next) {
            if (mark->kind->draw != NULL)
                mark->kind->draw(mark, axes, picture, (sq_layer)layer);
            sq_canvas_unclip(&picture->canvas);
        }
    }
}

static void sq_figure_draw_title(const seqnn_figure *figure, sq_picture *picture)
{
    double left = picture->width, right = 0, half, middle;
    sq_text how = {SQ_TITLE_SIZE, 0.5, 0, SQ_INK, true, false};
    how.width = picture->width - 2 * SQ_MARGIN;
    for (const seqnn_axes *axes = figure->axes; axes != NULL; axes = axes->next) {
        left = fmin(left, axes->left);
        right = fmax(right, axes->right);
    }
    /* Above the middle of the frames, as far as it fits there. */
    how = sq_picture_shrunk(picture, figure->options.title, how);
    half = sq_picture_width(picture, figure->options.title, how) / 2;
    middle = fmax((left + right) / 2, SQ_MARGIN + half);
    middle = fmin(middle, picture->width - SQ_MARGIN - half);
    sq_picture_text(picture, middle, SQ_MARGIN + SQ_TITLE_SIZE * SQ_FONT_CAPITALS,
                    figure->options.title, how);
}

seqnn_status sq_figure_draw(seqnn_figure *figure, sq_picture *picture)
{
    const seqnn_figure_options *o = &figure->options;
    seqnn_status status =
        sq_picture_open(picture, figure->who, o->width, o->height, o->scale, o->font);
    if (status != SEQNN_OK)
        return status;
    status = sq_layout(figure, picture);
    if (status == SEQNN_OK) {
        sq_figure_draw_title(figure, picture);
        for (const seqnn_axes *axes = figure->axes; axes != NULL; axes = axes->next)
            sq_axes_draw(axes, picture);
        status = picture->status;
    }
    if (status != SEQNN_OK)
        sq_picture_close(picture);
    return status;
}

SEQNN_API seqnn_status seqnn_figure_save(seqnn_figure *figure, const char *path)
{
    sq_picture picture;
    seqnn_status status;
    if (figure == NULL) /* the sentence of the error before stands */
        return SEQNN_ERROR_MEMORY;
    if (figure->status != SEQNN_OK)
        return sq_fail(figure->status, "%s: %s", figure->who, figure->sentence);
    if (figure->axes == NULL)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "%s: there are no axes in it", figure->who);
    status = sq_figure_draw(figure, &picture);
    if (status != SEQNN_OK)
        return status;
    status = sq_png_write(&picture.canvas, figure->who, path);
    sq_picture_close(&picture);
    return status;
}

#endif
