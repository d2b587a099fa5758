/* plot/titles.c - numbers that charts write into their titles */
#include "titles.h"

#ifdef SEQNN_PLOT

#include "memory.h"

void sq_title_number(char text[SQ_NUMBER], int digits, double value)
{
    /* 9.996 of three digits is 10.0. */
    const double half = 1 + 0.5 * pow(10, -digits);
    const double power = value != 0 ? floor(log10(fabs(value) * half)) : 0;
    if (power >= -4 && power < 6)
        sq_number_text(text, 'f', (int)fmax(0, digits - 1 - power), value);
    else
        sq_number_text(text, 'g', digits, value);
}

char *sq_title_new(const char *title, const char *remark)
{
    const size_t size = strlen(title) + strlen(remark) + 3;
    char *text = (char *)sq_allocate((seqnn_size)size, 1);
    if (text != NULL)
        snprintf(text, size, "%s: %s", title, remark);
    return text;
}

#endif
