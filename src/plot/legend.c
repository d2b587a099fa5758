/* plot/legend.c - which mark means what: a box in a free corner, or rows above */
#include "layout.h"

#ifdef SEQNN_PLOT

#define SQ_LEGEND_SIZE 12.0
#define SQ_LEGEND_ROW 19.0
#define SQ_LEGEND_GAP 7.0 /* from the sample to the label */
#define SQ_LEGEND_PAD 9.0
#define SQ_LEGEND_INSET 12.0 /* from the box to the frame */

enum { SQ_LEGEND_ROWS = 4, SQ_LEGEND_BOXED = 8 };

static const sq_text sq_legend_text = {SQ_LEGEND_SIZE, 0, 0, SQ_INK, true, false};

static double sq_legend_width(const sq_picture *picture, const sq_mark *mark)
{
    return SQ_SAMPLE + SQ_LEGEND_GAP +
           sq_picture_width(picture, mark->label, sq_legend_text);
}

/* The marks that the legend names, from this one on. */
static const sq_mark *sq_legend_next(const sq_mark *mark)
{
    while (mark != NULL && (mark->label == NULL || mark->kind->sample == NULL))
        mark = mark->next;
    return mark;
}

static const sq_mark *sq_legend_first(const seqnn_axes *axes)
{
    return axes->options.no_legend ? NULL : sq_legend_next(axes->marks);
}

/* How many labels, and how wide they are, with sample: together and at most. */
typedef struct sq_legend_size {
    seqnn_size labels;
    double total, widest;
} sq_legend_size;

static sq_legend_size sq_legend_measure(const seqnn_axes *axes, const sq_picture *picture)
{
    sq_legend_size size = {0, 0, 0};
    const sq_mark *mark = sq_legend_first(axes);
    for (; mark != NULL; mark = sq_legend_next(mark->next)) {
        double width = sq_legend_width(picture, mark);
        size.labels++;
        size.total += width + 2 * SQ_LEGEND_GAP;
        size.widest = fmax(size.widest, width);
    }
    return size;
}

static void sq_legend_entry(const sq_mark *mark, sq_picture *picture, double x, double y,
                            double width)
{
    sq_text how = sq_legend_text;
    how.width = width > 0 ? fmax(width - SQ_SAMPLE - SQ_LEGEND_GAP, 1) : 0;
    mark->kind->sample(mark, picture, x, y);
    sq_picture_text_middle(picture, x + SQ_SAMPLE + SQ_LEGEND_GAP, y, mark->label, how);
}

/* --- rows above the frame --- */

/* One row as it comes, or several in columns of the same width. */
typedef struct sq_legend_table {
    seqnn_size rows, columns;
    double column; /* width; 0: as it comes */
} sq_legend_table;

static sq_legend_table sq_legend_arrange(const sq_legend_size *size, double width,
                                         double height)
{
    /* The larger part of the axes is the lines'. */
    seqnn_size most = sq_min(SQ_LEGEND_ROWS, (seqnn_size)(0.36 * height / SQ_LEGEND_ROW));
    sq_legend_table table = {1, size->labels, 0};
    if (size->total - 2 * SQ_LEGEND_GAP > width) {
        double entry = size->widest + 2 * SQ_LEGEND_GAP;
        table.columns = sq_max(1, (seqnn_size)floor(width / entry));
        table.rows = (size->labels + table.columns - 1) / table.columns;
        table.column = fmin(entry, width);
    }
    table.rows = sq_max(0, sq_min(table.rows, most));
    if (table.rows * table.columns < sq_min(2, size->labels))
        table.rows = 0; /* "and 5 more" alone tells nothing */
    return table;
}

double sq_legend_height(const seqnn_axes *axes, const sq_picture *picture, double width,
                        double height)
{
    sq_legend_size size = sq_legend_measure(axes, picture);
    double all = height + axes->places.legend;
    sq_legend_table table = sq_legend_arrange(&size, width, all);
    return size.labels == 0 || table.rows == 0 ? 0
                                               : (double)table.rows * SQ_LEGEND_ROW + 4;
}

static void sq_legend_draw_rows(const seqnn_axes *axes, sq_picture *picture)
{
    sq_legend_size size = sq_legend_measure(axes, picture);
    double width = axes->right - axes->left;
    sq_legend_table table =
        sq_legend_arrange(&size, width, axes->bottom - axes->top + axes->places.legend);
    const sq_mark *mark = sq_legend_first(axes);
    double top = axes->top - axes->places.legend, x = axes->left;
    seqnn_size places = table.rows * table.columns;
    for (seqnn_size i = 0; mark != NULL && i < places; i++) {
        double y = top + ((double)(i / table.columns) + 0.5) * SQ_LEGEND_ROW;
        if (table.column > 0)
            x = axes->left + (double)(i % table.columns) * table.column;
        if (i + 1 == places && size.labels > places) {
            /* The last place says how many are missing. */
            sq_text how = sq_legend_text;
            char more[48];
            snprintf(more, sizeof more, "and %td more", size.labels - i);
            how.colour = SQ_FAINT;
            how.width = table.column;
            sq_picture_text_middle(picture, x, y, more, how);
            return;
        }
        sq_legend_entry(
            mark, picture, x, y,
            table.column > 0 ? fmin(table.column - SQ_LEGEND_GAP, axes->right - x) : 0);
        x += sq_legend_width(picture, mark) + 2 * SQ_LEGEND_GAP;
        mark = sq_legend_next(mark->next);
    }
}

/* --- a box inside --- */

/* The box (left, top, right, bottom) in the first corner that is free; false, and the
 * last place, if none is. */
static bool sq_legend_find_box(const seqnn_axes *axes, const sq_picture *picture,
                               double box[4])
{
    /* The corners, the middle of both sides; upper right once more when none is free. */
    static const double places[7][2] = {{1, 0},   {0, 0},   {1, 1}, {0, 1},
                                        {1, 0.5}, {0, 0.5}, {1, 0}};
    sq_legend_size size = sq_legend_measure(axes, picture);
    double width = size.widest + 2 * SQ_LEGEND_PAD;
    double height = (double)size.labels * SQ_LEGEND_ROW + SQ_LEGEND_PAD;
    double room_x = axes->right - axes->left - width - 2 * SQ_LEGEND_INSET;
    double room_y = axes->bottom - axes->top - height - 2 * SQ_LEGEND_INSET;
    if (size.labels == 0 || size.labels > SQ_LEGEND_BOXED || room_x < 0.45 * width ||
        room_y < 0.3 * height)
        return false;
    for (int place = 0; place < 7; place++) {
        double around[4];
        box[0] = axes->left + SQ_LEGEND_INSET + places[place][0] * room_x;
        box[1] = axes->top + SQ_LEGEND_INSET + places[place][1] * room_y;
        box[2] = box[0] + width;
        box[3] = box[1] + height;
        for (int i = 0; i < 4; i++)
            around[i] = box[i] + (i < 2 ? -8 : 8);
        if (!sq_axes_covered(axes, around))
            return true;
    }
    return false;
}

bool sq_legend_fits(const seqnn_axes *axes, const sq_picture *picture)
{
    double box[4];
    return sq_legend_find_box(axes, picture, box);
}

static void sq_legend_draw_box(const seqnn_axes *axes, sq_picture *picture,
                               const double box[4])
{
    sq_canvas *canvas = &picture->canvas;
    const sq_mark *mark = sq_legend_first(axes);
    double y = box[1] + (SQ_LEGEND_PAD + SQ_LEGEND_ROW) / 2;
    sq_canvas_rectangle(canvas, box[0], box[1], box[2], box[3]);
    sq_canvas_paint(canvas, 0xFFFFFFu, 1);
    sq_canvas_hairline(canvas, box[0], box[1], box[2], box[1], 0.8);
    sq_canvas_hairline(canvas, box[0], box[3], box[2], box[3], 0.8);
    sq_canvas_hairline(canvas, box[0], box[1], box[0], box[3], 0.8);
    sq_canvas_hairline(canvas, box[2], box[1], box[2], box[3], 0.8);
    sq_canvas_paint(canvas, 0xCFCFCFu, 1);
    sq_picture_reserve(picture, box[0], box[1], box[2], box[3]);
    for (; mark != NULL; mark = sq_legend_next(mark->next)) {
        sq_legend_entry(mark, picture, box[0] + SQ_LEGEND_PAD, y, 0);
        y += SQ_LEGEND_ROW;
    }
}

void sq_legend_draw(const seqnn_axes *axes, sq_picture *picture)
{
    double box[4];
    if (axes->places.boxed) {
        sq_legend_find_box(axes, picture, box);
        sq_legend_draw_box(axes, picture, box);
    } else if (axes->places.legend > 0) {
        sq_legend_draw_rows(axes, picture);
    }
}

#endif
