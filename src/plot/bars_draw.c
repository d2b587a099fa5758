/* plot/bars_draw.c - a series of bars and how it is drawn */
#include "bars_draw.h"

#ifdef SEQNN_PLOT

#define SQ_BARS_SHARE 0.78  /* of a place that its bars take */
#define SQ_BARS_WIDEST 64.0 /* units */
#define SQ_BARS_TEXT 11.0
#define SQ_BARS_SMALL 9.0 /* where places are narrow */
#define SQ_BARS_GAP 4.0   /* from the end to the number */
#define SQ_BARS_CLEAR 3.0 /* from a number to a line: half a symbol */

static bool sq_bars_covers(const sq_mark *mark, const seqnn_axes *axes,
                           const double box[4]);

const sq_bars *sq_bars_next(const sq_mark *mark)
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

/* The value itself, whatever the axis' numbers are multiples of: very large and very
 * small ones with a power of ten. */
static void sq_bars_number(const sq_bars *bars, double value, char text[SQ_NUMBER])
{
    double size = fabs(value), limit = value == floor(value) ? 1e7 : 1e6;
    if (bars->decimals >= 0)
        sq_number_text(text, 'f', bars->decimals, value);
    else if (size >= 100 && size < limit)
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
            sq_bars_number(bars, (double)bars->values[i], text);
            if (isfinite(bars->values[i]))
                needed = fmax(needed, sq_picture_width(picture, text, how) + 3);
        }
        /* A lone series may use the space between its bars. */
        if (needed <= pitch || (axes->series == 1 && needed <= pitch / SQ_BARS_SHARE))
            return sizes[k];
    }
    return 0;
}

/* Does a line, a symbol or what else is no bar come near a box? */
static bool sq_bars_crossed(const seqnn_axes *axes, double left, double top, double right,
                            double bottom)
{
    double box[4] = {left - SQ_BARS_CLEAR, top - SQ_BARS_CLEAR, right + SQ_BARS_CLEAR,
                     bottom + SQ_BARS_CLEAR};
    for (const sq_mark *mark = axes->marks; mark != NULL; mark = mark->next)
        if (mark->kind->covers != NULL && mark->kind->covers != sq_bars_covers &&
            mark->kind->covers(mark, axes, box))
            return true;
    return false;
}

/* The middle of a number, at the bar's end or before it. False if that is outside the
 * frame or the bar, or another mark is there. */
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
           *x + width / 2 <= frame[2] && *y + height / 2 <= frame[3] &&
           !sq_bars_crossed(axes, *x - width / 2, *y - height / 2, *x + width / 2,
                            *y + height / 2);
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
            sq_bars_number(bars, (double)bars->values[i], text);
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

const sq_mark_kind *sq_bars_kind(void)
{
    static const sq_mark_kind kind = {sq_bars_range, sq_bars_draw, sq_bars_covers,
                                      sq_bars_sample};
    return &kind;
}

#endif
