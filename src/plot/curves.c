/* plot/curves.c - lines, dashes, markers, legends */
#include "curves.h"

#ifdef SEQNN_PLOT

#define SQ_CURVE_WIDTH 1.9
#define SQ_LEGEND_SIZE 12.0
#define SQ_LEGEND_ROW 19.0
#define SQ_LEGEND_SAMPLE 26.0 /* length of the line in front of a label */
#define SQ_LEGEND_GAP 7.0     /* between them */
#define SQ_LEGEND_PAD 9.0
#define SQ_LEGEND_INSET 12.0 /* from the box to the axes */

enum { SQ_LEGEND_ROWS = 4, SQ_LEGEND_BOXED = 8 };

seqnn_plot_series sq_curve_complete(const seqnn_plot_series *series, seqnn_size i)
{
    seqnn_plot_series complete = *series;
    if (complete.colour == 0)
        complete.colour = sq_colour_of_series(i);
    if (complete.line == SEQNN_LINE_DEFAULT)
        complete.line = i < SQ_PALETTE       ? SEQNN_LINE_SOLID
                        : i < 2 * SQ_PALETTE ? SEQNN_LINE_DASHED
                                             : SEQNN_LINE_DOTTED;
    return complete;
}

bool sq_curve_point(const seqnn_plot_series *series, seqnn_size i, bool log_y, double *x,
                    double *y)
{
    *x = series->x != NULL ? (double)series->x[i] : (double)series->x_first + (double)i;
    *y = (double)series->y[i];
    return fabs(*x) < 1e300 && fabs(*y) < 1e300 && !(log_y && !(*y > 0));
}

/* A pen that draws dashes: how long they and the gaps are, and how far it has come. */
typedef struct sq_curve_pen {
    sq_canvas *canvas;
    double dash, gap, travelled;
} sq_curve_pen;

static sq_curve_pen sq_curve_pen_for(sq_canvas *canvas, seqnn_line line)
{
    sq_curve_pen pen = {canvas, 0, 0, 0};
    if (line == SEQNN_LINE_DASHED) {
        pen.dash = 7;
        pen.gap = 5;
    } else if (line == SEQNN_LINE_DOTTED) {
        pen.dash = 0.01;
        pen.gap = 4.5;
    }
    return pen;
}

/* The part of a line inside a rectangle that lies `room` outside the picture: a point
 * that a narrow limit puts a million units away must not be dashed all the way. */
static bool sq_curve_cut(const sq_canvas *canvas, double *x0, double *y0, double *x1,
                         double *y1)
{
    double room = 50, from = 0, to = 1, dx = *x1 - *x0, dy = *y1 - *y0;
    double low[2] = {-room, -room}, start[2] = {*x0, *y0}, step[2] = {dx, dy};
    double high[2] = {canvas->width / canvas->scale + room,
                      canvas->height / canvas->scale + room};
    for (int i = 0; i < 2; i++) {
        double enter, leave;
        if (step[i] == 0) {
            if (start[i] < low[i] || start[i] > high[i])
                return false;
            continue;
        }
        enter = (low[i] - start[i]) / step[i];
        leave = (high[i] - start[i]) / step[i];
        from = fmax(from, fmin(enter, leave));
        to = fmin(to, fmax(enter, leave));
    }
    if (!(from < to || (from <= to && dx == 0 && dy == 0)))
        return false;
    *x1 = start[0] + to * dx;
    *y1 = start[1] + to * dy;
    *x0 = start[0] + from * dx;
    *y0 = start[1] + from * dy;
    return true;
}

static void sq_curve_move(sq_curve_pen *pen, double x0, double y0, double x1, double y1,
                          double width)
{
    double length, period = pen->dash + pen->gap, at = 0;
    if (!sq_curve_cut(pen->canvas, &x0, &y0, &x1, &y1))
        return;
    if (pen->gap == 0) {
        sq_canvas_line(pen->canvas, x0, y0, x1, y1, width);
        return;
    }
    length = sqrt((x1 - x0) * (x1 - x0) + (y1 - y0) * (y1 - y0));
    while (at < length) {
        double phase = fmod(pen->travelled, period), step;
        bool drawing = phase < pen->dash;
        step = fmin(length - at, fmax((drawing ? pen->dash : period) - phase, 1e-3));
        if (drawing)
            sq_canvas_line(pen->canvas, x0 + (x1 - x0) * at / length,
                           y0 + (y1 - y0) * at / length,
                           x0 + (x1 - x0) * (at + step) / length,
                           y0 + (y1 - y0) * (at + step) / length, width);
        at += step;
        pen->travelled += step;
    }
}

static void sq_curve_marker(sq_canvas *canvas, seqnn_marker marker, double x, double y,
                            double size)
{
    double r = 3.6 * size;
    double square[4][2] = {{x - 0.9 * r, y - 0.9 * r},
                           {x + 0.9 * r, y - 0.9 * r},
                           {x + 0.9 * r, y + 0.9 * r},
                           {x - 0.9 * r, y + 0.9 * r}};
    double triangle[3][2] = {
        {x, y - 1.2 * r}, {x + 1.1 * r, y + 0.75 * r}, {x - 1.1 * r, y + 0.75 * r}};
    double diamond[4][2] = {
        {x, y - 1.3 * r}, {x + 1.1 * r, y}, {x, y + 1.3 * r}, {x - 1.1 * r, y}};
    if (marker == SEQNN_MARKER_CIRCLE)
        sq_canvas_disc(canvas, x, y, r);
    else if (marker == SEQNN_MARKER_SQUARE)
        sq_canvas_polygon(canvas, square, 4);
    else if (marker == SEQNN_MARKER_TRIANGLE)
        sq_canvas_polygon(canvas, triangle, 3);
    else if (marker == SEQNN_MARKER_DIAMOND)
        sq_canvas_polygon(canvas, diamond, 4);
}

/* A marker with a thin white rim, so that crossing lines do not swallow it. */
static void sq_curve_rimmed(sq_figure *figure, const seqnn_plot_series *series,
                            seqnn_marker marker, double x, double y)
{
    sq_curve_marker(&figure->canvas, marker, x, y, 1.3);
    sq_canvas_paint(&figure->canvas, 0xFFFFFFu, 1);
    sq_curve_marker(&figure->canvas, marker, x, y, 1);
    sq_canvas_paint(&figure->canvas, series->colour, 1);
}

void sq_curve_draw(sq_figure *figure, const sq_axes *axes,
                   const seqnn_plot_series *series)
{
    sq_curve_pen pen = sq_curve_pen_for(&figure->canvas, series->line);
    double px = 0, py = 0, skip = 0.3 / figure->canvas.scale;
    bool joined = false;
    /* Half the line may lie outside: a line along the limit keeps its width. */
    sq_canvas_clip(&figure->canvas, axes->left - 1, axes->top - 2, axes->right + 1,
                   axes->bottom + 1);
    for (seqnn_size i = 0; series->line != SEQNN_LINE_NONE && i < series->count; i++) {
        double x, y;
        if (!sq_curve_point(series, i, axes->y.log, &x, &y)) {
            joined = false;
            continue;
        }
        x = sq_axes_x(axes, x);
        y = sq_axes_y(axes, y);
        /* Thousands of points to a pixel: those that would not move the pen are left. */
        if (joined && i + 1 < series->count && fabs(x - px) + fabs(y - py) < skip)
            continue;
        if (joined)
            sq_curve_move(&pen, px, py, x, y, SQ_CURVE_WIDTH);
        px = x;
        py = y;
        joined = true;
    }
    sq_canvas_paint(&figure->canvas, series->colour, 1);

    /* Markers may reach over the frame. */
    sq_canvas_unclip(&figure->canvas);
    joined = false;
    for (seqnn_size i = 0; i < series->count; i++) {
        seqnn_marker marker = series->marker;
        double x, y, nx, ny;
        bool here = sq_curve_point(series, i, axes->y.log, &x, &y);
        bool lonely = here && !joined &&
                      (i + 1 == series->count ||
                       !sq_curve_point(series, i + 1, axes->y.log, &nx, &ny));
        joined = here;
        if (marker == SEQNN_MARKER_DEFAULT && (lonely || series->line == SEQNN_LINE_NONE))
            marker = SEQNN_MARKER_CIRCLE;
        if (!here || marker <= SEQNN_MARKER_NONE)
            continue;
        x = sq_axes_x(axes, x);
        y = sq_axes_y(axes, y);
        if (x >= axes->left - 0.5 && x <= axes->right + 0.5 && y >= axes->top - 0.5 &&
            y <= axes->bottom + 0.5)
            sq_curve_rimmed(figure, series, marker, x, y);
    }
}

void sq_curve_reference(sq_figure *figure, double x0, double y0, double x1, double y1)
{
    sq_curve_pen pen = {&figure->canvas, 5, 4, 0};
    double s = figure->canvas.scale;
    /* On the middle of pixels it is as sharp as the grid. */
    if (x0 == x1)
        x0 = x1 = (floor(x0 * s) + 0.5) / s;
    if (y0 == y1)
        y0 = y1 = (floor(y0 * s) + 0.5) / s;
    sq_curve_move(&pen, x0, y0, x1, y1, 1.1);
    sq_canvas_paint(&figure->canvas, SQ_FAINT, 1);
}

/* --- legend --- */

/* A short piece of the line with its marker, its middle at height y. */
static void sq_legend_sample(sq_figure *figure, const seqnn_plot_series *series, double x,
                             double y)
{
    sq_curve_pen pen = sq_curve_pen_for(&figure->canvas, series->line);
    seqnn_marker marker = series->marker;
    if (series->line != SEQNN_LINE_NONE)
        sq_curve_move(&pen, x, y, x + SQ_LEGEND_SAMPLE, y, SQ_CURVE_WIDTH);
    else if (marker == SEQNN_MARKER_DEFAULT)
        marker = SEQNN_MARKER_CIRCLE;
    sq_canvas_paint(&figure->canvas, series->colour, 1);
    if (marker > SEQNN_MARKER_NONE)
        sq_curve_rimmed(figure, series, marker, x + SQ_LEGEND_SAMPLE / 2, y);
}

static void sq_legend_entry(sq_figure *figure, const seqnn_plot_series *series, double x,
                            double y, double width)
{
    sq_legend_sample(figure, series, x, y);
    sq_figure_text(figure, x + SQ_LEGEND_SAMPLE + SQ_LEGEND_GAP,
                   y + SQ_LEGEND_SIZE * SQ_FONT_CAPITALS / 2, SQ_LEGEND_SIZE, 0, width,
                   SQ_INK, series->label);
}

/* Width of one entry with the space behind it; 0 for a series without a label. */
static double sq_legend_width(const sq_figure *figure, const seqnn_plot_series *series)
{
    if (series->label == NULL)
        return 0;
    return SQ_LEGEND_SAMPLE + 3 * SQ_LEGEND_GAP +
           sq_font_width(figure->font, series->label, SQ_LEGEND_SIZE);
}

seqnn_size sq_legend_most(double height)
{
    return sq_max(0, sq_min(SQ_LEGEND_ROWS, (seqnn_size)(0.35 * height / SQ_LEGEND_ROW)));
}

double sq_legend_rows(sq_figure *figure, const seqnn_plot_series *series,
                      seqnn_size count, double left, double right, double bottom,
                      seqnn_size most, bool draw)
{
    double width = right - left, total = 0, widest = 0, x = left;
    seqnn_size labels = 0, columns, rows, shown, drawn = 0;
    for (seqnn_size i = 0; i < count; i++) {
        double entry = sq_legend_width(figure, &series[i]);
        labels += entry > 0;
        total += entry;
        widest = fmax(widest, entry);
    }
    if (labels == 0 || most < 1)
        return 0;
    /* One row as it comes, or several in columns of the same width. */
    columns = total <= width ? labels : sq_max(1, (seqnn_size)floor(width / widest));
    rows = sq_min((labels + columns - 1) / columns, most);
    shown = sq_min(labels, rows * columns);
    if (shown < labels && columns > 1)
        shown--; /* the last place says how many are missing */
    for (seqnn_size i = 0; draw && i < count && drawn < shown; i++) {
        double entry = sq_legend_width(figure, &series[i]);
        double y = bottom - ((double)(rows - drawn / columns) - 0.5) * SQ_LEGEND_ROW;
        if (entry <= 0)
            continue;
        if (total > width)
            x = left + (double)(drawn % columns) * fmin(widest, width);
        sq_legend_entry(figure, &series[i], x, y,
                        right - x - SQ_LEGEND_SAMPLE - SQ_LEGEND_GAP);
        x += entry;
        drawn++;
    }
    if (draw && shown < labels && columns > 1) {
        char more[48];
        snprintf(more, sizeof more, "and %td more", labels - shown);
        sq_figure_text(figure, left + (double)(columns - 1) * widest,
                       bottom - 0.5 * SQ_LEGEND_ROW +
                           SQ_LEGEND_SIZE * SQ_FONT_CAPITALS / 2,
                       SQ_LEGEND_SIZE, 0, 0, SQ_FAINT, more);
    }
    return (double)rows * SQ_LEGEND_ROW + 4;
}

/* Does a series come into the rectangle (left, top, right, bottom)? */
static bool sq_legend_covers(const sq_axes *axes, const seqnn_plot_series *series,
                             const double box[4])
{
    double px = 0, py = 0;
    bool joined = false;
    for (seqnn_size i = 0; i < series->count; i++) {
        double x, y, steps;
        if (!sq_curve_point(series, i, axes->y.log, &x, &y)) {
            joined = false;
            continue;
        }
        x = sq_axes_x(axes, x);
        y = sq_axes_y(axes, y);
        if (!joined || series->line == SEQNN_LINE_NONE) {
            px = x;
            py = y;
        }
        /* Every few units along the line is near enough for a box with a margin. */
        steps = fmin(ceil((fabs(x - px) + fabs(y - py)) / 4), 2000);
        for (double k = 0; k <= steps; k++) {
            double t = steps > 0 ? k / steps : 0;
            double at_x = px + (x - px) * t, at_y = py + (y - py) * t;
            if (at_x > box[0] && at_x < box[2] && at_y > box[1] && at_y < box[3])
                return true;
        }
        px = x;
        py = y;
        joined = true;
    }
    return false;
}

bool sq_legend_box(sq_figure *figure, const sq_axes *axes,
                   const seqnn_plot_series *series, seqnn_size count, bool draw)
{
    /* Upper right, upper left, lower right, lower left, right, left. */
    static const double places[6][2] = {{1, 0}, {0, 0},   {1, 1},
                                        {0, 1}, {1, 0.5}, {0, 0.5}};
    double width = 0, height, room_x, room_y;
    seqnn_size labels = 0;
    for (seqnn_size i = 0; i < count; i++) {
        if (series[i].label != NULL) {
            labels++;
            width =
                fmax(width, sq_font_width(figure->font, series[i].label, SQ_LEGEND_SIZE));
        }
    }
    width += 2 * SQ_LEGEND_PAD + SQ_LEGEND_SAMPLE + SQ_LEGEND_GAP;
    height = (double)labels * SQ_LEGEND_ROW + SQ_LEGEND_PAD;
    room_x = axes->right - axes->left - width - 2 * SQ_LEGEND_INSET;
    room_y = axes->bottom - axes->top - height - 2 * SQ_LEGEND_INSET;
    if (labels == 0 || labels > SQ_LEGEND_BOXED || room_x < 0.45 * width || room_y < 0)
        return false;
    for (int place = 0; place < 6; place++) {
        double left = axes->left + SQ_LEGEND_INSET + places[place][0] * room_x;
        double top = axes->top + SQ_LEGEND_INSET + places[place][1] * room_y;
        double box[4] = {left - 8, top - 8, left + width + 8, top + height + 8};
        bool free = true;
        for (seqnn_size i = 0; free && i < count; i++)
            free = !sq_legend_covers(axes, &series[i], box);
        if (!free)
            continue;
        if (draw) {
            double y = top + SQ_LEGEND_PAD / 2 + SQ_LEGEND_ROW / 2;
            sq_canvas_rectangle(&figure->canvas, left, top, left + width, top + height);
            sq_canvas_paint(&figure->canvas, 0xFFFFFFu, 1);
            sq_canvas_hairline(&figure->canvas, left, top, left + width, top, 0.8);
            sq_canvas_hairline(&figure->canvas, left, top + height, left + width,
                               top + height, 0.8);
            sq_canvas_hairline(&figure->canvas, left, top, left, top + height, 0.8);
            sq_canvas_hairline(&figure->canvas, left + width, top, left + width,
                               top + height, 0.8);
            sq_canvas_paint(&figure->canvas, 0xCFCFCFu, 1);
            for (seqnn_size i = 0; i < count; i++) {
                if (series[i].label == NULL)
                    continue;
                sq_legend_entry(figure, &series[i], left + SQ_LEGEND_PAD, y, 0);
                y += SQ_LEGEND_ROW;
            }
        }
        return true;
    }
    return false;
}

#endif
