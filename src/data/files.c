#include "files.h"

#include <errno.h>
#include <sys/stat.h>
#ifdef _WIN32
#include <io.h>
#define SQ_IS_FOLDER(mode) (((mode)&_S_IFMT) == _S_IFDIR)
#define SQ_IS_FILE(mode) (((mode)&_S_IFMT) == _S_IFREG)
#else
#include <dirent.h>
#define SQ_IS_FOLDER(mode) S_ISDIR(mode)
#define SQ_IS_FILE(mode) S_ISREG(mode)
#endif
#ifdef SEQNN_USE_ZLIB
#include <zlib.h>
#endif

enum { SQ_READ_SIZE = 1 << 15, SQ_LONGEST_LINE = 1 << 26, SQ_LARGEST_FILE = 1 << 30 };

SQ_LOCAL seqnn_status sq_reader_fill(sq_reader *reader)
{
    if (reader->begin > 0) {
        reader->end -= reader->begin;
        reader->clean = sq_max(reader->clean - reader->begin, 0);
        memmove(reader->buffer, reader->buffer + reader->begin, (size_t)reader->end);
        reader->begin = 0;
    }
    if (reader->capacity - reader->end <= SQ_READ_SIZE / 2) {
        void *memory = reader->buffer;
        seqnn_status status =
            sq_grow(&memory, &reader->capacity, reader->capacity + 1, 1);
        if (status != SEQNN_OK)
            return status;
        reader->buffer = (char *)memory;
    }
    seqnn_size room = sq_min(reader->capacity - reader->end - 1, SQ_LARGEST_FILE);
    char *to = reader->buffer + reader->end;
    seqnn_size got;
#ifdef SEQNN_USE_ZLIB
    if (reader->compressed) {
        int code = Z_OK;
        got = gzread((gzFile)reader->file, to, (unsigned)room);
        const char *reason = gzerror((gzFile)reader->file, &code);
        if (got < 0 || (code != Z_OK && code != Z_STREAM_END))
            return sq_fail(SEQNN_ERROR_FORMAT, "%s: damaged or cut off gzip file (%s)",
                           reader->path, code == Z_BUF_ERROR ? "unexpected end" : reason);
    } else
#endif
    {
        got = (seqnn_size)fread(to, 1, (size_t)room, (FILE *)reader->file);
        if (ferror((FILE *)reader->file))
            return sq_is_folder(reader->path)
                       ? sq_fail(SEQNN_ERROR_FILE, "%s: is a folder, expected a file",
                                 reader->path)
                       : sq_fail(SEQNN_ERROR_FILE, "%s: cannot be read: %s", reader->path,
                                 strerror(errno));
    }
    reader->end += got;
    reader->ended = got < room;
    return SEQNN_OK;
}

SQ_LOCAL seqnn_status sq_reader_peek(sq_reader *reader, seqnn_size wanted,
                                     const char **bytes, seqnn_size *count)
{
    seqnn_status status = SEQNN_OK;
    while (status == SEQNN_OK && reader->end - reader->begin < wanted && !reader->ended)
        status = sq_reader_fill(reader);
    *bytes = reader->buffer + reader->begin;
    *count = reader->end - reader->begin;
    return status;
}

SQ_LOCAL seqnn_status sq_reader_open(sq_reader *reader, const char *path)
{
    memset(reader, 0, sizeof *reader);
    reader->path = path;
    if (!path)
        return SEQNN_ERROR_FILE; /* what should have found it has left its sentence */
    FILE *file = fopen(path, "rb");
    if (!file)
        return sq_fail(SEQNN_ERROR_FILE, "%s: cannot be opened: %s", path,
                       strerror(errno));
    reader->file = file;
    setvbuf(file, NULL, _IONBF, 0); /* the reader has its own buffer */
    reader->capacity = SQ_READ_SIZE;
    reader->buffer = (char *)sq_allocate(reader->capacity, 1);
    if (!reader->buffer)
        return SEQNN_ERROR_MEMORY;
    const char *begin;
    seqnn_size count;
    seqnn_status status = sq_reader_peek(reader, 2, &begin, &count);
    if (status == SEQNN_OK && count >= 2 && memcmp(begin, "\x1F\x8B", 2) == 0) {
#ifdef SEQNN_USE_ZLIB
        fclose(file);
        gzFile compressed = gzopen(path, "rb");
        reader->file = (void *)compressed;
        reader->compressed = true;
        if (!compressed)
            return sq_fail(SEQNN_ERROR_FILE, "%s: cannot be opened by zlib", path);
        gzbuffer(compressed, SQ_READ_SIZE);
        reader->end = 0;
        reader->ended = false;
#else
        return sq_fail(SEQNN_ERROR_FORMAT,
                       "%s: is gzip-compressed: unpack it, or compile with "
                       "-DSEQNN_USE_ZLIB and link with -lz",
                       path);
#endif
    }
    if (status == SEQNN_OK)
        status = sq_reader_peek(reader, 3, &begin, &count);
    if (status == SEQNN_OK && count >= 3 && memcmp(begin, "\xEF\xBB\xBF", 3) == 0)
        reader->begin = 3;
    return status;
}

SQ_LOCAL void sq_reader_close(sq_reader *reader)
{
#ifdef SEQNN_USE_ZLIB
    if (reader->compressed) {
        if (reader->file)
            gzclose((gzFile)reader->file);
        reader->file = NULL;
    }
#endif
    if (reader->file)
        fclose((FILE *)reader->file);
    sq_free(reader->buffer);
    memset(reader, 0, sizeof *reader);
}

/* Whether the unread bytes up to end hold a NUL: looked for in all that is there, so that
 * a line need not. */
static bool sq_reader_has_nul(sq_reader *reader, seqnn_size end)
{
    if (end > reader->clean) {
        const char *begin = reader->buffer + sq_max(reader->clean, reader->begin);
        size_t size = (size_t)(reader->buffer + reader->end - begin);
        const char *nul = (const char *)memchr(begin, '\0', size);
        reader->clean = nul ? nul - reader->buffer : reader->end;
    }
    return end > reader->clean;
}

SQ_LOCAL seqnn_status sq_reader_line(sq_reader *reader, char **line, seqnn_size *length)
{
    char *feed = NULL;
    for (seqnn_size searched = 0;;) {
        seqnn_size unread = reader->end - reader->begin;
        if (unread > searched)
            feed = (char *)memchr(reader->buffer + reader->begin + searched, '\n',
                                  (size_t)(unread - searched));
        seqnn_size size = feed ? feed - (reader->buffer + reader->begin) : unread;
        if (size > SQ_LONGEST_LINE)
            return sq_fail(SEQNN_ERROR_FORMAT, "%s:%td: the line is longer than %d bytes",
                           reader->path, reader->line + 1, (int)SQ_LONGEST_LINE);
        if (feed || reader->ended)
            break;
        searched = unread;
        seqnn_status status = sq_reader_fill(reader);
        if (status != SEQNN_OK)
            return status;
    }
    *line = NULL;
    *length = 0;
    if (reader->begin == reader->end)
        return SEQNN_OK;
    char *text = reader->buffer + reader->begin;
    char *end = feed ? feed : reader->buffer + reader->end;
    const bool has_nul = sq_reader_has_nul(reader, end - reader->buffer);
    reader->begin = (feed ? feed + 1 : end) - reader->buffer;
    reader->line++;
    if (end > text && end[-1] == '\r')
        end--;
    *end = '\0';
    if (has_nul)
        return sq_fail(SEQNN_ERROR_FORMAT,
                       "%s:%td: the line holds a NUL byte, expected text", reader->path,
                       reader->line);
    *line = text;
    *length = end - text;
    return SEQNN_OK;
}

SQ_LOCAL seqnn_status sq_reader_all(sq_reader *reader, char **text, seqnn_size *length)
{
    while (!reader->ended) {
        seqnn_status status = sq_reader_fill(reader);
        if (status != SEQNN_OK)
            return status;
        if (reader->end - reader->begin > SQ_LARGEST_FILE)
            return sq_fail(SEQNN_ERROR_FORMAT, "%s: is larger than %d bytes",
                           reader->path, (int)SQ_LARGEST_FILE);
    }
    reader->buffer[reader->end] = '\0';
    *text = reader->buffer + reader->begin;
    *length = reader->end - reader->begin;
    if (memchr(*text, '\0', (size_t)*length))
        return sq_fail(SEQNN_ERROR_FORMAT, "%s: holds a NUL byte, expected text",
                       reader->path);
    return SEQNN_OK;
}

SQ_LOCAL void sq_reader_skip(sq_reader *reader, seqnn_size count)
{
    reader->begin += count;
}

static seqnn_status sq_listing_add(sq_listing *listing, const char *name)
{
    if (name[0] == '.')
        return SEQNN_OK;
    void *memory = (void *)listing->name;
    seqnn_status status =
        sq_grow(&memory, &listing->capacity, listing->count + 1, sizeof(char *));
    if (status != SEQNN_OK)
        return status;
    listing->name = (char **)memory;
    char *copy = sq_copy_string(name);
    if (!copy)
        return SEQNN_ERROR_MEMORY;
    listing->name[listing->count++] = copy;
    return SEQNN_OK;
}

/* strcmp compares unsigned bytes. */
static int sq_compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

SQ_LOCAL seqnn_status sq_list_folder(const char *path, sq_listing *listing)
{
    seqnn_status status = SEQNN_OK;
    memset(listing, 0, sizeof *listing);
#ifdef _WIN32
    char pattern[SQ_PATH_SIZE];
    struct _finddata_t entry;
    intptr_t search = -1;
    if (sq_join_path(pattern, sizeof pattern, path, "*"))
        search = _findfirst(pattern, &entry);
    if (search == -1)
        return sq_fail(SEQNN_ERROR_FILE, "%s: the folder cannot be opened", path);
    do
        status = sq_listing_add(listing, entry.name);
    while (status == SEQNN_OK && _findnext(search, &entry) == 0);
    _findclose(search);
#else
    DIR *folder = opendir(path);
    if (!folder)
        return sq_fail(SEQNN_ERROR_FILE, "%s: the folder cannot be opened: %s", path,
                       strerror(errno));
    while (status == SEQNN_OK) {
        errno = 0; /* the end and a failure look the same otherwise */
        struct dirent *entry = readdir(folder);
        if (!entry && errno != 0)
            status = sq_fail(SEQNN_ERROR_FILE, "%s: the folder cannot be read: %s", path,
                             strerror(errno));
        if (!entry)
            break;
        status = sq_listing_add(listing, entry->d_name);
    }
    closedir(folder);
#endif
    if (listing->count > 1)
        qsort((void *)listing->name, (size_t)listing->count, sizeof(char *),
              sq_compare_names);
    if (status != SEQNN_OK)
        sq_listing_free(listing);
    return status;
}

SQ_LOCAL void sq_listing_free(sq_listing *listing)
{
    for (seqnn_size i = 0; i < listing->count; i++)
        sq_free(listing->name[i]);
    sq_free((void *)listing->name);
    memset(listing, 0, sizeof *listing);
}

SQ_LOCAL bool sq_is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && SQ_IS_FOLDER(status.st_mode);
}

SQ_LOCAL bool sq_is_file(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && SQ_IS_FILE(status.st_mode);
}

SQ_LOCAL seqnn_size sq_file_size(const char *path)
{
    struct stat status;
    bool known = stat(path, &status) == 0 && SQ_IS_FILE(status.st_mode);
    return known && status.st_size < PTRDIFF_MAX ? (seqnn_size)status.st_size : 0;
}

SQ_LOCAL bool sq_join_path(char *out, size_t size, const char *folder, const char *name)
{
    size_t length = strlen(folder);
    const char *slash = length > 0 && folder[length - 1] == '/' ? "" : "/";
    int written = snprintf(out, size, "%s%s%s", folder, slash, name);
    return written > 0 && (size_t)written < size;
}
