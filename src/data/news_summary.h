/* data/news_summary.h - the News Summary data set: articles with headline and summary
 *
 * K. Vonteru's collection of short news (Inshorts), a CSV of author, date, headlines,
 * read_more, text (a summary of about 60 words) and ctext (the full article), read as it
 * was published; columns are found by their names. Bytes that are not UTF-8 are taken as
 * Windows-1252.
 */
#ifndef SEQNN_NEWS_SUMMARY_H
#define SEQNN_NEWS_SUMMARY_H

#include "pairs.h"

typedef enum seqnn_news_part {
    SEQNN_NEWS_DEFAULT = 0, /* source: the article; target: the summary */
    SEQNN_NEWS_HEADLINE,    /* headlines */
    SEQNN_NEWS_SUMMARY,     /* text */
    SEQNN_NEWS_ARTICLE      /* ctext */
} seqnn_news_part;

typedef struct seqnn_news_options {
    seqnn_news_part source, target;
    bool keep_empty; /* rows without source or target (118 of the 4514 have no article)
                        stay, with an empty text; otherwise they are left out */
} seqnn_news_options;

/* The pairs in the order of the rows; the id is the 0-based row. Line breaks inside a
 * text stay. Error: a column is missing, a row with more or fewer fields than the header,
 * what csv.c says of quotation marks, a NUL byte, no pair at all. */
SEQNN_API seqnn_text_pairs *seqnn_read_news_summary(const char *path,
                                                    seqnn_news_options options);

#endif
