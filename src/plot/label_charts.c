/* plot/label_charts.c - threshold sweep, true positive rates */
#include "label_charts.h"

#ifdef SEQNN_PLOT

#include "bars.h"
#include "marks.h"
#include "memory.h"
#include "titles.h"

static seqnn_figure *sq_label_figure(const char *who, seqnn_size height,
                                     const seqnn_label_chart_options *options)
{
    seqnn_figure_options figure;
    memset(&figure, 0, sizeof figure);
    figure.width = options->width;
    figure.height = options->height ? options->height : height;
    figure.scale = options->scale;
    figure.font = options->font;
    return sq_figure_new(who, figure);
}

/* --- the sweep --- */

#define SQ_SWEEP_THIN ((seqnn_real)1.4)
#define SQ_SWEEP_REMARK 320 /* narrower pictures have no room for the numbers */

/* Everything is a share; a score that is NaN was not measured. */
static seqnn_status sq_sweep_shares(const char *who, const seqnn_threshold_score *sweep,
                                    seqnn_size count)
{
    for (seqnn_size k = 0; k < count; k++) {
        const seqnn_threshold_score *s = &sweep[k];
        const double shares[5] = {s->threshold, s->precision, s->recall, s->f1,
                                  s->labeling_f_score};
        for (int i = 0; i < 5; i++)
            if (shares[i] < 0 || shares[i] > 1 || (i == 0 && isnan(shares[i])))
                return sq_fail(SEQNN_ERROR_ARGUMENT, "%s: %s %td is %g, expected 0 to 1",
                               who, i == 0 ? "threshold" : "a score of threshold", k,
                               shares[i]);
    }
    return SEQNN_OK;
}

/* One score of the sweep as a line; false if it was never measured. */
static bool sq_sweep_line(seqnn_axes *axes, const seqnn_threshold_score *sweep,
                          seqnn_size count, size_t score, const char *label,
                          uint32_t colour, seqnn_real width, seqnn_real *memory)
{
    bool measured = false;
    seqnn_plot_series series;
    memset(&series, 0, sizeof series);
    for (seqnn_size k = 0; k < count; k++) {
        const double value = *(const double *)((const char *)&sweep[k] + score);
        memory[k] = (seqnn_real)sweep[k].threshold;
        memory[count + k] = (seqnn_real)value;
        measured = measured || isfinite(value);
    }
    series.label = label;
    series.x = memory;
    series.y = memory + count;
    series.count = count;
    series.colour = colour;
    series.width = width;
    if (measured)
        seqnn_axes_line(axes, series);
    return measured;
}

/* The highest of the points that sq_sweep_line left in memory: a marker and its numbers.
 */
static void sq_sweep_best(seqnn_axes *axes, seqnn_size count, uint32_t colour,
                          const seqnn_real *memory, bool remarked)
{
    char text[2 * SQ_NUMBER + 16], score[SQ_NUMBER], at[SQ_NUMBER];
    seqnn_size best = -1;
    seqnn_plot_series series;
    seqnn_annotation_options remark;
    for (seqnn_size k = 0; k < count; k++)
        if (isfinite(memory[count + k]) &&
            (best < 0 || memory[count + k] > memory[count + best] ||
             (memory[count + k] == memory[count + best] &&
              fabs((double)memory[k] - 0.5) < fabs((double)memory[best] - 0.5))))
            best = k;
    memset(&series, 0, sizeof series);
    memset(&remark, 0, sizeof remark);
    series.x = memory + best;
    series.y = memory + count + best;
    series.count = 1;
    series.line = SEQNN_LINE_NONE;
    series.marker = SEQNN_MARKER_CIRCLE;
    series.colour = colour;
    seqnn_axes_line(axes, series);
    sq_number_text(score, 'f', 3, (double)series.y[0]);
    sq_number_text(at, 'g', 3, (double)series.x[0]);
    snprintf(text, sizeof text, "best: %s at %s", score, at);
    if (remarked)
        seqnn_axes_annotate(axes, series.x[0], series.y[0], text, remark);
}

SEQNN_API seqnn_status seqnn_plot_threshold_sweep(const seqnn_threshold_score *sweep,
                                                  seqnn_size count, const char *path,
                                                  seqnn_label_chart_options options)
{
    const char *who = "plot threshold sweep";
    const uint32_t f_score = 0x0072B2u, precision = 0xE69F00u, recall = 0x009E73u;
    seqnn_axes_options about;
    seqnn_reference_options in_use;
    if (sweep == NULL || count < 1)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "%s: %td thresholds, expected at least one",
                       who, sweep == NULL ? (seqnn_size)0 : count);
    seqnn_status status = sq_sweep_shares(who, sweep, count);
    if (status)
        return status;
    seqnn_real *memory = (seqnn_real *)sq_allocate(sq_multiply(2, count), sizeof *memory);
    if (memory == NULL)
        return SEQNN_ERROR_MEMORY;
    memset(&about, 0, sizeof about);
    memset(&in_use, 0, sizeof in_use);
    about.title = options.title ? options.title : "Effect of the labeling threshold";
    about.x_label = "threshold";
    about.x_min = about.y_min = SEQNN_ZERO;
    about.x_max = about.y_max = 1;
    seqnn_figure *figure = sq_label_figure(who, 0, &options);
    seqnn_axes *axes = seqnn_figure_axes(figure, 0, 0, about);
    in_use.label = "in use";
    if (options.threshold != 0)
        seqnn_axes_vertical(axes, sq_option(options.threshold, 0), in_use);
    sq_sweep_line(axes, sweep, count, offsetof(seqnn_threshold_score, precision),
                  "precision", precision, SQ_SWEEP_THIN, memory);
    sq_sweep_line(axes, sweep, count, offsetof(seqnn_threshold_score, recall), "recall",
                  recall, SQ_SWEEP_THIN, memory);
    if (sq_sweep_line(axes, sweep, count,
                      offsetof(seqnn_threshold_score, labeling_f_score),
                      "labeling F-score", f_score, 0, memory) ||
        sq_sweep_line(axes, sweep, count, offsetof(seqnn_threshold_score, f1), "F-score",
                      f_score, 0, memory))
        sq_sweep_best(axes, count, f_score, memory,
                      options.width == 0 || options.width >= SQ_SWEEP_REMARK);
    status = seqnn_figure_save(figure, path);
    seqnn_figure_free(figure);
    sq_free(memory);
    return status;
}

/* --- label by label --- */

SEQNN_API seqnn_status seqnn_plot_true_positive_rates(const double *rates,
                                                      const char *const *names,
                                                      seqnn_size labels, const char *path,
                                                      seqnn_label_chart_options options)
{
    const char *who = "plot true positive rates";
    char remark[SQ_NUMBER + 8], number[SQ_NUMBER];
    double sum = 0, measured = 0;
    seqnn_axes_options about;
    seqnn_bars_options bars;
    if (rates == NULL || labels < 1)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "%s: %td labels, expected at least one", who,
                       rates == NULL ? (seqnn_size)0 : labels);
    for (seqnn_size l = 0; l < labels; l++) {
        sum += isfinite(rates[l]) ? rates[l] : 0;
        measured += isfinite(rates[l]);
    }
    memset(&about, 0, sizeof about);
    memset(&bars, 0, sizeof bars);
    sq_number_text(number, 'f', 2, sum / fmax(measured, 1));
    snprintf(remark, sizeof remark, "mean %s", measured > 0 ? number : "unknown");
    char *title =
        sq_title_new(options.title ? options.title : "True positive rates", remark);
    seqnn_real *values = (seqnn_real *)sq_allocate(labels, sizeof *values);
    if (title == NULL || values == NULL) {
        sq_free(title);
        sq_free(values);
        return SEQNN_ERROR_MEMORY;
    }
    for (seqnn_size l = 0; l < labels; l++)
        values[l] = (seqnn_real)rates[l];
    about.title = title;
    about.x_label = "true positive rate";
    about.x_min = SEQNN_ZERO;
    about.x_max = 1;
    bars.direction = SEQNN_BARS_HORIZONTAL;
    bars.sorted = true;
    bars.decimals = 2;
    seqnn_figure *figure = sq_label_figure(
        who, sq_min(sq_max(120 + 20 * sq_min(labels, 1000), 240), 2400), &options);
    seqnn_axes *axes = seqnn_figure_axes(figure, 0, 0, about);
    seqnn_axes_bars(axes, names, values, labels, bars);
    seqnn_status status = seqnn_figure_save(figure, path);
    seqnn_figure_free(figure);
    sq_free(title);
    sq_free(values);
    return status;
}

#endif
