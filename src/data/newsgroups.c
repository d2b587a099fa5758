#include "newsgroups.h"
#include "folders.h"
#include "unicode.h"

/* What follows the first empty line; the end of the text if there is none. */
static const char *sq_post_body(const char *post)
{
    while (*post) {
        size_t length = strcspn(post, "\n");
        bool empty = length == 0 || (length == 1 && *post == '\r');
        post += length;
        post += *post == '\n';
        if (empty)
            break;
    }
    return post;
}

static seqnn_status sq_add_post(seqnn_texts *texts, const sq_document *document)
{
    const char *body = sq_post_body(document->bytes);
    seqnn_size length = document->length - (body - document->bytes);
    length = sq_latin1_to_utf8(body, length, false, document->utf8);
    return sq_texts_add(texts, document->utf8, length, document->class_name,
                        document->id);
}

/* Whether directory is ".../name", perhaps with a slash behind it. */
static bool sq_is_named(const char *directory, const char *name)
{
    size_t length = strlen(directory), size = strlen(name);
    while (length > 0 && directory[length - 1] == '/')
        length--;
    return length >= size && memcmp(directory + length - size, name, size) == 0 &&
           (length == size || directory[length - size - 1] == '/');
}

SEQNN_API seqnn_texts *seqnn_read_newsgroups(const char *directory)
{
    static const char *const parts[] = {"20news-bydate-test", "20news-bydate-train"};
    if (!directory)
        return NULL;
    seqnn_texts *texts = seqnn_texts_new();
    if (!texts)
        return NULL;
    seqnn_status status = SEQNN_OK;
    int found = 0;
    for (int i = 0; i < 2 && status == SEQNN_OK; i++) {
        char inside[SQ_PATH_SIZE], prefix[64];
        bool itself = sq_is_named(directory, parts[i]);
        snprintf(prefix, sizeof prefix, "%s/", parts[i]);
        if (!itself && !sq_join_path(inside, sizeof inside, directory, parts[i]))
            continue;
        const char *folder = itself ? directory : inside;
        if (sq_is_folder(folder)) {
            found++;
            status = sq_read_class_folders(texts, folder, prefix, sq_add_post);
        }
    }
    if (found == 0)
        status = !sq_is_folder(directory)
                     ? sq_fail(SEQNN_ERROR_FILE, "%s: is no folder", directory)
                     : sq_fail(SEQNN_ERROR_FILE, "%s: neither %s nor %s is in it",
                               directory, parts[0], parts[1]);
    if (status == SEQNN_OK)
        status = sq_texts_sort_classes(texts);
    if (status == SEQNN_OK)
        return texts;
    seqnn_texts_free(texts);
    return NULL;
}
