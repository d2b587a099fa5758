#include "checkpoint_file.h"
#include "architecture.h"
#include "checksum.h"
#include "named_array.h"
#include "recurrent_states.h"

#include <errno.h>

static const char sq_description_key[] = "seqnn_checkpoint";
static const char sq_run_checksum_key[] = "seqnn_checksum";

enum {
    SQ_PASSES,
    SQ_KIND,
    SQ_STEPS,
    SQ_GATHERED,
    SQ_COUNTERS,
    SQ_FIXED_ARRAYS = 6, /* counters, divisor, weights, m, v, gradients */
    SQ_ARRAY_NAME = 2 * SQ_NAME_SIZE
};

/* ---- descriptions ---- */

SQ_LOCAL seqnn_status sq_describe_architecture(sq_buffer *lines, const seqnn_model *model)
{
    sq_buffer_text(lines, "architecture {");
    seqnn_status status = sq_write_architecture(lines, model);
    sq_buffer_text(lines, "}\n");
    return status ? status : lines->status;
}

/* The piece of a line around its first difference from another, long as it may be. */
static void sq_excerpt(const char *line, int length, int same, char *text, size_t size)
{
    enum { BEFORE = 40, AFTER = 30 };
    int begin = same > BEFORE + AFTER ? same - BEFORE : 0;
    int end = same + AFTER < length ? same + AFTER : length;
    snprintf(text, size, "%s%.*s%s", begin > 0 ? "..." : "", end - begin, line + begin,
             end < length ? "..." : "");
}

static int sq_line_length(const char *line)
{
    return (int)sq_min((seqnn_size)strcspn(line, "\n"), INT_MAX / 2);
}

static seqnn_status sq_compare_descriptions(const char *who, const char *path,
                                            const char *theirs, const char *ours)
{
    while (*ours) {
        int mine = sq_line_length(ours), other = sq_line_length(theirs), same = 0;
        while (same < mine && same < other && ours[same] == theirs[same])
            same++;
        if (same < mine || same < other) {
            char here[100], there[100];
            sq_excerpt(ours, mine, same, here, sizeof here);
            sq_excerpt(theirs, other, same, there, sizeof there);
            return sq_fail(SEQNN_ERROR_ARGUMENT,
                           "%s: '%s' is of another run: '%s' there, '%s' here", who, path,
                           other ? there : "nothing more", here);
        }
        ours += mine + (ours[mine] != '\0');
        theirs += other + (theirs[other] != '\0');
    }
    return SEQNN_OK;
}

/* ---- writing ---- */

SQ_LOCAL seqnn_dtype sq_real_dtype(void)
{
    return sizeof(seqnn_real) == 4 ? SEQNN_F32 : SEQNN_F64;
}

SQ_LOCAL seqnn_named_array sq_checkpoint_array(const char *name, seqnn_dtype dtype,
                                               const void *data, seqnn_size count)
{
    seqnn_named_array array;
    memset(&array, 0, sizeof array);
    array.name = name;
    array.dtype = dtype;
    array.rank = 1;
    array.shape[0] = count;
    array.data = data;
    return array;
}

/* The arrays of a checkpoint on their way out. */
typedef struct sq_array_list {
    seqnn_named_array *array;
    char (*names)[SQ_ARRAY_NAME];
    seqnn_size count, capacity;
} sq_array_list;

/* "<kind>/<layer>" or "<kind>/<layer>.<part>" */
static void sq_layer_array_name(char name[SQ_ARRAY_NAME], const char *kind,
                                const seqnn_layer *layer, const char *part)
{
    snprintf(name, SQ_ARRAY_NAME, "%s/%s%s%s", kind, layer->name, part ? "." : "",
             part ? part : "");
}

static seqnn_named_array *sq_list_layer(sq_array_list *list, const char *kind,
                                        const seqnn_layer *layer, const char *part)
{
    char *name = list->names[list->count];
    seqnn_named_array *array = &list->array[list->count++];
    sq_layer_array_name(name, kind, layer, part);
    *array = sq_checkpoint_array(name, sq_real_dtype(), NULL, 0);
    return array;
}

static void sq_list_state(sq_array_list *list, const char *kind, const sq_recurrent *own,
                          const seqnn_real *state)
{
    seqnn_named_array *array = sq_list_layer(list, kind, &own->base, NULL);
    array->rank = 2;
    array->shape[0] = own->final.count;
    array->shape[1] = own->units;
    array->data = state;
}

static void sq_list_layers(sq_array_list *list, const seqnn_model *model, bool gathered)
{
    for (seqnn_size i = 0; i < model->layer_count; i++) {
        const seqnn_layer *layer = model->layers[i];
        for (int p = 0; gathered && p < layer->parameter_count; p++) {
            const sq_parameter *parameter = &layer->parameters[p];
            if (!parameter->touched)
                continue;
            seqnn_named_array *array =
                sq_list_layer(list, "touched", layer, parameter->view.name);
            array->dtype = SEQNN_I32;
            array->shape[0] = parameter->touched->count;
            array->data = parameter->touched->rows;
        }
        if (!sq_is_recurrent(layer) || ((const sq_recurrent *)layer)->final.count == 0)
            continue;
        const sq_recurrent *own = (const sq_recurrent *)layer;
        sq_list_state(list, "h", own, own->final.h);
        if (own->kind->has_C)
            sq_list_state(list, "C", own, own->final.C);
    }
}

static void sq_list_block(sq_array_list *list, const char *name, const seqnn_real *block,
                          seqnn_size count)
{
    if (block)
        list->array[list->count++] =
            sq_checkpoint_array(name, sq_real_dtype(), block, count);
}

static seqnn_status sq_write_list(const char *path, const sq_array_list *list,
                                  const char *description)
{
    char checksum[SQ_CHECKSUM_SIZE];
    seqnn_metadata metadata[2];
    sq_checksum(list->array, list->count, description, checksum);
    metadata[0].key = sq_description_key;
    metadata[0].value = description;
    metadata[1].key = sq_run_checksum_key;
    metadata[1].value = checksum;
    return seqnn_safetensors_write(path, list->array, list->count, metadata, 2);
}

SQ_LOCAL seqnn_status sq_checkpoint_write(seqnn_model *model, const char *path,
                                          const char *description,
                                          const seqnn_named_array *more,
                                          seqnn_size more_count)
{
    const sq_training *training = sq_training_of(model);
    if (!training)
        return SEQNN_ERROR_MEMORY;
    const bool gathered = training->gathered > 0;
    const int64_t counters[SQ_COUNTERS] = {(int64_t)model->pass, (int64_t)training->kind,
                                           training->step, training->gathered};
    sq_array_list list;
    list.count = 0;
    list.capacity =
        SQ_FIXED_ARRAYS + more_count + (SQ_MAX_PARAMETERS + 2) * model->layer_count;
    list.array =
        (seqnn_named_array *)sq_allocate(list.capacity, sizeof(seqnn_named_array));
    list.names = (char(*)[SQ_ARRAY_NAME])sq_allocate(list.capacity, SQ_ARRAY_NAME);
    seqnn_status status = list.array && list.names ? SEQNN_OK : SEQNN_ERROR_MEMORY;
    if (!status) {
        list.array[list.count++] =
            sq_checkpoint_array("counters", SEQNN_I64, counters, SQ_COUNTERS);
        list.array[list.count++] =
            sq_checkpoint_array("divisor", SEQNN_F64, &training->divisor, 1);
        sq_list_block(&list, "weights", model->weights, model->weight_count);
        sq_list_block(&list, "m", training->m, model->weight_count);
        sq_list_block(&list, "v", training->v, model->weight_count);
        sq_list_block(&list, "gradients", gathered ? model->gradients : NULL,
                      model->weight_count);
        sq_list_layers(&list, model, gathered);
        for (seqnn_size i = 0; i < more_count; i++)
            list.array[list.count++] = more[i];
        status = sq_write_list(path, &list, description);
    }
    sq_free(list.array);
    sq_free(list.names);
    return status;
}

/* ---- reading ---- */

static seqnn_status sq_check_checksum(const char *who, const char *path,
                                      const seqnn_safetensors *file, const char *said,
                                      const char *description)
{
    char checksum[SQ_CHECKSUM_SIZE];
    sq_checksum(file->array, file->count, description, checksum);
    if (strcmp(checksum, said) == 0)
        return SEQNN_OK;
    return sq_fail(
        SEQNN_ERROR_FORMAT,
        "%s: '%s' has changed since it was written: its checksum is %s, and it "
        "says %.40s",
        who, path, checksum, said);
}

SQ_LOCAL seqnn_status sq_checkpoint_read(const char *who, const char *path,
                                         const char *description,
                                         seqnn_safetensors **file)
{
    seqnn_status status = sq_safetensors_read(path, file);
    if (status)
        return status;
    const char *theirs = seqnn_safetensors_metadata(*file, sq_description_key);
    const char *said = seqnn_safetensors_metadata(*file, sq_run_checksum_key);
    if (!theirs || !said)
        status = sq_fail(SEQNN_ERROR_FORMAT, "%s: '%s' is not a checkpoint", who, path);
    if (!status)
        status = sq_check_checksum(who, path, *file, said, theirs);
    if (!status)
        status = sq_compare_descriptions(who, path, theirs, description);
    if (status) {
        seqnn_safetensors_free(*file);
        *file = NULL;
    }
    return status;
}

/* As sq_checkpoint_data, but what is not there leaves *data NULL. */
static seqnn_status sq_find_data(const char *path, const seqnn_safetensors *file,
                                 const char *name, seqnn_dtype dtype, seqnn_size count,
                                 const void **data)
{
    const seqnn_named_array *array = seqnn_safetensors_find(file, name);
    *data = NULL;
    if (array && (array->dtype != dtype || seqnn_named_array_count(array) != count))
        return sq_fail(SEQNN_ERROR_FORMAT,
                       "'%s': %s has %td elements of %td bytes, expected %td of %td",
                       path, name, seqnn_named_array_count(array),
                       seqnn_dtype_size(array->dtype), count, seqnn_dtype_size(dtype));
    if (array)
        *data = array->data;
    return SEQNN_OK;
}

SQ_LOCAL seqnn_status sq_checkpoint_data(const char *path, const seqnn_safetensors *file,
                                         const char *name, seqnn_dtype dtype,
                                         seqnn_size count, const void **data)
{
    seqnn_status status = sq_find_data(path, file, name, dtype, count, data);
    if (!status && !*data)
        status = sq_fail(SEQNN_ERROR_FORMAT, "'%s': there is no %s in it", path, name);
    return status;
}

/* A checkpoint on its way in: everything is looked at and has its memory before anything
 * changes. */
typedef struct sq_restoring {
    seqnn_model *model;
    const char *path;
    const seqnn_safetensors *file;
    seqnn_size most_samples;
    const int64_t *counters;
    const double *divisor;
    const void *weights, *m, *v, *gradients;
    seqnn_real *new_m, *new_v;
} sq_restoring;

static seqnn_status sq_look_at_blocks(sq_restoring *in)
{
    const char *path = in->path;
    const seqnn_size count = in->model->weight_count;
    const seqnn_dtype real = sq_real_dtype();
    const void *counters = NULL, *divisor = NULL;
    if (sq_checkpoint_data(path, in->file, "counters", SEQNN_I64, SQ_COUNTERS,
                           &counters) ||
        sq_checkpoint_data(path, in->file, "divisor", SEQNN_F64, 1, &divisor) ||
        sq_checkpoint_data(path, in->file, "weights", real, count, &in->weights) ||
        sq_find_data(path, in->file, "m", real, count, &in->m) ||
        sq_find_data(path, in->file, "v", real, count, &in->v) ||
        sq_find_data(path, in->file, "gradients", real, count, &in->gradients))
        return SEQNN_ERROR_FORMAT;
    in->counters = (const int64_t *)counters;
    in->divisor = (const double *)divisor;
    const int64_t *n = in->counters;
    if (n[SQ_KIND] < 0 || n[SQ_KIND] > SEQNN_ADAGRAD || n[SQ_STEPS] < 0 ||
        n[SQ_STEPS] >= PTRDIFF_MAX || n[SQ_GATHERED] < 0 ||
        n[SQ_GATHERED] >= PTRDIFF_MAX || (n[SQ_GATHERED] > 0) != (in->gradients != NULL))
        return sq_fail(SEQNN_ERROR_FORMAT, "'%s': impossible counters", path);
    return SEQNN_OK;
}

static const seqnn_named_array *sq_find_of_layer(const sq_restoring *in, const char *kind,
                                                 const seqnn_layer *layer,
                                                 const char *part)
{
    char name[SQ_ARRAY_NAME];
    sq_layer_array_name(name, kind, layer, part);
    return seqnn_safetensors_find(in->file, name);
}

/* A table's rows that have a gradient; put in: they are listed, each once. */
static seqnn_status sq_restore_touched(const sq_restoring *in, const seqnn_layer *layer,
                                       const sq_parameter *parameter, bool put)
{
    const seqnn_named_array *array =
        sq_find_of_layer(in, "touched", layer, parameter->view.name);
    sq_touched *touched = parameter->touched;
    seqnn_size count = array ? seqnn_named_array_count(array) : 0;
    bool good = array && array->dtype == SEQNN_I32 && count <= parameter->view.rows;
    const int32_t *rows = good ? (const int32_t *)array->data : NULL;
    for (seqnn_size i = 0; good && i < count; i++) {
        good = rows[i] >= 0 && rows[i] < parameter->view.rows;
        if (!put || touched->mark[rows[i]])
            continue;
        touched->mark[rows[i]] = 1;
        touched->rows[touched->count++] = rows[i];
    }
    if (good)
        return SEQNN_OK;
    return sq_fail(SEQNN_ERROR_FORMAT, "'%s': which rows of '%s' have a gradient?",
                   in->path, layer->name);
}

static seqnn_status sq_restore_state(const sq_restoring *in, sq_recurrent *own, bool put)
{
    const seqnn_named_array *h = sq_find_of_layer(in, "h", &own->base, NULL);
    const seqnn_named_array *C = sq_find_of_layer(in, "C", &own->base, NULL);
    if (!h) {
        own->final.count = put ? 0 : own->final.count;
        return SEQNN_OK;
    }
    seqnn_size count = h->rank == 2 ? h->shape[0] : 0;
    bool good = count >= 1 && count <= in->most_samples && h->shape[1] == own->units &&
                h->dtype == sq_real_dtype() && !C == !own->kind->has_C;
    if (good && C)
        good = C->dtype == h->dtype && C->rank == 2 && C->shape[0] == count &&
               C->shape[1] == own->units;
    if (!good)
        return sq_fail(SEQNN_ERROR_FORMAT,
                       "'%s': the state of '%s' is not one of %td units and at most %td "
                       "samples",
                       in->path, own->base.name, own->units, in->most_samples);
    if (!put) /* nothing can fail then */
        return sq_states_reserve(&own->final, own, count);
    return sq_states_copy_in(own, &own->final, count, (const seqnn_real *)h->data,
                             C ? (const seqnn_real *)C->data : NULL);
}

static seqnn_status sq_restore_layers(const sq_restoring *in, bool put)
{
    seqnn_status status = SEQNN_OK;
    for (seqnn_size i = 0; i < in->model->layer_count && !status; i++) {
        seqnn_layer *layer = in->model->layers[i];
        for (int p = 0; in->gradients && p < layer->parameter_count && !status; p++)
            if (layer->parameters[p].touched)
                status = sq_restore_touched(in, layer, &layer->parameters[p], put);
        if (!status && sq_is_recurrent(layer))
            status = sq_restore_state(in, (sq_recurrent *)layer, put);
    }
    return status;
}

/* m or v: what there is takes the numbers; new memory, if none is there. */
static bool sq_reserve_moments(const sq_restoring *in, const void *saved,
                               const seqnn_real *there, seqnn_real **made)
{
    if (saved && !there)
        *made = sq_moments_new(in->model, sq_training_of(in->model));
    return !saved || there || *made;
}

static void sq_put_moments(const sq_restoring *in, const void *saved, seqnn_real **there,
                           seqnn_real *made)
{
    if (!saved) {
        sq_memory_give(sq_training_of(in->model)->from, *there);
        *there = NULL;
        return;
    }
    if (made)
        *there = made;
    memcpy(*there, saved, (size_t)in->model->weight_count * sizeof(seqnn_real));
    sq_written(in->model, *there, in->model->weight_count);
}

static void sq_restore_blocks(const sq_restoring *in, sq_training *training)
{
    seqnn_model *model = in->model;
    size_t bytes = (size_t)model->weight_count * sizeof(seqnn_real);
    model->pass = (uint64_t)in->counters[SQ_PASSES];
    training->kind = (seqnn_optimizer_kind)in->counters[SQ_KIND];
    training->step = (seqnn_size)in->counters[SQ_STEPS];
    training->gathered = (seqnn_size)in->counters[SQ_GATHERED];
    training->divisor = *in->divisor;
    memcpy(model->weights, in->weights, bytes);
    sq_written(model, model->weights, model->weight_count);
    sq_put_moments(in, in->m, &training->m, in->new_m);
    sq_put_moments(in, in->v, &training->v, in->new_v);
    sq_set_moved(in->model, 1);
    if (!in->gradients)
        return;
    seqnn_zero_gradients(model);
    memcpy(model->gradients, in->gradients, bytes);
    sq_written(model, model->gradients, model->weight_count);
}

SQ_LOCAL seqnn_status sq_checkpoint_restore(seqnn_model *model, const char *path,
                                            const seqnn_safetensors *file,
                                            seqnn_size most_samples)
{
    sq_restoring in;
    memset(&in, 0, sizeof in);
    in.model = model;
    in.path = path;
    in.file = file;
    in.most_samples = most_samples;
    sq_training *training = sq_training_of(model);
    seqnn_status status = training ? sq_look_at_blocks(&in) : SEQNN_ERROR_MEMORY;
    if (!status)
        status = sq_restore_layers(&in, false);
    if (!status && !(sq_reserve_moments(&in, in.m, training->m, &in.new_m) &&
                     sq_reserve_moments(&in, in.v, training->v, &in.new_v)))
        status = SEQNN_ERROR_MEMORY;
    if (status) {
        if (training) {
            sq_memory_give(training->from, in.new_m);
            sq_memory_give(training->from, in.new_v);
        }
        return status;
    }
    sq_restore_blocks(&in, training);
    return sq_restore_layers(&in, true);
}

/* ---- for loops of the user's own ---- */

static seqnn_status sq_check_checkpoint(seqnn_model *model, const char *who,
                                        const char *path, const seqnn_size *numbers,
                                        seqnn_size count)
{
    if (!path || count < 0 || (count > 0 && !numbers))
        return sq_fail(SEQNN_ERROR_ARGUMENT, "%s: path is %s, numbers is %s, count %td",
                       who, path ? path : "NULL", numbers ? "given" : "NULL", count);
    return sq_model_build(model);
}

static seqnn_status sq_save_loop(seqnn_model *model, const char *path,
                                 const char *description, const seqnn_size *numbers,
                                 seqnn_size count)
{
    int64_t *position = (int64_t *)sq_allocate(count, sizeof(int64_t));
    if (!position)
        return SEQNN_ERROR_MEMORY;
    for (seqnn_size i = 0; i < count; i++)
        position[i] = numbers[i];
    seqnn_named_array array = sq_checkpoint_array("numbers", SEQNN_I64, position, count);
    seqnn_status status = sq_checkpoint_write(model, path, description, &array, 1);
    sq_free(position);
    return status;
}

SEQNN_API seqnn_status seqnn_checkpoint_save(seqnn_model *model, const char *path,
                                             const seqnn_size *numbers, seqnn_size count)
{
    sq_buffer lines;
    memset(&lines, 0, sizeof lines);
    seqnn_status status =
        sq_check_checkpoint(model, "checkpoint_save", path, numbers, count);
    if (!status)
        status = sq_describe_architecture(&lines, model);
    if (!status)
        status = sq_save_loop(model, path, lines.text, numbers, count);
    sq_buffer_free(&lines);
    return status;
}

SEQNN_API seqnn_status seqnn_checkpoint_load(seqnn_model *model, const char *path,
                                             seqnn_size *numbers, seqnn_size count)
{
    sq_buffer lines;
    memset(&lines, 0, sizeof lines);
    seqnn_safetensors *file = NULL;
    const void *saved = NULL;
    seqnn_status status =
        sq_check_checkpoint(model, "checkpoint_load", path, numbers, count);
    if (!status)
        status = sq_describe_architecture(&lines, model);
    if (!status)
        status = sq_checkpoint_read("checkpoint_load", path, lines.text, &file);
    if (!status)
        status = sq_checkpoint_data(path, file, "numbers", SEQNN_I64, count, &saved);
    if (!status)
        status = sq_checkpoint_restore(model, path, file, PTRDIFF_MAX);
    for (seqnn_size i = 0; !status && i < count; i++)
        numbers[i] = (seqnn_size)((const int64_t *)saved)[i];
    seqnn_safetensors_free(file);
    sq_buffer_free(&lines);
    return status;
}

SEQNN_API bool seqnn_checkpoint_exists(const char *path)
{
    errno = 0;
    FILE *file = path ? fopen(path, "rb") : NULL;
    if (file)
        fclose(file);
    return path && (file || errno != ENOENT);
}
