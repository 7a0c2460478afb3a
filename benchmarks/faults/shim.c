/* Counts what a process writes under one folder, and lets the Nth of it fail. Loaded before the C library (LD_PRELOAD);
   does nothing until faults_arm is called.

   A write is: write, pwrite, writev, ftruncate, fsync, fdatasync, rename, unlink, of a file under the folder.
   Modes: 0 count, 1 kill before it, 2 write half of it and kill, 3 no space from it on, 4 this one has an I/O error. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long seen;
static long at, mode;
static int armed;
static char under[PATH_MAX];

void faults_arm(const char *folder, long place, long how) {
    snprintf(under, sizeof under, "%s", folder);
    atomic_store(&seen, 0);
    at = place;
    mode = how;
    armed = 1;
}

long faults_seen(void) { return atomic_load(&seen); }

static int is_ours_path(const char *path) { return armed && path && strncmp(path, under, strlen(under)) == 0; }

static int is_ours(int fd) {
    char link[64], path[PATH_MAX];
    if (!armed) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return is_ours_path(path);
}

/* 0: go on; 1: write half of it, then die; -1: fail, errno is set. */
static int verdict(void) {
    long number = atomic_fetch_add(&seen, 1) + 1;
    if (mode == 1 && number == at) kill(getpid(), SIGKILL);
    if (mode == 2 && number == at) return 1;
    if (mode == 3 && number >= at) { errno = ENOSPC; return -1; }
    if (mode == 4 && number == at) { errno = EIO; return -1; }
    return 0;
}

#define REAL(name) static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *bytes, size_t count) {
    REAL(write);
    if (is_ours(fd)) {
        int told = verdict();
        if (told < 0) return -1;
        if (told > 0) { real(fd, bytes, count / 2); kill(getpid(), SIGKILL); }
    }
    return real(fd, bytes, count);
}

#define PWRITE(name, offset_type)                                                                   \
    ssize_t name(int fd, const void *bytes, size_t count, offset_type place) {                      \
        REAL(name);                                                                                 \
        if (is_ours(fd)) {                                                                          \
            int told = verdict();                                                                   \
            if (told < 0) return -1;                                                                \
            if (told > 0) { real(fd, bytes, count / 2, place); kill(getpid(), SIGKILL); }           \
        }                                                                                           \
        return real(fd, bytes, count, place);                                                       \
    }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

ssize_t writev(int fd, const struct iovec *parts, int count) {
    REAL(writev);
    if (is_ours(fd)) {
        int told = verdict();
        if (told < 0) return -1;
        if (told > 0) { real(fd, parts, count / 2); kill(getpid(), SIGKILL); }
    }
    return real(fd, parts, count);
}

#define ON_FD(name, signature, arguments)                                                           \
    int name signature {                                                                            \
        REAL(name);                                                                                 \
        if (is_ours(fd)) {                                                                          \
            int told = verdict();                                                                   \
            if (told < 0) return -1;                                                                \
            if (told > 0) kill(getpid(), SIGKILL);                                                  \
        }                                                                                           \
        return real arguments;                                                                      \
    }
ON_FD(fsync, (int fd), (fd))
ON_FD(fdatasync, (int fd), (fd))
ON_FD(ftruncate, (int fd, off_t length), (fd, length))
ON_FD(ftruncate64, (int fd, off64_t length), (fd, length))

#define ON_PATH(name, signature, arguments)                                                         \
    int name signature {                                                                            \
        REAL(name);                                                                                 \
        if (is_ours_path(path)) {                                                                   \
            int told = verdict();                                                                   \
            if (told < 0) return -1;                                                                \
            if (told > 0) kill(getpid(), SIGKILL);                                                  \
        }                                                                                           \
        return real arguments;                                                                      \
    }
ON_PATH(rename, (const char *path, const char *to), (path, to))
ON_PATH(unlink, (const char *path), (path))
