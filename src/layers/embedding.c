#include "embedding.h"
#include "graph.h"
#include "memory.h"
#include "parallel.h"

/* Numbers that are worth a thread. */
enum { SQ_EMBEDDING_GRAIN = 65536 };

typedef struct sq_embedding {
    seqnn_layer base;
    bool mask_zero;
    int32_t *words; /* [rows] the word of every packed row */
    sq_touched touched;
} sq_embedding;

static void sq_embedding_plan(seqnn_layer *layer, sq_arena *arena, seqnn_size batch,
                              seqnn_size rows)
{
    (void)batch;
    ((sq_embedding *)layer)->words =
        (int32_t *)sq_arena_take(arena, rows, sizeof(int32_t));
}

/* Reads the words in packed order; each must be in the vocabulary. */
static seqnn_status sq_embedding_words(sq_embedding *own, const sq_packing *packing)
{
    const seqnn_layer *layer = &own->base;
    const int32_t *words = layer->model->batch->x[layer->source].indices;
    seqnn_size vocabulary = layer->parameters[0].view.rows;
    for (seqnn_size r = 0; r < packing->rows; r++) {
        seqnn_size at = packing->source[r];
        int32_t word = words[at];
        if (word < 0 || word >= vocabulary)
            return sq_fail(SEQNN_ERROR_ARGUMENT,
                           "embedding '%s': word %d at sample %td, step %td; the "
                           "vocabulary is 0 .. %td",
                           layer->name, (int)word, at / packing->time, at % packing->time,
                           vocabulary - 1);
        if (own->mask_zero && word == 0)
            return sq_fail(SEQNN_ERROR_ARGUMENT,
                           "embedding '%s': padding (0) inside the text of sample %td, "
                           "step %td; mask_zero takes it at the front or the end",
                           layer->name, at / packing->time, at % packing->time);
        own->words[r] = word;
    }
    return SEQNN_OK;
}

/* y_t = table[x_t] */
static void sq_embedding_gather(void *context, seqnn_size begin, seqnn_size end)
{
    const sq_embedding *own = (const sq_embedding *)context;
    const seqnn_real *table = own->base.parameters[0].view.value;
    seqnn_size features = own->base.out.features;
    for (seqnn_size r = begin; r < end; r++) {
        if (r + SQ_PREFETCH_ROWS < end)
            sq_prefetch_row(table + own->words[r + SQ_PREFETCH_ROWS] * features,
                            features);
        memcpy(own->base.out.value + r * features, table + own->words[r] * features,
               (size_t)features * sizeof *table);
    }
}

static seqnn_status sq_embedding_forward(seqnn_layer *layer, seqnn_mode mode)
{
    sq_embedding *own = (sq_embedding *)layer;
    sq_signal *out = &layer->out;
    (void)mode;
    seqnn_status status = sq_embedding_words(own, out->packing);
    if (status)
        return status;
    sq_parallel(out->rows, sq_max(1, SQ_EMBEDDING_GRAIN / out->features),
                sq_embedding_gather, own);
    return SEQNN_OK;
}

static void sq_embedding_scatter(void *context, seqnn_size begin, seqnn_size end)
{
    const sq_embedding *own = (const sq_embedding *)context;
    const sq_signal *out = &own->base.out;
    seqnn_size features = out->features;
    seqnn_real *gradient = own->base.parameters[0].view.gradient;
    for (seqnn_size r = 0; r < out->rows; r++) {
        if (r + SQ_PREFETCH_ROWS < out->rows)
            sq_prefetch_row(gradient + own->words[r + SQ_PREFETCH_ROWS] * features +
                                begin,
                            end - begin);
        seqnn_real *SQ_RESTRICT dtable = gradient + own->words[r] * features;
        const seqnn_real *SQ_RESTRICT dy = out->gradient + r * features;
        for (seqnn_size j = begin; j < end; j++)
            dtable[j] += dy[j];
    }
}

/* dtable[x_t] += dy_t. The columns are shared out among threads, so that every sum runs
 * over the rows in order. */
static void sq_embedding_backward(seqnn_layer *layer)
{
    sq_embedding *own = (sq_embedding *)layer;
    if (!sq_trains(layer, 0))
        return;
    sq_touched *touched = &own->touched;
    for (seqnn_size r = 0; r < layer->out.rows; r++)
        if (!touched->mark[own->words[r]]) {
            touched->mark[own->words[r]] = 1;
            touched->rows[touched->count++] = own->words[r];
        }
    seqnn_size features = layer->out.features;
    seqnn_size pieces =
        layer->out.rows * features < SQ_EMBEDDING_GRAIN ? 1 : sq_threads();
    sq_parallel(features, sq_max(16, (features + pieces - 1) / pieces),
                sq_embedding_scatter, own);
}

/* ---- construction ---- */

typedef struct sq_embedding_given {
    seqnn_size vocabulary, features;
    seqnn_embedding_options options;
} sq_embedding_given;

static const sq_layer_option *sq_embedding_options(void)
{
#define SQ_FIELD(field) offsetof(sq_embedding_given, field)
    static const sq_layer_option options[] = {
        {"vocabulary", SQ_OPTION_SIZE, SQ_FIELD(vocabulary), NULL},
        {"features", SQ_OPTION_SIZE, SQ_FIELD(features), NULL},
        {"name", SQ_OPTION_NAME, SQ_FIELD(options.name), NULL},
        {"mask_zero", SQ_OPTION_BOOL, SQ_FIELD(options.mask_zero), NULL},
        {"time", SQ_OPTION_SIZE, SQ_FIELD(options.time), NULL},
        {"initializer", SQ_OPTION_INITIALIZER, SQ_FIELD(options.initializer), NULL},
        {NULL, SQ_OPTION_NAME, 0, NULL}};
#undef SQ_FIELD
    return options;
}

static seqnn_layer *sq_embedding_make(seqnn_model *model, const void *given)
{
    const sq_embedding_given *from = (const sq_embedding_given *)given;
    return seqnn_embedding(model, from->vocabulary, from->features, from->options);
}

static const sq_layer_type sq_embedding_type = {"embedding",
                                                sizeof(sq_embedding),
                                                sq_embedding_plan,
                                                sq_embedding_forward,
                                                sq_embedding_backward,
                                                NULL,
                                                sizeof(sq_embedding_given),
                                                sq_embedding_options,
                                                sq_embedding_make};

SQ_LOCAL const sq_layer_type *sq_embedding_kind(void)
{
    return &sq_embedding_type;
}

SEQNN_API seqnn_layer *seqnn_embedding(seqnn_model *model, seqnn_size vocabulary,
                                       seqnn_size features,
                                       seqnn_embedding_options options)
{
    sq_embedding_given given = {vocabulary, features, options};
    seqnn_layer *layer = sq_source_new(model, &sq_embedding_type, options.name,
                                       SQ_INDICES, features, options.time, &given);
    if (!layer)
        return NULL;
    if (vocabulary < 1 || vocabulary > INT32_MAX) {
        sq_model_fail(model, SEQNN_ERROR_ARGUMENT,
                      "embedding '%s': a vocabulary of %td words, expected 1 to %d",
                      layer->name, vocabulary, (int)INT32_MAX);
        return NULL;
    }
    sq_embedding *own = (sq_embedding *)layer;
    own->mask_zero = options.mask_zero;
    model->sources[layer->source].mask_zero = options.mask_zero;
    layer->frozen = options.frozen;
    sq_parameter *table = sq_layer_add_parameter(layer, "table", vocabulary, features, 1,
                                                 options.initializer, SEQNN_UNIFORM);
    table->touched = &own->touched;
    if (options.vectors && !model->status) {
        seqnn_size count = vocabulary * features;
        table->given = (seqnn_real *)sq_allocate(count, sizeof *table->given);
        if (table->given)
            memcpy(table->given, options.vectors, (size_t)count * sizeof *table->given);
        else
            sq_model_fail(model, SEQNN_ERROR_MEMORY,
                          "embedding '%s': no memory for %td "
                          "vectors",
                          layer->name, vocabulary);
    }
    return model->status ? NULL : layer;
}
