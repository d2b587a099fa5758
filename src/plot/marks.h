/* plot/marks.h - what axes hold, and how a kind of mark is written (private)
 *
 * A mark (a line, bars, a heat map, ...) is a struct that begins with sq_mark, made by
 * sq_axes_add, with a table of functions that say what it needs and how it is drawn. It
 * copies what it needs by sq_axes_keep...; all of it is freed with the figure. What a
 * mark asks of its axes (names instead of numbers, a colour bar) it writes into them when
 * it is added. Where the axes lie is decided when the figure is saved; then all marks are
 * drawn, layer by layer.
 */
#ifndef SQ_MARKS_H
#define SQ_MARKS_H
#ifdef SEQNN_PLOT

#include "figure.h"
#include "heatmap.h"
#include "picture.h"

/* The range of all points on the axes' scale (log10 on a log axis). low > high: none. */
typedef struct sq_range {
    double x_low, x_high, y_low, y_high;
    bool fractions;      /* some x is no whole number */
    bool x_zero, y_zero; /* 0 is an edge: bars stand on it */
    bool tight;          /* the axes end where the range does */
} sq_range;

typedef enum sq_layer {
    SQ_LAYER_FILL, /* bars, bands, cells */
    SQ_LAYER_LINE,
    SQ_LAYER_POINT,
    SQ_LAYER_TEXT, /* what stands at its place: the numbers of bars and cells */
    SQ_LAYER_NOTE, /* what is said about the data */
    SQ_LAYER_WORD, /* names of points, of which some find no room */
    SQ_LAYERS
} sq_layer;

typedef struct sq_mark sq_mark;

/* A function that is NULL has nothing to do. */
typedef struct sq_mark_kind {
    /* Widens the range, by sq_range_point. */
    void (*range)(const sq_mark *mark, const seqnn_axes *axes, sq_range *range);
    /* Draws what belongs to the layer; may leave the canvas clipped. */
    void (*draw)(const sq_mark *mark, const seqnn_axes *axes, sq_picture *picture,
                 sq_layer layer);
    /* Does anything of it lie in the rectangle (left, top, right, bottom)? The legend
     * looks for a free place. NULL: it is nowhere in the way. */
    bool (*covers)(const sq_mark *mark, const seqnn_axes *axes, const double box[4]);
    /* Draws its sample in the legend, SQ_SAMPLE wide, from x on, its middle at y. */
    void (*sample)(const sq_mark *mark, sq_picture *picture, double x, double y);
} sq_mark_kind;

#define SQ_SAMPLE 26.0

struct sq_mark {
    const sq_mark_kind *kind;
    sq_mark *next;
    const char *label; /* in the legend, or NULL */
};

/* Names at 0, 1, ..., count - 1 in place of numbers; names NULL: these numbers, one
 * for each place as far as there is room. count 0: an axis of numbers. */
typedef struct sq_axis_names {
    const char *const *names;
    seqnn_size count;
} sq_axis_names;

typedef struct sq_colour_bar {
    bool shown;
    seqnn_colour_map map;
    bool log; /* low, high and what is between them are log10 of the values */
    double low, high;
    const char *label;
} sq_colour_bar;

/* The space that texts take around a frame, decided when the figure is drawn. */
typedef struct sq_places {
    double left, top, right, bottom; /* space that texts take beside the frame */
    double heading, power, legend;   /* parts of the top, from the frame upwards: */
    double names;                    /* names on top, legend, power, heading */
    double spare;                    /* on both sides of a frame of an aspect */
    double x_room, y_room;           /* of names and numbers, across the frame */
    bool upright;                    /* names below stand upright */
    bool boxed;                      /* the legend is a box inside */
    double legend_size;              /* of its text */
    double wide, high;               /* the place that an aspect lets no frame fill */
} sq_places;

struct seqnn_axes {
    seqnn_figure *figure;
    seqnn_axes *next;
    seqnn_axes_options options; /* texts are the figure's copies */
    seqnn_size row, column, row_span, column_span;
    sq_mark *marks, *last;
    seqnn_size series;  /* how many lines, bars, ... were added */
    seqnn_size colours; /* how many of the palette they were given */

    /* What marks ask for. */
    sq_axis_names x_names, y_names;
    sq_colour_bar bar;
    bool bare;         /* neither frame nor ticks: a diagram, a word cloud */
    bool names_on_top; /* those of the columns, and their label */
    bool table;        /* cells fill the frame: no grid, no ticks */
    double aspect;     /* length of a unit of y over one of x; 0: any */
    double largest;    /* the most units that 1 on an axis may take; 0: any */

    /* Decided when the figure is drawn (layout.h): the frame in units, and the axes. */
    double left, top, right, bottom;
    sq_axis x, y;
    sq_places places;
};

/* seqnn_figure_new; `who` begins the sentences of its errors. */
SQ_LOCAL seqnn_figure *sq_figure_new(const char *who, seqnn_figure_options options);

/* A zeroed mark of `size` bytes at the end of the axes' list. NULL: the axes are NULL or
 * the figure is in error. */
SQ_LOCAL sq_mark *sq_axes_add(seqnn_axes *axes, const sq_mark_kind *kind,
                              seqnn_size size);
/* Copies that live as long as the figure. NULL without memory (the figure is in error
 * then) and for NULL. A name that is NULL becomes "". */
SQ_LOCAL void *sq_axes_keep(seqnn_axes *axes, const void *source, seqnn_size count,
                            seqnn_size size);
SQ_LOCAL const char *sq_axes_keep_text(seqnn_axes *axes, const char *text);
SQ_LOCAL const char *const *sq_axes_keep_names(seqnn_axes *axes, const char *const *names,
                                               seqnn_size count);
/* Puts the figure in error, for good, if it is not yet: "who: sentence". Gives the
 * figure's first status. */
SQ_LOCAL seqnn_status sq_axes_fail(seqnn_axes *axes, seqnn_status status,
                                   const char *format, ...) SQ_PRINTF(3, 4);
/* SEQNN_OK, or why the figure does nothing more. */
SQ_LOCAL seqnn_status sq_axes_status(const seqnn_axes *axes);

/* The colour that was given, or the next of the palette. */
SQ_LOCAL sq_colour sq_axes_colour(seqnn_axes *axes, uint32_t given);

/* The range of no point, which every other one widens. */
SQ_LOCAL sq_range sq_range_none(void);
/* Widens the range by another one, which a mark has found once. */
SQ_LOCAL void sq_range_merge(sq_range *range, const sq_range *other);
/* Includes a point if it has a place on the axes; NaN for x or y: only the other counts.
 */
SQ_LOCAL void sq_range_point(sq_range *range, const seqnn_axes *axes, double x, double y);

/* Where a value lies, in units; NaN if it has no place. */
SQ_LOCAL double sq_axes_x(const seqnn_axes *axes, double value);
SQ_LOCAL double sq_axes_y(const seqnn_axes *axes, double value);

/* Draws the figure, ready to be written or looked into: the caller closes the picture. */
SQ_LOCAL seqnn_status sq_figure_draw(seqnn_figure *figure, sq_picture *picture);

/* --- pieces that several kinds share --- */

/* A mark's symbol of about `size` units around (x, y), in the mask. */
SQ_LOCAL void sq_marker_shape(sq_canvas *canvas, seqnn_marker marker, double x, double y,
                              double size);
/* A line, dashed or not, in the mask. `travelled` (0 at first) carries the dashes on. */
SQ_LOCAL void sq_pen_line(sq_canvas *canvas, seqnn_line line, double *travelled,
                          double x0, double y0, double x1, double y1, double width);

#endif
#endif
