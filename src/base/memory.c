#include "memory.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

#ifndef SEQNN_MALLOC
#define SEQNN_MALLOC malloc
#define SEQNN_FREE free
#endif

enum { SQ_ALIGNMENT = 64 };

SQ_LOCAL seqnn_size sq_multiply(seqnn_size a, seqnn_size b)
{
    if (a < 0 || b < 0 || (b > 0 && a > PTRDIFF_MAX / b))
        return -1;
    return a * b;
}

/* sq_allocate without zeroing. */
static void *sq_take_memory(seqnn_size count, size_t size)
{
    seqnn_size bytes = sq_multiply(count, (seqnn_size)size);
    if (bytes < 0 || bytes > PTRDIFF_MAX - 2 * SQ_ALIGNMENT) {
        sq_fail(SEQNN_ERROR_MEMORY, "memory: %td elements of %zu bytes are too many",
                count, size);
        return NULL;
    }
    void *block = SEQNN_MALLOC((size_t)bytes + 2 * SQ_ALIGNMENT);
    if (!block) {
        sq_fail(SEQNN_ERROR_MEMORY, "memory: no room for %td bytes", bytes);
        return NULL;
    }
    /* The line before the memory keeps the address that SEQNN_FREE wants. */
    uintptr_t aligned =
        ((uintptr_t)block + 2 * SQ_ALIGNMENT - 1) & ~(uintptr_t)(SQ_ALIGNMENT - 1);
    void *memory = (char *)block + (aligned - (uintptr_t)block);
    memcpy((char *)memory - sizeof block, &block, sizeof block);
    return memory;
}

SQ_LOCAL void *sq_allocate(seqnn_size count, size_t size)
{
    void *memory = sq_take_memory(count, size);
    if (memory)
        memset(memory, 0, (size_t)count * size);
    return memory;
}

SQ_LOCAL void sq_free(void *memory)
{
    if (!memory)
        return;
    void *block;
    memcpy(&block, (char *)memory - sizeof block, sizeof block);
    SEQNN_FREE(block);
}

SQ_LOCAL void sq_return_memory(void)
{
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

SQ_LOCAL seqnn_status sq_grow(void **memory, seqnn_size *capacity, seqnn_size needed,
                              size_t size)
{
    if (needed <= *capacity)
        return SEQNN_OK;
    seqnn_size grown =
        sq_max(needed, *capacity > PTRDIFF_MAX / 2 ? needed : *capacity * 2);
    void *larger = sq_take_memory(grown, size);
    if (!larger)
        return SEQNN_ERROR_MEMORY;
    size_t old = (size_t)*capacity * size;
    if (old > 0)
        memcpy(larger, *memory, old);
    memset((char *)larger + old, 0, (size_t)grown * size - old);
    sq_free(*memory);
    *memory = larger;
    *capacity = grown;
    return SEQNN_OK;
}

SQ_LOCAL char *sq_copy_string(const char *text)
{
    size_t length = strlen(text);
    char *copy = (char *)sq_allocate((seqnn_size)length + 1, 1);
    if (copy)
        memcpy(copy, text, length);
    return copy;
}

SQ_LOCAL void *sq_memory_take(const sq_memory *from, seqnn_size count, size_t size)
{
    if (!from)
        return sq_allocate(count, size);
    return from->take(from->context, sq_multiply(count, (seqnn_size)size));
}

SQ_LOCAL void sq_memory_give(const sq_memory *from, void *memory)
{
    if (from && memory)
        from->give(from->context, memory);
    else if (memory)
        sq_free(memory);
}

SQ_LOCAL void *sq_arena_take(sq_arena *arena, seqnn_size count, size_t size)
{
    seqnn_size bytes = sq_multiply(count, (seqnn_size)size);
    if (bytes < 0 || bytes > PTRDIFF_MAX - SQ_ALIGNMENT - arena->used) {
        arena->overflow = true;
        return NULL;
    }
    void *piece = arena->memory ? arena->memory + arena->used : NULL;
    arena->used += (bytes + SQ_ALIGNMENT - 1) & ~(seqnn_size)(SQ_ALIGNMENT - 1);
    return piece;
}

SQ_LOCAL seqnn_status sq_arena_commit(sq_arena *arena)
{
    if (arena->overflow)
        return sq_fail(SEQNN_ERROR_MEMORY,
                       "memory: the plan is too large to be one block");
    arena->size = arena->used;
    arena->used = 0;
    arena->memory = (char *)sq_memory_take(arena->from, arena->size, 1);
    return arena->memory ? SEQNN_OK : SEQNN_ERROR_MEMORY;
}

SQ_LOCAL void sq_arena_free(sq_arena *arena)
{
    const sq_memory *from = arena->from;
    sq_memory_give(from, arena->memory);
    memset(arena, 0, sizeof *arena);
    arena->from = from;
}
