#include "simd.h"

/* -1 until it is decided. Two threads that decide at once write the same value. */
static int sq_isa_chosen = -1;

#if defined(__GNUC__)
#define SQ_READ_ONCE(variable) __atomic_load_n(&(variable), __ATOMIC_RELAXED)
#define SQ_WRITE_ONCE(variable, value)                                                   \
    __atomic_store_n(&(variable), (value), __ATOMIC_RELAXED)
#else
#define SQ_READ_ONCE(variable) (variable)
#define SQ_WRITE_ONCE(variable, value) ((variable) = (value))
#endif

SQ_LOCAL const char *sq_isa_name(sq_isa_kind isa)
{
    static const char *const names[SQ_ISA_COUNT] = {"plain", "neon", "avx2", "avx512"};
    return names[isa];
}

SQ_LOCAL bool sq_isa_available(sq_isa_kind isa)
{
    if (isa == SQ_ISA_PLAIN)
        return true;
#ifdef SQ_HAVE_NEON
    if (isa == SQ_ISA_NEON)
        return true;
#endif
#ifdef SQ_X86
    __builtin_cpu_init();
#endif
#ifdef SQ_HAVE_AVX2
    if (isa == SQ_ISA_AVX2)
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
#ifdef SQ_HAVE_AVX512
    if (isa == SQ_ISA_AVX512)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx2") &&
               __builtin_cpu_supports("fma");
#endif
    return false;
}

SQ_LOCAL sq_isa_kind sq_isa(void)
{
    int chosen = SQ_READ_ONCE(sq_isa_chosen);
    if (chosen >= 0)
        return (sq_isa_kind)chosen;

    const char *wanted = getenv("SEQNN_ISA");
    for (int isa = 0; isa < SQ_ISA_COUNT; isa++)
        if (sq_isa_available((sq_isa_kind)isa))
            chosen = isa;
    for (int isa = 0; wanted && isa < SQ_ISA_COUNT; isa++)
        if (strcmp(wanted, sq_isa_name((sq_isa_kind)isa)) == 0 &&
            sq_isa_available((sq_isa_kind)isa))
            chosen = isa;
    SQ_WRITE_ONCE(sq_isa_chosen, chosen);
    return (sq_isa_kind)chosen;
}

SQ_LOCAL void sq_isa_force(sq_isa_kind isa)
{
    SQ_WRITE_ONCE(sq_isa_chosen, (int)isa);
}

SQ_LOCAL void sq_isa_forget(void)
{
    SQ_WRITE_ONCE(sq_isa_chosen, -1);
}
