#include "find.h"
#include "files.h"

/* One alternative, "name" or "name[holds]", below one root. */
static bool sq_find_below(char path[SEQNN_PATH_SIZE], const char *root, const char *name,
                          size_t length)
{
    char wanted[SEQNN_PATH_SIZE], inside[SEQNN_PATH_SIZE];
    if (length >= sizeof wanted)
        return false;
    memcpy(wanted, name, length);
    wanted[length] = '\0';
    char *holds = strchr(wanted, '[');
    if (holds) {
        *holds++ = '\0';
        holds[strcspn(holds, "]")] = '\0';
    }
    if (!sq_join_path(path, SEQNN_PATH_SIZE, root, wanted))
        return false;
    if (!holds)
        return sq_is_file(path) || sq_is_folder(path);
    return sq_join_path(inside, sizeof inside, path, holds) &&
           (sq_is_file(inside) || sq_is_folder(inside));
}

SEQNN_API const char *seqnn_find_data(char path[SEQNN_PATH_SIZE], const char *directory,
                                      const char *name)
{
    const char *environment = getenv("SEQNN_DATA");
    const char *roots[4] = {directory, environment && *environment ? environment : NULL,
                            "datasets/cache", "datasets"};
    if (directory && !sq_is_folder(directory)) {
        path[0] = '\0';
        sq_fail(SEQNN_ERROR_FILE, "data: '%s' is not a folder that can be opened",
                directory);
        return NULL;
    }
    for (int i = 0; i < 4; i++)
        for (const char *at = name; roots[i] && *at;) {
            size_t length = strcspn(at, "|");
            if (sq_find_below(path, roots[i], at, length))
                return path;
            at += length;
            at += *at == '|';
        }
    path[0] = '\0';
    sq_fail(SEQNN_ERROR_FILE, "data: '%s' is not in %s%s%s%sdatasets/cache or datasets",
            name, roots[0] ? roots[0] : "", roots[0] ? ", " : "",
            roots[1] ? roots[1] : "", roots[1] ? " ($SEQNN_DATA), " : "");
    return NULL;
}
