/* plot/attention.c - attention maps, and gates over the words of a sentence */
#include "attention.h"

#ifdef SEQNN_PLOT

#include "cells.h"
#include "memory.h"

enum { SQ_GATES_MOST = 12 };

#define SQ_GATE_HEIGHT 130 /* of one panel with what is around it */
#define SQ_GATE_WORDS 100  /* below the last one, and the title */

/* --- attention --- */

static seqnn_status sq_attention_check(seqnn_axes *axes, const seqnn_real *weights,
                                       seqnn_size targets, seqnn_size sources,
                                       const seqnn_attention_options *options)
{
    seqnn_status status = sq_cells_check(axes, weights, targets, sources);
    if (status != SEQNN_OK)
        return status;
    if (!(options->high >= 0 && options->high <= 1))
        return sq_axes_fail(axes, SEQNN_ERROR_ARGUMENT,
                            "high is %g, expected a weight, up to 1",
                            (double)options->high);
    for (seqnn_size i = 0; i < targets * sources; i++)
        if ((double)weights[i] < -1e-3 || (double)weights[i] > 1.001)
            return sq_axes_fail(axes, SEQNN_ERROR_NUMBER,
                                "weights[%td, %td] is %g, expected 0 to 1, as they "
                                "come from a softmax",
                                i / sources, i % sources, (double)weights[i]);
    return SEQNN_OK;
}

static seqnn_status sq_attention_add(seqnn_axes *axes, const seqnn_real *weights,
                                     seqnn_size targets, seqnn_size sources,
                                     const char *const *target_words,
                                     const char *const *source_words,
                                     const seqnn_attention_options *options)
{
    seqnn_heatmap_options heat;
    seqnn_status status = sq_attention_check(axes, weights, targets, sources, options);
    if (status != SEQNN_OK)
        return status;
    memset(&heat, 0, sizeof heat);
    heat.row_names = target_words;
    heat.column_names = source_words;
    heat.map = options->map == SEQNN_MAP_DEFAULT ? SEQNN_MAP_GREYS : options->map;
    heat.low = SEQNN_ZERO;
    heat.high = options->high > 0 ? options->high : 1;
    heat.square = true;
    heat.decimals = 2;
    heat.no_numbers = !options->numbers;
    heat.no_colour_bar = options->no_colour_bar;
    status = seqnn_axes_heatmap(axes, weights, targets, sources, heat);
    if (status == SEQNN_OK)
        axes->names_on_top = true;
    return status;
}

SEQNN_API seqnn_status seqnn_axes_attention(seqnn_axes *axes, const seqnn_real *weights,
                                            seqnn_size targets, seqnn_size sources,
                                            const char *const *target_words,
                                            const char *const *source_words,
                                            seqnn_attention_options options)
{
    return sq_attention_add(axes, weights, targets, sources, target_words, source_words,
                            &options);
}

SEQNN_API seqnn_status seqnn_plot_attention(const seqnn_real *weights, seqnn_size targets,
                                            seqnn_size sources,
                                            const char *const *target_words,
                                            const char *const *source_words,
                                            const char *path,
                                            seqnn_attention_options options)
{
    seqnn_axes *axes;
    seqnn_figure *figure = sq_cells_figure(
        "plot attention", &axes, options.title, options.source_label,
        options.target_label, options.width, options.height, options.scale, options.font);
    sq_attention_add(axes, weights, targets, sources, target_words, source_words,
                     &options);
    return sq_cells_finish(figure, path);
}

/* --- gates --- */

static seqnn_status sq_gates_check(const char *who, const seqnn_gate *gates,
                                   seqnn_size count, seqnn_size steps, seqnn_size units)
{
    if (gates == NULL || count < 1 || count > SQ_GATES_MOST)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "%s: %td gates, expected 1 to %d", who,
                       gates == NULL ? (seqnn_size)0 : count, (int)SQ_GATES_MOST);
    if (steps < 1 || units < 1 || steps > SQ_CELLS_MOST || units > SQ_CELLS_MOST)
        return sq_fail(SEQNN_ERROR_SHAPE,
                       "%s: the gates are [%td steps, %td units], expected 1 to %d", who,
                       steps, units, (int)SQ_CELLS_MOST);
    for (seqnn_size g = 0; g < count; g++)
        if (gates[g].values == NULL)
            return sq_fail(SEQNN_ERROR_ARGUMENT, "%s: gate %td has no values", who, g);
    return SEQNN_OK;
}

/* The panel of one gate. `turned` has room for its values, a row for each unit. */
static void sq_gates_panel(seqnn_figure *figure, seqnn_size row, bool last,
                           const seqnn_gate *gate, seqnn_size steps, seqnn_size units,
                           const char *const *words, seqnn_real *turned)
{
    seqnn_axes_options labels;
    seqnn_heatmap_options heat;
    memset(&labels, 0, sizeof labels);
    memset(&heat, 0, sizeof heat);
    labels.title = gate->name;
    labels.y_label = "unit";
    labels.x_label = last && words == NULL ? "time step $t$" : NULL;
    labels.no_x_numbers = !last;
    heat.column_names = words;
    heat.map = gate->both_signs ? SEQNN_MAP_DIVERGING : SEQNN_MAP_VIRIDIS;
    heat.low = gate->both_signs ? -1 : SEQNN_ZERO;
    heat.high = 1;
    heat.no_numbers = true;
    for (seqnn_size u = 0; u < units; u++)
        for (seqnn_size t = 0; t < steps; t++)
            turned[u * steps + t] = gate->values[t * units + u];
    seqnn_axes_heatmap(seqnn_figure_axes(figure, row, 0, labels), turned, units, steps,
                       heat);
}

SEQNN_API seqnn_status seqnn_plot_gates(const seqnn_gate *gates, seqnn_size count,
                                        seqnn_size steps, seqnn_size units,
                                        const char *const *words, const char *path,
                                        seqnn_gates_options options)
{
    const char *who = "plot gates";
    seqnn_figure_options whole;
    seqnn_figure *figure;
    seqnn_real *turned;
    seqnn_status status = sq_gates_check(who, gates, count, steps, units);
    if (status != SEQNN_OK)
        return status;
    turned = (seqnn_real *)sq_allocate(steps * units, sizeof *turned);
    if (turned == NULL)
        return SEQNN_ERROR_MEMORY;
    memset(&whole, 0, sizeof whole);
    whole.title = options.title;
    whole.rows = count;
    whole.width = options.width;
    whole.height =
        options.height != 0 ? options.height : SQ_GATE_WORDS + count * SQ_GATE_HEIGHT;
    whole.scale = options.scale;
    whole.font = options.font;
    figure = sq_figure_new(who, whole);
    for (seqnn_size g = 0; g < count; g++)
        sq_gates_panel(figure, g, g + 1 == count, &gates[g], steps, units, words, turned);
    sq_free(turned);
    return sq_cells_finish(figure, path);
}

#endif
