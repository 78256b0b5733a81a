/*
 * The clock of one process, moved from outside: loaded with LD_PRELOAD, it adds to the time of day the milliseconds
 * (a signed 64-bit number) that stand in the file FLOCKWISE_TEST_CLOCK, as they are at that moment. Clocks that only
 * count on stay as they are, as they do on a box whose date is set.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile int64_t *moved_ms;

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("FLOCKWISE_TEST_CLOCK");
  if (!path) return;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  void *page = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *moved_ms, PROT_READ, MAP_SHARED, fd, 0);
  if (page == MAP_FAILED) {
    perror("clock: FLOCKWISE_TEST_CLOCK cannot be read");
    abort();
  }
  close(fd);
  moved_ms = page;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  static int (*real)(clockid_t, struct timespec *);
  if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
  int result = real(clock, now);
  if (result || !moved_ms || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE)) return result;
  int64_t by = *moved_ms;
  now->tv_sec += by / 1000;
  now->tv_nsec += by % 1000 * 1000000;
  if (now->tv_nsec < 0) now->tv_sec--, now->tv_nsec += 1000000000;
  if (now->tv_nsec >= 1000000000) now->tv_sec++, now->tv_nsec -= 1000000000;
  return 0;
}
int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  (void)zone;
  struct timespec is;
  if (clock_gettime(CLOCK_REALTIME, &is)) return -1;
  now->tv_sec = is.tv_sec;
  now->tv_usec = is.tv_nsec / 1000;
  return 0;
}
time_t time(time_t *to) {
  struct timespec is;
  clock_gettime(CLOCK_REALTIME, &is);
  if (to) *to = is.tv_sec;
  return is.tv_sec;
}
