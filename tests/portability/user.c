/* A translation unit that only declares, as C and as C++. */
#include "seqnn.h"

int main(void)
{
    seqnn_random random = {1, 0, 0};
    double u = seqnn_random_uniform(&random);
    return u >= 0 && u < 1 && seqnn_error()[0] == '\0' ? 0 : 1;
}
