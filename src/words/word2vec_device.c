/* words/word2vec_device.c - where a training of word2vec computes */
#include "word2vec_training.h"

#ifdef SEQNN_WORDS

#include "device_choice.h"

static seqnn_status sq_word2vec_open(sq_word2vec *w)
{
    if (w->o.mode != SEQNN_REPRODUCIBLE || w->o.output != SEQNN_NEGATIVE_SAMPLING)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "word2vec: a GPU trains with negative sampling in the "
                       "reproducible mode; the rest is the CPU's");
#ifdef SEQNN_CUDA
    w->device = sq_cuda_words_open(w);
    if (!w->device)
        return SEQNN_ERROR_DEVICE;
    snprintf(w->device_name, sizeof w->device_name, "%s", sq_cuda_words_name(w->device));
    return SEQNN_OK;
#else
    return sq_fail(SEQNN_ERROR_DEVICE, "word2vec: this program was built without "
                                       "SEQNN_CUDA, for the CPU alone");
#endif
}

SQ_LOCAL seqnn_status sq_word2vec_choose_device(sq_word2vec *w)
{
    const seqnn_device wanted = sq_device_asked(w->o.device);
    char before[512];
    snprintf(before, sizeof before, "%s", seqnn_error());
    snprintf(w->device_name, sizeof w->device_name, "CPU");
    w->result.device = w->device_name;
    const seqnn_status status = wanted == SEQNN_CPU ? SEQNN_OK : sq_word2vec_open(w);
    if (status && wanted == SEQNN_GPU)
        return status;
    if (status)
        sq_keep_reason(before, w->why_not_gpu, sizeof w->why_not_gpu);
    sq_say_device(SQ_DEVICE_CHOSEN, w->device_name, w->why_not_gpu);
    if (w->o.verbose > 0)
        sq_say_device(SQ_DEVICE_TRAINS, w->device_name, w->why_not_gpu);
    return SEQNN_OK;
}

SQ_LOCAL seqnn_status sq_train_on_device(sq_word2vec *w)
{
#ifdef SEQNN_CUDA
    const seqnn_status status = sq_cuda_words_train(w->device);
    sq_cuda_words_close(w->device);
    w->device = NULL;
    return status;
#else
    (void)w;
    return SEQNN_ERROR_DEVICE;
#endif
}

#endif
