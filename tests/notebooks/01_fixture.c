//%% [markdown]
/*
 * # 01 · A fixture, for "tests"
 *
 * Everything that tools/notebooks.py must get right, with $h_t = \tanh(x_t W_x)$ and
 * ünïcödé, ‖∂L/∂h‖ → 0.
 *
 * | step | state |
 * |---|---|
 * | 1 | $\tilde C_1 * \sigma(z)$ |
 *
 * Five \$ in the text, `$not mathematics$` in code, and a < b.
 *
 * $$\frac{\partial L}{\partial W_h} = \sum_{t=1}^{T} \left(\frac{\partial L}{\partial
 * h_t}\right)^{\!\top} \begin{bmatrix} a & b \\ c & d \end{bmatrix}, \qquad \lVert W
 * \rVert \in \mathbb{R},\ \mathbf{x} \mapsto \mathrm{softmax}$$
 */
//%%
#include <stdio.h>
#include <string.h>

static const char no_boundary[] = "a string with \
//%% in it";

/* Nor is this one, in a comment:
//%% [markdown]
*/
static const unsigned char red[] = {
    137, 80,  78, 71,  13,  10, 26, 10, 0,  0,  0,  13,  73,  72,  68, 82,  0,   0,  0,
    4,   0,   0,  0,   3,   8,  2,  0,  0,  0,  59, 150, 57,  145, 0,  0,   0,   16, 73,
    68,  65,  84, 120, 218, 99, 56, 33, 39, 7,  71, 12,  56,  57,  0,  245, 199, 12, 49,
    239, 234, 2,  22,  0,   0,  0,  0,  73, 69, 78, 68,  174, 66,  96, 130};
static const unsigned char blue[] = {
    137, 80, 78,  71, 13, 10, 26, 10, 0,   0,   0,  13,  73,  72,  68,
    82,  0,  0,   0,  4,  0,  0,  0,  3,   8,   2,  0,   0,   0,   59,
    150, 57, 145, 0,  0,  0,  16, 73, 68,  65,  84, 120, 218, 99,  144,
    147, 59, 1,   71, 12, 56, 57, 0,  229, 215, 12, 49,  219, 229, 170,
    70,  0,  0,   0,  0,  73, 69, 78, 68,  174, 66, 96,  130};

static void draw(const char *path, const unsigned char *picture)
{
    FILE *file = fopen(path, "wb");
    if (file) {
        fwrite(picture, 1, sizeof red, file);
        fclose(file);
    }
}

static void say(const char *what)
{
    printf("said: %s\n", what);
}

//%% [markdown]
// ## A function that has a cell of its own
//%%
static int twice(int x)
{
    printf("twice begins, in the cell that called it\n");

    //%%
    printf("twice goes on in its own, with %d\n", x);
    if (x > 2)
        return 2 * x;
    return 2 * x + 0 * (int)sizeof no_boundary;
}

//%%
int main(int argc, char **argv)
{
    printf("arguments:");
    for (int i = 1; i < argc; i++)
        printf(" %s", argv[i]);
    printf("\n");

    //%% [markdown]
    /* ## Indented text

       with a paragraph

           and code
    */
    //%%
    say("ünïcödé ⣿⡇ \"quotes\" & <b>tags</b>");
    FILE *data = fopen("datasets/README.md", "r");
    printf("the data is %s\n", data ? "there" : "missing");
    if (data)
        fclose(data);
    //%%
    for (int percent = 0; percent <= 100; percent += 50)
        printf("\r%3d %%", percent);
    printf("\r\033[32mdone\033[0m \n");
    //%%
    for (int i = 0; i < 500; i++)
        printf("a_long_line ");
    //%%
    int silent = 3; /* prints nothing */
    //%%
    printf("six is %d\n", twice(silent));
    //%%
    printf("first line\n");
    draw("announced.png", red);
    draw("unannounced.png", red);
    printf("the red one: ./announced.png\n");
    printf("last line\n");
    //%%
    say("again");
    twice(1);
    draw("announced.png", blue);
    printf("no end of line");
    return 0;
}

//%% [markdown]
/* ## The end */
