/* layers/graph.h - models and layers from the inside (private)
 *
 * A layer kind is a struct that begins with seqnn_layer, three functions, and a table of
 * its options for model files. To write one: sq_layer_new in the public constructor,
 * sq_layer_add_parameter for each weight, the functions, the table, done. Life of a
 * model:
 *
 *   build     at the first use: the flat blocks are allocated, parameters initialised
 *   plan      at the first batch of a larger size: every layer takes its activations
 *   forward   reads inputs' out.value, writes out.value
 *   backward  reads out.gradient, adds to parameters' and inputs' gradients
 */
#ifndef SQ_GRAPH_H
#define SQ_GRAPH_H

#include "memory.h"
#include "random.h"
#include "initializers.h"
#include "model.h"
#include "activation.h"
#include "layer_options.h"
#include "packing.h"

enum { SQ_MAX_PARAMETERS = 4, SQ_MAX_LAYER_INPUTS = 2, SQ_NAME_SIZE = 64 };

/* Wider than any memory; sums and small multiples of it do not overflow. */
#define SQ_MAX_FEATURES ((seqnn_size)(PTRDIFF_MAX / 64))

/* What a layer gives to the next: one row per real step of a sequence (packing), or one
 * per sample in the user's order (packing NULL). */
typedef struct sq_signal {
    const sq_packing *packing;
    seqnn_size features, rows;
    seqnn_real *value, *gradient; /* [rows, features] */
    /* A source of words may give a row for each distinct word instead, if all who read it
     * take that: value and gradient are then [distinct->count, features]. Or NULL. */
    struct sq_distinct *distinct;
    /* Where a last activation was applied: what it was applied to, so that a loss may
     * start from logits. */
    const seqnn_real *logits;
    seqnn_activation activation;
    bool gradient_is_of_logits; /* the loss has already gone through the activation */
    bool gradient_written;      /* a later layer has written gradient: add from now on */
    bool gradient_wanted;       /* something below is trained */
} sq_signal;

struct sq_layer_type {
    const char *kind;
    size_t size; /* of the struct that begins with seqnn_layer */
    /* Takes memory for at most `rows` rows (steps * batch, or batch) of activations. */
    void (*plan)(seqnn_layer *layer, sq_arena *arena, seqnn_size batch, seqnn_size rows);
    seqnn_status (*forward)(seqnn_layer *layer, seqnn_mode mode);
    void (*backward)(seqnn_layer *layer);
    void (*destroy)(seqnn_layer *layer);     /* frees what is not in the arena; or NULL */
    size_t given_size;                       /* of the struct it is made from */
    const sq_layer_option *(*options)(void); /* the fields of that struct */
    seqnn_layer *(*make)(seqnn_model *model, const void *given); /* the constructor */
};

/* Rows of a table whose gradient is not zero: what to clear, to clip and to update. */
typedef struct sq_touched {
    int32_t *rows; /* each once, in order of first use */
    seqnn_size count;
    uint8_t *mark;  /* [table rows] 1 if listed */
    uint8_t *moved; /* [table rows] 0: the optimiser knows of no gradient, ever */
    int32_t *copy;  /* of `rows`, for a backend; or NULL */
    seqnn_size copied;
} sq_touched;

static inline void sq_touch(sq_touched *touched, seqnn_size count, const int32_t *rows)
{
    for (seqnn_size i = 0; i < count; i++)
        if (!touched->mark[rows[i]]) {
            touched->mark[rows[i]] = 1;
            touched->rows[touched->count++] = rows[i];
        }
}

typedef struct sq_parameter {
    seqnn_parameter view; /* what users see */
    seqnn_initializer initializer;
    seqnn_size blocks;      /* gates side by side in the columns */
    seqnn_real *given;      /* values to start from, owned, until built; or NULL */
    seqnn_real forget_bias; /* of an LSTM's bias, else 0: added to the second block */
    seqnn_size offset;      /* in the flat blocks */
    sq_touched *touched;    /* NULL: every row counts */
} sq_parameter;

struct seqnn_layer {
    const sq_layer_type *type;
    seqnn_model *model;
    seqnn_size index; /* in the model */
    char name[SQ_NAME_SIZE];
    void *made_from; /* a copy of its options; the name in it is not the layer's */
    bool frozen;
    seqnn_size vocabulary; /* of a source of words, else 0 */
    seqnn_layer *inputs[SQ_MAX_LAYER_INPUTS];
    int input_count;
    sq_parameter parameters[SQ_MAX_PARAMETERS];
    int parameter_count;
    int source;      /* whose time axis a sequence has; -1 for vectors */
    seqnn_size time; /* fixed length of the time axis, or 0 */
    sq_signal *in;   /* inputs[0]->out, or the given x of seqnn_layer_forward */
    sq_signal out;
    bool state_gradient;  /* a gradient reached its final state: backward must run */
    bool owes_rows;       /* gave its input the gradient of distinct words alone */
    seqnn_real *unpacked; /* what seqnn_layer_output hands out, grown on demand */
    seqnn_size unpacked_capacity;
};

typedef enum sq_source_kind { SQ_INDICES, SQ_SERIES, SQ_VECTORS } sq_source_kind;

typedef struct sq_source {
    sq_source_kind kind;
    bool mask_zero;
    seqnn_layer *layer;
    sq_packing packing;
    seqnn_size planned_time;
    int32_t *start, *length; /* [batch] of mask_zero, when looked for */
} sq_source;

struct seqnn_model {
    uint64_t seed;
    uint64_t pass;       /* training passes so far: every one has its own dropout masks */
    seqnn_status status; /* of building: sticky */
    seqnn_status run_status; /* of the last pass */
    char message[512];       /* of the failed building call */
    bool built;
    seqnn_layer **layers;
    seqnn_size layer_count, layer_capacity;
    sq_source sources[SEQNN_MAX_INPUTS];
    int source_count;
    sq_arena blocks; /* weights and gradients */
    sq_arena marks;  /* which embedding rows were touched: the CPU's, like `lists` */
    seqnn_real *weights, *gradients;
    seqnn_size weight_count;
    sq_arena activations;
    sq_arena lists; /* what the CPU writes for each batch: packings, distinct words */
    const struct sq_backend *backend; /* layers/backend.h; NULL: the CPU */
    void *device;                     /* the backend's */
    seqnn_device wanted;              /* by seqnn_use */
    seqnn_precision precision;        /* by seqnn_use_precision */
    bool device_chosen;
    char why_not_gpu[160]; /* though nobody asked for the CPU */
    seqnn_size planned_batch;
    const seqnn_dataset *batch; /* while a forward pass runs */
    seqnn_size count;           /* samples of the last forward pass */
    seqnn_mode mode;
    bool record_flow;
    sq_source lone; /* the x of seqnn_layer_forward */
    sq_signal lone_in;
    seqnn_size lone_capacity;
    bool lone_forward;             /* the last forward pass was of one layer */
    const seqnn_layer *lone_layer; /* and of this one */
    void *training;                /* optimiser state and history, owned by train/ */
    void (*free_training)(void *training);
};

/* Adds a layer of this type that reads `input` (NULL: the layer before), or nothing if it
 * is a source; given is what it is made from. NULL if the model is in error; then the
 * constructor returns NULL too. */
SQ_LOCAL seqnn_layer *sq_layer_new(seqnn_model *model, const sq_layer_type *type,
                                   const char *name, seqnn_layer *input,
                                   const void *given);
SQ_LOCAL seqnn_layer *sq_source_new(seqnn_model *model, const sq_layer_type *type,
                                    const char *name, sq_source_kind kind,
                                    seqnn_size features, seqnn_size time,
                                    const void *given);

/* Declares a parameter; memory comes when the model is built. fallback is the
 * initialiser used if `how` is the default. */
SQ_LOCAL sq_parameter *sq_layer_add_parameter(seqnn_layer *layer, const char *name,
                                              seqnn_size rows, seqnn_size columns,
                                              seqnn_size blocks, seqnn_initializer how,
                                              seqnn_initializer_kind fallback);

/* A second input. */
SQ_LOCAL void sq_layer_add_input(seqnn_layer *layer, seqnn_layer *input);

/* The output is a vector per step on the time axis of `like`, or a vector per sample. */
SQ_LOCAL void sq_layer_shape(seqnn_layer *layer, seqnn_size features,
                             const seqnn_layer *like, bool sequence);

/* Puts the model into (sticky) error. */
SQ_LOCAL seqnn_status sq_model_fail(seqnn_model *model, seqnn_status status,
                                    const char *format, ...) SQ_PRINTF(3, 4);

/* Allocates and initialises the parameters, once. */
SQ_LOCAL seqnn_status sq_model_build(seqnn_model *model);
/* The flat blocks and the parameters' places in them, on the device that was chosen. */
SQ_LOCAL seqnn_status sq_allocate_blocks(seqnn_model *model);
SQ_LOCAL void sq_free_blocks(seqnn_model *model);
/* Opens the device that is wanted, if there is one, once, and allocates the blocks. */
SQ_LOCAL seqnn_status sq_take_place(seqnn_model *model);
/* Activations for this batch and these times (one per source). */
SQ_LOCAL seqnn_status sq_model_plan(seqnn_model *model, seqnn_size batch,
                                    const seqnn_size *times);

/* seqnn_forward, seqnn_backward and seqnn_zero_gradients that do not wait for a backend;
 * and the wait. */
SQ_LOCAL seqnn_status sq_forward(seqnn_model *model, const seqnn_dataset *batch,
                                 seqnn_mode mode);
SQ_LOCAL seqnn_status sq_backward(seqnn_model *model);
SQ_LOCAL void sq_zero_gradients(seqnn_model *model);
SQ_LOCAL seqnn_status sq_wait(seqnn_model *model);

/* What follows is the same from pass to pass, and done by the wait at its end. */
SQ_LOCAL void sq_begin(seqnn_model *model);
/* What a backend has made, for the CPU to look through: *x becomes a copy in the CPU's
 * memory, until the next. Waits; a failure is that of the pass. */
SQ_LOCAL seqnn_status sq_read(seqnn_model *model, const seqnn_real **x, seqnn_size count);
/* After the CPU has written many weights, gradients or moments, for a backend. */
SQ_LOCAL void sq_written(seqnn_model *model, const seqnn_real *x, seqnn_size count);

/* signal's gradient += gradient, if it is wanted. */
SQ_LOCAL void sq_signal_add_gradient(sq_signal *signal, const seqnn_real *gradient);

/* Rows of this packing (NULL: one per sample) in the user's order, in memory of the layer
 * that stands until the next call. */
SQ_LOCAL seqnn_tensor sq_unpacked_rows(seqnn_layer *layer, const sq_packing *packing,
                                       const seqnn_real *rows, seqnn_size features);

/* How many numbers there are at signal->value. */
SQ_LOCAL seqnn_size sq_signal_size(const sq_signal *signal);

/* Whether dL/d(parameter) is wanted. */
static inline bool sq_trains(const seqnn_layer *layer, int parameter)
{
    return !layer->parameters[parameter].view.frozen;
}

/* What a mask is drawn with: number n of the stream drops if it is below `dropped`. */
typedef struct sq_mask_numbers {
    uint64_t stream; /* of (training pass, layer, which) */
    uint32_t dropped;
    seqnn_real kept; /* 1 / (1 - rate) */
} sq_mask_numbers;

/* The part of a stream that the training pass is. */
static inline uint64_t sq_stream_of_pass(const seqnn_model *model)
{
    return (model->pass + 1) << 24;
}

static inline sq_mask_numbers sq_dropout_numbers(const seqnn_layer *layer, int which,
                                                 seqnn_real rate)
{
    sq_mask_numbers numbers;
    numbers.stream =
        sq_stream_of_pass(layer->model) | ((uint64_t)layer->index << 2) | (uint64_t)which;
    numbers.dropped = (uint32_t)(rate * (seqnn_real)4294967040.0);
    numbers.kept = (seqnn_real)1 / (1 - rate);
    return numbers;
}

/* Inverted-scaling mask: count values that are 0 with probability rate, else
 * 1 / (1 - rate); value i depends on (model seed, training pass, layer, which, first + i)
 * alone. */
SQ_LOCAL void sq_dropout_mask(const seqnn_layer *layer, int which, seqnn_real rate,
                              seqnn_size first, seqnn_size count, seqnn_real *mask);

#endif
