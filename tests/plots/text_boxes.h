/* Do texts of a drawn picture overlap or leave it? By the boxes that it notes. Before it:
 * cmocka.h and what that needs. */
#ifndef TEXT_BOXES_H
#define TEXT_BOXES_H

#include <math.h>

#include "picture.h"

/* How far two boxes overlap; below 0: apart. */
static inline double overlap(const sq_text_box *a, const sq_text_box *b)
{
    double x = fmin(a->right, b->right) - fmax(a->left, b->left);
    double y = fmin(a->bottom, b->bottom) - fmax(a->top, b->top);
    return fmin(x, y);
}

/* How many do, each told; the fourth is the last. */
static inline int faults_of(const sq_picture *p, const char *name)
{
    int faults = 0;
    for (seqnn_size i = 0; i < p->box_count && faults < 4; i++) {
        const sq_text_box *a = &p->boxes[i];
        if (*a->text == '\0')
            continue;
        /* Written so that a box that is not a number is a fault. */
        if (!(a->left >= 0 && a->top >= 0 && a->right <= p->width &&
              a->bottom <= p->height)) {
            print_error("%s: '%s' leaves the picture: %.0f to %.0f, %.0f to %.0f\n", name,
                        a->text, a->left, a->right, a->top, a->bottom);
            faults++;
        }
        for (seqnn_size j = 0; j < i && faults < 3; j++) {
            const sq_text_box *b = &p->boxes[j];
            if (*b->text != '\0' && overlap(a, b) > 0.01) {
                print_error("%s: '%s' and '%s' overlap by %.1f\n", name, b->text, a->text,
                            overlap(a, b));
                faults++;
            }
        }
    }
    return faults;
}

#endif
