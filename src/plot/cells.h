/* plot/cells.h - a table of coloured cells, whatever its numbers mean (private) */
#ifndef SQ_CELLS_H
#define SQ_CELLS_H
#ifdef SEQNN_PLOT

#include "heatmap.h"
#include "marks.h"

enum { SQ_CELLS_MOST = 5000 };

typedef struct sq_cell_text {
    char text[SQ_NUMBER], below[SQ_NUMBER]; /* below: smaller, "": one line */
    bool faint;                             /* nothing to look at */
} sq_cell_text;

typedef struct sq_cells sq_cells;

struct sq_cells {
    sq_mark mark;
    seqnn_size rows, columns;
    const seqnn_real *values; /* [rows, columns]: the colours */
    sq_colour_bar scale;
    bool peaks;
    /* What stands in a cell; NULL: nothing. */
    void (*write)(const sq_cells *cells, seqnn_size row, seqnn_size column,
                  sq_cell_text *text);
    char form; /* of the numbers, as sq_number_text has it */
    int digits;
    const int64_t *counts; /* [rows, columns]; of a confusion matrix */
};

/* 1 to SQ_CELLS_MOST rows and columns, on axes without names of another mark? */
SQ_LOCAL seqnn_status sq_cells_check(seqnn_axes *axes, const void *values,
                                     seqnn_size rows, seqnn_size columns);

/* Adds cells without values and asks the axes for names, and for the bar. */
SQ_LOCAL sq_cells *sq_cells_add(seqnn_axes *axes, seqnn_size rows, seqnn_size columns,
                                const char *const *row_names,
                                const char *const *column_names,
                                const sq_colour_bar *scale);

/* A figure of one pair of axes, and its end: saved if nothing failed, and freed. */
SQ_LOCAL seqnn_figure *sq_cells_figure(const char *who, seqnn_axes **axes,
                                       const char *title, const char *x_label,
                                       const char *y_label, seqnn_size width,
                                       seqnn_size height, seqnn_size scale,
                                       const char *font);
SQ_LOCAL seqnn_status sq_cells_finish(seqnn_figure *figure, const char *path);

/* Place on the scale, in [0, 1]; NaN: none. */
SQ_LOCAL double sq_cells_share(const sq_colour_bar *scale, seqnn_real value);

#endif
#endif
