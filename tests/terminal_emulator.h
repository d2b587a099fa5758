/* A terminal small enough to be believed: a grid of characters, the few escape sequences
 * that live mode uses, and rows that break when the window becomes narrower. Whatever
 * else comes is a failure of the test. */
#ifndef TERMINAL_EMULATOR_H
#define TERMINAL_EMULATOR_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

enum { SCREEN_ROWS = 600, SCREEN_COLUMNS = 300 };

typedef struct screen {
    int columns, rows;
    int row, column; /* of the cursor; row counts from the first line ever written */
    int top;         /* the first row of the window */
    int32_t cell[SCREEN_ROWS][SCREEN_COLUMNS]; /* 0: empty; -1: right half */
} screen;

/* One character of valid UTF-8; -1 if it is none. */
static inline int32_t utf8_at(const unsigned char *text, size_t left, int *bytes)
{
    static const int32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    int32_t point = text[0];
    *bytes = text[0] < 0x80       ? 1
             : text[0] >> 5 == 6  ? 2
             : text[0] >> 4 == 14 ? 3
             : text[0] >> 3 == 30 ? 4
                                  : 0;
    if (*bytes == 0 || (size_t)*bytes > left)
        return -1;
    if (*bytes > 1)
        point &= 0x7F >> *bytes;
    for (int i = 1; i < *bytes; i++) {
        if (text[i] >> 6 != 2)
            return -1;
        point = point << 6 | (text[i] & 63);
    }
    if (point < smallest[*bytes] || point > 0x10FFFF || (point >> 11) == 27)
        return -1;
    return point;
}

/* Columns of a row up to its last character. */
static inline int screen_length(const screen *s, int row)
{
    int length = SCREEN_COLUMNS;
    while (length > 0 &&
           (s->cell[row][length - 1] == 0 || s->cell[row][length - 1] == ' '))
        length--;
    return length;
}

static inline void screen_scroll(screen *s)
{
    if (s->row >= SCREEN_ROWS - 1)
        fail_msg("the test writes more rows than it has");
    while (s->row >= s->top + s->rows)
        s->top++;
}

static inline void screen_clear(screen *s, int row, int column)
{
    memset(&s->cell[row][column], 0, sizeof(int32_t) * (size_t)(SCREEN_COLUMNS - column));
}

static inline void screen_escape(screen *s, int number, char final)
{
    if (final == 'A') {
        s->row -= number > 0 ? number : 1;
        s->row = s->row < s->top ? s->top : s->row;
    } else if (final == 'K' && number == 0) {
        screen_clear(s, s->row, s->column);
    } else if (final == 'J' && number == 0) {
        screen_clear(s, s->row, s->column);
        for (int row = s->row + 1; row < SCREEN_ROWS; row++)
            screen_clear(s, row, 0);
    } else if (final != 'm') {
        fail_msg("the terminal does not know ESC [ %d %c", number, final);
    }
}

static inline void screen_write(screen *s, const char *text, size_t count)
{
    const unsigned char *at = (const unsigned char *)text, *end = at + count;
    while (at < end) {
        int bytes, width;
        int32_t point = utf8_at(at, (size_t)(end - at), &bytes);
        if (point < 0)
            fail_msg("byte %02X is no UTF-8", *at);
        at += bytes;
        if (point == 0x1B) {
            int number = 0;
            if (at == end || *at++ != '[')
                fail_msg("an escape character alone");
            while (at < end && ((*at >= '0' && *at <= '9') || *at == ';'))
                number = *at == ';' ? 0 : 10 * number + (*at - '0'), at++;
            screen_escape(s, number, (char)*at++);
        } else if (point == '\r') {
            s->column = 0;
        } else if (point == '\n') {
            s->row++;
            screen_scroll(s);
        } else {
            width = wcwidth((wchar_t)point);
            if (width < 0)
                fail_msg("U+%04X is written to the terminal", (unsigned)point);
            if (width > 0 && s->column + width > s->columns)
                fail_msg("row %d is wider than %d columns", s->row, s->columns);
            for (int i = 0; i < width; i++)
                s->cell[s->row][s->column++] = i == 0 ? point : -1;
        }
    }
}

/* A window of another size. Rows that are too long for it are broken. */
static inline void screen_resize(screen *s, int columns, int rows)
{
    static screen old;
    int to = 0, last = s->row;
    old = *s;
    for (int row = 0; row < SCREEN_ROWS; row++)
        screen_clear(s, row, 0);
    for (int row = 0; row <= last; row++) {
        int length = screen_length(&old, row);
        int pieces = length > columns ? (length + columns - 1) / columns : 1;
        if (row == last)
            s->row = to;
        for (int i = 0; i < length; i++)
            s->cell[to + i / columns][i % columns] = old.cell[row][i];
        to += pieces;
    }
    s->columns = columns;
    s->rows = rows;
    s->top = s->row >= rows ? s->row - rows + 1 : 0;
}

/* The window as text, blank rows at the end left out. */
static inline void screen_text(const screen *s, int from, char *out, size_t room)
{
    size_t used = 0;
    int last = SCREEN_ROWS - 1;
    while (last >= from && screen_length(s, last) == 0)
        last--;
    for (int row = from; row <= last; row++) {
        int length = screen_length(s, row);
        for (int i = 0; i < length && used + 8 < room; i++) {
            int32_t point = s->cell[row][i] == 0 ? ' ' : s->cell[row][i];
            if (point < 0)
                continue;
            if (point < 0x80) {
                out[used++] = (char)point;
            } else if (point < 0x800) {
                out[used++] = (char)(0xC0 | point >> 6);
                out[used++] = (char)(0x80 | (point & 63));
            } else {
                if (point >= 0x10000)
                    out[used++] = (char)(0xF0 | point >> 18);
                out[used++] = (char)(point < 0x10000 ? 0xE0 | point >> 12
                                                     : 0x80 | (point >> 12 & 63));
                out[used++] = (char)(0x80 | (point >> 6 & 63));
                out[used++] = (char)(0x80 | (point & 63));
            }
        }
        out[used++] = '\n';
    }
    out[used] = '\0';
}

#endif
