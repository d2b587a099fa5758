/* plot/value_histograms.c - a grid of histograms */
#include "value_histograms.h"

#ifdef SEQNN_PLOT

#include "histogram.h"
#include "marks.h"
#include "titles.h"

#define SQ_VALUES_LOWEST 95 /* a place that has room for its texts */
#define SQ_VALUES_TOLD 130  /* and for the remark below */

/* What is finite of one array. */
typedef struct sq_value_sums {
    double low, high, mean, deviation;
    seqnn_size count, fractions; /* how many are no whole numbers */
} sq_value_sums;

static sq_value_sums sq_values_sum(const seqnn_named_values *array)
{
    sq_value_sums sums = {INFINITY, -INFINITY, 0, 0, 0, 0};
    double squares = 0;
    for (seqnn_size i = 0; i < array->count; i++) {
        const double value = (double)array->values[i];
        if (!isfinite(value))
            continue;
        const double from_mean = value - sums.mean; /* Welford 1962 */
        sums.mean += from_mean / (double)++sums.count;
        squares += from_mean * (value - sums.mean);
        sums.low = fmin(sums.low, value);
        sums.high = fmax(sums.high, value);
        sums.fractions += value != floor(value);
    }
    sums.deviation = sums.count > 0 ? sqrt(squares / (double)sums.count) : 0;
    return sums;
}

/* Columns of a grid whose places are about 1.4 times as wide as high. */
static seqnn_size sq_grid_columns(seqnn_size count, double width, double height)
{
    seqnn_size best = 1;
    double least = INFINITY;
    for (seqnn_size columns = 1; columns <= count; columns++) {
        const seqnn_size rows = (count + columns - 1) / columns;
        const double high = height / (double)rows;
        const double shape = width / (double)columns / high;
        const double empty = (double)(rows * columns - count) / (double)count;
        const double low = high < SQ_VALUES_LOWEST ? 2 : 0;
        const double cost = fabs(log(shape / 1.4)) + 0.7 * empty + low;
        if (cost < least) {
            least = cost;
            best = columns;
        }
    }
    return best;
}

static void sq_value_axes(seqnn_figure *figure, seqnn_size place, seqnn_size columns,
                          const seqnn_named_values *array, const sq_value_sums *range,
                          seqnn_size bins, bool told)
{
    const sq_value_sums own = sq_values_sum(array);
    char remark[2 * SQ_NUMBER + 40] = "empty", mean[SQ_NUMBER], deviation[SQ_NUMBER];
    seqnn_axes_options about;
    seqnn_histogram_options options;
    memset(&about, 0, sizeof about);
    memset(&options, 0, sizeof options);
    if (own.count > 0) {
        /* The mean is as exact as two digits of the deviation are, 0.10 for 0.0996. */
        const double digit = own.deviation > 0 ? floor(log10(1.005 * own.deviation)) : 9;
        const bool plain = digit >= -4 && digit <= 0;
        sq_number_text(mean, plain ? 'f' : 'g', plain ? 1 - (int)digit : 3, own.mean);
        sq_title_number(deviation, 2, own.deviation);
        snprintf(remark, sizeof remark, "%s \xC2\xB1 %s", mean, deviation);
    }
    about.title = array->name;
    about.x_label = told ? remark : NULL;
    options.bins = bins;
    if (range != NULL && range->low < range->high) {
        /* Whole numbers have bins that begin 1/2 below them. */
        const double beyond = range->fractions == 0 ? 0.5 : 0;
        const double low = range->low - beyond, high = range->high + beyond;
        about.x_min = low == 0 ? SEQNN_ZERO : (seqnn_real)low;
        about.x_max = high == 0 ? SEQNN_ZERO : (seqnn_real)high;
    }
    seqnn_axes *axes = seqnn_figure_axes(figure, place / columns, place % columns, about);
    seqnn_axes_histogram(axes, array->values, array->count, options);
}

SEQNN_API seqnn_status seqnn_plot_histograms(const seqnn_named_values *arrays,
                                             seqnn_size count, const char *path,
                                             seqnn_histograms_options options)
{
    const char *who = "plot histograms";
    sq_value_sums range = {INFINITY, -INFINITY, 0, 0, 0, 0};
    seqnn_figure_options grid;
    if (arrays == NULL || count < 1)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "%s: %td arrays, expected at least one", who,
                       arrays == NULL ? (seqnn_size)0 : count);
    for (seqnn_size i = 0; i < count; i++) {
        if (arrays[i].count < 0 || (arrays[i].values == NULL && arrays[i].count > 0))
            return sq_fail(
                SEQNN_ERROR_ARGUMENT,
                "%s: '%s' has count %td and %s, expected count >= 0 and values", who,
                arrays[i].name ? arrays[i].name : "", arrays[i].count,
                arrays[i].values ? "values" : "no values");
        const sq_value_sums own = sq_values_sum(&arrays[i]);
        range.low = fmin(range.low, own.low);
        range.high = fmax(range.high, own.high);
        range.fractions += own.fractions;
    }
    memset(&grid, 0, sizeof grid);
    grid.title = options.title;
    grid.width = options.width ? options.width : 800;
    grid.height = options.height ? options.height : 600;
    grid.scale = options.scale;
    grid.font = options.font;
    grid.columns = options.columns > 0
                       ? options.columns
                       : sq_grid_columns(count, (double)grid.width, (double)grid.height);
    grid.rows = (count + grid.columns - 1) / grid.columns;
    seqnn_figure *figure = sq_figure_new(who, grid);
    for (seqnn_size i = 0; i < count; i++)
        sq_value_axes(figure, i, grid.columns, &arrays[i],
                      options.same_range ? &range : NULL, options.bins,
                      grid.height / grid.rows >= SQ_VALUES_TOLD);
    seqnn_status status = seqnn_figure_save(figure, path);
    seqnn_figure_free(figure);
    return status;
}

#endif
