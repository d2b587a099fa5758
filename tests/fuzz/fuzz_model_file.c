/* max_len: 4096 */
/* A file, or what begins with "{": the description in a file that is right otherwise,
 * and behind a NUL its tokenizer. */
#include "json.h"
#include "model_file.h"
#include "fuzz.h"

/* A safetensors file of this description, tensors d.W [3, 2] and d.b [1, 2], and the
 * tokenizer's bytes, in memory; NULL if the description is not UTF-8. */
static const char *described(const char *text, const uint8_t *tokenizer, size_t size)
{
    static uint8_t bytes[16384];
    sq_buffer header;
    memset(&header, 0, sizeof header);
    sq_buffer_text(&header, "{\"__metadata__\": {\"seqnn\": ");
    sq_buffer_string(&header, text);
    sq_buffer_text(&header,
                   "}, \"d.W\": {\"dtype\": \"F32\", \"shape\": [3, 2], "
                   "\"data_offsets\": [0, 24]}, \"d.b\": {\"dtype\": \"F32\", "
                   "\"shape\": [1, 2], \"data_offsets\": [24, 32]}, \"tokenizer\": "
                   "{\"dtype\": \"U8\", \"shape\": [");
    sq_buffer_integer(&header, (int64_t)size);
    sq_buffer_text(&header, "], \"data_offsets\": [32, ");
    sq_buffer_integer(&header, (int64_t)size + 32);
    sq_buffer_text(&header, "]}}");
    const size_t length = (size_t)header.length;
    const char *path = NULL;
    if (!header.status && 8 + length + 32 + size <= sizeof bytes) {
        for (int i = 0; i < 8; i++)
            bytes[i] = (uint8_t)((uint64_t)length >> (8 * i));
        memcpy(bytes + 8, header.text, length);
        memset(bytes + 8 + length, 0, 32);
        memcpy(bytes + 8 + length + 32, tokenizer, size);
        path = fuzz_file(bytes, 8 + length + 32 + size);
    }
    sq_buffer_free(&header);
    return path;
}

static const char *file_of(const uint8_t *bytes, size_t count)
{
    if (count == 0 || bytes[0] != '{')
        return fuzz_file(bytes, count);
    char *text = (char *)calloc(count + 1, 1);
    memcpy(text, bytes, count);
    const size_t length = strlen(text) + 1;
    const size_t begin = length < count ? length : count;
    const char *path = described(text, bytes + begin, count - begin);
    free(text);
    return path;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    const char *path = file_of(bytes, count);
    if (!path)
        return 0;
    seqnn_model *model = seqnn_load(path);
    fuzz_outcome(model != NULL);
    for (seqnn_size i = 0; i < seqnn_model_layers(model); i++) {
        seqnn_layer *layer = seqnn_model_layer_at(model, i);
        fuzz_utf8(seqnn_layer_name(layer));
        for (seqnn_size p = 0; p < seqnn_layer_parameters(layer); p++) {
            const seqnn_parameter *parameter = seqnn_layer_parameter_at(layer, p);
            fuzz_must(parameter != NULL, "a parameter is missing");
            fuzz_bytes(parameter->value, (size_t)(parameter->rows * parameter->columns) *
                                             sizeof(seqnn_real));
        }
    }
    seqnn_free(model);
    seqnn_encoding *encoding = seqnn_load_encoding(path);
    fuzz_outcome(encoding != NULL);
    for (seqnn_size i = 0; encoding && encoding->class_names && i < encoding->classes;
         i++)
        fuzz_utf8(encoding->class_names[i]);
    for (const char *const *word = encoding ? encoding->options.stop_words : NULL;
         word && *word; word++)
        fuzz_utf8(*word);
    const seqnn_tokenizer *tokenizer = encoding ? encoding->options.tokenizer : NULL;
    for (seqnn_size i = 1; tokenizer && i <= seqnn_tokenizer_words(tokenizer); i++)
        fuzz_text(seqnn_tokenizer_word(tokenizer, i));
    seqnn_encoding_free(encoding);
    return 0;
}
