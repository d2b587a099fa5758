#include "dataset_rows.h"
#include "series.h"
#include "series_build.h"

/* values = (values - offset) / scale, all columns. */
static void sq_series_apply(sq_series *s)
{
    seqnn_size columns = s->public_part.columns;
    for (seqnn_size t = 0; t < s->public_part.count; t++)
        for (seqnn_size i = 0; i < columns; i++) {
            seqnn_real *value = &s->values[t * columns + i];
            *value = (seqnn_real)(((double)*value - s->offset[i]) / s->scale[i]);
        }
    s->scaled = true;
}

static void sq_measure_column(const sq_series *s, seqnn_size column, seqnn_size rows,
                              seqnn_scaling scaling, double *offset, double *scale)
{
    seqnn_size columns = s->public_part.columns;
    const seqnn_real *values = s->values + column;
    double least = (double)values[0], most = least, sum = 0, squares = 0;
    for (seqnn_size t = 0; t < rows; t++) {
        double value = (double)values[t * columns];
        least = value < least ? value : least;
        most = value > most ? value : most;
        sum += value;
    }
    double mean = sum / (double)rows;
    for (seqnn_size t = 0; t < rows; t++) {
        double d = (double)values[t * columns] - mean;
        squares += d * d;
    }
    bool min_max = scaling == SEQNN_MIN_MAX;
    *offset = min_max ? least : mean;
    *scale = min_max ? most - least : sqrt(squares / (double)rows);
    if (!(most > least))
        *scale = 1;
}

static seqnn_status sq_check_unscaled(const seqnn_series *series)
{
    if (!series)
        return SEQNN_ERROR_ARGUMENT; /* the reader has left its sentence */
    if (((const sq_series *)series)->scaled)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "series: it is scaled already");
    return SEQNN_OK;
}

SEQNN_API seqnn_status seqnn_series_scale(seqnn_series *series, seqnn_scaling scaling,
                                          seqnn_size rows)
{
    seqnn_status status = sq_check_unscaled(series);
    if (status != SEQNN_OK)
        return status;
    if (rows < 0 || rows > series->count || (int)scaling < 0 || scaling > SEQNN_MIN_MAX)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "series: scaling %d by %td rows of %td, expected 0 (all) to that",
                       (int)scaling, rows, series->count);
    sq_series *s = (sq_series *)series;
    for (seqnn_size i = 0; i < series->columns; i++)
        sq_measure_column(s, i, rows > 0 ? rows : series->count, scaling, &s->offset[i],
                          &s->scale[i]);
    sq_series_apply(s);
    return SEQNN_OK;
}

SEQNN_API seqnn_status seqnn_series_scale_like(seqnn_series *series,
                                               const seqnn_series *like)
{
    seqnn_status status = sq_check_unscaled(series);
    if (status != SEQNN_OK || !like)
        return status != SEQNN_OK ? status : SEQNN_ERROR_ARGUMENT;
    bool same = series->columns == like->columns;
    for (seqnn_size i = 0; i < series->columns && same; i++)
        same = strcmp(series->names[i], like->names[i]) == 0;
    if (!same)
        return sq_fail(SEQNN_ERROR_SHAPE,
                       "series: its %td columns are not the %td of the other",
                       series->columns, like->columns);
    sq_series *s = (sq_series *)series;
    for (seqnn_size i = 0; i < series->columns; i++) {
        s->offset[i] = like->offset[i];
        s->scale[i] = like->scale[i];
    }
    sq_series_apply(s);
    return SEQNN_OK;
}

SEQNN_API seqnn_real seqnn_series_unscale(const seqnn_series *series, seqnn_size column,
                                          seqnn_real value)
{
    if (column < 0 || column >= series->columns) {
        sq_fail(SEQNN_ERROR_ARGUMENT, "series: column %td of %td", column,
                series->columns);
        return (seqnn_real)NAN;
    }
    return (seqnn_real)((double)value * series->scale[column] + series->offset[column]);
}

SEQNN_API seqnn_size seqnn_series_column(const seqnn_series *series, const char *name)
{
    for (seqnn_size i = 0; i < series->columns; i++)
        if (strcmp(series->names[i], name) == 0)
            return i;
    sq_fail(SEQNN_ERROR_ARGUMENT, "series: no column '%s' among its %td", name,
            series->columns);
    return -1;
}

/* Which columns a list of names means; NULL: all. *columns belongs to the caller. */
static seqnn_status sq_series_find(const seqnn_series *series, const char *const *names,
                                   seqnn_size **columns, seqnn_size *count)
{
    *count = 0;
    while (names ? names[*count] != NULL : *count < series->columns)
        ++*count;
    if (*count == 0)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "windows: a list of columns is empty");
    *columns = (seqnn_size *)sq_allocate(*count, sizeof(seqnn_size));
    if (!*columns)
        return SEQNN_ERROR_MEMORY;
    for (seqnn_size i = 0; i < *count; i++) {
        (*columns)[i] = names ? seqnn_series_column(series, names[i]) : i;
        if ((*columns)[i] < 0)
            return SEQNN_ERROR_ARGUMENT;
    }
    return SEQNN_OK;
}

/* Chosen columns of `rows` rows from `begin` on, one row behind the other. */
static void sq_copy_window(const seqnn_series *series, seqnn_size begin, seqnn_size rows,
                           const seqnn_size *columns, seqnn_size count, seqnn_real *out)
{
    for (seqnn_size t = begin; t < begin + rows; t++)
        for (seqnn_size i = 0; i < count; i++)
            *out++ = series->values[t * series->columns + columns[i]];
}

/* Puts the defaults in and counts the windows. */
static seqnn_status sq_count_windows(const seqnn_series *series, seqnn_size steps,
                                     seqnn_windows_options *o, seqnn_size *count)
{
    if (o->end == 0)
        o->end = series->count;
    if (o->horizon == 0)
        o->horizon = 1;
    if (o->stride == 0)
        o->stride = 1;
    if (steps < 1 || o->horizon < 1 || o->gap < 0 || o->stride < 1 || o->begin < 0 ||
        o->begin > o->end || o->end > series->count)
        return sq_fail(
            SEQNN_ERROR_ARGUMENT,
            "windows: steps %td, .horizon %td, .gap %td, .stride %td, rows %td "
            "to %td of %td",
            steps, o->horizon, o->gap, o->stride, o->begin, o->end, series->count);
    seqnn_size rows = o->end - o->begin;
    /* Compared one by one: their sum may be too large to be a size. */
    bool fits =
        steps <= rows && o->gap <= rows - steps && o->horizon <= rows - steps - o->gap;
    if (!fits)
        return sq_fail(
            SEQNN_ERROR_ARGUMENT,
            "windows: %td rows are too few for a window of %td steps, a gap of "
            "%td and %td steps behind it",
            rows, steps, o->gap, o->horizon);
    *count = (rows - steps - o->gap - o->horizon) / o->stride + 1;
    return SEQNN_OK;
}

SEQNN_API seqnn_dataset *seqnn_series_windows(const seqnn_series *series,
                                              seqnn_size steps,
                                              seqnn_windows_options options)
{
    seqnn_size *inputs = NULL, *targets = NULL;
    seqnn_size count = 0, input_count = 0, target_count = 0;
    if (!series)
        return NULL; /* the reader has left its sentence */
    seqnn_status status = sq_count_windows(series, steps, &options, &count);
    if (status == SEQNN_OK)
        status = sq_series_find(series, options.inputs, &inputs, &input_count);
    if (status == SEQNN_OK)
        status = sq_series_find(series, options.targets, &targets, &target_count);
    seqnn_dataset *data = NULL;
    if (status == SEQNN_OK) {
        /* Only the shape is asked of `like`: any pointer says "there is one". */
        static const seqnn_real some = 0;
        seqnn_dataset like;
        memset(&like, 0, sizeof like);
        like.x[0].values = like.y.values = &some;
        like.x[0].time = steps;
        like.x[0].features = input_count;
        like.y.features = sq_multiply(options.horizon, target_count);
        data = sq_dataset_new(&like, count);
    }
    for (seqnn_size i = 0; data && i < count; i++) {
        seqnn_size begin = options.begin + i * options.stride;
        sq_copy_window(series, begin, steps, inputs, input_count,
                       (seqnn_real *)data->x[0].values + i * steps * input_count);
        sq_copy_window(series, begin + steps + options.gap, options.horizon, targets,
                       target_count, (seqnn_real *)data->y.values + i * data->y.features);
    }
    sq_free(inputs);
    sq_free(targets);
    return data;
}
