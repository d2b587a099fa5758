/* Every picture that a test writes is looked at first: no text overlaps another or leaves
 * it. The program is linked with -Wl,--wrap=sq_png_write. Before it: cmocka.h and what
 * that needs. */
#ifndef WATCHED_PICTURES_H
#define WATCHED_PICTURES_H

#include "png_file.h"
#include "text_boxes.h"

static int watched_faults; /* of all pictures so far */

/* The beginnings of the last picture's texts, "|one|another|". */
static char watched_texts[20000] = "|";

seqnn_status __real_sq_png_write(const sq_canvas *canvas, const char *who,
                                 const char *path);
seqnn_status __wrap_sq_png_write(const sq_canvas *canvas, const char *who,
                                 const char *path);

/* The canvas is the first member of the picture. */
seqnn_status __wrap_sq_png_write(const sq_canvas *canvas, const char *who,
                                 const char *path)
{
    char name[128];
    const sq_picture *whole = (const sq_picture *)canvas;
    snprintf(name, sizeof name, "%s, %g x %g", who, whole->width, whole->height);
    watched_faults += faults_of(whole, name);
    watched_texts[1] = '\0';
    for (seqnn_size i = 0; i < whole->box_count; i++) {
        const size_t used = strlen(watched_texts);
        snprintf(watched_texts + used, sizeof watched_texts - used, "%s|",
                 whole->boxes[i].text);
    }
    return __real_sq_png_write(canvas, who, path);
}

#endif
