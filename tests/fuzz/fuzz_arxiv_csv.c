/* arXiv's CSV: the header stands, the rows are hostile. */
#include "fuzz_arxiv.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    static const char header[] = "titles,summaries,terms\n";
    static uint8_t table[1 << 20];
    if (count > sizeof table - sizeof header)
        return 0;
    memcpy(table, header, sizeof header - 1);
    memcpy(table + sizeof header - 1, bytes, count);
    fuzz_arxiv(fuzz_file(table, sizeof header - 1 + count), count);
    return 0;
}
