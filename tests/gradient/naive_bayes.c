/* Naive Bayes as in the float build, with scores in double. */
#include "../test_naive_bayes.c"
