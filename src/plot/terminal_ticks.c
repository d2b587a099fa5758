/* plot/terminal_ticks.c - numbers of the axes */
#include "terminal_ticks.h"

#ifdef SEQNN_TERMINAL

/* "10" to a power: raised digits, or 1e-3. */
static void sq_ticks_power(const sq_page *page, const char *before, const char *exponent,
                           char text[SQ_NUMBER])
{
    static const char *const raised[] = {
        "\xE2\x81\xB0", "\xC2\xB9",     "\xC2\xB2",     "\xC2\xB3",     "\xE2\x81\xB4",
        "\xE2\x81\xB5", "\xE2\x81\xB6", "\xE2\x81\xB7", "\xE2\x81\xB8", "\xE2\x81\xB9"};
    if (!page->unicode) {
        snprintf(text, SQ_NUMBER, "%s1e%.40s", before, exponent);
        return;
    }
    snprintf(text, SQ_NUMBER, "%s10", before);
    for (; *exponent != '\0' && strlen(text) + 4 < SQ_NUMBER; exponent++) {
        if (*exponent >= '0' && *exponent <= '9')
            strcat(text, raised[*exponent - '0']);
        else if (*exponent == '\xE2')
            strcat(text, "\xE2\x81\xBB"); /* the first byte of the minus sign */
    }
}

void sq_ticks_text(const sq_page *page, const sq_axis *axis, int tick,
                   char text[SQ_NUMBER])
{
    if (axis->powers)
        sq_ticks_power(page, "", axis->text[tick], text);
    else
        memcpy(text, axis->text[tick], SQ_NUMBER);
}

seqnn_size sq_ticks_widest(const sq_page *page, const sq_axis *axis)
{
    seqnn_size widest = 0;
    for (int i = 0; i < axis->ticks; i++) {
        char text[SQ_NUMBER];
        sq_ticks_text(page, axis, i, text);
        widest = sq_max(widest, sq_page_width(page, text, SQ_NUMBER));
    }
    return widest;
}

void sq_ticks_common_power(const sq_page *page, const sq_axis *axis, char text[SQ_NUMBER])
{
    char exponent[SQ_NUMBER];
    text[0] = '\0';
    if (axis->power == 0)
        return;
    sq_number_text(exponent, 'f', 0, axis->power);
    sq_ticks_power(page, page->unicode ? "\xC3\x97" : "x ", exponent, text);
}

seqnn_size sq_ticks_label_width(const sq_page *page, const char *label, const char *power)
{
    seqnn_size width = sq_page_width(page, label, PTRDIFF_MAX);
    seqnn_size more = sq_page_width(page, power, SQ_NUMBER);
    return width + more + (width > 0 && more > 0);
}

void sq_ticks_write_label(sq_page *page, const char *label, const char *power,
                          seqnn_size widest)
{
    seqnn_size more = sq_page_width(page, power, SQ_NUMBER);
    sq_page_text(page, label, sq_max(0, more > 0 ? widest - more - 1 : widest));
    if (more > 0)
        sq_page_move(page, page->column + (label != NULL));
    sq_page_text(page, power, widest);
}

#endif
