/* An allocator that fails once, at the call that is asked for, and counts what is not given
 * back. The program that includes it is linked with -Wl,--wrap=malloc -Wl,--wrap=free:
 * every malloc and free of the library then ends here (and those of the test itself). */
#ifndef FAILING_MALLOC_H
#define FAILING_MALLOC_H

static long allocations, living, failing = -1;
static bool counting;
void *__real_malloc(size_t size);
void __real_free(void *memory);
void *__wrap_malloc(size_t size);
void __wrap_free(void *memory);

void *__wrap_malloc(size_t size)
{
    if (!counting)
        return __real_malloc(size);
    void *memory = allocations++ == failing ? NULL : __real_malloc(size);
    living += memory != NULL;
    return memory;
}

void __wrap_free(void *memory)
{
    living -= counting && memory != NULL;
    __real_free(memory);
}

/* From here to end_failing the n-th allocation fails. */
static inline void begin_failing(long n)
{
    allocations = living = 0;
    failing = n;
    counting = true;
}

/* Whether there were so many. Whatever was allocated must have been given back. */
static inline bool end_failing(void)
{
    counting = false;
    if (living != 0)
        fail_msg("allocation %ld fails: %ld are lost", failing, living);
    return allocations > failing;
}

#endif
