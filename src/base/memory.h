/* base/memory.h - allocation (private)
 *
 * Everything the library allocates goes through sq_allocate: sizes are checked products,
 * memory is zeroed and aligned to a cache line, and SEQNN_MALLOC/SEQNN_FREE replace the
 * system's allocator.
 *
 * An arena is a plan followed by one block: the same sequence of sq_arena_take calls is
 * made twice, first with no memory to add the sizes up, then, after sq_arena_commit, to
 * hand the pieces out.
 */
#ifndef SQ_MEMORY_H
#define SQ_MEMORY_H

#include "private.h"

/* count elements of size bytes, zeroed, 64-byte aligned; NULL with the error set if there
 * is no memory or the product overflows. sq_free takes NULL. */
SQ_LOCAL void *sq_allocate(seqnn_size count, size_t size);
SQ_LOCAL void sq_free(void *memory);

/* Gives memory that was freed back to the system where the C library would keep it: after
 * much was taken and freed, and before as much is taken for long. */
SQ_LOCAL void sq_return_memory(void);

/* Grows *memory (from sq_allocate) to hold at least `needed` elements, doubling; keeps
 * the content. *capacity counts elements. On failure everything stays as it was. */
SQ_LOCAL seqnn_status sq_grow(void **memory, seqnn_size *capacity, seqnn_size needed,
                              size_t size);

/* A copy of a string; NULL with the error set if there is no memory. */
SQ_LOCAL char *sq_copy_string(const char *text);

/* a * b, or -1 if the product is not a seqnn_size or an operand is negative. */
SQ_LOCAL seqnn_size sq_multiply(seqnn_size a, seqnn_size b);

/* Asks for a row of numbers before it is read: rows of a table come in the order of the
 * text, which no processor foresees. */
static inline void sq_prefetch_row(const seqnn_real *row, seqnn_size count)
{
    const seqnn_size line = 64 / (seqnn_size)sizeof *row;
    for (seqnn_size i = 0; i < count; i += line)
        SQ_PREFETCH(row + i);
}

/* So many rows ahead of the one that is worked on. */
enum { SQ_PREFETCH_ROWS = 4 };

/* Memory that is not the heap's: of a device. take gives zeroed, 64-byte aligned bytes, or
 * NULL with the error set. */
typedef struct sq_memory {
    void *(*take)(void *context, seqnn_size bytes);
    void (*give)(void *context, void *memory);
    void *context;
} sq_memory;

/* count elements of size bytes, zeroed; from NULL: the heap. NULL with the error set. */
SQ_LOCAL void *sq_memory_take(const sq_memory *from, seqnn_size count, size_t size);
SQ_LOCAL void sq_memory_give(const sq_memory *from, void *memory);

typedef struct sq_arena {
    char *memory; /* NULL while sizes are added up */
    seqnn_size used, size;
    bool overflow;
    const sq_memory *from; /* NULL: the heap */
} sq_arena;

/* count elements of size bytes, or NULL while planning. */
SQ_LOCAL void *sq_arena_take(sq_arena *arena, seqnn_size count, size_t size);
/* Ends the plan: allocates the block. */
SQ_LOCAL seqnn_status sq_arena_commit(sq_arena *arena);
/* Gives the block back; the arena is as new, and of the same memory. */
SQ_LOCAL void sq_arena_free(sq_arena *arena);

#endif
