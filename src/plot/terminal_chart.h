/* plot/terminal_chart.h - what print and live mode share (private) */
#ifndef SQ_TERMINAL_CHART_H
#define SQ_TERMINAL_CHART_H

#include "private.h"

#ifdef SEQNN_TERMINAL

#include "terminal.h"
#include "terminal_page.h"

/* Sizes in columns and rows. */
enum {
    SQ_TERMINAL_NARROWEST = 20,
    SQ_TERMINAL_LOWEST = 6,
    SQ_TERMINAL_WIDEST = 1000,
    SQ_TERMINAL_TALLEST = 400
};

typedef struct sq_terminal {
    bool is_terminal;
    bool in_place; /* it obeys escape sequences */
    bool unicode, colour;
    seqnn_size columns, rows;
} sq_terminal;

/* What stands behind a stream, now: a window may have changed its size. */
SQ_LOCAL sq_terminal sq_terminal_ask(FILE *stream, const seqnn_terminal_options *options);

SQ_LOCAL seqnn_status sq_terminal_check(const char *who, FILE *stream,
                                        const seqnn_terminal_options *options);
SQ_LOCAL seqnn_status sq_terminal_check_lines(const char *who,
                                              const seqnn_plot_series *series,
                                              seqnn_size count,
                                              const seqnn_terminal_options *options);
SQ_LOCAL seqnn_status sq_terminal_check_bars(const char *who, const seqnn_real *values,
                                             seqnn_size count,
                                             const seqnn_terminal_options *options);

/* The size of a picture: the options', or what fits into the terminal. `fixed`: it is
 * redrawn in place, and nothing may scroll. */
SQ_LOCAL void sq_terminal_size(const sq_terminal *terminal,
                               const seqnn_terminal_options *options, bool fixed,
                               seqnn_size *width, seqnn_size *height);

/* Draws on an empty page; failures are in page->status. */
SQ_LOCAL void sq_terminal_lines(sq_page *page, const seqnn_plot_series *series,
                                seqnn_size count, const seqnn_terminal_options *options,
                                seqnn_size width, seqnn_size height);
SQ_LOCAL void sq_terminal_bars(sq_page *page, const char *const *names,
                               const seqnn_real *values, seqnn_size count,
                               const seqnn_terminal_options *options, seqnn_size width,
                               seqnn_size height);

/* All bytes, and flushed. To a terminal in one write, so that no half is ever seen. */
SQ_LOCAL seqnn_status sq_terminal_write(const char *who, FILE *stream, const char *bytes,
                                        seqnn_size count, bool is_terminal);

#endif
#endif
