#include "fuzz.h"
#include "string_list.h"

/* Decoded strings are there up to their NUL; a list that keeps its memory from list to
 * list gives the same. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    static sq_string_list kept;
    sq_string_list list;
    memset(&list, 0, sizeof list);
    sq_fail(SEQNN_OK, "%s", "");
    char *text = (char *)malloc(count + 1); /* exactly: the sanitizers see beyond it */
    memcpy(text, bytes, count);
    bool read = !sq_string_list_python(&list, "list", 1, text, (seqnn_size)count);
    fuzz_outcome(read);
    fuzz_must(read == !sq_string_list_python(&kept, "list", 1, text, (seqnn_size)count),
              "once read, once refused");
    fuzz_must(!read || list.count == kept.count, "two lengths");
    for (seqnn_size i = 0; read && i < list.count; i++) {
        fuzz_text(list.item[i]);
        fuzz_must(strcmp(list.item[i], kept.item[i]) == 0, "two strings");
    }
    fuzz_must(!sq_string_list_split(&list, text, (seqnn_size)count), "no memory");
    for (seqnn_size i = 0; i < list.count; i++)
        fuzz_text(list.item[i]);
    sq_string_list_free(&list);
    free(text);
    return 0;
}
