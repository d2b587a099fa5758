/* data/files.h - reading files and folders (private)
 *
 * Files are read through one large buffer, line by line or whole; gzip-compressed ones
 * too when compiled with SEQNN_USE_ZLIB. A byte-order mark (EF BB BF) in front is left
 * out. Errors name the file.
 */
#ifndef SQ_FILES_H
#define SQ_FILES_H

#include "memory.h"

typedef struct sq_reader {
    const char *path; /* of the caller, for messages */
    void *file;       /* FILE, or gzFile */
    bool compressed;
    bool ended;   /* nothing is left in the file */
    char *buffer; /* bytes [begin, end) are unread */
    seqnn_size begin, end, capacity;
    seqnn_size clean; /* the bytes from begin to here hold no NUL */
    seqnn_size line;  /* number of the last line, from 1 */
} sq_reader;

/* Opens path, which must outlive the reader. Close it in any case. path NULL is an error
 * that leaves the sentence as it is. */
SQ_LOCAL seqnn_status sq_reader_open(sq_reader *reader, const char *path);
SQ_LOCAL void sq_reader_close(sq_reader *reader);

/* Moves what is unread to the front and reads more behind it; one byte stays free behind
 * the end. `ended` is set when there was nothing more. */
SQ_LOCAL seqnn_status sq_reader_fill(sq_reader *reader);

/* The next line without its line feed and a carriage return before it, a NUL behind it:
 * it stands until the next call. *line is NULL at the end of the file. A line that holds
 * a NUL byte or more than 64 MiB is an error. */
SQ_LOCAL seqnn_status sq_reader_line(sq_reader *reader, char **line, seqnn_size *length);

/* A whole file with a NUL behind it; it belongs to the reader. A NUL byte in it or more
 * than 1 GiB is an error. */
SQ_LOCAL seqnn_status sq_reader_all(sq_reader *reader, char **text, seqnn_size *length);

/* For files that are not lines: the next bytes, `wanted` of them or more unless the file
 * ends before, count in all; they stand until the next call. skip takes from them. */
SQ_LOCAL seqnn_status sq_reader_peek(sq_reader *reader, seqnn_size wanted,
                                     const char **bytes, seqnn_size *count);
SQ_LOCAL void sq_reader_skip(sq_reader *reader, seqnn_size count);

/* Names in a folder in byte order, without those that begin with a dot. */
typedef struct sq_listing {
    char **name;
    seqnn_size count, capacity;
} sq_listing;

SQ_LOCAL seqnn_status sq_list_folder(const char *path, sq_listing *listing);
SQ_LOCAL void sq_listing_free(sq_listing *listing);

SQ_LOCAL bool sq_is_folder(const char *path);
SQ_LOCAL bool sq_is_file(const char *path);
/* Bytes of a file as it lies there; 0 if that is not known. */
SQ_LOCAL seqnn_size sq_file_size(const char *path);

/* "folder/name" into out[0..size); false if it does not fit. */
SQ_LOCAL bool sq_join_path(char *out, size_t size, const char *folder, const char *name);

enum { SQ_PATH_SIZE = 4096 };

#endif
