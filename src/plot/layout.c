/* plot/layout.c - axes in a grid: how large their frames are depends on the texts beside
 * them, and which numbers these are depends on the frames: so it is done a few times. */
#include "layout.h"

#ifdef SEQNN_PLOT

/* Between ticks; small frames have denser ones, so that there are some. */
#define SQ_LAYOUT_X_SPACING 80.0
#define SQ_LAYOUT_Y_SPACING 52.0
#define SQ_LAYOUT_LOG_SPACING 34.0
#define SQ_LAYOUT_DENSE 24.0
#define SQ_LAYOUT_CLOSEST 20.0  /* those of y, where there would be few */
#define SQ_LAYOUT_APART 20.0    /* between the texts of neighbours */
#define SQ_LAYOUT_SMALLEST 16.0 /* a frame's side */

enum { SQ_LAYOUT_PASSES = 4, SQ_LAYOUT_FEW = 4 };

/* The least share of its place that a frame of equal aspect takes up: its shorter axis
 * reaches beyond the data for it. */
#define SQ_LAYOUT_SHARE 0.6

static sq_range sq_layout_range(const seqnn_axes *axes)
{
    sq_range range = sq_range_none();
    for (const sq_mark *mark = axes->marks; mark != NULL; mark = mark->next)
        if (mark->kind->range != NULL)
            mark->kind->range(mark, axes, &range);
    return range;
}

/* Limits of one axis: those given, else 0 where the data stands on it. */
static void sq_layout_fit_axis(sq_axis *axis, sq_axis_names names, double low,
                               double high, double keep_low, double keep_high, bool zero,
                               double length, double spacing)
{
    if (names.count > 0) {
        axis->low = -0.5;
        axis->high = (double)names.count - 0.5;
        axis->ticks = axis->power = 0;
        return;
    }
    if (zero && low >= 0 && isnan(keep_low))
        keep_low = 0;
    if (zero && high <= 0 && isnan(keep_high))
        keep_high = 0;
    sq_axis_fit(axis, low, high, keep_low, keep_high, length, spacing);
}

static double sq_layout_spacing(double usual, double length)
{
    return fmin(usual, fmax(SQ_LAYOUT_DENSE, length / 3.5));
}

static void sq_layout_fit_x(seqnn_axes *axes, const sq_picture *picture,
                            const sq_range *range, double width, double spacing)
{
    static const sq_text number = {SQ_TICK_SIZE, 0, 0, 0, false, false};
    const seqnn_axes_options *o = &axes->options;
    double widest = 0;
    /* Numbers that are wider than usual stand further apart. */
    for (int pass = 0; pass < 3; pass++) {
        spacing = fmax(spacing, widest + 16);
        sq_layout_fit_axis(&axes->x, axes->x_names, range->x_low, range->x_high,
                           sq_axis_given(o->x_min, o->log_x),
                           sq_axis_given(o->x_max, o->log_x), range->x_zero, width,
                           spacing);
        for (int i = 0; i < axes->x.ticks; i++)
            widest = fmax(widest, sq_picture_width(picture, axes->x.text[i], number) +
                                      (axes->x.powers ? SQ_TICK_SIZE : 0));
    }
}

static void sq_layout_fit_y(seqnn_axes *axes, const sq_range *range, double height,
                            double spacing)
{
    const seqnn_axes_options *o = &axes->options;
    sq_layout_fit_axis(&axes->y, axes->y_names, range->y_low, range->y_high,
                       sq_axis_given(o->y_min, o->log_y),
                       sq_axis_given(o->y_max, o->log_y), range->y_zero, height, spacing);
}

/* One axis longer on both sides, but for a limit that is given, so that its range is at
 * least `range`. */
static void sq_layout_lengthen(sq_axis *axis, double range, double given_low,
                               double given_high, double length, double spacing)
{
    double more = range - (axis->high - axis->low);
    double low = axis->low, high = axis->high;
    if (more <= 0 || (!isnan(given_low) && !isnan(given_high)))
        return;
    if (isnan(given_low))
        low -= isnan(given_high) ? more / 2 : more;
    if (isnan(given_high))
        high += isnan(given_low) ? more / 2 : more;
    sq_axis_fit(axis, low, high, low, high, length, spacing);
}

/* With an equal aspect, data along one axis would leave the frame a thin strip. */
static void sq_layout_fill(seqnn_axes *axes)
{
    const seqnn_axes_options *o = &axes->options;
    const double width = axes->places.wide, height = axes->places.high;
    const double columns = axes->x.high - axes->x.low, rows = axes->y.high - axes->y.low;
    double unit;
    if (!o->equal_aspect || axes->table || axes->bare || width <= 0 || height <= 0 ||
        axes->x_names.count > 0 || axes->y_names.count > 0)
        return;
    unit = fmin(width / columns, height / rows);
    sq_layout_lengthen(&axes->x, SQ_LAYOUT_SHARE * fmin(width, height) / unit,
                       sq_axis_given(o->x_min, false), sq_axis_given(o->x_max, false),
                       SQ_LAYOUT_SHARE * fmin(width, height),
                       sq_layout_spacing(SQ_LAYOUT_X_SPACING, width) / 1.5);
    sq_layout_lengthen(&axes->y, SQ_LAYOUT_SHARE * fmin(width, height) / unit,
                       sq_axis_given(o->y_min, false), sq_axis_given(o->y_max, false),
                       SQ_LAYOUT_SHARE * fmin(width, height),
                       sq_layout_spacing(SQ_LAYOUT_Y_SPACING, height) / 1.5);
}

static void sq_layout_fit(seqnn_axes *axes, const sq_picture *picture, double width,
                          double height)
{
    const bool log = axes->options.log_y;
    const sq_range range = sq_layout_range(axes);
    const double x = sq_layout_spacing(SQ_LAYOUT_X_SPACING, width);
    const double y =
        sq_layout_spacing(log ? SQ_LAYOUT_LOG_SPACING : SQ_LAYOUT_Y_SPACING, height);
    axes->x.log = axes->options.log_x;
    axes->y.log = log;
    axes->x.whole = !range.fractions && !axes->x.log;
    axes->x.tight = axes->y.tight = range.tight;
    /* Where steps of 1, 2 or 5 leave few ticks, more of them stand closer. */
    sq_layout_fit_x(axes, picture, &range, width, x);
    if (axes->x.ticks < SQ_LAYOUT_FEW)
        sq_layout_fit_x(axes, picture, &range, width, x / 2);
    sq_layout_fit_y(axes, &range, height, y);
    if (axes->y.ticks < SQ_LAYOUT_FEW)
        sq_layout_fit_y(axes, &range, height, fmin(y, fmax(SQ_LAYOUT_CLOSEST, y / 2)));
    for (double close = 14; axes->y.ticks < 2 && axes->y_names.count == 0 && close > 5;
         close -= 4) /* one number alone is no scale */
        sq_layout_fit_y(axes, &range, height, close);
    sq_layout_fill(axes);
}

/* Frames of an aspect give up what they have too much, on both sides or below. */
static void sq_layout_shape(seqnn_axes *axes, const sq_picture *picture)
{
    double width = axes->right - axes->left, height = axes->bottom - axes->top;
    double columns = axes->x.high - axes->x.low, rows = axes->y.high - axes->y.low;
    double unit, wide, tall, names;
    if (axes->aspect <= 0 || width <= 0 || height <= 0)
        return;
    unit = fmin(width / columns, height / (rows * axes->aspect));
    if (axes->largest > 0)
        unit = fmin(unit, axes->largest);
    tall = unit * axes->aspect;
    /* Somewhat wider than high, if the names then need not stand upright. */
    names = sq_frame_widest(picture, axes->x_names, 1) + 8.5;
    if (axes->x_names.names != NULL && names > unit && names <= 1.6 * tall)
        unit = fmin(names, width / columns);
    /* A row or column of very many cells cannot be seen if these are square. */
    wide = fmax(unit * columns, fmin(width, SQ_LAYOUT_SMALLEST));
    tall = fmax(tall * rows, fmin(height, SQ_LAYOUT_SMALLEST));
    axes->places.spare = fmax(0, floor((width - wide) / 2));
    axes->left += axes->places.spare;
    axes->right = axes->left + wide;
    axes->bottom = axes->top + tall;
}

/* Widths of the grid's columns, or heights of its rows, and where they begin. */
typedef struct sq_layout_line {
    double before[SQ_FIGURE_GRID], after[SQ_FIGURE_GRID]; /* texts beside the frames */
    double begin[SQ_FIGURE_GRID], size[SQ_FIGURE_GRID];   /* of the frames */
} sq_layout_line;

static void sq_layout_share(sq_layout_line *line, seqnn_size count,
                            const seqnn_real *shares, double from, double to)
{
    double room = to - from - SQ_LAYOUT_APART * (double)(count - 1), sum = 0;
    for (seqnn_size i = 0; i < count; i++) {
        room -= line->before[i] + line->after[i];
        sum += shares != NULL ? (double)shares[i] : 1;
    }
    for (seqnn_size i = 0; i < count; i++) {
        /* Whole units: lines of neighbouring frames meet on the same pixels. */
        line->begin[i] = ceil(from + line->before[i]);
        line->size[i] = floor(room * (shares != NULL ? (double)shares[i] : 1) / sum);
        from += line->before[i] + room * (shares != NULL ? (double)shares[i] : 1) / sum +
                line->after[i] + SQ_LAYOUT_APART;
    }
}

static void sq_layout_place(seqnn_figure *figure, const sq_picture *picture)
{
    const seqnn_figure_options *o = &figure->options;
    sq_layout_line columns, rows;
    double top = SQ_MARGIN + (o->title != NULL ? SQ_TITLE_SIZE + 10 : 0);
    memset(&columns, 0, sizeof columns);
    memset(&rows, 0, sizeof rows);
    for (const seqnn_axes *axes = figure->axes; axes != NULL; axes = axes->next) {
        const sq_places *p = &axes->places;
        seqnn_size right = axes->column + axes->column_span - 1;
        seqnn_size low = axes->row + axes->row_span - 1;
        columns.before[axes->column] = fmax(columns.before[axes->column], p->left);
        columns.after[right] = fmax(columns.after[right], p->right);
        rows.before[axes->row] = fmax(rows.before[axes->row], p->top);
        rows.after[low] = fmax(rows.after[low], p->bottom);
    }
    sq_layout_share(&columns, o->columns, o->column_widths, SQ_MARGIN,
                    picture->width - SQ_MARGIN);
    sq_layout_share(&rows, o->rows, o->row_heights, top, picture->height - SQ_MARGIN);
    for (seqnn_axes *axes = figure->axes; axes != NULL; axes = axes->next) {
        seqnn_size right = axes->column + axes->column_span - 1;
        seqnn_size low = axes->row + axes->row_span - 1;
        axes->left = columns.begin[axes->column];
        axes->right = columns.begin[right] + columns.size[right];
        axes->top = rows.begin[axes->row];
        axes->bottom = rows.begin[low] + rows.size[low];
        /* Labels of axes in a column stand in line. */
        axes->places.left = columns.before[axes->column];
        axes->places.right = columns.after[right];
        axes->places.wide = axes->right - axes->left;
        axes->places.high = axes->bottom - axes->top;
        sq_layout_shape(axes, picture);
    }
}

static void sq_layout_pass(seqnn_figure *figure, const sq_picture *picture, int pass)
{
    const double columns = (double)figure->options.columns;
    const double rows = (double)figure->options.rows;
    for (seqnn_axes *axes = figure->axes; axes != NULL; axes = axes->next) {
        sq_places *p = &axes->places;
        double width = pass > 0
                           ? axes->right - axes->left
                           : picture->width * (double)axes->column_span / columns - 100;
        double height = pass > 0 ? axes->bottom - axes->top
                                 : picture->height * (double)axes->row_span / rows - 80;
        sq_layout_fit(axes, picture, fmax(width, 1), fmax(height, 1));
        sq_frame_measure(axes, picture, width, height);
        if (pass == 1)
            sq_legend_choose(axes, picture);
        p->legend = pass > 0 ? sq_legend_height(axes, picture) : 0;
        p->top = p->heading + p->power + p->legend + p->names;
    }
    sq_layout_place(figure, picture);
}

seqnn_status sq_layout(seqnn_figure *figure, const sq_picture *picture)
{
    bool moved = false;
    for (int pass = 0; pass < SQ_LAYOUT_PASSES; pass++)
        sq_layout_pass(figure, picture, pass);
    /* Where the legends of neighbours have taken the free corner, it stands above. */
    for (seqnn_axes *axes = figure->axes; axes != NULL; axes = axes->next) {
        if (axes->places.boxed && !sq_legend_fits(axes, picture)) {
            axes->places.boxed = false;
            moved = true;
        }
    }
    for (int pass = 2; moved && pass < SQ_LAYOUT_PASSES; pass++)
        sq_layout_pass(figure, picture, pass);
    for (const seqnn_axes *axes = figure->axes; axes != NULL; axes = axes->next)
        if (axes->right - axes->left < SQ_LAYOUT_SMALLEST ||
            axes->bottom - axes->top < SQ_LAYOUT_SMALLEST)
            return sq_fail(SEQNN_ERROR_SHAPE,
                           "%s: %td x %td axes and their texts have no room in %g x %g "
                           "units: make it larger",
                           figure->who, figure->options.rows, figure->options.columns,
                           picture->width, picture->height);
    return SEQNN_OK;
}

#endif
