/* Writing the page of an answer to a file. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/command.h"

static bool complain(const char *path, const char *what) {
    fprintf(stderr, "ferrule: --report %s: %s; name a file in a folder that exists and may be written, with room on its disk\n",
            path, what);
    return false;
}

/* All bytes, or errno says why not. */
static bool write_all(int fd, const char *s, size_t n) {
    while (n) {
        ssize_t done = write(fd, s, n);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) return false;
        s += done;
        n -= (size_t)done;
    }
    return fsync(fd) == 0;
}

/* The folder holds the new name only after it was synced itself; not every file system can. */
static void sync_folder(const char *path) {
    char *folder = strdup(path), *slash = folder ? strrchr(folder, '/') : NULL;
    if (slash) slash[slash == folder] = '\0';
    int fd = folder ? open(slash ? folder : ".", O_RDONLY | O_DIRECTORY) : -1;
    if (fd >= 0) {
        (void)fsync(fd);
        close(fd);
    }
    free(folder);
}

/* A page holds a patient's data: only its owner may read it. */
static bool replace(const char *path, const char *beside, const char *s, size_t n) {
    int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL, S_IRUSR | S_IWUSR);
    if (fd < 0) return false;
    bool written = write_all(fd, s, n);
    int why = errno;
    if (close(fd) != 0 && written) written = false, why = errno;
    if (written && rename(beside, path) == 0) return true;
    if (written) why = errno;
    unlink(beside);
    errno = why;
    return false;
}

bool fe__write_page(fe_answer *answer, const char *path) {
    const char *s = fe_answer_page(answer);
    struct stat there;
    if (!s) return complain(path, "there is no page for this answer");
    if (stat(path, &there) == 0 && !S_ISREG(there.st_mode)) return complain(path, "is no file");
    size_t length = strlen(path) + 40;
    char *beside = malloc(length);
    if (!beside) return complain(path, "memory is out");
    snprintf(beside, length, "%s.%ld.part", path, (long)getpid());
    bool done = replace(path, beside, s, strlen(s));
    int why = errno;
    free(beside);
    if (!done) return complain(path, strerror(why));
    sync_folder(path);
    return true;
}
