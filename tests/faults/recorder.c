/* Put in front of the C library (LD_PRELOAD): writes down what a process does to the files of one folder whose names
 * begin with journal.db, and its acknowledgements (the file "acks"), in the order in which it happened.
 *
 * FAULTS_FOLDER     the folder; without it nothing is done
 * FAULTS_LOG        where the record goes, if there is to be one; several processes append to it
 * FAULTS_FSYNC_MS   how long each fsync of these files takes at least
 * FAULTS_FSYNC_FAIL every so many of them fails with EIO, after nothing was synchronised
 *
 * A record: operation (1), thread (4), inode (8), offset (8), length (4), then `length` bytes; host byte order. A path
 * is its bytes, two paths are divided by NUL. Logged after it was done, except for 'b', the beginning of an fsync.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define REAL(name) __typeof__(&name) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)
#define EXPORT __attribute__((visibility("default")))

struct __attribute__((packed)) head {
    char op;
    int32_t thread;
    uint64_t inode;
    uint64_t offset;
    uint32_t length;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int log_fd = -1;
static unsigned long syncs;

static const char *folder(void) { return getenv("FAULTS_FOLDER"); }

/* Which of the watched files a path is: 'j' the database and its log, 'a' acknowledgements, 'd' the folder, 0 none. */
static char watched(const char *path) {
    const char *base = folder();
    size_t n = base ? strlen(base) : 0;
    if (!n || strncmp(path, base, n)) return 0;
    if (!path[n]) return 'd';
    if (path[n] != '/') return 0;
    const char *name = path + n + 1;
    size_t length = strlen(name);
    if (!strcmp(name, "acks")) return 'a';
    if (strncmp(name, "journal.db", 10)) return 0;
    return length > 4 && !strcmp(name + length - 4, "-shm") ? 0 : 'j';
}

static char watched_fd(int fd) {
    char link[40], path[PATH_MAX];
    if (!folder()) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n <= 0) return 0;
    path[n] = 0;
    return watched(path);
}

static uint64_t inode_of(int fd) {
    struct stat found;
    return fstat(fd, &found) ? 0 : found.st_ino;
}

static void note(char op, uint64_t inode, uint64_t offset, const void *data, size_t length) {
    struct head head = {op, (int32_t)syscall(SYS_gettid), inode, offset, (uint32_t)length};
    struct iovec parts[2] = {{&head, sizeof head}, {(void *)data, length}};
    int before = errno;
    if (!getenv("FAULTS_LOG")) return;
    pthread_mutex_lock(&lock);
    if (log_fd < 0) log_fd = (int)syscall(SYS_openat, AT_FDCWD, getenv("FAULTS_LOG"),
                                          O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (log_fd < 0 || writev(log_fd, parts, length ? 2 : 1) < 0) abort();
    pthread_mutex_unlock(&lock);
    errno = before;
}

static void note_write(int fd, const void *data, ssize_t done, uint64_t offset) {
    char kind = done > 0 ? watched_fd(fd) : 0;
    if (kind == 'j') note('w', inode_of(fd), offset, data, (size_t)done);
    if (kind == 'a') note('a', 0, 0, data, (size_t)done);
}

EXPORT ssize_t pwrite(int fd, const void *data, size_t n, off_t offset) {
    REAL(pwrite);
    ssize_t done = real(fd, data, n, offset);
    note_write(fd, data, done, (uint64_t)offset);
    return done;
}

EXPORT ssize_t pwrite64(int fd, const void *data, size_t n, off64_t offset) {
    REAL(pwrite64);
    ssize_t done = real(fd, data, n, offset);
    note_write(fd, data, done, (uint64_t)offset);
    return done;
}

EXPORT ssize_t write(int fd, const void *data, size_t n) {
    REAL(write);
    ssize_t done = real(fd, data, n);
    if (done > 0 && folder()) {
        off64_t end = lseek64(fd, 0, SEEK_CUR);
        if (end >= 0) note_write(fd, data, done, (uint64_t)(end - done));
    }
    return done;
}

static void note_truncate(int fd, int failed, uint64_t size) {
    if (!failed && watched_fd(fd) == 'j') note('t', inode_of(fd), size, NULL, 0);
}

EXPORT int ftruncate(int fd, off_t size) {
    REAL(ftruncate);
    int failed = real(fd, size);
    note_truncate(fd, failed, (uint64_t)size);
    return failed;
}

EXPORT int ftruncate64(int fd, off64_t size) {
    REAL(ftruncate64);
    int failed = real(fd, size);
    note_truncate(fd, failed, (uint64_t)size);
    return failed;
}

static int number(const char *name) {
    const char *text = getenv(name);
    return text ? atoi(text) : 0;
}

static int synced(int fd, int (*real)(int)) {
    char kind = watched_fd(fd);
    if (kind != 'j' && kind != 'd') return real(fd);
    int every = number("FAULTS_FSYNC_FAIL");
    if (every && __atomic_add_fetch(&syncs, 1, __ATOMIC_SEQ_CST) % (unsigned long)every == 0) {
        errno = EIO;
        return -1;
    }
    uint64_t inode = kind == 'd' ? 0 : inode_of(fd);
    note('b', inode, 0, NULL, 0);
    usleep(1000u * (unsigned)number("FAULTS_FSYNC_MS"));
    int failed = real(fd);
    if (!failed) note('s', inode, 0, NULL, 0);
    return failed;
}

EXPORT int fsync(int fd) {
    REAL(fsync);
    return synced(fd, real);
}

EXPORT int fdatasync(int fd) {
    REAL(fdatasync);
    return synced(fd, real);
}

/* A file that was not there before; the record names its inode. */
static void note_made(const char *path, int was_there) {
    struct stat found;
    if (!was_there && watched(path) == 'j' && !stat(path, &found)) note('c', found.st_ino, 0, path, strlen(path));
}

static int there(const char *path) {
    REAL(access);
    return watched(path) != 'j' || !real(path, F_OK);
}

EXPORT int open64(const char *path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    mode_t mode = va_arg(more, mode_t);
    va_end(more);
    REAL(open64);
    int was_there = there(path), fd = real(path, flags, mode);
    if (fd >= 0) note_made(path, was_there);
    return fd;
}

EXPORT int open(const char *path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    mode_t mode = va_arg(more, mode_t);
    va_end(more);
    REAL(open);
    int was_there = there(path), fd = real(path, flags, mode);
    if (fd >= 0) note_made(path, was_there);
    return fd;
}

EXPORT int mknod(const char *path, mode_t mode, dev_t device) {
    REAL(mknod);
    int was_there = there(path), failed = real(path, mode, device);
    if (!failed) note_made(path, was_there);
    return failed;
}

EXPORT int unlink(const char *path) {
    REAL(unlink);
    int failed = real(path);
    if (!failed && watched(path) == 'j') note('u', 0, 0, path, strlen(path));
    return failed;
}

EXPORT int rename(const char *from, const char *to) {
    REAL(rename);
    int failed = real(from, to);
    if (!failed && (watched(from) == 'j' || watched(to) == 'j')) {
        char both[2 * PATH_MAX];
        size_t first = strlen(from) + 1, second = strlen(to);
        memcpy(both, from, first);
        memcpy(both + first, to, second);
        note('r', 0, 0, both, first + second);
    }
    return failed;
}
