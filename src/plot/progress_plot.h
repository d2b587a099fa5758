/* plot/progress_plot.h - a picture that grows while a model is trained
 *
 *     seqnn_progress_plot *plot =
 *         seqnn_progress_plot_new("progress.png", (seqnn_progress_plot_options){0});
 *     seqnn_history h = seqnn_fit(model, data, (seqnn_fit_options){
 *         .on_step = seqnn_progress_plot_on_step,
 *         .on_epoch = seqnn_progress_plot_on_epoch, .context = plot });
 *     seqnn_progress_plot_free(plot);
 *
 * Open the file in an image viewer that looks again when it changes (eog, feh --reload 1,
 * an editor's preview): it is always a whole picture. In a loop of one's own:
 *
 *     for each batch:     seqnn_progress_plot_train(plot, loss, score);
 *     from time to time:  seqnn_progress_plot_validation(plot, val_loss, val_score);
 *     after each epoch:   seqnn_progress_plot_epoch(plot);
 *
 * WHAT TO SEE. The score above (it should rise), the loss below (it should fall), both
 * against the iteration: one update of the weights. Pale: each batch as it came; it jumps
 * because batches differ. Strong: the same, smoothed. Dashed with markers: validation.
 * Every second epoch is shaded. The headings tell the last values.
 *
 *   both losses fall together                  it learns: go on
 *   training falls, validation turns upwards   overfitting: the epoch where it turns is
 *                                              where early stopping would have stopped
 *   neither moves                              the learning rate is too small, or the
 *                                              gradient vanishes
 *   the loss jumps or ends                     it is too large, or the gradient explodes:
 *                                              clip; what is NaN or infinite is not drawn
 *
 * Training is measured with dropout on and while the weights move, validation with
 * neither: so the first may well look worse.
 *
 * This is the picture of the lecture on arXiv abstracts (labeling F-score above, loss
 * below), and of MATLAB's training progress window. Millions of iterations are thinned:
 * each place of the pale line then spans the lowest and the highest of its iterations.
 */
#ifndef SEQNN_PROGRESS_PLOT_H
#define SEQNN_PROGRESS_PLOT_H
#ifdef SEQNN_PLOT

#include "dataset.h"
#include "error.h"

typedef struct seqnn_progress_plot seqnn_progress_plot;

typedef struct seqnn_progress_plot_options {
    const char *title;  /* "Training progress" */
    const char *score;  /* what the score is: "accuracy" */
    seqnn_real seconds; /* between two pictures; 0: 1, and nine times what drawing takes;
                           SEQNN_ZERO: a picture at every call */
    seqnn_real smoothing;     /* iterations (standard deviation of a Gaussian window);
                                 0: a fiftieth of all, at least 2; SEQNN_ZERO: none */
    bool log_loss;            /* log axis for the loss */
    bool elapsed;             /* the title tells the time since the start */
    seqnn_size width, height; /* 800 x 600 */
    seqnn_size scale;         /* pixels for each unit: 1 */
    const char *font;         /* path of a font file */
} seqnn_progress_plot_options;

/* Writes the first, empty picture. NULL with the error set if that cannot be done: better
 * known before training than after it. */
SEQNN_API seqnn_progress_plot *
seqnn_progress_plot_new(const char *path, seqnn_progress_plot_options options);

/* One iteration more. NaN: not measured; if there never is a score, only the loss is
 * drawn. The status tells whether a picture that was due could be written; the next call
 * tries again. A NULL plot stands everything. */
SEQNN_API seqnn_status seqnn_progress_plot_train(seqnn_progress_plot *plot,
                                                 seqnn_real loss, seqnn_real score);
/* Validation after the last iteration. */
SEQNN_API seqnn_status seqnn_progress_plot_validation(seqnn_progress_plot *plot,
                                                      seqnn_real loss, seqnn_real score);
/* An epoch ends with the last iteration. */
SEQNN_API seqnn_status seqnn_progress_plot_epoch(seqnn_progress_plot *plot);

/* The epochs of the history that the plot has not seen yet: validation, the epoch's end
 * and, where there were no iterations, training. */
SEQNN_API seqnn_status seqnn_progress_plot_history(seqnn_progress_plot *plot,
                                                   const seqnn_history *history);

/* Writes the last picture, and frees. */
SEQNN_API seqnn_status seqnn_progress_plot_free(seqnn_progress_plot *plot);

/* For the options on_step and on_epoch of seqnn_fit, with the plot as context. Training
 * goes on even if a picture cannot be written. Without on_step the picture is drawn by
 * epochs. */
struct seqnn_model;
SEQNN_API void seqnn_progress_plot_on_step(struct seqnn_model *model,
                                           const seqnn_fit_step *step, void *plot);
SEQNN_API bool seqnn_progress_plot_on_epoch(struct seqnn_model *model,
                                            const seqnn_history *history, void *plot);

#endif
#endif
