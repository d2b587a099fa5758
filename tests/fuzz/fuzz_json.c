/* seeds: datasets/sources.json */
#include "json.h"
#include "fuzz.h"

static void write_value(sq_buffer *text, const sq_json_value *value)
{
    static const char *const words[] = {"null", "false", "true"};
    if (value->kind <= SQ_JSON_TRUE)
        sq_buffer_text(text, words[value->kind]);
    else if (value->kind == SQ_JSON_NUMBER)
        sq_buffer_number(text, value->number);
    else if (value->kind == SQ_JSON_STRING)
        sq_buffer_string(text, value->text);
    else {
        bool object = value->kind == SQ_JSON_OBJECT;
        sq_buffer_text(text, object ? "{" : "[");
        for (const sq_json_value *child = value->first; child; child = child->next) {
            if (object) {
                sq_buffer_string(text, child->key);
                sq_buffer_text(text, ":");
            }
            write_value(text, child);
            if (child->next)
                sq_buffer_text(text, ",");
        }
        sq_buffer_text(text, object ? "}" : "]");
    }
}

/* A document that is read and written is read and written the same again. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    static sq_json json; /* keeps its memory, as the readers' does */
    sq_fail(SEQNN_OK, "%s", "");
    bool read = !sq_json_parse(&json, "fuzz", (const char *)bytes, (seqnn_size)count);
    fuzz_outcome(read);
    if (read) {
        sq_buffer once = {0}, twice = {0};
        write_value(&once, json.value);
        fuzz_must(!once.status, "a document is not written");
        fuzz_must(!sq_json_parse(&json, "again", once.text, once.length),
                  "what was written is not read");
        write_value(&twice, json.value);
        fuzz_must(strcmp(once.text, twice.text) == 0, "it reads differently");
        sq_buffer_free(&once);
        sq_buffer_free(&twice);
    }
    if (count % 16 == 0)
        sq_json_free(&json);
    return 0;
}
