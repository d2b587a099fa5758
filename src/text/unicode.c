#include "unicode.h"
#include "lower_case_table.h"

SQ_LOCAL seqnn_size sq_utf8_next(const char *text, seqnn_size length, int32_t *point)
{
    const unsigned char *byte = (const unsigned char *)text;
    static const int32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    seqnn_size bytes = byte[0] < 0x80             ? 1
                       : (byte[0] & 0xE0) == 0xC0 ? 2
                       : (byte[0] & 0xF0) == 0xE0 ? 3
                       : (byte[0] & 0xF8) == 0xF0 ? 4
                                                  : 0;
    *point = -1;
    if (bytes == 0 || bytes > length)
        return 1;
    int32_t value = bytes == 1 ? byte[0] : byte[0] & (0x7F >> bytes);
    for (seqnn_size i = 1; i < bytes; i++) {
        if ((byte[i] & 0xC0) != 0x80)
            return 1;
        value = value * 64 + (byte[i] & 0x3F);
    }
    /* Longer than needed, half of a surrogate pair, or beyond Unicode: not UTF-8. */
    if (value < smallest[bytes] || (value >= 0xD800 && value < 0xE000) ||
        value > 0x10FFFF)
        return 1;
    *point = value;
    return bytes;
}

SQ_LOCAL seqnn_size sq_utf8_write(int32_t point, char *out)
{
    seqnn_size bytes = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    static const int first[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (seqnn_size i = bytes - 1; i > 0; i--, point >>= 6)
        out[i] = (char)(0x80 | (point & 0x3F));
    out[0] = (char)(first[bytes] | point);
    return bytes;
}

SQ_LOCAL bool sq_is_space(int32_t point)
{
    return (point >= 0x09 && point <= 0x0D) || (point >= 0x1C && point <= 0x20) ||
           point == 0x85 || point == 0xA0 || point == 0x1680 ||
           (point >= 0x2000 && point <= 0x200A) || point == 0x2028 || point == 0x2029 ||
           point == 0x202F || point == 0x205F || point == 0x3000;
}

/* The lower-case character of one beyond ASCII, or itself. */
static int32_t sq_lower_point(int32_t point)
{
    seqnn_size below = 0, above = SQ_COUNT(sq_case_ranges);
    while (above - below > 1) { /* the last range that begins at or before the point */
        seqnn_size middle = (below + above) / 2;
        if (sq_case_ranges[middle].first <= point)
            below = middle;
        else
            above = middle;
    }
    const sq_case_range *range = &sq_case_ranges[below];
    bool upper = point >= range->first && point <= range->last &&
                 (point - range->first) % range->step == 0;
    return upper ? point + range->delta : point;
}

SQ_LOCAL seqnn_size sq_lower(const char *text, seqnn_size length, char *out)
{
    seqnn_size written = 0;
    for (seqnn_size i = 0; i < length;) {
        unsigned char byte = (unsigned char)text[i];
        if (byte < 0x80) {
            out[written++] = (char)(byte >= 'A' && byte <= 'Z' ? byte + 0x20 : byte);
            i++;
            continue;
        }
        int32_t point, lower = -1;
        seqnn_size size = sq_utf8_next(text + i, length - i, &point);
        if (point >= 0)
            lower = sq_lower_point(point);
        if (lower != point) {
            written += sq_utf8_write(lower, out + written);
        } else {
            for (seqnn_size k = 0; k < size; k++)
                out[written++] = text[i + k];
        }
        i += size;
    }
    return written;
}

/* Copies the ASCII in front, eight bytes at a time: most of most texts is nothing else.
 */
static seqnn_size sq_copy_ascii(const char *bytes, seqnn_size length, char *out)
{
    seqnn_size i = 0;
    for (; length - i >= 8; i += 8) {
        uint64_t eight;
        memcpy(&eight, bytes + i, 8);
        if (eight & 0x8080808080808080u)
            break;
        memcpy(out + i, &eight, 8);
    }
    for (; i < length && (unsigned char)bytes[i] < 0x80; i++)
        out[i] = bytes[i];
    return i;
}

SQ_LOCAL seqnn_size sq_latin1_to_utf8(const char *bytes, seqnn_size length,
                                      bool keep_utf8, char *out)
{
    seqnn_size written = 0;
    for (seqnn_size i = 0; i < length;) {
        seqnn_size ascii = sq_copy_ascii(bytes + i, length - i, out + written);
        i += ascii;
        written += ascii;
        if (i == length)
            break;
        int32_t point = -1;
        seqnn_size size = keep_utf8 ? sq_utf8_next(bytes + i, length - i, &point) : 1;
        unsigned char byte = (unsigned char)bytes[i];
        if (point >= 0) {
            for (seqnn_size k = 0; k < size; k++)
                out[written++] = bytes[i + k];
        } else {
            out[written++] = (char)(0xC0 | byte >> 6);
            out[written++] = (char)(0x80 | (byte & 0x3F));
        }
        i += size;
    }
    return written;
}

SQ_LOCAL seqnn_size sq_windows1252_to_utf8(const char *bytes, seqnn_size length,
                                           bool keep_utf8, char *out)
{
    static const uint16_t points[32] = {
        0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
        0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008D, 0x017D, 0x008F,
        0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
        0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};
    seqnn_size written = 0;
    for (seqnn_size i = 0; i < length;) {
        int32_t point = -1;
        unsigned char byte = (unsigned char)bytes[i];
        seqnn_size size =
            keep_utf8 && byte >= 0x80 ? sq_utf8_next(bytes + i, length - i, &point) : 1;
        if (point < 0)
            point = byte >= 0x80 && byte < 0xA0 ? points[byte - 0x80] : byte;
        written += sq_utf8_write(point, out + written);
        i += size;
    }
    return written;
}
