/* plot/png_file.c - the PNG encoder is stb_image_write, taken from the system */
#include "png_file.h"

#ifdef SEQNN_PLOT

#include "memory.h"

#include <errno.h>

/* A file that has included stb_image_write.h before this one keeps its own copy, and that
 * copy serves here. Otherwise the encoder becomes a private part of this file. */
#ifndef INCLUDE_STB_IMAGE_WRITE_H
#define STB_IMAGE_WRITE_STATIC
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STBIW_MALLOC(size) sq_allocate((seqnn_size)(size), 1)
#define STBIW_REALLOC_SIZED(p, old_size, new_size)                                       \
    sq_png_resize(p, (size_t)(old_size), (size_t)(new_size))
#define STBIW_FREE(p) sq_free(p)

static void *sq_png_resize(void *memory, size_t old_size, size_t new_size)
{
    void *resized = sq_allocate((seqnn_size)new_size, 1);
    if (resized != NULL && memory != NULL)
        memcpy(resized, memory, old_size < new_size ? old_size : new_size);
    if (resized != NULL)
        sq_free(memory);
    return resized;
}

#if defined(__GNUC__)
#pragma GCC diagnostic push
#if defined(__clang__)
#pragma GCC diagnostic ignored "-Wunknown-warning-option"
#endif
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wcast-qual"
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wunused-variable"
#pragma GCC diagnostic ignored "-Wunused-but-set-variable"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
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
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif
#undef STB_IMAGE_WRITE_STATIC
#undef STB_IMAGE_WRITE_IMPLEMENTATION
#undef STBIW_MALLOC
#undef STBIW_REALLOC_SIZED
#undef STBIW_FREE
#endif

typedef struct sq_png_file {
    FILE *file;
    bool failed;
} sq_png_file;

static void sq_png_put(void *context, void *data, int size)
{
    sq_png_file *out = (sq_png_file *)context;
    if (fwrite(data, 1, (size_t)size, out->file) != (size_t)size)
        out->failed = true;
}

seqnn_status sq_png_write(const sq_canvas *canvas, const char *who, const char *path)
{
    sq_png_file out = {NULL, false};
    seqnn_status status = SEQNN_OK;
    size_t length = path == NULL ? 0 : strlen(path);
    char *part;
    if (length == 0)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "%s: no path was given for the picture",
                       who);
    part = (char *)sq_allocate((seqnn_size)length + 6, 1);
    if (part == NULL)
        return SEQNN_ERROR_MEMORY;
    memcpy(part, path, length);
    memcpy(part + length, ".part", 6);

    out.file = fopen(part, "wb");
    if (out.file == NULL) {
        status = sq_fail(SEQNN_ERROR_FILE, "%s: cannot write '%s': %s", who, path,
                         strerror(errno));
    } else {
        int encoded =
            stbi_write_png_to_func(sq_png_put, &out, canvas->width, canvas->height, 3,
                                   canvas->pixels, canvas->width * 3);
        errno = 0;
        out.failed = fclose(out.file) != 0 || out.failed;
        if (encoded == 0)
            status =
                sq_fail(SEQNN_ERROR_MEMORY, "%s: no memory to encode '%s'", who, path);
        else if (out.failed)
            status =
                sq_fail(SEQNN_ERROR_FILE, "%s: '%s' could not be written whole%s%s", who,
                        path, errno != 0 ? ": " : "", errno != 0 ? strerror(errno) : "");
#ifdef _WIN32
        if (status == SEQNN_OK)
            remove(path); /* rename does not replace there */
#endif
        if (status == SEQNN_OK && rename(part, path) != 0)
            status = sq_fail(SEQNN_ERROR_FILE, "%s: cannot write '%s': %s", who, path,
                             strerror(errno));
        if (status != SEQNN_OK)
            remove(part);
    }
    sq_free(part);
    return status;
}

#endif
