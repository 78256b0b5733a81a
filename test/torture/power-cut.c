/*
 * What a power cut would leave of a folder is known only to who saw each write and each sync. Loaded with
 * LD_PRELOAD into the process under test, this writes both down: every change below POWER_CUT_FOLDER, in the order
 * in which the kernel took them, to the file POWER_CUT_JOURNAL outside of it. power-cut.ts reads it.
 *
 * One record, little-endian:
 *
 *    0        1        2            4       8        16        24        24 + names   24 + names + bytes
 *   +--------+--------+------------+-------+--------+---------+---------+------------+
 *   | kind   | flags  | names u16  | fd u32| at u64 | bytes   | names … | bytes …    |
 *   +--------+--------+------------+-------+--------+---------+---------+------------+
 *
 *   kind 'o' opened: fd, name; flags 1 made by this call, 2 emptied by it, 4 a folder
 *        'w' written: fd, at, bytes          't' cut or stretched to `at`: fd, or a name
 *        's' synced: fd, a file or a folder  'm' folder made: name     'u' name taken away
 *        'r' renamed: old NUL new            'l' second name: old NUL new
 *
 * A record is written after its call returned. POWER_CUT_BUSY, a file of one byte, is 1 from before a change until its
 * record is written: whoever kills the process does it while that is 0, or the journal lacks the last change. (Of a
 * sync it says nothing: one that is not written down was told to nobody.) Calls are one at a time, so a sync in the
 * journal covers the writes before it and no others. What is written through mmap is
 * not seen; SQLite does that with its -shm file alone, which a start after a power cut makes anew, so such files
 * are left out. With POWER_CUT_DISK_LIES set no sync is written down: a disk that only says it has synced.
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
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define REAL(result, name, ...)                                              \
  static result (*real)(__VA_ARGS__);                                        \
  if (!real) real = (result(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

#define MAX_FDS 4096
#define MADE 1
#define EMPTIED 2
#define FOLDER 4

typedef struct {
  uint8_t kind, flags;
  uint16_t names;
  uint32_t fd;
  uint64_t at, bytes;
} Record;

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static int journal = -1;
static int lies;
static volatile char at_rest, *busy = &at_rest;
static char folder[PATH_MAX];
static size_t folder_length;
/* Which file an fd was when it was opened: fds are closed and given anew by calls that are not seen here. */
static struct { dev_t device; ino_t inode; } watched[MAX_FDS];

__attribute__((constructor)) static void begin(void) {
  const char *to = getenv("POWER_CUT_JOURNAL"), *of = getenv("POWER_CUT_FOLDER");
  if (!to || !of) return;
  snprintf(folder, sizeof folder, "%s", of);
  folder_length = strlen(folder);
  lies = getenv("POWER_CUT_DISK_LIES") != NULL;
  const char *flag = getenv("POWER_CUT_BUSY");
  int shared = flag ? open(flag, O_RDWR | O_CLOEXEC) : -1;
  if (shared >= 0) {
    void *page = mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED, shared, 0);
    if (page != MAP_FAILED) busy = page;
    close(shared);
  }
  *busy = 0;
  int fd = open(to, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (fd >= 0) journal = fcntl(fd, F_DUPFD_CLOEXEC, MAX_FDS);
  if (fd >= 0) close(fd);
  if (journal < 0) {
    perror("power-cut: the journal cannot be opened");
    abort();
  }
}

static void take_turn(int changes) {
  pthread_mutex_lock(&turn);
  *busy = changes;
}
static void give_turn(void) {
  *busy = 0;
  pthread_mutex_unlock(&turn);
}

static void note(Record record, const char *names, const struct iovec *data, int count) {
  struct iovec parts[count + 2];
  parts[0] = (struct iovec){&record, sizeof record};
  parts[1] = (struct iovec){(void *)names, record.names};
  size_t left = record.bytes, total = sizeof record + record.names + record.bytes;
  for (int i = 0; i < count; i++) {
    size_t length = data[i].iov_len < left ? data[i].iov_len : left;
    parts[i + 2] = (struct iovec){data[i].iov_base, length};
    left -= length;
  }
  REAL(ssize_t, "writev", int, const struct iovec *, int);
  if (real(journal, parts, count + 2) == (ssize_t)total) return;
  perror("power-cut: the journal cannot be written");
  abort();
}

/* The absolute path, or NULL when it is none of ours. */
static const char *inside(int at, const char *path, char *buffer) {
  if (journal < 0 || !path) return NULL;
  if (path[0] != '/') {
    char link[64];
    if (at == AT_FDCWD) snprintf(link, sizeof link, "/proc/self/cwd");
    else snprintf(link, sizeof link, "/proc/self/fd/%d", at);
    ssize_t length = readlink(link, buffer, PATH_MAX - 1);
    if (length < 0) return NULL;
    snprintf(buffer + length, PATH_MAX - length, "/%s", path);
    path = buffer;
  }
  if (strncmp(path, folder, folder_length) || (path[folder_length] != '/' && path[folder_length])) return NULL;
  size_t length = strlen(path);
  return length > 4 && !strcmp(path + length - 4, "-shm") ? NULL : path;
}

static int is_watched(int fd) {
  struct stat is;
  if (journal < 0 || fd < 0 || fd >= MAX_FDS || !watched[fd].inode || fstat(fd, &is)) return 0;
  return is.st_ino == watched[fd].inode && is.st_dev == watched[fd].device;
}

static void note_names(char kind, const char *from, const char *to, uint64_t at) {
  char names[2 * PATH_MAX];
  size_t length = strlen(from);
  memcpy(names, from, length);
  if (to) {
    names[length++] = 0;
    memcpy(names + length, to, strlen(to));
    length += strlen(to);
  }
  note((Record){kind, 0, length, 0, at, 0}, names, NULL, 0);
}

/* ---- opening ---- */

static int open_noted(int (*real)(int, const char *, int, mode_t), int at, const char *path, int flags, mode_t mode) {
  char buffer[PATH_MAX];
  const char *name = inside(at, path, buffer);
  if (!name) return real(at, path, flags, mode);
  take_turn(1);
  struct stat is;
  int is_there = !lstat(name, &is);
  int fd = real(at, path, flags, mode);
  int failure = errno;
  if (fd >= 0 && fd < MAX_FDS && !fstat(fd, &is)) {
    watched[fd].device = is.st_dev;
    watched[fd].inode = is.st_ino;
    uint8_t noted = (is_there ? 0 : MADE) | (flags & O_TRUNC ? EMPTIED : 0) | (S_ISDIR(is.st_mode) ? FOLDER : 0);
    note((Record){'o', noted, strlen(name), fd, 0, 0}, name, NULL, 0);
  }
  give_turn();
  errno = failure;
  return fd;
}

static int real_openat(int at, const char *path, int flags, mode_t mode) {
  REAL(int, "openat64", int, const char *, int, ...);
  return real(at, path, flags, mode);
}

static mode_t mode_of(int flags, va_list more) {
  return flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(more, mode_t) : 0;
}
#define WITH_MODE(at)                                                        \
  va_list more;                                                              \
  va_start(more, flags);                                                     \
  mode_t mode = mode_of(flags, more);                                        \
  va_end(more);                                                              \
  return open_noted(real_openat, at, path, flags, mode)

int open(const char *path, int flags, ...) { WITH_MODE(AT_FDCWD); }
int open64(const char *path, int flags, ...) { WITH_MODE(AT_FDCWD); }
int openat(int at, const char *path, int flags, ...) { WITH_MODE(at); }
int openat64(int at, const char *path, int flags, ...) { WITH_MODE(at); }
int __open_2(const char *path, int flags) { return open_noted(real_openat, AT_FDCWD, path, flags, 0); }
int __open64_2(const char *path, int flags) { return open_noted(real_openat, AT_FDCWD, path, flags, 0); }
int __openat_2(int at, const char *path, int flags) { return open_noted(real_openat, at, path, flags, 0); }
int __openat64_2(int at, const char *path, int flags) { return open_noted(real_openat, at, path, flags, 0); }
int creat(const char *path, mode_t mode) {
  return open_noted(real_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, mode);
}
int creat64(const char *path, mode_t mode) { return creat(path, mode); }

/* ---- writing: `call` gives the number of bytes; a write without an offset ends where the file stands after it ---- */

#define WRITING(call, given, offset, parts, count)                           \
  if (!is_watched(fd)) return call;                                          \
  take_turn(1);                                                 \
  ssize_t length = call;                                                     \
  int failure = errno;                                                       \
  if (length > 0) {                                                          \
    off_t start = given ? (off_t)(offset) : lseek(fd, 0, SEEK_CUR) - length; \
    note((Record){'w', 0, 0, fd, start, length}, NULL, parts, count);        \
  }                                                                          \
  give_turn();                                               \
  errno = failure;                                                           \
  return length

#define ONE_PART (&(struct iovec){(void *)data, size})

ssize_t write(int fd, const void *data, size_t size) {
  REAL(ssize_t, "write", int, const void *, size_t);
  WRITING(real(fd, data, size), 0, 0, ONE_PART, 1);
}
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
  REAL(ssize_t, "pwrite64", int, const void *, size_t, off64_t);
  WRITING(real(fd, data, size, at), 1, at, ONE_PART, 1);
}
ssize_t pwrite(int fd, const void *data, size_t size, off_t at) { return pwrite64(fd, data, size, at); }
ssize_t writev(int fd, const struct iovec *parts, int count) {
  REAL(ssize_t, "writev", int, const struct iovec *, int);
  WRITING(real(fd, parts, count), 0, 0, parts, count);
}
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at) {
  REAL(ssize_t, "pwritev64", int, const struct iovec *, int, off64_t);
  WRITING(real(fd, parts, count, at), 1, at, parts, count);
}
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) { return pwritev64(fd, parts, count, at); }

/* ---- what changes a length, a name, or makes the rest durable; `record` is written when the call gave 0 ---- */

#define NOTED(is_ours, call, record) NOTED_AS(1, is_ours, call, record)
#define NOTED_AS(changes, is_ours, call, record)                             \
  if (!(is_ours)) return call;                                               \
  take_turn(changes);                                                 \
  int result = call;                                                         \
  int failure = errno;                                                       \
  if (result == 0) record;                                                   \
  give_turn();                                               \
  errno = failure;                                                           \
  return result

#define NOTE_FD(kind, at) note((Record){kind, 0, 0, fd, at, 0}, NULL, NULL, 0)

int ftruncate64(int fd, off64_t size) {
  REAL(int, "ftruncate64", int, off64_t);
  NOTED(is_watched(fd), real(fd, size), NOTE_FD('t', size));
}
int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }
int truncate64(const char *path, off64_t size) {
  REAL(int, "truncate64", const char *, off64_t);
  char buffer[PATH_MAX];
  const char *name = inside(AT_FDCWD, path, buffer);
  NOTED(name, real(path, size), note_names('t', name, NULL, size));
}
int truncate(const char *path, off_t size) { return truncate64(path, size); }
/* Only the length counts here: what it reserves reads as zeros. */
int fallocate64(int fd, int mode, off64_t from, off64_t length) {
  REAL(int, "fallocate64", int, int, off64_t, off64_t);
  struct stat is;
  NOTED(is_watched(fd), real(fd, mode, from, length), fstat(fd, &is) ? (void)0 : NOTE_FD('t', is.st_size));
}
int fallocate(int fd, int mode, off_t from, off_t length) { return fallocate64(fd, mode, from, length); }
int posix_fallocate64(int fd, off64_t from, off64_t length) { return fallocate64(fd, 0, from, length) ? errno : 0; }
int posix_fallocate(int fd, off_t from, off_t length) { return posix_fallocate64(fd, from, length); }

int fsync(int fd) {
  REAL(int, "fsync", int);
  NOTED_AS(0, is_watched(fd), real(fd), lies ? (void)0 : NOTE_FD('s', 0));
}
int fdatasync(int fd) {
  REAL(int, "fdatasync", int);
  NOTED_AS(0, is_watched(fd), real(fd), lies ? (void)0 : NOTE_FD('s', 0));
}

static int renameat2_noted(int at, const char *from, int to_at, const char *to, unsigned flags) {
  REAL(int, "renameat2", int, const char *, int, const char *, unsigned);
  char old[PATH_MAX], new[PATH_MAX];
  const char *source = inside(at, from, old), *target = inside(to_at, to, new);
  NOTED(source && target, real(at, from, to_at, to, flags), note_names('r', source, target, 0));
}
int rename(const char *from, const char *to) { return renameat2_noted(AT_FDCWD, from, AT_FDCWD, to, 0); }
int renameat(int at, const char *from, int to_at, const char *to) { return renameat2_noted(at, from, to_at, to, 0); }
int renameat2(int at, const char *from, int to_at, const char *to, unsigned flags) {
  return renameat2_noted(at, from, to_at, to, flags);
}
int link(const char *from, const char *to) {
  REAL(int, "link", const char *, const char *);
  char old[PATH_MAX], new[PATH_MAX];
  const char *source = inside(AT_FDCWD, from, old), *target = inside(AT_FDCWD, to, new);
  NOTED(source && target, real(from, to), note_names('l', source, target, 0));
}
int unlinkat(int at, const char *path, int flags) {
  REAL(int, "unlinkat", int, const char *, int);
  char buffer[PATH_MAX];
  const char *name = inside(at, path, buffer);
  NOTED(name, real(at, path, flags), note_names('u', name, NULL, 0));
}
int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }
int remove(const char *path) {
  int result = unlink(path);
  return result && (errno == EISDIR || errno == EPERM) ? rmdir(path) : result;
}
int mkdirat(int at, const char *path, mode_t mode) {
  REAL(int, "mkdirat", int, const char *, mode_t);
  char buffer[PATH_MAX];
  const char *name = inside(at, path, buffer);
  NOTED(name, real(at, path, mode), note_names('m', name, NULL, 0));
}
int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }
