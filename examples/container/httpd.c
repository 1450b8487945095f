/* The smallest server for these images: takes a listening socket as stdin, answers every HTTP request. */
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static char const answer[] = "HTTP/1.0 200 OK\r\n"
                             "Content-Type: text/plain\r\n"
                             "Content-Length: 6\r\n"
                             "\r\n"
                             "hello\n";

static void leave(int signal) {
  (void)signal;
  _exit(0);
}

int main(void) {
  /* The first process of a container dies of no signal that it does not handle. */
  signal(SIGTERM, leave);
  signal(SIGINT, leave);
  signal(SIGPIPE, SIG_IGN);
  for (;;) {
    struct pollfd listener = {STDIN_FILENO, POLLIN, 0};
    if (poll(&listener, 1, -1) != 1) return EXIT_FAILURE;
    int connection = accept(STDIN_FILENO, NULL, NULL);
    if (connection < 0) continue; /* The client has gone, or another process was faster. */
    struct timeval patience = {1, 0};
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    char request[4096];
    if (read(connection, request, sizeof request) > 0 && write(connection, answer, sizeof answer - 1) > 0)
      shutdown(connection, SHUT_WR);
    close(connection);
  }
}
