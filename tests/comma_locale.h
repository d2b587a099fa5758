/* A locale that writes 1,5: the machine's, or one made by localedef for the test. */
#ifndef COMMA_LOCALE_H
#define COMMA_LOCALE_H

#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline bool writes_commas(void)
{
    char text[8];
    snprintf(text, sizeof text, "%.1f", 1.5);
    return strcmp(text, "1,5") == 0;
}

/* False, with a word of why, if there is none. setlocale(LC_ALL, "C") ends it. */
static inline bool set_comma_locale(void)
{
    static const char *const names[] = {"de_DE.UTF-8", "de_DE", "fr_FR.UTF-8",
                                        "seqnn_comma"};
    for (int i = 0; i < 4; i++) {
        if (i == 3) {
            setenv("LOCPATH", "/tmp/seqnn_locale", 1);
            if (system("mkdir -p /tmp/seqnn_locale && localedef -i de_DE -f UTF-8 "
                       "/tmp/seqnn_locale/seqnn_comma >/dev/null 2>&1") != 0)
                continue;
        }
        if (setlocale(LC_ALL, names[i]) && writes_commas())
            return true;
    }
    setlocale(LC_ALL, "C");
    printf("# no locale with a decimal comma: none is installed, localedef makes none\n");
    return false;
}

#endif
