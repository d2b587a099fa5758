/* base/status_line.h - a line of the terminal that is written over (private) */
#ifndef SQ_STATUS_LINE_H
#define SQ_STATUS_LINE_H

#include "private.h"

typedef struct sq_status_line {
    bool on, terminal;
    double shown;
    seqnn_size length; /* of the line on the terminal */
} sq_status_line;

/* On stdout; not on: nothing is printed. */
SQ_LOCAL sq_status_line sq_status_line_new(bool on);

/* Whether a text that will soon be out of date is to be shown now: at most ten times a
 * second, and on a terminal only. */
SQ_LOCAL bool sq_status_line_due(sq_status_line *line);

/* Shows a text in place of the last one. end: it stays, the next one is below it. */
SQ_LOCAL void sq_status_line_show(sq_status_line *line, const char *text, bool end);

/* Leaves a text that was to be written over where it is. */
SQ_LOCAL void sq_status_line_leave(sq_status_line *line);

/* A number behind the text, in printf's format for one double; the decimal point is one
 * in every locale. */
SQ_LOCAL void sq_append_number(char *text, size_t size, const char *format, double value);

#endif
