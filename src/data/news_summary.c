#include "news_summary.h"
#include "csv.h"
#include "pairs_build.h"
#include "unicode.h"

static seqnn_status sq_read_news_rows(sq_pairs_builder *builder, sq_csv *csv,
                                      seqnn_news_options options)
{
    static const char *const columns[] = {"", "headlines", "text", "ctext"};
    const sq_csv_field *row;
    seqnn_size fields, number = 0;
    seqnn_status status = sq_csv_row(csv, &row, &fields);
    if (status != SEQNN_OK)
        return status;
    seqnn_size source = sq_csv_column(csv, columns[options.source]),
               target = source < 0 ? -1 : sq_csv_column(csv, columns[options.target]);
    if (target < 0)
        return SEQNN_ERROR_FORMAT;
    for (; (status = sq_csv_record(csv, &row, &fields)) == SEQNN_OK && fields > 0;
         number++) {
        bool whole = row[source].length > 0 && row[target].length > 0;
        if (whole || options.keep_empty)
            status = sq_pairs_add(builder, row[source].text, row[source].length,
                                  row[target].text, row[target].length, number);
        if (status != SEQNN_OK)
            return status;
    }
    return status;
}

SEQNN_API seqnn_text_pairs *seqnn_read_news_summary(const char *path,
                                                    seqnn_news_options options)
{
    if (!path)
        return NULL; /* what should have found it has left its sentence */
    if (options.source == SEQNN_NEWS_DEFAULT)
        options.source = SEQNN_NEWS_ARTICLE;
    if (options.target == SEQNN_NEWS_DEFAULT)
        options.target = SEQNN_NEWS_SUMMARY;
    if ((int)options.source < 0 || options.source > SEQNN_NEWS_ARTICLE ||
        (int)options.target < 0 || options.target > SEQNN_NEWS_ARTICLE) {
        sq_fail(SEQNN_ERROR_ARGUMENT, "news summary: .source is %d, .target %d",
                (int)options.source, (int)options.target);
        return NULL;
    }
    sq_pairs_builder builder;
    sq_csv csv;
    memset(&csv, 0, sizeof csv);
    seqnn_status status = sq_pairs_begin(&builder, sq_windows1252_to_utf8);
    if (status == SEQNN_OK)
        status = sq_csv_open(&csv, path, 0);
    if (status == SEQNN_OK)
        status = sq_read_news_rows(&builder, &csv, options);
    sq_csv_close(&csv);
    return sq_pairs_finish(&builder, status, path);
}
