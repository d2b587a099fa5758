#include "folders.h"

static seqnn_status sq_read_document(seqnn_texts *texts, const char *path,
                                     sq_document *document, sq_add_document add)
{
    sq_reader reader;
    char *bytes = NULL;
    seqnn_status status = sq_reader_open(&reader, path);
    if (status == SEQNN_OK)
        status = sq_reader_all(&reader, &bytes, &document->length);
    document->bytes = bytes;
    document->utf8 = NULL;
    if (status == SEQNN_OK) {
        document->utf8 = (char *)sq_allocate(2 * document->length + 1, 1);
        status = document->utf8 ? add(texts, document) : SEQNN_ERROR_MEMORY;
    }
    sq_free(document->utf8);
    sq_reader_close(&reader);
    return status;
}

SQ_LOCAL seqnn_status sq_read_class_folder(seqnn_texts *texts, const char *folder,
                                           const char *class_name, const char *prefix,
                                           sq_add_document add)
{
    char path[SQ_PATH_SIZE], id[SQ_PATH_SIZE];
    sq_listing files;
    seqnn_status status = sq_list_folder(folder, &files);
    for (seqnn_size i = 0; i < files.count && status == SEQNN_OK; i++) {
        const char *name = files.name[i];
        int size = snprintf(id, sizeof id, "%s%s/%s", prefix, class_name, name);
        if (size < 0 || (size_t)size >= sizeof id ||
            !sq_join_path(path, sizeof path, folder, name)) {
            status = sq_fail(SEQNN_ERROR_FILE, "%s: a path in it is too long", folder);
        } else if (sq_is_file(path)) {
            sq_document document = {class_name, id, NULL, 0, NULL};
            status = sq_read_document(texts, path, &document, add);
        }
    }
    sq_listing_free(&files);
    return status;
}

SQ_LOCAL seqnn_status sq_read_class_folders(seqnn_texts *texts, const char *folder,
                                            const char *prefix, sq_add_document add)
{
    char path[SQ_PATH_SIZE];
    sq_listing classes;
    seqnn_size before = texts->count, folders = 0;
    seqnn_status status = sq_list_folder(folder, &classes);
    for (seqnn_size i = 0; i < classes.count && status == SEQNN_OK; i++) {
        if (!sq_join_path(path, sizeof path, folder, classes.name[i]))
            status = sq_fail(SEQNN_ERROR_FILE, "%s: a path in it is too long", folder);
        else if (sq_is_folder(path)) {
            folders++;
            status = sq_read_class_folder(texts, path, classes.name[i], prefix, add);
        }
    }
    sq_listing_free(&classes);
    if (status == SEQNN_OK && folders == 0)
        status = sq_fail(SEQNN_ERROR_FORMAT,
                         "%s: no folder in it, expected one for each class", folder);
    else if (status == SEQNN_OK && texts->count == before)
        status =
            sq_fail(SEQNN_ERROR_FORMAT, "%s: its class folders hold no file", folder);
    return status;
}
