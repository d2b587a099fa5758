#include "noise.h"

#ifdef SEQNN_WORDS
#include "memory.h"

/* Every column is 1/count of all probability. A word with less than that fills its column
 * with a part of one that has more, until none is left over (Vose 1991). `left` is each
 * word's share that lies in no column yet, in columns; `word` has the small ones from the
 * front and the large ones from the back. */
static void sq_noise_fill(sq_noise *noise, double *left, int32_t *word)
{
    const seqnn_size count = noise->count;
    seqnn_size low = 0, high = count;
    for (seqnn_size i = 0; i < count; i++)
        word[left[i] < 1 ? low++ : --high] = (int32_t)i;
    while (low > 0 && high < count) {
        int32_t less = word[--low], more = word[high];
        double share = floor(left[less] * 4294967296.0 + 0.5);
        noise->column[less].keep = share < UINT32_MAX ? (uint32_t)share : UINT32_MAX;
        noise->column[less].other = more;
        left[more] -= 1 - left[less];
        if (left[more] < 1) {
            high++;
            word[low++] = more;
        }
    }
    /* Those that are left over are 1 but for rounding. */
    for (seqnn_size i = 0; i < low + count - high; i++) {
        int32_t full = i < low ? word[i] : word[high + i - low];
        noise->column[full].keep = UINT32_MAX;
        noise->column[full].other = full;
    }
}

SQ_LOCAL seqnn_status sq_noise_new(sq_noise *noise, const int64_t *occurrences,
                                   seqnn_size count)
{
    noise->count = count;
    noise->column = (sq_noise_column *)sq_allocate(count, sizeof(sq_noise_column));
    double *left = (double *)sq_allocate(count, sizeof(double));
    int32_t *word = (int32_t *)sq_allocate(count, sizeof(int32_t));
    seqnn_status status = noise->column && left && word ? SEQNN_OK : SEQNN_ERROR_MEMORY;
    if (status == SEQNN_OK) {
        double sum = 0;
        for (seqnn_size i = 0; i < count; i++) {
            left[i] = sq_noise_weight(occurrences[i]);
            sum += left[i];
        }
        for (seqnn_size i = 0; i < count; i++)
            left[i] *= (double)count / sum;
        sq_noise_fill(noise, left, word);
    }
    sq_free(left);
    sq_free(word);
    if (status != SEQNN_OK)
        sq_noise_free(noise);
    return status;
}

SQ_LOCAL void sq_noise_free(sq_noise *noise)
{
    sq_free(noise->column);
    memset(noise, 0, sizeof *noise);
}

#endif
