/* plot/bars.c - one number for each name */
#include "bars.h"

#ifdef SEQNN_PLOT

#include "bars_draw.h"
#include "layout.h"
#include "memory.h"

/* Names that have more letters, or stand closer, are better read below each other. */
enum { SQ_BARS_LETTERS = 80 };
#define SQ_BARS_LETTER (0.6 * SQ_TICK_SIZE) /* about the width of one */
#define SQ_BARS_BETWEEN 8.0                 /* two names */
#define SQ_BARS_BESIDE 80.0                 /* the frame: numbers and margins */

/* --- the order of names --- */

typedef struct sq_bars_rank {
    double value;
    seqnn_size index;
} sq_bars_rank;

/* The largest first, what is no number last, otherwise as given. */
static int sq_bars_by_value(const void *left, const void *right)
{
    const sq_bars_rank *a = (const sq_bars_rank *)left;
    const sq_bars_rank *b = (const sq_bars_rank *)right;
    if (a->value != b->value)
        return a->value > b->value ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

static int sq_bars_by_index(const void *left, const void *right)
{
    const sq_bars_rank *a = (const sq_bars_rank *)left;
    const sq_bars_rank *b = (const sq_bars_rank *)right;
    return a->index < b->index ? -1 : a->index > b->index;
}

static seqnn_size sq_bars_letters(const char *name)
{
    seqnn_size letters = 0;
    for (; *name != '\0'; name++)
        letters += ((unsigned char)*name & 0xC0) != 0x80;
    return letters;
}

/* Are there more names than stand well side by side? Judged by their letters: the font is
 * opened when the picture is drawn. */
static bool sq_bars_lie(const seqnn_axes *axes, const char *const *names,
                        seqnn_size count)
{
    const seqnn_figure_options *figure = &axes->figure->options;
    double room = figure->width > 0 ? (double)figure->width : 800;
    seqnn_size all = 0, widest = 0;
    for (seqnn_size i = 0; i < count; i++) {
        seqnn_size letters = sq_bars_letters(names[i]);
        all += letters + 2;
        widest = sq_max(widest, letters);
    }
    room = room * (double)axes->column_span / (double)figure->columns - SQ_BARS_BESIDE;
    return all > SQ_BARS_LETTERS ||
           (double)count * ((double)widest * SQ_BARS_LETTER + SQ_BARS_BETWEEN) > room;
}

/* The places of the first series' names. */
static seqnn_status sq_bars_arrange(seqnn_axes *axes, sq_bars *bars,
                                    const seqnn_real *values,
                                    const seqnn_bars_options *options)
{
    seqnn_size count = bars->given, shown = count;
    sq_bars_rank *ranks = (sq_bars_rank *)sq_allocate(count + 1, sizeof *ranks);
    seqnn_size *place = (seqnn_size *)sq_allocate(count + 1, sizeof *place);
    const char **names = (const char **)sq_allocate(count + 1, sizeof *names);
    if (ranks == NULL || place == NULL || names == NULL) {
        sq_axes_fail(axes, SEQNN_ERROR_MEMORY, "bars: no memory for %td names", count);
    } else {
        for (seqnn_size i = 0; i < count; i++) {
            ranks[i].index = i;
            ranks[i].value = isfinite(values[i]) ? (double)values[i] : -HUGE_VAL;
            place[i] = -1;
        }
        if (bars->names != NULL) {
            if (options->most > 0)
                shown = sq_min(shown, options->most);
            if (shown < count || options->sorted)
                qsort(ranks, (size_t)count, sizeof *ranks, sq_bars_by_value);
            if (!options->sorted)
                qsort(ranks, (size_t)shown, sizeof *ranks, sq_bars_by_index);
        }
        for (seqnn_size i = 0; i < shown; i++) {
            place[ranks[i].index] = i;
            if (bars->names != NULL)
                names[i] = bars->names[ranks[i].index];
        }
        bars->places = shown;
        bars->place = (const seqnn_size *)sq_axes_keep(axes, place, count,
                                                       (seqnn_size)sizeof *place);
        bars->horizontal = options->direction == SEQNN_BARS_HORIZONTAL ||
                           (options->direction == SEQNN_BARS_DEFAULT &&
                            bars->names != NULL && sq_bars_lie(axes, names, shown));
        if (bars->horizontal) {
            axes->y.reversed = true; /* the first name on top */
            axes->y_names.count = shown;
            axes->y_names.names =
                bars->names != NULL ? sq_axes_keep_names(axes, names, shown) : NULL;
        } else {
            axes->x_names.count = shown;
            axes->x_names.names =
                bars->names != NULL ? sq_axes_keep_names(axes, names, shown) : NULL;
        }
    }
    sq_free(ranks);
    sq_free(place);
    sq_free((void *)names);
    return sq_axes_status(axes);
}

/* Which of the first series' names is it? -1: none. */
static seqnn_size sq_bars_find(const sq_bars *first, const char *name, seqnn_size guess)
{
    name = name == NULL ? "" : name;
    if (guess < first->given && strcmp(first->names[guess], name) == 0)
        return guess;
    for (seqnn_size i = 0; i < first->given; i++)
        if (strcmp(first->names[i], name) == 0)
            return i;
    return -1;
}

/* Puts values (or deviations) to the names' places; NaN where there is none. */
static const seqnn_real *sq_bars_place(seqnn_axes *axes, const sq_bars *first,
                                       const char *const *names, const seqnn_real *values,
                                       seqnn_size count)
{
    seqnn_real *placed;
    const seqnn_real *kept;
    if (values == NULL)
        return NULL;
    placed = (seqnn_real *)sq_allocate(first->places + 1, sizeof *placed);
    if (placed == NULL) {
        sq_axes_fail(axes, SEQNN_ERROR_MEMORY, "bars: no memory for %td bars",
                     first->places);
        return NULL;
    }
    for (seqnn_size i = 0; i < first->places; i++)
        placed[i] = (seqnn_real)NAN;
    for (seqnn_size i = 0; i < count; i++) {
        seqnn_size at = i;
        if (names != NULL && first->names != NULL)
            at = sq_bars_find(first, names[i], i);
        if (at < 0 || at >= first->given) {
            sq_axes_fail(axes, SEQNN_ERROR_ARGUMENT,
                         "bars: bar %td, '%.40s', is none of the first "
                         "series' %td names",
                         i, names != NULL && names[i] != NULL ? names[i] : "",
                         first->given);
            break;
        }
        if (first->place[at] >= 0)
            placed[first->place[at]] = values[i];
    }
    kept = (const seqnn_real *)sq_axes_keep(axes, placed, first->places,
                                            (seqnn_size)sizeof *placed);
    sq_free(placed);
    return kept;
}

/* --- */

/* Enough for three digits of the largest value, fewer if all are round: 0.5, 12, 80; -1
 * for three digits of each. */
static int sq_bars_decimals(const seqnn_real *values, seqnn_size count, seqnn_size given,
                            bool log)
{
    double largest = 0, unit;
    int decimals;
    bool round = true;
    if (given != 0)
        return (int)sq_min(sq_max(given, 0), 12);
    if (log)
        return -1;
    for (seqnn_size i = 0; i < count; i++)
        if (isfinite(values[i]))
            largest = fmax(largest, fabs((double)values[i]));
    if (largest >= 1e6 || (largest > 0 && largest < 1e-3))
        return -1;
    decimals = largest > 0 ? (int)fmax(2 - floor(log10(largest)), 0) : 0;
    while (decimals > 0 && round) {
        unit = pow(10, decimals - 1);
        for (seqnn_size i = 0; round && i < count; i++) {
            double value = (double)values[i] * unit;
            if (isfinite(value))
                round = fabs(value - floor(value + 0.5)) <= 1e-6 * largest * unit;
        }
        decimals -= round;
    }
    return decimals;
}

static seqnn_status sq_bars_check(seqnn_axes *axes, const sq_bars *first,
                                  const seqnn_real *values, seqnn_size count,
                                  const seqnn_bars_options *options)
{
    const char *who = "bars";
    if (count < 0 || (count > 0 && values == NULL))
        return sq_axes_fail(axes, SEQNN_ERROR_ARGUMENT,
                            "%s: values of %td bars, expected 0 or more", who, count);
    if (options->most < 0 || options->decimals < -1 ||
        options->direction < SEQNN_BARS_DEFAULT ||
        options->direction > SEQNN_BARS_HORIZONTAL)
        return sq_axes_fail(axes, SEQNN_ERROR_ARGUMENT,
                            "%s: most is %td, decimals %td, direction %d: one of them is "
                            "outside its range",
                            who, options->most, options->decimals,
                            (int)options->direction);
    if (first == NULL && axes->x_names.count + axes->y_names.count > 0)
        return sq_axes_fail(axes, SEQNN_ERROR_ARGUMENT,
                            "%s: the axes have names already, not of bars", who);
    return SEQNN_OK;
}

seqnn_status seqnn_axes_bars(seqnn_axes *axes, const char *const *names,
                             const seqnn_real *values, seqnn_size count,
                             seqnn_bars_options options)
{
    const sq_bars *first;
    sq_bars *bars;
    if (sq_axes_status(axes) != SEQNN_OK)
        return sq_axes_status(axes);
    first = sq_bars_next(axes->marks);
    if (sq_bars_check(axes, first, values, count, &options) != SEQNN_OK)
        return sq_axes_status(axes);
    bars = (sq_bars *)sq_axes_add(axes, sq_bars_kind(), sizeof *bars);
    if (bars == NULL)
        return sq_axes_status(axes);
    if (first == NULL) {
        bars->names = sq_axes_keep_names(axes, names, count);
        bars->given = count;
        if (sq_axes_status(axes) != SEQNN_OK ||
            sq_bars_arrange(axes, bars, values, &options) != SEQNN_OK)
            return sq_axes_status(axes);
        first = bars;
    }
    if (first->horizontal ? axes->options.log_y : axes->options.log_x)
        return sq_axes_fail(axes, SEQNN_ERROR_ARGUMENT,
                            "bars: names on a log axis, expected %s",
                            first->horizontal ? "log_y false" : "log_x false");
    bars->mark.label = sq_axes_keep_text(axes, options.label);
    bars->horizontal = first->horizontal;
    bars->numbers = !options.no_numbers;
    bars->decimals =
        sq_bars_decimals(values, count, options.decimals,
                         bars->horizontal ? axes->options.log_x : axes->options.log_y);
    bars->colour = sq_axes_colour(axes, options.colour);
    bars->values = sq_bars_place(axes, first, names, values, count);
    bars->deviation = sq_bars_place(axes, first, names, options.deviation, count);
    /* Until here it draws nothing: an error leaves no half of a series. */
    bars->places = sq_axes_status(axes) == SEQNN_OK ? first->places : 0;
    return sq_axes_status(axes);
}

#endif
