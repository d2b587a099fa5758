#include "summary.h"
#include "graph.h"

static void sq_summary_line(FILE *file, char c)
{
    for (int i = 0; i < 65; i++)
        fputc(c, file);
    fputc('\n', file);
}

static void sq_summary_shape(const seqnn_layer *layer, char *text, size_t size)
{
    if (layer->source < 0)
        snprintf(text, size, "(None, %td)", layer->out.features);
    else if (layer->time)
        snprintf(text, size, "(None, %td, %td)", layer->time, layer->out.features);
    else
        snprintf(text, size, "(None, None, %td)", layer->out.features);
}

/* Parameters of a layer, and those of them that are trained. */
static seqnn_size sq_summary_count(const seqnn_layer *layer, seqnn_size *trained)
{
    seqnn_size total = 0;
    for (int p = 0; p < layer->parameter_count; p++) {
        const seqnn_parameter *view = &layer->parameters[p].view;
        total += view->rows * view->columns;
        *trained += view->frozen ? 0 : view->rows * view->columns;
    }
    return total;
}

SEQNN_API void seqnn_model_summary(seqnn_model *model, FILE *file)
{
    if (!model || model->status) {
        fprintf(file, "%s\n", model ? model->message : "model: NULL");
        return;
    }
    seqnn_size total = 0, trained = 0;
    fprintf(file, "%-32s%-24s%s\n", "Layer (kind)", "Output shape", "Param #");
    sq_summary_line(file, '=');
    for (seqnn_size i = 0; i < model->layer_count; i++) {
        const seqnn_layer *layer = model->layers[i];
        char name[SQ_NAME_SIZE + 32], shape[80];
        snprintf(name, sizeof name, "%s (%s)", layer->name, layer->type->kind);
        sq_summary_shape(layer, shape, sizeof shape);
        seqnn_size count = sq_summary_count(layer, &trained);
        fprintf(file, "%-31s %-23s %td\n", name, shape, count);
        total += count;
    }
    sq_summary_line(file, '=');
    fprintf(file, "Total params: %td\nTrainable params: %td\nNon-trainable params: %td\n",
            total, trained, total - trained);
}
