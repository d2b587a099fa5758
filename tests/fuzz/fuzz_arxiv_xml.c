#include "fuzz_arxiv.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    fuzz_arxiv(fuzz_file(bytes, count), count);
    return 0;
}
