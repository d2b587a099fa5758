#include "progress.h"

/* " - name: 1.2003" behind the text */
static void sq_append_value(char *text, size_t size, const char *name, double value)
{
    bool plain = value == 0 || (fabs(value) >= 1e-3 && fabs(value) < 1e6);
    if (isnan(value))
        return;
    size_t used = strlen(text);
    snprintf(text + used, size - used, " - %s: ", name);
    sq_append_number(text, size, plain ? "%.4f" : "%.4e", value);
}

static void sq_progress_time(const sq_progress *progress, seqnn_size done, char *text,
                             size_t size)
{
    double seconds = sq_seconds() - progress->started;
    double step = seconds / (double)sq_max(done, 1);
    const char *unit = step >= 1 ? "s" : step >= 1e-3 ? "ms" : "us";
    double scaled = step >= 1 ? step : step >= 1e-3 ? 1e3 * step : 1e6 * step;
    snprintf(text, size, "%td/%td - %.0fs %.0f%s/step", done, progress->steps, seconds,
             scaled, unit);
}

SQ_LOCAL sq_progress sq_progress_new(bool on, seqnn_size steps)
{
    sq_progress progress;
    memset(&progress, 0, sizeof progress);
    progress.line = sq_status_line_new(on);
    progress.steps = steps;
    return progress;
}

SQ_LOCAL void sq_progress_epoch(sq_progress *progress, seqnn_size epoch,
                                seqnn_size epochs)
{
    progress->started = progress->line.shown = sq_seconds();
    if (progress->line.on)
        printf("Epoch %td/%td\n", epoch + 1, epochs);
}

SQ_LOCAL void sq_progress_step(sq_progress *progress, seqnn_size done, double loss,
                               double accuracy)
{
    char text[256];
    if (!sq_status_line_due(&progress->line))
        return;
    sq_progress_time(progress, done, text, sizeof text);
    sq_append_value(text, sizeof text, "loss", loss);
    sq_append_value(text, sizeof text, "accuracy", accuracy);
    sq_status_line_show(&progress->line, text, false);
}

SQ_LOCAL void sq_progress_end(sq_progress *progress, double loss, double accuracy,
                              double val_loss, double val_accuracy)
{
    char text[256];
    if (!progress->line.on)
        return;
    sq_progress_time(progress, progress->steps, text, sizeof text);
    sq_append_value(text, sizeof text, "loss", loss);
    sq_append_value(text, sizeof text, "accuracy", accuracy);
    sq_append_value(text, sizeof text, "val_loss", val_loss);
    sq_append_value(text, sizeof text, "val_accuracy", val_accuracy);
    sq_status_line_show(&progress->line, text, true);
}
