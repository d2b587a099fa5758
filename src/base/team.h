/* base/team.h - threads that take many small steps together (private)
 *
 * A parallel loop is over when its slowest thread is, and OpenMP's threads wait for it in
 * a tight loop. Where another program has taken a processor, they so keep the very thread
 * from running that they wait for, a time slice long. The threads of a team make way for
 * it after some microseconds.
 */
#ifndef SQ_TEAM_H
#define SQ_TEAM_H

#include "private.h"

typedef struct sq_team sq_team;

/* What every member does in a step: its number is in [0, members). */
typedef void (*sq_team_work)(void *context, seqnn_size member, seqnn_size members);

/* Calls lead(team, context) on the calling thread, with at most so many members at its
 * disposal, and returns what it returns. There may be fewer, so that no result may depend
 * on their number. */
typedef seqnn_status (*sq_team_lead)(sq_team *team, void *context);
SQ_LOCAL seqnn_status sq_team_run(seqnn_size members, sq_team_lead lead, void *context);

/* One step: work by every member, over when all have done theirs. Member i is the same
 * thread in every step. Only from lead. */
SQ_LOCAL void sq_team_step(sq_team *team, sq_team_work work, void *context);

#endif
