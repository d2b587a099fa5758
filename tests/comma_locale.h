/* A locale that writes 1,5: the machine's, or one made by localedef for the test. */
#ifndef COMMA_LOCALE_H
#define COMMA_LOCALE_H

#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static inline bool writes_commas(void)
{
    char text[8];
    snprintf(text, sizeof text, "%.1f", 1.5);
    return strcmp(text, "1,5") == 0;
}

static inline bool try_comma_locale(const char *name)
{
    return setlocale(LC_ALL, name) && writes_commas();
}

/* False, with a word of why, if there is none. setlocale(LC_ALL, "C") ends it. */
static inline bool set_comma_locale(void)
{
    if (try_comma_locale("de_DE.UTF-8") || try_comma_locale("fr_FR.UTF-8"))
        return true;
    /* Looked for once and in vain, a locale stays unknown to the process: make it first.
     */
    if (access("/tmp/seqnn_locale/comma", R_OK) != 0 &&
        system(
            "cd /tmp && mkdir -p seqnn_locale && d=$(mktemp -d seqnn_locale_XXXXXX) && "
            "localedef -i de_DE -f UTF-8 /tmp/$d/comma >/dev/null 2>&1; "
            "mv -T $d/comma seqnn_locale/comma 2>/dev/null; rm -rf $d") != 0)
        return false;
    setenv("LOCPATH", "/tmp/seqnn_locale", 1);
    if (try_comma_locale("comma"))
        return true;
    setlocale(LC_ALL, "C");
    printf("# no locale with a decimal comma: none is installed, localedef makes none\n");
    return false;
}

#endif
