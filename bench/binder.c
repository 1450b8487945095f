/*
 * Usage: binder ip port prog [argument...]
 *
 * What ours is compared with: the same system calls for a TCP socket on IPv4,
 * by a dynamically linked program in C. It looks for prog in PATH, as ours does.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static int failed(char const *what) {
  perror(what);
  return 111;
}

int main(int argc, char **argv) {
  int on = 1;
  struct sockaddr_in address = {.sin_family = AF_INET};
  if (argc < 4 || !inet_pton(AF_INET, argv[1], &address.sin_addr)) return 100;
  address.sin_port = htons(atoi(argv[2]));
  close(0);
  if (socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0) != 0) return failed("socket");
  setsockopt(0, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(0, (struct sockaddr *)&address, sizeof address) != 0) return failed("bind");
  if (listen(0, SOMAXCONN) != 0) return failed("listen");
  execvp(argv[3], argv + 3);
  return failed("exec");
}
