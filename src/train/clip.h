/* train/clip.h - against exploding gradients: three ways to clip
 *
 * Three functions that are easily confused. With g the gradient of one parameter tensor
 * and G that of all of them together:
 *
 *   by value         every element: g_i = max(-threshold, min(threshold, g_i))
 *   by norm          every tensor:  g = g threshold / ||g||   if ||g|| > threshold
 *   by global norm   all at once:   G = G threshold / ||G||   if ||G|| > threshold
 *
 * The last keeps the direction of the step (Pascanu et al. 2013); the second changes it
 * between tensors, the first also within them. After a clip the norm equals the
 * threshold. Norms are Euclidean, over the trained parameters.
 *
 * lower (0: none) is a second threshold from below, as one of the lectures draws it: what
 * is smaller is scaled up to it. A gradient of zero stays zero. threshold 0 means none
 * above. Clipping is no cure for vanishing gradients: lower lengthens the step, it does
 * not bring back what early time steps have lost.
 *
 * Each returns the norm before: the global norm, or by norm the largest norm of a tensor.
 * On error, that is thresholds that are negative or crossed or both 0, or a gradient that
 * is not finite (named by layer and parameter), they return NaN and change nothing.
 */
#ifndef SEQNN_CLIP_H
#define SEQNN_CLIP_H

#include "model.h"

SEQNN_API seqnn_real seqnn_clip_by_value(seqnn_model *model, seqnn_real threshold,
                                         seqnn_real lower);
SEQNN_API seqnn_real seqnn_clip_by_norm(seqnn_model *model, seqnn_real threshold,
                                        seqnn_real lower);
SEQNN_API seqnn_real seqnn_clip_by_global_norm(seqnn_model *model, seqnn_real threshold,
                                               seqnn_real lower);

/* ||G||, summed in double in an order that does not depend on the threads. NaN with the
 * error set if it is not finite. */
SEQNN_API seqnn_real seqnn_gradient_norm(seqnn_model *model);

#endif
