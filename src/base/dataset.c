#include "dataset_rows.h"

/* Elements of one row: a class without time is one index, a vector one row of values. */
static seqnn_size sq_row_indices(const seqnn_array *a)
{
    return a->indices ? sq_max(a->time, 1) : 0;
}

static seqnn_size sq_row_values(const seqnn_array *a)
{
    return a->values ? sq_multiply(sq_max(a->time, 1), a->features) : 0;
}

/* The pieces of one array for count rows. The structs hand out constant pointers to
 * users; the memory behind them is the data set's own. */
static void sq_array_take(seqnn_array *into, const seqnn_array *like, seqnn_size count,
                          sq_arena *arena)
{
    *into = *like;
    if (like->indices)
        into->indices = (const int32_t *)sq_arena_take(
            arena, sq_multiply(count, sq_row_indices(like)), sizeof(int32_t));
    if (like->values)
        into->values = (const seqnn_real *)sq_arena_take(
            arena, sq_multiply(count, sq_row_values(like)), sizeof(seqnn_real));
    if (like->start)
        into->start = (const int32_t *)sq_arena_take(arena, count, sizeof(int32_t));
    if (like->length)
        into->length = (const int32_t *)sq_arena_take(arena, count, sizeof(int32_t));
}

SQ_LOCAL void sq_array_copy_steps(seqnn_array *into, seqnn_size to,
                                  const seqnn_array *from, seqnn_size row,
                                  seqnn_size first, seqnn_size steps)
{
    seqnn_size time = sq_max(from->time, 1), width = from->features;
    if (!from->time) {
        first = 0;
        steps = 1;
    }
    if (from->indices)
        memcpy((int32_t *)into->indices + to * steps, from->indices + row * time + first,
               (size_t)steps * sizeof(int32_t));
    if (from->values)
        memcpy((seqnn_real *)into->values + to * steps * width,
               from->values + (row * time + first) * width,
               (size_t)(steps * width) * sizeof(seqnn_real));
    if (!from->start || !from->length)
        return;
    seqnn_size begin = sq_max(from->start[row] - first, 0);
    seqnn_size end =
        sq_min((seqnn_size)from->start[row] + from->length[row] - first, steps);
    ((int32_t *)into->start)[to] = (int32_t)(begin < end ? begin : 0);
    ((int32_t *)into->length)[to] = (int32_t)(begin < end ? end - begin : 0);
}

/* A whole row: its start and length stay as they are, whatever they are. */
static void sq_array_copy(seqnn_array *into, seqnn_size to, const seqnn_array *from,
                          seqnn_size row)
{
    sq_array_copy_steps(into, to, from, row, 0, from->time);
    if (from->start)
        ((int32_t *)into->start)[to] = from->start[row];
    if (from->length)
        ((int32_t *)into->length)[to] = from->length[row];
}

/* Takes the arrays and the class names from the arena: once to plan, once for good. */
static void sq_dataset_plan(seqnn_dataset *data, const seqnn_dataset *like,
                            seqnn_size count, sq_arena *arena)
{
    *data = *like;
    data->count = count;
    data->memory = arena->memory;
    for (int i = 0; i < SEQNN_MAX_INPUTS; i++)
        sq_array_take(&data->x[i], &like->x[i], count, arena);
    sq_array_take(&data->y, &like->y, count, arena);
    if (like->weight)
        data->weight =
            (const seqnn_real *)sq_arena_take(arena, count, sizeof(seqnn_real));
    if (like->class_names) {
        const char **names =
            (const char **)sq_arena_take(arena, like->classes, sizeof(const char *));
        for (seqnn_size i = 0; i < like->classes; i++) {
            size_t size = strlen(like->class_names[i]) + 1;
            char *name = (char *)sq_arena_take(arena, (seqnn_size)size, 1);
            if (name)
                memcpy(name, like->class_names[i], size);
            if (names)
                names[i] = name;
        }
        data->class_names = names;
    }
}

SQ_LOCAL seqnn_dataset *sq_dataset_new(const seqnn_dataset *like, seqnn_size count)
{
    sq_arena arena;
    memset(&arena, 0, sizeof arena);
    if (count < 0) {
        sq_fail(SEQNN_ERROR_ARGUMENT, "data set: %td rows", count);
        return NULL;
    }
    /* The struct itself lies in front of its arrays. */
    seqnn_dataset plan;
    sq_arena_take(&arena, 1, sizeof(seqnn_dataset));
    sq_dataset_plan(&plan, like, count, &arena);
    if (sq_arena_commit(&arena) != SEQNN_OK)
        return NULL;
    seqnn_dataset *data =
        (seqnn_dataset *)sq_arena_take(&arena, 1, sizeof(seqnn_dataset));
    sq_dataset_plan(data, like, count, &arena);
    return data;
}

SQ_LOCAL void sq_dataset_copy_row(seqnn_dataset *into, seqnn_size to,
                                  const seqnn_dataset *from, seqnn_size row)
{
    for (int i = 0; i < SEQNN_MAX_INPUTS; i++)
        sq_array_copy(&into->x[i], to, &from->x[i], row);
    sq_array_copy(&into->y, to, &from->y, row);
    if (from->weight)
        ((seqnn_real *)into->weight)[to] = from->weight[row];
}

SEQNN_API seqnn_dataset *seqnn_dataset_take(const seqnn_dataset *data,
                                            const int32_t *rows, seqnn_size count)
{
    for (seqnn_size i = 0; i < count; i++)
        if (rows[i] < 0 || rows[i] >= data->count) {
            sq_fail(SEQNN_ERROR_ARGUMENT, "data set: row %d of %td", (int)rows[i],
                    data->count);
            return NULL;
        }
    seqnn_dataset *taken = sq_dataset_new(data, count);
    if (taken)
        for (seqnn_size i = 0; i < count; i++)
            sq_dataset_copy_row(taken, i, data, rows[i]);
    return taken;
}

static seqnn_array sq_array_slice(const seqnn_array *a, seqnn_size begin)
{
    seqnn_array slice = *a;
    if (slice.indices)
        slice.indices += begin * sq_row_indices(a);
    if (slice.values)
        slice.values += begin * sq_row_values(a);
    if (slice.start)
        slice.start += begin;
    if (slice.length)
        slice.length += begin;
    return slice;
}

SEQNN_API seqnn_dataset seqnn_dataset_slice(const seqnn_dataset *data, seqnn_size begin,
                                            seqnn_size end)
{
    seqnn_dataset slice = *data;
    slice.memory = NULL;
    slice.count = 0;
    if (begin < 0 || end < begin || end > data->count) {
        sq_fail(SEQNN_ERROR_ARGUMENT, "data set: rows %td to %td of %td", begin, end,
                data->count);
        return slice;
    }
    slice.count = end - begin;
    for (int i = 0; i < SEQNN_MAX_INPUTS; i++)
        slice.x[i] = sq_array_slice(&data->x[i], begin);
    slice.y = sq_array_slice(&data->y, begin);
    if (slice.weight)
        slice.weight += begin;
    return slice;
}

SEQNN_API void seqnn_dataset_free(seqnn_dataset *data)
{
    if (data)
        sq_free(data->memory);
}
