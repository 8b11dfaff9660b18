/* Makes one file call of a process fail, below one directory. Loaded with LD_PRELOAD by tests.
 *
 *   MOTLAN_FAULT_BELOW   only files below this directory count; without a last slash, and relative
 *                        where the program names its files so
 *   MOTLAN_FAULT_AT      the how-manieth call fails, from 1
 *   MOTLAN_FAULT_MODE    eio      it fails with EIO and does nothing
 *                        enospc   it fails with ENOSPC and does nothing
 *                        kill     the process is killed instead of it
 *                        short    of a write, half is done, and that is reported
 *                        torn     of a write, half is done, and the process is killed
 *                        sync     only fsync and fdatasync count, and fail with EIO
 *   MOTLAN_FAULT_AFTER   calls count only once this file exists; optional
 *   MOTLAN_FAULT_REPORT  this file is made when the call is reached
 *
 * Counted are the calls that change files: open for writing, write, sync, rename, remove, make a
 * directory, truncate. Reads are not. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum mode { NONE, FAIL_EIO, FAIL_ENOSPC, KILL, SHORT, TORN, SYNC };
enum kind { OTHER, WRITE, SYNCING };
enum verdict { PROCEED, FAIL, HALF, HALF_AND_DIE };

#define FDS 65536
static _Atomic unsigned char below_fd[FDS];
static _Atomic long count;
static long at;
static enum mode mode;
static const char *below, *after, *report;
static size_t below_length;

__attribute__((constructor)) static void start(void) {
    const char *text = getenv("MOTLAN_FAULT_MODE");
    below = getenv("MOTLAN_FAULT_BELOW");
    after = getenv("MOTLAN_FAULT_AFTER");
    report = getenv("MOTLAN_FAULT_REPORT");
    const char *number = getenv("MOTLAN_FAULT_AT");
    if (!text || !below || !number) return;
    below_length = strlen(below);
    at = atol(number);
    static const char *names[] = {"", "eio", "enospc", "kill", "short", "torn", "sync"};
    for (int i = 1; i <= SYNC; i++)
        if (strcmp(text, names[i]) == 0) mode = i;
}

static int is_below(const char *path) {
    return mode != NONE && strncmp(path, below, below_length) == 0 &&
           (path[below_length] == '/' || path[below_length] == 0);
}

static int is_below_at(int directory, const char *path) {
    if (path[0] == '/') return is_below(path);
    return directory >= 0 && directory < FDS && below_fd[directory];
}

static int fd_is_below(int fd) { return fd >= 0 && fd < FDS && below_fd[fd]; }

static void track(int fd, int is) {
    if (fd >= 0 && fd < FDS) below_fd[fd] = is;
}

static void die(void) {
    syscall(SYS_kill, getpid(), SIGKILL);
    for (;;) pause();
}

static enum verdict decide(int applies, enum kind kind) {
    if (!applies || mode == NONE) return PROCEED;
    if ((mode == SHORT || mode == TORN) && kind != WRITE) return PROCEED;
    if (mode == SYNC && kind != SYNCING) return PROCEED;
    if (after && syscall(SYS_faccessat, AT_FDCWD, after, F_OK) != 0) return PROCEED;
    if (atomic_fetch_add(&count, 1) + 1 != at) return PROCEED;
    if (report) {
        int fd = syscall(SYS_openat, AT_FDCWD, report, O_CREAT | O_WRONLY, 0600);
        if (fd >= 0) syscall(SYS_close, fd);
    }
    switch (mode) {
    case KILL: die(); return FAIL;
    case SHORT: return HALF;
    case TORN: return HALF_AND_DIE;
    case FAIL_ENOSPC: errno = ENOSPC; return FAIL;
    default: errno = EIO; return FAIL;
    }
}

#define NEXT(name) __typeof__(name) *next = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)
#define CHANGING (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)
#define MODE_ARGUMENT                                                                             \
    mode_t permissions = 0;                                                                       \
    if (flags & (O_CREAT | O_TMPFILE)) {                                                          \
        va_list arguments;                                                                        \
        va_start(arguments, flags);                                                               \
        permissions = va_arg(arguments, mode_t);                                                  \
        va_end(arguments);                                                                        \
    }

#define OPEN(name)                                                                                \
    int name(const char *path, int flags, ...) {                                                  \
        MODE_ARGUMENT                                                                             \
        NEXT(name);                                                                               \
        int is = is_below(path);                                                                  \
        if (decide(is && (flags & CHANGING), OTHER) == FAIL) return -1;                           \
        int fd = next(path, flags, permissions);                                                  \
        track(fd, is);                                                                            \
        return fd;                                                                                \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                                              \
    int name(int directory, const char *path, int flags, ...) {                                   \
        MODE_ARGUMENT                                                                             \
        NEXT(name);                                                                               \
        int is = is_below_at(directory, path);                                                    \
        if (decide(is && (flags & CHANGING), OTHER) == FAIL) return -1;                           \
        int fd = next(directory, path, flags, permissions);                                       \
        track(fd, is);                                                                            \
        return fd;                                                                                \
    }
OPENAT(openat)
OPENAT(openat64)

int close(int fd) {
    NEXT(close);
    track(fd, 0);
    return next(fd);
}

/* The bytes to write now; -1 when the call fails. */
static ssize_t to_write(int fd, size_t bytes, int *dies) {
    *dies = 0;
    switch (decide(fd_is_below(fd), WRITE)) {
    case FAIL: return -1;
    case HALF_AND_DIE: *dies = 1; return bytes / 2;
    case HALF: return bytes > 1 ? bytes / 2 : bytes;
    default: return bytes;
    }
}

ssize_t write(int fd, const void *from, size_t bytes) {
    NEXT(write);
    int dies;
    ssize_t now = to_write(fd, bytes, &dies);
    if (now < 0) return -1;
    ssize_t done = next(fd, from, now);
    if (dies) die();
    return done;
}

#define PWRITE(name, offset_type)                                                                 \
    ssize_t name(int fd, const void *from, size_t bytes, offset_type offset) {                    \
        NEXT(name);                                                                               \
        int dies;                                                                                 \
        ssize_t now = to_write(fd, bytes, &dies);                                                 \
        if (now < 0) return -1;                                                                   \
        ssize_t done = next(fd, from, now, offset);                                               \
        if (dies) die();                                                                          \
        return done;                                                                              \
    }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

ssize_t writev(int fd, const struct iovec *parts, int number) {
    NEXT(writev);
    int dies;
    if (to_write(fd, 2, &dies) < 0) return -1;
    ssize_t done = next(fd, parts, number);
    if (dies) die();
    return done;
}

#define ON_FD(name, kind, parameters, ...)                                                        \
    int name parameters {                                                                         \
        NEXT(name);                                                                               \
        if (decide(fd_is_below(fd), kind) == FAIL) return -1;                                     \
        return next(__VA_ARGS__);                                                                 \
    }
ON_FD(fsync, SYNCING, (int fd), fd)
ON_FD(fdatasync, SYNCING, (int fd), fd)
ON_FD(ftruncate, OTHER, (int fd, off_t length), fd, length)
ON_FD(ftruncate64, OTHER, (int fd, off64_t length), fd, length)

#define ON_PATH(name, applies, parameters, ...)                                                   \
    int name parameters {                                                                         \
        NEXT(name);                                                                               \
        if (decide(applies, OTHER) == FAIL) return -1;                                            \
        return next(__VA_ARGS__);                                                                 \
    }
ON_PATH(rename, is_below(to), (const char *from, const char *to), from, to)
ON_PATH(renameat, is_below_at(td, to), (int fd, const char *from, int td, const char *to), fd, from,
        td, to)
ON_PATH(renameat2, is_below_at(td, to),
        (int fd, const char *from, int td, const char *to, unsigned flags), fd, from, td, to, flags)
ON_PATH(unlink, is_below(path), (const char *path), path)
ON_PATH(unlinkat, is_below_at(fd, path), (int fd, const char *path, int flags), fd, path, flags)
ON_PATH(rmdir, is_below(path), (const char *path), path)
ON_PATH(mkdir, is_below(path), (const char *path, mode_t mode), path, mode)
ON_PATH(mkdirat, is_below_at(fd, path), (int fd, const char *path, mode_t mode), fd, path, mode)
