/* base/output.h - files that are there whole or not at all (private)
 *
 * What is written goes to "path.part" beside the file. When it is complete it is synced
 * to the disk and renamed, and the folder is synced: a reader, a full disk or a lost
 * process finds the old file or the new one, never a half.
 *
 * Only a file is replaced, not a folder or a device; a symbolic link to a file gives way
 * to the new file.
 *
 * The part is locked (flock) while it is written. A second writer of the same path gets
 * an error; the part of a process that was killed is simply written over. On Windows
 * there is no lock, and the rename is not one step there.
 */
#ifndef SQ_OUTPUT_H
#define SQ_OUTPUT_H

#include "memory.h"

typedef struct sq_output {
    const char *path; /* of the caller, for messages */
    char *part;       /* where the bytes go until the end */
    void *file;
    int lock; /* a descriptor of the part; -1: none */
    /* Set after opening, for what can be made again: not synced. A reader still finds the
     * old file or the new one; a loss of power may cost both. */
    bool unsynced;
    seqnn_status status; /* sticky: after a failure the other calls do nothing */
} sq_output;

/* Opens path.part for writing; path must outlive the output. */
SQ_LOCAL seqnn_status sq_output_open(sq_output *output, const char *path);
SQ_LOCAL seqnn_status sq_output_bytes(sq_output *output, const void *bytes,
                                      seqnn_size count);

/* Ends it in any case: syncs and renames if everything went well, else removes the part.
 * Returns the first failure. A failure to sync the folder, last of all, is told too: the
 * new file is there then, but may not outlive a loss of power. */
SQ_LOCAL seqnn_status sq_output_close(sq_output *output);

/* Gives up: removes the part. Nothing if it is closed already. */
SQ_LOCAL void sq_output_abandon(sq_output *output);

#endif
