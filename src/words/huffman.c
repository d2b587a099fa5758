#include "huffman.h"

#ifdef SEQNN_WORDS
#include "memory.h"

/* What building needs: nodes are the words, and from `count` on the inner nodes. */
typedef struct sq_huffman_nodes {
    int64_t *weight; /* [count - 1] of the inner nodes */
    int32_t *parent; /* [2 count - 1] an inner node */
    bool *left;      /* [2 count - 1] whether it is the left child */
} sq_huffman_nodes;

/* Joins the two lightest nodes until one is left. The words wait from the last one
 * forward and the inner nodes from the first one on, both by rising weight, so the
 * lightest is one of two. */
static void sq_huffman_join(const sq_huffman_nodes *nodes, const int64_t *occurrences,
                            seqnn_size count)
{
    seqnn_size word = count, inner = 0; /* the words before, the inner nodes from here */
    for (seqnn_size joined = 0; joined < count - 1; joined++) {
        nodes->weight[joined] = 0;
        for (int child = 0; child < 2; child++) {
            bool is_word = word > 0 && (inner == joined ||
                                        occurrences[word - 1] <= nodes->weight[inner]);
            seqnn_size node = is_word ? --word : count + inner++;
            nodes->weight[joined] +=
                is_word ? occurrences[node] : nodes->weight[node - count];
            nodes->parent[node] = (int32_t)joined;
            nodes->left[node] = child == 0;
        }
    }
}

/* Writes down the way of each word, from its end to the root. */
static seqnn_status sq_huffman_ways(sq_huffman *tree, const sq_huffman_nodes *nodes)
{
    const seqnn_size count = tree->count, root = count - 2;
    int64_t *depth = nodes->weight; /* of the inner nodes: the weights have served */
    depth[root] = 0;
    for (seqnn_size i = root - 1; i >= 0; i--)
        depth[i] = depth[nodes->parent[count + i]] + 1;
    for (seqnn_size w = 0; w < count; w++) {
        seqnn_size length = (seqnn_size)depth[nodes->parent[w]] + 1;
        tree->begin[w + 1] = tree->begin[w] + length;
        tree->longest = sq_max(tree->longest, length);
    }
    tree->node = (int32_t *)sq_allocate(tree->begin[count], sizeof(int32_t));
    tree->label = (seqnn_real *)sq_allocate(tree->begin[count], sizeof(seqnn_real));
    if (!tree->node || !tree->label)
        return SEQNN_ERROR_MEMORY;
    for (seqnn_size w = 0; w < count; w++) {
        seqnn_size node = w;
        for (seqnn_size i = tree->begin[w + 1] - 1; i >= tree->begin[w]; i--) {
            tree->node[i] = nodes->parent[node];
            tree->label[i] = nodes->left[node] ? (seqnn_real)1 : (seqnn_real)0;
            node = count + nodes->parent[node];
        }
    }
    return SEQNN_OK;
}

SQ_LOCAL seqnn_status sq_huffman_new(sq_huffman *tree, const int64_t *occurrences,
                                     seqnn_size count)
{
    memset(tree, 0, sizeof *tree);
    if (count < 2)
        return sq_fail(SEQNN_ERROR_ARGUMENT,
                       "Huffman tree: of %td words, expected at least 2", count);
    tree->count = count;
    tree->begin = (seqnn_size *)sq_allocate(count + 1, sizeof(seqnn_size));
    sq_huffman_nodes nodes;
    nodes.weight = (int64_t *)sq_allocate(count - 1, sizeof(int64_t));
    nodes.parent = (int32_t *)sq_allocate(2 * count - 1, sizeof(int32_t));
    nodes.left = (bool *)sq_allocate(2 * count - 1, sizeof(bool));
    seqnn_status status = SEQNN_ERROR_MEMORY;
    if (tree->begin && nodes.weight && nodes.parent && nodes.left) {
        sq_huffman_join(&nodes, occurrences, count);
        status = sq_huffman_ways(tree, &nodes);
    }
    sq_free(nodes.weight);
    sq_free(nodes.parent);
    sq_free(nodes.left);
    if (status != SEQNN_OK)
        sq_huffman_free(tree);
    return status;
}

SQ_LOCAL void sq_huffman_free(sq_huffman *tree)
{
    sq_free(tree->begin);
    sq_free(tree->node);
    sq_free(tree->label);
    memset(tree, 0, sizeof *tree);
}

#endif
