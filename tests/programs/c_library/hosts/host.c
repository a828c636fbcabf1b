/* A C program that Go is a part of: linked to it, or loaded late (LIBRARY names it). A thread of C's own stands by. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef LIBRARY
#include <dlfcn.h>
#else
extern void RunProgram(char *name, int fixed);
#endif

static void *stand_by(void *unused) {
  for (;;) pause();
  return unused;
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  pthread_t thread;
  if (pthread_create(&thread, NULL, stand_by, NULL) != 0) return 1;
#ifdef LIBRARY
  void *library = dlopen(LIBRARY, RTLD_NOW);
  if (library == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  void (*RunProgram)(char *, int);
  *(void **)&RunProgram = dlsym(library, "RunProgram");
#endif
  RunProgram(argv[1], strcmp(argv[2], "fixed") == 0);
  return 0;
}
