/* data/csv.h - tables of separated values, as RFC 4180 says (private)
 *
 * A field that begins with a quotation mark ends at the next one that is not doubled; it
 * may hold separators, line breaks and doubled quotation marks, which stand for one.
 * Lines end in LF or CR LF. Beyond the RFC it is read as Python's csv module reads it:
 *
 *   - a quotation mark inside a field that does not begin with one is a character;
 *   - text behind the closing mark belongs to the field: "ab"c is abc;
 *   - a byte-order mark before the first field is skipped;
 *   - blanks around a field belong to it, also before a quotation mark.
 *
 * A CR that does not end a line is a character of its field (Python refuses it). Empty
 * lines are left out. Bytes are handed on as they are, whatever their encoding.
 *
 * Errors, all with file and line: a quotation mark that is not closed (the line is the
 * one on which it stands), a NUL byte, a row of more than 64 MiB or 65536 fields.
 */
#ifndef SQ_CSV_H
#define SQ_CSV_H

#include "files.h"

typedef struct sq_csv_field {
    const char *text; /* with a NUL behind it */
    seqnn_size length;
} sq_csv_field;

typedef struct sq_csv {
    sq_reader reader;
    char separator;
    seqnn_size line;     /* on which the last row began */
    seqnn_size columns;  /* fields of the first row */
    sq_csv_field *field; /* [count] of the last row */
    seqnn_size count, capacity;
    bool quoted; /* a field of it has quotation marks */
} sq_csv;

/* Opens path, which must outlive csv; separator 0 is a comma. Close it in any case. */
SQ_LOCAL seqnn_status sq_csv_open(sq_csv *csv, const char *path, char separator);
SQ_LOCAL void sq_csv_close(sq_csv *csv);

/* The next row; it stands until the next call. *count is 0 at the end of the file. */
SQ_LOCAL seqnn_status sq_csv_row(sq_csv *csv, const sq_csv_field **fields,
                                 seqnn_size *count);

/* The same, with an error if the row has not as many fields as the first one. */
SQ_LOCAL seqnn_status sq_csv_record(sq_csv *csv, const sq_csv_field **fields,
                                    seqnn_size *count);

/* The place of a column by its name, right after the header was read; -1 with the error
 * set, which lists the columns, if there is none. */
SQ_LOCAL seqnn_size sq_csv_column(const sq_csv *header, const char *name);

#endif
