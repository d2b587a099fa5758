#include "progress.h"

#if defined(__unix__) || defined(__APPLE__)
#include <unistd.h>
#endif

/* Whether stdout is a terminal; where nobody can tell, it is not. */
static bool sq_is_terminal(void)
{
#if defined(__unix__) || defined(__APPLE__)
    return isatty(1) != 0;
#else
    return false;
#endif
}

/* " - name: 1.2003" behind the text; the decimal point is one in every locale. */
static void sq_append_value(char *text, size_t size, const char *name, double value)
{
    char number[64];
    size_t used = strlen(text), n = 0;
    bool plain = value == 0 || (fabs(value) >= 1e-3 && fabs(value) < 1e6);
    if (isnan(value))
        return;
    if (plain)
        snprintf(number, sizeof number, "%.4f", value);
    else
        snprintf(number, sizeof number, "%.4e", value);
    for (const char *c = number; *c; c++) {
        bool known = strchr("0123456789+-einfa", *c) != NULL;
        if (known)
            number[n++] = *c;
        else if (n > 0 && number[n - 1] != '.')
            number[n++] = '.';
    }
    number[n] = '\0';
    snprintf(text + used, size - used, " - %s: %s", name, number);
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
    progress.on = on;
    progress.terminal = on && sq_is_terminal();
    progress.steps = steps;
    return progress;
}

SQ_LOCAL void sq_progress_epoch(sq_progress *progress, seqnn_size epoch,
                                seqnn_size epochs)
{
    progress->started = progress->shown = sq_seconds();
    progress->length = 0;
    if (progress->on)
        printf("Epoch %td/%td\n", epoch + 1, epochs);
}

/* Overwrites the line on a terminal, with blanks where the old one was longer. */
static void sq_progress_show(sq_progress *progress, const char *text)
{
    seqnn_size length = (seqnn_size)strlen(text);
    printf("%s%s%*s", progress->length ? "\r" : "", text,
           (int)sq_max(0, progress->length - length), "");
    progress->length = progress->terminal ? length : 0;
}

SQ_LOCAL void sq_progress_step(sq_progress *progress, seqnn_size done, double loss,
                               double accuracy)
{
    char text[256];
    if (!progress->terminal || sq_seconds() - progress->shown < 0.1)
        return;
    progress->shown = sq_seconds();
    sq_progress_time(progress, done, text, sizeof text);
    sq_append_value(text, sizeof text, "loss", loss);
    sq_append_value(text, sizeof text, "accuracy", accuracy);
    sq_progress_show(progress, text);
    fflush(stdout);
}

SQ_LOCAL void sq_progress_end(sq_progress *progress, double loss, double accuracy,
                              double val_loss, double val_accuracy)
{
    char text[256];
    if (!progress->on)
        return;
    sq_progress_time(progress, progress->steps, text, sizeof text);
    sq_append_value(text, sizeof text, "loss", loss);
    sq_append_value(text, sizeof text, "accuracy", accuracy);
    sq_append_value(text, sizeof text, "val_loss", val_loss);
    sq_append_value(text, sizeof text, "val_accuracy", val_accuracy);
    sq_progress_show(progress, text);
    printf("\n");
    fflush(stdout);
}
