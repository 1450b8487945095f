/*
 * Usage: measure [-n rounds] [-w warmup] [-c at once] [-f descriptors] [-a bytes] [-e bytes] [-E variables]
 *                command [argument...] [ ';' command [argument...] ]...
 *
 * Runs the commands in rounds, each once a round and in another order each time
 * (what runs before decides what is in the caches), `-c` of each together, and
 * prints a line for each: the command's number, wall time and CPU time in
 * microseconds, page faults, peak memory in KiB (of one process), exit code.
 * The commands get -f more open descriptors, -a bytes of further arguments,
 * -e bytes of further environment, or -E further variables. Their stderr is
 * /dev/null.
 *
 * In C because a child's peak memory cannot be less than that of what started it.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The kernel takes at most 128 KiB in one string (MAX_ARG_STRLEN). */
#define PIECE 100000

static long long microseconds(struct timeval t) { return t.tv_sec * 1000000LL + t.tv_usec; }

/* `bytes` of text in pieces, added to `list` from `at` on; the list stays NULL-terminated. */
static int add_text(char **list, int at, long bytes, char const *prefix) {
  for (; bytes > 0; bytes -= PIECE) {
    long length = bytes < PIECE ? bytes : PIECE;
    char *text = malloc(length + 32);
    int start = sprintf(text, prefix, at);
    memset(text + start, 'x', length);
    text[start + length] = 0;
    list[at++] = text;
  }
  list[at] = 0;
  return at;
}

int main(int argc, char **argv, char **envp) {
  long rounds = 1, warmup = 0, at_once = 1, descriptors = 0, arguments = 0, environment = 0, variables = 0;
  for (int option; (option = getopt(argc, argv, "+n:w:c:f:a:e:E:")) != -1;) {
    long value = atol(optarg ? optarg : "");
    switch (option) {
      case 'n': rounds = value; break;
      case 'w': warmup = value; break;
      case 'c': at_once = value; break;
      case 'f': descriptors = value; break;
      case 'a': arguments = value; break;
      case 'e': environment = value; break;
      case 'E': variables = value; break;
      default: return 100;
    }
  }

  char ***commands = calloc(argc, sizeof *commands);
  int count = 0;
  for (int i = optind; i < argc; i++) {
    int words = 0;
    commands[count] = calloc(argc + arguments / PIECE + 2, sizeof(char *));
    for (; i < argc && strcmp(argv[i], ";"); i++) commands[count][words++] = argv[i];
    add_text(commands[count++], words, arguments, "");
  }
  int size = 0;
  while (envp[size]) size++;
  char **env = calloc(size + environment / PIECE + variables + 2, sizeof(char *));
  memcpy(env, envp, size * sizeof *env);
  size = add_text(env, size, environment, "BENCH_%d=");
  for (long i = 0; i < variables; i++) size = add_text(env, size, 8, "BENCH_%d=");
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (long i = 0; i < descriptors; i++)
    if (open("/dev/null", O_RDONLY) < 0) return perror("open"), 111;

  int *order = calloc(count, sizeof *order);
  for (int i = 0; i < count; i++) order[i] = i;
  srand(1);
  for (long round = -warmup; round < rounds; round++) {
    for (int i = count - 1; i > 0; i--) {
      int other = rand() % (i + 1), moved = order[i];
      order[i] = order[other];
      order[other] = moved;
    }
    for (int turn = 0; turn < count; turn++) {
      int c = order[turn];
      struct timespec start, end;
      struct rusage usage;
      long long cpu = 0, faults = 0, peak = 0;
      int worst = 0;
      clock_gettime(CLOCK_MONOTONIC, &start);
      for (long i = 0; i < at_once; i++) {
        pid_t pid = vfork();
        if (pid < 0) return perror("vfork"), 111;
        if (pid == 0) {
          dup2(null, 2);
          execve(commands[c][0], commands[c], env);
          _exit(127);
        }
      }
      for (long i = 0; i < at_once; i++) {
        int status;
        if (wait4(-1, &status, 0, &usage) < 0) return perror("wait4"), 111;
        cpu += microseconds(usage.ru_utime) + microseconds(usage.ru_stime);
        faults += usage.ru_minflt + usage.ru_majflt;
        if (usage.ru_maxrss > peak) peak = usage.ru_maxrss;
        if (status) worst = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      }
      clock_gettime(CLOCK_MONOTONIC, &end);
      if (round < 0) continue;
      long long wall = (end.tv_sec - start.tv_sec) * 1000000000LL + end.tv_nsec - start.tv_nsec;
      printf("%d %.1f %lld %lld %lld %d\n", c, wall / 1e3, cpu, faults, peak, worst);
    }
  }
  return 0;
}
