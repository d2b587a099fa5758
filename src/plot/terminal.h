/* plot/terminal.h - line charts and bars as text, once or redrawn in place
 *
 *     seqnn_print_lines(&series, 1, stdout, (seqnn_terminal_options){.title = "sine"});
 *
 * draws what seqnn_plot_lines draws, with the characters of a terminal: lines as Braille
 * dots, 2 x 4 to a character, round ticks, a legend, log axes. Bars are horizontal, to an
 * eighth of a character. Compiled in with SEQNN_TERMINAL or SEQNN_PLOT; no library is
 * needed.
 *
 *     loss   * training   + validation
 *     1.0 +  +
 *         |   +
 *         |    +++
 *         |      +++
 *     0.5 +        *+++++
 *         |          ****+++++++++++++++++++
 *         |              ******             ++++++
 *         |                   **************
 *     0.0 +                                 ******
 *         +-+-----------+------------+-----------+--
 *           0           10           20          30
 *                            epoch
 *
 * is one in plain ASCII, where each series has a character of its own.
 *
 * THE STREAM decides what is used, unless the options do:
 *   - Unicode where the locale of the environment (LC_ALL, else LC_CTYPE, else LANG) says
 *     UTF-8; plain ASCII otherwise, and on a terminal whose TERM is dumb or not set.
 *   - Colour on a terminal, unless TERM is dumb or not set, or NO_COLOR is set. The
 *     colours are those of the pictures, moved to what is legible on black and on white.
 *     Without colour several series carry marks.
 *   - The width of the terminal and a height that suits it; where there is no terminal
 *     COLUMNS and LINES of the environment, or 80 x 24.
 *
 * TEXT is UTF-8. Combining marks take no column and East Asian wide characters two, as in
 * Unicode 14; a terminal that joins several characters to one (an emoji of a family, say)
 * or shows box drawing characters two columns wide gets crooked rows. A text too long for
 * its place ends in an ellipsis. Control characters, escape sequences among them, never
 * reach the terminal.
 *
 * ERRORS. A stream that does not take all bytes (a closed pipe, a full disk) is an error;
 * everything is flushed before the function returns. The program must ignore SIGPIPE to
 * live on after a closed pipe.
 */
#ifndef SEQNN_TERMINAL_H
#define SEQNN_TERMINAL_H

#include "config.h"

#ifdef SEQNN_TERMINAL

#include "error.h"
#include "plot_series.h"

#include <stdio.h>

typedef enum seqnn_characters {
    SEQNN_CHARACTERS_DEFAULT = 0, /* as the environment says */
    SEQNN_CHARACTERS_UNICODE,
    SEQNN_CHARACTERS_ASCII
} seqnn_characters;

typedef enum seqnn_colours {
    SEQNN_COLOURS_DEFAULT = 0, /* on a terminal that has them */
    SEQNN_COLOURS_ALWAYS,
    SEQNN_COLOURS_NEVER
} seqnn_colours;

typedef struct seqnn_terminal_options {
    const char *title, *x_label, *y_label;
    bool log_x, log_y;
    /* Limits of the axes; 0: from the data; SEQNN_ZERO: at 0. */
    seqnn_real x_min, x_max, y_min, y_max;
    /* Dotted reference lines; 0: none; SEQNN_ZERO: at 0. */
    seqnn_real x_line, y_line;
    bool no_legend;
    bool sorted;              /* bars: the largest value first */
    seqnn_size width, height; /* characters, 20 x 6 to 1000 x 400; 0: see above */
    seqnn_characters characters;
    seqnn_colours colours;
    seqnn_size redraws; /* of live mode, per second, at most: 30 */
} seqnn_terminal_options;

/* A line chart of count series, at most width x height characters. Where it is low, the
 * legend, the labels and the title give way in this order. Markers and dashes are those
 * of the series; a deviation is not drawn. */
SEQNN_API seqnn_status seqnn_print_lines(const seqnn_plot_series *series,
                                         seqnn_size count, FILE *stream,
                                         seqnn_terminal_options options);

/* A row for each value: its name, a bar from 0, the number. names NULL: 0, 1, 2, ... The
 * options that count are title, sorted, x_min and x_max (ends of the bars, where 0 lies
 * between them), width, characters and colours; with a height, the rows beyond it are
 * only counted. NaN has no bar, an infinite one reaches the end. Bars below 0 end at
 * half a character. */
SEQNN_API seqnn_status seqnn_print_bars(const char *const *names,
                                        const seqnn_real *values, seqnn_size count,
                                        FILE *stream, seqnn_terminal_options options);

/* LIVE MODE: the same pictures, each in the place of the one before.
 *
 *     static bool show(seqnn_model *model, const seqnn_history *h, void *live)
 *     {
 *         seqnn_plot_series loss[] = {{.label = "training", .y = h->loss},
 *                                     {.label = "validation", .y = h->val_loss}};
 *         loss[0].count = loss[1].count = h->epochs;
 *         loss[0].x_first = loss[1].x_first = 1;
 *         seqnn_live_lines((seqnn_live *)live, loss, 2);
 *         return true;
 *     }
 *     ...
 *     seqnn_live *live = seqnn_live_new(stdout, (seqnn_terminal_options){
 *         .title = "loss", .x_label = "epoch"});
 *     seqnn_fit(model, data, (seqnn_fit_options){.epochs = 50, .validation_split = 0.2f,
 *                                                .on_epoch = show, .context = live});
 *     seqnn_live_free(live);
 *
 * A picture is drawn at most 30 times a second (option redraws), and drawing takes at
 * most a fifth of the time; what comes in between is kept, not drawn, so that calls may
 * be as frequent as training steps are. What is kept is a copy. The last one is drawn by
 * seqnn_live_free at the latest, or by seqnn_live_show where the program pauses.
 *
 * Every picture asks for the terminal's size, and takes a row less than it has; in a
 * window smaller than 20 x 7 nothing is drawn. Most terminals break the rows that stand
 * there when the window becomes narrower: that is reckoned with, and one that cuts them
 * off instead loses a few rows of text above. What has scrolled out of a window that
 * became lower stays. The cursor is neither hidden nor are signals caught: it rests below
 * the picture, and a program that is interrupted leaves nothing to restore. Between two
 * pictures print nothing to the same terminal (seqnn_fit with verbose 0).
 *
 * Where the stream is no terminal, or one without escape sequences (TERM dumb or not
 * set), only the last picture is written, by seqnn_live_free. */
typedef struct seqnn_live seqnn_live;

/* The texts of the options are copied. NULL is an error. */
SEQNN_API seqnn_live *seqnn_live_new(FILE *stream, seqnn_terminal_options options);
/* Arguments as above. A write that failed is told by this and every later call. */
SEQNN_API seqnn_status seqnn_live_lines(seqnn_live *live, const seqnn_plot_series *series,
                                        seqnn_size count);
SEQNN_API seqnn_status seqnn_live_bars(seqnn_live *live, const char *const *names,
                                       const seqnn_real *values, seqnn_size count);
/* Another title, from the next picture on: the epoch, a parameter, ... NULL: none. */
SEQNN_API seqnn_status seqnn_live_title(seqnn_live *live, const char *title);
/* Draws the last picture now, if it has not been drawn. */
SEQNN_API seqnn_status seqnn_live_show(seqnn_live *live);
/* seqnn_live_show, and the end; the picture stays. NULL is no live mode. */
SEQNN_API seqnn_status seqnn_live_free(seqnn_live *live);

#endif
#endif
