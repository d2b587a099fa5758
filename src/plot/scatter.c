/* plot/scatter.c - points, in classes or with the words they stand for */
#include "scatter.h"

#ifdef SEQNN_PLOT

#include "labels.h"
#include "marks.h"
#include "memory.h"
#include "stamp.h"

#define SQ_SCATTER_NAME 11.0
#define SQ_SCATTER_RIM 0.8
/* Height of a word above and below its base line, of its size, if not higher. */
#define SQ_SCATTER_ABOVE 0.76
#define SQ_SCATTER_BELOW 0.23

/* Rims are for points that one can count; words keep clear of lines unless there are so
 * many that it would take long. */
enum { SQ_SCATTER_RIMMED = 2000, SQ_SCATTER_FEW = 400 };

typedef struct sq_scatter {
    sq_mark mark;
    const seqnn_real *x, *y, *priority;
    const char *const *names;
    const int32_t *classes;
    seqnn_size count, first; /* the first class' place in the palette */
    seqnn_marker marker;
    sq_colour colour;
    double size, opacity, name_size;
    sq_range range; /* of a million points, found once */
} sq_scatter;

/* One class in the legend. */
typedef struct sq_scatter_entry {
    sq_mark mark;
    seqnn_marker marker;
    sq_colour colour;
} sq_scatter_entry;

/* Where a point lies, in units; false if it lies nowhere. */
static bool sq_scatter_point(const sq_scatter *scatter, const seqnn_axes *axes,
                             seqnn_size i, double *x, double *y)
{
    *x = sq_axes_x(axes, (double)scatter->x[i]);
    *y = sq_axes_y(axes, (double)scatter->y[i]);
    return *x > axes->left - 0.5 && *x < axes->right + 0.5 && *y > axes->top - 0.5 &&
           *y < axes->bottom + 0.5;
}

static void sq_scatter_find_range(sq_scatter *scatter, const seqnn_axes *axes)
{
    sq_range *range = &scatter->range;
    *range = sq_range_none();
    for (seqnn_size i = 0; i < scatter->count; i++)
        if (!isnan(scatter->x[i]) && !isnan(scatter->y[i]))
            sq_range_point(range, axes, (double)scatter->x[i], (double)scatter->y[i]);
}

static void sq_scatter_range(const sq_mark *mark, const seqnn_axes *axes, sq_range *range)
{
    (void)axes;
    sq_range_merge(range, &((const sq_scatter *)mark)->range);
}

static bool sq_scatter_covers(const sq_mark *mark, const seqnn_axes *axes,
                              const double box[4])
{
    const sq_scatter *scatter = (const sq_scatter *)mark;
    double r = scatter->size / 2, x, y;
    for (seqnn_size i = 0; i < scatter->count; i++)
        if (sq_scatter_point(scatter, axes, i, &x, &y) && x > box[0] - r &&
            x < box[2] + r && y > box[1] - r && y < box[3] + r)
            return true;
    return false;
}

/* The eighth class has the first's colour and another symbol. */
static seqnn_marker sq_scatter_marker(seqnn_marker first, seqnn_size class_index)
{
    seqnn_size symbols = SEQNN_MARKER_DIAMOND - SEQNN_MARKER_CIRCLE + 1;
    seqnn_size turn = class_index / SQ_PALETTE;
    return (seqnn_marker)((first - SEQNN_MARKER_CIRCLE + turn) % symbols +
                          SEQNN_MARKER_CIRCLE);
}

enum { SQ_SCATTER_SYMBOLS = SEQNN_MARKER_DIAMOND + 1 };

typedef struct sq_scatter_shape {
    seqnn_marker marker;
    double size;
} sq_scatter_shape;

static void sq_scatter_draw_shape(sq_canvas *canvas, double x, double y,
                                  const void *context)
{
    const sq_scatter_shape *shape = (const sq_scatter_shape *)context;
    sq_marker_shape(canvas, shape->marker, x, y, shape->size);
}

/* Opens the stamp when it is first wanted. */
static bool sq_scatter_stamp(sq_stamp *stamp, sq_picture *picture, seqnn_marker marker,
                             double size)
{
    sq_scatter_shape shape;
    shape.marker = marker;
    shape.size = size;
    /* Diamonds reach a little beyond their size. */
    if (stamp->coverage == NULL &&
        sq_stamp_open(stamp, &picture->canvas, 0.65 * size, sq_scatter_draw_shape,
                      &shape) != SEQNN_OK)
        picture->status = SEQNN_ERROR_MEMORY;
    return stamp->coverage != NULL;
}

static void sq_scatter_points(const sq_scatter *scatter, const seqnn_axes *axes,
                              sq_picture *picture)
{
    sq_stamp symbols[SQ_SCATTER_SYMBOLS], rims[SQ_SCATTER_SYMBOLS];
    bool rimmed = scatter->count <= SQ_SCATTER_RIMMED && scatter->opacity == 1;
    memset(symbols, 0, sizeof symbols);
    memset(rims, 0, sizeof rims);
    for (seqnn_size i = 0; i < scatter->count; i++) {
        seqnn_marker marker = scatter->marker;
        sq_colour colour = scatter->colour;
        double x, y;
        if (!sq_scatter_point(scatter, axes, i, &x, &y))
            continue;
        if (scatter->classes != NULL) {
            colour = sq_colour_of_series(scatter->first + scatter->classes[i]);
            marker = sq_scatter_marker(marker, scatter->classes[i]);
        }
        if (rimmed) {
            if (!sq_scatter_stamp(&rims[marker], picture, marker,
                                  scatter->size + 2 * SQ_SCATTER_RIM))
                break;
            sq_stamp_paint(&rims[marker], &picture->canvas, x, y, 0xFFFFFFu, 1);
        }
        if (!sq_scatter_stamp(&symbols[marker], picture, marker, scatter->size))
            break;
        sq_stamp_paint(&symbols[marker], &picture->canvas, x, y, colour,
                       scatter->opacity);
    }
    for (int i = 0; i < SQ_SCATTER_SYMBOLS; i++) {
        sq_stamp_close(&symbols[i]);
        sq_stamp_close(&rims[i]);
    }
}

/* --- words --- */

static bool sq_scatter_is(const sq_mark *mark)
{
    return mark->kind->covers == sq_scatter_covers;
}

/* What else words keep clear of. */
typedef struct sq_scatter_rest {
    const sq_picture *picture;
    const seqnn_axes *axes;
    bool lines; /* and of other marks than points */
} sq_scatter_rest;

static bool sq_scatter_taken(const void *context, const double box[4])
{
    const sq_scatter_rest *rest = (const sq_scatter_rest *)context;
    if (sq_picture_taken(rest->picture, box[0] - SQ_LABEL_BESIDE, box[1],
                         box[2] + SQ_LABEL_BESIDE, box[3]))
        return true;
    for (const sq_mark *mark = rest->axes->marks; rest->lines && mark != NULL;
         mark = mark->next)
        if (!sq_scatter_is(mark) && mark->kind->covers != NULL &&
            mark->kind->covers(mark, rest->axes, box))
            return true;
    return false;
}

/* All points of the axes, of this scatter and of others. NULL without memory. */
static sq_spot *sq_scatter_spots(const seqnn_axes *axes, seqnn_size *count)
{
    seqnn_size room = 1;
    sq_spot *spots;
    for (const sq_mark *mark = axes->marks; mark != NULL; mark = mark->next)
        if (sq_scatter_is(mark))
            room += ((const sq_scatter *)mark)->count;
    spots = (sq_spot *)sq_allocate(room, sizeof *spots);
    *count = 0;
    for (const sq_mark *mark = axes->marks; spots != NULL && mark != NULL;
         mark = mark->next) {
        const sq_scatter *scatter = (const sq_scatter *)mark;
        for (seqnn_size i = 0; sq_scatter_is(mark) && i < scatter->count; i++) {
            sq_spot *spot = &spots[*count];
            spot->radius = scatter->size / 2;
            *count += sq_scatter_point(scatter, axes, i, &spot->x, &spot->y);
        }
    }
    return spots;
}

typedef struct sq_scatter_word {
    seqnn_size point;
    double priority, above;
} sq_scatter_word;

/* The most important first, NaN last, otherwise as given. */
static int sq_scatter_before(const void *left, const void *right)
{
    const sq_scatter_word *a = (const sq_scatter_word *)left;
    const sq_scatter_word *b = (const sq_scatter_word *)right;
    if (a->priority > b->priority || (isnan(b->priority) && !isnan(a->priority)))
        return -1;
    if (a->priority < b->priority || (isnan(a->priority) && !isnan(b->priority)))
        return 1;
    return a->point < b->point ? -1 : a->point > b->point;
}

static sq_text sq_scatter_text(const sq_scatter *scatter, const seqnn_axes *axes)
{
    sq_text text;
    memset(&text, 0, sizeof text);
    text.size = scatter->name_size;
    text.width = 0.45 * (axes->right - axes->left);
    text.colour = SQ_INK;
    return text;
}

static void sq_scatter_write(const sq_scatter *scatter, const seqnn_axes *axes,
                             sq_picture *picture, const sq_scatter_word *words,
                             const sq_label *labels, seqnn_size count)
{
    sq_text text = sq_scatter_text(scatter, axes);
    for (seqnn_size i = 0; i < count; i++)
        if (labels[i].place >= 0 && labels[i].leader)
            sq_canvas_line(&picture->canvas, labels[i].line[0], labels[i].line[1],
                           labels[i].line[2], labels[i].line[3], 0.7);
    sq_canvas_paint(&picture->canvas, SQ_FAINT, 1);
    for (seqnn_size i = 0; i < count; i++)
        if (labels[i].place >= 0)
            sq_picture_text(picture, labels[i].left, labels[i].top + words[i].above,
                            scatter->names[words[i].point], text);
}

static void sq_scatter_names(const sq_scatter *scatter, const seqnn_axes *axes,
                             sq_picture *picture)
{
    sq_text text = sq_scatter_text(scatter, axes);
    sq_scatter_rest rest;
    sq_label_field field;
    seqnn_size count = 0;
    sq_scatter_word *words =
        (sq_scatter_word *)sq_allocate(scatter->count + 1, sizeof *words);
    sq_label *labels = (sq_label *)sq_allocate(scatter->count + 1, sizeof *labels);
    sq_spot *spots = sq_scatter_spots(axes, &field.spot_count);
    for (seqnn_size i = 0; words != NULL && i < scatter->count; i++) {
        double x, y;
        words[count].point = i;
        words[count].priority =
            scatter->priority != NULL ? (double)scatter->priority[i] : 0;
        count +=
            scatter->names[i][0] != '\0' && sq_scatter_point(scatter, axes, i, &x, &y);
    }
    if (words != NULL && labels != NULL && spots != NULL) {
        qsort(words, (size_t)count, sizeof *words, sq_scatter_before);
        for (seqnn_size i = 0; i < count; i++) {
            sq_label *label = &labels[i];
            const char *name = scatter->names[words[i].point];
            sq_font_extent ink;
            sq_scatter_point(scatter, axes, words[i].point, &label->spot.x,
                             &label->spot.y);
            label->spot.radius = scatter->size / 2;
            label->width = fmin(sq_picture_width(picture, name, text), text.width);
            ink = sq_font_box(picture->font, name, text.size, 0, false);
            words[i].above = fmax(SQ_SCATTER_ABOVE * text.size, -ink.top);
            label->height =
                words[i].above + fmax(SQ_SCATTER_BELOW * text.size, ink.bottom);
        }
        rest.picture = picture;
        rest.axes = axes;
        rest.lines = count <= SQ_SCATTER_FEW;
        field.left = axes->left + 1;
        field.top = axes->top + 1;
        field.right = axes->right - 1;
        field.bottom = axes->bottom - 1;
        field.spots = spots;
        field.taken = sq_scatter_taken;
        field.context = &rest;
    }
    if (words == NULL || labels == NULL || spots == NULL ||
        sq_labels_place(labels, count, &field) != SEQNN_OK)
        picture->status = SEQNN_ERROR_MEMORY;
    else
        sq_scatter_write(scatter, axes, picture, words, labels, count);
    sq_free(words);
    sq_free(labels);
    sq_free(spots);
}

static void sq_scatter_draw(const sq_mark *mark, const seqnn_axes *axes,
                            sq_picture *picture, sq_layer layer)
{
    const sq_scatter *scatter = (const sq_scatter *)mark;
    if (layer == SQ_LAYER_POINT)
        sq_scatter_points(scatter, axes, picture);
    else if (layer == SQ_LAYER_WORD && scatter->names != NULL)
        sq_scatter_names(scatter, axes, picture);
}

/* --- legend --- */

static void sq_scatter_symbol(sq_picture *picture, seqnn_marker marker, sq_colour colour,
                              double x, double y)
{
    sq_marker_shape(&picture->canvas, marker, x + SQ_SAMPLE / 2, y, 7);
    sq_canvas_paint(&picture->canvas, colour, 1);
}

static void sq_scatter_sample(const sq_mark *mark, sq_picture *picture, double x,
                              double y)
{
    const sq_scatter *scatter = (const sq_scatter *)mark;
    sq_scatter_symbol(picture, scatter->marker, scatter->colour, x, y);
}

static void sq_scatter_entry_sample(const sq_mark *mark, sq_picture *picture, double x,
                                    double y)
{
    const sq_scatter_entry *entry = (const sq_scatter_entry *)mark;
    sq_scatter_symbol(picture, entry->marker, entry->colour, x, y);
}

static const sq_mark_kind sq_scatter_kind = {sq_scatter_range, sq_scatter_draw,
                                             sq_scatter_covers, sq_scatter_sample};
static const sq_mark_kind sq_scatter_entry_kind = {NULL, NULL, NULL,
                                                   sq_scatter_entry_sample};

/* --- */

static seqnn_status sq_scatter_check(seqnn_axes *axes, const seqnn_real *x,
                                     const seqnn_real *y, seqnn_size count,
                                     const seqnn_scatter_options *options)
{
    const char *who = "scatter";
    if (count < 0 || (count > 0 && (x == NULL || y == NULL)))
        return sq_axes_fail(axes, SEQNN_ERROR_ARGUMENT,
                            "%s: x and y of %td points, expected both of 0 or more", who,
                            count);
    if (!(options->size >= 0 && options->size <= 100) ||
        !(options->name_size >= 0 && options->name_size <= 100))
        return sq_axes_fail(axes, SEQNN_ERROR_ARGUMENT,
                            "%s: size is %g and name_size %g, expected 0 to 100", who,
                            (double)options->size, (double)options->name_size);
    if (!(options->opacity >= 0 && options->opacity <= 1))
        return sq_axes_fail(axes, SEQNN_ERROR_ARGUMENT,
                            "%s: opacity is %g, expected 0 to 1", who,
                            (double)options->opacity);
    if (options->marker < SEQNN_MARKER_DEFAULT ||
        options->marker > SEQNN_MARKER_DIAMOND || options->marker == SEQNN_MARKER_NONE)
        return sq_axes_fail(axes, SEQNN_ERROR_ARGUMENT,
                            "%s: marker is %d, expected a symbol", who,
                            (int)options->marker);
    if (options->class_count < 0)
        return sq_axes_fail(axes, SEQNN_ERROR_ARGUMENT,
                            "%s: class_count is %td, expected as many as class_names "
                            "has, or 0",
                            who, options->class_count);
    for (seqnn_size i = 0; options->classes != NULL && i < count; i++)
        if (options->classes[i] < 0 ||
            (options->class_count > 0 && options->classes[i] >= options->class_count))
            return sq_axes_fail(axes, SEQNN_ERROR_ARGUMENT,
                                "%s: point %td has class %ld of %td classes", who, i,
                                (long)options->classes[i], options->class_count);
    return SEQNN_OK;
}

/* Symbols shrink as they become a crowd. */
static double sq_scatter_size(seqnn_real given, seqnn_size count)
{
    if (given > 0)
        return (double)given;
    return fmin(fmax(7 * pow((double)count / 300, -0.2), 1.5), 7);
}

seqnn_status seqnn_axes_scatter(seqnn_axes *axes, const seqnn_real *x,
                                const seqnn_real *y, seqnn_size count,
                                seqnn_scatter_options options)
{
    const seqnn_size real = (seqnn_size)sizeof(seqnn_real);
    seqnn_size classes = options.class_count;
    sq_scatter *scatter;
    if (sq_axes_status(axes) != SEQNN_OK ||
        sq_scatter_check(axes, x, y, count, &options) != SEQNN_OK)
        return sq_axes_status(axes);
    scatter = (sq_scatter *)sq_axes_add(axes, &sq_scatter_kind, sizeof *scatter);
    if (scatter == NULL)
        return sq_axes_status(axes);
    scatter->marker =
        options.marker == SEQNN_MARKER_DEFAULT ? SEQNN_MARKER_CIRCLE : options.marker;
    scatter->size = sq_scatter_size(options.size, count);
    scatter->opacity = options.opacity > 0 ? (double)options.opacity : 1;
    scatter->name_size =
        options.name_size > 0 ? (double)options.name_size : SQ_SCATTER_NAME;
    scatter->x = (const seqnn_real *)sq_axes_keep(axes, x, count, real);
    scatter->y = (const seqnn_real *)sq_axes_keep(axes, y, count, real);
    scatter->names = sq_axes_keep_names(axes, options.names, count);
    scatter->priority =
        (const seqnn_real *)sq_axes_keep(axes, options.priority, count, real);
    if (options.classes == NULL) {
        scatter->mark.label = sq_axes_keep_text(axes, options.label);
        scatter->colour = sq_axes_colour(axes, options.colour);
    } else {
        scatter->classes = (const int32_t *)sq_axes_keep(axes, options.classes, count,
                                                         sizeof *options.classes);
        for (seqnn_size i = 0; i < count; i++)
            classes = sq_max(classes, (seqnn_size)options.classes[i] + 1);
        scatter->first = axes->colours;
        axes->colours += classes;
        axes->series += classes;
    }
    for (seqnn_size c = 0; options.classes != NULL && c < classes; c++) {
        sq_scatter_entry *entry;
        if (options.class_names == NULL || options.class_names[c] == NULL)
            continue;
        entry =
            (sq_scatter_entry *)sq_axes_add(axes, &sq_scatter_entry_kind, sizeof *entry);
        if (entry == NULL)
            break;
        entry->mark.label = sq_axes_keep_text(axes, options.class_names[c]);
        entry->marker = sq_scatter_marker(scatter->marker, c);
        entry->colour = sq_colour_of_series(scatter->first + c);
    }
    if (sq_axes_status(axes) == SEQNN_OK)
        scatter->count = count;
    sq_scatter_find_range(scatter, axes);
    return sq_axes_status(axes);
}

#endif
