#include "unicode.h"

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

SQ_LOCAL void sq_lower(char *text, seqnn_size length)
{
    for (seqnn_size i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];
        bool latin1 = i > 0 && (unsigned char)text[i - 1] == 0xC3 && byte >= 0x80 &&
                      byte <= 0x9E && byte != 0x97; /* 0x97: the sign of multiplication */
        if ((byte >= 'A' && byte <= 'Z') || latin1)
            text[i] = (char)(byte + 0x20);
    }
}

SQ_LOCAL seqnn_size sq_latin1_to_utf8(const char *bytes, seqnn_size length,
                                      bool keep_utf8, char *out)
{
    seqnn_size written = 0;
    for (seqnn_size i = 0; i < length;) {
        int32_t point = -1;
        seqnn_size size = keep_utf8 ? sq_utf8_next(bytes + i, length - i, &point) : 1;
        unsigned char byte = (unsigned char)bytes[i];
        if (point >= 0 || byte < 0x80) {
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
