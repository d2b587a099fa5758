/* plot/bars.c - one number for each name */
#include "bars.h"

#ifdef SEQNN_PLOT

#include "marks.h"
#include "memory.h"

#define SQ_BARS_SHARE 0.78  /* of a place that its bars take */
#define SQ_BARS_WIDEST 64.0 /* units */
#define SQ_BARS_TEXT 11.0
#define SQ_BARS_SMALL 9.0 /* where places are narrow */
#define SQ_BARS_GAP 4.0   /* from the end to the number */

enum { SQ_BARS_LETTERS = 80 };

/* One series. Values are in the order in which they are shown. */
typedef struct sq_bars {
    sq_mark mark;
    const seqnn_real *values, *deviation; /* [places] */
    seqnn_size places;
    bool horizontal, numbers;
    int decimals; /* -1: three digits and a power of ten */
    sq_colour colour;

    /* The first series knows where each name stands, or -1: not shown. */
    const char *const *names; /* [given], or NULL */
    const seqnn_size *place;
    seqnn_size given;
} sq_bars;

static bool sq_bars_covers(const sq_mark *mark, const seqnn_axes *axes,
                           const double box[4]);

/* The next series of the axes, from a mark on. */
static const sq_bars *sq_bars_next(const sq_mark *mark)
{
    while (mark != NULL && mark->kind->covers != sq_bars_covers)
        mark = mark->next;
    return (const sq_bars *)mark;
}

/* --- where bars lie --- */

static double sq_bars_at(const sq_bars *bars, const seqnn_axes *axes, double value)
{
    return bars->horizontal ? sq_axes_x(axes, value) : sq_axes_y(axes, value);
}

/* From 0 or, where the axis does not show it, from its nearer end. */
static double sq_bars_base(const sq_bars *bars, const seqnn_axes *axes)
{
    const sq_axis *axis = bars->horizontal ? &axes->x : &axes->y;
    double zero = axis->log ? axis->low : fmin(fmax(0, axis->low), axis->high);
    double share = (zero - axis->low) / (axis->high - axis->low);
    if (axis->reversed)
        share = 1 - share;
    return bars->horizontal ? axes->left + share * (axes->right - axes->left)
                            : axes->bottom - share * (axes->bottom - axes->top);
}

/* Width of one bar, and where the first side of place i's bar is. */
static double sq_bars_side(const sq_bars *bars, const seqnn_axes *axes, seqnn_size i,
                           double *side)
{
    double before, after, pitch, series = 0, mine = 0, middle;
    for (const sq_bars *other = sq_bars_next(axes->marks); other != NULL;
         other = sq_bars_next(other->mark.next)) {
        if (other == bars)
            mine = series;
        series++;
    }
    before = bars->horizontal ? sq_axes_y(axes, (double)i - 0.5)
                              : sq_axes_x(axes, (double)i - 0.5);
    after = bars->horizontal ? sq_axes_y(axes, (double)i + 0.5)
                             : sq_axes_x(axes, (double)i + 0.5);
    middle = (before + after) / 2;
    pitch = fmin(fabs(after - before) * SQ_BARS_SHARE / series, SQ_BARS_WIDEST);
    *side = middle + (mine - series / 2) * pitch;
    return pitch;
}

/* The rectangle of a bar (left, top, right, bottom); false if it has none. */
static bool sq_bars_box(const sq_bars *bars, const seqnn_axes *axes, seqnn_size i,
                        double box[4])
{
    double end = sq_bars_at(bars, axes, (double)bars->values[i]), side;
    double base = sq_bars_base(bars, axes), wide = sq_bars_side(bars, axes, i, &side);
    if (!isfinite(end) || !isfinite(bars->values[i]))
        return false;
    box[bars->horizontal ? 0 : 1] = fmin(base, end);
    box[bars->horizontal ? 2 : 3] = fmax(base, end);
    box[bars->horizontal ? 1 : 0] = side;
    box[bars->horizontal ? 3 : 2] = side + wide;
    return true;
}

/* --- the mark's functions --- */

static double sq_bars_deviation(const sq_bars *bars, seqnn_size i)
{
    double deviation = bars->deviation != NULL ? (double)bars->deviation[i] : 0;
    return deviation > 0 && isfinite(deviation) ? deviation : 0;
}

/* A point of the value axis, none of the names'. */
static void sq_bars_reach(const sq_bars *bars, const seqnn_axes *axes, sq_range *range,
                          double value)
{
    sq_range_point(range, axes, bars->horizontal ? value : (double)NAN,
                   bars->horizontal ? (double)NAN : value);
}

static void sq_bars_range(const sq_mark *mark, const seqnn_axes *axes, sq_range *range)
{
    const sq_bars *bars = (const sq_bars *)mark;
    bool log = bars->horizontal ? axes->options.log_x : axes->options.log_y;
    double low = 0, high = 0, least = HUGE_VAL, room;
    for (seqnn_size i = 0; i < bars->places; i++) {
        double value = (double)bars->values[i], deviation = sq_bars_deviation(bars, i);
        if (!isfinite(value))
            continue;
        low = fmin(low, value - deviation);
        high = fmax(high, value + deviation);
        least = value > 0 ? fmin(least, value) : least;
        sq_bars_reach(bars, axes, range, value + deviation);
        sq_bars_reach(bars, axes, range, value - deviation);
    }
    /* On a log axis a bar that begins at its value would have no length. */
    if (log && high > 0 && least <= high) {
        sq_bars_reach(bars, axes, range, 0.5 * least);
        if (bars->numbers)
            sq_bars_reach(bars, axes, range, high * pow(high / least, 0.1));
    }
    if (!log) {
        room = bars->numbers ? (high - low) * (bars->horizontal ? 0.15 : 0.1) : 0;
        sq_bars_reach(bars, axes, range, 0);
        if (high > 0 || low == 0) /* nothing but zeros: an axis from 0 to 1 */
            sq_bars_reach(bars, axes, range, high > 0 ? high + room : 1);
        if (low < 0)
            sq_bars_reach(bars, axes, range, low - room);
        if (bars->horizontal)
            range->x_zero = true;
        else
            range->y_zero = true;
    }
    for (int end = 0; end < 2 && bars->places > 0; end++) {
        double at = end == 0 ? -0.5 : (double)bars->places - 0.5;
        sq_range_point(range, axes, bars->horizontal ? (double)NAN : at,
                       bars->horizontal ? at : (double)NAN);
    }
}

static bool sq_bars_covers(const sq_mark *mark, const seqnn_axes *axes,
                           const double box[4])
{
    const sq_bars *bars = (const sq_bars *)mark;
    double bar[4], number = bars->numbers ? SQ_BARS_TEXT + SQ_BARS_GAP : 0;
    for (seqnn_size i = 0; i < bars->places; i++) {
        double deviation = sq_bars_deviation(bars, i), value = (double)bars->values[i];
        if (!sq_bars_box(bars, axes, i, bar))
            continue;
        for (int sign = -1; sign <= 1 && deviation > 0; sign += 2) {
            double at = sq_bars_at(bars, axes, value + sign * deviation);
            int low = bars->horizontal ? 0 : 1;
            if (isfinite(at)) {
                bar[low] = fmin(bar[low], at);
                bar[low + 2] = fmax(bar[low + 2], at);
            }
        }
        if (bars->horizontal && value < 0)
            bar[0] -= 2 * number;
        else if (bars->horizontal)
            bar[2] += 2 * number;
        else if (value < 0)
            bar[3] += number;
        else
            bar[1] -= number;
        if (bar[0] < box[2] && bar[2] > box[0] && bar[1] < box[3] && bar[3] > box[1])
            return true;
    }
    return false;
}

static void sq_bars_fill(const sq_bars *bars, const seqnn_axes *axes, sq_canvas *canvas)
{
    double box[4], pixel = 1 / canvas->scale, wide;
    int side = bars->horizontal ? 1 : 0;
    for (seqnn_size i = 0; i < bars->places; i++) {
        if (!sq_bars_box(bars, axes, i, box))
            continue;
        /* All of one width in pixels, neighbours apart by one, and thousands do not
         * vanish. */
        wide = floor((box[side + 2] - box[side]) / pixel + 0.5);
        wide = wide > 6 ? wide - 1 : fmax(wide, 1);
        box[side] = floor(box[side] / pixel + 0.5) * pixel;
        box[side + 2] = box[side] + wide * pixel;
        sq_canvas_rectangle(canvas, box[0], box[1], box[2], box[3]);
    }
    sq_canvas_paint(canvas, bars->colour, 1);
}

static void sq_bars_error_lines(const sq_bars *bars, const seqnn_axes *axes,
                                sq_canvas *canvas)
{
    for (seqnn_size i = 0; i < bars->places; i++) {
        double value = (double)bars->values[i], deviation = sq_bars_deviation(bars, i);
        double side, wide = sq_bars_side(bars, axes, i, &side);
        double middle = side + wide / 2, cap = fmin(4, wide / 4);
        double from = sq_bars_at(bars, axes, value - deviation);
        double to = sq_bars_at(bars, axes, value + deviation);
        if (!isfinite(from) && isfinite(to)) /* below the end of a log axis */
            from = sq_bars_base(bars, axes);
        if (deviation == 0 || !isfinite(from) || !isfinite(to))
            continue;
        if (bars->horizontal) {
            sq_canvas_hairline(canvas, from, middle, to, middle, 1.2);
            sq_canvas_hairline(canvas, from, middle - cap, from, middle + cap, 1.2);
            sq_canvas_hairline(canvas, to, middle - cap, to, middle + cap, 1.2);
        } else {
            sq_canvas_hairline(canvas, middle, from, middle, to, 1.2);
            sq_canvas_hairline(canvas, middle - cap, from, middle + cap, from, 1.2);
            sq_canvas_hairline(canvas, middle - cap, to, middle + cap, to, 1.2);
        }
    }
    sq_canvas_paint(canvas, SQ_INK, 1);
}

/* The line that bars stand on, where the frame is not it. */
static void sq_bars_base_line(const sq_bars *bars, const seqnn_axes *axes,
                              sq_canvas *canvas)
{
    double base = sq_bars_base(bars, axes);
    if (bars->horizontal && base > axes->left + 1)
        sq_canvas_hairline(canvas, base, axes->top, base, axes->bottom, 0.8);
    if (!bars->horizontal && base < axes->bottom - 1)
        sq_canvas_hairline(canvas, axes->left, base, axes->right, base, 0.8);
    sq_canvas_paint(canvas, SQ_INK, 1);
}

/* --- numbers --- */

/* Very large and very small ones in the multiples that the axis has, or with a power of
 * ten. */
static void sq_bars_number(const sq_bars *bars, const seqnn_axes *axes, double value,
                           char text[SQ_NUMBER])
{
    const sq_axis *axis = bars->horizontal ? &axes->x : &axes->y;
    double size = fabs(value);
    if (bars->decimals >= 0)
        sq_number_text(text, 'f', bars->decimals, value);
    else if (!axis->log && axis->power != 0)
        sq_number_text(text, 'g', 3, value / pow(10, axis->power));
    else if (size >= 100 && size < 1e6)
        sq_number_text(text, 'f', 0, value);
    else
        sq_number_text(text, 'g', 3, value);
}

/* A size that all numbers fit in beside each other; 0: none. */
static double sq_bars_size(const sq_bars *bars, const seqnn_axes *axes,
                           const sq_picture *picture)
{
    double sizes[2] = {SQ_BARS_TEXT, SQ_BARS_SMALL}, side, pitch;
    if (bars->places == 0)
        return 0;
    pitch = sq_bars_side(bars, axes, 0, &side);
    for (int k = 0; k < 2; k++) {
        double needed = sizes[k] * SQ_FONT_CAPITALS + 2;
        for (seqnn_size i = 0; !bars->horizontal && i < bars->places; i++) {
            char text[SQ_NUMBER];
            sq_text how;
            memset(&how, 0, sizeof how);
            how.size = sizes[k];
            sq_bars_number(bars, axes, (double)bars->values[i], text);
            if (isfinite(bars->values[i]))
                needed = fmax(needed, sq_picture_width(picture, text, how) + 3);
        }
        /* A lone series may use the space between its bars. */
        if (needed <= pitch || (axes->series == 1 && needed <= pitch / SQ_BARS_SHARE))
            return sizes[k];
    }
    return 0;
}

/* The middle of a number, at the bar's end or before it. False if that is outside the
 * frame or the bar. */
static bool sq_bars_spot(const sq_bars *bars, const seqnn_axes *axes, seqnn_size i,
                         bool inside, double width, double height, double *x, double *y)
{
    double value = (double)bars->values[i], deviation = sq_bars_deviation(bars, i);
    double side, wide = sq_bars_side(bars, axes, i, &side), box[4], end, away;
    double frame[4] = {axes->left, axes->top, axes->right, axes->bottom};
    if (!sq_bars_box(bars, axes, i, box) || (inside && deviation > 0))
        return false;
    end = sq_bars_at(bars, axes, value + (value < 0 ? -deviation : deviation));
    away = (value < 0) != inside ? -1 : 1;
    *x = *y = side + wide / 2;
    if (bars->horizontal)
        *x = end + away * (SQ_BARS_GAP + width / 2);
    else
        *y = end - away * (SQ_BARS_GAP + height / 2);
    if (inside) {
        for (int k = 0; k < 2; k++) {
            frame[k] = fmax(frame[k], box[k]);
            frame[k + 2] = fmin(frame[k + 2], box[k + 2]);
        }
    }
    return *x - width / 2 >= frame[0] && *y - height / 2 >= frame[1] &&
           *x + width / 2 <= frame[2] && *y + height / 2 <= frame[3];
}

/* Beyond the ends if all fit there, otherwise inside if all fit there; otherwise each
 * where it fits. */
static void sq_bars_write(const sq_bars *bars, const seqnn_axes *axes,
                          sq_picture *picture, double size)
{
    bool all[2] = {true, true};
    double x, y, width, height = size * SQ_FONT_CAPITALS;
    char text[SQ_NUMBER];
    sq_text how;
    memset(&how, 0, sizeof how);
    how.size = size;
    how.anchor = 0.5;
    for (int pass = 0; pass < 2; pass++) {
        for (seqnn_size i = 0; i < bars->places; i++) {
            bool inside = !all[0] && all[1], fits = false;
            if (!isfinite(bars->values[i]))
                continue;
            sq_bars_number(bars, axes, (double)bars->values[i], text);
            width = sq_picture_width(picture, text, how);
            if (pass == 0) {
                for (int k = 0; k < 2; k++)
                    all[k] = all[k] &&
                             sq_bars_spot(bars, axes, i, k == 1, width, height, &x, &y);
                continue;
            }
            for (int k = 0; k < 2 && !fits; k++) {
                inside = k == 1 || inside;
                fits = sq_bars_spot(bars, axes, i, inside, width, height, &x, &y);
            }
            how.colour = inside ? sq_colour_of_text(bars->colour) : SQ_INK;
            if (fits && !sq_picture_taken(picture, x - width / 2, y - height / 2,
                                          x + width / 2, y + height / 2))
                sq_picture_text_middle(picture, x, y, text, how);
        }
    }
}

static void sq_bars_draw(const sq_mark *mark, const seqnn_axes *axes, sq_picture *picture,
                         sq_layer layer)
{
    const sq_bars *bars = (const sq_bars *)mark;
    sq_canvas *canvas = &picture->canvas;
    if (layer != SQ_LAYER_TEXT)
        sq_canvas_clip(canvas, axes->left, axes->top, axes->right, axes->bottom);
    if (layer == SQ_LAYER_FILL)
        sq_bars_fill(bars, axes, canvas);
    if (layer == SQ_LAYER_LINE) {
        sq_bars_error_lines(bars, axes, canvas);
        sq_bars_base_line(bars, axes, canvas);
    }
    if (layer == SQ_LAYER_TEXT && bars->numbers) {
        double size = sq_bars_size(bars, axes, picture);
        if (size > 0)
            sq_bars_write(bars, axes, picture, size);
    }
}

static void sq_bars_sample(const sq_mark *mark, sq_picture *picture, double x, double y)
{
    const sq_bars *bars = (const sq_bars *)mark;
    sq_canvas_rectangle(&picture->canvas, x + 4, y - 5, x + SQ_SAMPLE - 4, y + 5);
    sq_canvas_paint(&picture->canvas, bars->colour, 1);
}

static const sq_mark_kind sq_bars_kind = {sq_bars_range, sq_bars_draw, sq_bars_covers,
                                          sq_bars_sample};

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

/* Letters of all names, each with a space on both sides. */
static seqnn_size sq_bars_letters(const char *const *names, seqnn_size count)
{
    seqnn_size letters = 0;
    for (seqnn_size i = 0; names != NULL && i < count; i++) {
        letters += 2;
        for (const char *at = names[i]; at != NULL && *at != '\0'; at++)
            letters += ((unsigned char)*at & 0xC0) != 0x80;
    }
    return letters;
}

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
                            "%s: the axes have names already, of another mark", who);
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
    bars = (sq_bars *)sq_axes_add(axes, &sq_bars_kind, sizeof *bars);
    if (bars == NULL)
        return sq_axes_status(axes);
    if (first == NULL) {
        seqnn_size shown = options.most > 0 ? sq_min(options.most, count) : count;
        bars->horizontal =
            options.direction == SEQNN_BARS_HORIZONTAL ||
            (options.direction == SEQNN_BARS_DEFAULT && count > 0 &&
             sq_bars_letters(names, count) * shown / count > SQ_BARS_LETTERS);
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
