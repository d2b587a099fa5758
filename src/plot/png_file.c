/* plot/png_file.c - the PNG encoder is stb_image_write, taken from the system */
#include "png_file.h"

#ifdef SEQNN_PLOT

#include "output.h"

#include <setjmp.h>

/* A file that has included stb_image_write.h before this one keeps its own copy, and that
 * copy serves here. Otherwise the encoder becomes a private part of this file. */
#ifndef INCLUDE_STB_IMAGE_WRITE_H
#define STB_IMAGE_WRITE_STATIC
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STBIW_MALLOC(size) sq_png_allocate((size_t)(size))
#define STBIW_REALLOC_SIZED(p, old_size, new_size)                                       \
    sq_png_resize(p, (size_t)(old_size), (size_t)(new_size))
#define STBIW_FREE(p) sq_png_free(p)
#define SQ_PNG_MEMORY

/* The encoder goes on with the NULL that it gets when memory runs out. So it gets none:
 * sq_png_encode_safely is returned to, and frees what is in this list. */
typedef struct sq_png_block {
    struct sq_png_block *next, *previous;
} sq_png_block;

typedef struct sq_png_memory {
    jmp_buf out_of_memory;
    sq_png_block blocks; /* ring */
} sq_png_memory;

static SQ_THREAD_LOCAL sq_png_memory *sq_png_current;

static void *sq_png_allocate(size_t size)
{
    sq_png_block *all = &sq_png_current->blocks;
    sq_png_block *block = (sq_png_block *)sq_allocate(
        size > PTRDIFF_MAX / 2 ? PTRDIFF_MAX : (seqnn_size)(size + sizeof *block), 1);
    if (block == NULL)
        longjmp(sq_png_current->out_of_memory, 1);
    block->previous = all;
    block->next = all->next;
    all->next->previous = block;
    all->next = block;
    return block + 1;
}

static void sq_png_free(void *memory)
{
    if (memory == NULL)
        return;
    sq_png_block *block = (sq_png_block *)memory - 1;
    block->previous->next = block->next;
    block->next->previous = block->previous;
    sq_free(block);
}

static void *sq_png_resize(void *memory, size_t old_size, size_t new_size)
{
    void *resized = sq_png_allocate(new_size);
    if (memory != NULL)
        memcpy(resized, memory, old_size < new_size ? old_size : new_size);
    sq_png_free(memory);
    return resized;
}

#include "silence.inc"
/* The encoder compares bytes one by one, nearly all of its time: unrolled in two thirds
 * of it. */
#if defined(__GNUC__) && !defined(__clang__) && !defined(__CUDACC__) &&                  \
    defined(__OPTIMIZE__)
#pragma GCC push_options
#pragma GCC optimize("unroll-loops")
#endif
#if defined(__has_include)
#if __has_include(<stb/stb_image_write.h>)
#include <stb/stb_image_write.h>
#elif __has_include(<stb_image_write.h>)
#include <stb_image_write.h>
#elif __has_include("stb_image_write.h")
#include "stb_image_write.h"
#else
#error                                                                                   \
    "SEQNN_PLOT needs stb_image_write.h: install Debian's package libstb-dev, or put the file beside the program"
#endif
#else
#include "stb_image_write.h"
#endif
#if defined(__GNUC__) && !defined(__clang__) && !defined(__CUDACC__) &&                  \
    defined(__OPTIMIZE__)
#pragma GCC pop_options
#endif
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif
#undef STB_IMAGE_WRITE_STATIC
#undef STB_IMAGE_WRITE_IMPLEMENTATION
#undef STBIW_MALLOC
#undef STBIW_REALLOC_SIZED
#undef STBIW_FREE
#endif

static void sq_png_put(void *context, void *data, int size)
{
    sq_output_bytes((sq_output *)context, data, size);
}

/* A function of its own: its variables die when it is left by longjmp. */
#if defined(__GNUC__)
__attribute__((noinline))
#endif
static bool
sq_png_encode(const sq_canvas *canvas, sq_output *output)
{
    return stbi_write_png_to_func(sq_png_put, output, canvas->width, canvas->height, 3,
                                  canvas->pixels, canvas->width * 3) != 0;
}

#ifdef SQ_PNG_MEMORY
/* The same, with every byte given back; false if there was not enough memory. */
static bool sq_png_encode_safely(const sq_canvas *canvas, sq_output *output)
{
    sq_png_memory memory;
    volatile bool encoded = false;
    memory.blocks.next = memory.blocks.previous = &memory.blocks;
    sq_png_current = &memory;
    /* Lines and flat areas: no filter and a short search for repetitions take a quarter
     * of the time that the encoder takes by itself, for files of the same size. A copy
     * that belongs to the user keeps the user's settings. */
    stbi_write_force_png_filter = 0;
    stbi_write_png_compression_level = 5;
    if (setjmp(memory.out_of_memory) == 0)
        encoded = sq_png_encode(canvas, output);
    while (memory.blocks.next != &memory.blocks)
        sq_png_free(memory.blocks.next + 1);
    sq_png_current = NULL;
    return encoded;
}
#else
#define sq_png_encode_safely sq_png_encode
#endif

seqnn_status sq_png_write(const sq_canvas *canvas, const char *who, const char *path)
{
    sq_output output;
    seqnn_status status = sq_output_open(&output, path);
    output.unsynced = true; /* the disk may take longer than all the drawing */
    if (status == SEQNN_OK && !sq_png_encode_safely(canvas, &output)) {
        sq_output_abandon(&output);
        return sq_fail(SEQNN_ERROR_MEMORY, "%s: no memory to encode '%s'", who, path);
    }
    status = sq_output_close(&output);
    return status == SEQNN_OK ? status : sq_fail(status, "%s: %s", who, seqnn_error());
}

#endif
