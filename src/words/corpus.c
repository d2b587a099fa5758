#include "corpus.h"

#ifdef SEQNN_WORDS
#include "files.h"

#include <errno.h>
#include <sys/stat.h>

/* Sizes and places beyond 2 GB; elsewhere long and off_t have 64 bits. */
#ifdef _WIN32
#define SQ_STAT _stat64
#define SQ_SEEK _fseeki64
typedef __int64 sq_file_place;
#else
#define SQ_STAT stat
#define SQ_SEEK fseek
typedef long sq_file_place;
#endif

enum {
    SQ_LONGEST_CORPUS_WORD = 4096,
    SQ_CUT_BYTES = 2 * SQ_LONGEST_CORPUS_WORD, /* a cut is looked for in so many */
    SQ_READ_AHEAD = 8,                         /* bytes that may be read behind a text */
    SQ_TOKENS = 128                            /* words that are found at a time */
};

static const char *sq_corpus_name(const sq_corpus *corpus)
{
    return corpus->path ? corpus->path : "lines";
}

/* ---- opening ---- */

static seqnn_status sq_corpus_set_size(sq_corpus *corpus, int64_t bytes)
{
    corpus->bytes = bytes;
    corpus->segment_bytes = SQ_SEGMENT_BYTES;
    int64_t segments = (bytes + SQ_SEGMENT_BYTES - 1) / SQ_SEGMENT_BYTES;
    if (segments >= PTRDIFF_MAX)
        return sq_fail(SEQNN_ERROR_MEMORY, "%s: is too large for this machine",
                       sq_corpus_name(corpus));
    corpus->segments = (seqnn_size)segments;
    return SEQNN_OK;
}

/* That the file is one which can be read at any place. */
static seqnn_status sq_corpus_check_file(const char *path, FILE *file)
{
    char magic[2];
    size_t got = fread(magic, 1, 2, file);
    if (ferror(file))
        return sq_fail(SEQNN_ERROR_FILE, "%s: cannot be read: %s", path, strerror(errno));
    if (got == 2 && memcmp(magic, "\x1F\x8B", 2) == 0)
        return sq_fail(SEQNN_ERROR_FORMAT,
                       "%s: is gzip-compressed; a corpus is read at many places at once: "
                       "unpack it first (gunzip)",
                       path);
    return SEQNN_OK;
}

SQ_LOCAL seqnn_status sq_corpus_open(sq_corpus *corpus, const char *path, bool clean)
{
    memset(corpus, 0, sizeof *corpus);
    corpus->path = path;
    corpus->clean = clean;
    if (!path)
        return SEQNN_ERROR_FILE; /* what should have found it has left its sentence */
    if (sq_is_folder(path))
        return sq_fail(SEQNN_ERROR_FILE, "%s: is a folder, expected a file", path);
    struct SQ_STAT about;
    if (SQ_STAT(path, &about) != 0)
        return sq_fail(SEQNN_ERROR_FILE, "%s: cannot be opened: %s", path,
                       strerror(errno));
    if (!sq_is_file(path))
        return sq_fail(SEQNN_ERROR_FILE,
                       "%s: is no ordinary file; a corpus is read more than once and at "
                       "many places",
                       path);
    if (about.st_size == 0)
        return sq_fail(SEQNN_ERROR_FORMAT, "%s: the corpus is empty, expected words",
                       path);
    corpus->modified = (int64_t)about.st_mtime;
    FILE *file = fopen(path, "rb");
    if (!file)
        return sq_fail(SEQNN_ERROR_FILE, "%s: cannot be opened: %s", path,
                       strerror(errno));
    seqnn_status status = sq_corpus_check_file(path, file);
    fclose(file);
    return status == SEQNN_OK ? sq_corpus_set_size(corpus, about.st_size) : status;
}

SQ_LOCAL seqnn_status sq_corpus_open_lines(sq_corpus *corpus, const char *const *line,
                                           seqnn_size count, bool clean)
{
    memset(corpus, 0, sizeof *corpus);
    corpus->line = line;
    corpus->line_count = count;
    corpus->clean = clean;
    if (count < 1 || !line)
        return sq_fail(SEQNN_ERROR_ARGUMENT, "lines: there are %td, expected some",
                       line ? count : 0);
    int64_t bytes = 0;
    for (seqnn_size i = 0; i < count; i++) {
        if (!line[i])
            return sq_fail(SEQNN_ERROR_ARGUMENT, "lines: line %td is NULL", i);
        bytes += (int64_t)strlen(line[i]) + 1;
    }
    return sq_corpus_set_size(corpus, bytes);
}

/* ---- reading ---- */

static seqnn_status sq_corpus_changed(const sq_corpus *corpus)
{
    return sq_fail(SEQNN_ERROR_FILE, "%s: has changed since it was opened",
                   sq_corpus_name(corpus));
}

static seqnn_status sq_segment_read_file(sq_segment *segment, const sq_corpus *corpus,
                                         int64_t begin, seqnn_size count)
{
    struct SQ_STAT about;
    if (SQ_STAT(corpus->path, &about) != 0 || about.st_size != corpus->bytes ||
        about.st_mtime != corpus->modified)
        return sq_corpus_changed(corpus);
    if (!segment->file) {
        FILE *file = fopen(corpus->path, "rb");
        if (!file)
            return sq_fail(SEQNN_ERROR_FILE, "%s: cannot be opened: %s", corpus->path,
                           strerror(errno));
        setvbuf(file, NULL, _IONBF, 0); /* read at once into where it is wanted */
        segment->file = (void *)file;
    }
    FILE *file = (FILE *)segment->file;
    if ((int64_t)(sq_file_place)begin != begin ||
        SQ_SEEK(file, (sq_file_place)begin, SEEK_SET) != 0)
        return sq_fail(SEQNN_ERROR_FILE, "%s: byte %lld cannot be reached: %s",
                       corpus->path, (long long)begin, strerror(errno));
    size_t got = fread(segment->text, 1, (size_t)count, file);
    if (ferror(file))
        return sq_fail(SEQNN_ERROR_FILE, "%s: cannot be read: %s", corpus->path,
                       strerror(errno));
    return got == (size_t)count ? SEQNN_OK : sq_corpus_changed(corpus);
}

/* The lines as if each had a line feed behind it. A thread reads forward, so it goes on
 * from the line of its last read. */
static seqnn_status sq_segment_read_lines(sq_segment *segment, const sq_corpus *corpus,
                                          int64_t begin, seqnn_size count)
{
    if (begin < segment->line_begin) {
        segment->line = 0;
        segment->line_begin = segment->line_end = 0;
    }
    for (char *to = segment->text; count > 0;) {
        if (segment->line_end == 0 || begin >= segment->line_end) {
            segment->line += segment->line_end > 0;
            if (segment->line == corpus->line_count)
                return sq_corpus_changed(corpus);
            segment->line_begin = segment->line_end;
            segment->line_end += (int64_t)strlen(corpus->line[segment->line]) + 1;
            continue;
        }
        seqnn_size from = (seqnn_size)(begin - segment->line_begin);
        seqnn_size part = sq_min(count, (seqnn_size)(segment->line_end - begin));
        const char *line = corpus->line[segment->line];
        memcpy(to, line + from, (size_t)part);
        if (begin + part == segment->line_end)
            to[part - 1] = '\n';
        to += part;
        begin += part;
        count -= part;
    }
    return SEQNN_OK;
}

/* What a byte becomes: white space a blank, but LF stays; in a cleaned text, all that is
 * no letter, digit, apostrophe or NUL a blank too, and capitals small letters. Both are
 * written so that a compiler takes many bytes at once. */
static inline unsigned char sq_white_byte(unsigned char c)
{
    bool white = (unsigned char)(c - '\t') <= '\r' - '\t';
    return white && c != '\n' ? ' ' : c;
}

static inline unsigned char sq_clean_byte(unsigned char c)
{
    unsigned char lower = c | 32;
    bool letter = (unsigned char)(lower - 'a') <= 'z' - 'a';
    bool kept =
        (unsigned char)(c - '0') <= 9 || c == '\'' || c >= 128 || c == '\n' || c == '\0';
    return letter ? lower : kept ? c : ' ';
}

/* How many of `wanted` bytes there are from begin on. */
static seqnn_size sq_corpus_part(const sq_corpus *corpus, int64_t begin,
                                 seqnn_size wanted)
{
    int64_t left = corpus->bytes - begin;
    return left < wanted ? (seqnn_size)left : wanted;
}

/* Bytes [begin, begin + count) of the corpus into segment->text, cleaned, with room
 * behind them. */
static seqnn_status sq_segment_fetch(sq_segment *segment, const sq_corpus *corpus,
                                     int64_t begin, seqnn_size count)
{
    void *memory = segment->text;
    seqnn_status status =
        sq_grow(&memory, &segment->text_capacity, count + SQ_READ_AHEAD, 1);
    segment->text = (char *)memory;
    if (status == SEQNN_OK)
        status = corpus->path ? sq_segment_read_file(segment, corpus, begin, count)
                              : sq_segment_read_lines(segment, corpus, begin, count);
    if (status != SEQNN_OK)
        return status;
    unsigned char *text = (unsigned char *)segment->text;
    if (corpus->clean)
        for (seqnn_size i = 0; i < count; i++)
            text[i] = sq_clean_byte(text[i]);
    else
        for (seqnn_size i = 0; i < count; i++)
            text[i] = sq_white_byte(text[i]);
    if (begin == 0 && corpus->path && count >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        memset(text, ' ', 3);
    return SEQNN_OK;
}

/* ---- errors ---- */

/* A segment has met a NUL byte or a word that is too long: says in which line the first
 * one of the corpus is. */
static seqnn_status sq_corpus_complain(const sq_corpus *corpus, sq_segment *segment)
{
    const char *name = sq_corpus_name(corpus);
    long long line = 1;
    seqnn_size length = 0; /* of the word */
    for (int64_t begin = 0; begin < corpus->bytes; begin += SQ_SEGMENT_BYTES) {
        seqnn_size count = sq_corpus_part(corpus, begin, SQ_SEGMENT_BYTES);
        seqnn_status status = sq_segment_fetch(segment, corpus, begin, count);
        if (status != SEQNN_OK)
            return status;
        for (seqnn_size i = 0; i < count; i++) {
            char c = segment->text[i];
            line += c == '\n';
            length = c == ' ' || c == '\n' ? 0 : length + 1;
            if (c == '\0')
                return sq_fail(SEQNN_ERROR_FORMAT,
                               "%s:%lld: the line holds a NUL byte, expected text", name,
                               line);
            if (length > SQ_LONGEST_CORPUS_WORD)
                return sq_fail(SEQNN_ERROR_FORMAT,
                               "%s:%lld: a word is longer than %d bytes, expected blanks "
                               "between words",
                               name, line, (int)SQ_LONGEST_CORPUS_WORD);
        }
    }
    return sq_corpus_changed(corpus);
}

/* ---- segments ---- */

/* Where a cut that is due at text lies: behind the end of a line if there is one near,
 * else before a blank; -1 where neither is. Of `count` bytes; behind them is the end of
 * the corpus if they are less than SQ_CUT_BYTES. */
static seqnn_size sq_corpus_cut(const char *text, seqnn_size count)
{
    seqnn_size within = sq_min(count, SQ_CUT_BYTES);
    const char *cut = (const char *)memchr(text, '\n', (size_t)within);
    if (cut)
        return cut - text + 1;
    cut = (const char *)memchr(text, ' ', (size_t)within);
    if (cut)
        return cut - text;
    return within < SQ_CUT_BYTES ? within : -1;
}

/* Segment i begins and ends at the cuts that are due at i and i + 1 times segment_bytes:
 * its text is [*begin, *end), and line feeds stand behind it. */
static seqnn_status sq_segment_text(sq_segment *segment, const sq_corpus *corpus,
                                    seqnn_size i, char **begin, char **end)
{
    const seqnn_size size = corpus->segment_bytes;
    const bool first = i == 0, last = i == corpus->segments - 1;
    int64_t from = (int64_t)i * size;
    seqnn_size count = sq_corpus_part(corpus, from, size + SQ_CUT_BYTES);
    seqnn_status status = sq_segment_fetch(segment, corpus, from, count);
    if (status != SEQNN_OK)
        return status;
    seqnn_size front = first ? 0 : sq_corpus_cut(segment->text, count);
    seqnn_size back =
        last ? count - size : sq_corpus_cut(segment->text + size, count - size);
    if (front < 0 || (back < 0 && !last))
        return sq_corpus_complain(corpus, segment);
    *begin = segment->text + front;
    *end = segment->text + size + back;
    segment->lines = last && segment->text[count - 1] != '\n';
    memset(*end, '\n', SQ_READ_AHEAD);
    return SEQNN_OK;
}

#if defined(__GNUC__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define SQ_EIGHT_BYTES_AT_ONCE
/* The high bits of those bytes that are a blank or less; what is set above the first one
 * may be others. */
static inline uint64_t sq_word_stops(uint64_t bytes)
{
    const uint64_t ones = 0x0101010101010101u;
    return (bytes - ones * (' ' + 1)) & ~bytes & ones << 7;
}
#endif

/* The length of the word at text. */
static seqnn_size sq_word_length(const char *text)
{
    const char *at = text;
#ifdef SQ_EIGHT_BYTES_AT_ONCE
    uint64_t stops;
    while ((stops = sq_word_stops(sq_load_bytes(at))) == 0)
        at += 8;
    at += __builtin_ctzll(stops) / 8; /* perhaps a control character, of the word */
#endif
    while (*at != ' ' && *at != '\n' && *at != '\0')
        at++;
    return at - text;
}

/* The word at text if it has less than eight bytes; most have. */
static inline bool sq_short_token(const char *text, sq_token *token)
{
#ifdef SQ_EIGHT_BYTES_AT_ONCE
    uint64_t bytes = sq_load_bytes(text), stops = sq_word_stops(bytes);
    if (stops == 0)
        return false;
    const int length = __builtin_ctzll(stops) / 8;
    if (text[length] != ' ' && text[length] != '\n')
        return false;
    bytes &= ((stops & (0 - stops)) >> 7) - 1; /* the bytes below the first stop */
    token->text = text;
    token->first = bytes;
    token->hash = sq_hash_end(sq_hash_bytes(0, bytes));
    token->length = length;
    return true;
#else
    (void)text;
    (void)token;
    return false;
#endif
}

/* The next words, up to SQ_TOKENS, from *text on; those of length 0 are ends of lines.
 * -1: a NUL byte or too long a word. */
static seqnn_size sq_next_tokens(const char **text, const char *end, sq_token *token)
{
    seqnn_size count = 0;
    const char *at = *text;
    while (at < end && count < SQ_TOKENS) {
        if (*at == ' ') {
            at++;
            continue;
        }
        if (*at == '\n') {
            token[count++].length = 0;
            at++;
            continue;
        }
        if (!sq_short_token(at, &token[count])) {
            seqnn_size length = sq_word_length(at);
            if (length == 0 || length > SQ_LONGEST_CORPUS_WORD || at[length] == '\0')
                return -1;
            token[count] = sq_token_of(at, length);
        }
        at += token[count++].length;
        at += *at == ' ';
    }
    *text = at;
    return count;
}

SQ_LOCAL seqnn_status sq_corpus_vocabulary(const sq_corpus *corpus, seqnn_size min_count,
                                           seqnn_size max_words,
                                           sq_vocabulary *vocabulary)
{
    sq_token token[SQ_TOKENS];
    sq_word_counts counts;
    sq_segment segment;
    seqnn_status status = SEQNN_OK;
    memset(vocabulary, 0, sizeof *vocabulary);
    memset(&counts, 0, sizeof counts);
    memset(&segment, 0, sizeof segment);
    for (seqnn_size i = 0; i < corpus->segments && status == SEQNN_OK; i++) {
        char *at, *end;
        status = sq_segment_text(&segment, corpus, i, &at, &end);
        for (const char *text = at; status == SEQNN_OK && text < end;) {
            seqnn_size found = sq_next_tokens(&text, end, token);
            status = found < 0 ? sq_corpus_complain(corpus, &segment)
                               : sq_word_counts_add(&counts, token, found);
        }
        counts.all.lines += segment.lines;
    }
    sq_segment_free(&segment);
    if (status == SEQNN_OK)
        status = sq_vocabulary_new(vocabulary, &counts, min_count, max_words,
                                   sq_corpus_name(corpus));
    sq_word_counts_free(&counts);
    return status;
}

SQ_LOCAL seqnn_status sq_segment_read(sq_segment *segment, const sq_corpus *corpus,
                                      const sq_vocabulary *vocabulary, seqnn_size i)
{
    sq_token token[SQ_TOKENS];
    char *begin, *end;
    segment->count = 0;
    segment->words = 0;
    seqnn_status status = sq_segment_text(segment, corpus, i, &begin, &end);
    if (status != SEQNN_OK)
        return status;
    int32_t last = SQ_LINE_END;
    for (const char *text = begin; text < end;) {
        seqnn_size found = sq_next_tokens(&text, end, token);
        if (found < 0)
            return sq_corpus_complain(corpus, segment);
        for (seqnn_size k = 0; k < found; k++)
            SQ_PREFETCH(&vocabulary->slot[(seqnn_size)token[k].hash &
                                          (vocabulary->slot_count - 1)]);
        void *memory = segment->number;
        status = sq_grow(&memory, &segment->capacity, segment->count + found + 1,
                         sizeof(int32_t));
        if (status != SEQNN_OK)
            return status;
        segment->number = (int32_t *)memory;
        int32_t *number = segment->number + segment->count;
        for (seqnn_size k = 0; k < found; k++) {
            if (token[k].length == 0) {
                segment->lines++;
                *number = SQ_LINE_END;
                number += last != SQ_LINE_END;
                last = SQ_LINE_END;
            } else {
                int32_t word = sq_vocabulary_find(vocabulary, &token[k]);
                segment->words++;
                *number = word;
                number += word >= 0;
                last = word >= 0 ? word : last;
            }
        }
        segment->count = number - segment->number;
    }
    if (last != SQ_LINE_END)
        segment->number[segment->count++] = SQ_LINE_END;
    return SEQNN_OK;
}

SQ_LOCAL void sq_segment_free(sq_segment *segment)
{
    if (segment->file)
        fclose((FILE *)segment->file);
    sq_free(segment->number);
    sq_free(segment->text);
    memset(segment, 0, sizeof *segment);
}

#endif
