/* max_len: 4096 */
#include "csv.h"
#include "fuzz.h"

/* Rows come out whole, with their lines in order; a comma, then a tab between fields. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    const char *path = fuzz_file(bytes, count);
    for (int i = 0; i < 2; i++) {
        sq_csv csv;
        const sq_csv_field *fields;
        seqnn_size columns, line = 0;
        seqnn_status status = sq_csv_open(&csv, path, i ? '\t' : 0);
        while (!status && !(status = sq_csv_row(&csv, &fields, &columns)) && columns) {
            fuzz_must(csv.line > line, "the lines go back");
            line = csv.line;
            for (seqnn_size k = 0; k < columns; k++) {
                fuzz_text(fields[k].text);
                fuzz_must((seqnn_size)strlen(fields[k].text) == fields[k].length,
                          "a field has another length");
            }
            fuzz_must(sq_csv_column(&csv, fields[0].text) == 0, "a column is not found");
        }
        fuzz_outcome(!status);
        sq_csv_close(&csv);
    }
    return 0;
}
