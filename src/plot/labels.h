/* plot/labels.h - words beside points, none over another (private)
 *
 * Point-feature label placement (Christensen, Marks and Shieber, "An empirical study of
 * algorithms for point-feature label placement", 1995): each label has places around its
 * point, the best that is free is taken, the first labels first. Then, a few times over,
 * a label that found none pushes one neighbour to another place of the neighbour's, and
 * labels move to better places that became free. All positions are in units, y down.
 */
#ifndef SQ_LABELS_H
#define SQ_LABELS_H
#ifdef SEQNN_PLOT

#include "private.h"

/* Beside the point, or further away at the end of a thin line. */
enum { SQ_LABEL_NEAR = 12, SQ_LABEL_RINGS = 3, SQ_LABEL_ANGLES = 16 };
enum { SQ_LABEL_PLACES = SQ_LABEL_NEAR + SQ_LABEL_RINGS * SQ_LABEL_ANGLES };

/* Units between words of one line, more than a space takes. */
#define SQ_LABEL_BESIDE 5.0

/* A disc that no label covers. */
typedef struct sq_spot {
    double x, y, radius;
} sq_spot;

typedef struct sq_label {
    sq_spot spot;         /* what it names, one of the field's spots */
    double width, height; /* of its text */

    int place;     /* 0 <= place < SQ_LABEL_PLACES, or -1: it found none */
    bool hopeless; /* and would find none without the other labels */
    double left, top;
    bool leader; /* a line leads to it */
    double line[4];
} sq_label;

typedef struct sq_label_field {
    double left, top, right, bottom; /* labels stay inside */
    const sq_spot *spots;
    seqnn_size spot_count;
    /* Is the rectangle (left, top, right, bottom) taken by something else? May be NULL.
     */
    bool (*taken)(const void *context, const double box[4]);
    const void *context;
} sq_label_field;

/* The label's box and line at a place. */
SQ_LOCAL void sq_label_move(sq_label *label, int place);

/* Finds a place for as many labels as it can, important ones first in labels[0..count).
 */
SQ_LOCAL seqnn_status sq_labels_place(sq_label *labels, seqnn_size count,
                                      const sq_label_field *field);

#endif
#endif
