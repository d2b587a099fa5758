/* plot/png_file.h - a canvas as a PNG file (private) */
#ifndef SQ_PNG_FILE_H
#define SQ_PNG_FILE_H
#ifdef SEQNN_PLOT

#include "canvas.h"

/* Writes the file beside its place and moves it there once it is whole: a viewer never
 * sees half a picture, and a failure leaves the old one. */
SQ_LOCAL seqnn_status sq_png_write(const sq_canvas *canvas, const char *who,
                                   const char *path);

#endif
#endif
