/* A C program with two Go libraries in it, each with a runtime of its own. Its arguments are the two libraries and what each is to
 * run: LIBRARY PROGRAM MODE LIBRARY PROGRAM MODE. What they say when they are ready is told in this order. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct run {
  void (*program)(char *, int);
  char *name;
  int fixed;
};

static void *start(void *argument) {
  struct run *run = argument;
  run->program(run->name, run->fixed);
  return NULL;
}

static int load(char **arguments, struct run *run) {
  void *library = dlopen(arguments[0], RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  *(void **)&run->program = dlsym(library, "RunProgram");
  run->name = arguments[1];
  run->fixed = strcmp(arguments[2], "fixed") == 0;
  return 0;
}

/* One line of what is written to standard output. */
static int pass_line(int from, int to) {
  char c;
  do {
    if (read(from, &c, 1) != 1 || write(to, &c, 1) != 1) return 1;
  } while (c != '\n');
  return 0;
}

int main(int argc, char **argv) {
  static struct run runs[2];
  int output = dup(STDOUT_FILENO), said[2];
  if (argc != 7 || pipe(said) != 0 || dup2(said[1], STDOUT_FILENO) < 0) return 2;
  if (load(argv + 1, &runs[0]) != 0 || load(argv + 4, &runs[1]) != 0) return 1;
  for (int i = 0; i < 2; i++) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, start, &runs[i]) != 0 || pass_line(said[0], output) != 0) return 1;
  }
  for (;;) pause();
}
