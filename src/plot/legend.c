/* plot/legend.c - which mark means what: a box in a free corner, or rows above */
#include "layout.h"

#ifdef SEQNN_PLOT

#define SQ_LEGEND_USUAL 12.0 /* size of the text */
#define SQ_LEGEND_SMALL 10.0 /* where it would otherwise not be whole */
#define SQ_LEGEND_LINES 1.6  /* a row's height over the text's */
#define SQ_LEGEND_GAP 7.0    /* from the sample to the label */
#define SQ_LEGEND_APART 14.0 /* from a label to the next sample */
#define SQ_LEGEND_PAD 9.0
#define SQ_LEGEND_INSET 12.0 /* from the box to the frame */

enum { SQ_LEGEND_ROWS = 8, SQ_LEGEND_BOXED = 8, SQ_LEGEND_COLUMNS = 16 };

static sq_text sq_legend_text(double size)
{
    sq_text how = {0, 0, 0, SQ_INK, true, false};
    how.size = size;
    return how;
}

/* Of a mark's sample and label. */
static double sq_legend_width(const sq_picture *picture, const sq_mark *mark, double size)
{
    return SQ_SAMPLE + SQ_LEGEND_GAP +
           sq_picture_width(picture, mark->label, sq_legend_text(size));
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

static seqnn_size sq_legend_labels(const seqnn_axes *axes)
{
    const sq_mark *mark = sq_legend_first(axes);
    seqnn_size labels = 0;
    for (; mark != NULL; mark = sq_legend_next(mark->next))
        labels++;
    return labels;
}

static void sq_legend_entry(const sq_mark *mark, sq_picture *picture, double x, double y,
                            double size, double width)
{
    sq_text how = sq_legend_text(size);
    how.width = width > 0 ? fmax(width - SQ_SAMPLE - SQ_LEGEND_GAP, 1) : 0;
    mark->kind->sample(mark, picture, x, y);
    sq_picture_text_middle(picture, x + SQ_SAMPLE + SQ_LEGEND_GAP, y, mark->label, how);
}

/* --- rows above the frame --- */

typedef struct sq_legend_table {
    seqnn_size rows, columns;
    double widths[SQ_LEGEND_COLUMNS]; /* of the columns, with the space behind them */
    bool whole;                       /* every label has a place */
} sq_legend_table;

/* Widths of the columns when there are so many of them; their sum. */
static double sq_legend_columns(const seqnn_axes *axes, const sq_picture *picture,
                                double size, seqnn_size columns, double *widths)
{
    const sq_mark *mark = sq_legend_first(axes);
    double sum = 0;
    for (seqnn_size i = 0; i < columns; i++)
        widths[i] = 0;
    for (seqnn_size i = 0; mark != NULL; mark = sq_legend_next(mark->next), i++)
        widths[i % columns] = fmax(
            widths[i % columns], sq_legend_width(picture, mark, size) + SQ_LEGEND_APART);
    for (seqnn_size i = 0; i < columns; i++)
        sum += widths[i];
    return sum;
}

/* As few rows as the frame's width allows. */
static sq_legend_table sq_legend_arrange(const seqnn_axes *axes,
                                         const sq_picture *picture, double size)
{
    const double width = axes->right - axes->left;
    const double height = axes->bottom - axes->top + axes->places.legend;
    /* The larger part of the axes is the lines'. */
    seqnn_size most =
        sq_min(SQ_LEGEND_ROWS, (seqnn_size)(0.38 * height / (SQ_LEGEND_LINES * size)));
    seqnn_size labels = sq_legend_labels(axes);
    sq_legend_table table;
    table.columns = sq_min(labels, SQ_LEGEND_COLUMNS);
    while (table.columns > 1 &&
           sq_legend_columns(axes, picture, size, table.columns, table.widths) -
                   SQ_LEGEND_APART >
               width)
        table.columns--;
    if (table.columns == 1)
        table.widths[0] =
            fmin(sq_legend_columns(axes, picture, size, 1, table.widths), width);
    table.rows = labels == 0 ? 0 : (labels + table.columns - 1) / table.columns;
    table.whole = table.rows <= most;
    table.rows = sq_max(0, sq_min(table.rows, most));
    if (table.rows * table.columns < sq_min(2, labels))
        table.rows = 0; /* "and 5 more" alone tells nothing */
    return table;
}

double sq_legend_height(const seqnn_axes *axes, const sq_picture *picture)
{
    const double size = axes->places.legend_size;
    sq_legend_table table;
    if (axes->places.boxed || size == 0)
        return 0;
    table = sq_legend_arrange(axes, picture, size);
    return table.rows == 0 ? 0 : (double)table.rows * SQ_LEGEND_LINES * size + 4;
}

static void sq_legend_draw_rows(const seqnn_axes *axes, sq_picture *picture)
{
    const double size = axes->places.legend_size, row = SQ_LEGEND_LINES * size;
    const sq_legend_table table = sq_legend_arrange(axes, picture, size);
    const seqnn_size labels = sq_legend_labels(axes), places = table.rows * table.columns;
    const sq_mark *mark = sq_legend_first(axes);
    double top = axes->top - axes->places.names - axes->places.legend, x = axes->left;
    for (seqnn_size i = 0; mark != NULL && i < places; i++) {
        const seqnn_size column = i % table.columns;
        const double y = top + ((double)(i / table.columns) + 0.5) * row;
        x = column == 0 ? axes->left : x;
        if (i + 1 == places && labels > places) {
            /* The last place says how many are missing. */
            sq_text how = sq_legend_text(size);
            char more[48];
            snprintf(more, sizeof more, "and %td more", labels - i);
            how.colour = SQ_FAINT;
            how.width = axes->right - x;
            sq_picture_text_middle(picture, x, y, more, how);
            return;
        }
        sq_legend_entry(mark, picture, x, y, size, axes->right - x);
        x += table.widths[column];
        mark = sq_legend_next(mark->next);
    }
}

/* --- a box inside --- */

/* The box (left, top, right, bottom) in the first corner that is free. None is, or it is
 * too large: false, and the box in the upper right. */
static bool sq_legend_find_box(const seqnn_axes *axes, const sq_picture *picture,
                               double size, double box[4])
{
    /* The corners, the middle of both sides, and upper right once more. */
    static const double places[7][2] = {{1, 0},   {0, 0},   {1, 1}, {0, 1},
                                        {1, 0.5}, {0, 0.5}, {1, 0}};
    const seqnn_size labels = sq_legend_labels(axes);
    double width, height, room_x, room_y, widths[1];
    width = sq_legend_columns(axes, picture, size, 1, widths) - SQ_LEGEND_APART +
            2 * SQ_LEGEND_PAD;
    height = (double)labels * SQ_LEGEND_LINES * size + SQ_LEGEND_PAD;
    room_x = axes->right - axes->left - width - 2 * SQ_LEGEND_INSET;
    room_y = axes->bottom - axes->top - height - 2 * SQ_LEGEND_INSET;
    for (int place = 0; place < 7; place++) {
        double around[4];
        box[0] = axes->left + SQ_LEGEND_INSET + places[place][0] * fmax(room_x, 0);
        box[1] = axes->top + SQ_LEGEND_INSET + places[place][1] * fmax(room_y, 0);
        box[2] = box[0] + width;
        box[3] = box[1] + height;
        for (int i = 0; i < 4; i++)
            around[i] = box[i] + (i < 2 ? -8 : 8);
        if (place < 6 && labels > 0 && labels <= SQ_LEGEND_BOXED &&
            room_x >= 0.45 * width && room_y >= 0.3 * height &&
            !sq_axes_covered(axes, around))
            return true;
    }
    return false;
}

bool sq_legend_fits(const seqnn_axes *axes, const sq_picture *picture)
{
    double box[4];
    return sq_legend_find_box(axes, picture, axes->places.legend_size, box);
}

static void sq_legend_draw_box(const seqnn_axes *axes, sq_picture *picture)
{
    const double size = axes->places.legend_size;
    sq_canvas *canvas = &picture->canvas;
    const sq_mark *mark = sq_legend_first(axes);
    double box[4], y;
    sq_legend_find_box(axes, picture, size, box);
    sq_canvas_rectangle(canvas, box[0], box[1], box[2], box[3]);
    sq_canvas_paint(canvas, 0xFFFFFFu, 1);
    sq_canvas_outline(canvas, box[0], box[1], box[2], box[3], 0.8);
    sq_canvas_paint(canvas, 0xCFCFCFu, 1);
    sq_picture_reserve(picture, box[0], box[1], box[2], box[3]);
    y = box[1] + (SQ_LEGEND_PAD + SQ_LEGEND_LINES * size) / 2;
    for (; mark != NULL; mark = sq_legend_next(mark->next)) {
        sq_legend_entry(mark, picture, box[0] + SQ_LEGEND_PAD, y, size, 0);
        y += SQ_LEGEND_LINES * size;
    }
}

/* --- which --- */

void sq_legend_choose(seqnn_axes *axes, const sq_picture *picture)
{
    static const double sizes[] = {SQ_LEGEND_USUAL, SQ_LEGEND_SMALL};
    sq_places *p = &axes->places;
    p->boxed = false;
    p->legend_size = 0;
    if (sq_legend_first(axes) == NULL)
        return;
    for (int i = 0; i < 2; i++) {
        double box[4];
        p->legend_size = sizes[i];
        p->boxed = sq_legend_find_box(axes, picture, sizes[i], box);
        if (p->boxed || sq_legend_arrange(axes, picture, sizes[i]).whole)
            return;
    }
}

void sq_legend_draw(const seqnn_axes *axes, sq_picture *picture)
{
    if (axes->places.boxed)
        sq_legend_draw_box(axes, picture);
    else if (axes->places.legend > 0)
        sq_legend_draw_rows(axes, picture);
}

#endif
