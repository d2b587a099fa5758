/* Reads a record of strings: lines of tab-separated fields, in which \t, \n, \r and \\
 * stand for what they say. */
#ifndef GOLDEN_TSV_H
#define GOLDEN_TSV_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "outcomes.h"
#include "seqnn.h"

enum { MAX_FIELDS = 8, MAX_LINE = 8192 };

typedef struct golden {
    FILE *file;
    char line[MAX_LINE];
    char *field[MAX_FIELDS];
    int fields;
} golden;

static void golden_open(golden *g, const char *path)
{
    g->file = fopen(path, "rb");
    if (!g->file)
        fail_msg("%s is not there: run the test in the repository's root", path);
}

static void unescape(char *text)
{
    char *to = text;
    for (; *text; text++) {
        if (*text == '\\') {
            text++;
            *to++ = *text == 't'   ? '\t'
                    : *text == 'n' ? '\n'
                    : *text == 'r' ? '\r'
                                   : *text;
        } else {
            *to++ = *text;
        }
    }
    *to = '\0';
}

/* The next line, cut into fields; false at the end. */
static bool golden_next(golden *g)
{
    if (!fgets(g->line, sizeof g->line, g->file))
        return false;
    g->line[strcspn(g->line, "\n")] = '\0';
    g->fields = 0;
    char *at = g->line;
    while (at && g->fields < MAX_FIELDS) {
        char *tab = strchr(at, '\t');
        if (tab)
            *tab++ = '\0';
        g->field[g->fields++] = at;
        at = tab;
    }
    for (int i = 0; i < g->fields; i++)
        unescape(g->field[i]);
    return true;
}

static bool golden_is(const golden *g, const char *name)
{
    return strcmp(g->field[0], name) == 0;
}

/* Numbers as Keras' lists were written: "1 2 3". */
static void write_numbers(char *out, const int32_t *numbers, seqnn_size count)
{
    out[0] = '\0';
    for (seqnn_size i = 0; i < count; i++)
        sprintf(out + strlen(out), i > 0 ? " %d" : "%d", (int)numbers[i]);
}

#endif
