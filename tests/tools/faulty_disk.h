/* A disk that fails when asked to: SQLite's own way to files with one call in between. Every call that makes or changes a file (open of a
 * new one, write, truncate, sync, delete, growth of shared memory) is counted; at the n-th something happens.
 *
 *   fail    that call fails, as a bad disk
 *   full    that call and the next `extra` of its kind find no room
 *   kill    the process ends before that call
 *   torn    half of that write reaches the file, then the process ends
 *   power   the power goes: of every file each 512-byte sector written since its last sync is kept or lost by chance, then the process ends */
#ifndef FERRULE_FAULTY_DISK_H
#define FERRULE_FAULTY_DISK_H

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DISK_FILES = 16, DISK_SECTOR = 512 };

/* A file as it was when it was last synced. */
typedef struct disk_file {
    char path[1024];
    uint8_t *safe;
    size_t safe_n;
    bool open;
} disk_file;

typedef struct faulty_disk {
    char mode[8]; /* "" : nothing happens */
    long at, calls, extra;
    uint64_t chance;
    disk_file files[DISK_FILES];
    sqlite3_vfs vfs;
    sqlite3_vfs *real;
} faulty_disk;

typedef struct disk_handle {
    sqlite3_file base;
    disk_file *file;
    sqlite3_file *real;
} disk_handle;

static faulty_disk disk; /* one in a program that exists to fail */

static uint64_t disk_chance(void) { /* splitmix64 */
    uint64_t z = (disk.chance += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static void disk_die(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

static uint8_t *disk_content(const char *path, size_t *n) {
    struct stat about;
    int file = open(path, O_RDONLY);
    *n = 0;
    if (file < 0 || fstat(file, &about) != 0) {
        if (file >= 0) close(file);
        return NULL;
    }
    uint8_t *bytes = malloc((size_t)about.st_size + 1);
    ssize_t got = bytes ? pread(file, bytes, (size_t)about.st_size, 0) : 0;
    *n = got > 0 ? (size_t)got : 0;
    close(file);
    return bytes;
}

/* Through the handle that is open: opening the file anew and closing it would drop the locks that this process holds on it. */
static void disk_make_safe(const disk_handle *h) {
    sqlite3_int64 n = 0;
    disk_file *f = h->file;
    free(f->safe);
    h->real->pMethods->xFileSize(h->real, &n);
    f->safe_n = (size_t)n;
    f->safe = malloc(f->safe_n + 1);
    if (!f->safe || (n && h->real->pMethods->xRead(h->real, f->safe, (int)n, 0) != SQLITE_OK)) abort();
}

/* What a file is after the power went: sector by sector as it was, or as it was to become. */
static void disk_lose(const disk_file *f) {
    size_t n, i;
    uint8_t *now = disk_content(f->path, &n);
    int file = open(f->path, O_WRONLY);
    if (!now || file < 0) return;
    for (i = 0; i < n; i += DISK_SECTOR) {
        uint8_t lost[DISK_SECTOR] = {0};
        size_t size = n - i < DISK_SECTOR ? n - i : DISK_SECTOR;
        if (i < f->safe_n) memcpy(lost, f->safe + i, f->safe_n - i < size ? f->safe_n - i : size);
        if (disk_chance() & 1 && pwrite(file, lost, size, (off_t)i) < 0) abort();
    }
    if (f->safe_n < n && disk_chance() & 1 && ftruncate(file, (off_t)f->safe_n) != 0) abort();
    if (f->safe_n > n && disk_chance() & 1 && pwrite(file, f->safe + n, f->safe_n - n, (off_t)n) < 0) abort();
    close(file);
    free(now);
}

/* The next call that counts: SQLITE_OK to go on with it, else what it answers. */
static int disk_call(disk_handle *h, int failure, const void *bytes, int n, sqlite3_int64 offset) {
    long call = ++disk.calls;
    if (strcmp(disk.mode, "full") == 0 && call >= disk.at && call <= disk.at + disk.extra)
        return failure == SQLITE_IOERR_SHMMAP ? SQLITE_IOERR_SHMSIZE : SQLITE_FULL;
    if (!disk.mode[0] || call != disk.at) return SQLITE_OK;
    if (strcmp(disk.mode, "fail") == 0) return failure;
    if (strcmp(disk.mode, "kill") == 0) disk_die();
    if (strcmp(disk.mode, "torn") == 0) {
        if (h && bytes) h->real->pMethods->xWrite(h->real, bytes, n / 2, offset);
        disk_die();
    }
    if (strcmp(disk.mode, "power") == 0) {
        if (h && bytes) h->real->pMethods->xWrite(h->real, bytes, n, offset);
        for (int i = 0; i < DISK_FILES; i++)
            if (disk.files[i].open) disk_lose(&disk.files[i]);
        disk_die();
    }
    return SQLITE_OK;
}

#define DISK_REAL(f) (((disk_handle *)(f))->real)

static int disk_close(sqlite3_file *f) {
    disk_handle *h = (disk_handle *)f;
    int code = h->real->pMethods->xClose(h->real);
    if (h->file) h->file->open = false;
    return code;
}
static int disk_read(sqlite3_file *f, void *to, int n, sqlite3_int64 at) {
    return DISK_REAL(f)->pMethods->xRead(DISK_REAL(f), to, n, at);
}
static int disk_write(sqlite3_file *f, const void *from, int n, sqlite3_int64 at) {
    int code = disk_call((disk_handle *)f, SQLITE_IOERR_WRITE, from, n, at);
    return code == SQLITE_OK ? DISK_REAL(f)->pMethods->xWrite(DISK_REAL(f), from, n, at) : code;
}
static int disk_truncate(sqlite3_file *f, sqlite3_int64 n) {
    int code = disk_call((disk_handle *)f, SQLITE_IOERR_TRUNCATE, NULL, 0, 0);
    return code == SQLITE_OK ? DISK_REAL(f)->pMethods->xTruncate(DISK_REAL(f), n) : code;
}
static int disk_sync(sqlite3_file *f, int flags) {
    int code = disk_call((disk_handle *)f, SQLITE_IOERR_FSYNC, NULL, 0, 0);
    if (code == SQLITE_FULL) code = SQLITE_IOERR_FSYNC; /* a sync never says that there is no room */
    if (code == SQLITE_OK) code = DISK_REAL(f)->pMethods->xSync(DISK_REAL(f), flags);
    if (code == SQLITE_OK && ((disk_handle *)f)->file) disk_make_safe((disk_handle *)f);
    return code;
}
static int disk_size(sqlite3_file *f, sqlite3_int64 *n) { return DISK_REAL(f)->pMethods->xFileSize(DISK_REAL(f), n); }
static int disk_lock(sqlite3_file *f, int how) { return DISK_REAL(f)->pMethods->xLock(DISK_REAL(f), how); }
static int disk_unlock(sqlite3_file *f, int how) { return DISK_REAL(f)->pMethods->xUnlock(DISK_REAL(f), how); }
static int disk_reserved(sqlite3_file *f, int *is) { return DISK_REAL(f)->pMethods->xCheckReservedLock(DISK_REAL(f), is); }
static int disk_control(sqlite3_file *f, int what, void *with) {
    return DISK_REAL(f)->pMethods->xFileControl(DISK_REAL(f), what, with);
}
static int disk_sector(sqlite3_file *f) { return DISK_REAL(f)->pMethods->xSectorSize(DISK_REAL(f)); }
static int disk_traits(sqlite3_file *f) {
    /* A disk that promises nothing: neither that a page is written whole nor that what is not written stays as it is. */
    return DISK_REAL(f)->pMethods->xDeviceCharacteristics(DISK_REAL(f)) &
           ~(SQLITE_IOCAP_POWERSAFE_OVERWRITE | SQLITE_IOCAP_ATOMIC);
}
static int disk_shm_map(sqlite3_file *f, int page, int size, int grow, void volatile **to) {
    int code = grow ? disk_call(NULL, SQLITE_IOERR_SHMMAP, NULL, 0, 0) : SQLITE_OK;
    return code == SQLITE_OK ? DISK_REAL(f)->pMethods->xShmMap(DISK_REAL(f), page, size, grow, to) : code;
}
static int disk_shm_lock(sqlite3_file *f, int from, int n, int how) {
    return DISK_REAL(f)->pMethods->xShmLock(DISK_REAL(f), from, n, how);
}
static void disk_shm_barrier(sqlite3_file *f) { DISK_REAL(f)->pMethods->xShmBarrier(DISK_REAL(f)); }
static int disk_shm_unmap(sqlite3_file *f, int gone) { return DISK_REAL(f)->pMethods->xShmUnmap(DISK_REAL(f), gone); }

static const sqlite3_io_methods disk_methods = {
    .iVersion = 2,
    .xClose = disk_close,
    .xRead = disk_read,
    .xWrite = disk_write,
    .xTruncate = disk_truncate,
    .xSync = disk_sync,
    .xFileSize = disk_size,
    .xLock = disk_lock,
    .xUnlock = disk_unlock,
    .xCheckReservedLock = disk_reserved,
    .xFileControl = disk_control,
    .xSectorSize = disk_sector,
    .xDeviceCharacteristics = disk_traits,
    .xShmMap = disk_shm_map,
    .xShmLock = disk_shm_lock,
    .xShmBarrier = disk_shm_barrier,
    .xShmUnmap = disk_shm_unmap,
};

static disk_file *disk_file_of(const char *path) {
    for (int i = 0; i < DISK_FILES; i++) {
        disk_file *f = &disk.files[i];
        if (f->open || strlen(path) >= sizeof f->path) continue;
        strcpy(f->path, path);
        f->open = true;
        return f;
    }
    abort();
}

static int disk_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *f, int flags, int *got) {
    disk_handle *h = (disk_handle *)f;
    (void)vfs;
    *h = (disk_handle){.real = (sqlite3_file *)(h + 1)};
    bool is_new = path && access(path, F_OK) != 0;
    int code = is_new ? disk_call(NULL, SQLITE_CANTOPEN, NULL, 0, 0) : SQLITE_OK;
    if (code == SQLITE_OK) code = disk.real->xOpen(disk.real, path, h->real, flags, got);
    if (code != SQLITE_OK) return code;
    h->file = path ? disk_file_of(path) : NULL;
    if (h->file) disk_make_safe(h); /* what is there was there before */
    h->base.pMethods = &disk_methods;
    return SQLITE_OK;
}

static int disk_delete(sqlite3_vfs *vfs, const char *path, int sync) {
    int code = disk_call(NULL, SQLITE_IOERR_DELETE, NULL, 0, 0);
    (void)vfs;
    return code == SQLITE_OK ? disk.real->xDelete(disk.real, path, sync) : code;
}

/* Puts the disk under everything that is opened from now on. */
static void disk_begin(const char *mode, long at, long extra, uint64_t chance) {
    disk.real = sqlite3_vfs_find(NULL);
    disk.vfs = *disk.real;
    disk.vfs.zName = "faulty";
    disk.vfs.szOsFile = (int)sizeof(disk_handle) + disk.real->szOsFile;
    disk.vfs.pNext = NULL;
    disk.vfs.xOpen = disk_open;
    disk.vfs.xDelete = disk_delete;
    disk.at = at;
    disk.extra = extra;
    disk.chance = chance;
    snprintf(disk.mode, sizeof disk.mode, "%s", mode);
    if (sqlite3_vfs_register(&disk.vfs, 1) != SQLITE_OK) abort();
}

#endif
