/* plot/prediction_chart.h - what was predicted beside what came
 *
 *     seqnn_plot_series_prediction(celsius, forecast, 240, "forecast.png",
 *         (seqnn_prediction_options){.known = 168, .y_label = "temperature [°C]",
 *                                    .errors = true});
 *
 * WHAT TO SEE. The prediction should follow the truth's shape, not limp one step behind
 * it: a model that repeats the last value looks good here and has learned nothing
 * (compare its error with that of the repetition). A forecast that feeds on itself
 * drifts; with a band of deviations (of seeds, or of dropout at prediction) it should
 * widen, and the truth should stay in it.
 *
 * Sources: the lecture's number sequence and temperature forecast.
 */
#ifndef SEQNN_PREDICTION_CHART_H
#define SEQNN_PREDICTION_CHART_H
#ifdef SEQNN_PLOT

#include "config.h"
#include "error.h"

typedef struct seqnn_prediction_options {
    const char *title;                          /* "Prediction" */
    const char *x_label, *y_label;              /* "time step", none */
    const char *truth_label, *prediction_label; /* "true", "predicted" */
    const seqnn_real *x; /* [count], or NULL: x_first, x_first + 1, ... */
    seqnn_real x_first;  /* 0 */
    seqnn_size known;    /* the model has seen so many values: a line divides them from
                            the others; 0: none */
    const seqnn_real *deviation; /* [count], or NULL: a band around the prediction */
    /* The title tells the mean absolute error (MAE) and the root mean square error (RMSE)
     * of the steps that are not known and have both values. */
    bool errors;
    seqnn_size width, height; /* 800 x 450 */
    seqnn_size scale;         /* pixels for each unit: 1 */
    const char *font;         /* path of a font file */
} seqnn_prediction_options;

/* truth and predicted are [count], over the same steps; NaN where there is no value: a
 * prediction before the forecast begins, a truth that nobody knows yet. */
SEQNN_API seqnn_status seqnn_plot_series_prediction(const seqnn_real *truth,
                                                    const seqnn_real *predicted,
                                                    seqnn_size count, const char *path,
                                                    seqnn_prediction_options options);

#endif
#endif
