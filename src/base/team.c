#include "team.h"

#if defined(_OPENMP) && defined(__GNUC__)
#define SQ_TEAM_THREADS
#include <omp.h>
#if defined(__unix__) || defined(__APPLE__)
#include <sched.h>
#endif
#endif

#ifdef SQ_TEAM_THREADS

struct sq_team {
    seqnn_size members;
    int arrived, round; /* of the barrier */
    sq_team_work work;  /* of this step; NULL: the end */
    void *context;
};

/* So many looks before the processor is offered to others. */
enum { SQ_TEAM_LOOKS = 2000 };

static void sq_team_pause(int looks)
{
#if defined(__unix__) || defined(__APPLE__)
    if (looks > SQ_TEAM_LOOKS)
        sched_yield();
#endif
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

/* Nobody goes on before all members are here. */
static void sq_team_meet(sq_team *team)
{
    const int round = __atomic_load_n(&team->round, __ATOMIC_ACQUIRE);
    if (__atomic_add_fetch(&team->arrived, 1, __ATOMIC_ACQ_REL) == (int)team->members) {
        __atomic_store_n(&team->arrived, 0, __ATOMIC_RELAXED);
        __atomic_store_n(&team->round, round + 1, __ATOMIC_RELEASE);
        return;
    }
    for (int looks = 0; __atomic_load_n(&team->round, __ATOMIC_ACQUIRE) == round;
         looks += looks <= SQ_TEAM_LOOKS)
        sq_team_pause(looks);
}

static void sq_team_follow(sq_team *team, seqnn_size member)
{
    for (;;) {
        sq_team_meet(team);
        if (!team->work)
            return;
        team->work(team->context, member, team->members);
        sq_team_meet(team);
    }
}

SQ_LOCAL seqnn_status sq_team_run(seqnn_size members, sq_team_lead lead, void *context)
{
    sq_team team;
    seqnn_status status = SEQNN_OK;
    memset(&team, 0, sizeof team);
    team.members = 1;
    if (members <= 1)
        return lead(&team, context);
#pragma omp parallel num_threads((int)members)
    {
#pragma omp single
        team.members = omp_get_num_threads();
        if (omp_get_thread_num() == 0) {
            status = lead(&team, context);
            team.work = NULL;
            if (team.members > 1)
                sq_team_meet(&team);
        } else {
            sq_team_follow(&team, omp_get_thread_num());
        }
    }
    return status;
}

SQ_LOCAL void sq_team_step(sq_team *team, sq_team_work work, void *context)
{
    if (team->members == 1) {
        work(context, 0, 1);
        return;
    }
    team->work = work;
    team->context = context;
    sq_team_meet(team);
    work(context, 0, team->members);
    sq_team_meet(team);
}

#else

SQ_LOCAL seqnn_status sq_team_run(seqnn_size members, sq_team_lead lead, void *context)
{
    (void)members;
    return lead(NULL, context);
}

SQ_LOCAL void sq_team_step(sq_team *team, sq_team_work work, void *context)
{
    (void)team;
    work(context, 0, 1);
}

#endif
