/* plot/terminal.c - the terminal itself, and charts in one call */
#include "terminal_chart.h"

#ifdef SEQNN_TERMINAL

#include <errno.h>
#ifdef _WIN32
#include <io.h>
#else
#include <sys/ioctl.h>
#include <unistd.h>
#ifndef __cplusplus
int(fileno)(FILE *stream); /* strict ISO C hides it */
#endif
#endif

/* --- the terminal --- */

static const char *sq_terminal_variable(const char *name)
{
    const char *value = getenv(name);
    return value != NULL ? value : "";
}

/* The environment's locale, whether or not the program has called setlocale. */
static bool sq_terminal_is_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    const char *locale = "";
    for (int i = 0; i < 3 && locale[0] == '\0'; i++)
        locale = sq_terminal_variable(names[i]);
    return strstr(locale, "UTF-8") != NULL || strstr(locale, "utf8") != NULL ||
           strstr(locale, "utf-8") != NULL || strstr(locale, "UTF8") != NULL;
}

static seqnn_size sq_terminal_count(const char *name, seqnn_size otherwise)
{
    long count = strtol(sq_terminal_variable(name), NULL, 10);
    return count > 0 && count < 100000 ? (seqnn_size)count : otherwise;
}

static int sq_terminal_descriptor(FILE *stream)
{
#ifdef _WIN32
    return _fileno(stream);
#else
    return fileno(stream);
#endif
}

sq_terminal sq_terminal_ask(FILE *stream, const seqnn_terminal_options *options)
{
    sq_terminal terminal;
    const char *kind = sq_terminal_variable("TERM");
    int descriptor = sq_terminal_descriptor(stream);
    memset(&terminal, 0, sizeof terminal);
#ifdef _WIN32
    terminal.is_terminal = descriptor >= 0 && _isatty(descriptor) != 0;
#else
    terminal.is_terminal = descriptor >= 0 && isatty(descriptor) != 0;
#ifdef TIOCGWINSZ
    struct winsize size;
    if (terminal.is_terminal && ioctl(descriptor, TIOCGWINSZ, &size) == 0) {
        terminal.columns = size.ws_col;
        terminal.rows = size.ws_row;
    }
#endif
#endif
    if (terminal.columns == 0)
        terminal.columns = sq_terminal_count("COLUMNS", 80);
    if (terminal.rows == 0)
        terminal.rows = sq_terminal_count("LINES", 24);
    terminal.in_place =
        terminal.is_terminal && kind[0] != '\0' && strcmp(kind, "dumb") != 0;
    terminal.unicode =
        options->characters == SEQNN_CHARACTERS_UNICODE ||
        (options->characters == SEQNN_CHARACTERS_DEFAULT && sq_terminal_is_utf8() &&
         (terminal.in_place || !terminal.is_terminal));
    terminal.colour = options->colours == SEQNN_COLOURS_ALWAYS ||
                      (options->colours == SEQNN_COLOURS_DEFAULT && terminal.in_place &&
                       sq_terminal_variable("NO_COLOR")[0] == '\0');
    return terminal;
}

void sq_terminal_size(const sq_terminal *terminal, const seqnn_terminal_options *options,
                      bool fixed, seqnn_size *width, seqnn_size *height)
{
    seqnn_size rows = terminal->rows - 1; /* where the program goes on */
    *width = options->width != 0 ? options->width : terminal->columns;
    if (fixed)
        *width = sq_min(*width, terminal->columns);
    *width = sq_min(sq_max(*width, SQ_TERMINAL_NARROWEST), SQ_TERMINAL_WIDEST);
    /* A character is twice as high as wide: 16 to 9. */
    *height = options->height != 0 ? options->height
                                   : sq_min(sq_max(*width * 9 / 32, 12), rows);
    if (fixed)
        *height = sq_min(*height, rows);
    *height = sq_min(sq_max(*height, SQ_TERMINAL_LOWEST), SQ_TERMINAL_TALLEST);
}

seqnn_status sq_terminal_write(const char *who, FILE *stream, const char *bytes,
                               seqnn_size count, bool is_terminal)
{
    bool written;
    errno = 0;
#ifndef _WIN32
    if (is_terminal && fflush(stream) == 0) {
        while (count > 0) {
            ssize_t taken = write(fileno(stream), bytes, (size_t)count);
            if (taken < 0 && errno == EINTR)
                continue;
            if (taken <= 0)
                break; /* the stream may know better */
            bytes += taken;
            count -= taken;
        }
    }
#else
    (void)is_terminal;
#endif
    written = fwrite(bytes, 1, (size_t)count, stream) == (size_t)count;
    if (fflush(stream) == 0 && written)
        return SEQNN_OK;
    return sq_fail(SEQNN_ERROR_FILE, "%s: the stream cannot be written: %s", who,
                   errno != 0 ? strerror(errno) : "it took only a part");
}

/* --- arguments --- */

seqnn_status sq_terminal_check(const char *who, FILE *stream,
                               const seqnn_terminal_options *options)
{
    seqnn_size width = options->width, height = options->height;
    const struct {
        const char *name;
        seqnn_real value;
    } numbers[] = {{"x_min", options->x_min},   {"x_max", options->x_max},
                   {"y_min", options->y_min},   {"y_max", options->y_max},
                   {"x_line", options->x_line}, {"y_line", options->y_line}};
    if (stream == NULL)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "%s: no stream, expected one to write to",
                       who);
    if ((width != 0 && (width < SQ_TERMINAL_NARROWEST || width > SQ_TERMINAL_WIDEST)) ||
        (height != 0 && (height < SQ_TERMINAL_LOWEST || height > SQ_TERMINAL_TALLEST)))
        return sq_fail(
            SEQNN_ERROR_ARGUMENT,
            "%s: the size is %td x %td characters, expected %d x %d to %d x %d "
            "(0: the terminal's)",
            who, width, height, (int)SQ_TERMINAL_NARROWEST, (int)SQ_TERMINAL_LOWEST,
            (int)SQ_TERMINAL_WIDEST, (int)SQ_TERMINAL_TALLEST);
    if ((int)options->characters < 0 || options->characters > SEQNN_CHARACTERS_ASCII ||
        (int)options->colours < 0 || options->colours > SEQNN_COLOURS_NEVER)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "%s: characters is %d and colours %d, expected a "
                       "SEQNN_CHARACTERS_... and a SEQNN_COLOURS_...",
                       who, (int)options->characters, (int)options->colours);
    if (options->redraws < 0 || options->redraws > 1000000)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "%s: %td redraws a second, expected 0 to 1000000", who,
                       options->redraws);
    for (seqnn_size i = 0; i < SQ_COUNT(numbers); i++) {
        if (!(fabs((double)numbers[i].value) < 1e300))
            return sq_fail(SEQNN_ERROR_ARGUMENT, "%s: %s is %g, expected a finite number",
                           who, numbers[i].name, (double)numbers[i].value);
    }
    return SEQNN_OK;
}

/* --- once --- */

static seqnn_status sq_terminal_print(const char *who, FILE *stream, sq_page *page,
                                      const sq_terminal *terminal)
{
    seqnn_status status = page->status;
    if (status == SEQNN_OK)
        status =
            sq_terminal_write(who, stream, page->text, page->used, terminal->is_terminal);
    sq_page_free(page);
    return status;
}

seqnn_status seqnn_print_lines(const seqnn_plot_series *series, seqnn_size count,
                               FILE *stream, seqnn_terminal_options options)
{
    const char *who = "seqnn_print_lines";
    seqnn_size width, height;
    sq_terminal terminal;
    sq_page page;
    seqnn_status status = sq_terminal_check(who, stream, &options);
    if (status == SEQNN_OK)
        status = sq_terminal_check_lines(who, series, count, &options);
    if (status != SEQNN_OK)
        return status;
    terminal = sq_terminal_ask(stream, &options);
    sq_terminal_size(&terminal, &options, false, &width, &height);
    memset(&page, 0, sizeof page);
    page.unicode = terminal.unicode;
    page.colour = terminal.colour;
    sq_terminal_lines(&page, series, count, &options, width, height);
    return sq_terminal_print(who, stream, &page, &terminal);
}

seqnn_status seqnn_print_bars(const char *const *names, const seqnn_real *values,
                              seqnn_size count, FILE *stream,
                              seqnn_terminal_options options)
{
    const char *who = "seqnn_print_bars";
    seqnn_size width, height;
    sq_terminal terminal;
    sq_page page;
    seqnn_status status = sq_terminal_check(who, stream, &options);
    if (status == SEQNN_OK)
        status = sq_terminal_check_bars(who, values, count, &options);
    if (status != SEQNN_OK)
        return status;
    terminal = sq_terminal_ask(stream, &options);
    sq_terminal_size(&terminal, &options, false, &width, &height);
    if (options.height == 0)
        height = SQ_TERMINAL_TALLEST; /* all, as a list */
    memset(&page, 0, sizeof page);
    page.unicode = terminal.unicode;
    page.colour = terminal.colour;
    sq_terminal_bars(&page, names, values, count, &options, width, height);
    return sq_terminal_print(who, stream, &page, &terminal);
}

#endif
