/* plot/terminal_live.c - a chart that is drawn again in its place */
#include "clock.h"

#ifdef SEQNN_TERMINAL

#include "memory.h"
#include "terminal_chart.h"

#define SQ_LIVE_REDRAWS 30
#define SQ_LIVE_REST 4 /* times as long as a picture took, until the next */

struct seqnn_live {
    FILE *stream;
    seqnn_terminal_options options;
    char *title, *x_label, *y_label; /* what the options point to */
    seqnn_status status;             /* of writing; sticky */
    bool pending;                    /* the last picture has not been drawn */
    double drawn, took;              /* when one was, and how long, in seconds */
    sq_page page;                    /* it, while it is written */
    seqnn_size *widths;              /* of the rows that stand on the terminal */
    seqnn_size rows, rows_room;
    /* Copies of the arguments: lines or, if there are no series, bars. */
    seqnn_plot_series *series;
    const char **names;
    seqnn_real *numbers;
    char *letters;
    seqnn_size series_room, names_room, numbers_room, letters_room;
    seqnn_size series_count, bars_count;
    bool named;
};

/* --- one picture --- */

/* How many rows the last picture takes now: those that no longer fit into the window
 * were broken in several. */
static seqnn_size sq_live_height(const seqnn_live *live, seqnn_size columns)
{
    seqnn_size height = 0;
    for (seqnn_size i = 0; i < live->rows; i++)
        height += sq_max(1, (live->widths[i] + columns - 1) / columns);
    return height;
}

/* The page's rows over those that stand there: each clears what is left of its row, the
 * last all that is left below. */
static seqnn_status sq_live_overwrite(seqnn_live *live, const sq_terminal *terminal)
{
    seqnn_size up = sq_min(sq_live_height(live, terminal->columns), terminal->rows - 1);
    const char *from = live->page.text, *end = from + live->page.used;
    seqnn_size used = 0, room = live->page.used + 8 * live->page.rows + 32;
    char *out = (char *)sq_allocate(room, 1);
    seqnn_status status;
    if (out == NULL)
        return SEQNN_ERROR_MEMORY;
    out[used++] = '\r';
    if (up > 0)
        used += snprintf(out + used, 24, "\x1B[%tdA", up);
    while (from < end) {
        const char *stop = (const char *)memchr(from, '\n', (size_t)(end - from));
        memcpy(out + used, from, (size_t)(stop - from));
        used += stop - from;
        memcpy(out + used, "\x1B[K\r\n", 5);
        used += 5;
        from = stop + 1;
    }
    memcpy(out + used, "\x1B[J", 3);
    used += 3;
    status = sq_terminal_write("seqnn_live", live->stream, out, used, true);
    sq_free(out);
    if (status == SEQNN_OK)
        status = sq_grow((void **)&live->widths, &live->rows_room, live->page.rows,
                         sizeof *live->widths);
    if (status != SEQNN_OK)
        return status;
    memcpy(live->widths, live->page.widths,
           (size_t)live->page.rows * sizeof *live->widths);
    live->rows = live->page.rows;
    return SEQNN_OK;
}

static seqnn_status sq_live_draw(seqnn_live *live, const sq_terminal *terminal)
{
    seqnn_size width, height;
    sq_page *page = &live->page;
    double began = sq_seconds();
    sq_terminal_size(terminal, &live->options, terminal->in_place, &width, &height);
    sq_page_clear(page);
    page->unicode = terminal->unicode;
    page->colour = terminal->colour;
    if (live->series_count > 0)
        sq_terminal_lines(page, live->series, live->series_count, &live->options, width,
                          height);
    else
        sq_terminal_bars(page, live->named ? live->names : NULL, live->numbers,
                         live->bars_count, &live->options, width, height);
    if (page->status != SEQNN_OK)
        return page->status;
    live->pending = false;
    if (terminal->in_place)
        live->status = sq_live_overwrite(live, terminal);
    else
        live->status = sq_terminal_write("seqnn_live", live->stream, page->text,
                                         page->used, terminal->is_terminal);
    live->drawn = sq_seconds();
    live->took = live->drawn - began;
    return live->status;
}

/* Draws what is pending if the terminal takes it now. */
static seqnn_status sq_live_refresh(seqnn_live *live, bool last)
{
    sq_terminal terminal;
    if (!live->pending)
        return SEQNN_OK;
    terminal = sq_terminal_ask(live->stream, &live->options);
    if (!terminal.in_place && !last)
        return SEQNN_OK;
    if (terminal.in_place && (terminal.columns < SQ_TERMINAL_NARROWEST ||
                              terminal.rows < SQ_TERMINAL_LOWEST + 1))
        return SEQNN_OK;
    return sq_live_draw(live, &terminal);
}

/* --- what is kept --- */

/* Room in the arrays for the copies that follow: they do not move any more. */
static seqnn_status sq_live_make_room(seqnn_live *live, seqnn_size numbers,
                                      seqnn_size letters)
{
    seqnn_status status = sq_grow((void **)&live->numbers, &live->numbers_room,
                                  sq_max(numbers, 1), sizeof *live->numbers);
    if (status == SEQNN_OK)
        status =
            sq_grow((void **)&live->letters, &live->letters_room, sq_max(letters, 1), 1);
    return status;
}

static const char *sq_live_copy_text(char **at, const char *text)
{
    size_t size;
    char *copy = *at;
    if (text == NULL)
        return NULL;
    size = strlen(text) + 1;
    memcpy(copy, text, size);
    *at += size;
    return copy;
}

static const seqnn_real *sq_live_copy_numbers(seqnn_real **at, const seqnn_real *values,
                                              seqnn_size count)
{
    seqnn_real *copy = *at;
    if (values == NULL)
        return NULL;
    memcpy(copy, values, (size_t)count * sizeof *copy);
    *at += count;
    return copy;
}

static seqnn_status sq_live_due(seqnn_live *live)
{
    double since = sq_seconds() - live->drawn;
    seqnn_size redraws = live->options.redraws;
    double rest = 1.0 / (double)(redraws > 0 ? redraws : SQ_LIVE_REDRAWS);
    live->pending = true;
    /* A slow terminal, or a million points, must not hold the program up. (And a clock
     * that was set back must not stop the pictures.) */
    if (since >= 0 && since < fmax(rest, SQ_LIVE_REST * live->took))
        return SEQNN_OK;
    return sq_live_refresh(live, false);
}

seqnn_status seqnn_live_lines(seqnn_live *live, const seqnn_plot_series *series,
                              seqnn_size count)
{
    seqnn_size numbers = 0, letters = 0;
    seqnn_real *number;
    char *letter;
    seqnn_status status;
    if (live == NULL)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "seqnn_live_lines: there is no live mode");
    if (live->status != SEQNN_OK)
        return live->status;
    status = sq_terminal_check_lines("seqnn_live_lines", series, count, &live->options);
    for (seqnn_size i = 0; status == SEQNN_OK && i < count; i++) {
        numbers += series[i].count * (series[i].x != NULL ? 2 : 1);
        letters += series[i].label != NULL ? (seqnn_size)strlen(series[i].label) + 1 : 0;
    }
    if (status == SEQNN_OK)
        status = sq_live_make_room(live, numbers, letters);
    if (status == SEQNN_OK)
        status = sq_grow((void **)&live->series, &live->series_room, count,
                         sizeof *live->series);
    if (status != SEQNN_OK)
        return status;
    number = live->numbers;
    letter = live->letters;
    for (seqnn_size i = 0; i < count; i++) {
        seqnn_plot_series *kept = &live->series[i];
        *kept = series[i];
        kept->label = sq_live_copy_text(&letter, series[i].label);
        kept->y = sq_live_copy_numbers(&number, series[i].y, series[i].count);
        kept->x = sq_live_copy_numbers(&number, series[i].x, series[i].count);
        kept->deviation = NULL;
    }
    live->series_count = count;
    return sq_live_due(live);
}

seqnn_status seqnn_live_bars(seqnn_live *live, const char *const *names,
                             const seqnn_real *values, seqnn_size count)
{
    seqnn_size letters = 0;
    char *letter;
    seqnn_status status;
    if (live == NULL)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "seqnn_live_bars: there is no live mode");
    if (live->status != SEQNN_OK)
        return live->status;
    status = sq_terminal_check_bars("seqnn_live_bars", values, count, &live->options);
    for (seqnn_size i = 0; status == SEQNN_OK && names != NULL && i < count; i++)
        letters += names[i] != NULL ? (seqnn_size)strlen(names[i]) + 1 : 0;
    if (status == SEQNN_OK)
        status = sq_live_make_room(live, count, letters);
    if (status == SEQNN_OK)
        status =
            sq_grow((void **)&live->names, &live->names_room, count, sizeof *live->names);
    if (status != SEQNN_OK)
        return status;
    memcpy(live->numbers, values, (size_t)count * sizeof *values);
    letter = live->letters;
    for (seqnn_size i = 0; names != NULL && i < count; i++)
        live->names[i] = sq_live_copy_text(&letter, names[i]);
    live->named = names != NULL;
    live->series_count = 0;
    live->bars_count = count;
    return sq_live_due(live);
}

/* --- beginning and end --- */

static bool sq_live_keep_text(char **kept, const char *text)
{
    char *copy = text != NULL ? sq_copy_string(text) : NULL;
    if (text != NULL && copy == NULL)
        return false;
    sq_free(*kept);
    *kept = copy;
    return true;
}

seqnn_live *seqnn_live_new(FILE *stream, seqnn_terminal_options options)
{
    seqnn_live *live;
    if (sq_terminal_check("seqnn_live_new", stream, &options) != SEQNN_OK)
        return NULL;
    live = (seqnn_live *)sq_allocate(1, sizeof *live);
    if (live == NULL)
        return NULL;
    live->stream = stream;
    live->options = options;
    live->drawn = -1e9;
    if (!sq_live_keep_text(&live->title, options.title) ||
        !sq_live_keep_text(&live->x_label, options.x_label) ||
        !sq_live_keep_text(&live->y_label, options.y_label)) {
        seqnn_live_free(live);
        return NULL;
    }
    live->options.title = live->title;
    live->options.x_label = live->x_label;
    live->options.y_label = live->y_label;
    return live;
}

seqnn_status seqnn_live_title(seqnn_live *live, const char *title)
{
    if (live == NULL)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "seqnn_live_title: there is no live mode");
    if (!sq_live_keep_text(&live->title, title))
        return SEQNN_ERROR_MEMORY;
    live->options.title = live->title;
    return live->status;
}

seqnn_status seqnn_live_show(seqnn_live *live)
{
    if (live == NULL)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "seqnn_live_show: there is no live mode");
    return live->status != SEQNN_OK ? live->status : sq_live_refresh(live, false);
}

seqnn_status seqnn_live_free(seqnn_live *live)
{
    seqnn_status status;
    if (live == NULL)
        return SEQNN_OK;
    status = live->status != SEQNN_OK ? live->status : sq_live_refresh(live, true);
    sq_page_free(&live->page);
    sq_free(live->title);
    sq_free(live->x_label);
    sq_free(live->y_label);
    sq_free(live->widths);
    sq_free(live->series);
    sq_free((void *)live->names);
    sq_free(live->numbers);
    sq_free(live->letters);
    sq_free(live);
    return status;
}

#endif
