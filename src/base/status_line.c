#include "status_line.h"
#include "clock.h"

#if defined(__unix__) || defined(__APPLE__)
#include <unistd.h>
#endif

/* Whether stdout is a terminal; where nobody can tell, it is not. */
static bool sq_is_terminal(void)
{
#if defined(__unix__) || defined(__APPLE__)
    return isatty(1) != 0;
#else
    return false;
#endif
}

SQ_LOCAL sq_status_line sq_status_line_new(bool on)
{
    sq_status_line line;
    memset(&line, 0, sizeof line);
    line.on = on;
    line.terminal = on && sq_is_terminal();
    line.shown = sq_seconds();
    return line;
}

SQ_LOCAL bool sq_status_line_due(sq_status_line *line)
{
    if (!line->terminal || sq_seconds() - line->shown < 0.1)
        return false;
    line->shown = sq_seconds();
    return true;
}

SQ_LOCAL void sq_status_line_show(sq_status_line *line, const char *text, bool end)
{
    seqnn_size length = (seqnn_size)strlen(text);
    if (!line->on)
        return;
    printf("%s%s%*s%s", line->length ? "\r" : "", text,
           (int)sq_max(0, line->length - length), "", end ? "\n" : "");
    line->length = line->terminal && !end ? length : 0;
    fflush(stdout);
}

SQ_LOCAL void sq_status_line_leave(sq_status_line *line)
{
    if (line->length > 0)
        printf("\n");
    line->length = 0;
}

SQ_LOCAL void sq_append_number(char *text, size_t size, const char *format, double value)
{
    char number[64];
    size_t used = strlen(text), n = 0;
    snprintf(number, sizeof number, format, value);
    for (const char *c = number; *c; c++) {
        bool known = strchr("0123456789+-einfa", *c) != NULL;
        if (known)
            number[n++] = *c;
        else if (n > 0 && number[n - 1] != '.')
            number[n++] = '.';
    }
    number[n] = '\0';
    snprintf(text + used, size - used, "%s", number);
}
