/* plot/picture.h - a canvas with text, and where each text stands (private)
 *
 * All positions are in units, y down.
 */
#ifndef SQ_PICTURE_H
#define SQ_PICTURE_H
#ifdef SEQNN_PLOT

#include "axis.h"
#include "canvas.h"
#include "colours.h"
#include "font.h"

/* Sizes of text and the space around it. */
#define SQ_TITLE_SIZE 16.0
#define SQ_HEADING_SIZE 14.0 /* the title of one pair of axes of several */
#define SQ_LABEL_SIZE 13.0
#define SQ_TICK_SIZE 11.5
#define SQ_MARGIN 16.0

/* The rectangle that a text covers, for placing the next one and for tests. */
typedef struct sq_text_box {
    double left, top, right, bottom;
    char text[32]; /* how it begins; "" for a place that is reserved, not written */
} sq_text_box;

typedef struct sq_picture {
    sq_canvas canvas;
    sq_font *font;
    double width, height;
    sq_text_box *boxes;
    seqnn_size box_count, box_room;
    seqnn_status status; /* SEQNN_ERROR_MEMORY when a box could not be noted */
} sq_picture;

/* Zero width, height or scale mean 800, 600 and 1; font NULL: as sq_font_open. */
SQ_LOCAL seqnn_status sq_picture_open(sq_picture *picture, const char *who,
                                      seqnn_size width, seqnn_size height,
                                      seqnn_size scale, const char *font);
SQ_LOCAL void sq_picture_close(sq_picture *picture);

/* How text is set. */
typedef struct sq_text {
    double size;
    double anchor; /* what of it stands at (x, y): 0 its left end, 0.5, 1 its right end */
    double width;  /* longer text is shortened to it; 0: never */
    sq_colour colour; /* 0 is black */
    bool math;        /* $h_t$ is markup; otherwise every character means itself */
    bool upwards;     /* turned a quarter to the left: from bottom to top */
} sq_text;

/* Draws text, NULL for none, its base line at (x, y), and notes its box. */
SQ_LOCAL void sq_picture_text(sq_picture *picture, double x, double y, const char *text,
                              sq_text how);
/* The same with the text's middle, by the height of capitals, at y (upwards: at x). */
SQ_LOCAL void sq_picture_text_middle(sq_picture *picture, double x, double y,
                                     const char *text, sq_text how);
/* Width that it would take; 0 for NULL. */
SQ_LOCAL double sq_picture_width(const sq_picture *picture, const char *text,
                                 sq_text how);
/* The same in letters small enough for its width, though not below those of ticks. */
SQ_LOCAL sq_text sq_picture_shrunk(const sq_picture *picture, const char *text,
                                   sq_text how);
/* Notes a rectangle that no text may come into that looks for a place. */
SQ_LOCAL void sq_picture_reserve(sq_picture *picture, double left, double top,
                                 double right, double bottom);
/* Does the rectangle leave the picture or touch what was noted before? */
SQ_LOCAL bool sq_picture_taken(const sq_picture *picture, double left, double top,
                               double right, double bottom);

/* 10 to a power, a tick of a log axis or, behind a times sign, what all ticks have in
 * common. Its width. */
SQ_LOCAL double sq_picture_power(sq_picture *picture, double x, double y, double anchor,
                                 const char *mantissa, const char *power);
SQ_LOCAL double sq_picture_power_width(const sq_picture *picture, const char *mantissa,
                                       const char *power);

#endif
#endif
