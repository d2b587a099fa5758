/* plot/progress_plot.c - training progress, drawn again and again */
#include "progress_plot.h"

#ifdef SEQNN_PLOT

#include "clock.h"
#include "epoch_bands.h"
#include "memory.h"
#include "titles.h"
#include "training_trace.h"

#define SQ_PROGRESS_PAUSE 1.0
/* Drawing takes at most a tenth of the time, however large the picture. */
#define SQ_PROGRESS_PAUSES 9.0

/* The colours of the lecture's window; each line pale before it is smoothed. */
#define SQ_PROGRESS_SCORE 0x0072B2u
#define SQ_PROGRESS_SCORE_PALE SQ_PALE_BLUE
#define SQ_PROGRESS_LOSS 0xD55E00u
#define SQ_PROGRESS_LOSS_PALE 0xF5C9A9u
#define SQ_PROGRESS_VALIDATION 0x262626u

/* Lower pictures have neither title nor legends; the lowest only what is drawn. */
#define SQ_PROGRESS_TITLED 400
#define SQ_PROGRESS_HEADED 240

#define SQ_PROGRESS_THIN ((seqnn_real)0.9)

enum { SQ_PROGRESS_TEXT = 256, SQ_PROGRESS_TEXTS = 4 };

/* What one pair of axes shows. */
typedef struct sq_progress_values {
    sq_trace training, validation;
    double last, last_validation; /* that were measured, finite or not */
    double best;                  /* of validation */
    seqnn_size best_epoch;
} sq_progress_values;

struct seqnn_progress_plot {
    seqnn_progress_plot_options options; /* its texts are copies */
    char *texts[SQ_PROGRESS_TEXTS];
    const char *path;
    double started, written, cost; /* seconds; cost: what the last picture took */
    bool drawn;                    /* the file shows everything */
    seqnn_size iteration;          /* 0: there are only epochs */
    seqnn_size seen;               /* epochs of the history */
    sq_progress_values score, loss;
    sq_epochs epochs;
    seqnn_real x[2 * SQ_TRACE_ROOM], y[2 * SQ_TRACE_ROOM];
};

/* --- one pair of axes --- */

/* Three digits behind the point are enough to see a difference, and fit. */
static void sq_progress_number(char text[SQ_NUMBER], double value)
{
    const double size = fabs(value);
    if (!isfinite(value))
        snprintf(text, SQ_NUMBER, isnan(value) ? "NaN" : "infinite");
    else if (size != 0 && (size < 1e-3 || size >= 1e4))
        sq_number_text(text, 'g', 3, value);
    else
        sq_number_text(text, 'f', size < 10 ? 3 : size < 100 ? 2 : 1, value);
}

/* "validation 0.871 (best 0.874, epoch 6), training 0.912": as much of it as is not
 * longer than `room` characters. Without a legend it says what the dashes are. */
static void sq_progress_heading(char text[SQ_PROGRESS_TEXT],
                                const sq_progress_values *values, double training,
                                bool epochs, bool legend, seqnn_size room)
{
    const char *name = legend ? "validation" : "validation (dashed)";
    char last[SQ_NUMBER], best[SQ_NUMBER], train[SQ_NUMBER], epoch[32] = "";
    /* Something was measured, be it NaN. */
    const bool trained = values->training.any || !isfinite(values->last);
    const bool validated = values->validation.any || !isfinite(values->last_validation);
    sq_progress_number(train, training);
    sq_progress_number(last, values->last_validation);
    sq_progress_number(best, values->best);
    if (epochs && values->best_epoch > 0)
        snprintf(epoch, sizeof epoch, ", epoch %td", values->best_epoch);
    text[0] = '\0';
    for (int form = 0; form < 3; form++) {
        int length = 0;
        if (values->validation.any && form == 0)
            length = snprintf(text, SQ_PROGRESS_TEXT, "%s %s (best %s%s)", name, last,
                              best, epoch);
        else if (validated)
            length = snprintf(text, SQ_PROGRESS_TEXT, "%s %s", name, last);
        if (trained && form < 2)
            length += snprintf(text + length, (size_t)(SQ_PROGRESS_TEXT - length),
                               "%straining %s", length > 0 ? ", " : "", train);
        if (length <= room)
            return;
    }
}

/* As many markers as do not crowd. */
static seqnn_marker sq_progress_marker(const seqnn_progress_plot *plot, seqnn_size count)
{
    return count * 20 <= plot->options.width ? SEQNN_MARKER_CIRCLE : SEQNN_MARKER_DEFAULT;
}

static bool sq_progress_within(const sq_progress_values *values, double low, double high)
{
    const sq_trace *traces[2] = {&values->training, &values->validation};
    for (int i = 0; i < 2; i++)
        if (traces[i]->any && !(traces[i]->low >= low && traces[i]->high <= high))
            return false;
    return true;
}

static double sq_progress_sigma(const seqnn_progress_plot *plot)
{
    const seqnn_real given = plot->options.smoothing;
    if (plot->iteration == 0 || given == SEQNN_ZERO)
        return 0;
    return given > 0 ? (double)given : fmax(2, (double)plot->iteration / 50);
}

/* Where the training line ends, or what is not finite behind its end. */
static double sq_progress_now(seqnn_progress_plot *plot, const sq_progress_values *values)
{
    const double sigma = sq_progress_sigma(plot);
    double now = values->last;
    if (sigma == 0 || !isfinite(now))
        return now;
    const seqnn_size count = sq_trace_smooth(&values->training, sigma, plot->x, plot->y);
    for (seqnn_size i = 0; i < count; i++)
        now = isnan(plot->y[i]) ? now : (double)plot->y[i];
    return now;
}

/* Training, pale and smoothed, and validation. */
static void sq_progress_lines(seqnn_progress_plot *plot, seqnn_axes *axes,
                              const sq_progress_values *values, uint32_t colour,
                              uint32_t pale)
{
    const double sigma = sq_progress_sigma(plot);
    seqnn_plot_series series;
    memset(&series, 0, sizeof series);
    series.x = plot->x;
    series.y = plot->y;
    series.line = SEQNN_LINE_SOLID;

    series.count = sq_trace_points(&values->training, plot->x, plot->y);
    series.colour = sigma > 0 ? pale : colour;
    series.label = sigma > 0 ? NULL : "training";
    series.width = sigma > 0 ? SQ_PROGRESS_THIN : 0;
    if (plot->iteration == 0)
        series.marker = sq_progress_marker(plot, series.count);
    if (values->training.any)
        seqnn_axes_line(axes, series);
    if (values->training.any && sigma > 0) {
        series.count = sq_trace_smooth(&values->training, sigma, plot->x, plot->y);
        series.colour = colour;
        series.label = "training, smoothed";
        series.width = 0;
        seqnn_axes_line(axes, series);
    }

    series.count = sq_trace_points(&values->validation, plot->x, plot->y);
    series.colour = SQ_PROGRESS_VALIDATION;
    series.line = SEQNN_LINE_DASHED;
    series.marker = sq_progress_marker(plot, series.count);
    series.label = "validation";
    series.width = 0;
    if (values->validation.any)
        seqnn_axes_line(axes, series);
}

static void sq_progress_axes(seqnn_progress_plot *plot, seqnn_figure *figure,
                             seqnn_size row, bool score)
{
    const sq_progress_values *values = score ? &plot->score : &plot->loss;
    const seqnn_progress_plot_options *o = &plot->options;
    const bool iterations = plot->iteration > 0;
    const seqnn_size end = iterations ? plot->iteration : plot->epochs.epochs;
    char heading[SQ_PROGRESS_TEXT];
    seqnn_axes_options options;
    seqnn_axes *axes;
    memset(&options, 0, sizeof options);
    sq_progress_heading(heading, values, sq_progress_now(plot, values),
                        plot->epochs.epochs > 0, o->height >= SQ_PROGRESS_TITLED,
                        o->width / 8 - 12);
    options.title = o->height >= SQ_PROGRESS_HEADED ? heading : NULL;
    options.no_legend = o->height < SQ_PROGRESS_TITLED;
    options.y_label = score ? o->score : "loss";
    if (!score && options.title)
        options.x_label = iterations ? "iteration" : "epoch";
    options.no_x_numbers = score;
    options.log_y = !score && o->log_loss;
    options.x_min = iterations ? SEQNN_ZERO : 1;
    options.x_max = (seqnn_real)sq_max(end, iterations ? 1 : 2);
    if (!options.log_y && sq_progress_within(values, 0, INFINITY))
        options.y_min = SEQNN_ZERO;
    if (score && sq_progress_within(values, 0, 1))
        options.y_max = 1;
    axes = seqnn_figure_axes(figure, row, 0, options);
    if (iterations)
        sq_axes_epoch_bands(axes, &plot->epochs, row == 0, !score);
    sq_progress_lines(plot, axes, values, score ? SQ_PROGRESS_SCORE : SQ_PROGRESS_LOSS,
                      score ? SQ_PROGRESS_SCORE_PALE : SQ_PROGRESS_LOSS_PALE);
}

/* --- the picture --- */

/* What the title adds: "epoch 7, iteration 560, 00:01:23" */
static void sq_progress_state(const seqnn_progress_plot *plot,
                              char text[SQ_PROGRESS_TEXT])
{
    const seqnn_size epochs = plot->epochs.epochs;
    const int64_t seconds = (int64_t)(sq_seconds() - plot->started);
    const char *join = "";
    int length = 0;
    text[0] = '\0';
    if (epochs > 0) {
        length += snprintf(text + length, 64, "%sepoch %td", join, epochs);
        join = ", ";
    }
    if (plot->iteration > 0) {
        length += snprintf(text + length, 64, "%siteration %td", join, plot->iteration);
        join = ", ";
    }
    if (plot->options.elapsed)
        snprintf(text + length, 64, "%s%02d:%02d:%02d", join, (int)(seconds / 3600),
                 (int)(seconds / 60 % 60), (int)(seconds % 60));
}

static seqnn_status sq_progress_write(seqnn_progress_plot *plot)
{
    const double began = sq_seconds();
    const bool score = plot->score.training.any || plot->score.validation.any;
    char state[SQ_PROGRESS_TEXT], *title;
    seqnn_figure_options options;
    seqnn_figure *figure;
    seqnn_status status;
    memset(&options, 0, sizeof options);
    sq_progress_state(plot, state);
    title = sq_title_new(plot->options.title, state);
    if (title == NULL)
        return SEQNN_ERROR_MEMORY;
    options.title = state[0] != '\0' ? title : plot->options.title;
    if (plot->options.height < SQ_PROGRESS_TITLED)
        options.title = NULL;
    options.rows = score ? 2 : 1;
    options.width = plot->options.width;
    options.height = plot->options.height;
    options.scale = plot->options.scale;
    options.font = plot->options.font;
    figure = sq_figure_new("training progress", options);
    if (score)
        sq_progress_axes(plot, figure, 0, true);
    sq_progress_axes(plot, figure, score ? 1 : 0, false);
    status = seqnn_figure_save(figure, plot->path);
    seqnn_figure_free(figure);
    sq_free(title);
    plot->written = sq_seconds();
    plot->cost = plot->written - began;
    plot->drawn = status == SEQNN_OK;
    return status;
}

/* Writes the picture if the last one is old enough. */
static seqnn_status sq_progress_changed(seqnn_progress_plot *plot)
{
    const seqnn_real given = plot->options.seconds;
    const double pause = given == SEQNN_ZERO ? 0
                         : given > 0
                             ? (double)given
                             : fmax(SQ_PROGRESS_PAUSE, SQ_PROGRESS_PAUSES * plot->cost);
    const double since = sq_seconds() - plot->written;
    plot->drawn = false;
    return since >= 0 && since < pause ? SEQNN_OK : sq_progress_write(plot);
}

/* --- from and to the user --- */

static bool sq_progress_copy(seqnn_progress_plot *plot, int i, const char **text)
{
    if (*text == NULL)
        return true;
    const size_t size = strlen(*text) + 1;
    plot->texts[i] = (char *)sq_allocate((seqnn_size)size, 1);
    if (plot->texts[i] == NULL)
        return false;
    memcpy(plot->texts[i], *text, size);
    *text = plot->texts[i];
    return true;
}

static void sq_progress_drop(seqnn_progress_plot *plot)
{
    for (int i = 0; i < SQ_PROGRESS_TEXTS; i++)
        sq_free(plot->texts[i]);
    sq_free(plot);
}

SEQNN_API seqnn_progress_plot *
seqnn_progress_plot_new(const char *path, seqnn_progress_plot_options options)
{
    seqnn_progress_plot *plot;
    if (path == NULL || (options.seconds < 0 && options.seconds != SEQNN_ZERO) ||
        (options.smoothing < 0 && options.smoothing != SEQNN_ZERO) ||
        isnan(options.seconds) || isnan(options.smoothing)) {
        sq_fail(SEQNN_ERROR_ARGUMENT,
                "training progress: path %s, seconds %g, smoothing %g; expected a path, "
                "and numbers of at least 0",
                path ? path : "(none)", (double)options.seconds,
                (double)options.smoothing);
        return NULL;
    }
    plot = (seqnn_progress_plot *)sq_allocate(1, sizeof *plot);
    if (plot == NULL)
        return NULL;
    memset(plot, 0, sizeof *plot);
    plot->options = options;
    plot->path = path;
    plot->options.width = options.width ? options.width : 800;
    plot->options.height = options.height ? options.height : 600;
    if (options.title == NULL)
        plot->options.title = "Training progress";
    if (options.score == NULL)
        plot->options.score = "accuracy";
    plot->started = sq_seconds();
    if (!sq_progress_copy(plot, 0, &plot->path) ||
        !sq_progress_copy(plot, 1, &plot->options.title) ||
        !sq_progress_copy(plot, 2, &plot->options.score) ||
        !sq_progress_copy(plot, 3, &plot->options.font) || sq_progress_write(plot)) {
        sq_progress_drop(plot);
        return NULL;
    }
    return plot;
}

SEQNN_API seqnn_status seqnn_progress_plot_free(seqnn_progress_plot *plot)
{
    seqnn_status status = SEQNN_OK;
    if (plot == NULL)
        return SEQNN_OK;
    if (!plot->drawn)
        status = sq_progress_write(plot);
    sq_progress_drop(plot);
    return status;
}

static void sq_progress_add_training(seqnn_progress_plot *plot, double x, seqnn_real loss,
                                     seqnn_real score)
{
    sq_trace_add(&plot->loss.training, x, (double)loss);
    sq_trace_add(&plot->score.training, x, (double)score);
    plot->loss.last = (double)loss;
    if (!isnan(score)) /* otherwise it was not measured */
        plot->score.last = (double)score;
}

static void sq_progress_add_best(const seqnn_progress_plot *plot,
                                 sq_progress_values *values, double x, seqnn_real value,
                                 double better)
{
    const bool first = !values->validation.any;
    sq_trace_add(&values->validation, x, (double)value);
    if (isfinite(value) && (first || better * ((double)value - values->best) > 0)) {
        values->best = (double)value;
        values->best_epoch = plot->epochs.epochs + (x > plot->epochs.last);
    }
}

static void sq_progress_add_validation(seqnn_progress_plot *plot, double x,
                                       seqnn_real loss, seqnn_real score)
{
    if (!isnan(loss) || !isnan(score)) /* a loss of NaN beside a score is one */
        plot->loss.last_validation = (double)loss;
    if (!isnan(score))
        plot->score.last_validation = (double)score;
    sq_progress_add_best(plot, &plot->loss, x, loss, -1);
    sq_progress_add_best(plot, &plot->score, x, score, 1);
}

SEQNN_API seqnn_status seqnn_progress_plot_train(seqnn_progress_plot *plot,
                                                 seqnn_real loss, seqnn_real score)
{
    if (plot == NULL)
        return SEQNN_OK;
    sq_progress_add_training(plot, (double)++plot->iteration, loss, score);
    return sq_progress_changed(plot);
}

SEQNN_API seqnn_status seqnn_progress_plot_validation(seqnn_progress_plot *plot,
                                                      seqnn_real loss, seqnn_real score)
{
    if (plot == NULL)
        return SEQNN_OK;
    sq_progress_add_validation(plot, (double)plot->iteration, loss, score);
    return sq_progress_changed(plot);
}

SEQNN_API seqnn_status seqnn_progress_plot_epoch(seqnn_progress_plot *plot)
{
    if (plot == NULL)
        return SEQNN_OK;
    sq_epochs_add(&plot->epochs, (double)plot->iteration);
    return sq_progress_changed(plot);
}

static seqnn_real sq_progress_at(const seqnn_real *values, seqnn_size i)
{
    return values ? values[i] : (seqnn_real)NAN;
}

/* Epochs of a history of a run with so many iterations in each; 0: there are only epochs.
 * Where no iteration was told, the epoch's mean stands for them. */
static void sq_progress_add_epochs(seqnn_progress_plot *plot,
                                   const seqnn_history *history, double steps)
{
    if (plot->seen > history->epochs) /* another fit */
        plot->seen = 0;
    for (seqnn_size e = plot->seen; e < history->epochs; e++) {
        const double x = steps > 0 ? (double)plot->iteration -
                                         steps * (double)(history->epochs - 1 - e)
                                   : (double)plot->epochs.epochs + 1;
        const sq_trace *told = &plot->loss.training;
        if (told->count == 0 || told->places[told->count - 1].x <= plot->epochs.last)
            sq_progress_add_training(plot, x, sq_progress_at(history->loss, e),
                                     sq_progress_at(history->accuracy, e));
        sq_epochs_add(&plot->epochs, x);
        sq_progress_add_validation(plot, x, sq_progress_at(history->val_loss, e),
                                   sq_progress_at(history->val_accuracy, e));
    }
    plot->seen = history->epochs;
}

SEQNN_API seqnn_status seqnn_progress_plot_history(seqnn_progress_plot *plot,
                                                   const seqnn_history *history)
{
    if (plot == NULL || history == NULL || history->epochs == plot->seen)
        return SEQNN_OK;
    sq_progress_add_epochs(plot, history,
                           (double)plot->iteration / (double)history->epochs);
    return sq_progress_changed(plot);
}

SEQNN_API void seqnn_progress_plot_on_step(struct seqnn_model *model,
                                           const seqnn_fit_step *step, void *plot)
{
    seqnn_progress_plot *to = (seqnn_progress_plot *)plot;
    (void)model;
    if (to == NULL)
        return;
    if (to->iteration == 0 && step->step > 1) { /* fit goes on from a checkpoint */
        to->iteration = step->epoch * step->steps;
        sq_progress_add_epochs(to, step->history, (double)step->steps);
        to->iteration = step->step - 1;
    }
    seqnn_progress_plot_train(to, step->loss, step->accuracy);
}

SEQNN_API bool seqnn_progress_plot_on_epoch(struct seqnn_model *model,
                                            const seqnn_history *history, void *plot)
{
    (void)model;
    seqnn_progress_plot_history((seqnn_progress_plot *)plot, history);
    return true;
}

#endif
